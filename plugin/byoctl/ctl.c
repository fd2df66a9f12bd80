/* SPDX-License-Identifier: BSD-3-Clause
 * byoctl's command line: which command, which arguments.
 * Ownership and threads: ctl_private.h. */
#include "byoctl/ctl_private.h"

#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include <openssl/crypto.h>

void byo_ctl_tell(ByoCtl *c, const char *code, const char *fmt, ...)
{
    va_list ap;
    ByoBuf text = {0};
    char sentence[2048];
    va_start(ap, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, ap);
    va_end(ap);
    if (!c->json) {
        fprintf(c->err, "byoctl: %s\n", sentence);
        return;
    }
    ByoJson *j = byo_json_object(), *error = byo_json_object();
    byo_json_set_z(error, "code", code);
    byo_json_set_z(error, "message", sentence);
    byo_json_set(error, "field", NULL);
    byo_json_set(j, "error", error);
    byo_json_text(j, false, &text);
    fprintf(c->out, "%s\n", text.p);
    byo_buf_free(&text);
    byo_json_free(j);
}

int byo_ctl_usage(ByoCtl *c, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    byo_ctl_tell(c, "usage", "%s", text);
    if (!c->json)
        fputs("(byoctl help tells the commands)\n", c->err);
    return BYO_CTL_USAGE;
}

const char *byo_ctl_option(const ByoCtl *c, const char *name)
{
    for (size_t i = 0; i < c->n_options; i++)
        if (strcmp(c->options[i].name, name) == 0)
            return c->options[i].value;
    return NULL;
}

void byo_ctl_query(const ByoCtl *c, ByoBuf *target, const char *const *names)
{
    for (; *names; names++) {
        char option[BYO_CTL_OPTION_TEXT];
        const char *equals = strchr(*names, '=');
        snprintf(option, sizeof option, "%.*s", (int)strcspn(*names, "="), *names);
        const char *value = byo_ctl_option(c, option);
        if (!value)
            continue;
        byo_buf_addf(target, "%c%s=", memchr(target->p, '?', target->n) ? '&' : '?',
                     equals ? equals + 1 : *names);
        byo_client_encode(target, byo_str(value));
    }
}

/* 0: no such option, 1: a flag, 2: takes a value. */
static int option_kind(const char *options, const char *name, size_t n)
{
    for (const char *at = options; (at = memmem(at, strlen(at), name, n)) != NULL; at++) {
        char before = at > options ? at[-1] : ' ', after = at[n];
        if (before == ' ' && (after == ' ' || after == 0))
            return 1;
        if (before == ' ' && after == ':')
            return 2;
    }
    return 0;
}

/* One option at argv[*i]; 0 or the exit code. */
static int take_option(ByoCtl *c, const ByoCtlCommand *cmd, int argc, char **argv, int *i)
{
    const char *name = argv[*i] + 2, *equals = strchr(name, '=');
    size_t n = equals ? (size_t)(equals - name) : strlen(name);
    static const char global[] = " config: json user: help ";
    bool ours = option_kind(global, name, n) != 0;
    int kind = ours ? option_kind(global, name, n) : cmd ? option_kind(cmd->options, name, n) : 0;
    if (kind == 0) {
        char buf[BYO_CTL_OPTION_TEXT];
        const char *meant = byo_ctl_option_meant(cmd, name, buf);
        return byo_ctl_usage(c, "%s: there is no such option%s%s%s%s", argv[*i], cmd ? " here" : "",
                             meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
    }
    const char *value = equals ? equals + 1 : "";
    if (kind == 1 && equals)
        return byo_ctl_usage(c, "--%.*s takes no value", (int)n, name);
    if (kind == 2 && !equals) {
        if (*i + 1 >= argc)
            return byo_ctl_usage(c, "%s needs a value", argv[*i]);
        value = argv[++*i];
    }
    if (ours) {
        if (n == 6)
            c->config = value;
        else if (name[0] == 'j')
            c->json = true;
        else if (name[0] == 'h')
            c->help = true;
        else
            c->user = value;
        return 0;
    }
    char *bare = byo_str_dup(byo_strn(name, n));
    bool twice = byo_ctl_option(c, bare) && strcmp(bare, "opt-out-pattern") != 0;
    if (twice || c->n_options == BYO_CTL_OPTIONS) {
        free(bare);
        return byo_ctl_usage(c, "--%.*s stands %s", (int)n, name, twice ? "twice" : "too often");
    }
    c->options[c->n_options++] = (ByoCtlOption){bare, value};
    return 0;
}

static int unknown_word(ByoCtl *c, const char *group, const char *word)
{
    const char *meant = byo_ctl_meant(group, word);
    char hint[64] = "";
    if (meant)
        snprintf(hint, sizeof hint, "; did you mean \"%s\"?", meant);
    return group ? byo_ctl_usage(c, "%s knows no \"%s\"%s", group, word, hint)
                 : byo_ctl_usage(c, "there is no command \"%s\"%s", word, hint);
}

static int count_arguments(ByoCtl *c, const ByoCtlCommand *cmd)
{
    size_t n = c->n_arguments;
    if (cmd->arguments < 0 ? n <= (size_t)-cmd->arguments : n == (size_t)cmd->arguments)
        return 0;
    return byo_ctl_usage(c, "%s%s%s needs %s%d argument%s, not %zu", cmd->group, cmd->verb ? " " : "",
                         cmd->verb ? cmd->verb : "", cmd->arguments < 0 ? "at most " : "",
                         abs(cmd->arguments), abs(cmd->arguments) == 1 ? "" : "s", n);
}

/* The command's words come first, but for the global options. *cmd_r NULL: help was asked for. */
static int parse(ByoCtl *c, int argc, char **argv, const ByoCtlCommand **cmd_r, const char **group_r)
{
    const ByoCtlCommand *cmd = NULL;
    const char *group = NULL;
    bool only_words = false;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (!only_words && strcmp(word, "--") == 0) {
            only_words = true;
        } else if (!only_words && (strncmp(word, "--", 2) == 0 || strcmp(word, "-h") == 0)) {
            int bad = strcmp(word, "-h") == 0 ? (c->help = true, 0) : take_option(c, cmd, argc, argv, &i);
            if (bad)
                return bad;
        } else if (cmd) {
            if (c->n_arguments == BYO_CTL_ARGUMENTS)
                return byo_ctl_usage(c, "\"%s\" is one word too many", word);
            c->arguments[c->n_arguments++] = word;
        } else if (group) {
            cmd = byo_ctl_find(group, word);
            if (!cmd)
                return unknown_word(c, group, word);
        } else {
            if (!byo_ctl_is_group(word))
                return unknown_word(c, NULL, word);
            group = word;
            cmd = byo_ctl_find(word, NULL);
        }
    }
    *cmd_r = cmd;
    *group_r = group;
    if (c->help)
        return 0;
    if (!cmd && group)
        return byo_ctl_usage(c, "%s needs a second word", group);
    if (!cmd && c->json)
        return byo_ctl_usage(c, "a command is needed");
    if (!cmd) {
        byo_ctl_print_usage(c->err);
        return BYO_CTL_USAGE;
    }
    return count_arguments(c, cmd);
}

static int carry_out(ByoCtl *c, const ByoCtlCommand *cmd, const char *group)
{
    if (!c->help)
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference) without help, parse() has found one */
        return cmd->run(c);
    if (group)
        return byo_ctl_help_on(c, group, cmd ? cmd->verb : NULL);
    byo_ctl_print_usage(c->out);
    return BYO_CTL_DONE;
}

/* --json holds for what is wrong before it stands, too. */
static bool wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

int byo_ctl_run(int argc, char **argv, FILE *in, FILE *out, FILE *err)
{
    ByoCtl c = {.in = in, .out = out, .err = err, .json = wants_json(argc, argv)};
    const ByoCtlCommand *cmd = NULL;
    const char *group = NULL;
    if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
        fprintf(out, "byoctl %s\n", BYO_VERSION);
        return BYO_CTL_DONE;
    }
    int code = parse(&c, argc, argv, &cmd, &group);
    if (code == 0)
        code = carry_out(&c, cmd, group);
    for (size_t i = 0; i < c.n_options; i++)
        free((char *)c.options[i].name);
    if (c.password)
        OPENSSL_cleanse(c.password, strlen(c.password));
    free(c.password);
    byo_conf_free(c.conf);
    return code;
}

int byo_ctl_main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_DFL);
    int code = byo_ctl_run(argc, argv, stdin, stdout, stderr);
    if (fflush(stdout) != 0 && code == BYO_CTL_DONE)
        code = BYO_CTL_REFUSED;
    return code;
}
