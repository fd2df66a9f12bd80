# Man pages and documents.
EXTRA_DIST += \
	docs/architecture.md \
	docs/patched-bearerbox.md
