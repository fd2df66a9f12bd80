# SPDX-License-Identifier: BSD-3-Clause
"""Several smsboxes on one byobox, and the ways to the carrier: TLS (spec P12)."""

import json

from byo import smpp
from byo.ca import TestCA
from byo.carrier import NO_RECEIPT, Answer, Carrier
from byo.case import Case, only_on
from byo.installation import NUMBER
from byo.process import wait_for

TO = "+1202555{:04}"


class Several(Case):
    """Two named smsboxes and an anonymous one, all Debian's."""

    limit = 90
    options = {"smsboxes": ({"box_id": "one", "path": "one"}, {"box_id": "two", "path": "two"},
                            {"path": "anonymous"})}

    def send(self, box, to, ref):
        status, body = self.site.smsboxes[box].send(to, "hello", NUMBER,
                                                    dlr_url=self.site.application.dlr_url(ref))
        self.assertEqual(status, 202, body)

    def test_each_sends_and_gets_its_own_reports(self):
        for box in range(3):
            self.send(box, TO.format(box), f"box-{box}")
        for box in range(3):
            for report in self.site.application.wait_types(f"box-{box}", [8, 1]):
                self.assertEqual(report["from"], TO.format(box))
        self.assertEqual(len(self.site.application.reports()), 6)

    def test_reports_wait_for_the_smsbox_that_asked(self):
        """The smsbox that sent the message is away: no other one gets its reports."""
        self.site.carrier.script = lambda s: NO_RECEIPT
        self.send(0, TO.format(1), "away")
        self.send(1, TO.format(2), "here")
        self.site.application.wait_types("away", [8])
        submits = self.site.carrier.wait_submits(2)
        self.site.smsboxes[0].kill()
        for submit in submits:
            self.site.carrier.receipt(submit)
        self.site.application.wait_types("here", [8, 1])
        self.assertEqual([r.type for r in self.site.application.reports("away")], [8])
        self.site.smsboxes[0].start()
        self.site.application.wait_types("away", [8, 1])

    def test_an_mo_without_a_route_goes_to_the_anonymous_smsbox_once(self):
        for i in range(5):
            self.site.carrier.mo(smpp.Sm(source="12025550199", destination=NUMBER[1:], source_ton=1,
                                         source_npi=1, dest_ton=1, dest_npi=1,
                                         short_message=f"hi {i}".encode()))
        got = self.site.application.wait_messages(5, "/anonymous")
        self.assertEqual(sorted(m["text"] for m in got), [f"hi {i}" for i in range(5)])
        self.assertEqual(self.site.application.messages("/one") + self.site.application.messages("/two"), [])

    def test_the_status_shows_them(self):
        boxes = self.site.byobox.get("/v1/status")[1]["smsboxes"]
        self.assertEqual(sorted(b["id"] or "" for b in boxes), ["", "one", "two"])


class Tls(Case):
    """(spec P12) use-tls, the default. Only the patched bearerbox looks at the certificate."""

    def test_P12_the_whole_way_over_tls(self):
        ca = TestCA(self.work)
        carrier = Carrier(tls=ca.server("localhost"), script=lambda s: Answer())
        trust = {"ssl_ca_file": ca.certificate} if self.patched else {}
        site = self.new_site(carrier=carrier, use_tls=None, binds=3, **trust).start().wait_bound()
        self.assertIsNotNone(carrier.bound()[0].transport.get_extra_info("cipher"))
        site.send(TO.format(1), "over TLS {€}", "ref")
        site.application.wait_types("ref", [8, 1])
        carrier.mo(smpp.Sm(source="12025550199", destination=NUMBER[1:], source_ton=1, source_npi=1,
                           dest_ton=1, dest_npi=1, short_message=b"back"))
        self.assertEqual(site.application.wait_messages(1)[0]["text"], "back")

    @only_on("patched")
    def test_P12_a_carrier_of_another_name_is_refused_and_it_is_told_why(self):
        ca = TestCA(self.work)
        carrier = Carrier(tls=ca.server("smpp.example", "192.0.2.1"))
        site = self.new_site(carrier=carrier, use_tls=None, binds=1, ssl_ca_file=ca.certificate,
                             activation_timeout="5s").start()
        shown = wait_for(lambda: self.failed(site), 40, "the error")
        self.assertIn("mismatch", json.dumps(shown))
        self.assertEqual(carrier.bind_attempts, [])

    def failed(self, site):
        shown = site.byobox.get("/v1/integrations/carrier-a")[1]
        return shown["state"] == "error" and shown

    def test_P12_a_carrier_without_tls_is_not_bound_in_clear(self):
        site = self.new_site(use_tls=True, binds=1).start()
        site.carrier.wait(lambda: site.carrier.links, 30, "a connection")
        wait_for(lambda: any(not link.open for link in list(site.carrier.links)), 30, "the try to be given up")
        self.assertEqual(site.carrier.bind_attempts, [])
