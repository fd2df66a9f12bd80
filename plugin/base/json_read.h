/* SPDX-License-Identifier: BSD-3-Clause
 * What json.c and json_read.c share: a value that was read, and where it stands.
 * Ownership: a value owns what is in it, not its strings. Threads: values. */
#ifndef BYO_BASE_JSON_READ_H
#define BYO_BASE_JSON_READ_H

#include "base/json.h"

struct ByoJsonValue {
    ByoJsonType type;
    size_t at, name_at; /* offsets in the text; of a member its name's, else its own */
    ByoStr name;        /* of a member, with a NUL behind it */
    union {
        bool flag;
        int64_t whole;
        double real;
        ByoStr str; /* with a NUL behind it */
        struct {
            ByoJsonValue *items; /* in the order of the text */
            size_t n;
        };
    };
};

/* pointer: of the value the fault is in, not escaped for display. */
typedef void ByoJsonTell(void *arg, size_t offset, ByoStr pointer, const char *sentence);

/* The root, NULL after a syntax fault (the first one is told, then reading ends). Members that stand twice are told,
 * too. chars: room for text.n + 1 octets, where the strings go; it must outlive the root. */
ByoJsonValue *byo_json_parse(ByoStr text, unsigned max_depth, char *chars, ByoJsonTell *tell, void *arg);
/* What is in it, not itself. */
void byo_json_value_free(ByoJsonValue *v);

/* Line and column from 1, the column in octets. */
void byo_json_text_place(ByoStr text, size_t offset, int *line_r, int *column_r);
/* Appends "/key" with ~ and / escaped (RFC 6901). */
void byo_json_text_pointer(ByoBuf *pointer, ByoStr key);

#endif
