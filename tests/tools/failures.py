#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What failed, said once more where it is read: at the end of a log, of which often only the last 12 kB are kept.

failures.py part FILE PART LOG         adds to FILE what failed by the log of a part: tests of automake (whose own logs
                                       are read), of tests/e2e/run.py, of tests/browser; the part itself, if the log
                                       names none
failures.py step FILE PART STEP LOG    adds a step that failed
failures.py tell FILE                  prints all that was kept, none of it at the expense of another
"""

import json
import re
import sys
from pathlib import Path

LINES = 40         # of a message, its last ones
WIDTH = 400        # of a line
NAMES = 40         # in the list of names
BYTES = 11_000     # of everything told
LEAST = 240        # bytes of a message, else it is left out

FOLDER = re.compile(r"make(?:\[\d+\])?: Entering directory '(.*)'")
AUTOMAKE = re.compile(r"(?:FAIL|ERROR|XPASS): (\S+)$")
E2E = re.compile(r"failed +\d+\.\d\d s  (\S.*)$")
BROWSER = re.compile(r"FAILED  (\S.*)$")
BROWSER_ENDS = re.compile(r"(?:ok  |FAILED) |\d+ passed, \d+ failed$")


def last_lines(text):
    return "\n".join(line[:WIDTH] for line in text.rstrip().splitlines()[-LINES:])


def log_of(test, folder):
    path = Path(folder, re.sub(r"\.py$", "", test) + ".log")
    return path.read_text(errors="replace") if path.is_file() else f"no {path}"


def found(lines):
    """{test: message} of the log of a part, in its order."""
    tests, folder, at = {}, ".", 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if m := FOLDER.match(line):
            folder = m[1]
        elif m := AUTOMAKE.match(line):
            tests[m[1]] = log_of(m[1], folder)
        elif m := E2E.match(line) or BROWSER.match(line):
            begun = at
            while at < len(lines) and (lines[at].startswith("    ") if m.re is E2E else not BROWSER_ENDS.match(lines[at])):
                at += 1
            tests[m[1]] = "\n".join(one.removeprefix("    ") for one in lines[begun:at])
    return tests


def keep(file, part, tests):
    with open(file, "a", encoding="utf-8") as out:
        for test, message in tests.items():
            out.write(json.dumps({"test": test, "part": part, "message": last_lines(message)}) + "\n")


def cut(message, room):
    """The end of a message, whole lines, in at most so many bytes as it is shown."""
    taken = []
    for line in reversed(message.splitlines()):
        room -= len(line.encode()) + 5
        if room < 0:
            break
        taken.append("    " + line)
    return "\n".join(reversed(taken))


def told(failures):
    """The text for [{test, part, message}]: the messages, then all names."""
    if not failures:
        return ""
    heads = [f"FAILED: {one['test']} ({one['part']})"[:WIDTH] for one in failures]
    names = heads[:NAMES]
    if len(heads) > NAMES:
        names.append(f"and {len(heads) - NAMES} more")
    room = BYTES - sum(len(name.encode()) + 1 for name in names)
    shown, left = {}, len(failures)
    # The short ones first: what they leave is for the long ones.
    for at in sorted(range(len(failures)), key=lambda at: len(failures[at]["message"])):
        share = room // left - len(heads[at].encode()) - 1
        left -= 1
        if share >= LEAST:
            shown[at] = heads[at] + "\n" + cut(failures[at]["message"], share)
            room -= len(shown[at].encode()) + 1
    blocks = [shown[at] for at in sorted(shown)]
    if len(failures) > 1 or not blocks:
        blocks += names
    return "\n".join(blocks)


def tell(failures):
    text = told(failures)
    if text:
        print(f"\n{text}\n")


def main():
    match sys.argv[1:]:
        case ["part", file, part, log]:
            text = Path(log).read_text(errors="replace")
            keep(file, part, found(text.splitlines()) or {"whole": text})
        case ["step", file, part, step, log]:
            keep(file, part, {step: Path(log).read_text(errors="replace")})
        case ["tell", file]:
            if Path(file).exists():
                tell([json.loads(line) for line in Path(file).read_text().splitlines()])
        case _:
            print(__doc__.strip(), file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
