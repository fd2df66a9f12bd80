/* SPDX-License-Identifier: BSD-3-Clause
 * Reading a request, writing the file. Ownership and threads: edit.h. */
#include "integration/edit.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "integration/edit_private.h"
#include "integration/smsc_keys.h"

#define VALUE_MAX 4000 /* octets; what a key may hold is checked with the file */
#define HEAD_LINES 2   /* comment, group */

/* NULL: it does not stand there. */
const char *byo_edit_value_before(const ByoKeyGroup *before, const char *key)
{
    const ByoKeyLine *line = before ? byo_key_find(before, key) : NULL;
    return line && !line->told ? line->value : NULL;
}

const char *byo_edit_value_now(const ByoEdit *e, const char *key)
{
    for (size_t i = 0; i < e->n; i++)
        if (strcmp(e->lines[i].def->name, key) == 0)
            return e->lines[i].value;
    return NULL;
}

bool byo_edit_same(const ByoKeyDef *def, const char *a, const char *b)
{
    int64_t x, y;
    bool p, q;
    ByoTime s, t;
    if (!a || !b)
        return a == b;
    if (def->type == BYO_KEY_BOOL && byo_key_parse_bool(byo_str(a), &p) && byo_key_parse_bool(byo_str(b), &q))
        return p == q;
    if (def->type == BYO_KEY_DURATION && byo_duration_parse(byo_str(a), &s) &&
        byo_duration_parse(byo_str(b), &t))
        return s == t;
    if (byo_key_is_number(def->type) && byo_str_int(byo_str(a), &x) && byo_str_int(byo_str(b), &y))
        return x == y;
    return strcmp(a, b) == 0;
}

/* -- values of the request ------------------------------------------------------------------------------*/

static void add_line(ByoEdit *e, const ByoKeyDef *def, const char *value)
{
    e->lines = byo_realloc(e->lines, (e->n + 1) * sizeof *e->lines);
    e->lines[e->n++] = (ByoEditLine){def, byo_strdup(value)};
}

/* Octets of what no line of a file may hold at p: a control character, or one of Unicode's ends of a line. 0: it may. */
static size_t no_text(const char *p)
{
    bool separates = strncmp(p, "\xe2\x80", 2) == 0 && ((unsigned char)p[2] & 0xfe) == 0xa8;
    return separates ? 3 : byo_utf8_control(p);
}

/* As a file can hold it, so that all else can be checked, too. */
static char *fit(ByoStr text)
{
    ByoStr cut = byo_utf8_cut(text, VALUE_MAX);
    char *fine = byo_alloc(cut.n + 1);
    size_t n = 0;
    for (size_t i = 0, gone; i < cut.n; i += gone ? gone : 1)
        fine[n++] = (gone = no_text(cut.p + i)) ? '?' : cut.p[i];
    fine[n] = 0;
    return fine;
}

/* A text on one line; the caller frees it. NULL: it is none. One that no file can hold is told, too, but no reason not to
 * look at all else: it is given as a file could hold it. */
static char *take_text(ByoEdit *e, const ByoJsonAt *at)
{
    ByoStr text;
    size_t errors = byo_json_errors(at->doc);
    if (byo_json_type(at) != BYO_JSON_STR) {
        byo_json_want_str(at, 0, VALUE_MAX, &text);
        return NULL;
    }
    char *fine = fit(byo_json_peek_str(at));
    if (byo_json_want_line(at, 0, VALUE_MAX, &text) && !byo_str_is(text, fine))
        byo_json_fault(at, BYO_FAULT_ERROR, false,
                       "a line separator stands in it: one line of text is expected");
    e->unfit += byo_json_errors(at->doc) - errors;
    return fine;
}

/* The value as a file has it; the caller frees it. NULL: null, or no value of that type, which is told. */
static char *written(ByoEdit *e, const ByoKeyDef *def, const ByoJsonAt *at)
{
    int64_t number;
    bool flag;
    bool as_number =
        byo_key_is_number(def->type) || (def->type == BYO_KEY_DURATION && byo_json_type(at) == BYO_JSON_INT);
    if (byo_json_type(at) == BYO_JSON_NULL)
        return NULL;
    if (as_number && byo_json_type(at) != BYO_JSON_INT) {
        byo_json_fault(at, BYO_FAULT_ERROR, false, "a whole number is expected, without quotes");
        return NULL;
    }
    if (as_number) /* its range is checked with the file */
        return byo_json_want_int(at, INT64_MIN, INT64_MAX, &number) ? byo_printf("%lld", (long long)number)
                                                                    : NULL;
    if (def->type == BYO_KEY_BOOL)
        return byo_json_want_bool(at, &flag) ? byo_strdup(flag ? "yes" : "no") : NULL;
    return take_text(e, at);
}

/* A key that names a file keeps what the file says. What a GET showed of it may come back. */
static void keep_path(ByoEdit *e, const ByoKeyDef *def, const ByoJsonAt *at, const char *before)
{
    bool same = !at->value || byo_json_type(at) == BYO_JSON_NULL;
    if (!same && before && byo_json_type(at) == BYO_JSON_STR) {
        ByoStr says = byo_json_peek_str(at);
        size_t n = strlen(before);
        same = byo_str_is(says, before) || (before[0] != '/' && says.n > n && says.p[says.n - n - 1] == '/' &&
                                            byo_str_is(byo_strn(says.p + says.n - n, n), before));
    }
    if (!same)
        byo_json_fault(
            at, BYO_FAULT_ERROR, true,
            strcmp(def->name, "advanced-config") == 0
                ? "it names a file, which only the configuration's owner may do: the content goes "
                  "into \"advanced\""
                : "it names a file, which only the configuration's owner may do, in the file itself");
    if (before && strcmp(def->name, "advanced-config") != 0)
        add_line(e, def, before);
}

static void take_property(ByoEdit *e, const ByoKeyDef *def, const ByoJsonAt *body, const ByoKeyGroup *before)
{
    char member[BYO_KEY_CAMEL];
    ByoJsonAt at = byo_json_member(body, byo_key_camel(def->name, member));
    const char *was = byo_edit_value_before(before, def->name);
    if (def->type == BYO_KEY_PATH) {
        keep_path(e, def, &at, was);
        return;
    }
    if ((def->flags & BYO_KEY_REQUIRED) && (!at.value || byo_json_type(&at) == BYO_JSON_NULL))
        byo_json_fault(&at, BYO_FAULT_ERROR, false, "it is needed");
    char *value = at.value ? written(e, def, &at) : NULL;
    /* A default that did not stand there need not: so what a GET shows is no change when it comes back. */
    if (value && (was || !def->def || !byo_edit_same(def, value, def->def)))
        add_line(e, def, value);
    free(value);
}

static void take_advanced(ByoEdit *e, const ByoJsonAt *body)
{
    ByoJsonAt at = byo_json_member(body, "advanced");
    if (!at.value || byo_json_type(&at) == BYO_JSON_NULL || !byo_json_want_object(&at, NULL))
        return;
    e->has_advanced = true;
    byo_json_write(&at, true, &e->advanced);
    byo_buf_addc(&e->advanced, '\n');
    char *name = byo_printf("%s.json", e->id);
    add_line(e, byo_property_named("advanced-config"), name);
    free(name);
}

/* -- the password ---------------------------------------------------------------------------------------*/

/* The line it is in stays; a clear one is sealed. False: there is none. */
static bool keep_password(ByoEdit *e, const ByoKeyGroup *before)
{
    for (const char *const *key = byo_password_keys; *key; key++) {
        const char *was = byo_edit_value_before(before, *key);
        if (was && strcmp(*key, "password") == 0)
            e->password = byo_strdup(was);
        else if (was)
            add_line(e, byo_property_named(*key), was);
        if (was)
            return true;
    }
    return false;
}

static void take_credentials(ByoEdit *e, const ByoJsonAt *body, const ByoKeyGroup *before)
{
    static const char *const members[] = {"systemId", "password", NULL};
    ByoJsonAt at = byo_json_member(body, "credentials");
    bool given = at.value && byo_json_type(&at) != BYO_JSON_NULL;
    const char *was = byo_edit_value_before(before, "system-id");
    if (given && !byo_json_want_object(&at, members))
        return;
    ByoJsonAt system_id = byo_json_member(&at, "systemId"), password = byo_json_member(&at, "password");
    bool secret = password.value && byo_json_type(&password) != BYO_JSON_NULL;
    char *name = system_id.value ? take_text(e, &system_id) : byo_strdup(was);
    if (secret)
        e->password = take_text(e, &password);
    if (name)
        add_line(e, byo_property_named("system-id"), name);
    bool kept = !secret && keep_password(e, before);
    if ((!name && !system_id.value) || (!secret && !kept))
        byo_json_fault(&at, BYO_FAULT_ERROR, false, "credentials with systemId and password are needed");
    else if (name && !secret && !(was && strcmp(name, was) == 0))
        byo_json_fault(&at, BYO_FAULT_ERROR, false, "a new systemId needs its password in the same request");
    e->new_password = secret;
    free(name);
}

/* What decides where the password goes is changed with the password alone: else whoever has somebody's session could
 * have it sent to a machine of his own. */
static void guard_password(const ByoEdit *e, const ByoJsonAt *body, const ByoKeyGroup *before)
{
    char member[BYO_KEY_CAMEL];
    const ByoKeyDef *def;
    for (size_t i = 0; (def = byo_property(i)) != NULL && before && !e->new_password; i++) {
        const char *was = byo_edit_value_before(before, def->name), *is = byo_edit_value_now(e, def->name);
        if (!(def->flags & BYO_KEY_WHERE) || byo_edit_same(def, was ? was : def->def, is ? is : def->def))
            continue;
        ByoJsonAt at = byo_json_member(body, "credentials");
        byo_json_fault(
            &at, BYO_FAULT_ERROR, false,
            "a changed %s decides where the password goes: credentials with systemId and password are "
            "needed in the same request",
            byo_key_camel(def->name, member));
        return;
    }
}

/* -- what else stands in it -----------------------------------------------------------------------------*/

static void unknown(const ByoJsonAt *at)
{
    char member[BYO_KEY_CAMEL];
    const char *names[128];
    char texts[128][BYO_KEY_CAMEL];
    size_t n = 0;
    const ByoKeyDef *def;
    for (size_t i = 0; i < byo_smsc_refusals_n; i++)
        if (strcmp(byo_key_camel(byo_smsc_refusals[i].name, member), at->key) == 0) {
            byo_json_fault(at, BYO_FAULT_ERROR, true, "not allowed here: %s", byo_smsc_refusals[i].why);
            return;
        }
    bool told = !byo_json_full(at->doc, BYO_FAULT_ERROR); /* else no word need be looked for */
    for (size_t i = 0; told && (def = byo_property(i)) != NULL && n < 126; i++)
        if (!(def->flags & (BYO_KEY_APART | BYO_KEY_CREDENTIAL)))
            names[n] = byo_key_camel(def->name, texts[n]), n++;
    names[n++] = "advanced";
    names[n++] = "credentials";
    const char *near = byo_nearest(byo_str(at->key), names, n);
    byo_json_fault(at, BYO_FAULT_ERROR, true,
                   near ? "unknown property: is \"%s\" meant?" : "unknown property", near);
}

static void look_at_member(const ByoEdit *e, const ByoJsonAt *at)
{
    char member[BYO_KEY_CAMEL];
    const ByoKeyDef *def, *found = NULL;
    if (strcmp(at->key, "advanced") == 0 || strcmp(at->key, "credentials") == 0)
        return;
    for (size_t i = 0; (def = byo_property(i)) != NULL && !found; i++)
        if (strcmp(byo_key_camel(def->name, member), at->key) == 0)
            found = def;
    if (!found)
        unknown(at);
    else if (found->flags & BYO_KEY_CREDENTIAL)
        byo_json_fault(at, BYO_FAULT_ERROR, true, "it is a member of \"credentials\"");
    else if (strcmp(found->name, "integration-id") == 0 && !byo_str_is(byo_json_peek_str(at), e->id))
        byo_json_fault(at, BYO_FAULT_ERROR, false, "the id stands in the path, and is another one there");
    else if (strcmp(found->name, "password-file") == 0)
        byo_json_fault(at, BYO_FAULT_ERROR, true,
                       "it names a file, which only the configuration's owner may do");
}

void byo_edit_read(const ByoJsonAt *body, ByoStr id, const ByoKeyGroup *before, ByoEdit *e)
{
    const ByoKeyDef *def;
    size_t iter = 0;
    ByoJsonAt at;
    *e = (ByoEdit){.n = 0};
    snprintf(e->id, sizeof e->id, "%.*s", BYO_PF(id));
    if (!byo_json_want_object(body, NULL))
        return;
    while (byo_json_next(body, &iter, &at))
        look_at_member(e, &at);
    add_line(e, byo_property_named("integration-id"), e->id);
    for (size_t i = 0; (def = byo_property(i)) != NULL; i++)
        if (!(def->flags & (BYO_KEY_APART | BYO_KEY_CREDENTIAL)))
            take_property(e, def, body, before);
    take_advanced(e, body);
    take_credentials(e, body, before);
    guard_password(e, body, before);
}

void byo_edit_free(ByoEdit *e)
{
    for (size_t i = 0; i < e->n; i++)
        byo_secret_free(e->lines[i].value);
    free(e->lines);
    byo_secret_free(e->password);
    byo_buf_free(&e->advanced);
    *e = (ByoEdit){.n = 0};
}

size_t byo_edit_rank(const char *field)
{
    char member[BYO_KEY_CAMEL];
    const ByoKeyDef *def;
    size_t n = field ? strcspn(field, ".") : 0, i = 0;
    for (; (def = byo_property(i)) != NULL; i++) {
        const char *name = strcmp(def->name, "advanced-config") == 0 ? "advanced"
                           : def->flags & BYO_KEY_CREDENTIAL         ? "credentials"
                                                                     : byo_key_camel(def->name, member);
        if (n && strlen(name) == n && memcmp(name, field, n) == 0)
            break;
    }
    return def || n ? i : i + 1;
}

/* -- the file -------------------------------------------------------------------------------------------*/

void byo_edit_value(ByoBuf *out, const char *key, const char *value)
{
    bool plain = value[0] != 0;
    for (const char *p = value; *p; p++)
        plain = plain && (isalnum((unsigned char)*p) || strchr("._-", *p));
    byo_buf_addf(out, "%s = %s", key, plain ? value : "\"");
    for (const char *p = value; !plain && *p; p++) {
        if (*p == '"' || *p == '\\')
            byo_buf_addc(out, '\\');
        byo_buf_addc(out, *p);
    }
    byo_buf_adds(out, plain ? "\n" : "\"\n");
}

void byo_edit_text(const ByoEdit *e, const char *sealed, ByoBuf *out)
{
    byo_buf_need(out, BYO_EDIT_TEXT_MAX); /* a password shall not be left behind by a buffer that moves */
    byo_buf_adds(out,
                 "# Written by byobox: a change through the admin API keeps no comment.\ngroup = byo-smpp\n");
    for (size_t i = 0; i < e->n; i++)
        byo_edit_value(out, e->lines[i].def->name, e->lines[i].value);
    if (e->password)
        byo_edit_value(out, sealed ? "credentials" : "password", sealed ? sealed : e->password);
}

const ByoEditLine *byo_edit_line(const ByoEdit *e, int line)
{
    return line > HEAD_LINES && (size_t)(line - HEAD_LINES) <= e->n ? &e->lines[line - HEAD_LINES - 1] : NULL;
}

bool byo_edit_is_password(const ByoEdit *e, int line)
{
    return e->password && line == HEAD_LINES + (int)e->n + 1;
}

const char *byo_edit_field(const ByoEdit *e, int line, char out[BYO_KEY_CAMEL + 16])
{
    const ByoEditLine *l = byo_edit_line(e, line);
    out[0] = 0;
    if (byo_edit_is_password(e, line) || (l && l->def->flags & (BYO_KEY_SECRET | BYO_KEY_CREDENTIAL)))
        snprintf(out, BYO_KEY_CAMEL + 16, "credentials.%s",
                 l && strcmp(l->def->name, "system-id") == 0 ? "systemId" : "password");
    else if (l && strcmp(l->def->name, "advanced-config") == 0)
        snprintf(out, BYO_KEY_CAMEL + 16, "advanced");
    else if (l && strcmp(l->def->name, "integration-id") != 0)
        byo_key_camel(l->def->name, out);
    return out;
}
