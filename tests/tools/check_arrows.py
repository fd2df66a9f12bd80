#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Holds every #include of plugin/ against the table of rooms in docs/architecture.md: nothing points up.

Runs itself on planted violations first: a gate that cannot fail is none."""

import os
import re
import sys

PURE = ('encoding', 'integration', 'tracking', 'compliance')

# room -> rooms whose headers it may include, beside its own; only rooms above it in this table, so nothing points up.
# 'store/store.h': that header alone.
ARROWS = {
    'base': (),
    'encoding': ('base',),
    'integration': ('base', 'encoding'),
    'tracking': ('base',),
    'compliance': ('base', 'encoding'),
    'store': ('base', 'tracking', 'store/sqlite/sqlite.h'),
    'store/sqlite': ('base', 'tracking', 'store'),
    'flow': ('base',) + PURE + ('store/store.h',),
    'link': ('base',),
    'console': ('base',),
    'admin': ('base', 'console') + PURE + ('store/store.h',),
    'config': ('base',) + PURE,
    'byoctl': ('base', 'admin', 'config', 'store/copy.h', 'store/store.h') + PURE,
    'box': ('base',) + PURE + ('store', 'flow', 'link', 'admin', 'config'),
    '': ('base', 'byoctl', 'box'),  # main.c and its like
}

# What a pure room must not know: sockets, threads, clocks, SQL, files, the log.
OUTSIDE = {'time.h', 'sys/time.h', 'pthread.h', 'sqlite3.h', 'sys/socket.h', 'netinet/in.h', 'unistd.h', 'fcntl.h',
           'sys/stat.h', 'dirent.h', 'signal.h', 'event2/event.h', 'base/log.h', 'base/thread.h', 'gwlib/gwlib.h',
           'gw/msg.h'}
OUTSIDE_WORDS = re.compile(r'\b(?:FILE\s*\*|fopen\s*\(|byo_now\s*\(|byo_monotonic\s*\(|clock_gettime\s*\()')

# By nature: a key file is opened where what is sealed with it is known (docs/architecture.md); a constant table
# is made once, by whoever asks first.
EXCEPTIONS = {'integration/credentials.c': {'fcntl.h', 'sys/stat.h', 'unistd.h'}, 'encoding/charset.c': {'pthread.h'},
              'compliance/loose.c': {'pthread.h'}}

# Only here: Kannel's message structure, JSON's library, the database.
ONLY = {'gw/msg-decl.h': ('link',), 'gw/msg.h': ('link',), 'jansson.h': ('base',), 'sqlite3.h': ('store/sqlite',),
        'curl/curl.h': ('admin', 'base')}

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]', re.M)
ROOMS = set(room for room in ARROWS if room)


def room_of(path):
    folder = os.path.dirname(path)
    while folder and folder not in ROOMS:
        folder = os.path.dirname(folder)
    return folder


def without_comments(text):
    text = re.sub(r'/\*.*?\*/', lambda m: '\n' * m.group().count('\n'), text, flags=re.S)
    return re.sub(r'//[^\n]*', '', text)


def faults_of(path, text):
    """path below plugin/; text of the file. Yields sentences."""
    room = room_of(path)
    text = without_comments(text)
    allowed = ARROWS[room]
    exceptions = EXCEPTIONS.get(path, set())
    for match in INCLUDE.finditer(text):
        name = match.group(1)
        line = text.count('\n', 0, match.start(1)) + 1
        target = room_of(name)
        if target and target != room and target not in allowed and name not in allowed:
            yield f'plugin/{path}:{line}: room {room or "(top)"} must not include {name}'
        if room in PURE and name in OUTSIDE and name not in exceptions:
            yield f'plugin/{path}:{line}: a pure room must not include {name}'
        if name in ONLY and room not in ONLY[name]:
            yield f'plugin/{path}:{line}: {name} belongs to room {" and ".join(ONLY[name])}'
    if room in PURE and not exceptions:
        for match in OUTSIDE_WORDS.finditer(text):
            line = text.count('\n', 0, match.start()) + 1
            yield f'plugin/{path}:{line}: a pure room must not use {match.group().strip()}'


PLANTED = (
    ('base/x.c', '#include "store/store.h"\n'),
    ('encoding/x.c', '#include "integration/integration.h"\n'),
    ('integration/x.c', '#include "tracking/segment.h"\n'),
    ('tracking/x.c', '#include "encoding/encode.h"\n'),
    ('compliance/x.c', '  #  include <time.h>\n'),
    ('compliance/x.c', 'static FILE *log;\n'),
    ('tracking/x.c', 'ByoTime t = byo_now();\n'),
    ('encoding/x.c', '#include "base/log.h"\n'),
    ('store/x.c', '#include "flow/flow.h"\n'),
    ('store/x.c', '#include "store/sqlite/sqlite_private.h"\n'),
    ('store/x.c', '#include <sqlite3.h>\n'),
    ('box/x.c', '#include "store/sqlite/sqlite_private.h"\n'),
    ('flow/x.c', '#include "store/sqlite/sqlite_private.h"\n'),
    ('flow/x.c', '#include "link/link.h"\n'),
    ('flow/x.c', '#include "gw/msg.h"\n'),
    ('link/x.c', '#include "flow/flow.h"\n'),
    ('admin/x.c', '#include "config/config.h"\n'),
    ('admin/x.c', '#include <sqlite3.h>\n'),
    ('config/x.c', '#include "admin/webhook.h"\n'),
    ('config/x.c', '#include "box/box.h"\n'),
    ('byoctl/x.c', '#include "flow/flow.h"\n'),
    ('byoctl/x.c', '#include "box/box.h"\n'),
)
SOUND = (
    ('flow/x.c', '#include "store/store.h"\n#include "flow/pace.h"\n#include "tracking/segment.h"\n'),
    ('flow/x.c', '/* #include "link/link.h" */ // #include "box/box.h"\n'),
    ('box/x.c', '#include "link/link.h"\n#include <pthread.h>\n'),
    ('store/sqlite/x.c', '#include <sqlite3.h>\n#include "store/store.h"\n'),
    ('tracking/x.c', '#include <stdio.h>\nsnprintf(buf, 3, "x");\n'),
    ('byoctl/x.c', '#include "config/config.h"\n#include "admin/api.h"\n'),
)


def test_itself():
    floors = list(ARROWS)
    for room, allowed in ARROWS.items():
        for name in allowed:  # between a room and the room inside it an arrow may point either way
            if name.split('/')[0] != room.split('/')[0] and floors.index(room_of(name) or name) >= floors.index(room):
                sys.exit(f'check_arrows.py: the arrow {room or "(top)"} -> {name} points up')
    for path, text in PLANTED:
        if not list(faults_of(path, text)):
            sys.exit(f'check_arrows.py: a planted violation was not seen: {path}: {text}')
    for path, text in SOUND:
        for fault in faults_of(path, text):
            sys.exit(f'check_arrows.py: {fault}: but it is allowed')


def main():
    test_itself()
    top = os.path.join(os.environ.get('srcdir', '.'), 'plugin')
    faults, files = [], 0
    for folder, _, names in os.walk(top):
        for name in sorted(names):
            if not name.endswith(('.c', '.h', '.cc')):
                continue
            path = os.path.join(folder, name)
            with open(path, encoding='utf-8') as file:
                faults += faults_of(os.path.relpath(path, top), file.read())
            files += 1
    if files < 50:
        sys.exit(f'check_arrows.py: only {files} files in {top}: is srcdir right?')
    print('\n'.join(faults) or f'{files} files, every arrow allowed')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
