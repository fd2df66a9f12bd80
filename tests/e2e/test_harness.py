# SPDX-License-Identifier: BSD-3-Clause
"""The harness proves itself on Kannel alone: what a test says of byobox must not be the harness's doing."""

import json
import socket
import struct
import sys
import time
from types import SimpleNamespace

import matrix
from byo import boxpeer, gsm, smpp
from byo.carrier import (ACCEPT, Answer, Carrier, Receipt, by_status, mean_rate, most_in_any_second, refuse,
                         with_receipts)
from byo.case import Case
from byo.installation import NUMBER
from byo.judge import SMSBOX_REQUESTS, Judge, Recorder
from byo.peer import Peer
from byo.process import Process, free_port, wait_for
from byo.tap import BACK, FORTH

TO = "+12025550199"


class StockKannel(Case):
    options = {"stock": True, "binds": 2}

    def send(self, text="hello", **more):
        status, body = self.site.send(TO, text, self.ref, coding=0, smsc="carrier-a", **more)
        self.assertEqual(status, 202, body)

    def test_a_text_and_its_two_reports(self):
        self.send()
        submit = self.site.carrier.wait_submits(1)[0]
        self.assertEqual(submit.sm.short_message, b"hello")
        reports = self.site.application.wait_types(self.ref, [8, 1])
        self.assertIn("stat:DELIVRD", [r["text"] for r in reports if r.type == 1][0])
        self.assertEqual({(r["from"], r["to"]) for r in reports}, {(TO, NUMBER)})

    def test_a_refusal_is_reported(self):
        self.site.carrier.script = lambda s: refuse(smpp.RINVDSTADR)
        self.send()
        report = self.site.application.wait_types(self.ref, [16])[0]
        self.assertEqual(report["text"], "NACK/0x0000000b/Invalid Destination Address")

    def test_a_failed_receipt(self):
        self.site.carrier.script = with_receipts(Receipt("UNDELIV", "088"))
        self.send()
        report = [r for r in self.site.application.wait_types(self.ref, [2]) if r.type == 2][0]
        self.assertIn("err:088", report["text"])
        self.assertIn("dlr_err", report.meta["smpp"])

    def test_a_receipt_of_tlvs_alone(self):
        self.site.carrier.script = with_receipts(Receipt(form="tlv"))
        self.send()
        report = [r for r in self.site.application.wait_types(self.ref, [1]) if r.type == 1][0]
        self.assertEqual(report["text"], "")

    def test_a_late_receipt_is_sent_by_hand(self):
        self.site.carrier.script = lambda s: Answer(receipts=())
        self.send()
        self.site.application.wait_types(self.ref, [8])
        self.site.carrier.receipt(self.site.carrier.submits[0], Receipt("EXPIRED", "004"))
        self.site.application.wait_types(self.ref, [2])

    def test_stock_loses_a_receipt_that_overtakes_its_answer_on_another_bind(self):
        """So a test that sees such a receipt arrive through byobox shows something."""
        self.site.carrier.wait_bound(2)
        self.site.carrier.script = with_receipts(Receipt(early=True, on="other"))
        self.send()
        self.site.application.wait_types(self.ref, [8])
        self.site.carrier.wait_answered()
        self.assertEqual([r.type for r in self.site.application.reports(self.ref)], [8])

    def test_an_mo_reaches_the_application(self):
        self.site.carrier.mo(smpp.Sm(source="12025550199", destination="12025550100", source_ton=1,
                                     source_npi=1, dest_ton=1, dest_npi=1, short_message=b"hi there"))
        message = self.site.application.wait_messages(1)[0]
        self.assertEqual((message["from"], message["to"], message["text"]), (TO, NUMBER, "hi there"))

    def test_a_concatenated_submit_is_taken_apart(self):
        self.send("x" * 300)
        parts = self.site.carrier.wait_submits(2)
        self.assertEqual([p.sm.concat[1:] for p in parts], [(2, 1), (2, 2)])
        self.assertEqual(b"".join(p.sm.content for p in parts), b"x" * 300)

    def test_a_dropped_link_comes_back(self):
        self.site.carrier.drop_links()
        self.site.carrier.wait(lambda: len(self.site.carrier.links) >= 4, what="two new connections")
        self.site.carrier.wait_bound(2)
        self.send()
        self.site.carrier.wait_submits(1)

    def test_throughput_of_the_carrier_is_no_bottleneck(self):
        """A raw box sends 3,000 messages; the rate is printed, only the count is judged."""
        peer = boxpeer.BoxPeer.connect(self.site.bearerbox.smsbox_port, "load")
        begun = time.monotonic()
        for i in range(3000):
            peer.send(boxpeer.sms(sender="100", receiver=f"1202{i:07}", msgdata="x", smsc_id="carrier-a",
                                  sms_type=boxpeer.MT_PUSH, coding=0, boxc_id="load"))
        submits = self.site.carrier.wait_submits(3000, 60)
        print(f"{3000 / (submits[-1].time - begun):.0f} submits/s")
        peer.close()


class StockLife(Case):
    def test_bearerbox_restarts_and_smsbox_finds_it_again(self):
        site = self.new_site(stock=True, binds=1).start().wait_bound(1)
        site.bearerbox.restart(kill=True)
        site.carrier.wait_bound(1)
        self.assertEqual(len(site.bearerbox.links()), 2)
        site.smsbox.kill()
        site.smsbox.start()
        self.assertEqual(site.send(TO, "again", coding=0, smsc="carrier-a")[0], 202)
        site.carrier.wait_submits(1)

    def test_tls_bind(self):
        from byo.ca import TestCA
        carrier = Carrier(tls=TestCA(self.work).server("localhost"))
        self.addCleanup(carrier.stop)
        site = self.new_site(stock=True, carrier=carrier, use_ssl=True).start().wait_bound(1)
        site.send(TO, "over TLS", coding=0, smsc="carrier-a")
        carrier.wait_submits(1)

    def test_wrong_password_is_refused(self):
        site = self.new_site(stock=True, smsc_password="wrong").start()
        site.carrier.wait(lambda: site.carrier.bind_attempts, what="a bind")
        self.assertEqual(site.carrier.bind_attempts[0][2], smpp.RINVPASWD)
        self.assertEqual(site.carrier.bound(), [])

    def test_hung_carrier_and_one_that_talks_nonsense(self):
        site = self.new_site(stock=True).start().wait_bound(1)
        site.carrier.stall()
        self.assertEqual(site.send(TO, "held", coding=0, smsc="carrier-a")[0], 202)
        site.carrier.stall(False)
        site.carrier.wait_submits(1)
        site.carrier.garbage(struct.pack(">IIII", 17, 0x7777, 0, 1) + b"x")
        self.assertEqual(site.send(TO, "after it", coding=0, smsc="carrier-a")[0], 202)
        site.carrier.wait_submits(2)


class Judged(Case):
    """Answers of byobox's own to one recipient, as the store and the carrier have them."""

    TO, SAID = "43662001", b"You are unsubscribed"

    def problems(self, messages, submits):
        journal = self.work / f"{self.ref}.journal"
        journal.write_text("".join(json.dumps(r) + "\n" for i in range(submits) for r in (
            ["s", i, 10.0 + i, self.TO, "12025550100", 0, self.SAID.hex()], ["a", i, 10.5 + i, 0, f"id{i}", True])))
        run = SimpleNamespace(carrier=SimpleNamespace(journal=journal), figures={}, problems=[])
        of = {i * 256: (None, 1, 1, 1, 1, "DELIVERED", "+" + self.TO, 2) for i in range(messages)}
        Judge(run)._compare_carrier(of, {i: [(i + 1, 3, 1, 0, 0, 0, "DELIVERED", self.SAID)] for i in of})
        return run.problems

    def test_each_answer_may_pass_once(self):
        for n in (1, 2, 3):
            self.assertEqual(self.problems(n, n), [])
            self.assertIn("not marked", self.problems(n, n + 1)[0])


class Parts(Case):
    """The harness's own small functions."""

    def test_most_in_any_second(self):
        self.assertEqual(most_in_any_second([]), 0)
        self.assertEqual(most_in_any_second([0.0, 0.5, 0.999, 1.0, 1.4]), 4)
        self.assertEqual(most_in_any_second([0.0, 1.0, 2.0]), 1)

    def test_mean_rate(self):
        self.assertAlmostEqual(mean_rate([0, 0.1, 0.2, 0.3]), 10)

    def test_pdus_that_lie_are_refused(self):
        with self.assertRaises(smpp.SmppError):
            smpp.split_pdus(bytearray(b"\0\0\0\x0f" + b"\0" * 12))
        with self.assertRaises(smpp.SmppError):
            smpp.split_pdus(bytearray(b"\x7f\xff\xff\xff" + b"\0" * 12))
        sm = smpp.Sm(source="1", destination="2", short_message=b"abc", tlvs={0x1E: b"x\0"})
        self.assertEqual(smpp.parse_sm(sm.encode()), sm)
        for cut in range(1, len(sm.encode())):
            if cut != len(sm.encode()) - 6:  # the TLV left out as a whole is a good PDU
                with self.assertRaises(smpp.SmppError):
                    smpp.parse_sm(sm.encode()[:cut])

    def test_concat_reads_both_references(self):
        def sm(udh):
            return smpp.Sm(esm_class=0x40, short_message=udh + b"text")
        self.assertEqual(sm(b"\x05\x00\x03\xab\x03\x02").concat, (0xAB, 3, 2))
        self.assertEqual(sm(b"\x06\x08\x04\x12\x34\x03\x02").concat, (0x1234, 3, 2))
        self.assertEqual(sm(b"\x05\x00\x03\xab\x03\x02").content, b"text")
        self.assertIsNone(smpp.Sm(short_message=b"text").concat)

    def test_scripts(self):
        script = by_status(0x58, 0)
        self.assertEqual([script(None).status, script(None), script(None)], [0x58, ACCEPT, ACCEPT])

    def test_a_carrier_delivers_again_what_was_not_taken_for_now(self):
        carrier = Carrier().start()
        self.addCleanup(carrier.stop)
        with socket.create_connection(("127.0.0.1", carrier.port), 20) as client:
            buffer = bytearray()

            def read():
                while True:
                    pdus = smpp.split_pdus(buffer)
                    if pdus:
                        return pdus[0]
                    buffer.extend(client.recv(4096))
            bind = b"byo\0secret\0\0" + b"\x34\0\0" + b"\0"
            client.sendall(smpp.Pdu(smpp.BIND_TRANSCEIVER, 0, 1, bind).encode())
            self.assertEqual(read().status, smpp.ROK)
            carrier.wait_bound()
            delivery = carrier.mo(smpp.Sm(source="1", destination="2", short_message=b"x"), wait=False)
            for status in (smpp.RX_T_APPN, smpp.RMSGQFUL, smpp.ROK):
                again = read()
                self.assertEqual(smpp.parse_sm(again.body).short_message, b"x")
                self.assertIsNone(delivery.status)
                client.sendall(smpp.Pdu(smpp.DELIVER_SM | smpp.RESP, status, again.sequence, b"\0").encode())
            carrier.wait_answered()
            self.assertEqual((delivery.status, delivery.refused), (smpp.ROK, [smpp.RX_T_APPN, smpp.RMSGQFUL]))

    def test_a_smsbox_that_serves_no_more_is_ended(self):
        """Its port is open and its bearerbox gone, as with one that waits for its own thread at its end."""
        bearerbox = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(bearerbox.close)
        own, other = free_port(), bearerbox.getsockname()[1]
        smsbox = Process("smsbox", [sys.executable, "-c", f"""
import socket, time
s, c = socket.create_server(("127.0.0.1", {own})), socket.create_connection(("127.0.0.1", {other}))
c.recv(1)
c.close()
time.sleep(300)"""], self.work).start()
        self.addCleanup(smsbox.kill)
        keeper = matrix.Keeper(smsbox, (own, other))
        keeper.start()
        self.addCleanup(keeper.end)
        link, _ = bearerbox.accept()
        wait_for(lambda: keeper.served, 20, "it to serve", [smsbox])
        link.close()
        again, _ = bearerbox.accept()
        again.close()
        self.assertEqual(len(keeper.ends), 1)

    def test_what_a_smsbox_had_not_done_is_its_loss_however_late_it_ends(self):
        """It acks what it has yet to bring to the application; on a slow machine it has it for long."""
        run = SimpleNamespace(patched=False, recorder=Recorder(), inner=SimpleNamespace(pairs={2: None}))  # 1 has ended
        judge = Judge(run)
        frames = {}
        for connection in (1, 2):
            for n in range(SMSBOX_REQUESTS + 1):
                given = boxpeer.sms(sender="1", receiver="2", msgdata=str(n), sms_type=boxpeer.MO)
                frames[connection, n] = given.id
                run.recorder.inner(BACK, connection, given.body(), 50.0)
                run.recorder.inner(FORTH, connection, boxpeer.Frame(boxpeer.ACK, id=given.id).body(), 50.1)
        never_acked = boxpeer.sms(sender="1", receiver="2", msgdata="x", sms_type=boxpeer.MO)
        run.recorder.inner(BACK, 1, never_acked.body(), 50.0)
        last = SMSBOX_REQUESTS
        self.assertTrue(judge.smsbox_lost(frames[1, 1]) and judge.smsbox_lost(frames[1, last]))
        self.assertFalse(judge.smsbox_lost(frames[1, 0]), "it had so many after it")
        self.assertFalse(judge.smsbox_lost(never_acked.id))
        self.assertFalse(judge.smsbox_lost(frames[2, last]), "its connection stands")
        run.patched = True  # it acks when it is done
        self.assertFalse(judge.smsbox_lost(frames[1, last]))

    def test_box_frames_come_back(self):
        frame = boxpeer.sms(sender="1", receiver="2", msgdata=b"\x00\xff", meta_data="?byo?a=b&")
        again = boxpeer.parse(frame.body())
        self.assertEqual(again.values(), frame.values())


class StockPeers(Case):
    """The strangers' SMSCs work with Kannel alone."""

    def path(self, kind):
        peer = Peer(kind, self.work)
        self.addCleanup(peer.stop)
        site = self.new_site(stock=True, carrier=peer).start().wait_bound(1)
        site.send(TO, "hello {€}", "ref", coding=0, smsc="carrier-a")
        site.application.wait_types("ref", [8, 1])
        site.send("+12025550111", "hello", "bad", coding=0, smsc="carrier-a")
        site.application.wait_types("bad", [16])
        peer.mo(TO[1:], NUMBER[1:], "hi there")
        self.assertEqual(site.application.wait_messages(1)[0]["text"], "hi there")
        peer.wait("mo-answered")
        return peer.of("submit")[0]

    def test_node(self):
        self.assertEqual(self.path("node")["text"], "hello {€}")

    def test_perl(self):
        octets = bytes.fromhex(self.path("perl")["octets"])
        self.assertEqual(gsm.gsm(octets), "hello {€}")


class StockCharsets(Case):
    """The reader of what arrives is held against Python's codecs and against bearerbox."""

    options = {"stock": True}

    def test_gsm_round_trip_through_bearerbox(self):
        text = "".join(c for c in gsm._BASIC if c not in "\x1b") + "".join(gsm._EXTENSION.values())
        for start in range(0, len(text), 60):
            piece = text[start:start + 60]
            self.site.forget()
            self.site.send(TO, "." + piece + ".", coding=0, smsc="carrier-a")
            sm = self.site.carrier.wait_submits(1)[0].sm
            self.assertEqual(gsm.text_of(sm), "." + piece + ".")

    def test_jis0201_is_shift_jis_of_one_octet(self):
        kana = bytes(range(0xA1, 0xE0))
        self.assertEqual(gsm.jis0201(kana), kana.decode("shift_jis"))

    def test_a_split_escape_pair_is_seen(self):
        with self.assertRaises(ValueError):
            gsm.gsm(b"abc\x1b")
