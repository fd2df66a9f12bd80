/* SPDX-License-Identifier: BSD-3-Clause
 * What a keyword sets off: changes, replies, limits, answers of applications (spec K4, K7,
 * K8), as tables and histories. `now` is an argument; nobody sleeps.
 * Threads: none. */
#include "compliance/reply.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include "suites.h"

#define T0 ((ByoTime)1790000000000)

static ByoPair pair_of(unsigned recipient)
{
    char text[32];
    ByoPair p;

    snprintf(text, sizeof text, "+4915%09u", recipient);
    ck_assert(byo_pair_make(BYO_STR("12025550100"), byo_str(text), &p));
    return p;
}

static ByoKeywordMo mo_of(ByoKeywordKind kind, bool opted_out, ByoTime now)
{
    return (ByoKeywordMo){.match = {.kind = kind, .reply = "reply"},
                          .opted_out = opted_out,
                          .sender_is_phone = true,
                          .pair = pair_of(1),
                          .received = now,
                          .now = now};
}

/* -- one MO ---------------------------------------------------------------------------------------*/

enum { H = BYO_KEYWORD_HELP, O = BYO_KEYWORD_OPT_OUT, I = BYO_KEYWORD_OPT_IN };
enum { PHONE = 1, OURS = 2, NO_TEXT = 4, OUT = 8 };

static const struct {
    const char *what;
    int kind, facts;
    ByoTime age; /* ms from the MO to now */
    ByoOptChange change;
    ByoReplyOutcome outcome;
    bool guards;
} rows[] = {
    {"STOP", O, PHONE, 0, BYO_OPT_ADD, BYO_REPLY_SEND, true},
    {"a second STOP", O, PHONE | OUT, 0, BYO_OPT_NONE, BYO_REPLY_UNCHANGED, true},
    {"START while opted out", I, PHONE | OUT, 0, BYO_OPT_REMOVE, BYO_REPLY_SEND, true},
    {"START while subscribed", I, PHONE, 0, BYO_OPT_NONE, BYO_REPLY_UNCHANGED, false},
    {"HELP", H, PHONE, 0, BYO_OPT_NONE, BYO_REPLY_SEND, true},
    {"HELP while opted out", H, PHONE | OUT, 0, BYO_OPT_NONE, BYO_REPLY_SEND, true},
    {"STOP just in time", O, PHONE, 5 * BYO_MINUTE, BYO_OPT_ADD, BYO_REPLY_SEND, true},
    {"STOP too late for a reply still counts", O, PHONE, 5 * BYO_MINUTE + 1, BYO_OPT_ADD, BYO_REPLY_TOO_LATE,
     true},
    {"START too late", I, PHONE | OUT, BYO_DAY, BYO_OPT_REMOVE, BYO_REPLY_TOO_LATE, true},
    {"HELP too late", H, PHONE, 6 * BYO_MINUTE, BYO_OPT_NONE, BYO_REPLY_TOO_LATE, true},
    {"a second STOP, late", O, PHONE | OUT, BYO_DAY, BYO_OPT_NONE, BYO_REPLY_UNCHANGED, true},
    {"STOP from the future", O, PHONE, -BYO_DAY, BYO_OPT_ADD, BYO_REPLY_SEND, true},
    {"STOP from our number", O, PHONE | OURS, 0, BYO_OPT_ADD, BYO_REPLY_OWN_NUMBER, true},
    {"HELP from our number", H, PHONE | OURS, 0, BYO_OPT_NONE, BYO_REPLY_OWN_NUMBER, true},
    {"STOP from a name", O, 0, 0, BYO_OPT_NONE, BYO_REPLY_NOT_A_PHONE, false},
    {"START from a name", I, OUT, 0, BYO_OPT_NONE, BYO_REPLY_NOT_A_PHONE, false},
    {"HELP from a name", H, 0, 0, BYO_OPT_NONE, BYO_REPLY_NOT_A_PHONE, false},
    {"STOP without a text", O, PHONE | NO_TEXT, 0, BYO_OPT_ADD, BYO_REPLY_NO_TEXT, true},
    {"HELP without a text", H, PHONE | NO_TEXT, 0, BYO_OPT_NONE, BYO_REPLY_NO_TEXT, true},
};

START_TEST(K4_one_keyword)
{
    ByoReplies *r = byo_replies_create(BYO_REPLY_LIMIT, 100, 1);
    ByoKeywordMo mo = mo_of((ByoKeywordKind)rows[_i].kind, (rows[_i].facts & OUT) != 0, T0);
    ByoKeywordDecision d;

    mo.sender_is_phone = (rows[_i].facts & PHONE) != 0;
    mo.sender_is_ours = (rows[_i].facts & OURS) != 0;
    mo.received = T0 - rows[_i].age;
    if (rows[_i].facts & NO_TEXT)
        mo.match.reply = _i % 2 ? NULL : "";
    byo_reply_decide(r, NULL, &mo, &d);
    ck_assert_msg(d.change == rows[_i].change && d.outcome == rows[_i].outcome &&
                      d.guards_answer == rows[_i].guards,
                  "%s: change %d, %s, guards %d", rows[_i].what, d.change, byo_reply_outcome_name(d.outcome),
                  d.guards_answer);
    /* What cannot be acted on is no keyword for the application (field S3). */
    ck_assert_int_eq(d.mark, rows[_i].outcome == BYO_REPLY_NOT_A_PHONE ? BYO_KEYWORD_NONE : rows[_i].kind);
    ck_assert_int_eq(d.reply != NULL, d.outcome == BYO_REPLY_SEND);
    ck_assert_int_eq(d.passes_opt_out, d.outcome == BYO_REPLY_SEND);
    ck_assert(!d.limit_event);
    /* The reply may not leave later than five minutes after the inbound. */
    ck_assert_int_eq(d.deadline, (rows[_i].age < 0 ? T0 : T0 - rows[_i].age) + 5 * BYO_MINUTE);
    byo_replies_destroy(r);
}
END_TEST

/* -- reply-limit ------------------------------------------------------------------------------------*/

static ByoReplyOutcome send(ByoReplies *r, int kind, bool opted_out, unsigned recipient, ByoTime now,
                            bool *event_r)
{
    ByoKeywordMo mo = mo_of((ByoKeywordKind)kind, opted_out, now);
    ByoKeywordDecision d;

    mo.pair = pair_of(recipient);
    byo_reply_decide(r, NULL, &mo, &d);
    *event_r = d.limit_event;
    return d.outcome;
}

START_TEST(K4_ten_replies_in_any_hour)
{
    ByoReplies *r = byo_replies_create(BYO_REPLY_LIMIT, 100, 1);
    bool event;
    int events = 0;

    /* One a minute: ten, then none until the first is an hour old; then one a minute again. */
    for (int minute = 0; minute < 200; minute++) {
        bool want = minute % 60 < 10;
        ByoReplyOutcome got = send(r, H, false, 1, T0 + minute * BYO_MINUTE, &event);
        ck_assert_msg((got == BYO_REPLY_SEND) == want, "minute %d: %s", minute, byo_reply_outcome_name(got));
        if (!want)
            ck_assert_int_eq(got, BYO_REPLY_LIMITED);
        ck_assert_int_eq(event, minute % 60 == 10); /* one for a pair and hour */
        events += event;
    }
    ck_assert_int_eq(events, 4);
    byo_replies_destroy(r);
}
END_TEST

START_TEST(K4_the_hour_slides)
{
    ByoReplies *r = byo_replies_create(2, 100, 1);
    bool event;

    ck_assert_int_eq(send(r, H, false, 1, T0, &event), BYO_REPLY_SEND);
    ck_assert_int_eq(send(r, H, false, 1, T0 + 59 * BYO_MINUTE, &event), BYO_REPLY_SEND);
    ck_assert_int_eq(send(r, H, false, 1, T0 + BYO_HOUR - 1, &event), BYO_REPLY_LIMITED);
    ck_assert_int_eq(send(r, H, false, 1, T0 + BYO_HOUR, &event), BYO_REPLY_SEND);
    ck_assert_int_eq(send(r, H, false, 1, T0 + BYO_HOUR + 1, &event), BYO_REPLY_LIMITED);
    ck_assert_int_eq(send(r, H, false, 1, T0 + 119 * BYO_MINUTE, &event), BYO_REPLY_SEND);
    byo_replies_destroy(r);
}
END_TEST

START_TEST(K4_confirmations_do_not_count)
{
    ByoReplies *r = byo_replies_create(BYO_REPLY_LIMIT, 100, 1);
    bool event;

    /* STOP, START, STOP, START...: every STOP is confirmed; the tenth START is the last that is. */
    for (int i = 0; i < 30; i++) {
        ck_assert_int_eq(send(r, O, false, 1, T0 + i, &event), BYO_REPLY_SEND);
        ck_assert_int_eq(send(r, I, true, 1, T0 + i, &event), i < 10 ? BYO_REPLY_SEND : BYO_REPLY_LIMITED);
        ck_assert_int_eq(event, i == 10);
    }
    /* The limited START still resubscribes, HELP shares the limit, others have their own. */
    ByoKeywordMo mo = mo_of(BYO_KEYWORD_OPT_IN, true, T0 + 50);
    ByoKeywordDecision d;
    byo_reply_decide(r, NULL, &mo, &d);
    ck_assert_int_eq(d.outcome, BYO_REPLY_LIMITED);
    ck_assert_int_eq(d.change, BYO_OPT_REMOVE);
    ck_assert(d.guards_answer);
    ck_assert_int_eq(send(r, H, false, 1, T0 + 60, &event), BYO_REPLY_LIMITED);
    ck_assert_int_eq(send(r, H, false, 2, T0 + 60, &event), BYO_REPLY_SEND);
    byo_replies_destroy(r);
}
END_TEST

START_TEST(K4_unanswered_keywords_do_not_count)
{
    ByoReplies *r = byo_replies_create(1, 100, 1);
    ByoKeywordMo mo = mo_of(BYO_KEYWORD_HELP, false, T0);
    ByoKeywordDecision d;
    bool event;

    mo.received = T0 - BYO_HOUR;
    byo_reply_decide(r, NULL, &mo, &d);
    mo.received = T0;
    mo.sender_is_ours = true;
    byo_reply_decide(r, NULL, &mo, &d);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(send(r, I, false, 1, T0, &event), BYO_REPLY_UNCHANGED);
    ck_assert_int_eq(send(r, H, false, 1, T0, &event), BYO_REPLY_SEND);
    ck_assert_int_eq(send(r, H, false, 1, T0, &event), BYO_REPLY_LIMITED);
    byo_replies_destroy(r);
}
END_TEST

START_TEST(K4_limit_can_be_changed)
{
    ByoReplies *r = byo_replies_create(0, 100, 1);
    bool event;

    ck_assert_int_eq(send(r, H, false, 1, T0, &event), BYO_REPLY_LIMITED);
    ck_assert(event);
    ck_assert_int_eq(send(r, H, false, 1, T0, &event), BYO_REPLY_LIMITED);
    ck_assert(!event);
    ck_assert_int_eq(send(r, O, false, 1, T0, &event), BYO_REPLY_SEND);
    byo_replies_set_limit(r, 3);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(send(r, H, false, 1, T0, &event), BYO_REPLY_SEND);
    ck_assert_int_eq(send(r, H, false, 1, T0, &event), BYO_REPLY_LIMITED);
    byo_replies_set_limit(r, 1);
    ck_assert_int_eq(send(r, H, false, 1, T0 + 1, &event), BYO_REPLY_LIMITED);
    byo_replies_set_limit(r, 4);
    ck_assert_int_eq(send(r, H, false, 1, T0 + 2, &event), BYO_REPLY_SEND);
    ck_assert_int_eq(send(r, H, false, 1, T0 + 3, &event), BYO_REPLY_LIMITED);
    byo_replies_set_limit(r, 1000000);
    for (int i = 4; i < BYO_REPLY_LIMIT_MAX; i++)
        ck_assert_int_eq(send(r, H, false, 1, T0 + i, &event), BYO_REPLY_SEND);
    ck_assert_int_eq(send(r, H, false, 1, T0 + BYO_REPLY_LIMIT_MAX, &event), BYO_REPLY_LIMITED);
    byo_replies_destroy(r);
}
END_TEST

START_TEST(K4_a_restart_remembers_what_the_store_knows)
{
    ByoReplies *r = byo_replies_create(3, 100, 1);
    bool event;

    byo_replies_note(r, pair_of(1), BYO_KEYWORD_HELP, T0 - BYO_MINUTE);
    byo_replies_note(r, pair_of(1), BYO_KEYWORD_OPT_OUT, T0 - BYO_MINUTE); /* does not count */
    byo_replies_note(r, pair_of(1), BYO_KEYWORD_OPT_IN, T0 - 50 * BYO_MINUTE);
    byo_replies_note(r, pair_of(1), BYO_KEYWORD_HELP, T0 - 2 * BYO_HOUR); /* no longer */
    ck_assert_int_eq(send(r, H, false, 1, T0, &event), BYO_REPLY_SEND);
    ck_assert_int_eq(send(r, H, false, 1, T0, &event), BYO_REPLY_LIMITED);
    ck_assert_int_eq(send(r, H, false, 1, T0 + 11 * BYO_MINUTE, &event), BYO_REPLY_SEND);
    /* However many it is told of, it stays small. */
    for (int i = 0; i < 5000; i++)
        byo_replies_note(r, pair_of(2), BYO_KEYWORD_HELP, T0 + i);
    ck_assert_int_eq(send(r, H, false, 2, T0 + 5000, &event), BYO_REPLY_LIMITED);
    byo_replies_destroy(r);
}
END_TEST

START_TEST(K4_a_clock_set_back_blocks_nobody_for_long)
{
    ByoReplies *r = byo_replies_create(1, 100, 1);
    bool event;

    ck_assert_int_eq(send(r, H, false, 1, T0 + 365 * BYO_DAY, &event), BYO_REPLY_SEND);
    ck_assert_int_eq(send(r, H, false, 1, T0, &event), BYO_REPLY_LIMITED);
    ck_assert(event);
    ck_assert_int_eq(send(r, H, false, 1, T0 + BYO_HOUR, &event), BYO_REPLY_SEND);
    byo_replies_destroy(r);
}
END_TEST

START_TEST(K4_the_limiter_is_bounded)
{
    ByoReplies *r = byo_replies_create(1, 1000, 1);
    bool event;

    for (unsigned i = 0; i < 50000; i++) {
        ck_assert_int_eq(send(r, H, false, i, T0 + i, &event), BYO_REPLY_SEND);
        ck_assert_uint_le(byo_replies_count(r), 1000);
    }
    /* The newest thousand are remembered, used ones among them. */
    ck_assert_int_eq(send(r, H, false, 49001, T0 + 50000, &event), BYO_REPLY_LIMITED);
    ck_assert_int_eq(send(r, H, false, 48000, T0 + 50000, &event), BYO_REPLY_SEND);
    ck_assert_int_eq(send(r, H, false, 49001, T0 + 50000, &event), BYO_REPLY_LIMITED);
    /* What is over goes without anybody asking: an hour later new pairs push out two old ones each. */
    for (unsigned i = 0; i < 600; i++)
        send(r, H, false, 100000 + i, T0 + 2 * BYO_HOUR, &event);
    ck_assert_uint_le(byo_replies_count(r), 600);
    byo_replies_destroy(r);
    byo_replies_destroy(NULL);
}
END_TEST

/* -- an application's own answers ---------------------------------------------------------------------*/

START_TEST(K4_an_answer_beside_ours_is_refused)
{
    ByoAnswerGuard *g = byo_answer_guard_create(100, 1);
    bool event;

    ck_assert(!byo_answer_guard_refuses(g, NULL, pair_of(1), T0, &event));
    byo_answer_guard_keyword(g, NULL, pair_of(1), T0);
    ck_assert(!byo_answer_guard_refuses(g, NULL, pair_of(2), T0, &event));
    ck_assert(!event);
    ck_assert(byo_answer_guard_refuses(g, NULL, pair_of(1), T0 + 1, &event));
    ck_assert(event);
    ck_assert(byo_answer_guard_refuses(g, NULL, pair_of(1), T0 + 2, &event));
    ck_assert(!event); /* one for each keyword */
    ck_assert(byo_answer_guard_refuses(g, NULL, pair_of(1), T0 + 5 * BYO_MINUTE, &event));
    ck_assert(!byo_answer_guard_refuses(g, NULL, pair_of(1), T0 + 5 * BYO_MINUTE + 1, &event));
    /* The next keyword counts anew. */
    byo_answer_guard_keyword(g, NULL, pair_of(1), T0 + BYO_HOUR);
    ck_assert(byo_answer_guard_refuses(g, NULL, pair_of(1), T0 + BYO_HOUR, &event));
    ck_assert(event);
    byo_answer_guard_keyword(g, NULL, pair_of(1), T0 + BYO_HOUR + 1);
    ck_assert(byo_answer_guard_refuses(g, NULL, pair_of(1), T0 + BYO_HOUR + 1, &event));
    ck_assert(event);
    byo_answer_guard_destroy(g);
    byo_answer_guard_destroy(NULL);
}
END_TEST

START_TEST(K4_answers_to_ordinary_texts_pass)
{
    ByoAnswerGuard *g = byo_answer_guard_create(100, 1);
    bool event;

    byo_answer_guard_ordinary(g, NULL, pair_of(1), T0 - 10); /* before any keyword: nothing to remember */
    ck_assert_uint_eq(byo_answer_guard_count(g), 0);
    byo_answer_guard_keyword(g, NULL, pair_of(1), T0);
    byo_answer_guard_ordinary(g, NULL, pair_of(1), T0 + 1);
    byo_answer_guard_ordinary(g, NULL, pair_of(1), T0 + 2);
    byo_answer_guard_ordinary(g, NULL, pair_of(2), T0 + 2);
    ck_assert(!byo_answer_guard_refuses(g, NULL, pair_of(1), T0 + 3, &event));
    byo_answer_guard_keyword(g, NULL, pair_of(1), T0 + 4); /* one answer is still allowed */
    ck_assert(!byo_answer_guard_refuses(g, NULL, pair_of(1), T0 + 5, &event));
    ck_assert(byo_answer_guard_refuses(g, NULL, pair_of(1), T0 + 6, &event));
    ck_assert(event);
    /* What was allowed long ago is not kept for the next keyword. */
    byo_answer_guard_ordinary(g, NULL, pair_of(1), T0 + 7);
    byo_answer_guard_keyword(g, NULL, pair_of(1), T0 + BYO_HOUR);
    ck_assert(byo_answer_guard_refuses(g, NULL, pair_of(1), T0 + BYO_HOUR, &event));
    byo_answer_guard_destroy(g);
}
END_TEST

START_TEST(K4_the_guard_is_bounded)
{
    ByoAnswerGuard *g = byo_answer_guard_create(500, 1);
    bool event;

    for (unsigned i = 0; i < 20000; i++)
        byo_answer_guard_keyword(g, NULL, pair_of(i), T0 + i);
    ck_assert_uint_eq(byo_answer_guard_count(g), 500);
    ck_assert(byo_answer_guard_refuses(g, NULL, pair_of(19999), T0 + 20000, &event));
    ck_assert(!byo_answer_guard_refuses(g, NULL, pair_of(19000), T0 + 20000, &event));
    /* A clock set back a year: five minutes are five minutes. */
    ck_assert(byo_answer_guard_refuses(g, NULL, pair_of(19999), T0 - 365 * BYO_DAY, &event));
    ck_assert(
        !byo_answer_guard_refuses(g, NULL, pair_of(19999), T0 - 365 * BYO_DAY + 6 * BYO_MINUTE, &event));
    byo_answer_guard_destroy(g);
}
END_TEST

START_TEST(K4_outcome_names)
{
    static const char *const names[] = {"sent",        "unchanged",  "too-late", "limited",
                                        "not-a-phone", "own-number", "no-text"};
    for (int i = 0; i < 7; i++)
        ck_assert_str_eq(byo_reply_outcome_name((ByoReplyOutcome)i), names[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reply");
    TCase *tc = tcase_create("reply");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, K4_one_keyword, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tc, K4_ten_replies_in_any_hour);
    tcase_add_test(tc, K4_the_hour_slides);
    tcase_add_test(tc, K4_confirmations_do_not_count);
    tcase_add_test(tc, K4_unanswered_keywords_do_not_count);
    tcase_add_test(tc, K4_limit_can_be_changed);
    tcase_add_test(tc, K4_a_restart_remembers_what_the_store_knows);
    tcase_add_test(tc, K4_a_clock_set_back_blocks_nobody_for_long);
    tcase_add_test(tc, K4_the_limiter_is_bounded);
    tcase_add_test(tc, K4_an_answer_beside_ours_is_refused);
    tcase_add_test(tc, K4_answers_to_ordinary_texts_pass);
    tcase_add_test(tc, K4_the_guard_is_bounded);
    tcase_add_test(tc, K4_outcome_names);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
