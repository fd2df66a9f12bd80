# SPDX-License-Identifier: BSD-3-Clause
"""What watches byobox: metrics as Prometheus reads them, the log as JSON, events posted to a webhook."""

import re
import shutil
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
