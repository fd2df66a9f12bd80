# SPDX-License-Identifier: BSD-3-Clause
"""SMPP 3.4 PDUs, written from the specification alone: nothing of Kannel or byobox is used here.

Values in, values out; no sockets, no threads.
"""

import struct
from dataclasses import dataclass, field

GENERIC_NACK = 0x80000000
BIND_RECEIVER = 0x00000001
BIND_TRANSMITTER = 0x00000002
SUBMIT_SM = 0x00000004
DELIVER_SM = 0x00000005
UNBIND = 0x00000006
OUTBIND = 0x0000000B
BIND_TRANSCEIVER = 0x00000009
ENQUIRE_LINK = 0x00000015
DATA_SM = 0x00000103
RESP = 0x80000000

BIND_NAMES = {
    BIND_RECEIVER: "receiver",
    BIND_TRANSMITTER: "transmitter",
    BIND_TRANSCEIVER: "transceiver",
}

ROK = 0x00
RINVMSGLEN = 0x01
RINVCMDLEN = 0x02
RINVCMDID = 0x03
RALYBND = 0x05
RINVSRCADR = 0x0A
RINVDSTADR = 0x0B
RBINDFAIL = 0x0D
RINVPASWD = 0x0E
RINVSYSID = 0x0F
RMSGQFUL = 0x14
RTHROTTLED = 0x58
RX_T_APPN = 0x64
RUNKNOWNERR = 0xFF

TLV_SAR_MSG_REF_NUM = 0x020C
TLV_SAR_TOTAL_SEGMENTS = 0x020E
TLV_SAR_SEGMENT_SEQNUM = 0x020F
TLV_NETWORK_ERROR_CODE = 0x0423
TLV_MESSAGE_PAYLOAD = 0x0424
TLV_MESSAGE_STATE = 0x0427
TLV_RECEIPTED_MESSAGE_ID = 0x001E

ESM_RECEIPT = 0x04
ESM_UDHI = 0x40

STATES = {
    "ENROUTE": 1, "DELIVRD": 2, "EXPIRED": 3, "DELETED": 4,
    "UNDELIV": 5, "ACCEPTD": 6, "UNKNOWN": 7, "REJECTD": 8,
}

MAX_PDU = 70000


class SmppError(Exception):
    """A PDU that breaks the specification."""


@dataclass
class Pdu:
    command: int
    status: int
    sequence: int
    body: bytes = b""

    def encode(self):
        return struct.pack(">IIII", 16 + len(self.body), self.command, self.status,
                           self.sequence) + self.body


def split_pdus(buffer):
    """Takes whole PDUs off the front of a bytearray."""
    pdus = []
    pos = 0
    while len(buffer) - pos >= 16:
        length, command, status, sequence = struct.unpack_from(">IIII", buffer, pos)
        if length < 16 or length > MAX_PDU:
            raise SmppError(f"command_length {length}")
        if len(buffer) - pos < length:
            break
        pdus.append(Pdu(command, status, sequence, bytes(buffer[pos + 16:pos + length])))
        pos += length
    del buffer[:pos]
    return pdus


class _Reader:
    def __init__(self, body):
        self.body, self.pos = body, 0

    def octet(self):
        if self.pos >= len(self.body):
            raise SmppError("PDU too short")
        self.pos += 1
        return self.body[self.pos - 1]

    def cstring(self, limit):
        end = self.body.find(b"\0", self.pos)
        if end < 0:
            raise SmppError("C-octet string without its end")
        text = self.body[self.pos:end]
        if len(text) + 1 > limit:
            raise SmppError(f"C-octet string of {len(text) + 1} octets, {limit} allowed")
        self.pos = end + 1
        return text.decode("latin-1")

    def octets(self, n):
        if self.pos + n > len(self.body):
            raise SmppError("PDU too short")
        self.pos += n
        return self.body[self.pos - n:self.pos]

    def tlvs(self):
        found = {}
        while self.pos < len(self.body):
            if self.pos + 4 > len(self.body):
                raise SmppError("cut TLV")
            tag, length = struct.unpack(">HH", self.octets(4))
            found[tag] = self.octets(length)
        return found


@dataclass
class Bind:
    system_id: str
    password: str
    system_type: str
    interface_version: int
    addr_ton: int
    addr_npi: int
    address_range: str


def parse_bind(body, password_octets=9):
    r = _Reader(body)
    return Bind(r.cstring(16), r.cstring(password_octets), r.cstring(13), r.octet(), r.octet(), r.octet(),
                r.cstring(41))


@dataclass
class Sm:
    """submit_sm or deliver_sm; both have the same body."""
    source: str = ""
    destination: str = ""
    short_message: bytes = b""
    data_coding: int = 0
    esm_class: int = 0
    registered_delivery: int = 0
    source_ton: int = 0
    source_npi: int = 0
    dest_ton: int = 0
    dest_npi: int = 0
    service_type: str = ""
    protocol_id: int = 0
    priority: int = 0
    schedule: str = ""
    validity: str = ""
    replace_if_present: int = 0
    default_msg_id: int = 0
    tlvs: dict = field(default_factory=dict)

    @property
    def payload(self):
        return self.tlvs.get(TLV_MESSAGE_PAYLOAD, self.short_message)

    @property
    def udh(self):
        if not self.esm_class & ESM_UDHI or not self.payload:
            return b""
        return self.payload[:self.payload[0] + 1]

    @property
    def content(self):
        return self.payload[len(self.udh):]

    @property
    def concat(self):
        """(reference, total, number) of a concatenated message, None for a single one."""
        udh = self.udh[1:]
        while len(udh) >= 2:
            kind, length = udh[0], udh[1]
            value = udh[2:2 + length]
            if kind == 0 and length == 3:
                return value[0], value[1], value[2]
            if kind == 8 and length == 4:
                return (value[0] << 8) | value[1], value[2], value[3]
            udh = udh[2 + length:]
        return None

    def encode(self):
        def cstring(text):
            return text.encode("latin-1") + b"\0"
        if len(self.short_message) > 254:
            raise SmppError("short_message over 254 octets")
        body = (cstring(self.service_type)
                + bytes([self.source_ton, self.source_npi]) + cstring(self.source)
                + bytes([self.dest_ton, self.dest_npi]) + cstring(self.destination)
                + bytes([self.esm_class, self.protocol_id, self.priority])
                + cstring(self.schedule) + cstring(self.validity)
                + bytes([self.registered_delivery, self.replace_if_present, self.data_coding,
                         self.default_msg_id, len(self.short_message)]) + self.short_message)
        for tag, value in self.tlvs.items():
            body += struct.pack(">HH", tag, len(value)) + value
        return body


def parse_sm(body):
    r = _Reader(body)
    sm = Sm()
    sm.service_type = r.cstring(6)
    sm.source_ton, sm.source_npi, sm.source = r.octet(), r.octet(), r.cstring(21)
    sm.dest_ton, sm.dest_npi, sm.destination = r.octet(), r.octet(), r.cstring(21)
    sm.esm_class, sm.protocol_id, sm.priority = r.octet(), r.octet(), r.octet()
    sm.schedule, sm.validity = r.cstring(17), r.cstring(17)
    sm.registered_delivery, sm.replace_if_present = r.octet(), r.octet()
    sm.data_coding, sm.default_msg_id = r.octet(), r.octet()
    sm.short_message = r.octets(r.octet())
    sm.tlvs = r.tlvs()
    return sm


def receipt_text(message_id, state, err="000", text=b"", date="2611221600", done=None, sub="001"):
    """The receipt of SMPP 3.4 Appendix B. err, sub None: the field is left out."""
    delivered = "001" if state == "DELIVRD" else "000"
    parts = [f"id:{message_id}"]
    if sub is not None:
        parts.append(f"sub:{sub} dlvrd:{delivered}")
    if date:
        parts.append(f"submit date:{date} done date:{done or date}")
    parts.append(f"stat:{state}")
    if err is not None:
        parts.append(f"err:{err}")
    return " ".join(parts).encode("latin-1") + b" text:" + text


def receipt_tlvs(message_id, state, network_error=None):
    """network_error: three raw octets (network type, 16-bit code), or None."""
    tlvs = {TLV_RECEIPTED_MESSAGE_ID: message_id.encode("latin-1") + b"\0",
            TLV_MESSAGE_STATE: bytes([STATES[state]])}
    if network_error is not None:
        tlvs[TLV_NETWORK_ERROR_CODE] = network_error
    return tlvs
