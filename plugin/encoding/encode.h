/* SPDX-License-Identifier: BSD-3-Clause
 * How a text is written for one carrier: the first pair of its ordered charset list that carries the
 * whole text (spec J4), cut into segments (spec D11), in the form this bearerbox sends untouched
 * (host H6).
 * Decides: the pair, the segment borders, coding and data_coding of the box message.
 * Ownership: ByoEncoded owns its payloads until byo_encoded_free. Threads: values. */
#ifndef BYO_ENCODING_ENCODE_H
#define BYO_ENCODING_ENCODE_H

#include "base/sms.h"
#include "encoding/charset.h"

/* How bearerbox must be handed a pair so that exactly our octets leave. */
typedef enum {
    BYO_CARRY_NO = 0, /* this bearerbox would spoil it */
    BYO_CARRY_UTF8,   /* coding 0, payload a UTF-8 text that bearerbox converts into our octets */
    BYO_CARRY_OCTETS  /* payload is the encoded octets */
} ByoCarry;

typedef struct {
    unsigned dcs; /* data_coding on the wire, 0..255 */
    const ByoCharset *charset;
    ByoCarry carry;
    int32_t coding;        /* Msg coding to set: 0, 1, 2, or dcs / 4 (3..63) */
    int32_t data_coding;   /* meta-data smpp/data_coding to set; BYO_UNDEF: set none */
    const ByoCharset *via; /* BYO_CARRY_UTF8: what bearerbox converts into; == charset: the text itself */
} ByoCharsetPair;

typedef struct {
    ByoCharsetPair *pairs;
    size_t n;
} ByoCharsetList;

/* Fills in carry, coding, data_coding, via (dcs and charset are given) for a bearerbox with these
 * BYO_FEATURE_ bits. With raw-payload every pair is carried. On stock (host H6), tried, too:
 *   {0, GSM_0338} {1, ASCII} {3, ISO-8859-1} {6, ISO-8859-5} {7, ISO-8859-8}   by bearerbox's conversion
 *   {2, any} {4, any} {8, any}                                                as octets
 *   {5, any} {13, any} {14, any}   as octets, as long as libc knows none of JIS_X0208-1990,
 *                                  JIS_X0212-1990, KSC_5601 (glibc does not; an ERROR line a message)
 *   {other, GSM_0338}                                          by bearerbox's conversion
 *   {12, 16, 20 .. 252, any}                                   as octets, coding = dcs / 4
 *   another charset under 0, 1, 3, 6, 7, other                 when every octet it writes can come out of
 *                  bearerbox's conversion: {0, ASCII}, {1, GSM_0338}, {3, any}, {6, any}; not {0, ISO-8859-1}
 * What is left is BYO_CARRY_NO; so are the national forms of GSM_0338 on stock. */
void byo_carry_decide(ByoCharsetPair *pair, unsigned features);

/* What one segment of a pair holds beside a user data header of so many octets, its length octet included
 * (3GPP TS 23.040 9.2.3.24). Units: septets for GSM_0338/packed and, under data_coding 0, GSM_0338 and its national
 * forms (160/153/152); octets otherwise (140/134/133; UTF-16BE 140/134/132, that is 70/67/66 units). */
unsigned byo_segment_limit(const ByoCharsetPair *pair, size_t udh_octets);

typedef struct {
    int reference_bits; /* 8 or 16: size of the concatenation reference (TS 23.040 9.2.3.24.1, .8) */
    /* Message class or MWI set: bearerbox computes the data_coding from them, and those codings know two
     * alphabets only (TS 23.038 4), so only {0, GSM_0338} and {8, UTF-16BE} apply. */
    bool class_or_mwi;
    bool gsm_only;         /* MWI "inactive" (Kannel's mwi 4..7, 0xC0..0xC3): no UTF-16 form either */
    unsigned max_segments; /* 1..255; 0 is 255 */
    size_t
        own_udh; /* octets of the application's own user data header, 0: none. With it there is one segment */
} ByoEncodeOptions;

typedef struct {
    size_t offset, length;         /* into ByoEncoded.payload */
    size_t text_from, text_length; /* what of the UTF-8 text stands in it */
    unsigned units;                /* of the pair's limit it takes: septets or octets (byo_segment_limit) */
} ByoSegmentSlice;

typedef enum {
    BYO_ENCODE_OK = 0,
    BYO_ENCODE_NO_CHARSET, /* DATA_CODING_SCHEME_INVALID: no pair carries the text */
    BYO_ENCODE_TOO_LONG,   /* MESSAGE_BODY_TOO_LONG: the first fitting pair needs > max_segments */
    BYO_ENCODE_BAD_TEXT    /* MESSAGE_DATA_INVALID: the text is not valid UTF-8 */
} ByoEncodeResult;

#define BYO_NO_SCALAR 0xFFFFFFFFu

typedef struct {
    size_t pair;                 /* index into the list */
    int32_t coding, data_coding; /* what to set for this message: the pair's, but with class_or_mwi the ones
                                  * that leave the data_coding to bearerbox */
    ByoBuf payload;              /* what bearerbox is handed as msgdata, all segments in a row, no UDH */
    ByoSegmentSlice *segments;
    size_t n; /* 1: no UDH needed */
    size_t cap_segments;
    unsigned locking,
        single; /* national languages to be named in each segment's header, 0: none (national.h) */
    const ByoCharset *charset; /* the pair's; for a national one the way it is written, for decoding it */
    uint32_t bad_scalar;       /* BYO_ENCODE_NO_CHARSET: the character the last tried pair lacks;
                          * BYO_NO_SCALAR: no pair of the list applies */
} ByoEncoded;

/* Never splits a GSM escape pair, a surrogate pair or a multi-octet character. An empty text is one
 * empty segment. *e is all zero, or one that was used before: its buffers are used again, so a loop over
 * messages allocates nothing. On anything but BYO_ENCODE_OK it holds no segments. */
ByoEncodeResult byo_encode(const ByoCharsetList *list, ByoStr utf8, const ByoEncodeOptions *opt,
                           ByoEncoded *e);
void byo_encoded_free(ByoEncoded *e);

/* Information element identifiers (3GPP TS 23.040 9.2.3.24). */
enum {
    BYO_IEI_CONCAT_8 = 0x00,
    BYO_IEI_CONCAT_16 = 0x08,
    BYO_IEI_SINGLE_SHIFT = 0x24,
    BYO_IEI_LOCKING_SHIFT = 0x25
};

/* The header of one segment: */
typedef struct {
    ByoStr own;                        /* the application's own header, well formed, or empty */
    int reference_bits;                /* 8, 16; 0: it is the only segment */
    unsigned reference, total, number; /* of the concatenation */
    unsigned locking, single;          /* languages to name; 0: none */
} ByoUdh;
#define BYO_UDH_MAX 256
/* Octets of it, its length octet included; 0: none is needed. out may be NULL, else has room for them
 * (BYO_UDH_MAX at most, as long as own is no longer than 140). */
size_t byo_udh_write(const ByoUdh *udh, unsigned char *out);
/* True when a UDH (with its length octet) is well formed: lengths of all elements add up. When it holds
 * a concatenation element, *reference_r, *total_r, *number_r (may be NULL) get it, else total is 0. */
bool byo_udh_check(ByoStr udh, unsigned *reference_r, unsigned *total_r, unsigned *number_r);

#endif
