libbyobox_a_SOURCES += plugin/link/frame.c plugin/link/frame.h plugin/link/link.c plugin/link/link.h \
	plugin/link/link_private.h plugin/link/conn.c plugin/link/peer.c plugin/link/upstream.c plugin/link/pending.c plugin/link/resolve.c \
	plugin/link/link_log.c plugin/link/link_log.h plugin/link/status_page.c plugin/link/status_page.h

check_PROGRAMS += tests/unit/test_link
tests_unit_test_link_SOURCES = tests/unit/test_link.c tests/unit/test_link_peers.c tests/unit/link_fixture.c \
	tests/unit/link_fixture.h tests/unit/box_socket.h
tests_unit_test_link_LDADD = $(BYO_TEST_LIBS)

check_PROGRAMS += tests/unit/test_frame tests/fuzz/replay_frame
tests_unit_test_frame_SOURCES = tests/unit/test_frame.c
tests_unit_test_frame_LDADD = $(BYO_TEST_LIBS)
tests_fuzz_replay_frame_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_frame.c
tests_fuzz_replay_frame_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/frame"'
tests_fuzz_replay_frame_LDADD = $(BYO_LIBS)

check_PROGRAMS += tests/unit/test_link_log
tests_unit_test_link_log_SOURCES = tests/unit/test_link_log.c
tests_unit_test_link_log_LDADD = $(BYO_TEST_LIBS)
