/* SPDX-License-Identifier: BSD-3-Clause
 * byobox -t and byobox --render-smsc: what a person asks before a configuration is used.
 * Ownership: none kept. Threads: none. */
#include "box/box.h"
#include "admin/http.h"
#include "box/daemon_private.h"
#include "config/config.h"
#include "config/files.h"

#include <netdb.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void print_faults(const ByoFaults *faults, FILE *err)
{
    for (size_t k = 0; k < faults->n; k++) {
        char *line = byo_fault_line(&faults->items[k]);
        fprintf(err, "%s\n", line);
        free(line);
    }
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

/* Only the programs that listen open these files, so the loader does not. */
static void check_tls(const ByoConf *conf, ByoFaults *faults)
{
    char *why = NULL;
    if (conf && conf->admin_ssl_cert_file &&
        !byo_admin_tls_check(conf->admin_ssl_cert_file, conf->admin_ssl_key_file, &why))
        byo_fault_add(faults, BYO_FAULT_ERROR, conf->path, 0, 0, "%s", why);
    free(why);
}

/* bearerbox looks names up itself, and says of a wrong one only in a log. */
static void check_names(const ByoConf *conf, ByoFaults *faults)
{
    struct addrinfo hints = {.ai_family = AF_INET,
                             .ai_socktype = SOCK_STREAM}; /* bearerbox knows IPv4 alone */

    for (size_t k = 0; conf && k < conf->n_integrations; k++) {
        const ByoIntegration *i = conf->integrations[k];
        struct addrinfo *found = NULL;
        int rc = i->smsc_address ? getaddrinfo(i->smsc_address, NULL, &hints, &found) : 0;
        if (rc != 0)
            byo_fault_add(faults, BYO_FAULT_WARNING, conf->path, 0, 0,
                          "group byo-smpp \"%s\", smsc-address = %s: the name cannot be resolved here: %s",
                          i->id, i->smsc_address, gai_strerror(rc));
        else if (found)
            freeaddrinfo(found);
    }
}

/* The service's user owns its store, or the folder that will hold it. Only root judges for somebody else. */
static void judge_as_service(const char *path)
{
    ByoFaults unsaid = {0};
    ByoConf *conf = geteuid() == 0 ? byo_conf_load_client(path, &unsaid) : NULL;
    struct stat st;

    if (conf && conf->store_path) {
        char *folder = byo_path_folder(conf->store_path);
        if (stat(conf->store_path, &st) == 0 || stat(folder, &st) == 0)
            byo_secret_files_of(st.st_uid);
        free(folder);
    }
    byo_conf_free(conf);
    byo_faults_free(&unsaid);
}

/* -- binds of all nodes -------------------------------------------------------------------------------------------- */

/* A database that does not answer is not waited for longer, s for each of its hosts. */
enum { ASK_TIMEOUT = 3 };

typedef struct {
    const ByoConf *conf;
    int64_t binds[BYO_INTEGRATIONS_MAX]; /* of conf->integrations, at the other nodes that are there */
    ByoBuf nodes[BYO_INTEGRATIONS_MAX];  /* their names */
} Elsewhere;

static void add_elsewhere(void *arg, const ByoIntegrationSeen *seen)
{
    Elsewhere *all = arg;
    if (!seen->there || byo_str_is(seen->node, all->conf->node_id))
        return;
    for (size_t k = 0; k < all->conf->n_integrations; k++)
        if (byo_str_is(seen->is.id, all->conf->integrations[k]->id)) {
            all->binds[k] += seen->is.binds;
            byo_buf_addf(&all->nodes[k], "%s%.*s", all->nodes[k].n ? ", " : "", BYO_PF(seen->node));
        }
}

/* As a reader, which takes no node's place. False: *why_r, which the caller frees. */
static bool ask_nodes(const ByoConf *conf, Elsewhere *all, char **why_r)
{
    ByoStoreTarget at = byo_daemon_store(conf);
    ByoStoreResult result;
    if (at.pgsql.connect_timeout > ASK_TIMEOUT)
        at.pgsql.connect_timeout = ASK_TIMEOUT;
    ByoStore *store = byo_store_open_reader(&at, &result, why_r);
    if (!store)
        return false;
    byo_store_integrations_seen(store, add_elsewhere, all);
    bool read = byo_store_read_fault(store) == BYO_STORE_OK;
    if (!read)
        *why_r = byo_strdup(byo_store_error(store));
    byo_store_close(store);
    return read;
}

/* The carrier counts those of all nodes. A configuration is tested before its database is there, too. Not NULL: why nobody
 * was asked; the caller frees it. */
static char *check_binds(const ByoConf *conf, ByoFaults *faults)
{
    Elsewhere all = {.conf = conf};
    char *why = NULL;

    if (!conf->store_pgsql)
        return NULL;
    bool asked = ask_nodes(conf, &all, &why);
    for (size_t k = 0; k < conf->n_integrations; k++) {
        const ByoIntegration *i = conf->integrations[k];
        if (asked && all.binds[k] > 0 && all.binds[k] + i->binds > BYO_BINDS_USUAL)
            byo_fault_add(
                faults, BYO_FAULT_WARNING, i->file, 0, 0,
                "group byo-smpp \"%s\", binds = %d: with those of the other nodes (%s) they are %lld, and "
                "carriers allow %d an integration",
                i->id, i->binds, all.nodes[k].p, (long long)all.binds[k] + i->binds, BYO_BINDS_USUAL);
        byo_buf_free(&all.nodes[k]);
    }
    return why;
}

int byo_config_test_command(const char *path, FILE *err)
{
    ByoFaults faults = {0};

    judge_as_service(path);
    ByoConf *conf = byo_conf_load(path, &faults);
    check_names(conf, &faults);
    check_tls(conf, &faults);
    char *unasked = conf && !faults.errors ? check_binds(conf, &faults) : NULL;
    print_faults(&faults, err);
    if (unasked)
        fprintf(err, "%s: note: the binds of other nodes are not known: store-id = %s: %s\n", path,
                conf->store_id, unasked);
    free(unasked);
    if (conf && !faults.errors)
        fprintf(err, "%s: good: %zu integration%s, %zu warning%s\n", path, conf->n_integrations,
                plural(conf->n_integrations), faults.warnings, plural(faults.warnings));
    else
        fprintf(err, "%s: bad: %zu error%s, %zu warning%s\n", path, faults.errors, plural(faults.errors),
                faults.warnings, plural(faults.warnings));
    int code = conf && !faults.errors ? 0 : 1;
    byo_faults_free(&faults);
    byo_conf_free(conf);
    return code;
}

int byo_config_render_command(const char *path, FILE *out, FILE *err)
{
    ByoFaults faults = {0};
    ByoConf *conf = byo_conf_load(path, &faults);
    ByoBuf text = {0};
    int code = 1;

    print_faults(&faults, err);
    if (conf) {
        byo_conf_render(conf, NULL, &text);
        code = fwrite(text.p, 1, text.n, out) == text.n && fflush(out) == 0 ? 0 : 1;
        if (code)
            fprintf(err, "%s: the groups could not be written\n", path);
        OPENSSL_cleanse(text.p, text.cap);
    }
    byo_buf_free(&text);
    byo_faults_free(&faults);
    byo_conf_free(conf);
    return code;
}
