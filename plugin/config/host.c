/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: how bearerbox would read the values byobox shares with it (gwlib/cfg.c, gw/bb_boxc.c).
 * Ownership: see host.h. Threads: none. */
#include "config/host.h"
#include "config/files.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

const ByoKeyGroup *byo_host_single(const ByoConfigTree *tree, const char *name)
{
    for (size_t k = tree->n; k > 0; k--)
        if (tree->groups[k - 1].name && strcmp(tree->groups[k - 1].name, name) == 0)
            return &tree->groups[k - 1];
    return NULL;
}

static const char *value(const ByoKeyGroup *group, const char *key)
{
    const ByoKeyLine *line = group ? byo_key_find(group, key) : NULL;
    return line ? line->value : NULL;
}

/* cfg_get_integer: strtol of base 0, blanks after it allowed. */
static bool integer(const ByoKeyGroup *group, const char *key, long *n_r)
{
    const char *s = value(group, key);
    char *end;
    long n;

    if (!s || !s[0])
        return false;
    errno = 0;
    n = strtol(s, &end, 0);
    if (errno || end == s)
        return false;
    *n_r = n;
    return true;
}

void byo_host_defaults(const ByoConfigTree *tree, ByoHostDefaults *defaults_r)
{
    const ByoKeyGroup *core = byo_host_single(tree, "core");
    long n;

    *defaults_r = (ByoHostDefaults){0};
    if (integer(core, "smsbox-port", &n) && n > 0 && n < 65536)
        defaults_r->port = (int)n;
    if (integer(core, "admin-port", &n) && n > 0 && n < 65536)
        defaults_r->admin_port = (int)n;
    defaults_r->admin_password = value(core, "admin-password");
}

/* The next part of a list separated by ';', without the blanks around it; false at its end. */
static bool next_item(const char **at, ByoStr *item_r)
{
    const char *p = *at, *end;

    if (!p || !*p)
        return false;
    end = strchr(p, ';');
    if (!end)
        end = p + strlen(p);
    *at = *end ? end + 1 : end;
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *item_r = byo_strn(p, (size_t)(end - p));
    return true;
}

static bool same(const char *a, ByoStr b)
{
    return a ? b.p && byo_str_is(b, a) : !b.p;
}

static void add_route(ByoConf *conf, const ByoKeyGroup *group, ByoStr smsc, ByoStr receiver,
                      ByoFaults *faults)
{
    for (size_t k = 0; k < conf->n_routes; k++) {
        const ByoConfRoute *r = &conf->routes[k];
        if (!same(r->smsc_id, smsc) || !same(r->receiver, receiver))
            continue;
        byo_key_fault(
            faults, BYO_FAULT_ERROR, group, "group smsbox-route", NULL, false,
            "smsc-id \"%.*s\" and shortcode \"%.*s\" have a route already, to smsbox %s: bearerbox does not "
            "start with two",
            BYO_PF(smsc), BYO_PF(receiver), r->smsbox_id);
        return;
    }
    conf->routes = byo_realloc(conf->routes, (conf->n_routes + 1) * sizeof(*conf->routes));
    conf->routes[conf->n_routes++] =
        (ByoConfRoute){byo_strdup(value(group, "smsbox-id")), byo_str_dup(smsc), byo_str_dup(receiver)};
}

/* gw/bb_boxc.c, init_smsbox_routes: a list of smsc-ids, of shortcodes, or every pair of both. */
static void read_route(ByoConf *conf, const ByoKeyGroup *group, ByoFaults *faults)
{
    const char *smscs = value(group, "smsc-id"), *codes = value(group, "shortcode");
    ByoStr smsc, code;

    if (!value(group, "smsbox-id")) {
        byo_key_fault(faults, BYO_FAULT_ERROR, group, "group smsbox-route", NULL, false,
                      "smsbox-id is missing: bearerbox does not start without it");
        return;
    }
    if (smscs && !codes) {
        while (next_item(&smscs, &smsc))
            add_route(conf, group, smsc, BYO_STR_NONE, faults);
    } else if (codes && !smscs) {
        while (next_item(&codes, &code))
            add_route(conf, group, BYO_STR_NONE, code, faults);
    } else if (codes) {
        while (next_item(&codes, &code))
            for (const char *at = smscs; next_item(&at, &smsc);)
                add_route(conf, group, smsc, code, faults);
    }
}

/* Where the rendered links log: the folder `smsc` beside byobox's own log when there is one (the package makes
 * it, for byobox and bearerbox to share), else bearerbox's log folder, else where smsc-conf is. */
static char *link_log_folder(const ByoConf *conf, const char *host_log)
{
    struct stat st;

    if (conf->log_file) {
        char *folder = byo_path_folder(conf->log_file), *own = byo_printf("%s/smsc", folder);
        free(folder);
        if (own[0] == '/' && stat(own, &st) == 0 && S_ISDIR(st.st_mode))
            return own;
        free(own);
    }
    if (host_log && host_log[0] == '/')
        return byo_path_folder(host_log);
    return conf->smsc_conf ? byo_path_folder(conf->smsc_conf) : NULL;
}

void byo_host_read(const ByoConfigTree *tree, ByoConf *conf, ByoFaults *faults)
{
    const ByoKeyGroup *core = byo_host_single(tree, "core");
    const char *log = value(core, "log-file"), *allow = value(core, "box-allow-ip");

    conf->host_included = core != NULL;
    conf->host_has_store = (value(core, "store-location") && value(core, "store-location")[0]) ||
                           (value(core, "store-file") && value(core, "store-file")[0]);
    conf->smsc_conf_included = tree->n_skipped > 0;
    conf->host_box_allow_ip = byo_strdup(allow);
    conf->host_resend_retry = -1;
    integer(core, "sms-resend-retry", &conf->host_resend_retry);
    conf->smsc_log_dir = link_log_folder(conf, log);
    for (size_t k = 0; k < tree->n; k++) {
        const ByoKeyGroup *g = &tree->groups[k];
        const char *id = value(g, "smsbox-id");
        if (!g->name)
            continue;
        if (strcmp(g->name, "smsbox-route") == 0)
            read_route(conf, g, faults);
        if (strcmp(g->name, "smsbox") != 0 || !id || !id[0])
            continue;
        conf->smsbox_ids =
            byo_realloc(conf->smsbox_ids, (conf->n_smsbox_ids + 1) * sizeof(*conf->smsbox_ids));
        conf->smsbox_ids[conf->n_smsbox_ids++] = byo_strdup(id);
    }
}
