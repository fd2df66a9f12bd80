# SPDX-License-Identifier: BSD-3-Clause
"""The fault matrix in its short form (promise 1, 2, 3, 5): some 25 kills in about a minute; matrix.py is
the long one. BYO_MATRIX_SEED replays a run."""

import os
import random
import tempfile

import matrix
from byo.case import Case


class FaultMatrix(Case):
    limit = 240
    alone = True

    def run_it(self, **options):
        seed = int(os.environ.get("BYO_MATRIX_SEED") or random.randrange(1 << 31))
        work = tempfile.mkdtemp(prefix=self.ref[:30] + "-", dir=self.work)
        figures, problems = matrix.one_run(work, seed, **options)
        self.assertFalse(problems, f"seed {seed}: {problems}; {figures}")
        return figures

    def test_nothing_is_lost_and_every_duplicate_is_marked(self):
        figures = self.run_it(kills=27, gap=0.85, mt_rate=15)
        self.assertGreater(figures["kills"], 10)
        self.assertGreater(figures["acked (202)"], 20)

    def test_the_same_seed_gives_the_same_schedule(self):
        one, two, other = (matrix.Plan(seed, 30, 10, 4, 1.0) for seed in (7, 7, 8))
        self.assertEqual((one.acts, one.mts, one.mos), (two.acts, two.mts, two.mos))
        self.assertNotEqual(one.acts, other.acts)
