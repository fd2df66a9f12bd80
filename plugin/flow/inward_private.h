/* SPDX-License-Identifier: BSD-3-Clause
 * What only inward.c and inward_limit.c see: which smsboxes are there, what they have not acked, what waits for whom.
 * Ownership: ByoInwardMemory owns all of it. Threads: the flow thread. */
#ifndef BYO_FLOW_INWARD_PRIVATE_H
#define BYO_FLOW_INWARD_PRIVATE_H

#include "base/hash.h"
#include "flow/flow_private.h"

/* What a smsbox may have unacked of ours: so many, and so many octets of frames, for what it does not read is in memory here. What
 * comes beyond it is read from the store again to be given; smsbox itself has 512 requests under way at most
 * (max-pending-requests). */
enum { BYO_PEER_WINDOW = 2000, BYO_PEER_OCTETS = 8 * 1024 * 1024 };
/* Reports and MOs that may wait for all smsboxes together: beyond it nobody may ask for reports, and MOs stay
 * un-acked. And ids of smsboxes they may wait for. inward-limit is for each destination. */
enum { BYO_INWARD_MAX = 2000000, BYO_DESTINATIONS_MAX = 4096 };
/* MOs for further smsbox-ids are not taken while rows wait for so many: the store has no room for endlessly many, and
 * the rest is for reports, whose messages were taken long before. */
enum { BYO_MO_DESTINATIONS_MAX = BYO_STORE_DESTINATIONS / 2 };
/* MOs held back un-acked: more than the windows of all of bearerbox's connections. */
enum { BYO_HELD_MAX = 4096 };

/* A connected smsbox. */
typedef struct ByoFlowPeer {
    struct ByoFlowPeer *next;
    ByoConnId conn;
    struct ByoDestination *to;
    int in_flight;
    size_t octets;      /* of their frames */
    ByoTime wrote;      /* its first MT; 0: it wrote none */
    ByoTime not_before; /* it asked to be left alone; the others of its id are not */
} ByoFlowPeer;

/* Where reports and MOs go: the smsboxes of one id, or all anonymous ones. */
typedef struct ByoDestination {
    struct ByoDestination *next;
    bool named;
    char *box;        /* "" for the anonymous */
    bool beyond;      /* one too many: its smsboxes may not ask for reports */
    struct {          /* what a turn changes, by byo_flow_place */
        ByoId cursor; /* everything up to here was given to a smsbox */
        bool backlog; /* the store has rows after the cursor */
        bool own;     /* rows may be this byobox's alone */
        ByoId aged,
            aged_mo; /* up to here nothing is left that inward-expiry, inward-expiry-mo could remove */
    } at;
    uint64_t saved;
    ByoId highest; /* of the rows ever given to a smsbox of it: those above are with none */
} ByoDestination;

/* A row a smsbox has and has not acked. */
typedef struct {
    ByoHashEntry entry; /* first */
    ByoId id;
    size_t octets;
    ByoConnId conn;
    ByoDestination *to;
    ByoReported reported;
} ByoInFlight;

/* An MO that is not taken yet: there is no room. */
typedef struct {
    ByoInput *in;
    bool taken; /* in this turn */
} ByoHeldMo;

struct ByoInwardMemory {
    ByoFlowPeer *peers;
    ByoDestination *destinations;
    size_t n_destinations;
    ByoTime look_older; /* rows that wait inward seem so much older than they are: the clock was set ahead */
    ByoHeldMo *held;    /* in the order they came */
    size_t n_held;
    ByoHashTable in_flight;
};

/* What of a destination this turn is about to change. */
ByoDestination *byo_flow_place(ByoTurn *t, ByoDestination *d);
bool byo_flow_has_peer(const ByoFlow *f, const ByoDestination *d);
ByoInFlight *byo_flow_in_flight(ByoFlow *f, ByoId id); /* NULL: no smsbox has it */

#endif
