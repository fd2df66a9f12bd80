# The console in a browser: tests/browser/run.py starts the installation and the tests in chromium.
EXTRA_DIST += \
	tests/browser/actions.test.mjs \
	tests/browser/edit.test.mjs \
	tests/browser/hostile.test.mjs \
	tests/browser/images.test.mjs \
	tests/browser/install.sh \
	tests/browser/keyboard.test.mjs \
	tests/browser/lib.mjs \
	tests/browser/nodes.test.mjs \
	tests/browser/package-lock.json \
	tests/browser/package.json \
	tests/browser/run.mjs \
	tests/browser/run.py \
	tests/browser/screens.test.mjs \
	tests/browser/session.test.mjs \
	tests/browser/users.test.mjs
