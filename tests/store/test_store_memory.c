/* SPDX-License-Identifier: BSD-3-Clause
 * The contract once more, of the store in memory: what flow's tests use in place of a store is one.
 * Threads: one. */
#include "store_fixture.h"

int main(void)
{
    setenv("BYO_TEST_STORE", "memory", 1);
    return store_run();
}
