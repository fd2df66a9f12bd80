/* SPDX-License-Identifier: BSD-3-Clause
 * What byoctl does without byobox: check, seal, hash-password; files and secrets.
 * Ownership and threads: ctl_private.h. */
#include "byoctl/ctl_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "admin/api.h"
#include "admin/password.h"
#include "base/features.h"
#include "integration/credentials.h"
#include "integration/key_table.h"
#include "integration/properties.h"

/* -- files and secrets --------------------------------------------------------------------------------*/

/* False: *error_r says why as errno does; 0: it is larger than max, and so is out. */
static bool take_file(ByoCtl *c, const char *path, size_t max, ByoBuf *out, int *error_r)
{
    bool input = strcmp(path, "-") == 0;
    FILE *f = input ? c->in : fopen(path, "rbe");
    size_t n = 0;
    if (f)
        do {
            byo_buf_need(out, 65536);
            n = fread(out->p + out->n, 1, 65536, f);
            out->n += n;
            out->p[out->n] = 0;
        } while (n > 0 && out->n <= max);
    bool fine = f && !ferror(f) && out->n <= max;
    *error_r = f && out->n > max ? 0 : errno;
    if (f && !input)
        fclose(f);
    return fine;
}

bool byo_ctl_read_file(ByoCtl *c, const char *path, size_t max, ByoBuf *out)
{
    int error;
    if (take_file(c, path, max, out, &error))
        return true;
    if (error)
        byo_ctl_tell(c, "file", "%s: %s%s", path, strerror(error), byo_file_hint(error));
    else
        byo_ctl_tell(c, "file", "%s: it is larger than %zu octets", path, max);
    return false;
}

/* One line without its end; NULL at the end of the input. */
static char *read_line(FILE *in)
{
    char buf[BYO_PASSWORD_TEXT_MAX + 2];
    char *line = fgets(buf, sizeof buf, in) ? byo_str_dup(byo_strn(buf, strcspn(buf, "\r\n"))) : NULL;
    OPENSSL_cleanse(buf, sizeof buf);
    return line;
}

static char *ask_once(ByoCtl *c, const char *prompt)
{
    struct termios old, quiet;
    int fd = fileno(c->in);
    bool terminal = fd >= 0 && isatty(fd) && tcgetattr(fd, &old) == 0;
    if (terminal) {
        quiet = old;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(fd, TCSAFLUSH, &quiet);
        fputs(prompt, c->err);
        fflush(c->err);
    }
    char *line = read_line(c->in);
    if (terminal) {
        tcsetattr(fd, TCSAFLUSH, &old);
        fputc('\n', c->err);
    }
    return line;
}

char *byo_ctl_secret(ByoCtl *c, const char *prompt, bool twice)
{
    char *secret = ask_once(c, prompt);
    int fd = fileno(c->in);
    if (!secret || !twice || fd < 0 || !isatty(fd))
        return secret;
    char *again = ask_once(c, "Once more: ");
    bool same = again && strcmp(secret, again) == 0;
    byo_secret_free(again);
    if (same)
        return secret;
    byo_ctl_tell(c, "password", "the two are not alike");
    byo_secret_free(secret);
    return NULL;
}

/* -- check --------------------------------------------------------------------------------------------*/

int byo_ctl_check(ByoCtl *c)
{
    ByoBuf text = {0};
    ByoFaults faults = {0};
    ByoAdvancedOptions opt = {.file = c->arguments[0],
                              .allow_unknown_causes = byo_ctl_option(c, "allow-unknown-causes") != NULL};
    /* What the bearerbox can carry stands in the configuration, when one is named. */
    if (c->config && !byo_ctl_load(c))
        return BYO_CTL_USAGE;
    if (c->conf)
        opt.features = c->conf->features;
    ByoAdvanced *a = NULL;
    int error;
    if (take_file(c, opt.file, BYO_ADVANCED_MAX_SIZE, &text, &error)) {
        a = byo_advanced_load(byo_buf_str(&text), &opt, &faults);
    } else if (error) {
        byo_ctl_tell(c, "file", "%s: %s%s", opt.file, strerror(error), byo_file_hint(error));
        byo_buf_free(&text);
        return BYO_CTL_USAGE;
    } else {
        byo_fault_add(&faults, BYO_FAULT_ERROR, opt.file, 0, 0, "it is larger than %d octets",
                      BYO_ADVANCED_MAX_SIZE);
    }
    if (c->json) {
        ByoJson *j = byo_api_check_json(&faults, a != NULL);
        ByoBuf out = {0};
        byo_json_text(j, false, &out);
        fprintf(c->out, "%s\n", out.p);
        byo_buf_free(&out);
        byo_json_free(j);
    } else {
        for (size_t i = 0; i < faults.n; i++) {
            char *line = byo_fault_line(&faults.items[i]);
            fprintf(c->out, "%s\n", line);
            free(line);
        }
        if (a)
            fprintf(c->out, "%s is good\n", c->arguments[0]);
    }
    int code = a ? BYO_CTL_DONE : BYO_CTL_REFUSED;
    byo_advanced_destroy(a);
    byo_faults_free(&faults);
    byo_buf_free(&text);
    return code;
}

/* -- seal ---------------------------------------------------------------------------------------------*/

static int new_key(ByoCtl *c)
{
    char key[BYO_KEY_LINE];
    if (!byo_key_generate(key)) {
        byo_ctl_tell(c, "no-random", "the system gave no random numbers");
        return BYO_CTL_REFUSED;
    }
    fprintf(c->out, "%s\n", key);
    OPENSSL_cleanse(key, sizeof key);
    return BYO_CTL_DONE;
}

static ByoKeyring *open_ring(ByoCtl *c)
{
    const char *path = byo_ctl_option(c, "key-file");
    if (!path && !byo_ctl_load(c))
        return NULL;
    if (!path)
        path = c->conf->credentials_key_file;
    if (!path) {
        byo_ctl_tell(c, "configuration", "%s names no credentials-key-file; --key-file names one",
                     c->conf->path);
        return NULL;
    }
    ByoBuf text = {0};
    ByoFaults faults = {0};
    ByoKeyring *ring = NULL;
    if (byo_ctl_read_file(c, path, BYO_KEY_FILE_MAX, &text)) {
        ring = byo_keyring_read(byo_buf_str(&text), path, &faults);
        for (size_t i = 0; i < faults.n && !ring; i++) {
            char *line = byo_fault_line(&faults.items[i]);
            byo_ctl_tell(c, "key-file", "%s", line);
            free(line);
        }
    }
    if (text.p)
        OPENSSL_cleanse(text.p, text.n);
    byo_buf_free(&text);
    byo_faults_free(&faults);
    return ring;
}

static int seal(ByoCtl *c, const ByoKeyring *ring)
{
    char *secret = byo_ctl_secret(c, "SMPP password: ", true);
    const char *fault = byo_password_fault(secret ? byo_str(secret) : BYO_STR(""), BYO_FEATURE_ALL);
    int code = BYO_CTL_REFUSED;
    if (fault) {
        byo_ctl_tell(c, "password", "%s", fault);
    } else {
        char *sealed = byo_seal(ring, byo_str(c->arguments[0]), byo_str(secret));
        if (sealed) {
            fprintf(c->out, "%s\n", sealed);
            code = BYO_CTL_DONE;
        } else {
            byo_ctl_tell(c, "no-random", "the system gave no random numbers");
        }
        free(sealed);
    }
    byo_secret_free(secret);
    return code;
}

int byo_ctl_seal(ByoCtl *c)
{
    bool key = byo_ctl_option(c, "new-key") != NULL;
    if (key == (c->n_arguments == 1))
        return byo_ctl_usage(c, "seal needs either an integration's id or --new-key");
    if (key)
        return new_key(c);
    if (!byo_key_is_id(byo_str(c->arguments[0])))
        return byo_ctl_usage(c, "\"%s\" is no id: letters, digits, '.', '_', '-', at most 32",
                             c->arguments[0]);
    ByoKeyring *ring = open_ring(c);
    int code = ring ? seal(c, ring) : BYO_CTL_USAGE;
    byo_keyring_destroy(ring);
    return code;
}

/* -- hash-password ------------------------------------------------------------------------------------*/

int byo_ctl_hash_password(ByoCtl *c)
{
    char *password = byo_ctl_secret(c, "Password: ", true);
    char *hash = password ? byo_password_hash(byo_str(password), BYO_PASSWORD_ITERATIONS) : NULL;
    int code = hash ? BYO_CTL_DONE : BYO_CTL_REFUSED;
    if (hash)
        fprintf(c->out, "%s\n", hash);
    else
        byo_ctl_tell(c, "password", "a password of 1 to %d octets is needed", BYO_PASSWORD_TEXT_MAX);
    byo_secret_free(password);
    free(hash);
    return code;
}
