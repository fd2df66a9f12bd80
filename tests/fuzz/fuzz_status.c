/* SPDX-License-Identifier: BSD-3-Clause
 * Any octets as bearerbox's status page: texts end, numbers are in range, nothing is kept.
 * Threads: none. */
#include <stdlib.h>

#include "link/status_page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
    if (!holds)
        abort();
}

static bool ends(const char *text, size_t room)
{
    return memchr(text, 0, room) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ByoStatusPage page;
    char *copy = byo_alloc(size ? size : 1);

    if (size)
        memcpy(copy, data, size);
    if (byo_status_page_parse(byo_strn(copy, size), &page)) {
        need(ends(page.version, sizeof page.version) && ends(page.status, sizeof page.status));
        need(page.uptime >= -1);
        for (size_t i = 0; i < page.n_binds; i++) {
            const ByoStatusBind *b = &page.binds[i];
            need(ends(b->smsc_id, sizeof b->smsc_id) && ends(b->bind_text, sizeof b->bind_text));
            need(b->online_for >= -1 && b->queued >= 0 && b->failed >= 0 && b->sent >= 0 && b->received >= 0);
            need(b->bind_status >= -1 && b->bind_time >= 0);
        }
        for (size_t i = 0; i < page.n_boxes; i++)
            need(ends(page.boxes[i].id, sizeof page.boxes[i].id) && page.boxes[i].queue >= 0);
        byo_status_page_free(&page);
    }
    free(copy);
    return 0;
}
