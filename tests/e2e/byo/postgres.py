# SPDX-License-Identifier: BSD-3-Clause
"""A PostgreSQL of a test's own, in a folder of the user postgres, reached over the loopback."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from .process import Process, free_port, wait_for

USER = "postgres"


def folder():
    """Where the newest installed server's programs are; None: there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    return found[-1].parent if found else None


class Postgres:
    """Trusts everybody on the loopback. Not as root: PostgreSQL refuses to run so."""

    def __init__(self, work):
        self.bin, self.port = folder(), free_port()
        self.place = Path(tempfile.mkdtemp(prefix="byo-pg-"))
        self.data = self.place / "data"
        if os.getuid() == 0:
            os.chown(self.place, pwd.getpwnam(USER).pw_uid, pwd.getpwnam(USER).pw_gid)
        self.process = Process("postgres", self._as_user(
            self.bin / "postgres", "-D", self.data, "-p", self.port, "-c", "listen_addresses=127.0.0.1",
            "-c", f"unix_socket_directories={self.place}", "-c", "fsync=off"), work, cwd=self.place)

    @staticmethod
    def _as_user(*argv):
        return (["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"] if os.getuid() == 0 else []) \
            + [str(a) for a in argv]

    def start(self):
        subprocess.run(self._as_user(self.bin / "initdb", "-D", self.data, "-U", USER, "-A", "trust", "--no-sync"),
                       check=True, capture_output=True, cwd=self.place)
        self.process.start()
        wait_for(lambda: self.run("SELECT 1", check=False) == "1", 30, "PostgreSQL to answer", [self.process])
        return self

    def run(self, sql, check=True):
        """What psql says of it, unaligned, without a frame."""
        done = subprocess.run([str(self.bin / "psql"), "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-qAt",
                               "-v", "ON_ERROR_STOP=1", "-c", sql, "postgres"], capture_output=True, text=True)
        if check and done.returncode:
            raise AssertionError(f"{sql}: {done.stderr}")
        return done.stdout.strip()

    def stop(self):
        self.process.stop()
        shutil.rmtree(self.place, ignore_errors=True)
