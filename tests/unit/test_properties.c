/* SPDX-License-Identifier: BSD-3-Clause
 * The properties of an integration, row by row (spec P1-P16): what is taken, what is refused and
 * with which words.
 * Ownership: none kept. Threads: none. */
#include "config_text.h"
#include "suites.h"
#include "base/features.h"
#include "integration/policy.h"
#include "integration/properties.h"

#include <check.h>
#include <stdio.h>

#define GOOD \
    "group = byo-smpp\nintegration-id = carrier-a\nsmsc-address = smpp.example\nsystem-id = account\n" \
    "password-file = secret\n"

typedef struct {
    ByoConfigTree *tree;
    ByoIntegration **all;
    const ByoKeyGroup **groups;
    size_t n;
    ByoFaults faults;
    char *told;
} Read;

/* Reads every byo-smpp group of a text, and checks them against each other. */
static Read read_text(const char *text)
{
    Read r = {0};
    TextFile files[] = {{"f", text, 0}, {NULL, NULL, 0}};

    r.tree = text_tree(files, &r.faults);
    ck_assert_uint_eq(r.faults.n, 0);
    r.all = byo_alloc(r.tree->n * sizeof(*r.all));
    r.groups = byo_alloc(r.tree->n * sizeof(*r.groups));
    for (r.n = 0; r.n < r.tree->n; r.n++) {
        ByoPasswordPlace place;
        r.groups[r.n] = &r.tree->groups[r.n];
        r.all[r.n] = byo_properties_read(r.groups[r.n], &place, &r.faults);
        byo_password_place_clear(&place);
    }
    byo_properties_check_all(r.all, r.groups, r.n, &r.faults);
    r.told = faults_text(&r.faults);
    return r;
}

static void done(Read *r)
{
    for (size_t k = 0; k < r->n; k++)
        byo_integration_free(r->all[k]);
    free(r->all);
    free(r->groups);
    free(r->told);
    byo_faults_free(&r->faults);
    byo_config_tree_free(r->tree);
}

typedef struct {
    const char *row;   /* of docs/requirements.md, or "keys" */
    const char *lines; /* added to GOOD */
    const char *error; /* a part of the only error; NULL: none */
    const char *warning;
} Case;

static const Case cases[] = {
    {"P2", "smsc-port = 1776\n", NULL, NULL},
    {"P2", "smsc-port = 52775\n", NULL, NULL},
    {"P2", "smsc-port = 3333\n",
     "smsc-port = 3333: must be one of 1776, 2775, 2776, 2780, 3550, 3601, 3775, 4200, 4331, 4332, 7777, "
     "8887, 10000, 29999, 30001, 52775; any other port only with allow-custom-port = yes",
     NULL},
    {"P2", "smsc-port = 3333\nallow-custom-port = yes\n", NULL, NULL},
    {"P2", "smsc-port = 0\nallow-custom-port = yes\n",
     "smsc-port = 0: must be a whole number from 1 to 65535", NULL},
    {"P2", "smsc-port = 65536\nallow-custom-port = yes\n", "smsc-port = 65536: must be a whole number", NULL},
    {"P2", "smsc-port = 2776x\n", "smsc-port = 2776x: must be a whole number", NULL},
    {"P2", "smsc-port = 0x0ad8\n", "must be a whole number", NULL},
    {"P2", "smsc-port =\n", "smsc-port = : must be a whole number", NULL},
    {"P2", "allow-custom-port = maybe\n", "must be yes, no, true, false, on, off, 1 or 0", NULL},
    {"P3", "inbound-plus-prefix = Yes\n", NULL, NULL},
    {"P3", "inbound-plus-prefix = plus\n", "inbound-plus-prefix = plus: must be yes, no", NULL},
    {"P4", "outbound-plus-prefix = on\n", NULL, NULL},
    {"P4", "outbound-plus-prefix = 2\n", "outbound-plus-prefix = 2: must be yes, no", NULL},
    {"C01", "home-country = DE\n", NULL, NULL},
    {"C01", "home-country = de\n", NULL, NULL},
    {"C01", "home-country = \"\"\n", NULL, NULL},
    {"C01", "home-country = XX\n", "home-country = XX: must be a country, two letters of ISO 3166 such as US",
     NULL},
    {"C01", "home-country = 49\n", "home-country = 49: must be a country", NULL},
    {"C01", "home-country = Germany\n", "home-country = Germany: must be a country", NULL},
    {"P5", "address-ton = 6\n", NULL, NULL},
    {"P5", "address-ton = 7\n", "address-ton = 7: must be a whole number from 0 to 6", NULL},
    {"P5", "address-ton = -1\n", "address-ton = -1: must be a whole number from 0 to 6", NULL},
    {"P6", "address-npi = 18\n", NULL, NULL},
    {"P6", "address-npi = 2\n", "address-npi = 2: must be one of 0, 1, 3, 4, 6, 8, 9, 10, 13, 18", NULL},
    {"P7", "destination-ton = 1\n", NULL, NULL},
    {"P7", "destination-ton = 99\n", "destination-ton = 99: must be a whole number from 0 to 6", NULL},
    {"P8", "destination-npi = 13\n", NULL, NULL},
    {"P8", "destination-npi = 5\n", "destination-npi = 5: must be one of 0, 1, 3", NULL},
    {"P9", "messages-per-second = 1\n", NULL, NULL},
    {"P9", "messages-per-second = 100\n", NULL, NULL},
    {"P9", "messages-per-second = 101\n",
     "messages-per-second = 101: must be a whole number from 1 to 100; up to 100000 only with "
     "allow-custom-rate = yes",
     NULL},
    {"P9", "messages-per-second = 0\n", "messages-per-second = 0: must be a whole number", NULL},
    {"P9", "messages-per-second = 100000\nallow-custom-rate = yes\n", NULL, NULL},
    {"P9", "messages-per-second = 100001\nallow-custom-rate = yes\n", "from 1 to 100000", NULL},
    {"P10", "bind-type = transmitter\n", NULL,
     "a transmitter without a receiver gets neither receipts nor inbound messages"},
    {"P10", "bind-type = receiver\n", NULL, NULL},
    {"P10", "bind-type = both\n", "bind-type = both: must be transceiver, transmitter or receiver", NULL},
    {"P11", "binds = 1\n", NULL, NULL},
    {"P11", "binds = 4\n", NULL, "carriers allow 3 binds"},
    {"P11", "binds = 0\n", "binds = 0: must be a whole number from 1 to 10", NULL},
    {"P11", "binds = 11\n", "binds = 11: must be a whole number from 1 to 10", NULL},
    {"P12", "use-tls = no\n", NULL, NULL},
    {"P12", "use-tls = ssl\n", "use-tls = ssl: must be yes, no", NULL},
    {"P12", "use-tls = no\nssl-client-certkey-file = /x\n", "has no use without use-tls", NULL},
    {"P13", "advanced-config = \"\"\n", NULL, NULL},
    {"P14", "password = abc\n", "only one of password, password-file and credentials",
     "the password stands here in clear"},
    {"P14", "credentials = byo1:x\n", "only one of password, password-file and credentials", NULL},
    {"P14", "passwrod = abc\n", "passwrod: unknown key; did you mean password?", NULL},
    {"P15", "name = \"Carrier A\"\nnotes = \"ops: +81 3 0000\"\n", NULL, NULL},
    {"keys", "reports = both\n", NULL, NULL},
    {"keys", "reports = all\n", "reports = all: must be message, segment or both", NULL},
    {"keys", "receipt-timeout = 72\nretry-delay = 5s\nretry-max-delay = 1h\nretry-for = 2d\n", NULL, NULL},
    {"keys", "receipt-timeout = soon\n",
     "receipt-timeout = soon: must be a duration from 1s to 30d, such as 30, 30s, 15m, 72h or 10d", NULL},
    {"keys", "receipt-timeout = 31d\n", "must be a duration from 1s to 30d", NULL},
    {"keys", "receipt-timeout = 0\n", "must be a duration from 1s to 30d", NULL},
    {"keys", "retry-delay = 1h\n", "must not be less than retry-delay", NULL},
    {"keys", "retry-tries = 1000\n", NULL, NULL},
    {"keys", "retry-tries = 1001\n", "retry-tries = 1001: must be a whole number from 1 to 1000", NULL},
    {"keys", "concat-reference = 16\n", NULL, NULL},
    {"keys", "concat-reference = 12\n", "concat-reference = 12: must be one of 8, 16", NULL},
    {"keys", "queue-limit = 0\n", "queue-limit = 0: must be a whole number from 1 to 100000000", NULL},
    {"keys", "binds = 2\nbinds = 3\n", "stands here a second time; the first is on line 6 of f", NULL},
    {"keys", "bind = 2\n", "unknown key; did you mean binds?", NULL},
    {"keys", "zzz = 2\n", "zzz: unknown key", NULL},
    {"keys", "name = \"open\nnotes = x\n", "does not end with it", NULL},
    {"keys", "name = \"a\" # comment\n", "does not end with it", NULL},
    {"keys", "name = \xff\xfe\n", "must be a text", NULL},
    {"smsc keys",
     "system-type = cp\ninterface-version = 34\nservice-type = CMT\naddress-range = \"^1\"\nbind-addr-ton = "
     "1\nbind-addr-npi = 1\nenquire-link-interval = 30\nmsg-id-type = 1\nmax-pending-submits = 10\nwait-ack "
     "= 60\nvalidityperiod = 1440\nssl-client-certkey-file = /x.pem\n",
     NULL, NULL},
    {"smsc keys",
     "ssl-verify-host = yes\nssl-host-name = smpp.example\nssl-ca-file = /ca\nssl-min-version = 1.3\n", NULL,
     NULL},
    {"smsc keys", "ssl-min-version = 1.1\n", "ssl-min-version = 1.1: must be 1.2 or 1.3", NULL},
    {"P12", "use-tls = no\nssl-verify-host = yes\n", "has no use without use-tls", NULL},
    {"smsc keys", "system-type = 1234567890123\n", "must be a text of at most 12 octets", NULL},
    {"smsc keys", "system-type = include\n", "the word \"include\" may not stand in it", NULL},
    {"smsc keys", "interface-version = 35\n", "must be one of 33, 34, 50", NULL},
    {"smsc keys", "service-type = 123456\n", "must be a text of at most 5 octets", NULL},
    {"smsc keys", "msg-id-type = 4\n", "msg-id-type = 4: must be a whole number from 0 to 3", NULL},
    {"C14", "connection-timeout = 60\n", NULL, NULL},
    {"C14", "connection-timeout = 30\n", "must be longer than enquire-link-interval (30)", NULL},
    {"C14", "enquire-link-interval = 10\nconnection-timeout = 11\n", NULL, NULL},
    {"C14", "connection-timeout = x\n", "must be a whole number from 2 to 36000", NULL},
    {"C10", "msg-id-match = exact\n", NULL, NULL},
    {"C10", "msg-id-match = fuzzy\n", "msg-id-match = fuzzy: must be loose or exact", NULL},
    {"C33", "receipt-errors = own-rows\n", NULL, NULL},
    {"C33", "receipt-errors = own\n", "receipt-errors = own: must be all-rows or own-rows", NULL},
    {"smsc keys", "enquire-link-interval = 0\n", "must be a whole number from 1 to 3600", NULL},
    {"smsc keys", "allowed-smsc-id = x\n", "not allowed here: byobox routes", NULL},
    {"smsc keys", "instances = 3\n", "not allowed here: the name here is binds", NULL},
    {"smsc keys", "throughput = 3\n", "not allowed here: the name here is messages-per-second", NULL},
    {"smsc keys", "alt-charset = x\n", "not allowed here: the charsets list", NULL},
    {"smsc keys", "max-sms-octets = 140\n", "not allowed here: byobox splits", NULL},
    {"smsc keys", "log-file = /x\n", "not allowed here: byobox gives each link its own log", NULL},
    {"not offered", "vpn = yes\n", "a VPN to the carrier is not offered", NULL},
    {"not offered", "mms = yes\n", "MMS is not offered", NULL},
    {"not offered", "alphanumeric-sender = ACME\n", "alphanumeric sender ids are not offered", NULL},
    {"pairs", "receives-for = x\n", "only an integration with bind-type = receiver", NULL},
    {"pairs", "shares-numbers-of = carrier-a\nshare = load\n", "cannot share its numbers with itself", NULL},
    {"pairs", "shares-numbers-of = other\nshare = load\n", "there is no integration of that id", NULL},
    {"pairs", "share = load\n", "has no use without shares-numbers-of", NULL},
    {"A2", "our-host = 192.0.2.1\n", NULL, NULL},
    {"A2", "our-host = \"::1\"\n", "must be a host name or an IPv4 address", NULL},
};

static void check_told(const char *row, const char *lines, const Read *r, const char *error,
                       const char *warning)
{
    ck_assert_msg(r->faults.errors == (error ? 1 : 0) && (!error || strstr(r->told, error)),
                  "%s: <%s>: wanted the error <%s>, told:\n%s", row, lines, error ? error : "none", r->told);
    ck_assert_msg(r->faults.warnings == (warning ? 1 : 0) && (!warning || strstr(r->told, warning)),
                  "%s: <%s>: wanted the warning <%s>, told:\n%s", row, lines, warning ? warning : "none",
                  r->told);
}

START_TEST(rows_P2_to_P15)
{
    char *text = byo_printf("%s%s", GOOD, cases[_i].lines);
    Read r = read_text(text);

    check_told(cases[_i].row, cases[_i].lines, &r, cases[_i].error, cases[_i].warning);
    done(&r);
    free(text);
}
END_TEST

START_TEST(P1_P14_required)
{
    Read r = read_text("group = byo-smpp\nname = x\n");

    ck_assert_uint_eq(r.faults.errors, 4);
    ck_assert_ptr_nonnull(
        strstr(r.told, "f:1: error: group byo-smpp: integration-id is missing; it must be 1 to 32"));
    ck_assert_ptr_nonnull(strstr(r.told, "smsc-address is missing; it must be a host name"));
    ck_assert_ptr_nonnull(strstr(r.told, "system-id is missing; it must be a text of 1 to 15 octets"));
    ck_assert_ptr_nonnull(
        strstr(r.told, "the password is missing; write one of password, password-file and credentials"));
    done(&r);
}
END_TEST

/* The reader tells such a line's fault; nothing is called missing, and nothing is told twice. */
START_TEST(P14_a_line_told_when_read)
{
    static const char *const lines[] = {"password = a\001b", "password-file = /a\001b",
                                        "credentials = a\177"};
    TextFile files[] = {{"f", NULL, 0}, {NULL, NULL, 0}};

    for (size_t k = 0; k < sizeof(lines) / sizeof(lines[0]); k++) {
        char *text = byo_printf("group = byo-smpp\nintegration-id = a\nsmsc-address = h\nsystem-id = s\n%s\n",
                                lines[k]);
        ByoFaults faults = {0};
        ByoPasswordPlace place;
        files[0].text = text;
        ByoConfigTree *tree = text_tree(files, &faults);
        byo_integration_free(byo_properties_read(&tree->groups[0], &place, &faults));
        byo_password_place_clear(&place);
        char *told = faults_text(&faults);
        ck_assert_msg(faults.n == 1 && strstr(told, "f:5: error: the control character 0x"), "%s", told);
        free(told);
        free(text);
        byo_faults_free(&faults);
        byo_config_tree_free(tree);
    }
}
END_TEST

START_TEST(P1_addresses)
{
    static const struct {
        const char *address;
        bool good;
    } hosts[] = {{"smpp.example", true},
                 {"10.0.0.1", true},
                 {"a_b.example", true},
                 {"a", true},
                 {"", false},
                 {"::1", false},
                 {"a b", false},
                 {"-a.example", false},
                 {"a..b", false},
                 {".a", false},
                 {"a-.b", false},
                 {"smpp://a", false},
                 {"a:2775", false},
                 {"a\"b", false},
                 {"ex\xc3\xa4mple", false}};
    for (size_t k = 0; k < sizeof(hosts) / sizeof(hosts[0]); k++)
        ck_assert_msg(byo_key_is_host(byo_str(hosts[k].address)) == hosts[k].good, "<%s>", hosts[k].address);
    char label[70];
    memset(label, 'a', sizeof(label));
    ck_assert(byo_key_is_host(byo_strn(label, 63)));
    ck_assert(!byo_key_is_host(byo_strn(label, 64)));
}
END_TEST

START_TEST(P14_credentials)
{
    static const struct {
        const char *lines, *error;
    } forms[] = {
        {"system-id = 123456789012345\npassword = 12345678\n", NULL},
        {"system-id = 1234567890123456\npassword = x\n",
         "system-id = 1234567890123456: must be a text of 1 to 15 octets"},
        {"system-id = a\npassword = 12345678901234567\n", "password: must be a text of 1 to 16 octets"},
        {"system-id = a\npassword = \"\"\n", "password: must be a text of 1 to 16 octets"},
        {"system-id = included\npassword = x\n", "the word \"include\" may not stand in it"},
        {"system-id = a\npassword = xinclude\n", "password: the word \"include\" may not stand in it"},
    };
    for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
        char *text = byo_printf("group = byo-smpp\nintegration-id = a\nsmsc-address = h\n%s", forms[k].lines);
        Read r = read_text(text);
        check_told("P14", forms[k].lines, &r, forms[k].error, "the password stands here in clear");
        /* however wrong it is, it is never repeated */
        ck_assert_ptr_null(strstr(r.told, "123456789:"));
        ck_assert_ptr_null(strstr(r.told, "xinclude"));
        done(&r);
        free(text);
    }
    ck_assert_ptr_null(byo_password_fault(BYO_STR("12345678"), 0));
    ck_assert_ptr_nonnull(byo_password_fault(BYO_STR(""), 0));
    ck_assert_ptr_nonnull(byo_password_fault(BYO_STR("123456789"), 0));
    ck_assert_ptr_nonnull(byo_password_fault(BYO_STR("123456789"), ~BYO_FEATURE_LONG_PASSWORD));
    ck_assert_ptr_null(byo_password_fault(BYO_STR("1234567890123456"), BYO_FEATURE_LONG_PASSWORD));
    ck_assert_ptr_nonnull(byo_password_fault(BYO_STR("12345678901234567"), BYO_FEATURE_ALL));
    ck_assert_ptr_nonnull(byo_password_fault(BYO_STR("a\tb"), 0));
    ck_assert_ptr_nonnull(byo_password_fault(BYO_STR("include"), 0));
}
END_TEST

START_TEST(P1_to_P15_defaults_and_values)
{
    Read r = read_text(GOOD);
    const ByoIntegration *i = r.all[0];

    ck_assert_uint_eq(r.faults.n, 0);
    ck_assert_str_eq(i->id, "carrier-a");
    ck_assert_str_eq(i->smsc_address, "smpp.example");                             /* (spec P1) */
    ck_assert_int_eq(i->smsc_port, 2776);                                          /* (spec P2) */
    ck_assert(!i->address.inbound_plus_prefix);                                    /* (spec P3) */
    ck_assert(!i->address.outbound_plus_prefix);                                   /* (spec P4) */
    ck_assert(i->address.address_ton == 0 && i->address.address_npi == 0);         /* (spec P5, P6) */
    ck_assert(i->address.destination_ton == 0 && i->address.destination_npi == 0); /* (spec P7, P8) */
    ck_assert_str_eq(i->home_country, "");
    ck_assert_int_eq(i->messages_per_second, 20);         /* (spec P9) */
    ck_assert_int_eq(i->bind_type, BYO_BIND_TRANSCEIVER); /* (spec P10) */
    ck_assert_int_eq(i->binds, 3);                        /* (spec P11) */
    ck_assert(i->use_tls);                                /* (spec P12) */
    ck_assert_ptr_null(i->advanced_path);                 /* (spec P13) */
    ck_assert_str_eq(i->system_id, "account");            /* (spec P14) */
    ck_assert(!i->password_plain && !i->password);
    ck_assert_str_eq(i->name, ""); /* (spec P15) */
    ck_assert_str_eq(i->notes, "");
    ck_assert_int_eq(i->reports, BYO_REPORTS_MESSAGE);
    ck_assert_int_eq(i->receipt_timeout, 72 * BYO_HOUR);
    ck_assert_int_eq(i->retry_delay, 30 * BYO_SECOND);
    ck_assert_int_eq(i->retry_max_delay, 30 * BYO_MINUTE);
    ck_assert_int_eq(i->retry_for, 24 * BYO_HOUR);
    ck_assert_int_eq(i->retry_tries, 10);
    ck_assert_int_eq(i->queue_limit, 1000000);
    ck_assert_int_eq(i->activation_timeout, 15 * BYO_MINUTE);
    ck_assert_int_eq(i->concat_reference, 8);
    ck_assert_int_eq(byo_integration_wait_ack(i), 60);
    done(&r);

    r = read_text(GOOD
                  "inbound-plus-prefix = 1\noutbound-plus-prefix = true\naddress-ton = 1\naddress-npi = 18\n"
                  "destination-ton = 2\ndestination-npi = 9\nmessages-per-second = 77\nbind-type = receiver\n"
                  "home-country = gb\n"
                  "use-tls = off\nwait-ack = 7\nsystem-type = \"\"\nqueue-limit = 9\nreports = both\n");
    i = r.all[0];
    ck_assert_uint_eq(r.faults.n, 0);
    ck_assert(i->address.inbound_plus_prefix && i->address.outbound_plus_prefix && !i->use_tls);
    ck_assert(i->address.address_ton == 1 && i->address.address_npi == 18);
    ck_assert(i->address.destination_ton == 2 && i->address.destination_npi == 9);
    ck_assert_str_eq(i->home_country, "GB");
    ck_assert_int_eq(i->messages_per_second, 77);
    ck_assert_int_eq(i->bind_type, BYO_BIND_RECEIVER);
    ck_assert(!byo_integration_transmits(i));
    ck_assert_int_eq(byo_integration_wait_ack(i), 7);
    ck_assert_str_eq(byo_integration_smsc_key(i, "system-type"), "");
    ck_assert_ptr_null(byo_integration_smsc_key(i, "service-type"));
    ck_assert_int_eq(i->queue_limit, 9);
    ck_assert_int_eq(i->reports, BYO_REPORTS_BOTH);
    done(&r);
}
END_TEST

#define GROUP(id, more) \
    "group = byo-smpp\nintegration-id = " id \
    "\nsmsc-address = smpp.example\nsystem-id = a\npassword-file = s\n" more "\n"

/* Every property is in the API's object, as it would be written; secrets and what lies elsewhere are not. */
START_TEST(each_property_is_shown)
{
    Read r = read_text(
        GOOD "allow-unknown-causes = on\nretry-delay = 60\nreceipt-timeout = 3d\nshare = load\n"
             "shares-numbers-of = other\nbind-addr-ton = 1\nssl-verify-host = yes\nsystem-type = 5\n");
    ByoJson *j = byo_properties_json(r.all[0]);
    ByoBuf text = {0};
    byo_json_text(j, false, &text);
    static const char *const shown[] = {
        "\"smscPort\":2776,",         "\"allowUnknownCauses\":true,",
        "\"allowCustomPort\":false,", "\"homeCountry\":null,",
        "\"share\":\"load\",",        "\"bindType\":\"transceiver\",",
        "\"retryDelay\":\"1m\",",     "\"receiptTimeout\":\"72h\",",
        "\"bindAddrTon\":1,",         "\"sslVerifyHost\":true,",
        "\"systemType\":\"5\",",      "\"queueLimit\":1000000,",
        "\"waitAck\":null,",          "\"credentials\":{\"systemId\":\"account\"}}"};
    for (size_t k = 0; k < sizeof shown / sizeof *shown; k++)
        ck_assert_msg(strstr(text.p, shown[k]), "%s in %s", shown[k], text.p);
    ck_assert_ptr_null(strstr(text.p, "assword"));
    const ByoKeyDef *def;
    for (size_t k = 0; (def = byo_property(k)); k++) {
        char member[BYO_KEY_CAMEL], quoted[BYO_KEY_CAMEL + 4];
        snprintf(quoted, sizeof quoted, "\"%s\":", byo_key_camel(def->name, member));
        bool hidden = (def->flags & BYO_KEY_SECRET && def->flags & BYO_KEY_CREDENTIAL) ||
                      (def->flags & BYO_KEY_APART && strcmp(def->name, "credentials") != 0);
        ck_assert_msg((strstr(text.p, quoted) == NULL) == hidden, "%s", quoted);
    }
    byo_buf_free(&text);
    byo_json_free(j);
    done(&r);
}
END_TEST

START_TEST(integrations_and_each_other)
{
    static const Case pairs[] = {
        {"ids", GROUP("a", "") GROUP("a", ""), "another integration has that id (f, line 1)", NULL},
        {"ids", GROUP("byobox-idle", ""), "reserved", NULL},
        {"ids", GROUP("a b", ""), "must be 1 to 32 letters", NULL},
        {"ids", GROUP("includer", ""), "the word \"include\"", NULL},
        {"P10",
         GROUP("t", "bind-type = transmitter\n") GROUP("r", "bind-type = receiver\nreceives-for = t\n"), NULL,
         NULL},
        {"P10", GROUP("t", "") GROUP("r", "bind-type = receiver\nreceives-for = t\n"),
         "does not have bind-type = transmitter", NULL},
        {"P10", GROUP("r", "bind-type = receiver\nreceives-for = t\n"), "there is no integration of that id",
         NULL},
        {"share", GROUP("a", "") GROUP("b", "shares-numbers-of = a\nshare = failover\n"), NULL, NULL},
        {"share", GROUP("a", "") GROUP("b", "shares-numbers-of = a\n"),
         "needs share = failover or share = load", NULL},
        {"share",
         GROUP("a", "") GROUP("b", "shares-numbers-of = a\nshare = load\n")
             GROUP("c", "shares-numbers-of = b\nshare = load\n"),
         "shares the numbers of a itself", NULL},
        {"share", GROUP("a", "bind-type = receiver\n") GROUP("b", "shares-numbers-of = a\nshare = load\n"),
         "it sends nothing", NULL},
        {"share", GROUP("a", "") GROUP("b", "bind-type = receiver\nshares-numbers-of = a\nshare = load\n"),
         "sends nothing", NULL},
    };
    for (size_t k = 0; k < sizeof(pairs) / sizeof(pairs[0]); k++) {
        Read r = read_text(pairs[k].lines);
        check_told(pairs[k].row, pairs[k].lines, &r, pairs[k].error, pairs[k].warning);
        done(&r);
    }
    /* a circle is two chains */
    Read r = read_text(GROUP("a", "shares-numbers-of = b\nshare = load\n")
                           GROUP("b", "shares-numbers-of = a\nshare = load\n"));
    ck_assert_uint_eq(r.faults.errors, 2);
    done(&r);
    /* receipts of another host would find no segment */
    r = read_text(
        GROUP("t", "bind-type = transmitter\n") "group = byo-smpp\nintegration-id = r\n"
                                                "smsc-address = other.example\nsystem-id = a\npassword-file "
                                                "= s\nbind-type = receiver\nreceives-for = t\n");
    check_told("P10", "other host", &r, "has another smsc-address (smpp.example)", NULL);
    done(&r);
}
END_TEST

START_TEST(P16_ten_integrations)
{
    ByoBuf text = {0};

    for (int k = 0; k < 10; k++)
        byo_buf_addf(
            &text,
            "group = byo-smpp\nintegration-id = c%d\nsmsc-address = h\nsystem-id = a\npassword-file = s\n\n",
            k);
    Read r = read_text(text.p);
    ck_assert_uint_eq(r.faults.n, 0);
    done(&r);
    byo_buf_adds(
        &text,
        "group = byo-smpp\nintegration-id = c10\nsmsc-address = h\nsystem-id = a\npassword-file = s\n\n");
    r = read_text(text.p);
    check_told("P16", "eleven", &r, "there are 11 integrations; an installation may have 10", NULL);
    done(&r);
    byo_buf_free(&text);
}
END_TEST

static void policy_of(const char *lines, const char *advanced, char digest[BYO_POLICY_TEXT])
{
    char *text = byo_printf(GOOD "%s", lines);
    Read r = read_text(text);
    ck_assert_msg(r.faults.errors == 0, "%s: %s", lines, r.told);
    ByoFaults faults = {0};
    r.all[0]->advanced = byo_advanced_load(byo_str(advanced), &(ByoAdvancedOptions){.file = NULL}, &faults);
    ck_assert_ptr_nonnull(r.all[0]->advanced);
    byo_policy_digest(r.all[0], digest);
    byo_faults_free(&faults);
    done(&r);
    free(text);
}

/* What may be another at each byobox makes no difference; what a message may do does, however it is written. */
START_TEST(policies_are_compared)
{
    static const struct {
        const char *lines, *advanced;
        bool same;
    } rows[] = {
        {"messages-per-second = 20\nuse-tls = yes\n", "", true}, /* as the defaults */
        {"name = Carrier A\nnotes = by phone\n", "", true},
        {"binds = 1\nour-host = 192.0.2.7\nsmsc-port = 2775\n", "", true},
        {"advanced-config = other.json\n", "{}", true},
        {"messages-per-second = 10\n", "", false},
        {"reports = both\n", "", false},
        {"destination-ton = 1\n", "", false},
        {"service-type = CMT\n", "", false},
        {"", "{\"charsets\": [{\"dcs\": 0, \"charset\": \"GSM_0338\"}]}", false},
    };
    char plain[BYO_POLICY_TEXT], other[BYO_POLICY_TEXT];
    policy_of("", "", plain);
    ck_assert_uint_eq(strlen(plain), BYO_POLICY_TEXT - 1);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        policy_of(rows[k].lines, rows[k].advanced, other);
        ck_assert_msg((strcmp(plain, other) == 0) == rows[k].same, "%s%s", rows[k].lines, rows[k].advanced);
    }
    policy_of("", "{\"charsets\": [{\"dcs\": 0, \"charset\": \"GSM_0338\"}]}", plain);
    policy_of("", "{ \"charsets\":\n[ {\"charset\": \"GSM_0338\", \"dcs\": 0} ] }", other);
    ck_assert_str_eq(plain, other);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("properties");
    TCase *t = tcase_create("rows");

    tcase_add_loop_test(t, rows_P2_to_P15, 0, (int)(sizeof(cases) / sizeof(cases[0])));
    tcase_add_test(t, P1_P14_required);
    tcase_add_test(t, P14_a_line_told_when_read);
    tcase_add_test(t, P1_addresses);
    tcase_add_test(t, P14_credentials);
    tcase_add_test(t, P1_to_P15_defaults_and_values);
    tcase_add_test(t, each_property_is_shown);
    tcase_add_test(t, policies_are_compared);
    tcase_add_test(t, integrations_and_each_other);
    tcase_add_test(t, P16_ten_integrations);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return run_suite(suite());
}
