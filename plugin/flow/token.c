/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: how the two marks of a hand-over are written. Ownership and threads: token.h. */
#include "flow/token.h"

#include <inttypes.h>
#include <stdlib.h>

static const char TOKEN[] = "byobox:";

void byo_token_put(ByoBuf *b, ByoId segment, int try)
{
    byo_buf_addf(b, "%s%" PRIx64 ".%d", TOKEN, (uint64_t)segment, try);
}

bool byo_token_parse(ByoStr url, ByoId *segment_r, int *try_r)
{
    size_t at = sizeof TOKEN - 1;
    if (url.n <= at || url.n > 64 || memcmp(url.p, TOKEN, at) != 0)
        return false;
    char text[64];
    memcpy(text, url.p + at, url.n - at);
    text[url.n - at] = 0;
    char *end;
    uint64_t id = strtoull(text, &end, 16);
    if (*end != '.' || !id || id > INT64_MAX)
        return false;
    long try = strtol(end + 1, &end, 10);
    if (*end || try < 1 || try > 1000000)
        return false;
    *segment_r = (ByoId)id;
    *try_r = (int)try;
    return true;
}

static const unsigned char MARK[4] = {'b', 'y', 'o', 'b'};

void byo_token_uuid(char out[BYO_UUID_LEN + 1], ByoId segment, int try)
{
    unsigned char octets[16];
    for (int i = 0; i < 8; i++)
        octets[i] = (unsigned char)((uint64_t)segment >> (56 - 8 * i));
    for (int i = 0; i < 4; i++)
        octets[8 + i] = (unsigned char)((unsigned)try >> (24 - 8 * i));
    memcpy(octets + 12, MARK, sizeof MARK);
    byo_uuid_unpack(octets, out);
}

bool byo_token_uuid_parse(const char *uuid, ByoId *segment_r, int *try_r)
{
    unsigned char octets[16];
    uint64_t segment = 0;
    unsigned try = 0;
    if (!byo_uuid_pack(byo_str(uuid), octets) || memcmp(octets + 12, MARK, sizeof MARK) != 0)
        return false;
    for (int i = 0; i < 8; i++)
        segment = segment << 8 | octets[i];
    for (int i = 8; i < 12; i++)
        try = try << 8 | octets[i];
    *segment_r = (ByoId)segment;
    *try_r = (int)try;
    return true;
}
