#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""(night F9) The programs are position independent, their relocations read-only before main, their stacks guarded and not
executable, their copies checked. Read with readelf from the programs that were built (in the current folder).
Skipped (77) where configure was told not to harden, or sanitizers stand in its place."""

import os
import re
import shutil
import subprocess
import sys

SKIP = 77


def readelf(*arguments):
    return subprocess.run(["readelf", "-W", *arguments], check=True, capture_output=True, text=True).stdout


def missing(program):
    header, segments, dynamic, symbols = (readelf(option, program) for option in
                                          ("-h", "-l", "-d", "--dyn-syms"))
    if not re.search(r"^\s*Type:\s+DYN", header, re.M):
        yield "it is not position independent (PIE)"
    if "GNU_RELRO" not in segments:
        yield "no RELRO"
    if not re.search(r"BIND_NOW|FLAGS_1.*\bNOW\b", dynamic):
        yield "RELRO is not full (no BIND_NOW)"
    stack = re.search(r"^\s*GNU_STACK.*$", segments, re.M)
    if not stack or re.search(r"\bRWE\b", stack.group(0)):
        yield "the stack is executable"
    if "__stack_chk_fail" not in symbols:
        yield "no stack protector"
    if not re.search(r"__(memcpy|snprintf|vsnprintf|fprintf|printf|vfprintf)_chk", symbols):
        yield "no FORTIFY_SOURCE"


def main():
    if os.environ.get("HARDENED") == "no":
        print("built without hardening: not looked at")
        return SKIP
    if not shutil.which("readelf"):
        print("readelf is missing (package binutils)")
        return 1
    failed = 0
    for program in ("byobox", "byoctl"):
        for what in missing(program):
            print(f"{program}: {what}")
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
