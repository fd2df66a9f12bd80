# SPDX-License-Identifier: BSD-3-Clause
"""Processes come and go; what was acked is delivered, once when that can be had (promise 1, 2)."""

from byo import boxpeer
from byo.boxpeer import BoxPeer, sms
from byo.carrier import NO_RECEIPT, Carrier
from byo.case import Case
from byo.installation import NUMBER

TO = "+1202555{:04}"


class ComeAndGo(Case):
    limit = 90

    def site_up(self, **options):
        return self.new_site(**{"binds": 1, **options}).start().wait_bound()

    def accept(self, site, n, first=0, **more):
        for i in range(first, first + n):
            status, body = site.send(TO.format(i), f"message {i}", f"m{i}", **more)
            self.assertEqual(status, 202, body)

    def all_delivered(self, site, n, timeout=60):
        for i in range(n):
            site.application.wait_types(f"m{i}", [1], timeout)

    def test_what_a_smsbox_writes_again_is_acked_and_not_sent_again(self):
        """Known by smsbox, UUID and recipient: on another connection, and after a restart and a death of byobox."""
        site = self.site_up(smsboxes=())
        frames = [sms(sender=NUMBER, receiver=TO.format(i), msgdata=f"message {i}", coding=0,
                      id="7e57ab1e-0000-4000-8000-000000000001", sms_type=boxpeer.MT_PUSH) for i in range(3)]
        foreign = sms(sender="+12025559999", receiver=TO.format(9), msgdata="no number of ours", coding=0,
                      smsc_id="carrier-a", sms_type=boxpeer.MT_PUSH)

        def write_all(box):
            peer = BoxPeer.connect(site.byobox.smsbox_port, box)
            for frame in frames + [foreign]:
                peer.send(frame)
            taken = {a.nack for a in peer.wait_ack(frames[0].id, n=3)}
            refused = {a.nack for a in peer.wait_ack(foreign.id)}
            peer.close()
            return taken, refused
        for act in (None, lambda: site.byobox.stop(20), site.byobox.kill):
            if act:
                act()
                site.byobox.start()
                site.byobox.wait_healthy()
            taken, refused = write_all("writer")
            self.assertLessEqual(taken, {boxpeer.ACK_SUCCESS, boxpeer.ACK_BUFFERED})
            self.assertEqual(refused, {boxpeer.ACK_FAILED})
        write_all("another")  # a smsbox of another id is another one
        site.carrier.wait_submits(6)
        self.assertEqual(sorted(s.sm.content for s in site.carrier.submits),
                         sorted(2 * [f"message {i}".encode() for i in range(3)]))

    def test_bearerbox_is_not_up_yet(self):
        site = self.new_site(binds=1)
        site.bearerbox.write()
        site.byobox.render()
        site.byobox.start(ready=False)
        site.byobox.wait_up()
        self.assertEqual(site.byobox.get("/health", user=None)[0], 503)
        site.byobox.number(NUMBER)
        site.smsbox.start()
        self.accept(site, 3)  # accepted and queued in every state
        site.bearerbox.start()
        self.all_delivered(site, 3)
        site.byobox.wait_healthy()

    def test_bearerbox_restarts(self):
        site = self.site_up()
        self.accept(site, 3)
        self.all_delivered(site, 3)
        site.bearerbox.stop()
        self.accept(site, 3, 3)
        site.bearerbox.start()
        self.all_delivered(site, 6)
        self.assertEqual(len(site.carrier.submits), 6)

    def test_bearerbox_is_killed(self):
        site = self.site_up()
        self.accept(site, 3)
        self.all_delivered(site, 3)
        site.bearerbox.kill()
        self.accept(site, 3, 3)
        site.bearerbox.start()
        self.all_delivered(site, 6)
        self.assertEqual(len(site.carrier.submits), 6)

    def test_smsbox_restarts_and_reports_wait_for_it(self):
        site = self.site_up()
        site.carrier.script = lambda s: NO_RECEIPT
        self.accept(site, 3)
        submits = site.carrier.wait_submits(3)
        site.application.wait_types("m2", [8])
        site.smsbox.kill()
        for submit in submits:
            site.carrier.receipt(submit)
        site.smsbox.start()
        self.all_delivered(site, 3)

    def test_byobox_stops_in_order(self):
        site = self.site_up()
        self.accept(site, 3)
        self.all_delivered(site, 3)
        self.assertEqual(site.byobox.stop(), 0, site.byobox.process.tail())

    def test_byobox_is_killed_with_a_queue(self):
        """Eight messages at one in a second: most wait in the store when byobox dies."""
        site = self.site_up(messages_per_second=1)
        self.accept(site, 8)
        site.carrier.wait_submits(2)
        site.byobox.kill()
        site.byobox.start()
        site.smsbox.restart(kill=True)
        self.all_delivered(site, 8, 40)
        self.assertEqual(sorted({s.sm.destination for s in site.carrier.submits}),
                         sorted(TO.format(i)[1:] for i in range(8)))
        self.assertLessEqual(len(site.carrier.submits), 10)

    def test_byobox_is_killed_before_the_receipts(self):
        site = self.site_up()
        site.carrier.script = lambda s: NO_RECEIPT
        self.accept(site, 3)
        submits = site.carrier.wait_submits(3)
        site.application.wait_types("m2", [8])
        site.byobox.kill()
        for submit in submits:
            site.carrier.receipt(submit, wait=False)
        site.byobox.start()
        site.smsbox.restart(kill=True)
        self.all_delivered(site, 3)
        self.assertEqual(len(site.carrier.submits), 3)

    def test_the_carrier_is_away_for_a_while(self):
        site = self.site_up()
        port = site.carrier.port
        site.carrier.stop()
        self.accept(site, 3)
        back = Carrier(port=port).start()
        self.addCleanup(back.stop)
        self.all_delivered(site, 3, 70)
        self.assertEqual(len(back.submits), 3)
