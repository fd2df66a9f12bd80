#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes the table of the console's files (assets.h): make_assets.py OUT.c [FILE...]

index.html is served at /, the others at /assets/NAME. Each names its licence in a line SPDX-License-Identifier; a .json,
which cannot, is the project's own.
The same files make the same table, whenever and wherever it is made.
"""

import gzip
import hashlib
import os
import re
import sys

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
         ".md": "text/plain; charset=utf-8", ".json": "application/json"}
OURS = "BSD-3-Clause"  # of a .json, which has no place for such a line
LICENCE = re.compile(rb"SPDX-License-Identifier: ([A-Za-z0-9.-]+)")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


def literal(data):
    """A C string of these octets, lines of at most 64 of them."""
    out = []
    for at in range(0, len(data), 64):
        piece = "".join(chr(c) if 32 <= c < 127 and c not in b'"\\?' else f"\\{c:03o}" for c in data[at:at + 64])
        out.append(f'    "{piece}"')
    return "\n".join(out) or '    ""'


def entry(number, file):
    name = os.path.basename(file)
    kind = os.path.splitext(name)[1]
    if not NAME.fullmatch(name) or kind not in TYPES:
        sys.exit(f"make_assets.py: {file}: a name is small letters, digits, . _ -, and ends in {' '.join(TYPES)}")
    with open(file, "rb") as f:
        data = f.read()
    licence = LICENCE.search(data)
    if not licence and kind != ".json":
        sys.exit(f"make_assets.py: {file}: no line says SPDX-License-Identifier: and which")
    packed = gzip.compress(data, 9, mtime=0)
    path = "/" if name == "index.html" else f"/assets/{name}"
    tag = hashlib.sha256(data).hexdigest()[:24]
    return (f"static const char plain_{number}[] =\n{literal(data)};\n"
            f"static const char gzip_{number}[] =\n{literal(packed)};\n",
            f'    {{"{path}", "{TYPES[kind]}", "{licence.group(1).decode() if licence else OURS}", "{tag}",\n'
            f"     {{plain_{number}, {len(data)}}}, {{gzip_{number}, {len(packed)}}}}},\n")


def main():
    out, files = sys.argv[1], sys.argv[2:]
    entries = [entry(number, file) for number, file in enumerate(files)]
    text = "/* Made by make_assets.py; do not edit. */\n" '#include "console/assets.h"\n\n'
    text += "".join(octets for octets, _ in entries)
    text += "const ByoAsset byo_assets[] = {\n" + ("".join(row for _, row in entries) or "    {0}\n") + "};\n"
    text += f"const size_t byo_assets_n = {len(entries)};\n"
    with open(out + ".tmp", "w", encoding="ascii") as f:
        f.write(text)
    os.replace(out + ".tmp", out)


if __name__ == "__main__":
    main()
