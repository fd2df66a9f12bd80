/* SPDX-License-Identifier: BSD-3-Clause
 * Which operational events somebody looks for: time, entity, definitions, text; read in short steps, as JSON's pages or
 * as CSV, so that however many there are no read of the store lasts.
 * Decides: what a text is compared with, how much one answer looks at, the columns of the CSV.
 * Ownership: a search owns its texts. Threads: api_private.h; the CSV's rest: api.h, ByoApiRest. */
#include "admin/api_private.h"

#include <stdlib.h>

#include <unicase.h>
#include <uninorm.h>

#include "base/text.h"
#include "compliance/csv.h"

enum { STEP = 1000, TEXT_MOST = 200 };

/* -- what is asked for --------------------------------------------------------------------------------*/

/* An id or a name of the catalogue. */
static bool add_definition(ByoApiCall *c, ByoEventSearch *s, ByoStr name)
{
    for (int e = 0; e < BYO_EVENT_COUNT; e++)
        if (byo_str_ieq(name, byo_str(byo_event_info(e)->id)) || byo_str_is(name, byo_event_info(e)->name)) {
            s->several = s->several || (s->f.definition.p && !s->definitions[e]);
            s->f.definition = byo_str(byo_event_info(e)->id);
            s->definitions[e] = true;
            return true;
        }
    byo_api_error(c, 400, "bad-query", "definition",
                  "definition must be ids or names of the catalogue of events, such as BYO-0101 or "
                  "integration-state, with a comma between several.");
    return false;
}

static bool param_definitions(ByoApiCall *c, ByoEventSearch *s)
{
    for (size_t i = 0; i < c->n_params; i++) {
        ByoStr rest = c->params[i].value;
        if (!byo_str_is(c->params[i].name, "definition"))
            continue;
        for (bool more = true; more;) {
            const char *comma = rest.n ? memchr(rest.p, ',', rest.n) : NULL;
            size_t n = comma ? (size_t)(comma - rest.p) : rest.n;
            more = comma != NULL;
            if (!add_definition(c, s, byo_strn(rest.p, n)))
                return false;
            rest = byo_strn(rest.p + n + more, rest.n - n - more);
        }
    }
    if (s->several)
        s->f.definition = BYO_STR_NONE;
    return true;
}

/* after=0 begins with the oldest. */
static bool param_after(ByoApiCall *c, ByoId *after_r)
{
    if (byo_str_is(byo_api_param(c, "after"), "0")) {
        *after_r = 1;
        return true;
    }
    return byo_api_param_id(c, "after", after_r);
}

/* A number's '+' that was not written %2B came as a blank. */
static void param_entity(const ByoApiCall *c, ByoEventSearch *s)
{
    ByoStr v = byo_api_param(c, "entity");
    if (!v.p)
        return;
    s->entity = byo_str_dup(v);
    if (s->entity[0] == ' ')
        s->entity[0] = '+';
    s->f.entity = byo_str(s->entity);
}

static char *folded(const char *text, size_t n)
{
    size_t length = 0;
    uint8_t *out = u8_casefold((const uint8_t *)text, n, NULL, UNINORM_NFC, NULL, &length);
    char *copy = out ? byo_str_dup(byo_strn((const char *)out, length)) : NULL;
    free(out);
    return copy;
}

static bool param_text(ByoApiCall *c, ByoEventSearch *s)
{
    ByoStr v = byo_api_param(c, "text");
    if (v.n > TEXT_MOST) {
        byo_api_error(c, 400, "bad-query", "text", "text must be %d octets at most.", TEXT_MOST);
        return false;
    }
    if (!v.n)
        return true;
    bool ascii = true, utf8 = byo_utf8_valid(v);
    for (size_t i = 0; i < v.n; i++)
        ascii = ascii && (unsigned char)v.p[i] < 0x80;
    s->text = byo_str_dup(v);
    s->folded = ascii || !utf8 ? NULL : folded(v.p, v.n);
    if (ascii || s->folded)
        return true;
    byo_api_error(c, 400, "bad-query", "text", "text must be UTF-8.");
    return false;
}

static bool params(ByoApiCall *c, ByoEventSearch *s, bool *csv_r)
{
    static const char *const allowed[] = {"from",  "to",    "entity", "*definition", "text",
                                          "after", "limit", "page",   "format",      NULL};
    if (!byo_api_params(c, allowed) || !byo_api_param_csv(c, csv_r) ||
        !byo_api_limit(c, *csv_r ? BYO_EVENTS_CSV_MAX : BYO_PAGE_MAX,
                       *csv_r ? BYO_EVENTS_CSV_MAX : BYO_PAGE_DEFAULT, &s->limit) ||
        !byo_api_param_time(c, "from", &s->f.from) || !byo_api_param_time(c, "to", &s->f.to) ||
        !param_definitions(c, s) || !param_text(c, s) || !param_after(c, &s->f.after) ||
        !byo_api_param_id(c, "page", &s->f.before))
        return false;
    param_entity(c, s);
    if (!s->f.after || !s->f.before)
        return true;
    byo_api_error(c, 400, "bad-query", "after",
                  "after (oldest first) and page (newest first) exclude each other.");
    return false;
}

ByoEventSearch *byo_api_event_search(ByoApiCall *c, bool *csv_r)
{
    ByoEventSearch *s = byo_zalloc(sizeof *s);
    if (params(c, s, csv_r))
        return s;
    byo_api_event_search_free(s);
    return NULL;
}

void byo_api_event_search_free(ByoEventSearch *s)
{
    if (!s)
        return;
    free(s->entity);
    free(s->text);
    free(s->folded);
    free(s);
}

/* -- what fits ----------------------------------------------------------------------------------------*/

/* Letter case ignored: of ASCII as it stands, else of all scripts. */
static bool holds(const ByoEventSearch *s, ByoStr field)
{
    size_t n = strlen(s->text);
    if (s->folded) {
        char *all = field.n ? folded(field.p, field.n) : NULL;
        bool found = all && strstr(all, s->folded);
        free(all);
        return found;
    }
    for (size_t i = 0; i + n <= field.n; i++)
        if (byo_str_ieq(byo_strn(field.p + i, n), byo_strn(s->text, n)))
            return true;
    return false;
}

static bool fits(const ByoEventSearch *s, const ByoEventRow *e)
{
    bool wanted = !s->several;
    for (int i = 0; i < BYO_EVENT_COUNT && !wanted; i++)
        wanted = s->definitions[i] && byo_str_is(e->definition, byo_event_info(i)->id);
    return wanted && (!s->text || holds(s, e->text) || holds(s, e->entity) || holds(s, e->name) ||
                      holds(s, e->definition) || holds(s, e->previous) || holds(s, e->current) ||
                      holds(s, e->error_code) || holds(s, e->node));
}

typedef struct {
    ByoEventSearch *s;
    bool (*each)(void *arg, const ByoEventRow *e);
    void *arg;
    int looked;
    bool full;
} Look;

static bool look(void *arg, const ByoEventRow *e)
{
    Look *l = arg;
    if (fits(l->s, e) && !l->each(l->arg, e)) {
        l->full = true;
        return false;
    }
    *(l->s->f.after ? &l->s->f.after : &l->s->f.before) = e->id;
    l->looked++;
    return true;
}

bool byo_api_events_look(ByoEventSearch *s, ByoStore *reader, int most,
                         bool (*each)(void *arg, const ByoEventRow *e), void *arg)
{
    Look l = {.s = s, .each = each, .arg = arg};
    int before = -1;
    while (!l.full && l.looked < most && l.looked != before) {
        before = l.looked;
        s->f.limit = most - l.looked < STEP ? most - l.looked : STEP;
        byo_store_events(reader, &s->f, look, &l);
        if (l.looked - before < s->f.limit && !l.full)
            return false;
    }
    return true;
}

/* -- as CSV -------------------------------------------------------------------------------------------*/

static const char head[] =
    "id,time,last,count,definition,name,entity,previous,current,error-code,text,node\r\n";

typedef struct {
    ByoEventSearch *search;
    ByoBuf *out;
} Rest;

static bool add_row(void *arg, const ByoEventRow *e)
{
    Rest *r = arg;
    ByoBuf *out = r->out;
    char id[BYO_ID_TEXT];
    if (r->search->limit == 0)
        return false;
    r->search->limit--;
    byo_api_csv_text(out, byo_str(byo_id_text(e->id, id)));
    byo_api_csv_time(out, e->time);
    byo_api_csv_time(out, e->last);
    byo_api_csv_count(out, e->count);
    byo_api_csv_text(out, e->definition);
    byo_api_csv_text(out, e->name);
    byo_api_csv_text(out, e->entity);
    byo_api_csv_text(out, e->previous);
    byo_api_csv_text(out, e->current);
    byo_api_csv_text(out, e->error_code);
    byo_csv_field(out, e->text);
    byo_buf_addc(out, ',');
    byo_csv_field(out, e->node);
    byo_buf_adds(out, "\r\n");
    return true;
}

static ByoPieceResult next(void *arg, ByoStore *reader, ByoTime now, ByoBuf *out)
{
    (void)now;
    Rest *r = arg;
    if (!reader)
        return BYO_PIECE_BROKEN;
    r->out = out;
    byo_store_read_fault(reader); /* of whoever had it before */
    bool more = byo_api_events_look(r->search, reader, STEP, add_row, r);
    if (byo_store_read_fault(reader) != BYO_STORE_OK)
        return BYO_PIECE_BROKEN;
    return more && r->search->limit > 0 ? BYO_PIECE_MORE : BYO_PIECE_LAST;
}

static void rest_free(void *arg)
{
    Rest *r = arg;
    byo_api_event_search_free(r->search);
    free(r);
}

void byo_api_events_csv(ByoApiCall *c, ByoEventSearch *s)
{
    Rest *r = byo_zalloc(sizeof *r);
    r->search = s;
    byo_api_csv_begin(c, head);
    c->resp->rest = (ByoApiRest){next, rest_free, r};
}
