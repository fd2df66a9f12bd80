/* SPDX-License-Identifier: BSD-3-Clause
 * What the files about numbers share.
 * Ownership and threads: api_private.h. */
#ifndef BYO_ADMIN_API_NUMBERS_H
#define BYO_ADMIN_API_NUMBERS_H

#include "admin/api_private.h"

enum { BYO_API_NUMBER_DEPTH = 8, BYO_API_CSV_ROWS = 50000 };

ByoJson *byo_api_number_json(const ByoApiCall *c, const ByoNumberRow *row);
/* number-changed; inside a change. what: "imported", "changed", "deleted". */
void byo_api_number_event(const ByoAdminTurn *turn, const ByoApiCall *c, const char *number,
                          const char *integration, const char *what);
/* Replies nobody could send are refused where they are set (field S6). False: *fault_r says which and why. */
bool byo_api_texts_carried(const ByoApiCall *c, ByoStr integration, const ByoCompliance *texts,
                           ByoComplianceFault *fault_r);
/* The member of the API's JSON a fault is about. */
const char *byo_api_texts_field(const ByoComplianceFault *fault, char buf[64]);

#endif
