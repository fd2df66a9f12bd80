/* SPDX-License-Identifier: BSD-3-Clause
 * The rows of messages and segments the writer touched last, as they stand in the store: most are asked for several
 * times within a second (answer, receipt, each with an update), and reading one costs more than changing it.
 * Decides: which rows are kept, and that none is kept that is not what the store would give: SQLite tells every row
 * that is changed, whoever changes it, and the row is forgotten; after a rollback all are. The writer alone keeps
 * any: nobody else changes its store (the lock file).
 * Ownership: an entry owns its texts. Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

#include <stdlib.h>

/* Entries of each kind, and the longest texts kept: some 4 MB in all with ordinary messages. */
enum { ENTRIES = 4096, TEXT_MAX = 2048 };

typedef struct {
    ByoMessageRow row;
    ByoBuf text;
} Message;

typedef struct {
    int64_t integration; /* key */
    ByoSegmentRow row;
    ByoBuf text;
} Segment;

/* Ids lie apart: every change of a row looks at one. 0: no entry. */
struct ByoRows {
    ByoId message_ids[ENTRIES], segment_ids[ENTRIES];
    Message messages[ENTRIES];
    Segment segments[ENTRIES];
    ByoBuf spare;
};

static size_t slot(ByoId id)
{
    return (size_t)(((uint64_t)id * 0x9e3779b97f4a7c15u) >> 52);
}
_Static_assert(ENTRIES == 1 << 12, "slot() gives 12 bits");

enum { MESSAGE_TEXTS = 9, SEGMENT_TEXTS = 6 };

/* All texts but the integration, which is the store's own. */
static void message_texts(ByoMessageRow *m, ByoStr *texts[MESSAGE_TEXTS])
{
    ByoStr *all[MESSAGE_TEXTS] = {&m->number,
                                  &m->recipient,
                                  &m->uuid,
                                  &m->box,
                                  &m->charset,
                                  &m->frame,
                                  &m->verdict.code_cause,
                                  &m->verdict.description,
                                  &m->verdict.carrier_code};
    memcpy(texts, all, sizeof all);
}

static void segment_texts(ByoSegmentRow *seg, ByoStr *texts[SEGMENT_TEXTS])
{
    ByoStr *all[SEGMENT_TEXTS] = {&seg->foreign_id,
                                  &seg->udh,
                                  &seg->payload,
                                  &seg->verdict.code_cause,
                                  &seg->verdict.description,
                                  &seg->verdict.carrier_code};
    memcpy(texts, all, sizeof all);
}

static size_t length_of(ByoStr *const *texts, int n)
{
    size_t need = 0;
    for (int i = 0; i < n; i++)
        need += texts[i]->n + 1;
    return need;
}

/* As byo_take gives them: ended by a NUL, an absent one empty. They must not lie in b. */
static void keep_texts(ByoBuf *b, ByoStr *const *texts, int n)
{
    byo_buf_clear(b);
    byo_buf_need(b, length_of(texts, n));
    for (int i = 0; i < n; i++) {
        if (!texts[i]->n) {
            *texts[i] = BYO_STR("");
            continue;
        }
        char *at = b->p + b->n;
        memcpy(at, texts[i]->p, texts[i]->n);
        at[texts[i]->n] = 0;
        b->n += texts[i]->n + 1;
        texts[i]->p = at;
    }
}

/* The new texts may lie among the old ones. */
static void swap_texts(ByoRows *rows, ByoBuf *text, ByoStr *const *texts, int n)
{
    ByoBuf old = *text;
    keep_texts(&rows->spare, texts, n);
    *text = rows->spare;
    rows->spare = old;
}

void byo_rows_create(ByoStore *s)
{
    s->rows = byo_zalloc(sizeof *s->rows);
}

void byo_rows_destroy(ByoStore *s)
{
    if (!s->rows)
        return;
    for (size_t i = 0; i < ENTRIES; i++) {
        byo_buf_free(&s->rows->messages[i].text);
        byo_buf_free(&s->rows->segments[i].text);
    }
    byo_buf_free(&s->rows->spare);
    free(s->rows);
    s->rows = NULL;
}

void byo_rows_forget(ByoStore *s)
{
    if (!s->rows)
        return;
    memset(s->rows->message_ids, 0, sizeof s->rows->message_ids);
    memset(s->rows->segment_ids, 0, sizeof s->rows->segment_ids);
}

void byo_rows_hook(void *store, int op, const char *db, const char *table, sqlite3_int64 id)
{
    (void)op;
    (void)db;
    ByoRows *rows = ((ByoStore *)store)->rows;
    ByoId *ids = table[0] == 's' && strcmp(table, "segment") == 0 ? rows->segment_ids
                 : table[0] == 'm' && (strcmp(table, "message") == 0 || strcmp(table, "message_frame") == 0)
                     ? rows->message_ids
                     : NULL;
    if (ids && ids[slot(id)] == id)
        ids[slot(id)] = 0;
}

/* -- messages ----------------------------------------------------------------------------------- */

static void keep_message(ByoRows *rows, ByoMessageRow *row)
{
    size_t at = slot(row->id);
    ByoStr *texts[MESSAGE_TEXTS];
    if (row->verdict.code < 0)
        row->verdict.code = -1;
    message_texts(row, texts);
    rows->message_ids[at] = 0;
    if (length_of(texts, MESSAGE_TEXTS) > TEXT_MAX)
        return;
    swap_texts(rows, &rows->messages[at].text, texts, MESSAGE_TEXTS);
    rows->messages[at].row = *row;
    rows->message_ids[at] = row->id;
}

void byo_rows_put_message(ByoStore *s, const ByoMessageRow *m, const ByoKnown *k)
{
    if (!s->rows)
        return;
    ByoMessageRow row = *m;
    row.integration = k ? byo_strn(k->id, k->length) : BYO_STR("");
    if (!row.named)
        row.box = BYO_STR("");
    keep_message(s->rows, &row);
}

bool byo_rows_has_message(const ByoStore *s, ByoId id)
{
    return s->rows && id && s->rows->message_ids[slot(id)] == id;
}

bool byo_rows_message(ByoStore *s, ByoId id, ByoMessageRow *m_r)
{
    ByoStr *texts[MESSAGE_TEXTS];
    if (!byo_rows_has_message(s, id))
        return false;
    *m_r = s->rows->messages[slot(id)].row;
    message_texts(m_r, texts);
    keep_texts(&s->message_text, texts, MESSAGE_TEXTS);
    return true;
}

void byo_rows_message_updated(ByoStore *s, const ByoMessageRow *m)
{
    ByoMessageRow row = s->rows->messages[slot(m->id)].row;
    row.state = m->state;
    row.ended = m->ended;
    row.tally = m->tally;
    row.verdict = m->verdict;
    keep_message(s->rows, &row);
}

/* -- segments ----------------------------------------------------------------------------------- */

void byo_rows_put_segment(ByoStore *s, const ByoSegmentRow *seg, int64_t integration)
{
    if (!s->rows)
        return;
    size_t at = slot(seg->id);
    Segment *e = &s->rows->segments[at];
    ByoSegmentRow row = *seg;
    ByoStr *texts[SEGMENT_TEXTS];
    if (row.verdict.code < 0)
        row.verdict.code = -1;
    segment_texts(&row, texts);
    s->rows->segment_ids[at] = 0;
    if (length_of(texts, SEGMENT_TEXTS) > TEXT_MAX)
        return;
    swap_texts(s->rows, &e->text, texts, SEGMENT_TEXTS);
    e->row = row;
    e->integration = integration;
    s->rows->segment_ids[at] = row.id;
}

static const Segment *segment(const ByoStore *s, ByoId id)
{
    return s->rows && id && s->rows->segment_ids[slot(id)] == id ? &s->rows->segments[slot(id)] : NULL;
}

bool byo_rows_segment(ByoStore *s, ByoId id, ByoSegmentRow *seg_r)
{
    const Segment *e = segment(s, id);
    if (!e)
        return false;
    ByoStr *texts[SEGMENT_TEXTS];
    *seg_r = e->row;
    segment_texts(seg_r, texts);
    keep_texts(&s->segment_text, texts, SEGMENT_TEXTS);
    return true;
}

bool byo_rows_segment_is(const ByoStore *s, ByoId id, ByoStr foreign_id, ByoSegmentIs *is_r)
{
    const Segment *e = segment(s, id);
    if (!e)
        return false;
    *is_r = (ByoSegmentIs){.state = (int)e->row.s.state,
                           .integration = e->integration,
                           .same_id = byo_str_eq(e->row.foreign_id, foreign_id),
                           .cached = true};
    return true;
}

void byo_rows_segment_updated(ByoStore *s, const ByoSegmentRow *seg, int64_t integration)
{
    const Segment *e = &s->rows->segments[slot(seg->id)];
    ByoSegmentRow row = *seg;
    row.udh = e->row.udh; /* as they were added */
    row.payload = e->row.payload;
    byo_rows_put_segment(s, &row, integration);
}
