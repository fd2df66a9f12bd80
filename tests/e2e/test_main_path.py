# SPDX-License-Identifier: BSD-3-Clause
"""The main path: HTTP to smsbox, byobox, bearerbox, SMPP, and every segment's answer back (spec J1-J5, D1-D4)."""

import json

from byo import boxpeer, smpp
from byo.carrier import Answer, Receipt, by_status, refuse, with_receipts
from byo.case import Case
from byo.gsm import gsm, septets, text_of, whole_text
from byo.installation import NUMBER
from byo.process import wait_for

TO = "+12025550199"
DIGITS = TO[1:]

EURO = "Prix {10 €} [5 €]: " * 20
CYRILLIC = "Ваш заказ готов к выдаче. " * 8
KANA = "ｵﾆﾓﾂｶﾞﾄﾄﾞｷﾏｼﾀ｡"
EMOJI = "Your parcel 📦 is on its way 🚚 and will be there soon 🎉. " * 4
GREEK_AND_CYRILLIC = "αβγ и кириллица"


class Journey(Case):
    """What the classes here share."""

    options = {}
    reports_key = None

    def send(self, text, to=TO, ref=True, **more):
        status, body = self.site.send(to, text, self.ref if ref else None, **more)
        self.assertEqual(status, 202, body)
        return body

    def segments(self, n):
        """The n segments of one message in their order; over several binds they arrive in any."""
        submits = self.site.carrier.wait_submits(n)
        self.assertEqual(len(submits), n, [s.sm for s in submits])
        return sorted(submits, key=lambda s: s.sm.concat[2] if s.sm.concat else 0)

    def reports(self, types):
        return self.site.application.wait_types(self.ref, types)

    def only(self, type_, reports, segment=0):
        found = [r for r in reports if r.type == type_ and r.segment == segment]
        self.assertEqual(len(found), 1, reports)
        return found[0]

    def stored(self, report):
        return self.site.byobox.message(report.byo["message"])


class Charsets(Journey):
    """J4 and the segment limits, read at the wire."""

    kannel = ("stock", "patched")

    def check(self, text, dcs, segments):
        self.send(text)
        submits = self.segments(segments)
        self.assertEqual({s.sm.data_coding for s in submits}, {dcs})
        self.assertEqual(whole_text(submits), text)
        for s in submits:
            self.assertTrue(s.sm.registered_delivery & 1, "every segment asks for its receipt")
            limit = (160 if segments == 1 else 153) if dcs == 0 else (140 if segments == 1 else 134)
            self.assertLessEqual(len(s.sm.content), limit)
        return submits

    def test_J4_gsm(self):
        self.check("Hello @£$ àéùìòÇ, 100%?", 0, 1)

    def test_J4_gsm_with_extension_characters_in_three_segments(self):
        submits = self.check(EURO, 0, -(-septets(EURO) // 152))
        for s in submits:
            gsm(s.sm.content)  # raises when an escape pair was split

    def test_J4_ascii_has_the_grave_accent(self):
        self.check("back`tick", 1, 1)

    def test_J4_latin1(self):
        self.check("São João ½ ç", 3, 1)

    def test_J4_kana(self):
        self.check(KANA, 5, 1)

    def test_J4_long_kana(self):
        self.check(KANA * 12, 5, 2)

    def test_J4_cyrillic(self):
        self.check(CYRILLIC, 6, 2)

    def test_J4_hebrew(self):
        self.check("שלום עולם", 7, 1)

    def test_J4_emoji_over_four_segments(self):
        submits = self.check(EMOJI, 8, 4)
        for s in submits:
            s.sm.content.decode("utf-16-be")  # raises when a surrogate pair was split

    def test_J4_two_scripts_fit_only_utf16(self):
        self.check(GREEK_AND_CYRILLIC, 8, 1)

    def test_J4_nothing_becomes_a_question_mark(self):
        """Each of these stands in no single-octet charset of the list together with the others."""
        text = "ñ ﾀ Ж ש 你 𝄞 ‽"
        self.check(text, 8, 1)

    def test_limits_160_153(self):
        self.check("a" * 160, 0, 1)
        self.site.forget()
        self.check("b" * 161, 0, 2)
        self.site.forget()
        self.check("c" * 306, 0, 2)
        self.site.forget()
        self.check("d" * 307, 0, 3)

    def test_limits_escape_at_the_border(self):
        """The 153rd septet would be the escape: the pair moves to the next segment."""
        submits = self.check("a" * 152 + "€" + "b" * 20, 0, 2)
        self.assertEqual([len(s.sm.content) for s in submits], [152, 22])

    def test_limits_140_134(self):
        self.check("Ж" * 140, 6, 1)
        self.site.forget()
        submits = self.check("Ж" * 141, 6, 2)
        self.assertEqual([len(s.sm.content) for s in submits], [134, 7])

    def test_limits_70_67(self):
        self.check("你" * 70, 8, 1)
        self.site.forget()
        submits = self.check("你" * 71, 8, 2)
        self.assertEqual([len(s.sm.content) for s in submits], [134, 8])

    def test_limits_surrogate_pair_at_the_border(self):
        submits = self.check("你" * 66 + "📦" + "你" * 10, 8, 2)
        self.assertEqual(len(submits[0].sm.content), 132)

    def test_utf16_from_the_application_is_read_too(self):
        status, body = self.site.smsbox.request(to=TO, from_=NUMBER, text="Привет".encode("utf-16-be"),
                                                coding=2, charset="UTF-16BE")
        self.assertEqual(status, 202, body)
        submit = self.segments(1)[0]
        self.assertEqual((submit.sm.data_coding, text_of(submit.sm)), (6, "Привет"))

    def test_a_gsm_text_that_came_as_ucs2_leaves_as_gsm(self):
        self.check("plain text", 0, 1)

    def test_binary_goes_as_it_is(self):
        octets = bytes(range(1, 101))
        self.send(octets, coding=1, charset=None)
        sm = self.segments(1)[0].sm
        self.assertEqual((sm.data_coding, sm.payload), (4, octets))
        self.only(1, self.reports([1]))

    def test_own_udh_goes_as_it_is(self):
        udh, octets = b"\x06\x05\x04\x0b\x84\x23\xf0", bytes(range(100))
        self.send(octets, coding=1, udh=udh, charset=None)
        sm = self.segments(1)[0].sm
        self.assertEqual((sm.udh, sm.content), (udh, octets))
        self.assertTrue(sm.esm_class & smpp.ESM_UDHI)
        self.only(1, self.reports([1]))

    def test_references_of_one_recipient_differ(self):
        for _ in range(5):
            self.send("x" * 200, ref=False)
        submits = self.site.carrier.wait_submits(10)
        self.assertEqual(len({s.sm.concat[0] for s in submits}), 5)


class Tracking(Journey):
    """(spec D1-D3) One receipt for each segment, one verdict for the message, each with code and cause."""

    kannel = ("stock", "patched")

    def test_D1_D2_all_delivered(self):
        self.send(EURO)
        n = len(self.segments(4))
        reports = self.reports([8, 1])
        accepted, delivered = self.only(8, reports), self.only(1, reports)
        self.assertEqual(accepted["text"], "ACK/")
        # smsbox's %p is the other side's number, %P ours; test_harness sees the same without byobox.
        for report in (accepted, delivered):
            self.assertEqual((report["from"], report["to"]), (TO, NUMBER))
        byo = delivered.byo
        self.assertEqual((byo["code"], byo["cause"]), ("0", "DELIVERED"))
        self.assertEqual((byo["segments"], byo["delivered"], byo["failed"]), (str(n), str(n), "0"))
        self.assertEqual((byo["charset"].upper(), byo["dcs"]), ("GSM_0338", "0"))
        self.assertEqual(byo["integration"], "carrier-a")
        self.assertEqual(byo["try"], "1")
        self.assertIn("description", byo)

    def test_D2_one_segment_undelivered_fails_the_message(self):
        states = {2: Receipt("UNDELIV", "011")}
        self.site.carrier.script = lambda s: Answer(receipts=(states.get(s.sm.concat[2], Receipt()),))
        self.send(EURO)
        failed = self.only(2, self.reports([2]))
        self.assertEqual((failed.byo["code"], failed.byo["cause"]), ("10", "CARRIER_DELIVERY_FAILED"))
        self.assertEqual(failed.byo["carrier-code"], "011")
        self.assertIn("stat:UNDELIV", failed["text"])
        self.assertEqual([r for r in self.site.application.reports(self.ref) if r.type == 1], [])

    def test_D3_submit_error(self):
        self.site.carrier.script = lambda s: refuse(smpp.RINVDSTADR)
        self.send("hello")
        failed = self.only(16, self.reports([16]))
        self.assertEqual(failed["text"], "NACK/0x0000000b/Invalid Destination Address")
        self.assertEqual((failed.byo["code"], failed.byo["cause"], failed.byo["carrier-code"]),
                         ("3", "DEST_ADDR_INVALID", "11"))

    def test_D3_receipt_states_without_a_code(self):
        wanted = {"EXPIRED": ("4", "EXPIRED"), "DELETED": ("3", "OTHER_PERMANENT_FAILURE"),
                  "UNDELIV": ("10", "CARRIER_DELIVERY_FAILED"), "REJECTD": ("7", "OPERATION_NOT_ALLOWED"),
                  "UNKNOWN": ("9", "DEFAULT")}
        for state, verdict in wanted.items():
            with self.subTest(state):
                self.site.forget()
                self.site.carrier.script = with_receipts(Receipt(state, "000"))
                self.send(state)
                failed = self.only(2, self.reports([2]))
                self.assertEqual((failed.byo["code"], failed.byo["cause"]), verdict)

    def test_D3_delivered_whatever_err_says(self):
        self.site.carrier.script = with_receipts(Receipt("DELIVRD", "255"))
        self.send("hello")
        self.assertEqual(self.only(1, self.reports([1])).byo["cause"], "DELIVERED")

    def test_interim_receipts_then_the_final_one(self):
        self.site.carrier.script = with_receipts(Receipt("ENROUTE"), Receipt("ACCEPTD", after=0.05),
                                                 Receipt("DELIVRD", after=0.1))
        self.send("hello")
        reports = self.reports([8, 4, 1])
        self.assertEqual([r.type for r in reports if r.type == 4], [4])
        self.assertEqual(self.only(4, reports).byo["code"], "6")

    def test_D3_a_submit_failure_of_one_segment_cancels_what_is_not_sent_yet(self):
        self.site.carrier.script = lambda s: refuse(smpp.RINVSRCADR) if s.sm.concat[2] == 1 else Answer()
        self.send("x" * 153 * 8)
        failed = self.only(16, self.reports([16]))
        self.assertEqual(failed.byo["cause"], "SOURCE_ADDR_INVALID")

    def test_the_stored_message_has_every_segment(self):
        self.send(EURO)
        n = len(self.segments(4))
        message = self.stored(self.only(1, self.reports([1])))
        self.assertEqual(len(message["segments"]), n)
        code, answer, err = self.site.byobox.byoctl("message", message["id"], json_=True)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(answer["id"], message["id"])
        code, text, _ = self.site.byobox.byoctl("message", message["id"])
        self.assertEqual(code, 0)
        self.assertIn("DELIVERED", text)
        self.assertEqual(self.site.byobox.byoctl("message", "00000000000100")[0], 1)

    def test_several_recipients_each_get_their_message(self):
        to = ["+12025550121", "+12025550122", "+12025550123"]
        self.send("to all", to=" ".join(to))
        submits = self.segments(3)
        self.assertEqual(sorted(s.sm.destination for s in submits), sorted(t[1:] for t in to))
        reports = self.reports([1, 1, 1])
        self.assertEqual(sorted(r["from"] for r in reports if r.type == 1), sorted(to))

    def test_a_recipient_that_stands_twice_in_a_request_gets_it_once(self):
        """smsbox writes it once (gw/smsbox.c keeps recipients unique), so no two MTs of one request look like one."""
        once, twice, after = "+12025550124", "+12025550125", "+12025550126"
        self.send("to two", to=f"{twice} {once} {twice}")
        self.reports([1, 1])
        self.send("after them", to=after, ref=False)
        submits = self.segments(3)
        self.assertEqual(sorted(s.sm.destination for s in submits), [once[1:], twice[1:], after[1:]])
        self.assertIn("byobox_mt_repeated_total 0\n", self.site.byobox.get("/metrics")[1])


class Retry(Journey):
    """(spec D4) Code 2 is sent again by byobox; what bearerbox reports without a number too."""

    kannel = ("stock", "patched")

    options = {"retry_delay": "1s", "retry_max_delay": "2s", "retry_tries": 3,
               "codes": {"receipt:88": {"genericErrorCode": 2, "genericErrorCause": "THROTTLED"}}}

    def test_D4_throttled_then_accepted(self):
        self.site.carrier.script = by_status(smpp.RTHROTTLED)
        self.send("hello")
        self.segments(1)
        self.site.carrier.wait_submits(2)
        self.assertEqual(self.only(1, self.reports([8, 1])).byo["try"], "2")

    def test_D2_the_whole_life_is_told(self):
        """Every try with its reason, the answer that accepted it, the receipt, and that the smsbox took the reports."""
        receipts = [Receipt("UNDELIV", "088"), Receipt("DELIVRD", "000")]
        self.site.carrier.script = lambda s: Answer(receipts=(receipts[min(s.number, 1)],))
        self.send("hello")
        message = self.only(1, self.reports([8, 1])).byo["message"]

        def told():
            steps = self.site.byobox.message(message)["steps"]
            return steps if sum(s["step"] == "report-delivered" for s in steps) == 2 else None
        steps = wait_for(told, 10, "both reports are taken")
        own = [(s["step"], s["try"], s.get("cause"), s.get("carrierCode")) for s in steps if s["segment"]]
        self.assertEqual(own, [("handed", 1, None, None), ("answered", 1, "CARRIER_ACCEPTED", None),
                               ("receipt", 1, "THROTTLED", "088"), ("retried", 2, "THROTTLED", "088"),
                               ("answered", 2, "CARRIER_ACCEPTED", None), ("receipt", 2, "DELIVERED", "000")])
        taken = [(s["dlrType"], s["smsbox"]) for s in steps if s["step"] == "report-delivered"]
        self.assertEqual(taken, [(8, steps[0]["smsbox"]), (1, steps[0]["smsbox"])])
        times = [s["time"] for s in steps]
        self.assertEqual(times, sorted(times))
        code, said, _ = self.site.byobox.byoctl("message", message)
        self.assertEqual(code, 0)
        self.assertRegex(said, r"retried +1 +2 +THROTTLED 088")

    def test_D4_tries_used_up(self):
        self.site.carrier.script = lambda s: refuse(smpp.RMSGQFUL)
        self.send("hello")
        failed = self.only(16, self.reports([16]))
        self.assertEqual(failed.byo["code"], "2")
        self.assertEqual(failed.byo["try"], "3")
        self.assertEqual(len(self.site.carrier.submits), 3)

    def test_D4_receipt_with_a_retryable_code_is_sent_again(self):
        receipts = [Receipt("UNDELIV", "088"), Receipt("DELIVRD", "000")]
        self.site.carrier.script = lambda s: Answer(receipts=(receipts[min(s.number, 1)],))
        self.send("hello")
        self.only(1, self.reports([1]))
        self.assertEqual(len(self.site.carrier.submits), 2)

    def test_D4_permanent_codes_are_final_at_once(self):
        for status in (smpp.RINVDSTADR, smpp.RUNKNOWNERR):
            self.site.forget()
            self.site.carrier.script = lambda s, status=status: refuse(status)
            self.send("hello")
            self.reports([16])
            self.assertEqual(len(self.site.carrier.submits), 1)


class Masks(Journey):
    """Reports are those of the dlr-mask asked for; 16 comes if the mask has 16 or 2."""

    def outcome(self, mask, script):
        self.site.forget()
        self.site.carrier.script = script
        self.send("hello", dlr_mask=mask)
        # A second message with every report follows on the same way: when its last one is here, so are
        # all of the first.
        self.site.carrier.wait_submits(1)
        self.site.carrier.wait_answered()
        self.site.send(TO, "marker", "marker")
        self.site.application.wait_types("marker", [8] if script is self.refused else [8, 1])
        return sorted(r.type for r in self.site.application.reports(self.ref))

    @staticmethod
    def refused(submit):
        return Answer() if b"marker" in submit.sm.payload else refuse(smpp.RINVDSTADR)

    def test_delivered(self):
        script = with_receipts(Receipt())
        for mask, types in ((31, [1, 8]), (1, [1]), (2, []), (8, [8]), (9, [1, 8]), (16, []), (4, [])):
            with self.subTest(mask=mask):
                self.assertEqual(self.outcome(mask, script), types)

    def test_refused(self):
        for mask, types in ((31, [16]), (16, [16]), (2, [16]), (1, []), (8, []), (9, []), (4, [])):
            with self.subTest(mask=mask):
                self.assertEqual(self.outcome(mask, self.refused), types)

    def test_without_a_dlr_url_nothing_is_reported(self):
        self.send("hello", ref=False)
        self.site.send(TO, "marker", "marker")
        self.site.application.wait_types("marker", [8, 1])
        self.assertEqual({r["ref"] for r in self.site.application.requests}, {"marker"})


class SegmentReports(Journey):
    options = {"reports": "segment"}

    def test_each_segment_is_told(self):
        self.send(EURO)
        n = len(self.segments(4))
        reports = self.reports([8] * n + [1] * n)
        self.assertEqual(sorted(r.segment for r in reports if r.type == 1), list(range(1, n + 1)))
        self.assertEqual(len(reports), 2 * n)

    def test_asked_per_message(self):
        self.send(EURO, meta_data="?byo?reports=message&")
        reports = self.reports([8, 1])
        self.assertEqual({r.segment for r in reports}, {0})


class BothReports(Journey):
    options = {"reports": "both"}

    def test_segments_and_message_are_told(self):
        self.send(EURO)
        n = len(self.segments(4))
        reports = self.reports([8] * (n + 1) + [1] * (n + 1))
        self.assertEqual(sorted(r.segment for r in reports if r.type == 1), list(range(0, n + 1)))


class MetaData(Journey):
    def test_the_applications_groups_come_back(self):
        self.send("hello", meta_data="?shop?order=4711&note=a%20b%26c&?smpp?service_type=x&")
        for report in self.reports([8, 1]):
            if report.type in (8, 1):
                self.assertEqual(report.meta["shop"], {"order": "4711", "note": "a b&c"})
                self.assertEqual(report["cause"], report.byo["cause"])

    def test_an_application_cannot_force_ton_or_data_coding(self):
        self.send("hello", meta_data="?smpp?data_coding=3&source_addr_ton=5&dest_addr_npi=9&")
        sm = self.segments(1)[0].sm
        self.assertEqual((sm.data_coding, sm.source_ton, sm.dest_npi), (0, 0, 0))


class Refused(Journey):
    """(spec J4) When no charset of the list fits, the message is refused; J5: the list replaces the default."""

    kannel = ("stock", "patched")

    @classmethod
    def site_options(cls):
        cls.advanced = cls.work / "advanced.json"
        cls.advanced.write_text(json.dumps({
            "protocolSpecificCodeMapping": {
                "11": {"genericErrorCode": 10, "genericErrorCause": "CARRIER_RESOLUTION_FAILURE",
                       "description": "ours"},
                "1027": {"genericErrorCode": 7, "genericErrorCause": "RECIPIENT_BLOCKLISTED"}},
            "charsets": [{"dcs": 3, "charset": "ISO-8859-1"}, {"dcs": 1, "charset": "ascii"}]}))
        return {"advanced_config": cls.advanced}

    def test_J4_no_charset_fits(self):
        status, body = self.site.send(TO, "Привет", self.ref)
        self.assertEqual(status, 403, body)
        report = self.only(16, self.reports([16]))
        self.assertEqual(report["text"], "NACK/DATA_CODING_SCHEME_INVALID")
        self.assertEqual((report.byo["code"], report.byo["cause"]), ("3", "DATA_CODING_SCHEME_INVALID"))
        self.assertEqual(self.site.carrier.submits, [])
        self.assertEqual(self.stored(report)["cause"], "DATA_CODING_SCHEME_INVALID")

    def test_J5_the_custom_order_is_obeyed(self):
        self.send("plain")
        self.assertEqual(self.segments(1)[0].sm.data_coding, 3)

    def test_J2_an_own_code_wins_and_the_defaults_stay(self):
        self.site.carrier.script = by_status(smpp.RINVDSTADR, then=refuse(smpp.RINVSRCADR))
        self.send("hello")
        byo = self.only(16, self.reports([16])).byo
        self.assertEqual((byo["code"], byo["cause"], byo["description"]),
                         ("10", "CARRIER_RESOLUTION_FAILURE", "ours"))
        self.site.application.forget()
        self.send("hello")
        self.assertEqual(self.only(16, self.reports([16])).byo["cause"], "SOURCE_ADDR_INVALID")

    def test_J1_a_code_of_the_carriers_own(self):
        self.site.carrier.script = lambda s: refuse(1027)
        self.send("hello")
        byo = self.only(16, self.reports([16])).byo
        self.assertEqual((byo["code"], byo["cause"], byo["carrier-code"]),
                         ("7", "RECIPIENT_BLOCKLISTED", "1027"))

    def test_over_255_segments(self):
        """Told by a raw box: smsbox cuts at max-messages 255 of its own parts before byobox sees the text."""
        box = boxpeer.BoxPeer.connect(self.site.byobox.smsbox_port, "long")
        self.addCleanup(box.close)
        for segments, nack in ((255, boxpeer.ACK_BUFFERED), (256, boxpeer.ACK_FAILED)):
            sent = box.send(boxpeer.sms(sender=NUMBER, receiver=TO, msgdata="é" * 134 * segments, coding=0,
                                        charset="UTF-8", sms_type=boxpeer.MT_PUSH))
            self.assertEqual(box.wait_ack(sent.id)[0].nack, nack)
        self.assertEqual({s.sm.concat[1] for s in self.site.carrier.wait_submits(255)}, {255})

    def test_a_recipient_that_is_no_number(self):
        status, body = self.site.send("123", "hello", self.ref)
        self.assertEqual(status, 403, body)
        self.assertEqual(self.only(16, self.reports([16]))["text"], "NACK/DEST_ADDR_INVALID")


class SixteenBitReferences(Journey):
    options = {"concat_reference": 16}

    def test_152_133_66(self):
        for text, limit in (("a" * 161, 152), ("Ж" * 141, 133), ("你" * 71, 132)):
            self.site.forget()
            self.send(text)
            submits = self.segments(2)
            self.assertEqual(submits[0].sm.udh[:3], b"\x06\x08\x04")
            self.assertEqual(len(submits[0].sm.content), limit)
            self.assertEqual(whole_text(submits), text)
