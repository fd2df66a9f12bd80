/* SPDX-License-Identifier: BSD-3-Clause
 * Linked to a patched Kannel's gwlib by test_patches_gwlib.py: what its programs alone do not show.
 *   patched_gwlib uuids        UUIDs of parents and children, before and after fork(), one a line
 *   patched_gwlib dict SEED    dictionaries with few slots for many keys, beside plain arrays of what they must hold
 * Exit code 0, or 1 and what is wrong. Threads: gwlib's, as its locks know no others; each has keys and an array of its
 * own and shares the dictionary. */
#include "gwlib/gwlib.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEYS = 64, STEPS = 20000, THREADS = 4, SHARED = 2000 };

static void wrong(const char *what, ...)
{
    va_list args;
    va_start(args, what);
    vprintf(what, args);
    va_end(args);
    printf("\n");
    fflush(stdout);
    _exit(1);
}

/* -- UUIDs ------------------------------------------------------------------------------------------------- */

static void give(int n)
{
    uuid_t one;
    char text[UUID_STR_LEN + 1];
    while (n-- > 0) {
        uuid_generate(one);
        uuid_unparse(one, text);
        printf("%s\n", text);
    }
    fflush(stdout);
}

/* More than a buffer holds, from wherever in it the fork happens. */
static void fork_and_give(void *unused)
{
    for (int before = 1; before <= 8; before++) {
        int status = -1;
        pid_t child;
        give(before);
        child = fork();
        if (child == 0) {
            give(100);
            _exit(0);
        }
        if (waitpid(child, &status, 0) != child || status != 0)
            wrong("the child ended with %d", status);
        give(100);
    }
}

/* -- dictionaries ------------------------------------------------------------------------------------------ */

static atomic_int alive; /* values made and neither destroyed nor taken back */

static void *value_new(void)
{
    atomic_fetch_add(&alive, 1);
    return gw_malloc(sizeof(int));
}

static void value_destroy(void *value)
{
    if (value == NULL)
        return;
    atomic_fetch_sub(&alive, 1);
    gw_free(value);
}

static void *value_same(void *value)
{
    return value;
}

typedef struct {
    Dict *dict;
    int number, shared; /* shared: with other threads, so that only its own keys are known */
    unsigned int seed;
    Octstr *keys[KEYS];
    void *held[KEYS]; /* what the dictionary must hold under each, NULL: nothing */
    int count;
} User;

static int key_of(User *u, Octstr *key)
{
    int thread, i;
    if (sscanf(octstr_get_cstr(key), "%d-%d", &thread, &i) != 2)
        wrong("a key nobody put: %s", octstr_get_cstr(key));
    return thread == u->number ? i : -1;
}

static void keys_are_those(User *u, Dict *dict)
{
    int seen[KEYS] = {0}, count = 0;
    List *keys = dict_keys(dict);
    Octstr *key;
    while ((key = gwlist_extract_first(keys)) != NULL) {
        int i = key_of(u, key);
        if (i >= 0 && (++count, seen[i]++ != 0 || u->held[i] == NULL))
            wrong("%s is listed %d times and %s there", octstr_get_cstr(key), seen[i],
                  u->held[i] ? "is" : "is not");
        octstr_destroy(key);
    }
    gwlist_destroy(keys, NULL);
    if (count != u->count)
        wrong("%d keys are listed of %d", count, u->count);
}

static void visit(Octstr *key, void *value, void *data)
{
    User *u = data;
    int i = key_of(u, key);
    if (i >= 0 && u->held[i] != value)
        wrong("another value of %s is visited", octstr_get_cstr(key));
}

static void whole_is_right(User *u)
{
    Dict *copy;
    keys_are_those(u, u->dict);
    if (u->shared)
        return;
    if (dict_key_count(u->dict) != u->count || atomic_load(&alive) != u->count)
        wrong("%ld keys and %d values where %d must be", dict_key_count(u->dict), atomic_load(&alive),
              u->count);
    if (dict_traverse(u->dict, visit, u) != u->count)
        wrong("not all %d are visited", u->count);
    copy = dict_duplicate(u->dict, value_same);
    keys_are_those(u, copy);
    if (dict_key_count(copy) != u->count || dict_traverse(copy, visit, u) != u->count)
        wrong("the copy is not the whole");
    for (int i = 0; i < KEYS; i++) /* its values are the dictionary's */
        if (dict_remove(copy, u->keys[i]) != u->held[i])
            wrong("the copy has another value of %s", octstr_get_cstr(u->keys[i]));
    dict_destroy(copy);
}

static void holds(User *u, int i, void *value)
{
    u->count += (value != NULL) - (u->held[i] != NULL);
    u->held[i] = value;
}

static void step(User *u)
{
    int i = rand_r(&u->seed) % KEYS, once;
    Octstr *key = u->keys[i];
    void *value;
    switch (rand_r(&u->seed) % 6) {
    case 0:
    case 1:
        value = value_new();
        dict_put(u->dict, key, value);
        holds(u, i, value);
        break;
    case 2:
        value = value_new();
        once = dict_put_once(u->dict, key, value);
        if (once != (u->held[i] == NULL))
            wrong("put once answers %d for %s", once, octstr_get_cstr(key));
        if (once)
            holds(u, i, value);
        break;
    case 3:
        dict_put(u->dict, key, NULL);
        holds(u, i, NULL);
        break;
    case 4:
        value = dict_remove(u->dict, key);
        if (value != u->held[i])
            wrong("another value of %s is removed", octstr_get_cstr(key));
        holds(u, i, NULL);
        value_destroy(value);
        break;
    }
    if (dict_get(u->dict, key) != u->held[i])
        wrong("another value of %s is there", octstr_get_cstr(key));
}

static void use(void *data)
{
    User *u = data;
    for (int i = 0; i < KEYS; i++)
        u->keys[i] = octstr_format("%d-%d", u->number, i);
    for (int n = 0; n < STEPS; n++) {
        step(u);
        if (n % 500 == 0)
            whole_is_right(u);
    }
    whole_is_right(u);
    for (int i = 0; i < KEYS; i++)
        octstr_destroy(u->keys[i]);
}

static atomic_int put_won[SHARED], remove_won[SHARED];

/* All put the same keys: one of them is the first. All remove them again: one of them gets each. */
static void compete(void *data)
{
    Dict *dict = data;
    for (int i = 0; i < SHARED; i++) {
        Octstr *key = octstr_format("shared %d", i);
        atomic_fetch_add(&put_won[i], dict_put_once(dict, key, value_new()));
        octstr_destroy(key);
    }
    for (int i = 0; i < SHARED; i++) {
        Octstr *key = octstr_format("shared %d", i);
        void *value = dict_remove(dict, key);
        atomic_fetch_add(&remove_won[i], value != NULL);
        value_destroy(value);
        octstr_destroy(key);
    }
}

static void by_threads(void (*start)(void *), void *data, size_t each)
{
    long threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = gwthread_create(start, (char *)data + i * each);
    for (int i = 0; i < THREADS; i++)
        gwthread_join(threads[i]);
}

static void dictionaries(unsigned int seed)
{
    User alone = {dict_create(4, value_destroy), 0, 0, seed}, users[THREADS];
    int count = 0;
    Dict *dict = dict_create(4, value_destroy);

    use(&alone);
    dict_destroy(alone.dict);
    if (atomic_load(&alive) != 0)
        wrong("%d values are left of one", atomic_load(&alive));

    for (int i = 0; i < THREADS; i++)
        users[i] = (User){dict, i, 1, seed + i + 1};
    by_threads(use, users, sizeof *users);
    for (int i = 0; i < THREADS; i++)
        count += users[i].count;
    if (dict_key_count(dict) != count || atomic_load(&alive) != count)
        wrong("%ld keys and %d values of threads that left %d", dict_key_count(dict), atomic_load(&alive),
              count);

    by_threads(compete, dict, 0);
    for (int i = 0; i < SHARED; i++) {
        int puts = atomic_load(&put_won[i]);
        if (puts < 1 || puts != atomic_load(&remove_won[i]))
            wrong("shared %d was put %d times and removed %d", i, puts, atomic_load(&remove_won[i]));
    }
    if (dict_key_count(dict) != count)
        wrong("%ld keys where %d must be", dict_key_count(dict), count);
    dict_destroy(dict);
    if (atomic_load(&alive) != 0)
        wrong("%d values are left", atomic_load(&alive));
}

int main(int argc, char **argv)
{
    gwlib_init();
    log_set_output_level(GW_PANIC);
    if (argc == 2 && strcmp(argv[1], "uuids") == 0) {
        fork_and_give(NULL);
        gwthread_join(gwthread_create(fork_and_give, NULL));
    } else if (argc == 3 && strcmp(argv[1], "dict") == 0)
        dictionaries(atoi(argv[2]));
    else
        wrong("usage: patched_gwlib uuids | dict SEED");
    gwlib_shutdown();
    return 0;
}
