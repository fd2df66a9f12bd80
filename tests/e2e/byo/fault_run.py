# SPDX-License-Identifier: BSD-3-Clause
"""What the fault matrices have in common: messages and faults at the moments of a plan, then peace until nothing is open; and
their command line."""

import json
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .installation import NUMBER


class FaultRun:
    """Of each matrix: start, stop, _send(*row of plan.mts), _mo(*row of self.mos), _act(*row of plan.acts), _so_far,
    _open_ends, sanitizer_reports, report. Rows begin with their moment, in seconds from the start."""

    def __init__(self, work, plan, mos, out):
        self.work, self.plan, self.mos = Path(work), plan, mos
        self.say = (lambda *a: print(*a, file=out, flush=True)) if out else (lambda *a: None)
        self.sent = {}         # ref -> HTTP status, 0: nobody knows
        self.done = Counter()  # acts, by name
        self.problems, self.figures = [], {}

    # -- traffic and faults -------------------------------------------------------------------
    def send_by(self, site, smsbox, ref, to, text):
        try:
            status, body = smsbox.send(to, text, NUMBER, dlr_url=site.application.dlr_url(ref), timeout=6)
        except OSError:
            status, body = 0, ""
        if status == 403 and "Authorization" in body:
            status = 1  # it has opened its port and not read its users yet
        self.sent[ref] = status

    def _each(self, rows, act):
        for at, *row in rows:
            left = self.begun + at - time.monotonic()
            if left > 0:
                time.sleep(left)
            act(at, *row)

    def _mt_thread(self):
        with ThreadPoolExecutor(24) as pool:
            self._each(self.plan.mts, lambda _, *row: pool.submit(self._send, *row))

    def _mo_thread(self):
        self._each(self.mos, lambda _, *row: self._mo(*row))

    def run(self):
        self.begun = time.monotonic()
        threads = [threading.Thread(target=t, daemon=True) for t in (self._mt_thread, self._mo_thread)]
        for thread in threads:
            thread.start()
        told = 0

        def act(at, name, *row):
            nonlocal told
            self.done[name] += 1
            self._act(name, *row)
            if at - told > 60:
                told = at
                self.say(f"{at:6.0f} s  {self._so_far()}, {len(self.sent)} sent, "
                         f"{sum(s == 202 for s in list(self.sent.values()))} acked")
        self._each(self.plan.acts, act)
        for thread in threads:
            thread.join()
        self.traffic_seconds = time.monotonic() - self.begun

    # -- quiet --------------------------------------------------------------------------------
    def settle(self, timeout):
        """Until nothing is open and stays so."""
        begun, quiet_since = time.monotonic(), None
        while time.monotonic() - begun < timeout:
            ends = self._open_ends()
            if ends:
                quiet_since = None
            elif quiet_since is None:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > 2:
                self.figures["seconds until quiet"] = round(time.monotonic() - begun)
                return
            time.sleep(0.5)
        self.problems.append(f"not quiet within {timeout} s: {ends}")

    def whole(self, judge, settle):
        """(figures, problems)"""
        try:
            self.start()
            self.run()
            self.settle(settle)
            judge(self).compare()
            if self.sanitizer_reports():
                self.problems.append(self.sanitizer_reports())
            return self.report(), self.problems
        finally:
            self.stop()


def command(parser, name, whole):
    """whole(arguments, work, out): (figures, problems). Which matrix and how long it is, parser says already. Exit code."""
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    parser.add_argument("--patched", action="store_true")
    parser.add_argument("--work", type=Path)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *a: sys.exit(143))
    work = arguments.work or Path(tempfile.mkdtemp(prefix=f"byobox-{name}-"))
    work.mkdir(parents=True, exist_ok=True)
    print(", ".join(f"{key} {value}" for key, value in vars(arguments).items() if key != "work") + f", logs in {work}",
          flush=True)
    figures, problems = whole(arguments, work, sys.stdout)
    for figure, value in figures.items():
        print(f"{figure:55} {value}")
    (work / "figures.json").write_text(json.dumps(figures, indent=1))
    for problem in problems:
        print(f"PROBLEM {problem}")
    print("nothing was lost" if not problems else f"{len(problems)} problems; logs in {work}")
    if not problems and not arguments.work:
        shutil.rmtree(work, ignore_errors=True)
    return 1 if problems else 0
