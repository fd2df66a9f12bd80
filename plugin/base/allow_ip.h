/* SPDX-License-Identifier: BSD-3-Clause
 * smsbox-allow-ip and admin-allow-ip, matched by gwlib as bearerbox matches box-allow-ip
 * ("127.0.0.1;10.0.*.*").
 * Threads: any. */
#ifndef BYO_BASE_ALLOW_IP_H
#define BYO_BASE_ALLOW_IP_H

#include <stdbool.h>

/* allow NULL: everybody. */
bool byo_allow_ip(const char *allow, const char *ip);

#endif
