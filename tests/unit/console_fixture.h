/* SPDX-License-Identifier: BSD-3-Clause
 * byoctl against the admin port over a real store: what its tests share.
 * Ownership: the fixture owns what was said. Threads: the listener's. */
#ifndef CONSOLE_FIXTURE_H
#define CONSOLE_FIXTURE_H

#include "api_fixture.h"

#include "byoctl/ctl_private.h"

static char conf[PATH_MAX];
static char *said, *complained; /* of the last run */

static inline void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

static inline void console_start(void)
{
    listener_start();
    snprintf(conf, sizeof conf, "%s/b.conf", folder);
    char *text = byo_printf(
        "group = byobox\nadmin-port = %d\nadmin-password = pw-admin\nstatus-password = pw-status\n",
        byo_admin_port(admin));
    write_file(conf, text);
    free(text);
    unsetenv("BYOCTL_USER");
    unsetenv("BYOCTL_PASSWORD");
}

static inline void console_stop(void)
{
    free(said);
    free(complained);
    said = complained = NULL;
    listener_stop();
}

static inline int run_argv(int argc, char **argv, const char *input)
{
    size_t n;
    free(said);
    free(complained);
    FILE *in = tmpfile(), *out = open_memstream(&said, &n), *err = open_memstream(&complained, &n);
    fputs(input, in);
    rewind(in);
    int code = byo_ctl_run(argc, argv, in, out, err);
    fclose(in);
    fclose(out);
    fclose(err);
    return code;
}

/* Words separated by blanks; ~ stands for a blank in a word. --config is put in front. */
static inline int run_input(const char *line, const char *input)
{
    char *argv[32] = {(char *)"byoctl", (char *)"--config", conf};
    int argc = 3;
    char *copy = byo_strdup(line);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        for (char *p = word; *p; p++)
            if (*p == '~')
                *p = ' ';
        argv[argc++] = word;
    }
    int code = run_argv(argc, argv, input);
    free(copy);
    return code;
}

static inline int run(const char *line)
{
    return run_input(line, "");
}

#define ck_said(text) ck_assert_msg(strstr(said, (text)) != NULL, "%s%s", said, complained)
#define ck_complained(text) ck_assert_msg(strstr(complained, (text)) != NULL, "%s%s", said, complained)

/* No line is wider than a screen. */
static inline void fits_the_screen(void)
{
    for (const char *at = said; *at; at += strcspn(at, "\n") + (at[strcspn(at, "\n")] != 0))
        ck_assert_msg(strcspn(at, "\n") <= BYO_GRID_WIDTH, "%s", at);
}

#endif
