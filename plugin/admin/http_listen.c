/* SPDX-License-Identifier: BSD-3-Clause
 * Who gets a connection of the admin port: its listener, allow list, certificate, and who has to go when it is
 * full.
 * Ownership and threads: http_private.h; the certificate and the allow list are replaced under ByoAdmin.lock. */
#include "admin/http_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/allow_ip.h"
#include "base/log.h"

/* Nobody needs half of the port for himself. */
enum { CONNECTIONS_MAX = 128, ADDRESS_MAX = 64 };
/* An answer nobody has read for this long may give way, too. */
#define STALLED (5 * BYO_SECOND)
#define TOLD_EVERY BYO_SECOND

/* -- making room --------------------------------------------------------------------------------------*/

static int of_address(const ByoAdminIo *io, const char *from)
{
    int n = 0;
    for (const ByoAdminConn *c = io->conns; c; c = c->next)
        n += strcmp(c->from, from) == 0;
    return n;
}

/* The order in which connections give way: those that wait for nothing first. 0: never. */
static int readiness(const ByoAdminConn *c, ByoTime now)
{
    switch (c->state) {
    case BYO_CONN_LINGERING:
        return 6;
    case BYO_CONN_HELD:
        return 5;
    case BYO_CONN_WAITING:
        return 4;
    case BYO_CONN_HEAD:
        return 3;
    case BYO_CONN_BODY:
        return 2;
    case BYO_CONN_WRITING:
        return now - c->since >= STALLED ? 1 : 0;
    case BYO_CONN_BUSY:
    case BYO_CONN_STREAM: /* is not of these */
        break;
    }
    return 0;
}

/* Ends one connection, of this address or (NULL) of the one that has most: the readiest, the oldest of them. */
static bool make_room(ByoAdminIo *io, const char *from)
{
    ByoTime now = byo_monotonic();
    ByoAdminConn *best = NULL;
    int best_share = 0, best_ready = 0;
    for (ByoAdminConn *c = io->conns; c; c = c->next) {
        int ready = readiness(c, now), share = from ? 1 : of_address(io, c->from);
        if (!ready || (from && strcmp(c->from, from) != 0))
            continue;
        bool better = share != best_share ? share > best_share
                      : ready != best_ready
                          ? ready > best_ready
                          : c->since <= best->since; /* of one moment: the newest is the first */
        if (!best || better) {
            best = c;
            best_share = share;
            best_ready = ready;
        }
    }
    if (best)
        byo_admin_conn_free(best);
    return best != NULL;
}

/* -- accepting ----------------------------------------------------------------------------------------*/

/* ip: as it is written; from: whose connections and failures count together. IPv4 at an interface of both
 * families is IPv4; who has one IPv6 address has the 64 bits behind it, too. */
static void name_peer(const struct sockaddr *sa, char ip[64], char from[64])
{
    snprintf(ip, 64, "?");
    if (sa->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, ip, 64);
    } else if (sa->sa_family == AF_INET6) {
        struct in6_addr a = ((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
        if (!IN6_IS_ADDR_V4MAPPED(&a)) {
            inet_ntop(AF_INET6, &a, ip, 64);
            memset(&a.s6_addr[8], 0, 8);
            inet_ntop(AF_INET6, &a, from, 64);
            return;
        }
        inet_ntop(AF_INET, &a.s6_addr[12], ip, 64);
    }
    memcpy(from, ip, 64);
}

/* False: it may not connect. *tls_r: NULL in the clear. */
static bool may_connect(ByoAdmin *a, const char *ip, SSL **tls_r)
{
    *tls_r = NULL;
    pthread_mutex_lock(&a->lock);
    bool may = byo_allow_ip(a->allow_ip, ip);
    if (may && a->tls)
        may = (*tls_r = SSL_new(a->tls)) != NULL;
    pthread_mutex_unlock(&a->lock);
    return may;
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    static ByoTime told; /* this thread's only */
    (void)l, (void)len;
    ByoAdmin *a = arg;
    char ip[64], from[64];
    SSL *tls;
    name_peer(sa, ip, from);
    if (!may_connect(a, ip, &tls)) {
        if (byo_monotonic() - told >= TOLD_EVERY)
            byo_log_warning("admin port: %s is not in admin-allow-ip", ip);
        told = byo_monotonic();
        evutil_closesocket(fd);
        return;
    }
    bool room = of_address(&a->io, from) < ADDRESS_MAX || make_room(&a->io, from);
    room = room && (a->io.n < CONNECTIONS_MAX || make_room(&a->io, NULL));
    if (room) {
        byo_admin_conn_open(a, fd, ip, from, tls);
        return;
    }
    SSL_free(tls);
    evutil_closesocket(fd);
}

static void on_accept_error(struct evconnlistener *l, void *arg)
{
    (void)l, (void)arg;
    byo_log_warning("admin port: accept: %s", strerror(errno));
    usleep(100000); /* out of descriptors: the connections there are must end first */
}

struct evconnlistener *byo_admin_listen(ByoAdmin *a, const ByoAdminOptions *opt, char **why_r)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV},
                    *list = NULL;
    char port[16];
    snprintf(port, sizeof port, "%d", opt->port);
    int bad = getaddrinfo(opt->interface, port, &hints, &list);
    if (bad) {
        *why_r = byo_printf("admin-interface = %s: %s", opt->interface, gai_strerror(bad));
        return NULL;
    }
    struct evconnlistener *l = evconnlistener_new_bind(
        a->io.base, on_accept, a, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, 64,
        list->ai_addr, (int)list->ai_addrlen);
    if (l)
        evconnlistener_set_error_cb(l, on_accept_error);
    else
        *why_r = byo_printf("admin-port = %d at %s cannot be opened: %s", opt->port, opt->interface,
                            strerror(errno));
    freeaddrinfo(list);
    return l;
}

int byo_admin_listen_port(struct evconnlistener *l)
{
    struct sockaddr_storage sa;
    socklen_t len = sizeof sa;
    char port[16] = "0";
    getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&sa, &len);
    getnameinfo((struct sockaddr *)&sa, len, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    return atoi(port);
}

/* -- what may be renewed ------------------------------------------------------------------------------*/

static char *tls_why(const char *key, const char *file)
{
    char text[160] = "it cannot be used";
    unsigned long e = ERR_peek_last_error();
    if (e)
        ERR_error_string_n(e, text, sizeof text);
    ERR_clear_error();
    return byo_printf("%s = %s: %s", key, file, text);
}

/* Nobody is there to type it. */
static int no_passphrase(char *buf, int size, int writing, void *arg)
{
    (void)buf, (void)size, (void)writing, (void)arg;
    return 0;
}

/* NULL: *why_r. */
static SSL_CTX *tls_context(const char *cert_file, const char *key_file, char **why_r)
{
    ERR_clear_error();
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx) {
        *why_r = byo_strdup("TLS cannot be set up");
        return NULL;
    }
    SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_options(ctx,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1)
        *why_r = tls_why("admin-ssl-cert-file", cert_file);
    else if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) == 1)
        return ctx; /* it fits: OpenSSL has compared them */
    else if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH)
        *why_r = byo_printf("admin-ssl-key-file = %s is not the key of admin-ssl-cert-file = %s", key_file,
                            cert_file);
    else
        *why_r = tls_why("admin-ssl-key-file", key_file);
    SSL_CTX_free(ctx);
    return NULL;
}

bool byo_admin_tls_check(const char *cert_file, const char *key_file, char **why_r)
{
    SSL_CTX *ctx = tls_context(cert_file, key_file, why_r);
    SSL_CTX_free(ctx);
    return ctx != NULL;
}

bool byo_admin_renew(ByoAdmin *a, const ByoAdminOptions *opt, char **why_r)
{
    SSL_CTX *tls = opt->cert_file ? tls_context(opt->cert_file, opt->key_file, why_r) : NULL;
    if (opt->cert_file && !tls)
        return false;
    char *allow = byo_strdup(opt->allow_ip);
    pthread_mutex_lock(&a->lock);
    char *old_allow = a->allow_ip;
    SSL_CTX *old = a->tls;
    a->allow_ip = allow;
    a->tls = tls;
    pthread_mutex_unlock(&a->lock);
    free(old_allow);
    SSL_CTX_free(old);
    return true;
}
