libbyobox_a_SOURCES += plugin/box/config.c plugin/box/config.h
libbyobox_a_SOURCES += plugin/box/config_command.c
libbyobox_a_SOURCES += plugin/box/config_files.c plugin/box/config_files.h
libbyobox_a_SOURCES += plugin/box/config_keys.c plugin/box/config_keys.h
libbyobox_a_SOURCES += plugin/box/config_reader.c plugin/box/config_reader.h
libbyobox_a_SOURCES += plugin/box/host.c plugin/box/host.h plugin/box/host_check.c
