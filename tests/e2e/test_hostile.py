# SPDX-License-Identifier: BSD-3-Clause
"""Peers that speak the protocol well and mean ill: none reaches beyond its own connection."""

import os
import socket
import time

from byo import boxpeer
from byo.boxpeer import BoxPeer, FakeBearerbox, Frame, sms
from byo.byobox import Byobox, integration
from byo.carrier import NO_RECEIPT, Carrier
from byo.case import Case
from byo.installation import NUMBER, Installation, stock_smsc
from byo.process import wait_for

TO = "+12025550199"
UNLISTED = "+4930901820"


def mt(**more):
    return sms(**{"sender": NUMBER, "receiver": TO, "msgdata": "hello", "coding": 0,
                  "sms_type": boxpeer.MT_PUSH, "charset": "UTF-8", **more})


class Smsboxes(Case):
    """At the port for smsboxes, with a second carrier no integration is for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = Carrier(name="other").start()
        cls.site = Installation(cls.work, binds=1, groups=stock_smsc(cls.other, "carrier-b"))
        cls.site.start().wait_bound()
        cls.other.wait_bound(1)
        cls.site.bearerbox.wait_online("carrier-b")

    @classmethod
    def tearDownClass(cls):
        cls.other.stop()
        super().tearDownClass()

    def tearDown(self):
        """Whatever was done: byobox lives and serves."""
        self.assertTrue(self.site.byobox.process.alive, self.site.byobox.process.tail())
        self.site.forget()
        self.assertEqual(self.site.send(TO, "still there")[0], 202)
        self.site.carrier.wait_submits(1)

    def peer(self, *arguments, **more):
        peer = BoxPeer.connect(self.site.byobox.smsbox_port, *arguments, **more)
        self.addCleanup(peer.close)
        return peer

    def stored(self, **filters):
        query = "&".join(f"{k}={v}" for k, v in filters.items())
        status, answer = self.site.byobox.get(f"/v1/messages?{query}")
        self.assertEqual(status, 200, answer)
        return answer["items"]

    def test_a_message_in_the_name_of_byobox_forges_no_report(self):
        """bearerbox sends the reports of what passes through to the box it names."""
        to = "+12025550101"
        self.site.carrier.script = self.other.script = lambda submit: NO_RECEIPT
        victim = self.peer("victim")
        victim.wait_ack(victim.send(mt(receiver=to, dlr_mask=31, dlr_url="v")).id)
        victim.wait_sms(1, where=lambda f: f.dlr_mask == 8)
        message = self.stored(recipient=to.replace("+", "%2B"))[0]
        segment = (int(message["id"], 16) << 8) + 1
        for box in (None, "forger"):
            forger = self.peer(box)
            sent = forger.send(mt(sender=UNLISTED, smsc_id="carrier-b", dlr_mask=31, boxc_id="byobox",
                                  dlr_url=f"byobox:{segment:x}.1"))
            self.assertEqual(forger.wait_ack(sent.id)[0].nack, boxpeer.ACK_FAILED)
        # The same under its own name is its own business, token or not.
        sent = forger.send(mt(sender=UNLISTED, smsc_id="carrier-b", dlr_mask=31, boxc_id="forger",
                              dlr_url=f"byobox:{segment:x}.1"))
        self.assertIn(forger.wait_ack(sent.id)[0].nack, (boxpeer.ACK_SUCCESS, boxpeer.ACK_BUFFERED))
        self.other.receipt(self.other.wait_submits(1)[0])
        forger.wait_sms(1, where=lambda f: f.dlr_mask == 1)
        self.assertEqual(len(self.other.submits), 1)
        state = self.site.byobox.message(message["id"])["segments"][0]["state"]
        self.assertEqual(state, "accepted")

    def test_a_smsbox_that_always_says_try_again_holds_up_itself_only(self):
        self.peer("twin", auto_ack=boxpeer.ACK_FAILED_TMP)
        good = self.peer("twin")
        for n in range(40):
            good.wait_ack(good.send(mt(receiver=f"+120255502{n:02}", dlr_mask=8, dlr_url=str(n))).id)
        # Each comes to the good one, the first time or when the other has refused it.
        wait_for(lambda: len({f.dlr_url for f in good.of(boxpeer.SMS)}) == 40, 20, "all reports at the good smsbox")

    def test_silent_connections_make_room_for_smsboxes(self):
        silent = []
        try:
            for _ in range(400):
                silent.append(socket.create_connection(("127.0.0.1", self.site.byobox.smsbox_port), 10))
            peer = self.peer("late")
            self.assertEqual(peer.wait_ack(peer.send(mt()).id)[0].nack, boxpeer.ACK_SUCCESS)
            status = self.site.byobox.get("/v1/status")[1]
            self.assertIn("late", [b["id"] for b in status["smsboxes"]])
            self.assertLess(len(os.listdir(f"/proc/{self.site.byobox.process.pid}/fd")), 700)
        finally:
            for sock in silent:
                sock.close()


class Names(Case):
    """Each named smsbox has a link of its own to bearerbox, which takes one new box a second."""

    def test_names_do_not_queue_in_front_of_the_own_link(self):
        bearerbox = FakeBearerbox()
        carrier = Carrier()
        carrier.port = 2775
        byobox = Byobox(self.work, None, [integration(carrier)], {
            "bearerbox-host": "127.0.0.1", "bearerbox-port": bearerbox.port,
            "bearerbox-admin-port": 1, "bearerbox-admin-password": None})
        self.addCleanup(bearerbox.stop)
        self.addCleanup(byobox.stop)
        byobox.start(ready=False).wait_up()
        wait_for(lambda: len(bearerbox.peers) == 2, 20, "the own and the anonymous link")
        began = time.monotonic()
        smsboxes = [BoxPeer.connect(byobox.smsbox_port, f"name-{n}") for n in range(8)]
        arrived = []
        for _ in range(2):
            bearerbox.next_peer()
        for _ in smsboxes:
            bearerbox.next_peer()
            arrived.append(time.monotonic() - began)
        # Some at once, then never more than bearerbox takes.
        for n, after in enumerate(arrived[4:], 1):
            self.assertGreater(after, n - 0.5, arrived)
        for smsbox in smsboxes:
            smsbox.close()
        self.assertEqual(byobox.sanitizer_report(), "")
