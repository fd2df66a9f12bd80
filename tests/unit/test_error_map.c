/* SPDX-License-Identifier: BSD-3-Clause
 * The error map: key form, scopes, verdicts of submits, receipts and NACKs (spec J1-J3, D3, D5-D7),
 * as tables.
 * Threads: none. */
#include "integration/error_map.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include "suites.h"

static bool verdict_of(const ByoErrorMap *map, ByoMapScope scope, ByoStr code, ByoVerdict *v_r)
{
    const ByoErrorRow *row = byo_error_map_find(map, scope, code);
    if (row)
        *v_r = row->verdict;
    return row != NULL;
}

static ByoStr some(const char *z)
{
    return z ? byo_str(z) : BYO_STR_NONE;
}

static void assert_verdict(ByoVerdict v, int code, const char *cause, bool mapped, const char *what)
{
    ck_assert_msg((int)v.code == code && strcmp(v.cause, cause) == 0 && v.mapped == mapped,
                  "%s: %d %s mapped=%d, wanted %d %s mapped=%d", what, (int)v.code, v.cause, v.mapped, code,
                  cause, mapped);
    ck_assert_ptr_nonnull(v.description);
}

/* ---- keys ---- */

static const struct {
    const char *code, *key; /* key NULL: has none */
} keys[] = {
    {"88", "88"},
    {"088", "88"},
    {"0x58", "88"},
    {"0X58", "88"},
    {"0x00000058", "88"},
    {"000", "0"},
    {"0", "0"},
    {"0x0", "0"},
    {"A1B", "A1B"},
    {"a1b", "A1B"},
    {"0a1", "A1"},
    {"00000000000000000000000000000088", "88"},
    {" 88 ", "88"},
    {"00", "0"},
    {"0xffffffff", "4294967295"},
    {"0xFFFFFFFFFFFFFFFF", "18446744073709551615"},
    {"0x10000000000000000", "X10000000000000000"},
    {"0x", "X"},
    {"0xG", "XG"},
    {"58x", "58X"},
    {"e-42", "E-42"},
    {"\xc3\xa9", "\xc3\xa9"},
    {"", NULL},
    {"  ", NULL},
    {"8\n8", NULL},
    {"8\x7f", NULL},
    {"1234567890123456789012345678901234567890123456789012345678901234",
     "1234567890123456789012345678901234567890123456789012345678901234"},
    {"12345678901234567890123456789012345678901234567890123456789012345", NULL},
};

START_TEST(D3_keys_have_one_form)
{
    char out[65], again[65];
    bool ok = byo_error_key(byo_str(keys[_i].code), out, sizeof out);

    ck_assert_msg(ok == (keys[_i].key != NULL), "'%s'", keys[_i].code);
    if (!ok)
        return;
    ck_assert_str_eq(out, keys[_i].key);
    ck_assert(byo_error_key(byo_str(out), again, sizeof again));
    ck_assert_str_eq(again, out);
}
END_TEST

START_TEST(D3_key_with_nul_or_small_room)
{
    char out[65];

    ck_assert(!byo_error_key(byo_strn("8\0008", 3), out, sizeof out));
    ck_assert(!byo_error_key(BYO_STR_NONE, out, sizeof out));
    ck_assert(!byo_error_key(BYO_STR("123"), out, 3));
    ck_assert(byo_error_key(BYO_STR("123"), out, 4));
}
END_TEST

/* ---- the table ---- */

START_TEST(J2_set_overrides_one_key)
{
    ByoErrorMap *map = byo_error_map_create();
    ByoVerdict v;

    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "88", BYO_CODE_RETRYABLE, "THROTTLED", "slow down");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "11", BYO_CODE_PERMANENT, "DEST_ADDR_INVALID", NULL);
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "88", BYO_CODE_PERMANENT, "GENERAL_ERROR", "no");
    ck_assert_uint_eq(byo_error_map_count(map), 2);
    ck_assert(verdict_of(map, BYO_MAP_SUBMIT, BYO_STR("0x58"), &v));
    assert_verdict(v, 3, "GENERAL_ERROR", true, "88");
    ck_assert_str_eq(v.description, "no");
    ck_assert(verdict_of(map, BYO_MAP_RECEIPT, BYO_STR("011"), &v));
    assert_verdict(v, 3, "DEST_ADDR_INVALID", true, "11");
    ck_assert_str_eq(v.description, "");
    ck_assert(!verdict_of(map, BYO_MAP_ANY, BYO_STR("12"), &v));
    ck_assert(!verdict_of(map, BYO_MAP_ANY, BYO_STR(""), &v));
    byo_error_map_destroy(map);
    byo_error_map_destroy(NULL);
}
END_TEST

START_TEST(D3_scoped_key_wins_over_bare)
{
    ByoErrorMap *map = byo_error_map_create();
    ByoVerdict v;

    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_RECEIPT, "69", BYO_CODE_RETRYABLE, "RECIPIENT_BUSY", "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "69", BYO_CODE_PERMANENT, "OTHER_PERMANENT_FAILURE", "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_SUBMIT, "70", BYO_CODE_EXPIRED, "EXPIRED", "");
    ck_assert(verdict_of(map, BYO_MAP_RECEIPT, BYO_STR("069"), &v));
    assert_verdict(v, 2, "RECIPIENT_BUSY", true, "receipt 69");
    ck_assert(verdict_of(map, BYO_MAP_SUBMIT, BYO_STR("69"), &v));
    assert_verdict(v, 3, "OTHER_PERMANENT_FAILURE", true, "submit 69");
    ck_assert(verdict_of(map, BYO_MAP_ANY, BYO_STR("69"), &v));
    assert_verdict(v, 3, "OTHER_PERMANENT_FAILURE", true, "bare 69");
    ck_assert(verdict_of(map, BYO_MAP_SUBMIT, BYO_STR("70"), &v));
    ck_assert(!verdict_of(map, BYO_MAP_RECEIPT, BYO_STR("70"), &v));
    ck_assert(!verdict_of(map, BYO_MAP_ANY, BYO_STR("70"), &v));
    byo_error_map_destroy(map);
}
END_TEST

START_TEST(J1_ten_thousand_keys)
{
    ByoErrorMap *map = byo_error_map_create();
    char key[16];
    ByoVerdict v;

    for (int i = 0; i < 10000; i++) {
        snprintf(key, sizeof key, "%d", i);
        byo_error_map_set(map, BYO_MAP_OWN, i % 3 ? BYO_MAP_ANY : BYO_MAP_RECEIPT, key, (ByoCode)(i % 11),
                          "DEFAULT", key);
    }
    ck_assert_uint_eq(byo_error_map_count(map), 10000);
    for (int i = 0; i < 10000; i++) {
        snprintf(key, sizeof key, "0%d", i);
        ck_assert_msg(verdict_of(map, BYO_MAP_RECEIPT, byo_str(key), &v), "%s", key);
        ck_assert_int_eq((int)v.code, i % 11);
        ck_assert_str_eq(v.description, key + 1);
        ck_assert(verdict_of(map, BYO_MAP_SUBMIT, byo_str(key), &v) == (i % 3 != 0));
    }
    byo_error_map_destroy(map);
}
END_TEST

static void collect(void *arg, ByoMapScope scope, const char *key, const ByoVerdict *v)
{
    char *line = arg;
    size_t n = strlen(line);

    snprintf(line + n, 200 - n, "%d/%s/%d ", (int)scope, key, (int)v->code);
}

START_TEST(J1_each_is_sorted_as_people_count)
{
    ByoErrorMap *map = byo_error_map_create();
    char line[200] = "";

    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_RECEIPT, "1", BYO_CODE_EXPIRED, "EXPIRED", "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "A1B", BYO_CODE_PERMANENT, "DEFAULT", "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "100", BYO_CODE_PERMANENT, "DEFAULT", "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "88", BYO_CODE_RETRYABLE, "DEFAULT", "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_SUBMIT, "9", BYO_CODE_RETRYABLE, "DEFAULT", "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "11", BYO_CODE_RETRYABLE, "DEFAULT", "");
    byo_error_map_each(map, collect, line);
    ck_assert_str_eq(line, "0/11/2 0/88/2 0/100/3 0/A1B/3 1/9/2 2/1/4 ");
    byo_error_map_destroy(map);
}
END_TEST

/* ---- verdicts ---- */

/* Bare codes of every kind, and one number that means another thing in a receipt. */
static ByoErrorMap *example_map(void)
{
    ByoErrorMap *map = byo_error_map_create();

    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "0", BYO_CODE_SUCCESS, "DELIVERED", "Message delivered");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "88", BYO_CODE_RETRYABLE, "THROTTLED", "slow");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "11", BYO_CODE_PERMANENT, "DEST_ADDR_INVALID", "dest");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "5", BYO_CODE_DEFERRED, "QUEUED", "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "6", BYO_CODE_ENROUTE, "ENROUTE", "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "8", BYO_CODE_ACCEPTED, "ACCEPTED", "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "A1B", BYO_CODE_UNDELIVERABLE, "RECIPIENT_BLOCKLISTED",
                      "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_RECEIPT, "11", BYO_CODE_RETRYABLE, "RECIPIENT_BUSY", "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_SUBMIT, "20", BYO_CODE_RETRYABLE, "CARRIER_CONGESTED", "");
    return map;
}

static const struct {
    const char *carrier_code;
    int code;
    const char *cause;
    bool mapped;
} submits[] = {
    {NULL, 2, "OTHER_TEMPORARY_FAILURE", true}, /* stock hides which temporary error it was */
    {"", 2, "OTHER_TEMPORARY_FAILURE", true},
    {"88", 2, "THROTTLED", true},
    {"0x58", 2, "THROTTLED", true},
    {"11", 3, "DEST_ADDR_INVALID", true},
    {"20", 2, "CARRIER_CONGESTED", true},
    {"1234", 1, "DEFAULT", false},
    {"0", 1, "DEFAULT", false}, /* a refusal is never a success */
    {"5", 1, "DEFAULT", false}, /* nor does it stay open */
    {"6", 1, "DEFAULT", false},
    {"8", 1, "DEFAULT", false},
};

START_TEST(D3_submit)
{
    ByoErrorMap *map = example_map();
    const char *code = submits[_i].carrier_code;

    assert_verdict(byo_verdict_submit(map, some(code)), submits[_i].code, submits[_i].cause,
                   submits[_i].mapped, code ? code : "(absent)");
    byo_error_map_destroy(map);
}
END_TEST

START_TEST(D3_submit_accepted)
{
    assert_verdict(byo_verdict_accepted(), 8, "CARRIER_ACCEPTED", true, "accepted");
}
END_TEST

/* The article's rows, as they stand in the built-in map, beside rows an operator wrote. */
static ByoErrorMap *article_map(void)
{
    static const struct {
        const char *key;
        ByoCode code;
        const char *cause;
    } built_in[] = {
        {"0", BYO_CODE_SUCCESS, "DELIVERED"},
        {"2", BYO_CODE_PERMANENT, "MESSAGE_DATA_INVALID"},
        {"5", BYO_CODE_RETRYABLE, "OTHER_TEMPORARY_FAILURE"},
        {"6", BYO_CODE_PERMANENT, "PRIORITY_INVALID"},
        {"8", BYO_CODE_RETRYABLE, "OTHER_TEMPORARY_FAILURE"},
        {"11", BYO_CODE_PERMANENT, "DEST_ADDR_INVALID"},
        {"14", BYO_CODE_PERMANENT, "AUTHENTICATION_FAILED"},
        {"17", BYO_CODE_PERMANENT, "OTHER_PERMANENT_FAILURE"},
        {"20", BYO_CODE_PERMANENT, "CARRIER_CONGESTED"},
        {"88", BYO_CODE_PERMANENT, "THROTTLED"},
        {"97", BYO_CODE_PERMANENT, "TIME_PERIOD_INVALID"},
        {"99", BYO_CODE_PERMANENT, "DATA_CODING_SCHEME_INVALID"},
        {"254", BYO_CODE_PERMANENT, "RECIPIENT_BLOCKLISTED"},
        {"255", BYO_CODE_UNKNOWN, "DEFAULT"},
    };
    ByoErrorMap *map = byo_error_map_create();

    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        byo_error_map_set(map, BYO_MAP_BUILT_IN, BYO_MAP_ANY, built_in[i].key, built_in[i].code,
                          built_in[i].cause, "");
    /* pasted from the article: still built in */
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "8", BYO_CODE_RETRYABLE, "OTHER_TEMPORARY_FAILURE",
                      "pasted");
    /* the operator's own */
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "17", BYO_CODE_UNDELIVERABLE, "RECIPIENT_BUSY", "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "300", BYO_CODE_RETRYABLE, "THROTTLED", "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_ANY, "301", BYO_CODE_ENROUTE, "ENROUTE", "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_RECEIPT, "11", BYO_CODE_RETRYABLE, "RECIPIENT_BUSY", "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_RECEIPT, "5", BYO_CODE_RETRYABLE, "OTHER_TEMPORARY_FAILURE",
                      "");
    byo_error_map_set(map, BYO_MAP_OWN, BYO_MAP_SUBMIT, "302", BYO_CODE_RETRYABLE, "CARRIER_CONGESTED", "");
    return map;
}

static const struct {
    ByoReceiptErrors rows;
    ByoReceiptState state;
    const char *err;
    int code;
    const char *cause;
    bool mapped;
} receipts[] = {
    /* DELIVRD is 0 DELIVERED whatever err says. */
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_DELIVERED, "000", 0, "DELIVERED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_DELIVERED, "300", 0, "DELIVERED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_DELIVERED, "999", 0, "DELIVERED", true},
    {BYO_RECEIPT_OWN_ROWS, BYO_STATE_DELIVERED, NULL, 0, "DELIVERED", true},
    /* interim: err is ignored */
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_ENROUTE, "300", 6, "ENROUTE", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_BUFFERED, "011", 6, "ENROUTE", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_SCHEDULED, "999", 5, "QUEUED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_ACCEPTED, "A1B", 8, "ACCEPTED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_ENROUTE, NULL, 6, "ENROUTE", true},
    /* (field C33) A row the operator wrote counts in every final state, bare or receipt: */
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNDELIVERABLE, "300", 2, "THROTTLED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_EXPIRED, "0300", 2, "THROTTLED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_EXPIRED, "017", 10, "RECIPIENT_BUSY", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_REJECTED, "011", 2, "RECIPIENT_BUSY", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_DELETED, "0x11", 10, "RECIPIENT_BUSY", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNKNOWN, "017", 10, "RECIPIENT_BUSY", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_NONE, "300", 2, "THROTTLED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNDELIVERABLE, "5", 2, "OTHER_TEMPORARY_FAILURE",
     true}, /* as receipt: */
    {BYO_RECEIPT_OWN_ROWS, BYO_STATE_UNDELIVERABLE, "017", 10, "RECIPIENT_BUSY", true},
    {BYO_RECEIPT_OWN_ROWS, BYO_STATE_EXPIRED, "011", 2, "RECIPIENT_BUSY", true},
    /* (field C33) A built-in row, in the states that leave it open why */
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNDELIVERABLE, "254", 3, "RECIPIENT_BLOCKLISTED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_REJECTED, "254", 3, "RECIPIENT_BLOCKLISTED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_DELETED, "0254", 3, "RECIPIENT_BLOCKLISTED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNKNOWN, "0xFE", 3, "RECIPIENT_BLOCKLISTED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_NONE, "254", 3, "RECIPIENT_BLOCKLISTED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNDELIVERABLE, "255", 9, "DEFAULT", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_EXPIRED, "254", 4, "EXPIRED", true}, /* never for EXPIRED */
    /* (field C33) It yields where it speaks of the submit, the account or the load, and where it would send again */
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNDELIVERABLE, "002", 10, "CARRIER_DELIVERY_FAILED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNDELIVERABLE, "006", 10, "CARRIER_DELIVERY_FAILED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_REJECTED, "008", 7, "OPERATION_NOT_ALLOWED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNDELIVERABLE, "014", 10, "CARRIER_DELIVERY_FAILED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNDELIVERABLE, "020", 10, "CARRIER_DELIVERY_FAILED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNDELIVERABLE, "088", 10, "CARRIER_DELIVERY_FAILED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_DELETED, "097", 3, "OTHER_PERMANENT_FAILURE", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNKNOWN, "099", 9, "DEFAULT", true},
    /* (field C33) receipt-errors = own-rows leaves the built-in rows out, pasted ones, too */
    {BYO_RECEIPT_OWN_ROWS, BYO_STATE_UNDELIVERABLE, "254", 10, "CARRIER_DELIVERY_FAILED", false},
    {BYO_RECEIPT_OWN_ROWS, BYO_STATE_UNDELIVERABLE, "008", 10, "CARRIER_DELIVERY_FAILED", false},
    {BYO_RECEIPT_OWN_ROWS, BYO_STATE_UNDELIVERABLE, "000", 10, "CARRIER_DELIVERY_FAILED", true},
    /* unmapped: the state */
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_EXPIRED, "999", 4, "EXPIRED", false},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_DELETED, "999", 3, "OTHER_PERMANENT_FAILURE", false},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNDELIVERABLE, "999", 10, "CARRIER_DELIVERY_FAILED", false},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_REJECTED, "302", 7, "OPERATION_NOT_ALLOWED", false}, /* submit: only */
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNKNOWN, "999", 9, "DEFAULT", false},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_NONE, "999", 9, "DEFAULT", false},
    /* mapped to 0, 5, 6 or 8: the state */
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_EXPIRED, "000", 4, "EXPIRED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_DELETED, "301", 3, "OTHER_PERMANENT_FAILURE", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNKNOWN, "000", 9, "DEFAULT", true},
    /* no err: the state */
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_EXPIRED, NULL, 4, "EXPIRED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_DELETED, "", 3, "OTHER_PERMANENT_FAILURE", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNDELIVERABLE, NULL, 10, "CARRIER_DELIVERY_FAILED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_REJECTED, NULL, 7, "OPERATION_NOT_ALLOWED", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_UNKNOWN, NULL, 9, "DEFAULT", true},
    {BYO_RECEIPT_ALL_ROWS, BYO_STATE_NONE, NULL, 9, "DEFAULT", true},
};

START_TEST(D3_C33_receipt)
{
    ByoErrorMap *map = article_map();
    char what[60];

    snprintf(what, sizeof what, "row %d: state %d err %s", _i, (int)receipts[_i].state,
             receipts[_i].err ? receipts[_i].err : "-");
    assert_verdict(byo_verdict_receipt(map, receipts[_i].rows, receipts[_i].state, some(receipts[_i].err)),
                   receipts[_i].code, receipts[_i].cause, receipts[_i].mapped, what);
    byo_error_map_destroy(map);
}
END_TEST

static const struct {
    ByoOwnCause own;
    int code;
    const char *cause;
} owns[] = {
    {BYO_OWN_OPTED_OUT, 7, "RECIPIENT_OPTED_OUT"}, /* (spec K5) */
    {BYO_OWN_NO_CHARSET, 3, "DATA_CODING_SCHEME_INVALID"},
    {BYO_OWN_TOO_LONG, 3, "MESSAGE_BODY_TOO_LONG"},
    {BYO_OWN_BAD_DATA, 3, "MESSAGE_DATA_INVALID"},
    {BYO_OWN_BAD_DESTINATION, 3, "DEST_ADDR_INVALID"},
    {BYO_OWN_BAD_SOURCE, 3, "SOURCE_ADDR_INVALID"},
    {BYO_OWN_NOT_ALLOWED, 7, "OPERATION_NOT_ALLOWED"},
    {BYO_OWN_EXPIRED, 4, "EXPIRED"},
    {BYO_OWN_NO_RECEIPT, 1, "NETWORK_TIMEOUT"},
    {BYO_OWN_RETRIES_EXCEEDED, 2, "OTHER_TEMPORARY_FAILURE"},
    {BYO_OWN_CANCELLED, 3, "OTHER_PERMANENT_FAILURE"},
    {BYO_OWN_DELETED, 3, "OTHER_PERMANENT_FAILURE"},
    {BYO_OWN_UNKNOWN_DELETED, 1, "NETWORK_TIMEOUT"},
    {BYO_OWN_UNKNOWN_CANCELLED, 1, "NETWORK_TIMEOUT"},
};

START_TEST(D3_own_verdicts)
{
    ByoVerdict v = byo_verdict_own(owns[_i].own);

    assert_verdict(v, owns[_i].code, owns[_i].cause, true, owns[_i].cause);
    ck_assert_uint_gt(strlen(v.description), 0);
    ck_assert(byo_cause_known(byo_str(v.cause)));
}
END_TEST

/* ---- NACK texts ---- */

static const struct {
    const char *text;
    ByoNack nack;
    uint32_t status;
} nacks[] = {
    {"NACK/0x0000000b/Invalid Destination Address", BYO_NACK_STATUS, 11},
    {"NACK/0x00000058/Throttling error", BYO_NACK_STATUS, 88},
    {"NACK/0x00000400/Unknown/Reserved", BYO_NACK_STATUS, 1024},
    {"NACK/0x00000045", BYO_NACK_STATUS, 69},
    {"NACK/0xffffffff80000001/Unknown/Reserved", BYO_NACK_STATUS,
     0x80000001u}, /* bearerbox's long has a sign */
    {"NACK/0xffffffff/Unknown/Reserved", BYO_NACK_STATUS, 0xffffffffu},
    {"NACK/0x100000000/x", BYO_NACK_OTHER, 0},
    {"NACK/0x1ffffffffffffffff/x", BYO_NACK_OTHER, 0},
    {"NACK/0x/x", BYO_NACK_OTHER, 0},
    {"NACK/0xzz/x", BYO_NACK_OTHER, 0},
    {"NACK/Retries Exceeded", BYO_NACK_RETRIES_EXCEEDED, 0},
    {"NACK/no SMSC", BYO_NACK_NO_SMSC, 0},
    {"NACK/no answer", BYO_NACK_NO_ANSWER, 0},
    {"NACK/connection lost", BYO_NACK_NO_ANSWER, 0},
    {"NACK/validity expired", BYO_NACK_EXPIRED, 0},
    {"NACK/MALFORMED SMS", BYO_NACK_MALFORMED, 0},
    {"NACK/sender not in white-list", BYO_NACK_LISTED, 0},
    {"NACK/sender in black-list", BYO_NACK_LISTED, 0},
    {"NACK/receiver not in white-list", BYO_NACK_LISTED, 0},
    {"NACK/receiver in black-list", BYO_NACK_LISTED, 0},
    {"nack/NO smsc", BYO_NACK_NO_SMSC, 0},
    {"NACK/", BYO_NACK_OTHER, 0}, /* a part of a message bearerbox itself had split */
    {"NACK/no SMSC today", BYO_NACK_OTHER, 0},
    {"NACK", BYO_NACK_OTHER, 0},
    {"ACK/", BYO_NACK_OTHER, 0},
    {"", BYO_NACK_OTHER, 0},
};

START_TEST(D3_nack_texts)
{
    uint32_t status = 7;

    ck_assert_msg(byo_nack_parse(byo_str(nacks[_i].text), &status) == nacks[_i].nack, "%s", nacks[_i].text);
    ck_assert_uint_eq(status, nacks[_i].status);
}
END_TEST

START_TEST(J1_causes)
{
    size_t n;
    const char *const *list = byo_cause_list(&n);

    ck_assert_uint_eq(n, 44);
    for (size_t i = 0; i < n; i++) {
        ck_assert(byo_cause_known(byo_str(list[i])));
        ck_assert(i == 0 || strcmp(list[i - 1], list[i]) < 0);
    }
    ck_assert(!byo_cause_known(BYO_STR("delivered")));
    ck_assert(!byo_cause_known(BYO_STR("DELIVERE")));
    ck_assert(!byo_cause_known(BYO_STR("")));
    ck_assert(!byo_cause_known(BYO_STR_NONE));
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))

int main(void)
{
    Suite *suite = suite_create("error map");
    TCase *tc = tcase_create("error map");

    tcase_add_loop_test(tc, D3_keys_have_one_form, 0, ROWS(keys));
    tcase_add_test(tc, D3_key_with_nul_or_small_room);
    tcase_add_test(tc, J2_set_overrides_one_key);
    tcase_add_test(tc, D3_scoped_key_wins_over_bare);
    tcase_add_test(tc, J1_ten_thousand_keys);
    tcase_add_test(tc, J1_each_is_sorted_as_people_count);
    tcase_add_loop_test(tc, D3_submit, 0, ROWS(submits));
    tcase_add_test(tc, D3_submit_accepted);
    tcase_add_loop_test(tc, D3_C33_receipt, 0, ROWS(receipts));
    tcase_add_loop_test(tc, D3_own_verdicts, 0, ROWS(owns));
    tcase_add_loop_test(tc, D3_nack_texts, 0, ROWS(nacks));
    tcase_add_test(tc, J1_causes);
    suite_add_tcase(suite, tc);

    return run_suite(suite);
}
