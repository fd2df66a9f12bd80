/* SPDX-License-Identifier: BSD-3-Clause
 * Ids of messages and segments: the layout, its public form, its place in time.
 * Decides: what an id looks like: ((ms since 2020-01-01) << 15 | sequence << 3 | slot) << 8 | segment number. Ids of
 * before there were slots have any of them; the next one is greater all the same.
 * Threads: values. */
#include "store/store.h"
#include "base/text.h"

#include <inttypes.h>

#define EPOCH_2020 ((ByoTime)1577836800000)
#define MS_SHIFT 23
#define SLOT_SHIFT 8
#define SEQUENCE_SHIFT 11
#define MS_MAX (((int64_t)1 << 40) - 1)

ByoId byo_id_at(ByoTime t)
{
    if (t <= EPOCH_2020)
        return 0;
    t -= EPOCH_2020;
    return (t > MS_MAX ? MS_MAX : t) << MS_SHIFT;
}

ByoTime byo_id_time(ByoId id)
{
    return (id >> MS_SHIFT) + EPOCH_2020;
}

ByoId byo_id_next(ByoId last, ByoTime now, int slot)
{
    ByoId at = byo_id_at(now), next = ((last >> SEQUENCE_SHIFT) + 1) << SEQUENCE_SHIFT;
    return (at > last ? at : next) | (ByoId)slot << SLOT_SHIFT;
}

enum { ID_DIGITS = 14 }; /* hexadecimal: an id less its last 8 bits, which are 0 */
_Static_assert(ID_DIGITS < BYO_ID_TEXT, "with a NUL");

const char *byo_id_text(ByoId message, char buf[BYO_ID_TEXT])
{
    uint64_t v = (uint64_t)byo_id_message(message) >> 8;
    buf[ID_DIGITS] = 0;
    for (int i = ID_DIGITS - 1; i >= 0; i--, v >>= 4)
        buf[i] = "0123456789abcdef"[v & 15];
    return buf;
}

bool byo_id_parse(ByoStr text, ByoId *message_r)
{
    if (text.n != ID_DIGITS)
        return false;
    uint64_t v = 0;
    for (size_t i = 0; i < text.n; i++) {
        int digit = byo_hex_digit(text.p[i]);
        if (digit < 0)
            return false;
        v = v << 4 | (uint64_t)digit;
    }
    if (v == 0 || v > (uint64_t)INT64_MAX >> 8)
        return false;
    *message_r = (ByoId)(v << 8);
    return true;
}

/* Capitals would not come back as they were. */
static int lower_hex(char c)
{
    return c >= 'A' && c <= 'F' ? -1 : byo_hex_digit(c);
}

bool byo_uuid_pack(ByoStr text, unsigned char out[16])
{
    if (text.n != 36)
        return false;
    size_t n = 0;
    for (size_t i = 0; i < 36;) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text.p[i++] != '-')
                return false;
            continue;
        }
        int high = lower_hex(text.p[i]), low = lower_hex(text.p[i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[n++] = (unsigned char)(high << 4 | low);
        i += 2;
    }
    return true;
}

void byo_uuid_unpack(const unsigned char in[16], char out[37])
{
    static const char digit[] = "0123456789abcdef";
    char *p = out;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = digit[in[i] >> 4];
        *p++ = digit[in[i] & 15];
    }
    *p = 0;
}
