# SPDX-License-Identifier: BSD-3-Clause
"""What several threads of byobox touch at once: looked at, loaded again, purged and changed all at the same time.
`./bootstrap.sh check` runs it on a build with ThreadSanitizer, where a race is a failure; here it must only work."""

import signal
import threading
import time

from byo import boxpeer
from byo.boxpeer import BoxPeer, sms
from byo.byobox import integration
from byo.carrier import Carrier
from byo.installation import NUMBER
from byo.life import LifeCase
from byo.process import wait_for

TO, OTHER = "+12025550199", "+12025550101"
RELOADS = 12


class Races(LifeCase):
    kannel = ("stock", "patched")

    def many(self):
        """An installation of several integrations, the first of which sends."""
        carriers = [Carrier().start() for _ in range(5)]
        for carrier in carriers:
            self.addCleanup(carrier.stop)
        site = self.new_site(numbers=())
        site.byobox.integrations = [integration(c, f"carrier-{n}", binds=1) for n, c in enumerate(carriers)]
        site.byobox.keys["event-retention"] = "1h"
        site.numbers = ((NUMBER, "carrier-0"), (OTHER, "carrier-3"))
        site.start()
        for n in range(len(carriers)):
            self.wait_state(site, "active", f"carrier-{n}")
        return site

    def fill(self, site, rows):
        """Events that are to be purged, so that the purge is at work for a while."""
        old = int((time.time() - 86400) * 1000)
        site.store.change("INSERT INTO event (id, time, last, count, definition, name, entity, text)"
                          " WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?)"
                          " SELECT n, ?, ?, 1, 'BYO-0000', 'old', 'byobox', 'old' FROM n",
                          rows, old, old)  # ids go by the time: these are of 2020

    def old_events(self, site):
        return site.store.value("SELECT count(*) FROM event WHERE name = 'old'")

    def watch(self, site, paths):
        """Asks for all of the paths, all the time, until the returned function is called; it gives the count."""
        stop, asked = threading.Event(), []

        def ask(path):
            while not stop.is_set():
                asked.append(site.byobox.get(path)[0])
        threads = [threading.Thread(target=ask, args=(p,), daemon=True) for p in paths]
        for thread in threads:
            thread.start()

        def end():
            stop.set()
            for thread in threads:
                thread.join()
            self.assertEqual(set(asked), {200})
            return len(asked)
        self.addCleanup(stop.set)
        return end

    def test_looked_at_loaded_again_and_purged_at_once(self):
        site = self.many()
        site.byobox.stop()
        self.fill(site, 150000)
        site.byobox.start()
        end = self.watch(site, ["/v1/status", "/v1/integrations", "/v1/integrations/carrier-1", "/v1/status"])
        self.assertGreater(self.old_events(site), 0)
        for n in range(RELOADS):
            rate = 50 + n
            for one in site.byobox.integrations:
                one["messages-per-second"] = rate
            site.byobox.keys["event-retention"] = f"{n + 1}h"
            site.byobox.write()
            site.byobox.process.signal(signal.SIGHUP)
            wait_for(lambda: self.show(site, "carrier-1")["rate"]["limit"] == rate, 30, "the new rate",
                     [site.byobox.process])
        self.assertGreater(end(), RELOADS)
        left = self.old_events(site)
        wait_for(lambda: self.old_events(site) < left, 20, "the purge to go on")

    def test_looked_at_and_switched_off_and_on_at_once(self):
        site = self.many()
        end = self.watch(site, ["/v1/status", "/v1/integrations/carrier-2", "/v1/integrations"])
        for n in range(3):
            self.act(site, "deactivate", "carrier-2")
            self.assertEqual(site.send(TO, "hello", f"r{n}")[0], 202)
            self.wait_state(site, "inactive", "carrier-2")
            self.act(site, "activate", "carrier-2")
            self.wait_state(site, "active", "carrier-2")
        self.queue(site, "carrier-3", 300)
        self.act(site, "delete", "carrier-3")
        wait_for(lambda: self.show(site, "carrier-3")["queue"]["queued"] == 0, 60, "its queue to be dropped",
                 [site.byobox.process])
        self.assertGreater(end(), 3)

    def queue(self, site, id_, messages):
        """So many wait for an integration that is off."""
        self.off(site, id_)
        peer = BoxPeer.connect(site.byobox.smsbox_port, "load")
        self.addCleanup(peer.close)
        frames = [peer.send(sms(sender=OTHER, receiver=TO, msgdata="hello", coding=0, sms_type=boxpeer.MT_PUSH))
                  for _ in range(messages)]
        peer.wait_ack(frames[-1].id)
        self.assertEqual(self.show(site, id_)["queue"]["queued"], messages)
