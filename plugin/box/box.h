/* SPDX-License-Identifier: BSD-3-Clause
 * The two programs, as functions a test can call. argv as main has it; the exit code. */
#ifndef BYO_BOX_BOX_H
#define BYO_BOX_BOX_H

/* BYO_VERSION comes from configure.ac by the compiler's command line: Kannel's own gw-config.h has the names
 * a config.h would define. */
#ifndef BYO_VERSION
#error "BYO_VERSION is not defined: Makefile.am does it"
#endif

int byo_box_main(int argc, char **argv);

#endif
