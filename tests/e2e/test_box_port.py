# SPDX-License-Identifier: BSD-3-Clause
"""The port for smsboxes, met by peers that are broken or hostile: each costs its own connection only."""

import socket
import struct
import uuid

from byo import boxpeer
from byo.boxpeer import BoxPeer, Frame, sms
from byo.case import Case
from byo.installation import NUMBER
from byo.process import wait_for

TO = "+12025550199"
# Queued while what was sent to the same recipient just before is not answered yet.
TAKEN = (boxpeer.ACK_SUCCESS, boxpeer.ACK_BUFFERED)


def mt(**more):
    return sms(**{"sender": NUMBER, "receiver": TO, "msgdata": "hello", "coding": 0,
                  "sms_type": boxpeer.MT_PUSH, "charset": "UTF-8", **more})


class Hostile(Case):
    options = {"binds": 1}

    def tearDown(self):
        """Whatever came: byobox lives and serves."""
        self.assertTrue(self.site.byobox.process.alive, self.site.byobox.process.tail())
        self.site.forget()
        self.assertEqual(self.site.send(TO, "still there")[0], 202)
        self.site.carrier.wait_submits(1)

    def peer(self, *arguments, **more):
        peer = BoxPeer.connect(self.site.byobox.smsbox_port, *arguments, **more)
        self.addCleanup(peer.close)
        return peer

    def memory(self):
        with open(f"/proc/{self.site.byobox.process.pid}/status") as f:
            return int(next(x for x in f if x.startswith("VmRSS")).split()[1])

    def test_a_frame_of_2_GB_is_not_allocated(self):
        before = self.memory()
        for length in (0x7FFFFFFF, 0x7FFFFFF0, 64 * 1024 * 1024):
            peer = self.peer(identify=False)
            peer.raw(struct.pack(">i", length) + b"\0" * 1000)
            peer.wait_closed()
        self.assertLess(self.memory() - before, 20000)

    def test_negative_and_tiny_lengths(self):
        for length in (-1, -2147483648, 0, 1, 3):
            peer = self.peer(identify=False)
            peer.raw(struct.pack(">i", length) + b"abcd" * 10)
            peer.wait_closed()

    def test_garbage(self):
        for octets in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\xff" * 4096,
                       b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40):
            peer = self.peer(identify=False)
            peer.raw(octets)
            peer.wait_closed()

    def test_every_cut_of_a_good_frame(self):
        body = mt().body()
        for cut in range(4, len(body), 7):
            peer = self.peer("cutter", identify=False)
            peer.raw(struct.pack(">i", cut) + body[:cut])
            peer.wait_closed()
        self.assertEqual(self.site.carrier.submits, [])

    def test_a_field_whose_length_lies(self):
        body = struct.pack(">ii", boxpeer.SMS, 0x7FFFFFFF) + b"x" * 200
        peer = self.peer(identify=False)
        peer.raw(struct.pack(">i", len(body)) + body)
        peer.wait_closed()

    def test_a_type_that_does_not_exist(self):
        peer = self.peer(identify=False)
        peer.raw(struct.pack(">ii", 4, 99))
        peer.wait_closed()

    def test_fifty_connections_that_say_nothing(self):
        idle = [socket.create_connection(("127.0.0.1", self.site.byobox.smsbox_port)) for _ in range(50)]
        try:
            self.assertEqual(self.site.send(TO, "beside the silent ones")[0], 202)
            self.site.carrier.wait_submits(1)
        finally:
            for sock in idle:
                sock.close()

    def test_a_peer_that_never_reads(self):
        """Its acks pile up in its own connection, up to a bound."""
        sock = socket.create_connection(("127.0.0.1", self.site.byobox.smsbox_port))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.sendall(Frame(boxpeer.ADMIN, command=boxpeer.IDENTIFY, boxc_id="deaf").encode())
        before = self.memory()
        frame = mt(sender="nobody", smsc_id="carrier-a").encode()  # refused: an ack each, nothing stored
        sock.settimeout(1)
        try:
            for _ in range(20000):
                sock.sendall(frame)
        except (TimeoutError, ConnectionError):
            pass
        self.assertLess(self.memory() - before, 60000)
        sock.close()

    def test_frames_in_single_octets(self):
        peer = self.peer("slow")
        sent = mt()
        for octet in sent.encode():
            peer.raw(bytes([octet]))
        self.assertIn(peer.wait_ack(sent.id)[0].nack, TAKEN)
        self.site.carrier.wait_submits(1)

    def test_heartbeats_wdp_and_admin_are_taken(self):
        peer = self.peer("lively")
        peer.send(Frame(boxpeer.HEARTBEAT, load=7))
        peer.send(Frame(boxpeer.ADMIN, command=boxpeer.SUSPEND))
        peer.send(Frame(boxpeer.ADMIN, command=boxpeer.RESUME))
        peer.send(Frame(boxpeer.ACK, nack=0, time=0, id=str(uuid.uuid4())))
        sent = peer.send(mt())
        self.assertIn(peer.wait_ack(sent.id)[0].nack, TAKEN)

    def test_the_long_form_of_admin_is_taken(self):
        peer = self.peer(identify=False)
        body = Frame(boxpeer.ADMIN, command=boxpeer.IDENTIFY, boxc_id="long").body() + struct.pack(">i", 0)
        peer.raw(struct.pack(">i", len(body)) + body)
        sent = peer.send(mt())
        self.assertIn(peer.wait_ack(sent.id)[0].nack, TAKEN)

    def test_one_uuid_for_three_recipients_is_three_messages(self):
        peer = self.peer("several")
        frame_id = str(uuid.uuid4())
        for n in range(3):
            peer.send(mt(id=frame_id, receiver=f"+120255501{n:02}"))
        self.assertEqual(len(peer.wait_ack(frame_id, n=3)), 3)
        self.assertEqual(len({s.sm.destination for s in self.site.carrier.wait_submits(3)}), 3)

    def test_two_smsboxes_with_one_id(self):
        one, two = self.peer("twin"), self.peer("twin")
        a = one.send(mt(receiver="+12025550121", dlr_mask=31, dlr_url="one", boxc_id="twin"))
        b = two.send(mt(receiver="+12025550122", dlr_mask=31, dlr_url="two", boxc_id="twin"))
        one.wait_ack(a.id)
        two.wait_ack(b.id)
        # Reports of either come to either: they are one box to the outside. None comes twice.
        wait_for(lambda: len(one.of(boxpeer.SMS)) + len(two.of(boxpeer.SMS)) >= 4, 20, "four reports")
        reports = one.of(boxpeer.SMS) + two.of(boxpeer.SMS)
        self.assertEqual(sorted((r.dlr_url, r.dlr_mask) for r in reports),
                         [(b"one", 1), (b"one", 8), (b"two", 1), (b"two", 8)])

    def test_an_ack_that_is_a_nack(self):
        """smsbox refuses a report: it is not brought again and again."""
        peer = self.peer("refuser", auto_ack=boxpeer.ACK_FAILED)
        peer.wait_ack(peer.send(mt(dlr_mask=31, dlr_url="x", boxc_id="refuser")).id)
        peer.wait_sms(2)
        marker = peer.send(mt(dlr_mask=31, dlr_url="marker", boxc_id="refuser"))
        peer.wait_ack(marker.id)
        peer.wait_sms(2, where=lambda f: f.dlr_url == b"marker")
        self.assertEqual(len([f for f in peer.of(boxpeer.SMS) if f.dlr_url == b"x"]), 2)

    def test_reports_come_again_until_they_are_acked(self):
        peer = self.peer("forgetful", auto_ack=None)
        peer.wait_ack(peer.send(mt(dlr_mask=1, dlr_url="x", boxc_id="forgetful")).id)
        first = peer.wait_sms(1)[0]
        peer.close()
        again = self.peer("forgetful")
        self.assertEqual(again.wait_sms(1)[0].id, first.id)


class ForeignAddress(Case):
    """smsbox-allow-ip is obeyed."""

    def test_a_peer_from_elsewhere_is_refused(self):
        site = self.new_site(keys={"smsbox-allow-ip": "10.1.2.3"}, smsboxes=(), binds=1).start()
        peer = BoxPeer(socket.create_connection(("127.0.0.1", site.byobox.smsbox_port)))
        peer.wait_closed()
        peer.close()
