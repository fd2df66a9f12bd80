/* SPDX-License-Identifier: BSD-3-Clause
 * How a store's open transaction goes, for every implementation on a database: begun, failed, why.
 * Decides: the first fault of a transaction is the cause of all that follow; a fault outside of one is remembered until it is
 * asked for. Ownership: a value; the text is its own. Threads: as ByoStore. */
#ifndef BYO_STORE_COURSE_H
#define BYO_STORE_COURSE_H

#include "store/store.h"

typedef struct {
    bool open;                 /* between begin and commit or rollback */
    bool failed;               /* something went wrong in it */
    ByoStoreResult why;        /* of the failure */
    ByoStoreResult last;       /* of the last statement */
    ByoStoreResult read_fault; /* the first outside of a transaction */
    ByoBuf error;
} ByoCourse;

void byo_course_begin(ByoCourse *c);
/* Notes a fault, fails the open transaction, and says what it means. */
ByoStoreResult byo_course_note(ByoCourse *c, ByoStoreResult r, const char *text);
/* May this transaction still write? Outside of a transaction it is a fault, and noted. */
bool byo_course_writing(ByoCourse *c);
const char *byo_course_error(const ByoCourse *c);   /* "": none */
ByoStoreResult byo_course_read_fault(ByoCourse *c); /* which is forgotten by that */

#endif
