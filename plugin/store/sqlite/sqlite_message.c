/* SPDX-License-Identifier: BSD-3-Clause
 * Messages and segments: kept, read, changed.
 * Decides: how a row lies in its columns.
 * Ownership: rows given out lie in the ByoStore's memory. Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

enum { FLAG_INTERIM = 1, FLAG_DUPLICATE = 2, FLAG_ACCEPTED = 4, FLAG_COPIES = 8 };

void byo_bind_verdict(sqlite3_stmt *st, int at, const ByoStoredVerdict *v)
{
    if (v->code >= 0)
        sqlite3_bind_int(st, at, v->code);
    else
        sqlite3_bind_null(st, at);
    byo_bind_opt(st, at + 1, v->code_cause);
    byo_bind_opt(st, at + 2, v->description);
    byo_bind_opt(st, at + 3, v->carrier_code);
}

static ByoStoredVerdict take_verdict(ByoBuf *b, sqlite3_stmt *st, int at)
{
    return (ByoStoredVerdict){
        .code = sqlite3_column_type(st, at) == SQLITE_NULL ? -1 : sqlite3_column_int(st, at),
        .code_cause = byo_take(b, st, at + 1),
        .description = byo_take(b, st, at + 2),
        .carrier_code = byo_take(b, st, at + 3),
    };
}

/* -- adding ----------------------------------------------------------------------------------- */

/* Twelve columns: state, ended, what became of its segments, verdict, segments. */
static void bind_outcome(sqlite3_stmt *st, int at, const ByoMessageRow *m)
{
    sqlite3_bind_int(st, at, m->state);
    sqlite3_bind_int64(st, at + 1, m->ended);
    sqlite3_bind_int(st, at + 2, m->tally.accepted);
    sqlite3_bind_int(st, at + 3, m->tally.delivered);
    sqlite3_bind_int(st, at + 4, m->tally.failed);
    sqlite3_bind_int(st, at + 5, m->tally.reported);
    sqlite3_bind_int(st, at + 6, m->tally.ended);
    byo_bind_verdict(st, at + 7, &m->verdict);
    sqlite3_bind_int(st, at + 11, m->tally.segments);
}

static bool add_message(ByoStore *s, const ByoMessageRow *m, int64_t integration)
{
    sqlite3_stmt *st = byo_query(
        s, BYO_Q_MESSAGE_ADD,
        "INSERT INTO message (id, integration, state, ended, accepted, delivered, failed, reported, settled,"
        " code, cause, description, carrier_code, segments, created, expires, reports, mask, coding,"
        " data_coding, dcs, keyword, charset, number, recipient, uuid, box)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
        " ?21, ?22, ?23, ?24, ?25, ?26, ?27)");
    if (!st)
        return false;
    unsigned char uuid[16];
    sqlite3_bind_int64(st, 1, m->id);
    sqlite3_bind_int64(st, 2, integration);
    bind_outcome(st, 3, m);
    sqlite3_bind_int64(st, 15, m->created);
    sqlite3_bind_int64(st, 16, m->expires);
    sqlite3_bind_int(st, 17, m->reports);
    sqlite3_bind_int(st, 18, m->mask);
    sqlite3_bind_int(st, 19, m->coding);
    sqlite3_bind_int(st, 20, m->data_coding);
    sqlite3_bind_int(st, 21, m->dcs);
    sqlite3_bind_int(st, 22, m->keyword);
    byo_bind_opt(st, 23, m->charset);
    byo_bind_opt(st, 24, m->number);
    byo_bind_opt(st, 25, m->recipient);
    byo_bind_uuid(st, 26, m->uuid, uuid);
    byo_bind_if(st, 27, m->named, m->box);
    if (!byo_run(s, st, "cannot keep a message"))
        return false;
    st = byo_query(s, BYO_Q_FRAME_ADD, "INSERT INTO message_frame (id, frame) VALUES (?1, ?2)");
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, m->id);
    byo_bind_blob(st, 2, m->frame);
    if (!byo_run(s, st, "cannot keep a message"))
        return false;
    byo_recipient_add(s, m->recipient, m->id);
    return true;
}

/* The id and what an update may change but the message id, at 1 to 13 in all statements. */
static void bind_segment(sqlite3_stmt *st, const ByoSegmentRow *seg)
{
    sqlite3_bind_int64(st, 1, seg->id);
    sqlite3_bind_int(st, 2, seg->s.state);
    sqlite3_bind_int64(st, 3, seg->s.due);
    sqlite3_bind_int(st, 4, seg->s.tries);
    sqlite3_bind_int(st, 5,
                     (seg->s.interim ? FLAG_INTERIM : 0) | (seg->s.maybe_duplicate ? FLAG_DUPLICATE : 0) |
                         (seg->s.accepted ? FLAG_ACCEPTED : 0) | (seg->s.copies ? FLAG_COPIES : 0));
    sqlite3_bind_int64(st, 6, seg->s.first_handed);
    sqlite3_bind_int64(st, 7, seg->s.handed);
    sqlite3_bind_int64(st, 8, seg->s.ended);
    byo_bind_verdict(st, 9, &seg->verdict);
    sqlite3_bind_int64(st, 13, seg->s.accepted_at);
}

static bool add_segment(ByoStore *s, const ByoSegmentRow *seg, ByoKnown *k)
{
    sqlite3_stmt *st = byo_query(
        s, BYO_Q_SEGMENT_ADD,
        "INSERT INTO segment (id, state, due, tries, flags, first_handed, handed, ended, code, cause,"
        " description, carrier_code, accepted_at, foreign_id, integration, udh, payload)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)");
    if (!st)
        return false;
    bind_segment(st, seg);
    byo_bind_opt(st, 14, seg->foreign_id);
    sqlite3_bind_int64(st, 15, k ? k->key : 0);
    if (seg->udh.n)
        byo_bind_blob(st, 16, seg->udh);
    else
        sqlite3_bind_null(st, 16);
    byo_bind_blob(st, 17, seg->payload);
    if (!byo_run(s, st, "cannot keep a segment"))
        return false;
    ByoSegmentRow row = *seg;
    byo_rows_put_segment(s, &row, k ? k->key : 0, NULL);
    if (k && seg->s.state < BYO_STATES)
        byo_count_by(s, (ByoCountKind)seg->s.state, k->key, 1);
    return true;
}

void byo_sqlite_message_add(ByoStore *s, const ByoMessageRow *m, const ByoSegmentRow *segments, int n)
{
    if (!byo_writing(s))
        return;
    int64_t integration = byo_known_add(s, m->integration);
    if (s->course.failed || !add_message(s, m, integration))
        return;
    ByoKnown *k = byo_known_key(s, integration);
    ByoMessageRow row = *m;
    row.integration = k ? byo_strn(k->id, k->length) : BYO_STR("");
    if (!row.named)
        row.box = BYO_STR("");
    byo_rows_put_message(s, &row, NULL);
    for (int i = 0; i < n; i++)
        if (!add_segment(s, &segments[i], k))
            return;
}

/* -- reading ---------------------------------------------------------------------------------- */

static ByoStoreResult read_message(ByoStore *s, ByoId id, ByoMessageRow *m_r)
{
    sqlite3_stmt *st = byo_query(
        s, BYO_Q_MESSAGE,
        "SELECT message.id, integration, state, ended, accepted, delivered, failed, reported, settled,"
        " code, cause, description, carrier_code, segments, created, expires, reports, mask, coding,"
        " data_coding, dcs, keyword, charset, number, recipient, uuid, box, frame"
        " FROM message LEFT JOIN message_frame ON message_frame.id = message.id WHERE message.id = ?1");
    if (!st)
        return s->course.last;
    sqlite3_bind_int64(st, 1, id);
    if (!byo_row(s, st, "cannot read a message"))
        return s->course.last == BYO_STORE_OK ? BYO_STORE_NONE : s->course.last;
    ByoBuf *b = &s->message_text;
    byo_take_begin(b, st, 0, 28, 40);
    ByoKnown *k = byo_known_key(s, sqlite3_column_int64(st, 1));
    *m_r = (ByoMessageRow){
        .id = sqlite3_column_int64(st, 0),
        .state = (ByoMsgState)sqlite3_column_int(st, 2),
        .ended = byo_amount(st, 3),
        .tally.accepted = sqlite3_column_int(st, 4),
        .tally.delivered = sqlite3_column_int(st, 5),
        .tally.failed = sqlite3_column_int(st, 6),
        .tally.reported = sqlite3_column_int(st, 7),
        .tally.ended = sqlite3_column_int(st, 8) != 0,
        .verdict = take_verdict(b, st, 9),
        .tally.segments = sqlite3_column_int(st, 13),
        .created = byo_amount(st, 14),
        .expires = byo_amount(st, 15),
        .reports = sqlite3_column_int(st, 16),
        .mask = sqlite3_column_int(st, 17),
        .coding = sqlite3_column_int(st, 18),
        .data_coding = sqlite3_column_int(st, 19),
        .dcs = sqlite3_column_int(st, 20),
        .keyword = sqlite3_column_int(st, 21),
        .charset = byo_take(b, st, 22),
        .number = byo_take(b, st, 23),
        .recipient = byo_take(b, st, 24),
        .uuid = byo_take_uuid(b, st, 25),
        .named = sqlite3_column_type(st, 26) != SQLITE_NULL,
        .box = byo_take(b, st, 26),
        .frame = byo_take(b, st, 27),
        .integration = k ? byo_strn(k->id, k->length) : BYO_STR(""),
    };
    sqlite3_reset(st);
    if (s->rows)
        byo_rows_put_message(s, m_r, b);
    return BYO_STORE_OK;
}

ByoStoreResult byo_sqlite_message(ByoStore *s, ByoId id, ByoMessageRow *m_r)
{
    if (byo_rows_message(s, id, m_r))
        return BYO_STORE_OK;
    s->late_reads += s->course.open && !byo_rows_was_wanted(s, id);
    return read_message(s, id, m_r);
}

#define SEGMENT_COLUMNS \
    "SELECT id, state, due, tries, flags, first_handed, handed, ended, code, cause, description," \
    " carrier_code, foreign_id, udh, payload, integration, accepted_at FROM segment "

static void take_segment(ByoBuf *b, sqlite3_stmt *st, ByoSegmentRow *seg_r)
{
    byo_take_begin(b, st, 8, 7, 0);
    int flags = sqlite3_column_int(st, 4);
    *seg_r = (ByoSegmentRow){
        .id = sqlite3_column_int64(st, 0),
        .s.state = (ByoSegState)sqlite3_column_int(st, 1),
        .s.due = byo_amount(st, 2),
        .s.tries = sqlite3_column_int(st, 3),
        .s.interim = (flags & FLAG_INTERIM) != 0,
        .s.maybe_duplicate = (flags & FLAG_DUPLICATE) != 0,
        .s.accepted = (flags & FLAG_ACCEPTED) != 0,
        .s.copies = (flags & FLAG_COPIES) != 0,
        .s.first_handed = byo_amount(st, 5),
        .s.handed = byo_amount(st, 6),
        .s.ended = byo_amount(st, 7),
        .s.accepted_at = byo_amount(st, 16),
        .verdict = take_verdict(b, st, 8),
        .foreign_id = byo_take(b, st, 12),
        .udh = byo_take(b, st, 13),
        .payload = byo_take(b, st, 14),
    };
}

static ByoStoreResult read_segment(ByoStore *s, ByoId id, ByoSegmentRow *seg_r)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_SEGMENT, SEGMENT_COLUMNS "WHERE id = ?1");
    if (!st)
        return s->course.last;
    sqlite3_bind_int64(st, 1, id);
    if (!byo_row(s, st, "cannot read a segment"))
        return s->course.last == BYO_STORE_OK ? BYO_STORE_NONE : s->course.last;
    take_segment(&s->segment_text, st, seg_r);
    int64_t integration = sqlite3_column_int64(st, 15);
    sqlite3_reset(st);
    if (s->rows)
        byo_rows_put_segment(s, seg_r, integration, &s->segment_text);
    return BYO_STORE_OK;
}

ByoStoreResult byo_sqlite_segment(ByoStore *s, ByoId id, ByoSegmentRow *seg_r)
{
    if (byo_rows_segment(s, id, seg_r))
        return BYO_STORE_OK;
    s->late_reads += s->course.open && !byo_rows_was_wanted(s, id);
    return read_segment(s, id, seg_r);
}

/* Rows are local: each is read when it is asked for, which costs no more than reading it now. */
void byo_sqlite_want(ByoStore *s, const ByoWant *wants, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (wants[i].kind == BYO_WANT_SEGMENT)
            byo_rows_wanted(s, wants[i].id);
}

int64_t byo_sqlite_late_reads(const ByoStore *s)
{
    return s->late_reads;
}

void byo_sqlite_segments(ByoStore *s, ByoId message, void (*each)(void *arg, const ByoSegmentRow *seg),
                         void *arg)
{
    /* One by one, so that `each` may write the segment it is given. */
    ByoBuf text = {0};
    for (ByoId after = byo_id_message(message);;) {
        sqlite3_stmt *st =
            byo_query(s, BYO_Q_SEGMENTS, SEGMENT_COLUMNS "WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT 1");
        if (!st)
            break;
        sqlite3_bind_int64(st, 1, after);
        sqlite3_bind_int64(st, 2, byo_id_message(message) + 255);
        if (!byo_row(s, st, "cannot read a segment"))
            break;
        ByoSegmentRow seg;
        take_segment(&text, st, &seg);
        sqlite3_reset(st);
        after = seg.id;
        each(arg, &seg);
    }
    byo_buf_free(&text);
}

/* -- changing --------------------------------------------------------------------------------- */

bool byo_message_write(ByoStore *s, const ByoMessageRow *m)
{
    sqlite3_stmt *st = byo_query(
        s, BYO_Q_MESSAGE_UPDATE,
        "UPDATE message SET state = ?2, ended = ?3, accepted = ?4, delivered = ?5, failed = ?6, reported = "
        "?7,"
        " settled = ?8, code = ?9, cause = ?10, description = ?11, carrier_code = ?12, segments = ?13"
        " WHERE id = ?1");
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, m->id);
    bind_outcome(st, 2, m);
    return byo_run(s, st, "cannot change a message");
}

void byo_sqlite_message_update(ByoStore *s, const ByoMessageRow *m)
{
    if (byo_writing(s) && !byo_rows_message_later(s, m))
        byo_message_write(s, m);
}

/* An index whose column is named is written anew even where nothing changes: the id mostly stays. */
#define UPDATE_SEGMENT \
    "UPDATE segment SET state = ?2, due = ?3, tries = ?4, flags = ?5, first_handed = ?6, handed = ?7," \
    " ended = ?8, code = ?9, cause = ?10, description = ?11, carrier_code = ?12, accepted_at = ?13"

static sqlite3_stmt *update_of(ByoStore *s, const ByoSegmentRow *seg, bool same_id)
{
    if (same_id)
        return byo_query(s, BYO_Q_SEGMENT_UPDATE, UPDATE_SEGMENT " WHERE id = ?1");
    sqlite3_stmt *st = byo_query(s, BYO_Q_SEGMENT_UPDATE_ID,
                                 UPDATE_SEGMENT ", foreign_id = ?14, loose_id = ?15 WHERE id = ?1");
    if (!st)
        return NULL;
    byo_bind_opt(st, 14, seg->foreign_id);
    byo_msgid_loose(seg->foreign_id, &s->loose);
    byo_bind_opt(st, 15,
                 byo_str_eq(byo_buf_str(&s->loose), seg->foreign_id) ? BYO_STR_NONE : byo_buf_str(&s->loose));
    return st;
}

/* What an update must know of the row as it is. False: there is no such row, or a fault, which is noted. */
static bool segment_is(ByoStore *s, const ByoSegmentRow *seg, ByoSegmentIs *is_r)
{
    if (byo_rows_segment_is(s, seg->id, seg->foreign_id, is_r))
        return true;
    sqlite3_stmt *st = byo_query(s, BYO_Q_SEGMENT_STATE,
                                 "SELECT state, integration, foreign_id IS ?2 FROM segment WHERE id = ?1");
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, seg->id);
    byo_bind_opt(st, 2, seg->foreign_id);
    if (!byo_row(s, st, "cannot change a segment"))
        return false;
    *is_r = (ByoSegmentIs){.state = sqlite3_column_int(st, 0),
                           .integration = sqlite3_column_int64(st, 1),
                           .same_id = sqlite3_column_int(st, 2) != 0};
    sqlite3_reset(st);
    return true;
}

bool byo_segment_write(ByoStore *s, const ByoSegmentRow *seg, bool same_id)
{
    sqlite3_stmt *st = update_of(s, seg, same_id);
    if (!st)
        return false;
    bind_segment(st, seg);
    return byo_run(s, st, "cannot change a segment");
}

void byo_sqlite_segment_update(ByoStore *s, const ByoSegmentRow *seg)
{
    ByoSegmentIs is;
    if (!byo_writing(s) || !segment_is(s, seg, &is))
        return;
    if (!(is.cached && byo_rows_segment_later(s, seg, &is)) && !byo_segment_write(s, seg, is.same_id))
        return;
    if (is.state == (int)seg->s.state || !byo_known_key(s, is.integration))
        return;
    if (is.state < BYO_STATES)
        byo_count_by(s, (ByoCountKind)is.state, is.integration, -1);
    if (seg->s.state < BYO_STATES)
        byo_count_by(s, (ByoCountKind)seg->s.state, is.integration, 1);
}
