libbyobox_a_SOURCES += plugin/integration/credentials.c plugin/integration/credentials.h
libbyobox_a_SOURCES += plugin/integration/integration.c plugin/integration/integration.h
libbyobox_a_SOURCES += plugin/integration/key_table.c plugin/integration/key_table.h
libbyobox_a_SOURCES += plugin/integration/properties.c plugin/integration/properties.h
libbyobox_a_SOURCES += plugin/integration/render.c plugin/integration/render.h
libbyobox_a_SOURCES += plugin/integration/smsc_keys.c plugin/integration/smsc_keys.h
