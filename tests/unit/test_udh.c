/* SPDX-License-Identifier: BSD-3-Clause
 * Holds the user data headers: those that are written, and which of those that come are whole and say what part.
 * Threads: none. */
#include <check.h>

#include "encoding/encode.h"
#include "suites.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* TS 23.040 9.2.3.24.1 and .8. */
START_TEST(udh_concat_octets)
{
    unsigned char out[BYO_UDH_MAX];
    ByoUdh udh = {.reference_bits = 8, .reference = 0x1A5, .total = 255, .number = 3};

    ck_assert_uint_eq(byo_udh_write(&udh, out), 6);
    ck_assert_mem_eq(out, "\x05\x00\x03\xa5\xff\x03", 6);
    udh = (ByoUdh){.reference_bits = 16, .reference = 0x1A5, .total = 4, .number = 1};
    ck_assert_uint_eq(byo_udh_write(&udh, out), 7);
    ck_assert_mem_eq(out, "\x06\x08\x04\x01\xa5\x04\x01", 7);
    udh.single = 1; /* TS 23.040 9.2.3.24.15, .16 */
    udh.locking = 3;
    ck_assert_uint_eq(byo_udh_write(&udh, out), 13);
    ck_assert_mem_eq(out, "\x0c\x08\x04\x01\xa5\x04\x01\x24\x01\x01\x25\x01\x03", 13);
    udh = (ByoUdh){.own = {"\x06\x05\x04\x15\x81\x00\x00", 7}, .single = 2};
    ck_assert_uint_eq(byo_udh_write(&udh, out), 10);
    ck_assert_mem_eq(out, "\x09\x05\x04\x15\x81\x00\x00\x24\x01\x02", 10);
    ck_assert_uint_eq(byo_udh_write(&(ByoUdh){0}, out), 0);
}
END_TEST

static const struct {
    ByoStr udh;
    bool good;
    unsigned reference, total, number;
} udh_rows[] = {
    {{"\x05\x00\x03\xa5\x03\x02", 6}, true, 0xA5, 3, 2},
    {{"\x06\x08\x04\x01\xa5\x04\x01", 7}, true, 0x1A5, 4, 1},
    {{"\x00", 1}, true, 0, 0, 0},
    {{"\x06\x05\x04\x15\x81\x15\x81", 7}, true, 0, 0, 0},                      /* ports */
    {{"\x0b\x05\x04\x15\x81\x15\x81\x00\x03\x07\x02\x01", 12}, true, 7, 2, 1}, /* ports, then concat */
    {{"\x0a\x00\x03\x01\x02\x01\x00\x03\x02\x02\x02", 11}, true, 2, 2, 2},     /* the last one holds */
    {{"\x05\x00\x03\xa5\x00\x01", 6}, true, 0, 0, 0},                          /* impossible: ignored */
    {{"\x05\x00\x03\xa5\x02\x03", 6}, true, 0, 0, 0},
    {{"\x05\x00\x03\xa5\x02\x00", 6}, true, 0, 0, 0},
    {{"\x04\x00\x02\xa5\x02", 5}, true, 0, 0, 0}, /* another length */
    {{"\x02\x24\x00", 3}, true, 0, 0, 0},         /* an empty element */
    {{"", 0}, false, 0, 0, 0},
    {{"\x05\x00\x03\xa5\x03", 5}, false, 0, 0, 0},         /* cut off */
    {{"\x05\x00\x03\xa5\x03\x02\x00", 7}, false, 0, 0, 0}, /* too much */
    {{"\x05\x00\x04\xa5\x03\x02", 6}, false, 0, 0, 0},     /* it lies */
    {{"\x05\x00\x02\xa5\x03\x02", 6}, false, 0, 0, 0},
    {{"\x01\x00", 2}, false, 0, 0, 0}, /* no length */
    {{"\xff\x00\xfd", 3}, false, 0, 0, 0},
};

START_TEST(udh_checked)
{
    unsigned reference = 99, total = 99, number = 99;
    bool good = byo_udh_check(udh_rows[_i].udh, &reference, &total, &number);

    ck_assert_msg(good == udh_rows[_i].good, "row %d", _i);
    ck_assert(byo_udh_check(udh_rows[_i].udh, NULL, NULL, NULL) == good);
    if (!good)
        return;
    ck_assert_uint_eq(total, udh_rows[_i].total);
    ck_assert_uint_eq(number, udh_rows[_i].number);
    ck_assert_uint_eq(reference, udh_rows[_i].reference);
}
END_TEST

START_TEST(udh_longer_than_a_message)
{
    char udh[142] = {0};

    udh[0] = (char)139;
    udh[1] = 0x24;
    udh[2] = (char)137;
    ck_assert(byo_udh_check(byo_strn(udh, 140), NULL, NULL, NULL));
    udh[0] = (char)140;
    udh[2] = (char)138;
    ck_assert(!byo_udh_check(byo_strn(udh, 141), NULL, NULL, NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("udh");
    TCase *tc = tcase_create("udh");

    tcase_add_test(tc, udh_concat_octets);
    tcase_add_loop_test(tc, udh_checked, 0, (int)N(udh_rows));
    tcase_add_test(tc, udh_longer_than_a_message);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
