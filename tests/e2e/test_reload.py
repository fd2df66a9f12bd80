# SPDX-License-Identifier: BSD-3-Clause
"""Stop and reload under load (promise 1, 2, 5)."""

import json
import signal
import threading
from pathlib import Path

from byo import boxpeer
from byo.boxpeer import BoxPeer, FakeBearerbox, sms
from byo.installation import NUMBER
from byo.process import wait_for
from byo.reliability import TO, BearerboxCase


class StopAndReload(BearerboxCase):
    def test_SIGTERM_finishes_what_is_in_flight(self):
        site = self.up(messages_per_second=5)
        for i in range(20):
            self.assertEqual(site.send(TO.format(i), "hello", f"r{i}")[0], 202)
        self.assertEqual(site.byobox.stop(15), 0, site.byobox.process.tail())
        site.byobox.start()
        site.smsbox.restart(kill=True)
        for i in range(20):
            self.assertEqual(self.final(site, f"r{i}", 60).type, 1)
        self.assertEqual(len(site.carrier.submits), 20)  # none twice, none lost

    def test_SIGTERM_is_bounded_when_bearerbox_does_not_answer(self):
        bearerbox = FakeBearerbox(auto_ack=None)
        self.addCleanup(bearerbox.stop)
        byobox = self.byobox(bearerbox)
        byobox.number(NUMBER)
        smsbox = BoxPeer.connect(byobox.smsbox_port)
        self.addCleanup(smsbox.close)
        link = self.link(bearerbox, "byobox")
        smsbox.send(sms(sender=NUMBER, receiver=TO.format(1), msgdata="hello", coding=0, dlr_mask=31,
                        sms_type=boxpeer.MT_PUSH))
        link.wait_sms(1)
        self.assertEqual(byobox.stop(20), 0)

    def under_load(self, site, act):
        """Messages all the time while act() happens; each acked one ends delivered."""
        stop, sent = threading.Event(), []

        def load(box):
            i = 0
            while not stop.is_set():
                ref = f"{box}.{i}"
                if site.send(TO.format(i % 10000), "hello", ref)[0] == 202:
                    sent.append(ref)
                i += 1
        threads = [threading.Thread(target=load, args=(b,), daemon=True) for b in ("a", "b")]
        for thread in threads:
            thread.start()
        wait_for(lambda: len(sent) > 10, 20, "the load")
        try:
            act()
            before = len(sent)
            wait_for(lambda: len(sent) > before + 10, 20, "the load to go on")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        for ref in sent:
            self.assertEqual(self.final(site, ref, 60).type, 1)
        self.assertEqual(len(site.carrier.submits), len(sent))

    def connections(self, site):
        status = site.byobox.get("/v1/status")[1]
        return len(site.carrier.links), status["bearerbox"]["reconnects"], [b["ip"] for b in status["smsboxes"]]

    def test_SIGHUP_with_a_good_configuration_under_load_drops_nothing(self):
        site = self.up()
        before = self.connections(site)

        def act():
            for rate in (80, 90, 70):
                site.byobox.integrations[0]["messages-per-second"] = rate
                site.byobox.write()
                site.byobox.process.signal(signal.SIGHUP)
                wait_for(lambda: self.shown(site)["rate"]["limit"] == rate, 20, "the new rate",
                         [site.byobox.process])
        self.under_load(site, act)
        self.assertEqual(self.connections(site), before)
        self.assertEqual(len(self.events(site, "configuration-loaded")), 3)

    def test_SIGHUP_with_a_bad_configuration_under_load_keeps_the_old_one(self):
        site = self.up()
        before = self.connections(site)

        def act():
            good = site.byobox.text()
            site.byobox.conf.write_text(good.replace("messages-per-second = 100", "messages-per-second = many"))
            site.byobox.process.signal(signal.SIGHUP)
            wait_for(lambda: self.events(site, "configuration-refused"), 20, "the refusal", [site.byobox.process])
            site.byobox.conf.write_text(good)
        self.under_load(site, act)
        self.assertEqual(self.connections(site), before)
        self.assertEqual(self.shown(site)["rate"]["limit"], 100)
        self.assertIn("many", site.byobox.log.read_text(errors="replace"))

    def test_SIGHUP_with_bad_advanced_json_keeps_the_old_one(self):
        """(spec J6) The place and the reason are told, and the configuration in force stays."""
        site = self.new_site(binds=1)
        advanced = Path(site.work) / "advanced.json"
        advanced.write_text(json.dumps({"charsets": [{"dcs": 8, "charset": "UTF-16BE"}]}))
        site.byobox.integrations[0]["advanced-config"] = advanced
        site.start().wait_bound()
        advanced.write_text('{"charsets": [{"dcs": 8, "charset": ]}')
        site.byobox.process.signal(signal.SIGHUP)
        wait_for(lambda: self.events(site, "configuration-refused"), 20, "the refusal", [site.byobox.process])
        self.assertIn("advanced.json:1:", site.byobox.log.read_text(errors="replace"))
        self.assertEqual(site.send(TO.format(1), "hello", "r")[0], 202)
        self.assertEqual(site.carrier.wait_submits(1)[0].sm.data_coding, 8)
        advanced.write_text(json.dumps({"charsets": [{"dcs": 0, "charset": "GSM_0338"}]}))
        site.byobox.process.signal(signal.SIGHUP)
        wait_for(lambda: self.events(site, "configuration-loaded"), 20, "the reload", [site.byobox.process])
        self.assertEqual(site.send(TO.format(2), "hello", "s")[0], 202)
        self.assertEqual(site.carrier.wait_submits(2)[1].sm.data_coding, 0)
