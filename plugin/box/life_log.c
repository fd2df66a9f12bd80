/* SPDX-License-Identifier: BSD-3-Clause
 * Why binds do not come up, in the words of bearerbox's own log, and what the carrier answered.
 * Decides: which refusals are told: each once (night N3, N4).
 * Ownership and threads: life_private.h. */
#include <stdio.h>
#include <string.h>

#include "box/life_private.h"

/* A refusal older than this when byobox starts was told by the byobox before. */
#define NEWS BYO_MINUTE

void byo_life_log_path(const ByoLife *l, const char *id, char path[256])
{
    const char *folder = l->d->conf->smsc_log_dir;
    path[0] = 0;
    if (folder && strlen(folder) < 200)
        snprintf(path, 256, "%s/smsc-%s.log", folder, id);
}

static void say(ByoLifeRow *r)
{
    const ByoLinkError *e = byo_link_log_error(&r->log);
    r->log_says[0] = 0;
    if (r->log.error)
        snprintf(r->log_says, sizeof r->log_says,
                 "%s cannot be read (%s): let byobox's user read it (chgrp and chmod g+r)", r->log_path,
                 strerror(r->log.error));
    else if (e->fault != BYO_LINK_FAULT_NONE)
        snprintf(r->log_says, sizeof r->log_says, "%s (%s, %s)", e->text, e->when, r->log_path);
}

void byo_life_log_look(ByoLifeRow *r, ByoBinds *b)
{
    if (!r->log_path[0])
        return;
    byo_link_log_look(&r->log, r->log_path);
    if (b->known && b->total > 0 && b->online == b->total)
        byo_link_log_fine(&r->log);
    say(r);
    if (b->bind_text[0] || b->online == b->total)
        return; /* the page says it all, or there is nothing to say */
    const ByoLinkError *e = byo_link_log_error(&r->log);
    if (e->fault == BYO_LINK_FAULT_REJECTED)
        b->bind_status = e->status;
}

static void tell(ByoLife *l, const ByoLifeRow *r, int64_t status, const char *text)
{
    char code[24];
    snprintf(code, sizeof code, "%lld", (long long)status);
    byo_life_event(
        l, BYO_EVENT_BIND_REFUSED, r->id, "", byo_life_state_name(r->state), code,
        "the carrier answered a bind with status %lld (0x%08llx)%s%s: 13 is often a second bind too many, "
        "14 and 15 are system-id and password; bearerbox's smsc-%s.log says more",
        (long long)status, (unsigned long long)status, text[0] ? ", bearerbox says " : "", text, r->id);
}

void byo_life_tell_answers(ByoLife *l, ByoLifeRow *r, const ByoBinds *b, ByoTime now)
{
    bool first = !r->answers_seen;
    if (!b->known)
        return;
    r->answers_seen = true;
    if (b->bind_time > 0 && b->bind_time != r->answered) {
        r->answered = b->bind_time;
        if (!first || now - b->bind_time < NEWS)
            tell(l, r, b->bind_status, b->bind_text);
    } else if (!b->bind_text[0] && r->log.rejected > 0) {
        tell(l, r, r->log.rejected_status, "");
    }
    r->log.rejected = 0;
}
