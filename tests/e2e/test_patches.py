# SPDX-License-Identifier: BSD-3-Clause
"""Patches of patches/ on the bearerbox they make, without byobox: how what is sent goes out and is answered.

The others stand in test_patches_*.py; what byobox makes of them is told by the other tests, which run on both
bearerboxes.
"""

import struct

from byo import smpp
from byo.carrier import Answer, by_status, refuse
from byo.patched import Patched, meta, octets_of
from byo.process import wait_for


class Features(Patched):
    keys = {"binds": 1}

    def test_the_status_page_names_them(self):
        self.assertEqual(self.site.bearerbox.status().findtext("features").split(),
                         ["raw-payload", "submit-status", "receipts-to-box", "mo-raw", "verified-tls", "bind-retry",
                          "long-password"])


class RawPayload(Patched):
    """(spec J4) Every {dcs, charset} pair arrives as it was written."""

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
    """(spec D3) Both kinds of errors reach the map; D4: the box retries, nobody else."""

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


class LateAnswer(Patched):
    """(field C71) What the carrier answered is not sent again."""

    keys = {"submit_status_to_box": True, "wait_ack": 1, "enquire_link_interval": 60, "core": {"sms-resend-freq": 40}}

    def test_the_answer_that_wakes_a_quiet_link_counts(self):
        self.carrier.script = lambda s: Answer(delay=4)
        self.send()
        report = self.reports()[0]
        self.assertEqual((report.dlr_mask, report.msgdata), (8, b"ACK/"))
        self.assertEqual(len(self.carrier.submits), 1)


class ExpiredAnswer(Patched):
    keys = {"submit_status_to_box": True, "receipts_to_box": True, "wait_ack": 1, "enquire_link_interval": 1,
            "core": {"sms-resend-freq": 40}}

    def late(self, status=smpp.ROK):
        """The answer comes when the test says so."""
        self.carrier.script = lambda s: Answer(drop=True)

        def answer(submit):
            submit.link.write(smpp.Pdu(smpp.SUBMIT_SM | smpp.RESP, status, submit.sequence,
                                       b"late-id\0" if status == smpp.ROK else b""))
        return lambda: self.carrier._in_loop(answer, self.carrier.submits[0])

    def queued(self):
        return int(self.site.bearerbox.status().findtext("sms/sent/queued"))

    def test_the_box_hears_a_late_answer(self):
        answer = self.late()
        self.send(meta_data="?app?key=value&")
        self.assertEqual(self.reports(1, 16)[0].msgdata, b"NACK/no answer")
        answer()
        report = self.reports(1, 8)[0]
        self.assertEqual((report.msgdata, report.foreign_id), (b"ACK/", b"late-id"))
        self.assertEqual(meta(report)["app"], {"key": "value"})

    def test_the_box_hears_a_late_refusal(self):
        answer = self.late(smpp.RINVDSTADR)
        self.send()
        self.reports(1, 16)
        answer()
        self.assertTrue(self.reports(2, 16)[1].msgdata.startswith(b"NACK/0x0000000b/"))

    def test_a_message_that_waits_to_be_sent_again_is_not(self):
        answer = self.late()
        self.send(dlr_mask=8)
        self.carrier.wait_submits(1)
        wait_for(lambda: self.queued() == 1, 20, "the message to wait for the next try")
        answer()
        self.assertEqual(self.reports(1, 8)[0].foreign_id, b"late-id")
        self.assertEqual(self.queued(), 0)
        self.assertEqual(len(self.carrier.submits), 1)
