/* SPDX-License-Identifier: BSD-3-Clause
 * A table of any charset the C library's iconv knows (spec J4): a character counts only when it goes there
 * without substitution and comes back as itself. Nothing of iconv is used after that.
 * Ownership: the caller gets the table. Threads: any. */
#include "encoding/charset_table.h"
#include "encoding/carry.h"

#include <iconv.h>

/* Encodings with shift states or byte order marks, and names that leave the byte order to the machine.
 * What is not listed here but behaves so is found by joins_alone(). */
static const char *const refused[] = {
    "UTF-7",          "UTF7",
    "UTF-7-IMAP",     "HZ",
    "HZ-GB-2312",     "UTF-16",
    "UTF16",          "UTF-32",
    "UTF32",          "UCS-2",
    "UCS2",           "UCS-4",
    "UCS4",           "ISO-10646-UCS-2",
    "UNICODE",        "WCHAR_T",
    "CHAR",           "UCS-2-INTERNAL",
    "UCS-4-INTERNAL", "UCS-2-SWAPPED",
    "UCS-4-SWAPPED",  "INTERNAL",
    "CSUNICODE",      "CSUCS4",
    "10646-1:1993",   "TSCII",
    "OSF00010100",    "OSF00010101",
    "OSF00010102",    "OSF00010104",
    "OSF00010105",    "OSF00010106",
};

static bool name_refused(const char *name)
{
    if (strncmp(name, "ISO-2022", 8) == 0 || strncmp(name, "ISO2022", 7) == 0 ||
        strncmp(name, "CSISO2022", 9) == 0)
        return true;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (strcmp(name, refused[i]) == 0)
            return true;
    return false;
}

/* One conversion from the initial state, flushed. Returns the octets written, or 0 when anything was
 * substituted, left over or did not fit. */
static size_t convert(iconv_t cd, const unsigned char *in, size_t n, unsigned char *out, size_t room)
{
    char *from = (char *)(uintptr_t)in, *to = (char *)out;
    size_t left = n, free_left = room;

    iconv(cd, NULL, NULL, NULL, NULL);
    if (iconv(cd, &from, &left, &to, &free_left) != 0 || left != 0)
        return 0;
    if (iconv(cd, NULL, NULL, &to, &free_left) == (size_t)-1)
        return 0;
    return room - free_left;
}

static void put_utf32(unsigned char out[4], uint32_t scalar)
{
    out[0] = 0;
    out[1] = (unsigned char)(scalar >> 16);
    out[2] = (unsigned char)(scalar >> 8);
    out[3] = (unsigned char)scalar;
}

static bool comes_back(iconv_t back, const unsigned char *octets, size_t n, uint32_t scalar)
{
    unsigned char utf32[16], wanted[4];

    put_utf32(wanted, scalar);
    if (convert(back, octets, n, utf32, sizeof utf32) != 4 || memcmp(utf32, wanted, 4) != 0)
        return false;
    /* An octet that is a character by itself may not begin another one (base letter and combining mark
     * of one character): what a receiver makes of it depends on what follows. */
    return n == 1 || convert(back, octets, 1, utf32, sizeof utf32) == 0;
}

/* Whether the characters of a page written in one go are the characters written alone, one after the
 * other: not so with shift states, byte order marks and characters that depend on their neighbours. */
static bool joins_alone(iconv_t there, const ByoCharsetPage *page, uint32_t first)
{
    unsigned char in[256 * 4], alone[256 * BYO_CHARSET_OCTETS_MAX], joined[256 * 8];
    size_t n_in = 0, n_alone = 0, n_joined;

    for (unsigned i = 0; i < 256; i++) {
        if (!page->length[i])
            continue;
        put_utf32(in + n_in, first + i);
        n_in += 4;
        for (unsigned k = page->length[i]; k-- > 0;)
            alone[n_alone++] = (unsigned char)(page->code[i] >> 8 * k);
    }
    n_joined = convert(there, in, n_in, joined, sizeof joined);
    return n_joined == n_alone && memcmp(joined, alone, n_alone) == 0;
}

static bool fill(ByoCharsetTable *t, iconv_t there, iconv_t back)
{
    for (uint32_t scalar = 0; scalar <= BYO_SCALAR_MAX; scalar++) {
        unsigned char utf32[4], octets[16];
        if (scalar == 0xD800)
            scalar = 0xE000;
        put_utf32(utf32, scalar);
        size_t n = convert(there, utf32, 4, octets, sizeof octets);
        if (n > BYO_CHARSET_OCTETS_MAX)
            return false;
        if (n && comes_back(back, octets, n, scalar))
            byo_table_add(t, scalar, octets, n);
    }
    bool any = false;
    for (uint32_t i = 0; i < BYO_CHARSET_PAGES; i++) {
        if (!t->pages[i])
            continue;
        any = true;
        if (!joins_alone(there, t->pages[i], i << 8))
            return false;
    }
    return any;
}

ByoCharsetTable *byo_iconv_table(const char *name)
{
    ByoCharsetTable *t = NULL;
    iconv_t there, back;

    if (name_refused(name))
        return NULL;
    there = iconv_open(name, "UTF-32BE");
    if (there == (iconv_t)-1)
        return NULL;
    back = iconv_open("UTF-32BE", name);
    if (back != (iconv_t)-1) {
        t = byo_table_new();
        if (fill(t, there, back)) {
            byo_table_finish(t);
        } else {
            byo_table_free(t);
            t = NULL;
        }
        iconv_close(back);
    }
    iconv_close(there);
    return t;
}

bool byo_iconv_knows(const char *name)
{
    iconv_t cd = iconv_open(name, "UTF-8");

    if (cd == (iconv_t)-1)
        return false;
    iconv_close(cd);
    return true;
}
