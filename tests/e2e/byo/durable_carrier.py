# SPDX-License-Identifier: BSD-3-Clause
"""A carrier in a process of its own that can be killed at any moment and remembers, as real ones do.

    python3 -m byo.durable_carrier PORT JOURNAL MESSAGES [SYSTEM-ID PASSWORD]

JOURNAL: what it saw and did, a JSON list a line, each written before the act it tells; read again at start.
MESSAGES: a file others append to, a JSON object {"id", "from", "to", "text"} a line: MOs to be delivered.
stdin: a JSON object a line: {"do": "cut", "links": N} (0: all), {"do": "stall", "on": true|false}.

What becomes of a submit stands in its destination: 43660, two digits of plan, the rest. Receipts and MOs
nobody answered are sent again, also after a restart.
"""

import asyncio
import json
import os
import random
import sys
import time

from . import smpp

# Journal: ["s", number, time, destination, source, segment, octets] a submit came
#          ["a", number, time, status, id, open] it was answered (open: the link still stood)
#          ["r", number, time, state, err, last] a receipt was sent
#          ["k", number, state, time] a receipt was answered
#          ["m", id, time] a MO was sent    ["o", id, time, status] and answered
#          ["b", time] a bind was made
#          ["w", time, seconds] it did nothing for so long before: the machine was busy, or it was stopped
REFUSED_THROTTLED, REFUSED_SYSTEM, REFUSED_ADDRESS = smpp.RTHROTTLED, 0x08, smpp.RINVDSTADR


def plan_of(destination):
    digits = destination.lstrip("+")
    return int(digits[5:7]) if digits.startswith("43660") and len(digits) >= 7 else 0


def answer_of(plan, before):
    """(status, delay, ((state, err, after), ...)): what one submit of a segment gets; before: how many of it
    were refused or came back failed already."""
    delivered = (("DELIVRD", "000", 0.2),)
    if 50 <= plan < 60:
        return 0, 0.02, (("ENROUTE", "000", 0.1), ("DELIVRD", "000", 0.6))
    if 60 <= plan < 63:
        return (REFUSED_THROTTLED, 0.02, ()) if before < 1 else (0, 0.02, delivered)
    if 63 <= plan < 70:
        return (REFUSED_SYSTEM, 0.02, ()) if before < 2 else (0, 0.02, delivered)
    if 70 <= plan < 75:
        return 0, 0.02, (("UNDELIV", "008", 0.3),) if before < 1 else delivered
    if 75 <= plan < 80:
        return REFUSED_ADDRESS, 0.02, ()
    if 80 <= plan < 85:
        return 0, 0.02, (("UNDELIV", "001", 0.3),)
    if 85 <= plan < 87:
        return 0, 0.02, ()
    if 87 <= plan < 90:
        return 0, 0.02, (("REJECTD", "042", 0.3),)
    if 90 <= plan:
        return 0, 0.5 + (plan - 90) / 6, delivered
    return 0, 0.02, (("DELIVRD", "000", plan / 60),)


def fails_for_now(state, err):
    return state == "UNDELIV" and err == "008"


class Link(asyncio.Protocol):
    def __init__(self, carrier):
        self.carrier, self.buffer = carrier, bytearray()
        self.transport, self.bound, self.sequence = None, False, 0
        self.waiting = {}  # sequence -> function(status)

    def connection_made(self, transport):
        self.transport = transport
        self.carrier.links.append(self)

    def connection_lost(self, exc):
        self.transport, self.bound = None, False
        self.carrier.links.remove(self)
        for given_up in self.waiting.values():
            given_up(None)
        self.waiting = {}

    def data_received(self, data):
        self.buffer += data
        try:
            for pdu in smpp.split_pdus(self.buffer):
                self._handle(pdu)
        except smpp.SmppError:
            self.transport.abort()

    def write(self, pdu):
        if self.transport:
            self.transport.write(pdu.encode())

    def request(self, command, body, then):
        self.sequence += 1
        self.waiting[self.sequence] = then
        self.write(smpp.Pdu(command, 0, self.sequence, body))

    def _answer(self, pdu, status=0, body=b""):
        self.write(smpp.Pdu(pdu.command | smpp.RESP, status, pdu.sequence, body))

    def _handle(self, pdu):
        if pdu.command in smpp.BIND_NAMES:
            bind = smpp.parse_bind(pdu.body)
            good = (bind.system_id, bind.password) == self.carrier.account
            self._answer(pdu, 0 if good else smpp.RINVPASWD, b"carrier\0" if good else b"")
            self.bound = good
            if good:
                self.carrier.tell("b", time.time())
        elif pdu.command == smpp.SUBMIT_SM and self.bound:
            self.carrier.submitted(self, pdu)
        elif pdu.command == smpp.ENQUIRE_LINK:
            self._answer(pdu)
        elif pdu.command == smpp.UNBIND:
            self._answer(pdu)
            self.bound = False
            self.transport.close()
        elif pdu.command == smpp.DELIVER_SM | smpp.RESP:
            then = self.waiting.pop(pdu.sequence, None)
            if then:
                then(pdu.status)
        elif not pdu.command & smpp.RESP:
            self.write(smpp.Pdu(smpp.GENERIC_NACK, 0x03, pdu.sequence))


class DurableCarrier:
    def __init__(self, port, journal, messages, account):
        self.port, self.account, self.messages_path = port, account, messages
        self.links = []
        self.count = 0
        self.before = {}    # (destination, segment) -> refusals and failed receipts so far
        self.submits = {}   # number -> destination, source, segment
        self.owed = {}      # (number, state) -> [due, err, on its way]
        self.mos = {}       # id -> message not answered
        self.mos_done = set()
        self.mo_pos = 0
        self.loop = asyncio.new_event_loop()
        self.random = random.Random(os.getpid())
        self._remember(journal)
        self.journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def tell(self, *values):
        os.write(self.journal, json.dumps(values).encode() + b"\n")

    def _remember(self, path):
        answered, told = {}, set()
        for record in read_journal(path):
            kind, number = record[0], record[1]
            if kind == "s":
                self.count = max(self.count, number + 1)
                self.submits[number] = tuple(record[3:6])
            elif kind == "a":
                answered[number] = record
            elif kind == "k":
                told.add((number, record[2]))
            elif kind == "o" and record[3] == 0:
                self.mos_done.add(number)
        for number, record in sorted(answered.items()):
            self._owe(number, record[3], told)

    def _owe(self, number, status, told=()):
        destination, _, segment = self.submits[number]
        key, plan = (destination, segment), plan_of(destination)
        _, _, receipts = answer_of(plan, self.before.get(key, 0))
        if status:
            self.before[key] = self.before.get(key, 0) + 1
            return
        for state, err, after in receipts:
            if fails_for_now(state, err):
                self.before[key] = self.before.get(key, 0) + 1
            if (number, state) not in told:
                self.owed[(number, state)] = [time.time() + after, err, False]

    # -- submits ------------------------------------------------------------------------------
    def submitted(self, link, pdu):
        sm = smpp.parse_sm(pdu.body)
        number = self.count
        self.count += 1
        segment = sm.concat[2] if sm.concat else 0
        self.submits[number] = (sm.destination, sm.source, segment)
        self.tell("s", number, time.time(), sm.destination, sm.source, segment, sm.content.hex())
        key = (sm.destination, segment)
        status, delay, _ = answer_of(plan_of(sm.destination), self.before.get(key, 0))
        self.loop.call_later(delay, self._answer, link, pdu.sequence, number, status)

    def _answer(self, link, sequence, number, status):
        message_id = f"{number + 0x1A2B0001:08x}"
        self.tell("a", number, time.time(), status, message_id, link.transport is not None)
        body = message_id.encode() + b"\0" if not status else b""
        link.write(smpp.Pdu(smpp.SUBMIT_SM | smpp.RESP, status, sequence, body))
        self._owe(number, status)

    # -- what it sends ------------------------------------------------------------------------
    def _link(self):
        able = [x for x in self.links if x.bound]
        return self.random.choice(able) if able else None

    def _send_receipts(self, now):
        for (number, state), owed in list(self.owed.items()):
            link = self._link()
            if owed[0] > now or owed[2] or link is None:
                continue
            destination, source, _ = self.submits[number]
            owed[2] = True
            text = smpp.receipt_text(f"{number + 0x1A2B0001:08x}", state, owed[1])
            sm = smpp.Sm(source=destination, destination=source, source_ton=1, source_npi=1, dest_ton=1,
                         dest_npi=1, esm_class=smpp.ESM_RECEIPT, short_message=text)

            def answered(status, number=number, state=state, owed=owed):
                if status == 0:
                    self.tell("k", number, state, time.time())
                    self.owed.pop((number, state), None)
                else:
                    owed[0], owed[2] = time.time() + 0.5, False
            self.tell("r", number, now, state, owed[1])
            link.request(smpp.DELIVER_SM, sm.encode(), answered)

    def _read_messages(self):
        try:
            with open(self.messages_path, "rb") as f:
                f.seek(self.mo_pos)
                data = f.read()
        except OSError:
            return
        data = data[:data.rfind(b"\n") + 1]
        self.mo_pos += len(data)
        for line in data.splitlines():
            mo = json.loads(line)
            if mo["id"] not in self.mos_done:
                self.mos[mo["id"]] = [mo, 0.0, False]

    def _send_messages(self, now):
        for id_, entry in list(self.mos.items()):
            link = self._link()
            if link is None:
                return
            mo, not_before, on_its_way = entry
            if on_its_way or now < not_before:
                continue
            entry[2] = True
            sm = smpp.Sm(source=mo["from"], destination=mo["to"], source_ton=1, source_npi=1, dest_ton=1,
                         dest_npi=1, short_message=mo["text"].encode("ascii"))

            def answered(status, id_=id_, entry=entry):
                self.tell("o", id_, time.time(), -1 if status is None else status)
                if status == 0:
                    self.mos.pop(id_, None)
                else:
                    entry[1], entry[2] = time.time() + 0.5, False
            self.tell("m", id_, now)
            link.request(smpp.DELIVER_SM, sm.encode(), answered)

    async def _work(self):
        before = time.time()
        while True:
            now = time.time()
            if now - before > 0.05:
                self.tell("w", now, round(now - before, 3))
            self._read_messages()
            self._send_messages(now)
            self._send_receipts(now)
            before = time.time()
            await asyncio.sleep(0.02)

    # -- orders -------------------------------------------------------------------------------
    def _order(self, line):
        order = json.loads(line)
        if order["do"] == "cut":
            for link in self.links[:order.get("links") or None]:
                if link.transport:
                    link.transport.abort()
        elif order["do"] == "stall":
            for link in self.links:
                if link.transport:
                    (link.transport.pause_reading if order["on"] else link.transport.resume_reading)()

    async def _orders(self):
        reader = asyncio.StreamReader()
        await self.loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while True:
            line = await reader.readline()
            if not line:
                os._exit(0)  # whoever started us is gone
            self._order(line)

    def run(self):
        self.loop.run_until_complete(
            self.loop.create_server(lambda: Link(self), "127.0.0.1", self.port, reuse_address=True))
        self.loop.create_task(self._work())
        self.loop.create_task(self._orders())
        self.loop.run_forever()


def read_journal(path):
    """The records, oldest first; a last line that a kill cut is left out."""
    try:
        with open(path, "rb") as f:
            for line in f:
                try:
                    yield json.loads(line)
                except ValueError:
                    continue
    except FileNotFoundError:
        return


if __name__ == "__main__":
    asyncio.set_event_loop(asyncio.new_event_loop())
    DurableCarrier(int(sys.argv[1]), sys.argv[2], sys.argv[3],
                   tuple(sys.argv[4:6]) if len(sys.argv) > 5 else ("byo", "secret")).run()
