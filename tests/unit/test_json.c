/* SPDX-License-Identifier: BSD-3-Clause
 * JSON in and out: places and pointers of faults (spec J6), the checks' sentences, building. What a syntax
 * fault is called stands as data in tests/vectors/advanced-bad (test_advanced.c).
 * Threads: none. */
#include "base/json.h"
#include "base/text.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "suites.h"

static ByoJsonDoc *read_good(const char *text)
{
    ByoJsonDoc *doc = byo_json_read(byo_str(text), 4096, 16);
    size_t n;
    const ByoJsonFault *f = byo_json_faults(doc, &n);

    ck_assert_msg(n == 0, "%s: %s", text, n ? f->text : "");
    return doc;
}

/* The only fault of the document. */
static void assert_fault(ByoJsonDoc *doc, int line, int column, const char *pointer, const char *text)
{
    size_t n;
    const ByoJsonFault *f = byo_json_faults(doc, &n);

    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(f->text, text);
    ck_assert_str_eq(f->pointer, pointer);
    ck_assert_int_eq(f->line, line);
    ck_assert_int_eq(f->column, column);
}

START_TEST(J6_values_and_cursors)
{
    ByoJsonDoc *doc = read_good("{\"b\": [1, -2, \"x\"], \"a\": {\"t\": true, \"f\": false, \"n\": null},"
                                " \"r\": 1.5, \"e\": \"\\u20ac\\n\\/\\ud83d\\ude00\"}");
    ByoJsonAt root = byo_json_root(doc), b = byo_json_member(&root, "b"), a = byo_json_member(&root, "a");
    ByoJsonAt one = byo_json_item(&b, 0), two = byo_json_item(&b, 1), x = byo_json_item(&b, 2);
    ByoJsonAt t = byo_json_member(&a, "t"), f = byo_json_member(&a, "f"), n = byo_json_member(&a, "n");
    ByoJsonAt r = byo_json_member(&root, "r"), e = byo_json_member(&root, "e");
    ByoJsonAt none = byo_json_member(&root, "none"), below = byo_json_item(&none, 3),
              past = byo_json_item(&b, 3);
    ByoJsonAt of_number = byo_json_member(&one, "x");

    ck_assert_int_eq(byo_json_type(&root), BYO_JSON_OBJECT);
    ck_assert_int_eq(byo_json_type(&b), BYO_JSON_ARRAY);
    ck_assert_int_eq(byo_json_type(&one), BYO_JSON_INT);
    ck_assert_int_eq(byo_json_type(&x), BYO_JSON_STR);
    ck_assert_int_eq(byo_json_type(&t), BYO_JSON_BOOL);
    ck_assert_int_eq(byo_json_type(&f), BYO_JSON_BOOL);
    ck_assert_int_eq(byo_json_type(&n), BYO_JSON_NULL);
    ck_assert_int_eq(byo_json_type(&r), BYO_JSON_REAL);
    ck_assert_int_eq(byo_json_type(&none), BYO_JSON_ABSENT);
    ck_assert_int_eq(byo_json_type(&below), BYO_JSON_ABSENT);
    ck_assert_int_eq(byo_json_type(&past), BYO_JSON_ABSENT);
    ck_assert_int_eq(byo_json_type(&of_number), BYO_JSON_ABSENT);
    ck_assert_uint_eq(byo_json_size(&root), 4);
    ck_assert_uint_eq(byo_json_size(&b), 3);
    ck_assert_uint_eq(byo_json_size(&x), 0);
    ck_assert_int_eq(byo_json_peek_int(&two, 7), -2);
    ck_assert_int_eq(byo_json_peek_int(&x, 7), 7);
    ck_assert_int_eq(byo_json_peek_int(&none, 7), 7);
    ck_assert(byo_json_peek_bool(&t));
    ck_assert(!byo_json_peek_bool(&f));
    ck_assert(!byo_json_peek_bool(&one));
    ck_assert(byo_str_is(byo_json_peek_str(&e), "\xe2\x82\xac\n/\xf0\x9f\x98\x80"));
    ck_assert_ptr_null(byo_json_peek_str(&one).p);
    ck_assert_ptr_null(byo_json_peek_str(&none).p);
    byo_json_close(doc);
    byo_json_close(NULL);
}
END_TEST

START_TEST(J6_members_in_order_of_the_text)
{
    ByoJsonDoc *doc = read_good("{\"z\": 1, \"a\": 2, \"m\": 3, \"\\u0062\": 4}");
    ByoJsonAt root = byo_json_root(doc), member;
    size_t iter = 0;
    char order[32] = "";
    size_t n = 0;

    while (byo_json_next(&root, &iter, &member))
        n += (size_t)snprintf(order + n, sizeof order - n, "%s%d ", member.key,
                              (int)byo_json_peek_int(&member, 0));
    ck_assert_str_eq(order, "z1 a2 m3 b4 ");
    iter = 0;
    member = byo_json_member(&root, "z");
    ck_assert(!byo_json_next(&member, &iter, &root));
    byo_json_close(doc);
}
END_TEST

/* Where a value, its name, and what is escaped in a name stand. */
START_TEST(J6_places)
{
    static const char text[] = "{\n"
                               "\t\"a/b~\": [ {}, [\"]}\\\"\", {\"x\": {\"y\" :  \n  -12}}] ],\r\n"
                               "  \"\\u0061\": 0.5 , \"\xe2\x82\xac\": \"\xe2\x82\xac\", \"q\":true}";
    ByoJsonDoc *doc = read_good(text);
    ByoJsonAt root = byo_json_root(doc), ab = byo_json_member(&root, "a/b~"), list = byo_json_item(&ab, 1);
    ByoJsonAt object = byo_json_item(&list, 1), x = byo_json_member(&object, "x"),
              y = byo_json_member(&x, "y");
    ByoJsonAt a = byo_json_member(&root, "a"), euro = byo_json_member(&root, "\xe2\x82\xac");
    ByoJsonAt q = byo_json_member(&root, "q");
    const struct {
        const ByoJsonAt *at;
        bool name;
        int line, column;
    } rows[] = {
        {&root, false, 1, 1},  {&root, true, 1, 1},     {&ab, true, 2, 2},  {&ab, false, 2, 10},
        {&list, false, 2, 16}, {&object, false, 2, 25}, {&x, true, 2, 26},  {&y, true, 2, 32},
        {&y, false, 3, 3},     {&a, true, 4, 3},        {&a, false, 4, 13}, {&euro, true, 4, 19},
        {&euro, false, 4, 26}, {&q, false, 4, 37},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int line, column;
        byo_json_place(rows[i].at, rows[i].name, &line, &column);
        ck_assert_msg(line == rows[i].line && column == rows[i].column, "row %zu: %d:%d", i, line, column);
    }
    byo_json_fault(&y, BYO_FAULT_WARNING, true, "%s", "hm");
    ck_assert_uint_eq(byo_json_errors(doc), 0);
    assert_fault(doc, 2, 32, "/a~1b~0/1/1/x/y", "hm");
    byo_json_close(doc);
}
END_TEST

/* ---- the checks ---- */

typedef enum { OBJECT, ARRAY, INT, BOOL, STR, LINE } Want;
static const char *const wants[] = {"object", "array", "int", "bool", "str", "line"};

static const struct {
    Want want;
    const char *value;
    const char *fault; /* NULL: it is taken */
} checks[] = {
    {OBJECT, "{}", NULL},
    {OBJECT, "{\"number\": 1, \"type\": 2}", NULL},
    {OBJECT, "[]", "an object is expected, not an array"},
    {ARRAY, "[]", NULL},
    {ARRAY, "{}", "an array is expected, not an object"},
    {INT, "-5", NULL},
    {INT, "10", NULL},
    {INT, "11", "11 is out of range: a whole number from -5 to 10 is expected"},
    {INT, "-6", "-6 is out of range: a whole number from -5 to 10 is expected"},
    {INT, "9223372036854775807",
     "9223372036854775807 is out of range: a whole number from -5 to 10 is expected"},
    {INT, "1.0", "1.0 is not written as a whole number: write 1"},
    {INT, "1E+1", "1E+1 is not written as a whole number: write 10"},
    {INT, "1.25", "1.25 is no whole number: a whole number from -5 to 10 is expected"},
    {INT, "1e300", "1e300 is no whole number: a whole number from -5 to 10 is expected"},
    {INT, "\"1\"", "a whole number from -5 to 10 is expected, not a string"},
    {INT, "null", "a whole number from -5 to 10 is expected, not null"},
    {INT, "true", "a whole number from -5 to 10 is expected, not a boolean"},
    {BOOL, "true", NULL},
    {BOOL, "false", NULL},
    {BOOL, "0", "true or false is expected, not a number"},
    {BOOL, "\"yes\"", "true or false is expected, not a string"},
    {STR, "\"ab\"", NULL},
    {STR, "\"a\\n\"", NULL},
    {STR, "\"abcd\"", NULL},
    {STR, "\"\"", "an empty string is not allowed here"},
    {STR, "\"a\"", "a string of 1 octets: at least 2 are needed"},
    {STR, "\"abcde\"", "a string of 5 octets: at most 4 are allowed"},
    {STR, "\"\\u20aca\\u20ac\"", "a string of 7 octets: at most 4 are allowed"},
    {STR, "7", "a string is expected, not a number"},
    {LINE, "\"a b\"", NULL},
    {LINE, "\"a\\u00a0\"", NULL},
    {LINE, "\"a\\n\"", "control character U+000A: one line of text is expected"},
    {LINE, "\"a\\u007f\"", "control character U+007F: one line of text is expected"},
    {LINE, "\"a\\u009f\"", "control character U+009F: one line of text is expected"},
};

static bool want(Want what, const ByoJsonAt *at)
{
    static const char *const allowed[] = {"number", "type", NULL};
    int64_t number;
    bool flag;
    ByoStr s;

    switch (what) {
    case OBJECT:
        return byo_json_want_object(at, allowed);
    case ARRAY:
        return byo_json_want_array(at);
    case INT:
        return byo_json_want_int(at, -5, 10, &number);
    case BOOL:
        return byo_json_want_bool(at, &flag);
    case STR:
        return byo_json_want_str(at, 2, 4, &s);
    default:
        return byo_json_want_line(at, 2, 4, &s);
    }
}

START_TEST(J6_checks)
{
    char *text = byo_printf("{\n  \"it\": [%s]}", checks[_i].value);
    ByoJsonDoc *doc = read_good(text);
    ByoJsonAt root = byo_json_root(doc), it = byo_json_member(&root, "it"), value = byo_json_item(&it, 0);
    bool taken = want(checks[_i].want, &value);

    ck_assert_msg(taken == (checks[_i].fault == NULL), "%s %s", wants[checks[_i].want], checks[_i].value);
    ck_assert_uint_eq(byo_json_errors(doc), !taken);
    if (!taken)
        assert_fault(doc, 2, 10, "/it/0", checks[_i].fault);
    byo_json_close(doc);
    free(text);
}
END_TEST

START_TEST(J6_absent_is_no_fault)
{
    ByoJsonDoc *doc = read_good("{}");
    ByoJsonAt root = byo_json_root(doc), none = byo_json_member(&root, "none");

    for (Want w = OBJECT; w <= LINE; w++)
        ck_assert(!want(w, &none));
    ck_assert_uint_eq(byo_json_errors(doc), 0);
    ck_assert(!byo_json_need(&root, "number", &none));
    ck_assert(!byo_json_need(&none, "deeper", &none)); /* told once, not again below */
    assert_fault(doc, 1, 1, "", "the member \"number\" is missing");
    byo_json_close(doc);
}
END_TEST

START_TEST(J6_no_tree_after_a_syntax_fault)
{
    ByoJsonDoc *doc = byo_json_read(BYO_STR("{\"a\": [1 2]}"), 100, 4);
    ByoJsonAt root = byo_json_root(doc);

    ck_assert(!byo_json_want_object(&root, NULL));
    assert_fault(doc, 1, 10, "/a", "a comma is missing before this");
    byo_json_close(doc);
}
END_TEST

START_TEST(J6_limits)
{
    ByoJsonDoc *doc = byo_json_read(BYO_STR("[[[1]]]"), 7, 3);
    ck_assert_uint_eq(byo_json_errors(doc), 0);
    byo_json_close(doc);
    doc = byo_json_read(BYO_STR("[[[1]]]"), 6, 3);
    assert_fault(doc, 1, 1, "", "7 octets of JSON: at most 6 are read");
    byo_json_close(doc);
    doc = byo_json_read(BYO_STR("[[[1]]]"), 7, 2);
    assert_fault(doc, 1, 3, "/0/0", "nested deeper than 2 levels");
    byo_json_close(doc);
    doc = byo_json_read(BYO_STR(""), 7, 2);
    assert_fault(doc, 1, 1, "", "the text ends where a value is expected");
    byo_json_close(doc);
    doc = byo_json_read(BYO_STR_NONE, 7, 2);
    assert_fault(doc, 1, 1, "", "the text ends where a value is expected");
    byo_json_close(doc);
}
END_TEST

START_TEST(J6_hostile_names_in_pointers)
{
    ByoBuf text = {0}, long_name = {0};
    size_t n;

    for (int i = 0; i < 300; i++)
        byo_buf_adds(&long_name, "\xe2\x82\xac");
    byo_buf_addf(&text, "{\"\\u001b[2J\xc2\x85\\u007f\": {\"%s\": 1}}", long_name.p);
    ByoJsonDoc *doc = read_good(text.p);
    ByoJsonAt root = byo_json_root(doc), first, second;
    size_t iter = 0;
    ck_assert(byo_json_next(&root, &iter, &first));
    byo_json_fault(&first, BYO_FAULT_ERROR, true, "bad");
    ck_assert_str_eq(byo_json_faults(doc, &n)[0].pointer, "/\\u001b[2J\\u0085\\u007f");
    iter = 0;
    ck_assert(byo_json_next(&first, &iter, &second));
    byo_json_fault(&second, BYO_FAULT_ERROR, false, "bad");
    const char *pointer = byo_json_faults(doc, &n)[1].pointer;
    size_t len = strlen(pointer);
    ck_assert_uint_le(len, 520);
    ck_assert_str_eq(pointer + len - 6, "\xe2\x82\xac...");
    byo_json_close(doc);
    byo_buf_free(&text);
    byo_buf_free(&long_name);
}
END_TEST

START_TEST(J6_faults_are_sorted_and_capped)
{
    ByoBuf text = {0};
    ByoFaults faults = {0};

    byo_buf_adds(&text, "[0");
    for (int i = 1; i < 150; i++)
        byo_buf_addf(&text, ",\n%d", i);
    byo_buf_adds(&text, "]");
    ByoJsonDoc *doc = read_good(text.p);
    ByoJsonAt root = byo_json_root(doc);
    for (size_t i = 150; i-- > 0;) {
        ByoJsonAt item = byo_json_item(&root, i);
        ck_assert(byo_json_full(doc, BYO_FAULT_ERROR) == (i < 50));
        byo_json_fault(&item, BYO_FAULT_ERROR, false, "first");
        if (i >= 148)
            byo_json_fault(&item, BYO_FAULT_WARNING, false, "second");
    }
    ck_assert_uint_eq(byo_json_errors(doc), 150);
    byo_json_tell(doc, "f.json", &faults);
    ck_assert_uint_eq(faults.n, 103);
    ck_assert_str_eq(faults.items[0].text, "/50: first");
    ck_assert_int_eq(faults.items[0].line, 51);
    ck_assert_str_eq(faults.items[98].text, "/148: first");
    ck_assert_str_eq(faults.items[99].text, "/148: second");
    ck_assert_str_eq(faults.items[101].text, "/149: second");
    ck_assert_str_eq(faults.items[102].text, "and 50 more");
    ck_assert_str_eq(faults.items[102].file, "f.json");
    ck_assert_uint_eq(faults.errors, 101);
    byo_faults_free(&faults);
    byo_json_close(doc);
    byo_buf_free(&text);
}
END_TEST

START_TEST(api_field_of_a_pointer)
{
    static const char *const rows[][2] = {
        {"", ""},
        {"/number", "number"},
        {"/compliance/help/0/reply", "compliance.help.0.reply"},
        {"/a~1b~0c~2", "a/b~c~2"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *field = byo_json_field(rows[i][0]);
        ck_assert_str_eq(field, rows[i][1]);
        free(field);
    }
}
END_TEST

START_TEST(J6_nearest_name)
{
    static const char *const names[] = {"charsets", "dcs", "GSM_0338", "description"};
    static const char *const rows[][2] = {
        {"charset", "charsets"},
        {"CHARSETS", "charsets"},
        {"chasrets", "charsets"},
        {"gsm0338", "GSM_0338"},
        {"dsc", "dcs"},
        {"desc", "dcs"},
        {"xyz", NULL},
        {"", NULL},
        {"descriptions of a thing", NULL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *near = byo_nearest(byo_str(rows[i][0]), names, 4);
        if (rows[i][1])
            ck_assert_msg(near && strcmp(near, rows[i][1]) == 0, "%s: %s", rows[i][0], near ? near : "none");
        else
            ck_assert_msg(!near, "%s: %s", rows[i][0], near);
    }
}
END_TEST

/* ---- building ---- */

START_TEST(api_build_and_write)
{
    ByoJson *o = byo_json_object(), *a = byo_json_array(), *inner = byo_json_object();
    ByoBuf out = {0};

    byo_json_set_str(o, "s", BYO_STR("a\"\n\xe2\x82\xac"));
    byo_json_set_z(o, "z", "text");
    byo_json_set_z(o, "none", NULL);
    byo_json_set_str(o, "absent", BYO_STR_NONE);
    byo_json_set_str(o, "empty", BYO_STR(""));
    byo_json_set_str(o, "broken", byo_strn("a\xff\xe2\x82 b\0c", 8));
    byo_json_set_int(o, "i", INT64_MIN);
    byo_json_set_bool(o, "t", true);
    byo_json_set_bool(o, "f", false);
    byo_json_set_real(o, "r", 19.5);
    byo_json_set_real(o, "third", 0.1);
    byo_json_set_real(o, "nan", NAN);
    byo_json_set_time(o, "at", 1500);
    byo_json_set_time(o, "never", 0);
    byo_json_add_int(a, 1);
    byo_json_add_str(a, BYO_STR("x"));
    byo_json_add(a, inner);
    byo_json_add(a, NULL);
    byo_json_set(o, "items", a);
    byo_json_set(o, "next", NULL);
    byo_json_set_z(o, "z", "again");
    byo_buf_adds(&out, "> ");
    byo_json_text(o, false, &out);
    ck_assert_str_eq(
        out.p, "> {\"s\":\"a\\\"\\n\xe2\x82\xac\",\"z\":\"again\",\"none\":null,\"absent\":null,\"empty\":"
               "\"\",\"broken\":\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd b\xef\xbf\xbd"
               "c\","
               "\"i\":-9223372036854775808,\"t\":true,\"f\":false,\"r\":19.5,\"third\":0.1,\"nan\":null,"
               "\"at\":\"1970-01-01T00:00:01.500Z\",\"never\":null,"
               "\"items\":[1,\"x\",{},null],\"next\":null}");
    byo_buf_clear(&out);
    byo_json_text(a, true, &out);
    ck_assert_str_eq(out.p, "[\n  1,\n  \"x\",\n  {},\n  null\n]");
    byo_json_free(o);
    byo_json_free(NULL);
    byo_buf_free(&out);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))

int main(void)
{
    Suite *suite = suite_create("json");
    TCase *tc = tcase_create("json");

    tcase_add_test(tc, J6_values_and_cursors);
    tcase_add_test(tc, J6_members_in_order_of_the_text);
    tcase_add_test(tc, J6_places);
    tcase_add_loop_test(tc, J6_checks, 0, ROWS(checks));
    tcase_add_test(tc, J6_absent_is_no_fault);
    tcase_add_test(tc, J6_no_tree_after_a_syntax_fault);
    tcase_add_test(tc, J6_limits);
    tcase_add_test(tc, J6_hostile_names_in_pointers);
    tcase_add_test(tc, J6_faults_are_sorted_and_capped);
    tcase_add_test(tc, api_field_of_a_pointer);
    tcase_add_test(tc, J6_nearest_name);
    tcase_add_test(tc, api_build_and_write);
    suite_add_tcase(suite, tc);

    return run_suite(suite);
}
