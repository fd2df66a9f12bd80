/* SPDX-License-Identifier: BSD-3-Clause
 * Prints the lists of the source as JSON, for check_facts.py. */
#include "base/counters.h"
#include "base/event.h"
#include "base/features.h"
#include "base/permissions.h"
#include "integration/properties.h"

#include <stdio.h>

static ByoJson *properties(void)
{
    ByoJson *list = byo_json_array();
    const ByoKeyDef *def;
    for (size_t i = 0; (def = byo_property(i)); i++)
        byo_json_add(list, byo_property_describe(def));
    return list;
}

/* Kannel's own keys, which a group passes on. */
static ByoJson *passed(void)
{
    ByoJson *list = byo_json_array();
    const ByoKeyDef *def;
    for (size_t i = 0; (def = byo_property(i)); i++)
        if (def->flags & BYO_KEY_PASSED)
            byo_json_add_str(list, byo_str(def->name));
    return list;
}

static ByoJson *events(void)
{
    static const char *const levels[] = {"debug", "info", "warning", "error"};
    static const char *const repeats[] = {"each", "change", "counted", "by-text"};
    ByoJson *list = byo_json_array();
    for (int e = 0; e < BYO_EVENT_COUNT; e++) {
        const ByoEventInfo *kind = byo_event_info(e);
        ByoJson *j = byo_json_object();
        byo_json_set_z(j, "id", kind->id);
        byo_json_set_z(j, "name", kind->name);
        byo_json_set_z(j, "level", levels[kind->level]);
        byo_json_set_z(j, "repeats", repeats[kind->repeats]);
        byo_json_add(list, j);
    }
    return list;
}

static ByoJson *counters(void)
{
    ByoJson *list = byo_json_array();
    const ByoCounterRow *row;
    for (size_t i = 0; (row = byo_counter_row(i)); i++)
        byo_json_add_str(list, byo_str(row->json));
    return list;
}

static ByoJson *features(void)
{
    ByoJson *list = byo_json_array();
#define X(bit, value, name) byo_json_add_str(list, BYO_STR(name));
    BYO_FEATURES(X)
#undef X
    return list;
}

static void permissions(ByoJson *facts)
{
    ByoJson *granted = byo_json_array(), *built_in = byo_json_array();
#define X(symbol, name) byo_json_add_str(granted, BYO_STR(name));
    BYO_PERMISSIONS(X)
#undef X
#define X(symbol, name) byo_json_add_str(built_in, BYO_STR(name));
    BYO_BUILT_IN_PERMISSIONS(X)
#undef X
    byo_json_set(facts, "permissions", granted);
    byo_json_set(facts, "builtInPermissions", built_in);
}

int main(void)
{
    ByoBuf text = {0};
    ByoJson *facts = byo_json_object();
    byo_json_set(facts, "properties", properties());
    byo_json_set(facts, "passed", passed());
    byo_json_set(facts, "events", events());
    byo_json_set(facts, "counters", counters());
    byo_json_set(facts, "features", features());
    byo_json_set_z(facts, "version", BYO_VERSION);
    permissions(facts);
    byo_json_text(facts, true, &text);
    puts(text.p);
    byo_buf_free(&text);
    byo_json_free(facts);
    return 0;
}
