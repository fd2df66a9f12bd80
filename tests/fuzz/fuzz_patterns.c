/* SPDX-License-Identifier: BSD-3-Clause
 * Patterns, one a line up to an empty line, and a text: what compiles ends soon with any text, and a fault that is
 * told has a text.
 * Threads: none. */
#include <stdlib.h>

#include "compliance/patterns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATTERNS = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *patterns[PATTERNS];
    size_t n = 0, at = 0;

    while (n < PATTERNS && at < size) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t length = end ? (size_t)(end - data) - at : size - at;
        ByoStr line = byo_strn((const char *)data + at, length);
        at += length + (end ? 1 : 0);
        if (length == 0 || memchr(line.p, 0, length))
            break;
        patterns[n++] = byo_str_dup(line);
    }
    ByoComplianceFault fault = {0};
    ByoPatterns *p = byo_patterns_compile(patterns, n, &fault);
    if (!p && !fault.text[0])
        abort();
    if (p) {
        bool limited = false;
        char *text = byo_alloc(size - at + 1); /* a block of its own size */
        memcpy(text, data + at, size - at);
        byo_patterns_match(p, byo_strn(text, size - at), &limited);
        free(text);
    }
    byo_patterns_destroy(p);
    while (n > 0)
        free(patterns[--n]);
    return 0;
}
