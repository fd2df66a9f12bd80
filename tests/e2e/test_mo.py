# SPDX-License-Identifier: BSD-3-Clause
"""Messages from the handset: every data coding, long ones, keywords in any coding (spec P3, K1-K5), answers."""

from byo import smpp
from byo.case import Case
from byo.gsm import text_of
from byo.installation import NUMBER

TO = "+12025550199"
DIGITS = TO[1:]

# What stock bearerbox makes of a data_coding: the octets sent, what the application gets, under which coding.
# Codings 2, 4: octets as they are. 5, 13, 14: glibc lacks bearerbox's names for them, octets as they are.
CODINGS = (
    (0, b"Hi \x00 \x1be {\x1b\x28}", "Hi @ € ä{ñ".encode(), 0),
    (1, b"ascii `", b"ascii `", 0),
    (2, bytes(range(10)), bytes(range(10)), 1),
    (3, "é ü ÿ".encode("latin-1"), "é ü ÿ".encode(), 0),
    (4, bytes(range(246, 256)), bytes(range(246, 256)), 1),
    (5, b"\xb5\xc6\xd3", b"\xb5\xc6\xd3", 0),
    (6, "Привет".encode("iso-8859-5"), "Привет".encode(), 0),
    (7, "שלום".encode("iso-8859-8"), "שלום".encode(), 0),
    (8, "Привет 📦".encode("utf-16-be"), "Привет 📦".encode("utf-16-be"), 2),
    (13, b"\x30\x21", b"\x30\x21", 0),
    (14, "한국".encode("euc-kr"), "한국".encode("euc-kr"), 0),
    (0x18, "Flash Ж".encode("utf-16-be"), "Flash Ж".encode("utf-16-be"), 2),
    (0xF1, b"class 1", b"class 1", 0),
    (0xF5, b"\x01\x02\xff", b"\x01\x02\xff", 1),
)

# With mo-raw byobox reads them by the integration's own list of charsets.
BY_THE_LIST = {2: ("@£$¥èéùìòÇ".encode(), 0), 5: ("ｵﾆﾓ".encode(), 0), 8: ("Привет 📦".encode(), 0)}


class MobileOriginated(Case):
    kannel = ("stock", "patched")
    options = {}

    def mo(self, text=b"hi there", dcs=0, udh=b"", **more):
        values = {"source": DIGITS, "destination": NUMBER[1:], "source_ton": 1, "source_npi": 1,
                  "dest_ton": 1, "dest_npi": 1, "short_message": udh + text, "data_coding": dcs,
                  "esm_class": 0x40 if udh else 0, **more}
        return self.site.carrier.mo(smpp.Sm(**values))

    def test_a_message_reaches_the_application(self):
        self.assertEqual(self.mo().status, 0)
        message = self.site.application.wait_messages(1)[0]
        self.assertEqual((message["from"], message["to"], message["text"]), (TO, NUMBER, "hi there"))
        self.assertEqual((message.byo["integration"], message.byo["number"]), ("carrier-a", NUMBER))

    def test_cyrillic_arrives(self):
        self.mo("Привет".encode("utf-16-be"), 8)
        message = self.site.application.wait_messages(1)[0]
        octets = message.values["text"]
        self.assertIn("Привет", (octets.decode("utf-16-be", "replace"), octets.decode("utf-8", "replace")))

    def test_two_segments_are_one_message(self):
        self.mo(b"AAA", udh=b"\x05\x00\x03\x21\x02\x01")
        self.mo(b"BBB", udh=b"\x05\x00\x03\x21\x02\x02")
        self.assertEqual(self.site.application.wait_messages(1)[0]["text"], "AAABBB")

    def test_an_answer_of_the_service_goes_out_again(self):
        self.site.application.answer = lambda request: b"thank you" if request.path == "/mo" else b""
        self.mo(b"question")
        sm = self.site.carrier.wait_submits(1)[0].sm
        self.assertEqual((sm.source, sm.destination, text_of(sm)), (NUMBER[1:], DIGITS, "thank you"))

    def test_every_data_coding_arrives_as_without_byobox(self):
        """The same list on Kannel alone is in StockOriginated: byobox changes none of them there."""
        for dcs, octets, text, coding in CODINGS:
            if self.patched:
                text, coding = BY_THE_LIST.get(dcs, (text, coding))
            with self.subTest(dcs=dcs):
                self.site.forget()
                self.mo(octets, dcs)
                message = self.site.application.wait_messages(1)[0]
                self.assertEqual((message.values["text"], message["coding"]), (text, str(coding)))
                self.assertEqual(message.byo.get("keyword"), None)

    def test_K1_K2_K3_keywords_in_any_coding(self):
        for dcs, octets, kind in ((0, b"STOP", "opt-out"), (8, "Start".encode("utf-16-be"), "opt-in"),
                                  (3, "Stöp all.".encode("latin-1"), "opt-out"), (1, b" unstop! ", "opt-in"),
                                  (8, "ＨＥＬＰ".encode("utf-16-be"), "help")):
            with self.subTest(kind, dcs=dcs):
                self.site.forget()
                self.mo(octets, dcs)
                self.assertEqual(self.site.application.wait_messages(1)[0].byo["keyword"], kind)
                reply = self.site.carrier.wait_submits(1)[0].sm
                self.assertEqual((reply.source, reply.destination), (NUMBER[1:], DIGITS))

    def test_K4_K5_an_opted_out_recipient_gets_nothing_more(self):
        self.mo(b"STOP")
        self.site.carrier.wait_submits(1)  # the confirmation is the last there is
        status, body = self.site.send(TO, "buy now", self.ref)
        self.assertEqual(status, 403, body)
        report = self.site.application.wait_types(self.ref, [16])[0]
        self.assertEqual((report.byo["code"], report.byo["cause"]), ("7", "RECIPIENT_OPTED_OUT"))
        self.mo(b"START")
        self.site.carrier.wait_submits(2)
        self.assertEqual(self.site.send(TO, "hello again")[0], 202)
        self.assertEqual(text_of(self.site.carrier.wait_submits(3)[2].sm), "hello again")


class StockOriginated(Case):
    """What the harness expects of bearerbox and smsbox is what they do alone."""

    options = {"stock": True}

    def test_every_data_coding(self):
        for dcs, octets, text, coding in CODINGS:
            with self.subTest(dcs=dcs):
                self.site.forget()
                self.site.carrier.mo(smpp.Sm(source=DIGITS, destination=NUMBER[1:], source_ton=1, source_npi=1,
                                             dest_ton=1, dest_npi=1, short_message=octets, data_coding=dcs))
                message = self.site.application.wait_messages(1)[0]
                self.assertEqual((message.values["text"], message["coding"]), (text, str(coding)))
