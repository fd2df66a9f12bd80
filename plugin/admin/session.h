/* SPDX-License-Identifier: BSD-3-Clause
 * Sessions of the console: whom a browser's cookie stands for, after a password was right once.
 *
 * Decides: how long one lasts (BYO_SESSION_LIFE after it began, BYO_SESSION_IDLE after it was last used) and how many
 * there are: BYO_SESSIONS_EACH of a user, then his longest unused one ends; BYO_SESSIONS in all, then the longest
 * unused one of the user who has most. Only who knows a password makes one. Whether the user is still there with the
 * same password is auth.h's.
 * They end with the process: nothing of them is written anywhere, and of the token only its hash is kept.
 * Ownership: ByoSessions owns its table. Threads: any; a lock inside. */
#ifndef BYO_ADMIN_SESSION_H
#define BYO_ADMIN_SESSION_H

#include "admin/auth.h"

#define BYO_SESSION_LIFE (12 * BYO_HOUR)
#define BYO_SESSION_IDLE BYO_HOUR
enum { BYO_SESSIONS = 1024, BYO_SESSIONS_EACH = 32, BYO_SESSION_TOKEN = 64 };

typedef struct ByoSessions ByoSessions;

ByoSessions *byo_sessions_create(void);
void byo_sessions_destroy(ByoSessions *s); /* takes NULL */

/* Begins one for who (name, mark); who->session is its number. now: monotonic, ms. False: the system gave no random
 * numbers. */
bool byo_session_begin(ByoSessions *s, ByoAuthWho *who, ByoTime now, char token_r[BYO_SESSION_TOKEN + 1]);
/* False: no session of this token. True: *who_r is who began it (can: 0, see byo_auth_still). active: the user does
 * something, it is used now. */
bool byo_session_find(ByoSessions *s, ByoStr token, bool active, ByoTime now, ByoAuthWho *who_r);
/* Whether the session of this number goes on; looking is no use of it. */
bool byo_session_lives(ByoSessions *s, uint64_t session, ByoTime now);
void byo_session_end(ByoSessions *s, uint64_t session); /* takes 0 and what has ended */

#endif
