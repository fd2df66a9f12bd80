/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: whether the included kannel.conf leaves our segments alone and lets byobox in, and the line to add
 * where not. byobox -t says it, byoctl kannel does it.
 * Ownership: see host.h. Threads: none. */
#include "config/host.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define OURS "127.0.0.1"     /* where byobox asks a local bearerbox from */
#define RESEND_RETRY 1000000 /* what byobox writes as resend_try into its segments */
#define MAX_MESSAGES 255     /* segments a concatenated message may have (3GPP TS 23.040) */

typedef struct {
    const ByoConfigTree *tree;
    const ByoConf *conf;
    ByoHostNeeds *needs;
} Check;

static const char *value(const ByoKeyGroup *g, const char *key)
{
    const ByoKeyLine *line = byo_key_find(g, key);
    return line ? line->value : NULL;
}

/* What would mend a fault: nothing but a person, or `key = value`. */
typedef struct {
    ByoNeedKind kind;
    const char *value; /* as it would be written */
    bool wish;
} Mend;
#define BY_HAND ((Mend){BYO_NEED_BY_HAND, NULL, false})
#define WISH ((Mend){BYO_NEED_BY_HAND, NULL, true})
#define WITH(value) ((Mend){BYO_NEED_KEY, value, false})

/* At the key's line when it stands there, else at the group's: `group smsc "old": TEXT`. */
static void tell(const Check *check, ByoSeverity severity, const ByoKeyGroup *g, const char *who,
                 const char *key, Mend mend, const char *fmt, ...) __attribute__((format(printf, 7, 8)));

static void tell(const Check *check, ByoSeverity severity, const ByoKeyGroup *g, const char *who,
                 const char *key, Mend mend, const char *fmt, ...)
{
    ByoHostNeeds *needs = check->needs;
    char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0)
        text = NULL;
    va_end(ap);
    byo_key_fault(&needs->faults, severity, g, who, byo_key_find(g, key), false, "%s", text ? text : fmt);
    free(text);
    needs->items = byo_realloc(needs->items, (needs->n + 1) * sizeof(*needs->items));
    needs->items[needs->n++] = (ByoHostNeed){mend.kind, g, key, byo_strdup(mend.value), mend.wish};
}

#define REFUSE(check, ...) tell(check, BYO_FAULT_ERROR, __VA_ARGS__)
#define WARN(check, ...) tell(check, BYO_FAULT_WARNING, __VA_ARGS__)

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
        REFUSE(check, g, who, "smsc-id", BY_HAND,
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
        REFUSE(check, g, who, allowed ? "allowed-smsc-id" : "allowed-smsc-id-regex", BY_HAND,
               "this link would take segments of our integrations: take their ids out of it");
    else if (taken > 0 && !receives_only(g)) {
        char *quoted = byo_printf("\"%s\"", line.p ? line.p : "");
        REFUSE(check, g, who, "denied-smsc-id", WITH(quoted),
               "this link would take segments of our integrations; the line it needs: denied-smsc-id = %s",
               quoted);
        free(quoted);
    }
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
    for (const char *at = list; at && *at;) {
        size_t n = strcspn(at, ";");
        if (ip_matches(byo_strn(at, n), ip))
            return true;
        at += n + (at[n] == ';');
    }
    return false;
}

/* gwlib/utils.c, is_allowed_ip: without a deny list everybody may, and the allow list comes first. */
static void check_admitted(const Check *check, const ByoKeyGroup *core, const char *allow_key,
                           const char *deny_key, const char *else_what)
{
    const char *allow = value(core, allow_key), *deny = value(core, deny_key);

    if (!byo_conf_host_is_local(check->conf->bearerbox_host) || !deny || !deny[0] || !ip_listed(deny, OURS) ||
        ip_listed(allow, OURS))
        return;
    char *list = byo_printf("\"%s%s" OURS "\"", allow ? allow : "", allow && allow[0] ? ";" : "");
    REFUSE(check, core, "group core", allow ? allow_key : deny_key, WITH(list),
           "%s; the line it needs: %s = %s", else_what, allow_key, list);
    check->needs->items[check->needs->n - 1].key = allow_key;
    free(list);
}

static void check_ports(const Check *check, const ByoKeyGroup *core)
{
    const char *who = "group core";
    long port;

    if (!parse_long(value(core, "smsbox-port"), &port))
        REFUSE(check, core, who, "smsbox-port", WITH("13001"),
               "bearerbox opens no port for boxes; the line it needs: smsbox-port = 13001");
    if (is_true(value(core, "smsbox-port-ssl")))
        REFUSE(check, core, who, "smsbox-port-ssl", BY_HAND,
               "byobox speaks to bearerbox without TLS; the line it needs: smsbox-port-ssl = no");
    if (is_true(value(core, "admin-port-ssl")))
        REFUSE(check, core, who, "admin-port-ssl", BY_HAND,
               "byobox asks bearerbox's admin port without TLS; the line it needs: admin-port-ssl = no");
    if (!parse_long(value(core, "admin-port"), &port) || !value(core, "admin-password"))
        WARN(check, core, who, "admin-port", WISH,
             "byobox can neither see the links nor have them opened and closed without bearerbox's admin "
             "port; the "
             "lines it needs: admin-port = 13000, and admin-password with a password of your choice");
    check_admitted(check, core, "admin-allow-ip", "admin-deny-ip",
                   "bearerbox's admin port answers byobox nothing");
    check_admitted(check, core, "box-allow-ip", "box-deny-ip",
                   "bearerbox's port for boxes lets byobox not in");
}

/* At its next start a bearerbox with store-type = spool takes every file below store-location for a message, and ends
 * with a panic over a receipt that is still awaited (gw/bb_store_spool.c). NULL: spool is no such folder, else one
 * beside store-location. */
static char *beside_store(const ByoKeyGroup *core, const char *spool)
{
    const char *store = value(core, "store-location"), *type = value(core, "store-type");

    if (!store || !type || strcmp(type, "spool") != 0)
        return NULL;
    size_t n = strlen(store);
    while (n > 1 && store[n - 1] == '/')
        n--;
    if (strncmp(spool, store, n) != 0 || (spool[n] && spool[n] != '/'))
        return NULL;
    return byo_printf("%.*s-dlr", (int)n, store);
}

char *byo_host_dlr_spool(const ByoKeyGroup *core)
{
    const char *said = value(core, "dlr-spool"), *spool = said && said[0] ? said : BYO_DLR_SPOOL;
    char *beside = beside_store(core, spool);
    return beside ? beside : byo_strdup(spool);
}

static void check_spools(const Check *check, const ByoKeyGroup *core)
{
    const char *storage = value(core, "dlr-storage"), *spool = value(core, "dlr-spool");

    if (!storage || strcmp(storage, "spool") != 0)
        return;
    char *folder = byo_host_dlr_spool(core), *quoted = byo_printf("\"%s\"", folder);
    if (!spool || !spool[0])
        REFUSE(check, core, "group core", "dlr-spool", WITH(quoted),
               "bearerbox does not start with dlr-storage = spool and no folder for it; the line it needs, "
               "with a "
               "folder of the user kannel: dlr-spool = %s",
               quoted);
    else if (strcmp(folder, spool) != 0)
        REFUSE(check, core, "group core", "dlr-spool", WITH(quoted),
               "it lies inside store-location: bearerbox takes awaited receipts for messages when it starts "
               "again, and "
               "ends; the line it needs, with a folder of the user kannel: dlr-spool = %s",
               quoted);
    free(quoted);
    free(folder);
}

static void check_receipts(const Check *check, const ByoKeyGroup *core)
{
    const char *who = "group core", *storage = value(core, "dlr-storage");

    if (check->conf->features & BYO_FEATURE_RECEIPTS_TO_BOX)
        return;
    if (!storage || strcmp(storage, "internal") == 0) {
        char *folder = byo_host_dlr_spool(core);
        WARN(check, core, who, "dlr-storage", WITH("spool"),
             "bearerbox keeps what it needs to match receipts in memory only: after its restart receipts of "
             "earlier segments are lost; a dlr-storage in a database or in files survives: dlr-storage = "
             "spool and "
             "dlr-spool = \"%s\" (Kannel's user guide, Delivery Reports)",
             folder);
        free(folder);
    } else if (strcmp(storage, "pgsql") == 0)
        WARN(check, core, who, "dlr-storage", BY_HAND,
             "Kannel 1.4.5 asks PostgreSQL for a row's oid, which PostgreSQL 12 and newer do not have: "
             "entries are "
             "never removed or updated; another storage is needed there: dlr-storage = spool, or the patch "
             "dlr-pgsql");
}

static void check_core(const Check *check, const ByoKeyGroup *core)
{
    const char *who = "group core";
    long retry = -1;

    parse_long(value(core, "sms-resend-retry"), &retry);
    if (retry < 0 || retry > RESEND_RETRY)
        REFUSE(
            check, core, who, "sms-resend-retry", WITH("1000000"),
            "bearerbox would submit our segments again and again; the line it needs: sms-resend-retry = %d",
            RESEND_RETRY);
    check_ports(check, core);
    check_spools(check, core);
    check_receipts(check, core);
    if (check->tree->n_skipped == 0) {
        char *file = byo_printf("\"%s\"", check->conf->smsc_conf);
        REFUSE(check, core, who, "", ((Mend){BYO_NEED_INCLUDE, file, false}),
               "no include names the file byobox writes for bearerbox; the line kannel.conf needs, with an "
               "empty line before and after it: include = %s",
               file);
        free(file);
    }
}

/* Keys of the patches of smsbox: who else reads the file refuses it as a whole, and what they rely on. */
static void check_delivery(const Check *check, const ByoKeyGroup *g, const char *who)
{
    static const char *const patched[] = {"keep-text", "ack-after-delivery", "reconnect"};
    long tries = 0;

    for (size_t k = 0; k < sizeof(patched) / sizeof(*patched) && !check->conf->features; k++)
        if (byo_key_find(g, patched[k]))
            WARN(check, g, who, patched[k], BY_HAND,
                 "only the patched smsbox and bearerbox know this key, others do not start with it; "
                 "bearerbox-features names none of the patches");
    parse_long(value(g, "http-request-retry"), &tries);
    if (is_true(value(g, "ack-after-delivery")) && tries <= 0)
        WARN(check, g, who, "http-request-retry", WITH("20"),
             "a report or message counts as delivered after its first failed request; the line it needs: "
             "http-request-retry = 20");
}

static void check_smsbox(const Check *check, const ByoKeyGroup *g)
{
    const ByoConf *conf = check->conf;
    const char *id = value(g, "smsbox-id"), *host = value(g, "bearerbox-host");
    char who[128];
    long port = 0;

    who_of(g, "smsbox-id", who, sizeof(who));
    if (id && strcmp(id, conf->box_id) == 0)
        REFUSE(check, g, who, "smsbox-id", BY_HAND,
               "byobox has that box-id: two boxes of one id share their reports at random");
    check_delivery(check, g, who);
    if (parse_long(value(g, "bearerbox-port"), &port) && port == conf->smsbox_port)
        return;
    char number[16];
    snprintf(number, sizeof(number), "%d", conf->smsbox_port);
    WARN(check, g, who, "bearerbox-port", !host || byo_conf_host_is_local(host) ? WITH(number) : BY_HAND,
         "this smsbox goes to bearerbox past byobox; the line it needs: bearerbox-port = %s", number);
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
        REFUSE(check, g, who, "concatenation", WITH("true"),
               "smsbox would cut long texts; the line it needs: concatenation = true");
    if (n < MAX_MESSAGES)
        REFUSE(check, g, who, "max-messages", WITH("255"),
               "smsbox would cut long texts; the line it needs: max-messages = %d", MAX_MESSAGES);
}

/* gwlib's reader takes any line with the word for a directive. Such a line's value is not repeated: it may be a
 * password. */
static void check_include_word(const Check *check, const ByoKeyGroup *g)
{
    char who[128];

    for (size_t k = 0; k < g->n; k++) {
        if (!strstr(g->keys[k].key, "include") && !strstr(g->keys[k].value, "include"))
            continue;
        snprintf(who, sizeof(who), "group %s", g->name);
        byo_key_fault(&check->needs->faults, BYO_FAULT_WARNING, g, who, &g->keys[k], true,
                      "the word \"include\" stands in the line: bearerbox and smsbox take such a line for a "
                      "directive and stop");
        check->needs->items = byo_realloc(check->needs->items, (check->needs->n + 1) * sizeof(ByoHostNeed));
        check->needs->items[check->needs->n++] =
            (ByoHostNeed){BYO_NEED_BY_HAND, g, g->keys[k].key, NULL, false};
    }
}

static void check_group(const Check *check, const ByoKeyGroup *g)
{
    check_include_word(check, g);
    if (strcmp(g->name, "smsc") == 0)
        check_smsc(check, g);
    else if (strcmp(g->name, "smsbox") == 0)
        check_smsbox(check, g);
    else if (strcmp(g->name, "sendsms-user") == 0 || strcmp(g->name, "sms-service") == 0)
        check_texts(check, g);
}

void byo_host_needs(const ByoConfigTree *tree, const ByoConf *conf, ByoHostNeeds *needs_r)
{
    const ByoKeyGroup *core = byo_host_single(tree, "core");
    Check check = {tree, conf, needs_r};
    char port[16];

    *needs_r = (ByoHostNeeds){0};
    if (!core)
        return;
    check_core(&check, core);
    snprintf(port, sizeof(port), "%d", conf->smsbox_port);
    if (!byo_host_single(tree, "smsbox"))
        REFUSE(&check, core, "group core", "", ((Mend){BYO_NEED_SMSBOX, port, false}),
               "there is no group = smsbox, without which bearerbox does not start; the lines it needs, "
               "after an empty one: group = smsbox, bearerbox-host = localhost, bearerbox-port = %s",
               port);
    for (size_t k = 0; k < tree->n; k++) {
        const ByoKeyGroup *g = &tree->groups[k];
        if (g->name && !byo_conf_group_ours(g->name))
            check_group(&check, g);
    }
}

void byo_host_needs_free(ByoHostNeeds *needs)
{
    for (size_t k = 0; k < needs->n; k++)
        free(needs->items[k].value);
    free(needs->items);
    byo_faults_free(&needs->faults);
    *needs = (ByoHostNeeds){0};
}

void byo_host_check(const ByoConfigTree *tree, const ByoConf *conf, ByoFaults *faults)
{
    ByoHostNeeds needs;

    if (!byo_host_single(tree, "core")) {
        byo_fault_add(
            faults, BYO_FAULT_WARNING, conf->path, 0, 0,
            "no kannel.conf is included, so it was not checked: core needs sms-resend-retry = %d and an "
            "include of %s, every other smsc group a denied-smsc-id with our ids, every sendsms-user and "
            "sms-service concatenation = true and max-messages = %d",
            RESEND_RETRY, conf->smsc_conf, MAX_MESSAGES);
        return;
    }
    byo_host_needs(tree, conf, &needs);
    for (size_t k = 0; k < needs.faults.n; k++) {
        const ByoFault *f = &needs.faults.items[k];
        if (!needs.items[k].wish)
            byo_fault_add(faults, f->severity, f->file, f->line, f->column, "%s", f->text);
    }
    byo_host_needs_free(&needs);
}
