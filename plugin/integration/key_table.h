/* SPDX-License-Identifier: BSD-3-Clause
 * The keys of a configuration group as a table: type, range, default, and the sentence a person reads
 * when a value does not fit. Pure: lines in, fields and faults out.
 * Ownership: texts a table sets belong to the target. Threads: values; tables are constant. */
#ifndef BYO_INTEGRATION_KEY_TABLE_H
#define BYO_INTEGRATION_KEY_TABLE_H

#include "base/clock.h"
#include "base/fault.h"

/* One `key = value` line as a person wrote it. Borrowed. */
typedef struct {
    const char *key, *value;
    const char *file;
    int line;
    bool open_quote; /* the value starts with a quote that does not end it */
    bool told;       /* the line's fault was told when it was read; its value is "" */
} ByoKeyLine;

/* A group of them; file and line are those of its first line. */
typedef struct {
    const char *name; /* what `group =` says */
    const char *file;
    int line;
    const ByoKeyLine *keys; /* the `group` line is not among them */
    size_t n;
} ByoKeyGroup;

typedef enum {
    BYO_KEY_TEXT,     /* char *: min..max octets, valid UTF-8 */
    BYO_KEY_PATH,     /* char *: a file's absolute or relative path, 1..4000 octets; "" is unset */
    BYO_KEY_HOST,     /* char *: host name or IPv4 address */
    BYO_KEY_ID,       /* char[33], or char * with BYO_KEY_ALLOCATED: [A-Za-z0-9._-]{1,32} */
    BYO_KEY_COUNTRY,  /* char[3]: ISO 3166 alpha-2, any letter case; "" is unset */
    BYO_KEY_INT,      /* int: min..max */
    BYO_KEY_LONG,     /* int64_t: min..max */
    BYO_KEY_INT_SET,  /* int: one of set */
    BYO_KEY_BOOL,     /* bool */
    BYO_KEY_DURATION, /* ByoTime: min..max ms */
    BYO_KEY_CHOICE,   /* int: the value of one name */
    BYO_KEY_WORDS     /* unsigned: values of several names, or-ed; words part at blanks and commas */
} ByoKeyType;

enum {
    BYO_KEY_REQUIRED = 1,
    BYO_KEY_SECRET = 2,      /* its value is never repeated */
    BYO_KEY_ALLOCATED = 4,   /* an id kept as char * */
    BYO_KEY_RENDERED = 8,    /* goes into the file bearerbox reads: no word "include" in it */
    BYO_KEY_PASSED = 16,     /* checked here, kept by the caller as text (one of Kannel's own smsc keys) */
    BYO_KEY_CREDENTIAL = 32, /* a member of `credentials` in the API */
    BYO_KEY_APART = 64,      /* none of the properties the API shows and takes */
    BYO_KEY_WHERE = 128,     /* says where the password goes, by which way, or who can read it there */
    BYO_KEY_ALIKE = 256      /* decides about messages: to be the same at each byobox of a store */
};

typedef struct {
    const char *name; /* NULL ends a list */
    int value;
} ByoKeyChoice;

typedef struct {
    const char *name;
    ByoKeyType type;
    unsigned flags;
    int64_t min, max;
    const char *def; /* as it would be written; NULL: the field stays as it is */
    size_t offset;   /* of the field in the target; unused with BYO_KEY_PASSED */
    const ByoKeyChoice *choices;
    const int *set;             /* ends with -1; of BYO_KEY_INT: those that need no other key beside it */
    const char *applies, *help; /* of a property: when a changed value counts; half a sentence for people */
} ByoKeyDef;

/* A key that is known and not allowed here, and why. */
typedef struct {
    const char *name;
    const char *why;
} ByoKeyRefusal;

typedef struct {
    const ByoKeyDef *defs;
    size_t n_defs;
    const ByoKeyRefusal *refusals;
    size_t n_refusals;
} ByoKeyTable;

/* Fills target from the table's defaults and the group's lines. Every fault of the group is told:
 * unknown (with the nearest known key), refused and repeated keys, values that do not fit, required keys
 * that are missing. who: how a fault names the group, `group byo-smpp "carrier-a"`. False when there
 * was an error; fields of values that did not fit keep their default. Texts already in the target are
 * replaced. */
bool byo_keys_read(const ByoKeyTable *table, const ByoKeyGroup *group, const char *who, void *target,
                   ByoFaults *faults);
/* Frees the texts a table may have set, wiping those of secret keys. */
void byo_keys_clear(const ByoKeyTable *table, void *target);

/* The last line with that key; NULL: not written. */
const ByoKeyLine *byo_key_find(const ByoKeyGroup *group, const char *key);
/* A fault at a key's line: `WHO, key = value: TEXT`. secret hides the value. line NULL: at the group's
 * line, `WHO: TEXT`. */
void byo_key_fault(ByoFaults *faults, ByoSeverity severity, const ByoKeyGroup *group, const char *who,
                   const ByoKeyLine *line, bool secret, const char *fmt, ...)
    __attribute__((format(printf, 7, 8)));

/* The words the configuration knows, for other callers. */
bool byo_key_parse_bool(ByoStr s, bool *value_r);
bool byo_key_is_id(ByoStr s);
bool byo_key_is_number(ByoKeyType type); /* a whole number */
/* The key as the API names it: smsc-port is smscPort. */
#define BYO_KEY_CAMEL 48
const char *byo_key_camel(const char *key, char out[BYO_KEY_CAMEL]);
/* Appends a duration as a person would write it: the default's own text where it is the default, else in the
 * largest unit that divides it. */
void byo_key_add_duration(ByoBuf *text, const ByoKeyDef *def, ByoTime ms);
bool byo_key_is_host(ByoStr s);
/* Overwrites and frees; takes NULL. */
void byo_secret_free(char *secret);

#endif
