/* SPDX-License-Identifier: BSD-3-Clause
 * Inside the life of integrations: what its thread knows.
 * Ownership: ByoLife owns all of it. Threads: the life thread; lock guards what others touch. */
#ifndef BYO_BOX_LIFE_PRIVATE_H
#define BYO_BOX_LIFE_PRIVATE_H

#include <pthread.h>

#include "box/daemon.h"
#include "box/life.h"
#include "box/smsc_file.h"
#include "integration/policy.h"
#include "link/link_log.h"
#include "link/status_page.h"

/* A re-activation of what is bound or dead: its links must go before they can come again. */
typedef enum { BOUNCE_NONE = 0, BOUNCE_DRAIN, BOUNCE_REMOVE } ByoBounce;

/* How many of an integration's binds are watched one by one: more than `binds` allows, twice over. */
enum { BYO_LIFE_BINDS = 32 };

typedef struct {
    char id[BYO_ID_MAX + 1];
    bool configured;  /* its group stands in the file */
    bool absent;      /* it does not, but the store has numbers or segments of it */
    bool has_numbers; /* this and the next two: of an absent one */
    int64_t waiting;  /* segments in its queue */
    ByoTime oldest;   /* of these; 0: none */
    int asked;        /* requests that are in the store and not in this row yet: the store's is the newer */
    bool wanted, deleted;
    bool forgotten; /* a deleted one, by the store */
    ByoLifeState state;
    ByoLifeReason reason;
    ByoTime since; /* of the state */
    ByoBounce bounce;
    ByoTime bounce_since;
    ByoLifeStep step; /* what the last look gave */
    ByoBinds binds;
    int binds_wanted;
    char policy[BYO_POLICY_TEXT]; /* of its group as it was loaded; "": it has none */
    bool fresh;                   /* its group is new to bearerbox */
    ByoTime hold_until;           /* nothing is handed over before */
    unsigned changed, kept;       /* the row in the store is older while they differ */
    int64_t handed;
    int online_before; /* for bind-lost and bind-restored; -1: not looked yet */
    bool degraded_told;
    bool seen; /* the next two are known */
    ByoTime
        online_since[BYO_LIFE_BINDS]; /* its binds in the page's order, by their ages there; 0: not online */
    ByoTime seen_at;                  /* 0: not yet */
    ByoTime doubt_after, doubt;       /* to be told to the flow: a bind was lost between these; 0: none was */
    char local_address[48];
    ByoTime address_checked;
    ByoLinkLog log;
    char log_path[256],
        log_says[560];     /* of bearerbox's log of its links; what it says of why no bind stands */
    ByoTime answered;      /* the newest refusal that was told, or needs no telling */
    bool answers_seen;     /* the first look at them is over */
    ByoTime missing_since; /* bearerbox shows none of its links though it was told to read them; 0: it does */
    bool missing_asked;    /* bearerbox was told once more */
    bool missing_told;
} ByoLifeRow;

typedef struct {
    ByoEventKindId kind;
    char entity[BYO_ID_MAX + 1], previous[24], current[24], code[24], text[1024];
} ByoLifeEvent;

struct ByoLife {
    ByoDaemon *d;
    long thread;
    pthread_mutex_t lock;
    pthread_cond_t wake, known;
    bool stop, poke; /* under lock */
    /* Loads of the configuration, counted: asked for, and the last one whose rows are here. Under lock. */
    unsigned load_wanted, loaded;
    ByoLifeRow rows[2 * BYO_INTEGRATIONS_MAX];
    size_t n; /* rows and n: under lock when another thread could look */
    ByoSmscFile file;
    bool reread; /* bearerbox has not read the file yet */
    ByoLifeEvent events[64];
    size_t n_events;
    int64_t born;      /* bearerbox's start by its uptime, monotonic ms; INT64_MIN: not known */
    ByoTime restarted; /* to be told to the flow: bearerbox was started about then (UPTIME_OFF); 0: nothing */
    int64_t falls, falls_seen; /* the own link's by the last look, and when that began (monotonic; 0: none) */
    int64_t fell;              /* it fell after that, and who is there was not asked yet; 0: it did not */
    bool link_up;              /* by the last look */
    bool page_seen;            /* a page was read since byobox started */
    bool looked;               /* under lock */
    char features_seen[128];
    bool features_checked;
    int foreign_looks; /* in a row that showed another anonymous smsbox on bearerbox */
    char reread_why[160];
    ByoClockWatch clock;
    bool rebase;                  /* the clock jumped: bearerbox's uptime may have jumped with it, or not */
    ByoTime admit_at;             /* monotonic: when to ask next whether the password is taken */
    char policy[BYO_POLICY_TEXT]; /* of the configuration as it was loaded, and as the store has it */
    char policy_kept[BYO_POLICY_TEXT];
    char page_told[160];   /* why the page could not be read, as the log has it; "": it could */
    ByoLifeSnapshot shown; /* page part; under lock */
};

void byo_life_event(ByoLife *l, ByoEventKindId kind, const char *entity, const char *previous,
                    const char *current, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 7, 8)));
/* life_rows.c: rows from configuration and store. */
bool byo_life_load(ByoLife *l); /* false: the store did not say what is wanted */
ByoLifeRow *byo_life_row(ByoLife *l, ByoStr id);
/* As the store keeps it; it borrows the row's texts. */
ByoIntegrationRow byo_life_stored(const ByoLifeRow *r);
/* One visit to the flow thread: gates in, counts out, rows and events written. */
void byo_life_exchange(ByoLife *l);
/* life_page.c. False: the page cannot be had; told. */
bool byo_life_get_page(ByoLife *l, ByoStatusPage *page);
void byo_life_binds_of(const ByoStatusPage *page, const char *id, ByoBinds *b);
/* Which binds were lost since the last look, or while byobox was away. */
void byo_life_note_lost(const ByoLife *l, ByoLifeRow *r, const ByoStatusPage *page, ByoTime now);
/* life_log.c: what bearerbox's log of an integration's links says. */
void byo_life_log_path(const ByoLife *l, const char *id, char path[256]); /* under conf_lock */
/* Reads what is new; fills b's refusal where the page did not tell it. */
void byo_life_log_look(ByoLifeRow *r, ByoBinds *b);
/* Tells refusals that were answered since the last look, whatever the state. */
void byo_life_tell_answers(ByoLife *l, ByoLifeRow *r, const ByoBinds *b, ByoTime now);
/* life_look.c: one look at bearerbox and what follows. */
void byo_life_look(ByoLife *l);

#endif
