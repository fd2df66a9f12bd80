# Each harness is replayed over its seeds by `make check`: the seeds of fuzz_x.c are seeds/x.
# To fuzz one: clang -fsanitize=fuzzer,address,undefined with fuzz_x.c in place of replay.c.
check_PROGRAMS += tests/fuzz/replay_advanced \
	tests/fuzz/replay_charset \
	tests/fuzz/replay_config \
	tests/fuzz/replay_csv \
	tests/fuzz/replay_encode \
	tests/fuzz/replay_keyword \
	tests/fuzz/replay_meta \
	tests/fuzz/replay_number \
	tests/fuzz/replay_receipt \
	tests/fuzz/replay_udh

tests_fuzz_replay_advanced_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_advanced.c
tests_fuzz_replay_advanced_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/advanced"'
tests_fuzz_replay_advanced_LDADD = $(BYO_LIBS)

tests_fuzz_replay_charset_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_charset.c
tests_fuzz_replay_charset_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/charset"'
tests_fuzz_replay_charset_LDADD = $(BYO_LIBS)

tests_fuzz_replay_config_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_config.c
tests_fuzz_replay_config_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/config"'
tests_fuzz_replay_config_LDADD = $(BYO_LIBS)

tests_fuzz_replay_csv_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_csv.c
tests_fuzz_replay_csv_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/csv"'
tests_fuzz_replay_csv_LDADD = $(BYO_LIBS)

tests_fuzz_replay_encode_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_encode.c
tests_fuzz_replay_encode_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/encode"'
tests_fuzz_replay_encode_LDADD = $(BYO_LIBS)

tests_fuzz_replay_keyword_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_keyword.c
tests_fuzz_replay_keyword_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/keyword"'
tests_fuzz_replay_keyword_LDADD = $(BYO_LIBS)

tests_fuzz_replay_meta_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_meta.c
tests_fuzz_replay_meta_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/meta"'
tests_fuzz_replay_meta_LDADD = $(BYO_LIBS)

tests_fuzz_replay_number_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_number.c
tests_fuzz_replay_number_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/number"'
tests_fuzz_replay_number_LDADD = $(BYO_LIBS)

tests_fuzz_replay_receipt_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_receipt.c
tests_fuzz_replay_receipt_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/receipt"'
tests_fuzz_replay_receipt_LDADD = $(BYO_LIBS)

tests_fuzz_replay_udh_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_udh.c
tests_fuzz_replay_udh_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/udh"'
tests_fuzz_replay_udh_LDADD = $(BYO_LIBS)

EXTRA_DIST += tests/fuzz/seeds
