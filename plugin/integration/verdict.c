/* SPDX-License-Identifier: BSD-3-Clause
 * What an answer of the carrier, a receipt, a text of bearerbox's own and byobox's own reasons mean (spec D3, D6, D7).
 * Ownership: verdicts of byobox's own point at literals, the others into the map. Threads: any. */
#include "integration/error_map.h"
#include "base/text.h"

bool byo_code_explains_failure(ByoCode code)
{
    return code != BYO_CODE_SUCCESS && code != BYO_CODE_DEFERRED && code != BYO_CODE_ENROUTE &&
           code != BYO_CODE_ACCEPTED;
}

ByoVerdict byo_verdict_submit(const ByoErrorMap *map, ByoStr carrier_code)
{
    const ByoErrorRow *row = byo_error_map_find(map, BYO_MAP_SUBMIT, carrier_code);

    if (carrier_code.n == 0)
        return (ByoVerdict){BYO_CODE_RETRYABLE, "OTHER_TEMPORARY_FAILURE",
                            "Refused for the moment; bearerbox does not tell the carrier's code", true};
    if (row && byo_code_explains_failure(row->verdict.code))
        return row->verdict;
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
static bool row_counts(const ByoErrorRow *row, ByoReceiptErrors rows, ByoReceiptState state)
{
    if (!byo_code_explains_failure(row->verdict.code))
        return false;
    if (row->origin == BYO_MAP_OWN)
        return true;
    return rows == BYO_RECEIPT_ALL_ROWS && state != BYO_STATE_EXPIRED &&
           row->verdict.code != BYO_CODE_RETRYABLE && !only_at_submit(row->verdict.cause);
}

static bool only_zeros(ByoStr err)
{
    char key[BYO_ERROR_KEY];

    return byo_error_key(err, key, sizeof key) && strcmp(key, "0") == 0;
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
    const ByoErrorRow *row = byo_error_map_find(map, BYO_MAP_RECEIPT, err);
    if (row && row_counts(row, rows, state))
        return row->verdict;
    if (!row || (rows == BYO_RECEIPT_OWN_ROWS && row->origin == BYO_MAP_BUILT_IN))
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
    if (!byo_hex_value(byo_strn(s.p, n), &value))
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
