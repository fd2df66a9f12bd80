/* SPDX-License-Identifier: BSD-3-Clause
 * Who is asking (spec A1): HTTP Basic, password hashes, what wrong passwords cost.
 * Threads: none. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "admin/auth.h"
#include "admin/password.h"
#include "suites.h"

#define FAST 1000u /* iterations: tests need no slow hash */
#define IP BYO_STR("192.0.2.1")

static ByoAuth *auth;
static ByoAdminUsers users;
static ByoAuthWho who;
static char header[2048];

static void start(void)
{
    char *hash = byo_password_hash(BYO_STR("s\xC3\xA4"
                                           "cret:with:colons"),
                                   FAST);
    auth = byo_auth_create();
    byo_admin_users_add(&users, "admin", "top secret", NULL, BYO_CAN_ALL);
    byo_admin_users_add(&users, "eve", NULL, hash, BYO_CAN_EVENTS);
    byo_admin_users_add(&users, "vic", NULL, hash, BYO_CAN_VIEW);
    byo_admin_users_add(&users, "broken", NULL, "$1$nonsense", BYO_CAN_VIEW);
    free(hash);
}

static void stop(void)
{
    byo_auth_destroy(auth);
    byo_admin_users_free(&users);
}

static ByoStr basic(const char *credentials)
{
    char coded[1024];
    EVP_EncodeBlock((unsigned char *)coded, (const unsigned char *)credentials, (int)strlen(credentials));
    snprintf(header, sizeof header, "Basic %s", coded);
    return byo_str(header);
}

static ByoAuthAnswer ask_at(const char *credentials, ByoStr ip, ByoTime now)
{
    return byo_auth_check(auth, &users, basic(credentials), ip, now, &who);
}

static ByoAuthAnswer ask(const char *credentials)
{
    return ask_at(credentials, IP, 0);
}

START_TEST(A1_names_and_passwords)
{
    ck_assert_int_eq(ask("admin:top secret"), BYO_AUTH_OK);
    ck_assert_str_eq(who.name, "admin");
    ck_assert_uint_eq(who.can, BYO_CAN_ALL);
    ck_assert_int_eq(ask("eve:s\xC3\xA4"
                         "cret:with:colons"),
                     BYO_AUTH_OK);
    ck_assert_uint_eq(who.can, BYO_CAN_EVENTS);
    ck_assert_int_eq(ask("vic:s\xC3\xA4"
                         "cret:with:colons"),
                     BYO_AUTH_OK);
    ck_assert_uint_eq(who.can, BYO_CAN_VIEW | BYO_CAN_STATUS); /* who may look sees the status */
    ck_assert_int_eq(ask("admin:top secre"), BYO_AUTH_WRONG);
    ck_assert_uint_eq(who.can, 0);
    ck_assert_int_eq(ask("admin:top secret "), BYO_AUTH_WRONG);
    ck_assert_int_eq(ask("admin:"), BYO_AUTH_WRONG);
    ck_assert_int_eq(ask(":top secret"), BYO_AUTH_WRONG);
    ck_assert_int_eq(ask("eve:top secret"), BYO_AUTH_WRONG);
    ck_assert_int_eq(ask("nobody:x"), BYO_AUTH_WRONG);
    ck_assert_int_eq(ask("broken:"), BYO_AUTH_WRONG);
}
END_TEST

START_TEST(what_is_no_basic_is_no_failure)
{
    static const char *const headers[] = {"",
                                          "Basic",
                                          "Basic ",
                                          "Basic =",
                                          "Basic !!!!",
                                          "Basic YWRtaW4",  /* not a multiple of four */
                                          "Basic YWRtaW4=", /* no colon */
                                          "Bearer YWRtaW46eA==",
                                          "Basic YQBiOmM="}; /* NUL */
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        ck_assert_msg(byo_auth_check(auth, &users, byo_str(headers[i]), IP, 0, &who) == BYO_AUTH_NONE, "%s",
                      headers[i]);
    ck_assert_int_eq(byo_auth_check(auth, &users, BYO_STR_NONE, IP, 0, &who), BYO_AUTH_NONE);
    ck_assert_int_eq(byo_auth_check(auth, &users, BYO_STR("basic YWRtaW46dG9wIHNlY3JldA=="), IP, 0, &who),
                     BYO_AUTH_OK);
    char longest[700];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = 0;
    longest[5] = ':';
    ck_assert_int_eq(ask(longest), BYO_AUTH_NONE);
    longest[5] = 'x';
    longest[100] = ':'; /* a name that is too long */
    longest[110] = 0;
    ck_assert_int_eq(ask(longest), BYO_AUTH_NONE);
}
END_TEST

START_TEST(A1_a_wrong_password_costs_time)
{
    for (int i = 0; i < BYO_AUTH_FAILURES; i++)
        ck_assert_int_eq(ask_at("admin:guess", IP, i * BYO_SECOND), BYO_AUTH_WRONG);
    /* Now also the right one has to wait, for else guessing would go on. */
    ck_assert_int_eq(ask_at("admin:top secret", IP, 10 * BYO_SECOND), BYO_AUTH_LIMITED);
    ck_assert_int_eq(who.retry_after, 50);
    ck_assert_int_eq(byo_auth_failed(auth), BYO_AUTH_FAILURES + 1);
    ck_assert_uint_eq(who.can, 0);
    /* Not from elsewhere, not for other names. */
    ck_assert_int_eq(ask_at("admin:top secret", BYO_STR("192.0.2.2"), 10 * BYO_SECOND), BYO_AUTH_OK);
    ck_assert_int_eq(ask_at("vic:s\xC3\xA4"
                            "cret:with:colons",
                            IP, 10 * BYO_SECOND),
                     BYO_AUTH_OK);
    ck_assert_int_eq(ask_at("admin:top secret", IP, BYO_MINUTE), BYO_AUTH_OK);
}
END_TEST

/* (night F1) Whoever was right before does not pay for others' guesses, also behind one address. */
START_TEST(F1_right_before_is_never_locked_out)
{
    static const char eve[] = "eve:s\xC3\xA4"
                              "cret:with:colons";
    ck_assert_int_eq(ask("admin:top secret"), BYO_AUTH_OK);
    ck_assert_int_eq(ask(eve), BYO_AUTH_OK);
    for (int i = 0; i < BYO_AUTH_FAILURES; i++) {
        ask("admin:guess");
        ask("eve:guess");
        ask("vic:guess");
    }
    for (int i = 0; i < 100; i++) {
        ck_assert_int_eq(ask("admin:guess"), BYO_AUTH_LIMITED);
        ck_assert_int_eq(ask("admin:top secret"), BYO_AUTH_OK);
        ck_assert_uint_eq(who.can, BYO_CAN_ALL);
        ck_assert_int_eq(ask(eve), BYO_AUTH_OK);
    }
    /* Who was never here is not known to be anybody. */
    ck_assert_int_eq(ask("vic:s\xC3\xA4"
                         "cret:with:colons"),
                     BYO_AUTH_LIMITED);
    /* A password that is right no more is not right. */
    free(users.items[0].password);
    users.items[0].password = byo_strdup("another secret");
    ck_assert_int_eq(ask("admin:top secret"), BYO_AUTH_LIMITED);
}
END_TEST

/* (night F1) Right from elsewhere counts, too, but nobody learns more than one guess a second from that. */
START_TEST(F1_right_elsewhere_is_looked_at_once_a_second)
{
    ck_assert_int_eq(ask_at("admin:top secret", BYO_STR("192.0.2.9"), 0), BYO_AUTH_OK);
    for (int i = 0; i < BYO_AUTH_FAILURES; i++)
        ck_assert_int_eq(ask_at("admin:guess", IP, 0), BYO_AUTH_WRONG);
    ck_assert_int_eq(ask_at("admin:guess", IP, 5 * BYO_SECOND), BYO_AUTH_LIMITED);
    ck_assert_int_eq(ask_at("admin:top secret", IP, 5 * BYO_SECOND + 1), BYO_AUTH_LIMITED);
    ck_assert_int_eq(ask_at("admin:top secret", IP, 6 * BYO_SECOND), BYO_AUTH_OK);
    ck_assert_int_eq(ask_at("admin:guess", IP, 6 * BYO_SECOND), BYO_AUTH_LIMITED);
    ck_assert_int_eq(ask_at("admin:top secret", IP, 6 * BYO_SECOND), BYO_AUTH_OK); /* from here, too, now */
}
END_TEST

/* (night F8) Each failure is counted, and told once a second for each address. */
START_TEST(F8_failures_are_told)
{
    int told = 0, times = 0;
    ck_assert_int_eq(ask_at("admin:guess", IP, BYO_SECOND), BYO_AUTH_WRONG);
    ck_assert_int_eq(who.tell, 1);
    ck_assert_str_eq(who.tried, "admin");
    for (int i = 0; i < 50; i++) {
        ask_at("someone:guess", IP, BYO_SECOND + i * 100);
        ck_assert_str_eq(who.tried, "");
        told += who.tell;
        times += who.tell > 0;
    }
    ck_assert_int_eq(times, 4);
    ck_assert_int_eq(told, 41); /* the rest with the next one */
    ask_at("admin:guess", IP, 10 * BYO_SECOND);
    ck_assert_int_eq(who.tell, 10);
    ck_assert_int_eq(ask_at("admin:top secret", BYO_STR("192.0.2.2"), 0), BYO_AUTH_OK);
    ck_assert_int_eq(who.tell, 0);
    ck_assert_int_eq(byo_auth_failed(auth), 52);
}
END_TEST

/* (night F12) today's hashes are 600,000 rounds, older ones stay valid, and neither tells whether a name is anybody's. */
START_TEST(F12_an_old_hash_is_valid)
{
    char *old = byo_password_hash(BYO_STR("old"), 200000),
         *hash = byo_password_hash(BYO_STR("new"), BYO_PASSWORD_ITERATIONS);
    ck_assert_ptr_nonnull(strstr(hash, "$600000$"));
    ck_assert(byo_password_matches(byo_str(old), BYO_STR("old")));
    ck_assert(!byo_password_matches(byo_str(old), BYO_STR("new")));
    free(old);
    free(hash);
}
END_TEST

START_TEST(quick_is_what_was_right_before)
{
    static const char eve[] = "eve:s\xC3\xA4"
                              "cret:with:colons";
    ck_assert(byo_auth_quick(auth, BYO_STR_NONE));
    ck_assert(!byo_auth_quick(auth, basic(eve)));
    ask(eve);
    ck_assert(byo_auth_quick(auth, basic(eve)));
    ck_assert(!byo_auth_quick(auth, basic("eve:guess")));
}
END_TEST

START_TEST(A1_trying_many_names_costs_time_too)
{
    char name[32], credentials[64];
    ByoAuthAnswer last = BYO_AUTH_WRONG;
    int n = 0;
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "user%d", i);
        byo_admin_users_add(&users, name, "secret", NULL, BYO_CAN_VIEW);
    }
    for (; n < 100 && last == BYO_AUTH_WRONG; n++) {
        snprintf(credentials, sizeof credentials, "user%d:guess", n);
        last = ask(credentials);
    }
    ck_assert_int_eq(last, BYO_AUTH_LIMITED);
    ck_assert_int_eq(n, BYO_AUTH_FAILURES_ADDRESS + 1);
    ck_assert_int_eq(ask("admin:top secret"), BYO_AUTH_LIMITED);
    ck_assert_int_eq(ask_at("admin:top secret", BYO_STR("192.0.2.2"), 0), BYO_AUTH_OK);
}
END_TEST

START_TEST(A1_a_changed_password_is_not_remembered)
{
    ck_assert_int_eq(ask("eve:s\xC3\xA4"
                         "cret:with:colons"),
                     BYO_AUTH_OK);
    ck_assert_int_eq(ask("eve:s\xC3\xA4"
                         "cret:with:colons"),
                     BYO_AUTH_OK);
    free(users.items[1].hash);
    users.items[1].hash = byo_password_hash(BYO_STR("another"), FAST);
    ck_assert_int_eq(ask("eve:s\xC3\xA4"
                         "cret:with:colons"),
                     BYO_AUTH_WRONG);
    ck_assert_int_eq(ask("eve:another"), BYO_AUTH_OK);
    ck_assert_int_eq(ask("vic:another"), BYO_AUTH_WRONG); /* remembered for its user only */
}
END_TEST

/* What was verified once is not hashed again: a thousand times would take minutes. */
START_TEST(A1_the_slow_hash_is_computed_once)
{
    free(users.items[1].hash);
    users.items[1].hash = byo_password_hash(BYO_STR("slow"), BYO_PASSWORD_ITERATIONS);
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(ask("eve:slow"), BYO_AUTH_OK);
}
END_TEST

START_TEST(hashes)
{
    char *a = byo_password_hash(BYO_STR("x"), FAST), *b = byo_password_hash(BYO_STR("x"), FAST);
    ck_assert_str_ne(a, b); /* salted */
    ck_assert(byo_password_hash_valid(byo_str(a)));
    ck_assert(byo_password_matches(byo_str(a), BYO_STR("x")));
    ck_assert(byo_password_matches(byo_str(b), BYO_STR("x")));
    ck_assert(!byo_password_matches(byo_str(a), BYO_STR("y")));
    ck_assert(!byo_password_matches(byo_str(a), BYO_STR("")));
    ck_assert(!byo_password_matches_nobody(BYO_STR("x")));
    free(a);
    free(b);
    ck_assert_ptr_null(byo_password_hash(BYO_STR(""), FAST));
    ck_assert_ptr_null(byo_password_hash(BYO_STR("x"), 999));
    char longest[BYO_PASSWORD_TEXT_MAX + 1];
    memset(longest, 'x', sizeof longest);
    ck_assert_ptr_null(byo_password_hash(byo_strn(longest, sizeof longest), FAST));
    /* Made by Python's hashlib.pbkdf2_hmac("sha256", b"password", b"0123456789abcdef", 1000). */
    ck_assert(byo_password_matches(
        BYO_STR("$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg==$hRRjgXWkW8ResfIvBP99J/T4vkgEmMRV/0tJTOjR59I="),
        BYO_STR("password")));
}
END_TEST

START_TEST(what_is_no_hash)
{
    static const char *const bad[] = {
        "",
        "$",
        "password",
        "$pbkdf2-sha256$",
        "$pbkdf2-sha256$1000",
        "$pbkdf2-sha256$1000$",
        "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg==",
        "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg==$",
        "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg==$AAAA",
        "$pbkdf2-sha256$0$MDEyMzQ1Njc4OWFiY2RlZg==$hRRjgXWkW8ResfIvBP99J/T4vkgEmMRV/0tJTOjR59I=",
        "$pbkdf2-sha256$99999999999$MDEyMzQ1Njc4OWFiY2RlZg==$hRRjgXWkW8ResfIvBP99J/T4vkgEmMRV/0tJTOjR59I=",
        "$pbkdf2-sha256$-1000$MDEyMzQ1Njc4OWFiY2RlZg==$hRRjgXWkW8ResfIvBP99J/T4vkgEmMRV/0tJTOjR59I=",
        "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2Rl!!==$hRRjgXWkW8ResfIvBP99J/T4vkgEmMRV/0tJTOjR59I=",
        "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg==$hRRjgXWkW8ResfIvBP99J/T4vkgEmMRV/0tJTOjR59I=x",
        "$pbkdf2-sha1$1000$MDEyMzQ1Njc4OWFiY2RlZg==$hRRjgXWkW8ResfIvBP99J/T4vkgEmMRV/0tJTOjR59I="};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!byo_password_hash_valid(byo_str(bad[i])), "%s", bad[i]);
        ck_assert_msg(!byo_password_matches(byo_str(bad[i]), BYO_STR("password")), "%s", bad[i]);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("auth");
    TCase *t = tcase_create("auth");
    tcase_add_checked_fixture(t, start, stop);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, A1_names_and_passwords);
    tcase_add_test(t, what_is_no_basic_is_no_failure);
    tcase_add_test(t, A1_a_wrong_password_costs_time);
    tcase_add_test(t, F1_right_before_is_never_locked_out);
    tcase_add_test(t, F1_right_elsewhere_is_looked_at_once_a_second);
    tcase_add_test(t, F8_failures_are_told);
    tcase_add_test(t, F12_an_old_hash_is_valid);
    tcase_add_test(t, quick_is_what_was_right_before);
    tcase_add_test(t, A1_trying_many_names_costs_time_too);
    tcase_add_test(t, A1_a_changed_password_is_not_remembered);
    tcase_add_test(t, A1_the_slow_hash_is_computed_once);
    tcase_add_test(t, hashes);
    tcase_add_test(t, what_is_no_hash);
    suite_add_tcase(s, t);
    return run_suite(s);
}
