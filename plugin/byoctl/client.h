/* SPDX-License-Identifier: BSD-3-Clause
 * A small blocking HTTP client: one request, one answer, one connection.
 * Ownership: the caller frees the answer. Threads: values. */
#ifndef BYO_BYOCTL_CLIENT_H
#define BYO_BYOCTL_CLIENT_H

#include "base/str.h"

typedef struct {
    const char *host; /* name or address */
    int port;
    const char *user, *password; /* NULL: none */
    /* PEM; TLS is spoken, and the other side must have the first certificate of this file. NULL: in the clear. */
    const char *cert_file;
} ByoClientPlace;

typedef struct {
    int status; /* 0: no answer */
    ByoBuf body;
    char next[64]; /* Byobox-Next; "": none */
    char type[64]; /* Content-Type; "": none */
    char *why;     /* status 0: a sentence */
} ByoClientAnswer;

/* content_type NULL: no body. target is %-encoded. Waits at most 60 s for each octet. */
void byo_client_request(const ByoClientPlace *place, const char *method, const char *target,
                        const char *content_type, ByoStr body, ByoClientAnswer *answer_r);
void byo_client_answer_free(ByoClientAnswer *answer);

/* Appends a query or path part, %-encoded. */
void byo_client_encode(ByoBuf *out, ByoStr part);

#endif
