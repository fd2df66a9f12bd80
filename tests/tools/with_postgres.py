#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""with_postgres.py COMMAND...: runs a command beside a PostgreSQL of its own in a temporary folder, which ends with it.

The command finds BYO_TEST_PGSQL, a conninfo of the cluster's superuser for libpq, and BYO_TEST_STORE=pgsql. Exit code:
the command's; 77 (skipped, says automake) when no server is installed. What it wrote is not kept safe from a crash of
the machine (fsync off): nobody reads it again. It counts what statements read (pg_stat_statements, of Debian's package).
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from byo.postgres import Postgres, folder  # noqa: E402


def main():
    if not folder():
        print("no PostgreSQL server is installed here")
        return 77
    with tempfile.TemporaryDirectory(prefix="byo-pg-log-") as logs:
        server = Postgres(logs, durable=False, settings=["shared_preload_libraries=pg_stat_statements"])
        try:
            server.start()
            return subprocess.run(sys.argv[1:], env=dict(os.environ, BYO_TEST_STORE="pgsql",
                                                         BYO_TEST_PGSQL=server.conninfo())).returncode
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
