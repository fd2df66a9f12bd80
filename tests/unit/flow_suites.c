/* SPDX-License-Identifier: BSD-3-Clause
 * The flow by journey: out (mt), back (report, retry), in (mo, inward), and what goes wrong (fault).
 * Threads: one. */
#include "flow_fixture.h"
#include "suites.h"

#include "base/thread.h"

int flow_run(bool in_memory)
{
    Suite *(*const suites[])(void) = {flow_mt_suite,           flow_write_suite,  flow_queue_suite,
                                      flow_rate_suite,         flow_report_suite, flow_receipt_suite,
                                      flow_elsewhere_suite,    flow_retry_suite,  flow_order_suite,
                                      flow_mo_suite,           flow_number_suite, flow_inward_suite,
                                      flow_inward_limit_suite, flow_fault_suite,  flow_left_suite,
                                      flow_statistics_suite,   flow_past_suite};
    byo_gw_start();
    flow_in_memory = in_memory;
    SRunner *r = srunner_create(NULL);
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        srunner_add_suite(r, suites[i]());
    int failed = run_all(r);
    byo_gw_stop();
    return failed;
}
