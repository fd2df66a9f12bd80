/* SPDX-License-Identifier: BSD-3-Clause
 * The rows of messages and segments the writer touched last, as they stand in the store: most are asked for several
 * times within a second (answer, receipt, each with an update), and reading one costs more than changing it.
 * Decides: which rows are kept, and that none is kept that is not what the store would give: SQLite tells every row
 * that is changed, whoever changes it, and the row is forgotten; after a rollback all are. The writer alone keeps
 * any: nobody else changes its store (the lock file). An update of a kept row is written later (sqlite_later.c), once for
 * all that change it until then.
 * Rows are given out as they lie here. Texts that were replaced stay until the transaction is over.
 * Ownership: an entry owns its texts, those an update never changes and those it does. Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/sms.h"

/* Entries of each kind, and the longest texts kept: some 16 MB in all with ordinary messages, once so many were on their
 * way. A row that is not kept costs a read, and one that gives way to it a write of its own. */
enum { ENTRIES = 16384, TEXT_MAX = 2048, SPARE_MAX = 4096, CHAINS = 4096 };

typedef struct {
    ByoMessageRow row;
    ByoBuf fixed, changing;
    uint64_t given; /* the transaction it was given out in last */
    bool later;     /* it was updated and is not written */
} Message;

typedef struct {
    int64_t integration; /* key */
    ByoSegmentRow row;
    ByoBuf fixed, changing;
    uint64_t given;
    bool later, other_id; /* other_id: its foreign_id is not the one that is written */
    ByoId next;           /* in its chain of those whose ids are looked for */
} Segment;

/* Ids of rows that were updated, in that order; some of them may be written already. */
typedef struct {
    ByoId *ids;
    size_t n, cap;
} Ids;

typedef struct {
    ByoBuf *of;
    size_t n, cap;
} Bufs;

/* Ids lie apart: every change of a row looks at one. 0: no entry. */
struct ByoRows {
    ByoId message_ids[ENTRIES], segment_ids[ENTRIES];
    ByoId wanted[ENTRIES]; /* those named last */
    Message messages[ENTRIES];
    Segment segments[ENTRIES];
    uint64_t transaction; /* number of this one */
    Bufs given, spare;    /* given: what rows that were given out in this transaction lie in */
    Ids messages_later, segments_later;
    ByoId foreign[CHAINS]; /* chains of updated segments by the loose form of foreign_id */
    uint64_t seed;
    bool writing; /* what waited is written: the rows are what is kept */
};

static size_t slot(ByoId id)
{
    return (size_t)(((uint64_t)id * 0x9e3779b97f4a7c15u) >> 50);
}
_Static_assert(ENTRIES == 1 << 14, "slot() gives 14 bits");

static void push(Bufs *bufs, ByoBuf *b)
{
    if (bufs->n == bufs->cap)
        bufs->of = byo_realloc(bufs->of, (bufs->cap = bufs->cap ? 2 * bufs->cap : 64) * sizeof *bufs->of);
    bufs->of[bufs->n++] = *b;
    *b = (ByoBuf){0};
}

static void free_bufs(Bufs *bufs)
{
    while (bufs->n)
        byo_buf_free(&bufs->of[--bufs->n]);
    free(bufs->of);
}

void byo_rows_over(ByoStore *s)
{
    ByoRows *rows = s->rows;
    if (rows)
        rows->transaction++;
    while (rows && rows->given.n) {
        ByoBuf *b = &rows->given.of[--rows->given.n];
        if (rows->spare.n < SPARE_MAX && b->cap <= 2 * TEXT_MAX)
            push(&rows->spare, b);
        else
            byo_buf_free(b);
    }
}

/* -- texts -------------------------------------------------------------------------------------- */

enum { TEXTS_MAX = 6 };

typedef struct {
    ByoStr *of[TEXTS_MAX];
    int n;
} Texts;

/* All but the integration, which is the store's own. */
static Texts message_fixed(ByoMessageRow *m)
{
    return (Texts){{&m->number, &m->recipient, &m->uuid, &m->box, &m->charset, &m->frame}, 6};
}

static Texts segment_fixed(ByoSegmentRow *seg)
{
    return (Texts){{&seg->udh, &seg->payload}, 2};
}

static Texts verdict_texts(ByoStoredVerdict *v)
{
    return (Texts){{&v->code_cause, &v->description, &v->carrier_code}, 3};
}

static Texts segment_changing(ByoSegmentRow *seg)
{
    Texts texts = verdict_texts(&seg->verdict);
    texts.of[texts.n++] = &seg->foreign_id;
    return texts;
}

static size_t length_of(const Texts *texts)
{
    size_t need = 0;
    for (int i = 0; i < texts->n; i++)
        need += texts->of[i]->n + 1;
    return need;
}

static bool same_texts(const Texts *a, const Texts *b)
{
    for (int i = 0; i < a->n; i++)
        if (!byo_str_eq(*a->of[i], *b->of[i]))
            return false;
    return true;
}

/* As byo_take gives them: ended by a NUL, an absent one empty. given: somebody may have what lies in b. */
static void keep_texts(ByoRows *rows, ByoBuf *b, bool given, const Texts *texts)
{
    if (given && b->p) {
        push(&rows->given, b);
        if (rows->spare.n)
            *b = rows->spare.of[--rows->spare.n];
    }
    byo_buf_clear(b);
    byo_buf_need(b, length_of(texts));
    for (int i = 0; i < texts->n; i++) {
        ByoStr *text = texts->of[i];
        if (!text->n) {
            *text = BYO_STR("");
            continue;
        }
        char *at = b->p + b->n;
        memcpy(at, text->p, text->n);
        at[text->n] = 0;
        b->n += text->n + 1;
        text->p = at;
    }
}

void byo_rows_create(ByoStore *s)
{
    char uuid[BYO_UUID_LEN + 1];
    byo_uuid_make(uuid);
    s->rows = byo_zalloc(sizeof *s->rows);
    s->rows->transaction = 1; /* an entry nobody was given has 0 */
    s->rows->seed = byo_hash(byo_str(uuid), 0);
}

void byo_rows_destroy(ByoStore *s)
{
    if (!s->rows)
        return;
    for (size_t i = 0; i < ENTRIES; i++) {
        byo_buf_free(&s->rows->messages[i].fixed);
        byo_buf_free(&s->rows->messages[i].changing);
        byo_buf_free(&s->rows->segments[i].fixed);
        byo_buf_free(&s->rows->segments[i].changing);
    }
    free_bufs(&s->rows->given);
    free_bufs(&s->rows->spare);
    free(s->rows->messages_later.ids);
    free(s->rows->segments_later.ids);
    free(s->rows);
    s->rows = NULL;
}

void byo_rows_forget(ByoStore *s)
{
    if (!s->rows)
        return;
    memset(s->rows->message_ids, 0, sizeof s->rows->message_ids);
    memset(s->rows->segment_ids, 0, sizeof s->rows->segment_ids);
    memset(s->rows->foreign, 0, sizeof s->rows->foreign);
    for (size_t i = 0; i < s->rows->messages_later.n; i++)
        s->rows->messages[slot(s->rows->messages_later.ids[i])].later = false;
    for (size_t i = 0; i < s->rows->segments_later.n; i++)
        s->rows->segments[slot(s->rows->segments_later.ids[i])].later = false;
    s->rows->messages_later.n = s->rows->segments_later.n = 0;
}

void byo_rows_hook(void *store, int op, const char *db, const char *table, sqlite3_int64 id)
{
    (void)op;
    (void)db;
    ByoRows *rows = ((ByoStore *)store)->rows;
    if (rows->writing)
        return;
    ByoId *ids = table[0] == 's' && strcmp(table, "segment") == 0 ? rows->segment_ids
                 : table[0] == 'm' && (strcmp(table, "message") == 0 || strcmp(table, "message_frame") == 0)
                     ? rows->message_ids
                     : NULL;
    if (ids && ids[slot(id)] == id)
        ids[slot(id)] = 0;
}

static void note_later(Ids *ids, ByoId id)
{
    if (ids->n == ids->cap) {
        ids->cap = ids->cap ? 2 * ids->cap : 256;
        ids->ids = byo_realloc(ids->ids, ids->cap * sizeof *ids->ids);
    }
    ids->ids[ids->n++] = id;
}

void byo_rows_wanted(ByoStore *s, ByoId segment)
{
    if (!s->rows)
        return;
    s->rows->wanted[slot(segment)] = segment;
    s->rows->wanted[slot(byo_id_message(segment))] = byo_id_message(segment);
}

bool byo_rows_was_wanted(const ByoStore *s, ByoId id)
{
    return !s->rows || s->rows->wanted[slot(id)] == id;
}

/* -- messages ----------------------------------------------------------------------------------- */

static void write_message(ByoStore *s, Message *e)
{
    if (!e->later)
        return;
    e->later = false;
    s->rows->writing = true;
    byo_message_write(s, &e->row);
    s->rows->writing = false;
}

void byo_rows_put_message(ByoStore *s, ByoMessageRow *row, ByoBuf *text)
{
    ByoRows *rows = s->rows;
    Message *e = &rows->messages[slot(row->id)];
    Texts fixed = message_fixed(row), changing = verdict_texts(&row->verdict);
    write_message(s, e);
    rows->message_ids[slot(row->id)] = 0;
    if (row->verdict.code < 0)
        row->verdict.code = -1;
    if (length_of(&fixed) + length_of(&changing) > TEXT_MAX) {
        if (text)
            push(&rows->given, text);
        return;
    }
    bool given = e->given == rows->transaction;
    keep_texts(rows, &e->fixed, given, &fixed);
    keep_texts(rows, &e->changing, given, &changing);
    e->given = text ? rows->transaction : 0;
    e->row = *row;
    rows->message_ids[slot(row->id)] = row->id;
}

static Message *message(const ByoStore *s, ByoId id)
{
    return s->rows && id && s->rows->message_ids[slot(id)] == id ? &s->rows->messages[slot(id)] : NULL;
}

bool byo_rows_has_message(const ByoStore *s, ByoId id)
{
    return message(s, id) != NULL;
}

bool byo_rows_message(const ByoStore *s, ByoId id, ByoMessageRow *m_r)
{
    Message *e = message(s, id);
    if (!e)
        return false;
    e->given = s->rows->transaction;
    *m_r = e->row;
    return true;
}

/* An entry's texts become these, which fit. */
static void change_texts(ByoRows *rows, ByoBuf *b, uint64_t given, const Texts *before, Texts *texts)
{
    if (!same_texts(before, texts))
        keep_texts(rows, b, given == rows->transaction, texts);
    else
        for (int i = 0; i < texts->n; i++)
            *texts->of[i] = *before->of[i];
}

bool byo_rows_message_later(ByoStore *s, const ByoMessageRow *m)
{
    Message *e = message(s, m->id);
    if (!e)
        return false;
    bool noted = e->later;
    ByoStoredVerdict verdict = m->verdict;
    Texts before = verdict_texts(&e->row.verdict), changing = verdict_texts(&verdict);
    e->later = length_of(&changing) <= TEXT_MAX;
    if (!e->later) {
        s->rows->message_ids[slot(m->id)] = 0;
        return false;
    }
    change_texts(s->rows, &e->changing, e->given, &before, &changing);
    e->row.state = m->state;
    e->row.ended = m->ended;
    e->row.tally = m->tally;
    e->row.verdict = verdict;
    if (verdict.code < 0)
        e->row.verdict.code = -1;
    if (!noted)
        note_later(&s->rows->messages_later, m->id);
    return true;
}

/* -- segments ----------------------------------------------------------------------------------- */

static void write_segment(ByoStore *s, Segment *e)
{
    if (!e->later)
        return;
    e->later = false;
    s->rows->writing = true;
    byo_segment_write(s, &e->row, !e->other_id);
    s->rows->writing = false;
}

void byo_rows_put_segment(ByoStore *s, ByoSegmentRow *row, int64_t integration, ByoBuf *text)
{
    ByoRows *rows = s->rows;
    Segment *e = &rows->segments[slot(row->id)];
    Texts fixed = segment_fixed(row), changing = segment_changing(row);
    if (e->later) /* a chain does not go on behind one that is not kept */
        byo_rows_write(s);
    rows->segment_ids[slot(row->id)] = 0;
    if (row->verdict.code < 0)
        row->verdict.code = -1;
    if (length_of(&fixed) + length_of(&changing) > TEXT_MAX) {
        if (text)
            push(&rows->given, text);
        return;
    }
    bool given = e->given == rows->transaction;
    keep_texts(rows, &e->fixed, given, &fixed);
    keep_texts(rows, &e->changing, given, &changing);
    e->given = text ? rows->transaction : 0;
    e->row = *row;
    e->integration = integration;
    rows->segment_ids[slot(row->id)] = row->id;
}

static Segment *segment(const ByoStore *s, ByoId id)
{
    return s->rows && id && s->rows->segment_ids[slot(id)] == id ? &s->rows->segments[slot(id)] : NULL;
}

bool byo_rows_segment(const ByoStore *s, ByoId id, ByoSegmentRow *seg_r)
{
    Segment *e = segment(s, id);
    if (!e)
        return false;
    e->given = s->rows->transaction;
    *seg_r = e->row;
    return true;
}

bool byo_rows_segment_is(const ByoStore *s, ByoId id, ByoStr foreign_id, ByoSegmentIs *is_r)
{
    const Segment *e = segment(s, id);
    if (!e)
        return false;
    *is_r = (ByoSegmentIs){.state = (int)e->row.s.state,
                           .integration = e->integration,
                           .same_id = byo_str_eq(e->row.foreign_id, foreign_id) && !(e->later && e->other_id),
                           .cached = true};
    return true;
}

/* The chain of segments whose ids may be the same one as this, more or less. */
static ByoId *chain(ByoStore *s, ByoStr loose)
{
    return &s->rows->foreign[byo_hash(loose, s->rows->seed) % CHAINS];
}

static ByoStr loosely_written(ByoStore *s, ByoStr id)
{
    byo_msgid_loose(id, &s->loose);
    return byo_buf_str(&s->loose);
}

bool byo_rows_segment_later(ByoStore *s, const ByoSegmentRow *seg, const ByoSegmentIs *is)
{
    Segment *e = &s->rows->segments[slot(seg->id)];
    ByoSegmentRow row = *seg;
    row.udh = e->row.udh; /* as they were added */
    row.payload = e->row.payload;
    if (row.verdict.code < 0)
        row.verdict.code = -1;
    Texts before = segment_changing(&e->row), changing = segment_changing(&row);
    bool fits = length_of(&changing) <= TEXT_MAX;
    if (e->later && (!fits || (e->other_id && !byo_str_eq(e->row.foreign_id, seg->foreign_id))))
        byo_rows_write(s); /* its chain is another one's, or does not go on behind it */
    if (!fits) {
        s->rows->segment_ids[slot(seg->id)] = 0;
        return false;
    }
    bool noted = e->later, chained = noted && e->other_id;
    change_texts(s->rows, &e->changing, e->given, &before, &changing);
    e->row = row;
    e->later = true;
    e->other_id = !is->same_id;
    if (!noted)
        note_later(&s->rows->segments_later, seg->id);
    if (e->other_id && !chained && e->row.foreign_id.n) {
        ByoId *first = chain(s, loosely_written(s, e->row.foreign_id));
        e->next = *first;
        *first = seg->id;
    }
    return true;
}

bool byo_rows_is_later(const ByoStore *s, ByoId id)
{
    const Segment *e = segment(s, id);
    return e && e->later;
}

ByoId byo_rows_later_by_id(ByoStore *s, int64_t integration, ByoStr foreign_id, bool loosely, int *n_r)
{
    ByoId found = 0;
    *n_r = 0;
    if (!s->rows || s->rows->segments_later.n == 0)
        return 0;
    const Segment *e;
    for (ByoId id = *chain(s, loosely ? foreign_id : loosely_written(s, foreign_id));
         id && (e = segment(s, id)) && e->later; id = e->next) {
        if (e->integration != integration || e->row.s.state >= BYO_STATES ||
            !(loosely || byo_str_eq(e->row.foreign_id, foreign_id)))
            continue;
        found = id;
        ++*n_r;
    }
    return found;
}

void byo_rows_write(ByoStore *s)
{
    ByoRows *rows = s->rows;
    if (!rows)
        return;
    for (size_t i = 0; i < rows->messages_later.n && !s->course.failed; i++) {
        size_t at = slot(rows->messages_later.ids[i]);
        if (rows->message_ids[at] == rows->messages_later.ids[i])
            write_message(s, &rows->messages[at]);
    }
    for (size_t i = 0; i < rows->segments_later.n && !s->course.failed; i++) {
        size_t at = slot(rows->segments_later.ids[i]);
        if (rows->segment_ids[at] == rows->segments_later.ids[i])
            write_segment(s, &rows->segments[at]);
    }
    if (rows->segments_later.n)
        memset(rows->foreign, 0, sizeof rows->foreign);
    if (!s->course.failed)
        rows->messages_later.n = rows->segments_later.n = 0;
}
