/* SPDX-License-Identifier: BSD-3-Clause
 * The rendered smsc groups (spec P1-P12; host H10, H11): gwlib's own reader reads back what the
 * integration says, and nothing stands there that bearerbox would misread.
 * Ownership: none kept. Threads: none. */
#include "base/features.h"
#include "config/files.h"
#include "config_text.h"
#include "suites.h"
#include "integration/render.h"

#include <check.h>
#include <gwlib/gwlib.h>
#include <unistd.h>
#undef malloc
#undef free
#undef realloc
#undef strdup
#undef calloc

static ByoSmscKey keys[] = {{(char *)"system-type", (char *)"a b"},
                            {(char *)"enquire-link-interval", (char *)"7"}};

static ByoIntegration account(const char *id)
{
    ByoIntegration i = {.smsc_address = (char *)"smpp.example",
                        .smsc_port = 2776,
                        .use_tls = true,
                        .messages_per_second = 20,
                        .bind_type = BYO_BIND_TRANSCEIVER,
                        .binds = 3,
                        .system_id = (char *)"account",
                        .password = (char *)"secret"};
    snprintf(i.id, sizeof(i.id), "%s", id);
    return i;
}

static int allow_every_key(Octstr *group, Octstr *variable)
{
    return 1;
}

static int never_single(Octstr *group)
{
    return 0;
}

/* A text as gwlib reads it from a file. */
static Cfg *theirs(const char *text)
{
    char path[] = "/tmp/byo-render-XXXXXX";
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    Octstr *name = octstr_create(path);
    Cfg *cfg = cfg_create(name);
    ck_assert_int_eq(cfg_read(cfg), 0);
    octstr_destroy(name);
    unlink(path);
    return cfg;
}

static char *rendered(const ByoIntegration *i, unsigned features)
{
    ByoRenderOptions options = {.features = features, .log_dir = "/var/log/kannel", .box_id = "byobox"};
    ByoBuf out = {0};

    byo_render_idle(&out);
    byo_render_smsc(i, &options, &out);
    return out.p;
}

/* The value of a key in the nth smsc group; "" when it is not there. The texts live until the next test. */
static const char *value(Cfg *cfg, long n, const char *key)
{
    static char text[512];
    List *list = cfg_get_multi_group(cfg, octstr_imm("smsc"));
    CfgGroup *group = gwlist_get(list, n);
    Octstr *name = octstr_create(key);
    Octstr *os = group ? cfg_get(group, name) : NULL;
    octstr_destroy(name);

    snprintf(text, sizeof(text), "%s", os ? octstr_get_cstr(os) : "");
    octstr_destroy(os);
    gwlist_destroy(list, NULL);
    return text;
}

START_TEST(idle_link_first)
{
    ByoIntegration i = account("carrier-a");
    char *text = rendered(&i, 0);
    Cfg *cfg = theirs(text);

    ck_assert_str_eq(value(cfg, 0, "smsc"), "loopback");
    ck_assert_str_eq(value(cfg, 0, "smsc-id"), "byobox-idle");
    ck_assert_str_eq(value(cfg, 0, "allowed-smsc-id"), "byobox-idle");
    cfg_destroy(cfg);
    free(text);
}
END_TEST

START_TEST(P1_P2_P10_P11_P12_P14_as_bearerbox_reads_them)
{
    static const struct {
        const char *key, *value;
    } lines[] = {{"smsc", "smpp"},
                 {"smsc-id", "carrier-a"},
                 {"smsc-admin-id", ""},
                 {"allowed-smsc-id", "carrier-a"},
                 {"host", "smpp.example"}, /* (spec P1) */
                 {"port", "2776"},         /* (spec P2) */
                 {"receive-port", ""},     /* (spec P10) */
                 {"transceiver-mode", "yes"},
                 {"instances", "3"},           /* (spec P11) */
                 {"use-ssl", "yes"},           /* (spec P12) */
                 {"smsc-username", "account"}, /* (spec P14) */
                 {"smsc-password", "secret"},
                 {"system-type", "a b"},
                 {"enquire-link-interval", "7"},
                 {"connection-timeout", "21"}, /* (field C14) */
                 {"our-host", "192.0.2.1"},    /* (spec A2) */
                 {"max-sms-octets", "500"},
                 {"log-file", "/var/log/kannel/smsc-carrier-a.log"},
                 {"log-level", "1"},
                 {"alt-charset", ""},
                 {"source-addr-autodetect", "no"}, /* (spec P5-P8) The rest comes with each segment */
                 {"source-addr-ton", "0"},
                 {"source-addr-npi", "0"},
                 {"dest-addr-ton", "0"},
                 {"dest-addr-npi", "0"}};
    ByoIntegration i = account("carrier-a");
    i.smsc_keys = keys;
    i.n_smsc_keys = 2;
    i.our_host = (char *)"192.0.2.1";
    char *text = rendered(&i, 0);
    Cfg *cfg = theirs(text);

    for (size_t k = 0; k < sizeof(lines) / sizeof(lines[0]); k++)
        ck_assert_msg(strcmp(value(cfg, 1, lines[k].key), lines[k].value) == 0, "%s: %s", lines[k].key,
                      value(cfg, 1, lines[k].key));
    cfg_destroy(cfg);
    free(text);
}
END_TEST

START_TEST(P10_transmitter_and_its_receiver)
{
    ByoIntegration t = account("tx"), r = account("rx");
    ByoRenderOptions options = {.features = 0, .log_dir = "/l", .box_id = "byobox"};
    ByoBuf out = {0};

    t.bind_type = BYO_BIND_TRANSMITTER;
    r.bind_type = BYO_BIND_RECEIVER;
    r.receives_for = (char *)"tx";
    r.use_tls = false;
    byo_render_smsc(&t, &options, &out);
    byo_render_smsc(&r, &options, &out);
    Cfg *cfg = theirs(out.p);
    ck_assert_str_eq(value(cfg, 0, "smsc-id"), "tx");
    ck_assert_str_eq(value(cfg, 0, "port"), "2776");
    ck_assert_str_eq(value(cfg, 0, "receive-port"), "");
    ck_assert_str_eq(value(cfg, 0, "transceiver-mode"), "no");
    ck_assert_str_eq(value(cfg, 1, "smsc-id"), "tx"); /* receipts find their segments */
    ck_assert_str_eq(value(cfg, 1, "smsc-admin-id"), "rx");
    ck_assert_str_eq(value(cfg, 1, "allowed-smsc-id"), "rx"); /* and no segment goes there */
    ck_assert_str_eq(value(cfg, 1, "port"), "");
    ck_assert_str_eq(value(cfg, 1, "receive-port"), "2776");
    ck_assert_str_eq(value(cfg, 1, "use-ssl"), "no"); /* (spec P12) */
    ck_assert_str_eq(value(cfg, 1, "log-file"), "/l/smsc-rx.log");
    ck_assert_str_eq(value(cfg, 1, "system-type"), ""); /* present: bearerbox refuses a group without */
    ck_assert_ptr_nonnull(strstr(out.p, "system-type = \"\"\n"));
    cfg_destroy(cfg);
    byo_buf_free(&out);
}
END_TEST

/* (spec P9) The stop never paces below the rate, and a new rate within its kind changes no line. */
START_TEST(P9_throughput_is_only_a_stop)
{
    static const int rates[] = {1, 20, 100, 101, 100000};
    char *first = NULL;

    for (size_t k = 0; k < 5; k++) {
        ByoIntegration i = account("a");
        i.messages_per_second = rates[k];
        char *text = rendered(&i, 0);
        Cfg *cfg = theirs(text);
        ck_assert_int_gt(atoi(value(cfg, 1, "throughput")), rates[k]);
        if (!first)
            first = byo_strdup(text);
        else if (rates[k] <= 100)
            ck_assert_str_eq(text, first);
        cfg_destroy(cfg);
        free(text);
    }
    free(first);
}
END_TEST

/* (spec P14) Whatever the values are, both readers give them back. */
/* Enough unanswered submits for the rate without tuning; few steps, so that few new rates reopen a link. */
START_TEST(P9_pending_submits_follow_the_rate)
{
    static const struct {
        int rate, binds;
        const char *pending;
    } rows[] = {{20, 3, "10"},       {100, 1, "10"},      {101, 1, "16"},   {300, 1, "32"},
                {300, 3, "10"},      {1000, 3, "64"},     {1000, 1, "128"}, {10000, 3, "512"},
                {100000, 3, "1000"}, {100000, 10, "1000"}};

    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        ByoIntegration i = account("carrier-a");
        i.messages_per_second = rows[k].rate;
        i.binds = rows[k].binds;
        char *text = rendered(&i, 0);
        Cfg *cfg = theirs(text);
        ck_assert_str_eq(value(cfg, 1, "max-pending-submits"), rows[k].pending);
        cfg_destroy(cfg);
        free(text);
    }
}
END_TEST

START_TEST(P14_awkward_values_come_back)
{
    static const char *const awkward[] = {
        "\"", "\\",   "\\\\",  "\\\"", "a\\",       " a ",          "#a",  "a=b",    "a;b",       "\"a\"",
        "'",  "%s%n", "a # b", "=\"",  "p\xc3\xa4", "\xe3\x81\x82", "\\n", "\"\\\"", "group = x", "a\\\"b"};
    for (size_t k = 0; k < sizeof(awkward) / sizeof(awkward[0]); k++) {
        ByoIntegration i = account("a");
        i.password = i.system_id = (char *)awkward[k];
        char *text = rendered(&i, 0);
        Cfg *cfg = theirs(text);
        ck_assert_str_eq(value(cfg, 1, "smsc-password"), awkward[k]);
        ck_assert_str_eq(value(cfg, 1, "smsc-username"), awkward[k]);
        ck_assert_str_eq(value(cfg, 1, "log-level"), "1");
        ByoFaults faults = {0};
        TextFile files[] = {{"f", text, 0}, {NULL, NULL, 0}};
        ByoConfigTree *tree = text_tree(files, &faults);
        ck_assert_uint_eq(faults.n, 0);
        ck_assert_uint_eq(tree->n, 2);
        ck_assert_str_eq(byo_key_find(&tree->groups[1], "smsc-password")->value, awkward[k]);
        byo_config_tree_free(tree);
        cfg_destroy(cfg);
        free(text);
    }
}
END_TEST

START_TEST(directives_of_the_patches)
{
    static const struct {
        unsigned feature;
        const char *key, *value;
    } lines[] = {{BYO_FEATURE_RAW_PAYLOAD, "raw-payload", "yes"},
                 {BYO_FEATURE_SUBMIT_STATUS, "submit-status-to-box", "yes"},
                 {BYO_FEATURE_RECEIPTS_TO_BOX, "receipts-to-box", "yes"},
                 {BYO_FEATURE_RECEIPTS_TO_BOX, "receipts-box-id", "byobox"},
                 {BYO_FEATURE_MO_RAW, "mo-raw", "yes"},
                 {BYO_FEATURE_VERIFIED_TLS, "ssl-verify-host", "yes"},
                 {BYO_FEATURE_BIND_RETRY, "bind-retry", "30"}};
    cfg_add_hooks((void *)allow_every_key, (void *)never_single); /* stock's reader does not know them */
    for (size_t f = 0; f < 6; f++) {
        ByoIntegration i = account("a");
        char *text = rendered(&i, 1u << f);
        Cfg *cfg = theirs(text);
        for (size_t k = 0; k < 7; k++)
            ck_assert_str_eq(value(cfg, 1, lines[k].key), lines[k].feature == 1u << f ? lines[k].value : "");
        cfg_destroy(cfg);
        free(text);
    }
    /* only where there is one */
    ByoIntegration of_nine = account("a");
    of_nine.password = "123456789";
    char *with_password = rendered(&of_nine, BYO_FEATURE_LONG_PASSWORD);
    ck_assert_ptr_nonnull(strstr(with_password, "\nlong-password = yes\n"));
    free(with_password);
    of_nine.password = "12345678";
    with_password = rendered(&of_nine, BYO_FEATURE_LONG_PASSWORD);
    ck_assert_ptr_null(strstr(with_password, "long-password"));
    free(with_password);
    /* nothing to verify without TLS; what the operator says wins */
    ByoIntegration i = account("a");
    i.use_tls = false;
    char *text = rendered(&i, BYO_FEATURE_ALL);
    ck_assert_ptr_null(strstr(text, "ssl-verify-host"));
    free(text);
    ByoSmscKey no = {(char *)"ssl-verify-host", (char *)"no"};
    i = account("a");
    i.smsc_keys = &no;
    i.n_smsc_keys = 1;
    text = rendered(&i, BYO_FEATURE_ALL);
    ck_assert_ptr_nonnull(strstr(text, "ssl-verify-host = \"no\"\n"));
    ck_assert_ptr_null(strstr(text, "ssl-verify-host = yes"));
    free(text);
}
END_TEST

/* The file a package installs is what byobox writes without an integration. */
START_TEST(the_installed_file_is_the_idle_link)
{
    const char *top = getenv("srcdir");
    char *path = byo_printf("%s/kannel-conf/smsc.conf", top ? top : ".");
    ByoBuf idle = {0}, file = {0}, why = {0};

    byo_render_idle(&idle);
    ck_assert_msg(byo_file_read(path, 4096, &file, &why), "%s", why.p ? why.p : "");
    const char *groups = strstr(file.p, "group = ");
    ck_assert_ptr_nonnull(groups);
    ck_assert_str_eq(groups, idle.p);
    byo_buf_free(&idle);
    byo_buf_free(&file);
    free(path);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("render");
    TCase *t = tcase_create("smsc groups");

    tcase_add_test(t, idle_link_first);
    tcase_add_test(t, P1_P2_P10_P11_P12_P14_as_bearerbox_reads_them);
    tcase_add_test(t, P10_transmitter_and_its_receiver);
    tcase_add_test(t, P9_throughput_is_only_a_stop);
    tcase_add_test(t, P9_pending_submits_follow_the_rate);
    tcase_add_test(t, P14_awkward_values_come_back);
    tcase_add_test(t, directives_of_the_patches);
    tcase_add_test(t, the_installed_file_is_the_idle_link);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    gwlib_init();
    log_set_output_level(GW_PANIC);
    return run_suite(suite());
}
