/* SPDX-License-Identifier: BSD-3-Clause
 * Prints the lists of the source as JSON, for check_facts.py. */
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

int main(void)
{
    ByoBuf text = {0};
    ByoJson *facts = byo_json_object();
    byo_json_set(facts, "properties", properties());
    byo_json_text(facts, true, &text);
    puts(text.p);
    byo_buf_free(&text);
    byo_json_free(facts);
    return 0;
}
