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

/* Whether this weight is more than nothing: "" or "q=0.5", not "q=0" nor "q=0.000" (RFC 9110 12.4.2). */
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
        ByoStr parameters = byo_http_element(&accept, ',');
        if (parameters.n && byo_str_ieq(byo_http_element(&parameters, ';'), BYO_STR("gzip")))
            return has_weight(parameters);
    }
    return false;
}

/* Whether one of the list is this one, weakly compared (RFC 9110 13.1.2). */
static bool is_among(ByoStr list, ByoStr etag)
{
    while (list.n) {
        ByoStr word = byo_http_element(&list, ',');
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
