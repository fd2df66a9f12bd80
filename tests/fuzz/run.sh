#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Builds every tests/fuzz/fuzz_*.c with libFuzzer and lets each run SECONDS_EACH; called by `make fuzz`, which says how
# to compile and link. Ends with the first harness that breaks.
set -eu

top=$1
if [ "$FUZZER" != yes ]; then
    echo "make fuzz needs: ./configure CC=clang CXX=clang++ --enable-fuzzer" >&2
    exit 1
fi
# A store of a harness need not outlive it.
[ -d /dev/shm ] && export TMPDIR=/dev/shm
mkdir -p fuzz-corpus
for source in "$top"/tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    name=${name#fuzz_}
    case " $ONLY " in
    "  " | *" $name "*) ;;
    *) continue ;;
    esac
    echo "== $name, $SECONDS_EACH s"
    # The makefile quotes words for the shell: they are taken apart by it again.
    eval "$CC $FLAGS -fsanitize=fuzzer $LINK -o fuzz-corpus/fuzz_$name '$source' $LIBS"
    mkdir -p "fuzz-corpus/$name"
    # -close_fd_mask=1: what a harness prints does not hide what libFuzzer says.
    "./fuzz-corpus/fuzz_$name" -max_total_time="$SECONDS_EACH" -timeout=20 -rss_limit_mb=4096 -close_fd_mask=1 \
        -artifact_prefix="fuzz-corpus/$name/" "fuzz-corpus/$name" "$top/tests/fuzz/seeds/$name" \
        >"fuzz-corpus/$name.log" 2>&1 || {
        tail -n 40 "fuzz-corpus/$name.log"
        echo "fuzz_$name broke: fuzz-corpus/$name.log" >&2
        exit 1
    }
    tail -n 2 "fuzz-corpus/$name.log"
done
