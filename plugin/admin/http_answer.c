/* SPDX-License-Identifier: BSD-3-Clause
 * How an answer is written: its head, its body, or a long body piece by piece.
 * Ownership and threads: http_private.h; all of this is the I/O thread's. */
#include "admin/http_private.h"

#include <sys/socket.h>
#include <time.h>

#define WRITE (60 * BYO_SECOND) /* of an answer, or a piece of it */

typedef ByoAdminConn Conn;

static void add_date(struct evbuffer *out)
{
    char text[64];
    time_t t = time(NULL);
    struct tm tm;
    gmtime_r(&t, &tm);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    evbuffer_add_printf(out, "Date: %s\r\n", text);
}

/* What a browser may do with any answer: a page of the console runs what comes from here, and nothing else; nobody
 * shows one inside a page of his own, or learns its address. */
static const char for_browsers[] =
    "X-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

/* chunks: an answer whose length is not known is given in these; else its end is that of the connection. */
void byo_admin_answer_head(Conn *c, const ByoApiResponse *r, bool chunks)
{
    struct evbuffer *out = bufferevent_get_output(c->bev);
    evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\n", r->status, byo_api_reason(r->status));
    add_date(out);
    if (r->content_type)
        evbuffer_add_printf(out, "Content-Type: %s\r\n", r->content_type);
    if (r->rest.next && chunks)
        evbuffer_add_printf(out, "Transfer-Encoding: chunked\r\n");
    else if (!r->rest.next && !r->stream && r->status != 204 &&
             r->status != 304) /* these have no body (RFC 9110 6.4.1) */
        evbuffer_add_printf(out, "Content-Length: %zu\r\n", r->constant.n ? r->constant.n : r->body.n);
    evbuffer_add_printf(out, "Cache-Control: %s\r\nConnection: %s\r\n", r->cache ? r->cache : "no-store",
                        c->close_after ? "close" : "keep-alive");
    evbuffer_add(out, for_browsers, sizeof for_browsers - 1);
    evbuffer_add(out, r->headers.p, r->headers.n);
    evbuffer_add(out, "\r\n", 2);
}

void byo_admin_answer(Conn *c, const ByoApiResponse *r, bool head_only)
{
    struct evbuffer *out = bufferevent_get_output(c->bev);
    byo_admin_answer_head(c, r, false);
    if (!head_only && r->constant.n)
        evbuffer_add_reference(out, r->constant.p, r->constant.n, NULL, NULL);
    else if (!head_only)
        evbuffer_add(out, r->body.p, r->body.n);
    byo_admin_conn_enter(c, BYO_CONN_WRITING, WRITE);
    bufferevent_enable(c->bev, EV_WRITE);
}

void byo_admin_cut_off(Conn *c)
{
    struct linger at_once = {.l_onoff = 1};
    setsockopt(bufferevent_getfd(c->bev), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    byo_admin_conn_free(c);
}

/* -- answers in pieces --------------------------------------------------------------------------------*/

static void add_piece(Conn *c, const ByoJob *j)
{
    struct evbuffer *out = bufferevent_get_output(c->bev);
    const ByoBuf *piece = &j->resp.body;
    if (piece->n && j->chunks)
        evbuffer_add_printf(out, "%zx\r\n", piece->n);
    evbuffer_add(out, piece->p, piece->n);
    if (piece->n && j->chunks)
        evbuffer_add(out, "\r\n", 2);
}

void byo_admin_answer_pieces(Conn *c, ByoJob *j)
{
    c->close_after |= !j->chunks;
    byo_admin_answer_head(c, &j->resp, j->chunks);
    add_piece(c, j);
    j->stage = BYO_JOB_REST;
    c->job = j;
    byo_admin_conn_enter(c, BYO_CONN_WRITING, WRITE);
    bufferevent_enable(c->bev, EV_WRITE);
}

void byo_admin_answer_piece(Conn *c, ByoJob *j)
{
    byo_admin_conn_enter(c, BYO_CONN_WRITING, WRITE);
    if (j->piece == BYO_PIECE_BROKEN) {
        byo_admin_cut_off(c);
        return;
    }
    add_piece(c, j);
    if (j->piece == BYO_PIECE_MORE && j->resp.body.n == 0) {
        byo_admin_conn_submit(c, j);
        return;
    }
    if (j->piece == BYO_PIECE_MORE)
        return;
    c->job = NULL;
    if (j->chunks)
        evbuffer_add(bufferevent_get_output(c->bev), "0\r\n\r\n", 5);
    else if (j->resp.body.n == 0)
        byo_admin_conn_free(c); /* nothing is written any more */
    byo_job_free(j);
}
