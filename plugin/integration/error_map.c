/* SPDX-License-Identifier: BSD-3-Clause
 * The carrier's error codes and what they mean: key form, table, verdicts (spec J1-J3, D3, D5-D7).
 * Ownership: a map owns copies of its texts; verdicts of byobox's own point at literals.
 * Threads: a map is filled by one thread, then read by any number; look-ups use no heap. */
#include "integration/error_map.h"
#include "base/text.h"
#include "base/hash.h"

#include <stdlib.h>

#define KEY_MAX 64 /* octets of a carrier's code */

typedef struct {
    ByoMapScope scope;
    uint32_t hash;
    size_t key_len;
    char *key;
    char *cause;
    char *description;
    ByoCode code;
    ByoMapOrigin origin;
} Entry;

/* Open addressing: a slot holds 1 + the entry's index, 0 is free; never more than half full. */
struct ByoErrorMap {
    Entry *entries;
    size_t n, cap;
    uint32_t *slots;
    size_t mask; /* number of slots - 1, a power of two less one */
    size_t in_scope[BYO_MAP_RECEIPT + 1];
};

/* ---- keys ---- */

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Hex digits only, in 64 bits. */
static bool hex_value(const char *p, size_t n, uint64_t *value_r)
{
    uint64_t value = 0;

    if (n == 0)
        return false;
    for (size_t i = 0; i < n; i++) {
        int digit = byo_hex_digit(p[i]);
        if (digit < 0 || value > UINT64_MAX >> 4)
            return false;
        value = value << 4 | (unsigned)digit;
    }
    *value_r = value;
    return true;
}

static size_t decimal(uint64_t value, char out[KEY_MAX + 1])
{
    char digits[20];
    size_t n = 0;

    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    for (size_t i = 0; i < n; i++)
        out[i] = digits[n - 1 - i];
    out[n] = 0;
    return n;
}

/* The key form; 0 when the code has none. */
static size_t key_form(ByoStr code, char out[KEY_MAX + 1])
{
    const char *p = code.p;
    size_t n = code.n;
    uint64_t value;

    while (n && *p == ' ')
        p++, n--;
    while (n && p[n - 1] == ' ')
        n--;
    if (n == 0 || n > KEY_MAX)
        return 0;
    bool is_hex = n > 2 && p[0] == '0' && upper(p[1]) == 'X';
    if (is_hex && hex_value(p + 2, n - 2, &value))
        return decimal(value, out);
    while (n > 1 && *p == '0')
        p++, n--;
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
            return 0;
        out[i] = upper(p[i]);
    }
    out[n] = 0;
    return n;
}

bool byo_error_key(ByoStr code, char *out, size_t n)
{
    char key[KEY_MAX + 1];
    size_t len = key_form(code, key);

    if (len == 0 || len >= n)
        return false;
    memcpy(out, key, len + 1);
    return true;
}

/* ---- the table ---- */

static uint32_t hash_key(ByoMapScope scope, const char *key, size_t n)
{
    return (uint32_t)byo_hash(byo_strn(key, n), scope);
}

/* The slot of this key, or the free one where it would stand. */
static size_t find_slot(const ByoErrorMap *map, ByoMapScope scope, const char *key, size_t n, uint32_t hash)
{
    size_t i = hash & map->mask;

    while (map->slots[i]) {
        const Entry *e = &map->entries[map->slots[i] - 1];
        if (e->hash == hash && e->scope == scope && e->key_len == n && memcmp(e->key, key, n) == 0)
            break;
        i = (i + 1) & map->mask;
    }
    return i;
}

static void grow(ByoErrorMap *map)
{
    map->cap *= 2;
    map->entries = byo_realloc(map->entries, map->cap * sizeof *map->entries);
    free(map->slots);
    map->mask = map->cap * 2 - 1;
    map->slots = byo_zalloc((map->mask + 1) * sizeof *map->slots);
    for (size_t k = 0; k < map->n; k++) {
        const Entry *e = &map->entries[k];
        map->slots[find_slot(map, e->scope, e->key, e->key_len, e->hash)] = (uint32_t)(k + 1);
    }
}

ByoErrorMap *byo_error_map_create(void)
{
    ByoErrorMap *map = byo_zalloc(sizeof *map);

    map->cap = 32;
    grow(map);
    return map;
}

void byo_error_map_destroy(ByoErrorMap *map)
{
    if (!map)
        return;
    for (size_t i = 0; i < map->n; i++) {
        free(map->entries[i].key);
        free(map->entries[i].cause);
        free(map->entries[i].description);
    }
    free(map->entries);
    free(map->slots);
    free(map);
}

void byo_error_map_set(ByoErrorMap *map, ByoMapOrigin origin, ByoMapScope scope, const char *key,
                       ByoCode code, const char *cause, const char *description)
{
    size_t len = strlen(key);
    uint32_t hash = hash_key(scope, key, len);
    size_t slot = find_slot(map, scope, key, len, hash);
    char *new_cause = byo_strdup(cause);
    char *new_description = byo_strdup(description ? description : "");
    Entry *e;

    if (map->slots[slot]) {
        e = &map->entries[map->slots[slot] - 1];
        if (scope == BYO_MAP_ANY && e->origin == BYO_MAP_BUILT_IN && e->code == code &&
            strcmp(e->cause, cause) == 0)
            origin = BYO_MAP_BUILT_IN;
        free(e->cause);
        free(e->description);
    } else {
        if (map->n == map->cap) {
            grow(map);
            slot = find_slot(map, scope, key, len, hash);
        }
        e = &map->entries[map->n++];
        *e = (Entry){.scope = scope, .hash = hash, .key_len = len, .key = byo_strdup(key)};
        map->slots[slot] = (uint32_t)map->n;
        map->in_scope[scope]++;
    }
    e->code = code;
    e->origin = origin;
    e->cause = new_cause;
    e->description = new_description;
}

size_t byo_error_map_count(const ByoErrorMap *map)
{
    return map->n;
}

static ByoVerdict entry_verdict(const Entry *e)
{
    return (ByoVerdict){e->code, e->cause, e->description, true};
}

static bool all_digits(const Entry *e)
{
    return strspn(e->key, "0123456789") == e->key_len;
}

/* Scope, then numbers by value (keys have no leading zeros: the shorter is the smaller), then words. */
static int compare_entries(const void *a, const void *b)
{
    const Entry *x = *(const Entry *const *)a, *y = *(const Entry *const *)b;

    if (x->scope != y->scope)
        return x->scope < y->scope ? -1 : 1;
    bool number = all_digits(x);
    if (number != all_digits(y))
        return number ? -1 : 1;
    if (number && x->key_len != y->key_len)
        return x->key_len < y->key_len ? -1 : 1;
    return strcmp(x->key, y->key);
}

void byo_error_map_each(const ByoErrorMap *map,
                        void (*visit)(void *arg, ByoMapScope scope, const char *key, const ByoVerdict *v),
                        void *arg)
{
    const Entry **sorted = byo_alloc((map->n + 1) * sizeof *sorted);

    for (size_t i = 0; i < map->n; i++)
        sorted[i] = &map->entries[i];
    qsort(sorted, map->n, sizeof *sorted, compare_entries);
    for (size_t i = 0; i < map->n; i++) {
        ByoVerdict v = entry_verdict(sorted[i]);
        visit(arg, sorted[i]->scope, sorted[i]->key, &v);
    }
    free(sorted);
}

static const Entry *find_in(const ByoErrorMap *map, ByoMapScope scope, const char *key, size_t n)
{
    if (map->in_scope[scope] == 0)
        return NULL;
    uint32_t at = map->slots[find_slot(map, scope, key, n, hash_key(scope, key, n))];
    return at ? &map->entries[at - 1] : NULL;
}

/* The scoped row, else the bare one; NULL: none. */
static const Entry *find_entry(const ByoErrorMap *map, ByoMapScope scope, ByoStr code)
{
    char key[KEY_MAX + 1];
    size_t n = key_form(code, key);
    const Entry *e = NULL;

    if (n == 0)
        return NULL;
    if (scope != BYO_MAP_ANY)
        e = find_in(map, scope, key, n);
    return e ? e : find_in(map, BYO_MAP_ANY, key, n);
}

bool byo_error_map_find(const ByoErrorMap *map, ByoMapScope scope, ByoStr code, ByoVerdict *v_r)
{
    const Entry *e = find_entry(map, scope, code);

    if (e)
        *v_r = entry_verdict(e);
    return e != NULL;
}

/* ---- verdicts ---- */

bool byo_code_explains_failure(ByoCode code)
{
    return code != BYO_CODE_SUCCESS && code != BYO_CODE_DEFERRED && code != BYO_CODE_ENROUTE &&
           code != BYO_CODE_ACCEPTED;
}

ByoVerdict byo_verdict_submit(const ByoErrorMap *map, ByoStr carrier_code)
{
    ByoVerdict v;

    if (carrier_code.n == 0)
        return (ByoVerdict){BYO_CODE_RETRYABLE, "OTHER_TEMPORARY_FAILURE",
                            "Refused for the moment; bearerbox does not tell the carrier's code", true};
    if (byo_error_map_find(map, BYO_MAP_SUBMIT, carrier_code, &v) && byo_code_explains_failure(v.code))
        return v;
    return (ByoVerdict){BYO_CODE_UNKNOWN_FAILURE, "DEFAULT", "The carrier's code stands in no map", false};
}

ByoVerdict byo_verdict_accepted(void)
{
    return (ByoVerdict){BYO_CODE_ACCEPTED, "CARRIER_ACCEPTED", "Accepted by the carrier", true};
}

/* What a state means by itself (spec D6). */
static const ByoVerdict state_verdicts[] = {
    [BYO_STATE_NONE] = {BYO_CODE_UNKNOWN, "DEFAULT", "The receipt names no state", true},
    [BYO_STATE_ENROUTE] = {BYO_CODE_ENROUTE, "ENROUTE", "On its way to the recipient", true},
    [BYO_STATE_DELIVERED] = {BYO_CODE_SUCCESS, "DELIVERED", "Delivered to the recipient", true},
    [BYO_STATE_EXPIRED] = {BYO_CODE_EXPIRED, "EXPIRED", "Expired at the carrier", true},
    [BYO_STATE_DELETED] = {BYO_CODE_PERMANENT, "OTHER_PERMANENT_FAILURE", "Deleted by the carrier", true},
    [BYO_STATE_UNDELIVERABLE] = {BYO_CODE_UNDELIVERABLE, "CARRIER_DELIVERY_FAILED",
                                 "The carrier could not deliver it", true},
    [BYO_STATE_ACCEPTED] = {BYO_CODE_ACCEPTED, "ACCEPTED", "Accepted on the recipient's behalf", true},
    [BYO_STATE_UNKNOWN] = {BYO_CODE_UNKNOWN, "DEFAULT", "The carrier does not know what became of it", true},
    [BYO_STATE_REJECTED] = {BYO_CODE_REJECTED, "OPERATION_NOT_ALLOWED", "Rejected by the carrier", true},
    [BYO_STATE_SCHEDULED] = {BYO_CODE_DEFERRED, "QUEUED", "Scheduled for later by the carrier", true},
    [BYO_STATE_BUFFERED] = {BYO_CODE_ENROUTE, "ENROUTE", "Buffered by the carrier", true},
};

static bool has_prefix(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* What a submit is refused for never befalls a message the carrier has taken: the same number in a receipt
 * is of another table. */
static bool only_at_submit(const char *cause)
{
    return has_prefix(cause, "MESSAGE_") || strstr(cause, "_ADDR_") || has_prefix(cause, "DATA_CODING_") ||
           has_prefix(cause, "PRIORITY_") || has_prefix(cause, "TIME_PERIOD_") ||
           has_prefix(cause, "AUTHENTICATION_") || strcmp(cause, "THROTTLED") == 0 ||
           strcmp(cause, "CARRIER_CONGESTED") == 0;
}

/* Whether the row says more of a final receipt than its state does. */
static bool row_counts(const Entry *e, ByoReceiptErrors rows, ByoReceiptState state)
{
    if (!byo_code_explains_failure(e->code))
        return false;
    if (e->origin == BYO_MAP_OWN)
        return true;
    return rows == BYO_RECEIPT_ALL_ROWS && state != BYO_STATE_EXPIRED && e->code != BYO_CODE_RETRYABLE &&
           !only_at_submit(e->cause);
}

static bool only_zeros(ByoStr err)
{
    char key[KEY_MAX + 1];

    return key_form(err, key) == 1 && key[0] == '0';
}

ByoVerdict byo_verdict_receipt(const ByoErrorMap *map, ByoReceiptErrors rows, ByoReceiptState state,
                               ByoStr err)
{
    ByoVerdict v = state_verdicts[state];

    switch (state) {
    case BYO_STATE_DELIVERED:
    case BYO_STATE_ENROUTE:
    case BYO_STATE_BUFFERED:
    case BYO_STATE_SCHEDULED:
    case BYO_STATE_ACCEPTED:
        return v;
    default:
        break;
    }
    if (err.n == 0)
        return v;
    const Entry *e = find_entry(map, BYO_MAP_RECEIPT, err);
    if (e && row_counts(e, rows, state))
        return entry_verdict(e);
    if (!e || (rows == BYO_RECEIPT_OWN_ROWS && e->origin == BYO_MAP_BUILT_IN))
        v.mapped = only_zeros(err);
    return v;
}

static const ByoVerdict own_verdicts[] = {
    [BYO_OWN_OPTED_OUT] = {BYO_CODE_REJECTED, "RECIPIENT_OPTED_OUT",
                           "The recipient has opted out of messages from this number", true},
    [BYO_OWN_NO_CHARSET] = {BYO_CODE_PERMANENT, "DATA_CODING_SCHEME_INVALID",
                            "No charset of the integration can carry the whole text", true},
    [BYO_OWN_TOO_LONG] = {BYO_CODE_PERMANENT, "MESSAGE_BODY_TOO_LONG",
                          "The message needs more segments than allowed", true},
    [BYO_OWN_BAD_DATA] = {BYO_CODE_PERMANENT, "MESSAGE_DATA_INVALID", "The message is malformed", true},
    [BYO_OWN_BAD_DESTINATION] = {BYO_CODE_PERMANENT, "DEST_ADDR_INVALID",
                                 "The recipient is not a phone number", true},
    [BYO_OWN_BAD_SOURCE] = {BYO_CODE_PERMANENT, "SOURCE_ADDR_INVALID",
                            "The sender is not a number of this integration", true},
    [BYO_OWN_NOT_ALLOWED] = {BYO_CODE_REJECTED, "OPERATION_NOT_ALLOWED", "Not allowed here", true},
    [BYO_OWN_EXPIRED] = {BYO_CODE_EXPIRED, "EXPIRED", "The message's validity ended before it was sent",
                         true},
    [BYO_OWN_NO_RECEIPT] = {BYO_CODE_UNKNOWN_FAILURE, "NETWORK_TIMEOUT", "No receipt came in time", true},
    [BYO_OWN_RETRIES_EXCEEDED] = {BYO_CODE_RETRYABLE, "OTHER_TEMPORARY_FAILURE",
                                  "All tries failed for a passing reason", true},
    [BYO_OWN_CANCELLED] = {BYO_CODE_PERMANENT, "OTHER_PERMANENT_FAILURE",
                           "Not sent: another segment of the message had failed", true},
    [BYO_OWN_DELETED] = {BYO_CODE_PERMANENT, "OTHER_PERMANENT_FAILURE",
                         "Not sent: the integration was deleted", true},
    [BYO_OWN_UNKNOWN_CANCELLED] =
        {BYO_CODE_UNKNOWN_FAILURE, "NETWORK_TIMEOUT",
         "outcome unknown: the carrier had not answered when another segment of the "
         "message failed",
         true},
    [BYO_OWN_UNKNOWN_DELETED] = {BYO_CODE_UNKNOWN_FAILURE, "NETWORK_TIMEOUT",
                                 "outcome unknown: the integration was deleted before the carrier answered",
                                 true},
};

ByoVerdict byo_verdict_own(ByoOwnCause cause)
{
    return own_verdicts[cause];
}

/* ---- bearerbox's NACK texts ---- */

static bool starts(ByoStr *s, ByoStr prefix)
{
    if (s->n < prefix.n || !byo_str_ieq(byo_strn(s->p, prefix.n), prefix))
        return false;
    s->p += prefix.n;
    s->n -= prefix.n;
    return true;
}

static bool ends(ByoStr s, ByoStr suffix)
{
    return s.n >= suffix.n && byo_str_ieq(byo_strn(s.p + s.n - suffix.n, suffix.n), suffix);
}

/* "0x%08lx" of a long that bearerbox reads from the PDU with its sign: 0x80000001 stands there as
 * 0xffffffff80000001 where a long has 64 bits. */
static bool nack_status(ByoStr s, uint32_t *status_r)
{
    uint64_t value;
    size_t n = 0;

    while (n < s.n && s.p[n] != '/')
        n++;
    if (!hex_value(s.p, n, &value))
        return false;
    if (value > UINT32_MAX && value < UINT64_C(0xffffffff80000000))
        return false;
    *status_r = (uint32_t)value;
    return true;
}

ByoNack byo_nack_parse(ByoStr msgdata, uint32_t *status_r)
{
    ByoStr s = msgdata;

    *status_r = 0;
    if (!starts(&s, BYO_STR("NACK/")))
        return BYO_NACK_OTHER;
    if (starts(&s, BYO_STR("0x")))
        return nack_status(s, status_r) ? BYO_NACK_STATUS : BYO_NACK_OTHER;
    if (byo_str_ieq(s, BYO_STR("Retries Exceeded")))
        return BYO_NACK_RETRIES_EXCEEDED;
    if (byo_str_ieq(s, BYO_STR("no SMSC")))
        return BYO_NACK_NO_SMSC;
    if (byo_str_ieq(s, BYO_STR("no answer")) || byo_str_ieq(s, BYO_STR("connection lost")))
        return BYO_NACK_NO_ANSWER;
    if (byo_str_ieq(s, BYO_STR("validity expired")))
        return BYO_NACK_EXPIRED;
    if (byo_str_ieq(s, BYO_STR("MALFORMED SMS")))
        return BYO_NACK_MALFORMED;
    /* "sender not in white-list", "receiver in black-list", ... */
    if (ends(s, BYO_STR(" in white-list")) || ends(s, BYO_STR(" in black-list")))
        return BYO_NACK_LISTED;
    return BYO_NACK_OTHER;
}

/* ---- the causes (spec J7), sorted ---- */

static const char *const causes[] = {
    "ACCEPTED",
    "AUTHENTICATION_FAILED",
    "CARRIER_ACCEPTED",
    "CARRIER_CONGESTED",
    "CARRIER_DELIVERY_FAILED",
    "CARRIER_PROTOCOL_ERROR",
    "CARRIER_RESOLUTION_FAILURE",
    "CARRIER_RESOLUTION_TEMP_FAILURE",
    "DATA_CODING_SCHEME_INVALID",
    "DEFAULT",
    "DELIVERED",
    "DEST_ADDR_COUNTRY_INVALID",
    "DEST_ADDR_INVALID",
    "DEST_ADDR_IS_LANDLINE",
    "DEST_CARRIER_ID_INVALID",
    "DEST_TON_INVALID",
    "ENROUTE",
    "EXPIRED",
    "FLOW_CONTROL_TIMEOUT",
    "FORWARDED",
    "GENERAL_ERROR",
    "GENERIC_CONTENT_ERROR",
    "INTERNAL_SERVER_ERROR",
    "MESSAGE_BODY_TOO_LONG",
    "MESSAGE_DATA_INVALID",
    "MESSAGE_ID_INVALID",
    "MESSAGE_TYPE_NOT_SUPPORTED",
    "NETWORK_TIMEOUT",
    "OPERATION_NOT_ALLOWED",
    "OTHER_PERMANENT_FAILURE",
    "OTHER_TEMPORARY_FAILURE",
    "PRIORITY_INVALID",
    "PROCESSING",
    "QUEUED",
    "RECIPIENT_BLOCKLISTED",
    "RECIPIENT_BUSY",
    "RECIPIENT_FLOODED",
    "RECIPIENT_HANDSET_FAILURE",
    "RECIPIENT_HANDSET_TEMP_FAILURE",
    "RECIPIENT_OPTED_OUT",
    "RECIPIENT_TEMP_FAILURE",
    "SOURCE_ADDR_INVALID",
    "THROTTLED",
    "TIME_PERIOD_INVALID",
};

#define N_CAUSES (sizeof causes / sizeof *causes)
_Static_assert(N_CAUSES < BYO_CAUSES_MAX, "no place for causes that are not listed");

static size_t place_of(ByoStr cause)
{
    size_t i = 0;
    while (i < N_CAUSES && !byo_str_is(cause, causes[i]))
        i++;
    return i;
}

bool byo_cause_known(ByoStr cause)
{
    return place_of(cause) < N_CAUSES;
}

size_t byo_cause_index(const char *cause)
{
    return place_of(byo_str(cause));
}

const char *byo_cause_name(size_t index)
{
    return index < N_CAUSES ? causes[index] : "OTHER";
}

const char *const *byo_cause_list(size_t *n_r)
{
    *n_r = N_CAUSES;
    return causes;
}
