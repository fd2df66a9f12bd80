# SPDX-License-Identifier: BSD-3-Clause
"""Words for the admin API."""

from .byobox import ADMIN_PASSWORD, STATUS_PASSWORD
from .case import Case

TO = "+12025550199"
ADMIN = ("admin", ADMIN_PASSWORD)
STATUS = ("status", STATUS_PASSWORD)
SHORT = {kind: [{"keywords": [word], "reply": "ok"}]
         for kind, word in (("help", "AID"), ("optOut", "BYE"), ("optIn", "HELLO"))}


class AdminCase(Case):
    options = {}

    def api(self, method, path, body=None, user=ADMIN):
        return self.site.byobox.api(method, path, body, user=user)

    def refused(self, status, code, field, method, path, body=None, user=ADMIN):
        got, answer = self.api(method, path, body, user)
        self.assertEqual((got, answer["error"]["code"], answer["error"]["field"]), (status, code, field), answer)
        self.assertTrue(answer["error"]["message"].endswith("."), answer)

    def numbers(self):
        return [n["number"] for n in self.api("GET", "/v1/numbers")[1]["items"]]
