/* SPDX-License-Identifier: BSD-3-Clause
 * Talking to the service manager by libsystemd.
 * Ownership: none. Threads: service.h; the static values below belong to the flow thread. */
#include "box/service.h"

#include <inttypes.h>
#include <time.h>

#include <systemd/sd-daemon.h>

static ByoTime every = -1; /* ms; -1: not asked yet, 0: nobody watches */
static ByoTime told;

void byo_service_ready(const char *status)
{
    sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void byo_service_reloading(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
}

void byo_service_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}

void byo_service_alive(ByoTime now)
{
    if (every < 0) {
        uint64_t usec = 0;
        every = sd_watchdog_enabled(0, &usec) > 0 ? (ByoTime)(usec / 4000) : 0;
        if (every == 0 && usec > 0)
            every = 1;
    }
    if (every == 0 || (told && now - told < every))
        return;
    told = now;
    sd_notify(0, "WATCHDOG=1");
}
