/* SPDX-License-Identifier: BSD-3-Clause
 * Talking to Kannel: byobox's port for smsboxes and its links to bearerbox, in one I/O thread.
 *
 * Decides: framing, identification, who is connected, what passes through (asking the router), when to
 * reconnect. It knows no integration and no store.
 * Pass-through: a named smsbox has a bearerbox link of its own, under its id; frames and acks go
 * through as they are. Anonymous smsboxes share the anonymous link.
 * A peer that lies, floods or hangs costs only its own connection.
 * Ownership: ByoLink owns its thread, sockets and buffers.
 * Threads: create/start/stop by the owner; post and status from any thread; callbacks in the link
 * thread. */
#ifndef BYO_LINK_LINK_H
#define BYO_LINK_LINK_H

#include "base/clock.h"
#include "base/traffic.h"

typedef struct ByoLink ByoLink;

typedef struct {
    int smsbox_port;              /* 0: a free one, see byo_link_port */
    const char *smsbox_interface; /* an IPv4 address or a name of one; NULL: all of them */
    const char *smsbox_allow_ip;  /* Kannel's form: "127.0.0.1;10.0.*.*"; NULL: everybody */
    const char *bearerbox_host;
    int bearerbox_port;
    const char *box_id;
    void *arg;
    /* Takes the input over. */
    void (*input)(void *arg, ByoInput *in);
    /* from_bearerbox: MO or report, else MT. */
    ByoRoute (*route)(void *route_arg, const ByoSms *sms, bool from_bearerbox);
    void *route_arg;
} ByoLinkOptions;

/* Opens the port; NULL: *why_r is a sentence the caller frees. */
ByoLink *byo_link_create(const ByoLinkOptions *opt, char **why_r);
int byo_link_port(const ByoLink *l);
void byo_link_start(ByoLink *l);
/* Carries out the batch soon, in order; *batch is empty afterwards. */
void byo_link_post(ByoLink *l, ByoOutputs *batch);
/* New connections are refused and new MTs answered "try again"; acks are still taken, and what is posted
 * still goes out. */
void byo_link_quiesce(ByoLink *l);
/* Who may connect from now on; smsboxes that are connected and no longer may are disconnected. */
void byo_link_allow(ByoLink *l, const char *smsbox_allow_ip);
/* Writes out what it can within ms, then ends the thread. */
void byo_link_stop(ByoLink *l, ByoTime ms);
void byo_link_destroy(ByoLink *l); /* takes NULL */

typedef struct {
    ByoConnId conn;
    bool named;
    char box[64]; /* cut when longer */
    char ip[48];
    int32_t load;      /* of its last heartbeat, -1: none */
    int64_t passed_mt; /* frames passed through each way */
    int64_t passed_in;
    bool pair_up; /* its bearerbox link stands */
} ByoPeerStatus;

typedef struct {
    bool own_up, anon_up;
    int64_t own_falls; /* how often the own link stood and does no more */
    int64_t reconnects;
    int64_t refused_peers; /* by smsbox-allow-ip, or too many */
    int64_t silent_peers;  /* disconnected because nothing came from them */
    int64_t bad_frames;
    ByoPeerStatus *peers; /* caller frees */
    size_t n_peers;
} ByoLinkStatus;
void byo_link_status(ByoLink *l, ByoLinkStatus *st_r);

#endif
