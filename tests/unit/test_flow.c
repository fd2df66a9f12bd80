/* SPDX-License-Identifier: BSD-3-Clause
 * The flow's tests on SQLite. Threads: one. */
#include "flow_fixture.h"

int main(void)
{
    return flow_run(false);
}
