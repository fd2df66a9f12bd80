/* SPDX-License-Identifier: BSD-3-Clause
 * The parts of test_turn: the flow as a whole (test_turn.c), its tables alone (test_turn_tables.c).
 * Threads: one. */
#ifndef BYO_TESTS_TEST_TURN_H
#define BYO_TESTS_TEST_TURN_H

#include <check.h>

Suite *turn_tables_suite(void);

#endif
