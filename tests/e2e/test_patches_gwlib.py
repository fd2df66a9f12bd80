# SPDX-License-Identifier: BSD-3-Clause
"""What of the patches bearerbox and smsbox do not show by themselves: a program linked to the patched gwlib does."""

import subprocess

from byo.case import Case
from byo.patched import with_gwlib

SEEDS = 10


class Gwlib(Case):
    kannel = ("patched",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = with_gwlib("patched_gwlib", cls.work)

    def run_program(self, *argv):
        done = subprocess.run([self.program, *argv], stdout=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-500:])
        return done.stdout.split()

    def test_a_child_gives_no_uuid_of_its_parent(self):
        """0040: what is left in the buffer at fork() is the parent's alone, whichever thread forks."""
        uuids = self.run_program("uuids")
        self.assertEqual(len(uuids), 2 * 8 * 200 + 2 * sum(range(1, 9)))
        self.assertEqual(len(set(uuids)), len(uuids))

    def test_keys_that_share_slots_by_one_and_by_many_threads(self):
        """0045: put, put once, got, removed, listed, visited, copied; nothing lost, found twice or destroyed twice."""
        for seed in range(SEEDS):
            with self.subTest(seed=seed):
                self.run_program("dict", str(seed))
