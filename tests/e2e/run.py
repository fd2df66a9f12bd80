#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the end-to-end tests: run.py [--jobs N] [--list] [--keep] [--patched] [--store KIND] [NAME...]

NAME is a part of module.Class.test. One line for each test, and at the end what failed once more, and "N passed,
N failed" alone on a line. Exit code 0 when none failed. Logs of failed classes are kept; their place is said.

Environment: BYO_BUILD_DIR (where byobox and byoctl stand; default the top folder), BYO_KANNEL_PREFIX
(a patched Kannel), BYO_BEARERBOX_FEATURES (what it can do beyond stock).
--store pgsql: every installation has a database of its own in a PostgreSQL that is started for the run.
"""

import argparse
import importlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tools")]

import failures  # noqa: E402

PORTS_EACH = 400
PORTS = (15000, 32000)  # below those the kernel takes for outgoing connections


def classes(names, kannel, store):
    """[(class, [method])] with at least one method that fits; in the order of the files."""
    loader = unittest.TestLoader()
    found = []
    for path in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(path.stem)
        for name, cls in vars(module).items():
            if not (isinstance(cls, type) and issubclass(cls, unittest.TestCase)
                    and cls.__module__ == path.stem):
                continue
            if kannel not in cls.kannel or store not in cls.stores and not any(
                    store in getattr(m, "stores", ()) for m in vars(cls).values()):
                continue
            methods = [m for m in loader.getTestCaseNames(cls)
                       if (not names or any(n in f"{path.stem}.{name}.{m}" for n in names))
                       and kannel in getattr(getattr(cls, m), "kannel", cls.kannel)
                       and store in getattr(getattr(cls, m), "stores", cls.stores)]
            if methods:
                found.append((cls, methods))
    return found


class Runner:
    def __init__(self, jobs, logs, keep):
        self.jobs, self.logs, self.keep = jobs, logs, keep
        self.passed = self.failed = self.skipped = 0
        self.failures = []
        self.lock = threading.Lock()
        self.workers = set()
        # Those of a class that runs are nobody else's: a port of its that is not listened on now is its all the same.
        self.ranges = list(range(random.randrange(PORTS_EACH), PORTS[1] - PORTS[0] - PORTS_EACH, PORTS_EACH))
        random.shuffle(self.ranges)
        self.stopping = False
        self.kept = []

    def run(self, work):
        shared = [w for w in work if not w[0].alone]
        alone = [w for w in work if w[0].alone]
        shared.sort(key=lambda w: -len(w[1]))
        threads = [threading.Thread(target=self._drain, args=(shared,), daemon=True)
                   for _ in range(self.jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)
        thread = threading.Thread(target=self._drain, args=(alone,), daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(0.2)

    def _drain(self, work):
        while not self.stopping:
            with self.lock:
                if not work:
                    return
                cls, methods = work.pop(0)
                ports = self.ranges.pop(0)
            self._run_class(cls, methods, PORTS[0] + ports)
            with self.lock:
                self.ranges.append(ports)

    def _run_class(self, cls, methods, low):
        name = f"{cls.__module__}.{cls.__name__}"
        folder = self.logs / name
        shutil.rmtree(folder, ignore_errors=True)  # of an earlier run into the same --logs
        folder.mkdir(parents=True)
        env = dict(os.environ, BYO_E2E_WORK=str(folder), BYO_E2E_PORTS=f"{low},{low + PORTS_EACH}",
                   PYTHONUNBUFFERED="1")
        with open(folder / "worker.out", "wb") as out:
            worker = subprocess.Popen(
                [sys.executable, str(HERE / "run.py"), "--worker", name, *methods], env=env,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out, start_new_session=True)
        with self.lock:
            self.workers.add(worker)
        # Every test has its own limit inside; this one is for a worker that hangs altogether.
        timer = threading.Timer(cls.limit * (len(methods) + 2) + 30, self._end, (worker,))
        timer.start()
        left, bad = set(f"{name}.{m}" for m in methods), False
        for line in worker.stdout:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            left.discard(record["of"])
            bad |= record["outcome"] == "failed"
            self._tell(record)
        worker.wait()
        timer.cancel()
        self._end(worker)
        with self.lock:
            self.workers.discard(worker)
        for test in sorted(left):
            if not self.stopping:
                bad = True
                self._tell({"test": test, "outcome": "failed", "seconds": 0,
                            "text": f"the worker ended with {worker.returncode} before this test did; "
                                    + (folder / "worker.out").read_text(errors="replace")[-3000:]})
        if bad or self.keep or self.stopping:
            self.kept.append(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)

    def _tell(self, record):
        with self.lock:
            if record["outcome"] == "passed":
                self.passed += 1
            elif record["outcome"] == "failed":
                self.failed += 1
                self.failures.append({"test": record["test"], "part": f"{record['seconds']:.2f} s",
                                      "message": failures.last_lines(record["text"])})
            else:
                self.skipped += 1
            print(f"{record['outcome']:8} {record['seconds']:7.2f} s  {record['test']}")
            if record["text"]:
                print("    " + record["text"].rstrip().replace("\n", "\n    "))
            sys.stdout.flush()

    @staticmethod
    def _end(worker):
        """Ends the worker and everything it started: they share its process group."""
        try:
            os.killpg(worker.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def stop(self):
        self.stopping = True
        for worker in list(self.workers):
            self._end(worker)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--keep", action="store_true", help="keep the logs of classes that passed, too")
    parser.add_argument("--logs", type=Path)
    parser.add_argument("--patched", action="store_true",
                        help="the tests meant for a patched Kannel instead of those for Debian's")
    parser.add_argument("--store", choices=("sqlite", "pgsql"), default="sqlite")
    parser.add_argument("--worker", metavar="CLASS", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()

    if arguments.worker:
        from byo.case import run_class
        module, name = arguments.worker.split(".")
        out = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
        run_class(getattr(importlib.import_module(module), name), arguments.names, out)
        return 0

    work = classes(arguments.names, "patched" if arguments.patched else "stock", arguments.store)
    if arguments.list:
        for cls, methods in work:
            for method in methods:
                print(f"{cls.__module__}.{cls.__name__}.{method}")
        return 0
    if not work:
        print(f"no test fits {arguments.names}", file=sys.stderr)
        return 2

    logs = arguments.logs or Path(tempfile.mkdtemp(prefix="byobox-e2e-"))
    logs.mkdir(parents=True, exist_ok=True)
    runner = Runner(arguments.jobs, logs, arguments.keep)
    signal.signal(signal.SIGTERM, lambda *a: sys.exit(143))
    begun = time.monotonic()
    server = None
    try:
        if arguments.store == "pgsql":
            from byo.postgres import Postgres
            server = Postgres(logs, durable=False).start()
            os.environ.update(BYO_E2E_STORE="pgsql", BYO_E2E_PGSQL=str(server.port))
        runner.run(work)
    except KeyboardInterrupt:
        print("interrupted")
        runner.failed += 1
    finally:
        runner.stop()
        if server:
            server.stop()
    failures.tell(runner.failures)
    for folder in runner.kept:
        print(f"logs: {folder}")
    if not runner.kept and not arguments.logs:
        shutil.rmtree(logs, ignore_errors=True)
    print(f"{time.monotonic() - begun:.0f} s")
    if runner.skipped:
        print(f"{runner.skipped} skipped")
    print(f"{runner.passed} passed, {runner.failed} failed")
    return 1 if runner.failed else 0


if __name__ == "__main__":
    sys.exit(main())
