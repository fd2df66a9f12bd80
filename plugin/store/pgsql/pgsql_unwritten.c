/* SPDX-License-Identifier: BSD-3-Clause
 * Operations that are not written yet. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

void byo_pgsql_clock_jumped(ByoStore *s, ByoTime by, ByoTime now)
{
    abort();
}
void byo_pgsql_clock_seen(ByoStore *s, ByoTime now)
{
    abort();
}
ByoTime byo_pgsql_clock_last(ByoStore *s)
{
    abort();
}
int byo_pgsql_expired(ByoStore *s, ByoTime after, ByoTime now, ByoId *ids_r, int max)
{
    abort();
}
int byo_pgsql_message_remove(ByoStore *s, ByoId id)
{
    abort();
}
int byo_pgsql_opt_forget_texts(ByoStore *s, ByoStr recipient)
{
    abort();
}
int byo_pgsql_event_forget(ByoStore *s, ByoStr digits)
{
    abort();
}
int byo_pgsql_early_all(ByoStore *s, ByoId after, int max, bool (*each)(void *arg, ByoId id, ByoStr frame),
                        void *arg)
{
    abort();
}
ByoId byo_pgsql_inward_id(ByoStore *s, bool named, ByoStr box, ByoTime now)
{
    abort();
}
void byo_pgsql_inward_add(ByoStore *s, const ByoInwardRow *row)
{
    abort();
}
void byo_pgsql_inward_remove(ByoStore *s, ByoId id)
{
    abort();
}
int byo_pgsql_inward_claim(ByoStore *s, bool named, ByoStr box, ByoId after, int max,
                           void (*each)(void *arg, const ByoInwardRow *row), void *arg)
{
    abort();
}
int byo_pgsql_inward_all(ByoStore *s, ByoId after, int max, bool (*each)(void *arg, const ByoInwardRow *row),
                         void *arg)
{
    abort();
}
int64_t byo_pgsql_inward_count(ByoStore *s)
{
    abort();
}
int64_t byo_pgsql_inward_waiting(ByoStore *s, bool named, ByoStr box)
{
    abort();
}
int64_t byo_pgsql_inward_destinations(ByoStore *s)
{
    abort();
}
ByoId byo_pgsql_inward_before(ByoStore *s, bool named, ByoStr box, ByoTime t)
{
    abort();
}
void byo_pgsql_inward_boxes(ByoStore *s, void (*each)(void *arg, bool named, ByoStr box), void *arg)
{
    abort();
}
void byo_pgsql_early_add(ByoStore *s, ByoStr integration, const ByoStr foreign_ids[2], ByoStr frame,
                         ByoTime now)
{
    abort();
}
ByoId byo_pgsql_early_next(ByoStore *s, ByoStr integration, ByoStr foreign_id, const ByoMsgidForms *forms,
                           ByoEarlyAt *at, ByoBuf *frame)
{
    abort();
}
void byo_pgsql_early_remove(ByoStore *s, ByoId id)
{
    abort();
}
int64_t byo_pgsql_early_count(const ByoStore *s)
{
    abort();
}
int byo_pgsql_early_purge(ByoStore *s, ByoTime before, int max)
{
    abort();
}
bool byo_pgsql_mo_known(ByoStore *s, ByoStr uuid)
{
    abort();
}
void byo_pgsql_mo_note(ByoStore *s, ByoStr uuid, ByoTime now)
{
    abort();
}
void byo_pgsql_number_put(ByoStore *s, const ByoNumberRow *n)
{
    abort();
}
void byo_pgsql_number_remove(ByoStore *s, ByoStr digits, ByoTime now)
{
    abort();
}
ByoStoreResult byo_pgsql_number_left(ByoStore *s, ByoStr digits, ByoNumberRow *n_r)
{
    abort();
}
int byo_pgsql_number_left_purge(ByoStore *s, ByoTime before)
{
    abort();
}
ByoStoreResult byo_pgsql_number(ByoStore *s, ByoStr digits, ByoNumberRow *n_r)
{
    abort();
}
int64_t byo_pgsql_number_count(ByoStore *s, ByoStr integration)
{
    abort();
}
void byo_pgsql_numbers(ByoStore *s, ByoStr integration, ByoStr type, ByoStr after, int max,
                       bool (*each)(void *arg, const ByoNumberRow *n), void *arg)
{
    abort();
}
void byo_pgsql_opt_add(ByoStore *s, const ByoOptRow *o, ByoTime now)
{
    abort();
}
void byo_pgsql_opt_answer(ByoStore *s, ByoStr number, ByoStr recipient, ByoId before, ByoStr answer)
{
    abort();
}
void byo_pgsql_opt_outs(ByoStore *s,
                        bool (*each)(void *arg, ByoStr number, ByoStr recipient, ByoStr reading_of),
                        void *arg)
{
    abort();
}
bool byo_pgsql_opted_out(ByoStore *s, ByoStr number, ByoStr recipient)
{
    abort();
}
bool byo_pgsql_opted_out_itself(ByoStore *s, ByoStr number, ByoStr recipient)
{
    abort();
}
void byo_pgsql_opt_readings(ByoStore *s, ByoStr number, ByoStr reading_of,
                            void (*each)(void *arg, ByoStr recipient), void *arg)
{
    abort();
}
void byo_pgsql_opt_history(ByoStore *s, const ByoOptFilter *f, bool (*each)(void *arg, const ByoOptRow *o),
                           void *arg)
{
    abort();
}
void byo_pgsql_opt_current(ByoStore *s, const ByoOptFilter *f, bool (*each)(void *arg, const ByoOptRow *o),
                           void *arg)
{
    abort();
}
bool byo_pgsql_setting(ByoStore *s, const char *name, ByoBuf *value)
{
    abort();
}
void byo_pgsql_setting_put(ByoStore *s, const char *name, ByoStr value)
{
    abort();
}
void byo_pgsql_inbound_add(ByoStore *s, const ByoInboundRow *row)
{
    abort();
}
ByoStoreResult byo_pgsql_inbound(ByoStore *s, ByoId id, ByoInboundRow *row_r)
{
    abort();
}
ByoStoreResult byo_pgsql_inbounds(ByoStore *s, const ByoMessageFilter *f, ByoId *next_r,
                                  bool (*each)(void *arg, const ByoInboundRow *row), void *arg)
{
    abort();
}
int byo_pgsql_inbound_forget(ByoStore *s, ByoStr sender)
{
    abort();
}
bool byo_pgsql_statistic(ByoStore *s, ByoSpan span, ByoTime at, ByoStr integration, ByoBuf *counts)
{
    abort();
}
void byo_pgsql_statistic_put(ByoStore *s, ByoSpan span, ByoTime at, ByoStr integration, ByoStr counts)
{
    abort();
}
void byo_pgsql_statistics(ByoStore *s, ByoSpan span, ByoTime from, ByoTime to,
                          bool (*each)(void *arg, const ByoStatisticRow *row), void *arg)
{
    abort();
}
void byo_pgsql_statistics_purge(ByoStore *s, ByoSpan span, ByoTime before)
{
    abort();
}
void byo_pgsql_integration_put(ByoStore *s, const ByoIntegrationRow *i)
{
    abort();
}
ByoStoreResult byo_pgsql_integration(ByoStore *s, ByoStr id, ByoIntegrationRow *i_r)
{
    abort();
}
void byo_pgsql_integration_forget(ByoStore *s, ByoStr id)
{
    abort();
}
void byo_pgsql_integrations(ByoStore *s, void (*each)(void *arg, const ByoIntegrationRow *i), void *arg)
{
    abort();
}
ByoId byo_pgsql_event_add(ByoStore *s, const ByoEventRow *e, ByoTime now)
{
    abort();
}
void byo_pgsql_event_repeat(ByoStore *s, ByoId id, int64_t count, ByoTime last)
{
    abort();
}
void byo_pgsql_events(ByoStore *s, const ByoEventFilter *f, bool (*each)(void *arg, const ByoEventRow *e),
                      void *arg)
{
    abort();
}
void byo_pgsql_audit_add(ByoStore *s, const ByoAuditRow *a, ByoTime now)
{
    abort();
}
void byo_pgsql_audit(ByoStore *s, ByoId before, int max, bool (*each)(void *arg, const ByoAuditRow *a),
                     void *arg)
{
    abort();
}
bool byo_pgsql_purge(ByoStore *s, ByoTime messages_before, ByoTime events_before, int max, ByoPurgePlace *at)
{
    abort();
}
