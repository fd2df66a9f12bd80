/* SPDX-License-Identifier: BSD-3-Clause
 * What a user of the admin port may do (spec A1): the one list of permissions. The configuration's names, the API's
 * routes, docs/openapi.yaml and the user guide are held against it.
 * Ownership and threads: constants. */
#ifndef BYO_BASE_PERMISSIONS_H
#define BYO_BASE_PERMISSIONS_H

/* symbol, name in `permissions` of a byo-user and in the API. */
#define BYO_PERMISSIONS(X) \
    X(VIEW, "view") /* integrations, status, messages, statistics */ \
    X(ACTIVATE, "activate") \
    X(DEACTIVATE, "deactivate") \
    X(DELETE, "delete") \
    X(NUMBERS, "numbers") \
    X(OPT_OUTS, "opt-outs") \
    X(EVENTS, "events") \
    X(ADD, "add")             /* integrations that are new */ \
    X(EDIT, "edit")           /* integrations that are there */ \
    X(SEND_TEST, "send-test") /* test messages */

/* What only the built-in users `status` and `admin` are given. Who may view has STATUS, too. */
#define BYO_BUILT_IN_PERMISSIONS(X) \
    X(STATUS, "status") /* status, metrics, integrations */ \
    X(AUDIT, "audit")   /* the admin's */

enum {
#define X(symbol, name) BYO_PERMISSION_AT_##symbol,
    BYO_PERMISSIONS(X) BYO_BUILT_IN_PERMISSIONS(X) BYO_PERMISSIONS_END
#undef X
};

enum {
#define X(symbol, name) BYO_CAN_##symbol = 1 << BYO_PERMISSION_AT_##symbol,
    BYO_PERMISSIONS(X) BYO_BUILT_IN_PERMISSIONS(X)
#undef X
        BYO_CAN_GRANTED = BYO_CAN_STATUS - 1,    /* `all` of a byo-user */
    BYO_CAN_ALL = (1 << BYO_PERMISSIONS_END) - 1 /* the admin */
};

#endif
