#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# From a fresh clone to something that runs:
#
#   ./bootstrap.sh [build]                 installs what is missing, builds ./byobox and ./byoctl
#   ./bootstrap.sh demo [--keep]           builds, then shows messages travelling to a simulated carrier
#   ./bootstrap.sh demo --nodes 2          the same with byoboxes that share a PostgreSQL, one of them killed in the middle
#   ./bootstrap.sh check [--stock-only]    builds with sanitizers and runs every test
#   ./bootstrap.sh check-pgsql             builds, then runs the whole end-to-end suite with the store in PostgreSQL
#   ./bootstrap.sh deb                     builds the Debian packages byobox and byobox-bearerbox into build-deb/
#   ./bootstrap.sh packages                only says which packages are missing
#   ./bootstrap.sh sources FOLDER          copies what is there without anything a build made of it
#
# Packages come from Debian's package manager (root or sudo). Elsewhere the list is printed.
set -eu

top=$(cd "$(dirname "$0")" && pwd)
cd "$top"
logs=$top/.cache/log
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
# Most of an end-to-end test is waiting for others.
e2e_jobs=$((jobs * 2))

# package, command that proves it is there (or - to ask dpkg), why
build_packages='
build-essential      -           the C and C++ compilers and make
autoconf             autoreconf  makes the configure script
automake             automake    makes the makefiles
pkg-config           -           finds the libraries
kannel               -           bearerbox and smsbox, the programs byobox stands between
kannel-dev           -           Kannel'\''s box protocol, linked into byobox
libjansson-dev       -           JSON
libsqlite3-dev       -           the message store
libpq-dev            -           the message store in a PostgreSQL
libssl-dev           -           sealed credentials
libxml2-dev          -           reads the status page of bearerbox
libpcre2-dev         -           keyword patterns
libevent-dev         -           the HTTP server of the admin API
libsystemd-dev       -           telling the service manager that byobox serves
libcurl4-openssl-dev -           posts events to a URL
libunistring-dev     -           letter case of all scripts
libphonenumber-dev   -           which numbers are possible
libprotobuf-dev      -           libphonenumber is built on it
check                -           unit tests
python3              python3     makes the table of files of the console; the demo and the end-to-end tests
'
demo_packages='
curl                 curl        the command line the demo hands you
'
nodes_packages='
postgresql           -           the store several nodes share
'
check_packages='
clang                clang       the second compiler, and fuzzing
clang-format         clang-format  holds the layout of the code
clang-tidy           clang-tidy  looks for faults in the code
openssl              openssl     test certificates
binutils             readelf     looks at how the programs were built
perl                 perl        an independent source for the character tables
libnet-smpp-perl     -           a SMPP peer not written here
bison                bison       compiles the patched Kannel
patch                patch       applies the patches to Kannel
libjemalloc-dev      -           the allocator of the patched Kannel
nodejs               node        runs another SMPP peer not written here
npm                  npm         fetches that peer, and what drives the browser
chromium             chromium    the browser the console is tried in
fonts-dejavu-core    -           letters for it
debootstrap          debootstrap minimal systems for the tests of the installation
iproute2             -           the loopback of tests in a network of their own
postgresql           -           the store pgsql, and the DLR storage pgsql of the patched bearerbox
libpq-dev            -           the same, as bearerbox links it
pgbouncer            pgbouncer   a pooler, which must be refused
prometheus           promtool    tries the rules of docs/monitoring (its service is held)
gcovr                gcovr       counts lines for "make coverage"
logrotate            /usr/sbin/logrotate  tries the snippet of the user guide
'

deb_packages='
dpkg-dev             dpkg-buildpackage  builds Debian packages
fakeroot             fakeroot    files of root without being it
'

say() { printf '%s\n' "$*"; }

# Prints the packages of a table that are missing, one "package why" a line.
missing_of() {
    printf '%s\n' "$1" | while read -r package proof why; do
        [ -n "$package" ] || continue
        if [ "$proof" != - ]; then
            command -v "$proof" >/dev/null 2>&1 && continue
        elif [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ]; then
            continue
        fi
        printf '%s %s\n' "$package" "$why"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        say "This needs root: $*" >&2
        return 1
    fi
}

# Debian starts a daemon as soon as its package is installed. Kannel is wanted as programs only, so
# nothing of it is started on this machine. Nor is PostgreSQL's cluster made that would start with the machine: tests
# make their own.
no_cluster=/etc/postgresql-common/createcluster.d/byobox-tests.conf

hold_services() {
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        as_root mkdir -p "${no_cluster%/*}"
        printf 'create_main_cluster = false\n' | as_root tee "$no_cluster" >/dev/null
    fi
    [ -e /usr/sbin/policy-rc.d ] && return 0
    printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
    as_root chmod 755 /usr/sbin/policy-rc.d
    held=yes
}

release_services() {
    [ ! -e "$no_cluster" ] || as_root rm -f "$no_cluster"
    [ "${held:-no}" = yes ] && as_root rm -f /usr/sbin/policy-rc.d
    held=no
}

install_packages() {
    missing=$(missing_of "$1")
    [ -n "$missing" ] || return 0
    say "Missing packages:"
    printf '%s\n' "$missing" | while read -r package why; do printf '  %-20s %s\n' "$package" "$why"; done
    [ "${2:-}" = list ] && return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        say "This system has no apt-get. Install the equivalents of the above, then run this again." >&2
        exit 1
    fi
    names=$(printf '%s\n' "$missing" | cut -d' ' -f1 | tr '\n' ' ')
    held=no
    trap release_services EXIT
    hold_services
    step "apt-get update" as_root apt-get -q update
    # shellcheck disable=SC2086 # a list of names
    step "apt-get install" as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y --no-install-recommends install $names
    release_services
    trap - EXIT
}

# step WHAT COMMAND...: runs it with its output in a log; shows the log's end when it fails.
step() {
    what=$1
    shift
    mkdir -p "$logs"
    log=$logs/$(printf '%s' "$what" | tr -c 'A-Za-z0-9.\n' '-').log
    begun=$(date +%s)
    printf '%-44s' "$what ..."
    if "$@" >"$log" 2>&1; then
        printf ' done (%s s)\n' $(($(date +%s) - begun))
    else
        code=$?
        printf ' FAILED (%s)\n' "$code"
        tail -n 60 "$log" | sed 's/^/    /'
        say "whole output: $log"
        [ "${needed:-no}" = no ] || failure step build "$what" "$log"
        return "$code"
    fi
}

build() {
    install_packages "$build_packages"
    if [ ! -x configure ] || [ configure.ac -nt configure ] || [ Makefile.am -nt Makefile.in ]; then
        step "autoreconf" autoreconf -i
    fi
    if [ ! -f config.status ] || [ configure -nt config.status ]; then
        step "configure" ./configure
    fi
    step "make" make -j"$jobs"
    say "Built: ./byobox ./byoctl"
}

# The names of the sources as they are now, without anything a build made of them. Nothing: they are not known.
sources() {
    # A clone may be another user's.
    if [ -e .git ] && command -v git >/dev/null 2>&1; then
        git -c safe.directory='*' ls-files -z -co --exclude-standard
    elif [ -f Makefile ]; then # a release that was built here: what make would pack again
        # shellcheck disable=SC2016 # for make
        printf '%s\n' 'byo-sources: ; @printf "source %s\n" $(DISTFILES)' |
            make -s --no-print-directory -f Makefile -f - byo-sources | sed -n 's/^source //p' | tr '\n' '\0'
    else # nothing was built
        find . \( -name 'build-*' -o -name .cache \) -prune -o -type f -print0
    fi
}

# A copy, because a configured source tree cannot be configured a second time from outside.
copy_sources() {
    mkdir -p "$1"
    sources | tar --null --ignore-failed-read -T - -cf - | tar -xf - -C "$1"
    [ -f "$1/configure.ac" ]
}

# build_in FOLDER NAME CONFIGURE-ARGUMENT...
build_in() {
    folder=$1
    name=$2
    shift 2
    step "$name: copy the sources" copy_sources "$folder" || return 1
    (
        cd "$folder" || exit 1
        if [ ! -x configure ] || [ configure.ac -nt configure ] || [ Makefile.am -nt Makefile.in ]; then
            step "$name: autoreconf" autoreconf -i || exit 1
        fi
        if [ ! -f config.status ] || [ configure -nt config.status ]; then
            step "$name: configure" ./configure "$@" || exit 1
        fi
        step "$name: make" make -j"$jobs"
    )
}

passed=0
failed=0
missed=
what_failed=$logs/failed

# What failed is said again at the end: failure part NAME LOG, failure step PART NAME LOG.
failure() {
    kind=$1
    shift
    python3 "$top/tests/tools/failures.py" "$kind" "$what_failed" "$@" || :
}

# Adds the totals of a test log: automake's "# PASS:" lines, or the runner's last line.
count() {
    read -r p f < <(awk '
        /^# PASS:/ { p += $3 }
        /^# (FAIL|ERROR|XPASS):/ { f += $3 }
        /^[0-9]+ passed, [0-9]+ failed$/ { p += $1; f += $3 }
        END { print p + 0, f + 0 }' "$1")
    passed=$((passed + p))
    failed=$((failed + f))
    counted=$f
}

# tests NAME COMMAND...: runs tests in the open and adds up what they say.
tests() {
    name=$1
    shift
    say "== $name"
    mkdir -p "$logs"
    log=$logs/$(printf '%s' "$name" | tr -c 'A-Za-z0-9.\n' '-').log
    rm -f "$log.failed"
    begun=$(date +%s)
    { "$@" 2>&1 || touch "$log.failed"; } | tee "$log"
    say "== $name: $(($(date +%s) - begun)) s"
    count "$log"
    if [ -e "$log.failed" ] || [ "$counted" != 0 ]; then
        failure part "$name" "$log"
    fi
    # A run that failed without counting a failure (it crashed, it was killed) is one.
    if [ -e "$log.failed" ] && [ "$counted" = 0 ]; then
        failed=$((failed + 1))
        say "FAILED: $name"
    fi
    rm -f "$log.failed"
}

# A build that fails ends the check, which then says so in its closing line.
must() {
    needed=yes
    if ! "$@"; then
        closing 1
    fi
    needed=no
}

# What could not be tried is said at the end, where it is read.
left_out() {
    missed="$missed
not tried: $1"
}

closing() {
    failed=$((failed + $1))
    python3 tests/tools/failures.py tell "$what_failed" || :
    [ -z "$missed" ] || say "$missed"
    say "$passed passed, $failed failed"
    [ "$failed" = 0 ] && exit 0
    exit 1
}

check_patched() {
    step "patched Kannel" patches/build.sh --prefix "$top/.cache/kannel-patched" && code=0 || code=$?
    if [ $code = 3 ]; then # this machine's mirrors have no source packages
        left_out "the tests on a patched Kannel: its source could not be fetched"
        return 0
    fi
    if [ $code != 0 ]; then
        failure step build "$what" "$log"
        closing 1
    fi
    tests "end to end, patched Kannel" env BYO_BUILD_DIR="$top/build-check" \
        BYO_KANNEL_PREFIX="$top/.cache/kannel-patched" BYO_BEARERBOX_FEATURES=all \
        python3 tests/e2e/run.py --jobs "$e2e_jobs" --patched
    tests "end to end, patched Kannel, several nodes" env BYO_BUILD_DIR="$top/build-check" \
        BYO_KANNEL_PREFIX="$top/.cache/kannel-patched" BYO_BEARERBOX_FEATURES=all \
        python3 tests/e2e/run.py --jobs "$e2e_jobs" --store pgsql --patched test_nodes.Patched
}

# What threads do beside each other: the rooms that have several, and the whole of it while it is loaded again.
thread_tests="tests/unit/test_engine tests/unit/test_engine_doubt tests/unit/test_link tests/unit/test_link_log tests/unit/test_http
    tests/unit/test_life_state"

check_threads() {
    must build_in build-tsan "gcc, ThreadSanitizer" --enable-werror --enable-sanitizers=thread
    # shellcheck disable=SC2086 # a list of names
    must step "gcc, ThreadSanitizer: test programs" make -C build-tsan -j"$jobs" $thread_tests
    # Its map of the memory does not go with a kernel that spreads addresses widely.
    still=
    ! setarch "$(uname -m)" -R true 2>/dev/null || still="setarch $(uname -m) -R"
    # shellcheck disable=SC2086 # a command
    tests "unit tests, ThreadSanitizer" $still make -C build-tsan -j"$jobs" check-TESTS \
        check_PROGRAMS= check_SCRIPTS= TESTS="$thread_tests"
    # shellcheck disable=SC2086 # a command
    tests "end to end, ThreadSanitizer" env BYO_BUILD_DIR="$top/build-tsan" $still \
        python3 tests/e2e/run.py --jobs "$jobs" test_threads test_life test_reload test_edit.Races
}

# Version 14 is Debian 12's, and .clang-tidy was kept with it; another one finds other things.
check_tidy() {
    if ! command -v clang-tidy-14 >/dev/null 2>&1; then
        left_out "clang-tidy: version 14 is not here"
        return 0
    fi
    tests "clang-tidy" make -C build-check tidy TIDY_JOBS="$jobs"
}

check_browser() {
    if ! step "npm install (playwright-core, axe-core)" sh tests/browser/install.sh "$top/.cache/browser"; then
        left_out "the console in a browser: playwright-core and axe-core could not be fetched"
        return 0
    fi
    tests "the console in a browser" env BYO_BUILD_DIR="$top/build-check" python3 tests/browser/run.py
}

# The contract, what happens when the database goes, and the way of a message; check-pgsql has all.
check_pgsql() {
    all=$(printf '%s ' tests/store/test_store tests/store/test_pgsql*.c)
    tests "the store's contract, PostgreSQL" python3 tests/tools/with_postgres.py \
        make -C build-check check-TESTS check_PROGRAMS= check_SCRIPTS= TESTS="${all//.c/}"
    tests "the same with days" env BYO_TEST_DAYS=1 python3 tests/tools/with_postgres.py \
        make -C build-check check-TESTS check_PROGRAMS= check_SCRIPTS= TESTS=tests/store/test_store
    tests "end to end, PostgreSQL, a part" env BYO_BUILD_DIR="$top/build-check" python3 tests/e2e/run.py --store pgsql \
        --jobs "$e2e_jobs" test_pgsql test_nodes test_main_path test_mo test_reconnect
}

check_pgsql_whole() {
    rm -f "$what_failed"
    install_packages "$build_packages$demo_packages$check_packages"
    must build_in build-check "gcc, sanitizers" --enable-werror --enable-sanitizers
    tests "end to end, PostgreSQL" env BYO_BUILD_DIR="$top/build-check" python3 tests/e2e/run.py --store pgsql \
        --jobs "$e2e_jobs"
    closing 0
}

check() {
    stock_only=no
    for argument; do
        case $argument in
        --stock-only) stock_only=yes ;;
        *) usage ;;
        esac
    done
    rm -f "$what_failed"
    install_packages "$build_packages$demo_packages$check_packages"
    export CXXFLAGS="${CXXFLAGS:--g -O1}" CFLAGS="${CFLAGS:--g -O1}"
    must build_in build-check "gcc, sanitizers" --enable-werror --enable-sanitizers
    must build_in build-clang "clang" CC=clang CXX=clang++ --enable-werror
    must step "gcc, sanitizers: test programs" make -C build-check -j"$jobs" check TESTS=
    # Newer compilers look for uses after a return unasked. A busy machine is no fault.
    export CK_TIMEOUT_MULTIPLIER="${CK_TIMEOUT_MULTIPLIER:-4}"
    tests "unit tests, vectors, fuzz seeds, rooms" env ASAN_OPTIONS="${ASAN_OPTIONS:-detect_stack_use_after_return=1}" \
        make -C build-check -j"$jobs" check
    check_tidy
    check_threads
    step "npm install (SMPP peer)" sh tests/e2e/peers/install.sh "$top/.cache/peers" ||
        left_out "the tests against the npm package smpp: it could not be fetched"
    tests "end to end, Debian's Kannel" env BYO_BUILD_DIR="$top/build-check" \
        python3 tests/e2e/run.py --jobs "$e2e_jobs"
    check_pgsql
    check_browser
    if [ $stock_only = no ]; then
        check_patched
    fi
    closing 0
}

demo() {
    case " $* " in
    *" --nodes "*) install_packages "$build_packages$demo_packages$nodes_packages" ;;
    *) install_packages "$build_packages$demo_packages" ;;
    esac
    build
    exec python3 tests/e2e/demo.py "$@"
}

# What a package build needs stands in debian/control; the lists above are for those who build by hand.
deb() {
    install_packages "$deb_packages"
    step "apt-get update" as_root apt-get -q update
    held=no
    trap release_services EXIT
    hold_services
    step "apt-get build-dep" as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y --no-install-recommends build-dep "$top"
    release_services
    trap - EXIT
    rm -rf build-deb
    step "copy the sources" copy_sources build-deb/byobox
    (
        cd build-deb/byobox || exit 1
        export DEB_BUILD_OPTIONS="parallel=$jobs ${DEB_BUILD_OPTIONS:-}"
        step "dpkg-buildpackage" dpkg-buildpackage -b -us -uc
    )
    for package in build-deb/*.deb; do say "made: $package"; done
}

usage() {
    sed -n '5,11s/^# *//p' "$0" >&2
    exit 2
}

verb=${1:-build}
[ $# -gt 0 ] && shift
case $verb in
build) [ $# = 0 ] || usage; build ;;
demo) demo "$@" ;;
check) check "$@" ;;
check-pgsql) [ $# = 0 ] || usage; check_pgsql_whole ;;
deb) [ $# = 0 ] || usage; deb ;;
sources) [ $# = 1 ] || usage; copy_sources "$1" ;;
packages) install_packages "$build_packages$demo_packages$check_packages" list ;;
*) usage ;;
esac
