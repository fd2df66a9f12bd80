# JSON, the room's only user of jansson; its other files stand in local.mk.
libbyobox_a_SOURCES += plugin/base/json.c plugin/base/json_build.c plugin/base/json_read.c \
	plugin/base/json.h plugin/base/json_read.h

check_PROGRAMS += tests/unit/test_json
tests_unit_test_json_SOURCES = tests/unit/test_json.c
tests_unit_test_json_LDADD = $(BYO_TEST_LIBS)
