/* SPDX-License-Identifier: BSD-3-Clause
 * A SMSC that accepts everything, fast: any number of binds, each submit answered at once with a message id
 * of its own; receipts at once, later, or for every so-many-th message never. Receipts take turns over all
 * binds of the account that can receive, as carriers do, whatever bind the submit came by.
 *
 *   sink            prints {"port": N}, then obeys lines on stdin and prints one JSON line for each:
 *     receipts MS | receipts off    how long after its submit a receipt leaves (of submits from now on)
 *     never N                       every Nth submit gets no receipt; 0: each gets one
 *     forget                        begins to count anew; receipts that wait stay
 *     stats
 *   It ends with its stdin.
 *
 * Ownership: connections own their buffers. Threads: one. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/epoll.h>

#include "wire.h"

/* SMPP 3.4, section 5.1.2.1 */
enum {
    BIND_RECEIVER = 1,
    BIND_TRANSMITTER = 2,
    SUBMIT_SM = 4,
    DELIVER_SM = 5,
    UNBIND = 6,
    BIND_TRANSCEIVER = 9,
    ENQUIRE_LINK = 0x15,
    RESP = 0x80000000
};
enum { ESME_ROK = 0, ESME_RINVCMDID = 3, HEADER = 16, PDU_MAX = 65536 };
enum { ADDRESS = 21, CONNS = 64, WINDOW = 100, SLOTS = 1024 };

typedef struct {
    uint64_t due; /* ns */
    uint64_t id;
    unsigned account;
    char source[ADDRESS], destination[ADDRESS];
} Receipt;

typedef struct {
    int fd; /* -1: free */
    WireBuf in, out;
    bool submits, receives; /* bound as */
    unsigned account;       /* a hash of its system_id */
    bool full;              /* out waits for the socket */
    uint32_t sequence;
    int unanswered;
    Receipt waits[SLOTS]; /* deliver_sm not answered, by sequence number; id 0: none */
} Conn;

static Conn conns[CONNS];
static int epoll;
static Receipt *ring;
static size_t ring_at, ring_n, ring_cap;
static size_t next_conn;
static uint64_t last_id;
static int64_t delay_ms; /* -1: no receipts */
static uint64_t never;

static struct {
    uint64_t submits, receipts, answered, refused, again, first, last;
    WireTimes latency;
} count;

static void later(const Receipt *r)
{
    if (ring_n == ring_cap) {
        size_t cap = ring_cap ? ring_cap * 2 : 4096;
        Receipt *grown = wire_realloc(NULL, cap * sizeof *grown);
        for (size_t i = 0; i < ring_n; i++)
            grown[i] = ring[(ring_at + i) % ring_cap];
        free(ring);
        ring = grown;
        ring_cap = cap;
        ring_at = 0;
    }
    ring[(ring_at + ring_n++) % ring_cap] = *r;
}

static void watch(Conn *c)
{
    bool full = wire_left(&c->out) > 0;
    if (full == c->full)
        return;
    c->full = full;
    struct epoll_event e = {.events = EPOLLIN | (full ? (uint32_t)EPOLLOUT : 0u),
                            .data.u64 = (uint64_t)(c - conns)};
    epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &e);
}

static void close_conn(Conn *c)
{
    close(c->fd);
    for (size_t i = 0; i < SLOTS; i++)
        if (c->waits[i].id)
            later(&c->waits[i]);
    free(c->in.p);
    free(c->out.p);
    memset(c, 0, sizeof *c);
    c->fd = -1;
}

static void flush(Conn *c)
{
    if (c->fd < 0 || !wire_left(&c->out))
        return;
    if (!wire_write(c->fd, &c->out))
        close_conn(c);
    else
        watch(c);
}

/* body: after the header. */
static void put_pdu(Conn *c, uint32_t command, uint32_t status, uint32_t sequence, const void *body, size_t n)
{
    wire_add_int(&c->out, (int32_t)(HEADER + n));
    wire_add_int(&c->out, (int32_t)command);
    wire_add_int(&c->out, (int32_t)status);
    wire_add_int(&c->out, (int32_t)sequence);
    wire_add(&c->out, body, n);
}

static size_t put_z(unsigned char *p, const char *z)
{
    size_t n = strlen(z) + 1;
    memcpy(p, z, n);
    return n;
}

static void send_receipt(Conn *c, const Receipt *r)
{
    unsigned char b[512];
    size_t n = 0;
    char id[24], text[256];
    snprintf(id, sizeof id, "%llu", (unsigned long long)r->id);
    int length = snprintf(text, sizeof text,
                          "id:%s sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD "
                          "err:000 text:",
                          id);
    b[n++] = 0; /* service_type */
    b[n++] = 1;
    b[n++] = 1;
    n += put_z(b + n, r->destination);
    b[n++] = 1;
    b[n++] = 1;
    n += put_z(b + n, r->source);
    b[n++] = 4;          /* esm_class: a receipt */
    memset(b + n, 0, 8); /* protocol, priority, two times, registered, replace, coding, sm_default */
    n += 8;
    b[n++] = (unsigned char)length;
    memcpy(b + n, text, (size_t)length);
    n += (size_t)length;
    uint32_t sequence = ++c->sequence & 0x7fffffff;
    c->waits[sequence % SLOTS] = *r;
    c->unanswered++;
    count.receipts++;
    put_pdu(c, DELIVER_SM, ESME_ROK, sequence, b, n);
}

/* A bind with room for one more. */
static Conn *free_conn(unsigned account)
{
    for (size_t i = 0; i < CONNS; i++) {
        Conn *c = &conns[next_conn = (next_conn + 1) % CONNS];
        if (c->fd >= 0 && c->receives && c->account == account && c->unanswered < WINDOW &&
            !c->waits[((c->sequence + 1) & 0x7fffffff) % SLOTS].id)
            return c;
    }
    return NULL;
}

static void send_receipts(uint64_t now)
{
    Conn *c;
    while (ring_n && ring[ring_at].due <= now && (c = free_conn(ring[ring_at].account))) {
        send_receipt(c, &ring[ring_at]);
        ring_at = (ring_at + 1) % ring_cap;
        ring_n--;
    }
}

/* The next C-octet string; NULL: there is none. */
static const char *take_z(const unsigned char **p, const unsigned char *end)
{
    const unsigned char *zero = memchr(*p, 0, (size_t)(end - *p));
    if (!zero)
        return NULL;
    const char *z = (const char *)*p;
    *p = zero + 1;
    return z;
}

static void note_latency(const unsigned char *text, size_t n, uint64_t now)
{
    size_t mark = sizeof WIRE_STAMP - 1;
    if (n < mark + WIRE_STAMP_DIGITS || memcmp(text, WIRE_STAMP, mark) != 0)
        return;
    char hex[WIRE_STAMP_DIGITS + 1] = "";
    memcpy(hex, text + mark, WIRE_STAMP_DIGITS);
    uint64_t sent = strtoull(hex, NULL, 16);
    if (sent && sent < now)
        wire_time(&count.latency, (now - sent) / 1000);
}

/* False: it is malformed. */
static bool on_submit(Conn *c, uint32_t sequence, const unsigned char *p, const unsigned char *end,
                      uint64_t now)
{
    Receipt r = {.id = ++last_id, .account = c->account};
    const char *z;
    if (!take_z(&p, end) || end - p < 2)
        return false;
    p += 2;
    if (!(z = take_z(&p, end)) || strlen(z) >= ADDRESS || end - p < 2)
        return false;
    strcpy(r.source, z);
    p += 2;
    if (!(z = take_z(&p, end)) || strlen(z) >= ADDRESS || end - p < 3)
        return false;
    strcpy(r.destination, z);
    p += 3;
    if (!take_z(&p, end) || !take_z(&p, end) || end - p < 5)
        return false;
    bool registered = (p[0] & 3) != 0;
    size_t length = p[4];
    p += 5;
    if ((size_t)(end - p) < length)
        return false;
    note_latency(p, length, now);
    count.submits++;
    if (!count.first)
        count.first = now;
    count.last = now;
    char id[24];
    int n = snprintf(id, sizeof id, "%llu", (unsigned long long)r.id);
    put_pdu(c, SUBMIT_SM | RESP, ESME_ROK, sequence, id, (size_t)n + 1);
    if (registered && delay_ms >= 0 && (!never || count.submits % never != 0)) {
        r.due = now + (uint64_t)delay_ms * 1000000u;
        later(&r);
    }
    return true;
}

static void on_deliver_resp(Conn *c, uint32_t sequence, uint32_t status, uint64_t now)
{
    Receipt *r = &c->waits[sequence % SLOTS];
    if (!r->id)
        return;
    c->unanswered--;
    if (status == ESME_ROK) {
        count.answered++;
    } else { /* as carriers do: once more, a little later */
        count.refused++;
        r->due = now;
        later(r);
    }
    r->id = 0;
}

static bool on_pdu(Conn *c, const unsigned char *p, size_t n, uint64_t now)
{
    uint32_t command = wire_get(p + 4), status = wire_get(p + 8), sequence = wire_get(p + 12);
    switch (command) {
    case BIND_RECEIVER:
    case BIND_TRANSMITTER:
    case BIND_TRANSCEIVER:
        c->submits = command != BIND_RECEIVER;
        c->receives = command != BIND_TRANSMITTER;
        c->account = 0;
        for (size_t i = HEADER; i < n && p[i]; i++)
            c->account = c->account * 31 + p[i];
        put_pdu(c, command | RESP, ESME_ROK, sequence, "sink", 5);
        return true;
    case SUBMIT_SM:
        return on_submit(c, sequence, p + HEADER, p + n, now);
    case DELIVER_SM | RESP:
        on_deliver_resp(c, sequence, status, now);
        return true;
    case ENQUIRE_LINK:
    case UNBIND:
        put_pdu(c, command | RESP, ESME_ROK, sequence, NULL, 0);
        return true;
    default:
        if (!(command & RESP))
            put_pdu(c, RESP, ESME_RINVCMDID, sequence, NULL, 0);
        return true;
    }
}

static void on_readable(Conn *c)
{
    bool open = wire_read(c->fd, &c->in);
    uint64_t now = wire_now();
    while (wire_left(&c->in) >= HEADER) {
        const unsigned char *p = c->in.p + c->in.at;
        uint32_t n = wire_get(p);
        if (n < HEADER || n > PDU_MAX) {
            open = false;
            break;
        }
        if (wire_left(&c->in) < n)
            break;
        if (!on_pdu(c, p, n, now)) {
            fputs("sink: a malformed submit_sm\n", stderr);
            open = false;
            break;
        }
        c->in.at += n;
    }
    if (!open)
        close_conn(c);
}

static void on_accept(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (size_t i = 0; i < CONNS; i++) {
        if (conns[i].fd >= 0)
            continue;
        conns[i].fd = fd;
        struct epoll_event e = {.events = EPOLLIN, .data.u64 = i};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
        return;
    }
    close(fd);
}

static void print_stats(void)
{
    int binds = 0, unanswered = 0;
    for (size_t i = 0; i < CONNS; i++) {
        binds += conns[i].fd >= 0 && (conns[i].submits || conns[i].receives);
        unanswered += conns[i].fd >= 0 ? conns[i].unanswered : 0;
    }
    printf("{\"binds\": %d, \"submits\": %llu, \"seconds\": %.3f, \"receipts\": %llu, \"answered\": %llu, "
           "\"refused\": %llu, \"waiting\": %zu, \"unanswered\": %d, ",
           binds, (unsigned long long)count.submits, (double)(count.last - count.first) / 1e9,
           (unsigned long long)count.receipts, (unsigned long long)count.answered,
           (unsigned long long)count.refused, ring_n, unanswered);
    wire_print_times(&count.latency, "latency_us");
    puts("}");
}

static void obey(char *line)
{
    if (strcmp(line, "receipts off") == 0) {
        delay_ms = -1;
    } else if (strncmp(line, "receipts ", 9) == 0) {
        delay_ms = strtol(line + 9, NULL, 10);
    } else if (strncmp(line, "never ", 6) == 0) {
        never = strtoull(line + 6, NULL, 10);
    } else if (strcmp(line, "forget") == 0) {
        memset(&count, 0, sizeof count);
    } else if (strcmp(line, "stats") != 0) {
        printf("{\"error\": \"not understood\"}\n");
        return;
    }
    print_stats();
}

/* False: stdin is over. */
static bool on_stdin(void)
{
    static char line[256];
    static size_t n;
    ssize_t got = read(STDIN_FILENO, line + n, sizeof line - 1 - n);
    if (got <= 0)
        return got < 0 && errno == EAGAIN;
    n += (size_t)got;
    line[n] = 0;
    for (char *end; (end = strchr(line, '\n'));) {
        *end = 0;
        obey(line);
        n -= (size_t)(end + 1 - line);
        memmove(line, end + 1, n + 1);
    }
    fflush(stdout);
    return n < sizeof line - 1;
}

static int wait_ms(void)
{
    if (!ring_n)
        return -1;
    uint64_t now = wire_now(), due = ring[ring_at].due;
    if (due > now)
        return (int)((due - now) / 1000000) + 1;
    /* it fell due since send_receipts; or all windows are full, and an answer wakes us */
    return free_conn(ring[ring_at].account) ? 0 : -1;
}

int main(void)
{
    enum { LISTENER = CONNS, STDIN };
    struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof sin;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&sin, length) != 0 || listen(listener, 64) != 0 ||
        getsockname(listener, (struct sockaddr *)&sin, &length) != 0) {
        perror("sink");
        return 1;
    }
    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
    for (size_t i = 0; i < CONNS; i++)
        conns[i].fd = -1;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = LISTENER};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e);
    e.data.u64 = STDIN;
    epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &e);
    last_id = wire_now() / 1000; /* so that no two runs use an id twice */
    printf("{\"port\": %d}\n", ntohs(sin.sin_port));
    fflush(stdout);
    for (bool running = true; running;) {
        struct epoll_event ready[CONNS];
        int n = epoll_wait(epoll, ready, CONNS, wait_ms());
        for (int i = 0; i < n; i++) {
            uint64_t who = ready[i].data.u64;
            if (who == LISTENER)
                on_accept(listener);
            else if (who == STDIN)
                running = on_stdin();
            else if (conns[who].fd >= 0 && (ready[i].events & ~(uint32_t)EPOLLOUT))
                on_readable(&conns[who]);
        }
        send_receipts(wire_now());
        for (size_t i = 0; i < CONNS; i++)
            flush(&conns[i]);
    }
    return 0;
}
