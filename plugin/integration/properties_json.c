/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: how the API writes the value of a property. What there is stands in properties.c's table.
 * Ownership: properties.h. Threads: none. */
#include "integration/properties.h"

#include <stdlib.h>

/* A text that fits its key: of one of Kannel's own keys, or a default. */
static void set_written(const ByoKeyDef *def, const char *text, ByoJson *object, const char *member)
{
    int64_t number;
    bool flag;

    if (text && byo_key_is_number(def->type) && byo_str_int(byo_str(text), &number))
        byo_json_set_int(object, member, number);
    else if (text && def->type == BYO_KEY_BOOL && byo_key_parse_bool(byo_str(text), &flag))
        byo_json_set_bool(object, member, flag);
    else
        byo_json_set_z(object, member, text);
}

static void set_duration(const ByoKeyDef *def, ByoTime ms, ByoJson *object, const char *member)
{
    ByoBuf text = {0};

    byo_key_add_duration(&text, def, ms);
    byo_json_set_str(object, member, byo_buf_str(&text));
    byo_buf_free(&text);
}

static const char *choice_name(const ByoKeyChoice *choices, int value)
{
    while (choices->name && choices->value != value)
        choices++;
    return choices->name;
}

void byo_key_set(const ByoKeyDef *def, const void *target, ByoJson *object, const char *member)
{
    const void *field = (const char *)target + def->offset;

    switch (def->type) {
    case BYO_KEY_INT:
    case BYO_KEY_INT_SET:
        byo_json_set_int(object, member, *(const int *)field);
        break;
    case BYO_KEY_LONG:
        byo_json_set_int(object, member, *(const int64_t *)field);
        break;
    case BYO_KEY_BOOL:
        byo_json_set_bool(object, member, *(const bool *)field);
        break;
    case BYO_KEY_DURATION:
        set_duration(def, *(const ByoTime *)field, object, member);
        break;
    case BYO_KEY_CHOICE:
        byo_json_set_z(object, member, choice_name(def->choices, *(const int *)field));
        break;
    case BYO_KEY_COUNTRY:
        byo_json_set_z(object, member, *(const char *)field ? field : NULL);
        break;
    case BYO_KEY_WORDS:
        byo_json_set_int(object, member, *(const unsigned *)field);
        break;
    default: /* texts the target owns */
        byo_json_set_z(object, member, *(char *const *)field);
    }
}

void byo_property_set(const ByoKeyDef *def, const ByoIntegration *i, ByoJson *object, const char *member)
{
    if (def->flags & BYO_KEY_PASSED)
        set_written(def, byo_integration_smsc_key(i, def->name), object, member);
    else
        byo_key_set(def, i, object, member);
}

ByoJson *byo_properties_json(const ByoIntegration *i)
{
    ByoJson *all = byo_json_object(), *credentials = byo_json_object();
    char member[BYO_KEY_CAMEL];

    const ByoKeyDef *def;

    for (size_t k = 0; (def = byo_property(k)); k++)
        if (!(def->flags & (BYO_KEY_APART | BYO_KEY_SECRET)))
            byo_property_set(def, i, def->flags & BYO_KEY_CREDENTIAL ? credentials : all,
                             byo_key_camel(def->name, member));
    byo_json_set(all, "credentials", credentials);
    return all;
}

static void set_range(const ByoKeyDef *def, ByoJson *j)
{
    if (def->type == BYO_KEY_DURATION) {
        set_duration(def, def->min, j, "min");
        set_duration(def, def->max, j, "max");
    } else if (def->max) {
        byo_json_set_int(j, "min", def->min);
        byo_json_set_int(j, "max", def->max);
    }
    if (!def->set && !def->choices)
        return;
    ByoJson *values = byo_json_array();
    for (const int *v = def->set; v && *v >= 0; v++)
        byo_json_add_int(values, *v);
    for (const ByoKeyChoice *c = def->choices; c && c->name; c++)
        byo_json_add_str(values, byo_str(c->name));
    byo_json_set(j, "values", values);
}

ByoJson *byo_property_describe(const ByoKeyDef *def)
{
    static const char *const types[] = {"text",    "file",    "host",    "id",       "country", "integer",
                                        "integer", "integer", "boolean", "duration", "choice",  "words"};
    ByoJson *j = byo_json_object();
    char member[BYO_KEY_CAMEL];

    byo_json_set_z(j, "key", def->name);
    byo_json_set_z(j, "name", def->flags & BYO_KEY_APART ? NULL : byo_key_camel(def->name, member));
    byo_json_set_bool(j, "credential", def->flags & BYO_KEY_CREDENTIAL);
    byo_json_set_z(j, "type", types[def->type]);
    set_range(def, j);
    byo_json_set_bool(j, "required", def->flags & BYO_KEY_REQUIRED);
    byo_json_set_bool(j, "secret", def->flags & BYO_KEY_SECRET);
    set_written(def, def->def, j, "default");
    byo_json_set_z(j, "applies", def->applies);
    byo_json_set_z(j, "help", def->help);
    return j;
}
