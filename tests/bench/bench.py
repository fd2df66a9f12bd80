#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""How fast byobox is, beside stock bearerbox: every figure that is compared comes from one run, the three
installations standing side by side and loaded in turn.

    stock alone        load -> bearerbox -> sink
    byobox, stock      load -> byobox -> bearerbox -> sink
    byobox, patched    load -> byobox -> patched bearerbox (all features) -> sink

bench.py [--quick] [--big] [--rounds N] [--messages N] [--only NAME,...] [--against BUILD] [--json FILE] [--markdown FILE]

--quick: a few minutes, small numbers. --big: also with 1,000,000 segments outstanding. --only: parts of
pass, tracked, latency, purge, core, store, start, goal, defaults, flat, nodes, nodes-flat, nodes-held. --against BUILD: the parts
goal and nodes compare this build's CPU a tracked message with that of another one: a folder with byobox and, for goal, below
.cache/kannel-patched its bearerbox. Nothing here is a test: it prints figures and the budgets beside them, and its exit code
says only whether it could measure.

Environment: BYO_BUILD_DIR (byobox and the programs of tests/bench), BYO_KANNEL_PATCHED (prefix of the patched
Kannel; default .cache/kannel-patched; when there is none its lines are left out).
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from nodes import NodesBench
from sites import MASK, OTHER, PATCHED, Bearerbox, Kind, Sink, Site, Watch, byo, median, memory_mb, program, spread, wait_for

STOCK_REACHES = 100000  # stock's list of what is unanswered is searched from its beginning: more is hopeless

KINDS = [Kind("stock alone"), Kind("byobox, stock", byobox=True)]
if PATCHED:
    KINDS.append(Kind("byobox, patched", byobox=True, patched=True))


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
    def preload(self, site, outstanding, held=0, limit=None):
        """That many segments submitted and never answered, beside those held. False: it could not be done in time."""
        if outstanding > STOCK_REACHES and not site.kind.patched:
            return False
        if outstanding == 0:
            return True
        site.sink.tell("receipts off")
        r = site.load(outstanding, int(limit or max(60, outstanding // 500)), mask=MASK, smsc="carrier-a",
                      accepted=outstanding, recipients=str(436000000000 + held))
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
        ready = {s: self.preload(s, outstanding) for s in sites}
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
            cost = self.side_by_side({mine: (3, 0), other: (3, 0)},
                                     lambda r: sum(r["cpu"].values()) / self.options.messages * 1e6)
            self.verdict("CPU of bearerbox and byobox, µs a tracked message, three binds, receipts at once", mine, other,
                         cost, "at most 0.4", min)
        else:
            self.say("CPU beside another build: --against BUILD was not given.\n")
        best = Kind("this build at its best", byobox=True, patched=True, window=1000)
        stock = Kind("stock alone", window=1000)
        rates = self.side_by_side({mine: (1, 1000), best: (3, 0), stock: (1, 1000)}, lambda r: r["rate"])
        self.verdict("tracked messages a second, one bind, receipts after 1 s", mine, stock, rates, "none of its own")
        self.verdict("tracked messages a second, three binds and receipts at once beside one bind and receipts after 1 s, each "
                     "at its best", best, stock, rates, "at least 2.0")

    def defaults(self):
        """Out of the box beside tuned."""
        if not PATCHED:
            self.say("defaults: there is no patched bearerbox (patches/build.sh)")
            return
        self.say(f"\n### Defaults ({self.options.messages:,} tracked messages, {self.options.rounds} rounds)\n")
        default = Kind("defaults", byobox=True, patched=True, defaults=True)
        tuned = Kind("tuned", byobox=True, patched=True, window=1000, submits=1000)
        rates = self.side_by_side({default: (3, 0), tuned: (3, 0)}, lambda r: r["rate"])
        self.verdict("tracked messages a second with defaults, three binds, receipts at once", default, tuned, rates,
                     "at least 0.8")

    def side_by_side(self, kinds, figure):
        """kinds: {kind: (binds, delay of the receipts)}. {kind: [figure of each round]}; loaded in turn, in one run."""
        self.number += 1
        sites = [Site(k, self.work / f"{self.number}-{i}", kinds[k][0]).start() for i, k in enumerate(kinds)]
        found = {k: [] for k in kinds}
        for round_ in range(self.options.rounds):
            first = round_ % len(sites)
            for site in sites[first:] + sites[:first]:
                r = self.tracked_round(site, self.options.messages, kinds[site.kind][1], 0)
                found[site.kind].append(figure(r))
                self.keep("side by side", site.kind, rate=r["rate"], cpu=r["cpu"], lost=r["lost"])
                if r["lost"]:
                    self.say(f"{site.kind.name}: {r['lost']} receipts lost or late")
        for site in sites:
            site.stop()
        return found

    def verdict(self, what, mine, other, found, wanted, best=max):
        """best: which round is the one least disturbed, max or min."""
        ratio, undisturbed = (of(found[mine]) / of(found[other]) if of(found[other]) else 0 for of in (median, best))
        self.say(f"{what}: {median(found[mine]):,.0f} ({spread(found[mine])}), {other.name} {median(found[other]):,.0f} "
                 f"({spread(found[other])}): **{ratio:.2f}** ({undisturbed:.2f} of the best round of each), goal {wanted}\n")
        self.rows.append({"part": "goal", "what": what, "mine": found[mine], "other": found[other]})

    # -- flat ----------------------------------------------------------------------------------------
    def flat(self):
        """Two patched installations, one with nothing outstanding and one with more and more, loaded in turn."""
        if not PATCHED:
            self.say("flat: there is no patched bearerbox (patches/build.sh)")
            return
        self.say(f"\n### Flat ({self.options.messages:,} tracked messages, {self.options.rounds} rounds, three binds, receipts at once)\n")
        self.table(["outstanding", "messages/s", "of none outstanding", "µs CPU a message", "of none outstanding", "lost"])
        self.number += 1
        none, some = (Site(Kind(name, byobox=True, patched=True, window=1000), self.work / f"{self.number}-{name}", 3).start()
                      for name in ("none", "some"))
        begun, held = time.monotonic(), 0
        for outstanding in self.options.flat:
            left = self.options.flat_minutes * 60 - (time.monotonic() - begun)
            if left < 60 or not self.preload(some, outstanding - held, held, left):
                self.row(f"{outstanding:,}", "not within reach in the time given", "", "", "", "")
                break
            held = outstanding
            rates, cost, lost = {none: [], some: []}, {none: [], some: []}, 0
            for round_ in range(self.options.rounds):
                for site in (none, some) if round_ % 2 else (some, none):
                    r = self.tracked_round(site, self.options.messages, 0, 0)
                    rates[site].append(r["rate"])
                    cost[site].append(sum(r["cpu"].values()) / self.options.messages * 1e6)
                    lost += r["lost"]
            rate, us = ({s: median(v) for s, v in of.items()} for of in (rates, cost))
            self.row(f"{outstanding:,}", f"{rate[some]:,.0f} ({spread(rates[some])})",
                     f"{rate[some] / rate[none]:.2f}" if rate[none] else "-",
                     f"{us[some]:.0f} ({spread(cost[some])})", f"{us[some] / us[none]:.2f}" if us[none] else "-", lost)
            self.keep("flat", some.kind, outstanding=outstanding, rates=[rates[some], rates[none]],
                      cost=[cost[some], cost[none]], lost=lost)
        for site in (none, some):
            site.stop()

    def nodes(self, part):
        """On PostgreSQL: see nodes.py."""
        def run():
            if not PATCHED:
                self.say("nodes: there is no patched bearerbox (patches/build.sh)")
            else:
                NodesBench(self).run(part)
        return run

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
    parser.add_argument("--only", default="goal,defaults,pass,tracked,latency,purge,core,store,start")
    parser.add_argument("--against", metavar="BUILD", help="another build the part goal compares with")
    parser.add_argument("--flat", default="0,1000,20000,100000,300000,1000000", help="how many outstanding in the part flat")
    parser.add_argument("--flat-minutes", type=float, default=20, help="what would be more outstanding is left out then")
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
    options.flat = [int(x) for x in options.flat.split(",")]
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
             "store": bench.store, "start": bench.start, "goal": bench.goal, "purge": bench.purge,
             "flat": bench.flat, "defaults": bench.defaults, "nodes": bench.nodes("beside"),
             "nodes-flat": bench.nodes("flat"), "nodes-held": bench.nodes("held")}
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
