/* SPDX-License-Identifier: BSD-3-Clause
 * What the store's part of one tracked message costs: add, hand over, accepted, delivered,
 * two reports inward and that a smsbox took them; with 0, 100,000 and 1,000,000 other segments outstanding.
 * Prints µs of CPU and of wall clock for each message. Usage: bench_store [FOLDER [OUTSTANDING ...]]
 * Threads: one. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"

#define BATCH 300
#define BATCHES 200
#define WAITING (3 * BYO_DAY)

typedef struct {
    ByoId id[BATCH], inward[2 * BATCH];
    int n, inward_n;
} Batch;

static const ByoStr integration = {"carrier-a", 9};
static char frame[380], payload[110];
static ByoTime now = 1790000000000;

static double wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double cpu(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e6 +
           (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

static void must_commit(ByoStore *s)
{
    if (byo_store_commit(s) != BYO_STORE_OK) {
        fprintf(stderr, "bench_store: %s\n", byo_store_error(s));
        exit(1);
    }
}

static void add(ByoStore *s, ByoId *id_r, ByoSegState state)
{
    char to[24], uuid[40];
    unsigned r = (unsigned)rand();
    snprintf(to, sizeof to, "+1202%07u", r % 10000000);
    snprintf(uuid, sizeof uuid, "%08x-1111-4222-8333-%012x", r, r);
    ByoId id = byo_store_new_id(s, now);
    ByoMessageRow m = {
        .id = id,
        .integration = integration,
        .number = BYO_STR("12025550100"),
        .recipient = byo_str(to),
        .uuid = byo_str(uuid),
        .named = true,
        .box = BYO_STR("smsbox1"),
        .created = now,
        .tally.segments = 1,
        .reports = 1,
        .mask = 31,
        .data_coding = -1,
        .charset = BYO_STR("GSM_0338"),
        .verdict.code = -1,
        .frame = byo_strn(frame, sizeof frame),
    };
    ByoSegmentRow seg = {
        .id = byo_id_segment(id, 1),
        .s.state = state,
        .s.due = state == BYO_SEG_QUEUED ? now : now + WAITING,
        .verdict.code = -1,
        .payload = byo_strn(payload, sizeof payload),
    };
    byo_store_message_add(s, &m, &seg, 1);
    *id_r = id;
}

static void change(ByoStore *s, ByoId id, ByoSegState state, const char *cause, int code, ByoTime due)
{
    ByoSegmentRow seg;
    if (byo_store_segment(s, byo_id_segment(id, 1), &seg) != BYO_STORE_OK)
        exit(1);
    seg.s.state = state;
    seg.s.due = due;
    seg.s.tries = 1;
    seg.s.handed = seg.s.first_handed = now;
    seg.s.ended = byo_seg_final(state) ? now : 0;
    seg.verdict = (ByoStoredVerdict){.code = code, .code_cause = byo_str(cause)};
    char foreign_id[20]; /* in no order, the dearest there are */
    if (state == BYO_SEG_ACCEPTED) {
        snprintf(foreign_id, sizeof foreign_id, "%08x%08x", (unsigned)rand(), (unsigned)rand());
        seg.foreign_id = byo_str(foreign_id);
    }
    byo_store_segment_update(s, &seg);
}

static void tell(ByoStore *s, Batch *b, ByoId id, bool final)
{
    ByoMessageRow m;
    if (byo_store_message(s, id, &m) != BYO_STORE_OK)
        exit(1);
    m.tally.accepted = 1;
    m.tally.delivered = final;
    m.tally.ended = final;
    m.tally.reported |= final ? 1 : 8;
    m.state = final ? BYO_MSG_DELIVERED : BYO_MSG_ACTIVE;
    m.ended = final ? now : 0;
    m.verdict = (ByoStoredVerdict){.code = final ? 0 : 8,
                                   .code_cause = byo_str(final ? "DELIVERED" : "CARRIER_ACCEPTED")};
    byo_store_message_update(s, &m);
    ByoInwardRow in = {.named = m.named, .box = m.box, .frame = byo_strn(frame, sizeof frame)};
    b->inward[b->inward_n++] = in.id = byo_store_inward_id(s, in.named, in.box, now);
    byo_store_inward_add(s, &in);
}

/* First all accepted, then all delivered. */
static void took(ByoStore *s, const Batch *b, int i)
{
    ByoPast p = {.kind = BYO_PAST_REPORTED, .number = i < BATCH ? 8 : 1, .time = now};
    byo_store_step_add(s, b->id[i % BATCH], &p);
    byo_store_inward_remove(s, b->inward[i]);
}

/* As the flow does before it decides. */
static void want(ByoStore *s, const ByoId *messages, int n)
{
    ByoWant wants[BATCH];
    for (int i = 0; i < n; i++)
        wants[i] = (ByoWant){.kind = BYO_WANT_SEGMENT, .id = byo_id_segment(messages[i], 1)};
    byo_store_want(s, wants, (size_t)n);
}

static void run(ByoStore *s)
{
    static Batch batch[BATCHES];
    double at_wall = wall(), at_cpu = cpu(), longest = 0;
    memset(batch, 0, sizeof batch);
    for (int k = 0; k < BATCHES + 3; k++) {
        now += 50;
        double begun = wall();
        byo_store_begin(s);
        for (int back = 1; back <= 2; back++)
            if (k >= back && k - back < BATCHES)
                want(s, batch[k - back].id, BATCH);
        if (k < BATCHES) {
            for (int i = 0; i < BATCH; i++)
                add(s, &batch[k].id[i], BYO_SEG_QUEUED);
            ByoId due[BATCH];
            ByoMessageRow m;
            int n = byo_store_queue_claim(s, integration, now, due, BATCH);
            for (int i = 0; i < n; i++) {
                byo_store_message(s, byo_id_message(due[i]), &m);
                change(s, byo_id_message(due[i]), BYO_SEG_HANDED, "", -1, now + BYO_MINUTE);
            }
        }
        if (k >= 1 && k - 1 < BATCHES)
            for (int i = 0; i < BATCH; i++) {
                change(s, batch[k - 1].id[i], BYO_SEG_ACCEPTED, "CARRIER_ACCEPTED", 8, now + WAITING);
                tell(s, &batch[k - 1], batch[k - 1].id[i], false);
            }
        if (k >= 2 && k - 2 < BATCHES)
            for (int i = 0; i < BATCH; i++) {
                change(s, batch[k - 2].id[i], BYO_SEG_DELIVERED, "DELIVERED", 0, 0);
                tell(s, &batch[k - 2], batch[k - 2].id[i], true);
            }
        if (k >= 3)
            for (int i = 0; i < batch[k - 3].inward_n; i++)
                took(s, &batch[k - 3], i);
        must_commit(s);
        double lasted = wall() - begun;
        longest = lasted > longest ? lasted : longest;
    }
    double n = (double)BATCH * BATCHES;
    printf("  %.1f us CPU, %.1f us wall a message; longest transaction %.1f ms\n", (cpu() - at_cpu) / n,
           (wall() - at_wall) / n, longest / 1e3);
}

int main(int argc, char **argv)
{
    static const char *const sizes[] = {"0", "100000", "1000000"};
    const char *folder = argc > 1 ? argv[1] : ".";
    int n = argc > 2 ? argc - 2 : 3;
    memset(frame, 'f', sizeof frame);
    memset(payload, 'p', sizeof payload);
    for (int i = 0; i < n; i++) {
        long outstanding = strtol(argc > 2 ? argv[i + 2] : sizes[i], NULL, 10);
        char path[4096], extra[4110], *why = NULL;
        static const char *const parts[] = {"", "-wal", "-shm", ".lock"};
        snprintf(path, sizeof path, "%s/bench_store.db", folder);
        for (int p = 0; p < 4; p++) {
            snprintf(extra, sizeof extra, "%s%s", path, parts[p]);
            unlink(extra);
        }
        ByoStoreResult result;
        ByoStore *s = byo_store_open(&(ByoStoreTarget){.path = path}, &result, &why);
        if (!s) {
            fprintf(stderr, "bench_store: %s\n", why);
            return 1;
        }
        ByoId id;
        double begun = wall();
        for (long k = 0; k < outstanding;) {
            byo_store_begin(s);
            for (int j = 0; j < 2000 && k < outstanding; j++, k++) {
                now += k % 4 == 0;
                add(s, &id, BYO_SEG_ACCEPTED);
            }
            must_commit(s);
        }
        printf("%ld outstanding (added in %.1f us each)\n", outstanding,
               outstanding ? (wall() - begun) / (double)outstanding : 0.0);
        byo_store_close(s);
        begun = wall();
        s = byo_store_open(&(ByoStoreTarget){.path = path}, &result, &why);
        if (!s) {
            fprintf(stderr, "bench_store: %s\n", why);
            return 1;
        }
        printf("  opened in %.1f ms\n", (wall() - begun) / 1e3);
        run(s);
        run(s);
        byo_store_close(s);
        struct stat st;
        printf("  file %.0f MB\n", stat(path, &st) == 0 ? (double)st.st_size / 1e6 : 0.0);
        for (int p = 0; p < 4; p++) {
            snprintf(extra, sizeof extra, "%s%s", path, parts[p]);
            unlink(extra);
        }
    }
    return 0;
}
