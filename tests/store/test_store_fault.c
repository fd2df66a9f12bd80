/* SPDX-License-Identifier: BSD-3-Clause
 * The store when things go wrong: kill -9, full and damaged disks, other people's files, two writers,
 * upgrades. */
#include "store_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "store/sqlite/sqlite.h"
#include "store/tables.h"

static ByoStoreResult refused(bool reader, const char *sentence)
{
    ByoStoreResult result = BYO_STORE_OK;
    char *why = NULL;
    ByoStore *s =
        (reader ? byo_store_open_reader : byo_store_open)(&(ByoStoreTarget){.path = path}, &result, &why);
    ck_assert(s == NULL);
    ck_assert(result != BYO_STORE_OK);
    ck_assert_msg(why && strstr(why, sentence), "\"%s\" does not say \"%s\"", why ? why : "", sentence);
    ck_assert_msg(strstr(why, path) != NULL, "\"%s\" does not name the file", why);
    free(why);
    return result;
}

static void write_file(const char *name, const char *bytes, size_t n)
{
    FILE *f = fopen(name, "w");
    ck_assert(f && fwrite(bytes, 1, n, f) == n && fclose(f) == 0);
}

/* One message of some weight, in a transaction of its own; and a light row, which must not stay when
 * the heavy one did not. */
static ByoStoreResult add_heavy(ByoStore *s, ByoId *id_r)
{
    static char frame[20000];
    byo_store_begin(s);
    *id_r = byo_store_new_id(s, NOW);
    ByoMessageRow m = some_message(*id_r, NOW);
    memset(frame, 'f', sizeof frame);
    m.frame = byo_strn(frame, sizeof frame);
    ByoSegmentRow seg = some_segment(*id_r, 1, BYO_SEG_QUEUED, NOW);
    byo_store_message_add(s, &m, &seg, 1);
    char uuid[BYO_ID_TEXT];
    byo_store_mo_note(s, byo_str(byo_id_text(*id_r, uuid)), NOW);
    return byo_store_commit(s);
}

/* -- whose file is it ------------------------------------------------------------------------- */

START_TEST(two_writers)
{
    char pid[32];
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    ck_assert_int_eq(refused(false, pid), BYO_STORE_IO);
    ByoStore *reader = must_open_reader();
    byo_store_close(reader);
    reopen();
}
END_TEST

/* Stands before libc's: what happens between a lock file's opening and its locking. */
static void (*before_flock)(void);

int flock(int fd, int operation)
{
    void (*happens)(void) = before_flock;
    before_flock = NULL;
    if (happens)
        happens();
    return (int)syscall(SYS_flock, fd, operation);
}

static ByoTables *passing;

static void it_ends(void)
{
    passing->close(passing);
}

static const char *lock_file(void)
{
    static char lock[PATH_MAX + 8];
    snprintf(lock, sizeof lock, "%s.lock", path);
    return lock;
}

static bool has_lock_file(void)
{
    return access(lock_file(), F_OK) == 0;
}

START_TEST(a_lock_file_of_one_that_passes_goes_with_it)
{
    char *why = NULL;
    byo_store_close(store);
    remove(lock_file());
    ck_assert_ptr_nonnull((passing = byo_sqlite_tables(path, false, &why)));
    refused(false, "in use");
    it_ends();
    ck_assert(!has_lock_file());
    ck_assert_ptr_nonnull((passing = byo_sqlite_tables(path, false, &why)));
    before_flock = it_ends;
    store = must_open();
    refused(false, "in use"); /* what was locked is what others look at */
    byo_store_close(store);
    ck_assert(has_lock_file());
    ck_assert_ptr_nonnull((passing = byo_sqlite_tables(path, false, &why)));
    it_ends();
    ck_assert(has_lock_file()); /* it was there */
    store = must_open();
}
END_TEST

START_TEST(a_newer_store_is_refused)
{
    char set[64];
    snprintf(set, sizeof set, "PRAGMA user_version = %d", byo_sqlite_schema_version + 1);
    sqlite3_exec(store->db, set, NULL, NULL, NULL);
    byo_store_close(store);
    store = NULL;
    ck_assert_int_eq(refused(false, "versions up to"), BYO_STORE_NEWER);
    ck_assert_int_eq(refused(true, "versions up to"), BYO_STORE_NEWER);
}
END_TEST

START_TEST(an_older_store_is_not_read_before_its_upgrade)
{
    sqlite3_exec(store->db, "PRAGMA user_version = 0", NULL, NULL, NULL);
    ck_assert_int_eq(refused(true, "start byobox"), BYO_STORE_READONLY);
}
END_TEST

START_TEST(another_programs_database_is_left_alone)
{
    byo_store_close(store);
    store = NULL;
    remove(path);
    remove(lock_file());
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, "CREATE TABLE message (id INTEGER)", NULL, NULL, NULL);
    sqlite3_close(db);
    struct stat before, after;
    stat(path, &before);
    ck_assert_int_eq(refused(false, "another program"), BYO_STORE_CORRUPT);
    ck_assert_int_eq(refused(true, "another program"), BYO_STORE_CORRUPT);
    stat(path, &after);
    ck_assert_int_eq(before.st_size, after.st_size);
    ck_assert(!has_lock_file());
}
END_TEST

START_TEST(no_database_no_folder_no_file)
{
    byo_store_close(store);
    store = NULL;
    remove(path);
    ck_assert_int_eq(refused(true, "no store yet"), BYO_STORE_NONE);
    write_file(path, "This is no database, however long it is and whatever it says in its first line.\n", 80);
    ck_assert_int_eq(refused(false, "not a database"), BYO_STORE_CORRUPT);
    snprintf(path, sizeof path, "%s/missing/store.db", folder);
    ck_assert_int_eq(refused(false, "No such file or directory"), BYO_STORE_READONLY);
    snprintf(path, sizeof path, "%s", folder);
    refused(false, "cannot open");
}
END_TEST

START_TEST(a_damaged_store_says_so)
{
    ByoId id = 0, first = 0;
    for (int i = 0; i < 50; i++) {
        ck_assert_int_eq(add_heavy(store, &id), BYO_STORE_OK);
        first = first ? first : id;
    }
    byo_store_close(store);
    store = NULL;
    struct stat st;
    stat(path, &st);
    int fd = open(path, O_WRONLY);
    char noise[4096];
    memset(noise, 0xa5, sizeof noise);
    for (off_t at = 4096; at < st.st_size; at += 4096)
        ck_assert_int_eq(pwrite(fd, noise, sizeof noise, at), sizeof noise);
    close(fd);
    ByoStoreResult result;
    char *why = NULL;
    ByoStore *s = byo_store_open(&(ByoStoreTarget){.path = path}, &result, &why);
    if (s) { /* only met when a row is read */
        ByoMessageRow m;
        ck_assert_int_eq(byo_store_message(s, first, &m), BYO_STORE_CORRUPT);
        byo_store_close(s);
    } else {
        ck_assert_int_eq(result, BYO_STORE_CORRUPT);
        ck_assert(strstr(why, "malformed") != NULL);
    }
    free(why);
}
END_TEST

/* -- full disks (promise 1, 6) ------------------------------------------------------------- */

static void fill_and_recover(ByoStore *s, ByoStoreResult wanted, void (*relieve)(ByoStore *s))
{
    ByoId id = 0, kept[5000];
    int n = 0;
    ByoStoreResult r;
    while ((r = add_heavy(s, &id)) == BYO_STORE_OK && n < 5000)
        kept[n++] = id;
    ck_assert_int_eq(r, wanted);
    ck_assert_uint_gt(strlen(byo_store_error(s)), 0);
    ByoMessageRow m;
    ck_assert_int_eq(byo_store_message(s, id, &m), BYO_STORE_NONE);
    ck_assert_int_ne(add_heavy(s, &id), BYO_STORE_OK);
    for (int i = 0; i < n; i++)
        ck_assert_int_eq(byo_store_message(s, kept[i], &m), BYO_STORE_OK);
    ck_assert_int_eq(byo_store_count_state(s, S("carrier-a"), BYO_SEG_QUEUED), n);
    ck_assert_int_eq(number_from(s, "SELECT count(*) FROM mo_seen"), n);
    relieve(s);
    ck_assert_msg(add_heavy(s, &id) == BYO_STORE_OK, "%s", byo_store_error(s));
    ck_assert_int_eq(byo_store_message(s, id, &m), BYO_STORE_OK);
    ck_assert_int_eq(byo_store_count_state(s, S("carrier-a"), BYO_SEG_QUEUED), n + 1);
    ck_counters(s);
}

static void more_pages(ByoStore *s)
{
    sqlite3_exec(s->db, "PRAGMA max_page_count = 100000", NULL, NULL, NULL);
}

START_TEST(full_by_page_count)
{
    sqlite3_exec(store->db, "PRAGMA max_page_count = 200", NULL, NULL, NULL);
    fill_and_recover(store, BYO_STORE_FULL, more_pages);
}
END_TEST

static void larger_files(ByoStore *s)
{
    (void)s;
    struct rlimit l;
    getrlimit(RLIMIT_FSIZE, &l);
    l.rlim_cur = l.rlim_max;
    setrlimit(RLIMIT_FSIZE, &l);
}

START_TEST(write_error_in_the_log)
{
    struct rlimit l;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &l);
    l.rlim_cur = 1024 * 1024;
    setrlimit(RLIMIT_FSIZE, &l);
    fill_and_recover(store, BYO_STORE_IO, larger_files);
}
END_TEST

static char ballast[PATH_MAX];

static void remove_ballast(ByoStore *s)
{
    (void)s;
    remove(ballast);
}

/* A real full disk, where this user may mount one. */
START_TEST(full_file_system)
{
    byo_store_close(store);
    store = NULL;
    if (mount("tmpfs", folder, "tmpfs", 0, "size=8m") != 0) {
        fprintf(stderr, "full_file_system: not run, no permission to mount\n");
        return;
    }
    snprintf(ballast, sizeof ballast, "%s/ballast", folder);
    char *bytes = byo_zalloc(3 << 20);
    write_file(ballast, bytes, 3 << 20);
    free(bytes);
    ByoStore *s = must_open();
    fill_and_recover(s, BYO_STORE_FULL, remove_ballast);
    byo_store_close(s);
    umount2(folder, MNT_DETACH);
}
END_TEST

/* -- kill -9 (promise 1) --------------------------------------------------------------------- */

typedef struct {
    ByoId message, inward;
    int state;
} Told;

/* Writes for ever; tells what is committed, never more than that. */
static void write_for_ever(int to, unsigned seed)
{
    ByoStoreResult result;
    char *why;
    ByoStore *s = byo_store_open(&(ByoStoreTarget){.path = path}, &result, &why);
    if (!s)
        _exit(1);
    ByoId before[8] = {0};
    int before_n = 0;
    for (unsigned i = seed;; i++) {
        Told told[16];
        int n = 0;
        byo_store_begin(s);
        for (int k = 0; k < before_n; k++) {
            ByoSegmentRow seg;
            if (byo_store_segment(s, before[k] + 1, &seg) != BYO_STORE_OK)
                _exit(2);
            seg.s.state = BYO_SEG_DELIVERED;
            seg.s.due = 0;
            byo_store_segment_update(s, &seg);
            ByoInwardRow row = {.named = k % 2, .box = S("one"), .frame = S("report")};
            told[n++] = (Told){before[k], put_inward(s, row, NOW), BYO_SEG_DELIVERED};
        }
        before_n = 1 + (int)(i % 8);
        for (int k = 0; k < before_n; k++) {
            before[k] = byo_store_new_id(s, NOW);
            ByoMessageRow m = some_message(before[k], NOW);
            ByoSegmentRow seg = some_segment(before[k], 1, BYO_SEG_QUEUED, NOW);
            byo_store_message_add(s, &m, &seg, 1);
            told[n++] = (Told){before[k], 0, BYO_SEG_QUEUED};
        }
        if (byo_store_commit(s) != BYO_STORE_OK)
            _exit(3);
        if (write(to, told, sizeof *told * (size_t)n) < 0)
            _exit(4);
    }
}

static void check_told(ByoStore *s, const Told *t)
{
    ByoMessageRow m;
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_message(s, t->message, &m), BYO_STORE_OK);
    ck_assert_int_eq(byo_store_segment(s, t->message + 1, &seg), BYO_STORE_OK);
    ck_assert_int_ge(seg.s.state, t->state);
    if (!t->inward)
        return;
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM inward WHERE id = %lld", (long long)t->inward);
    ck_assert_int_eq(number_from(s, sql), 1);
}

START_TEST(killed_at_any_moment_nothing_told_is_lost)
{
    byo_store_close(store);
    store = NULL;
    ByoBuf told = {0};
    const char *wish = getenv("BYO_TEST_SEED");
    unsigned seed = wish ? (unsigned)strtoul(wish, NULL, 10) : 20261;
    for (int round = 0; round < 20; round++) {
        int pipes[2];
        ck_assert_int_eq(pipe(pipes), 0);
        pid_t child = fork();
        if (child == 0) {
            close(pipes[0]);
            write_for_ever(pipes[1], seed);
        }
        close(pipes[1]);
        /* Killed after so many commits were told: the next one is under way then. */
        size_t enough = told.n + sizeof(Told) * (1 + (size_t)rand_r(&seed) % 3000);
        char buf[sizeof(Told) * 64];
        ssize_t n;
        bool killed = false;
        while ((n = read(pipes[0], buf, sizeof buf)) > 0) {
            byo_buf_add(&told, buf, (size_t)n);
            if (told.n >= enough && !killed)
                killed = kill(child, SIGKILL) == 0;
        }
        close(pipes[0]);
        int status;
        waitpid(child, &status, 0);
        ck_assert_msg(killed && WIFSIGNALED(status), "seed %u, round %d: the writer ended by itself, %d",
                      seed, round, WEXITSTATUS(status));
        told.n -= told.n % sizeof(Told);
        ByoStore *s = must_open();
        ck_assert_int_eq(
            number_from(s, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
        for (size_t at = 0; at < told.n; at += sizeof(Told)) {
            Told t;
            memcpy(&t, told.p + at, sizeof t);
            check_told(s, &t);
        }
        ck_counters(s);
        ck_assert_int_eq(number_from(s, "SELECT count(*) FROM message"),
                         number_from(s, "SELECT count(*) FROM segment"));
        Told *last = (Told *)(void *)(told.p + told.n - sizeof(Told));
        ck_assert(byo_store_new_id(s, 0) > last->message);
        byo_store_close(s);
    }
    byo_buf_free(&told);
}
END_TEST

/* -- upgrades --------------------------------------------------------------------------------- */

static char *schema_of(sqlite3 *db)
{
    ByoBuf b = {0};
    sqlite3_stmt *st;
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT type, name, sql FROM sqlite_master ORDER BY type, name",
                                        -1, &st, NULL),
                     SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW)
        for (int i = 0; i < 3; i++) {
            const char *text = (const char *)sqlite3_column_text(st, i);
            byo_buf_addf(&b, "%s\n", text ? text : "");
        }
    sqlite3_finalize(st);
    return b.p;
}

static char *read_file(const char *name)
{
    FILE *f = fopen(name, "r");
    ck_assert_msg(f != NULL, "cannot read %s", name);
    ByoBuf b = {0};
    char buf[4096];
    size_t n;
    while ((n = fread(buf, 1, sizeof buf, f)) > 0)
        byo_buf_add(&b, buf, n);
    fclose(f);
    return b.p;
}

/* The newest schema a release has written; its dump, and those of all before, stand beside this file. */
enum { RELEASED = 1 };

/* Each released schema, with rows, becomes what a fresh store is, and keeps them. */
START_TEST(released_schemas_are_upgraded)
{
    char *fresh = schema_of(store->db);
    byo_store_close(store);
    store = NULL;
    for (int version = 1; version <= RELEASED; version++) {
        const char *top = getenv("srcdir");
        char name[PATH_MAX];
        snprintf(name, sizeof name, "%s/tests/store/schema-%d.sql", top ? top : ".", version);
        char *dump = read_file(name);
        remove(path);
        sqlite3 *db;
        ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
        ck_assert_msg(sqlite3_exec(db, dump, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
        sqlite3_close(db);
        free(dump);
        ByoStore *s = must_open();
        ck_assert_int_eq(number_from(s, "PRAGMA user_version"), byo_sqlite_schema_version);
        char *upgraded = schema_of(s->db);
        ck_assert_str_eq(upgraded, fresh);
        free(upgraded);
        ByoId id;
        ck_assert(byo_id_parse(S("18b2f4c2000000"), &id));
        ByoMessageRow m;
        ByoSegmentRow seg;
        ck_assert_int_eq(byo_store_message(s, id, &m), BYO_STORE_OK);
        ck_str(m.integration, S("carrier-a"));
        ck_str(m.frame, S("frame"));
        ck_assert_int_eq(byo_store_segment(s, id + 1, &seg), BYO_STORE_OK);
        ck_str(seg.payload, S("payload"));
        ck_assert_int_eq(byo_store_inward_count(s), 1);
        ck_assert(byo_store_opted_out_itself(s, S("12025550100"), S("12025550123")));
        ck_counters(s);
        byo_store_close(s);
    }
    free(fresh);
}
END_TEST

/* The mechanism itself, with versions made up for it. */
START_TEST(upgrades_go_version_by_version)
{
    static const char *const schema[] = {"CREATE TABLE a (x);",
                                         "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1;",
                                         "CREATE TABLE b (z); INSERT INTO b SELECT missing FROM a;"};
    sqlite3 *db;
    char *why = NULL;
    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    ck_assert(byo_schema_upgrade(db, schema, 1, &why));
    sqlite3_exec(db, "INSERT INTO a VALUES (41)", NULL, NULL, NULL);
    ck_assert(byo_schema_upgrade(db, schema, 2, &why));
    ck_assert(byo_schema_upgrade(db, schema, 2, &why));
    sqlite3 *real = store->db;
    store->db = db;
    ck_assert_int_eq(number_from(store, "SELECT y FROM a"), 42);
    ck_assert_int_eq(number_from(store, "PRAGMA user_version"), 2);
    ck_assert(!byo_schema_upgrade(db, schema, 3, &why));
    ck_assert_msg(strstr(why, "from version 2 to 3") && strstr(why, "missing"), "%s", why);
    ck_assert_int_eq(number_from(store, "PRAGMA user_version"), 2);
    ck_assert_int_eq(number_from(store, "SELECT count(*) FROM sqlite_master"), 1);
    store->db = real;
    free(why);
    sqlite3_close(db);
}
END_TEST

Suite *store_fault_suite(void)
{
    Suite *suite = suite_create("store faults");
    TCase *t = tcase_create("faults");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, two_writers);
    tcase_add_test(t, a_lock_file_of_one_that_passes_goes_with_it);
    tcase_add_test(t, a_newer_store_is_refused);
    tcase_add_test(t, an_older_store_is_not_read_before_its_upgrade);
    tcase_add_test(t, another_programs_database_is_left_alone);
    tcase_add_test(t, no_database_no_folder_no_file);
    tcase_add_test(t, a_damaged_store_says_so);
    tcase_add_test(t, full_by_page_count);
    tcase_add_test(t, write_error_in_the_log);
    tcase_add_test(t, full_file_system);
    tcase_add_test(t, killed_at_any_moment_nothing_told_is_lost);
    tcase_add_test(t, released_schemas_are_upgraded);
    tcase_add_test(t, upgrades_go_version_by_version);
    suite_add_tcase(suite, t);
    return suite;
}
