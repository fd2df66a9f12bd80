# The error map and the advanced configuration; the room's other files stand in local.mk.
libbyobox_a_SOURCES += plugin/integration/advanced.c plugin/integration/advanced.h \
	plugin/integration/default_advanced.h \
	plugin/integration/causes.c plugin/integration/verdict.c \
	plugin/integration/error_map.c plugin/integration/error_map.h
nodist_libbyobox_a_SOURCES += plugin/integration/default_advanced.c

EXTRA_DIST += plugin/integration/default-advanced.json kannel-conf/override-example.json \
	tests/vectors/default-advanced.expected.tsv tests/vectors/advanced-bad
CLEANFILES += plugin/integration/default_advanced.c plugin/integration/default_advanced.tmp

plugin/integration/default_advanced.c: $(srcdir)/plugin/integration/default-advanced.json
	$(AM_V_at)$(MKDIR_P) plugin/integration
	$(AM_V_GEN){ echo '/* Made from default-advanced.json; do not edit. */' && \
	  echo '#include "integration/default_advanced.h"' && \
	  echo 'const unsigned char byo_default_advanced[] = {' && \
	  od -An -v -tu1 $(srcdir)/plugin/integration/default-advanced.json | sed 's/[0-9][0-9]*/&,/g' && \
	  echo '};' && \
	  echo 'const size_t byo_default_advanced_size = sizeof byo_default_advanced;'; \
	} > plugin/integration/default_advanced.tmp && mv plugin/integration/default_advanced.tmp $@

check_PROGRAMS += tests/unit/test_error_map tests/unit/test_advanced
tests_unit_test_error_map_SOURCES = tests/unit/test_error_map.c
tests_unit_test_error_map_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_advanced_SOURCES = tests/unit/test_advanced.c
tests_unit_test_advanced_LDADD = $(BYO_TEST_LIBS)

