#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Holds plugin/ and tests/ against .clang-format, by version 14 (Debian 12's): other versions write other things."""

import glob
import os
import shutil
import subprocess
import sys

SKIPPED = 77  # automake's
ENFORCED = True  # True: a file that is not as .clang-format says fails the check


def program():
    """clang-format of version 14, or None."""
    for name in ('clang-format-14', 'clang-format'):
        if shutil.which(name) and ' 14.' in subprocess.run([name, '--version'], text=True, stdout=subprocess.PIPE).stdout:
            return name
    return None


def differs(name, *arguments, text=None):
    return subprocess.run([name, '--dry-run', '--Werror', *arguments], input=text, text=True, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode != 0


def main():
    name = program()
    if not name:
        print('clang-format 14 is not here: not tried')
        return SKIPPED
    top = os.environ.get('srcdir', '.')
    style = f'--style=file:{top}/.clang-format'
    if not differs(name, style, '--assume-filename=x.c', text='int  f( void ){return 1;}\n'):
        sys.exit('check_format.py: a planted violation was not seen')
    files = sorted(path for room in ('plugin', 'tests') for end in ('c', 'h', 'cc')
                   for path in glob.glob(f'{top}/{room}/**/*.{end}', recursive=True)
                   if not os.path.basename(path).startswith(('assets_table', 'default_advanced', 'schema_text')))
    wrong = [path for path in files if differs(name, style, path)] if differs(name, style, *files) else []
    for path in wrong:
        print(f'{path}: not as .clang-format says: clang-format-14 -i {path}')
    print(f'{len(files)} files, {len(wrong)} to be formatted' + ('' if ENFORCED else '; not enforced yet'))
    return 1 if wrong and ENFORCED else 0


if __name__ == '__main__':
    sys.exit(main())
