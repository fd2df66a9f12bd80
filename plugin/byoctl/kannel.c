/* SPDX-License-Identifier: BSD-3-Clause
 * Which lines of which files change, and what the outcome reads as.
 * Ownership and threads: kannel.h. */
#include "byoctl/kannel.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "byoctl/kannel_text.h"
#include "config/files.h"

/* -- reading ---------------------------------------------------------------------------------------------*/

void byo_kannel_wipe(ByoBuf *b)
{
    if (b->p)
        OPENSSL_cleanse(b->p, b->cap);
    byo_buf_free(b);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool includes_folder(const ByoKannelFile *f, const char *folder)
{
    ByoStr text = byo_buf_str(&f->old);
    ByoBuf line = {0};
    int number = 0;
    bool includes = false;

    byo_buf_need(&line, text.n);
    for (size_t at = 0; !includes && byo_config_next_line(text, &at, &number, &line);) {
        char real[PATH_MAX], *name = byo_config_include_of(byo_buf_str(&line));
        char *beside = byo_path_beside(f->path, name);
        includes = name && (realpath(beside, real) || realpath(name, real)) && strcmp(real, folder) == 0;
        free(beside);
        free(name);
    }
    byo_kannel_wipe(&line);
    return includes;
}

/* Every file of a folder that is included is read, backups too: those lie beside the file asked for. */
static bool in_included_folder(const ByoKannel *k, const char *path)
{
    char *folder = byo_path_folder(path);
    bool included = false;

    for (size_t f = 0; f < k->n && !included; f++)
        included = includes_folder(&k->files[f], folder);
    free(folder);
    return included;
}

static bool named_like_another(const ByoKannel *k, size_t one)
{
    for (size_t f = 0; f < k->n; f++)
        if (f != one && strcmp(base_name(k->files[f].path), base_name(k->files[one].path)) == 0)
            return true;
    return false;
}

/* Beside the file asked for, where files of several folders come together: one whose name another has, too, is kept
 * under its whole path. */
static char *backup_apart(const ByoKannel *k, size_t f)
{
    char *folder = byo_path_folder(k->files[0].path);
    char *name = byo_strdup(named_like_another(k, f) ? k->files[f].path + 1 : base_name(k->files[f].path));

    for (char *at = name; *at; at++)
        if (*at == '/')
            *at = ':';
    char *backup = byo_printf("%s/%s.before", folder, name);
    free(folder);
    free(name);
    return backup;
}

static void name_backups(ByoKannel *k)
{
    for (size_t f = 0; f < k->n; f++)
        k->files[f].backup = f > 0 && in_included_folder(k, k->files[f].path)
                                 ? backup_apart(k, f)
                                 : byo_printf("%s.before", k->files[f].path);
}

static bool take_files(ByoKannel *k, ByoFaults *faults)
{
    for (size_t f = 0; f < k->tree->n_files; f++) {
        ByoBuf why = {0};
        char *real = realpath(k->tree->files[f], NULL);
        k->files = byo_realloc(k->files, (k->n + 1) * sizeof *k->files);
        k->files[k->n] = (ByoKannelFile){.path = real ? real : byo_strdup(k->tree->files[f])};
        bool fine = byo_file_read(k->files[k->n].path, BYO_CONFIG_FILE_MAX, &k->files[k->n].old, &why);
        if (!fine)
            byo_fault_add(faults, BYO_FAULT_ERROR, k->tree->files[f], 0, 0, "%s",
                          why.p ? why.p : "it cannot be read");
        byo_buf_free(&why);
        k->n++;
        if (!fine)
            return false;
    }
    return true;
}

ByoKannel *byo_kannel_open(const char *path, const ByoConf *conf, ByoFaults *faults)
{
    ByoConfigFiles files = {.smsc_conf = conf->smsc_conf};
    ByoConfigSource source = byo_config_files(&files);
    ByoKannel *k = byo_zalloc(sizeof *k);
    size_t before = faults->errors;

    k->conf = conf;
    k->tree = byo_config_read(&source, path, faults);
    if (faults->errors == before && !byo_host_single(k->tree, "core"))
        byo_fault_add(faults, BYO_FAULT_ERROR, path, 0, 0,
                      "there is no group = core in it: it is no kannel.conf");
    if (faults->errors > before || !take_files(k, faults)) {
        byo_kannel_close(k);
        return NULL;
    }
    name_backups(k);
    byo_host_needs(k->tree, conf, &k->needs);
    return k;
}

void byo_kannel_close(ByoKannel *k)
{
    if (!k)
        return;
    for (size_t f = 0; f < k->n; f++) {
        free(k->files[f].path);
        free(k->files[f].backup);
        byo_kannel_wipe(&k->files[f].old);
        byo_kannel_wipe(&k->files[f].new);
    }
    free(k->files);
    byo_host_needs_free(&k->needs);
    byo_config_tree_free(k->tree);
    free(k);
}

/* -- planning --------------------------------------------------------------------------------------------*/

static size_t file_of(const ByoKannel *k, const char *name)
{
    for (size_t f = 0; f < k->tree->n_files; f++)
        if (strcmp(k->tree->files[f], name) == 0)
            return f;
    return 0;
}

/* The last line of a group, so far as it stands in the file of its first. */
static int last_line(const ByoKeyGroup *g)
{
    int line = g->line;
    for (size_t n = 0; n < g->n; n++)
        if (strcmp(g->keys[n].file, g->file) == 0 && g->keys[n].line > line)
            line = g->keys[n].line;
    return line;
}

static void put_key(ByoKannelText **texts, const ByoKannel *k, const ByoKeyGroup *g, const char *key,
                    const char *value)
{
    const ByoKeyLine *line = byo_key_find(g, key);
    if (line)
        byo_kannel_text_set(texts[file_of(k, line->file)], line->line, key, value);
    else
        byo_kannel_text_add(texts[file_of(k, g->file)], last_line(g), key, value);
}

static void put_spool(ByoKannelText **texts, const ByoKannel *k, const ByoKeyGroup *core)
{
    const ByoKeyLine *line = byo_key_find(core, "dlr-spool");
    char *folder = byo_host_dlr_spool(core), *quoted = byo_printf("\"%s\"", folder);

    if (!line || strcmp(line->value, folder) != 0)
        put_key(texts, k, core, "dlr-spool", quoted);
    free(quoted);
    free(folder);
}

static void mend(ByoKannelText **texts, const ByoKannel *k, const ByoHostNeed *need)
{
    char *lines = NULL;

    switch (need->kind) {
    case BYO_NEED_BY_HAND:
        return;
    case BYO_NEED_KEY:
        put_key(texts, k, need->group, need->key, need->value);
        if (strcmp(need->key, "dlr-storage") == 0)
            put_spool(texts, k, need->group);
        return;
    case BYO_NEED_INCLUDE:
        lines = byo_printf("include = %s\n", need->value);
        break;
    case BYO_NEED_SMSBOX:
        lines = byo_printf("group = smsbox\nbearerbox-host = localhost\nbearerbox-port = %s\n", need->value);
        break;
    }
    byo_kannel_text_append(texts[0], lines);
    free(lines);
}

static size_t count_changed(const ByoKannel *k)
{
    size_t changed = 0;
    for (size_t f = 0; f < k->n; f++)
        changed += !byo_str_eq(byo_buf_str(&k->files[f].old), byo_buf_str(&k->files[f].new));
    return changed;
}

size_t byo_kannel_plan_apply(ByoKannel *k)
{
    ByoKannelText **texts = byo_zalloc(k->n * sizeof *texts);

    for (size_t f = 0; f < k->n; f++)
        texts[f] = byo_kannel_text_create(byo_buf_str(&k->files[f].old));
    for (size_t n = 0; n < k->needs.n; n++)
        mend(texts, k, &k->needs.items[n]);
    for (size_t f = 0; f < k->n; f++) {
        byo_buf_clear(&k->files[f].new);
        byo_kannel_text_out(texts[f], &k->files[f].new);
        byo_kannel_text_free(texts[f]);
    }
    free(texts);
    return count_changed(k);
}

size_t byo_kannel_plan_revert(ByoKannel *k, ByoFaults *told)
{
    const ByoKeyGroup *core = byo_host_single(k->tree, "core");
    const ByoKeyLine *port = byo_key_find(core, "smsbox-port");

    for (size_t f = 0; f < k->n; f++) {
        byo_buf_clear(&k->files[f].new);
        byo_kannel_text_revert(byo_buf_str(&k->files[f].old), k->files[f].path, port ? port->value : "13001",
                               &k->files[f].new, told);
    }
    return count_changed(k);
}

/* -- verifying -------------------------------------------------------------------------------------------*/

/* The whole configuration as one text, as gwlib's reader puts it together; the file byobox writes is the idle link,
 * as nothing else of it is known to Kannel's own reader when bearerbox is a patched one. */
typedef struct {
    const ByoKannel *k;
    ByoConfigSource source;
    bool new;
    ByoBuf *out;
    int depth;
} Flat;

static void flatten(Flat *flat, const char *path);

static void flatten_one(void *arg, const char *path)
{
    Flat *flat = arg;
    if (flat->source.skip(flat->source.arg, path))
        byo_render_idle(flat->out);
    else
        flatten(flat, path);
    byo_buf_adds(flat->out, "\n\n");
}

/* raw: what `line` is made of, without the end of its last physical line. */
static void flatten_line(Flat *flat, const char *file, ByoStr line, ByoStr raw)
{
    ByoBuf why = {0};
    char *name = byo_config_include_of(line);

    if (name)
        flat->source.expand(flat->source.arg, file, name, flatten_one, flat, &why);
    else
        byo_buf_addf(flat->out, "%.*s\n", BYO_PF(raw));
    byo_buf_free(&why);
    free(name);
}

static void flatten(Flat *flat, const char *path)
{
    char *real = realpath(path, NULL);
    const ByoKannelFile *file = NULL;

    for (size_t f = 0; real && f < flat->k->n; f++)
        if (strcmp(flat->k->files[f].path, real) == 0)
            file = &flat->k->files[f];
    free(real);
    if (!file || flat->depth >= BYO_CONFIG_DEPTH_MAX)
        return;
    ByoStr text = byo_buf_str(flat->new ? &file->new : &file->old);
    ByoBuf line = {0};
    int number = 0;
    flat->depth++;
    byo_buf_need(&line, text.n);
    for (size_t at = 0, from = 0; byo_config_next_line(text, &at, &number, &line); from = at)
        flatten_line(flat, path, byo_buf_str(&line), byo_strn(text.p + from, at - 1 - from));
    byo_kannel_wipe(&line);
    flat->depth--;
}

static bool reader_takes(const ByoKannel *k, bool new, ByoBuf *said)
{
    ByoConfigFiles files = {.smsc_conf = k->conf->smsc_conf};
    ByoBuf text = {0};
    Flat flat = {k, byo_config_files(&files), new, &text, 0};

    flatten(&flat, k->tree->files[0]);
    bool takes = byo_kannel_reader_takes(byo_buf_str(&text), said);
    byo_kannel_wipe(&text);
    return takes;
}

static bool was_told(const ByoFaults *before, const ByoFault *fault)
{
    for (size_t n = 0; n < before->n; n++)
        if (before->items[n].severity == BYO_FAULT_ERROR && strcmp(before->items[n].text, fault->text) == 0)
            return true;
    return false;
}

/* byobox -t with the planned texts: no error that was not there before. */
static bool check_takes(const ByoKannel *k, ByoFaults *why)
{
    ByoFaults before = {0}, after = {0};
    ByoFileText *texts = byo_zalloc(k->n * sizeof *texts);
    bool fine = true;

    for (size_t f = 0; f < k->n; f++)
        texts[f] = (ByoFileText){k->files[f].path, byo_buf_str(&k->files[f].new)};
    byo_conf_free(byo_conf_load(k->conf->path, &before));
    byo_conf_free(byo_conf_load_with(k->conf->path, texts, k->n, &after));
    for (size_t n = 0; n < after.n; n++) {
        const ByoFault *fault = &after.items[n];
        if (fault->severity != BYO_FAULT_ERROR || was_told(&before, fault))
            continue;
        fine = false;
        byo_fault_add(why, BYO_FAULT_ERROR, fault->file, fault->line, 0, "%s", fault->text);
    }
    byo_faults_free(&before);
    byo_faults_free(&after);
    free(texts);
    return fine;
}

bool byo_kannel_verify(const ByoKannel *k, bool applying, ByoFaults *why)
{
    ByoBuf before = {0}, after = {0};
    bool took = reader_takes(k, false, &before), takes = reader_takes(k, true, &after);

    if (!takes && took)
        byo_fault_add(why, BYO_FAULT_ERROR, k->files[0].path, 0, 0,
                      "bearerbox's reader would not take the changed file: %s", after.p ? after.p : "");
    else if (!takes)
        byo_fault_add(why, k->conf->features ? BYO_FAULT_WARNING : BYO_FAULT_ERROR, k->files[0].path, 0, 0,
                      "Kannel's own reader does not take the file as it is now: %s",
                      before.p ? before.p : "");
    bool fine = takes || (!took && k->conf->features);
    byo_buf_free(&before);
    byo_buf_free(&after);
    return fine && (!applying || check_takes(k, why));
}
