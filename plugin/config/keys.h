/* SPDX-License-Identifier: BSD-3-Clause
 * The tables of byobox's own groups but byo-smpp, and what each fills.
 * Ownership: the conf owns what is read into it. Threads: none. */
#ifndef BYO_CONFIG_KEYS_H
#define BYO_CONFIG_KEYS_H

#include "config/config.h"
#include "config/reader.h"
#include "integration/key_table.h"
#include "integration/properties.h"

/* Whether a group is ours by its name. */
bool byo_conf_group_ours(const char *name);
/* Whether it is one of Kannel 1.4.5's (gwlib/cfg.def). */
bool byo_conf_group_kannels(const char *name);
/* Our group a name is a misspelling of, or NULL. */
const char *byo_conf_group_nearest(const char *name);

/* group = byobox. Paths are made absolute, seen from the file they stand in. host_port, host_admin_port,
 * host_admin_password: what the included core says (0, NULL: nothing); they are the defaults of ours. */
typedef struct {
    int port, admin_port;
    const char *admin_password;
} ByoHostDefaults;
void byo_conf_read_box(ByoConf *conf, const ByoKeyGroup *group, const ByoHostDefaults *host,
                       ByoFaults *faults);
/* What group byobox opens to whom: warnings about it, and smsbox-interface's default. */
void byo_conf_check_access(ByoConf *conf, const ByoKeyGroup *group, ByoFaults *faults);
/* The smsc-conf a group byobox names, or the default; absolute; the caller frees it. group may be NULL. */
char *byo_conf_smsc_conf(const ByoKeyGroup *group);

/* The folder integrations-dir names, absolute; NULL: none. The caller frees it. */
char *byo_conf_integrations_dir(const ByoKeyGroup *group);

/* Where the store is, of all groups: group byobox was read before. */
void byo_conf_check_store(ByoConf *conf, const ByoKeyGroup *box, const ByoConfigTree *tree,
                          ByoFaults *faults);
/* The group pgsql-connection store-id names. */
bool byo_conf_group_is_store(const ByoConf *conf, const ByoKeyGroup *group);
void byo_conf_free_store(ByoConf *conf);

void byo_conf_read_user(ByoConf *conf, const ByoKeyGroup *group, ByoFaults *faults);
/* group NULL: the defaults. */
void byo_conf_read_compliance(ByoConf *conf, const ByoKeyGroup *group, ByoFaults *faults);

/* The operator's own replies must leave through every integration (field S6). group may be NULL. */
void byo_conf_check_replies(const ByoConf *conf, const ByoKeyGroup *group, ByoFaults *faults);

/* This machine, by its name or loopback address. */
bool byo_conf_host_is_local(const char *host);
/* path as an absolute one, seen from the folder of file; the caller frees it. */
char *byo_conf_absolute(const char *file, const char *path);

#endif
