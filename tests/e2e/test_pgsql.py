# SPDX-License-Identifier: BSD-3-Clause
"""The store in PostgreSQL when the database goes, refuses, hangs or is somebody else's (promise 1, 6, 7): what was acked
is kept, everything else is refused at once, and byobox is back by itself."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from byo import postgres, smpp
from byo.byobox import program
from byo.carrier import NO_RECEIPT
from byo.case import Case
from byo.installation import NUMBER
from byo.pgtap import AFTER, AT, BEFORE, PgTap
from byo.process import wait_for
from byo.store import PgsqlStore

TO = "+1202555{:04}"
MOBILE = "12025550177"


class PgsqlCase(Case):
    """Each class has a cluster of its own: others' must not go with it."""

    stores = ("pgsql",)
    limit = 120
    durable = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = postgres.Postgres(cls.work, durable=cls.durable).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        super().tearDownClass()

    def site_up(self, port=None, **options):
        """An installation with a database of its own, reached through `port`."""
        connection = {"port": port, "sslmode": "disable"} if port else {}
        store = PgsqlStore(self.server.port, **connection)
        return self.new_site(**{"binds": 1, "store": store, **options}).start().wait_bound()

    def events(self, site, name):
        return [e for e in site.byobox.get("/v1/events")[1]["items"] if e["name"] == name]

    def said(self, site):
        return site.byobox.log.read_text(errors="replace") + site.byobox.process.tail()

    def wait_refused(self, site):
        wait_for(lambda: site.send(TO.format(9000), "meanwhile")[0] == 503, 30, "a refusal", [site.byobox.process])

    def end_sessions(self, site):
        self.server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{site.store.name}'"
                        " AND pid <> pg_backend_pid()")


class Traffic:
    """Messages to recipients of their own, each sent whether or not those before were answered; who got which answer."""

    def __init__(self, site, first, to=TO):
        self.site, self.first, self.to, self.answers = site, first, to, {}
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(40)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        n = self.first
        while not self._over.wait(0.03):
            self._pool.submit(self._send, n)
            n += 1

    def _send(self, n):
        self.answers[n] = self.site.send(self.to.format(n), f"text {n}", f"t{n}", timeout=90)[0]

    def count(self, status):
        return sum(s == status for s in list(self.answers.values()))

    def wait(self, status, more=5):
        wanted = self.count(status) + more
        wait_for(lambda: self.count(status) >= wanted, 60, lambda: f"{more} answers {status}, had {self.answers}",
                 [self.site.byobox.process])

    def stop(self):
        self._over.set()
        self._thread.join(60)
        self._pool.shutdown()
        return self.answers


class TrafficCase(PgsqlCase):
    def site_up(self, port=None, **options):
        """With days for what ends: a thread makes them behind the first purge."""
        site = super().site_up(port, **options)
        wait_for(lambda: site.store.database.rows("SELECT count(*) FROM pg_inherits")[0][0] > 0, 30, "days",
                 [site.byobox.process])
        return site

    def tapped(self, **options):
        tap = PgTap(self.server.port).start()
        self.addCleanup(tap.stop)
        return tap, self.site_up(tap.port, **options)

    def check(self, site, answers):
        """What was acked was sent and reported once; what was not acked was not sent, but for what died in between."""
        acked = [n for n, status in answers.items() if status == 202]
        for n in acked:
            wait_for(lambda n=n: [r for r in site.application.reports(f"t{n}") if r.type == 1], 60,
                     lambda n=n: f"the final report of t{n}; {self.state(site, n)}")
        sent = [int(s.sm.destination[-4:]) for s in site.carrier.submits]
        self.assertEqual(sorted(n for n in acked if n not in sent), [])
        twice = {n for n in sent if sent.count(n) > 1}
        marked = {int(postgres_text(r)[-4:]) for r, in site.store.rows(
            "SELECT m.recipient FROM message m JOIN segment g ON g.id = m.id + 1 WHERE g.flags & 2 <> 0")}
        self.assertEqual(twice - marked, set(), "sent twice and not marked")
        self.assertEqual([n for n, s in answers.items() if s not in (202, 503)], [])
        self.assertEqual([n for n, s in answers.items() if s == 503 and n in sent], [], "refused and sent")
        over, = site.store.database.rows("SELECT count(*) FROM message_over")[0]
        self.assertGreater(over, 0, "none of them went to its day")

    def state(self, site, n):
        reports = site.application.reports(f"t{n}")
        status, answer = site.byobox.get(f"/v1/messages?recipient=%2B{TO.format(n)[1:]}")
        rows = site.store.rows("SELECT g.* FROM segment g JOIN message m ON m.id + 1 = g.id WHERE m.recipient = ?", TO.format(n))
        rows += site.store.rows("SELECT id, named, box, length(frame) AS n FROM inward")
        rows += site.store.rows("SELECT reported, settled FROM message WHERE recipient = ?", TO.format(n))
        return f"it has {[r.type for r in reports]}, {rows}, byobox says {answer}, {site.byobox.get('/v1/status')[1]['inward']}"

    def through(self, site, begin, end):
        traffic = Traffic(site, 300)
        traffic.wait(202)
        begin()
        traffic.wait(503)
        self.assertEqual(site.byobox.get("/health", user=None)[0], 503)
        end()
        site.byobox.wait_healthy(60)
        traffic.wait(202)
        return traffic.stop()


class Gone(TrafficCase):
    """The database ends, its sessions end, the way to it is cut."""

    def test_killed_in_traffic_and_started_again(self):
        site = self.site_up()
        for _ in range(2):
            site.forget()
            self.check(site, self.through(site, self.server.kill, self.server.start))
        self.assertGreaterEqual(len(self.events(site, "store-trouble")), 1)
        self.assertGreaterEqual(len(self.events(site, "store-recovered")), 1)

    def test_it_is_away_for_a_while_and_everything_waits(self):
        """A MO, a receipt: neither is taken nor lost."""
        site = self.site_up()
        site.carrier.script = lambda s: NO_RECEIPT
        self.assertEqual(site.send(TO.format(1), "before", "before")[0], 202)
        submit = site.carrier.wait_submits(1)[0]
        site.application.wait_types("before", [8])
        self.server.kill()
        self.wait_refused(site)
        site.carrier.mo(smpp.Sm(source=MOBILE, destination=NUMBER[1:], source_ton=1, dest_ton=1,
                                short_message=b"held back"))
        site.carrier.receipt(submit)
        for n in range(3):
            self.assertEqual(site.send(TO.format(9001 + n), "meanwhile")[0], 503)
        health = site.byobox.get("/health", user=None)
        self.assertEqual(health[0], 503)
        self.assertIn("store", str(health[1]["reasons"]))
        self.assertEqual(site.application.messages(), [])
        self.server.start()
        site.byobox.wait_healthy(60)
        site.application.wait_messages(1)
        site.application.wait_types("before", [1], 60)
        self.assertEqual(len(site.byobox.get("/v1/messages?direction=outbound")[1]["items"]), 1)

    def test_who_waits_for_a_drain_waits_on(self):
        """A store that is away is told; it is no end of the waiting."""
        site = self.site_up()
        site.carrier.script = lambda s: NO_RECEIPT
        self.assertEqual(site.send(TO.format(1), "x")[0], 202)
        submit = site.carrier.wait_submits(1)[0]
        waiting = subprocess.Popen([program("byoctl"), "--config", site.byobox.conf, "drain", "--wait"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            while "left:" not in (line := waiting.stdout.readline()):
                self.assertTrue(line, "it ended")
            self.server.kill()
            self.assertIn("store", waiting.stderr.readline())
            self.server.start()
            wait_for(lambda: site.byobox.get("/v1/drain")[0] == 200, 60, "the store to be read again")
            site.carrier.receipt(submit)
            out, err = waiting.communicate(timeout=60)
            self.assertEqual((waiting.returncode, "Nothing is left." in out), (0, True), out + err)
        finally:
            waiting.kill()
            waiting.communicate()

    def test_byobox_starts_when_the_database_does(self):
        """Until then it ends with a sentence and the service manager starts it again; nothing of before is missing."""
        site = self.site_up()
        self.assertEqual(site.send(TO.format(1), "before", "before")[0], 202)
        site.application.wait_types("before", [1])
        site.byobox.stop()
        self.server.kill()
        site.byobox.start(ready=False)
        self.assertNotEqual(site.byobox.process.wait(60), 0)
        self.assertIn(site.store.name, self.said(site))
        self.server.start()
        site.byobox.start()
        self.assertEqual(len(site.byobox.get("/v1/messages?direction=outbound")[1]["items"]), 1)

    def test_cut_while_it_loads(self):
        """It does not start with half of what it needs to know: a number it had not read would be nobody's."""
        tap, site = self.tapped()
        for reads in (b"FROM number", b"FROM opt_out"):
            site.byobox.stop()
            cuts = tap.cuts
            tap.arm(AT, octets=reads)
            site.byobox.start(ready=False)
            self.assertEqual(site.byobox.process.wait(60), 1)
            self.assertEqual(tap.cuts, cuts + 1)
            self.assertIn("could not all be read", self.said(site))
            site.byobox.start()
            self.assertEqual(len(site.byobox.get("/v1/numbers")[1]["items"]), 1)
            site.byobox.log.write_text("")

    def test_an_administrator_ends_its_session(self):
        site = self.site_up()
        traffic = Traffic(site, 300)
        for _ in range(3):
            traffic.wait(202)
            self.end_sessions(site)
        site.byobox.wait_healthy(60)
        traffic.wait(202)
        self.check(site, traffic.stop())

    def test_a_database_that_went_back_is_loaded_anew(self):
        """As after a failover to a standby that lagged: what memory knows is of another time."""
        site = self.site_up()
        site.byobox.wait_healthy(60)
        # In one transaction: its next turn waits for the table, and goes with its session.
        site.store.change("BEGIN; LOCK TABLE turn; UPDATE turn SET turn = turn - 1; SELECT pg_terminate_backend(pid, 9000) FROM pg_stat_activity"
                          " WHERE application_name = 'byobox' AND datname = current_database(); COMMIT")
        self.assertEqual(site.byobox.process.wait(60), 1)
        self.assertIn("went back", self.said(site))
        site.byobox.start()
        site.byobox.wait_healthy(60)
        told = self.events(site, "store-outdated")
        self.assertEqual(len(told), 1)
        self.assertIn("went back", told[0]["text"])

    def test_cut_before_the_commit_arrived(self):
        """It was sent, so nobody here knows: the database is asked, and says no."""
        self.cut_commits(BEFORE)

    def test_cut_when_it_was_committed_and_the_answer_on_its_way(self):
        self.cut_commits(AFTER)

    def cut_commits(self, when):
        tap, site = self.tapped()
        traffic = Traffic(site, 300)
        for n in range(1, 6):
            traffic.wait(202, 3)
            tap.arm(when)
            wait_for(lambda n=n: tap.cuts == n, 30, "a COMMIT to be cut")
        traffic.wait(202)
        self.check(site, traffic.stop())

    def test_a_way_that_carries_nothing_any_more(self):
        """The connection stands and nothing comes: what waits is refused, others are served."""
        tap, site = self.tapped()
        answers = self.through(site, tap.stall, lambda: tap.stall(False))
        self.check(site, answers)

    def test_what_needs_no_row_is_answered_without_the_database(self):
        """The admin port has fewer workers than what is asked here at once; none may wait for a session."""
        tap, site = self.tapped()
        site.byobox.wait_healthy(60)
        tap.stall()
        wait_for(lambda: "connection is lost" in self.said(site), 60, "the session to be given up", [site.byobox.process])
        with ThreadPoolExecutor(12) as pool:
            events = [pool.submit(site.byobox.get, "/v1/events") for _ in range(6)]
            told = [pool.submit(site.byobox.get, "/v1/status") for _ in range(6)]
            self.assertEqual([f.result()[0] for f in events], [503] * 6)
            for status, answer in [f.result() for f in told]:
                self.assertEqual(status, 200)
                self.assertFalse(answer["store"]["writable"])
                self.assertTrue(answer["store"]["why"])
                self.assertIn("store", [p["entity"] for p in answer["problems"]])
        tap.stall(False)
        site.byobox.wait_healthy(60)
        self.assertEqual(site.byobox.get("/v1/events")[0], 200)

    def test_cut_again_and_again(self):
        tap, site = self.tapped()
        traffic = Traffic(site, 300)
        for _ in range(5):
            traffic.wait(202, 2)
            tap.cut()
        site.byobox.wait_healthy(60)
        traffic.wait(202)
        self.check(site, traffic.stop())


def postgres_text(value):
    return value.decode() if isinstance(value, bytes) else value


class Refuses(PgsqlCase):
    """The database is there and does not take what is written."""
    limit = 180

    def through_trouble(self, site, begin, end, says):
        site.carrier.script = lambda s: NO_RECEIPT
        self.assertEqual(site.send(TO.format(1), "before", "before")[0], 202)
        submit = site.carrier.wait_submits(1)[0]
        site.application.wait_types("before", [8])
        begin()
        self.wait_refused(site)
        wait_for(lambda: site.byobox.get("/health", user=None)[0] == 503, 20, "/health to say so")
        site.carrier.receipt(submit)
        self.assertEqual(site.send(TO.format(3), "meanwhile")[0], 503)
        wait_for(lambda: says in self.said(site), 20, lambda: f"{says} in {self.said(site)[-3000:]}")
        end()
        site.byobox.wait_healthy(60)
        site.application.wait_types("before", [1], 60)
        self.assertEqual(site.send(TO.format(2), "after", "after")[0], 202)
        site.application.wait_types("after", [8])
        self.assertEqual(site.store.rows("SELECT recipient FROM message WHERE recipient IN (?, ?)", TO.format(3),
                                         TO.format(9000)), [])

    def test_its_disk_is_full(self):
        """A tablespace on a file system of its own."""
        disk = Path(tempfile.mkdtemp(prefix="byo-pg-small-", dir="/tmp"))
        self.addCleanup(disk.rmdir)
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m,mode=777", "byobox-test",
                                                str(disk)], stderr=subprocess.DEVNULL).returncode != 0:
            raise unittest.SkipTest("needs the right to mount")
        self.addCleanup(subprocess.run, ["umount", "-l", str(disk)])
        space = disk / "space"
        space.mkdir(mode=0o777)
        space.chmod(0o777)
        shutil.chown(space, postgres.USER, postgres.USER)
        self.server.run(f"CREATE TABLESPACE small LOCATION '{space}'")
        store = PgsqlStore(self.server.port)
        self.server.run(f'CREATE DATABASE "{store.name}" OWNER byobox TABLESPACE small')
        store.made = True
        site = self.site_up(store=store)
        filler = disk / "filler"

        def fill():
            with open(filler, "wb", buffering=0) as f:
                with contextlib.suppress(OSError):
                    while True:
                        f.write(b"x" * 4096)

        def begin():
            fill()
            n = 0
            while site.send(TO.format(5000 + n), "x" * 1000)[0] == 202:
                n += 1
        self.through_trouble(site, begin, filler.unlink, "disk is full")

    def test_it_is_read_only(self):
        site = self.site_up()

        def read_only(on):
            self.server.run(f"ALTER DATABASE {site.store.name} SET default_transaction_read_only = {on}")
            self.end_sessions(site)
        self.through_trouble(site, lambda: read_only("on"), lambda: read_only("off"), "read-only")

    def test_the_role_loses_its_rights(self):
        site = self.site_up()
        self.through_trouble(site, lambda: site.store.change("ALTER TABLE message OWNER TO postgres"),
                             lambda: site.store.change("ALTER TABLE message OWNER TO byobox"), "permission denied")


class Held(PgsqlCase):
    def test_a_held_old_transaction_delays_nothing(self):
        """Of this database or another: dead rows cannot be removed meanwhile, but a STOP holds at once, the queue moves."""
        site = self.site_up()
        with postgres.Database(self.server.port, site.store.name).held_transaction(), \
                postgres.Database(self.server.port).held_transaction():
            for n in range(300):  # none of them to the one who says STOP
                self.assertEqual(site.send(TO.format(3000 + n), "x", f"h{n}")[0], 202)
            site.carrier.mo(smpp.Sm(source=MOBILE, destination=NUMBER[1:], source_ton=1, dest_ton=1,
                                    short_message=b"STOP"))
            wait_for(lambda: site.byobox.get("/v1/opt-outs")[1]["items"], 30, "the opt-out")
            self.assertEqual(site.send("+" + MOBILE, "x")[0], 403)
            for n in range(300):
                site.application.wait_types(f"h{n}", [1], 60)
            wait_for(lambda: site.byobox.get("/v1/status")[1]["integrations"][0]["queue"]["queued"] == 0, 30,
                     "the queue to be empty")


class AtStart(PgsqlCase):
    """byobox refuses a database it must not or cannot use, with a sentence."""
    durable = False

    def refused(self, site, *says):
        site.byobox.log.write_text("")
        site.byobox.start(ready=False)
        self.assertEqual(site.byobox.process.wait(60), 1)
        for words in says:
            self.assertIn(words, self.said(site))
        self.assertNotIn(site.store.connection["password"], self.said(site))

    def stopped(self):
        site = self.site_up(smsboxes=())
        site.byobox.stop()
        return site

    def test_wrong_password(self):
        site = self.stopped()
        site.store.connection["password"] = "not-the-password"
        self.refused(site, "password authentication failed")

    def test_no_such_database(self):
        site = self.stopped()
        site.store.connection["database"] = "nowhere"
        self.refused(site, "nowhere")

    def test_nobody_listens(self):
        site = self.stopped()
        site.store.connection["port"] = 1
        self.refused(site, "127.0.0.1")

    def judged(self, site):
        code, said = site.byobox.check()
        self.assertEqual(code, 0, said)
        self.assertIn(": good: ", said)
        self.assertNotIn(site.store.connection["password"], said)
        return said

    def test_byobox_t_needs_no_database(self):
        """It is tested before the database is there: a note, no more; and the test makes nothing in it."""
        site = self.stopped()
        self.assertNotIn("note:", self.judged(site))
        site.store.change("DROP SCHEMA byobox CASCADE")
        self.assertIn("note: the binds of other nodes are not known: store-id = ", self.judged(site))
        self.assertIn("there is no store yet", self.judged(site))
        self.assertEqual(site.store.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'byobox'"), 0)
        site.store.connection["port"] = 1
        self.assertIn("note: the binds of other nodes are not known", self.judged(site))

    def test_newer(self):
        site = self.stopped()
        version = site.store.value("SELECT n FROM version")
        site.store.change("UPDATE version SET n = 999")
        self.refused(site, "999")
        site.store.change(f"UPDATE version SET n = {version}")
        site.byobox.start(ready=False)
        site.byobox.wait_up()
        self.assertEqual(len(site.byobox.get("/v1/numbers")[1]["items"]), 1)

    def test_a_second_process_of_a_name_is_told_who_is_there(self):
        site, second = self.twins()
        second.start(ready=False)
        self.assertEqual(second.process.wait(60), 1)
        self.assertIn("first-node", second.log.read_text(errors="replace") + second.process.tail())
        self.assertTrue(site.byobox.process.alive)

    def twins(self):
        site = self.site_up(smsboxes=(), keys={"node-id": "first-node"})
        return site, type(site.byobox)(site.work, site.bearerbox, site.byobox.integrations, {"node-id": "first-node"},
                                       name="second", store=site.store)

    def test_a_byobox_that_stands_still_is_replaced_and_keeps_nothing_more(self):
        """Stopped, its session stands: the second of its name waits for a lease, and the first finds out as soon as it goes on."""
        site, second = self.twins()
        first = site.byobox.process
        first.signal(signal.SIGSTOP)
        try:
            second.start()
            self.addCleanup(second.process.stop)
            second.wait_healthy(60)
        finally:
            first.signal(signal.SIGCONT)
        self.assertEqual(first.wait(60), 1)
        self.assertIn("another byobox was active", self.said(site))
        self.assertTrue(second.process.alive)

    def test_a_role_without_rights_is_told_what_to_run(self):
        store = PgsqlStore(self.server.port)
        store.make()
        self.server.run(f"ALTER DATABASE {store.name} OWNER TO postgres")
        site = self.new_site(binds=1, smsboxes=(), store=store, numbers=())
        site.bearerbox.write()
        site.byobox.write()
        self.refused(site, "0001.sql")
        grants = ("GRANT USAGE ON SCHEMA byobox TO byobox;"
                  "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA byobox TO byobox")
        folder = Path(__file__).resolve().parents[2] / "plugin/store/schema/pgsql"
        first, *others = sorted(folder.glob("*.sql"))
        store.database.run("BEGIN;" + first.read_text() + "; COMMIT;" + grants)
        self.refused(site, "0002.sql")
        for schema in others:
            store.database.run("BEGIN;" + schema.read_text() + "; COMMIT;" + grants)
        site.byobox.render()
        site.start().wait_bound()

    def test_no_password_anywhere(self):
        site = self.site_up(smsboxes=())
        arguments = Path(f"/proc/{site.byobox.process.pid}/cmdline").read_bytes()
        self.assertNotIn(postgres.PASSWORD.encode(), arguments)
        for said in (self.said(site), str(site.byobox.get("/v1/status")), str(site.byobox.byoctl("status"))):
            self.assertNotIn(postgres.PASSWORD, said)
