/* SPDX-License-Identifier: BSD-3-Clause
 * Threads are gwlib's: its locks, and so its log and strings, know only threads it made itself.
 * Ownership: a started thread is joined exactly once. */
#ifndef BYO_BASE_THREAD_H
#define BYO_BASE_THREAD_H

/* gwlib's own start and stop, once in a process, in the main thread. */
void byo_gw_start(void);
void byo_gw_stop(void);

/* The thread's number; the process ends when there can be none (only at start). name: for ps -L. */
long byo_thread_start(void (*run)(void *arg), void *arg);
void byo_thread_name(const char *name); /* of the calling thread, 15 characters */
void byo_thread_join(long thread);

#endif
