/* SPDX-License-Identifier: BSD-3-Clause
 * Kannel's meta-data: "?group?key=value&key=value&?group?...", values URL-encoded, names any case
 * (gw/meta_data.c reads it so). Parsed once into an array, written once.
 * Ownership: ByoMeta owns its texts. Threads: values. */
#ifndef BYO_BASE_META_H
#define BYO_BASE_META_H

#include "base/str.h"

typedef struct {
    char *group; /* lower case */
    char *key;   /* lower case */
    ByoBuf value; /* decoded, binary safe */
} ByoMetaItem;

typedef struct {
    ByoMetaItem *items;
    size_t n;
} ByoMeta;

/* False when it does not fit the grammar; what was read before the fault is kept in *m. */
bool byo_meta_parse(ByoStr text, ByoMeta *m);
/* The decoded value, or an absent string. */
ByoStr byo_meta_get(const ByoMeta *m, const char *group, const char *key);
/* Sets or replaces; group and key are lowered. */
void byo_meta_set(ByoMeta *m, const char *group, const char *key, ByoStr value);
void byo_meta_setf(ByoMeta *m, const char *group, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void byo_meta_remove(ByoMeta *m, const char *group, const char *key); /* key NULL: the whole group */
/* Appends the text form; groups in order of their first item. Nothing for an empty one. */
void byo_meta_write(const ByoMeta *m, ByoBuf *out);
void byo_meta_free(ByoMeta *m);

#endif
