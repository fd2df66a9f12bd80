/* SPDX-License-Identifier: BSD-3-Clause
 * Any octets as a CSV of numbers: rows in order, each judged, and what is written can be read again.
 * Threads: none. */
#include <stdlib.h>

#include <unistr.h>

#include "compliance/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_ROWS = 1000 };

typedef struct {
    int line, rows;
    ByoNumberRequest first; /* of the row that is written and read again */
    bool same;
} Seen;

static void need(bool holds)
{
    if (!holds)
        abort();
}

static bool alike(ByoStr read, ByoStr written)
{
    /* A formula came back with a ' in front. */
    if (read.n == written.n + 1 && read.p[0] == '\'')
        read = byo_strn(read.p + 1, read.n - 1);
    return byo_str_eq(read, written);
}

static bool read_again(void *arg, const ByoCsvRow *row)
{
    Seen *s = arg;

    s->rows++;
    s->same = !row->fault && alike(row->request.number, s->first.number) &&
              alike(row->request.integration, s->first.integration) &&
              alike(row->request.type, s->first.type) && alike(row->request.country, s->first.country);
    return true;
}

/* What is no text is written as U+FFFD, so it does not come back. */
static bool plain(ByoStr s)
{
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] < ' ' && !memchr("\t\n\r", s.p[i], 3)) || s.p[i] == 0x7F)
            return false;
    return s.n == 0 || !u8_check((const uint8_t *)s.p, s.n);
}

static void check_written(const ByoNumberRequest *q)
{
    ByoBuf out = {0};
    Seen again = {.first = *q};
    const ByoStr fields[4] = {q->number, q->integration, q->type, q->country};

    for (int i = 0; i < 4; i++)
        if (!plain(fields[i]))
            return;
    byo_buf_adds(&out, "number,integration,type,country\n");
    for (int i = 0; i < 4; i++) {
        byo_csv_field(&out, fields[i]);
        byo_buf_adds(&out, i < 3 ? "," : "\r\n");
    }
    if (q->number.n || q->integration.n || q->type.n || q->country.n) {
        need(byo_csv_numbers(byo_buf_str(&out), 1, read_again, &again, NULL));
        need(again.rows == 1 && again.same);
    }
    byo_buf_free(&out);
}

static bool row(void *arg, const ByoCsvRow *r)
{
    Seen *s = arg;
    ByoNumber n;
    ByoComplianceFault fault = {{0}, {0}};

    need(r->line > s->line && s->rows < MOST_ROWS);
    s->line = r->line;
    s->rows++;
    if (r->fault)
        return true;
    check_written(&r->request);
    ByoRefusal verdict = byo_number_check(&r->request, true, &n, &fault);
    need((verdict == BYO_REFUSE_NONE) == (n.digits[0] != 0));
    need(verdict == BYO_REFUSE_NONE ||
         (fault.field[0] && !u8_check((const uint8_t *)fault.text, strlen(fault.text))));
    byo_number_free(&n);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Seen seen = {0};
    ByoComplianceFault fault = {{0}, {0}};
    /* A block of its own size, so that a step too far is seen. */
    char *copy = byo_alloc(size ? size : 1);

    if (size)
        memcpy(copy, data, size);
    if (!byo_csv_numbers(byo_strn(copy, size), MOST_ROWS, row, &seen, &fault))
        need(fault.text[0] && !u8_check((const uint8_t *)fault.text, strlen(fault.text)));
    free(copy);
    return 0;
}
