/* SPDX-License-Identifier: BSD-3-Clause
 * Threads that were joined leave nothing behind that a process which ends then would meet. Threads: several. */
#include "base/thread.h"

#include <check.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suites.h"

enum { THREADS = 6, PROCESSES = 40 };

static void use_openssl(void *arg)
{
    unsigned char octets[32];
    (void)arg;
    ck_assert_int_eq(RAND_bytes(octets, sizeof octets), 1);
    ck_assert_int_eq(
        PKCS5_PBKDF2_HMAC("x", 1, octets, sizeof octets, 10, EVP_sha256(), sizeof octets, octets), 1);
}

/* Which a sanitizer looks at. */
static void live_and_end(void)
{
    long threads[THREADS];
    byo_gw_start();
    for (int i = 0; i < THREADS; i++)
        threads[i] = byo_thread_start(use_openssl, NULL);
    for (int i = 0; i < THREADS; i++)
        byo_thread_join(threads[i]);
    exit(0);
}

START_TEST(a_process_ends_right_behind_its_threads)
{
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (!pid)
            live_and_end();
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_int_eq(status, 0);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("threads");
    TCase *t = tcase_create("end");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, a_process_ends_right_behind_its_threads);
    suite_add_tcase(s, t);
    return run_suite(s);
}
