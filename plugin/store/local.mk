store_schema = plugin/store/schema/0001.sql plugin/store/schema/0002.sql plugin/store/schema/0003.sql plugin/store/schema/0004.sql \
	plugin/store/schema/0005.sql plugin/store/schema/0006.sql plugin/store/schema/0007.sql plugin/store/schema/0008.sql

libbyobox_a_SOURCES += \
	plugin/store/store.h plugin/store/operations.h plugin/store/store.c plugin/store/store_id.c plugin/store/store_target.c plugin/store/copy.h plugin/store/copy.c plugin/store/tables.h plugin/store/course.h plugin/store/course.c plugin/store/counts.h plugin/store/counts.c plugin/store/sqlite/sqlite.h \
	plugin/store/sqlite/sqlite_private.h \
	plugin/store/sqlite/sqlite_statement.c plugin/store/sqlite/sqlite_open.c \
	plugin/store/sqlite/sqlite_counter.c plugin/store/sqlite/sqlite_clock.c \
	plugin/store/sqlite/sqlite_message.c plugin/store/sqlite/sqlite_rows.c plugin/store/sqlite/sqlite_later.c plugin/store/sqlite/sqlite_copy.c \
	plugin/store/sqlite/sqlite_step.c plugin/store/sqlite/sqlite_queue.c plugin/store/sqlite/sqlite_expiry.c plugin/store/sqlite/sqlite_resume.c \
	plugin/store/sqlite/sqlite_recipient.c plugin/store/sqlite/sqlite_search.c \
	plugin/store/sqlite/sqlite_inward.c plugin/store/sqlite/sqlite_early.c \
	plugin/store/sqlite/sqlite_number.c plugin/store/sqlite/sqlite_opt.c plugin/store/sqlite/sqlite_setting.c plugin/store/sqlite/sqlite_statistic.c plugin/store/sqlite/sqlite_inbound.c \
	plugin/store/sqlite/sqlite_open_messages.c plugin/store/sqlite/sqlite_erase.c plugin/store/sqlite/sqlite_state.c plugin/store/sqlite/sqlite_tables.c \
	plugin/store/sqlite/sqlite_alone.c
libbyobox_a_SOURCES += plugin/store/pgsql/pgsql.h plugin/store/pgsql/pgsql_private.h plugin/store/pgsql/pgsql_statements.h \
	plugin/store/pgsql/pgsql_statements_nodes.h plugin/store/pgsql/pgsql_statements_over.h plugin/store/pgsql/pgsql_rows.h \
	plugin/store/pgsql/pgsql_value.h plugin/store/pgsql/pgsql_session.h plugin/store/pgsql/pgsql_way.h \
	plugin/store/pgsql/pgsql_parts.h plugin/store/pgsql/pgsql_statements_end.h plugin/store/pgsql/pgsql_condition.c \
	plugin/store/pgsql/pgsql_open.c plugin/store/pgsql/pgsql_connect.c plugin/store/pgsql/pgsql_node.c \
	plugin/store/pgsql/pgsql_schema.c plugin/store/pgsql/pgsql_statement.c plugin/store/pgsql/pgsql_value.c \
	plugin/store/pgsql/pgsql_turn.c plugin/store/pgsql/pgsql_counter.c plugin/store/pgsql/pgsql_held.c \
	plugin/store/pgsql/pgsql_rows.c plugin/store/pgsql/pgsql_kept.c plugin/store/pgsql/pgsql_columns.c \
	plugin/store/pgsql/pgsql_queue.c plugin/store/pgsql/pgsql_copy.c plugin/store/pgsql/pgsql_step.c \
	plugin/store/pgsql/pgsql_want.c plugin/store/pgsql/pgsql_ahead.c plugin/store/pgsql/pgsql_search.c plugin/store/pgsql/pgsql_resume.c \
	plugin/store/pgsql/pgsql_number.c plugin/store/pgsql/pgsql_opt.c plugin/store/pgsql/pgsql_state.c \
	plugin/store/pgsql/pgsql_inward.c plugin/store/pgsql/pgsql_gather.c plugin/store/pgsql/pgsql_waiting.c \
	plugin/store/pgsql/pgsql_early.c plugin/store/pgsql/pgsql_early_known.c plugin/store/pgsql/pgsql_inbound.c plugin/store/pgsql/pgsql_statistic.c \
	plugin/store/pgsql/pgsql_setting.c plugin/store/pgsql/pgsql_erase.c plugin/store/pgsql/pgsql_purge.c \
	plugin/store/pgsql/pgsql_clock.c plugin/store/pgsql/pgsql_tables.c plugin/store/pgsql/pgsql_others.c \
	plugin/store/pgsql/pgsql_share.c plugin/store/pgsql/pgsql_over.c plugin/store/pgsql/pgsql_days.c \
	plugin/store/pgsql/pgsql_parts.c plugin/store/pgsql/pgsql_parts_end.c plugin/store/pgsql/pgsql_way.c
nodist_libbyobox_a_SOURCES += plugin/store/sqlite/schema_text.h plugin/store/pgsql/schema_text.h

pgsql_schema = plugin/store/schema/pgsql/0001.sql plugin/store/schema/pgsql/0002.sql plugin/store/schema/pgsql/0003.sql plugin/store/schema/pgsql/0004.sql \
	plugin/store/schema/pgsql/0005.sql plugin/store/schema/pgsql/0006.sql
pgsqlschemadir = $(pkgdatadir)/schema/pgsql
dist_pgsqlschema_DATA = $(pgsql_schema)

# The schema files, in order, as C strings: one element a version.
plugin/store/sqlite/schema_text.h: $(store_schema)
	$(AM_V_GEN)$(MKDIR_P) plugin/store/sqlite
	$(AM_V_at)name=byo_schema_text; files='$(store_schema)'; $(schema_as_c)
plugin/store/pgsql/schema_text.h: $(pgsql_schema)
	$(AM_V_GEN)$(MKDIR_P) plugin/store/pgsql
	$(AM_V_at)name=byo_pgsql_schema_text; files='$(pgsql_schema)'; $(schema_as_c)
schema_as_c = { echo "static const char *const $$name[] = {"; \
	for f in $$files; do \
	  if test -f "$$f"; then :; else f="$(srcdir)/$$f"; fi; \
	  sed -e '/^--/d' -e 's/  *--.*//' -e '/^$$/d' -e 's/\\/\\\\/g' -e 's/"/\\"/g' \
	    -e 's/^/    "/' -e 's/$$/\\n"/' "$$f" || exit 1; echo '    ,'; \
	done; echo '};'; } > $@.tmp && mv $@.tmp $@

# BUILT_SOURCES is made for all and check only; make bench and make byobox need it as well.
plugin/store/sqlite/sqlite_open.$(OBJEXT): plugin/store/sqlite/schema_text.h
plugin/store/pgsql/pgsql_schema.$(OBJEXT): plugin/store/pgsql/schema_text.h
BUILT_SOURCES += plugin/store/sqlite/schema_text.h plugin/store/pgsql/schema_text.h
CLEANFILES += plugin/store/sqlite/schema_text.h plugin/store/sqlite/schema_text.h.tmp plugin/store/pgsql/schema_text.h \
	plugin/store/pgsql/schema_text.h.tmp
EXTRA_DIST += $(store_schema) tests/store/schema-1.sql

# The contract a second time, for tests of those who use it.
check_LIBRARIES += tests/store/memory/libmemory.a
tests_store_memory_libmemory_a_SOURCES = tests/store/memory/memory_store.h tests/store/memory/memory_private.h \
	tests/store/memory/memory_rows.c tests/store/memory/memory_messages.c tests/store/memory/memory_state.c \
	tests/store/memory/memory_events.c tests/store/memory/memory_kept.c tests/store/memory/memory_alone.c
BYO_MEMORY_STORE = tests/store/memory/libmemory.a

check_PROGRAMS += tests/store/test_store tests/store/test_store_memory
store_tests = tests/store/store_fixture.h tests/store/store_suites.c tests/store/test_store_messages.c \
	tests/store/test_store_queue.c tests/store/test_store_inward.c tests/store/test_store_rows.c \
	tests/store/test_store_purge.c tests/store/test_store_fault.c \
	tests/store/test_store_kept.c tests/store/test_store_ahead.c
tests_store_test_store_SOURCES = tests/store/test_store.c $(store_tests)
tests_store_test_store_LDADD = $(BYO_MEMORY_STORE) $(BYO_TEST_LIBS)
tests_store_test_store_memory_SOURCES = tests/store/test_store_memory.c $(store_tests)
tests_store_test_store_memory_LDADD = $(BYO_MEMORY_STORE) $(BYO_TEST_LIBS)

EXTRA_PROGRAMS += tests/bench/bench_store
tests_bench_bench_store_SOURCES = tests/bench/bench_store.c
tests_bench_bench_store_LDADD = $(BYO_LIBS)

check_PROGRAMS += tests/store/test_pgsql tests/store/test_pgsql_answers tests/store/test_pgsql_nodes tests/store/test_pgsql_kept \
	tests/store/test_pgsql_rows tests/store/test_pgsql_rows_shared tests/store/test_pgsql_written tests/store/test_pgsql_over tests/store/test_pgsql_days tests/store/test_pgsql_few_days tests/store/test_pgsql_past \
	tests/store/test_pgsql_plans tests/store/test_pgsql_shares tests/store/test_pgsql_receipts
tests_store_test_pgsql_receipts_SOURCES = tests/store/pgsql_fixture.h tests/store/test_pgsql_receipts.c
tests_store_test_pgsql_receipts_LDADD = $(BYO_TEST_LIBS)
tests_store_test_pgsql_shares_SOURCES = tests/store/pgsql_fixture.h tests/store/test_pgsql_shares.c
tests_store_test_pgsql_shares_LDADD = $(BYO_TEST_LIBS)
tests_store_test_pgsql_plans_SOURCES = tests/store/pgsql_fixture.h tests/store/test_pgsql_plans.c
tests_store_test_pgsql_plans_LDADD = $(BYO_TEST_LIBS)
tests_store_test_pgsql_past_SOURCES = tests/store/pgsql_fixture.h tests/store/test_pgsql_past.c
tests_store_test_pgsql_past_LDADD = $(BYO_TEST_LIBS)
tests_store_test_pgsql_over_SOURCES = tests/store/pgsql_fixture.h tests/store/pgsql_over.h tests/store/test_pgsql_over.c
tests_store_test_pgsql_over_LDADD = $(BYO_TEST_LIBS)
tests_store_test_pgsql_few_days_SOURCES = tests/store/pgsql_fixture.h tests/store/pgsql_over.h tests/store/test_pgsql_few_days.c
tests_store_test_pgsql_few_days_LDADD = $(BYO_TEST_LIBS)
tests_store_test_pgsql_days_SOURCES = tests/store/pgsql_fixture.h tests/store/pgsql_over.h tests/store/test_pgsql_days.c
tests_store_test_pgsql_days_LDADD = $(BYO_TEST_LIBS)
tests_store_test_pgsql_SOURCES = tests/store/pgsql_fixture.h tests/store/test_pgsql.c
tests_store_test_pgsql_LDADD = $(BYO_TEST_LIBS)
tests_store_test_pgsql_answers_SOURCES = tests/store/pgsql_fixture.h tests/store/test_pgsql_answers.c
tests_store_test_pgsql_answers_LDADD = $(BYO_TEST_LIBS)
tests_store_test_pgsql_nodes_SOURCES = tests/store/pgsql_fixture.h tests/store/test_pgsql_nodes.c
tests_store_test_pgsql_nodes_LDADD = $(BYO_TEST_LIBS)
tests_store_test_pgsql_kept_SOURCES = tests/store/pgsql_fixture.h tests/store/test_pgsql_kept.c
tests_store_test_pgsql_kept_LDADD = $(BYO_TEST_LIBS)
tests_store_test_pgsql_rows_SOURCES = tests/store/pgsql_fixture.h tests/store/pgsql_row.h tests/store/test_pgsql_rows.c
tests_store_test_pgsql_rows_LDADD = $(BYO_TEST_LIBS)
tests_store_test_pgsql_rows_shared_SOURCES = tests/store/pgsql_fixture.h tests/store/pgsql_row.h tests/store/test_pgsql_rows_shared.c
tests_store_test_pgsql_rows_shared_LDADD = $(BYO_TEST_LIBS)
tests_store_test_pgsql_written_SOURCES = tests/store/pgsql_fixture.h tests/store/pgsql_row.h tests/store/test_pgsql_written.c
tests_store_test_pgsql_written_LDADD = $(BYO_TEST_LIBS)
