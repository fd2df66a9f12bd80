# SPDX-License-Identifier: BSD-3-Clause
"""Traffic of no integration passes through byte for byte, both ways, for named and anonymous smsboxes.

byobox stands between a bearerbox and smsboxes that are all made of raw frames here, so that every octet of
every field can be compared.
"""

from byo import boxpeer, conf, smpp
from byo.boxpeer import ACK_BUFFERED, ACK_FAILED, ACK_SUCCESS, BoxPeer, FakeBearerbox, sms
from byo.byobox import Byobox, integration
from byo.carrier import Carrier
from byo.case import Case
from byo.installation import NUMBER, stock_smsc
from byo.process import wait_for

FULL = dict(sender="+15550001", receiver="+15550002", udhdata=b"\x05\x00\x03\x01\x02\x01",
            msgdata=bytes(range(256)), time=1700000000, smsc_id="other-link", smsc_number="77",
            foreign_id="f-1", service="svc", account="acc", sms_type=boxpeer.MT_PUSH, mclass=1, mwi=0,
            coding=1, compress=0, validity=1999999999, deferred=-1, dlr_mask=31,
            dlr_url="http://127.0.0.1:9/dlr?a=%d", pid=3, alt_dcs=0, rpi=1, charset="UTF-8", binfo="VIP",
            msg_left=2, priority=3, resend_try=4, resend_time=5, meta_data="?shop?order=1&")


class FakeSite(Case):
    """byobox towards a bearerbox of raw frames."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bearerbox = FakeBearerbox(auto_ack=None)
        cls.carrier = Carrier()  # never bound: this bearerbox speaks no SMPP
        cls.carrier.port = 2775
        cls.byobox = Byobox(cls.work, None, [integration(cls.carrier)], {
            "bearerbox-host": "127.0.0.1", "bearerbox-port": cls.bearerbox.port,
            # Not watched: an integration that is wanted is taken for bound.
            "bearerbox-admin-port": 1, "bearerbox-admin-password": None})
        cls.byobox.start(ready=False)
        cls.byobox.wait_up()

    @classmethod
    def tearDownClass(cls):
        cls.byobox.stop()
        cls.bearerbox.stop()
        cls.carrier.stop()
        if cls.byobox.sanitizer_report():
            raise AssertionError(cls.byobox.sanitizer_report())
        super().tearDownClass()

    def upstream(self, box_id):
        """byobox's open connection to bearerbox under that id (None: anonymous)."""
        def find():
            for peer in list(self.bearerbox.peers):
                ids = [f.boxc_id for f in peer.of(boxpeer.ADMIN) if f.command == boxpeer.IDENTIFY]
                if ids and not peer.closed and ids[-1] == (box_id.encode() if box_id else None):
                    return peer
            return None
        return wait_for(find, 20, f"byobox's link {box_id}", [self.byobox.process])

    def smsbox(self, box_id=None, **more):
        peer = BoxPeer.connect(self.byobox.smsbox_port, box_id, **more)
        self.addCleanup(peer.close)
        return peer

    def same(self, got, sent, but=()):
        for name, value in sent.values().items():
            if name not in but:
                self.assertEqual(getattr(got, name), value, name)


class Outward(FakeSite):
    def passes(self, box_id):
        box = self.smsbox(box_id)
        sent = box.send(sms(boxc_id=box_id, **FULL))
        upstream = self.upstream(box_id)
        got = upstream.wait_sms(1, where=lambda f: f.id == sent.id)[0]
        self.same(got, sent)
        return box, upstream, sent

    def test_every_field_from_a_named_smsbox(self):
        self.passes("smsbox-a")

    def test_every_field_from_an_anonymous_smsbox(self):
        self.passes(None)

    def test_absent_and_empty_fields_stay_what_they_are(self):
        box = self.smsbox("smsbox-b")
        sent = box.send(sms(sender="+15550001", receiver="+15550002", msgdata=b"", udhdata=b"",
                            sms_type=boxpeer.MT_PUSH))
        got = self.upstream("smsbox-b").wait_sms(1, where=lambda f: f.id == sent.id)[0]
        self.same(got, sent)
        self.assertEqual((got.msgdata, got.udhdata, got.service), (b"", b"", None))

    def test_the_ack_is_bearerboxes_own_word(self):
        for nack in (ACK_SUCCESS, ACK_BUFFERED, ACK_FAILED):
            box, upstream, sent = self.passes(f"smsbox-{nack}")
            self.assertEqual(box.of(boxpeer.ACK), [])
            upstream.ack(sent, nack)
            self.assertEqual(box.wait_ack(sent.id)[0].nack, nack)

    def test_one_uuid_three_times_as_smsbox_does_for_several_recipients(self):
        box = self.smsbox("smsbox-a")
        sent = [sms(**FULL)]
        for receiver in (b"+15550003", b"+15550004"):
            sent.append(sms(**{**FULL, "receiver": receiver, "id": sent[0].id}))
        for frame in sent:
            box.send(frame)
        upstream = self.upstream("smsbox-a")
        got = upstream.wait_sms(3, where=lambda f: f.id == sent[0].id)
        self.assertEqual(sorted(f.receiver for f in got), sorted(f.receiver for f in sent))
        for frame in got:
            upstream.ack(frame)
        box.wait_ack(sent[0].id, n=3)

    def test_a_number_of_the_inventory_does_not_pass(self):
        self.byobox.number(NUMBER)
        box = self.smsbox("smsbox-a")
        sent = box.send(sms(**{**FULL, "sender": NUMBER, "receiver": "+12025550199", "smsc_id": None,
                               "udhdata": None, "coding": 0, "msgdata": "hello", "mclass": -1, "mwi": -1}))
        link = self.upstream("byobox")
        got = link.wait_sms(1)[0]
        self.assertEqual((got.smsc_id, got.boxc_id), (b"carrier-a", b"byobox"))
        self.assertNotEqual(got.id, sent.id)
        self.assertNotEqual(got.dlr_url, sent.dlr_url)
        self.assertEqual(got.dlr_mask & 31, 31)
        self.assertGreaterEqual(got.resend_try, 1000000)
        box.wait_ack(sent.id)  # in the store: bearerbox has not acked its segment yet
        link.ack(got)


class Inward(FakeSite):
    def report(self, **more):
        return sms(**{**FULL, "sms_type": boxpeer.REPORT_MO, "dlr_mask": 1, **more})

    def test_every_field_to_a_named_smsbox(self):
        box = self.smsbox("smsbox-a")
        upstream = self.upstream("smsbox-a")
        sent = upstream.send(self.report(boxc_id="smsbox-a"))
        self.same(box.wait_sms(1)[0], sent)
        self.assertEqual(upstream.wait_ack(sent.id)[0].nack, ACK_SUCCESS)

    def test_every_field_to_an_anonymous_smsbox(self):
        box = self.smsbox(None)
        upstream = self.upstream(None)
        sent = upstream.send(sms(**{**FULL, "sms_type": boxpeer.MO, "dlr_mask": -1, "dlr_url": None}))
        self.same(box.wait_sms(1)[0], sent)
        self.assertEqual(upstream.wait_ack(sent.id)[0].nack, ACK_SUCCESS)

    def test_a_message_waits_for_a_smsbox_and_is_not_lost(self):
        box = self.smsbox("smsbox-late")
        upstream = self.upstream("smsbox-late")
        box.auto_ack = None
        sent = upstream.send(self.report(boxc_id="smsbox-late"))
        box.wait_sms(1)
        box.close()  # it had it, and never acked it
        # bearerbox sees its link end, keeps what was not acked, and brings it to the next of that id.
        upstream.wait_closed()
        self.assertEqual(upstream.of(boxpeer.ACK), [])
        again = self.smsbox("smsbox-late")
        self.upstream("smsbox-late").send(sent)
        self.same(again.wait_sms(1)[0], sent)

    def test_twenty_messages_come_in_order(self):
        box = self.smsbox("smsbox-a")
        upstream = self.upstream("smsbox-a")
        for i in range(20):
            upstream.send(self.report(boxc_id="smsbox-a", msgdata=f"report {i}"))
        got = box.wait_sms(20)
        self.assertEqual([f.msgdata for f in got], [f"report {i}".encode() for i in range(20)])


class RealKannel(Case):
    """An installation that has another link beside the integration: its traffic stays what it was."""

    @classmethod
    def site_options(cls):
        carrier = Carrier({"byo": "secret", "old": "secret"}).start()
        old = stock_smsc(carrier, "old-link", denied_smsc_id="carrier-a", allowed_smsc_id=None,
                         smsc_username="old")
        routes = conf.group("smsbox-route", {"smsbox-id": "shop", "smsc-id": "old-link"})
        return {"carrier": carrier, "groups": old + routes,
                "smsboxes": ({}, {"box_id": "shop", "path": "shop"})}

    def setUp(self):
        super().setUp()
        self.site.carrier.wait_bound(1, "old")

    def test_a_foreign_number_takes_the_old_link(self):
        status, body = self.site.send("+15550002", "hello", self.ref, from_="+15550001", coding=0)
        self.assertEqual(status, 202, body)
        submit = self.site.carrier.wait_submits(1)[0]
        self.assertEqual((submit.link.bind.system_id, submit.sm.short_message), ("old", b"hello"))
        reports = self.site.application.wait_types(self.ref, [8, 1])
        self.assertEqual([r for r in reports if "byo" in r.meta], [])

    def test_the_integrations_segments_never_take_the_old_link(self):
        for i in range(20):
            self.assertEqual(self.site.send(f"+1202555{i:04}", "hello")[0], 202)
        submits = self.site.carrier.wait_submits(20)
        self.assertEqual({s.link.bind.system_id for s in submits}, {"byo"})

    def test_an_mo_of_the_old_link_goes_to_the_smsbox_of_its_route(self):
        link = self.site.carrier.bound("old")[0]
        self.site.carrier.mo(smpp.Sm(source="15550002", source_ton=1, source_npi=1, destination="15550001",
                                     dest_ton=1, dest_npi=1, short_message=b"old news"), link=link)
        self.assertEqual(self.site.application.wait_messages(1, "/shop")[0]["text"], "old news")
        self.assertEqual(self.site.application.messages("/mo"), [])

    def test_an_mo_of_the_integration_goes_to_the_anonymous_smsbox(self):
        link = self.site.carrier.bound("byo")[0]
        self.site.carrier.mo(smpp.Sm(source="12025550199", source_ton=1, source_npi=1,
                                     destination=NUMBER[1:], dest_ton=1, dest_npi=1,
                                     short_message=b"new"), link=link)
        self.assertEqual(self.site.application.wait_messages(1)[0]["text"], "new")
