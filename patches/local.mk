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
	patches/0014-smpp-start.patch \
	patches/0015-bind-answer.patch \
	patches/0016-pdu-length.patch \
	patches/0017-generic-nack.patch \
	patches/0018-late-answer.patch \
	patches/0019-message-id.patch \
	patches/0020-sar-reference.patch \
	patches/0021-mwi-ucs2.patch \
	patches/0022-concat-udh.patch \
	patches/0023-concat-coding.patch \
	patches/0024-mo-raw-parts.patch \
	patches/0025-long-password.patch \
	patches/0026-dlr-pgsql.patch
