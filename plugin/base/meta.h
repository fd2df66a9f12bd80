/* SPDX-License-Identifier: BSD-3-Clause
 * Kannel's meta-data: "?group?key=value&key=value&?group?...", all three URL-encoded
 * (gw/meta_data.c reads it so). Parsed once into an array, written once.
 * Ownership: ByoMeta owns its texts. Threads: values. */
#ifndef BYO_BASE_META_H
#define BYO_BASE_META_H

#include "base/str.h"

typedef struct {
    const char *group; /* lower case (Kannel compares groups in any case) */
    const char *key;   /* as written: Kannel tells Key from key, so an application gets its own back */
    ByoStr value;      /* decoded, binary safe; ended by a NUL */
    char *own;         /* what the three lie in; NULL: in ByoMeta.text */
} ByoMetaItem;

typedef struct {
    ByoMetaItem *items;
    size_t n;
    char *text; /* all that was read lies in one piece of memory */
} ByoMeta;

#define BYO_META_TEXT_MAX 65536 /* bytes of a text form */
#define BYO_META_ITEMS_MAX 1024 /* items, and groups */

/* Reads what Kannel reads: the last of equal keys, the first of equal groups, '+' as a space; text before
 * the first group, a missing last '&' and a name without a value are no faults. *m is overwritten.
 * False when it does not fit the grammar or a bound; what was read before the fault is kept in *m. */
bool byo_meta_parse(ByoStr text, ByoMeta *m);
/* The decoded value, or an absent string. Group and key in any case, here and below. */
ByoStr byo_meta_get(const ByoMeta *m, const char *group, const char *key);
/* Sets or replaces. A value that is absent is kept as an empty one. */
void byo_meta_set(ByoMeta *m, const char *group, const char *key, ByoStr value);
void byo_meta_setf(ByoMeta *m, const char *group, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void byo_meta_remove(ByoMeta *m, const char *group, const char *key); /* key NULL: the whole group */
/* Appends the text form; groups in order of their first item. Nothing for an empty one. */
void byo_meta_write(const ByoMeta *m, ByoBuf *out);
void byo_meta_free(ByoMeta *m);

/* The same text form written straight away, where nothing is looked up: a group, then its items. */
void byo_meta_put_group(ByoBuf *out, const char *group);
void byo_meta_put(ByoBuf *out, const char *key, ByoStr value);
void byo_meta_put_int(ByoBuf *out, const char *key, int value);

#endif
