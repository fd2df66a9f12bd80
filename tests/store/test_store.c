/* SPDX-License-Identifier: BSD-3-Clause
 * The store's contract, held against the implementation BYO_TEST_STORE names; SQLite when none is named. */
#include "store_fixture.h"

int main(void)
{
    return store_run();
}
