/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: lines, groups, includes. What a key may hold is decided elsewhere (integration/key_table).
 * Ownership: the tree owns every text; borrowed key lines point into it. Threads: none. */
#include "config/reader.h"

#include <openssl/crypto.h>
#include <stdlib.h>

typedef struct {
    const ByoConfigSource *source;
    ByoConfigTree *tree;
    ByoFaults *faults;
    bool in_group; /* group `current` of the tree is open */
    size_t current;
    bool has_name;     /* its `group` line was seen */
    int name_line;     /* there */
    const char **open; /* files being read, outermost first: a cycle is told from a second include */
    size_t n_open;
} Reader;

static void fault(Reader *r, const char *file, int line, const char *text)
{
    byo_fault_add(r->faults, BYO_FAULT_ERROR, file, line, 0, "%s", text);
}

/* isspace() of the C locale, whatever the process's locale is. */
static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static ByoStr strip(ByoStr s)
{
    while (s.n && is_blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

static ByoKeyGroup *current_group(Reader *r)
{
    return &r->tree->groups[r->current];
}

static void end_group(Reader *r)
{
    if (r->in_group && !r->has_name) {
        ByoKeyGroup *g = current_group(r);
        fault(r, g->file, g->line,
              "these lines belong to no group: one of them must be `group = NAME` (an empty line ends a "
              "group)");
    }
    r->in_group = false;
}

static void begin_group(Reader *r, const char *file, int line)
{
    ByoConfigTree *t = r->tree;

    if ((t->n & (t->n - 1)) == 0)
        t->groups = byo_realloc(t->groups, (t->n ? 2 * t->n : 1) * sizeof(*t->groups));
    r->current = t->n;
    t->groups[t->n++] = (ByoKeyGroup){.file = file, .line = line};
    r->in_group = true;
    r->has_name = false;
}

static void add_key(ByoKeyGroup *g, ByoKeyLine key)
{
    ByoKeyLine *keys = (ByoKeyLine *)g->keys;

    if ((g->n & (g->n - 1)) == 0)
        keys = byo_realloc(keys, (g->n ? 2 * g->n : 1) * sizeof(*keys));
    keys[g->n++] = key;
    g->keys = keys;
}

/* The value as Kannel understands it; *open_quote_r: it starts like a quoted one and does not end so. */
static char *value_of(ByoStr s, bool *open_quote_r)
{
    char *out;
    size_t n = 0;

    s = strip(s);
    *open_quote_r = s.n > 0 && s.p[0] == '"' && (s.n == 1 || s.p[s.n - 1] != '"');
    if (s.n == 0 || s.p[0] != '"' || s.p[s.n - 1] != '"')
        return byo_str_dup(byo_strn(s.n ? s.p : "", s.n));
    if (s.n == 1)
        return byo_strdup("");
    s = byo_strn(s.p + 1, s.n - 2);
    out = byo_alloc(s.n + 1);
    for (size_t k = 0; k < s.n; k++) {
        if (s.p[k] == '\\' && k + 1 < s.n) {
            k++;
            if (s.p[k] != '\\' && s.p[k] != '"')
                out[n++] = '\\';
        }
        out[n++] = s.p[k];
    }
    out[n] = 0;
    return out;
}

static void read_file(Reader *r, const char *path, const char *from, int from_line);

typedef struct {
    Reader *r;
    const char *from;
    int line;
} Include;

static void include_one(void *arg, const char *path)
{
    Include *i = arg;
    Reader *r = i->r;

    if (r->source->skip && r->source->skip(r->source->arg, path)) {
        r->tree->n_skipped++;
        return;
    }
    for (size_t k = 0; k < r->tree->n_files; k++) {
        if (strcmp(r->tree->files[k], path) != 0)
            continue;
        bool cycle = false;
        for (size_t o = 0; o < r->n_open; o++)
            cycle |= strcmp(r->open[o], path) == 0;
        byo_fault_add(r->faults, BYO_FAULT_ERROR, i->from, i->line, 0,
                      cycle ? "include = %s: the file includes itself in a circle"
                            : "include = %s: the file is included a second time",
                      path);
        return;
    }
    read_file(r, path, i->from, i->line);
}

static void include(Reader *r, ByoStr rest, const char *file, int line)
{
    const Reader outside = *r;
    Include i = {r, file, line};
    ByoBuf why = {0};
    bool open_quote;
    char *value;

    if (r->in_group)
        fault(
            r, file, line,
            "include stands inside a group, so the included lines would become part of it: put an empty line "
            "before it");
    r->in_group = false;
    value = value_of(rest, &open_quote);
    if (value[0] == 0 || open_quote)
        fault(r, file, line, "include needs the name of a file or a folder");
    else if (r->n_open >= BYO_CONFIG_DEPTH_MAX)
        byo_fault_add(r->faults, BYO_FAULT_ERROR, file, line, 0,
                      "include = %s: includes are nested more than %d deep", value, BYO_CONFIG_DEPTH_MAX);
    else if (!r->source->expand(r->source->arg, file, value, include_one, &i, &why))
        byo_fault_add(r->faults, BYO_FAULT_ERROR, file, line, 0, "include = %s: %s", value,
                      why.p ? why.p : "it cannot be read");
    byo_buf_free(&why);
    free(value);
    /* The fault is told once: the lines that follow still belong to the group around the include. */
    r->in_group = outside.in_group;
    r->current = outside.current;
    r->has_name = outside.has_name;
    r->name_line = outside.name_line;
}

static void group_name(Reader *r, const char *file, int line, char *value)
{
    ByoKeyGroup *g = current_group(r);

    if (r->has_name)
        byo_fault_add(
            r->faults, BYO_FAULT_ERROR, file, line, 0,
            "a second `group` line in the group that begins at line %d (its name is on line %d): put an "
            "empty line between two groups",
            g->line, r->name_line);
    free((char *)g->name);
    g->name = value;
    r->has_name = true;
    r->name_line = line;
}

/* A line whose fault was told: its key stands there, so that nobody calls it missing. */
static void keep_told(Reader *r, ByoStr s, size_t clean, const char *file, int line)
{
    const char *equals = memchr(s.p, '=', clean);
    ByoStr name = equals ? strip(byo_strn(s.p, (size_t)(equals - s.p))) : BYO_STR_NONE;

    if (name.n == 0 || byo_str_is(name, "include") || byo_str_is(name, "group") || !r->in_group)
        return;
    add_key(current_group(r), (ByoKeyLine){byo_str_dup(name), byo_strdup(""), file, line, false, true});
}

/* One whole line, continuations joined. */
static void take_line(Reader *r, ByoStr text, const char *file, int line)
{
    ByoStr s = strip(text), name;
    const char *equals;
    bool open_quote;
    char *value;

    if (s.n == 0) {
        end_group(r);
        return;
    }
    if (s.p[0] == '#')
        return;
    if (text.n > BYO_CONFIG_LINE_MAX) {
        byo_fault_add(r->faults, BYO_FAULT_ERROR, file, line, 0, "the line is longer than %d octets",
                      BYO_CONFIG_LINE_MAX);
        keep_told(r, s, s.n, file, line);
        return;
    }
    for (size_t k = 0; k < s.n; k++)
        if (((unsigned char)s.p[k] < 0x20 && s.p[k] != '\t') || s.p[k] == 0x7f) {
            byo_fault_add(r->faults, BYO_FAULT_ERROR, file, line, 0,
                          "the control character 0x%02x stands in the line", (unsigned char)s.p[k]);
            keep_told(r, s, k, file, line);
            return;
        }
    equals = memchr(s.p, '=', s.n);
    if (!equals) {
        fault(r, file, line, "there is no '=' in the line: `key = value` is needed, or '#' before a comment");
        return;
    }
    name = strip(byo_strn(s.p, (size_t)(equals - s.p)));
    ByoStr rest = byo_strn(equals + 1, (size_t)(s.p + s.n - equals - 1));
    if (name.n == 0) {
        fault(r, file, line, "there is no key before the '='");
        return;
    }
    if (byo_str_is(name, "include")) {
        include(r, rest, file, line);
        return;
    }
    if (!r->in_group)
        begin_group(r, file, line);
    value = value_of(rest, &open_quote);
    if (byo_str_is(name, "group"))
        group_name(r, file, line, value);
    else
        add_key(current_group(r), (ByoKeyLine){byo_str_dup(name), value, file, line, open_quote, false});
}

bool byo_config_next_line(ByoStr text, size_t *at, int *number, ByoBuf *line)
{
    bool joining = *at < text.n, any = joining;

    byo_buf_clear(line);
    while (joining && *at < text.n) {
        const char *end = memchr(text.p + *at, '\n', text.n - *at);
        size_t n = end ? (size_t)(end - (text.p + *at)) : text.n - *at;
        ByoStr piece = byo_strn(text.p + *at, n);
        *at += n + 1;
        ++*number;
        joining = false;
        if (piece.n && piece.p[piece.n - 1] == '\\') {
            piece.n--;
            joining = !(piece.n && piece.p[piece.n - 1] == '\\');
        }
        byo_buf_add(line, piece.p, piece.n);
    }
    return any;
}

char *byo_config_include_of(ByoStr line)
{
    ByoStr s = strip(line);
    const char *equals = s.n && s.p[0] != '#' ? memchr(s.p, '=', s.n) : NULL;
    bool open_quote;

    if (!equals || !byo_str_is(strip(byo_strn(s.p, (size_t)(equals - s.p))), "include"))
        return NULL;
    return value_of(byo_strn(equals + 1, (size_t)(s.p + s.n - equals - 1)), &open_quote);
}

static void take_text(Reader *r, ByoStr text, const char *file)
{
    ByoBuf joined = {0};
    int number = 0, first = 1;

    /* A physical line shall never move the buffer away from text that is not wiped. */
    byo_buf_need(&joined, text.n);
    for (size_t at = 0; byo_config_next_line(text, &at, &number, &joined); first = number + 1)
        take_line(r, byo_buf_str(&joined), file, first);
    if (joined.p)
        OPENSSL_cleanse(joined.p, joined.cap);
    byo_buf_free(&joined);
}

static void read_file(Reader *r, const char *path, const char *from, int from_line)
{
    ByoConfigTree *t = r->tree;
    ByoBuf text = {0}, why = {0};
    char *file;

    if (t->n_files >= BYO_CONFIG_FILES_MAX) {
        byo_fault_add(r->faults, BYO_FAULT_ERROR, from, from_line, 0,
                      "include = %s: a configuration may not have more than %d files", path,
                      BYO_CONFIG_FILES_MAX);
        return;
    }
    file = byo_strdup(path);
    t->files = byo_realloc(t->files, (t->n_files + 1) * sizeof(*t->files));
    t->files[t->n_files++] = file;
    r->open[r->n_open++] = file;
    if (!r->source->read(r->source->arg, file, &text, &why)) {
        const char *reason = why.p ? why.p : "it cannot be read";
        if (from)
            byo_fault_add(r->faults, BYO_FAULT_ERROR, from, from_line, 0, "include = %s: %s", path, reason);
        else
            byo_fault_add(r->faults, BYO_FAULT_ERROR, file, 0, 0, "%s", reason);
    } else if (text.n > BYO_CONFIG_FILE_MAX)
        byo_fault_add(r->faults, BYO_FAULT_ERROR, file, 0, 0, "the file is larger than %d octets",
                      BYO_CONFIG_FILE_MAX);
    else if (text.n && memchr(text.p, 0, text.n))
        byo_fault_add(r->faults, BYO_FAULT_ERROR, file, 0, 0,
                      "the file is not a text: a NUL octet stands in it");
    else if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
        fault(r, file, 1, "the file starts with a byte order mark: save it as UTF-8 without one");
    else
        take_text(r, byo_buf_str(&text), file);
    end_group(r);
    r->n_open--;
    if (text.p)
        OPENSSL_cleanse(text.p, text.cap);
    byo_buf_free(&text);
    byo_buf_free(&why);
}

ByoConfigTree *byo_config_read(const ByoConfigSource *source, const char *path, ByoFaults *faults)
{
    const char *open[BYO_CONFIG_DEPTH_MAX + 1];
    Reader r = {.source = source, .tree = byo_zalloc(sizeof(*r.tree)), .faults = faults, .open = open};

    read_file(&r, path, NULL, 0);
    return r.tree;
}

void byo_config_tree_join(ByoConfigTree *tree, ByoConfigTree *more)
{
    tree->groups = byo_realloc(tree->groups, (tree->n + more->n + 1) * sizeof *tree->groups);
    if (more->n)
        memcpy(tree->groups + tree->n, more->groups, more->n * sizeof *tree->groups);
    tree->n += more->n;
    tree->files = byo_realloc(tree->files, (tree->n_files + more->n_files + 1) * sizeof *tree->files);
    if (more->n_files)
        memcpy(tree->files + tree->n_files, more->files, more->n_files * sizeof *tree->files);
    tree->n_files += more->n_files;
    free(more->groups);
    free(more->files);
    free(more);
}

void byo_config_tree_free(ByoConfigTree *tree)
{
    if (!tree)
        return;
    for (size_t g = 0; g < tree->n; g++) {
        for (size_t k = 0; k < tree->groups[g].n; k++) {
            free((char *)tree->groups[g].keys[k].key);
            byo_secret_free((char *)tree->groups[g].keys[k].value);
        }
        free((ByoKeyLine *)tree->groups[g].keys);
        free((char *)tree->groups[g].name);
    }
    for (size_t k = 0; k < tree->n_files; k++)
        free(tree->files[k]);
    free(tree->files);
    free(tree->groups);
    free(tree);
}
