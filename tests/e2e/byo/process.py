# SPDX-License-Identifier: BSD-3-Clause
"""Processes, ports and waiting: what every part of the harness needs.

Each process is ended by its own pid, at the latest when this Python ends. Waiting is always for a
state, with a limit; it fails at once when a process that must live has died.
"""

import atexit
import os
import random
import signal
import socket
import subprocess
import time
from pathlib import Path

_running = []


class Gone(AssertionError):
    """A process ended that should be running."""


def wait_for(predicate, timeout=20, what="a state", alive=(), poll=0.02):
    """Returns predicate()'s value as soon as it is true. what: text, or a function giving it."""
    end = time.monotonic() + timeout
    while True:
        value = predicate()
        if value:
            return value
        for process in alive:
            if not process.alive:
                raise Gone(f"{process.name} ended with {process.code} while waiting for "
                           f"{what() if callable(what) else what}; it said: {process.tail()}")
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {what() if callable(what) else what}")
        time.sleep(poll)


def cpu_seconds(pid):
    """Of all its threads, by the process's own clock: /proc counts ticks and misses what runs in short bursts."""
    return time.clock_gettime((~pid << 3) | 2)  # clock_getcpuclockid(3)


_port_range = [int(x) for x in os.environ.get("BYO_E2E_PORTS", "0,0").split(",")]
_handed_out = set()


def free_port():
    """A port of 127.0.0.1 nobody listens on. Below the range the kernel takes for outgoing ones."""
    low, high = _port_range if _port_range[0] else (15000, 32000)
    for _ in range(2000):
        port = random.randrange(low, high)
        if port in _handed_out:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _handed_out.add(port)
        return port
    raise RuntimeError("no free port")


def listening(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """One daemon. start() may be called again after kill() or stop()."""

    stdin = subprocess.DEVNULL

    def __init__(self, name, argv, log_dir, env=None, cwd=None):
        self.name, self.argv, self.cwd = name, [str(a) for a in argv], cwd
        self.env = dict(os.environ, **(env or {}))
        self.output = Path(log_dir) / f"{name}.out"
        self.process = None

    def start(self):
        assert not self.alive, f"{self.name} is running"
        with open(self.output, "ab") as out:
            out.write(f"--- {' '.join(self.argv)}\n".encode())
            out.flush()
            self.process = subprocess.Popen(self.argv, stdin=self.stdin, stdout=out, stderr=out,
                                            env=self.env, cwd=self.cwd)
        _running.append(self)
        return self

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self):
        return self.process.pid

    @property
    def code(self):
        return self.process.poll() if self.process else None

    def signal(self, number):
        """To one that is there; another thread may have waited for its end just now."""
        if self.process is not None:
            self.process.send_signal(number)

    def kill(self):
        """kill -9, and gone when this returns."""
        self.signal(signal.SIGKILL)
        return self.wait()

    def stop(self, timeout=10):
        """SIGTERM; SIGKILL when that does not help in time. Returns the exit code."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait(timeout)
        except subprocess.TimeoutExpired:
            return self.kill()

    def wait(self, timeout=10):
        if self.process is None:
            return None
        code = self.process.wait(timeout)
        if self in _running:
            _running.remove(self)
        return code

    def tail(self, octets=1500):
        try:
            return self.output.read_bytes()[-octets:].decode("utf-8", "replace")
        except OSError:
            return ""


@atexit.register
def end_all():
    for process in list(_running):
        process.signal(signal.SIGKILL)
    for process in list(_running):
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            pass


def run(argv, timeout=30, env=None, cwd=None, stdin=None):
    """Runs a program to its end: (exit code, stdout, stderr) as text."""
    done = subprocess.run([str(a) for a in argv], timeout=timeout, capture_output=True, cwd=cwd,
                          env=dict(os.environ, **(env or {})), input=stdin)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
