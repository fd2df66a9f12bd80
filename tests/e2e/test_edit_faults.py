# SPDX-License-Identifier: BSD-3-Clause
"""(spec A1) A kill or a full disk in the middle of an edit."""

import os
import subprocess
from pathlib import Path

from byo.edit import UTF16, EditCase
from byo.process import wait_for


class Faulty(EditCase):
    """A kill or a full disk in the middle."""
    limit = 240

    def preload(self, name):
        shim = Path(self.work) / f"{name}.so"
        subprocess.run([os.environ.get("CC", "cc"), "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", str(shim),
                        str(Path(__file__).parent / "byo" / f"{name}.c"), "-ldl"], check=True)
        self.byobox.process.env.update(
            LD_PRELOAD=str(shim), ASAN_OPTIONS=self.byobox.process.env["ASAN_OPTIONS"] + ":verify_asan_link_order=0")

    def start_on_a_bad_disk(self):
        """The file that says what is wrong with it; empty: nothing."""
        box = self.box()
        self.preload("disk_fault")
        control = box.work / "fault"
        control.touch()
        box.process.env.update(BYO_FAULT=str(control), BYO_FAULT_PATH="/integrations")
        box.start()
        return control

    def whole(self):
        """What stands there is one of the two, conf and JSON alike."""
        properties = self.get("a")[0]["properties"]
        return {"old": UTF16, "new": None}[properties["name"]] == properties["advanced"] and properties["name"]

    def test_kill_9_at_each_step_leaves_the_old_or_the_new(self):
        box = self.box().start()
        old, new = self.wish(name="old", advanced=UTF16), self.wish(name="new", binds=1)
        self.assertEqual(self.put("a", old)[0], 201)
        box.stop()
        start = self.files()
        self.preload("kill_fault")
        seen, status = [], 0
        for step in range(1, 60):
            for path in self.folder.iterdir():
                path.unlink()
            for name, text in start.items():
                (self.folder / name).write_text(text)
                (self.folder / name).chmod(0o600)
            box.process.env.update(BYO_KILL_PATH="/integrations", BYO_KILL_AT=str(step))
            box.start()
            status = self.put("a", new)[0]
            if status == 0:
                wait_for(lambda: not box.process.alive, 10, "the kill")
            else:
                box.stop()
            box.process.env.update(BYO_KILL_AT="0")
            code, out = box.check()
            self.assertEqual(code, 0, (step, out))
            box.start()
            seen.append(self.whole())
            self.assertTrue(seen[-1], step)
            self.assertNotIn(".a.put", [p.name for p in self.folder.iterdir()])
            self.assertEqual("a.json" in self.files(), seen[-1] == "old", step)
            self.assertEqual(self.put("a", new)[0], 200)
            self.assertEqual(self.whole(), "new")
            box.stop()
            if status:
                break
        self.assertEqual(status, 200)
        self.assertGreater(len(seen), 10)
        self.assertEqual(seen, sorted(seen, reverse=True))  # old, ..., new: it counts from one step on
        self.assertEqual(set(seen), {"old", "new"})

    def test_kill_9_at_each_step_of_a_deletion(self):
        """It is deleted as soon as the store says so; what a kill left of its files goes with the next start."""
        box = self.box().start()
        self.assertEqual(self.put("t", self.wish(bindType="transmitter", advanced=UTF16))[0], 201)
        self.assertEqual(self.put("r", self.wish(bindType="receiver", receivesFor="t"))[0], 201)
        start = self.files()
        self.preload("kill_fault")
        status = 0
        for step in range(1, 60):
            box.stop()
            box.process.env.update(BYO_KILL_PATH="/integrations", BYO_KILL_AT=str(step))
            box.start()
            status = self.ask("DELETE", "/v1/integrations/t")[0]
            if status == 0:
                wait_for(lambda: not box.process.alive, 10, "the kill")
            else:
                box.stop()
            box.process.env.update(BYO_KILL_AT="0")
            self.assertEqual(box.check()[0], 0, step)
            box.start()
            self.assertEqual(self.files(), {}, step)
            self.assertEqual([p.name for p in self.folder.iterdir() if p.name.startswith(".")], [], step)
            for name, text in start.items():
                self.assertEqual((self.folder / (name + ".deleted")).read_text(), text, (step, name))
                (self.folder / (name + ".deleted")).unlink()
            wait_for(lambda: self.ask("GET", "/v1/integrations/t")[0] == 404, 30, "its end", [box.process])
            self.assertEqual(self.put("t", self.wish(bindType="transmitter", advanced=UTF16))[0], 201, step)
            self.assertEqual(self.put("r", self.wish(bindType="receiver", receivesFor="t"))[0], 201, step)
            start = self.files()
            if status:
                break
        self.assertEqual(status, 202)
        self.assertGreater(step, 10)

    def test_a_deletion_on_a_full_disk_is_asked_for_again(self):
        control = self.start_on_a_bad_disk()
        self.assertEqual(self.put("a", self.wish())[0], 201)
        before = self.files()
        control.write_text("ENOSPC")
        status, answer, _ = self.ask("DELETE", "/v1/integrations/a")
        self.assertEqual(status, 503, answer)
        self.assertIn("a.conf.deleted", answer["error"]["message"])
        self.assertEqual(self.files(), before)
        control.write_text("")
        status, answer = self.put("a", self.wish())
        self.assertEqual(status, 409)
        self.assertIn("delete it again", answer["error"]["message"])
        self.assertEqual(self.ask("DELETE", "/v1/integrations/a")[0], 202)
        self.assertEqual(self.files(), {})
        self.assertEqual(self.put("a", self.wish())[0], 201)

    def test_a_full_disk_changes_nothing(self):
        control = self.start_on_a_bad_disk()
        self.assertEqual(self.put("a", self.wish(name="old", advanced=UTF16))[0], 201)
        before = self.files()
        for word in ("ENOSPC", "EROFS", "EIO"):
            control.write_text(word)
            status, answer = self.put("a", self.wish(name="new"))
            self.assertEqual(status, 503, answer)
            self.assertIn("nothing was changed", answer["error"]["message"])
            self.assertEqual(self.files(), before)
            self.assertEqual(self.whole(), "old")
            self.assertEqual([p.name for p in self.folder.iterdir() if p.name.startswith(".")], [])
        control.write_text("")
        self.assertEqual(self.put("a", self.wish(name="new"))[0], 200)
        self.assertEqual(self.whole(), "new")
