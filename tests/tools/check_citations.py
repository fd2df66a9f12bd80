#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Holds every citation of a rule in plugin/ and tests/ against docs/requirements.md and docs/protocol-notes.md.

A citation is the kind and its rows in brackets: one kind or several parted by semicolons, rows parted by commas, or a
range. A row that no table has, a row named without its kind, and what points out of the repository are faults. The
names of tests carry ids, too; those are checked where they are written into docs/reliability.md.

Runs itself on planted violations first: a gate that cannot fail is none."""

import os
import re
import sys

SHAPES = {'spec': 'PJDNKLA', 'field': 'CS', 'night': 'FN', 'host': 'H', 'promise': ''}
KINDS = '|'.join(SHAPES)
ROW = r'(?:[A-Z]\d{1,2}|\d)'
ROWS = rf'{ROW}(?:(?:, ?|-| and ){ROW})*'
# What looks like a citation, wherever it stands and however it is written.
LIKE = re.compile(rf'\b(?i:({KINDS}))s?,? ((?:[A-Z]\d{{1,2}}\b)(?:(?:, ?|-| and )[A-Z]\d{{1,2}}\b)*|\d\b(?:(?:, ?|-)\d\b)*)')
# The same without its kind, alone in brackets or in front of what a comment says.
BARE = re.compile(r'\(([PJDNKLA]\d{1,2}|C\d\d|S\d{1,2}|F\d{1,2})(?:(?:, ?|-| and )[A-Z]\d{1,2})*[,);]'
                  r'|(?:/\*|"""|# )\s*([PJDNKLASF]\d{1,2}|C\d\d)(?:(?:, ?|-| and )[A-Z]\d{1,2})*:')
OUTSIDE = (re.compile(r'kannel-host|\bspec/|(?<![\w-])design\.md|\bissue #?\d', re.I),
           re.compile(r'\b(?:design|spec),? (?:section )?\d|\bspec(?:\'s)? section', re.I))
SECTION = re.compile(r'\bsection \d', re.I)
STANDARDS = re.compile(r'SMPP|\bTS 2\d\.\d|3GPP|RFC|SQLite', re.I)
FILES = ('.c', '.h', '.cc', '.py', '.pl', '.sh', '.mk', '.tsv', '.sql')


def rows_of(text):
    """'K1-K3, N3' -> ['K1', 'K2', 'K3', 'N3']"""
    found = []
    for part in re.split(r', ?| and ', text):
        first, _, last = part.partition('-')
        letter = first.rstrip('0123456789')
        numbers = range(int(first[len(letter):]), int((last or first)[len(letter):]) + 1)
        width = len(first) - len(letter)
        found += [first] if len(numbers) < 2 else [f'{letter}{n:0{width}d}' for n in numbers]
    return found


def read_tables(top):
    """{'spec': {'P1', ...}, ...} of the two documents."""
    tables, kind = {kind: set() for kind in SHAPES}, None
    for name in ('docs/requirements.md', 'docs/protocol-notes.md'):
        with open(os.path.join(top, name), encoding='utf-8') as file:
            for line in file:
                if line.startswith('## '):
                    word = re.match(r'## (\w+)', line).group(1).lower()
                    kind = 'host' if line.startswith('## Facts of the host') else word
                row = re.match(r'\| ([A-Z]?\d{1,2}) \|', line)
                if row and kind in tables:
                    if row.group(1) in tables[kind]:
                        sys.exit(f'check_citations.py: {name}: {kind} {row.group(1)} stands there twice')
                    tables[kind].add(row.group(1))
    return tables


def flat(text):
    """Comments on one line, so that a citation may wrap; positions keep their line."""
    return re.sub(r'\n[ \t]*(?:\*(?!/)|#|--|//)?[ \t]*', lambda m: '\n' + ' ' * (len(m.group()) - 1), text)


def comments(path, text):
    """The text with everything blanked that is not a comment or docstring."""
    if path.endswith(('.c', '.h', '.cc')):
        inside = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|(/\*.*?\*/|//[^\n]*)', re.S)
    elif path.endswith('.py'):
        inside = re.compile(r'("""(?!\\).*?""")|\'(?:\\.|[^\'\\\n])*\'|"(?:\\.|[^"\\\n])*"|(#[^\n]*)', re.S)
    else:
        return text
    kept, end = [], 0
    blank = lambda part: re.sub(r'[^\n]', ' ', part)
    for match in inside.finditer(text):
        kept.append(blank(text[end:match.start()]))
        kept.append(match.group() if any(match.groups()) else blank(match.group()))
        end = match.end()
    return ''.join(kept) + blank(text[end:])


def faults_of(path, text, tables):
    said = flat(comments(path, text))
    line_of = lambda at: said.count('\n', 0, at) + 1
    one = said.replace('\n', ' ')
    spaced = re.compile(r' +')
    # runs of blanks count as one, but positions must keep: so the expressions see ' +'
    bracketed = set()
    for group in re.finditer(r'\(([^()]*)\)', one):
        for part in re.finditer(r'[^;]+', group.group(1)):
            words = spaced.sub(' ', part.group()).strip()
            if re.fullmatch(rf'(?:{KINDS}) {ROWS}', words):
                kind, rows = words.split(' ', 1)
                bracketed.add((group.start(1) + part.start(), group.start(1) + part.end()))
                for row in rows_of(rows):
                    if row not in tables[kind]:
                        yield f'{path}:{line_of(group.start())}: no table has {kind} {row}'
    for match in re.finditer(LIKE.pattern.replace(' ', ' +'), one):
        kind, letter = match.group(1).lower(), match.group(2)[0]
        shaped = letter in SHAPES[kind] if SHAPES[kind] else letter.isdigit()
        if shaped and not any(a <= match.start() < b for a, b in bracketed):
            yield (f'{path}:{line_of(match.start())}: "{spaced.sub(" ", match.group())}": '
                   'a citation is written (kind row, row; kind row)')
    for match in BARE.finditer(one):
        yield f'{path}:{line_of(match.start())}: "{match.group()}": of which kind? (spec K5), (field C01), (night N1)'
    for expression in OUTSIDE:
        for match in re.finditer(expression.pattern.replace(' ', ' +'), one, re.I):
            yield f'{path}:{line_of(match.start())}: "{match.group()}" stands outside of the repository'
    for match in SECTION.finditer(one):
        if not STANDARDS.search(one[max(0, match.start() - 60):match.start()]):
            yield f'{path}:{line_of(match.start())}: "{match.group()}" of what?'


PLANTED = (('x.c', '/* As it must be (spec K99). */'), ('x.c', '/* (spec K1-K99) */'), ('x.c', '/* Spec K5: so. */'),
           ('x.py', '"""Of it (field C99)."""'), ('x.py', '# night N1 says so\n'), ('x.c', '/* (promise 9) */'),
           ('x.c', '/* it waits (host H99)\n * so */'), ('x.c', '/* (K5) */'), ('x.py', '"""D4: again."""'),
           ('x.c', '// kannel-host 5\n'), ('x.c', '/* (design 3) */'), ('x.c', '/* spec section 7 */'),
           ('x.c', '/* see section 7 */'), ('x.c', '/* as design.md says */'), ('x.tsv', '# rows (spec N99)\n'), ('x.c', '/* (spec K5;\n * promise 9) */'))
SOUND = (('x.c', '/* As it must be (spec K4, K5; promise 3). */'), ('x.c', '/* (spec K1-K3,\n * N3) */'),
         ('x.c', '/* SMPP 3.4 section 5.2.28 */'), ('x.c', 'f("(K99)"); /* 0xF4-F7 */ g(host, 13001);'),
         ('x.py', 'def test_c01_it(self): f("spec K99")\n'), ('x.c', '/* on a host 2 km away */'),
         ('x.c', '/* GSM_0338 (TS 23.038) (A) */'), ('x.c', '/* a node (docs/nodes-design.md) */'))


def test_itself(tables):
    for path, text in PLANTED:
        if not list(faults_of(path, text, tables)):
            sys.exit(f'check_citations.py: a planted violation was not seen: {path}: {text}')
    for path, text in SOUND:
        for fault in faults_of(path, text, tables):
            sys.exit(f'check_citations.py: {fault}: but it is allowed')


def main():
    top = os.environ.get('srcdir', '.')
    tables = read_tables(top)
    for kind, rows in tables.items():
        if len(rows) < 5:
            sys.exit(f'check_citations.py: only {len(rows)} rows of {kind}: is srcdir right?')
    test_itself(tables)
    faults, files = [], 0
    for room in ('plugin', 'tests'):
        for folder, folders, names in os.walk(os.path.join(top, room)):
            folders[:] = [f for f in folders if f not in ('seeds', 'node_modules', '.deps', '__pycache__')]
            for name in sorted(names):
                if not name.endswith(FILES) or name == os.path.basename(__file__):
                    continue
                path = os.path.join(folder, name)
                with open(path, encoding='utf-8') as file:
                    faults += faults_of(os.path.relpath(path, top), file.read(), tables)
                files += 1
    if files < 100:
        sys.exit(f'check_citations.py: only {files} files in {top}: is srcdir right?')
    print('\n'.join(faults) or f'{files} files, every citation stands in its table')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
