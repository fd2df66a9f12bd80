/* SPDX-License-Identifier: BSD-3-Clause
 * Integrations' states (spec L1-L4), events (spec L5), audit (spec A1).
 * Decides: nothing. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

/* -- integrations ------------------------------------------------------------------------------------- */

static void seen_here(ByoStore *s, const ByoIntegrationRow *i)
{
    byo_pg_write(s, BYO_PG_INTEGRATION_SEEN, PG_TEXT(i->id), PG_INT(s->session.slot), PG_TEXT(i->state),
                 PG_TEXT_OPT(i->reason), PG_INT(i->since), PG_TEXT_OPT(i->applied), PG_INT(i->binds),
                 PG_INT(i->online));
}

void byo_pgsql_integration_put(ByoStore *s, const ByoIntegrationRow *i)
{
    byo_pg_write(s, BYO_PG_INTEGRATION_PUT, PG_TEXT(i->id), PG_INT(i->wanted), PG_INT(i->deleted),
                 PG_TEXT(i->state), PG_TEXT_OPT(i->reason), PG_INT(i->since), PG_TEXT_OPT(i->applied));
    seen_here(s, i);
    byo_pg_change_note(s, BYO_CHANGE_INTEGRATION, i->id, BYO_STR(""));
}

void byo_pgsql_integration_seen(ByoStore *s, const ByoIntegrationRow *i)
{
    byo_pg_write(s, BYO_PG_INTEGRATION_STATE, PG_TEXT(i->id), PG_INT(i->wanted), PG_INT(i->deleted),
                 PG_TEXT(i->state), PG_TEXT_OPT(i->reason), PG_INT(i->since), PG_TEXT_OPT(i->applied));
    seen_here(s, i);
}

static ByoIntegrationRow integration_at(const ByoPgRows *r)
{
    return (ByoIntegrationRow){
        .id = byo_pg_text_at(r, 0),
        .wanted = byo_pg_bool_at(r, 1),
        .deleted = byo_pg_bool_at(r, 2),
        .state = byo_pg_text_at(r, 3),
        .reason = byo_pg_text_at(r, 4),
        .since = byo_pg_amount_at(r, 5),
        .applied = byo_pg_text_at(r, 6),
    };
}

ByoStoreResult byo_pgsql_integration(ByoStore *s, ByoStr id, ByoIntegrationRow *i_r)
{
    ByoPgRows r;
    ByoStoreResult result =
        byo_pg_one(s, &r, BYO_PG_INTEGRATION, PG_TEXT(id), PG_INT(s->writer ? s->session.slot : -1));
    if (result == BYO_STORE_OK) {
        *i_r = integration_at(&r);
        byo_pg_hold(s, BYO_PG_HELD_INTEGRATION, &r);
    }
    return result;
}

void byo_pgsql_integration_forget(ByoStore *s, ByoStr id)
{
    byo_pg_write(s, BYO_PG_INTEGRATION_LEAVES, PG_TEXT(id), PG_INT(s->session.slot));
    byo_pg_write(s, BYO_PG_INTEGRATION_FORGET, PG_TEXT(id));
}

void byo_pgsql_integrations(ByoStore *s, void (*each)(void *arg, const ByoIntegrationRow *i), void *arg)
{
    ByoPgRows r;
    for (byo_pg_read_all(s, &r, BYO_PG_INTEGRATIONS); byo_pg_next(&r);) {
        ByoIntegrationRow i = integration_at(&r);
        each(arg, &i);
    }
}

void byo_pgsql_integrations_seen(ByoStore *s, void (*each)(void *arg, const ByoIntegrationSeen *i), void *arg)
{
    ByoPgRows r;
    for (byo_pg_read_all(s, &r, BYO_PG_INTEGRATIONS_SEEN); byo_pg_next(&r);) {
        ByoIntegrationSeen i = {.node = byo_pg_text_at(&r, 0),
                                .there = byo_pg_bool_at(&r, 8),
                                .is = {.id = byo_pg_text_at(&r, 1),
                                       .state = byo_pg_text_at(&r, 2),
                                       .reason = byo_pg_text_at(&r, 3),
                                       .since = byo_pg_amount_at(&r, 4),
                                       .applied = byo_pg_text_at(&r, 5),
                                       .binds = byo_pg_amount_at(&r, 6),
                                       .online = byo_pg_int_at(&r, 7)}};
        each(arg, &i);
    }
}

/* -- events -------------------------------------------------------------------------------------------- */

ByoId byo_pgsql_event_add(ByoStore *s, const ByoEventRow *e, ByoTime now)
{
    if (!byo_pg_writing(s))
        return 0;
    ByoId id = byo_pgsql_new_id(s, now);
    ByoTime time = e->time ? e->time : now;
    byo_pg_write(s, BYO_PG_EVENT_ADD, PG_INT(id), PG_INT(time), PG_INT(e->last > time ? e->last : time),
                 PG_INT(e->count > 0 ? e->count : 1), PG_TEXT(e->definition), PG_OCTETS_OPT(e->name),
                 PG_OCTETS_OPT(e->entity), PG_OCTETS_OPT(e->previous), PG_OCTETS_OPT(e->current),
                 PG_OCTETS_OPT(e->error_code), PG_OCTETS_OPT(e->text), PG_TEXT(byo_str(byo_pgsql_node(s))));
    return id;
}

void byo_pgsql_event_repeat(ByoStore *s, ByoId id, int64_t count, ByoTime last)
{
    byo_pg_write(s, BYO_PG_EVENT_REPEAT, PG_INT(id), PG_INT(count), PG_INT(last));
}

void byo_pgsql_events(ByoStore *s, const ByoEventFilter *f, bool (*each)(void *arg, const ByoEventRow *e),
                      void *arg)
{
    ByoPgRows r;
    ByoPgStatement q = f->after > 0 ? BYO_PG_EVENTS_OLDEST
                       : f->settled ? BYO_PG_EVENTS_SETTLED
                                    : BYO_PG_EVENTS_NEWEST;
    for (byo_pg_read(s, &r, q, PG_INT(f->after), PG_INT(f->before > 0 ? f->before : INT64_MAX),
                     PG_INT(f->from), PG_INT(f->to ? f->to : INT64_MAX), PG_OCTETS_OPT(f->entity),
                     PG_TEXT_OPT(f->definition), PG_INT(f->limit));
         byo_pg_next(&r);) {
        ByoEventRow e = {
            .id = byo_pg_int_at(&r, 0),
            .time = byo_pg_amount_at(&r, 1),
            .last = byo_pg_amount_at(&r, 2),
            .count = byo_pg_amount_at(&r, 3),
            .definition = byo_pg_text_at(&r, 4),
            .name = byo_pg_text_at(&r, 5),
            .entity = byo_pg_text_at(&r, 6),
            .previous = byo_pg_text_at(&r, 7),
            .current = byo_pg_text_at(&r, 8),
            .error_code = byo_pg_text_at(&r, 9),
            .text = byo_pg_text_at(&r, 10),
            .node = byo_pg_text_at(&r, 11),
        };
        if (!each(arg, &e))
            byo_pg_end(&r);
    }
}

/* -- audit --------------------------------------------------------------------------------------------- */

void byo_pgsql_audit_add(ByoStore *s, const ByoAuditRow *a, ByoTime now)
{
    if (!byo_pg_writing(s))
        return;
    byo_pg_write(s, BYO_PG_AUDIT_ADD, PG_INT(byo_pgsql_new_id(s, now)), PG_INT(a->time ? a->time : now),
                 PG_OCTETS_OPT(a->who), PG_OCTETS_OPT(a->action), PG_OCTETS_OPT(a->entity),
                 PG_OCTETS_OPT(a->detail));
}

void byo_pgsql_audit(ByoStore *s, ByoId before, int max, bool (*each)(void *arg, const ByoAuditRow *a),
                     void *arg)
{
    ByoPgRows r;
    for (byo_pg_read(s, &r, BYO_PG_AUDIT, PG_INT(before > 0 ? before : INT64_MAX), PG_INT(max));
         byo_pg_next(&r);) {
        ByoAuditRow a = {
            .id = byo_pg_int_at(&r, 0),
            .time = byo_pg_amount_at(&r, 1),
            .who = byo_pg_text_at(&r, 2),
            .action = byo_pg_text_at(&r, 3),
            .entity = byo_pg_text_at(&r, 4),
            .detail = byo_pg_text_at(&r, 5),
        };
        if (!each(arg, &a))
            byo_pg_end(&r);
    }
}
