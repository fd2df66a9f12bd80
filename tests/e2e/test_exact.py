# SPDX-License-Identifier: BSD-3-Clause
"""On the patched bearerbox nothing is narrowed on the way: every code of the default map (spec J1, D3) and every
{dcs, charset} pair (spec J4) arrives at the carrier and comes back as it was."""

import json
import signal

from byo import smpp
from byo.byobox import TOP
from byo.carrier import ACCEPT, Answer, Receipt, refuse
from byo.case import Case
from byo.gsm import gsm, jis0201
from byo.installation import NUMBER
from byo.process import wait_for

DEFAULTS = json.loads((TOP / "plugin/integration/default-advanced.json").read_text())
MAP = DEFAULTS["protocolSpecificCodeMapping"]
TO = "+4366012{:05d}"


class EveryCode(Case):
    """(spec J1, D3) One try each, so that a retryable code is told as well."""

    kannel = ("patched",)
    limit = 120
    # (field C33) a row the operator wrote counts in a receipt, whatever it says; a built-in one does not always.
    options = {"retry_tries": 1, "messages_per_second": 100,
               "codes": {f"receipt:{code}": row for code, row in MAP.items()}}

    def reports(self, codes, type_):
        """The final report of each code; the code is the message's reference."""
        for i, code in enumerate(codes):
            self.assertEqual(self.site.send(TO.format(i), code, code)[0], 202)
        return {code: next(r for r in self.site.application.wait_types(code, [type_]) if r.type == type_)
                for code in codes}

    def test_D3_as_the_answer_to_a_submit(self):
        codes = [c for c in MAP if c != "0"]
        self.site.carrier.script = lambda s: refuse(int(s.sm.short_message))
        for code, report in self.reports(codes, 16).items():
            with self.subTest(code):
                said, byo = MAP[code], report.byo
                self.assertEqual((byo["code"], byo["cause"], byo["description"], byo["carrier-code"]),
                                 (str(said["genericErrorCode"]), said["genericErrorCause"], said["description"], code))
                segment, = self.site.byobox.message(byo["message"])["segments"]
                self.assertEqual((segment["code"], segment["cause"], segment["carrierCode"]),
                                 (said["genericErrorCode"], said["genericErrorCause"], code))
        self.assertEqual(len(self.site.carrier.submits), len(codes))

    def test_D3_in_a_receipt(self):
        codes = [c for c in MAP if MAP[c]["genericErrorCode"] not in (0, 5, 6, 8)]
        self.site.carrier.script = lambda s: Answer(
            receipts=(Receipt("UNDELIV", f"{int(s.sm.short_message):03d}"),))
        for code, report in self.reports(codes, 2).items():
            with self.subTest(code):
                said, byo = MAP[code], report.byo
                self.assertEqual((byo["code"], byo["cause"], byo["description"], byo["carrier-code"]),
                                 (str(said["genericErrorCode"]), said["genericErrorCause"], said["description"],
                                  f"{int(code):03d}"))


class OddReceipts(Case):
    """(spec D3) bearerbox reads "id:" in small letters only; with receipts-to-box byobox reads the text itself."""

    kannel = ("patched",)
    options = {"messages_per_second": 100}

    def test_in_other_letters_and_with_blanks(self):
        for i, text in enumerate(("ID:{} SUB:001 STAT:UNDELIV ERR:011 TEXT:x", "Id:{} Stat:Undeliv Err:011",
                                  "id: {} stat: UNDELIV err: 011")):
            with self.subTest(text):
                self.site.carrier.script = lambda s: Answer(receipts=(
                    Receipt(form=lambda submit, receipt: (text.format(submit.message_id).encode(), {})),))
                self.assertEqual(self.site.send(TO.format(i), "hello", f"odd{i}")[0], 202)
                report = next(r for r in self.site.application.wait_types(f"odd{i}", [2]) if r.type == 2)
                self.assertEqual((report.byo["cause"], report.byo["carrier-code"]), ("CARRIER_DELIVERY_FAILED", "011"))


# Texts that only this charset of the article's seven can carry whole, or all it can; and of iconv's more.
# How each is read again stands in the tests' own tables or in Python's.
TEXTS = {
    "GSM_0338": ("@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡AZÄÖÑÜ§¿azäöñüà^{}\\[~]|€", gsm),
    "ASCII": ("".join(map(chr, range(32, 127))), lambda o: o.decode("ascii")),
    "ISO-8859-1": ("".join(map(chr, range(160, 256))), lambda o: o.decode("iso-8859-1")),
    "ISO-8859-5": ("Ёжик Ђћў № АЯая", lambda o: o.decode("iso-8859-5")),
    "ISO-8859-8": ("שלום א-ת ×÷", lambda o: o.decode("iso-8859-8")),
    "JIS0201": ("¥‾ ｵﾆﾓﾂｶﾞﾄﾄﾞｷﾏｼﾀ｡ﾟ", jis0201),
    "UTF-16BE": ("日本 📦 Ω ё €", lambda o: o.decode("utf-16-be")),
    "KOI8-R": ("Привет, Ёж ─", lambda o: o.decode("koi8-r")),
    "EUC-KR": ("한국어 abc", lambda o: o.decode("euc-kr")),
    "UTF-8": ("ж日📦", lambda o: o.decode("utf-8")),
}
CODINGS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 127, 128, 192, 200, 240, 245, 255)


class EveryPair(Case):
    """(spec J4, J5) A list of one pair at a time; SIGHUP brings the next."""

    kannel = ("patched",)
    limit = 300

    @classmethod
    def site_options(cls):
        cls.advanced = cls.work / "advanced.json"
        cls.advanced.write_text(json.dumps({"charsets": [{"dcs": 0, "charset": "GSM_0338"}]}))
        return {"advanced_config": cls.advanced, "messages_per_second": 100}

    def use(self, dcs, charset):
        before = self.reloads()
        self.advanced.write_text(json.dumps({"charsets": [{"dcs": dcs, "charset": charset}]}))
        self.site.byobox.process.signal(signal.SIGHUP)
        wait_for(lambda: self.reloads() > before, 20, "the reload")

    def reloads(self):
        return self.site.byobox.log.read_bytes().count(b"was loaded again")

    def send(self, dcs, text, read):
        status, body = self.site.send(TO.format(dcs), text)
        self.assertEqual(status, 202, body)
        sm = self.site.carrier.wait_submits(1)[0].sm
        self.assertEqual((sm.data_coding, read(sm.short_message)), (dcs, text))
        return sm.short_message

    def receive(self, dcs, octets, text):
        self.assertEqual(self.site.carrier.mo(smpp.Sm(
            source=TO.format(dcs)[1:], destination=NUMBER[1:], source_ton=1, source_npi=1, dest_ton=1, dest_npi=1,
            data_coding=dcs, short_message=octets)).status, smpp.ROK)
        message = self.site.application.wait_messages(1)[0]
        coding = "utf-16-be" if message["coding"] == "2" else "utf-8"
        self.assertEqual(message.values["text"].decode(coding), text)

    def test_J4_out_and_in(self):
        self.site.carrier.script = lambda s: ACCEPT
        for charset, (text, read) in TEXTS.items():
            for dcs in CODINGS:
                with self.subTest(charset, dcs=dcs):
                    self.use(dcs, charset)
                    self.site.forget()
                    self.receive(dcs, self.send(dcs, text, read), text)
