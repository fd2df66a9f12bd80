# SPDX-License-Identifier: BSD-3-Clause
"""What a phone's bytes say, and what a person means by them (field C18-C22, C30, C31, C76, C77, S1, S2).

On stock bearerbox only what it made of the octets reaches byobox (docs/patched-bearerbox.md); with mo-raw all of them
do, with their data_coding. Which octets lose on stock is said where it is so.
"""

import json

from byo import smpp
from byo.case import Case, only_on
from byo.gsm import text_of
from byo.installation import NUMBER

TO = "+12025550199"
STOPPED = "You have successfully been unsubscribed."


def packed(septets, fill=0):
    """TS 23.038 6.1.2.1, written for the tests."""
    bits = [0] * fill + [septet >> bit & 1 for septet in septets for bit in range(7)]
    bits += [0] * (-len(bits) % 8)
    return bytes(sum(bit << i for i, bit in enumerate(bits[at:at + 8])) for at in range(0, len(bits), 8))


class Texts(Case):
    kannel = ("stock", "patched")
    options = {"numbers": ((NUMBER, "carrier-a"), ("54321", "carrier-a"))}

    def mo(self, octets, dcs=0, udh=b"", destination=NUMBER[1:], source=TO[1:]):
        self.site.forget()
        answer = self.site.carrier.mo(smpp.Sm(
            source=source, destination=destination, source_ton=1, source_npi=1, dest_ton=1, dest_npi=1,
            short_message=udh + octets, data_coding=dcs, esm_class=0x40 if udh else 0))
        self.assertEqual(answer.status, 0)
        return self.site.application.wait_messages(1)[0]

    phones = iter(range(2000, 10000))

    def opts_out(self, octets, dcs=0, udh=b""):
        """An opt-out that is confirmed; each from a phone of its own."""
        phone = f"+1202555{next(self.phones)}"
        self.assertEqual(self.mo(octets, dcs, udh, source=phone[1:]).byo.get("keyword"), "opt-out")
        reply = self.site.carrier.wait_submits(1)[0].sm
        self.assertEqual(reply.destination, phone[1:])
        self.assertTrue(text_of(reply).startswith(STOPPED))
        self.assertEqual(self.site.send(phone, "buy now")[0], 403)

    def start(self):
        self.assertEqual(self.mo(b"START").byo["keyword"], "opt-in")
        self.site.carrier.wait_submits(1)  # its confirmation

    def ordinary(self, octets, dcs=0, udh=b""):
        self.assertEqual(self.mo(octets, dcs, udh).byo.get("keyword"), None)

    def text(self, message):
        """What the application reads, by the coding smsbox tells it."""
        octets = message.values["text"]
        return octets.decode("utf-16-be" if message["coding"] == "2" else "utf-8")

    def test_C18_8_bit_codings(self):
        for dcs in (0x02, 0x04, 0x14, 0xF4, 0xF5, 0xF6, 0xF7):
            with self.subTest(dcs=dcs):
                self.opts_out(b"STOP", dcs)
                self.opts_out("stöp".encode("latin-1"), dcs)
                self.ordinary(b"please stop the music", dcs)

    def test_C18_an_opt_in_only_as_announced(self):
        self.mo(b"STOP")
        self.site.carrier.wait_submits(1)
        self.ordinary(b"START", 0x04)
        self.ordinary("START".encode("utf-16-le"), 0x08)
        self.assertEqual(self.site.send(TO, "buy now")[0], 403)
        self.start()

    def test_C18_ports_and_sim_are_no_text(self):
        for udh in (b"\x06\x05\x04\x15\x81\x00\x00", b"\x02\x70\x00", b"\x04\x04\x02\x0b\x0b"):
            with self.subTest(udh=udh.hex()):
                self.ordinary(b"STOP", 0x04, udh)

    def test_C19_ucs2_in_any_order_and_length(self):
        for octets in ("STOP".encode("utf-16-le"), b"\xff\xfe" + "STOP".encode("utf-16-le"),
                       b"\xfe\xff" + "STOP".encode("utf-16-be"), "STOP".encode("utf-16-be") + b"\0",
                       "STOP".encode("utf-16-be")[1:], "STOP".encode("utf-16-be") + b"\xd8\x3d",
                       "STOP\0".encode("utf-16-be")):
            with self.subTest(octets=octets.hex()):
                self.opts_out(octets, 0x08)

    def test_C20_packed_7_bit(self):
        self.opts_out(packed(b"STOP"), 0x04)
        self.opts_out(packed(b"STOPALL"), 0x02)
        self.opts_out(packed(b"UNSUBSCRIBE", 1), 0x04, b"\x05\x00\x03\x07\x01\x01")
        if self.patched:  # stock drops septets over 127
            self.opts_out(packed(b"STOP"), 0x00)

    def test_C21_national_tables(self):
        single, locking = b"\x03\x24\x01\x01", b"\x03\x25\x01\x01"
        message = self.mo(b"\x1bseker \x1big, ne?", 0, single)
        self.assertEqual(self.text(message), "şeker ıg, ne?")
        self.assertEqual(self.text(self.mo(b"\x04uro \x1d \x40", 0, locking)), "€uro ş İ")
        self.opts_out(b"STOP", 0, locking)

    def test_C70_a_stop_in_parts(self):
        """Each part is read by its own data_coding and header, whichever comes first."""
        text, ucs2, one = b"STOP", " 🛑".encode("utf-16-be"), b"\x24\x01\x01"
        split = "STOP 🛑".encode("utf-16-be")
        wholes = [[(text, 0, b""), (b" please", 0, b"")], [(text, 0x04, b""), (b" please", 0x04, b"")],
                  [("STOP".encode("utf-16-le"), 8, b""), (" please".encode("utf-16-le"), 8, b"")],
                  [(split[:-2], 8, b""), (split[-2:], 8, b"")],
                  [(text, 0, one), (b" please", 0, one)]]
        if self.patched:  # stock joins what it read of each
            wholes += [[(text, 0, b""), (ucs2, 8, b"")], [("STOP ".encode("utf-16-be"), 8, b""), (b"please", 0, b"")],
                       [(text, 0, one), (ucs2, 8, b"")],
                       [(packed(text, 1), 0, b""), (packed(b" please", 1), 0, b"")],
                       [(packed(text, 1), 0x04, b""), (packed(b" please", 1), 0x04, b"")]]
        for sar in (False, True):
            for turn, whole in ((turn, whole) for turn in (1, -1) for whole in wholes):
                if sar and any(udh or octets[:1] == packed(text, 1)[:1] for octets, _, udh in whole):
                    continue  # packed octets have fill bits behind a header only
                with self.subTest(sar=sar, turn=turn, whole=whole):
                    self.parts_opt_out(whole, sar, turn)

    def parts_opt_out(self, whole, sar, turn):
        phone, ref = f"1202555{next(self.phones)}", next(self.phones) & 0xFF
        self.site.forget()
        for number, (octets, dcs, element) in list(enumerate(whole, 1))[::turn]:
            tlvs = {smpp.TLV_SAR_MSG_REF_NUM: bytes([0, ref]), smpp.TLV_SAR_TOTAL_SEGMENTS: b"\x02",
                    smpp.TLV_SAR_SEGMENT_SEQNUM: bytes([number])} if sar else {}
            udh = b"" if sar else bytes([5 + len(element), 0, 3, ref, 2, number]) + element
            self.site.carrier.mo(smpp.Sm(
                source=phone, destination=NUMBER[1:], source_ton=1, source_npi=1, dest_ton=1, dest_npi=1, tlvs=tlvs,
                short_message=udh + octets, data_coding=dcs, esm_class=0x40 if udh else 0))
        self.assertEqual(self.site.application.wait_messages(1)[0].byo.get("keyword"), "opt-out")
        self.site.carrier.wait_submits(1)
        self.assertEqual(self.site.send("+" + phone, "buy now")[0], 403)

    def test_C22_message_waiting_in_ucs2(self):
        self.opts_out("STOP".encode("utf-16-be"), 0xE0)
        if self.patched:
            self.assertEqual(self.text(self.mo("Привет".encode("utf-16-be"), 0xE8)), "Привет")

    def test_S2_one_bad_unit_costs_that_unit(self):
        self.assertEqual(self.text(self.mo(b"\0H\xd8\x3d\0i", 0x08)), "H\ufffdi")
        self.assertEqual(self.text(self.mo(b"\0H\0i\0", 0x08)), "Hi\ufffd")
        self.assertEqual(self.text(self.mo(b"\xff\xfeH\0i\0", 0x08)), "Hi")
        if self.patched:
            self.assertEqual(self.text(self.mo(b"caf\x05 \xff!", 0x00)), "café \ufffd!")
            self.assertEqual(self.text(self.mo(b"caf\xe9", 0x01)), "caf\ufffd")

    def test_C76_styled_letters(self):
        for text in ("🆂🆃🅾🅿", "🅢🅣🅞🅟", "ꜱᴛᴏᴘ", "🇸🇹🇴🇵"):
            with self.subTest(text):
                self.opts_out(text.encode("utf-16-be"), 0x08)

    def test_C30_by_any_reasonable_means(self):
        for text in (b"STOP STOP", b"Stop please", b"Stop. Thank you", b"optout please", b"Re: STOP",
                     b"STOP\n\nSent from my iPhone", b"Stop\n-- \nJohn", b"remove me", b"unsubscribe me",
                     b"stop texting me", b"revoke consent"):
            with self.subTest(text):
                self.opts_out(text)
        for text in (b"please stop the music", b"stop 2", b"don't stop", b"bus stop", b"Cancel\nmy appointment",
                     b"cancel please"):
            with self.subTest(text):
                self.ordinary(text)

    def test_C30_the_rule_and_the_words_are_kept(self):
        self.mo(b"please remove me")
        self.site.carrier.wait_submits(1)
        code, answer, _ = self.site.byobox.byoctl("opt-out", "history", "--recipient", TO, "--limit", "1", json_=True)
        self.assertEqual((code, answer["items"][0]["text"], answer["items"][0]["reason"]),
                         (0, "please remove me", "phrase: remove me"))
        self.start()

    def test_S1_control_characters_break_no_list(self):
        self.mo("STOP\0\x01".encode("utf-16-be"), 0x08)
        self.site.carrier.wait_submits(1)
        box = self.site.byobox
        code, text, err = box.byoctl("opt-out", "list")
        self.assertEqual((code, err), (0, ""))
        self.assertIn(TO, text)
        code, answer, _ = box.byoctl("opt-out", "list", "--recipient", TO, json_=True)
        self.assertEqual((code, len(answer["items"]), answer["items"][0]["text"]), (0, 1, "STOP\ufffd\x01"))
        code, text, _ = box.byoctl("opt-out", "list", "--csv")
        self.assertEqual((code, "STOP\ufffd\ufffd" in text), (0, True))
        self.start()


class Charsets(Case):
    """What leaves, by a list with national tables and packed septets. Stock skips them, and says so."""

    kannel = ("stock", "patched")

    @classmethod
    def site_options(cls):
        advanced = cls.work / "advanced.json"
        advanced.write_text(json.dumps({"charsets": [
            {"dcs": 0, "charset": "GSM_0338"}, {"dcs": 0, "charset": "GSM_0338/TR"},
            {"dcs": 0, "charset": "GSM_0338/HI"}, {"dcs": 8, "charset": "UTF-16BE"}]}))
        return {"advanced_config": advanced}

    def sent(self, text):
        self.site.forget()
        self.assertEqual(self.site.send(TO, text, self.ref)[0], 202)
        return self.site.carrier.wait_submits(1)[0].sm

    def test_plain_text_pays_nothing(self):
        sm = self.sent("hello {world}")
        self.assertEqual((sm.data_coding, sm.esm_class & 0x40, text_of(sm)), (0, 0, "hello {world}"))

    def test_turkish(self):
        sm = self.sent("ağaç değil")  # ç has no place in the default alphabet
        if not self.patched:
            self.assertEqual((sm.data_coding, text_of(sm)), (8, "ağaç değil"))
            return
        self.assertEqual((sm.data_coding, sm.esm_class & 0x40), (0, 0x40))
        self.assertEqual(sm.payload, b"\x03\x24\x01\x01" + b"a\x1bga\x1bc de\x1bgil")
        report = self.site.application.wait_types(self.ref, [8])[0]
        self.assertEqual((report.byo["charset"], report.byo["dcs"]), ("GSM_0338/TR", "0"))

    @only_on("patched")
    def test_hindi_by_the_locking_table(self):
        sm = self.sent("नमस्ते")
        self.assertEqual(sm.payload, b"\x03\x25\x01\x06" + b"\x2fBL\x5f'Y")

    @only_on("patched")
    def test_segments_are_counted_with_the_elements(self):
        self.site.forget()
        self.assertEqual(self.site.send(TO, "ş" * 200)[0], 202)
        sms = [s.sm for s in self.site.carrier.wait_submits(2)]
        self.assertEqual(sorted(len(sm.payload) - 9 for sm in sms), [200 - 149, 149])
        for sm in sms:
            self.assertEqual(sm.payload[:3] + sm.payload[6:9], b"\x08\x00\x03" + b"\x25\x01\x01")


class Packed(Case):
    """GSM_0338/packed, both ways."""

    kannel = ("patched",)

    @classmethod
    def site_options(cls):
        advanced = cls.work / "advanced.json"
        advanced.write_text(json.dumps({"charsets": [{"dcs": 0, "charset": "GSM_0338/packed"}]}))
        return {"advanced_config": advanced}

    def test_C20_both_ways(self):
        self.assertEqual(self.site.send(TO, "hello {€}")[0], 202)
        self.assertEqual(self.site.carrier.wait_submits(1)[0].sm.payload,
                         packed(b"hello \x1b(\x1be\x1b)"))
        self.site.carrier.mo(smpp.Sm(source=TO[1:], destination=NUMBER[1:], source_ton=1, source_npi=1, dest_ton=1,
                                     dest_npi=1, short_message=packed(b"good day"), data_coding=0))
        self.assertEqual(self.site.application.wait_messages(1)[0]["text"], "good day")

    def test_C20_segments(self):
        text = "abcdefghij" * 20
        self.assertEqual(self.site.send(TO, text)[0], 202)
        sms = [s.sm for s in self.site.carrier.wait_submits(2)]
        sms.sort(key=lambda sm: sm.payload[5])
        self.assertEqual([sm.payload[6:] for sm in sms], [packed(text[:153].encode(), 1), packed(text[153:].encode(), 1)])


class OwnHeader(Case):
    """(field C77) Text with the application's own header goes by the integration's list."""

    kannel = ("stock", "patched")

    @classmethod
    def site_options(cls):
        advanced = cls.work / "advanced.json"
        advanced.write_text(json.dumps({"charsets": [{"dcs": 3, "charset": "ISO-8859-1"}]}))
        return {"advanced_config": advanced}

    def test_C77_by_the_list(self):
        udh = b"\x05\x00\x03\x11\x02\x01"
        for text, status in (("café", 202), ("a" * 134, 202), ("a" * 135, 403), ("Ж", 403)):
            with self.subTest(text):
                self.site.forget()
                got, body = self.site.send(TO, text, udh=udh)
                self.assertEqual(got, status, body)
                if status == 202:
                    sm = self.site.carrier.wait_submits(1)[0].sm
                    self.assertEqual((sm.data_coding, sm.payload), (3, udh + text.encode("latin-1")))


class ShortCodes(Case):
    """(field C31) short-code-digits = 3-8."""

    kannel = ("stock", "patched")
    options = {"numbers": (), "keys": {"short-code-digits": "3-8"}}

    def test_C31_three_and_eight_digits(self):
        texts = {kind: {"keywords": [word], "reply": f"{word} it is."} for kind, word in
                 (("help", "HELP"), ("optOut", "STOP"), ("optIn", "START"))}
        for number in ("321", "87654321"):
            with self.subTest(number):
                self.site.forget()
                self.site.byobox.number(number, type_="short-code", country="GB", compliance=texts)
                self.assertEqual(self.site.send(TO, "hello", from_=number)[0], 202)
                self.assertEqual(self.site.carrier.wait_submits(1)[0].sm.source, number)
                self.site.forget()
                self.site.carrier.mo(smpp.Sm(source=TO[1:], destination=number, source_ton=1, source_npi=1,
                                             dest_ton=0, dest_npi=1, short_message=b"stop please", data_coding=0))
                message = self.site.application.wait_messages(1)[0]
                self.assertEqual((message["to"], message.byo["keyword"]), (number, "opt-out"))
                self.assertEqual(text_of(self.site.carrier.wait_submits(1)[0].sm), "STOP it is.")
                self.assertEqual(self.site.send(TO, "hello", from_=number)[0], 403)
                self.assertEqual(self.site.byobox.get(f"/v1/numbers/{number}")[1]["number"], number)
        status, answer = self.site.byobox.api("POST", "/v1/numbers", {
            "number": "987654321", "integration": "carrier-a", "type": "short-code", "country": "GB", "compliance": texts})
        self.assertEqual(status, 422)
        self.assertIn("3 to 8 digits", answer["error"]["message"])
