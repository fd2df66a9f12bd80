/* SPDX-License-Identifier: BSD-3-Clause
 * The candidates a number's digits give, their ranks, and who wins.
 * Ownership: values. Threads: see the header. */
#include "compliance/reading.h"

#include <stdio.h>

#include "compliance/number_type.h"
#include "compliance/plan.h"

enum { SHORT_MAX = BYO_E164_MIN - 1, TON_INTERNATIONAL = 1, TON_NATIONAL = 2 };

/* One thing digits may mean. */
typedef struct {
    char digits[BYO_ADDRESS_MAX]; /* international, without '+' */
    size_t code;                  /* length of its calling code */
} Candidate;

void byo_home_make(const char *country, ByoHome *home_r)
{
    *home_r = (ByoHome){.country = ""};
    int code = country[0] ? byo_phone_calling_code(country) : 0;
    if (code <= 0 || code > 999)
        return;
    memcpy(home_r->country, country, 2);
    snprintf(home_r->code, sizeof home_r->code, "%d", code);
    byo_phone_national_prefix(country, home_r->prefix);
}

void byo_home_of(const char *digits, bool short_code, const char *country, ByoHome *home_r)
{
    char found[3];
    size_t code = byo_plan_code(digits);

    byo_home_make(country, home_r);
    if (home_r->country[0] || short_code || code == 0)
        return;
    byo_phone_country(digits, code, found);
    byo_home_make(found, home_r);
}

static bool begins(const char *digits, const char *with)
{
    return with[0] && strncmp(digits, with, strlen(with)) == 0;
}

/* Of a length E.164 allows, and one its plan has. */
static bool is_possible(const Candidate *c)
{
    size_t n = strlen(c->digits);

    if (n < BYO_E164_MIN || n > BYO_E164_MAX)
        return false;
    return byo_phone_possible(c->digits, c->code) || byo_plan_grew(c->digits);
}

/* International digits in canonical form. False: no calling code, or not of an E.164 length. */
static bool international(const char *digits, size_t n, Candidate *c_r)
{
    c_r->code = byo_plan_code(digits);
    if (n < BYO_E164_MIN || n > BYO_E164_MAX + 1 || c_r->code == 0)
        return false;
    memcpy(c_r->digits, digits, n + 1);
    if (byo_plan_has_trunk_zero(digits)) {
        Candidate rest = *c_r;
        memmove(rest.digits + rest.code, rest.digits + rest.code + 1, n - rest.code);
        if (is_possible(&rest)) {
            *c_r = rest;
            n--;
        }
    }
    return n >= BYO_E164_MIN && n <= BYO_E164_MAX;
}

/* National digits without a prefix, whatever their length. */
static bool national(const char *digits, const ByoHome *home, Candidate *c_r)
{
    c_r->code = strlen(home->code);
    return (size_t)snprintf(c_r->digits, sizeof c_r->digits, "%s%s", home->code, digits) < BYO_ADDRESS_MAX &&
           is_possible(c_r);
}

static bool same(const Candidate *a, const Candidate *b)
{
    char x[BYO_ADDRESS_MAX], y[BYO_ADDRESS_MAX];

    byo_plan_key(a->digits, x);
    byo_plan_key(b->digits, y);
    return strcmp(x, y) == 0;
}

static ByoReadKind phone(const Candidate *c, ByoReading *r)
{
    r->e164[0] = '+';
    strcpy(r->e164 + 1, c->digits);
    return BYO_READ_PHONE;
}

static void also(const Candidate *chosen, const Candidate *other, ByoReading *r)
{
    if (r->n_others == BYO_READ_OTHERS || same(chosen, other))
        return;
    char *to = r->others[r->n_others++];
    to[0] = '+';
    strcpy(to + 1, other->digits);
}

/* Digits that begin with 0, as dialled inside the home country. */
static ByoReadKind dialled(const char *digits, const ByoHome *home, ByoReading *r)
{
    char found[BYO_ADDRESS_MAX];
    Candidate c;

    /* Of a length it does not know it leaves the prefix where it is. */
    if (!byo_phone_dialled(digits, home->country, found, sizeof found) ||
        !international(found, strlen(found), &c) || !is_possible(&c))
        return BYO_READ_NOTHING;
    return phone(&c, r);
}

/* The possible readings of bare digits: [0] may be the international one (*international_r), the national
 * ones follow. */
typedef struct {
    Candidate of[1 + BYO_READ_OTHERS];
    int n;
    bool international, literal; /* of[0] is the international one; the first national one has all digits */
} Candidates;

static void add(Candidates *all, const Candidate *c)
{
    for (int i = 0; i < all->n; i++)
        if (same(&all->of[i], c))
            return;
    all->of[all->n++] = *c;
}

static void gather(const char *digits, size_t n, const ByoHome *home, Candidates *all)
{
    Candidate c;

    *all = (Candidates){.n = 0};
    if (international(digits, n, &c) && is_possible(&c)) {
        all->international = true;
        add(all, &c);
    }
    if (national(digits, home, &c)) {
        all->literal = true;
        add(all, &c);
    }
    if (begins(digits, home->prefix) && national(digits + strlen(home->prefix), home, &c))
        add(all, &c);
}

/* Which of several possible readings counts. */
static int choose(const Candidates *all, const char *digits, const ByoReadHow *how)
{
    const ByoHome *home = how->home;
    bool closed = byo_plan_closed(home->code) > 0;
    bool valid[1 + BYO_READ_OTHERS];

    if (all->n == 1 || (all->international && !closed && begins(digits, home->code)))
        return 0;
    for (int i = 0; i < all->n; i++)
        valid[i] = byo_phone_valid(all->of[i].digits, all->of[i].code);
    int first_national = all->international ? 1 : 0;
    if (how->ton == TON_NATIONAL && all->literal && (closed || !all->international || !valid[0]))
        return first_national;
    int best = all->international && how->inbound && closed ? first_national : 0;
    for (int i = 0; i < all->n && !valid[best]; i++)
        if (valid[i])
            best = i;
    return best;
}

/* Of the home country's own calling code the other reading counts only where it alone is a number in use. */
static bool covered(const Candidates *all, int chosen, int i, const char *digits, const ByoHome *home)
{
    if (!(chosen == 0 && all->international && begins(digits, home->code)))
        return true;
    return !byo_phone_valid(all->of[chosen].digits, all->of[chosen].code) &&
           byo_phone_valid(all->of[i].digits, all->of[i].code);
}

/* The calling code of a closed plan, and as many digits behind it as its numbers have: nothing else is possible. */
static bool says_closed(const ByoWritten *w, const ByoHome *home)
{
    size_t closed = byo_plan_closed(home->code);

    return closed > 0 && w->n == strlen(home->code) + closed && begins(w->digits, home->code);
}

static ByoReadKind bare(const ByoWritten *w, const ByoReadHow *how, ByoReading *r)
{
    Candidates all;
    Candidate c;

    if (!how->home || !how->home->country[0])
        return international(w->digits, w->n, &c) ? phone(&c, r) : BYO_READ_NOTHING;
    if (w->digits[0] == '0')
        return dialled(w->digits, how->home, r);
    if (says_closed(w, how->home) && international(w->digits, w->n, &c))
        return phone(&c, r);
    gather(w->digits, w->n, how->home, &all);
    if (all.n == 0)
        return BYO_READ_NOTHING;
    int chosen = choose(&all, w->digits, how);
    for (int i = 0; how->inbound && i < all.n; i++)
        if (i != chosen && covered(&all, chosen, i, w->digits, how->home))
            also(&all.of[chosen], &all.of[i], r);
    return phone(&all.of[chosen], r);
}

ByoReadKind byo_read(ByoStr text, const ByoReadHow *how, ByoReading *r)
{
    ByoWritten w;
    Candidate c;

    r->e164[0] = 0;
    r->n_others = 0;
    if (!byo_address_written(text, how->manner, &w))
        return BYO_READ_NOTHING;
    /* No calling code begins with 0: an MO that says so is national all the same. */
    bool abroad = w.international || how->ton == TON_INTERNATIONAL;
    if (abroad && !(how->inbound && w.digits[0] == '0'))
        return international(w.digits, w.n, &c) ? phone(&c, r) : BYO_READ_NOTHING;
    if (!abroad && w.n <= SHORT_MAX && how->ton != TON_NATIONAL) {
        if (w.n < BYO_SHORT_CODE_MIN)
            return BYO_READ_NOTHING;
        memcpy(r->e164, w.digits, w.n + 1);
        return BYO_READ_SHORT_CODE;
    }
    return bare(&w, how, r);
}

bool byo_read_phone_digits(ByoStr text, char digits_r[BYO_ADDRESS_MAX])
{
    ByoReadHow how = {.manner = BYO_MANNER_PEOPLE, .ton = BYO_TON_UNKNOWN};
    ByoReading r;
    bool good = byo_read(text, &how, &r) == BYO_READ_PHONE;

    strcpy(digits_r, good ? r.e164 + 1 : "");
    return good;
}

/* A short code has any length up to that of a phone: which are allowed is the import's business. */
bool byo_read_digits(ByoStr text, char digits_r[BYO_ADDRESS_MAX])
{
    ByoWritten w;

    if (byo_read_phone_digits(text, digits_r))
        return true;
    bool good = byo_address_written(text, BYO_MANNER_PEOPLE, &w) && w.n >= BYO_SHORT_CODE_MIN &&
                w.n <= BYO_SHORT_CODE_MAX;
    strcpy(digits_r, good ? w.digits : "");
    return good;
}

int byo_read_national(const char *digits, const ByoHome *home, char out[BYO_READ_NATIONAL][BYO_ADDRESS_MAX])
{
    size_t code = byo_plan_code(digits);
    int n = 0;

    if (code == 0 || strlen(home->code) != code || strncmp(digits, home->code, code) != 0 ||
        strlen(digits + code) <= SHORT_MAX)
        return 0;
    strcpy(out[n++], digits + code);
    if (home->prefix[0] &&
        (size_t)snprintf(out[n], BYO_ADDRESS_MAX, "%s%s", home->prefix, digits + code) < BYO_ADDRESS_MAX)
        n++;
    return n;
}

void byo_read_probably(const char *digits, const ByoHome *home, char e164_r[BYO_ADDRESS_MAX])
{
    static const ByoHome north_america = {"US", "1", "1"};
    const ByoHome *guesses[] = {home ? home : &north_america, &north_america, NULL};
    Candidate c;

    e164_r[0] = 0;
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++) {
        ByoReadHow how = {.ton = BYO_TON_UNKNOWN, .inbound = true, .home = guesses[i]};
        ByoReading r;
        bool good = byo_read(byo_str(digits), &how, &r) == BYO_READ_PHONE;
        c.code = good ? byo_plan_code(r.e164 + 1) : 0;
        /* A guess must be a number in use; the likely country and the digits as they stand need not. */
        if (good && (guesses[i] != &north_america || byo_phone_valid(r.e164 + 1, c.code))) {
            strcpy(e164_r, r.e164);
            return;
        }
    }
}
