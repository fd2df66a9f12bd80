/* SPDX-License-Identifier: BSD-3-Clause
 * A folder with a configuration and a store, a flow on them, and everybody around it.
 * Ownership and threads: flow_fixture.h. */
#include "flow_fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/config.h"
#include "../store/memory/memory_store.h"

ByoStore *store;
bool flow_in_memory;
ByoFlow *flow;
ByoTime now;
ByoTurn the_turn;
Out *outs;
size_t n_outs;
int events[BYO_EVENT_COUNT];

static char folder[200], box_lines[500];
static unsigned features;
static const char *advanced;
static ByoConf *conf;
static ByoMatcher *standard;
static ByoInventory *inventory;
static ByoInput *first, **last = &first;
static size_t n_again; /* of them: given again, what is a fact in them was taken */

/* -- starting and stopping ------------------------------------------------------------------------*/

static const char *in_folder(const char *name)
{
    static char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(in_folder(name), "w");
    ck_assert(f != NULL);
    ck_assert(fputs(text, f) != EOF);
    ck_assert_int_eq(fclose(f), 0);
}

const char flow_no_group[] = "";

static void write_configuration(const char *carrier_a, const char *more)
{
    static const char group_a[] = "group = byo-smpp\nintegration-id = carrier-a\nsmsc-address = "
                                  "a.example\nsystem-id = a\npassword = a\n";
    char *text = byo_printf("group = byobox\nstore-path = \"byobox.db\"\nsmsc-conf = \"smsc.conf\"\n%s\n"
                            "%s%s\n\n"
                            "group = byo-smpp\nintegration-id = carrier-b\nsmsc-address = "
                            "b.example\nsystem-id = b\npassword = b\n%s\n",
                            box_lines, carrier_a == flow_no_group ? "" : group_a, carrier_a ? carrier_a : "",
                            more ? more : "");
    write_file("byobox.conf", text);
    free(text);
    if (advanced)
        write_file("advanced.json", advanced);
}

static void load_configuration(void)
{
    ByoFaults faults = {0};
    conf = byo_conf_load(in_folder("byobox.conf"), &faults);
    for (size_t i = 0; i < faults.n && !conf; i++) {
        char *line = byo_fault_line(&faults.items[i]);
        fprintf(stderr, "%s\n", line);
        free(line);
    }
    ck_assert_msg(conf != NULL, "the test's configuration is wrong");
    byo_faults_free(&faults);
    ByoComplianceFault fault;
    standard = byo_matcher_create(&conf->compliance.standard, &fault);
    ck_assert(standard != NULL);
}

static const char *route(void *arg, ByoStr receiver, ByoStr smsc_id)
{
    return byo_conf_route(arg, receiver, smsc_id);
}

static ByoFlowConfig flow_config(void)
{
    return (ByoFlowConfig){.integrations = (const ByoIntegration *const *)conf->integrations,
                           .n = conf->n_integrations,
                           .box_id = conf->box_id,
                           .refuse_unlisted = conf->refuse_unlisted,
                           .features = features,
                           .reply_limit = (unsigned)conf->compliance.reply_limit,
                           .inward_limit = conf->inward_limit,
                           .inward_expiry = conf->inward_expiry,
                           .inward_expiry_mo = conf->inward_expiry_mo,
                           .standard = standard,
                           .opt_out_loose = conf->compliance.opt_out_loose,
                           .route = route,
                           .route_arg = conf};
}

static void on_event(void *arg, ByoTurn *turn, const ByoEventNote *note)
{
    (void)arg;
    events[note->kind]++;
}

static void open_flow(void)
{
    ByoStoreResult result;
    char *why;
    char path[300];
    snprintf(path, sizeof path, "%s", in_folder("byobox.db"));
    if (!flow_in_memory)
        store = byo_store_open(&(ByoStoreTarget){.path = path}, &result, &why);
    else if (!store)
        store = memory_store_open();
    ck_assert_msg(store != NULL, "%s", store ? "" : why);
    inventory = byo_inventory_create();
    ByoFlowOptions opt = {.store = store, .inventory = inventory, .codec = &byo_sms_codec, .event = on_event};
    ByoFlowConfig cfg = flow_config();
    flow = byo_flow_create(&opt, &cfg, now);
    for (size_t i = 0; i < cfg.n; i++)
        gate(cfg.integrations[i]->id, true);
}

static void add_number(const char *digits, const char *integration, ByoNumberType type)
{
    ByoNumber n = {.type = type};
    snprintf(n.digits, sizeof n.digits, "%s", digits);
    snprintf(n.integration, sizeof n.integration, "%s", integration);
    ByoBuf json = {0};
    if (type == BYO_NUMBER_SHORT_CODE) {
        static const char *const words[] = {"AIDE", "ARRET", "DEBUT"};
        for (int k = 0; k < BYO_KEYWORD_KINDS; k++) {
            ByoKeywordGroup *g =
                byo_compliance_add_group(&n.compliance, (ByoKeywordKind)(k + 1), S("Merci."));
            byo_compliance_add_keyword(g, S(words[k]));
        }
        byo_buf_adds(&json, "{\"help\":[{\"keywords\":[\"AIDE\"],\"reply\":\"Merci.\"}],"
                            "\"optOut\":[{\"keywords\":[\"ARRET\"],\"reply\":\"Merci.\"}],"
                            "\"optIn\":[{\"keywords\":[\"DEBUT\"],\"reply\":\"Merci.\"}]}");
    }
    ByoStoreResult result;
    ByoComplianceFault fault;
    ck_assert(byo_flow_number_put(flow, begin(), &n, byo_buf_str(&json), false, now, &result, &fault));
    ck_assert_int_eq(result, BYO_STORE_OK);
    commit();
    byo_buf_free(&json);
    byo_number_free(&n);
}

void flow_box_lines(const char *lines)
{
    snprintf(box_lines, sizeof box_lines, "%s", lines);
}

void flow_advanced(const char *json)
{
    advanced = json;
}

void flow_features(unsigned f)
{
    features = f;
}

void flow_start(const char *carrier_a, const char *more)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/byo-flow-XXXXXX", tmp ? tmp : "/tmp");
    ck_assert(mkdtemp(folder) != NULL);
    now = 1790000000000;
    write_configuration(carrier_a, more);
    load_configuration();
    open_flow();
    add_number(NUMBER_A, "carrier-a", BYO_NUMBER_LOCAL);
    add_number(NUMBER_B, "carrier-b", BYO_NUMBER_LOCAL);
    add_number(CODE_A, "carrier-a", BYO_NUMBER_SHORT_CODE);
    give_link(BYO_LINK_OWN, true);
    give_link(BYO_LINK_ANON, true);
    give_peer_up(BOX1, "box1");
    turn();
    ck_assert_uint_eq(n_outs, 0);
}

static void free_outs(void)
{
    for (size_t i = 0; i < n_outs; i++)
        drop(&outs[i]);
    free(outs);
    outs = NULL;
    n_outs = 0;
}

static void free_inputs(void)
{
    while (first) {
        ByoInput *in = first;
        first = in->next;
        byo_input_free(in);
    }
    last = &first;
    n_again = 0;
}

static void close_flow(void)
{
    byo_flow_destroy(flow);
    byo_turn_free(&the_turn);
    byo_inventory_destroy(inventory);
    if (flow_in_memory)
        memory_store_reopen(store);
    else
        byo_store_close(store);
    flow = NULL;
}

void flow_reboot(void)
{
    close_flow();
    free_inputs();
    free_outs();
    open_flow();
}

void flow_reload(const char *carrier_a, const char *more)
{
    ByoConf *old = conf;
    ByoMatcher *old_standard = standard;
    write_configuration(carrier_a, more);
    load_configuration();
    ByoFlowConfig cfg = flow_config();
    begin();
    byo_flow_configure(flow, &cfg, now);
    commit();
    byo_conf_free(old);
    byo_matcher_destroy(old_standard);
}

static int remove_one(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(name);
}

static ByoStoreOps changed_ops;
static const ByoStoreOps *real_ops; /* NULL: they are the store's */

ByoStoreOps *flow_store_ops(const ByoStoreOps **real_r)
{
    const ByoStoreOps **ops = (const ByoStoreOps **)(void *)store;
    real_ops = *real_r = *ops;
    changed_ops = **ops;
    *ops = &changed_ops;
    return &changed_ops;
}

void flow_stop(void)
{
    if (real_ops)
        *(const ByoStoreOps **)(void *)store = real_ops;
    real_ops = NULL;
    close_flow();
    if (flow_in_memory) {
        byo_store_close(store);
        store = NULL;
    }
    free_inputs();
    free_outs();
    byo_conf_free(conf);
    byo_matcher_destroy(standard);
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    box_lines[0] = 0;
    features = 0;
    advanced = NULL;
    memset(events, 0, sizeof events);
}

/* -- inputs ---------------------------------------------------------------------------------------*/

static void add_input(ByoInput *in)
{
    in->next = NULL;
    *last = in;
    last = &in->next;
}

ByoInput *give(ByoInputKind kind)
{
    ByoInput *in = byo_input_create(kind, 0);
    add_input(in);
    return in;
}

ByoInput *give_sms(ByoInputKind kind, const ByoSms *sms)
{
    ByoBuf body = {0};
    byo_frame_put_sms(sms, &body);
    ByoInput *in = byo_input_create(kind, body.n);
    memcpy((char *)in->frame.p, body.p, body.n);
    byo_buf_free(&body);
    ck_assert(byo_frame_sms(in->frame, &in->sms));
    add_input(in);
    return in;
}

ByoSms an_mt(const char *from, const char *to, const char *text)
{
    ByoSms sms;
    byo_sms_init(&sms);
    sms.sender = S(from);
    sms.receiver = S(to);
    sms.msgdata = S(text);
    sms.sms_type = BYO_MT_PUSH;
    sms.coding = BYO_CODING_7BIT;
    sms.dlr_mask = BYO_DLR_ALL;
    sms.dlr_url = BYO_STR("http://app.example/report");
    sms.service = BYO_STR("service");
    sms.account = BYO_STR("account");
    sms.time = (int32_t)(now / 1000);
    byo_uuid_make(sms.id);
    return sms;
}

ByoInput *give_mt(ByoConnId conn, const ByoSms *mt)
{
    ByoInput *in = give_sms(BYO_IN_MT, mt);
    in->conn = conn;
    in->named = conn < ANON1;
    in->box = !in->named ? NULL : byo_strdup(conn == BOX1 ? "box1" : "box2");
    return in;
}

void send_mt(ByoConnId conn, const ByoSms *mt)
{
    give_mt(conn, mt);
    turn();
}

ByoSms plain(const char *text)
{
    return an_mt("+" NUMBER_A, PHONE, text);
}

void give_peer_up(ByoConnId conn, const char *box)
{
    ByoInput *in = give(BYO_IN_PEER_UP);
    in->conn = conn;
    in->named = box != NULL;
    in->box = byo_strdup(box);
}

void give_peer_down(ByoConnId conn)
{
    give(BYO_IN_PEER_DOWN)->conn = conn;
}

void give_link(ByoLinkKind link, bool up)
{
    ByoInput *in = give(up ? BYO_IN_LINK_UP : BYO_IN_LINK_DOWN);
    in->link = link;
    in->failed = 1;
    in->conn = link == BYO_LINK_OWN ? OWN : ANON;
}

ByoSms an_mo(const char *from, const char *to, const char *text)
{
    ByoSms sms;
    byo_sms_init(&sms);
    sms.sender = S(from);
    sms.receiver = S(to);
    sms.msgdata = S(text);
    sms.sms_type = BYO_MO;
    sms.coding = BYO_CODING_7BIT;
    sms.smsc_id = BYO_STR("carrier-a");
    sms.time = (int32_t)(now / 1000);
    byo_uuid_make(sms.id);
    return sms;
}

ByoInput *give_mo(const ByoSms *mo)
{
    ByoInput *in = give_sms(BYO_IN_SMS, mo);
    in->conn = ANON;
    in->link = BYO_LINK_ANON;
    return in;
}

void give_mos(int from, int to)
{
    for (int i = from; i < to; i++) {
        char text[20];
        snprintf(text, sizeof text, "%d", i);
        ByoSms mo = an_mo(PHONE, NUMBER_A, text);
        give_mo(&mo);
    }
}

void give_peer_ack(const Out *delivered, ByoAck nack)
{
    ByoInput *in = give(BYO_IN_PEER_ACK);
    in->conn = delivered->conn;
    in->token = delivered->token;
    in->nack = nack;
}

void give_own_ack(const Out *segment, ByoAck nack)
{
    ByoInput *in = give(BYO_IN_OWN_ACK);
    in->conn = OWN;
    in->nack = nack;
    memcpy(in->uuid, segment->sms.id, sizeof in->uuid);
}

void give_report(const Out *segment, int mask, const char *text, const char *foreign_id)
{
    ByoSms sms;
    byo_sms_init(&sms);
    sms.sender = segment->sms.sender;
    sms.receiver = segment->sms.receiver;
    sms.msgdata = S(text);
    sms.sms_type = BYO_REPORT_MO;
    sms.dlr_mask = mask;
    sms.dlr_url = segment->sms.dlr_url;
    sms.smsc_id = segment->sms.smsc_id;
    sms.boxc_id = segment->sms.boxc_id;
    sms.service = segment->sms.service;
    sms.time = (int32_t)(now / 1000);
    sms.foreign_id = foreign_id ? S(foreign_id) : BYO_STR_NONE;
    byo_uuid_make(sms.id);
    ByoInput *in = give_sms(BYO_IN_SMS, &sms);
    in->conn = OWN;
    in->link = BYO_LINK_OWN;
}

void give_accepted(const Out *segment)
{
    char id[40];
    snprintf(id, sizeof id, "id-%.20s", segment->sms.id);
    give_own_ack(segment, BYO_ACK_SUCCESS);
    give_report(segment, BYO_DLR_SMSC_SUCCESS, "ACK/", id);
}

void give_delivered(const Out *segment)
{
    give_report(segment, BYO_DLR_SUCCESS, "id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:", "1");
}

void give_nack(const Out *segment, const char *text)
{
    give_own_ack(segment, BYO_ACK_SUCCESS);
    give_report(segment, BYO_DLR_SMSC_FAIL, text, NULL);
}

/* -- turns ----------------------------------------------------------------------------------------*/

static void collect(void)
{
    free_outs();
    const ByoOutputs *o = &the_turn.out;
    outs = byo_zalloc((o->n + 1) * sizeof *outs);
    for (size_t i = 0; i < o->n; i++) {
        const ByoOutput *from = &o->items[i];
        Out *to = &outs[n_outs++];
        to->kind = from->kind;
        to->conn = from->conn;
        to->token = from->token;
        to->nack = from->nack;
        memcpy(to->uuid, from->uuid, sizeof to->uuid);
        if (from->kind == BYO_OUT_DELIVER || from->kind == BYO_OUT_SEGMENT) {
            byo_buf_add(&to->frame, o->bytes.p + from->at, from->length);
            ck_assert(byo_frame_sms(byo_buf_str(&to->frame), &to->sms));
            if (to->sms.meta_data.n)
                ck_assert(byo_meta_parse(to->sms.meta_data, &to->meta));
        }
    }
    byo_turn_done(&the_turn);
}

ByoTurn *begin(void)
{
    byo_turn_begin(&the_turn, store, now);
    return &the_turn;
}

void commit(void)
{
    ck_assert_msg(byo_turn_commit(&the_turn) == BYO_STORE_OK, "%s", byo_store_error(store));
    byo_turn_done(&the_turn);
}

void take_facts(void)
{
    for (const ByoInput *in = first; in; in = in->next)
        if (n_again)
            n_again--;
        else
            byo_flow_fact(flow, in);
}

void attempt(void (*calls)(ByoTurn *t))
{
    begin();
    byo_flow_inputs(flow, &the_turn, first);
    if (calls)
        calls(&the_turn);
    byo_flow_tick(flow, &the_turn);
}

void turn_kept(void)
{
    free_inputs();
    collect();
    ck_counts();
}

void turn_refused(void)
{
    ByoInput *again = NULL, **end = &again;
    while (first) {
        ByoInput *in = first;
        first = in->next;
        if (!byo_flow_refuse(flow, &the_turn, in, BYO_STORE_FULL)) {
            byo_input_free(in);
            continue;
        }
        in->next = NULL;
        *end = in;
        end = &in->next;
        n_again++;
    }
    collect();
    first = again;
    last = again ? end : &first;
    ck_counts();
}

void turn(void)
{
    take_facts();
    attempt(NULL);
    ck_assert_msg(byo_turn_commit(&the_turn) == BYO_STORE_OK, "%s", byo_store_error(store));
    turn_kept();
}

void turn_fails(void)
{
    take_facts();
    attempt(NULL);
    byo_turn_undo(&the_turn);
    turn_refused();
}

void later(ByoTime ms)
{
    now += ms;
    turn();
}

void wait_out(ByoTime ms)
{
    for (ByoTime end = now + ms; now < end;) {
        later(20);
        if (n_outs)
            return;
    }
}

/* -- what came of it --------------------------------------------------------------------------------*/

size_t count_out(ByoOutputKind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < n_outs; i++)
        n += outs[i].kind == kind;
    return n;
}

const Out *out_of(ByoOutputKind kind, size_t nth)
{
    for (size_t i = 0; i < n_outs; i++)
        if (outs[i].kind == kind && nth-- == 0)
            return &outs[i];
    ck_abort_msg("there is no such output");
    return NULL;
}

const char *byo_key(const Out *o, const char *key)
{
    ByoStr v = byo_meta_get(&o->meta, "byo", key);
    return v.p ? v.p : "";
}

ByoFlowIntegrationStatus status_of(const char *integration)
{
    ByoFlowStatus st;
    byo_flow_status(flow, &st, now);
    for (size_t i = 0; i < st.n; i++)
        if (strcmp(st.integrations[i].id, integration) == 0)
            return st.integrations[i];
    ck_abort_msg("there is no such integration");
    return (ByoFlowIntegrationStatus){0};
}

static ByoId segment_id(const Out *segment)
{
    unsigned long long id = 0;
    ck_assert_int_eq(sscanf(segment->sms.dlr_url.p, "byobox:%llx", &id), 1);
    return (ByoId)id;
}

ByoMessageRow message_of(const Out *o)
{
    ByoId id;
    ByoMessageRow m;
    if (o->kind == BYO_OUT_SEGMENT)
        id = byo_id_message(segment_id(o));
    else
        ck_assert(byo_id_parse(S(byo_key(o, "message")), &id));
    ck_assert_int_eq(byo_store_message(store, id, &m), BYO_STORE_OK);
    return m;
}

ByoSegmentRow segment_of(const Out *segment)
{
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(store, segment_id(segment), &seg), BYO_STORE_OK);
    return seg;
}

void gate(const char *integration, bool open)
{
    ByoFlowGate g = {.open = open};
    byo_flow_gate(flow, begin(), S(integration), &g);
    commit();
}

Out keep(const Out *o)
{
    Out k = *o;
    k.frame = (ByoBuf){0};
    k.meta = (ByoMeta){0};
    byo_buf_add(&k.frame, o->frame.p, o->frame.n);
    ck_assert(byo_frame_sms(byo_buf_str(&k.frame), &k.sms));
    if (k.sms.meta_data.n)
        ck_assert(byo_meta_parse(k.sms.meta_data, &k.meta));
    return k;
}

void drop(Out *o)
{
    byo_buf_free(&o->frame);
    byo_meta_free(&o->meta);
}

void ck_ack(size_t nth, ByoAck wanted)
{
    ck_assert_int_eq(out_of(BYO_OUT_PEER_ACK, nth)->nack, wanted);
}

void ck_text(ByoStr got, const char *wanted)
{
    ck_assert_msg(got.p != NULL && byo_str_is(got, wanted), "\"%.*s\" instead of \"%s\"", BYO_PF(got),
                  wanted);
}

void ck_counts(void)
{
    for (size_t i = 0; i < flow->n_runtimes; i++) {
        const ByoRuntime *rt = &flow->runtimes[i];
        ck_assert_int_eq(rt->handed, byo_store_count_state(store, S(rt->id), BYO_SEG_HANDED));
        ck_assert_int_eq(rt->queued, byo_store_count_state(store, S(rt->id), BYO_SEG_QUEUED));
    }
}
