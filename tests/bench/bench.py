#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""How fast byobox is, beside stock bearerbox: every figure that is compared comes from one run, the three
installations standing side by side and loaded in turn.

    stock alone        load -> bearerbox -> sink
    byobox, stock      load -> byobox -> bearerbox -> sink
    byobox, patched    load -> byobox -> patched bearerbox (all features) -> sink

bench.py [--quick] [--big] [--rounds N] [--messages N] [--only NAME,...] [--against BUILD] [--json FILE] [--markdown FILE]

--quick: a few minutes, small numbers. --big: also with 1,000,000 segments outstanding. --only: parts of
pass, tracked, latency, purge, core, store, start, goal. --against BUILD: the part goal compares this build's CPU a
tracked message with that of another one: a folder with byobox and, below .cache/kannel-patched, its bearerbox. Nothing
here is a test: it prints figures and the budgets beside them, and its exit code says only whether it could measure.

Environment: BYO_BUILD_DIR (byobox and the programs of tests/bench), BYO_KANNEL_PATCHED (prefix of the patched
Kannel; default .cache/kannel-patched; when there is none its lines are left out).
"""

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from byo import byobox as byo  # noqa: E402
from byo import conf  # noqa: E402
from byo.installation import NUMBER  # noqa: E402
from byo.kannel import IDLE_LINK, Bearerbox  # noqa: E402
from byo.process import Gone, cpu_seconds, wait_for  # noqa: E402

BUILD = Path(os.environ.get("BYO_BUILD_DIR") or byo.TOP)
PATCHED = os.environ.get("BYO_KANNEL_PATCHED")
if not PATCHED and (byo.TOP / ".cache/kannel-patched/sbin/bearerbox").exists():
    PATCHED = str(byo.TOP / ".cache/kannel-patched")  # where bootstrap.sh puts it
OTHER = "other"    # a link of the installation that is no integration
RATE = 100000      # messages-per-second, the most there is: pacing must not be what is measured
MASK = 31
STOCK_REACHES = 100000  # stock's list of what is unanswered is searched from its beginning: more is hopeless


def program(name):
    path = BUILD / "tests" / "bench" / name
    if not path.exists():
        raise SystemExit(f"{path} is not there: make bench builds it")
    return path


class Sink:
    def __init__(self):
        self.process = subprocess.Popen([program("sink")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]
        self.accounts = {"bench": "bench"}

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stats(self):
        return self.tell("stats")

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)


def memory_mb(pid):
    found = re.search(r"^VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)
    return int(found.group(1)) / 1024


@contextlib.contextmanager
def programs_of(kind):
    """Within it bearerbox and byobox are those of this kind of installation."""
    wanted = {"BYO_KANNEL_PREFIX": kind.patched and str(kind.kannel or PATCHED), "BYO_BUILD_DIR": str(kind.build)}
    before = {name: os.environ.pop(name, None) for name in wanted}
    os.environ.update({name: value for name, value in wanted.items() if value})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


class Site:
    """One installation. work: its folder."""

    def __init__(self, kind, work, binds, keys=None):
        self.kind, self.work = kind, Path(work)
        self.work.mkdir(parents=True)
        self.sink = Sink()
        with programs_of(kind):
            self.set_up(kind, binds, keys)

    def set_up(self, kind, binds, keys):
        core = {"log-level": 1, "smsbox-max-pending": kind.window, "tcp-nodelay": kind.patched or None}
        self.bearerbox = Bearerbox(self.work, core=core)
        link = {"smsc": "smpp", "host": "127.0.0.1", "port": self.sink.port, "transceiver-mode": True,
                "instances": binds, "smsc-username": "bench", "smsc-password": "bench", "system-type": "",
                "reconnect-delay": 1, "log-file": self.work / "link.log", "log-level": 1}
        other = conf.group("smsc", {**link, "smsc-username": OTHER, "smsc-id": OTHER, "allowed-smsc-id": OTHER})
        self.byobox = None
        if kind.byobox:
            self.bearerbox.groups = other
            integration = byo.integration(self.sink, binds=binds, messages_per_second=RATE, allow_custom_rate=True)
            more = {"log-level": 1, "bearerbox-features": "all" if kind.patched else None, **(keys or {})}
            self.byobox = byo.Byobox(self.work, self.bearerbox, [integration], more)
        else:
            ours = conf.group("smsc", {**link, "smsc-id": "carrier-a", "allowed-smsc-id": "carrier-a"})
            self.bearerbox.smsc_conf.write_text(IDLE_LINK + ours + other)
        self.binds = binds

    @property
    def port(self):
        return self.byobox.smsbox_port if self.byobox else self.bearerbox.smsbox_port

    def processes(self):
        yield "bearerbox", self.bearerbox.process.pid
        if self.byobox:
            yield "byobox", self.byobox.process.pid

    def start(self):
        self.bearerbox.write()
        if self.byobox:
            with programs_of(self.kind):
                self.byobox.render()
        self.bearerbox.start()
        if self.byobox:
            self.byobox.start()
            self.byobox.number(NUMBER)
        wait_for(lambda: self.sink.stats()["binds"] >= 2 * self.binds, 60, f"the binds of {self.kind.name}",
                 [self.bearerbox.process])
        wait_for(lambda: self.bearerbox.online("carrier-a") >= 1, 30, "links online", [self.bearerbox.process])
        if self.byobox:
            wait_for(lambda: len(self.bearerbox.boxes()) >= 2, 30, "byobox's links", [self.byobox.process])
        return self

    def load(self, count, limit, **options):
        """One run of load; what it says, what the sink says, and what the processes took."""
        self.sink.tell("forget")
        before = {name: cpu_seconds(pid) for name, pid in self.processes()}
        options = {"port": self.port, "count": count, "limit": limit, "box": "bench", **options}
        argv = [str(program("load"))] + [f"{k}={v}" for k, v in options.items() if v is not None]
        done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, timeout=limit + 60)
        if done.returncode != 0:
            raise Gone(f"load ended with {done.returncode}")
        result = json.loads(done.stdout)
        try:
            wait_for(lambda: self.sink.stats()["submits"] >= count, 20, "the submits")
        except AssertionError:
            pass
        result["sink"] = self.sink.stats()
        result["cpu"] = {name: round(cpu_seconds(pid) - before[name], 2) for name, pid in self.processes()}
        result["memory"] = {name: round(memory_mb(pid), 1) for name, pid in self.processes()}
        return result

    def not_found(self):
        """Receipts this bearerbox says it dropped."""
        return sum(log.read_bytes().count(b"got DLR but could not find message") for log in self.work.glob("*.log"))

    def stop(self):
        if self.byobox:
            self.byobox.stop()
        self.bearerbox.process.stop(5)
        self.sink.stop()
        shutil.rmtree(self.work, ignore_errors=True)


class Kind:
    """build, kannel: where its byobox and its patched bearerbox are from."""

    def __init__(self, name, byobox=False, patched=False, window=100, build=BUILD, kannel=None):
        self.name, self.byobox, self.patched, self.window = name, byobox, patched, window
        self.build, self.kannel = build, kannel


class Watch:
    """How many messages a store holds, each second: [(s, rows)]."""

    def __init__(self, path):
        self.path, self.seen, self.over = path, [], threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10)) as db:
            while not self.over.wait(1):
                self.seen.append((time.monotonic(), db.execute("SELECT count(*) FROM message").fetchone()[0]))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def rows(self, last=None):
        return [n for at, n in self.seen if last is None or at > self.seen[-1][0] - last]

    def fastest(self, added):
        """Messages a second that went, over the best five seconds, while so many a second were added."""
        return max([0.0] + [(a[1] - b[1]) / (b[0] - a[0]) + added for a, b in zip(self.seen, self.seen[5:])])


KINDS = [Kind("stock alone"), Kind("byobox, stock", byobox=True)]
if PATCHED:
    KINDS.append(Kind("byobox, patched", byobox=True, patched=True))


def median(values):
    values = sorted(values)
    return values[len(values) // 2] if values else 0.0


def spread(values):
    return f"{min(values):,.0f}-{max(values):,.0f}" if values else ""


class Bench:
    def __init__(self, options):
        self.options = options
        self.work = Path(tempfile.mkdtemp(prefix="byo-bench-", dir=options.dir))
        self.number = 0
        self.rows = []
        self.lines = []

    def say(self, text=""):
        print(text, flush=True)
        self.lines.append(text)

    def sites(self, binds, keys=None):
        self.number += 1
        sites = [Site(k, self.work / f"{self.number}-{i}", binds, keys) for i, k in enumerate(KINDS)]
        for site in sites:
            site.start()
        return sites

    def table(self, columns):
        self.say("| " + " | ".join(columns) + " |")
        self.say("|" + "---|" * len(columns))

    def row(self, *cells):
        self.say("| " + " | ".join(str(c) for c in cells) + " |")

    @staticmethod
    def cost(result):
        return " + ".join(f"{name} {seconds:.1f}" for name, seconds in result["cpu"].items())

    @staticmethod
    def memory(result):
        return " + ".join(f"{name} {mb:.0f}" for name, mb in result["memory"].items())

    def keep(self, part, kind, **values):
        self.rows.append({"part": part, "kind": kind.name, **values})

    # -- MT without reports, of no integration -------------------------------------------------
    def passing(self):
        count = self.options.messages * 2
        self.say(f"\n### MT without reports, passed through ({count:,} messages, {self.options.rounds} rounds)\n")
        self.say("Budget: byobox at least 0.9 of stock alone.\n")
        self.table(["binds", "installation", "accepted/s", "submitted/s", "of stock alone (accepted, submitted)",
                    "CPU seconds", "MB"])
        for binds in self.options.binds:
            sites = self.sites(binds)
            rates = {k: ([], []) for k in KINDS}
            last = {}
            for round_ in range(self.options.rounds):
                for site in sites[round_ % len(sites):] + sites[:round_ % len(sites)]:
                    r = site.load(count, 120, smsc=OTHER, sender="+4312345", mask=0)
                    if r["acks"][0] + r["acks"][3] != count or r["sink"]["submits"] != count:
                        self.say(f"{site.kind.name}: {r}")
                    rates[site.kind][0].append(count / r["ack_seconds"])
                    rates[site.kind][1].append(count / r["sink"]["seconds"])
                    last[site.kind] = r
            stock = [median(v) for v in rates[KINDS[0]]]
            for kind in KINDS:
                mine = [median(v) for v in rates[kind]]
                self.row(binds, kind.name, f"{mine[0]:,.0f} ({spread(rates[kind][0])})",
                         f"{mine[1]:,.0f} ({spread(rates[kind][1])})",
                         f"{mine[0] / stock[0]:.2f}, {mine[1] / stock[1]:.2f}", self.cost(last[kind]),
                         self.memory(last[kind]))
                self.keep("pass", kind, binds=binds, accepted=rates[kind][0], submitted=rates[kind][1])
            for site in sites:
                site.stop()

    # -- tracked MT ------------------------------------------------------------------------------
    def preload(self, site, outstanding):
        """That many segments submitted and never answered. False: it could not be done in time."""
        if outstanding > STOCK_REACHES and not site.kind.patched:
            return False
        site.sink.tell("receipts off")
        r = site.load(outstanding, max(60, outstanding // 500), mask=MASK, smsc="carrier-a", accepted=outstanding,
                      recipients="436000000000")
        return r["accepted"] == outstanding

    def tracked_round(self, site, count, delay, never):
        site.sink.tell(f"receipts {delay}")
        site.sink.tell(f"never {never}")
        expected = count - (count // never if never else 0)
        r = site.load(count, self.options.limit, mask=MASK, smsc="carrier-a", accepted=count, receipts=expected,
                      idle=4 + delay // 1000)
        r["expected"] = expected
        r["lost"] = expected - r["delivered"]
        r["rate"] = r["delivered"] / r["report_seconds"] if r["report_seconds"] else 0
        return r

    def tracked(self):
        count = self.options.messages
        modes = (("at once", 0, 0), ("after 1 s", 1000, 0), ("at once, every 10th never", 0, 10))
        self.say(f"\n### Tracked MT: persisted, dlr-mask {MASK} ({count:,} messages, {self.options.rounds} rounds)\n")
        self.say("Messages submitted and receipted a second, both reports at the application. Budgets: 6,000/s with the "
                 "patches, whatever the receipts and the number outstanding, none lost; on stock bearerbox at least 0.9 "
                 "of stock alone. A round ends when nothing comes any more, or after "
                 f"{self.options.limit} s; what has not come then is lost or late. Receipts at once leave the sink before their submit's "
                 "answer is read, on whichever bind's turn it is.\n")
        self.table(["binds", "outstanding", "receipts", "installation", "messages/s", "of stock alone",
                    "lost (dropped by bearerbox, by its log)", "late", "CPU seconds", "MB"])
        for binds in self.options.binds:
            for outstanding in self.options.outstanding:
                for mode in modes:
                    self.tracked_mode(binds, outstanding, *mode)

    def tracked_mode(self, binds, outstanding, name, delay, never):
        """Fresh installations each time: what stock lost or never got answered slows all that follows."""
        sites = self.sites(binds)
        ready = {s: not outstanding or self.preload(s, outstanding) for s in sites}
        rates, lost, late, last = {k: [] for k in KINDS}, dict.fromkeys(KINDS, 0), dict.fromkeys(KINDS, 0), {}
        dropped = {}
        for round_ in range(self.options.rounds):
            for site in sites[round_ % len(sites):] + sites[:round_ % len(sites)]:
                if not ready[site]:
                    continue
                r = self.tracked_round(site, self.options.messages, delay, never)
                rates[site.kind].append(r["rate"])
                gave_up = r["report_seconds"] > self.options.limit - 2
                (late if gave_up else lost)[site.kind] += r["lost"]
                last[site.kind] = r
                if gave_up:  # it is behind for good, and would go on taking the others' time
                    ready[site] = False
                    dropped[site.kind] = site.not_found()
                    site.stop()
        stock = median(rates[KINDS[0]])
        for site in sites:
            if site.kind not in dropped:
                dropped[site.kind] = site.not_found()
                site.stop()
        for kind in KINDS:
            if not rates[kind]:
                self.row(binds, f"{outstanding:,}", name, kind.name, "not within reach", "", "", "", "", "")
                continue
            mine = median(rates[kind])
            self.row(binds, f"{outstanding:,}", name, kind.name, f"{mine:,.0f} ({spread(rates[kind])})",
                     f"{mine / stock:.2f}" if stock else "-", f"{lost[kind]} ({dropped[kind]})", late[kind], self.cost(last[kind]),
                     self.memory(last[kind]))
            self.keep("tracked", kind, binds=binds, outstanding=outstanding, receipts=name, rates=rates[kind],
                      lost=lost[kind], late=late[kind], dropped=dropped[kind], each_second=last[kind]["each_second"], cpu=last[kind]["cpu"],
                      memory=last[kind]["memory"])

    # -- the goal ------------------------------------------------------------------------------------
    def goal(self):
        """CPU of a tracked message beside another build's; tracked messages a second beside stock at its best."""
        if not PATCHED:
            self.say("goal: there is no patched bearerbox (patches/build.sh)")
            return
        # smsbox-max-pending 1,000 for all: no window of a box must be what is measured
        mine = Kind("this build", byobox=True, patched=True, window=1000)
        self.say(f"\n### Goal ({self.options.messages:,} tracked messages, {self.options.rounds} rounds)\n")
        if self.options.against:
            there = Path(self.options.against).resolve()
            other = Kind(f"{there.name}", byobox=True, patched=True, window=1000, build=there,
                         kannel=there / ".cache/kannel-patched")
            cost = self.side_by_side((mine, other), 3, 0, lambda r: sum(r["cpu"].values()) / self.options.messages * 1e6)
            self.verdict("CPU of bearerbox and byobox, µs a tracked message, three binds, receipts at once", mine, other,
                         cost, "at most 0.4")
        else:
            self.say("CPU beside another build: --against BUILD was not given.\n")
        stock = Kind("stock alone", window=1000)
        rates = self.side_by_side((mine, stock), 1, 1000, lambda r: r["rate"])
        self.verdict("tracked messages a second, one bind, receipts after 1 s", mine, stock, rates, "at least 2.0")

    def side_by_side(self, kinds, binds, delay, figure):
        """{kind: [figure of each round]}; loaded in turn, in one run."""
        self.number += 1
        sites = [Site(k, self.work / f"{self.number}-{i}", binds).start() for i, k in enumerate(kinds)]
        found = {k: [] for k in kinds}
        for round_ in range(self.options.rounds):
            for site in sites[round_ % 2:] + sites[:round_ % 2]:
                r = self.tracked_round(site, self.options.messages, delay, 0)
                found[site.kind].append(figure(r))
                if r["lost"]:
                    self.say(f"{site.kind.name}: {r['lost']} receipts lost or late")
        for site in sites:
            site.stop()
        return found

    def verdict(self, what, mine, other, found, wanted):
        ratio = median(found[mine]) / median(found[other]) if median(found[other]) else 0
        self.say(f"{what}: {median(found[mine]):,.0f} ({spread(found[mine])}), {other.name} {median(found[other]):,.0f} "
                 f"({spread(found[other])}): **{ratio:.2f}**, goal {wanted}\n")
        self.rows.append({"part": "goal", "what": what, "mine": found[mine], "other": found[other]})

    # -- latency -----------------------------------------------------------------------------------
    def latency(self):
        rate = self.options.half
        seconds = 6
        self.say(f"\n### Latency at half load ({rate:,} tracked messages a second)\n")
        self.say("From the application's write to the submit_sm at the carrier, and to the ack. Budget: an added hop "
                 "under 2 ms (median).\n")
        self.say(f"Each message waits for one commit at least: {self.disk()}.\n")
        self.table(["installation", "to the carrier ms: median", "p95", "p99", "added (median)",
                    "ack ms: median", "p99"])
        sites = self.sites(3)
        best = {}
        for round_ in range(self.options.rounds):
            for site in sites[round_ % len(sites):] + sites[:round_ % len(sites)]:
                site.sink.tell("receipts 100")
                site.sink.tell("never 0")
                n = rate * seconds
                r = site.load(n, 60, mask=MASK, smsc="carrier-a", rate=rate, accepted=n, receipts=n, idle=4)
                found = r["sink"]["latency_us"]
                best.setdefault(site.kind, []).append((found["p50"], found["p95"], found["p99"],
                                                       r["ack_us"]["p50"], r["ack_us"]["p99"]))
        stock = median([b[0] for b in best[KINDS[0]]])
        for kind in KINDS:
            p50, p95, p99, a50, a99 = (median([b[i] for b in best[kind]]) / 1000 for i in range(5))
            self.row(kind.name, f"{p50:.2f}", f"{p95:.2f}", f"{p99:.2f}", f"{p50 - stock / 1000:.2f}", f"{a50:.2f}",
                     f"{a99:.2f}")
            self.keep("latency", kind, rate=rate, to_carrier=[p50, p95, p99], ack=[a50, a99])
        for site in sites:
            site.stop()

    def purge(self):
        rate, seconds = self.options.purge_rate, self.options.purge_seconds
        n = rate * seconds
        self.say(f"\n### Purging at {rate:,} tracked messages a second, for {seconds} s\n")
        self.say("The same load with messages kept for 30 days and for 10 s: what is too old goes each minute. Budget: the "
                 "store does not grow, and traffic does not wait.\n")
        self.table(["kept for", "to the carrier ms: median", "p99", "ack ms: median", "p99", "rows sent", "in the store at "
                    "most", "in its last minute at least", "purged a second", "lost"])
        for kept in ("30d", "10s"):
            self.number += 1
            site = Site(KINDS[-1], self.work / f"{self.number}-purge", 3, {"retention": kept}).start()
            site.sink.tell("receipts 100")
            site.sink.tell("never 0")
            with Watch(site.byobox.store.path) as watch:
                r = site.load(n, seconds * 3, mask=MASK, smsc="carrier-a", rate=rate, accepted=n, receipts=n, idle=10)
            found, ack = r["sink"]["latency_us"], r["ack_us"]
            lost = n - min(r["accepted"], r["delivered"])
            self.row(kept, *(f"{v / 1000:.2f}" for v in (found["p50"], found["p99"], ack["p50"], ack["p99"])), f"{n:,}",
                     f"{max(watch.rows()):,}", f"{min(watch.rows(60)):,}", f"{watch.fastest(rate):,.0f}", lost)
            self.keep("purge", site.kind, kept=kept, rate=rate, seen=watch.seen, lost=lost)
            site.stop()

    # -- the parts alone ---------------------------------------------------------------------------
    def part_alone(self, name, *argv):
        done = subprocess.run([program(name), *argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.say("```")
        for line in done.stdout.rstrip().splitlines():
            self.say(line)
        self.say("```")

    def core(self):
        self.say("\n### Policy core alone, one core\n")
        self.say("Budget: over 1,000,000 short messages a second.\n")
        self.part_alone("bench_core")

    def store(self):
        self.say("\n### The store's part of one tracked message\n")
        folder = self.work / "store"
        folder.mkdir()
        self.part_alone("bench_store", folder, *(["0", "100000"] + (["1000000"] if self.options.big else [])))

    def started(self, segments):
        """(ms until byobox is up, MB, MB after a while) with that many segments waiting in the store."""
        self.number += 1
        work = self.work / f"{self.number}-start"
        work.mkdir()
        sink = Sink()
        bearerbox = Bearerbox(work)
        integration = byo.integration(sink, messages_per_second=20)
        box = byo.Byobox(work, bearerbox, [integration], {"log-level": 1})
        bearerbox.write()
        if segments:
            subprocess.run([program("bench_fill"), box.keys["store-path"], "carrier-a", str(segments)], check=True)
        box.write()
        begun = time.monotonic()
        box.process.start()
        wait_for(lambda: box.log.exists() and b"is up" in box.log.read_bytes(), 60, "byobox to be up", [box.process],
                 poll=0.002)
        took = (time.monotonic() - begun) * 1000
        at_once = memory_mb(box.process.pid)
        time.sleep(3)
        later = memory_mb(box.process.pid)
        box.stop()
        sink.stop()
        shutil.rmtree(work, ignore_errors=True)
        return took, at_once, later

    def start(self):
        n = 1000000
        self.say(f"\n### Start with {n:,} segments waiting\n")
        empty = self.started(0)
        full = self.started(n)
        each = (max(full[1:]) - max(empty[1:])) * 1024 * 1024 / n
        self.say(f"Empty store: up after {empty[0]:,.0f} ms, {max(empty[1:]):.1f} MB.")
        self.say(f"{n:,} waiting: up after {full[0]:,.0f} ms (budget 3,000), {max(full[1:]):.1f} MB: {each:.0f} octets a "
                 f"waiting segment, page cache included (budget: under 300 beyond it).")
        self.rows.append({"part": "start", "empty": empty, "full": full})

    def disk(self):
        """What one group commit waits for: fdatasync of 64 KiB, ms."""
        path, took = self.work / "disk", []
        with open(path, "wb", buffering=0) as f:
            for _ in range(100):
                f.write(b"x" * 65536)
                begun = time.monotonic()
                os.fdatasync(f.fileno())
                took.append((time.monotonic() - begun) * 1000)
        path.unlink()
        return f"fdatasync of 64 KiB takes {median(took):.2f} ms (at most {max(took):.0f}); load average now {os.getloadavg()[0]:.1f}"

    def machine(self):
        model = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
        return (f"{time.strftime('%Y-%m-%d', time.gmtime())}, {os.cpu_count()} cores"
                f"{' of ' + model.group(1) if model else ''}, Linux {platform.release().split('-')[0]}; {self.disk()}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--big", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--messages", type=int)
    parser.add_argument("--binds", default="1,3")
    parser.add_argument("--outstanding")
    parser.add_argument("--half", type=int, default=3000, help="messages a second of the latency part")
    parser.add_argument("--purge-rate", type=int, default=2000, help="messages a second of the part purge")
    parser.add_argument("--purge-seconds", type=int, default=150)
    parser.add_argument("--limit", type=int, help="seconds one tracked round may take")
    parser.add_argument("--only", default="goal,pass,tracked,latency,purge,core,store,start")
    parser.add_argument("--against", metavar="BUILD", help="another build the part goal compares with")
    parser.add_argument("--kinds", help="which columns, by number: 0,1,2")
    parser.add_argument("--window", type=int, help="smsbox-max-pending")
    parser.add_argument("--dir", help="where stores and logs stand while it runs; the disk counts")
    parser.add_argument("--json")
    parser.add_argument("--markdown")
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 3)
    options.messages = options.messages or (10000 if options.quick else 20000)
    options.limit = options.limit or (15 if options.quick else 40)
    options.binds = [int(x) for x in options.binds.split(",")]
    sizes = options.outstanding or ("0,20000" if options.quick else "0,20000,100000") + (",1000000" if options.big else "")
    options.outstanding = [int(x) for x in sizes.split(",")]
    if options.kinds:
        if not all(k in map(str, range(len(KINDS))) for k in options.kinds.split(",")):
            parser.error(f"--kinds {options.kinds}: there are " + ", ".join(f"{i} ({k.name})" for i, k in enumerate(KINDS))
                         + ("" if PATCHED else "; BYO_KANNEL_PATCHED adds the patched one"))
        KINDS[:] = [KINDS[int(k)] for k in options.kinds.split(",")]
    for kind in KINDS:
        kind.window = options.window or kind.window
    bench = Bench(options)
    bench.say(bench.machine())
    parts = {"pass": bench.passing, "tracked": bench.tracked, "latency": bench.latency, "core": bench.core,
             "store": bench.store, "start": bench.start, "goal": bench.goal, "purge": bench.purge}
    try:
        for name in options.only.split(","):
            parts[name]()
    finally:
        if options.json:
            Path(options.json).write_text(json.dumps(bench.rows, indent=1) + "\n")
        if options.markdown:
            Path(options.markdown).write_text("\n".join(bench.lines) + "\n")
        shutil.rmtree(bench.work, ignore_errors=True)


if __name__ == "__main__":
    main()
