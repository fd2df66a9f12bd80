#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Each fact has one place: what the lists of the source say stands in the documentation as it is there, and in no
second place of the source."""

import os
import re
import sys
from pathlib import Path

TOP = Path(os.environ.get("srcdir") or (sys.argv[1] if len(sys.argv) > 1 else "."))
failed = 0


def read(name):
    return (TOP / name).read_text(encoding="utf-8")


def wrong(text):
    global failed
    print(text)
    failed = 1


def entries(name, macro):
    """The arguments of each X(...) of an X-macro list: texts without their quotes."""
    body = re.search(rf"#define {macro}\(X\)(.*?[^\\])\n", read(name), re.S).group(1)
    body = re.sub(r"/\*.*?\*/", "", body).replace("\\\n", " ")
    found = []
    for args in re.findall(r"\bX\(((?:[^()\"]|\"(?:[^\"\\]|\\.)*\"|\([^()]*\))*)\)", body):
        parts = re.findall(r"(?:\"(?:[^\"\\]|\\.)*\"|\([^()]*\)|[^,\"()])+", args)
        found.append([" ".join(re.findall(r'"((?:[^"\\]|\\.)*)"', p)) if '"' in p else p.strip() for p in parts])
    if not found:
        wrong(f"{name}: no entry of {macro}: has its form changed?")
    return found


def same(what, where, said, listed):
    for name in sorted(set(listed) - set(said)):
        wrong(f"{where}: {what} {name} is missing")
    for name in sorted(set(said) - set(listed)):
        wrong(f"{where}: {what} {name} is none of the source's list")


def permissions():
    granted = [e[1] for e in entries("plugin/base/permissions.h", "BYO_PERMISSIONS")]
    built_in = [e[1] for e in entries("plugin/base/permissions.h", "BYO_BUILT_IN_PERMISSIONS")]
    guide = re.search(r"^\| permissions \| of: (.*), or all \|$", read("docs/user-guide.md"), re.M)
    same("permission", "docs/user-guide.md", guide.group(1).split(), granted)
    page = re.search(r"^\.B permissions\nOf (.*); or all\.", read("docs/man/byobox.conf.5"), re.M | re.S).group(1)
    names = re.sub(r"\([^)]*\)", "", page).replace("\\-", "-").replace("\n", " ").split(",")
    same("permission", "docs/man/byobox.conf.5", [n.strip() for n in names], granted)
    for name in set(re.findall(r"x-permission: (\S+)", read("docs/openapi.yaml"))) - set(granted + built_in + ["open"]):
        wrong(f"docs/openapi.yaml: x-permission {name} is none of plugin/base/permissions.h")


def main():
    permissions()
    return failed


if __name__ == "__main__":
    sys.exit(main())
