# SPDX-License-Identifier: BSD-3-Clause
"""(spec P9) All binds together keep messages-per-second, counted at the carrier; and use it while there is work."""

from byo.carrier import Answer, Receipt, mean_rate, most_in_any_second, with_receipts
from byo.case import Case
from byo.installation import NUMBER
from byo.witness import STALL, Witness

TO = "+1202555{:04}"


class Pacing(Case):
    alone = True
    limit = 120
    rate = 20
    seconds = 8

    @classmethod
    def site_options(cls):
        return {"messages_per_second": cls.rate, "binds": 3} if cls is not Pacing else None

    def judge(self, send, n):
        """send() hands n segments over. What byobox handed over never overruns the rate, however busy the machine. At
        the carrier the best of three runs counts: bearerbox or the carrier stalls now and then, which no pacing can
        undo. Runs in which a witness saw the machine itself stall judge no carrier; there are ten at most."""
        seen = []
        judged = 0
        while judged < 3 and len(seen) < 10:
            before = self.site.store.value("SELECT coalesce(max(id), 0) FROM segment")
            script = self.site.carrier.script
            self.site.carrier.forget()
            self.site.carrier.script = script
            with Witness() as witness:
                send()
                submits = self.site.carrier.wait_submits(n, 60)
            self.assertEqual(len({s.link.number for s in submits}), 3, "all binds take part")
            handed = [ms / 1000 for ms, in self.site.store.rows("SELECT handed FROM segment WHERE id > ?", before)]
            self.assertEqual(len(handed), n)
            self.assertLessEqual(most_in_any_second(handed), self.rate + 2, "handed over in a second")
            times = [s.time for s in submits]
            seen.append((most_in_any_second(times), round(mean_rate(times), 2), round(witness.longest, 3)))
            if seen[-1][0] <= self.rate + 2 and seen[-1][1] >= 0.95 * self.rate:
                return
            judged += witness.longest < STALL
        if judged == 3:
            self.fail(f"most in any second, mean rate and stall, {len(seen)} runs at {self.rate}/s: {seen}")
        self.assertGreater(max(mean for _, mean, _ in seen), 0.8 * self.rate, seen)


class Twenty(Pacing):
    def test_P9_single_messages(self):
        n = self.rate * self.seconds

        def send():
            for i in range(n):
                self.assertEqual(self.site.smsbox.send(TO.format(i), "hello", NUMBER)[0], 202)
        self.judge(send, n)

    def test_P9_long_messages_count_by_segment(self):
        def send():
            for i in range(self.rate):
                self.assertEqual(self.site.smsbox.send(TO.format(i), "x" * 153 * 6, NUMBER)[0], 202)
        self.judge(send, self.rate * 6)

    def test_P9_slow_answers_of_the_carrier_cost_no_rate(self):
        self.site.carrier.script = lambda s: Answer(delay=0.3)
        n = self.rate * self.seconds

        def send():
            for i in range(n):
                self.site.smsbox.send(TO.format(i), "hello", NUMBER)
        self.judge(send, n)


class Hundred(Pacing):
    rate = 100
    seconds = 6

    def test_P9_single_messages(self):
        self.site.carrier.script = with_receipts(Receipt(after=0.2))
        n = self.rate * self.seconds
        to = [TO.format(i) for i in range(n)]

        def send():
            for i in range(0, n, 20):
                self.site.smsbox.send(" ".join(to[i:i + 20]), "hello", NUMBER)
        self.judge(send, n)


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
