/* SPDX-License-Identifier: BSD-3-Clause
 * A test message: sent from one of our numbers as an application's is, and it obeys what that obeys (opt-outs,
 * queue-limit, charsets, validity of the recipient, drain).
 * Decides: the answer. 202: it was taken; 422: it was refused for good and stored, its id stands in the answer; 503:
 * not now.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "compliance/reading.h"
#include "encoding/charset.h"
#include "integration/error_map.h"

enum { TEXT_MAX = 128 * 1024, ADDRESS_MAX = 1000 };

typedef struct {
    ByoApiCall *c;
    ByoTestMessage message;
    char digits[BYO_ADDRESS_MAX];
    ByoTestDone done;
} Test;

static void send(void *arg, const ByoAdminTurn *turn)
{
    Test *test = arg;
    char number[BYO_NUMBER_TEXT], id[BYO_ID_TEXT];
    turn->test_message(turn->arg, &test->message, &test->done);
    if (test->done.id)
        byo_api_audit(turn, test->c, "test message",
                      byo_str(byo_api_number_text(test->message.number, number)), "%s to %.*s was %s",
                      byo_id_text(test->done.id, id), BYO_PF(test->message.recipient),
                      test->done.outcome == BYO_TEST_TAKEN ? "taken" : "refused");
}

/* What of the request a refusal is about; NULL: none of it. */
static const char *field_of(ByoStr cause)
{
    static const struct {
        ByoOwnCause cause;
        const char *field;
    } rows[] = {{BYO_OWN_OPTED_OUT, "recipient"}, {BYO_OWN_BAD_DESTINATION, "recipient"},
                {BYO_OWN_NO_CHARSET, "text"},     {BYO_OWN_TOO_LONG, "text"},
                {BYO_OWN_BAD_DATA, "text"},       {BYO_OWN_NOT_ALLOWED, "number"},
                {BYO_OWN_BAD_SOURCE, "number"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (byo_str_is(cause, byo_verdict_own(rows[i].cause).cause))
            return rows[i].field;
    return NULL;
}

/* It is stored: whoever asked must not send it again because it cannot be read now. */
static void answer_message(Test *test)
{
    ByoApiCall *c = test->c;
    ByoMessageRow m;
    bool read = byo_store_message(c->api->reader, test->done.id, &m) == BYO_STORE_OK;
    if (!read)
        m = (ByoMessageRow){.id = test->done.id};
    if (test->done.outcome == BYO_TEST_TAKEN) {
        ByoJson *j = read ? byo_api_message_json(c->api->reader, &m) : byo_json_object();
        byo_api_set_id(j, "id", m.id);
        byo_api_json(c, 202, j);
        return;
    }
    char *text = read ? byo_printf("The message was refused: %.*s, %.*s.", BYO_PF(m.verdict.code_cause),
                                   BYO_PF(m.verdict.description))
                      : byo_strdup("The message was refused, and cannot be read now.");
    ByoJson *j = byo_api_error_json("message-refused", field_of(m.verdict.code_cause), text);
    byo_api_set_id(j, "id", m.id);
    byo_api_set_opt(j, "cause", m.verdict.code_cause);
    byo_api_json(c, 422, j);
    free(text);
}

static void answer(Test *test)
{
    ByoApiCall *c = test->c;
    switch (test->done.outcome) {
    case BYO_TEST_TAKEN:
    case BYO_TEST_REFUSED:
        answer_message(test);
        break;
    case BYO_TEST_LATER:
        byo_api_error(
            c, 503, "try-again", NULL,
            "The message is not taken now: queue-limit is reached, or the number's integration has no "
            "group in the configuration.");
        break;
    case BYO_TEST_DRAINING:
        byo_api_error(c, 503, "draining", NULL, "No new messages are taken (byoctl drain).");
        break;
    case BYO_TEST_NO_NUMBER:
        byo_api_error(c, 422, "number-missing", "number", "This number is not in the inventory.");
        break;
    }
}

/* False: answered. */
static bool judge(Test *test, ByoStr number, ByoStr recipient, ByoStr text)
{
    ByoApiCall *c = test->c;
    ByoWritten w;
    if (!byo_read_digits(number, test->digits)) {
        byo_api_error(c, 422, "bad-number", "number",
                      number.n ? "number is no number such as +12025550100, and no short code."
                               : "No number is given.");
        return false;
    }
    if (!byo_address_written(recipient, BYO_MANNER_PEOPLE, &w)) {
        byo_api_error(c, 422, "bad-number", "recipient",
                      recipient.n ? "recipient is no number of a phone such as +12025550199."
                                  : "No recipient is given.");
        return false;
    }
    if (!text.n) {
        byo_api_error(c, 422, "text-missing", "text", "A text is needed.");
        return false;
    }
    test->message = (ByoTestMessage){byo_str(test->digits), recipient, text, byo_str(c->who.name)};
    return true;
}

void byo_api_test_message(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL}, *const members[] = {"number", "recipient", "text", NULL};
    ByoJsonDoc *doc = byo_api_params(c, allowed) ? byo_api_body(c, 4) : NULL;
    if (!doc)
        return;
    Test test = {.c = c};
    ByoStr value[3] = {{0}, {0}, {0}};
    ByoJsonAt root = byo_json_root(doc);
    if (byo_json_want_object(&root, members))
        for (int i = 0; i < 3; i++) {
            ByoJsonAt at = byo_json_member(&root, members[i]);
            byo_json_want_str(&at, 0, i == 2 ? TEXT_MAX : ADDRESS_MAX, &value[i]);
        }
    if (!byo_api_body_bad(c, doc) && judge(&test, value[0], value[1], value[2]) &&
        byo_api_stored(c, c->api->actions->change(c->api->actions->arg, send, &test)))
        answer(&test);
    byo_json_close(doc);
}
