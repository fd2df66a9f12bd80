/* SPDX-License-Identifier: BSD-3-Clause
 * Any octets as a report: a line with the dlr_mask, a line with the meta-data, the rest is the text.
 * Must hold: what is found lies inside what was given, and every number is in its range; the text is read in any
 * coding; an id is the same as itself, as the form it is kept in and as its number in either base.
 * Threads: none. */
#include <stdlib.h>

#include "flow/flow_private.h"
#include "tracking/message_id.h"
#include "tracking/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
    if (!holds)
        abort();
}

static ByoStr take_line(ByoStr *s)
{
    const char *end = s->n > 0 ? memchr(s->p, '\n', s->n) : NULL;
    ByoStr line = byo_strn(s->p, end ? (size_t)(end - s->p) : s->n);

    *s = end ? byo_strn(end + 1, s->n - line.n - 1) : byo_strn(s->p + s->n, 0);
    return line;
}

static bool inside(ByoStr part, ByoStr whole)
{
    return part.p && whole.p ? part.p >= whole.p && part.p + part.n <= whole.p + whole.n : part.n == 0;
}

static bool inside_meta(ByoStr part, const ByoMeta *m)
{
    for (size_t i = 0; i < m->n; i++) {
        if (inside(part, m->items[i].value))
            return true;
    }
    return false;
}

static bool all_zeros(ByoStr s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("0xX", s.p[i]))
            return false;
    return true;
}

/* b's form is among those a is looked for by. */
static bool looked_for(ByoStr a, ByoStr b)
{
    ByoMsgidForms forms = {0};
    ByoBuf kept = {0};
    bool found = false;

    byo_msgid_forms(a, &forms);
    byo_msgid_loose(b, &kept);
    for (size_t i = 0; i < forms.n; i++)
        found |= byo_str_eq(forms.form[i], byo_buf_str(&kept));
    byo_msgid_forms_free(&forms);
    byo_buf_free(&kept);
    return found;
}

static void check_id(ByoStr id)
{
    ByoMsgidForms forms = {0};
    ByoBuf kept = {0}, again = {0};
    char number[BYO_MSGID_FORM_MAX];

    byo_msgid_loose(id, &kept);
    byo_msgid_loose(byo_buf_str(&kept), &again);
    need(byo_str_eq(byo_buf_str(&kept), byo_buf_str(&again)));
    need(kept.n <= id.n);
    byo_msgid_forms(id, &forms);
    need(forms.n <= 3 && (forms.n > 0) == (kept.n > 0));
    for (size_t i = 0; i < forms.n; i++)
        need(looked_for(id, forms.form[i]) && looked_for(forms.form[i], id));
    byo_msgid_forms_free(&forms);
    for (int type = -1; type <= 3; type++) {
        ByoStr exact = byo_msgid_exact(id, type, type & 1, number);
        need(inside(exact, id) || (exact.p == number && exact.n < sizeof(number)));
        need(exact.p != number || looked_for(id, exact));
    }
    byo_buf_free(&kept);
    byo_buf_free(&again);
}

static void check_text(ByoStr octets)
{
    ByoBuf buf = {0};
    ByoStr text = byo_flow_receipt_text(octets, &buf);
    ByoReceipt r;

    need(text.p && (inside(text, byo_buf_str(&buf)) || inside(text, octets) || text.n == 0));
    byo_receipt_parse(text, NULL, 0, &r);
    need(!r.id.p || inside(r.id, text));
    need(!byo_receipt_begins(text) || text.n > 2);
    byo_buf_free(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ByoStr rest = byo_strn((const char *)data, size);
    ByoStr mask_text = take_line(&rest);
    ByoStr meta_text = take_line(&rest);
    char *text = byo_alloc(rest.n); /* of its own, so that a byte too many is seen */
    ByoStr given = byo_strn(text, rest.n);
    int64_t mask = 0;
    ByoReceipt r, again;
    ByoMeta meta;

    memcpy(text, rest.p ? rest.p : "", rest.n);
    byo_str_int(mask_text, &mask);
    byo_meta_parse(meta_text, &meta);
    byo_receipt_parse(given, &meta, (int)mask, &r);

    need(r.state <= BYO_STATE_BUFFERED);
    need(!r.id.p || (r.id.n > 0 && inside(r.id, given)));
    need(!r.id_tlv.p || (r.id_tlv.n > 0 && inside_meta(r.id_tlv, &meta)));
    need(!r.err.p || (r.err.n > 0 && (inside(r.err, given) || r.err.p == r.err_tlv)));
    need(r.err.p != r.err_tlv || (r.err.n < sizeof(r.err_tlv) && r.err_tlv[r.err.n] == 0));
    need(!r.stat.p || (r.stat.n > 0 && inside(r.stat, given)));
    need(!r.text.p || inside(r.text, given));
    need(r.sub >= -1 && r.dlvrd >= -1);
    need(r.submit >= -62167219200000 && r.submit <= 253402300800000);
    need(r.done >= -62167219200000 && r.done <= 253402300800000);

    /* Without TLVs and mask only the text speaks, and says the same. */
    byo_receipt_parse(given, NULL, 0, &again);
    need(byo_str_eq(again.stat, r.stat) && byo_str_eq(again.text, r.text) && again.done == r.done);
    need(again.state == BYO_STATE_NONE || again.state == r.state);
    need(byo_str_eq(again.id, r.id));
    /* A TLV stands in for zeros only. */
    need(!again.err.p || byo_str_eq(again.err, r.err) || all_zeros(again.err));
    check_text(given);
    check_id(r.id);
    check_id(r.id_tlv);
    check_id(meta_text);
    need(byo_msgid_same_address(meta_text, mask_text) == byo_msgid_same_address(mask_text, meta_text));
    byo_meta_free(&meta);
    free(text);
    return 0;
}
