/* SPDX-License-Identifier: BSD-3-Clause
 * What an edit changes, without what is secret. Ownership and threads: edit.h. */
#include "integration/edit_private.h"

#include <stdlib.h>

typedef struct {
    const ByoEdit *edit;
    const ByoKeyGroup *before;
    ByoBuf *names, *difference;
} Changes;

static void add_name(Changes *c, const char *name)
{
    size_t n = strlen(name);
    if (strcmp(name, "integrationId") == 0 || strcmp(name, "advancedConfig") == 0)
        return; /* the one always, the other with advanced */
    for (const char *at = c->names->p; at && (at = strstr(at, name)) != NULL; at++)
        if ((at == c->names->p || at[-1] == ' ') && (at[n] == 0 || at[n] == ','))
            return;
    byo_buf_addf(c->names, "%s%s", c->names->n ? ", " : "", name);
}

static void add_diff(Changes *c, char sign, const char *key, const char *value)
{
    byo_buf_addc(c->difference, sign);
    byo_edit_value(c->difference, key, value);
}

/* A line whose value is not for showing. */
static void add_hidden(Changes *c, char sign, const char *key, const char *what)
{
    byo_buf_addf(c->difference, "%c%s = (%s)\n", sign, key, what);
}

static bool is_password(const char *key)
{
    const char *const *one = byo_password_keys;
    while (*one && strcmp(*one, key) != 0)
        one++;
    return *one != NULL;
}

/* Lines that go. */
static void compare_before(Changes *c)
{
    char member[BYO_KEY_CAMEL];
    for (size_t i = 0; c->before && i < c->before->n; i++) {
        const ByoKeyLine *line = &c->before->keys[i];
        const ByoKeyDef *def = byo_property_named(line->key);
        const char *now = byo_edit_value_now(c->edit, line->key);
        if (is_password(line->key) || (def && now && byo_edit_same(def, line->value, now)))
            continue;
        if (def) {
            add_name(c, def->flags & BYO_KEY_CREDENTIAL ? "credentials" : byo_key_camel(line->key, member));
            add_diff(c, '-', line->key, line->value);
        } else {
            add_hidden(c, '-', line->key, "not shown"); /* it may be a password behind a misspelt key */
        }
    }
}

/* Lines that come. */
static void compare_now(Changes *c)
{
    char member[BYO_KEY_CAMEL];
    for (size_t i = 0; i < c->edit->n; i++) {
        const ByoEditLine *line = &c->edit->lines[i];
        const char *key = line->def->name;
        if (is_password(key) || byo_edit_same(line->def, byo_edit_value_before(c->before, key), line->value))
            continue;
        add_name(c, line->def->flags & BYO_KEY_CREDENTIAL ? "credentials" : byo_key_camel(key, member));
        add_diff(c, '+', key, line->value);
    }
}

static void compare_password(Changes *c)
{
    if (!c->edit->password)
        return; /* its line stays */
    add_name(c, "credentials");
    for (const char *const *key = byo_password_keys; *key; key++)
        if (byo_edit_value_before(c->before, *key))
            add_hidden(c, '-', *key, "not shown");
    add_hidden(c, '+', "credentials",
               c->edit->new_password ? "sealed, a new password" : "sealed, the same password");
}

/* -- the advanced configuration -------------------------------------------------------------------------*/

/* As it would be written here, so that only what it says counts. */
static void as_written(ByoStr text, ByoBuf *out)
{
    ByoJsonDoc *doc = byo_json_read(text, BYO_ADVANCED_MAX_SIZE, BYO_JSON_DEPTH_MAX);
    ByoJsonAt root = byo_json_root(doc);
    if (root.value) {
        byo_json_write(&root, true, out);
        byo_buf_addc(out, '\n');
    } else {
        byo_buf_add(out, text.p, text.n);
    }
    byo_json_close(doc);
}

static void add_lines(Changes *c, char sign, ByoStr text)
{
    while (text.n) {
        const char *end = memchr(text.p, '\n', text.n);
        size_t n = end ? (size_t)(end - text.p) : text.n;
        byo_buf_addf(c->difference, "%c%.*s\n", sign, (int)n, text.p);
        text = byo_strn(text.p + n + (end ? 1 : 0), text.n - n - (end ? 1 : 0));
    }
}

/* Without the lines both begin and end with. */
static void compare_texts(Changes *c, ByoStr was, ByoStr is)
{
    size_t head = 0, line = 0, most = was.n < is.n ? was.n : is.n, tail = 0, whole = 0;
    for (; head < most && was.p[head] == is.p[head]; head++)
        if (was.p[head] == '\n')
            line = head + 1;
    for (most -= line; tail < most && was.p[was.n - tail - 1] == is.p[is.n - tail - 1]; tail++)
        if (was.p[was.n - tail - 1] == '\n')
            whole = tail;
    add_lines(c, '-', byo_strn(was.p + line, was.n - line - whole));
    add_lines(c, '+', byo_strn(is.p + line, is.n - line - whole));
}

static void compare_advanced(Changes *c, ByoStr before)
{
    ByoBuf was = {0};
    ByoStr is = c->edit->has_advanced ? byo_buf_str(&c->edit->advanced) : BYO_STR("");
    if (before.p)
        as_written(before, &was);
    if (!byo_str_eq(byo_buf_str(&was), is)) {
        add_name(c, "advanced");
        byo_buf_addf(c->difference, " %s.json\n", c->edit->id);
        compare_texts(c, byo_buf_str(&was), is);
    }
    byo_buf_free(&was);
}

bool byo_edit_changes(const ByoEdit *edit, const ByoKeyGroup *before, ByoStr advanced_before, ByoBuf *names,
                      ByoBuf *difference)
{
    Changes c = {edit, before, names, difference};
    byo_buf_adds(names, "");
    byo_buf_adds(difference, "");
    compare_before(&c);
    compare_now(&c);
    compare_password(&c);
    compare_advanced(&c, advanced_before);
    return difference->n > 0;
}
