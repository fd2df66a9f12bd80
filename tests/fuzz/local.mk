# Each harness is replayed over its seeds by `make check`: the seeds of fuzz_x.c are seeds/x. A new one needs its
# fuzz_x.c, its seeds, and the four lines of a replay_x here; `make fuzz` finds it by its name.
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

check_PROGRAMS += tests/fuzz/replay_status
tests_fuzz_replay_status_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_status.c
tests_fuzz_replay_status_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/status"'
tests_fuzz_replay_status_LDADD = $(BYO_LIBS)

check_PROGRAMS += tests/fuzz/replay_patterns
tests_fuzz_replay_patterns_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_patterns.c
tests_fuzz_replay_patterns_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/patterns"'
tests_fuzz_replay_patterns_LDADD = $(BYO_LIBS)

check_PROGRAMS += tests/fuzz/replay_credentials
tests_fuzz_replay_credentials_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_credentials.c
tests_fuzz_replay_credentials_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/credentials"'
tests_fuzz_replay_credentials_LDADD = $(BYO_LIBS)

check_PROGRAMS += tests/fuzz/replay_link
tests_fuzz_replay_link_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_link.c
tests_fuzz_replay_link_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/link"'
tests_fuzz_replay_link_LDADD = $(BYO_LIBS)

check_PROGRAMS += tests/fuzz/replay_rows
tests_fuzz_replay_rows_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_rows.c
tests_fuzz_replay_rows_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/rows"'
tests_fuzz_replay_rows_LDADD = $(BYO_TEST_LIBS)

EXTRA_DIST += tests/fuzz/seeds

# make fuzz [FUZZ_SECONDS=600] [FUZZ_ONLY="link rows"]: each harness for so long, one after the other, in a tree that was
# configured with CC=clang CXX=clang++ --enable-fuzzer. What is found grows in fuzz-corpus/x; what breaks one is kept
# there as crash-..., and ends it.
FUZZ_SECONDS = 600
FUZZ_ONLY =
EXTRA_DIST += tests/fuzz/run.sh
.PHONY: fuzz
fuzz: libbyobox.a
	@FUZZER='$(FUZZER)' CC='$(CC)' FLAGS='$(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS)' \
		LINK='$(AM_LDFLAGS) $(LDFLAGS)' LIBS='$(BYO_TEST_LIBS)' SECONDS_EACH='$(FUZZ_SECONDS)' ONLY='$(FUZZ_ONLY)' \
		$(SHELL) $(srcdir)/tests/fuzz/run.sh '$(srcdir)'

check_PROGRAMS += tests/fuzz/replay_edit
tests_fuzz_replay_edit_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_edit.c
tests_fuzz_replay_edit_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/edit"'
tests_fuzz_replay_edit_LDADD = $(BYO_LIBS)
