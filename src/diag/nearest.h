/* SPDX-License-Identifier: MIT
 *
 * Which of some names is the nearest to a mistyped one. Pure; allocates nothing.
 */
#ifndef THAWLINE_DIAG_NEAREST_H
#define THAWLINE_DIAG_NEAREST_H

#include "base/types.h"

/* Of longer words only the beginning counts. */
#define NEAREST_LENGTH 64

struct nearest
{
    char word[NEAREST_LENGTH + 1];
    const char *name; /* the nearest so far; NULL: none was offered */
    size_t distance;  /* letters to add, drop or replace, without regard to case */
};

void nearest_begin(struct nearest *nearest, const char *word);
/* Of names that are equally near the first counts. `name` must stay. */
void nearest_offer(struct nearest *nearest, const char *name);

#endif
