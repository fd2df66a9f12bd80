# SPDX-License-Identifier: BSD-3-Clause
"""The admin API and byoctl on the running box: N1-N5, A1, K4."""

import json
import re
import signal
import subprocess
import threading
from urllib.parse import quote

from byo import carrier, conf, smpp
from byo.admin import SHORT, STATUS, TO, AdminCase
from byo.byobox import program
from byo.case import Case
from byo.installation import NUMBER
from byo.process import run, wait_for


class Numbers(AdminCase):
    """N1-N5 over HTTP; the inventory survives."""

    def tearDown(self):
        for number in self.numbers():
            if number != NUMBER:
                self.assertEqual(self.api("DELETE", f"/v1/numbers/{number}")[0], 200)
        super().tearDown()

    def test_N1_imported_one_at_a_time_and_used_at_once(self):
        number = "+12025550111"
        self.site.byobox.number(number)
        self.assertEqual(self.site.send(TO, "after", self.ref, from_=number)[0], 202)
        self.site.application.wait_types(self.ref, [8, 1])
        message = self.api("GET", f"/v1/messages?number={quote(number)}")[1]["items"][0]
        self.assertEqual((message["state"], message["recipient"]), ("delivered", TO))

    def test_N2_N3_a_short_code_brings_its_own_texts(self):
        self.refused(422, "compliance-missing", "compliance.help", "POST", "/v1/numbers",
                     {"number": "54321", "integration": "carrier-a", "type": "short-code", "country": "US"})
        answer = self.site.byobox.number("54321", type_="short-code", country="US", compliance=SHORT)
        self.assertEqual((answer["number"], answer["compliance"]), ("54321", SHORT))

    def test_N4_deleting_touches_the_inventory_alone(self):
        self.site.byobox.number("+12025550111")
        bound = len(self.site.carrier.bound())
        self.assertEqual(self.api("DELETE", "/v1/numbers/+12025550111")[0], 200)
        self.assertEqual(self.api("GET", "/v1/numbers/%2B12025550111")[0], 404)
        self.assertEqual(len(self.site.carrier.bound()), bound)

    def test_N5_each_refusal_has_its_own_code(self):
        good = {"number": "+12025550112", "integration": "carrier-a", "type": "local"}
        for change, status, code, field in (
                ({"integration": None}, 422, "integration-missing", "integration"),
                ({"integration": "carrier-z"}, 422, "integration-missing", "integration"),
                ({"type": "short-code", "country": "US"}, 422, "type-mismatch", "number"),
                ({"number": "+18005550100"}, 422, "type-mismatch", "type"),
                ({"country": "AT"}, 422, "country-mismatch", "country"),
                ({"number": NUMBER}, 409, "number-taken", "number")):
            self.refused(status, code, field, "POST", "/v1/numbers", {**good, **change})
        self.assertEqual(self.numbers(), [NUMBER])

    def test_N5_of_many_imports_at_once_one_wins(self):
        answers = []

        def import_it():
            answers.append(self.api("POST", "/v1/numbers", {"number": "+12025550113", "integration": "carrier-a",
                                                            "type": "local"}))
        threads = [threading.Thread(target=import_it) for _ in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(sorted(status for status, _ in answers), [201] + [409] * 7)
        self.assertLessEqual({a["error"]["code"] for status, a in answers if status == 409},
                             {"number-taken", "import-in-progress"})

    def test_N1_a_csv_through_byoctl(self):
        file = self.work / "numbers.csv"
        file.write_bytes(b"\xef\xbb\xbfnumber;integration;type\r\n+12025550114;carrier-a;local\r\n"
                         b"+12025550100;carrier-a;local\r\n")
        code, answer, err = self.site.byobox.byoctl("number", "import-csv", file, json_=True)
        self.assertEqual((code, err), (1, ""))
        self.assertEqual([(i["line"], i["status"]) for i in answer["items"]], [(2, 201), (3, 409)])
        self.assertIn("+12025550114", self.numbers())

    def test_K4_texts_can_be_changed(self):
        answer = self.site.byobox.number("+12025550115")
        self.assertIsNone(answer["compliance"])
        status, answer = self.api("PATCH", "/v1/numbers/+12025550115", {"compliance": {
            "help": [{"keywords": ["WAT"], "reply": "this is new"}]}})
        self.assertEqual(status, 200, answer)
        self.assertEqual(self.api("GET", "/v1/numbers/+12025550115")[1]["compliance"]["help"][0]["keywords"], ["WAT"])


class Statistics(AdminCase):
    """Sums over the steps are what the messages say, also behind a kill -9."""

    def sums(self, step):
        items = self.api("GET", f"/v1/statistics?step={step}&integration=carrier-a")[1]["items"]
        total = {key: sum(i[key] for i in items) for key in
                 ("taken", "refused", "handed", "accepted", "delivered", "retried", "inbound", "optOuts", "optIns")}
        total["failed"] = {}
        for item in items:
            for cause, n in item["failed"].items():
                total["failed"][cause] = total["failed"].get(cause, 0) + n
        return total, items

    def test_sums_are_what_the_messages_say(self):
        site = self.site
        site.carrier.script = lambda submit: (carrier.refuse(0x0B) if submit.sm.short_message.startswith(b"bad")
                                              else carrier.ACCEPT)
        pair = {"number": NUMBER, "recipient": "+12025550177", "reason": "asked"}
        self.assertEqual(self.api("POST", "/v1/opt-outs", pair)[0], 201)
        for i in range(12):
            text = ("bad " if i % 3 == 2 else "good ") + ("x" * 200 if i % 2 else "y")
            self.assertEqual(site.send(f"+120255501{i:02}", text, f"{self.ref}-{i}")[0], 202)
        self.assertEqual(site.send("+12025550177", "no", self.ref)[0], 403)
        self.assertEqual(self.api("DELETE", "/v1/opt-outs", pair)[0], 200)
        self.messages()
        site.byobox.kill()
        site.byobox.start()
        site.carrier.mo(smpp.Sm(source=TO[1:], destination=NUMBER[1:], source_ton=1, source_npi=1, dest_ton=1, dest_npi=1,
                                short_message=b"hello"))
        wait_for(lambda: self.sums("1d")[0]["inbound"] == 1, 20, "the inbound message")
        messages = self.messages()
        taken = [m for m in messages if m["cause"] != "RECIPIENT_OPTED_OUT"]
        wanted = {"taken": len(taken), "refused": len(messages) - len(taken), "inbound": 1, "optOuts": 1, "optIns": 1,
                  "retried": 0, "accepted": sum(m["tally"]["accepted"] for m in taken),
                  "delivered": sum(m["tally"]["delivered"] for m in taken), "failed": {},
                  "handed": 0}
        for m in taken:
            for s in self.api("GET", f"/v1/messages/{m['id']}")[1]["segments"]:
                wanted["handed"] += s["tries"]
                if s["state"] in ("failed", "cancelled"):
                    wanted["failed"][s["cause"]] = wanted["failed"].get(s["cause"], 0) + 1
        self.assertEqual((wanted["taken"], wanted["refused"]), (12, 1))
        for step in ("1m", "1h", "1d"):
            total, items = self.sums(step)
            self.assertEqual(total, wanted, step)
            self.assertTrue(all(i["answerSeconds"]["p50"] <= i["answerSeconds"]["p99"] for i in items
                                if i["answerSeconds"]["p50"] is not None), items)

    def messages(self):
        def ended():
            items = self.api("GET", "/v1/messages?limit=1000")[1]["items"]
            return items if all(m["ended"] for m in items) else None
        return wait_for(ended, 30, "all messages to end")


class Inbound(AdminCase):
    """Inbound messages are listed, their texts only where they are to be kept, and they are erased."""

    def mo(self, site, text, source=TO):
        site.carrier.mo(smpp.Sm(source=source[1:], destination=NUMBER[1:], source_ton=1, source_npi=1, dest_ton=1, dest_npi=1,
                                short_message=text))

    def listed(self, site, n, query=""):
        def there():
            items = site.byobox.get("/v1/messages?direction=inbound" + query)[1]["items"]
            return items if len(items) == n else None
        return wait_for(there, 20, f"{n} inbound messages")

    def test_listed_found_and_erased(self):
        site = self.new_site()
        site.byobox.keys["keep-inbound-text"] = "yes"
        site.start()
        self.mo(site, b"hello there")
        self.listed(site, 1)
        self.mo(site, b"HELP", "+12025550188")
        newest, first = self.listed(site, 2)
        self.assertEqual((first["sender"], first["number"], first["text"], first["keyword"], first["integration"]),
                         (TO, NUMBER, "hello there", None, "carrier-a"))
        self.assertEqual((newest["sender"], newest["keyword"], newest["direction"]), ("+12025550188", "help", "inbound"))
        self.assertEqual(site.byobox.get(f"/v1/messages/{first['id']}"), (200, first))
        self.assertEqual(self.listed(site, 1, "&recipient=" + quote(TO)), [first])
        self.assertEqual(self.listed(site, 1, "&limit=1"), [newest])
        self.assertEqual(site.byobox.get("/v1/messages?direction=inbound&integration=carrier-z")[1]["items"], [])
        self.assertNotIn(first["id"], [m["id"] for m in site.byobox.get("/v1/messages")[1]["items"]])
        status, answer = site.byobox.get("/v1/messages?direction=inbound&state=active")
        self.assertEqual((status, answer["error"]["field"]), (400, "state"))
        self.assertEqual(site.byobox.get("/v1/messages?direction=in")[0], 400)
        self.assertEqual(site.byobox.api("POST", "/v1/erase", {"recipient": TO, "reason": "asked"})[0], 200)
        self.assertEqual(self.listed(site, 1), [newest])

    def test_texts_are_not_kept_by_default(self):
        self.mo(self.site, b"private")
        self.assertIsNone(self.listed(self.site, 1)[0]["text"])


class TestMessages(AdminCase):
    def test_it_is_sent_and_audited_and_obeys_an_opt_out(self):
        sent = {"number": NUMBER, "recipient": TO, "text": "does it arrive?"}
        self.site.carrier.forget()
        status, message = self.api("POST", "/v1/test-messages", sent)
        self.assertEqual((status, message["recipient"], message["number"]), (202, TO, NUMBER))
        wait_for(lambda: self.api("GET", f"/v1/messages/{message['id']}")[1]["state"] == "delivered", 20, "delivered")
        self.assertEqual([s.sm.short_message for s in self.site.carrier.submits], [b"does it arrive?"])
        steps = self.api("GET", f"/v1/messages/{message['id']}")[1]["steps"]
        self.assertEqual([s["step"] for s in steps], ["taken", "written", "handed", "answered", "receipt"])
        self.assertEqual([s["time"] for s in steps], sorted(s["time"] for s in steps))
        self.assertEqual(self.api("POST", "/v1/opt-outs", {"number": NUMBER, "recipient": TO, "reason": "asked"})[0], 201)
        status, answer = self.api("POST", "/v1/test-messages", sent)
        self.assertEqual((status, answer["error"]["code"], answer["error"]["field"], answer["cause"]),
                         (422, "message-refused", "recipient", "RECIPIENT_OPTED_OUT"))
        refused = self.api("GET", f"/v1/messages/{answer['id']}")[1]
        self.assertEqual((refused["state"], refused["cause"]), ("failed", "RECIPIENT_OPTED_OUT"))
        self.assertEqual(self.api("DELETE", "/v1/opt-outs", {"number": NUMBER, "recipient": TO, "reason": "asked"})[0], 200)
        audit = [a["detail"] for a in self.api("GET", "/v1/audit")[1]["items"] if a["action"] == "test message"]
        self.assertEqual(audit, [f"{answer['id']} to {TO} was refused", f"{message['id']} to {TO} was taken"])
        self.assertEqual(len(self.site.carrier.submits), 1)


class Encode(AdminCase):
    """(spec J4, D11) What encode says is what leaves."""

    def test_J4_D11_as_it_leaves(self):
        for text in ("Grüße, 5 €", "Don’t", "é中\U0001f600" * 40, "a{}" * 100, "x" * 161, "naïve ça" * 20):
            status, said = self.api("POST", "/v1/encode", {"text": text, "number": NUMBER})
            self.assertEqual(status, 200, said)
            self.site.carrier.forget()
            self.assertEqual(self.site.send(TO, text, self.ref)[0], 202)
            wait_for(lambda n=len(said["segments"]): len(self.site.carrier.submits) == n, 20, "all segments")
            # Segments of one message may come over different binds, in any order.
            got = sorted(s.sm.short_message[s.sm.short_message[0] + 1:] if s.sm.esm_class & 0x40 else s.sm.short_message
                         for s in self.site.carrier.submits)
            self.assertEqual({s.sm.data_coding for s in self.site.carrier.submits}, {said["dcs"]}, text)
            self.assertEqual(sorted(map(len, got)), sorted(s["octets"] for s in said["segments"]), text)
            if said["charset"] == "UTF-16BE":
                self.assertEqual(got, sorted(s["text"].encode("utf-16-be") for s in said["segments"]))
            self.assertEqual("".join(s["text"] for s in said["segments"]), text)
            self.site.application.wait_types(self.ref, [8, 1])
            self.site.application.forget()
            newest = self.api("GET", "/v1/messages?limit=1")[1]["items"][0]
            self.assertEqual((newest["charset"], newest["dcs"], newest["tally"]["segments"]),
                             (said["charset"], said["dcs"], len(said["segments"])))

    def test_byoctl_encode(self):
        code, out, err = self.site.byobox.byoctl("encode", "Don’t", "--integration", "carrier-a")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("UTF-16BE, dcs 8: 1 segment", out)
        self.assertRegex(out, r"3 +’ +GSM_0338 +\"'\"")
        code, answer, _ = self.site.byobox.byoctl("encode", "hello", "--number", NUMBER, json_=True)
        self.assertEqual((code, answer["charset"]), (0, "GSM_0338"))
        self.assertEqual(self.site.byobox.byoctl("encode", "hello")[0], 1)


class OptOuts(AdminCase):
    def test_K4_K5_by_hand_it_blocks_at_once_and_ends_at_once(self):
        pair = {"number": NUMBER, "recipient": TO, "reason": "asked by phone"}
        self.assertEqual(self.api("POST", "/v1/opt-outs", pair)[0], 201)
        status, body = self.site.send(TO, "no", self.ref)
        self.assertEqual(status, 403, body)
        report = self.site.application.wait_types(self.ref, [16])[0]
        self.assertEqual(report.byo["cause"], "RECIPIENT_OPTED_OUT")
        self.assertEqual(self.api("DELETE", "/v1/opt-outs", pair)[0], 200)
        self.site.application.forget()
        self.assertEqual(self.site.send(TO, "yes", self.ref)[0], 202)
        self.site.application.wait_types(self.ref, [8, 1])
        history = self.api("GET", "/v1/opt-outs/history?recipient=" + quote(TO))[1]["items"]
        self.assertEqual([(h["action"], h["who"], h["reason"]) for h in history],
                         [("opt-in", "admin", "asked by phone"), ("opt-out", "admin", "asked by phone")])
        code, csv, _ = self.site.byobox.byoctl("opt-out", "history", "--csv", "--recipient", TO)
        self.assertEqual((code, len(csv.splitlines())), (0, 3))


class Users(Case):
    """(spec A1) Named users with permissions; every change says who made it."""

    PASSWORD = "päss:word"

    def site_with_users(self, users, **options):
        code, out, err = run([program("byoctl"), "hash-password"], stdin=self.PASSWORD.encode() + b"\n")
        self.assertEqual(code, 0, err)
        site = self.new_site(**options)
        plain = site.byobox.text
        site.byobox.text = lambda: plain() + "".join(
            conf.group("byo-user", {"username": name, "password-hash": out.strip(), "permissions": permissions})
            for name, permissions in users.items())
        return site.start()

    def test_A1_each_permission(self):
        site = self.site_with_users({"nora": "numbers", "olga": "opt-outs events", "vic": "view", "all": "all"})
        number = {"number": "+12025550121", "integration": "carrier-a", "type": "local"}

        def ask(who, method, path, body=None, password=self.PASSWORD):
            return site.byobox.api(method, path, body, user=(who, password))[0]
        self.assertEqual(ask("vic", "POST", "/v1/numbers", number), 403)
        self.assertEqual(ask("olga", "GET", "/v1/numbers"), 403)
        self.assertEqual(ask("nora", "POST", "/v1/numbers", number), 201)
        self.assertEqual(ask("nora", "GET", "/v1/events"), 403)
        self.assertEqual(ask("olga", "GET", "/v1/events"), 200)
        self.assertEqual(ask("vic", "GET", "/v1/messages"), 200)
        self.assertEqual(ask("vic", "POST", "/v1/integrations/carrier-a/deactivate"), 403)
        self.assertEqual(ask("all", "DELETE", "/v1/numbers/+12025550121"), 200)
        self.assertEqual(ask("all", "GET", "/v1/audit"), 403)
        self.assertEqual(ask("nora", "GET", "/v1/numbers", password="wrong"), 401)
        self.assertEqual(ask("nobody", "GET", "/v1/numbers"), 401)
        audit = site.byobox.get("/v1/audit")[1]["items"]
        self.assertEqual([(a["who"], a["action"], a["entity"]) for a in audit[:2]],
                         [("all", "number delete", "+12025550121"), ("nora", "number import", "+12025550121")])
        env = {"BYOCTL_USER": "nora", "BYOCTL_PASSWORD": self.PASSWORD}
        code, out, err = run([program("byoctl"), "--config", site.byobox.conf, "number", "list"], env=env)
        self.assertEqual((code, err), (0, ""))
        code, out, err = run([program("byoctl"), "--config", site.byobox.conf, "status"], env=env)
        self.assertEqual(code, 3, err)

    def test_A1_a_new_password_counts_from_the_reload_on(self):
        site = self.new_site().start()
        box = site.byobox
        box.keys["admin-password"] = "another"
        box.write()
        self.assertEqual(box.get("/v1/status")[0], 200)
        box.process.signal(signal.SIGHUP)
        wait_for(lambda: box.get("/v1/status", user=("admin", "another"))[0] == 200, 20, "the new password")
        self.assertEqual(box.get("/v1/status")[0], 401)

    def test_A1_guessing_has_to_wait(self):
        site = self.new_site().start()
        answers = [site.byobox.get("/v1/status", user=("admin", f"guess{i}"))[0] for i in range(12)]
        self.assertEqual(answers, [401] * 10 + [429] * 2)
        self.assertEqual(site.byobox.get("/v1/status")[0], 200)  # (night F1) right from here before
        self.assertEqual(site.byobox.get("/v1/status", user=STATUS)[0], 200)

    def test_no_port_without_a_password(self):
        site = self.new_site(keys={"admin-password": None, "status-password": None})
        site.bearerbox.write()
        site.byobox.render()
        site.bearerbox.start()
        site.byobox.start(ready=False)
        wait_for(lambda: site.byobox.log.exists() and "is up" in site.byobox.log.read_text(), 20, "byobox to be up", [site.byobox.process])
        self.assertEqual(site.byobox.get("/health", user=None), (0, None))
        self.assertIn("admin port stays shut", site.byobox.log.read_text())


class Life(AdminCase):
    """What stays when byobox ends, however it ends."""

    def test_numbers_opt_outs_and_audit_survive_kill_9(self):
        site = self.new_site().start()
        site.byobox.number("+12025550131")
        site.byobox.api("POST", "/v1/opt-outs", {"number": NUMBER, "recipient": TO, "reason": "x"})
        before = site.byobox.get("/v1/audit")[1]["items"]
        site.byobox.restart(kill=True)
        self.assertEqual(site.byobox.get("/v1/audit")[1]["items"], before)
        self.assertEqual(len(before), 3)
        self.assertEqual(site.byobox.get("/v1/numbers/+12025550131")[0], 200)
        self.assertEqual(len(site.byobox.get("/v1/opt-outs")[1]["items"]), 1)

    def test_L5_events_are_followed(self):
        site = self.new_site().start()
        follow = subprocess.Popen([program("byoctl"), "--config", site.byobox.conf, "--json", "events", "--follow"],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(follow.kill)
        seen = []

        def read():
            for line in follow.stdout:
                seen.append(json.loads(line))
        reader = threading.Thread(target=read, daemon=True)
        reader.start()

        def told(number):
            site.byobox.number(number)
            return any(e["entity"] == number for e in seen)
        # The first ones may come before it has begun to follow.
        numbers = iter(f"+1202555{i:04}" for i in range(200, 999))
        wait_for(lambda: told(next(numbers)) or seen, 20, "an event to be followed")
        self.assertEqual(seen[0]["definition"], "BYO-0306")
        self.assertEqual([e["id"] for e in seen], sorted(e["id"] for e in seen))

    def test_metrics_move(self):
        def metric(name):
            text = self.site.byobox.get("/metrics", user=STATUS)[1]
            return float(re.search(rf'^{re.escape(name)} (\S+)$', text, re.M).group(1))
        name = 'byobox_segments_delivered_total{integration="carrier-a"}'
        before = metric(name)
        self.assertEqual(self.site.send(TO, "hello", self.ref)[0], 202)
        self.site.application.wait_types(self.ref, [8, 1])
        self.assertEqual(metric(name), before + 1)
        self.assertEqual(metric('byobox_link_up{link="own"}'), 1)
        self.assertEqual(metric("byobox_numbers"), 1)

    def test_status_is_one_screen(self):
        code, text, err = self.site.byobox.byoctl("status")
        self.assertEqual((code, err), (0, ""))
        self.assertLessEqual(max(len(line) for line in text.splitlines()), 100)
        self.assertLessEqual(len(text.splitlines()), 24)
        self.assertIn("carrier-a", text)

    def test_a_status_that_is_wrong_says_so_first(self):
        site = self.new_site().start()
        site.bearerbox.stop()
        wait_for(lambda: site.byobox.get("/health", user=None)[0] == 503, 20, "byobox to notice")
        code, text, _ = site.byobox.byoctl("status")
        self.assertEqual(code, 0)
        self.assertLess(text.index("ERROR    bearerbox:"), text.index("INTEGRATION"))
