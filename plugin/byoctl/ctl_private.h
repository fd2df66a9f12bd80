/* SPDX-License-Identifier: BSD-3-Clause
 * Inside byoctl: one run, its arguments, and how a command asks the API.
 * Ownership: Ctl lives during byo_ctl_run. Threads: one. */
#ifndef BYO_BYOCTL_CTL_PRIVATE_H
#define BYO_BYOCTL_CTL_PRIVATE_H

#include "base/json.h"
#include "byoctl/client.h"
#include "byoctl/ctl.h"
#include "byoctl/grid.h"
#include "config/config.h"

enum { BYO_CTL_DONE = 0, BYO_CTL_REFUSED = 1, BYO_CTL_USAGE = 2, BYO_CTL_UNREACHABLE = 3 };
#define BYO_CTL_CONFIG "/etc/byobox/byobox.conf"
enum { BYO_CTL_OPTIONS = 32, BYO_CTL_ARGUMENTS = 8 };

typedef struct {
    const char *name, *value; /* value "": a flag */
} ByoCtlOption;

typedef struct {
    FILE *in, *out, *err;
    const char *config; /* NULL: not given, the default one */
    bool json, help;
    const char *user;                         /* NULL: admin */
    const char *arguments[BYO_CTL_ARGUMENTS]; /* after the command's words */
    size_t n_arguments;
    ByoCtlOption options[BYO_CTL_OPTIONS];
    size_t n_options;
    ByoConf *conf;
    char *password; /* of the user, as the API takes it */
} ByoCtl;

typedef struct {
    const char *group, *verb; /* verb NULL: the command is one word */
    int arguments;            /* how many must follow; -N: at most N */
    const char *options;      /* names between blanks; ':' behind one that takes a value */
    const char *synopsis;     /* what follows the words */
    const char *does;         /* one line, and perhaps more */
    int (*run)(ByoCtl *c);
} ByoCtlCommand;

/* -- the table of commands (ctl_commands.c) -----------------------------------------------------------*/
const ByoCtlCommand *byo_ctl_command(size_t i); /* NULL: no more */
const ByoCtlCommand *byo_ctl_find(const char *group, const char *verb);
bool byo_ctl_is_group(const char *word);
/* The command (group NULL) or the second word that may have been meant; NULL: none is close. */
const char *byo_ctl_meant(const char *group, const char *word);
#define BYO_CTL_OPTION_TEXT 40
const char *byo_ctl_option_meant(const ByoCtlCommand *cmd, const char *word, char buf[BYO_CTL_OPTION_TEXT]);
void byo_ctl_print_usage(FILE *out);
/* verb NULL: all of the group. */
int byo_ctl_help_on(ByoCtl *c, const char *group, const char *verb);

/* -- arguments ----------------------------------------------------------------------------------------*/
/* What went wrong: a line on the error output, or with --json the API's form of an error on the output. */
void byo_ctl_tell(ByoCtl *c, const char *code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
const char *byo_ctl_option(const ByoCtl *c, const char *name); /* NULL: not given */
int byo_ctl_usage(ByoCtl *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Appends &NAME=VALUE for each of these options that was given ('?' before the first). One that is OPTION=NAME has another
 * name there. */
void byo_ctl_query(const ByoCtl *c, ByoBuf *target, const char *const *names);

/* -- the configuration and secrets --------------------------------------------------------------------*/
bool byo_ctl_load(ByoCtl *c); /* false: told, BYO_CTL_USAGE */
/* One line from a terminal without echo, or from a pipe. NULL: none. The caller wipes and frees it. */
char *byo_ctl_secret(ByoCtl *c, const char *prompt, bool twice);

/* -- the API ------------------------------------------------------------------------------------------*/
typedef struct {
    ByoClientAnswer answer;
    ByoJsonDoc *doc;
    ByoJsonAt root;
    int code; /* what byoctl ends with if this was all */
} ByoCtlReply;

/* Asks. False: it went wrong, was told, reply->code says how to end. The caller frees it in both cases.
 * wants: what the caller is going to read, names between blanks: NAME[] a list of objects, NAME{} an object, NAME
 * anything; or BYO_CTL_CSV. An answer without it is told and BYO_CTL_UNREACHABLE, never an empty list or "nothing is
 * wrong" (field S1); so is a refusal that is not byobox's. */
#define BYO_CTL_CSV "text/csv"
#define BYO_CTL_LIST "items[]"
bool byo_ctl_ask(ByoCtl *c, const char *method, const char *target, ByoJson *body, const char *wants,
                 ByoCtlReply *reply_r);
bool byo_ctl_send(ByoCtl *c, const char *method, const char *target, const char *content_type, ByoStr body,
                  const char *wants, ByoCtlReply *reply_r);
void byo_ctl_reply_free(ByoCtlReply *r);
/* Tells that an answer is not what was asked for, and makes it BYO_CTL_UNREACHABLE. Returns false. */
bool byo_ctl_unreadable(ByoCtl *c, ByoCtlReply *r, const char *why);
/* --json: the answer as it is. */
void byo_ctl_print_json(ByoCtl *c, const ByoCtlReply *r);
/* Asks page after page until `most` items have come (0: all); each of them to `each`, or with --json one
 * list of them to the output. */
int byo_ctl_list(ByoCtl *c, const ByoBuf *target, int64_t most,
                 void (*each)(void *arg, const ByoJsonAt *item), void *arg);
/* The same as a table; the ByoGrid is the arg. */
int byo_ctl_table(ByoCtl *c, const ByoBuf *target, int64_t most,
                  void (*each)(void *arg, const ByoJsonAt *item), const char *titles);
enum { BYO_CTL_SHOWN = 100 }; /* of an endless list, unless asked for more */
/* The CSV pages as they come; the head row once. limit: of a page, 0: as it is given. */
int byo_ctl_csv(ByoCtl *c, ByoBuf *target, int64_t limit);
/* --limit N, --all; the default otherwise. False: told. */
bool byo_ctl_most(ByoCtl *c, int64_t otherwise, int64_t *most_r);

/* -- values of an answer ------------------------------------------------------------------------------*/
ByoStr byo_ctl_str(const ByoJsonAt *object, const char *key);
int64_t byo_ctl_int(const ByoJsonAt *object, const char *key);
int64_t byo_ctl_rounded(const ByoJsonAt *object, const char *key); /* a number, whole or not */
bool byo_ctl_bool(const ByoJsonAt *object, const char *key);
/* "2026-11-22 16:00:00", absent for null. */
#define BYO_CTL_TIME 24
ByoStr byo_ctl_time(const ByoJsonAt *object, const char *key, char buf[BYO_CTL_TIME]);
/* Every member of an object, one a line, those of inner ones indented. skip: names left out, or NULL. */
void byo_ctl_print_object(ByoCtl *c, const ByoJsonAt *object, int indent, const char *const *skip);

/* -- the commands -------------------------------------------------------------------------------------*/
int byo_ctl_status(ByoCtl *c);
int byo_ctl_store_copy(ByoCtl *c);
int byo_ctl_integration_list(ByoCtl *c);
int byo_ctl_integration_show(ByoCtl *c);
int byo_ctl_integration_put(ByoCtl *c);
int byo_ctl_integration_activate(ByoCtl *c);
int byo_ctl_integration_deactivate(ByoCtl *c);
int byo_ctl_integration_delete(ByoCtl *c);
int byo_ctl_number_import(ByoCtl *c);
int byo_ctl_number_import_csv(ByoCtl *c);
int byo_ctl_number_list(ByoCtl *c);
int byo_ctl_number_show(ByoCtl *c);
int byo_ctl_number_delete(ByoCtl *c);
int byo_ctl_number_set(ByoCtl *c);
int byo_ctl_opt_out_list(ByoCtl *c);
int byo_ctl_opt_out_history(ByoCtl *c);
int byo_ctl_opt_out_add(ByoCtl *c);
int byo_ctl_opt_out_remove(ByoCtl *c);
int byo_ctl_message(ByoCtl *c);
int byo_ctl_messages(ByoCtl *c);
int byo_ctl_test_message(ByoCtl *c);
int byo_ctl_statistics(ByoCtl *c);
int byo_ctl_encode(ByoCtl *c);
int byo_ctl_events(ByoCtl *c);
int byo_ctl_audit(ByoCtl *c);
int byo_ctl_check(ByoCtl *c);
int byo_ctl_seal(ByoCtl *c);
int byo_ctl_kannel_check(ByoCtl *c);
int byo_ctl_kannel_diff(ByoCtl *c);
int byo_ctl_kannel_apply(ByoCtl *c);
int byo_ctl_kannel_revert(ByoCtl *c);
int byo_ctl_hash_password(ByoCtl *c);
int byo_ctl_help(ByoCtl *c);
int byo_ctl_drain(ByoCtl *c);
int byo_ctl_export(ByoCtl *c);
int byo_ctl_erase(ByoCtl *c);
int byo_ctl_opt_out_import_csv(ByoCtl *c);

enum { BYO_CTL_CSV_MAX = 8 * 1024 * 1024 };
/* The whole file ("-": the input) of at most max octets. False: told. */
bool byo_ctl_read_file(ByoCtl *c, const char *path, size_t max, ByoBuf *out);

#endif
