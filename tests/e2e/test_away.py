# SPDX-License-Identifier: BSD-3-Clause
"""Queues while an integration, a bearerbox or a smsbox is away, and what a bearerbox does that is none (promise 1, 2, 7)."""

import time
import uuid

from byo import boxpeer, smpp
from byo.boxpeer import BoxPeer, FakeBearerbox, sms
from byo.byobox import integration
from byo.carrier import Carrier
from byo.installation import NUMBER
from byo.process import wait_for
from byo.reliability import TO, BearerboxCase, ReliabilityCase


class QueueWhileAway(ReliabilityCase):
    def test_a_deactivated_integrations_messages_wait_up_to_queue_limit_then_503(self):
        site = self.up(queue_limit=5)
        site.byobox.api("POST", "/v1/integrations/carrier-a/deactivate")
        wait_for(lambda: self.shown(site)["state"] == "inactive", 40, "the deactivation")
        answers = [site.send(TO.format(i), "hello", f"r{i}") for i in range(9)]
        self.assertEqual([status for status, _ in answers], [202] * 5 + [503] * 4)
        self.assertTrue(answers[0][1].startswith("3"), answers[0])  # queued
        self.assertEqual(len(self.events(site, "queue-limit")), 1)
        self.assertEqual(self.shown(site)["queue"]["queued"], 5)
        self.assertEqual(site.carrier.submits, [])
        site.byobox.api("POST", "/v1/integrations/carrier-a/activate")
        for i in range(5):
            self.assertEqual(self.final(site, f"r{i}", 60).type, 1)
        self.assertEqual([s.sm.destination for s in site.carrier.submits], [TO.format(i)[1:] for i in range(5)])
        self.assertEqual(site.send(TO.format(20), "hello", "again")[0], 202)
        self.assertEqual(self.final(site, "again").type, 1)

    def test_a_long_message_does_not_half_fit_into_the_queue(self):
        site = self.up(queue_limit=3)
        site.byobox.api("POST", "/v1/integrations/carrier-a/deactivate")
        wait_for(lambda: self.shown(site)["state"] == "inactive", 40, "the deactivation")
        self.assertEqual(site.send(TO.format(1), "long " * 150, "r1")[0], 503)
        self.assertEqual(self.shown(site)["queue"]["queued"], 0)
        self.assertEqual(site.send(TO.format(2), "hello", "r2")[0], 202)

    def test_a_dead_bearerbox(self):
        site = self.up()
        site.bearerbox.kill()
        for i in range(10):
            self.assertEqual(site.send(TO.format(i), "hello", f"r{i}")[0], 202)
        site.bearerbox.start()
        for i in range(10):
            self.assertEqual(self.final(site, f"r{i}", 60).type, 1)
        self.assertEqual(len(site.carrier.submits), 10)

    def test_a_bind_that_was_refused(self):
        carrier = Carrier().start()
        carrier.bind_status = lambda link, bind: smpp.RINVPASWD
        site = self.new_site(binds=1, carrier=carrier, activation_timeout="5s")
        site.start()
        wait_for(lambda: self.shown(site)["state"] == "error", 40, "the refusal")
        for i in range(3):
            self.assertEqual(site.send(TO.format(i), "hello", f"r{i}")[0], 202)
        del carrier.bind_status
        site.byobox.api("POST", "/v1/integrations/carrier-a/activate")
        for i in range(3):
            self.assertEqual(self.final(site, f"r{i}", 60).type, 1)
        self.assertEqual(len(carrier.submits), 3)

    def test_fair_among_integrations(self):
        """One has a long queue; the other's few messages do not wait behind it."""
        other = Carrier().start()
        self.addCleanup(other.stop)
        site = self.new_site(numbers=(), smsboxes=())
        site.byobox.integrations = [integration(site.carrier, "long", binds=1, messages_per_second=20),
                                    integration(other, "short", binds=1, messages_per_second=20)]
        site.numbers = ((NUMBER, "long"), ("+12025550101", "short"))
        site.start()
        site.carrier.wait_bound(1)
        other.wait_bound(1)
        wait_for(lambda: all(self.shown(site, i)["state"] == "active" for i in ("long", "short")), 40, "both active")
        peer = self.peer(site)
        for i in range(200):
            peer.send(self.mt(site, TO.format(i), "of many", f"m{i}"))
        last = [peer.send(self.mt(site, TO.format(i), "of few", f"f{i}", sender="+12025550101")) for i in range(5)]
        for frame in last:
            peer.wait_ack(frame.id)
        other.wait_submits(5)
        self.assertLess(len(site.carrier.submits), 100)
        site.carrier.wait_submits(200, 60)

    def test_reports_and_messages_wait_for_a_smsbox_oldest_first(self):
        site = self.new_site(binds=1, smsboxes=())
        site.start().wait_bound()
        for i in range(30):
            site.carrier.mo(smpp.Sm(source="12025550177", destination=NUMBER[1:], source_ton=1, dest_ton=1,
                                    short_message=f"message {i}".encode()))
        peer = self.peer(site)
        got = peer.wait_sms(30)
        self.assertEqual([f.msgdata for f in got], [f"message {i}".encode() for i in range(30)])

    def test_what_a_smsbox_did_not_ack_is_given_to_the_next_in_order(self):
        site = self.new_site(binds=1, smsboxes=())
        site.start().wait_bound()
        deaf = self.peer(site, auto_ack=None)
        for i in range(5):
            site.carrier.mo(smpp.Sm(source="12025550177", destination=NUMBER[1:], source_ton=1, dest_ton=1,
                                    short_message=f"message {i}".encode()))
        got = deaf.wait_sms(5)
        deaf.ack(got[0])
        deaf.ack(got[2])
        wait_for(lambda: site.byobox.get("/v1/status")[1]["inward"]["waiting"] == 3, 20, "two acks to be kept")
        deaf.close()
        heir = self.peer(site)
        again = heir.wait_sms(3)
        self.assertEqual([f.id for f in again], [got[1].id, got[3].id, got[4].id])


class Bearerboxes(BearerboxCase):
    def test_what_bearerbox_delivers_again_is_delivered_once_in_any_order_across_restarts(self):
        bearerbox = FakeBearerbox(auto_ack=None)
        self.addCleanup(bearerbox.stop)
        byobox = self.byobox(bearerbox)
        smsbox = BoxPeer.connect(byobox.smsbox_port)
        self.addCleanup(smsbox.close)
        mos = [sms(sender="+12025550177", receiver=NUMBER, msgdata=f"message {i}", coding=0, time=int(time.time()),
                   smsc_id="carrier-a", sms_type=boxpeer.MO, id=uuid.uuid4()) for i in range(6)]
        link = self.link(bearerbox, None)
        for mo in mos[:4]:
            link.wait_ack(link.send(mo).id)
        smsbox.wait_sms(4)
        for mo in reversed(mos[:5]):
            link.send(mo)
        link.wait_ack(mos[0].id, n=2)
        wait_for(lambda: byobox.get("/v1/status")[1]["inward"]["repeated"] == 4, 20, "four repeats to be counted")
        byobox.kill()
        byobox.start(ready=False)
        byobox.wait_up()
        smsbox = BoxPeer.connect(byobox.smsbox_port)
        self.addCleanup(smsbox.close)
        link = self.link(bearerbox, None)
        for mo in (mos[3], mos[5], mos[1]):
            link.wait_ack(link.send(mo).id)
        first_after = smsbox.wait_sms(1)
        self.assertEqual(first_after[-1].id, mos[5].id)
        self.assertLessEqual({f.id for f in smsbox.of(boxpeer.SMS)}, {mos[4].id, mos[5].id})

    def test_an_ack_and_its_nack_count_once(self):
        bearerbox = FakeBearerbox(auto_ack=None)
        self.addCleanup(bearerbox.stop)
        byobox = self.byobox(bearerbox, retry_delay="1s")
        byobox.number(NUMBER)
        smsbox = BoxPeer.connect(byobox.smsbox_port)
        self.addCleanup(smsbox.close)
        link = self.link(bearerbox, "byobox")
        frame = smsbox.send(sms(sender=NUMBER, receiver=TO.format(1), msgdata="hello", coding=0, dlr_mask=31,
                                sms_type=boxpeer.MT_PUSH, dlr_url="http://127.0.0.1:9/?ref=r"))
        smsbox.wait_ack(frame.id)
        segment = link.wait_sms(1)[0]
        link.ack(segment, boxpeer.ACK_FAILED)
        report = sms(sender=segment.sender, receiver=segment.receiver, msgdata="NACK/MALFORMED SMS", dlr_mask=16,
                     sms_type=boxpeer.REPORT_MO, dlr_url=segment.dlr_url, smsc_id="carrier-a")
        link.wait_ack(link.send(report).id)
        got = smsbox.wait_sms(1)[0]
        self.assertEqual(got.dlr_mask, 16)
        self.assertIn(b"cause=MESSAGE_DATA_INVALID&", got.meta_data)
        self.assertEqual(byobox.get("/v1/integrations/carrier-a")[1]["counters"]["segmentsFailed"], 1)

    def test_back_pressure_is_the_withheld_ack_never_ack_failed_tmp(self):
        """(promise 7) Nobody takes what comes in, and bearerbox still gets success or nothing."""
        bearerbox = FakeBearerbox(auto_ack=None)
        self.addCleanup(bearerbox.stop)
        self.byobox(bearerbox)
        link = self.link(bearerbox, None)
        for i in range(300):
            link.send(sms(sender="+12025550177", receiver=NUMBER, msgdata=f"message {i}", coding=0,
                          time=int(time.time()), smsc_id="carrier-a", sms_type=boxpeer.MO))
        link.wait(lambda: len(link.of(boxpeer.ACK)) == 300, 20, "all acks")
        self.assertEqual({f.nack for f in link.of(boxpeer.ACK)}, {boxpeer.ACK_SUCCESS})
