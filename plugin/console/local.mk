# The console: its files, one a screen, and the table of them that goes into the program. A file that is added to
# CONSOLE_FILES is served at /assets/NAME; index.html at /.
CONSOLE_FILES = \
	plugin/console/index.html \
	plugin/console/app.js \
	plugin/console/style.css

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
