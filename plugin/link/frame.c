/* SPDX-License-Identifier: BSD-3-Clause
 * Reading and writing frame bodies by the field lists of Kannel's own header.
 * Ownership: see frame.h. Threads: values. */
#include "link/frame.h"

#include <stdlib.h>

#include "base/text.h"

typedef struct {
    const unsigned char *p;
    size_t n, at;
    bool bad;
} Reader;

static int32_t read_int(Reader *r)
{
    if (r->bad || r->n - r->at < 4) {
        r->bad = true;
        return 0;
    }
    const unsigned char *p = r->p + r->at;
    r->at += 4;
    return (int32_t)((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
}

static ByoStr read_string(Reader *r)
{
    int32_t len = read_int(r);
    if (r->bad || len == -1)
        return BYO_STR_NONE;
    if (len < 0 || (size_t)len > r->n - r->at) {
        r->bad = true;
        return BYO_STR_NONE;
    }
    ByoStr s = {(const char *)r->p + r->at, (size_t)len};
    r->at += (size_t)len;
    return s;
}

/* Kannel parses ids with uuid_parse: only the canonical 36-character form is a message. */
static void read_uuid(Reader *r, char *out)
{
    ByoStr s = read_string(r);
    out[0] = 0;
    if (r->bad || s.n != BYO_UUID_LEN) {
        r->bad = true;
        return;
    }
    for (size_t i = 0; i < s.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s.p[i] != '-' : byo_hex_digit(s.p[i]) < 0) {
            r->bad = true;
            return;
        }
    }
    memcpy(out, s.p, s.n);
    out[s.n] = 0;
}

static Reader reader(ByoStr body, ByoFrameType type)
{
    Reader r = {(const unsigned char *)body.p, body.n, 0, false};
    if (read_int(&r) != (int32_t)type)
        r.bad = true;
    return r;
}

ByoFrameType byo_frame_type(ByoStr body)
{
    Reader r = {(const unsigned char *)body.p, body.n, 0, false};
    int32_t type = read_int(&r);
    if (r.bad || type < BYO_FRAME_HEARTBEAT || type > BYO_FRAME_WDP)
        return BYO_FRAME_BAD;
    return (ByoFrameType)type;
}

static void put_int(ByoBuf *b, int32_t v)
{
    uint32_t u = (uint32_t)v;
    unsigned char p[4] = {(unsigned char)(u >> 24), (unsigned char)(u >> 16), (unsigned char)(u >> 8),
                          (unsigned char)u};
    byo_buf_add(b, p, 4);
}

static void put_string(ByoBuf *b, ByoStr s)
{
    if (!s.p) {
        put_int(b, -1);
        return;
    }
    put_int(b, (int32_t)s.n);
    byo_buf_add(b, s.p, s.n);
}

/* The types as Kannel's header declares them, each field read or written in its order. Only sms and
 * ack are taken from it: admin is written longer than stock's, heartbeat is one number.
 * A field of kind TIME (1.4.5 of Debian 13 and later) is a time_t in memory and the low four octets of it
 * on the wire, where it cannot be told from an INTEGER. */
#define TIME(name) INTEGER(name)
#define VOID(name)
#define MSG(type, stmt) BYO_FIELDS_##type(stmt)
#define BYO_FIELDS_heartbeat(stmt)
#define BYO_FIELDS_admin(stmt)
#define BYO_FIELDS_wdp_datagram(stmt)

bool byo_frame_sms(ByoStr body, ByoSms *sms)
{
    Reader r = reader(body, BYO_FRAME_SMS);
#define BYO_FIELDS_ack(stmt)
#define BYO_FIELDS_sms(stmt) stmt
#define INTEGER(name) sms->name = read_int(&r);
#define OCTSTR(name) sms->name = read_string(&r);
#define UUID(name) read_uuid(&r, sms->name);
#include "gw/msg-decl.h"
#undef BYO_FIELDS_ack
#undef BYO_FIELDS_sms
    return !r.bad;
}

/* msg-decl.h undefines its own macros at its end. */
#define TIME(name) INTEGER(name)
#define VOID(name)
#define MSG(type, stmt) BYO_FIELDS_##type(stmt)

bool byo_frame_ack(ByoStr body, ByoAckFrame *ack)
{
    Reader r = reader(body, BYO_FRAME_ACK);
#define BYO_FIELDS_ack(stmt) stmt
#define BYO_FIELDS_sms(stmt)
#define INTEGER(name) ack->name = read_int(&r);
#define OCTSTR(name)
#define UUID(name) read_uuid(&r, ack->name);
#include "gw/msg-decl.h"
#undef BYO_FIELDS_ack
#undef BYO_FIELDS_sms
    return !r.bad;
}

bool byo_frame_admin(ByoStr body, ByoAdminFrame *admin)
{
    Reader r = reader(body, BYO_FRAME_ADMIN);
    admin->command = read_int(&r);
    admin->boxc_id = read_string(&r);
    return !r.bad;
}

bool byo_frame_heartbeat(ByoStr body, int32_t *load_r)
{
    Reader r = reader(body, BYO_FRAME_HEARTBEAT);
    *load_r = read_int(&r);
    return !r.bad;
}

#define TIME(name) INTEGER(name)
#define VOID(name)
#define MSG(type, stmt) BYO_FIELDS_##type(stmt)

void byo_frame_put_sms(const ByoSms *sms, ByoBuf *body)
{
    put_int(body, BYO_FRAME_SMS);
#define BYO_FIELDS_ack(stmt)
#define BYO_FIELDS_sms(stmt) stmt
#define INTEGER(name) put_int(body, sms->name);
#define OCTSTR(name) put_string(body, sms->name);
#define UUID(name) put_string(body, byo_strn(sms->name, BYO_UUID_LEN));
#include "gw/msg-decl.h"
#undef BYO_FIELDS_ack
#undef BYO_FIELDS_sms
}

void byo_frame_put_admin(ByoAdminCommand command, ByoStr boxc_id, ByoBuf *body)
{
    put_int(body, BYO_FRAME_ADMIN);
    put_int(body, (int32_t)command);
    put_string(body, boxc_id);
    put_int(body, 0); /* the fork's http_port; stock ignores trailing octets */
}

void byo_frame_put_ack(const char *id, ByoAck nack, int32_t time, ByoBuf *body)
{
    put_int(body, BYO_FRAME_ACK);
    put_int(body, (int32_t)nack);
    put_int(body, time);
    put_string(body, byo_strn(id, BYO_UUID_LEN));
}

void byo_frame_put_heartbeat(int32_t load, ByoBuf *body)
{
    put_int(body, BYO_FRAME_HEARTBEAT);
    put_int(body, load);
}

const ByoSmsCodec byo_sms_codec = {byo_frame_put_sms, byo_frame_sms};
