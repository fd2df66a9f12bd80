# SPDX-License-Identifier: BSD-3-Clause
"""What watches byobox: metrics as Prometheus reads them, the log as JSON, events posted to a webhook."""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from byo.byobox import STATUS_PASSWORD, TOP
from byo.ca import TestCA
from byo.carrier import Answer, Receipt
from byo.case import Case, only_in
from byo.process import Process, free_port, wait_for

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

    def test_prometheus_has_an_answer_to_each_panel_and_alert(self):
        """docs/monitoring read by Prometheus itself, against what byobox really answers: no expression fails, and each
        line of a panel has a series, but for those that come with their first event."""
        if not shutil.which("prometheus"):
            self.skipTest("prometheus is not here")
        folder = TOP / "docs" / "monitoring"
        port, work = free_port(), Path(self.work) / "prometheus"
        work.mkdir()
        shutil.copy(folder / "byobox.rules.yml", work)
        (work / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": ["byobox.rules.yml"],
            "scrape_configs": [{"job_name": "byobox", "basic_auth": {"username": "status", "password": STATUS_PASSWORD},
                                "static_configs": [{"targets": [f"127.0.0.1:{self.site.byobox.admin_port}"]}]}]}))
        server = Process("prometheus", ["prometheus", f"--config.file={work}/prometheus.yml",
                                        f"--storage.tsdb.path={work}/data", f"--web.listen-address=127.0.0.1:{port}"], work)
        server.start()
        self.addCleanup(server.stop)

        def ask(path, **query):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(query)}",
                                        timeout=10) as answer:
                return json.load(answer)["data"]

        def scraped():
            try:
                return any(float(sample["value"][1]) >= 4 for sample in
                           ask("query", query='count_over_time(up{job="byobox"}[1m])')["result"])
            except OSError:  # not yet
                return False
        self.site.carrier.script = lambda s: Answer(receipts=(Receipt(after=0.1),))
        self.assertEqual(self.site.send(TO, "hello", self.ref)[0], 202)
        delivered = 'byobox_segments_delivered_total{integration="carrier-a"}'
        wait_for(lambda: sample(self.metrics(), delivered) > 0, 20, "the receipt to be counted")
        wait_for(scraped, 60, lambda: f"Prometheus to read /metrics four times: {server.tail()}", [server])
        self.assertEqual(ask("query", query='up{job="byobox"}')["result"][0]["value"][1], "1")
        rules = [rule for group in ask("rules")["groups"] for rule in group["rules"]]
        self.assertGreater(len(rules), 10)
        wait_for(lambda: all(rule["health"] == "ok" for group in ask("rules")["groups"] for rule in group["rules"]), 30,
                 "each alert to be evaluated")
        self.assertEqual([rule["name"] for rule in rules if rule["state"] == "firing"], [])
        empty = set()
        for panel in json.loads((folder / "byobox-dashboard.json").read_text())["panels"]:
            for target in panel["targets"]:
                if not ask("query", query=target["expr"])["result"]:
                    empty.add(f"{panel['title']}: {target['expr']}")
        nothing = "segments_failed_total|_webhook_" + ("" if self.site.byobox.keys.get("store") == "pgsql" else "|byobox_node_up")
        self.assertEqual({line for line in empty if not re.search(nothing, line)}, set())

    @only_in("sqlite")  # a database's size is nobody's guess
    def test_old_name_of_the_store_size(self):
        text = self.metrics()
        self.assertGreater(sample(text, "byobox_store_bytes"), 0)
        self.assertEqual(sample(text, "byobox_store_bytes"), sample(text, "byobox_store_octets"))


class Receiver:
    """The other end of event-webhook. statuses: of the next answers, then 200; hold: none is given while it is set."""

    def __init__(self, port, tls=None):
        self.port, self.got, self.statuses = port, [], []
        self.holding, self.released = False, threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.headers, json.loads(body)))
                if receiver.holding:
                    receiver.released.wait(60)
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass
        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def events(self, name):
        return [event for _, event in list(self.got) if event["name"] == name]

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


class Webhook(Case):
    def start(self, receiver=True, env=None, scheme="http", tls=None):
        self.port = free_port()
        site = self.new_site(keys={"event-webhook": f"{scheme}://127.0.0.1:{self.port}/events?key=s3cret"})
        site.byobox.process.env.update(env or {})
        if receiver:
            self.receive(tls)
        return site.start().wait_bound()

    def receive(self, tls=None):
        self.receiver = Receiver(self.port, tls)
        self.addCleanup(self.receiver.stop)
        return self.receiver

    def status(self, site):
        return site.byobox.get("/v1/status")[1]["webhook"]

    def import_numbers(self, site, first, n=3):
        for i in range(first, first + n):
            site.byobox.number(f"+1202555{i:04}")

    def test_events_come_in_order_as_the_api_tells_them(self):
        site = self.start()
        self.import_numbers(site, 200)
        got = wait_for(lambda: len(self.receiver.events("number-changed")) >= 4 and
                       self.receiver.events("number-changed"), 20, "the events")
        headers = self.receiver.got[0][0]
        self.assertEqual(headers["Content-Type"], "application/json")
        stored = site.byobox.get("/v1/events?definition=BYO-0306")[1]["items"]
        told = {key: [event[key] for event in reversed(stored)] for key in ("id", "time", "entity", "text")}
        for key, values in told.items():
            self.assertEqual([event[key] for event in got], values)
        self.assertTrue(all(event["definition"] == "BYO-0306" and event["level"] == "info" for event in got))
        wait_for(lambda: self.status(site)["waiting"] == 0, 20, "nothing to wait")
        self.assertEqual(sample(site.byobox.get("/metrics")[1], "byobox_webhook_posted_total"), len(self.receiver.got))
        site.byobox.stop()
        self.assertEqual(len(self.receiver.events("stopped")), 1)
        self.assertNotIn("s3cret", site.byobox.log.read_text())

    def test_an_answer_500_is_tried_again_and_400_is_not(self):
        site = self.start()
        wait_for(lambda: self.status(site)["waiting"] == 0, 20, "nothing to wait")
        before = self.status(site)
        self.receiver.got.clear()
        self.receiver.statuses = [500, 500, 200, 400]
        self.import_numbers(site, 300)
        wait_for(lambda: self.status(site)["waiting"] == 0, 30, "all to be settled")
        self.assertEqual([event["entity"][-4:] for event in self.receiver.events("number-changed")],
                         ["0300", "0300", "0300", "0301", "0302"])
        after = self.status(site)
        self.assertEqual({k: after[k] - before[k] for k in ("posted", "failures", "dropped")},
                         {"posted": 2, "failures": 3, "dropped": 1})
        self.assertIsNone(after["failingSince"])
        self.assertEqual(sample(site.byobox.get("/metrics")[1], "byobox_webhook_dropped_total"), after["dropped"])

    def test_a_receiver_that_is_down_holds_nothing_up(self):
        site = self.start(receiver=False)
        self.assertEqual(site.send(TO, "hello", self.ref)[0], 202)
        site.application.wait_types(self.ref, [8, 1])
        wait_for(lambda: self.status(site)["failingSince"], 20, "the failure to be told")
        self.assertIn("event-webhook", site.byobox.byoctl("status")[1])
        self.receive()
        wait_for(lambda: self.receiver.events("number-changed"), 60, "the events that waited")
        self.assertEqual([event["name"] for _, event in self.receiver.got][0], "started")

    def test_a_receiver_that_never_answers_holds_nothing_up(self):
        site = self.start(receiver=False)
        self.receive().holding = True
        wait_for(lambda: self.receiver.got, 60, "a request that hangs")
        for i in range(20):
            self.assertEqual(site.send(f"+1202555{i:04}", "hello", f"{self.ref}-{i}")[0], 202)
        for i in range(20):
            site.application.wait_types(f"{self.ref}-{i}", [8, 1])
        self.assertEqual(site.byobox.get("/health", user=None)[0], 200)
        self.assertEqual(site.byobox.stop(), 0)

    def test_https_is_verified(self):
        ca = TestCA(self.work)
        site = self.start(scheme="https", tls=ca.server("localhost"))
        why = wait_for(lambda: self.status(site)["lastError"], 20, "the failure to be told")
        self.assertIn("certificate", why)
        self.assertEqual(self.receiver.got, [])
        site.byobox.stop()
        site.byobox.process.env["SSL_CERT_FILE"] = str(ca.certificate)
        site.byobox.start()
        wait_for(lambda: self.receiver.events("started"), 20, "an event over https")

    def test_a_reload_takes_it_away_and_puts_it_back(self):
        site = self.start()
        wait_for(lambda: self.receiver.got, 20, "events")
        url = site.byobox.keys.pop("event-webhook")
        site.byobox.write()
        os.kill(site.byobox.process.pid, signal.SIGHUP)
        wait_for(lambda: self.status(site) is None, 20, "no webhook")
        site.byobox.keys["event-webhook"] = url
        site.byobox.write()
        os.kill(site.byobox.process.pid, signal.SIGHUP)
        wait_for(lambda: self.status(site), 20, "a webhook")
        self.receiver.got.clear()
        self.import_numbers(site, 400, 1)
        wait_for(lambda: self.receiver.events("number-changed"), 20, "an event again")


class WebhookUrl(Case):
    options = {}

    def check(self, url):
        box = self.site.byobox
        box.keys["event-webhook"] = url
        try:
            return box.check()
        finally:
            del box.keys["event-webhook"]
            box.write()

    def test_what_t_says_of_it(self):
        for bad in ("ftp://example.org/s3cret", "example.org/s3cret", "https://a b/s3cret"):
            code, said = self.check(bad)
            self.assertEqual(code, 1, said)
            self.assertIn("event-webhook: must be a URL of https or http", said)
            self.assertNotIn("s3cret", said)
        code, said = self.check("http://example.org/s3cret")
        self.assertEqual(code, 0, said)
        self.assertIn("events go to example.org in the clear", said)
        for good in ("https://example.org/x", "http://127.0.0.1:8080/x"):
            self.assertNotIn("event-webhook", self.check(good)[1])
