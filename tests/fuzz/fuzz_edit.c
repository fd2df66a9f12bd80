/* SPDX-License-Identifier: BSD-3-Clause
 * Any octets as the body that adds or changes an integration: it is refused, or the file made of it is read back as one
 * group, with the lines it was to have and no other (spec A1).
 * Threads: none. */
#include <stdlib.h>

#include "config/reader.h"
#include "integration/edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
    if (!holds)
        abort();
}

static bool from_memory(void *arg, const char *path, ByoBuf *text, ByoBuf *why)
{
    (void)path, (void)why;
    byo_buf_add(text, ((ByoBuf *)arg)->p, ((ByoBuf *)arg)->n);
    return true;
}

static bool no_file(void *arg, const char *from, const char *include,
                    void (*add)(void *add_arg, const char *path), void *add_arg, ByoBuf *why)
{
    (void)arg, (void)from, (void)include, (void)add, (void)add_arg, (void)why;
    abort(); /* nothing in a body makes an include */
}

static void reads_back(const ByoEdit *e, const char *sealed)
{
    ByoBuf text = {0};
    ByoFaults faults = {0};
    ByoConfigSource source = {from_memory, no_file, NULL, &text};
    byo_edit_text(e, sealed, &text);
    ByoConfigTree *tree = byo_config_read(&source, "f", &faults);
    need(faults.n == 0 && tree->n == 1 && strcmp(tree->groups[0].name, "byo-smpp") == 0);
    const ByoKeyGroup *g = &tree->groups[0];
    need(g->n == e->n + (e->password ? 1 : 0));
    for (size_t i = 0; i < e->n; i++) {
        need(strcmp(g->keys[i].key, e->lines[i].def->name) == 0 && !g->keys[i].open_quote);
        need(strcmp(g->keys[i].value, e->lines[i].value) == 0);
        need(byo_edit_line(e, g->keys[i].line) == &e->lines[i]);
    }
    if (e->password) {
        need(strcmp(g->keys[e->n].key, sealed ? "credentials" : "password") == 0);
        need(strcmp(g->keys[e->n].value, sealed ? sealed : e->password) == 0);
        need(byo_edit_is_password(e, g->keys[e->n].line));
    }
    byo_config_tree_free(tree);
    byo_faults_free(&faults);
    byo_buf_free(&text);
}

static void try(ByoStr body, const ByoKeyGroup *before)
{
    ByoBuf names = {0}, difference = {0};
    ByoJsonDoc *doc = byo_json_read(body, 1 << 20, 16);
    ByoJsonAt root = byo_json_root(doc);
    ByoEdit e = {.n = 0};
    if (root.value)
        byo_edit_read(&root, BYO_STR("a"), before, &e);
    if (byo_json_errors(doc) == 0) {
        reads_back(&e, "byo1:KEY:TEXT");
        reads_back(&e, NULL);
        byo_edit_changes(&e, before, body, &names, &difference);
        byo_buf_free(&names);
        byo_buf_free(&difference);
    }
    byo_edit_free(&e);
    byo_json_close(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ByoKeyLine lines[] = {{"integration-id", "a", "f", 2, false, false},
                                       {"smsc-address", "h", "f", 3, false, false},
                                       {"ssl-ca-file", "ca.pem", "f", 4, false, false},
                                       {"system-id", "s", "f", 5, false, false},
                                       {"credentials", "byo1:OLD", "f", 6, false, false}};
    static const ByoKeyGroup before = {"byo-smpp", "f", 1, lines, sizeof lines / sizeof *lines};
    ByoStr body = byo_strn((const char *)data, size);
    try(body, NULL);
    try(body, &before);
    return 0;
}
