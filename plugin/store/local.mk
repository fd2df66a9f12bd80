store_schema = plugin/store/schema/0001.sql plugin/store/schema/0002.sql plugin/store/schema/0003.sql plugin/store/schema/0004.sql \
	plugin/store/schema/0005.sql

libbyobox_a_SOURCES += \
	plugin/store/store.h \
	plugin/store/store_private.h \
	plugin/store/store_id.c \
	plugin/store/store_sqlite.c \
	plugin/store/store_counter.c plugin/store/store_clock.c \
	plugin/store/store_open.c \
	plugin/store/store_message.c plugin/store/store_rows.c \
	plugin/store/store_copy.c \
	plugin/store/store_queue.c \
	plugin/store/store_expiry.c \
	plugin/store/store_resume.c \
	plugin/store/store_recipient.c \
	plugin/store/store_search.c \
	plugin/store/store_inward.c plugin/store/store_early.c \
	plugin/store/store_number.c plugin/store/store_opt.c plugin/store/store_setting.c plugin/store/store_open_messages.c plugin/store/store_erase.c \
	plugin/store/store_state.c
nodist_libbyobox_a_SOURCES += plugin/store/schema_text.h

# The schema files, in order, as C strings: one element a version.
plugin/store/schema_text.h: $(store_schema)
	$(AM_V_GEN)$(MKDIR_P) plugin/store
	$(AM_V_at){ echo 'static const char *const byo_schema_text[] = {'; \
	for f in $(store_schema); do \
	  if test -f "$$f"; then :; else f="$(srcdir)/$$f"; fi; \
	  sed -e '/^--/d' -e 's/  *--.*//' -e '/^$$/d' -e 's/\\/\\\\/g' -e 's/"/\\"/g' \
	    -e 's/^/    "/' -e 's/$$/\\n"/' "$$f" || exit 1; echo '    ,'; \
	done; echo '};'; } > $@.tmp && mv $@.tmp $@

# BUILT_SOURCES is made for all and check only; make bench and make byobox need it as well.
plugin/store/store_open.$(OBJEXT): plugin/store/schema_text.h
BUILT_SOURCES += plugin/store/schema_text.h
CLEANFILES += plugin/store/schema_text.h plugin/store/schema_text.h.tmp
EXTRA_DIST += $(store_schema) tests/store/schema-1.sql

check_PROGRAMS += tests/store/test_store
tests_store_test_store_SOURCES = tests/store/store_fixture.h tests/store/test_store.c \
	tests/store/test_store_rows.c tests/store/test_store_fault.c tests/store/test_store_kept.c
tests_store_test_store_LDADD = $(BYO_TEST_LIBS)

EXTRA_PROGRAMS += tests/bench/bench_store
tests_bench_bench_store_SOURCES = tests/bench/bench_store.c
tests_bench_bench_store_LDADD = $(BYO_LIBS)
