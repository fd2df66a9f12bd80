/* SPDX-License-Identifier: BSD-3-Clause
 * Erasure on a person's request: his messages in whatever state, the reports and inbound messages of his that wait
 * for a smsbox, early receipts, the texts of his STOPs, his number in events; in every spelling of the phone. The
 * opt-outs stay, and a segment that bearerbox or the carrier has cannot be called back: what is still said of it
 * is a report about a message nobody knows.
 * Decides: in which pieces, so that traffic does not wait; each is a turn of its own, and may be done again.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

#include <stdlib.h>

#include "compliance/plan.h"
#include "compliance/reading.h"

enum { MESSAGES = 100, FRAMES = 1000 };
enum { ERASE_MESSAGES = 0, ERASE_INWARD, ERASE_EARLY, ERASE_TEXTS, ERASE_DONE };

typedef struct {
    ByoFlow *f;
    char key[BYO_ADDRESS_MAX];
    ByoId ids[FRAMES];
    int n;
    ByoId last;
} Find;

/* One phone, however it is written. */
static bool is_his(const Find *find, ByoStr typed)
{
    char digits[BYO_ADDRESS_MAX], key[BYO_ADDRESS_MAX];
    if (!byo_read_phone_digits(typed, digits))
        return false;
    byo_plan_key(digits, key);
    return strcmp(key, find->key) == 0;
}

static bool find_message(void *arg, const ByoMessageRow *m)
{
    Find *find = arg;
    find->ids[find->n++] = m->id;
    return true;
}

static bool find_inward(void *arg, const ByoInwardRow *row)
{
    Find *find = arg;
    ByoSms sms;
    find->last = row->id;
    if (find->f->opt.codec->unpack(row->frame, &sms) &&
        (is_his(find, sms.sender) || is_his(find, sms.receiver)))
        find->ids[find->n++] = row->id;
    return true;
}

static bool find_early(void *arg, ByoId id, ByoStr frame)
{
    ByoInwardRow row = {.id = id, .frame = frame};
    return find_inward(arg, &row);
}

/* False: this spelling is through. */
static bool erase_messages(ByoFlow *f, ByoTurn *t, ByoErasure *e, Find *find, const char *form)
{
    ByoMessageFilter filter = {.recipient = byo_str(form), .state = -1, .limit = MESSAGES, .before = e->at};
    if (byo_store_messages(t->store, &filter, &e->at, find_message, find) != BYO_STORE_OK)
        return false;
    for (int i = 0; i < find->n; i++) {
        e->messages++;
        e->segments += byo_store_message_remove(t->store, find->ids[i]);
    }
    if (find->n)
        byo_flow_recount(f, t);
    return e->at != 0;
}

static bool erase_frames(ByoTurn *t, ByoErasure *e, Find *find)
{
    bool early = e->phase == ERASE_EARLY;
    int n = early ? byo_store_early_all(t->store, e->at, FRAMES, find_early, find)
                  : byo_store_inward_all(t->store, e->at, FRAMES, find_inward, find);
    e->at = find->last;
    for (int i = 0; i < find->n; i++)
        (early ? byo_store_early_remove : byo_store_inward_remove)(t->store, find->ids[i]);
    *(early ? &e->early : &e->inward) += find->n;
    return n == FRAMES;
}

static void erase_texts(ByoTurn *t, ByoErasure *e, const ByoPlanForms *forms)
{
    for (int i = 0; i < forms->n; i++) {
        e->messages += byo_store_inbound_forget(t->store, byo_str(forms->digits[i]));
        e->stop_texts += byo_store_opt_forget_texts(t->store, byo_str(forms->digits[i]));
        e->events += byo_store_event_forget(t->store, byo_str(forms->digits[i]));
    }
}

static void next_phase(ByoErasure *e)
{
    e->phase++;
    e->at = 0;
}

bool byo_flow_erase(ByoFlow *f, ByoTurn *t, ByoErasure *e)
{
    ByoPlanForms forms;
    Find *find = byo_zalloc(sizeof *find);
    byo_undo_save(&t->undo, e, sizeof *e);
    find->f = f;
    byo_plan_forms(e->digits, &forms);
    byo_plan_key(e->digits, find->key);
    if (e->phase == ERASE_MESSAGES) {
        if (!erase_messages(f, t, e, find, forms.digits[e->form])) {
            e->at = 0;
            if (++e->form == forms.n)
                next_phase(e);
        }
    } else if (e->phase < ERASE_TEXTS) {
        if (!erase_frames(t, e, find))
            next_phase(e);
    } else {
        erase_texts(t, e, &forms);
        e->phase = ERASE_DONE;
    }
    free(find);
    return e->phase != ERASE_DONE;
}
