# SPDX-License-Identifier: BSD-3-Clause
"""Receipts and answers as public bug reports of people who run SMS gateways tell of them (field C05-C12, C14,
C24, C33, C72, C73, S9, S12). docs/reports.md has them as a table."""

import json

from byo import smpp
from byo.carrier import Answer, Receipt, with_receipts
from byo.case import Case, only_on
from byo.byobox import integration
from byo.process import wait_for

TO = "+12025550199"
NUMBER = "12025550100"


def text(template, network_error=None, **how):
    """A receipt from a text with {id} in it."""
    tlvs = {} if network_error is None else {smpp.TLV_NETWORK_ERROR_CODE: network_error}
    return Receipt(form=lambda submit, receipt: (template.format(id=submit.message_id).encode(), tlvs), **how)


class Field(Case):
    kannel = ("stock", "patched")
    options = {}

    def send(self, ref=None, to=TO):
        status, body = self.site.send(to, "hello", ref or self.ref)
        self.assertEqual(status, 202, body)

    def final(self, type_, ref=None):
        reports = self.site.application.wait_types(ref or self.ref, [type_])
        found = [r for r in reports if r.type in (1, 2, 16)]
        self.assertEqual([r.type for r in found], [type_])
        return found[0].byo


class Errors(Field):
    """(field C33) What a receipt's err means."""

    options = {"retry_delay": "1s", "codes": {
        "receipt:701": {"genericErrorCode": 2, "genericErrorCause": "RECIPIENT_BUSY"},
        "702": {"genericErrorCode": 3, "genericErrorCause": "RECIPIENT_BLOCKLISTED"},
        "8": {"genericErrorCode": 2, "genericErrorCause": "OTHER_TEMPORARY_FAILURE", "description": "pasted"}}}

    def receives(self, *receipt):
        self.site.forget()
        self.site.carrier.script = with_receipts(Receipt(*receipt))
        self.send()
        byo = self.final(2)
        return byo["code"], byo["cause"], byo["carrier-code"]

    def test_C33_built_in_rows_are_submit_statuses(self):
        """005 unknown subscriber, 008 illegal equipment, 011 busy, as a large carrier numbers them."""
        for state, err, code, cause in (("UNDELIV", "005", "10", "CARRIER_DELIVERY_FAILED"),
                                        ("UNDELIV", "008", "10", "CARRIER_DELIVERY_FAILED"),
                                        ("UNDELIV", "011", "10", "CARRIER_DELIVERY_FAILED"),
                                        ("REJECTD", "088", "7", "OPERATION_NOT_ALLOWED"),
                                        ("EXPIRED", "017", "4", "EXPIRED"),
                                        ("UNDELIV", "017", "3", "OTHER_PERMANENT_FAILURE")):
            with self.subTest(state=state, err=err):
                self.assertEqual(self.receives(state, err), (code, cause, err))
                self.assertEqual(len(self.site.carrier.submits), 1)

    def test_C33_own_rows_count_in_every_final_state(self):
        for state in ("UNDELIV", "EXPIRED", "REJECTD", "DELETED", "UNKNOWN"):
            with self.subTest(state):
                self.assertEqual(self.receives(state, "702"), ("3", "RECIPIENT_BLOCKLISTED", "702"))

    def test_C33_an_own_row_sends_again(self):
        receipts = [Receipt("UNDELIV", "701"), Receipt()]
        self.site.carrier.script = lambda s: Answer(receipts=(receipts[min(s.number, 1)],))
        self.send()
        self.assertEqual(self.final(1)["try"], "2")

    def test_C11_network_error_code_stands_in_for_zeros(self):
        for err, network, carrier_code in (("000", b"\x03\x02\xbd", "701"), ("000", b"702", "702"),
                                           ("0", b"\x03\x02\xbe", "702"), (None, b"702", "702"),
                                           ("703", b"702", "703")):
            with self.subTest(err=err, network=network):
                self.site.forget()
                body = "id:{id} stat:EXPIRED" + (f" err:{err}" if err else "") + " text:"
                self.site.carrier.script = with_receipts(text(body, network_error=network))
                self.send()
                self.assertEqual(self.final(2)["carrier-code"], carrier_code)

    def test_C11_not_of_a_delivery(self):
        self.site.carrier.script = with_receipts(
            text("id:{id} stat:DELIVRD err:000", network_error=b"\x03\x00\x0b"))
        self.send()
        self.assertEqual(self.final(1)["carrier-code"], "000")


class OwnRows(Field):
    """(field C33) receipt-errors = own-rows."""

    options = {"receipt_errors": "own-rows",
               "codes": {"702": {"genericErrorCode": 3, "genericErrorCause": "RECIPIENT_BLOCKLISTED"}}}

    def test_C33_built_in_rows_do_not_count(self):
        for err, cause in (("017", "CARRIER_DELIVERY_FAILED"), ("702", "RECIPIENT_BLOCKLISTED")):
            with self.subTest(err):
                self.site.forget()
                self.site.carrier.script = with_receipts(Receipt("UNDELIV", err))
                self.send()
                byo = self.final(2)
                self.assertEqual((byo["cause"], byo["carrier-code"]), (cause, err))


class Matching(Field):
    """Answers and receipts one by one."""

    options = None

    def answered(self, message_id, ref=None, to=TO):
        """A message the carrier took under this id; no receipt yet."""
        self.site.carrier.script = lambda s: Answer(message_id=message_id, receipts=())
        self.send(ref, to)
        self.site.application.wait_types(ref or self.ref, [8])
        return next(s for s in reversed(self.site.carrier.submits) if s.sm.destination == to[1:])

    def receipt(self, submit, body, tlvs=None, **pdu):
        self.site.carrier.receipt(submit, Receipt(form=lambda s, r: (body, tlvs or {})))

    def pending(self, ref):
        """Its message waits for its receipt still, after another went the whole way."""
        self.site.carrier.script = with_receipts(Receipt())
        self.send("marker")
        self.site.application.wait_types("marker", [1])
        self.assertEqual([r.type for r in self.site.application.reports(ref)], [8])


class Ids(Matching):
    """Which segment a receipt is of. Stock bearerbox finds it by the id itself, as it reads it."""

    options = {}

    @only_on("patched")
    def test_C06_C07_C09_C12_written_otherwise(self):
        for i, (answer, receipt) in enumerate((
                ("9A1B", "9a1b"), ("77", "0000000077"), ("0000000078", "78"), ("7C", "124"), ("125", "7d"),
                ("340282366920938463463374607431768211455", "ffffffffffffffffffffffffffffffff"))):
            with self.subTest(answer=answer, receipt=receipt):
                self.site.forget()
                submit = self.answered(answer, f"r{i}")
                self.receipt(submit, f"id:{receipt} sub:001 dlvrd:001 stat:DELIVRD err:000 text:".encode())
                self.final(1, f"r{i}")

    @only_on("patched")
    def test_C09_blanks_and_NULs_at_the_ends(self):
        submit = self.answered("c09")
        self.receipt(submit, b"stat:DELIVRD", {smpp.TLV_RECEIPTED_MESSAGE_ID: b" c09 \0\0"})
        self.final(1)

    @only_on("patched")
    def test_C10_fields_parted_by_anything(self):
        for i, body in enumerate(("id:{},sub:001,dlvrd:001,stat:DELIVRD,err:000", "id:{}; sub:001;stat:DELIVRD;",
                                  "id:{}\tsub:001\r\nstat:DELIVRD\n", "stat:DELIVRD , err:000 ; id:{}")):
            with self.subTest(body):
                self.site.forget()
                submit = self.answered(f"c10-{i}", f"r{i}")
                self.receipt(submit, body.format(f"c10-{i}").encode())
                self.final(1, f"r{i}")

    def test_C10_where_the_TLV_names_the_id(self):
        """As above, and UCS-2, on stock, too: bearerbox takes the TLV's id, byobox reads the rest."""
        for i, body in enumerate((b"id:9,sub:001,dlvrd:000,stat:REJECTD,err:702;text:", b"STAT: REJECTD\tERR:702",
                                  "id:9 stat:REJECTD err:702 text:".encode("utf-16-be"),
                                  "id:9 stat:REJECTD err:702 text:\u65e5".encode("utf-16-le"),
                                  b"err:702 stat:REJECTD id:9 text:caf\xe9")):
            with self.subTest(body):
                self.site.forget()
                submit = self.answered(f"tlv-{i}", f"r{i}")
                self.receipt(submit, body, {smpp.TLV_RECEIPTED_MESSAGE_ID: f"tlv-{i}".encode() + b"\0",
                                            smpp.TLV_MESSAGE_STATE: b"\x05"})
                byo = self.final(2, f"r{i}")
                self.assertEqual((byo["cause"], byo["carrier-code"]), ("OPERATION_NOT_ALLOWED", "702"))

    def test_C10_in_message_payload(self):
        submit = self.answered("payload")
        self.receipt(submit, b"", {smpp.TLV_MESSAGE_PAYLOAD:
                                   b"id:payload sub:001 dlvrd:001 submit date:2611221600 done date:2611221601 "
                                   b"stat:DELIVRD err:000 text:"})
        self.final(1)

    @only_on("patched")
    def test_C06_not_loosely_where_an_ended_one_has_it_exactly(self):
        first = self.answered("00555", "first")
        self.receipt(first, b"id:00555 stat:DELIVRD err:000")
        self.final(1, "first")
        self.answered("555", "second")
        self.receipt(first, b"id:00555 stat:UNDELIV err:001")
        self.pending("second")

    @only_on("patched")
    def test_C12_not_loosely_where_two_fit_or_from_another_phone(self):
        first = self.answered("1A", "first")
        self.answered("26", "second", "+12025550188")
        self.receipt(first, b"id:0000001a stat:DELIVRD err:000")
        self.pending("first")
        third = self.answered("3B", "third")
        self.answered("x", "fourth", "+12025550188")
        other = self.site.carrier.submits[-1]
        self.receipt(other, b"id:0000003b stat:DELIVRD err:000")
        self.pending("third")
        self.receipt(third, b"id:0000003b stat:DELIVRD err:000")
        self.final(1, "third")

    @only_on("patched")
    def test_C24_before_its_answer(self):
        for i, body in enumerate(("id:{id} stat:DELIVRD", "id:00{id},stat:DELIVRD")):
            with self.subTest(body):
                self.site.forget()
                self.site.carrier.script = with_receipts(text(body, early=True))
                self.send(f"r{i}")
                self.final(1, f"r{i}")

    def test_C08_without_its_esm_class(self):
        submit = self.answered("c08")
        self.site.carrier.mo(smpp.Sm(source=TO[1:], source_ton=1, source_npi=1, destination=NUMBER, dest_ton=1,
                                     dest_npi=1, short_message=smpp.receipt_text("c08", "UNDELIV", "702")))
        self.assertEqual(self.final(2)["carrier-code"], "702")
        submit = self.answered("c08-2", "turned")
        self.site.carrier.mo(smpp.Sm(source=submit.sm.source, destination=submit.sm.destination,
                                     short_message=b"id:c08-2 stat:DELIVRD err:000"))
        self.final(1, "turned")
        self.assertEqual(self.site.application.messages(), [])

    def test_C08_what_a_person_texts_changes_nothing(self):
        self.answered("5000")
        bodies = (b"id:5 stat:DELIVRD", b"id:05000 stat:DELIVRD", b"my id:5000 stat:DELIVRD", b"id:5000 is delivered")
        for body in bodies:
            self.site.carrier.mo(smpp.Sm(source=TO[1:], source_ton=1, source_npi=1, destination=NUMBER, dest_ton=1,
                                         dest_npi=1, short_message=body))
        self.site.carrier.mo(smpp.Sm(source="12025550177", source_ton=1, source_npi=1, destination=NUMBER,
                                     dest_ton=1, dest_npi=1, short_message=b"id:5000 stat:DELIVRD err:000"))
        messages = self.site.application.wait_messages(len(bodies) + 1)
        self.assertCountEqual([m["text"] for m in messages],
                              [b.decode() for b in bodies] + ["id:5000 stat:DELIVRD err:000"])
        self.pending(self.ref)


class ExactIds(Matching):
    """msg-id-match = exact."""

    options = {"msg_id_match": "exact"}

    @only_on("patched")
    def test_C06_other_letters_are_another_id(self):
        submit = self.answered("9A1B")
        self.receipt(submit, b"id:9a1b stat:DELIVRD err:000")
        self.pending(self.ref)
        self.receipt(submit, b"id:9A1B stat:DELIVRD err:000")
        self.final(1)


class BigNumbers(Matching):
    """(field C05) msg-id-type with ids that strtoll makes the same number of."""

    options = {"msg_id_type": 3}

    @only_on("patched")
    def test_C05_the_right_message_is_reported(self):
        first = self.answered("FFFFFFFFFFFFFFFE", "first")
        second = self.answered("FFFFFFFFFFFFFFFF", "second", "+12025550188")
        self.receipt(second, b"id:ffffffffffffffff stat:UNDELIV err:702")
        self.final(2, "second")
        self.pending("first")
        self.receipt(first, b"id:fffffffffffffffe stat:DELIVRD err:000")
        self.final(1, "first")


class HalfOpen(Field):
    """(field C14) A carrier that says nothing more while TCP stays open is noticed by its silence."""

    limit = 90
    options = {"enquire_link_interval": 1, "binds": 1}

    def test_C14_the_link_is_opened_anew(self):
        self.assertIn("connection-timeout = 3\n", self.site.bearerbox.smsc_conf.read_text())
        carrier = self.site.carrier
        first = carrier.bound()[0]
        carrier.stall(True)
        wait_for(lambda: carrier.links[-1] is not first, 40, "another connection than the silent one")
        carrier.stall(False)
        wait_for(lambda: carrier.links[-1].bound, 20, "its bind")
        self.send()
        self.final(1)


class Said(Field):
    """What -t says of a configuration (field C05, S9)."""

    options = None

    def said(self, **keys):
        from byo.byobox import Byobox
        from byo.carrier import Carrier
        carrier = Carrier()
        box = Byobox(self.work, integrations=[integration(carrier, smsc_port=2775, **keys)],
                     keys={"bearerbox-host": "127.0.0.1", "bearerbox-port": 1, "bearerbox-admin-port": 2,
                           "bearerbox-admin-password": "x"}, name=self.ref)
        code, said = box.check()
        self.assertEqual(code, 0, said)
        return said

    @only_on("stock")
    def test_C05_msg_id_type_on_stock(self):
        said = self.said(msg_id_type=3)
        self.assertIn("msg-id-type = 3: stock bearerbox", said)
        self.assertIn("report the wrong message", said)
        self.assertNotIn("msg-id-type", self.said())

    @only_on("stock")
    def test_S9_S12_rows(self):
        path = self.work / "odd.json"
        path.write_text(json.dumps({"protocolSpecificCodeMapping": {
            "88": {"genericErrorCode": 2, "genericErrorCause": "RECIPIENT_BUSY"},
            "submit:20": {"genericErrorCode": 2, "genericErrorCause": "THROTTLED"},
            "400": {"genericErrorCode": 2, "genericErrorCause": "DELIVERED"}}}))
        said = self.said(advanced_config=path)
        for words in ("/88: as a submit error this row can never match", "submit:20: this row can never match",
                      "code 2 is a failure and DELIVERED is none"):
            self.assertIn(words, said)


class Copies(Matching):
    """(field C72) a segment that went out twice has two ids, by late answers and over byobox's death; C73: its reports say so."""

    limit = 150
    options = {"wait_ack": 1, "enquire_link_interval": 1, "binds": 1, "reports": "both"}
    kannel = ("patched",)

    def twice(self, ref):
        """A message the carrier has twice, as REF-0, whose answer came after the other went out, and REF-1."""
        carrier = self.site.carrier
        carrier.script = lambda s: Answer(message_id=f"{ref}-1", receipts=(), drop=s.number == 0)
        self.send(ref)
        copies = carrier.wait_submits(2)
        carrier.wait(lambda: copies[1].answered, what="the second copy's answer")

        def answer():
            copies[0].link.write(smpp.Pdu(smpp.SUBMIT_SM | smpp.RESP, smpp.ROK, copies[0].sequence,
                                          f"{ref}-0".encode() + b"\0"))
        carrier._in_loop(answer)
        return copies

    def step(self, ref, copies, step):
        if step == "kill":
            self.site.byobox.restart(kill=True)
            self.site.smsbox.restart(kill=True)  # stock smsbox waits ten seconds; a new one does not
            self.site.wait_bound()
            return
        state, n = step.split("-")
        submit = copies[int(n)]
        submit.link = self.site.carrier.wait_bound(1)[0]
        self.receipt(submit, f"id:{ref}-{n} stat:{state} err:702".encode())

    def test_C72_C73_what_the_copies_end_as(self):
        for i, (happens, ends) in enumerate((
                (("UNDELIV-1", "DELIVRD-0"), 1), (("UNDELIV-0", "DELIVRD-1"), 1), (("UNDELIV-1", "UNDELIV-0"), 2),
                (("kill", "UNDELIV-1", "kill", "DELIVRD-0"), 1), (("UNDELIV-0", "kill", "UNDELIV-1"), 2))):
            with self.subTest(happens):
                self.site.forget()
                ref = f"copy{i}"
                copies = self.twice(ref)
                for step in happens:
                    self.assertEqual([r for r in self.site.application.reports(ref) if r.type in (1, 2, 16)], [])
                    self.step(ref, copies, step)
                reports = self.site.application.wait_types(ref, [ends, ends])
                final = [r for r in reports if r.type in (1, 2, 16)]
                self.assertEqual([(r.type, r.byo["possible-duplicate"]) for r in final], [(ends, "1")] * 2)
                self.assertEqual(sorted(r.byo["segment"] for r in final), ["0", "1"])
                self.assertEqual(len(self.site.carrier.submits), 2)
                self.assertTrue(self.site.byobox.message(final[0].byo["message"])["possibleDuplicate"])
