/* SPDX-License-Identifier: BSD-3-Clause
 * What an MO says (field C18-C22, S2): its text as announced, for the application, and every other reading of its
 * octets, for the keyword rules. With mo-raw the integration's list says which charset a data_coding has, and each
 * part is read by its own; on stock there is only what bearerbox made of it.
 * Ownership: a ByoMoText owns what byo_mo_text_free frees; it borrows from the MO and its meta-data.
 * Threads: values. */
#ifndef BYO_FLOW_MO_TEXT_H
#define BYO_FLOW_MO_TEXT_H

#include "base/meta.h"
#include "base/sms.h"
#include "compliance/keyword.h"
#include "encoding/encode.h"
#include "encoding/octets.h"

typedef struct {
    int dcs; /* 0..255; -1: not known */
    ByoOctets read;
    unsigned char udh[140]; /* what read.udh points to, when it was not borrowed */
} ByoMoPart;

typedef struct {
    bool announced;   /* there is a text as announced: */
    ByoStr text;      /* UTF-8, any octets */
    ByoMoPart *parts; /* octets for the other readings; none: there are no others */
    size_t n_parts;
    bool
        only_wide; /* septets that stock bearerbox read from what was UTF-16 (data_coding E0 to EF): only those */
    ByoBuf decoded, octets, found; /* found: the reading a keyword stood in */
} ByoMoText;

/* list: of the integration, NULL: none. Changes msgdata and coding to what the application gets: the announced text
 * as UTF-8 where we can say more than bearerbox did, with U+FFFD for each unit that is none. */
void byo_mo_text_read(const ByoCharsetList *list, const ByoMeta *meta, ByoSms *sms, ByoMoText *t_r);

/* The keyword among all readings: opt-out before the others, an opt-in only in the announced one, a guess only of
 * three characters and more. *text_r: the reading it stands in, else the announced one; lives as long as *t. */
bool byo_mo_text_match(ByoMoText *t, const ByoMatcher *own, const ByoMatcher *standard, bool loose,
                       ByoKeywordMatch *m_r, ByoStr *text_r);
void byo_mo_text_free(ByoMoText *t);

#endif
