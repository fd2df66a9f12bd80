# The end-to-end tests: Python 3, nothing to build. `make check-e2e` runs them against this build.
EXTRA_DIST += \
	.ci/run \
	tests/e2e/byo/__init__.py \
	tests/e2e/byo/application.py \
	tests/e2e/byo/boxpeer.py \
	tests/e2e/byo/byobox.py \
	tests/e2e/byo/ca.py \
	tests/e2e/byo/carrier.py \
	tests/e2e/byo/case.py \
	tests/e2e/byo/conf.py \
	tests/e2e/byo/disk.py \
	tests/e2e/byo/disk_fault.c \
	tests/e2e/byo/durable_carrier.py \
	tests/e2e/byo/gsm.py \
	tests/e2e/byo/installation.py \
	tests/e2e/byo/kannel.py \
	tests/e2e/byo/life.py \
	tests/e2e/byo/patched.py \
	tests/e2e/byo/peer.py \
	tests/e2e/byo/process.py \
	tests/e2e/byo/slow_threads.c \
	tests/e2e/byo/smpp.py \
	tests/e2e/byo/tap.py \
	tests/e2e/byo/write_log.c \
	tests/e2e/demo.py \
	tests/e2e/matrix.py \
	tests/e2e/peers/install.sh \
	tests/e2e/peers/package-lock.json \
	tests/e2e/peers/package.json \
	tests/e2e/peers/smsc.js \
	tests/e2e/peers/smsc.pl \
	tests/e2e/run.py \
	tests/e2e/soak.py \
	tests/e2e/test_admin.py \
	tests/e2e/test_box_port.py \
	tests/e2e/test_config_cli.py \
	tests/e2e/test_disk.py \
	tests/e2e/test_exact.py \
	tests/e2e/test_field_ops.py \
	tests/e2e/test_harness.py \
	tests/e2e/test_hostile.py \
	tests/e2e/test_life.py \
	tests/e2e/test_main_path.py \
	tests/e2e/test_matrix.py \
	tests/e2e/test_mo.py \
	tests/e2e/test_pacing.py \
	tests/e2e/test_pass_through.py \
	tests/e2e/test_patches.py \
	tests/e2e/test_patches_cost.py \
	tests/e2e/test_patches_links.py \
	tests/e2e/test_patches_mo.py \
	tests/e2e/test_patches_nodelay.py \
	tests/e2e/test_patches_receipts.py \
	tests/e2e/test_patches_smsbox.py \
	tests/e2e/test_patches_tls.py \
	tests/e2e/test_peers.py \
	tests/e2e/test_plus_prefix.py \
	tests/e2e/test_field_receipts.py \
	tests/e2e/test_receipts.py \
	tests/e2e/test_reconnect.py \
	tests/e2e/test_reliability.py \
	tests/e2e/test_service.py \
	tests/e2e/test_smsboxes.py

.PHONY: check-e2e
check-e2e: byobox byoctl
	BYO_BUILD_DIR=$(abs_builddir) $(PYTHON3) $(srcdir)/tests/e2e/run.py $(E2E_FLAGS)
