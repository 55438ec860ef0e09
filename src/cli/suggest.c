/* SPDX-License-Identifier: MIT
 *
 * The nearest of some words by Levenshtein's distance: the number of letters to add, drop or
 * change.
 */
#include "cli/suggest.h"

#include <wchar.h>

/* Verbs and options are shorter; a longer word is nothing that was meant to be one. */
#define LONGEST_WORD 80
/* As many letters may be wrong, and no more than half of the word. */
#define MOST_TYPOS 3

static size_t suggest_least(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

/* `row[j]` is the distance between the part of `a` seen so far and the first j letters of `b`. */
static size_t suggest_distance(const WCHAR *a, const WCHAR *b)
{
    size_t row[LONGEST_WORD + 1];
    size_t length = wcslen(b);

    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++)
    {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= length; j++)
        {
            size_t above = row[j];

            row[j] = suggest_least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[length];
}

void suggest_begin(struct suggest *suggest, const WCHAR *wanted)
{
    size_t length = wcslen(wanted);

    suggest->wanted = wanted;
    suggest->nearest = NULL;
    suggest->distance = length / 2 < MOST_TYPOS ? length / 2 + 1 : MOST_TYPOS + 1;
}

void suggest_offer(struct suggest *suggest, const WCHAR *candidate)
{
    size_t distance;

    if (wcslen(suggest->wanted) > LONGEST_WORD || wcslen(candidate) > LONGEST_WORD)
        return;
    distance = suggest_distance(suggest->wanted, candidate);
    if (distance < suggest->distance)
    {
        suggest->distance = distance;
        suggest->nearest = candidate;
    }
}
