/* SPDX-License-Identifier: BSD-3-Clause
 * Ownership and small questions of an integration. Threads: see integration.h. */
#include "integration/integration.h"

#include <stdio.h>
#include "integration/key_table.h"

#include <stdlib.h>

/* Seconds; gw/smsc/smsc_smpp.c, SMPP_DEFAULT_WAITACK and SMPP_ENQUIRE_LINK_INTERVAL. */
#define WAIT_ACK_DEFAULT 60
#define ENQUIRE_LINK_DEFAULT 30
#define PENDING_MIN 10 /* SMPP_MAX_PENDING_SUBMITS */
#define PENDING_MAX 1000
#define MISSED_ENQUIRIES 3 /* unanswered ones after which a link is taken for dead */

void byo_integration_free(ByoIntegration *i)
{
    if (!i)
        return;
    free(i->name);
    free(i->notes);
    free(i->smsc_address);
    free(i->advanced_path);
    byo_advanced_destroy(i->advanced);
    free(i->system_id);
    byo_secret_free(i->password);
    free(i->our_host);
    free(i->receives_for);
    free(i->shares_numbers_of);
    for (size_t k = 0; k < i->n_smsc_keys; k++) {
        free(i->smsc_keys[k].key);
        free(i->smsc_keys[k].value);
    }
    free(i->smsc_keys);
    free(i->file);
    free(i);
}

const char *byo_integration_smsc_key(const ByoIntegration *i, const char *key)
{
    for (size_t k = 0; k < i->n_smsc_keys; k++)
        if (strcmp(i->smsc_keys[k].key, key) == 0)
            return i->smsc_keys[k].value;
    return NULL;
}

/* A pass-through key's number, checked when it was read. */
static int number_of(const ByoIntegration *i, const char *key, int when_unset)
{
    const char *value = byo_integration_smsc_key(i, key);
    int64_t number;

    return value && byo_str_int(byo_str(value), &number) ? (int)number : when_unset;
}

int byo_integration_msg_id_type(const ByoIntegration *i)
{
    return number_of(i, "msg-id-type", -1);
}

int byo_integration_pending_submits(const ByoIntegration *i)
{
    int64_t need = (i->messages_per_second + 10 * i->binds - 1) / (10 * i->binds);
    int pending = PENDING_MIN;
    if (need > PENDING_MIN)
        for (pending = 16; pending < need && pending < PENDING_MAX;)
            pending *= 2;
    return number_of(i, "max-pending-submits", pending < PENDING_MAX ? pending : PENDING_MAX);
}

int byo_integration_enquire_link(const ByoIntegration *i)
{
    return number_of(i, "enquire-link-interval", ENQUIRE_LINK_DEFAULT);
}

int byo_integration_connection_timeout(const ByoIntegration *i)
{
    return number_of(i, "connection-timeout", MISSED_ENQUIRIES * byo_integration_enquire_link(i));
}

int byo_integration_wait_ack(const ByoIntegration *i)
{
    return number_of(i, "wait-ack", WAIT_ACK_DEFAULT);
}

bool byo_integration_transmits(const ByoIntegration *i)
{
    return i->bind_type != BYO_BIND_RECEIVER;
}

ByoEncodeOptions byo_integration_encode_options(const ByoIntegration *i)
{
    return (ByoEncodeOptions){.reference_bits = i->concat_reference, .max_segments = 255};
}

bool byo_integration_carries(const ByoIntegration *i, ByoStr utf8, char why[96])
{
    ByoEncoded e = {0};
    ByoEncodeOptions opt = byo_integration_encode_options(i);
    ByoEncodeResult r = byo_encode(&i->advanced->charsets, utf8, &opt, &e);
    if (r == BYO_ENCODE_NO_CHARSET && e.bad_scalar != BYO_NO_SCALAR)
        snprintf(why, 96, "no charset of its list has the character U+%04X", (unsigned)e.bad_scalar);
    else if (r == BYO_ENCODE_NO_CHARSET)
        snprintf(why, 96, "no charset of its list applies");
    else
        snprintf(why, 96, "%s", r == BYO_ENCODE_TOO_LONG ? "it is too long" : "it is no text");
    byo_encoded_free(&e);
    return r == BYO_ENCODE_OK;
}
