# SPDX-License-Identifier: BSD-3-Clause
"""The way to the database: TLS by sslmode, poolers, what is said of a way that is wrong; and no password in it."""

import shutil

from byo import postgres
from byo.ca import TestCA
from byo.process import Process, free_port, listening, wait_for
from test_pgsql import PgsqlCase


class WayCase(PgsqlCase):
    durable = False

    def stopped(self):
        """One that has its tables."""
        site = self.site_up(smsboxes=())
        site.byobox.stop()
        return site

    def refused(self, site, words, **connection):
        site.byobox.log.write_text("")
        site.store.connection.update(connection)
        site.byobox.start(ready=False)
        self.assertEqual(site.byobox.process.wait(60), 1)
        self.assertIn(words, self.said(site))
        self.assertNotIn(postgres.PASSWORD, self.said(site))


class Encrypted(WayCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("right", "wrong"):
            (cls.work / name).mkdir()
        cls.right, cls.wrong = (TestCA(cls.work / name, name) for name in ("right", "wrong"))
        for path, name in zip(cls.right.server("localhost", address="192.0.2.1"), ("server.crt", "server.key")):
            shutil.copyfile(path, cls.server.data / name)
            cls.server.give(cls.server.data / name)
            (cls.server.data / name).chmod(0o600)
        cls.server.run("ALTER SYSTEM SET ssl = on")
        cls.server.run("SELECT pg_reload_conf()")
        wait_for(lambda: cls.server.run("SHOW ssl") == "on", 10, "TLS")

    def site_of(self, ca):
        site = self.stopped()
        site.byobox.process.env["PGSSLROOTCERT"] = str(ca.certificate) if ca else str(self.work / "none.pem")
        return site

    def test_verify_full_is_served(self):
        site = self.site_of(self.right)
        site.store.connection.update(host="localhost", sslmode="verify-full")
        site.byobox.start()
        used = self.server.rows("SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)"
                                f" WHERE a.datname = '{site.store.name}' AND a.application_name = 'byobox'")
        self.assertEqual(set(used), {(True,)})

    def test_of_another_authority_is_refused(self):
        site = self.site_of(self.wrong)
        self.refused(site, "certificate verify failed", host="localhost", sslmode="verify-full")
        self.refused(site, "certificate verify failed", sslmode="verify-ca")

    def test_of_another_name_is_refused(self):
        site = self.site_of(self.right)
        self.refused(site, "does not match host name", host="127.0.0.1", sslmode="verify-full")
        site.store.connection.update(sslmode="verify-ca")
        site.byobox.start()

    def test_without_the_authoritys_certificate(self):
        self.refused(self.site_of(None), "none.pem", host="localhost", sslmode="verify-full")

    def test_an_sslmode_that_is_none_is_a_fault_of_the_file(self):
        site = self.stopped()
        site.store.connection["sslmode"] = "verify"
        code, said = site.byobox.check()
        self.assertEqual(code, 1)
        self.assertIn("must be disable, allow, prefer, require, verify-ca or verify-full", said)
        self.assertNotIn(postgres.PASSWORD, said)

    def test_a_host_nobody_knows(self):
        """The file is good; the start says what is wrong."""
        site = self.stopped()
        site.store.connection["host"] = "no-such-host.invalid"
        code, said = site.byobox.check()
        self.assertEqual(code, 0, said)
        self.assertNotIn(postgres.PASSWORD, said)
        self.refused(site, "no-such-host.invalid")


class Pooled(WayCase):
    def pooler(self, mode):
        port, folder = free_port(), self.server.place
        users, conf = folder / "users", folder / f"{mode}.ini"
        users.write_text(f'"{postgres.ROLE}" "{postgres.PASSWORD}"\n')
        conf.write_text(f"[databases]\n* = host=127.0.0.1 port={self.server.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
                        f"listen_port = {port}\nunix_socket_dir =\nauth_type = plain\nauth_file = {users}\npool_mode = {mode}\n")
        for path in (users, conf):
            path.chmod(0o600)
            self.server.give(path)
        pooler = Process(f"pgbouncer-{mode}", self.server.as_user(shutil.which("pgbouncer", path="/usr/sbin"), conf), self.work,
                         cwd=folder).start()
        self.addCleanup(pooler.kill)
        wait_for(lambda: listening(port), 20, "the pooler", [pooler])
        return port

    def test_a_pooler_is_refused(self):
        """Of transactions and of statements: the locks by which nodes know each other would be anybody's."""
        site = self.stopped()
        for mode in ("transaction", "statement"):
            self.refused(site, "a pooler stands between", port=self.pooler(mode), sslmode="disable")
        site.store.connection["port"] = self.server.port
        site.byobox.start()
