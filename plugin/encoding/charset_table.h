/* SPDX-License-Identifier: BSD-3-Clause
 * How a charset is kept (private to this room): every character it has as a table of octets, both ways.
 * Built once, never changed afterwards.
 * Ownership: a table lives until the process ends. Threads: building under the registry's lock, then
 * read-only. */
#ifndef BYO_ENCODING_CHARSET_TABLE_H
#define BYO_ENCODING_CHARSET_TABLE_H

#include "encoding/charset.h"

#define BYO_SCALAR_NONE 0xFFFFFFFFu
#define BYO_SCALAR_MAX 0x10FFFFu
#define BYO_CHARSET_PAGES ((BYO_SCALAR_MAX + 1) / 256)
#define BYO_CHARSET_OCTETS_MAX 4 /* octets of one character in a table */

typedef struct {
    uint32_t code[256]; /* octets of the character, first one highest */
    uint8_t length[256];
} ByoCharsetPage;

typedef struct {
    uint64_t key; /* length << 32 | code */
    uint32_t scalar;
} ByoCharsetBack;

typedef struct {
    uint8_t ascii[128];                       /* octets of U+0000..U+007F, 0 = not there */
    ByoCharsetPage *pages[BYO_CHARSET_PAGES]; /* NULL: none of these 256 is there */
    uint32_t single[256];                     /* the scalar one octet means, or BYO_SCALAR_NONE */
    ByoCharsetBack *back;                     /* characters of 2..4 octets, sorted by key once finished */
    size_t n_back, cap_back;
    uint8_t lead[256]; /* bit k: a character of k octets begins with this octet */
    bool octet_used[256];
} ByoCharsetTable;

typedef enum {
    BYO_KIND_TABLE,
    BYO_KIND_GSM,      /* unpacked septets; also one way to write a national language */
    BYO_KIND_PACKED,   /* the same characters, septets packed into octets */
    BYO_KIND_NATIONAL, /* the message decides which of its ways */
    BYO_KIND_UTF16BE
} ByoCharsetKind;

/* How a national language can be written, best first where two take the same number of segments. */
enum { BYO_WAY_PLAIN, BYO_WAY_SINGLE, BYO_WAY_LOCKING, BYO_WAY_BOTH, BYO_WAYS };

struct ByoCharset {
    char name[48];
    ByoCharsetKind kind;
    uint8_t locking, single;      /* BYO_KIND_GSM: the tables (national.h) */
    const ByoCharsetTable *table; /* NULL for BYO_KIND_UTF16BE and BYO_KIND_NATIONAL */
    const struct ByoCharset
        *ways[BYO_WAYS]; /* BYO_KIND_NATIONAL: each of BYO_KIND_GSM; NULL: there is none */
    struct ByoCharset *next;
};

ByoCharsetTable *byo_table_new(void);
/* Adds a character both ways. Octets first to last, 1..4 of them. */
void byo_table_add(ByoCharsetTable *t, uint32_t scalar, const unsigned char *octets, size_t n);
/* Sorts the way back; the table is read-only from here. */
void byo_table_finish(ByoCharsetTable *t);
bool byo_table_equal(const ByoCharsetTable *a, const ByoCharsetTable *b);
void byo_table_free(ByoCharsetTable *t); /* only for one that was never given out */

/* The cells of TS 23.038 6.2.1 and 6.2.1.1; 0: nothing there (and 0x1B of the first). septet: 0..127. */
uint16_t byo_gsm0338_basic(unsigned septet);
uint16_t byo_gsm0338_extension(unsigned septet);
ByoCharsetTable *byo_jis0201_table(void);
ByoCharsetTable *byo_ascii_table(void);
ByoCharsetTable *byo_iso8859_1_table(void);
ByoCharsetTable *byo_iso8859_5_table(void);
ByoCharsetTable *byo_iso8859_8_table(void);
/* All characters libc's iconv can bring there and back exactly. NULL: unknown or not usable. name is
 * upper case and NUL-terminated. */
ByoCharsetTable *byo_iconv_table(const char *name);

/* Octets of one scalar (its code in *code_r), 0 when the charset lacks it. */
static inline unsigned byo_table_look(const ByoCharsetTable *t, uint32_t scalar, uint32_t *code_r)
{
    const ByoCharsetPage *page = scalar <= BYO_SCALAR_MAX ? t->pages[scalar >> 8] : NULL;
    if (!page)
        return 0;
    *code_r = page->code[scalar & 0xFF];
    return page->length[scalar & 0xFF];
}

#endif
