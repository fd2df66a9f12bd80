# SPDX-License-Identifier: BSD-3-Clause
"""Words for editing integrations through the admin API."""

import http.client
import json
import shutil
from pathlib import Path

from . import conf
from .admin import ADMIN
from .byobox import Byobox, basic, program
from .case import Case
from .process import run

PASSWORD = "Hush,x 9"
UTF16 = {"charsets": [{"dcs": 8, "charset": "UTF-16BE"}]}


class EditCase(Case):
    """A byobox with an empty integrations-dir, and no bearerbox."""
    kannel = ("stock",)

    def box(self, keys=None, users=None):
        work = Path(self.work) / self.ref[:60]
        shutil.rmtree(work, ignore_errors=True)
        (work / "integrations").mkdir(parents=True)
        box = Byobox(work, None, (), {"integrations-dir": work / "integrations",
                                      "credentials-key-file": work / "key", **(keys or {})})
        self.with_users(box, users or {})
        box.wait_healthy = box.wait_up  # there is no bearerbox
        self.addCleanup(self.end_box, box)
        return self.use(box)

    def use(self, box):
        self.byobox = box
        self.folder = Path(box.keys["integrations-dir"])
        return box

    def end_box(self, box):
        box.stop()
        self.assertEqual(box.sanitizer_report(), "")

    def with_users(self, box, users):
        if not users:
            return
        code, out, err = run([program("byoctl"), "hash-password"], stdin=b"user-password\n")
        self.assertEqual(code, 0, err)
        plain = box.text
        box.text = lambda: plain() + "".join(
            conf.group("byo-user", {"username": name, "password-hash": out.strip(), "permissions": permissions})
            for name, permissions in users.items())

    def ask(self, method, path, body=None, user=ADMIN, headers=None, timeout=30):
        """(status, JSON or text, headers); 0 when the connection broke."""
        headers = {**(headers or {}), **basic(*user)}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = body if isinstance(body, (bytes, str)) else json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.byobox.admin_port, timeout=timeout)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, json.loads(text), answer.headers
        except (ConnectionError, http.client.HTTPException):
            return 0, None, {}
        finally:
            connection.close()

    def put(self, id_, body, query="", **more):
        status, answer, _ = self.ask("PUT", f"/v1/integrations/{id_}{query}", body, **more)
        return status, answer

    def get(self, id_):
        status, answer, headers = self.ask("GET", f"/v1/integrations/{id_}")
        self.assertEqual(status, 200, answer)
        return answer, headers

    def wish(self, **more):
        return {"smscAddress": "127.0.0.1", "smscPort": 2775, "useTls": False,
                "credentials": {"systemId": "byo", "password": PASSWORD}, **more}

    def files(self):
        """What is read of the folder, by name."""
        return {p.name: p.read_text() for p in sorted(self.folder.iterdir()) if p.suffix in (".conf", ".json")}

    def faults(self, answer):
        return {f["field"]: f["message"] for f in answer["faults"]}
