# SPDX-License-Identifier: BSD-3-Clause
"""The patched smsbox, before a bearerbox that does what the test wants."""

import tempfile
import threading
from pathlib import Path

from byo import boxpeer, conf
from byo.application import Application
from byo.kannel import Bearerbox, Log, Smsbox
from byo.patched import MOBILE, OURS, Patched, preloaded
from byo.process import listening, wait_for


class SmsboxCase(Patched):
    def setUp(self):
        super().setUp()
        self.application = Application()
        self.addCleanup(self.application.stop)

    def bearerbox(self, auto_ack=boxpeer.ACK_SUCCESS, port=0):
        bearerbox = boxpeer.FakeBearerbox(port, auto_ack)
        self.addCleanup(bearerbox.stop)
        return bearerbox

    def smsbox(self, port, start=True, **group):
        work = Path(tempfile.mkdtemp(dir=self.work))
        services = conf.group("sms-service", {"keyword": "default", "catch-all": True, "omit-empty": True,
                                              "get-url": self.application.url("/mo")})
        smsbox = Smsbox(work, Bearerbox(work), port, smsbox={k.replace("_", "-"): v for k, v in group.items()},
                        services=services)
        self.addCleanup(smsbox.stop)
        return smsbox.start(ready=start)

    def report(self, number=0, **more):
        """A delivery report as bearerbox sends it."""
        return boxpeer.sms(sender=OURS, receiver=MOBILE, sms_type=boxpeer.REPORT_MO, dlr_mask=1, msgdata="",
                           service="app", dlr_url=self.application.dlr_url(number), time=1, **more)


class KeepText(SmsboxCase):
    def through_smsbox(self, text, **group):
        bearerbox = self.bearerbox()
        smsbox = self.smsbox(bearerbox.port, **group)
        peer = bearerbox.next_peer()
        status, body = smsbox.request(to=MOBILE, from_=OURS, text=text, charset="UTF-8", coding=0)
        return peer.wait_sms(1)[0].msgdata.decode(), body

    def test_no_character_is_lost(self):
        text = "Жук и Ёж, 你好, 10 € [~] 😀 " * 12
        sent, body = self.through_smsbox(text, keep_text=True)
        self.assertEqual(sent, text)

    def test_absent_it_squeezes_as_ever(self):
        self.assertEqual(self.through_smsbox("Жук 10 €")[0], "??? 10 €")


class End(SmsboxCase):
    """A smsbox that is to end ends."""

    def test_a_link_lost_while_starting(self):
        bearerbox = self.bearerbox()
        smsbox = self.smsbox(bearerbox.port, start=False)
        smsbox.stop()
        smsbox.process.env.update(LD_PRELOAD=str(preloaded("slow_threads", self.work)), BYO_THREAD_DELAY="4000")
        threading.Thread(target=self.end_each, args=(bearerbox,), daemon=True).start()
        smsbox.start(ready=False)
        wait_for(lambda: not smsbox.process.alive, 30, "smsbox to end")
        self.assertEqual(smsbox.process.code, 0)

    @staticmethod
    def end_each(bearerbox):
        while True:
            peer = bearerbox.next_peer(60)
            peer.send(boxpeer.Frame(boxpeer.ADMIN, command=boxpeer.SHUTDOWN))

    def test_with_tries_still_to_come(self):
        """Told to end while failed requests wait for their next try, which comes meanwhile."""
        bearerbox = self.bearerbox()
        gate = threading.Event()
        self.addCleanup(gate.set)
        self.application.answer = lambda r: (500, b"") if r["ref"] != "slow" or gate.wait(30) else b""
        smsbox = self.smsbox(bearerbox.port, http_request_retry=1000, http_queue_delay=1)
        peer = bearerbox.next_peer()
        peer.send(self.report("slow"))
        for i in range(20):
            peer.send(self.report(i))
        self.application.wait(lambda: len(self.application.reports()) > 40, what="tries")
        peer.send(boxpeer.Frame(boxpeer.ADMIN, command=boxpeer.SHUTDOWN))
        gate.set()
        wait_for(lambda: not smsbox.process.alive, 30, "smsbox to end")
        self.assertEqual(smsbox.process.code, 0)


class AckAfterDelivery(SmsboxCase):
    def test_the_ack_follows_the_answer(self):
        gates = {i: threading.Event() for i in range(3)}
        self.addCleanup(lambda: [g.set() for g in gates.values()])
        self.application.answer = lambda r: (gates[int(r["ref"])].wait(30), (204, b""))[1]
        bearerbox = self.bearerbox()
        self.smsbox(bearerbox.port, ack_after_delivery=True)
        peer = bearerbox.next_peer()
        frames = [peer.send(self.report(i)) for i in range(3)]
        self.application.wait(lambda: len(self.application.reports()) == 3)
        self.assertEqual(peer.of(boxpeer.ACK), [])
        for i in (1, 2, 0):
            gates[i].set()
            self.assertEqual(peer.wait_ack(frames[i].id)[0].nack, boxpeer.ACK_SUCCESS)
        self.assertEqual([a.id for a in peer.of(boxpeer.ACK)], [frames[i].id for i in (1, 2, 0)])
        # asked for at the same time: which of them the application's threads note first is not smsbox's
        self.assertCountEqual([r["ref"] for r in self.application.reports()], ["0", "1", "2"])

    def test_or_the_last_try(self):
        self.application.answer = lambda r: (503, b"")
        bearerbox = self.bearerbox()
        self.smsbox(bearerbox.port, ack_after_delivery=True, http_request_retry=2, http_queue_delay=1)
        peer = bearerbox.next_peer()
        frame = peer.send(self.report())
        self.application.wait(lambda: len(self.application.reports()) == 2, what="the second try")
        self.assertEqual(peer.of(boxpeer.ACK), [])
        peer.wait_ack(frame.id)
        self.assertEqual(len(self.application.reports()), 3)

    def test_a_message_and_its_reply(self):
        """The reply is written before the ack: what dies in between is asked for again."""
        self.application.answer = lambda r: b"thanks"
        bearerbox = self.bearerbox()
        self.smsbox(bearerbox.port, ack_after_delivery=True)
        peer = bearerbox.next_peer()
        frame = peer.send(boxpeer.sms(sender=MOBILE, receiver=OURS, msgdata="hello", sms_type=boxpeer.MO, coding=0,
                                      time=1))
        peer.wait_ack(frame.id)
        came = [f for f in peer.frames if f.type in (boxpeer.SMS, boxpeer.ACK)]
        self.assertEqual([f.type for f in came], [boxpeer.SMS, boxpeer.ACK])
        self.assertEqual(came[0].msgdata, b"thanks")

    def test_a_message_answered_with_nothing_has_no_reply(self):
        self.application.answer = lambda r: (204, b"")
        bearerbox = self.bearerbox()
        self.smsbox(bearerbox.port, ack_after_delivery=True)
        peer = bearerbox.next_peer()
        peer.wait_ack(peer.send(boxpeer.sms(sender=MOBILE, receiver=OURS, msgdata="hello", sms_type=boxpeer.MO,
                                            coding=0, time=1)).id)
        self.assertEqual(peer.of(boxpeer.SMS), [])

    def test_absent_it_acks_at_once_as_ever(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        self.application.answer = lambda r: (gate.wait(30), b"")[1]
        bearerbox = self.bearerbox()
        self.smsbox(bearerbox.port)
        peer = bearerbox.next_peer()
        peer.wait_ack(peer.send(self.report()).id)

    def test_status_shows_what_is_on_its_way(self):
        """Also that bearerbox's window bounds it."""
        gate = threading.Event()
        self.addCleanup(gate.set)
        self.application.answer = lambda r: (gate.wait(30), b"")[1]
        work = Path(tempfile.mkdtemp(dir=self.work))
        bearerbox = Bearerbox(work, core={"smsbox-max-pending": 7})
        smsbox = Smsbox(work, bearerbox, smsbox={"ack-after-delivery": True, "smsbox-id": "slow"})
        self.addCleanup(bearerbox.stop)
        bearerbox.groups = smsbox.groups()
        bearerbox.start()
        wait_for(lambda: listening(bearerbox.smsbox_port), 20, "its port for boxes", [bearerbox.process])
        self.addCleanup(smsbox.stop)
        smsbox.start()
        sender = boxpeer.BoxPeer.connect(bearerbox.smsbox_port, "sender")
        self.addCleanup(sender.close)
        for i in range(20):  # no link takes it: "NACK/no SMSC" goes to the box it names
            sender.send(boxpeer.sms(sender=OURS, receiver=MOBILE, msgdata="x", smsc_id="nowhere", coding=0, time=1,
                                    sms_type=boxpeer.MT_PUSH, dlr_mask=31, dlr_url=self.application.dlr_url(i),
                                    boxc_id="slow", service="app"))

        def shown():
            return next(((b.findtext("unacked"), b.findtext("queue")) for b in bearerbox.status().iter("box")
                         if b.findtext("id") == "slow"), None)  # it has not identified itself yet
        # The next one waits for the window, and counts already.
        wait_for(lambda: shown() == ("8", "20"), 20, lambda: f"7 of 20 on their way, {shown()}")
        self.assertLessEqual(len(self.application.reports()), 7)
        gate.set()
        self.application.wait(lambda: len(self.application.reports()) == 20)
        wait_for(lambda: shown() == ("0", "0"), 20, lambda: f"none left, {shown()}")


class Reconnect(SmsboxCase):
    """A lost bearerbox is connected again, and nothing is lost or doubled over it."""

    def lose(self, bearerbox, peer):
        """The next bearerbox at the same port."""
        bearerbox.stop()
        peer.wait_closed()
        return self.bearerbox(bearerbox.auto_ack, bearerbox.port)

    def in_background(self, smsbox, **request):
        result = []
        thread = threading.Thread(target=lambda: result.append(smsbox.request(**request)), daemon=True)
        thread.start()

        def outcome():
            thread.join(20)
            return result[0] if result else None
        return outcome

    def both(self, auto_ack=boxpeer.ACK_SUCCESS, **group):
        bearerbox = self.bearerbox(auto_ack)
        smsbox = self.smsbox(bearerbox.port, reconnect=True, smsbox_id="keeper", **group)
        return bearerbox, smsbox, bearerbox.next_peer()

    def test_it_goes_on_as_the_same_process(self):
        bearerbox, smsbox, peer = self.both()
        pid = smsbox.process.pid
        for ending in (lambda: None, lambda: peer.send(boxpeer.Frame(boxpeer.ADMIN, command=boxpeer.RESTART)),
                       lambda: peer.send(boxpeer.Frame(boxpeer.ADMIN, command=boxpeer.SHUTDOWN))):
            ending()
            bearerbox = self.lose(bearerbox, peer)
            peer = bearerbox.next_peer()
            peer.wait(lambda: peer.of(boxpeer.ADMIN), what="the identification")
            self.assertEqual(peer.of(boxpeer.ADMIN)[0].boxc_id, b"keeper")
            wait_for(lambda: smsbox.request(to=MOBILE, from_=OURS, text="x")[0] == 202, 20, "HTTP 202")
            self.assertEqual((smsbox.process.alive, smsbox.process.pid), (True, pid))

    def test_unacked_messages_are_written_again_while_their_clients_wait(self):
        bearerbox, smsbox, peer = self.both(auto_ack=None)
        outcomes = [self.in_background(smsbox, to=MOBILE, from_=OURS, text=str(i)) for i in range(3)]
        sent = peer.wait_sms(3)
        bearerbox = self.lose(bearerbox, peer)
        peer = bearerbox.next_peer()
        again = peer.wait_sms(3)
        self.assertEqual([(f.id, f.msgdata, f.receiver) for f in again], [(f.id, f.msgdata, f.receiver) for f in sent])
        for frame in again:
            peer.ack(frame)
        self.assertEqual([o()[0] for o in outcomes], [202] * 3)

    def test_each_recipient_of_a_request_until_it_is_acked(self):
        bearerbox, smsbox, peer = self.both(auto_ack=None)
        outcome = self.in_background(smsbox, to="+12025550111 +12025550112 +12025550113", from_=OURS, text="x")
        sent = peer.wait_sms(3)
        self.assertEqual(len({f.id for f in sent}), 1)
        peer.ack(sent[0])
        self.assertEqual(outcome()[0], 202)
        bearerbox = self.lose(bearerbox, peer)
        peer = bearerbox.next_peer()
        again = peer.wait_sms(2)
        self.assertEqual([f.receiver for f in again], [f.receiver for f in sent[1:]])
        for frame in again:
            peer.ack(frame)
        bearerbox = self.lose(bearerbox, peer)
        peer = bearerbox.next_peer()
        last = self.in_background(smsbox, to=MOBILE, from_=OURS, text="last")
        self.assertEqual(peer.wait_sms(1)[0].msgdata, b"last")  # and nothing before it
        peer.ack(peer.of(boxpeer.SMS)[0])
        self.assertEqual(last()[0], 202)

    def test_a_client_that_has_gone_gets_no_message(self):
        bearerbox, smsbox, peer = self.both(auto_ack=None)
        with self.assertRaises(TimeoutError):
            smsbox.request(timeout=1, to=MOBILE, from_=OURS, text="gone")
        stays = self.in_background(smsbox, to=MOBILE, from_=OURS, text="stays")
        peer.wait_sms(2)
        bearerbox = self.lose(bearerbox, peer)
        peer = bearerbox.next_peer()
        again = peer.wait_sms(1)
        peer.ack(again[0])
        self.assertEqual(stays()[0], 202)
        self.assertEqual([f.msgdata for f in peer.of(boxpeer.SMS)], [b"stays"])

    def test_new_requests_get_503_meanwhile(self):
        bearerbox, smsbox, peer = self.both()
        bearerbox.stop()
        log = Log(smsbox.group["log-file"])
        wait_for(lambda: b"connecting again" in log.new(), 20, "smsbox to see it")
        self.assertEqual(smsbox.request(to=MOBILE, from_=OURS, text="x")[0], 503)
        bearerbox = self.bearerbox(port=bearerbox.port)
        peer = bearerbox.next_peer()
        wait_for(lambda: smsbox.request(to=MOBILE, from_=OURS, text="y")[0] == 202, 20, "HTTP 202")
        self.assertEqual({f.msgdata for f in peer.wait_sms(1)}, {b"y"})

    def test_it_starts_without_a_bearerbox(self):
        bearerbox = self.bearerbox()
        bearerbox.stop()
        smsbox = self.smsbox(bearerbox.port, start=False, reconnect=True)
        wait_for(lambda: smsbox.request(to=MOBILE, from_=OURS, text="x")[0] == 503, 20, "HTTP 503",
                 [smsbox.process])
        bearerbox = self.bearerbox(port=bearerbox.port)
        bearerbox.next_peer()
        wait_for(lambda: smsbox.request(to=MOBILE, from_=OURS, text="y")[0] == 202, 20, "HTTP 202")

    def test_reports_that_come_again_are_taken_once(self):
        for group in ({}, {"ack_after_delivery": True}):
            with self.subTest(group):
                self.application.forget()
                gate = threading.Event()
                self.addCleanup(gate.set)
                self.application.answer = lambda r, gate=gate: (gate.wait(30), b"")[1]
                bearerbox, _, peer = self.both(**group)
                frames = [peer.send(self.report(i)) for i in range(5)]
                self.application.wait(lambda: len(self.application.reports()) == 5)
                bearerbox = self.lose(bearerbox, peer)
                peer = bearerbox.next_peer()
                for frame in frames:
                    peer.send(frame)
                new = peer.send(self.report("new"))
                self.application.wait(lambda: [r["ref"] for r in self.application.reports()][5:] == ["new"])
                gate.set()
                for frame in frames + [new]:
                    peer.wait_ack(frame.id)
                for frame in frames:  # once more, acked already
                    peer.send(frame)
                    peer.wait_ack(frame.id, n=2)
                self.assertEqual(len(self.application.reports()), 6)

    def test_it_ends_when_told_while_it_looks_for_a_bearerbox(self):
        bearerbox, smsbox, peer = self.both()
        bearerbox.stop()
        peer.wait_closed()
        smsbox.stop()
        self.assertEqual(smsbox.process.code, 0)
