# Words of the outer rooms.
libbyobox_a_SOURCES += plugin/base/traffic.c plugin/base/traffic.h plugin/base/event.c plugin/base/event.h \
	plugin/base/log.c plugin/base/log.h plugin/base/thread.c plugin/base/thread.h \
	plugin/base/allow_ip.c plugin/base/allow_ip.h
