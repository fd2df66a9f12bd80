libbyobox_a_SOURCES += plugin/integration/counts.c plugin/integration/counts.h
libbyobox_a_SOURCES += plugin/integration/credentials.c plugin/integration/credentials.h
libbyobox_a_SOURCES += plugin/integration/edit.c plugin/integration/edit_changes.c plugin/integration/edit.h \
	plugin/integration/edit_private.h
libbyobox_a_SOURCES += plugin/integration/integration.c plugin/integration/integration.h
libbyobox_a_SOURCES += plugin/integration/key_table.c plugin/integration/key_table.h plugin/integration/key_value.c plugin/integration/key_value.h
libbyobox_a_SOURCES += plugin/integration/life_state.c plugin/integration/life_state.h
libbyobox_a_SOURCES += plugin/integration/odd_rows.c plugin/integration/odd_rows.h
libbyobox_a_SOURCES += plugin/integration/policy.c plugin/integration/policy.h
libbyobox_a_SOURCES += plugin/integration/properties.c plugin/integration/properties.h
libbyobox_a_SOURCES += plugin/integration/properties_json.c
libbyobox_a_SOURCES += plugin/integration/render.c plugin/integration/render.h
libbyobox_a_SOURCES += plugin/integration/smsc_keys.c plugin/integration/smsc_keys.h

check_PROGRAMS += tests/unit/test_properties tests/unit/test_render tests/unit/test_credentials
tests_unit_test_properties_SOURCES = tests/unit/test_properties.c tests/unit/config_text.h
tests_unit_test_properties_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_render_SOURCES = tests/unit/test_render.c tests/unit/config_text.h
tests_unit_test_render_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_credentials_SOURCES = tests/unit/test_credentials.c
tests_unit_test_credentials_LDADD = $(BYO_TEST_LIBS)
check_PROGRAMS += tests/unit/test_life_state
tests_unit_test_life_state_SOURCES = tests/unit/test_life_state.c
tests_unit_test_life_state_LDADD = $(BYO_TEST_LIBS)
check_PROGRAMS += tests/unit/test_edit
tests_unit_test_edit_SOURCES = tests/unit/test_edit.c
tests_unit_test_edit_LDADD = $(BYO_TEST_LIBS)
