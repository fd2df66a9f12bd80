/* SPDX-License-Identifier: BSD-3-Clause
 * A turn is a value: random turns of every kind of input, with commits that fail in every way. After one that was not
 * kept memory is what it was before it; after one that was, what can be read back is what a fresh load reads. On SQLite
 * and on the store in memory.
 * Ownership: the fixture's. Threads: one. */
#include "flow_fixture.h"
#include "suites.h"

#include "flow/inward_private.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/thread.h"
#include "test_turn.h"

enum { TURNS = 250, FRESH_EVERY = 8, PHONES = 6, SENT_MAX = 60, SQLITE_SEEDS = 4, SEEDS = 6 };
/* The replies to this one may be erased from the store; memory counts them until the hour is over. */
enum { ERASED = PHONES - 1 };

static const char *const numbers[] = {NUMBER_A, NUMBER_B, CODE_A, "12025550155"};
static const char *const integrations[] = {"carrier-a", "carrier-b"};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static unsigned pick(unsigned n)
{
    return (unsigned)rand() % n;
}

static const char *phone(unsigned i)
{
    static char text[4][20];
    static unsigned at;
    char *p = text[at++ % 4];
    snprintf(p, sizeof *text, "+1202555%04u", 200 + i % PHONES);
    return p;
}

/* -- commits that fail ------------------------------------------------------------------------------*/

static const ByoStoreOps *real;
static ByoStoreOps faulty;
static ByoStoreResult answer, end; /* of the next commit, and what became of it */
static bool happens;

static ByoStoreResult faulty_commit(ByoStore *s)
{
    if (answer == BYO_STORE_OK)
        return real->commit(s);
    end = BYO_STORE_AGAIN;
    if (happens)
        end = real->commit(s);
    else
        real->rollback(s);
    return answer;
}

static ByoStoreResult faulty_outcome(ByoStore *s)
{
    (void)s;
    return end;
}

static void make_faulty(void)
{
    const ByoStoreOps **ops = (const ByoStoreOps **)(void *)store;
    if (*ops == &faulty)
        return;
    real = *ops;
    faulty = *real;
    faulty.commit = faulty_commit;
    faulty.outcome = faulty_outcome;
    *ops = &faulty;
    answer = BYO_STORE_OK;
}

/* -- what memory is --------------------------------------------------------------------------------*/

static ByoUndo peek; /* what a look changes is undone at once */

static uint64_t sum(const void *p, size_t n)
{
    const unsigned char *c = p;
    uint64_t h = 1469598103934665603u, word;
    for (; n >= sizeof word; c += sizeof word, n -= sizeof word) {
        memcpy(&word, c, sizeof word);
        h = (h ^ word) * 1099511628211u;
        h ^= h >> 29;
    }
    while (n--)
        h = (h ^ *c++) * 1099511628211u;
    return h;
}

/* Memory that was made is nothing yet: 0 while it is all zero. */
static uint64_t sum_used(const void *p, size_t n)
{
    const char *c = p;
    return !p || (c[0] == 0 && memcmp(c, c + 1, n - 1) == 0) ? 0 : sum(p, n);
}

static void put(ByoBuf *b, const char *name, uint64_t value)
{
    byo_buf_addf(b, "%s %llx\n", name, (unsigned long long)value);
}

static void put_pairs(ByoBuf *b)
{
    for (int n = 0; n < NUMBERS; n++)
        for (unsigned p = 0; p < PHONES; p++) {
            ByoStr number = S(numbers[n]), recipient = S(phone(p));
            ByoPair pair;
            bool event, refused = false;
            byo_pair_make(number, recipient, &pair);
            byo_buf_addf(b, "pair %s %s: %s, replies", numbers[n], recipient.p,
                         byo_optouts_has(flow->opt_outs, number, recipient) ? "out" : "in");
            for (ByoTime at = now; at <= now + BYO_REPLY_WINDOW; at += BYO_REPLY_WINDOW / 8) {
                ByoKeywordMo mo = {.match = {.kind = BYO_KEYWORD_HELP, .reply = "x"},
                                   .sender_is_phone = true,
                                   .pair = pair,
                                   .received = at,
                                   .now = at};
                ByoKeywordDecision d = {.outcome = BYO_REPLY_SEND};
                int left = -1;
                for (; d.outcome == BYO_REPLY_SEND; left++)
                    byo_reply_decide(flow->replies, &peek, &mo, &d);
                byo_buf_addf(b, " %d%s", left, d.limit_event ? "!" : "");
                byo_undo_replay(&peek);
            }
            int allowed = -1;
            for (; !refused && allowed < 200; allowed++)
                refused = byo_answer_guard_refuses(flow->guard, &peek, pair, now, &event);
            byo_buf_addf(b, ", answers %d%s", allowed, refused && event ? "!" : "");
            byo_undo_replay(&peek);
            for (int i = 0; i < 2; i++) {
                ByoOrderKey key;
                if (byo_order_key(S(integrations[i]), number, recipient, &key))
                    byo_buf_addf(b, ", first %llx", (unsigned long long)byo_order_first(flow->order, &key));
            }
            byo_buf_adds(b, "\n");
        }
    for (unsigned p = 0; p < PHONES; p++)
        put(b, "reference", byo_refs_next(flow->refs, &peek, S(phone(p)), 16));
    byo_undo_replay(&peek);
    put(b, "references", byo_refs_count(flow->refs));
    put(b, "order", byo_order_count(flow->order));
    put(b, "replies", byo_replies_count(flow->replies));
    put(b, "guard", byo_answer_guard_count(flow->guard));
    put(b, "opt-outs", byo_optouts_count(flow->opt_outs));
}

static void put_inventory(ByoBuf *b)
{
    for (int n = 0; n < NUMBERS; n++) {
        const ByoInventoryEntry *e = byo_inventory_find(flow->inventory, S(numbers[n]));
        ByoSms mt = an_mt(numbers[n], PHONE, "x");
        byo_buf_addf(b, "number %s: %s since %llx own %d, others %d\n", numbers[n],
                     e ? e->integration : "none", (unsigned long long)(e ? e->since : 0), e && e->own,
                     byo_inventory_route(flow->inventory, &mt, false));
    }
    put(b, "numbers", byo_inventory_count(flow->inventory));
}

/* In an order of their own. */
static void put_inward(ByoBuf *b)
{
    uint64_t in_flight = 0;
    for (ByoHashEntry *e = NULL; (e = byo_hash_after(&flow->inward->in_flight, e));) {
        const ByoInFlight *x = (const ByoInFlight *)e;
        uint64_t one[] = {(uint64_t)x->id, x->conn, sum(x->to->box, strlen(x->to->box)), x->octets};
        in_flight += sum(one, sizeof one);
    }
    put(b, "in flight", in_flight + flow->inward->in_flight.n);
    for (const ByoDestination *d = flow->inward->destinations; d; d = d->next) {
        byo_buf_addf(b, "destination \"%s\" ", d->box);
        put(b, d->beyond ? "beyond" : "", sum(&d->at, sizeof d->at));
    }
    put(b, "destinations", flow->inward->n_destinations);
    for (const ByoFlowPeer *p = flow->inward->peers; p; p = p->next)
        byo_buf_addf(b, "peer %llu: %d in flight, not before %lld\n", (unsigned long long)p->conn,
                     p->in_flight, (long long)p->not_before);
    for (size_t i = 0; i < flow->inward->n_held; i++)
        byo_buf_addf(b, "held %s%s\n", flow->inward->held[i].in->sms.id,
                     flow->inward->held[i].taken ? " taken" : "");
}

static char uuids[TURNS * 4][BYO_UUID_LEN + 1], boxes[TURNS * 4][8];
static unsigned receivers[TURNS * 4];
static size_t n_uuids;

static void put_taken(ByoBuf *b)
{
    for (size_t i = 0; i < n_uuids; i++)
        for (unsigned p = 0; p < PHONES; p++) {
            ByoTakenKey key = {boxes[i][0] ? S(boxes[i]) : BYO_STR_NONE, S(uuids[i]), S(phone(p))};
            ByoAck ack;
            if (byo_taken_find(flow->taken, &key, &ack))
                byo_buf_addf(b, "taken %zu %d\n", i, ack);
        }
    put(b, "taken", byo_taken_count(flow->taken));
}

static void put_ended_id(void *arg, const ByoSegmentRow *seg)
{
    for (size_t i = 0; i < sizeof integrations / sizeof *integrations; i++)
        put(arg, "", (uint64_t)byo_ended_find(flow->ended, S(integrations[i]), seg->foreign_id));
}

static bool put_ended_ids(void *arg, const ByoMessageRow *m)
{
    byo_store_segments(flow->store, m->id, put_ended_id, arg);
    return true;
}

static void put_ended(ByoBuf *b)
{
    ByoMessageFilter all = {.state = -1, .limit = 1000};
    do
        byo_store_messages(flow->store, &all, &all.before, put_ended_ids, b);
    while (all.before);
    put(b, "ended", byo_ended_count(flow->ended));
}

/* The whole memory of the flow that a turn may change, the same for the same. */
static void dump(ByoBuf *b)
{
    byo_buf_clear(b);
    put(b, "ledger", sum(&flow->now_is, sizeof flow->now_is));
    put(b, "links", (uint64_t)flow->own_up << 1 | flow->anon_up);
    for (size_t i = 0; i < flow->n_runtimes; i++) {
        const ByoRuntime *rt = &flow->runtimes[i];
        put(b, rt->id, sum(&rt->gate, sizeof *rt - offsetof(ByoRuntime, gate)));
    }
    put(b, "refusals", sum(flow->refusals, sizeof flow->refusals));
    put(b, "answers", sum_used(flow->answers, malloc_usable_size(flow->answers)));
    put_ended(b);
    put_pairs(b);
    put_inventory(b);
    put_inward(b);
    put_taken(b);
}

static void ck_same(const ByoBuf *was, const ByoBuf *is, const char *what)
{
    if (was->n == is->n && memcmp(was->p, is->p, is->n) == 0)
        return;
    const char *a = was->p, *c = is->p;
    for (const char *x = a, *y = c; *x && *x == *y; x++, y++)
        if (*x == '\n') {
            a = x + 1;
            c = y + 1;
        }
    ck_abort_msg("%s: \"%.*s\" instead of \"%.*s\"", what, (int)strcspn(c, "\n"), c, (int)strcspn(a, "\n"),
                 a);
}

/* -- what a fresh load reads -------------------------------------------------------------------------*/

static void ck_waits(void *arg, const ByoInwardRow *row)
{
    const ByoDestination *d = arg;
    ck_assert_msg(byo_flow_in_flight(flow, row->id) || (d && d->at.backlog && row->id > d->at.cursor),
                  "a row that waits inward is not known to wait");
}

static void ck_destination(void *arg, bool named, ByoStr box)
{
    (void)arg;
    ByoDestination *d = flow->inward->destinations;
    while (d && !(d->named == named && byo_str_is(box, d->box)))
        d = d->next;
    byo_store_inward_claim(store, named, box, 0, 100000, ck_waits, d);
}

static void no_event(void *arg, ByoTurn *t, const ByoEventNote *note)
{
    (void)arg, (void)t, (void)note;
}

/* Numbers, opt-outs, replies of the window, counts. */
static void put_kept(ByoBuf *b)
{
    byo_buf_clear(b);
    put_inventory(b);
    for (size_t i = 0; i < flow->n_runtimes; i++) {
        put(b, "queued", (uint64_t)flow->runtimes[i].queued);
        put(b, "handed", (uint64_t)flow->runtimes[i].handed);
    }
    for (int n = 0; n < NUMBERS; n++)
        for (unsigned p = 0; p < PHONES; p++) {
            ByoStr number = S(numbers[n]), recipient = S(phone(p));
            ByoKeywordMo mo = {.match = {.kind = BYO_KEYWORD_HELP, .reply = "x"},
                               .sender_is_phone = true,
                               .received = now,
                               .now = now};
            ByoKeywordDecision d = {.outcome = BYO_REPLY_SEND};
            int left = -1;
            byo_pair_make(number, recipient, &mo.pair);
            for (; d.outcome == BYO_REPLY_SEND && p != ERASED; left++)
                byo_reply_decide(flow->replies, &peek, &mo, &d);
            byo_undo_replay(&peek);
            byo_buf_addf(b, "%s %s: %d, %d replies left\n", numbers[n], recipient.p,
                         byo_optouts_has(flow->opt_outs, number, recipient), left);
        }
    put(b, "drain", (uint64_t)flow->now_is.drain.since);
    put(b, "sweep", flow->now_is.sweeping);
}

static void ck_fresh(void)
{
    ByoBuf here = {0}, there = {0};
    put_kept(&here);
    byo_store_inward_boxes(store, ck_destination, NULL);
    ByoFlow *mine = flow;
    ByoFlowOptions opt = mine->opt;
    opt.inventory = byo_inventory_create();
    opt.event = no_event;
    flow = byo_flow_create(&opt, &mine->cfg, now);
    put_kept(&there);
    byo_flow_destroy(flow);
    byo_inventory_destroy(opt.inventory);
    flow = mine;
    ck_same(&there, &here, "memory is not what the store says");
    byo_buf_free(&here);
    byo_buf_free(&there);
}

/* -- inputs ----------------------------------------------------------------------------------------*/

static Out sent[SENT_MAX], delivered[SENT_MAX];
static size_t n_sent, n_delivered;

static void remember(void)
{
    for (size_t i = 0; i < n_outs; i++) {
        bool segment = outs[i].kind == BYO_OUT_SEGMENT;
        if (!segment && outs[i].kind != BYO_OUT_DELIVER)
            continue;
        size_t *n = segment ? &n_sent : &n_delivered;
        Out *list = segment ? sent : delivered;
        if (*n == SENT_MAX) {
            drop(&list[0]);
            memmove(list, list + 1, --*n * sizeof *list);
        }
        list[(*n)++] = keep(&outs[i]);
    }
}

static void give_some_mt(void)
{
    static const char *const texts[] = {"hello",
                                        "a text that is long enough to need more than one segment, because "
                                        "it goes on and on and on, well beyond what one message of a "
                                        "hundred and sixty characters can hold at any time",
                                        "\xe2\x82\xac 5", ""};
    ByoConnId conn = pick(3) ? BOX1 : pick(2) ? BOX2 : ANON1;
    bool again = n_uuids && !pick(6);
    size_t at = again ? pick((unsigned)n_uuids) : n_uuids++;
    unsigned to = again ? receivers[at] : pick(PHONES);
    if (again && pick(4))
        conn = boxes[at][0] ? boxes[at][3] == '1' ? BOX1 : BOX2 : ANON1;
    receivers[at] = to;
    ByoSms mt = an_mt(numbers[pick(NUMBERS)], phone(to), texts[pick(4)]);
    mt.sms_type = pick(5) ? BYO_MT_PUSH : BYO_MT_REPLY;
    mt.dlr_mask = pick(3) ? BYO_DLR_ALL : 0;
    if (!pick(6))
        mt.validity = (int32_t)(now / 1000) + (int32_t)pick(200);
    if (again)
        memcpy(mt.id, uuids[at], sizeof mt.id);
    memcpy(uuids[at], mt.id, sizeof mt.id);
    snprintf(boxes[at], sizeof boxes[at], "%s", conn == BOX1 ? "box1" : conn == BOX2 ? "box2" : "");
    ByoInput *in = give_mt(conn, &mt);
    if (!again && conn == BOX2) { /* of a smsbox nobody has heard of */
        free(in->box);
        in->box = byo_printf("b%u", pick(100));
        snprintf(boxes[at], sizeof boxes[at], "%s", in->box);
    }
}

static char last_mo[BYO_UUID_LEN + 1];

static void give_some_mo(void)
{
    static const char *const texts[] = {"hi",   "STOP",  "START",
                                        "HELP", "HELP",  "ARRET",
                                        "AIDE", "DEBUT", "id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:"};
    static const char *const to[] = {NUMBER_A, NUMBER_A, NUMBER_B, CODE_A, "12025550155", "12025550999"};
    ByoSms mo = an_mo(phone(pick(PHONES)), to[pick(6)], texts[pick(9)]);
    if (!pick(6))
        mo.smsc_id = BYO_STR("another");
    if (last_mo[0] && !pick(6))
        memcpy(mo.id, last_mo, sizeof mo.id);
    memcpy(last_mo, mo.id, sizeof mo.id);
    give_mo(&mo);
}

static void give_some_answer(void)
{
    if (!n_sent)
        return;
    const Out *o = &sent[pick((unsigned)n_sent)];
    char id[40];
    switch (pick(8)) {
    case 0:
        give_own_ack(o, BYO_ACK_FAILED_TMP);
        break;
    case 1:
        give_own_ack(o, BYO_ACK_FAILED);
        break;
    case 2:
        give_nack(o, pick(2) ? "NACK/0x00000058/THROTTLED" : "NACK/Retries Exceeded");
        break;
    case 3:
        give_report(o, BYO_DLR_FAIL, "id:1 sub:001 dlvrd:000 stat:UNDELIV err:007 text:", "1");
        break;
    case 4:
        give_report(o, BYO_DLR_BUFFERED, "id:1 sub:001 dlvrd:000 stat:ENROUTE err:000 text:", "1");
        break;
    case 5:
        give_delivered(o);
        break;
    case 6: /* by id, perhaps before the answer */
        snprintf(id, sizeof id, "id-%.20s", o->sms.id);
        Out without = *o;
        without.sms.dlr_url = BYO_STR_NONE;
        give_report(&without, BYO_DLR_SUCCESS, "id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:", id);
        break;
    default:
        give_accepted(o);
        break;
    }
}

static bool up[3], link_is_up;

static void give_some_fact(void)
{
    static const ByoConnId conns[] = {BOX1, BOX2, ANON1};
    unsigned i = pick(4);
    if (i == 3) {
        link_is_up = !link_is_up;
        give_link(BYO_LINK_OWN, link_is_up);
        return;
    }
    up[i] = !up[i];
    if (up[i])
        give_peer_up(conns[i], i == 0 ? "box1" : i == 1 ? "box2" : NULL);
    else
        give_peer_down(conns[i]);
}

static void give_some_peer_ack(void)
{
    if (n_delivered) {
        size_t at = pick((unsigned)n_delivered);
        give_peer_ack(&delivered[at], pick(5)   ? BYO_ACK_SUCCESS
                                      : pick(2) ? BYO_ACK_FAILED_TMP
                                                : BYO_ACK_FAILED);
    }
}

/* What runs beside the inputs, the same at each attempt. */
static struct {
    unsigned kind, a, b;
} call;

static void some_call(ByoTurn *t)
{
    const char *number = numbers[call.a % NUMBERS], *integration = integrations[call.b % 2];
    ByoNumber n = {.type = BYO_NUMBER_LOCAL};
    ByoStoreResult result;
    ByoComplianceFault fault;
    ByoOptRequest opt = {S(number), S(phone(call.b)), call.a % 3 > 0, S("me"), S("test")};
    ByoOptDone done;
    ByoFlowGate g = {.open = call.a % 4 > 0, .known = true, .online_binds = 1};
    static ByoErasure erasure; /* lies still until the turn is over */
    switch (call.kind) {
    case 0:
        snprintf(n.digits, sizeof n.digits, "%s", number);
        snprintf(n.integration, sizeof n.integration, "%s", integration);
        byo_flow_number_put(flow, t, &n, BYO_STR(""), call.a % 2, now, &result, &fault);
        break;
    case 1:
        byo_flow_number_remove(flow, t, number);
        break;
    case 2:
        byo_flow_opt(flow, t, &opt, &done);
        break;
    case 3:
        byo_flow_drain(flow, t, call.a % 3 == 0, S("me"));
        break;
    case 4:
        byo_flow_gate(flow, t, S(integration), &g);
        break;
    case 5:
        byo_flow_bind_lost(flow, t, S(integration), now - 5000, now);
        break;
    case 6:
        byo_flow_bearerbox_restarted(flow, t, now - 5000, now);
        break;
    case 7:
        byo_flow_drop_queue(flow, t, S(integration), 3);
        break;
    case 8:
        byo_flow_drop_handed(flow, t, S(integration), 1);
        break;
    case 9:
        erasure = (ByoErasure){.phase = (int)call.a % 4};
        snprintf(erasure.digits, sizeof erasure.digits, "%s", phone(ERASED) + 1);
        byo_flow_erase(flow, t, &erasure);
        break;
    default:
        break;
    }
}

static ByoInput *to_hold;
static bool hold_late;

/* There is no room for this MO, and then there is: in this turn, or the next one. */
static void calls(ByoTurn *t)
{
    if (to_hold && !hold_late)
        byo_flow_hold_mo(flow, t, to_hold);
    some_call(t);
}

static void give_some(void)
{
    static void (*const kinds[])(void) = {give_some_mt,       give_some_mt,     give_some_mt,
                                          give_some_mo,       give_some_answer, give_some_answer,
                                          give_some_peer_ack, give_some_fact};
    for (unsigned n = pick(5); n; n--)
        kinds[pick(8)]();
    call.kind = pick(20);
    call.a = pick(1000);
    call.b = pick(1000);
    static const ByoTime steps[] = {5, 20, 100, 1000, 10000, 60000, 600000};
    now += steps[pick(pick(4) ? 4 : 7)];
}

/* -- the turns ---------------------------------------------------------------------------------------*/

typedef enum { KEPT, FULL, AGAIN, UNKNOWN_KEPT, UNKNOWN_NOT, WAYS } Way;

/* False: it is not kept, and memory is as before. */
static bool one_attempt(Way way)
{
    static const ByoStoreResult answers[] = {BYO_STORE_OK, BYO_STORE_FULL, BYO_STORE_AGAIN, BYO_STORE_UNKNOWN,
                                             BYO_STORE_UNKNOWN};
    ByoBuf before = {0}, after = {0};
    dump(&before);
    dump(&after);
    ck_same(&before, &after, "a look changes memory");
    attempt(calls);
    if (to_hold && hold_late)
        byo_flow_hold_mo(flow, &the_turn, to_hold);
    answer = answers[way];
    happens = way == UNKNOWN_KEPT;
    ByoStoreResult result = byo_turn_commit(&the_turn);
    if (result == BYO_STORE_UNKNOWN)
        result = byo_turn_outcome(&the_turn);
    answer = BYO_STORE_OK;
    ck_assert_int_eq(result == BYO_STORE_OK, way == KEPT || way == UNKNOWN_KEPT);
    if (result != BYO_STORE_OK) {
        ck_assert_uint_eq(the_turn.out.n, 0);
        dump(&after);
        ck_same(&before, &after, "memory after a turn that was not kept");
    }
    byo_buf_free(&before);
    byo_buf_free(&after);
    return result == BYO_STORE_OK;
}

static void one_turn(void)
{
    give_some();
    ByoSms held = an_mo(phone(pick(PHONES)), NUMBER_A, "held");
    if (!pick(10))
        to_hold = give_mo(&held);
    hold_late = pick(2);
    take_facts();
    Way way = pick(2) ? KEPT : (Way)pick(WAYS);
    while (!one_attempt(way)) {
        if (way == FULL) {
            turn_refused();
            to_hold = NULL;
            return;
        }
        way = (Way)pick(WAYS);
    }
    to_hold = NULL;
    turn_kept();
    remember();
}

static void random_turns(unsigned seed, unsigned with)
{
    srand(seed);
    n_uuids = n_sent = n_delivered = 0;
    last_mo[0] = 0;
    up[0] = link_is_up = true;
    up[1] = up[2] = false;
    flow_features(with);
    flow_start("messages-per-second = 5\nretry-delay = 5s\nqueue-limit = 20\nreceipt-timeout = 2h\n",
               "\ngroup = byo-compliance\nreply-limit = 3\n");
    turn();
    make_faulty();
    for (int i = 0; i < TURNS; i++) {
        one_turn();
        if (i % FRESH_EVERY == 0)
            ck_fresh();
    }
    ck_fresh();
    while (n_sent)
        drop(&sent[--n_sent]);
    while (n_delivered)
        drop(&delivered[--n_delivered]);
    flow_stop();
    byo_undo_destroy(&peek);
}

START_TEST(test_random_turns)
{
    flow_in_memory = _i >= SQLITE_SEEDS;
    random_turns((unsigned)_i, _i % 2 ? BYO_FEATURE_RECEIPTS_TO_BOX : 0);
}
END_TEST

int main(void)
{
    byo_gw_start();
    byo_log_open(NULL, BYO_LOG_ERROR, 5);
    Suite *s = suite_create("turn");
    TCase *t = tcase_create("turn");
    tcase_set_timeout(t, 300);
    tcase_add_loop_test(t, test_random_turns, 0, SEEDS);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_add_suite(r, turn_tables_suite());
    int failed = run_all(r);
    byo_gw_stop();
    return failed;
}
