/* SPDX-License-Identifier: BSD-3-Clause
 * The `group = smsc` that makes bearerbox hold an integration's binds (spec P1-P12).
 * Pure: text out, no file. */
#ifndef BYO_INTEGRATION_RENDER_H
#define BYO_INTEGRATION_RENDER_H

#include "integration/integration.h"

typedef struct {
    unsigned features;   /* BYO_FEATURE_ bits of this bearerbox */
    const char *log_dir; /* where each group's own log-file goes; no trailing slash; NULL: no log-file */
    const char *box_id;  /* byobox's own, for receipts that come straight to it */
} ByoRenderOptions;

/* The idle link, always first in the output (host H11). */
void byo_render_idle(ByoBuf *out);
/* One integration, with an empty line before it. all: for receives_for look-ups. */
void byo_render_smsc(const ByoIntegration *i, const ByoRenderOptions *opt, ByoBuf *out);

#endif
