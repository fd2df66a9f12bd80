/* SPDX-License-Identifier: BSD-3-Clause
 * The head of an HTTP/1.x request (RFC 9112), strictly: what has two readings is refused.
 * Ownership: texts point into the data. Threads: values. */
#ifndef BYO_ADMIN_HTTP_PARSE_H
#define BYO_ADMIN_HTTP_PARSE_H

#include "base/str.h"

#define BYO_HTTP_HEAD_MAX 16384 /* octets, request line and headers with their ends */

/* The headers whose values the API reads. Each may stand once. */
typedef enum {
    BYO_HEADER_ACCEPT_ENCODING,
    BYO_HEADER_AUTHORIZATION,
    BYO_HEADER_CONSOLE, /* X-Byobox-Console: a program of the console asks, and shows its own login */
    BYO_HEADER_CONTENT_TYPE,
    BYO_HEADER_COOKIE,
    BYO_HEADER_HOST,
    BYO_HEADER_IF_MATCH,
    BYO_HEADER_IF_NONE_MATCH,
    BYO_HEADER_LAST_EVENT_ID,
    BYO_HEADER_ORIGIN,
    BYO_HEADER_SEC_FETCH_SITE,
    BYO_HEADERS
} ByoHttpHeader;

typedef struct {
    ByoStr method, path, query; /* query absent: no '?' */
    ByoStr header[BYO_HEADERS]; /* absent: no such header */
    int64_t content_length;     /* 0: none given */
    bool keep_alive, expect_continue;
    bool chunks; /* HTTP/1.1: the answer may come in chunks */
} ByoHttpHead;

typedef enum { BYO_HTTP_MORE, BYO_HTTP_GOOD, BYO_HTTP_BAD } ByoHttpResult;

/* BYO_HTTP_GOOD: *used_r octets are the head. BYO_HTTP_BAD: *status_r is to be answered, *why_r says why
 * (a constant); the connection cannot be used any more. */
ByoHttpResult byo_http_head(ByoStr data, ByoHttpHead *head_r, size_t *used_r, int *status_r,
                            const char **why_r);
/* The next element of a list in a header's value (RFC 9110 5.6.1: ','; a cookie's: ';'), without the blanks around it;
 * *list, which is not empty, goes on behind it. */
ByoStr byo_http_element(ByoStr *list, char separator);

#endif
