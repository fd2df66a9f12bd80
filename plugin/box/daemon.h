/* SPDX-License-Identifier: BSD-3-Clause
 * The process: all rooms wired together; start, reload, stop.
 * Ownership: ByoDaemon owns every room's value. Threads: the main thread waits for signals; see the
 * rooms for theirs. */
#ifndef BYO_BOX_DAEMON_H
#define BYO_BOX_DAEMON_H

#include <pthread.h>
#include <stdatomic.h>

#include "admin/events.h"
#include "admin/webhook.h"
#include "box/engine.h"
#include "config/config.h"

typedef struct ByoDaemon ByoDaemon;
struct ByoDaemon {
    char *path;
    ByoConf *conf; /* replaced by a reload; readers hold conf_lock, or reload_lock */
    pthread_rwlock_t conf_lock;
    pthread_mutex_t reload_lock; /* one reload at a time, and none before the start is over */
    pthread_mutex_t edit_lock;   /* of integrations-dir; taken before reload_lock */
    ByoMatcher *standard;
    ByoStore *store;
    ByoInventory *inventory;
    ByoFlow *flow;
    ByoLink *link;
    ByoEngine *engine;
    ByoEvents *events;
    ByoWebhook *webhook;
    struct ByoLife *life;
    struct ByoActions *actions; /* the admin port */
    ByoTime started;
    pthread_mutex_t condition_lock;
    ByoStoreCondition condition; /* of the store, as the flow thread saw it last */
    char *outdated;              /* why, where `anew`: the flow thread's until it ends */
    atomic_bool anew;            /* memory is not of this store: to be started anew */
    bool purge_more;             /* this and the next three: flow thread */
    ByoPurgePlace purge_at;
    ByoTime purged;
    ByoTime retention, event_retention, statistics_retention; /* of the configuration in force */
};

/* Runs until SIGTERM or SIGINT; the exit code. verbosity: gwlib's level for standard error, -1: by the
 * configuration. */
int byo_daemon_run(const char *path, int verbosity);

/* Loads the configuration again. Any thread but the flow thread. False: the one in force stays; *why_r is a sentence
 * the caller frees. */
bool byo_daemon_reload(ByoDaemon *d, char **why_r);

#endif
