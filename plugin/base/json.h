/* SPDX-License-Identifier: BSD-3-Clause
 * JSON in and out; json_build.c is the only file that sees jansson, which writes. Reading is strict (RFC 8259 and less: see
 * byo_json_read) and every fault is told with its place: line, column and JSON pointer (spec J6).
 * Ownership: a document owns its tree and faults and borrows its text; a built value owns its children.
 * Threads: values, no shared state. */
#ifndef BYO_BASE_JSON_H
#define BYO_BASE_JSON_H

#include "base/clock.h"
#include "base/fault.h"

typedef struct json_t ByoJson;            /* being built */
typedef struct ByoJsonValue ByoJsonValue; /* that was read */

/* ---- reading: a document and its faults ---- */

typedef struct ByoJsonDoc ByoJsonDoc;

typedef struct {
    ByoSeverity severity;
    int line, column; /* from 1, the column in octets */
    char *pointer;    /* RFC 6901 ("/charsets/0/dcs"), "" = the whole text; control characters as \u001f,
                       * cut with "..." where a name is endless */
    char *text;       /* the sentence, without the pointer */
} ByoJsonFault;

#define BYO_JSON_FAULTS_MAX 100 /* of each severity; what is over is counted */
#define BYO_JSON_DEPTH_MAX 64

/* Reads a text of at most max_size octets nested at most max_depth (1..BYO_JSON_DEPTH_MAX) deep. Never
 * NULL: what is wrong stands in the document's faults. At the first syntax fault the tree is absent;
 * members that stand twice are faults, too, but leave the tree. Refused beyond the grammar: a byte order
 * mark, NUL in strings, lone surrogates, integers over 64 bits, -0, endless numbers.
 * The text must outlive the document. */
ByoJsonDoc *byo_json_read(ByoStr text, size_t max_size, unsigned max_depth);
void byo_json_close(ByoJsonDoc *doc); /* takes NULL */

size_t byo_json_errors(const ByoJsonDoc *doc); /* how many, those over the maximum included */
/* No further fault of this severity will be kept: looking up places for its sentence is in vain (each
 * counts lines, so a hostile text must not cause many). */
bool byo_json_full(const ByoJsonDoc *doc, ByoSeverity severity);
/* The faults kept so far in the order of the text; valid until the next one is added. */
const ByoJsonFault *byo_json_faults(ByoJsonDoc *doc, size_t *n_r);
/* Adds all of them to a list as "POINTER: SENTENCE", and an "and N more" where some were not kept. */
void byo_json_tell(ByoJsonDoc *doc, const char *file, ByoFaults *faults);
/* "/compliance/help/0/reply" -> "compliance.help.0.reply", the field of an API answer; caller frees. */
char *byo_json_field(const char *pointer);

/* ---- reading: values ---- */

/* A value and where it stands. A cursor's parent must live as long as the cursor. */
typedef struct ByoJsonAt {
    ByoJsonDoc *doc;
    const ByoJsonValue *value;      /* NULL: absent */
    const struct ByoJsonAt *parent; /* NULL: the root */
    const char *key;                /* of an object's member, else NULL */
    size_t index;                   /* of an array's item */
} ByoJsonAt;

typedef enum {
    BYO_JSON_ABSENT,
    BYO_JSON_NULL,
    BYO_JSON_BOOL,
    BYO_JSON_INT,
    BYO_JSON_REAL,
    BYO_JSON_STR,
    BYO_JSON_ARRAY,
    BYO_JSON_OBJECT
} ByoJsonType;

ByoJsonAt byo_json_root(ByoJsonDoc *doc);
ByoJsonType byo_json_type(const ByoJsonAt *at);
size_t byo_json_size(const ByoJsonAt *at); /* members or items, 0 for anything else */
/* Absent when there is no such member or item, or the parent is of another type. */
ByoJsonAt byo_json_member(const ByoJsonAt *object, const char *key);
ByoJsonAt byo_json_item(const ByoJsonAt *array, size_t index);
/* All members in the order of the text: *iter starts as 0; false at the end. */
bool byo_json_next(const ByoJsonAt *object, size_t *iter, ByoJsonAt *member_r);

/* Without faults, for texts of a known form: absent, `otherwise` or false when it is something else. */
ByoStr byo_json_peek_str(const ByoJsonAt *at);
int64_t byo_json_peek_int(const ByoJsonAt *at, int64_t otherwise);
bool byo_json_peek_bool(const ByoJsonAt *at);

/* The checks: false and a fault when the value is not what is wanted; false without a fault when it is
 * absent (an optional member that is not there). */
/* allowed: the names of the members, ended by NULL; each other member is a fault. NULL: any. */
bool byo_json_want_object(const ByoJsonAt *at, const char *const *allowed);
bool byo_json_want_array(const ByoJsonAt *at);
bool byo_json_want_int(const ByoJsonAt *at, int64_t min, int64_t max, int64_t *value_r);
bool byo_json_want_bool(const ByoJsonAt *at, bool *value_r);
/* min..max octets of UTF-8; the string lives as long as the document. */
bool byo_json_want_str(const ByoJsonAt *at, size_t min, size_t max, ByoStr *value_r);
/* The same, without control characters (one line of text). */
bool byo_json_want_line(const ByoJsonAt *at, size_t min, size_t max, ByoStr *value_r);
/* A member that must be there: false and a fault of the object when it is not. */
bool byo_json_need(const ByoJsonAt *object, const char *key, ByoJsonAt *member_r);

/* A fault of this value (its name's place with at_name, for members). */
void byo_json_fault(const ByoJsonAt *at, ByoSeverity severity, bool at_name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Where it stands. */
void byo_json_place(const ByoJsonAt *at, bool at_name, int *line_r, int *column_r);

/* ---- building ---- */

ByoJson *byo_json_object(void);
ByoJson *byo_json_array(void);
void byo_json_free(ByoJson *j); /* takes NULL */

/* Members keep the order in which they are set first; setting one again replaces it. The key is UTF-8. */
void byo_json_set(ByoJson *object, const char *key, ByoJson *child); /* takes over the child; NULL: null */
/* Octets that are no UTF-8, and NUL, become U+FFFD, one each; an absent string becomes null. */
void byo_json_set_str(ByoJson *object, const char *key, ByoStr value);
void byo_json_set_z(ByoJson *object, const char *key, const char *value);
void byo_json_set_int(ByoJson *object, const char *key, int64_t value);
void byo_json_set_known(ByoJson *object, const char *key, int64_t value); /* below 0: null */
void byo_json_set_bool(ByoJson *object, const char *key, bool value);
void byo_json_set_real(ByoJson *object, const char *key, double value);  /* written with six digits */
void byo_json_set_time(ByoJson *object, const char *key, ByoTime value); /* RFC 3339; 0 or less: null */
void byo_json_add(ByoJson *array, ByoJson *child);                       /* takes over the child */
void byo_json_add_str(ByoJson *array, ByoStr value);
void byo_json_add_int(ByoJson *array, int64_t value);

/* Appends the text: compact on one line, or for people (two blanks a level). No newline at the end. */
void byo_json_text(const ByoJson *j, bool pretty, ByoBuf *out);
/* The same, compact, members in the order of their names: equal values have equal texts. */
void byo_json_canonical(const ByoJson *j, ByoBuf *out);

/* A value that was read, as one that is built (the caller frees it; absent: NULL), or as its text. */
ByoJson *byo_json_copy(const ByoJsonAt *at);
void byo_json_write(const ByoJsonAt *at, bool pretty, ByoBuf *out);

#endif
