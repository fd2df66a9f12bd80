# SPDX-License-Identifier: BSD-3-Clause
"""patches/build.sh: the allocator it links, and what it refuses. What takes a build each stands in allocators.py."""

import subprocess
import unittest
from pathlib import Path

from byo.byobox import TOP
from byo.case import Case
from byo.kannel import program
from byo.patched import allocators

HEADER = Path("/usr/include/jemalloc/jemalloc.h")


class Allocator(Case):
    kannel = ("patched",)

    def build(self, *options, before=()):
        """(exit code, what it said as an error). A build it began would stand in a folder of this test's."""
        place = self.work / self.ref
        done = subprocess.run([*before, TOP / "patches/build.sh", "--prefix", place / "prefix", "--cache", place / "cache",
                               "--tarball", "/dev/null", *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.assertFalse(place.exists())
        return done.returncode, done.stderr

    def test_by_default_it_is_jemalloc_where_that_is_installed(self):
        for name in ("bearerbox", "smsbox"):
            self.assertEqual(allocators(program(name)), ["jemalloc"] if HEADER.exists() else [])

    def test_one_that_is_none(self):
        self.assertEqual(self.build("--allocator", "tcmalloc"),
                         (2, "patches/build.sh: --allocator tcmalloc: there are jemalloc and libc\n"))
        self.assertEqual(self.build("--jobs", "many"), (2, "patches/build.sh: --jobs many: a number from 1\n"))
        code, said = self.build("--allocator")
        self.assertEqual((code, said.splitlines()[0]), (2, "  patches/build.sh [--prefix DIR] [--deb DIR] [--jobs N] "
                                                           "[--cache DIR] [--tarball FILE]"))

    def test_jemalloc_where_it_is_not_installed(self):
        hidden = ["unshare", "--mount", "sh", "-c", f'mount -t tmpfs none {HEADER.parent} && exec "$@"', "sh"] * HEADER.exists()
        if hidden and subprocess.run([*hidden, "true"], stderr=subprocess.DEVNULL).returncode:
            raise unittest.SkipTest("needs the right to mount")
        self.assertEqual(self.build("--allocator", "jemalloc", before=hidden),
                         (1, "patches/build.sh: --allocator jemalloc needs libjemalloc-dev\n"))
