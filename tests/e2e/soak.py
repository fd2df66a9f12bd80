#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A soak: soak.py [--minutes N] [--rate R] [--valgrind] [--work FOLDER]

R messages a second out (half of what the integration may), a tenth of it in, receipts for all, a reload each
minute, the admin API looked at all the time; what is older than a minute is forgotten by the store. Prints
byobox's memory over time. Exit code 0: every message got its end, memory was flat, and byobox ended with 0
and without a word of a sanitizer or of valgrind. With a build that has sanitizers (BYO_BUILD_DIR) memory is not
judged: they keep what was freed.
Environment as for run.py.
"""

import argparse
import itertools
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from byo import smpp  # noqa: E402
from byo.carrier import Answer, Receipt  # noqa: E402
from byo.installation import NUMBER, Installation  # noqa: E402
from byo.process import wait_for  # noqa: E402

TEXTS = ("hello", "Grüße aus der Ferne", "Привет, мир", "long " * 60, "emoji 😀 " * 30)


def memory(pid):
    """(resident, peak, threads) in KiB."""
    values = {}
    with open(f"/proc/{pid}/status") as f:
        for line in f:
            name, _, value = line.partition(":")
            values[name] = value.split()[0] if value.split() else ""
    return int(values["VmRSS"]), int(values["VmHWM"]), int(values["Threads"])


class Soak:
    def __init__(self, work, rate, valgrind):
        self.rate = rate
        self.site = Installation(work, messages_per_second=min(2 * rate, 100), retry_delay="5s",
                                 keys={"retention": "60s", "event-retention": "60s", "log-level": 1})
        self.valgrind = Path(work) / "valgrind.txt" if valgrind else None
        if valgrind:
            process = self.site.byobox.process
            process.argv = ["valgrind", "--leak-check=full", "--errors-for-leak-kinds=definite", "--error-exitcode=98",
                            f"--log-file={self.valgrind}", *process.argv]
        self.stopped = threading.Event()
        self.sent = self.acked = self.got = self.mos = self.ended = 0
        self.problems, self.samples = [], []

    def start(self):
        site = self.site
        site.carrier.script = self.script
        site.start()
        site.wait_bound()
        self.pid = site.byobox.process.pid
        for target in (self.send, self.send, self.receive, self.look):
            threading.Thread(target=target, daemon=True).start()

    @staticmethod
    def script(submit):
        if submit.number % 50 == 7:
            return Answer(status=0x08, receipts=())
        if submit.number % 50 == 9:
            return Answer(receipts=(Receipt("UNDELIV", "001"),))
        return Answer(receipts=(Receipt(after=0.2),))

    def send(self):
        for i in itertools.count():
            if self.stopped.wait(2 / self.rate):
                return
            text = TEXTS[i % len(TEXTS)] if i % 4 == 0 else TEXTS[i % 3]
            try:
                status, _ = self.site.send(f"+4366{i % 5000:07}", text, f"r{i}")
            except OSError:
                status = 0
            self.sent += 1
            self.acked += status == 202

    def receive(self):
        words = itertools.cycle(("hello", "STOP", "START", "HELP", "hi"))
        for i in itertools.count():
            if self.stopped.wait(10 / self.rate):
                return
            try:
                self.site.carrier.mo(smpp.Sm(source=f"4367{i % 300:07}", destination=NUMBER[1:], source_ton=1,
                                             dest_ton=1, short_message=next(words).encode()), wait=False)
                self.mos += 1
            except AssertionError:
                pass  # no bind just now

    def look(self):
        paths = itertools.cycle(("/v1/status", "/metrics", "/v1/messages?limit=50", "/v1/events", "/v1/numbers",
                                 "/v1/integrations/carrier-a", "/health"))
        last = time.monotonic()
        while not self.stopped.wait(0.25):
            try:
                status, _ = self.site.byobox.get(next(paths))
            except OSError:
                continue
            if status not in (200, 503):
                self.problems.append(f"the API answered {status}")
            if time.monotonic() - last > 60:
                last = time.monotonic()
                self.site.byobox.process.signal(signal.SIGHUP)

    def forget(self):
        """What the harness recorded and nobody needs any more."""
        carrier, application = self.site.carrier, self.site.application
        with application.changed:
            self.ended += sum(1 for r in application.requests if r.path == "/dlr" and r.type in (1, 2, 16)
                              and r.segment == 0)
            self.got += sum(1 for r in application.requests if r.path == "/mo")
            application.requests.clear()
        with carrier.changed:
            carrier.submits = [carrier.submits[-1]] if carrier.submits else []
            carrier.deliveries = []

    def run(self, minutes, out):
        begun = time.monotonic()
        while time.monotonic() - begun < minutes * 60:
            time.sleep(10)
            if not self.site.byobox.process.alive:
                self.problems.append(f"byobox ended with {self.site.byobox.process.code}: "
                                     f"{self.site.byobox.process.tail()}")
                return
            self.samples.append(memory(self.pid))
            self.forget()
            if len(self.samples) % 6 == 0:
                resident, peak, threads = self.samples[-1]
                print(f"{len(self.samples) // 6:4} min  {resident} KiB resident, {threads} threads, {self.acked} acked, "
                      f"{self.ended} ended, {self.mos} in, {self.got} at the application", file=out, flush=True)

    def end(self, judge):
        self.stopped.set()
        time.sleep(1)

        def all_over():
            self.forget()
            return self.ended >= self.acked
        try:
            wait_for(all_over, 60, lambda: f"the ends of all messages: {self.ended} of {self.acked}", poll=1)
        except AssertionError as e:
            self.problems.append(str(e))
        code = self.site.byobox.stop(60)
        if code != 0:
            self.problems.append(f"byobox ended with {code}: {self.site.byobox.process.tail(4000)}")
        said = self.site.byobox.sanitizer_report()
        if said:
            self.problems.append(said)
        if self.valgrind:
            text = self.valgrind.read_text(errors="replace")
            if "definitely lost: 0 bytes" not in text and "no leaks are possible" not in text:
                self.problems.append("valgrind: " + text[-3000:])
        self.site.stop()
        half = [s[0] for s in self.samples[len(self.samples) // 2:]]
        figures = {"messages out": self.acked, "a second": round(self.acked / max(1, len(self.samples) * 10), 1),
                   "messages in": self.mos, "resident after the first tenth, KiB": self.samples[len(self.samples) // 10][0],
                   "resident at half time, KiB": half[0], "resident at the end, KiB": half[-1],
                   "threads at the end": self.samples[-1][2]}
        grown = max(half[-3:]) - max(half[:3])
        if judge and grown > max(2048, half[0] // 20):
            self.problems.append(f"memory grew by {grown} KiB in the second half")
        return figures


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[2])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--valgrind", action="store_true")
    parser.add_argument("--sanitized", action="store_true", help="memory is not judged")
    parser.add_argument("--work", type=Path)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *a: sys.exit(143))
    work = arguments.work or Path(tempfile.mkdtemp(prefix="byobox-soak-"))
    work.mkdir(parents=True, exist_ok=True)
    soak = Soak(work, arguments.rate, arguments.valgrind)
    soak.start()
    soak.run(arguments.minutes, sys.stdout)
    figures = soak.end(not (arguments.valgrind or arguments.sanitized))
    for name, value in figures.items():
        print(f"{name:45} {value}")
    for problem in soak.problems:
        print(f"PROBLEM {problem}")
    if not soak.problems and not arguments.work:
        shutil.rmtree(work, ignore_errors=True)
    print("flat and clean" if not soak.problems else f"logs in {work}")
    return 1 if soak.problems else 0


if __name__ == "__main__":
    sys.exit(main())
