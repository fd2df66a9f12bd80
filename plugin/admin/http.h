/* SPDX-License-Identifier: BSD-3-Clause
 * The listener of the admin API: HTTP/1.1 in one I/O thread, requests handled by a few worker threads, so
 * that neither a slow peer nor a slow change holds up the others.
 *
 * Decides: limits and deadlines of connections; that no body is read before its sender was admitted; who has to
 * go when the port is full. What a request means is api.h's.
 * Ownership: ByoAdmin owns its threads and connections; the options' texts are copied.
 * Threads: start and stop by the owner, stop while the engine still answers calls. */
#ifndef BYO_ADMIN_HTTP_H
#define BYO_ADMIN_HTTP_H

#include "admin/api.h"

typedef struct ByoAdmin ByoAdmin;

typedef struct {
    const char *interface; /* host name or address */
    const char *allow_ip;  /* Kannel's form; NULL: everybody */
    int port;              /* 0: a free one, see byo_admin_port */
    /* PEM files: TLS 1.2 or newer is spoken, and nothing else; NULL: HTTP in the clear. */
    const char *cert_file, *key_file;
    ByoStoreTarget store;    /* copied */
    ByoAdminActions actions; /* copied */
    /* Who may ask, asked for each request, from any thread. The caller frees the list. */
    void (*users)(void *arg, ByoAdminUsers *users_r);
    void *users_arg;
} ByoAdminOptions;

/* NULL: *why_r is a sentence the caller frees. */
ByoAdmin *byo_admin_start(const ByoAdminOptions *opt, char **why_r);
int byo_admin_port(const ByoAdmin *a);
/* Who may connect from now on, and the certificate new connections get. False: *why_r says what is wrong with
 * the files, and what was in force stays. */
bool byo_admin_renew(ByoAdmin *a, const ByoAdminOptions *opt, char **why_r);
/* Whether the two files could be used. False: *why_r is a sentence the caller frees. */
bool byo_admin_tls_check(const char *cert_file, const char *key_file, char **why_r);
/* Requests in work are answered. Takes NULL. */
void byo_admin_stop(ByoAdmin *a);

#endif
