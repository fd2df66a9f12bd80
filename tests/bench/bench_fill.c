/* SPDX-License-Identifier: BSD-3-Clause
 * Fills a store with messages of one segment that wait, due in an hour: bench_fill STORE INTEGRATION N
 * Threads: one. */
#include <stdio.h>
#include <stdlib.h>

#include "store/store.h"

int main(int argc, char **argv)
{
    static char frame[300], payload[60];
    if (argc != 4) {
        fputs("usage: bench_fill STORE INTEGRATION N\n", stderr);
        return 2;
    }
    long n = strtol(argv[3], NULL, 10);
    char *why = NULL;
    ByoStoreResult result;
    ByoStore *s = byo_store_open(&(ByoStoreTarget){.path = argv[1]}, &result, &why);
    if (!s) {
        fprintf(stderr, "bench_fill: %s\n", why);
        free(why);
        return 1;
    }
    memset(frame, 'f', sizeof frame);
    memset(payload, 'p', sizeof payload);
    ByoTime now = byo_now();
    for (long k = 0; k < n;) {
        byo_store_begin(s);
        for (int j = 0; j < 5000 && k < n; j++, k++) {
            char recipient[32], uuid[48];
            snprintf(recipient, sizeof recipient, "+43660%07lu", (unsigned long)k);
            snprintf(uuid, sizeof uuid, "%08lx-1111-4222-8333-%012lx", (unsigned long)k, (unsigned long)k);
            ByoId id = byo_store_new_id(s, now);
            ByoMessageRow m = {.id = id,
                               .integration = byo_str(argv[2]),
                               .number = BYO_STR("12025550100"),
                               .recipient = byo_str(recipient),
                               .uuid = byo_str(uuid),
                               .created = now,
                               .tally.segments = 1,
                               .reports = 1,
                               .mask = 31,
                               .data_coding = -1,
                               .charset = BYO_STR("GSM_0338"),
                               .verdict.code = -1,
                               .frame = byo_strn(frame, sizeof frame)};
            ByoSegmentRow seg = {.id = byo_id_segment(id, 1),
                                 .s.state = BYO_SEG_QUEUED,
                                 .s.due = now + BYO_HOUR,
                                 .verdict.code = -1,
                                 .payload = byo_strn(payload, sizeof payload)};
            byo_store_message_add(s, &m, &seg, 1);
        }
        if (byo_store_commit(s) != BYO_STORE_OK) {
            fprintf(stderr, "bench_fill: %s\n", byo_store_error(s));
            return 1;
        }
    }
    byo_store_close(s);
    return 0;
}
