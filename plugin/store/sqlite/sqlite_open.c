/* SPDX-License-Identifier: BSD-3-Clause
 * Opening the store: whose file it is, the lock that keeps a second writer out, the schema's upgrades.
 * Decides: which file is a store of ours, how SQLite is set up for it.
 * Ownership: the ByoStore owns connection and lock. Threads: any, one for each ByoStore. */
#include "store/sqlite/sqlite_private.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite/schema_text.h"

#define SCHEMA_VERSION ((int)(sizeof byo_schema_text / sizeof *byo_schema_text))

const int byo_sqlite_schema_version = SCHEMA_VERSION;

/* SQLite's own count of its memory costs a lock for every piece of it, and nobody asks for it. */
static void set_up_sqlite(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int exec(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* A pragma's or a query's first number. */
static int number_of(sqlite3 *db, const char *sql, int64_t *n_r)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(st);
        if (rc == SQLITE_ROW)
            *n_r = sqlite3_column_int64(st, 0);
    }
    rc = rc == SQLITE_ROW ? SQLITE_OK : rc == SQLITE_DONE ? SQLITE_ERROR : rc;
    sqlite3_finalize(st);
    return rc;
}

bool byo_schema_upgrade(sqlite3 *db, const char *const *schema, int n, char **why_r)
{
    int64_t version = 0;
    int rc = number_of(db, "PRAGMA user_version", &version);
    for (; rc == SQLITE_OK && version < n; version++) {
        char set[64];
        snprintf(set, sizeof set, "PRAGMA user_version = %d", (int)version + 1);
        rc = exec(db, "BEGIN IMMEDIATE");
        if (rc == SQLITE_OK)
            rc = exec(db, schema[version]);
        if (rc == SQLITE_OK)
            rc = exec(db, set);
        if (rc == SQLITE_OK)
            rc = exec(db, "COMMIT");
        if (rc != SQLITE_OK)
            break;
    }
    if (rc == SQLITE_OK)
        return true;
    *why_r = byo_printf("cannot bring the store from version %d to %d: %s", (int)version, (int)version + 1,
                        sqlite3_errmsg(db));
    if (!sqlite3_get_autocommit(db))
        exec(db, "ROLLBACK");
    return false;
}

/* Locks what lies at the path when it is locked: who had the lock may have taken the file away with it. -1: errno says
 * why it cannot be made. */
static int lock_at(const char *path, bool *made_r, bool *locked_r)
{
    for (;;) {
        struct stat st;
        int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, lock = open(path, flags | O_EXCL, 0600);
        *made_r = lock >= 0;
        if (lock < 0 && errno == EEXIST)
            lock = open(path, flags, 0600);
        if (lock < 0)
            return -1;
        *locked_r = flock(lock, LOCK_EX | LOCK_NB) == 0;
        if (!*locked_r || fstat(lock, &st) != 0 || st.st_nlink > 0)
            return lock;
        close(lock);
    }
}

static bool lock(ByoStore *s, ByoStoreResult *result_r, char **why_r)
{
    char *path = byo_printf("%s.lock", s->path), pid[24] = "";
    bool locked = false;
    int lock = lock_at(path, &s->lock_made, &locked);
    if (lock < 0) {
        int error = errno;
        *result_r = error == ENOSPC || error == EDQUOT ? BYO_STORE_FULL
                    : error == EIO                     ? BYO_STORE_IO
                                                       : BYO_STORE_READONLY;
        *why_r = byo_printf("%s: cannot create the store's lock file: %s", path, strerror(error));
    } else if (!locked) {
        ssize_t n = pread(lock, pid, sizeof pid - 1, 0);
        long holder = n > 0 ? strtol(pid, NULL, 10) : 0;
        close(lock);
        *result_r = BYO_STORE_IO;
        *why_r = holder > 0 ? byo_printf("%s: the store is in use by process %ld", s->path, holder)
                            : byo_printf("%s: the store is in use by another process", s->path);
    } else {
        /* Only for the message above: a disk too full to take it must not keep the store shut. */
        int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
        bool told = ftruncate(lock, 0) == 0 && pwrite(lock, pid, (size_t)n, 0) == n;
        (void)(told || ftruncate(lock, 0) == 0);
        s->lock = lock;
    }
    free(path);
    return locked;
}

/* A byobox's lock file stays: on a disk that is full there may be no room for another. */
static void unlock(ByoStore *s)
{
    if (s->lock < 0)
        return;
    if (s->lock_made && s->passing) {
        char *path = byo_printf("%s.lock", s->path);
        unlink(path);
        free(path);
    }
    close(s->lock);
}

static bool refuse(ByoStore *s, int rc, const char *what, ByoStoreResult *result_r, char **why_r)
{
    *result_r = byo_sqlite_map(s->db, rc);
    int error = s->db ? sqlite3_system_errno(s->db) : 0;
    bool system = error && ((rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN);
    *why_r = byo_printf("%s: %s: %s%s%s", s->path, what, s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc),
                        system ? ": " : "", system ? strerror(error) : "");
    return false;
}

/* Whose file is it, and of which version? */
static bool check_file(ByoStore *s, bool *fresh_r, ByoStoreResult *result_r, char **why_r)
{
    int64_t application = 0, version = 0, tables = 0;
    int rc = number_of(s->db, "PRAGMA application_id", &application);
    if (rc == SQLITE_OK)
        rc = number_of(s->db, "PRAGMA user_version", &version);
    if (rc == SQLITE_OK)
        rc = number_of(s->db, "SELECT count(*) FROM sqlite_master", &tables);
    if (rc != SQLITE_OK)
        return refuse(s, rc, "cannot read the store", result_r, why_r);
    *fresh_r = application == 0 && version == 0 && tables == 0;
    if (!*fresh_r && application != BYO_STORE_APPLICATION) {
        *result_r = BYO_STORE_CORRUPT;
        *why_r = byo_printf("%s: is a SQLite database of another program, no byobox store", s->path);
        return false;
    }
    if (version > SCHEMA_VERSION) {
        *result_r = BYO_STORE_NEWER;
        *why_r = byo_printf("%s: the store has version %d; this byobox knows versions up to %d", s->path,
                            (int)version, SCHEMA_VERSION);
        return false;
    }
    if (!s->writer && version < SCHEMA_VERSION) {
        *result_r = BYO_STORE_READONLY;
        *why_r = byo_printf("%s: the store has version %d and must be brought to %d first: start byobox",
                            s->path, (int)version, SCHEMA_VERSION);
        return false;
    }
    return true;
}

/* synchronous = FULL: a commit that returned is on the disk. secure_delete: what is deleted is overwritten, also
 * where a page is given back (retention means gone). */
static const char setup_both[] =
    "PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF;"
    "PRAGMA trusted_schema = OFF;";
static const char setup_writer[] = "PRAGMA cache_size = -65536; PRAGMA synchronous = FULL;"
                                   "PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 67108864;";
static const char setup_reader[] = "PRAGMA cache_size = -8192; PRAGMA query_only = ON;";

static bool make_ours(ByoStore *s, ByoStoreResult *result_r, char **why_r)
{
    char set[64];
    snprintf(set, sizeof set, "PRAGMA application_id = %d", BYO_STORE_APPLICATION);
    int rc = exec(s->db, set);
    return rc == SQLITE_OK || refuse(s, rc, "cannot create the store", result_r, why_r);
}

static bool upgrade(ByoStore *s, ByoStoreResult *result_r, char **why_r)
{
    char *why = NULL;
    if (byo_schema_upgrade(s->db, byo_schema_text, SCHEMA_VERSION, &why))
        return true;
    *result_r = byo_sqlite_map(s->db, sqlite3_extended_errcode(s->db));
    if (*result_r == BYO_STORE_OK)
        *result_r = BYO_STORE_IO;
    *why_r = byo_printf("%s: %s", s->path, why);
    free(why);
    return false;
}

static bool load(ByoStore *s, ByoStoreResult *result_r, char **why_r)
{
    sqlite3_stmt *st;
    if ((*result_r = byo_known_load(s)) != BYO_STORE_OK)
        goto failed;
    if (!s->writer)
        return true;
    if (byo_recipient_load(s) != BYO_STORE_OK)
        goto failed;
    if (!byo_counters_load(s))
        goto failed;
    /* Whatever the clock says after a restart, ids go on growing. */
    st = byo_query(s, BYO_Q_LAST_ID,
                   "SELECT max(coalesce((SELECT max(id) FROM message), 0),"
                   " coalesce((SELECT max(id) FROM event), 0), coalesce((SELECT max(id) FROM audit), 0),"
                   " coalesce((SELECT max(id) FROM opt_history), 0),"
                   " coalesce((SELECT max(id) FROM mo_seen), 0),"
                   " coalesce((SELECT max(id) FROM inbound), 0),"
                   " coalesce((SELECT max(id) FROM early_receipt), 0)),"
                   " (SELECT coalesce(max(last & 0xffffffffffff), 0) FROM"
                   "   (SELECT (SELECT max(id) FROM inward WHERE id < (key + 1) << 48) AS last"
                   "    FROM (SELECT 0 AS key UNION ALL SELECT key FROM box)))");
    if (!st)
        goto failed;
    if (byo_row(s, st, "cannot read the last ids")) {
        /* With a damaged one, new ids go on from what leaves room for all that can come. */
        ByoId last = sqlite3_column_int64(st, 0), most = (ByoId)1 << 62;
        s->last_id = byo_id_message(last < most ? last : most);
        s->last_inward = sqlite3_column_int64(st, 1);
        sqlite3_reset(st);
        return true;
    }
failed:
    *result_r = s->course.last;
    *why_r = byo_strdup(byo_sqlite_error(s));
    return false;
}

static bool open_file(ByoStore *s, ByoStoreResult *result_r, char **why_r)
{
    if (s->writer && !lock(s, result_r, why_r))
        return false;
    if (!s->writer && access(s->path, F_OK) != 0 && errno == ENOENT) {
        *result_r = BYO_STORE_NONE;
        *why_r = byo_printf("%s: there is no store yet", s->path);
        return false;
    }
    int flags =
        SQLITE_OPEN_NOMUTEX | (s->writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    int rc = sqlite3_open_v2(s->path, &s->db, flags, NULL);
    if (rc != SQLITE_OK)
        return refuse(s, rc, "cannot open the store", result_r, why_r);
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_busy_timeout(s->db, BYO_STORE_BUSY_MS);
    if (s->writer && sqlite3_db_readonly(s->db, "main") == 1) {
        *result_r = BYO_STORE_READONLY;
        *why_r = byo_printf("%s: the store is not writable for this user", s->path);
        return false;
    }
    bool fresh = false;
    if (!check_file(s, &fresh, result_r, why_r))
        return false;
    rc = exec(s->db, setup_both);
    if (rc == SQLITE_OK)
        rc = exec(s->db, s->writer ? setup_writer : setup_reader);
    if (rc == SQLITE_OK && s->writer)
        rc = exec(s->db, "PRAGMA journal_mode = WAL");
    if (rc != SQLITE_OK)
        return refuse(s, rc, "cannot set up the store", result_r, why_r);
    struct stat st;
    if (stat(s->path, &st) == 0) {
        s->dev = st.st_dev;
        s->ino = st.st_ino;
    }
    if (!s->writer)
        return load(s, result_r, why_r);
    sqlite3_wal_hook(s->db, byo_wal_hook, s);
    if ((fresh && !make_ours(s, result_r, why_r)) || !upgrade(s, result_r, why_r))
        return false;
    byo_rows_create(s);
    sqlite3_update_hook(s->db, byo_rows_hook, s);
    return load(s, result_r, why_r);
}

static const ByoStoreOps operations = {
#define BYO_OP(result, name, parameters, arguments) .name = byo_sqlite_##name,
#include "store/operations.h"
};

ByoStore *byo_sqlite_open(const char *path, bool writer, ByoStoreResult *result_r, char **why_r)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_up_sqlite);
    ByoStore *s = byo_zalloc(sizeof *s);
    s->ops = &operations;
    s->path = byo_strdup(path);
    s->lock = -1;
    s->writer = writer;
    s->passing = true;
    *result_r = BYO_STORE_OK;
    *why_r = NULL;
    if (open_file(s, result_r, why_r)) {
        s->passing = false;
        return s;
    }
    byo_sqlite_close(s);
    return NULL;
}

static int64_t octets_at(const char *path)
{
    static const char *const parts[] = {"", "-wal", "-shm"};
    int64_t octets = -1;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct stat st;
        char *part = byo_printf("%s%s", path, parts[i]);
        if (stat(part, &st) == 0)
            octets = (octets < 0 ? 0 : octets) + st.st_size;
        free(part);
    }
    return octets;
}

void byo_sqlite_condition(ByoStore *s, ByoStoreCondition *c_r)
{
    *c_r = (ByoStoreCondition){.octets = octets_at(s->path)};
}

bool byo_sqlite_current(ByoStore *s)
{
    struct stat st;
    return stat(s->path, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino;
}

void byo_sqlite_close(ByoStore *s)
{
    byo_sqlite_rollback(s);
    for (int i = 0; i < BYO_Q_COUNT; i++)
        sqlite3_finalize(s->query[i]);
    sqlite3_close(s->db);
    unlock(s);
    for (size_t i = 0; i < s->known_n; i++)
        free(s->known[i].id);
    free(s->known);
    free(s->recent);
    byo_counts_destroy(s->counts);
    byo_rows_destroy(s);
    byo_later_free(s);
    free(s->path);
    byo_buf_free(&s->course.error);
    byo_buf_free(&s->message_text);
    byo_buf_free(&s->segment_text);
    byo_buf_free(&s->row_text);
    byo_buf_free(&s->copy_text);
    byo_buf_free(&s->loose);
    free(s);
}
