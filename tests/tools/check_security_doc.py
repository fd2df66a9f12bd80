#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every test docs/security.md names exists: `test_file.Class.test_name` below tests/e2e, `test_file:name` a
START_TEST of tests/unit or tests/store, `tests/...` a file. A line of a table that claims something names at least
one."""

import os
import re
import sys
from pathlib import Path

TOP = Path(os.environ.get("srcdir") or (sys.argv[1] if len(sys.argv) > 1 else "."))
DOC = TOP / "docs/security.md"


def e2e(name):
    module, cls, test = name.split(".")
    path = TOP / f"tests/e2e/{module}.py"
    if not path.exists():
        return False
    text = path.read_text(encoding="utf-8")
    part = re.search(rf"^class {cls}\b.*?(?=^class |\Z)", text, re.M | re.S)
    return bool(part) and f"def {test}(" in part.group(0)


def unit(name):
    program, test = name.split(":")
    for folder in ("unit", "store"):
        path = TOP / f"tests/{folder}/{program}.c"
        if path.exists():
            return f"START_TEST({test})" in path.read_text(encoding="utf-8")
    return False


def main():
    failed = named = 0
    lines = DOC.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        names = re.findall(r"`(test_\w+\.\w+\.test_\w+|test_\w+:\w+|tests/[\w./-]+)`", line)
        for name in names:
            named += 1
            exists = ((TOP / name).exists() if name.startswith("tests/")
                      else unit(name) if ":" in name else e2e(name))
            if not exists:
                print(f"docs/security.md:{number}: there is no test {name}")
                failed = 1
        heading = number < len(lines) and lines[number].startswith("|---")
        claims = line.startswith("| ") and not heading
        if claims and not names and "(by design)" not in line:
            print(f"docs/security.md:{number}: no test shows this")
            failed = 1
    if named < 10:
        print("docs/security.md names hardly any test: has its form changed?")
        failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
