# SPDX-License-Identifier: BSD-3-Clause
"""What operators do with integrations, numbers and the command line (field S4-S11; night N8)."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

from byo import smpp
from byo.byobox import TOP, integration, program
from byo.carrier import Carrier
from byo.case import Case
from byo.installation import NUMBER
from byo.life import SOON, LifeCase
from byo.postgres import Postgres
from byo.process import run, wait_for
from byo.store import PgsqlStore, kind

TO = "+12025550199"


class CommandLine(Case):
    """Without a byobox that runs."""

    def test_N8_version_and_help(self):
        code, long, _ = run([program("byobox"), "--version"])
        self.assertEqual((code, long[:7]), (0, "byobox "))
        self.assertEqual(run([program("byobox"), "-V"])[:2], (0, long))
        code, out, err = run([program("byoctl"), "help"])
        self.assertEqual((code, err), (0, ""))
        self.assertIn("integration delete ID [--yes]", out)
        code, one, err = run([program("byoctl"), "help", "integration", "delete"])
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(run([program("byoctl"), "integration", "delete", "--help"])[:2], (0, one))

    def test_N8_did_you_mean_and_usage_as_json(self):
        code, out, err = run([program("byoctl"), "stauts"])
        self.assertEqual((code, out), (2, ""))
        self.assertIn('did you mean "status"?', err)
        code, out, err = run([program("byoctl"), "integration", "delte", "x", "--json"])
        self.assertEqual((code, err), (2, ""))
        error = json.loads(out)["error"]
        self.assertEqual(error["code"], "usage")
        self.assertIn('did you mean "delete"?', error["message"])

    def test_N8_needs_sudo(self):
        path = self.work / "secret.conf"
        path.write_text("group = byobox\n")
        os.chmod(path, 0o600)
        os.chmod(self.work, 0o755)
        # A user who may not read it: whoever we are not.
        user = {"user": "nobody"} if os.geteuid() == 0 else {}
        if not user:
            os.chmod(path, 0)
        for argv in ([program("byoctl"), "--config", path, "status"], [program("byobox"), "-t", path]):
            done = subprocess.run(argv, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
                                  **user)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("needs sudo?", done.stderr)


class Words(Case):
    def test_F_what_the_table_of_words_names_is_there(self):
        docs = Path(os.environ.get("srcdir") or TOP) / "docs"
        text = (docs / "genesys-terms.md").read_text()
        manual = (docs / "man" / "byobox.conf.5").read_text().replace("\\-", "-")
        commands = set(re.findall(r"`byoctl ([a-z-]+)(?: ([a-z-]+))?", text))
        self.assertGreater(len(commands), 8)
        for group, verb in commands:
            code, out, err = run([program("byoctl"), "help", group] + ([verb] if verb else []))
            self.assertEqual(code, 0, (group, verb, err))
        keys = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)(?: = [a-z]+)?`", text)) - set(re.findall(
            r"(?:code|^\|[^|]*\|) `([a-z-]+)` \|", text, re.M))
        self.assertGreater(len(keys), 20)
        for key in keys - {"byo-smpp", "byo-compliance", "byo-user"}:
            self.assertIn(f"\n.B {key}", manual, key)
        for page, anchor in re.findall(r"\]\(([a-z-]+\.(?:md|yaml))(?:#([a-z0-9-]+))?\)", text):
            body = (docs / page).read_text()
            slugs = {re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
                     for line in body.splitlines() if line.startswith("#")}
            self.assertTrue(not anchor or anchor in slugs, (page, anchor))


class Pair(LifeCase):
    """A transmitter and the receiver that receives for it."""

    def pair(self):
        carrier = Carrier().start()
        site = self.up(carrier=carrier, integrations=[
            integration(carrier, bind_type="transmitter", binds=1),
            integration(carrier, "carrier-rx", bind_type="receiver", binds=1, receives_for="carrier-a")])
        self.wait_active(site)
        self.wait_active(site, "carrier-rx")
        return site

    def test_S10_the_receiver_goes_along_and_comes_back(self):
        site = self.pair()
        self.assertEqual(self.show(site)["goesAlong"], ["carrier-rx"])
        code, out, err = site.byobox.byoctl("integration", "deactivate", "carrier-a")
        self.assertEqual(code, 0, err)
        self.assertIn("carrier-rx receives for carrier-a: it is deactivated along", out)
        self.wait_state(site, "inactive")
        self.wait_state(site, "inactive", "carrier-rx")
        self.assertEqual(site.carrier.open_links(), [])
        self.act(site, "activate")
        self.wait_active(site)
        self.wait_active(site, "carrier-rx")
        audit = site.byobox.get("/v1/audit")[1]["items"]
        self.assertEqual([(a["action"], a["entity"]) for a in audit if a["action"].startswith("integration ")][::-1],
                         [("integration deactivate", "carrier-a"), ("integration deactivate", "carrier-rx"),
                          ("integration activate", "carrier-a"), ("integration activate", "carrier-rx")])

    def test_S10_deleted_along(self):
        site = self.pair()
        code, out, err = site.byobox.byoctl("integration", "delete", "carrier-a", "--yes")
        self.assertEqual(code, 0, err)
        self.assertIn("carrier-rx receives for carrier-a: it is deleted along", out)
        self.wait_state(site, "deleted")
        self.wait_state(site, "deleted", "carrier-rx")
        wait_for(lambda: not site.carrier.open_links(), SOON, "the links to be closed")

    def test_S11_a_receiver_takes_no_numbers(self):
        site = self.pair()
        status, answer = site.byobox.api("POST", "/v1/numbers", {"number": "+12025550108", "integration": "carrier-rx",
                                                                 "type": "local"})
        self.assertEqual((status, answer["error"]["code"], answer["error"]["field"]),
                         (422, "integration-receives", "integration"))
        self.assertIn('"carrier-a"', answer["error"]["message"])


class Deletion(LifeCase):
    def test_S8_it_says_what_will_happen_and_asks(self):
        site = self.up(binds=1)
        self.wait_active(site)
        self.off(site)
        for i in range(3):
            self.assertEqual(site.send(TO, f"waits {i}", f"w{i}")[0], 202)
        code, out, err = site.byobox.byoctl("integration", "delete", "carrier-a")
        self.assertNotEqual(code, 0)
        self.assertIn("1 number leaves the inventory", out)
        self.assertIn("3 queued segments end now", out)
        self.assertIn("allow list", out)
        self.assertIn("--yes", err)
        self.assertEqual(self.show(site)["state"], "inactive", "nobody answered, so nothing was deleted")
        code, out, err = site.byobox.byoctl("integration", "delete", "carrier-a", "--yes")
        self.assertEqual(code, 0, err)
        self.wait_state(site, "deleted")

    def test_N4_numbers_show_that_their_integration_is_off(self):
        site = self.up(binds=1)
        self.wait_active(site)
        self.assertEqual(site.byobox.get(f"/v1/numbers/{NUMBER}")[1]["state"], "active")
        self.off(site)
        self.assertEqual(site.byobox.get(f"/v1/numbers/{NUMBER}")[1]["state"], "inactive")
        self.assertEqual(site.byobox.get("/v1/numbers")[1]["items"][0]["state"], "inactive")
        self.assertIn("inactive", site.byobox.byoctl("number", "list")[1])
        self.assertIn("inactive", site.byobox.byoctl("number", "show", NUMBER)[1])


class Left(LifeCase):
    """A number leaves the inventory while messages from it wait."""

    def test_S4_what_waits_ends_and_a_stop_still_counts(self):
        carrier, other = Carrier().start(), Carrier().start()
        site = self.up(carrier=carrier, integrations=[integration(carrier, binds=1),
                                                      integration(other, "carrier-b", binds=1)])
        self.addCleanup(other.stop)
        self.wait_active(site)
        self.off(site)
        for i in range(3):
            self.assertEqual(site.send(TO, f"waits {i}", f"w{i}")[0], 202)
        self.assertEqual(site.byobox.api("DELETE", f"/v1/numbers/{NUMBER}")[0], 200)
        for i in range(3):
            report = [r for r in site.application.wait_types(f"w{i}", [16]) if r.type == 16][0]
            self.assertEqual((report.byo["code"], report.byo["cause"]), ("3", "SOURCE_ADDR_INVALID"))
        site.byobox.number(NUMBER, "carrier-b")
        self.act(site, "activate")
        self.wait_active(site)
        site.send(TO, "by the new one", "new")
        site.application.wait_types("new", [8, 1])
        self.assertEqual((carrier.submits, len(other.submits)), ([], 1))
        # It leaves again, and a recipient says STOP: the text comes over the old link.
        self.assertEqual(site.byobox.api("DELETE", f"/v1/numbers/{NUMBER}")[0], 200)
        carrier.mo(smpp.Sm(source=TO[1:], destination=NUMBER[1:], source_ton=1, source_npi=1, dest_ton=1,
                           dest_npi=1, short_message=b"STOP"))
        wait_for(lambda: site.byobox.get("/v1/opt-outs")[1]["items"], SOON, "the opt-out")
        row = site.byobox.get("/v1/opt-outs")[1]["items"][0]
        self.assertEqual((row["number"], row["recipient"], row["answer"]),
                         (NUMBER, TO, "not sent: the number left the inventory"))
        site.byobox.number(NUMBER, "carrier-b")
        self.assertEqual(site.send(TO, "not to him", "no")[0], 403)


class Replies(LifeCase):
    def test_S6_a_reply_no_charset_carries_is_refused_where_it_is_set(self):
        advanced = self.work / "gsm-only.json"
        advanced.write_text('{"charsets": [{"dcs": 0, "charset": "GSM_0338"}]}')
        site = self.up(binds=1, advanced_config=advanced)
        texts = {"optOut": [{"keywords": ["НЕТ"], "reply": "Вы отписаны."}]}
        status, answer = site.byobox.api("POST", "/v1/numbers", {"number": "+12025550108", "integration": "carrier-a",
                                                                 "type": "local", "compliance": texts})
        self.assertEqual((status, answer["error"]["field"]), (422, "compliance.optOut.reply"))
        self.assertIn("carrier-a cannot send it", answer["error"]["message"])
        status, answer = site.byobox.api("PATCH", f"/v1/numbers/{NUMBER}", {"compliance": texts})
        self.assertEqual((status, answer["error"]["field"]), (422, "compliance.optOut.reply"))
        site.byobox.conf.write_text(site.byobox.text() + '\n\ngroup = byo-compliance\nopt-out-reply = "Вы отписаны."\n')
        code, out, err = run([program("byobox"), "-t", site.byobox.conf])
        self.assertEqual(code, 1, err)
        self.assertIn("opt-out-reply", err)
        self.assertIn("integration carrier-a cannot send it: no charset of its list has the character U+0412", err)
        site.byobox.write()
        texts["optOut"][0]["reply"] = "Gone."
        self.assertEqual(site.byobox.api("PATCH", f"/v1/numbers/{NUMBER}", {"compliance": texts})[0], 200)


class Looking(LifeCase):
    def test_L5_what_changed_is_shown_and_a_refused_configuration_says_where(self):
        site = self.up(binds=1)
        self.wait_active(site)
        self.off(site)
        code, out, err = site.byobox.byoctl("events", "--entity", "carrier-a")
        self.assertEqual(code, 0, err)
        for word in ("PREVIOUS", "CURRENT", "ERROR", "active", "inactive"):
            self.assertIn(word, out)
        broken = site.byobox.text().replace("group = byobox", "group = byobox\nsmsbox-prot = 1")
        site.byobox.conf.write_text(broken)
        line = next(i for i, l in enumerate(broken.split("\n"), 1) if "smsbox-prot" in l)
        site.byobox.process.signal(signal.SIGHUP)
        event = self.wait_event(site, "configuration-refused", "configuration")
        self.assertIn(f"{site.byobox.conf.name}:{line}:", event["text"])
        self.assertIn("smsbox-prot", event["text"])

    def store_without_fault(self):
        """None: any installation's. The cluster of a run has fsync off, which a status tells."""
        if kind() != "pgsql":
            return None
        server = Postgres(self.work).start()
        self.addCleanup(server.stop)
        return PgsqlStore(server.port)

    def test_N8_status_in_one_line(self):
        site = self.up(binds=1, store=self.store_without_fault())
        self.wait_active(site)
        wait_for(lambda: site.byobox.byoctl("status", "--check")[0] == 0, SOON,
                 lambda: f"nothing to be wrong: {site.byobox.byoctl('status', '--check')}")
        code, out, err = site.byobox.byoctl("status", "--check")
        self.assertEqual((code, out, err), (0, "OK: nothing is wrong\n", ""))
        site.carrier.stop()
        wait_for(lambda: site.byobox.byoctl("status", "--check")[0] == 1, SOON, "a bind to be missed")
        code, out, err = site.byobox.byoctl("status", "--check")
        self.assertEqual((code, out.count("\n")), (1, 1))
        self.assertRegex(out, "^(ERROR|WARNING): [0-9]+ error.*carrier-a: ")
        site.byobox.stop()
        self.assertEqual(site.byobox.byoctl("status", "--check")[0], 3)
