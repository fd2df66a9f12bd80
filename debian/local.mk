# The Debian packages; built by ./bootstrap.sh deb or dpkg-buildpackage -b.
EXTRA_DIST += \
	debian/byobox-bearerbox.docs \
	debian/byobox-bearerbox.lintian-overrides \
	debian/byobox-bearerbox.postinst \
	debian/byobox-bearerbox.postrm \
	debian/byobox-bearerbox.preinst \
	debian/byobox.dirs \
	debian/byobox.docs \
	debian/byobox.examples \
	debian/byobox.install \
	debian/byobox.links \
	debian/byobox.logrotate \
	debian/byobox.postinst \
	debian/byobox.postrm \
	debian/byobox.prerm \
	debian/byobox.service \
	debian/byobox.sysusers \
	debian/byobox.tmpfiles \
	debian/changelog \
	debian/completions/byoctl \
	debian/config/byobox.conf \
	debian/control \
	debian/copyright \
	debian/rules \
	debian/source/format \
	debian/tests/control \
	debian/tests/message \
	tests/install/run.sh \
	tests/install/scenario.py
