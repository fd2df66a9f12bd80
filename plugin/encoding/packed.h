/* SPDX-License-Identifier: BSD-3-Clause
 * Septets packed into octets (3GPP TS 23.038 6.1.2.1), for carriers that want or send them so. `fill` is the number of
 * bits between a user data header and the first septet (TS 23.040 9.2.3.24): byo_packed_fill.
 * SMPP counts octets, not septets: where seven bits are left over they hold a CR, as in 6.1.2.3.1, so that no '@' is
 * read there; reading, a CR or '@' that ends on the last bit is such padding.
 * Threads: values. */
#ifndef BYO_ENCODING_PACKED_H
#define BYO_ENCODING_PACKED_H

#include "base/str.h"

/* 0..6, for a header of so many octets, its length octet included. */
unsigned byo_packed_fill(size_t udh_octets);
/* Appends. septets: one an octet, the high bit ignored. */
void byo_packed_write(ByoStr septets, unsigned fill, ByoBuf *octets);
void byo_packed_read(ByoStr octets, unsigned fill, ByoBuf *septets);

#endif
