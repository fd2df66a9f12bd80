/* SPDX-License-Identifier: BSD-3-Clause
 * Judges imports of numbers: one refusal, one code, one sentence for each kind (spec N5).
 * Ownership: see the header. Threads: see the header. */
#include "compliance/number.h"

#include <stdio.h>
#include <stdlib.h>

#include "compliance/fault.h"
#include "compliance/number_type.h"
#include "compliance/plan.h"
#include "compliance/reading.h"

static const char *const type_names[] = {"local", "mobile", "toll-free", "short-code"};

const char *byo_number_type_name(ByoNumberType type)
{
    return (unsigned)type < 4 ? type_names[type] : "";
}

bool byo_number_type_parse(ByoStr name, ByoNumberType *type_r)
{
    for (int t = 0; t < 4; t++) {
        size_t i = 0;
        if (name.n != strlen(type_names[t]))
            continue;
        for (; i < name.n; i++) {
            char c = name.p[i] == ' ' || name.p[i] == '_' ? '-' : name.p[i];
            if (c >= 'A' && c <= 'Z')
                c = (char)(c + ('a' - 'A'));
            if (c != type_names[t][i])
                break;
        }
        if (i == name.n) {
            *type_r = (ByoNumberType)t;
            return true;
        }
    }
    return false;
}

const char *byo_number_text(const ByoNumber *n, char buf[BYO_ADDRESS_MAX])
{
    snprintf(buf, BYO_ADDRESS_MAX, "%s%.20s", n->type == BYO_NUMBER_SHORT_CODE ? "" : "+", n->digits);
    return buf;
}

void byo_number_free(ByoNumber *n)
{
    if (!n)
        return;
    byo_compliance_free(&n->compliance);
    *n = (ByoNumber){0};
}

static const struct {
    const char *code;
    bool conflict;
} refusals[] = {
    [BYO_REFUSE_NONE] = {"", false},
    [BYO_REFUSE_INTEGRATION_MISSING] = {"integration-missing", false},
    [BYO_REFUSE_COMPLIANCE_MISSING] = {"compliance-missing", false},
    [BYO_REFUSE_TYPE_MISMATCH] = {"type-mismatch", false},
    [BYO_REFUSE_COUNTRY_MISMATCH] = {"country-mismatch", false},
    [BYO_REFUSE_INTEGRATION_RECEIVES] = {"integration-receives", false},
    [BYO_REFUSE_IMPORT_IN_PROGRESS] = {"import-in-progress", true},
    [BYO_REFUSE_NUMBER_TAKEN] = {"number-taken", true},
};

const char *byo_refusal_code(ByoRefusal r)
{
    return refusals[r].code;
}

bool byo_refusal_is_conflict(ByoRefusal r)
{
    return refusals[r].conflict;
}

/* -- the rules one by one; each writes its sentence ----------------------------------------------*/

static ByoRefusal check_integration(const ByoNumberRequest *req, bool known, ByoComplianceFault *fault_r)
{
    char quoted[BYO_QUOTE_BYTES];

    if (req->integration.n == 0)
        byo_compliance_fault(fault_r, "integration", "No integration is named.");
    else if (!known || req->integration.n >= BYO_NUMBER_ID_MAX)
        byo_compliance_fault(fault_r, "integration", "There is no integration \"%s\".",
                             byo_compliance_quote(req->integration, quoted));
    else
        return BYO_REFUSE_NONE;
    return BYO_REFUSE_INTEGRATION_MISSING;
}

static bool type_fits(ByoNumberType asked, ByoPhoneType is)
{
    switch (is) {
    case BYO_PHONE_UNKNOWN:
    case BYO_PHONE_OTHER:
        return true;
    case BYO_PHONE_FIXED:
        return asked == BYO_NUMBER_LOCAL;
    case BYO_PHONE_MOBILE:
        return asked == BYO_NUMBER_MOBILE;
    case BYO_PHONE_FIXED_OR_MOBILE:
        return asked != BYO_NUMBER_TOLL_FREE;
    case BYO_PHONE_TOLL_FREE:
        return asked == BYO_NUMBER_TOLL_FREE;
    case BYO_PHONE_PREMIUM:
        return false;
    }
    return true;
}

static const char *phone_type_words(ByoPhoneType type)
{
    switch (type) {
    case BYO_PHONE_FIXED:
        return "a local (fixed line) number";
    case BYO_PHONE_MOBILE:
        return "a mobile number";
    case BYO_PHONE_FIXED_OR_MOBILE:
        return "a local or mobile number";
    case BYO_PHONE_TOLL_FREE:
        return "a toll-free number";
    case BYO_PHONE_PREMIUM:
        return "a premium rate number, which no type here allows";
    default:
        return "of another type";
    }
}

bool byo_short_codes_parse(ByoStr text, ByoShortCodes *codes_r)
{
    const char *dash = text.n ? memchr(text.p, '-', text.n) : NULL;
    ByoStr first = byo_strn(text.p, dash ? (size_t)(dash - text.p) : text.n);
    ByoStr last = dash ? byo_strn(dash + 1, text.n - first.n - 1) : first;
    int64_t min, max;

    if (!byo_str_int(first, &min) || !byo_str_int(last, &max) || min < BYO_SHORT_CODE_MIN || max < min ||
        max > BYO_SHORT_CODE_MAX)
        return false;
    *codes_r = (ByoShortCodes){(int)min, (int)max};
    return true;
}

enum { WORDS_MAX = 32 }; /* two numbers, whatever they are */

/* "5 or 6", "3 to 8", "5". */
static const char *short_code_words(ByoShortCodes c, char buf[WORDS_MAX])
{
    if (c.min == c.max)
        snprintf(buf, WORDS_MAX, "%d", c.min);
    else
        snprintf(buf, WORDS_MAX, "%d %s %d", c.min, c.max == c.min + 1 ? "or" : "to", c.max);
    return buf;
}

static ByoShortCodes short_codes_of(const ByoNumberRequest *req)
{
    return req->short_codes.min ? req->short_codes : (ByoShortCodes){5, 6};
}

static bool can_be_short_code(const ByoNumberRequest *req, const ByoWritten *w)
{
    ByoShortCodes c = short_codes_of(req);
    return !w->international && (int)w->n >= c.min && (int)w->n <= c.max;
}

bool byo_number_is_long(ByoStr digits)
{
    char e164[BYO_ADDRESS_MAX + 1];
    ByoPhone phone;

    if (digits.n < BYO_E164_MIN || digits.n > BYO_SHORT_CODE_MAX)
        return digits.n >= BYO_E164_MIN;
    snprintf(e164, sizeof e164, "+%.*s", BYO_PF(digits));
    byo_phone_look(e164, &phone);
    return phone.possible == BYO_PHONE_POSSIBLE;
}

static ByoRefusal check_short_code(const ByoNumberRequest *req, const ByoWritten *w,
                                   ByoComplianceFault *fault_r)
{
    char quoted[BYO_QUOTE_BYTES], words[WORDS_MAX];

    if (can_be_short_code(req, w))
        return BYO_REFUSE_NONE;
    byo_compliance_fault(fault_r, "number", "\"%s\" is no short code: a short code is %s digits without '+'.",
                         byo_compliance_quote(req->number, quoted),
                         short_code_words(short_codes_of(req), words));
    return BYO_REFUSE_TYPE_MISMATCH;
}

/* Plans grow faster than libphonenumber: only what is too short for its country is surely mistyped, and what is
 * too long for a closed plan. */
static const char *length_fault(const char *e164, const ByoPhone *phone)
{
    char code[8];

    snprintf(code, sizeof code, "%d", phone->calling_code);
    switch (phone->possible) {
    case BYO_PHONE_BAD_COUNTRY_CODE:
        return "no country has its calling code; write the whole international number (E.164)";
    case BYO_PHONE_TOO_SHORT:
        return "it is too short for its country";
    case BYO_PHONE_TOO_LONG:
    case BYO_PHONE_BAD_LENGTH:
        return byo_plan_closed(code) && !byo_plan_grew(e164 + 1) ? "no number of its country has this length"
                                                                 : NULL;
    case BYO_PHONE_POSSIBLE:
        break;
    }
    return NULL;
}

static ByoRefusal check_long(ByoNumberType type, const char *e164, ByoComplianceFault *fault_r)
{
    ByoPhone phone;

    byo_phone_look(e164, &phone);
    const char *why = length_fault(e164, &phone);
    if (why) {
        byo_compliance_fault(fault_r, "number", "%s is no telephone number: %s.", e164, why);
        return BYO_REFUSE_TYPE_MISMATCH;
    }
    if (!type_fits(type, phone.type)) {
        byo_compliance_fault(fault_r, "type", "%s is %s, not %s.", e164, phone_type_words(phone.type),
                             byo_number_type_name(type));
        return BYO_REFUSE_TYPE_MISMATCH;
    }
    return BYO_REFUSE_NONE;
}

static ByoRefusal no_number(const ByoNumberRequest *req, ByoComplianceFault *fault_r)
{
    char quoted[BYO_QUOTE_BYTES], words[WORDS_MAX];
    ByoStr typed = req->number;

    if (typed.n == 0)
        byo_compliance_fault(fault_r, "number", "No number is given.");
    else
        byo_compliance_fault(fault_r, "number",
                             "\"%s\" is no number: E.164 such as +12025550100 is needed, or a short "
                             "code of %s digits.",
                             byo_compliance_quote(typed, quoted),
                             short_code_words(short_codes_of(req), words));
    return BYO_REFUSE_TYPE_MISMATCH;
}

/* Bare digits without a country: whose would they be? */
static ByoRefusal no_country(const ByoWritten *w, ByoComplianceFault *fault_r)
{
    char meant[BYO_ADDRESS_MAX];

    byo_read_probably(w->digits, NULL, meant);
    if (meant[0])
        byo_compliance_fault(
            fault_r, "number",
            "%s does not say of which country it is: is %s meant? Write it with '+', or name the "
            "country.",
            w->digits, meant);
    else
        byo_compliance_fault(
            fault_r, "number",
            "%s does not say of which country it is: write the whole international number with "
            "'+', such as +12025550100, or name the country.",
            w->digits);
    return BYO_REFUSE_TYPE_MISMATCH;
}

/* A long number's E.164 form: written with '+' or 00, or digits read against the country. */
static ByoRefusal read_long(const ByoNumberRequest *req, const ByoWritten *w, ByoNumberType type,
                            char e164_r[BYO_ADDRESS_MAX], ByoComplianceFault *fault_r)
{
    ByoHome home = {.country = ""};
    ByoReadHow how = {.manner = BYO_MANNER_PEOPLE, .ton = BYO_TON_UNKNOWN, .home = &home};
    ByoReading r;
    char country[3], plus[BYO_ADDRESS_MAX + 1], words[WORDS_MAX];

    if (!w->international && w->n < BYO_E164_MIN) {
        byo_compliance_fault(fault_r, "number",
                             "%s is too short for a %s number: the whole international number is needed "
                             "(E.164, %d to %d digits)%s%s%s.",
                             w->digits, byo_number_type_name(type), BYO_E164_MIN, BYO_E164_MAX,
                             can_be_short_code(req, w) ? "; " : "",
                             can_be_short_code(req, w) ? short_code_words(short_codes_of(req), words) : "",
                             can_be_short_code(req, w) ? " digits are a short-code" : "");
        return BYO_REFUSE_TYPE_MISMATCH;
    }
    if (!w->international && req->country.n == 0)
        return no_country(w, fault_r);
    if (!w->international && byo_country_parse(req->country, country))
        byo_home_make(country, &home);
    if (byo_read(req->number, &how, &r) == BYO_READ_PHONE) {
        memcpy(e164_r, r.e164, BYO_ADDRESS_MAX);
        return BYO_REFUSE_NONE;
    }
    snprintf(plus, sizeof plus, "+%.20s", w->digits);
    if (home.country[0])
        byo_compliance_fault(fault_r, "number", "%s is no telephone number of %s, nor an international one.",
                             w->digits, home.country);
    else if (w->n <= BYO_E164_MAX && w->n >= BYO_E164_MIN && byo_plan_code(w->digits) == 0)
        return check_long(type, plus, fault_r);
    else
        return no_number(req, fault_r);
    return BYO_REFUSE_TYPE_MISMATCH;
}

static ByoRefusal check_country(ByoStr typed, const ByoNumber *n, const char *e164, char country_r[3],
                                ByoComplianceFault *fault_r)
{
    char quoted[BYO_QUOTE_BYTES];

    country_r[0] = 0;
    if (typed.n == 0) {
        if (n->type != BYO_NUMBER_SHORT_CODE)
            return BYO_REFUSE_NONE;
        byo_compliance_fault(fault_r, "country",
                             "A short code needs its country (two letters of ISO 3166, such as US).");
        return BYO_REFUSE_COUNTRY_MISMATCH;
    }
    if (!byo_country_parse(typed, country_r)) {
        byo_compliance_fault(fault_r, "country",
                             "\"%s\" is no country; two letters of ISO 3166 are needed, such as US.",
                             byo_compliance_quote(typed, quoted));
        return BYO_REFUSE_COUNTRY_MISMATCH;
    }
    if (n->type == BYO_NUMBER_SHORT_CODE || byo_phone_in_country(e164, country_r))
        return BYO_REFUSE_NONE;
    ByoPhone phone;
    byo_phone_look(e164, &phone);
    if (strcmp(phone.region, "001") == 0)
        byo_compliance_fault(fault_r, "country",
                             "%s is an international number of no country; leave the country out.", e164);
    else
        byo_compliance_fault(fault_r, "country", "%s is not a number of %s%s%s.", e164, country_r,
                             phone.region[0] ? "; it belongs to " : "", phone.region);
    return BYO_REFUSE_COUNTRY_MISMATCH;
}

ByoRefusal byo_number_check(const ByoNumberRequest *req, bool integration_known, ByoNumber *n_r,
                            ByoComplianceFault *fault_r)
{
    static const ByoCompliance none;
    ByoNumber n = {0};
    char e164[BYO_ADDRESS_MAX] = "", quoted[BYO_QUOTE_BYTES];
    ByoWritten w;
    const ByoCompliance *texts = req->compliance ? req->compliance : &none;

    *n_r = n;
    ByoRefusal r = check_integration(req, integration_known, fault_r);
    if (r)
        return r;
    if (!byo_address_written(req->number, BYO_MANNER_PEOPLE, &w))
        return no_number(req, fault_r);
    if (!byo_number_type_parse(req->type, &n.type)) {
        byo_compliance_fault(fault_r, "type",
                             req->type.n ? "\"%s\" is no type; it is local, mobile, toll-free or short-code."
                                         : "No type is given%s; it is local, mobile, toll-free or "
                                           "short-code.",
                             req->type.n ? byo_compliance_quote(req->type, quoted) : "");
        return BYO_REFUSE_TYPE_MISMATCH;
    }
    bool short_code = n.type == BYO_NUMBER_SHORT_CODE;
    r = short_code ? check_short_code(req, &w, fault_r) : read_long(req, &w, n.type, e164, fault_r);
    if (!r && !short_code)
        r = check_long(n.type, e164, fault_r);
    if (r)
        return r;
    snprintf(n.digits, sizeof n.digits, "%s", short_code ? w.digits : e164 + 1);
    r = check_country(req->country, &n, e164, n.country, fault_r);
    if (!r && !byo_compliance_check(texts, short_code, fault_r))
        r = BYO_REFUSE_COMPLIANCE_MISSING;
    if (r)
        return r;
    memcpy(n.integration, req->integration.p, req->integration.n);
    byo_compliance_copy(&n.compliance, texts);
    *n_r = n;
    return BYO_REFUSE_NONE;
}

ByoRefusal byo_number_receiver(ByoStr integration, const char *transmitter, ByoComplianceFault *fault_r)
{
    if (transmitter[0])
        byo_compliance_fault(
            fault_r, "integration",
            "The integration \"%.*s\" only receives; import the number into \"%s\", which it "
            "receives for.",
            BYO_PF(integration), transmitter);
    else
        byo_compliance_fault(fault_r, "integration",
                             "The integration \"%.*s\" only receives; import the number into the integration "
                             "that sends for this account, and name that one in receives-for of \"%.*s\".",
                             BYO_PF(integration), BYO_PF(integration));
    return BYO_REFUSE_INTEGRATION_RECEIVES;
}

ByoRefusal byo_number_admit(const ByoNumber *n, ByoStr owner, bool in_progress, ByoComplianceFault *fault_r)
{
    char text[BYO_ADDRESS_MAX], quoted[BYO_QUOTE_BYTES];

    byo_number_text(n, text);
    if (in_progress) {
        byo_compliance_fault(fault_r, "number", "An import of %s is already in progress.", text);
        return BYO_REFUSE_IMPORT_IN_PROGRESS;
    }
    if (!owner.p)
        return BYO_REFUSE_NONE;
    if (byo_str_is(owner, n->integration))
        byo_compliance_fault(fault_r, "number", "%s is in the inventory of integration %s already.", text,
                             n->integration);
    else
        byo_compliance_fault(fault_r, "number", "%s belongs to another integration (%s).", text,
                             byo_compliance_quote(owner, quoted));
    return BYO_REFUSE_NUMBER_TAKEN;
}

ByoRefusal byo_number_change(const ByoNumber *n, const ByoCompliance *texts, ByoComplianceFault *fault_r)
{
    return byo_compliance_check(texts, n->type == BYO_NUMBER_SHORT_CODE, fault_r)
               ? BYO_REFUSE_NONE
               : BYO_REFUSE_COMPLIANCE_MISSING;
}

/* -- imports in progress -------------------------------------------------------------------------*/

struct ByoImports {
    char (*digits)[BYO_ADDRESS_MAX];
    size_t n, cap;
};

ByoImports *byo_imports_create(void)
{
    return byo_zalloc(sizeof(ByoImports));
}

static size_t find_import(const ByoImports *i, const char *digits)
{
    size_t at = 0;

    while (at < i->n && strcmp(i->digits[at], digits) != 0)
        at++;
    return at;
}

bool byo_imports_begin(ByoImports *i, const char *digits)
{
    if (find_import(i, digits) < i->n)
        return false;
    if (i->n == i->cap) {
        i->cap = i->cap ? 2 * i->cap : 8;
        i->digits = byo_realloc(i->digits, i->cap * sizeof *i->digits);
    }
    snprintf(i->digits[i->n++], BYO_ADDRESS_MAX, "%s", digits);
    return true;
}

void byo_imports_end(ByoImports *i, const char *digits)
{
    size_t at = find_import(i, digits);

    if (at < i->n && at != --i->n)
        memcpy(i->digits[at], i->digits[i->n], BYO_ADDRESS_MAX);
}

void byo_imports_destroy(ByoImports *i)
{
    if (!i)
        return;
    free(i->digits);
    free(i);
}
