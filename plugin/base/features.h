/* SPDX-License-Identifier: BSD-3-Clause
 * What the bearerbox behind us can do beyond stock 1.4.5 (config key bearerbox-features; each is
 * one of patches/). 0 = stock. */
#ifndef BYO_BASE_FEATURES_H
#define BYO_BASE_FEATURES_H

enum {
    BYO_FEATURE_RAW_PAYLOAD = 1,     /* raw-payload */
    BYO_FEATURE_SUBMIT_STATUS = 2,   /* submit-status */
    BYO_FEATURE_RECEIPTS_TO_BOX = 4, /* receipts-to-box */
    BYO_FEATURE_MO_RAW = 8,          /* mo-raw */
    BYO_FEATURE_VERIFIED_TLS = 16,   /* verified-tls */
    BYO_FEATURE_BIND_RETRY = 32,     /* bind-retry */
    BYO_FEATURE_ALL = 63
};

#endif
