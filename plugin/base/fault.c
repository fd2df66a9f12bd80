/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: how the faults of an input are kept and how one reads as a line.
 * Ownership: the list owns its texts until byo_faults_free.
 * Threads: values, no shared state. */
#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void byo_fault_add(ByoFaults *f, ByoSeverity severity, const char *file, int line, int column,
                   const char *fmt, ...)
{
    ByoFault *fault;
    ByoBuf text = {0};
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    byo_buf_need(&text, n > 0 ? (size_t)n : 0);
    va_start(args, fmt);
    vsnprintf(text.p, text.cap, fmt, args);
    va_end(args);

    /* Grown when the count reaches a power of two: no capacity to keep in the public type. */
    if ((f->n & (f->n - 1)) == 0)
        f->items = byo_realloc(f->items, (f->n ? f->n * 2 : 1) * sizeof(*f->items));
    fault = &f->items[f->n++];
    *fault = (ByoFault){severity, byo_strdup(file), line, column, text.p};
    if (severity == BYO_FAULT_ERROR)
        f->errors++;
    else
        f->warnings++;
}

char *byo_fault_line(const ByoFault *fault)
{
    ByoBuf out = {0};

    if (fault->file)
        byo_buf_addf(&out, "%s:", fault->file);
    if (fault->line > 0)
        byo_buf_addf(&out, "%d:", fault->line);
    if (fault->line > 0 && fault->column > 0)
        byo_buf_addf(&out, "%d:", fault->column);
    byo_buf_addf(&out, "%s%s: %s", out.n > 0 ? " " : "",
                 fault->severity == BYO_FAULT_ERROR ? "error" : "warning", fault->text);
    return out.p;
}

void byo_faults_free(ByoFaults *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->n; i++) {
        free(f->items[i].file);
        free(f->items[i].text);
    }
    free(f->items);
    *f = (ByoFaults){0};
}
