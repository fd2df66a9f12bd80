#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every file git tracks is in the release: check_dist.py (the Makefile in the working directory).

What `make dist` packs is read from the Makefile. Without git, as in a release, there is nothing to hold it against.
"""

import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
# Of the repository alone.
EXCEPT = {".gitignore", ".git-blame-ignore-revs"}


def packed():
    """The files, folders resolved; paths from the top."""
    rule = b"byo-print-dist: ; @printf 'packed %s\\n' $(DISTFILES)\n"
    make = subprocess.run(["make", "-s", "--no-print-directory", "-f", "Makefile", "-f", "-", "byo-print-dist"],
                          input=rule, stdout=subprocess.PIPE, check=True,
                          env={k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")})
    found = set()
    for line in make.stdout.decode().splitlines():
        mark, _, name = line.partition(" ")
        if mark != "packed":  # make tells what it makes anew
            continue
        path = Path(os.path.normpath(TOP / name))
        files = [f for f in path.rglob("*") if f.is_file()] if path.is_dir() else [path]
        found |= {os.path.relpath(f, TOP) for f in files}
    return found


def tracked():
    """None: no git, or this is not a repository of ours."""
    # check builds in a copy below the repository; the repository may be another user's.
    def git(*arguments):
        try:
            return subprocess.run(["git", "-c", "safe.directory=*", *arguments], cwd=TOP, check=True,
                                  capture_output=True).stdout.decode()
        except (OSError, subprocess.CalledProcessError):
            return None
    root = git("rev-parse", "--show-toplevel")
    if root is None or not (Path(root.strip()) / "plugin" / "main.c").is_file():
        return None
    return set(filter(None, (git("-C", root.strip(), "ls-files", "-z") or "").split("\0")))


def main():
    ours = tracked()
    if ours is None:
        print("not tried: this is no repository")
        return 77
    there = {name for name in ours if os.path.lexists(TOP / name)}  # one just deleted is no fault
    missing = sorted(there - packed() - EXCEPT)
    for name in missing:
        print(f"{name} is not in the release: add it to EXTRA_DIST or the sources of its room's local.mk")
    print(f"{len(there)} files, {len(missing)} missing")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
