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

typedef struct {
    ByoStr integration;
    size_t at, n; /* its id, in texts */
    uint64_t hash;
} Answer;

struct ByoAnswered {
    Answer *of; /* in the order of their hashes; two alike only cost a look */
    size_t n, cap;
    ByoBuf texts;
};

static uint64_t hash_of(ByoStr integration, ByoStr id)
{
    return byo_hash(id, byo_hash(integration, 0));
}

static int compare(const void *a, const void *b)
{
    uint64_t x = ((const Answer *)a)->hash, y = ((const Answer *)b)->hash;
    return (x > y) - (x < y);
}

bool byo_flow_answered_has(const ByoAnswered *answered, ByoStr integration, ByoStr id)
{
    Answer a = {.hash = hash_of(integration, id)};
    return answered->n && bsearch(&a, answered->of, answered->n, sizeof a, compare);
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
            a->of = byo_realloc(a->of, a->cap * sizeof *a->of);
        }
        a->of[a->n++] = (Answer){sms->smsc_id, a->texts.n, id.n, hash_of(sms->smsc_id, id)};
        byo_buf_add(&a->texts, id.p, id.n);
    }
    byo_meta_free(&meta);
}

static void answered_free(ByoAnswered *a)
{
    free(a->of);
    byo_buf_free(&a->texts);
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

/* Where there are other writers ids are looked for once in a turn: who is the only one there can be looks when it is asked. */
static void note_answers(ByoFlow *f, const ByoTurn *t, const ByoInput *inputs, bool receipts, ByoAnswered *a)
{
    bool early = (f->cfg.features & BYO_FEATURE_RECEIPTS_TO_BOX) && byo_store_early_count(t->store) > 0;
    if (byo_store_slot(t->store) < 0 || (!receipts && !early))
        return;
    for (const ByoInput *in = inputs; in; in = in->next)
        if (is_answer(in))
            note_answer(f, &in->sms, a);
    if (a->n)
        qsort(a->of, a->n, sizeof *a->of, compare);
}

/* Receipts may wait for them. */
static void want_early(ByoTurn *t, const ByoAnswered *a)
{
    if (!a->n || byo_store_early_count(t->store) <= 0)
        return;
    for (size_t i = 0; i < a->n; i++)
        byo_flow_want(t, &(ByoWant){.kind = BYO_WANT_EARLY,
                                    .integration = a->of[i].integration,
                                    .text = byo_strn(a->texts.p + a->of[i].at, a->of[i].n)});
}

/* What of the queues may leave behind the answers among the inputs. */
static void want_queues(ByoFlow *f, ByoTurn *t, const ByoInput *inputs)
{
    int64_t unacked = byo_flow_unacked_room(f);
    int *answers = byo_zalloc((f->n_runtimes + 1) * sizeof *answers);
    for (const ByoInput *in = inputs; in; in = in->next) {
        const ByoRuntime *rt = is_answer(in) ? byo_flow_runtime(f, in->sms.smsc_id) : NULL;
        answers[rt ? (size_t)(rt - f->runtimes) : f->n_runtimes]++;
    }
    for (size_t i = 0; i < f->n_runtimes; i++)
        byo_flow_want_queue(f, t, &f->runtimes[i], answers[i], &unacked);
    free(answers);
}

ByoReceiptIn *byo_flow_want_ahead(ByoFlow *f, ByoTurn *t, const ByoInput *inputs)
{
    ByoReceiptIn *receipts = NULL, **last = &receipts;
    for (const ByoInput *in = inputs; in; in = in->next)
        last = want(f, t, in, last);
    ByoAnswered answered = {0};
    note_answers(f, t, inputs, receipts, &answered);
    byo_flow_want_receipts(f, t, receipts, &answered);
    want_early(t, &answered);
    byo_flow_want_due(f, t);
    want_queues(f, t, inputs);
    byo_flow_load_wanted(t);
    answered_free(&answered);
    return receipts;
}
