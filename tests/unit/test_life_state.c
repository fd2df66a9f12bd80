/* SPDX-License-Identifier: BSD-3-Clause
 * The life of an integration as a table (spec L1-L4, L6, L7), and
 * bearerbox's status page as stock and patched ones write it.
 * Ownership: none. Threads: none. */
#include <check.h>
#include <stdlib.h>

#include "box/life_private.h"
#include "integration/life_state.h"
#include "link/status_page.h"
#include "suites.h"

#define MINUTES15 (15 * BYO_MINUTE)

typedef struct {
    const char *row;
    ByoLifeState state;
    bool wanted, deleted;
    ByoTime age; /* of the state */
    int64_t handed;
    ByoBinds binds; /* known, total, online, dead */
    ByoLifeState next;
    ByoLifeReason reason;
    bool rendered, open, degraded;
} Case;

#define UNKNOWN \
    { \
        .known = false, .bind_status = -1 \
    }
#define BINDS(t, o, d) \
    { \
        .known = true, .total = (t), .online = (o), .dead = (d), .bind_status = -1 \
    }

#define REFUSED(t, o, d, status) \
    { \
        .known = true, .total = (t), .online = (o), .dead = (d), .bind_status = (status) \
    }

static const Case cases[] = {
    {"L1 first seen", BYO_LIFE_INACTIVE, true, false, 0, 0, BINDS(0, 0, 0), BYO_LIFE_ACTIVATING,
     BYO_REASON_NONE, true, false, false},
    {"L1 bound", BYO_LIFE_ACTIVATING, true, false, 5000, 0, BINDS(3, 3, 0), BYO_LIFE_ACTIVE, BYO_REASON_NONE,
     true, true, false},
    {"L1 one of three", BYO_LIFE_ACTIVATING, true, false, 5000, 0, BINDS(3, 1, 0), BYO_LIFE_ACTIVE,
     BYO_REASON_NONE, true, true, true},
    {"L1 still trying", BYO_LIFE_ACTIVATING, true, false, MINUTES15 - 1, 0, BINDS(3, 0, 0),
     BYO_LIFE_ACTIVATING, BYO_REASON_NONE, true, false, false},
    {"L1 15 minutes", BYO_LIFE_ACTIVATING, true, false, MINUTES15, 0, BINDS(3, 0, 0), BYO_LIFE_ERROR,
     BYO_REASON_NOT_BOUND, true, false, false},
    {"L1 refused at once", BYO_LIFE_ACTIVATING, true, false, 1000, 0, REFUSED(3, 0, 3, 14), BYO_LIFE_ERROR,
     BYO_REASON_BIND_REFUSED, true, false, false},
    {"N3 given up without the carrier's word", BYO_LIFE_ACTIVATING, true, false, 1000, 0, BINDS(3, 0, 3),
     BYO_LIFE_ERROR, BYO_REASON_NOT_BOUND, true, false, false},
    {"L1 one dead, two trying", BYO_LIFE_ACTIVATING, true, false, 1000, 0, BINDS(3, 0, 1),
     BYO_LIFE_ACTIVATING, BYO_REASON_NONE, true, false, false},
    {"L1 heals by itself", BYO_LIFE_ERROR, true, false, 1000, 0, BINDS(3, 2, 0), BYO_LIFE_ACTIVE,
     BYO_REASON_NONE, true, true, true},
    {"L1 error stays", BYO_LIFE_ERROR, true, false, BYO_DAY, 0, REFUSED(3, 0, 3, 15), BYO_LIFE_ERROR,
     BYO_REASON_BIND_REFUSED, true, false, false},
    {"all binds lost", BYO_LIFE_ACTIVE, true, false, BYO_DAY, 5, BINDS(3, 0, 0), BYO_LIFE_ACTIVATING,
     BYO_REASON_NONE, true, false, false},
    {"page away while active", BYO_LIFE_ACTIVE, true, false, BYO_DAY, 5, UNKNOWN, BYO_LIFE_ACTIVE,
     BYO_REASON_NONE, true, true, false},
    {"page away while activating", BYO_LIFE_ACTIVATING, true, false, BYO_DAY, 0, UNKNOWN, BYO_LIFE_ACTIVATING,
     BYO_REASON_NONE, true, false, false},
    {"L2 hand-over stops first", BYO_LIFE_ACTIVE, false, false, BYO_DAY, 7, BINDS(3, 3, 0),
     BYO_LIFE_DEACTIVATING, BYO_REASON_NONE, true, false, false},
    {"L2 answers are waited for", BYO_LIFE_DEACTIVATING, false, false, 29999, 7, BINDS(3, 3, 0),
     BYO_LIFE_DEACTIVATING, BYO_REASON_NONE, true, false, false},
    {"L2 at most 30 s", BYO_LIFE_DEACTIVATING, false, false, 30000, 7, BINDS(3, 3, 0), BYO_LIFE_DEACTIVATING,
     BYO_REASON_NONE, false, false, false},
    {"L2 all answered", BYO_LIFE_DEACTIVATING, false, false, 100, 0, BINDS(3, 3, 0), BYO_LIFE_DEACTIVATING,
     BYO_REASON_NONE, false, false, false},
    {"L2 closed", BYO_LIFE_DEACTIVATING, false, false, 2000, 0, BINDS(0, 0, 0), BYO_LIFE_INACTIVE,
     BYO_REASON_NONE, false, false, false},
    {"L2 stays", BYO_LIFE_INACTIVE, false, false, BYO_DAY, 0, BINDS(0, 0, 0), BYO_LIFE_INACTIVE,
     BYO_REASON_NONE, false, false, false},
    {"L2 links that should not be", BYO_LIFE_INACTIVE, false, false, BYO_DAY, 0, BINDS(3, 3, 0),
     BYO_LIFE_DEACTIVATING, BYO_REASON_NONE, false, false, false},
    {"L3 active again", BYO_LIFE_INACTIVE, true, false, BYO_DAY, 0, BINDS(0, 0, 0), BYO_LIFE_ACTIVATING,
     BYO_REASON_NONE, true, false, false},
    {"L3 asked back while closing", BYO_LIFE_DEACTIVATING, true, false, 100, 0, BINDS(3, 2, 0),
     BYO_LIFE_ACTIVE, BYO_REASON_NONE, true, true, true},
    {"L4 deleted wins over wanted", BYO_LIFE_ACTIVE, true, true, BYO_DAY, 0, BINDS(3, 3, 0),
     BYO_LIFE_DEACTIVATING, BYO_REASON_NONE, true, false, false},
};

START_TEST(life_table)
{
    const Case *c = &cases[_i];
    const ByoTime now = 1790000000000;
    ByoLifeInput in = {.wanted = c->wanted,
                       .deleted = c->deleted,
                       .binds = 3,
                       .since = now - c->age,
                       .activation_timeout = MINUTES15,
                       .drain_timeout = 30 * BYO_SECOND,
                       .handed = c->handed};
    ByoLifeStep step;
    byo_life_step(c->state, &in, &c->binds, now, &step);
    ck_assert_msg(step.state == c->next && step.reason == c->reason && step.rendered == c->rendered &&
                      step.open == c->open && step.degraded == c->degraded,
                  "%s: got %s, reason \"%s\", rendered %d, open %d, degraded %d", c->row,
                  byo_life_state_name(step.state), byo_life_reason_name(step.reason), step.rendered,
                  step.open, step.degraded);
}
END_TEST

START_TEST(life_patched_reason)
{
    ByoBinds b = BINDS(3, 0, 0);
    b.bind_status = 14; /* bind-retry: never dead, but the status is told */
    ByoLifeInput in = {.wanted = true, .binds = 3, .since = 0, .activation_timeout = MINUTES15};
    ByoLifeStep step;
    byo_life_step(BYO_LIFE_ACTIVATING, &in, &b, MINUTES15, &step);
    ck_assert_int_eq(step.state, BYO_LIFE_ERROR);
    ck_assert_int_eq(step.reason, BYO_REASON_BIND_REFUSED);
}
END_TEST

static const char stock_page[] =
    "<?xml version=\"1.0\"?>\n<gateway>\n\t<version>Kannel bearerbox version `1.4.5'.\nBuild `x'</version>\n"
    "<status>running, uptime 1d 2h 3m "
    "4s</status>\n\t<boxes>\n\t<box>\n\t\t<type>smsbox</type>\n\t\t<id>byobox</id>\n"
    "\t\t<IP>127.0.0.1</IP>\n\t\t<queue>2</queue>\n\t\t<status>on-line 0d 0h 0m 1s</status>\n\t</box>"
    "<box>\n\t\t<type>smsbox</type>\n\t\t<id></id>\n\t\t<IP>10.0.0.9</IP>\n\t\t<queue>0</queue>\n\t</box></"
    "boxes>\n"
    "<smscs><count>4</count>\n\t"
    "<smsc>\n\t\t<name>SMPP:c:2775/0:vma:</name>\n\t\t<admin-id>carrier-a</admin-id>\n\t\t<id>carrier-a</"
    "id>\n\t\t"
    "<status>online "
    "12s</status>\n\t\t<failed>1</failed>\n\t\t<queued>7</queued>\n\t\t<sms>\n\t\t\t<received>5</"
    "received>\n\t\t\t<sent>9</sent>\n\t\t</sms></smsc>"
    "<smsc><admin-id>carrier-a</admin-id><id>carrier-a</id><status>re-connecting</status><queued>0</queued></"
    "smsc>"
    "<smsc><admin-id>carrier-a</admin-id><id>carrier-a</id><status>dead</status><queued>0</queued></smsc>"
    "<smsc><admin-id>in-b</admin-id><id>carrier-b</id><status>connecting</status><queued>0</queued>"
    "<last-bind-status>0x0000000e/Invalid "
    "Password</last-bind-status><last-bind-time>1790000000</last-bind-time></smsc>"
    "</smscs><features>raw-payload bind-retry</features></gateway>";

START_TEST(page)
{
    ByoStatusPage p;
    ck_assert(byo_status_page_parse(BYO_STR(stock_page), &p));
    ck_assert_str_eq(p.version, "1.4.5");
    ck_assert_str_eq(p.status, "running");
    ck_assert_int_eq(p.uptime, 86400 + 2 * 3600 + 3 * 60 + 4);
    ck_assert_str_eq(p.features, "raw-payload bind-retry");
    ck_assert_uint_eq(p.n_boxes, 2);
    ck_assert_str_eq(p.boxes[0].id, "byobox");
    ck_assert_str_eq(p.boxes[1].id, "");
    ck_assert_uint_eq(p.n_binds, 4);
    ck_assert_int_eq(p.binds[0].state, BYO_BIND_ONLINE);
    ck_assert_int_eq(p.binds[0].online_for, 12);
    ck_assert_int_eq(p.binds[1].online_for, -1);
    ck_assert_int_eq(p.binds[0].queued, 7);
    ck_assert_int_eq(p.binds[0].sent, 9);
    ck_assert_int_eq(p.binds[0].bind_status, -1);
    ck_assert_int_eq(p.binds[1].state, BYO_BIND_CONNECTING);
    ck_assert_int_eq(p.binds[2].state, BYO_BIND_DEAD);
    ck_assert_str_eq(p.binds[3].admin_id, "in-b");
    ck_assert_int_eq(p.binds[3].bind_status, 14);
    ck_assert_str_eq(p.binds[3].bind_text, "0x0000000e/Invalid Password");
    byo_status_page_free(&p);
}
END_TEST

START_TEST(page_bad)
{
    static const char *const bad[] = {"", "<gateway", "<html></html>", "Denied",
                                      "<gateway><smscs><smsc></gateway>"};
    ByoStatusPage p;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!byo_status_page_parse(byo_str(bad[i]), &p), "taken for a page: %s", bad[i]);
    ck_assert(byo_status_page_parse(BYO_STR("<gateway/>"), &p)); /* a page that tells nothing */
    ck_assert_uint_eq(p.n_binds, 0);
    ck_assert_int_eq(p.uptime, -1);
    byo_status_page_free(&p);
}
END_TEST

START_TEST(nobody_listens)
{
    ByoStatusPage p;
    char why[160];
    ByoBearerboxAdmin at = {"127.0.0.1", 1, "geheim-secret"};
    ck_assert(!byo_status_page_get(&at, &p, why));
    ck_assert_ptr_null(strstr(why, "geheim"));
    ck_assert_ptr_nonnull(strstr(why, "127.0.0.1"));
    char ip[48];
    ck_assert(byo_local_address("127.0.0.1", 2775, ip)); /* (spec A2) */
    ck_assert_str_eq(ip, "127.0.0.1");
}
END_TEST

/* (night F12) What is no number of bearerbox's is not told, and costs nothing. */
START_TEST(F12_status_page_numbers_are_checked)
{
    static const char *const bad[] = {"-1",  "1x", " 1", "", "99999999999999999999", "9999999999999999",
                                      "1.5", "0x", "--"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ByoStatusPage p;
        char *text = byo_printf(
            "<gateway><status>running, uptime %sd %sh %sm %ss</status><smscs><smsc><id>a</id>"
            "<status>online %ss</status><queued>%s</queued><failed>%s</failed><sms><sent>%s</sent>"
            "</sms><last-bind-status>%s</last-bind-status><last-bind-time>%s</last-bind-time></smsc>"
            "</smscs></gateway>",
            bad[i], bad[i], bad[i], bad[i], bad[i], bad[i], bad[i], bad[i], bad[i], bad[i]);
        ck_assert(byo_status_page_parse(byo_str(text), &p));
        ck_assert_int_eq(p.binds[0].online_for, -1);
        ck_assert_int_eq(p.binds[0].queued, 0);
        ck_assert_int_eq(p.binds[0].failed, 0);
        ck_assert_int_eq(p.binds[0].sent, 0);
        ck_assert_int_eq(p.binds[0].bind_status, -1);
        ck_assert_int_eq(p.binds[0].bind_time, 0);
        byo_status_page_free(&p);
        free(text);
    }
    ByoStatusPage p;
    ck_assert(byo_status_page_parse(
        BYO_STR(
            "<gateway><status>running, uptime 2d 3h 4m 5s</status><smscs><smsc><id>a</id><status>online 010s"
            "</status><queued>010</queued><last-bind-status>0x0000000e/Invalid Password</last-bind-status>"
            "</smsc></smscs></gateway>"),
        &p));
    ck_assert_int_eq(p.uptime, ((2 * 24 + 3) * 60 + 4) * 60 + 5);
    ck_assert_int_eq(p.binds[0].online_for, 10);
    ck_assert_int_eq(p.binds[0].queued, 10); /* decimal, whatever it begins with */
    ck_assert_int_eq(p.binds[0].bind_status, 14);
    byo_status_page_free(&p);
}
END_TEST

/* -- which hand-overs a bind that was made again may have carried twice ---------------------------------------*/

static const struct {
    const char *row;
    int64_t looked_at_age,
        ago; /* at the last look it was so old, so many seconds ago; -1: this is the first look */
    int64_t age;
    int64_t before; /* what was handed over earlier than so many seconds ago is in doubt; -1: nothing is */
} remade[] = {
    /* at the last look / this look / in doubt */
    {"it was there all the time", 300, 2, 302, -1},
    {"ages in whole seconds", 300, 2, 301, -1},
    {"young, and there all the time", 0, 1, 1, -1},
    {"the page of the last look took four seconds", 304, 10, 310, -1},
    {"made again between two looks", 300, 5, 1, 0},
    {"made again right after a look", 300, 2, 2, 1},
    {"made again while byobox was away", -1, 0, 2, 1},
};

START_TEST(a_bind_made_again)
{
    const ByoTime now = 1000 * BYO_HOUR;
    ByoStatusBind bind = {.smsc_id = "a", .state = BYO_BIND_ONLINE};
    ByoStatusPage p = {.binds = &bind, .n_binds = 1};
    ByoLife l = {0};
    ByoLifeRow r = {.id = "a", .wanted = true};
    if (remade[_i].looked_at_age >= 0) {
        bind.online_for = remade[_i].looked_at_age;
        byo_life_note_lost(&l, &r, &p, now - remade[_i].ago * BYO_SECOND);
        r.doubt = 0;
        l.page_seen = true;
    }
    bind.online_for = remade[_i].age;
    byo_life_note_lost(&l, &r, &p, now);
    ByoTime wanted = remade[_i].before < 0 ? 0 : now - remade[_i].before * BYO_SECOND;
    ck_assert_msg(r.doubt == wanted, "%s: %lld", remade[_i].row, (long long)(now - r.doubt));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("life");
    TCase *t = tcase_create("life");
    tcase_add_loop_test(t, life_table, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_test(t, F12_status_page_numbers_are_checked);
    tcase_add_test(t, life_patched_reason);
    tcase_add_loop_test(t, a_bind_made_again, 0, (int)(sizeof remade / sizeof *remade));
    tcase_add_test(t, page);
    tcase_add_test(t, page_bad);
    tcase_add_test(t, nobody_listens);
    suite_add_tcase(s, t);
    return run_suite(s);
}
