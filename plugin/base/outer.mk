# Words of the outer rooms.
libbyobox_a_SOURCES += plugin/base/traffic.c plugin/base/traffic.h plugin/base/event.c plugin/base/event.h \
	plugin/base/log.c plugin/base/log.h plugin/base/log_json.c plugin/base/log_json.h plugin/base/thread.c plugin/base/thread.h \
	plugin/base/allow_ip.c plugin/base/allow_ip.h plugin/base/url.c plugin/base/url.h
check_PROGRAMS += tests/unit/test_log
tests_unit_test_log_SOURCES = tests/unit/test_log.c plugin/base/log_wrap.c
tests_unit_test_log_LDFLAGS = $(AM_LDFLAGS) $(BYO_WRAP)
tests_unit_test_log_LDADD = $(BYO_TEST_LIBS)
