/* SPDX-License-Identifier: BSD-3-Clause
 * A file that is written whole, or not at all.
 * Threads: none. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/file_write.h"
#include "config/files.h"
#include "suites.h"

static char folder[64], path[128], temporary[128], other[128];

static void make(void)
{
    snprintf(folder, sizeof folder, "/tmp/byo-write-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(temporary, sizeof temporary, "%s/.file.tmp", folder);
    snprintf(other, sizeof other, "%s/other", folder);
}

static void clean(void)
{
    unlink(path);
    unlink(other);
    unlink(temporary);
    rmdir(temporary);
    rmdir(folder);
}

static bool put_dressed(const char *text, bool (*dress)(void *arg, int fd), const char **at_r)
{
    ByoFileWrite w = {.path = path, .temporary = temporary, .dress = dress, .arg = other};
    return byo_file_write(&w, byo_str(text), at_r);
}

static bool put(const char *text)
{
    return put_dressed(text, NULL, NULL);
}

static void holds(const char *name, const char *text)
{
    ByoBuf b = {0}, why = {0};
    ck_assert_msg(byo_file_read(name, 100, &b, &why), "%s", why.p);
    ck_assert(byo_str_is(byo_buf_str(&b), text));
    byo_buf_free(&b);
    byo_buf_free(&why);
}

static void no_temporary(void)
{
    ck_assert_int_eq(access(temporary, F_OK), -1);
    ck_assert_int_eq(errno, ENOENT);
}

START_TEST(the_name_has_the_new_text)
{
    struct stat st;
    ck_assert(put("one"));
    ck_assert(put("two"));
    holds(path, "two");
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0600);
    no_temporary();
}
END_TEST

/* Another's link under the temporary name, or one that a crash left: what it leads to is not touched. */
START_TEST(what_lies_in_the_way_is_not_written_through)
{
    FILE *fp = fopen(other, "we");
    ck_assert_ptr_nonnull(fp);
    fputs("another's", fp);
    fclose(fp);
    ck_assert_int_eq(symlink(other, temporary), 0);
    ck_assert(put("one"));
    holds(path, "one");
    ck_assert_int_eq(link(other, temporary), 0);
    ck_assert(put("two"));
    holds(path, "two");
    holds(other, "another's");
    no_temporary();
}
END_TEST

static bool open_to_all(void *arg, int fd)
{
    ck_assert_str_eq(arg, other);
    return fchmod(fd, 0644) == 0;
}

static bool not_so(void *arg, int fd)
{
    (void)arg;
    (void)fd;
    errno = EPERM;
    return false;
}

START_TEST(it_is_dressed_before_it_has_its_name)
{
    struct stat st;
    const char *at = NULL;
    ck_assert(put_dressed("one", open_to_all, NULL));
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0644);
    ck_assert(!put_dressed("two", not_so, &at));
    ck_assert_int_eq(errno, EPERM);
    ck_assert_str_eq(at, path);
    holds(path, "one");
    no_temporary();
}
END_TEST

START_TEST(where_it_cannot_be_written)
{
    const char *at = NULL;
    ck_assert(put("one"));
    ck_assert_int_eq(mkdir(temporary, 0700), 0); /* no file that could be taken away */
    ck_assert(!put_dressed("two", NULL, &at));
    ck_assert_str_eq(at, temporary);
    holds(path, "one");
    ck_assert_int_eq(rmdir(temporary), 0);
    unlink(path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert(!put_dressed("two", NULL, &at));
    ck_assert_str_eq(at, path);
    no_temporary();
    rmdir(path);
    ck_assert(byo_folder_sync(folder));
    ck_assert(!byo_folder_sync(path));
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("writing a file");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, make, clean);
    tcase_add_test(t, the_name_has_the_new_text);
    tcase_add_test(t, what_lies_in_the_way_is_not_written_through);
    tcase_add_test(t, it_is_dressed_before_it_has_its_name);
    tcase_add_test(t, where_it_cannot_be_written);
    suite_add_tcase(s, t);
    return run_suite(s);
}
