/* SPDX-License-Identifier: BSD-3-Clause
 * Any octets as the head of an HTTP request: an answer, whose parts lie inside the octets, and the same one
 * however many octets follow.
 * Threads: none. */
#include "admin/http_parse.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static void inside(ByoStr part, ByoStr all)
{
    must(!part.p || (part.p >= all.p && part.p + part.n <= all.p + all.n), "a part lies outside");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ByoStr all = byo_strn((const char *)data, size);
    ByoHttpHead h, again;
    size_t used = 0, used_again = 0;
    int status = 0;
    const char *why = NULL;
    ByoHttpResult r = byo_http_head(all, &h, &used, &status, &why);
    if (r == BYO_HTTP_MORE) {
        must(size < BYO_HTTP_HEAD_MAX, "a head is waited for without end");
        return 0;
    }
    if (r == BYO_HTTP_BAD) {
        must(status >= 400 && status < 600 && why && why[0], "a refusal without a reason");
        return 0;
    }
    must(used >= 4 && used <= size && used <= BYO_HTTP_HEAD_MAX &&
             memcmp(data + used - 4, "\r\n\r\n", 4) == 0,
         "its end");
    ByoStr parts[3 + BYO_HEADERS] = {h.method, h.path, h.query};
    memcpy(parts + 3, h.header, sizeof h.header);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        inside(parts[i], all);
        for (size_t k = 0; k < parts[i].n; k++)
            must((unsigned char)parts[i].p[k] >= ' ' || parts[i].p[k] == '\t', "a control character");
    }
    must(h.path.n && h.path.p[0] == '/' && h.content_length >= 0, "path and length");
    must(byo_http_head(byo_strn(all.p, used), &again, &used_again, &status, &why) == BYO_HTTP_GOOD &&
             used_again == used,
         "what follows changes the head");
    must(byo_http_head(byo_strn(all.p, used - 1), &again, &used_again, &status, &why) == BYO_HTTP_MORE,
         "a head ends before its end");
    return 0;
}
