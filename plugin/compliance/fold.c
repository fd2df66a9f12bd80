/* SPDX-License-Identifier: BSD-3-Clause
 * Folding a text.
 * Threads: values. */
#include "compliance/fold.h"

#include <stdlib.h>

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

typedef enum {
    CHAR_KEPT,    /* letter, digit, spacing vowel sign */
    CHAR_DROPPED, /* white space, punctuation, marks, control and invisible characters */
    CHAR_SYMBOL   /* emoji and other symbols, private use, unassigned, broken UTF-8 */
} CharClass;

typedef struct {
    char *out;
    size_t n;
    bool symbol_after; /* a symbol came after what is kept */
    bool flags;        /* regional indicators are flags, not letters */
} Fold;

/* Letters with a style but no decomposition (field C76). */
static const struct {
    ucs4_t first, last; /* A to Z in a row */
} styled_rows[] = {{0x1F150, 0x1F169} /* negative circled */, {0x1F170, 0x1F189} /* negative squared */};

static const struct {
    uint16_t scalar;
    char letter;
} small_capitals[] = {{0x0262, 'g'}, {0x026A, 'i'}, {0x0274, 'n'}, {0x0280, 'r'}, {0x028F, 'y'},
                      {0x0299, 'b'}, {0x029C, 'h'}, {0x029F, 'l'}, {0x1D00, 'a'}, {0x1D04, 'c'},
                      {0x1D05, 'd'}, {0x1D07, 'e'}, {0x1D0A, 'j'}, {0x1D0B, 'k'}, {0x1D0D, 'm'},
                      {0x1D0F, 'o'}, {0x1D18, 'p'}, {0x1D1B, 't'}, {0x1D1C, 'u'}, {0x1D20, 'v'},
                      {0x1D21, 'w'}, {0x1D22, 'z'}, {0xA730, 'f'}, {0xA731, 's'}, {0xA7AF, 'q'}};

static bool is_regional(ucs4_t c)
{
    return c >= 0x1F1E6 && c <= 0x1F1FF;
}

/* The letter a styled one stands for; 0: it is none of the table. */
static char styled_letter(ucs4_t c)
{
    for (size_t i = 0; i < sizeof styled_rows / sizeof *styled_rows; i++)
        if (c >= styled_rows[i].first && c <= styled_rows[i].last)
            return (char)('a' + (c - styled_rows[i].first));
    if (is_regional(c))
        return (char)('a' + (c - 0x1F1E6));
    for (size_t i = 0; i < sizeof small_capitals / sizeof *small_capitals; i++)
        if (c == small_capitals[i].scalar)
            return small_capitals[i].letter;
    return 0;
}

static CharClass class_of(ucs4_t c)
{
    if (uc_is_property_default_ignorable_code_point(c))
        return CHAR_DROPPED;
    if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N | UC_CATEGORY_MASK_Mc))
        return CHAR_KEPT;
    if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Me | UC_CATEGORY_MASK_Z |
                                                UC_CATEGORY_MASK_P | UC_CATEGORY_MASK_Cc |
                                                UC_CATEGORY_MASK_Cf))
        return CHAR_DROPPED;
    /* ASCII's symbols ($ + < = > ^ ` | ~) are punctuation to whoever types them. */
    return c < 0x80 ? CHAR_DROPPED : CHAR_SYMBOL;
}

/* False: the text cannot be a keyword any more. */
static bool keep(Fold *f, ucs4_t c)
{
    uint8_t mb[6];

    if (f->symbol_after)
        return false;
    /* Turkish phones: the dotless i has no folding of its own, the dotted capital I folds by itself. */
    if (c == 0x131)
        c = 'i';
    else if (styled_letter(c)) /* what a capital folds to may be one */
        c = (ucs4_t)styled_letter(c);
    int digit = uc_decimal_value(c);
    if (digit >= 0)
        c = (ucs4_t)('0' + digit);
    int n = u8_uctomb(mb, c, sizeof mb);
    if (n < 0 || f->n + (size_t)n > BYO_FOLDED - 1)
        return false;
    memcpy(f->out + f->n, mb, (size_t)n);
    f->n += (size_t)n;
    return true;
}

/* One character beyond ASCII: compatibility decomposition, full case folding, decomposition again. */
static bool fold_char(Fold *f, ucs4_t c)
{
    ucs4_t parts[64];
    size_t n = sizeof parts / sizeof *parts;

    char letter = styled_letter(c);
    if (letter && !(f->flags && is_regional(c)))
        return keep(f, (ucs4_t)letter);
    if (class_of(c) == CHAR_DROPPED)
        return true; /* cheap, whatever number of marks somebody piles up */
    uint32_t one = c;
    uint32_t *folded = u32_casefold(&one, 1, NULL, UNINORM_NFKD, parts, &n);
    bool ok = folded != NULL;
    for (size_t i = 0; ok && i < n; i++)
        switch (class_of(folded[i])) {
        case CHAR_KEPT:
            ok = keep(f, folded[i]);
            break;
        case CHAR_SYMBOL:
            f->symbol_after = f->n > 0;
            break;
        case CHAR_DROPPED:
            break;
        }
    if (folded != parts)
        free(folded);
    return ok;
}

/* Whether the text has a letter or digit that is no regional indicator: beside one they are flags. */
static bool has_other_letters(ByoStr text)
{
    const uint8_t *p = (const uint8_t *)text.p;

    for (size_t i = 0; i < text.n;) {
        ucs4_t c;
        i += (size_t)u8_mbtouc(&c, p + i, text.n - i);
        if (!is_regional(c) && (styled_letter(c) || class_of(c) == CHAR_KEPT))
            return true;
    }
    return false;
}

bool byo_fold(ByoStr text, char folded_r[BYO_FOLDED], size_t *n_r)
{
    Fold f = {.out = folded_r};
    const unsigned char *p = (const unsigned char *)text.p;

    if (text.n >= 4 && memmem(text.p, text.n, "\xF0\x9F\x87", 3))
        f.flags = has_other_letters(text);
    for (size_t i = 0; i < text.n;) {
        unsigned char c = p[i];

        if (c < 0x80) {
            i++;
            bool upper = c >= 'A' && c <= 'Z';
            if (!upper && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
                continue;
            if (f.symbol_after || f.n == BYO_FOLDED - 1)
                return false;
            folded_r[f.n++] = (char)(upper ? c + ('a' - 'A') : c);
            continue;
        }
        ucs4_t wide;
        int used = u8_mbtouc(&wide, p + i, text.n - i);
        i += (size_t)used;
        if (!fold_char(&f, wide))
            return false;
    }
    folded_r[f.n] = 0;
    *n_r = f.n;
    return true;
}
