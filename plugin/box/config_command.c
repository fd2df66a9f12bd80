/* SPDX-License-Identifier: BSD-3-Clause
 * byobox -t and byobox --render-smsc: what a person asks before a configuration is used.
 * Ownership: none kept. Threads: none. */
#include "box/box.h"
#include "admin/http.h"
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

int byo_config_test_command(const char *path, FILE *err)
{
    ByoFaults faults = {0};

    judge_as_service(path);
    ByoConf *conf = byo_conf_load(path, &faults);
    check_names(conf, &faults);
    check_tls(conf, &faults);
    print_faults(&faults, err);
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
