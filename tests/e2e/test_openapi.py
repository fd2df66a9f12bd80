# SPDX-License-Identifier: BSD-3-Clause
"""docs/openapi.yaml against what the admin API answers."""

import http.client
import json
import os
import re
from pathlib import Path

from byo import smpp
from byo.admin import ADMIN, SHORT, STATUS, TO, AdminCase
from byo.byobox import ADMIN_PASSWORD, TOP, basic
from byo.edit import EditCase
from byo.installation import NUMBER
from byo.process import wait_for


def flow(text):
    """A value in YAML's flow style, as the document writes them: {a: b, c: [d, e]}, "text", plain."""
    text = text.strip()

    def value(i):
        while text[i] == " ":
            i += 1
        if text[i] == '"':
            end = re.compile(r'(?:[^"\\]|\\.)*"').match(text, i + 1).end()
            return json.loads(text[i:end]), end
        if text[i] in "{[":
            closing = "}" if text[i] == "{" else "]"
            out, i = ({} if closing == "}" else []), i + 1
            while text[i] != closing:
                while text[i] in " ,":
                    i += 1
                if closing == "}":
                    key = re.compile(r"[^:]+").match(text, i)
                    out[key.group().strip()], i = value(key.end() + 1)
                else:
                    item, i = value(i)
                    out.append(item)
                while text[i] == " ":
                    i += 1
            return out, i + 1
        end = re.compile(r"[^,\]}]*").match(text, i).end()
        word = text[i:end].strip()
        return {"true": True, "false": False, "null": None}.get(word, int(word) if re.fullmatch(r"-?\d+", word)
                                                               else word), end
    return value(0)[0] if text[0] in '{["' else {"true": True, "false": False}.get(text, text)


def block(lines, depth=0):
    """What stands in YAML's block style at a depth: a dict of dicts, or a list."""
    out = {}
    while lines and len(lines[0]) - len(lines[0].lstrip()) >= depth:
        line = lines.pop(0)
        text = line.strip()
        if text.startswith("- "):
            inner = [" " * (depth + 2) + text[2:]]
            while lines and len(lines[0]) - len(lines[0].lstrip()) > depth:
                inner.append(lines.pop(0))
            out = out or []
            out.append(flow(text[2:]) if ":" not in text.split("{")[0] else block(inner, depth + 2))
            continue
        key, _, rest = text.partition(":") if not text.startswith('"') else (
            text[1:text.index('"', 1)], "", text[text.index('"', 1) + 2:])
        rest = rest.strip()
        if rest in ("|", ">-"):
            while lines and len(lines[0]) - len(lines[0].lstrip()) > depth:
                lines.pop(0)
        elif rest:
            out[key] = flow(rest)
        else:
            deeper = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
            out[key] = block(lines, deeper) if deeper > depth else None
    return out


def document():
    text = (Path(os.environ.get("srcdir") or TOP) / "docs" / "openapi.yaml").read_text()
    return block([line for line in text.splitlines() if line.strip() and not line.startswith("#")])


class Permissions(EditCase):
    """Who gets past is who x-permission names, for every operation and every permission by itself."""

    def status(self, method, path, user):
        """Of the head alone: a stream has no end. And of a refusal what it says."""
        headers = basic(*user) if user else {}
        body = None if method == "get" else "{}"
        if body:
            headers["Content-Type"] = "text/csv" if path.endswith("/import") else "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.byobox.admin_port, timeout=30)
        try:
            connection.request(method.upper(), path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode() if answer.status == 403 else ""
        finally:
            connection.close()

    def test_each_permission_opens_what_it_is_named_for(self):
        header = (TOP / "plugin/base/permissions.h").read_text()
        lists = [re.findall(r'X\(\w+, "([a-z-]+)"\)', part) for part in header.split("#define BYO_BUILT_IN_PERMISSIONS")]
        granted, built_in = lists
        self.assertEqual(built_in, ["status", "audit"])
        self.box(users={f"only-{name}": name for name in granted}).start()
        people = {f"only-{name}": ((f"only-{name}", "user-password"), {name} | ({"status"} if name == "view" else set())) for name in granted}
        people.update({"status": (STATUS, {"status"}), "admin": (ADMIN, set(granted + built_in)), "nobody": (None, set())})
        wrong, alternatives = [], 0
        for path, methods in document()["paths"].items():
            for method, operation in methods.items():
                if method == "parameters":
                    continue
                needs = operation["x-permission"]
                needs = {needs} if isinstance(needs, str) else set(needs)
                alternatives += len(needs) > 1
                for name, (user, has) in people.items():
                    code, said = self.status(method, re.sub(r"\{[a-z]+\}", "54321", path), user)
                    may = bool(needs & has) or "open" in needs or (user is not None and "any" in needs)
                    # PUT itself refuses who may edit and not add
                    did = code != 401 and not (code == 403 and "may not do this" in said)
                    if user and code == 401 or may != did:
                        wrong.append(f"{method} {path} as {name}: {code}, x-permission {sorted(needs)}")
        self.assertEqual(wrong, [])
        self.assertGreater(alternatives, 3)


class Description(AdminCase):
    """Every path and method answers what docs/openapi.yaml says."""

    @classmethod
    def site_options(cls):
        folder = Path(cls.work) / "integrations"
        folder.mkdir(mode=0o750)
        return {"keys": {"integrations-dir": folder, "credentials-key-file": Path(cls.work) / "key"}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.doc = document()

    def resolve(self, value):
        while isinstance(value, dict) and "$ref" in value:
            at = self.doc
            for part in value["$ref"][2:].split("/"):
                at = at[part]
            value = at
        return value

    def fits(self, value, schema, where):
        schema = self.resolve(schema)
        if value is None:
            self.assertTrue(schema.get("nullable"), f"{where} is null")
            return
        if "allOf" in schema:
            schema = self.resolve(schema["allOf"][0])
        if "enum" in schema:
            self.assertIn(value, schema["enum"], where)
        if "oneOf" in schema:
            self.fits_one(value, schema["oneOf"], where)
        if "type" not in schema:  # anything
            return
        types = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "number": (int, float)}
        self.assertIsInstance(value, types[schema["type"]], where)
        if schema["type"] == "object":
            self.assertLessEqual(set(schema.get("required", ())), set(value), where)
            if "properties" in schema:
                self.assertLessEqual(set(value), set(schema["properties"]), where)
                for key, inner in value.items():
                    self.fits(inner, schema["properties"][key], f"{where}.{key}")
        elif schema["type"] == "array":
            for i, inner in enumerate(value):
                self.fits(inner, schema["items"], f"{where}[{i}]")
        elif "pattern" in schema:
            self.assertRegex(value, schema["pattern"], where)

    def fits_one(self, value, schemas, where):
        said = []
        for schema in schemas:
            try:
                return self.fits(value, schema, where)
            except AssertionError as e:
                said.append(str(e))
        self.fail(f"{where} is none of these: {said}")

    def ask(self, method, path, body, user, content_type):
        headers = basic(*user) if user else {}
        if body is not None:
            headers["Content-Type"] = content_type
        connection = http.client.HTTPConnection("127.0.0.1", self.site.byobox.admin_port, timeout=10)
        try:
            connection.request(method.upper(), path, body, headers)
            answer = connection.getresponse()
            return answer.status, (answer.getheader("Content-Type") or "").split(";")[0], answer.read().decode()
        finally:
            connection.close()

    def check(self, path, method, status, target=None, body=None, user=ADMIN, content_type="application/json"):
        operation = self.doc["paths"][path][method]
        got, media, text = self.ask(method, target or path, body if body is None or isinstance(body, str)
                                    else json.dumps(body), user, content_type)
        self.assertEqual(got, status, text)
        answer = self.resolve(operation["responses"][str(got)])
        self.seen.add((path, method))
        if "content" not in answer:
            self.assertEqual((media, text), ("", ""), (path, method))
            return None
        self.assertIn(media, answer["content"], (path, method))
        if media == "application/json":
            self.fits(json.loads(text), answer["content"][media]["schema"], f"{method} {path} {got}")
        return json.loads(text) if media == "application/json" else text

    def test_every_operation_answers_as_described(self):
        self.seen = set()
        self.assertEqual(self.site.send(TO, "hello", self.ref)[0], 202)
        self.site.application.wait_types(self.ref, [8, 1])
        message = self.api("GET", "/v1/messages")[1]["items"][0]["id"]
        number = {"number": "+12025550141", "integration": "carrier-a", "type": "local"}
        pair = {"number": NUMBER, "recipient": "+12025550188", "reason": "described"}
        one, n = "/v1/integrations/{id}", "/v1/numbers/{number}"
        self.check("/", "get", 200, user=None)
        self.check("/assets/{id}", "get", 200, "/assets/app.js", user=None)
        self.check("/assets/{id}", "get", 404, "/assets/none.js", user=None)
        self.check("/health", "get", 200, user=None)
        self.check("/metrics", "get", 200, user=STATUS)
        login = {"username": "admin", "password": ADMIN_PASSWORD}
        self.check("/v1/session", "post", 204, body=login, user=None)
        self.check("/v1/session", "post", 400, body={"username": "admin"}, user=None)
        self.check("/v1/session", "post", 401, body={**login, "password": "wrong"}, user=None)
        self.check("/v1/session", "post", 413, body={**login, "password": "x" * 5000}, user=None)
        self.check("/v1/session", "post", 415, body=login, user=None, content_type="text/plain")
        self.check("/v1/session", "get", 200)
        self.check("/v1/session", "get", 401, user=None)
        self.check("/v1/session", "delete", 204)
        self.check("/v1/status", "get", 200, user=STATUS)
        self.check("/v1/integrations", "get", 200, user=STATUS)
        self.check(one, "get", 200, "/v1/integrations/carrier-a")
        self.check("/v1/properties", "get", 200, user=STATUS)
        wish = {"smscAddress": "127.0.0.1", "credentials": {"systemId": "s", "password": "p"},
                "advanced": {"charsets": [{"dcs": 8, "charset": "UTF-16BE"}]}}
        self.check(one, "put", 200, "/v1/integrations/described?check=true", wish)
        self.check(one, "put", 201, "/v1/integrations/described", wish)
        self.check(one, "get", 200, "/v1/integrations/described")
        self.check(one, "put", 200, "/v1/integrations/described", {**wish, "binds": 1})
        self.check(one, "put", 422, "/v1/integrations/described", {**wish, "binds": 99})
        self.check(one, "put", 400, "/v1/integrations/described", "{")
        self.check(one, "put", 403, "/v1/integrations/described", wish, user=STATUS)
        self.check(one, "put", 409, "/v1/integrations/carrier-a", wish)
        self.check(one, "delete", 202, "/v1/integrations/described")
        self.check("/v1/advanced-config/check", "post", 200, body={"charsets": [{"dcs": 999, "charset": "ASCII"}]})
        self.check("/v1/encode", "post", 200, body={"text": "Don’t \U0001f600", "integration": "carrier-a"})
        self.check("/v1/encode", "post", 422, body={"text": "a", "integration": "carrier-z"})
        self.check("/v1/numbers", "post", 201, body=number)
        self.check("/v1/numbers", "post", 409, body=number)
        self.check("/v1/numbers", "post", 422, body={**number, "type": "short-code"})
        self.check("/v1/numbers", "post", 400, body="{")
        self.check("/v1/numbers", "post", 415, body="{}", content_type="text/plain")
        self.check("/v1/numbers", "get", 200)
        self.check("/v1/numbers", "get", 400, "/v1/numbers?limit=no")
        self.check("/v1/numbers", "get", 401, user=None)
        self.check("/v1/numbers", "get", 403, user=STATUS)
        self.check("/v1/numbers/import", "post", 200, content_type="text/csv",
                   body="number,integration,type\n+12025550142,carrier-a,local\n+12025550142,carrier-a,local\n")
        self.check(n, "get", 200, "/v1/numbers/+12025550141")
        self.check(n, "patch", 200, "/v1/numbers/+12025550141", {"compliance": SHORT})
        self.check(n, "delete", 200, "/v1/numbers/+12025550141")
        self.check(n, "delete", 404, "/v1/numbers/+12025550141")
        self.check("/v1/opt-outs", "post", 201, body=pair)
        self.check("/v1/opt-outs", "post", 200, body=pair)
        self.check("/v1/opt-outs", "get", 200)
        self.check("/v1/opt-outs", "get", 200, "/v1/opt-outs?format=csv")
        self.check("/v1/opt-outs", "delete", 200, body=pair)
        self.check("/v1/opt-outs/import", "post", 200, content_type="text/csv",
                   body=f"number,recipient\n{NUMBER},+12025550186\n{NUMBER},nobody\n")
        self.check("/v1/opt-outs/history", "get", 200)
        self.check("/v1/drain", "post", 200)
        self.check("/v1/drain", "get", 200, user=STATUS)
        self.check("/v1/drain", "delete", 200)
        self.check("/v1/export", "get", 200, "/v1/export?open=true")
        self.check("/v1/export", "get", 400, "/v1/export")
        self.check("/v1/erase", "post", 200, body={"recipient": "+12025550187", "reason": "described"})
        self.check("/v1/erase", "post", 422, body={"recipient": "+12025550187"})
        self.check("/v1/messages", "get", 200)
        self.check("/v1/messages", "get", 200, "/v1/messages?format=csv")
        self.site.carrier.mo(smpp.Sm(source=TO[1:], destination=NUMBER[1:], source_ton=1, source_npi=1, dest_ton=1,
                                     dest_npi=1, short_message=b"hello"))
        inbound = wait_for(lambda: self.check("/v1/messages", "get", 200, "/v1/messages?direction=inbound")["items"], 20,
                           "the inbound message")
        self.check("/v1/messages/{id}", "get", 200, f"/v1/messages/{inbound[0]['id']}")
        self.check("/v1/statistics", "get", 200)
        self.check("/v1/statistics", "get", 200, "/v1/statistics?step=1d&integration=carrier-a")
        self.check("/v1/statistics", "get", 400, "/v1/statistics?step=2h")
        self.check("/v1/messages/{id}", "get", 200, f"/v1/messages/{message}")
        test = {"number": NUMBER, "recipient": TO, "text": "does it arrive?"}
        self.check("/v1/test-messages", "post", 202, body=test)
        self.check("/v1/test-messages", "post", 422, body={**test, "number": "+12025550999"})
        self.check("/v1/opt-outs", "post", 201, body={**pair, "recipient": "+12025550185"})
        self.check("/v1/test-messages", "post", 422, body={**test, "recipient": "+12025550185"})
        self.check("/v1/events", "get", 200)
        self.check("/v1/events", "get", 200, "/v1/events?after=0&limit=1")
        self.check("/v1/audit", "get", 200)
        self.check("/v1/stream", "get", 401, user=None)
        self.check("/v1/integrations/{id}/deactivate", "post", 202, "/v1/integrations/carrier-a/deactivate")
        self.check("/v1/integrations/{id}/activate", "post", 202, "/v1/integrations/carrier-a/activate")
        self.check(one, "delete", 202, "/v1/integrations/carrier-a")
        self.check("/v1/integrations/{id}/activate", "post", 409, "/v1/integrations/carrier-a/activate")
        self.assertEqual(self.seen, {(path, method) for path, methods in self.doc["paths"].items()
                                     for method in methods if method != "parameters"})
