/* SPDX-License-Identifier: BSD-3-Clause
 * The status value, and an integration's configuration as JSON.
 * Ownership and threads: actions.h. */
#include "admin/actions.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void byo_admin_status_warn(ByoAdminStatus *st, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    st->warnings = byo_realloc(st->warnings, (st->n_warnings + 1) * sizeof *st->warnings);
    st->warnings[st->n_warnings++] = byo_strdup(text);
}

void byo_admin_status_clear(ByoAdminStatus *st)
{
    for (size_t i = 0; i < st->n; i++) {
        byo_json_free(st->integrations[i].config);
        free(st->integrations[i].name);
    }
    for (size_t i = 0; i < st->n_warnings; i++)
        free(st->warnings[i]);
    free(st->warnings);
    free(st->peers);
    free(st->store_path);
    free(st->smsc_conf);
    *st = (ByoAdminStatus){0};
}

static void set_seconds(ByoJson *j, const char *key, ByoTime ms)
{
    byo_json_set_int(j, key, ms / BYO_SECOND);
}

static ByoJson *address_json(const ByoAddressRules *a)
{
    ByoJson *j = byo_json_object();
    byo_json_set_bool(j, "inboundPlusPrefix", a->inbound_plus_prefix);
    byo_json_set_bool(j, "outboundPlusPrefix", a->outbound_plus_prefix);
    byo_json_set_int(j, "addressTon", a->address_ton);
    byo_json_set_int(j, "addressNpi", a->address_npi);
    byo_json_set_int(j, "destinationTon", a->destination_ton);
    byo_json_set_int(j, "destinationNpi", a->destination_npi);
    return j;
}

static ByoJson *charsets_json(const ByoCharsetList *list)
{
    ByoJson *j = byo_json_array();
    for (size_t i = 0; i < list->n; i++) {
        ByoJson *pair = byo_json_object();
        byo_json_set_int(pair, "dcs", list->pairs[i].dcs);
        byo_json_set_z(pair, "charset", byo_charset_name(list->pairs[i].charset));
        byo_json_add(j, pair);
    }
    return j;
}

ByoJson *byo_admin_config_json(const ByoIntegration *i)
{
    static const char *const binds[] = {"transceiver", "transmitter", "receiver"};
    static const char *const reports[] = {"", "message", "segment", "both"};
    static const char *const shares[] = {NULL, "failover", "load"};
    ByoJson *j = byo_json_object(), *keys = byo_json_object();
    byo_json_set_z(j, "smscAddress", i->smsc_address);
    byo_json_set_int(j, "smscPort", i->smsc_port);
    byo_json_set_bool(j, "useTls", i->use_tls);
    byo_json_set_z(j, "systemId", i->system_id);
    byo_json_set_bool(j, "passwordPlain", i->password_plain);
    byo_json_set_z(j, "ourHost", i->our_host);
    byo_json_set_z(j, "bindType", binds[i->bind_type]);
    byo_json_set_int(j, "binds", i->binds);
    byo_json_set_int(j, "messagesPerSecond", i->messages_per_second);
    byo_json_set(j, "addresses", address_json(&i->address));
    byo_json_set_z(j, "homeCountry", i->home_country[0] ? i->home_country : NULL);
    byo_json_set_z(j, "advancedConfig", i->advanced_path);
    byo_json_set(j, "charsets", i->advanced ? charsets_json(&i->advanced->charsets) : NULL);
    byo_json_set_z(j, "receivesFor", i->receives_for);
    byo_json_set_z(j, "sharesNumbersOf", i->shares_numbers_of);
    byo_json_set_z(j, "share", shares[i->share]);
    byo_json_set_z(j, "reports", reports[i->reports]);
    set_seconds(j, "receiptTimeoutSeconds", i->receipt_timeout);
    byo_json_set_bool(j, "oneReceiptPerMessage", i->one_receipt_per_message);
    byo_json_set_z(j, "msgIdMatch", i->msg_id_match == BYO_MSG_ID_EXACT ? "exact" : "loose");
    byo_json_set_z(j, "receiptErrors", i->receipt_errors == BYO_RECEIPT_OWN_ROWS ? "own-rows" : "all-rows");
    byo_json_set_int(j, "concatReference", i->concat_reference);
    byo_json_set_int(j, "retryTries", i->retry_tries);
    set_seconds(j, "retryDelaySeconds", i->retry_delay);
    set_seconds(j, "retryMaxDelaySeconds", i->retry_max_delay);
    set_seconds(j, "retryForSeconds", i->retry_for);
    byo_json_set_int(j, "queueLimit", i->queue_limit);
    set_seconds(j, "activationTimeoutSeconds", i->activation_timeout);
    for (size_t k = 0; k < i->n_smsc_keys; k++)
        byo_json_set_z(keys, i->smsc_keys[k].key, i->smsc_keys[k].value);
    byo_json_set(j, "smscKeys", keys);
    byo_json_set_z(j, "notes", i->notes);
    return j;
}
