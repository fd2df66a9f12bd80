# SPDX-License-Identifier: BSD-3-Clause
"""What the patches of smsbox are worth with byobox behind it: nothing is lost or doubled when one of them goes."""

import collections
import threading

from byo.case import Case
from byo.installation import NUMBER
from byo.process import wait_for

TO = "+1202556{:04}"


class SmsboxKilled(Case):
    kannel = ("patched",)
    limit = 120

    def test_no_report_is_lost(self):
        """kill -9 while the application has a hundred requests it has not answered."""
        site = self.new_site(binds=1, smsboxes=({"box_id": "one", "smsbox": {"ack-after-delivery": True}},))
        site.start().wait_bound()
        gate = threading.Event()
        self.addCleanup(gate.set)
        site.application.answer = lambda r: (gate.wait(60), b"")[1]
        n = 300
        for i in range(n):
            self.assertEqual(site.send(TO.format(i), "hello", f"r{i}")[0], 202)
        site.application.wait(lambda: len(site.application.reports()) >= 100, what="the window to be full")
        wait_for(lambda: site.byobox.get("/v1/status")[1]["inward"]["waiting"] >= 2 * n, 60, "all reports to wait")
        site.smsbox.kill()
        site.application.forget()  # what it was asked and never answered does not count
        gate.set()
        site.smsbox.start()
        wanted = {(f"r{i}", t) for i in range(n) for t in (8, 1)}

        def there():
            return {(r["ref"], r.type) for r in site.application.reports()} == wanted
        site.application.wait(there, 60, "every report")
        wait_for(lambda: site.byobox.get("/v1/status")[1]["inward"]["waiting"] == 0, 20, "all of them to be acked")


class ByoboxRestarts(Case):
    kannel = ("patched",)
    limit = 180

    def under_load(self, end):
        """Messages all the time while byobox ends and starts: (site, {HTTP status: [text]})."""
        # A segment that byobox had noted as handed over and died before it did waits for wait-ack and 30 s.
        site = self.new_site(messages_per_second=100, wait_ack=2,
                             smsboxes=({"box_id": "one", "smsbox": {"reconnect": True, "ack-after-delivery": True}},))
        site.start().wait_bound()
        pid = site.smsbox.process.pid
        stop, said, lock = threading.Event(), collections.defaultdict(list), threading.Lock()

        def load(name):
            i = 0
            while not stop.is_set():
                text = f"{name}{i}"
                status = site.smsbox.send(TO.format(i), text, NUMBER, dlr_url=site.application.dlr_url(text))[0]
                with lock:
                    said[status].append(text)
                i += 1
        threads = [threading.Thread(target=load, args=(c,), daemon=True) for c in "abcd"]
        for thread in threads:
            thread.start()
        wait_for(lambda: len(said[202]) > 50, 30, "the load")
        for _ in range(3):
            before = len(said[202])
            end(site.byobox)
            site.byobox.start()
            wait_for(lambda: len(said[202]) > before + 30, 60, "the load to go on")
        stop.set()
        for thread in threads:
            thread.join(30)
        self.assertEqual((site.smsbox.process.alive, site.smsbox.process.pid), (True, pid))
        self.assertEqual(set(said) - {202, 503}, set())
        return site, said

    def check(self, site, said):
        accepted = set(said[202])
        wait_for(lambda: {(r["ref"], r.type) for r in site.application.reports()}
                 >= {(text, 1) for text in accepted}, 90, "every accepted message to be delivered")
        sent = collections.Counter(s.sm.content.decode() for s in site.carrier.submits)
        self.assertEqual({text for text, n in sent.items() if n > 1}, set())
        self.assertEqual(accepted - set(sent), set())
        self.assertEqual(set(sent) - accepted, set())  # what was answered 503 was not sent

    def test_a_restart_of_byobox_costs_no_message_and_no_smsbox(self):
        self.check(*self.under_load(lambda byobox: byobox.stop(20)))

    def test_nor_does_its_death(self):
        """What it had taken and not acked comes again under its UUID, and is known."""
        self.check(*self.under_load(lambda byobox: byobox.kill()))
