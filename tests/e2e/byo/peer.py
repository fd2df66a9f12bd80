# SPDX-License-Identifier: BSD-3-Clause
"""SMSCs on SMPP libraries nobody here wrote: the scripts in tests/e2e/peers, driven by JSON lines."""

import json
import os
import subprocess
import threading
import unittest
from pathlib import Path

from .byobox import TOP

PEERS = Path(__file__).resolve().parents[1] / "peers"
NODE_MODULES = Path(os.environ.get("BYO_PEERS", TOP / ".cache" / "peers")) / "node_modules"

COMMANDS = {"node": ["node", str(PEERS / "smsc.js")], "perl": ["perl", str(PEERS / "smsc.pl")]}


class Peer:
    """A test that wants a peer whose library is not there is skipped, and the runner says so."""

    def __init__(self, kind, log_dir):
        if kind == "node" and not (NODE_MODULES / "smpp").is_dir():
            raise unittest.SkipTest(f"the npm package smpp is not in {NODE_MODULES} (tests/e2e/peers/install.sh)")
        self.changed = threading.Condition()
        self.events, self.ended = [], False
        self.log = open(Path(log_dir) / f"{kind}.out", "wb")
        self.process = subprocess.Popen(COMMANDS[kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log, env=dict(os.environ, NODE_PATH=str(NODE_MODULES)))
        threading.Thread(target=self._read, daemon=True).start()
        self.port = self.wait("listening")[0]["port"]
        self.accounts = {"byo": "secret"}

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.events.append(json.loads(line))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def of(self, name):
        return [e for e in list(self.events) if e["event"] == name]

    def wait(self, name, n=1, timeout=20):
        with self.changed:
            self.changed.wait_for(lambda: len(self.of(name)) >= n or self.ended, timeout)
        if len(self.of(name)) < n:
            raise AssertionError(f"not {n} x {name} within {timeout} s, ended={self.ended}; {self.events}")
        return self.of(name)

    def wait_bound(self, n=1, system_id=None, timeout=30):
        return self.wait("bound", n, timeout)

    def forget(self):
        """The events stay: a test counts from what it found."""

    def mo(self, source, destination, text):
        message = {"source": source, "destination": destination, "text": text}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        self.process.stdout.close()
        self.log.close()
