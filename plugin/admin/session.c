/* SPDX-License-Identifier: BSD-3-Clause
 * Sessions: a table that never grows.
 * Ownership and threads: session.h. */
#include "admin/session.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

enum { RANDOM = BYO_SESSION_TOKEN / 2, HASH = 32 };

typedef struct {
    uint64_t number; /* 0: free */
    unsigned char hash[HASH], mark[BYO_AUTH_MARK];
    char name[BYO_AUTH_NAME_MAX];
    ByoTime began, used;
} Session;

struct ByoSessions {
    pthread_mutex_t lock;
    uint64_t last; /* number given */
    Session items[BYO_SESSIONS];
};

ByoSessions *byo_sessions_create(void)
{
    ByoSessions *s = byo_zalloc(sizeof *s);
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

void byo_sessions_destroy(ByoSessions *s)
{
    if (!s)
        return;
    pthread_mutex_destroy(&s->lock);
    OPENSSL_cleanse(s, sizeof *s);
    free(s);
}

static void hash_of(ByoStr token, unsigned char out[HASH])
{
    EVP_Digest(token.p, token.n, out, NULL, EVP_sha256(), NULL);
}

static bool is_over(const Session *one, ByoTime now)
{
    return now - one->began >= BYO_SESSION_LIFE || now - one->used >= BYO_SESSION_IDLE;
}

static int of_user(const ByoSessions *s, const char *name)
{
    int n = 0;
    for (int i = 0; i < BYO_SESSIONS; i++)
        n += s->items[i].number && strcmp(s->items[i].name, name) == 0;
    return n;
}

/* The longest unused one, of this user or (NULL) of the one who has most. */
static Session *to_give_way(ByoSessions *s, const char *name)
{
    Session *best = NULL;
    int most = 0;
    for (int i = 0; i < BYO_SESSIONS; i++) {
        Session *one = &s->items[i];
        if (!one->number || (name && strcmp(one->name, name) != 0))
            continue;
        int share = name ? 1 : of_user(s, one->name);
        if (!best || share > most || (share == most && one->used < best->used)) {
            best = one;
            most = share;
        }
    }
    return best;
}

/* A free place, or one that was made free. */
static Session *place_for(ByoSessions *s, const char *name, ByoTime now)
{
    Session *free_one = NULL;
    for (int i = 0; i < BYO_SESSIONS; i++) {
        if (s->items[i].number && is_over(&s->items[i], now))
            s->items[i].number = 0;
        if (!s->items[i].number && !free_one)
            free_one = &s->items[i];
    }
    if (of_user(s, name) >= BYO_SESSIONS_EACH)
        return to_give_way(s, name);
    return free_one ? free_one : to_give_way(s, NULL);
}

bool byo_session_begin(ByoSessions *s, ByoAuthWho *who, ByoTime now, char token[BYO_SESSION_TOKEN + 1])
{
    unsigned char random[RANDOM];
    if (RAND_bytes(random, RANDOM) != 1)
        return false;
    for (int i = 0; i < RANDOM; i++)
        snprintf(token + 2 * i, 3, "%02x", random[i]);
    OPENSSL_cleanse(random, sizeof random);
    Session one = {.began = now, .used = now};
    hash_of(byo_strn(token, BYO_SESSION_TOKEN), one.hash);
    memcpy(one.mark, who->mark, sizeof one.mark);
    snprintf(one.name, sizeof one.name, "%s", who->name);
    pthread_mutex_lock(&s->lock);
    one.number = who->session = ++s->last;
    *place_for(s, one.name, now) = one;
    pthread_mutex_unlock(&s->lock);
    return true;
}

bool byo_session_find(ByoSessions *s, ByoStr token, bool active, ByoTime now, ByoAuthWho *who)
{
    unsigned char hash[HASH];
    *who = (ByoAuthWho){.can = 0};
    if (token.n != BYO_SESSION_TOKEN)
        return false;
    hash_of(token, hash);
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < BYO_SESSIONS && !who->session; i++) {
        Session *one = &s->items[i];
        if (!one->number || CRYPTO_memcmp(one->hash, hash, HASH) != 0)
            continue;
        if (is_over(one, now)) {
            one->number = 0;
            break;
        }
        if (active)
            one->used = now;
        who->session = one->number;
        memcpy(who->mark, one->mark, sizeof who->mark);
        snprintf(who->name, sizeof who->name, "%s", one->name);
    }
    pthread_mutex_unlock(&s->lock);
    return who->session != 0;
}

bool byo_session_lives(ByoSessions *s, uint64_t session, ByoTime now)
{
    bool lives = false;
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < BYO_SESSIONS; i++)
        if (s->items[i].number == session)
            lives |= session && !is_over(&s->items[i], now);
    pthread_mutex_unlock(&s->lock);
    return lives;
}

void byo_session_end(ByoSessions *s, uint64_t session)
{
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < BYO_SESSIONS; i++)
        if (s->items[i].number == session)
            s->items[i].number = 0;
    pthread_mutex_unlock(&s->lock);
}
