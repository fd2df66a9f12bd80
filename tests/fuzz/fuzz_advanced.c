/* SPDX-License-Identifier: BSD-3-Clause
 * Any octets as an advanced configuration: an answer, with faults that stand inside the text; our reader
 * and jansson's agree on what is JSON, where ours is not stricter on purpose (json.h). The first octet
 * sets the options.
 * Threads: none. */
#include "base/json.h"
#include "integration/advanced.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

/* Refused for one of the reasons that go beyond the grammar. */
static bool stricter(ByoJsonDoc *doc)
{
    static const char *const reasons[] = {"-0 is written 0", "a number of ", "nested deeper"};
    size_t n;
    const ByoJsonFault *f = byo_json_faults(doc, &n);

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 3; k++)
            if (strncmp(f[i].text, reasons[k], strlen(reasons[k])) == 0)
                return true;
    return n == BYO_JSON_FAULTS_MAX;
}

/* What we read, jansson reads without finding a name twice; what jansson refuses, so do we. */
static void compare_readers(ByoStr text)
{
    json_error_t error;
    ByoJsonDoc *doc = byo_json_read(text, BYO_ADVANCED_MAX_SIZE, BYO_JSON_DEPTH_MAX);
    ByoJsonAt root = byo_json_root(doc);
    json_t *tree = json_loadb(text.n ? text.p : "", text.n, JSON_DECODE_ANY, &error);
    json_t *strict =
        json_loadb(text.n ? text.p : "", text.n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);

    if (root.value) {
        must(tree != NULL, "jansson refuses what we read");
        must((strict != NULL) == (byo_json_errors(doc) == 0), "only one of the two finds a name twice");
        ByoJson *copy = byo_json_copy(&root);
        must(json_equal(tree, copy), "another value");
        byo_json_free(copy);
    } else {
        must(byo_json_errors(doc) > 0, "a refusal without a fault");
        /* jansson steps over a NUL octet behind a number */
        must(!tree || stricter(doc) || memchr(text.p, 0, text.n), "we refuse what is JSON");
    }
    json_decref(tree);
    json_decref(strict);
    byo_json_close(doc);
}

static size_t line_length(ByoStr text, int line)
{
    size_t from = 0, to;

    for (; line > 1; line--) {
        const char *end = memchr(text.p + from, '\n', text.n - from);
        must(end != NULL, "a line behind the end");
        from = (size_t)(end - text.p) + 1;
    }
    for (to = from; to < text.n && text.p[to] != '\n'; to++)
        ;
    return to - from;
}

static void check_faults(ByoStr text, const ByoFaults *faults)
{
    for (size_t i = 0; i < faults->n; i++) {
        const ByoFault *f = &faults->items[i];
        must(f->text[0] != 0, "a fault without words");
        must(strlen(f->text) < 2000, "an endless sentence");
        for (const char *p = f->text; *p; p++)
            must((unsigned char)*p >= 0x20 && *p != 0x7f, "a control character in a sentence");
        if (f->line == 0)
            continue;
        must(f->column >= 1 && (size_t)f->column <= line_length(text, f->line) + 1,
             "a column behind the line");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ByoAdvancedOptions opt = {0};
    ByoFaults faults = {0};

    if (size) {
        opt.allow_unknown_causes = data[0] & 1;
        opt.features = data[0] & 2;
        data++;
        size--;
    }
    /* A block of its own size, so that a step too far is seen. */
    char *copy = byo_alloc(size);
    if (size)
        memcpy(copy, data, size);
    ByoStr text = byo_strn(copy, size);

    compare_readers(text);
    ByoAdvanced *a = byo_advanced_load(text, &opt, &faults);
    must((a != NULL) == (faults.errors == 0), "a result or errors");
    if (a) {
        must(byo_error_map_count(a->map) >= 48, "a default was lost");
        must(a->charsets.n > 0 && a->charsets.n <= 64, "no charset");
    }
    check_faults(text, &faults);
    byo_advanced_destroy(a);
    byo_faults_free(&faults);
    free(copy);
    return 0;
}
