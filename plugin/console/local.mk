# The console: its files, one a screen, and the table of them that goes into the program. A file that is added to
# CONSOLE_FILES is served at /assets/NAME; index.html at /. Two of them are others' and are read by the screens as they are:
# the catalogue of events, and the built-in rows of the error map.
CONSOLE_FILES = \
	plugin/console/index.html \
	plugin/console/app.js \
	plugin/console/api.js \
	plugin/console/dom.js \
	plugin/console/parts.js \
	plugin/console/live.js \
	plugin/console/chart.js \
	plugin/console/properties.js \
	plugin/console/status.js \
	plugin/console/integrations.js \
	plugin/console/integration_form.js \
	plugin/console/advanced.js \
	plugin/console/statistics.js \
	plugin/console/numbers.js \
	plugin/console/number_import.js \
	plugin/console/messages.js \
	plugin/console/message.js \
	plugin/console/encode.js \
	plugin/console/opt_outs.js \
	plugin/console/events.js \
	plugin/console/audit.js \
	plugin/console/style.css \
	plugin/console/icon.svg \
	docs/events.md \
	plugin/integration/default-advanced.json

libbyobox_a_SOURCES += plugin/console/assets.h
nodist_libbyobox_a_SOURCES += plugin/console/assets_table.c
EXTRA_DIST += $(CONSOLE_FILES) plugin/console/make_assets.py
CLEANFILES += plugin/console/assets_table.c plugin/console/assets_table.c.tmp

if CONSOLE
CONSOLE_SERVED = $(CONSOLE_FILES)
else
CONSOLE_SERVED =
endif

plugin/console/assets_table.c: $(CONSOLE_FILES) $(srcdir)/plugin/console/make_assets.py Makefile
	$(AM_V_at)$(MKDIR_P) plugin/console
	$(AM_V_GEN)cd $(srcdir) && $(PYTHON3) plugin/console/make_assets.py $(abs_builddir)/$@ $(CONSOLE_SERVED)
