/* SPDX-License-Identifier: BSD-3-Clause
 * The operations of a store: BYO_OP(result, NAME, parameters, arguments) is byo_store_NAME for those who call it
 * and one function of each implementation. store.h has the types, and the rules that hold for all.
 * Included several times, each time with a BYO_OP of the includer's, which is undefined at the end. */
/* clang-format off */

/* -- transactions ------------------------------------------------------------------------------ */
BYO_OP(void, close, (ByoStore *s), (s)) /* not with NULL: byo_store_close */
/* What the last failed call said, for the log. Never NULL. */
BYO_OP(const char *, error, (const ByoStore *s), (s))
/* False: another store stands where this one was opened: close it, open anew. */
BYO_OP(bool, current, (ByoStore *s), (s))
/* Inside a transaction, or of a reader. May be asked once a second: what costs more is looked up anew less often. */
BYO_OP(void, condition, (ByoStore *s, ByoStoreCondition *c_r), (s, c_r))
BYO_OP(void, begin, (ByoStore *s), (s))
/* Durable when it returns BYO_STORE_OK. Otherwise nothing of the transaction is kept. */
BYO_OP(ByoStoreResult, commit, (ByoStore *s), (s))
/* After a commit that answered BYO_STORE_UNKNOWN, until it answers something else: BYO_STORE_OK: the transaction is
 * kept. BYO_STORE_UNKNOWN: ask again, and begin nothing. Else it is not kept, for this reason. SQLite always knows. */
BYO_OP(ByoStoreResult, outcome, (ByoStore *s), (s))
/* Of the writer's last transaction that is kept: may what it gave out leave? False: the node may be taken for gone
 * meanwhile; when another transaction is kept, even an empty one, it is not, and what was kept before may leave. */
BYO_OP(bool, leased, (ByoStore *s), (s))
/* Until when that is so, by the boot clock; 0: always. */
BYO_OP(ByoTime, lease, (const ByoStore *s), (s))
BYO_OP(void, rollback, (ByoStore *s), (s))
/* While the store waits for an answer from elsewhere, waiting is called some times a second, in the waiting thread, with how
 * many ms it lasts already; it must not use the store. NULL: nobody is told. SQLite asks nobody. */
BYO_OP(void, on_wait, (ByoStore *s, void (*waiting)(void *arg, ByoTime ms), void *arg), (s, waiting, arg))
/* Writes so many octets into the transaction, in place of those of the last probe; 0: takes them out again. */
BYO_OP(void, probe, (ByoStore *s, size_t octets), (s, octets))
BYO_OP(bool, failed, (const ByoStore *s), (s)) /* a write of this transaction failed */
/* Of a reader: the first read that failed since this was asked last; BYO_STORE_OK: none. What it gave is not the whole. */
BYO_OP(ByoStoreResult, read_fault, (ByoStore *s), (s))

/* -- the clock ---------------------------------------------------------------------------------
 * It jumped by so much, to now: what is due, handed over or valid moves with it; what is purged by age is kept so
 * much longer, until all of before the jump is gone. Inside a transaction. */
BYO_OP(void, clock_jumped, (ByoStore *s, ByoTime by, ByoTime now), (s, by, now))
/* Notes what the clock says, so that a start finds out that it was set back meanwhile. last: 0: never noted. */
BYO_OP(void, clock_seen, (ByoStore *s, ByoTime now), (s, now))
BYO_OP(ByoTime, clock_last, (ByoStore *s), (s))

/* -- other writers -------------------------------------------------------------------------------
 * Several may write, each with a slot and segments of its own: those it wrote last. */
/* From 0; -1: this is the only one there can be. */
BYO_OP(int, slot, (const ByoStore *s), (s))
BYO_OP(const char *, node, (const ByoStore *s), (s)) /* its name; "": it has none */
/* As this writer saw them last, without asking; itself first. How many, at most BYO_SLOTS; 0: it is the only one there can be. */
BYO_OP(size_t, nodes, (const ByoStore *s, ByoNode nodes_r[BYO_SLOTS]), (s, nodes_r))
/* What this writer's configuration is, in a word others compare with theirs (ByoNode.policy). */
BYO_OP(void, node_policy, (ByoStore *s, ByoStr policy), (s, policy))
/* What others changed since this was asked last, in their order; the rows of one that is gone become this one's. Inside a
 * transaction, which keeps what was told. Returns in how many ms it wants to be asked again; 0: never. */
BYO_OP(ByoTime, others, (ByoStore *s, void (*each)(void *arg, const ByoChange *c), void *arg), (s, each, arg))
/* Says what this one wants of each rate, and is told what it has; together all have no more than the rate. Inside a
 * transaction: a smaller share is to be kept to at once, a greater one counts when that is kept. Others have what a
 * share shrank by when it is no more held, and those of integrations that are not named. False: all stays as it was. */
BYO_OP(bool, shares, (ByoStore *s, ByoRateShare *shares, size_t n), (s, shares, n))
/* Between two of those: for integrations for which nobody else wants more, a part that is smaller grows to an equal one at most, as far
 * as that is free. It never shrinks, and nobody gives anything up for it: a message may wait for a moment. share: as it is, and then
 * as it has become; of the rest only the integration and the rate are read. False: all stays as it was. */
BYO_OP(bool, share_more, (ByoStore *s, ByoRateShare *shares, size_t n), (s, shares, n))
/* A segment leaves with this transaction for a recipient who did not opt out, as far as this writer knows: digits of our number and of one
 * spelling of his. When another one knows better at the commit, that answers BYO_STORE_AGAIN, and others tells of it. */
BYO_OP(void, leaving, (ByoStore *s, ByoStr number, ByoStr recipient), (s, number, recipient))
/* Waits until no other writer that called this is in its transaction: for what is read and written by several. */
BYO_OP(void, alone, (ByoStore *s), (s))

/* -- ids -------------------------------------------------------------------------------------- */
/* Greater than every id before, whatever the clock does. To be used in the transaction it is made in. */
BYO_OP(ByoId, new_id, (ByoStore *s, ByoTime now), (s, now))

/* -- rows a turn needs --------------------------------------------------------------------------
 * Loads them in one batch. Another writer that changes them before the transaction is over waits, or the commit answers
 * BYO_STORE_AGAIN; rows are locked in order of id.
 * A row that was not wanted is loaded when it is read, each for itself, and counted: since the store was opened. */
BYO_OP(void, want, (ByoStore *s, const ByoWant *wants, size_t n), (s, wants, n))
BYO_OP(int64_t, late_reads, (const ByoStore *s), (s))

/* -- messages ---------------------------------------------------------------------------------*/

BYO_OP(void, message_add, (ByoStore *s, const ByoMessageRow *m, const ByoSegmentRow *segments, int n),
       (s, m, segments, n))
BYO_OP(ByoStoreResult, message, (ByoStore *s, ByoId id, ByoMessageRow *m_r), (s, id, m_r))
/* Everything that changes: state, ended, tally, verdict. */
BYO_OP(void, message_update, (ByoStore *s, const ByoMessageRow *m), (s, m))
BYO_OP(ByoStoreResult, segment, (ByoStore *s, ByoId id, ByoSegmentRow *seg_r), (s, id, seg_r))
/* state, tries, flags, times, verdict, foreign_id. udh and payload stay as they were added. */
BYO_OP(void, segment_update, (ByoStore *s, const ByoSegmentRow *seg), (s, seg))
/* All segments of a message in order. */
BYO_OP(void, segments, (ByoStore *s, ByoId message, void (*each)(void *arg, const ByoSegmentRow *seg), void *arg),
       (s, message, each, arg))
/* A step of a stored message's past (tracking/past.h), which goes with the message. Of others than reports no more is
 * kept than BYO_PAST_OCTETS of lines; of the reports of one type and segment one. steps: appends the lines, based on the
 * message's byo_id_time, reports behind the others. */
BYO_OP(void, step_add, (ByoStore *s, ByoId message, const ByoPast *p), (s, message, p))
BYO_OP(void, steps, (ByoStore *s, ByoId message, ByoBuf *lines), (s, message, lines))

/* -- carriers' message ids -------------------------------------------------------------------------*/
/* Segments that are not over and were given exactly this id, at most max, newest first; where there is none, those
 * that have it among others, ended ones last. */
BYO_OP(int, by_id, (ByoStore *s, ByoStr integration, ByoStr foreign_id, ByoForeign *found_r, int max),
       (s, integration, foreign_id, found_r, max))
/* Segments that are not over whose ids are one of these loosely, at most max, in no order. */
BYO_OP(int, by_loose_id, (ByoStore *s, ByoStr integration, const ByoMsgidForms *forms, ByoForeign *found_r, int max),
       (s, integration, forms, found_r, max))

/* The ids of those of the `newest` segments that have ended, oldest first. */
BYO_OP(void, ended_ids, (ByoStore *s, int newest, void (*each)(void *arg, ByoStr integration, ByoStr foreign_id,
        ByoId segment), void *arg),
       (s, newest, each, arg))
/* Keeps an id of a stored segment; one that is kept already stays as it is. */
/* One without an id, which is not open, stands for the newest try: the carrier was not given it. */
BYO_OP(void, copy_add, (ByoStore *s, ByoId segment, const ByoCopyRow *c), (s, segment, c))
/* The carrier told the end of the copy of this id: it is open no more, and has this verdict. */
BYO_OP(void, copy_end, (ByoStore *s, ByoId segment, const ByoCopyRow *c), (s, segment, c))
/* The ids by try, at most max and BYO_COPIES_MAX; their texts live until the next call and end with a NUL. */
BYO_OP(int, copies, (ByoStore *s, ByoId segment, ByoCopyRow *copies_r, int max), (s, segment, copies_r, max))
/* Whether a segment of the message is marked as a possible duplicate. */
BYO_OP(bool, maybe_duplicate, (ByoStore *s, ByoId message), (s, message))
/* Newest first; from <= created < to, to the millisecond of the id. `each` returns false to stop.
 * With a recipient an index is used; else at most 50,000 rows are looked at in one call, so a page may
 * hold fewer than limit rows, even none, and yet not be the last. *next_r, which may be f's own `before`: that
 * of the next page; 0: this was the last one. */
BYO_OP(ByoStoreResult, messages, (ByoStore *s, const ByoMessageFilter *f, ByoId *next_r, bool (*each)(void *arg,
        const ByoMessageRow *m), void *arg),
       (s, f, next_r, each, arg))

/* Segments QUEUED for an integration that are due, oldest first, at most max; ids only: this writer's. Which state they
 * have shows when they are read. This and the next ones, but for the counts, are of this writer's segments. */
BYO_OP(int, queue_claim, (ByoStore *s, ByoStr integration, ByoTime now, ByoId *ids_r, int max),
       (s, integration, now, ids_r, max))
/* Some of this writer's QUEUED segments become another writer's that may send for the integration, as it said last (shares).
 * True: there may be more. */
BYO_OP(bool, queue_give, (ByoStore *s, ByoStr integration), (s, integration))
/* The same of all integrations but these, which this writer has nothing to do with. */
BYO_OP(bool, queue_give_rest, (ByoStore *s, const ByoStr *ours, size_t n), (s, ours, n))
/* A receipt for a segment another writer has, found by that id: kept among those that wait for their answer, and that writer is
 * told (BYO_CHANGE_LEFT). When it is gone meanwhile, those that see it go are, and so is itself at its start. */
BYO_OP(void, receipt_leave, (ByoStore *s, const ByoForeign *of, ByoStr integration, ByoStr foreign_id, ByoStr frame, ByoTime now),
       (s, of, integration, foreign_id, frame, now))
/* HANDED segments of an integration this writer's bearerbox has. */
BYO_OP(int64_t, handed_here, (ByoStore *s, ByoStr integration), (s, integration))
/* Counted anew: what one of several writers has, segments by integration and state, and what it has inward. Nothing of one
 * that is alone. */
BYO_OP(void, left_at, (ByoStore *s, ByoStr node, void (*each)(void *arg, ByoStr integration, ByoSegState state, int64_t n),
        void *arg, int64_t *inward_r),
       (s, node, each, arg, inward_r))
/* HANDED segments of an integration, those due first first, at most max; ids only. */
BYO_OP(int, handed, (ByoStore *s, ByoStr integration, ByoId *ids_r, int max), (s, integration, ids_r, max))
/* All QUEUED segments, at most max behind *at, which moves on; {0}: from the start. Those that come while one walks
 * may be missed. */
BYO_OP(int, queue_walk, (ByoStore *s, ByoQueuePlace *at, ByoId *ids_r, int max), (s, at, ids_r, max))
/* When the next QUEUED segment of an integration becomes due; 0: none. */
BYO_OP(ByoTime, queue_next, (ByoStore *s, ByoStr integration), (s, integration))
/* How many are QUEUED, and the creation of the oldest among the 1,000 that are due first; 0: none. Counts
 * cost the same however many there are: they are kept, not counted; a reader sees the committed ones. */
BYO_OP(void, queue_depth, (ByoStore *s, ByoStr integration, int64_t *n_r, ByoTime *oldest_r),
       (s, integration, n_r, oldest_r))
/* Segments HANDED or ACCEPTED (state) of an integration. */
BYO_OP(int64_t, count_state, (ByoStore *s, ByoStr integration, ByoSegState state), (s, integration, state))
/* HANDED or ACCEPTED segments whose due (> 0) has passed, at most max, in no order, as this writer's; and when the next
 * is. Where they were wanted, those that became due by the turn itself may be missing: the next one is then at once. */
BYO_OP(int, timers_claim, (ByoStore *s, ByoTime now, ByoId *ids_r, int max), (s, now, ids_r, max))
BYO_OP(ByoTime, timers_next, (ByoStore *s), (s))
/* HANDED segments of an integration, handed over before `before`, whose due lies after `due`: due becomes
 * `due` (a bearerbox that forgot them must not be waited for). */
BYO_OP(void, handed_due_by, (ByoStore *s, ByoStr integration, ByoTime before, ByoTime due),
       (s, integration, before, due))
/* HANDED segments of an integration, handed over before `before`: each is marked as a possible duplicate. */
BYO_OP(void, handed_doubt, (ByoStore *s, ByoStr integration, ByoTime before), (s, integration, before))
/* HANDED segments of an integration, handed over before `before`; unmarked: that are not marked as possible duplicates. */
BYO_OP(int64_t, handed_before, (ByoStore *s, ByoStr integration, ByoTime before, bool unmarked),
       (s, integration, before, unmarked))
/* QUEUED segments whose message's validity ended after `after` and by now, at most max, in no order. Where they were wanted, those
 * that came into a queue by the turn itself may be missing: who puts one there looks at its validity. */
BYO_OP(int, expired, (ByoStore *s, ByoTime after, ByoTime now, ByoId *ids_r, int max), (s, after, now, ids_r, max))

/* -- what is open: not over, or waiting for a smsbox ---------------------------------------------*/
/* Messages with a segment that is not over and an id > after, ascending, at most max. Returns how many. */
BYO_OP(int, open_messages, (ByoStore *s, ByoId after, int max, bool (*each)(void *arg, ByoId message), void *arg),
       (s, after, max, each, arg))

/* -- erasure on request ------------------------------------------------------------------------------*/
/* A message with its frame and segments, whatever their state. Returns how many segments. */
BYO_OP(int, message_remove, (ByoStore *s, ByoId id), (s, id))
/* Texts that came in from a recipient (digits), of opt-outs and opt-ins; the rows stay. Returns how many. */
BYO_OP(int, opt_forget_texts, (ByoStore *s, ByoStr recipient), (s, recipient))
/* Takes a number (digits) out of all events' texts, the last of an erasure: what no list shows any more of his goes, too. Returns
 * how many events. */
BYO_OP(int, event_forget, (ByoStore *s, ByoStr digits), (s, digits))
BYO_OP(int, early_all, (ByoStore *s, ByoId after, int max, bool (*each)(void *arg, ByoId id, ByoStr frame),
        void *arg),
       (s, after, max, each, arg))

/* -- what memory must know again after a start -------------------------------------------------*/
/* Messages with a keyword (replies of our own) made at since or later, oldest first. */
BYO_OP(void, replies, (ByoStore *s, ByoTime since, void (*each)(void *arg, ByoStr number, ByoStr recipient,
        int keyword, ByoTime sent), void *arg),
       (s, since, each, arg))
/* The newest `newest` messages of smsboxes, oldest first. box: absent for the anonymous. refused: it was never taken. */
BYO_OP(void, taken, (ByoStore *s, int newest, void (*each)(void *arg, ByoStr box, ByoStr uuid, ByoStr frame,
        bool refused), void *arg),
       (s, newest, each, arg))
/* The same of these MTs, as far as another writer may have taken them, made at since or later, among the newest 10 of each
 * recipient. */
BYO_OP(void, taken_of, (ByoStore *s, const ByoMtLook *looks, size_t n, ByoTime since, void (*each)(void *arg,
        ByoStr box, ByoStr uuid, ByoStr frame, bool refused), void *arg),
       (s, looks, n, since, each, arg))
/* UDH of the first segment and recipient of the long ones among the newest `newest` messages, oldest first. */
BYO_OP(void, long_messages, (ByoStore *s, int newest, void (*each)(void *arg, ByoStr recipient, ByoStr udh),
        void *arg),
       (s, newest, each, arg))
/* QUEUED segments of an integration that had been handed over and are due later than `after`. */
BYO_OP(void, backing_off, (ByoStore *s, ByoStr integration, ByoTime after, int max, void (*each)(void *arg,
        ByoId segment, ByoStr number, ByoStr recipient), void *arg),
       (s, integration, after, max, each, arg))

/* -- inward: reports and MOs on their way to a smsbox ------------------------------------------*/
/* The id of a row that is added in the same transaction. Ids grow within one destination; they are no message ids and
 * tell no time. 0: there is no room: the smsbox-id is a new one and rows wait for BYO_STORE_DESTINATIONS others. */
BYO_OP(ByoId, inward_id, (ByoStore *s, bool named, ByoStr box, ByoTime now), (s, named, box, now))
BYO_OP(void, inward_add, (ByoStore *s, const ByoInwardRow *row), (s, row))
BYO_OP(void, inward_remove, (ByoStore *s, ByoId id), (s, id))
/* Rows for one destination, oldest first, at most max: nobody's, which become this writer's, and of this writer's own
 * those with id > after. */
BYO_OP(int, inward_claim, (ByoStore *s, bool named, ByoStr box, ByoId after, int max, void (*each)(void *arg,
        const ByoInwardRow *row), void *arg),
       (s, named, box, after, max, each, arg))
/* Rows for one destination that are this writer's, at most max, become nobody's: no smsbox of it is here. True: there may
 * be more. */
BYO_OP(bool, inward_release, (ByoStore *s, bool named, ByoStr box, int max), (s, named, box, max))
/* As inward_claim without claiming: those that are nobody's or this writer's; no other one takes them before the transaction is
 * over. */
BYO_OP(int, inward_old, (ByoStore *s, bool named, ByoStr box, ByoId after, int max, void (*each)(void *arg,
        const ByoInwardRow *row), void *arg),
       (s, named, box, after, max, each, arg))
/* Of all destinations, id > after; at most max. False from each stops. */
BYO_OP(int, inward_all, (ByoStore *s, ByoId after, int max, bool (*each)(void *arg, const ByoInwardRow *row),
        void *arg),
       (s, after, max, each, arg))
BYO_OP(int64_t, inward_count, (ByoStore *s), (s))
/* Of one destination. The writer's: a reader is told 0. */
BYO_OP(int64_t, inward_waiting, (ByoStore *s, bool named, ByoStr box), (s, named, box))
/* Destinations that have rows. The writer's: a reader is told 0. */
BYO_OP(int64_t, inward_destinations, (ByoStore *s), (s))
/* Rows of a destination that were added before t have smaller ids than this; 0: it has none. */
BYO_OP(ByoId, inward_before, (ByoStore *s, bool named, ByoStr box, ByoTime t), (s, named, box, t))
/* Distinct destinations that have rows. */
BYO_OP(void, inward_boxes, (ByoStore *s, void (*each)(void *arg, bool named, ByoStr box), void *arg), (s, each, arg))
/* Receipts that came before the answer to their submit (receipts-to-box), under one id or two (the second may be
 * absent). next: the one after `at` (zero-initialised: the first) whose id is one of the forms, those whose id is
 * foreign_id exactly first, then the oldest; its frame in *frame; 0: there is none. remove: it and what names its
 * other id. purge: how many rows it removed. */
BYO_OP(void, early_add, (ByoStore *s, ByoStr integration, const ByoStr foreign_ids[2], ByoStr frame, ByoTime now),
       (s, integration, foreign_ids, frame, now))
BYO_OP(ByoId, early_next, (ByoStore *s, ByoStr integration, ByoStr foreign_id, const ByoMsgidForms *forms,
        ByoEarlyAt *at, ByoBuf *frame),
       (s, integration, foreign_id, forms, at, frame))
BYO_OP(void, early_remove, (ByoStore *s, ByoId id), (s, id))
BYO_OP(int64_t, early_count, (const ByoStore *s), (s)) /* rows; the writer's */
BYO_OP(int, early_purge, (ByoStore *s, ByoTime before, int max), (s, before, max))

/* MOs that were taken, by their UUIDs. Purge forgets those older than three days. */
BYO_OP(bool, mo_known, (ByoStore *s, ByoStr uuid), (s, uuid))
BYO_OP(void, mo_note, (ByoStore *s, ByoStr uuid, ByoTime now), (s, uuid, now)) /* one that is known stays */

/* -- numbers (spec N1-N6) -----------------------------------------------------------------------*/
/* In place of the one before, if there is one, as the row says. */
BYO_OP(void, number_put, (ByoStore *s, const ByoNumberRow *n), (s, n))
/* The number is remembered as one that left; its `since` becomes a new id. */
BYO_OP(void, number_remove, (ByoStore *s, ByoStr digits, ByoTime now), (s, digits, now))
/* Of one that left and did not come back: digits, short_code, integration, compliance and since. */
BYO_OP(ByoStoreResult, number_left, (ByoStore *s, ByoStr digits, ByoNumberRow *n_r), (s, digits, n_r))
/* Forgets those that left before. Returns how many. */
BYO_OP(int, number_left_purge, (ByoStore *s, ByoTime before), (s, before))
BYO_OP(ByoStoreResult, number, (ByoStore *s, ByoStr digits, ByoNumberRow *n_r), (s, digits, n_r))
BYO_OP(int64_t, number_count, (ByoStore *s, ByoStr integration), (s, integration))
/* After a digits text, ascending; absent filters mean any. */
BYO_OP(void, numbers, (ByoStore *s, ByoStr integration, ByoStr type, ByoStr after, int max, bool (*each)(void *arg,
        const ByoNumberRow *n), void *arg),
       (s, integration, type, after, max, each, arg))

/* -- opt-outs (spec K4, K5) ----------------------------------------------------------------------*/
/* History and current set. An opt-out adds the row (number, recipient, reading_of) to those that keep the pair
 * opted out; an opt-in takes all rows of the pair away, with reading_of only that one. */
BYO_OP(void, opt_add, (ByoStore *s, const ByoOptRow *o, ByoTime now), (s, o, now))
/* What was answered: of the pair's newest row with an id before `before`, if the recipient made it. */
BYO_OP(void, opt_answer, (ByoStore *s, ByoStr number, ByoStr recipient, ByoId before, ByoStr answer),
       (s, number, recipient, before, answer))
/* The rows that keep pairs opted out now, in order of their pairs. */
BYO_OP(void, opt_outs, (ByoStore *s, bool (*each)(void *arg, ByoStr number, ByoStr recipient, ByoStr reading_of),
        void *arg),
       (s, each, arg))
BYO_OP(bool, opted_out, (ByoStore *s, ByoStr number, ByoStr recipient), (s, number, recipient))
/* Not only as another reading of somebody's digits. */
BYO_OP(bool, opted_out_itself, (ByoStore *s, ByoStr number, ByoStr recipient), (s, number, recipient))
/* The recipients that are opted out as other readings of this one's digits. */
BYO_OP(void, opt_readings, (ByoStore *s, ByoStr number, ByoStr reading_of, void (*each)(void *arg,
        ByoStr recipient), void *arg),
       (s, number, reading_of, each, arg))
/* History, newest first. */
BYO_OP(void, opt_history, (ByoStore *s, const ByoOptFilter *f, bool (*each)(void *arg, const ByoOptRow *o),
        void *arg),
       (s, f, each, arg))
/* Current opt-outs with the row that made each, newest first. */
BYO_OP(void, opt_current, (ByoStore *s, const ByoOptFilter *f, bool (*each)(void *arg, const ByoOptRow *o),
        void *arg),
       (s, f, each, arg))

/* -- settings that hold over restarts ---------------------------------------------------------------*/
/* Appends the value; false: there is none. */
BYO_OP(bool, setting, (ByoStore *s, const char *name, ByoBuf *value), (s, name, value))
BYO_OP(void, setting_put, (ByoStore *s, const char *name, ByoStr value), (s, name, value)) /* absent: removes it */

/* -- inbound messages ------------------------------------------------------------------------------*/
BYO_OP(void, inbound_add, (ByoStore *s, const ByoInboundRow *row), (s, row)) /* created: the id's */
BYO_OP(ByoStoreResult, inbound, (ByoStore *s, ByoId id, ByoInboundRow *row_r), (s, id, row_r))
/* As messages; of the filter recipient is the sender, state, cause, carrier_code and doubt say nothing. */
BYO_OP(ByoStoreResult, inbounds, (ByoStore *s, const ByoMessageFilter *f, ByoId *next_r, bool (*each)(void *arg,
        const ByoInboundRow *row), void *arg),
       (s, f, next_r, each, arg))
/* Removes all of a sender (digits). Returns how many. */
BYO_OP(int, inbound_forget, (ByoStore *s, ByoStr sender), (s, sender))

/* -- statistics --------------------------------------------------------------------------------------*/
/* Appends the counts; false: there are none. */
BYO_OP(bool, statistic, (ByoStore *s, ByoSpan span, ByoTime at, ByoStr integration, ByoBuf *counts),
       (s, span, at, integration, counts))
/* In place of those before; absent: removes them. */
BYO_OP(void, statistic_put, (ByoStore *s, ByoSpan span, ByoTime at, ByoStr integration, ByoStr counts),
       (s, span, at, integration, counts))
/* Of from <= at < to, by time, then by integration. False from each stops. */
BYO_OP(void, statistics, (ByoStore *s, ByoSpan span, ByoTime from, ByoTime to, bool (*each)(void *arg,
        const ByoStatisticRow *row), void *arg),
       (s, span, from, to, each, arg))
BYO_OP(void, statistics_purge, (ByoStore *s, ByoSpan span, ByoTime before), (s, span, before))

/* -- integrations' states (spec L1-L4) ------------------------------------------------------------*/
BYO_OP(void, integration_put, (ByoStore *s, const ByoIntegrationRow *i), (s, i))
/* What is seen of one: state, reason, since and applied, each writer's own. What is wanted, and whether it is deleted, is
 * kept with the first row of it alone. */
BYO_OP(void, integration_seen, (ByoStore *s, const ByoIntegrationRow *i), (s, i))
/* What each of several writers keeps of each, by integration; nothing of one that is alone. wanted and deleted say nothing. */
BYO_OP(void, integrations_seen, (ByoStore *s, void (*each)(void *arg, const ByoIntegrationSeen *i), void *arg),
       (s, each, arg))
BYO_OP(ByoStoreResult, integration, (ByoStore *s, ByoStr id, ByoIntegrationRow *i_r), (s, id, i_r))
/* Of this writer; the mark that it is deleted goes with the last writer that saw it. */
BYO_OP(void, integration_forget, (ByoStore *s, ByoStr id), (s, id))
BYO_OP(void, integrations, (ByoStore *s, void (*each)(void *arg, const ByoIntegrationRow *i), void *arg),
       (s, each, arg))

/* -- events (spec L5) and audit (spec A1) -------------------------------------------------------*/
BYO_OP(ByoId, event_add, (ByoStore *s, const ByoEventRow *e, ByoTime now), (s, e, now))
BYO_OP(void, event_repeat, (ByoStore *s, ByoId id, int64_t count, ByoTime last), (s, id, count, last))
BYO_OP(void, events, (ByoStore *s, const ByoEventFilter *f, bool (*each)(void *arg, const ByoEventRow *e), void *arg),
       (s, f, each, arg))
BYO_OP(void, audit_add, (ByoStore *s, const ByoAuditRow *a, ByoTime now), (s, a, now))
BYO_OP(void, audit, (ByoStore *s, ByoId before, int max, bool (*each)(void *arg, const ByoAuditRow *a), void *arg),
       (s, before, max, each, arg))

/* Removes about max rows at most (a message counts with its segments): messages that ended before, events
 * last seen before, MO UUIDs three days older than the newest. Audit and opt-out history stay.
 * True: there may be more to remove, from *at on ({0}: from the start). When it is false and something went, the commit that follows cuts the
 * write-ahead log to nothing, so that no octet of it is left in a file; while a reader is in the way, a later
 * commit does. Inside a transaction, as every write. */
BYO_OP(bool, purge, (ByoStore *s, ByoTime messages_before, ByoTime events_before, int max, ByoPurgePlace *at),
       (s, messages_before, events_before, max, at))

#undef BYO_OP
