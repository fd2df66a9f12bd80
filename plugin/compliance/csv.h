/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers in bulk as CSV (spec N1), and fields for CSV exports. Reads what spreadsheets write: BOM, CRLF,
 * quotes with line breaks in them, ',' or ';' or tab, with or without a header row.
 * Ownership: a row lives during the callback. Threads: none. */
#ifndef BYO_COMPLIANCE_CSV_H
#define BYO_COMPLIANCE_CSV_H

#include "compliance/number.h"

/* number,integration,type,country,help-keywords,help-reply,opt-out-keywords,opt-out-reply,
 * opt-in-keywords,opt-in-reply: the order without a header row ('|' between keywords). */
#define BYO_CSV_COLUMNS 10
extern const char *const byo_csv_columns[BYO_CSV_COLUMNS];

enum { BYO_CSV_RECORD_BYTES = 16384 };

typedef struct {
    int line;                 /* where the row starts, from 1 */
    const char *fault;        /* NULL, or a sentence: the row is no row; request is empty then */
    ByoNumberRequest request; /* empty fields are absent; compliance is set when any of its fields is */
} ByoCsvRow;

/* Calls back for each row that is not blank, in order. False from `each` stops. Returns false when the
 * text as a whole is no CSV of numbers (fault_r says why; field "csv"); rows told before stay told.
 * max_rows: more rows than this is such a fault, found before the first call back. */
bool byo_csv_numbers(ByoStr text, size_t max_rows, bool (*each)(void *arg, const ByoCsvRow *row), void *arg,
                     ByoComplianceFault *fault_r);

/* An opt-out as `byoctl opt-out list --csv` writes it; without a header row the order is that of the members. */
typedef struct {
    int line;
    const char *fault; /* NULL, or a sentence: the row is no row; the texts are absent then */
    ByoStr number, recipient, reason, time, action, text, answer, who;
} ByoCsvOptRow;
/* As byo_csv_numbers. */
bool byo_csv_opt_outs(ByoStr text, size_t max_rows, bool (*each)(void *arg, const ByoCsvOptRow *row),
                      void *arg, ByoComplianceFault *fault_r);

/* Appends a field, quoted where needed. One that a spreadsheet would take for a formula (= + - @ first)
 * gets a ' in front, unless it is a number with '+'. */
void byo_csv_field(ByoBuf *out, ByoStr field);

#endif
