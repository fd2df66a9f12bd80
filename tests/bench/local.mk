# The bench: `make bench` builds it and measures this build beside stock bearerbox; no part of `check`.
# BENCH_FLAGS: see tests/bench/bench.py; "--quick" takes a few minutes. BYO_KANNEL_PATCHED: prefix of the patched
# Kannel (patches/build.sh --prefix), its default is where bootstrap.sh puts it.
bench_programs = tests/bench/load tests/bench/sink tests/bench/bench_core tests/bench/bench_fill \
	tests/bench/bench_store

EXTRA_PROGRAMS += tests/bench/load tests/bench/sink tests/bench/bench_core tests/bench/bench_fill
tests_bench_load_SOURCES = tests/bench/load.c tests/bench/wire.h
tests_bench_load_LDADD =
tests_bench_sink_SOURCES = tests/bench/sink.c tests/bench/wire.h
tests_bench_sink_LDADD =
tests_bench_bench_core_SOURCES = tests/bench/bench_core.c
tests_bench_bench_core_LDADD = $(BYO_LIBS)
tests_bench_bench_fill_SOURCES = tests/bench/bench_fill.c
tests_bench_bench_fill_LDADD = $(BYO_LIBS)
EXTRA_DIST += tests/bench/bench.py tests/bench/nodes.py tests/bench/sites.py
CLEANFILES += $(bench_programs)

.PHONY: bench
bench: byobox $(bench_programs)
	BYO_BUILD_DIR=$(abs_builddir) $(PYTHON3) $(srcdir)/tests/bench/bench.py $(BENCH_FLAGS)
