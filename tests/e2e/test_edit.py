# SPDX-License-Identifier: BSD-3-Clause
"""(spec A1) Integrations are added and edited through the admin API: integrations-dir and PUT /v1/integrations/ID."""

import shutil
import signal
import threading

from byo import conf
from byo.edit import PASSWORD, UTF16, EditCase
from byo.process import wait_for


class Put(EditCase):
    def test_a_new_one_is_whole_and_a_get_comes_back(self):
        self.box().start()
        body = self.wish(name='a "b\\ #c', binds=2, receiptTimeout="2h", retryDelay=45, advanced=UTF16)
        status, answer = self.put("carrier-a", body, "?check=true")
        self.assertEqual((status, answer["file"]), (200, str(self.folder / "carrier-a.conf")))
        self.assertIn('+name = "a \\"b\\\\ #c"\n', answer["difference"])
        self.assertIn('+      "dcs": 8,\n', answer["difference"])
        self.assertEqual(self.files(), {})
        self.assertFalse((self.byobox.work / "key").exists())
        status, answer = self.put("carrier-a", body)
        self.assertEqual((status, answer["id"], answer["editable"]), (201, "carrier-a", True))
        self.assertEqual(set(self.files()), {"carrier-a.conf", "carrier-a.json"})
        for path in [*self.folder.iterdir(), self.byobox.work / "key"]:
            self.assertEqual(path.stat().st_mode & 0o777, 0o600, path)
        shown, headers = self.get("carrier-a")
        properties = shown["properties"]
        self.assertEqual(shown["file"], str(self.folder / "carrier-a.conf"))
        for key, value in body.items():
            if key not in ("credentials", "retryDelay"):
                self.assertEqual(properties[key], value, key)
        self.assertEqual((properties["credentials"], properties["retryDelay"]), ({"systemId": "byo"}, "45s"))
        before = self.files()
        self.assertEqual(self.put("carrier-a", properties, "?check=true")[1]["difference"], "")
        self.assertEqual(self.put("carrier-a", properties, headers={"If-Match": headers["ETag"]})[0], 200)
        self.assertEqual(self.files(), before)
        # and byobox -t says the same of what was written
        self.assertEqual(self.byobox.check()[0], 0)

    def test_a_change_that_is_not_carried_out_yet_is_shown_whole(self):
        """The room for .a.put was the last there was: it counts, and a GET shows it."""
        self.box().start()
        self.assertEqual(self.put("a", self.wish(advanced=UTF16))[0], 201)
        (self.folder / ".a.json.tmp" / "x").mkdir(parents=True)  # a.json cannot be written
        advanced = {"charsets": [{"dcs": 0, "charset": "GSM_0338"}]}
        status, answer = self.put("a", self.wish(name="new", advanced=advanced))
        self.assertEqual((status, answer["properties"]["name"]), (200, "new"))
        self.assertEqual(answer["properties"]["advanced"], advanced)
        self.assertTrue((self.folder / ".a.put").exists())
        self.assertIn("UTF-16BE", (self.folder / "a.json").read_text())
        self.assertEqual(self.byobox.check()[0], 0)
        status, answer = self.put("a", self.wish(name="newer"))
        self.assertEqual(status, 503)
        self.assertIn(".a.json.tmp", answer["error"]["message"])
        shutil.rmtree(self.folder / ".a.json.tmp")
        self.assertEqual(self.put("a", self.wish(name="newer", advanced=advanced))[0], 200)
        self.assertEqual([p.name for p in self.folder.iterdir() if p.name.startswith(".")], [])

    def test_what_stays_and_what_changes(self):
        self.box().start()
        self.assertEqual(self.put("a", self.wish(advanced=UTF16, binds=2))[0], 201)
        first = self.files()
        status, answer = self.put("a", {**self.wish(binds=1), "credentials": {"systemId": "byo"}}, "?check=true")
        self.assertEqual(status, 200, answer)
        self.assertIn("-binds = 2\n+binds = 1\n", answer["difference"].replace("-advanced-config = a.json\n", ""))
        self.assertIn('-  "charsets": [\n', answer["difference"])
        self.assertNotIn("credentials", answer["difference"])
        self.assertEqual(self.put("a", {**self.wish(binds=1), "credentials": None})[0], 200)
        self.assertEqual(set(self.files()), {"a.conf"})
        sealed = [line for line in first["a.conf"].splitlines() if line.startswith("credentials")]
        self.assertIn(sealed[0], self.files()["a.conf"])
        self.assertEqual((self.folder / "a.conf.before").read_text(), first["a.conf"])
        self.assertEqual((self.folder / "a.json.before").read_text(), first["a.json"])
        audit = self.ask("GET", "/v1/audit")[1]["items"]
        self.assertEqual([(a["who"], a["action"], a["entity"], a["detail"]) for a in audit[:2]],
                         [("admin", "integration edit", "a", "binds, advanced"),
                          ("admin", "integration add", "a",
                           "smscAddress, smscPort, useTls, binds, credentials, advanced")])

    def test_faults_have_their_fields_and_nothing_is_written(self):
        self.box().start()
        body = self.wish(smscPort=1, binds=77, reports="x", receivesFor="zz", smscPrt=1, retryTries="3", useTls="yes",
                         receiptTimeout=True, smscId="b", advanced={"charsets": [{"dcs": 300, "charset": "ASCII"}]})
        body["credentials"]["password"] = "includes"
        for query in ("?check=true", ""):
            status, answer = self.put("a", body, query)
            faults = self.faults(answer)
            self.assertEqual(status, 422)
            # what is no value of its type comes first, alone: the rest cannot be judged without it
            self.assertEqual(set(faults), {"smscPrt", "retryTries", "useTls", "receiptTimeout", "smscId"})
            self.assertEqual(answer["error"]["field"], answer["faults"][0]["field"])
        for key in faults:
            del body[key]
        for query in ("?check=true", ""):
            status, answer = self.put("a", body, query)
            self.assertEqual(status, 422)
            self.assertEqual(set(self.faults(answer)), {"smscPort", "binds", "reports", "receivesFor",
                                                        "credentials.password", "advanced.charsets.0.dcs"})
            self.assertIn("allow-custom-port", self.faults(answer)["smscPort"])
        status, answer = self.put("a", {"smscPort": 2775})
        self.assertEqual((status, set(self.faults(answer))), (422, {"smscAddress", "credentials"}))
        self.assertEqual(list(self.folder.iterdir()), [])
        self.assertEqual(self.ask("GET", "/v1/integrations")[1]["items"], [])
        self.assertEqual(self.ask("GET", "/v1/audit")[1]["items"], [])

    def test_texts_that_cannot_stand_in_a_file_are_told_with_all_the_rest(self):
        """And everything in the order of the fields, whatever found it."""
        self.box().start()
        body = self.wish(activationTimeout=0, retryTries=0, reports="x", systemType="a\u2028", receivesFor="a\nb", notes="x" * 4001,
                         smscAddress="a\tb", name="a\x01b", binds=77, smscPort=1,
                         advanced={"charsets": [{"dcs": 300, "charset": "ASCII"}]})
        body["credentials"] = {"systemId": "a\nb", "password": "12345\x7f78901"}
        order = ["name", "notes", "smscAddress", "smscPort", "binds", "advanced.charsets.0.dcs", "credentials.systemId",
                 "credentials.password", "receivesFor", "reports", "retryTries", "activationTimeout", "systemType"]
        for query in ("?check=true", ""):
            status, answer = self.put("a", body, query)
            self.assertEqual((status, [f["field"] for f in answer["faults"]]), (422, order))
            self.assertEqual(answer["error"]["field"], "name")
            for key in ("name", "smscAddress", "credentials.systemId", "credentials.password", "receivesFor"):
                self.assertIn("one line of text is expected", self.faults(answer)[key])
            self.assertIn("4000", self.faults(answer)["notes"])
        # a value of another type comes before, with these
        status, answer = self.put("a", {**body, "useTls": "yes", "smscPrt": 1})
        self.assertEqual([f["field"] for f in answer["faults"]],
                         ["name", "notes", "smscAddress", "useTls", "credentials.systemId", "credentials.password",
                          "receivesFor", "systemType", "smscPrt"])
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_what_an_editor_may_not_write(self):
        """An editor is not root, and no other session gets at the password."""
        self.box().start()
        self.assertEqual(self.put("a", self.wish())[0], 201)
        before = self.files()
        same = {**self.wish(), "credentials": {"systemId": "byo"}}
        refused = {
            "advancedConfig": ["/etc/passwd", "a.json", "../key"], "passwordFile": ["/etc/shadow"],
            "sslCaFile": ["/etc/passwd"], "sslClientCertkeyFile": ["/etc/passwd", ""], "include": ["/etc/passwd"],
            "logFile": ["/etc/cron.d/x"], "group": ["byo-user"], "integrationId": ["b", 1, None, {}],
            "systemId": ["x"], "password": ["x"],
            "name": ["a\nb = c", "a\r", "a\x01b", "a\x7f", "a\u0085b", "a\u2028b", "x" * 4001, 1, True, ["x"], {}],
            "notes": ["x\n\ngroup = byo-user\nusername = root"],
            "smscAddress": ["a b", 'a"\ninclude = "/x', "-x", "127.0.0.1\n", "127.0.0.2", "::1", None, 1],
            "systemType": ["include", "x" * 13, "a\nhost = b"], "serviceType": ["include=x"],
            "smscPort": ["2775", 2775.0, 2775.5, True, 0, -1, 65536, 2**63 - 1, 99, [2775], 2776],
            "useTls": ["no", 0, 1, True], "ourHost": ["127.0.0.9"], "sslMinVersion": ["1.2"], "sslHostName": ["evil"],
            "binds": [0, 11, "3", 3.0, False], "receiptTimeout": [0, -1, 1.5, "x", "5m\n", False],
            "credentials": [1, "x", [], {"systemId": "other"}, {"systemId": "byo", "password": ""},
                            {"systemId": "byo", "password": "a\nb"}, {"systemId": "x" * 16, "password": "p"},
                            {"systemId": "byo", "password": "123456789"}, {"systemId": "byo", "sealed": "byo1:"},
                            {"systemId": 1, "password": "p"}, {"systemId": "include", "password": "p"}],
            "advanced": [1, "x", [], {"x": 1}, {"charsets": []}, {"charsets": "GSM"}],
        }
        for key, values in refused.items():
            for value in values:
                if key == "integrationId" and value is None:
                    continue
                status, answer = self.put("a", {**same, key: value})
                self.assertEqual(status, 422, (key, value, answer))
                self.assertTrue(answer["faults"], (key, value))
        self.assertEqual(self.put("a", {**same, "name": "a\0b"})[0], 400)
        for bad in ("[]", "1", '"x"', "null"):
            self.assertEqual(self.put("a", bad)[0], 422, bad)
        for bad in ("", "{", '{"a":1,"a":2}', '{"advanced":' * 100 + "1" + "}" * 100, "\xff"):
            self.assertEqual(self.put("a", bad.encode("latin-1"))[0], 400, bad)
        self.assertEqual(self.put("a", b'{"name":"' + b"x" * (1024 * 1024) + b'"}')[0], 413)
        for bad in (".a", "..", "%2e%2e%2fb", "a%2fb", "a%00", "a%0a", "x" * 33, "a b", "byobox-idle", "%c3%a4"):
            status, answer = self.put(bad.replace(" ", "%20"), self.wish())
            self.assertIn(status, (400, 422), (bad, answer))
        self.assertEqual(self.files(), before)
        self.assertEqual(sorted(p.name for p in self.byobox.work.glob("*") if p.name.startswith("b.")), [])
        self.assertEqual(self.byobox.check()[0], 0)

    def test_where_the_password_goes_is_changed_with_the_password_alone(self):
        self.box().start()
        self.assertEqual(self.put("a", self.wish())[0], 201)
        for key, value in {"smscAddress": "127.0.0.2", "smscPort": 2776, "useTls": True, "ourHost": "127.0.0.1"}.items():
            for credentials in (None, {"systemId": "byo"}):
                status, answer = self.put("a", {**self.wish(), "credentials": credentials, key: value})
                self.assertEqual((status, answer["error"]["field"]), (422, "credentials"), key)
            self.assertEqual(self.put("a", {**self.wish(), key: value}, "?check=true")[0], 200, key)
        # nor by leaving it to the default
        without = {k: v for k, v in self.wish(credentials=None).items() if k != "useTls"}
        self.assertEqual(self.put("a", without)[0], 422)
        status, answer = self.put("a", {"smscAddress": "127.0.0.2"})
        self.assertEqual((status, list(self.faults(answer))), (422, ["credentials"]))
        # nor by deleting and adding
        self.assertEqual(self.ask("DELETE", "/v1/integrations/a")[0], 202)
        self.assertEqual(self.put("a", {**self.wish(), "credentials": {"systemId": "byo"}})[0], 422)
        # a sealed password of one integration opens for no other
        self.assertEqual(self.put("a", self.wish())[0], 201)
        self.assertEqual(self.put("b", self.wish())[0], 201)
        stolen = self.files()["a.conf"].split("credentials = ")[1]
        text = self.files()["b.conf"]
        (self.folder / "b.conf").write_text(text.split("credentials = ")[0] + "credentials = " + stolen)
        code, out = self.byobox.check()
        self.assertEqual(code, 1)
        self.assertIn("sealed for another integration", out)

    def test_secrets_stand_nowhere(self):
        self.box().start()
        answers = [self.put("a", self.wish(), "?check=true"), self.put("a", self.wish()),
                   self.put("a", {**self.wish(), "credentials": {"systemId": "byo", "password": PASSWORD + "0" * 20}}),
                   self.put("a", self.wish(binds=1)), self.put("a", self.wish(binds=99)), self.get("a"),
                   self.ask("GET", "/v1/events"), self.ask("GET", "/v1/audit"), self.ask("GET", "/v1/status")]
        self.assertNotIn(PASSWORD, str(answers))
        sealed = self.files()["a.conf"].split('credentials = "')[1].split('"')[0]
        self.assertNotIn(sealed, str(answers))
        for path in (p for p in self.byobox.work.rglob("*") if p.is_file() and p.name != "smsc.conf"):
            self.assertNotIn(PASSWORD.encode(), path.read_bytes(), path)

    def test_permissions(self):
        self.box(users={"adder": "add", "editor": "edit", "both": "add edit view", "viewer": "view"}).start()

        def put(user, id_, body, query=""):
            return self.put(id_, body, query, user=(user, "user-password"))
        self.assertEqual(put("viewer", "a", self.wish())[0], 403)
        self.assertEqual(put("editor", "a", self.wish())[0], 403)
        self.assertEqual(put("editor", "a", self.wish(), "?check=true")[0], 403)
        self.assertEqual(put("adder", "a", self.wish(), "?check=true"), (200, {"warnings": []}))
        self.assertEqual(put("adder", "a", self.wish()), (201, {"id": "a"}))
        self.assertEqual(put("adder", "a", self.wish(binds=1))[0], 403)
        self.assertEqual(put("adder", "a", self.wish(binds=1), "?check=true")[0], 403)
        self.assertEqual(put("editor", "a", self.wish(binds=1)), (200, {"id": "a"}))
        # who may change one sees what there is to change, and nothing of what it does
        def get(user, path):
            return self.ask("GET", path, user=(user, "user-password"))[:2]
        whole = self.get("a")[0]
        status, answer = get("editor", "/v1/integrations/a")
        self.assertEqual((status, answer), (200, {key: whole[key] for key in ("id", "properties", "editable")}))
        status, answer = get("editor", "/v1/integrations")
        self.assertEqual((status, [set(i) for i in answer["items"]]), (200, [{"id", "properties"}]))
        for path in ("/v1/integrations", "/v1/integrations/a"):
            self.assertEqual(get("adder", path)[0], 403)
        self.assertIn("difference", put("both", "a", self.wish(binds=2), "?check=true")[1])
        status, answer = put("editor", "a", self.wish(sharesNumbersOf="nobody", share="load"))
        self.assertEqual(status, 422)
        self.assertNotIn(str(self.folder), str(answer))
        who = [a["who"] for a in self.ask("GET", "/v1/audit")[1]["items"]]
        self.assertEqual(who, ["editor", "adder"])

    def test_if_match(self):
        self.box().start()
        self.assertEqual(self.put("a", self.wish(), headers={"If-Match": "*"})[0], 412)
        self.assertEqual(self.put("a", self.wish())[0], 201)
        tag = self.get("a")[1]["ETag"]
        self.assertRegex(tag, r'^"[^"]+"$')
        self.assertEqual(self.put("a", self.wish(binds=2), headers={"If-Match": '"x", ' + tag})[0], 200)
        self.assertEqual(self.put("a", self.wish(binds=1), headers={"If-Match": tag})[0], 412)
        tag = self.get("a")[1]["ETag"]
        # changed by hand, and not loaded: what the page shows is not what stands there
        path = self.folder / "a.conf"
        path.write_text(path.read_text() + "notes = mine\n")
        status, answer = self.put("a", self.wish(binds=1), headers={"If-Match": tag})
        self.assertEqual(status, 412)
        self.assertIn("load them", answer["error"]["message"])  # another GET would not help
        self.assertEqual(self.put("a", self.wish(binds=1), headers={"If-Match": "*"})[0], 200)
        self.assertIn("mine", (self.folder / "a.conf.before").read_text())

    def test_one_that_stands_elsewhere_is_read_only(self):
        box = self.box()
        box.integrations = [{"integration-id": "m", "smsc-address": "127.0.0.1", "system-id": "s", "password": "p"}]
        box.start()
        for query in ("", "?check=true"):
            status, answer = self.put("m", self.wish(), query)
            self.assertEqual((status, answer["error"]["code"]), (409, "read-only"))
            self.assertIn(str(box.conf), answer["error"]["message"])
        self.assertFalse(self.get("m")[0]["editable"])
        box.stop()
        del box.keys["integrations-dir"]
        box.start()
        status, answer = self.put("a", self.wish())
        self.assertEqual((status, answer["error"]["code"]), (409, "read-only"))

    def test_what_cannot_be_loaded_is_taken_back(self):
        """What only the running process can judge: the features it was started with."""
        box = self.box()
        (self.folder / "a.conf").write_text("# by hand, \xe9\n" + conf.group("byo-smpp", {
            "integration-id": "a", "smsc-address": "127.0.0.1", "system-id": "s", "password": "p"}).rstrip() + "\n",
            encoding="latin-1")
        box.start()
        before = (self.folder / "a.conf").read_bytes()
        box.keys["bearerbox-features"] = "all"
        box.write()
        for id_, body in (("a", self.wish()), ("b", self.wish(advanced=UTF16))):
            status, answer = self.put(id_, body)
            self.assertEqual(status, 503, answer)
            self.assertIn("bearerbox-features cannot change", answer["error"]["message"])
        self.assertEqual([p.name for p in self.folder.iterdir() if not p.name.endswith(".before")], ["a.conf"])
        self.assertEqual((self.folder / "a.conf").read_bytes(), before)
        self.assertEqual(self.get("a")[0]["properties"]["credentials"], {"systemId": "s"})
        detail = self.ask("GET", "/v1/audit")[1]["items"][0]["detail"]
        self.assertTrue(detail.startswith("not done: "), detail)

    def test_a_clear_password_is_sealed_and_files_named_by_root_stay(self):
        box = self.box()
        secret = box.work / "secret"
        secret.write_text("fromfile\n")
        secret.chmod(0o600)
        base = {"smsc-address": "127.0.0.1", "smsc-port": 2775, "use-tls": False, "system-id": "byo"}
        (self.folder / "a.conf").write_text(conf.group("byo-smpp", {"integration-id": "a", "password": "clear", **base}))
        (self.folder / "f.conf").write_text(conf.group("byo-smpp", {
            "integration-id": "f", "password-file": "../secret", **base}))
        for name in "af":
            (self.folder / f"{name}.conf").chmod(0o600)
        box.start()
        same = {**self.wish(binds=1), "credentials": {"systemId": "byo"}}
        self.assertEqual(self.put("a", same)[0], 200)
        self.assertNotIn("password", self.files()["a.conf"])
        self.assertIn("credentials = ", self.files()["a.conf"])
        self.assertEqual(self.put("f", same)[0], 200)
        self.assertIn('password-file = "../secret"', self.files()["f.conf"])
        self.assertEqual(self.put("f", self.wish())[0], 200)
        self.assertNotIn("password-file", self.files()["f.conf"])
        self.assertEqual(box.check()[0], 0)

    def test_a_key_file_that_cannot_be_made_says_so(self):
        box = self.box(keys={"credentials-key-file": "/proc/self/none/key"}).start()
        status, answer = self.put("a", self.wish())
        self.assertEqual((status, answer["error"]["code"]), (503, "not-available"))
        self.assertIn("/proc/self/none/key", answer["error"]["message"])
        self.assertIn("byoctl seal --new-key", answer["error"]["message"])
        self.assertEqual(list(self.folder.iterdir()), [])
        self.assertEqual(self.put("a", self.wish(), "?check=true")[0], 200)

    def test_of_two_at_once_each_is_whole(self):
        self.box().start()
        self.assertEqual(self.put("a", self.wish())[0], 201)
        answers = []

        def many(n):
            for k in range(5):
                advanced = {"charsets": [{"dcs": 8 if n else 0, "charset": "UTF-16BE" if n else "GSM_0338"}]}
                answers.append(self.put("a", self.wish(name=f"{n}", advanced=advanced))[0])
        threads = [threading.Thread(target=many, args=(n,)) for n in (0, 1)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(set(answers), {200})
        properties = self.get("a")[0]["properties"]
        self.assertEqual(properties["advanced"]["charsets"][0]["dcs"], 8 if properties["name"] == "1" else 0)
        self.assertIn(f"name = {properties['name']}\n", self.files()["a.conf"])
        self.assertEqual(self.byobox.check()[0], 0)

    def test_links_in_the_folder_are_neither_read_nor_written_through(self):
        box = self.box().start()
        aim = box.work / "aim"
        aim.write_text("untouched")
        for name in ("a.conf", "a.json"):
            (self.folder / name).symlink_to(aim)
            status, answer = self.put("a", self.wish(advanced=UTF16))
            self.assertIn(status, (422, 503), answer)
            (self.folder / name).unlink()
        for name in (".a.put", "..a.put.tmp", ".a.conf.tmp", ".a.json.tmp", "a.conf.before"):
            if name != ".a.put":
                (self.folder / name).symlink_to(aim)
        self.assertEqual(self.put("a", self.wish(advanced=UTF16))[0], 201)
        self.assertEqual(self.put("a", self.wish())[0], 200)
        self.assertEqual(aim.read_text(), "untouched")
        self.assertFalse((self.folder / "a.conf").is_symlink())

    def test_a_link_of_kannel_conf_that_would_take_its_segments(self):
        box = self.box(users={"adder": "add"})
        host = box.work / "kannel.conf"
        core = {"admin-port": 13000, "smsbox-port": 13001, "admin-password": "kannel-admin", "sms-resend-retry": 1000000}
        link = {"smsc": "fake", "smsc-id": "old", "port": 10000, "denied-smsc-id": "b"}
        host.write_text(conf.group("core", core) + conf.group("smsc", link) +
                        conf.group("smsbox", {"bearerbox-host": "localhost", "bearerbox-port": box.smsbox_port}) +
                        f'include = "{box.smsc_conf}"\n')
        box.text = lambda plain=box.text: f'include = "{host}"\n\n' + plain()
        box.start()
        status, answer = self.put("a", self.wish())
        self.assertEqual((status, answer["faults"][0]["field"]), (422, None), answer)
        self.assertIn('denied-smsc-id = "b;a"', answer["error"]["message"])
        self.assertIn("byoctl kannel apply --prepare a", answer["error"]["message"])
        status, answer = self.put("a", self.wish(), user=("adder", "user-password"))
        self.assertEqual(status, 422)
        self.assertNotIn(str(host), str(answer))
        self.assertEqual(self.put("b", self.wish())[0], 201)

    def test_delete_takes_the_file_aside_and_the_id_is_free_again(self):
        self.box().start()
        self.assertEqual(self.put("t", self.wish(bindType="transmitter", advanced=UTF16))[0], 201)
        self.assertEqual(self.put("r", self.wish(bindType="receiver", receivesFor="t"))[0], 201)
        self.assertEqual(self.put("s", self.wish(sharesNumbersOf="t", share="load"))[0], 201)
        status, answer, _ = self.ask("DELETE", "/v1/integrations/t")
        self.assertEqual((status, answer["error"]["code"]), (409, "wrong-state"))
        self.assertIn("shares-numbers-of", answer["error"]["message"])
        self.assertEqual(self.ask("DELETE", "/v1/integrations/s")[0], 202)
        kept = self.files()
        self.assertEqual(self.ask("DELETE", "/v1/integrations/t")[0], 202)
        self.assertEqual(self.files(), {})
        self.assertEqual((self.folder / "t.conf.deleted").read_text(), kept["t.conf"])
        self.assertEqual((self.folder / "t.json.deleted").read_text(), kept["t.json"])
        self.assertEqual((self.folder / "r.conf.deleted").read_text(), kept["r.conf"])
        self.assertEqual(self.put("t", self.wish())[0], 201)
        self.assertFalse((self.folder / "t.json").exists())
        wait_for(lambda: self.get("t")[0]["state"] != "deleted", 30, "the new one's life", [self.byobox.process])
        self.assertEqual(self.byobox.check()[0], 0)
        self.assertEqual(self.ask("DELETE", "/v1/integrations/none")[0], 404)

    def test_what_was_added_can_be_acted_on_at_once(self):
        self.box().start()
        for n in range(10):
            self.assertEqual(self.put(f"quick-{n}", self.wish())[0], 201)
            self.assertEqual(self.ask("DELETE", f"/v1/integrations/quick-{n}")[0], 202)


class Races(EditCase):
    limit = 180

    def test_changed_loaded_by_hand_and_looked_at_at_once(self):
        """A reload has two sides now: a worker's and the signal's."""
        box = self.box().start()
        for id_ in "ab":
            self.assertEqual(self.put(id_, self.wish())[0], 201)
        stop, wrong = threading.Event(), []

        def again(work):
            while not stop.is_set():
                work()

        def edit(id_, n):
            status, answer = self.put(id_, self.wish(name=f"{id_}{n}", binds=1 + n % 2))
            if status != 200:
                wrong.append(answer)
        looks = [threading.Thread(target=again, args=(lambda p=p: self.ask("GET", p),))
                 for p in ("/v1/integrations", "/v1/integrations/a", "/v1/status")]
        looks.append(threading.Thread(target=again, args=(lambda: (box.process.signal(signal.SIGHUP), stop.wait(0.05)),)))
        for thread in looks:
            thread.start()
        editors = [threading.Thread(target=lambda i=i: [edit(i, n) for n in range(8)]) for i in "ab"]
        for thread in editors:
            thread.start()
        for thread in editors:
            thread.join()
        stop.set()
        for thread in looks:
            thread.join()
        self.assertEqual(wrong, [])
        for id_ in "ab":
            self.assertEqual(self.get(id_)[0]["name"], f"{id_}7")
        self.assertEqual(box.check()[0], 0)
