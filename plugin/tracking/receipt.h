/* SPDX-License-Identifier: BSD-3-Clause
 * A carrier's delivery receipt, read by us (bearerbox's own reading loses err codes) (host H7).
 * Decides: which state a receipt names, which err, under which message id.
 * Sources: the text form of SMPP 3.4 Appendix B in the spellings carriers use, or TLVs
 * (message_state 5.3.2.35, network_error_code 5.3.2.31, receipted_message_id 5.3.2.12).
 * Fields are separated by blanks, commas, semicolons, tabs, line ends, in any mix.
 * Text and TLV may differ: state and err are the text's where it names them (both of one source); both ids are
 * told, for either may be the one of submit_sm_resp.
 * Ownership: strings point into the text and the meta-data given. Threads: values. */
#ifndef BYO_TRACKING_RECEIPT_H
#define BYO_TRACKING_RECEIPT_H

#include "base/clock.h"
#include "base/meta.h"
#include "base/verdict.h"

typedef struct {
    ByoReceiptState state; /* BYO_STATE_NONE: neither text, TLV nor mask names one */
    ByoStr id;             /* as the text writes it; absent when missing or empty */
    ByoStr id_tlv;         /* receipted_message_id; absent when missing or empty */
    ByoStr err;            /* as received ("088", "A1B", "0x58"); absent when missing or empty */
    char err_tlv[16];      /* err of a failure from network_error_code, when the text has none or only zeros;
                            * err points here */
    ByoStr stat;           /* the word as written; absent when missing or empty */
    int sub, dlvrd;        /* -1 when missing */
    ByoTime submit, done;  /* 10, 12 or 14 digit dates, read as UTC; 0 when missing or impossible */
    ByoStr text;           /* absent when missing */
} ByoReceipt;

/* text: msgdata of the report (may be empty). smpp: the report's meta-data (group smpp: message_state as
 * number, word or octet; receipted_message_id; dlr_err as bearerbox writes it or network_error_code: type
 * octet and 16-bit number, a number of other length, or digits), may be NULL.
 * dlr_mask: bearerbox's own verdict, the last resort (1 delivered, 2 undeliverable, 4 en route,
 * 0x22 expired, 0x42 undeliverable). Never fails: what is not understood is left out.
 * A ByoReceipt must not be copied while err points into itself. */
void byo_receipt_parse(ByoStr text, const ByoMeta *smpp, int dlr_mask, ByoReceipt *r);

/* Whether the text begins with "id:", as a receipt does that has lost its esm_class (field C08). */
bool byo_receipt_begins(ByoStr text);

/* DELIVRD, EXPIRED, ... in any letter case, cut to three letters or more ("DELIV"; "DEL" is two words' start
 * and none's), spelled out ("DELIVERED") or by number. */
ByoReceiptState byo_receipt_state(ByoStr word);
/* ENROUTE, ACCEPTED, SCHEDULED, BUFFERED: the carrier goes on (spec D6). */
bool byo_receipt_interim(ByoReceiptState state);

#endif
