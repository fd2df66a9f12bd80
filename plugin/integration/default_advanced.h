/* SPDX-License-Identifier: BSD-3-Clause
 * default-advanced.json as it was built in; default_advanced.c is made from it by advanced.mk.
 * Threads: constants. */
#ifndef BYO_INTEGRATION_DEFAULT_ADVANCED_H
#define BYO_INTEGRATION_DEFAULT_ADVANCED_H

#include <stddef.h>

extern const unsigned char byo_default_advanced[];
extern const size_t byo_default_advanced_size;

#endif
