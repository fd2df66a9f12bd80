/* SPDX-License-Identifier: BSD-3-Clause
 * HTTP over a blocking socket.
 * Ownership and threads: client.h. */
#include "byoctl/client.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

enum { WAIT_SECONDS = 60, ANSWER_MAX = 256 * 1024 * 1024 };

void byo_client_encode(ByoBuf *out, ByoStr part)
{
    for (size_t i = 0; i < part.n; i++) {
        unsigned char c = (unsigned char)part.p[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                     c == '.' || c == '_' || c == '~';
        if (plain)
            byo_buf_addc(out, (char)c);
        else
            byo_buf_addf(out, "%%%02X", c);
    }
}

static void fail(ByoClientAnswer *a, const ByoClientPlace *place, const char *what)
{
    a->status = 0;
    free(a->why);
    a->why = byo_printf("%s port %d: %s", place->host, place->port, what);
}

/* An address to listen at is none to connect to. */
static const char *reachable(const char *host)
{
    if (strcmp(host, "0.0.0.0") == 0)
        return "127.0.0.1";
    return strcmp(host, "::") == 0 ? "::1" : host;
}

static int open_socket(const ByoClientPlace *place, ByoClientAnswer *a)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    char port[16];
    snprintf(port, sizeof port, "%d", place->port);
    int bad = getaddrinfo(reachable(place->host), port, &hints, &list), fd = -1, why = 0;
    if (bad) {
        fail(a, place, gai_strerror(bad));
        return -1;
    }
    for (struct addrinfo *i = list; i && fd < 0; i = i->ai_next) {
        struct timeval tv = {WAIT_SECONDS, 0};
        fd = socket(i->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0) {
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
            setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
        }
        if (fd >= 0 && connect(fd, i->ai_addr, i->ai_addrlen) == 0)
            break;
        why = errno;
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    if (fd < 0)
        fail(a, place, strerror(why));
    return fd;
}

/* A connection, with TLS or (NULL) without. */
typedef struct {
    int fd;
    SSL_CTX *ctx;
    SSL *tls;
} Wire;

static X509 *read_certificate(const char *file)
{
    FILE *in = fopen(file, "re");
    X509 *cert = in ? PEM_read_X509(in, NULL, NULL, NULL) : NULL;
    if (in)
        fclose(in);
    return cert;
}

/* byobox and byoctl read one configuration: the certificate in it is the one to expect, whoever signed it and
 * whatever name stands in it. */
static bool has_certificate(SSL *tls, const X509 *wanted)
{
    X509 *theirs = SSL_get_peer_certificate(tls);
    bool same = theirs && X509_cmp(theirs, wanted) == 0;
    X509_free(theirs);
    return same;
}

static bool start_tls(Wire *w, const ByoClientPlace *place, ByoClientAnswer *a)
{
    X509 *wanted = read_certificate(place->cert_file);
    if (!wanted) {
        char *what = byo_printf("admin-ssl-cert-file = %s cannot be read", place->cert_file);
        fail(a, place, what);
        free(what);
        return false;
    }
    w->ctx = SSL_CTX_new(TLS_client_method());
    w->tls = w->ctx ? SSL_new(w->ctx) : NULL;
    bool up = false, same = false;
    if (w->tls) {
        SSL_CTX_set_min_proto_version(w->ctx, TLS1_2_VERSION);
        SSL_set_fd(w->tls, w->fd);
        up = SSL_connect(w->tls) == 1;
        same = up && has_certificate(w->tls, wanted);
    }
    X509_free(wanted);
    if (!up)
        fail(a, place, "it does not speak TLS");
    else if (!same)
        fail(a, place, "its certificate is not the one of admin-ssl-cert-file");
    ERR_clear_error();
    return same;
}

static void hang_up(Wire *w)
{
    SSL_free(w->tls);
    SSL_CTX_free(w->ctx);
    close(w->fd);
}

static ssize_t wire_send(const Wire *w, const void *p, size_t n)
{
    return w->tls ? SSL_write(w->tls, p, n > INT_MAX ? INT_MAX : (int)n) : send(w->fd, p, n, MSG_NOSIGNAL);
}

static ssize_t wire_receive(const Wire *w, void *p, int n)
{
    if (!w->tls)
        return recv(w->fd, p, (size_t)n, 0);
    int got = SSL_read(w->tls, p, n);
    if (got > 0)
        return got;
    ERR_clear_error();
    return SSL_get_error(w->tls, got) == SSL_ERROR_ZERO_RETURN || errno == 0 ? 0 : -1;
}

/* False: the peer does not take all of it. It may have answered all the same, with a refusal. */
static bool send_all(const Wire *w, ByoStr s)
{
    while (s.n) {
        ssize_t n = wire_send(w, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        s = byo_strn(s.p + n, s.n - (size_t)n);
    }
    return true;
}

static void add_authorization(ByoBuf *head, const ByoClientPlace *place)
{
    if (!place->user)
        return;
    char *plain = byo_printf("%s:%s", place->user, place->password ? place->password : "");
    size_t n = strlen(plain);
    unsigned char *coded = byo_alloc(n / 3 * 4 + 8);
    EVP_EncodeBlock(coded, (const unsigned char *)plain, (int)n);
    byo_buf_addf(head, "Authorization: Basic %s\r\n", (char *)coded);
    OPENSSL_cleanse(plain, n);
    free(plain);
    free(coded);
}

/* The value of a header line of the head; absent: there is none. */
static ByoStr header(ByoStr head, const char *name)
{
    size_t n = strlen(name);
    while (head.n) {
        const char *end = memmem(head.p, head.n, "\r\n", 2);
        ByoStr line = byo_strn(head.p, end ? (size_t)(end - head.p) : head.n);
        size_t used = line.n + (end ? 2 : 0);
        head = byo_strn(head.p + used, head.n - used);
        if (line.n > n && line.p[n] == ':' && byo_str_ieq(byo_strn(line.p, n), byo_str(name))) {
            line = byo_strn(line.p + n + 1, line.n - n - 1);
            while (line.n && line.p[0] == ' ')
                line.p++, line.n--;
            return line;
        }
    }
    return BYO_STR_NONE;
}

/* A body in chunks (RFC 9112 7.1), without extensions and trailers, which byobox does not send. False: it broke off. */
static bool add_chunks(ByoBuf *out, ByoStr rest)
{
    for (;;) {
        char *end;
        const char *line = rest.n ? memmem(rest.p, rest.n, "\r\n", 2) : NULL;
        if (!line)
            return false;
        size_t n = strtoul(rest.p, &end, 16), head = (size_t)(line - rest.p) + 2;
        if (end != line || rest.n - head < 2 || n > rest.n - head - 2)
            return false;
        byo_buf_add(out, rest.p + head, n);
        rest = byo_strn(rest.p + head + n + 2, rest.n - head - n - 2);
        if (n == 0)
            return true;
    }
}

static bool add_body(ByoBuf *out, ByoStr head, ByoStr body)
{
    int64_t length;
    if (byo_str_ieq(header(head, "Transfer-Encoding"), BYO_STR("chunked")))
        return add_chunks(out, body);
    if (!byo_str_int(header(head, "Content-Length"), &length) || length < 0 || (size_t)length > body.n)
        return false;
    byo_buf_add(out, body.p, (size_t)length);
    return true;
}

/* Takes the whole answer apart. False: it is none. */
static bool read_answer(ByoStr all, ByoClientAnswer *a)
{
    const char *end = all.n ? memmem(all.p, all.n, "\r\n\r\n", 4) : NULL;
    int64_t status;
    if (!end || all.n < 12 || memcmp(all.p, "HTTP/1.", 7) != 0 ||
        !byo_str_int(byo_strn(all.p + 9, 3), &status))
        return false;
    ByoStr head = byo_strn(all.p, (size_t)(end - all.p) + 2);
    ByoStr body = byo_strn(end + 4, all.n - head.n - 2);
    if (status == 100) /* the real answer follows */
        return read_answer(body, a);
    if (status != 204 && !add_body(&a->body, head, body))
        return false;
    snprintf(a->next, sizeof a->next, "%.*s", BYO_PF(header(head, "Byobox-Next")));
    snprintf(a->type, sizeof a->type, "%.*s", BYO_PF(header(head, "Content-Type")));
    a->status = (int)status;
    return true;
}

static void receive(const Wire *w, const ByoClientPlace *place, ByoClientAnswer *a)
{
    ByoBuf all = {0};
    ssize_t n;
    do {
        byo_buf_need(&all, 65536);
        errno = 0;
        n = wire_receive(w, all.p + all.n, 65536);
        if (n > 0)
            all.n += (size_t)n;
    } while ((n > 0 && all.n < ANSWER_MAX) || (n < 0 && errno == EINTR));
    int why = n < 0 ? errno : 0;
    if (!read_answer(byo_buf_str(&all), a))
        fail(a, place,
             why == EAGAIN ? "no answer came in time"
             : why         ? strerror(why)
                           : "the answer is no HTTP, or broke off");
    byo_buf_free(&all);
}

void byo_client_request(const ByoClientPlace *place, const char *method, const char *target,
                        const char *content_type, ByoStr body, ByoClientAnswer *a)
{
    *a = (ByoClientAnswer){0};
    Wire w = {.fd = open_socket(place, a)};
    if (w.fd < 0)
        return;
    if (place->cert_file && !start_tls(&w, place, a)) {
        hang_up(&w);
        return;
    }
    ByoBuf head = {0};
    byo_buf_addf(&head, "%s %s HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\nAccept: application/json\r\n",
                 method, target, place->host, place->port);
    add_authorization(&head, place);
    if (content_type)
        byo_buf_addf(&head, "Content-Type: %s\r\nContent-Length: %zu\r\n", content_type, body.n);
    byo_buf_adds(&head, "\r\n");
    if (send_all(&w, byo_buf_str(&head)) && content_type)
        send_all(&w, body);
    OPENSSL_cleanse(head.p, head.n);
    byo_buf_free(&head);
    receive(&w, place, a);
    hang_up(&w);
}

void byo_client_answer_free(ByoClientAnswer *a)
{
    byo_buf_free(&a->body);
    free(a->why);
    *a = (ByoClientAnswer){0};
}
