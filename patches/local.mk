# What Kannel can be given; nothing of it is built here.
EXTRA_DIST += \
	patches/COPYING.kannel \
	patches/README.md \
	patches/build.sh \
	patches/series \
	patches/0001-build.patch \
	patches/0002-raw-payload.patch \
	patches/0003-submit-status.patch \
	patches/0004-receipts-to-box.patch \
	patches/0005-mo-raw.patch \
	patches/0006-verified-tls.patch \
	patches/0007-smsbox-utf8.patch \
	patches/0008-bind-retry.patch \
	patches/0009-features.patch \
	patches/0010-link-requeue.patch \
	patches/0011-smsc-instances.patch \
	patches/0012-dict-size.patch \
	patches/0013-tcp-nodelay.patch \
	patches/0014-smpp-start.patch
