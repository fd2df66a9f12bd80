/* SPDX-License-Identifier: BSD-3-Clause
 * Events: one row and one JSON log line each, repetitions counted.
 * Ownership and threads: events.h. */
#include "admin/events.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/log.h"

/* Within this the same event is a repetition. */
#define WINDOW (60 * BYO_SECOND)
enum { RECENT = 256 };

typedef struct {
    uint64_t key; /* 0: free */
    ByoId id;
    int64_t count, written;
    ByoTime first, last;
} Recent;

struct ByoEvents {
    ByoStore *store;
    Recent recent[RECENT];
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

static uint64_t add_hash(uint64_t h, ByoStr s)
{
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
    return (h ^ 0xff) * 1099511628211u;
}

static void write_count(ByoEvents *e, ByoUndo *u, Recent *r)
{
    if (r->count > r->written) {
        byo_undo_save(u, r, sizeof *r);
        byo_store_event_repeat(e->store, r->id, r->count, r->last);
        r->written = r->count;
    }
}

/* What an operator wants to see at log-level 2 or 3, too. */
static ByoLogLevel level_of(ByoEventKindId kind)
{
    switch (kind) {
    case BYO_EVENT_BIND_REFUSED:
    case BYO_EVENT_ACTIVATION_FAILED:
    case BYO_EVENT_STORE_TROUBLE:
    case BYO_EVENT_CONFIG_REFUSED:
    case BYO_EVENT_BEARERBOX_LOST:
        return BYO_LOG_ERROR;
    case BYO_EVENT_BIND_LOST:
    case BYO_EVENT_DEGRADED:
    case BYO_EVENT_DELETED:
    case BYO_EVENT_THROTTLED:
    case BYO_EVENT_QUEUE_LIMIT:
    case BYO_EVENT_NO_RECEIPT:
    case BYO_EVENT_UNMAPPED:
    case BYO_EVENT_DUPLICATE:
    case BYO_EVENT_UNKNOWN_REPORT:
    case BYO_EVENT_INWARD_EXPIRED:
    case BYO_EVENT_EARLY_LOST:
    case BYO_EVENT_CLOCK_JUMPED:
    case BYO_EVENT_REPLY_LIMIT:
    case BYO_EVENT_ANSWER_REFUSED:
    case BYO_EVENT_UNKNOWN_NUMBER:
    case BYO_EVENT_KEYWORD_NOT_ACTED:
    case BYO_EVENT_BEARERBOX_DIFFERS:
    case BYO_EVENT_SMSBOX_REFUSED:
    case BYO_EVENT_LOGIN_FAILED:
        return BYO_LOG_WARNING;
    default:
        return BYO_LOG_INFO;
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
    char id_text[BYO_ID_TEXT];
    ByoJson *j = byo_json_object();
    Before before = {e->lines.n};
    byo_undo_add(u, cut_lines, e, &before, sizeof before);
    if (before.n == 0)
        byo_undo_then(u, tell_lines, e, "", 0);
    byo_json_set_z(j, "id", byo_id_text(id, id_text));
    byo_json_set_time(j, "time", now);
    byo_json_set_z(j, "definition", byo_event_id(n->kind));
    byo_json_set_z(j, "name", byo_event_name(n->kind));
    byo_json_set_str(j, "entity", n->entity);
    if (n->previous.n)
        byo_json_set_str(j, "previous", n->previous);
    if (n->current.n)
        byo_json_set_str(j, "current", n->current);
    if (n->error_code.n)
        byo_json_set_str(j, "errorCode", n->error_code);
    byo_json_set_z(j, "level", levels[level_of(n->kind)]);
    byo_json_set_str(j, "text", n->text);
    byo_buf_addc(&e->lines, (char)('0' + level_of(n->kind)));
    byo_json_text(j, false, &e->lines);
    byo_buf_addc(&e->lines, 0);
    byo_json_free(j);
}

/* Those about a number (BYO-03..) name it as the API does: "+12025550100", "54321". */
static ByoEventNote with_plus(const ByoEventNote *n, char buf[32])
{
    ByoEventNote out = *n;
    size_t digits = 0;
    while (digits < n->entity.n && n->entity.p[digits] >= '0' && n->entity.p[digits] <= '9')
        digits++;
    if (strncmp(byo_event_id(n->kind), "BYO-03", 6) == 0 && digits == n->entity.n && digits > 6 &&
        digits < 30) {
        buf[0] = '+';
        memcpy(buf + 1, n->entity.p, digits);
        out.entity = byo_strn(buf, digits + 1);
    }
    return out;
}

/* A change of state and what an operator did is a row each time (spec L5); only what happens by itself, and may
 * happen a thousand times a second, is counted. */
static bool is_change(const ByoEventNote *n)
{
    ByoEventKindId kind = n->kind;
    if (kind == BYO_EVENT_BIND_REFUSED) /* one more answer changes nothing */
        return n->previous.n > 0;
    return kind == BYO_EVENT_STATE || kind == BYO_EVENT_ACTIVATION_FAILED || kind == BYO_EVENT_DELETED ||
           kind == BYO_EVENT_OPT_OUT || kind == BYO_EVENT_OPT_IN || kind == BYO_EVENT_NUMBER ||
           kind == BYO_EVENT_CONFIG_LOADED || kind == BYO_EVENT_CONFIG_REFUSED;
}

static ByoId add_row(ByoEvents *e, ByoUndo *u, const ByoEventNote *n, ByoTime now)
{
    ByoEventRow row = {.time = now,
                       .last = now,
                       .definition = byo_str(byo_event_id(n->kind)),
                       .name = byo_str(byo_event_name(n->kind)),
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
    char number[32];
    ByoEventNote plain = with_plus(note, number), *n = &plain;
    byo_undo_then(u, count_total, e, &(Counted){n->kind}, sizeof(Counted));
    if (is_change(n)) {
        add_row(e, u, n, now);
        return;
    }
    uint64_t key = add_hash(1469598103934665603u + (uint64_t)n->kind, n->entity);
    key = add_hash(add_hash(key, n->error_code), n->current);
    if (n->kind == BYO_EVENT_REPLY_LIMIT || n->kind == BYO_EVENT_ANSWER_REFUSED)
        key = add_hash(key, n->text); /* it names the recipient */
    key |= 1;
    Recent *free_one = &e->recent[0];
    for (int i = 0; i < RECENT; i++) {
        Recent *r = &e->recent[i];
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
    *free_one = (Recent){key, id, 1, 1, now, now};
}

void byo_events_beat(ByoEvents *e, ByoUndo *u)
{
    for (int i = 0; i < RECENT; i++)
        if (e->recent[i].key)
            write_count(e, u, &e->recent[i]);
}

int64_t byo_events_total(const ByoEvents *e, ByoEventKindId kind)
{
    return __atomic_load_n(&e->totals[kind], __ATOMIC_RELAXED);
}
