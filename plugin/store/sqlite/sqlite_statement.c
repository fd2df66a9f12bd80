/* SPDX-License-Identifier: BSD-3-Clause
 * The machine under the store: compiled statements, transactions, faults, checkpoints, the names and
 * counters every file needs.
 * Decides: what a fault of SQLite's means to the caller, and when the write-ahead log is folded back.
 * Ownership: the ByoStore owns statements, names and texts. Threads: one for each ByoStore. */
#include "store/sqlite/sqlite_private.h"

#include <errno.h>
#include <stdlib.h>

/* Pages of the write-ahead log at which it is folded into the store: little work each time, so that
 * no commit waits long for it. A reader may keep it from being finished: then not at each commit. */
#define CHECKPOINT_PAGES 2000

ByoStoreResult byo_sqlite_map(sqlite3 *db, int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return BYO_STORE_OK;
    case SQLITE_FULL:
        return BYO_STORE_FULL;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return BYO_STORE_READONLY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return BYO_STORE_CORRUPT;
    case SQLITE_CONSTRAINT:
        return BYO_STORE_CONFLICT;
    case SQLITE_IOERR:
        switch (db ? sqlite3_system_errno(db) : 0) {
        case ENOSPC:
        case EDQUOT:
            return BYO_STORE_FULL;
        case EROFS:
            return BYO_STORE_READONLY;
        }
        return BYO_STORE_IO;
    }
    return BYO_STORE_IO;
}

const char *byo_sqlite_error(const ByoStore *s)
{
    return byo_course_error(&s->course);
}

ByoStoreResult byo_note(ByoStore *s, int rc, const char *what)
{
    ByoStoreResult r = byo_sqlite_map(s->db, rc);
    int error = sqlite3_system_errno(s->db);
    bool system = error && ((rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN);
    char *text = byo_printf("%s: %s: %s%s%s", s->path, what, sqlite3_errmsg(s->db), system ? ": " : "",
                            system ? strerror(error) : "");
    byo_course_note(&s->course, r, text);
    free(text);
    return r;
}

sqlite3_stmt *byo_query(ByoStore *s, ByoQuery which, const char *sql)
{
    byo_later_before(s, which);
    if (!s->query[which]) {
        int rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->query[which], NULL);
        if (rc != SQLITE_OK)
            byo_note(s, rc, "cannot compile a statement");
    }
    return s->query[which];
}

bool byo_run(ByoStore *s, sqlite3_stmt *st, const char *what)
{
    int rc;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW)
        ;
    if (rc != SQLITE_DONE)
        byo_note(s, rc, what);
    sqlite3_reset(st);
    return rc == SQLITE_DONE;
}

bool byo_row(ByoStore *s, sqlite3_stmt *st, const char *what)
{
    int rc = sqlite3_step(st);
    s->course.last = BYO_STORE_OK;
    if (rc == SQLITE_ROW)
        return true;
    if (rc != SQLITE_DONE)
        byo_note(s, rc, what);
    sqlite3_reset(st);
    return false;
}

int64_t byo_row_amount(ByoStore *s, sqlite3_stmt *st, const char *what)
{
    if (!byo_row(s, st, what))
        return 0;
    int64_t n = byo_amount(st, 0);
    sqlite3_reset(st);
    return n;
}

bool byo_row_text(ByoStore *s, sqlite3_stmt *st, const char *what, ByoBuf *text)
{
    if (!byo_row(s, st, what))
        return false;
    byo_buf_add(text, sqlite3_column_text(st, 0), (size_t)sqlite3_column_bytes(st, 0));
    sqlite3_reset(st);
    return true;
}

void byo_bind_uuid(sqlite3_stmt *st, int at, ByoStr uuid, unsigned char packed[16])
{
    if (byo_uuid_pack(uuid, packed))
        sqlite3_bind_blob(st, at, packed, 16, SQLITE_STATIC);
    else
        byo_bind_text(st, at, uuid);
}

void byo_take_begin(ByoBuf *b, sqlite3_stmt *st, int first, int n, size_t more)
{
    size_t need = more;
    for (int i = first; i < first + n; i++) {
        int type = sqlite3_column_type(st, i);
        if (type == SQLITE_TEXT || type == SQLITE_BLOB)
            need += (size_t)sqlite3_column_bytes(st, i) + 1;
    }
    byo_buf_clear(b);
    byo_buf_need(b, need);
}

ByoStr byo_take(ByoBuf *b, sqlite3_stmt *st, int column)
{
    /* A number where a text belongs is damage, and take_begin made no room for its digits. */
    int type = sqlite3_column_type(st, column);
    const void *p = type == SQLITE_TEXT || type == SQLITE_BLOB ? sqlite3_column_blob(st, column) : NULL;
    size_t n = p ? (size_t)sqlite3_column_bytes(st, column) : 0;
    if (!n)
        return BYO_STR("");
    ByoStr v = {b->p + b->n, n};
    memcpy(b->p + b->n, p, n);
    b->p[b->n + n] = 0;
    b->n += n + 1;
    return v;
}

ByoStr byo_take_uuid(ByoBuf *b, sqlite3_stmt *st, int column)
{
    if (sqlite3_column_type(st, column) != SQLITE_BLOB || sqlite3_column_bytes(st, column) != 16)
        return byo_take(b, st, column);
    ByoStr v = {b->p + b->n, 36};
    byo_uuid_unpack(sqlite3_column_blob(st, column), b->p + b->n);
    b->n += 37;
    return v;
}

/* -- transactions ----------------------------------------------------------------------------- */

/* What memory knew of the transaction that was not kept is forgotten. */
static void forget(ByoStore *s)
{
    while (s->known_n > s->known_kept)
        free(s->known[--s->known_n].id);
    byo_counts_settle(s->counts, false);
    byo_recipient_forget(s);
    byo_later_forget(s);
    byo_rows_over(s);
    byo_box_keys_forget(s);
}

static void keep(ByoStore *s)
{
    s->known_kept = s->known_n;
    byo_counts_settle(s->counts, true);
    byo_rows_over(s);
    byo_recipient_kept(s);
}

/* What was purged stands in the log until it is cut to nothing. Nobody is waited for: a reader that is in the way
 * is done by the next commit. */
static bool truncate_log(ByoStore *s)
{
    sqlite3_busy_timeout(s->db, 0);
    int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(s->db, BYO_STORE_BUSY_MS);
    if (rc != SQLITE_OK)
        return false;
    s->wipe = false;
    s->wal_frames = 0;
    s->wal_next_try = CHECKPOINT_PAGES;
    return true;
}

/* Folds the log back. A fault here loses nothing (the log holds it all): it shows at a later write. */
static void checkpoint(ByoStore *s)
{
    if (s->wipe && truncate_log(s))
        return;
    if (s->wal_frames < s->wal_next_try)
        return;
    int frames = 0, done = 0;
    sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &done);
    s->wal_next_try = CHECKPOINT_PAGES + (done < frames ? s->wal_frames : 0);
}

int byo_wal_hook(void *store, sqlite3 *db, const char *name, int frames)
{
    (void)db;
    (void)name;
    ByoStore *s = store;
    if (frames < s->wal_frames)
        s->wal_next_try = CHECKPOINT_PAGES;
    s->wal_frames = frames;
    return SQLITE_OK;
}

void byo_sqlite_begin(ByoStore *s)
{
    if (s->course.open)
        return;
    byo_course_begin(&s->course);
    sqlite3_stmt *st = byo_query(s, BYO_Q_BEGIN, "BEGIN IMMEDIATE");
    if (st)
        byo_run(s, st, "cannot begin a transaction");
}

void byo_sqlite_rollback(ByoStore *s)
{
    if (!s->course.open)
        return;
    /* SQLite has rolled back by itself after some faults. */
    if (!sqlite3_get_autocommit(s->db)) {
        sqlite3_stmt *st = byo_query(s, BYO_Q_ROLLBACK, "ROLLBACK");
        if (st)
            byo_run(s, st, "cannot roll back");
    }
    forget(s);
    s->course.open = false;
    s->course.failed = false;
}

ByoStoreResult byo_sqlite_commit(ByoStore *s)
{
    if (!s->course.open)
        return s->course.failed ? s->course.why : BYO_STORE_OK;
    if (!s->course.failed && byo_later_write(s) && byo_counters_put(s) && byo_recipient_flush(s)) {
        sqlite3_stmt *st = byo_query(s, BYO_Q_COMMIT, "COMMIT");
        if (st && byo_run(s, st, "cannot commit")) {
            keep(s);
            s->course.open = false;
            checkpoint(s);
            return BYO_STORE_OK;
        }
    }
    ByoStoreResult why = s->course.why;
    byo_sqlite_rollback(s);
    return why;
}

ByoStoreResult byo_sqlite_outcome(ByoStore *s)
{
    return s->course.why;
}

void byo_sqlite_on_wait(ByoStore *s, void (*waiting)(void *arg, ByoTime ms), void *arg)
{
    (void)s;
    (void)waiting;
    (void)arg;
}

void byo_sqlite_probe(ByoStore *s, size_t octets)
{
    if (!byo_writing(s))
        return;
    sqlite3_stmt *st =
        octets
            ? byo_query(s, BYO_Q_PROBE, "INSERT OR REPLACE INTO probe (id, room) VALUES (1, randomblob(?1))")
            : byo_query(s, BYO_Q_PROBE_REMOVE, "DELETE FROM probe");
    if (!st)
        return;
    if (octets)
        sqlite3_bind_int64(st, 1, (int64_t)octets);
    byo_run(s, st, "cannot write");
}

/* Nobody else can write: the file's lock does not end before the process. */
bool byo_sqlite_leased(ByoStore *s)
{
    (void)s;
    return true;
}

bool byo_sqlite_failed(const ByoStore *s)
{
    return s->course.failed;
}

ByoStoreResult byo_sqlite_read_fault(ByoStore *s)
{
    return byo_course_read_fault(&s->course);
}

ByoId byo_sqlite_new_id(ByoStore *s, ByoTime now)
{
    return s->last_id = byo_id_next(s->last_id, now, 0);
}

/* -- names and counters ----------------------------------------------------------------------- */

static ByoKnown *learn(ByoStore *s, int64_t key, ByoStr id)
{
    if (s->known_n == s->known_cap) {
        s->known_cap = s->known_cap ? 2 * s->known_cap : 16;
        s->known = byo_realloc(s->known, s->known_cap * sizeof *s->known);
    }
    ByoKnown *k = &s->known[s->known_n++];
    memset(k, 0, sizeof *k);
    k->key = key;
    k->id = byo_str_dup(id);
    k->length = id.n;
    return k;
}

static ByoKnown *find(ByoStore *s, ByoStr id)
{
    for (size_t i = 0; i < s->known_n; i++)
        if (s->known[i].length == id.n && memcmp(s->known[i].id, id.p, id.n) == 0)
            return &s->known[i];
    return NULL;
}

static ByoKnown *find_key(ByoStore *s, int64_t key)
{
    for (size_t i = 0; i < s->known_n; i++)
        if (s->known[i].key == key)
            return &s->known[i];
    return NULL;
}

ByoStoreResult byo_known_load(ByoStore *s)
{
    /* Keys only grow, and in order: a reader learns what the writer has added since. */
    int64_t above = s->known_n ? s->known[s->known_n - 1].key : 0;
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_NAMES, "SELECT key, id FROM integration WHERE key > ?1 ORDER BY key");
    if (!st)
        return s->course.last;
    sqlite3_bind_int64(st, 1, above);
    while (byo_row(s, st, "cannot read the integrations"))
        learn(s, byo_amount(st, 0),
              byo_strn((const char *)sqlite3_column_text(st, 1), (size_t)sqlite3_column_bytes(st, 1)));
    if (!s->course.open)
        s->known_kept = s->known_n;
    return s->course.last;
}

ByoKnown *byo_known(ByoStore *s, ByoStr id)
{
    if (!id.n)
        return NULL;
    ByoKnown *k = find(s, id);
    if (!k && !s->writer && byo_known_load(s) == BYO_STORE_OK)
        k = find(s, id);
    return k;
}

ByoKnown *byo_known_key(ByoStore *s, int64_t key)
{
    if (!key)
        return NULL;
    ByoKnown *k = find_key(s, key);
    if (!k && !s->writer && byo_known_load(s) == BYO_STORE_OK)
        k = find_key(s, key);
    return k;
}

int64_t byo_known_add(ByoStore *s, ByoStr id)
{
    if (!id.n)
        return 0;
    ByoKnown *k = find(s, id);
    if (k)
        return k->key;
    sqlite3_stmt *st = byo_query(s, BYO_Q_NAME_ADD, "INSERT INTO integration (key, id) VALUES (?1, ?2)");
    if (!st)
        return 0;
    int64_t key = s->known_n ? s->known[s->known_n - 1].key + 1 : 1;
    sqlite3_bind_int64(st, 1, key);
    byo_bind_text(st, 2, id);
    return byo_run(s, st, "cannot add an integration") ? learn(s, key, id)->key : 0;
}
