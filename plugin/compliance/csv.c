/* SPDX-License-Identifier: BSD-3-Clause
 * Reads CSV as spreadsheets write it, record by record; a broken record costs only itself.
 * Ownership: fields of a record share one buffer that lives as long as the callback. Threads: none. */
#include "compliance/csv.h"

#include <stdlib.h>

#include <unistr.h>

#include "compliance/fault.h"
#include "encoding/charset.h"

const char *const byo_csv_columns[BYO_CSV_COLUMNS] = {
    "number",     "integration",      "type",          "country",         "help-keywords",
    "help-reply", "opt-out-keywords", "opt-out-reply", "opt-in-keywords", "opt-in-reply"};

enum { NUMBER, INTEGRATION, TYPE, COUNTRY, FIRST_TEXT, MOST_FIELDS = 32 };

typedef struct {
    ByoStr text;
    size_t at;
    int line; /* of the next character */
    char separator;
    ByoBuf bytes; /* of the record's fields, one after the other */
    size_t ends[MOST_FIELDS];
    int n; /* fields */
    const char *fault;
} Reader;

static bool at_end_of_line(const Reader *r)
{
    return r->at == r->text.n || r->text.p[r->at] == '\n' || r->text.p[r->at] == '\r';
}

/* Past CR, LF or CR LF. */
static void end_line(Reader *r)
{
    if (r->at < r->text.n && r->text.p[r->at] == '\r')
        r->at++;
    if (r->at < r->text.n && r->text.p[r->at] == '\n')
        r->at++;
    r->line++;
}

static bool add_byte(Reader *r, char c)
{
    if (r->bytes.n >= BYO_CSV_RECORD_BYTES) {
        r->fault = "The row is too long (or a quoted field has no closing quote).";
        return false;
    }
    byo_buf_addc(&r->bytes, c);
    return true;
}

/* After the opening quote, up to and past the closing one. */
static bool read_quoted(Reader *r)
{
    while (r->at < r->text.n) {
        char c = r->text.p[r->at++];
        if (c == '"') {
            if (r->at == r->text.n || r->text.p[r->at] != '"')
                return true;
            r->at++;
        }
        if (c == '\n' || (c == '\r' && (r->at == r->text.n || r->text.p[r->at] != '\n')))
            r->line++;
        if (!add_byte(r, c))
            return false;
    }
    r->fault = "A quoted field has no closing quote.";
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool at_field_end(const Reader *r)
{
    return at_end_of_line(r) || r->text.p[r->at] == r->separator;
}

/* Up to the separator or the end of the line; blanks around a field are not part of it. */
static bool read_field(Reader *r)
{
    while (!at_field_end(r) && is_blank(r->text.p[r->at]))
        r->at++;
    if (!at_field_end(r) && r->text.p[r->at] == '"') {
        r->at++;
        if (!read_quoted(r))
            return false;
        while (!at_field_end(r))
            if (!is_blank(r->text.p[r->at++])) {
                r->fault = "There is text after a closing quote.";
                return false;
            }
        return true;
    }
    size_t kept = r->bytes.n;
    while (!at_field_end(r)) {
        char c = r->text.p[r->at++];
        if (c == '"') {
            r->fault = "A quote stands inside a field that does not begin with one.";
            return false;
        }
        if (!add_byte(r, c))
            return false;
        if (!is_blank(c))
            kept = r->bytes.n;
    }
    r->bytes.n = kept;
    return true;
}

static void read_fields(Reader *r)
{
    for (r->n = 0; r->n < MOST_FIELDS;) {
        if (!read_field(r))
            return;
        r->ends[r->n++] = r->bytes.n;
        if (at_end_of_line(r)) {
            end_line(r);
            return;
        }
        r->at++; /* the separator */
    }
    r->fault = "The row has too many fields.";
}

/* An empty field is an absent one. */
static ByoStr field(const Reader *r, int i)
{
    if (i < 0 || i >= r->n)
        return BYO_STR_NONE;
    size_t from = i ? r->ends[i - 1] : 0;
    return r->ends[i] > from ? byo_strn(r->bytes.p + from, r->ends[i] - from) : BYO_STR_NONE;
}

/* NULL, or what no field may hold. Each by itself: two halves of a character are none. */
static const char *judge_fields(const Reader *r)
{
    for (int i = 0; i < r->n; i++) {
        ByoStr s = field(r, i);
        if (s.n && memchr(s.p, 0, s.n))
            return "The row holds a NUL character.";
        if (s.n && u8_check((const uint8_t *)s.p, s.n))
            return "The row is not valid UTF-8; save the file as \"CSV UTF-8\".";
    }
    return NULL;
}

/* One record; false at the end of the text. A faulty one ends with its first line, so that one missing
 * quote does not swallow the rows after it. */
static bool read_record(Reader *r, int *line_r)
{
    size_t start = r->at;

    if (start == r->text.n)
        return false;
    *line_r = r->line;
    byo_buf_clear(&r->bytes);
    r->fault = NULL;
    read_fields(r);
    if (r->fault) {
        r->at = start;
        r->line = *line_r;
        while (!at_end_of_line(r))
            r->at++;
        end_line(r);
    } else
        r->fault = judge_fields(r);
    return true;
}

static bool is_blank_row(const Reader *r)
{
    return !r->fault && r->bytes.n == 0;
}

/* -- rows -----------------------------------------------------------------------------------------*/

typedef struct {
    const char *const *names;
    int count;               /* names */
    int keys;                /* a row with one of the first `keys` names is a header */
    int at[BYO_CSV_COLUMNS]; /* the field of each column; -1: the file has no such column */
    int n;                   /* fields of a full row */
} Columns;

static int column_of(const Columns *c, ByoStr name)
{
    for (int i = 0; i < c->count; i++)
        if (byo_str_ieq(name, byo_str(c->names[i])))
            return i;
    return -1;
}

static bool is_header(const Columns *c, const Reader *r)
{
    for (int i = 0; i < r->n && !r->fault; i++) {
        int column = column_of(c, field(r, i));
        if (column >= 0 && column < c->keys)
            return true;
    }
    return false;
}

static bool read_header(const Reader *r, Columns *c, ByoComplianceFault *fault_r)
{
    char quoted[BYO_QUOTE_BYTES];

    for (int i = 0; i < c->count; i++)
        c->at[i] = -1;
    c->n = r->n;
    for (int i = 0; i < r->n; i++) {
        ByoStr name = field(r, i);
        int column = column_of(c, name);

        if (!name.n)
            continue;
        if (column < 0 || c->at[column] >= 0) {
            byo_compliance_fault(fault_r, "csv", "The header row names the column \"%s\"%s.",
                                 byo_compliance_quote(name, quoted),
                                 column < 0 ? ", which there is not" : " twice");
            return false;
        }
        c->at[column] = i;
    }
    return true;
}

static void take_texts(const Reader *r, const Columns *c, ByoCompliance *texts)
{
    for (int k = 0; k < BYO_KEYWORD_KINDS; k++) {
        ByoStr keywords = field(r, c->at[FIRST_TEXT + 2 * k]),
               reply = field(r, c->at[FIRST_TEXT + 2 * k + 1]);

        if (keywords.n || reply.n)
            byo_compliance_add_keywords(byo_compliance_add_group(texts, (ByoKeywordKind)(k + 1), reply),
                                        keywords);
    }
}

static const char *row_fault(const Reader *r, const Columns *c)
{
    for (int i = c->n; !r->fault && i < r->n; i++)
        if (field(r, i).n)
            return "The row has more fields than there are columns.";
    return r->fault;
}

typedef struct {
    bool (*number)(void *arg, const ByoCsvRow *row);
    bool (*opt_out)(void *arg, const ByoCsvOptRow *row);
    void *arg;
} Told;

static bool tell(const Reader *r, const Columns *c, int line, const Told *told)
{
    ByoCompliance texts = {0};
    ByoCsvRow row = {.line = line, .fault = row_fault(r, c)};

    if (!row.fault) {
        take_texts(r, c, &texts);
        row.request = (ByoNumberRequest){.number = field(r, c->at[NUMBER]),
                                         .integration = field(r, c->at[INTEGRATION]),
                                         .type = field(r, c->at[TYPE]),
                                         .country = field(r, c->at[COUNTRY])};
        if (!byo_compliance_is_empty(&texts))
            row.request.compliance = &texts;
    }
    bool more = told->number(told->arg, &row);
    byo_compliance_free(&texts);
    return more;
}

static bool tell_opt_out(const Reader *r, const Columns *c, int line, const Told *told)
{
    ByoCsvOptRow row = {.line = line, .fault = row_fault(r, c)};
    ByoStr *to[] = {&row.number, &row.recipient, &row.reason, &row.time,
                    &row.action, &row.text,      &row.answer, &row.who};

    for (int i = 0; !row.fault && i < c->count; i++)
        *to[i] = field(r, c->at[i]);
    return told->opt_out(told->arg, &row);
}

/* What the first line separates its fields with. */
static char separator_of(ByoStr text)
{
    for (size_t i = 0; i < text.n && text.p[i] != '\n' && text.p[i] != '\r'; i++)
        if (text.p[i] == ',' || text.p[i] == ';' || text.p[i] == '\t')
            return text.p[i];
    return ',';
}

static bool is_utf16(ByoStr text)
{
    return text.n >= 2 && (memcmp(text.p, "\xFF\xFE", 2) == 0 || memcmp(text.p, "\xFE\xFF", 2) == 0);
}

static bool read_rows(ByoStr text, size_t max_rows, Columns columns, const Told *told,
                      ByoComplianceFault *fault_r)
{
    size_t rows = 0;
    int line;
    bool ok = true;

    if (is_utf16(text)) {
        byo_compliance_fault(fault_r, "csv", "The file is UTF-16; save it as \"CSV UTF-8\".");
        return false;
    }
    if (text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0)
        text = byo_strn(text.p + 3, text.n - 3);
    Reader r = {.text = text, .line = 1, .separator = separator_of(text)};
    Reader counter = r;
    while (rows <= max_rows + 1 && read_record(&counter, &line))
        rows += !is_blank_row(&counter);
    byo_buf_free(&counter.bytes);
    columns.n = columns.count;
    for (int i = 0; i < columns.count; i++)
        columns.at[i] = i;
    for (bool first = true; ok && read_record(&r, &line);) {
        if (is_blank_row(&r))
            continue;
        bool header = first && is_header(&columns, &r);
        if (first && rows - header > max_rows) {
            byo_compliance_fault(fault_r, "csv", "The file has more than %zu rows.", max_rows);
            ok = false;
        } else if (header)
            ok = read_header(&r, &columns, fault_r);
        else if (!(told->number ? tell : tell_opt_out)(&r, &columns, line, told))
            break;
        first = false;
    }
    byo_buf_free(&r.bytes);
    return ok;
}

bool byo_csv_numbers(ByoStr text, size_t max_rows, bool (*each)(void *arg, const ByoCsvRow *row), void *arg,
                     ByoComplianceFault *fault_r)
{
    Columns columns = {.names = byo_csv_columns, .count = BYO_CSV_COLUMNS, .keys = 1};
    Told told = {.number = each, .arg = arg};
    return read_rows(text, max_rows, columns, &told, fault_r);
}

bool byo_csv_opt_outs(ByoStr text, size_t max_rows, bool (*each)(void *arg, const ByoCsvOptRow *row),
                      void *arg, ByoComplianceFault *fault_r)
{
    static const char *const names[] = {"number", "recipient", "reason", "time",
                                        "action", "text",      "answer", "who"};
    Columns columns = {.names = names, .count = sizeof names / sizeof *names, .keys = 2};
    Told told = {.opt_out = each, .arg = arg};
    return read_rows(text, max_rows, columns, &told, fault_r);
}

/* -- writing --------------------------------------------------------------------------------------*/

static bool is_number(ByoStr s)
{
    for (size_t i = 1; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 1 && s.p[0] == '+';
}

void byo_csv_field(ByoBuf *out, ByoStr s)
{
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result) a set of octets, no string */
    bool formula = s.n && memchr("=+-@\t\r", s.p[0], 6) && !is_number(s);
    bool quote = formula;

    for (size_t i = 0; i < s.n && !quote; i++)
        quote = s.p[i] == ',' || s.p[i] == ';' || s.p[i] == '"' || (unsigned char)s.p[i] <= ' ';
    if (quote)
        byo_buf_addc(out, '"');
    if (formula)
        byo_buf_addc(out, '\'');
    ByoBuf clean = {0};
    byo_utf8_mend(s, &clean);
    for (size_t i = 0; i < clean.n; i++) {
        char c = clean.p[i];
        if (c == '"')
            byo_buf_addc(out, '"');
        if (((unsigned char)c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7F)
            byo_utf8_add(out, 0xFFFD);
        else
            byo_buf_addc(out, c);
    }
    byo_buf_free(&clean);
    if (quote)
        byo_buf_addc(out, '"');
}
