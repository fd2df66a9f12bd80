/* SPDX-License-Identifier: BSD-3-Clause
 * Any method, path, query, content type and body as a request of the admin: an answer of known form, never a
 * fault of ours. The input is METHOD, TARGET, CONTENT-TYPE, each ended by a line feed, then the body.
 * Threads: none. */
#include <stdlib.h>

#define FIXTURE_MUST(condition) ((condition) ? (void)0 : abort())
#include "../unit/api_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static void end(void)
{
    forget();
    fixture_stop();
}

/* The store is filled anew now and then, so that it stays small. */
static void begin(void)
{
    static int runs;
    if (runs++ % 5000 == 0) {
        if (runs > 1)
            end();
        else
            atexit(end);
        fixture_start();
    }
}

static ByoStr take_line(ByoStr *rest)
{
    const char *lf = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
    ByoStr line = byo_strn(rest->p, lf ? (size_t)(lf - rest->p) : rest->n);
    size_t used = line.n + (lf ? 1 : 0);
    *rest = byo_strn(rest->p + used, rest->n - used);
    return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    begin();
    ByoStr rest = byo_strn((const char *)data, size);
    char *method = byo_str_dup(take_line(&rest)), *target = byo_str_dup(take_line(&rest)),
         *type = byo_str_dup(take_line(&rest));
    int status = ask(method ? method : "", target ? target : "", "admin", type, rest);
    bool empty = status == 204;
    must((status >= 200 && status <= 202) || empty || (status >= 400 && status < 600), "the status");
    must(strcmp(byo_api_reason(status), "Error") != 0, "a status without a reason");
    if (empty)
        must(!resp.content_type && resp.body.n == 0, "a body where none is");
    else if (!resp.constant.n)
        must(resp.content_type && resp.body.n > 0 && resp.body.p[resp.body.n - 1] == '\n', "the body");
    must((status >= 400) ==
             (error_code().n > 0 || (status == 503 && target && strncmp(target, "/health", 7) == 0)),
         "the code");
    must(status < 500, "nothing is wrong here but the request");
    free(method);
    free(target);
    free(type);
    return 0;
}
