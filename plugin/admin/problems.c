/* SPDX-License-Identifier: BSD-3-Clause
 * From a status to the list of what is wrong.
 * Ownership and threads: problems.h. */
#include "admin/problems.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* A queue that has not moved for so long is worth a look although its link stands. */
#define OLD_QUEUE (5 * BYO_MINUTE)
/* How long a carrier's refusal is news. */
#define RECENT_ERROR (10 * BYO_MINUTE)

static void add(ByoProblems *p, ByoProblemLevel level, const char *entity, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void add(ByoProblems *p, ByoProblemLevel level, const char *entity, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    p->items = byo_realloc(p->items, (p->n + 1) * sizeof *p->items);
    ByoProblem *one = &p->items[p->n++];
    one->level = level;
    snprintf(one->entity, sizeof one->entity, "%s", entity);
    one->text = byo_strdup(text);
}

enum { BECAUSE = 700 };

/* Why no bind stands: the page's word, the log's, where to read on. */
static const char *because(const ByoAdminIntegration *i, char buf[BECAUSE])
{
    const char *log = i->log_says[0] ? i->log_says : i->log_path;
    const char *why = i->log_says[0] || !i->log_path[0] ? "" : " says why";
    buf[0] = 0;
    if (i->bind_text[0])
        snprintf(buf, BECAUSE, ": bearerbox says %s%s%s%s", i->bind_text, log[0] ? "; " : "", log, why);
    else if (log[0])
        snprintf(buf, BECAUSE, "%s%s%s", i->log_says[0] ? ": " : "; ", log, why);
    return buf;
}

static void of_error_state(ByoProblems *p, const ByoAdminIntegration *i)
{
    const char *address = i->local_address[0] ? i->local_address : "this machine's address";
    char why[BECAUSE];
    if (i->reason == BYO_REASON_BIND_REFUSED && i->bind_status > 0)
        add(p, BYO_PROBLEM_ERROR, i->id,
            "the carrier refuses the bind with status %" PRId64
            ": check system-id and password, and that the carrier's "
            "allow list has %s; then activate again%s%s",
            i->bind_status, address, i->log_path[0] ? "; see " : "", i->log_path);
    else if (i->reason == BYO_REASON_BIND_REFUSED)
        add(p, BYO_PROBLEM_ERROR, i->id,
            "the carrier refuses the bind: check system-id and password, and that the carrier's allow list "
            "has %s; "
            "then activate again",
            address);
    else
        add(p, BYO_PROBLEM_ERROR, i->id,
            "no bind came up%s: is smsc-address and smsc-port right, is TLS as the carrier wants it, does "
            "its allow "
            "list have %s? bearerbox goes on trying",
            because(i, why), address);
}

static void of_integration(ByoProblems *p, const ByoAdminIntegration *i, ByoTime now)
{
    char since[BYO_AGE_TEXT], why[BECAUSE];
    if (i->deleted)
        return;
    if (i->absent) {
        add(p, BYO_PROBLEM_ERROR, i->id,
            "has no group in the configuration, but was not deleted: %s%" PRId64
            " segments wait in its queue; put its group "
            "back and load, or delete it: byoctl integration delete %s",
            i->has_numbers ? "sending from its numbers is answered with HTTP 503, " : "", i->queued, i->id);
        return;
    }
    if (i->state == BYO_LIFE_ERROR)
        of_error_state(p, i);
    else if (i->state == BYO_LIFE_ACTIVATING && !i->binds_known)
        add(p, BYO_PROBLEM_WARNING, i->id,
            "is being activated for %s, and nobody knows whether a bind stands: bearerbox's status page is "
            "not read",
            byo_age_text((now - i->since) / BYO_SECOND, since));
    else if (i->state == BYO_LIFE_ACTIVATING)
        add(p, BYO_PROBLEM_WARNING, i->id, "is being activated for %s, no bind stands yet%s",
            byo_age_text((now - i->since) / BYO_SECOND, since), because(i, why));
    else if (i->state == BYO_LIFE_ACTIVE && i->degraded)
        add(p, BYO_PROBLEM_WARNING, i->id, "only %d of %d binds stand%s", i->binds_online, i->binds_wanted,
            because(i, why));
    else if (i->state == BYO_LIFE_ACTIVE && i->binds_known && i->binds_online == 0)
        add(p, BYO_PROBLEM_ERROR, i->id, "no bind stands just now%s", because(i, why));
    if (i->counted && i->queued && !i->wanted)
        add(p, BYO_PROBLEM_WARNING, i->id, "is deactivated while %" PRId64 " segments wait in its queue",
            i->queued);
    else if (i->counted && i->queued && i->oldest && now - i->oldest > OLD_QUEUE)
        add(p, BYO_PROBLEM_WARNING, i->id, "%" PRId64 " segments wait, the oldest for %s", i->queued,
            byo_age_text((now - i->oldest) / BYO_SECOND, since));
    if (i->counted && i->throttled)
        add(p, BYO_PROBLEM_WARNING, i->id,
            "the carrier asks for less: %.1f instead of %.0f segments a second", i->rate, i->rate_configured);
    if (i->counted && i->last_error_at && now - i->last_error_at < RECENT_ERROR)
        add(p, BYO_PROBLEM_WARNING, i->id, "last error %s ago: %s",
            byo_age_text((now - i->last_error_at) / BYO_SECOND, since), i->last_error);
    if (i->pending_changes)
        add(p, BYO_PROBLEM_WARNING, i->id, "the file has changes that apply at its next activation");
}

/* What each node says of one thing: "" is that it has no such thing; NULL: it is not there, or said nothing yet. */
typedef const char *Said[BYO_SLOTS];

/* Of an integration, or (NULL) of what is not of one: groups byobox and byo-compliance. */
static void what_nodes_say(const ByoAdminStatus *st, const ByoAdminIntegration *i, Said of)
{
    for (size_t n = 0; n < st->n_nodes; n++) {
        const ByoNode *node = &st->nodes[n];
        of[n] = !node->up || !node->policy[0] ? NULL : i ? i->at[n].policy : node->policy;
    }
}

/* "n1, n3". */
static void add_names(ByoBuf *out, const ByoAdminStatus *st, const Said of, const char *policy)
{
    size_t before = out->n;
    for (size_t n = 0; n < st->n_nodes; n++)
        if (of[n] && strcmp(of[n], policy) == 0)
            byo_buf_addf(out, "%s%s", out->n > before ? ", " : "", st->nodes[n].name);
}

static bool is_first(const Said of, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (of[k] && strcmp(of[k], of[n]) == 0)
            return false;
    return true;
}

/* "c0ffee at n1, n3, decaf at n2"; returns how many policies there are. */
static size_t add_policies(ByoBuf *out, const ByoAdminStatus *st, const Said of)
{
    size_t policies = 0;
    for (size_t n = 0; n < st->n_nodes; n++) {
        if (!of[n] || !of[n][0] || !is_first(of, n))
            continue;
        byo_buf_addf(out, "%s%s at ", policies++ ? ", " : "", of[n]);
        add_names(out, st, of, of[n]);
    }
    return policies;
}

/* An integration is not the same at all nodes. */
static void of_policies(ByoProblems *p, const ByoAdminStatus *st, const ByoAdminIntegration *i)
{
    Said of = {NULL};
    ByoBuf text = {0}, lacking = {0};
    if (i->deleted || i->absent)
        return;
    what_nodes_say(st, i, of);
    size_t policies = add_policies(&text, st, of);
    add_names(&lacking, st, of, "");
    if (policies > 1)
        add(p, BYO_PROBLEM_WARNING, i->id,
            "its configuration is not the same at all nodes: %s; compare their files, or load them again",
            text.p);
    if (policies && lacking.n)
        add(p, BYO_PROBLEM_WARNING, i->id,
            "it is not known at %s: has the configuration there no group of it?", lacking.p);
    byo_buf_free(&text);
    byo_buf_free(&lacking);
}

static void of_nodes(ByoProblems *p, const ByoAdminStatus *st)
{
    Said of = {NULL};
    ByoBuf text = {0};
    what_nodes_say(st, NULL, of);
    if (add_policies(&text, st, of) > 1)
        add(p, BYO_PROBLEM_WARNING, "configuration",
            "what groups byobox and byo-compliance say of messages is not the same at all nodes: %s; compare "
            "their files, or load them again",
            text.p);
    byo_buf_free(&text);
}

/* Each node has its own, and the carrier counts all. */
static void of_binds(ByoProblems *p, const ByoAdminStatus *st, const ByoAdminIntegration *i)
{
    ByoAdminBinds all = byo_admin_binds(st, i);
    bool lack = i->degraded || i->state == BYO_LIFE_ERROR || i->state == BYO_LIFE_ACTIVATING;
    if (i->wanted && !i->deleted && lack && all.wanted > i->binds_wanted && all.wanted > BYO_BINDS_USUAL)
        add(p, BYO_PROBLEM_WARNING, i->id,
            "all nodes together want %" PRId64 " binds (%" PRId64
            " stand), and carriers allow %d an integration",
            all.wanted, all.online, BYO_BINDS_USUAL);
}

static void of_bearerbox(ByoProblems *p, const ByoAdminStatus *st)
{
    if (!st->own_up && !st->anon_up)
        add(p, BYO_PROBLEM_ERROR, "bearerbox",
            "the links to bearerbox at %s:%d are down: is it running? One that cannot read %s does not start "
            "(as its "
            "user: sudo -u kannel cat %s >/dev/null)",
            st->bearerbox_host, st->bearerbox_port, st->smsc_conf ? st->smsc_conf : "smsc-conf",
            st->smsc_conf ? st->smsc_conf : "smsc-conf");
    else if (!st->own_up || !st->anon_up)
        add(p, BYO_PROBLEM_ERROR, "bearerbox", "the %s link to bearerbox at %s:%d is down",
            st->own_up ? "anonymous" : "own", st->bearerbox_host, st->bearerbox_port);
    if (!st->bearerbox_known && st->bearerbox_why[0])
        add(p, st->bearerbox_denied ? BYO_PROBLEM_ERROR : BYO_PROBLEM_WARNING, "bearerbox",
            "its status page cannot be read, so nobody sees the binds: %s", st->bearerbox_why);
    if (st->bearerbox_denied_why[0])
        add(p, BYO_PROBLEM_ERROR, "bearerbox",
            "it does not take bearerbox-admin-password, so it cannot be told to read smsc-conf: activating "
            "and "
            "deactivating have no effect: %s",
            st->bearerbox_denied_why);
    for (size_t i = 0; i < st->n; i++)
        if (st->integrations[i].missing)
            add(p, BYO_PROBLEM_ERROR, "bearerbox",
                "it was told to read %s and does not show the links of %s: can it read the file? As the user "
                "it runs "
                "as (Debian: kannel): sudo -u kannel cat %s >/dev/null; its own log says more",
                st->smsc_conf ? st->smsc_conf : "smsc-conf", st->integrations[i].id,
                st->smsc_conf ? st->smsc_conf : "smsc-conf");
}

/* With others connected nobody would miss them. */
static void of_absent(ByoProblems *p, const ByoAdminStatus *st)
{
    for (size_t i = 0; i < st->n_absent && i < sizeof st->absent / sizeof *st->absent; i++)
        add(p, BYO_PROBLEM_ERROR, "smsbox",
            "reports or messages wait for %s%s, and none is connected: is it running, and does it use "
            "smsbox-port?",
            st->absent[i][0] ? "a smsbox with smsbox-id " : "an anonymous smsbox", st->absent[i]);
}

/* What is over already is told for a minute: somebody's sends failed. */
static void of_refusals(ByoProblems *p, const ByoAdminStatus *st)
{
    for (size_t i = 0; i < st->n_refused; i++)
        add(p, BYO_PROBLEM_ERROR, st->refused[i].entity,
            "%" PRId64 " sends were answered with HTTP 503 in the last minute: %s", st->refused[i].n,
            st->refused[i].cause);
}

ByoProblems byo_problems_of(const ByoAdminStatus *st)
{
    ByoProblems all = {0}, sorted = {0};
    char when[BYO_TIME_TEXT];
    if (st->store_health != BYO_STORE_OK)
        add(&all, BYO_PROBLEM_ERROR, "store", "it cannot be written: %s; sending is answered with HTTP 503",
            st->store_why);
    of_refusals(&all, st);
    if (st->draining)
        add(&all, BYO_PROBLEM_WARNING, "byobox",
            "takes no new messages since %s, as %s asked: they are answered with HTTP 503; byoctl drain "
            "--end "
            "takes them again",
            byo_time_text(st->draining, when), st->draining_by);
    of_bearerbox(&all, st);
    for (size_t i = 0; i < st->n; i++)
        of_integration(&all, &st->integrations[i], st->now);
    of_nodes(&all, st);
    for (size_t i = 0; i < st->n; i++) {
        of_policies(&all, st, &st->integrations[i]);
        of_binds(&all, st, &st->integrations[i]);
    }
    if (st->n_peers == 0 && st->inward > 0)
        add(&all, BYO_PROBLEM_ERROR, "smsbox",
            "none is connected, and %" PRId64 " reports and messages wait for one", st->inward);
    else if (st->n_peers == 0)
        add(&all, BYO_PROBLEM_WARNING, "smsbox", "none is connected");
    else
        of_absent(&all, st);
    if (st->webhook.failing)
        add(&all, BYO_PROBLEM_WARNING, "event-webhook",
            "%" PRId64 " events wait, none is posted since %s: %s", st->webhook.waiting,
            byo_time_text(st->webhook.failing, when), st->webhook.last_error);
    for (size_t i = 0; i < st->n_warnings; i++)
        add(&all, BYO_PROBLEM_WARNING, "configuration", "%s", st->warnings[i]);
    sorted.items = byo_alloc((all.n + 1) * sizeof *sorted.items);
    for (int level = BYO_PROBLEM_ERROR; level <= BYO_PROBLEM_WARNING; level++)
        for (size_t i = 0; i < all.n; i++)
            if ((int)all.items[i].level == level)
                sorted.items[sorted.n++] = all.items[i];
    free(all.items);
    return sorted;
}

void byo_problems_free(ByoProblems *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->items[i].text);
    free(p->items);
    *p = (ByoProblems){0};
}
