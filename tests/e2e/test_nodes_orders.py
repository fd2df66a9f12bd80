# SPDX-License-Identifier: BSD-3-Clause
"""Several nodes on one PostgreSQL, in the moments that are rare: what two do at once in either order, a database that went
back, what is given again."""

from concurrent.futures import ThreadPoolExecutor

from byo import boxpeer, postgres, smpp
from byo.boxpeer import BoxPeer
from byo.carrier import NO_RECEIPT
from byo.installation import NUMBER
from byo.pgtap import HOLD, PgTap
from byo.process import wait_for
from test_nodes import MOBILE, TO, NodesCase

STOP_LOCK = 3  # BYO_PG_LOCK_STOP


class Orders(NodesCase):
    def tapped(self, **options):
        """A tap for each node's way to the database. The hundredth of the rate that a node without work has is enough for a
        message at once: it is taken and handed over in one transaction."""
        options = {"messages_per_second": 10000, "allow_custom_rate": True, **options}
        taps = [PgTap(self.server.port).start() for _ in range(2)]
        for tap in taps:
            self.addCleanup(tap.stop)
        return taps, self.nodes_up(ways=[{"port": tap.port, "sslmode": "disable"} for tap in taps], **options)

    def link_of(self, nodes, site):
        """The bind a node has."""
        before = len(nodes.carrier.submits)
        self.assertEqual(site.send(TO.format(9999), "whose link is it")[0], 202)
        return nodes.carrier.wait_submits(before + 1)[-1].link

    def mo(self, nodes, text, link, wait=True):
        nodes.carrier.mo(smpp.Sm(source=MOBILE, destination=NUMBER[1:], source_ton=1, dest_ton=1, short_message=text), link,
                         wait=wait)

    def wait_for_the_lock(self):
        wait_for(lambda: self.server.run(f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                                         f" AND objid = {STOP_LOCK}") == "1", 10, "one of them to wait for the other")

    def opted_out(self, nodes):
        return nodes.store.value("SELECT count(*) FROM opt_out") > 0

    def test_a_hand_over_waits_for_a_STOP_that_commits_and_does_not_leave(self):
        taps, nodes = self.tapped()
        one, two = nodes.sites
        link, _ = (self.link_of(nodes, site) for site in nodes.sites)  # and each has a share of the rate
        taps[0].arm(HOLD, octets=MOBILE.encode())
        self.mo(nodes, b"STOP", link, wait=False)
        wait_for(lambda: taps[0].cuts == 1, 20, "the STOP to be about to commit")
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(two.send, "+" + MOBILE, "behind it")
            self.wait_for_the_lock()
            self.assertFalse(self.opted_out(nodes))
            taps[0].go_on()
            self.assertIn(sent.result()[0], (202, 403))
        wait_for(lambda: self.opted_out(nodes), 20, "the opt-out")
        wait_for(lambda: nodes.store.value("SELECT count(*) FROM segment WHERE state < 2") == 0, 20, "nothing to wait")
        self.assertEqual([s for s in nodes.carrier.submits if s.sm.payload == b"behind it"], [])
        self.assertEqual(nodes.store.rows("SELECT cause FROM message WHERE keyword = 0 AND recipient = ?", "+" + MOBILE),
                         [("RECIPIENT_OPTED_OUT",)])

    def test_a_STOP_waits_for_a_hand_over_that_commits_and_holds_then(self):
        taps, nodes = self.tapped()
        one, two = nodes.sites
        link, _ = (self.link_of(nodes, site) for site in nodes.sites)  # and each has a share of the rate
        taps[1].arm(HOLD, octets=MOBILE.encode())
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(two.send, "+" + MOBILE, "before it")
            wait_for(lambda: taps[1].cuts == 1, 20, "the hand-over to be about to commit")
            self.mo(nodes, b"STOP", link, wait=False)
            self.wait_for_the_lock()
            self.assertFalse(self.opted_out(nodes))
            taps[1].go_on()
            self.assertEqual(sent.result()[0], 202)
        nodes.carrier.wait_submits(1, where=lambda s: s.sm.payload == b"before it")
        wait_for(lambda: self.opted_out(nodes), 20, "the opt-out")
        self.sends(two, "+" + MOBILE, 403, "behind it")
        self.assertEqual([s for s in nodes.carrier.submits if s.sm.payload == b"behind it"], [])

    def test_reply_limit_counts_over_all_nodes(self):
        """Ten replies an hour, at one node; what that one tells behind them is known at the other: so are they."""
        taps, nodes = self.tapped()
        one, two = nodes.sites
        links = [self.link_of(nodes, site) for site in nodes.sites]

        def replies():
            return nodes.store.value("SELECT count(*) FROM message WHERE keyword > 0")
        for n in range(10):
            self.mo(nodes, b"HELP", links[0])
            wait_for(lambda n=n: replies() == n + 1, 10, lambda: f"a reply more than {replies()}")
        one.byobox.number("+12025550143", "carrier-a")
        wait_for(lambda: two.byobox.get("/v1/status")[1]["store"]["numbers"] == 2, 10, "what was told behind them")
        self.mo(nodes, b"HELP", links[1])
        wait_for(lambda: [e for e in two.byobox.get("/v1/events")[1]["items"] if e["name"] == "reply-limit"], 10, "the limit")
        self.assertEqual(replies(), 10)

    def test_a_held_transaction_delays_neither_a_STOP_nor_the_queue(self):
        """In this database and in another one of the cluster."""
        nodes = self.nodes_up()
        one, two = nodes.sites
        with postgres.Database(self.server.port, nodes.store.name).held_transaction(), \
                postgres.Database(self.server.port).held_transaction():
            for n in range(100):
                self.assertEqual(nodes.sites[n % 2].send(TO.format(3000 + n), "x", f"h{n}")[0], 202)
            self.stop_by(nodes)
            for site in nodes.sites:
                self.sends(site, "+" + MOBILE, 403)
            one.byobox.process.kill()
            self.wait_reported(two, [f"h{n}" for n in range(1, 100, 2)])
            wait_for(lambda: nodes.store.value("SELECT backend FROM node WHERE node = 'n1'") == 0, 30, "n1 to be taken over")
            wait_for(lambda: nodes.store.value("SELECT count(*) FROM segment WHERE state = 0") == 0, 30, "the queues to end")


class Again(NodesCase):
    def mt(self, peer, n):
        return peer.send(boxpeer.sms(sender=NUMBER, receiver=TO.format(n), msgdata=b"text", sms_type=boxpeer.MT_PUSH, coding=0,
                                     dlr_mask=31, dlr_url="x"))

    def peer(self, site, **more):
        peer = BoxPeer.connect(site.byobox.smsbox_port, "app", **more)
        self.addCleanup(peer.close)
        return peer

    def test_what_a_dead_node_gave_is_given_again_with_the_same_uuid(self):
        nodes = self.nodes_up(smsboxes=((), ()))
        one, two = nodes.sites
        nodes.carrier.script = lambda s: NO_RECEIPT
        peer = self.peer(one, auto_ack=None)
        peer.wait_ack(self.mt(peer, 1).id)
        given = peer.wait_sms(1)[0]  # and it is not acked
        one.byobox.process.kill()
        again = self.peer(two).wait_sms(1, 40)[0]
        self.assertEqual(again.id, given.id)
        wait_for(lambda: nodes.store.value("SELECT count(*) FROM inward") == 0, 20, "nothing to wait")


class Lagged(NodesCase):
    """A standby without the last transactions takes over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.way = PgTap(cls.server.port).start()
        cls.standby = postgres.Postgres(cls.work, durable=False, name="standby").copy_from(cls.server, cls.way.port).start()

    @classmethod
    def tearDownClass(cls):
        cls.standby.stop()
        cls.way.stop()
        super().tearDownClass()

    def test_a_failover_that_lost_turns_is_told_and_loads_anew(self):
        ports = f"{self.server.port},{self.standby.port}"
        nodes = self.nodes_up(ways=[{"host": "127.0.0.1,127.0.0.1", "port": ports}] * 2)
        one, two = nodes.sites
        wait_for(lambda: "asynchronous" in str(one.byobox.get("/v1/status")[1]["problems"]), 30,
                 lambda: f"a warning, problems are {one.byobox.get('/v1/status')[1]['problems']}")
        self.way.stall()
        for n in range(4):
            self.assertEqual(nodes.sites[n % 2].send(TO.format(n), "lost with it")[0], 202)
        nodes.carrier.wait_submits(4)
        self.server.kill()
        self.standby.run("SELECT pg_promote(true, 60)")
        nodes.store.at(self.standby.port)
        for site in nodes.sites:
            self.assertEqual(site.byobox.process.wait(60), 1)
            self.assertIn("went back", self.said(site))
            site.smsbox.stop()
        for site in nodes.sites:
            site.byobox.start()
            site.smsbox.start()
        told = [e for e in one.byobox.get("/v1/events")[1]["items"] if e["name"] == "store-outdated"]
        self.assertGreaterEqual(len(told), 1)
        for n, site in enumerate(nodes.sites):
            self.sends(site, TO.format(100 + n), 202)
        nodes.carrier.wait_submits(6)
        self.assertEqual(nodes.store.value("SELECT count(*) FROM message WHERE recipient = ?", TO.format(0)), 0)
