/* SPDX-License-Identifier: BSD-3-Clause
 * The keys of Kannel's own smsc group (gwlib/cfg.def): which a byo-smpp group passes on, which it does
 * not and why. Constants. */
#ifndef BYO_INTEGRATION_SMSC_KEYS_H
#define BYO_INTEGRATION_SMSC_KEYS_H

#include "integration/key_table.h"

extern const ByoKeyRefusal byo_smsc_refusals[];
extern const size_t byo_smsc_refusals_n;

#endif
