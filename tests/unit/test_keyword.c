/* SPDX-License-Identifier: BSD-3-Clause
 * Keywords: folding and matching by tests/vectors/keywords.tsv, sets, patterns and their limits
 * (spec K1-K3, N3, K6).
 * Threads: none. */
#include "compliance/keyword.h"
#include "suites.h"

#include "compliance/defaults.h"
#include "compliance/patterns.h"
#include "compliance_tsv.h"

#define HELP_REPLY "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
#define OUT_REPLY \
    "You have successfully been unsubscribed. You will not receive any more messages from this number. " \
    "Reply START to resubscribe."
#define IN_REPLY \
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply " \
    "STOP to unsubscribe. Msg&Data Rates May Apply."

static ByoMatcher *standard(const char *languages)
{
    ByoCompliance c;
    ByoComplianceFault fault;

    ck_assert_msg(byo_defaults_compose(byo_str(languages), &c, &fault), "%s", fault.text);
    ByoMatcher *m = byo_matcher_create(&c, &fault);
    ck_assert_msg(m != NULL, "%s: %s", languages, fault.text);
    byo_compliance_free(&c);
    return m;
}

static void vector_row(int line, const ByoStr *field)
{
    char languages[64];
    ByoKeywordMatch match;

    snprintf(languages, sizeof languages, "%.*s", BYO_PF(field[0]));
    ByoMatcher *m = standard(languages);
    /* The text ends where memory ends, so that reading on is seen. */
    char *text = malloc(field[1].n ? field[1].n : 1);
    memcpy(text, field[1].p, field[1].n);
    bool is = byo_keyword_match(NULL, m, byo_strn(text, field[1].n), true, &match);
    const char *got = is ? byo_keyword_kind_name(match.kind) : "-";
    ck_assert_msg(byo_str_is(field[2], got), "line %d (%.*s): %s", line, BYO_PF(field[3]), got);
    ck_assert_int_eq(is, match.kind != BYO_KEYWORD_NONE);
    ck_assert_int_eq(is, match.reply != NULL);
    free(text);
    byo_matcher_destroy(m);
}

START_TEST(K1_K2_K3_vectors)
{
    ck_assert_int_ge(tsv_each("keywords.tsv", 4, vector_row), 250);
}
END_TEST

/* (field C30, C31) What is stored: by which rule, and the words. */
START_TEST(C30_C31_rule_and_words)
{
    static const struct {
        const char *text, *rule, *words;
        size_t letters;
    } rows[] = {
        {"Stop.", "whole", "stop", 4},
        {"stop stop", "repeated", "STOP", 4},
        {"please STOP", "courtesy", "STOP", 4},
        {"Re: stop all", "answer", "STOPALL", 7},
        {"Stop\n\nSent from my iPhone", "signature", "STOP", 4},
        {"please remove me", "phrase", "remove me", 8},
        {"stop texting me. thanks", "phrase", "stop texting me", 13},
    };
    ByoMatcher *m = standard("en");
    ByoKeywordMatch match;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_msg(byo_keyword_match(NULL, m, byo_str(rows[i].text), true, &match), "%s", rows[i].text);
        ck_assert_int_eq(match.kind, BYO_KEYWORD_OPT_OUT);
        ck_assert_str_eq(byo_keyword_rule_name(match.rule), rows[i].rule);
        ck_assert_str_eq(match.words, rows[i].words);
        ck_assert_uint_eq(match.letters, rows[i].letters);
        ck_assert_str_eq(match.reply, OUT_REPLY);
        /* opt-out-loose = no */
        ck_assert_int_eq(byo_keyword_match(NULL, m, byo_str(rows[i].text), false, &match), i == 0);
    }
    byo_matcher_destroy(m);
}
END_TEST

START_TEST(C30_a_number_says_otherwise)
{
    ByoCompliance c = {.loose = BYO_LOOSE_NO};
    ByoComplianceFault fault;
    ByoKeywordMatch match;
    ByoMatcher *m = standard("en"), *no = byo_matcher_create(&c, &fault);
    c.loose = BYO_LOOSE_YES;
    byo_compliance_add_keyword(byo_compliance_add_group(&c, BYO_KEYWORD_OPT_OUT, BYO_STR("Gone.")),
                               BYO_STR("Stop"));
    byo_compliance_add_keyword(byo_compliance_add_group(&c, BYO_KEYWORD_HELP, BYO_STR("Help.")),
                               BYO_STR("optout please"));
    ByoMatcher *yes = byo_matcher_create(&c, &fault);
    ck_assert(!byo_keyword_match(no, m, BYO_STR("stop please"), true, &match));
    ck_assert(byo_keyword_match(yes, NULL, BYO_STR("stop please"), false, &match));
    ck_assert_str_eq(match.reply, "Gone.");
    /* a short code has the words it has, and phrases */
    ck_assert(!byo_keyword_match(yes, NULL, BYO_STR("unsubscribe please"), true, &match));
    ck_assert(byo_keyword_match(yes, NULL, BYO_STR("unsubscribe me"), true, &match));
    ck_assert_str_eq(match.reply, "Gone.");
    /* the whole message is looked at first */
    ck_assert(byo_keyword_match(yes, m, BYO_STR("Optout, please"), true, &match));
    ck_assert_int_eq(match.kind, BYO_KEYWORD_HELP);
    byo_compliance_free(&c);
    byo_matcher_destroy(no);
    byo_matcher_destroy(yes);
    byo_matcher_destroy(m);
}
END_TEST

/* However a text is made, taking it apart ends: within this program's time limit. */
START_TEST(C30_hostile_texts_end)
{
    ByoMatcher *m = standard("en ja zh");
    ByoKeywordMatch match;
    ByoBuf text = {0};
    for (int i = 0; i < 40; i++)
        byo_buf_adds(&text, "\xe5\x81\x9c\xe6\xad\xa2");
    byo_buf_adds(&text, "x");
    ck_assert(!byo_keyword_match(NULL, m, byo_buf_str(&text), true, &match));
    byo_buf_free(&text);
    byo_matcher_destroy(m);
}
END_TEST

START_TEST(K1_K2_K3_english_is_the_articles)
{
    static const struct {
        const char *words[9], *reply;
    } want[BYO_KEYWORD_KINDS] = {
        {{"HELP", "INFO"}, HELP_REPLY},
        {{"CANCEL", "END", "QUIT", "STOP", "UNSUBSCRIBE", "STOPALL", "REVOKE", "OPTOUT"}, OUT_REPLY},
        {{"START", "YES", "UNSTOP"}, IN_REPLY}};
    ByoCompliance c;

    ck_assert(byo_defaults_compose(BYO_STR(""), &c, NULL));
    for (int k = 0; k < BYO_KEYWORD_KINDS; k++) {
        ck_assert_uint_eq(c.kinds[k].n, 1);
        ck_assert_str_eq(c.kinds[k].groups[0].reply, want[k].reply);
        size_t n = 0;
        for (; want[k].words[n]; n++)
            ck_assert_str_eq(c.kinds[k].groups[0].keywords[n], want[k].words[n]);
        ck_assert_uint_eq(c.kinds[k].groups[0].n, n);
    }
    byo_compliance_free(&c);
}
END_TEST

START_TEST(N3_every_language_is_sound_and_keeps_english)
{
    size_t n;
    const ByoLanguageSet *sets = byo_defaults_sets(&n);
    ByoComplianceFault fault;

    ck_assert_uint_ge(n, 20);
    for (size_t i = 0; i < n; i++) {
        char both[16];
        for (int order = 0; order < 3; order++) {
            ByoCompliance c;
            snprintf(both, sizeof both, "%s%s%s", order == 2 ? "en," : "", sets[i].language,
                     order == 1 ? " en" : "");
            ck_assert(byo_defaults_compose(byo_str(both), &c, &fault));
            ck_assert_msg(byo_compliance_check(&c, false, &fault), "%s: %s", both, fault.text);
            ck_assert_msg(byo_compliance_check(&c, true, &fault), "%s: %s", both, fault.text);
            ByoMatcher *m = byo_matcher_create(&c, &fault);
            for (int e = 0; e < 2; e++) /* English words, the language's own: each is its kind */
                for (int k = 0; k < BYO_KEYWORD_KINDS; k++) {
                    const char *at = sets[e ? i : 0].keywords[k];
                    while (*at) {
                        size_t length = strcspn(at, "|");
                        ByoKeywordMatch match;
                        ck_assert_msg(byo_keyword_match(NULL, m, byo_strn(at, length), true, &match),
                                      "%s: %.*s", both, (int)length, at);
                        ck_assert_int_eq(match.kind, k + 1);
                        /* English words are answered in the first language; so is a word both share. */
                        bool english = !e && order == 2;
                        if (!e || order < 2)
                            ck_assert_str_eq(match.reply, sets[english ? 0 : i].replies[k]);
                        at += length + (at[length] == '|');
                    }
                }
            byo_matcher_destroy(m);
            byo_compliance_free(&c);
        }
    }
}
END_TEST

START_TEST(N3_all_languages_at_once_and_unknown_ones)
{
    ByoComplianceFault fault;
    ByoCompliance c;

    ck_assert(byo_defaults_compose(BYO_STR("en fr es pt de it nl sv da nb fi pl ru ja zh"), &c, &fault));
    ck_assert_msg(byo_compliance_check(&c, false, &fault), "%s", fault.text);
    byo_compliance_free(&c);
    ck_assert(byo_defaults_compose(BYO_STR("EN, en;Fr  fr"), &c, &fault));
    ck_assert_uint_eq(c.kinds[0].n, 2);
    byo_compliance_free(&c);
    ck_assert(!byo_defaults_compose(BYO_STR("en xx"), &c, &fault));
    ck_assert_ptr_nonnull(strstr(fault.text, "\"xx\""));
    ck_assert_ptr_nonnull(strstr(fault.text, "en fr es"));
    ck_assert(!byo_defaults_compose(BYO_STR("en en en en en en en en en en en en en en en en"), &c, &fault));
}
END_TEST

START_TEST(N3_operator_overrides)
{
    ByoComplianceFault fault;
    ByoCompliance c;
    ByoKeywordMatch match;

    ck_assert(byo_defaults_compose(BYO_STR("en fr"), &c, &fault));
    ck_assert(byo_defaults_override(&c, BYO_KEYWORD_HELP, BYO_STR_NONE, BYO_STR("Call 123."), &fault));
    ck_assert(
        byo_defaults_override(&c, BYO_KEYWORD_OPT_OUT, BYO_STR("STOP|BASTA"), BYO_STR("Gone."), &fault));
    ByoMatcher *m = byo_matcher_create(&c, &fault);
    ck_assert_ptr_nonnull(m);
    ck_assert(byo_keyword_match(NULL, m, BYO_STR("aide"), true, &match));
    ck_assert_str_eq(match.reply, "Call 123.");
    ck_assert(byo_keyword_match(NULL, m, BYO_STR("Basta!"), true, &match));
    ck_assert_str_eq(match.reply, "Gone.");
    ck_assert(byo_keyword_match(NULL, m, BYO_STR("stop"), true, &match));
    ck_assert_str_eq(match.reply, "Gone.");
    ck_assert(byo_keyword_match(NULL, m, BYO_STR("quit"), true, &match));
    ck_assert_str_eq(match.reply, OUT_REPLY);
    byo_matcher_destroy(m);
    ck_assert(!byo_defaults_override(&c, BYO_KEYWORD_OPT_IN, BYO_STR("STOP"), BYO_STR("?"), &fault));
    ck_assert_ptr_nonnull(strstr(fault.text, "STOP"));
    byo_compliance_free(&c);
    ck_assert(byo_defaults_compose(BYO_STR("en"), &c, &fault));
    ck_assert(!byo_defaults_override(&c, BYO_KEYWORD_HELP, BYO_STR_NONE, BYO_STR(" "), &fault));
    byo_compliance_free(&c);
}
END_TEST

/* -- a number's own texts --------------------------------------------------------------------------*/

static void add(ByoCompliance *c, ByoKeywordKind kind, const char *keywords, const char *reply)
{
    byo_compliance_add_keywords(byo_compliance_add_group(c, kind, byo_str(reply)), byo_str(keywords));
}

START_TEST(N3_own_groups_win_and_standard_stays)
{
    ByoCompliance c = {0};
    ByoComplianceFault fault;
    ByoKeywordMatch match;
    ByoMatcher *all = standard("en");

    add(&c, BYO_KEYWORD_OPT_OUT, "STOP", "bye");
    add(&c, BYO_KEYWORD_OPT_OUT, "ARRET", "au revoir");
    ck_assert_msg(byo_compliance_check(&c, false, &fault), "%s", fault.text);
    ck_assert(!byo_compliance_check(&c, true, &fault)); /* a short code needs all three */
    ck_assert_ptr_nonnull(strstr(fault.text, "help has none"));
    ByoMatcher *own = byo_matcher_create(&c, &fault);
    ck_assert(byo_keyword_match(own, all, BYO_STR("stop"), true, &match));
    ck_assert_str_eq(match.reply, "bye");
    ck_assert(byo_keyword_match(own, all, BYO_STR("Arr\xC3\xAAt"), true, &match));
    ck_assert_str_eq(match.reply, "au revoir");
    ck_assert(byo_keyword_match(own, all, BYO_STR("quit"), true, &match));
    ck_assert_str_eq(match.reply, OUT_REPLY);
    ck_assert(byo_keyword_match(own, all, BYO_STR("HELP"), true, &match));
    ck_assert_str_eq(match.reply, HELP_REPLY);
    /* A short code has its own words only. */
    ck_assert(!byo_keyword_match(own, NULL, BYO_STR("quit"), true, &match));
    ck_assert_int_eq(match.kind, BYO_KEYWORD_NONE);
    ck_assert(!byo_keyword_match(NULL, NULL, BYO_STR("STOP"), true, &match));
    byo_matcher_destroy(own);
    byo_matcher_destroy(all);

    ByoCompliance copy;
    byo_compliance_copy(&copy, &c);
    ck_assert(byo_compliance_equal(&copy, &c));
    byo_compliance_add_pattern(&copy, BYO_STR("x"));
    ck_assert(!byo_compliance_equal(&copy, &c));
    byo_compliance_free(&copy);
    ck_assert(byo_compliance_is_empty(&copy));
    byo_compliance_free(&c);
}
END_TEST

static const struct {
    const char *help, *help_reply, *out, *out_reply, *in, *in_reply; /* keywords NULL: no group */
    bool short_code;
    const char *field, *says; /* NULL: it may be */
} texts[] = {
    {"AID", "h", "BYE", "o", "HI", "i", true, NULL, NULL},
    {"1", "h", "2", "o", "3", "i", true, NULL, NULL},
    {NULL, NULL, "BYE", "o", NULL, NULL, false, NULL, NULL},
    {"STOP", "h", "BYE", "o", "HI", "i", true, NULL, NULL}, /* a short code's words are its own */
    {NULL, NULL, "BYE", "o", "HI", "i", true, "compliance.help", "help has none"},
    {"AID", "h", NULL, NULL, "HI", "i", true, "compliance.optOut", "opt-out has none"},
    {"AID", "h", "BYE", "o", NULL, NULL, true, "compliance.optIn", "opt-in has none"},
    {"", "h", "BYE", "o", "HI", "i", true, "compliance.help.keywords", "no keywords"},
    {" | |", "h", "BYE", "o", "HI", "i", true, "compliance.help.keywords", "no keywords"},
    {"AID", "", "BYE", "o", "HI", "i", true, "compliance.help.reply", "empty"},
    {"AID", " \n", "BYE", "o", "HI", "i", true, "compliance.help.reply", "empty"},
    {"AID", "h", "BYE", "o", "HI", "\x01", true, "compliance.optIn.reply", "control character"},
    {"AID", "h", "BYE", "\xFF", "HI", "i", true, "compliance.optOut.reply", "UTF-8"},
    {"AID", "h", "...", "o", "HI", "i", true, "compliance.optOut.keywords", "never match"},
    {"AID", "h",
     "A\xF0\x9F\x9B\x91"
     "B",
     "o", "HI", "i", true, "compliance.optOut.keywords", "never match"},
    {"AID", "h", "\xFF", "o", "HI", "i", true, "compliance.optOut.keywords", "UTF-8"},
    {"AID", "h", "BYE|a-i-d", "o", "HI", "i", true, "compliance.optOut.keywords",
     "under help and under opt-out"},
    {"AID|aid|Aid.", "h", "BYE", "o", "HI", "i", true, NULL, NULL},
    {"STOP", "h", NULL, NULL, NULL, NULL, false, "compliance.help.keywords", "carriers demand"},
    {NULL, NULL, "Yes!", "o", NULL, NULL, false, "compliance.optOut.keywords", "carriers demand"},
    {NULL, NULL, NULL, NULL, "Stop all", "i", false, "compliance.optIn.keywords", "carriers demand"},
    {NULL, NULL, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "o", NULL, NULL, false,
     "compliance.optOut.keywords", "65 bytes"},
};

START_TEST(N3_texts_are_judged)
{
    ByoCompliance c = {0};
    ByoComplianceFault fault = {{0}, {0}};

    if (texts[_i].help)
        add(&c, BYO_KEYWORD_HELP, texts[_i].help, texts[_i].help_reply);
    if (texts[_i].out)
        add(&c, BYO_KEYWORD_OPT_OUT, texts[_i].out, texts[_i].out_reply);
    if (texts[_i].in)
        add(&c, BYO_KEYWORD_OPT_IN, texts[_i].in, texts[_i].in_reply);
    bool ok = byo_compliance_check(&c, texts[_i].short_code, &fault);
    ck_assert_msg(ok == !texts[_i].says, "%d: %s", _i, fault.text);
    if (!ok) {
        ck_assert_str_eq(fault.field, texts[_i].field);
        ck_assert_msg(strstr(fault.text, texts[_i].says) != NULL, "%s", fault.text);
    }
    byo_compliance_free(&c);
}
END_TEST

START_TEST(N3_amounts_are_bounded)
{
    ByoCompliance c = {0};
    ByoComplianceFault fault;
    ByoBuf reply = {0};

    ByoKeywordGroup *g = byo_compliance_add_group(&c, BYO_KEYWORD_HELP, BYO_STR("h"));
    for (int i = 0; i <= BYO_COMPLIANCE_KEYWORDS; i++) {
        char word[16];
        snprintf(word, sizeof word, "W%d", i);
        ck_assert(i < BYO_COMPLIANCE_KEYWORDS || byo_compliance_check(&c, false, &fault));
        byo_compliance_add_keyword(g, byo_str(word));
    }
    ck_assert(!byo_compliance_check(&c, false, &fault));
    byo_compliance_free(&c);
    for (int i = 0; i <= BYO_COMPLIANCE_GROUPS; i++) {
        char word[16];
        snprintf(word, sizeof word, "W%d", i);
        ck_assert(byo_compliance_check(&c, false, &fault));
        add(&c, BYO_KEYWORD_OPT_IN, word, "r");
    }
    ck_assert(!byo_compliance_check(&c, false, &fault));
    byo_compliance_free(&c);
    while (reply.n < BYO_COMPLIANCE_REPLY_BYTES)
        byo_buf_addc(&reply, 'r');
    add(&c, BYO_KEYWORD_HELP, "A", reply.p);
    ck_assert(byo_compliance_check(&c, false, &fault));
    byo_compliance_free(&c);
    byo_buf_addc(&reply, 'r');
    add(&c, BYO_KEYWORD_HELP, "A", reply.p);
    ck_assert(!byo_compliance_check(&c, false, &fault));
    byo_compliance_free(&c);
    byo_buf_free(&reply);
    /* A NUL in a text is not where it ends. */
    byo_compliance_add_keywords(byo_compliance_add_group(&c, BYO_KEYWORD_HELP, byo_strn("a\0b", 3)),
                                BYO_STR("X"));
    ck_assert(!byo_compliance_check(&c, false, &fault));
    byo_compliance_free(&c);
}
END_TEST

START_TEST(N3_faults_are_safe_to_show)
{
    ByoCompliance c = {0};
    ByoComplianceFault fault;

    /* 60 times U+202E, a terminal escape and a quote: neither reaches the sentence. */
    ByoBuf word = {0};
    byo_buf_adds(&word, "\x1b[31m\xFF");
    for (int i = 0; i < 60; i++)
        byo_buf_adds(&word, "\xE2\x80\xAE");
    add(&c, BYO_KEYWORD_HELP, word.p, "h");
    ck_assert(!byo_compliance_check(&c, false, &fault));
    ck_assert_ptr_null(strchr(fault.text, '\x1b'));
    ck_assert_ptr_null(strstr(fault.text, "\xE2\x80\xAE"));
    ck_assert_ptr_null(u8_check((const uint8_t *)fault.text, strlen(fault.text)));
    byo_buf_free(&word);
    byo_compliance_free(&c);
}
END_TEST

/* -- folding: bounds ------------------------------------------------------------------------------*/

START_TEST(K2_folding_is_bounded_and_stable)
{
    ByoMatcher *m = standard("en");
    ByoKeywordMatch match;
    char folded[BYO_KEYWORD_FOLDED], again[BYO_KEYWORD_FOLDED];
    ByoBuf text = {0};

    /* 64 KiB of blanks, marks and emoji around a keyword change nothing. */
    static const char *const around[] = {" ", "\xCC\x81", "\xF0\x9F\x9B\x91", "\xE2\x80\x8F", ".", "\xFF"};
    for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
        byo_buf_clear(&text);
        while (text.n < 30000)
            byo_buf_adds(&text, around[i]);
        byo_buf_adds(&text, "STOP");
        while (text.n < 60000)
            byo_buf_adds(&text, around[i]);
        ck_assert_msg(byo_keyword_match(NULL, m, byo_buf_str(&text), true, &match), "%zu", i);
        byo_buf_adds(&text, "x");
        ck_assert(!byo_keyword_match(NULL, m, byo_buf_str(&text), true, &match));
    }
    /* The longest form, and one more; wide letters that expand (U+FDFA becomes 18). */
    byo_buf_clear(&text);
    for (int i = 0; i < BYO_COMPLIANCE_KEYWORD_BYTES; i++)
        byo_buf_addc(&text, 'A');
    ck_assert_uint_eq(byo_keyword_fold(byo_buf_str(&text), folded), BYO_COMPLIANCE_KEYWORD_BYTES);
    ck_assert_uint_eq(byo_keyword_fold(byo_strn(folded, strlen(folded)), again),
                      BYO_COMPLIANCE_KEYWORD_BYTES);
    byo_buf_addc(&text, 'A');
    ck_assert_uint_eq(byo_keyword_fold(byo_buf_str(&text), folded), 0);
    ck_assert_str_eq(folded, "");
    byo_buf_clear(&text);
    for (int i = 0; i < 20000; i++)
        byo_buf_adds(&text, "\xEF\xB7\xBA");
    ck_assert_uint_eq(byo_keyword_fold(byo_buf_str(&text), folded), 0);
    ck_assert_uint_gt(byo_keyword_fold(BYO_STR("\xEF\xB7\xBA"), folded), 18);
    ck_assert_uint_eq(byo_keyword_fold(BYO_STR_NONE, folded), 0);
    byo_buf_free(&text);
    byo_matcher_destroy(m);
}
END_TEST

START_TEST(K2_folding_twice_is_folding_once)
{
    char once[BYO_KEYWORD_FOLDED], twice[BYO_KEYWORD_FOLDED];

    for (ucs4_t c = 1; c < 0x110000; c++) {
        uint8_t mb[6];
        int n = u8_uctomb(mb, c, sizeof mb);
        if (n < 0)
            continue;
        size_t a = byo_keyword_fold(byo_strn((char *)mb, (size_t)n), once);
        size_t b = byo_keyword_fold(byo_strn(once, a), twice);
        ck_assert_msg(a == b && strcmp(once, twice) == 0, "U+%04X: %s, then %s", (unsigned)c, once, twice);
    }
}
END_TEST

START_TEST(K2_limits_are_told_and_do_not_match)
{
    ByoCompliance c = {0};
    ByoComplianceFault fault;
    ByoKeywordMatch match;
    ByoBuf text = {0};
    ByoMatcher *all = standard("en");

    byo_compliance_add_pattern(&c, BYO_STR("(a+)+$"));
    byo_compliance_add_pattern(&c, BYO_STR("\\bleave me alone\\b"));
    ByoMatcher *own = byo_matcher_create(&c, &fault);
    ck_assert_ptr_nonnull(own);
    while (text.n < 500)
        byo_buf_addc(&text, 'a');
    byo_buf_adds(&text, "!");
    ck_assert(!byo_keyword_match(own, all, byo_buf_str(&text), true, &match));
    ck_assert(match.limited);
    ck_assert(byo_keyword_match(own, all, BYO_STR("Leave me alone please"), true, &match));
    ck_assert(match.rule == BYO_RULE_PATTERN && !match.limited);
    ck_assert_int_eq(match.kind, BYO_KEYWORD_OPT_OUT);
    ck_assert_str_eq(match.reply, OUT_REPLY); /* no own group: the standard confirmation */
    /* A keyword is found before any pattern runs. */
    ck_assert(byo_keyword_match(own, all, BYO_STR("HELP"), true, &match));
    ck_assert_int_ne(match.rule, BYO_RULE_PATTERN);
    /* Texts over the bound are not tried. */
    byo_buf_clear(&text);
    byo_buf_adds(&text, "leave me alone");
    while (text.n < BYO_PATTERN_TEXT_BYTES)
        byo_buf_addc(&text, ' ');
    ck_assert(byo_keyword_match(own, all, byo_buf_str(&text), true, &match));
    byo_buf_addc(&text, ' ');
    ck_assert(!byo_keyword_match(own, all, byo_buf_str(&text), true, &match));
    byo_buf_free(&text);
    byo_matcher_destroy(own);
    byo_matcher_destroy(all);
    byo_compliance_free(&c);
}
END_TEST

START_TEST(K1_kind_names)
{
    ByoKeywordKind kind;

    for (int k = 1; k <= BYO_KEYWORD_KINDS; k++) {
        ck_assert(byo_keyword_kind_parse(byo_str(byo_keyword_kind_name((ByoKeywordKind)k)), &kind));
        ck_assert_int_eq(kind, k);
        ck_assert(byo_keyword_kind_parse(byo_str(byo_keyword_kind_member((ByoKeywordKind)k)), &kind));
        ck_assert_int_eq(kind, k);
    }
    ck_assert(!byo_keyword_kind_parse(BYO_STR(""), &kind));
    ck_assert(!byo_keyword_kind_parse(BYO_STR("Help"), &kind));
    ck_assert_str_eq(byo_keyword_kind_name(BYO_KEYWORD_NONE), "");
}
END_TEST

#define N(a) (int)(sizeof(a) / sizeof *(a))

int main(void)
{
    Suite *suite = suite_create("keyword");
    TCase *tc = tcase_create("keyword");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, K1_K2_K3_vectors);
    tcase_add_test(tc, C30_C31_rule_and_words);
    tcase_add_test(tc, C30_a_number_says_otherwise);
    tcase_add_test(tc, C30_hostile_texts_end);
    tcase_add_test(tc, K1_K2_K3_english_is_the_articles);
    tcase_add_test(tc, K1_kind_names);
    tcase_add_test(tc, N3_every_language_is_sound_and_keeps_english);
    tcase_add_test(tc, N3_all_languages_at_once_and_unknown_ones);
    tcase_add_test(tc, N3_operator_overrides);
    tcase_add_test(tc, N3_own_groups_win_and_standard_stays);
    tcase_add_loop_test(tc, N3_texts_are_judged, 0, N(texts));
    tcase_add_test(tc, N3_amounts_are_bounded);
    tcase_add_test(tc, N3_faults_are_safe_to_show);
    tcase_add_test(tc, K2_folding_is_bounded_and_stable);
    tcase_add_test(tc, K2_folding_twice_is_folding_once);
    tcase_add_test(tc, K2_limits_are_told_and_do_not_match);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
