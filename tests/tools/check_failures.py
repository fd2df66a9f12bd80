#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The end of a log says what failed: each kind of test is found in the log of its part, and all of it fits."""

import sys
import tempfile
from pathlib import Path

import failures

E2E = """passed      0.31 s  test_a.A.test_one
failed      7.52 s  test_a.A.test_two
    Traceback (most recent call last):
    ~
    AssertionError: '12 passed, 1 failed' != 'x'
skipped     0.00 s  test_a.A.test_three
    not here

FAILED: test_a.A.test_two (7.52 s)
    AssertionError: '12 passed, 1 failed' != 'x'
1 passed, 1 failed""".replace("~", "")

BROWSER = """ok      a screen (0.3 s)
FAILED  another screen
    Error: expect
Call log:
  - waiting
ok      a third (1.0 s)
2 passed, 1 failed"""

AUTOMAKE = """make: Entering directory '{}'
PASS: tests/unit/test_b
FAIL: tests/unit/test_c
ERROR: tests/tools/check_d.py
# FAIL:  1
See ./tests/unit/test-suite.log"""


def whole(found):
    return {test: message.rstrip() for test, message in found.items()}


def check_found():
    assert whole(failures.found(E2E.splitlines())) == {"test_a.A.test_two": "Traceback (most recent call last):\n\n"
                                                       "AssertionError: '12 passed, 1 failed' != 'x'"}
    assert whole(failures.found(BROWSER.splitlines())) == {
        "another screen": "Error: expect\nCall log:\n  - waiting"}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("unit", "tools"):
            Path(folder, "tests", name).mkdir(parents=True)
        Path(folder, "tests/unit/test_c.log").write_text("test_c.c:1: no\n")
        found = failures.found(AUTOMAKE.format(folder).splitlines())
        assert found == {"tests/unit/test_c": "test_c.c:1: no\n",
                         "tests/tools/check_d.py": f"no {folder}/tests/tools/check_d.log"}, found


def check_told():
    def many(count, message):
        return failures.told([{"test": f"test_{n}", "part": "a part", "message": message} for n in range(count)])

    assert failures.told([]) == ""
    assert many(1, "one\ntwo") == "FAILED: test_0 (a part)\n    one\n    two"
    assert many(1, "") == "FAILED: test_0 (a part)\n"
    for count in (1, 2, 7, 30, 45, 1000):
        for message in ("short", "\n".join(failures.last_lines("x" * 2000 + "\nä\n" * 99).splitlines()) + "\nthe end"):
            text = many(count, message)
            assert len(text.encode()) <= failures.BYTES, (count, len(text.encode()))
            assert "test_0" in text and (count == 1 or f"FAILED: test_{min(count, 40) - 1} " in text), count
            assert count > 30 or text.count(message.splitlines()[-1]) == count, (count, text)
    # A long message leaves a short one whole.
    both = failures.told([{"test": "a", "part": "p", "message": "\n".join(["l" * 390] * 40)},
                          {"test": "b", "part": "p", "message": "first\n" + "second\n" * 20 + "last"}])
    assert "    first\n" in both and "    last\n" in both and both.count("l" * 390) > 20, both


def main():
    check_found()
    check_told()
    return 0


if __name__ == "__main__":
    sys.exit(main())
