# SPDX-License-Identifier: BSD-3-Clause
"""The main path against SMPP implementations nobody here wrote: npm `smpp`, Debian's libnet-smpp-perl."""

from byo import gsm
from byo.case import Case
from byo.installation import NUMBER
from byo.peer import Peer

TO = "+12025550199"


class PeerPath:
    kind = None

    @classmethod
    def site_options(cls):
        cls.peer = Peer(cls.kind, cls.work)
        return {"carrier": cls.peer}

    def submits(self, n):
        return self.peer.wait("submit", n)

    def sends(self, text, segments):
        seen = len(self.peer.of("submit"))
        status, body = self.site.send(TO, text, self.ref)
        self.assertEqual(status, 202, body)
        new = self.submits(seen + segments)[seen:]
        self.assertEqual({(s["source"], s["destination"]) for s in new}, {(NUMBER[1:], TO[1:])})
        reports = self.site.application.wait_types(self.ref, [8, 1])
        report = [r for r in reports if r.type == 1][0]
        self.assertEqual((report.byo["segments"], report.byo["cause"]), (str(segments), "DELIVERED"))
        return new

    def test_D1_short(self):
        self.assertEqual(self.read(self.sends("Hello @ {€}", 1)), "Hello @ {€}")

    def test_D1_long_with_braces(self):
        text = "Prix {10 €} [5 €]: " * 20
        self.assertEqual(self.read(self.sends(text, 4)), text)

    def test_J4_cyrillic(self):
        text = "Ваш заказ готов к выдаче. " * 8
        self.assertEqual(self.read(self.sends(text, 2)), text)

    def test_J4_emoji(self):
        text = "Your parcel 📦 is on its way 🚚. " * 6
        self.assertEqual(self.read(self.sends(text, 3)), text)

    def test_D3_refused(self):
        status, _ = self.site.send("+12025550111", "hello", self.ref)
        self.assertEqual(status, 202)
        report = self.site.application.wait_types(self.ref, [16])[0]
        self.assertEqual(report.byo["cause"], "DEST_ADDR_INVALID")

    def test_mo(self):
        self.peer.mo(TO[1:], NUMBER[1:], "hi there")
        self.assertEqual(self.site.application.wait_messages(1)[0]["text"], "hi there")
        self.assertEqual(self.peer.wait("mo-answered")[0]["status"], 0)


class Node(PeerPath, Case):
    """The library decodes GSM and UCS-2 itself: what it says is what a stranger reads. It has no table for
    data_coding 6 and hands out the octets."""

    kind = "node"

    @staticmethod
    def read(events):
        events = sorted(events, key=lambda e: e["udh"][-2:])
        return "".join(bytes.fromhex(e["octets"]).decode("iso-8859-5") if e["dcs"] == 6 else e["text"]
                       for e in events)


class Perl(PeerPath, Case):
    kind = "perl"

    @staticmethod
    def read(events):
        events = sorted(events, key=lambda e: e["udh"][-2:])
        decode = {0: gsm.gsm, 6: lambda o: o.decode("iso-8859-5"), 8: lambda o: o.decode("utf-16-be")}
        return "".join(decode[e["dcs"]](bytes.fromhex(e["octets"])) for e in events)
