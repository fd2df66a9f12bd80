/* SPDX-License-Identifier: BSD-3-Clause
 * The admin API: a function from a request to a response. docs/openapi.yaml describes it.
 *
 * Decides: who may ask what, what a request means, every refusal's code and sentence.
 * Reads through a reader of the store; changes go through the actions, each with its audit row in the
 * same transaction.
 * Ownership: the caller frees the response. Threads: any number at once, each with a reader of its own. */
#ifndef BYO_ADMIN_API_H
#define BYO_ADMIN_API_H

#include "admin/actions.h"
#include "admin/auth.h"
#include "admin/http_parse.h"
#include "admin/session.h"

#define BYO_API_BODY_MAX (8 * 1024 * 1024) /* of a CSV; JSON bodies: BYO_API_JSON_MAX */
#define BYO_API_JSON_MAX (1024 * 1024)
#define BYO_API_LOGIN_MAX 4096 /* of name and password, which nobody has vouched for */

typedef struct {
    ByoStr method, path,
        query; /* path and query as they came, still %-encoded; query absent or without '?' */
    ByoStr header[BYO_HEADERS]; /* absent: no such header */
    ByoStr body;
    int64_t body_length; /* as announced; the body itself need not be there for byo_api_admit */
    ByoStr ip;
    ByoStr
        from; /* whose failures count together: an IPv4 address, or an IPv6 network of 64 bits; absent: ip */
    bool tls;
    ByoTime now, monotonic;
} ByoApiRequest;

/* The rest of a long answer, made piece by piece: the next one is asked for when the peer has read what came before,
 * so that neither memory nor a read of the store grows with the whole. */
typedef enum {
    BYO_PIECE_MORE,  /* the piece may be empty: then it is asked for again at once */
    BYO_PIECE_LAST,  /* with this one it is whole */
    BYO_PIECE_BROKEN /* it cannot be gone on with; the peer sees that the answer is cut off */
} ByoPieceResult;

typedef struct {
    /* Appends the next piece (some thousand rows at most) to out. reader: of the store, maybe another one each time;
     * NULL: it cannot be read now. From one thread at a time. NULL: there is no rest. */
    ByoPieceResult (*next)(void *arg, ByoStore *reader, ByoTime now, ByoBuf *out);
    void (*free)(void *arg); /* once, also when the peer has gone */
    void *arg;               /* holds all it needs: the call that made it is over */
} ByoApiRest;

typedef struct {
    int status;
    const char *content_type; /* NULL: no body */
    const char *cache;        /* Cache-Control; NULL: no-store */
    ByoBuf body;
    ByoStr constant; /* the body instead: octets that stay as long as the program */
    ByoApiRest rest; /* what comes behind body */
    unsigned needs;  /* one of these bits, also to have the rest; 0: anybody */
    bool stream;     /* behind body comes what happens, from now on: byo_api_stream_* make it */
    ByoId after;     /* stream: the event it goes on behind */
    ByoBuf headers;  /* further ones, whole lines ended by CR LF */
} ByoApiResponse;

typedef struct {
    const ByoAdminActions *actions;
    ByoAuth *auth;
    ByoSessions *sessions;
    const ByoAdminUsers *users;
    ByoStore *reader; /* NULL: the store cannot be read now, or byo_api_reads says that it need not */
} ByoApi;

/* What the head of a request decides: path, method, where it comes from, user, permission. False: *resp_r is the
 * refusal. *resp_r is overwritten. */
bool byo_api_admit(const ByoApi *api, const ByoApiRequest *req, ByoAuthWho *who_r, ByoApiResponse *resp_r);
/* Whether the next of both needs no slow password hash. admitted: it is byo_api_serve. */
bool byo_api_is_quick(const ByoApi *api, const ByoApiRequest *req, bool admitted);
/* Whether byo_api_serve needs a reader for it. */
bool byo_api_reads(const ByoApiRequest *req);
/* The answer to who was admitted. *resp_r is overwritten. */
void byo_api_serve(const ByoApi *api, const ByoApiRequest *req, const ByoAuthWho *who,
                   ByoApiResponse *resp_r);
/* Both. */
void byo_api_handle(const ByoApi *api, const ByoApiRequest *req, ByoApiResponse *resp_r);
/* -- what happens, as text/event-stream; the listener asks for all its streams at once ----------------------*/
enum { BYO_STREAM_EVENTS = 200 };
typedef struct {
    ByoBuf text;
    size_t n;
    ByoId ids[BYO_STREAM_EVENTS];
    size_t ends[BYO_STREAM_EVENTS]; /* where the text of each event ends */
} ByoStreamEvents;
/* The next events behind this one, oldest first; BYO_STREAM_EVENTS of them: there may be more. The caller frees the
 * text. False: they cannot be read, or not all of them. */
bool byo_api_stream_events(ByoStore *reader, ByoId after, ByoStreamEvents *out_r);
void byo_api_stream_status(const ByoAdminActions *actions, ByoBuf *out);

/* An error answer in the API's form, for what the listener refuses itself. */
void byo_api_refuse(ByoApiResponse *resp_r, int status, const char *code, const char *text);
void byo_api_response_free(ByoApiResponse *resp);
const char *byo_api_reason(int status); /* "Not Found" */
/* The answer of /v1/advanced-config/check, for programs that check by themselves. */
ByoJson *byo_api_check_json(const ByoFaults *faults, bool valid);

#endif
