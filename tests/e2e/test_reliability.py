# SPDX-License-Identifier: BSD-3-Clause
"""Nothing waits for ever and nothing is sent for nothing: retry (spec D4), time-outs (promise 1, 2, 5); and the table of
what holds the promises."""

import json
import re
import signal
import time
from pathlib import Path

from byo import boxpeer, smpp
from byo.carrier import ACCEPT, NO_RECEIPT, Answer, Receipt, refuse
from byo.case import Case
from byo.installation import NUMBER
from byo.process import wait_for
from byo.reliability import TO, ReliabilityCase


class Retry(ReliabilityCase):
    """(spec D4) byobox owns it."""

    def test_D4_back_off_grows_and_jitters(self):
        site = self.up(retry_delay="1s", retry_max_delay="8s", retry_tries=4)
        site.carrier.script = lambda s: refuse(0x08)
        for i in range(3):
            self.assertEqual(site.send(TO.format(i), "hello", f"r{i}")[0], 202)
        for i in range(3):
            self.assertEqual(self.final(site, f"r{i}").byo["try"], "4")
        steps = []
        for i in range(3):
            times = [s.time for s in site.carrier.submits if s.sm.destination == TO.format(i)[1:]]
            self.assertEqual(len(times), 4)
            steps.append([b - a for a, b in zip(times, times[1:])])
            for waited, delay in zip(steps[-1], (1, 2, 4)):
                self.assertGreaterEqual(waited, delay * 0.8 - 0.05)  # 20 % of jitter; later is the machine's doing
        self.assertEqual(len({tuple(s) for s in steps}), 3)

    def test_D4_no_try_after_retry_for(self):
        site = self.up(retry_delay="2s", retry_tries=100, retry_for="3s")
        site.carrier.script = lambda s: refuse(0x08)
        self.assertEqual(site.send(TO.format(1), "hello", "r")[0], 202)
        self.assertEqual(self.final(site, "r").byo["code"], "2")
        self.assertEqual(len(site.carrier.submits), 2)

    def test_D4_no_try_after_the_validity(self):
        site = self.up(retry_delay="2s", retry_tries=100)
        site.carrier.script = lambda s: refuse(0x08)
        peer = self.peer(site)
        peer.wait_ack(peer.send(self.mt(site, TO.format(1), "hello", "r", validity=int(time.time()) + 4)).id)
        site.smsbox.stop()  # so that the report comes to this peer
        wait_for(lambda: self.message(site, recipient=TO.format(1)[1:])["state"] == "failed", 30, "the end")
        self.assertEqual(self.message(site, recipient=TO.format(1)[1:])["cause"], "EXPIRED")
        self.assertLessEqual(len(site.carrier.submits), 3)
        count = len(site.carrier.submits)
        self.assertEqual(self.message(site, recipient=TO.format(1)[1:])["segments"][0]["tries"], count)

    def test_references_go_on_after_a_kill(self):
        """Segments of before may still be in flight."""
        site = self.up()
        references = []
        for round_ in range(3):
            for i in range(2):
                self.assertEqual(site.send(TO.format(1), "long " * 60)[0], 202)
                submits = site.carrier.wait_submits(2 * len(references) + 2)
                references.append(submits[-1].sm.concat[0])
            site.byobox.kill()
            site.byobox.start()
            site.smsbox.restart(kill=True)
        step = 8 if site.store.kind == "pgsql" else 1  # the others are other nodes'
        self.assertEqual(references, [(references[0] + step * i) % 256 for i in range(6)])

    def test_D4_codes_3_7_10_are_final_at_once_and_2_is_not(self):
        site = self.new_site(binds=1, retry_delay="1s")
        own = {f"receipt:70{code}": {"genericErrorCode": code, "genericErrorCause": "OTHER_PERMANENT_FAILURE"}
               for code in (2, 3, 7)}
        own["receipt:710"] = {"genericErrorCode": 10, "genericErrorCause": "CARRIER_DELIVERY_FAILED"}
        advanced = Path(site.work) / "advanced.json"
        advanced.write_text(json.dumps({"protocolSpecificCodeMapping": own}))
        site.byobox.integrations[0]["advanced-config"] = advanced
        site.start().wait_bound()

        def script(submit):
            err = submit.sm.destination[-3:]
            sent = sum(1 for s in site.carrier.submits if s.sm.destination == submit.sm.destination)
            return Answer(receipts=(Receipt("UNDELIV", err) if sent == 1 else Receipt(),))
        site.carrier.script = script
        for err in ("702", "703", "707", "710"):
            self.assertEqual(site.send("+12025550" + err, "hello", "r" + err)[0], 202)
        self.assertEqual(self.final(site, "r702").type, 1)
        for err, code in (("703", "3"), ("707", "7"), ("710", "10")):
            report = self.final(site, "r" + err)
            self.assertEqual((report.type, report.byo["code"], report.byo["try"]), (2, code, "1"))
        self.assertEqual(len(site.carrier.submits), 5)

    def test_D4_segments_already_accepted_are_not_sent_again(self):
        site = self.up(retry_delay="1s")
        seen = {}

        def script(submit):
            number = submit.sm.concat[2]
            seen[number] = seen.get(number, 0) + 1
            return refuse(0x08) if number == 2 and seen[2] < 3 else ACCEPT
        site.carrier.script = script
        self.assertEqual(site.send(TO.format(1), "long " * 80, "r")[0], 202)
        report = self.final(site, "r")
        self.assertEqual((report.type, report.byo["segments"]), (1, "3"))
        self.assertEqual(seen, {1: 1, 2: 3, 3: 1})

    def test_D4_throttled_slows_the_whole_integration_and_it_recovers(self):
        """THROTTLED by a row of the operator's; a receipt tells it on stock, too."""
        site = self.up(retry_delay="1s", messages_per_second=40,
                       codes={"receipt:88": {"genericErrorCode": 2, "genericErrorCause": "THROTTLED"}})
        first = []

        def script(submit):
            first.append(submit)
            return Answer(receipts=(Receipt("UNDELIV", "088") if len(first) == 1 else Receipt(),))
        site.carrier.script = script
        slowest = [40.0]

        def watch():
            slowest[0] = min(slowest[0], self.shown(site)["rate"]["now"])
            return slowest[0] <= 20.0
        self.assertEqual(site.send(TO.format(1), "hello", "r")[0], 202)
        wait_for(watch, 20, "half the rate", poll=0.01)
        self.assertEqual(len(self.events(site, "throttled")), 1)
        self.assertEqual(self.final(site, "r").type, 1)

        def again():
            site.send(TO.format(2), "more")
            return self.shown(site)["rate"]["now"] == 40
        wait_for(again, 60, "the rate to be found again", poll=0.2)

    def test_D4_another_retryable_code_slows_nothing(self):
        site = self.up(retry_delay="1s", messages_per_second=40)
        site.carrier.script = lambda s: refuse(0x08) if s.number == 0 else ACCEPT
        self.assertEqual(site.send(TO.format(1), "hello", "r")[0], 202)
        self.assertEqual(self.final(site, "r").type, 1)
        self.assertEqual(self.shown(site)["rate"]["now"], 40)
        self.assertEqual(self.events(site, "throttled"), [])

    def test_the_order_of_one_pair_is_kept(self):
        site = self.up(retry_delay="1s", messages_per_second=50)
        refused = []

        def script(submit):
            if submit.sm.content == b"number 0" and len(refused) < 2:
                refused.append(submit)
                return refuse(0x08)
            return ACCEPT
        site.carrier.script = script
        peer = self.peer(site)
        frames = [peer.send(self.mt(site, TO.format(1), f"number {i}", f"r{i}")) for i in range(1)]
        site.carrier.wait_submits(1)
        wait_for(lambda: self.shown(site)["queue"]["queued"] == 1, 20, "the first to wait for its next try")
        frames += [peer.send(self.mt(site, TO.format(1), f"number {i}", f"r{i}")) for i in range(1, 10)]
        for frame in frames:
            peer.wait_ack(frame.id)
        site.carrier.wait_submits(12, 30)
        texts = [s.sm.content.decode() for s in site.carrier.submits if s not in refused]
        self.assertEqual(texts, [f"number {i}" for i in range(10)])


class OptOut(ReliabilityCase):
    """(promise 3; spec K5) From the moment the opt-out is acked nothing is handed over, whatever waits."""

    def test_what_waits_for_its_next_try_is_not_sent(self):
        site = self.up(retry_delay="4s")
        site.carrier.script = lambda s: refuse(0x08) if s.sm.content == b"hello" else ACCEPT
        self.assertEqual(site.send(TO.format(1), "hello", "r")[0], 202)
        site.carrier.wait_submits(1)
        wait_for(lambda: self.shown(site)["queue"]["queued"] == 1, 20, "the wait for the next try")
        site.carrier.mo(smpp.Sm(source=TO.format(1)[1:], destination=NUMBER[1:], source_ton=1, dest_ton=1,
                                short_message=b"STOP"))
        report = self.final(site, "r")
        self.assertEqual((report.type, report.byo["cause"]), (16, "RECIPIENT_OPTED_OUT"))
        self.assertEqual(len([s for s in site.carrier.submits if s.sm.content == b"hello"]), 1)

    def test_what_waits_for_the_rate_is_not_sent(self):
        site = self.up(messages_per_second=1)
        for i in range(6):
            self.assertEqual(site.send(TO.format(1), f"hello {i}", f"r{i}")[0], 202)
        site.carrier.wait_submits(1)
        site.carrier.mo(smpp.Sm(source=TO.format(1)[1:], destination=NUMBER[1:], source_ton=1, dest_ton=1,
                                short_message=b"STOP"))
        site.application.wait_messages(1)
        opted_out = wait_for(lambda: site.byobox.get(f"/v1/opt-outs?number={NUMBER[1:]}")[1]["items"], 20,
                             "the opt-out")[0]
        ends = [self.final(site, f"r{i}") for i in range(6)]
        self.assertEqual(ends[5].byo["cause"], "RECIPIENT_OPTED_OUT")
        for message in site.byobox.get(f"/v1/messages?recipient={TO.format(1)[1:]}")[1]["items"]:
            if message.get("keyword"):
                continue
            segment = site.byobox.message(message["id"])["segments"][0]
            self.assertTrue(segment["handed"] is None or segment["handed"] <= opted_out["time"],
                            (segment, opted_out))


class TimeOuts(ReliabilityCase):
    def test_no_receipt_is_NETWORK_TIMEOUT(self):
        site = self.up(receipt_timeout="2s")
        site.carrier.script = lambda s: NO_RECEIPT
        self.assertEqual(site.send(TO.format(1), "hello", "r")[0], 202)
        report = self.final(site, "r")
        self.assertEqual((report.type, report.byo["code"], report.byo["cause"], report["text"]),
                         (2, "1", "NETWORK_TIMEOUT", ""))
        message = self.message(site, recipient=TO.format(1)[1:])
        self.assertEqual(message["segments"][0]["cause"], "NETWORK_TIMEOUT")
        self.assertTrue(message["segments"][0]["ended"])

    def test_a_queued_message_ends_with_its_validity(self):
        """Also while its integration is deactivated."""
        site = self.up()
        self.assertIn(site.byobox.api("POST", "/v1/integrations/carrier-a/deactivate")[0], (200, 202, 204))
        wait_for(lambda: self.shown(site)["state"] == "inactive", 40, "the deactivation")
        peer = self.peer(site, "raw")
        frame = peer.send(self.mt(site, TO.format(1), "late", "r", validity=int(time.time()) + 2))
        self.assertEqual(peer.wait_ack(frame.id)[0].nack, boxpeer.ACK_BUFFERED)
        report = peer.wait_sms(1, 30)[0]
        self.assertEqual(report.dlr_mask, 16)
        self.assertIn(b"cause=EXPIRED&", report.meta_data)
        self.assertEqual(site.carrier.submits, [])
        segment = self.message(site, recipient=TO.format(1)[1:])["segments"][0]
        self.assertEqual((segment["state"], segment["cause"], segment["tries"]), ("failed", "EXPIRED", 0))

    def test_no_submit_answer_is_handed_over_again_and_marked(self):
        """bearerbox gives up after wait-ack; the carrier may have it: counted, shown, marked (promise 2)."""
        site = self.up(wait_ack=2, retry_delay="1s", enquire_link_interval=2)
        site.carrier.script = lambda s: Answer(drop=True, receipts=()) if s.number == 0 else ACCEPT
        self.assertEqual(site.send(TO.format(1), "hello", "r")[0], 202)
        self.assertEqual(self.final(site, "r", 60).type, 1)
        self.assertEqual(len(site.carrier.submits), 2)
        message = self.message(site, recipient=TO.format(1)[1:])
        self.assertTrue(message["segments"][0]["possibleDuplicate"], message)
        self.assertEqual(self.shown(site)["counters"]["possibleDuplicates"], 1)
        self.assertEqual(len(self.events(site, "possible-duplicate")), 1)

    def test_a_lost_bind_marks_what_had_no_answer(self):
        """Stock bearerbox submits it again by itself."""
        site = self.up(retry_delay="1s")
        site.carrier.script = lambda s: Answer(drop=True, receipts=()) if s.number == 0 else ACCEPT
        self.assertEqual(site.send(TO.format(1), "hello", "r")[0], 202)
        site.carrier.wait_submits(1)
        wait_for(lambda: self.shown(site)["queue"]["handed"] == 1, 20, "the hand-over to show")
        site.carrier.drop_links()
        self.assertEqual(self.final(site, "r", 60).type, 1)
        self.assertEqual(len(site.carrier.submits), 2)
        self.wait_marked(site, TO.format(1)[1:])

    def test_a_bearerbox_with_a_store_submits_again_after_a_kill_and_it_is_marked(self):
        site = self.new_site(binds=1, core={"store-type": "file", "store-location": "bearerbox.store"})
        site.start().wait_bound()
        site.carrier.script = lambda s: Answer(drop=True, receipts=()) if s.number == 0 else ACCEPT
        self.assertEqual(site.send(TO.format(1), "hello", "r")[0], 202)
        site.carrier.wait_submits(1)
        site.bearerbox.restart(kill=True)
        self.assertEqual(self.final(site, "r", 60).type, 1)
        self.assertEqual(len(site.carrier.submits), 2)
        self.wait_marked(site, TO.format(1)[1:])

    def test_one_that_is_back_before_byobox_looks_is_another_one(self):
        """Not much younger than the one before, and no attempt to reach it failed: only that the link fell tells."""
        site = self.new_site(binds=1, core={"store-type": "file", "store-location": "bearerbox.store"})
        site.start().wait_bound()
        site.carrier.script = lambda s: Answer(drop=True, receipts=()) if s.number == 0 else ACCEPT
        self.assertEqual(site.send(TO.format(1), "hello", "r")[0], 202)
        site.carrier.wait_submits(1)
        wait_for(lambda: self.shown(site)["queue"]["handed"] == 1, 20, "the hand-over to show")
        site.byobox.process.signal(signal.SIGSTOP)
        site.bearerbox.restart(kill=True)
        site.carrier.wait_submits(2)
        site.byobox.process.signal(signal.SIGCONT)
        self.assertEqual(self.final(site, "r", 60).type, 1)
        self.wait_marked(site, TO.format(1)[1:])

    def test_a_bind_lost_while_byobox_was_away_marks_too(self):
        """It is back already when byobox comes: its age tells."""
        site = self.up()
        site.carrier.script = lambda s: Answer(drop=True, receipts=()) if s.number == 0 else ACCEPT
        self.assertEqual(site.send(TO.format(1), "hello", "r")[0], 202)
        site.carrier.wait_submits(1)
        site.byobox.kill()
        site.carrier.drop_links()
        if not self.patched:  # the patched bearerbox tells byobox instead of submitting again by itself
            site.carrier.wait_submits(2, 40)
        site.byobox.start()
        site.smsbox.restart(kill=True)
        self.assertEqual(self.final(site, "r", 60).type, 1)
        self.assertEqual(len(site.carrier.submits), 2)
        self.wait_marked(site, TO.format(1)[1:])

    def test_what_a_bearerbox_without_a_store_forgot_is_handed_over_again(self):
        site = self.up()
        site.carrier.script = lambda s: Answer(drop=True, receipts=()) if s.number == 0 else ACCEPT
        self.assertEqual(site.send(TO.format(1), "hello", "r")[0], 202)
        site.carrier.wait_submits(1)
        site.bearerbox.restart(kill=True)
        self.assertEqual(self.final(site, "r", 60).type, 1)
        self.assertEqual(len(site.carrier.submits), 2)
        self.wait_marked(site, TO.format(1)[1:])

    def test_both_killed_and_it_is_marked(self):
        """byobox was away while bearerbox was started anew: it sees that by its age, which bearerbox counts in whole
        seconds of the clock: started late in one and looked at early in the next it is a second old at once."""
        site = self.new_site(binds=1, core={"store-type": "file", "store-location": "bearerbox.store"})
        site.start().wait_bound()
        site.carrier.script = lambda s: Answer(drop=True, receipts=()) if s.number == 0 else ACCEPT
        wait_for(lambda: time.time() % 1 > 0.7, 2, "the end of a second", poll=0.01)
        self.assertEqual(site.send(TO.format(1), "hello", "r")[0], 202)
        site.carrier.wait_submits(1)
        site.byobox.kill()
        site.bearerbox.restart(kill=True)
        site.carrier.wait_submits(2)
        wait_for(lambda: time.time() % 1 < 0.2, 2, "the next second", poll=0.01)
        site.byobox.start()
        site.smsbox.restart(kill=True)
        self.assertEqual(self.final(site, "r", 60).type, 1)
        self.assertEqual(len(site.carrier.submits), 2)
        self.wait_marked(site, TO.format(1)[1:])

    def test_a_link_cut_while_bearerbox_lives_is_no_reason_to_send_again(self):
        """The carrier is slow; byobox is killed meanwhile. bearerbox has the segment, and its answer comes. The bind's
        age, in whole seconds, is a second off either way: it is older than that when it gets the segment."""
        site = self.up()
        wait_for(lambda: min(site.bearerbox.ages("carrier-a"), default=0) >= 3, 20, "a bind of three seconds")
        site.carrier.script = lambda s: Answer(delay=14)
        self.assertEqual(site.send(TO.format(1), "hello", "r")[0], 202)
        site.carrier.wait_submits(1)
        site.byobox.restart(kill=True)
        site.smsbox.restart(kill=True)
        self.assertEqual(self.final(site, "r", 60).type, 1)
        self.assertEqual(len(site.carrier.submits), 1)
        self.assertFalse(self.message(site, recipient=TO.format(1)[1:])["segments"][0]["possibleDuplicate"])


class TheTable(Case):
    """docs/reliability.md names tests that exist."""

    def test_every_test_it_names_exists(self):
        top = Path(__file__).resolve().parents[2]
        named = set(re.findall(r"`((?:test_)?[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+)`",
                               (top / "docs" / "reliability.md").read_text()))
        there = set()
        for path in [*top.glob("tests/**/*.py"), *top.glob("tests/**/*.c")]:
            there |= set(re.findall(r"def (test_\w+)|START_TEST\((\w+)\)", path.read_text()))
        there = {name for pair in there for name in pair}
        self.assertGreater(len(named), 60)
        self.assertEqual(sorted(named - there), [])
