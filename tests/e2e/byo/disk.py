# SPDX-License-Identifier: BSD-3-Clause
"""Tests in which writing byobox's store fails or hangs on demand (disk_fault.c)."""

import os
import subprocess
from pathlib import Path

from .case import Case


class DiskCase(Case):
    limit = 120
    stores = ("sqlite",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shim = Path(cls.work) / "disk_fault.so"
        source = Path(__file__).parent / "disk_fault.c"
        subprocess.run([os.environ.get("CC", "cc"), "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", str(cls.shim),
                        str(source), "-ldl"], check=True)

    def new_faulty_site(self, **options):
        site = self.new_site(**{"binds": 1, **options})
        self.control = Path(site.work) / "fault"
        self.control.touch()
        site.byobox.process.env.update(
            LD_PRELOAD=str(self.shim), BYO_FAULT=str(self.control), BYO_FAULT_PATH=".db",
            ASAN_OPTIONS=site.byobox.process.env["ASAN_OPTIONS"] + ":verify_asan_link_order=0")
        return site

    def fault(self, word):
        """What happens to every write from now on: "" nothing, "EIO" and the like, "hang"."""
        new = self.control.with_suffix(".new")
        new.write_text(word)
        new.rename(self.control)
