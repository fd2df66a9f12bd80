/* SPDX-License-Identifier: BSD-3-Clause
 * The grammar of the configuration: its own rules, and agreement with gwlib's reader on every
 * example and on a file of odd lines.
 * Ownership: none kept. Threads: none. */
#include "config/files.h"
#include "config_text.h"
#include "suites.h"

#include <check.h>
#include <gwlib/gwlib.h>
#include <sys/stat.h>
#include <unistd.h>
#undef malloc
#undef free
#undef realloc
#undef strdup
#undef calloc

static const char *top(void)
{
    const char *dir = getenv("srcdir");
    return dir ? dir : ".";
}

/* One group of one file, and one key of it. */
static char *one(const char *lines, const char *key)
{
    ByoFaults faults = {0};
    char *text = byo_printf("group = g\n%s", lines);
    TextFile files[] = {{"f", text, 0}, {NULL, NULL, 0}};
    ByoConfigTree *tree = text_tree(files, &faults);
    const ByoKeyLine *line = tree->n ? byo_key_find(&tree->groups[0], key) : NULL;
    char *value = line ? byo_strdup(line->value) : NULL;

    byo_config_tree_free(tree);
    byo_faults_free(&faults);
    free(text);
    return value;
}

START_TEST(values_as_kannel_reads_them)
{
    static const struct {
        const char *line, *value;
    } cases[] = {
        {"k = v", "v"},
        {"k=v", "v"},
        {"  k\t =  a b  ", "a b"},
        {"k = v\r", "v"},
        {"k =", ""},
        {"k = \"\"", ""},
        {"k = \" v \"", " v "},
        {"k = \"a\\\"b\\\\c\\n\"", "a\"b\\c\\n"},
        {"k = \"a\\\"", "a\\"},
        {"k = a\\\"b", "a\\\"b"},
        {"k = \"a\"b\"", "a\"b"},
        {"k = a=b", "a=b"},
        {"k = v # no comment", "v # no comment"},
        {"k = a \\\n  b", "a   b"},
        {"k = a\\\\\nx = y", "a\\"},
        {"# c \\\nk = hidden\nk = v", "v"},
        {"k = a\\\nb\\\nc", "abc"},
        {"k = last\\", "last"},
        {"  # comment\nk = v", "v"},
        {"k = see include here", "see include here"},
    };
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        char *value = one(cases[c].line, "k");
        ck_assert_msg(value && strcmp(value, cases[c].value) == 0, "case %zu: <%s>: got <%s>", c,
                      cases[c].line, value ? value : "nothing");
        free(value);
    }
}
END_TEST

START_TEST(places_are_those_of_the_file)
{
    TextFile files[] = {{"f", "# c\n\ngroup = g\na = 1\nb = \\\n2\n# c\nc = 3\n\n\ngroup = h\nd = 4\n", 0},
                        {NULL, NULL, 0}};
    ByoFaults faults = {0};
    ByoConfigTree *tree = text_tree(files, &faults);

    ck_assert_uint_eq(faults.n, 0);
    ck_assert_uint_eq(tree->n, 2);
    ck_assert_int_eq(tree->groups[0].line, 3);
    ck_assert_int_eq(byo_key_find(&tree->groups[0], "a")->line, 4);
    ck_assert_int_eq(byo_key_find(&tree->groups[0], "b")->line, 5);
    ck_assert_int_eq(byo_key_find(&tree->groups[0], "c")->line, 8);
    ck_assert_int_eq(tree->groups[1].line, 11);
    ck_assert_int_eq(byo_key_find(&tree->groups[1], "d")->line, 12);
    ck_assert_str_eq(tree->groups[1].keys[0].file, "f");
    byo_config_tree_free(tree);
}
END_TEST

START_TEST(faults_are_all_told)
{
    static const struct {
        const char *text;
        size_t n;
        const char *faults[3]; /* in order */
    } cases[] = {
        {"group = g\nno equals\n= nothing\nb\x01 = c\n",
         3,
         {"f:2: error: there is no '='", "f:3: error: there is no key",
          "f:4: error: the control character 0x01"}},
        {"a = b\n\ngroup = g\n", 1, {"f:1: error: these lines belong to no group"}},
        {"group = a\nx = 1\ngroup = b\n", 1, {"f:3: error: a second `group` line"}},
        {"group = a\ninclude = \"i\"\nx = 1\n", 1, {"f:2: error: include stands inside a group"}},
        {"include = \"missing\"\n\ninclude =\n\ninclude = \"open\n",
         3,
         {"f:1: error: include = missing: it cannot be opened", "f:3: error: include needs the name",
          "f:5: error: include needs the name"}},
        {"include = f\n", 1, {"f:1: error: include = f: the file includes itself in a circle"}},
        {"include = loop\n", 1, {"loop:1: error: include = f: the file includes itself in a circle"}},
        {"include = i\n\ninclude = i\n", 1, {"f:3: error: include = i: the file is included a second time"}},
        {"\xef\xbb\xbfgroup = g\n", 1, {"f:1: error: the file starts with a byte order mark"}},
    };
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        TextFile files[] = {{"f", cases[c].text, 0},
                            {"i", "group = i\nk = v\n", 0},
                            {"loop", "include = f\n", 0},
                            {NULL, NULL, 0}};
        ByoFaults faults = {0};
        ByoConfigTree *tree = text_tree(files, &faults);
        char *all = faults_text(&faults);
        ck_assert_msg(faults.errors == cases[c].n && faults.n == cases[c].n, "case %zu:\n%s", c, all);
        for (size_t k = 0; k < cases[c].n; k++) {
            char *line = byo_fault_line(&faults.items[k]);
            ck_assert_msg(strncmp(line, cases[c].faults[k], strlen(cases[c].faults[k])) == 0, "case %zu: %s",
                          c, line);
            free(line);
        }
        free(all);
        byo_config_tree_free(tree);
        byo_faults_free(&faults);
    }
}
END_TEST

START_TEST(bombs_are_bounded)
{
    ByoFaults faults = {0};
    char *deep[2 * 20 + 1];
    TextFile files[22] = {{NULL, NULL, 0}};
    ByoBuf line = {0}, cut = {0};

    /* an include in an include in ... */
    for (int k = 0; k < 20; k++) {
        deep[2 * k] = byo_printf("f%d", k);
        deep[2 * k + 1] = byo_printf("include = f%d\n", k + 1);
        files[k] = (TextFile){deep[2 * k], deep[2 * k + 1], 0};
    }
    files[20] = (TextFile){"f20", "group = g\n", 0};
    ByoConfigTree *tree = text_tree(files, &faults);
    ck_assert_uint_eq(faults.errors, 1);
    ck_assert_ptr_nonnull(strstr(faults.items[0].text, "nested more than 16"));
    byo_config_tree_free(tree);
    byo_faults_free(&faults);
    for (int k = 0; k < 40; k++)
        free(deep[k]);

    /* a line at the limit and one beyond it */
    byo_buf_adds(&line, "group = g\nk = ");
    while (line.n < 10 + BYO_CONFIG_LINE_MAX)
        byo_buf_addc(&line, 'x');
    TextFile at_limit[] = {{"f", line.p, 0}, {NULL, NULL, 0}};
    tree = text_tree(at_limit, &faults);
    ck_assert_uint_eq(faults.errors, 0);
    byo_config_tree_free(tree);
    byo_buf_addc(&line, 'x');
    TextFile beyond[] = {{"f", line.p, 0}, {NULL, NULL, 0}};
    tree = text_tree(beyond, &faults);
    ck_assert_uint_eq(faults.errors, 1);
    ck_assert_ptr_nonnull(strstr(faults.items[0].text, "longer than 65536"));
    byo_config_tree_free(tree);
    byo_faults_free(&faults);
    byo_buf_free(&line);

    /* a NUL octet */
    byo_buf_add(&cut, "group = g\nk = a\0b\n", 18);
    TextFile nul[] = {{"f", cut.p, cut.n}, {NULL, NULL, 0}};
    tree = text_tree(nul, &faults);
    ck_assert_uint_eq(faults.errors, 1);
    ck_assert_ptr_nonnull(strstr(faults.items[0].text, "NUL"));
    byo_config_tree_free(tree);
    byo_faults_free(&faults);
    byo_buf_free(&cut);
}
END_TEST

START_TEST(includes_of_folders_and_of_our_own_file)
{
    TextFile files[] = {{"f", "include = d/\n\ninclude = smsc.conf\n\ngroup = g\n", 0},
                        {"d/a", "group = a\nk = v", 0},
                        {"d/b", "group = b\n", 0},
                        {NULL, NULL, 0}};
    ByoFaults faults = {0};
    ByoConfigTree *tree = text_tree(files, &faults);

    ck_assert_uint_eq(faults.n, 0);
    ck_assert_uint_eq(tree->n, 3);
    ck_assert_str_eq(tree->groups[0].name, "a");
    ck_assert_str_eq(tree->groups[2].name, "g");
    ck_assert_uint_eq(tree->n_skipped, 1);
    ck_assert_uint_eq(tree->n_files, 3);
    byo_config_tree_free(tree);
}
END_TEST

START_TEST(real_files)
{
    char dir[] = "byo-reader-XXXXXX";
    ByoBuf text = {0}, why = {0};
    char *sub, *secret, *fifo;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    sub = byo_printf("%s/sub", dir);
    secret = byo_printf("%s/secret", dir);
    fifo = byo_printf("%s/fifo", dir);
    ck_assert_int_eq(mkdir(sub, 0700), 0);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    FILE *f = fopen(secret, "w");
    fputs("hush\r\nmore\n", f);
    fclose(f);

    ck_assert(!byo_file_read(sub, 100, &text, &why));
    ck_assert_str_eq(why.p, "it is not a regular file");
    byo_buf_clear(&why);
    ck_assert(!byo_file_read(fifo, 100, &text, &why)); /* and does not hang */
    ck_assert_str_eq(why.p, "it is not a regular file");
    byo_buf_clear(&why);
    ck_assert(!byo_file_read(secret, 5, &text, &why));
    ck_assert_str_eq(why.p, "it is larger than 5 octets");
    byo_buf_clear(&why);
    ck_assert(byo_file_read(secret, 11, &text, &why));
    ck_assert_str_eq(text.p, "hush\r\nmore\n");

    ck_assert_int_eq(chmod(secret, 0640), 0);
    ck_assert_ptr_null(byo_secret_file_line(secret, 100, &why));
    ck_assert_ptr_nonnull(strstr(why.p, "mode 640"));
    byo_buf_clear(&why);
    ck_assert_int_eq(chmod(secret, 0600), 0);
    char *line = byo_secret_file_line(secret, 100, &why);
    ck_assert_str_eq(line, "hush");
    byo_secret_free(line);

    unlink(secret);
    unlink(fifo);
    rmdir(sub);
    rmdir(dir);
    free(sub);
    free(secret);
    free(fifo);
    byo_buf_free(&text);
    byo_buf_free(&why);
}
END_TEST

START_TEST(paths_are_seen_from_their_file)
{
    static const char *const cases[][3] = {{"/etc/byobox/byobox.conf", "a.json", "/etc/byobox/a.json"},
                                           {"/etc/byobox.conf", "/x/a", "/x/a"},
                                           {"byobox.conf", "a.json", "a.json"},
                                           {"d/byobox.conf", "a.json", "d/a.json"},
                                           {"/byobox.conf", "a.json", "/a.json"}};
    for (size_t c = 0; c < 5; c++) {
        char *path = byo_path_beside(cases[c][0], cases[c][1]);
        ck_assert_str_eq(path, cases[c][2]);
        free(path);
    }
}
END_TEST

/* ---- agreement with gwlib ---- */

static int allow_every_key(Octstr *group, Octstr *variable)
{
    return 1;
}

static int never_single(Octstr *group)
{
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const ByoKeyLine *const *)a)->key, (*(const ByoKeyLine *const *)b)->key);
}

/* What cfg_get_group_checksum digests: the name, then every key and value in the order of the keys. */
static char *digest(const ByoKeyGroup *g)
{
    ByoKeyLine name = {"group", g->name, g->file, g->line, false, false};
    const ByoKeyLine **lines = byo_alloc((g->n + 1) * sizeof(*lines));
    size_t n = 0;
    ByoBuf all = {0};

    for (size_t k = 0; k < g->n; k++)
        if (byo_key_find(g, g->keys[k].key) == &g->keys[k])
            lines[n++] = &g->keys[k];
    lines[n++] = &name;
    qsort(lines, n, sizeof(*lines), by_name);
    byo_buf_adds(&all, g->name);
    for (size_t k = 0; k < n; k++)
        byo_buf_addf(&all, "%s%s", lines[k]->key, lines[k]->value);
    Octstr *os = octstr_create_from_data(all.p, (long)all.n), *sum = md5(os);
    char *text = byo_strdup(octstr_get_cstr(sum));
    octstr_destroy(os);
    octstr_destroy(sum);
    byo_buf_free(&all);
    free(lines);
    return text;
}

/* The nth group of that name as gwlib has it; the last one where it keeps only one. */
static CfgGroup *theirs(Cfg *cfg, const char *name, size_t n)
{
    Octstr *key = octstr_create(name); /* octstr_imm is for literals: it remembers the address */
    List *list = cfg_get_multi_group(cfg, key);
    CfgGroup *group = list ? gwlist_get(list, (long)n) : cfg_get_single_group(cfg, key);

    gwlist_destroy(list, NULL);
    octstr_destroy(key);
    return group;
}

static void agree(const char *path)
{
    ByoFaults faults = {0};
    ByoConfigFiles real = {0};
    ByoConfigSource source = byo_config_files(&real);
    ByoConfigTree *tree = byo_config_read(&source, path, &faults);
    Octstr *name = octstr_create(path);
    Cfg *cfg = cfg_create(name);
    char *all = faults_text(&faults);

    ck_assert_msg(faults.n == 0, "%s", all);
    ck_assert_int_eq(cfg_read(cfg), 0);
    for (size_t g = 0; g < tree->n; g++) {
        const ByoKeyGroup *ours = &tree->groups[g];
        size_t nth = 0, later = 0;
        for (size_t k = 0; k < tree->n; k++)
            if (strcmp(tree->groups[k].name, ours->name) == 0)
                k < g ? nth++ : later++;
        CfgGroup *group = theirs(cfg, ours->name, nth);
        ck_assert_msg(group != NULL, "%s:%d: gwlib has no group %s", ours->file, ours->line, ours->name);
        Octstr *kind = octstr_create(ours->name);
        List *multi = cfg_get_multi_group(cfg, kind);
        octstr_destroy(kind);
        if (multi)
            ck_assert_int_eq(gwlist_len(multi), (long)(nth + later));
        else if (later > 0)
            continue; /* gwlib keeps the last of a group that stands once */
        gwlist_destroy(multi, NULL);
        char *sum = digest(ours);
        Octstr *their_sum = cfg_get_group_checksum(group, NULL);
        ck_assert_msg(strcmp(sum, octstr_get_cstr(their_sum)) == 0, "%s:%d: group %s differs", ours->file,
                      ours->line, ours->name);
        octstr_destroy(their_sum);
        free(sum);
    }
    free(all);
    cfg_destroy(cfg);
    octstr_destroy(name);
    byo_config_tree_free(tree);
}

/* The examples name the file byobox writes by its installed path: the copies name the one beside them. */
static void copy(const char *from, const char *to, const char *smsc_conf)
{
    static const char installed[] = "/var/lib/byobox/smsc.conf";
    ByoBuf text = {0}, why = {0};
    FILE *f = fopen(to, "w");

    ck_assert_ptr_nonnull(f);
    ck_assert_msg(byo_file_read(from, 1 << 20, &text, &why), "%s: %s", from, why.p);
    for (const char *at = text.p, *hit; at; at = hit ? hit + sizeof(installed) - 1 : NULL) {
        hit = strstr(at, installed);
        fwrite(at, 1, hit ? (size_t)(hit - at) : strlen(at), f);
        if (hit)
            fputs(smsc_conf, f);
    }
    fclose(f);
    byo_buf_free(&text);
}

START_TEST(both_readers_agree_on_every_example)
{
    static const char *const examples[] = {
        "kannel.conf",    "byobox.conf",           "transmitter-receiver.conf",
        "two-smscs.conf", "kannel-two-smscs.conf", "smsc.conf"};
    char dir[] = "/tmp/byo-examples-XXXXXX", here[4096];

    ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
    ck_assert_ptr_nonnull(mkdtemp(dir));
    for (size_t k = 0; k < 6; k++) {
        char *from = byo_printf("%s/kannel-conf/%s", top(), examples[k]);
        char *to = byo_printf("%s/%s", dir, examples[k]);
        copy(from, to, "smsc.conf");
        free(from);
        free(to);
    }
    ck_assert_int_eq(chdir(dir), 0);
    for (size_t k = 0; k < 6; k++)
        agree(examples[k]);
    for (size_t k = 0; k < 6; k++)
        unlink(examples[k]);
    ck_assert_int_eq(chdir(here), 0);
    rmdir(dir);
}
END_TEST

START_TEST(both_readers_agree_on_odd_lines)
{
    char *path = byo_printf("%s/tests/vectors/config/odd-grammar.conf", top());
    agree(path);
    free(path);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("config_reader");
    TCase *t = tcase_create("grammar");

    tcase_add_test(t, values_as_kannel_reads_them);
    tcase_add_test(t, places_are_those_of_the_file);
    tcase_add_test(t, faults_are_all_told);
    tcase_add_test(t, bombs_are_bounded);
    tcase_add_test(t, includes_of_folders_and_of_our_own_file);
    tcase_add_test(t, real_files);
    tcase_add_test(t, paths_are_seen_from_their_file);
    tcase_add_test(t, both_readers_agree_on_every_example);
    tcase_add_test(t, both_readers_agree_on_odd_lines);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    gwlib_init();
    log_set_output_level(GW_PANIC);
    cfg_add_hooks((void *)allow_every_key, (void *)never_single);
    return run_suite(suite());
}
