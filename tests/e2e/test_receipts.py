# SPDX-License-Identifier: BSD-3-Clause
"""Receipts as carriers really send them: early, late, twice, elsewhere, odd or never (spec D1-D3)."""

from byo import smpp
from byo.carrier import NO_RECEIPT, Receipt, with_receipts
from byo.case import Case

TO = "+12025550199"


def odd(template):
    """A receipt from a text with {id}."""
    return Receipt(form=lambda submit, receipt: (template.format(id=submit.message_id).encode(), {}))


class Receipts(Case):
    kannel = ("stock", "patched")
    options = {}

    def send(self, text="hello"):
        status, body = self.site.send(TO, text, self.ref)
        self.assertEqual(status, 202, body)
        return self.site.carrier.wait_submits(1)

    def final(self, type_):
        reports = self.site.application.wait_types(self.ref, [type_])
        found = [r for r in reports if r.type in (1, 2, 16)]
        self.assertEqual([r.type for r in found], [type_])
        return found[0]

    def nothing_follows(self, count):
        """A later message went the whole way; what was to come for this one is here."""
        self.site.carrier.wait_answered()
        self.site.carrier.script = with_receipts(Receipt())
        self.site.send(TO, "marker", "marker")
        self.site.application.wait_types("marker", [8, 1])
        self.assertEqual(len(self.site.application.reports(self.ref)), count)

    def test_late(self):
        self.site.carrier.script = lambda s: NO_RECEIPT
        submit = self.send()[0]
        self.site.application.wait_types(self.ref, [8])
        self.site.carrier.receipt(submit)
        self.assertEqual(self.final(1).byo["cause"], "DELIVERED")

    def test_twice_counts_once(self):
        self.site.carrier.script = with_receipts(Receipt(times=2))
        self.send()
        self.final(1)
        self.nothing_follows(2)

    def test_another_final_after_the_first_changes_nothing(self):
        self.site.carrier.script = with_receipts(Receipt("DELIVRD"), Receipt("UNDELIV", "011", after=0.05))
        self.send()
        self.final(1)
        self.site.carrier.wait(lambda: len(self.site.carrier.deliveries) == 2, what="both receipts")
        self.nothing_follows(2)

    def test_enroute_after_delivered_changes_nothing(self):
        self.site.carrier.script = with_receipts(Receipt("DELIVRD"), Receipt("ENROUTE", after=0.05))
        self.send()
        self.final(1)
        self.site.carrier.wait(lambda: len(self.site.carrier.deliveries) == 2, what="both receipts")
        self.nothing_follows(2)

    def test_on_another_bind(self):
        self.site.carrier.script = with_receipts(Receipt(on="other", after=0.05))
        self.send()
        self.final(1)

    def test_before_the_submit_answer_on_the_same_bind_is_lost_by_stock_and_times_out(self):
        """bearerbox knows no such message yet and drops the receipt; the segment ends by its time-out in
        class Never. Here: nothing breaks, and the next receipt of the carrier is taken."""
        self.site.carrier.script = with_receipts(Receipt(early=True), Receipt(after=0.05))
        self.send()
        self.final(1)

    def test_of_tlvs_alone(self):
        self.site.carrier.script = with_receipts(Receipt(form="tlv"))
        self.send()
        self.final(1)

    def test_of_tlvs_alone_with_a_network_error(self):
        self.site.carrier.script = with_receipts(
            Receipt("UNDELIV", form="tlv", network_error=b"\x03\x00\x0b"))
        self.send()
        byo = self.final(2).byo
        self.assertEqual((byo["cause"], byo["carrier-code"]), ("CARRIER_DELIVERY_FAILED", "11"))

    def test_odd_texts(self):
        odd_ones = {
            "lower case": ("id:{id} sub:001 dlvrd:001 submit date:2611221600 done date:2611221601 "
                           "stat:delivrd err:000 text:", 1, "DELIVERED", ""),
            "no err": ("id:{id} sub:001 dlvrd:000 submit date:2611221600 done date:2611221601 "
                       "stat:UNDELIV text:", 2, "CARRIER_DELIVERY_FAILED", ""),
            "unpadded err": ("id:{id} sub:001 dlvrd:000 submit date:2611221600 done date:2611221601 "
                             "stat:UNDELIV err:11 text:", 2, "CARRIER_DELIVERY_FAILED", "11"),
            "hexadecimal err": ("id:{id} sub:001 dlvrd:000 submit date:2611221600 done "
                                "date:2611221601 stat:REJECTD err:0x0B text:", 2, "OPERATION_NOT_ALLOWED",
                                "0x0B"),
            "alphanumeric err": ("id:{id} sub:001 dlvrd:000 submit date:2611221600 done "
                                 "date:2611221601 stat:UNDELIV err:A1B text:", 2,
                                 "CARRIER_DELIVERY_FAILED", "A1B"),
            "14 digit dates": ("id:{id} sub:001 dlvrd:001 submit date:20261122160000 done "
                               "date:20261122160102 stat:DELIVRD err:000 text:hello", 1, "DELIVERED",
                               "000"),
            "no dates, no text": ("id:{id} stat:DELIVRD err:000", 1, "DELIVERED", "000"),
            "capital Text, no sub": ("id:{id} dlvrd:001 submit date:261122160001 done date:261122160002 "
                                     "stat:DELIVRD err:000 Text:x", 1, "DELIVERED", "000"),
        }
        for name, (text, type_, cause, code) in odd_ones.items():
            with self.subTest(name):
                self.site.forget()
                self.site.carrier.script = with_receipts(odd(text))
                self.send()
                report = self.final(type_)
                self.assertEqual(report.byo["cause"], cause)
                if code:
                    self.assertEqual(report.byo["carrier-code"], code)

    def test_for_a_message_nobody_sent(self):
        link = self.site.carrier.bound()[0]
        delivery = self.site.carrier.mo(smpp.Sm(
            source=TO[1:], destination="12025550100", esm_class=smpp.ESM_RECEIPT,
            short_message=smpp.receipt_text("ffffffff", "DELIVRD")), link=link)
        self.assertEqual(delivery.status, 0)
        self.nothing_follows(0)

    def test_that_is_garbage(self):
        """A receipt without a word of sense is answered and costs nothing else."""
        self.site.carrier.script = with_receipts(odd("\x00\x01 id stat: err"), Receipt(after=0.05))
        self.send()
        self.final(1)


class Never(Case):
    """No receipt comes: NETWORK_TIMEOUT after receipt-timeout (spec D8)."""

    options = {"receipt_timeout": "2s"}

    def test_times_out(self):
        self.site.carrier.script = lambda s: NO_RECEIPT
        self.site.send(TO, "hello", self.ref)
        report = [r for r in self.site.application.wait_types(self.ref, [2], 30) if r.type == 2][0]
        self.assertEqual((report.byo["code"], report.byo["cause"]), ("1", "NETWORK_TIMEOUT"))
        self.assertEqual(report["text"], "")

    def test_one_segment_of_three(self):
        self.site.carrier.script = lambda s: (
            NO_RECEIPT if s.sm.concat[2] == 2 else with_receipts(Receipt())(s))
        self.site.send(TO, "x" * 400, self.ref)
        report = [r for r in self.site.application.wait_types(self.ref, [2], 30) if r.type == 2][0]
        self.assertEqual((report.byo["delivered"], report.byo["segments"]), ("2", "3"))

    def test_answered_without_an_id(self):
        """bearerbox counts it as sent and can match no receipt."""
        self.site.carrier.script = with_receipts(message_id="")
        self.site.send(TO, "hello", self.ref)
        report = [r for r in self.site.application.wait_types(self.ref, [2], 30) if r.type == 2][0]
        self.assertEqual(report.byo["cause"], "NETWORK_TIMEOUT")


class OneForAll(Case):
    """one-receipt-per-message: the receipt of one segment speaks for the others."""

    options = {"one_receipt_per_message": True}

    def test_the_first_receipt_ends_the_message(self):
        self.site.carrier.script = lambda s: (
            with_receipts(Receipt(after=0.2))(s) if s.sm.concat[2] == 3 else NO_RECEIPT)
        self.site.send(TO, "x" * 400, self.ref)
        report = [r for r in self.site.application.wait_types(self.ref, [1]) if r.type == 1][0]
        self.assertEqual((report.byo["segments"], report.byo["cause"]), ("3", "DELIVERED"))


class TransmitterAndReceiver(Case):
    """(spec P10) Receipts come in through a receiver that stands beside a transmitter."""

    @classmethod
    def site_options(cls):
        from byo.byobox import integration
        from byo.carrier import Carrier
        carrier = Carrier().start()
        return {"carrier": carrier, "integrations": [
            integration(carrier, "carrier-a", bind_type="transmitter", binds=2),
            integration(carrier, "carrier-rx", bind_type="receiver", binds=1, receives_for="carrier-a")]}

    def test_P10_receipts_find_their_segments(self):
        self.assertEqual(sorted(x.kind for x in self.site.carrier.bound()),
                         [smpp.BIND_RECEIVER, smpp.BIND_TRANSMITTER, smpp.BIND_TRANSMITTER])
        self.site.carrier.script = with_receipts(Receipt(after=0.05))
        self.site.send(TO, "hello", self.ref)
        self.site.application.wait_types(self.ref, [8, 1])

    def test_P10_messages_come_in_through_the_receiver(self):
        self.site.carrier.mo(smpp.Sm(source=TO[1:], source_ton=1, source_npi=1, destination="12025550100",
                                     dest_ton=1, dest_npi=1, short_message=b"hi"))
        self.assertEqual(self.site.application.wait_messages(1)[0]["to"], "+12025550100")
