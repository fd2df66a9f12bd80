/* SPDX-License-Identifier: BSD-3-Clause
 * Damaged rows of the store, as a bad disk or a careless hand leaves them: the flow takes its turns and the admin
 * API answers all the same. Input: changes of table, column, row, type, length and value, an octet each but the
 * last; tables are counted as the store's schema lists them.
 * Threads: none. */
#include <sqlite3.h>
#include <stdlib.h>

#define FIXTURE_MUST(condition) ((condition) ? (void)0 : abort())
#include "../unit/api_fixture.h"

#include "compliance/defaults.h"
#include "flow/flow.h"
#include "link/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COLUMNS_MAX = 400, CHANGES_MAX = 12 };

static struct {
    sqlite3 *file, *whole; /* the store's; a copy in memory as it was filled */
    char *columns[COLUMNS_MAX], *tables[COLUMNS_MAX];
    size_t n;
    ByoCompliance texts;
    ByoMatcher *standard;
} f;

static void copy(sqlite3 *to, sqlite3 *from)
{
    sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
    FIXTURE_MUST(b && sqlite3_backup_step(b, -1) == SQLITE_DONE && sqlite3_backup_finish(b) == SQLITE_OK);
}

static int add_column(void *arg, int n, char **values, char **names)
{
    (void)arg, (void)n, (void)names;
    FIXTURE_MUST(f.n < COLUMNS_MAX);
    f.tables[f.n] = byo_strdup(values[0]);
    f.columns[f.n++] = byo_strdup(values[1]);
    return 0;
}

static void begin(void)
{
    ByoComplianceFault fault;
    if (f.file)
        return;
    fixture_start();
    byo_store_begin(writer);
    ByoInwardRow in = {.named = true, .box = S("box1"), .frame = S("frame")};
    in.id = byo_store_inward_id(writer, in.named, in.box, NOW);
    byo_store_inward_add(writer, &in);
    const ByoStr ids[2] = {S("77ac"), BYO_STR_NONE};
    byo_store_early_add(writer, S("carrier-a"), ids, S("frame"), NOW);
    byo_store_mo_note(writer, S("11111111-2222-3333-4444-555555555556"), NOW);
    byo_store_setting_put(writer, "pause", S("1"));
    FIXTURE_MUST(byo_store_commit(writer) == BYO_STORE_OK);
    byo_store_close(reader);
    byo_store_close(writer);
    reader = writer = NULL;
    FIXTURE_MUST(sqlite3_open(store_file, &f.file) == SQLITE_OK &&
                 sqlite3_open(":memory:", &f.whole) == SQLITE_OK);
    copy(f.whole, f.file);
    FIXTURE_MUST(sqlite3_exec(f.whole,
                              "SELECT m.name, p.name FROM sqlite_schema m JOIN pragma_table_info(m.name) p "
                              "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY 1, 2",
                              add_column, NULL, NULL) == SQLITE_OK);
    FIXTURE_MUST(byo_defaults_compose(S("en"), &f.texts, &fault));
    f.standard = byo_matcher_create(&f.texts, &fault);
    FIXTURE_MUST(f.standard != NULL);
}

static void bind(sqlite3_stmt *st, uint8_t type, const uint8_t *p, int n)
{
    int64_t number = 0;
    memcpy(&number, p, n < 8 ? (size_t)n : 8);
    switch (type & 3) {
    case 0:
        sqlite3_bind_int64(st, 1, number);
        break;
    case 1:
        sqlite3_bind_text(st, 1, (const char *)p, n, SQLITE_STATIC);
        break;
    case 2:
        sqlite3_bind_blob(st, 1, p, n, SQLITE_STATIC);
        break;
    default:
        sqlite3_bind_null(st, 1);
    }
}

/* Octets it took; 0: no more. Constraints refuse some. */
static size_t change_one(const uint8_t *p, size_t n)
{
    if (n < 5)
        return 0;
    size_t column = ((size_t)p[0] << 8 | p[1]) % f.n, length = p[4] < n - 5 ? p[4] : n - 5;
    char *sql = byo_printf("UPDATE \"%s\" SET \"%s\" = ?1 WHERE %s", f.tables[column], f.columns[column],
                           p[2] == 255 ? "1" : "\"rowid\" % 4 = ?2");
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(f.file, sql, -1, &st, NULL) != SQLITE_OK) { /* a table without rowid */
        free(sql);
        sql = byo_printf("UPDATE \"%s\" SET \"%s\" = ?1", f.tables[column], f.columns[column]);
        FIXTURE_MUST(sqlite3_prepare_v2(f.file, sql, -1, &st, NULL) == SQLITE_OK);
    }
    bind(st, p[3], p + 5, (int)length);
    if (sqlite3_bind_parameter_count(st) > 1)
        sqlite3_bind_int(st, 2, p[2] % 4);
    sqlite3_step(st);
    sqlite3_finalize(st);
    free(sql);
    return 5 + length;
}

static void tell(void *arg, ByoTurn *t, const ByoEventNote *note)
{
    (void)arg;
    FIXTURE_MUST(note->kind < BYO_EVENT_COUNT);
}

static void take_turns(void)
{
    ByoInventory *inventory = byo_inventory_create();
    ByoFlowOptions opt = {.store = writer, .inventory = inventory, .codec = &byo_sms_codec, .event = tell};
    ByoFlowConfig cfg = {
        .box_id = "byobox", .inward_limit = 1000, .inward_expiry = BYO_DAY, .standard = f.standard};
    ByoFlow *flow = byo_flow_create(&opt, &cfg, NOW);
    ByoTurn t = {0};
    ByoPurgePlace at = {0};
    for (int i = 0; i < 3; i++) {
        ByoTime now = NOW + i * BYO_DAY;
        byo_turn_begin(&t, writer, now);
        ByoInput in = {
            .kind = BYO_IN_PEER_UP, .conn = (ByoConnId)i + 1, .named = true, .box = (char *)"box1"};
        byo_flow_fact(flow, &in);
        byo_flow_inputs(flow, &t, &in);
        byo_flow_tick(flow, &t);
        byo_flow_drop_queue(flow, &t, S("carrier-a"), 10);
        byo_store_purge(writer, i == 2 ? now : 0, i == 2 ? now : 0, 100, &at);
        byo_turn_commit(&t);
        byo_turn_done(&t);
    }
    byo_flow_destroy(flow);
    byo_turn_free(&t);
    byo_inventory_destroy(inventory);
}

static void look_around(void)
{
    static const char *const targets[] = {"/v1/messages",     "/v1/messages?recipient=%2B12025550150",
                                          "/v1/numbers",      "/v1/numbers/54321",
                                          "/v1/opt-outs",     "/v1/opt-outs/history",
                                          "/v1/events",       "/v1/audit",
                                          "/v1/integrations", "/v1/status"};
    char one[64], id[BYO_ID_TEXT];
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        FIXTURE_MUST(get(targets[i]) != 0);
    for (int i = 0; i < MESSAGES; i++) {
        snprintf(one, sizeof one, "/v1/messages/%s", byo_id_text(messages[i], id));
        get(one);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ByoStoreResult result;
    char *why = NULL;
    begin();
    copy(f.file, f.whole);
    for (int n = 0; n < CHANGES_MAX; n++) {
        size_t used = change_one(data, size);
        if (!used)
            break;
        data += used;
        size -= used;
    }
    writer = byo_store_open(&(ByoStoreTarget){.path = store_file}, &result, &why);
    if (writer) {
        reader = byo_store_open_reader(&(ByoStoreTarget){.path = store_file}, &result, &why);
        if (reader)
            look_around();
        take_turns();
        byo_store_close(reader);
        byo_store_close(writer);
        forget();
    } else {
        FIXTURE_MUST(why && why[0]);
    }
    free(why);
    reader = writer = NULL;
    return 0;
}
