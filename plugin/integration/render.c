/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: each line of the smsc group bearerbox gets, and what no value of it may contain.
 * Ownership: the caller's buffer. Threads: values. */
#include "integration/render.h"
#include "base/features.h"
#include "integration/properties.h"

#include <stdlib.h>

#define RECONNECT_DELAY 10 /* seconds between two attempts of a bind; Kannel's own */
#define BIND_RETRY 30      /* seconds until a refused bind is tried again */
#define SEGMENT_ROOM 500   /* max-sms-octets: above it bearerbox would split (host H10) */

/* byobox paces all binds together; bearerbox's throughput, which counts per bind, is only a stop. It is the
 * ceiling of the kind of rate (spec P9) and a little more, not the rate itself: so a new rate applies at once and
 * reopens no link. */
#define STOP_USUAL 102
#define STOP_CUSTOM 100002

/* In quotes, so that Kannel's reader gives back exactly the value (gwlib/cfg.c, parse_value). */
static void quoted(ByoBuf *out, const char *key, const char *value)
{
    byo_buf_addf(out, "%s = \"", key);
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            byo_buf_addc(out, '\\');
        byo_buf_addc(out, *value);
    }
    byo_buf_adds(out, "\"\n");
}

void byo_render_idle(ByoBuf *out)
{
    byo_buf_adds(out, "group = smsc\n"
                      "smsc = loopback\n"
                      "smsc-id = \"" BYO_IDLE_ID "\"\n"
                      "allowed-smsc-id = \"" BYO_IDLE_ID "\"\n");
}

/* Directives of the patches; a bearerbox without them refuses the whole file. */
static void render_features(const ByoIntegration *i, const ByoRenderOptions *opt, ByoBuf *out)
{
    if (opt->features & BYO_FEATURE_RAW_PAYLOAD)
        byo_buf_adds(out, "raw-payload = yes\n");
    if (opt->features & BYO_FEATURE_SUBMIT_STATUS)
        byo_buf_adds(out, "submit-status-to-box = yes\n");
    if (opt->features & BYO_FEATURE_RECEIPTS_TO_BOX) {
        byo_buf_adds(out, "receipts-to-box = yes\n");
        quoted(out, "receipts-box-id", opt->box_id);
    }
    if (opt->features & BYO_FEATURE_MO_RAW)
        byo_buf_adds(out, "mo-raw = yes\n");
    if ((opt->features & BYO_FEATURE_VERIFIED_TLS) && i->use_tls &&
        !byo_integration_smsc_key(i, "ssl-verify-host"))
        byo_buf_adds(out, "ssl-verify-host = yes\n");
    if ((opt->features & BYO_FEATURE_LONG_PASSWORD) && i->password && strlen(i->password) > BYO_PASSWORD_MAX)
        byo_buf_adds(out, "long-password = yes\n");
    if (opt->features & BYO_FEATURE_BIND_RETRY)
        byo_buf_addf(out, "bind-retry = %d\n", BIND_RETRY);
}

void byo_render_smsc(const ByoIntegration *i, const ByoRenderOptions *opt, ByoBuf *out)
{
    bool receiver = i->bind_type == BYO_BIND_RECEIVER;

    byo_buf_adds(out, "\ngroup = smsc\nsmsc = smpp\n");
    /* Receipts find their segment by the smsc-id they come in with: a receiver takes its transmitter's. */
    quoted(out, "smsc-id", i->receives_for ? i->receives_for : i->id);
    if (i->receives_for)
        quoted(out, "smsc-admin-id", i->id);
    quoted(out, "allowed-smsc-id", i->id);
    quoted(out, "host", i->smsc_address);
    byo_buf_addf(out, "%s = %d\n", receiver ? "receive-port" : "port", i->smsc_port);
    byo_buf_addf(out, "transceiver-mode = %s\n", i->bind_type == BYO_BIND_TRANSCEIVER ? "yes" : "no");
    byo_buf_addf(out, "use-ssl = %s\n", i->use_tls ? "yes" : "no");
    quoted(out, "smsc-username", i->system_id);
    quoted(out, "smsc-password", i->password);
    if (i->our_host)
        quoted(out, "our-host", i->our_host);
    byo_buf_addf(out, "instances = %d\n", i->binds);
    byo_buf_addf(out, "throughput = %d\n", i->messages_per_second < STOP_USUAL ? STOP_USUAL : STOP_CUSTOM);
    byo_buf_addf(out, "max-sms-octets = %d\n", SEGMENT_ROOM);
    if (!byo_integration_smsc_key(i, "max-pending-submits"))
        byo_buf_addf(out, "max-pending-submits = %d\n", byo_integration_pending_submits(i));
    /* Addresses leave as byobox writes them. TON and NPI other than 0 come with each segment (handover.c),
     * for they change with a SIGHUP. */
    byo_buf_adds(out, "source-addr-autodetect = no\nsource-addr-ton = 0\nsource-addr-npi = 0\n"
                      "dest-addr-ton = 0\ndest-addr-npi = 0\n");
    byo_buf_addf(out, "reconnect-delay = %d\n", RECONNECT_DELAY);
    /* A half-open link is noticed by the enquire_links it does not answer (field C14). */
    if (!byo_integration_smsc_key(i, "connection-timeout"))
        byo_buf_addf(out, "connection-timeout = %d\n", byo_integration_connection_timeout(i));
    /* bearerbox refuses an SMPP group without system-type, an empty one is fine. */
    if (!byo_integration_smsc_key(i, "system-type"))
        quoted(out, "system-type", "");
    for (size_t k = 0; k < i->n_smsc_keys; k++)
        quoted(out, i->smsc_keys[k].key, i->smsc_keys[k].value);
    render_features(i, opt, out);
    if (opt->log_dir) {
        char *log = byo_printf("%s/smsc-%s.log", opt->log_dir, i->id);
        quoted(out, "log-file", log);
        free(log);
    }
    byo_buf_adds(out, "log-level = 1\n");
}
