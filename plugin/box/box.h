/* SPDX-License-Identifier: BSD-3-Clause
 * The program and what it does for a person, as functions a test can call. argv as main has it; the exit code. */
#ifndef BYO_BOX_BOX_H
#define BYO_BOX_BOX_H

#include <stdio.h>

int byo_box_main(int argc, char **argv);

/* byobox -t and byobox --render-smsc. -t: every fault and a last line that sums up, on err.
 * --render-smsc: the smsc groups on out, faults on err. Gives the exit code: 0 good, 1 bad configuration. */
int byo_config_test_command(const char *path, FILE *err);
int byo_config_render_command(const char *path, FILE *out, FILE *err);

#endif
