/* SPDX-License-Identifier: BSD-3-Clause
 * Taking byobox's changes back out of a file of kannel.conf's kind, whatever was edited since.
 * Ownership and threads: kannel_text.h. */
#include "byoctl/kannel_text.h"
#include "byoctl/kannel_text_private.h"

#include <stdint.h>
#include <stdlib.h>

/* -- `key = value` ---------------------------------------------------------------------------------------*/

static ByoStr trim(ByoStr s)
{
    while (s.n && strchr(" \t\r\n", s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && strchr(" \t\r\n", s.p[s.n - 1]))
        s.n--;
    return s;
}

static bool split(ByoStr line, ByoStr *key_r, ByoStr *value_r)
{
    ByoStr s = trim(line);
    const char *equals = s.n && s.p[0] != '#' ? memchr(s.p, '=', s.n) : NULL;

    if (!equals)
        return false;
    *key_r = trim(byo_strn(s.p, (size_t)(equals - s.p)));
    *value_r = trim(byo_strn(equals + 1, (size_t)(s.p + s.n - equals - 1)));
    if (value_r->n > 1 && value_r->p[0] == '"' && value_r->p[value_r->n - 1] == '"')
        *value_r = byo_strn(value_r->p + 1, value_r->n - 2);
    return true;
}

static bool is_list(ByoStr key)
{
    static const char *const lists[] = {"denied-smsc-id", "admin-allow-ip", "box-allow-ip"};
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
        if (byo_str_is(key, lists[k]))
            return true;
    return false;
}

/* The next item of a list, *at behind it; false at its end. */
static bool next(ByoStr list, size_t *at, ByoStr *item_r)
{
    if (*at > list.n || list.n == 0)
        return false;
    const char *end = *at < list.n ? memchr(list.p + *at, ';', list.n - *at) : NULL;
    size_t n = end ? (size_t)(end - (list.p + *at)) : list.n - *at;
    *item_r = byo_strn(list.p + *at, n);
    *at += n + 1;
    return true;
}

static bool has(ByoStr list, ByoStr item)
{
    ByoStr one;
    for (size_t at = 0; next(list, &at, &one);)
        if (byo_str_eq(one, item))
            return true;
    return false;
}

ByoKannelUnlisted byo_kannel_unlist(ByoStr line, ByoStr wrote, ByoStr was, ByoBuf *out)
{
    ByoStr key, list, item, wrote_list = BYO_STR_NONE, was_list = BYO_STR_NONE, other;
    ByoBuf left = {0};
    bool had = split(was, &other, &was_list);

    if (!split(line, &key, &list) || !is_list(key) || !split(wrote, &other, &wrote_list))
        return BYO_KANNEL_NO_LIST;
    for (size_t at = 0; next(list, &at, &item);)
        if (!has(wrote_list, item) || has(was_list, item))
            byo_buf_addf(&left, "%s%.*s", left.n ? ";" : "", BYO_PF(item));
    bool any = left.n > 0 || had;
    if (any)
        byo_buf_addf(out, "%.*s = \"%s\"", BYO_PF(key), left.p ? left.p : "");
    byo_buf_free(&left);
    return any ? BYO_KANNEL_LEFT : BYO_KANNEL_NOTHING_LEFT;
}

/* -- line by line ----------------------------------------------------------------------------------------*/

typedef struct {
    ByoStr text;
    const char *file;
    const char *bearerbox_port;
    ByoBuf *out;
    ByoFaults *told;
    size_t at;
    int line;        /* of the line at `at` */
    ByoBuf was;      /* lines that stood there, each with its end */
    ByoStr was_one;  /* the last of them */
    size_t was_end;  /* octets of its end */
    const char *end; /* the end byobox gives lines of its own here */
    size_t open_at;  /* when the output ends here, its last line had no end */
} Revert;

static void tell(Revert *r, int line, const char *text)
{
    byo_fault_add(r->told, BYO_FAULT_WARNING, r->file, line, 0, "%s", text);
}

static ByoStr take(Revert *r)
{
    r->line++;
    return byo_kannel_line(r->text, &r->at);
}

static void put(Revert *r, ByoStr s)
{
    byo_buf_add(r->out, s.p, s.n);
}

/* The line before gets back what it had: no end. */
static void drop_end(Revert *r)
{
    ByoBuf *b = r->out;
    if (b->n && b->p[b->n - 1] == '\n')
        b->n--;
    if (strcmp(r->end, "\n") != 0 && b->n && b->p[b->n - 1] == '\r')
        b->n--;
}

/* What stood there, in place of byobox's line: the last of it ends as that did. */
static void put_was(Revert *r, ByoStr line)
{
    if (r->was.n == 0)
        return;
    put(r, byo_strn(r->was.p, r->was.n - r->was_end));
    byo_buf_adds(r->out, byo_kannel_end_of(line));
}

/* A line of byobox's that was edited since: the edit stays. */
static void put_edited(Revert *r, ByoStr line, ByoStr wrote)
{
    ByoBuf left = {0};
    ByoStr key = BYO_STR_NONE, value = BYO_STR_NONE;
    switch (byo_kannel_unlist(line, wrote, r->was_one, &left)) {
    case BYO_KANNEL_LEFT:
        byo_buf_addf(r->out, "%s%s", left.p, byo_kannel_end_of(line));
        break;
    case BYO_KANNEL_NOTHING_LEFT:
        break;
    case BYO_KANNEL_NO_LIST:
        put(r, line);
        split(line, &key, &value);
        char *text = byo_printf("%.*s was edited after byobox wrote it, and stays", BYO_PF(key));
        tell(r, r->line, text);
        free(text);
        break;
    }
    byo_buf_free(&left);
}

/* The line byobox wrote comes next, or later in its group when something was put before it, or is gone. */
static void take_back(Revert *r, ByoStr wrote, bool gave_end)
{
    ByoStr wrote_key, key, value;
    size_t look = r->at;
    bool found = false;
    split(wrote, &wrote_key, &value);
    while (look < r->text.n && !found) {
        ByoStr line = byo_kannel_line(r->text, &look);
        if (byo_kannel_blank(line))
            break;
        found = split(line, &key, &value) && byo_str_eq(key, wrote_key);
    }
    if (!found) {
        tell(r, r->line, "the line byobox wrote here is gone; nothing is put in its place");
        return;
    }
    for (;;) {
        ByoStr line = take(r);
        if (!(split(line, &key, &value) && byo_str_eq(key, wrote_key))) {
            put(r, line);
            continue;
        }
        if (!byo_str_eq(byo_kannel_bare(line), wrote))
            put_edited(r, line, wrote);
        else if (r->was.n)
            put_was(r, line);
        if (gave_end)
            r->open_at = r->out->n;
        return;
    }
}

/* -- lines of their own ----------------------------------------------------------------------------------*/

/* Whether it is a line byobox writes there; *port_r: the one that names its port. */
static bool is_ours(ByoStr line, bool *port_r)
{
    ByoStr key, value;
    bool port = false, ours = byo_kannel_blank(line);
    if (split(line, &key, &value)) {
        port = byo_str_is(key, "bearerbox-port");
        ours = port || byo_str_is(key, "include") ||
               (byo_str_is(key, "group") && byo_str_is(value, "smsbox")) ||
               (byo_str_is(key, "bearerbox-host") && byo_str_is(value, "localhost"));
    }
    *port_r = port;
    return ours;
}

/* From behind the begin marker to the end marker; *end_r: where the line after that begins. */
static bool block_untouched(const Revert *r, size_t *end_r)
{
    ByoStr inside;
    bool port, untouched = true;
    for (size_t look = r->at; look < r->text.n;) {
        ByoStr line = byo_kannel_line(r->text, &look);
        if (byo_kannel_marker(line, BYO_KANNEL_END, &inside)) {
            *end_r = look;
            return untouched;
        }
        untouched = untouched && is_ours(line, &port);
    }
    *end_r = r->text.n;
    return false;
}

static void drop_blank_line(Revert *r)
{
    size_t n = r->out->n;
    drop_end(r);
    if (r->out->n && r->out->p[r->out->n - 1] != '\n')
        r->out->n = n; /* it was not empty */
}

static void take_back_block(Revert *r, bool gave_end)
{
    size_t end;
    int begin = r->line;
    bool port;
    if (block_untouched(r, &end)) {
        while (r->at < end)
            take(r);
        drop_blank_line(r);
        if (gave_end)
            r->open_at = r->out->n;
        return;
    }
    tell(r, begin,
         "lines were added to those byobox wrote here: they stay, and a smsbox among them goes to bearerbox");
    while (r->at < end) {
        ByoStr line = take(r), inside, key, value;
        if (byo_kannel_marker(line, BYO_KANNEL_END, &inside))
            continue;
        if (split(line, &key, &value) && byo_str_is(key, "include") && is_ours(line, &port))
            continue;
        if (split(line, &key, &value) && byo_str_is(key, "bearerbox-port"))
            byo_buf_addf(r->out, "bearerbox-port = %s%s", r->bearerbox_port, byo_kannel_end_of(line));
        else
            put(r, line);
    }
}

bool byo_kannel_text_marked(ByoStr text)
{
    ByoStr inside;
    for (size_t at = 0; at < text.n;) {
        ByoStr line = byo_kannel_line(text, &at);
        if (byo_kannel_marker(line, BYO_KANNEL_NOW, &inside) ||
            byo_kannel_marker(line, BYO_KANNEL_NOW_END, &inside) ||
            byo_kannel_marker(line, BYO_KANNEL_BEGIN, &inside) ||
            byo_kannel_marker(line, BYO_KANNEL_BEGIN_END, &inside))
            return true;
    }
    return false;
}

void byo_kannel_text_revert(ByoStr text, const char *file, const char *bearerbox_port, ByoBuf *out,
                            ByoFaults *told)
{
    Revert r = {.text = text,
                .file = file,
                .bearerbox_port = bearerbox_port,
                .out = out,
                .told = told,
                .end = byo_kannel_text_end(text),
                .open_at = SIZE_MAX};

    while (r.at < text.n) {
        ByoStr line = take(&r), inside;
        if (byo_kannel_marker(line, BYO_KANNEL_WAS, &inside)) {
            byo_buf_addf(&r.was, "%.*s%s", BYO_PF(inside), byo_kannel_end_of(line));
            r.was_one = inside;
            r.was_end = strlen(byo_kannel_end_of(line));
            continue;
        }
        if (byo_kannel_marker(line, BYO_KANNEL_NOW, &inside))
            take_back(&r, inside, false);
        else if (byo_kannel_marker(line, BYO_KANNEL_NOW_END, &inside))
            take_back(&r, inside, true);
        else if (byo_kannel_marker(line, BYO_KANNEL_BEGIN_END, &inside))
            take_back_block(&r, true);
        else if (byo_kannel_marker(line, BYO_KANNEL_BEGIN, &inside))
            take_back_block(&r, false);
        else
            put(&r, line);
        byo_buf_clear(&r.was);
        r.was_one = BYO_STR_NONE;
    }
    if (out->n == r.open_at)
        drop_end(&r);
    byo_buf_free(&r.was);
}
