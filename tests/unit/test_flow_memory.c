/* SPDX-License-Identifier: BSD-3-Clause
 * The flow's tests on the store in memory: what the flow knows of a store is its contract.
 * Left out are those that look into SQLite's file or break it. Threads: one. */
#include "flow_fixture.h"

int main(void)
{
    return flow_run(true);
}
