# SPDX-License-Identifier: BSD-3-Clause
"""A carrier's SMSC that does what a script tells it: SMPP 3.4 server, TCP or TLS, any number of binds.

It records every submit_sm (raw octets, bind, monotonic time) and answers by `script`, a function
from a Submit to an Answer. Everything on the wire happens in one asyncio thread; tests call the
public methods from their own thread and wait on states with wait().
"""

import asyncio
import dataclasses
import itertools
import ssl
import threading
import time
from dataclasses import dataclass
from typing import Callable, Optional, Union

from . import smpp


@dataclass(frozen=True)
class Receipt:
    """One delivery receipt.

    form: "text" (Appendix B), "tlv" (no text at all), "both", or a function
    (submit, receipt) -> (short_message, tlvs). early: sent before the submit_sm_resp, which then waits
    until the receipt was answered. on: "same", "other" (another bind of the account) or a link number.
    """
    state: str = "DELIVRD"
    err: Optional[str] = "000"
    form: Union[str, Callable] = "text"
    after: float = 0.0
    early: bool = False
    on: Union[str, int] = "same"
    times: int = 1
    network_error: Optional[bytes] = None


@dataclass(frozen=True)
class Answer:
    """What becomes of one submit_sm. message_id: None = the carrier numbers it, "" = none at all."""
    status: int = smpp.ROK
    delay: float = 0.0
    drop: bool = False        # never answered
    disconnect: bool = False  # the link is cut instead of an answer
    message_id: Optional[str] = None
    receipts: tuple = (Receipt(),)


# Answers to a deliver_sm after which a carrier tries again (SMPP 3.4, 5.1.3), and how long it waits.
TRY_AGAIN = (0x08, smpp.RMSGQFUL, smpp.RTHROTTLED, smpp.RX_T_APPN)
REDELIVER_AFTER = 1.0

ACCEPT = Answer()
NO_RECEIPT = Answer(receipts=())


def refuse(status):
    return Answer(status=status, receipts=())


@dataclass
class Submit:
    number: int       # from 0, in order of arrival
    time: float       # time.monotonic()
    link: "Link"
    sequence: int
    sm: smpp.Sm
    raw: bytes        # the PDU's body
    answer: Answer = None
    message_id: str = ""
    answered: Optional[float] = None


@dataclass
class Delivery:
    """A deliver_sm of ours; status is None until the peer took it or refused it for good. link and sequence: of the
    last try; refused: the answers before that asked for another."""
    link: "Link"
    sequence: int
    sm: smpp.Sm
    time: float
    status: Optional[int] = None
    submit: Optional[Submit] = None
    refused: list = dataclasses.field(default_factory=list)


class Link(asyncio.Protocol):
    """One TCP connection of a client."""

    def __init__(self, carrier):
        self.carrier = carrier
        self.number = None
        self.bind = None        # smpp.Bind once bound
        self.kind = None        # bind command
        self.transport = None
        self.peer = None
        self.buffer = bytearray()
        self.sequence = 0
        self.open = False
        self.enquiries = 0
        self.waiting = {}       # deliver_sm sequence -> (Delivery, then)

    @property
    def bound(self):
        return self.open and self.kind is not None

    @property
    def receives(self):
        return self.bound and self.kind != smpp.BIND_TRANSMITTER

    def connection_made(self, transport):
        self.transport, self.open = transport, True
        self.peer = transport.get_extra_info("peername")
        with self.carrier.changed:
            self.number = len(self.carrier.links)
            self.carrier.links.append(self)
            self.carrier.changed.notify_all()

    def connection_lost(self, exc):
        with self.carrier.changed:
            self.open = False
            self.carrier.changed.notify_all()

    def data_received(self, data):
        now = time.monotonic()
        self.buffer += data
        try:
            pdus = smpp.split_pdus(self.buffer)
            with self.carrier.changed:
                for pdu in pdus:
                    self._handle(pdu, now)
                self.carrier.changed.notify_all()
        except smpp.SmppError as e:
            self.carrier.faults.append(f"link {self.number}: {e}")
            self.transport.abort()

    def write(self, pdu):
        if self.open:
            self.transport.write(pdu.encode())

    def _answer(self, pdu, status=smpp.ROK, body=b""):
        self.write(smpp.Pdu(pdu.command | smpp.RESP, status, pdu.sequence, body))

    def _handle(self, pdu, now):
        if pdu.command in smpp.BIND_NAMES:
            self._handle_bind(pdu)
        elif pdu.command == smpp.SUBMIT_SM and self.bound and self.kind != smpp.BIND_RECEIVER:
            self.carrier._submitted(self, pdu, now)
        elif pdu.command == smpp.ENQUIRE_LINK:
            self.enquiries += 1
            if self.carrier.answer_enquiries:
                self._answer(pdu)
        elif pdu.command == smpp.UNBIND:
            self._answer(pdu)
            self.kind = None
            self.transport.close()
        elif pdu.command == smpp.DELIVER_SM | smpp.RESP:
            delivery, then = self.waiting.pop(pdu.sequence, (None, None))
            if delivery is None:
                self.carrier.faults.append(f"deliver_sm_resp {pdu.sequence} answers nothing")
                return
            if pdu.status in TRY_AGAIN:
                delivery.refused.append(pdu.status)
                self.carrier._later(REDELIVER_AFTER, self.carrier._redeliver, delivery, then)
                return
            delivery.status = pdu.status
            if then:
                then()
        elif pdu.command == smpp.GENERIC_NACK:
            self.carrier.nacks.append((pdu.status, pdu.sequence))
        elif pdu.command & smpp.RESP:
            pass
        else:
            self.write(smpp.Pdu(smpp.GENERIC_NACK, 0x03 if self.bound else 0x04, pdu.sequence))

    def _handle_bind(self, pdu):
        bind = smpp.parse_bind(pdu.body, self.carrier.password_octets)
        status = self.carrier.bind_status(self, bind)
        self.carrier.bind_attempts.append((bind, pdu.command, status))
        if status is None:
            self.write(smpp.Pdu(smpp.GENERIC_NACK, smpp.RINVCMDID, pdu.sequence))
            return
        if status != smpp.ROK:
            self.carrier._later(self.carrier.refuse_after, self._answer, pdu, status)
            return
        self.bind, self.kind = bind, pdu.command  # before the peer knows it
        self._answer(pdu, status, self.carrier.name.encode() + b"\0")

    def deliver(self, sm, submit=None, then=None):
        delivery = Delivery(self, 0, sm, time.monotonic(), None, submit)
        self.carrier.deliveries.append(delivery)
        self.send(delivery, then)
        return delivery

    def send(self, delivery, then):
        self.sequence += 1
        delivery.link, delivery.sequence = self, self.sequence
        self.waiting[self.sequence] = (delivery, then)
        self.write(smpp.Pdu(smpp.DELIVER_SM, 0, self.sequence, delivery.sm.encode()))


class Carrier:
    """accounts: system_id -> password. tls: (certificate file, key file) or None."""

    def __init__(self, accounts=None, script=None, tls=None, port=0, name="carrier", id_format="{:08x}"):
        self.accounts = accounts or {"byo": "secret"}
        self.script = script or (lambda submit: ACCEPT)
        self.name = name
        self.id_format = id_format
        self.port = port
        self.answer_enquiries = True
        self.password_octets = 9   # of a bind, with the NUL
        # No carrier is so near that it refuses a bind within microseconds: stock bearerbox crashes now and then when one
        # does (patches/README.md, 0014).
        self.refuse_after = 0.02
        self.changed = threading.Condition()
        self.links, self.submits, self.deliveries = [], [], []
        self.bind_attempts, self.faults = [], []
        self.nacks = []            # (status, sequence) of each generic_nack
        self._ids = itertools.count(0x1A2B0001)
        self._tls = None
        if tls:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(*tls)
        self._loop = asyncio.new_event_loop()
        self._server = None
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    # -- life ---------------------------------------------------------------------------------
    def start(self):
        self._server = self._call(self._listen())
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def _listen(self):
        return await self._loop.create_server(lambda: Link(self), "127.0.0.1", self.port, ssl=self._tls,
                                              reuse_address=True)

    def close_port(self):
        """New connections are refused; those that stand stay."""
        self._loop.call_soon_threadsafe(self._server.close)

    def stop(self):
        if not self._thread.is_alive():
            return
        if self._server:
            self._loop.call_soon_threadsafe(self._server.close)
        self.drop_links()
        with self.changed:  # an aborted socket is closed a turn of the loop later
            self.changed.wait_for(lambda: not self.open_links(), 5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def _in_loop(self, function, *args):
        async def run():
            with self.changed:
                value = function(*args)
                self.changed.notify_all()
                return value
        return self._call(run())

    # -- what it sees -------------------------------------------------------------------------
    def open_links(self):
        return [link for link in list(self.links) if link.open]

    def bound(self, system_id=None):
        return [link for link in list(self.links)
                if link.bound and (system_id is None or link.bind.system_id == system_id)]

    def wait(self, predicate, timeout=20, what="a state of the carrier"):
        """Returns predicate()'s value as soon as it is true."""
        with self.changed:
            value = self.changed.wait_for(predicate, timeout)
        if not value:
            raise AssertionError(f"not within {timeout} s: {what}; {self.describe()}")
        return value

    def wait_bound(self, n=1, system_id=None, timeout=30):
        return self.wait(lambda: len(self.bound(system_id)) >= n and self.bound(system_id), timeout,
                         f"{n} bind(s)")

    def wait_submits(self, n, timeout=20, where=None):
        """The first n submits (that `where` is true for); it is an error if they do not come."""
        def enough():
            found = [s for s in self.submits if where is None or where(s)]
            return found if len(found) >= n else None
        return self.wait(enough, timeout, f"{n} submit_sm")

    def wait_answered(self, timeout=20):
        """Every deliver_sm sent so far has its deliver_sm_resp."""
        self.wait(lambda: all(d.status is not None for d in self.deliveries if d.link.open), timeout,
                  "all deliver_sm answered")

    def describe(self):
        return (f"{len(self.submits)} submits, {len(self.deliveries)} deliver_sm, "
                f"{len(self.bound())} of {len(self.links)} links bound, "
                f"binds tried {[(b.system_id, hex(s or 0)) for b, _, s in self.bind_attempts[-5:]]}, "
                f"faults {self.faults[-5:]}")

    # -- what it does -------------------------------------------------------------------------
    def bind_status(self, link, bind):
        """Replace to script the answer to a bind; None is a generic_nack."""
        if bind.system_id not in self.accounts:
            return smpp.RINVSYSID
        if self.accounts[bind.system_id] != bind.password:
            return smpp.RINVPASWD
        return smpp.ROK

    def mo(self, sm, link=None, wait=True, timeout=20):
        """Sends a deliver_sm that is a message; waits for its answer."""
        target = link or next((x for x in self.bound() if x.receives), None)
        if target is None:
            raise AssertionError("no bind that receives")
        delivery = self._in_loop(target.deliver, sm)
        if wait:
            self.wait(lambda: delivery.status is not None, timeout, "the answer to a deliver_sm")
        return delivery

    def receipt(self, submit, receipt=Receipt(), wait=True, timeout=20):
        """Sends a receipt for a submit answered earlier."""
        deliveries = self._in_loop(self._send_receipt, submit, receipt)
        if wait:
            self.wait(lambda: all(d.status is not None for d in deliveries), timeout,
                      "the answer to a receipt")
        return deliveries

    def drop_links(self, links=None):
        def drop():
            for link in links or self.links:
                if link.open:
                    link.transport.abort()
        self._loop.call_soon_threadsafe(drop)

    def stall(self, stalled=True):
        """Stops reading from every link, as a hung peer does; or goes on."""
        def act():
            for link in self.open_links():
                (link.transport.pause_reading if stalled else link.transport.resume_reading)()
        self._in_loop(act)

    def garbage(self, octets, link=None):
        target = link or self.bound()[0]
        self._loop.call_soon_threadsafe(target.transport.write, octets)

    def forget(self):
        """Empties the records, for the next test on the same links."""
        with self.changed:
            self.submits, self.deliveries, self.faults, self.nacks = [], [], [], []
            self.script = lambda submit: ACCEPT

    # -- inside the loop ----------------------------------------------------------------------
    def _submitted(self, link, pdu, now):
        try:
            sm = smpp.parse_sm(pdu.body)
        except smpp.SmppError as e:
            self.faults.append(f"submit_sm: {e}")
            link._answer(pdu, smpp.RINVMSGLEN)
            return
        submit = Submit(len(self.submits), now, link, pdu.sequence, sm, pdu.body)
        self.submits.append(submit)
        try:
            submit.answer = self.script(submit)
        except Exception as e:  # a broken script is a fault of the test, told by describe()
            self.faults.append(f"script: {e!r}")
            submit.answer = refuse(smpp.RUNKNOWNERR)
        if submit.answer.disconnect:
            link.transport.abort()
        elif not submit.answer.drop:
            self._later(submit.answer.delay, self._answer_submit, submit)

    def _later(self, delay, function, *args):
        if delay:
            self._loop.call_later(delay, self._locked, function, *args)
        else:
            function(*args)

    def _locked(self, function, *args):
        with self.changed:
            function(*args)
            self.changed.notify_all()

    def _answer_submit(self, submit):
        answer = submit.answer
        if answer.status == smpp.ROK:
            submit.message_id = (self.id_format.format(next(self._ids)) if answer.message_id is None
                                 else answer.message_id)
        wants_receipt = answer.status == smpp.ROK and submit.sm.registered_delivery & 3
        early = [r for r in answer.receipts if r.early] if wants_receipt else []
        late = [r for r in answer.receipts if not r.early] if wants_receipt else []

        def respond():
            body = submit.message_id.encode("latin-1") + b"\0" if answer.status == smpp.ROK else b""
            submit.answered = time.monotonic()
            submit.link.write(smpp.Pdu(smpp.SUBMIT_SM | smpp.RESP, answer.status, submit.sequence, body))
            for receipt in late:
                self._later(receipt.after, self._send_receipt, submit, receipt)

        open_answers = sum(r.times for r in early)
        if not open_answers:
            respond()
            return
        left = itertools.count(open_answers - 1, -1)

        def answered():
            if next(left) == 0:
                respond()
        for receipt in early:
            self._send_receipt(submit, receipt, answered)

    def _send_receipt(self, submit, receipt, then=None):
        link = self._receipt_link(submit, receipt)
        if link is None:
            self.faults.append(f"no bind for the receipt of submit {submit.number}")
            return []
        message, tlvs = self._receipt_body(submit, receipt)
        sm = smpp.Sm(source=submit.sm.destination, destination=submit.sm.source,
                     source_ton=submit.sm.dest_ton, source_npi=submit.sm.dest_npi,
                     dest_ton=submit.sm.source_ton, dest_npi=submit.sm.source_npi,
                     esm_class=smpp.ESM_RECEIPT, short_message=message, tlvs=tlvs)
        return [link.deliver(sm, submit, then) for _ in range(receipt.times)]

    def _redeliver(self, delivery, then):
        """As carriers do: the same again, on the same bind or another of the account."""
        if delivery not in self.deliveries:
            return  # forgotten
        able = [x for x in self.bound(delivery.link.bind.system_id) if x.receives]
        if able:
            (delivery.link if delivery.link in able else able[0]).send(delivery, then)
        else:
            self._later(REDELIVER_AFTER, self._redeliver, delivery, then)

    def _receipt_link(self, submit, receipt):
        if isinstance(receipt.on, int):
            return self.links[receipt.on]
        able = [x for x in self.bound(submit.link.bind.system_id) if x.receives] or \
               [x for x in self.bound() if x.receives]
        if receipt.on == "other":
            able = [x for x in able if x is not submit.link]
        elif submit.link in able:
            return submit.link
        return able[submit.number % len(able)] if able else None

    @staticmethod
    def _receipt_body(submit, receipt):
        if callable(receipt.form):
            return receipt.form(submit, receipt)
        text, tlvs = b"", {}
        if receipt.form in ("text", "both"):
            text = smpp.receipt_text(submit.message_id, receipt.state, receipt.err,
                                     submit.sm.content[:20].replace(b"\0", b""))
        if receipt.form in ("tlv", "both"):
            tlvs = smpp.receipt_tlvs(submit.message_id, receipt.state, receipt.network_error)
        elif receipt.network_error is not None:
            tlvs = {smpp.TLV_NETWORK_ERROR_CODE: receipt.network_error}
        return text, tlvs


def most_in_any_second(times, window=1.0):
    """The largest number of events in any half-open window of that many seconds."""
    times = sorted(times)
    most, first = 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - window:
            first += 1
        most = max(most, last - first + 1)
    return most


def mean_rate(times):
    """Events per second from the first to the last event."""
    times = sorted(times)
    span = times[-1] - times[0] if len(times) > 1 else 0
    return (len(times) - 1) / span if span else 0.0


def by_status(*statuses, then=ACCEPT):
    """A script: the first submits get these statuses in turn, all later ones `then`."""
    left = list(statuses)

    def script(submit):
        if not left:
            return then
        status = left.pop(0)
        return refuse(status) if status else then
    return script


def with_receipts(*receipts, **answer):
    """A script: every submit is accepted and gets these receipts."""
    fixed = dataclasses.replace(ACCEPT, receipts=tuple(receipts), **answer)
    return lambda submit: fixed
