# SPDX-License-Identifier: BSD-3-Clause
"""Nothing waits for ever and nothing is sent for nothing: retry (spec D4), time-outs, queues while something is
away, stop and reload (promise 1, 2, 5, 7)."""

import json
import re
import signal
import threading
import time
import uuid
from pathlib import Path

from byo import boxpeer, smpp
from byo.boxpeer import BoxPeer, FakeBearerbox, sms
from byo.byobox import Byobox, integration
from byo.carrier import ACCEPT, NO_RECEIPT, Answer, Carrier, Receipt, refuse
from byo.case import Case
from byo.installation import NUMBER
from byo.process import wait_for

TO = "+1202555{:04}"


class ReliabilityCase(Case):
    limit = 120

    def up(self, **options):
        return self.new_site(**{"binds": 1, **options}).start().wait_bound()

    def peer(self, site, box_id=None, **more):
        peer = BoxPeer.connect(site.byobox.smsbox_port, box_id, **more)
        self.addCleanup(peer.close)
        return peer

    def mt(self, site, to, text, ref=None, **more):
        return sms(**{"sender": NUMBER, "receiver": to, "msgdata": text, "coding": 0, "time": int(time.time()),
                      "sms_type": boxpeer.MT_PUSH, "charset": "UTF-8", "dlr_mask": 31,
                      "dlr_url": site.application.dlr_url(ref or to[1:]), **more})

    def events(self, site, name):
        return [e for e in site.byobox.get("/v1/events")[1]["items"] if e["name"] == name]

    def shown(self, site, id_="carrier-a"):
        return site.byobox.get(f"/v1/integrations/{id_}")[1]

    def wait_marked(self, site, recipient):
        """byobox sees a loss at its next look at bearerbox, which may be after the second answer."""
        wait_for(lambda: self.message(site, recipient=recipient)["segments"][0]["possibleDuplicate"], 10, "the mark")

    def message(self, site, **query):
        found = site.byobox.get("/v1/messages?" + "&".join(f"{k}={v}" for k, v in query.items()))[1]["items"]
        self.assertEqual(len(found), 1, found)
        return site.byobox.message(found[0]["id"])

    def final(self, site, ref, timeout=30):
        """The one final report of the whole message. One whose ack went with a link is given again: the same id."""
        site.application.wait(
            lambda: any(r.type in (1, 2, 16) for r in site.application.reports(ref)), timeout, f"the end of {ref}")
        finals = {r["id"]: r for r in site.application.reports(ref) if r.type in (1, 2, 16)}
        self.assertEqual(len(finals), 1, finals)
        return next(iter(finals.values()))


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
        self.assertEqual(references, [(references[0] + i) % 256 for i in range(6)])

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


class QueueWhileAway(ReliabilityCase):
    def test_a_deactivated_integrations_messages_wait_up_to_queue_limit_then_503(self):
        site = self.up(queue_limit=5)
        site.byobox.api("POST", "/v1/integrations/carrier-a/deactivate")
        wait_for(lambda: self.shown(site)["state"] == "inactive", 40, "the deactivation")
        answers = [site.send(TO.format(i), "hello", f"r{i}") for i in range(9)]
        self.assertEqual([status for status, _ in answers], [202] * 5 + [503] * 4)
        self.assertTrue(answers[0][1].startswith("3"), answers[0])  # queued
        self.assertEqual(len(self.events(site, "queue-limit")), 1)
        self.assertEqual(self.shown(site)["queue"]["queued"], 5)
        self.assertEqual(site.carrier.submits, [])
        site.byobox.api("POST", "/v1/integrations/carrier-a/activate")
        for i in range(5):
            self.assertEqual(self.final(site, f"r{i}", 60).type, 1)
        self.assertEqual([s.sm.destination for s in site.carrier.submits], [TO.format(i)[1:] for i in range(5)])
        self.assertEqual(site.send(TO.format(20), "hello", "again")[0], 202)
        self.assertEqual(self.final(site, "again").type, 1)

    def test_a_long_message_does_not_half_fit_into_the_queue(self):
        site = self.up(queue_limit=3)
        site.byobox.api("POST", "/v1/integrations/carrier-a/deactivate")
        wait_for(lambda: self.shown(site)["state"] == "inactive", 40, "the deactivation")
        self.assertEqual(site.send(TO.format(1), "long " * 150, "r1")[0], 503)
        self.assertEqual(self.shown(site)["queue"]["queued"], 0)
        self.assertEqual(site.send(TO.format(2), "hello", "r2")[0], 202)

    def test_a_dead_bearerbox(self):
        site = self.up()
        site.bearerbox.kill()
        for i in range(10):
            self.assertEqual(site.send(TO.format(i), "hello", f"r{i}")[0], 202)
        site.bearerbox.start()
        for i in range(10):
            self.assertEqual(self.final(site, f"r{i}", 60).type, 1)
        self.assertEqual(len(site.carrier.submits), 10)

    def test_a_bind_that_was_refused(self):
        carrier = Carrier().start()
        carrier.bind_status = lambda link, bind: smpp.RINVPASWD
        site = self.new_site(binds=1, carrier=carrier, activation_timeout="5s")
        site.start()
        wait_for(lambda: self.shown(site)["state"] == "error", 40, "the refusal")
        for i in range(3):
            self.assertEqual(site.send(TO.format(i), "hello", f"r{i}")[0], 202)
        del carrier.bind_status
        site.byobox.api("POST", "/v1/integrations/carrier-a/activate")
        for i in range(3):
            self.assertEqual(self.final(site, f"r{i}", 60).type, 1)
        self.assertEqual(len(carrier.submits), 3)

    def test_fair_among_integrations(self):
        """One has a long queue; the other's few messages do not wait behind it."""
        other = Carrier().start()
        self.addCleanup(other.stop)
        site = self.new_site(numbers=(), smsboxes=())
        site.byobox.integrations = [integration(site.carrier, "long", binds=1, messages_per_second=20),
                                    integration(other, "short", binds=1, messages_per_second=20)]
        site.numbers = ((NUMBER, "long"), ("+12025550101", "short"))
        site.start()
        site.carrier.wait_bound(1)
        other.wait_bound(1)
        wait_for(lambda: all(self.shown(site, i)["state"] == "active" for i in ("long", "short")), 40, "both active")
        peer = self.peer(site)
        for i in range(200):
            peer.send(self.mt(site, TO.format(i), "of many", f"m{i}"))
        last = [peer.send(self.mt(site, TO.format(i), "of few", f"f{i}", sender="+12025550101")) for i in range(5)]
        for frame in last:
            peer.wait_ack(frame.id)
        other.wait_submits(5)
        self.assertLess(len(site.carrier.submits), 100)
        site.carrier.wait_submits(200, 60)

    def test_reports_and_messages_wait_for_a_smsbox_oldest_first(self):
        site = self.new_site(binds=1, smsboxes=())
        site.start().wait_bound()
        for i in range(30):
            site.carrier.mo(smpp.Sm(source="12025550177", destination=NUMBER[1:], source_ton=1, dest_ton=1,
                                    short_message=f"message {i}".encode()))
        peer = self.peer(site)
        got = peer.wait_sms(30)
        self.assertEqual([f.msgdata for f in got], [f"message {i}".encode() for i in range(30)])

    def test_what_a_smsbox_did_not_ack_is_given_to_the_next_in_order(self):
        site = self.new_site(binds=1, smsboxes=())
        site.start().wait_bound()
        deaf = self.peer(site, auto_ack=None)
        for i in range(5):
            site.carrier.mo(smpp.Sm(source="12025550177", destination=NUMBER[1:], source_ton=1, dest_ton=1,
                                    short_message=f"message {i}".encode()))
        got = deaf.wait_sms(5)
        deaf.ack(got[0])
        deaf.ack(got[2])
        wait_for(lambda: site.byobox.get("/v1/status")[1]["inward"]["waiting"] == 3, 20, "two acks to be kept")
        deaf.close()
        heir = self.peer(site)
        again = heir.wait_sms(3)
        self.assertEqual([f.id for f in again], [got[1].id, got[3].id, got[4].id])


class Bearerboxes(ReliabilityCase):
    """Towards a bearerbox of raw frames."""

    def byobox(self, bearerbox, **keys):
        carrier = Carrier()
        carrier.port = 2775
        byobox = Byobox(self.folder(), None, [integration(carrier, **keys)], {
            "bearerbox-host": "127.0.0.1", "bearerbox-port": bearerbox.port,
            "bearerbox-admin-port": 1, "bearerbox-admin-password": None})
        self.addCleanup(byobox.stop)
        byobox.start(ready=False)
        byobox.wait_up()
        return byobox

    def folder(self):
        folder = Path(self.work) / self.ref[:40]
        folder.mkdir(exist_ok=True)
        return folder

    def link(self, bearerbox, box_id):
        def find():
            for peer in list(bearerbox.peers):
                ids = [f.boxc_id for f in peer.of(boxpeer.ADMIN) if f.command == boxpeer.IDENTIFY]
                if ids and not peer.closed and ids[-1] == (box_id.encode() if box_id else None):
                    return peer
            return None
        return wait_for(find, 20, f"byobox's link {box_id}")

    def test_what_bearerbox_delivers_again_is_delivered_once_in_any_order_across_restarts(self):
        bearerbox = FakeBearerbox(auto_ack=None)
        self.addCleanup(bearerbox.stop)
        byobox = self.byobox(bearerbox)
        smsbox = BoxPeer.connect(byobox.smsbox_port)
        self.addCleanup(smsbox.close)
        mos = [sms(sender="+12025550177", receiver=NUMBER, msgdata=f"message {i}", coding=0, time=int(time.time()),
                   smsc_id="carrier-a", sms_type=boxpeer.MO, id=uuid.uuid4()) for i in range(6)]
        link = self.link(bearerbox, None)
        for mo in mos[:4]:
            link.wait_ack(link.send(mo).id)
        smsbox.wait_sms(4)
        for mo in reversed(mos[:5]):
            link.send(mo)
        link.wait_ack(mos[0].id, n=2)
        wait_for(lambda: byobox.get("/v1/status")[1]["inward"]["repeated"] == 4, 20, "four repeats to be counted")
        byobox.kill()
        byobox.start(ready=False)
        byobox.wait_up()
        smsbox = BoxPeer.connect(byobox.smsbox_port)
        self.addCleanup(smsbox.close)
        link = self.link(bearerbox, None)
        for mo in (mos[3], mos[5], mos[1]):
            link.wait_ack(link.send(mo).id)
        first_after = smsbox.wait_sms(1)
        self.assertEqual(first_after[-1].id, mos[5].id)
        self.assertLessEqual({f.id for f in smsbox.of(boxpeer.SMS)}, {mos[4].id, mos[5].id})

    def test_an_ack_and_its_nack_count_once(self):
        bearerbox = FakeBearerbox(auto_ack=None)
        self.addCleanup(bearerbox.stop)
        byobox = self.byobox(bearerbox, retry_delay="1s")
        byobox.number(NUMBER)
        smsbox = BoxPeer.connect(byobox.smsbox_port)
        self.addCleanup(smsbox.close)
        link = self.link(bearerbox, "byobox")
        frame = smsbox.send(sms(sender=NUMBER, receiver=TO.format(1), msgdata="hello", coding=0, dlr_mask=31,
                                sms_type=boxpeer.MT_PUSH, dlr_url="http://127.0.0.1:9/?ref=r"))
        smsbox.wait_ack(frame.id)
        segment = link.wait_sms(1)[0]
        link.ack(segment, boxpeer.ACK_FAILED)
        report = sms(sender=segment.sender, receiver=segment.receiver, msgdata="NACK/MALFORMED SMS", dlr_mask=16,
                     sms_type=boxpeer.REPORT_MO, dlr_url=segment.dlr_url, smsc_id="carrier-a")
        link.wait_ack(link.send(report).id)
        got = smsbox.wait_sms(1)[0]
        self.assertEqual(got.dlr_mask, 16)
        self.assertIn(b"cause=MESSAGE_DATA_INVALID&", got.meta_data)
        self.assertEqual(byobox.get("/v1/integrations/carrier-a")[1]["counters"]["segmentsFailed"], 1)

    def test_back_pressure_is_the_withheld_ack_never_ack_failed_tmp(self):
        """(promise 7) Nobody takes what comes in, and bearerbox still gets success or nothing."""
        bearerbox = FakeBearerbox(auto_ack=None)
        self.addCleanup(bearerbox.stop)
        self.byobox(bearerbox)
        link = self.link(bearerbox, None)
        for i in range(300):
            link.send(sms(sender="+12025550177", receiver=NUMBER, msgdata=f"message {i}", coding=0,
                          time=int(time.time()), smsc_id="carrier-a", sms_type=boxpeer.MO))
        link.wait(lambda: len(link.of(boxpeer.ACK)) == 300, 20, "all acks")
        self.assertEqual({f.nack for f in link.of(boxpeer.ACK)}, {boxpeer.ACK_SUCCESS})


class StopAndReload(ReliabilityCase):
    def test_SIGTERM_finishes_what_is_in_flight(self):
        site = self.up(messages_per_second=5)
        for i in range(20):
            self.assertEqual(site.send(TO.format(i), "hello", f"r{i}")[0], 202)
        self.assertEqual(site.byobox.stop(15), 0, site.byobox.process.tail())
        site.byobox.start()
        site.smsbox.restart(kill=True)
        for i in range(20):
            self.assertEqual(self.final(site, f"r{i}", 60).type, 1)
        self.assertEqual(len(site.carrier.submits), 20)  # none twice, none lost

    def test_SIGTERM_is_bounded_when_bearerbox_does_not_answer(self):
        bearerbox = FakeBearerbox(auto_ack=None)
        self.addCleanup(bearerbox.stop)
        byobox = Bearerboxes.byobox(self, bearerbox)
        byobox.number(NUMBER)
        smsbox = BoxPeer.connect(byobox.smsbox_port)
        self.addCleanup(smsbox.close)
        link = Bearerboxes.link(self, bearerbox, "byobox")
        smsbox.send(sms(sender=NUMBER, receiver=TO.format(1), msgdata="hello", coding=0, dlr_mask=31,
                        sms_type=boxpeer.MT_PUSH))
        link.wait_sms(1)
        self.assertEqual(byobox.stop(20), 0)

    folder = Bearerboxes.folder

    def under_load(self, site, act):
        """Messages all the time while act() happens; each acked one ends delivered."""
        stop, sent = threading.Event(), []

        def load(box):
            i = 0
            while not stop.is_set():
                ref = f"{box}.{i}"
                if site.send(TO.format(i % 10000), "hello", ref)[0] == 202:
                    sent.append(ref)
                i += 1
        threads = [threading.Thread(target=load, args=(b,), daemon=True) for b in ("a", "b")]
        for thread in threads:
            thread.start()
        wait_for(lambda: len(sent) > 10, 20, "the load")
        try:
            act()
            before = len(sent)
            wait_for(lambda: len(sent) > before + 10, 20, "the load to go on")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        for ref in sent:
            self.assertEqual(self.final(site, ref, 60).type, 1)
        self.assertEqual(len(site.carrier.submits), len(sent))

    def connections(self, site):
        status = site.byobox.get("/v1/status")[1]
        return len(site.carrier.links), status["bearerbox"]["reconnects"], [b["ip"] for b in status["smsboxes"]]

    def test_SIGHUP_with_a_good_configuration_under_load_drops_nothing(self):
        site = self.up()
        before = self.connections(site)

        def act():
            for rate in (80, 90, 70):
                site.byobox.integrations[0]["messages-per-second"] = rate
                site.byobox.write()
                site.byobox.process.signal(signal.SIGHUP)
                wait_for(lambda: self.shown(site)["rate"]["limit"] == rate, 20, "the new rate",
                         [site.byobox.process])
        self.under_load(site, act)
        self.assertEqual(self.connections(site), before)
        self.assertEqual(len(self.events(site, "configuration-loaded")), 3)

    def test_SIGHUP_with_a_bad_configuration_under_load_keeps_the_old_one(self):
        site = self.up()
        before = self.connections(site)

        def act():
            good = site.byobox.text()
            site.byobox.conf.write_text(good.replace("messages-per-second = 100", "messages-per-second = many"))
            site.byobox.process.signal(signal.SIGHUP)
            wait_for(lambda: self.events(site, "configuration-refused"), 20, "the refusal", [site.byobox.process])
            site.byobox.conf.write_text(good)
        self.under_load(site, act)
        self.assertEqual(self.connections(site), before)
        self.assertEqual(self.shown(site)["rate"]["limit"], 100)
        self.assertIn("many", site.byobox.log.read_text(errors="replace"))

    def test_SIGHUP_with_bad_advanced_json_keeps_the_old_one(self):
        """(spec J6) The place and the reason are told, and the configuration in force stays."""
        site = self.new_site(binds=1)
        advanced = Path(site.work) / "advanced.json"
        advanced.write_text(json.dumps({"charsets": [{"dcs": 8, "charset": "UTF-16BE"}]}))
        site.byobox.integrations[0]["advanced-config"] = advanced
        site.start().wait_bound()
        advanced.write_text('{"charsets": [{"dcs": 8, "charset": ]}')
        site.byobox.process.signal(signal.SIGHUP)
        wait_for(lambda: self.events(site, "configuration-refused"), 20, "the refusal", [site.byobox.process])
        self.assertIn("advanced.json:1:", site.byobox.log.read_text(errors="replace"))
        self.assertEqual(site.send(TO.format(1), "hello", "r")[0], 202)
        self.assertEqual(site.carrier.wait_submits(1)[0].sm.data_coding, 8)
        advanced.write_text(json.dumps({"charsets": [{"dcs": 0, "charset": "GSM_0338"}]}))
        site.byobox.process.signal(signal.SIGHUP)
        wait_for(lambda: self.events(site, "configuration-loaded"), 20, "the reload", [site.byobox.process])
        self.assertEqual(site.send(TO.format(2), "hello", "s")[0], 202)
        self.assertEqual(site.carrier.wait_submits(2)[1].sm.data_coding, 0)


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
