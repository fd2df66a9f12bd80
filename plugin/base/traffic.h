/* SPDX-License-Identifier: BSD-3-Clause
 * What passes between the room that talks to Kannel (link) and the room that decides (flow):
 * inputs one way, a batch of outputs the other way, both plain values.
 * Ownership: an input is one allocation, freed by whoever took it; a batch belongs to its holder and
 * is handed over whole.
 * Threads: inputs are made in the link thread and used in the flow thread, outputs the other way. */
#ifndef BYO_BASE_TRAFFIC_H
#define BYO_BASE_TRAFFIC_H

#include "base/clock.h"
#include "base/sms.h"

#define BYO_BOX_ID_MAX 255

/* A connection, never reused while the process lives; 0 is none. */
typedef uint64_t ByoConnId;

/* Our links to bearerbox (docs/protocol-notes.md). */
typedef enum {
    BYO_LINK_OWN,  /* named box-id: our segments and their reports */
    BYO_LINK_ANON, /* anonymous: un-routed MO, anonymous smsboxes */
    BYO_LINK_PAIR  /* one for each named smsbox, under its own id */
} ByoLinkKind;

typedef enum {
    BYO_IN_PEER_UP,   /* a smsbox became routable: conn, named, box */
    BYO_IN_PEER_DOWN, /* conn */
    BYO_IN_PEER_ACK,  /* a smsbox answered an inward frame: conn, token, nack */
    BYO_IN_MT,        /* a smsbox sends a MT the router called ours: conn, frame, sms */
    BYO_IN_LINK_UP,   /* link (OWN or ANON) */
    BYO_IN_LINK_DOWN, /* link; bye: bearerbox said it shuts down or restarts */
    BYO_IN_SMS,       /* MO or report from bearerbox: conn, link, named, box (of a PAIR), frame, sms */
    BYO_IN_OWN_ACK    /* bearerbox answered one of our segments: uuid, nack */
} ByoInputKind;

typedef struct ByoInput {
    struct ByoInput *next;
    ByoInputKind kind;
    ByoConnId conn;
    ByoLinkKind link;
    bool named;
    bool bye;
    int failed; /* LINK_UP: attempts that failed since it was up last; some: bearerbox was started anew */
    char *box;  /* own allocation, or NULL */
    int64_t token;
    int32_t nack;
    char uuid[BYO_UUID_LEN + 1];
    ByoStr frame; /* body, inside this allocation */
    ByoSms sms;   /* points into frame */
} ByoInput;

/* room octets follow the struct; frame points at them. Everything else is zero. */
ByoInput *byo_input_create(ByoInputKind kind, size_t room);
void byo_input_free(ByoInput *in);
void byo_inputs_free(ByoInput *first); /* and all behind it */

typedef enum {
    BYO_OUT_PEER_ACK, /* answer a smsbox's MT: conn, uuid, nack, answered */
    BYO_OUT_DELIVER,  /* MO or report to a smsbox: conn, token, frame */
    BYO_OUT_LINK_ACK, /* answer bearerbox's MO or report: conn, uuid, nack, answered */
    BYO_OUT_PEER_END, /* close the connection of a smsbox that cannot be answered: conn */
    BYO_OUT_SEGMENT   /* one of our segments to bearerbox over the OWN link: frame, uuid */
} ByoOutputKind;

typedef struct {
    ByoOutputKind kind;
    ByoConnId conn;
    int64_t token;
    ByoAck nack;
    char uuid[BYO_UUID_LEN + 1];
    size_t at, length; /* of the frame in ByoOutputs.bytes */
    size_t answered;   /* octets of the frame an ack answers */
} ByoOutput;

typedef struct {
    ByoOutput *items;
    size_t n, cap;
    ByoBuf bytes;
    ByoTime until; /* by the boot clock: no segment is written from then on; 0: it does not matter */
} ByoOutputs;

/* Appends one; the caller fills it in before the next call. */
ByoOutput *byo_outputs_add(ByoOutputs *o, ByoOutputKind kind);
/* Frame helpers: write the body straight into o->bytes between begin and end. */
static inline void byo_output_begin(ByoOutputs *o, ByoOutput *item)
{
    item->at = o->bytes.n;
}
static inline void byo_output_end(ByoOutputs *o, ByoOutput *item)
{
    item->length = o->bytes.n - item->at;
}
void byo_outputs_clear(ByoOutputs *o); /* keeps the memory */
void byo_outputs_free(ByoOutputs *o);

/* Whose is it? Asked in the link thread for every message, so it must be quick and thread-safe. */
typedef enum {
    BYO_ROUTE_PASS, /* no integration's: through, untouched */
    BYO_ROUTE_OURS  /* flow decides, refusals included */
} ByoRoute;

#endif
