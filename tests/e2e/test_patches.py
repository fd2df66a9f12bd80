# SPDX-License-Identifier: BSD-3-Clause
"""Each patch of patches/ on the bearerbox it makes, without byobox: a box peer here, a carrier there.

What byobox makes of them is told by the other tests, which run on both bearerboxes.
"""

import json
import os
import ssl
import struct
import subprocess
import tempfile
import time
from pathlib import Path

from byo import boxpeer, conf, smpp
from byo.application import parse_meta, parse_query
from byo.ca import TestCA
from byo.carrier import Answer, Carrier, Receipt, by_status, refuse, with_receipts
from byo.case import Case, only_on
from byo.installation import stock_smsc
from byo.kannel import IDLE_LINK, Bearerbox, Log, Smsbox
from byo.process import wait_for

OURS, MOBILE = "+12025550100", "+12025550199"
TOP = Path(__file__).resolve().parents[2]


def octets_of(frame, group, key):
    """A value of the meta-data as octets, None when it is not there."""
    pieces = (frame.meta_data or b"").decode("ascii").split("?")
    for name, pairs in zip(pieces[1::2], pieces[2::2]):
        if name == group:
            return parse_query(pairs).get(key)
    return None


def meta(frame):
    return parse_meta((frame.meta_data or b"").decode("ascii"))


class Patched(Case):
    """One link group "carrier-a" with `keys`, and a box "byobox" that sends and hears."""

    kannel = ("patched",)
    keys = {}

    @classmethod
    def site_options(cls):
        return {"stock": True, "smsboxes": (), **cls.keys} if cls.keys else None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.site:
            cls.site.bearerbox.wait_online("carrier-a", int(cls.keys.get("binds", 1)))
            cls.box = boxpeer.BoxPeer.connect(cls.site.bearerbox.smsbox_port, "byobox")
            wait_for(lambda: "byobox" in [b for _, b, _ in cls.site.bearerbox.boxes()], 20, "our box")

    @classmethod
    def tearDownClass(cls):
        if cls.site:
            cls.box.close()  # bearerbox waits for it when it ends
        super().tearDownClass()

    def setUp(self):
        super().setUp()
        if self.site:
            self.carrier = self.site.carrier
            self.box.frames.clear()

    def send(self, text=b"hello", meta_data=None, dlr_mask=31, **more):
        values = {"sender": OURS, "receiver": MOBILE, "msgdata": text, "smsc_id": "carrier-a",
                  "sms_type": boxpeer.MT_PUSH, "coding": 0, "dlr_mask": dlr_mask, "dlr_url": self.ref,
                  "boxc_id": "byobox", "meta_data": meta_data}
        values.update(more)
        return self.box.send(boxpeer.sms(**values))

    def reports(self, n=1, mask=None):
        """Reports of this test's messages, and receipts, which do not say whose they are."""
        return self.box.wait_sms(n, where=lambda f: f.sms_type == boxpeer.REPORT_MO
                                 and f.dlr_url in (None, self.ref.encode())
                                 and (mask is None or f.dlr_mask == mask))

    def link(self, bearerbox=None, smsc_id="carrier-a"):
        """What status.xml says of the link."""
        for smsc in (bearerbox or self.site.bearerbox).status().iter("smsc"):
            if smsc.findtext("id") == smsc_id:
                return {child.tag: child.text for child in smsc}
        return None

    def bearerbox_with(self, carrier, ready=True, **keys):
        """A bearerbox of this test's own with one link to that carrier."""
        work = Path(tempfile.mkdtemp(prefix=self.ref[:40] + "-", dir=self.work))
        bearerbox = Bearerbox(work)
        bearerbox.smsc_conf.write_text(IDLE_LINK + stock_smsc(carrier, **keys))
        self.addCleanup(bearerbox.stop)
        return bearerbox.start(ready)

    def carrier_with(self, **options):
        carrier = Carrier(**options).start()
        self.addCleanup(carrier.stop)
        return carrier


class Features(Patched):
    keys = {"binds": 1}

    def test_the_status_page_names_them(self):
        self.assertEqual(self.site.bearerbox.status().findtext("features").split(),
                         ["raw-payload", "submit-status", "receipts-to-box", "mo-raw", "verified-tls", "bind-retry"])


class RawPayload(Patched):
    """J4: every {dcs, charset} pair arrives as it was written."""

    keys = {"raw_payload": True, "max_sms_octets": 500, "alt_charset": "ISO-8859-15", "max_pending_submits": 100}
    udh = b"\x05\x00\x03\x2a\x02\x01"

    def test_every_data_coding_with_every_octet(self):
        payloads = {dcs: bytes((dcs + i) & 255 for i in range(134)) for dcs in range(256)}
        for dcs, payload in payloads.items():
            self.send(payload, f"?smpp?data_coding={dcs}&", udhdata=self.udh, coding=dcs % 3)
        submits = self.carrier.wait_submits(256)
        self.assertEqual({s.sm.data_coding: s.sm.content for s in submits}, payloads)
        self.assertEqual({s.sm.udh for s in submits}, {self.udh})

    def test_message_class_and_the_like_play_no_part(self):
        for more in ({"mclass": 1}, {"mwi": 0}, {"alt_dcs": 1}, {"compress": 1, "coding": 2}):
            self.send(b"\x00\xff\x1b", "?smpp?data_coding=3&", **more)
        for submit in self.carrier.wait_submits(4):
            self.assertEqual((submit.sm.data_coding, submit.sm.short_message), (3, b"\x00\xff\x1b"))

    def test_a_message_without_data_coding_is_converted_as_ever(self):
        self.send("10 €".encode(), "?smpp?source_addr_ton=5&")
        submit = self.carrier.wait_submits(1)[0]
        self.assertEqual((submit.sm.data_coding, submit.sm.short_message), (0, "10 €".encode("iso-8859-15")))


class RawPayloadAbsent(Patched):
    keys = {"binds": 1}
    kannel = ("stock", "patched")

    def test_the_text_is_converted(self):
        self.send("é@".encode(), "?smpp?data_coding=3&")
        self.send(b"\x00\x01", "?smpp?data_coding=3&", coding=1)
        submits = self.carrier.wait_submits(2)
        self.assertEqual([(s.sm.data_coding, s.sm.short_message) for s in submits], [(3, b"\xe9@"), (4, b"\x00\x01")])


class SubmitStatus(Patched):
    """D3: both kinds of errors reach the map; D4: the box retries, nobody else."""

    keys = {"submit_status_to_box": True, "wait_ack": 1, "enquire_link_interval": 1}

    def test_every_status_comes_back_at_once_and_once(self):
        statuses = [s for s in range(1, 256) if s != smpp.RTHROTTLED] + [0x400, 0x4FF, 0x58]
        self.carrier.script = lambda s: refuse(int(s.sm.short_message))
        for status in statuses:
            self.send(str(status))
        reports = self.reports(len(statuses), 16)
        self.assertEqual([int(r.msgdata.split(b"/")[1], 16) for r in reports], statuses)
        self.assertEqual([int(meta(r)["smpp_resp"]["command_status"]) for r in reports], statuses)
        self.assertEqual([r.msgdata for r in reports][-1], b"NACK/0x00000058/Throttling error")
        self.assertEqual(len(self.carrier.submits), len(statuses))

    def test_what_the_answer_says_of_the_reason(self):
        tlvs = (struct.pack(">HH", 0x001D, 5) + b"full\0" + struct.pack(">HHB", 0x0425, 1, 2)
                + struct.pack(">HH", 0x0423, 3) + b"\x03\x00\x58")

        def script(submit):
            submit.link.write(smpp.Pdu(smpp.SUBMIT_SM | smpp.RESP, smpp.RMSGQFUL, submit.sequence, b"\0" + tlvs))
            return Answer(drop=True)
        self.carrier.script = script
        self.send()
        report = self.reports(1, 16)[0]
        self.assertEqual(report.msgdata, b"NACK/0x00000014/Message Queue Full")
        self.assertEqual(octets_of(report, "smpp_resp", "network_error_code"), b"\x03\x00\x58")
        self.assertEqual(octets_of(report, "smpp_resp", "delivery_failure_reason"), b"2")
        self.assertEqual(octets_of(report, "smpp_resp", "additional_status_info_text"), b"full")

    def test_a_generic_nack_is_an_answer(self):
        def script(submit):
            submit.link.write(smpp.Pdu(smpp.GENERIC_NACK, smpp.RX_T_APPN, submit.sequence))
            return Answer(drop=True)
        self.carrier.script = script
        self.send()
        self.assertTrue(self.reports(1, 16)[0].msgdata.startswith(b"NACK/0x00000064/"))
        self.assertEqual(len(self.carrier.submits), 1)

    def test_no_answer_is_told_and_not_sent_again(self):
        self.carrier.script = lambda s: Answer(drop=s.number == 0)
        self.send()
        self.assertEqual(self.reports(1, 16)[0].msgdata, b"NACK/no answer")
        self.send("next")
        self.assertEqual([s.sm.short_message for s in self.carrier.wait_submits(2)], [b"hello", b"next"])

    def test_a_lost_connection_is_told_and_not_sent_again(self):
        self.carrier.script = lambda s: Answer(disconnect=s.number == 0)
        self.send()
        self.assertEqual(self.reports(1, 16)[0].msgdata, b"NACK/connection lost")
        self.carrier.wait_bound(1)
        self.send("next")
        self.assertEqual([s.sm.short_message for s in self.carrier.wait_submits(2)], [b"hello", b"next"])

    def test_without_a_failure_report_bearerbox_retries_as_ever(self):
        self.carrier.script = by_status(smpp.RMSGQFUL)
        self.send(dlr_mask=8)
        self.assertEqual([r.dlr_mask for r in self.reports()], [8])
        self.assertEqual(len(self.carrier.submits), 2)


class SubmitStatusAbsent(Patched):
    keys = {"binds": 1}
    kannel = ("stock", "patched")

    def test_bearerbox_retries(self):
        self.carrier.script = by_status(smpp.RMSGQFUL)
        self.send()
        self.assertEqual([r.dlr_mask for r in self.reports()][0], 8)
        self.assertEqual(len(self.carrier.submits), 2)


class Receipts(Patched):
    """D1: every receipt reaches the box, whatever the bind or the order."""

    keys = {"receipts_to_box": True, "receipts_box_id": "byobox", "binds": 3, "max_pending_submits": 100}

    def test_answer_and_receipt_carry_the_message_id(self):
        self.send(meta_data="?app?key=value&")
        ack, receipt = self.reports(1, 8)[0], self.reports(1, 1)[0]
        submit = self.carrier.submits[0]
        self.assertEqual(ack.msgdata, b"ACK/")
        self.assertEqual((ack.foreign_id.decode(), ack.dlr_url.decode()), (submit.message_id, self.ref))
        self.assertEqual(meta(ack)["app"], {"key": "value"})
        self.assertEqual(octets_of(ack, "smpp_resp", "message_id").decode(), submit.message_id)
        self.assertEqual(receipt.foreign_id.decode(), submit.message_id)
        self.assertEqual(octets_of(receipt, "smpp", "message_id").decode(), submit.message_id)
        self.assertEqual((receipt.smsc_id, receipt.boxc_id, receipt.account), (b"carrier-a", b"byobox", b"byo"))
        self.assertEqual((receipt.sender.decode(), receipt.receiver.decode()), (OURS, MOBILE))
        self.assertIn(b"stat:DELIVRD err:000", receipt.msgdata)
        self.assertEqual(octets_of(receipt, "smpp", "esm_class"), b"4")
        self.assertEqual(octets_of(receipt, "smpp", "dlr_err"), b"\x03\x00\x00")

    def test_receipts_that_overtake_their_answer_on_another_bind(self):
        self.carrier.script = with_receipts(Receipt(early=True, on="other"))
        for i in range(500):
            self.send(receiver=f"+1202{i:07}")
        acks, receipts = self.reports(500, 8), self.reports(500, 1)
        self.assertEqual({r.foreign_id for r in acks}, {r.foreign_id for r in receipts})
        self.assertEqual(len({r.foreign_id for r in receipts}), 500)

    def test_nothing_is_stored(self):
        self.carrier.script = lambda s: Answer(receipts=())
        for _ in range(50):
            self.send()
        self.reports(50, 8)
        self.assertEqual(self.site.bearerbox.status().findtext("dlr/queued"), "0")

    def test_every_state_and_form(self):
        masks = {"ENROUTE": 4, "DELIVRD": 1, "EXPIRED": 34, "DELETED": 2, "UNDELIV": 2, "ACCEPTD": 4,
                 "UNKNOWN": 2, "REJECTD": 2}
        self.carrier.script = lambda s: Answer(receipts=())
        self.send()
        self.reports(1, 8)
        submit = self.carrier.submits[0]
        for state, mask in masks.items():
            with self.subTest(state):
                self.box.frames.clear()
                self.carrier.receipt(submit, Receipt(state, form="tlv", network_error=b"022"))
                receipt = self.reports()[0]
                self.assertEqual((receipt.dlr_mask, receipt.msgdata), (mask, b""))
                self.assertEqual(octets_of(receipt, "smpp", "message_state"), str(smpp.STATES[state]).encode())
                self.assertEqual(octets_of(receipt, "smpp", "network_error_code"), b"022")
                self.assertEqual(octets_of(receipt, "smpp", "receipted_message_id").decode(), submit.message_id)
                self.assertEqual(receipt.foreign_id.decode(), submit.message_id)

    def test_receipts_no_other_would_take(self):
        """Unknown id, no id, no state, an odd address: all are handed on and answered with OK."""
        link = next(x for x in self.carrier.bound())
        texts = {b"id:never-seen sub:001 dlvrd:001 submit date:2611221600 done date:2611221600 stat:DELIVRD err:A1B text:": 1,
                 b"what?": 2,
                 b"": 4}
        for text, mask in texts.items():
            with self.subTest(text):
                self.box.frames.clear()
                sm = smpp.Sm(source="abc", source_ton=1, destination="12345", esm_class=4, short_message=text)
                self.assertEqual(self.carrier.mo(sm, link).status, smpp.ROK)
                receipt = self.reports()[0]
                self.assertEqual((receipt.msgdata, receipt.dlr_mask, receipt.sender), (text, mask, b"12345"))
                self.assertEqual(receipt.foreign_id, b"never-seen" if b"seen" in text else None)

    def test_a_receipt_as_data_sm(self):
        body = (b"\0" + bytes([1, 1]) + MOBILE[1:].encode() + b"\0" + bytes([1, 1]) + OURS[1:].encode() + b"\0"
                + bytes([4, 0, 0]) + struct.pack(">HH", smpp.TLV_RECEIPTED_MESSAGE_ID, 5) + b"abcd\0"
                + struct.pack(">HHB", smpp.TLV_MESSAGE_STATE, 1, 2) + struct.pack(">HHH", 0x0204, 2, 4711))
        self.carrier._in_loop(self.carrier.bound()[0].write, smpp.Pdu(smpp.DATA_SM, 0, 9000, body))
        receipt = self.reports()[0]
        self.assertEqual((receipt.foreign_id, receipt.dlr_mask), (b"abcd", 1))
        self.assertEqual((receipt.sender.decode(), receipt.receiver.decode()), (OURS, MOBILE))
        self.assertEqual(octets_of(receipt, "smpp", "user_message_reference"), b"4711")

    def test_receipts_wait_for_their_box(self):
        port = self.site.bearerbox.smsbox_port
        other = boxpeer.BoxPeer.connect(port)
        self.addCleanup(other.close)
        self.carrier.script = lambda s: Answer(receipts=())
        self.send()
        self.reports(1, 8)
        type(self).box.close()
        wait_for(lambda: [b for _, b, _ in self.site.bearerbox.boxes() if b == "byobox"] == [], 20, "our box gone")
        for _ in range(20):
            self.carrier.receipt(self.carrier.submits[0])
        type(self).box = boxpeer.BoxPeer.connect(port, "byobox")
        self.assertEqual(len(self.reports(20, 1)), 20)
        self.assertEqual(other.of(boxpeer.SMS), [])

    def test_no_message_id_no_foreign_id(self):
        self.carrier.script = lambda s: Answer(message_id="", receipts=())
        self.send()
        self.assertIsNone(self.reports(1, 8)[0].foreign_id)


class ReceiptIds(Patched):
    keys = {"receipts_to_box": True, "msg_id_type": 1}

    def test_ids_of_both_bases_meet_and_are_given_as_written(self):
        """Answer in hex, receipt in decimal. Without receipts-box-id a receipt goes where MOs go."""
        anonymous = boxpeer.BoxPeer.connect(self.site.bearerbox.smsbox_port)
        self.addCleanup(anonymous.close)
        self.carrier.script = with_receipts(Receipt(form=lambda s, r: (
            smpp.receipt_text(str(int(s.message_id, 16)), "DELIVRD"), {})))
        self.send()
        ack = self.reports(1, 8)[0]
        receipt = anonymous.wait_sms(1)[0]
        hexadecimal = self.carrier.submits[0].message_id
        self.assertEqual(ack.foreign_id, receipt.foreign_id)
        self.assertEqual(ack.foreign_id.decode(), str(int(hexadecimal, 16)))
        self.assertEqual(octets_of(ack, "smpp_resp", "message_id").decode(), hexadecimal)
        self.assertEqual(octets_of(receipt, "smpp", "message_id").decode(), str(int(hexadecimal, 16)))


class MoRaw(Patched):
    """The octets an MO was written in, for the charset list of the integration."""

    keys = {"mo_raw": True, "groups": conf.group("smsbox-route", {"smsbox-id": "byobox", "smsc-id": "carrier-a"})}

    def mo(self, payload, dcs, udh=b"", **more):
        sm = smpp.Sm(source=MOBILE[1:], destination=OURS[1:], source_ton=1, source_npi=1, dest_ton=2, dest_npi=8,
                     data_coding=dcs, esm_class=0x40 if udh else 0, short_message=udh + payload, **more)
        self.assertEqual(self.carrier.mo(sm).status, smpp.ROK)

    def test_every_data_coding(self):
        payload = bytes(range(1, 120))
        for dcs in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 0xF0, 0xF5, 0xC8, 255):
            with self.subTest(dcs):
                self.box.frames.clear()
                self.mo(payload, dcs)
                message = self.box.wait_sms(1)[0]
                self.assertEqual(octets_of(message, "mo", "raw"), payload)
                self.assertEqual({k: v for k, v in meta(message)["mo"].items() if k != "raw"},
                                 {"data_coding": str(dcs), "esm_class": "0", "source_addr_ton": "1",
                                  "source_addr_npi": "1", "dest_addr_ton": "2", "dest_addr_npi": "8"})

    def test_the_text_is_decoded_as_ever(self):
        self.mo(b"\x00 caf\x05", 0)
        message = self.box.wait_sms(1)[0]
        self.assertEqual(message.msgdata.decode(), "@ café")
        self.assertEqual(octets_of(message, "mo", "raw"), b"\x00 caf\x05")

    def test_a_payload_tlv_and_an_empty_text(self):
        self.mo(b"", 3, tlvs={smpp.TLV_MESSAGE_PAYLOAD: b"\xe9" * 300})
        self.assertEqual(octets_of(self.box.wait_sms(1)[0], "mo", "raw"), b"\xe9" * 300)
        self.box.frames.clear()
        self.mo(b"", 3)
        self.assertEqual(octets_of(self.box.wait_sms(1)[0], "mo", "raw"), b"")

    def parts(self, *parts):
        for i, (payload, dcs) in enumerate(parts):
            self.mo(payload, dcs, bytes([5, 0, 3, len(self.ref), len(parts), i + 1]))
        return self.box.wait_sms(1)[0]

    def test_parts_put_together(self):
        whole = "naïve – Ж".encode("utf-8")
        message = self.parts((whole[:3], 9), (whole[3:8], 9), (whole[8:], 9))
        self.assertEqual(octets_of(message, "mo", "raw"), whole)
        self.assertEqual(meta(message)["mo"]["data_coding"], "9")

    def test_parts_written_differently_have_their_text_only(self):
        message = self.parts((b"ab", 3), ("cd".encode("utf-16-be"), 8))
        self.assertEqual(meta(message)["mo"], {})
        self.assertTrue(message.msgdata.startswith(b"ab"))


class Tls(Patched):
    """P12: the carrier is who it says before it hears the password."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = TestCA(cls.work)
        cls.good = cls.ca.server("smpp.example.org")
        cls.nowhere = cls.ca.server("elsewhere.example.org", address="127.0.0.9")
        folder = cls.work / "stranger"
        folder.mkdir()
        cls.stranger = TestCA(folder, "Somebody else").server("smpp.example.org")

    def both(self, tls, context=None, **keys):
        carrier = Carrier(tls=tls)
        self.addCleanup(carrier.stop)
        if context:
            context(carrier._tls)
        carrier.start()
        values = {"use_ssl": True, "bind_retry": 1}
        values.update(keys)
        return carrier, self.bearerbox_with(carrier, **values)

    def accepted(self, tls, context=None, **keys):
        carrier, bearerbox = self.both(tls, context, **keys)
        carrier.wait_bound(1)
        bearerbox.wait_online("carrier-a")
        self.assertEqual(self.link(bearerbox)["last-bind-status"], "0x00000000/OK")

    def refused(self, reasons, tls, context=None, **keys):
        carrier, bearerbox = self.both(tls, context, **keys)
        told = wait_for(lambda: (self.link(bearerbox) or {}).get("last-bind-status"), 20, "the reason",
                        [bearerbox.process])
        reason = told.removeprefix("connect/")
        self.assertIn(reason, (reasons,) if isinstance(reasons, str) else reasons)
        self.assertEqual(carrier.bind_attempts, [])
        self.assertIn(f"SSL connection failed: {reason}.".encode(), Log(bearerbox.work / "bearerbox.log").new())

    def test_the_right_name(self):
        self.accepted(self.good, ssl_verify_host=True, ssl_host_name="smpp.example.org",
                      ssl_ca_file=self.ca.certificate)

    def test_the_right_address(self):
        self.accepted(self.good, ssl_verify_host=True, ssl_ca_file=self.ca.certificate)

    def test_a_wrong_name(self):
        self.refused("hostname mismatch", self.nowhere, ssl_verify_host=True, ssl_host_name="smpp.example.org",
                     ssl_ca_file=self.ca.certificate)

    def test_a_wrong_address(self):
        self.refused("IP address mismatch", self.nowhere, ssl_verify_host=True, ssl_ca_file=self.ca.certificate)

    def test_an_unknown_ca(self):
        self.refused("unable to get local issuer certificate", self.stranger, ssl_verify_host=True,
                     ssl_host_name="smpp.example.org", ssl_ca_file=self.ca.certificate)

    def test_the_systems_cas_do_not_know_ours(self):
        self.refused("unable to get local issuer certificate", self.good, ssl_verify_host=True)

    def test_a_ca_file_alone_checks_the_signature_not_the_name(self):
        self.accepted(self.nowhere, ssl_ca_file=self.ca.certificate)
        self.refused("unable to get local issuer certificate", self.stranger, ssl_ca_file=self.ca.certificate)

    def test_a_ca_file_that_is_not_there(self):
        self.refused("trusted CA certificates could not be read", self.good, ssl_ca_file=self.work / "none.pem")

    def test_the_lowest_version(self):
        def old(context):
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.accepted(self.good, old, ssl_min_version="1.2")
        # What is heard depends on whether the server says why before it closes.
        self.refused(("tlsv1 alert protocol version", "unexpected eof while reading",
                      "connection closed in the handshake"), self.good, old, ssl_min_version="1.3")

    def test_the_name_is_sent(self):
        names = []

        def listen(context):
            context.sni_callback = lambda sock, name, ctx: names.append(name)
        self.accepted(self.good, listen, ssl_host_name="smpp.example.org")
        self.assertEqual(set(names), {"smpp.example.org"})

    def test_without_a_directive_anyone_is_believed_as_ever(self):
        names = []

        def listen(context):
            context.sni_callback = lambda sock, name, ctx: names.append(name)
        self.accepted(self.stranger, listen)
        self.assertEqual(set(names), {None})

    def test_messages_travel(self):
        carrier, bearerbox = self.both(self.good, ssl_verify_host=True, ssl_ca_file=self.ca.certificate)
        bearerbox.wait_online("carrier-a")
        box = boxpeer.BoxPeer.connect(bearerbox.smsbox_port, "byobox")
        self.addCleanup(box.close)
        for i in range(200):
            box.send(boxpeer.sms(sender=OURS, receiver=MOBILE, msgdata=str(i), smsc_id="carrier-a",
                                 sms_type=boxpeer.MT_PUSH, coding=0, dlr_mask=31, boxc_id="byobox"))
        box.wait_sms(400)
        self.assertEqual(sorted(int(s.sm.short_message) for s in carrier.submits), list(range(200)))

    def test_senseless_directives_are_refused_at_start(self):
        for keys in ({"ssl_verify_host": True}, {"use_ssl": True, "ssl_min_version": "1.1"}):
            with self.subTest(keys):
                bearerbox = self.bearerbox_with(self.carrier_with(), ready=False, **keys)
                wait_for(lambda: not bearerbox.process.alive, 20, "bearerbox to give up")
                self.assertIn(b"ssl-min-version", Log(bearerbox.work / "bearerbox.log").new())


class KeepText(Patched):
    def through_smsbox(self, text, **group):
        bearerbox = boxpeer.FakeBearerbox()
        self.addCleanup(bearerbox.stop)
        work = Path(tempfile.mkdtemp(dir=self.work))
        smsbox = Smsbox(work, Bearerbox(work), bearerbox.port, smsbox=group)
        self.addCleanup(smsbox.stop)
        smsbox.start()
        peer = bearerbox.next_peer()
        status, body = smsbox.request(to=MOBILE, from_=OURS, text=text, charset="UTF-8", coding=0)
        return peer.wait_sms(1)[0].msgdata.decode(), body

    def test_no_character_is_lost(self):
        text = "Жук и Ёж, 你好, 10 € [~] 😀 " * 12
        sent, body = self.through_smsbox(text, keep_text=True)
        self.assertEqual(sent, text)

    def test_absent_it_squeezes_as_ever(self):
        self.assertEqual(self.through_smsbox("Жук 10 €")[0], "??? 10 €")


class BindRetry(Patched):
    """L1: tried until it is right, and the reason is told (A2)."""

    def test_a_refused_bind_is_tried_again(self):
        carrier = self.carrier_with()
        statuses = [smpp.RINVPASWD, smpp.RINVSYSID, 0x53, smpp.RBINDFAIL]
        carrier.bind_status = lambda link, bind: statuses[min(len(carrier.bind_attempts), 3)] \
            if len(carrier.bind_attempts) < 4 else smpp.ROK
        bearerbox = self.bearerbox_with(carrier, bind_retry=1, reconnect_delay=60)
        seen = set()

        def online():
            link = self.link(bearerbox) or {}
            seen.add(link.get("last-bind-status"))
            return (link.get("status") or "").startswith("online")
        wait_for(online, 40, lambda: f"the bind; seen {seen}", [bearerbox.process])
        link = self.link(bearerbox)
        self.assertEqual(link["last-bind-status"], "0x00000000/OK")
        self.assertLess(abs(int(link["last-bind-time"]) - time.time()), 60)
        self.assertLessEqual({"0x0000000e/Invalid Password", "0x0000000f/Invalid System ID"}, seen)
        self.assertEqual(len(carrier.bind_attempts), 5)

    def test_zero_gives_up_as_ever_and_tells_why(self):
        carrier = self.carrier_with(accounts={"byo": "secret"})
        bearerbox = self.bearerbox_with(carrier, bind_retry=0, smsc_password="wrong")
        wait_for(lambda: (self.link(bearerbox) or {}).get("status") == "dead", 20, "the link's end")
        self.assertEqual(self.link(bearerbox)["last-bind-status"], "0x0000000e/Invalid Password")

    def test_absent_it_gives_up_and_the_page_is_as_ever(self):
        carrier = self.carrier_with()
        bearerbox = self.bearerbox_with(carrier, smsc_password="wrong")
        wait_for(lambda: (self.link(bearerbox) or {}).get("status") == "dead", 20, "the link's end")
        self.assertNotIn("last-bind-status", self.link(bearerbox))
        self.assertEqual(len(carrier.bind_attempts), 1)

    def test_why_it_did_not_come_to_a_bind(self):
        closed = self.carrier_with()
        closed.close_port()
        bearerbox = self.bearerbox_with(closed, bind_retry=1)
        wait_for(lambda: (self.link(bearerbox) or {}).get("last-bind-status") == "connect/no connection", 20,
                 lambda: f"the reason, {self.link(bearerbox)}")
        silent = self.carrier_with()
        silent.bind_status = lambda link, bind: link.transport.abort() or smpp.ROK
        bearerbox = self.bearerbox_with(silent, bind_retry=1)
        wait_for(lambda: (self.link(bearerbox) or {}).get("last-bind-status")
                 == "connect/closed before the bind was answered", 20, lambda: f"the reason, {self.link(bearerbox)}")


class LinkRequeue(Patched):
    keys = {"binds": 2, "max_pending_submits": 1, "reconnect_delay": 45}

    def test_the_other_bind_takes_over_at_once(self):
        """One bind never answers and is cut; its messages are at the other before it reconnects."""
        silent = self.carrier.bound()[0]
        self.carrier.script = lambda s: Answer(drop=s.link is silent, receipts=())
        for i in range(40):
            self.send(str(i))
        self.carrier.wait_submits(1, where=lambda s: s.link is silent)
        self.carrier.drop_links([silent])
        self.carrier.wait(lambda: {s.sm.short_message for s in self.carrier.submits if s.link is not silent}
                          == {str(i).encode() for i in range(40)}, 30, "all 40 at the other bind")


class Instances(Patched):
    def test_all_instances_come_and_go(self):
        carrier = self.carrier_with()
        bearerbox = self.bearerbox_with(carrier)
        bearerbox.smsc_conf.write_text(IDLE_LINK + stock_smsc(carrier)
                                       + stock_smsc(carrier, "carrier-b", binds=3))
        self.assertEqual(bearerbox.command("add-smsc", smsc="carrier-b")[0], 200)
        bearerbox.wait_online("carrier-b", 3)
        self.assertEqual(sum(i == "carrier-b" for i, _, _ in bearerbox.links()), 3)
        self.assertEqual(bearerbox.command("remove-smsc", smsc="carrier-b")[0], 200)
        self.assertEqual([i for i, _, _ in bearerbox.links()].count("carrier-b"), 0)
        carrier.wait(lambda: len(carrier.bound()) == 1, what="the three binds gone")


class NoDelay(Patched):
    """Nothing that is written waits until what was written before is acknowledged."""

    kannel = ("stock", "patched")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shim = Path(cls.work) / "write_log.so"
        source = Path(__file__).parent / "byo" / "write_log.c"
        subprocess.run([os.environ.get("CC", "cc"), "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", str(cls.shim),
                        str(source), "-ldl"], check=True)

    def watch(self, process):
        """Returns a function that tells what it wrote: [(own port, peer's port, TCP_NODELAY, octets, head)]."""
        log = Path(self.work) / f"{self.ref}-{process.name}.writes"
        process.env.update(LD_PRELOAD=str(self.shim), BYO_WRITE_LOG=str(log))
        return lambda: [tuple(map(int, line.split())) for line in log.read_text().splitlines()]

    def whole(self, writes, head):
        """Each write is one PDU or frame, so that none makes two small packets."""
        self.assertEqual([w for w in writes if w[3] != w[4] + head], [])

    def written(self, **core):
        """TCP_NODELAY as it was at the last write on each kind of connection."""
        plain, tls = self.carrier_with(), self.carrier_with(tls=TestCA(self.work).server("smpp.example.org"))
        work = Path(tempfile.mkdtemp(prefix=self.ref[:40] + "-", dir=self.work))
        bearerbox = Bearerbox(work, core={k.replace("_", "-"): v for k, v in core.items()})
        bearerbox.smsc_conf.write_text(IDLE_LINK + stock_smsc(plain) + stock_smsc(tls, "carrier-b", use_ssl=True))
        smsbox = Smsbox(work, bearerbox)
        bearerbox_wrote, smsbox_wrote = self.watch(bearerbox.process), self.watch(smsbox.process)
        self.addCleanup(bearerbox.stop)
        bearerbox.groups = smsbox.groups()
        bearerbox.start()
        self.addCleanup(smsbox.stop)
        smsbox.start()
        for smsc_id in ("carrier-a", "carrier-b"):
            bearerbox.wait_online(smsc_id)
            for i in range(5):
                self.assertEqual(smsbox.send(MOBILE, str(i), OURS, smsc=smsc_id)[0], 202)
        plain.wait_submits(5)
        tls.wait_submits(5)
        wrote = bearerbox_wrote()
        kinds = {"carrier": [w for w in wrote if w[1] == plain.port],
                 "carrier, TLS": [w for w in wrote if w[1] == tls.port],
                 "box": [w for w in wrote if w[0] == bearerbox.smsbox_port],
                 "status page": [w for w in wrote if w[0] == bearerbox.admin_port],
                 "bearerbox": [w for w in smsbox_wrote() if w[1] == bearerbox.smsbox_port]}
        self.whole(kinds["carrier"], 0)
        self.whole(kinds["box"] + kinds["bearerbox"], 4)
        return {kind: bool(writes[-1][2]) for kind, writes in kinds.items()}

    @only_on("patched")
    def test_every_smpp_and_box_connection(self):
        self.assertEqual(self.written(tcp_nodelay=True), {"carrier": True, "carrier, TLS": True, "box": True,
                                                          "bearerbox": True, "status page": False})

    def test_absent_or_off_it_is_as_ever(self):
        ever = dict.fromkeys(("carrier", "carrier, TLS", "box", "bearerbox", "status page"), False)
        self.assertEqual(self.written(), ever)
        if self.patched:
            self.assertEqual(self.written(tcp_nodelay=False), ever)
