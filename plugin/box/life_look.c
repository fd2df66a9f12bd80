/* SPDX-License-Identifier: BSD-3-Clause
 * One look at bearerbox: each integration's next state, the file it includes. Its page: life_page.c.
 * Ownership and threads: life_private.h. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "box/life_private.h"

#define DRAIN (30 * BYO_SECOND) /* (spec L6) */
#define HOLD (2 * BYO_SECOND)
/* How long bearerbox may take to show a link after it was told to read the file. */
#define MISSING (10 * BYO_SECOND)
/* How often bearerbox is asked whether it takes the password. */
#define DENIED_EVERY (5 * BYO_MINUTE)
#define ADMITTED_EVERY BYO_HOUR
#define ADDRESS_EVERY (10 * BYO_MINUTE)

/* -- one integration ----------------------------------------------------------------------------------*/

/* Where bearerbox itself says why; the log's name is render.c's. */
#define LINK_LOG "bearerbox's smsc-%s.log says more"

static void tell_error(ByoLife *l, const ByoLifeRow *r, const char *before, const ByoBinds *b)
{
    const char *now = byo_life_state_name(r->state);
    const char *address = r->local_address[0] ? r->local_address : "(not known)";
    char code[24], says[600] = "";
    if (b->bind_text[0])
        snprintf(says, sizeof says, " (bearerbox says %s)", b->bind_text);
    else if (r->log_says[0] && r->reason != BYO_REASON_BIND_REFUSED)
        snprintf(says, sizeof says, " (%s)", r->log_says);
    if (r->reason == BYO_REASON_BIND_REFUSED) {
        snprintf(code, sizeof code, "%s", byo_life_reason_name(r->reason));
        if (b->bind_status > 0)
            snprintf(code, sizeof code, "%lld", (long long)b->bind_status);
        byo_life_event(l, BYO_EVENT_BIND_REFUSED, r->id, before, now, code,
                       "the carrier refused the bind%s: check system-id, password and system-type, and "
                       "whether the carrier's "
                       "allow list has our address %s; then activate %s again; " LINK_LOG,
                       says, address, r->id, r->id);
    } else {
        byo_life_event(
            l, BYO_EVENT_ACTIVATION_FAILED, r->id, before, now, byo_life_reason_name(r->reason),
            "no bind within activation-timeout%s: check smsc-address, smsc-port and use-tls, and whether the "
            "carrier's allow list has our address %s; bearerbox goes on trying; " LINK_LOG,
            says, address, r->id);
    }
}

static void tell_state(ByoLife *l, const ByoLifeRow *r, ByoLifeState was, const ByoBinds *b, int wanted)
{
    const char *now = byo_life_state_name(r->state), *before = byo_life_state_name(was);
    switch (r->state) {
    case BYO_LIFE_ERROR:
        tell_error(l, r, before, b);
        break;
    case BYO_LIFE_ACTIVE:
        byo_life_event(l, BYO_EVENT_STATE, r->id, before, now, "", "%s is active: %d of %d binds are online",
                       r->id, b->online, wanted);
        break;
    case BYO_LIFE_ACTIVATING:
        if (was == BYO_LIFE_ACTIVE && r->bounce == BOUNCE_NONE)
            byo_life_event(
                l, BYO_EVENT_STATE, r->id, before, now, "",
                "%s has lost all its binds: messages wait in the queue, bearerbox connects again; " LINK_LOG,
                r->id, r->id);
        else
            byo_life_event(l, BYO_EVENT_STATE, r->id, before, now, "", "%s waits for its first bind", r->id);
        break;
    case BYO_LIFE_DEACTIVATING:
        byo_life_event(l, BYO_EVENT_STATE, r->id, before, now, "",
                       "nothing more of %s is handed over; its binds are closed when the carrier has "
                       "answered, after %d s at "
                       "the latest",
                       r->id, (int)(DRAIN / BYO_SECOND));
        break;
    case BYO_LIFE_INACTIVE:
        byo_life_event(l, BYO_EVENT_STATE, r->id, before, now, "", "the binds of %s are closed%s", r->id,
                       r->deleted ? "" : "; its messages wait in the queue");
        break;
    }
}

static void tell_binds(ByoLife *l, ByoLifeRow *r, const ByoBinds *b, int wanted)
{
    if (!b->known)
        return;
    if (r->online_before >= 0 && r->state == BYO_LIFE_ACTIVE && b->online < r->online_before)
        byo_life_event(l, BYO_EVENT_BIND_LOST, r->id, "", "", "", "%d of %d binds are online; " LINK_LOG,
                       b->online, wanted, r->id);
    if (r->online_before >= 0 && r->online_before < wanted && b->online == wanted && r->degraded_told)
        byo_life_event(l, BYO_EVENT_BIND_RESTORED, r->id, "", "", "", "all %d binds are online", wanted);
    if (r->step.degraded && !r->degraded_told && r->online_before == b->online)
        byo_life_event(l, BYO_EVENT_DEGRADED, r->id, "", "degraded", "", "active with %d of %d binds",
                       b->online, wanted);
    if (r->step.degraded && r->online_before == b->online)
        r->degraded_told = true;
    else if (!r->step.degraded)
        r->degraded_told = false;
    r->online_before = b->online;
}

/* True while the integration has to stay away from bearerbox. */
static bool bouncing(ByoLifeRow *r, const ByoBinds *b, ByoTime now)
{
    if (r->bounce == BOUNCE_DRAIN && (r->handed == 0 || now - r->bounce_since >= DRAIN || b->online == 0))
        r->bounce = BOUNCE_REMOVE;
    if (r->bounce == BOUNCE_REMOVE && b->known && b->total == 0) {
        r->bounce = BOUNCE_NONE;
        r->since = now;
    }
    return r->bounce != BOUNCE_NONE;
}

/* bearerbox says yes to graceful-restart and goes on with what it has when it cannot read the file (night N9). What it read
 * while somebody wrote kannel.conf may lack the link, too (host H17): it is asked once more before the event. */
static void note_missing(ByoLife *l, ByoLifeRow *r, const ByoBinds *b, ByoTime now)
{
    if (b->total > 0 || !byo_smsc_file_find(&l->file, r->id) || r->bounce != BOUNCE_NONE) {
        r->missing_since = 0;
        r->missing_asked = false;
        r->missing_told = false;
        return;
    }
    bool due = r->missing_since && now - r->missing_since >= MISSING;
    if (due && !r->missing_asked) /* one reading serves all that wait for it */
        r->missing_asked = l->reread = true;
    if (l->reread || !r->missing_since)
        r->missing_since = now;
    else if (due && !r->missing_told) {
        r->missing_told = true;
        byo_life_event(
            l, BYO_EVENT_BEARERBOX_DIFFERS, "bearerbox", "", "", "smsc-conf",
            "bearerbox was told to read smsc-conf and does not show the links of %s: can it read the file? "
            "byoctl status shows the command",
            r->id);
    }
}

static void step_row(ByoLife *l, ByoLifeRow *r, const ByoBinds *b, const ByoIntegration *cfg, ByoTime now)
{
    ByoLifeInput in = {.wanted = r->wanted && r->configured,
                       .deleted = r->deleted,
                       .binds = cfg ? cfg->binds : 0,
                       .since = r->since,
                       .activation_timeout = cfg ? cfg->activation_timeout : 0,
                       .drain_timeout = DRAIN,
                       .handed = r->handed};
    ByoLifeState was = r->state;
    r->changed += b->known != r->binds.known || b->online != r->binds.online;
    if (in.wanted && bouncing(r, b, now)) {
        r->step = (ByoLifeStep){.state = BYO_LIFE_ACTIVATING, .rendered = r->bounce == BOUNCE_DRAIN};
    } else {
        byo_life_step(r->state, &in, b, now, &r->step);
    }
    r->binds = *b;
    r->reason = r->step.reason;
    bool told = false;
    if (r->step.state != was) {
        r->state = r->step.state;
        r->since = now;
        r->changed++;
        tell_state(l, r, was, b, in.binds);
        told = r->state == BYO_LIFE_ERROR && r->reason == BYO_REASON_BIND_REFUSED;
    }
    if (told) { /* that was the event of this answer */
        r->answered = b->bind_time;
        r->answers_seen = true;
        r->log.rejected = 0;
    }
    byo_life_tell_answers(l, r, b, now);
    tell_binds(l, r, b, in.binds);
}

/* -- the file ---------------------------------------------------------------------------------------*/

static char *render(const ByoConf *conf, const ByoIntegration *cfg)
{
    ByoRenderOptions opt = byo_conf_render_options(conf);
    ByoBuf text = {0};
    byo_render_smsc(cfg, &opt, &text);
    char *copy = byo_str_dup(byo_buf_str(&text));
    explicit_bzero(text.p, text.n);
    byo_buf_free(&text);
    return copy;
}

static void update_file(ByoLife *l)
{
    ByoDaemon *d = l->d;
    pthread_rwlock_rdlock(&d->conf_lock);
    char *path = byo_strdup(d->conf->smsc_conf);
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->n; i++) {
        ByoLifeRow *r = &l->rows[i];
        const ByoIntegration *cfg = byo_conf_integration(d->conf, byo_str(r->id));
        const char *there = byo_smsc_file_find(&l->file, r->id);
        if (r->step.rendered && cfg && !there) {
            char *text = render(d->conf, cfg), no_log[200];
            if (r->log_path[0] && !byo_link_log_create(r->log_path, path, no_log))
                byo_log_warning("%s", no_log);
            if (!byo_smsc_file_has(path, text))
                r->fresh = true;
            byo_smsc_file_set(&l->file, r->id, text);
        } else if (!r->step.rendered && there)
            byo_smsc_file_set(&l->file, r->id, NULL);
    }
    pthread_mutex_unlock(&l->lock);
    pthread_rwlock_unlock(&d->conf_lock);
    char why[200] = "";
    bool changed = false;
    bool fine = byo_smsc_file_write(path, &l->file, &changed, why);
    if (fine && changed)
        l->reread = true;
    pthread_mutex_lock(&l->lock);
    if (!fine && !l->shown.smsc_conf_bad)
        byo_log_error("%s", why);
    l->shown.smsc_conf_bad = !fine;
    snprintf(l->shown.smsc_conf_why, sizeof l->shown.smsc_conf_why, "%s", why);
    pthread_mutex_unlock(&l->lock);
    free(path);
}

/* The caller frees host and password of at with free_admin. False: no password is set. */
static bool admin_of(ByoLife *l, ByoBearerboxAdmin *at, char **host_r, char **password_r)
{
    ByoDaemon *d = l->d;
    pthread_rwlock_rdlock(&d->conf_lock);
    *host_r = byo_strdup(d->conf->bearerbox_host);
    *password_r = byo_strdup(d->conf->bearerbox_admin_password);
    *at = (ByoBearerboxAdmin){*host_r, d->conf->bearerbox_admin_port, *password_r};
    pthread_rwlock_unlock(&d->conf_lock);
    return *password_r != NULL;
}

static void free_admin(char *host, char *password)
{
    if (password)
        explicit_bzero(password, strlen(password));
    free(host);
    free(password);
}

/* A wrong password is no matter of the moment: it is told once, stands in status, and is not tried again every second,
 * for bearerbox answers nobody for longer each time (night N5). */
static void check_password(ByoLife *l)
{
    ByoBearerboxAdmin at;
    char *host, *password, why[160] = "";
    if (!l->shown.page_known || byo_monotonic() < l->admit_at)
        return;
    bool denied =
        admin_of(l, &at, &host, &password) && !byo_bearerbox_admit(&at, why) && byo_status_page_denied(why);
    free_admin(host, password);
    l->admit_at = byo_monotonic() + (denied ? DENIED_EVERY : ADMITTED_EVERY);
    if (denied && !l->shown.denied_why[0]) {
        byo_log_error("bearerbox does not take bearerbox-admin-password: %s", why);
        byo_life_event(
            l, BYO_EVENT_BEARERBOX_DIFFERS, "bearerbox", "", "", "admin-password",
            "bearerbox does not take bearerbox-admin-password, so it cannot be told to read smsc-conf: %s",
            why);
    }
    pthread_mutex_lock(&l->lock);
    snprintf(l->shown.denied_why, sizeof l->shown.denied_why, "%s", denied ? why : "");
    pthread_mutex_unlock(&l->lock);
}

static void make_reread(ByoLife *l)
{
    ByoBearerboxAdmin at;
    char *host, *password, why[160] = "";
    if (!admin_of(l, &at, &host, &password)) {
        l->reread = false; /* nobody can ask: the operator makes bearerbox read it */
    } else if (byo_bearerbox_reread(&at, why)) {
        l->reread = false;
        byo_log_info("bearerbox was told to read smsc-conf again");
    } else {
        if (strcmp(why, l->reread_why) != 0) {
            byo_log_warning("bearerbox could not be told to read smsc-conf again (trying on): %s", why);
            if (l->shown.page_known && !byo_status_page_denied(why)) /* it answers, but not this */
                byo_life_event(
                    l, BYO_EVENT_BEARERBOX_DIFFERS, "bearerbox", "", "", "graceful-restart",
                    "bearerbox could not be told to read smsc-conf again, so its links are not the "
                    "configured ones: %s",
                    why);
        }
        if (byo_status_page_denied(why))
            l->admit_at = 0;
        snprintf(l->reread_why, sizeof l->reread_why, "%s", why);
    }
    free_admin(host, password);
}

/* A group that differs from what bearerbox had read: until it has closed the old links and opened the new
 * ones nothing is handed over, or a segment would leave by the old rules (raw payloads, receipts). */
static void hold_fresh(ByoLife *l, ByoTime now)
{
    for (size_t i = 0; i < l->n; i++) {
        ByoLifeRow *r = &l->rows[i];
        if (r->fresh)
            r->hold_until = l->reread ? now + BYO_DAY : now + HOLD;
        if (r->fresh && !l->reread)
            r->fresh = false;
    }
}

/* -- the look ---------------------------------------------------------------------------------------*/

static void find_address(ByoLife *l, ByoLifeRow *r, ByoTime now)
{
    if (r->address_checked && now - r->address_checked < ADDRESS_EVERY)
        return;
    r->address_checked = now;
    pthread_rwlock_rdlock(&l->d->conf_lock);
    const ByoIntegration *cfg = byo_conf_integration(l->d->conf, byo_str(r->id));
    char *host = cfg ? byo_strdup(cfg->smsc_address) : NULL, *ours = cfg ? byo_strdup(cfg->our_host) : NULL;
    int port = cfg ? cfg->smsc_port : 0;
    pthread_rwlock_unlock(&l->d->conf_lock);
    char ip[48] = "";
    if (ours)
        snprintf(ip, sizeof ip, "%s", ours);
    else if (host)
        byo_local_address(host, port, ip);
    pthread_mutex_lock(&l->lock);
    memcpy(r->local_address, ip, sizeof ip);
    pthread_mutex_unlock(&l->lock);
    free(host);
    free(ours);
}

void byo_life_look(ByoLife *l)
{
    ByoStatusPage page = {0};
    /* One that goes down shows all links dead: that is nobody's answer. */
    bool known =
        byo_life_get_page(l, &page) && strcmp(page.status, "going") != 0 && !strstr(page.status, "down");
    ByoTime now = byo_now();
    for (size_t i = 0; i < l->n; i++)
        find_address(l, &l->rows[i], now);
    pthread_rwlock_rdlock(&l->d->conf_lock);
    bool unwatched = !l->d->conf->bearerbox_admin_password;
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->n; i++) {
        ByoLifeRow *r = &l->rows[i];
        const ByoIntegration *cfg = byo_conf_integration(l->d->conf, byo_str(r->id));
        ByoBinds b = {.bind_status = -1};
        if (cfg)
            byo_life_log_path(l, r->id, r->log_path);
        if (known) {
            byo_life_binds_of(&page, r->id, &b);
            byo_life_note_lost(l, r, &page, now);
            if (cfg)
                byo_life_log_look(r, &b);
            note_missing(l, r, &b, now);
        } else if (unwatched && cfg) /* nobody can look: what is wanted is taken for bound */
            b = (ByoBinds){.known = true,
                           .assumed = true,
                           .bind_status = -1,
                           .total = r->wanted ? cfg->binds : 0,
                           .online = r->wanted ? cfg->binds : 0};
        step_row(l, r, &b, cfg, now);
    }
    l->page_seen = l->page_seen || known;
    pthread_mutex_unlock(&l->lock);
    pthread_rwlock_unlock(&l->d->conf_lock);
    byo_status_page_free(&page);
    update_file(l);
    check_password(l);
    if (l->reread && !l->shown.denied_why[0])
        make_reread(l);
    hold_fresh(l, now);
    byo_life_exchange(l);
}
