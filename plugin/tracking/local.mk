libbyobox_a_SOURCES += \
	plugin/tracking/message_id.c plugin/tracking/message_id.h \
	plugin/tracking/past.c plugin/tracking/past.h \
	plugin/tracking/receipt.c plugin/tracking/receipt.h \
	plugin/tracking/segment.c plugin/tracking/segment.h \
	plugin/tracking/tally.c

check_PROGRAMS += tests/unit/test_message_id
tests_unit_test_message_id_SOURCES = tests/unit/test_message_id.c
tests_unit_test_message_id_LDADD = $(BYO_TEST_LIBS)
check_PROGRAMS += tests/unit/test_receipt tests/unit/test_segment tests/unit/test_segment_random
tests_unit_test_receipt_SOURCES = tests/unit/test_receipt.c
tests_unit_test_receipt_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_segment_SOURCES = tests/unit/test_segment.c
tests_unit_test_segment_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_segment_random_SOURCES = tests/unit/test_segment_random.c
tests_unit_test_segment_random_LDADD = $(BYO_TEST_LIBS)

EXTRA_DIST += tests/vectors/receipts.tsv tests/vectors/segments.tsv
