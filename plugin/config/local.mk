libbyobox_a_SOURCES += \
	plugin/config/access.c plugin/config/config.c plugin/config/config.h plugin/config/files.c plugin/config/files.h \
	plugin/config/file_write.c plugin/config/file_write.h \
	plugin/config/folder.c plugin/config/folder_put.c plugin/config/folder.h plugin/config/folder_private.h \
	plugin/config/host.c plugin/config/host.h plugin/config/host_check.c plugin/config/keys.c plugin/config/keys_store.c plugin/config/keys.h \
	plugin/config/key_file.c plugin/config/key_file.h plugin/config/reader.c plugin/config/reader.h

check_PROGRAMS += tests/unit/test_folder tests/unit/test_file_write tests/unit/test_config_reader tests/unit/test_config tests/unit/test_host_check
tests_unit_test_folder_SOURCES = tests/unit/test_folder.c
tests_unit_test_folder_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=byo_config_read
tests_unit_test_folder_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_file_write_SOURCES = tests/unit/test_file_write.c
tests_unit_test_file_write_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_config_reader_SOURCES = tests/unit/test_config_reader.c tests/unit/config_text.h
tests_unit_test_config_reader_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_config_SOURCES = tests/unit/test_config.c tests/unit/config_vectors.h
tests_unit_test_config_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_host_check_SOURCES = tests/unit/test_host_check.c tests/unit/config_vectors.h
tests_unit_test_host_check_LDADD = $(BYO_TEST_LIBS)

EXTRA_DIST += kannel-conf/kannel.conf kannel-conf/byobox.conf kannel-conf/carrier-a.json \
	kannel-conf/transmitter-receiver.conf kannel-conf/two-smscs.conf kannel-conf/kannel-two-smscs.conf \
	kannel-conf/smsc.conf tests/vectors/config
