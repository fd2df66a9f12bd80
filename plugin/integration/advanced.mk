# The error map and the advanced configuration; the room's other files stand in local.mk.
libbyobox_a_SOURCES += plugin/integration/error_map.c plugin/integration/error_map.h

check_PROGRAMS += tests/unit/test_error_map
tests_unit_test_error_map_SOURCES = tests/unit/test_error_map.c
tests_unit_test_error_map_LDADD = $(BYO_TEST_LIBS)
