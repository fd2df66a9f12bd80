/* SPDX-License-Identifier: BSD-3-Clause
 * store copy: what SQLite has goes into PostgreSQL, or back, while byobox is down.
 * Decides: which store a word on the command line means. The copying and its promises: store/copy.h.
 * Ownership and threads: ctl_private.h. */
#include "byoctl/ctl_private.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/json.h"
#include "store/copy.h"

static bool no_connection(ByoCtl *c, const char *id)
{
    byo_ctl_tell(c, "store", "%s: there is no group pgsql-connection with id = %s", c->conf->path, id);
    return false;
}

static bool pgsql_target(ByoCtl *c, const char *id, ByoStoreTarget *at_r)
{
    const ByoConfPgsql *p = byo_conf_pgsql(c->conf, id);
    if (!p)
        return no_connection(c, id);
    *at_r = (ByoStoreTarget){.kind = BYO_STORE_PGSQL,
                             .pgsql = {.host = p->host,
                                       .port = p->port,
                                       .username = p->username,
                                       .password = p->password,
                                       .database = p->database,
                                       .sslmode = p->sslmode,
                                       .node = c->conf->node_id,
                                       .connect_timeout = p->connect_timeout}};
    return true;
}

/* The store a word means: "sqlite", "sqlite:FILE", a path, "pgsql", "pgsql:ID". Texts are the word's or the
 * configuration's. */
static bool target(ByoCtl *c, const char *word, ByoStoreTarget *at_r)
{
    const char *id = c->conf->store_id       ? c->conf->store_id
                     : c->conf->n_pgsql == 1 ? c->conf->pgsql[0].id
                                             : NULL;
    if (strncmp(word, "pgsql:", 6) == 0)
        return pgsql_target(c, word + 6, at_r);
    if (strcmp(word, "pgsql") == 0 && id)
        return pgsql_target(c, id, at_r);
    const char *path = strncmp(word, "sqlite:", 7) == 0 ? word + 7
                       : strcmp(word, "sqlite") == 0    ? c->conf->store_path
                       : strchr(word, '/')              ? word
                                                        : NULL;
    if (path && path[0]) {
        *at_r = (ByoStoreTarget){.path = path};
        return true;
    }
    byo_ctl_tell(c, "store", "%s: a store is sqlite:FILE or pgsql:ID%s", word,
                 strcmp(word, "pgsql") == 0 ? "; the configuration names no pgsql-connection" : "");
    return false;
}

static void tell_table(void *arg, const char *table, int64_t rows)
{
    ByoCtl *c = arg;
    if (!c->json)
        fprintf(c->out, "%-20s %10lld\n", table, (long long)rows);
}

int byo_ctl_store_copy(ByoCtl *c)
{
    ByoStoreTarget from, to;
    char *why = NULL;
    if (!byo_ctl_load(c))
        return BYO_CTL_USAGE;
    if (!target(c, c->arguments[0], &from) || !target(c, c->arguments[1], &to))
        return BYO_CTL_USAGE;
    if (byo_store_target_same(&from, &to)) {
        byo_ctl_tell(c, "store", "both are the same store");
        return BYO_CTL_USAGE;
    }
    mode_t mask = umask(077); /* it holds what people write to each other */
    bool ok = byo_store_copy(&from, &to, tell_table, c, &why);
    umask(mask);
    if (!ok) {
        byo_ctl_tell(c, "store", "nothing was copied: %s", why);
        free(why);
        return BYO_CTL_REFUSED;
    }
    fprintf(c->out,
            c->json ? "{\"copied\":true}\n" : "copied; both have the same number of rows in every table\n");
    return BYO_CTL_DONE;
}
