/* SPDX-License-Identifier: BSD-3-Clause
 * Keywords among words of courtesy.
 * Ownership: the folded data lives until the process ends. Threads: loose.h. */
#include "compliance/loose.h"

#include <pthread.h>
#include <stdlib.h>

#include <unictype.h>
#include <unistr.h>

enum {
    TEXT_MAX = 300,
    LINE_FOLDED = 256,
    TAIL_MAX = 2000,
    NAME_LINES = 3,
    NAME_OCTETS = 60,
    ANSWERS_MAX = 5
};

static const char *const rule_names[] = {"whole",     "repeated", "courtesy", "answer",
                                         "signature", "phrase",   "pattern"};

const char *byo_keyword_rule_name(ByoKeywordRule rule)
{
    return rule_names[rule];
}

/* -- the data, folded ----------------------------------------------------------------------------*/

typedef enum { WORD_STOP, WORD_COURTESY, WORD_PHRASE, WORD_SIGNATURE, WORD_ANSWER, WORD_KINDS } WordKind;

typedef struct {
    char *folded;
    size_t n;
    WordKind kind;
    ByoStr text; /* as written in the data */
} Word;

static const char *const sets[][WORD_KINDS] = {
#define LOOSE(language, stop, courtesy, phrases, signatures, answers) \
    {stop, courtesy, phrases, signatures, answers},
#include "compliance/loose_sets.h"
#undef LOOSE
};

static Word *words; /* by first octet, longest first */
static size_t n_words, first_of[257];

static int compare(const void *a, const void *b)
{
    const Word *x = a, *y = b;
    if (x->folded[0] != y->folded[0])
        return (unsigned char)x->folded[0] < (unsigned char)y->folded[0] ? -1 : 1;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

static void add_list(const char *list, WordKind kind)
{
    while (*list) {
        size_t length = strcspn(list, "|");
        char folded[BYO_FOLDED];
        size_t n;
        if (byo_fold(byo_strn(list, length), folded, &n) && n) {
            words = byo_realloc(words, (n_words + 1) * sizeof *words);
            words[n_words++] = (Word){byo_str_dup(byo_strn(folded, n)), n, kind, byo_strn(list, length)};
        }
        list += length + (list[length] == '|');
    }
}

static void make_words(void)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        for (int k = 0; k < WORD_KINDS; k++)
            add_list(sets[i][k], (WordKind)k);
    qsort(words, n_words, sizeof *words, compare);
    size_t at = 0;
    for (int c = 0; c <= 256; c++) {
        while (at < n_words && (unsigned char)words[at].folded[0] < c)
            at++;
        first_of[c] = at;
    }
}

static void ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_words);
}

/* -- a line, folded, and where its words may begin and end ----------------------------------------------*/

typedef struct {
    char text[LINE_FOLDED];
    bool edge[LINE_FOLDED + 1];
    bool wall[LINE_FOLDED + 1]; /* an edge no word goes over: a symbol stood there */
    size_t n;
} Line;

/* Scripts that put no blanks between words. */
static bool is_unspaced(ucs4_t c)
{
    return c >= 0x2E80 && c < 0xFB00;
}

/* Hangul syllables are folded to their letters: each begins with one of these. */
static bool begins_hangul(ucs4_t c)
{
    return c >= 0x1100 && c < 0x1160;
}

/* Emoji and other symbols that fold to nothing; a styled letter or a trade mark sign is none. */
static bool is_symbol(ByoStr character, ucs4_t c)
{
    char folded[BYO_FOLDED];
    size_t n;
    return c >= 0x80 && uc_is_general_category_withtable(c, UC_CATEGORY_MASK_S) &&
           byo_fold(character, folded, &n) && n == 0;
}

/* What parts words; an apostrophe, a hyphen and the like stand inside of them. */
static bool is_gap(ucs4_t c)
{
    if (c == '\'' || c == 0x2019 || c == '-' || c == 0x2010 || c == 0x2011 || c == '_')
        return false;
    return uc_is_property_white_space(c) ||
           uc_is_general_category_withtable(c, UC_CATEGORY_MASK_P | UC_CATEGORY_MASK_Cc);
}

static bool add_chunk(Line *l, ByoStr chunk)
{
    char folded[BYO_FOLDED];
    size_t n;

    if (!byo_fold(chunk, folded, &n) || l->n + n >= sizeof l->text)
        return false;
    memcpy(l->text + l->n, folded, n);
    for (size_t i = 0, used; i < n; i += used) {
        ucs4_t c;
        used = (size_t)u8_mbtouc(&c, (const uint8_t *)folded + i, n - i);
        if (is_unspaced(c))
            l->edge[l->n + i] = l->edge[l->n + i + used] = true;
        if (begins_hangul(c))
            l->edge[l->n + i] = true;
    }
    l->n += n;
    l->edge[l->n] = true;
    return true;
}

/* False: an unassigned or private character in a word, or too much. */
static bool read_line(ByoStr text, Line *l)
{
    size_t start = 0;

    *l = (Line){.edge = {true}};
    if (text.n > TEXT_MAX)
        return false;
    for (size_t i = 0, used; i < text.n; i += used) {
        ucs4_t c;
        used = (size_t)u8_mbtouc(&c, (const uint8_t *)text.p + i, text.n - i);
        bool symbol = is_symbol(byo_strn(text.p + i, used), c);
        if (!symbol && !is_gap(c))
            continue;
        if (!add_chunk(l, byo_strn(text.p + start, i - start)))
            return false;
        l->wall[l->n] |= symbol;
        start = i + used;
    }
    return add_chunk(l, byo_strn(text.p + start, text.n - start));
}

/* -- taking a line apart ---------------------------------------------------------------------------------*/

typedef struct {
    const Word *said; /* the first keyword or phrase; NULL: none yet */
    int keywords, courtesies;
} Tally;

typedef struct {
    const Line *line;
    ByoLooseAsk *is_opt_out;
    void *arg;
    unsigned steps; /* left */
} Search;

/* From `at` to the end, nothing left over, with at least one keyword or phrase. */
static bool take_apart(Search *s, size_t at, Tally tally, Tally *tally_r)
{
    const Line *l = s->line;

    if (at == l->n) {
        *tally_r = tally;
        return tally.said != NULL;
    }
    unsigned char c = (unsigned char)l->text[at];
    for (size_t i = first_of[c]; i < first_of[c + 1] && s->steps > 0; i++) {
        const Word *w = &words[i];
        if (w->kind > WORD_PHRASE || at + w->n > l->n || !l->edge[at + w->n] ||
            memcmp(l->text + at, w->folded, w->n) != 0 || memchr(l->wall + at + 1, true, w->n - 1))
            continue;
        s->steps--;
        if (w->kind == WORD_STOP && !s->is_opt_out(s->arg, w->folded, w->n))
            continue;
        Tally more = tally;
        more.courtesies += w->kind == WORD_COURTESY;
        more.keywords += w->kind != WORD_COURTESY;
        if (w->kind != WORD_COURTESY && !(tally.said && tally.said->kind == WORD_PHRASE))
            more.said = tally.said && w->kind == WORD_STOP ? tally.said : w;
        if (take_apart(s, at + w->n, more, tally_r))
            return true;
    }
    return false;
}

static ByoKeywordRule rule_of(const Tally *t)
{
    if (t->said->kind == WORD_PHRASE)
        return BYO_RULE_PHRASE;
    if (t->courtesies)
        return BYO_RULE_COURTESY;
    return t->keywords > 1 ? BYO_RULE_REPEATED : BYO_RULE_WHOLE;
}

static size_t letters_of(const Word *w)
{
    return u8_mbsnlen((const uint8_t *)w->folded, w->n);
}

static bool match_words(ByoStr text, ByoLooseAsk *is_opt_out, void *arg, ByoLooseMatch *m_r)
{
    Line line;
    Tally tally = {0};

    if (!read_line(text, &line) || line.n == 0)
        return false;
    Search s = {&line, is_opt_out, arg, 500};
    if (!take_apart(&s, 0, tally, &tally))
        return false;
    *m_r = (ByoLooseMatch){rule_of(&tally), tally.said->text, letters_of(tally.said)};
    return true;
}

/* -- around it: Re:, and what stands below ---------------------------------------------------------------*/

/* Whether a folded text is, or begins with, a word of this kind. */
static bool is_word(WordKind kind, const char *folded, size_t n, bool begins)
{
    if (n == 0)
        return false;
    unsigned char c = (unsigned char)folded[0];
    for (size_t i = first_of[c]; i < first_of[c + 1]; i++)
        if (words[i].kind == kind && (begins ? words[i].n <= n : words[i].n == n) &&
            memcmp(words[i].folded, folded, words[i].n) == 0)
            return true;
    return false;
}

static ByoStr trimmed(ByoStr s)
{
    while (s.n && ((unsigned char)s.p[0] <= ' '))
        s.p++, s.n--;
    while (s.n && ((unsigned char)s.p[s.n - 1] <= ' '))
        s.n--;
    return s;
}

/* Takes "Re: " off, more than one. */
static bool skip_answers(ByoStr *text)
{
    static const char wide[] = "\xEF\xBC\x9A"; /* the full-width colon */
    bool any = false;

    for (int i = 0; i < ANSWERS_MAX; i++) {
        ByoStr s = trimmed(*text);
        size_t at = 0, n;
        char folded[BYO_FOLDED];
        while (at < s.n && at < 20 && s.p[at] != ':' && !(s.n - at >= 3 && memcmp(s.p + at, wide, 3) == 0))
            at++;
        if (at >= s.n || at >= 20 || !byo_fold(byo_strn(s.p, at), folded, &n) ||
            !is_word(WORD_ANSWER, folded, n, false))
            return any;
        at += s.p[at] == ':' ? 1 : 3;
        *text = byo_strn(s.p + at, s.n - at);
        any = true;
    }
    return any;
}

/* The next line of *rest, without its end; *rest is what follows. */
static ByoStr next_line(ByoStr *rest)
{
    size_t n = 0, used;
    while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
        n++;
    used = n + (n < rest->n) + (n + 1 < rest->n && rest->p[n] == '\r' && rest->p[n + 1] == '\n');
    ByoStr line = trimmed(byo_strn(rest->p, n));
    *rest = byo_strn(rest->p + used, rest->n - used);
    return line;
}

/* A name, a firm, a telephone number: short, every word with a capital or of digits. */
static bool like_a_name(ByoStr line)
{
    bool begins = true, name = false;
    if (line.n > NAME_OCTETS)
        return false;
    for (size_t i = 0, used; i < line.n; i += used) {
        ucs4_t c;
        used = (size_t)u8_mbtouc(&c, (const uint8_t *)line.p + i, line.n - i);
        bool letter = uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L);
        if (c == '?' || c == '!' || (letter && begins && !uc_is_property_uppercase(c)))
            return false;
        name |= letter || uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Nd);
        begins = !letter && c != '\'' && c != 0x2019;
    }
    return name;
}

static bool known_signature(ByoStr line)
{
    char folded[BYO_FOLDED];
    size_t n;
    /* The beginning says it: what follows may be long. */
    ByoStr head = byo_strn(line.p, line.n < 40 ? line.n : 40);
    while (head.n && head.n < line.n && ((unsigned char)line.p[head.n] & 0xC0) == 0x80)
        head.n--;
    return byo_fold(head, folded, &n) && is_word(WORD_SIGNATURE, folded, n, true);
}

/* Takes dashes off the beginning; phones write one long one for `--`. How many hyphens they are. */
static int skip_dashes(ByoStr *line)
{
    int n = 0;
    for (;;) {
        size_t used = line->n && line->p[0] == '-' ? 1 : 3;
        bool wide = line->n >= 3 && (memcmp(line->p, "\xE2\x80\x93", 3) == 0 || /* en and em dash */
                                     memcmp(line->p, "\xE2\x80\x94", 3) == 0);
        if (used == 3 && !wide)
            return n;
        n += used == 1 ? 1 : 2;
        *line = byo_strn(line->p + used, line->n - used);
    }
}

/* What stands below the first line is a signature, and there is one. */
static bool only_signature(ByoStr rest)
{
    bool after_blank = false, any = false;
    int names = 0;

    if (rest.n > TAIL_MAX)
        return false;
    while (rest.n) {
        ByoStr line = next_line(&rest);
        if (line.n == 0) {
            after_blank = true;
            continue;
        }
        any = true;
        int dashes = skip_dashes(&line);
        if (dashes >= 2)
            return true; /* RFC 3676 4.3: the rest is the signature */
        line = trimmed(line);
        if (known_signature(line))
            continue;
        if (!(after_blank || dashes) || !like_a_name(line) || ++names > NAME_LINES)
            return false;
    }
    return any;
}

bool byo_loose_match(ByoStr text, ByoLooseAsk *is_opt_out, void *arg, ByoLooseMatch *m_r)
{
    ready();
    bool answer = skip_answers(&text);
    if (match_words(text, is_opt_out, arg, m_r)) {
        if (answer && m_r->rule == BYO_RULE_WHOLE)
            m_r->rule = BYO_RULE_ANSWER;
        return true;
    }
    ByoStr rest = trimmed(text), first = next_line(&rest);
    if (rest.n == 0 || !only_signature(rest) || !match_words(first, is_opt_out, arg, m_r))
        return false;
    if (m_r->rule != BYO_RULE_PHRASE)
        m_r->rule = BYO_RULE_SIGNATURE;
    return true;
}
