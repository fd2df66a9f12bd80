/* SPDX-License-Identifier: BSD-3-Clause
 * Opt-outs, messages, events and statistics by the admin API: lists, what they are filtered by, CSV.
 * Threads: none. */
#include "api_fixture.h"
#include "suites.h"

/* -- opt-outs (spec K4) -------------------------------------------------------------------------------------*/

START_TEST(K4_lists_and_history)
{
    ck_assert_uint_eq(count("/v1/opt-outs"), 1);
    ByoJsonAt items = items_at(), one = byo_json_item(&items, 0);
    ck_str(str_at(&one, "number"), "+12025550100");
    ck_str(str_at(&one, "recipient"), "+12025550199");
    ck_str(str_at(&one, "who"), "recipient");
    ck_assert_uint_eq(count("/v1/opt-outs?recipient=%2B12025550198"), 0);
    ck_assert_uint_eq(count("/v1/opt-outs/history?recipient=%2B12025550198"), 2); /* opt-in erases nothing */
    ck_assert_uint_eq(count("/v1/opt-outs/history"), 3);
    ck_assert_uint_eq(count("/v1/opt-outs/history?number=54321"), 0);
    ck_assert_uint_eq(count("/v1/opt-outs/history?limit=2"), 2);
    char *target = byo_printf("/v1/opt-outs/history?limit=2&page=%.*s", BYO_PF(str_at(&root, "next")));
    ck_assert_uint_eq(count(target), 1);
    free(target);
}
END_TEST

START_TEST(K4_export_as_csv)
{
    ck_assert_int_eq(get("/v1/opt-outs/history?format=csv&limit=2"), 200);
    ck_assert_str_eq(resp.content_type, "text/csv; charset=utf-8");
    ck_assert_str_eq(
        resp.body.p,
        "time,number,recipient,action,text,answer,who,reason\r\n"
        "2026-09-21T13:13:20.000Z,+12025550100,+12025550198,opt-in,,,admin,\"asked, \"\"again\"\"\"\r\n"
        "2026-09-20T14:13:20.000Z,+12025550100,+12025550198,opt-out,,,recipient,\r\n");
    ck_assert_ptr_nonnull(strstr(resp.headers.p, "Byobox-Next: "));
}
END_TEST

START_TEST(K4_added_by_hand)
{
    ck_assert_int_eq(
        post("/v1/opt-outs",
             "{\"number\":\"1-202-555-0100\",\"recipient\":\"001 202 555 0177\",\"reason\":\" by phone\"}"),
        201);
    ck_str(str_at(&root, "number"), "+12025550100");
    ck_str(str_at(&root, "recipient"), "+12025550177");
    ck_assert(byo_store_opted_out(reader, S("12025550100"), S("12025550177")));
    ck_assert_uint_eq(count("/v1/opt-outs?recipient=12025550177"), 1);
    ByoJsonAt items = items_at(), one = byo_json_item(&items, 0);
    ck_str(str_at(&one, "reason"), "by phone");
    ck_str(str_at(&one, "who"), "admin");
}
END_TEST

/* -- messages (spec D1, D2) ---------------------------------------------------------------------------------*/

START_TEST(D1_a_message_with_its_segments)
{
    char id[BYO_ID_TEXT], *target = byo_printf("/v1/messages/%s", byo_id_text(messages[0], id));
    ck_assert_int_eq(get(target), 200);
    ck_str(str_at(&root, "id"), id);
    ck_str(str_at(&root, "state"), "delivered");
    ck_str(str_at(&root, "cause"), "DELIVERED");
    ck_str(str_at(&root, "carrierCode"), "088");
    ck_assert_int_eq(int_at(&root, "code"), 0);
    ByoJsonAt segments = byo_json_member(&root, "segments"), first = byo_json_item(&segments, 0),
              second = byo_json_item(&segments, 1);
    ck_assert_uint_eq(byo_json_size(&segments), 2);
    ck_assert_int_eq(int_at(&first, "segment"), 1);
    ck_str(str_at(&first, "state"), "delivered");
    ck_assert(!str_at(&first, "foreignId").p);
    ck_str(str_at(&second, "state"), "accepted");
    ck_str(str_at(&second, "foreignId"), "77ab");
    ck_assert_int_eq(int_at(&second, "tries"), 2);
    ByoJsonAt dup = byo_json_member(&root, "possibleDuplicate");
    ck_assert(byo_json_peek_bool(&dup));
    free(target);
    ByoJsonAt steps = byo_json_member(&root, "steps"), begin = byo_json_item(&steps, 0),
              last = byo_json_item(&steps, byo_json_size(&steps) - 1);
    ck_assert_uint_eq(byo_json_size(&steps), 5); /* taken, written, both handed, one of them twice */
    ck_str(str_at(&begin, "step"), "taken");
    ck_str(str_at(&last, "step"), "retried");
    ck_assert_int_eq(int_at(&last, "segment"), 2);
    ck_assert_int_eq(int_at(&last, "try"), 2);
}
END_TEST

/* All that is kept of a message's life, in its order. */
START_TEST(D2_a_messages_life_in_steps)
{
    byo_store_begin(writer);
    ByoId id = messages[0];
    ByoTime base = byo_id_time(id);
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(writer, id + 2, &seg), BYO_STORE_OK);
    seg.s = (ByoSegment){.state = BYO_SEG_DELIVERED,
                         .tries = 3,
                         .accepted = true,
                         .first_handed = base + 100,
                         .handed = base + 900,
                         .accepted_at = base + 950,
                         .ended = base + 1200};
    byo_store_segment_update(writer, &seg);
    ck_assert_int_eq(byo_store_segment(writer, id + 1, &seg), BYO_STORE_OK);
    seg.s = (ByoSegment){.state = BYO_SEG_FAILED,
                         .tries = 1,
                         .first_handed = base + 100,
                         .handed = base + 100,
                         .accepted_at = base + 150,
                         .ended = base + 150,
                         .accepted = true};
    byo_store_segment_update(writer, &seg);
    ByoPast past[] = {
        {BYO_PAST_RETRIED, 2, 1, base + 200, base + 100, 0, S("THROTTLED"), S("88")},
        {BYO_PAST_RETRIED, 2, 2, base + 500, base + 300, base + 350, S("ABSENT"), S("027")},
        {BYO_PAST_REPORTED, 0, 8, base + 1000, 0, 0, S(""), S("")},
        {BYO_PAST_UNWANTED, 0, 1, base + 1300, 0, 0, S(""), S("")},
    };
    for (size_t i = 0; i < sizeof past / sizeof *past; i++)
        byo_store_step_add(writer, id, &past[i]);
    ck_assert_int_eq(byo_store_commit(writer), BYO_STORE_OK);
    char text[BYO_ID_TEXT], *target = byo_printf("/v1/messages/%s", byo_id_text(id, text));
    ck_assert_int_eq(get(target), 200);
    ByoBuf got = {0};
    ByoJsonAt steps = byo_json_member(&root, "steps");
    for (size_t i = 0; i < byo_json_size(&steps); i++) {
        ByoJsonAt one = byo_json_item(&steps, i);
        int64_t try = int_at(&one, "try"), type = int_at(&one, "dlrType");
        byo_buf_addf(&got, "%.*s", BYO_PF(str_at(&one, "step")));
        if (int_at(&one, "segment") > 0)
            byo_buf_addf(&got, " %d", (int)int_at(&one, "segment"));
        if (try > 0)
            byo_buf_addf(&got, ".%d", (int)try);
        if (type > 0)
            byo_buf_addf(&got, " dlr %d", (int)type);
        byo_buf_addf(&got, " %.*s %.*s\n", BYO_PF(str_at(&one, "cause")),
                     BYO_PF(str_at(&one, "carrierCode")));
    }
    ck_assert_str_eq(got.p,
                     "taken  \nwritten  \nhanded 1.1  \nhanded 2.1  \n"
                     "answered 1.1 CARRIER_ACCEPTED \nreceipt 1.1 DELIVERED 088\n"
                     "answered 2.1 THROTTLED 88\n"
                     "retried 2.2 THROTTLED 88\nanswered 2.2 CARRIER_ACCEPTED \nreceipt 2.2 ABSENT 027\n"
                     "retried 2.3 ABSENT 027\nanswered 2.3 CARRIER_ACCEPTED \n"
                     "report-delivered dlr 8  \n"
                     "receipt 2.3 DELIVERED 088\n"
                     "report-refused dlr 1  \n");
    byo_buf_free(&got);
    free(target);
}
END_TEST

START_TEST(D2_messages_filter_and_page)
{
    ck_assert_uint_eq(count("/v1/messages"), MESSAGES);
    ByoJsonAt items = items_at(), newest = byo_json_item(&items, 0), code = byo_json_member(&newest, "code");
    ck_str(str_at(&newest, "recipient"), "abc");
    ck_assert_int_eq(byo_json_peek_int(&code, -1), 3);
    ck_assert_uint_eq(count("/v1/messages?state=active"), 1);
    items = items_at();
    newest = byo_json_item(&items, 0);
    code = byo_json_member(&newest, "code");
    ck_assert_int_eq(byo_json_type(&code), BYO_JSON_NULL);
    ck_assert_uint_eq(count("/v1/messages?recipient=%2B12025550150"), 2);
    ck_assert_uint_eq(count("/v1/messages?recipient=1-202-555-0150&state=delivered"), 2);
    ck_assert_uint_eq(count("/v1/messages?recipient=abc"), 1);
    ck_assert_uint_eq(count("/v1/messages?number=12025550100"), MESSAGES);
    ck_assert_uint_eq(count("/v1/messages?number=54321"), 0);
    ck_assert_uint_eq(count("/v1/messages?integration=carrier-b"), 0);
    ck_assert_uint_eq(count("/v1/messages?from=2026-09-21T14:10:00Z"), 3);
    ck_assert_uint_eq(count("/v1/messages?to=2026-09-21T14:10:00Z"), 2);
    size_t seen = 0;
    char *target = byo_strdup("/v1/messages?limit=2");
    for (;;) {
        seen += count(target);
        free(target);
        ByoStr next = str_at(&root, "next");
        if (!next.p)
            break;
        target = byo_printf("/v1/messages?limit=2&page=%.*s", BYO_PF(next));
    }
    ck_assert_uint_eq(seen, MESSAGES);
}
END_TEST

/* -- events (spec L5) ---------------------------------------------------------------------------------------*/

START_TEST(L5_events_filter_and_follow)
{
    ck_assert_uint_eq(count("/v1/events"), 3);
    ByoJsonAt items = items_at(), one = byo_json_item(&items, 0);
    ck_str(str_at(&one, "definition"), "BYO-0306"); /* newest first */
    ck_assert_uint_eq(count("/v1/events?entity=carrier-b"), 1);
    ck_assert_uint_eq(count("/v1/events?definition=BYO-0101"), 1);
    ck_assert_uint_eq(count("/v1/events?entity=+12025550100"), 1);
    ck_assert_uint_eq(count("/v1/events?entity=%2B12025550100"), 1);
    ck_assert_uint_eq(count("/v1/events?from=2026-09-21T14:13:20.001Z"), 2);
    ck_assert_uint_eq(count("/v1/events?after=0&limit=2"), 2);
    items = items_at();
    one = byo_json_item(&items, 0);
    ck_str(str_at(&one, "definition"), "BYO-0101"); /* oldest first */
    char *target = byo_printf("/v1/events?after=%.*s", BYO_PF(str_at(&root, "next")));
    ck_assert_uint_eq(count(target), 1);
    free(target);
    target = byo_printf("/v1/events?after=%.*s", BYO_PF(str_at(&root, "next")));
    ck_assert_uint_eq(count(target), 0);
    ck_assert(str_at(&root, "next").p != NULL); /* there is always a place to go on from */
    byo_store_begin(writer);
    seed_event(9, BYO_EVENT_THROTTLED, "carrier-a");
    byo_store_commit(writer);
    ck_assert_uint_eq(count(target), 1);
    free(target);
}
END_TEST

/* -- statistics ---------------------------------------------------------------------------------------*/

static void count_in(ByoSpan span, ByoTime at, const char *integration, const char *counts)
{
    byo_store_begin(writer);
    byo_store_statistic_put(writer, span, at, S(integration), S(counts));
    ck_assert_int_eq(byo_store_commit(writer), BYO_STORE_OK);
}

/* "TIME INTEGRATION TAKEN; ..." of the answer. */
static const char *taken(const char *target)
{
    static char out[1024];
    size_t n = 0;
    ck_assert_int_eq(get(target), 200);
    ByoJsonAt items = items_at();
    out[0] = 0;
    for (size_t i = 0; i < byo_json_size(&items); i++) {
        ByoJsonAt one = byo_json_item(&items, i);
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%.16s %.*s %d", i ? "; " : "",
                              str_at(&one, "time").p, BYO_PF(str_at(&one, "integration")),
                              (int)int_at(&one, "taken"));
    }
    return out;
}

START_TEST(statistics_are_added_up)
{
    ByoTime day = NOW - NOW % BYO_DAY; /* 2026-09-21 */
    count_in(BYO_SPAN_HOUR, day + 9 * BYO_HOUR, "carrier-a", "messages=4 failed:EXPIRED=1 segmentsFailed=1");
    count_in(BYO_SPAN_HOUR, day - BYO_HOUR, "carrier-a", "messages=8");
    count_in(BYO_SPAN_MINUTE, day + 14 * BYO_HOUR, "carrier-b", "messages=16");
    count_in(BYO_SPAN_MINUTE, day + 14 * BYO_HOUR, "carrier-a",
             "messages=1 submit_seconds:10=1 submit_seconds:sum=7");
    count_in(BYO_SPAN_MINUTE, day + 14 * BYO_HOUR + 5 * BYO_MINUTE, "carrier-a", "messages=2");
    ck_assert_str_eq(
        taken("/v1/statistics"),
        "2026-09-21T14:00 carrier-a 1; 2026-09-21T14:00 carrier-b 16; 2026-09-21T14:05 carrier-a 2");
    ck_assert_str_eq(taken("/v1/statistics?integration=carrier-a&from=2026-09-21T14:05:30Z"),
                     "2026-09-21T14:05 carrier-a 2");
    ck_assert_str_eq(taken("/v1/statistics?to=2026-09-21T14:05:00Z&integration=carrier-a"),
                     "2026-09-21T14:00 carrier-a 1");
    ck_assert_str_eq(taken("/v1/statistics?step=1h"),
                     "2026-09-20T23:00 carrier-a 8; 2026-09-21T09:00 carrier-a 4; "
                     "2026-09-21T14:00 carrier-a 3; 2026-09-21T14:00 carrier-b 16");
    ck_assert_str_eq(
        taken("/v1/statistics?step=1d"),
        "2026-09-20T00:00 carrier-a 8; 2026-09-21T00:00 carrier-a 7; 2026-09-21T00:00 carrier-b 16");
    ByoJsonAt items = items_at(), today = byo_json_item(&items, 1),
              failed = byo_json_member(&today, "failed"), answer = byo_json_member(&today, "answerSeconds"),
              p50 = byo_json_member(&answer, "p50"), receipt = byo_json_member(&today, "receiptSeconds"),
              none = byo_json_member(&receipt, "p50");
    ck_assert_int_eq(int_at(&failed, "EXPIRED"), 1);
    ck_assert_int_eq(int_at(&today, "expired"), 1);
    ck_assert_int_eq(byo_json_type(&p50), BYO_JSON_REAL);
    ck_assert_int_eq(byo_json_type(&none), BYO_JSON_NULL);
    /* A page ends between two steps. */
    ck_assert_str_eq(taken("/v1/statistics?limit=1"),
                     "2026-09-21T14:00 carrier-a 1; 2026-09-21T14:00 carrier-b 16");
    char *target = byo_printf("/v1/statistics?page=%.*s", BYO_PF(str_at(&root, "next")));
    ck_assert_str_eq(taken(target), "2026-09-21T14:05 carrier-a 2");
    ck_assert_ptr_null(str_at(&root, "next").p);
    free(target);
}
END_TEST

/* -- messages as CSV ----------------------------------------------------------------------------------*/

/* Lines of the whole answer. */
static int csv_lines(const char *target)
{
    int lines = 0;
    ck_assert_int_eq(get(target), 200);
    for (size_t i = 0; i < resp.body.n; i++)
        lines += resp.body.p[i] == '\n';
    return lines;
}

START_TEST(D2_messages_as_csv)
{
    ck_assert_int_eq(csv_lines("/v1/messages?format=csv"), 1 + MESSAGES);
    ck_assert_ptr_nonnull(
        strstr(resp.body.p,
               ",+12025550151,failed,3,DEST_ADDR_INVALID,\"what it means\",088,GSM_0338,0,2,2,0,0,1,,\r\n"));
    ck_assert_int_eq(csv_lines("/v1/messages?format=csv&cause=DEST_ADDR_INVALID"), 1 + 2);
    ck_assert_int_eq(csv_lines("/v1/messages?format=csv&possibleDuplicate=false"), 1);
    ck_assert_int_eq(csv_lines("/v1/messages?format=csv&limit=2"), 1 + 2);
    resp.body.p[resp.body.n - 2] = 0;
    char target[128];
    const char *last = strrchr(resp.body.p, 0x0a) + 1;
    snprintf(target, sizeof target, "/v1/messages?format=csv&page=%.14s", last);
    ck_assert_int_eq(csv_lines(target), 1 + MESSAGES - 2);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api messages");
    TCase *t = tcase_create("messages");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, fixture_start, fixture_stop);
    tcase_add_test(t, K4_lists_and_history);
    tcase_add_test(t, K4_export_as_csv);
    tcase_add_test(t, K4_added_by_hand);
    tcase_add_test(t, D1_a_message_with_its_segments);
    tcase_add_test(t, D2_a_messages_life_in_steps);
    tcase_add_test(t, D2_messages_filter_and_page);
    tcase_add_test(t, L5_events_filter_and_follow);
    tcase_add_test(t, statistics_are_added_up);
    tcase_add_test(t, D2_messages_as_csv);
    suite_add_tcase(s, t);
    return run_suite(s);
}
