/* SPDX-License-Identifier: BSD-3-Clause
 * Any octets as a report: a line with the dlr_mask, a line with the meta-data, the rest is the text.
 * Must hold: what is found lies inside what was given, and every number is in its range.
 * Threads: none. */
#include <stdlib.h>

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
    return part.p >= whole.p && part.p + part.n <= whole.p + whole.n;
}

static bool inside_meta(ByoStr part, const ByoMeta *m)
{
    for (size_t i = 0; i < m->n; i++) {
        if (inside(part, byo_buf_str(&m->items[i].value)))
            return true;
    }
    return false;
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
    need(!again.err.p || byo_str_eq(again.err, r.err) || strspn(again.err.p, "0xX") >= again.err.n);
    byo_meta_free(&meta);
    free(text);
    return 0;
}
