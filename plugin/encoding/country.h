/* SPDX-License-Identifier: BSD-3-Clause
 * Country codes: ISO 3166-1 alpha-2. Threads: values. */
#ifndef BYO_ENCODING_COUNTRY_H
#define BYO_ENCODING_COUNTRY_H

#include "base/str.h"

/* ISO 3166 alpha-2 (and XK) in upper case from any letter case; false: no such country, *country_r is "". */
bool byo_country_parse(ByoStr typed, char country_r[3]);

#endif
