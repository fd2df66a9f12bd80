/* SPDX-License-Identifier: BSD-3-Clause
 * Aligned tables for people, not wider than 100 columns but for sentences at the end of a line.
 * Ownership: a grid copies its cells. Threads: values. */
#ifndef BYO_BYOCTL_GRID_H
#define BYO_BYOCTL_GRID_H

#include <stdio.h>

#include "base/str.h"

enum { BYO_GRID_COLUMNS = 12, BYO_GRID_WIDTH = 100 };

typedef struct ByoGrid ByoGrid;

/* titles: separated by '|'; one that starts with '>' is for numbers, at the right, one with '!' is never cut;
 * the last may start with '+': sentences, never cut, which take no room from the others. */
ByoGrid *byo_grid_create(const char *titles);
void byo_grid_destroy(ByoGrid *t);
/* The next cell of the row; the row ends with the last column. An absent text is shown as "-". */
void byo_grid_add(ByoGrid *t, ByoStr text);
void byo_grid_addf(ByoGrid *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
size_t byo_grid_rows(const ByoGrid *t);
/* Columns that are too wide together are cut ("...") where they are widest. */
void byo_grid_print(const ByoGrid *t, FILE *out);

/* A text that may stand on a terminal: control and direction characters and what is no UTF-8 become '?'. */
void byo_grid_clean(ByoBuf *out, ByoStr text);

#endif
