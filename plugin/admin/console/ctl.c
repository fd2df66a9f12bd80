/* SPDX-License-Identifier: BSD-3-Clause
 * byoctl's command line: which command, which arguments.
 * Ownership and threads: ctl_private.h. */
#include "admin/console/ctl_private.h"

#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include <openssl/crypto.h>

#include "box/box.h"

static const char usage[] =
    "usage: byoctl [--config FILE] [--json] [--user NAME] COMMAND\n"
    "\n"
    "  status                                    what is wrong, and how everything is\n"
    "  integration list | show ID                integrations and their configuration\n"
    "  integration activate | deactivate | delete ID\n"
    "  number import N --integration ID --type local|mobile|toll-free|short-code [--country C] [TEXTS]\n"
    "  number import-csv FILE                    many at once, with an answer for each row\n"
    "  number list [--integration ID] [--type T] | show N | delete N\n"
    "  number set N TEXTS | --standard           other compliance texts\n"
    "      TEXTS: --help-keywords A|B --help-reply TEXT, the same with --opt-out- and --opt-in-,\n"
    "             --opt-out-pattern REGEX (may stand several times)\n"
    "  opt-out list [--number N] [--recipient R] [--csv]\n"
    "  opt-out add | remove NUMBER RECIPIENT --reason TEXT\n"
    "  opt-out history [--number N] [--recipient R] [--csv] [--limit N | --all]\n"
    "  message ID                                a message and its segments\n"
    "  messages [--number N] [--recipient R] [--integration ID] [--state S] [--from T] [--to T]\n"
    "           [--limit N | --all]\n"
    "  events [--follow] [--entity E] [--definition D] [--from T] [--to T] [--limit N | --all]\n"
    "  audit [--limit N | --all]                 who changed what\n"
    "  check FILE.json [--allow-unknown-causes]  an advanced configuration, without byobox\n"
    "  seal ID [--key-file FILE] | --new-key     a password sealed for an integration; a new key\n"
    "  hash-password                             the password-hash of a byo-user\n"
    "\n"
    "  --config FILE   default " BYO_CTL_CONFIG "\n"
    "  --user NAME     a byo-user; also BYOCTL_USER, and BYOCTL_PASSWORD for the password\n"
    "\n"
    "Ends with 0 done, 1 refused or not found, 2 usage or configuration, 3 not reachable or not\n"
    "authorised.\n";

typedef struct {
    const char *group, *verb; /* verb NULL: the command is one word */
    int arguments;            /* how many must follow; -1: none or one */
    const char *options;      /* names between blanks; ':' behind one that takes a value */
    int (*run)(ByoCtl *c);
} Command;

#define TEXTS \
    " help-keywords: help-reply: opt-out-keywords: opt-out-reply: opt-in-keywords: opt-in-reply: " \
    "opt-out-pattern: "
static const Command commands[] = {
    {"status", NULL, 0, "", byo_ctl_status},
    {"integration", "list", 0, "", byo_ctl_integration_list},
    {"integration", "show", 1, "", byo_ctl_integration_show},
    {"integration", "activate", 1, "", byo_ctl_integration_activate},
    {"integration", "deactivate", 1, "", byo_ctl_integration_deactivate},
    {"integration", "delete", 1, "", byo_ctl_integration_delete},
    {"number", "import", 1, " integration: type: country:" TEXTS, byo_ctl_number_import},
    {"number", "import-csv", 1, "", byo_ctl_number_import_csv},
    {"number", "list", 0, " integration: type: number: ", byo_ctl_number_list},
    {"number", "show", 1, "", byo_ctl_number_show},
    {"number", "delete", 1, "", byo_ctl_number_delete},
    {"number", "set", 1, " standard" TEXTS, byo_ctl_number_set},
    {"opt-out", "list", 0, " number: recipient: csv ", byo_ctl_opt_out_list},
    {"opt-out", "history", 0, " number: recipient: csv limit: all ", byo_ctl_opt_out_history},
    {"opt-out", "add", 2, " reason: ", byo_ctl_opt_out_add},
    {"opt-out", "remove", 2, " reason: ", byo_ctl_opt_out_remove},
    {"message", NULL, 1, "", byo_ctl_message},
    {"messages", NULL, 0, " number: recipient: integration: state: from: to: limit: all ", byo_ctl_messages},
    {"events", NULL, 0, " follow entity: definition: from: to: limit: all ", byo_ctl_events},
    {"audit", NULL, 0, " limit: all ", byo_ctl_audit},
    {"check", NULL, 1, " allow-unknown-causes ", byo_ctl_check},
    {"seal", NULL, -1, " key-file: new-key ", byo_ctl_seal},
    {"hash-password", NULL, 0, "", byo_ctl_hash_password},
};
#define COMMANDS (sizeof commands / sizeof *commands)

int byo_ctl_usage(ByoCtl *c, const char *fmt, ...)
{
    va_list ap;
    fputs("byoctl: ", c->err);
    va_start(ap, fmt);
    vfprintf(c->err, fmt, ap);
    va_end(ap);
    fputs("\n(byoctl --help tells the commands)\n", c->err);
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
        const char *value = byo_ctl_option(c, *names);
        if (!value)
            continue;
        byo_buf_addf(target, "%c%s=", memchr(target->p, '?', target->n) ? '&' : '?', *names);
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

static const Command *find_command(const char *first, const char *second)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].group, first) == 0 &&
            (!commands[i].verb || (second && strcmp(commands[i].verb, second) == 0)))
            return &commands[i];
    return NULL;
}

static bool is_group(const char *word)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].group, word) == 0)
            return true;
    return false;
}

/* One option at argv[*i]; 0 or the exit code. */
static int take_option(ByoCtl *c, const Command *cmd, int argc, char **argv, int *i)
{
    const char *name = argv[*i] + 2, *equals = strchr(name, '=');
    size_t n = equals ? (size_t)(equals - name) : strlen(name);
    static const char global[] = " config: json user: ";
    bool ours = option_kind(global, name, n) != 0;
    int kind = ours ? option_kind(global, name, n) : cmd ? option_kind(cmd->options, name, n) : 0;
    if (kind == 0)
        return byo_ctl_usage(c, cmd ? "%s: there is no such option here" : "%s: there is no such option",
                             argv[*i]);
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

/* The command's words come first, but for the global options. */
static int parse(ByoCtl *c, int argc, char **argv, const Command **cmd_r)
{
    const Command *cmd = NULL;
    const char *group = NULL;
    bool only_words = false;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (!only_words && strcmp(word, "--") == 0) {
            only_words = true;
        } else if (!only_words && strncmp(word, "--", 2) == 0) {
            int bad = take_option(c, cmd, argc, argv, &i);
            if (bad)
                return bad;
        } else if (cmd) {
            if (c->n_arguments == BYO_CTL_ARGUMENTS)
                return byo_ctl_usage(c, "\"%s\" is one word too many", word);
            c->arguments[c->n_arguments++] = word;
        } else if (group) {
            cmd = find_command(group, word);
            if (!cmd)
                return byo_ctl_usage(c, "%s knows no \"%s\"", group, word);
        } else {
            if (!is_group(word))
                return byo_ctl_usage(c, "there is no command \"%s\"", word);
            group = word;
            cmd = find_command(word, NULL);
        }
    }
    *cmd_r = cmd;
    if (!cmd && group)
        return byo_ctl_usage(c, "%s needs a second word", group);
    if (!cmd) {
        fputs(usage, c->err);
        return BYO_CTL_USAGE;
    }
    bool fits = cmd->arguments < 0 ? c->n_arguments <= 1 : c->n_arguments == (size_t)cmd->arguments;
    if (!fits)
        return byo_ctl_usage(c, "%s%s%s needs %d argument%s, not %zu", cmd->group, cmd->verb ? " " : "",
                             cmd->verb ? cmd->verb : "", cmd->arguments, cmd->arguments == 1 ? "" : "s",
                             c->n_arguments);
    return 0;
}

int byo_ctl_run(int argc, char **argv, FILE *in, FILE *out, FILE *err)
{
    ByoCtl c = {.in = in, .out = out, .err = err};
    const Command *cmd = NULL;
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(usage, out);
        return BYO_CTL_DONE;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        fprintf(out, "byoctl %s\n", BYO_VERSION);
        return BYO_CTL_DONE;
    }
    int code = parse(&c, argc, argv, &cmd);
    if (code == 0)
        code = cmd->run(&c);
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
