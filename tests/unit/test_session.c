/* SPDX-License-Identifier: BSD-3-Clause
 * Sessions of the console: how long they last, how many there are, whom they stand for.
 * Threads: none. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/session.h"
#include "suites.h"

static ByoSessions *sessions;
static ByoAuthWho who;
static char token[BYO_SESSION_TOKEN + 1];

static void start(void)
{
    sessions = byo_sessions_create();
}

static void stop(void)
{
    byo_sessions_destroy(sessions);
}

static const char *begin(const char *name, ByoTime now)
{
    who = (ByoAuthWho){.mark = {1, 2, 3}};
    snprintf(who.name, sizeof who.name, "%s", name);
    ck_assert(byo_session_begin(sessions, &who, now, token));
    return token;
}

static bool find(const char *t, bool active, ByoTime now)
{
    return byo_session_find(sessions, byo_str(t), active, now, &who);
}

START_TEST(a_token_stands_for_who_began_it)
{
    char other[BYO_SESSION_TOKEN + 1];
    snprintf(other, sizeof other, "%s", begin("ann", 0));
    begin("ben", 0);
    ck_assert(find(other, true, 1) && strcmp(who.name, "ann") == 0 && who.mark[2] == 3 && who.session == 1);
    ck_assert(find(token, true, 1) && strcmp(who.name, "ben") == 0 && who.session == 2);
    ck_assert(!find("", true, 1) && !find("ab", true, 1) && who.session == 0 && who.name[0] == 0);
    other[63] ^= 1;
    ck_assert(!find(other, true, 1));
    ck_assert_uint_eq(strspn(token, "0123456789abcdef"), BYO_SESSION_TOKEN);
}
END_TEST

START_TEST(it_ends_an_hour_after_its_last_use)
{
    begin("ann", 0);
    ck_assert(find(token, true, BYO_SESSION_IDLE - 1));
    ck_assert(find(token, false, 2 * BYO_SESSION_IDLE - 2)); /* looked at, not used */
    ck_assert(byo_session_lives(sessions, 1, 2 * BYO_SESSION_IDLE - 2));
    ck_assert(!byo_session_lives(sessions, 1, 2 * BYO_SESSION_IDLE - 1));
    ck_assert(!find(token, true, 2 * BYO_SESSION_IDLE - 1));
    ck_assert(!find(token, true, 2 * BYO_SESSION_IDLE - 2)); /* and does not come back */
}
END_TEST

START_TEST(it_ends_twelve_hours_after_it_began)
{
    begin("ann", 0);
    for (ByoTime t = 0; t < BYO_SESSION_LIFE; t += BYO_MINUTE)
        ck_assert(find(token, true, t));
    ck_assert(find(token, true, BYO_SESSION_LIFE - 1));
    ck_assert(!find(token, true, BYO_SESSION_LIFE));
}
END_TEST

START_TEST(it_ends_when_told)
{
    begin("ann", 0);
    byo_session_end(sessions, 0);
    byo_session_end(sessions, 7);
    ck_assert(find(token, true, 0));
    byo_session_end(sessions, who.session);
    ck_assert(!find(token, true, 0) && !byo_session_lives(sessions, 1, 0));
}
END_TEST

/* One who logs in without end ends his own sessions only. */
START_TEST(a_user_has_few)
{
    char anns[BYO_SESSION_TOKEN + 1], first[BYO_SESSION_TOKEN + 1];
    snprintf(anns, sizeof anns, "%s", begin("ann", 0));
    snprintf(first, sizeof first, "%s", begin("ben", 0));
    for (int i = 1; i < BYO_SESSIONS_EACH; i++)
        begin("ben", i);
    ck_assert(find(first, true, 100));
    for (int i = 0; i < BYO_SESSIONS_EACH - 1; i++)
        begin("ben", 200);
    ck_assert(find(first, true, 200)); /* used last of the old ones */
    for (int i = 0; i < 10000; i++)
        begin("ben", 300 + i);
    ck_assert(!find(first, true, 20000) && find(token, true, 20000));
    ck_assert(find(anns, true, 20000));
}
END_TEST

START_TEST(all_have_a_limit)
{
    enum { USERS = BYO_SESSIONS / BYO_SESSIONS_EACH };
    char name[16], anns[BYO_SESSION_TOKEN + 1];
    snprintf(anns, sizeof anns, "%s", begin("ann", 0));
    for (int u = 0; u < USERS; u++)
        for (int i = 0; i < BYO_SESSIONS_EACH; i++) {
            snprintf(name, sizeof name, "user%d", u);
            begin(name, 1 + i);
            ck_assert(find(token, true, 1 + i));
        }
    ck_assert(find(anns, true, 100)); /* has one: another one had to give way */
    begin("zoe", BYO_SESSION_IDLE + 50);
    ck_assert(find(anns, true, BYO_SESSION_IDLE + 50)); /* those that were over went first */
}
END_TEST

int main(void)
{
    Suite *s = suite_create("session");
    TCase *t = tcase_create("sessions");
    tcase_add_checked_fixture(t, start, stop);
    tcase_add_test(t, a_token_stands_for_who_began_it);
    tcase_add_test(t, it_ends_an_hour_after_its_last_use);
    tcase_add_test(t, it_ends_twelve_hours_after_it_began);
    tcase_add_test(t, it_ends_when_told);
    tcase_add_test(t, a_user_has_few);
    tcase_add_test(t, all_have_a_limit);
    suite_add_tcase(s, t);
    return run_suite(s);
}
