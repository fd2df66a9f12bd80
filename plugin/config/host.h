/* SPDX-License-Identifier: BSD-3-Clause
 * What the included kannel.conf says and what byobox needs it to say
 * (host H9, H11, H14-H16).
 * Ownership: the conf owns what is read into it. Threads: none. */
#ifndef BYO_CONFIG_HOST_H
#define BYO_CONFIG_HOST_H

#include "config/keys.h"
#include "config/reader.h"

/* The group bearerbox uses of those that may stand once: the last. NULL: there is none. */
const ByoKeyGroup *byo_host_single(const ByoConfigTree *tree, const char *name);

/* Fills the host_ fields, smsbox ids, routes and smsc_log_dir of conf (whose smsc_conf is set), and the
 * defaults group byobox takes from core. Texts of defaults_r point into tree. */
void byo_host_defaults(const ByoConfigTree *tree, ByoHostDefaults *defaults_r);
void byo_host_read(const ByoConfigTree *tree, ByoConf *conf, ByoFaults *faults);

/* Where bearerbox keeps its receipts when nothing is said: a folder of the user kannel. */
#define BYO_DLR_SPOOL "/var/spool/kannel/dlr"
/* The folder core's receipts belong into with dlr-storage = spool: its dlr-spool, else BYO_DLR_SPOOL; one beside
 * store-location where that folder lies inside it. The caller frees it. */
char *byo_host_dlr_spool(const ByoKeyGroup *core);

/* Something kannel.conf lacks, and what would mend it. */
typedef enum {
    BYO_NEED_BY_HAND, /* no line can be put there safely: text says what to do */
    BYO_NEED_KEY,     /* `key = value` in group */
    BYO_NEED_INCLUDE, /* `include = value` between groups */
    BYO_NEED_SMSBOX   /* a group = smsbox whose bearerbox-port is value */
} ByoNeedKind;

typedef struct {
    ByoNeedKind kind;
    const ByoKeyGroup *group; /* of the tree */
    const char *key;          /* BYO_NEED_KEY; a constant */
    char *value;              /* as it would be written, quotes included; NULL for BYO_NEED_BY_HAND */
    bool wish;                /* byobox works without, so -t does not say it */
} ByoHostNeed;

typedef struct {
    ByoHostNeed *items;
    size_t n;
    ByoFaults faults; /* of each need, in the same order, what -t says */
} ByoHostNeeds;

/* What the kannel.conf in tree lacks for this configuration; the tree needs not be the one conf was loaded from,
 * but was read with conf->smsc_conf skipped. A tree without a group = core lacks everything: one need. */
void byo_host_needs(const ByoConfigTree *tree, const ByoConf *conf, ByoHostNeeds *needs_r);
void byo_host_needs_free(ByoHostNeeds *needs);
/* The same as faults: every fault of the included kannel.conf, each with the line to add; one warning when none
 * is included. */
void byo_host_check(const ByoConfigTree *tree, const ByoConf *conf, ByoFaults *faults);

#endif
