/* SPDX-License-Identifier: BSD-3-Clause
 * gwlib's own start and stop, once in a process. */
#ifndef BYO_BOX_GW_H
#define BYO_BOX_GW_H

void byo_gw_start(void);
void byo_gw_stop(void);

#endif
