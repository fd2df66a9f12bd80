/* SPDX-License-Identifier: BSD-3-Clause
 * The number inventory (spec N1-N6).
 * Decides: nothing. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

static ByoNumberRow number_at(const ByoPgRows *r)
{
    return (ByoNumberRow){
        .digits = byo_pg_text_at(r, 0),
        .short_code = byo_pg_bool_at(r, 1),
        .integration = byo_pg_text_at(r, 2),
        .type = byo_pg_text_at(r, 3),
        .country = byo_pg_text_at(r, 4),
        .compliance = byo_pg_text_at(r, 5),
        .created = byo_pg_amount_at(r, 6),
        .since = byo_pg_int_at(r, 7),
    };
}

static ByoStoreResult one(ByoStore *s, ByoPgStatement q, ByoStr digits, ByoNumberRow *n_r)
{
    ByoPgRows r;
    ByoStoreResult result = byo_pg_one(s, &r, q, PG_TEXT(digits));
    if (result == BYO_STORE_OK) {
        *n_r = number_at(&r);
        byo_pg_hold(s, BYO_PG_HELD_NUMBER, &r);
    }
    return result;
}

void byo_pgsql_number_put(ByoStore *s, const ByoNumberRow *n)
{
    byo_pg_write(s, BYO_PG_NUMBER_PUT, PG_TEXT(n->digits), PG_INT(n->short_code), PG_TEXT(n->integration),
                 PG_TEXT(n->type), PG_TEXT_OPT(n->country), PG_OCTETS_OPT(n->compliance), PG_INT(n->created),
                 PG_INT(n->since));
    byo_pg_write(s, BYO_PG_NUMBER_BACK, PG_TEXT(n->digits));
    byo_pg_change_note(s, BYO_CHANGE_NUMBER, n->digits, BYO_STR(""));
}

void byo_pgsql_number_remove(ByoStore *s, ByoStr digits, ByoTime now)
{
    if (!byo_pg_writing(s))
        return;
    byo_pg_write(s, BYO_PG_NUMBER_LEAVES, PG_TEXT(digits), PG_INT(byo_pgsql_new_id(s, now)));
    byo_pg_write(s, BYO_PG_NUMBER_REMOVE, PG_TEXT(digits));
    byo_pg_change_note(s, BYO_CHANGE_NUMBER, digits, BYO_STR(""));
}

ByoStoreResult byo_pgsql_number(ByoStore *s, ByoStr digits, ByoNumberRow *n_r)
{
    return one(s, BYO_PG_NUMBER, digits, n_r);
}

ByoStoreResult byo_pgsql_number_left(ByoStore *s, ByoStr digits, ByoNumberRow *n_r)
{
    return one(s, BYO_PG_NUMBER_LEFT, digits, n_r);
}

int byo_pgsql_number_left_purge(ByoStore *s, ByoTime before)
{
    return (int)byo_pg_change(s, BYO_PG_NUMBER_LEFT_PURGE, PG_INT(byo_id_at(before)));
}

int64_t byo_pgsql_number_count(ByoStore *s, ByoStr integration)
{
    return byo_pg_amount(s, BYO_PG_NUMBER_COUNT, PG_TEXT(integration));
}

void byo_pgsql_numbers(ByoStore *s, ByoStr integration, ByoStr type, ByoStr after, int max,
                       bool (*each)(void *arg, const ByoNumberRow *n), void *arg)
{
    ByoBuf last = {0};
    byo_buf_add(&last, after.p, after.n);
    for (int left = max, page; left > 0; left -= page) {
        ByoPgRows r;
        int n = 0;
        page = left < BYO_PG_PAGE ? left : BYO_PG_PAGE;
        byo_pg_read(s, &r, BYO_PG_NUMBERS, PG_TEXT(byo_buf_str(&last)), PG_TEXT_OPT(integration),
                    PG_TEXT_OPT(type), PG_INT(page));
        while (byo_pg_next(&r)) {
            ByoNumberRow row = number_at(&r);
            n++;
            byo_buf_clear(&last);
            byo_buf_add(&last, row.digits.p, row.digits.n);
            if (!each(arg, &row)) {
                n = 0;
                byo_pg_end(&r);
            }
        }
        if (n < page)
            break;
        byo_pg_show_life(s);
    }
    byo_buf_free(&last);
}
