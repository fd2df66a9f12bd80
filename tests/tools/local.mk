# Checks of the source itself.
TEST_EXTENSIONS = .py
PY_LOG_COMPILER = $(PYTHON3)
check_SCRIPTS += tests/tools/check_arrows.py
EXTRA_DIST += tests/tools/check_arrows.py
# Every citation of a rule stands in docs/requirements.md or docs/protocol-notes.md.
check_SCRIPTS += tests/tools/check_citations.py
EXTRA_DIST += tests/tools/check_citations.py
# What stands in the programs (night F9); HARDENED and READELF as configure found them.
check_SCRIPTS += tests/tools/check_hardening.py
EXTRA_DIST += tests/tools/check_hardening.py
# What docs/security.md claims is shown by tests that exist.
check_SCRIPTS += tests/tools/check_security_doc.py
EXTRA_DIST += tests/tools/check_security_doc.py
# A test's time limit is for one that hangs: libcheck's 4 seconds are also over on a machine with much to do.
AM_TESTS_ENVIRONMENT = HARDENED=$(HARDENED); export HARDENED; \
	CK_DEFAULT_TIMEOUT=$${CK_DEFAULT_TIMEOUT:-120}; export CK_DEFAULT_TIMEOUT;
# Every file of the repository is in the release.
check_SCRIPTS += tests/tools/check_dist.py
EXTRA_DIST += tests/tools/check_dist.py .clang-format .editorconfig
# What a list of the source says stands nowhere else, or as it says.
check_SCRIPTS += tests/tools/check_facts.py
EXTRA_DIST += tests/tools/check_facts.py
EXTRA_PROGRAMS += tests/tools/print_facts
tests_tools_print_facts_SOURCES = tests/tools/print_facts.c
tests_tools_print_facts_LDADD = $(BYO_LIBS)
tests/tools/check_facts.log: tests/tools/print_facts$(EXEEXT)
CLEANFILES += $(EXTRA_PROGRAMS)
check_SCRIPTS += tests/tools/check_completion.py
EXTRA_DIST += tests/tools/check_completion.py
# docs/monitoring is current, and Prometheus takes it.
check_SCRIPTS += tests/tools/check_monitoring.py
EXTRA_DIST += tests/tools/check_monitoring.py
# As .clang-format says, by the one version that says it.
check_SCRIPTS += tests/tools/check_format.py
EXTRA_DIST += tests/tools/check_format.py tests/run .clang-tidy .github/workflows/check.yml

# A log ends with what failed.
check_SCRIPTS += tests/tools/check_failures.py
EXTRA_DIST += tests/tools/check_failures.py tests/tools/failures.py

# "make tidy": clang-tidy by .clang-tidy over plugin/, TIDY_JOBS at a time. Other versions find other things.
CLANG_TIDY = clang-tidy-14
TIDY_JOBS = 2
CLEANFILES += compile_flags.txt tidy.err
tidy: $(BUILT_SOURCES)
	@printf '%s\n' $(DEFS) $(AM_CPPFLAGS) $(CPPFLAGS) -std=gnu11 >compile_flags.txt
	@printf '$(srcdir)/%s\n' $(libbyobox_a_SOURCES) $(byobox_SOURCES) $(byoctl_SOURCES) | grep '\.c$$' | \
		xargs -P $(TIDY_JOBS) -n 4 $(CLANG_TIDY) --quiet -p . 2>tidy.err || \
		{ grep -v 'warnings* generated' tidy.err; exit 1; }
	@echo "clang-tidy: nothing found"
.PHONY: tidy

# "make coverage": what the unit tests, and what else ran in this build before (end-to-end tests with BYO_BUILD_DIR),
# did not reach; printed, and as coverage/index.html. Needs gcovr.
GCOVR = gcovr
coverage: all
	@test $(COVERAGE) = yes || { echo 'this build does not count: ./configure --enable-coverage'; exit 1; }
	$(MAKE) $(AM_MAKEFLAGS) check
	@$(MKDIR_P) coverage
	$(GCOVR) --root $(srcdir) --object-directory . --filter '.*plugin/' --exclude-unreachable-branches \
		--html-details coverage/index.html --print-summary --txt -
clean-local:
	rm -rf coverage
	find . -name '*.gc[dn][ao]' -exec rm -f {} +
.PHONY: coverage
# Runs what it is given beside a PostgreSQL of its own.
EXTRA_DIST += tests/tools/with_postgres.py
