# SPDX-License-Identifier: BSD-3-Clause
"""What `demo --keep` leaves running has something to show on every screen, to each of its users."""

import tempfile
from pathlib import Path

from byo import scene
from byo.carrier import Carrier
from byo.case import Case
from byo.byobox import ADMIN_PASSWORD
from byo.process import wait_for
from byo.web import Browser


class Scene(Case):
    kannel = ("stock",)  # the demo's; a patched one goes on trying where stock gives carrier-b up

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        carrier = Carrier(script=scene.script)
        cls.site = scene.installation(Path(tempfile.mkdtemp(dir=cls.work)), carrier)
        cls.site.start().wait_bound()
        scene.fill(cls.site)
        traffic = scene.traffic(cls.site)
        for _ in range(20):
            assert next(traffic)[0] == 202

    def setUp(self):
        self.ref = self.id()

    def items(self, path):
        status, answer = self.site.byobox.get(path)
        self.assertEqual(status, 200, answer)
        return answer["items"]

    def test_every_screen_has_something_to_show(self):
        def settled():
            return {m["state"] for m in self.items("/v1/messages")} == {"delivered", "failed"}
        wait_for(settled, 30, "messages that were delivered, and failed ones")
        self.assertEqual({n["type"] for n in self.items("/v1/numbers")},
                         {"local", "toll-free", "mobile", "short-code"})

        def both():
            return {i["id"]: i["state"] for i in self.items("/v1/integrations")}
        wait_for(lambda: both() == {"carrier-a": "active", "carrier-b": "error"}, 30,
                 lambda: f"one that serves and one that does not: {both()}")
        self.assertTrue(any(p["entity"] == "carrier-b" for p in self.site.byobox.get("/v1/status")[1]["problems"]))
        wait_for(lambda: {"+12025550202", "+12025550220"} <= {o["recipient"] for o in self.items("/v1/opt-outs")}, 20,
                 "those who had enough, by themselves and by hand")
        self.assertEqual({h["action"] for h in self.items("/v1/opt-outs/history?limit=1000")}, {"opt-out", "opt-in"})
        self.assertGreater(len({e["definition"] for e in self.items("/v1/events")}), 4)
        self.assertTrue({"carrier-a"} <= {s["integration"] for s in self.items("/v1/statistics?step=1m")})
        self.assertGreater(len({a["action"] for a in self.items("/v1/audit")}), 2)

    def test_its_users_may_what_is_said(self):
        for name, (password, permissions) in {"admin": (ADMIN_PASSWORD, "audit"), **scene.USERS}.items():
            browser = Browser(self.site.byobox)
            self.assertEqual(browser.login(name, password), 204, name)
            self.assertLessEqual(set(permissions.split()), set(browser.get("/v1/session")[1]["permissions"]))
            self.assertIn(name, scene.invitation(self.site))
