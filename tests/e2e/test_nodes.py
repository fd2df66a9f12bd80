# SPDX-License-Identifier: BSD-3-Clause
"""Several byoboxes active on one PostgreSQL: what docs/several-nodes.md promises, a sentence a test."""

import signal
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from byo import boxpeer, postgres, smpp
from byo.boxpeer import BoxPeer, sms
from byo.carrier import NO_RECEIPT, Answer, Receipt
from byo.case import Case
from byo.installation import NUMBER
from byo.nodes import Nodes
from byo.process import wait_for
from byo.witness import Witness

TO = "+1202555{:04}"
MOBILE = "12025550177"


class NodesCase(Case):
    stores = ("pgsql",)
    limit = 120

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = postgres.Postgres(cls.work).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        super().tearDownClass()

    def nodes_up(self, names=("n1", "n2"), **options):
        work = Path(tempfile.mkdtemp(prefix=self.ref[:40] + "-", dir=self.work))
        nodes = Nodes(work, self.server.port, names, **options)
        self.addCleanup(self._end_nodes, nodes)
        return nodes.start()

    def _end_nodes(self, nodes):
        nodes.stop()
        self.assertEqual(nodes.sanitizer_reports(), "")

    def sends(self, site, to, status, text="x"):
        wait_for(lambda: site.send(to, text)[0] == status, 10, f"HTTP {status} at another node")

    def said(self, site):
        return site.byobox.log.read_text(errors="replace") + site.byobox.process.tail()

    def stop_by(self, nodes, link=None):
        nodes.carrier.mo(smpp.Sm(source=MOBILE, destination=NUMBER[1:], source_ton=1, dest_ton=1,
                                 short_message=b"STOP"), link=link)

    def wait_reported(self, site, refs, type_=1, timeout=60):
        for ref in refs:
            wait_for(lambda ref=ref: [r for r in site.application.reports(ref) if r.type == type_], timeout,
                     lambda ref=ref: f"report {type_} of {ref}, it has {[r.type for r in site.application.reports(ref)]}",
                     [site.byobox.process])


class Common(NodesCase):
    """Numbers, opt-outs, wanted states: common, and known in every node's memory within a second."""

    def test_both_send_and_are_reported(self):
        nodes = self.nodes_up()
        one, two = nodes.sites
        for n in range(10):
            self.assertEqual(one.send(TO.format(100 + n), "one", f"a{n}")[0], 202)
            self.assertEqual(two.send(TO.format(200 + n), "two", f"b{n}")[0], 202)
        self.wait_reported(one, [f"a{n}" for n in range(10)])
        self.wait_reported(two, [f"b{n}" for n in range(10)])
        self.assertEqual(len(nodes.carrier.submits), 20)
        slots = {r for r, in nodes.store.rows("SELECT DISTINCT slot FROM segment")}
        self.assertEqual(len(slots), 2)
        for site in nodes.sites:
            wait_for(lambda site=site: site.byobox.get("/v1/status")[1]["integrations"][0]["queue"]["queued"] == 0, 10, "0 queued")
            wait_for(lambda site=site: [n["up"] for n in site.byobox.get("/v1/status")[1]["nodes"]] == [True, True], 10, "two nodes")

    def test_numbers_and_their_texts(self):
        nodes = self.nodes_up()
        one, two = nodes.sites
        other = "+12025550142"
        self.assertIn(two.send(TO.format(1), "x", from_=other)[0], (403, 202))
        one.byobox.number(other, "carrier-a")
        wait_for(lambda: two.byobox.get("/v1/status")[1]["store"]["numbers"] == 2, 2, "the number at the other node")
        self.assertEqual(two.send(TO.format(2), "x", from_=other)[0], 202)
        self.assertEqual(two.byobox.api("DELETE", "/v1/numbers/" + other[1:])[0], 200)
        wait_for(lambda: one.byobox.get("/v1/status")[1]["store"]["numbers"] == 1, 2, "it left at the other node")

    def test_what_a_smsbox_writes_again_at_another_node_is_not_sent_again(self):
        """It lost its link before it had the ack. Known in whatever way it wrote the recipient."""
        nodes = self.nodes_up()
        frames = [sms(sender=NUMBER, receiver=to, msgdata=f"message {i}", coding=0, sms_type=boxpeer.MT_PUSH,
                      id="7e57ab1e-0000-4000-8000-000000000002")
                  for i, to in enumerate((TO.format(1), "001202" + "5550002", "nonsense"))]

        def write_all(site, box):
            peer = BoxPeer.connect(site.byobox.smsbox_port, box)
            for frame in frames:
                peer.send(frame)
            acks = [a.nack for a in peer.wait_ack(frames[0].id, n=len(frames))]
            peer.close()
            return sorted(nack == boxpeer.ACK_FAILED for nack in acks)
        for site in nodes.sites + nodes.sites:
            self.assertEqual(write_all(site, "writer"), [False, False, True])
        self.assertEqual(write_all(nodes.sites[1], "another"), [False, False, True])  # a smsbox of another id is another one
        nodes.carrier.wait_submits(4)
        self.assertEqual(sorted(s.sm.content for s in nodes.carrier.submits),
                         sorted(2 * [f"message {i}".encode() for i in range(2)]))

    def test_a_stop_said_to_one_holds_at_all(self):
        nodes = self.nodes_up()
        one, two = nodes.sites
        self.assertEqual(two.send("+" + MOBILE, "before")[0], 202)
        nodes.carrier.wait_submits(1)
        first = next(link for link in nodes.carrier.bound())
        self.stop_by(nodes, first)
        wait_for(lambda: one.byobox.get("/v1/opt-outs")[1]["items"], 30, "the opt-out")
        # Within the moment in which memory has not been told a message may be taken (202), and is stopped at its hand-over.
        for site in (two, one):
            self.assertIn(site.send("+" + MOBILE, "after")[0], (202, 403))
            self.sends(site, "+" + MOBILE, 403, "after")
        wait_for(lambda: nodes.store.value("SELECT count(*) FROM segment WHERE state < 2") == 0, 20, "nothing to wait")
        self.assertEqual([s for s in nodes.carrier.submits if b"after" in s.sm.payload], [])

    def test_what_is_wanted_of_an_integration_holds_at_all(self):
        nodes = self.nodes_up()
        one, two = nodes.sites
        self.assertEqual(one.byobox.api("POST", "/v1/integrations/carrier-a/deactivate")[0], 202)
        for site in nodes.sites:
            wait_for(lambda site=site: nodes.state(site) == "inactive", 30, lambda site=site: f"inactive, is {nodes.state(site)}")
        self.assertEqual(two.send(TO.format(1), "waits", "w")[0], 202)
        self.assertEqual(nodes.carrier.submits, [])
        self.assertEqual(two.byobox.api("POST", "/v1/integrations/carrier-a/activate")[0], 202)
        for site in nodes.sites:
            wait_for(lambda site=site: nodes.state(site) == "active", 30, lambda site=site: f"active, is {nodes.state(site)}")
        self.wait_reported(two, ["w"])

    def at_nodes(self, site):
        return {n["node"]: n for n in site.byobox.get("/v1/integrations/carrier-a")[1]["nodes"]}

    def test_each_shows_what_an_integration_is_at_all(self):
        """State, binds and policy by node; a policy that differs is a problem at every node, until it does not."""
        nodes = self.nodes_up()
        one, two = nodes.sites
        for site in nodes.sites:
            wait_for(lambda site=site: [(n["state"], n["up"], n["binds"]["online"]) for n in self.at_nodes(site).values()] ==
                     [("active", True, 1)] * 2, 10, lambda site=site: f"both active, is {self.at_nodes(site)}")
            binds = site.byobox.get("/v1/integrations/carrier-a")[1]["binds"]
            self.assertEqual((binds["onlineAllNodes"], binds["wantedAllNodes"]), (2, 2))
            self.assertEqual(len({n["policy"] for n in self.at_nodes(site).values()}), 1)
        two.byobox.integrations[0]["messages-per-second"] = 7
        two.byobox.write()
        two.byobox.process.signal(signal.SIGHUP)
        for site in nodes.sites:
            wait_for(lambda site=site: "not the same at all nodes" in str(site.byobox.get("/v1/status")[1]["problems"]), 10, "the difference")
        self.assertEqual(len({n["policy"] for n in self.at_nodes(one).values()}), 2)
        self.assertIn("1/1 of 2/2", one.byobox.byoctl("status")[1])
        two.bearerbox.process.kill()
        wait_for(lambda: self.at_nodes(one)["n2"]["binds"] == {"known": False, "online": 0, "wanted": 1}, 20,
                 lambda: f"no binds known at n2, is {self.at_nodes(one)}")
        self.assertEqual(self.at_nodes(one)["n1"]["binds"]["online"], 1)

    def test_groups_byobox_and_byo_compliance_are_compared(self):
        """What they say of messages: a difference is a problem at every node that names who has what, until there is none."""
        nodes = self.nodes_up()
        one, two = nodes.sites

        def policies(site):
            return {n["node"]: n["policy"] for n in site.byobox.get("/v1/status")[1]["nodes"]}

        def problems(site):
            return [p["text"] for p in site.byobox.get("/v1/status")[1]["problems"] if "byo-compliance" in p["text"]]

        def load(**keys):
            two.byobox.keys.update(keys)
            two.byobox.write()
            two.byobox.process.signal(signal.SIGHUP)
        same = policies(one)["n1"]
        for site in nodes.sites:
            wait_for(lambda site=site: policies(site) == {"n1": same, "n2": same}, 10, lambda site=site: f"the same at both, is {policies(site)}")
            self.assertEqual(problems(site), [])
        load(**{"unlisted-senders": "refuse"})
        for site in nodes.sites:
            wait_for(lambda site=site: problems(site), 10, "the difference")
            other = policies(site)["n2"]
            self.assertNotEqual(other, same)
            for said in (f"{same} at n1", f"{other} at n2"):
                self.assertIn(said, problems(site)[0])
        load(**{"unlisted-senders": "pass", "log-level": 0, "retention": f"{30 * 24}h"})
        for site in nodes.sites:
            wait_for(lambda site=site: not problems(site), 10, lambda site=site: f"no difference, is {policies(site)}")

    def test_byobox_t_adds_up_the_binds_of_all(self):
        nodes = self.nodes_up(names=("n1", "n2", "n3"))
        one, two, three = nodes.sites
        wait_for(lambda: nodes.store.value("SELECT count(*) FROM integration_node") == 3, 10, "what each node wants")
        code, said = one.byobox.check()
        self.assertEqual((code, "the other nodes" in said), (0, False), said)
        one.byobox.integrations[0]["binds"] = 2
        code, said = one.byobox.check()
        self.assertEqual(code, 0, said)
        self.assertIn("binds = 2: with those of the other nodes (n2, n3) they are 4, and carriers allow 3 an integration", said)
        three.byobox.process.kill()  # nobody's place is taken by a test, and one that is gone wants none
        wait_for(lambda: nodes.store.value("SELECT count(*) FROM node JOIN pg_stat_activity ON pid = backend") == 2, 10, "its session's end")
        code, said = one.byobox.check()
        self.assertEqual((code, "the other nodes" in said), (0, False), said)
        self.assertEqual(nodes.store.value("SELECT count(*) FROM node"), 3)
        self.assertEqual(one.byobox.get("/health")[0], 200)

    def test_each_has_the_events_of_all_and_says_whose(self):
        nodes = self.nodes_up()
        one, two = nodes.sites
        one.byobox.number("+12025550143", "carrier-a")
        two.byobox.number("+12025550144", "carrier-a")
        for site in nodes.sites:
            wait_for(lambda site=site: {e["node"] for e in site.byobox.get("/v1/events?definition=number-changed&after=0")[1]["items"]} ==
                     {"n1", "n2"}, 10, "the events of both")
        self.assertIn("n2: ", one.byobox.byoctl("events", "--definition", "number-changed")[1])
        self.assertIn('"node":"n2"', self.said(two))

    def test_ids_and_references_are_a_slots_own(self):
        nodes = self.nodes_up()
        for i, site in enumerate(nodes.sites):
            for n in range(8):
                self.assertEqual(site.send(TO.format(10 * i + n), "long " * 60, f"r{i}{n}")[0], 202)
        submits = nodes.carrier.wait_submits(32)
        slots = {nodes.slot_of("n1"), nodes.slot_of("n2")}
        self.assertEqual({s.sm.concat[0] % 8 for s in submits}, slots)
        self.assertEqual({int(r) >> 8 & 7 for r, in nodes.store.rows("SELECT id FROM message")}, slots)


class Gone(NodesCase):
    """Any may die."""

    def queue_at(self, nodes, site, n):
        """Messages that wait in the queue of one node, which has no bind."""
        site.bearerbox.process.kill()
        for i in range(n):
            self.assertEqual(site.send(TO.format(500 + i), f"waits {i}")[0], 202)

    def sent_once(self, nodes, wanted, timeout=60):
        def sent():
            return sorted(int(s.sm.destination[-4:]) for s in nodes.carrier.submits)
        wait_for(lambda: set(sent()) >= set(wanted), timeout, lambda: f"{sorted(set(wanted) - set(sent()))} to be sent")
        twice = {n for n in sent() if sent().count(n) > 1}
        marked = {int(bytes(r)[-4:]) for r, in nodes.store.rows(
            "SELECT m.recipient FROM message m JOIN segment g ON g.id = m.id + 1 WHERE g.flags & 2 <> 0")}
        self.assertEqual(twice - marked, set(), "sent twice and not marked")

    def test_a_killed_nodes_queue_goes_out_by_the_other(self):
        nodes = self.nodes_up()
        one, two = nodes.sites
        self.queue_at(nodes, one, 30)
        self.assertEqual(nodes.store.value("SELECT count(*) FROM segment WHERE state = 0"), 30)
        one.byobox.process.kill()
        self.sent_once(nodes, range(500, 530))
        status = two.byobox.get("/v1/status")[1]
        self.assertEqual([(n["node"], n["self"], n["up"]) for n in status["nodes"]], [("n2", True, True), ("n1", False, False)])
        self.assertIn("node n1", str(status["problems"]))
        wait_for(lambda: nodes.store.value("SELECT count(*) FROM segment WHERE state < 3") == 0, 30, "all to end")
        for site in (two,):
            self.assertEqual(site.byobox.get("/v1/status")[1]["integrations"][0]["queue"]["queued"], 0)

    def test_a_queue_without_binds_goes_to_a_node_that_has_some(self):
        """Its byobox lives, its bearerbox is gone: for ten seconds the order is kept, then the messages count for more."""
        nodes = self.nodes_up()
        one, two = nodes.sites
        self.queue_at(nodes, one, 30)
        self.sent_once(nodes, range(500, 530))
        self.assertTrue(one.byobox.process.alive)
        for n in range(3):  # also what comes later
            self.assertEqual(one.send(TO.format(700 + n), "later")[0], 202)
        self.sent_once(nodes, range(700, 703))
        wait_for(lambda: one.byobox.get("/v1/status")[1]["integrations"][0]["queue"]["queued"] == 0, 10, "0 queued")

    def test_a_queue_without_a_group_goes_to_a_node_that_has_one(self):
        """One configuration lost the integration, the other has it: what waits leaves there."""
        nodes = self.nodes_up()
        one = nodes.sites[0].byobox
        self.queue_at(nodes, nodes.sites[0], 30)
        groups = one.conf.read_text().split("\n\n")
        one.conf.write_text("\n\n".join(g for g in groups if "group = byo-smpp" not in g))
        self.assertLess(one.conf.read_text().count("group ="), len(groups))
        loaded = one.log.read_text().count("configuration-loaded")
        one.process.signal(signal.SIGHUP)
        wait_for(lambda: one.log.read_text().count("configuration-loaded") > loaded, 20, "the reload")
        self.assertNotEqual(nodes.state(nodes.sites[0]), "active")
        self.sent_once(nodes, range(500, 530))
        self.assertTrue(one.process.alive)

    def test_it_comes_back_and_both_go_on(self):
        nodes = self.nodes_up()
        one, two = nodes.sites
        slot = nodes.slot_of("n1")
        one.byobox.process.kill()
        self.assertEqual(two.send(TO.format(1), "x", "two")[0], 202)
        wait_for(lambda: nodes.store.value("SELECT backend FROM node WHERE node = 'n1'") == 0, 30, "n1 to be taken over")
        one.byobox.start()
        self.assertEqual(nodes.slot_of("n1"), slot)
        one.smsbox.stop()
        one.smsbox.start()
        self.sends(one, TO.format(2), 202)
        self.sent_once(nodes, [1, 2])

    def test_a_stopped_node_commits_nothing_when_it_goes_on(self):
        nodes = self.nodes_up()
        one, two = nodes.sites
        one.byobox.process.signal(signal.SIGSTOP)
        wait_for(lambda: nodes.store.value("SELECT backend FROM node WHERE node = 'n1'") == 0, 30, "n1 to be taken over")
        one.byobox.process.signal(signal.SIGCONT)
        self.assertEqual(one.byobox.process.wait(30), 1)
        self.assertIn("another byobox was active", self.said(one))
        self.assertEqual(two.send(TO.format(3), "x")[0], 202)
        self.sent_once(nodes, [3])

    def test_a_second_process_of_a_name_is_refused(self):
        nodes = self.nodes_up(names=("n1",))
        (site,) = nodes.sites
        twin = Nodes(self.work / "twin", self.server.port, ("n1",))
        twin.store = twin.sites[0].byobox.store = nodes.store
        twin.sites[0].byobox.use(nodes.store)
        self.addCleanup(twin.stop)
        twin.sites[0].bearerbox.write()
        twin.sites[0].byobox.start(ready=False)
        self.assertNotEqual(twin.sites[0].byobox.process.wait(60), 0)
        self.assertIn("node-id = n1", self.said(twin.sites[0]))
        self.assertEqual(site.send(TO.format(4), "x")[0], 202)

    def test_a_restart_of_the_database_makes_no_duplicates(self):
        nodes = self.nodes_up()
        for n in range(20):
            self.assertEqual(nodes.sites[n % 2].send(TO.format(600 + n), "x")[0], 202)
        nodes.carrier.wait_submits(20)
        self.server.kill()
        self.server.start()
        for site in nodes.sites:
            site.byobox.wait_healthy(60)
        for n in range(20, 40):
            self.sends(nodes.sites[n % 2], TO.format(600 + n), 202)
        self.sent_once(nodes, range(600, 640))
        sent = [s.sm.destination for s in nodes.carrier.submits]
        self.assertEqual(len(sent), len(set(sent)))
        self.assertEqual(nodes.store.value("SELECT count(*) FROM node WHERE backend <> 0"), 2)


class Drain(NodesCase):
    """A node is taken out while the others go on."""

    def left(self, site):
        return site.byobox.get("/v1/drain")[1]

    def test_what_is_waited_for_is_the_nodes_own(self):
        nodes = self.nodes_up()
        one, two = nodes.sites
        nodes.carrier.script = lambda s: NO_RECEIPT
        self.assertEqual(one.send(TO.format(1), "x")[0], 202)
        nodes.carrier.wait_submits(1)
        wait_for(lambda: self.left(one)["left"]["waitingForReceipts"] == 1, 20, "its receipt to be waited for")
        for site, name in zip(nodes.sites, ("n1", "n2")):
            wait_for(lambda: self.left(site)["node"] == name, 20, "each to know that it is not alone")
        self.assertTrue(self.left(one)["empty"])  # receipts come to any node
        self.assertEqual(self.left(two)["left"], {"queued": 0, "handed": 0, "waitingForReceipts": 0, "inward": 0})
        nodes.carrier.script = lambda s: Answer(drop=True)
        self.assertEqual(two.send(TO.format(2), "x")[0], 202)
        wait_for(lambda: self.left(two)["left"]["handed"] == 1, 20, lambda: f"one at bearerbox, is {self.left(two)}")
        self.assertFalse(self.left(two)["empty"])
        self.assertTrue(self.left(one)["empty"])
        code, out, err = one.byobox.byoctl("drain", "--wait")
        self.assertEqual((code, "Nothing is left but 1 segments waiting for receipts" in out), (0, True), out + err)
        self.assertEqual(one.send(TO.format(3), "x")[0], 503)
        two.byobox.process.kill()
        wait_for(lambda: self.left(one)["node"] is None, 30, "the other to be gone")
        self.assertFalse(self.left(one)["empty"])  # who is alone waits for all of it


class Rate(NodesCase):
    """Counted at the carrier, which is told of only while the machine itself did not stall (byo/witness.py)."""
    alone = True
    limit = 180

    def judge(self, witness, times, rate, begin, seconds):
        """No second has more than the rate and two for each node; from begin on so many seconds, or as long as some of a second's
        worth are still to come, have nine tenths of it. begin: all was taken before."""
        for t in times:
            if not witness.stalled(t - 1, t + 1):
                self.assertLessEqual(sum(t <= u < t + 1 for u in times), rate + 2 * 2)
        seconds = min(seconds, times[-1] - 1 - begin)
        if seconds < 2:
            return  # the machine was so slow that what was to be sent was on its way before all was taken
        mean = sum(begin <= t <= begin + seconds for t in times) / seconds
        self.assertGreaterEqual(mean, rate * (0.8 if witness.stalled(begin, begin + seconds) else 0.9) - 0.5)

    def send_all(self, nodes, first, n, at):
        """At which node each is said: at(number). When all was taken."""
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda i: nodes.sites[at(i)].send(TO.format(first + i), "x")[0], range(n)))
        self.assertEqual(set(answers), {202})
        return time.monotonic()

    def test_the_rate_holds_over_all(self):
        nodes = self.nodes_up(messages_per_second=20)
        with Witness() as witness:
            with ThreadPoolExecutor(2) as pool:
                taken = max(pool.map(lambda i: self.send_all(nodes, 1000 + 1000 * i, 150, lambda _: i), range(2)))
            times = [s.time for s in nodes.carrier.wait_submits(300, timeout=60)]
        # From when both have their shares to the last second of work.
        self.judge(witness, times, 20, max(taken, times[0] + 4), 8)

    def test_one_with_all_the_work_has_the_rate(self):
        nodes = self.nodes_up(messages_per_second=20)
        with Witness() as witness:
            taken = self.send_all(nodes, 3000, 240, lambda _: 0)
            times = [s.time for s in nodes.carrier.wait_submits(240, timeout=60)]
        self.judge(witness, times, 20, max(taken, times[0] + 4), 6)

    def test_after_a_death_the_other_has_the_rate(self):
        nodes = self.nodes_up(messages_per_second=20)
        with Witness() as witness:
            self.send_all(nodes, 1000, 480, lambda i: i % 4 == 0)
            sent = nodes.carrier.wait_submits(60, timeout=60)
            nodes.sites[1].byobox.process.kill()
            died = time.monotonic()
            self.assertGreater(len(nodes.carrier.wait_submits(len(sent) + 300, timeout=60)), 0)
            times = [s.time for s in list(nodes.carrier.submits)]
        self.judge(witness, times, 20, died + 8, 6)

    def test_little_at_one_and_much_at_the_other_has_the_rate(self):
        nodes = self.nodes_up(messages_per_second=50)
        over = threading.Event()

        def little():
            n = 0
            while not over.wait(0.2):
                self.assertEqual(nodes.sites[1].send(TO.format(7000 + n), "x")[0], 202)
                n += 1
        with Witness() as witness, ThreadPoolExecutor(1) as pool:
            beside = pool.submit(little)
            try:
                taken = self.send_all(nodes, 1000, 900, lambda _: 0)
                times = [s.time for s in nodes.carrier.wait_submits(900, timeout=90)]
            finally:
                over.set()
            beside.result()
        self.judge(witness, times, 50, max(taken, times[0] + 6), 8)


class Inward(NodesCase):
    def claimed(self, ref):
        """(nodes, one, two, box): box is the first node's smsbox, which was given a report and is stopped: it acks no more."""
        nodes = self.nodes_up(smsboxes=(({"box_id": "app"},), ({"box_id": "other"},)))
        one, two = nodes.sites
        nodes.carrier.script = lambda s: NO_RECEIPT
        self.assertEqual(one.send(TO.format(1), "x", ref)[0], 202)
        submit = nodes.carrier.wait_submits(1)[0]
        one.application.wait_types(ref, [8])
        wait_for(lambda: nodes.store.value("SELECT count(*) FROM inward") == 0, 10, "its ack")
        one.smsbox.process.signal(signal.SIGSTOP)
        nodes.carrier.receipt(submit)
        wait_for(lambda: nodes.store.value("SELECT count(*) FROM inward WHERE slot IS NOT NULL") == 1, 20, "a claim")
        return nodes, one, two, one.smsbox

    def test_a_report_goes_where_its_smsbox_is(self):
        """The smsbox of that id moves to the other node."""
        nodes = self.nodes_up(smsboxes=(({"box_id": "app"},), ({"box_id": "other"},)))
        one, two = nodes.sites
        nodes.carrier.script = lambda s: NO_RECEIPT
        self.assertEqual(one.send(TO.format(1), "x", "moved")[0], 202)
        submit = nodes.carrier.wait_submits(1)[0]
        one.application.wait_types("moved", [8])
        box = one.smsbox
        box.stop()
        box.group["bearerbox-port"] = two.byobox.smsbox_port
        box.start()
        nodes.carrier.receipt(submit)
        wait_for(lambda: 1 in [r.type for r in one.application.reports("moved")], 20,
                 lambda: f"the report, has {one.application.reports('moved')}", [two.byobox.process])
        wait_for(lambda: nodes.store.value("SELECT count(*) FROM inward") == 0, 10, "nothing to wait")

    def test_what_a_smsbox_had_not_acked_goes_with_it(self):
        """It was given by one node and moves to the other; both live."""
        nodes, one, two, box = self.claimed("unacked")
        box.process.kill()
        box.group["bearerbox-port"] = two.byobox.smsbox_port
        box.start()
        wait_for(lambda: 1 in [r.type for r in one.application.reports("unacked")], 20, "the report", [two.byobox.process])
        wait_for(lambda: nodes.store.value("SELECT count(*) FROM inward") == 0, 10, "nothing to wait")

    def test_what_a_dead_node_had_claimed_is_given_again(self):
        nodes, one, two, box = self.claimed("again")
        one.byobox.process.kill()
        box.process.signal(signal.SIGCONT)
        box.stop()
        box.group["bearerbox-port"] = two.byobox.smsbox_port
        box.start()
        wait_for(lambda: 1 in [r.type for r in one.application.reports("again")], 30, "the report", [two.byobox.process])


class Patched(NodesCase):
    """Receipts may come in at any node (receipts-to-box)."""
    kannel = ("patched",)

    def one_submit(self, answer):
        nodes = self.nodes_up()
        one, two = nodes.sites
        nodes.carrier.script = lambda s: answer
        self.assertEqual(one.send(TO.format(1), "x", "there")[0], 202)
        submit = nodes.carrier.wait_submits(1)[0]
        other = next(link for link in nodes.carrier.bound() if link is not submit.link)
        return nodes, submit, other

    def test_a_receipt_behind_its_answer(self):
        """It is left to the node that has the segment."""
        nodes, submit, other = self.one_submit(NO_RECEIPT)
        one, two = nodes.sites
        one.application.wait_types("there", [8])
        nodes.carrier.receipt(submit, Receipt(on=other.number))
        self.wait_reported(one, ["there"])
        self.assertEqual(nodes.store.value("SELECT slot FROM segment"), nodes.slot_of("n1"))
        self.assertEqual(nodes.store.value("SELECT count(*) FROM early_receipt"), 0)

    def test_a_receipt_left_to_a_node_that_dies(self):
        nodes, submit, other = self.one_submit(NO_RECEIPT)
        one, two = nodes.sites
        one.application.wait_types("there", [8])
        one.byobox.process.signal(signal.SIGSTOP)
        nodes.carrier.receipt(submit, Receipt(on=other.number))
        wait_for(lambda: nodes.store.value("SELECT count(*) FROM early_receipt") > 0, 20, "the receipt to be left")
        one.byobox.process.kill()
        wait_for(lambda: nodes.store.value("SELECT state FROM segment") == 3, 60, "it to be taken in", [two.byobox.process])
        self.assertEqual(nodes.store.value("SELECT slot FROM segment"), nodes.slot_of("n2"))
        self.assertEqual(nodes.store.value("SELECT count(*) FROM early_receipt"), 0)

    def test_a_receipt_before_its_answer(self):
        """It waits at the node it came in at; the one that has the answer takes it in."""
        nodes, submit, other = self.one_submit(Answer(delay=3, message_id="00ab12cd", receipts=()))
        one, two = nodes.sites
        submit.message_id = "00ab12cd"
        nodes.carrier.receipt(submit, Receipt(on=other.number))
        wait_for(lambda: nodes.store.value("SELECT count(*) FROM early_receipt") > 0, 20, "the receipt to wait")
        self.wait_reported(one, ["there"])
        wait_for(lambda: nodes.store.value("SELECT count(*) FROM early_receipt") == 0, 10, "nothing to wait any more")

    def unseen(self, answer, receipt):
        nodes, submit, other = self.one_submit(Answer(delay=1, message_id=answer, receipts=()))
        submit.message_id = receipt
        with nodes.store.early_held():
            nodes.carrier.receipt(submit, Receipt(on=other.number), wait=False)
            wait_for(lambda: nodes.store.value("SELECT count(*) FROM segment WHERE state = 2") == 1, 20, "the answer")
        self.wait_reported(nodes.sites[0], ["there"])

    def test_answer_and_receipt_that_do_not_see_each_other(self):
        """Both look before either is committed: the receipt's turn is held until the answer's is over."""
        self.unseen("00ab12ce", "00ab12ce")

    def test_answer_and_receipt_in_another_form_that_do_not_see_each_other(self):
        self.unseen("00ab12cf", str(0x00ab12cf))
