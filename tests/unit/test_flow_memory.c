/* SPDX-License-Identifier: BSD-3-Clause
 * The flow's tests on the store in memory: what the flow knows of a store is its contract.
 * Left out are those that look into SQLite's file or break it. Threads: one. */
#include "flow_fixture.h"

#include "base/thread.h"

int main(void)
{
    byo_gw_start();
    flow_in_memory = true;
    SRunner *r = srunner_create(flow_mt_suite());
    srunner_add_suite(r, flow_queue_suite());
    srunner_add_suite(r, flow_report_suite());
    srunner_add_suite(r, flow_receipt_suite());
    srunner_add_suite(r, flow_retry_suite());
    srunner_add_suite(r, flow_mo_suite());
    srunner_add_suite(r, flow_number_suite());
    srunner_add_suite(r, flow_inward_suite());
    srunner_add_suite(r, flow_fault_suite());
    srunner_add_suite(r, flow_left_suite());
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    byo_gw_stop();
    return failed != 0;
}
