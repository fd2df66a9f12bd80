/* SPDX-License-Identifier: BSD-3-Clause
 * How a text is written for one carrier: the first pair of its ordered charset list that carries the
 * whole text (spec J4), cut into segments (design 3), in the form this bearerbox sends untouched
 * (kannel-host 5).
 * Decides: the pair, the segment borders, coding and data_coding of the box message.
 * Ownership: ByoEncoded owns its payloads until byo_encoded_free. Threads: values. */
#ifndef BYO_ENCODING_ENCODE_H
#define BYO_ENCODING_ENCODE_H

#include "base/sms.h"
#include "encoding/charset.h"

/* How bearerbox must be handed a pair so that exactly our octets leave. */
typedef enum {
    BYO_CARRY_NO = 0,  /* this bearerbox would spoil it */
    BYO_CARRY_UTF8,    /* coding 0, payload UTF-8, bearerbox converts as we would */
    BYO_CARRY_OCTETS   /* payload is the encoded octets */
} ByoCarry;

typedef struct {
    unsigned dcs; /* data_coding on the wire, 0..255 */
    const ByoCharset *charset;
    ByoCarry carry;
    int32_t coding;      /* Msg coding to set: 0, 1 or 2 */
    int32_t data_coding; /* meta-data smpp/data_coding to set; BYO_UNDEF: set none */
} ByoCharsetPair;

typedef struct {
    ByoCharsetPair *pairs;
    size_t n;
} ByoCharsetList;

/* Fills in carry, coding, data_coding for a bearerbox with these BYO_FEATURE_ bits. */
void byo_carry_decide(ByoCharsetPair *pair, unsigned features);

/* Limits of one pair. Units: septets for {0, GSM_0338}, octets otherwise (UTF-16BE: 140/134/132,
 * that is 70/67/66 units). */
unsigned byo_segment_limit(const ByoCharsetPair *pair, bool concatenated, int reference_bits);

typedef struct {
    int reference_bits; /* 8 or 16: size of the concatenation reference (TS 23.040 9.2.3.24.1, .8) */
    bool class_or_mwi;  /* message class or MWI set: only GSM_0338 and UTF-16BE pairs apply */
    unsigned max_segments; /* 255 */
} ByoEncodeOptions;

typedef struct {
    size_t offset, length; /* into ByoEncoded.payload */
} ByoSegmentSlice;

typedef enum {
    BYO_ENCODE_OK = 0,
    BYO_ENCODE_NO_CHARSET, /* DATA_CODING_SCHEME_INVALID: no pair carries the text */
    BYO_ENCODE_TOO_LONG,   /* MESSAGE_BODY_TOO_LONG: the first fitting pair needs > max_segments */
    BYO_ENCODE_BAD_TEXT    /* MESSAGE_DATA_INVALID: the text is not valid UTF-8 */
} ByoEncodeResult;

typedef struct {
    size_t pair;    /* index into the list */
    ByoBuf payload; /* what bearerbox is handed as msgdata, all segments in a row, no UDH */
    ByoSegmentSlice *segments;
    size_t n; /* 1: no UDH needed */
    uint32_t bad_scalar; /* BYO_ENCODE_NO_CHARSET: the character the last tried pair lacks */
} ByoEncoded;

/* Never splits a GSM escape pair, a surrogate pair or a multi-octet character. An empty text is one
 * empty segment. *e is (re)initialised. */
ByoEncodeResult byo_encode(const ByoCharsetList *list, ByoStr utf8, const ByoEncodeOptions *opt,
                           ByoEncoded *e);
void byo_encoded_free(ByoEncoded *e);

/* The concatenation UDH incl. its length octet: 6 octets for 8 bits, 7 for 16. Returns its size. */
size_t byo_udh_concat(unsigned char out[7], int reference_bits, unsigned reference, unsigned total,
                      unsigned number);
/* True when a UDH (with its length octet) is well formed: lengths of all elements add up. When it holds
 * a concatenation element, *reference_r, *total_r, *number_r (may be NULL) get it, else total is 0. */
bool byo_udh_check(ByoStr udh, unsigned *reference_r, unsigned *total_r, unsigned *number_r);

#endif
