/* SPDX-License-Identifier: BSD-3-Clause
 * How a text would leave, before it is sent (spec J4, D11): charset and segments by the encoder MTs go through, what the
 * other pairs of the list would give, and which characters keep it from an earlier one.
 * Decides: the answer's form; which stand-ins are worth showing. The text itself is never changed (promise 4).
 * Ownership and threads: api_private.h; an integration is looked at under the configuration's lock. */
#include "admin/api_private.h"

#include <stdlib.h>

#include "compliance/reading.h"
#include "encoding/stand_in.h"
#include "integration/error_map.h"

enum { TEXT_MAX = 128 * 1024, CHARACTERS_MAX = 1000, ID_MAX = 1000 };

typedef struct {
    ByoApiCall *c;
    ByoStr text;
    bool receives; /* the integration sends nothing */
    ByoJson *answer;
} Encode;

/* The list, one pair of it after the other, and what each does with the whole text. */
typedef struct {
    const ByoCharsetList *list;
    ByoEncodeOptions opt;
    ByoEncodeResult *results;
    size_t before; /* pairs in front of the one that is taken; all of them when none is */
    ByoEncoded each;
} Pairs;

static ByoEncodeResult by_pair(Pairs *p, size_t i, ByoStr text)
{
    ByoCharsetList one = {&p->list->pairs[i], 1};
    return byo_encode(&one, text, &p->opt, &p->each);
}

/* -- segments -----------------------------------------------------------------------------------------*/

/* Units of UTF-16 are its code units, whatever the limit counts. */
static int64_t units_of(const ByoEncoded *e, const ByoSegmentSlice *s)
{
    return byo_charset_is_utf16be(e->charset) ? s->units / 2 : s->units;
}

/* In the carrier's short_message, without a header: what bearerbox converts becomes an octet a unit. */
static int64_t octets_of(const ByoEncoded *e, const ByoCharsetPair *pair, const ByoSegmentSlice *s)
{
    return pair->carry == BYO_CARRY_OCTETS || byo_charset_is_packed(e->charset) ? (int64_t)s->length
                                                                                : s->units;
}

static const char *unit_of(const ByoEncoded *e)
{
    const ByoCharset *cs = e->charset;
    if (byo_charset_is_utf16be(cs))
        return "utf-16";
    return byo_charset_is_gsm(cs) || byo_charset_is_packed(cs) || e->locking || e->single ? "septet"
                                                                                          : "octet";
}

static ByoJson *segments_json(const ByoEncoded *e, const ByoCharsetPair *pair, ByoStr text)
{
    ByoJson *all = byo_json_array();
    for (size_t i = 0; i < e->n; i++) {
        const ByoSegmentSlice *s = &e->segments[i];
        ByoJson *j = byo_json_object();
        byo_json_set_str(j, "text", byo_strn(text.p + s->text_from, s->text_length));
        byo_json_set_int(j, "units", units_of(e, s));
        byo_json_set_int(j, "octets", octets_of(e, pair, s));
        byo_json_add(all, j);
    }
    return all;
}

static void set_refusal(ByoJson *j, ByoEncodeResult r)
{
    static const ByoOwnCause causes[] = {[BYO_ENCODE_NO_CHARSET] = BYO_OWN_NO_CHARSET,
                                         [BYO_ENCODE_TOO_LONG] = BYO_OWN_TOO_LONG,
                                         [BYO_ENCODE_BAD_TEXT] = BYO_OWN_BAD_DATA};
    ByoVerdict v = r == BYO_ENCODE_OK ? (ByoVerdict){0} : byo_verdict_own(causes[r]);
    byo_json_set_known(j, "code", v.cause ? (int64_t)v.code : -1);
    byo_json_set_z(j, "cause", v.cause);
    byo_json_set_z(j, "description", v.description);
}

/* -- the other pairs ----------------------------------------------------------------------------------*/

static const char *why_not(const ByoCharsetPair *pair, ByoEncodeResult r)
{
    if (r == BYO_ENCODE_OK)
        return NULL;
    if (pair->carry == BYO_CARRY_NO)
        return "bearerbox cannot carry it";
    return r == BYO_ENCODE_TOO_LONG ? "it takes more than 255 segments" : "it lacks characters of the text";
}

static ByoJson *other_json(const ByoCharsetPair *pair, ByoEncodeResult r, const ByoEncoded *e)
{
    ByoJson *j = byo_json_object();
    int64_t units = 0, octets = 0;
    for (size_t i = 0; r == BYO_ENCODE_OK && i < e->n; i++) {
        units += units_of(e, &e->segments[i]);
        octets += octets_of(e, pair, &e->segments[i]);
    }
    byo_json_set_z(j, "charset", byo_charset_name(pair->charset));
    byo_json_set_int(j, "dcs", pair->dcs);
    byo_json_set_bool(j, "fits", r == BYO_ENCODE_OK);
    byo_json_set_int(j, "segments", r == BYO_ENCODE_OK ? (int64_t)e->n : 0);
    byo_json_set_int(j, "units", units);
    byo_json_set_int(j, "octets", octets);
    byo_json_set_z(j, "why", why_not(pair, r));
    return j;
}

/* taken: the pair the text leaves by; list->n: none. */
static ByoJson *others_json(Pairs *p, ByoStr text, size_t taken)
{
    ByoJson *all = byo_json_array();
    for (size_t i = 0; i < p->list->n; i++) {
        p->results[i] = by_pair(p, i, text);
        if (i != taken)
            byo_json_add(all, other_json(&p->list->pairs[i], p->results[i], &p->each));
    }
    return all;
}

/* -- characters that keep it from an earlier pair -------------------------------------------------------*/

/* Whether a pair the text was kept from has this. */
static bool helps(Pairs *p, ByoStr text)
{
    for (size_t i = 0; i < p->before; i++)
        if (p->results[i] == BYO_ENCODE_NO_CHARSET && by_pair(p, i, text) == BYO_ENCODE_OK)
            return true;
    return false;
}

/* Whether the text was kept from pair i by this, among others. */
static bool lacks(Pairs *p, size_t i, ByoStr character)
{
    return p->results[i] == BYO_ENCODE_NO_CHARSET && p->list->pairs[i].carry != BYO_CARRY_NO &&
           by_pair(p, i, character) != BYO_ENCODE_OK;
}

/* The pair one would rather have: the first that bearerbox carries. p->before: the text leaves by it. */
static size_t wanted(const Pairs *p)
{
    size_t i = 0;
    while (i < p->before && p->list->pairs[i].carry == BYO_CARRY_NO)
        i++;
    return i;
}

static ByoJson *missing_json(Pairs *p, ByoStr character)
{
    ByoJson *in = byo_json_array();
    for (size_t i = 0; i < p->before; i++) {
        if (!lacks(p, i, character))
            continue;
        ByoJson *pair = byo_json_object();
        byo_json_set_int(pair, "dcs", p->list->pairs[i].dcs);
        byo_json_set_z(pair, "charset", byo_charset_name(p->list->pairs[i].charset));
        byo_json_add(in, pair);
    }
    return in;
}

typedef struct {
    Pairs *p;
    ByoJson *texts;
} StandIns;

static void stand_in(void *arg, ByoStr text)
{
    StandIns *s = arg;
    if (helps(s->p, text))
        byo_json_add_str(s->texts, text);
}

/* What may be written as one character with the mark behind it; absent: it may not. */
static ByoStr composed(ByoStr text, size_t from, size_t end, ByoBuf *buf)
{
    size_t at = from;
    uint32_t letter = byo_utf8_next(text, &at);
    uint32_t one = end < text.n ? byo_composed(letter, byo_utf8_next(text, &end)) : 0;
    byo_buf_clear(buf);
    if (!one)
        return BYO_STR_NONE;
    byo_utf8_add(buf, one);
    return byo_buf_str(buf);
}

static ByoJson *character_json(Pairs *p, ByoStr character, size_t offset, ByoStr instead)
{
    ByoJson *j = byo_json_object();
    StandIns s = {p, byo_json_array()};
    size_t at = 0;
    byo_json_set_str(j, "character", character);
    byo_json_set_int(j, "offset", (int64_t)offset);
    byo_json_set(j, "missingIn", missing_json(p, character));
    if (instead.p)
        byo_json_add_str(s.texts, instead);
    else
        byo_stand_ins(byo_utf8_next(character, &at), stand_in, &s);
    byo_json_set(j, "standIns", s.texts);
    return j;
}

/* A letter and its mark are one character here, where there is one for both. */
static void set_characters(ByoJson *answer, Pairs *p, ByoStr text)
{
    ByoJson *all = byo_json_array();
    ByoBuf buf = {0};
    size_t offset = 0, found = 0, first = wanted(p);
    for (size_t from = 0, to = 0; first < p->before && from < text.n; from = to, offset++) {
        byo_utf8_next(text, &to);
        size_t end = to, at = offset;
        ByoStr instead = composed(text, from, to, &buf);
        if (instead.p && helps(p, instead)) {
            byo_utf8_next(text, &end);
            offset++;
        } else {
            instead = BYO_STR_NONE;
        }
        to = end;
        ByoStr character = byo_strn(text.p + from, end - from);
        if (lacks(p, first, character) && found++ < CHARACTERS_MAX)
            byo_json_add(all, character_json(p, character, at, instead));
    }
    byo_json_set(answer, "characters", all);
    byo_json_set_int(answer, "charactersTotal", (int64_t)found);
    byo_buf_free(&buf);
}

/* -- the call -----------------------------------------------------------------------------------------*/

static void encode(void *arg, const ByoIntegration *i)
{
    Encode *en = arg;
    en->receives = !byo_integration_transmits(i);
    if (en->receives)
        return;
    Pairs p = {.list = &i->advanced->charsets, .opt = byo_integration_encode_options(i)};
    ByoEncoded e = {0};
    ByoEncodeResult r = byo_encode(p.list, en->text, &p.opt, &e);
    bool fine = r == BYO_ENCODE_OK;
    const ByoCharsetPair *pair = fine ? &p.list->pairs[e.pair] : NULL;
    p.before = fine ? e.pair : p.list->n;
    p.results = byo_zalloc((p.list->n + 1) * sizeof *p.results);
    ByoJson *j = en->answer = byo_json_object();
    byo_json_set_z(j, "integration", i->id);
    byo_json_set_z(j, "charset", fine ? byo_charset_name(pair->charset) : NULL);
    byo_json_set_known(j, "dcs", fine ? (int)pair->dcs : -1);
    byo_json_set_z(j, "unit", fine ? unit_of(&e) : NULL);
    byo_json_set(j, "segments", fine ? segments_json(&e, pair, en->text) : byo_json_array());
    set_refusal(j, r);
    byo_json_set(j, "others", others_json(&p, en->text, p.before));
    set_characters(j, &p, en->text);
    free(p.results);
    byo_encoded_free(&p.each);
    byo_encoded_free(&e);
}

/* The integration's id, of the number when that is given. False: answered. */
static bool integration_of(ByoApiCall *c, ByoStr integration, ByoStr number, char id[BYO_ID_MAX + 1])
{
    char digits[BYO_ADDRESS_MAX];
    ByoNumberRow row;
    if (number.p && integration.p) {
        byo_api_error(c, 422, "integration-and-number", "number",
                      "Either integration or number is given, not both: a number has its integration.");
        return false;
    }
    if (!number.p && !integration.p) {
        byo_api_error(c, 422, "integration-missing", "integration", "An integration or a number is needed.");
        return false;
    }
    if (number.p && !byo_read_digits(number, digits)) {
        byo_api_error(c, 422, "bad-number", "number",
                      "number is no number such as +12025550100, and no short code.");
        return false;
    }
    if (number.p && byo_store_number(c->api->reader, byo_str(digits), &row) != BYO_STORE_OK) {
        byo_api_error(c, 422, "number-missing", "number", "This number is not in the inventory.");
        return false;
    }
    ByoStr of = number.p ? row.integration : integration;
    size_t n = of.n <= BYO_ID_MAX ? of.n : 0; /* a longer one is nobody's */
    memcpy(id, of.p ? of.p : "", n);
    id[n] = 0;
    return true;
}

static void answer(ByoApiCall *c, ByoStr text, ByoStr integration, ByoStr number)
{
    Encode en = {.c = c, .text = text};
    char id[BYO_ID_MAX + 1];
    if (!text.p) {
        byo_api_error(c, 422, "text-missing", "text", "A text is needed; it may be empty.");
        return;
    }
    if (!integration_of(c, integration, number, id))
        return;
    const char *field = number.p ? "number" : "integration";
    if (!c->api->actions->integration_look(c->api->actions->arg, byo_str(id), encode, &en))
        byo_api_error(c, 422, "integration-missing", field,
                      number.p ? "The number's integration has no group in the configuration."
                               : "There is no such integration.");
    else if (en.receives)
        byo_api_error(c, 422, "integration-receives", field, "This integration only receives.");
    else
        byo_api_json(c, 200, en.answer);
}

void byo_api_encode(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL}, *const members[] = {"text", "integration", "number", NULL};
    ByoJsonDoc *doc = byo_api_params(c, allowed) ? byo_api_body(c, 4) : NULL;
    if (!doc)
        return;
    ByoStr value[3] = {{0}, {0}, {0}};
    ByoJsonAt root = byo_json_root(doc);
    if (byo_json_want_object(&root, members))
        for (int i = 0; i < 3; i++) {
            ByoJsonAt at = byo_json_member(&root, members[i]);
            byo_json_want_str(&at, 0, i == 0 ? TEXT_MAX : ID_MAX, &value[i]);
        }
    if (!byo_api_body_bad(c, doc))
        answer(c, value[0], value[1], value[2]);
    byo_json_close(doc);
}
