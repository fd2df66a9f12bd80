/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: which group pgsql-connection is the store's, and what it may hold. The group is Kannel's own
 * (gwlib/cfg.def), so it may stand in kannel.conf already, with keys that are nothing to byobox.
 * Ownership: see keys.h. Threads: none. */
#include "config/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

typedef struct {
    ByoConfPgsql c;
    int sslmode;
    char *unused; /* of Kannel's, for its own connections */
} Draft;

static const ByoKeyChoice sslmodes[] = {{"disable", 0},   {"allow", 1},       {"prefer", 2}, {"require", 3},
                                        {"verify-ca", 4}, {"verify-full", 5}, {NULL, 0}};

#define AT(field) .offset = offsetof(Draft, field)
static const ByoKeyDef defs[] = {
    {"id", BYO_KEY_TEXT, BYO_KEY_REQUIRED, 1, 128, NULL, AT(c.id)},
    {"host", BYO_KEY_TEXT, BYO_KEY_REQUIRED, 1, 1000, NULL, AT(c.host)},
    {"port", BYO_KEY_TEXT, 0, 1, 200, "5432", AT(c.port)},
    {"username", BYO_KEY_TEXT, BYO_KEY_REQUIRED, 1, 63, NULL, AT(c.username)},
    {"password", BYO_KEY_TEXT, BYO_KEY_SECRET, 1, 1000, NULL, AT(c.password)},
    {"database", BYO_KEY_TEXT, BYO_KEY_REQUIRED, 1, 63, NULL, AT(c.database)},
    {"sslmode", BYO_KEY_CHOICE, .def = "prefer", AT(sslmode), .choices = sslmodes},
    {"connect-timeout", BYO_KEY_INT, 0, 2, 300, "10", AT(c.connect_timeout)},
    {"max-connections", BYO_KEY_TEXT, 0, 0, 100, NULL, AT(unused)},
    {"options", BYO_KEY_TEXT, 0, 0, 4000, NULL, AT(unused)},
    {"tty", BYO_KEY_TEXT, 0, 0, 4000, NULL, AT(unused)},
};
#undef AT

static bool are_ports(const char *ports)
{
    for (const char *p = ports;; p++) {
        char *end;
        long port = *p >= '0' && *p <= '9' ? strtol(p, &end, 10) : 0;
        if (port < 1 || port > 65535)
            return false;
        p = end;
        if (!*p)
            return true;
        if (*p != ',')
            return false;
    }
}

static int parts(const char *list)
{
    int n = 1;
    for (; *list; list++)
        n += *list == ',';
    return n;
}

static void check(const ByoConfPgsql *c, const ByoKeyGroup *group, const char *who, ByoFaults *faults)
{
    const ByoKeyLine *port = byo_key_find(group, "port");
    if (c->port && !are_ports(c->port))
        byo_key_fault(faults, BYO_FAULT_ERROR, group, who, port, false,
                      "must be a port from 1 to 65535, or one for each host, separated by commas");
    else if (c->port && c->host && parts(c->port) > 1 && parts(c->port) != parts(c->host))
        byo_key_fault(faults, BYO_FAULT_ERROR, group, who, port, false,
                      "names %d ports for %d hosts: write one, or one for each", parts(c->port),
                      parts(c->host));
}

static void read_one(ByoConf *conf, const ByoKeyGroup *group, ByoFaults *faults)
{
    ByoKeyTable table = {defs, N(defs), NULL, 0};
    Draft d = {0};
    char who[BYO_PROPERTIES_WHO];
    const ByoKeyLine *id = byo_key_find(group, "id");

    snprintf(who, sizeof who, "group pgsql-connection \"%.40s\"", id ? id->value : "");
    byo_keys_read(&table, group, who, &d, faults);
    check(&d.c, group, who, faults);
    d.c.sslmode = sslmodes[d.sslmode].name;
    free(d.unused);
    conf->pgsql = byo_realloc(conf->pgsql, (conf->n_pgsql + 1) * sizeof(*conf->pgsql));
    conf->pgsql[conf->n_pgsql++] = d.c;
}

bool byo_conf_group_is_store(const ByoConf *conf, const ByoKeyGroup *group)
{
    if (!group->name || strcmp(group->name, "pgsql-connection") != 0)
        return false;
    const ByoKeyLine *id = byo_key_find(group, "id");
    return conf->store_pgsql && conf->store_id && id && strcmp(id->value, conf->store_id) == 0;
}

/* What stands in the others is Kannel's business. */
static void read_all(ByoConf *conf, const ByoConfigTree *tree, ByoFaults *faults)
{
    const ByoKeyGroup *found = NULL;

    for (size_t k = 0; k < tree->n; k++) {
        const ByoKeyGroup *g = &tree->groups[k];
        if (!g->name || strcmp(g->name, "pgsql-connection") != 0)
            continue;
        ByoFaults unsaid = {0};
        bool ours = byo_conf_group_is_store(conf, g);
        if (ours && found)
            byo_fault_add(faults, BYO_FAULT_ERROR, g->file, g->line, 0,
                          "group pgsql-connection with id = %s stands here a second time; the first is at "
                          "line %d of %s",
                          conf->store_id, found->line, found->file);
        read_one(conf, g, ours ? faults : &unsaid);
        found = ours ? g : found;
        byo_faults_free(&unsaid);
    }
}

void byo_conf_check_store(ByoConf *conf, const ByoKeyGroup *box, const ByoConfigTree *tree, ByoFaults *faults)
{
    const char *who = "group byobox";
    char host[256] = ""; /* may be longer than a node-id */

    if (!conf->node_id) {
        gethostname(host, sizeof host - 1);
        conf->node_id = byo_printf("%.*s", BYO_NODE_ID_MAX, host[0] ? host : "byobox");
    }
    read_all(conf, tree, faults);
    if (!conf->store_pgsql) {
        if (conf->store_id)
            byo_key_fault(faults, BYO_FAULT_WARNING, box, who, byo_key_find(box, "store-id"), false,
                          "it belongs to store = pgsql");
        return;
    }
    if (!conf->store_id)
        byo_key_fault(
            faults, BYO_FAULT_ERROR, box, who, byo_key_find(box, "store"), false,
            "store-id is missing: the id of the group pgsql-connection that says where the database is");
    else if (!byo_conf_pgsql(conf, conf->store_id))
        byo_key_fault(faults, BYO_FAULT_ERROR, box, who, byo_key_find(box, "store-id"), false,
                      "there is no group = pgsql-connection with this id");
}

const ByoConfPgsql *byo_conf_pgsql(const ByoConf *conf, const char *id)
{
    for (size_t k = 0; k < conf->n_pgsql; k++)
        if (conf->pgsql[k].id && strcmp(conf->pgsql[k].id, id) == 0)
            return &conf->pgsql[k];
    return NULL;
}

void byo_conf_free_store(ByoConf *conf)
{
    for (size_t k = 0; k < conf->n_pgsql; k++) {
        ByoConfPgsql *c = &conf->pgsql[k];
        char *texts[] = {c->id, c->host, c->port, c->username, c->database};
        for (size_t i = 0; i < N(texts); i++)
            free(texts[i]);
        byo_secret_free(c->password);
    }
    free(conf->pgsql);
    free(conf->store_id);
    free(conf->node_id);
}
