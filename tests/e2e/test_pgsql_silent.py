# SPDX-License-Identifier: BSD-3-Clause
"""PostgreSQL says nothing and the connection stands (promise 6): what comes meanwhile is refused at once and looked at
as ever, what was sent is answered when it is known what became of it, and nobody waits for ever."""

import os
import signal

import test_pgsql
from byo import boxpeer, smpp
from byo.boxpeer import ACK_FAILED_TMP, BoxPeer
from byo.installation import NUMBER
from byo.pgtap import AFTER, BEFORE
from byo.process import wait_for
from test_pgsql import MOBILE, TO

LOST = "the connection is lost"


class Silent(test_pgsql.TrafficCase):
    limit = 150

    def backends(self, site):
        return [pid for pid, in self.server.rows(
            f"SELECT pid FROM pg_stat_activity WHERE datname = '{site.store.name}' AND application_name = 'byobox'")]

    def hold(self, *pids):
        """They stand still; the kernel goes on acking for them."""
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
            self.addCleanup(self.resume, pid)

    def resume(self, *pids):
        for pid in pids:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass

    def test_a_database_that_is_slow_is_waited_for_and_others_are_refused(self):
        site = self.site_up()
        site.byobox.wait_healthy()
        held = self.backends(site)
        self.hold(*held)
        traffic = test_pgsql.Traffic(site, 300)
        traffic.wait(503, 1)
        self.assertNotIn(LOST, self.said(site))
        self.assertEqual(site.byobox.get("/health", user=None)[0], 503)
        self.assertEqual(site.byobox.get("/v1/status")[0], 200)
        self.resume(*held)
        traffic.wait(202)
        self.check(site, traffic.stop())
        site.byobox.wait_healthy()
        self.assertEqual(len(self.events(site, "store-recovered")), 1)

    def test_a_commit_that_is_done_late_is_found_out(self):
        """Its session is given up; it commits when it goes on, before the new session ends it, or is ended."""
        site = self.site_up()
        traffic = test_pgsql.Traffic(site, 300)
        for _ in range(2):
            traffic.wait(202)
            held = self.backends(site)
            self.hold(*held)
            traffic.wait(503)
            wait_for(lambda: LOST in self.said(site), 60, "the session to be given up", [site.byobox.process])
            self.resume(*held)
            site.byobox.wait_healthy(60)
            site.byobox.log.write_text("")
        traffic.wait(202)
        self.check(site, traffic.stop())

    def test_the_whole_server_stands_still(self):
        """A new connection is taken by the kernel, and nobody answers there either."""
        site = self.site_up()
        traffic = test_pgsql.Traffic(site, 300)
        traffic.wait(202)
        held = [self.server.process.pid, *self.backends(site)]
        self.hold(*held)
        traffic.wait(503)
        wait_for(lambda: LOST in self.said(site), 60, "the session to be given up", [site.byobox.process])
        traffic.wait(503)
        self.resume(*held)
        site.byobox.wait_healthy(60)
        traffic.wait(202)
        self.check(site, traffic.stop())

    def doubt(self, when):
        """For longer than a smsbox is kept waiting."""
        tap, site = self.tapped(smsboxes=())
        site.byobox.wait_healthy()
        one, other = (BoxPeer.connect(site.byobox.smsbox_port, name) for name in ("one", None))
        self.addCleanup(one.close)
        self.addCleanup(other.close)

        def mt(peer, n):
            return peer.send(boxpeer.sms(sender=NUMBER, receiver=TO.format(n), msgdata=b"text", sms_type=boxpeer.MT_PUSH,
                                         coding=0, dlr_mask=31, dlr_url="x"))
        mt(one, 1)
        one.wait_sms(2)  # both reports: nothing else is on its way
        tap.arm(when, alone=True, octets=TO.format(2).encode())  # not a turn that only keeps the lease
        doubtful = mt(one, 2)
        wait_for(lambda: tap.cuts == 1, 30, "a COMMIT to be cut")
        refused = mt(other, 3)
        self.assertEqual(other.wait_ack(refused.id)[0].nack, ACK_FAILED_TMP)
        site.carrier.mo(smpp.Sm(source=MOBILE, destination=NUMBER[1:], source_ton=1, dest_ton=1,
                                short_message=b"meanwhile"))
        one.wait_closed(90)
        self.assertEqual([f for f in one.of(boxpeer.ACK) if f.id == doubtful.id], [])
        self.assertFalse(other.closed)
        tap.stall(False)
        site.byobox.wait_healthy(60)
        self.assertEqual(len([f for f in other.wait_sms(1) if f.msgdata == b"meanwhile"]), 1)
        kept = site.store.value("SELECT count(*) FROM message WHERE recipient = ?", TO.format(2))
        self.assertEqual(kept, 1 if when == AFTER else 0)
        sent = wait_for(lambda: (len(site.carrier.submits) == 1 + kept) and site.carrier.submits, 30, "what was kept to be sent")
        self.assertEqual(len([s for s in sent if s.sm.destination == TO.format(2)[1:]]), kept)

    def test_in_doubt_for_long_and_not_kept(self):
        self.doubt(BEFORE)

    def test_in_doubt_for_long_and_kept(self):
        self.doubt(AFTER)
