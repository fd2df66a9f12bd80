/* SPDX-License-Identifier: BSD-3-Clause
 * Integrations added, changed and taken away while byobox runs (spec A1): from a request to the folder and the running
 * configuration.
 * Decides: the order. Everything is checked as `byobox -t` checks it before a file is touched; the change is in the
 * audit before it is made; the version before is kept; when the new configuration cannot be loaded the old file comes
 * back.
 * Ownership: none kept. Threads: any but the flow's; ByoDaemon.edit_lock lets one change in at a time. */
#ifndef BYO_BOX_INTEGRATIONS_H
#define BYO_BOX_INTEGRATIONS_H

#include "admin/actions.h"
#include "box/daemon.h"
#include "box/life.h"

ByoAdminPutAnswer byo_integrations_put(ByoDaemon *d, const ByoAdminPut *put, ByoAdminPutDone *done_r);
/* Activates or deactivates it. */
ByoAdminAnswer byo_integrations_life(ByoDaemon *d, ByoStr id, ByoLifeVerb verb, ByoStr who, char why_r[200]);
/* Deletes it, with what receives for it; those of integrations-dir leave it (kept as ID.conf.deleted). */
ByoAdminAnswer byo_integrations_delete(ByoDaemon *d, ByoStr id, ByoStr who, char why_r[200]);
/* At the start, before anybody else has d: the files of those whose deletion a kill or a full disk cut short leave the
 * folder; d->conf is the one without them. */
void byo_integrations_finish(ByoDaemon *d);
void byo_integrations_file(ByoDaemon *d, ByoStr id, ByoAdminFile *file_r);

#endif
