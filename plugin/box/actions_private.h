/* SPDX-License-Identifier: BSD-3-Clause
 * Inside the admin port of the process.
 * Ownership and threads: actions.h; ByoActions.lock guards the imports and the last counts. arg is the ByoActions. */
#ifndef BYO_BOX_ACTIONS_PRIVATE_H
#define BYO_BOX_ACTIONS_PRIVATE_H

#include "admin/http.h"
#include "box/actions.h"
#include "box/daemon.h"

/* An integration at another byobox, as the store has it. */
typedef struct {
    char node[sizeof((ByoNode *)NULL)->name], id[BYO_ID_MAX + 1];
    ByoAdminAtNode at;
} ByoActionsAtNode;
typedef struct {
    ByoActionsAtNode of[BYO_SLOTS * BYO_INTEGRATIONS_MAX];
    size_t n;
} ByoActionsElsewhere;

struct ByoActions {
    ByoDaemon *d;
    ByoAdmin *admin; /* NULL: the port is shut */
    pthread_mutex_t lock;
    ByoImports *imports;
    ByoFlowStatus counts; /* of the last turn that told them */
    ByoTime counted;
    ByoActionsElsewhere elsewhere; /* the same turn's */
};

/* Keeps what the flow counts for when its turns do not come; flow thread. */
void byo_actions_count(void *arg, ByoFlow *flow, ByoTurn *t);
void byo_actions_health(void *arg, ByoAdminHealth *health_r);
void byo_actions_status(void *arg, ByoAdminStatus *status_r);
int64_t byo_actions_events_told(void *arg);

#endif
