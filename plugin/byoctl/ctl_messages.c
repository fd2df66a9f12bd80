/* SPDX-License-Identifier: BSD-3-Clause
 * byoctl's messages: a list, one with its life, a test message; and statistics.
 * Ownership and threads: ctl_private.h. */
#include "byoctl/ctl_private.h"

#include <inttypes.h>
#include <stdlib.h>

/* -- messages -----------------------------------------------------------------------------------------*/

static void add_verdict(ByoGrid *t, const ByoJsonAt *o)
{
    ByoJsonAt code = byo_json_member(o, "code");
    ByoStr carrier = byo_ctl_str(o, "carrierCode");
    if (byo_json_type(&code) != BYO_JSON_INT)
        byo_grid_add(t, BYO_STR_NONE);
    else
        byo_grid_addf(t, "%" PRId64 " %.*s%s%.*s", byo_json_peek_int(&code, 0),
                      BYO_PF(byo_ctl_str(o, "cause")), carrier.n ? " " : "", BYO_PF(carrier));
}

static void add_message(void *arg, const ByoJsonAt *m)
{
    char when[BYO_CTL_TIME];
    ByoJsonAt tally = byo_json_member(m, "tally");
    byo_grid_add(arg, byo_ctl_str(m, "id"));
    byo_grid_add(arg, byo_ctl_time(m, "created", when));
    byo_grid_add(arg, byo_ctl_str(m, "number"));
    byo_grid_add(arg, byo_ctl_str(m, "recipient"));
    byo_grid_addf(arg, "%" PRId64, byo_ctl_int(&tally, "segments"));
    byo_grid_add(arg, byo_ctl_str(m, "state"));
    add_verdict(arg, m);
}

static void add_inbound(void *arg, const ByoJsonAt *m)
{
    char when[BYO_CTL_TIME];
    byo_grid_add(arg, byo_ctl_str(m, "id"));
    byo_grid_add(arg, byo_ctl_time(m, "created", when));
    byo_grid_add(arg, byo_ctl_str(m, "number"));
    byo_grid_add(arg, byo_ctl_str(m, "sender"));
    byo_grid_add(arg, byo_ctl_str(m, "keyword"));
    byo_grid_add(arg, byo_ctl_str(m, "smsbox"));
    byo_grid_add(arg, byo_ctl_str(m, "text"));
}

int byo_ctl_messages(ByoCtl *c)
{
    static const char *const filters[] = {"number",
                                          "recipient",
                                          "integration",
                                          "state",
                                          "cause",
                                          "carrier-code=carrierCode",
                                          "possible-duplicate=possibleDuplicate",
                                          "direction",
                                          "from",
                                          "to",
                                          NULL};
    ByoBuf url = {0};
    int64_t most;
    int code;
    bool csv = byo_ctl_option(c, "csv") != NULL;
    if (!byo_ctl_most(c, csv ? 0 : BYO_CTL_SHOWN, &most))
        return BYO_CTL_USAGE;
    byo_buf_adds(&url, "/v1/messages");
    byo_ctl_query(c, &url, filters);
    const char *direction = byo_ctl_option(c, "direction");
    if (csv)
        code = byo_ctl_csv(c, &url, most);
    else if (direction && strcmp(direction, "inbound") == 0)
        code = byo_ctl_table(c, &url, most, add_inbound,
                             "!ID|!CREATED (UTC)|!NUMBER|SENDER|KEYWORD|SMSBOX|+TEXT");
    else
        code = byo_ctl_table(c, &url, most, add_message,
                             "!ID|!CREATED (UTC)|!NUMBER|RECIPIENT|>SEG|STATE|RESULT");
    byo_buf_free(&url);
    return code;
}

static void print_segments(ByoCtl *c, const ByoJsonAt *m)
{
    char when[BYO_CTL_TIME];
    ByoGrid *t =
        byo_grid_create(">SEG|STATE|>TRIES|RESULT (CODE, CAUSE, CARRIER'S)|CARRIER'S ID|HANDED OVER|ENDED");
    ByoJsonAt list = byo_json_member(m, "segments");
    for (size_t i = 0; i < byo_json_size(&list); i++) {
        ByoJsonAt s = byo_json_item(&list, i);
        byo_grid_addf(t, "%" PRId64, byo_ctl_int(&s, "segment"));
        byo_grid_addf(t, "%.*s%s", BYO_PF(byo_ctl_str(&s, "state")),
                      byo_ctl_bool(&s, "possibleDuplicate") ? " (dup?)" : "");
        byo_grid_addf(t, "%" PRId64, byo_ctl_int(&s, "tries"));
        add_verdict(t, &s);
        byo_grid_add(t, byo_ctl_str(&s, "foreignId"));
        ByoStr handed = byo_ctl_time(&s, "handed", when);
        byo_grid_add(t, handed.n > 11 ? byo_strn(handed.p + 11, handed.n - 11) : handed);
        ByoStr ended = byo_ctl_time(&s, "ended", when);
        byo_grid_add(t, ended.n > 11 ? byo_strn(ended.p + 11, ended.n - 11) : ended);
    }
    fputc('\n', c->out);
    byo_grid_print(t, c->out);
    byo_grid_destroy(t);
}

static const char *report_of(int64_t dlr_type)
{
    return dlr_type == 1   ? "delivered"
           : dlr_type == 2 ? "failed"
           : dlr_type == 4 ? "interim"
           : dlr_type == 8 ? "accepted"
                           : "refused";
}

static void add_count(ByoGrid *t, int64_t n)
{
    if (n)
        byo_grid_addf(t, "%" PRId64, n);
    else
        byo_grid_add(t, BYO_STR_NONE);
}

/* Several steps of one second: their milliseconds say which came first. */
static void add_step(ByoGrid *t, const ByoJsonAt *s)
{
    ByoStr time = byo_ctl_str(s, "time"), carrier = byo_ctl_str(s, "carrierCode"),
           box = byo_ctl_str(s, "smsbox"), text = byo_ctl_str(s, "text");
    int64_t type = byo_ctl_int(s, "dlrType");
    if (time.n > 20)
        byo_grid_addf(t, "%.10s %.*s", time.p, (int)time.n - 12, time.p + 11);
    else
        byo_grid_add(t, time);
    byo_grid_add(t, byo_ctl_str(s, "step"));
    add_count(t, byo_ctl_int(s, "segment"));
    add_count(t, byo_ctl_int(s, "try"));
    if (type)
        byo_grid_addf(t, "%s, smsbox %.*s", report_of(type), BYO_PF(box.n ? box : BYO_STR("without an id")));
    else if (box.n)
        byo_grid_addf(t, "smsbox %.*s", BYO_PF(box));
    else if (text.n)
        byo_grid_add(t, text);
    else
        byo_grid_addf(t, "%.*s%s%.*s", BYO_PF(byo_ctl_str(s, "cause")), carrier.n ? " " : "",
                      BYO_PF(carrier));
}

static void print_steps(ByoCtl *c, const ByoJsonAt *m)
{
    ByoGrid *t = byo_grid_create("TIME (UTC)|STEP|>SEG|>TRY|+WHAT");
    ByoJsonAt list = byo_json_member(m, "steps");
    for (size_t i = 0; i < byo_json_size(&list); i++) {
        ByoJsonAt one = byo_json_item(&list, i);
        add_step(t, &one);
    }
    if (byo_grid_rows(t)) {
        fputc('\n', c->out);
        byo_grid_print(t, c->out);
    }
    byo_grid_destroy(t);
}

int byo_ctl_message(ByoCtl *c)
{
    static const char *const skip[] = {"segments", "steps", NULL};
    ByoBuf url = {0};
    ByoCtlReply r;
    byo_buf_adds(&url, "/v1/messages/");
    byo_client_encode(&url, byo_str(c->arguments[0]));
    if (byo_ctl_ask(c, "GET", url.p, NULL, "id direction", &r)) {
        if (c->json) {
            byo_ctl_print_json(c, &r);
        } else {
            byo_ctl_print_object(c, &r.root, 0, skip);
            if (!byo_str_is(byo_ctl_str(&r.root, "direction"), "inbound")) {
                print_segments(c, &r.root);
                print_steps(c, &r.root);
            }
        }
    }
    byo_ctl_reply_free(&r);
    byo_buf_free(&url);
    return r.code;
}

/* -- a test message -------------------------------------------------------------------------------------*/

int byo_ctl_test_message(ByoCtl *c)
{
    ByoCtlReply r;
    ByoJson *j = byo_json_object();
    byo_json_set_z(j, "number", c->arguments[0]);
    byo_json_set_z(j, "recipient", c->arguments[1]);
    byo_json_set_z(j, "text", c->arguments[2]);
    if (byo_ctl_ask(c, "POST", "/v1/test-messages", j, "id", &r)) {
        if (c->json)
            byo_ctl_print_json(c, &r);
        else
            fprintf(c->out, "taken; `byoctl message %.*s` tells what becomes of it\n",
                    BYO_PF(byo_ctl_str(&r.root, "id")));
    }
    byo_ctl_reply_free(&r);
    return r.code;
}

/* -- statistics -----------------------------------------------------------------------------------------*/

static void add_seconds(ByoGrid *t, const ByoJsonAt *s, const char *key)
{
    ByoJsonAt of = byo_json_member(s, key), p95 = byo_json_member(&of, "p95");
    ByoBuf text = {0};
    if (byo_json_type(&p95) == BYO_JSON_REAL || byo_json_type(&p95) == BYO_JSON_INT)
        byo_json_write(&p95, false, &text);
    if (text.n)
        byo_grid_addf(t, "%.3f", strtod(text.p, NULL));
    else
        byo_grid_add(t, BYO_STR_NONE);
    byo_buf_free(&text);
}

static void add_statistic(void *arg, const ByoJsonAt *s)
{
    static const char *const counts[] = {"taken", "refused", "handed", "accepted", "delivered"};
    char when[BYO_CTL_TIME];
    int64_t failed = 0;
    ByoJsonAt causes = byo_json_member(s, "failed");
    ByoStr time = byo_ctl_time(s, "time", when);
    byo_grid_add(arg, byo_strn(time.p, time.n > 16 ? 16 : time.n)); /* a step begins with a minute */
    byo_grid_add(arg, byo_ctl_str(s, "integration"));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        byo_grid_addf(arg, "%" PRId64, byo_ctl_int(s, counts[i]));
    ByoJsonAt one;
    for (size_t at = 0; byo_json_next(&causes, &at, &one);)
        failed += byo_json_peek_int(&one, 0);
    byo_grid_addf(arg, "%" PRId64, failed);
    byo_grid_addf(arg, "%" PRId64, byo_ctl_int(s, "inbound"));
    add_seconds(arg, s, "answerSeconds");
    add_seconds(arg, s, "receiptSeconds");
}

int byo_ctl_statistics(ByoCtl *c)
{
    static const char *const filters[] = {"integration", "from", "to", "step", NULL};
    ByoBuf url = {0};
    byo_buf_adds(&url, "/v1/statistics");
    byo_ctl_query(c, &url, filters);
    int code = byo_ctl_table(
        c, &url, 0, add_statistic,
        "!TIME (UTC)|!INTEGRATION|>TAKEN|>REFUSED|>SENT|>ACCEPTED|>DELIV.|>FAILED|>IN|>ANSWER|>RECEIPT");
    byo_buf_free(&url);
    return code;
}
