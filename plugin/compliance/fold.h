/* SPDX-License-Identifier: BSD-3-Clause
 * The folded form of what people write: compatibility forms (full-width, ligatures, styled letters), case and accents
 * fold, dotless i is i, any script's decimal digits are 0-9; white space, punctuation, control and invisible
 * characters are dropped everywhere; other symbols (emoji, flags, broken UTF-8) are dropped around the text, but
 * inside it they make it another text. Styled letters that have no decomposition fold by a table (field C76);
 * regional indicators are letters where there are no others, else flags.
 * Threads: values. */
#ifndef BYO_COMPLIANCE_FOLD_H
#define BYO_COMPLIANCE_FOLD_H

#include "base/str.h"

#define BYO_FOLDED 65 /* octets of a folded text, with its NUL */

/* text: any octets, any length; the work stops as soon as the form grows too long. Gives NUL-terminated UTF-8 and its
 * length, 0: nothing is left. False: a symbol inside, or too long. */
bool byo_fold(ByoStr text, char folded_r[BYO_FOLDED], size_t *n_r);

#endif
