/* SPDX-License-Identifier: BSD-3-Clause
 * An integration as JSON to the text of its file, and what that changes (spec A1). Pure.
 * Decides: what somebody who may edit integrations, and is not root, may write: no key that names a file, no control
 * character; what decides where the password goes, or who can read it on the way, only with the password in the same
 * request. What each value may be is decided where the file is read (properties.c).
 * Ownership: see each function. Threads: values. */
#ifndef BYO_INTEGRATION_EDIT_H
#define BYO_INTEGRATION_EDIT_H

#include "base/json.h"
#include "integration/properties.h"

typedef struct {
    const ByoKeyDef *def;
    char *value; /* as the file has it, without quotes */
} ByoEditLine;

typedef struct {
    char id[BYO_ID_MAX + 1];
    ByoEditLine
        *lines; /* in the order of the file; the password's is not among them unless it stays as it was */
    size_t n;
    char *password;    /* to be sealed; NULL: the line before stays */
    bool new_password; /* it is another than before, as far as can be told */
    size_t unfit;      /* faults that are texts no file can hold: the edit has them as one could */
    bool has_advanced;
    ByoBuf advanced; /* the text of ID.json */
} ByoEdit;

/* Reads the body of a request. Faults are the document's: the edit can be checked further if they are all unfit texts, and
 * be made only without any. before: the group in
 * the file as it is now, NULL: none, or none that can be read. byo_edit_free in any case. */
void byo_edit_read(const ByoJsonAt *body, ByoStr id, const ByoKeyGroup *before, ByoEdit *edit_r);
void byo_edit_free(ByoEdit *edit); /* wipes */

/* Appends the text of ID.conf. sealed: the password for it; NULL: it stands in clear, for a check. The caller wipes. */
void byo_edit_text(const ByoEdit *edit, const char *sealed, ByoBuf *out);
/* What stands on a line of that text. NULL: nothing of the request, or the password. */
const ByoEditLine *byo_edit_line(const ByoEdit *edit, int line);
bool byo_edit_is_password(const ByoEdit *edit, int line);
/* The member of the request a line of that text is from, "smscPort", "credentials.password"; "": none. */
const char *byo_edit_field(const ByoEdit *edit, int line, char out[BYO_KEY_CAMEL + 16]);

/* Where a member of the request stands among all: in the order of /v1/properties; unknown ones behind, and NULL last. */
size_t byo_edit_rank(const char *field);

/* What is another than before: the names of the members, separated by ", ", and lines that begin with '-' and '+',
 * without secrets. advanced_before: the text of ID.json; absent: none. False: nothing is. */
bool byo_edit_changes(const ByoEdit *edit, const ByoKeyGroup *before, ByoStr advanced_before, ByoBuf *names,
                      ByoBuf *difference);

#endif
