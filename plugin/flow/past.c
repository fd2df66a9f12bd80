/* SPDX-License-Identifier: BSD-3-Clause
 * What of a message's life its rows will not hold goes into its past, with the turn in which it happens: a try that is
 * followed by another one, an interim receipt, what a smsbox did with a report.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

void byo_flow_past_step(ByoTurn *t, const ByoSegmentRow *seg, const ByoSegment *before, const ByoStep *step,
                        const ByoHappening *h)
{
    ByoPast p = {.segment = byo_id_number(seg->id),
                 .number = step->retry ? seg->s.tries : before->tries,
                 .time = t->now,
                 .handed = before->handed,
                 .accepted = before->accepted_at >= before->handed ? before->accepted_at : 0};
    if (step->verdict.cause) {
        p.cause = byo_str(step->verdict.cause);
        p.carrier_code = h->carrier_code;
    }
    if (step->interim)
        p.kind = BYO_PAST_INTERIM;
    else if (step->retry)
        p.kind = BYO_PAST_RETRIED;
    else if (step->requeued && h->event.kind == BYO_EV_DUE)
        p.kind = BYO_PAST_NO_ANSWER;
    else if (step->requeued && h->event.kind == BYO_EV_NO_SMSC)
        p.kind = BYO_PAST_NOT_SENT;
    else
        return;
    if (step->interim)
        p.handed = p.accepted = 0;
    byo_store_step_add(t->store, byo_id_message(seg->id), &p);
}

void byo_flow_past_report(ByoTurn *t, const ByoReported *r, bool taken)
{
    if (!r->message)
        return;
    ByoPast p = {.kind = taken ? BYO_PAST_REPORTED : BYO_PAST_UNWANTED,
                 .segment = r->segment,
                 .number = r->bits,
                 .time = t->now};
    byo_store_step_add(t->store, r->message, &p);
}

/* A value of our own group as byo_flow_notice writes it, group and keys as they are. Absent: it is not there so. */
static ByoStr own_value(ByoStr text, const char *key)
{
    static const char group[] = "?byo?";
    const char *p = text.n ? memmem(text.p, text.n, group, sizeof group - 1) : NULL;
    const char *end = text.p + text.n;
    size_t n = strlen(key);
    for (p = p ? p + sizeof group - 1 : end; p < end && *p != '?';) {
        const char *amp = memchr(p, '&', (size_t)(end - p));
        if (!amp)
            break;
        if ((size_t)(amp - p) > n && p[n] == '=' && memcmp(p, key, n) == 0)
            return byo_strn(p + n + 1, (size_t)(amp - p) - n - 1);
        p = amp + 1;
    }
    return BYO_STR_NONE;
}

void byo_flow_reported(const ByoSms *sms, ByoReported *r)
{
    ByoMeta meta = {0};
    int64_t segment = 0;
    *r = (ByoReported){0};
    if (sms->sms_type != BYO_REPORT_MO || !sms->meta_data.n)
        return;
    if (byo_id_parse(own_value(sms->meta_data, "message"), &r->message) &&
        byo_str_int(own_value(sms->meta_data, "segment"), &segment) && segment >= 0 && segment < 256) {
        *r = (ByoReported){r->message, (int)segment, sms->dlr_mask};
        return;
    }
    byo_meta_parse(sms->meta_data, &meta);
    if (byo_id_parse(byo_meta_get(&meta, "byo", "message"), &r->message) &&
        byo_str_int(byo_meta_get(&meta, "byo", "segment"), &segment) && segment >= 0 && segment < 256)
        *r = (ByoReported){r->message, (int)segment, sms->dlr_mask};
    else
        *r = (ByoReported){0};
    byo_meta_free(&meta);
}
