# SPDX-License-Identifier: BSD-3-Clause
"""The store of a byobox as tests look into it: a SQLite file or a PostgreSQL database, asked in one way.

SQL is written so that both take it, with ? for a value. Texts strangers wrote are octets in PostgreSQL: text() reads
them of either. BYO_E2E_STORE says which store every installation has, unless a test needs one of its own kind;
BYO_E2E_PGSQL is the port of the cluster that run.py or whoever else started.
"""

import contextlib
import copy
import itertools
import os
import re
import sqlite3
import subprocess
from pathlib import Path

from . import conf, postgres

_numbers = itertools.count(1)


def text(value):
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


class Unreadable(Exception):
    """The store could not be read."""


class SqliteStore:
    kind = "sqlite"
    FRAMES = "message_frame"  # where a message's frame lies, by its id

    def __init__(self, path):
        self.path = path

    def keys(self):
        return {"store": "sqlite", "store-path": self.path}

    def groups(self):
        return ""

    def rows(self, sql, *values):
        """All of them, by a connection that cannot write."""
        try:
            with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=20)) as db:
                return db.execute(sql, values).fetchall()
        except sqlite3.Error as e:
            raise Unreadable(str(e)) from e

    def value(self, sql, *values):
        return self.rows(sql, *values)[0][0]

    def change(self, sql, *values):
        with contextlib.closing(sqlite3.connect(self.path, timeout=20)) as db, db:
            db.execute(sql, values)

    def octets(self):
        """All that lies on the disk."""
        folder, name = os.path.split(self.path)
        return b"".join(p.read_bytes() for p in Path(folder).glob(name + "*"))

    @contextlib.contextmanager
    def held(self):
        """Whoever writes waits until this ends."""
        with contextlib.closing(sqlite3.connect(self.path, isolation_level=None, timeout=20)) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                db.execute("ROLLBACK")


class PgsqlStore:
    """A database of its own, made when its configuration is asked for."""
    kind = "pgsql"
    FRAMES = "message"

    def __init__(self, cluster, **connection):
        """cluster: its port; connection: other keys of the group than the cluster's own."""
        self.port, self.made = cluster, False
        self.name = f"byo_{os.getpid()}_{next(_numbers)}"
        self.database = postgres.Database(cluster, self.name)
        self.connection = {"id": "db", "host": "127.0.0.1", "port": cluster, "username": postgres.ROLE,
                           "password": postgres.PASSWORD, "database": self.name, **connection}

    def keys(self):
        return {"store": "pgsql", "store-id": self.connection["id"]}

    def make(self):
        if not self.made:
            postgres.create_database(self.port, self.name)
            self.made = True

    def groups(self):
        self.make()
        return conf.group("pgsql-connection", self.connection)

    def through(self, **connection):
        """The same database on another way."""
        store = copy.copy(self)
        store.connection = {**self.connection, **connection}
        return store

    def at(self, cluster):
        """Asked at another cluster from now on: this one is gone."""
        self.port, self.database = cluster, postgres.Database(cluster, self.name)

    @staticmethod
    def _filled(sql, values):
        values = iter(values)
        return "".join(postgres.literal(next(values)) if c == "?" else c for c in sql)

    def rows(self, sql, *values):
        """Of messages and segments all, also those that are over, which lie apart."""
        sql = re.sub(r"\b(FROM|JOIN) (message|segment)\b", r"\1 \2_any", sql)
        try:
            return self.database.rows(self._filled(sql, values))
        except AssertionError as e:
            raise Unreadable(str(e)) from e

    def value(self, sql, *values):
        return self.rows(sql, *values)[0][0]

    def change(self, sql, *values):
        self.database.run(self._filled(sql, values))

    def octets(self):
        """All that a backup has; on the disk rows that went are there until the next vacuum."""
        done = subprocess.run([postgres.folder() / "pg_dump", "-h", "127.0.0.1", "-p", str(self.port), "-U",
                               postgres.USER, "--data-only", self.name], capture_output=True, check=True,
                              env=dict(os.environ, PGOPTIONS="-c bytea_output=escape"))
        return done.stdout

    def held(self):
        return self._locked("message, segment IN ACCESS EXCLUSIVE MODE")

    def early_held(self):
        """Whoever adds a receipt that waits for its answer waits until this ends."""
        return self._locked("early_receipt IN EXCLUSIVE MODE")

    @contextlib.contextmanager
    def _locked(self, tables):
        with subprocess.Popen(self.database.argv(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as psql:
            psql.stdin.write(f"BEGIN; LOCK TABLE {tables}; SELECT 'held';\n")
            psql.stdin.flush()
            if psql.stdout.readline() != "held\n":
                raise AssertionError("the tables could not be locked")
            try:
                yield
            finally:
                psql.stdin.close()  # its transaction ends with it


def kind():
    return os.environ.get("BYO_E2E_STORE", "sqlite")


def store_for(work, name):
    """What a byobox of this name below work keeps its rows in."""
    if kind() == "pgsql":
        return PgsqlStore(int(os.environ["BYO_E2E_PGSQL"]))
    return SqliteStore(work / f"{name}.db")
