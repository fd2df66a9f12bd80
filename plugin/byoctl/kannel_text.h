/* SPDX-License-Identifier: BSD-3-Clause
 * A file of kannel.conf's kind as lines, changed so that the changes can be found and taken back.
 *
 * Decides: how a change is written. Nothing but the changed lines moves: comments, order, blanks and line ends
 * stay. What byobox wrote is marked by comments, so taking it back needs no record and survives edits:
 *
 *     # byobox: was |denied-smsc-id = x|            each line that stood there, if one did
 *     # byobox: now |denied-smsc-id = "x;carrier-a"|
 *     denied-smsc-id = "x;carrier-a"
 *
 *     # byobox: begin                               lines of their own, at the end of the file
 *     include = "/var/lib/byobox-smsc/smsc.conf"
 *
 *     # byobox: end
 *
 * A line that was edited since keeps the edit; of a list (ids, addresses between ';') only what byobox put in
 * is taken out. Files are read as gwlib/cfg.c does: a backslash at a line's end joins the next one.
 * Pure. Ownership: the caller frees what it is given. Threads: values. */
#ifndef BYO_BYOCTL_KANNEL_TEXT_H
#define BYO_BYOCTL_KANNEL_TEXT_H

#include "base/fault.h"

typedef struct ByoKannelText ByoKannelText;

/* text must outlive it. Line numbers are those of text, from 1. */
ByoKannelText *byo_kannel_text_create(ByoStr text);
void byo_kannel_text_free(ByoKannelText *t);
/* The line there, joined ones together, becomes `key = value`. */
void byo_kannel_text_set(ByoKannelText *t, int line, const char *key, const char *value);
/* `key = value` after that line, joined ones included. */
void byo_kannel_text_add(ByoKannelText *t, int line, const char *key, const char *value);
/* Lines of their own at the end, between empty ones. lines: each with its end. */
void byo_kannel_text_append(ByoKannelText *t, const char *lines);
void byo_kannel_text_out(const ByoKannelText *t, ByoBuf *out);

/* Whether byobox has changes in it. */
bool byo_kannel_text_marked(ByoStr text);
/* text without byobox's changes. bearerbox_port: what a smsbox group that byobox made and somebody has gone on
 * with connects to instead. What stays because it was edited is told as a warning at its line of text. */
void byo_kannel_text_revert(ByoStr text, const char *file, const char *bearerbox_port, ByoBuf *out,
                            ByoFaults *told);

#endif
