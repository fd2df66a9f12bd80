/* SPDX-License-Identifier: BSD-3-Clause
 * Reads the compliance room's vector files: lines of fields between tabs, '#' for remarks, escapes
 * \\ \xNN \u{N}.
 * Ownership: a row's fields live during the callback. Threads: none. */
#ifndef BYO_TESTS_COMPLIANCE_TSV_H
#define BYO_TESTS_COMPLIANCE_TSV_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include <unistr.h>

#include "base/str.h"

#define TSV_FIELDS 12

static ByoStr tsv_unescape(char *s)
{
    char *out = s, *start = s;

    while (*s) {
        if (*s != '\\') {
            *out++ = *s++;
        } else if (s[1] == '\\') {
            *out++ = '\\';
            s += 2;
        } else if (s[1] == 'x') {
            char hex[3] = {s[2], s[3], 0};
            *out++ = (char)strtoul(hex, NULL, 16);
            s += 4;
        } else {
            ck_assert_int_eq(s[1], 'u');
            ucs4_t c = (ucs4_t)strtoul(s + 3, &s, 16);
            int n = u8_uctomb((uint8_t *)out, c, 6);
            ck_assert_int_gt(n, 0);
            out += n;
            ck_assert_int_eq(*s, '}');
            s++;
        }
    }
    return byo_strn(start, (size_t)(out - start));
}

/* Returns how many rows the file has. */
static int tsv_each(const char *name, int fields, void (*row)(int line, const ByoStr *field))
{
    const char *top = getenv("srcdir");
    char path[512], *line = NULL;
    size_t cap = 0;
    int rows = 0, number = 0;

    snprintf(path, sizeof path, "%s/tests/vectors/%s", top ? top : ".", name);
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL, "cannot open %s", path);
    for (ssize_t n; (n = getline(&line, &cap, f)) > 0;) {
        ByoStr field[TSV_FIELDS];
        int found = 0;

        number++;
        if (line[0] == '#')
            continue;
        line[strcspn(line, "\n")] = 0;
        for (char *at = line, *tab = at; tab && found < TSV_FIELDS; at = tab + 1) {
            tab = strchr(at, '\t');
            if (tab)
                *tab = 0;
            field[found++] = tsv_unescape(at);
        }
        ck_assert_msg(found == fields, "%s:%d has %d fields", name, number, found);
        row(number, field);
        rows++;
    }
    fclose(f);
    free(line);
    return rows;
}

#endif
