/* SPDX-License-Identifier: MIT
 *
 * The nearest name by Levenshtein's distance. See nearest.h.
 */
#include "diag/nearest.h"

#include <string.h>

static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter + ('a' - 'A')) : letter;
}

static size_t length_of(const char *text)
{
    size_t length = 0;
    while (length < NEAREST_LENGTH && text[length])
        length++;
    return length;
}

static size_t distance(const char *a, const char *b)
{
    size_t row[NEAREST_LENGTH + 1];
    size_t a_length = length_of(a);
    size_t b_length = length_of(b);
    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_length; i++)
    {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++)
        {
            size_t best = diagonal + (lower(a[i - 1]) != lower(b[j - 1]));
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b_length];
}

void nearest_begin(struct nearest *nearest, const char *word)
{
    *nearest = (struct nearest){0};
    memcpy(nearest->word, word, length_of(word));
}

void nearest_offer(struct nearest *nearest, const char *name)
{
    size_t now = distance(nearest->word, name);
    if (nearest->name && now >= nearest->distance)
        return;
    nearest->name = name;
    nearest->distance = now;
}
