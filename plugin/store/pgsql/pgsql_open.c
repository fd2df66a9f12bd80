/* SPDX-License-Identifier: BSD-3-Clause
 * A store on PostgreSQL, opened and closed: the table of its operations, and what memory knows at a start.
 * Ownership: the ByoStore owns session, target and counts. Threads: any, one for each ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

static const ByoStoreOps operations = {
#define BYO_OP(result, name, parameters, arguments) .name = byo_pgsql_##name,
#include "store/operations.h"
};

/* Whatever the clock says after a restart, ids go on growing. */
static bool load(ByoStore *s)
{
    ByoPgRows r;
    if (!byo_pg_others_load(s) || !byo_pg_counts_load(s) || !byo_pg_read_all(s, &r, BYO_PG_LAST_ID))
        return false;
    if (byo_pg_next(&r)) {
        ByoId last = byo_pg_int_at(&r, 0), most = (ByoId)1 << 62;
        s->last_id = byo_id_message(last < most ? last : most);
    }
    byo_pg_end(&r);
    return true;
}

ByoStore *byo_pgsql_open(const ByoPgTarget *at, bool writer, ByoStoreResult *result_r, char **why_r)
{
    ByoStore *s = byo_zalloc(sizeof *s);
    s->ops = &operations;
    s->at = byo_pg_target_copy(at);
    s->place = byo_pg_place(at);
    s->writer = writer;
    s->condition.octets = -1;
    if (byo_pg_session_open(&s->at, writer, (ByoPgSession){0}, &s->session, result_r, why_r)) {
        s->seen = byo_boottime();
        if (!writer || load(s))
            return s;
        *result_r = s->course.last;
        *why_r = byo_strdup(byo_pgsql_error(s));
    }
    byo_pgsql_close(s);
    return NULL;
}

/* Whoever comes need not wait until this node looks gone. */
static void leave(ByoStore *s)
{
    if (!s->writer || !s->counts || !s->session.c || s->stale || s->unknown)
        return;
    byo_pgsql_begin(s);
    byo_pg_write(s, BYO_PG_NODE_SEEN, PG_INT(s->session.slot), PG_INT(s->session.epoch), PG_INT(1));
    byo_pgsql_commit(s);
}

void byo_pgsql_close(ByoStore *s)
{
    byo_pgsql_rollback(s);
    leave(s);
    byo_pg_days_end(s);
    byo_pg_dial_cancel(s->dial);
    if (s->session.c)
        PQfinish(s->session.c);
    free(s->session.days);
    for (size_t i = 0; i < BYO_PG_HELD_COUNT; i++)
        PQclear(s->held[i]);
    byo_pg_rows_free(s);
    byo_pg_wanted_forget(s);
    byo_pg_early_over(s, false);
    byo_pg_early_known_free(s);
    byo_pg_kept_free(s);
    byo_pg_gathered_free(s);
    byo_counts_destroy(s->counts);
    byo_pg_waiting_forget(s);
    byo_buf_free(&s->waiting_box);
    byo_buf_free(&s->leaving);
    free(s->others);
    byo_pg_target_free(&s->at);
    free(s->place);
    free(s->sent);
    byo_buf_free(&s->course.error);
    byo_buf_free(&s->dial_why);
    byo_buf_free(&s->message_text);
    byo_buf_free(&s->segment_text);
    byo_buf_free(&s->value_text);
    byo_buf_free(&s->loose);
    free(s);
}

ByoId byo_pgsql_new_id(ByoStore *s, ByoTime now)
{
    return s->last_id = byo_id_next(s->last_id, now, s->session.slot);
}
