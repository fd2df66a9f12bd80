/* SPDX-License-Identifier: BSD-3-Clause
 * byobox -t and byobox --render-smsc: what a person asks before a configuration is used.
 * Ownership: none kept. Threads: none. */
#include "admin/http.h"
#include "box/config.h"

#include <openssl/crypto.h>
#include <stdlib.h>

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

int byo_config_test_command(const char *path, FILE *err)
{
    ByoFaults faults = {0};
    ByoConf *conf = byo_conf_load(path, &faults);

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
