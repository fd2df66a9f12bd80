/* SPDX-License-Identifier: BSD-3-Clause
 * Kept apart: gwlib.h forbids plain malloc in whatever includes it. */
#include "gwlib/gwlib.h"

#include "box/gw.h"

void byo_gw_start(void)
{
    gwlib_init();
}

void byo_gw_stop(void)
{
    gwlib_shutdown();
}
