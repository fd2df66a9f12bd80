# SPDX-License-Identifier: BSD-3-Clause
"""A tap between byobox and PostgreSQL: passes everything on, and cuts at a chosen COMMIT: before the database has it,
or when it is done and its answer is on the way.

It reads the frontend's messages (PostgreSQL documentation, "Message Formats") as far as to know which prepared statement
is the COMMIT. Without TLS: byobox is told sslmode = disable.
"""

import select
import socket
import struct
import threading
import time

from .process import free_port

BEFORE, AFTER, HOLD, AT = "before", "after", "hold", "at"


class _Link:
    def __init__(self, front, back):
        self.front, self.back = front, back
        self.buffer, self.started, self.commits = b"", False, set()
        self.meant = False  # the open transaction has the octets a cut waits for
        self.said = None  # what the database says and nobody is told, until it has committed

    def messages(self, data):
        """(type, body, its octets) of each whole message in what the frontend wrote so far."""
        self.buffer += data
        while True:
            head = 1 if self.started else 0  # the first message has no type
            if len(self.buffer) < head + 4:
                return
            length, = struct.unpack_from(">i", self.buffer, head)
            if len(self.buffer) < head + length:
                return
            whole, self.buffer = self.buffer[:head + length], self.buffer[head + length:]
            kind = whole[:1] if self.started else b""
            # A request for TLS or GSSAPI is answered with one octet and followed by the real first message.
            if not self.started and struct.unpack_from(">i", whole, 4)[0] not in (80877103, 80877104):
                self.started = True
            yield kind, whole[head + 4:], whole

    def is_commit(self, kind, body):
        words = body.split(b"\0")
        if kind == b"Q":
            return words[0].strip().upper() == b"COMMIT"
        if kind == b"P":
            (self.commits.add if words[1].strip().upper() == b"COMMIT" else self.commits.discard)(words[0])
        return kind == b"B" and words[1] in self.commits


class PgTap:
    """arm(BEFORE or AFTER): the next COMMIT is cut so, of a transaction with these octets in it; alone: and nothing passes
    from then on. arm(HOLD): it is held, with all before it done, until go_on().
    arm(AT): the connection is cut before the first message with these octets. cuts: how many were cut or held. stall(): nothing passes, links stand. slow: seconds everything takes more."""

    def __init__(self, target):
        self.port, self.target = free_port(), target
        self.cuts, self.slow = 0, 0
        self._armed, self._alone, self._octets = None, False, b""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._links, self._lock, self._over = set(), threading.Lock(), False
        self._resumed, self._released = threading.Event(), threading.Event()
        self._resumed.set()

    def start(self):
        threading.Thread(target=self._accept, name="pgtap", daemon=True).start()
        return self

    def arm(self, when, alone=False, octets=b""):
        self._alone, self._octets = alone, octets
        self._armed = when

    def go_on(self):
        self._released.set()

    def stall(self, on=True):
        (self._resumed.clear if on else self._resumed.set)()

    def cut(self):
        with self._lock:
            links = list(self._links)
        for link in links:
            self._end(link)

    def stop(self):
        self._over = True
        self._resumed.set()
        self._released.set()
        self._listener.close()
        self.cut()

    def _accept(self):
        while not self._over:
            try:
                front, _ = self._listener.accept()
            except OSError:
                return
            try:
                back = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                front.close()
                continue
            link = _Link(front, back)
            with self._lock:
                self._links.add(link)
            threading.Thread(target=self._pass, args=(link,), name="pgtap link", daemon=True).start()

    def _end(self, link):
        with self._lock:
            self._links.discard(link)
        for end in (link.front, link.back):
            try:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _pass(self, link):
        try:
            while not self._over:
                ready, _, _ = select.select([link.front, link.back], [], [], 1)
                self._resumed.wait()
                if ready and self.slow:
                    time.sleep(self.slow)
                for end in ready:
                    data = end.recv(65536)
                    if not data or not (self._forth(link, data) if end is link.front else self._back(link, data)):
                        return
        except (OSError, ValueError):
            pass
        finally:
            self._end(link)
            link.front.close()
            link.back.close()

    def _forth(self, link, data):
        out = b""
        for kind, body, whole in link.messages(data):
            if self._armed == AT and self._octets in whole:
                self._armed = None
                self.cuts += 1
                return False
            link.meant = self._armed and (link.meant or self._octets in whole)
            commit = link.is_commit(kind, body)
            cut = commit and link.meant
            link.meant = link.meant and not commit
            if cut:
                when, self._armed = self._armed, None
                if when == HOLD:
                    self._released.clear()
                    link.back.sendall(out)
                    out = b""
                self.cuts += 1
                if when == HOLD:
                    self._released.wait()
                elif when == BEFORE:
                    self._cut_off()
                    return False  # with all that came just before it: that is rolled back, too
                else:
                    link.said = b""
            out += whole
        link.back.sendall(out)
        return True

    def _back(self, link, data):
        if link.said is None:
            link.front.sendall(data)
            return True
        link.said += data
        if b"COMMIT\0" not in link.said:
            return True
        self._cut_off()
        return False

    def _cut_off(self):
        if self._alone:
            self.stall()
