/* SPDX-License-Identifier: BSD-3-Clause
 * What bearerbox's status page says: of each integration's binds, of bearerbox itself, of other smsboxes.
 * Ownership and threads: life_private.h. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "box/life_private.h"
#include "link/link.h"

/* Looks in a row: a connection of byobox's that broke may still be listed beside the new one. */
enum { FOREIGN_LOOKS = 5 };

static bool is_bind_of(const ByoStatusBind *p, const char *id)
{
    return strcmp(p->admin_id[0] ? p->admin_id : p->smsc_id, id) == 0;
}

void byo_life_binds_of(const ByoStatusPage *page, const char *id, ByoBinds *b)
{
    *b = (ByoBinds){.known = true, .bind_status = -1};
    for (size_t i = 0; i < page->n_binds; i++) {
        const ByoStatusBind *p = &page->binds[i];
        if (!is_bind_of(p, id))
            continue;
        b->total++;
        b->online += p->state == BYO_BIND_ONLINE;
        b->dead += p->state == BYO_BIND_DEAD;
        b->queued += p->queued;
        if (p->bind_status > 0 && p->bind_time >= b->bind_time) {
            b->bind_status = p->bind_status;
            b->bind_time = p->bind_time;
        }
        if (p->state != BYO_BIND_ONLINE && p->bind_text[0])
            snprintf(b->bind_text, sizeof b->bind_text, "%s", p->bind_text);
    }
}

static void doubt(ByoLifeRow *r, ByoTime after, ByoTime before)
{
    if (!r->doubt || after < r->doubt_after)
        r->doubt_after = after;
    if (before > r->doubt)
        r->doubt = before;
}

/* A bind at this moment by its age, which is a second off, either way; a page that took long makes it seem younger: was it
 * made again since the last look? */
static bool made_again(const ByoLifeRow *r, ByoTime since, ByoTime was)
{
    return !r->seen || (since - was >= 2 * BYO_SECOND && since + 2 * BYO_SECOND > r->seen_at);
}

/* When a bind that is back was lost nobody knows: bearerbox's wait before it binds again ends early when a message wakes it.
 * So all it was handed before is in doubt. */
void byo_life_note_lost(const ByoLife *l, ByoLifeRow *r, const ByoStatusPage *page, ByoTime now)
{
    bool lost = false;
    size_t nth = 0;
    for (size_t i = 0; i < page->n_binds && nth < BYO_LIFE_BINDS; i++) {
        const ByoStatusBind *p = &page->binds[i];
        if (!is_bind_of(p, r->id))
            continue;
        ByoTime *was = &r->online_since[nth++];
        bool was_online = r->seen ? *was != 0 : !l->page_seen, online = p->state == BYO_BIND_ONLINE;
        ByoTime since = online ? now - p->online_for * BYO_SECOND : 0;
        if (was_online && !online)
            lost |= r->wanted; /* else byobox closed it itself */
        else if (was_online && p->online_for >= 0 && made_again(r, since, *was))
            doubt(r, r->seen_at, since + BYO_SECOND);
        *was = since;
    }
    while (nth < BYO_LIFE_BINDS)
        r->online_since[nth++] = 0;
    if (lost) /* at the first look nobody knows for how long: seen_at is 0 */
        doubt(r, r->seen_at, now);
    r->seen = true;
    r->seen_at = now;
}

/* byobox itself is one anonymous smsbox; a second one would take its MOs. */
static void foreign_boxes(const ByoStatusPage *page, char out[200])
{
    int anonymous = 0;
    char where[48] = "";
    for (size_t i = 0; i < page->n_boxes; i++) {
        if (strcmp(page->boxes[i].type, "smsbox") != 0 || page->boxes[i].id[0])
            continue;
        anonymous++;
        snprintf(where, sizeof where, "%s", page->boxes[i].ip);
    }
    out[0] = 0;
    if (anonymous > 1)
        snprintf(out, 200,
                 "%d anonymous smsboxes stand on bearerbox beside byobox (one from %s) and take its MOs: "
                 "point them at smsbox-port",
                 anonymous - 1, where);
}

/* Configured, but not in the page's list. */
static bool missing_features(unsigned features, const char *shown, char out[160])
{
#define NAME(bit, value, name) {bit, name},
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {BYO_FEATURES(NAME)};
#undef NAME
    size_t n = 0;
    out[0] = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if ((features & names[i].bit) && !strstr(shown, names[i].name) && n < 140)
            n += (size_t)snprintf(out + n, 160 - n, "%s%s", n ? " " : "", names[i].name);
    return n > 0;
}

/* Before a page is asked for: when the link was last known to stand. */
static void look_at_link(ByoLife *l)
{
    ByoLinkStatus st;
    int64_t now = byo_monotonic();
    byo_link_status(l->d->link, &st);
    free(st.peers);
    if (st.own_falls != l->falls && !l->fell)
        l->fell = l->falls_seen ? l->falls_seen : now;
    l->falls = st.own_falls;
    l->falls_seen = now;
    l->link_up = st.own_up;
}

/* By its age, in whole seconds, which may be one off. One that is gone and back within its first seconds is as old as it was; but
 * then the link fell, and it is younger than that. */
static bool is_another(const ByoLife *l, int64_t born)
{
    return (l->fell && born + 2 * BYO_SECOND >= l->fell) || (!l->rebase && born > l->born + 2 * BYO_SECOND);
}

/* A bearerbox started since (or while byobox was away): what it was handed before is in doubt. */
static void check_birth(ByoLife *l, int64_t uptime)
{
    if (uptime < 0)
        return;
    int64_t born = byo_monotonic() - uptime * BYO_SECOND;
    bool first = l->born == INT64_MIN, another = first || is_another(l, born);
    l->born = another || l->rebase ? born : l->born;
    l->rebase = false;
    if (another || l->link_up) /* else the page may still be that of the one that goes */
        l->fell = 0;
    if (!another)
        return;
    if (!first)
        byo_log_warning("bearerbox was started anew (up for %lld s)", (long long)uptime);
    l->admit_at = 0;
    l->restarted = byo_now() - uptime * BYO_SECOND;
    for (size_t i = 0; i < l->n; i++)
        l->rows[i].seen = false; /* its binds are new ones */
}

/* Every moment a row keeps moves with the clock, so that what passed counts (night N6). */
static void follow_clock(ByoLife *l)
{
    ByoTime by = byo_clock_jump(&l->clock, byo_now(), byo_monotonic()), now = byo_now();
    if (!by)
        return;
    l->rebase = true;
    l->restarted = byo_time_jumped(l->restarted, by);
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->n; i++) {
        ByoLifeRow *r = &l->rows[i];
        ByoTime *const times[] = {&r->since,       &r->bounce_since, &r->hold_until,      &r->oldest,
                                  &r->doubt_after, &r->doubt,        &r->address_checked, &r->missing_since};
        for (size_t k = 0; k < sizeof times / sizeof *times; k++)
            *times[k] = byo_time_jumped(*times[k], by);
        r->since = r->since > now ? now : r->since; /* it changed after the jump and before this look */
        r->seen = false;                            /* ages of binds on this page are not to be trusted */
    }
    pthread_mutex_unlock(&l->lock);
}

static void check_page(ByoLife *l, const ByoStatusPage *page, unsigned features)
{
    check_birth(l, page->uptime);
    /* A bearerbox started anew may be another one. */
    if (strcmp(l->features_seen, page->features) == 0 && l->features_checked)
        return;
    l->features_checked = true;
    snprintf(l->features_seen, sizeof l->features_seen, "%s", page->features);
    char missing[160];
    if (missing_features(features, page->features, missing))
        byo_life_event(
            l, BYO_EVENT_BEARERBOX_DIFFERS, "bearerbox", "", "", "",
            "bearerbox-features names what the running bearerbox does not show: %s; is it the patched one?",
            missing);
}

bool byo_life_get_page(ByoLife *l, ByoStatusPage *page)
{
    ByoDaemon *d = l->d;
    char why[160] = "bearerbox-admin-password is not set: bearerbox cannot be watched";
    pthread_rwlock_rdlock(&d->conf_lock);
    char *host = byo_strdup(d->conf->bearerbox_host),
         *password = byo_strdup(d->conf->bearerbox_admin_password);
    ByoBearerboxAdmin at = {host, d->conf->bearerbox_admin_port, password};
    unsigned features = d->conf->features;
    pthread_rwlock_unlock(&d->conf_lock);
    look_at_link(l);
    bool fine = password && byo_status_page_get(&at, page, why);
    follow_clock(l); /* also when it jumped during that */
    if (!fine && strcmp(why, l->page_told) != 0)
        byo_log(byo_status_page_denied(why) ? BYO_LOG_ERROR : BYO_LOG_WARNING,
                "bearerbox's status page cannot be read, so the state of its links is not known: %s", why);
    else if (fine && l->page_told[0])
        byo_log_info("bearerbox's status page can be read again");
    snprintf(l->page_told, sizeof l->page_told, "%s", fine ? "" : why);
    if (fine)
        check_page(l, page, features);
    pthread_mutex_lock(&l->lock);
    ByoLifeSnapshot *s = &l->shown;
    s->page_known = fine;
    snprintf(s->page_why, sizeof s->page_why, "%s", fine ? "" : why);
    s->bearerbox_uptime = fine ? page->uptime : -1;
    if (fine) {
        snprintf(s->bearerbox_version, sizeof s->bearerbox_version, "%s", page->version);
        snprintf(s->bearerbox_status, sizeof s->bearerbox_status, "%s", page->status);
        snprintf(s->bearerbox_features, sizeof s->bearerbox_features, "%s", page->features);
        char foreign[sizeof s->foreign_boxes];
        foreign_boxes(page, foreign);
        l->foreign_looks = foreign[0] ? l->foreign_looks + 1 : 0;
        snprintf(s->foreign_boxes, sizeof s->foreign_boxes, "%s",
                 l->foreign_looks >= FOREIGN_LOOKS ? foreign : "");
        if (l->foreign_looks == FOREIGN_LOOKS)
            byo_life_event(l, BYO_EVENT_BEARERBOX_DIFFERS, "bearerbox", "", "", "smsbox", "%s",
                           s->foreign_boxes);
    }
    pthread_mutex_unlock(&l->lock);
    if (password)
        explicit_bzero(password, strlen(password));
    free(host);
    free(password);
    return fine;
}
