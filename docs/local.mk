# Man pages and documents.
EXTRA_DIST += \
	docs/architecture.md \
	docs/developing.md \
	docs/patched-bearerbox.md \
	docs/protocol-notes.md \
	docs/reports.md \
	docs/requirements.md \
	docs/several-nodes.md docs/nodes-design.md \
	docs/user-guide.md
EXTRA_DIST += \
	docs/events.md docs/genesys-terms.md \
	docs/metrics.md \
	docs/openapi.yaml
dist_man_MANS += \
	docs/man/byobox.8 \
	docs/man/byobox.conf.5 \
	docs/man/byoctl.1
EXTRA_DIST += docs/images/console-message.png docs/images/console-status.png
EXTRA_DIST += docs/reliability.md docs/benchmarks.md docs/security.md
EXTRA_DIST += docs/monitoring/generate.py docs/monitoring/byobox.rules.yml docs/monitoring/byobox.rules.test.yml \
	docs/monitoring/byobox-dashboard.json
