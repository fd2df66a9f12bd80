/* SPDX-License-Identifier: BSD-3-Clause
 * Prints the lists of the source as JSON, for check_facts.py. */
#include "base/event.h"
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

int main(void)
{
    ByoBuf text = {0};
    ByoJson *facts = byo_json_object();
    byo_json_set(facts, "properties", properties());
    byo_json_set(facts, "events", events());
    byo_json_text(facts, true, &text);
    puts(text.p);
    byo_buf_free(&text);
    byo_json_free(facts);
    return 0;
}
