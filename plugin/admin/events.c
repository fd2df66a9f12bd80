/* SPDX-License-Identifier: BSD-3-Clause
 * Events: one row and one JSON log line each, repetitions counted.
 * Ownership and threads: events.h. */
#include "admin/events.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/log.h"
#include "compliance/number.h"
#include "base/hash.h"

/* Within this the same event is a repetition. */
#define WINDOW (60 * BYO_SECOND)
enum { REPEATED = 256 };

typedef struct {
    uint64_t key; /* 0: free */
    ByoId id;
    int64_t count, written;
    ByoTime first, last;
} Repeated;

struct ByoEvents {
    ByoStore *store;
    Repeated repeated[REPEATED];
    int64_t totals[BYO_EVENT_COUNT];
    ByoBuf lines; /* of this turn, for the log */
    void (*sink)(void *arg, ByoStr json);
    void *sink_arg;
};

ByoEvents *byo_events_create(ByoStore *store)
{
    ByoEvents *e = byo_zalloc(sizeof *e);
    e->store = store;
    return e;
}

void byo_events_destroy(ByoEvents *e)
{
    if (e)
        byo_buf_free(&e->lines);
    free(e);
}

void byo_events_sink(ByoEvents *e, void (*sink)(void *arg, ByoStr json), void *arg)
{
    e->sink = sink;
    e->sink_arg = arg;
}

static void write_count(ByoEvents *e, ByoUndo *u, Repeated *r)
{
    if (r->count > r->written) {
        byo_undo_save(u, r, sizeof *r);
        byo_store_event_repeat(e->store, r->id, r->count, r->last);
        r->written = r->count;
    }
}

typedef struct {
    size_t n;
} Before;

static void cut_lines(void *events, const void *args)
{
    ((ByoEvents *)events)->lines.n = ((const Before *)args)->n;
}

static void tell_lines(void *events, const void *args)
{
    (void)args;
    ByoEvents *e = events;
    for (size_t at = 0; at < e->lines.n; at += strlen(e->lines.p + at) + 1) {
        byo_log((ByoLogLevel)(e->lines.p[at] - '0'), "event %s", e->lines.p + at + 1);
        if (e->sink)
            e->sink(e->sink_arg, byo_str(e->lines.p + at + 1));
    }
    byo_buf_clear(&e->lines);
}

static void log_line(ByoEvents *e, ByoUndo *u, const ByoEventNote *n, ByoId id, ByoTime now)
{
    static const char *const levels[] = {"debug", "info", "warning", "error"};
    const ByoEventInfo *info = byo_event_info(n->kind);
    char id_text[BYO_ID_TEXT];
    ByoJson *j = byo_json_object();
    Before before = {e->lines.n};
    byo_undo_add(u, cut_lines, e, &before, sizeof before);
    if (before.n == 0)
        byo_undo_then(u, tell_lines, e, "", 0);
    byo_json_set_z(j, "id", byo_id_text(id, id_text));
    byo_json_set_time(j, "time", now);
    byo_json_set_z(j, "definition", info->id);
    byo_json_set_z(j, "name", info->name);
    byo_json_set_str(j, "entity", n->entity);
    if (n->previous.n)
        byo_json_set_str(j, "previous", n->previous);
    if (n->current.n)
        byo_json_set_str(j, "current", n->current);
    if (n->error_code.n)
        byo_json_set_str(j, "errorCode", n->error_code);
    byo_json_set_z(j, "level", levels[info->level]);
    byo_json_set_str(j, "text", n->text);
    if (byo_store_node(e->store)[0])
        byo_json_set_z(j, "node", byo_store_node(e->store));
    byo_buf_addc(&e->lines, (char)('0' + info->level));
    byo_json_text(j, false, &e->lines);
    byo_buf_addc(&e->lines, 0);
    byo_json_free(j);
}

/* A number is named as the API does. */
static ByoEventNote with_plus(const ByoEventNote *n, char buf[BYO_ADDRESS_MAX + 1])
{
    ByoEventNote out = *n;
    size_t digits = 0;
    while (digits < n->entity.n && n->entity.p[digits] >= '0' && n->entity.p[digits] <= '9')
        digits++;
    if (byo_event_info(n->kind)->about == BYO_EVENT_NUMBERS && digits == n->entity.n &&
        digits < BYO_ADDRESS_MAX && byo_number_is_long(n->entity)) {
        snprintf(buf, BYO_ADDRESS_MAX + 1, "+%.*s", BYO_PF(n->entity));
        out.entity = byo_str(buf);
    }
    return out;
}

static ByoId add_row(ByoEvents *e, ByoUndo *u, const ByoEventNote *n, ByoTime now)
{
    ByoEventRow row = {.time = now,
                       .last = now,
                       .definition = byo_str(byo_event_info(n->kind)->id),
                       .name = byo_str(byo_event_info(n->kind)->name),
                       .entity = n->entity,
                       .previous = n->previous,
                       .current = n->current,
                       .error_code = n->error_code,
                       .text = n->text,
                       .count = 1};
    ByoId id = byo_store_event_add(e->store, &row, now);
    log_line(e, u, n, id, now);
    return id;
}

typedef struct {
    ByoEventKindId kind;
} Counted;

static void count_total(void *events, const void *args)
{
    __atomic_fetch_add(&((ByoEvents *)events)->totals[((const Counted *)args)->kind], 1, __ATOMIC_RELAXED);
}

void byo_events_tell(ByoEvents *e, ByoUndo *u, const ByoEventNote *note, ByoTime now)
{
    char number[BYO_ADDRESS_MAX + 1];
    ByoEventNote plain = with_plus(note, number), *n = &plain;
    byo_undo_then(u, count_total, e, &(Counted){n->kind}, sizeof(Counted));
    ByoEventRepeats repeats = byo_event_info(n->kind)->repeats;
    if (repeats == BYO_EVENT_EACH || (repeats == BYO_EVENT_CHANGE && n->previous.n)) {
        add_row(e, u, n, now);
        return;
    }
    uint64_t key = byo_hash(n->current, byo_hash(n->error_code, byo_hash(n->entity, n->kind)));
    if (repeats == BYO_EVENT_BY_TEXT)
        key = byo_hash(n->text, key);
    key |= 1;
    Repeated *free_one = &e->repeated[0];
    for (int i = 0; i < REPEATED; i++) {
        Repeated *r = &e->repeated[i];
        if (r->key == key && now - r->first < WINDOW && now >= r->first) {
            byo_undo_save(u, r, sizeof *r);
            r->count++;
            r->last = now;
            return;
        }
        if (r->key == key || (free_one->key && (!r->key || r->last < free_one->last)))
            free_one = r;
        if (r->key == key)
            break;
    }
    if (free_one->key)
        write_count(e, u, free_one);
    ByoId id = add_row(e, u, n, now);
    byo_undo_save(u, free_one, sizeof *free_one);
    *free_one = (Repeated){key, id, 1, 1, now, now};
}

void byo_events_beat(ByoEvents *e, ByoUndo *u)
{
    for (int i = 0; i < REPEATED; i++)
        if (e->repeated[i].key)
            write_count(e, u, &e->repeated[i]);
}

int64_t byo_events_total(const ByoEvents *e, ByoEventKindId kind)
{
    return __atomic_load_n(&e->totals[kind], __ATOMIC_RELAXED);
}
