/* SPDX-License-Identifier: BSD-3-Clause
 * What the included kannel.conf says and what byobox needs it to say (design 2, "What the rest of
 * kannel.conf needs"; kannel-host 1, 8 and 9).
 * Ownership: the conf owns what is read into it. Threads: none. */
#ifndef BYO_BOX_HOST_H
#define BYO_BOX_HOST_H

#include "box/config_keys.h"
#include "box/config_reader.h"

/* The group bearerbox uses of those that may stand once: the last. NULL: there is none. */
const ByoKeyGroup *byo_host_single(const ByoConfigTree *tree, const char *name);

/* Fills the host_ fields, smsbox ids, routes and smsc_log_dir of conf (whose smsc_conf is set), and the
 * defaults group byobox takes from core. Texts of defaults_r point into tree. */
void byo_host_defaults(const ByoConfigTree *tree, ByoHostDefaults *defaults_r);
void byo_host_read(const ByoConfigTree *tree, ByoConf *conf, ByoFaults *faults);

/* Every fault of the included kannel.conf, each with the line to add; one warning when none is included. */
void byo_host_check(const ByoConfigTree *tree, const ByoConf *conf, ByoFaults *faults);

#endif
