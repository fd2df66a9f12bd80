#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The fault matrix with nodes: matrix_nodes.py [--faults N] [--nodes N] [--seed S] [--gap SECONDS] [--work FOLDER] [--patched]

Two or three nodes, each with smsbox, byobox and bearerbox, one carrier, one PostgreSQL with a synchronous standby. Messages at
all nodes, STOPs by any bind, while processes are killed and stopped (for longer than a lease, too), the way of one node to the
database is cut, slowed and cut in the middle of a COMMIT, the database is killed, the standby promoted; all at moments that
follow from the seed. Then everything is left in peace until it is quiet, and sets are compared: what was acked, what the database
says became of it and when it was claimed, what the carrier got. Figures on stdout; exit code 0 when nothing was lost, every
duplicate is marked, nothing was claimed behind a STOP and the rate held.

--patched: the bearerbox and smsbox of BYO_KANNEL_PREFIX. Environment as for run.py.
"""

import argparse
import random
import signal
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from byo.fault_run import FaultRun, command  # noqa: E402
from byo.judge_nodes import CLAIMS, Judge  # noqa: E402
from byo.nodes import Nodes  # noqa: E402
from byo.pgtap import AFTER, BEFORE, PgTap  # noqa: E402
from byo.postgres import Postgres  # noqa: E402
from byo.store import Unreadable  # noqa: E402
from matrix import CarrierProcess, Keeper  # noqa: E402

# What happens, and how often beside the others.
ACTS = (("kill byobox", 24), ("stop byobox", 10), ("kill bearerbox", 14), ("stop bearerbox", 4), ("kill smsbox", 10),
        ("stop smsbox", 4), ("kill database", 5), ("end sessions", 5), ("cut database", 6), ("cut before COMMIT", 8),
        ("cut after COMMIT", 8), ("slow database", 4), ("silent database", 3), ("promote standby", 3))
RATE = 30
LEASE = 5


class Plan:
    """Everything that follows from the seed: messages and faults with their times, in seconds from the start."""

    def __init__(self, seed, faults, nodes, gap):
        self.random = random.Random(seed)
        self.acts, at = [], 3.0
        names, weights = zip(*ACTS)
        for _ in range(faults):
            name = self.random.choices(names, weights)[0]
            self.acts.append((at, name, self.random.randrange(nodes), self._length(name)))
            # Now and then two at the same moment.
            at += 0.02 if self.random.random() < 0.12 else self.random.expovariate(1 / gap)
        self.seconds = at + 2
        self.mts, self.stops = [], []
        self._messages(nodes)
        self._opt_outs(nodes)
        self.mts.sort()

    def _length(self, name):
        """How long a process is away or stands still: often for less than a lease, now and then until it was taken over."""
        if self.random.random() < (0.5 if name == "stop byobox" else 0.25 if name == "kill byobox" else 0):
            return round(self.random.uniform(LEASE + 2, LEASE + 5), 2)
        return round(self.random.uniform(0.05, 2.5), 2)

    def _messages(self, nodes):
        at, n = 0.5, 0
        while at < self.seconds:
            plan = self.random.choice((10, 10, 92))  # the last is answered after most of a second
            self.mts.append((at, f"m{n}", self.random.randrange(nodes), f"+43660{plan}{n:07}"))
            at += self.random.expovariate(RATE * 0.6)
            n += 1

    def _opt_outs(self, nodes):
        """Recipients that stop while messages to them are sent at all nodes."""
        for k in range(max(3, int(self.seconds / 6))):
            to = f"4366200{k:07}"
            stop = self.random.uniform(1, self.seconds * 0.8)
            self.stops.append((stop, f"stop{k}", to))
            self.mts += [(min(max(0.5, stop + self.random.uniform(-2, 6)), self.seconds), f"k{k}.{i}", i % nodes, "+" + to)
                         for i in range(6)]
        self.stops.sort()


class Database:
    """A primary and a standby that has all that is committed. One thing is done to them at a time, in one thread of its own:
    they end with the thread that started them."""

    def __init__(self, work):
        settings = ["track_commit_timestamp=on", "wal_retrieve_retry_interval=200ms"]
        self.primary, self.standby = (Postgres(work, durable=False, settings=settings, name=name)
                                      for name in ("postgres-a", "postgres-b"))
        self._hand, self._work = ThreadPoolExecutor(1), None
        self.promoted, self.failed = 0, []

    def start(self):
        self.primary.start()
        self._join(self.standby)

    def _join(self, standby):
        standby.copy_from(self.primary).start()
        self.primary.wait_synchronous()

    def do(self, what):
        """False: it is at something."""
        if self._work and not self._work.done():
            return False

        def act():
            try:
                what()
            except Exception as e:
                self.failed.append(repr(e))
        self._work = self._hand.submit(act)
        return True

    def wait(self, timeout=180):
        if self._work:
            self._work.result(timeout)

    def kill(self, away):
        self.primary.kill()
        time.sleep(away)
        self.primary.start()
        self.primary.wait_synchronous()

    def promote(self, told):
        self.primary.kill()
        self.primary, self.standby = self.standby, self.primary
        self.primary.run("SELECT pg_promote(true, 60)")
        self.promoted += 1
        told(self.primary.port)
        self._join(self.standby)

    def stop(self):
        self.standby.stop()
        self.primary.stop()
        self._hand.shutdown(wait=False)


class Matrix(FaultRun):
    def __init__(self, work, plan, nodes=2, patched=False, out=None):
        super().__init__(work, plan, plan.stops, out)
        self.patched, self.count, self.rate = patched, nodes, RATE
        self.database = Database(self.work)
        self.carrier = CarrierProcess(self.work)
        self.took = Counter()  # faults that fell on something that was up
        self.still = []      # (from, to): a bearerbox stood still, and what it held came at once then

    # -- start and stop -----------------------------------------------------------------------
    def start(self):
        self.database.start()
        self.carrier.start()
        ports = (self.database.primary.port, self.database.standby.port)
        self.taps = [{port: PgTap(port).start() for port in ports} for _ in range(self.count)]
        ways = [{"host": "127.0.0.1,127.0.0.1", "port": ",".join(str(t.port) for t in taps.values()), "sslmode": "disable"}
                for taps in self.taps]
        keys = {"log-level": 1, "bearerbox-features": "all" if self.patched else None}
        boxes = ({"smsbox": {"ack-after-delivery": True} if self.patched else {}},)
        self.nodes = Nodes(self.work, ports[0], [f"n{i + 1}" for i in range(self.count)], carrier=self.carrier, ways=ways,
                           keys=keys, smsboxes=[boxes] * self.count,
                           core={"store-type": "file", "store-location": "bearerbox.store"}, messages_per_second=RATE, retry_delay="1s",
                           retry_max_delay="4s", receipt_timeout="20s", wait_ack=5, enquire_link_interval=5)
        self.nodes.start()
        self.nodes.store.change(CLAIMS)
        self.keepers = {}
        for i, site in enumerate(self.nodes.sites):
            smsbox = site.smsbox
            self.keepers[("byobox", i)] = Keeper(site.byobox.process)
            self.keepers[("bearerbox", i)] = Keeper(site.bearerbox.process)
            self.keepers[("smsbox", i)] = Keeper(smsbox.process, (smsbox.port, site.byobox.smsbox_port))
        for keeper in self.keepers.values():
            keeper.start()

    def stop(self):
        for keeper in getattr(self, "keepers", {}).values():
            keeper.end()
        if hasattr(self, "nodes"):
            self.nodes.stop()
        for taps in getattr(self, "taps", ()):
            for tap in taps.values():
                tap.stop()
        self.carrier.stop()
        self.database.stop()

    # -- traffic and faults -------------------------------------------------------------------
    def _send(self, ref, node, to):
        self.send_by(self.nodes.sites[node], self.nodes.sites[node].smsbox, ref, to, f"{ref} news")

    def _mo(self, id_, sender):
        self.carrier.mo(id_, sender, "STOP")

    def _stand_still(self, what, node, seconds):
        process = self.keepers[(what, node)].process
        if not process.alive:
            return False
        pid, begun = process.pid, time.time()
        process.signal(signal.SIGSTOP)

        def go_on():
            if process.alive and process.pid == pid:
                process.signal(signal.SIGCONT)
            if what == "bearerbox":
                self.still.append((begun, time.time()))
        threading.Timer(seconds, go_on).start()
        return True

    def _kill(self, what, node, seconds):
        keeper = self.keepers[(what, node)]
        alive = keeper.process.alive
        keeper.gap = seconds
        keeper.process.signal(signal.SIGKILL)
        return alive

    def _failed_over(self, port):
        self.nodes.store.at(port)

    def _slow(self, node, seconds):
        for tap in self.taps[node].values():
            tap.slow = seconds

    def _act_database(self, name, node, seconds):
        tap = self.taps[node][self.database.primary.port]
        if name == "kill database":
            return self.database.do(lambda: self.database.kill(seconds))
        if name == "promote standby":
            return self.database.do(lambda: self.database.promote(self._failed_over))
        if name == "end sessions":
            self.database.primary.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'byobox'",
                                      check=False)
        elif name == "cut database":
            tap.cut()
        elif name == "cut before COMMIT":
            tap.arm(BEFORE)
        elif name == "cut after COMMIT":
            tap.arm(AFTER)
        elif name == "slow database":
            self._slow(node, 0.05 + seconds / 10)
            threading.Timer(4, self._slow, (node, 0)).start()
        elif name == "silent database":
            tap.stall()
            threading.Timer(seconds * 3, tap.stall, (False,)).start()
        return True

    def _act(self, name, node, seconds):
        verb, _, what = name.partition(" ")
        if (what, node) in self.keepers:
            took = (self._kill if verb == "kill" else self._stand_still)(what, node, seconds)
        else:
            took = self._act_database(name, node, seconds)
        self.took[name] += took

    def _so_far(self):
        return f"{sum(self.done.values())} faults"

    # -- quiet --------------------------------------------------------------------------------
    def _open_ends(self):
        try:
            segments = self.nodes.store.value("SELECT count(*) FROM segment WHERE state < 3")
            inward = self.nodes.store.value("SELECT count(*) FROM inward")
            stops = len(self.plan.stops) - self.nodes.store.value("SELECT count(*) FROM opt_out")
        except (Unreadable, IndexError) as e:
            return f"the store cannot be read: {e}"
        return f"{segments} segments, {inward} inward rows, {stops} STOPs" if segments or inward or stops else ""

    def settle(self, timeout):
        """A COMMIT that was to be cut is cut by now, or none is."""
        self.database.wait()
        for taps in self.taps:
            for tap in taps.values():
                tap.arm(None)
        super().settle(timeout)

    def sanitizer_reports(self):
        return self.nodes.sanitizer_reports()

    # -- the figures --------------------------------------------------------------------------
    def cuts(self):
        return sum(tap.cuts for taps in self.taps for tap in taps.values())

    def ends(self):
        """Of byoboxes: how they ended."""
        return Counter(code for (what, _), keeper in self.keepers.items() if what == "byobox" for code in keeper.codes)

    def report(self):
        self.figures = {"faults that fell on what was up": sum(self.took.values()),
                        "of each": dict(sorted(self.took.items())), "seconds of traffic": round(self.traffic_seconds),
                        "standbys promoted": self.database.promoted, "COMMITs cut": self.cuts(),
                        "byoboxes that started anew, having been taken over": self.ends()[1], **self.figures}
        bad = {code: n for code, n in self.ends().items() if code not in (1, -signal.SIGKILL)}
        if bad:
            self.problems.append(f"byoboxes ended with {bad}")
        if self.database.failed:
            self.problems.append(f"the database could not be handled: {self.database.failed}")
        return self.figures


def one_run(work, seed, faults, nodes=2, gap=3.2, patched=False, settle=300, out=None):
    """(figures, problems)"""
    return Matrix(work, Plan(seed, faults, nodes, gap), nodes, patched, out).whole(Judge, settle)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=int, default=500)
    parser.add_argument("--nodes", type=int, default=2, choices=(2, 3))
    parser.add_argument("--gap", type=float, default=3.2, help="seconds between two faults, on average")
    return command(parser, "matrix-nodes", lambda a, work, out: one_run(work, a.seed, a.faults, a.nodes, a.gap, a.patched, out=out))


if __name__ == "__main__":
    sys.exit(main())
