/* SPDX-License-Identifier: BSD-3-Clause
 * Any octets as a configuration: they are read or refused with faults that have a place, whatever they
 * include (the octets after a NUL are the file "i", and the file "f" includes itself), every byo-smpp group
 * is checked, and what is rendered of a good one is read back value by value.
 * Threads: none. */
#include <stdlib.h>

#include "config/reader.h"
#include "integration/properties.h"
#include "integration/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
    if (!holds)
        abort();
}

typedef struct {
    ByoStr file, included;
} Files;

static bool from_memory(void *arg, const char *path, ByoBuf *text, ByoBuf *why)
{
    const Files *f = arg;
    ByoStr s = strcmp(path, "f") == 0 ? f->file : strcmp(path, "i") == 0 ? f->included : BYO_STR_NONE;

    if (s.p)
        byo_buf_add(text, s.p, s.n);
    else
        byo_buf_adds(why, "there is none");
    return s.p != NULL;
}

static bool one_file(void *arg, const char *from, const char *include,
                     void (*add)(void *add_arg, const char *path), void *add_arg, ByoBuf *why)
{
    add(add_arg, include);
    return true;
}

static ByoConfigTree *read_tree(ByoStr file, ByoStr included, ByoFaults *faults)
{
    Files files = {file, included};
    ByoConfigSource source = {from_memory, one_file, NULL, &files};
    return byo_config_read(&source, "f", faults);
}

static void is_value(const ByoKeyGroup *g, const char *key, const char *value)
{
    const ByoKeyLine *line = byo_key_find(g, key);
    need(line && strcmp(line->value, value) == 0);
}

static void render(const ByoIntegration *i)
{
    ByoRenderOptions options = {.features = 63, .log_dir = "/log", .box_id = "byobox"};
    ByoFaults faults = {0};
    ByoBuf text = {0};

    byo_render_smsc(i, &options, &text);
    need(!strstr(text.p, "include"));
    ByoConfigTree *tree = read_tree(byo_buf_str(&text), BYO_STR_NONE, &faults);
    need(faults.n == 0 && tree->n == 1);
    const ByoKeyGroup *g = &tree->groups[0];
    is_value(g, "allowed-smsc-id", i->id);
    is_value(g, "host", i->smsc_address);
    is_value(g, "smsc-username", i->system_id);
    is_value(g, "smsc-password", i->password);
    for (size_t k = 0; k < i->n_smsc_keys; k++)
        is_value(g, i->smsc_keys[k].key, i->smsc_keys[k].value);
    byo_config_tree_free(tree);
    byo_buf_free(&text);
}

static void integrations(const ByoConfigTree *tree)
{
    ByoIntegration **all = byo_alloc((tree->n + 1) * sizeof(*all));
    const ByoKeyGroup **groups = byo_alloc((tree->n + 1) * sizeof(*groups));
    ByoFaults faults = {0};
    size_t n = 0;

    for (size_t k = 0; k < tree->n && n < 100; k++) {
        ByoPasswordPlace place;
        size_t before = faults.errors;
        if (!tree->groups[k].name || strcmp(tree->groups[k].name, "byo-smpp") != 0)
            continue;
        groups[n] = &tree->groups[k];
        all[n] = byo_properties_read(groups[n], &place, &faults);
        byo_password_place_clear(&place);
        if (faults.errors == before && all[n]->password)
            render(all[n]);
        n++;
    }
    byo_properties_check_all(all, groups, n, &faults);
    for (size_t k = 0; k < faults.n; k++)
        need(faults.items[k].file && faults.items[k].line > 0 && faults.items[k].text[0]);
    for (size_t k = 0; k < n; k++)
        byo_integration_free(all[k]);
    byo_faults_free(&faults);
    free(groups);
    free(all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
    size_t n = nul ? (size_t)(nul - data) : size;
    ByoFaults faults = {0};
    /* copies, so that a read past an end is seen */
    char *file = malloc(n ? n : 1), *included = malloc(size - n ? size - n : 1);

    memcpy(file, data, n);
    if (nul)
        memcpy(included, nul + 1, size - n - 1);
    ByoConfigTree *tree =
        read_tree(byo_strn(file, n), nul ? byo_strn(included, size - n - 1) : BYO_STR_NONE, &faults);
    for (size_t k = 0; k < faults.n; k++)
        need(faults.items[k].file && faults.items[k].text[0]);
    for (size_t g = 0; g < tree->n; g++)
        for (size_t k = 0; k < tree->groups[g].n; k++)
            need(tree->groups[g].keys[k].key[0] && tree->groups[g].keys[k].value &&
                 tree->groups[g].keys[k].line > 0);
    integrations(tree);
    byo_config_tree_free(tree);
    byo_faults_free(&faults);
    free(file);
    free(included);
    return 0;
}
