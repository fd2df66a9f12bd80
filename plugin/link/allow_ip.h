/* SPDX-License-Identifier: BSD-3-Clause
 * smsbox-allow-ip, matched by gwlib as bearerbox matches box-allow-ip ("127.0.0.1;10.0.*.*").
 * Threads: any. */
#ifndef BYO_LINK_ALLOW_IP_H
#define BYO_LINK_ALLOW_IP_H

#include <stdbool.h>

bool byo_allow_ip(const char *allow, const char *ip);

#endif
