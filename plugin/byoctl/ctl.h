/* SPDX-License-Identifier: BSD-3-Clause
 * byoctl: the admin API for people. Exit codes: 0 done, 1 refused or not found, 2 usage or
 * configuration, 3 not reachable or not authorised.
 * Ownership: none. Threads: one. */
#ifndef BYO_BYOCTL_CTL_H
#define BYO_BYOCTL_CTL_H

#include <stdio.h>

int byo_ctl_main(int argc, char **argv);
/* The same on streams of the caller's. */
int byo_ctl_run(int argc, char **argv, FILE *in, FILE *out, FILE *err);

#endif
