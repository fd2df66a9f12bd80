/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: how files become one checked configuration: read, taken apart by group, secrets opened, checked
 * against each other and against the host.
 * Ownership: the conf owns everything; the tree of lines is wiped before the load returns. Threads: none. */
#include "config/config.h"
#include "config/files.h"
#include "config/folder.h"
#include "config/host.h"
#include "config/keys.h"
#include "integration/credentials.h"
#include "integration/properties.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A load under way. */
typedef struct {
    ByoConf *conf;
    ByoConfigTree *tree;
    ByoConfigFiles files;
    ByoFaults *faults;
    const ByoKeyGroup **groups; /* of conf->integrations */
    ByoPasswordPlace *places;
    ByoKeyring *ring;
    bool ring_tried, mode_told;
    ByoFolderSeen *seen; /* of integrations-dir, before it was read */
    size_t n_seen;
} Load;

static const ByoKeyGroup *first_group(const ByoConfigTree *tree, const char *name)
{
    for (size_t k = 0; k < tree->n; k++)
        if (tree->groups[k].name && strcmp(tree->groups[k].name, name) == 0)
            return &tree->groups[k];
    return NULL;
}

/* The file byobox writes must not be read back, and only the files say which one that is: so they are read
 * once to learn it, faults unsaid, and then for good. */
static void read_tree(Load *l, ByoFaults *faults)
{
    ByoConf *c = l->conf;
    ByoConfigSource source = byo_config_files(&l->files);
    ByoFaults unsaid = {0};
    ByoConfigTree *tree = byo_config_read(&source, c->path, &unsaid);

    c->smsc_conf = byo_conf_smsc_conf(first_group(tree, "byobox"));
    byo_config_tree_free(tree);
    byo_faults_free(&unsaid);
    l->files.smsc_conf = c->smsc_conf;
    l->tree = byo_config_read(&source, c->path, faults);
    l->files.smsc_conf = NULL; /* it may move with the configuration's own */
}

/* After the files, those of integrations-dir. */
static void read_folder(Load *l, ByoFaults *faults)
{
    ByoConfigSource source = byo_config_files(&l->files);
    char *folder = byo_conf_integrations_dir(first_group(l->tree, "byobox"));

    if (folder) {
        l->seen = byo_folder_see(folder, &l->n_seen);
        byo_folder_pending(folder, &l->files, faults);
        byo_folder_read(folder, &source, &l->files, l->tree, faults);
    }
    free(folder);
}

/* What was loaded is of this version or an earlier one. */
static void set_version(const Load *l, ByoIntegration *i)
{
    for (size_t k = 0; k < l->n_seen; k++)
        if (strcmp(l->seen[k].path, i->file) == 0) {
            memcpy(i->version, l->seen[k].version, sizeof l->seen[k].version);
            return;
        }
    byo_folder_version(i->file, i->id, i->version);
}

static void read_integration(Load *l, const ByoKeyGroup *group)
{
    ByoConf *c = l->conf;
    size_t n = c->n_integrations;

    c->integrations = byo_realloc(c->integrations, (n + 1) * sizeof(*c->integrations));
    l->groups = byo_realloc(l->groups, (n + 1) * sizeof(*l->groups));
    l->places = byo_realloc(l->places, (n + 1) * sizeof(*l->places));
    l->groups[n] = group;
    c->integrations[n] = byo_properties_read(group, &l->places[n], l->faults);
    c->n_integrations = n + 1;
}

static void unknown_group(Load *l, const ByoKeyGroup *group)
{
    const char *near = byo_conf_group_nearest(group->name);
    ByoKeyLine line = {"group", group->name, group->file, group->line, false, false};

    if (near)
        byo_key_fault(l->faults, BYO_FAULT_ERROR, group, "configuration", &line, false,
                      "unknown group; did you mean %s?", near);
    else if (strcmp(group->file, l->tree->files[0]) == 0 && !byo_conf_group_kannels(group->name))
        byo_key_fault(l->faults, BYO_FAULT_ERROR, group, "configuration", &line, false,
                      "unknown group; ours are byobox, byo-smpp, byo-user and byo-compliance");
}

static void once(Load *l, const ByoKeyGroup *group, const ByoKeyGroup *first)
{
    if (first)
        byo_fault_add(l->faults, BYO_FAULT_ERROR, group->file, group->line, 0,
                      "group = %s stands here a second time; the first is at line %d of %s", group->name,
                      first->line, first->file);
}

/* Passwords in a file everybody may read. */
static void check_mode(Load *l, const ByoKeyGroup *group)
{
    static const char *const secrets[] = {"password", "admin-password", "status-password",
                                          "bearerbox-admin-password"};
    struct stat st;

    for (size_t k = 0; k < sizeof(secrets) / sizeof(secrets[0]); k++) {
        const ByoKeyLine *line = byo_key_find(group, secrets[k]);
        if (line && !l->mode_told && stat(line->file, &st) == 0 && (st.st_mode & 007)) {
            byo_fault_add(
                l->faults, BYO_FAULT_WARNING, line->file, line->line, 0,
                "%s stands in a file that everybody on this machine may read (mode %03o): chmod 640 it",
                secrets[k], (unsigned)st.st_mode & 0777);
            l->mode_told = true;
        }
    }
}

static void read_groups(Load *l)
{
    const ByoKeyGroup *box = NULL, *compliance = NULL;
    ByoHostDefaults host;

    byo_host_defaults(l->tree, &host);
    for (size_t k = 0; k < l->tree->n; k++) {
        const ByoKeyGroup *g = &l->tree->groups[k];
        if (!g->name)
            continue;
        if (byo_conf_group_ours(g->name))
            check_mode(l, g);
        if (strcmp(g->name, "byobox") == 0) {
            once(l, g, box);
            if (!box) {
                byo_conf_read_box(l->conf, box = g, &host, l->faults);
                byo_conf_check_access(l->conf, g, l->faults);
                byo_conf_check_store(l->conf, g, l->tree, l->faults);
            }
        } else if (strcmp(g->name, "byo-compliance") == 0) {
            once(l, g, compliance);
            if (!compliance)
                byo_conf_read_compliance(l->conf, compliance = g, l->faults);
        } else if (strcmp(g->name, "byo-smpp") == 0) {
            read_integration(l, g);
        } else if (strcmp(g->name, "byo-user") == 0) {
            byo_conf_read_user(l->conf, g, l->faults);
        } else if (!byo_conf_group_kannels(g->name)) {
            unknown_group(l, g);
        }
    }
    for (size_t k = 0; k < l->tree->n; k++)
        if (byo_conf_group_is_store(l->conf, &l->tree->groups[k]))
            check_mode(l, &l->tree->groups[k]);
    if (!compliance)
        byo_conf_read_compliance(l->conf, NULL, l->faults);
    if (!box)
        byo_fault_add(l->faults, BYO_FAULT_ERROR, l->conf->path, 0, 0,
                      "there is no group = byobox in the configuration");
    if (l->conf->n_integrations == 0)
        byo_fault_add(l->faults, BYO_FAULT_WARNING, l->conf->path, 0, 0,
                      "there is no group = byo-smpp: every message passes through untouched");
}

static ByoKeyring *keyring(Load *l)
{
    const char *path = l->conf->credentials_key_file;
    ByoBuf text = {0}, why = {0};

    if (l->ring_tried)
        return l->ring;
    l->ring_tried = true;
    if (!path)
        byo_fault_add(l->faults, BYO_FAULT_ERROR, l->conf->path, 0, 0,
                      "group byobox: credentials-key-file is missing; sealed credentials need it");
    else if (!byo_secret_file_read(path, BYO_KEY_FILE_MAX, &text, &why))
        byo_fault_add(l->faults, BYO_FAULT_ERROR, path, 0, 0, "credentials-key-file: %s", why.p);
    else
        l->ring = byo_keyring_read(byo_buf_str(&text), path, l->faults);
    if (text.p)
        OPENSSL_cleanse(text.p, text.cap);
    byo_buf_free(&text);
    byo_buf_free(&why);
    return l->ring;
}

/* The password from where the group says it is. */
static void fetch_password(Load *l, size_t n)
{
    ByoIntegration *i = l->conf->integrations[n];
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference) as long as integrations */
    const ByoKeyGroup *group = l->groups[n];
    const ByoPasswordPlace *place = &l->places[n];
    char who[BYO_PROPERTIES_WHO];
    const char *key, *bad;
    ByoBuf why = {0};

    byo_properties_who(group, who);
    if (i->password)
        return;
    if (place->password_file) {
        char *path = byo_conf_absolute(group->file, place->password_file);
        key = "password-file";
        i->password = byo_secret_file_line(path, 4096, &why);
        free(path);
    } else if (place->credentials && keyring(l)) {
        key = "credentials";
        ByoOpenResult r = byo_open(l->ring, byo_str(i->id), byo_str(place->credentials), &i->password);
        if (r != BYO_OPEN_OK)
            byo_buf_adds(&why, byo_open_reason(r));
    } else {
        return; /* told already */
    }
    if (i->password && (bad = byo_password_fault(byo_str(i->password), l->conf->features)))
        byo_buf_adds(&why, bad);
    if (why.n)
        byo_key_fault(l->faults, BYO_FAULT_ERROR, group, who, byo_key_find(group, key),
                      strcmp(key, "credentials") == 0, "%s", why.p);
    byo_buf_free(&why);
}

static void load_advanced(Load *l, size_t n)
{
    ByoIntegration *i = l->conf->integrations[n];
    const ByoKeyGroup *group = l->groups[n];
    ByoAdvancedOptions options = {.allow_unknown_causes = i->allow_unknown_causes,
                                  .features = l->conf->features};
    ByoBuf text = {0}, why = {0};

    if (i->advanced_path) {
        char *path = byo_conf_absolute(group->file, i->advanced_path);
        free(i->advanced_path);
        i->advanced_path = path;
        options.file = path;
        if (!byo_config_file_read(&l->files, path, BYO_ADVANCED_MAX_SIZE, &text, &why)) {
            char who[BYO_PROPERTIES_WHO];
            byo_key_fault(l->faults, BYO_FAULT_ERROR, group, byo_properties_who(group, who),
                          byo_key_find(group, "advanced-config"), false, "%s", why.p);
            byo_buf_free(&why);
            return;
        }
    }
    i->advanced =
        byo_advanced_load(i->advanced_path ? byo_buf_str(&text) : BYO_STR_NONE, &options, l->faults);
    byo_buf_free(&text);
}

/* bearerbox opens these files: they get absolute paths, and ones that lead somewhere. */
static void place_tls_files(Load *l, size_t n)
{
    ByoIntegration *i = l->conf->integrations[n];
    const ByoKeyGroup *group = l->groups[n];
    struct stat st;

    for (size_t k = 0; k < i->n_smsc_keys; k++) {
        ByoSmscKey *key = &i->smsc_keys[k];
        if (byo_property_named(key->key)->type != BYO_KEY_PATH)
            continue;
        char *path = byo_conf_absolute(group->file, key->value);
        free(key->value);
        key->value = path;
        if (stat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR)) {
            char who[BYO_PROPERTIES_WHO];
            byo_key_fault(l->faults, BYO_FAULT_ERROR, group, byo_properties_who(group, who),
                          byo_key_find(group, key->key), false, "there is no such file");
        }
    }
}

/* The last word about "include": paths were completed since the keys were checked. */
static void check_rendered(Load *l)
{
    ByoRenderOptions options = byo_conf_render_options(l->conf);
    ByoBuf text = {0};

    for (size_t k = 0; k < l->conf->n_integrations; k++) {
        byo_buf_clear(&text);
        byo_render_smsc(l->conf->integrations[k], &options, &text);
        if (!strstr(text.p, "include"))
            continue;
        char who[BYO_PROPERTIES_WHO];
        byo_key_fault(
            l->faults, BYO_FAULT_ERROR, l->groups[k], byo_properties_who(l->groups[k], who), NULL, false,
            "the word \"include\" stands in a path of the file for bearerbox (its log goes to %s), which "
            "would take the line for a directive",
            l->conf->smsc_log_dir);
    }
    if (text.p)
        OPENSSL_cleanse(text.p, text.cap);
    byo_buf_free(&text);
}

static ByoConf *finish(Load *l, size_t errors_before)
{
    for (size_t k = 0; k < l->conf->n_integrations; k++)
        byo_password_place_clear(&l->places[k]);
    free(l->places);
    free(l->groups);
    byo_keyring_destroy(l->ring);
    byo_config_tree_free(l->tree);
    byo_folder_texts_free(&l->files);
    byo_folder_seen_free(l->seen, l->n_seen);
    if (l->faults->errors == errors_before)
        return l->conf;
    byo_conf_free(l->conf);
    return NULL;
}

static void tell_again(const ByoFaults *reading, ByoFaults *faults)
{
    for (size_t k = 0; k < reading->n; k++)
        byo_fault_add(faults, reading->items[k].severity, reading->items[k].file, reading->items[k].line,
                      reading->items[k].column, "%s", reading->items[k].text);
}

ByoConf *byo_conf_load(const char *path, ByoFaults *faults)
{
    return byo_conf_load_with(path, NULL, 0, faults);
}

ByoConf *byo_conf_load_apart(const char *path, ByoFaults *faults)
{
    size_t before = faults->errors;
    Load l = {.conf = byo_zalloc(sizeof(*l.conf)), .faults = faults};
    ByoFaults reading = {0};

    l.conf->path = byo_strdup(path);
    read_tree(&l, &reading);
    read_folder(&l, &reading);
    if (l.tree->n == 0)
        tell_again(&reading, faults);
    else
        read_groups(&l);
    byo_faults_free(&reading);
    return finish(&l, before);
}

ByoConf *byo_conf_load_with(const char *path, const ByoFileText *texts, size_t n, ByoFaults *faults)
{
    size_t before = faults->errors;
    Load l = {.conf = byo_zalloc(sizeof(*l.conf)), .faults = faults};
    ByoConf *c = l.conf;

    c->path = byo_strdup(path);
    l.files = (ByoConfigFiles){.texts = texts, .n = n};
    read_tree(&l, faults);
    if (l.tree->n == 0 && faults->errors > before)
        return finish(&l, before); /* the file itself could not be read: nothing else is worth saying */
    read_folder(&l, faults);
    read_groups(&l);
    byo_host_read(l.tree, c, faults);
    for (size_t k = 0; k < c->n_integrations; k++) {
        fetch_password(&l, k);
        load_advanced(&l, k);
        place_tls_files(&l, k);
        set_version(&l, c->integrations[k]);
        byo_properties_check_features(l.groups[k], c->features, faults);
    }
    byo_properties_check_all(c->integrations, l.groups, c->n_integrations, faults);
    byo_conf_check_replies(c, first_group(l.tree, "byo-compliance"), faults);
    if (first_group(l.tree, "byobox")) /* without it there is nothing to hold the host against */
        byo_host_check(l.tree, c, faults);
    if (faults->errors == before)
        check_rendered(&l);
    return finish(&l, before);
}

ByoConf *byo_conf_load_client(const char *path, ByoFaults *faults)
{
    size_t before = faults->errors;
    Load l = {.conf = byo_zalloc(sizeof(*l.conf)), .faults = faults};
    ByoFaults reading = {0};
    ByoHostDefaults host;
    const ByoKeyGroup *box;

    l.conf->path = byo_strdup(path);
    read_tree(&l, &reading);
    box = first_group(l.tree, "byobox");
    byo_host_defaults(l.tree, &host);
    if (box) {
        byo_conf_read_box(l.conf, box, &host, faults);
        byo_conf_check_store(l.conf, box, l.tree, faults);
        byo_host_read(l.tree, l.conf, &reading);
    } else {
        tell_again(&reading, faults);
        if (reading.errors == 0)
            byo_fault_add(faults, BYO_FAULT_ERROR, path, 0, 0,
                          "there is no group = byobox in the configuration");
    }
    byo_faults_free(&reading);
    return finish(&l, before);
}

void byo_conf_free(ByoConf *conf)
{
    if (!conf)
        return;
    free(conf->path);
    free(conf->smsbox_interface);
    free(conf->smsbox_allow_ip);
    free(conf->bearerbox_host);
    byo_secret_free(conf->bearerbox_admin_password);
    free(conf->admin_interface);
    free(conf->admin_allow_ip);
    free(conf->admin_ssl_cert_file);
    free(conf->admin_ssl_key_file);
    byo_secret_free(conf->admin_password);
    byo_secret_free(conf->status_password);
    free(conf->store_path);
    byo_conf_free_store(conf);
    free(conf->smsc_conf);
    free(conf->smsc_log_dir);
    free(conf->credentials_key_file);
    free(conf->integrations_dir);
    free(conf->log_file);
    free(conf->access_log);
    byo_secret_free(conf->event_webhook);
    free(conf->host_box_allow_ip);
    for (size_t k = 0; k < conf->n_smsbox_ids; k++)
        free(conf->smsbox_ids[k]);
    free(conf->smsbox_ids);
    for (size_t k = 0; k < conf->n_integrations; k++)
        byo_integration_free(conf->integrations[k]);
    free(conf->integrations);
    for (size_t k = 0; k < conf->n_users; k++) {
        free(conf->users[k].username);
        byo_secret_free(conf->users[k].password_hash);
    }
    free(conf->users);
    for (size_t k = 0; k < conf->n_routes; k++) {
        free(conf->routes[k].smsbox_id);
        free(conf->routes[k].smsc_id);
        free(conf->routes[k].receiver);
    }
    free(conf->routes);
    free(conf->compliance.default_language);
    byo_compliance_free(&conf->compliance.standard);
    byo_json_free(conf->policy);
    free(conf);
}

const ByoIntegration *byo_conf_integration(const ByoConf *conf, ByoStr id)
{
    for (size_t k = 0; k < conf->n_integrations; k++)
        if (byo_str_is(id, conf->integrations[k]->id))
            return conf->integrations[k];
    return NULL;
}

const ByoConfUser *byo_conf_user(const ByoConf *conf, ByoStr username)
{
    for (size_t k = 0; k < conf->n_users; k++)
        if (conf->users[k].username && byo_str_is(username, conf->users[k].username))
            return &conf->users[k];
    return NULL;
}

const char *byo_conf_route(const ByoConf *conf, ByoStr receiver, ByoStr smsc_id)
{
    const char *by_receiver = NULL, *by_smsc = NULL;

    for (size_t k = 0; k < conf->n_routes; k++) {
        const ByoConfRoute *r = &conf->routes[k];
        bool receiver_fits = r->receiver && byo_str_is(receiver, r->receiver);
        bool smsc_fits = r->smsc_id && byo_str_is(smsc_id, r->smsc_id);
        if (receiver_fits && smsc_fits)
            return r->smsbox_id;
        if (receiver_fits && !r->smsc_id)
            by_receiver = r->smsbox_id;
        if (smsc_fits && !r->receiver)
            by_smsc = r->smsbox_id;
    }
    return by_receiver ? by_receiver : by_smsc;
}

ByoRenderOptions byo_conf_render_options(const ByoConf *conf)
{
    return (ByoRenderOptions){
        .features = conf->features, .log_dir = conf->smsc_log_dir, .box_id = conf->box_id};
}

void byo_conf_render(const ByoConf *conf, const bool *included, ByoBuf *out)
{
    ByoRenderOptions options = byo_conf_render_options(conf);

    byo_buf_adds(out, "# byobox writes this file, for bearerbox to read. Changes made here are lost:\n"
                      "# integrations stand in byobox.conf.\n\n");
    byo_render_idle(out);
    for (size_t k = 0; k < conf->n_integrations; k++)
        if (!included || included[k])
            byo_render_smsc(conf->integrations[k], &options, out);
}
