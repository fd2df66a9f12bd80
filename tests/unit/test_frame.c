/* SPDX-License-Identifier: BSD-3-Clause
 * Frame bodies held against gwlib's own msg_pack and msg_unpack, both ways, and against those that lie
 * (host H1, H2).
 * Threads: none. */
#include <check.h>

#include "link/frame.h"
#include "gwlib/gwlib.h"
#include "gw/msg.h"
#include "suites.h"

/* -- random values ----------------------------------------------------------------------------------*/

static uint64_t state;

static uint32_t some(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16) % below;
}

static int32_t some_int(void)
{
    static const int32_t edges[] = {-1, 0, 1, 255, INT32_MAX, INT32_MIN};
    return some(3) ? (int32_t)(uint32_t)(state >> 8) : edges[some(6)];
}

/* Absent, empty, short and long ones, any octets. */
static ByoStr some_text(ByoBuf *keep)
{
    if (some(4) == 0)
        return BYO_STR_NONE;
    size_t n = some(3) ? some(40) : some(3000), at = keep->n;
    for (size_t i = 0; i < n; i++)
        byo_buf_addc(keep, (char)some(256));
    return byo_strn(keep->p + at, n);
}

/* Every field of gw/msg-decl.h's sms, by that header. TIME is there since Debian 13's 1.4.5. */
#define TIME(name) INTEGER(name)
#define VOID(name)
#define MSG(type, stmt) FIELDS_##type(stmt)
#define FIELDS_heartbeat(stmt)
#define FIELDS_admin(stmt)
#define FIELDS_wdp_datagram(stmt)
#define FIELDS_ack(stmt)
#define FIELDS_sms(stmt) stmt

static void make_some(ByoSms *v, ByoBuf *keep)
{
    byo_buf_clear(keep);
    byo_buf_need(keep, 100000); /* texts point into it: it must not move */
#define INTEGER(name) v->name = some_int();
#define OCTSTR(name) v->name = some_text(keep);
#define UUID(name) byo_uuid_make(v->name);
#include "gw/msg-decl.h"
}

#undef TIME /* where the header knows no such kind it is still there */
/* Of a time_t gwlib sends the low four octets, whatever it holds. */
#define TIME(name) ck_assert_msg(v->name == (int32_t)msg->sms.name, "%s", #name);
#define VOID(name)
#define MSG(type, stmt) FIELDS_##type(stmt)

static void ck_text(const char *field, ByoStr ours, const Octstr *theirs)
{
    if (!theirs)
        ck_assert_msg(ours.p == NULL, "%s", field);
    else
        ck_assert_msg(ours.p &&
                          byo_str_eq(ours, byo_strn(octstr_get_cstr(theirs), (size_t)octstr_len(theirs))),
                      "%s", field);
}

static void ck_same(const ByoSms *v, const Msg *msg)
{
    char text[UUID_STR_LEN + 1];
#define INTEGER(name) ck_assert_msg(v->name == msg->sms.name, "%s", #name);
#define OCTSTR(name) ck_text(#name, v->name, msg->sms.name);
#define UUID(name) \
    uuid_unparse(msg->sms.name, text); \
    ck_assert_str_eq(v->name, text);
#include "gw/msg-decl.h"
}

static Octstr *octets(const ByoBuf *b)
{
    return octstr_create_from_data(b->p, (long)b->n);
}

START_TEST(test_sms_both_ways)
{
    ByoBuf keep = {0}, body = {0};
    state = 88172645463325252u;
    for (int i = 0; i < 2000; i++) {
        ByoSms ours, again;
        make_some(&ours, &keep);
        byo_buf_clear(&body);
        byo_frame_put_sms(&ours, &body);
        Octstr *packed = octets(&body);
        Msg *msg = msg_unpack(packed);
        ck_assert(msg != NULL && msg_type(msg) == sms);
        ck_same(&ours, msg);
        Octstr *theirs = msg_pack(msg);
        ck_assert_int_eq(octstr_compare(packed, theirs), 0);
        ck_assert(byo_frame_sms(byo_strn(octstr_get_cstr(theirs), (size_t)octstr_len(theirs)), &again));
        ck_same(&again, msg);
        octstr_destroy(packed);
        octstr_destroy(theirs);
        msg_destroy(msg);
    }
    byo_buf_free(&keep);
    byo_buf_free(&body);
}
END_TEST

START_TEST(test_ack_both_ways)
{
    for (int nack = -1; nack < 5; nack++) {
        char uuid[BYO_UUID_LEN + 1], text[UUID_STR_LEN + 1];
        ByoBuf body = {0};
        ByoAckFrame a;
        byo_uuid_make(uuid);
        byo_frame_put_ack(uuid, (ByoAck)nack, -7, &body);
        Octstr *packed = octets(&body);
        Msg *msg = msg_unpack(packed);
        ck_assert(msg != NULL && msg_type(msg) == ack);
        uuid_unparse(msg->ack.id, text);
        ck_assert_str_eq(text, uuid);
        ck_assert_int_eq(msg->ack.nack, nack);
        ck_assert_int_eq((int32_t)msg->ack.time, -7);
        Octstr *theirs = msg_pack(msg);
        ck_assert(byo_frame_ack(byo_strn(octstr_get_cstr(theirs), (size_t)octstr_len(theirs)), &a));
        ck_assert(a.nack == nack && a.time == -7);
        ck_assert_str_eq(a.id, uuid);
        octstr_destroy(packed);
        octstr_destroy(theirs);
        msg_destroy(msg);
        byo_buf_free(&body);
    }
}
END_TEST

START_TEST(test_admin_and_heartbeat)
{
    static const char *const ids[] = {NULL, "", "smsbox1"};
    for (size_t i = 0; i < 3; i++) {
        ByoBuf body = {0};
        ByoAdminFrame a;
        /* the long form, read by stock */
        byo_frame_put_admin(BYO_CMD_IDENTIFY, ids[i] ? byo_str(ids[i]) : BYO_STR_NONE, &body);
        Octstr *packed = octets(&body);
        Msg *msg = msg_unpack(packed);
        ck_assert(msg != NULL && msg_type(msg) == admin && msg->admin.command == cmd_identify);
        ck_text("boxc_id", ids[i] ? byo_str(ids[i]) : BYO_STR_NONE, msg->admin.boxc_id);
        /* the short form, read by us; and the long one */
        Octstr *theirs = msg_pack(msg);
        ck_assert_int_eq(octstr_len(theirs) + 4, octstr_len(packed));
        ck_assert(byo_frame_admin(byo_strn(octstr_get_cstr(theirs), (size_t)octstr_len(theirs)), &a));
        ck_text("boxc_id", a.boxc_id, msg->admin.boxc_id);
        ck_assert(byo_frame_admin(byo_buf_str(&body), &a) && a.command == BYO_CMD_IDENTIFY);
        octstr_destroy(packed);
        octstr_destroy(theirs);
        msg_destroy(msg);
        byo_buf_free(&body);
    }
    ByoBuf body = {0};
    int32_t load;
    byo_frame_put_heartbeat(12345, &body);
    Octstr *packed = octets(&body);
    Msg *msg = msg_unpack(packed);
    ck_assert(msg != NULL && msg_type(msg) == heartbeat && msg->heartbeat.load == 12345);
    ck_assert(byo_frame_heartbeat(byo_buf_str(&body), &load) && load == 12345);
    octstr_destroy(packed);
    msg_destroy(msg);
    byo_buf_free(&body);
}
END_TEST

START_TEST(test_cut_anywhere)
{
    /* every shorter body is refused; a longer one is read the same */
    ByoBuf keep = {0}, body = {0};
    ByoSms ours, again;
    state = 4711;
    make_some(&ours, &keep);
    ours.meta_data = BYO_STR("?x?y=z&");
    byo_frame_put_sms(&ours, &body);
    for (size_t n = 0; n < body.n; n++) {
        char *cut = byo_alloc(n + 1); /* its own block: a step too far is seen */
        memcpy(cut, body.p, n);
        ck_assert_msg(!byo_frame_sms(byo_strn(cut, n), &again), "%zu of %zu", n, body.n);
        byo_buf_free(&(ByoBuf){cut, 0, n + 1});
    }
    byo_buf_adds(&body, "more");
    ck_assert(byo_frame_sms(byo_buf_str(&body), &again));
    ck_assert(byo_str_eq(again.meta_data, ours.meta_data));
    byo_buf_free(&keep);
    byo_buf_free(&body);
}
END_TEST

#define U "0f8fad5b-d9cb-469f-a165-70867728950e"
static const struct {
    const char *row, *body;
    size_t n;
} bad_acks[] = {
    {"empty", "", 0},
    {"type alone", "\0\0\0\3", 4},
    {"another type", "\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\x24" U, 52},
    {"no id", "\0\0\0\3\0\0\0\0\0\0\0\0\xff\xff\xff\xff", 16},
    {"a short id", "\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\4abcd", 20},
    {"a length that lies", "\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\x25" U, 52},
    {"a negative length", "\0\0\0\3\0\0\0\0\0\0\0\0\x80\0\0\x24" U, 52},
    {"no UUID",
     "\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\x24"
     "0f8fad5b-d9cb-469f-a165-70867728950g",
     52},
    {"dashes elsewhere",
     "\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\x24"
     "0f8fad5bd-9cb-469f-a165-70867728950e",
     52},
};

START_TEST(test_bad_acks)
{
    ByoAckFrame a;
    ck_assert(!byo_frame_ack(byo_strn(bad_acks[_i].body, bad_acks[_i].n), &a));
}
END_TEST

static const struct {
    const char *body;
    size_t n;
    ByoFrameType type;
} types[] = {
    {"", 0, BYO_FRAME_BAD},           {"\0\0\0", 3, BYO_FRAME_BAD},   {"\0\0\0\0", 4, BYO_FRAME_HEARTBEAT},
    {"\0\0\0\1", 4, BYO_FRAME_ADMIN}, {"\0\0\0\2", 4, BYO_FRAME_SMS}, {"\0\0\0\3x", 5, BYO_FRAME_ACK},
    {"\0\0\0\4", 4, BYO_FRAME_WDP},   {"\0\0\0\5", 4, BYO_FRAME_BAD}, {"\xff\xff\xff\xff", 4, BYO_FRAME_BAD},
    {"\1\0\0\2", 4, BYO_FRAME_BAD},
};

START_TEST(test_types)
{
    ck_assert_int_eq(byo_frame_type(byo_strn(types[_i].body, types[_i].n)), types[_i].type);
}
END_TEST

int main(void)
{
    gwlib_init();
    Suite *s = suite_create("frame");
    TCase *t = tcase_create("frame");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_sms_both_ways);
    tcase_add_test(t, test_ack_both_ways);
    tcase_add_test(t, test_admin_and_heartbeat);
    tcase_add_test(t, test_cut_anywhere);
    tcase_add_loop_test(t, test_bad_acks, 0, (int)(sizeof bad_acks / sizeof *bad_acks));
    tcase_add_loop_test(t, test_types, 0, (int)(sizeof types / sizeof *types));
    suite_add_tcase(s, t);
    int failed = run_suite(s);
    gwlib_shutdown();
    return failed;
}
