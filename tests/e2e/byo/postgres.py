# SPDX-License-Identifier: BSD-3-Clause
"""A PostgreSQL of a test's own, in a folder of the user postgres, reached over the loopback and by a socket in the
folder. Works with every server Debian has had since 11. Never as root: PostgreSQL refuses to run so.

`postgres` is its superuser and comes in without a password. `byobox` may connect and own databases, no more, and needs
PASSWORD: a test that could do without would not see what an operator sees.
"""

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from .process import Process, free_port, wait_for

USER = "postgres"
ROLE, PASSWORD = "byobox", "pg-secret"
HBA = f"""local all all trust
host all {ROLE} 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
host replication {USER} 127.0.0.1/32 trust
"""


def folder():
    """Where the newest installed server's programs are; None: there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    return found[-1].parent if found else None


def literal(value):
    """A value as SQL writes it."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    if isinstance(value, int):
        return str(int(value))
    return "'" + str(value).replace("'", "''") + "'"


class Database:
    """What psql says of one database, as its superuser."""

    def __init__(self, port, name="postgres"):
        self.port, self.name = port, name

    def argv(self):
        """Tables are found without their schema."""
        return ["env", "PGOPTIONS=-c search_path=byobox,public", str(folder() / "psql"), "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-qAtX",
                "-v", "ON_ERROR_STOP=1", self.name]

    def run(self, sql, check=True):
        """Unaligned, without a frame."""
        done = subprocess.run(self.argv(), input=sql, capture_output=True, text=True)
        if check and done.returncode:
            raise AssertionError(f"{sql[:500]}: {done.stderr}")
        return done.stdout.strip()

    @contextlib.contextmanager
    def held_transaction(self):
        """One with a snapshot and a number of its own, open until the end of the block."""
        with subprocess.Popen(self.argv(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as psql:
            try:
                psql.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT txid_current() > 0;\n")
                psql.stdin.flush()
                if psql.stdout.readline() != "t\n":
                    raise AssertionError(f"no transaction in {self.name}")
                yield
            finally:
                psql.stdin.close()

    def rows(self, query):
        """As tuples of numbers, texts and octets."""
        said = self.run(f"SELECT row_to_json(q) FROM ({query}) q")
        return [json.loads(line, object_pairs_hook=lambda pairs: tuple(_value(v) for _, v in pairs))
                for line in said.splitlines()]


def _value(v):
    return bytes.fromhex(v[2:]) if isinstance(v, str) and v.startswith("\\x") else v


class Postgres:
    """durable=False: what is committed may be lost with the machine, which no test here takes down."""

    def __init__(self, work, durable=True, settings=(), name="postgres"):
        self.bin, self.port = folder(), free_port()
        self.place = Path(tempfile.mkdtemp(prefix="byo-pg-", dir="/tmp"))  # a socket's path may have 107 octets
        self.data = self.place / "data"
        self.give(self.place)
        options = ["listen_addresses=127.0.0.1", f"unix_socket_directories={self.place}", "shared_buffers=32MB",
                   "max_connections=200", *([] if durable else ["fsync=off"]), *settings]
        argv = self.as_user(self.bin / "postgres", "-D", self.data, "-p", self.port)
        for option in options:
            argv += ["-c", option]
        self.process = Process(name, argv, work, cwd=self.place)
        self.database = Database(self.port)
        self.run, self.rows = self.database.run, self.database.rows

    @staticmethod
    def give(path):
        """The file or folder is its user's."""
        if os.getuid() == 0:
            shutil.chown(path, USER, pwd.getpwnam(USER).pw_gid)

    @staticmethod
    def as_user(*argv):
        """It ends with whoever started it, however that ends."""
        user = [f"--reuid={USER}", f"--regid={USER}", "--init-groups"] if os.getuid() == 0 else []
        return ["setpriv", *user, "--pdeathsig", "INT", *(str(a) for a in argv)]

    def start(self):
        if not self.data.exists():
            subprocess.run(self.as_user(self.bin / "initdb", "-D", self.data, "-U", USER, "-A", "trust", "-E", "UTF8",
                                         "--locale=C.UTF-8", "--no-sync"),
                           check=True, capture_output=True, cwd=self.place)
            (self.data / "pg_hba.conf").write_text(HBA)
        self.process.start()
        wait_for(lambda: self.run("SELECT 1", check=False) == "1", 60, "PostgreSQL to answer", [self.process])
        self.run(f"""DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
                     CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'; END IF; END $$""")
        return self

    def copy_from(self, other, port=None):
        """Becomes a standby of the other one, which runs and is followed through that port; to be started then."""
        shutil.rmtree(self.data, ignore_errors=True)
        subprocess.run(self.as_user(self.bin / "pg_basebackup", "-h", "127.0.0.1", "-p", port or other.port, "-U", USER, "-D",
                                     self.data, "-R", "-c", "fast", "--no-sync"), check=True, capture_output=True,
                       cwd=self.place, timeout=120)
        return self

    def wait_synchronous(self, timeout=60):
        """What is committed here is at a standby, too."""
        self.run("ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf()")
        wait_for(lambda: "sync" in self.run("SELECT sync_state FROM pg_stat_replication", check=False).split(), timeout,
                 "a synchronous standby")
        return self

    def conninfo(self, name="postgres"):
        """For libpq, as the superuser."""
        return f"host=127.0.0.1 port={self.port} user={USER} dbname={name}"

    def create(self, name):
        """A database that belongs to byobox."""
        create_database(self.port, name)

    def kill(self):
        """Immediately, as the machine's end would: no session is told, nothing is written down at leisure."""
        self.process.signal(signal.SIGQUIT)
        self.process.wait(30)

    def stop(self):
        self.process.signal(signal.SIGINT)  # SIGTERM waits for sessions to end by themselves
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.place, ignore_errors=True)


def create_database(port, name):
    """Owned by byobox, in the cluster at the port."""
    Database(port).run(f'CREATE DATABASE "{name}" OWNER {ROLE}')
