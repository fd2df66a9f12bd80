/* SPDX-License-Identifier: BSD-3-Clause
 * The tables. Ownership: constants. Threads: values. */
#include "compliance/plan.h"

enum { NONE = 0, KNOWN = 1, TRUNK = 2 }; /* TRUNK: known, a national prefix 0, and no number begins with 0 */

/* ITU-T E.164, by length of the code. 39, 225, 229, 241, 242, 378 and 379 have numbers that begin with 0. */
static const unsigned char codes2[100] = {
    [20] = TRUNK, [27] = TRUNK, [30] = KNOWN, [31] = TRUNK, [32] = TRUNK, [33] = TRUNK, [34] = KNOWN,
    [36] = KNOWN, [39] = KNOWN, [40] = TRUNK, [41] = TRUNK, [43] = TRUNK, [44] = TRUNK, [45] = KNOWN,
    [46] = TRUNK, [47] = KNOWN, [48] = KNOWN, [49] = TRUNK, [51] = TRUNK, [52] = KNOWN, [53] = TRUNK,
    [54] = TRUNK, [55] = TRUNK, [56] = KNOWN, [57] = TRUNK, [58] = TRUNK, [60] = TRUNK, [61] = TRUNK,
    [62] = TRUNK, [63] = TRUNK, [64] = TRUNK, [65] = KNOWN, [66] = TRUNK, [81] = TRUNK, [82] = TRUNK,
    [84] = TRUNK, [86] = TRUNK, [90] = TRUNK, [91] = TRUNK, [92] = TRUNK, [93] = TRUNK, [94] = TRUNK,
    [95] = TRUNK, [98] = TRUNK,
};
static const unsigned char codes3[1000] = {
    [211] = TRUNK, [212] = TRUNK, [213] = TRUNK, [216] = KNOWN, [218] = TRUNK, [220] = KNOWN, [221] = KNOWN,
    [222] = KNOWN, [223] = KNOWN, [224] = KNOWN, [225] = KNOWN, [226] = KNOWN, [227] = KNOWN, [228] = KNOWN,
    [229] = KNOWN, [230] = KNOWN, [231] = TRUNK, [232] = TRUNK, [233] = TRUNK, [234] = TRUNK, [235] = KNOWN,
    [236] = KNOWN, [237] = KNOWN, [238] = KNOWN, [239] = KNOWN, [240] = KNOWN, [241] = KNOWN, [242] = KNOWN,
    [243] = TRUNK, [244] = KNOWN, [245] = KNOWN, [246] = KNOWN, [247] = KNOWN, [248] = KNOWN, [249] = TRUNK,
    [250] = TRUNK, [251] = TRUNK, [252] = TRUNK, [253] = KNOWN, [254] = TRUNK, [255] = TRUNK, [256] = TRUNK,
    [257] = KNOWN, [258] = KNOWN, [260] = TRUNK, [261] = TRUNK, [262] = TRUNK, [263] = TRUNK, [264] = TRUNK,
    [265] = TRUNK, [266] = KNOWN, [267] = KNOWN, [268] = KNOWN, [269] = KNOWN, [290] = KNOWN, [291] = TRUNK,
    [297] = KNOWN, [298] = KNOWN, [299] = KNOWN, [350] = KNOWN, [351] = KNOWN, [352] = KNOWN, [353] = TRUNK,
    [354] = KNOWN, [355] = TRUNK, [356] = KNOWN, [357] = KNOWN, [358] = TRUNK, [359] = TRUNK, [370] = TRUNK,
    [371] = KNOWN, [372] = KNOWN, [373] = TRUNK, [374] = TRUNK, [375] = KNOWN, [376] = KNOWN, [377] = TRUNK,
    [378] = KNOWN, [379] = KNOWN, [380] = TRUNK, [381] = TRUNK, [382] = TRUNK, [383] = TRUNK, [385] = TRUNK,
    [386] = TRUNK, [387] = TRUNK, [389] = TRUNK, [420] = KNOWN, [421] = TRUNK, [423] = TRUNK, [500] = KNOWN,
    [501] = KNOWN, [502] = KNOWN, [503] = KNOWN, [504] = KNOWN, [505] = KNOWN, [506] = KNOWN, [507] = KNOWN,
    [508] = TRUNK, [509] = KNOWN, [590] = TRUNK, [591] = TRUNK, [592] = KNOWN, [593] = TRUNK, [594] = TRUNK,
    [595] = TRUNK, [596] = TRUNK, [597] = KNOWN, [598] = TRUNK, [599] = KNOWN, [670] = KNOWN, [672] = KNOWN,
    [673] = KNOWN, [674] = KNOWN, [675] = KNOWN, [676] = KNOWN, [677] = KNOWN, [678] = KNOWN, [679] = KNOWN,
    [680] = KNOWN, [681] = KNOWN, [682] = KNOWN, [683] = KNOWN, [685] = KNOWN, [686] = TRUNK, [687] = KNOWN,
    [688] = KNOWN, [689] = KNOWN, [690] = KNOWN, [691] = KNOWN, [692] = KNOWN, [800] = KNOWN, [808] = KNOWN,
    [850] = TRUNK, [852] = KNOWN, [853] = KNOWN, [855] = TRUNK, [856] = TRUNK, [870] = KNOWN, [878] = KNOWN,
    [880] = TRUNK, [881] = KNOWN, [882] = KNOWN, [883] = KNOWN, [886] = TRUNK, [888] = KNOWN, [960] = KNOWN,
    [961] = TRUNK, [962] = TRUNK, [963] = TRUNK, [964] = TRUNK, [965] = KNOWN, [966] = TRUNK, [967] = TRUNK,
    [968] = KNOWN, [970] = TRUNK, [971] = TRUNK, [972] = TRUNK, [973] = KNOWN, [974] = KNOWN, [975] = KNOWN,
    [976] = TRUNK, [977] = TRUNK, [979] = KNOWN, [992] = KNOWN, [993] = KNOWN, [994] = TRUNK, [995] = TRUNK,
    [996] = TRUNK, [998] = KNOWN,
};

static const struct {
    const char *code;
    size_t digits;
} closed[] = {{"1", 10}};

/* Plans that grew after libphonenumber 8.12 was made: digits after the code, what they begin with. */
static const struct {
    const char *code, *begins;
    size_t digits;
} grew[] = {
    {"229", "01", 10}, /* Benin, since November 2024 */
    {"52", "1", 11},   /* Mexico's mobiles as called from abroad until 2019 */
};

/* Phones with two forms: the code, then `before` digits, then the mobile digit, then `after` digits of which
 * the first is one of `begins`. */
static const struct {
    const char *code, *begins;
    size_t before, after;
    char mobile;
} twins[] = {
    {"52", "123456789", 0, 10, '1'}, /* Mexico */
    {"54", "123456789", 0, 10, '9'}, /* Argentina */
    {"55", "6789", 2, 8, '9'},       /* Brazil's ninth digit, behind the area code */
};

static unsigned char about(const char *d, size_t *length_r)
{
    *length_r = 1;
    if (d[0] == '1' || d[0] == '7')
        return KNOWN;
    if (d[0] < '2' || d[0] > '9' || d[1] < '0' || d[1] > '9')
        return NONE;
    unsigned two = (unsigned)(d[0] - '0') * 10 + (unsigned)(d[1] - '0');
    *length_r = 2;
    if (codes2[two])
        return codes2[two];
    *length_r = 3;
    return d[2] < '0' || d[2] > '9' ? NONE : codes3[two * 10 + (unsigned)(d[2] - '0')];
}

size_t byo_plan_code(const char *digits)
{
    size_t n;

    return about(digits, &n) ? n : 0;
}

bool byo_plan_has_trunk_zero(const char *digits)
{
    size_t n;

    return about(digits, &n) == TRUNK && digits[n] == '0' && digits[n + 1] > '0';
}

size_t byo_plan_closed(const char *code)
{
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        if (strcmp(closed[i].code, code) == 0)
            return closed[i].digits;
    return 0;
}

bool byo_plan_grew(const char *digits)
{
    for (size_t i = 0; i < sizeof grew / sizeof *grew; i++) {
        size_t code = strlen(grew[i].code);
        if (strncmp(grew[i].code, digits, code) == 0 && strlen(digits) == code + grew[i].digits &&
            strncmp(grew[i].begins, digits + code, strlen(grew[i].begins)) == 0)
            return true;
    }
    return false;
}

/* The row of the table the digits belong to, with (*mobile_r) or without the mobile digit; -1: none. */
static int twin_of(const char *digits, size_t n, bool *mobile_r)
{
    if (digits[0] != '5' || digits[1] < '2' || digits[1] > '5') /* nearly everybody */
        return -1;
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) {
        size_t at = 2 + twins[i].before;
        if (memcmp(twins[i].code, digits, 2) != 0)
            continue;
        *mobile_r = n == at + 1 + twins[i].after && digits[at] == twins[i].mobile;
        const char *rest = digits + at + (*mobile_r ? 1 : 0);
        if ((*mobile_r || n == at + twins[i].after) && strchr(twins[i].begins, rest[0]))
            return (int)i;
    }
    return -1;
}

static size_t drop(char *digits, size_t n, size_t at)
{
    memmove(digits + at, digits + at + 1, n - at);
    return n - 1;
}

size_t byo_plan_key(const char *digits, char key_r[BYO_ADDRESS_MAX])
{
    size_t n = strlen(digits);
    bool mobile;

    memmove(key_r, digits, n + 1);
    if (byo_plan_has_trunk_zero(key_r))
        n = drop(key_r, n, byo_plan_code(key_r));
    int twin = twin_of(key_r, n, &mobile);
    return twin >= 0 && mobile ? drop(key_r, n, 2 + twins[twin].before) : n;
}

static void add_form(ByoPlanForms *f, const char *digits)
{
    for (int i = 0; i < f->n; i++)
        if (strcmp(f->digits[i], digits) == 0)
            return;
    strcpy(f->digits[f->n++], digits);
}

static void insert(char out[BYO_ADDRESS_MAX], const char *digits, size_t at, char digit)
{
    memcpy(out, digits, at);
    out[at] = digit;
    strcpy(out + at + 1, digits + at);
}

/* The digits, and with the trunk zero somebody may have written. */
static void add_forms(ByoPlanForms *f, const char *digits)
{
    char zero[BYO_ADDRESS_MAX];
    size_t code;

    add_form(f, digits);
    if (about(digits, &code) != TRUNK || digits[code] <= '0' || strlen(digits) + 2 > BYO_ADDRESS_MAX)
        return;
    insert(zero, digits, code, '0');
    add_form(f, zero);
}

void byo_plan_forms(const char *digits, ByoPlanForms *forms_r)
{
    char key[BYO_ADDRESS_MAX], longer[BYO_ADDRESS_MAX];
    bool mobile;
    size_t n = byo_plan_key(digits, key);
    int twin = twin_of(key, n, &mobile);

    forms_r->n = 0;
    if (strcmp(digits, key) == 0) {
        add_forms(forms_r, key);
    } else {
        add_form(forms_r, digits);
        add_forms(forms_r, key);
    }
    if (twin < 0)
        return;
    insert(longer, key, 2 + twins[twin].before, twins[twin].mobile);
    add_forms(forms_r, longer);
}
