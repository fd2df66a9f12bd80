/* SPDX-License-Identifier: BSD-3-Clause
 * integrations-dir: which files are read, and that a change of an integration's two files is one change (spec A1).
 * Ownership: a folder of its own for each test. Threads: none. */
#include "config/config.h"
#include "config/folder.h"

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "suites.h"

static char top[PATH_MAX / 4], folder[PATH_MAX / 2], main_file[PATH_MAX / 2];

#define GROUP(id) \
    "group = byo-smpp\nintegration-id = " id "\nsmsc-address = 127.0.0.1\nsystem-id = s\npassword = p\n"
#define WITH_JSON(id) GROUP(id) "advanced-config = " id ".json\n"
#define JSON "{\"charsets\": [{\"dcs\": 8, \"charset\": \"UTF-16BE\"}]}"

static void write_to(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    ck_assert_int_eq(fclose(f), 0);
    ck_assert_int_eq(chmod(path, 0600), 0);
}

static void put(const char *name, const char *text)
{
    char *path = byo_printf("%s/%s", folder, name);
    write_to(path, text);
    free(path);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static void setup(void)
{
    snprintf(top, sizeof top, "/tmp/byo-folder-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
    snprintf(folder, sizeof folder, "%s/integrations", top);
    snprintf(main_file, sizeof main_file, "%s/byobox.conf", top);
    ck_assert_int_eq(mkdir(folder, 0750), 0);
    write_to(main_file, "group = byobox\nintegrations-dir = integrations\n");
}

static void teardown(void)
{
    nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static ByoConf *load(ByoFaults *faults)
{
    *faults = (ByoFaults){0};
    return byo_conf_load(main_file, faults);
}

/* Whether a fault of this file holds the text. */
static bool told(const ByoFaults *faults, ByoSeverity severity, const char *name, const char *text)
{
    for (size_t i = 0; i < faults->n; i++) {
        const ByoFault *f = &faults->items[i];
        const char *slash = f->file ? strrchr(f->file, '/') : NULL;
        if (f->severity == severity && slash && strcmp(slash + 1, name) == 0 && strstr(f->text, text))
            return true;
    }
    return false;
}

START_TEST(the_folder_alone_makes_its_files_read)
{
    ByoFaults faults;
    put("b.conf", GROUP("b"));
    put("a.conf", WITH_JSON("a"));
    put("a.json", JSON);
    put("a.conf.before", "not looked at");
    put("a.json.deleted", "nor this");
    put(".#a.conf", "an editor's");
    ByoConf *c = load(&faults);
    ck_assert_ptr_nonnull(c);
    ck_assert_uint_eq(c->n_integrations, 2);
    ck_assert_str_eq(c->integrations[0]->id, "a");
    ck_assert_uint_eq(c->integrations[0]->advanced->charsets.n, 1);
    ck_assert_str_eq(c->integrations[1]->id, "b");
    ck_assert_str_eq(c->integrations_dir, folder);
    byo_conf_free(c);
    byo_faults_free(&faults);
}
END_TEST

static const struct {
    const char *name, *text, *fault;
} bad[] = {
    {"a b.conf", GROUP("a"), "stands in a file ID.conf"},
    {"x234567890123456789012345678901234.conf", GROUP("a"), "stands in a file ID.conf"},
    {"a.conf", GROUP("b"), "the file's name says a"},
    {"a.conf", GROUP("a") "\n" GROUP("c"), "another group stands here"},
    {"a.conf", GROUP("a") "\ngroup = byo-user\nusername = root\npassword-hash = x\npermissions = all\n",
     "another group stands here"},
    {"a.conf", "group = byobox\nadmin-password = x\n", "group byobox"},
    {"a.conf", GROUP("a") "\ninclude = \"/etc/hostname\"\n", "includes no other"},
    {"a.conf", "", "there is no group in the file"},
    {"a.conf", "group = byo-smpp\nsmsc-address = 127.0.0.1\nsystem-id = s\npassword = p\n",
     "integration-id is missing"},
    {".a.put", "", "no change byobox wrote"},
    {".a.put", "byobox 5 -1\nabcd", "no change byobox wrote"},
    {".a.put", "byobox 5 -1\nabcdef", "no change byobox wrote"},
    {".a.put", "byobox -2 -1\n", "no change byobox wrote"},
    {".a.put", "byobox 99999999999999999999 1\n", "no change byobox wrote"},
};

START_TEST(anything_else_is_a_clear_fault)
{
    ByoFaults faults;
    put(bad[_i].name, bad[_i].text);
    ByoConf *c = load(&faults);
    ck_assert_ptr_null(c);
    ck_assert_msg(told(&faults, BYO_FAULT_ERROR, bad[_i].name, bad[_i].fault), "%s", bad[_i].fault);
    byo_faults_free(&faults);
}
END_TEST

START_TEST(links_and_folders_are_refused)
{
    ByoFaults faults;
    char *link_path = byo_printf("%s/l.conf", folder), *json = byo_printf("%s/l.json", folder),
         *inner = byo_printf("%s/d.conf", folder), *fifo = byo_printf("%s/f.conf", folder);
    ck_assert_int_eq(symlink("/etc/hostname", link_path), 0);
    ck_assert_int_eq(symlink("/etc/hostname", json), 0);
    ck_assert_int_eq(mkdir(inner, 0700), 0);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    put("README", "no integration");
    ck_assert_ptr_null(load(&faults));
    ck_assert_int_eq(faults.errors, 4);
    ck_assert(told(&faults, BYO_FAULT_ERROR, "l.conf", "only a regular file"));
    ck_assert(told(&faults, BYO_FAULT_ERROR, "l.json", "only a regular file"));
    ck_assert(told(&faults, BYO_FAULT_ERROR, "d.conf", "only a regular file"));
    ck_assert(told(&faults, BYO_FAULT_ERROR, "f.conf", "only a regular file"));
    ck_assert(told(&faults, BYO_FAULT_WARNING, "README", "is not read"));
    byo_faults_free(&faults);
    free(link_path);
    free(json);
    free(inner);
    free(fifo);
}
END_TEST

START_TEST(a_folder_that_is_not_there_or_open_to_all)
{
    ByoFaults faults;
    ck_assert_int_eq(chmod(folder, 0757), 0);
    ck_assert_ptr_null(load(&faults));
    ck_assert(told(&faults, BYO_FAULT_ERROR, "integrations", "everybody on this machine may write"));
    byo_faults_free(&faults);
    ck_assert_int_eq(rmdir(folder), 0);
    ck_assert_ptr_null(load(&faults));
    ck_assert(told(&faults, BYO_FAULT_ERROR, "integrations", "make it"));
    byo_faults_free(&faults);
}
END_TEST

START_TEST(an_include_of_the_folder_reads_nothing_twice)
{
    ByoFaults faults;
    write_to(main_file, "group = byobox\nintegrations-dir = integrations\n\ninclude = integrations\n");
    put("a.conf", GROUP("a"));
    ck_assert_ptr_null(load(&faults));
    ck_assert_int_eq(faults.errors, 1);
    ck_assert(told(&faults, BYO_FAULT_ERROR, "a.conf", "take the include out"));
    byo_faults_free(&faults);
}
END_TEST

/* -- a change ------------------------------------------------------------------------------------------*/

static char *text_of(const char *name)
{
    ByoBuf text = {0}, why = {0};
    char *path = byo_printf("%s/%s", folder, name);
    char *copy = byo_file_read_itself(path, 1 << 20, &text, &why) ? byo_str_dup(byo_buf_str(&text)) : NULL;
    free(path);
    byo_buf_free(&text);
    byo_buf_free(&why);
    return copy;
}

static void holds(const char *name, const char *want)
{
    char *has = text_of(name);
    if (want)
        ck_assert_pstr_eq(has, want);
    else
        ck_assert_ptr_null(has);
    free(has);
}

START_TEST(a_change_is_both_files)
{
    char *why = NULL;
    ByoFolderTexts t = {byo_str(WITH_JSON("a")), byo_str(JSON)};
    ck_assert(byo_folder_put(folder, "a", &t, &why));
    holds("a.conf", WITH_JSON("a"));
    holds("a.json", JSON);
    holds(".a.put", NULL);
    struct stat st;
    char *path = byo_folder_path(folder, "a", "conf");
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0600);
    free(path);
    ck_assert(byo_folder_keep(folder, "a", &t, &why));
    holds("a.conf.before", WITH_JSON("a"));
    holds("a.json.before", JSON);
    t = (ByoFolderTexts){byo_str(GROUP("a")), BYO_STR_NONE};
    ck_assert(byo_folder_put(folder, "a", &t, &why));
    holds("a.conf", GROUP("a"));
    holds("a.json", NULL);
    ck_assert(byo_folder_keep(folder, "a", &t, &why));
    holds("a.json.before", NULL);
    t.conf = BYO_STR_NONE;
    ck_assert(byo_folder_put(folder, "a", &t, &why));
    holds("a.conf", NULL);
}
END_TEST

START_TEST(what_was_taken_away_is_kept_once_and_not_for_ever)
{
    char *why = NULL;
    ByoFolderTexts t = {byo_str(WITH_JSON("a")), byo_str(JSON)};
    ck_assert(byo_folder_keep(folder, "a", &t, &why));
    ck_assert(byo_folder_put(folder, "a", &t, &why));
    ck_assert(byo_folder_remove(folder, "a", &why));
    holds("a.conf", NULL);
    holds("a.json", NULL);
    holds("a.conf.deleted", WITH_JSON("a"));
    holds("a.json.deleted", JSON);
    holds("a.conf.before", NULL);
    holds("a.json.before", NULL);
    ck_assert(byo_folder_remove(folder, "a", &why)); /* asked for again */
    holds("a.conf.deleted", WITH_JSON("a"));
    for (int i = 1; i <= BYO_FOLDER_DELETED; i++) {
        char name[BYO_ID_MAX];
        struct timespec old[2] = {{i, 0}, {i, 5}};
        snprintf(name, sizeof name, "i%d.conf.deleted", i);
        put(name, "x");
        char *path = byo_printf("%s/%s", folder, name);
        ck_assert_int_eq(utimensat(AT_FDCWD, path, old, 0), 0);
        free(path);
    }
    put("i1.json.deleted", "x");
    put("i2.json.deleted", "x");
    t = (ByoFolderTexts){byo_str(GROUP("b")), BYO_STR_NONE};
    ck_assert(byo_folder_put(folder, "b", &t, &why));
    ck_assert(byo_folder_remove(folder, "b", &why));
    holds("i1.conf.deleted", NULL);
    holds("i1.json.deleted", NULL);
    holds("i2.conf.deleted", NULL);
    holds("i2.json.deleted", NULL);
    holds("i3.conf.deleted", "x");
    holds("a.conf.deleted", WITH_JSON("a"));
    holds("b.conf.deleted", GROUP("b"));
}
END_TEST

/* What a kill between the bundle and the files leaves: whole for who reads, and for who settles. */
START_TEST(a_half_done_change_reads_as_the_whole)
{
    ByoFaults faults;
    char *why = NULL;
    put("a.conf", GROUP("a"));
    put("gone.conf", GROUP("gone"));
    char *bundle =
        byo_printf("byobox %zu %zu\n%s%s", strlen(WITH_JSON("a")), strlen(JSON), WITH_JSON("a"), JSON);
    put(".a.put", bundle);
    free(bundle);
    put(".gone.put", "byobox -1 -1\n");
    for (int settled = 0; settled < 2; settled++) {
        ByoConf *c = load(&faults);
        ck_assert_ptr_nonnull(c);
        ck_assert_uint_eq(c->n_integrations, 1);
        ck_assert_uint_eq(c->integrations[0]->advanced->charsets.n, 1);
        byo_conf_free(c);
        byo_faults_free(&faults);
        ck_assert(byo_folder_settle(folder, &why));
    }
    holds("a.json", JSON);
    holds("gone.conf", NULL);
    holds(".a.put", NULL);
}
END_TEST

START_TEST(a_link_is_replaced_and_not_followed)
{
    char *why = NULL, *aim = byo_printf("%s/aim", top);
    write_to(aim, "untouched");
    static const char *const names[] = {"a.conf",      "a.json",        ".a.put",     ".a.conf.tmp",
                                        ".a.json.tmp", "a.conf.before", "..a.put.tmp"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = byo_printf("%s/%s", folder, names[i]);
        if (strcmp(names[i], ".a.put") != 0)
            ck_assert_int_eq(symlink(aim, path), 0);
        free(path);
    }
    ByoFolderTexts t = {byo_str(WITH_JSON("a")), byo_str(JSON)};
    ck_assert(byo_folder_keep(folder, "a", &t, &why));
    ck_assert(byo_folder_put(folder, "a", &t, &why));
    holds("a.conf", WITH_JSON("a"));
    holds("a.conf.before", WITH_JSON("a"));
    holds("../aim", "untouched");
    free(aim);
}
END_TEST

START_TEST(a_folder_nobody_can_write_says_so)
{
    char *why = NULL;
    ByoFolderTexts t = {byo_str(GROUP("a")), BYO_STR_NONE};
    ck_assert(!byo_folder_put("/proc/self", "a", &t, &why));
    ck_assert_ptr_nonnull(strstr(why, "/proc/self"));
    free(why);
}
END_TEST

/* -- versions -------------------------------------------------------------------------------------------*/

static const char *changed_when_read; /* this file is changed by somebody as soon as it was read */
ByoConfigTree *__real_byo_config_read(const ByoConfigSource *source, const char *path, ByoFaults *faults);
ByoConfigTree *__wrap_byo_config_read(const ByoConfigSource *source, const char *path, ByoFaults *faults);
ByoConfigTree *__wrap_byo_config_read(const ByoConfigSource *source, const char *path, ByoFaults *faults)
{
    ByoConfigTree *tree = __real_byo_config_read(source, path, faults);
    if (changed_when_read && strstr(path, changed_when_read))
        write_to(path, GROUP("a") "# and a line more\n");
    return tree;
}

/* A change between the reading and the look at the version would never be found: the version is the earlier one. */
START_TEST(A1_a_change_while_it_is_loaded_is_not_taken_for_what_was_loaded)
{
    char version[BYO_FOLDER_VERSION], *path = byo_folder_path(folder, "a", "conf");
    ByoFaults faults;
    put("a.conf", GROUP("a"));
    for (int changed = 0; changed < 2; changed++) {
        changed_when_read = changed ? "/a.conf" : NULL;
        ByoConf *conf = load(&faults);
        changed_when_read = NULL;
        ck_assert_ptr_nonnull(conf);
        byo_folder_version(path, "a", version);
        ck_assert_int_eq(strcmp(conf->integrations[0]->version, version) != 0, changed);
        byo_conf_free(conf);
        byo_faults_free(&faults);
    }
    free(path);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("folder");
    TCase *t = tcase_create("folder");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, A1_a_change_while_it_is_loaded_is_not_taken_for_what_was_loaded);
    tcase_add_test(t, the_folder_alone_makes_its_files_read);
    tcase_add_loop_test(t, anything_else_is_a_clear_fault, 0, sizeof bad / sizeof *bad);
    tcase_add_test(t, links_and_folders_are_refused);
    tcase_add_test(t, a_folder_that_is_not_there_or_open_to_all);
    tcase_add_test(t, an_include_of_the_folder_reads_nothing_twice);
    tcase_add_test(t, a_change_is_both_files);
    tcase_add_test(t, what_was_taken_away_is_kept_once_and_not_for_ever);
    tcase_add_test(t, a_half_done_change_reads_as_the_whole);
    tcase_add_test(t, a_link_is_replaced_and_not_followed);
    tcase_add_test(t, a_folder_nobody_can_write_says_so);
    suite_add_tcase(s, t);
    return run_suite(s);
}
