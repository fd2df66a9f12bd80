/* SPDX-License-Identifier: BSD-3-Clause
 * The table, then what Unicode's decomposition gives, without marks.
 * Ownership and threads: stand_in.h. */
#include "encoding/stand_in.h"

#include <stdlib.h>
#include <unictype.h>
#include <uninorm.h>

#include "encoding/charset.h"
#include "encoding/stand_in_table.h"

enum { ROWS = sizeof stand_ins / sizeof *stand_ins, DEPTH = 4 };

/* Row of a scalar; ROWS: there is none. */
static size_t row_of(uint32_t scalar)
{
    size_t low = 0, high = ROWS;
    while (low < high) {
        size_t at = (low + high) / 2;
        if (stand_ins[at].scalar < scalar)
            low = at + 1;
        else
            high = at;
    }
    return low < ROWS && stand_ins[low].scalar == scalar ? low : ROWS;
}

/* One step of the decomposition may have others; marks go. */
static void decompose(uint32_t scalar, int depth, ByoBuf *out)
{
    ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
    int tag, n = depth ? uc_decomposition(scalar, &tag, parts) : -1;
    size_t row = row_of(scalar);
    if (n <= 0 && row < ROWS)
        byo_buf_adds(out, stand_ins[row].texts[0]);
    else if (n <= 0 && uc_combining_class(scalar) == 0)
        byo_utf8_add(out, scalar);
    for (int i = 0; i < n; i++)
        decompose(parts[i], depth - 1, out);
}

void byo_stand_ins(uint32_t scalar, void (*each)(void *arg, ByoStr text), void *arg)
{
    size_t row = row_of(scalar);
    ByoBuf plain = {0}, itself = {0};
    for (size_t i = 0; row < ROWS && i < 2 && stand_ins[row].texts[i]; i++)
        each(arg, byo_str(stand_ins[row].texts[i]));
    byo_utf8_add(&itself, scalar);
    decompose(scalar, DEPTH, &plain);
    if (row == ROWS && !byo_str_eq(byo_buf_str(&plain), byo_buf_str(&itself)))
        each(arg, byo_buf_str(&plain));
    byo_buf_free(&plain);
    byo_buf_free(&itself);
}

uint32_t byo_composed(uint32_t letter, uint32_t mark)
{
    return uc_composition(letter, mark);
}
