/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: how a message of gwlib's log becomes an object on a line.
 * Ownership and threads: log_json.h. */
#include "base/log_json.h"

#include <stdlib.h>

#include "base/json.h"

/* What gwlib puts before a message: 2026-11-22 17:47:09 [pid] [thread] LEVEL: */
typedef struct {
    int64_t process, thread;
    ByoStr level, text;
} Line;

/* The number in brackets at *s, and the blank behind it. */
static bool bracketed(ByoStr *s, int64_t *value)
{
    const char *end = s->n && s->p[0] == '[' ? memchr(s->p, ']', s->n) : NULL;
    if (!end || !byo_str_int(byo_strn(s->p + 1, (size_t)(end - s->p) - 1), value))
        return false;
    size_t used = (size_t)(end - s->p) + 1;
    used += used < s->n && s->p[used] == ' ';
    *s = byo_strn(s->p + used, s->n - used);
    return true;
}

static bool is_stamp(ByoStr s)
{
    static const char form[] = "0000-00-00 00:00:00 ";
    if (s.n < sizeof form - 1)
        return false;
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == '0' ? s.p[i] < '0' || s.p[i] > '9' : s.p[i] != form[i])
            return false;
    return true;
}

static bool take_apart(ByoStr s, Line *line)
{
    if (!is_stamp(s))
        return false;
    s = byo_strn(s.p + 20, s.n - 20);
    if (!bracketed(&s, &line->process) || !bracketed(&s, &line->thread))
        return false;
    const char *colon = s.n ? memchr(s.p, ':', s.n) : NULL;
    size_t n = colon ? (size_t)(colon - s.p) : 0;
    for (size_t i = 0; i < n; i++)
        if (s.p[i] < 'A' || s.p[i] > 'Z')
            return false;
    if (!n || n > 16)
        return false;
    line->level = byo_strn(s.p, n);
    n += n + 1 < s.n && s.p[n + 1] == ' ' ? 2 : 1;
    line->text = byo_strn(s.p + n, s.n - n);
    return true;
}

/* The object of an event as it was written; absent: the text is none, or was cut. */
static ByoStr event_of(ByoStr text)
{
    static const char word[] = "event ";
    if (text.n < sizeof word || memcmp(text.p, word, sizeof word - 1) != 0)
        return BYO_STR_NONE;
    ByoStr object = byo_strn(text.p + sizeof word - 1, text.n - sizeof word + 1);
    ByoJsonDoc *doc = byo_json_read(object, object.n, 8);
    ByoJsonAt root = byo_json_root(doc);
    bool good = byo_json_errors(doc) == 0 && byo_json_type(&root) == BYO_JSON_OBJECT;
    byo_json_close(doc);
    return good ? object : BYO_STR_NONE;
}

static void set_level(ByoJson *j, ByoStr level)
{
    char lower[17] = "";
    for (size_t i = 0; i < level.n; i++)
        lower[i] = (char)(level.p[i] | 0x20);
    byo_json_set_z(j, "level", lower);
}

void byo_log_json(ByoStr message, ByoTime now, ByoBuf *out)
{
    Line line = {.text = message};
    ByoJson *j = byo_json_object();
    ByoStr event = BYO_STR_NONE;
    byo_json_set_time(j, "time", now);
    if (take_apart(message, &line)) {
        set_level(j, line.level);
        byo_json_set_int(j, "process", line.process);
        byo_json_set_int(j, "thread", line.thread);
        event = event_of(line.text);
    }
    if (!event.p)
        byo_json_set_str(j, "text", line.text);
    byo_json_text(j, false, out);
    byo_json_free(j);
    if (event.p) {
        out->n--; /* the brace */
        byo_buf_adds(out, ",\"event\":");
        byo_buf_add(out, event.p, event.n);
        byo_buf_addc(out, '}');
    }
    byo_buf_addc(out, '\n');
}

/* -- the stream ---------------------------------------------------------------------------------------*/

typedef struct {
    FILE *file;
    ByoBuf rest; /* of a message whose end has not come */
} Stream;

static char *json_path;
static bool converting;

/* A message ends where a line ends that is the last, or that a new message follows: others are lines of one text. */
static void convert(Stream *s)
{
    ByoBuf out = {0};
    ByoTime now = byo_now();
    size_t begun = 0, at = 0;
    const char *end;
    while ((end = s->rest.n > at ? memchr(s->rest.p + at, '\n', s->rest.n - at) : NULL) != NULL) {
        size_t n = (size_t)(end - s->rest.p);
        at = n + 1;
        if (at < s->rest.n && !is_stamp(byo_strn(s->rest.p + at, s->rest.n - at)))
            continue;
        byo_log_json(byo_strn(s->rest.p + begun, n - begun), now, &out);
        begun = at;
    }
    if (out.n) {
        fwrite(out.p, 1, out.n, s->file);
        fflush(s->file);
    }
    byo_buf_free(&out);
    memmove(s->rest.p, s->rest.p + begun, s->rest.n - begun);
    s->rest.n -= begun;
}

static ssize_t on_write(void *cookie, const char *p, size_t n)
{
    Stream *s = cookie;
    byo_buf_add(&s->rest, p, n);
    convert(s);
    return (ssize_t)n; /* gwlib could do nothing about a full disk */
}

static int on_close(void *cookie)
{
    Stream *s = cookie;
    int r = fclose(s->file);
    byo_buf_free(&s->rest);
    free(s);
    return r;
}

void byo_log_json_only(const char *path)
{
    free(json_path);
    json_path = byo_strdup(path);
    converting = false;
}

bool byo_log_json_works(void)
{
    return converting;
}

FILE *byo_log_json_stream(const char *path, const char *mode, FILE *file)
{
    if (!file || !json_path || strcmp(path, json_path) != 0 || mode[0] != 'a')
        return file;
    Stream *s = byo_zalloc(sizeof *s);
    s->file = file;
    FILE *stream = fopencookie(s, "a", (cookie_io_functions_t){.write = on_write, .close = on_close});
    if (!stream) {
        free(s);
        return file;
    }
    setvbuf(stream, NULL, _IOFBF, BYO_LOG_JSON_BUFFER);
    converting = true;
    return stream;
}
