/* SPDX-License-Identifier: BSD-3-Clause
 * What the rest of kannel.conf needs: each fault of an existing one, at its place, with the line
 * to add; nothing where nothing is wrong.
 * Ownership: none kept. Threads: none. */
#include "config_vectors.h"
#include "suites.h"

START_TEST(every_fault_with_its_line)
{
    vector_run("host-faults.conf");
}
END_TEST

START_TEST(smsbox_past_byobox)
{
    vector_run("host-smsbox.conf");
}
END_TEST

START_TEST(nothing_included_is_one_warning)
{
    vector_run("host-absent.conf");
}
END_TEST

START_TEST(a_good_host_has_no_fault)
{
    vector_run("good.conf");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("host_check");
    TCase *t = tcase_create("kannel.conf");

    tcase_add_test(t, every_fault_with_its_line);
    tcase_add_test(t, smsbox_past_byobox);
    tcase_add_test(t, nothing_included_is_one_warning);
    tcase_add_test(t, a_good_host_has_no_fault);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return run_suite(suite());
}
