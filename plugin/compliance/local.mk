# number_type.cc is C++ (libphonenumber); the programs link -lphonenumber -lunistring -lpcre2-8 -lstdc++ (BYO_LIBS).
libbyobox_a_SOURCES += \
	plugin/compliance/answer_guard.c \
	plugin/compliance/compliance.c plugin/compliance/compliance.h \
	plugin/compliance/csv.c plugin/compliance/csv.h \
	plugin/compliance/defaults.c plugin/compliance/defaults.h plugin/compliance/defaults_sets.h \
	plugin/compliance/fault.h \
	plugin/compliance/fold.c plugin/compliance/fold.h \
	plugin/compliance/keyword.c plugin/compliance/keyword.h \
	plugin/compliance/loose.c plugin/compliance/loose.h plugin/compliance/loose_sets.h \
	plugin/compliance/number.c plugin/compliance/number.h \
	plugin/compliance/number_type.cc plugin/compliance/number_type.h \
	plugin/compliance/opt_out.c plugin/compliance/opt_out.h \
	plugin/compliance/pair.c plugin/compliance/pair.h \
	plugin/compliance/patterns.c plugin/compliance/patterns.h \
	plugin/compliance/plan.c plugin/compliance/plan.h \
	plugin/compliance/reading.c plugin/compliance/reading.h \
	plugin/compliance/recent.c plugin/compliance/recent.h \
	plugin/compliance/reply.c plugin/compliance/reply.h

check_PROGRAMS += \
	tests/unit/test_csv \
	tests/unit/test_keyword \
	tests/unit/test_number \
	tests/unit/test_opt_out \
	tests/unit/test_patterns \
	tests/unit/test_reading \
	tests/unit/test_reply
tests_unit_test_csv_SOURCES = tests/unit/test_csv.c
tests_unit_test_csv_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_keyword_SOURCES = tests/unit/test_keyword.c tests/unit/compliance_tsv.h
tests_unit_test_keyword_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_number_SOURCES = tests/unit/test_number.c tests/unit/compliance_tsv.h
tests_unit_test_number_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_opt_out_SOURCES = tests/unit/test_opt_out.c
tests_unit_test_opt_out_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_patterns_SOURCES = tests/unit/test_patterns.c
tests_unit_test_patterns_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_reading_SOURCES = tests/unit/test_reading.c tests/unit/compliance_tsv.h
tests_unit_test_reading_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_reply_SOURCES = tests/unit/test_reply.c
tests_unit_test_reply_LDADD = $(BYO_TEST_LIBS)


EXTRA_DIST += tests/vectors/keywords.tsv tests/vectors/numbers.tsv tests/vectors/readings.tsv docs/compliance.md
