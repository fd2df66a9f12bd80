/* SPDX-License-Identifier: BSD-3-Clause
 * What a keyword sets off, and how often a pair was answered in the last hour.
 * Ownership: see the header. Threads: one. */
#include "compliance/reply.h"

#include <stdlib.h>

#include "compliance/recent.h"

typedef struct {
    ByoTime *sent; /* of the replies that count, ascending */
    unsigned n, cap;
    bool told;
    ByoTime told_at; /* when the limit event was raised last */
} Answered;

struct ByoReplies {
    ByoRecent *pairs;
    unsigned limit;
};

static bool over(const void *record, ByoTime now)
{
    const Answered *a = record;

    return (a->n == 0 || a->sent[a->n - 1] <= now - BYO_REPLY_WINDOW) &&
           (!a->told || a->told_at <= now - BYO_REPLY_WINDOW);
}

static void drop(void *record)
{
    free(((Answered *)record)->sent);
}

static const ByoRecentKind answered = {sizeof(Answered), over, drop};

static unsigned clamp_limit(unsigned limit)
{
    return limit > BYO_REPLY_LIMIT_MAX ? BYO_REPLY_LIMIT_MAX : limit;
}

ByoReplies *byo_replies_create(unsigned limit, size_t pairs, uint64_t seed)
{
    ByoReplies *r = byo_zalloc(sizeof *r);

    r->limit = clamp_limit(limit);
    r->pairs = byo_recent_create(&answered, pairs, seed);
    return r;
}

static void jump(void *record, ByoTime by)
{
    Answered *a = record;

    for (unsigned i = 0; i < a->n; i++)
        a->sent[i] += by;
    a->told_at += by;
}

void byo_replies_clock_jumped(ByoReplies *r, ByoTime by)
{
    byo_recent_each(r->pairs, jump, by);
}

void byo_replies_set_limit(ByoReplies *r, unsigned limit)
{
    r->limit = clamp_limit(limit);
}

size_t byo_replies_count(const ByoReplies *r)
{
    return byo_recent_count(r->pairs);
}

void byo_replies_destroy(ByoReplies *r)
{
    if (!r)
        return;
    byo_recent_destroy(r->pairs);
    free(r);
}

/* Forgets what is out of the window. A clock that was set back must not block a pair for longer than a
 * window: what lies in the future counts as sent now. */
static void age(Answered *a, ByoTime now)
{
    unsigned gone = 0;

    while (gone < a->n && a->sent[gone] <= now - BYO_REPLY_WINDOW)
        gone++;
    if (gone)
        memmove(a->sent, a->sent + gone, (a->n - gone) * sizeof *a->sent);
    a->n -= gone;
    for (unsigned i = a->n; i > 0 && a->sent[i - 1] > now; i--)
        a->sent[i - 1] = now;
    if (a->told && a->told_at > now)
        a->told_at = now;
}

static void count(Answered *a, ByoTime sent)
{
    if (a->n == BYO_REPLY_LIMIT_MAX) {
        memmove(a->sent, a->sent + 1, (a->n - 1) * sizeof *a->sent);
        a->n--;
    }
    if (a->n == a->cap) {
        a->cap = a->cap ? 2 * a->cap : 2;
        a->sent = byo_realloc(a->sent, a->cap * sizeof *a->sent);
    }
    unsigned i = a->n++;
    for (; i > 0 && a->sent[i - 1] > sent; i--)
        a->sent[i] = a->sent[i - 1];
    a->sent[i] = sent;
}

/* A record before it changes; times: those it had. */
typedef struct {
    ByoPair pair;
    unsigned n;
    bool told;
    ByoTime told_at, sent[BYO_REPLY_LIMIT_MAX];
} Before;

static void put_back(void *pairs, const void *args)
{
    const Before *b = args;
    Answered *a = byo_recent_find(pairs, b->pair);

    a->n = b->n;
    a->told = b->told;
    a->told_at = b->told_at;
    if (b->n)
        memcpy(a->sent, b->sent, b->n * sizeof *b->sent);
}

static void changes(ByoReplies *r, ByoUndo *u, ByoPair pair, const Answered *a)
{
    Before b = {.pair = pair, .n = a->n, .told = a->told, .told_at = a->told_at};

    if (a->n)
        memcpy(b.sent, a->sent, a->n * sizeof *b.sent);
    byo_undo_add(u, put_back, r->pairs, &b, offsetof(Before, sent) + a->n * sizeof *b.sent);
}

void byo_replies_note(ByoReplies *r, ByoPair pair, ByoKeywordKind kind, ByoTime sent)
{
    if (kind == BYO_KEYWORD_HELP || kind == BYO_KEYWORD_OPT_IN)
        count(byo_recent_touch(r->pairs, NULL, pair, sent), sent);
}

/* Counts one more reply of this hour; false: none is left. */
static bool within_limit(ByoReplies *r, ByoUndo *u, ByoPair pair, ByoTime now, bool *event_r)
{
    Answered *a = byo_recent_touch(r->pairs, u, pair, now);

    changes(r, u, pair, a);
    age(a, now);
    if (a->n < r->limit) {
        count(a, now);
        return true;
    }
    *event_r = !a->told || a->told_at <= now - BYO_REPLY_WINDOW;
    if (*event_r) {
        a->told = true;
        a->told_at = now;
    }
    return false;
}

const char *byo_reply_outcome_name(ByoReplyOutcome o)
{
    static const char *const names[] = {
        [BYO_REPLY_SEND] = "sent",
        [BYO_REPLY_UNCHANGED] = "unchanged",
        [BYO_REPLY_TOO_LATE] = "too-late",
        [BYO_REPLY_LIMITED] = "limited",
        [BYO_REPLY_NOT_A_PHONE] = "not-a-phone",
        [BYO_REPLY_OWN_NUMBER] = "own-number",
        [BYO_REPLY_NO_TEXT] = "no-text",
    };

    return names[o];
}

static ByoOptChange change_of(const ByoKeywordMo *mo)
{
    if (mo->match.kind == BYO_KEYWORD_OPT_OUT)
        return mo->opted_out ? BYO_OPT_NONE : BYO_OPT_ADD;
    if (mo->match.kind == BYO_KEYWORD_OPT_IN)
        return mo->opted_out ? BYO_OPT_REMOVE : BYO_OPT_NONE;
    return BYO_OPT_NONE;
}

static ByoReplyOutcome outcome_of(ByoReplies *r, ByoUndo *u, const ByoKeywordMo *mo,
                                  const ByoKeywordDecision *d, bool *event_r)
{
    if (mo->match.kind != BYO_KEYWORD_HELP && d->change == BYO_OPT_NONE)
        return BYO_REPLY_UNCHANGED;
    if (mo->sender_is_ours)
        return BYO_REPLY_OWN_NUMBER;
    if (mo->now > d->deadline)
        return BYO_REPLY_TOO_LATE;
    if (!mo->match.reply || !mo->match.reply[0])
        return BYO_REPLY_NO_TEXT;
    /* The confirmation of an opt-out is owed, however often somebody changes his mind. */
    if (mo->match.kind != BYO_KEYWORD_OPT_OUT && !within_limit(r, u, mo->pair, mo->now, event_r))
        return BYO_REPLY_LIMITED;
    return BYO_REPLY_SEND;
}

void byo_reply_decide(ByoReplies *r, ByoUndo *u, const ByoKeywordMo *mo, ByoKeywordDecision *d_r)
{
    ByoTime received = mo->received < mo->now ? mo->received : mo->now;

    *d_r = (ByoKeywordDecision){.mark = mo->match.kind, .outcome = BYO_REPLY_NOT_A_PHONE};
    d_r->deadline = received + BYO_REPLY_DEADLINE;
    if (!mo->sender_is_phone) {
        d_r->mark = BYO_KEYWORD_NONE;
        return;
    }
    d_r->change = change_of(mo);
    d_r->outcome = outcome_of(r, u, mo, d_r, &d_r->limit_event);
    d_r->guards_answer = d_r->outcome != BYO_REPLY_UNCHANGED || mo->match.kind == BYO_KEYWORD_OPT_OUT;
    if (d_r->outcome != BYO_REPLY_SEND)
        return;
    d_r->reply = mo->match.reply;
    d_r->passes_opt_out = true;
}
