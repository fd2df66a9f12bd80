/* SPDX-License-Identifier: BSD-3-Clause
 * What the service manager is told (sd_notify(3)): that byobox serves, reads its configuration again, stops,
 * and that the flow thread is alive. Without a service manager that asked for it, nothing.
 *
 * Decides: how often a sign of life is given. It comes from the flow thread's turns alone: a commit that
 * never returns keeps it out and byobox is started again; a slow disk only makes it late, and a store that
 * refuses to be written is no reason at all (turns go on).
 * Threads: see each function. */
#ifndef BYO_BOX_SERVICE_H
#define BYO_BOX_SERVICE_H

#include "base/clock.h"

/* The main thread's. */
void byo_service_ready(const char *status); /* status: one line for `systemctl status` */
void byo_service_reloading(void);
void byo_service_stopping(void);
/* The flow thread's, after each turn; now is monotonic. Tells four times in each watchdog time at most. */
void byo_service_alive(ByoTime now);

#endif
