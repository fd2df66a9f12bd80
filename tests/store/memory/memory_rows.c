/* SPDX-License-Identifier: BSD-3-Clause
 * The store in memory: its tables and its transactions.
 * Decides: nothing. Threads: as memory_store.h. */
#include "memory_private.h"

#include <stdlib.h>

/* Texts of a row, those of its key first. */
#define T(type, member) offsetof(type, member)
static const struct {
    size_t size;
    int keys, texts;
    size_t at[10];
} kinds[MEMORY_KINDS] = {
    [MEMORY_MESSAGE] = {sizeof(ByoMessageRow),
                        0,
                        10,
                        {T(ByoMessageRow, integration), T(ByoMessageRow, number), T(ByoMessageRow, recipient),
                         T(ByoMessageRow, uuid), T(ByoMessageRow, box), T(ByoMessageRow, charset),
                         T(ByoMessageRow, verdict.code_cause), T(ByoMessageRow, verdict.description),
                         T(ByoMessageRow, verdict.carrier_code), T(ByoMessageRow, frame)}},
    [MEMORY_SEGMENT] = {sizeof(MemorySegment),
                        0,
                        7,
                        {T(MemorySegment, row.verdict.code_cause), T(MemorySegment, row.verdict.description),
                         T(MemorySegment, row.verdict.carrier_code), T(MemorySegment, row.foreign_id),
                         T(MemorySegment, row.udh), T(MemorySegment, row.payload),
                         T(MemorySegment, integration)}},
    [MEMORY_COPY] = {sizeof(MemoryCopy),
                     1,
                     7,
                     {T(MemoryCopy, foreign_id), T(MemoryCopy, integration), T(MemoryCopy, loose),
                      T(MemoryCopy, row.foreign_id), T(MemoryCopy, row.verdict.code_cause),
                      T(MemoryCopy, row.verdict.description), T(MemoryCopy, row.verdict.carrier_code)}},
    [MEMORY_STEPS] = {sizeof(MemorySteps), 0, 2, {T(MemorySteps, lines), T(MemorySteps, reports)}},
    [MEMORY_INWARD] = {sizeof(ByoInwardRow), 0, 2, {T(ByoInwardRow, box), T(ByoInwardRow, frame)}},
    [MEMORY_EARLY] = {sizeof(MemoryEarly),
                      0,
                      4,
                      {T(MemoryEarly, foreign_id), T(MemoryEarly, integration), T(MemoryEarly, loose),
                       T(MemoryEarly, frame)}},
    [MEMORY_SEEN] = {sizeof(MemorySeen), 0, 1, {T(MemorySeen, uuid)}},
    [MEMORY_NUMBER] = {sizeof(MemoryNumber),
                       1,
                       5,
                       {T(MemoryNumber, row.digits), T(MemoryNumber, row.integration),
                        T(MemoryNumber, row.type), T(MemoryNumber, row.country),
                        T(MemoryNumber, row.compliance)}},
    [MEMORY_LEFT] = {sizeof(MemoryNumber),
                     1,
                     5,
                     {T(MemoryNumber, row.digits), T(MemoryNumber, row.integration),
                      T(MemoryNumber, row.type), T(MemoryNumber, row.country),
                      T(MemoryNumber, row.compliance)}},
    [MEMORY_OPT] = {sizeof(ByoOptRow),
                    0,
                    8,
                    {T(ByoOptRow, number), T(ByoOptRow, recipient), T(ByoOptRow, action), T(ByoOptRow, text),
                     T(ByoOptRow, answer), T(ByoOptRow, who), T(ByoOptRow, reason),
                     T(ByoOptRow, reading_of)}},
    [MEMORY_OUT] = {sizeof(MemoryOut),
                    3,
                    3,
                    {T(MemoryOut, number), T(MemoryOut, recipient), T(MemoryOut, reading_of)}},
    [MEMORY_SETTING] = {sizeof(MemorySetting), 1, 2, {T(MemorySetting, name), T(MemorySetting, value)}},
    [MEMORY_INTEGRATION] = {sizeof(MemoryIntegration),
                            1,
                            4,
                            {T(MemoryIntegration, row.id), T(MemoryIntegration, row.state),
                             T(MemoryIntegration, row.reason), T(MemoryIntegration, row.applied)}},
    [MEMORY_EVENT] = {sizeof(ByoEventRow),
                      0,
                      7,
                      {T(ByoEventRow, definition), T(ByoEventRow, name), T(ByoEventRow, entity),
                       T(ByoEventRow, previous), T(ByoEventRow, current), T(ByoEventRow, error_code),
                       T(ByoEventRow, text)}},
    [MEMORY_AUDIT] = {sizeof(ByoAuditRow),
                      0,
                      4,
                      {T(ByoAuditRow, who), T(ByoAuditRow, action), T(ByoAuditRow, entity),
                       T(ByoAuditRow, detail)}},
    [MEMORY_INBOUND] = {sizeof(ByoInboundRow),
                        0,
                        6,
                        {T(ByoInboundRow, integration), T(ByoInboundRow, number), T(ByoInboundRow, sender),
                         T(ByoInboundRow, uuid), T(ByoInboundRow, box), T(ByoInboundRow, text)}},
    [MEMORY_MINUTE] = {sizeof(ByoStatisticRow),
                       1,
                       2,
                       {T(ByoStatisticRow, integration), T(ByoStatisticRow, counts)}},
    [MEMORY_HOUR] = {sizeof(ByoStatisticRow),
                     1,
                     2,
                     {T(ByoStatisticRow, integration), T(ByoStatisticRow, counts)}},
};

static ByoStr *text_of(MemoryKind kind, const void *row, int i)
{
    return (ByoStr *)((char *)row + kinds[kind].at[i]);
}

static ByoId id_of(const void *row)
{
    return *(const ByoId *)row;
}

int memory_order(ByoStr a, ByoStr b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : a.n < b.n ? -1 : a.n > b.n;
}

static int compare(MemoryKind kind, const void *a, const void *b)
{
    int order = id_of(a) < id_of(b) ? -1 : id_of(a) > id_of(b);
    for (int i = 0; i < kinds[kind].keys && !order; i++)
        order = memory_order(*text_of(kind, a, i), *text_of(kind, b, i));
    return order;
}

/* One piece of memory: the row, then its texts, each ended by a NUL; an absent one becomes empty. */
static void *copy_of(MemoryKind kind, const void *row)
{
    size_t need = kinds[kind].size;
    for (int i = 0; i < kinds[kind].texts; i++)
        need += text_of(kind, row, i)->n + 1;
    char *copy = byo_zalloc(need), *at = copy + kinds[kind].size;
    memcpy(copy, row, kinds[kind].size);
    for (int i = 0; i < kinds[kind].texts; i++) {
        ByoStr *text = text_of(kind, copy, i);
        if (text->n)
            memcpy(at, text->p, text->n);
        text->p = at;
        at += text->n + 1;
    }
    return copy;
}

static void insert(MemoryTable *t, size_t at, void *row)
{
    if (t->n == t->cap)
        t->rows = byo_realloc(t->rows, (t->cap = t->cap ? 2 * t->cap : 64) * sizeof *t->rows);
    memmove(t->rows + at + 1, t->rows + at, (t->n - at) * sizeof *t->rows);
    t->rows[at] = row;
    t->n++;
}

/* Of the first row that is not before this one; behind: that is after it. */
static size_t place(MemoryKind kind, const MemoryTable *t, const void *row, bool behind)
{
    size_t low = 0, high = t->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare(kind, t->rows[middle], row) < behind)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const MemoryTable *memory_table(const ByoStore *s, MemoryKind kind)
{
    return s != s->of && s->of->open ? &s->of->before[kind] : &s->of->now[kind];
}

void *memory_at(const ByoStore *s, MemoryKind kind, ByoId id)
{
    const MemoryTable *t = memory_table(s, kind);
    size_t low = 0, high = t->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (id_of(t->rows[middle]) < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->n ? t->rows[low] : NULL;
}

void *memory_find(const ByoStore *s, MemoryKind kind, ByoId id)
{
    void *row = memory_at(s, kind, id);
    return row && id_of(row) == id ? row : NULL;
}

void *memory_next(const ByoStore *s, MemoryKind kind, const void *row)
{
    const MemoryTable *t = memory_table(s, kind);
    size_t at = row ? place(kind, t, row, true) : 0;
    return at < t->n ? t->rows[at] : NULL;
}

void *memory_by_text(const ByoStore *s, MemoryKind kind, ByoStr a, ByoStr b, ByoStr c)
{
    const ByoStr wanted[3] = {a, b, c};
    MEMORY_EACH(void, row, s, kind)
    {
        int i = 0;
        while (i < kinds[kind].keys && byo_str_eq(*text_of(kind, row, i), wanted[i]))
            i++;
        if (i == kinds[kind].keys)
            return row;
    }
    return NULL;
}

/* -- changing ----------------------------------------------------------------------------------- */

void memory_fail(ByoStore *s, ByoStoreResult why, const char *what)
{
    s->failed = true;
    s->why = why;
    s->what = what;
}

bool memory_writing(ByoStore *s)
{
    if (s != s->of)
        memory_fail(s, BYO_STORE_READONLY, NULL);
    else if (!s->open)
        memory_fail(s, BYO_STORE_IO, NULL);
    else if (s->write_fault && !s->failed) {
        memory_fail(s, s->write_fault, NULL);
        s->write_fault = BYO_STORE_OK;
    }
    return !s->failed;
}

void memory_remove(ByoStore *s, MemoryKind kind, void *row)
{
    MemoryTable *t = &s->now[kind];
    size_t at = place(kind, t, row, false);
    memmove(t->rows + at, t->rows + at + 1, (--t->n - at) * sizeof *t->rows);
    insert(&s->gone, s->gone.n, row);
}

void *memory_put(ByoStore *s, MemoryKind kind, const void *row, void *old)
{
    void *copy = copy_of(kind, row);
    if (old)
        memory_remove(s, kind, old);
    insert(&s->now[kind], place(kind, &s->now[kind], copy, false), copy);
    insert(&s->made, s->made.n, copy);
    return copy;
}

/* -- transactions ------------------------------------------------------------------------------- */

static void free_all(MemoryTable *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->rows[i]);
    t->n = 0;
}

void memory_op_begin(ByoStore *s)
{
    if (s->open)
        return;
    s->open = true;
    s->failed = false;
    s->why = BYO_STORE_OK;
    s->what = NULL;
    s->clock_before = s->clock;
    for (int kind = 0; kind < MEMORY_KINDS; kind++) {
        MemoryTable *t = &s->before[kind];
        if (t->cap < s->now[kind].n)
            t->rows = byo_realloc(t->rows, (t->cap = s->now[kind].cap) * sizeof *t->rows);
        t->n = s->now[kind].n;
        if (t->n)
            memcpy(t->rows, s->now[kind].rows, t->n * sizeof *t->rows);
    }
}

static void keep(ByoStore *s)
{
    s->open = s->pending = false;
    s->made.n = 0;
    free_all(&s->gone);
}

void memory_op_rollback(ByoStore *s)
{
    if (!s->open)
        return;
    for (int kind = 0; kind < MEMORY_KINDS; kind++) {
        MemoryTable was = s->before[kind];
        s->before[kind] = s->now[kind];
        s->now[kind] = was;
    }
    s->clock = s->clock_before;
    s->open = s->pending = s->failed = false;
    s->gone.n = 0;
    free_all(&s->made);
}

ByoStoreResult memory_op_commit(ByoStore *s)
{
    static const ByoStoreResult says[] = {[MEMORY_FULL] = BYO_STORE_FULL,
                                          [MEMORY_AGAIN] = BYO_STORE_AGAIN,
                                          [MEMORY_UNKNOWN_KEPT] = BYO_STORE_UNKNOWN,
                                          [MEMORY_UNKNOWN_LOST] = BYO_STORE_UNKNOWN};
    if (!s->open)
        return s->failed ? s->why : BYO_STORE_OK;
    MemoryFault fault = s->failed ? MEMORY_FINE : s->fault;
    if (!s->failed)
        s->why = says[fault];
    if (s->why == BYO_STORE_UNKNOWN) {
        s->pending = true;
        s->unknown = 1;
        return s->why;
    }
    s->fault = MEMORY_FINE;
    if (s->why == BYO_STORE_OK)
        keep(s);
    else
        memory_op_rollback(s);
    return s->why;
}

ByoStoreResult memory_op_outcome(ByoStore *s)
{
    if (!s->pending)
        return s->why;
    if (s->unknown-- > 0)
        return BYO_STORE_UNKNOWN;
    s->why = s->fault == MEMORY_UNKNOWN_KEPT ? BYO_STORE_OK : BYO_STORE_IO;
    s->fault = MEMORY_FINE;
    if (s->why == BYO_STORE_OK)
        keep(s);
    else
        memory_op_rollback(s);
    return s->why;
}

void memory_op_probe(ByoStore *s, size_t octets)
{
    memory_writing(s);
}

bool memory_op_failed(const ByoStore *s)
{
    return s->failed;
}

ByoStoreResult memory_op_read_fault(ByoStore *s)
{
    (void)s;
    return BYO_STORE_OK;
}

const char *memory_op_error(const ByoStore *s)
{
    return s->what ? s->what : byo_store_result_text(s->why);
}

void memory_op_condition(ByoStore *s, ByoStoreCondition *c_r)
{
    *c_r = (ByoStoreCondition){.octets = -1};
}

/* It waits for nobody. */
void memory_op_on_wait(ByoStore *s, void (*waiting)(void *arg, ByoTime ms), void *arg)
{
}

bool memory_op_current(ByoStore *s)
{
    return true;
}

bool memory_op_leased(ByoStore *s)
{
    return true;
}

/* -- opening ------------------------------------------------------------------------------------ */

static const ByoStoreOps operations = {
#define BYO_OP(result, name, parameters, arguments) .name = memory_op_##name,
#include "store/operations.h"
};

ByoStore *memory_store_open(void)
{
    ByoStore *s = byo_zalloc(sizeof *s);
    s->ops = &operations;
    s->of = s;
    return s;
}

ByoStore *memory_store_reader(ByoStore *writer)
{
    ByoStore *s = memory_store_open();
    s->of = writer;
    return s;
}

void memory_store_reopen(ByoStore *s)
{
    memory_op_rollback(s);
    s->fault = MEMORY_FINE;
    s->write_fault = BYO_STORE_OK;
    s->failed = false;
}

int64_t memory_store_rows(const ByoStore *s, const char *table)
{
    static const char *const names[MEMORY_KINDS] = {[MEMORY_MESSAGE] = "message",
                                                    [MEMORY_SEGMENT] = "segment",
                                                    [MEMORY_COPY] = "segment_copy",
                                                    [MEMORY_STEPS] = "message_step",
                                                    [MEMORY_INWARD] = "inward"};
    for (int kind = 0; kind < MEMORY_KINDS; kind++)
        if (names[kind] && strcmp(names[kind], table) == 0)
            return (int64_t)memory_table(s, (MemoryKind)kind)->n;
    return 0;
}

void memory_store_fail(ByoStore *s, MemoryFault fault)
{
    s->fault = fault;
}

void memory_store_fail_write(ByoStore *s, ByoStoreResult why)
{
    s->write_fault = why;
}

void memory_op_close(ByoStore *s)
{
    memory_op_rollback(s);
    for (int kind = 0; kind < MEMORY_KINDS; kind++) {
        free_all(&s->now[kind]);
        free(s->now[kind].rows);
        free(s->before[kind].rows);
    }
    free(s->made.rows);
    free(s->gone.rows);
    free(s);
}
