# SPDX-License-Identifier: BSD-3-Clause
"""What the tests of patches/ share: a bearerbox without byobox, a box peer before it, a carrier behind it."""

import os
import re
import shlex
import subprocess
import tempfile
import unittest
from pathlib import Path

from . import boxpeer
from .application import parse_meta, parse_query
from .carrier import Carrier
from .case import Case
from .installation import stock_smsc
from .kannel import IDLE_LINK, Bearerbox
from .process import wait_for

HERE = Path(__file__).resolve().parent
OURS, MOBILE = "+12025550100", "+12025550199"


def octets_of(frame, group, key):
    """A value of the meta-data as octets, None when it is not there."""
    pieces = (frame.meta_data or b"").decode("ascii").split("?")
    for name, pairs in zip(pieces[1::2], pieces[2::2]):
        if name == group:
            return parse_query(pairs).get(key)
    return None


def meta(frame):
    return parse_meta((frame.meta_data or b"").decode("ascii"))


def preloaded(name, work):
    """byo/NAME.c, built to be loaded into bearerbox or smsbox by LD_PRELOAD."""
    library = Path(work) / f"{name}.so"
    subprocess.run([os.environ.get("CC", "cc"), "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", str(library),
                    str(HERE / f"{name}.c"), "-ldl"], check=True)
    return library


def kannel_source():
    """Where patches/build.sh built the Kannel below BYO_KANNEL_PREFIX, if both stand where they do by default."""
    source = Path(os.environ["BYO_KANNEL_PREFIX"]).resolve().parent / "kannel-source/build"
    if not (source / "libgwlib.a").exists():
        raise unittest.SkipTest(f"{source}: the patched Kannel was not built there")
    return source


def with_gwlib(name, work):
    """byo/NAME.c, linked to the patched Kannel's gwlib."""
    source, program = kannel_source(), Path(work) / name
    given = dict(line.split("=", 1) for line in (source / "Makefile").read_text().splitlines()
                 if line.startswith(("CFLAGS=", "LIBS=")))
    subprocess.run([os.environ.get("CC", "cc"), *shlex.split(given["CFLAGS"]), "-o", str(program), str(HERE / f"{name}.c"),
                    "libgwlib.a", *shlex.split(given["LIBS"])], cwd=source, check=True)
    return program


def allocators(program):
    """The memory allocators beside libc's that a program is linked to."""
    dynamic = subprocess.run(["readelf", "-d", program], stdout=subprocess.PIPE, text=True, check=True).stdout
    needed = re.findall(r"\(NEEDED\).*\[lib([^]]*?)\.so", dynamic)
    return [name for name in needed if "malloc" in name]


class Patched(Case):
    """One link group "carrier-a" with `keys`, and a box "byobox" that sends and hears."""

    kannel = ("patched",)
    keys = {}

    @classmethod
    def site_options(cls):
        return {"stock": True, "smsboxes": (), **cls.keys} if cls.keys else None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.site:
            cls.site.bearerbox.wait_online("carrier-a", int(cls.keys.get("binds", 1)))
            cls.box = boxpeer.BoxPeer.connect(cls.site.bearerbox.smsbox_port, "byobox")
            wait_for(lambda: "byobox" in [b for _, b, _ in cls.site.bearerbox.boxes()], 20, "our box")

    @classmethod
    def tearDownClass(cls):
        if cls.site:
            cls.box.close()  # bearerbox waits for it when it ends
        super().tearDownClass()

    def setUp(self):
        super().setUp()
        if self.site:
            self.carrier = self.site.carrier
            self.box.frames.clear()

    def send(self, text=b"hello", meta_data=None, dlr_mask=31, **more):
        values = {"sender": OURS, "receiver": MOBILE, "msgdata": text, "smsc_id": "carrier-a",
                  "sms_type": boxpeer.MT_PUSH, "coding": 0, "dlr_mask": dlr_mask, "dlr_url": self.ref,
                  "boxc_id": "byobox", "meta_data": meta_data}
        values.update(more)
        return self.box.send(boxpeer.sms(**values))

    def reports(self, n=1, mask=None):
        """Reports of this test's messages, and receipts, which do not say whose they are."""
        return self.box.wait_sms(n, where=lambda f: f.sms_type == boxpeer.REPORT_MO
                                 and f.dlr_url in (None, self.ref.encode())
                                 and (mask is None or f.dlr_mask == mask))

    def link(self, bearerbox=None, smsc_id="carrier-a"):
        """What status.xml says of the link."""
        for smsc in (bearerbox or self.site.bearerbox).status().iter("smsc"):
            if smsc.findtext("id") == smsc_id:
                return {child.tag: child.text for child in smsc}
        return None

    def bearerbox_with(self, carrier, ready=True, **keys):
        """A bearerbox of this test's own with one link to that carrier."""
        work = Path(tempfile.mkdtemp(prefix=self.ref[:40] + "-", dir=self.work))
        bearerbox = Bearerbox(work)
        bearerbox.smsc_conf.write_text(IDLE_LINK + stock_smsc(carrier, **keys))
        self.addCleanup(bearerbox.stop)
        return bearerbox.start(ready)

    def carrier_with(self, **options):
        carrier = Carrier(**options).start()
        self.addCleanup(carrier.stop)
        return carrier
