/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: what an untouched sms value holds, and how a UUID is made.
 * Ownership: nothing is allocated.
 * Threads: each has its own store of random bytes; a forked child throws the inherited one away. */
#include "base/sms.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#define UUID_BYTES 16
#define POOL_UUIDS 64

typedef struct {
    unsigned char bytes[POOL_UUIDS * UUID_BYTES];
    size_t used;
    unsigned generation; /* of the process the bytes were drawn in; 0: none drawn */
} RandomPool;

static _Thread_local RandomPool pool;
static atomic_uint generation = 1;
static pthread_once_t fork_watch = PTHREAD_ONCE_INIT;

void byo_sms_init(ByoSms *sms)
{
    *sms = (ByoSms){.time = BYO_UNDEF,
                    .sms_type = BYO_UNDEF,
                    .mclass = BYO_UNDEF,
                    .mwi = BYO_UNDEF,
                    .coding = BYO_UNDEF,
                    .compress = BYO_UNDEF,
                    .validity = BYO_UNDEF,
                    .deferred = BYO_UNDEF,
                    .dlr_mask = BYO_UNDEF,
                    .pid = BYO_UNDEF,
                    .alt_dcs = BYO_UNDEF,
                    .rpi = BYO_UNDEF,
                    .msg_left = BYO_UNDEF,
                    .priority = BYO_UNDEF,
                    .resend_try = BYO_UNDEF,
                    .resend_time = BYO_UNDEF};
}

static void forked(void)
{
    atomic_fetch_add_explicit(&generation, 1, memory_order_relaxed);
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, forked);
}

static void fill_pool(unsigned now)
{
    size_t n = 0;

    while (n < sizeof(pool.bytes)) {
        ssize_t got = getrandom(pool.bytes + n, sizeof(pool.bytes) - n, 0);

        if (got < 0 && errno != EINTR) {
            static const char line[] = "byobox: the kernel gives no random bytes\n";
            ssize_t ignored = write(STDERR_FILENO, line, sizeof(line) - 1);

            (void)ignored;
            abort();
        }
        if (got > 0)
            n += (size_t)got;
    }
    pool.used = 0;
    pool.generation = now;
}

void byo_uuid_make(char out[BYO_UUID_LEN + 1])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char *b;
    unsigned now;
    char *w = out;

    pthread_once(&fork_watch, watch_forks);
    now = atomic_load_explicit(&generation, memory_order_relaxed);
    if (pool.generation != now || pool.used == sizeof(pool.bytes))
        fill_pool(now);
    b = pool.bytes + pool.used;
    pool.used += UUID_BYTES;
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* version 4 ... */
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80); /* ... variant 1, RFC 4122 4.4 */
    for (int i = 0; i < UUID_BYTES; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *w++ = '-';
        *w++ = hex[b[i] >> 4];
        *w++ = hex[b[i] & 0x0f];
    }
    *w = 0;
}
