# SPDX-License-Identifier: BSD-3-Clause
"""The disk: full, read-only, failing, hanging; a store that is damaged, newer, somebody else's or in use
(promise 1, 6, 7). No ack for what was not kept; what was not acked comes again when it can be kept."""

import contextlib
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import threading
import unittest
from pathlib import Path

from byo import smpp
from byo.carrier import NO_RECEIPT, Carrier
from byo.case import Case
from byo.disk import DiskCase
from byo.installation import stock_smsc
from byo.process import wait_for

TO = "+1202555{:04}"
MOBILE = "12025550177"


class Disk(DiskCase):
    def site_up(self, **options):
        return self.new_faulty_site(**options).start().wait_bound()

    def events(self, site, name):
        return [e for e in site.byobox.get("/v1/events")[1]["items"] if e["name"] == name]

    def stored(self, site):
        return {r[0] for r in site.store.rows("SELECT recipient FROM message")}

    def through_trouble(self, site, begin, end, says):
        """Refusals while it lasts; afterwards everything that waited."""
        site.carrier.script = lambda s: NO_RECEIPT
        self.assertEqual(site.send(TO.format(1), "before", "before")[0], 202)
        submit = site.carrier.wait_submits(1)[0]
        site.application.wait_types("before", [8])
        begin()
        refused = 0

        def send():
            nonlocal refused
            refused += 1
            return site.send(TO.format(100 + refused), "meanwhile", "meanwhile")[0]
        wait_for(lambda: send() == 503, 20, "a refusal", [site.byobox.process])
        first_refused = refused
        for _ in range(3):
            self.assertEqual(send(), 503)
        wait_for(lambda: site.byobox.get("/health", user=None)[0] == 503, 20, "/health to say so")
        site.carrier.mo(smpp.Sm(source=MOBILE, destination="12025550100", source_ton=1, dest_ton=1,
                                short_message=b"held back"))
        site.carrier.receipt(submit)
        site.byobox.process.signal(signal.SIGHUP)  # a new configuration is no danger meanwhile
        wait_for(lambda: b"was loaded again" in site.byobox.log.read_bytes(), 20, "the reload",
                 [site.byobox.process])
        self.assertEqual(send(), 503)
        self.assertEqual(site.application.messages(), [])
        self.assertEqual(site.application.reports("before")[-1].type, 8)
        self.assertIn(says, site.byobox.log.read_text(errors="replace"))
        end()
        site.byobox.wait_healthy()
        site.application.wait_messages(1)
        site.application.wait_types("before", [1])
        self.assertEqual(site.send(TO.format(2), "after", "after")[0], 202)
        site.application.wait_types("after", [8])
        self.assertEqual([m["text"] for m in site.application.messages()], ["held back"])
        stored = self.stored(site)
        for i in range(first_refused, refused + 1):
            self.assertNotIn(TO.format(100 + i), stored)
            self.assertFalse([s for s in site.carrier.submits if s.sm.destination == TO.format(100 + i)[1:]])
        self.assertEqual(len(self.events(site, "store-trouble")), 1)
        self.assertEqual(len(self.events(site, "store-recovered")), 1)

    def test_full(self):
        site = self.site_up()
        self.through_trouble(site, lambda: self.fault("ENOSPC"), lambda: self.fault(""), "the disk is full")

    def test_read_only_all_at_once(self):
        site = self.site_up()
        self.through_trouble(site, lambda: self.fault("EROFS"), lambda: self.fault(""),
                             "the store cannot be written")

    def test_input_output_error(self):
        site = self.site_up()
        self.through_trouble(site, lambda: self.fault("EIO"), lambda: self.fault(""), "input/output error")

    def test_full_for_real(self):
        """A file system of two megabytes."""
        disk = Path(self.work) / "small"
        disk.mkdir(exist_ok=True)
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "byobox-test", str(disk)],
                                               stderr=subprocess.DEVNULL).returncode != 0:
            raise unittest.SkipTest("needs the right to mount")
        self.addCleanup(subprocess.run, ["umount", "-l", str(disk)])
        site = self.site_up(keys={"store-path": disk / "byobox.db"})
        filler = disk / "filler"

        def fill():
            with open(filler, "wb", buffering=0) as f:
                try:
                    while True:
                        f.write(b"x" * 4096)
                except OSError:
                    pass
        self.through_trouble(site, fill, filler.unlink, "the disk is full")

    def test_limited_file_size(self):
        """RLIMIT_FSIZE: the kernel sends a signal, too."""
        site = self.site_up()
        pid = site.byobox.process.pid
        limits = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        self.assertEqual(site.send(TO.format(1), "before", "before")[0], 202)
        site.application.wait_types("before", [1])
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, limits[1]))
        wait_for(lambda: site.send(TO.format(3), "meanwhile")[0] == 503, 20, "a refusal", [site.byobox.process])
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
        site.byobox.wait_healthy()
        self.assertEqual(site.send(TO.format(2), "after", "after")[0], 202)
        site.application.wait_types("after", [1])

    def test_a_kill_while_the_disk_is_full_loses_nothing(self):
        site = self.site_up(core={"store-type": "file", "store-location": "bearerbox.store"})
        site.carrier.script = lambda s: NO_RECEIPT
        self.assertEqual(site.send(TO.format(1), "before", "before")[0], 202)
        submit = site.carrier.wait_submits(1)[0]
        site.application.wait_types("before", [8])
        self.fault("ENOSPC")
        wait_for(lambda: site.send(TO.format(3), "meanwhile")[0] == 503, 20, "a refusal", [site.byobox.process])
        site.carrier.receipt(submit)
        site.byobox.kill()
        self.fault("")
        site.byobox.start()
        site.smsbox.restart(kill=True)
        site.application.wait_types("before", [1], 40)

    def test_a_slow_disk_does_not_hold_up_what_passes_through(self):
        """Every write of the store hangs: an integration's message waits, another link's goes its way."""
        other = Carrier(accounts={"old": "secret"}).start()
        self.addCleanup(other.stop)
        site = self.site_up(groups=stock_smsc(other, "old-link", denied_smsc_id="carrier-a", allowed_smsc_id=None))
        other.wait_bound(1)
        site.bearerbox.wait_online("old-link")
        self.fault("hang")
        done = threading.Event()
        answers = []

        def ours():
            answers.append(site.send(TO.format(1), "ours", "ours", timeout=60)[0])
            done.set()
        threading.Thread(target=ours, daemon=True).start()
        for i in range(5):
            status, body = site.send(TO.format(20 + i), f"passes {i}", None, from_="+12025550999", smsc="old-link")
            self.assertEqual(status, 202, body)
        other.wait_submits(5)
        self.assertFalse(done.is_set())
        self.assertEqual(site.carrier.submits, [])
        self.fault("")
        self.assertTrue(done.wait(30))
        self.assertEqual(answers, [202])
        site.application.wait_types("ours", [1])


def sql(store, statement):
    """One statement, written down for good: the write-ahead log is folded back with the close."""
    with contextlib.closing(sqlite3.connect(store)) as db:
        rows = db.execute(statement).fetchall()
        db.commit()
    return rows


class StoreAtStart(Case):
    """byobox refuses a store it must not touch, with a sentence, and leaves it as it was."""
    limit = 60
    stores = ("sqlite",)

    def refused(self, site, says):
        before = self.store.read_bytes() if self.store.exists() else None
        site.byobox.start(ready=False)
        self.assertEqual(site.byobox.process.wait(20), 1)
        log = site.byobox.log.read_text(errors="replace") + site.byobox.process.tail()
        self.assertIn(says, log)
        self.assertIn(str(self.store), log)
        self.assertEqual(self.store.read_bytes() if self.store.exists() else None, before)

    def site_with_store(self):
        site = self.new_site(binds=1, smsboxes=())
        self.store = Path(site.byobox.keys["store-path"])
        site.start()
        site.byobox.stop()
        site.byobox.log.write_text("")
        return site

    def test_damaged_header(self):
        site = self.site_with_store()
        data = bytearray(self.store.read_bytes())
        data[:64] = b"\xff" * 64
        self.store.write_bytes(data)
        self.refused(site, "not a database")

    def test_damaged_inside(self):
        """The page that lists the tables is garbage."""
        site = self.site_with_store()
        data = bytearray(self.store.read_bytes())
        data[100:4096] = os.urandom(3996)
        self.store.write_bytes(data)
        self.refused(site, "malformed")

    def test_damaged_where_the_numbers_are(self):
        """Without them it would refuse what is theirs."""
        site = self.site_with_store()
        page, = sql(self.store, "SELECT rootpage FROM sqlite_master WHERE name = 'number'")[0]
        size, = sql(self.store, "PRAGMA page_size")[0]
        data = bytearray(self.store.read_bytes())
        data[(page - 1) * size:page * size] = b"\xff" * size
        self.store.write_bytes(data)
        self.refused(site, "what the store holds could not all be read")

    def test_cut(self):
        site = self.site_with_store()
        self.store.write_bytes(self.store.read_bytes()[:6000])
        self.refused(site, "malformed")

    def test_newer(self):
        site = self.site_with_store()
        sql(self.store, "PRAGMA user_version = 999")
        self.refused(site, "version 999")

    def test_of_another_program(self):
        site = self.site_with_store()
        self.store.unlink()
        sql(self.store, "CREATE TABLE other (x)")
        self.refused(site, "another program")

    def test_no_folder(self):
        site = self.site_with_store()
        shutil.move(self.store, self.store.with_name("away"))
        self.store = self.store.parent / "nowhere" / "byobox.db"
        site.byobox.keys["store-path"] = self.store
        self.refused(site, "No such file or directory")

    def test_in_use(self):
        site = self.site_with_store()
        site.byobox.start(ready=False)
        site.byobox.wait_up()
        second = type(site.byobox)(site.work, site.bearerbox, site.byobox.integrations,
                                   {"store-path": self.store}, name="second")
        second.start(ready=False)
        self.assertEqual(second.process.wait(20), 1)
        self.assertIn(f"in use by process {site.byobox.process.pid}",
                      second.log.read_text(errors="replace") + second.process.tail())

    def test_good_again_after_a_refusal(self):
        """The store was put right: nothing of before is missing."""
        site = self.site_with_store()
        version = sql(self.store, "PRAGMA user_version")[0][0]
        sql(self.store, "PRAGMA user_version = 999")
        self.refused(site, "version 999")
        sql(self.store, f"PRAGMA user_version = {version}")
        site.byobox.start(ready=False)
        site.byobox.wait_up()
        self.assertEqual(len(site.byobox.get("/v1/numbers")[1]["items"]), 1)
