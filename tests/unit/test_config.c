/* SPDX-License-Identifier: BSD-3-Clause
 * The whole configuration: what a load gives, what it refuses, secrets, the examples, -t and --render-smsc
 * (spec P1-P16).
 * Ownership: none kept. Threads: none. */
#include "config_vectors.h"
#include "suites.h"
#include "box/box.h"
#include "config/keys.h"
#include "integration/credentials.h"
#include "integration/key_table.h"
#include "integration/policy.h"

#include <fcntl.h>
#include <sys/stat.h>

static const char *const bad[] = {
    "box-faults.conf",          "box-ports.conf",       "box-twice.conf",
    "box-missing.conf",         "users.conf",           "include-missing.conf",
    "compliance.conf",          "log-include.conf",     "compliance-texts.conf",
    "compliance-language.conf", "compliance-all.conf",  "integration-files.conf",
    "tls-stock.conf",           "tls-patched.conf",     "access.conf",
    "store-pgsql.conf",         "store-pgsql-none.conf"};

START_TEST(bad_files_tell_every_fault)
{
    vector_run(bad[_i]);
}
END_TEST

static ByoConf *load(const char *path, ByoFaults *faults)
{
    ByoConf *conf = byo_conf_load(path, faults);

    for (size_t k = 0; !conf && k < faults->n; k++) {
        char *line = byo_fault_line(&faults->items[k]);
        fprintf(stderr, "%s\n", line);
        free(line);
    }
    ck_assert_ptr_nonnull(conf);
    return conf;
}

START_TEST(smsbox_allow_ip_forms)
{
    static const struct {
        const char *list;
        bool good;
    } cases[] = {
        {"127.0.0.1", true},  {"127.0.0.1;10.*.*.*", true},
        {"*.*.*.*", true},    {"255.255.255.255", true},
        {"0.0.0.0;", true},   {"10.0.0.1*", true},
        {"999.1.1.1", false}, {"127.0.0.256", false},
        {"127.0.0", false},   {"::1", false},
        {"1.2.3.4.5", false}, {"1.2.3.", false},
        {"1..2.3", false},    {"*", false},
        {"01.2.3.4", false},  {"1.2.3.*4", false},
        {"1.2.3.**", false},  {"1.2.3.4;::1", false},
        {"a.b.c.d", false},   {"1.2.3.4; 5.6.7.8", false},
        {";", false},         {"1.2.3.0001", false},
    };
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
        const ByoKeyLine line = {"smsbox-allow-ip", cases[k].list, "/f", 2, false, false};
        const ByoKeyGroup group = {"byobox", "/f", 1, &line, 1};
        const ByoHostDefaults host = {0};
        ByoConf *conf = byo_zalloc(sizeof(*conf));
        ByoFaults faults = {0};
        bool told = false;

        byo_conf_read_box(conf, &group, &host, &faults);
        for (size_t f = 0; f < faults.n; f++)
            told |= strstr(faults.items[f].text, "must be IPv4 addresses separated by ';'") != NULL;
        ck_assert_msg(told != cases[k].good, "%s", cases[k].list);
        byo_conf_free(conf);
        byo_faults_free(&faults);
    }
}
END_TEST

START_TEST(every_key_arrives)
{
    char *path = byo_printf("%s/tests/vectors/config/good.conf", vectors_top());
    ByoFaults faults = {0};
    ByoConf *c = load(path, &faults);

    ck_assert_str_eq(c->box_id, "my.box_1");
    ck_assert_int_eq(c->smsbox_port, 13011);
    ck_assert_str_eq(c->smsbox_allow_ip, "127.0.0.1;10.*.*.*");
    ck_assert_str_eq(c->bearerbox_host, "127.0.0.1");
    ck_assert_int_eq(c->bearerbox_port, 14001);
    ck_assert_int_eq(c->bearerbox_admin_port, 14000);
    ck_assert_str_eq(c->bearerbox_admin_password, "other");
    ck_assert_uint_eq(c->features,
                      BYO_FEATURE_RAW_PAYLOAD | BYO_FEATURE_SUBMIT_STATUS | BYO_FEATURE_BIND_RETRY);
    ck_assert_int_eq(c->admin_port, 13010);
    ck_assert_str_eq(c->admin_interface, "0.0.0.0");
    ck_assert_str_eq(c->admin_password, "a \"b\\ 012345678");
    ck_assert_str_eq(c->status_password, "s and some more");
    ck_assert(c->store_path[0] == '/' && strstr(c->store_path, "/tests/vectors/config/db/byobox.db"));
    ck_assert_str_eq(c->smsc_conf, "/var/lib/byobox/smsc.conf");
    ck_assert_ptr_nonnull(strstr(c->credentials_key_file, "/tests/vectors/config/key"));
    ck_assert(c->refuse_unlisted);
    ck_assert(c->short_codes.min == 3 && c->short_codes.max == 8);
    ck_assert_int_eq(c->retention, BYO_DAY);
    ck_assert_int_eq(c->event_retention, 36 * BYO_HOUR);
    ck_assert_str_eq(c->log_file, "/var/log/byobox.log");
    ck_assert_int_eq(c->log_level, 0);
    ck_assert(c->log_json);
    ck_assert_str_eq(c->event_webhook, "https://example.org/events");
    ck_assert_ptr_nonnull(strstr(c->access_log, "/access.log"));

    ck_assert(c->host_included && !c->host_has_store && c->smsc_conf_included);
    ck_assert_int_eq(c->host_resend_retry, 1000000);
    ck_assert_str_eq(c->smsc_log_dir, "/var/lib/byobox");
    ck_assert_uint_eq(c->n_smsbox_ids, 1);
    ck_assert_str_eq(c->smsbox_ids[0], "one");

    ck_assert_uint_eq(c->n_integrations, 1);
    ck_assert_ptr_nonnull(byo_conf_integration(c, BYO_STR("carrier-a"))->advanced);
    ck_assert_str_eq(c->integrations[0]->password, "secret");
    ck_assert(c->integrations[0]->password_plain);
    ck_assert_ptr_null(byo_conf_integration(c, BYO_STR("carrier")));

    ck_assert_uint_eq(c->n_users, 2); /* (spec A1) */
    ck_assert_uint_eq(byo_conf_user(c, BYO_STR("ops"))->permissions,
                      BYO_CAN_VIEW | BYO_CAN_ACTIVATE | BYO_CAN_NUMBERS);
    ck_assert_uint_eq(byo_conf_user(c, BYO_STR("root"))->permissions, BYO_CAN_GRANTED);
    ck_assert_str_eq(byo_conf_user(c, BYO_STR("root"))->password_hash, "$scrypt$y");
    ck_assert_ptr_null(byo_conf_user(c, BYO_STR("nobody")));

    ck_assert_int_eq(c->compliance.reply_limit, 3);
    ck_assert(!c->compliance.opt_out_loose); /* (spec K1, K2) */
    ck_assert_str_eq(c->compliance.default_language, "en");
    const ByoKeywordGroups *help = byo_compliance_of(&c->compliance.standard, BYO_KEYWORD_HELP);
    ck_assert_str_eq(help->groups[0].reply, "Ask us.");
    const ByoKeywordGroups *out = byo_compliance_of(&c->compliance.standard, BYO_KEYWORD_OPT_OUT);
    ck_assert_str_eq(out->groups[0].keywords[1], "NO MORE");
    ck_assert_str_eq(out->groups[0].reply, "Fini.");
    byo_conf_free(c);
    byo_faults_free(&faults);
    free(path);
}
END_TEST

START_TEST(routes_in_bearerboxs_order)
{
    char *path = byo_printf("%s/tests/vectors/config/good.conf", vectors_top());
    ByoFaults faults = {0};
    ByoConf *c = load(path, &faults);

    ck_assert_str_eq(byo_conf_route(c, BYO_STR("1"), BYO_STR("y")), "one");
    ck_assert_str_eq(byo_conf_route(c, BYO_STR("54321"), BYO_STR("y")), "two");
    ck_assert_str_eq(byo_conf_route(c, BYO_STR("54321"), BYO_STR("x")), "three");
    ck_assert_str_eq(byo_conf_route(c, BYO_STR("+12025550100"), BYO_STR("carrier-a")), "three");
    ck_assert_ptr_null(byo_conf_route(c, BYO_STR("+12025550100"), BYO_STR("other")));
    ck_assert_ptr_null(byo_conf_route(c, BYO_STR("1"), BYO_STR("")));
    byo_conf_free(c);
    byo_faults_free(&faults);
    free(path);
}
END_TEST

/* Stands before libc's: a host's name as long as Linux lets it be. */
int gethostname(char *name, size_t size)
{
    ck_assert_int_gt(size, 64);
    memset(name, 'h', 64);
    name[64] = 0;
    return 0;
}

START_TEST(defaults_and_the_host)
{
    char *path = byo_printf("%s/kannel-conf/transmitter-receiver.conf", vectors_top());
    ByoFaults faults = {0};
    ByoConf *c = load(path, &faults);

    ck_assert_str_eq(c->box_id, "byobox");
    ck_assert_int_eq(c->smsbox_port, 13011);
    ck_assert_str_eq(c->smsbox_allow_ip, "127.0.0.1");
    ck_assert_str_eq(c->bearerbox_host, "localhost");
    ck_assert_int_eq(c->bearerbox_port, 13001); /* core's smsbox-port */
    ck_assert_int_eq(c->bearerbox_admin_port, 13000);
    ck_assert_str_eq(c->bearerbox_admin_password, "bar");
    ck_assert_uint_eq(c->features, 0);
    ck_assert_int_eq(c->admin_port, 13010);
    ck_assert_str_eq(c->admin_interface, "127.0.0.1");
    ck_assert_ptr_null(c->status_password);
    ck_assert_str_eq(c->store_path, "/var/lib/byobox/byobox.db");
    ck_assert_int_eq(strspn(c->node_id, "h"), 63);
    ck_assert_int_eq(strlen(c->node_id), 63);
    ck_assert_str_eq(c->smsc_conf, "/var/lib/byobox/smsc.conf");
    ck_assert(!c->refuse_unlisted);
    ck_assert_int_eq(c->retention, 30 * BYO_DAY);
    ck_assert_int_eq(c->event_retention, 10 * BYO_DAY); /* (spec L5) */
    ck_assert_int_eq(c->statistics_retention, 400 * BYO_DAY);
    ck_assert_int_eq(c->log_level, 1);
    ck_assert(c->host_has_store);
    ck_assert_str_eq(c->host_box_allow_ip, "127.0.0.1");
    ck_assert_str_eq(c->smsc_log_dir, "/var/log/kannel");
    ck_assert_int_eq(c->compliance.reply_limit, 10);
    ck_assert(c->compliance.opt_out_loose);
    ck_assert(c->short_codes.min == 5 && c->short_codes.max == 6);
    byo_conf_free(c);
    byo_faults_free(&faults);
    free(path);
}
END_TEST

START_TEST(examples_load_without_an_error)
{
    static const char *const examples[] = {"byobox.conf", "transmitter-receiver.conf", "two-smscs.conf"};
    char *path = byo_printf("%s/kannel-conf/%s", vectors_top(), examples[_i]);
    ByoFaults faults = {0};
    ByoConf *c = load(path, &faults);

    for (size_t k = 0; k < faults.n; k++)
        ck_assert_msg(strstr(faults.items[k].text, "in clear") || strstr(faults.items[k].text, "everybody"),
                      "%s", faults.items[k].text);
    byo_conf_free(c);
    byo_faults_free(&faults);
    free(path);
}
END_TEST

/* ---- files of a test's own ---- */

static char dir[] = "byo-config-XXXXXX";

static void in_a_folder(void)
{
    memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_folder(void)
{
    static const char *const names[] = {"byobox.conf", "kannel.conf", "smsc.conf", "key",
                                        "password",    "a.json",      "link"};
    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
        char *path = byo_printf("%s/%s", dir, names[k]);
        unlink(path);
        free(path);
    }
    rmdir(dir);
}

static char *put(const char *name, mode_t mode, const char *text)
{
    char *path = byo_printf("%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
    return path;
}

#define CARRIER "group = byo-smpp\nintegration-id = carrier-a\nsmsc-address = h\nsystem-id = s\n"

/* The load of `group = byobox` and one integration with these lines; the told text, NULL when it is good. */
static char *told(const char *lines, char **password_r)
{
    ByoFaults faults = {0};
    char *text = byo_printf("group = byobox\nadmin-password = not-of-an-example\ncredentials-key-file = "
                            "key\nbearerbox-admin-password "
                            "= y\n\n" CARRIER "%s",
                            lines);
    char *path = put("byobox.conf", 0600, text);
    ByoConf *c = byo_conf_load(path, &faults);
    ByoBuf all = {0};

    for (size_t k = 0; k < faults.n; k++)
        if (faults.items[k].severity == BYO_FAULT_ERROR)
            byo_buf_addf(&all, "%s\n", faults.items[k].text);
    if (password_r)
        *password_r = c ? byo_strdup(c->integrations[0]->password) : NULL;
    byo_conf_free(c);
    byo_faults_free(&faults);
    free(path);
    free(text);
    return all.p;
}

static void expect(const char *lines, const char *error)
{
    char *text = told(lines, NULL);
    if (error)
        ck_assert_msg(text && strstr(text, error), "<%s>: wanted <%s>, told <%s>", lines, error,
                      text ? text : "");
    else
        ck_assert_msg(!text, "<%s>: %s", lines, text);
    free(text);
}

START_TEST(P14_long_password)
{
    static const char stock[] = "up to 16 are sent by a bearerbox with the patch long-password";
    expect("password = 123456789\n", stock);
    free(put("password", 0600, "123456789\n"));
    expect("password-file = password\n", stock);
    ByoFaults faults = {0};
    char *path = put("byobox.conf", 0600,
                     "group = byobox\nadmin-password = x\nbearerbox-admin-password = y\n"
                     "bearerbox-features = long-password\n\n" CARRIER "password = 1234567890123456\n");
    ByoConf *c = byo_conf_load(path, &faults);
    ck_assert_str_eq(c->integrations[0]->password, "1234567890123456");
    byo_conf_free(c);
    byo_faults_free(&faults);
    free(path);
}
END_TEST

START_TEST(P14_password_file)
{
    char *password = NULL;

    free(put("password", 0600, "hush\nsecond line\n"));
    free(told("password-file = password\n", &password));
    ck_assert_str_eq(password, "hush");
    free(password);
    free(put("password", 0644, "hush\n"));
    expect("password-file = password\n", "others may read or change it (mode 644): chmod 600 it");
    free(put("password", 0600, "\n"));
    expect("password-file = password\n", "its first line is empty");
    free(put("password", 0600, "123456789\n"));
    expect("password-file = password\n", "longer than 8 octets");
    free(put("password", 0600, "include\n"));
    expect("password-file = password\n", "the word \"include\"");
    expect("password-file = .\n", "it is not a regular file");
}
END_TEST

START_TEST(P14_sealed_credentials)
{
    ByoFaults faults = {0};
    char key[BYO_KEY_LINE], *password = NULL;

    ck_assert(byo_key_generate(key));
    ByoKeyring *ring = byo_keyring_read(byo_str(key), "key", &faults);
    char *good = byo_seal(ring, BYO_STR("carrier-a"), BYO_STR("hush"));
    char *other = byo_seal(ring, BYO_STR("carrier-b"), BYO_STR("hush"));
    char *lines = byo_printf("credentials = \"%s\"\n", good);
    free(put("key", 0600, key));
    free(told(lines, &password));
    ck_assert_str_eq(password, "hush");
    free(put("key", 0640, key));
    expect(lines, "credentials-key-file: others may read or change it");
    free(put("key", 0600, "0000000000000000000000000000000000000000000000000000000000000000\n"));
    expect(lines, "sealed with a key that is not in the credentials-key-file");
    free(put("key", 0600, "no key\n"));
    expect(lines, "this is no key");
    free(put("key", 0600, key));
    free(lines);
    lines = byo_printf("credentials = \"%s\"\n", other);
    expect(lines, "sealed for another integration");
    expect("credentials = hush\n", "this is no sealed form");
    free(lines);
    free(password);
    free(good);
    free(other);
    byo_keyring_destroy(ring);
}
END_TEST

START_TEST(no_password_is_ever_told)
{
    ByoFaults faults = {0};
    char *path = put(
        "byobox.conf", 0644,
        "group = byobox\nadmin-password = \"Geheim1\nstatus-password = Geheim2\nstatus-password = Geheim3\n"
        "bearerbox-admin-password = \nadminpassword = Geheim4\n\n" CARRIER
        "password = Geheim567890\npasword = Geheim8\ncredentials = Geheim9\n");
    ck_assert_ptr_null(byo_conf_load(path, &faults));
    ck_assert_uint_gt(faults.errors, 5);
    for (size_t k = 0; k < faults.n; k++)
        ck_assert_msg(!strstr(faults.items[k].text, "Geheim"), "%s", faults.items[k].text);
    byo_faults_free(&faults);
    free(path);
}
END_TEST

START_TEST(passwords_in_a_readable_file_are_warned_of)
{
    for (int open_to_all = 0; open_to_all < 2; open_to_all++) {
        ByoFaults faults = {0};
        char *path = put("byobox.conf", open_to_all ? 0644 : 0640,
                         "group = byobox\nadmin-password = not-of-an-example\n");
        size_t n = 0;
        ByoConf *c = load(path, &faults);
        for (size_t k = 0; k < faults.n; k++)
            n += strstr(faults.items[k].text, "everybody on this machine may read (mode 644)") != NULL;
        ck_assert_uint_eq(n, (size_t)open_to_all);
        byo_conf_free(c);
        byo_faults_free(&faults);
        free(path);
    }
}
END_TEST

/* The first start: the file kannel.conf includes is byobox's own, and it is not there yet, or is stale. */
/* The links log beside byobox's own log where the package made a folder for them, else where bearerbox logs. */
START_TEST(the_links_log_in_a_folder_of_their_own)
{
    ByoFaults faults = {0};
    char *folder = realpath(dir, NULL), *links = byo_printf("%s/smsc", folder);
    char *text =
        byo_printf("include = \"kannel.conf\"\n\ngroup = byobox\nadmin-password = not-of-an-example\n"
                   "log-file = \"%s/byobox.log\"\n",
                   folder);
    char *path = put("byobox.conf", 0600, text);

    free(put(
        "kannel.conf", 0600,
        "group = core\nsmsbox-port = 13001\nsms-resend-retry = 1000000\nlog-file = /var/log/kannel/b.log\n\n"
        "group = smsbox\nbearerbox-port = 13011\n\ninclude = \"/var/lib/byobox/smsc.conf\"\n"));
    for (int there = 0; there < 2; there++) {
        if (there)
            ck_assert_int_eq(mkdir(links, 0700), 0);
        ByoConf *c = byo_conf_load(path, &faults);
        ck_assert_ptr_nonnull(c);
        ck_assert_str_eq(c->smsc_log_dir, there ? links : "/var/log/kannel");
        byo_conf_free(c);
    }
    rmdir(links);
    byo_faults_free(&faults);
    free(path);
    free(text);
    free(links);
    free(folder);
}
END_TEST

START_TEST(our_own_file_is_not_read_back)
{
    static const char host[] =
        "group = core\nsmsbox-port = 13001\nadmin-password = y\ndlr-storage = spool\ndlr-spool = /tmp\n"
        "sms-resend-retry = 1\n\ninclude = \"smsc.conf\"\n\ngroup = smsbox\nbearerbox-port = "
        "13011\n";
    static const char box[] =
        "include = kannel.conf\n\ngroup = byobox\nadmin-password = not-of-an-example\nsmsc-conf = "
        "smsc.conf\n\n"
        "group = byo-smpp\nintegration-id = carrier-a\nsmsc-address = h\nsystem-id = s\n"
        "password = p\n";
    char *path = put("byobox.conf", 0600, box);

    free(put("kannel.conf", 0600, host));
    for (int there = 0; there < 2; there++) {
        ByoFaults faults = {0};
        if (there)
            free(put("smsc.conf", 0600, "group = smsc\nsmsc-id = carrier-a\nsmsc = smpp\nno equals sign\n"));
        ByoConf *c = load(path, &faults);
        ck_assert(c->smsc_conf_included);
        ck_assert_uint_eq(faults.warnings, 1); /* the password in clear */
        byo_conf_free(c);
        byo_faults_free(&faults);
    }
    free(path);
}
END_TEST

START_TEST(an_unreadable_file_is_one_fault)
{
    ByoFaults faults = {0};

    ck_assert_ptr_null(byo_conf_load("/nonexistent/byobox.conf", &faults));
    ck_assert_uint_eq(faults.n, 1);
    ck_assert_str_eq(faults.items[0].text, "it cannot be opened: No such file or directory");
    byo_faults_free(&faults);
}
END_TEST

START_TEST(a_client_reads_only_what_it_needs)
{
    ByoFaults faults = {0};
    char *path = put("byobox.conf", 0600,
                     "group = byobox\nadmin-password = not-of-an-example\nadmin-port = "
                     "4711\nbearerbox-admin-password = y\n\n"
                     "group = byo-smpp\nnonsense = 1\n\nbroken line\n");
    ByoConf *c = byo_conf_load_client(path, &faults);

    ck_assert_ptr_nonnull(c);
    ck_assert_uint_eq(faults.n, 0);
    ck_assert_int_eq(c->admin_port, 4711);
    ck_assert_str_eq(c->admin_password, "not-of-an-example");
    byo_conf_free(c);
    free(path);
    path = put("byobox.conf", 0600, "group = byobox\nadmin-port = no\n");
    ck_assert_ptr_null(byo_conf_load_client(path, &faults));
    ck_assert_uint_eq(faults.errors, 1);
    byo_faults_free(&faults);
    free(path);
    path = put("byobox.conf", 0600, "group = core\n");
    ck_assert_ptr_null(byo_conf_load_client(path, &faults));
    ck_assert_ptr_nonnull(strstr(faults.items[0].text, "there is no group = byobox"));
    byo_faults_free(&faults);
    free(path);
}
END_TEST

static void policy_of(const char *box, const char *more, char digest[BYO_POLICY_TEXT])
{
    char *text = byo_printf("group = byobox\n%s\n%s", box, more), *path = put("byobox.conf", 0600, text);
    ByoFaults faults = {0};
    ByoConf *c = byo_conf_load(path, &faults);
    ck_assert_msg(c != NULL, "%s", text);
    byo_policy_digest_of(c->policy, digest);
    byo_conf_free(c);
    byo_faults_free(&faults);
    free(path);
    free(text);
}

/* What may be another at each byobox makes no difference; what a message may do does, however it is written. */
START_TEST(policies_are_compared)
{
#define COMPLIANCE "group = byo-compliance\n"
    static const struct {
        const char *box, *more;
        bool same;
    } rows[] = {
        {"retention = 720h\nunlisted-senders = pass\n", COMPLIANCE "reply-limit = 10\n",
         true}, /* the defaults */
        {"node-id = n2\nadmin-port = 14010\nadmin-password = secret\nlog-level = 0\n", "", true},
        {"store-path = /elsewhere\nsmsbox-port = 14011\nevent-webhook = https://example.org/\n", "", true},
        {"short-code-digits = 3-8\n", "", false},
        {"unlisted-senders = refuse\n", "", false},
        {"retention = 31d\n", "", false},
        {"keep-inbound-text = yes\n", "", false},
        {"inward-expiry-mo = 7d\n", "", false},
        {"bearerbox-features = receipts-to-box\n", "", false},
        {"", COMPLIANCE "reply-limit = 9\n", false},
        {"", COMPLIANCE "opt-out-loose = no\n", false},
        {"", COMPLIANCE "default-language = fr\n", false},
        {"", COMPLIANCE "help-reply = Help: 12025550100\n", false},
    };
    char plain[BYO_POLICY_TEXT], other[BYO_POLICY_TEXT];
    policy_of("", "", plain);
    ck_assert_uint_eq(strlen(plain), BYO_POLICY_TEXT - 1);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        policy_of(rows[k].box, rows[k].more, other);
        ck_assert_msg((strcmp(plain, other) == 0) == rows[k].same, "%s%s", rows[k].box, rows[k].more);
    }
}
END_TEST

START_TEST(test_and_render_commands)
{
    char *said = NULL, *groups = NULL,
         *path = put("byobox.conf", 0600,
                     "group = byobox\nadmin-password = not-of-an-example\n"
                     "bearerbox-admin-password = y\n\ngroup = byo-smpp\nintegration-id = carrier-a\n"
                     "smsc-address = 127.0.0.1\nsystem-id = s\npassword = p\n");
    size_t n, m;
    FILE *err = open_memstream(&said, &n), *out = open_memstream(&groups, &m);

    ck_assert_int_eq(byo_config_test_command(path, err), 0);
    fflush(err);
    char *last = byo_printf("\n%s: good: 1 integration, 2 warnings\n", path);
    ck_assert_msg(n > strlen(last) && strcmp(said + n - strlen(last), last) == 0, "%s", said);
    ck_assert_int_eq(byo_config_render_command(path, out, err), 0);
    fflush(out);
    ck_assert_ptr_nonnull(strstr(groups, "smsc-id = \"byobox-idle\""));
    ck_assert_ptr_nonnull(strstr(groups, "smsc-id = \"carrier-a\""));
    ck_assert_ptr_null(strstr(groups, "warning"));
    free(last);
    free(path);

    path = put("byobox.conf", 0600, "group = byobox\nadmin-port = x\nbox-id = \"\"\n");
    fclose(out);
    free(groups);
    out = open_memstream(&groups, &m);
    rewind(err);
    ck_assert_int_eq(byo_config_test_command(path, err), 1);
    ck_assert_int_eq(byo_config_render_command(path, out, err), 1);
    fflush(out);
    ck_assert_uint_eq(m, 0);
    fclose(err);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(said, "bad: 2 errors, "));
    free(said);
    free(groups);
    free(path);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("config");
    TCase *t = tcase_create("load");

    tcase_add_loop_test(t, bad_files_tell_every_fault, 0, (int)(sizeof(bad) / sizeof(bad[0])));
    tcase_add_test(t, smsbox_allow_ip_forms);
    tcase_add_test(t, every_key_arrives);
    tcase_add_test(t, routes_in_bearerboxs_order);
    tcase_add_test(t, defaults_and_the_host);
    tcase_add_loop_test(t, examples_load_without_an_error, 0, 3);
    tcase_add_test(t, an_unreadable_file_is_one_fault);
    suite_add_tcase(s, t);
    t = tcase_create("files");
    tcase_add_checked_fixture(t, in_a_folder, remove_folder);
    tcase_add_test(t, P14_long_password);
    tcase_add_test(t, policies_are_compared);
    tcase_add_test(t, P14_password_file);
    tcase_add_test(t, P14_sealed_credentials);
    tcase_add_test(t, no_password_is_ever_told);
    tcase_add_test(t, passwords_in_a_readable_file_are_warned_of);
    tcase_add_test(t, the_links_log_in_a_folder_of_their_own);
    tcase_add_test(t, our_own_file_is_not_read_back);
    tcase_add_test(t, a_client_reads_only_what_it_needs);
    tcase_add_test(t, test_and_render_commands);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return run_suite(suite());
}
