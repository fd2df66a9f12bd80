#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Builds the patched Kannel with each allocator of patches/build.sh and looks at what is linked: allocators.py [TARBALL]

Two builds of some minutes each, so it is no part of the check. Exit code 0 when all is as it was asked for.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from byo.byobox import TOP
from byo.patched import allocators

WANTED = {"jemalloc": ["jemalloc"], "libc": []}


def main():
    tarball = ["--tarball", Path(sys.argv[1]).resolve()] if len(sys.argv) > 1 else []
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="byo-allocators-") as work:
        for allocator, wanted in WANTED.items():
            subprocess.run([TOP / "patches/build.sh", "--prefix", f"{work}/prefix", "--cache", f"{work}/cache",
                            "--allocator", allocator, *tarball], check=True)
            for name in ("bearerbox", "smsbox"):
                found = allocators(f"{work}/prefix/sbin/{name}")
                print(f"--allocator {allocator}: {name} is linked to {' '.join(found) or 'no other than that of libc'}")
                wrong += found != wanted
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
