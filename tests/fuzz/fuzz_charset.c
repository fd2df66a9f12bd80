/* SPDX-License-Identifier: BSD-3-Clause
 * Any octets as an inbound text: the first two choose charset, shift tables and whether UCS-2 is announced. Whatever
 * is read is valid UTF-8, no longer than the octets allow; what is read without a bad unit is written again and
 * read as the same. Threads: none. */
#include <stdlib.h>

#include "encoding/encode.h"
#include "encoding/national.h"
#include "encoding/octets.h"
#include "encoding/packed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
    if (!holds)
        abort();
}

static void check_charset(const ByoCharset *cs, ByoStr octets)
{
    ByoBuf text = {0}, strict = {0}, again = {0}, back = {0};
    size_t bad = byo_charset_decode_all(cs, octets, &text);

    need(byo_utf8_valid(byo_buf_str(&text)) && text.n <= 4 * (octets.n * 2 + 1));
    if (byo_charset_decode(cs, octets, &strict) && octets.n && !byo_charset_is_utf16be(cs))
        need(byo_str_eq(byo_buf_str(&strict), byo_buf_str(&text)));
    if (bad == 0 && byo_charset_encode(cs, byo_buf_str(&text), &again, NULL) &&
        !byo_charset_is_national(cs)) {
        byo_charset_decode_all(cs, byo_buf_str(&again), &back);
        /* a byte order mark and a padding CR are read once only */
        if (!byo_charset_is_utf16be(cs) && !byo_charset_is_packed(cs))
            need(byo_str_eq(byo_buf_str(&back), byo_buf_str(&text)));
    }
    byo_buf_free(&text);
    byo_buf_free(&strict);
    byo_buf_free(&again);
    byo_buf_free(&back);
}

static void check_packed(ByoStr octets, unsigned fill)
{
    ByoBuf septets = {0}, packed = {0}, back = {0};

    byo_packed_read(octets, fill, &septets);
    need(septets.n <= octets.n * 8 / 7 + 1);
    for (size_t i = 0; i < septets.n; i++)
        need((unsigned char)septets.p[i] < 128);
    byo_packed_write(byo_buf_str(&septets), fill, &packed);
    byo_packed_read(byo_buf_str(&packed), fill, &back);
    /* an '@' at the end may be padding */
    if (septets.n && septets.p[septets.n - 1] != 0)
        need(byo_str_eq(byo_buf_str(&back), byo_buf_str(&septets)));
    byo_buf_free(&septets);
    byo_buf_free(&packed);
    byo_buf_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"GSM_0338",   "ASCII",       "ISO-8859-1", "ISO-8859-5",
                                        "ISO-8859-8", "JIS0201",     "UTF-16BE",   "GSM_0338/packed",
                                        "EUC-KR",     "GSM_0338/TR", "GSM_0338/HI"};
    if (size < 3)
        return 0;
    char *exact = malloc(size - 3 ? size - 3 : 1); /* so that a read past the end is seen */
    memcpy(exact, data + 3, size - 3);
    ByoStr octets = byo_strn(exact, size - 3);
    ByoBuf text = {0};
    unsigned language = data[1] % (BYO_NATIONALS + 1), other = data[2] % (BYO_NATIONALS + 1);
    char header[] = {6, 0x24, 1, (char)language, 0x25, 1, (char)other};

    check_charset(byo_charset_find(byo_str(names[data[0] % (sizeof names / sizeof *names)])), octets);
    check_packed(octets, data[1] % 7);
    byo_utf8_mend(octets, &text);
    need(byo_utf8_valid(byo_buf_str(&text)));
    ByoOctets o = {.octets = octets, .udh = byo_strn(header, sizeof header), .ucs2 = data[0] & 0x80};
    if (data[2] & 0x80) /* any octets as a header */
        o.udh = byo_strn(exact, octets.n < data[2] % 20u ? octets.n : data[2] % 20u);
    if (byo_octets_may_guess(o.udh))
        need(o.udh.n == 0 || byo_udh_check(o.udh, NULL, NULL, NULL));
    for (unsigned n = 0; byo_octets_guess(&o, n, &text); n++)
        need(n < 16 && byo_utf8_valid(byo_buf_str(&text)));
    byo_buf_free(&text);
    free(exact);
    return 0;
}
