/* SPDX-License-Identifier: BSD-3-Clause
 * The cause list (spec J7).
 * Ownership: literals. Threads: any. */
#include "integration/error_map.h"

/* Sorted. */
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
