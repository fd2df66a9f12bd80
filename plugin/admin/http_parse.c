/* SPDX-License-Identifier: BSD-3-Clause
 * Request heads.
 * Ownership and threads: http_parse.h. */
#include "admin/http_parse.h"

typedef struct {
    ByoHttpHead *head;
    int minor; /* HTTP/1.minor */
    bool length, close, keep;
    int status;
    const char *why;
} Parse;

static bool refuse(Parse *p, int status, const char *why)
{
    p->status = status;
    p->why = why;
    return false;
}

/* RFC 9110 5.6.2. */
static bool is_token(ByoStr s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && (c == 0 || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return s.n > 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static ByoStr trim(ByoStr s)
{
    while (s.n && is_blank(s.p[0]))
        s.p++, s.n--;
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

static bool read_target(Parse *p, ByoStr target)
{
    if (target.n == 0 || target.p[0] != '/')
        return refuse(p, 400, "The request target must be a path.");
    for (size_t i = 0; i < target.n; i++)
        if ((unsigned char)target.p[i] <= ' ' || (unsigned char)target.p[i] >= 0x7f)
            return refuse(p, 400, "The request target holds characters that must be %-encoded.");
    const char *mark = memchr(target.p, '?', target.n);
    p->head->path = byo_strn(target.p, mark ? (size_t)(mark - target.p) : target.n);
    if (mark)
        p->head->query = byo_strn(mark + 1, target.n - p->head->path.n - 1);
    return true;
}

/* METHOD SP TARGET SP HTTP/1.x */
static bool read_request_line(Parse *p, ByoStr line)
{
    const char *first = memchr(line.p, ' ', line.n);
    const char *last = first;
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] == ' ')
            last = line.p + i;
    if (!first || last == first)
        return refuse(p, 400, "The request line is not METHOD PATH HTTP/1.1.");
    ByoStr version = byo_strn(last + 1, (size_t)(line.p + line.n - last - 1));
    p->head->method = byo_strn(line.p, (size_t)(first - line.p));
    if (!is_token(p->head->method))
        return refuse(p, 400, "The request line is not METHOD PATH HTTP/1.1.");
    if (version.n != 8 || memcmp(version.p, "HTTP/1.", 7) != 0 || version.p[7] < '0' || version.p[7] > '1')
        return refuse(p, 505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
    p->minor = version.p[7] - '0';
    return read_target(p, byo_strn(first + 1, (size_t)(last - first - 1)));
}

static bool read_length(Parse *p, ByoStr value)
{
    if (p->length)
        return refuse(p, 400, "Content-Length stands twice.");
    p->length = true;
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] < '0' || value.p[i] > '9')
            return refuse(p, 400, "Content-Length is no number.");
    if (!byo_str_int(value, &p->head->content_length))
        return refuse(p, value.n > 18 ? 413 : 400, "Content-Length is no number that fits.");
    return true;
}

#define NAMED(name) \
    { \
        name, name " stands twice." \
    }
static const struct {
    const char *name, *twice;
} known[BYO_HEADERS] = {
    [BYO_HEADER_ACCEPT_ENCODING] = NAMED("Accept-Encoding"),
    [BYO_HEADER_AUTHORIZATION] = NAMED("Authorization"),
    [BYO_HEADER_CONSOLE] = NAMED("X-Byobox-Console"),
    [BYO_HEADER_CONTENT_TYPE] = NAMED("Content-Type"),
    [BYO_HEADER_COOKIE] = NAMED("Cookie"),
    [BYO_HEADER_HOST] = NAMED("Host"),
    [BYO_HEADER_IF_MATCH] = NAMED("If-Match"),
    [BYO_HEADER_IF_NONE_MATCH] = NAMED("If-None-Match"),
    [BYO_HEADER_LAST_EVENT_ID] = NAMED("Last-Event-ID"),
    [BYO_HEADER_ORIGIN] = NAMED("Origin"),
    [BYO_HEADER_SEC_FETCH_SITE] = NAMED("Sec-Fetch-Site"),
};
#undef NAMED

/* One of those the API reads, or of no interest. */
static bool take_known(Parse *p, ByoStr name, ByoStr value)
{
    for (size_t i = 0; i < BYO_HEADERS; i++) {
        ByoStr *field = &p->head->header[i];
        if (!byo_str_ieq(name, byo_str(known[i].name)))
            continue;
        if (field->p)
            return refuse(p, 400, known[i].twice);
        *field = value;
    }
    return true;
}

ByoStr byo_http_element(ByoStr *list, char separator)
{
    const char *end = memchr(list->p, separator, list->n);
    ByoStr one = byo_strn(list->p, end ? (size_t)(end - list->p) : list->n);
    size_t used = one.n + (end ? 1 : 0);
    *list = byo_strn(list->p + used, list->n - used);
    return trim(one);
}

static void read_connection(Parse *p, ByoStr value)
{
    while (value.n) {
        ByoStr word = byo_http_element(&value, ',');
        p->close |= byo_str_ieq(word, BYO_STR("close"));
        p->keep |= byo_str_ieq(word, BYO_STR("keep-alive"));
    }
}

static bool read_header(Parse *p, ByoStr line)
{
    const char *colon = memchr(line.p, ':', line.n);
    ByoStr name = byo_strn(line.p, colon ? (size_t)(colon - line.p) : 0);
    if (!is_token(name))
        return refuse(p, 400, "A header line is not NAME: VALUE.");
    ByoStr value = trim(byo_strn(colon + 1, line.n - name.n - 1));
    for (size_t i = 0; i < value.n; i++)
        if (((unsigned char)value.p[i] < ' ' && value.p[i] != '\t') || value.p[i] == 0x7f)
            return refuse(p, 400, "A header value holds a control character.");
    if (byo_str_ieq(name, BYO_STR("Content-Length")))
        return read_length(p, value);
    if (byo_str_ieq(name, BYO_STR("Transfer-Encoding")))
        return refuse(p, 411, "Bodies need a Content-Length; transfer codings are not understood.");
    if (byo_str_ieq(name, BYO_STR("Connection"))) {
        read_connection(p, value);
    } else if (byo_str_ieq(name, BYO_STR("Expect"))) {
        if (!byo_str_ieq(value, BYO_STR("100-continue")))
            return refuse(p, 400, "This expectation cannot be met.");
        p->head->expect_continue = true;
    }
    return take_known(p, name, value);
}

static bool read_lines(Parse *p, ByoStr rest)
{
    bool first = true;
    while (rest.n) {
        const char *end = memchr(rest.p, '\r', rest.n); /* every line of a whole head has one */
        ByoStr line = byo_strn(rest.p, (size_t)(end - rest.p));
        if (line.n + 1 >= rest.n || end[1] != '\n')
            return refuse(p, 400, "A line ends with a bare carriage return.");
        rest = byo_strn(end + 2, rest.n - line.n - 2);
        if (memchr(line.p, '\n', line.n))
            return refuse(p, 400, "Lines must end with CR LF.");
        if (!(first ? read_request_line(p, line) : read_header(p, line)))
            return false;
        first = false;
    }
    if (p->minor == 1 && !p->head->header[BYO_HEADER_HOST].p)
        return refuse(p, 400, "The Host header is missing.");
    p->head->chunks = p->minor == 1;
    p->head->keep_alive = p->minor == 1 ? !p->close : p->keep && !p->close;
    return true;
}

ByoHttpResult byo_http_head(ByoStr data, ByoHttpHead *head, size_t *used_r, int *status_r, const char **why_r)
{
    static const char end[] = "\r\n\r\n";
    *head = (ByoHttpHead){0};
    size_t look = data.n < BYO_HTTP_HEAD_MAX ? data.n : BYO_HTTP_HEAD_MAX;
    const char *stop = look ? memmem(data.p, look, end, 4) : NULL;
    if (!stop) {
        *status_r = 431;
        *why_r = "The head of the request is over 16384 octets.";
        return data.n < BYO_HTTP_HEAD_MAX ? BYO_HTTP_MORE : BYO_HTTP_BAD;
    }
    Parse p = {.head = head};
    bool good = read_lines(&p, byo_strn(data.p, (size_t)(stop - data.p) + 2));
    *used_r = (size_t)(stop - data.p) + 4;
    *status_r = p.status;
    *why_r = p.why;
    return good ? BYO_HTTP_GOOD : BYO_HTTP_BAD;
}
