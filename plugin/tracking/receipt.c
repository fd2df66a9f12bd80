/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: what a receipt says, whatever order, case and spelling its carrier chose.
 * Ownership: everything found points into the report; nothing is allocated.
 * Threads: values, no shared state. */
#include "tracking/receipt.h"

#include <limits.h>
#include <stdio.h>

typedef enum {
    FIELD_ID,
    FIELD_SUB,
    FIELD_DLVRD,
    FIELD_SUBMIT,
    FIELD_DONE,
    FIELD_STAT,
    FIELD_ERR,
    FIELD_TEXT
} Field;
enum { FIELDS = FIELD_TEXT + 1 };

/* Longer names first where one begins like another. */
static const struct {
    const char *name; /* lower case; a space stands for any blanks, one of "_-" or nothing */
    Field field;
} names[] = {
    {"id", FIELD_ID},          {"sub", FIELD_SUB},     {"dlvrd", FIELD_DLVRD}, {"submit date", FIELD_SUBMIT},
    {"done date", FIELD_DONE}, {"status", FIELD_STAT}, {"stat", FIELD_STAT},   {"error", FIELD_ERR},
    {"err", FIELD_ERR},        {"text", FIELD_TEXT},
};

static const struct {
    const char *word; /* letters only, upper case */
    ByoReceiptState state;
} words[] = {
    {"ENROUTE", BYO_STATE_ENROUTE},
    {"DELIVRD", BYO_STATE_DELIVERED},
    {"DELIVERD", BYO_STATE_DELIVERED},
    {"DELIVERED", BYO_STATE_DELIVERED},
    {"EXPIRED", BYO_STATE_EXPIRED},
    {"DELETED", BYO_STATE_DELETED},
    {"CANCELED", BYO_STATE_DELETED},
    {"CANCELLED", BYO_STATE_DELETED},
    {"SKIPPED", BYO_STATE_DELETED},
    {"UNDELIV", BYO_STATE_UNDELIVERABLE},
    {"UNDELIVRD", BYO_STATE_UNDELIVERABLE},
    {"UNDELIVERED", BYO_STATE_UNDELIVERABLE},
    {"UNDELIVERABLE", BYO_STATE_UNDELIVERABLE},
    {"FAILED", BYO_STATE_UNDELIVERABLE},
    {"ACCEPTD", BYO_STATE_ACCEPTED},
    {"ACCEPTED", BYO_STATE_ACCEPTED},
    {"ACKED", BYO_STATE_ACCEPTED},
    {"UNKNOWN", BYO_STATE_UNKNOWN},
    {"REJECTD", BYO_STATE_REJECTED},
    {"REJECTED", BYO_STATE_REJECTED},
    {"SCHEDLD", BYO_STATE_SCHEDULED},
    {"SCHEDULED", BYO_STATE_SCHEDULED},
    {"BUFFRED", BYO_STATE_BUFFERED},
    {"BUFFERD", BYO_STATE_BUFFERED},
    {"BUFFERED", BYO_STATE_BUFFERED},
};

#define N(a) (sizeof(a) / sizeof((a)[0]))

enum { WORD_MIN = 3, WORD_MAX = 16, OWN_NAME_MIN = 2, OWN_NAME_MAX = 24 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0;
}

static bool is_separator(char c)
{
    return c == ',' || c == ';' || c == '|' || c == '&';
}

/* An underscore in GSM 03.38 is 0x11: a receipt's text comes as the carrier's octets. */
static bool is_joint(char c)
{
    return c == '_' || c == '-' || c == 0x11;
}

/* message_state by number: SMPP 3.4 section 5.2.28; 0 and 9 are SMPP 5's SCHEDULED and SKIPPED. */
static ByoReceiptState state_by_number(int64_t number)
{
    static const ByoReceiptState states[] = {
        BYO_STATE_SCHEDULED, BYO_STATE_ENROUTE,       BYO_STATE_DELIVERED, BYO_STATE_EXPIRED,
        BYO_STATE_DELETED,   BYO_STATE_UNDELIVERABLE, BYO_STATE_ACCEPTED,  BYO_STATE_UNKNOWN,
        BYO_STATE_REJECTED,  BYO_STATE_DELETED,
    };

    return number >= 0 && number < (int64_t)N(states) ? states[number] : BYO_STATE_NONE;
}

ByoReceiptState byo_receipt_state(ByoStr word)
{
    ByoReceiptState state = BYO_STATE_NONE;
    char letters[WORD_MAX];
    int64_t number;
    size_t n = 0;

    if (byo_str_int(word, &number))
        return state_by_number(number);
    for (size_t i = 0; i < word.n; i++) {
        char c = byo_lower(word.p[i]);

        if (is_joint(word.p[i]))
            continue;
        if (c < 'a' || c > 'z' || n == sizeof(letters))
            return BYO_STATE_NONE;
        letters[n++] = (char)(c - ('a' - 'A'));
    }
    if (n < WORD_MIN)
        return BYO_STATE_NONE;
    /* A word that was cut counts when all the spellings it begins agree. */
    for (size_t i = 0; i < N(words); i++) {
        if (strncmp(words[i].word, letters, n) != 0)
            continue;
        if (state != BYO_STATE_NONE && state != words[i].state)
            return BYO_STATE_NONE;
        state = words[i].state;
    }
    return state;
}

bool byo_receipt_interim(ByoReceiptState state)
{
    return state == BYO_STATE_ENROUTE || state == BYO_STATE_ACCEPTED || state == BYO_STATE_SCHEDULED ||
           state == BYO_STATE_BUFFERED;
}

static size_t skip_blanks(ByoStr s, size_t at)
{
    while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t'))
        at++;
    return at;
}

/* Length of `name` and its colon at the start of s, 0 when it does not stand there. Blanks may stand before
 * the colon, and '=' in its place. */
static size_t match_name(ByoStr s, const char *name)
{
    size_t i = 0;

    for (; *name; name++) {
        if (*name == ' ') {
            if (i < s.n && is_joint(s.p[i]))
                i++;
            else
                i = skip_blanks(s, i);
        } else if (i < s.n && byo_lower(s.p[i]) == *name) {
            i++;
        } else {
            return 0;
        }
    }
    i = skip_blanks(s, i);
    return i < s.n && (s.p[i] == ':' || s.p[i] == '=') ? i + 1 : 0;
}

static size_t match_field(ByoStr text, size_t at, Field *field_r)
{
    ByoStr s = byo_strn(text.p + at, text.n - at);
    char first = s.n > 0 ? byo_lower(s.p[0]) : 0;

    for (size_t i = 0; i < N(names); i++) {
        size_t n = names[i].name[0] == first ? match_name(s, names[i].name) : 0;

        if (n > 0) {
            *field_r = names[i].field;
            return n;
        }
    }
    return 0;
}

/* A field of some carrier's own stands here: a name of letters, digits and joints, and its colon. */
static bool is_own_field(ByoStr text, size_t at)
{
    size_t n = 0;

    while (at + n < text.n && ((byo_lower(text.p[at + n]) >= 'a' && byo_lower(text.p[at + n]) <= 'z') ||
                               (n > 0 && (is_digit(text.p[at + n]) || is_joint(text.p[at + n])))))
        n++;
    return n >= OWN_NAME_MIN && n <= OWN_NAME_MAX && at + n < text.n && text.p[at + n] == ':';
}

/* Where the value that starts at `at` ends: at white space, or at separators that a field or nothing
 * follows (an id may hold one). */
static size_t value_end(ByoStr text, size_t at)
{
    while (at < text.n && !is_space(text.p[at])) {
        size_t next = at;
        Field ignored;

        while (next < text.n && is_separator(text.p[next]))
            next++;
        if (next > at && (next == text.n || is_space(text.p[next]) || match_field(text, next, &ignored) > 0 ||
                          is_own_field(text, next)))
            break;
        at = next > at ? next : at + 1;
    }
    return at;
}

/* Finds the fields. The text comes last and swallows what looks like a field in it, unless it comes
 * before all the others, or before the id: then it ends at the next field, and the last of equal fields
 * counts, for it stands behind the text; but what stood before the text stays. */
static void find_fields(ByoStr text, ByoStr found[FIELDS])
{
    bool text_first = false;
    bool before[FIELDS] = {false}; /* it stood before the text */
    bool start = true;             /* a field may start here */
    size_t at = 0;

    while (at < text.n) {
        Field field;
        Field next;
        size_t n = start ? match_field(text, at, &field) : 0;
        size_t end;

        if (n == 0) {
            start = is_space(text.p[at]) || is_separator(text.p[at]);
            at++;
            continue;
        }
        at += n;
        start = true;
        if (field == FIELD_TEXT) {
            if (text_first)
                continue;
            found[FIELD_TEXT] = byo_strn(text.p + at, text.n - at);
            text_first = true;
            for (int other = FIELD_SUB; other <= FIELD_ERR; other++) {
                before[other] = found[other].p != NULL;
                if (before[other] && found[FIELD_ID].p)
                    return;
            }
            continue;
        }
        if (text_first && found[FIELD_TEXT].p + found[FIELD_TEXT].n == text.p + text.n) {
            const char *text_end = text.p + at - n;

            while (text_end > found[FIELD_TEXT].p && is_space(text_end[-1]))
                text_end--;
            found[FIELD_TEXT].n = (size_t)(text_end - found[FIELD_TEXT].p);
        }
        at = skip_blanks(text, at);
        end = match_field(text, at, &next) > 0 ? at : value_end(text, at);
        if (!found[field].p || (text_first && !before[field]))
            found[field] = byo_strn(text.p + at, end - at);
        at = end;
    }
}

static int small_number(ByoStr s)
{
    int64_t value;

    return byo_str_int(s, &value) && value >= 0 && value <= INT_MAX ? (int)value : -1;
}

static int two_digits(const char *p)
{
    return (p[0] - '0') * 10 + (p[1] - '0');
}

/* p: year in two digits, month, day, hour, minute, and second when there are two digits more. */
static bool date_from(const char *p, int century, bool second, ByoTime *t_r)
{
    return byo_time_utc(century * 100 + two_digits(p), two_digits(p + 2), two_digits(p + 4),
                        two_digits(p + 6), two_digits(p + 8), second ? two_digits(p + 10) : 0, t_r);
}

/* YYMMDDhhmm, YYMMDDhhmmss, YYYYMMDDhhmm or YYYYMMDDhhmmss. Twelve digits are read as Appendix B has
 * them where that is a date; one with a century of 20 and a year from 13 on never is. */
static ByoTime parse_date(ByoStr s)
{
    ByoTime t = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i]))
            return 0;
    }
    switch (s.n) {
    case 10:
        return date_from(s.p, 20, false, &t) ? t : 0;
    case 12:
        if (date_from(s.p, 20, true, &t))
            return t;
        return date_from(s.p + 2, two_digits(s.p), false, &t) ? t : 0;
    case 14:
        return date_from(s.p + 2, two_digits(s.p), true, &t) ? t : 0;
    default:
        return 0;
    }
}

static bool printable(ByoStr s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
            return false;
    return s.n > 0;
}

enum { ERROR_OCTETS = 4, NETWORK_TYPES = 8 }; /* of a binary number at most; SMPP 5.0 4.8.4.42 */

/* The octets behind that of the network type, where there is one. A number of two octets has none, unless the
 * first of them is a network type. */
static ByoStr behind_type(ByoStr tlv)
{
    bool has_type = tlv.n > 2 || (tlv.n == 2 && tlv.p[0] >= 1 && tlv.p[0] <= NETWORK_TYPES);

    return has_type ? byo_strn(tlv.p + 1, tlv.n - 1) : tlv;
}

/* A TLV's octets as an err: text where a carrier wrote text, with NULs or blanks behind it, with the network
 * type before it where it is no number of the right length; else a number. */
static bool error_of_tlv(ByoStr tlv, char *out, size_t size)
{
    ByoStr text = tlv, number = behind_type(tlv);
    uint64_t value = 0;
    bool blank = true;

    for (size_t i = 0; i < tlv.n; i++)
        blank &= tlv.p[i] == ' ';
    while (text.n > 1 && is_space(text.p[text.n - 1]))
        text.n--;
    if (!printable(text) && text.n > 3 && (unsigned char)text.p[0] <= NETWORK_TYPES)
        text = byo_strn(text.p + 1, text.n - 1);
    if (printable(text) && text.n < size) {
        memcpy(out, text.p, text.n);
        out[text.n] = 0;
        return true;
    }
    if (blank || number.n == 0 || number.n > ERROR_OCTETS)
        return false;
    for (size_t i = 0; i < number.n; i++)
        value = value << 8 | (unsigned char)number.p[i];
    snprintf(out, size, "%llu", (unsigned long long)value);
    return true;
}

static bool only_zeros(ByoStr err)
{
    for (size_t i = 0; i < err.n; i++)
        if (err.p[i] != '0' && !(i == 1 && byo_lower(err.p[i]) == 'x'))
            return false;
    return err.n > 0;
}

static ByoReceiptState state_of_tlv(ByoStr tlv)
{
    if (tlv.n == 1 && (unsigned char)tlv.p[0] < ' ')
        return state_by_number(tlv.p[0]);
    return byo_receipt_state(tlv);
}

static ByoReceiptState state_of_mask(int mask)
{
    switch (mask) {
    case 0x01:
        return BYO_STATE_DELIVERED;
    case 0x02:
    case 0x42:
        return BYO_STATE_UNDELIVERABLE;
    case 0x04:
        return BYO_STATE_ENROUTE;
    case 0x22:
        return BYO_STATE_EXPIRED;
    default:
        return BYO_STATE_NONE;
    }
}

/* network_error_code, as the carrier sent it or as bearerbox passes it on (host H7), of a failure whose
 * text has no err or one of zeros (field C11). An err of zeros stays where the TLV has no better one. */
static void read_error_code(const ByoMeta *smpp, bool err_written, ByoReceipt *r)
{
    ByoStr err = byo_meta_get(smpp, "smpp", "network_error_code");

    if (!err.p)
        err = byo_meta_get(smpp, "smpp", "dlr_err");
    if (r->state == BYO_STATE_DELIVERED || byo_receipt_interim(r->state) || (r->err.p && !only_zeros(r->err)))
        return;
    if (!error_of_tlv(err, r->err_tlv, sizeof(r->err_tlv)))
        return;
    /* bearerbox makes GSM error 0 of what it cannot read in the text: that is no err of the carrier's. */
    if (err_written && only_zeros(byo_str(r->err_tlv)))
        return;
    r->err = byo_str(r->err_tlv);
}

static void read_tlvs(const ByoMeta *smpp, ByoReceipt *r)
{
    ByoStr id = byo_meta_get(smpp, "smpp", "receipted_message_id");

    while (id.n > 0 && id.p[id.n - 1] == 0) /* a C-octet string brings its end along */
        id.n--;
    if (id.n > 0)
        r->id_tlv = id;
    if (r->state == BYO_STATE_NONE)
        r->state = state_of_tlv(byo_meta_get(smpp, "smpp", "message_state"));
}

void byo_receipt_parse(ByoStr text, const ByoMeta *smpp, int dlr_mask, ByoReceipt *r)
{
    ByoStr found[FIELDS] = {{NULL, 0}};

    *r = (ByoReceipt){.state = BYO_STATE_NONE};
    find_fields(text, found);
    if (found[FIELD_ID].n > 0)
        r->id = found[FIELD_ID];
    if (found[FIELD_ERR].n > 0)
        r->err = found[FIELD_ERR];
    if (found[FIELD_STAT].n > 0)
        r->stat = found[FIELD_STAT];
    r->text = found[FIELD_TEXT];
    r->sub = small_number(found[FIELD_SUB]);
    r->dlvrd = small_number(found[FIELD_DLVRD]);
    r->submit = parse_date(found[FIELD_SUBMIT]);
    r->done = parse_date(found[FIELD_DONE]);
    r->state = byo_receipt_state(r->stat);
    if (smpp)
        read_tlvs(smpp, r);
    if (r->state == BYO_STATE_NONE)
        r->state = state_of_mask(dlr_mask);
    if (smpp)
        read_error_code(smpp, found[FIELD_ERR].p != NULL, r);
}

bool byo_receipt_begins(ByoStr text)
{
    while (text.n > 0 && is_space(text.p[0]))
        text = byo_strn(text.p + 1, text.n - 1);
    return match_name(text, "id") > 0;
}
