# SPDX-License-Identifier: BSD-3-Clause
"""The patched smsbox."""

import tempfile
from pathlib import Path

from byo import boxpeer
from byo.kannel import Bearerbox, Smsbox
from byo.patched import MOBILE, OURS, Patched


class KeepText(Patched):
    def through_smsbox(self, text, **group):
        bearerbox = boxpeer.FakeBearerbox()
        self.addCleanup(bearerbox.stop)
        work = Path(tempfile.mkdtemp(dir=self.work))
        smsbox = Smsbox(work, Bearerbox(work), bearerbox.port, smsbox=group)
        self.addCleanup(smsbox.stop)
        smsbox.start()
        peer = bearerbox.next_peer()
        status, body = smsbox.request(to=MOBILE, from_=OURS, text=text, charset="UTF-8", coding=0)
        return peer.wait_sms(1)[0].msgdata.decode(), body

    def test_no_character_is_lost(self):
        text = "Жук и Ёж, 你好, 10 € [~] 😀 " * 12
        sent, body = self.through_smsbox(text, keep_text=True)
        self.assertEqual(sent, text)

    def test_absent_it_squeezes_as_ever(self):
        self.assertEqual(self.through_smsbox("Жук 10 €")[0], "??? 10 €")
