# SPDX-License-Identifier: BSD-3-Clause
"""What the bench loads: installations of each kind, the carrier they send to, and what they hold."""

import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
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
MASK = 31          # dlr-mask of what is tracked
ACCOUNT = "bench"
OTHER = "other"    # a link of the installation that is no integration
RATE = 100000      # messages-per-second, the most there is: pacing must not be what is measured


def program(name):
    path = BUILD / "tests" / "bench" / name
    if not path.exists():
        raise SystemExit(f"{path} is not there: make bench builds it")
    return path


def median(values):
    values = sorted(values)
    return values[len(values) // 2] if values else 0.0


def spread(values):
    return f"{min(values):,.0f}-{max(values):,.0f}" if values else ""


class Sink:
    def __init__(self):
        self.process = subprocess.Popen([program("sink")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]
        self.accounts = {ACCOUNT: ACCOUNT}

    def tell(self, *lines):
        """What it says to the last of them."""
        for line in lines:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            said = self.process.stdout.readline()
        return json.loads(said)

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
    """One installation. work: its folder; store: where its byobox keeps its rows, by default a file; sink, account: of the
    carrier, by default one of its own."""

    def __init__(self, kind, work, binds, keys=None, store=None, sink=None, account=ACCOUNT):
        self.kind, self.work = kind, Path(work)
        self.work.mkdir(parents=True)
        self.sink = sink or Sink()
        with programs_of(kind):
            self.set_up(kind, binds, keys, store, account)

    def set_up(self, kind, binds, keys, store, account):
        core = {"log-level": 1}
        if not kind.defaults:
            core.update({"smsbox-max-pending": kind.window, "tcp-nodelay": kind.patched or None})
        self.bearerbox = Bearerbox(self.work, core=core)
        link = {"smsc": "smpp", "host": "127.0.0.1", "port": self.sink.port, "transceiver-mode": True,
                "instances": binds, "smsc-username": ACCOUNT, "smsc-password": ACCOUNT, "system-type": "",
                "reconnect-delay": 1, "log-file": self.work / "link.log", "log-level": 1}
        other = conf.group("smsc", {**link, "smsc-username": OTHER, "smsc-id": OTHER, "allowed-smsc-id": OTHER})
        self.byobox = None
        if kind.byobox:
            self.bearerbox.groups = other
            integration = byo.integration(self.sink, binds=binds, messages_per_second=RATE, allow_custom_rate=True,
                                          max_pending_submits=kind.submits, system_id=account)
            more = {"log-level": 1, "bearerbox-features": "all" if kind.patched else None, **(keys or {})}
            self.byobox = byo.Byobox(self.work, self.bearerbox, [integration], more, store=store)
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

    def start(self, number=NUMBER):
        """number: of the inventory, if it is not there yet."""
        self.bearerbox.write()
        if self.byobox:
            with programs_of(self.kind):
                self.byobox.render()
        self.bearerbox.start()
        if self.byobox:
            self.byobox.start()
            if number:
                self.byobox.number(number)
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
        result = self.run_load(count, limit, **options)
        try:
            wait_for(lambda: self.sink.stats()["submits"] >= count, 20, "the submits")
        except AssertionError:
            pass
        result["sink"] = self.sink.stats()
        result["cpu"] = {name: round(cpu_seconds(pid) - before[name], 2) for name, pid in self.processes()}
        result["memory"] = {name: round(memory_mb(pid), 1) for name, pid in self.processes()}
        return result

    def run_load(self, count, limit, **options):
        options = {"port": self.port, "count": count, "limit": limit, "box": "bench", **options}
        argv = [str(program("load"))] + [f"{k}={v}" for k, v in options.items() if v is not None]
        done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, timeout=limit + 60)
        if done.returncode != 0:
            raise Gone(f"load ended with {done.returncode}")
        return json.loads(done.stdout)

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
    """window: smsbox-max-pending. submits: max-pending-submits, None: as byobox renders it. defaults: no key of group
    core that makes it fast is given. build, kannel: where its byobox and its patched bearerbox are from."""

    def __init__(self, name, byobox=False, patched=False, window=100, submits=None, defaults=False, build=BUILD, kannel=None):
        self.name, self.byobox, self.patched, self.window = name, byobox, patched, window
        self.submits, self.defaults = submits, defaults
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
