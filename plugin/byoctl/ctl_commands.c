/* SPDX-License-Identifier: BSD-3-Clause
 * byoctl's commands: the one table of them, its help texts, and what a mistyped word may have meant.
 * Ownership: static. Threads: one. */
#include "byoctl/ctl_private.h"
#include "base/text.h"

#define TEXTS \
    " help-keywords: help-reply: opt-out-keywords: opt-out-reply: opt-in-keywords: opt-in-reply: " \
    "opt-out-pattern: opt-out-loose: "
#define TEXTS_HELP \
    "\nTEXTS: --help-keywords \"A|B\" (or , or ;) --help-reply TEXT, the same with --opt-out- and " \
    "--opt-in-," \
    "\n       --opt-out-pattern REGEX (may stand several times), --opt-out-loose yes|no"

static const ByoCtlCommand commands[] = {
    {"status", NULL, 0, " check ", "[--check]", "what is wrong, how everything is; --check: in one line",
     byo_ctl_status},
    {"integration", "list", 0, "", "", "integrations and how they are", byo_ctl_integration_list},
    {"integration", "show", 1, "", "ID", "one, with its configuration", byo_ctl_integration_show},
    {"integration", "put", 2, " check ", "ID FILE.json [--check]",
     "add or change one; --check: what would change", byo_ctl_integration_put},
    {"integration", "activate", 1, "", "ID", "bind, with the configuration as it is now",
     byo_ctl_integration_activate},
    {"integration", "deactivate", 1, "", "ID", "close the binds; traffic queues",
     byo_ctl_integration_deactivate},
    {"integration", "delete", 1, " yes ", "ID [--yes]", "end it for good; says what will happen and asks",
     byo_ctl_integration_delete},
    {"number", "import", 1, " integration: type: country:" TEXTS,
     "N --integration ID --type T [--country C] [TEXTS]",
     "take one in; T: local, mobile, toll-free, short-code" TEXTS_HELP, byo_ctl_number_import},
    {"number", "import-csv", 1, " check ", "FILE [--check]", "many at once; --check: only says what it would",
     byo_ctl_number_import_csv},
    {"number", "list", 0, " integration: type: number: ", "[--integration ID] [--type T] [--number N]",
     "the inventory", byo_ctl_number_list},
    {"number", "show", 1, "", "N", "one number with its texts", byo_ctl_number_show},
    {"number", "set", 1, " standard" TEXTS, "N TEXTS | --standard", "other compliance texts" TEXTS_HELP,
     byo_ctl_number_set},
    {"number", "delete", 1, "", "N", "take a number out", byo_ctl_number_delete},
    {"opt-out", "list", 0, " number: recipient: csv ", "[--number N] [--recipient R] [--csv]",
     "who is opted out now", byo_ctl_opt_out_list},
    {"opt-out", "add", 2, " reason: ", "NUMBER RECIPIENT --reason TEXT", "opt a recipient out by hand",
     byo_ctl_opt_out_add},
    {"opt-out", "remove", 2, " reason: ", "NUMBER RECIPIENT --reason TEXT", "opt him in again",
     byo_ctl_opt_out_remove},
    {"opt-out", "import-csv", 1, "", "FILE", "opt out all of a CSV (of opt-out list --csv)",
     byo_ctl_opt_out_import_csv},
    {"opt-out", "history", 0, " number: recipient: csv limit: all ",
     "[--number N] [--recipient R] [--csv] [--limit N | --all]", "everything that happened",
     byo_ctl_opt_out_history},
    {"message", NULL, 1, "", "ID", "a message with its segments and its life", byo_ctl_message},
    {"messages", NULL, 0,
     " number: recipient: integration: state: cause: carrier-code: possible-duplicate: direction: from: to: "
     "csv limit: "
     "all ",
     "[--number N] [--recipient R] [--integration ID] [--state S] [--cause CAUSE] [--carrier-code CODE] "
     "[--possible-duplicate yes|no] [--direction inbound] [--from T] [--to T] [--csv] [--limit N | --all]",
     "messages, newest first; S: active, delivered, failed", byo_ctl_messages},
    {"statistics", NULL, 0,
     " integration: step: from: to: ", "[--integration ID] [--step 1m|1h|1d] [--from T] [--to T]",
     "what was counted in each minute, hour or day", byo_ctl_statistics},
    {"test-message", NULL, 3, "", "NUMBER RECIPIENT TEXT",
     "send a text from one of our numbers, to see it arrive", byo_ctl_test_message},
    {"encode", NULL, 1, " integration: number: ", "TEXT --integration ID | --number N",
     "how a text would leave, and what makes it dearer", byo_ctl_encode},
    {"events", NULL, 0, " follow entity: definition: text: from: to: csv limit: all ",
     "[--follow] [--entity E] [--definition D,...] [--text TEXT] [--from T] [--to T] [--csv] [--limit N | "
     "--all]",
     "what happened; --follow: as it comes", byo_ctl_events},
    {"audit", NULL, 0, " limit: all ", "[--limit N | --all]", "who changed what", byo_ctl_audit},
    {"drain", NULL, 0, " wait end ", "[--wait | --end]",
     "take nothing new, show what is left; --wait: until empty", byo_ctl_drain},
    {"export", NULL, 0, " open ", "--open", "what is open as CSV, with texts", byo_ctl_export},
    {"erase", NULL, 1, " reason: ", "RECIPIENT --reason TEXT",
     "erase what is kept of a person, but opt-outs and audit", byo_ctl_erase},
    {"check", NULL, 1, " allow-unknown-causes ", "FILE.json [--allow-unknown-causes]",
     "an advanced configuration, without byobox", byo_ctl_check},
    {"seal", NULL, -1, " key-file: new-key ", "ID [--key-file FILE] | --new-key",
     "a password sealed for an integration; a new key", byo_ctl_seal},
    {"kannel", "check", -1, " applied prepare: ", "[FILE] [--prepare ID,... | --applied]",
     "what kannel.conf lacks; --applied: only byobox's links", byo_ctl_kannel_check},
    {"kannel", "diff", -1, " prepare: ", "[FILE] [--prepare ID,...]", "the same as a patch",
     byo_ctl_kannel_diff},
    {"kannel", "apply", -1, " prepare: ", "[FILE] [--prepare ID,...]",
     "write it there, the file before beside it as FILE.before", byo_ctl_kannel_apply},
    {"kannel", "revert", -1, "", "[FILE]", "take these changes out again, whatever was edited since",
     byo_ctl_kannel_revert},
    {"store", "copy", 2, "", "FROM TO",
     "move the store (sqlite:FILE, pgsql:ID)"
     "\nbyobox must be down. FROM and TO: sqlite:FILE, or pgsql:ID for the group pgsql-connection of that "
     "id; sqlite and pgsql "
     "alone:"
     "\nwhat store-path and store-id name. TO must be empty. FROM is only read.",
     byo_ctl_store_copy},
    {"hash-password", NULL, 0, "", "", "the password-hash of a byo-user", byo_ctl_hash_password},
    {"help", NULL, -2, "", "[COMMAND]", "this list, or what one command takes", byo_ctl_help},
};
#define COMMANDS (sizeof commands / sizeof *commands)

const ByoCtlCommand *byo_ctl_command(size_t i)
{
    return i < COMMANDS ? &commands[i] : NULL;
}

const ByoCtlCommand *byo_ctl_find(const char *group, const char *verb)
{
    for (const ByoCtlCommand *c = commands; c < commands + COMMANDS; c++)
        if (strcmp(c->group, group) == 0 && (!c->verb || (verb && strcmp(c->verb, verb) == 0)))
            return c;
    return NULL;
}

bool byo_ctl_is_group(const char *word)
{
    for (const ByoCtlCommand *c = commands; c < commands + COMMANDS; c++)
        if (strcmp(c->group, word) == 0)
            return true;
    return false;
}

const char *byo_ctl_meant(const char *group, const char *word)
{
    const char *names[COMMANDS];
    size_t n = 0;
    for (const ByoCtlCommand *c = commands; c < commands + COMMANDS; c++)
        if (!group)
            names[n++] = c->group;
        else if (c->verb && strcmp(c->group, group) == 0)
            names[n++] = c->verb;
    return byo_nearest(byo_str(word), names, n);
}

const char *byo_ctl_option_meant(const ByoCtlCommand *cmd, const char *word, char buf[BYO_CTL_OPTION_TEXT])
{
    static const char global[] = " config: json user: help ";
    char text[512];
    const char *names[32];
    size_t n = 0;
    snprintf(text, sizeof text, "%s%s", global, cmd ? cmd->options : "");
    char *rest = text;
    for (char *name; n < sizeof names / sizeof *names && (name = strsep(&rest, " :")) != NULL;)
        if (name[0])
            names[n++] = name;
    const char *meant = byo_nearest(byo_strn(word, strcspn(word, "=")), names, n);
    if (!meant)
        return NULL;
    snprintf(buf, BYO_CTL_OPTION_TEXT, "--%s", meant);
    return buf;
}

/* -- help ---------------------------------------------------------------------------------------------*/

/* The first line of what it does. */
static int first_line(const ByoCtlCommand *c)
{
    return (int)strcspn(c->does, "\n");
}

enum { WIDTH = 96, INDENT = 44 };

/* The words of a command behind what stands in the line already (n columns); a long one goes on in the next
 * line. Returns the columns of the last line. */
static int print_command(FILE *out, int n, const ByoCtlCommand *c)
{
    n += fprintf(out, "%s%s%s", c->group, c->verb ? " " : "", c->verb ? c->verb : "");
    const char *rest = c->synopsis;
    while (rest[0] && n + 1 + (int)strlen(rest) > WIDTH) {
        int cut = WIDTH - n - 1;
        while (cut > 0 && !(rest[cut] == ' ' && rest[cut + 1] == '['))
            cut--;
        fprintf(out, " %.*s\n", cut, rest);
        rest += cut + 1;
        n = fprintf(out, "     ");
    }
    return n + (rest[0] ? fprintf(out, " %s", rest) : 0);
}

void byo_ctl_print_usage(FILE *out)
{
    fputs("usage: byoctl [--config FILE] [--json] [--user NAME] COMMAND\n\n", out);
    for (const ByoCtlCommand *c = commands; c < commands + COMMANDS; c++) {
        int n = print_command(out, fprintf(out, "  "), c);
        if (n >= INDENT)
            n = fprintf(out, "\n") - 1;
        fprintf(out, "%*s%.*s\n", INDENT - n, "", first_line(c), c->does);
    }
    fputs("\n  --config FILE   default " BYO_CTL_CONFIG "\n"
          "  --user NAME     a byo-user; also BYOCTL_USER, and BYOCTL_PASSWORD for the password\n"
          "\n`byoctl help COMMAND` tells more. Ends with 0 done, 1 refused or not found, 2 usage or\n"
          "configuration, 3 not reachable or not authorised.\n",
          out);
}

static void print_one(FILE *out, const ByoCtlCommand *c)
{
    print_command(out, fprintf(out, "usage: byoctl "), c);
    fprintf(out, "\n%s\n", c->does);
}

int byo_ctl_help_on(ByoCtl *c, const char *group, const char *verb)
{
    bool known = false;
    if (!byo_ctl_is_group(group)) {
        const char *meant = byo_ctl_meant(NULL, group);
        return byo_ctl_usage(c, "there is no command \"%s\"%s%s%s", group, meant ? "; did you mean \"" : "",
                             meant ? meant : "", meant ? "\"?" : "");
    }
    for (const ByoCtlCommand *one = commands; one < commands + COMMANDS; one++)
        if (strcmp(one->group, group) == 0 && (!verb || (one->verb && strcmp(one->verb, verb) == 0))) {
            if (known)
                fputc('\n', c->out);
            print_one(c->out, one);
            known = true;
        }
    if (known)
        return BYO_CTL_DONE;
    const char *meant = byo_ctl_meant(group, verb);
    return byo_ctl_usage(c, "%s knows no \"%s\"%s%s%s", group, verb, meant ? "; did you mean \"" : "",
                         meant ? meant : "", meant ? "\"?" : "");
}

int byo_ctl_help(ByoCtl *c)
{
    if (c->n_arguments == 0) {
        byo_ctl_print_usage(c->out);
        return BYO_CTL_DONE;
    }
    return byo_ctl_help_on(c, c->arguments[0], c->n_arguments > 1 ? c->arguments[1] : NULL);
}
