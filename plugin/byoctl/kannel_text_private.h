/* SPDX-License-Identifier: BSD-3-Clause
 * The markers, and lines as both directions see them. Ownership: views into the caller's text. Threads: values. */
#ifndef BYO_BYOCTL_KANNEL_TEXT_PRIVATE_H
#define BYO_BYOCTL_KANNEL_TEXT_PRIVATE_H

#include "base/str.h"

#define BYO_KANNEL_WAS "# byobox: was |"
#define BYO_KANNEL_NOW "# byobox: now |"
/* The same where the line before had no end: byobox gave it one. */
#define BYO_KANNEL_NOW_END "# byobox: now, with an end to the line before |"
#define BYO_KANNEL_BEGIN "# byobox: begin"
#define BYO_KANNEL_BEGIN_END "# byobox: begin, with an end to the line before"
#define BYO_KANNEL_END "# byobox: end"

/* The line at *at with its end; *at moves behind it. */
ByoStr byo_kannel_line(ByoStr text, size_t *at);
ByoStr byo_kannel_bare(ByoStr line);        /* without its end */
const char *byo_kannel_end_of(ByoStr line); /* "" where it has none */
const char *
byo_kannel_text_end(ByoStr text); /* how lines of byobox's own end in this file: as its first one does */
bool byo_kannel_blank(ByoStr line);
bool byo_kannel_joins(ByoStr line); /* the next one, by a backslash at its end */
/* Whether the line is that marker; *inside_r: what stands between its bars. */
bool byo_kannel_marker(ByoStr line, const char *mark, ByoStr *inside_r);
typedef enum { BYO_KANNEL_NO_LIST, BYO_KANNEL_LEFT, BYO_KANNEL_NOTHING_LEFT } ByoKannelUnlisted;
/* Appends `line` (key = list) without the items `wrote` has more than `was`, when something is left of it or
 * `was` was a line, too. */
ByoKannelUnlisted byo_kannel_unlist(ByoStr line, ByoStr wrote, ByoStr was, ByoBuf *out);

#endif
