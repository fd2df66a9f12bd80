# SPDX-License-Identifier: BSD-3-Clause
"""Whose number is this: numbers as carriers, phones and applications write them (field C01-C04, C32, S3, S7).

On stock bearerbox the TON of an MO is not told, on a patched one it is (mo-raw): the outcome is the same.
"""


from byo import smpp
from byo.case import Case
from byo.gsm import text_of
from byo.installation import NUMBER

US, GB, DE = NUMBER, "+447700900200", "+4930123456"
STOPPED = "You have successfully been unsubscribed."


class Numbers(Case):
    kannel = ("stock", "patched")
    options = {"numbers": ((US, "carrier-a"), (GB, "carrier-a"), (DE, "carrier-a"), ("54321", "carrier-a"))}

    def mo(self, text, source, destination=US[1:], ton=2, dest_ton=2):
        self.site.forget()
        answer = self.site.carrier.mo(smpp.Sm(
            source=source, destination=destination, source_ton=ton, source_npi=1, dest_ton=dest_ton, dest_npi=1,
            short_message=text.encode(), data_coding=0, esm_class=0))
        self.assertEqual(answer.status, 0)
        return self.site.application.wait_messages(1)[0]

    def stop(self, recipient, number, source, **more):
        """A STOP is acted on for `recipient`, confirmed to it alone, and blocks it."""
        message = self.mo("STOP", source, **more)
        self.assertEqual((message["from"], message["to"], message.byo["keyword"]), (recipient, number, "opt-out"))
        reply = self.site.carrier.wait_submits(1)[0].sm
        self.assertEqual((reply.source, reply.destination), (number[1:], recipient[1:]))
        self.assertTrue(text_of(reply).startswith(STOPPED))
        self.blocked(recipient, number)

    def start(self, source, **more):
        message = self.mo("START", source, **more)
        self.site.carrier.wait_submits(1)  # its confirmation
        return message

    def blocked(self, to, number=US):
        ref = f"{self.ref}{to}{number}".replace("+", "_")
        status, body = self.site.send(to, "buy now", ref, from_=number)
        self.assertEqual(status, 403, body)
        report = self.site.application.wait_types(ref, [16])[0]
        self.assertEqual(report.byo["cause"], "RECIPIENT_OPTED_OUT")

    def sent(self, to, number=US):
        self.site.forget()
        status, body = self.site.send(to, "hello", from_=number)
        self.assertEqual(status, 202, body)
        return self.site.carrier.wait_submits(1)[0].sm

    def opt_outs(self, recipient):
        code, answer, err = self.site.byobox.byoctl("opt-out", "list", "--recipient", recipient, json_=True)
        self.assertEqual((code, err), (0, ""))
        return answer["items"]

    def test_C01_stop_in_national_form(self):
        self.stop("+12025550177", US, "2025550177")
        self.blocked("+2025550177")  # what the digits may mean as well
        self.blocked("2025550177")
        self.assertEqual([(row["reason"], row["readingOf"]) for row in self.opt_outs("+2025550177")],
                         [("reading not acted on", "+12025550177")])
        self.assertEqual([row["readingOf"] for row in self.opt_outs("+12025550177")], [None])
        message = self.start("2025550177")
        self.assertEqual((message["from"], message.byo["keyword"]), ("+12025550177", "opt-in"))
        self.assertEqual(self.sent("+12025550177").destination, "12025550177")
        self.assertEqual(self.sent("+2025550177").destination, "2025550177")
        self.assertEqual(self.opt_outs("+2025550177"), [])

    def test_C01_start_never_lifts_what_the_other_reading_asked_for(self):
        self.stop("+2025550166", US, "2025550166", ton=1)  # the Egyptian one, itself
        self.stop("+12025550166", US, "2025550166")
        self.start("2025550166")
        self.assertEqual(self.sent("+12025550166").destination, "12025550166")
        self.blocked("+2025550166")

    def test_C02_both_forms_of_a_phone(self):
        for one, other in (("5215512345678", "+525512345678"), ("541123456789", "+5491123456789"),
                           ("5511987654321", "+551187654321")):
            with self.subTest(one):
                self.stop("+" + one, US, one, ton=1)
                self.blocked(other)
                self.assertEqual(len(self.opt_outs(other)), 1)
                self.start(other[1:], ton=1)
                self.assertEqual(self.sent("+" + one).destination, one)
                self.assertEqual(self.sent(other).destination, other[1:])

    def test_C03_our_number_in_national_form(self):
        self.stop("+12025550188", US, "12025550188", ton=1, destination="2025550100")
        self.stop("+447700900188", GB, "447700900188", ton=1, destination="07700900200")
        self.stop("+447700900189", GB, "07700900189", destination="07700900200")
        message = self.mo("hi", "12025550188", ton=1, dest_ton=0, destination="2025550100")
        self.assertEqual((message["to"], message.byo["number"]), (US, US))

    def test_C04_one_trunk_zero(self):
        self.stop("+447700900179", US, "447700900179", ton=0, dest_ton=0)
        for to in ("+4407700900179", "004407700900179", "447700900179", "+44 7700 900179".replace(" ", "-")):
            self.blocked(to)

    def test_C32_recipients_against_our_number(self):
        self.assertEqual(self.sent("2025550123").destination, "12025550123")
        self.assertEqual(self.sent("12025550123").destination, "12025550123")
        self.assertEqual(self.sent("07700900123", GB).destination, "447700900123")
        self.assertEqual(self.sent("+2290166123456").destination, "2290166123456")
        self.assertEqual(self.sent("+5215512345678").destination, "5215512345678")
        status, body = self.site.send("9992025550123", "x", self.ref, from_=US)
        self.assertEqual(status, 403, body)
        self.assertEqual(self.site.application.wait_types(self.ref, [16])[0].byo["cause"], "DEST_ADDR_INVALID")

    def test_as_before_other_countries_numbers(self):
        for ton in (0, 2):
            for source in ("4915112345678", "33612345678"):
                with self.subTest(source, ton=ton):
                    self.assertEqual(self.mo("hi", source, DE[1:], ton)["from"], "+" + source)

    def test_S3_a_keyword_of_no_phone(self):
        for source, ton in (("16100", 0), ("MyBank", 5)):
            message = self.mo("STOP", source, ton=ton)
            self.assertEqual((message["from"], message.byo.get("keyword")), (source, None))
        self.assertEqual(self.events("keyword-not-acted"), 1)  # counted, within a minute
        self.assertEqual(self.site.carrier.submits, [])

    def events(self, name):
        code, answer, err = self.site.byobox.byoctl("events", json_=True)
        self.assertEqual((code, err), (0, ""))
        return sum(1 for event in answer["items"] if event["name"] == name)

    def test_S3_imports(self):
        post = self.site.byobox.api
        for number, country, wanted in (("12025550131", None, "+12025550131"), ("2025550131", None, "+12025550131"),
                                        ("07700900131", None, "country")):
            with self.subTest(number):
                body = {"number": number, "integration": "carrier-a", "type": "local", "country": country}
                status, answer = post("POST", "/v1/numbers", body)
                self.assertEqual((status, answer["error"]["code"]), (422, "type-mismatch"))
                self.assertIn(wanted, answer["error"]["message"])
        for number, country, stored in (("2025550131", "US", "+12025550131"), ("07700900131", "GB", "+447700900131"),
                                        ("0012025550132", None, "+12025550132")):
            with self.subTest(number):
                self.assertEqual(self.site.byobox.number(number, country=country)["number"], stored)
                for spelling in (stored[1:], "%2B" + stored[1:]):
                    self.assertEqual(self.site.byobox.get("/v1/numbers/" + spelling)[0], 200)
        code, _, err = self.site.byobox.byoctl("number", "import", "12025550133", "--integration", "carrier-a",
                                               "--type", "local")
        self.assertEqual(code, 1)
        self.assertIn("+12025550133", err)

    def test_C01_opt_outs_by_hand(self):
        byoctl = self.site.byobox.byoctl
        code, out, err = byoctl("opt-out", "add", "2025550100", "2025550155", "--reason", "phoned us")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("+12025550155", out)
        self.blocked("+12025550155")
        self.assertEqual(len(self.opt_outs("12025550155")), 1)
        code, _, err = byoctl("opt-out", "remove", US, "12025550155", "--reason", "phoned again")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(self.sent("2025550155").destination, "12025550155")


class HomeCountry(Case):
    kannel = ("stock", "patched")
    options = {"home_country": "de"}

    def test_home_country_decides_for_every_number(self):
        for source, sender in (("015112345678", "+4915112345678"), ("4915112345678", "+4915112345678"),
                               ("33612345678", "+33612345678"), ("12025550177", "+12025550177")):
            with self.subTest(source):
                self.site.forget()
                self.site.carrier.mo(smpp.Sm(source=source, destination=NUMBER[1:], source_ton=2, source_npi=1,
                                             dest_ton=1, dest_npi=1, short_message=b"hi", data_coding=0, esm_class=0))
                self.assertEqual(self.site.application.wait_messages(1)[0]["from"], sender)
        status, config = self.site.byobox.get("/v1/integrations/carrier-a")
        self.assertEqual((status, config["config"]["homeCountry"]), (200, "DE"))


class Upgrade(Case):
    """What byobox 0.1 stored."""

    kannel = ("stock",)
    options = {}
    stored = ("2025550177", "4407700900179", "5215512345678")

    def test_C04_stored_opt_outs_gain_the_new_rules(self):
        box = self.site.byobox
        for recipient in self.stored:  # as that version wrote it: digits, and no other reading
            box.stop()
            db = box.store
            base = max(db.value(f"SELECT coalesce(max(id), 0) AS last FROM {table}") for table in ("opt_history", "audit"))
            db.change("INSERT INTO opt_history (id, time, number, recipient, action, text, who)"
                      " VALUES (?, 0, ?, ?, 'opt-out', 'STOP', 'recipient')", base + 256, NUMBER[1:], recipient)
            db.change("INSERT INTO opt_out (number, recipient, reading_of, id) VALUES (?, ?, '', ?)",
                      NUMBER[1:], recipient, base + 256)
            db.change("DELETE FROM setting WHERE name = 'reading-rules'")
            box.start()
        self.site.smsbox.restart(kill=True)  # stock smsbox waits ten seconds; a new one does not
        self.site.wait_bound()
        for to in ("+12025550177", "+2025550177", "+447700900179", "+4407700900179", "+525512345678",
                   "+5215512345678"):
            with self.subTest(to):
                self.assertEqual(self.site.send(to, "x")[0], 403)
        self.assertEqual(self.site.send("+12025550178", "x")[0], 202)
