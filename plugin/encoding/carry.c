/* SPDX-License-Identifier: BSD-3-Clause
 * How bearerbox must be handed a {dcs, charset} pair so that exactly our octets leave under that data_coding
 * (read in gw/smsc/smsc_smpp.c, msg_to_pdu and handle_mt_dcs, of Kannel 1.4.5, and tried on it).
 * Threads: values. */
#include "encoding/carry.h"

#include "base/features.h"
#include "encoding/charset_table.h"

/* The charset stock bearerbox converts UTF-8 into under a forced data_coding. */
static const ByoCharset *converts_into(unsigned dcs)
{
    switch (dcs) {
    case 1:
        return byo_charset_find(BYO_STR("ASCII"));
    case 3:
        return byo_charset_find(BYO_STR("ISO-8859-1"));
    case 6:
        return byo_charset_find(BYO_STR("ISO-8859-5"));
    case 7:
        return byo_charset_find(BYO_STR("ISO-8859-8"));
    default:
        return byo_charset_find(BYO_STR("GSM_0338"));
    }
}

/* Whether every octet our charset writes can come out of that conversion, so that a text can be made which
 * bearerbox turns into our octets. Control characters that cannot are no hindrance, byo_encode
 * looks at each: an ESC in an ASCII text is not worth a charset. */
static bool reaches(const ByoCharset *via, const ByoCharset *cs)
{
    if (via == cs)
        return true;
    if (!cs->table || !via->table || cs->kind == BYO_KIND_PACKED)
        return false;
    for (unsigned octet = 0; octet < 256; octet++) {
        bool control = octet < 0x20 && cs->table->single[octet] == octet && octet != '\n' && octet != '\r';
        if (cs->table->octet_used[octet] && via->table->single[octet] == BYO_SCALAR_NONE && !control)
            return false;
    }
    return true;
}

static void carry_octets(ByoCharsetPair *pair, int32_t coding, int32_t data_coding)
{
    pair->carry = BYO_CARRY_OCTETS;
    pair->coding = coding;
    pair->data_coding = data_coding;
}

/* 5, 13 and 14 are converted by names glibc does not know, and then sent as they are. */
static bool libc_leaves(unsigned dcs)
{
    return !byo_iconv_knows(dcs == 5 ? "JIS_X0208-1990" : dcs == 13 ? "JIS_X0212-1990" : "KSC_5601");
}

static void carry_stock(ByoCharsetPair *pair)
{
    switch (pair->dcs) {
    case 2: /* the two binary codings are never converted */
        carry_octets(pair, BYO_CODING_7BIT, 2);
        return;
    case 4:
        carry_octets(pair, BYO_CODING_8BIT, BYO_UNDEF);
        return;
    case 8:
        carry_octets(pair, BYO_CODING_UCS2, BYO_UNDEF);
        return;
    case 5:
    case 13:
    case 14:
        if (libc_leaves(pair->dcs))
            carry_octets(pair, BYO_CODING_7BIT, (int32_t)pair->dcs);
        return;
    default:
        break;
    }
    const ByoCharset *via = converts_into(pair->dcs);
    if (reaches(via, pair->charset)) {
        pair->carry = BYO_CARRY_UTF8;
        pair->via = via;
        pair->coding = BYO_CODING_7BIT;
        pair->data_coding = pair->dcs ? (int32_t)pair->dcs : BYO_UNDEF;
    } else if (pair->dcs >= 12 && pair->dcs % 4 == 0) {
        /* fields_to_dcs makes the data_coding by shifting coding two bits up, and only 7 bit is converted */
        carry_octets(pair, (int32_t)(pair->dcs / 4), BYO_UNDEF);
    }
}

void byo_carry_decide(ByoCharsetPair *pair, unsigned features)
{
    pair->carry = BYO_CARRY_NO;
    pair->via = NULL;
    pair->coding = BYO_CODING_7BIT;
    pair->data_coding = BYO_UNDEF;
    if (features & BYO_FEATURE_RAW_PAYLOAD)
        carry_octets(pair, BYO_CODING_8BIT, (int32_t)pair->dcs);
    else if (!byo_charset_is_national(pair->charset)) /* stock reads and writes the default tables only */
        carry_stock(pair);
}

/* ISO 646-KR has U+20A9 at 0x5C, and glibc drops U+E0000..U+E007F from any charset without them; every
 * other octet is left as it is (tests/unit/test_carry_gwlib.c goes through all of Unicode). */
bool byo_carry_spoils(const ByoCharsetPair *pair, ByoStr octets)
{
    const unsigned char *p = (const unsigned char *)octets.p;

    if (pair->carry != BYO_CARRY_OCTETS || pair->coding != BYO_CODING_7BIT || pair->data_coding != 14)
        return false;
    for (size_t i = 0; i + 3 <= octets.n; i++) {
        if (p[i] == 0xE2 && p[i + 1] == 0x82 && p[i + 2] == 0xA9)
            return true;
        if (p[i] == 0xF3 && p[i + 1] == 0xA0 && (p[i + 2] & 0xFE) == 0x80)
            return true;
    }
    return false;
}
