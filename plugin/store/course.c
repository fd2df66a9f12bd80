/* SPDX-License-Identifier: BSD-3-Clause
 * The rules of store/course.h. */
#include "store/course.h"

void byo_course_begin(ByoCourse *c)
{
    c->open = true;
    c->failed = false;
    c->why = BYO_STORE_OK;
}

ByoStoreResult byo_course_note(ByoCourse *c, ByoStoreResult r, const char *text)
{
    c->last = r;
    if (c->open && c->failed)
        return r;
    byo_buf_clear(&c->error);
    byo_buf_adds(&c->error, text);
    c->why = r;
    if (!c->open && c->read_fault == BYO_STORE_OK)
        c->read_fault = r;
    c->failed = c->open || c->failed;
    return r;
}

bool byo_course_writing(ByoCourse *c)
{
    if (!c->open) {
        byo_course_note(c, BYO_STORE_IO, "a write outside of a transaction");
        c->failed = true;
    }
    return !c->failed;
}

const char *byo_course_error(const ByoCourse *c)
{
    return c->error.p ? c->error.p : "";
}

ByoStoreResult byo_course_read_fault(ByoCourse *c)
{
    ByoStoreResult r = c->read_fault;
    c->read_fault = BYO_STORE_OK;
    return r;
}
