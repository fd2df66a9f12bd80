# SPDX-License-Identifier: BSD-3-Clause
"""Two nodes, one carrier, traffic at both, and again and again something that goes: nothing acked is lost, every duplicate is
marked, nothing is sent behind a STOP, the rate is never exceeded. BYO_NODES_ROUNDS says how often; BYO_NODES_SEED repeats
one."""

import contextlib
import os
import random
import signal
import time

from byo import smpp
from byo.installation import NUMBER
from byo.process import Gone, wait_for
from test_nodes import NodesCase
from test_pgsql import Traffic

TO = "+1202{:07}"
STOPS = 9000000
RATE = 50


class Matrix(NodesCase):
    limit = 1800
    rounds = int(os.environ.get("BYO_NODES_ROUNDS", 6))

    def back(self, site):
        """The node works again, whatever became of its processes."""
        if not site.bearerbox.process.alive:
            site.bearerbox.start()
        for _ in range(3):
            if not site.byobox.process.alive:
                site.byobox.start(ready=False)
            with contextlib.suppress(AssertionError):
                site.byobox.wait_healthy(40)
                break
        site.byobox.wait_healthy(60)
        for last in (False, False, True):  # stock smsbox panics when a request comes before its bearerbox does
            site.smsbox.stop()
            try:
                return site.smsbox.start()
            except Gone:
                if last:
                    raise

    def kill_byobox(self, site):
        site.byobox.process.kill()
        time.sleep(self.random.choice((0, 7)))  # back before it is taken over, or behind

    def stop_byobox(self, site):
        site.byobox.process.signal(signal.SIGSTOP)
        time.sleep(self.random.choice((1, 12)))
        site.byobox.process.signal(signal.SIGCONT)
        time.sleep(1)

    def kill_bearerbox(self, site):
        site.bearerbox.process.kill()
        time.sleep(self.random.choice((0, 3)))

    def kill_both(self, site):
        site.byobox.process.kill()
        site.bearerbox.process.kill()
        time.sleep(self.random.choice((0, 7)))

    def kill_database(self, site):
        self.server.kill()
        time.sleep(self.random.choice((0, 2)))
        self.server.start()

    def end_sessions(self, site):
        self.server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'byobox'")

    FAULTS = (kill_byobox, stop_byobox, kill_bearerbox, kill_both, kill_database, end_sessions)

    def say_stop(self, nodes, n):
        """What is sent to this recipient behind the moment in which all know of it."""
        sender = TO.format(n)[1:]
        link = next((x for x in nodes.carrier.bound() if x.receives), None)
        if not link:
            return
        nodes.carrier.mo(smpp.Sm(source=sender, destination=NUMBER[1:], source_ton=1, dest_ton=1, short_message=b"STOP"),
                         link, wait=False)
        if not self.waited(lambda: nodes.store.value("SELECT count(*) FROM opt_out WHERE recipient = ?", sender.encode())):
            return
        behind = time.monotonic()
        for site in nodes.sites:
            with contextlib.suppress(OSError):
                site.send("+" + sender, "behind the STOP", timeout=20)
        self.stops.append((sender, behind))

    @staticmethod
    def waited(predicate):
        try:
            wait_for(predicate, 20, "it")
        except AssertionError:
            return False
        return True

    def test_nothing_is_lost_and_no_duplicate_unmarked(self):
        seed = int(os.environ.get("BYO_NODES_SEED", time.time_ns() % 1000000))
        print(f"BYO_NODES_SEED={seed}", flush=True)
        self.random, self.stops = random.Random(seed), []
        nodes = self.nodes_up(messages_per_second=RATE, retry_delay="1s", wait_ack="10")
        traffic = [Traffic(site, 2000000 + 3000000 * i, TO) for i, site in enumerate(nodes.sites)]
        log = []
        for round_ in range(self.rounds):
            site = self.random.choice(nodes.sites)
            fault = self.random.choice(self.FAULTS)
            log.append(f"{fault.__name__} {nodes.sites.index(site) + 1}")
            fault(self, site)
            for each in nodes.sites:
                self.back(each)
            for t in traffic:
                t.wait(202)
            self.say_stop(nodes, STOPS + round_)
        answers = {}
        for t in traffic:
            answers.update(t.stop())
        acked = [n for n, status in answers.items() if status == 202]
        wait_for(lambda: nodes.store.value("SELECT count(*) FROM segment WHERE state < 2") == 0, 300,
                 lambda: f"the queues to end: {nodes.store.rows('SELECT slot, state, count(*) FROM segment GROUP BY 1, 2')}")
        submits = list(nodes.carrier.submits)
        sent = [int(s.sm.destination[-7:]) for s in submits]
        marked = {int(bytes(r)[-7:]) for r, in nodes.store.rows(
            "SELECT m.recipient FROM message m JOIN segment g ON g.id = m.id + 1 WHERE g.flags & 2 <> 0")}
        count = {n: sent.count(n) for n in set(sent)}
        twice = {n for n, c in count.items() if c > 1 and n < STOPS}
        times = [s.time for s in submits]
        most = max(sum(t <= u < t + 1 for u in times) for t in times)
        print(f"{len(acked)} acked, {len(twice)} sent twice, {len(self.stops)} STOPs, most in a second {most}; {log}", flush=True)
        self.assertEqual(sorted(set(acked) - set(sent)), [], f"lost; {log}")
        self.assertEqual(twice - marked, set(), f"sent twice and not marked; {log}")
        for sender, behind in self.stops:
            self.assertEqual([s for s in submits if s.sm.destination == sender and b"behind" in s.sm.payload], [], log)
        self.assertLessEqual(most, RATE + 2 * 2 + 2, log)
