/* SPDX-License-Identifier: BSD-3-Clause
 * The advanced configuration (spec J1-J6): the default, merging, replacing, and every kind of bad input, which
 * stands as data in tests/vectors/advanced-bad: NAME.json and, in NAME.txt, its errors in the order of the
 * text (line, column, pointer, words of the sentence; "# allow-unknown-causes" sets the option).
 * Threads: none. */
#include "base/features.h"
#include "integration/advanced.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include "suites.h"

static bool verdict_of(const ByoErrorMap *map, ByoMapScope scope, ByoStr code, ByoVerdict *v_r)
{
    const ByoErrorRow *row = byo_error_map_find(map, scope, code);
    if (row)
        *v_r = row->verdict;
    return row != NULL;
}

static char *top_path(const char *path)
{
    const char *top = getenv("srcdir");

    return byo_printf("%s/%s", top ? top : ".", path);
}

static ByoBuf read_file(const char *path)
{
    char *full = top_path(path), block[4096];
    FILE *f = fopen(full, "rb");
    ByoBuf text = {0};
    size_t n;

    ck_assert_msg(f != NULL, "%s is missing", full);
    byo_buf_need(&text, 0);
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        byo_buf_add(&text, block, n);
    fclose(f);
    free(full);
    return text;
}

static ByoAdvanced *load(ByoStr text, bool allow_unknown, unsigned features, ByoFaults *faults)
{
    ByoAdvancedOptions opt = {.file = "a.json", .allow_unknown_causes = allow_unknown, .features = features};

    *faults = (ByoFaults){0};
    ByoAdvanced *a = byo_advanced_load(text, &opt, faults);
    ck_assert_msg((a == NULL) == (faults->errors > 0), "a result or errors");
    return a;
}

static ByoAdvanced *load_good(const char *text)
{
    ByoFaults faults;
    ByoAdvanced *a = load(byo_str(text), false, BYO_FEATURE_SUBMIT_STATUS, &faults);

    ck_assert_msg(a != NULL, "%s: %s", text, faults.n ? faults.items[0].text : "?");
    ck_assert_msg(faults.n == 0, "%s: %s", text, faults.n ? faults.items[0].text : "");
    byo_faults_free(&faults);
    return a;
}

/* "" when the code is as wanted. */
static void assert_code(const ByoAdvanced *a, ByoMapScope scope, const char *key, int code, const char *cause,
                        const char *description)
{
    ByoVerdict v;

    ck_assert_msg(verdict_of(a->map, scope, byo_str(key), &v), "%s is unmapped", key);
    ck_assert_msg((int)v.code == code && strcmp(v.cause, cause) == 0 &&
                      strcmp(v.description, description) == 0,
                  "%s: %d %s \"%s\"", key, (int)v.code, v.cause, v.description);
}

static void assert_pair(const ByoAdvanced *a, size_t i, unsigned dcs, const char *charset)
{
    ck_assert_uint_lt(i, a->charsets.n);
    ck_assert_uint_eq(a->charsets.pairs[i].dcs, dcs);
    ck_assert_str_eq(byo_charset_name(a->charsets.pairs[i].charset), charset);
}

/* ---- the default ---- */

/* What tests/vectors/default-advanced.expected.tsv says, except that the named codes may differ. */
static void assert_default_codes(const ByoAdvanced *a, const char *const *except)
{
    ByoBuf text = read_file("tests/vectors/default-advanced.expected.tsv");
    size_t codes = 0;

    for (char *save = NULL, *line = strtok_r(text.p, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *field[5] = {NULL}, *tab = NULL;
        bool skip = false;
        for (int i = 0; i < 5; i++)
            field[i] = strtok_r(i ? NULL : line, "\t", &tab);
        if (strcmp(field[0], "code") != 0)
            continue;
        codes++;
        for (size_t i = 0; except && except[i]; i++)
            skip |= strcmp(field[1], except[i]) == 0;
        if (!skip)
            assert_code(a, BYO_MAP_ANY, field[1], atoi(field[2]), field[3], field[4]);
    }
    ck_assert_uint_eq(codes, 48);
    byo_buf_free(&text);
}

static void assert_default_charsets(const ByoAdvanced *a)
{
    ByoBuf text = read_file("tests/vectors/default-advanced.expected.tsv");
    size_t pairs = 0;

    for (char *save = NULL, *line = strtok_r(text.p, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        unsigned dcs;
        char charset[32];
        if (sscanf(line, "charset\t%u\t%31s", &dcs, charset) == 2)
            assert_pair(a, pairs++, dcs, charset);
    }
    ck_assert_uint_eq(pairs, 8);
    ck_assert_uint_eq(a->charsets.n, 8);
    byo_buf_free(&text);
}

static const char *const empties[] = {"", "{}", " \r\n\t ", " { } \n",
                                      "{\"protocolSpecificCodeMapping\": {}}"};

START_TEST(P13_J1_J4_empty_means_the_default)
{
    ByoAdvanced *a = load_good(empties[_i]);

    ck_assert_uint_eq(byo_error_map_count(a->map), 48);
    assert_default_codes(a, NULL);
    assert_default_charsets(a);
    for (size_t i = 0; i < a->charsets.n; i++)
        ck_assert_int_ne(a->charsets.pairs[i].carry, BYO_CARRY_NO);
    byo_advanced_destroy(a);
}
END_TEST

START_TEST(P13_absent_text_means_the_default)
{
    ByoFaults faults;
    ByoAdvanced *a = load(BYO_STR_NONE, false, 0, &faults);

    ck_assert_uint_eq(byo_error_map_count(a->map), 48);
    assert_default_charsets(a);
    byo_advanced_destroy(a);
    byo_advanced_destroy(NULL);
}
END_TEST

START_TEST(J1_built_in_text_is_the_file)
{
    ByoBuf file = read_file("plugin/integration/default-advanced.json");

    ck_assert(byo_str_eq(byo_buf_str(&file), byo_advanced_default_text()));
    byo_buf_free(&file);
}
END_TEST

/* ---- merge and replacement ---- */

START_TEST(J2_J5_override_example)
{
    ByoBuf text = read_file("kannel-conf/override-example.json");
    ByoAdvanced *a = load_good(text.p);

    ck_assert_uint_eq(byo_error_map_count(a->map), 48);
    assert_default_codes(a, NULL);
    ck_assert_uint_eq(a->charsets.n, 2);
    assert_pair(a, 0, 0, "GSM_0338");
    assert_pair(a, 1, 1, "ASCII");
    byo_advanced_destroy(a);
    byo_buf_free(&text);
}
END_TEST

START_TEST(J2_custom_codes_override_and_add)
{
    static const char *const except[] = {"88", "11", NULL};
    ByoAdvanced *a =
        load_good("{\"protocolSpecificCodeMapping\": {"
                  "\"0x58\": {\"genericErrorCode\": 3, \"genericErrorCause\": \"RECIPIENT_FLOODED\"},"
                  "\"011\": {\"genericErrorCode\": 10, \"genericErrorCause\": \"DEST_ADDR_IS_LANDLINE\", "
                  "\"description\": "
                  "\"\\u20ac \\ud83d\\ude00\"},"
                  "\"a1b\": {\"description\": \"\", \"genericErrorCause\": \"RECIPIENT_BUSY\", "
                  "\"genericErrorCode\": 2},"
                  "\"RECEIPT:88\": {\"genericErrorCode\": 4, \"genericErrorCause\": \"EXPIRED\"},"
                  "\"submit:069\": {\"genericErrorCode\": 9, \"genericErrorCause\": \"GENERAL_ERROR\"},"
                  "\"receipt:x:y\": {\"genericErrorCode\": 1, \"genericErrorCause\": \"DEFAULT\"}}}");

    ck_assert_uint_eq(byo_error_map_count(a->map), 52);
    assert_default_codes(a, except);
    assert_code(a, BYO_MAP_ANY, "88", 3, "RECIPIENT_FLOODED", "");
    assert_code(a, BYO_MAP_SUBMIT, "88", 3, "RECIPIENT_FLOODED", "");
    assert_code(a, BYO_MAP_RECEIPT, "088", 4, "EXPIRED", "");
    assert_code(a, BYO_MAP_ANY, "11", 10, "DEST_ADDR_IS_LANDLINE", "\xe2\x82\xac \xf0\x9f\x98\x80");
    assert_code(a, BYO_MAP_RECEIPT, "A1b", 2, "RECIPIENT_BUSY", "");
    assert_code(a, BYO_MAP_SUBMIT, "69", 9, "GENERAL_ERROR", "");
    assert_code(a, BYO_MAP_RECEIPT, "69", 3, "OTHER_PERMANENT_FAILURE",
                "ESME_RSUBMITFAIL: submit_sm or submit_multi failed.");
    assert_code(a, BYO_MAP_RECEIPT, "X:Y", 1, "DEFAULT", "");
    assert_default_charsets(a);
    byo_advanced_destroy(a);
}
END_TEST

START_TEST(J4_J5_custom_list_replaces_in_order)
{
    ByoAdvanced *a =
        load_good("{\"charsets\": [{\"charset\": \"utf-16be\", \"dcs\": 8}, "
                  "{\"dcs\": 2, \"charset\": \"JIS0201\"}, {\"dcs\": 2, \"charset\": \"koi8-r\"}, "
                  "{\"dcs\": 0, \"charset\": \"Gsm_0338\"}]}");

    ck_assert_uint_eq(a->charsets.n, 4);
    assert_pair(a, 0, 8, "UTF-16BE");
    assert_pair(a, 1, 2, "JIS0201");
    assert_pair(a, 2, 2, "KOI8-R");
    assert_pair(a, 3, 0, "GSM_0338");
    ck_assert_uint_eq(byo_error_map_count(a->map), 48);
    byo_advanced_destroy(a);
}
END_TEST

START_TEST(J1_J3_every_generic_code_and_known_cause)
{
    size_t n;
    const char *const *causes = byo_cause_list(&n);
    ByoBuf text = {0};
    ByoFaults faults;

    byo_buf_adds(&text, "{\"protocolSpecificCodeMapping\": {");
    for (size_t i = 0; i < n; i++)
        byo_buf_addf(&text, "%s\"9%03zu\": {\"genericErrorCode\": %zu, \"genericErrorCause\": \"%s\"}",
                     i ? "," : "", i, i % 11, causes[i]);
    byo_buf_adds(&text, "}}");
    ByoAdvanced *a = load(byo_buf_str(&text), false, 0, &faults);
    ck_assert_uint_eq(byo_error_map_count(a->map), 48 + n);
    for (size_t i = 0; i < n; i++) {
        char key[24];
        snprintf(key, sizeof key, "9%03zu", i);
        assert_code(a, BYO_MAP_ANY, key, (int)(i % 11), causes[i], "");
    }
    byo_advanced_destroy(a);
    byo_faults_free(&faults);
    byo_buf_free(&text);
}
END_TEST

START_TEST(J1_unknown_cause_when_allowed)
{
    ByoFaults faults;
    ByoAdvanced *a = load(BYO_STR("{\"protocolSpecificCodeMapping\": {\"7\": {\"genericErrorCode\": 3, "
                                  "\"genericErrorCause\": \"X9_NEW\"}}}"),
                          true, 0, &faults);

    ck_assert_uint_eq(faults.n, 0);
    assert_code(a, BYO_MAP_ANY, "7", 3, "X9_NEW", "");
    byo_advanced_destroy(a);
}
END_TEST

/* ---- warnings ---- */

static const struct {
    const char *text;
    unsigned features;
    const char *warnings[3]; /* "POINTER: words" */
} warned[] = {
    {"{\"charsets\": [{\"dcs\": 0, \"charset\": \"ISO-8859-1\"}, {\"dcs\": 8, \"charset\": "
     "\"UTF-16BE\"}]}",
     0,
     {"/charsets/0: {dcs 0, ISO-8859-1} is skipped: under data_coding 0 this bearerbox writes "
      "GSM_0338; one "
      "with the "
      "raw-payload patch"}},
    {"{\"charsets\": [{\"dcs\": 8, \"charset\": \"UTF-16BE\"}, {\"dcs\": 6, \"charset\": "
     "\"UTF-16BE\"}, "
     "{\"dcs\": 1, "
     "\"charset\": \"ISO-8859-5\"}]}",
     0,
     {"/charsets/1: {dcs 6, UTF-16BE} is skipped: under data_coding 6 this bearerbox writes "
      "ISO-8859-5",
      "/charsets/2: {dcs 1, ISO-8859-5} is skipped: under data_coding 1 this bearerbox writes "
      "ASCII"}},
    {"{\"charsets\": [{\"dcs\": 0, \"charset\": \"ISO-8859-1\"}]}", BYO_FEATURE_RAW_PAYLOAD, {NULL}},
    {"{\"protocolSpecificCodeMapping\": {\"5\": {\"genericErrorCode\": 6, \"genericErrorCause\": "
     "\"ENROUTE\"}}}",
     0,
     {"/protocolSpecificCodeMapping/5/genericErrorCode: 6 says nothing about a failure"}},
    {"{\"protocolSpecificCodeMapping\": {\"000\": {\"genericErrorCode\": 0, \"genericErrorCause\": "
     "\"DELIVERED\"}}}",
     0,
     {NULL}},
    {"{\"protocolSpecificCodeMapping\": {\"submit:A1B\": {\"genericErrorCode\": 3, "
     "\"genericErrorCause\": "
     "\"DEFAULT\"}}}",
     0,
     {"/protocolSpecificCodeMapping/submit:A1B: this row can never match: a refused submit is "
      "answered by a "
      "number"}},
    {"{\"protocolSpecificCodeMapping\": {\"8\": {\"genericErrorCode\": 2, \"genericErrorCause\": "
     "\"RECIPIENT_BUSY\"}}}",
     0,
     {"/protocolSpecificCodeMapping/8: as a submit error this row can never match, it counts for "
      "receipts "
      "only: stock"}}, /* (field S9) */
    {"{\"protocolSpecificCodeMapping\": {\"020\": {\"genericErrorCode\": 2, \"genericErrorCause\": "
     "\"RECIPIENT_BUSY\"}}}",
     0,
     {"/protocolSpecificCodeMapping/020: as a submit error this row can never match, it counts for "
      "receipts "
      "only: stock"}}, /* (field S9) */
    {"{\"protocolSpecificCodeMapping\": {\"0x58\": {\"genericErrorCode\": 2, \"genericErrorCause\": "
     "\"RECIPIENT_BUSY\"}}}",
     0,
     {"/protocolSpecificCodeMapping/0x58: as a submit error this row can never match, it counts for "
      "receipts "
      "only: stock"}}, /* (field S9) */
    {"{\"protocolSpecificCodeMapping\": {\"100\": {\"genericErrorCode\": 2, \"genericErrorCause\": "
     "\"RECIPIENT_BUSY\"}}}",
     0,
     {"/protocolSpecificCodeMapping/100: as a submit error this row can never match, it counts for "
      "receipts "
      "only: stock"}}, /* (field S9) */
    {"{\"protocolSpecificCodeMapping\": {\"88\": {\"genericErrorCode\": 2, \"genericErrorCause\": "
     "\"RECIPIENT_BUSY\"}}}",
     BYO_FEATURE_SUBMIT_STATUS,
     {NULL}}, /* (field S9) */
    {"{\"protocolSpecificCodeMapping\": {\"submit:88\": {\"genericErrorCode\": 2, "
     "\"genericErrorCause\": "
     "\"THROTTLED\"}}}",
     0,
     {"/protocolSpecificCodeMapping/submit:88: this row can never match: stock bearerbox hides"}}, /* (field S9) */
    {"{\"protocolSpecificCodeMapping\": {\"receipt:88\": {\"genericErrorCode\": 2, "
     "\"genericErrorCause\": "
     "\"THROTTLED\"}}}",
     0,
     {NULL}}, /* (field S9) */
    {"{\"protocolSpecificCodeMapping\": {\"submit:0\": {\"genericErrorCode\": 3, "
     "\"genericErrorCause\": "
     "\"DEFAULT\"}}}",
     0,
     {"/protocolSpecificCodeMapping/submit:0: this row can never match: a refused submit"}}, /* (field S9) */
    {"{\"protocolSpecificCodeMapping\": {\"submit:4294967296\": {\"genericErrorCode\": 3, "
     "\"genericErrorCause\": "
     "\"DEFAULT\"}}}",
     0,
     {"/protocolSpecificCodeMapping/submit:4294967296: this row can never match: a refused "
      "submit"}}, /* (field S9) */
    {"{\"protocolSpecificCodeMapping\": {\"A B\": {\"genericErrorCode\": 3, \"genericErrorCause\": "
     "\"DEFAULT\"}}}",
     0,
     {"/protocolSpecificCodeMapping/A B: this row can never match: the err"}}, /* (field S9) */
    {"{\"protocolSpecificCodeMapping\": {\"400\": {\"genericErrorCode\": 2, \"genericErrorCause\": "
     "\"DELIVERED\"}}}",
     0,
     {"/protocolSpecificCodeMapping/400/genericErrorCause: code 2 is a failure and DELIVERED is "
      "none"}}, /* (field S12) */
    {"{\"protocolSpecificCodeMapping\": {\"400\": {\"genericErrorCode\": 3, "
     "\"genericErrorCause\": "
     "\"QUEUED\"}}}",
     0,
     {"/protocolSpecificCodeMapping/400/genericErrorCause: code 3 is a failure and QUEUED is "
      "none"}}, /* (field S12) */
    {"{\"protocolSpecificCodeMapping\": {\"400\": {\"genericErrorCode\": 3, \"genericErrorCause\": "
     "\"EXPIRED\"}}}",
     0,
     {"/protocolSpecificCodeMapping/400/genericErrorCause: the code of EXPIRED is 4"}}, /* (field S12) */
    {"{\"protocolSpecificCodeMapping\": {\"0\": {\"genericErrorCode\": 0, \"genericErrorCause\": "
     "\"RECIPIENT_BUSY\"}}}",
     0,
     {"/protocolSpecificCodeMapping/0/genericErrorCause: code 0 is a success and RECIPIENT_BUSY is a "
      "failure"}}, /* (field S12) */
};

START_TEST(J4_J6_warnings)
{
    ByoFaults faults;
    ByoAdvanced *a = load(byo_str(warned[_i].text), false, warned[_i].features, &faults);
    size_t n = 0;

    ck_assert_ptr_nonnull(a);
    while (n < 3 && warned[_i].warnings[n])
        n++;
    ck_assert_msg(faults.n == n, "%zu warnings: %s", faults.n, faults.n ? faults.items[0].text : "");
    for (size_t i = 0; i < n; i++) {
        ck_assert_int_eq(faults.items[i].severity, BYO_FAULT_WARNING);
        ck_assert_msg(strncmp(faults.items[i].text, warned[_i].warnings[i], strlen(warned[_i].warnings[i])) ==
                          0,
                      "%s", faults.items[i].text);
        ck_assert_int_gt(faults.items[i].column, 1);
    }
    byo_advanced_destroy(a);
    byo_faults_free(&faults);
}
END_TEST

/* ---- bad input ---- */

/* One line of NAME.txt against one error. */
static void assert_fault(const char *name, char *line, const ByoFault *fault)
{
    char *line_no = strsep(&line, "\t"), *column = strsep(&line, "\t"), *pointer = strsep(&line, "\t");
    char *place = byo_printf("%d:%d", fault->line, fault->column);
    char *wanted = byo_printf("%s:%s", line_no, column);
    char *start = byo_printf("%s%s", pointer, *pointer ? ": " : "");

    ck_assert_msg(strcmp(place, wanted) == 0, "%s: at %s, not %s: %s", name, place, wanted, fault->text);
    ck_assert_msg(strncmp(fault->text, start, strlen(start)) == 0, "%s: pointer: %s", name, fault->text);
    ck_assert_msg(strstr(fault->text + strlen(start), line) != NULL, "%s: '%s' wanted: %s", name, line,
                  fault->text);
    ck_assert_msg(*pointer || fault->text[0] != '/', "%s: no pointer wanted: %s", name, fault->text);
    free(place);
    free(wanted);
    free(start);
}

static void assert_bad(const char *name)
{
    char *json_path = byo_printf("tests/vectors/advanced-bad/%s.json", name);
    char *text_path = byo_printf("tests/vectors/advanced-bad/%s.txt", name);
    ByoBuf json = read_file(json_path), expected = read_file(text_path);
    bool allow_unknown = strstr(expected.p, "# allow-unknown-causes") != NULL;
    size_t at = 0;
    ByoFaults faults;
    ByoAdvanced *a = load(byo_buf_str(&json), allow_unknown, 0, &faults);

    ck_assert_msg(a == NULL, "%s was taken", name);
    for (char *save = NULL, *line = strtok_r(expected.p, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        if (*line == '#')
            continue;
        while (at < faults.n && faults.items[at].severity != BYO_FAULT_ERROR)
            at++;
        ck_assert_msg(at < faults.n, "%s: not told: %s", name, line);
        ck_assert_str_eq(faults.items[at].file, "a.json");
        assert_fault(name, line, &faults.items[at++]);
    }
    for (; at < faults.n; at++)
        ck_assert_msg(faults.items[at].severity != BYO_FAULT_ERROR, "%s: also told: %s", name,
                      faults.items[at].text);
    byo_faults_free(&faults);
    byo_buf_free(&json);
    byo_buf_free(&expected);
    free(json_path);
    free(text_path);
}

START_TEST(J6_bad_inputs)
{
    char *folder = top_path("tests/vectors/advanced-bad");
    DIR *dir = opendir(folder);
    struct dirent *e;
    int n = 0;

    ck_assert_msg(dir != NULL, "%s", folder);
    while ((e = readdir(dir)) != NULL) {
        char *dot = strrchr(e->d_name, '.');
        if (!dot || strcmp(dot, ".json") != 0)
            continue;
        *dot = 0;
        assert_bad(e->d_name);
        n++;
    }
    closedir(dir);
    free(folder);
    ck_assert_int_ge(n, 140);
}
END_TEST

/* ---- bombs: an answer at once, however long the list of faults would be ---- */

static ByoBuf repeated(const char *before, const char *fmt, int n, const char *after)
{
    ByoBuf text = {0};

    byo_buf_adds(&text, before);
    for (int i = 0; i < n; i++) {
        if (i)
            byo_buf_addc(&text, ',');
        for (const char *p = fmt; *p; p++) {
            if (*p == '#')
                byo_buf_addf(&text, "%d", i);
            else
                byo_buf_addc(&text, *p);
        }
    }
    byo_buf_adds(&text, after);
    return text;
}

#define ENTRY "{\"genericErrorCode\":3,\"genericErrorCause\":\"DEFAULT\"}"

static const struct {
    const char *before, *item, *after;
    int n;
    size_t kept, more; /* faults kept, and those counted only */
} bombs[] = {
    {"{", "\"a\":0", "}", 170000, 100, 169900}, /* one name, again and again */
    {"{", "\"a#\":0", "}", 80000, 100, 79900},  /* unknown members */
    {"{\"protocolSpecificCodeMapping\":{", "\"receipt:#\":1", "}}", 50000, 100, 49900}, /* wrong types */
    {"{\"protocolSpecificCodeMapping\":{",
     "\"#\":{\"genericErrorCode\":1.0,\"genericErrorCause\":\"DEFAULT\"}", "}}", 15000, 100, 14900},
    {"{\"charsets\":[", "{}", "]}", 300000, 1, 0},
    {"{\"charsets\":", "[[[[[[[[[[[[[[[[[[[[", "", 1, 1, 0},
};

START_TEST(J6_bombs)
{
    ByoBuf text = repeated(bombs[_i].before, bombs[_i].item, bombs[_i].n, bombs[_i].after);
    ByoFaults faults;
    char more[40];

    ck_assert_uint_le(text.n, BYO_ADVANCED_MAX_SIZE);
    ck_assert_ptr_null(load(byo_buf_str(&text), false, 0, &faults));
    ck_assert_uint_eq(faults.n, bombs[_i].kept + (bombs[_i].more > 0));
    if (bombs[_i].more) {
        snprintf(more, sizeof more, "and %zu more", bombs[_i].more);
        ck_assert_str_eq(faults.items[faults.n - 1].text, more);
    }
    byo_faults_free(&faults);
    byo_buf_free(&text);
}
END_TEST

START_TEST(J6_alike_bomb)
{
    ByoBuf text = {0};
    ByoFaults faults;

    byo_buf_adds(&text, "{\"protocolSpecificCodeMapping\":{");
    for (int i = 0; i < 6000; i++)
        byo_buf_addf(&text, "%s\"%d\":" ENTRY ",\"0x%x\":" ENTRY, i ? "," : "", i, (unsigned)i);
    byo_buf_adds(&text, "}}");
    ck_assert_ptr_null(load(byo_buf_str(&text), false, BYO_FEATURE_SUBMIT_STATUS, &faults));
    ck_assert_uint_eq(faults.n, 101);
    ck_assert_str_eq(faults.items[100].text, "and 5900 more");
    byo_faults_free(&faults);
    byo_buf_free(&text);
}
END_TEST

START_TEST(J6_size)
{
    size_t n = BYO_ADVANCED_MAX_SIZE + 1;
    char *text = byo_alloc(n);
    ByoFaults faults;

    memset(text, ' ', n);
    text[0] = '{';
    text[n - 2] = '}';
    ByoAdvanced *a = load(byo_strn(text, n - 1), false, 0, &faults);
    ck_assert_ptr_nonnull(a);
    byo_advanced_destroy(a);
    ck_assert_ptr_null(load(byo_strn(text, n), false, 0, &faults));
    ck_assert_uint_eq(faults.n, 1);
    ck_assert_str_eq(faults.items[0].text, "1048577 octets of JSON: at most 1048576 are read");
    byo_faults_free(&faults);
    free(text);
}
END_TEST

/* (field S12) Names people write for what byobox writes another way. */
START_TEST(S12_charset_names_people_write)
{
    static const struct {
        const char *written, *meant;
    } names[] = {{"UCS-2", "UTF-16BE"},    {"UCS2", "UTF-16BE"},  {"ucs_2", "UTF-16BE"},
                 {"UTF-16", "UTF-16BE"},   {"utf16", "UTF-16BE"}, {"UTF-16LE", "UTF-16BE"},
                 {"GSM", "GSM_0338"},      {"GSM7", "GSM_0338"},  {"GSM 03.38", "GSM_0338"},
                 {"gsm-7-bit", "GSM_0338"}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *text = byo_printf("{\"charsets\": [{\"dcs\": 8, \"charset\": \"%s\"}]}", names[i].written);
        char *wanted = byo_printf("\"%s\": is %s meant?", names[i].written, names[i].meant);
        ByoFaults faults;
        ByoAdvanced *a = load(byo_str(text), false, BYO_FEATURE_RAW_PAYLOAD, &faults);
        ck_assert_msg(faults.n == 1 && strstr(faults.items[0].text, wanted), "%s: %s", names[i].written,
                      faults.n ? faults.items[0].text : "nothing is told");
        byo_advanced_destroy(a);
        byo_faults_free(&faults);
        free(wanted);
        free(text);
    }
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))

int main(void)
{
    Suite *suite = suite_create("advanced");
    TCase *tc = tcase_create("advanced");

    tcase_add_loop_test(tc, P13_J1_J4_empty_means_the_default, 0, ROWS(empties));
    tcase_add_test(tc, P13_absent_text_means_the_default);
    tcase_add_test(tc, J1_built_in_text_is_the_file);
    tcase_add_test(tc, J2_J5_override_example);
    tcase_add_test(tc, J2_custom_codes_override_and_add);
    tcase_add_test(tc, J4_J5_custom_list_replaces_in_order);
    tcase_add_test(tc, J1_J3_every_generic_code_and_known_cause);
    tcase_add_test(tc, J1_unknown_cause_when_allowed);
    tcase_add_test(tc, S12_charset_names_people_write);
    tcase_add_loop_test(tc, J4_J6_warnings, 0, ROWS(warned));
    tcase_add_test(tc, J6_bad_inputs);
    tcase_add_loop_test(tc, J6_bombs, 0, ROWS(bombs));
    tcase_add_test(tc, J6_alike_bomb);
    tcase_add_test(tc, J6_size);
    tcase_set_timeout(tc, 60);
    suite_add_tcase(suite, tc);

    return run_suite(suite);
}
