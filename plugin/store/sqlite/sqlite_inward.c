/* SPDX-License-Identifier: BSD-3-Clause
 * Reports and MOs on their way to a smsbox, and the MOs seen before.
 * Decides: the order inside one destination: as they were added.
 * A row's id holds its destination (box key << 48), so that one tree serves as table and queue.
 * Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

#define BOX_SHIFT 48
#define BOX_MAX BYO_STORE_DESTINATIONS
#define SEQUENCE_MASK (((int64_t)1 << BOX_SHIFT) - 1)

void byo_box_keys_forget(ByoStore *s)
{
    for (size_t i = 0; i < BYO_BOX_KEYS; i++)
        s->box_keys[i].length = 0;
    s->box_keys_taken = 0;
}

/* Where the name's key is kept, if it is. NULL: it is not kept, as in a reader: the writer may give its key away. */
static ByoBoxKey *key_place(ByoStore *s, ByoStr box)
{
    if (!s->writer || !box.n || box.n > sizeof s->box_keys[0].name)
        return NULL;
    unsigned h = (unsigned)box.n;
    for (size_t i = 0; i < box.n; i++)
        h = h * 31 + (unsigned char)box.p[i];
    return &s->box_keys[h % BYO_BOX_KEYS];
}

static int64_t keep_key(ByoStore *s, ByoStr box, int64_t key)
{
    ByoBoxKey *at = key_place(s, box);
    if (at) {
        memcpy(at->name, box.p, box.n);
        at->length = box.n;
        at->key = key;
    }
    return key;
}

/* The destination's key: 0 for anonymous, -1 for a name without rows (or a fault, noted). */
static int64_t box_key(ByoStore *s, bool named, ByoStr box)
{
    if (!named)
        return 0;
    const ByoBoxKey *at = key_place(s, box);
    if (at && at->length == box.n && memcmp(at->name, box.p, box.n) == 0)
        return at->key;
    sqlite3_stmt *st = byo_query(s, BYO_Q_BOX_KEY, "SELECT key FROM box WHERE name = ?1");
    if (!st)
        return -1;
    byo_bind_text(st, 1, box);
    if (!byo_row(s, st, "cannot find a destination"))
        return -1;
    int64_t key = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return keep_key(s, box, key);
}

/* The lowest; which are taken below it is not looked at again. */
static int64_t free_key(ByoStore *s)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_BOX_FREE,
                  "SELECT key + 1 FROM (SELECT ?1 AS key UNION ALL SELECT key FROM box WHERE key > ?1) AS b"
                  " WHERE NOT EXISTS (SELECT 1 FROM box WHERE box.key = b.key + 1) ORDER BY key LIMIT 1");
    if (!st)
        return -1;
    sqlite3_bind_int64(st, 1, s->box_keys_taken);
    if (!byo_row(s, st, "cannot add a destination"))
        return -1;
    int64_t key = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    s->box_keys_taken = key - 1;
    return key;
}

/* The key of a name whose rows are all gone, by the counts. 0: none that was counted. */
static int64_t idle_key(const ByoStore *s)
{
    int64_t key = 0;
    for (const ByoCount *c = NULL; (c = byo_counts_after(s->counts, c));)
        if (c->kind == BYO_COUNT_BOX && c->live == 0) {
            memcpy(&key, c->name, sizeof key);
            if (key > 0)
                return key;
        }
    return 0;
}

/* Forgets the names of these keys that nothing waits for. */
static bool trim(ByoStore *s, int64_t first, int64_t last)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_BOX_TRIM,
                  "DELETE FROM box WHERE key BETWEEN ?1 AND ?2 AND NOT EXISTS (SELECT 1 FROM inward"
                  " WHERE id >= box.key << 48 AND id < (box.key + 1) << 48)");
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, first);
    sqlite3_bind_int64(st, 2, last);
    return byo_run(s, st, "cannot forget destinations") && sqlite3_changes(s->db) > 0;
}

/* All keys are taken. Names come from peers: those nothing waits for are forgotten, one that is known, else all. */
static int64_t freed_key(ByoStore *s)
{
    if (byo_sqlite_inward_destinations(s) - (byo_count(s, BYO_COUNT_BOX, 0) > 0) >= BOX_MAX)
        return -1;
    int64_t idle = idle_key(s), taken = s->box_keys_taken;
    byo_box_keys_forget(s);
    if (idle && trim(s, idle, idle)) {
        s->box_keys_taken = taken;
        return idle;
    }
    return trim(s, 1, BOX_MAX) ? free_key(s) : -1;
}

static int64_t add_box(ByoStore *s, ByoStr box)
{
    int64_t key = free_key(s);
    if (key > BOX_MAX)
        key = freed_key(s);
    /* Not a failed transaction: it would fail again and again, and with it all that comes along. */
    if (s->course.failed || key <= 0 || key > BOX_MAX)
        return -1;
    sqlite3_stmt *st = byo_query(s, BYO_Q_BOX_ADD, "INSERT INTO box (key, name) VALUES (?1, ?2)");
    if (!st)
        return -1;
    sqlite3_bind_int64(st, 1, key);
    byo_bind_text(st, 2, box);
    return byo_run(s, st, "cannot add a destination") ? key : -1;
}

ByoId byo_sqlite_inward_id(ByoStore *s, bool named, ByoStr box, ByoTime now)
{
    int64_t key = box_key(s, named, box);
    if (key < 0 && byo_writing(s))
        key = add_box(s, box);
    if (key < 0)
        return 0;
    /* Above the last one, and in general above all that were ever given. */
    int64_t at = byo_id_at(now) >> 15;
    s->last_inward = at > s->last_inward ? at : s->last_inward + 1;
    return key << BOX_SHIFT | (s->last_inward & SEQUENCE_MASK);
}

static void count_by(ByoStore *s, ByoId id, int64_t by)
{
    int64_t box = id >> BOX_SHIFT;
    byo_count_by(s, BYO_COUNT_INWARD, 0, by);
    if (box >= 0 && box <= BOX_MAX)
        byo_count_by(s, BYO_COUNT_BOX, box, by);
}

void byo_sqlite_inward_add(ByoStore *s, const ByoInwardRow *row)
{
    if (!byo_writing(s))
        return;
    byo_later_come(s, row->id, row->frame);
    count_by(s, row->id, 1);
}

void byo_sqlite_inward_remove(ByoStore *s, ByoId id)
{
    if (!byo_writing(s))
        return;
    byo_later_gone(s, id);
    count_by(s, id, -1); /* where there is no such row, writing it puts this right */
}

int64_t byo_inward_sequence(ByoId id)
{
    return id & SEQUENCE_MASK;
}

void byo_inward_write_come(ByoStore *s, ByoId id, ByoStr frame)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_INWARD_ADD, "INSERT INTO inward (id, frame) VALUES (?1, ?2)");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, id);
    byo_bind_blob(st, 2, frame);
    byo_run(s, st, "cannot keep a report or MO");
}

void byo_inward_write_gone(ByoStore *s, ByoId first, ByoId last, int64_t n)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_INWARD_REMOVE, "DELETE FROM inward WHERE id BETWEEN ?1 AND ?2");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, first);
    sqlite3_bind_int64(st, 2, last);
    if (!byo_run(s, st, "cannot forget reports or MOs"))
        return;
    count_by(s, first, n - sqlite3_changes(s->db));
}

int64_t byo_sqlite_inward_waiting(ByoStore *s, bool named, ByoStr box)
{
    int64_t key = byo_sqlite_inward_destinations(s) ? box_key(s, named, box) : -1;
    return key < 0 ? 0 : byo_count(s, BYO_COUNT_BOX, key);
}

int64_t byo_sqlite_inward_destinations(ByoStore *s)
{
    return s->writer ? s->counts->names[BYO_COUNT_BOX] : 0;
}

ByoId byo_sqlite_inward_before(ByoStore *s, bool named, ByoStr box, ByoTime t)
{
    int64_t key = box_key(s, named, box);
    return key < 0 ? 0 : key << BOX_SHIFT | (byo_id_at(t) >> 15 & SEQUENCE_MASK);
}

int byo_sqlite_inward_claim(ByoStore *s, bool named, ByoStr box, ByoId after, int max,
                            void (*each)(void *arg, const ByoInwardRow *row), void *arg)
{
    int64_t key = box_key(s, named, box);
    if (key < 0)
        return 0;
    sqlite3_stmt *st = byo_query(
        s, BYO_Q_INWARD_LIST, "SELECT id, frame FROM inward WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3");
    if (!st)
        return 0;
    ByoId first = (key << BOX_SHIFT) - 1;
    sqlite3_bind_int64(st, 1, after > first ? after : first);
    sqlite3_bind_int64(st, 2, (key + 1) << BOX_SHIFT);
    sqlite3_bind_int64(st, 3, max);
    int n = 0;
    while (byo_row(s, st, "cannot read what waits for a smsbox")) {
        byo_take_begin(&s->row_text, st, 1, 1, 0);
        ByoInwardRow row = {.id = sqlite3_column_int64(st, 0), .named = named, .box = box};
        row.frame = byo_take(&s->row_text, st, 1);
        n++;
        each(arg, &row);
    }
    return n;
}

void byo_sqlite_inward_boxes(ByoStore *s, void (*each)(void *arg, bool named, ByoStr box), void *arg)
{
    sqlite3_stmt *st = byo_query(
        s, BYO_Q_BOXES,
        "SELECT key, name FROM (SELECT 0 AS key, NULL AS name UNION ALL SELECT key, name FROM box) AS b"
        " WHERE EXISTS (SELECT 1 FROM inward WHERE id >= b.key << 48 AND id < (b.key + 1) << 48)");
    if (!st)
        return;
    while (byo_row(s, st, "cannot read the destinations")) {
        bool named = sqlite3_column_int64(st, 0) != 0;
        byo_take_begin(&s->row_text, st, 1, 1, 0);
        each(arg, named, byo_take(&s->row_text, st, 1));
    }
}

bool byo_sqlite_mo_known(ByoStore *s, ByoStr uuid)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_MO_KNOWN, "SELECT 1 FROM mo_seen WHERE uuid = ?1");
    if (!st)
        return false;
    unsigned char packed[16];
    byo_bind_uuid(st, 1, uuid, packed);
    return byo_row_amount(s, st, "cannot look for a MO") == 1;
}

void byo_sqlite_mo_note(ByoStore *s, ByoStr uuid, ByoTime now)
{
    sqlite3_stmt *st = byo_writing(s) ? byo_query(s, BYO_Q_MO_ADD,
                                                  "INSERT OR IGNORE INTO mo_seen (id, uuid) VALUES (?1, ?2)")
                                      : NULL;
    if (!st)
        return;
    unsigned char packed[16];
    sqlite3_bind_int64(st, 1, byo_sqlite_new_id(s, now));
    byo_bind_uuid(st, 2, uuid, packed);
    byo_run(s, st, "cannot remember a MO");
}
