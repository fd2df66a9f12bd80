/* SPDX-License-Identifier: BSD-3-Clause
 * Reports and MOs on their way to smsboxes: stored, then delivered oldest first, kept until acked.
 * Decides: which smsbox gets what, windows, what is given again when a smsbox goes away.
 * Ownership and threads: flow_private.h. */
#include "flow/inward_private.h"

#include <stdio.h>
#include <stdlib.h>

/* A smsbox that says "try again later" is left alone for so long (it loops otherwise). */
#define TMP_PAUSE (2 * BYO_SECOND)

static void remove_destination(ByoFlow *f, ByoDestination *d)
{
    ByoDestination **at = &f->inward->destinations;
    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    f->inward->n_destinations--;
    free(d->box);
    free(d);
}

typedef struct {
    ByoDestination *d;
} Made;

static void unmake(void *flow, const void *args)
{
    remove_destination(flow, ((const Made *)args)->d);
}

/* u: the journal of the turn; NULL: it is a fact. */
static ByoDestination *destination(ByoFlow *f, ByoUndo *u, bool named, ByoStr box)
{
    if (!named)
        box = BYO_STR("");
    for (ByoDestination *d = f->inward->destinations; d; d = d->next)
        if (d->named == named && byo_str_is(box, d->box))
            return d;
    ByoDestination *d = byo_zalloc(sizeof *d);
    d->named = named;
    d->box = byo_str_dup(box);
    d->next = f->inward->destinations;
    f->inward->destinations = d;
    f->inward->n_destinations++;
    byo_undo_add(u, unmake, f, &(Made){d}, sizeof(Made));
    return d;
}

static ByoFlowPeer *peer_of(ByoFlow *f, ByoConnId conn)
{
    for (ByoFlowPeer *p = f->inward->peers; p; p = p->next)
        if (p->conn == conn)
            return p;
    return NULL;
}

/* How many more a smsbox may have, as long as those it has. */
static int room_of(const ByoFlowPeer *p)
{
    int n = BYO_PEER_WINDOW - p->in_flight;
    if (n <= 0 || p->octets >= BYO_PEER_OCTETS)
        return 0;
    if (p->in_flight == 0)
        return n;
    size_t fit = (BYO_PEER_OCTETS - p->octets) / (p->octets / (size_t)p->in_flight + 1) + 1;
    return fit < (size_t)n ? (int)fit : n;
}

/* The least busy smsbox of a destination with room in its window. */
static ByoFlowPeer *free_peer(ByoFlow *f, ByoTurn *t, const ByoDestination *d)
{
    ByoFlowPeer *best = NULL;
    for (ByoFlowPeer *p = f->inward->peers; p; p = p->next)
        if (p->to == d && room_of(p) > 0 && p->not_before <= t->now &&
            (!best || p->in_flight < best->in_flight))
            best = p;
    return best;
}

bool byo_flow_has_peer(const ByoFlow *f, const ByoDestination *d)
{
    const ByoFlowPeer *p = f->inward->peers;
    while (p && p->to != d)
        p = p->next;
    return p != NULL;
}

/* How many more the smsboxes of a destination may have, together. */
static int room(const ByoFlow *f, const ByoTurn *t, const ByoDestination *d)
{
    int n = 0;
    for (const ByoFlowPeer *p = f->inward->peers; p; p = p->next)
        if (p->to == d && p->not_before <= t->now)
            n += room_of(p);
    return n < BYO_PEER_WINDOW ? n : BYO_PEER_WINDOW;
}

/* When a smsbox of a destination that asked to be left alone may be asked again; 0: none did. */
static ByoTime first_pause_over(const ByoFlow *f, ByoTurn *t, const ByoDestination *d)
{
    ByoTime first = 0;
    for (const ByoFlowPeer *p = f->inward->peers; p; p = p->next)
        if (p->to == d && room_of(p) > 0 && p->not_before > t->now && (!first || p->not_before < first))
            first = p->not_before;
    return first;
}

ByoInFlight *byo_flow_in_flight(ByoFlow *f, ByoId id)
{
    ByoHashEntry *e = byo_hash_first(&f->inward->in_flight, byo_hash_number(id));
    while (e && ((ByoInFlight *)e)->id != id)
        e = byo_hash_next(e);
    return (ByoInFlight *)e;
}

ByoDestination *byo_flow_place(ByoTurn *t, ByoDestination *d)
{
    if (byo_undo_first(&t->undo, &d->saved))
        byo_undo_save(&t->undo, &d->at, sizeof d->at);
    return d;
}

static void rewind_to(ByoDestination *d, ByoId id)
{
    if (id - 1 < d->at.cursor)
        d->at.cursor = id - 1;
    d->at.backlog = true;
}

static void remove_in_flight(ByoFlow *f, ByoInFlight *x)
{
    ByoFlowPeer *p = peer_of(f, x->conn);
    if (p) {
        p->in_flight--;
        p->octets -= x->octets;
    }
    byo_hash_remove(&f->inward->in_flight, &x->entry);
    free(x);
}

static void add_in_flight(ByoFlow *f, const ByoInFlight *x)
{
    ByoFlowPeer *p = peer_of(f, x->conn);
    if (p) {
        p->in_flight++;
        p->octets += x->octets;
    }
    ByoInFlight *own = byo_alloc(sizeof *own);
    *own = *x;
    byo_hash_add(&f->inward->in_flight, &own->entry, byo_hash_number(x->id));
}

static void take_back(void *flow, const void *args)
{
    remove_in_flight(flow, byo_flow_in_flight(flow, ((const ByoInFlight *)args)->id));
}

static void bring_back(void *flow, const void *args)
{
    add_in_flight(flow, args);
}

static void forget(ByoFlow *f, ByoTurn *t, ByoInFlight *x)
{
    byo_undo_add(&t->undo, bring_back, f, x, sizeof *x);
    remove_in_flight(f, x);
}

static void deliver(ByoFlow *f, ByoTurn *t, ByoDestination *d, ByoFlowPeer *p, ByoId id, ByoStr frame,
                    const char *uuid, const ByoReported *reported)
{
    ByoOutput *o = byo_outputs_add(&t->out, BYO_OUT_DELIVER);
    o->conn = p->conn;
    o->token = id;
    memcpy(o->uuid, uuid, sizeof o->uuid);
    byo_output_begin(&t->out, o);
    byo_buf_add(&t->out.bytes, frame.p, frame.n);
    byo_output_end(&t->out, o);
    ByoInFlight x = {.id = id, .octets = frame.n, .conn = p->conn, .to = d, .reported = *reported};
    if (id > d->highest)
        d->highest = id;
    add_in_flight(f, &x);
    byo_undo_add(&t->undo, take_back, f, &x, sizeof x);
}

bool byo_flow_inward_room(ByoFlow *f, ByoTurn *t, ByoConnId conn)
{
    const ByoFlowPeer *p = peer_of(f, conn);
    if (!p)
        return true;
    const char *box = p->to->box;
    ByoStr entity = p->to->named ? byo_str(box) : BYO_STR("smsbox");
    if (p->to->beyond || !byo_flow_inward_total_room(t)) {
        byo_flow_refused(f, t, "smsbox", "too many reports and messages wait for smsboxes");
        byo_flow_tell(
            f, t, BYO_EVENT_QUEUE_LIMIT, entity, BYO_STR_NONE,
            "too many reports and MOs wait for smsboxes that are not there, or for too many of them: "
            "sending with reports is answered with HTTP 503; which smsbox-id do they wait for "
            "(byoctl status)?");
        return false;
    }
    if (byo_store_inward_waiting(t->store, p->to->named, byo_str(box)) < f->cfg.inward_limit)
        return true;
    byo_flow_tell(
        f, t, BYO_EVENT_QUEUE_LIMIT, entity, BYO_STR_NONE,
        "inward-limit = %lld reports and MOs wait for %s%s: what it sends with reports is answered with "
        "HTTP 503 until they are fewer; does it take what is delivered to it?",
        (long long)f->cfg.inward_limit,
        p->to->named ? "the smsbox with smsbox-id " : "the anonymous smsboxes", box);
    return false;
}

void byo_flow_inward_status(const ByoFlow *f, ByoFlowStatus *st)
{
    st->inward_in_flight = (int64_t)f->inward->in_flight.n;
    for (const ByoFlowPeer *p = f->inward->peers; p; p = p->next)
        st->peers++;
    for (const ByoDestination *d = f->inward->destinations; d; d = d->next) {
        if (!d->at.backlog || byo_flow_has_peer(f, d))
            continue;
        if (st->n_absent < BYO_ABSENT_SHOWN)
            snprintf(st->absent[st->n_absent], sizeof st->absent[0], "%s", d->box);
        st->n_absent++;
    }
}

void byo_flow_inward(ByoFlow *f, ByoTurn *t, bool named, ByoStr box, ByoStr frame, const char *uuid,
                     const ByoReported *reported)
{
    static const ByoReported none;
    ByoInwardRow row = {.named = named, .box = named ? box : BYO_STR_NONE, .frame = frame};
    row.id = byo_store_inward_id(t->store, named, box, t->now);
    if (!row.id) { /* a report's: an MO is not taken then */
        byo_flow_tell(
            f, t, BYO_EVENT_QUEUE_LIMIT, box, BYO_STR_NONE,
            "a report for this smsbox-id is lost: others wait for %d different ones (byoctl status)",
            BYO_STORE_DESTINATIONS);
        return;
    }
    ByoDestination *d = byo_flow_place(t, destination(f, &t->undo, named, box));
    ByoFlowPeer *p = d->at.backlog ? NULL : free_peer(f, t, d);
    row.given = byo_flow_has_peer(f, d);
    d->at.own |= row.given;
    byo_store_inward_add(t->store, &row);
    if (row.id <= d->at.cursor) /* the store had forgotten this destination and begins anew */
        d->at.cursor = row.id - 1;
    if (!p) {
        d->at.backlog = true;
        return;
    }
    d->at.cursor = row.id;
    deliver(f, t, d, p, row.id, frame, uuid, reported ? reported : &none);
}

/* Ids of smsboxes come from peers: one that nothing waits for is not kept for ever. */
static void forget_destination(ByoFlow *f, ByoDestination *d)
{
    bool used = d->at.backlog || byo_flow_has_peer(f, d);
    for (ByoHashEntry *e = NULL; !used && (e = byo_hash_after(&f->inward->in_flight, e));)
        used = ((ByoInFlight *)e)->to == d;
    if (used)
        return;
    remove_destination(f, d);
    if (f->inward->n_destinations == BYO_DESTINATIONS_MAX) /* there is a place for each that is left */
        for (ByoDestination *left = f->inward->destinations; left; left = left->next)
            left->beyond = false;
}

/* Those whose rows expired while nobody was there. */
static void forget_unused(ByoFlow *f)
{
    for (ByoDestination *d = f->inward->destinations, *next; d; d = next) {
        next = d->next;
        forget_destination(f, d);
    }
}

void byo_flow_peer_up(ByoFlow *f, const ByoInput *in)
{
    ByoFlowPeer *p = byo_zalloc(sizeof *p);
    p->conn = in->conn;
    p->to = destination(f, NULL, in->named, in->box ? byo_str(in->box) : BYO_STR(""));
    p->next = f->inward->peers;
    f->inward->peers = p;
    if (byo_store_slot(f->store) >= 0) /* another byobox may have something for it */
        p->to->at.backlog = true;
    if (f->inward->n_destinations > BYO_DESTINATIONS_MAX)
        forget_unused(f);
    p->to->beyond = f->inward->n_destinations > BYO_DESTINATIONS_MAX && !p->to->at.backlog;
}

/* When it wrote first is so, whatever becomes of the turn. */
bool byo_flow_peer_is_new(ByoFlow *f, const ByoTurn *t, ByoConnId conn, ByoTime age)
{
    ByoFlowPeer *p = peer_of(f, conn);
    if (!p)
        return false;
    if (!p->wrote)
        p->wrote = t->now;
    return t->now >= p->wrote && t->now - p->wrote < age;
}

void byo_flow_peer_down(ByoFlow *f, ByoConnId conn)
{
    for (ByoFlowPeer **at = &f->inward->peers; *at; at = &(*at)->next) {
        if ((*at)->conn != conn)
            continue;
        ByoFlowPeer *p = *at;
        *at = p->next;
        for (ByoHashEntry *e = byo_hash_after(&f->inward->in_flight, NULL), *next; e; e = next) {
            ByoInFlight *x = (ByoInFlight *)e;
            next = byo_hash_after(&f->inward->in_flight, e);
            if (x->conn != conn)
                continue;
            rewind_to(x->to, x->id);
            remove_in_flight(f, x);
        }
        forget_destination(f, p->to);
        free(p);
        return;
    }
}

void byo_flow_peer_ack(ByoFlow *f, ByoTurn *t, const ByoInput *in)
{
    ByoInFlight *x = byo_flow_in_flight(f, in->token);
    if (in->nack == BYO_ACK_FAILED_TMP) {
        if (!x)
            return;
        ByoFlowPeer *p = peer_of(f, x->conn);
        if (p) {
            byo_undo_save(&t->undo, &p->not_before, sizeof p->not_before);
            p->not_before = t->now + TMP_PAUSE;
        }
        rewind_to(byo_flow_place(t, x->to), x->id);
        forget(f, t, x);
        return;
    }
    if (in->nack == BYO_ACK_FAILED)
        byo_flow_tell(f, t, BYO_EVENT_SMSBOX_REFUSED, BYO_STR("smsbox"), BYO_STR_NONE,
                      "a smsbox refused a report or MO for good, so it is given up: the smsbox's log says "
                      "why (a number is "
                      "missing in it, for instance)");
    if (x) {
        byo_flow_past_report(t, &x->reported, in->nack != BYO_ACK_FAILED);
        forget(f, t, x);
    }
    byo_store_inward_remove(t->store, in->token);
}

typedef struct {
    ByoFlow *f;
    ByoTurn *t;
    ByoDestination *d;
    int given;
    bool full, passed; /* passed: some that another smsbox has */
} Giving;

/* What another byobox added may have a smaller id and come later. */
static void go_on(ByoDestination *d, ByoId id)
{
    d->at.cursor = id > d->at.cursor ? id : d->at.cursor;
}

static void give(void *arg, const ByoInwardRow *row)
{
    Giving *g = arg;
    if (g->full)
        return;
    ByoSms sms;
    ByoReported reported;
    if (row->id <= g->d->highest &&
        byo_flow_in_flight(g->f, row->id)) { /* another smsbox of this id has it */
        go_on(g->d, row->id);
        g->given++;
        g->passed = true;
        return;
    }
    ByoFlowPeer *p = free_peer(g->f, g->t, g->d);
    if (!p) {
        g->full = true;
        return;
    }
    go_on(g->d, row->id);
    g->given++;
    if (!g->f->opt.codec->unpack(row->frame, &sms)) {
        byo_log_error("a stored report or MO (%lld) cannot be read; it is left in the store",
                      (long long)row->id);
        return;
    }
    byo_flow_reported(&sms, &reported);
    deliver(g->f, g->t, g->d, p, row->id, row->frame, sms.id, &reported);
}

/* Nobody takes it here any more: it is whichever byobox's its smsbox comes to. */
static bool release(ByoFlow *f, ByoTurn *t, ByoDestination *d)
{
    if (!d->at.own || byo_flow_has_peer(f, d))
        return false;
    byo_flow_place(t, d)->at.own =
        byo_store_inward_release(t->store, d->named, byo_str(d->box), BYO_PEER_WINDOW);
    return d->at.own;
}

ByoTime byo_flow_run_inward(ByoFlow *f, ByoTurn *t)
{
    ByoTime next = 0;
    for (ByoDestination *d = f->inward->destinations; d; d = d->next) {
        if (!d->at.backlog)
            continue;
        if (release(f, t, d))
            next = t->now;
        int most = room(f, t, d);
        if (most == 0) {
            ByoTime at = first_pause_over(f, t, d);
            if (at && (!next || at < next))
                next = at;
            continue;
        }
        Giving g = {.f = f, .t = t, .d = byo_flow_place(t, d)};
        d->at.own = true;
        int n = byo_store_inward_claim(t->store, d->named, byo_str(d->box), d->at.cursor, most, give, &g);
        if (n == most && g.passed) /* those to be given lie behind them */
            n = byo_store_inward_claim(t->store, d->named, byo_str(d->box), d->at.cursor, BYO_PEER_WINDOW,
                                       give, &g);
        if (n == 0)
            d->at.backlog = false;
        else if (g.given && !g.full && room(f, t, d) > 0)
            next = t->now;
    }
    return next;
}

static void load(void *arg, bool named, ByoStr box)
{
    ByoDestination *d = destination(arg, NULL, named, box);
    d->at.backlog = d->at.own = true;
}

void byo_flow_inward_load(ByoFlow *f)
{
    f->inward = byo_zalloc(sizeof *f->inward);
    byo_store_inward_boxes(f->store, load, f);
}

void byo_flow_inward_free(ByoFlow *f)
{
    ByoInwardMemory *m = f->inward;
    while (m->peers)
        byo_flow_peer_down(f, m->peers->conn);
    while (m->destinations)
        remove_destination(f, m->destinations);
    for (size_t i = 0; i < m->n_held; i++)
        byo_input_free(m->held[i].in);
    free(m->held);
    byo_hash_clear(&m->in_flight, free);
    free(m);
}

void byo_flow_inward_jumped(ByoFlow *f, ByoTime by)
{
    ByoInwardMemory *m = f->inward;
    for (ByoFlowPeer *p = m->peers; p; p = p->next)
        p->not_before = byo_time_jumped(p->not_before, by);
    m->look_older += by > 0 || m->look_older + by > 0 ? by : -m->look_older;
}
