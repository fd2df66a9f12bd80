/* SPDX-License-Identifier: BSD-3-Clause
 * A small HTTP GET with limits, and the status page read with libxml2.
 * Ownership and threads: status_page.h. */
#include "link/status_page.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Binds, and boxes, of one page: more than any bearerbox has. */
enum { ANSWER_MAX = 8 * 1024 * 1024, ENTRIES_MAX = 10000 };
#define DEADLINE (5 * BYO_SECOND)

/* -- HTTP -----------------------------------------------------------------------------------------*/

static bool wait_for(int fd, short what, ByoTime deadline)
{
    struct pollfd p = {.fd = fd, .events = what};
    ByoTime left = deadline - byo_monotonic();
    return left > 0 && poll(&p, 1, (int)left) == 1;
}

static int connect_to(const char *host, int port, int type, ByoTime deadline, char why[160])
{
    char service[8];
    snprintf(service, sizeof service, "%d", port);
    struct addrinfo hints = {.ai_socktype = type}, *list = NULL;
    int e = getaddrinfo(host, service, &hints, &list);
    if (e != 0) {
        snprintf(why, 160, "%s: %s", host, gai_strerror(e));
        return -1;
    }
    int fd = -1;
    snprintf(why, 160, "no address to connect to");
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
        if (fd < 0)
            continue;
        int error = 0;
        socklen_t n = sizeof error;
        if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            error = errno;
            if (error == EINPROGRESS) {
                error = ETIMEDOUT;
                if (wait_for(fd, POLLOUT, deadline))
                    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n);
            }
        }
        if (error) {
            snprintf(why, 160, "%s port %d: %s", host, port, strerror(error));
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

static void put_encoded(ByoBuf *b, const char *s)
{
    for (; *s; s++) {
        if ((*s >= '0' && *s <= '9') || (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z'))
            byo_buf_addc(b, *s);
        else
            byo_buf_addf(b, "%%%02X", (unsigned char)*s);
    }
}

bool byo_status_page_denied(const char *why)
{
    return strstr(why, "bearerbox-admin-password") || strstr(why, "admin-allow-ip");
}

static bool exchange(int fd, const ByoBuf *request, ByoBuf *answer, ByoTime deadline)
{
    for (size_t sent = 0; sent < request->n;) {
        if (!wait_for(fd, POLLOUT, deadline))
            return false;
        ssize_t n = send(fd, request->p + sent, request->n - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            return false;
        sent += n > 0 ? (size_t)n : 0;
    }
    while (answer->n < ANSWER_MAX) {
        if (!wait_for(fd, POLLIN, deadline))
            return false;
        byo_buf_need(answer, 65536);
        ssize_t n = recv(fd, answer->p + answer->n, 65536, 0);
        if (n == 0)
            return true;
        if (n < 0 && errno != EAGAIN)
            return false;
        answer->n += n > 0 ? (size_t)n : 0;
    }
    return false;
}

static bool our_address(int fd, char ip[48])
{
    struct sockaddr_storage sa;
    socklen_t n = sizeof sa;
    return getsockname(fd, (struct sockaddr *)&sa, &n) == 0 &&
           getnameinfo((struct sockaddr *)&sa, n, ip, 48, NULL, 0, NI_NUMERICHOST) == 0;
}

/* The body, inside answer; false: why. */
static bool get(const ByoBearerboxAdmin *at, const char *path, ByoBuf *answer, ByoStr *body, char why[160])
{
    ByoTime deadline = byo_monotonic() + DEADLINE;
    int fd = connect_to(at->host, at->port, SOCK_STREAM, deadline, why);
    if (fd < 0)
        return false;
    ByoBuf request = {0};
    byo_buf_addf(&request, "GET %s?password=", path);
    put_encoded(&request, at->password ? at->password : "");
    byo_buf_addf(&request, " HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n", at->host);
    char ours[48] = "127.0.0.1";
    bool fine = exchange(fd, &request, answer, deadline);
    bool closed = !fine && answer->n == 0 && byo_monotonic() < deadline; /* reset before a word of answer */
    our_address(fd, ours);
    memset(request.p, 0, request.n);
    byo_buf_free(&request);
    close(fd);
    if (closed || (fine && answer->n == 0)) { /* gw/bb_http.c closes the connection of a denied host */
        snprintf(why, 160,
                 "%s port %d closes the connection without an answer: is %s in admin-allow-ip of "
                 "kannel.conf's core?",
                 at->host, at->port, ours);
        return false;
    }
    if (!fine) {
        snprintf(why, 160, "%s port %d: no whole answer within %d s", at->host, at->port,
                 (int)(DEADLINE / BYO_SECOND));
        return false;
    }
    byo_buf_addc(answer, 0);
    char *end = strstr(answer->p, "\r\n\r\n");
    int code = 0;
    if (!end || sscanf(answer->p, "HTTP/%*d.%*d %d", &code) != 1) {
        snprintf(why, 160, "%s port %d: that is no HTTP answer", at->host, at->port);
        return false;
    }
    *body = byo_strn(end + 4, answer->n - 1 - (size_t)(end + 4 - answer->p));
    if (code / 100 != 2 || strncasecmp(body->p, "Denied", 6) == 0) {
        snprintf(why, 160, "%s port %d refused it (HTTP %d): is bearerbox-admin-password right?", at->host,
                 at->port, code);
        return false;
    }
    return true;
}

/* -- the page ---------------------------------------------------------------------------------------*/

static void copy_text(const xmlNode *parent, const char *name, char *out, size_t n)
{
    out[0] = 0;
    for (const xmlNode *c = parent->children; c; c = c->next) {
        if (c->type != XML_ELEMENT_NODE || strcmp((const char *)c->name, name) != 0)
            continue;
        xmlChar *text = xmlNodeGetContent(c);
        if (text)
            snprintf(out, n, "%s", (const char *)text);
        xmlFree(text);
        return;
    }
}

/* Counts, times and sizes of a process: more digits than these belong to no number of bearerbox's. */
#define NUMBER_MAX 1000000000000000LL

/* Decimal digits and nothing else, or of these 0x and hexadecimal ones up to `end`; otherwise: what is not told. */
static int64_t parse_number(const char *text, char end, int64_t otherwise)
{
    bool hex = text[0] == '0' && text[1] == 'x';
    const char *digits = hex ? text + 2 : text;
    int64_t value = 0;
    size_t n = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");
    if (n == 0 || n > 15 || (digits[n] != 0 && digits[n] != end))
        return otherwise;
    value = strtoll(digits, NULL, hex ? 16 : 10);
    return value <= NUMBER_MAX ? value : otherwise;
}

static int64_t number_of(const xmlNode *parent, const char *name, int64_t otherwise)
{
    char text[32];
    copy_text(parent, name, text, sizeof text);
    return parse_number(text, 0, otherwise);
}

static const xmlNode *child(const xmlNode *parent, const char *name)
{
    for (const xmlNode *c = parent->children; c; c = c->next)
        if (c->type == XML_ELEMENT_NODE && strcmp((const char *)c->name, name) == 0)
            return c;
    return NULL;
}

static void read_bind(const xmlNode *node, ByoStatusPage *page)
{
    page->binds = byo_realloc(page->binds, (page->n_binds + 1) * sizeof *page->binds);
    ByoStatusBind *b = &page->binds[page->n_binds++];
    memset(b, 0, sizeof *b);
    copy_text(node, "id", b->smsc_id, sizeof b->smsc_id);
    copy_text(node, "admin-id", b->admin_id, sizeof b->admin_id);
    char status[64] = "";
    copy_text(node, "status", status, sizeof status);
    b->state = strncmp(status, "online", 6) == 0          ? BYO_BIND_ONLINE
               : strstr(status, "connecting")             ? BYO_BIND_CONNECTING
               : strncmp(status, "dead", 4) == 0          ? BYO_BIND_DEAD
               : strncmp(status, "disconnected", 12) == 0 ? BYO_BIND_DISCONNECTED
                                                          : BYO_BIND_OTHER;
    b->online_for = b->state == BYO_BIND_ONLINE && status[6] == ' ' ? parse_number(status + 7, 's', -1) : -1;
    if (b->online_for > INT32_MAX)
        b->online_for = -1;
    b->queued = number_of(node, "queued", 0);
    b->failed = number_of(node, "failed", 0);
    const xmlNode *sms = child(node, "sms");
    if (sms) {
        b->sent = number_of(sms, "sent", 0);
        b->received = number_of(sms, "received", 0);
    }
    b->bind_status = -1;
    if (child(node, "last-bind-status")) {
        copy_text(node, "last-bind-status", b->bind_text, sizeof b->bind_text);
        b->bind_status = parse_number(b->bind_text, '/', -1);
        b->bind_time = number_of(node, "last-bind-time", 0) * BYO_SECOND;
    }
}

static void read_box(const xmlNode *node, ByoStatusPage *page)
{
    page->boxes = byo_realloc(page->boxes, (page->n_boxes + 1) * sizeof *page->boxes);
    ByoStatusBox *b = &page->boxes[page->n_boxes++];
    memset(b, 0, sizeof *b);
    copy_text(node, "type", b->type, sizeof b->type);
    copy_text(node, "id", b->id, sizeof b->id);
    copy_text(node, "IP", b->ip, sizeof b->ip);
    b->queue = number_of(node, "queue", 0);
}

/* "running, uptime 0d 1h 2m 3s" */
static void read_status(const char *text, ByoStatusPage *page)
{
    int d, h, m, s;
    snprintf(page->status, sizeof page->status, "%.*s", (int)strcspn(text, ","), text);
    const char *up = strstr(text, "uptime");
    bool told = up && sscanf(up, "uptime %7dd %2dh %2dm %2ds", &d, &h, &m, &s) == 4 && d >= 0 && h >= 0 &&
                m >= 0 && s >= 0;
    page->uptime = told ? ((d * 24LL + h) * 60 + m) * 60 + s : -1;
}

bool byo_status_page_parse(ByoStr xml, ByoStatusPage *page)
{
    memset(page, 0, sizeof *page);
    xmlDoc *doc = xmlReadMemory(xml.p ? xml.p : "", (int)xml.n, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    if (!root || strcmp((const char *)root->name, "gateway") != 0) {
        xmlFreeDoc(doc);
        return false;
    }
    char text[256];
    copy_text(root, "version", text, sizeof text);
    const char *v = strchr(text, '`');
    const char *from = v ? v + 1 : text;
    snprintf(page->version, sizeof page->version, "%.*s", (int)strcspn(from, "'\n"), from);
    copy_text(root, "status", text, sizeof text);
    read_status(text, page);
    copy_text(root, "features", page->features, sizeof page->features);
    const xmlNode *list = child(root, "smscs");
    for (const xmlNode *c = list ? list->children : NULL; c; c = c->next)
        if (c->type == XML_ELEMENT_NODE && page->n_binds < ENTRIES_MAX &&
            strcmp((const char *)c->name, "smsc") == 0)
            read_bind(c, page);
    list = child(root, "boxes");
    for (const xmlNode *c = list ? list->children : NULL; c; c = c->next)
        if (c->type == XML_ELEMENT_NODE && page->n_boxes < ENTRIES_MAX &&
            strcmp((const char *)c->name, "box") == 0)
            read_box(c, page);
    xmlFreeDoc(doc);
    return true;
}

void byo_status_page_free(ByoStatusPage *page)
{
    free(page->binds);
    free(page->boxes);
    memset(page, 0, sizeof *page);
}

bool byo_status_page_get(const ByoBearerboxAdmin *at, ByoStatusPage *page, char why[160])
{
    ByoBuf answer = {0};
    ByoStr body;
    bool fine = get(at, "/status.xml", &answer, &body, why);
    if (fine && !byo_status_page_parse(body, page)) {
        snprintf(why, 160, "%s port %d: its status page cannot be read", at->host, at->port);
        fine = false;
    }
    byo_buf_free(&answer);
    return fine;
}

static bool ask(const ByoBearerboxAdmin *at, const char *path, char why[160])
{
    ByoBuf answer = {0};
    ByoStr body;
    bool fine = get(at, path, &answer, &body, why);
    byo_buf_free(&answer);
    return fine;
}

bool byo_bearerbox_admit(const ByoBearerboxAdmin *at, char why[160])
{
    return ask(at, "/log-level", why); /* without a level it says that there is none */
}

bool byo_bearerbox_reread(const ByoBearerboxAdmin *at, char why[160])
{
    return ask(at, "/graceful-restart", why);
}

bool byo_local_address(const char *host, int port, char ip[48])
{
    char why[160];
    int fd = connect_to(host, port, SOCK_DGRAM, byo_monotonic() + DEADLINE, why); /* sends nothing */
    if (fd < 0)
        return false;
    bool fine = our_address(fd, ip);
    close(fd);
    return fine;
}
