libbyobox_a_SOURCES += plugin/box/box.h plugin/box/main_box.c plugin/box/daemon.c plugin/box/daemon.h \
	plugin/box/kannel_text.c plugin/box/kannel_text.h plugin/box/kannel_text_private.h plugin/box/kannel_revert.c \
	plugin/box/kannel.c plugin/box/kannel.h plugin/box/kannel_reader.c plugin/box/kannel_files.c \
	plugin/box/engine.c plugin/box/engine.h \
	plugin/box/life.c plugin/box/life.h plugin/box/life_private.h plugin/box/life_look.c plugin/box/life_rows.c \
	plugin/box/service.c plugin/box/service.h plugin/box/smsc_file.c plugin/box/smsc_file.h
libbyobox_a_SOURCES += plugin/integration/life_state.c plugin/integration/life_state.h
libbyobox_a_SOURCES += plugin/link/status_page.c plugin/link/status_page.h \
	plugin/link/link_log.c plugin/link/link_log.h plugin/box/life_log.c
check_PROGRAMS += tests/unit/test_life_state
tests_unit_test_life_state_SOURCES = tests/unit/test_life_state.c
tests_unit_test_life_state_LDADD = $(BYO_TEST_LIBS)

check_PROGRAMS += tests/unit/test_engine
tests_unit_test_engine_SOURCES = tests/unit/test_engine.c tests/unit/box_socket.h
tests_unit_test_engine_LDADD = $(BYO_TEST_LIBS)
check_PROGRAMS += tests/unit/test_smsc_file
tests_unit_test_smsc_file_SOURCES = tests/unit/test_smsc_file.c
tests_unit_test_smsc_file_LDADD = $(BYO_TEST_LIBS)
check_PROGRAMS += tests/unit/test_kannel
tests_unit_test_kannel_SOURCES = tests/unit/test_kannel.c
tests_unit_test_kannel_LDADD = $(BYO_TEST_LIBS)
