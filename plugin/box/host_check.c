/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: whether the included kannel.conf leaves our segments alone, and the line to add where not.
 * Ownership: none kept. Threads: none. */
#include "box/host.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

#define OURS "127.0.0.1"     /* where byobox asks a local bearerbox from */
#define RESEND_RETRY 1000000 /* what byobox writes as resend_try into its segments */
#define MAX_MESSAGES 255     /* segments a concatenated message may have (3GPP TS 23.040) */

typedef struct {
    const ByoConfigTree *tree;
    const ByoConf *conf;
    ByoFaults *faults;
} Check;

static const char *value(const ByoKeyGroup *g, const char *key)
{
    const ByoKeyLine *line = byo_key_find(g, key);
    return line ? line->value : NULL;
}

/* At the key's line when it stands there, else at the group's: `group smsc "old": TEXT`. */
#define TELL(check, severity, group, who, key, ...) \
    byo_key_fault((check)->faults, severity, group, who, byo_key_find(group, key), false, __VA_ARGS__)
#define REFUSE(check, group, who, key, ...) TELL(check, BYO_FAULT_ERROR, group, who, key, __VA_ARGS__)

static bool is_true(const char *s)
{
    bool b;
    return s && byo_key_parse_bool(byo_str(s), &b) && b;
}

static bool parse_long(const char *s, long *n_r)
{
    char *end;

    if (!s || !s[0])
        return false;
    *n_r = strtol(s, &end, 0);
    return end != s;
}

/* A list bearerbox splits at ';' and compares to the octet, blanks included (gw/smscconn.c). */
static bool listed(const char *list, const char *id)
{
    size_t n = strlen(id);

    for (const char *at = list; at;) {
        const char *end = strchr(at, ';');
        size_t len = end ? (size_t)(end - at) : strlen(at);
        if (len == n && memcmp(at, id, n) == 0)
            return true;
        at = end ? end + 1 : NULL;
    }
    return false;
}

/* 1: matches, 0: does not, -1: the pattern is none. */
static int matches(const char *pattern, const char *id)
{
    int error;
    PCRE2_SIZE offset;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, 0, &error, &offset, NULL);
    if (!code)
        return -1;
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(limits, 100000);
    int rc = pcre2_match(code, (PCRE2_SPTR)id, strlen(id), 0, 0, data, limits);
    pcre2_match_context_free(limits);
    pcre2_match_data_free(data);
    pcre2_code_free(code);
    return rc == PCRE2_ERROR_NOMATCH ? 0 : 1; /* a match that ran too long may be one */
}

/* gw/smscconn.c, smscconn_usable: whether a link would take a message with this smsc_id. */
static bool takes(const ByoKeyGroup *g, const char *id)
{
    const char *allowed = value(g, "allowed-smsc-id"), *denied = value(g, "denied-smsc-id");
    const char *allowed_regex = value(g, "allowed-smsc-id-regex"),
               *denied_regex = value(g, "denied-smsc-id-regex");

    if (allowed ? !listed(allowed, id) : denied && listed(denied, id))
        return false;
    if (allowed_regex)
        return matches(allowed_regex, id) != 0;
    return !denied_regex || matches(denied_regex, id) != 1;
}

static bool receives_only(const ByoKeyGroup *g)
{
    const char *type = value(g, "smsc");
    long port = 0, receive_port = 0;

    parse_long(value(g, "port"), &port);
    parse_long(value(g, "receive-port"), &receive_port);
    return type && strcmp(type, "smpp") == 0 && receive_port != 0 && port == 0;
}

static const char *who_of(const ByoKeyGroup *g, const char *key, char *out, size_t n)
{
    const char *id = value(g, key);

    if (id && strlen(id) < 64)
        snprintf(out, n, "group %s \"%s\"", g->name, id);
    else
        snprintf(out, n, "group %s", g->name);
    return out;
}

static void check_smsc(const Check *check, const ByoKeyGroup *g)
{
    const ByoConf *conf = check->conf;
    const char *id = value(g, "smsc-id"), *denied = value(g, "denied-smsc-id"),
               *allowed = value(g, "allowed-smsc-id");
    char who[128];
    ByoBuf line = {0};
    size_t taken = 0;

    for (size_t k = 0; k < conf->n_integrations; k++)
        if (!conf->integrations[k]->id[0])
            return; /* refused: the line would not be whole */
    who_of(g, "smsc-id", who, sizeof(who));
    if (id && byo_conf_integration(conf, byo_str(id))) {
        REFUSE(check, g, who, "smsc-id",
               "an integration has that id, and byobox writes its link itself: remove this "
               "group or give it another smsc-id");
        return;
    }
    /* What would stand there so that none of ours is taken: the denied ids it has, and ours. */
    byo_buf_adds(&line, denied && !allowed ? denied : "");
    for (size_t k = 0; k < conf->n_integrations; k++) {
        const char *ours = conf->integrations[k]->id;
        if (byo_integration_transmits(conf->integrations[k]) && takes(g, ours))
            taken++;
        if (!(denied && !allowed && listed(denied, ours)))
            byo_buf_addf(&line, "%s%s", line.n ? ";" : "", ours);
    }
    if (taken > 0 && !receives_only(g) && (allowed || value(g, "allowed-smsc-id-regex")))
        REFUSE(check, g, who, allowed ? "allowed-smsc-id" : "allowed-smsc-id-regex",
               "this link would take segments of our integrations: take their ids out of it");
    else if (taken > 0 && !receives_only(g))
        REFUSE(
            check, g, who, "denied-smsc-id",
            "this link would take segments of our integrations; the line it needs: denied-smsc-id = \"%s\"",
            line.p ? line.p : "");
    byo_buf_free(&line);
}

/* gwlib/utils.c, pattern_matches_ip: '*' stands for what is left of one of the four numbers. */
static bool ip_matches(ByoStr pattern, const char *ip)
{
    size_t i = 0;

    while (i < pattern.n && *ip) {
        if (pattern.p[i] == *ip) {
            i++;
            ip++;
        } else if (pattern.p[i] == '*') {
            i++;
            ip += strcspn(ip, ".");
        } else {
            return false;
        }
    }
    return !*ip && (i == pattern.n || (i + 1 == pattern.n && pattern.p[i] == '*'));
}

static bool ip_listed(const char *list, const char *ip)
{
    for (const char *at = list; *at;) {
        size_t n = strcspn(at, ";");
        if (ip_matches(byo_strn(at, n), ip))
            return true;
        at += n + (at[n] == ';');
    }
    return false;
}

/* gwlib/utils.c, is_allowed_ip: without a deny list everybody may, and the allow list comes first. */
static void check_admin_ip(const Check *check, const ByoKeyGroup *core)
{
    const char *allow = value(core, "admin-allow-ip"), *deny = value(core, "admin-deny-ip");

    if (!byo_conf_host_is_local(check->conf->bearerbox_host) || !deny || !deny[0] || !ip_listed(deny, OURS) ||
        (allow && allow[0] && ip_listed(allow, OURS)))
        return;
    REFUSE(check, core, "group core", allow ? "admin-allow-ip" : "admin-deny-ip",
           "bearerbox's admin port answers byobox nothing; the line it needs: admin-allow-ip = \"%s%s" OURS
           "\"",
           allow ? allow : "", allow && allow[0] ? ";" : "");
}

static void check_core(const Check *check, const ByoKeyGroup *core)
{
    const char *who = "group core", *storage = value(core, "dlr-storage");
    long port;

    if (check->conf->host_resend_retry < 0 || check->conf->host_resend_retry > RESEND_RETRY)
        REFUSE(
            check, core, who, "sms-resend-retry",
            "bearerbox would submit our segments again and again; the line it needs: sms-resend-retry = %d",
            RESEND_RETRY);
    if (!parse_long(value(core, "smsbox-port"), &port))
        REFUSE(check, core, who, "smsbox-port",
               "bearerbox opens no port for boxes; the line it needs: smsbox-port = 13001");
    if (is_true(value(core, "smsbox-port-ssl")))
        REFUSE(check, core, who, "smsbox-port-ssl",
               "byobox speaks to bearerbox without TLS; the line it needs: smsbox-port-ssl = no");
    if (is_true(value(core, "admin-port-ssl")))
        REFUSE(check, core, who, "admin-port-ssl",
               "byobox asks bearerbox's admin port without TLS; the line it needs: admin-port-ssl = no");
    check_admin_ip(check, core);
    if ((!storage || strcmp(storage, "internal") == 0) &&
        !(check->conf->features & BYO_FEATURE_RECEIPTS_TO_BOX))
        TELL(check, BYO_FAULT_WARNING, core, who, "dlr-storage",
             "bearerbox keeps what it needs to match receipts in memory only: after its restart receipts of "
             "earlier segments are lost; a dlr-storage in a database or in files survives (Kannel's user "
             "guide, "
             "Delivery Reports)");
    if (!check->conf->smsc_conf_included)
        REFUSE(check, core, who, "",
               "no include names the file byobox writes for bearerbox; the line kannel.conf needs, with an "
               "empty line "
               "before and after it: include = \"%s\"",
               check->conf->smsc_conf);
}

static void check_smsbox(const Check *check, const ByoKeyGroup *g)
{
    const ByoConf *conf = check->conf;
    const char *id = value(g, "smsbox-id");
    char who[128];
    long port = 0;

    who_of(g, "smsbox-id", who, sizeof(who));
    if (id && strcmp(id, conf->box_id) == 0)
        REFUSE(check, g, who, "smsbox-id",
               "byobox has that box-id: two boxes of one id share their reports at random");
    if (!parse_long(value(g, "bearerbox-port"), &port) || port != conf->smsbox_port)
        TELL(check, BYO_FAULT_WARNING, g, who, "bearerbox-port",
             "this smsbox goes to bearerbox past byobox; the line it needs: bearerbox-port = %d",
             conf->smsbox_port);
}

/* sendsms-user and sms-service: smsbox cuts long texts unless told otherwise (gw/urltrans.c). */
static void check_texts(const Check *check, const ByoKeyGroup *g)
{
    bool service = strcmp(g->name, "sms-service") == 0;
    const char *most = value(g, "max-messages");
    char who[128];
    long n = 1;

    who_of(g, service ? "keyword" : "username", who, sizeof(who));
    parse_long(most, &n);
    if (service && most && n == 0)
        return; /* it answers nothing */
    if (!is_true(value(g, "concatenation")))
        REFUSE(check, g, who, "concatenation",
               "smsbox would cut long texts; the line it needs: concatenation = true");
    if (n < MAX_MESSAGES)
        REFUSE(check, g, who, "max-messages",
               "smsbox would cut long texts; the line it needs: max-messages = %d", MAX_MESSAGES);
}

/* gwlib's reader takes any line with the word for a directive. */
static void check_include_word(const Check *check, const ByoKeyGroup *g)
{
    char who[128];

    snprintf(who, sizeof(who), "group %s", g->name);
    for (size_t k = 0; k < g->n; k++)
        if (strstr(g->keys[k].key, "include") || strstr(g->keys[k].value, "include"))
            byo_key_fault(
                check->faults, BYO_FAULT_WARNING, g, who, &g->keys[k], true,
                "the word \"include\" stands in the line: bearerbox and smsbox take such a line for a "
                "directive and stop");
}

void byo_host_check(const ByoConfigTree *tree, const ByoConf *conf, ByoFaults *faults)
{
    const ByoKeyGroup *core = byo_host_single(tree, "core");
    Check check = {tree, conf, faults};

    if (!core) {
        byo_fault_add(
            faults, BYO_FAULT_WARNING, conf->path, 0, 0,
            "no kannel.conf is included, so it was not checked: core needs sms-resend-retry = %d and an "
            "include of %s, every other smsc group a denied-smsc-id with our ids, every sendsms-user and "
            "sms-service concatenation = true and max-messages = %d",
            RESEND_RETRY, conf->smsc_conf, MAX_MESSAGES);
        return;
    }
    check_core(&check, core);
    if (!byo_host_single(tree, "smsbox"))
        REFUSE(&check, core, "group core", "",
               "there is no group = smsbox, without which bearerbox does not start; the lines it needs, "
               "after an empty "
               "one: group = smsbox, bearerbox-host = localhost, bearerbox-port = %d",
               conf->smsbox_port);
    for (size_t k = 0; k < tree->n; k++) {
        const ByoKeyGroup *g = &tree->groups[k];
        if (!g->name || byo_conf_group_ours(g->name))
            continue;
        check_include_word(&check, g);
        if (strcmp(g->name, "smsc") == 0)
            check_smsc(&check, g);
        else if (strcmp(g->name, "smsbox") == 0)
            check_smsbox(&check, g);
        else if (strcmp(g->name, "sendsms-user") == 0 || strcmp(g->name, "sms-service") == 0)
            check_texts(&check, g);
    }
}
