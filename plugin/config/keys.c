/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: keys, ranges and defaults of group byobox, byo-user and byo-compliance.
 * Ownership: see keys.h. Threads: none. */
#include "config/keys.h"
#include "base/url.h"
#include "base/text.h"
#include "compliance/defaults.h"
#include "config/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SMSC_CONF_DEFAULT "/var/lib/byobox/smsc.conf"
#define N(array) (sizeof(array) / sizeof((array)[0]))

static const char *const ours[] = {"byobox", "byo-smpp", "byo-user", "byo-compliance"};
static const char *const kannels[] = {"core",
                                      "wapbox",
                                      "wap-url-map",
                                      "wap-user-map",
                                      "wtls",
                                      "ppg",
                                      "wap-push-user",
                                      "test-ppg",
                                      "configuration",
                                      "smsbox",
                                      "smsbox-route",
                                      "smsc",
                                      "sms-service",
                                      "sendsms-user",
                                      "ota-setting",
                                      "ota-bookmark",
                                      "modems",
                                      "mssql-connection",
                                      "mysql-connection",
                                      "oracle-connection",
                                      "sdb-connection",
                                      "pgsql-connection",
                                      "sqlite-connection",
                                      "sqlite3-connection",
                                      "redis-connection",
                                      "cassandra-connection",
                                      "dlr-db",
                                      "store-db",
                                      "radius-acct",
                                      "smpp-tlv"};

static bool among(const char *const *list, size_t n, const char *name)
{
    for (size_t k = 0; k < n; k++)
        if (strcmp(list[k], name) == 0)
            return true;
    return false;
}

bool byo_conf_group_ours(const char *name)
{
    return among(ours, N(ours), name);
}

bool byo_conf_group_kannels(const char *name)
{
    return among(kannels, N(kannels), name);
}

const char *byo_conf_group_nearest(const char *name)
{
    return byo_nearest(byo_str(name), ours, N(ours));
}

/* ---- group = byobox ---- */

enum { STORE_SQLITE, STORE_PGSQL };
enum { LOG_TEXT, LOG_JSON };

/* Fields of the configuration, and what is only needed while reading. */
typedef struct {
    ByoConf c;
    int store, unlisted, log_format;
    char *short_code_digits;
} Draft;

static const ByoKeyChoice stores[] = {{"sqlite", STORE_SQLITE}, {"pgsql", STORE_PGSQL}, {NULL, 0}};
static const ByoKeyChoice unlisted[] = {{"pass", 0}, {"refuse", 1}, {NULL, 0}};
static const ByoKeyChoice log_formats[] = {{"text", LOG_TEXT}, {"json", LOG_JSON}, {NULL, 0}};
#define CHOICE(bit, value, name) {name, bit},
static const ByoKeyChoice features[] = {BYO_FEATURES(CHOICE){"all", BYO_FEATURE_ALL}, {NULL, 0}};
#undef CHOICE

#define AT(field) .offset = offsetof(Draft, field)
#define SECRET(key, field) \
    { \
        key, BYO_KEY_TEXT, BYO_KEY_SECRET, 1, 128, NULL, AT(field) \
    }
static const ByoKeyDef box_defs[] = {
    {"box-id", BYO_KEY_ID, .def = "byobox", AT(c.box_id)},
    {"smsbox-port", BYO_KEY_INT, 0, 1, 65535, "13011", AT(c.smsbox_port)},
    {"smsbox-interface", BYO_KEY_HOST, AT(c.smsbox_interface)},
    {"smsbox-allow-ip", BYO_KEY_TEXT, 0, 1, 4000, "127.0.0.1", AT(c.smsbox_allow_ip)},
    {"bearerbox-host", BYO_KEY_HOST, .def = "localhost", AT(c.bearerbox_host)},
    {"bearerbox-port", BYO_KEY_INT, 0, 1, 65535, "13001", AT(c.bearerbox_port)},
    {"bearerbox-admin-port", BYO_KEY_INT, 0, 1, 65535, "13000", AT(c.bearerbox_admin_port)},
    SECRET("bearerbox-admin-password", c.bearerbox_admin_password),
    {"bearerbox-features", BYO_KEY_WORDS, BYO_KEY_ALIKE, AT(c.features), .choices = features},
    {"admin-port", BYO_KEY_INT, 0, 1, 65535, "13010", AT(c.admin_port)},
    {"admin-interface", BYO_KEY_HOST, .def = "127.0.0.1", AT(c.admin_interface)},
    {"admin-ssl-cert-file", BYO_KEY_PATH, AT(c.admin_ssl_cert_file)},
    {"admin-ssl-key-file", BYO_KEY_PATH, AT(c.admin_ssl_key_file)},
    {"admin-allow-ip", BYO_KEY_TEXT, 0, 1, 4000, .def = NULL, AT(c.admin_allow_ip)},
    SECRET("admin-password", c.admin_password),
    SECRET("status-password", c.status_password),
    {"store", BYO_KEY_CHOICE, .def = "sqlite", AT(store), .choices = stores},
    {"store-id", BYO_KEY_TEXT, 0, 1, 128, NULL, AT(c.store_id)},
    {"node-id", BYO_KEY_TEXT, 0, 1, BYO_NODE_ID_MAX, NULL, AT(c.node_id)},
    {"store-path", BYO_KEY_PATH, .def = "/var/lib/byobox/byobox.db", AT(c.store_path)},
    {"smsc-conf", BYO_KEY_PATH, .def = SMSC_CONF_DEFAULT, AT(c.smsc_conf)},
    {"credentials-key-file", BYO_KEY_PATH, .def = "/etc/byobox/key", AT(c.credentials_key_file)},
    {"integrations-dir", BYO_KEY_PATH, AT(c.integrations_dir)},
    {"short-code-digits", BYO_KEY_TEXT, BYO_KEY_ALIKE, 1, 20, "5-6", AT(short_code_digits)},
    {"unlisted-senders", BYO_KEY_CHOICE, BYO_KEY_ALIKE, .def = "pass", AT(unlisted), .choices = unlisted},
    {"retention", BYO_KEY_DURATION, BYO_KEY_ALIKE, BYO_SECOND, 3650 * BYO_DAY, "30d", AT(c.retention)},
    {"event-retention", BYO_KEY_DURATION, BYO_KEY_ALIKE, BYO_SECOND, 3650 * BYO_DAY, "10d",
     AT(c.event_retention)},
    {"keep-inbound-text", BYO_KEY_BOOL, BYO_KEY_ALIKE, 0, 0, "no", AT(c.keep_inbound_text)},
    {"statistics-retention", BYO_KEY_DURATION, BYO_KEY_ALIKE, 2 * BYO_DAY, 3650 * BYO_DAY, "400d",
     AT(c.statistics_retention)},
    {"inward-limit", BYO_KEY_LONG, BYO_KEY_ALIKE, 1, 2000000, "200000", AT(c.inward_limit)},
    {"inward-expiry", BYO_KEY_DURATION, BYO_KEY_ALIKE, BYO_SECOND, 3650 * BYO_DAY, "7d", AT(c.inward_expiry)},
    {"inward-expiry-mo", BYO_KEY_DURATION, BYO_KEY_ALIKE, BYO_SECOND, 3650 * BYO_DAY, NULL,
     AT(c.inward_expiry_mo)},
    {"log-file", BYO_KEY_PATH, AT(c.log_file)},
    {"log-level", BYO_KEY_INT, 0, 0, 4, "1", AT(c.log_level)},
    {"log-format", BYO_KEY_CHOICE, .def = "text", AT(log_format), .choices = log_formats},
    {"event-webhook", BYO_KEY_TEXT, BYO_KEY_SECRET, 1, BYO_URL_MAX, NULL, AT(c.event_webhook)},
    {"access-log", BYO_KEY_PATH, AT(c.access_log)},
};
#undef AT

static const ByoKeyRefusal box_refusals[] = {
    {"bearerbox-port-ssl", "byobox speaks to bearerbox without TLS; keep the two on one machine"},
    {"smsbox-port-ssl",
     "smsboxes speak to byobox without TLS; keep them on one machine or a private network"},
};

char *byo_conf_absolute(const char *file, const char *path)
{
    char *beside = byo_path_beside(file, path), *here, *absolute;

    if (beside[0] == '/' || !(here = getcwd(NULL, 0)))
        return beside;
    absolute = byo_printf("%s/%s", strcmp(here, "/") == 0 ? "" : here, beside);
    free(here);
    free(beside);
    return absolute;
}

char *byo_conf_smsc_conf(const ByoKeyGroup *group)
{
    const ByoKeyLine *line = group ? byo_key_find(group, "smsc-conf") : NULL;

    return line && line->value[0] ? byo_conf_absolute(line->file, line->value)
                                  : byo_strdup(SMSC_CONF_DEFAULT);
}

char *byo_conf_integrations_dir(const ByoKeyGroup *group)
{
    const ByoKeyLine *line = group ? byo_key_find(group, "integrations-dir") : NULL;

    return line && line->value[0] ? byo_conf_absolute(line->file, line->value) : NULL;
}

static void make_absolute(const ByoKeyGroup *group, char **path)
{
    if (!*path)
        return;
    char *absolute = byo_conf_absolute(group->file, *path);
    free(*path);
    *path = absolute;
}

bool byo_conf_host_is_local(const char *host)
{
    return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0;
}

static void check_ports(const ByoConf *c, const ByoKeyGroup *group, ByoFaults *faults)
{
    const struct {
        const char *name;
        int port;
        bool here;
    } listeners[] = {
        {"smsbox-port", c->smsbox_port, true},
        {"admin-port", c->admin_port, true},
        {"bearerbox-port", c->bearerbox_port, byo_conf_host_is_local(c->bearerbox_host)},
        {"bearerbox-admin-port", c->bearerbox_admin_port, byo_conf_host_is_local(c->bearerbox_host)}};

    for (size_t a = 0; a < N(listeners); a++)
        for (size_t b = a + 1; b < N(listeners); b++)
            if (listeners[a].here && listeners[b].here && listeners[a].port == listeners[b].port)
                byo_key_fault(faults, BYO_FAULT_ERROR, group, "group byobox",
                              byo_key_find(group, listeners[a].name), false,
                              "%s and %s are the same port, %d, on one machine", listeners[a].name,
                              listeners[b].name, listeners[a].port);
}

/* One of an address's four: 0 to 255 as inet_ntoa writes it, or '*' behind any beginning of one. */
static bool is_ip_number(ByoStr s)
{
    bool star = s.n > 0 && s.p[s.n - 1] == '*';
    size_t n = star ? s.n - 1 : s.n;
    int value = 0;

    for (size_t k = 0; k < n; k++) {
        if (k == 3 || s.p[k] < '0' || s.p[k] > '9')
            return false;
        value = 10 * value + s.p[k] - '0';
    }
    return (n > 0 || star) && value <= 255 && !(n > 1 && s.p[0] == '0');
}

static bool is_ip_pattern(ByoStr s)
{
    int numbers = 0;

    for (size_t at = 0; at <= s.n; numbers++) {
        const char *dot = at < s.n ? memchr(s.p + at, '.', s.n - at) : NULL;
        size_t n = dot ? (size_t)(dot - s.p) - at : s.n - at;
        if (!is_ip_number(byo_strn(s.p + at, n)))
            return false;
        at += n + 1;
    }
    return numbers == 4;
}

/* Addresses with wildcards, separated by ';'. They are compared to the octet (gwlib/utils.c,
 * pattern_matches_ip), so any other form would let nobody in. An empty part does no harm. */
static bool is_ip_list(const char *s)
{
    size_t found = 0;

    while (*s) {
        size_t n = strcspn(s, ";");
        if (n > 0 && !is_ip_pattern(byo_strn(s, n)))
            return false;
        found += n > 0;
        s += n + (s[n] == ';');
    }
    return found > 0;
}

static void default_password(char **password, const char *from)
{
    if (!*password && from && from[0])
        *password = byo_strdup(from);
}

/* The URL may hold a password, so no sentence repeats it. */
static void check_webhook(const ByoConf *c, const ByoKeyGroup *group, ByoFaults *faults)
{
    const ByoKeyLine *line = byo_key_find(group, "event-webhook");
    char host[256];
    bool tls;
    if (!c->event_webhook)
        return;
    if (!byo_url_check(c->event_webhook, host, &tls))
        byo_key_fault(faults, BYO_FAULT_ERROR, group, "group byobox", line, true,
                      "must be a URL of https or http, such as https://example.org/events");
    else if (!tls && !byo_conf_host_is_local(host))
        byo_key_fault(faults, BYO_FAULT_WARNING, group, "group byobox", line, true,
                      "events go to %s in the clear, phone numbers in them: use https", host);
}

/* What other byoboxes of the store are to have, too. */
static void note_policy(ByoConf *conf, const ByoKeyTable *table, const void *target)
{
    if (!conf->policy)
        conf->policy = byo_json_object();
    for (size_t k = 0; k < table->n_defs; k++)
        if (table->defs[k].flags & BYO_KEY_ALIKE)
            byo_key_set(&table->defs[k], target, conf->policy, table->defs[k].name);
}

void byo_conf_read_box(ByoConf *conf, const ByoKeyGroup *group, const ByoHostDefaults *host,
                       ByoFaults *faults)
{
    const char *who = "group byobox";
    ByoKeyTable table = {box_defs, N(box_defs), box_refusals, N(box_refusals)};
    Draft d = {.c = *conf};
    ByoConf *c = &d.c;

    byo_keys_read(&table, group, who, &d, faults);
    note_policy(c, &table, &d);
    c->store_pgsql = d.store == STORE_PGSQL;
    c->refuse_unlisted = d.unlisted == 1;
    c->log_json = d.log_format == LOG_JSON;
    if (c->log_json && !c->log_file)
        byo_key_fault(faults, BYO_FAULT_WARNING, group, who, byo_key_find(group, "log-format"), false,
                      "it says how log-file is written, and there is none: standard error is always text");
    if (d.short_code_digits && !byo_short_codes_parse(byo_str(d.short_code_digits), &c->short_codes))
        byo_key_fault(faults, BYO_FAULT_ERROR, group, who, byo_key_find(group, "short-code-digits"), false,
                      "must be how many digits a short code may have, %d to %d, such as 5-6 or 3-8",
                      BYO_SHORT_CODE_MIN, BYO_SHORT_CODE_MAX);
    free(d.short_code_digits);
    char **paths[] = {&c->integrations_dir, &c->store_path, &c->smsc_conf,           &c->credentials_key_file,
                      &c->log_file,         &c->access_log, &c->admin_ssl_cert_file, &c->admin_ssl_key_file};
    for (size_t k = 0; k < N(paths); k++)
        make_absolute(group, paths[k]);
    if (!c->store_path)
        byo_key_fault(faults, BYO_FAULT_ERROR, group, who, byo_key_find(group, "store-path"), false,
                      "must be the path of a file");
    if (!c->smsc_conf)
        byo_key_fault(faults, BYO_FAULT_ERROR, group, who, byo_key_find(group, "smsc-conf"), false,
                      "must be the path of a file");
    static const char *const ip_keys[] = {"smsbox-allow-ip", "admin-allow-ip"};
    const char *const ip_lists[] = {c->smsbox_allow_ip, c->admin_allow_ip};
    for (size_t i = 0; i < N(ip_keys); i++)
        if (ip_lists[i] && !is_ip_list(ip_lists[i]))
            byo_key_fault(
                faults, BYO_FAULT_ERROR, group, who, byo_key_find(group, ip_keys[i]), false,
                "must be IPv4 addresses separated by ';' without blanks, each of four numbers from 0 to 255, "
                "'*' for any number: \"127.0.0.1;10.0.*.*\"");
    if (host->port && !byo_key_find(group, "bearerbox-port"))
        c->bearerbox_port = host->port;
    if (host->admin_port && !byo_key_find(group, "bearerbox-admin-port"))
        c->bearerbox_admin_port = host->admin_port;
    default_password(&c->bearerbox_admin_password, host->admin_password);
    check_ports(c, group, faults);
    check_webhook(c, group, faults);
    if (!c->bearerbox_admin_password)
        byo_key_fault(faults, BYO_FAULT_WARNING, group, who, NULL, false,
                      "bearerbox-admin-password is missing: byobox can neither make bearerbox take a changed "
                      "smsc-conf nor see the state of its links");
    if (!c->admin_password)
        byo_key_fault(faults, BYO_FAULT_WARNING, group, who, NULL, false,
                      "admin-password is missing: the admin port stays shut");
    *conf = d.c;
}

/* ---- group = byo-user ---- */

static const ByoKeyChoice permissions[] = {
#define X(symbol, name) {name, BYO_CAN_##symbol},
    BYO_PERMISSIONS(X)
#undef X
        {"all", BYO_CAN_GRANTED},
    {NULL, 0}};

static const ByoKeyDef user_defs[] = {
    {"username", BYO_KEY_ID, BYO_KEY_REQUIRED | BYO_KEY_ALLOCATED, .offset = offsetof(ByoConfUser, username)},
    {"password-hash", BYO_KEY_TEXT, BYO_KEY_REQUIRED | BYO_KEY_SECRET, 1, 512, NULL,
     .offset = offsetof(ByoConfUser, password_hash)},
    {"permissions", BYO_KEY_WORDS, BYO_KEY_REQUIRED, .offset = offsetof(ByoConfUser, permissions),
     .choices = permissions},
};

static const ByoKeyRefusal user_refusals[] = {
    {"password", "write password-hash; byoctl makes one"},
};

void byo_conf_read_user(ByoConf *conf, const ByoKeyGroup *group, ByoFaults *faults)
{
    ByoKeyTable table = {user_defs, N(user_defs), user_refusals, N(user_refusals)};
    const char *who = "group byo-user";
    ByoConfUser user = {0};

    byo_keys_read(&table, group, who, &user, faults);
    if (user.username) {
        if (strcmp(user.username, "admin") == 0 || strcmp(user.username, "status") == 0)
            byo_key_fault(faults, BYO_FAULT_ERROR, group, who, byo_key_find(group, "username"), false,
                          "this name belongs to admin-password and status-password");
        if (byo_conf_user(conf, byo_str(user.username)))
            byo_key_fault(faults, BYO_FAULT_ERROR, group, who, byo_key_find(group, "username"), false,
                          "another byo-user has that name");
    }
    if (user.password_hash && user.password_hash[0] != '$')
        byo_key_fault(faults, BYO_FAULT_ERROR, group, who, byo_key_find(group, "password-hash"), true,
                      "this is no hash (it would begin with '$'); byoctl makes one");
    conf->users = byo_realloc(conf->users, (conf->n_users + 1) * sizeof(*conf->users));
    conf->users[conf->n_users++] = user;
}

/* ---- group = byo-compliance ---- */

typedef struct {
    int reply_limit;
    bool opt_out_loose;
    char *language;
    char *keywords[BYO_KEYWORD_KINDS], *replies[BYO_KEYWORD_KINDS];
} Compliance;

#define TEXT(key, most, field) \
    { \
        key, BYO_KEY_TEXT, BYO_KEY_ALIKE, 1, most, NULL, .offset = offsetof(Compliance, field) \
    }
static const ByoKeyDef compliance_defs[] = {
    {"reply-limit", BYO_KEY_INT, BYO_KEY_ALIKE, 0, 1000, "10", .offset = offsetof(Compliance, reply_limit)},
    {"opt-out-loose", BYO_KEY_BOOL, BYO_KEY_ALIKE, 0, 0, "yes",
     .offset = offsetof(Compliance, opt_out_loose)},
    {"default-language", BYO_KEY_TEXT, BYO_KEY_ALIKE, 1, 100, "en", .offset = offsetof(Compliance, language)},
    TEXT("help-keywords", 4000, keywords[0]),
    TEXT("help-reply", BYO_COMPLIANCE_REPLY_BYTES, replies[0]),
    TEXT("opt-out-keywords", 4000, keywords[1]),
    TEXT("opt-out-reply", BYO_COMPLIANCE_REPLY_BYTES, replies[1]),
    TEXT("opt-in-keywords", 4000, keywords[2]),
    TEXT("opt-in-reply", BYO_COMPLIANCE_REPLY_BYTES, replies[2]),
};

static void override(ByoConf *conf, const Compliance *c, int k, const ByoKeyGroup *group, ByoFaults *faults)
{
    static const char *const names[] = {"help", "opt-out", "opt-in"};
    const char *who = "group byo-compliance";
    ByoCompliance *standard = &conf->compliance.standard, before;
    ByoComplianceFault fault;
    char key[32], reply[32];

    snprintf(key, sizeof(key), "%s-%s", names[k], c->keywords[k] ? "keywords" : "reply");
    snprintf(reply, sizeof(reply), "%s-reply", names[k]);
    if (!c->replies[k]) {
        /* A reply that stands there and was refused has been told. */
        if (c->keywords[k] && !byo_key_find(group, reply))
            byo_key_fault(faults, BYO_FAULT_ERROR, group, who, byo_key_find(group, key), false,
                          "%s is missing: the reply these keywords get", reply);
        return;
    }
    byo_compliance_copy(&before, standard);
    if (byo_defaults_override(standard, (ByoKeywordKind)(k + 1), byo_str(c->keywords[k]),
                              byo_str(c->replies[k]), &fault)) {
        byo_compliance_free(&before);
        return;
    }
    byo_key_fault(faults, BYO_FAULT_ERROR, group, who, byo_key_find(group, key), false, "%s", fault.text);
    /* The next kind is judged without this one's faults. */
    byo_compliance_free(standard);
    *standard = before;
}

void byo_conf_read_compliance(ByoConf *conf, const ByoKeyGroup *group, ByoFaults *faults)
{
    ByoKeyTable table = {compliance_defs, N(compliance_defs), NULL, 0};
    const char *who = "group byo-compliance";
    const ByoKeyGroup none = {.name = "byo-compliance"};
    ByoComplianceFault fault;
    Compliance c = {0};

    if (!group)
        group = &none;
    byo_keys_read(&table, group, who, &c, faults);
    note_policy(conf, &table, &c);
    conf->compliance.reply_limit = c.reply_limit;
    conf->compliance.opt_out_loose = c.opt_out_loose;
    conf->compliance.default_language = byo_strdup(c.language);
    if (!byo_defaults_compose(byo_str(c.language), &conf->compliance.standard, &fault)) {
        byo_key_fault(faults, BYO_FAULT_ERROR, group, who, byo_key_find(group, "default-language"), false,
                      "%s", fault.text);
        /* English applies in every language: the other keys are judged beside it. */
        byo_defaults_compose(BYO_STR("en"), &conf->compliance.standard, &fault);
    }
    for (int k = 0; k < BYO_KEYWORD_KINDS; k++)
        override(conf, &c, k, group, faults);
    byo_keys_clear(&table, &c);
}

void byo_conf_check_replies(const ByoConf *conf, const ByoKeyGroup *group, ByoFaults *faults)
{
    static const char *const keys[] = {"help-reply", "opt-out-reply", "opt-in-reply"};
    for (size_t k = 0; group && k < N(keys); k++) {
        const ByoKeyLine *line = byo_key_find(group, keys[k]);
        for (size_t i = 0; line && i < conf->n_integrations; i++) {
            const ByoIntegration *one = conf->integrations[i];
            char why[96];
            if (one->advanced && one->bind_type != BYO_BIND_RECEIVER && line->value && line->value[0] &&
                !byo_integration_carries(one, byo_str(line->value), why))
                byo_key_fault(faults, BYO_FAULT_ERROR, group, "group byo-compliance", line, false,
                              "integration %s cannot send it: %s", one->id, why);
        }
    }
}
