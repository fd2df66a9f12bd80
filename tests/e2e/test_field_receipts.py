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
    """C33: what a receipt's err means."""

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
    """C33: receipt-errors = own-rows."""

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


class HalfOpen(Field):
    """C14: a carrier that says nothing more while TCP stays open is noticed by its silence."""

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
    """What -t says of a configuration (C05, S9)."""

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
