/* SPDX-License-Identifier: BSD-3-Clause
 * Authentication.
 * Ownership and threads: auth.h. */
#include "admin/auth.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "admin/password.h"

#define WINDOW BYO_MINUTE
enum { KEY = 32, DIGEST = BYO_AUTH_MARK, VERIFIED = 1024, FAILURES = 1024, CREDENTIALS_MAX = 512 };

typedef struct {
    bool used;
    unsigned char who[DIGEST];
    ByoTime since;
    int count;
    int untold; /* of an address: attempts no event has told */
    ByoTime told,
        checked; /* of an address: when that was last done; when remembered credentials were last looked at */
} Failures;

struct ByoAuth {
    pthread_mutex_t lock;
    unsigned char key[KEY];
    unsigned char verified[VERIFIED][DIGEST]; /* a ring of digests, see Remembered */
    size_t n_verified, next;
    Failures failures[FAILURES];
    int64_t failed;
};

void byo_admin_users_add(ByoAdminUsers *users, const char *name, const char *password, const char *hash,
                         unsigned can)
{
    users->items = byo_realloc(users->items, (users->n + 1) * sizeof *users->items);
    users->items[users->n++] = (ByoAdminUser){byo_strdup(name), byo_strdup(password), byo_strdup(hash), can};
}

void byo_admin_users_free(ByoAdminUsers *users)
{
    for (size_t i = 0; i < users->n; i++) {
        ByoAdminUser *u = &users->items[i];
        if (u->password)
            OPENSSL_cleanse(u->password, strlen(u->password));
        free(u->password);
        free(u->hash);
        free(u->name);
    }
    free(users->items);
    *users = (ByoAdminUsers){0};
}

ByoAuth *byo_auth_create(void)
{
    ByoAuth *a = byo_zalloc(sizeof *a);
    pthread_mutex_init(&a->lock, NULL);
    if (RAND_bytes(a->key, KEY) != 1) {
        byo_auth_destroy(a);
        return NULL;
    }
    return a;
}

void byo_auth_destroy(ByoAuth *a)
{
    if (!a)
        return;
    pthread_mutex_destroy(&a->lock);
    OPENSSL_cleanse(a, sizeof *a);
    free(a);
}

/* HMAC of the parts, each with its length, so that no two lists of parts are alike. */
static void digest(const ByoAuth *a, const ByoStr *parts, size_t n, unsigned char out[DIGEST])
{
    ByoBuf text = {0};
    for (size_t i = 0; i < n; i++) {
        byo_buf_addf(&text, "%zu:", parts[i].n);
        byo_buf_add(&text, parts[i].p, parts[i].n);
    }
    unsigned len = DIGEST;
    HMAC(EVP_sha256(), a->key, KEY, (const unsigned char *)text.p, text.n, out, &len);
    OPENSSL_cleanse(text.p, text.n);
    byo_buf_free(&text);
}

/* -- failures ----------------------------------------------------------------------------------------*/

/* The entry of this digest; NULL when there is none and none is to be made. A new one takes a free place or
 * that of the oldest. */
static Failures *failures_of(ByoAuth *a, const unsigned char who[DIGEST], ByoTime now, bool make)
{
    enum { PLACES = 8 };
    size_t at = ((size_t)who[0] << 8 | who[1]) % FAILURES;
    Failures *best = NULL;
    for (size_t i = 0; i < PLACES; i++) {
        Failures *f = &a->failures[(at + i) % FAILURES];
        if (f->used && now - f->since >= WINDOW)
            f->used = false;
        if (f->used && memcmp(f->who, who, DIGEST) == 0)
            return f;
        if (!best || (best->used && (!f->used || f->since < best->since)))
            best = f;
    }
    if (!make)
        return NULL;
    *best = (Failures){.used = true, .since = now};
    memcpy(best->who, who, DIGEST);
    return best;
}

static int wait_of(const Failures *f, int most, ByoTime now)
{
    return !f || f->count < most ? 0 : (int)((f->since + WINDOW - now + BYO_SECOND - 1) / BYO_SECOND);
}

/* Seconds to wait, 0: may try. */
static int limited(ByoAuth *a, const unsigned char account[DIGEST], const unsigned char address[DIGEST],
                   ByoTime now)
{
    int wait = wait_of(failures_of(a, account, now, false), BYO_AUTH_FAILURES, now);
    int any = wait_of(failures_of(a, address, now, false), BYO_AUTH_FAILURES_ADDRESS, now);
    return any > wait ? any : wait;
}

/* -- credentials -------------------------------------------------------------------------------------*/

typedef struct {
    unsigned char text[CREDENTIALS_MAX + 4];
    ByoStr name, password;
} Credentials;

/* `Basic BASE64` of name:password (RFC 7617). */
static bool read_basic(ByoStr header, Credentials *c)
{
    if (!header.p || header.n < 6 || !byo_str_ieq(byo_strn(header.p, 6), BYO_STR("Basic ")))
        return false;
    ByoStr b = byo_strn(header.p + 6, header.n - 6);
    while (b.n && b.p[0] == ' ')
        b.p++, b.n--;
    if (b.n == 0 || b.n % 4 || b.n / 4 * 3 > CREDENTIALS_MAX)
        return false;
    int n = EVP_DecodeBlock(c->text, (const unsigned char *)b.p, (int)b.n);
    if (n < 0)
        return false;
    for (size_t i = b.n; i > b.n - 2 && b.p[i - 1] == '='; i--)
        n--;
    const char *p = (const char *)c->text, *colon = memchr(p, ':', (size_t)n);
    if (!colon || colon - p >= BYO_AUTH_NAME_MAX || memchr(p, 0, (size_t)n))
        return false;
    c->name = byo_strn(p, (size_t)(colon - p));
    c->password = byo_strn(colon + 1, (size_t)(p + n - colon - 1));
    return true;
}

static const ByoAdminUser *find(const ByoAdminUsers *users, ByoStr name)
{
    const ByoAdminUser *found = NULL;
    for (size_t i = 0; i < users->n; i++)
        if (byo_str_is(name, users->items[i].name))
            found = &users->items[i];
    return found;
}

/* Two texts as HMACs: the comparison tells neither length nor place of the difference. */
static bool same_text(const ByoAuth *a, ByoStr x, ByoStr y)
{
    unsigned char dx[DIGEST], dy[DIGEST];
    digest(a, &x, 1, dx);
    digest(a, &y, 1, dy);
    return CRYPTO_memcmp(dx, dy, DIGEST) == 0;
}

static bool was_verified(ByoAuth *a, const unsigned char d[DIGEST])
{
    bool found = false;
    pthread_mutex_lock(&a->lock);
    for (size_t i = 0; i < a->n_verified; i++)
        found |= CRYPTO_memcmp(a->verified[i], d, DIGEST) == 0;
    pthread_mutex_unlock(&a->lock);
    return found;
}

static void remember(ByoAuth *a, const unsigned char d[DIGEST])
{
    if (was_verified(a, d))
        return;
    pthread_mutex_lock(&a->lock);
    memcpy(a->verified[a->next], d, DIGEST);
    a->next = (a->next + 1) % VERIFIED;
    if (a->n_verified < VERIFIED)
        a->n_verified++;
    pthread_mutex_unlock(&a->lock);
}

/* What is remembered of credentials that were right. With the user's own password or hash in it, a changed one is
 * not remembered. */
typedef struct {
    unsigned char text[DIGEST];  /* name and password as sent: no slow hash is needed */
    unsigned char right[DIGEST]; /* and the user's secret: they are right */
    unsigned char here[DIGEST];  /* and the address */
} Remembered;

static void digest_text(const ByoAuth *a, const Credentials *c, unsigned char out[DIGEST])
{
    ByoStr parts[] = {BYO_STR("text"), c->name, c->password};
    digest(a, parts, 3, out);
}

static void digests(const ByoAuth *a, const ByoAdminUser *u, const Credentials *c, ByoStr ip, Remembered *r)
{
    ByoStr secret = byo_str(u->password ? u->password : u->hash);
    ByoStr parts[] = {BYO_STR("right"), c->name, c->password, secret, ip};
    digest_text(a, c, r->text);
    digest(a, parts, 4, r->right);
    digest(a, parts, 5, r->here);
}

static bool matches(ByoAuth *a, const ByoAdminUser *u, const Credentials *c, const Remembered *r)
{
    if (u->password)
        return same_text(a, byo_str(u->password), c->password);
    return was_verified(a, r->right) || byo_password_matches(byo_str(u->hash), c->password);
}

static bool verify(ByoAuth *a, const ByoAdminUser *u, const Credentials *c, ByoStr ip)
{
    if (!u)
        return byo_password_matches_nobody(c->password);
    Remembered r;
    digests(a, u, c, ip, &r);
    if (!matches(a, u, c, &r))
        return false;
    remember(a, r.text);
    remember(a, r.right);
    remember(a, r.here);
    return true;
}

/* Whether they were right before, asked when the address has to wait. */
static bool right_before(ByoAuth *a, const ByoAdminUser *u, const Credentials *c, ByoStr ip,
                         const unsigned char address[DIGEST], ByoTime now)
{
    if (!u)
        return false;
    Remembered r;
    digests(a, u, c, ip, &r);
    if (was_verified(a, r.here))
        return true;
    pthread_mutex_lock(&a->lock);
    Failures *f = failures_of(a, address, now, true);
    bool look = now - f->checked >= BYO_SECOND;
    if (look)
        f->checked = now;
    pthread_mutex_unlock(&a->lock);
    if (!look || !was_verified(a, r.right))
        return false;
    remember(a, r.here);
    return true;
}

static void failed(ByoAuth *a, const unsigned char account[DIGEST], const unsigned char address[DIGEST],
                   bool limited, ByoTime now, ByoAuthWho *who)
{
    pthread_mutex_lock(&a->lock);
    a->failed++;
    if (!limited)
        failures_of(a, account, now, true)->count++;
    Failures *f = failures_of(a, address, now, true);
    if (!limited)
        f->count++;
    f->untold++;
    if (!f->told || now - f->told >= BYO_SECOND) {
        who->tell = f->untold;
        f->told = now;
        f->untold = 0;
    }
    pthread_mutex_unlock(&a->lock);
}

static void mark_of(const ByoAuth *a, const ByoAdminUser *u, unsigned char out[DIGEST])
{
    ByoStr parts[] = {BYO_STR("mark"), byo_str(u->name), byo_str(u->password ? u->password : u->hash)};
    digest(a, parts, 3, out);
}

static unsigned can_of(const ByoAdminUser *u)
{
    return u->can & BYO_CAN_VIEW ? u->can | BYO_CAN_STATUS : u->can;
}

static ByoAuthAnswer check(ByoAuth *a, const ByoAdminUsers *users, const Credentials *c, ByoStr ip,
                           ByoTime now, ByoAuthWho *who)
{
    unsigned char account[DIGEST], address[DIGEST];
    ByoStr parts[] = {ip, c->name};
    digest(a, parts, 2, account);
    digest(a, parts, 1, address);
    pthread_mutex_lock(&a->lock);
    int wait = limited(a, account, address, now);
    pthread_mutex_unlock(&a->lock);
    const ByoAdminUser *u = find(users, c->name);
    if (wait ? right_before(a, u, c, ip, address, now) : verify(a, u, c, ip)) {
        snprintf(who->name, sizeof who->name, "%s", u->name);
        who->can = can_of(u);
        mark_of(a, u, who->mark);
        return BYO_AUTH_OK;
    }
    who->retry_after = wait;
    snprintf(who->tried, sizeof who->tried, "%s", u ? u->name : "");
    failed(a, account, address, wait > 0, now, who);
    return wait ? BYO_AUTH_LIMITED : BYO_AUTH_WRONG;
}

ByoAuthAnswer byo_auth_check(ByoAuth *a, const ByoAdminUsers *users, ByoStr authorization, ByoStr ip,
                             ByoTime now, ByoAuthWho *who)
{
    Credentials c;
    *who = (ByoAuthWho){.can = 0};
    if (!read_basic(authorization, &c))
        return BYO_AUTH_NONE;
    ByoAuthAnswer answer = check(a, users, &c, ip, now, who);
    OPENSSL_cleanse(&c, sizeof c);
    return answer;
}

ByoAuthAnswer byo_auth_check_password(ByoAuth *a, const ByoAdminUsers *users, ByoStr name, ByoStr password,
                                      ByoStr ip, ByoTime now, ByoAuthWho *who)
{
    Credentials c = {.name = name, .password = password};
    *who = (ByoAuthWho){.can = 0};
    return check(a, users, &c, ip, now, who);
}

bool byo_auth_still(const ByoAuth *a, const ByoAdminUsers *users, ByoAuthWho *who)
{
    unsigned char mark[DIGEST];
    const ByoAdminUser *u = find(users, byo_str(who->name));
    who->can = 0;
    if (!u)
        return false;
    mark_of(a, u, mark);
    if (CRYPTO_memcmp(mark, who->mark, DIGEST) != 0)
        return false;
    who->can = can_of(u);
    return true;
}

bool byo_auth_quick(ByoAuth *a, ByoStr authorization)
{
    Credentials c;
    unsigned char text[DIGEST];
    if (!read_basic(authorization, &c))
        return true;
    digest_text(a, &c, text);
    OPENSSL_cleanse(&c, sizeof c);
    return was_verified(a, text);
}

bool byo_auth_quick_password(ByoAuth *a, ByoStr name, ByoStr password)
{
    Credentials c = {.name = name, .password = password};
    unsigned char text[DIGEST];
    digest_text(a, &c, text);
    return was_verified(a, text);
}

int64_t byo_auth_failed(ByoAuth *a)
{
    pthread_mutex_lock(&a->lock);
    int64_t n = a->failed;
    pthread_mutex_unlock(&a->lock);
    return n;
}
