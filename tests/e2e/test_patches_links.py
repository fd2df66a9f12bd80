# SPDX-License-Identifier: BSD-3-Clause
"""Links of the patched bearerbox: binds, what a carrier does wrong, instances."""

import struct
import time

from byo import smpp
from byo.carrier import Answer
from byo.installation import stock_smsc
from byo.kannel import IDLE_LINK
from byo.patched import Patched
from byo.process import wait_for


class BindRetry(Patched):
    """(spec L1) Tried until it is right, and the reason is told (spec A2)."""

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


class BindAnswer(Patched):
    """(field C13) Only status 0 is a bind."""

    def binds_at_last(self, first, told):
        carrier = self.carrier_with()
        carrier.bind_status = lambda link, bind: first if len(carrier.bind_attempts) < 2 else smpp.ROK
        bearerbox = self.bearerbox_with(carrier, bind_retry=1, reconnect_delay=60)
        seen = set()

        def online():
            link = self.link(bearerbox) or {}
            seen.add(link.get("last-bind-status"))
            up = (link.get("status") or "").startswith("online")
            self.assertTrue(carrier.bound() or not up, "online without a bind")
            return up
        wait_for(online, 40, lambda: f"the bind; seen {seen}", [bearerbox.process])
        self.assertEqual(len(carrier.bind_attempts), 3)
        self.assertTrue(any((s or "").startswith(told) for s in seen), seen)

    def test_already_bound_is_no_bind(self):
        self.binds_at_last(smpp.RALYBND, "0x00000005/")

    def test_any_other_status_is_none(self):
        self.binds_at_last(0x000004FF, "0x000004ff/")

    def test_a_generic_nack_refuses_the_bind(self):
        self.binds_at_last(None, "0x00000003/")

    def test_without_bind_retry_it_is_tried_again_after_reconnect_delay(self):
        carrier = self.carrier_with()
        carrier.bind_status = lambda link, bind: smpp.RALYBND if len(carrier.bind_attempts) < 2 else smpp.ROK
        self.bearerbox_with(carrier, reconnect_delay=1).wait_online("carrier-a")
        self.assertEqual(len(carrier.bind_attempts), 3)


class BadPdu(Patched):
    keys = {"reconnect_delay": 1}

    def test_a_length_that_cannot_be_closes_the_link(self):
        """(field C15) And the next link works."""
        for length in (0, 15, 200000, 0x7FFFFFFF, 0xFFFFFFFF):
            with self.subTest(length):
                link = self.carrier.wait_bound()[0]
                self.carrier.garbage(struct.pack(">IIII", length, smpp.ENQUIRE_LINK, 0, 7), link)
                self.carrier.wait(lambda: not link.open, what="the link to be closed")
                self.carrier.wait_bound()
                self.site.bearerbox.wait_online("carrier-a")
                self.box.frames.clear()
                self.send(str(length))
                self.reports(1, 8)

    def test_a_long_payload_is_no_such_length(self):
        link = self.carrier.wait_bound()[0]
        delivery = self.carrier.mo(smpp.Sm(source="1", destination="2", data_coding=4,
                                           tlvs={smpp.TLV_MESSAGE_PAYLOAD: b"x" * 65000}))
        self.assertEqual((delivery.status, link.open), (smpp.ROK, True))

    def test_what_is_nacked_and_how(self):
        """(field C75) The header's sequence number, RINVCMDID for what is not known, and never a response."""
        link = self.carrier.wait_bound()[0]
        self.carrier.forget()
        cases = [(smpp.OUTBIND, b"id\0pw\0", smpp.RINVCMDID), (0x00000200, b"", smpp.RINVCMDID),
                 (0x0000FFFF, b"\0" * 50, smpp.RINVCMDID), (smpp.DELIVER_SM, b"\0\0", smpp.RINVCMDLEN),
                 (0x80000200, b"", None), (0x8000000B, b"", None), (smpp.SUBMIT_SM | smpp.RESP, b"no end", None),
                 (smpp.UNBIND | 0x100, b"", smpp.RINVCMDID)]
        for i, (command, body, _) in enumerate(cases):
            self.carrier.garbage(smpp.Pdu(command, 0, 1000 + i, body).encode(), link)
        wanted = [(status, 1000 + i) for i, (_, _, status) in enumerate(cases) if status is not None]
        self.carrier.wait(lambda: len(self.carrier.nacks) >= len(wanted), what="the generic_nacks")
        self.assertEqual(self.carrier.nacks, wanted)
        self.assertTrue(link.open)


class LongPassword(Patched):
    """Carriers give passwords of more than 8 octets."""

    password = "sixteen octets !"

    def bound_with(self, octets, **keys):
        carrier = self.carrier_with(accounts={"byo": self.password})
        carrier.password_octets = octets
        bearerbox = self.bearerbox_with(carrier, bind_retry=1, **keys)
        return carrier, bearerbox

    def test_sixteen_octets_are_sent(self):
        carrier, bearerbox = self.bound_with(17, long_password=True)
        carrier.wait_bound()
        self.assertEqual(carrier.bind_attempts[0][0].password, self.password)

    def test_absent_it_cuts_as_ever(self):
        carrier, _ = self.bound_with(9)
        carrier.wait(lambda: carrier.bind_attempts, what="a bind")
        self.assertEqual(carrier.bind_attempts[0][0].password, self.password[:8])
