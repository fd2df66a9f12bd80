/* SPDX-License-Identifier: BSD-3-Clause
 * Counts (store/counts.h) on PostgreSQL.
 * Decides: how a count lies in the table counter: each change is a new row, and the one before goes. So the newest is found
 * at once, also while an old snapshot keeps all of them from being cleaned away.
 * A node writes what it added and took away itself; the count is the sum over the slots. The others learn of it by the row's turn.
 * Names of smsboxes come from peers and must not pile up: a row of theirs that is 0 goes when all others have seen it, which
 * is after a while; who has not looked for nearly as long reads all anew. Where what a node added is what another took away,
 * it gives that to the other one: then both are 0.
 * With a count stands from where its rows lie, in the order of an index: of segments when the first may be due, of what waits for a
 * smsbox behind which id those of nobody lie. It is looked at from there: before it may be many rows that are gone and, as
 * long as somebody holds an old snapshot, not cleaned away.
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

/* A row of 0 stands so long: longer than anybody goes without a look or reads all anew. Between two looks for them. ms */
#define ZERO_STANDS (2 * BYO_PG_LEASE)
#define TIDY_EVERY BYO_PG_LEASE
enum { AT_ONCE = 64 };

typedef struct {
    ByoCount c;
    int64_t of[BYO_SLOTS]; /* of the other slots */
    int64_t turn;    /* of the row that is committed; 0: there is none, or it was made with the tables */
    ByoTime written; /* when it was, by the boot clock */
    bool goes;       /* with this transaction */
    int64_t from, from_kept;   /* none of them lies before; 0: not known */
    bool due_met;              /* and one was due then; it may be over */
    int64_t due_of[BYO_SLOTS]; /* the same of other slots, as it was when the oldest was looked for */
} Count;

static Count *find(const ByoStore *s, ByoCountKind kind, ByoStr name)
{
    return s->counts ? (Count *)byo_counts_find(s->counts, kind, name) : NULL;
}

int64_t byo_pg_from(const ByoStore *s, ByoCountKind kind, ByoStr name)
{
    const Count *c = find(s, kind, name);
    return c ? c->from : 0;
}

bool byo_pg_due_met(const ByoStore *s, ByoCountKind kind, ByoStr name)
{
    const Count *c = find(s, kind, name);
    return c && c->due_met;
}

void byo_pg_from_put(ByoStore *s, ByoCountKind kind, ByoStr name, int64_t from, bool met)
{
    if (!s->counts)
        return;
    Count *c = (Count *)byo_counts_get(s->counts, kind, name);
    c->from = from;
    c->due_met = met;
    byo_counts_touch(s->counts, &c->c);
}

static bool of_segments(const Count *c)
{
    return c->c.kind < (ByoCountKind)BYO_STATES;
}

static void forget_from(ByoStore *s, bool segments)
{
    for (ByoCount *c = s->counts ? byo_counts_after(s->counts, NULL) : NULL; c;
         c = byo_counts_after(s->counts, c))
        if (of_segments((Count *)c) == segments)
            ((Count *)c)->from = ((Count *)c)->from_kept = 0;
}

void byo_pg_due_forget(ByoStore *s)
{
    forget_from(s, true);
    byo_pg_due_of_others_forget(s);
}

void byo_pg_unclaimed_forget(ByoStore *s)
{
    forget_from(s, false);
}

void byo_pg_due_of_others_forget(ByoStore *s)
{
    for (ByoCount *c = s->counts ? byo_counts_after(s->counts, NULL) : NULL; c;
         c = byo_counts_after(s->counts, c))
        memset(((Count *)c)->due_of, 0, sizeof((Count *)c)->due_of);
}

int64_t *byo_pg_due_of_others(ByoStore *s, ByoCountKind kind, ByoStr name)
{
    return ((Count *)byo_counts_get(s->counts, kind, name))->due_of;
}

int64_t byo_pg_count(ByoStore *s, ByoCountKind kind, ByoStr name)
{
    return s->counts ? byo_counts_live(s->counts, kind, name)
                     : byo_pg_amount(s, BYO_PG_COUNTER, PG_INT(kind), PG_OCTETS(name));
}

void byo_pg_count_each(ByoStore *s, ByoCountKind kind, void (*each)(void *arg, ByoStr name, int64_t n),
                       void *arg)
{
    for (ByoCount *c = byo_counts_after(s->counts, NULL); c; c = byo_counts_after(s->counts, c))
        if (c->kind == kind)
            each(arg, byo_strn(c->name, c->length), byo_count_total(c));
}

void byo_pg_count_of(ByoStore *s, const ByoPgRows *r)
{
    int64_t kind = byo_pg_int_at(r, 0), n = byo_pg_int_at(r, 3);
    int slot = (int)byo_pg_int_at(r, 4) & (BYO_SLOTS - 1);
    if (kind < 0 || kind >= BYO_COUNT_KINDS)
        return;
    n = n < 0 ? -byo_pg_bounded(-n) : byo_pg_bounded(n);
    Count *c = (Count *)byo_counts_get(s->counts, (ByoCountKind)kind, byo_pg_text_at(r, 1));
    if (slot != s->session.slot) {
        byo_counts_others(s->counts, &c->c, c->c.others - c->of[slot] + n);
        c->of[slot] = n;
        return;
    }
    byo_counts_load(s->counts, (ByoCountKind)kind, byo_pg_text_at(r, 1), n);
    c->turn = byo_pg_int_at(r, 2);
    c->written = byo_boottime();
}

void byo_pg_counts_of_others_forget(ByoStore *s)
{
    for (ByoCount *c = byo_counts_after(s->counts, NULL); c; c = byo_counts_after(s->counts, c)) {
        memset(((Count *)c)->of, 0, sizeof((Count *)c)->of);
        byo_counts_others(s->counts, c, 0);
    }
}

bool byo_pg_counts_load(ByoStore *s)
{
    ByoPgRows r;
    int64_t slots[BYO_SLOTS], before[BYO_SLOTS];
    for (int i = 0; i < BYO_SLOTS; i++) {
        slots[i] = i;
        before[i] = -1;
    }
    s->counts = byo_counts_create(sizeof(Count));
    if (!byo_pg_read(s, &r, BYO_PG_COUNTERS, PG_INTS(slots, BYO_SLOTS), PG_INTS(before, BYO_SLOTS)))
        return false;
    while (byo_pg_next(&r)) {
        byo_pg_count_of(s, &r);
        byo_pg_others_counted(s, (int)byo_pg_int_at(&r, 4), byo_pg_int_at(&r, 2));
    }
    return true;
}

void byo_pg_counts_put(ByoStore *s)
{
    int64_t kinds[AT_ONCE], turns[AT_ONCE], live[AT_ONCE];
    ByoStr names[AT_ONCE];
    size_t n = 0;
    for (const ByoCount *c = s->counts->touched; c; c = c->next_touched) {
        if (c->live != c->kept) {
            kinds[n] = c->kind;
            names[n] = byo_strn(c->name, c->length);
            turns[n] = ((const Count *)c)->turn;
            live[n++] = c->live;
        }
        if (n && (n == AT_ONCE || !c->next_touched)) {
            byo_pg_write(s, BYO_PG_COUNTERS_PUT, PG_INTS(kinds, n), PG_OCTETSS(names, n), PG_INTS(turns, n),
                         PG_INTS(live, n), PG_INT(s->turn), PG_INT(s->session.slot));
            n = 0;
        }
    }
}

/* -- names nobody needs ------------------------------------------------------------------------- */

/* Nothing was counted there for a while. */
static bool stands(const Count *c, ByoTime now)
{
    return c->c.kind == BYO_COUNT_BOX && c->c.live == c->c.kept && c->turn && now - c->written >= ZERO_STANDS;
}

bool byo_pg_counts_take(ByoStore *s, int slot)
{
    ByoPgRows r;
    bool any = false;
    for (byo_pg_read(s, &r, BYO_PG_COUNTERS_TAKE, PG_INT(slot)); byo_pg_next(&r); any = true)
        if (byo_pg_int_at(&r, 0) == BYO_COUNT_BOX)
            byo_counts_by(s->counts, BYO_COUNT_BOX, byo_pg_text_at(&r, 1), byo_pg_int_at(&r, 2));
    s->wrote |= any;
    if (any)
        byo_pg_others_recount(s);
    return any;
}

/* Nothing waits for a smsbox, but this node added more than it took away, and others took away more than they added. Until
 * they have what they are given, rows that come would not be seen: they are told of it, and one that is gone is given nothing. */
static void give(ByoStore *s, Count *c)
{
    ByoStr names[BYO_SLOTS];
    int64_t slots[BYO_SLOTS], parts[BYO_SLOTS], left = c->c.live;
    size_t n = 0;
    for (int i = 0; i < BYO_SLOTS && left > 0; i++) {
        if (c->of[i] >= 0 || !byo_pg_others_up(s, i))
            continue;
        names[n] = byo_strn(c->c.name, c->c.length);
        slots[n] = i;
        parts[n] = left < -c->of[i] ? left : -c->of[i];
        left -= parts[n++];
    }
    if (!n)
        return;
    byo_pg_write(s, BYO_PG_COUNTERS_GIVE, PG_INT(BYO_COUNT_BOX), PG_INT(s->session.slot),
                 PG_OCTETSS(names, n), PG_INTS(slots, n), PG_INTS(parts, n));
    byo_counts_add(s->counts, &c->c, left - c->c.live);
    byo_pg_change_note(s, BYO_CHANGE_INWARD, BYO_STR(""), BYO_STR(""));
}

static void remove_zeros(ByoStore *s, ByoTime now)
{
    ByoStr names[AT_ONCE];
    int64_t turns[AT_ONCE];
    size_t n = 0;
    for (ByoCount *next = byo_counts_after(s->counts, NULL); next && n < AT_ONCE;
         next = byo_counts_after(s->counts, next)) {
        Count *c = (Count *)next;
        if (next->live || !stands(c, now))
            continue;
        names[n] = byo_strn(next->name, next->length);
        turns[n++] = c->turn;
        c->goes = true;
        byo_counts_touch(s->counts, next);
    }
    if (n == AT_ONCE)
        s->tidied = 0;
    if (n)
        byo_pg_write(s, BYO_PG_COUNTERS_REMOVE, PG_INT(BYO_COUNT_BOX), PG_OCTETSS(names, n),
                     PG_INTS(turns, n), PG_INT(s->session.slot));
}

void byo_pg_counts_tidy(ByoStore *s)
{
    ByoNode nodes[BYO_SLOTS];
    ByoTime now = byo_boottime();
    if (now - s->tidied < TIDY_EVERY)
        return;
    s->tidied = now;
    if (now - s->looked_whole >= BYO_MINUTE) {
        s->looked_whole = now;
        byo_pg_unclaimed_forget(s);
        byo_pg_due_of_others_forget(s);
    }
    if (byo_pgsql_nodes(s, nodes) > 1) {
        byo_pg_counts_take(s, s->session.slot);
        for (ByoCount *c = byo_counts_after(s->counts, NULL); c; c = byo_counts_after(s->counts, c))
            if (c->live > 0 && !byo_count_total(c) && stands((Count *)c, now))
                give(s, (Count *)c);
    }
    remove_zeros(s, now);
}

void byo_pg_counts_settle(ByoStore *s, bool kept)
{
    for (ByoCount *next = s->counts ? s->counts->touched : NULL; next; next = next->next_touched) {
        Count *c = (Count *)next;
        if (kept && next->live != next->kept) {
            c->turn = s->turn;
            c->written = byo_boottime();
        } else if (kept && c->goes) {
            c->turn = 0;
        }
        c->goes = false;
        if (kept) {
            c->from_kept = c->from;
        } else {
            c->from = c->from_kept;
            c->due_met = false;
        }
    }
    byo_counts_settle(s->counts, kept);
}
