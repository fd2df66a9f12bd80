/* SPDX-License-Identifier: BSD-3-Clause
 * byoctl kannel: what kannel.conf lacks, as a list and as a patch; putting it there and taking it out again.
 * Needs no running byobox. Ownership and threads: ctl_private.h. */
#include "byoctl/ctl_private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "byoctl/kannel.h"
#include "integration/properties.h"

#define ID_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

static void print_faults(ByoCtl *c, const ByoFaults *faults)
{
    for (size_t k = 0; k < faults->n; k++) {
        char *line = byo_fault_line(&faults->items[k]);
        fprintf(c->err, "%s\n", line);
        free(line);
    }
}

/* Ids of integrations that are still to be added (through the admin API, whose user need not be on this machine): the
 * other links leave them alone from now on. False: told. */
static bool prepare(ByoCtl *c)
{
    const char *at = byo_ctl_option(c, "prepare");
    for (size_t n; at; at = at[n] ? at + n + 1 : NULL) {
        n = strcspn(at, ",");
        if (n == 0 || n > BYO_ID_MAX || strspn(at, ID_CHARACTERS) < n || at[0] == '.') {
            fprintf(c->err,
                    "byoctl: --prepare %.*s: an id is 1 to 32 letters, digits, '.', '_' or '-', and does not "
                    "begin with '.'\n",
                    (int)n, at);
            return false;
        }
        if (byo_conf_integration(c->conf, byo_strn(at, n)))
            continue;
        ByoIntegration *new = byo_properties_defaults();
        snprintf(new->id, sizeof new->id, "%.*s", (int)n, at);
        c->conf->integrations =
            byo_realloc(c->conf->integrations, (c->conf->n_integrations + 1) * sizeof *c->conf->integrations);
        c->conf->integrations[c->conf->n_integrations++] = new;
    }
    return true;
}

/* byobox.conf and the kannel.conf that is meant. NULL: told. */
static ByoKannel *open_both(ByoCtl *c)
{
    ByoFaults faults = {0};
    ByoKannel *k = NULL;

    c->conf = byo_conf_load_apart(c->config ? c->config : BYO_CTL_CONFIG, &faults);
    if (c->conf && prepare(c)) {
        byo_faults_free(&faults);
        k = byo_kannel_open(c->n_arguments ? c->arguments[0] : BYO_KANNEL_CONF, c->conf, &faults);
    }
    if (!k)
        print_faults(c, &faults);
    byo_faults_free(&faults);
    return k;
}

/* Each need at its place. Gives how many there are beside mere warnings for a person. */
static size_t print_needs(FILE *out, const ByoKannel *k, bool by_hand_only)
{
    size_t lacking = 0;

    for (size_t n = 0; n < k->needs.n; n++) {
        const ByoHostNeed *need = &k->needs.items[n];
        const ByoFault *fault = &k->needs.faults.items[n];
        bool by_hand = need->kind == BYO_NEED_BY_HAND;
        lacking += !by_hand || fault->severity == BYO_FAULT_ERROR;
        if (by_hand_only && !by_hand)
            continue;
        fprintf(out, "%s:%d: %s%s\n", fault->file, fault->line, by_hand ? "(by hand) " : "", fault->text);
    }
    return lacking;
}

/* Whether there is anything for byobox to do: its unit is not started before. */
static int check_applied(ByoCtl *c)
{
    ByoFaults faults = {0};

    c->conf = byo_conf_load_client(c->config ? c->config : BYO_CTL_CONFIG, &faults);
    if (!c->conf)
        print_faults(c, &faults);
    byo_faults_free(&faults);
    if (!c->conf)
        return BYO_CTL_USAGE;
    if (!c->conf->host_included || c->conf->smsc_conf_included)
        return BYO_CTL_DONE;
    fprintf(c->err, "kannel.conf does not include %s yet: byoctl kannel apply\n", c->conf->smsc_conf);
    return BYO_CTL_REFUSED;
}

int byo_ctl_kannel_check(ByoCtl *c)
{
    if (byo_ctl_option(c, "applied"))
        return check_applied(c);
    ByoKannel *k = open_both(c);
    if (!k)
        return BYO_CTL_USAGE;
    size_t lacking = print_needs(c->out, k, false);
    if (lacking == 0)
        fprintf(c->out, "%s: nothing is missing\n", k->files[0].path);
    byo_kannel_close(k);
    return lacking ? BYO_CTL_REFUSED : BYO_CTL_DONE;
}

static void run_diff(const ByoKannelFile *f, int new, int out)
{
    char path[64];
    snprintf(path, sizeof path, BYO_KANNEL_UNNAMED, new);
    dup2(out, STDOUT_FILENO);
    execlp("diff", "diff", "-u", "--label", f->path, "--label", f->path, f->path, path, (char *)NULL);
    _exit(127);
}

/* One file's change as diff(1) says it. */
static bool print_diff(ByoCtl *c, const ByoKannelFile *f)
{
    int new = byo_kannel_unnamed(byo_buf_str(&f->new)), ends[2];
    bool fine = new >= 0 && pipe(ends) == 0;

    if (fine) {
        pid_t child = fork();
        if (child == 0)
            run_diff(f, new, ends[1]);
        close(ends[1]);
        char part[4096];
        int status = 0;
        for (ssize_t n; child > 0 && (n = read(ends[0], part, sizeof part)) > 0;)
            fwrite(part, 1, (size_t)n, c->out);
        close(ends[0]);
        fine =
            child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) <= 1;
    }
    if (!fine)
        fprintf(c->err, "byoctl: %s: diff(1) cannot be asked: %s\n", f->path, strerror(errno));
    if (new >= 0)
        close(new);
    return fine;
}

int byo_ctl_kannel_diff(ByoCtl *c)
{
    ByoKannel *k = open_both(c);
    bool fine = k != NULL;

    if (!k)
        return BYO_CTL_USAGE;
    byo_kannel_plan_apply(k);
    for (size_t f = 0; f < k->n && fine; f++)
        if (!byo_str_eq(byo_buf_str(&k->files[f].old), byo_buf_str(&k->files[f].new)))
            fine = print_diff(c, &k->files[f]);
    fflush(c->out);
    print_needs(c->err, k, true);
    byo_kannel_close(k);
    return fine ? BYO_CTL_DONE : BYO_CTL_REFUSED;
}

static bool replace(ByoCtl *c, ByoKannel *k, bool applying)
{
    ByoFaults why = {0};
    ByoKannelWritten written = BYO_KANNEL_NONE;

    if (byo_kannel_verify(k, applying, &why) && (!applying || byo_kannel_make_spool(k, &why)))
        written = byo_kannel_write(k, &why);
    print_faults(c, &why);
    byo_faults_free(&why);
    if (written == BYO_KANNEL_NONE)
        fputs("byoctl: nothing was changed\n", c->err);
    if (written == BYO_KANNEL_PART)
        fprintf(c->err, "byoctl: only a part was changed. When the files can be written: byoctl kannel %s\n",
                applying ? "apply, or byoctl kannel revert" : "revert");
    return written == BYO_KANNEL_ALL;
}

static void print_changed(ByoCtl *c, const ByoKannel *k, bool backups)
{
    for (size_t f = 0; f < k->n; f++) {
        if (byo_str_eq(byo_buf_str(&k->files[f].old), byo_buf_str(&k->files[f].new)))
            continue;
        fprintf(c->out, "changed: %s", k->files[f].path);
        if (backups)
            fprintf(c->out, " (as it was before byobox: %s)", k->files[f].backup);
        fputs("\n", c->out);
    }
}

int byo_ctl_kannel_apply(ByoCtl *c)
{
    ByoKannel *k = open_both(c);
    int code = BYO_CTL_DONE;

    if (!k)
        return BYO_CTL_USAGE;
    if (byo_kannel_plan_apply(k) == 0) {
        fprintf(c->out, "%s: nothing to change\n", k->files[0].path);
    } else if (replace(c, k, true)) {
        print_changed(c, k, true);
        if (access(c->conf->smsc_conf, F_OK) != 0)
            fprintf(c->out, "%s is not there yet: bearerbox does not start before byobox has written it\n",
                    c->conf->smsc_conf);
        fputs("in force after: systemctl restart byobox kannel\n", c->out);
    } else {
        code = BYO_CTL_REFUSED;
    }
    byo_kannel_tidy(k);
    for (size_t n = 0; n < k->needs.n; n++)
        if (k->needs.items[n].kind == BYO_NEED_BY_HAND &&
            k->needs.faults.items[n].severity == BYO_FAULT_ERROR)
            code = BYO_CTL_REFUSED;
    print_needs(c->err, k, true);
    byo_kannel_close(k);
    return code;
}

int byo_ctl_kannel_revert(ByoCtl *c)
{
    ByoKannel *k = open_both(c);
    ByoFaults told = {0};
    int code = BYO_CTL_DONE;

    if (!k)
        return BYO_CTL_USAGE;
    if (byo_kannel_plan_revert(k, &told) == 0) {
        fprintf(c->out, "%s: nothing to take back\n", k->files[0].path);
    } else if (replace(c, k, false)) {
        print_changed(c, k, false);
        fputs("in force after: systemctl restart kannel\n", c->out);
    } else {
        code = BYO_CTL_REFUSED;
    }
    byo_kannel_tidy(k);
    print_faults(c, &told);
    byo_faults_free(&told);
    byo_kannel_close(k);
    return code;
}
