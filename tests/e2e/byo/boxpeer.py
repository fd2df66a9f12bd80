# SPDX-License-Identifier: BSD-3-Clause
"""The box protocol in Python: a peer that can play smsbox or bearerbox, well or badly.

Frames are length, type and fields in the order of Kannel's gw/msg-decl.h (docs/protocol describes them);
this is a second reader of that order, sharing nothing with byobox's.
"""

import queue
import socket
import struct
import threading
import uuid

from .process import wait_for

HEARTBEAT, ADMIN, SMS, ACK, WDP = range(5)
SHUTDOWN, SUSPEND, RESUME, IDENTIFY, RESTART = range(5)
MO, MT_REPLY, MT_PUSH, REPORT_MO, REPORT_MT = range(5)
ACK_SUCCESS, ACK_FAILED, ACK_FAILED_TMP, ACK_BUFFERED = range(4)
UNDEFINED = -1

_FIELDS = {
    HEARTBEAT: (("load", int),),
    ADMIN: (("command", int), ("boxc_id", bytes)),
    SMS: (("sender", bytes), ("receiver", bytes), ("udhdata", bytes), ("msgdata", bytes), ("time", int),
          ("smsc_id", bytes), ("smsc_number", bytes), ("foreign_id", bytes), ("service", bytes),
          ("account", bytes), ("id", uuid.UUID), ("sms_type", int), ("mclass", int), ("mwi", int),
          ("coding", int), ("compress", int), ("validity", int), ("deferred", int), ("dlr_mask", int),
          ("dlr_url", bytes), ("pid", int), ("alt_dcs", int), ("rpi", int), ("charset", bytes),
          ("boxc_id", bytes), ("binfo", bytes), ("msg_left", int), ("priority", int),
          ("resend_try", int), ("resend_time", int), ("meta_data", bytes)),
    ACK: (("nack", int), ("time", int), ("id", uuid.UUID)),
    WDP: (("source_address", bytes), ("source_port", int), ("destination_address", bytes),
          ("destination_port", int), ("user_data", bytes)),
}


class Frame:
    """One message of the box protocol. Octet fields are None when absent, numbers -1."""

    def __init__(self, type_, **values):
        self.type = type_
        for name, kind in _FIELDS[type_]:
            default = UNDEFINED if kind is int else None
            value = values.pop(name, default)
            if kind is bytes and isinstance(value, str):
                value = value.encode("utf-8")
            if kind is uuid.UUID:
                value = str(value or uuid.uuid4())
            setattr(self, name, value)
        assert not values, f"no such field: {values}"

    def body(self):
        out = struct.pack(">i", self.type)
        for name, kind in _FIELDS[self.type]:
            value = getattr(self, name)
            if kind is int:
                out += struct.pack(">i", value)
            elif value is None:
                out += struct.pack(">i", -1)
            else:
                value = value.encode() if kind is uuid.UUID else value
                out += struct.pack(">i", len(value)) + value
        return out

    def encode(self):
        body = self.body()
        return struct.pack(">i", len(body)) + body

    def values(self):
        return {name: getattr(self, name) for name, _ in _FIELDS[self.type]}

    def __repr__(self):
        shown = {k: v for k, v in self.values().items() if v not in (None, UNDEFINED)}
        return f"<frame {self.type} {shown}>"


def parse(body):
    pos = 4
    type_, = struct.unpack_from(">i", body)
    values = {}
    for name, kind in _FIELDS[type_]:
        number, = struct.unpack_from(">i", body, pos)
        pos += 4
        if kind is int:
            values[name] = number
        elif number < 0:
            values[name] = None
        else:
            if pos + number > len(body):
                raise ValueError(f"{name} is cut")
            octets = body[pos:pos + number]
            values[name] = octets.decode() if kind is uuid.UUID else octets
            pos += number
    return Frame(type_, **values)


def sms(**values):
    return Frame(SMS, **values)


class BoxPeer:
    """One connection. Reads frames in a thread; acks what comes when auto_ack is an ack code. A smsbox sends a
    heartbeat now and then, as Kannel's does (beats)."""

    def __init__(self, sock, auto_ack=None, beats=False):
        self.sock, self.auto_ack = sock, auto_ack
        self.frames = []           # all that came, in order
        self.changed = threading.Condition()
        self.closed = False
        self._lock = threading.Lock()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        if beats:
            threading.Thread(target=self._beat, daemon=True).start()

    @classmethod
    def connect(cls, port, box_id=None, identify=True, auto_ack=ACK_SUCCESS, beats=True, source="127.0.0.1"):
        def connected():
            try:
                return socket.create_connection(("127.0.0.1", port), 10, (source, 0))
            except ConnectionRefusedError:  # bearerbox opens its links before its port
                return None
        sock = wait_for(connected, 20, f"a listener at port {port}")
        sock.settimeout(None)  # before the reader begins: it waits for as long as it takes
        peer = cls(sock, auto_ack, beats)
        if identify:
            peer.send(Frame(ADMIN, command=IDENTIFY, boxc_id=box_id))
        return peer

    def raw(self, octets):
        with self._lock:
            self.sock.sendall(octets)

    def send(self, frame):
        self.raw(frame.encode())
        return frame

    def ack(self, frame, nack=ACK_SUCCESS):
        self.send(Frame(ACK, nack=nack, time=frame.time, id=frame.id))

    def _octets(self, n):
        out = b""
        while len(out) < n:
            piece = self.sock.recv(min(65536, n - len(out)))
            if not piece:
                raise ConnectionError("closed")
            out += piece
        return out

    def _read(self):
        try:
            while True:
                length, = struct.unpack(">i", self._octets(4))
                frame = parse(self._octets(length))
                if frame.type == SMS and self.auto_ack is not None:
                    self.ack(frame, self.auto_ack)
                with self.changed:
                    self.frames.append(frame)
                    self.changed.notify_all()
        except (OSError, ValueError, struct.error):
            pass
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def _beat(self):
        with self.changed:
            while not self.changed.wait_for(lambda: self.closed, 20):
                try:
                    self.send(Frame(HEARTBEAT, load=0))
                except OSError:
                    return

    def of(self, type_):
        return [f for f in list(self.frames) if f.type == type_]

    def wait(self, predicate, timeout=20, what="frames"):
        with self.changed:
            value = self.changed.wait_for(predicate, timeout)
        if not value:
            raise AssertionError(f"not within {timeout} s: {what}; closed={self.closed}, the last frames "
                                 f"were {self.frames[-5:]}")
        return value

    def wait_sms(self, n=1, timeout=20, where=None):
        def enough():
            found = [f for f in self.of(SMS) if where is None or where(f)]
            return found if len(found) >= n else None
        return self.wait(enough, timeout, f"{n} sms")

    def wait_ack(self, frame_id, timeout=20, n=1):
        def enough():
            found = [f for f in self.of(ACK) if f.id == str(frame_id)]
            return found if len(found) >= n else None
        return self.wait(enough, timeout, f"{n} ack(s) for {frame_id}")

    def wait_closed(self, timeout=20):
        self.wait(lambda: self.closed, timeout, "the connection to be closed by the other side")

    def close(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()
        self.thread.join(5)


class FakeBearerbox:
    """A port where boxes connect: peers are handed out in the order they come."""

    def __init__(self, port=0, auto_ack=ACK_SUCCESS):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.auto_ack = auto_ack
        self.peers = []
        self._arrived = queue.Queue()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            peer = BoxPeer(sock, self.auto_ack)
            self.peers.append(peer)
            self._arrived.put(peer)

    def next_peer(self, timeout=20):
        return self._arrived.get(timeout=timeout)

    def stop(self):
        try:  # close() alone leaves the port open while accept() waits
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for peer in self.peers:
            peer.close()
