# SPDX-License-Identifier: BSD-3-Clause
"""P9: all binds together keep messages-per-second, counted at the carrier; and use it while there is work."""

from byo.carrier import Answer, Receipt, mean_rate, most_in_any_second, with_receipts
from byo.case import Case
from byo.installation import NUMBER

TO = "+1202555{:04}"


class Pacing(Case):
    alone = True
    limit = 120
    rate = 20
    seconds = 8

    @classmethod
    def site_options(cls):
        return {"messages_per_second": cls.rate, "binds": 3} if cls is not Pacing else None

    def judge(self, submits):
        times = [s.time for s in submits]
        self.assertLessEqual(most_in_any_second(times), self.rate + 2)
        self.assertGreaterEqual(mean_rate(times), 0.95 * self.rate)
        self.assertEqual(len({s.link.number for s in submits}), 3, "all binds take part")


class Twenty(Pacing):
    def test_P9_single_messages(self):
        n = self.rate * self.seconds
        for i in range(n):
            self.assertEqual(self.site.smsbox.send(TO.format(i), "hello", NUMBER)[0], 202)
        self.judge(self.site.carrier.wait_submits(n, 60))

    def test_P9_long_messages_count_by_segment(self):
        for i in range(self.rate):
            self.assertEqual(self.site.smsbox.send(TO.format(i), "x" * 153 * 6, NUMBER)[0], 202)
        self.judge(self.site.carrier.wait_submits(self.rate * 6, 60))

    def test_P9_slow_answers_of_the_carrier_cost_no_rate(self):
        self.site.carrier.script = lambda s: Answer(delay=0.3)
        n = self.rate * self.seconds
        for i in range(n):
            self.site.smsbox.send(TO.format(i), "hello", NUMBER)
        self.judge(self.site.carrier.wait_submits(n, 60))


class Hundred(Pacing):
    rate = 100
    seconds = 6

    def test_P9_single_messages(self):
        self.site.carrier.script = with_receipts(Receipt(after=0.2))
        n = self.rate * self.seconds
        to = [TO.format(i) for i in range(n)]
        for i in range(0, n, 20):
            self.site.smsbox.send(" ".join(to[i:i + 20]), "hello", NUMBER)
        self.judge(self.site.carrier.wait_submits(n, 60))


class One(Case):
    """The slowest rate there is."""

    alone = True
    options = {"messages_per_second": 1, "binds": 3}

    def test_P9_one_each_second(self):
        for i in range(6):
            self.site.smsbox.send(TO.format(i), "hello", NUMBER)
        submits = self.site.carrier.wait_submits(6, 30)
        self.assertLessEqual(most_in_any_second([s.time for s in submits]), 3)
        self.assertGreaterEqual(mean_rate([s.time for s in submits]), 0.95)
