/* SPDX-License-Identifier: BSD-3-Clause
 * What was asked of byobox as a whole and holds over restarts, by name.
 * Decides: nothing. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

bool byo_pgsql_setting(ByoStore *s, const char *name, ByoBuf *value)
{
    ByoPgRows r;
    if (byo_pg_one(s, &r, BYO_PG_SETTING, PG_TEXT(byo_str(name))) != BYO_STORE_OK)
        return false;
    ByoStr v = byo_pg_text_at(&r, 0);
    byo_buf_add(value, v.p, v.n);
    byo_pg_end(&r);
    return true;
}

void byo_pgsql_setting_put(ByoStore *s, const char *name, ByoStr value)
{
    if (value.p)
        byo_pg_write(s, BYO_PG_SETTING_PUT, PG_TEXT(byo_str(name)), PG_OCTETS(value));
    else
        byo_pg_write(s, BYO_PG_SETTING_REMOVE, PG_TEXT(byo_str(name)));
}
