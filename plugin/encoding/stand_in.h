/* SPDX-License-Identifier: BSD-3-Clause
 * What could stand for a character a charset lacks: for people, who decide. byobox never changes a text by itself
 * (promise 4).
 * Decides: the texts offered, not whether a charset has them.
 * Ownership: texts live during the callback. Threads: values. */
#ifndef BYO_ENCODING_STAND_IN_H
#define BYO_ENCODING_STAND_IN_H

#include "base/str.h"

/* Each text that could stand for the scalar, best first, UTF-8; an empty one: it can be left out. */
void byo_stand_ins(uint32_t scalar, void (*each)(void *arg, ByoStr text), void *arg);
/* The one character that a letter and the mark behind it are together; 0: there is none. */
uint32_t byo_composed(uint32_t letter, uint32_t mark);

#endif
