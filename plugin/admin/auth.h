/* SPDX-License-Identifier: BSD-3-Clause
 * Who is asking, and what may he do (spec A1): HTTP Basic against admin-password, status-password and the
 * byo-user groups.
 *
 * Decides: the comparison takes as long for a name nobody has as for a wrong password; after
 * BYO_AUTH_FAILURES failures for one name from one address within a minute (or BYO_AUTH_FAILURES_ADDRESS
 * for any) that address has to wait. What was verified is remembered by its HMAC under a key of this
 * process: a password's slow hash is computed once and not for each request, and credentials that were right
 * from this address before are right again whatever else comes from there (behind one proxy everybody has one
 * address). Those that were right from elsewhere are looked at once a second, no faster than guesses are.
 * Ownership: ByoAuth owns its tables. Threads: any; a lock inside, not held while hashing. */
#ifndef BYO_ADMIN_AUTH_H
#define BYO_ADMIN_AUTH_H

#include "base/clock.h"
#include "base/permissions.h"

typedef struct {
    char *name;
    char *password; /* in clear (admin, status); NULL: hash is set */
    char *hash;     /* password.h's form */
    unsigned can;   /* BYO_CAN_ bits */
} ByoAdminUser;

typedef struct {
    ByoAdminUser *items;
    size_t n;
} ByoAdminUsers;

/* Texts are copied. */
void byo_admin_users_add(ByoAdminUsers *users, const char *name, const char *password, const char *hash,
                         unsigned can);
void byo_admin_users_free(ByoAdminUsers *users); /* wipes the passwords */

enum { BYO_AUTH_FAILURES = 10, BYO_AUTH_FAILURES_ADDRESS = 60 };

typedef struct ByoAuth ByoAuth;

ByoAuth *byo_auth_create(void);
void byo_auth_destroy(ByoAuth *a); /* takes NULL */

typedef enum {
    BYO_AUTH_OK,
    BYO_AUTH_NONE,   /* no or unreadable credentials; no failure */
    BYO_AUTH_WRONG,  /* counted as a failure */
    BYO_AUTH_LIMITED /* too many failures; what was sent was not looked at */
} ByoAuthAnswer;

#define BYO_AUTH_NAME_MAX 64
enum { BYO_AUTH_MARK = 32 };
typedef struct {
    char name[BYO_AUTH_NAME_MAX];
    unsigned can;
    unsigned char mark[BYO_AUTH_MARK]; /* of the user and his password: another one when that was changed */
    uint64_t session;                  /* session.h; 0: none */
    int retry_after;                   /* BYO_AUTH_LIMITED: seconds, from 1 */
    /* Failures from this address that are to be told now (this one, and earlier ones that were not: one telling
     * a second); 0: none. tried: the user they last were about, "": nobody's name. */
    int tell;
    char tried[BYO_AUTH_NAME_MAX];
} ByoAuthWho;

/* authorization: the header's value, absent for none. now: monotonic, ms. */
ByoAuthAnswer byo_auth_check(ByoAuth *a, const ByoAdminUsers *users, ByoStr authorization, ByoStr ip,
                             ByoTime now, ByoAuthWho *who_r);
/* The same for a name and password that came otherwise than in that header. */
ByoAuthAnswer byo_auth_check_password(ByoAuth *a, const ByoAdminUsers *users, ByoStr name, ByoStr password,
                                      ByoStr ip, ByoTime now, ByoAuthWho *who_r);
/* Whether he of that name and mark is still a user with the same password; who->can is what he may do now. */
bool byo_auth_still(const ByoAuth *a, const ByoAdminUsers *users, ByoAuthWho *who);
/* Whether the answer needs no slow hash: no credentials, or remembered ones. */
bool byo_auth_quick(ByoAuth *a, ByoStr authorization);
bool byo_auth_quick_password(ByoAuth *a, ByoStr name, ByoStr password);
/* Wrong and limited attempts since the process started. */
int64_t byo_auth_failed(ByoAuth *a);

#endif
