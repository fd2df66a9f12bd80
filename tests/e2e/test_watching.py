# SPDX-License-Identifier: BSD-3-Clause
"""What watches byobox: metrics as Prometheus reads them, the log as JSON, events posted to a webhook."""

import json
import os
import re
import shutil
import signal
import subprocess

from byo.carrier import Answer, Receipt
from byo.case import Case
from byo.process import wait_for

TO = "+12025550123"
REFUSED = "+12025550188"


def sample(text, name):
    """The value of a series, 0 when it is not there."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)
    return float(found.group(1)) if found else 0


class JsonLog(Case):
    options = {"keys": {"log-format": "json"}}

    def lines(self):
        return [json.loads(line) for line in self.site.byobox.log.read_text().splitlines()]

    def test_each_line_is_an_object_also_after_a_rotation(self):
        self.assertEqual(self.site.send(TO, "hello", self.ref)[0], 202)
        said = self.lines()
        self.assertIn("BYO-0605", [line["event"]["definition"] for line in said if "event" in line])
        self.assertTrue(any(line.get("text", "").startswith("Added logfile") for line in said), "gwlib's own messages")
        for line in said:
            self.assertIn(line["level"], ("debug", "info", "warning", "error"))
            self.assertEqual(line["process"], self.site.byobox.process.pid)
        log = self.site.byobox.log
        log.rename(log.with_suffix(".1"))
        os.kill(self.site.byobox.process.pid, signal.SIGHUP)
        wait_for(lambda: log.exists() and any("was loaded again" in line.get("text", "") for line in self.lines()), 20,
                 "the new file to be written")

    def test_without_a_file_it_is_warned_of(self):
        box = self.site.byobox
        before = box.keys["log-file"]
        box.keys["log-file"] = None
        try:
            code, said = box.check()
        finally:
            box.keys["log-file"] = before
            box.write()
        self.assertEqual(code, 0, said)
        self.assertIn("warning: group byobox, log-format = json: it says how log-file is written", said)


class Metrics(Case):
    @classmethod
    def site_options(cls):
        return {"retry_tries": 1}

    def metrics(self):
        return self.site.byobox.get("/metrics")[1]

    def test_failures_by_cause_and_durations(self):
        self.site.carrier.script = lambda s: (Answer(status=0x0B) if s.sm.destination.endswith(REFUSED[-4:])
                                              else Answer(delay=0.1, receipts=(Receipt(after=0.2),)))
        before = self.metrics()
        self.assertEqual(self.site.send(TO, "hello", self.ref)[0], 202)
        self.site.send(REFUSED, "hello", self.ref + "-2")

        def grown(name):
            return sample(self.metrics(), name) - sample(before, name)
        failed = 'byobox_segments_failed_total{integration="carrier-a",cause="DEST_ADDR_INVALID"}'
        wait_for(lambda: grown(failed) == 1, 20, "the refusal to be counted")
        wait_for(lambda: grown('byobox_receipt_seconds_count{integration="carrier-a"}') == 1, 20, "the receipt")
        self.assertEqual(grown('byobox_submit_seconds_count{integration="carrier-a"}'), 2)
        self.assertGreaterEqual(grown('byobox_submit_seconds_sum{integration="carrier-a"}'), 0.1)
        self.assertGreaterEqual(grown('byobox_receipt_seconds_sum{integration="carrier-a"}'), 0.2)
        self.assertEqual(grown('byobox_submit_seconds_bucket{integration="carrier-a",le="+Inf"}'), 2)

    def test_promtool_finds_no_fault(self):
        if not shutil.which("promtool"):
            self.skipTest("promtool is not here")
        done = subprocess.run(["promtool", "check", "metrics"], input=self.metrics(), capture_output=True,
                              text=True, timeout=30)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_old_name_of_the_store_size(self):
        text = self.metrics()
        self.assertGreater(sample(text, "byobox_store_bytes"), 0)
        self.assertEqual(sample(text, "byobox_store_bytes"), sample(text, "byobox_store_octets"))
