/* SPDX-License-Identifier: BSD-3-Clause
 * The files of the console: open to anybody, for they hold nothing but the program a browser runs.
 * Decides: whether a browser has this content already, and whether it gets it packed.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <stdlib.h>

#include "console/assets.h"

static const ByoAsset *find(ByoStr path)
{
    for (size_t i = 0; i < byo_assets_n; i++)
        if (byo_str_is(path, byo_assets[i].path))
            return &byo_assets[i];
    return NULL;
}

/* The next element of a list in a header (RFC 9110 5.6.1), without the blanks around it; *rest goes on behind it. */
static ByoStr next_element(ByoStr *rest)
{
    const char *comma = memchr(rest->p, ',', rest->n);
    ByoStr word = byo_strn(rest->p, comma ? (size_t)(comma - rest->p) : rest->n);
    size_t used = word.n + (comma ? 1 : 0);
    *rest = byo_strn(rest->p + used, rest->n - used);
    while (word.n && (word.p[0] == ' ' || word.p[0] == '\t'))
        word.p++, word.n--;
    while (word.n && (word.p[word.n - 1] == ' ' || word.p[word.n - 1] == '\t'))
        word.n--;
    return word;
}

/* Whether this weight is more than nothing: "" or ";q=0.5", not ";q=0" nor ";q=0.000" (RFC 9110 12.4.2). */
static bool has_weight(ByoStr parameters)
{
    const char *q = memmem(parameters.p, parameters.n, "q=", 2);
    if (!q)
        return true;
    for (q += 2; q < parameters.p + parameters.n; q++)
        if (*q >= '1' && *q <= '9')
            return true;
    return false;
}

/* What is not named is not taken, though RFC 9110 would allow it. */
static bool takes_gzip(ByoStr accept)
{
    while (accept.n) {
        ByoStr word = next_element(&accept);
        const char *semicolon = memchr(word.p, ';', word.n);
        size_t n = semicolon ? (size_t)(semicolon - word.p) : word.n;
        ByoStr weight = byo_strn(word.p + n, word.n - n);
        while (n && word.p[n - 1] == ' ')
            n--;
        if (byo_str_ieq(byo_strn(word.p, n), BYO_STR("gzip")))
            return has_weight(weight);
    }
    return false;
}

/* Whether one of the list is this one, weakly compared (RFC 9110 13.1.2). */
static bool is_among(ByoStr list, ByoStr etag)
{
    while (list.n) {
        ByoStr word = next_element(&list);
        if (word.n > 2 && memcmp(word.p, "W/", 2) == 0)
            word.p += 2, word.n -= 2;
        if (byo_str_eq(word, etag) || byo_str_is(word, "*"))
            return true;
    }
    return false;
}

void byo_api_asset(ByoApiCall *c)
{
    const ByoAsset *a = find(c->req->path);
    if (!a) {
        byo_api_error(c, 404, "not-found", NULL, "There is no such path.");
        return;
    }
    bool packed = takes_gzip(c->req->header[BYO_HEADER_ACCEPT_ENCODING]);
    char *etag = byo_printf("\"%s%s\"", a->tag, packed ? "-gzip" : "");
    byo_buf_addf(&c->resp->headers,
                 "ETag: %s\r\nVary: Accept-Encoding\r\n"
                 "Link: <https://spdx.org/licenses/%s.html>; rel=\"license\"\r\n",
                 etag, a->licence);
    c->resp->cache = "no-cache";
    if (is_among(c->req->header[BYO_HEADER_IF_NONE_MATCH], byo_str(etag))) {
        c->resp->status = 304;
    } else {
        c->resp->status = 200;
        c->resp->content_type = a->type;
        c->resp->constant = packed ? a->gzip : a->plain;
        if (packed)
            byo_buf_adds(&c->resp->headers, "Content-Encoding: gzip\r\n");
    }
    free(etag);
}
