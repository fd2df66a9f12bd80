/* SPDX-License-Identifier: BSD-3-Clause
 * How a program of unit tests ends. */
#ifndef SUITES_H
#define SUITES_H

#include <check.h>

/* Both free the runner; main's result. How much is said, CK_VERBOSITY tells (tests/run sets it). */
static inline int run_all(SRunner *r)
{
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}

static inline int run_suite(Suite *s)
{
    return run_all(srunner_create(s));
}

#endif
