/* SPDX-License-Identifier: BSD-3-Clause
 * The carrier's error codes and what they mean (spec J1-J3, D3, D5-D7).
 * Decides: code, cause, description of a submit_sm_resp status, a receipt, a bearerbox NACK.
 * Ownership: immutable once built; freed with its advanced configuration. Threads: readers only. */
#ifndef BYO_INTEGRATION_ERROR_MAP_H
#define BYO_INTEGRATION_ERROR_MAP_H

#include "base/counters.h"
#include "base/verdict.h"

typedef struct ByoErrorMap ByoErrorMap;

typedef enum { BYO_MAP_ANY, BYO_MAP_SUBMIT, BYO_MAP_RECEIPT } ByoMapScope;

/* Key form (spec D5): 0x58 -> 88 (up to 64 bits), leading zeros off ("088" -> "88", "000" -> "0",
 * "0A1" -> "A1"), ASCII letters upper case, blanks around it off; the form of a form is itself.
 * out holds n >= BYO_ERROR_KEY bytes. False: empty, or longer than 64 octets, or a control character. */
#define BYO_ERROR_KEY 65
bool byo_error_key(ByoStr code, char *out, size_t n);

ByoErrorMap *byo_error_map_create(void);
void byo_error_map_destroy(ByoErrorMap *map);
/* Who wrote a row: the built-in ones are submit statuses (spec D6). */
typedef enum { BYO_MAP_BUILT_IN, BYO_MAP_OWN } ByoMapOrigin;
/* Sets or overrides one normalised key. Texts are copied. A bare own row with the code and cause of the built-in
 * one it overrides stays a built-in row: people paste the article's whole map. */
void byo_error_map_set(ByoErrorMap *map, ByoMapOrigin origin, ByoMapScope scope, const char *key,
                       ByoCode code, const char *cause, const char *description);
size_t byo_error_map_count(const ByoErrorMap *map);
/* Calls visit for each entry, sorted by scope and key. */
void byo_error_map_each(const ByoErrorMap *map,
                        void (*visit)(void *arg, ByoMapScope scope, const char *key, const ByoVerdict *v),
                        void *arg);

typedef struct {
    ByoVerdict verdict;
    ByoMapOrigin origin;
} ByoErrorRow;
/* A scoped key wins over the bare one. NULL when unmapped; else it lives as long as the map. */
const ByoErrorRow *byo_error_map_find(const ByoErrorMap *map, ByoMapScope scope, ByoStr code);

/* False for 0, 5, 6 and 8: mapped to these, a code says nothing about a failure, so a receipt's state
 * decides, and a refused submit counts as unmapped (a refusal can neither be a success nor stay open:
 * a generic_nack may come with command_status 0). */
bool byo_code_explains_failure(ByoCode code);

/* A refused submit (carrier_code: decimal command_status, or absent when bearerbox hid it:
 * 2 OTHER_TEMPORARY_FAILURE). Unmapped: 1 DEFAULT. */
ByoVerdict byo_verdict_submit(const ByoErrorMap *map, ByoStr carrier_code);
/* submit accepted: 8 CARRIER_ACCEPTED. */
ByoVerdict byo_verdict_accepted(void);
/* receipt-errors: which rows say what a receipt's err means. */
typedef enum { BYO_RECEIPT_ALL_ROWS, BYO_RECEIPT_OWN_ROWS } ByoReceiptErrors;
/* A receipt (spec D6). err may be absent. No state at all is read as
 * UNKNOWN. A built-in row never gives code 2, so it never makes a segment go out again, nor slows an integration.
 * `mapped` is false only when a final receipt's err stands in no row, or in none that receipt-errors lets count;
 * an err of zeros says nothing. That a verdict 2 is tried again only for UNDELIV and REJECTD is the caller's to
 * see. */
ByoVerdict byo_verdict_receipt(const ByoErrorMap *map, ByoReceiptErrors rows, ByoReceiptState state,
                               ByoStr err);

/* byobox's own verdicts, with a description for people. */
typedef enum {
    BYO_OWN_OPTED_OUT,        /* 7 RECIPIENT_OPTED_OUT */
    BYO_OWN_NO_CHARSET,       /* 3 DATA_CODING_SCHEME_INVALID */
    BYO_OWN_TOO_LONG,         /* 3 MESSAGE_BODY_TOO_LONG */
    BYO_OWN_BAD_DATA,         /* 3 MESSAGE_DATA_INVALID */
    BYO_OWN_BAD_DESTINATION,  /* 3 DEST_ADDR_INVALID */
    BYO_OWN_BAD_SOURCE,       /* 3 SOURCE_ADDR_INVALID */
    BYO_OWN_NOT_ALLOWED,      /* 7 OPERATION_NOT_ALLOWED */
    BYO_OWN_EXPIRED,          /* 4 EXPIRED */
    BYO_OWN_NO_RECEIPT,       /* 1 NETWORK_TIMEOUT */
    BYO_OWN_RETRIES_EXCEEDED, /* 2 OTHER_TEMPORARY_FAILURE */
    BYO_OWN_CANCELLED,        /* 3 OTHER_PERMANENT_FAILURE: another segment failed first */
    BYO_OWN_DELETED,          /* 3 OTHER_PERMANENT_FAILURE: the integration was deleted */
    BYO_OWN_UNKNOWN_DELETED,  /* 1 NETWORK_TIMEOUT: deleted while the carrier had not answered */
    BYO_OWN_UNKNOWN_CANCELLED /* 1 NETWORK_TIMEOUT: not tried again, the carrier had not answered */
} ByoOwnCause;
ByoVerdict byo_verdict_own(ByoOwnCause cause);

/* What a report text of bearerbox's own making says ("NACK/0x0000000b/Invalid...", "NACK/no SMSC").
 * Source: Kannel 1.4.5 gw/bb_smscconn.c and gw/smsc/smsc_smpp.c. *status_r is 0 unless
 * BYO_NACK_STATUS. */
typedef enum {
    BYO_NACK_STATUS,           /* the carrier's command_status: *status_r */
    BYO_NACK_RETRIES_EXCEEDED, /* temporary error whose number stock hides, or wait-ack ran out */
    BYO_NACK_NO_SMSC,          /* no verdict: back into the queue */
    BYO_NACK_NO_ANSWER,        /* the same: wait-ack ran out or the link broke (submit-status) */
    BYO_NACK_EXPIRED,
    BYO_NACK_MALFORMED,
    BYO_NACK_LISTED, /* white or black list */
    BYO_NACK_OTHER
} ByoNack;
ByoNack byo_nack_parse(ByoStr msgdata, uint32_t *status_r);

/* The cause list (spec J7). */
bool byo_cause_known(ByoStr cause);
const char *const *byo_cause_list(size_t *n_r);
/* Where a cause is counted, below BYO_CAUSES_MAX; what an installation made up (allow-unknown-causes) shares one place. */
size_t byo_cause_index(const char *cause);
/* The name at such a place; "OTHER" for the one that is shared. */
const char *byo_cause_name(size_t index);

#endif
