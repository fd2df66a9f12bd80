# SPDX-License-Identifier: BSD-3-Clause
"""The part `nodes` of the bench: byobox on PostgreSQL beside byobox on SQLite, and two nodes beside one.

    SQLite        load -> byobox -> patched bearerbox -> sink
    PostgreSQL    the same, over loopback to a cluster of the bench's own, with fsync on
    two nodes     that twice, each with its load and its carrier, on one database
"""

import contextlib
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sites import ACCOUNT, MASK, Kind, Sink, Site, cpu_seconds, median, spread, wait_for

from byo import postgres
from byo.store import PgsqlStore, SqliteStore

BUFFERS = 131072  # of 8 kB: 1 GB
SETTINGS = ("shared_buffers=1GB", "max_wal_size=4GB")  # as docs/several-nodes.md advises
PROGRAMS = ("byobox", "PostgreSQL", "bearerbox")
BINDS = 3
WARM = 4000  # messages before each round: a node that was idle has a hundredth of the rate


class Cluster(postgres.Postgres):
    def start(self):
        """As one that has run for a while: it uses the files of its write-ahead log again, and all of its shared buffers were used
        once. To make the files anew is a tenth of what a message costs it, to be given the buffers' memory another; both are
        over soon in its life."""
        super().start()
        postgres.Database(self.port).run(
            "SELECT count(pg_logical_emit_message(false, 'bench', repeat('x', 1 << 20))) FROM generate_series(1, 1024); CHECKPOINT;"
            "CREATE UNLOGGED TABLE fill (x text); ALTER TABLE fill ALTER x SET STORAGE PLAIN;"
            f"INSERT INTO fill SELECT repeat('x', 8000) FROM generate_series(1, {BUFFERS}); DROP TABLE fill")
        return self

    def cpu_seconds(self):
        """Of all its processes, those that ended, too."""
        total = 0.0
        pid = self.process.pid
        for each in [pid, *Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]:
            with contextlib.suppress(OSError):  # it ended meanwhile
                total += cpu_seconds(int(each))
        return total + sum(int(ticks) for ticks in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[13:15]) / 100

    @contextlib.contextmanager
    def old_transaction(self, store):
        """Another session's, which sees the tables as they are now until this ends."""
        with subprocess.Popen(store.database.argv(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as psql:
            psql.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) >= 0 FROM segment;\n")
            psql.stdin.flush()
            if psql.stdout.readline() != "t\n":
                raise AssertionError("no transaction is held")
            try:
                yield
            finally:
                psql.stdin.close()


class Party:
    """The nodes of one store towards one carrier, which are loaded together. common: they have one account, so that receipts come
    by the binds of any; else each has its own."""

    def __init__(self, bench, kind, nodes=1, cluster=None, common=True):
        bench.number += 1
        self.work = bench.work / f"{bench.number}-party"
        self.work.mkdir()
        self.kind, self.cluster, self.limit = kind, cluster, bench.options.limit
        self.recipients = 436600000000
        self.store = PgsqlStore(cluster.port) if cluster else SqliteStore(self.work / "byobox.db")
        self.sink = Sink()
        self.sites = [Site(kind, self.work / f"n{n}", BINDS, {"node-id": f"n{n}"} if cluster else None, self.store, self.sink,
                           ACCOUNT if common else f"{ACCOUNT}{n}") for n in range(nodes)]
        for n, site in enumerate(self.sites):
            site.start(**({"number": None} if n else {}))
        wait_for(lambda: self.sink.stats()["binds"] >= 2 * BINDS * nodes, 60, f"all binds of {kind.name}")

    def stop(self):
        for site in self.sites:
            site.byobox.stop()
        for site in self.sites:
            site.bearerbox.process.stop(5)
        self.sink.stop()
        shutil.rmtree(self.work, ignore_errors=True)

    def all(self, what):
        """what(site, its number), for all of them at once."""
        with ThreadPoolExecutor(len(self.sites)) as pool:
            return list(pool.map(what, self.sites, range(len(self.sites))))

    def preload(self, outstanding, held, limit):
        """So many segments submitted and never answered, beside those held. False: it could not be done in time."""
        n = (outstanding - held) // len(self.sites)
        if not n:
            return True
        self.sink.tell("receipts off")
        found = self.all(lambda site, i: site.run_load(n, int(limit), box=f"bench{i}", mask=MASK, smsc="carrier-a", accepted=n,
                                                       recipients=str(436000000000 + held + i * n)))
        return all(r["accepted"] == n for r in found)

    def load(self, count):
        """To recipients that had no message before: nobody writes to thousands of phones each second again."""
        n, first = count // len(self.sites), self.recipients
        self.recipients += count
        self.sink.tell("forget", "receipts 0", "never 0")
        return self.all(lambda site, i: site.run_load(n, self.limit, box=f"bench{i}", mask=MASK, smsc="carrier-a", accepted=n,
                                                      receipts=n, idle=4, recipients=str(first + i * n)))

    def cpu_seconds(self):
        spent = {"byobox": 0, "bearerbox": 0, "PostgreSQL": self.cluster.cpu_seconds() if self.cluster else 0}
        for site in self.sites:
            for name, pid in site.processes():
                spent[name] += cpu_seconds(pid)
        return spent

    def round(self, count):
        """Messages a second, µs of CPU a message by program, what was lost: of all nodes together."""
        self.load(WARM)
        before = self.cpu_seconds()
        found = self.load(count)
        after = self.cpu_seconds()
        seconds, delivered = max(r["report_seconds"] for r in found), sum(r["delivered"] for r in found)
        return {"rate": delivered / seconds if seconds else 0, "lost": count - delivered,
                "cost": {name: (after[name] - before[name]) / count * 1e6 for name in after}}


class Rounds:
    """What several parties did, loaded in turn."""

    def __init__(self, parties, rounds, count):
        self.of = {p: [] for p in parties}
        for i in range(rounds):
            first = i % len(parties)
            for party in parties[first:] + parties[:first]:
                self.of[party].append(party.round(count))

    def rates(self, party):
        return [r["rate"] for r in self.of[party]]

    def lost(self, party):
        return sum(r["lost"] for r in self.of[party])

    def cost(self, party, name):
        return [r["cost"][name] for r in self.of[party]]


def us(cost):
    return f"{median(cost):.0f} ({spread(cost)})"


class NodesBench:
    def __init__(self, bench):
        self.bench, self.options = bench, bench.options

    def run(self, part):
        if not postgres.folder():
            self.bench.say("nodes: no PostgreSQL server is installed here")
            return
        cluster = Cluster(tempfile.mkdtemp(dir=self.bench.work), settings=SETTINGS).start()
        try:
            {"beside": self.beside, "flat": self.flat, "held": self.held}[part](cluster)
        finally:
            cluster.stop()

    def party(self, name, nodes=1, cluster=None, common=True, **of):
        return Party(self.bench, Kind(name, byobox=True, patched=True, window=1000, **of), nodes, cluster, common)

    # -- one node, two nodes --------------------------------------------------------------------------
    def beside(self, cluster):
        bench, o = self.bench, self.options
        bench.say(f"\n### Nodes ({o.messages:,} tracked messages, {o.rounds} rounds, three binds each, receipts at once)\n")
        bench.say("Goals: one node on PostgreSQL at least 0.5 of SQLite's rate, two nodes no less than one, none lost.\n")
        sqlite, one = self.party("SQLite"), self.party("PostgreSQL", cluster=cluster)
        beside = {one: sqlite,
                  self.party("two nodes, each its receipts", 2, cluster, common=False): one,
                  self.party("two nodes, receipts at any", 2, cluster): one}
        if o.against:
            there = Path(o.against).resolve()
            beside[self.party(f"PostgreSQL, {there.name}", cluster=cluster, build=there)] = one
        done = Rounds([sqlite, *beside], o.rounds, o.messages)
        bench.table(["installation", "messages/s", "ratio (of the best rounds)", "byobox µs CPU a message", "PostgreSQL",
                     "bearerbox", "lost"])
        for p in done.of:
            rates, other = done.rates(p), p in beside and done.rates(beside[p])
            bench.row(p.kind.name, f"{median(rates):,.0f} ({spread(rates)})",
                      f"{median(rates) / median(other):.2f} ({max(rates) / max(other):.2f}) of {beside[p].kind.name}" if other else "",
                      *(us(done.cost(p, program)) for program in PROGRAMS), done.lost(p))
            bench.keep("nodes", p.kind, rates=rates, lost=done.lost(p), cost={c: done.cost(p, c) for c in PROGRAMS})
            p.stop()

    # -- one beside another like it --------------------------------------------------------------------
    def pair(self, name, first, nodes, cluster):
        self.bench.table([first, "messages/s", "of the other", "byobox µs CPU a message", "of the other", "PostgreSQL",
                          "of the other", "lost"])
        return self.party(name, nodes, cluster), self.party(name, nodes, cluster)

    def pair_row(self, what, some, none):
        done = Rounds([some, none], self.options.rounds, self.options.messages)

        def ratio(of):
            return f"{median(of(some)) / median(of(none)):.2f}" if median(of(none)) else "-"
        self.bench.row(what, f"{median(done.rates(some)):,.0f} ({spread(done.rates(some))})", ratio(done.rates),
                       *(cell for program in ("byobox", "PostgreSQL")
                         for cell in (us(done.cost(some, program)), ratio(lambda p, c=program: done.cost(p, c)))),
                       done.lost(some) + done.lost(none))
        self.bench.keep("nodes pair", some.kind, what=what, rates=[done.rates(some), done.rates(none)],
                        cost=[{c: done.cost(p, c) for c in PROGRAMS} for p in (some, none)])

    def flat(self, cluster):
        o = self.options
        self.bench.say("\n### One node on PostgreSQL with more and more outstanding, beside one with nothing outstanding\n")
        some, none = parties = self.pair("PostgreSQL", "outstanding", 1, cluster)
        begun, held = time.monotonic(), 0
        for outstanding in o.flat:
            left = o.flat_minutes * 60 - (time.monotonic() - begun)
            if left < 60 or not some.preload(outstanding, held, left):
                self.bench.row(f"{outstanding:,}", "not within reach in the time given", *[""] * 6)
                break
            held = outstanding
            self.pair_row(f"{outstanding:,}", some, none)
        for party in parties:
            party.stop()

    def held(self, cluster):
        """What goes cannot be cleaned away behind the transaction: each line is so many messages later."""
        for name, nodes in (("one node", 1), ("two nodes", 2)):
            self.bench.say(f"\n### {name}, an old transaction held in another session, beside the same without\n")
            some, none = parties = self.pair(name, "held", nodes, cluster)
            self.pair_row("no", some, none)
            with cluster.old_transaction(some.store):
                for i in range(1, 4):
                    self.pair_row(f"for {i * self.options.rounds * (self.options.messages + WARM):,} messages", some, none)
            for party in parties:
                party.stop()
