# SPDX-License-Identifier: BSD-3-Clause
"""A tap between two boxes: passes the box protocol on, tells every whole frame it saw, and cuts or stalls.

It listens only while the box behind it does, so that a dead box looks dead through it.
"""

import asyncio
import os
import struct
import threading
import time
from pathlib import Path

FORTH, BACK = "forth", "back"  # from the connecting box, and to it


_seen = (0.0, frozenset(), {})


def _look():
    """Not older than a tenth of a second: reading the sockets is no small work."""
    global _seen
    if time.monotonic() - _seen[0] > 0.1:
        _seen = (time.monotonic(), *_read_sockets())
    return _seen


def listeners():
    """Ports of this machine somebody listens on, without touching them: a probe costs bearerbox a second."""
    return _look()[1]


def connected(pid, port):
    """Whether the process has a connection that stands to this port of the machine."""
    there = _look()[2].get(port, ())
    try:
        return any(os.readlink(fd) in there for fd in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # it has ended, or closed one just now
        return False


def _read_sockets():
    """Ports listened on; the port connected to -> its sockets as links in /proc/PID/fd name them."""
    ports, links = set(), {}
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(name).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            if words[3] == "0A":
                ports.add(int(words[1].rsplit(":", 1)[1], 16))
            elif words[3] == "01":
                links.setdefault(int(words[2].rsplit(":", 1)[1], 16), set()).add(f"socket:[{words[9]}]")
    return ports, links


class _Side(asyncio.Protocol):
    def __init__(self, tap, pair, direction):
        self.tap, self.pair, self.direction = tap, pair, direction
        self.transport, self.other = None, None
        self.buffer = bytearray()
        self.early = []

    def connection_made(self, transport):
        self.transport = transport
        if self.tap.stalled:
            transport.pause_reading()

    def data_received(self, data):
        # First told, then passed on: what one side got was recorded before.
        self.buffer += data
        while len(self.buffer) >= 4:
            length, = struct.unpack_from(">i", self.buffer)
            if len(self.buffer) < 4 + length:
                break
            body = bytes(self.buffer[4:4 + length])
            del self.buffer[:4 + length]
            self.tap.on_frame(self.direction, self.pair, body, time.time())
        if self.other is None:
            self.early.append(data)
        elif self.other.transport:
            self.other.transport.write(data)

    def connection_lost(self, exc):
        self.transport = None
        self.tap.pairs.pop(self.pair, None)
        if self.other and self.other.transport:
            self.other.transport.abort() if exc else self.other.transport.close()


class Tap:
    """on_frame(direction, connection number, body, time) is called in the tap's thread."""

    def __init__(self, port, target, on_frame):
        self.port, self.target, self.on_frame = port, target, on_frame
        self.pairs = {}      # number -> (side, side)
        self.opened = 0
        self.stalled = False
        self._server = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="tap", daemon=True)

    def start(self):
        self._thread.start()
        return self

    def _run(self):
        self._watch = self._loop.create_task(self._follow())
        self._loop.run_forever()

    async def _follow(self):
        while True:
            there = self.target in listeners()
            if there and self._server is None:
                self._server = await self._loop.create_server(self._accept, "127.0.0.1", self.port, reuse_address=True)
            elif not there and self._server is not None:
                self._server.close()
                self._server = None
            await asyncio.sleep(0.1)

    def _accept(self):
        self.opened += 1
        side = _Side(self, self.opened, FORTH)
        self._loop.create_task(self._join(side))
        return side

    async def _join(self, side):
        other = _Side(self, side.pair, BACK)
        other.other = side
        try:
            await self._loop.create_connection(lambda: other, "127.0.0.1", self.target)
        except OSError:
            if side.transport:
                side.transport.abort()
            return
        if side.transport is None:  # gone meanwhile
            other.transport.abort()
            return
        self.pairs[side.pair] = (side, other)
        side.other = other
        for data in side.early:
            other.transport.write(data)

    def cut(self):
        """Every connection ends as if the cable was pulled and a reset came."""
        def act():
            for pair in list(self.pairs.values()):
                for side in pair:
                    if side.transport:
                        side.transport.abort()
        self._loop.call_soon_threadsafe(act)

    def stall(self, stalled=True):
        """Nothing is read from anybody, connections stand; or goes on."""
        def act():
            self.stalled = stalled
            for pair in self.pairs.values():
                for side in pair:
                    if side.transport:
                        (side.transport.pause_reading if stalled else side.transport.resume_reading)()
        self._loop.call_soon_threadsafe(act)

    def stop(self):
        async def end():
            self._watch.cancel()
            if self._server:
                self._server.close()
            for pair in list(self.pairs.values()):
                for side in pair:
                    if side.transport:
                        side.transport.abort()
            await asyncio.sleep(0)
            self._loop.stop()
        asyncio.run_coroutine_threadsafe(end(), self._loop)
        self._thread.join(5)
