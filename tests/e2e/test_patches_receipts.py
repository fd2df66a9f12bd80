# SPDX-License-Identifier: BSD-3-Clause
"""Receipts as the patched bearerbox hands them on."""

import struct

from byo import boxpeer, smpp
from byo.carrier import Answer, Receipt, with_receipts
from byo.patched import MOBILE, OURS, Patched, meta, octets_of
from byo.process import wait_for


class Receipts(Patched):
    """(spec D1) Every receipt reaches the box, whatever the bind or the order."""

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

    def test_numbers_of_any_length(self):
        """(field C05) Above 2^63 all were one message."""
        anonymous = boxpeer.BoxPeer.connect(self.site.bearerbox.smsbox_port)
        self.addCleanup(anonymous.close)
        ids = ["ffffffffffffffff", "FFFFFFFFFFFFFFFE", "0x1" + "0" * 30, "7" * 60, "00ff", "0"]
        self.carrier.script = lambda s: Answer(message_id=ids[s.number], receipts=(Receipt(form=lambda s, r: (
            smpp.receipt_text(str(int(s.message_id, 16)), "DELIVRD"), {})),))
        for _ in ids:
            self.send()
        numbers = [str(int(i, 16)).encode() for i in ids]
        self.assertEqual([a.foreign_id for a in self.reports(len(ids), 8)], numbers)
        # What the anonymous box of a test before had not acked comes to this one.
        receipts = anonymous.wait_sms(len(ids), where=lambda f: f.foreign_id in numbers)
        self.assertEqual(sorted(r.foreign_id for r in receipts), sorted(numbers))

    def test_what_is_no_number_stays_as_it_is(self):
        ids = ["msg-17", "msg-18", "550e8400-e29b-41d4-a716-446655440000"]
        self.carrier.script = lambda s: Answer(message_id=ids[s.number], receipts=())
        for _ in ids:
            self.send()
        self.assertEqual([a.foreign_id.decode() for a in self.reports(len(ids), 8)], ids)


class RawReceipts(Patched):
    """(field C09) The octets of a receipt reach the box, whatever its coding."""

    keys = {"receipts_to_box": True, "receipts_box_id": "byobox", "mo_raw": True}

    def receipt(self, payload, dcs, udh=b"", **more):
        self.carrier.mo(smpp.Sm(source=MOBILE[1:], destination=OURS[1:], source_ton=1, source_npi=1, dest_ton=2,
                                dest_npi=8, data_coding=dcs, esm_class=0x44 if udh else 0x04,
                                short_message=udh + payload, **more))
        return self.reports()[0]

    def test_a_receipt_in_ucs2_with_a_udh(self):
        text = smpp.receipt_text("4711", "DELIVRD", "07B").decode().encode("utf-16-be")[:240]
        udh = bytes([3, 0x24, 1, 1])
        receipt = self.receipt(text, 8, udh)
        self.assertEqual((octets_of(receipt, "mo", "raw"), octets_of(receipt, "mo", "udh")), (text, udh))
        self.assertEqual({k: v for k, v in meta(receipt)["mo"].items() if k not in ("raw", "udh")},
                         {"data_coding": "8", "esm_class": "68", "source_addr_ton": "1", "source_addr_npi": "1",
                          "dest_addr_ton": "2", "dest_addr_npi": "8"})

    def test_a_payload_tlv(self):
        text = smpp.receipt_text("4712", "DELIVRD")
        receipt = self.receipt(b"", 3, tlvs={smpp.TLV_MESSAGE_PAYLOAD: text})
        self.assertEqual((octets_of(receipt, "mo", "raw"), receipt.foreign_id), (text, b"4712"))
        self.assertIsNone(octets_of(receipt, "mo", "udh"))

    def test_tlvs_alone(self):
        receipt = self.receipt(b"", 0, tlvs=smpp.receipt_tlvs("4713", "DELIVRD"))
        self.assertEqual((octets_of(receipt, "mo", "raw"), receipt.foreign_id), (b"", b"4713"))
