/* SPDX-License-Identifier: BSD-3-Clause
 * Runs configurations of tests/vectors/config with the verdict beside them: lines
 *   #> FILE:LINE: error|warning: PART OF THE TEXT     (LINE 0: the file as a whole)
 * name every fault the load must tell; no line: it must load without one.
 * Ownership: none kept. Threads: none. */
#ifndef BYO_TESTS_CONFIG_VECTORS_H
#define BYO_TESTS_CONFIG_VECTORS_H

#include "config/config.h"
#include "config/files.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

static inline const char *vectors_top(void)
{
    const char *dir = getenv("srcdir");
    return dir ? dir : ".";
}

static inline bool fault_fits(const ByoFault *fault, const char *want)
{
    char *place = byo_printf("%s:%d: %s: ", fault->file ? strrchr(fault->file, '/') + 1 : "", fault->line,
                             fault->severity == BYO_FAULT_ERROR ? "error" : "warning");
    size_t n = strlen(place);
    bool fits = strncmp(want, place, n) == 0 && strstr(fault->text, want + n);
    free(place);
    return fits;
}

/* Loads the file and holds its faults against its verdict, both ways. Faults about the file's mode are
 * left out: it depends on how the sources were unpacked. */
static inline void vector_run(const char *name)
{
    char *path = byo_printf("%s/tests/vectors/config/%s", vectors_top(), name);
    ByoBuf text = {0}, why = {0};
    ByoFaults faults = {0};
    size_t met = 0, wanted = 0, told = 0;

    ck_assert_msg(byo_file_read(path, 1 << 20, &text, &why), "%s: %s", path, why.p ? why.p : "");
    ByoConf *conf = byo_conf_load(path, &faults);
    ck_assert_msg((conf == NULL) == (faults.errors > 0), "%s", name);
    for (size_t k = 0; k < faults.n; k++)
        if (!strstr(faults.items[k].text, "everybody on this machine")) {
            char *line = byo_fault_line(&faults.items[k]);
            bool fits = false;
            for (char *at = strstr(text.p, "#> "); at && !fits; at = strstr(at + 3, "#> ")) {
                char *want = byo_str_dup(byo_strn(at + 3, strcspn(at + 3, "\n")));
                fits = fault_fits(&faults.items[k], want);
                free(want);
            }
            ck_assert_msg(fits, "%s: not foreseen: %s", name, line);
            told++;
            free(line);
        }
    for (char *at = strstr(text.p, "#> "); at; at = strstr(at + 3, "#> ")) {
        char *want = byo_str_dup(byo_strn(at + 3, strcspn(at + 3, "\n")));
        wanted++;
        met = 0;
        for (size_t k = 0; k < faults.n; k++)
            met += fault_fits(&faults.items[k], want);
        ck_assert_msg(met == 1, "%s: told %zu times: %s", name, met, want);
        free(want);
    }
    ck_assert_uint_eq(told, wanted);
    byo_conf_free(conf);
    byo_faults_free(&faults);
    byo_buf_free(&text);
    free(path);
}

#endif
