# number_type.cc is C++ (libphonenumber); the programs link -lphonenumber -lunistring -lpcre2-8 -lstdc++ (BYO_LIBS).
libbyobox_a_SOURCES += \
	plugin/compliance/answer_guard.c \
	plugin/compliance/compliance.c plugin/compliance/compliance.h \
	plugin/compliance/country.c \
	plugin/compliance/csv.c plugin/compliance/csv.h \
	plugin/compliance/defaults.c plugin/compliance/defaults.h plugin/compliance/defaults_sets.h \
	plugin/compliance/fault.h \
	plugin/compliance/keyword.c plugin/compliance/keyword.h \
	plugin/compliance/number.c plugin/compliance/number.h \
	plugin/compliance/number_type.cc plugin/compliance/number_type.h \
	plugin/compliance/opt_out.c plugin/compliance/opt_out.h \
	plugin/compliance/pair.c plugin/compliance/pair.h \
	plugin/compliance/patterns.c plugin/compliance/patterns.h \
	plugin/compliance/recent.c plugin/compliance/recent.h \
	plugin/compliance/reply.c plugin/compliance/reply.h

check_PROGRAMS += \
	tests/fuzz/replay_csv \
	tests/fuzz/replay_keyword \
	tests/unit/test_csv \
	tests/unit/test_keyword \
	tests/unit/test_number \
	tests/unit/test_opt_out \
	tests/unit/test_reply
tests_unit_test_csv_SOURCES = tests/unit/test_csv.c
tests_unit_test_csv_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_keyword_SOURCES = tests/unit/test_keyword.c tests/unit/compliance_tsv.h
tests_unit_test_keyword_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_number_SOURCES = tests/unit/test_number.c tests/unit/compliance_tsv.h
tests_unit_test_number_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_opt_out_SOURCES = tests/unit/test_opt_out.c
tests_unit_test_opt_out_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_reply_SOURCES = tests/unit/test_reply.c
tests_unit_test_reply_LDADD = $(BYO_TEST_LIBS)

tests_fuzz_replay_csv_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_csv.c
tests_fuzz_replay_csv_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/csv"'
tests_fuzz_replay_csv_LDADD = $(BYO_LIBS)
tests_fuzz_replay_keyword_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_keyword.c
tests_fuzz_replay_keyword_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/keyword"'
tests_fuzz_replay_keyword_LDADD = $(BYO_LIBS)

EXTRA_DIST += tests/vectors/keywords.tsv tests/vectors/numbers.tsv docs/compliance.md \
	tests/fuzz/seeds/csv/blank-rows \
	tests/fuzz/seeds/csv/bom-crlf \
	tests/fuzz/seeds/csv/character-cut \
	tests/fuzz/seeds/csv/column-twice \
	tests/fuzz/seeds/csv/cr-only \
	tests/fuzz/seeds/csv/empty \
	tests/fuzz/seeds/csv/fields-many \
	tests/fuzz/seeds/csv/formula \
	tests/fuzz/seeds/csv/full-width \
	tests/fuzz/seeds/csv/header \
	tests/fuzz/seeds/csv/latin1 \
	tests/fuzz/seeds/csv/line-break-in-quotes \
	tests/fuzz/seeds/csv/nul \
	tests/fuzz/seeds/csv/semicolon \
	tests/fuzz/seeds/csv/short-code \
	tests/fuzz/seeds/csv/spreadsheet-number \
	tests/fuzz/seeds/csv/surplus \
	tests/fuzz/seeds/csv/tab \
	tests/fuzz/seeds/csv/text-after-quote \
	tests/fuzz/seeds/csv/trunk-zero \
	tests/fuzz/seeds/csv/unclosed \
	tests/fuzz/seeds/csv/unknown-column \
	tests/fuzz/seeds/csv/utf16 \
	tests/fuzz/seeds/keyword/arabic \
	tests/fuzz/seeds/keyword/backreference \
	tests/fuzz/seeds/keyword/bad-pattern \
	tests/fuzz/seeds/keyword/blanks \
	tests/fuzz/seeds/keyword/broken \
	tests/fuzz/seeds/keyword/digits \
	tests/fuzz/seeds/keyword/direction \
	tests/fuzz/seeds/keyword/dotless \
	tests/fuzz/seeds/keyword/emoji-around \
	tests/fuzz/seeds/keyword/emoji-inside \
	tests/fuzz/seeds/keyword/empty \
	tests/fuzz/seeds/keyword/empty-match \
	tests/fuzz/seeds/keyword/expands \
	tests/fuzz/seeds/keyword/full-width \
	tests/fuzz/seeds/keyword/hostile-pattern \
	tests/fuzz/seeds/keyword/kana \
	tests/fuzz/seeds/keyword/long \
	tests/fuzz/seeds/keyword/mandatory \
	tests/fuzz/seeds/keyword/marks \
	tests/fuzz/seeds/keyword/overlong \
	tests/fuzz/seeds/keyword/own-pattern \
	tests/fuzz/seeds/keyword/own-word \
	tests/fuzz/seeds/keyword/plain \
	tests/fuzz/seeds/keyword/recursive-pattern \
	tests/fuzz/seeds/keyword/sentence \
	tests/fuzz/seeds/keyword/surrogate \
	tests/fuzz/seeds/keyword/zero-width
