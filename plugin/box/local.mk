libbyobox_a_SOURCES += plugin/box/box.h plugin/box/main_box.c plugin/box/daemon.c plugin/box/daemon.h plugin/box/daemon_private.h plugin/box/daemon_turn.c plugin/box/reload.c \
	plugin/box/actions.c plugin/box/actions.h plugin/box/actions_look.c plugin/box/actions_private.h plugin/box/config_command.c \
	plugin/box/engine.c plugin/box/engine.h plugin/box/engine_private.h plugin/box/engine_trouble.c plugin/box/engine_turn.c \
	plugin/box/life.c plugin/box/life.h plugin/box/life_private.h plugin/box/life_look.c plugin/box/life_page.c plugin/box/life_rows.c plugin/box/life_log.c \
	plugin/box/integrations.c plugin/box/integrations_leave.c plugin/box/integrations.h \
	plugin/box/service.c plugin/box/service.h plugin/box/smsc_file.c plugin/box/smsc_file.h

check_PROGRAMS += tests/unit/test_engine tests/unit/test_engine_doubt
tests_unit_test_engine_SOURCES = tests/unit/test_engine.c tests/unit/engine_fixture.h tests/unit/box_socket.h
tests_unit_test_engine_doubt_SOURCES = tests/unit/test_engine_doubt.c tests/unit/engine_fixture.h tests/unit/box_socket.h
tests_unit_test_engine_doubt_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_engine_LDADD = $(BYO_TEST_LIBS)
check_PROGRAMS += tests/unit/test_smsc_file
tests_unit_test_smsc_file_SOURCES = tests/unit/test_smsc_file.c
tests_unit_test_smsc_file_LDADD = $(BYO_TEST_LIBS)
