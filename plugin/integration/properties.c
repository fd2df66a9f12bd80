/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: all properties as one table (spec P1-P16), and the rules between keys and between integrations.
 * Ownership: texts belong to the integration. Threads: none. */
#include "integration/properties.h"
#include "base/features.h"
#include "integration/smsc_keys.h"

#include <stdio.h>
#include <stdlib.h>

#define RATE_MAX 100 /* P9, without allow-custom-rate */

/* What a group says; the integration, and what is only needed while reading. */
typedef struct {
    ByoIntegration i;
    ByoPasswordPlace place;
} Draft;

static const int npis[] = {0, 1, 3, 4, 6, 8, 9, 10, 13, 18, -1}; /* (spec P6, P8) */
static const int ports[] = {1776, 2775, 2776, 2780,  3550,  3601,  3775,  4200, 4331,
                            4332, 7777, 8887, 10000, 29999, 30001, 52775, -1}; /* (spec P2) */
static const int versions[] = {33, 34, 50, -1};
static const int reference_bits[] = {8, 16, -1};

static const ByoKeyChoice bind_types[] = {{"transceiver", BYO_BIND_TRANSCEIVER},
                                          {"transmitter", BYO_BIND_TRANSMITTER},
                                          {"receiver", BYO_BIND_RECEIVER},
                                          {NULL, 0}};
static const ByoKeyChoice reports[] = {{"message", BYO_REPORTS_MESSAGE},
                                       {"segment", BYO_REPORTS_SEGMENT},
                                       {"both", BYO_REPORTS_BOTH},
                                       {NULL, 0}};
static const ByoKeyChoice tls_versions[] = {{"1.2", 12}, {"1.3", 13}, {NULL, 0}};
static const ByoKeyChoice id_matches[] = {
    {"loose", BYO_MSG_ID_LOOSE}, {"exact", BYO_MSG_ID_EXACT}, {NULL, 0}};
static const ByoKeyChoice error_rows[] = {
    {"all-rows", BYO_RECEIPT_ALL_ROWS}, {"own-rows", BYO_RECEIPT_OWN_ROWS}, {NULL, 0}};
static const ByoKeyChoice shares[] = {{"failover", BYO_SHARE_FAILOVER}, {"load", BYO_SHARE_LOAD}, {NULL, 0}};

/* Enums and numbers go into fields of the size of int. */
_Static_assert(sizeof(ByoBindType) == sizeof(int) && sizeof(ByoReports) == sizeof(int) &&
                   sizeof(ByoShare) == sizeof(int) && sizeof(ByoMsgIdMatch) == sizeof(int) &&
                   sizeof(ByoReceiptErrors) == sizeof(int),
               "the key table writes enums as int");

/* The draft begins with the integration: an offset holds in both. */
_Static_assert(offsetof(Draft, i) == 0, "byo_property_set reads from the integration");

#define VERIFIED "; only with the feature verified-tls"
#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)
#define AT(field) .offset = offsetof(Draft, field)
#define PASSED(key, kind) .name = key, .type = kind, .flags = BYO_KEY_PASSED | BYO_KEY_RENDERED
#define WHERE(key, kind) .name = key, .type = kind, .flags = BYO_KEY_PASSED | BYO_KEY_RENDERED | BYO_KEY_WHERE
#define NOW(text) .applies = "at once", .help = text
#define NEXT(text) .applies = "activation", .help = text
#define BESIDE(text) .applies = "-", .help = text
/* User guide, man page and openapi.yaml have their rows from here (tests/tools/facts.py). */
static const ByoKeyDef defs[] = {
    {"integration-id", BYO_KEY_ID, BYO_KEY_REQUIRED | BYO_KEY_RENDERED | BYO_KEY_APART, AT(i.id),
     BESIDE("its smsc-id at bearerbox")},
    {"name", BYO_KEY_TEXT, 0, 0, 200, "", AT(i.name), NOW("for people")},
    {"notes", BYO_KEY_TEXT, 0, 0, 4000, "", AT(i.notes), NOW("for people")},
    {"smsc-address", BYO_KEY_HOST, BYO_KEY_REQUIRED | BYO_KEY_RENDERED | BYO_KEY_WHERE, AT(i.smsc_address),
     NEXT("of the carrier's SMSC")},
    {"smsc-port", BYO_KEY_INT, BYO_KEY_WHERE, 1, 65535, "2776", AT(i.smsc_port), .set = ports,
     NEXT("any other only with allow-custom-port")},
    {"allow-custom-port", BYO_KEY_BOOL, .def = "no", AT(i.allow_custom_port),
     BESIDE("yes: smsc-port may be any port, 1 to 65535")},
    {"use-tls", BYO_KEY_BOOL, BYO_KEY_WHERE, .def = "yes", AT(i.use_tls), NEXT("TLS to the carrier")},
    {"inbound-plus-prefix", BYO_KEY_BOOL, .def = "no", AT(i.address.inbound_plus_prefix),
     NOW("yes: the carrier writes '+' before our number on inbound messages, so a number without it is not "
         "international")},
    {"outbound-plus-prefix", BYO_KEY_BOOL, .def = "no", AT(i.address.outbound_plus_prefix),
     NOW("yes: the carrier wants '+' before our number")},
    {"address-ton", BYO_KEY_INT, 0, 0, 6, "0", AT(i.address.address_ton),
     NOW("type of number, of our number")},
    {"address-npi", BYO_KEY_INT_SET, .def = "0", AT(i.address.address_npi), .set = npis,
     NOW("numbering plan, of our number")},
    {"destination-ton", BYO_KEY_INT, 0, 0, 6, "0", AT(i.address.destination_ton),
     NOW("type of number, of the recipient")},
    {"destination-npi", BYO_KEY_INT_SET, .def = "0", AT(i.address.destination_npi), .set = npis,
     NOW("numbering plan, of the recipient")},
    {"home-country", BYO_KEY_COUNTRY, AT(i.home_country),
     NOW("what numbers in bare digits are read against; without it each number's own country")},
    {"messages-per-second", BYO_KEY_INT, 0, 1, 100000, "20", AT(i.messages_per_second),
     NOW("segments, all binds together; more than " TEXT(RATE_MAX) " only with allow-custom-rate")},
    {"allow-custom-rate", BYO_KEY_BOOL, .def = "no", AT(i.allow_custom_rate),
     BESIDE("yes: messages-per-second may be more than " TEXT(RATE_MAX))},
    {"bind-type", BYO_KEY_CHOICE, .def = "transceiver", AT(i.bind_type), .choices = bind_types,
     NEXT("what the binds carry: both ways, out, in")},
    {"binds", BYO_KEY_INT, 0, 1, 10, "3", AT(i.binds),
     NEXT("how many; more than " TEXT(BYO_BINDS_USUAL) " gives a warning")},
    {"advanced-config", BYO_KEY_PATH, AT(i.advanced_path),
     NOW("JSON: error map and charsets; without it the built-in defaults")},
    {"allow-unknown-causes", BYO_KEY_BOOL, .def = "no", AT(i.allow_unknown_causes),
     NOW("yes: the JSON may use causes of its own")},
    {"system-id", BYO_KEY_TEXT, BYO_KEY_REQUIRED | BYO_KEY_RENDERED | BYO_KEY_CREDENTIAL, 1,
     BYO_SYSTEM_ID_MAX, NULL, AT(i.system_id), NEXT("the account's name at the carrier")},
    {"password", BYO_KEY_TEXT, BYO_KEY_SECRET | BYO_KEY_RENDERED | BYO_KEY_CREDENTIAL, 1,
     BYO_PASSWORD_LONG_MAX, NULL, AT(i.password),
     NEXT("more than " TEXT(
         BYO_PASSWORD_MAX) ", which SMPP 3.4 does not have, with the feature long-password; in clear, with a "
                           "warning. One of this, password-file and credentials is required")},
    {"password-file", BYO_KEY_PATH, BYO_KEY_APART, AT(place.password_file),
     NEXT("of mode 0600, with the password in its first line")},
    {"credentials", BYO_KEY_TEXT, BYO_KEY_SECRET | BYO_KEY_APART, 1, 1000, NULL, AT(place.credentials),
     NEXT("the sealed password, made by byoctl seal ID")},
    {"our-host", BYO_KEY_HOST, BYO_KEY_RENDERED | BYO_KEY_WHERE, AT(i.our_host),
     NEXT("local address the binds come from; without it the system's choice")},
    {"receives-for", BYO_KEY_ID, BYO_KEY_ALLOCATED, AT(i.receives_for),
     NEXT("the transmitter this receiver belongs to")},
    {"shares-numbers-of", BYO_KEY_ID, BYO_KEY_ALLOCATED, AT(i.shares_numbers_of),
     NOW("the integration whose numbers this one may use")},
    {"share", BYO_KEY_CHOICE, AT(i.share), .choices = shares, NOW("needed with shares-numbers-of")},
    {"reports", BYO_KEY_CHOICE, .def = "message", AT(i.reports), .choices = reports,
     .applies = "at once, new messages", .help = "what the application is told of"},
    {"receipt-timeout", BYO_KEY_DURATION, 0, BYO_SECOND, 30 * BYO_DAY, "72h", AT(i.receipt_timeout),
     .applies = "at once, new segments", .help = "a segment without a receipt ends as NETWORK_TIMEOUT then"},
    {"one-receipt-per-message", BYO_KEY_BOOL, .def = "no", AT(i.one_receipt_per_message),
     NOW("yes: the carrier sends one receipt for all segments")},
    {"msg-id-match", BYO_KEY_CHOICE, .def = "loose", AT(i.msg_id_match), .choices = id_matches,
     NOW("how a receipt's message id is compared where none is equal; to loose, letter case, leading zeros, "
         "blanks, and hexadecimal "
         "against decimal make no difference")},
    {"receipt-errors", BYO_KEY_CHOICE, .def = "all-rows", AT(i.receipt_errors), .choices = error_rows,
     NOW("own-rows: the built-in rows of the error map count for submit errors only")},
    {"concat-reference", BYO_KEY_INT_SET, .def = "8", AT(i.concat_reference), .set = reference_bits,
     NOW("bits of the reference that joins segments")},
    {"retry-tries", BYO_KEY_INT, 0, 1, 1000, "10", AT(i.retry_tries), NOW("submits of a segment at most")},
    {"retry-delay", BYO_KEY_DURATION, 0, BYO_SECOND, BYO_DAY, "30s", AT(i.retry_delay),
     NOW("before the second try; doubles each time")},
    {"retry-max-delay", BYO_KEY_DURATION, 0, BYO_SECOND, 7 * BYO_DAY, "30m", AT(i.retry_max_delay),
     NOW("longest wait, not less than retry-delay")},
    {"retry-for", BYO_KEY_DURATION, 0, BYO_SECOND, 30 * BYO_DAY, "24h", AT(i.retry_for),
     NOW("no try later than this after the first")},
    {"queue-limit", BYO_KEY_LONG, 0, 1, 100000000, "1000000", AT(i.queue_limit),
     NOW("segments that may wait; more: HTTP 503")},
    {"activation-timeout", BYO_KEY_DURATION, 0, BYO_SECOND, BYO_DAY, "15m", AT(i.activation_timeout),
     NOW("how long binds are waited for before the state says error")},
    /* Kannel's own keys; the limits are SMPP 3.4 5.2's and smsc_smpp.c's */
    {PASSED("system-type", BYO_KEY_TEXT), .max = 12, NEXT("of the bind")},
    {PASSED("interface-version", BYO_KEY_INT_SET), .set = versions, NEXT("Kannel's default is 34")},
    {PASSED("service-type", BYO_KEY_TEXT), .max = 5, NEXT("of each submit")},
    {PASSED("address-range", BYO_KEY_TEXT), .max = 40, NEXT("of the bind")},
    {PASSED("bind-addr-ton", BYO_KEY_INT), .max = 6, NEXT("of the bind")},
    {PASSED("bind-addr-npi", BYO_KEY_INT_SET), .set = npis, NEXT("of the bind")},
    {PASSED("enquire-link-interval", BYO_KEY_INT), .min = 1, .max = 3600,
     NEXT("seconds; Kannel's default is 30")},
    {PASSED("connection-timeout", BYO_KEY_INT), .min = 2, .max = 36000,
     NEXT("seconds without an answer of the carrier, more than enquire-link-interval: the link is opened "
          "anew; without it three times that interval")},
    {PASSED("msg-id-type", BYO_KEY_INT), .max = 3,
     NEXT("as in Kannel's guide; without it ids are compared as texts. On stock bearerbox ids from 2^63 on "
          "are all the same one to it, so receipts report the wrong message (-t warns)")},
    {PASSED("max-pending-submits", BYO_KEY_INT), .min = 1, .max = 10000,
     NEXT("unanswered submits a bind; without it a tenth of a second's worth of messages-per-second over the "
          "binds, rounded up to a power of two, 10 to 1000")},
    {PASSED("wait-ack", BYO_KEY_INT), .min = 1, .max = 3600,
     NEXT("seconds without an answer to a submit; Kannel's default is 60")},
    {PASSED("validityperiod", BYO_KEY_INT), .max = 525600, NEXT("minutes")},
    {PASSED("ssl-client-certkey-file", BYO_KEY_PATH), .min = 0, NEXT("PEM, certificate and key")},
    /* of a bearerbox with verified-tls */
    {WHERE("ssl-verify-host", BYO_KEY_BOOL), .min = 0, NEXT("the carrier's certificate is checked" VERIFIED)},
    {WHERE("ssl-host-name", BYO_KEY_HOST), .min = 0, NEXT("the name it must be for" VERIFIED)},
    {PASSED("ssl-ca-file", BYO_KEY_PATH), .min = 0, NEXT("who must have signed it" VERIFIED)},
    {WHERE("ssl-min-version", BYO_KEY_CHOICE), .choices = tls_versions,
     NEXT("the oldest TLS that is taken" VERIFIED)},
};

const char *const byo_password_keys[] = {"password", "password-file", "credentials", NULL};

const ByoKeyDef *byo_property(size_t i)
{
    return i < sizeof(defs) / sizeof(defs[0]) ? &defs[i] : NULL;
}

const ByoKeyDef *byo_property_named(const char *key)
{
    const ByoKeyDef *def = defs;
    while (def < defs + sizeof defs / sizeof *defs && strcmp(def->name, key) != 0)
        def++;
    return def < defs + sizeof defs / sizeof *defs ? def : NULL;
}

static ByoKeyTable table(void)
{
    return (ByoKeyTable){defs, sizeof(defs) / sizeof(defs[0]), byo_smsc_refusals, byo_smsc_refusals_n};
}

void byo_password_place_clear(ByoPasswordPlace *place)
{
    free(place->password_file);
    byo_secret_free(place->credentials);
    *place = (ByoPasswordPlace){NULL, NULL};
}

const char *byo_properties_who(const ByoKeyGroup *group, char out[BYO_PROPERTIES_WHO])
{
    const ByoKeyLine *id = byo_key_find(group, "integration-id");

    if (id && byo_key_is_id(byo_str(id->value)))
        snprintf(out, BYO_PROPERTIES_WHO, "group byo-smpp \"%s\"", id->value);
    else
        snprintf(out, BYO_PROPERTIES_WHO, "group byo-smpp");
    return out;
}

const char *byo_password_fault(ByoStr password, unsigned features)
{
    if (password.n == 0)
        return "the password is empty";
    if (password.n > BYO_PASSWORD_LONG_MAX)
        return "the password is longer than 16 octets, which no bearerbox sends";
    if (password.n > BYO_PASSWORD_MAX && !(features & BYO_FEATURE_LONG_PASSWORD))
        return "the password is longer than 8 octets, which SMPP 3.4 does not carry; up to 16 are sent by a "
               "bearerbox with the patch long-password, named in bearerbox-features";
    for (size_t k = 0; k < password.n; k++)
        if ((unsigned char)password.p[k] < 0x20 || password.p[k] == 0x7f)
            return "a control character stands in the password";
    if (memmem(password.p, password.n, "include", 7))
        return "the word \"include\" may not stand in the password: bearerbox would take the line for a "
               "directive";
    return NULL;
}

static void keep_smsc_keys(ByoIntegration *i, const ByoKeyGroup *group)
{
    for (size_t d = 0; d < sizeof(defs) / sizeof(defs[0]); d++) {
        const ByoKeyLine *line = defs[d].flags & BYO_KEY_PASSED ? byo_key_find(group, defs[d].name) : NULL;
        /* An empty path is an unset one; an empty text is a value. */
        if (!line || (defs[d].type == BYO_KEY_PATH && line->value[0] == 0))
            continue;
        i->smsc_keys = byo_realloc(i->smsc_keys, (i->n_smsc_keys + 1) * sizeof(*i->smsc_keys));
        i->smsc_keys[i->n_smsc_keys++] = (ByoSmscKey){byo_strdup(line->key), byo_strdup(line->value)};
    }
}

static bool usual_port(int port)
{
    for (const int *p = ports; *p >= 0; p++)
        if (*p == port)
            return true;
    return false;
}

typedef struct {
    const ByoKeyGroup *group;
    const char *who;
    ByoFaults *faults;
} Place;

#define FAULT(place, key, ...) \
    byo_key_fault((place)->faults, BYO_FAULT_ERROR, (place)->group, (place)->who, \
                  byo_key_find((place)->group, key), false, __VA_ARGS__)
#define WARNING(place, key, ...) \
    byo_key_fault((place)->faults, BYO_FAULT_WARNING, (place)->group, (place)->who, \
                  byo_key_find((place)->group, key), false, __VA_ARGS__)

static void check_port(const Place *at, const Draft *d)
{
    ByoBuf list = {0};

    if (d->i.allow_custom_port || usual_port(d->i.smsc_port))
        return;
    for (const int *p = ports; *p >= 0; p++)
        byo_buf_addf(&list, "%s%d", p == ports ? "" : ", ", *p);
    FAULT(at, "smsc-port", "must be one of %s; any other port only with allow-custom-port = yes", list.p);
    byo_buf_free(&list);
}

static void check_password(const Place *at, Draft *d)
{
    int given = 0;
    const ByoKeyLine *password = byo_key_find(at->group, "password"),
                     *file = byo_key_find(at->group, "password-file");

    for (const char *const *key = byo_password_keys; *key; key++)
        given += byo_key_find(at->group, *key) != NULL;
    if (given == 0)
        FAULT(at, "", "the password is missing; write one of password, password-file and credentials");
    else if (given > 1)
        FAULT(at, "", "only one of password, password-file and credentials may stand here");
    else if (file && !file->told && !d->place.password_file)
        FAULT(at, "password-file", "must be the path of a file");
    if (password && !password->told)
        byo_key_fault(at->faults, BYO_FAULT_WARNING, at->group, at->who, password, true,
                      "the password stands here in clear; `byoctl seal` makes the sealed form for "
                      "credentials, or password-file names a file of mode 0600");
    d->i.password_plain = password != NULL;
}

static void check_one(const Place *at, Draft *d)
{
    const ByoIntegration *i = &d->i;

    if (strcmp(i->id, BYO_IDLE_ID) == 0)
        FAULT(at, "integration-id", "this name is reserved for the link that keeps bearerbox running");
    check_port(at, d);
    if (i->messages_per_second > RATE_MAX && !d->i.allow_custom_rate)
        FAULT(at, "messages-per-second",
              "must be a whole number from 1 to %d; up to 100000 only with allow-custom-rate = yes",
              RATE_MAX);
    if (i->binds > BYO_BINDS_USUAL)
        WARNING(at, "binds", "carriers allow %d binds an integration; more only if yours agreed to it",
                BYO_BINDS_USUAL);
    check_password(at, d);
    if (i->retry_max_delay < i->retry_delay)
        FAULT(at, "retry-max-delay", "must not be less than retry-delay");
    for (size_t k = 0; k < at->group->n && !i->use_tls; k++)
        if (strncmp(at->group->keys[k].key, "ssl-", 4) == 0)
            FAULT(at, at->group->keys[k].key, "has no use without use-tls = yes");
    if (i->receives_for && i->bind_type != BYO_BIND_RECEIVER)
        FAULT(at, "receives-for", "only an integration with bind-type = receiver receives for another");
    if (i->shares_numbers_of && i->share == BYO_SHARE_NONE && !byo_key_find(at->group, "share"))
        FAULT(at, "shares-numbers-of", "needs share = failover or share = load beside it");
    if (!byo_key_find(at->group, "shares-numbers-of") && byo_key_find(at->group, "share"))
        FAULT(at, "share", "has no use without shares-numbers-of");
    if (i->shares_numbers_of && i->bind_type == BYO_BIND_RECEIVER)
        FAULT(at, "shares-numbers-of", "an integration with bind-type = receiver sends nothing");
}

/* A link that is only asked every so often must not be taken for dead in between. */
static void check_connection_timeout(const Place *at, const ByoIntegration *i)
{
    const ByoKeyLine *written = byo_key_find(at->group, "connection-timeout");
    int interval = byo_integration_enquire_link(i);

    if (written && !written->told && byo_integration_connection_timeout(i) <= interval)
        FAULT(at, "connection-timeout",
              "must be longer than enquire-link-interval (%d): an idle link would be opened anew again and "
              "again; without this key it is three times that interval",
              interval);
}

ByoIntegration *byo_properties_read(const ByoKeyGroup *group, ByoPasswordPlace *place_r, ByoFaults *faults)
{
    char who[BYO_PROPERTIES_WHO];
    Draft d = {.i.line = group->line};
    Place at = {group, byo_properties_who(group, who), faults};
    ByoKeyTable t = table();

    byo_keys_read(&t, group, who, &d, faults);
    d.i.file = byo_strdup(group->file);
    check_one(&at, &d);
    keep_smsc_keys(&d.i, group);
    check_connection_timeout(&at, &d.i);
    *place_r = d.place;
    ByoIntegration *i = byo_alloc(sizeof(*i));
    *i = d.i;
    return i;
}

ByoIntegration *byo_properties_defaults(void)
{
    ByoKeyGroup none = {.name = "byo-smpp"};
    ByoFaults required = {0};
    ByoPasswordPlace place;
    ByoIntegration *i = byo_properties_read(&none, &place, &required);

    byo_password_place_clear(&place);
    byo_faults_free(&required);
    return i;
}

void byo_properties_check_features(const ByoKeyGroup *group, unsigned features, ByoFaults *faults)
{
    static const char *const keys[] = {"ssl-verify-host", "ssl-host-name", "ssl-ca-file", "ssl-min-version"};
    char who[BYO_PROPERTIES_WHO];
    Place at = {group, byo_properties_who(group, who), faults};
    const ByoKeyLine *password = byo_key_find(group, "password");
    const char *bad = password && !password->told && *password->value
                          ? byo_password_fault(byo_str(password->value), features)
                          : NULL;

    if (byo_key_find(group, "msg-id-type") && !(features & BYO_FEATURE_RECEIPTS_TO_BOX))
        WARNING(
            &at, "msg-id-type",
            "stock bearerbox makes numbers of the message ids by this key, and takes all ids of 2^63 and "
            "more "
            "for the same one: receipts of such ids report the wrong message; with the patch receipts-to-box "
            "(bearerbox-features) byobox matches ids of any length, also without this key");
    if (bad)
        byo_key_fault(faults, BYO_FAULT_ERROR, group, at.who, password, true, "%s", bad);
    for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]) && !(features & BYO_FEATURE_VERIFIED_TLS); k++)
        if (byo_key_find(group, keys[k]))
            FAULT(&at, keys[k],
                  "only a bearerbox with the patch verified-tls knows this key; name it in "
                  "bearerbox-features when "
                  "it is built in");
}

static const ByoIntegration *find(ByoIntegration *const *all, size_t n, const char *id)
{
    for (size_t k = 0; k < n; k++)
        if (strcmp(all[k]->id, id) == 0)
            return all[k];
    return NULL;
}

/* What names an integration whose id was refused names none that is known: one fault is enough. */
static bool all_have_ids(ByoIntegration *const *all, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (!all[k]->id[0])
            return false;
    return true;
}

static void check_receives_for(const Place *at, const ByoIntegration *i, ByoIntegration *const *all, size_t n)
{
    const ByoIntegration *t = find(all, n, i->receives_for);

    if (!t && !all_have_ids(all, n))
        return;
    if (!t)
        FAULT(at, "receives-for", "there is no integration of that id");
    else if (t->bind_type != BYO_BIND_TRANSMITTER)
        FAULT(at, "receives-for", "that integration does not have bind-type = transmitter");
    else if (t->smsc_address && i->smsc_address &&
             !byo_str_ieq(byo_str(t->smsc_address), byo_str(i->smsc_address)))
        FAULT(at, "receives-for",
              "that integration has another smsc-address (%s): receipts would find no segment",
              t->smsc_address);
}

static void check_shares(const Place *at, const ByoIntegration *i, ByoIntegration *const *all, size_t n)
{
    const ByoIntegration *t = find(all, n, i->shares_numbers_of);

    if (!t && !all_have_ids(all, n))
        return;
    if (!t)
        FAULT(at, "shares-numbers-of", "there is no integration of that id");
    else if (t == i)
        FAULT(at, "shares-numbers-of", "an integration cannot share its numbers with itself");
    else if (t->shares_numbers_of)
        FAULT(at, "shares-numbers-of",
              "that integration shares the numbers of %s itself: name the one the numbers belong to",
              t->shares_numbers_of);
    else if (t->bind_type == BYO_BIND_RECEIVER)
        FAULT(at, "shares-numbers-of", "that integration has bind-type = receiver: it sends nothing");
}

void byo_properties_check_all(ByoIntegration *const *all, const ByoKeyGroup *const *groups, size_t n,
                              ByoFaults *faults)
{
    for (size_t k = 0; k < n; k++) {
        char who[BYO_PROPERTIES_WHO];
        Place at = {groups[k], byo_properties_who(groups[k], who), faults};
        const ByoIntegration *i = all[k], *same = i->id[0] ? find(all, k, i->id) : NULL;

        if (same)
            FAULT(&at, "integration-id", "another integration has that id (%s, line %d)", same->file,
                  same->line);
        if (k == BYO_INTEGRATIONS_MAX)
            FAULT(&at, "", "there are %zu integrations; an installation may have %d", n,
                  BYO_INTEGRATIONS_MAX);
        if (i->receives_for && i->bind_type == BYO_BIND_RECEIVER)
            check_receives_for(&at, i, all, n);
        if (i->shares_numbers_of)
            check_shares(&at, i, all, n);
        if (i->bind_type == BYO_BIND_TRANSMITTER && all_have_ids(all, n)) {
            size_t r = 0;
            while (r < n && !(all[r]->receives_for && strcmp(all[r]->receives_for, i->id) == 0))
                r++;
            if (r == n)
                WARNING(
                    &at, "bind-type",
                    "a transmitter without a receiver gets neither receipts nor inbound messages: every "
                    "segment will end as NETWORK_TIMEOUT; add an integration with bind-type = receiver and "
                    "receives-for = %s",
                    i->id);
        }
    }
}
