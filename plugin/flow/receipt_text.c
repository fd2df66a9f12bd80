/* SPDX-License-Identifier: BSD-3-Clause
 * A receipt's text from its octets (field C10): bearerbox gives them as they came, and the data_coding not at all.
 * Decides: in which coding they are. Fields are ASCII in every coding but UTF-16 and packed septets.
 * Ownership: the caller's buffer. Threads: values. */
#include "encoding/charset.h"
#include "encoding/packed.h"
#include "flow/flow_private.h"

static bool looks_utf16(ByoStr s, bool *little_endian_r)
{
    if (s.n < 4)
        return false;
    const unsigned char *p = (const unsigned char *)s.p;
    bool big = (p[0] == 0 && p[1] != 0 && p[2] == 0) || (p[0] == 0xfe && p[1] == 0xff);
    *little_endian_r = (p[0] != 0 && p[1] == 0 && p[3] == 0) || (p[0] == 0xff && p[1] == 0xfe);
    return big || *little_endian_r;
}

ByoStr byo_flow_receipt_text(ByoStr octets, ByoBuf *buf)
{
    bool little_endian;

    byo_buf_clear(buf);
    if (looks_utf16(octets, &little_endian)) {
        byo_utf16_decode(octets, little_endian, buf);
        return byo_buf_str(buf);
    }
    if (octets.n == 0 || byo_receipt_begins(octets))
        return octets.p ? octets : BYO_STR("");
    byo_packed_read(octets, 0, buf);
    return byo_receipt_begins(byo_buf_str(buf)) ? byo_buf_str(buf) : octets;
}
