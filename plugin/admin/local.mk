libbyobox_a_SOURCES += plugin/admin/events.c plugin/admin/events.h plugin/admin/webhook.c plugin/admin/webhook.h
libbyobox_a_SOURCES += \
	plugin/admin/actions.h plugin/admin/status.c \
	plugin/admin/api.c plugin/admin/api.h plugin/admin/api_private.h plugin/admin/api_query.c \
	plugin/admin/api_assets.c plugin/admin/api_auth.c plugin/admin/api_session.c plugin/admin/api_csv.c plugin/admin/api_drain.c plugin/admin/api_erase.c plugin/admin/api_events.c plugin/admin/api_event_search.c plugin/admin/api_export.c plugin/admin/api_import.c plugin/admin/api_integrations.c \
	plugin/admin/api_messages.c plugin/admin/api_metrics.c plugin/admin/api_numbers.c \
	plugin/admin/api_numbers.h plugin/admin/api_opt_outs.c plugin/admin/api_opt_import.c plugin/admin/api_status.c \
	plugin/admin/auth.c plugin/admin/auth.h plugin/admin/session.c plugin/admin/session.h \
	plugin/admin/http.c plugin/admin/http.h plugin/admin/http_private.h plugin/admin/http_answer.c plugin/admin/http_listen.c plugin/admin/http_stream.c plugin/admin/api_stream.c \
	plugin/admin/http_parse.c plugin/admin/http_parse.h plugin/admin/workers.c \
	plugin/admin/password.c plugin/admin/password.h \
	plugin/admin/problems.c plugin/admin/problems.h
libbyobox_a_SOURCES += plugin/admin/api_encode.c plugin/admin/api_test_message.c plugin/admin/api_messages_csv.c
libbyobox_a_SOURCES += plugin/admin/api_put.c
libbyobox_a_SOURCES += plugin/admin/api_statistics.c plugin/admin/api_message_steps.c

check_PROGRAMS += tests/unit/test_api
tests_unit_test_api_SOURCES = tests/unit/test_api.c tests/unit/api_fixture.h tests/unit/api_process.h tests/unit/compliance_tsv.h
tests_unit_test_api_LDADD = $(BYO_TEST_LIBS)
check_PROGRAMS += tests/unit/test_api_numbers
tests_unit_test_api_numbers_SOURCES = tests/unit/test_api_numbers.c tests/unit/api_fixture.h tests/unit/api_process.h
tests_unit_test_api_numbers_LDADD = $(BYO_TEST_LIBS)
check_PROGRAMS += tests/unit/test_api_messages
tests_unit_test_api_messages_SOURCES = tests/unit/test_api_messages.c tests/unit/api_fixture.h tests/unit/api_process.h
tests_unit_test_api_messages_LDADD = $(BYO_TEST_LIBS)
check_PROGRAMS += tests/unit/test_api_encode
tests_unit_test_api_encode_SOURCES = tests/unit/test_api_encode.c tests/unit/api_fixture.h tests/unit/api_process.h
tests_unit_test_api_encode_LDADD = $(BYO_TEST_LIBS)
check_PROGRAMS += tests/unit/test_api_described
tests_unit_test_api_described_SOURCES = tests/unit/test_api_described.c tests/unit/api_fixture.h tests/unit/api_process.h tests/unit/tree.h
tests_unit_test_api_described_LDADD = $(BYO_TEST_LIBS)
check_PROGRAMS += tests/unit/test_api_users
tests_unit_test_api_users_SOURCES = tests/unit/test_api_users.c tests/unit/api_fixture.h tests/unit/api_process.h tests/unit/tree.h
tests_unit_test_api_users_LDADD = $(BYO_TEST_LIBS)
check_PROGRAMS += tests/unit/test_api_lists
tests_unit_test_api_lists_SOURCES = tests/unit/test_api_lists.c tests/unit/api_fixture.h tests/unit/api_process.h
tests_unit_test_api_lists_LDADD = $(BYO_TEST_LIBS)
EXTRA_DIST += tests/vectors/api.tsv
check_PROGRAMS += tests/unit/test_auth tests/unit/test_http tests/unit/test_session
tests_unit_test_session_SOURCES = tests/unit/test_session.c
tests_unit_test_session_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_auth_SOURCES = tests/unit/test_auth.c
tests_unit_test_auth_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_http_SOURCES = tests/unit/test_http.c tests/unit/api_fixture.h tests/unit/api_process.h
tests_unit_test_http_LDADD = $(BYO_TEST_LIBS)
# A handler of its own stands in for one of the API's.
check_PROGRAMS += tests/unit/test_http_pieces
tests_unit_test_http_pieces_SOURCES = tests/unit/test_http_pieces.c tests/unit/api_fixture.h tests/unit/api_process.h
tests_unit_test_http_pieces_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=byo_api_drain
tests_unit_test_http_pieces_LDADD = $(BYO_TEST_LIBS)

check_PROGRAMS += tests/fuzz/replay_http tests/fuzz/replay_api
tests_fuzz_replay_http_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_http.c
tests_fuzz_replay_http_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/http"'
tests_fuzz_replay_http_LDADD = $(BYO_LIBS)
tests_fuzz_replay_api_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_api.c
tests_fuzz_replay_api_CPPFLAGS = $(AM_CPPFLAGS) -DSEEDS='"tests/fuzz/seeds/api"'
tests_fuzz_replay_api_LDADD = $(BYO_TEST_LIBS)
check_PROGRAMS += tests/unit/test_webhook
tests_unit_test_webhook_SOURCES = tests/unit/test_webhook.c
tests_unit_test_webhook_LDADD = $(BYO_TEST_LIBS)
