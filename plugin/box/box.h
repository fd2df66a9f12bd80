/* SPDX-License-Identifier: BSD-3-Clause
 * The two programs, as functions a test can call. argv as main has it; the exit code. */
#ifndef BYO_BOX_BOX_H
#define BYO_BOX_BOX_H

#define BYO_VERSION "0.1.0"

int byo_box_main(int argc, char **argv);

#endif
