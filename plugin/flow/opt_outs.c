/* SPDX-License-Identifier: BSD-3-Clause
 * Opt-outs at work (spec K4, K5, P17): memory and store change together, inside a turn.
 * Decides: which rows a STOP makes and a START takes away. A STOP makes the row of the recipient it is acted on
 * for, and one of each other reading of the sender's digits, marked by reading_of. A START takes the rows of its
 * recipient, in every spelling of that phone, and those its own STOP made for other readings; never the row
 * another reading made itself. A pair is opted out while it has a row.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "compliance/plan.h"

static const char NOT_ACTED_ON[] = "reading not acted on";

/* A pair, for the journal. */
typedef struct {
    char number[BYO_ADDRESS_MAX], recipient[BYO_ADDRESS_MAX];
} Pair;

static void take_back(void *opt_outs, const void *args)
{
    const Pair *p = args;
    byo_optouts_remove(opt_outs, byo_str(p->number), byo_str(p->recipient));
}

static void bring_back(void *opt_outs, const void *args)
{
    const Pair *p = args;
    byo_optouts_add(opt_outs, byo_str(p->number), byo_str(p->recipient));
}

static void set_memory(ByoFlow *f, ByoTurn *t, ByoStr number, ByoStr recipient, bool out)
{
    Pair p;
    if (!(out ? byo_optouts_add : byo_optouts_remove)(f->opt_outs, number, recipient))
        return;
    snprintf(p.number, sizeof p.number, "%.*s", BYO_PF(number));
    snprintf(p.recipient, sizeof p.recipient, "%.*s", BYO_PF(recipient));
    byo_undo_add(&t->undo, out ? take_back : bring_back, f->opt_outs, &p, sizeof p);
}

/* -- STOP ------------------------------------------------------------------------------------------*/

static void add_row(ByoFlow *f, ByoTurn *t, const ByoOptRow *row)
{
    set_memory(f, t, row->number, row->recipient, true);
    byo_store_opt_add(t->store, row, t->now);
}

static void opt_out(ByoFlow *f, ByoTurn *t, const ByoOptRow *row, const ByoReading *from)
{
    add_row(f, t, row);
    for (int i = 0; from && i < from->n_others; i++) {
        ByoOptRow other = *row;
        other.recipient = byo_str(from->others[i] + 1);
        other.reading_of = row->recipient;
        other.answer = BYO_STR("");
        other.reason = byo_str(NOT_ACTED_ON);
        add_row(f, t, &other);
    }
}

/* -- START -----------------------------------------------------------------------------------------*/

/* Rows to take away: a recipient, and whose reading it was ("": all rows of it). */
typedef struct {
    char recipient[BYO_ADDRESS_MAX], reading_of[BYO_ADDRESS_MAX];
} Lift;
typedef struct {
    Lift *rows;
    size_t n, cap;
    ByoStr reading_of;
} Lifts;

static void lift(void *arg, ByoStr recipient)
{
    Lifts *l = arg;
    if (l->n == l->cap) {
        l->cap = l->cap ? 2 * l->cap : 8;
        l->rows = byo_realloc(l->rows, l->cap * sizeof *l->rows);
    }
    Lift *row = &l->rows[l->n++];
    snprintf(row->recipient, sizeof row->recipient, "%.*s", BYO_PF(recipient));
    snprintf(row->reading_of, sizeof row->reading_of, "%.*s", BYO_PF(l->reading_of));
}

/* Some row keeps the phone opted out, in whatever spelling. */
static bool still_out(ByoTurn *t, ByoStr number, const char *recipient)
{
    ByoPlanForms forms;
    byo_plan_forms(recipient, &forms);
    for (int i = 0; i < forms.n; i++)
        if (byo_store_opted_out(t->store, number, byo_str(forms.digits[i])))
            return true;
    return false;
}

static void opt_in(ByoFlow *f, ByoTurn *t, const ByoOptRow *row)
{
    char recipient[BYO_ADDRESS_MAX];
    ByoPlanForms forms;
    Lifts lifts = {.reading_of = BYO_STR("")};
    snprintf(recipient, sizeof recipient, "%.*s", BYO_PF(row->recipient));
    byo_plan_forms(recipient, &forms);
    for (int i = 0; i < forms.n; i++)
        if (i == 0 || byo_store_opted_out(t->store, row->number, byo_str(forms.digits[i])))
            lift(&lifts, byo_str(forms.digits[i]));
    for (int i = 0; i < forms.n; i++) {
        lifts.reading_of = byo_str(forms.digits[i]);
        byo_store_opt_readings(t->store, row->number, lifts.reading_of, lift, &lifts);
    }
    for (size_t i = 0; i < lifts.n; i++) {
        ByoOptRow one = *row;
        one.recipient = byo_str(lifts.rows[i].recipient);
        one.reading_of = byo_str(lifts.rows[i].reading_of);
        if (i > 0) {
            one.answer = BYO_STR("");
            one.reason = one.reading_of.n ? byo_str(NOT_ACTED_ON) : BYO_STR("another spelling of the number");
        }
        byo_store_opt_add(t->store, &one, t->now);
    }
    for (size_t i = 0; i < lifts.n; i++) {
        ByoStr lifted = byo_str(lifts.rows[i].recipient);
        set_memory(f, t, row->number, lifted, still_out(t, row->number, lifts.rows[i].recipient));
    }
    free(lifts.rows);
}

void byo_flow_opt_changed(ByoFlow *f, ByoTurn *t, ByoStr number, ByoStr recipient)
{
    char digits[BYO_ADDRESS_MAX];
    if (recipient.n >= sizeof digits)
        return; /* no pair */
    snprintf(digits, sizeof digits, "%.*s", BYO_PF(recipient));
    set_memory(f, t, number, recipient, still_out(t, number, digits));
}

/* -- both ------------------------------------------------------------------------------------------*/

void byo_flow_opt_apply(ByoFlow *f, ByoTurn *t, const ByoOptRow *row, const ByoReading *from)
{
    bool out = byo_str_is(row->action, "opt-out");
    char also[BYO_READ_OTHERS * (BYO_ADDRESS_MAX + 8) + 64] = "";
    const ByoInventoryEntry *number = byo_inventory_find(f->inventory, row->number);
    ByoRuntime *rt = number ? byo_flow_runtime(f, byo_str(number->integration)) : NULL;
    if (rt && out)
        byo_flow_change(t, rt)->count.total.opt_outs++;
    else if (rt)
        byo_flow_change(t, rt)->count.total.opt_ins++;
    if (out)
        opt_out(f, t, row, from);
    else
        opt_in(f, t, row);
    for (int i = 0; out && from && i < from->n_others; i++)
        snprintf(also + strlen(also), sizeof also - strlen(also), "%s%s", i ? " and " : "; covers ",
                 from->others[i]);
    if (also[0])
        snprintf(also + strlen(also), sizeof also - strlen(also), ", which the digits may mean as well");
    byo_flow_tell(f, t, out ? BYO_EVENT_OPT_OUT : BYO_EVENT_OPT_IN, row->number, BYO_STR_NONE,
                  "+%.*s %s by %.*s%s", BYO_PF(row->recipient), out ? "opted out" : "opted in",
                  BYO_PF(row->who), also);
}

bool byo_flow_opted_out_itself(ByoFlow *f, ByoTurn *t, ByoStr number, ByoStr recipient)
{
    char digits[BYO_ADDRESS_MAX];
    ByoPlanForms forms;
    if (!byo_optouts_has(f->opt_outs, number, recipient))
        return false;
    recipient = byo_digits(recipient);
    snprintf(digits, sizeof digits, "%.*s", BYO_PF(recipient));
    byo_plan_forms(digits, &forms);
    for (int i = 0; i < forms.n; i++)
        if (byo_store_opted_out_itself(t->store, number, byo_str(forms.digits[i])))
            return true;
    return false;
}

bool byo_flow_opt(ByoFlow *f, ByoTurn *t, const ByoOptRequest *req, ByoOptDone *done_r)
{
    *done_r = (ByoOptDone){.changed = false};
    const ByoInventoryEntry *number = byo_inventory_find(f->inventory, req->number);
    ByoHome home = {.country = ""};
    if (number)
        snprintf(done_r->number, sizeof done_r->number, "%s", number->digits);
    else if (byo_read_digits(req->number, done_r->number))
        byo_home_of(done_r->number, strlen(done_r->number) < 7, "", &home);
    else
        return false;
    ByoReadHow how = {.manner = BYO_MANNER_PEOPLE,
                      .ton = BYO_TON_UNKNOWN,
                      .inbound = true,
                      .home = number ? byo_flow_home(f, NULL, number) : &home};
    ByoReading from;
    if (byo_read(req->recipient, &how, &from) != BYO_READ_PHONE)
        return false;
    memcpy(done_r->recipient, from.e164, sizeof done_r->recipient);
    ByoStr digits = byo_str(done_r->number), recipient = byo_str(from.e164);
    if (req->out ? byo_flow_opted_out_itself(f, t, digits, recipient)
                 : !byo_optouts_has(f->opt_outs, digits, recipient))
        return true;
    ByoOptRow row = {.time = t->now,
                     .number = digits,
                     .recipient = byo_digits(recipient),
                     .action = req->out ? BYO_STR("opt-out") : BYO_STR("opt-in"),
                     .text = BYO_STR(""),
                     .answer = BYO_STR(""),
                     .who = req->who,
                     .reason = req->reason};
    byo_flow_opt_apply(f, t, &row, &from);
    done_r->changed = true;
    return true;
}

/* -- at start --------------------------------------------------------------------------------------*/

static bool load_pair(void *arg, ByoStr number, ByoStr recipient, ByoStr reading_of)
{
    (void)reading_of;
    byo_optouts_add(arg, number, recipient);
    return true;
}

/* A pair that an earlier byobox stored. */
typedef struct {
    char number[BYO_ADDRESS_MAX], recipient[BYO_ADDRESS_MAX];
} Stored;
typedef struct {
    Stored *pairs;
    size_t n, cap;
} StoredPairs;

static bool collect(void *arg, ByoStr number, ByoStr recipient, ByoStr reading_of)
{
    StoredPairs *all = arg;
    if (reading_of.n || number.n >= BYO_ADDRESS_MAX || recipient.n >= BYO_ADDRESS_MAX)
        return true;
    if (all->n == all->cap) {
        all->cap = all->cap ? 2 * all->cap : 256;
        all->pairs = byo_realloc(all->pairs, all->cap * sizeof *all->pairs);
    }
    Stored *p = &all->pairs[all->n++];
    snprintf(p->number, sizeof p->number, "%.*s", BYO_PF(number));
    snprintf(p->recipient, sizeof p->recipient, "%.*s", BYO_PF(recipient));
    return true;
}

static void upgrade_row(ByoFlow *f, const Stored *p, const char *reading, ByoTime now)
{
    ByoOptRow row = {.time = now,
                     .number = byo_str(p->number),
                     .recipient = byo_str(reading + 1),
                     .action = BYO_STR("opt-out"),
                     .text = BYO_STR(""),
                     .answer = BYO_STR(""),
                     .who = BYO_STR("byobox"),
                     .reason = BYO_STR("reading not acted on, added at upgrade"),
                     .reading_of = byo_str(p->recipient)};
    if (!byo_optouts_has(f->opt_outs, row.number, row.recipient)) {
        byo_optouts_add(f->opt_outs, row.number, row.recipient);
        byo_store_opt_add(f->store, &row, now);
    }
}

/* What came as bare digits was stored as if it were international: it gets what the digits mean now. */
static void upgrade_pair(ByoFlow *f, const Stored *p, ByoTime now)
{
    ByoHome home;
    const ByoInventoryEntry *number = byo_inventory_find(f->inventory, byo_str(p->number));
    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) pairs is NULL only where there are none */
    byo_home_of(p->number, strlen(p->number) < 7, "", &home);
    ByoReadHow how = {.manner = BYO_MANNER_WIRE,
                      .ton = BYO_TON_UNKNOWN,
                      .inbound = true,
                      .home = number ? byo_flow_home(f, NULL, number) : &home};
    ByoReading r;
    if (byo_read(byo_str(p->recipient), &how, &r) != BYO_READ_PHONE)
        return;
    upgrade_row(f, p, r.e164, now);
    for (int i = 0; i < r.n_others; i++)
        upgrade_row(f, p, r.others[i], now);
}

/* Which rules of reading gave the stored opt-outs their rows. */
static const char RULES_SETTING[] = "reading-rules", RULES[] = BYO_READING_RULES;

static void upgrade(ByoFlow *f, ByoTime now)
{
    StoredPairs all = {.n = 0};
    byo_store_begin(f->store);
    byo_store_opt_outs(f->store, collect, &all);
    for (size_t i = 0; i < all.n; i++)
        upgrade_pair(f, &all.pairs[i], now);
    byo_store_setting_put(f->store, RULES_SETTING, byo_str(RULES));
    ByoStoreResult r = byo_store_commit(f->store);
    if (r != BYO_STORE_OK)
        byo_log_error(
            "stored opt-outs could not be given the rows of other readings: %s; the next start tries "
            "again",
            byo_store_result_text(r));
    free(all.pairs);
}

void byo_flow_opts_load(ByoFlow *f, ByoTime now)
{
    ByoBuf rules = {0};
    byo_store_opt_outs(f->store, load_pair, f->opt_outs);
    if (!byo_store_setting(f->store, RULES_SETTING, &rules) || !byo_str_is(byo_buf_str(&rules), RULES))
        upgrade(f, now);
    byo_buf_free(&rules);
}
