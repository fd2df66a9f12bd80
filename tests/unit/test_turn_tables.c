/* SPDX-License-Identifier: BSD-3-Clause
 * The tables a turn changes, small enough that they are full: each with a twin that never saw the turns that were not
 * kept. Whatever is asked of both, they answer the same, what they will evict next included.
 * Threads: one. */
#include "test_turn.h"

#include <stdio.h>
#include <stdlib.h>

#include "compliance/reply.h"
#include "flow/ended.h"
#include "flow/inventory.h"
#include "flow/order.h"
#include "flow/refs.h"
#include "flow/taken.h"

enum { TURNS = 2000, STEPS = 12, KEYS = 40, SMALL = 12 };

typedef struct {
    unsigned what, key;
    ByoTime now;
} Step;

/* One table: a step changes it and says what it answers. */
typedef struct {
    void *(*create)(void);
    void (*destroy)(void *table);
    uint64_t (*step)(void *table, ByoUndo *u, const Step *s);
} Kind;

static uint64_t run(const Kind *k, void *table, ByoUndo *u, const Step *steps)
{
    uint64_t h = 0;
    for (int i = 0; i < STEPS; i++)
        h = h * 1099511628211u + k->step(table, u, &steps[i]);
    return h;
}

static void make_steps(Step steps[STEPS], ByoTime *now)
{
    for (int i = 0; i < STEPS; i++) {
        *now += rand() % (5 * BYO_MINUTE);
        steps[i] = (Step){(unsigned)rand() % 4, (unsigned)rand() % KEYS, *now};
    }
}

static void ck_twins(const Kind *k)
{
    void *a = k->create(), *b = k->create();
    ByoUndo ua = {0}, ub = {0};
    ByoTime now = 1790000000000;
    srand(1);
    for (int turn = 0; turn < TURNS; turn++) {
        Step steps[STEPS];
        make_steps(steps, &now);
        uint64_t said = run(k, a, &ua, steps);
        if (rand() % 2) {
            byo_undo_replay(&ua);
        } else {
            byo_undo_drop(&ua);
            ck_assert_uint_eq(said, run(k, b, &ub, steps));
            byo_undo_drop(&ub);
        }
        make_steps(steps, &now); /* a look, which is undone on both */
        said = run(k, a, &ua, steps);
        ck_assert_msg(said == run(k, b, &ub, steps), "turn %d", turn);
        byo_undo_replay(&ua);
        byo_undo_replay(&ub);
    }
    byo_undo_destroy(&ua);
    byo_undo_destroy(&ub);
    k->destroy(a);
    k->destroy(b);
}

static const char *phone(unsigned key)
{
    static char text[24];
    snprintf(text, sizeof text, "+120255501%02u", key % 100);
    return text;
}

static ByoPair pair_of(unsigned key)
{
    ByoPair p;
    ck_assert(byo_pair_make(BYO_STR("12025550100"), byo_str(phone(key)), &p));
    return p;
}

/* -- references -------------------------------------------------------------------------------------*/

static void *refs_create(void)
{
    return byo_refs_create(SMALL, 42, -1);
}

static void refs_destroy(void *t)
{
    byo_refs_destroy(t);
}

static uint64_t refs_step(void *t, ByoUndo *u, const Step *s)
{
    return byo_refs_next(t, u, byo_str(phone(s->key)), 16) * 1000 + byo_refs_count(t);
}

/* -- MTs taken --------------------------------------------------------------------------------------*/

static void *taken_create(void)
{
    return byo_taken_create(SMALL);
}

static void taken_destroy(void *t)
{
    byo_taken_destroy(t);
}

static uint64_t taken_step(void *t, ByoUndo *u, const Step *s)
{
    ByoTakenKey key = {BYO_STR("a"), byo_str(phone(s->key)), BYO_STR("b")};
    ByoAck ack = BYO_ACK_SUCCESS;
    if (byo_taken_find(t, &key, &ack))
        return 100 + (uint64_t)ack;
    byo_taken_add(t, u, &key, (ByoAck)s->what);
    return byo_taken_count(t);
}

/* -- ids of ended segments --------------------------------------------------------------------------*/

static void *ended_create(void)
{
    return byo_ended_create(SMALL);
}

static void ended_destroy(void *t)
{
    byo_ended_destroy(t);
}

/* Also under an id that is there already: the newest counts. */
static uint64_t ended_step(void *t, ByoUndo *u, const Step *s)
{
    ByoStr id = byo_str(phone(s->key));
    ByoId was = byo_ended_find(t, BYO_STR("a"), id);
    if (s->what < 3)
        byo_ended_add(t, u, BYO_STR("a"), id, (ByoId)s->now);
    return (uint64_t)was * 100 + byo_ended_count(t);
}

/* -- whose turn it is --------------------------------------------------------------------------------*/

static void *order_create(void)
{
    return byo_order_create(SMALL, 42);
}

static void order_destroy(void *t)
{
    byo_order_destroy(t);
}

static uint64_t order_step(void *t, ByoUndo *u, const Step *s)
{
    ByoOrderKey key;
    byo_order_key(BYO_STR("a"), BYO_STR("12025550100"), byo_str(phone(s->key % 10)), &key);
    if (s->what < 3)
        return (uint64_t)byo_order_add(t, u, &key, s->key + 1) * 1000 + (uint64_t)byo_order_first(t, &key);
    byo_order_remove(t, u, &key, s->key + 1);
    return byo_order_count(t);
}

/* -- replies and answers -----------------------------------------------------------------------------*/

static void *replies_create(void)
{
    return byo_replies_create(3, SMALL, 42);
}

static void replies_destroy(void *t)
{
    byo_replies_destroy(t);
}

static uint64_t replies_step(void *t, ByoUndo *u, const Step *s)
{
    ByoKeywordMo mo = {.match = {.kind = BYO_KEYWORD_HELP, .reply = "x"},
                       .sender_is_phone = true,
                       .pair = pair_of(s->key % 20),
                       .received = s->now,
                       .now = s->now};
    ByoKeywordDecision d;
    byo_reply_decide(t, u, &mo, &d);
    return (uint64_t)d.outcome * 1000 + (uint64_t)d.limit_event * 100 + byo_replies_count(t);
}

static void *guard_create(void)
{
    return byo_answer_guard_create(SMALL, 42);
}

static void guard_destroy(void *t)
{
    byo_answer_guard_destroy(t);
}

static uint64_t guard_step(void *t, ByoUndo *u, const Step *s)
{
    ByoPair pair = pair_of(s->key % 20);
    bool event = false, refused = false;
    if (s->what < 2)
        byo_answer_guard_keyword(t, u, pair, s->now);
    else if (s->what == 2)
        byo_answer_guard_ordinary(t, u, pair, s->now);
    else
        refused = byo_answer_guard_refuses(t, u, pair, s->now, &event);
    return (uint64_t)refused * 1000 + (uint64_t)event * 100 + byo_answer_guard_count(t);
}

/* -- numbers ----------------------------------------------------------------------------------------*/

static void *inventory_create(void)
{
    return byo_inventory_create();
}

static void inventory_destroy(void *t)
{
    byo_inventory_destroy(t);
}

/* The others' view is what was kept, whatever the turn does. */
static uint64_t inventory_step(void *t, ByoUndo *u, const Step *s)
{
    ByoNumber n = {.type = BYO_NUMBER_LOCAL};
    strcpy(n.digits, phone(s->key) + 1);
    snprintf(n.integration, sizeof n.integration, "%u", s->what % 4);
    ByoSms mt;
    byo_sms_init(&mt);
    mt.sender = byo_str(n.digits);
    ByoRoute before = byo_inventory_route(t, &mt, false);
    if (s->what < 2)
        byo_inventory_put(t, u, &n, NULL, (int64_t)s->now);
    else
        byo_inventory_remove(t, u, n.digits);
    ck_assert_int_eq(byo_inventory_route(t, &mt, false), before);
    const ByoInventoryEntry *e = byo_inventory_find(t, byo_str(n.digits));
    ck_assert_int_eq(e != NULL, s->what < 2);
    return byo_inventory_count(t) * 10 + before;
}

START_TEST(test_twins)
{
    static const Kind kinds[] = {
        {refs_create, refs_destroy, refs_step},
        {taken_create, taken_destroy, taken_step},
        {order_create, order_destroy, order_step},
        {replies_create, replies_destroy, replies_step},
        {guard_create, guard_destroy, guard_step},
        {ended_create, ended_destroy, ended_step},
        {inventory_create, inventory_destroy, inventory_step},
    };
    ck_twins(&kinds[_i]);
}
END_TEST

Suite *turn_tables_suite(void)
{
    Suite *s = suite_create("turn, tables");
    TCase *t = tcase_create("tables");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, test_twins, 0, 7);
    suite_add_tcase(s, t);
    return s;
}
