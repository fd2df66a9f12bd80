/* SPDX-License-Identifier: BSD-3-Clause
 * What the bearerbox behind us can do beyond stock 1.4.5 (config key bearerbox-features; each is
 * one of patches/). 0 = stock. */
#ifndef BYO_BASE_FEATURES_H
#define BYO_BASE_FEATURES_H

/* Bit, and the name in bearerbox-features and in bearerbox's <features>. */
#define BYO_FEATURES(X) \
    X(BYO_FEATURE_RAW_PAYLOAD, 1, "raw-payload") \
    X(BYO_FEATURE_SUBMIT_STATUS, 2, "submit-status") \
    X(BYO_FEATURE_RECEIPTS_TO_BOX, 4, "receipts-to-box") \
    X(BYO_FEATURE_MO_RAW, 8, "mo-raw") \
    X(BYO_FEATURE_VERIFIED_TLS, 16, "verified-tls") \
    X(BYO_FEATURE_BIND_RETRY, 32, "bind-retry") \
    X(BYO_FEATURE_LONG_PASSWORD, 64, "long-password")

enum {
#define X(bit, value, name) bit = value,
    BYO_FEATURES(X)
#undef X
        BYO_FEATURE_ALL = 127
};

#endif
