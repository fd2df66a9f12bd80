/* SPDX-License-Identifier: BSD-3-Clause
 * What a person should look at first, worst first.
 * Ownership: the list owns its texts. Threads: values. */
#ifndef BYO_ADMIN_PROBLEMS_H
#define BYO_ADMIN_PROBLEMS_H

#include "admin/actions.h"

typedef enum { BYO_PROBLEM_ERROR, BYO_PROBLEM_WARNING } ByoProblemLevel;

typedef struct {
    ByoProblemLevel level;
    char entity[BYO_ID_MAX + 1]; /* an integration's id, "store", "bearerbox", "smsbox", "configuration" */
    char *text;                  /* a sentence: what is wrong, and what to do where that is known */
} ByoProblem;

typedef struct {
    ByoProblem *items;
    size_t n;
} ByoProblems;

ByoProblems byo_problems_of(const ByoAdminStatus *st);
void byo_problems_free(ByoProblems *p);

#endif
