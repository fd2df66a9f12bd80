# Checks of the source itself.
TEST_EXTENSIONS = .py
PY_LOG_COMPILER = $(PYTHON3)
check_SCRIPTS += tests/tools/check_arrows.py
EXTRA_DIST += tests/tools/check_arrows.py
