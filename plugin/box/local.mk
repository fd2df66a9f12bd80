libbyobox_a_SOURCES += plugin/box/box.h plugin/box/main_box.c plugin/box/daemon.c plugin/box/daemon.h \
	plugin/box/engine.c plugin/box/engine.h
