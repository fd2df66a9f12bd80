# SPDX-License-Identifier: BSD-3-Clause
"""What wakes people: full disks, false alarms, clocks (night F4-F7, N1-N9). Status tells the truth."""

import os
import subprocess
import time
import unittest
from pathlib import Path

from byo.case import Case
from byo.process import wait_for

TO = "+1202555{:04}"


def problems(site, level=None):
    return [p for p in site.byobox.get("/v1/status")[1]["problems"] if level in (None, p["level"])]



class FullDisk(Case):
    limit = 120

    def small_disk(self):
        disk = Path(self.work) / "small"
        disk.mkdir(exist_ok=True)
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "byobox-test", str(disk)],
                                               stderr=subprocess.DEVNULL).returncode != 0:
            raise unittest.SkipTest("needs the right to mount")
        self.addCleanup(subprocess.run, ["umount", "-l", str(disk)])
        return disk

    def test_N1_a_few_free_kB_are_a_full_disk(self):
        """Every send is refused, so status, /health and the log say so, without a word to the contrary."""
        disk = self.small_disk()
        site = self.new_site(binds=1, keys={"store-path": disk / "byobox.db"}).start().wait_bound()
        filler = disk / "filler"
        with open(filler, "wb", buffering=0) as f:
            try:
                while True:
                    f.write(b"x" * 4096)
            except OSError:
                f.truncate(f.tell() - 16384)  # what a log rotation leaves
        text = "long enough for some pages " * 30
        wait_for(lambda: site.send(TO.format(1), text)[0] == 503, 30, "a refusal", [site.byobox.process])
        for i in range(20):
            self.assertEqual(site.send(TO.format(i), text)[0], 503)
            status, health = site.byobox.get("/health", user=None)
            self.assertEqual(status, 503)
            self.assertIn("disk is full", health["reasons"][0]["message"])
            time.sleep(0.2)  # more than byobox waits between two of its own attempts
        told = problems(site, "error")
        self.assertTrue([p for p in told if p["entity"] == "store" and "disk is full" in p["text"]], told)
        refused = [p for p in told if "in the last minute" in p["text"]]
        self.assertTrue(refused and "disk is full" in refused[0]["text"], told)
        status, answer = site.byobox.api("POST", "/v1/numbers", {
            "number": "+12025550103", "integration": "carrier-a", "type": "local"})
        self.assertEqual(status, 503)
        self.assertIn("isk full", answer["error"]["message"])
        log = site.byobox.log.read_text(errors="replace")
        self.assertEqual(log.count("the store cannot be written: "), 1, "the log does not flap")
        self.assertNotIn("can be written again", log)
        filler.unlink()
        site.byobox.wait_healthy()
        self.assertEqual(site.send(TO.format(2), text)[0], 202)
        told = problems(site, "error")
        self.assertTrue([p for p in told if "in the last minute" in p["text"]], "refusals stand for a minute")
        names = [e["name"] for e in site.byobox.get("/v1/events")[1]["items"]]
        self.assertEqual((names.count("store-trouble"), names.count("store-recovered")), (1, 1))
