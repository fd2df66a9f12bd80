libbyobox_a_SOURCES += \
	plugin/base/clock.c plugin/base/clock.h \
	plugin/base/counters.c plugin/base/counters.h \
	plugin/base/fault.c plugin/base/fault.h \
	plugin/base/features.h \
	plugin/base/hash.c plugin/base/hash.h \
	plugin/base/meta.c plugin/base/meta.h \
	plugin/base/permissions.h \
	plugin/base/sms.c plugin/base/sms.h \
	plugin/base/str.c plugin/base/str.h \
	plugin/base/test_message.h \
	plugin/base/undo.c plugin/base/undo.h \
	plugin/base/text.c plugin/base/text.h \
	plugin/base/verdict.h

check_PROGRAMS += tests/unit/test_base tests/unit/test_meta tests/unit/test_text tests/unit/test_meta_kannel tests/unit/test_undo \
	tests/unit/test_thread
tests_unit_test_base_SOURCES = tests/unit/test_base.c
tests_unit_test_base_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_meta_SOURCES = tests/unit/test_meta.c
tests_unit_test_meta_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_text_SOURCES = tests/unit/test_text.c
tests_unit_test_text_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_meta_kannel_SOURCES = tests/unit/test_meta_kannel.c
tests_unit_test_meta_kannel_LDADD = $(BYO_LIBS)
tests_unit_test_undo_SOURCES = tests/unit/test_undo.c
tests_unit_test_undo_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_thread_SOURCES = tests/unit/test_thread.c
tests_unit_test_thread_LDADD = $(BYO_TEST_LIBS)
