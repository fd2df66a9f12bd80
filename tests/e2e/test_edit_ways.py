# SPDX-License-Identifier: BSD-3-Clause
"""(spec A1) Ways to edit an integration: the package, a browser, byoctl, and one from nothing to its end."""

import json
import signal
from pathlib import Path

from byo.byobox import TOP
from byo.carrier import Carrier
from byo.edit import EditCase
from byo.process import wait_for
from byo.web import Browser


class Package(EditCase):
    def test_its_first_configuration_loads_and_reads_the_folder(self):
        box = self.box()
        text = (TOP / "debian" / "config" / "byobox.conf").read_text()
        text = text.replace("@ADMIN_PASSWORD@", "0123456789abcdef").replace('"/etc/byobox/integrations"', f'"{self.folder}"')
        box.text = lambda: "\n".join(line for line in text.splitlines() if not line.startswith("include")) + "\n"
        code, out = box.check()
        self.assertEqual(code, 0, out)
        (self.folder / "a.conf").write_text("nothing\n")
        code, out = box.check()
        self.assertEqual(code, 1)
        self.assertIn(str(self.folder / "a.conf"), out)


class InABrowser(EditCase):
    def test_a_session_edits_and_a_page_of_another_site_does_not(self):
        box = self.box(users={"eve": "edit add"})
        browser = Browser(box.start())
        self.assertEqual(browser.login("eve", "user-password"), 204)
        path = "/v1/integrations/a"
        here = {"Origin": f"http://127.0.0.1:{box.admin_port}"}
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                        {"Origin": "http://127.0.0.1:1"}, {**here, "Sec-Fetch-Site": "same-site"}):
            for target in (path, path + "?check=true"):
                status, answer = browser.ask("PUT", target, self.wish(), headers=headers)
                self.assertEqual((status, answer["error"]["code"]), (403, "foreign-origin"), headers)
            self.assertEqual(browser.ask("DELETE", path, headers=headers)[0], 403)
        self.assertEqual(self.files(), {})
        self.assertEqual(browser.ask("PUT", path, self.wish(), headers=here)[0], 201)
        # a session that was stolen does not learn the password, nor send it elsewhere
        status, answer = browser.ask("PUT", path, self.wish(smscAddress="127.0.0.9", credentials=None), headers=here)
        self.assertEqual((status, answer["error"]["field"]), (422, "credentials"))
        # what a user may is looked up at each request
        box.text = lambda plain=box.text: plain().replace("edit add", "numbers")
        box.write()
        box.process.signal(signal.SIGHUP)
        wait_for(lambda: browser.get("/v1/session")[1]["permissions"] == ["numbers"], 10, "the new permissions")
        self.assertEqual(browser.ask("PUT", path, self.wish(binds=1), headers=here)[0], 403)


class Byoctl(EditCase):
    def test_put_and_delete(self):
        box = self.box().start()
        path = box.work / "a.json"

        def put(*options, json_=False, **more):
            path.write_text(json.dumps(self.wish(**more)))
            return box.byoctl("integration", "put", "a", path, *options, json_=json_)
        code, out, err = put("--check", binds=4)
        self.assertEqual((code, err), (0, ""))
        self.assertIn("+binds = 4\n", out)
        self.assertIn("warning: binds: ", out)
        self.assertEqual(put()[:2], (0, "a was added\n"))
        self.assertEqual(put(binds=1)[:2], (0, "a is as the file says\n"))
        self.assertIn("nothing would change", put("--check", binds=1, credentials=None)[1])
        code, out, err = put(binds=99, reports="x")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("  binds: ", err)
        self.assertIn("  reports: ", err)
        code, answer, _ = put(json_=True, binds=99)
        self.assertEqual((code, answer["faults"][0]["field"]), (1, "binds"))
        self.assertEqual(put(json_=True, binds=2)[1]["properties"]["binds"], 2)
        self.assertEqual(box.byoctl("integration", "put", "a", box.work / "none")[0], 2)
        self.assertEqual(box.byoctl("integration", "delete", "a", "--yes")[0], 0)
        self.assertEqual(self.files(), {})
        self.assertEqual(put()[:2], (0, "a was added\n"))


class WholeWay(EditCase):
    """An installation that gets its only integration through the API."""
    kannel = ("stock", "patched")

    def test_added_bound_sent_changed_and_deleted(self):
        work = Path(self.work) / self.ref[:60]
        (work / "integrations").mkdir(parents=True)
        carrier = Carrier({"byo": "S3cret,x"}).start()
        site = self.new_site(carrier=carrier, integrations=[], numbers=(), keys={
            "integrations-dir": work / "integrations", "credentials-key-file": work / "key"})
        self.use(site.byobox)
        site.start()
        body = {"smscAddress": "127.0.0.1", "smscPort": carrier.port, "allowCustomPort": True, "useTls": False, "binds": 1,
                "credentials": {"systemId": "byo", "password": "S3cret,x"}}
        for turn in range(2):
            self.assertEqual(self.put("carrier-a", body)[0], 201)
            wait_for(lambda: self.get("carrier-a")[0]["state"] == "active", 30, "it to be active", [site.byobox.process])
            self.assertEqual(carrier.bound()[0].bind.password, "S3cret,x")
            self.assertEqual(self.ask("POST", "/v1/numbers", {
                "number": "+12025550100", "integration": "carrier-a", "type": "local"})[0], 201)
            ref = f"{self.ref[:20]}-{turn}"
            self.assertEqual(site.send("+12025550199", "hello", ref)[0], 202)
            site.application.wait_types(ref, [8, 1])
            self.assertEqual(self.put("carrier-a", {**body, "credentials": None, "messagesPerSecond": 50})[0], 200)
            self.assertEqual(self.get("carrier-a")[0]["rate"]["limit"], 50)
            self.assertEqual(self.ask("DELETE", "/v1/integrations/carrier-a")[0], 202)
            wait_for(lambda: not carrier.bound(), 30, "the links to be closed", [site.byobox.process])
