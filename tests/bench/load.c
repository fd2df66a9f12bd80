/* SPDX-License-Identifier: BSD-3-Clause
 * A smsbox that only sends, fast: N MTs over one box connection with a window of un-acked ones, and counts
 * of what comes back. Every report is acked at once. Prints one JSON line.
 *
 *   load key=value ...
 *     port=      of bearerbox or byobox            box=         its smsbox-id; none: anonymous
 *     count=     messages (10000)                  window=      un-acked MTs (1000)
 *     mask=      dlr-mask (0)                      accepted= receipts=   reports of each kind to wait for (0)
 *     sender=    recipients=  the first one; they count up      smsc=  smsc-id of the MTs
 *     size=      characters of a text (60)         rate=        MTs a second, evenly (0: as fast as it goes)
 *     idle=      seconds without anything after which it gives up (10)      limit=  seconds in all (120)
 *     drain=     seconds it waits, after all receipts, for reports nobody expects (0)
 *
 * It is done when all MTs are acked and the expected reports are here. A report is known by its dlr-url, so
 * lost and repeated ones are told apart. Time counts from the first ack on: what comes before is the other
 * side's way to accept a connection.
 * Ownership: plain memory until the process ends. Threads: one. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>

#include "wire.h"

enum {
    FRAME_ADMIN = 1,
    FRAME_SMS = 2,
    FRAME_ACK = 3,
    CMD_IDENTIFY = 3,
    MT_PUSH = 2,
    REPORT_MO = 3,
    UUID = 36
};
enum {
    REPORT_DELIVERED = 1,
    REPORT_FAILED = 2,
    REPORT_BUFFERED = 4,
    REPORT_ACCEPTED = 8,
    REPORT_REFUSED = 16
};
enum { ACKED = 32, SECONDS = 3600 };

static struct {
    long port, count, window, mask, accepted, receipts, size, rate, idle, limit, drain;
    const char *box, *sender, *smsc, *recipients;
} opt = {.count = 10000,
         .window = 1000,
         .size = 60,
         .idle = 10,
         .limit = 120,
         .sender = "+12025550100",
         .recipients = "436600000000"};

static int fd;
static WireBuf in, out;
static unsigned char *seen; /* of each message: ACKED and the report types that came */
static uint64_t *sent_at;
static uint32_t salt;
static struct {
    long sent, open, acks[4], unknown_acks, accepted, delivered, refused, failed, others, repeated;
    uint64_t begun, last_ack, last_report, heard;
    WireTimes ack_time;
    uint32_t each_second[SECONDS];
} c;

static void die(const char *what)
{
    fprintf(stderr, "load: %s\n", what);
    exit(1);
}

/* -- frames: length, type, fields in the order of Kannel's gw/msg-decl.h ----------------------------*/

static size_t begin_frame(int type)
{
    wire_add_int(&out, 0);
    size_t at = out.n - out.at;
    wire_add_int(&out, type);
    return at;
}

static void end_frame(size_t at)
{
    wire_put(out.p + out.at + at - 4, (uint32_t)(out.n - out.at - at));
}

static void put_text(const char *z, size_t n)
{
    if (!z) {
        wire_add_int(&out, -1);
        return;
    }
    wire_add_int(&out, (int32_t)n);
    wire_add(&out, z, n);
}

static void put_z(const char *z)
{
    put_text(z, z ? strlen(z) : 0);
}

static void put_undefined(int n)
{
    while (n-- > 0)
        wire_add_int(&out, -1);
}

static void send_mt(long i, uint64_t now)
{
    static char text[2000];
    char recipient[32], uuid[UUID + 1], url[32], stamp[32];
    if (!text[0])
        for (long k = 0; k < opt.size; k++)
            text[k] = (char)('a' + k % 26);
    snprintf(stamp, sizeof stamp, WIRE_STAMP "%016llx ", (unsigned long long)now);
    if ((size_t)opt.size >= strlen(stamp))
        memcpy(text, stamp, strlen(stamp));
    snprintf(recipient, sizeof recipient, "+%llu",
             strtoull(opt.recipients, NULL, 10) + (unsigned long long)i);
    snprintf(uuid, sizeof uuid, "%08x-0000-4000-8000-%012lx", salt, i);
    snprintf(url, sizeof url, "%x.%lx", salt, i);
    size_t at = begin_frame(FRAME_SMS);
    put_z(opt.sender);
    put_z(recipient);
    put_z(NULL); /* udhdata */
    put_text(text, (size_t)opt.size);
    wire_add_int(&out, (int32_t)time(NULL));
    put_z(opt.smsc);
    put_undefined(4); /* smsc_number, foreign_id, service, account */
    put_z(uuid);
    wire_add_int(&out, MT_PUSH);
    put_undefined(2);      /* mclass, mwi */
    wire_add_int(&out, 0); /* coding */
    put_undefined(3);      /* compress, validity, deferred */
    wire_add_int(&out, opt.mask ? (int32_t)opt.mask : -1);
    put_z(opt.mask ? url : NULL);
    put_undefined(4); /* pid, alt_dcs, rpi, charset */
    put_z(opt.box);   /* boxc_id */
    put_undefined(6); /* binfo, msg_left, priority, resend_try, resend_time, meta_data */
    end_frame(at);
    sent_at[i] = now;
    c.sent++;
    c.open++;
}

static void identify(void)
{
    size_t at = begin_frame(FRAME_ADMIN);
    wire_add_int(&out, CMD_IDENTIFY);
    put_z(opt.box);
    end_frame(at);
}

typedef struct {
    const unsigned char *p;
    size_t n;
} Field;

static Field take(const unsigned char **p, const unsigned char *end)
{
    Field f = {NULL, 0};
    if (end - *p < 4)
        die("a short frame");
    int32_t n = (int32_t)wire_get(*p);
    *p += 4;
    if (n < 0)
        return f;
    if (end - *p < n)
        die("a frame with a field that is too long");
    f = (Field){*p, (size_t)n};
    *p += n;
    return f;
}

static void copy(char *to, size_t size, Field f)
{
    size_t n = f.n < size - 1 ? f.n : size - 1;
    memcpy(to, f.p ? f.p : (const unsigned char *)"", n);
    to[n] = 0;
}

static void on_ack(const unsigned char *p, const unsigned char *end, uint64_t now)
{
    char uuid[UUID + 1];
    uint32_t nack = end - p >= 8 ? wire_get(p) : 9;
    p += 8;
    if (nack > 3)
        die("an ack of no kind");
    copy(uuid, sizeof uuid, take(&p, end));
    long i = strlen(uuid) == UUID && strtoul(uuid, NULL, 16) == salt ? strtol(uuid + 24, NULL, 16) : -1;
    if (i < 0 || i >= opt.count || (seen[i] & ACKED)) {
        c.unknown_acks++;
        return;
    }
    seen[i] |= ACKED;
    wire_time(&c.ack_time, (now - sent_at[i]) / 1000);
    c.acks[nack]++;
    c.open--;
    c.last_ack = now;
}

static void on_report(uint32_t mask, const char *url, uint64_t now)
{
    char *end;
    long i = -1;
    if (strtoul(url, &end, 16) == salt && *end == '.')
        i = strtol(end + 1, NULL, 16);
    if (i < 0 || i >= opt.count) {
        c.others++;
        return;
    }
    if (mask > 31 || (seen[i] & mask)) {
        c.repeated++;
        return;
    }
    seen[i] |= (unsigned char)mask;
    c.last_report = now;
    size_t second = (size_t)((now - c.begun) / 1000000000u);
    switch (mask) {
    case REPORT_ACCEPTED:
        c.accepted++;
        break;
    case REPORT_DELIVERED:
        c.delivered++;
        if (second < SECONDS)
            c.each_second[second]++;
        break;
    case REPORT_REFUSED:
        c.refused++;
        break;
    case REPORT_FAILED:
        c.failed++;
        break;
    default:
        c.others++;
    }
}

static void on_sms(const unsigned char *p, const unsigned char *end, uint64_t now)
{
    char uuid[UUID + 1], url[64];
    for (int i = 0; i < 4; i++) /* sender .. msgdata */
        take(&p, end);
    p += 4;                     /* time */
    for (int i = 0; i < 5; i++) /* smsc_id .. account */
        take(&p, end);
    copy(uuid, sizeof uuid, take(&p, end));
    if (end - p < 32)
        die("a short frame");
    uint32_t type = wire_get(p), mask = wire_get(p + 28);
    p += 32; /* sms_type, mclass, mwi, coding, compress, validity, deferred, dlr_mask */
    copy(url, sizeof url, take(&p, end));
    if (type == REPORT_MO)
        on_report(mask, url, now);
    else
        c.others++;
    size_t at = begin_frame(FRAME_ACK);
    wire_add_int(&out, 0);
    wire_add_int(&out, (int32_t)time(NULL));
    put_z(uuid);
    end_frame(at);
}

static void on_readable(void)
{
    if (!wire_read(fd, &in))
        die("the box port was closed");
    uint64_t now = wire_now();
    while (wire_left(&in) >= 4) {
        const unsigned char *p = in.p + in.at;
        uint32_t n = wire_get(p);
        if (n < 4 || n > 1024 * 1024)
            die("a frame of an impossible length");
        if (wire_left(&in) < 4 + (size_t)n)
            break;
        const unsigned char *end = p + 4 + n;
        uint32_t type = wire_get(p + 4);
        c.heard = now;
        if (type == FRAME_ACK)
            on_ack(p + 8, end, now);
        else if (type == FRAME_SMS)
            on_sms(p + 8, end, now);
        in.at += 4 + (size_t)n;
    }
}

/* -- the run ---------------------------------------------------------------------------------------*/

/* Sends what window and rate allow; when the next one may go, 0: when something comes. */
static uint64_t send_more(uint64_t now)
{
    while (c.sent < opt.count && c.open < opt.window && wire_left(&out) < 512 * 1024) {
        if (opt.rate > 0) {
            uint64_t at = c.begun + (uint64_t)c.sent * 1000000000u / (uint64_t)opt.rate;
            if (at > now)
                return at;
        }
        send_mt(c.sent, now);
    }
    return 0;
}

static bool done(void)
{
    long less = c.acks[1] + c.acks[2] + c.refused; /* of these comes neither */
    return c.sent == opt.count && c.open == 0 && c.accepted >= opt.accepted - less &&
           c.delivered + c.failed >= opt.receipts - less;
}

static void run(void)
{
    c.begun = c.heard = wire_now();
    uint64_t drained = 0;
    bool warm = false;
    send_mt(0, c.begun);
    for (;;) {
        uint64_t now = wire_now();
        if (!warm && c.last_ack) {
            warm = true;
            c.begun = now;
        }
        uint64_t next = warm ? send_more(now) : 0;
        if (!wire_write(fd, &out))
            die("the box port was closed");
        if (done() && !drained)
            drained = now + (uint64_t)opt.drain * 1000000000u;
        if ((drained && now >= drained) || now - c.heard > (uint64_t)opt.idle * 1000000000u ||
            now - c.begun > (uint64_t)opt.limit * 1000000000u)
            return;
        struct timespec wait = {0, 50000000};
        if (next)
            wait.tv_nsec = next - now < 50000000 ? (long)(next - now) : 50000000;
        struct pollfd p = {.fd = fd, .events = (short)(POLLIN | (wire_left(&out) ? POLLOUT : 0))};
        if (ppoll(&p, 1, &wait, NULL) > 0 && (p.revents & ~POLLOUT))
            on_readable();
    }
}

static void print_result(void)
{
    double acked = (double)(c.last_ack > c.begun ? c.last_ack - c.begun : 0) / 1e9;
    double reported = (double)(c.last_report > c.begun ? c.last_report - c.begun : 0) / 1e9;
    printf("{\"sent\": %ld, \"acks\": [%ld, %ld, %ld, %ld], \"unknown_acks\": %ld, \"open\": %ld, "
           "\"ack_seconds\": %.4f, \"accepted\": %ld, \"delivered\": %ld, \"refused\": %ld, \"failed\": %ld, "
           "\"others\": %ld, \"repeated\": %ld, \"report_seconds\": %.4f, \"done\": %s, ",
           c.sent, c.acks[0], c.acks[1], c.acks[2], c.acks[3], c.unknown_acks, c.open, acked, c.accepted,
           c.delivered, c.refused, c.failed, c.others, c.repeated, reported, done() ? "true" : "false");
    wire_print_times(&c.ack_time, "ack_us");
    printf(", \"each_second\": [");
    size_t last = 0;
    for (size_t i = 0; i < SECONDS; i++)
        if (c.each_second[i])
            last = i + 1;
    for (size_t i = 0; i < last; i++)
        printf("%s%u", i ? ", " : "", c.each_second[i]);
    puts("]}");
}

static void read_options(char **argv)
{
    static const struct {
        const char *name;
        long *number;
        const char **text;
    } keys[] = {{"port", &opt.port, NULL},
                {"count", &opt.count, NULL},
                {"window", &opt.window, NULL},
                {"mask", &opt.mask, NULL},
                {"accepted", &opt.accepted, NULL},
                {"receipts", &opt.receipts, NULL},
                {"size", &opt.size, NULL},
                {"rate", &opt.rate, NULL},
                {"idle", &opt.idle, NULL},
                {"limit", &opt.limit, NULL},
                {"drain", &opt.drain, NULL},
                {"box", NULL, &opt.box},
                {"sender", NULL, &opt.sender},
                {"smsc", NULL, &opt.smsc},
                {"recipients", NULL, &opt.recipients}};
    for (; *argv; argv++) {
        char *value = strchr(*argv, '=');
        bool known = false;
        for (size_t i = 0; value && i < sizeof keys / sizeof *keys; i++) {
            if (strncmp(*argv, keys[i].name, (size_t)(value - *argv)) != 0 || keys[i].name[value - *argv])
                continue;
            known = true;
            if (keys[i].number)
                *keys[i].number = strtol(value + 1, NULL, 10);
            else
                *keys[i].text = value + 1;
        }
        if (!known)
            die("usage: load key=value ..., see the head of load.c");
    }
    if (opt.port < 1 || opt.count < 1 || opt.window < 1 || opt.size < 1 || opt.size > 1500)
        die("port, count, window or size is not good");
}

int main(int argc, char **argv)
{
    (void)argc;
    read_options(argv + 1);
    seen = wire_realloc(NULL, (size_t)opt.count);
    memset(seen, 0, (size_t)opt.count);
    sent_at = wire_realloc(NULL, (size_t)opt.count * sizeof *sent_at);
    salt = (uint32_t)(wire_now() >> 10) | 1u;
    struct sockaddr_in sin = {.sin_family = AF_INET,
                              .sin_port = htons((uint16_t)opt.port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&sin, sizeof sin) != 0)
        die("the box port does not answer");
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    identify();
    run();
    print_result();
    return 0;
}
