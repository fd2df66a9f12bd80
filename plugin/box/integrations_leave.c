/* SPDX-License-Identifier: BSD-3-Clause
 * Integrations looked at and taken away. Ownership and threads: integrations.h. */
#include "box/integrations.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "config/folder.h"

typedef struct {
    ByoDaemon *d;
    char *folder;
    char ids[BYO_INTEGRATIONS_MAX + 1][BYO_ID_MAX + 1]; /* those that receive for the last one first */
    size_t n;
} Removal;

static void add_id(Removal *r, const char *id)
{
    snprintf(r->ids[r->n++], sizeof r->ids[0], "%s", id);
}

/* What leaves the folder with it. False: *why_r. Nothing in the list: it stands elsewhere. */
static bool find_leaving(Removal *r, ByoStr id, char why[200])
{
    bool good = true;
    pthread_rwlock_rdlock(&r->d->conf_lock);
    const ByoConf *conf = r->d->conf;
    const ByoIntegration *own = byo_conf_integration(conf, id);
    if (own && conf->integrations_dir && byo_folder_has(conf->integrations_dir, own->file)) {
        r->folder = byo_strdup(conf->integrations_dir);
        for (size_t k = 0; k < conf->n_integrations && good; k++) {
            const ByoIntegration *i = conf->integrations[k];
            if (!i->receives_for || strcmp(i->receives_for, own->id) != 0)
                continue;
            good = byo_folder_has(r->folder, i->file);
            add_id(r, i->id);
            if (!good)
                snprintf(why, 200,
                         "%s receives for it and stands in another file: take its group out there first",
                         i->id);
        }
        add_id(r, own->id);
    }
    pthread_rwlock_unlock(&r->d->conf_lock);
    return good;
}

/* The configuration without them. NULL: it cannot be loaded (another one may share their numbers), why. */
static ByoConf *load_rest(const Removal *r, char why[200])
{
    ByoFileText texts[BYO_INTEGRATIONS_MAX + 1];
    ByoFaults faults = {0};
    for (size_t k = 0; k < r->n; k++)
        texts[k] = (ByoFileText){byo_folder_path(r->folder, r->ids[k], "conf"), BYO_STR_NONE};
    ByoConf *conf = byo_conf_load_with(r->d->path, texts, r->n, &faults);
    for (size_t k = 0; k < faults.n && !conf; k++)
        if (faults.items[k].severity == BYO_FAULT_ERROR) {
            snprintf(why, 200, "without it the configuration cannot be loaded: %s", faults.items[k].text);
            break;
        }
    for (size_t k = 0; k < r->n; k++)
        free((char *)texts[k].path);
    byo_faults_free(&faults);
    return conf;
}

static bool put_aside(const Removal *r, char why[200])
{
    char *later = NULL;
    bool fine = true;
    for (size_t k = 0; k < r->n && fine; k++)
        fine = byo_folder_remove(r->folder, r->ids[k], &later);
    if (!fine)
        snprintf(why, 200, "it is deleted, but its file could not be taken out of the folder: %s", later);
    free(later);
    return fine;
}

static ByoAdminAnswer answer_of(ByoLifeResult result)
{
    switch (result) {
    case BYO_LIFE_OK:
        return BYO_ANSWER_OK;
    case BYO_LIFE_UNKNOWN:
        return BYO_ANSWER_UNKNOWN;
    case BYO_LIFE_GONE:
        return BYO_ANSWER_CONFLICT;
    case BYO_LIFE_NO_STORE:
        break;
    }
    return BYO_ANSWER_UNAVAILABLE;
}

ByoAdminAnswer byo_integrations_life(ByoDaemon *d, ByoStr id, ByoLifeVerb verb, ByoStr who, char why[200])
{
    return answer_of(byo_life_request(d->life, id, verb, who, why));
}

static bool load_without(const Removal *r, char why[200])
{
    char *later = NULL;
    bool fine = byo_daemon_reload(r->d, &later);
    if (!fine)
        snprintf(why, 200, "it is deleted and its file is out of the folder, but the rest was not loaded: %s",
                 later);
    free(later);
    return fine;
}

static ByoAdminAnswer delete_one(Removal *r, ByoStr id, ByoStr who, char why[200])
{
    ByoConf *rest = NULL;
    if (!find_leaving(r, id, why) || (r->n && !(rest = load_rest(r, why))))
        return BYO_ANSWER_CONFLICT;
    byo_conf_free(rest);
    ByoLifeResult result = byo_life_request(r->d->life, id, BYO_LIFE_DELETE, who, why);
    /* One whose deletion got so far and no further goes on here. */
    if (r->n == 0 || (result != BYO_LIFE_OK && result != BYO_LIFE_GONE))
        return answer_of(result);
    if (put_aside(r, why) && load_without(r, why))
        return BYO_ANSWER_OK;
    byo_log_error("integration %.*s: %s", BYO_PF(id), why);
    return BYO_ANSWER_UNAVAILABLE;
}

ByoAdminAnswer byo_integrations_delete(ByoDaemon *d, ByoStr id, ByoStr who, char why[200])
{
    Removal r = {.d = d};
    pthread_mutex_lock(&d->edit_lock);
    ByoAdminAnswer answer = delete_one(&r, id, who, why);
    pthread_mutex_unlock(&d->edit_lock);
    free(r.folder);
    return answer;
}

/* The store says deleted, and the file still stands in the folder. */
static void find_unfinished(Removal *r)
{
    const ByoConf *conf = r->d->conf;
    r->folder = byo_strdup(conf->integrations_dir);
    for (size_t k = 0; k < conf->n_integrations && r->folder; k++) {
        const ByoIntegration *i = conf->integrations[k];
        ByoIntegrationRow row;
        if (byo_folder_has(r->folder, i->file) &&
            byo_store_integration(r->d->store, byo_str(i->id), &row) == BYO_STORE_OK && row.deleted)
            add_id(r, i->id);
    }
}

void byo_integrations_finish(ByoDaemon *d)
{
    Removal r = {.d = d};
    char why[200] = "";
    find_unfinished(&r);
    ByoConf *rest = r.n ? load_rest(&r, why) : NULL;
    if (rest && put_aside(&r, why)) {
        byo_conf_free(d->conf);
        d->conf = rest;
        rest = NULL;
    }
    for (size_t k = 0; k < r.n; k++)
        byo_log_warning("integration %s was deleted: %s%s", r.ids[k],
                        why[0] ? why : "its file is out of the folder now, kept as ID.conf.deleted",
                        why[0] ? "; delete it again" : "");
    byo_conf_free(rest);
    free(r.folder);
}

void byo_integrations_file(ByoDaemon *d, ByoStr id, ByoAdminFile *f)
{
    ByoBuf text = {0}, why = {0};
    ByoConfigFiles pending = {0};
    ByoFaults unsaid = {0};
    char *advanced = NULL, *folder = NULL;
    *f = (ByoAdminFile){.file = NULL};
    pthread_rwlock_rdlock(&d->conf_lock);
    const ByoIntegration *i = byo_conf_integration(d->conf, id);
    if (i) {
        f->file = byo_strdup(i->file);
        f->version = byo_strdup(i->version);
        f->editable = d->conf->integrations_dir && byo_folder_has(d->conf->integrations_dir, i->file);
        advanced = byo_strdup(i->advanced_path);
        folder = byo_strdup(f->editable ? d->conf->integrations_dir : NULL);
    }
    pthread_rwlock_unlock(&d->conf_lock);
    if (advanced && folder)
        byo_folder_pending(folder, &pending, &unsaid);
    if (advanced && byo_config_file_read(&pending, advanced, BYO_ADVANCED_MAX_SIZE, &text, &why))
        f->advanced = byo_str_dup(byo_buf_str(&text));
    byo_folder_texts_free(&pending);
    byo_faults_free(&unsaid);
    free(folder);
    free(advanced);
    byo_buf_free(&text);
    byo_buf_free(&why);
}
