/* SPDX-License-Identifier: BSD-3-Clause
 * What a turn will ask the store for, named before it decides: a database answers all of it at once, and while nothing the turn
 * writes has to be done first.
 * Decides: whether a receipt whose id is not found may be looked for loosely: not one whose answer is among the same
 * inputs.
 * Ownership: names point into the inputs and the receipts, which live as long. Threads: the flow thread. */
#include "base/hash.h"
#include "flow/flow_private.h"

#include <stdlib.h>

/* -- ids of answers -------------------------------------------------------------------------------- */

struct ByoAnswered {
    uint64_t *hashes; /* in their order; two alike only cost a look */
    size_t n, cap;
};

static uint64_t hash_of(ByoStr integration, ByoStr id)
{
    return byo_hash(id, byo_hash(integration, 0));
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

bool byo_flow_answered_has(const ByoAnswered *answered, ByoStr integration, ByoStr id)
{
    uint64_t hash = hash_of(integration, id);
    return answered->n && bsearch(&hash, answered->hashes, answered->n, sizeof hash, compare);
}

static void note_answer(ByoFlow *f, const ByoSms *sms, ByoAnswered *a)
{
    char number[BYO_MSGID_FORM_MAX];
    ByoMeta meta = {0};
    if (sms->meta_data.n)
        byo_meta_parse(sms->meta_data, &meta);
    ByoStr id = byo_flow_answered_id(f, byo_flow_runtime(f, sms->smsc_id), sms, &meta, number);
    if (id.n) {
        if (a->n == a->cap) {
            a->cap = a->cap ? 2 * a->cap : 64;
            a->hashes = byo_realloc(a->hashes, a->cap * sizeof *a->hashes);
        }
        a->hashes[a->n++] = hash_of(sms->smsc_id, id);
    }
    byo_meta_free(&meta);
}

/* -- wants ------------------------------------------------------------------------------------------ */

bool byo_flow_input_reports(const ByoInput *in)
{
    return in->kind == BYO_IN_SMS && in->link == BYO_LINK_OWN && in->sms.sms_type != BYO_MO;
}

static bool is_answer(const ByoInput *in)
{
    return byo_flow_input_reports(in) && in->sms.dlr_mask == BYO_DLR_SMSC_SUCCESS;
}

/* Names the rows an input may need; a receipt without a token goes into the list, whose new end is returned. */
static ByoReceiptIn **want(ByoFlow *f, ByoTurn *t, const ByoInput *in, ByoReceiptIn **last)
{
    ByoWant segment = {.kind = BYO_WANT_SEGMENT};
    int try;
    bool report = byo_flow_input_reports(in);
    if ((in->kind == BYO_IN_OWN_ACK && byo_flow_acked_not(in, &segment.id, &try)) ||
        (report && byo_flow_report_token(&in->sms, &segment.id, &try)))
        byo_flow_want(t, &segment);
    else if (in->kind == BYO_IN_SMS && !report)
        byo_flow_want(t, &(ByoWant){.kind = BYO_WANT_MO, .text = byo_str(in->sms.id)});
    else if (report && byo_flow_is_receipt(&in->sms))
        return byo_flow_receipt_parse(f, last, in);
    return last;
}

static void want_receipts(ByoFlow *f, ByoTurn *t, const ByoInput *inputs, const ByoReceiptIn *receipts)
{
    ByoAnswered answered = {0};
    /* Who is the only writer there can be looks when it is asked. */
    for (const ByoInput *in = byo_store_slot(t->store) < 0 ? NULL : inputs; in; in = in->next)
        if (is_answer(in))
            note_answer(f, &in->sms, &answered);
    if (answered.n)
        qsort(answered.hashes, answered.n, sizeof *answered.hashes, compare);
    byo_flow_want_receipts(f, t, receipts, &answered);
    free(answered.hashes);
}

/* What of the queues may leave behind the answers among the inputs. */
static void want_queues(ByoFlow *f, ByoTurn *t, const ByoInput *inputs)
{
    int64_t unacked = byo_flow_unacked_room(f);
    int *answers = byo_zalloc((f->n_runtimes + 1) * sizeof *answers), all = 0;
    for (const ByoInput *in = inputs; in; in = in->next) {
        const ByoRuntime *rt = is_answer(in) ? byo_flow_runtime(f, in->sms.smsc_id) : NULL;
        all += is_answer(in);
        answers[rt ? (size_t)(rt - f->runtimes) : f->n_runtimes]++;
    }
    if (all)
        byo_flow_want(t, &(ByoWant){.kind = BYO_WANT_EARLY});
    for (size_t i = 0; i < f->n_runtimes; i++)
        byo_flow_want_queue(f, t, &f->runtimes[i], answers[i], &unacked);
    free(answers);
}

ByoReceiptIn *byo_flow_want_ahead(ByoFlow *f, ByoTurn *t, const ByoInput *inputs)
{
    ByoReceiptIn *receipts = NULL, **last = &receipts;
    for (const ByoInput *in = inputs; in; in = in->next)
        last = want(f, t, in, last);
    if (receipts)
        want_receipts(f, t, inputs, receipts);
    byo_flow_want_due(f, t);
    want_queues(f, t, inputs);
    byo_flow_load_wanted(t);
    return receipts;
}
