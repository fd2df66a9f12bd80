# Man pages and documents.
EXTRA_DIST += \
	docs/architecture.md \
	docs/patched-bearerbox.md \
	docs/protocol-notes.md \
	docs/reports.md \
	docs/user-guide.md
