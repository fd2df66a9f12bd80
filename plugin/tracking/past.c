/* SPDX-License-Identifier: BSD-3-Clause
 * Lines of a message's past: "KIND SEGMENT NUMBER TIME HANDED ACCEPTED CAUSE CARRIER-CODE", times in microseconds,
 * what is empty "-", and nothing behind the last that is not.
 * Ownership and threads: past.h. */
#include "tracking/past.h"

#include <inttypes.h>

enum { FIELDS = 8, WORD_MOST = 64 };

static void put_word(ByoBuf *out, ByoStr word)
{
    size_t begun = out->n;
    for (size_t i = 0; i < word.n && out->n - begun < WORD_MOST; i++)
        if (word.p[i] > ' ' && word.p[i] < 0x7f)
            byo_buf_addc(out, word.p[i]);
    if (out->n == begun)
        byo_buf_addc(out, '-');
}

static void put_time(ByoBuf *out, ByoTime t, ByoTime base)
{
    if (t)
        byo_buf_addf(out, " %" PRId64, t - base);
    else
        byo_buf_adds(out, " -");
}

void byo_past_write(const ByoPast *p, ByoTime base, ByoBuf *out)
{
    byo_buf_addf(out, "%c %d %d", (char)p->kind, p->segment, p->number);
    put_time(out, p->time, base);
    if (p->handed || p->accepted || p->cause.n || p->carrier_code.n) {
        put_time(out, p->handed, base);
        put_time(out, p->accepted, base);
        byo_buf_addc(out, ' ');
        put_word(out, p->cause);
        if (p->carrier_code.n) {
            byo_buf_addc(out, ' ');
            put_word(out, p->carrier_code);
        }
    }
    byo_buf_addc(out, '\n');
}

static ByoStr word_of(ByoStr *rest)
{
    const char *blank = rest->n ? memchr(rest->p, ' ', rest->n) : NULL;
    ByoStr word = byo_strn(rest->p, blank ? (size_t)(blank - rest->p) : rest->n);
    size_t used = word.n + (blank != NULL);
    *rest = byo_strn(rest->p + used, rest->n - used);
    return word;
}

static ByoTime time_of(ByoStr word, ByoTime base)
{
    int64_t since;
    return byo_str_int(word, &since) && since > -1000 * BYO_DAY && since < 10000 * BYO_DAY ? base + since : 0;
}

static ByoStr text_of(ByoStr word)
{
    return byo_str_is(word, "-") ? BYO_STR("") : word;
}

static bool read_line(ByoStr line, ByoTime base, ByoPast *out)
{
    ByoStr f[FIELDS];
    int64_t segment, number;
    for (int i = 0; i < FIELDS; i++)
        f[i] = word_of(&line);
    if (f[0].n != 1 || !strchr("rnbidx", f[0].p[0]) || !byo_str_int(f[1], &segment) || segment < 0 ||
        segment > 255 || !byo_str_int(f[2], &number) || number < 0 || number > 1000000)
        return false;
    *out = (ByoPast){.kind = (ByoPastKind)f[0].p[0],
                     .segment = (int)segment,
                     .number = (int)number,
                     .time = time_of(f[3], base),
                     .handed = time_of(f[4], base),
                     .accepted = time_of(f[5], base),
                     .cause = text_of(f[6]),
                     .carrier_code = text_of(f[7])};
    return out->time != 0;
}

bool byo_past_read(ByoStr *lines, ByoTime base, ByoPast *out)
{
    while (lines->n) {
        const char *end = memchr(lines->p, '\n', lines->n);
        ByoStr line = byo_strn(lines->p, end ? (size_t)(end - lines->p) : lines->n);
        size_t used = line.n + (end != NULL);
        *lines = byo_strn(lines->p + used, lines->n - used);
        if (read_line(line, base, out))
            return true;
    }
    return false;
}
