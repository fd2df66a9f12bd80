/* SPDX-License-Identifier: BSD-3-Clause
 * Bulk imports as CSV (spec N1, N3): what spreadsheets write, and what is broken, row by row.
 * Threads: none. */
#include "compliance/csv.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include "suites.h"

/* What was told, one line a row: "LINE:number|integration|type|country{help=A,B:reply}" or "LINE!fault". */
typedef struct {
    ByoBuf told;
    int stop_after; /* rows; 0: never */
    int rows;
} Told;

static bool tell(void *arg, const ByoCsvRow *row)
{
    Told *t = arg;
    const ByoNumberRequest *q = &row->request;

    if (row->fault) {
        byo_buf_addf(&t->told, "%d!%s\n", row->line, row->fault);
    } else {
        byo_buf_addf(&t->told, "%d:%.*s|%.*s|%.*s|%.*s", row->line, BYO_PF(q->number), BYO_PF(q->integration),
                     BYO_PF(q->type), BYO_PF(q->country));
        for (int k = 1; q->compliance && k <= BYO_KEYWORD_KINDS; k++) {
            const ByoKeywordGroups *g = byo_compliance_of(q->compliance, (ByoKeywordKind)k);
            for (size_t i = 0; i < g->n; i++) {
                byo_buf_addf(&t->told, "{%s=", byo_keyword_kind_name((ByoKeywordKind)k));
                for (size_t w = 0; w < g->groups[i].n; w++)
                    byo_buf_addf(&t->told, "%s%s", w ? "," : "", g->groups[i].keywords[w]);
                byo_buf_addf(&t->told, ":%s}", g->groups[i].reply);
            }
        }
        byo_buf_addc(&t->told, '\n');
    }
    return ++t->rows != t->stop_after;
}

#define HEADER \
    "number,integration,type,country,help-keywords,help-reply,opt-out-keywords,opt-out-reply," \
    "opt-in-keywords,opt-in-reply\n"
#define UNCLOSED "!A quoted field has no closing quote.\n"
#define AFTER "!There is text after a closing quote.\n"

static const struct {
    const char *what, *text, *told, *fault; /* fault NULL: the file is good */
} rows[] = {
    {"empty", "", "", NULL},
    {"line breaks alone", "\n\r\n\n", "", NULL},
    {"a BOM alone", "\xEF\xBB\xBF", "", NULL},
    {"header alone", HEADER, "", NULL},
    {"no header", "+12025550100,a,local,US\n", "1:+12025550100|a|local|US\n", NULL},
    {"no line break at the end", "1,a,local", "1:1|a|local|\n", NULL},
    {"header", HEADER "1,a,local\n", "2:1|a|local|\n", NULL},
    {"BOM, header, CRLF", "\xEF\xBB\xBFnumber,integration,type\r\n1,a,local\r\n2,b,mobile\r\n",
     "2:1|a|local|\n3:2|b|mobile|\n", NULL},
    {"CR alone", "1,a,local\r2,b,mobile\r", "1:1|a|local|\n2:2|b|mobile|\n", NULL},
    {"columns in another order", "type, Integration ,NUMBER\nlocal,a,1\n", "2:1|a|local|\n", NULL},
    {"columns left out", "number\n1\n", "2:1|||\n", NULL},
    {"semicolons", "number;integration;type\n1;a;local\n", "2:1|a|local|\n", NULL},
    {"tabs", "1\ta\tlocal\tUS\n", "1:1|a|local|US\n", NULL},
    {"blank lines and rows", "1,a,local\n\n,,,\n  \n2,b,local\n", "1:1|a|local|\n5:2|b|local|\n", NULL},
    {"blanks around fields", " 1 , a ,\tlocal\t, US \n", "1:1|a|local|US\n", NULL},
    {"quotes", "\"1\",\"a\",\"local\",\"US\"\n", "1:1|a|local|US\n", NULL},
    {"blanks around quotes", " \"1\" , \"a\" ,local\n", "1:1|a|local|\n", NULL},
    {"separators and quotes in quotes", "1,a,local,US,\"X\",\"say \"\"hi\"\", now\"\n",
     "1:1|a|local|US{help=X:say \"hi\", now}\n", NULL},
    {"a line break in quotes", "1,a,local,US,X,\"one\ntwo\"\n2,b,local\n",
     "1:1|a|local|US{help=X:one\ntwo}\n3:2|b|local|\n", NULL},
    {"CRLF in quotes", "1,a,local,US,X,\"one\r\ntwo\"\r\n2,b,local\r\n",
     "1:1|a|local|US{help=X:one\r\ntwo}\n3:2|b|local|\n", NULL},
    {"N3 all texts", HEADER "54321,a,short-code,US,HELP|INFO,h,STOP | END,o,START,i\n",
     "2:54321|a|short-code|US{help=HELP,INFO:h}{opt-out=STOP,END:o}{opt-in=START:i}\n", NULL},
    {"N3 keywords without a reply are told", "1,a,local,,X\n", "1:1|a|local|{help=X:}\n", NULL},
    {"N3 a reply without keywords is told", "1,a,local,,,,,o\n", "1:1|a|local|{opt-out=:o}\n", NULL},
    {"surplus empty fields", "1,a,local,US,,,,,,,,,\n", "1:1|a|local|US\n", NULL},
    {"surplus fields", "1,a,local,US,,,,,,,x\n2,b,local\n",
     "1!The row has more fields than there are columns.\n2:2|b|local|\n", NULL},
    {"more fields than the header has", "number,type\n1,local,x\n",
     "2!The row has more fields than there are columns.\n", NULL},
    {"an empty number", ",a,local\n", "1:|a|local|\n", NULL},
    {"a quote inside", "1,a\"b,local\n2,b,local\n",
     "1!A quote stands inside a field that does not begin with one.\n2:2|b|local|\n", NULL},
    {"text after a quote", "1,\"a\"b,local\n2,b,local\n", "1" AFTER "2:2|b|local|\n", NULL},
    {"an unclosed quote costs its line only", "1,\"a,local\n2,b,local\n3,c,local",
     "1" UNCLOSED "2:2|b|local|\n3:3|c|local|\n", NULL},
    {"an unclosed quote at the end", "1,a,\"", "1" UNCLOSED, NULL},
    {"broken UTF-8", "1,\xE9t\xE9,local\n2,b,local\n",
     "1!The row is not valid UTF-8; save the file as \"CSV UTF-8\".\n2:2|b|local|\n", NULL},
    {"a character cut by a separator", "1,\xC3,\xA9\n",
     "1!The row is not valid UTF-8; save the file as \"CSV UTF-8\".\n", NULL},
    {"two headers", HEADER HEADER,
     "2:number|integration|type|country{help=help-keywords:help-reply}"
     "{opt-out=opt-out-keywords:opt-out-reply}{opt-in=opt-in-keywords:opt-in-reply}\n",
     NULL},
    {"an unknown column", "number,colour\n1,red\n", "", "\"colour\", which there is not"},
    {"a column twice", "number,type,Number\n1,local,2\n", "", "\"Number\" twice"},
    {"UTF-16 LE",
     "\xFF\xFE"
     "1",
     "", "UTF-16"},
    {"UTF-16 BE",
     "\xFE\xFF"
     "1",
     "", "UTF-16"},
    {"a direction mark in a header", "number,\xE2\x80\xAEtype\n", "", "which there is not"},
};

START_TEST(N1_csv_rows)
{
    Told t = {{0}, 0, 0};
    ByoComplianceFault fault = {{0}, {0}};
    size_t n = strlen(rows[_i].text);
    char *text = malloc(n ? n : 1);

    memcpy(text, rows[_i].text, n);
    bool ok = byo_csv_numbers(byo_strn(text, n), 1000, tell, &t, &fault);
    ck_assert_msg(ok == !rows[_i].fault, "%s: %s", rows[_i].what, fault.text);
    ck_assert_msg(byo_str_is(byo_buf_str(&t.told), rows[_i].told), "%s: %s", rows[_i].what, t.told.p);
    if (!ok) {
        ck_assert_str_eq(fault.field, "csv");
        ck_assert_msg(strstr(fault.text, rows[_i].fault) != NULL, "%s", fault.text);
    }
    byo_buf_free(&t.told);
    free(text);
}
END_TEST

START_TEST(N1_csv_nul)
{
    Told t = {{0}, 0, 0};

    ck_assert(byo_csv_numbers(byo_strn("1,a\0b,local\n2,b,local\n", 22), 1000, tell, &t, NULL));
    ck_assert_str_eq(t.told.p, "1!The row holds a NUL character.\n2:2|b|local|\n");
    byo_buf_free(&t.told);
}
END_TEST

START_TEST(N1_csv_is_bounded)
{
    Told t = {{0}, 0, 0};
    ByoComplianceFault fault;
    ByoBuf text = {0};

    byo_buf_adds(&text, HEADER);
    for (int i = 0; i < 50; i++)
        byo_buf_addf(&text, "%d,a,local\n\n", i);
    ck_assert(!byo_csv_numbers(byo_buf_str(&text), 49, tell, &t, &fault));
    ck_assert_int_eq(t.rows, 0); /* found before the first row was told */
    ck_assert_str_eq(fault.text, "The file has more than 49 rows.");
    ck_assert(byo_csv_numbers(byo_buf_str(&text), 50, tell, &t, &fault));
    ck_assert_int_eq(t.rows, 50);
    /* A stop is a stop. */
    t.rows = 0;
    t.stop_after = 3;
    ck_assert(byo_csv_numbers(byo_buf_str(&text), 50, tell, &t, &fault));
    ck_assert_int_eq(t.rows, 3);
    t.stop_after = 0;
    /* Without a header row. */
    ck_assert(!byo_csv_numbers(BYO_STR("1\n2\n3\n"), 2, tell, &t, &fault));
    ck_assert(byo_csv_numbers(BYO_STR("1\n2\n3\n"), 3, tell, &t, &fault));
    byo_buf_clear(&t.told);

    /* Rows over the bound, and rows of very many fields, cost themselves. */
    byo_buf_clear(&text);
    for (int i = 0; i < BYO_CSV_RECORD_BYTES + 1; i++)
        byo_buf_addc(&text, 'x');
    byo_buf_adds(&text, "\n2,b,local\n");
    for (int i = 0; i < 1000; i++)
        byo_buf_addc(&text, ',');
    byo_buf_adds(&text, "\n4,d,local\n");
    ck_assert(byo_csv_numbers(byo_buf_str(&text), 50, tell, &t, &fault));
    ck_assert_str_eq(t.told.p,
                     "1!The row is too long (or a quoted field has no closing quote).\n2:2|b|local|\n"
                     "3!The row has too many fields.\n4:4|d|local|\n");
    byo_buf_free(&text);
    byo_buf_free(&t.told);
}
END_TEST

static const struct {
    const char *field, *written;
} fields[] = {
    {"", ""},
    {"abc", "abc"},
    {"a,b", "\"a,b\""},
    {"a b", "\"a b\""},
    {"a\"b", "\"a\"\"b\""},
    {"a\r\nb", "\"a\r\nb\""},
    {"+12025550100", "+12025550100"},
    {"=1+1", "\"'=1+1\""},
    {"+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""},
    {"-1", "\"'-1\""},
    {"@SUM(A1)", "\"'@SUM(A1)\""},
    {"+", "\"'+\""},
    {"\t=1", "\"'\t=1\""},
    {"\xE5\x81\x9C\xE6\xAD\xA2", "\xE5\x81\x9C\xE6\xAD\xA2"},
};

START_TEST(K4_csv_fields_are_safe_to_open)
{
    ByoBuf out = {0};

    byo_csv_field(&out, byo_str(fields[_i].field));
    ck_assert(byo_str_is(byo_buf_str(&out), fields[_i].written));
    byo_buf_free(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv");
    TCase *tc = tcase_create("csv");

    tcase_add_loop_test(tc, N1_csv_rows, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tc, N1_csv_nul);
    tcase_add_test(tc, N1_csv_is_bounded);
    tcase_add_loop_test(tc, K4_csv_fields_are_safe_to_open, 0, (int)(sizeof fields / sizeof *fields));
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
