/* SPDX-License-Identifier: BSD-3-Clause
 * The inventory in memory (spec N1, N6): matched by digits however typed, and asked by the link thread while
 * the flow thread changes it.
 * Threads: one, and in the last test a second that only asks. */
#include <check.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/thread.h"
#include "flow/inventory.h"
#include "suites.h"

static ByoNumber a_number(unsigned n, const char *integration)
{
    ByoNumber number = {.type = BYO_NUMBER_LOCAL};
    snprintf(number.digits, sizeof number.digits, "1202%07u", n);
    snprintf(number.integration, sizeof number.integration, "%s", integration);
    return number;
}

static const char *const spellings[] = {"12020000007",     "+12020000007",   "0012020000007",
                                        "+1 202 000-0007", "+1.202.0000007", "+1 (202) 000 0007"};

START_TEST(test_spellings)
{
    ByoInventory *inv = byo_inventory_create();
    ByoNumber n = a_number(7, "a");
    byo_inventory_put(inv, NULL, &n, NULL, 0);
    const ByoInventoryEntry *e = byo_inventory_find(inv, byo_str(spellings[_i]));
    ck_assert(e != NULL);
    ck_assert_str_eq(e->integration, "a");
    ck_assert(byo_inventory_find(inv, byo_str("12020000008")) == NULL);
    ck_assert(byo_inventory_find(inv, byo_str("Sender")) == NULL);
    ck_assert(byo_inventory_find(inv, BYO_STR_NONE) == NULL);
    byo_inventory_destroy(inv);
}
END_TEST

static ByoNumber long_number(const char *digits, const char *integration, const char *country)
{
    ByoNumber n = {.type = BYO_NUMBER_LOCAL};
    snprintf(n.digits, sizeof n.digits, "%s", digits);
    snprintf(n.integration, sizeof n.integration, "%s", integration);
    snprintf(n.country, sizeof n.country, "%s", country);
    return n;
}

static void ck_found(const ByoInventoryEntry *e, const char *digits)
{
    ck_assert_str_eq(e ? e->digits : "nobody", digits);
}

/* (field C03) Our numbers in national form and in both forms of a phone; never by a guess between two. */
START_TEST(test_c03_other_spellings)
{
    ByoInventory *inv = byo_inventory_create();
    ByoNumber numbers[] = {long_number("12025550100", "a", ""), long_number("447700900200", "a", "GB"),
                           long_number("5215512345678", "a", ""), long_number("17700900200", "b", "")};
    ByoHome gb, us;
    byo_home_make("GB", &gb);
    byo_home_make("US", &us);
    for (size_t i = 0; i < 3; i++)
        byo_inventory_put(inv, NULL, &numbers[i], NULL, 0);
    ck_found(byo_inventory_find(inv, byo_str("2025550100")), "12025550100");
    ck_found(byo_inventory_find(inv, byo_str("202-555-0100")), "12025550100");
    ck_found(byo_inventory_find(inv, byo_str("07700900200")), "447700900200");
    ck_found(byo_inventory_find(inv, byo_str("7700900200")), "447700900200");
    ck_found(byo_inventory_find(inv, byo_str("+4407700900200")), "447700900200");
    ck_found(byo_inventory_find(inv, byo_str("+525512345678")), "5215512345678");
    ck_found(byo_inventory_find(inv, byo_str("+2025550100")), "nobody"); /* Egypt's */
    ck_found(byo_inventory_find(inv, byo_str("02025550100")), "nobody");
    /* two of the same national form: the link it came over, then the country */
    byo_inventory_put(inv, NULL, &numbers[3], NULL, 0);
    ck_found(byo_inventory_find(inv, byo_str("7700900200")), "nobody");
    ck_found(byo_inventory_called(inv, byo_str("7700900200"), byo_str("a"), NULL), "447700900200");
    ck_found(byo_inventory_called(inv, byo_str("7700900200"), byo_str("b"), &gb), "17700900200");
    ck_found(byo_inventory_called(inv, byo_str("7700900200"), BYO_STR_NONE, &gb), "447700900200");
    ck_found(byo_inventory_called(inv, byo_str("7700900200"), BYO_STR_NONE, &us), "17700900200");
    ck_found(byo_inventory_find(inv, byo_str("17700900200")), "17700900200");
    /* put again and removed: the spellings go with it */
    byo_inventory_put(inv, NULL, &numbers[3], NULL, 0);
    ck_assert(byo_inventory_remove(inv, NULL, "17700900200"));
    ck_found(byo_inventory_find(inv, byo_str("7700900200")), "447700900200");
    ck_assert(byo_inventory_remove(inv, NULL, "447700900200"));
    ck_found(byo_inventory_find(inv, byo_str("7700900200")), "nobody");
    byo_inventory_destroy(inv);
}
END_TEST

/* (field C02, C03) A phone of ours with two forms has both in its country, too. */
START_TEST(test_c03_national_forms_of_two)
{
    static const struct {
        const char *ours, *called;
    } rows[] = {
        {"5215512345678", "5512345678"},  {"525512345678", "15512345678"},   {"5491123456789", "1123456789"},
        {"5491123456789", "01123456789"}, {"541123456789", "091123456789"},  {"5511987654321", "1187654321"},
        {"5511987654321", "01187654321"}, {"551187654321", "011987654321"},  {"551187654321", "11987654321"},
        {"79161234567", "89161234567"},   {"79161234567", "9161234567"},     {"77011234567", "87011234567"},
        {"390612345678", "0612345678"},   {"2290166123456", "0166123456"},   {"2250707123456", "0707123456"},
        {"6591234567", "91234567"},       {"4915112345678", "015112345678"}, {"919876543210", "09876543210"},
        {"61412345678", "0412345678"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ByoInventory *inv = byo_inventory_create();
        ByoNumber n = long_number(rows[i].ours, "a", "");
        char zero[32];
        byo_inventory_put(inv, NULL, &n, NULL, 0);
        ck_found(byo_inventory_find(inv, byo_str(rows[i].called)), rows[i].ours);
        snprintf(zero, sizeof zero, "00%s", rows[i].ours);
        ck_found(byo_inventory_find(inv, byo_str(zero)), rows[i].ours);
        byo_inventory_destroy(inv);
    }
}
END_TEST

/* Over a link of nobody's a national form may be anybody's; a sender in national form is ours. */
START_TEST(test_c03_route)
{
    ByoInventory *inv = byo_inventory_create();
    ByoNumber n = long_number("12025550100", "a", "");
    const char *ids[] = {"a"};
    ByoSms sms;
    byo_inventory_put(inv, NULL, &n, NULL, 0);
    byo_inventory_set_ids(inv, ids, 1, false);
    byo_sms_init(&sms);
    sms.sms_type = BYO_MO;
    sms.receiver = BYO_STR("2025550100");
    sms.smsc_id = BYO_STR("old-link");
    ck_assert_int_eq(byo_inventory_route(inv, &sms, true), BYO_ROUTE_PASS);
    sms.receiver = BYO_STR("12025550100");
    ck_assert_int_eq(byo_inventory_route(inv, &sms, true), BYO_ROUTE_OURS);
    sms.receiver = BYO_STR("2025550100");
    sms.smsc_id = BYO_STR("a");
    ck_assert_int_eq(byo_inventory_route(inv, &sms, true), BYO_ROUTE_OURS);
    sms.sms_type = BYO_MT_PUSH;
    sms.smsc_id = BYO_STR_NONE;
    sms.sender = BYO_STR("2025550100");
    ck_assert_int_eq(byo_inventory_route(inv, &sms, false), BYO_ROUTE_OURS);
    sms.sender = BYO_STR("2025550101");
    ck_assert_int_eq(byo_inventory_route(inv, &sms, false), BYO_ROUTE_PASS);
    byo_inventory_destroy(inv);
}
END_TEST

START_TEST(test_many)
{
    enum { MANY = 20000 };
    ByoInventory *inv = byo_inventory_create();
    for (unsigned i = 0; i < MANY; i++) {
        ByoNumber n = a_number(i, i % 2 ? "a" : "b");
        byo_inventory_put(inv, NULL, &n, NULL, 0);
    }
    ByoNumber again = a_number(5, "c"); /* put again: replaced */
    byo_inventory_put(inv, NULL, &again, NULL, 0);
    ck_assert_uint_eq(byo_inventory_count(inv), MANY);
    for (unsigned i = 0; i < MANY; i++) {
        ByoNumber n = a_number(i, "");
        const ByoInventoryEntry *e = byo_inventory_find(inv, byo_str(n.digits));
        ck_assert(e != NULL);
        ck_assert_str_eq(e->integration, i == 5 ? "c" : i % 2 ? "a" : "b");
    }
    for (unsigned i = 0; i < MANY; i++) {
        ByoNumber n = a_number(i, "");
        ck_assert(byo_inventory_remove(inv, NULL, n.digits));
        ck_assert(!byo_inventory_remove(inv, NULL, n.digits));
    }
    ck_assert_uint_eq(byo_inventory_count(inv), 0);
    byo_inventory_destroy(inv);
    byo_inventory_destroy(NULL);
}
END_TEST

typedef struct {
    ByoInventory *inv;
    atomic_bool over;
    atomic_int asked;
} Asking;

static void ask(void *arg)
{
    Asking *a = arg;
    ByoSms sms;
    byo_sms_init(&sms);
    sms.sms_type = BYO_MT_PUSH;
    while (!atomic_load(&a->over)) {
        ByoNumber n = a_number((unsigned)atomic_fetch_add(&a->asked, 1) % 1000, "");
        sms.sender = byo_str(n.digits);
        byo_inventory_route(a->inv, &sms, false);
        /* one that never leaves is always ours */
        sms.sender = BYO_STR("+12029999999");
        ck_assert_int_eq(byo_inventory_route(a->inv, &sms, false), BYO_ROUTE_OURS);
    }
}

START_TEST(test_asked_meanwhile)
{
    Asking a = {.inv = byo_inventory_create()};
    const char *ids[] = {"a", "b"};
    ByoNumber fixed = a_number(9999999, "a");
    byo_inventory_put(a.inv, NULL, &fixed, NULL, 0);
    byo_inventory_set_ids(a.inv, ids, 2, false);
    long t = byo_thread_start(ask, &a);
    for (unsigned round = 0; round < 20 || atomic_load(&a.asked) < 1000; round++) {
        for (unsigned i = 0; i < 1000; i++) {
            ByoNumber n = a_number(i, "b");
            if ((i + round) % 2)
                byo_inventory_put(a.inv, NULL, &n, NULL, 0);
            else
                byo_inventory_remove(a.inv, NULL, n.digits);
        }
        byo_inventory_set_ids(a.inv, ids, round % 3, false);
    }
    atomic_store(&a.over, true);
    byo_thread_join(t);
    byo_inventory_destroy(a.inv);
}
END_TEST

int main(void)
{
    byo_gw_start();
    Suite *s = suite_create("inventory");
    TCase *t = tcase_create("inventory");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, test_spellings, 0, (int)(sizeof spellings / sizeof *spellings));
    tcase_add_test(t, test_c03_other_spellings);
    tcase_add_test(t, test_c03_national_forms_of_two);
    tcase_add_test(t, test_c03_route);
    tcase_add_test(t, test_many);
    tcase_add_test(t, test_asked_meanwhile);
    suite_add_tcase(s, t);
    int failed = run_suite(s);
    byo_gw_stop();
    return failed;
}
