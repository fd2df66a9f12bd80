#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Puts playwright-core and axe-core (exact versions and checksums: package-lock.json) into a folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
if [ -d "$1/node_modules/playwright-core" ] && cmp -s "$here/package-lock.json" "$1/package-lock.json"; then
    echo "already there: $1/node_modules/playwright-core"
    exit 0
fi
cp "$here/package.json" "$here/package-lock.json" "$1/"
cd "$1"
npm ci --no-audit --no-fund --ignore-scripts --fetch-retries 1 --fetch-timeout 30000
