/* SPDX-License-Identifier: BSD-3-Clause
 * What start, reload and the flow thread's turns share. Ownership and threads: daemon.h. */
#ifndef BYO_BOX_DAEMON_PRIVATE_H
#define BYO_BOX_DAEMON_PRIVATE_H

#include "box/daemon.h"

void byo_daemon_tell_faults(const ByoFaults *faults);
/* Where the store is; borrowed from conf. */
ByoStoreTarget byo_daemon_store(const ByoConf *conf);
/* NULL: *why_r is a sentence the caller frees. */
ByoMatcher *byo_daemon_matcher(const ByoConf *conf, char **why_r);
/* Borrows from both. */
ByoFlowConfig byo_daemon_flow_config(ByoConf *conf, const ByoMatcher *standard);
/* What the flow thread works by: it does not look into the configuration, which a reload replaces. */
void byo_daemon_work_by(ByoDaemon *d, const ByoConf *conf);

/* ByoFlowOptions.event; arg is the daemon. */
void byo_daemon_on_event(void *arg, ByoTurn *t, const ByoEventNote *note);
/* ByoFlowOptions.integration; the same. */
void byo_daemon_on_integration(void *arg, ByoFlow *flow, ByoTurn *t, ByoStr id);
/* What the engine calls; arg is the daemon, whose store and flow are there. */
ByoEngineOptions byo_daemon_turns(ByoDaemon *d);
/* The clock was set by so much; when: "", or words that say it. */
void byo_daemon_tell_jump(ByoDaemon *d, ByoTurn *t, ByoTime by, const char *when);

#endif
