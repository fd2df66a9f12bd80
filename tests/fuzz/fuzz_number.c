/* SPDX-License-Identifier: BSD-3-Clause
 * Any octets as a number, read as MO, MT or list against any home country: what is taken for a phone has its
 * canonical form, is read as itself again, and all its spellings compare equal.
 * The first octet chooses the country, the second how it is read.
 * Threads: none. */
#include <stdlib.h>

#include "compliance/pair.h"
#include "compliance/plan.h"
#include "compliance/reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
    if (!holds)
        abort();
}

static const char *const countries[] = {"",   "US", "GB", "DE", "FR", "RU", "KZ", "IT", "CI", "GA", "CG",
                                        "BJ", "MX", "AR", "BR", "HU", "JP", "IN", "FI", "AQ", "KR", "LT"};
enum { COUNTRIES = sizeof countries / sizeof *countries };

static void check_e164(const char *e164)
{
    need(e164[0] == '+');
    size_t n = strspn(e164 + 1, "0123456789");
    need(n >= 7 && n <= 15 && e164[1 + n] == 0);
    need(byo_plan_code(e164 + 1) > 0);
}

/* The canonical form is read as itself, whatever the country, and compares equal in every spelling. */
static void check_canonical(const char *e164, const ByoHome *home)
{
    ByoReading again;
    ByoReadHow how = {.manner = BYO_MANNER_WIRE, .ton = BYO_TON_UNKNOWN, .home = home};
    ByoPlanForms forms;
    ByoPair pair, other;
    char key[BYO_ADDRESS_MAX], keys_key[BYO_ADDRESS_MAX], digits[BYO_ADDRESS_MAX];

    need(byo_read(byo_str(e164), &how, &again) == BYO_READ_PHONE && strcmp(again.e164, e164) == 0);
    need(again.n_others == 0);
    need(byo_read_phone_digits(byo_str(e164), digits) && strcmp(digits, e164 + 1) == 0);
    byo_plan_key(e164 + 1, key);
    byo_plan_key(key, keys_key);
    need(strcmp(key, keys_key) == 0);
    need(byo_pair_make(BYO_STR("12025550100"), byo_str(e164), &pair));
    byo_plan_forms(e164 + 1, &forms);
    need(forms.n >= 1 && forms.n <= BYO_PLAN_FORMS && strcmp(forms.digits[0], e164 + 1) == 0);
    for (int i = 0; i < forms.n; i++)
        need(byo_pair_make(BYO_STR("12025550100"), byo_str(forms.digits[i]), &other) &&
             byo_pair_eq(pair, other));
}

static void check_nationals(const char *e164, const ByoHome *home)
{
    char out[BYO_READ_NATIONAL][BYO_ADDRESS_MAX];
    int n = byo_read_national(e164 + 1, home, out);

    for (int i = 0; i < n; i++)
        need(out[i][0] && strspn(out[i], "0123456789") == strlen(out[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ByoHome homes[COUNTRIES];
    static bool made;
    ByoReading r;
    ByoWritten w;
    char digits[BYO_ADDRESS_MAX];

    for (int i = 0; !made && i < COUNTRIES; i++)
        byo_home_make(countries[i], &homes[i]);
    made = true;
    if (size < 2)
        return 0;
    const ByoHome *home = &homes[data[0] % COUNTRIES];
    ByoReadHow how = {.manner = (ByoManner)(data[1] % 3),
                      .ton = (data[1] >> 2) % 8 - 1,
                      .inbound = data[1] & 0x80,
                      .home = home};
    char *exact = malloc(size - 2 ? size - 2 : 1); /* so that a read past the end is seen */
    memcpy(exact, data + 2, size - 2);
    ByoStr text = byo_strn(exact, size - 2);

    bool written = byo_address_written(text, how.manner, &w);
    ByoReadKind kind = byo_read(text, &how, &r);
    if (kind == BYO_READ_PHONE) {
        need(written);
        check_e164(r.e164);
        check_canonical(r.e164, home);
        check_nationals(r.e164, home);
        need(w.international || w.n > 6 || how.ton == 1 || how.ton == 2); /* else a short code */
        need(how.inbound || r.n_others == 0);
        for (int i = 0; i < r.n_others; i++) {
            check_e164(r.others[i]);
            check_canonical(r.others[i], home);
            need(strcmp(r.others[i], r.e164) != 0);
        }
    } else {
        need(r.n_others == 0);
        need(kind == BYO_READ_SHORT_CODE || r.e164[0] == 0);
    }
    byo_read_digits(text, digits);
    if (written)
        byo_read_probably(w.digits, home, digits);
    free(exact);
    return 0;
}
