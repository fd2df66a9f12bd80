/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: what the lines of a group come to, and the sentence of each that is wrong.
 * Ownership: see key_table.h. Threads: none. */
#include "integration/key_table.h"
#include "base/text.h"
#include "integration/key_value.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SHOWN_MAX 80 /* octets of a value a fault repeats */

const ByoKeyLine *byo_key_find(const ByoKeyGroup *group, const char *key)
{
    for (size_t k = group->n; k > 0; k--)
        if (strcmp(group->keys[k - 1].key, key) == 0)
            return &group->keys[k - 1];
    return NULL;
}

/* What a person typed, safe for a terminal and of bounded length. */
static void shown(const char *value, char out[SHOWN_MAX + 4])
{
    ByoStr all = byo_str(value), s = byo_utf8_cut(all, SHOWN_MAX);
    for (size_t i = 0; i < s.n; i++)
        out[i] = (char)((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f ? '?' : s.p[i]);
    strcpy(out + s.n, s.n < all.n ? "..." : "");
}

void byo_key_fault(ByoFaults *faults, ByoSeverity severity, const ByoKeyGroup *group, const char *who,
                   const ByoKeyLine *line, bool secret, const char *fmt, ...)
{
    ByoBuf text = {0};
    char value[SHOWN_MAX + 4], *sentence = NULL;
    va_list args;

    va_start(args, fmt);
    if (vasprintf(&sentence, fmt, args) < 0)
        sentence = NULL;
    va_end(args);
    byo_buf_adds(&text, who);
    if (line) {
        char key[SHOWN_MAX + 4];
        shown(line->key, key);
        shown(line->value, value);
        byo_buf_addf(&text, ", %s%s%s", key, secret ? "" : " = ", secret ? "" : value);
    }
    byo_buf_addf(&text, ": %s", sentence ? sentence : fmt);
    byo_fault_add(faults, severity, line ? line->file : group->file, line ? line->line : group->line, 0, "%s",
                  text.p);
    byo_buf_free(&text);
    free(sentence);
}

const char *byo_key_camel(const char *key, char out[BYO_KEY_CAMEL])
{
    size_t n = 0;

    for (bool high = false; *key && n < BYO_KEY_CAMEL - 1; key++)
        if (*key == '-')
            high = true;
        else
            out[n++] = (char)(high ? *key - 'a' + 'A' : *key), high = false;
    out[n] = 0;
    return out;
}

static void *field_of(const ByoKeyDef *def, void *target)
{
    return def->flags & BYO_KEY_PASSED ? NULL : (char *)target + def->offset;
}

static void read_line(const ByoKeyDef *def, const ByoKeyGroup *group, const char *who, const ByoKeyLine *line,
                      void *target, ByoFaults *faults)
{
    bool secret = def->flags & BYO_KEY_SECRET;
    ByoStr s = byo_str(line->value);

    if (line->told)
        return;
    if (line->open_quote) {
        byo_key_fault(faults, BYO_FAULT_ERROR, group, who, line, secret,
                      "the value starts with a quote but does not end with it (a # is a comment only at the "
                      "start of a line)");
        return;
    }
    if (!byo_key_take(def, s, field_of(def, target))) {
        ByoBuf allowed = {0};
        byo_key_say_allowed(def, &allowed);
        byo_key_fault(faults, BYO_FAULT_ERROR, group, who, line, secret, "%s", allowed.p);
        byo_buf_free(&allowed);
        return;
    }
    if ((def->flags & BYO_KEY_RENDERED) && strstr(line->value, "include"))
        byo_key_fault(
            faults, BYO_FAULT_ERROR, group, who, line, secret,
            "the word \"include\" may not stand in it: bearerbox would take the line for a directive");
}

static void unknown(const ByoKeyTable *table, const ByoKeyGroup *group, const char *who,
                    const ByoKeyLine *line, ByoFaults *faults)
{
    for (size_t k = 0; k < table->n_refusals; k++)
        if (strcmp(table->refusals[k].name, line->key) == 0) {
            byo_key_fault(faults, BYO_FAULT_ERROR, group, who, line, true, "not allowed here: %s",
                          table->refusals[k].why);
            return;
        }
    const char **names = byo_alloc((table->n_defs + 1) * sizeof(*names));
    for (size_t k = 0; k < table->n_defs; k++)
        names[k] = table->defs[k].name;
    const char *near = byo_nearest(byo_str(line->key), names, table->n_defs);
    /* The value stays unsaid: it may be a password behind a misspelt key. */
    if (near)
        byo_key_fault(faults, BYO_FAULT_ERROR, group, who, line, true, "unknown key; did you mean %s?", near);
    else
        byo_key_fault(faults, BYO_FAULT_ERROR, group, who, line, true, "unknown key");
    free(names);
}

bool byo_keys_read(const ByoKeyTable *table, const ByoKeyGroup *group, const char *who, void *target,
                   ByoFaults *faults)
{
    size_t before = faults->errors;

    for (size_t d = 0; d < table->n_defs; d++) {
        const ByoKeyDef *def = &table->defs[d];
        void *field = field_of(def, target);
        if (def->def && field)
            byo_key_take(def, byo_str(def->def), field);
        if ((def->flags & BYO_KEY_REQUIRED) && !byo_key_find(group, def->name)) {
            ByoBuf allowed = {0};
            byo_key_say_allowed(def, &allowed);
            byo_key_fault(faults, BYO_FAULT_ERROR, group, who, NULL, false, "%s is missing; it %s", def->name,
                          allowed.p);
            byo_buf_free(&allowed);
        }
    }
    for (size_t k = 0; k < group->n; k++) {
        const ByoKeyLine *line = &group->keys[k];
        size_t d = 0, first = 0;
        while (first < k && strcmp(group->keys[first].key, line->key) != 0)
            first++;
        if (first < k) {
            byo_key_fault(faults, BYO_FAULT_ERROR, group, who, line, true,
                          "stands here a second time; the first is on line %d of %s", group->keys[first].line,
                          group->keys[first].file);
            continue;
        }
        while (d < table->n_defs && strcmp(table->defs[d].name, line->key) != 0)
            d++;
        if (d < table->n_defs)
            read_line(&table->defs[d], group, who, line, target, faults);
        else
            unknown(table, group, who, line, faults);
    }
    return faults->errors == before;
}

void byo_keys_clear(const ByoKeyTable *table, void *target)
{
    for (size_t d = 0; d < table->n_defs; d++) {
        const ByoKeyDef *def = &table->defs[d];
        if (!(def->flags & BYO_KEY_PASSED) && byo_key_is_text(def))
            byo_key_set_text(field_of(def, target), BYO_STR_NONE, def->flags & BYO_KEY_SECRET);
    }
}
