/* SPDX-License-Identifier: BSD-3-Clause
 * What the json*.c files share: is a text well formed, and where in it does a value stand. It exists
 * because jansson knows places only for syntax errors, and not where a token begins.
 * Ownership: borrows the text. Threads: values. */
#ifndef BYO_BASE_JSON_TEXT_H
#define BYO_BASE_JSON_TEXT_H

#include "base/str.h"

/* Gives jansson our memory functions, once; before any other use of it. */
void byo_json_ready(void);

/* pointer: of the value the fault is in, not escaped for display. */
typedef void ByoJsonTell(void *arg, size_t offset, ByoStr pointer, const char *sentence);

/* False after a syntax fault (the first one is told, then reading ends). Members that stand twice are
 * told as well, and do not make it false. */
bool byo_json_text_check(ByoStr text, unsigned max_depth, ByoJsonTell *tell, void *arg);

/* One step of a path: a member's name, or an index when key is NULL. */
typedef struct {
    const char *key;
    size_t index;
} ByoJsonStep;

/* In a text that passed the check: the offset of the value at the end of the path, and of its name (of
 * the value when it is no member). Of members that stand twice the last counts, as in the tree. */
bool byo_json_text_find(ByoStr text, const ByoJsonStep *steps, size_t n, size_t *name_r, size_t *value_r);

/* The number or word that begins here. */
ByoStr byo_json_text_token(ByoStr text, size_t offset);
/* Line and column from 1, the column in octets. */
void byo_json_text_place(ByoStr text, size_t offset, int *line_r, int *column_r);

/* Appends "/key" with ~ and / escaped (RFC 6901). */
void byo_json_text_pointer(ByoBuf *pointer, ByoStr key);

/* Octets of the UTF-8 character at p (1..4), 0 when it is none; n > 0. */
size_t byo_json_utf8(const char *p, size_t n);
/* What \c means for an escape of one letter, NULL when it is none. */
const char *byo_json_escape(char c);
/* The value of four hex digits, or -1. */
int byo_json_hex4(const char *p, size_t n);
/* Appends the inside of a string, unescaped; it has passed the check. */
void byo_json_unescape(ByoStr inside, ByoBuf *out);

#endif
