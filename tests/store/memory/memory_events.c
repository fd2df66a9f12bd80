/* SPDX-License-Identifier: BSD-3-Clause
 * The store in memory: settings, integrations' states, events, audit, the clock, what a start loads, and the end of
 * what is too old.
 * Decides: nothing. Threads: as memory_store.h. */
#include "memory_private.h"

#include <stdlib.h>

static void *by_name(const ByoStore *s, MemoryKind kind, ByoStr name)
{
    return memory_by_text(s, kind, name, BYO_STR_NONE, BYO_STR_NONE);
}

bool memory_op_setting(ByoStore *s, const char *name, ByoBuf *value)
{
    const MemorySetting *setting = by_name(s, MEMORY_SETTING, byo_str(name));
    if (setting)
        byo_buf_add(value, setting->value.p, setting->value.n);
    return setting != NULL;
}

void memory_op_setting_put(ByoStore *s, const char *name, ByoStr value)
{
    if (!memory_writing(s))
        return;
    MemorySetting *old = by_name(s, MEMORY_SETTING, byo_str(name));
    if (value.p)
        memory_put(s, MEMORY_SETTING, &(MemorySetting){0, byo_str(name), value}, old);
    else if (old)
        memory_remove(s, MEMORY_SETTING, old);
}

/* -- integrations ------------------------------------------------------------------------------- */

void memory_op_integration_put(ByoStore *s, const ByoIntegrationRow *i)
{
    if (memory_writing(s))
        memory_put(s, MEMORY_INTEGRATION, &(MemoryIntegration){0, *i}, by_name(s, MEMORY_INTEGRATION, i->id));
}

void memory_op_integration_seen(ByoStore *s, const ByoIntegrationRow *i)
{
    const MemoryIntegration *was = by_name(s, MEMORY_INTEGRATION, i->id);
    ByoIntegrationRow row = *i;
    if (was) {
        row.wanted = was->row.wanted;
        row.deleted = was->row.deleted;
    }
    memory_op_integration_put(s, &row);
}

ByoStoreResult memory_op_integration(ByoStore *s, ByoStr id, ByoIntegrationRow *i_r)
{
    const MemoryIntegration *i = by_name(s, MEMORY_INTEGRATION, id);
    if (i)
        *i_r = i->row;
    return i ? BYO_STORE_OK : BYO_STORE_NONE;
}

void memory_op_integration_forget(ByoStore *s, ByoStr id)
{
    MemoryIntegration *i = memory_writing(s) ? by_name(s, MEMORY_INTEGRATION, id) : NULL;
    if (i)
        memory_remove(s, MEMORY_INTEGRATION, i);
}

void memory_op_integrations(ByoStore *s, void (*each)(void *arg, const ByoIntegrationRow *i), void *arg)
{
    MEMORY_EACH(MemoryIntegration, i, s, MEMORY_INTEGRATION)
    each(arg, &i->row);
}

/* -- events and audit --------------------------------------------------------------------------- */

ByoId memory_op_event_add(ByoStore *s, const ByoEventRow *e, ByoTime now)
{
    if (!memory_writing(s))
        return 0;
    ByoEventRow row = *e;
    row.id = memory_op_new_id(s, now);
    row.time = e->time ? e->time : now;
    row.last = e->last > row.time ? e->last : row.time;
    row.count = e->count > 0 ? e->count : 1;
    memory_put(s, MEMORY_EVENT, &row, NULL);
    return row.id;
}

void memory_op_event_repeat(ByoStore *s, ByoId id, int64_t count, ByoTime last)
{
    ByoEventRow *e = memory_writing(s) ? memory_find(s, MEMORY_EVENT, id) : NULL;
    if (!e)
        return;
    ByoEventRow row = *e;
    row.count = count;
    row.last = last;
    memory_put(s, MEMORY_EVENT, &row, e);
}

void memory_op_events(ByoStore *s, const ByoEventFilter *f, bool (*each)(void *arg, const ByoEventRow *e),
                      void *arg)
{
    const MemoryTable *t = memory_table(s, MEMORY_EVENT);
    int left = f->limit;
    for (size_t i = 0; i < t->n && left > 0; i++) {
        const ByoEventRow *e = t->rows[f->after > 0 ? i : t->n - 1 - i];
        if (e->id <= f->after || (f->before > 0 && e->id >= f->before) || e->time < f->from ||
            (f->to && e->time >= f->to) || (f->entity.n && !byo_str_eq(f->entity, e->entity)) ||
            (f->definition.n && !byo_str_eq(f->definition, e->definition)))
            continue;
        left--;
        if (!each(arg, e))
            return;
    }
}

static bool erase_in(ByoBuf *out, ByoStr text, ByoStr digits, bool plus)
{
    bool found = false;
    for (size_t i = 0; i < text.n;) {
        size_t at = i + (plus && text.p[i] == '+');
        if (at + digits.n <= text.n && memcmp(text.p + at, digits.p, digits.n) == 0) {
            byo_buf_adds(out, "(erased)");
            i = at + digits.n;
            found = true;
        } else {
            byo_buf_addc(out, text.p[i++]);
        }
    }
    return found;
}

int memory_op_event_forget(ByoStore *s, ByoStr digits)
{
    int n = 0;
    if (!memory_writing(s) || !digits.n)
        return 0;
    MEMORY_EACH(ByoEventRow, e, s, MEMORY_EVENT)
    {
        ByoEventRow row = *e;
        ByoStr *texts[4] = {&row.text, &row.entity, &row.previous, &row.current};
        ByoBuf erased[4] = {0};
        bool found = false;
        for (int i = 0; i < 4; i++) {
            found |= erase_in(&erased[i], *texts[i], digits, i < 2);
            *texts[i] = byo_buf_str(&erased[i]);
        }
        if (found)
            memory_put(s, MEMORY_EVENT, &row, e);
        n += found;
        for (int i = 0; i < 4; i++)
            byo_buf_free(&erased[i]);
    }
    return n;
}

void memory_op_audit_add(ByoStore *s, const ByoAuditRow *a, ByoTime now)
{
    if (!memory_writing(s))
        return;
    ByoAuditRow row = *a;
    row.id = memory_op_new_id(s, now);
    row.time = a->time ? a->time : now;
    memory_put(s, MEMORY_AUDIT, &row, NULL);
}

void memory_op_audit(ByoStore *s, ByoId before, int max, bool (*each)(void *arg, const ByoAuditRow *a),
                     void *arg)
{
    const MemoryTable *t = memory_table(s, MEMORY_AUDIT);
    for (size_t i = t->n; i > 0 && max > 0; i--) {
        const ByoAuditRow *a = t->rows[i - 1];
        if (before > 0 && a->id >= before)
            continue;
        max--;
        if (!each(arg, a))
            return;
    }
}

/* -- the clock ---------------------------------------------------------------------------------- */

static void jump(ByoTime *t, ByoTime by)
{
    if (*t > 0)
        *t = *t + by > 1 ? *t + by : 1;
}

void memory_op_clock_jumped(ByoStore *s, ByoTime by, ByoTime now)
{
    if (!memory_writing(s))
        return;
    MEMORY_EACH(MemorySegment, seg, s, MEMORY_SEGMENT)
    {
        MemorySegment row = *seg;
        if (byo_seg_final(seg->row.s.state))
            continue;
        jump(&row.row.s.due, by);
        jump(&row.row.s.first_handed, by);
        jump(&row.row.s.handed, by);
        jump(&row.row.s.accepted_at, by);
        memory_put(s, MEMORY_SEGMENT, &row, seg);
    }
    MEMORY_EACH(ByoMessageRow, m, s, MEMORY_MESSAGE)
    {
        ByoMessageRow row = *m;
        if (m->ended)
            continue;
        jump(&row.expires, by);
        memory_put(s, MEMORY_MESSAGE, &row, m);
    }
    ByoTime held = s->clock.held + by;
    s->clock = (MemoryClock){now, held > 0 ? held : 0, now};
}

void memory_op_clock_seen(ByoStore *s, ByoTime now)
{
    if (memory_writing(s))
        s->clock.clock = now;
}

ByoTime memory_op_clock_last(ByoStore *s)
{
    return s->of->clock.clock;
}

/* -- what memory must know again after a start -------------------------------------------------- */

/* As if one message more were looked at than `newest`: as it is in SQLite. */
static size_t newest_from(const ByoStore *s, int newest)
{
    size_t n = memory_table(s, MEMORY_MESSAGE)->n;
    return n > (size_t)newest ? n - 1 - (size_t)newest : 0;
}

void memory_op_replies(ByoStore *s, ByoTime since,
                       void (*each)(void *arg, ByoStr number, ByoStr recipient, int keyword, ByoTime sent),
                       void *arg)
{
    MEMORY_RANGE(ByoMessageRow, m, s, MEMORY_MESSAGE, byo_id_at(since), INT64_MAX)
    if (m->keyword > 0)
        each(arg, m->number, m->recipient, m->keyword, m->created);
}

void memory_op_taken(ByoStore *s, int newest,
                     void (*each)(void *arg, ByoStr box, ByoStr uuid, ByoStr frame, bool refused), void *arg)
{
    const MemoryTable *t = memory_table(s, MEMORY_MESSAGE);
    for (size_t i = newest_from(s, newest); i < t->n; i++) {
        const ByoMessageRow *m = t->rows[i];
        if (m->keyword == 0)
            each(arg, m->named ? m->box : BYO_STR_NONE, m->uuid, m->frame,
                 m->state == BYO_MSG_FAILED && m->ended == m->created);
    }
}

void memory_op_long_messages(ByoStore *s, int newest, void (*each)(void *arg, ByoStr recipient, ByoStr udh),
                             void *arg)
{
    const MemoryTable *t = memory_table(s, MEMORY_MESSAGE);
    for (size_t i = newest_from(s, newest); i < t->n; i++) {
        const ByoMessageRow *m = t->rows[i];
        const MemorySegment *first = memory_find(s, MEMORY_SEGMENT, m->id + 1);
        if (m->tally.segments > 1 && first)
            each(arg, m->recipient, first->row.udh);
    }
}

void memory_op_backing_off(ByoStore *s, ByoStr integration, ByoTime after, int max,
                           void (*each)(void *arg, ByoId segment, ByoStr number, ByoStr recipient), void *arg)
{
    MEMORY_EACH(MemorySegment, seg, s, MEMORY_SEGMENT)
    {
        const ByoMessageRow *m = memory_find(s, MEMORY_MESSAGE, byo_id_message(seg->row.id));
        if (m && max > 0 && seg->row.s.state == BYO_SEG_QUEUED && byo_str_eq(seg->integration, integration) &&
            seg->row.s.due > after && seg->row.s.handed > 0) {
            max--;
            each(arg, seg->row.id, m->number, m->recipient);
        }
    }
}

/* -- purge -------------------------------------------------------------------------------------- */

enum { SEEN_DAYS = 3 };

static ByoTime held(ByoStore *s, ByoTime messages_before, ByoTime events_before)
{
    if (messages_before > s->clock.held_till && events_before > s->clock.held_till)
        s->clock.held = 0;
    return s->clock.held;
}

bool memory_op_purge(ByoStore *s, ByoTime messages_before, ByoTime events_before, int max, ByoPurgePlace *at)
{
    int left = max;
    if (!memory_writing(s) || max <= 0)
        return false;
    ByoTime back = held(s, messages_before, events_before);
    MEMORY_RANGE(ByoMessageRow, m, s, MEMORY_MESSAGE, 0, byo_id_at(messages_before - back))
    if (left > 0 && m->ended && m->ended < messages_before - back)
        left -= 2 + memory_op_message_remove(s, m->id);
    MEMORY_RANGE(ByoInboundRow, in, s, MEMORY_INBOUND, 0, byo_id_at(messages_before - back))
    if (left > 0) {
        memory_remove(s, MEMORY_INBOUND, in);
        left--;
    }
    MEMORY_RANGE(ByoEventRow, e, s, MEMORY_EVENT, 0, byo_id_at(events_before - back))
    if (left > 0 && e->last < events_before - back) {
        memory_remove(s, MEMORY_EVENT, e);
        left--;
    }
    const MemoryTable *t = memory_table(s, MEMORY_SEEN);
    ByoTime newest = t->n ? byo_id_time(((MemorySeen *)t->rows[t->n - 1])->id) : 0;
    MEMORY_RANGE(MemorySeen, seen, s, MEMORY_SEEN, 0, byo_id_at(newest - SEEN_DAYS * BYO_DAY))
    if (left > 0) {
        memory_remove(s, MEMORY_SEEN, seen);
        left--;
    }
    return left <= 0;
}
