/* SPDX-License-Identifier: BSD-3-Clause
 * What the link room's tests share: a bearerbox and smsboxes made of blocking sockets around it.
 * Ownership: the fixture owns the link and the host's sockets; a smsbox's is the test's.
 * Threads: the test's and the link's; what the link gave is guarded by a lock. Every wait ends by itself. */
#ifndef BYO_TESTS_LINK_FIXTURE_H
#define BYO_TESTS_LINK_FIXTURE_H

#include <pthread.h>

#include "box_socket.h"

#include "link/link.h"
#include "link/link_private.h"

/* What the link gave and nobody took. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t more;
    ByoInput *first, **last;
    int mts; /* BYO_IN_MT given so far */
} LinkGiven;
extern LinkGiven given;

extern ByoLink *box;
extern int host, bearerbox_at;
extern int own, anon; /* the host's ends of the two links */

void send_admin(int fd, ByoAdminCommand command);
/* A link of byobox's comes up: the host's end of it, and who it says it is ("" anonymous). */
int accept_link(char id[BYO_BOX_ID_MAX + 1]);
/* The next input of this kind that the link gave; others stay. The caller frees it. */
ByoInput *await(ByoInputKind kind);
void await_free(ByoInputKind kind);
int mts_given(void);
/* For byo_link_create: the input goes to `given`; a number "ours" is ours. */
void take_input(void *arg, ByoInput *in);
ByoRoute route(void *arg, const ByoSms *sms, bool from_bearerbox);
void start_box(const char *allow);
void accept_both(void);
void start(void);
void stop(void);
int a_smsbox(const char *id);
/* A frame with something in every field, and three octets more than anybody knows. */
void put_sms(ByoBuf *b, const char *from, const char *to, ByoSmsType type, char uuid[BYO_UUID_LEN + 1]);
/* An output as the flow gives it. */
extern ByoTime post_until; /* of what is posted, 0 at first */
void post(ByoOutputKind kind, ByoConnId conn, const char *uuid, ByoAck nack, int64_t token, ByoStr frame);
/* An MT of this smsbox is given and acked. */
void answer_one(int smsbox);

TCase *link_peers_case(void); /* those who lie, flood, hang or are not let in */

#endif
