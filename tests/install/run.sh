#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Proves on minimal chroots of Debian releases what README and user guide promise:
#
#   tests/install/run.sh [--short | --full] [--keep] [--tarball FILE] RELEASE...      bookworm trixie
#
# For each release: a minimal chroot from the machine's own package sources; `./bootstrap.sh deb` in it; lintian; the
# unit's sandbox; in another one, on a loopback of its own, the package way in and out with messages waiting, upgrade,
# remove and purge, and byobox-bearerbox (scenario.py). There systemd runs as process 1 where the machine has a cgroup2
# to lend it, so the unit is tried as it is; elsewhere services are started by hand, which is said.
# --short         builds byobox alone, and goes in and out once; part of .ci/run
# --full          also runs `./bootstrap.sh demo` and `./bootstrap.sh check`, on free ports of the machine
# --tarball FILE  Kannel's source for byobox-bearerbox, else the package sources are asked
# --keep          leaves the chroots below .cache/install, and takes the minimal one of an earlier run
# Needs root, debootstrap, unshare(1) and python3; ends with 3 where it cannot be tried.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
work=$top/.cache/install
full=no short=no keep=no tarball=

say() { printf '%s\n' "$*"; }
usage() {
    sed -n '5s/^# *//p' "$0" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    --full) full=yes ;;
    --short) short=yes ;;
    --keep) keep=yes ;;
    --tarball)
        [ $# -ge 2 ] || usage
        tarball=$(realpath "$2")
        shift
        ;;
    -*) usage ;;
    *) break ;;
    esac
    shift
done
[ $# -gt 0 ] || usage
# Exit code 3: nothing is wrong here but that it cannot be tried.
not_to_be_tried() {
    say "tests/install/run.sh: $*" >&2
    exit 3
}
[ "$(id -u)" = 0 ] || not_to_be_tried "it needs root"
command -v debootstrap >/dev/null || not_to_be_tried "the package debootstrap is missing"
unshare -m -n true 2>/dev/null || not_to_be_tried "this machine allows no mounts and networks of one's own"

# Where this machine gets its packages from: the first source of its own.
mirror() {
    {
        sed -n 's/^URIs:[[:space:]]*\([^[:space:]]*\).*/\1/p' /etc/apt/sources.list.d/*.sources
        sed -n 's/^deb[[:space:]]\(\[[^]]*\][[:space:]]*\)\{0,1\}\([^[:space:]]*\).*/\2/p' /etc/apt/sources.list \
            /etc/apt/sources.list.d/*.list
    } 2>/dev/null | head -n 1
}

# The machine's settings for fetching, for the release that is tried: sources, apt, certificates, npm.
settings() {
    local root=$1 release=$2 own file
    own=$(. /etc/os-release && say "$VERSION_CODENAME")
    rm -f "$root/etc/apt/sources.list"
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] && sed "s/\\b$own\\b/$release/g" "$file" >"$root/etc/apt/sources.list.d/$(basename "$file")"
    done
    for file in /etc/apt/apt.conf.d/* /etc/apt/auth.conf.d/* /etc/apt/auth.conf; do
        case $file in */[0-8]*) ;; *) [ -f "$file" ] && cp -p "$file" "$root$file" ;; esac
    done
    [ ! -f /etc/ssl/certs/ca-certificates.crt ] ||
        cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    for file in /etc/resolv.conf /etc/hosts /etc/npmrc /root/.npmrc; do
        [ ! -f "$file" ] || cp -L "$file" "$root$file"
    done
    # Nothing is started by the installation of a package.
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
}

# inside [-n] ROOT COMMAND...: in the chroot, with /proc and /dev of its own; -n: on a loopback of its own. A mount point,
# so that tests may unshare mounts in turn.
inside() {
    local network=
    if [ "$1" = -n ]; then
        network=-n
        shift
    fi
    # shellcheck disable=SC2086 # an option or nothing
    unshare -m $network sh -c '[ -z "$1" ] || ip link set lo up
        root=$2; shift 2
        mount --bind "$root" "$root" && mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" &&
            exec chroot "$root" "$@"' \
        sh "$network" "$@"
}

# A folder of cgroup2 whose processes are counted apart, which systemd needs; nothing: there is none.
cgroup_made() {
    local top
    top=$(sed -n 's/^[^ ]* \([^ ]*\) cgroup2 .*/\1/p' /proc/mounts | head -n 1)
    [ -n "$top" ] && mkdir "$top/byobox-install.$$" 2>/dev/null && say "$top/byobox-install.$$"
}

# Becomes systemd, process 1 of ROOT's own world.
# shellcheck disable=SC2016 # for the shell inside
boot() {
    echo 0 >"$2/cgroup.procs"
    exec unshare -m -p -f -u -i -n -C --kill-child sh -c '
        set -e
        mount --make-rprivate / && mount --bind "$1" "$1" && cd "$1"
        mount -t proc proc proc && mount -t sysfs sysfs sys && mount -t cgroup2 cgroup2 sys/fs/cgroup
        mount -t tmpfs tmpfs run && mount -t tmpfs -o mode=755 tmpfs dev && mkdir dev/pts dev/shm
        for one in null zero full random urandom tty; do : >"dev/$one" && mount --bind "/dev/$one" "dev/$one"; done
        mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts && mount -t tmpfs tmpfs dev/shm
        ln -s pts/ptmx dev/ptmx && ln -s /proc/self/fd dev/fd
        ip link set lo up
        mkdir -p .old && pivot_root . .old && umount -l /.old
        exec env -i container=chroot PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system \
            --unit=multi-user.target --log-target=console' sh "$1"
}

# booted ROOT COMMAND...: where systemd is process 1, on a loopback of its own.
booted() {
    local root=$1 cgroup outside inside code=0
    shift
    cgroup=$(cgroup_made) || return 3
    boot "$root" "$cgroup" </dev/null >"$work/log/$release-systemd.log" 2>&1 &
    outside=$!
    for _ in $(seq 600); do
        inside=$(cat "/proc/$outside/task/$outside/children" 2>/dev/null) || break
        # shellcheck disable=SC2086 # one number
        case $(nsenter -m -p -n -u -i -C -t ${inside:-0} systemctl is-system-running 2>/dev/null) in
        running | degraded) break ;;
        esac
        inside=
        sleep 0.2
    done
    # shellcheck disable=SC2086 # the same
    [ -n "$inside" ] && nsenter -m -p -n -u -i -C -t ${inside} env -C / "$@" || code=$?
    kill -KILL "$outside" 2>/dev/null || true
    wait "$outside" 2>/dev/null || true
    for _ in $(seq 100); do # what it started ends with it, but not at once
        find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || true
        [ -e "$cgroup" ] || break
        sleep 0.1
    done
    return $code
}

step() {
    local what=$1 begun log
    shift
    log=$work/log/$release-$(printf '%s' "$what" | tr -c 'A-Za-z0-9\n' '-').log
    mkdir -p "$work/log"
    begun=$(date +%s)
    printf '%-9s %-44s' "$release" "$what ..."
    if "$@" >"$log" 2>&1; then
        say " done ($(($(date +%s) - begun)) s)"
    else
        say " FAILED"
        tail -n 40 "$log" | sed 's/^/    /'
        say "whole output: $log"
        python3 "$top/tests/tools/failures.py" step "$work/log/failed" "$release" "$what" "$log" || :
        failed=$((failed + 1))
        return 1
    fi
    passed=$((passed + 1))
}

chroot_made() {
    [ $keep = no ] || [ ! -e "$base/etc/apt/apt.conf.d" ] || return 0
    rm -rf "$base"
    mkdir -p "$work"
    debootstrap --variant=minbase --include=ca-certificates "$release" "$base" "$(mirror)"
    settings "$base" "$release"
    inside "$base" apt-get -q update
}

# No hard link may be changed by either side.
copied() {
    rm -rf "$2"
    cp -a "$1" "$2"
}

sources_put() {
    "$top/bootstrap.sh" sources "$1/src"
    [ -z "$tarball" ] || cp "$tarball" "$1/src/kannel.orig.tar.gz"
}

built() {
    local options=nocheck profiles=
    [ $full = no ] || options=
    [ $short = no ] || profiles=pkg.byobox.nobearerbox
    inside "$build" env DEB_BUILD_OPTIONS="$options" DEB_BUILD_PROFILES="$profiles" \
        ${tarball:+KANNEL_TARBALL=/src/kannel.orig.tar.gz} /src/bootstrap.sh deb
}

lintian_silent() {
    inside "$build" sh -c 'DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install lintian &&
        cd /src/build-deb && lintian --allow-root --fail-on error,warning *.changes'
}

sandboxed() {
    inside "$use" sh -c 'mkdir -p /tmp/unit && dpkg-deb -x /deb/byobox_*.deb /tmp/unit &&
        unit=$(find /tmp/unit -name byobox.service) && cp "$unit" /tmp/unit/byobox.service &&
        apt-get -q -y --no-install-recommends install systemd >/dev/null &&
        systemd-analyze security --offline=true --threshold=20 /tmp/unit/byobox.service; code=$?; rm -rf /tmp/unit; exit $code'
}

ready_for_use() {
    mkdir -p "$use/deb"
    cp "$build"/src/build-deb/*.deb "$use/deb/"
    # What an operator has; and what the scenario, which has no network, will install.
    inside "$use" env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get -q -y --no-install-recommends install kannel python3 systemd &&
        rm -f /etc/apt/apt.conf.d/docker-clean &&
        apt-get -q -y --no-install-recommends --download-only install /deb/byobox*.deb'
}

# scenario MODE [PACKAGE]: PACKAGE is one more of ours. Each has a machine of its own, so what one breaks is its own.
scenario() {
    copied "$use" "$use-$1"
    $world "$use-$1" sh -c "python3 /src/tests/install/scenario.py $1 /deb/byobox_*.deb ${2:+/deb/$2_*.deb}" || return
    [ $keep = yes ] || rm -rf "$use-$1"
}

# How the scenario is run.
world_chosen() {
    world=booted
    booted "$use" true && return 0
    world="inside -n"
    say "no systemd can be process 1 here: services are started by hand"
}

one_release() {
    release=$1
    base=$work/$release-base build=$work/$release-build use=$work/$release-use
    step "minimal chroot" chroot_made || return 0
    copied "$base" "$build"
    copied "$base" "$use"
    sources_put "$build"
    sources_put "$use"
    if step "bootstrap.sh deb" built; then
        [ $short = yes ] || step "lintian" lintian_silent || true
        step "a Kannel to install beside" ready_for_use || return 0
        world_chosen
        step "in and out, messages waiting" scenario in-out || true
        [ $short = yes ] || step "upgrade, remove, purge" scenario kept || true
        [ $short = yes ] || step "the patched bearerbox, in and out" scenario patched byobox-bearerbox || true
        [ $short = yes ] || step "systemd-analyze security at most 2.0" sandboxed || true
    fi
    if [ $full = yes ]; then
        step "bootstrap.sh demo" inside "$build" /src/bootstrap.sh demo || true
        step "bootstrap.sh check" inside "$build" /src/bootstrap.sh check || true
    fi
    [ $keep = yes ] || rm -rf "$base" "$build" "$use" "$use"-*
}

passed=0 failed=0
rm -f "$work/log/failed"
for one; do one_release "$one"; done
python3 "$top/tests/tools/failures.py" tell "$work/log/failed" || :
say "$passed passed, $failed failed"
[ $failed = 0 ]
