/* SPDX-License-Identifier: BSD-3-Clause
 * bearerbox's admin port: its status page, and asking it to read its configuration again
 * (host H12).
 * Ownership: the caller frees what is made. Threads: any; a call blocks for a few seconds at most. */
#ifndef BYO_LINK_STATUS_PAGE_H
#define BYO_LINK_STATUS_PAGE_H

#include "base/clock.h"
#include "base/str.h"

typedef struct {
    char smsc_id[64], admin_id[64];
    enum { BYO_BIND_ONLINE, BYO_BIND_CONNECTING, BYO_BIND_DEAD, BYO_BIND_DISCONNECTED, BYO_BIND_OTHER } state;
    int64_t online_for; /* seconds it has been online, -1: it is not, or not told */
    int64_t queued, failed, sent, received;
    int64_t bind_status; /* patched bearerbox: command_status of the last bind answer; -1: not told */
    char bind_text[64]; /* patched: "0x0000000e/Invalid Password", "connect/hostname mismatch"; "" not told */
    ByoTime bind_time;  /* patched: when; 0: not told */
} ByoStatusBind;

typedef struct {
    char type[16], id[64], ip[48];
    int64_t queue;
} ByoStatusBox;

typedef struct {
    char version[64];   /* "Kannel bearerbox version `1.4.5'." cut to its number */
    char status[32];    /* "running", "isolated", "suspended", "shutdown", ... */
    int64_t uptime;     /* seconds, -1: not told */
    char features[128]; /* patched: what it can do, as bearerbox-features names it; "" stock */
    ByoStatusBind *binds;
    size_t n_binds;
    ByoStatusBox *boxes;
    size_t n_boxes;
} ByoStatusPage;

/* Parses a status.xml; false: it is none. */
bool byo_status_page_parse(ByoStr xml, ByoStatusPage *page_r);
void byo_status_page_free(ByoStatusPage *page);

typedef struct {
    const char *host;
    int port;
    const char *password; /* in the query, URL-encoded; never logged */
} ByoBearerboxAdmin;

/* Whether why (of the next two) says that bearerbox is there and does not let us in. */
bool byo_status_page_denied(const char *why);
/* GET /status.xml. False: why_r says why, without the password. */
bool byo_status_page_get(const ByoBearerboxAdmin *at, ByoStatusPage *page_r, char why_r[160]);
/* GET /graceful-restart. */
/* Whether bearerbox takes the password: a request that changes nothing (its status page may be open to everybody). A
 * wrong one makes it slow for minutes (gw/bb_http.c): not to be asked often. */
bool byo_bearerbox_admit(const ByoBearerboxAdmin *at, char why_r[160]);
bool byo_bearerbox_reread(const ByoBearerboxAdmin *at, char why_r[160]);
/* The local address a connection to this host would come from (spec A2). False: it cannot be told. */
bool byo_local_address(const char *host, int port, char ip_r[48]);

#endif
