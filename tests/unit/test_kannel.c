/* SPDX-License-Identifier: BSD-3-Clause
 * byoctl kannel: kannel.conf in many shapes, each changed until nothing is missing and changed back to the octet;
 * edits in between stay; files that include others; nothing is replaced that bearerbox's reader or byobox -t
 * refuses.
 * Threads: none. */
#include <check.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "byoctl/ctl.h"
#include "byoctl/kannel.h"
#include "config/files.h"
#include "suites.h"

static char folder[64];

static char *path_of(const char *name)
{
    return byo_printf("%s/%s", folder, name);
}

static void put(const char *name, const char *text)
{
    char *path = path_of(name);
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
    free(path);
}

static ByoBuf get(const char *name)
{
    ByoBuf text = {0}, why = {0};
    char *path = path_of(name);
    ck_assert_msg(byo_file_read(path, 1000000, &text, &why), "%s: %s", path, why.p);
    byo_buf_adds(&text, "");
    free(path);
    return text;
}

static bool exists(const char *name)
{
    char *path = path_of(name);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

static void ck_file(const char *name, const char *text)
{
    ByoBuf is = get(name);
    ck_assert_msg(byo_str_is(byo_buf_str(&is), text), "%s is:\n%s<\nand not:\n%s<", name, is.p ? is.p : "",
                  text);
    byo_buf_free(&is);
}

static void ck_has(const char *name, const char *part, bool wanted)
{
    ByoBuf is = get(name);
    ck_assert_msg((strstr(is.p ? is.p : "", part) != NULL) == wanted, "%s, \"%s\":\n%s", name, part,
                  is.p ? is.p : "");
    byo_buf_free(&is);
}

static void put_byobox(const char *ids)
{
    ByoBuf conf = {0};
    byo_buf_addf(
        &conf,
        "include = \"kannel.conf\"\n\ngroup = byobox\nadmin-password = x\nsmsc-conf = \"%s/smsc.conf\"\n",
        folder);
    for (const char *at = ids; *at; at += strcspn(at, " "), at += strspn(at, " "))
        byo_buf_addf(
            &conf,
            "\ngroup = byo-smpp\nintegration-id = %.*s\nsmsc-address = h\nsystem-id = s\npassword = p\n",
            (int)strcspn(at, " "), at);
    put("byobox.conf", conf.p);
    byo_buf_free(&conf);
}

static void make(void)
{
    snprintf(folder, sizeof folder, "/tmp/byo-kannel-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    put_byobox("carrier-a carrier-b");
}

static void clean(void)
{
    char *command = byo_printf("rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
    free(command);
}

/* byoctl kannel VERB kannel.conf: the exit code, what it said. */
static int run(const char *verb, char **said_r)
{
    char *conf = path_of("byobox.conf"), *kannel = path_of("kannel.conf"), *text = NULL;
    char *words = byo_strdup(verb), *option = strchr(words, ' '); /* "apply --prepare=ID" */
    if (option)
        *option++ = 0;
    char *argv[] = {"byoctl", "--config", conf, "kannel", words, kannel, option, NULL};
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    int code = byo_ctl_run(option ? 7 : 6, argv, stdin, out, out);
    fclose(out);
    free(words);
    free(conf);
    free(kannel);
    if (said_r)
        *said_r = text;
    else
        free(text);
    return code;
}

#define CK_RUN(verb, wanted) \
    do { \
        char *spoken; \
        int code = run(verb, &spoken); \
        ck_assert_msg(code == (wanted), "%s: %d, %s", verb, code, spoken); \
        free(spoken); \
    } while (0)

/* Receipts are kept already, so that no test makes a folder of the system's. */
#define CORE \
    "group = core\nadmin-port = 13000\nadmin-password = bar\nsmsbox-port = 13001\ndlr-storage = spool\n" \
    "dlr-spool = /tmp\n"
#define SMSBOX "group = smsbox\nbearerbox-host = localhost\nbearerbox-port = 13001\nsendsms-port = 13013\n"
#define USER "group = sendsms-user\nusername = u\npassword = p\n"
#define LINK \
    "group = smsc\nsmsc = http\nsmsc-id = old\nsystem-type = kannel\nport = 80\nsend-url = \"http://h/\"\n"

/* Debian's own, but for dlr-storage. */
#define DEBIAN \
    "#\n# Sample configuration file for Kannel bearerbox on Debian.\n#\n\ngroup = core\nadmin-port = " \
    "13000\n" \
    "admin-password = bar\nadmin-deny-ip = \"*.*.*.*\"\nadmin-allow-ip = \"\"\nwapbox-port = 13002\n" \
    "wdp-interface-name = \"*\"\nlog-file = \"/var/log/kannel/bearerbox.log\"\nbox-deny-ip = \"*.*.*.*\"\n" \
    "box-allow-ip = \"127.0.0.1\"\ndlr-storage = spool\ndlr-spool = /tmp\n\ngroup = wapbox\n" \
    "bearerbox-host = localhost\nlog-file = \"/var/log/kannel/wapbox.log\"\n"

static const char *const shapes[] = {
    DEBIAN,
    CORE "\n" SMSBOX "\n" USER "\n" LINK,
    "\n\n# a comment\n" CORE "# another, at the group's end\n\n\n\n" SMSBOX "\n" USER,
    CORE "\n" SMSBOX "\n" USER "\n" LINK "denied-smsc-id = \"x;y\"\n",
    CORE "\n" SMSBOX "\n" USER "\n" LINK "denied-smsc-id = x\n",
    /* no end of the last line */
    CORE "\n" SMSBOX "\n" LINK "\ngroup = sendsms-user\nusername = u\npassword = p",
    "group = core\nsmsbox-port = 13001\nadmin-port = 1\nadmin-password = b\ndlr-storage = spool\ndlr-spool = "
    "/tmp",
    /* indented, blanks, values to change in the middle */
    "  group = core\n\tsmsbox-port=13001\n  sms-resend-retry = 5   \n  admin-port=1\n  admin-password=b\n"
    "  dlr-storage=spool\n  dlr-spool=/tmp\n\n  group=smsbox\n  bearerbox-port =  13001\t\n  sendsms-port = "
    "1\n",
    /* a joined line that changes, and one it is added behind */
    CORE "sms-resend-retry \\\n = 5\n\n" SMSBOX "log-file = \\\n\"/tmp/x\"\n\n" LINK
         "denied-smsc-id = \"a;\\\nb\"\n",
    /* a key twice: the last one counts */
    CORE "sms-resend-retry = 1\nsms-resend-retry = 2\n\n" SMSBOX,
    /* the group's name is not its first line */
    "admin-port = 1\nadmin-password = b\nsmsbox-port = 13001\ndlr-storage = spool\ndlr-spool = /tmp\ngroup = "
    "core\n\n"
    "bearerbox-port = 13001\nsendsms-port = 1\ngroup = smsbox\n",
    /* addresses */
    CORE "admin-deny-ip = \"*.*.*.*\"\nadmin-allow-ip = \"10.0.0.1;10.*.0.2\"\nbox-deny-ip = "
         "\"127.*.*.*\"\n\n" SMSBOX,
    /* a smsbox without the key, two of them, services */
    CORE
    "\ngroup = smsbox\nsendsms-port = 1\n\ngroup = smsbox\nsmsbox-id = two\nbearerbox-port = "
    "13001\nsendsms-port = 2\n\n"
    "group = sms-service\nkeyword = default\ntext = \"no\"\n\ngroup = sms-service\nkeyword = k\ntext = t\n"
    "max-messages = 3\nconcatenation = false\n\n" USER "max-messages = 2\n",
    /* ends of lines of another world */
    "group = core\r\nsmsbox-port = 13001\r\nadmin-port = 1\r\nadmin-password = b\r\ndlr-storage = spool\r\n"
    "dlr-spool = /tmp\r\nsms-resend-retry = 3\r\n\r\ngroup = smsbox\r\nbearerbox-port = "
    "13001\r\nsendsms-port = 1\r\n",
    /* many empty lines at the end; a comment as its last line */
    CORE "\n" SMSBOX "\n\n\n\n",
    CORE "\n" SMSBOX "\n# the end",
};

START_TEST(there_and_back)
{
    put("kannel.conf", shapes[_i]);
    CK_RUN("check", 1);
    CK_RUN("diff", 0);
    ck_file("kannel.conf", shapes[_i]); /* neither writes */
    CK_RUN("apply", 0);
    CK_RUN("check", 0);
    ck_file("kannel.conf.before", shapes[_i]);
    ByoBuf once = get("kannel.conf");
    CK_RUN("apply", 0); /* a second time: nothing to do */
    ck_file("kannel.conf", once.p);
    CK_RUN("revert", 0);
    ck_file("kannel.conf", shapes[_i]);
    ck_assert(!exists("kannel.conf.before"));
    CK_RUN("revert", 0); /* nothing to take back */
    ck_file("kannel.conf", shapes[_i]);
    byo_buf_free(&once);
}
END_TEST

/* No line of the file is lost, changed or moved but those that were to change. */
START_TEST(comments_and_order_stay)
{
    put("kannel.conf", shapes[_i]);
    CK_RUN("apply", 0);
    ByoBuf is = get("kannel.conf");
    const char *at = is.p;
    char *copy = byo_strdup(shapes[_i]), *save = NULL;
    for (char *line = strtok_r(copy, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save)) {
        const char *found = strstr(at, line);
        ck_assert_msg(found, "not there, or not in order: %s\n%s", line, is.p);
        at = found;
    }
    free(copy);
    byo_buf_free(&is);
}
END_TEST

START_TEST(the_patch_applies)
{
    char *said, *patch = path_of("patch"),
                *command = byo_printf("cd %s && patch -s -p0 kannel.conf <patch", folder);
    put("kannel.conf", shapes[1]);
    ck_assert_int_eq(run("diff", &said), 0);
    put("patch", said);
    ck_assert_int_eq(system(command), 0);
    CK_RUN("check", 0);
    CK_RUN("revert", 0);
    ck_file("kannel.conf", shapes[1]);
    free(said);
    free(patch);
    free(command);
}
END_TEST

/* Replaces the first `from` in kannel.conf. */
static void edit(const char *from, const char *to)
{
    ByoBuf is = get("kannel.conf"), out = {0};
    const char *at = strstr(is.p, from);
    ck_assert_msg(at, "%s is not in\n%s", from, is.p);
    byo_buf_add(&out, is.p, (size_t)(at - is.p));
    byo_buf_adds(&out, to);
    byo_buf_adds(&out, at + strlen(from));
    put("kannel.conf", out.p);
    byo_buf_free(&is);
    byo_buf_free(&out);
}

/* The folder proposed for receipts is none -t refuses: bearerbox ends at its start with one inside store-location. */
START_TEST(receipts_are_kept_beside_the_store)
{
    char *said;

    put("kannel.conf", "group = core\nadmin-port = 13000\nadmin-password = bar\nsmsbox-port = 13001\n"
                       "store-type = spool\nstore-location = \"/var/spool/kannel/\"\n\n" SMSBOX "\n" USER);
    ck_assert_int_eq(run("diff", &said), 0);
    ck_assert_msg(strstr(said, "+dlr-spool = \"/var/spool/kannel-dlr\"\n"), "%s", said);
    free(said);
    /* one that stands there, and that only the new dlr-storage would use */
    put("kannel.conf",
        "group = core\nadmin-port = 13000\nadmin-password = bar\nsmsbox-port = 13001\n"
        "dlr-spool = /tmp/s/dlr\nstore-type = spool\nstore-location = /tmp/s\n\n" SMSBOX "\n" USER);
    ck_assert_int_eq(run("diff", &said), 0);
    ck_assert_msg(strstr(said, "+dlr-spool = \"/tmp/s-dlr\"\n"), "%s", said);
    free(said);
    /* bearerbox ends without one (gw/dlr_spool.c) */
    put("kannel.conf", "group = core\nadmin-port = 13000\nadmin-password = bar\nsmsbox-port = 13001\n"
                       "dlr-storage = spool\n\n" SMSBOX "\n" USER);
    ck_assert_int_eq(run("diff", &said), 0);
    ck_assert_msg(strstr(said, "+dlr-spool = \"/var/spool/kannel/dlr\"\n"), "%s", said);
    free(said);
}
END_TEST

START_TEST(edits_since_stay)
{
    put("kannel.conf", CORE "\n" SMSBOX "\n" USER "\n" LINK "denied-smsc-id = x\n");
    CK_RUN("apply", 0);
    edit("group = core\n", "group = core\n# somebody was here\nstore-location = /tmp/s\n");
    edit("\ndenied-smsc-id = \"x;carrier-a;carrier-b\"\n",
         "\ndenied-smsc-id = \"x;carrier-a;carrier-b;mine\"\n");
    edit("\nmax-messages = 255\n", "\nmax-messages = 7\n");
    edit("# byobox: now |sms-resend-retry", "# a word in between\n# byobox: now |sms-resend-retry");
    char *said;
    ck_assert_int_eq(run("revert", &said), 0);
    ck_assert_ptr_nonnull(strstr(said, "max-messages was edited after byobox wrote it, and stays"));
    free(said);
    ck_file(
        "kannel.conf",
        "group = core\n# somebody was here\nstore-location = /tmp/s\nadmin-port = 13000\nadmin-password = "
        "bar\nsmsbox-port = 13001\ndlr-storage = spool\ndlr-spool = /tmp\n# a word in between\n\n" SMSBOX
        "\n" USER "max-messages = 7\n\n" LINK "denied-smsc-id = \"x;mine\"\n");
    ck_assert(exists("kannel.conf.before")); /* it says something else */
}
END_TEST

START_TEST(a_line_that_is_gone_and_one_put_before)
{
    put("kannel.conf", CORE "\n" SMSBOX "\n" LINK);
    CK_RUN("apply", 0);
    edit("\nsms-resend-retry = 1000000\n", "\n");
    edit("\ndenied-smsc-id = \"carrier-a;carrier-b\"\n",
         "\nthroughput = 1\ndenied-smsc-id = \"carrier-a;carrier-b\"\n");
    CK_RUN("revert", 0);
    ck_file("kannel.conf", CORE "\n" SMSBOX "\n" LINK "throughput = 1\n");
}
END_TEST

START_TEST(a_smsbox_somebody_went_on_with)
{
    put("kannel.conf", shapes[0]);
    CK_RUN("apply", 0);
    edit("bearerbox-port = 13011\n", "bearerbox-port = 13011\nsendsms-port = 13013\n");
    char *said;
    ck_assert_int_eq(run("revert", &said), 0);
    ck_assert_ptr_nonnull(strstr(said, "they stay"));
    free(said);
    ck_has("kannel.conf", "bearerbox-port = 13001\nsendsms-port = 13013\n", true);
    ck_has("kannel.conf", "byobox", false);
}
END_TEST

START_TEST(an_integration_more)
{
    const char *text = CORE "\n" SMSBOX "\n" LINK "denied-smsc-id = x\n";
    put("kannel.conf", text);
    CK_RUN("apply", 0);
    put_byobox("carrier-a carrier-b carrier-c");
    CK_RUN("check", 1);
    CK_RUN("apply", 0);
    ck_has("kannel.conf", "\ndenied-smsc-id = \"x;carrier-a;carrier-b;carrier-c\"\n", true);
    CK_RUN("revert", 0);
    ck_file("kannel.conf", text);
    /* and with an edit in between */
    CK_RUN("apply", 0);
    edit("\ndenied-smsc-id = \"x;", "\ndenied-smsc-id = \"mine;x;");
    put_byobox("carrier-a carrier-b carrier-c carrier-d");
    CK_RUN("apply", 0);
    CK_RUN("revert", 0);
    ck_file("kannel.conf", CORE "\n" SMSBOX "\n" LINK "denied-smsc-id = \"mine;x\"\n");
}
END_TEST

START_TEST(files_that_are_included)
{
    char *parts = path_of("parts");
    ck_assert_int_eq(mkdir(parts, 0755), 0);
    char *text = byo_printf(CORE "\ninclude = \"%s\"\n\ninclude = \"%s/one.conf\"\n", parts, folder);
    put("kannel.conf", text);
    put("one.conf", SMSBOX);
    put("parts/links.conf", LINK);
    put("parts/users.conf", USER);
    CK_RUN("apply", 0);
    CK_RUN("check", 0);
    ck_has("one.conf", "\nbearerbox-port = 13011\n", true);
    ck_has("parts/links.conf", "carrier-b", true);
    ck_file("one.conf.before", SMSBOX);
    /* every file of a folder is read, so a backup may not lie there */
    ck_file("links.conf.before", LINK);
    ck_assert(!exists("parts/links.conf.before"));
    CK_RUN("revert", 0);
    ck_file("kannel.conf", text);
    ck_file("one.conf", SMSBOX);
    ck_file("parts/links.conf", LINK);
    ck_file("parts/users.conf", USER);
    ck_assert(!exists("links.conf.before"));
    free(parts);
    free(text);
}
END_TEST

START_TEST(by_hand)
{
    const char *text =
        CORE "smsbox-port-ssl = yes\n\n" SMSBOX "\n" LINK "allowed-smsc-id = \"old;carrier-a\"\n";
    put("kannel.conf", text);
    char *said;
    ck_assert_int_eq(run("apply", &said), 1);
    ck_assert_ptr_nonnull(strstr(said, "the line it needs: smsbox-port-ssl = no"));
    ck_assert_ptr_nonnull(strstr(said, "take their ids out of it"));
    free(said);
    ck_has("kannel.conf", "\nsms-resend-retry = 1000000\n", true); /* the rest is done */
    CK_RUN("check", 1);
    CK_RUN("revert", 0);
    ck_file("kannel.conf", text);
}
END_TEST

START_TEST(pgsql_is_said)
{
    put("kannel.conf",
        "group = core\nadmin-port = 1\nadmin-password = b\nsmsbox-port = 13001\ndlr-storage = pgsql\n"
        "sms-resend-retry = 1000000\n\n" SMSBOX);
    char *said;
    ck_assert_int_eq(run("check", &said), 1);
    ck_assert_ptr_nonnull(strstr(said, "PostgreSQL 12"));
    free(said);
}
END_TEST

/* What bearerbox's reader refuses is not written, nor is anything else then. */
START_TEST(the_reader_is_asked)
{
    const char *text = CORE "no-such-key = 1\n\n" SMSBOX;
    put("kannel.conf", text);
    char *said;
    ck_assert_int_eq(run("apply", &said), 1);
    ck_assert_msg(strstr(said, "no-such-key"), "%s", said);
    ck_assert_ptr_nonnull(strstr(said, "nothing was changed"));
    free(said);
    ck_file("kannel.conf", text);
    ck_assert(!exists("kannel.conf.before"));
}
END_TEST

START_TEST(a_link_stays_a_link_and_the_mode_stays)
{
    char *real = path_of("real.conf"), *link = path_of("kannel.conf");
    struct stat st;
    put("real.conf", shapes[1]);
    chmod(real, 0640);
    ck_assert_int_eq(symlink(real, link), 0);
    CK_RUN("apply", 0);
    ck_assert_int_eq(lstat(link, &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
    ck_assert_int_eq(stat(real, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0640);
    ck_assert_int_eq(access(real, F_OK), 0);
    ck_file("real.conf.before", shapes[1]);
    CK_RUN("revert", 0);
    ck_file("real.conf", shapes[1]);
    free(real);
    free(link);
}
END_TEST

START_TEST(what_is_no_kannel_conf)
{
    CK_RUN("check", 2); /* there is none */
    put("kannel.conf", "");
    CK_RUN("apply", 2);
    put("kannel.conf", "group = smsc\nno equals sign\n");
    CK_RUN("apply", 2);
    ck_file("kannel.conf", "group = smsc\nno equals sign\n");
}
END_TEST

/* An integration that comes later through the API is no reason to restart Kannel then. */
START_TEST(A1_an_id_is_prepared_before_it_is_installed)
{
    char *said;
    put("kannel.conf", CORE "\n" SMSBOX "\n" USER "\n" LINK "denied-smsc-id = x\n");
    ck_assert_int_eq(run("check --prepare=new-one", &said), 1);
    ck_assert_ptr_nonnull(strstr(said, "denied-smsc-id = \"x;carrier-a;carrier-b;new-one\""));
    free(said);
    CK_RUN("apply --prepare=new-one,carrier-a,another", 0);
    ck_has("kannel.conf", "denied-smsc-id = \"x;carrier-a;carrier-b;new-one;another\"", true);
    CK_RUN("check", 0);
    CK_RUN("check --prepare=new-one", 0);
    CK_RUN("apply", 0); /* what was prepared stays */
    ck_has("kannel.conf", "new-one;another", true);
    put_byobox("carrier-a carrier-b new-one");
    CK_RUN("check", 0);
    CK_RUN("apply --prepare=bad~id", 2);
    CK_RUN("apply --prepare=a,,b", 2);
    CK_RUN("revert", 0);
    ck_has("kannel.conf", "new-one", false);
    ck_has("kannel.conf", "denied-smsc-id = x\n", true);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("kannel");
    TCase *t = tcase_create("kannel.conf");
    int n = (int)(sizeof shapes / sizeof *shapes);
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, make, clean);
    tcase_add_loop_test(t, there_and_back, 0, n);
    tcase_add_loop_test(t, comments_and_order_stay, 0, n);
    tcase_add_test(t, A1_an_id_is_prepared_before_it_is_installed);
    tcase_add_test(t, the_patch_applies);
    tcase_add_test(t, receipts_are_kept_beside_the_store);
    tcase_add_test(t, edits_since_stay);
    tcase_add_test(t, a_line_that_is_gone_and_one_put_before);
    tcase_add_test(t, a_smsbox_somebody_went_on_with);
    tcase_add_test(t, an_integration_more);
    tcase_add_test(t, files_that_are_included);
    tcase_add_test(t, by_hand);
    tcase_add_test(t, pgsql_is_said);
    tcase_add_test(t, the_reader_is_asked);
    tcase_add_test(t, a_link_stays_a_link_and_the_mode_stays);
    tcase_add_test(t, what_is_no_kannel_conf);
    suite_add_tcase(s, t);
    return run_suite(s);
}
