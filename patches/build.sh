#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds bearerbox and smsbox of Kannel 1.4.5 with the patches of `series`:
#
#   patches/build.sh [--prefix DIR] [--deb DIR] [--jobs N] [--cache DIR] [--tarball FILE]
#                    [--allocator jemalloc|libc] [--install-packages]
#
# --prefix DIR        DIR/sbin/bearerbox and DIR/sbin/smsbox (default: .cache/kannel-patched beside patches/)
# --deb DIR           also makes a Debian package there, to install over the distribution's kannel
# --jobs N            compile N files at a time (default 2)
# --cache DIR         where the source is kept and built (default: .cache/kannel-source beside patches/)
# --tarball FILE      use this upstream tarball instead of asking the package manager for it
# --allocator NAME    the memory allocator linked into them (default: jemalloc where it is installed)
# --install-packages  install missing build packages (root); without it they are only named
#
# The source comes from the mirror the machine already uses and must have the checksum below. When
# tarball, patches and options are those of the last run, nothing is done.
set -eu

version=1.4.5
tarball_name=kannel_$version.orig.tar.gz
tarball_sha256=f279606ea8317fd2c8fa6b0f591c084fdfa954612f1e7c9cb667a5f6b77387f3
package=byobox-bearerbox

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
prefix=$top/.cache/kannel-patched
cache=$top/.cache/kannel-source
jobs=2
deb='' tarball='' install_packages=no allocator=''

say() { printf '%s\n' "$*"; }
fail() {
    say "patches/build.sh: $*" >&2
    exit 1
}
# Exit code 3: nothing is wrong here but that the source is not to be had.
not_to_be_had() {
    say "patches/build.sh: $*" >&2
    exit 3
}
wrong_value() {
    say "patches/build.sh: $*" >&2
    exit 2
}
usage() {
    sed -n '5,15s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
absolute() { case $1 in /*) say "$1" ;; *) say "$PWD/$1" ;; esac; }

while [ $# -gt 0 ]; do
    case $1 in
    --prefix | --deb | --jobs | --cache | --tarball | --allocator)
        [ $# -ge 2 ] && [ -n "$2" ] || usage
        case $1 in
        --prefix) prefix=$(absolute "$2") ;;
        --deb) deb=$(absolute "$2") ;;
        --jobs) jobs=$2 ;;
        --cache) cache=$(absolute "$2") ;;
        --tarball) tarball=$(absolute "$2") ;;
        --allocator) allocator=$2 ;;
        esac
        shift 2
        ;;
    --install-packages)
        install_packages=yes
        shift
        ;;
    *) usage ;;
    esac
done
case $allocator in '' | jemalloc | libc) ;; *) wrong_value "--allocator $allocator: there are jemalloc and libc" ;; esac
case $jobs in '' | *[!0-9]* | 0) wrong_value "--jobs $jobs: a number from 1" ;; esac

# --- build packages ---------------------------------------------------------------------------

# package, a command or header that proves it is there
required='
build-essential cc
bison bison
patch patch
libxml2-dev libxml2/libxml/parser.h
libssl-dev openssl/ssl.h
'
# what the distribution's bearerbox was built with, so that an installation that uses it can change over
optional='
libpcre3-dev pcreposix.h
default-libmysqlclient-dev mysql/mysql.h
libpq-dev postgresql/libpq-fe.h
libsqlite3-dev sqlite3.h
libhiredis-dev hiredis/hiredis.h
freetds-dev ctpublic.h
libpam0g-dev security/pam_appl.h
libjemalloc-dev jemalloc/jemalloc.h
'

have_header() {
    local folder
    for folder in /usr/include "/usr/include/$(cc -print-multiarch 2>/dev/null)" /usr/local/include; do
        [ -e "$folder/$1" ] && return 0
    done
    return 1
}

have() {
    case $1 in
    *.h) have_header "$1" ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

missing() {
    local name proof
    printf '%s\n' "$1" | while read -r name proof; do
        [ -z "$name" ] || have "$proof" || printf '%s ' "$name"
    done
}

packages() {
    local need want
    need=$(missing "$required") want=$(missing "$optional")
    if [ -n "$need$want" ] && [ $install_packages = yes ]; then
        [ "$(id -u)" = 0 ] || fail "--install-packages needs root"
        apt-get -q update
        # shellcheck disable=SC2086 # lists of names
        DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $need
        for name in $want; do # a release may lack one of them
            DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "$name" ||
                say "not to be had: $name"
        done
        need=$(missing "$required") want=$(missing "$optional")
    fi
    [ -z "$need" ] || fail "missing packages: $need(--install-packages installs them)"
    [ "$allocator" != jemalloc ] || have jemalloc/jemalloc.h || fail "--allocator jemalloc needs libjemalloc-dev"
    [ -z "$want" ] || say "built without what these packages offer: $want"
}

# --- source -----------------------------------------------------------------------------------

good_tarball() { [ -f "$1" ] && say "$tarball_sha256  $1" | sha256sum --check --status; }

# The machine's own package sources, asked for source packages in a private place: nothing of the
# system's lists is touched, and no root is needed.
fetch() {
    local private=$cache/apt source file release
    command -v apt-get >/dev/null 2>&1 ||
        not_to_be_had "no apt-get here; get $tarball_name ($tarball_sha256) and give it with --tarball"
    rm -rf "$private"
    mkdir -p "$private/parts" "$private/state/lists/partial" "$private/archives/partial"
    : >"$private/status"
    for source in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
        file=$private/parts/$(basename "$source")
        case $source in
        *.list) [ -f "$source" ] && sed -n 's/^[[:space:]]*deb[[:space:]]/deb-src /p' "$source" >"$file" ;;
        *.sources) sed 's/^Types:.*/Types: deb-src/' "$source" >"$file" ;;
        esac || true
    done
    local options=(-q -o "Dir::State=$private/state" -o "Dir::State::status=$private/status"
        -o "Dir::State::lists=$private/state/lists" -o "Dir::Cache=$private"
        -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$private/parts"
        -o APT::Sandbox::User=root -o Acquire::Languages=none)
    say "fetching the source package list"
    # A mirror that has no source packages is no reason to stop.
    apt-get "${options[@]}" update || true
    release=$(apt-cache "${options[@]}" showsrc kannel 2>/dev/null |
        sed -n "s/^Version: \($version-.*\)/\1/p" | head -n 1)
    [ -n "$release" ] ||
        not_to_be_had "no source of Kannel $version at this machine's mirrors; get $tarball_name ($tarball_sha256)" \
            "and give it with --tarball"
    (cd "$cache" && apt-get "${options[@]}" source --download-only --tar-only "kannel=$release") ||
        not_to_be_had "the source of Kannel could not be fetched"
    good_tarball "$cache/$tarball_name" || fail "$cache/$tarball_name does not have the checksum $tarball_sha256"
    rm -rf "$private"
}

get_source() {
    mkdir -p "$cache"
    if [ -n "$tarball" ]; then
        good_tarball "$tarball" || fail "$tarball does not have the checksum $tarball_sha256"
    else
        tarball=$cache/$tarball_name
        good_tarball "$tarball" || fetch
    fi
}

# --- build ------------------------------------------------------------------------------------

# The distribution's choices as far as their libraries are here; libxml2 is found without xml2-config.
configure_kannel() {
    local with=(--prefix=/usr --sysconfdir=/etc --localstatedir=/var --disable-docs --enable-ssl
        --disable-start-stop-daemon)
    local flags='-g -O2' link=''
    if command -v dpkg-buildflags >/dev/null 2>&1; then
        flags="$(dpkg-buildflags --get CFLAGS) $(dpkg-buildflags --get CPPFLAGS)"
        link=$(dpkg-buildflags --get LDFLAGS)
    fi
    have pcreposix.h && with+=(--enable-pcre)
    have security/pam_appl.h && with+=(--enable-pam)
    have mysql/mysql.h && have mysql_config && with+=(--with-mysql)
    have postgresql/libpq-fe.h && with+=(--with-pgsql)
    have sqlite3.h && with+=(--with-sqlite3)
    have hiredis/hiredis.h && with+=(--with-redis)
    have ctpublic.h && with+=(--with-mssql=/usr)
    if ! command -v xml2-config >/dev/null 2>&1; then
        # shellcheck disable=SC2016 # for the script that is written
        printf '#!/bin/sh\ncase $1 in --version) v=--modversion ;; *) v=$1 ;; esac\nexec pkg-config "$v" libxml-2.0\n' \
            >xml2-config
        chmod +x xml2-config
        PATH=$PWD:$PATH
    fi
    local libs=''
    [ "$allocator" = libc ] || ! have jemalloc/jemalloc.h || libs=-ljemalloc
    # The release's configure tests are older than the errors new compilers make of them.
    ./configure "${with[@]}" LIBS="$libs" LDFLAGS="$link" CFLAGS="$flags -std=gnu17 -Wno-deprecated-declarations \
-Wno-error=implicit-function-declaration -Wno-error=implicit-int"
}

build() {
    local build=$cache/build patch
    rm -rf "$build"
    mkdir -p "$build"
    tar -xzf "$tarball" -C "$build" --strip-components=1 --no-same-owner
    while read -r patch; do
        case $patch in '' | '#'*) continue ;; esac
        patch -s -p1 --fuzz=0 --no-backup-if-mismatch -d "$build" <"$here/$patch" || fail "$patch does not apply"
    done <"$here/series"
    say "configuring and compiling, the output goes to $cache/build.log"
    (cd "$build" && configure_kannel && make -j"$jobs" gw/bearerbox gw/smsbox) >"$cache/build.log" 2>&1 || {
        tail -n 40 "$cache/build.log" >&2
        fail "the build failed, see $cache/build.log"
    }
}

install_into() {
    local program
    mkdir -p "$1/sbin"
    for program in bearerbox smsbox; do
        # Replaced in one step, as one of them may be running.
        cp "$cache/build/gw/$program" "$1/sbin/.$program.new"
        mv -f "$1/sbin/.$program.new" "$1/sbin/$program"
    done
}

# --- Debian package ---------------------------------------------------------------------------

# The package alone, without building byobox; description and maintainer scripts are those of debian/.
make_deb() {
    local root=$cache/deb name depends released
    command -v dpkg-deb >/dev/null 2>&1 || fail "no dpkg-deb here"
    command -v dpkg-shlibdeps >/dev/null 2>&1 || fail "no dpkg-shlibdeps here (package dpkg-dev)"
    released=$(sed -n 's/^Last-Update: //p' "$here"/*.patch | tr -d - | sort | tail -n 1)
    rm -rf "$root"
    mkdir -p "$root/DEBIAN" "$root/usr/sbin" "$root/usr/share/doc/$package" "$cache/shlibs/debian" "$deb"
    for name in bearerbox smsbox; do
        install -m 755 "$cache/build/gw/$name" "$root/usr/sbin/$name"
        strip --strip-unneeded "$root/usr/sbin/$name"
    done
    cp "$here/README.md" "$here/series" "$root/usr/share/doc/$package/"
    cp "$here/COPYING.kannel" "$root/usr/share/doc/$package/copyright"
    cat "$here"/*.patch | gzip -9n >"$root/usr/share/doc/$package/patches.gz"
    printf 'Source: %s\n\nPackage: %s\nArchitecture: any\n' "$package" "$package" >"$cache/shlibs/debian/control"
    depends=$(cd "$cache/shlibs" && dpkg-shlibdeps -O "$root/usr/sbin/bearerbox" "$root/usr/sbin/smsbox" 2>/dev/null |
        sed -n 's/^shlibs:Depends=//p')
    [ -n "$depends" ] || fail "dpkg-shlibdeps found no dependencies"
    {
        printf 'Package: %s\nVersion: %s\nArchitecture: %s\nSection: net\nPriority: optional\n' \
            "$package" "$version+byobox$released" "$(dpkg --print-architecture)"
        sed -n 's/^Maintainer:/&/p' "$top/debian/control"
        say "Depends: kannel (>= $version), $depends"
        sed -n "/^Package: $package\$/,/^\$/{/^Description:/,/^\$/p}" "$top/debian/control" | sed '/^$/d'
    } >"$root/DEBIAN/control"
    for name in preinst postinst postrm; do
        sed '/^#DEBHELPER#/d' "$top/debian/$package.$name" >"$root/DEBIAN/$name"
    done
    chmod 755 "$root/DEBIAN/preinst" "$root/DEBIAN/postinst" "$root/DEBIAN/postrm"
    name=${package}_$version+byobox${released}_$(dpkg --print-architecture).deb
    dpkg-deb --root-owner-group --build "$root" "$deb/$name" >/dev/null
    rm -rf "$root" "$cache/shlibs"
    say "made $deb/$name"
}

# --- what is to be done -----------------------------------------------------------------------

# One word for everything that decides what is built.
wanted() {
    {
        say "$tarball_sha256"
        cat "$here/series" "$0"
        say "allocator $allocator"
        while read -r patch; do case $patch in '' | '#'*) ;; *) cat "$here/$patch" ;; esac done <"$here/series"
        missing "$optional"
    } | sha256sum | cut -d ' ' -f 1
}

stamp=share/byobox-patches.stamp
wanted=$(wanted)
stands() { [ "$(cat "$1/$2" 2>/dev/null)" = "$wanted" ]; }

if stands "$prefix" $stamp && [ -x "$prefix/sbin/bearerbox" ] && [ -x "$prefix/sbin/smsbox" ] && [ -z "$deb" ]; then
    say "up to date: $prefix"
    exit 0
fi

if ! stands "$cache" built || [ ! -x "$cache/build/gw/bearerbox" ] || [ ! -x "$cache/build/gw/smsbox" ]; then
    packages
    get_source
    rm -f "$cache/built"
    build
    wanted=$(wanted) # packages() may have added some
    say "$wanted" >"$cache/built"
fi
install_into "$prefix"
mkdir -p "$prefix/share"
say "$wanted" >"$prefix/$stamp"
say "built: $prefix/sbin/bearerbox $prefix/sbin/smsbox"
[ -z "$deb" ] || make_deb
