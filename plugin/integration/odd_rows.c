/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: the warnings of a row, in sentences.
 * Ownership and threads: odd_rows.h. */
#include "integration/odd_rows.h"

#include "base/features.h"

#define STATUS_MAX UINT32_MAX /* command_status has 4 octets (SMPP 3.4 3.2) */

#define N(a) (sizeof(a) / sizeof((a)[0]))

#define WARN_KEY(entry, ...) byo_json_fault(entry, BYO_FAULT_WARNING, true, __VA_ARGS__)

static bool one_of(const char *word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

/* A submit is answered by a number of 32 bits, other than 0 when it is refused. */
static bool refusal_number(const char *key)
{
    int64_t value;

    return byo_str_int(byo_str(key), &value) && value > 0 && value <= STATUS_MAX;
}

/* Stock bearerbox takes these for passing and tells "Retries Exceeded" in their place (host H8). */
static bool hidden_by_stock(const char *key)
{
    static const char *const hidden[] = {"8", "20", "88", "100"};

    return one_of(key, hidden, N(hidden));
}

static void never_matches(const ByoJsonAt *entry, ByoMapScope scope, const char *key, unsigned features)
{
    bool in_receipt = scope != BYO_MAP_SUBMIT && !strpbrk(key, " \t"); /* an err ends at the first blank */
    bool at_submit = scope != BYO_MAP_RECEIPT && refusal_number(key);
    bool hidden = at_submit && hidden_by_stock(key) && !(features & BYO_FEATURE_SUBMIT_STATUS);

    if (hidden && !in_receipt)
        WARN_KEY(entry,
                 "this row can never match: stock bearerbox hides the submit statuses 8, 20, 88 and 100 "
                 "(the patch submit-status shows them: bearerbox-features = submit-status)");
    else if (hidden)
        WARN_KEY(
            entry,
            "as a submit error this row can never match, it counts for receipts only: stock bearerbox hides "
            "the submit statuses 8, 20, 88 and 100 (the patch submit-status shows them: "
            "bearerbox-features = submit-status)");
    else if (!at_submit && !in_receipt)
        WARN_KEY(entry, scope == BYO_MAP_SUBMIT
                            ? "this row can never match: a refused submit is answered by a number from 1 to "
                              "4294967295, so this code never comes"
                            : "this row can never match: the err of a receipt holds no blank");
}

/* What the code says against what the cause says; sets of causes (spec J7). */
static void contradicts(const ByoJsonAt *entry, ByoCode code, const char *cause)
{
    static const char *const successes[] = {"DELIVERED"};
    static const char *const interims[] = {"ACCEPTED",  "CARRIER_ACCEPTED", "ENROUTE",
                                           "FORWARDED", "PROCESSING",       "QUEUED"};
    bool failure = byo_code_explains_failure(code);
    bool success = one_of(cause, successes, N(successes)), interim = one_of(cause, interims, N(interims));
    ByoJsonAt at = byo_json_member(entry, "genericErrorCause");

    if (failure && (success || interim))
        byo_json_fault(&at, BYO_FAULT_WARNING, false, "code %d is a failure and %s is none: is it meant so?",
                       (int)code, cause);
    else if (code == BYO_CODE_SUCCESS && !success && !interim && strcmp(cause, "DEFAULT") != 0)
        byo_json_fault(&at, BYO_FAULT_WARNING, false,
                       "code 0 is a success and %s is a failure: is it meant so?", cause);
    else if (failure && code != BYO_CODE_EXPIRED && strcmp(cause, "EXPIRED") == 0)
        byo_json_fault(&at, BYO_FAULT_WARNING, false,
                       "the code of EXPIRED is 4 and this one is %d: is it meant so?", (int)code);
    else if (code == BYO_CODE_RETRYABLE && strcmp(cause, "RECIPIENT_OPTED_OUT") == 0)
        byo_json_fault(&at, BYO_FAULT_WARNING, false,
                       "code 2 sends the message again to a recipient who opted out: is it meant so?");
}

void byo_odd_row(const ByoJsonAt *entry, ByoMapScope scope, const char *key, ByoCode code, const char *cause,
                 unsigned features)
{
    never_matches(entry, scope, key, features);
    contradicts(entry, code, cause);
}

/* Letters and digits of a name, lower case; false: it is too long to be one of the table. */
static bool squeeze(ByoStr name, char *out, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (c == ' ' || c == '-' || c == '_' || c == '.')
            continue;
        if (n + 1 == size)
            return false;
        out[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    out[n] = 0;
    return true;
}

const char *byo_charset_meant(ByoStr name)
{
    static const struct {
        const char *written, *meant;
    } names[] = {
        {"ucs2", "UTF-16BE"},       {"ucs2be", "UTF-16BE"},       {"ucs2le", "UTF-16BE"},
        {"utf16", "UTF-16BE"},      {"utf16le", "UTF-16BE"},      {"unicode", "UTF-16BE"},
        {"unicodebig", "UTF-16BE"}, {"iso10646ucs2", "UTF-16BE"}, {"iso10646", "UTF-16BE"},
        {"csunicode", "UTF-16BE"},  {"gsm", "GSM_0338"},          {"gsm7", "GSM_0338"},
        {"gsm7bit", "GSM_0338"},    {"gsm0338", "GSM_0338"},      {"gsm338", "GSM_0338"},
    };
    char word[24];

    if (!squeeze(name, word, sizeof word))
        return NULL;
    for (size_t i = 0; i < N(names); i++)
        if (strcmp(word, names[i].written) == 0)
            return names[i].meant;
    return NULL;
}
