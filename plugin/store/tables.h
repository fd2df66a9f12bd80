/* SPDX-License-Identifier: BSD-3-Clause
 * A store's tables as stores exchange them (copy.c): names, columns, and what a column holds. Each implementation knows
 * how its own tables become these and the other way round. What can be made from them (counters, indexes) is not there.
 * Kinds: i a number; b 0 or 1; t what byobox words; o what a stranger wrote; x octets; u a UUID, 16 octets, or as it came
 * when it is none in canonical form: then a NUL stands before one of 16 octets.
 * Threads: values. */
#ifndef BYO_STORE_TABLES_H
#define BYO_STORE_TABLES_H

#include "store/store.h"

/* In an order in which they can be filled. BYO_T(name, kinds, columns) */
#define BYO_TABLES \
    BYO_T(integration_state, "tbbttit", "integration, wanted, deleted, state, reason, since, applied") \
    BYO_T(number, "tbtttoii", "digits, short_code, integration, type, country, compliance, created, since") \
    BYO_T(number_left, "tbtoi", "digits, short_code, integration, compliance, id") \
    BYO_T(setting, "to", "name, value") \
    BYO_T(clock, "ti", "name, n") \
    BYO_T(message, "iiiiiiiiiiiiiiiiiittooooouox", \
          "id, created, ended, expires, state, segments, accepted, delivered, failed, reported, settled, " \
          "code, reports," \
          " mask, coding, data_coding, dcs, keyword, integration, cause, description, carrier_code, " \
          "charset, number," \
          " recipient, uuid, box, frame") \
    BYO_T( \
        segment, "iiiiiiiiiittooooxx", \
        "id, due, first_handed, handed, ended, accepted_at, state, tries, flags, code, integration, cause," \
        " description, carrier_code, foreign_id, loose_id, udh, payload") \
    BYO_T(segment_copy, "iotoibitoo", \
          "segment, foreign_id, integration, loose_id, try, open, code, cause, description, carrier_code") \
    BYO_T(message_step, "it", "id, steps") \
    BYO_T(message_report, "iii", "id, type, at") \
    BYO_T(inward, "ibox", "id, named, box, frame") \
    BYO_T(inbound, "itooiuoo", "id, integration, number, sender, keyword, uuid, box, text") \
    BYO_T(mo_seen, "ui", "uuid, seen") \
    BYO_T(early_receipt, "itoox", "id, integration, foreign_id, loose_id, frame") \
    BYO_T(opt_history, "iiootooooo", \
          "id, time, number, recipient, action, text, answer, who, reason, reading_of") \
    BYO_T(opt_out, "oooi", "number, recipient, reading_of, id") \
    BYO_T(event, "iiiitoooooo", \
          "id, time, last, count, definition, name, entity, previous, current, error_code, text") \
    BYO_T(audit, "iioooo", "id, time, who, action, entity, detail") \
    BYO_T(statistic, "iitt", "span, at, integration, counts")

typedef enum {
#define BYO_T(name, kinds, columns) BYO_TABLE_##name,
    BYO_TABLES
#undef BYO_T
        BYO_TABLE_COUNT
} ByoTable;

enum { BYO_CELLS_MAX = 32 };

typedef struct {
    bool null;
    int64_t number; /* i, b */
    ByoStr octets;  /* all others */
} ByoCell;

extern const char *const byo_table_name[BYO_TABLE_COUNT], *const byo_table_kinds[BYO_TABLE_COUNT],
                                                              *const byo_table_columns[BYO_TABLE_COUNT];

/* Some store's tables, open for this alone. The functions give false with a sentence in error(). */
typedef struct ByoTables ByoTables;
struct ByoTables {
    const char *(*error)(const ByoTables *t);
    /* How many rows; -1: a fault. */
    int64_t (*count)(ByoTables *t, ByoTable table);
    /* All rows, ids ascending. False from each: it was a fault of the other side. */
    bool (*read)(ByoTables *t, ByoTable table, bool (*each)(void *arg, const ByoCell *cells), void *arg);
    /* Between begin and commit: all rows of a table, one after the other, then the next table. */
    bool (*begin)(ByoTables *t);
    bool (*add)(ByoTables *t, ByoTable table, const ByoCell *cells);
    bool (*commit)(ByoTables *t); /* with what is made from the tables; nothing is kept when it fails */
    void (*close)(ByoTables *t);  /* not committed: nothing was written */
};

#endif
