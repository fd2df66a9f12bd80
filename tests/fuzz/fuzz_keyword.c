/* SPDX-License-Identifier: BSD-3-Clause
 * Any octets as an inbound text and, up to the first NUL, as an operator's keywords and pattern: folding
 * keeps its promises, nothing stalls, every fault can be shown. Threads: none. */
#include <stdlib.h>

#include <unistr.h>

#include "compliance/defaults.h"
#include "compliance/keyword.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
    if (!holds)
        abort();
}

static void check_fold(ByoStr text)
{
    char once[BYO_KEYWORD_FOLDED], twice[BYO_KEYWORD_FOLDED];
    size_t n = byo_keyword_fold(text, once);
    ByoBuf around = {0};

    need(n <= BYO_COMPLIANCE_KEYWORD_BYTES && strlen(once) == n);
    need(!u8_check((const uint8_t *)once, n));
    need(byo_keyword_fold(byo_strn(once, n), twice) == n && memcmp(once, twice, n) == 0);
    /* What stands around a text changes nothing. */
    byo_buf_adds(&around, " \xF0\x9F\x9B\x91 \"\xE2\x80\x8F");
    byo_buf_add(&around, text.p, text.n);
    byo_buf_adds(&around, ".\xCC\x81 \xF0\x9F\x9B\x91\n");
    need(byo_keyword_fold(byo_buf_str(&around), twice) == n && memcmp(once, twice, n) == 0);
    byo_buf_free(&around);
}

static ByoMatcher *standard(void)
{
    static ByoMatcher *m;
    ByoCompliance c;

    if (m)
        return m;
    need(byo_defaults_compose(BYO_STR("en fr tr ru ja ar"), &c, NULL));
    m = byo_matcher_create(&c, NULL);
    need(m != NULL);
    byo_compliance_free(&c);
    return m;
}

static void check_own(ByoStr words, ByoStr text)
{
    ByoCompliance c = {0};
    ByoComplianceFault fault = {{0}, {0}};
    ByoKeywordMatch match;

    byo_compliance_add_keywords(byo_compliance_add_group(&c, BYO_KEYWORD_OPT_OUT, words), words);
    byo_compliance_add_pattern(&c, words);
    if (!byo_compliance_check(&c, false, &fault)) {
        need(fault.field[0] && fault.text[0] && !u8_check((const uint8_t *)fault.text, strlen(fault.text)));
        for (const char *p = fault.text; *p; p++)
            need((unsigned char)*p >= 0x20);
    } else {
        ByoMatcher *own = byo_matcher_create(&c, &fault);
        need(own != NULL);
        need(byo_keyword_match(own, NULL, byo_str(c.kinds[1].groups[0].keywords[0]), true, &match));
        need(match.kind == BYO_KEYWORD_OPT_OUT);
        bool is = byo_keyword_match(own, standard(), text, true, &match);
        need(is == (match.kind != BYO_KEYWORD_NONE) && is == (match.reply != NULL));
        byo_matcher_destroy(own);
    }
    byo_compliance_free(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ByoKeywordMatch match;
    /* A block of its own size, so that a step too far is seen. */
    char *copy = byo_alloc(size ? size : 1);

    if (size)
        memcpy(copy, data, size);
    ByoStr text = byo_strn(copy, size);
    const char *nul = size ? memchr(copy, 0, size) : NULL;
    check_fold(text);
    need(byo_keyword_match(NULL, standard(), text, true, &match) == (match.reply != NULL));
    if (nul) {
        size_t n = (size_t)(nul - copy);
        check_own(byo_strn(copy, n), byo_strn(nul + 1, size - n - 1));
    }
    free(copy);
    return 0;
}
