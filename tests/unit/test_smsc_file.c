/* SPDX-License-Identifier: BSD-3-Clause
 * Who may read the file byobox writes for bearerbox, and that it is put right.
 * Threads: none. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box/smsc_file.h"
#include "suites.h"

static char folder[64], path[128];

static void make(void)
{
    snprintf(folder, sizeof folder, "/tmp/byo-smsc-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/smsc.conf", folder);
}

static void clean(void)
{
    unlink(path);
    rmdir(folder);
}

static struct stat written(const char *text)
{
    ByoSmscFile f = {0};
    struct stat st;
    char why[200] = "";
    bool changed = false;
    byo_smsc_file_set(&f, "carrier-a", byo_strdup(text));
    ck_assert_msg(byo_smsc_file_write(path, &f, &changed, why), "%s", why);
    ck_assert(byo_smsc_file_has(path, text));
    byo_smsc_file_free(&f);
    ck_assert_int_eq(stat(path, &st), 0);
    return st;
}

START_TEST(one_user)
{
    ck_assert_int_eq(written("group = smsc\n").st_mode & 07777, 0600);
    chmod(path, 0644);
    ck_assert_int_eq(written("group = smsc\n").st_mode & 07777, 0600); /* put right, though nothing changed */
}
END_TEST

/* The setgid bit is root's to give for a group the user is not of; its own group serves everybody else. */
START_TEST(two_users_share_a_group)
{
    gid_t group = geteuid() == 0 ? 4 : getegid();
    ck_assert_int_eq(chown(folder, (uid_t)-1, group), 0);
    ck_assert_int_eq(chmod(folder, 02750), 0);
    for (int again = 0; again < 2; again++) {
        struct stat st = written(again ? "group = smsc\nport = 1\n" : "group = smsc\n");
        ck_assert_int_eq(st.st_mode & 07777, 0640);
        ck_assert_int_eq(st.st_gid, group);
    }
    chmod(path, 0600); /* bearerbox could not read it */
    ck_assert_int_eq(written("group = smsc\nport = 1\n").st_mode & 07777, 0640);
    chmod(path, 0666);
    ck_assert_int_eq(written("group = smsc\nport = 1\n").st_mode & 07777, 0640);
}
END_TEST

/* What a crash, or somebody, left under the name it is written by first stops nothing. */
START_TEST(something_in_the_way)
{
    char temporary[160];
    snprintf(temporary, sizeof temporary, "%s.new", path);
    ck_assert_int_eq(symlink("/nowhere", temporary), 0);
    written("group = smsc\n");
    ck_assert_int_eq(access(temporary, F_OK), -1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("smsc file");
    TCase *t = tcase_create("mode");
    tcase_add_checked_fixture(t, make, clean);
    tcase_add_test(t, one_user);
    tcase_add_test(t, two_users_share_a_group);
    tcase_add_test(t, something_in_the_way);
    suite_add_tcase(s, t);
    return run_suite(s);
}
