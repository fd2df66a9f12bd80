/* SPDX-License-Identifier: BSD-3-Clause
 * Finding messages by recipient among tens of millions, at next to no cost when they are added.
 * An index by recipient would dirty a random page for each message. So the writer gathers hashes in
 * memory and writes them as a run when there are enough: 64 small rows by the hash's first bits. A look
 * reads one of them in each run, and goes through the messages younger than the last run.
 * Decides: how long a run is. Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"
#include "base/hash.h"

#include <stdlib.h>

#define RUN_MESSAGES 32768
#define SLOTS 64
#define SLOT_SHIFT 58
#define ENTRY 12

static uint64_t hash_of(ByoStr recipient)
{
    uint64_t h = byo_hash_same(byo_digits(recipient));
    /* FNV-1a leaves its high bits poor for short texts. */
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93u;
    return h ^ h >> 32;
}

void byo_recipient_add(ByoStore *s, ByoStr recipient, ByoId message)
{
    if (s->recent_n == s->recent_cap) {
        s->recent_cap = s->recent_cap ? 2 * s->recent_cap : 1024;
        s->recent = byo_realloc(s->recent, s->recent_cap * sizeof *s->recent);
    }
    s->recent[s->recent_n++] = (ByoRunEntry){.hash = hash_of(recipient), .id = message};
}

static int by_slot(const void *a, const void *b)
{
    const ByoRunEntry *x = a, *y = b;
    unsigned p = (unsigned)(x->hash >> SLOT_SHIFT), q = (unsigned)(y->hash >> SLOT_SHIFT);
    return p != q ? (p > q) - (p < q) : (x->id > y->id) - (x->id < y->id);
}

static void put(ByoBuf *b, uint64_t v, int octets)
{
    while (octets--)
        byo_buf_addc(b, (char)(v >> 8 * octets & 255));
}

static uint64_t get(const unsigned char *p, int octets)
{
    uint64_t v = 0;
    while (octets--)
        v = v << 8 | *p++;
    return v;
}

static bool put_chunk(ByoStore *s, int64_t id, const ByoBuf *entries)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_CHUNK_ADD, "INSERT INTO recipient_chunk (id, entries) VALUES (?1, ?2)");
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    byo_bind_blob(st, 2, byo_buf_str(entries));
    return byo_run(s, st, "cannot index recipients");
}

bool byo_recipient_flush(ByoStore *s)
{
    if (s->recent_n < RUN_MESSAGES)
        return true;
    ByoId first = INT64_MAX, last = 0;
    /* A copy: a commit that fails leaves s->recent as it was. */
    size_t n = s->recent_n;
    ByoRunEntry *sorted = byo_alloc(n * sizeof *sorted);
    memcpy(sorted, s->recent, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_slot);
    ByoBuf entries = {0};
    size_t at = 0;
    bool ok = true;
    for (unsigned slot = 0; ok && slot < SLOTS; slot++) {
        byo_buf_clear(&entries);
        for (; at < n && sorted[at].hash >> SLOT_SHIFT == slot; at++) {
            const ByoRunEntry *r = &sorted[at];
            first = r->id < first ? r->id : first;
            last = r->id > last ? r->id : last;
            put(&entries, r->hash, 4);
            put(&entries, (uint64_t)r->id, 8);
        }
        ok = entries.n == 0 || put_chunk(s, s->run * SLOTS + slot, &entries);
    }
    byo_buf_free(&entries);
    free(sorted);
    sqlite3_stmt *st =
        !ok ? NULL
            : byo_query(s, BYO_Q_RUN_ADD, "INSERT INTO recipient_run (run, first, last) VALUES (?1, ?2, ?3)");
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, s->run);
    sqlite3_bind_int64(st, 2, first);
    sqlite3_bind_int64(st, 3, last);
    s->run_made = byo_run(s, st, "cannot index recipients");
    return s->run_made;
}

void byo_recipient_kept(ByoStore *s)
{
    if (s->run_made) {
        s->recent_n = 0;
        s->run++;
    }
    s->run_made = false;
    s->recent_kept = s->recent_n;
}

void byo_recipient_forget(ByoStore *s)
{
    s->recent_n = s->recent_kept;
    s->run_made = false;
}

ByoStoreResult byo_recipient_last(ByoStore *s, int64_t *run_r, ByoId *last_r)
{
    *run_r = *last_r = 0;
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_RUN_LAST, "SELECT run, last FROM recipient_run ORDER BY run DESC LIMIT 1");
    if (!st || !byo_row(s, st, "cannot read the index of recipients"))
        return s->course.last;
    *run_r = sqlite3_column_int64(st, 0);
    *last_r = sqlite3_column_int64(st, 1);
    sqlite3_reset(st);
    return BYO_STORE_OK;
}

ByoStoreResult byo_recipient_load(ByoStore *s)
{
    ByoId last;
    if (byo_recipient_last(s, &s->run, &last) != BYO_STORE_OK)
        return s->course.last;
    s->run++;
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_RECENT, "SELECT id, recipient FROM message WHERE id > ?1 ORDER BY id");
    if (!st)
        return s->course.last;
    sqlite3_bind_int64(st, 1, last);
    while (byo_row(s, st, "cannot read the messages")) {
        byo_take_begin(&s->row_text, st, 1, 1, 0);
        byo_recipient_add(s, byo_take(&s->row_text, st, 1), sqlite3_column_int64(st, 0));
    }
    s->recent_kept = s->recent_n;
    return s->course.last;
}

static bool read_chunk(ByoStore *s, int64_t id, ByoStr *entries_r)
{
    *entries_r = BYO_STR("");
    sqlite3_stmt *st = byo_query(s, BYO_Q_CHUNK, "SELECT entries FROM recipient_chunk WHERE id = ?1");
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    if (!byo_row(s, st, "cannot read the index of recipients"))
        return s->course.last == BYO_STORE_OK;
    byo_take_begin(&s->row_text, st, 0, 1, 0);
    *entries_r = byo_take(&s->row_text, st, 0);
    sqlite3_reset(st);
    return true;
}

ByoStoreResult byo_recipient_find(ByoStore *s, ByoStr recipient, ByoId low, ByoId high, int64_t *run,
                                  ByoId **ids_r, size_t *n_r, ByoId *low_r)
{
    *ids_r = NULL;
    *n_r = 0;
    sqlite3_stmt *st = byo_query(s, BYO_Q_RUNS,
                                 "SELECT run, first FROM recipient_run WHERE run <= ?1 AND first < ?3"
                                 " AND last >= ?2 ORDER BY run DESC LIMIT 1");
    if (!st)
        return s->course.last;
    sqlite3_bind_int64(st, 1, *run);
    sqlite3_bind_int64(st, 2, low);
    sqlite3_bind_int64(st, 3, high);
    *run = 0;
    if (!byo_row(s, st, "cannot read the index of recipients"))
        return s->course.last;
    *run = sqlite3_column_int64(st, 0);
    *low_r = sqlite3_column_int64(st, 1);
    sqlite3_reset(st);
    uint64_t hash = hash_of(recipient);
    ByoStr entries;
    if (!read_chunk(s, *run * SLOTS + (int64_t)(hash >> SLOT_SHIFT), &entries))
        return s->course.last;
    const unsigned char *p = (const unsigned char *)entries.p;
    for (size_t i = entries.n / ENTRY; i-- > 0;) {
        if (get(p + i * ENTRY, 4) != (hash & 0xffffffff))
            continue;
        ByoId id = (ByoId)get(p + i * ENTRY + 4, 8);
        if (id < low || id >= high)
            continue;
        if (*n_r % 64 == 0)
            *ids_r = byo_realloc(*ids_r, (*n_r + 64) * sizeof **ids_r);
        (*ids_r)[(*n_r)++] = id;
    }
    return BYO_STORE_OK;
}

int byo_recipient_purge(ByoStore *s)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_RUN_OLD,
                                 "SELECT max(run) FROM recipient_run WHERE last <"
                                 " coalesce((SELECT min(id) FROM message), 9223372036854775807)");
    if (!st || !byo_row(s, st, "cannot read the index of recipients"))
        return 0;
    int64_t run = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    if (!run)
        return 0;
    static const char *const sql[] = {"DELETE FROM recipient_chunk WHERE id < ?1",
                                      "DELETE FROM recipient_run WHERE run < ?1"};
    int rows = 0;
    for (int i = 0; i < 2; i++) {
        st = byo_query(s, i ? BYO_Q_RUN_REMOVE : BYO_Q_CHUNKS_REMOVE, sql[i]);
        if (!st)
            return rows;
        sqlite3_bind_int64(st, 1, i ? run + 1 : (run + 1) * SLOTS);
        if (byo_run(s, st, "cannot remove from the index of recipients"))
            rows += sqlite3_changes(s->db);
    }
    return rows;
}
