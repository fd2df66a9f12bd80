/* SPDX-License-Identifier: BSD-3-Clause
 * Erasure on request: everything of one person but his opt-outs and the audit.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <stdio.h>

#include "compliance/reading.h"

enum { REASON_MAX = 200 };

typedef struct {
    ByoApiCall *c;
    ByoErasure done, piece; /* piece counts when it is committed */
    bool more;
    char recipient[BYO_ADDRESS_MAX + 1], reason[REASON_MAX + 1];
} Erase;

static void erase(void *arg, const ByoAdminTurn *turn)
{
    Erase *e = arg;
    e->piece = e->done;
    e->more = turn->erase(turn->arg, &e->piece, turn->now);
    const ByoErasure *d = &e->piece;
    if (!e->more)
        byo_api_audit(turn, e->c, "erase", byo_str(e->recipient),
                      "%s; %lld messages, %lld waiting inward, %lld early receipts, %lld texts of keywords",
                      e->reason, (long long)d->messages, (long long)d->inward, (long long)d->early,
                      (long long)d->stop_texts);
}

static void run(Erase *e)
{
    ByoApiCall *c = e->c;
    do {
        if (!byo_api_stored(c, c->api->actions->change(c->api->actions->arg, erase, e)))
            return;
        e->done = e->piece;
    } while (e->more);
    ByoJson *j = byo_json_object();
    byo_json_set_z(j, "recipient", e->recipient);
    byo_json_set_int(j, "messages", e->done.messages);
    byo_json_set_int(j, "segments", e->done.segments);
    byo_json_set_int(j, "inward", e->done.inward);
    byo_json_set_int(j, "earlyReceipts", e->done.early);
    byo_json_set_int(j, "keywordTexts", e->done.stop_texts);
    byo_json_set_int(j, "events", e->done.events);
    byo_api_json(c, 200, j);
}

/* False: answered. */
static bool read_request(Erase *e, ByoStr recipient, ByoStr reason)
{
    if (!byo_read_phone_digits(recipient, e->done.digits)) {
        byo_api_error(e->c, 422, "bad-number", "recipient",
                      recipient.n ? "recipient is no international number such as +12025550199."
                                  : "No recipient is given.");
        return false;
    }
    snprintf(e->recipient, sizeof e->recipient, "+%.20s", e->done.digits);
    while (reason.n && (unsigned char)reason.p[0] <= ' ')
        reason.p++, reason.n--;
    if (reason.n == 0 || reason.n > REASON_MAX) {
        byo_api_error(e->c, 422, "reason-missing", "reason",
                      reason.n ? "The reason is over %d octets."
                               : "A reason is needed: it stands in the audit (up to %d octets).",
                      REASON_MAX);
        return false;
    }
    for (size_t i = 0; i < reason.n; i++)
        e->reason[i] = (unsigned char)reason.p[i] < ' ' ? ' ' : reason.p[i];
    return true;
}

void byo_api_erase(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL}, *const members[] = {"recipient", "reason", NULL};
    Erase e = {.c = c};
    ByoJsonDoc *doc = byo_api_params(c, allowed) ? byo_api_body(c, 4) : NULL;
    if (!doc)
        return;
    ByoStr text[2] = {{0}, {0}};
    ByoJsonAt root = byo_json_root(doc);
    if (byo_json_want_object(&root, members))
        for (int i = 0; i < 2; i++) {
            ByoJsonAt at = byo_json_member(&root, members[i]);
            byo_json_want_str(&at, 0, 1000, &text[i]);
        }
    if (!byo_api_body_bad(c, doc) && read_request(&e, text[0], text[1]))
        run(&e);
    byo_json_close(doc);
}
