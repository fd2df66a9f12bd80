#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The fault matrix: matrix.py [--kills N] [--seed S] [--minutes M] [--memory] [--patched] [--work FOLDER]

Traffic both ways through two smsboxes, byobox, bearerbox and a carrier, each a process of its own, while
all of them are killed (-9), links are cut and stalled, byobox is told to stop and to load again, at
moments that follow from the seed. Then everything is left in peace until it is quiet, and sets are
compared: what was acked, what the store says became of it, what the carrier got, what the application
was told. Figures on stdout; exit code 0 when nothing was lost and every duplicate is accounted for.

--memory: bearerbox keeps its queue in memory only, so a MO it answered may die with it (counted).
--patched: the bearerbox and smsbox of BYO_KANNEL_PREFIX with all their features: smsbox may lose nothing either.
Environment as for run.py.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from byo.durable_carrier import read_journal  # noqa: E402
from byo.fault_run import FaultRun, command  # noqa: E402
from byo.installation import NUMBER, Installation  # noqa: E402
from byo.judge import Judge, Recorder  # noqa: E402
from byo.process import Process, free_port, wait_for  # noqa: E402
from byo.store import Unreadable  # noqa: E402
from byo.tap import Tap, connected, listeners  # noqa: E402

PROGRAMS = ("smsbox", "other", "byobox", "bearerbox", "carrier")
# What happens, and how often beside the others. The first five are kills.
ACTS = (("kill smsbox", 20), ("kill other", 8), ("kill byobox", 34), ("kill bearerbox", 16), ("kill carrier", 6),
        ("stop byobox", 3), ("reload byobox", 5), ("cut inner", 5), ("cut outer", 5), ("stall inner", 3),
        ("stall outer", 3), ("cut carrier", 4), ("cut a bind", 6), ("stall carrier", 2))


class CarrierProcess(Process):
    """The durable carrier; the carrier an Installation wants."""

    accounts = {"byo": "secret"}
    stdin = subprocess.PIPE

    def __init__(self, work):
        self.port = free_port()
        self.journal, self.messages = Path(work) / "carrier.journal", Path(work) / "carrier.messages"
        self.messages.touch()
        super().__init__("carrier", [sys.executable, "-m", "byo.durable_carrier", self.port, self.journal,
                                     self.messages], work, cwd=HERE)

    def order(self, **values):
        try:
            self.process.stdin.write(json.dumps(values).encode() + b"\n")
            self.process.stdin.flush()
        except (OSError, ValueError):
            pass  # it was killed just now

    def mo(self, id_, from_, text):
        with open(self.messages, "ab") as f:
            f.write(json.dumps({"id": id_, "from": from_, "to": NUMBER.lstrip("+"), "text": text}).encode() + b"\n")

    def stop(self):
        super().stop(5)


# -- the plan: everything that follows from the seed ------------------------------------------------------

class Plan:
    """Texts, recipients, MOs and faults with their times, in seconds from the start."""

    NEWS = b" news"  # in all that is said to recipients that stop, and in nothing byobox answers

    def __init__(self, seed, kills, mt_rate, mo_rate, gap):
        self.random = random.Random(seed)
        self.acts = self._acts(kills, gap)
        self.seconds = self.acts[-1][0] + 3
        self.mts, self.mos = [], []
        self._messages(mt_rate)
        self._incoming(mo_rate)
        self._opt_outs()
        self.mts.sort()
        self.mos.sort()

    def _acts(self, kills, gap):
        acts, at, n = [], 3.0, 0
        names, weights = zip(*ACTS)
        while n < kills:
            name = self.random.choices(names, weights)[0]
            n += name.startswith("kill")
            acts.append((at, name, round(self.random.uniform(0.05, 1.5), 2)))
            # Now and then two at the same moment.
            at += 0.02 if self.random.random() < 0.12 else self.random.expovariate(1 / gap)
        return acts

    def _text(self, n):
        kind = self.random.random()
        words = self.random.choice(("hello", "Grüße", "Привет", "ｱｲｳ", "emoji 😀", "{}[]€"))
        if kind < 0.7:
            return f"{n} {words}"
        return f"{n} " + f"{words} " * self.random.randint(20, 60)

    def _messages(self, rate):
        at, n = 0.5, 0
        while at < self.seconds:
            plan = self.random.randint(0, 99)
            box = "smsbox" if self.random.random() < 0.7 else "other"
            self.mts.append((at, f"m{n}", box, f"+43660{plan:02}{n:06}", self._text(n)))
            at += self.random.expovariate(rate)
            n += 1

    def _incoming(self, rate):
        at, n = 0.5, 0
        while at < self.seconds:
            self.mos.append((at, f"o{n}", f"43661{n:08}", f"incoming {n}"))
            at += self.random.expovariate(rate)
            n += 1

    def _opt_outs(self):
        """Recipients that stop, and some start again, while messages to them are sent all the time."""
        for k in range(max(4, int(self.seconds / 6))):
            recipient = f"4366200{k:06}"
            stop = self.random.uniform(1, self.seconds * 0.8)
            self.mos.append((stop, f"stop{k}", recipient, "STOP"))
            if k % 2:
                self.mos.append((stop + self.random.uniform(4, 12), f"start{k}", recipient, "START"))
            for i in range(8):
                at = min(max(0.5, stop + self.random.uniform(-4, 8)), self.seconds)
                self.mts.append((at, f"k{k}.{i}", "smsbox", "+" + recipient, f"k{k}.{i} news"))


# -- the run ----------------------------------------------------------------------------------------------

class Keeper(threading.Thread):
    """Starts a process again whenever it ended, as an init system does.

    serves: for a smsbox, (the port it listens on, the port it is connected to); one that does no more is ended. Stock
    smsbox that lost its bearerbox sleeps ten seconds before it begins anew, and where that was while it started it
    never ends: its port stays open and it waits for its own thread."""

    def __init__(self, process, serves=None):
        super().__init__(daemon=True)
        self.process, self.gap, self.running = process, 0.3, True
        self.serves, self.served, self.idle_since = serves, False, None
        self.ends = []       # times it ended, in whatever way
        self.codes = []      # and which
        self.lock = threading.Lock()

    def run(self):
        while self.running:
            if self.process.alive:
                time.sleep(0.05 if self.serves is None else 0.2)
                self._end_idle()
                continue
            self.served, self.idle_since = False, None
            self.codes.append(self.process.wait())
            self.ends.append(time.time())
            time.sleep(self.gap)
            self.gap = 0.3
            with self.lock:
                if self.running:
                    self.process.start()

    def _end_idle(self):
        if self.serves is None or not self.process.alive:
            return
        own, other = self.serves
        now = time.monotonic()
        if own in listeners() and connected(self.process.pid, other):
            self.served, self.idle_since = True, None
        elif self.idle_since is None:
            self.idle_since = now
        elif now - self.idle_since > (1.5 if self.served else 10):  # one that starts has time on a slow machine
            self.process.signal(signal.SIGKILL)

    def end(self):
        with self.lock:
            self.running = False


class Matrix(FaultRun):
    def __init__(self, work, plan, memory=False, patched=False, out=None):
        super().__init__(work, plan, plan.mos, out)
        self.memory, self.patched = memory, patched
        self.recorder = Recorder()
        self.carrier = CarrierProcess(self.work)
        core = {} if memory else {"store-type": "file", "store-location": self.work / "bearerbox.store"}
        keys = {"log-level": 1}
        smsbox = {}
        if patched:
            keys["bearerbox-features"] = "all"
            smsbox = {"ack-after-delivery": True}  # nothing smsbox had may be lost then
        inner, outer = free_port(), free_port()
        self.site = Installation(
            self.work, carrier=self.carrier, core=core, keys=keys,
            smsboxes=({"name": "smsbox", "smsbox": smsbox},
                      {"name": "other", "box_id": "other", "services": "", "smsbox": smsbox}),
            messages_per_second=100, receipt_timeout="15s", retry_delay="1s", retry_max_delay="4s",
            retry_tries=30, wait_ack=3, enquire_link_interval=5,
            codes={"receipt:8": {"genericErrorCode": 2, "genericErrorCause": "OTHER_TEMPORARY_FAILURE"}})
        self.site.byobox.keys.update({"bearerbox-port": outer})
        for smsbox in self.site.smsboxes:
            smsbox.group["bearerbox-port"] = inner
        self.inner = Tap(inner, self.site.byobox.smsbox_port, self.recorder.inner)
        self.outer = Tap(outer, self.site.bearerbox.smsbox_port, self.recorder.outer)
        self.processes = {"smsbox": self.site.smsboxes[0].process, "other": self.site.smsboxes[1].process,
                          "byobox": self.site.byobox.process, "bearerbox": self.site.bearerbox.process,
                          "carrier": self.carrier}
        self.kill_times = defaultdict(list)

    # -- start and stop -----------------------------------------------------------------------
    def start(self):
        self.inner.start()
        self.outer.start()
        self.carrier.start()
        boxes, self.site.smsboxes = self.site.smsboxes, []
        self.site.start()
        self.site.smsboxes = boxes
        wait_for(lambda: self.inner.port in listeners(), 10, "the tap to follow byobox")
        for smsbox in boxes:
            smsbox.start()
        wait_for(lambda: self.site.bearerbox.online("carrier-a") == 3, 30, "three binds")
        serves = {name: (smsbox.port, self.inner.port) for name, smsbox in
                  zip(("smsbox", "other"), self.site.smsboxes)}
        self.keepers = {name: Keeper(p, serves.get(name)) for name, p in self.processes.items()}
        for keeper in self.keepers.values():
            keeper.start()

    def stop(self):
        for keeper in getattr(self, "keepers", {}).values():
            keeper.end()
        self.site.stop()
        self.inner.stop()
        self.outer.stop()

    # -- traffic and faults -------------------------------------------------------------------
    def _send(self, ref, box, to, text):
        self.send_by(self.site, self.site.smsboxes[0 if box == "smsbox" else 1], ref, to, text)

    def _mo(self, id_, sender, text):
        self.carrier.mo(id_, sender, text)

    def _act(self, name, value):
        verb, _, what = name.partition(" ")
        if verb == "kill":
            self.keepers[what].gap = value
            if self.processes[what].alive:
                self.kill_times[what].append(time.time())
                self.processes[what].signal(signal.SIGKILL)
        elif verb == "stop":
            self.processes[what].signal(signal.SIGTERM)
        elif verb == "reload":
            self.processes[what].signal(signal.SIGHUP)
        elif verb == "cut":
            if what == "inner":
                self.inner.cut()
            elif what == "outer":
                self.outer.cut()
            else:
                self.carrier.order(do="cut", links=1 if what == "a bind" else 0)
        elif verb == "stall":
            def stall(on):
                if what == "inner":
                    self.inner.stall(on)
                elif what == "outer":
                    self.outer.stall(on)
                else:
                    self.carrier.order(do="stall", on=on)
            stall(True)
            threading.Timer(value * 2, stall, (False,)).start()

    def _so_far(self):
        return f"{sum(v for k, v in self.done.items() if k.startswith('kill'))} kills"

    # -- quiet --------------------------------------------------------------------------------
    def _open_ends(self):
        try:
            segments = self.site.store.value("SELECT count(*) FROM segment WHERE state < 3")
            inward = self.site.store.value("SELECT count(*) FROM inward")
        except Unreadable as e:
            return f"the store cannot be read: {e}"
        answered = {r[1] for r in read_journal(self.carrier.journal) if r[0] == "o" and r[3] == 0}
        mos = sum(1 for m in self.plan.mos if m[1] not in answered)
        return f"{segments} segments, {inward} inward rows, {mos} MOs" if segments or inward or mos else ""

    def sanitizer_reports(self):
        return self.site.byobox.sanitizer_report()

    # -- the figures --------------------------------------------------------------------------
    def report(self):
        kills = {name: len(times) for name, times in sorted(self.kill_times.items())}
        self.figures = {"kills": sum(kills.values()), "kills of each": kills,
                        "other faults": {k: v for k, v in sorted(self.done.items()) if not k.startswith("kill")},
                        "seconds of traffic": round(self.traffic_seconds), **self.figures}
        return self.figures


def one_run(work, seed, kills, gap=1.8, mt_rate=12, mo_rate=4, memory=False, patched=False, settle=240, out=None):
    """(figures, problems)"""
    return Matrix(work, Plan(seed, kills, mt_rate, mo_rate, gap), memory, patched, out).whole(Judge, settle)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--minutes", type=float, help="spread the kills over so many minutes")
    parser.add_argument("--memory", action="store_true")
    share = sum(w for n, w in ACTS if n.startswith("kill")) / sum(w for _, w in ACTS)

    def whole(a, work, out):
        gap = a.minutes * 60 * share / a.kills / 0.88 if a.minutes else 1.8
        return one_run(work, a.seed, a.kills, gap, memory=a.memory, patched=a.patched, out=out)
    return command(parser, "matrix", whole)


if __name__ == "__main__":
    sys.exit(main())
