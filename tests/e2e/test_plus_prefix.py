# SPDX-License-Identifier: BSD-3-Clause
"""Plus prefix, TON and NPI as they stand on the wire, both directions (spec P3-P8)."""

from byo import smpp
from byo.byobox import integration
from byo.carrier import Carrier
from byo.case import Case
from byo.installation import NUMBER

TO = "+12025550199"
SHORT = "54321"


class Addresses(Case):
    """Integrations on one carrier, told apart by their system id."""

    numbers = {"plain": "+12025550101", "plus": "+12025550102", "ton": "+12025550103",
               "sign": "+12025550104", "short": SHORT}

    @classmethod
    def site_options(cls):
        carrier = Carrier({name: "secret" for name in cls.numbers})
        carrier.start()
        keys = {
            "plain": {},
            "plus": {"outbound_plus_prefix": True, "inbound_plus_prefix": True, "address_ton": 1,
                     "address_npi": 1},
            "sign": {"outbound_plus_prefix": True},
            "ton": {"address_ton": 6, "address_npi": 18, "destination_ton": 2, "destination_npi": 8},
            "short": {"address_ton": 3, "address_npi": 0, "destination_ton": 1, "destination_npi": 1},
        }
        return {"carrier": carrier,
                "integrations": [integration(carrier, name, system_id=name, binds=1, **keys[name])
                                 for name in cls.numbers],
                "numbers": [(number, name) for name, number in cls.numbers.items()]}

    def sent(self, name, to=TO, from_=None):
        self.site.forget()
        status, body = self.site.send(to, "hello", from_=from_ or self.numbers[name])
        self.assertEqual(status, 202, body)
        submit = self.site.carrier.wait_submits(1)[0]
        self.assertEqual(submit.link.bind.system_id, name)
        return submit.sm

    def addresses(self, sm):
        return (sm.source_ton, sm.source_npi, sm.source, sm.dest_ton, sm.dest_npi, sm.destination)

    def test_P4_P5_P6_defaults_no_plus_and_zeros(self):
        self.assertEqual(self.addresses(self.sent("plain")), (0, 0, "12025550101", 0, 0, "12025550199"))

    def test_P4_outbound_plus_is_ours_alone(self):
        self.assertEqual(self.addresses(self.sent("plus")), (1, 1, "+12025550102", 0, 0, "12025550199"))

    def test_P4_a_plus_alone_changes_no_TON(self):
        self.assertEqual(self.addresses(self.sent("sign")), (0, 0, "+12025550104", 0, 0, "12025550199"))

    def test_P5_P6_P7_P8_go_out_as_configured(self):
        self.assertEqual(self.addresses(self.sent("ton")), (6, 18, "12025550103", 2, 8, "12025550199"))

    def test_P4_a_short_code_never_gets_a_plus(self):
        self.assertEqual(self.addresses(self.sent("short")), (3, 0, SHORT, 1, 1, "12025550199"))

    def test_any_spelling_of_the_recipient(self):
        for typed in ("12025550199", "0012025550199", "+1 202 555-0199", "+1-202-555-0199"):
            with self.subTest(typed):
                # smsbox takes a blank for the end of a number, so the dashes stand for it.
                self.assertEqual(self.sent("plain", to=typed.replace(" ", "-")).destination, "12025550199")

    def test_any_spelling_of_our_number(self):
        for typed in ("12025550101", "+12025550101", "0012025550101"):
            with self.subTest(typed):
                self.assertEqual(self.sent("plain", from_=typed).source, "12025550101")

    def mo(self, name, destination, ton=1, npi=1, source="12025550199", source_ton=1):
        self.site.forget()
        link = self.site.carrier.bound(name)[0]
        self.site.carrier.mo(smpp.Sm(source=source, source_ton=source_ton, source_npi=1,
                                     destination=destination, dest_ton=ton, dest_npi=npi,
                                     short_message=b"hi"), link=link)
        message = self.site.application.wait_messages(1)[0]
        self.assertEqual(message.byo["integration"], name)
        return message["from"], message["to"]

    def test_P3_international_number_with_and_without_plus(self):
        self.assertEqual(self.mo("plain", "12025550101"), (TO, "+12025550101"))
        self.assertEqual(self.mo("plain", "+12025550101"), (TO, "+12025550101"))

    def test_P3_TON_0_without_plus(self):
        self.assertEqual(self.mo("plain", "12025550101", 0, 0, source_ton=0), (TO, "+12025550101"))

    def test_P3_TON_0_with_plus(self):
        self.assertEqual(self.mo("plus", "+12025550102", 0, 0, source_ton=0), (TO, "+12025550102"))

    def test_P3_a_short_code_stays_one(self):
        self.assertEqual(self.mo("short", SHORT, 3, 0), (TO, SHORT))

    def test_an_alphanumeric_sender_is_left_as_it_is(self):
        self.assertEqual(self.mo("plain", "12025550101", source="BANK", source_ton=5),
                         ("BANK", "+12025550101"))


class ForeignNumbers(Case):
    """(spec N6) What leaves through an integration comes from one of its numbers."""

    options = {"binds": 1}

    def test_N6_an_unlisted_number_that_names_the_integration_is_refused(self):
        status, body = self.site.send(TO, "hello", self.ref, from_="+12025550777", smsc="carrier-a")
        self.assertEqual(status, 403, body)
        self.assertEqual(self.site.carrier.submits, [])

    def test_N6_an_unlisted_number_does_not_reach_the_integration(self):
        """It passes to bearerbox, which has no other link: refused there, with bearerbox's words."""
        self.site.send(TO, "hello", self.ref, from_="+12025550777")
        self.site.send(TO, "marker", "marker", from_=NUMBER)
        self.site.application.wait_types("marker", [8, 1])
        self.assertEqual([s.sm.source for s in self.site.carrier.submits], [NUMBER[1:]])
