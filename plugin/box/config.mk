libbyobox_a_SOURCES += plugin/box/config.c plugin/box/config.h
libbyobox_a_SOURCES += plugin/box/config_command.c
libbyobox_a_SOURCES += plugin/box/config_files.c plugin/box/config_files.h
libbyobox_a_SOURCES += plugin/box/config_keys.c plugin/box/config_access.c plugin/box/config_keys.h
libbyobox_a_SOURCES += plugin/box/config_reader.c plugin/box/config_reader.h
libbyobox_a_SOURCES += plugin/box/folder.c plugin/box/folder_put.c plugin/box/folder.h plugin/box/folder_private.h
libbyobox_a_SOURCES += plugin/box/host.c plugin/box/host.h plugin/box/host_check.c

check_PROGRAMS += tests/unit/test_folder tests/unit/test_config_reader tests/unit/test_config tests/unit/test_host_check
tests_unit_test_folder_SOURCES = tests/unit/test_folder.c
tests_unit_test_folder_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_config_reader_SOURCES = tests/unit/test_config_reader.c tests/unit/config_text.h
tests_unit_test_config_reader_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_config_SOURCES = tests/unit/test_config.c tests/unit/config_vectors.h
tests_unit_test_config_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_host_check_SOURCES = tests/unit/test_host_check.c tests/unit/config_vectors.h
tests_unit_test_host_check_LDADD = $(BYO_TEST_LIBS)


EXTRA_DIST += kannel-conf/kannel.conf kannel-conf/byobox.conf kannel-conf/carrier-a.json \
	kannel-conf/transmitter-receiver.conf kannel-conf/two-smscs.conf kannel-conf/kannel-two-smscs.conf \
	kannel-conf/smsc.conf tests/vectors/config
