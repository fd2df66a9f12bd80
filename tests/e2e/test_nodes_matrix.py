# SPDX-License-Identifier: BSD-3-Clause
"""The fault matrix with nodes in its short form: 25 faults in about a minute; matrix_nodes.py is the long one. BYO_NODES_SEED
replays a run."""

import os
import random
import tempfile

import matrix_nodes
from byo.case import Case


class NodesMatrix(Case):
    stores = ("pgsql",)
    limit = 420
    alone = True

    def run_it(self, nodes, **options):
        seed = int(os.environ.get("BYO_NODES_SEED") or random.randrange(1 << 31))
        work = tempfile.mkdtemp(prefix=self.ref[:30] + "-", dir=self.work)
        figures, problems = matrix_nodes.one_run(work, seed, nodes=nodes, patched=self.patched, **options)
        self.assertFalse(problems, f"seed {seed}: {problems}; {figures}")
        return figures

    def test_nodes_lose_nothing_and_mark_every_duplicate(self):
        figures = self.run_it(2, faults=25, gap=2)
        self.assertGreater(figures["faults that fell on what was up"], 10)
        self.assertGreater(figures["acked (202)"], 20)

    def test_the_same_seed_gives_the_same_faults(self):
        one, two, other = (matrix_nodes.Plan(seed, 30, 3, 1.0) for seed in (7, 7, 8))
        self.assertEqual((one.acts, one.mts, one.stops), (two.acts, two.mts, two.stops))
        self.assertNotEqual(one.acts, other.acts)
