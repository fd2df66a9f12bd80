/* SPDX-License-Identifier: BSD-3-Clause
 * The contract of the store as one run, of the implementation BYO_TEST_STORE names. What can go wrong with SQLite's file
 * (full disk, damage, kill -9, versions) is SQLite's. */
#include "store_fixture.h"
#include "../unit/suites.h"

int store_run(void)
{
    SRunner *runner = srunner_create(store_messages_suite());
    srunner_add_suite(runner, store_queue_suite());
    srunner_add_suite(runner, store_inward_suite());
    srunner_add_suite(runner, store_rows_suite());
    srunner_add_suite(runner, store_purge_suite());
    if (on_sqlite())
        srunner_add_suite(runner, store_fault_suite());
    srunner_add_suite(runner, store_kept_suite());
    srunner_add_suite(runner, store_ahead_suite());
    return run_all(runner);
}
