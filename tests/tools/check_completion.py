#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The bash completion offers what byoctl's own help names: check_completion.py (byoctl in the working directory)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

COMPLETION = Path(__file__).resolve().parents[2] / "debian" / "completions" / "byoctl"
# What is typed, words that must be offered, words that must not.
ROWS = (
    (["byoctl", ""], {"status", "integration", "number", "messages", "kannel", "events", "help"}, {"import", "apply"}),
    (["byoctl", "kannel", ""], {"check", "diff", "apply", "revert"}, {"status"}),
    (["byoctl", "--config", "x.conf", "number", ""], {"import", "import-csv", "list", "delete"}, {"status", "N"}),
    (["byoctl", "mess"], {"message", "messages"}, {"status"}),
    (["byoctl", "messages", "--"], {"--recipient", "--limit", "--json"}, {"--"}),
    (["byoctl", "kannel", "check", "debian/ch"], {"debian/changelog"}, {"check"}),
)


def offered(words):
    script = f'''. "{COMPLETION}"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _byoctl; printf '%s\\n' "${{COMPREPLY[@]}}"'''
    done = subprocess.run(["bash", "-c", script, "bash", *words], stdout=subprocess.PIPE, text=True, check=True,
                          cwd=COMPLETION.parents[2], env={**os.environ, "PATH": f"{os.getcwd()}:{os.environ['PATH']}"})
    return set(done.stdout.split())


def main():
    if not shutil.which("bash"):
        return 77
    bad = 0
    for words, wanted, unwanted in ROWS:
        got = offered(words)
        if not wanted <= got or got & unwanted:
            print(f"{words}: offers {sorted(got)}, lacks {sorted(wanted - got)}, has {sorted(got & unwanted)}")
            bad += 1
    print(f"{len(ROWS)} completions, {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
