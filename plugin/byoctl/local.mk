libbyobox_a_SOURCES += \
	plugin/byoctl/client.c plugin/byoctl/client.h \
	plugin/byoctl/ctl.c plugin/byoctl/ctl.h plugin/byoctl/ctl_private.h \
	plugin/byoctl/ctl_ask.c plugin/byoctl/ctl_commands.c plugin/byoctl/ctl_encode.c plugin/byoctl/ctl_kannel.c plugin/byoctl/ctl_lists.c plugin/byoctl/ctl_messages.c \
	plugin/byoctl/ctl_local.c plugin/byoctl/ctl_numbers.c plugin/byoctl/ctl_out.c plugin/byoctl/ctl_put.c plugin/byoctl/ctl_status.c plugin/byoctl/ctl_store.c \
	plugin/byoctl/grid.c plugin/byoctl/grid.h \
	plugin/byoctl/kannel.c plugin/byoctl/kannel.h plugin/byoctl/kannel_files.c plugin/byoctl/kannel_reader.c \
	plugin/byoctl/kannel_revert.c \
	plugin/byoctl/kannel_text.c plugin/byoctl/kannel_text.h plugin/byoctl/kannel_text_private.h

bin_PROGRAMS += byoctl
byoctl_SOURCES = plugin/byoctl_main.c
byoctl_LDADD = $(BYO_LIBS)

check_PROGRAMS += tests/unit/test_console tests/unit/test_console_shown tests/unit/test_grid tests/unit/test_manual
tests_unit_test_console_SOURCES = tests/unit/test_console.c tests/unit/console_fixture.h tests/unit/api_fixture.h tests/unit/api_process.h
tests_unit_test_console_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_console_shown_SOURCES = tests/unit/test_console_shown.c tests/unit/console_fixture.h tests/unit/api_fixture.h tests/unit/api_process.h
tests_unit_test_console_shown_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_grid_SOURCES = tests/unit/test_grid.c
tests_unit_test_grid_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_manual_SOURCES = tests/unit/test_manual.c tests/unit/tree.h
tests_unit_test_manual_LDADD = $(BYO_TEST_LIBS)
check_PROGRAMS += tests/unit/test_kannel
tests_unit_test_kannel_SOURCES = tests/unit/test_kannel.c
tests_unit_test_kannel_LDADD = $(BYO_TEST_LIBS)
