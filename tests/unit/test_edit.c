/* SPDX-License-Identifier: BSD-3-Clause
 * An integration as JSON to its file, and what an editor may not write (spec A1).
 * Ownership: each test's own. Threads: none. */
#include "integration/edit.h"

#include <check.h>
#include <stdlib.h>
#include "suites.h"

static const ByoKeyLine lines[] = {{"integration-id", "a", "/i/a.conf", 2, false, false},
                                   {"smsc-address", "smpp.example", "/i/a.conf", 3, false, false},
                                   {"binds", "3", "/i/a.conf", 4, false, false},
                                   {"ssl-ca-file", "ca.pem", "/i/a.conf", 5, false, false},
                                   {"system-id", "s", "/i/a.conf", 6, false, false},
                                   {"pasword", "HUSH", "/i/a.conf", 7, false, false},
                                   {"credentials", "byo1:SEALED", "/i/a.conf", 8, false, false}};
static const ByoKeyGroup before = {"byo-smpp", "/i/a.conf", 1, lines, sizeof lines / sizeof *lines};

typedef struct {
    ByoJsonDoc *doc;
    ByoEdit edit;
} Read;

static Read read_body(const char *json, const ByoKeyGroup *was)
{
    Read r = {.doc = byo_json_read(byo_str(json), 1 << 20, 16)};
    ByoJsonAt root = byo_json_root(r.doc);
    ck_assert_msg(root.value != NULL, "%s", json);
    byo_edit_read(&root, BYO_STR("a"), was, &r.edit);
    return r;
}

static void drop(Read *r)
{
    byo_edit_free(&r->edit);
    byo_json_close(r->doc);
}

static void wants(const char *json, const char *text)
{
    ByoBuf out = {0};
    Read r = read_body(json, &before);
    ck_assert_uint_eq(byo_json_errors(r.doc), 0);
    byo_edit_text(&r.edit, "byo1:NEW", &out);
    ck_assert_str_eq(strchr(strchr(out.p, '\n') + 1, '\n') + 1, text);
    byo_buf_free(&out);
    drop(&r);
}

#define SAME "\"smscAddress\":\"smpp.example\""
#define HEAD "integration-id = a\nsmsc-address = smpp.example\n"
#define TAIL "ssl-ca-file = ca.pem\nsystem-id = s\ncredentials = \"byo1:SEALED\"\n"

START_TEST(A1_the_file)
{
    /* What names a file stays, whatever a GET showed of it; a default stays only where it stood. */
    wants("{" SAME "}", HEAD TAIL);
    wants(
        "{" SAME
        ",\"binds\":3,\"useTls\":true,\"receiptTimeout\":\"72h\",\"sslCaFile\":\"/i/ca.pem\",\"name\":null}",
        HEAD "binds = 3\n" TAIL);
    wants("{" SAME ",\"receiptTimeout\":90,\"credentials\":{\"systemId\":\"s\"}}",
          HEAD "receipt-timeout = 90\n" TAIL);
    wants("{" SAME ",\"notes\":\"a "
          "\\\"b\\\\\",\"systemType\":\"#x\",\"credentials\":{\"systemId\":\"t\",\"password\":\"p\"}}",
          "integration-id = a\nnotes = \"a \\\"b\\\\\"\nsmsc-address = smpp.example\nsystem-type = \"#x\"\n"
          "ssl-ca-file = ca.pem\nsystem-id = t\ncredentials = \"byo1:NEW\"\n");
    wants("{" SAME ",\"advanced\":{}}", HEAD "ssl-ca-file = ca.pem\nadvanced-config = a.json\nsystem-id = s\n"
                                             "credentials = \"byo1:SEALED\"\n");
}
END_TEST

/* field: of the only fault. */
static const struct {
    const char *json, *field;
} refused[] = {
    {"{" SAME ",\"smscPort\":2775}", "credentials"},
    {"{" SAME ",\"useTls\":false}", "credentials"},
    {"{" SAME ",\"ourHost\":\"10.0.0.1\"}", "credentials"},
    {"{" SAME ",\"sslVerifyHost\":false}", "credentials"},
    {"{" SAME ",\"sslHostName\":\"evil.example\"}", "credentials"},
    {"{" SAME ",\"sslMinVersion\":\"1.2\"}", "credentials"},
    {"{\"smscAddress\":\"evil.example\"}", "credentials"},
    {"{" SAME ",\"credentials\":{\"systemId\":\"t\"}}", "credentials"},
    {"{" SAME ",\"credentials\":{\"systemId\":\"s\",\"sealed\":\"byo1:X\"}}", "credentials.sealed"},
    {"{" SAME ",\"sslCaFile\":\"/etc/passwd\"}", "sslCaFile"},
    {"{" SAME ",\"sslClientCertkeyFile\":\"/etc/passwd\"}", "sslClientCertkeyFile"},
    {"{" SAME ",\"advancedConfig\":\"/etc/passwd\"}", "advancedConfig"},
    {"{" SAME ",\"passwordFile\":\"/etc/passwd\"}", "passwordFile"},
    {"{" SAME ",\"integrationId\":\"b\"}", "integrationId"},
    {"{" SAME ",\"systemId\":\"b\"}", "systemId"},
    {"{" SAME ",\"smsc-port\":1}", "smsc-port"},
    {"{" SAME ",\"logFile\":\"/x\"}", "logFile"},
    {"{" SAME ",\"bind\":1}", "bind"},
    {"{" SAME ",\"binds\":1.0}", "binds"},
    {"{" SAME ",\"binds\":\"1\"}", "binds"},
    {"{" SAME ",\"binds\":true}", "binds"},
    {"{" SAME ",\"inboundPlusPrefix\":1}", "inboundPlusPrefix"},
    {"{" SAME ",\"name\":1}", "name"},
    {"{" SAME ",\"name\":\"a\\nb\"}", "name"},
    {"{" SAME ",\"name\":\"a\\u007f\"}", "name"},
    {"{" SAME ",\"name\":\"a\\u0085\"}", "name"},
    {"{" SAME ",\"name\":\"a\\u2028\"}", "name"},
    {"{" SAME ",\"advanced\":[]}", "advanced"},
    {"[]", ""},
};

START_TEST(A1_refused)
{
    Read r = read_body(refused[_i].json, &before);
    size_t n;
    const ByoJsonFault *f = byo_json_faults(r.doc, &n);
    ck_assert_msg(n == 1, "%s: %zu", refused[_i].json, n);
    char *field = byo_json_field(f[0].pointer);
    ck_assert_str_eq(field, refused[_i].field);
    free(field);
    drop(&r);
}
END_TEST

/* With the password all of that may change; a new one, or one whose file cannot be read, needs it. */
START_TEST(A1_with_the_password)
{
    Read r = read_body("{\"smscAddress\":\"other.example\",\"smscPort\":2775,\"useTls\":false,"
                       "\"credentials\":{\"systemId\":\"s\",\"password\":\"p\"}}",
                       &before);
    ck_assert_uint_eq(byo_json_errors(r.doc), 0);
    ck_assert(r.edit.new_password);
    drop(&r);
    r = read_body("{" SAME ",\"credentials\":{\"systemId\":\"s\"}}", NULL);
    ck_assert_uint_eq(byo_json_errors(r.doc), 1);
    drop(&r);
}
END_TEST

START_TEST(A1_what_changes_without_what_is_secret)
{
    ByoBuf names = {0}, difference = {0};
    Read r = read_body("{" SAME
                       ",\"binds\":2,\"credentials\":{\"systemId\":\"s\",\"password\":\"hush\"},\"advanced\":"
                       "{\"charsets\":[]}}",
                       &before);
    ck_assert(
        byo_edit_changes(&r.edit, &before, BYO_STR("{\"charsets\" :[ ],\"x\":1}"), &names, &difference));
    ck_assert_str_eq(names.p, "binds, credentials, advanced");
    ck_assert_str_eq(difference.p,
                     "-binds = 3\n-pasword = (not shown)\n+binds = 2\n+advanced-config = a.json\n"
                     "-credentials = (not shown)\n+credentials = (sealed, a new password)\n a.json\n"
                     "-  \"charsets\": [],\n-  \"x\": 1\n+  \"charsets\": []\n");
    ck_assert_ptr_null(strstr(difference.p, "hush"));
    ck_assert_ptr_null(strstr(difference.p, "HUSH"));
    byo_buf_free(&names);
    byo_buf_free(&difference);
    drop(&r);
}
END_TEST

START_TEST(A1_a_line_has_its_member)
{
    char field[BYO_KEY_CAMEL + 16];
    Read r = read_body("{" SAME ",\"credentials\":{\"systemId\":\"s\",\"password\":\"p\"}}", &before);
    ck_assert_str_eq(byo_edit_field(&r.edit, 3, field), "");
    ck_assert_str_eq(byo_edit_field(&r.edit, 4, field), "smscAddress");
    ck_assert_str_eq(byo_edit_field(&r.edit, 6, field), "credentials.systemId");
    ck_assert_str_eq(byo_edit_field(&r.edit, 7, field), "credentials.password");
    ck_assert(byo_edit_is_password(&r.edit, 7));
    ck_assert_str_eq(byo_edit_field(&r.edit, 8, field), "");
    ck_assert_str_eq(byo_edit_field(&r.edit, 0, field), "");
    drop(&r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("edit");
    TCase *t = tcase_create("edit");
    tcase_add_test(t, A1_the_file);
    tcase_add_loop_test(t, A1_refused, 0, sizeof refused / sizeof *refused);
    tcase_add_test(t, A1_with_the_password);
    tcase_add_test(t, A1_what_changes_without_what_is_secret);
    tcase_add_test(t, A1_a_line_has_its_member);
    suite_add_tcase(s, t);
    return run_suite(s);
}
