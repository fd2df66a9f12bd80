/* SPDX-License-Identifier: BSD-3-Clause
 * Which URLs something is sent to. Ownership: none. Threads: values. */
#ifndef BYO_BASE_URL_H
#define BYO_BASE_URL_H

#include <stdbool.h>

enum { BYO_URL_MAX = 2000 };

/* Is it a URL of http or https? host_r: for a sentence; *tls_r: it is https. */
bool byo_url_check(const char *url, char host_r[256], bool *tls_r);

#endif
