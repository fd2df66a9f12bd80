/* SPDX-License-Identifier: BSD-3-Clause
 * The admin port of the process: what the API needs of the other rooms, filled in.
 * Ownership: ByoActions owns the admin port's threads. Threads: start and stop by the main thread, reloaded by whoever
 * loads, under reload_lock; what the API calls runs in its workers and reaches the flow through the engine. */
#ifndef BYO_BOX_ACTIONS_H
#define BYO_BOX_ACTIONS_H

#include "base/str.h"

typedef struct ByoActions ByoActions;
struct ByoDaemon;

/* Opens the admin port when there is an admin-password. NULL: *why_r is a sentence the caller frees. */
ByoActions *byo_actions_start(struct ByoDaemon *d, char **why_r);
/* The configuration was loaded again: opens the port when there is a password only now. */
void byo_actions_reloaded(ByoActions *a);
void byo_actions_stop(ByoActions *a); /* takes NULL; while the engine still answers */

#endif
