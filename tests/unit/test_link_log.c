/* SPDX-License-Identifier: BSD-3-Clause
 * What is read out of bearerbox's log of a link (night N4), line by line and as the file grows.
 * Threads: one. */
#include <check.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "link/link_log.h"
#include "suites.h"

#define AT "2026-11-28 14:52:01 [7765] [8] "
#define OVER AT "ERROR: SMPP[a]: Couldn't connect to SMS center (retrying in 10 seconds).\n"

static char folder[200], path[256];

/* Attempts as Debian's bearerbox logged them. */
static const struct {
    const char *row, *lines;
    ByoLinkFault fault;
    int64_t status;
    const char *says;
} attempts[] = {
    {"rejected",
     AT "WARNING: SMPP: PDU NULL terminated string (system_id) has no NULL.\n" AT
        "ERROR: SMPP[a]: SMSC rejected login to transmit, code 0x0000000d (Bind Failed).\n" OVER,
     BYO_LINK_FAULT_REJECTED, 13, "Bind Failed"},
    {"rejected for good",
     AT "ERROR: SMPP[a]: SMSC rejected login to receive, code 0x0000000e (Invalid Password).\n",
     BYO_LINK_FAULT_REJECTED, 14, "Invalid Password"},
    {"name",
     AT "ERROR: Error while gw_gethostbyname occurs.\n" AT
        "ERROR: System error 2: No such file or directory\n" AT "ERROR: gethostbyname failed\n" AT
        "ERROR: error connecting to server `no.such.host.invalid' at port `19002'\n" OVER,
     BYO_LINK_FAULT_RESOLVE, -1, "cannot be resolved"},
    {"refused",
     AT "ERROR: connect to <127.0.0.1> failed\n" AT "ERROR: System error 111: Connection refused\n" AT
        "ERROR: SMPP[a]: Couldn't connect to server.\n" OVER,
     BYO_LINK_FAULT_CONNECT, -1, "Connection refused"},
    {"TLS",
     AT "ERROR: SSL write failed: OpenSSL error 5: error:00000005:lib(0)::reason(5)\n" AT
        "ERROR: System error 104: Connection reset by peer\n" OVER,
     BYO_LINK_FAULT_TLS, -1, "TLS failed"},
    {"closed",
     AT "ERROR: Error reading from fd 22:\n" AT "ERROR: System error 104: Connection reset by peer\n" OVER,
     BYO_LINK_FAULT_CLOSED, -1, "closed"},
    {"control characters", AT "ERROR: odd \x1b[2Jtext\x07\n" OVER, BYO_LINK_FAULT_OTHER, -1, "odd .[2Jtext."},
    {"the newest attempt counts",
     AT "ERROR: SMPP[a]: SMSC rejected login to transmit, code 0x0000000d (Bind Failed).\n" OVER AT
        "ERROR: System error 111: Connection refused\n" OVER,
     BYO_LINK_FAULT_CONNECT, -1, "Connection refused"},
    {"nothing wrong", AT "INFO: SMPP[a]: connected\n", BYO_LINK_FAULT_NONE, -1, ""},
};

static void put(const char *mode, const char *text)
{
    FILE *f = fopen(path, mode);
    ck_assert(f != NULL);
    fputs(text, f);
    ck_assert_int_eq(fclose(f), 0);
}

START_TEST(each_attempt)
{
    ByoLinkLog l = {0};
    put("w", attempts[_i].lines);
    byo_link_log_look(&l, path);
    const ByoLinkError *e = byo_link_log_error(&l);
    ck_assert_msg(e->fault == attempts[_i].fault && e->status == attempts[_i].status &&
                      strstr(e->text, attempts[_i].says),
                  "%s: fault %d, status %lld, \"%s\"", attempts[_i].row, e->fault, (long long)e->status,
                  e->text);
    ck_assert_int_eq(l.rejected, 0); /* of before */
    if (e->fault)
        ck_assert_str_eq(e->when, "2026-11-28 14:52:01");
    byo_link_log_free(&l);
}
END_TEST

START_TEST(it_grows_and_is_rotated)
{
    static const char rejected[] =
        AT "ERROR: SMPP[a]: SMSC rejected login to transmit, code 0x0000000d (x).\n";
    ByoLinkLog l = {0};
    byo_link_log_look(&l, path);
    ck_assert_int_eq(l.error, ENOENT);
    char no[200];
    ck_assert(byo_link_log_create(path, folder, no));
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0660);
    byo_link_log_look(&l, path);
    ck_assert_int_eq(l.error, 0);
    put("a", AT "ERROR: SMPP[a]: SMSC rejected lo"); /* half a line */
    byo_link_log_look(&l, path);
    ck_assert_int_eq(l.rejected, 0);
    put("a", "gin to transmit, code 0x0000000d (x).\n");
    byo_link_log_look(&l, path);
    ck_assert_int_eq(l.rejected, 1);
    ck_assert_int_eq(l.rejected_status, 13);
    byo_link_log_look(&l, path);
    ck_assert_int_eq(l.rejected, 0); /* told once */
    char old[300];
    snprintf(old, sizeof old, "%s.1", path);
    ck_assert_int_eq(rename(path, old), 0);
    put("w", rejected);
    byo_link_log_look(&l, path);
    ck_assert_int_eq(l.rejected, 1);
    put("w", ""); /* copytruncate */
    byo_link_log_look(&l, path);
    put("a", rejected);
    byo_link_log_look(&l, path);
    ck_assert_int_eq(l.rejected, 1);
    byo_link_log_fine(&l);
    ck_assert_int_eq(byo_link_log_error(&l)->fault, BYO_LINK_FAULT_NONE);
    ck_assert(byo_link_log_create(path, folder, no)); /* left alone */
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_gt(st.st_size, 0);
    byo_link_log_free(&l);
}
END_TEST

START_TEST(one_that_cannot_be_made)
{
    char why[200];
    ck_assert(!byo_link_log_create("/proc/nowhere/smsc-a.log", folder, why));
    ck_assert_msg(strstr(why, "smsc-a.log") && strstr(why, "cannot be created"), "%s", why);
}
END_TEST

static void setup(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/byo-log-XXXXXX", tmp ? tmp : "/tmp");
    ck_assert(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/smsc-a.log", folder);
}

static int remove_one(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(name);
}

static void teardown(void)
{
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    Suite *s = suite_create("link log");
    TCase *t = tcase_create("link log");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, each_attempt, 0, sizeof attempts / sizeof *attempts);
    tcase_add_test(t, it_grows_and_is_rotated);
    tcase_add_test(t, one_that_cannot_be_made);
    suite_add_tcase(s, t);
    return run_suite(s);
}
