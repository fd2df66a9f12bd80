# SPDX-License-Identifier: BSD-3-Clause
"""Peers that speak the protocol well and mean ill: none reaches beyond its own connection."""

import http.client
import os
import re
import select
import signal
import socket
import ssl
import struct
import time
import warnings

from byo import boxpeer
from byo.alone import Alone
from byo.boxpeer import BoxPeer, FakeBearerbox, Frame, sms
from byo.byobox import ADMIN_PASSWORD, STATUS_PASSWORD, Byobox, basic, integration
from byo.carrier import NO_RECEIPT, Carrier
from byo.case import Case
from byo.installation import NUMBER, Installation, stock_smsc
from byo.process import cpu_seconds, run, wait_for
from byo.web import Browser

ATTACKER, OTHER = "127.0.0.2", "127.0.0.3"
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

        def idle():
            queue = self.site.byobox.get("/v1/integrations/carrier-a")[1]["queue"]
            return queue["queued"] == 0 and queue["handed"] == 0
        wait_for(idle, 30, "nothing left for the next test")

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
            for _ in range(800):
                silent.append(socket.create_connection(("127.0.0.1", self.site.byobox.smsbox_port), 10))
            peer = self.peer("late")
            self.assertIn(peer.wait_ack(peer.send(mt()).id)[0].nack, (boxpeer.ACK_SUCCESS, boxpeer.ACK_BUFFERED))
            status = self.site.byobox.get("/v1/status")[1]
            self.assertIn("late", [b["id"] for b in status["smsboxes"]])
            self.assertLess(len(os.listdir(f"/proc/{self.site.byobox.process.pid}/fd")), 700)
        finally:
            for sock in silent:
                sock.close()

    def test_what_is_too_long_is_not_kept_and_comes_back_in_no_report(self):
        """One frame of a megabyte, reports of 255 segments: nobody fills the disk with that."""
        peer = self.peer("long", auto_ack=None)
        text = b"a" * 38000
        sent = peer.send(mt(msgdata=text, dlr_url=b"u" * 900000, dlr_mask=31, meta_data="?byo?reports=both&"))
        self.assertEqual(peer.wait_ack(sent.id)[0].nack, boxpeer.ACK_FAILED)
        self.assertLess(len(peer.wait_sms(1)[0].encode()), 4096)
        self.assertEqual(self.site.carrier.submits, [])
        # A long text alone is fine.
        sent = peer.send(mt(msgdata=text, dlr_url="u", dlr_mask=0))
        self.assertIn(peer.wait_ack(sent.id)[0].nack, (boxpeer.ACK_SUCCESS, boxpeer.ACK_BUFFERED))
        self.site.carrier.wait_submits(249)

    def test_every_spelling_of_an_opted_out_recipient(self):
        """(spec K5) A number is a number, however sender and recipient are typed, and whatever the frame says it is."""
        number = {"number": NUMBER, "recipient": "+12025550155", "reason": "test"}
        self.assertEqual(self.site.byobox.api("POST", "/v1/opt-outs", number)[0], 201)
        peer = self.peer("pusher")
        for receiver in ("+12025550155", "12025550155", "0012025550155", "+1 (202) 555-0155", "1.202.555.0155",
                         "\uff11\uff12\uff10\uff12\uff15\uff15\uff15\uff10\uff11\uff15\uff15", " +12025550155 ",
                         "+0012025550155", "12025550155,12025550156"):
            for sender in (NUMBER, "12025550100", "0012025550100", "1 202 5550100"):
                for sms_type in (*range(5), -1, 9):
                    sent = peer.send(mt(sender=sender, receiver=receiver, sms_type=sms_type))
                    self.assertEqual(peer.wait_ack(sent.id)[0].nack, boxpeer.ACK_FAILED, (receiver, sender, sms_type))
        marker = peer.send(mt(receiver="+12025550156"))
        peer.wait_ack(marker.id)
        self.assertEqual([s.sm.destination for s in self.site.carrier.wait_submits(1)], ["12025550156"])

    def test_odd_numbers_in_every_field(self):
        peer = self.peer("ints")
        sent = []
        for field in ("time", "sms_type", "mclass", "mwi", "coding", "compress", "validity", "deferred", "dlr_mask",
                      "pid", "alt_dcs", "rpi", "msg_left", "priority", "resend_try", "resend_time"):
            for value in (-2147483648, -2, 7, 255, 65536, 2147483647):
                for more in ({}, {"udhdata": b"\x05\x00\x03\x01\x01\x01"}):
                    to = f"+12025{len(sent):06}"
                    sent.append(peer.send(mt(**more, **{field: value}, receiver=to)).id)
        for frame_id in sent:
            peer.wait_ack(frame_id)
        self.assertTrue(self.site.bearerbox.process.alive)

    def test_half_requests_make_room_for_whole_ones(self):
        half = []
        try:
            for n in range(200):
                sock = socket.create_connection(("127.0.0.1", self.site.byobox.admin_port), 10)
                sock.sendall(b"GET /health HT" if n % 2 else
                             b"POST /v1/numbers HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
                half.append(sock)
            self.assertEqual(self.site.byobox.get("/health", user=None)[0], 200)
        finally:
            for sock in half:
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


def rss(process):
    """Octets of memory it has now."""
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class SmsboxPort(Alone):
    """Two addresses that may connect, and misuse it."""

    limit = 400

    @classmethod
    def more_keys(cls):
        return {"smsbox-allow-ip": "127.0.0.*", "smsbox-interface": "127.0.0.1"}

    def peer(self, box_id=None, source=ATTACKER, **more):
        peer = BoxPeer.connect(self.byobox.smsbox_port, box_id, source=source, **more)
        self.addCleanup(peer.close)
        return peer

    def link_of(self, box_id):
        """bearerbox's end of the link that has this id."""
        return next((p for p in self.bearerbox.peers
                     if any(f.boxc_id == box_id for f in p.of(boxpeer.ADMIN))), None)

    def closed(self, peers):
        return sum(p.closed for p in peers)

    def served(self):
        """Somebody elsewhere is, all the while: a heartbeat and the list of smsboxes say so."""
        peer = self.peer("honest", source="127.0.0.1")
        wait_for(lambda: "honest" in [b["id"] for b in self.byobox.get("/v1/status")[1]["smsboxes"]], 20,
                 "the honest smsbox to be listed")
        self.assertFalse(peer.closed)
        peer.close()
        wait_for(lambda: "honest" not in [b["id"] for b in self.byobox.get("/v1/status")[1]["smsboxes"]], 20,
                 "the honest smsbox to be gone")

    def test_f11_connections_of_one_id(self):
        many = [self.peer("twin", source=ATTACKER if n % 2 else OTHER) for n in range(24)]
        wait_for(lambda: self.closed(many) == 8, 20, lambda: f"all but 16 to be refused: {self.closed(many)}")
        self.served()
        self.peer("other", source=ATTACKER).send(Frame(boxpeer.HEARTBEAT, load=1))
        for peer in many:
            peer.close()

    def test_f11_connections_of_one_address(self):
        many = [self.peer(source=source) for source in (ATTACKER, OTHER) for n in range(80)]
        wait_for(lambda: self.closed(many) == 32, 20, lambda: f"64 of each to stay: {self.closed(many)}")
        self.assertEqual([self.closed(many[:80]), self.closed(many[80:])], [16, 16])
        self.served()
        for peer in many:
            peer.close()

    def test_f4_a_silent_one_is_disconnected(self):
        silent = [self.peer(f"silent-{n}", beats=False, source=ATTACKER if n else OTHER) for n in range(2)]
        beating = self.peer("beating", source=ATTACKER)
        half = self.peer("half", source=OTHER, beats=False)
        half.raw(b"\0\0\1\0xxxx")  # a frame that never ends
        wait_for(lambda: self.closed([*silent, half]) == 3, 90, "the silent ones to be disconnected")
        self.assertFalse(beating.closed)
        self.served()

    def test_f11_one_id_a_hundred_thousand_times(self):
        """Of messages that pass through: looked for one by one, they would take the link thread for minutes."""
        box, to = self.peer("flood"), "+4930901820"
        pair = wait_for(lambda: self.link_of(b"flood"), 20, "the link of its own")
        pair.auto_ack = None  # all of them wait
        one = sms(sender=UNLISTED, receiver=to, msgdata="x", coding=0, sms_type=boxpeer.MT_PUSH)

        def pass_through(sender, frame, receiver, kind):
            """Held to its own work, a quarter of a second: how fast a busy machine lets it says nothing. No more is written
            than the receiver comes along with: what bearerbox does not read is refused, and that is not the matter here."""
            before, octets = cpu_seconds(self.byobox.process.pid), frame.encode() * 1000
            first = len(receiver.frames)

            def worked():
                return cpu_seconds(self.byobox.process.pid) - before

            def wait_frames(n):
                wait_for(lambda: len(receiver.frames) >= first + n or worked() > 5, self.limit,
                         lambda: f"{len(receiver.frames) - first} after {worked():.1f} s of work", poll=0.01)
            for n in range(99):
                sender.raw(octets)
                wait_frames((n - 1) * 1000)
            wait_for(lambda: len(receiver.of(kind)) >= 99000 or worked() > 5, self.limit,
                     lambda: f"{len(receiver.of(kind))} after {worked():.1f} s of work", poll=0.2)
            self.assertEqual(len(receiver.of(kind)), 99000, f"after {worked():.1f} s of work")
        pass_through(box, one, pair, boxpeer.SMS)
        pass_through(pair, Frame(boxpeer.ACK, nack=0, time=0, id=one.id), box, boxpeer.ACK)
        self.served()

    def test_f11_more_acks_than_anybody_sent(self):
        """A bearerbox gone mad, while a slow disk holds up the flow: what nobody handed over is not kept."""
        own = wait_for(lambda: self.link_of(b"byobox"), 20, "the own link")
        self.byobox.number(NUMBER)
        acks = b"".join(Frame(boxpeer.ACK, nack=0, time=0).encode() for _ in range(1000))
        before = rss(self.byobox.process)
        with self.byobox.store.held():
            self.peer("writer").send(mt())  # the turn that waits for the disk
            for _ in range(400):
                own.raw(acks)
            own.raw(struct.pack(">ii", 4, 99))  # none of the protocol: closed, when all before it was read
            own.wait_closed()
            grown = rss(self.byobox.process) - before
        self.assertLess(grown, 64 << 20)
        self.served()

    def test_f11_long_frames_at_once(self):
        """Four addresses fill as many connections as they get with frames that do not end."""
        before = rss(self.byobox.process)
        many = [self.peer(source=f"127.0.0.{n % 4 + 2}", beats=False) for n in range(240)]
        frame = struct.pack(">i", 1 << 20) + bytes((1 << 20) - 1)
        rest = {peer: frame for peer in many}
        sent = True
        while sent:  # until nobody is read any further
            _, ready, _ = select.select([], [p.sock for p in rest], [], 1)
            sent = bool(ready)
            for peer in [p for p in rest if p.sock in ready]:
                rest[peer] = rest[peer][peer.sock.send(rest[peer][:65536], socket.MSG_DONTWAIT):]
                if not rest[peer]:
                    del rest[peer]
        self.served()
        self.assertLess(rss(self.byobox.process) - before, 190 << 20)
        for peer in many:
            peer.close()


class AdminPort(Alone):
    """Attackers at two addresses, and those they would like to keep out."""

    limit = 180  # each wrong password costs 600,000 rounds

    def ask(self, source, user, password, method="GET", path="/v1/numbers", headers=None, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.byobox.admin_port, timeout=20,
                                                source_address=(source, 0))
        try:
            connection.request(method, path, body, {**basic(user, password), **(headers or {})})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def failures(self):
        metrics = self.byobox.get("/metrics")[1]
        return int(next(line for line in metrics.splitlines()
                        if line.startswith("byobox_auth_failures_total ")).split()[1])

    def connect(self, source, octets=b""):
        sock = socket.create_connection(("127.0.0.1", self.byobox.admin_port), 10, (source, 0))
        self.addCleanup(sock.close)
        sock.sendall(octets)
        return sock

    def test_f1_guesses_lock_out_nobody_but_those_who_guess(self):
        before = self.failures()
        self.assertEqual(self.ask(OTHER, "admin", ADMIN_PASSWORD), 200)
        answers = [self.ask(ATTACKER, "admin", f"guess-{n}") for n in range(14)]
        self.assertEqual(answers, [401] * 10 + [429] * 4)
        self.assertEqual(self.ask(OTHER, "admin", ADMIN_PASSWORD), 200)
        self.assertEqual(self.ask(OTHER, "status", STATUS_PASSWORD, path="/metrics"), 200)
        self.assertEqual(self.byobox.get("/metrics")[0], 200)
        # Behind one proxy everybody has its address: who was right before is right.
        answers = [self.ask(OTHER, "admin", f"guess-{n}") for n in range(14)]
        self.assertEqual(answers[-1], 429)
        self.assertEqual(self.ask(OTHER, "admin", ADMIN_PASSWORD), 200)
        self.assertEqual(self.failures() - before, 28)

        def events():
            found = self.byobox.get("/v1/events?definition=BYO-0701")[1]["items"]
            return {e["current"]: e["count"] for e in found if e["name"] == "login-failed"}
        self.assertEqual(set(events()), {ATTACKER, OTHER})
        self.assertNotIn("guess-", self.byobox.log.read_text())
        self.assertIn("login-failed", self.byobox.log.read_text())
        # (night F8) repeated ones are counted; what was told late comes with the next.
        time.sleep(1.1)  # one telling a second
        self.ask(ATTACKER, "admin", "guess")
        wait_for(lambda: events()[ATTACKER] == 15, 10, lambda: f"all 15 of {ATTACKER} counted: {events()}")

    def test_f2_bodies_of_strangers_are_not_read(self):
        head = ("POST /v1/numbers/import HTTP/1.1\r\nHost: x\r\nContent-Length: 8388608\r\n"
                "Content-Type: text/csv\r\n%s\r\n").encode()
        wrong = head % b"Authorization: Basic c29tZWJvZHk6Z3Vlc3M=\r\n"
        for n in range(16):
            sock = self.connect(OTHER if n % 2 else ATTACKER, (head % b"" if n < 8 else wrong) + b"x" * 100000)
            said = b""
            while b"\r\n\r\n" not in said:
                part = sock.recv(4096)
                self.assertTrue(part, f"connection {n} ended after {said}")
                said += part
            self.assertIn(said.split()[1], (b"401", b"429"))
            if n % 8 == 7:
                self.assertEqual(self.byobox.api("POST", "/v1/numbers/import", b"x" * 4000000)[0], 415)

    def test_f3_a_full_port_has_room(self):
        """Idle, lingering and half-sent ones of two addresses; a third one is served all the while."""
        kinds = (b"", b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n",  # idle after an answer
                 b"GET /health HT", b"nonsense\r\n\r\n",              # half a request, a refused one
                 b"POST /v1/numbers/import HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
                 b"POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 4096\r\n\r\n{")  # the rest never comes
        for n in range(400):
            self.connect(OTHER if n % 2 else ATTACKER, kinds[n // 2 % len(kinds)])
            if n % 40 == 39:
                self.assertIn(self.byobox.get("/health", user=None)[0], (200, 503))
        mine = self.connect("127.0.0.1", b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertIn(b"HTTP/1.1", mine.recv(4096))
        for n in range(300):
            self.connect(ATTACKER)
        # It idles, but its address has few: others had to go.
        mine.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertIn(b"HTTP/1.1", mine.recv(4096))
        self.assertLess(len(os.listdir(f"/proc/{self.byobox.process.pid}/fd")), 200)

    def test_logins_without_end_end_their_own_sessions_only(self):
        """Nor do they, or their tokens, stay anywhere."""
        other = Browser(self.byobox, source=OTHER)
        self.assertEqual(other.login("status", STATUS_PASSWORD), 204)
        login = b'{"username": "admin", "password": "%s"}' % ADMIN_PASSWORD.encode()
        request = (b"POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                   b"Content-Length: %d\r\n\r\n" % len(login)) + login
        tokens = set()

        def log_in(times):
            sock = self.connect(ATTACKER)
            said = b""
            for _ in range(times // 50):
                sock.sendall(request * 50)
                while said.count(b"\r\n\r\n") < 50:
                    said += sock.recv(65536)
                tokens.update(re.findall(rb"byobox-session=([0-9a-f]{64})", said))
                said = b""
            sock.close()
        log_in(500)
        before = rss(self.byobox.process)
        log_in(10000)
        self.assertEqual(len(tokens), 10500)
        self.assertLess(rss(self.byobox.process) - before, 8 << 20)
        self.assertEqual(other.get("/v1/session")[1]["username"], "status")
        alive = 0
        mine = Browser(self.byobox, source=ATTACKER)
        for token in list(tokens)[:2000]:
            mine.cookie = token.decode()
            alive += mine.get("/v1/session")[0] == 200
        self.assertLessEqual(alive, 32)
        log = self.byobox.log.read_text()
        self.assertFalse([token for token in list(tokens)[:100] if token.decode() in log])
        self.assertNotIn(other.cookie, log)

    def test_guessed_tokens_and_strangers_streams_cost_nothing(self):
        before = None
        for n in range(2000):
            if n == 200:
                before = rss(self.byobox.process)  # what threads need once is there
            browser = Browser(self.byobox, source=ATTACKER, console=n % 2)
            browser.cookie = f"{n:064x}" if n % 3 else "x" * (n * 4)
            self.assertEqual(browser.get("/v1/stream" if n % 5 else "/v1/session")[0], 401)
        self.assertLess(rss(self.byobox.process) - before, 8 << 20)

    def test_f1_who_was_right_before_logs_in_while_others_guess(self):
        """Guesses of users' passwords keep two workers busy; a login that was right once waits for none of them."""
        mine = Browser(self.byobox, source=OTHER)
        self.assertEqual(mine.login(), 204)
        body = b'{"username": "nobody-%02d", "password": "guess"}'
        sent = []
        for n in range(6):
            sock = self.connect(ATTACKER)
            sock.sendall(b"POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                         b"Content-Length: %d\r\n\r\n" % len(body % n) + body % n)
            sent.append(sock)
        self.assertEqual(mine.login(), 204)
        waiting = [s for s in sent if not select.select([s], [], [], 0)[0]]
        self.assertGreater(len(waiting), 0, "all guesses were answered before: this shows nothing")
        for sock in sent:
            sock.settimeout(50)
            self.assertIn(sock.recv(4096).split()[1], (b"401", b"429"))

    def test_f10_a_page_of_another_site_changes_nothing(self):
        body = b'{"number": "+12025550188", "integration": "carrier-a", "type": "local"}'
        json_ = {"Content-Type": "application/json"}
        here = f"http://127.0.0.1:{self.byobox.admin_port}"
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                        {"Sec-Fetch-Site": "same-site"}, {"Origin": here, "Sec-Fetch-Site": "cross-site"}):
            for source in (ATTACKER, OTHER, "127.0.0.1"):
                self.assertEqual(self.ask(source, "admin", ADMIN_PASSWORD, "POST", headers={**json_, **headers},
                                          body=body), 403, headers)
        self.assertEqual(self.byobox.get("/v1/numbers")[1]["items"], [])
        self.assertEqual(self.ask("127.0.0.1", "admin", ADMIN_PASSWORD, "POST", body=body, headers={
            **json_, "Origin": here, "Sec-Fetch-Site": "same-origin"}), 201)


def certificate(folder, name):
    """(certificate, key): self-signed, made with openssl."""
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    code, out, err = run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                          "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", key, "-out", cert])
    assert code == 0, out + err
    os.chmod(key, 0o600)
    return cert, key


class AdminTls(Alone):
    """(night F12) admin-ssl-cert-file and admin-ssl-key-file."""

    @classmethod
    def more_keys(cls):
        cert, key = certificate(cls.work, "first")
        return {"admin-ssl-cert-file": cert, "admin-ssl-key-file": key}

    def shake(self, **versions):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        for name, value in versions.items():
            setattr(context, name, value)
        with socket.create_connection(("127.0.0.1", self.byobox.admin_port), 10) as sock, \
                context.wrap_socket(sock) as tls:
            return tls.version(), tls.getpeercert(True)

    def test_f12_tls(self):
        self.assertEqual(self.byobox.get("/v1/numbers")[0], 200)
        self.assertEqual(self.byobox.byoctl("number", "list")[0], 0)
        self.assertEqual(self.shake(maximum_version=ssl.TLSVersion.TLSv1_2)[0], "TLSv1.2")
        self.assertEqual(self.shake()[0], "TLSv1.3")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            with self.assertRaises(ssl.SSLError):
                self.shake(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
        with socket.create_connection(("127.0.0.1", self.byobox.admin_port), 10) as sock:
            sock.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            try:
                said = sock.recv(4096)
            except ConnectionResetError:
                said = b""
            self.assertNotIn(b"HTTP", said)

    def test_f12_tls_with_a_renewed_certificate(self):
        first, before = self.byobox.keys["admin-ssl-cert-file"], self.shake()[1]
        cert, key = certificate(self.work, "second")
        # A client that has another certificate than the port does not talk to it.
        self.byobox.keys["admin-ssl-cert-file"] = cert
        self.byobox.write()
        code, _, err = self.byobox.byoctl("number", "list")
        self.assertEqual(code, 3)
        self.assertIn("admin-ssl-cert-file", err)
        # A key of another certificate changes nothing.
        self.byobox.process.signal(signal.SIGHUP)
        wait_for(lambda: "is not the key of" in self.byobox.log.read_text(), 20, "the refusal")
        self.assertEqual(self.shake()[1], before)
        code, said = self.byobox.check()
        self.assertEqual(code, 1)
        self.assertIn("is not the key of", said)
        self.byobox.keys["admin-ssl-key-file"] = key
        self.byobox.write()
        self.assertEqual(self.byobox.check()[0], 0)
        self.byobox.process.signal(signal.SIGHUP)
        wait_for(lambda: self.shake()[1] != before, 20, "the new certificate")
        self.assertEqual(self.byobox.byoctl("number", "list")[0], 0)
        self.assertNotEqual(first, cert)


class Reload(Alone):
    """(night F12) What a reload changes at the ports, and what it says it does not."""

    def test_f12_allow_lists_apply_and_interfaces_are_warned_of(self):
        peer = BoxPeer.connect(self.byobox.smsbox_port, "box")
        self.addCleanup(peer.close)
        self.byobox.keys.update({"smsbox-allow-ip": "10.1.2.3", "smsbox-interface": "127.0.0.1",
                                 "admin-allow-ip": "127.0.0.2"})
        self.byobox.write()
        self.byobox.process.signal(signal.SIGHUP)
        peer.wait_closed()
        wait_for(lambda: self.byobox.get("/health", user=None)[0] == 0, 20, "admin-allow-ip to apply")
        self.byobox.keys.update({"smsbox-allow-ip": "127.0.0.1", "admin-allow-ip": None,
                                 "smsbox-interface": "127.0.0.2"})
        self.byobox.write()
        self.byobox.process.signal(signal.SIGHUP)
        wait_for(lambda: self.byobox.get("/health", user=None)[0] != 0, 20, "admin-allow-ip to apply again")
        self.assertIn("smsbox-interface", self.byobox.log.read_text())
        again = BoxPeer.connect(self.byobox.smsbox_port, "box")
        self.addCleanup(again.close)
        wait_for(lambda: "box" in [b["id"] for b in self.byobox.get("/v1/status")[1]["smsboxes"]], 20,
                 "the smsbox to be back")
