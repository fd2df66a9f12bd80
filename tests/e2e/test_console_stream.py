# SPDX-License-Identifier: BSD-3-Clause
"""GET /v1/stream: what happens, as it happens, to whom may see it; and those who hang on to it."""

import os
import re
import signal
import socket
import threading

from byo import conf
from byo.alone import Alone
from byo.byobox import ADMIN_PASSWORD, STATUS_PASSWORD, program
from byo.process import run, wait_for
from byo.web import Browser, Stream

OTHER = "127.0.0.3"
PASSWORD = "pass"
# More than one read of the store gives.
MANY = 650


class StreamCase(Alone):
    permissions = {"eve": "events", "nora": "numbers"}
    area = 211  # of the recipients that were opted out last

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        code, out, err = run([program("byoctl"), "hash-password"], stdin=PASSWORD.encode() + b"\n")
        assert code == 0, err
        plain = cls.byobox.text
        cls.byobox.text = lambda: plain() + "".join(
            conf.group("byo-user", {"username": name, "password-hash": out.strip(), "permissions": permissions})
            for name, permissions in cls.permissions.items())
        cls.reload()

    @classmethod
    def reload(cls):
        loaded = cls.byobox.log.read_text().count("configuration-loaded")
        cls.byobox.write()
        cls.byobox.process.signal(signal.SIGHUP)
        wait_for(lambda: cls.byobox.log.read_text().count("configuration-loaded") > loaded, 20, "the reload")

    def browser(self, username="admin", password=ADMIN_PASSWORD, **more):
        browser = Browser(self.byobox, **more)
        self.assertEqual(browser.login(username, password), 204)
        return browser

    def stream(self, browser, **more):
        stream = Stream(browser, **more)
        self.addCleanup(stream.close)
        return stream

    def happen(self, number="+12025550131"):
        """Two events about a number."""
        self.byobox.number(number)
        self.assertEqual(self.byobox.api("DELETE", f"/v1/numbers/{number}")[0], 200)

    def happen_often(self, count=MANY):
        """One event each: opt-outs, which are never counted together."""
        self.byobox.number("+12025550131")
        area = StreamCase.area = StreamCase.area + 1
        rows = "".join(f"+12025550131,+1{area}555{n:04}\n" for n in range(count))
        browser = self.browser()
        status, answer = browser.ask("POST", "/v1/opt-outs/import", "number,recipient\n" + rows,
                                     headers={"Content-Type": "text/csv"})
        self.assertEqual((status, answer["added"]), (200, count), str(answer)[:200])
        self.addCleanup(self.byobox.api, "DELETE", "/v1/numbers/+12025550131")

    def stored(self, after):
        """Ids of the events of the store behind this one, oldest first."""
        ids = []
        while True:
            page = self.byobox.get(f"/v1/events?after={after}&limit=1000")[1]
            if not page["items"]:
                return ids
            ids += [e["id"] for e in page["items"]]
            after = page["next"]


class Streams(StreamCase):
    def test_events_come_as_the_list_gives_them(self):
        stream = self.stream(self.browser())
        self.assertEqual((stream.status, stream.answer.headers["Content-Type"]), (200, "text/event-stream"))
        self.assertEqual(stream.answer.headers["Cache-Control"], "no-store")
        wait_for(lambda: stream.last_id, 20, "a place to go on from, before anything happened")
        before = stream.last_id
        self.happen()
        numbers = [e for e in stream.wait("event", 2) if e["entity"] == "+12025550131"]
        self.assertEqual(len(numbers), 2)
        listed = self.byobox.get(f"/v1/events?after={before}")[1]["items"]
        self.assertEqual(stream.of("event"), listed[:len(stream.of("event"))])
        self.assertEqual(stream.last_id, stream.of("event")[-1]["id"])

    def test_the_status_comes_at_once_and_again(self):
        stream = self.stream(self.browser())
        first, second = stream.wait("status", 2)[:2]
        self.assertEqual(set(first), set(self.byobox.get("/v1/status")[1]))
        self.assertNotEqual(first["now"], second["now"])

    def test_each_sees_what_he_may(self):
        eve, status = self.stream(self.browser("eve", PASSWORD)), self.stream(self.browser("status", STATUS_PASSWORD))
        nora = self.stream(self.browser("nora", PASSWORD))
        self.assertEqual((nora.status, nora.error["code"]), (403, "not-allowed"))
        self.happen()
        eve.wait("event", 2)
        status.wait("status", 3)
        self.assertEqual((eve.of("status"), status.of("event")), ([], []))
        self.assertEqual(Browser(self.byobox).get("/v1/stream")[0], 401)

    def test_a_program_with_a_password_gets_one_too(self):
        self.stream(Browser(self.byobox, console=False), headers={
            "Authorization": "Basic YWRtaW46" + "Ynlv" + "LWFkbWlu"}).wait("status")

    def test_one_that_was_cut_off_goes_on_where_it_was(self):
        """Each event once, in order, however many were missed; then among the others."""
        browser = self.browser()
        stream = self.stream(browser)
        self.happen()
        stream.wait("event", 2)
        last = stream.last_id
        stream.close()
        self.happen_often()
        stream, live = self.stream(browser, last_id=last), self.stream(browser)
        stream.wait("event", MANY)
        self.happen("+12025550132")
        wait_for(lambda: any(e["entity"] == "+12025550132" for e in stream.of("event")), 20, "what happens now")
        missed = self.stored(last)
        wait_for(lambda: len(stream.of("event")) >= len(missed), 20, "all of it")
        self.assertEqual([e["id"] for e in stream.of("event")][:len(missed)], missed)
        self.assertLess(len(live.of("event")), MANY)

    def test_an_id_that_is_none_begins_now(self):
        for last in ("nonsense", "0", "x" * 3000, "ffffffffffffff"):
            stream = self.stream(self.browser(), last_id=last)
            self.assertEqual(stream.status, 200)
            stream.wait("status", 1)
            self.happen()
            self.assertEqual({e["entity"] for e in stream.wait("event", 2)}, {"+12025550131"}, last)
            stream.close()

    def test_it_ends_with_its_session(self):
        out, stays = self.browser("eve", PASSWORD), self.browser("eve", PASSWORD)
        ends, goes_on = self.stream(out), self.stream(stays)
        self.assertEqual(out.logout(), 204)
        ends.wait_ended()
        self.happen()
        goes_on.wait("event", 2)
        self.assertFalse(goes_on.ended)
        self.permissions.pop("nora")
        try:  # not by a reload, but by what it changes
            self.reload()
            self.assertFalse(goes_on.ended)
            self.permissions["eve"] = "numbers"
            self.reload()
            goes_on.wait_ended()
            self.assertEqual(stays.get("/v1/session")[1]["permissions"], ["numbers"])
        finally:
            self.permissions.update(eve="events", nora="numbers")
            self.reload()

    def test_a_hundred_idle_ones_are_in_nobodys_way(self):
        """Nor among the 64 connections of their address, nor among the 128 of the port."""
        browser = self.browser()
        streams = [self.stream(browser) for _ in range(100)]
        idle = [socket.create_connection(("127.0.0.1", self.byobox.admin_port), 10) for _ in range(60)]
        for sock in idle:
            self.addCleanup(sock.close)
        idle[0].sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertIn(b"HTTP/1.1", idle[0].recv(4096))
        self.happen()
        for stream in streams:
            stream.wait("event", 2)
            self.assertFalse(stream.ended)

    def test_a_full_house_has_room_for_who_has_fewer(self):
        browser = self.browser()
        mine = [self.stream(browser) for _ in range(140)]
        served = [s for s in mine if s.status == 200]
        self.assertEqual(len(served), 128)
        self.assertEqual({s.error["code"] for s in mine if s.status != 200}, {"not-available"})
        eve = self.stream(self.browser("eve", PASSWORD))
        self.assertEqual(eve.status, 200)
        wait_for(lambda: sum(s.ended for s in served) == 1, 20, "one of the admin's to go")
        self.happen()
        eve.wait("event", 2)

    def raw(self, browser, buffer=None):
        """A stream's socket, the head read."""
        sock = socket.socket()
        self.addCleanup(sock.close)
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        sock.settimeout(20)
        sock.connect(("127.0.0.1", self.byobox.admin_port))
        sock.sendall(f"GET /v1/stream HTTP/1.1\r\nHost: x\r\nCookie: byobox-session={browser.cookie}\r\n\r\n".encode())
        said = b""
        while b"\r\n\r\n" not in said:
            said += sock.recv(1)
        self.assertIn(b" 200 ", said)
        return sock

    def test_who_reads_slower_than_things_happen_misses_nothing(self):
        browser = self.browser("eve", PASSWORD)
        before = self.stored("0")[-1]
        slow = self.raw(browser, 4096)
        self.happen_often(2500)
        self.happen("+12025550133")
        expected, said = self.stored(before), b""
        self.assertGreater(len(expected), 2500)
        ids = []
        while len(ids) < len(expected):
            part = slow.recv(65536)
            self.assertTrue(part, f"dropped after {len(ids)} of {len(expected)}")
            said += part
            ids = re.findall(rb"^id: (\w+)\nevent: event\n", said, re.M)
        self.assertEqual([i.decode() for i in ids], expected)

    def test_who_does_not_read_is_dropped(self):
        browser = self.browser()
        good = self.stream(browser)
        slow = self.raw(browser, 4096)
        dropped = self.byobox.log.read_text().count("is not read, and was dropped")
        done = threading.Event()

        def go_on():
            n = 0
            while not done.is_set():
                n += 1
                self.byobox.number(f"+12025553{n % 1000:03}")
                self.byobox.api("DELETE", f"/v1/numbers/+12025553{n % 1000:03}")
        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            wait_for(lambda: self.byobox.log.read_text().count("is not read, and was dropped") > dropped, 50,
                     "the slow one to be dropped")
        finally:
            done.set()
            thread.join()
        self.assertFalse(good.ended)
        slow.close()

    def test_what_is_sent_on_it_or_closed_half(self):
        def open_files():
            return len(os.listdir(f"/proc/{self.byobox.process.pid}/fd"))
        browser = self.browser()
        before = open_files()
        sent, half = self.raw(browser), self.raw(browser)
        sent.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
        half.shutdown(socket.SHUT_WR)
        wait_for(lambda: half.recv(65536) == b"", 20, "the end of the half-closed one")
        while b"event: status" not in sent.recv(65536):
            pass
        for _ in range(300):
            self.raw(browser).close()
        sent.close()
        wait_for(lambda: open_files() <= before + 2, 20, lambda: f"{before} open files again, not {open_files()}")

    def test_a_head_for_a_stream_is_none(self):
        browser = self.browser()
        self.assertEqual(browser.ask("HEAD", "/v1/stream")[0], 200)


class Tls(StreamCase):
    @classmethod
    def more_keys(cls):
        cert, key = cls.work / "tls.pem", cls.work / "tls.key"
        code, _, err = run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                            "-nodes", "-days", "2", "-subj", "/CN=byobox", "-keyout", key, "-out", cert])
        assert code == 0, err
        return {"admin-ssl-cert-file": cert, "admin-ssl-key-file": key}

    def test_under_tls_all_the_same(self):
        browser = self.browser()
        streams = [self.stream(browser) for _ in range(20)]
        self.happen()
        for stream in streams:
            stream.wait("event", 2)
            stream.wait("status", 2)
        last = streams[0].last_id
        self.happen_often()
        missed = self.stored(last)
        again = self.stream(browser, last_id=last)
        again.wait("event", len(missed))
        self.assertEqual([e["id"] for e in again.of("event")][:len(missed)], missed)
        self.assertEqual(browser.logout(), 204)
        again.wait_ended()


class Stop(StreamCase):
    def test_a_stop_does_not_wait_for_streams(self):
        streams = [self.stream(self.browser()) for _ in range(20)]
        self.byobox.stop(10)
        for stream in streams:
            stream.wait_ended()
        self.byobox.start(ready=False).wait_up()
