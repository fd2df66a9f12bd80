# SPDX-License-Identifier: BSD-3-Clause
"""Nothing the patched bearerbox and smsbox write waits for what was written before."""

import tempfile
from pathlib import Path

from byo.ca import TestCA
from byo.case import only_on
from byo.installation import stock_smsc
from byo.kannel import IDLE_LINK, Bearerbox, Smsbox
from byo.patched import MOBILE, OURS, Patched, preloaded


class NoDelay(Patched):
    """Nothing that is written waits until what was written before is acknowledged."""

    kannel = ("stock", "patched")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shim = preloaded("write_log", cls.work)

    def watch(self, process):
        """Returns a function that tells what it wrote: [(own port, peer's port, TCP_NODELAY, octets, head)]."""
        log = Path(self.work) / f"{self.ref}-{process.name}.writes"
        process.env.update(LD_PRELOAD=str(self.shim), BYO_WRITE_LOG=str(log))
        return lambda: [tuple(map(int, line.split())) for line in log.read_text().splitlines()]

    def whole(self, writes, head):
        """Each write is one whole PDU or frame, several where they are gathered (0043): none makes two small packets."""
        self.assertEqual([w for w in writes if w[3] < w[4] + head or (w[3] != w[4] + head and not self.patched)], [])

    def written(self, **core):
        """TCP_NODELAY as it was at the last write on each kind of connection."""
        plain, tls = self.carrier_with(), self.carrier_with(tls=TestCA(self.work).server("smpp.example.org"))
        work = Path(tempfile.mkdtemp(prefix=self.ref[:40] + "-", dir=self.work))
        bearerbox = Bearerbox(work, core={k.replace("_", "-"): v for k, v in core.items()})
        bearerbox.smsc_conf.write_text(IDLE_LINK + stock_smsc(plain) + stock_smsc(tls, "carrier-b", use_ssl=True))
        smsbox = Smsbox(work, bearerbox)
        bearerbox_wrote, smsbox_wrote = self.watch(bearerbox.process), self.watch(smsbox.process)
        self.addCleanup(bearerbox.stop)
        bearerbox.groups = smsbox.groups()
        bearerbox.start()
        self.addCleanup(smsbox.stop)
        smsbox.start()
        for smsc_id in ("carrier-a", "carrier-b"):
            bearerbox.wait_online(smsc_id)
            for i in range(5):
                self.assertEqual(smsbox.send(MOBILE, str(i), OURS, smsc=smsc_id)[0], 202)
        plain.wait_submits(5)
        tls.wait_submits(5)
        wrote = bearerbox_wrote()
        kinds = {"carrier": [w for w in wrote if w[1] == plain.port],
                 "carrier, TLS": [w for w in wrote if w[1] == tls.port],
                 "box": [w for w in wrote if w[0] == bearerbox.smsbox_port],
                 "status page": [w for w in wrote if w[0] == bearerbox.admin_port],
                 "bearerbox": [w for w in smsbox_wrote() if w[1] == bearerbox.smsbox_port]}
        self.whole(kinds["carrier"], 0)
        self.whole(kinds["box"] + kinds["bearerbox"], 4)
        return {kind: bool(writes[-1][2]) for kind, writes in kinds.items()}

    @only_on("patched")
    def test_on_or_absent_every_smpp_and_box_connection(self):
        """0013 and, absent, 0048."""
        on = {**dict.fromkeys(("carrier", "carrier, TLS", "box", "bearerbox"), True), "status page": False}
        self.assertEqual(self.written(tcp_nodelay=True), on)
        self.assertEqual(self.written(), on)

    def test_off_or_stock_none(self):
        off = dict.fromkeys(("carrier", "carrier, TLS", "box", "bearerbox", "status page"), False)
        self.assertEqual(self.written(**({"tcp_nodelay": False} if self.patched else {})), off)
