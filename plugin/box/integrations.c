/* SPDX-License-Identifier: BSD-3-Clause
 * The order of a change. Ownership and threads: integrations.h. */
#include "box/integrations.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/permissions.h"
#include "config/reader.h"
#include "config/folder.h"
#include "config/key_file.h"
#include "box/life.h"
#include "integration/edit.h"

/* How long somebody who adds an integration anew waits for the end of the one before. */
#define GONE_WAIT (15 * BYO_SECOND)
enum { GONE_LOOK = 50000 }; /* µs */

typedef struct {
    char *field, *message; /* field NULL: none */
    size_t rank, at;
} Told;

typedef struct {
    ByoDaemon *d;
    const ByoAdminPut *put;
    ByoAdminPutDone *done;
    char id[BYO_ID_MAX + 1];
    char *folder, *key_file; /* of the configuration in force; NULL: none */
    char *elsewhere;         /* the file it stands in, which is none of the folder's; NULL: there is none */
    char loaded[BYO_FOLDER_VERSION]; /* the version of its files in force; "": none is */
    bool known;                      /* by the configuration in force, or its file is there */
    char *conf_path, *json_path;
    ByoFolderFiles files;
    ByoConfigTree *tree;
    const ByoKeyGroup *before; /* in it; NULL: none, or none that can be read */
    ByoEdit edit;
    Told *told;                /* its faults, from wherever */
    size_t n_told, by_request; /* by the request alone: the first ones */
    bool password_told;        /* one of them is what the file says of it */
} Change;

static ByoAdminPutAnswer refuse(Change *c, ByoAdminPutAnswer answer, char *why)
{
    free(c->done->why);
    c->done->why = why;
    return answer;
}

/* -- what is there --------------------------------------------------------------------------------------*/

static void look_at_conf(Change *c)
{
    pthread_rwlock_rdlock(&c->d->conf_lock);
    const ByoConf *conf = c->d->conf;
    const ByoIntegration *i = byo_conf_integration(conf, c->put->id);
    c->folder = byo_strdup(conf->integrations_dir);
    c->key_file = byo_strdup(conf->credentials_key_file);
    c->known = i != NULL;
    snprintf(c->loaded, sizeof c->loaded, "%s", i ? i->version : "");
    if (i && !(c->folder && byo_folder_has(c->folder, i->file)))
        c->elsewhere = byo_strdup(i->file);
    pthread_rwlock_unlock(&c->d->conf_lock);
}

static bool read_before(void *arg, const char *path, ByoBuf *text, ByoBuf *why)
{
    const Change *c = arg;
    (void)path, (void)why;
    byo_buf_add(text, c->files.conf.p, c->files.conf.n);
    return true;
}

static bool no_include(void *arg, const char *from, const char *include,
                       void (*add)(void *add_arg, const char *path), void *add_arg, ByoBuf *why)
{
    (void)arg, (void)from, (void)include, (void)add, (void)add_arg, (void)why;
    return false;
}

static bool look_at_files(Change *c, char **why_r)
{
    ByoConfigSource source = {.read = read_before, .expand = no_include, .arg = c};
    ByoFaults unsaid = {0};
    if (!byo_folder_get(c->folder, c->id, &c->files, why_r))
        return false;
    c->known |= c->files.has_conf;
    if (c->files.has_conf) {
        c->tree = byo_config_read(&source, c->conf_path, &unsaid);
        c->before = c->tree->n == 1 && !unsaid.errors ? &c->tree->groups[0] : NULL;
        byo_faults_free(&unsaid);
    }
    return true;
}

/* `"one", "two"`, or `*` for any. */
static bool matches(ByoStr header, const char *version)
{
    char *tag = byo_printf("\"%s\"", version);
    bool is = false;
    while (header.n && !is) {
        const char *comma = memchr(header.p, ',', header.n);
        ByoStr one = byo_strn(header.p, comma ? (size_t)(comma - header.p) : header.n);
        header = byo_strn(header.p + one.n + (comma ? 1 : 0), header.n - one.n - (comma ? 1 : 0));
        while (one.n && strchr(" \t", one.p[0]))
            one = byo_strn(one.p + 1, one.n - 1);
        while (one.n && strchr(" \t", one.p[one.n - 1]))
            one.n--;
        is = byo_str_is(one, tag) || byo_str_is(one, "*");
    }
    free(tag);
    return is;
}

/* -- faults ---------------------------------------------------------------------------------------------*/

static void add_json(ByoJson *list, const char *field, const char *message)
{
    ByoJson *j = byo_json_object();
    byo_json_set_z(j, "field", field);
    byo_json_set_z(j, "message", message);
    byo_json_add(list, j);
}

static void add_fault(Change *c, ByoSeverity severity, const char *field, const char *message)
{
    field = field && field[0] ? field : NULL;
    if (severity != BYO_FAULT_ERROR) {
        add_json(c->done->warnings, field, message);
        return;
    }
    c->told = byo_realloc(c->told, (c->n_told + 1) * sizeof *c->told);
    c->told[c->n_told] = (Told){byo_strdup(field), byo_strdup(message), byo_edit_rank(field), c->n_told};
    c->n_told++;
}

/* Of the request itself. */
static void add_request_faults(Change *c)
{
    size_t n;
    const ByoJsonFault *f = byo_json_faults(c->put->body->doc, &n);
    for (size_t i = 0; i < n; i++)
        if (f[i].severity == BYO_FAULT_ERROR) {
            char *field = byo_json_field(f[i].pointer);
            add_fault(c, BYO_FAULT_ERROR, field, f[i].text);
            free(field);
        }
    c->by_request = c->n_told;
}

/* What is wrong with a text that no file can hold is said already. */
static bool said_of(const Change *c, const char *field)
{
    for (size_t i = 0; i < c->by_request && field[0]; i++)
        if (c->told[i].field && strcmp(c->told[i].field, field) == 0)
            return true;
    return false;
}

static int by_rank(const void *a, const void *b)
{
    const Told *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* In the order of the fields, whoever found them. */
static ByoAdminPutAnswer refuse_faults(Change *c)
{
    if (c->n_told)
        qsort(c->told, c->n_told, sizeof *c->told, by_rank);
    for (size_t i = 0; i < c->n_told; i++)
        add_json(c->done->faults, c->told[i].field, c->told[i].message);
    return refuse(c, BYO_PUT_FAULTS, byo_strdup("The integration cannot be like that; nothing was changed."));
}

/* Without `group byo-smpp "a", smsc-port = 1: `, which the field says. */
static const char *sentence(const char *text, const char *key, const char *value)
{
    const char *at = strstr(text, "\", "), *whole = strstr(text, "\": ");
    size_t n = strlen(key), v = strlen(value);
    if (!at || strncmp(at += 3, key, n) != 0)
        return strncmp(text, "group byo-smpp", 14) == 0 && whole ? whole + 3 : text;
    at += n;
    if (strncmp(at, ": ", 2) == 0) /* a secret's */
        return at + 2;
    return strncmp(at, " = ", 3) == 0 && strncmp(at + 3, value, v) == 0 && strncmp(at + 3 + v, ": ", 2) == 0
               ? at + v + 5
               : text;
}

static void add_load_fault(Change *c, const ByoFault *f)
{
    char field[BYO_KEY_CAMEL + 16] = "";
    if (f->file && strcmp(f->file, c->conf_path) == 0) {
        bool secret = byo_edit_is_password(&c->edit, f->line);
        const ByoEditLine *line = byo_edit_line(&c->edit, f->line);
        byo_edit_field(&c->edit, f->line, field);
        /* The password stands in clear for the check alone, and a bad one may be told twice. */
        if (secret && (f->severity == BYO_FAULT_WARNING || c->password_told))
            return;
        if (said_of(c, field))
            return;
        c->password_told |= secret;
        add_fault(c, f->severity, field,
                  sentence(f->text,
                           line     ? line->def->name
                           : secret ? "password"
                                    : "",
                           line ? line->value : ""));
    } else if (f->file && strcmp(f->file, c->json_path) == 0) {
        const char *colon = f->text[0] == '/' ? strstr(f->text, ": ") : NULL;
        char *pointer = byo_str_dup(byo_strn(f->text, colon ? (size_t)(colon - f->text) : 0));
        char *inner = byo_json_field(pointer),
             *whole = byo_printf("advanced%s%s", inner[0] ? "." : "", inner);
        add_fault(c, f->severity, whole, colon ? colon + 2 : f->text);
        free(pointer);
        free(inner);
        free(whole);
    } else if (f->severity == BYO_FAULT_ERROR) {
        /* A new one needs the other links of kannel.conf to leave it alone. */
        char *line = byo_fault_line(f),
             *whole = byo_printf(
                 "%s%s%s%s",
                 c->put->can & BYO_CAN_VIEW
                     ? line
                     : "another part of the configuration does not allow it; byobox -t says which",
                 c->known ? "" : "; on the machine, before it is added: byoctl kannel apply --prepare ",
                 c->known ? "" : c->id, c->known ? "" : ", and once systemctl restart kannel");
        add_fault(c, BYO_FAULT_ERROR, NULL, whole);
        free(line);
        free(whole);
    }
}

/* As `byobox -t` would after the change. */
static bool check(Change *c)
{
    ByoBuf text = {0};
    ByoFaults faults = {0};
    byo_edit_text(&c->edit, NULL, &text);
    ByoFileText texts[] = {
        {c->conf_path, byo_buf_str(&text)},
        {c->json_path, c->edit.has_advanced ? byo_buf_str(&c->edit.advanced) : BYO_STR_NONE}};
    ByoConf *conf = byo_conf_load_with(c->d->path, texts, 2, &faults);
    for (size_t i = 0; i < faults.n; i++)
        add_load_fault(c, &faults.items[i]);
    OPENSSL_cleanse(text.p, text.cap);
    byo_buf_free(&text);
    byo_faults_free(&faults);
    byo_conf_free(conf);
    return conf != NULL;
}

/* -- audit ----------------------------------------------------------------------------------------------*/

typedef struct {
    ByoStr who;
    const char *action, *entity, *detail;
} Audit;

static void add_audit(void *arg, ByoFlow *flow, ByoTurn *t)
{
    const Audit *a = arg;
    (void)flow;
    ByoAuditRow row = {.time = t->now,
                       .who = a->who,
                       .action = byo_str(a->action),
                       .entity = byo_str(a->entity),
                       .detail = byo_str(a->detail)};
    byo_store_audit_add(t->store, &row, t->now);
}

static ByoStoreResult audit(const Change *c, const char *detail)
{
    Audit a = {c->put->who, c->known ? "integration edit" : "integration add", c->id, detail};
    return byo_engine_call(c->d->engine, add_audit, &a);
}

/* -- making it so ---------------------------------------------------------------------------------------*/

static char *seal(const Change *c, char **why_r)
{
    ByoKeyring *ring = byo_key_file_ring(c->key_file, why_r);
    char *sealed = ring ? byo_seal(ring, byo_str(c->id), byo_str(c->edit.password)) : NULL;
    if (ring && !sealed)
        *why_r = byo_strdup("The system gave no random numbers.");
    byo_keyring_destroy(ring);
    return sealed;
}

/* Writes and loads; what cannot be loaded is taken back. */
static bool carry_out(Change *c, const char *sealed, char **why_r)
{
    ByoBuf text = {0};
    ByoFolderTexts before = byo_folder_texts(&c->files), now = {.conf = BYO_STR_NONE};
    char *why = NULL, *again = NULL;
    byo_edit_text(&c->edit, sealed, &text);
    now.conf = byo_buf_str(&text);
    now.advanced = c->edit.has_advanced ? byo_buf_str(&c->edit.advanced) : BYO_STR_NONE;
    bool fine = (!before.conf.p || byo_folder_keep(c->folder, c->id, &before, &why)) &&
                byo_folder_put(c->folder, c->id, &now, &why);
    if (!fine)
        *why_r = byo_printf("The file cannot be written, nothing was changed: %s.", why);
    if (fine && !byo_daemon_reload(c->d, &why)) {
        fine = false;
        bool back = byo_folder_put(c->folder, c->id, &before, &again);
        *why_r = byo_printf("It cannot be loaded, %s: %s", back ? "the file before is back" : again, why);
    }
    free(why);
    free(again);
    OPENSSL_cleanse(text.p, text.cap);
    byo_buf_free(&text);
    return fine;
}

static ByoAdminPutAnswer change(Change *c, const char *names)
{
    char *why = NULL, *sealed = c->edit.password ? seal(c, &why) : NULL;
    if (c->edit.password && !sealed)
        return refuse(c, BYO_PUT_UNAVAILABLE, why);
    ByoStoreResult kept = audit(c, names);
    bool fine = kept == BYO_STORE_OK && carry_out(c, sealed, &why);
    free(sealed);
    if (kept != BYO_STORE_OK)
        return refuse(c, BYO_PUT_UNAVAILABLE,
                      byo_printf("The store cannot be written now (%s); nothing was changed.",
                                 byo_store_result_text(kept)));
    if (fine) {
        byo_log_info("integration %s was %s by %.*s: %s", c->id, c->known ? "changed" : "added",
                     BYO_PF(c->put->who), names);
        return c->known ? BYO_PUT_CHANGED : BYO_PUT_MADE;
    }
    byo_log_error("integration %s: %s", c->id, why);
    char *detail = byo_printf("not done: %s", why);
    audit(c, detail);
    free(detail);
    return refuse(c, BYO_PUT_UNAVAILABLE, why);
}

/* -- a request ------------------------------------------------------------------------------------------*/

/* What a GET shows is what is in force: files that were changed by hand must be loaded first. */
static bool is_stale(const Change *c, char **why_r)
{
    char version[BYO_FOLDER_VERSION];
    byo_folder_version(c->conf_path, c->id, version);
    if (!c->put->if_match.p || (c->files.has_conf && matches(c->put->if_match, version)))
        return false;
    *why_r =
        byo_strdup(c->loaded[0] && strcmp(c->loaded, version) != 0
                       ? "Its files were changed by hand and not loaded since: load them (systemctl reload "
                         "byobox), get it again, and look at what it is now."
                       : "It was changed meanwhile: get it again, and look at what it is now.");
    return true;
}

/* What is refused before the body is looked at. True: go on. */
static bool admitted(Change *c, ByoAdminPutAnswer *answer_r)
{
    char *why = NULL;
    bool may_view = c->put->can & BYO_CAN_VIEW;
    if (c->elsewhere)
        *answer_r = refuse(c, BYO_PUT_READ_ONLY,
                           byo_printf("It stands in %s, which is changed there.",
                                      may_view ? c->elsewhere : "another file of the configuration"));
    else if (!c->folder)
        *answer_r =
            refuse(c, BYO_PUT_READ_ONLY,
                   byo_strdup("The configuration names no integrations-dir: integrations are added and "
                              "changed in its files."));
    else if (!look_at_files(c, &why))
        *answer_r = refuse(c, BYO_PUT_UNAVAILABLE, why);
    else if (!(c->put->can & (c->known ? BYO_CAN_EDIT : BYO_CAN_ADD)))
        *answer_r = refuse(c, BYO_PUT_FORBIDDEN,
                           byo_printf("User %.*s may not %s.", BYO_PF(c->put->who),
                                      c->known ? "change an integration" : "add an integration"));
    else if (is_stale(c, &why))
        *answer_r = refuse(c, BYO_PUT_STALE, why);
    else
        return true;
    return false;
}

static ByoAdminPutAnswer put(Change *c)
{
    ByoAdminPutAnswer answer;
    ByoBuf names = {0}, difference = {0};
    look_at_conf(c);
    if (c->folder) {
        c->conf_path = byo_folder_path(c->folder, c->id, "conf");
        c->json_path = byo_folder_path(c->folder, c->id, "json");
        c->done->file = byo_strdup(c->conf_path);
    }
    if (!admitted(c, &answer))
        return answer;
    byo_edit_read(c->put->body, c->put->id, c->before, &c->edit);
    add_request_faults(c);
    /* Without a value of its type the rest cannot be judged. */
    if (byo_json_errors(c->put->body->doc) > c->edit.unfit || !check(c) || c->edit.unfit)
        return refuse_faults(c);
    bool changes =
        byo_edit_changes(&c->edit, c->before, byo_folder_texts(&c->files).advanced, &names, &difference);
    c->done->difference = byo_str_dup(byo_buf_str(&difference));
    if (!c->put->check && !byo_life_free(c->d->life, c->put->id))
        answer = refuse(
            c, BYO_PUT_CONFLICT,
            byo_strdup(c->known ? "It is deleted, but its file is still there: delete it again, then add it."
                                : "One of this id is being deleted; it can be added again when its links are "
                                  "closed and its queue is dropped."));
    else if (c->put->check || (!changes && c->known))
        answer = c->known ? BYO_PUT_CHANGED : BYO_PUT_MADE;
    else
        answer = change(c, names.p);
    byo_buf_free(&names);
    byo_buf_free(&difference);
    return answer;
}

static bool is_loaded(ByoDaemon *d, ByoStr id)
{
    pthread_rwlock_rdlock(&d->conf_lock);
    bool is = byo_conf_integration(d->conf, id) != NULL;
    pthread_rwlock_unlock(&d->conf_lock);
    return is;
}

/* The end of one that was deleted a moment ago, and whose file has left. One waits; whoever else comes is told. */
static void await_gone(ByoDaemon *d, ByoStr id)
{
    static pthread_mutex_t waiting = PTHREAD_MUTEX_INITIALIZER;
    if (byo_life_free(d->life, id) || is_loaded(d, id) || pthread_mutex_trylock(&waiting) != 0)
        return;
    for (ByoTime end = byo_monotonic() + GONE_WAIT; byo_monotonic() < end && !byo_life_free(d->life, id);)
        usleep(GONE_LOOK);
    pthread_mutex_unlock(&waiting);
}

ByoAdminPutAnswer byo_integrations_put(ByoDaemon *d, const ByoAdminPut *req, ByoAdminPutDone *done)
{
    Change c = {.d = d, .put = req, .done = done};
    *done = (ByoAdminPutDone){.faults = byo_json_array(), .warnings = byo_json_array()};
    snprintf(c.id, sizeof c.id, "%.*s", BYO_PF(req->id));
    if (!req->check && (req->can & BYO_CAN_ADD))
        await_gone(d, req->id);
    pthread_mutex_lock(&d->edit_lock);
    ByoAdminPutAnswer answer = put(&c);
    pthread_mutex_unlock(&d->edit_lock);
    byo_edit_free(&c.edit);
    byo_config_tree_free(c.tree);
    byo_folder_files_free(&c.files);
    free(c.folder);
    free(c.key_file);
    free(c.elsewhere);
    free(c.conf_path);
    free(c.json_path);
    for (size_t i = 0; i < c.n_told; i++) {
        free(c.told[i].field);
        free(c.told[i].message);
    }
    free(c.told);
    return answer;
}
