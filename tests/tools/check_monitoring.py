#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""docs/monitoring: the generated files are what generate.py makes and name metrics that exist; promtool takes the rules
and their tests pass, each alert fired once and kept quiet once. Without promtool that half is left out (77)."""

import os
import shutil
import subprocess
import sys
import tempfile

FOLDER = os.path.join(os.environ.get('srcdir', '.'), 'docs', 'monitoring')


def generate(*arguments):
    return subprocess.run([sys.executable, os.path.join(FOLDER, 'generate.py'), *arguments], capture_output=True, text=True)


def planted():
    """A file that was edited by hand must be seen."""
    with tempfile.TemporaryDirectory() as work:
        copy = os.path.join(work, 'monitoring')
        shutil.copytree(FOLDER, copy)
        shutil.copy(os.path.join(FOLDER, '..', 'metrics.md'), work)
        os.chmod(os.path.join(copy, 'byobox.rules.yml'), 0o644)
        with open(os.path.join(copy, 'byobox.rules.yml'), 'a', encoding='utf-8') as file:
            file.write('\n')
        return generate('--check', copy).returncode == 1


def main():
    done = generate('--check', FOLDER)
    print(done.stdout + done.stderr, end='')
    if done.returncode:
        return 1
    if not planted():
        print('check_monitoring.py: an edited file was not seen')
        return 1
    if not shutil.which('promtool'):
        print('promtool is not here: the rules were not tried')
        return 77
    for what, name in ((('check', 'rules'), 'byobox.rules.yml'), (('test', 'rules'), 'byobox.rules.test.yml')):
        done = subprocess.run(['promtool', *what, name], cwd=FOLDER, capture_output=True, text=True)
        print(done.stdout + done.stderr, end='')
        if done.returncode:
            return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
