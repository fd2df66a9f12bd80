# SPDX-License-Identifier: BSD-3-Clause
"""The patches that make a message cheaper (0040 and up): what they must not change, and the packets they refuse."""

import struct
import tempfile
from pathlib import Path

from byo import boxpeer, smpp
from byo.carrier import Carrier, Receipt, with_receipts
from byo.installation import stock_smsc
from byo.kannel import IDLE_LINK, Bearerbox
from byo.patched import MOBILE, OURS, Patched, meta, octets_of
from byo.process import wait_for


class Cost(Patched):
    """Bearerboxes of their own, with keys of group core."""

    def bearerbox_with_core(self, core, **keys):
        carrier = Carrier(script=with_receipts(Receipt("DELIVRD"))).start()
        self.carrier_of_core = carrier
        self.addCleanup(carrier.stop)
        work = Path(tempfile.mkdtemp(prefix=self.ref[:40] + "-", dir=self.work))
        bearerbox = Bearerbox(work, core=core)
        bearerbox.smsc_conf.write_text(IDLE_LINK + stock_smsc(carrier, **keys))
        self.addCleanup(bearerbox.stop)
        bearerbox.start()
        bearerbox.wait_online("carrier-a", 1)
        return bearerbox

    def box_of(self, bearerbox, auto_ack=boxpeer.ACK_SUCCESS):
        box = boxpeer.BoxPeer.connect(bearerbox.smsbox_port, "byobox", auto_ack=auto_ack)
        self.addCleanup(box.close)
        wait_for(lambda: bearerbox.boxes(), 20, "our box")
        return box

    def mts(self, box, count):
        for i in range(count):
            box.send(boxpeer.sms(sender=OURS, receiver=f"+1202555{i:04}", msgdata=f"no. {i}",
                                 smsc_id="carrier-a", sms_type=boxpeer.MT_PUSH, coding=0, dlr_mask=31,
                                 dlr_url=f"{self.ref}-{i}", boxc_id="byobox"))

    @staticmethod
    def of_mask(frame, mask):
        return frame.sms_type == boxpeer.REPORT_MO and frame.dlr_mask == mask


class WriteBatches(Cost):
    """0043, 0046: nothing that was gathered is left unsent, whatever the window."""

    def test_a_window_of_one_and_of_three_is_never_stuck(self):
        for window in (1, 3):
            with self.subTest(window=window):
                box = self.box_of(self.bearerbox_with_core({"smsbox-max-pending": window}))
                self.mts(box, 40)
                box.wait_sms(40, 30, lambda f: self.of_mask(f, 8))
                box.wait_sms(40, 30, lambda f: self.of_mask(f, 1))

    def test_one_alone_is_sent_at_once(self):
        box = self.box_of(self.bearerbox_with_core({}))
        for i in range(3):
            before = len(box.frames)
            self.mts(box, 1)
            box.wait(lambda: len(box.frames) >= before + 3, 20, "ack, ACK/ and the receipt")

    def test_what_was_not_acked_goes_to_the_next_box(self):
        bearerbox = self.bearerbox_with_core({"smsbox-max-pending": 50})
        deaf = self.box_of(bearerbox, auto_ack=None)
        self.mts(deaf, 40)
        deaf.wait_sms(50, 30)
        ids = {f.id for f in deaf.of(boxpeer.SMS)}
        deaf.close()
        wait_for(lambda: not bearerbox.boxes(), 20, "the box gone")
        box = self.box_of(bearerbox)
        again = box.wait_sms(80, 30)
        self.assertEqual(len({f.id for f in again}), 80)
        self.assertLessEqual(ids, {f.id for f in again})


class Lengths(Cost):
    """0042: a string longer than its packet, or of a negative length, closes the connection and nothing else."""

    def test_lengths_that_cannot_be(self):
        bearerbox = self.bearerbox_with_core({})
        whole = boxpeer.sms(sender=OURS, msgdata="x", sms_type=boxpeer.MT_PUSH).body()
        for length in (0x7fffffff, -2, -0x80000000, len(whole)):
            with self.subTest(length=length):
                box = boxpeer.BoxPeer.connect(bearerbox.smsbox_port, "byobox")
                self.addCleanup(box.close)
                body = whole[:4] + struct.pack(">i", length) + whole[8:]
                box.raw(struct.pack(">i", len(body)) + body)
                box.wait_closed()
                self.assertIsNotNone(bearerbox.status())
        box = self.box_of(bearerbox)
        self.mts(box, 1)
        box.wait_sms(2)


class Uuids(Cost):
    """0040: UUIDs of a buffer are as different, and of the same form, as before."""

    def test_each_report_has_its_own(self):
        box = self.box_of(self.bearerbox_with_core({}))
        self.mts(box, 200)
        reports = box.wait_sms(400, 40)
        ids = [f.id for f in reports]
        self.assertEqual(len(set(ids)), 400)
        for one in ids:
            self.assertRegex(one, r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")


class Logs(Cost):
    """0044: what is asked for is still logged, and only that."""

    def test_pdus_are_dumped_at_level_0_only(self):
        for level in (0, 1):
            with self.subTest(level=level):
                bearerbox = self.bearerbox_with_core({"log-level": level}, log_level=level)
                box = self.box_of(bearerbox)
                self.mts(box, 1)
                box.wait_sms(2)
                text = b"".join(log.read_bytes() for log in bearerbox.work.glob("*.log"))
                self.assertEqual(b"destination_addr" in text, level == 0)


class MetaData(Cost):
    """0047, 0049, 0052: what the application gave comes back, whether a group is there already, encoded, or malformed."""

    def test_groups_there_and_not_there(self):
        box = self.box_of(self.bearerbox_with_core({}))
        own = {"?app?k=v&": {"app": {"k": "v"}},
               "?app?k=v%26%3D%3F&e=&?more?x=y&": {"app": {"k": "v&=?", "e": ""}, "more": {"x": "y"}},
               "?orig_msg?here=1&": {"orig_msg": {"here": "1", "dlr_mask": "31"}},
               "?orig%5Fmsg?here=1&": {"orig_msg": {"here": "1", "dlr_mask": "31"}},
               "?orig_msg?dlr_mask=7&here=1&": {"orig_msg": {"here": "1", "dlr_mask": "31"}},
               "?orig_msg?here=1&?app?k=v&": {"orig_msg": {"here": "1", "dlr_mask": "31"}, "app": {"k": "v"}},
               "?orig_msg??app?k=v&": {"orig_msg": {"dlr_mask": "31"}, "app": {"k": "v"}},
               "?app?k=v": {"app": {"k": "v"}},
               "?app?&k=v&": {"app": {"k": "v"}}, None: {}}
        for i, (text, wanted) in enumerate(own.items()):
            with self.subTest(meta_data=text):
                url = f"{self.ref}-m{i}"
                box.send(boxpeer.sms(sender=OURS, receiver="+12025550199", msgdata="x", smsc_id="carrier-a", coding=0,
                                     sms_type=boxpeer.MT_PUSH, dlr_mask=31, dlr_url=url, boxc_id="byobox",
                                     meta_data=text))
                report = box.wait_sms(1, where=lambda f: f.dlr_url == url.encode() and f.dlr_mask == 8)[0]
                groups = meta(report)
                self.assertEqual({g: groups.get(g) for g in wanted}, wanted)
                self.assertEqual({g.lower(): v for g, v in groups.items()}["orig_msg"]["dlr_mask"], "31")


    def test_values_reach_the_pdu(self):
        """0052: read where they stand: of two the last, none of another group, decoded; encoded names as before."""
        bearerbox = self.bearerbox_with_core({})
        box = self.box_of(bearerbox)
        for text, ton, npi in (("?smpp?dest_addr_ton=3&dest_addr_npi=8&", 3, 8),
                               ("?app?dest_addr_ton=1&?smpp?dest_addr_npi=8&dest_addr_ton=%33&?more?dest_addr_ton=1&", 3, 8),
                               ("?smpp?dest_addr_ton=1&dest_addr_ton=3&dest_addr_npi=8&x=&", 3, 8),
                               ("?smpp?dest%5Faddr%5Fton=3&dest_addr_npi=8&", 3, 8)):
            with self.subTest(meta_data=text):
                before = len(self.carrier_of_core.submits)
                box.send(boxpeer.sms(sender=OURS, receiver="+12025550199", msgdata="x", smsc_id="carrier-a", coding=0,
                                     sms_type=boxpeer.MT_PUSH, boxc_id="byobox", meta_data=text))
                sm = self.carrier_of_core.wait_submits(before + 1)[-1].sm
                self.assertEqual((sm.dest_ton, sm.dest_npi), (ton, npi))

    def test_a_receipts_groups_are_whole(self):
        """0052: what a receipt brings is gathered in one group, each value once."""
        box = self.box_of(self.bearerbox_with_core({}, receipts_to_box=True, receipts_box_id="byobox", mo_raw=True))
        self.mts(box, 1)
        report = box.wait_sms(1, where=lambda f: f.dlr_mask == 1)[0]
        groups = meta(report)
        for key in ("message_id", "esm_class", "dlr_err"):
            self.assertIn(key, groups["smpp"])
        self.assertEqual(groups["mo"]["data_coding"], "0")
        self.assertIn("DELIVRD", groups["mo"]["raw"])
        self.assertEqual(report.meta_data.count(b"?smpp?"), 1)
        self.assertEqual(report.meta_data.count(b"message_id="), 1)


class Wakeups(Cost):
    """0053: a link that sleeps is woken for each message, however closely they follow its going to sleep."""

    def test_one_after_the_other(self):
        box = self.box_of(self.bearerbox_with_core({}))
        for i in range(300):
            self.mts(box, 1)
            box.wait_sms(i + 1, 10, lambda f: self.of_mask(f, 8))


class ReceiptValues(Cost):
    """0054: what is told of a receipt, whatever its octets."""

    def test_every_octet(self):
        bearerbox = self.bearerbox_with_core({}, receipts_to_box=True, receipts_box_id="byobox", mo_raw=True)
        box = self.box_of(bearerbox)
        for n, octets in enumerate((bytes(range(160)) + b"?mo?raw=1&%00+", b"", b"?&=%", bytes(range(96, 256)))):
            sm = smpp.Sm(source=MOBILE[1:], destination=OURS[1:], source_ton=1, source_npi=1, dest_ton=2, dest_npi=8,
                         data_coding=4, esm_class=4, short_message=octets,
                         tlvs={smpp.TLV_RECEIPTED_MESSAGE_ID: b"17\0", smpp.TLV_MESSAGE_STATE: b"\2"})
            self.assertEqual(self.carrier_of_core.mo(sm).status, smpp.ROK)
            report = box.wait_sms(n + 1)[n]
            self.assertEqual(octets_of(report, "mo", "raw"), octets)
            self.assertEqual({k: v for k, v in meta(report)["mo"].items() if k != "raw"},
                             {"data_coding": "4", "esm_class": "4", "source_addr_ton": "1", "source_addr_npi": "1",
                              "dest_addr_ton": "2", "dest_addr_npi": "8"})


class ThreadNumber(Cost):
    """0055: threads that come and go with links and boxes are told apart: a lock two of them take for one's panics."""

    def test_links_and_boxes_come_and_go(self):
        bearerbox = self.bearerbox_with_core({}, instances=4)
        for i in range(8):
            box = self.box_of(bearerbox)
            self.mts(box, 40)
            box.wait_sms(40, 30, lambda f: self.of_mask(f, 1))
            box.close()
            wait_for(lambda: not bearerbox.boxes(), 20, "the box to be gone", [bearerbox.process])
            if i % 2:
                bearerbox.command("remove-smsc", smsc="carrier-a")
                bearerbox.command("add-smsc", smsc="carrier-a")
                bearerbox.wait_online("carrier-a", 4)


class Defaults(Cost):
    """0048: 1,000 un-acked messages to a box, unless the operator says otherwise."""

    def test_the_window_is_a_thousand(self):
        box = self.box_of(self.bearerbox_with_core({}, max_pending_submits=100), auto_ack=None)
        self.mts(box, 200)
        box.wait_sms(400, 40)
