/* SPDX-License-Identifier: BSD-3-Clause
 * What a node knows of the others: who is gone, what they counted, what they changed; and what becomes of the rows of one
 * that is gone.
 * Decides: that a node is gone when none of its turns came for as long as its lease, looked at for that long in one session, by
 * this machine's clock. So neither a database that was away nor a clock that was set makes a node look gone that is
 * there. Its epoch is raised, then its rows become this node's, a batch a turn.
 * A position of what was read moves with the transaction it was read in.
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Between two looks: while another node makes turns, and else. ms */
#define EVERY 200
#define EVERY_ALONE 500
/* Rows of one that is gone that another transaction held are looked for again so much later. */
#define AGAIN BYO_MINUTE
/* Behind its end: a second, and what is said of it moves meanwhile. */
#define PARTED ((ByoTime)1100)
/* So long between two of its own turns is no more than a busy machine. */
#define OWN_STILL ((ByoTime)2500)
/* What is told of may cost round trips of its own: a turn with so many of them is shorter than a lease. */
enum { CHANGES_MAX = 500, MOVED_MAX = 1000, NAME_MAX_OCTETS = 64 };

typedef struct {
    int64_t epoch, turn, started;
    char name[64], host[64], policy[sizeof((ByoNode *)NULL)->policy];
    bool there;         /* it has a session, as it said */
    ByoTime since;      /* its turn is this one, by the boot clock; 0: not looked at in this session */
    int64_t read, kept; /* its changes up to this are applied: in this transaction, and for good */
    int64_t counted;    /* its counts up to this turn are known */
    ByoTime moved;      /* nothing of its was left then; 0: not known */
    bool parted;        /* its parts of the rates are the others' */
    struct {            /* up to here its rows were moved */
        char integration[NAME_MAX_OCTETS];
        int64_t state, due, id;
    } at;
} Other;

struct ByoPgOthers {
    Other of[BYO_SLOTS];
    ByoTime next;    /* by the boot clock */
    ByoTime counted; /* their counts were asked for, by the same clock; 0: all are to be read anew */
    bool any;        /* one of them makes turns */
    bool early;      /* a node was ended that may not have read of a receipt that waits for what it had */
    bool early_told; /* in this transaction */
    ByoId early_at;  /* up to that one they were */
};

static bool own(const ByoStore *s, int slot)
{
    return slot == s->session.slot;
}

/* -- changes ------------------------------------------------------------------------------------- */

static void note(ByoStore *s, ByoChangeKind kind, ByoStr a, ByoStr b, const char *slot)
{
    ByoBuf key = {0};
    if (!byo_pg_writing(s))
        return;
    byo_buf_add(&key, a.p, a.n);
    if (b.p) {
        byo_buf_addc(&key, 0);
        byo_buf_add(&key, b.p, b.n);
    }
    if (slot) {
        byo_buf_addc(&key, 0);
        byo_buf_add(&key, slot, 1);
    }
    s->changes.of = BYO_PG_OF_CHANGE;
    byo_pg_record(&s->changes);
    byo_pg_put_int(&s->changes, s->session.slot);
    byo_pg_put_int(&s->changes, ++s->told);
    byo_pg_put_int(&s->changes, kind);
    byo_pg_put_text(&s->changes, byo_buf_str(&key));
    byo_buf_free(&key);
    if (s->changes.n == BYO_PG_ROWS_MAX)
        byo_pg_changes_put(s);
}

void byo_pg_change_note(ByoStore *s, ByoChangeKind kind, ByoStr a, ByoStr b)
{
    note(s, kind, a, b, NULL);
}

void byo_pg_change_tell(ByoStore *s, int slot, ByoChangeKind kind, ByoStr a, ByoStr b)
{
    char digit = (char)('0' + slot);
    note(s, kind, a, b, &digit);
}

void byo_pg_changes_put(ByoStore *s)
{
    if (s->changes.n)
        byo_pg_write(s, BYO_PG_CHANGE_ADD, byo_pg_records(&s->session, &s->changes));
    byo_pg_records_forget(&s->changes);
}

static bool parse(ByoStore *s, int kind, ByoStr key, ByoChange *c)
{
    if (kind < 0 || kind >= BYO_CHANGE_COUNTS)
        return false;
    if (kind >= BYO_CHANGE_HANDED) { /* one node's alone */
        if (key.n < 2 || key.p[key.n - 2] != 0 || key.p[key.n - 1] != '0' + s->session.slot)
            return false;
        key.n -= 2;
    }
    const char *nul = key.n ? memchr(key.p, 0, key.n) : NULL;
    size_t n = nul ? (size_t)(nul - key.p) : key.n;
    *c = (ByoChange){.kind = (ByoChangeKind)kind, .key = byo_strn(key.p, n)};
    c->more = nul ? byo_strn(nul + 1, key.n - n - 1) : BYO_STR("");
    return true;
}

static bool waits(const ByoChange *c)
{
    return c->kind == BYO_CHANGE_EARLY || c->kind == BYO_CHANGE_LEFT;
}

typedef struct {
    int64_t slots[BYO_SLOTS], values[BYO_SLOTS];
    size_t n;
} Places;

static Places changes_from(const ByoStore *s)
{
    Places p = {.n = 0};
    for (int i = 0; i < BYO_SLOTS; i++)
        if (!own(s, i)) {
            p.slots[p.n] = i;
            p.values[p.n++] = s->others->of[i].read;
        }
    return p;
}

static Places those_up(const ByoStore *s)
{
    Places p = {.n = 0};
    for (int i = 0; i < BYO_SLOTS; i++)
        if (byo_pg_others_up(s, i))
            p.slots[p.n++] = i;
    return p;
}

/* Receipts that wait, and the segments they wait for, are looked for together. */
static void want_early(ByoStore *s, const ByoPgRows *r)
{
    size_t n = 0, rows = r->result ? (size_t)PQntuples(r->result) : 0;
    ByoWant *wants = byo_alloc((2 * rows + 1) * sizeof *wants);
    ByoPgRows at = *r;
    while (at.result && ++at.row < PQntuples(at.result)) {
        ByoChange c;
        if (!parse(s, (int)byo_pg_int_at(&at, 2), byo_pg_text_at(&at, 3), &c) || !waits(&c))
            continue;
        byo_pg_early_told(s, c.key, c.more);
        wants[n++] = (ByoWant){.kind = BYO_WANT_EARLY, .integration = c.key, .text = c.more};
        if (c.kind == BYO_CHANGE_EARLY)
            wants[n++] =
                (ByoWant){.kind = BYO_WANT_FOREIGN, .integration = c.key, .text = c.more, .written = c.more};
    }
    if (n)
        byo_pgsql_want(s, wants, n);
    free(wants);
}

/* What is told may read other things: the rows are taken first. */
static bool tell_changes(ByoStore *s, ByoPgRows *r, void (*each)(void *arg, const ByoChange *c), void *arg)
{
    int n = 0;
    want_early(s, r);
    for (; byo_pg_next(r); n++) {
        ByoChange c;
        Other *o = &s->others->of[byo_pg_int_at(r, 0) & 7];
        o->read = byo_pg_int_at(r, 1);
        if (!parse(s, (int)byo_pg_int_at(r, 2), byo_pg_text_at(r, 3), &c))
            continue;
        if (c.kind == BYO_CHANGE_TAKEN)
            byo_pg_due_forget(s);
        if (c.kind == BYO_CHANGE_INWARD) { /* what was given to this one's counts is taken with this turn */
            s->tidied = 0;
            byo_pg_unclaimed_forget(s);
        }
        each(arg, &c);
    }
    return n == CHANGES_MAX;
}

/* Those that wait though their answer is there: as changes of this node's. True: there may be more. */
static bool tell_early(ByoStore *s, void (*each)(void *arg, const ByoChange *c), void *arg)
{
    ByoPgOthers *others = s->others;
    ByoPgRows r;
    if (!others->early)
        return false;
    Places up = those_up(s);
    byo_pg_early_settle(s);
    if (!byo_pg_read(s, &r, BYO_PG_EARLY_OVERDUE, PG_INT(s->session.slot), PG_INT(BYO_CHANGE_EARLY),
                     PG_INT(CHANGES_MAX), PG_INT(others->early_at), PG_INTS(up.slots, up.n),
                     PG_INT(BYO_CHANGE_LEFT)))
        return false;
    int n = r.result ? PQntuples(r.result) : 0;
    others->early_told = true;
    others->early = n == CHANGES_MAX;
    others->early_at = others->early ? byo_pg_int_at(&(ByoPgRows){.result = r.result, .row = n - 1}, 4) : 0;
    tell_changes(s, &r, each, arg);
    return others->early;
}

/* -- who is there -------------------------------------------------------------------------------- */

/* Its turns were counted on in the time before: what was kept is kept no more. */
static void went_back(ByoStore *s)
{
    s->stale = "the database went back behind what was kept in it";
    byo_course_note(&s->course, BYO_STORE_IO, s->stale);
}

static void look_at(ByoStore *s, const ByoPgRows *r, ByoTime answered)
{
    Other *o = &s->others->of[byo_pg_int_at(r, 0) & 7];
    int64_t epoch = byo_pg_int_at(r, 1), turn = byo_pg_int_at(r, 3);
    bool there = byo_pg_int_at(r, 2) != 0;
    if (turn < o->turn)
        went_back(s);
    if (epoch != o->epoch || there != o->there) {
        s->others->early = true;
        s->others->early_at = 0;
    }
    if (!o->since || turn != o->turn || epoch != o->epoch || there != o->there) {
        o->since = answered;
        o->moved = 0;
        o->parted = false;
        o->at.integration[0] = 0;
        o->at.state = o->at.due = o->at.id = 0;
    }
    snprintf(o->name, sizeof o->name, "%.*s", BYO_PF(byo_pg_text_at(r, 4)));
    snprintf(o->host, sizeof o->host, "%.*s", BYO_PF(byo_pg_text_at(r, 5)));
    snprintf(o->policy, sizeof o->policy, "%.*s", BYO_PF(byo_pg_text_at(r, 7)));
    /* Ids grow over all nodes: whoever follows rows by them waits for none that is idle, or whose clock is behind. */
    if (byo_pg_int_at(r, 6) > s->last_id)
        s->last_id = byo_pg_int_at(r, 6);
    o->turn = turn;
    o->epoch = epoch;
    o->there = there;
}

static bool still(const Other *o, ByoTime asked)
{
    return asked - o->since >= BYO_PG_LEASE;
}

bool byo_pg_others_up(const ByoStore *s, int slot)
{
    const Other *o = s->others ? &s->others->of[slot] : NULL;
    return o && !own(s, slot) && o->there && !still(o, byo_boottime());
}

bool byo_pg_others_any(const ByoStore *s)
{
    return s->others && s->others->any;
}

/* -- who is gone ---------------------------------------------------------------------------------- */

/* Its session is ended, so that its lock is free; what it had on the way keeps nothing from now on. Its lease is over: what it
 * might send is the others'. */
static void end_node(ByoStore *s, int slot)
{
    byo_pg_write(s, BYO_PG_NODE_END, PG_INT(slot));
    byo_pg_write(s, BYO_PG_NODE_TAKE, PG_INT(BYO_PG_LOCK_SLOT + slot));
    byo_pg_write(s, BYO_PG_NODE_RAISE, PG_INT(slot), PG_INT(s->others->of[slot].epoch));
}

/* What it sent last is of another second than what the others send by its part. */
static void part_rates(ByoStore *s, int slot, ByoTime asked)
{
    Other *o = &s->others->of[slot];
    if (o->there || o->parted || !o->name[0] || asked - o->since < PARTED)
        return;
    byo_pg_write(s, BYO_PG_SHARES_REMOVE, PG_INT(slot));
    o->parted = true;
}

/* A batch of its rows. True: there may be more. *some_r: some were there. */
static bool move(ByoStore *s, int slot, ByoTime now, bool *some_r)
{
    Other *o = &s->others->of[slot];
    ByoPgRows r;
    bool first = !o->at.integration[0];
    if (first) {
        *some_r |= byo_pg_counts_take(s, slot);
        *some_r |= byo_pg_inward_free(s, slot);
    }
    ByoStoreResult found = byo_pg_one(s, &r, BYO_PG_SEGMENTS_MOVE, PG_INT(slot), PG_INT(s->session.slot),
                                      PG_TEXT(byo_str(o->at.integration)), PG_INT(o->at.state),
                                      PG_INT(o->at.due), PG_INT(o->at.id), PG_INT(MOVED_MAX));
    if (found == BYO_STORE_OK) {
        s->wrote = *some_r = true;
        snprintf(o->at.integration, sizeof o->at.integration, "%.*s", BYO_PF(byo_pg_text_at(&r, 0)));
        o->at.state = byo_pg_int_at(&r, 1);
        o->at.due = byo_pg_int_at(&r, 2);
        o->at.id = byo_pg_int_at(&r, 3);
        byo_pg_end(&r);
        byo_pg_due_forget(s);
        return true;
    }
    o->at.integration[0] = 0;
    o->at.state = o->at.due = o->at.id = 0;
    o->moved = first && found == BYO_STORE_NONE ? now : 0; /* a whole pass without one */
    return !first;
}

static bool take_over(ByoStore *s, ByoTime asked, bool *moved_r)
{
    bool more = false;
    for (int slot = 0; slot < BYO_SLOTS && !s->course.failed; slot++) {
        Other *o = &s->others->of[slot];
        if (own(s, slot))
            continue;
        part_rates(s, slot, asked);
        if (!still(o, asked))
            continue;
        if (o->there) {
            end_node(s, slot);
        } else if (!o->moved || asked - o->moved >= AGAIN) {
            more |= move(s, slot, asked, moved_r);
        }
    }
    return more;
}

/* -- the look -------------------------------------------------------------------------------------- */

static Places counts_from(const ByoStore *s)
{
    Places p = {.n = 0};
    for (int i = 0; i < BYO_SLOTS; i++)
        if (!own(s, i)) {
            p.slots[p.n] = i;
            p.values[p.n++] = s->others->counted ? s->others->of[i].counted : -1;
        }
    return p;
}

/* A row of 0 that came and went between two looks was never seen: then all are read anew at the next one. */
static bool take_counts(ByoStore *s, ByoPgRows *r, ByoTime asked, ByoTime answered)
{
    ByoPgOthers *others = s->others;
    bool any = !others->counted;
    if (any)
        byo_pg_counts_of_others_forget(s);
    others->counted = !any && answered - others->counted > BYO_PG_LEASE ? 0 : asked;
    s->early_taken = false;
    for (; byo_pg_next(r); any = true) {
        Other *o = &s->others->of[byo_pg_int_at(r, 4) & 7];
        byo_pg_count_of(s, r);
        if (byo_pg_int_at(r, 2) > o->counted)
            o->counted = byo_pg_int_at(r, 2);
    }
    return any;
}

static void tell(ByoChangeKind kind, void (*each)(void *arg, const ByoChange *c), void *arg)
{
    each(arg, &(ByoChange){.kind = kind, .key = BYO_STR(""), .more = BYO_STR("")});
}

ByoTime byo_pgsql_others(ByoStore *s, void (*each)(void *arg, const ByoChange *c), void *arg)
{
    ByoPgOthers *others = s->others;
    ByoTime asked = byo_boottime();
    if (!s->course.open || s->course.failed || !others)
        return 0;
    if (asked < others->next)
        return others->next - asked;
    /* This node's own turns stood still: it waits a whole lease before it says so of others'. */
    if (s->kept && asked - s->kept > OWN_STILL)
        byo_pg_others_session(s);
    Places changes = changes_from(s), counts = counts_from(s);
    ByoPgRows nodes, counted, changed;
    if (!byo_pg_ask(s, BYO_PG_OTHERS, PG_INT(s->session.slot)) ||
        !byo_pg_ask(s, BYO_PG_CHANGES, PG_INTS(changes.slots, changes.n), PG_INTS(changes.values, changes.n),
                    PG_INT(CHANGES_MAX)) ||
        !byo_pg_ask(s, BYO_PG_COUNTERS, PG_INTS(counts.slots, counts.n), PG_INTS(counts.values, counts.n)))
        return EVERY; /* counts last: what is told is counted */
    if (!byo_pg_answer(s, &nodes) || !byo_pg_answer(s, &changed) || !byo_pg_answer(s, &counted))
        return EVERY;
    ByoTime answered = byo_boottime();
    others->any = false;
    while (byo_pg_next(&nodes)) {
        look_at(s, &nodes, answered);
        const Other *o = &others->of[byo_pg_int_at(&nodes, 0) & 7];
        others->any |= o->there && !still(o, asked);
    }
    bool moved = false, recount = take_counts(s, &counted, asked, answered);
    bool more = !others->counted;
    more |= tell_changes(s, &changed, each, arg);
    more |= tell_early(s, each, arg);
    more |= take_over(s, asked, &moved);
    if (recount)
        tell(BYO_CHANGE_COUNTS, each, arg);
    if (moved)
        tell(BYO_CHANGE_TAKEN, each, arg);
    ByoTime pause = more ? 1 : others->any ? EVERY : EVERY_ALONE;
    others->next = asked + pause;
    return pause;
}

/* -- giving --------------------------------------------------------------------------------------------- */

bool byo_pgsql_queue_give(ByoStore *s, ByoStr integration)
{
    int64_t n = 0;
    Places up = those_up(s);
    ByoPgRows r;
    if (!up.n || !byo_pg_writing(s) ||
        byo_pg_one(s, &r, BYO_PG_SEGMENTS_GIVE, PG_TEXT(integration), PG_INT(s->session.slot),
                   PG_INTS(up.slots, up.n), PG_INT(MOVED_MAX)) != BYO_STORE_OK)
        return false;
    n = byo_pg_int_at(&r, 1);
    int slot = (int)byo_pg_int_at(&r, 0);
    byo_pg_end(&r);
    if (!n)
        return false;
    s->wrote = true;
    byo_pg_kept_forget(s); /* some of them may be among it */
    byo_pg_change_tell(s, slot, BYO_CHANGE_TAKEN, integration, BYO_STR_NONE);
    return n == MOVED_MAX;
}

typedef struct {
    const ByoStr *ours;
    size_t n;
    ByoStr *rest;
    size_t n_rest;
} Rest;

/* Names live as long as the counts; how many of them are other nodes' only the table says. */
static void note_rest(void *arg, ByoStr name, int64_t n)
{
    Rest *r = arg;
    for (size_t i = 0; i < r->n; i++)
        if (byo_str_eq(r->ours[i], name))
            return;
    if (n <= 0)
        return;
    if (r->n_rest % 16 == 0)
        r->rest = byo_realloc(r->rest, (r->n_rest + 16) * sizeof *r->rest);
    r->rest[r->n_rest++] = name;
}

bool byo_pgsql_queue_give_rest(ByoStore *s, const ByoStr *ours, size_t n)
{
    bool more = false;
    Rest r = {.ours = ours, .n = n};
    byo_pg_count_each(s, BYO_COUNT_QUEUED, note_rest, &r);
    for (size_t i = 0; i < r.n_rest; i++)
        more |= byo_pgsql_queue_give(s, r.rest[i]);
    free(r.rest);
    return more;
}

/* -- its own life ----------------------------------------------------------------------------------- */

bool byo_pg_others_load(ByoStore *s)
{
    ByoPgRows r;
    s->others = byo_zalloc(sizeof *s->others);
    s->others->early = true;
    if (!byo_pg_read_all(s, &r, BYO_PG_CHANGES_LAST))
        return false;
    while (byo_pg_next(&r)) {
        Other *o = &s->others->of[byo_pg_int_at(&r, 0) & 7];
        o->read = o->kept = byo_pg_int_at(&r, 1);
    }
    return true;
}

void byo_pg_others_settle(ByoStore *s, bool kept)
{
    for (int i = 0; s->others && i < BYO_SLOTS; i++) {
        Other *o = &s->others->of[i];
        if (kept) {
            o->kept = o->read;
        } else {
            o->read = o->kept;
            o->moved = 0;
            o->parted = false;
            o->at.integration[0] = 0;
            o->at.state = o->at.due = o->at.id = 0;
        }
    }
    if (s->others && !kept) {
        s->others->next = 0;
        s->others->early |= s->others->early_told;
        s->others->early_at = 0;
    }
    if (s->others)
        s->others->early_told = false;
}

void byo_pg_others_session(ByoStore *s)
{
    for (int i = 0; s->others && i < BYO_SLOTS; i++)
        s->others->of[i].since = 0;
    byo_pg_unclaimed_forget(s);
}

void byo_pg_others_counted(ByoStore *s, int slot, int64_t turn)
{
    Other *o = &s->others->of[slot & 7];
    if (turn > o->counted)
        o->counted = turn;
}

void byo_pg_others_recount(ByoStore *s)
{
    s->others->counted = 0;
}

size_t byo_pgsql_nodes(const ByoStore *s, ByoNode nodes[BYO_SLOTS])
{
    size_t n = 1;
    ByoTime now = byo_boottime();
    nodes[0] = (ByoNode){.self = true, .up = true};
    snprintf(nodes[0].name, sizeof nodes[0].name, "%s", s->at.node ? s->at.node : "");
    gethostname(nodes[0].host, sizeof nodes[0].host - 1);
    for (int i = 0; s->others && i < BYO_SLOTS; i++) {
        const Other *o = &s->others->of[i];
        if (own(s, i) || !o->name[0])
            continue;
        ByoNode *node = &nodes[n++];
        *node = (ByoNode){.up = byo_pg_others_up(s, i), .quiet = o->since ? now - o->since : 0};
        memcpy(node->name, o->name, sizeof node->name);
        memcpy(node->host, o->host, sizeof node->host);
        memcpy(node->policy, o->policy, sizeof node->policy);
    }
    return n;
}

void byo_pgsql_node_policy(ByoStore *s, ByoStr policy)
{
    byo_pg_write(s, BYO_PG_NODE_POLICY, PG_INT(s->session.slot), PG_INT(s->session.epoch), PG_TEXT(policy));
}

int byo_pgsql_slot(const ByoStore *s)
{
    return s->session.slot;
}

const char *byo_pgsql_node(const ByoStore *s)
{
    return s->at.node ? s->at.node : "";
}

/* Waits for who else asked, until that one's transaction is over. */
void byo_pgsql_alone(ByoStore *s)
{
    byo_pg_write(s, BYO_PG_ALONE, PG_INT(BYO_PG_LOCK_ALONE));
}
