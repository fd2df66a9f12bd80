/* SPDX-License-Identifier: BSD-3-Clause
 * The status value, and an integration's configuration as JSON.
 * Ownership and threads: actions.h. */
#include "admin/actions.h"
#include "integration/properties.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void byo_admin_status_warn(ByoAdminStatus *st, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    st->warnings = byo_realloc(st->warnings, (st->n_warnings + 1) * sizeof *st->warnings);
    st->warnings[st->n_warnings++] = byo_strdup(text);
}

ByoAdminBinds byo_admin_binds(const ByoAdminStatus *st, const ByoAdminIntegration *i)
{
    ByoAdminBinds all = {0, 0};
    for (size_t n = 0; n < st->n_nodes; n++) {
        if (!st->nodes[n].up || !i->at[n].known)
            continue;
        all.wanted += i->at[n].binds;
        all.online += i->at[n].online > 0 ? i->at[n].online : 0;
    }
    return all;
}

void byo_admin_status_clear(ByoAdminStatus *st)
{
    for (size_t i = 0; i < st->n; i++) {
        byo_json_free(st->integrations[i].config);
        byo_json_free(st->integrations[i].properties);
        free(st->integrations[i].name);
    }
    for (size_t i = 0; i < st->n_warnings; i++)
        free(st->warnings[i]);
    free(st->warnings);
    free(st->peers);
    free(st->store_path);
    free(st->smsc_conf);
    *st = (ByoAdminStatus){0};
}

static ByoJson *charsets_json(const ByoCharsetList *list)
{
    ByoJson *j = byo_json_array();
    for (size_t i = 0; i < list->n; i++) {
        ByoJson *pair = byo_json_object();
        byo_json_set_int(pair, "dcs", list->pairs[i].dcs);
        byo_json_set_z(pair, "charset", byo_charset_name(list->pairs[i].charset));
        byo_json_add(j, pair);
    }
    return j;
}

/* The properties in the form the API had first: addresses apart, durations in seconds, Kannel's own keys by its names. */
static void set_config(const ByoKeyDef *def, const ByoIntegration *i, ByoJson *j, ByoJson *addresses,
                       ByoJson *keys)
{
    char member[BYO_KEY_CAMEL + sizeof "Seconds"];
    size_t in_addresses = def->offset - offsetof(ByoIntegration, address);
    byo_key_camel(def->name, member);
    if (def->flags & BYO_KEY_PASSED) {
        if (byo_integration_smsc_key(i, def->name))
            byo_json_set_z(keys, def->name, byo_integration_smsc_key(i, def->name));
    } else if (def->type == BYO_KEY_DURATION) {
        const void *field = (const char *)i + def->offset;
        byo_json_set_int(j, strcat(member, "Seconds"), *(const ByoTime *)field / BYO_SECOND);
    } else {
        byo_property_set(def, i, in_addresses < sizeof i->address ? addresses : j, member);
    }
}

ByoJson *byo_admin_config_json(const ByoIntegration *i)
{
    ByoJson *j = byo_json_object(), *addresses = byo_json_object(), *keys = byo_json_object();
    const ByoKeyDef *def;
    for (size_t k = 0; (def = byo_property(k)); k++)
        if (!(def->flags & (BYO_KEY_APART | BYO_KEY_SECRET)))
            set_config(def, i, j, addresses, keys);
    byo_json_set(j, "addresses", addresses);
    byo_json_set(j, "smscKeys", keys);
    byo_json_set_bool(j, "passwordPlain", i->password_plain);
    byo_json_set(j, "charsets", i->advanced ? charsets_json(&i->advanced->charsets) : NULL);
    return j;
}
