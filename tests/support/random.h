/* SPDX-License-Identifier: MIT
 *
 * Random numbers and texts that are the same on every machine.
 */
#ifndef THAWLINE_TESTS_SUPPORT_RANDOM_H
#define THAWLINE_TESTS_SUPPORT_RANDOM_H

#include "base/types.h"

/* A xorshift generator: the same numbers everywhere. */
struct random
{
    uint64_t state;
};

/* Neighbouring seeds give unlike numbers. */
static inline struct random random_of(unsigned seed)
{
    return (struct random){seed * 0x9E3779B97F4A7C15u};
}

static inline unsigned below(struct random *random, unsigned limit)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return (unsigned)((random->state >> 16) % limit);
}

static inline bool coin(struct random *random)
{
    return below(random, 2);
}

/* Any characters that XML can hold, the awkward ones above all. */
static inline void random_text(struct random *random, WCHAR text[32])
{
    static const WCHAR odd[] = L"&<>\"'\r\n\t =\\%;#]x\x80\xD7FF\xFFFD";
    size_t length = 0;
    for (unsigned left = below(random, 20); left; left--)
    {
        switch (below(random, 4))
        {
        case 0: text[length++] = (WCHAR)('a' + below(random, 26)); break;
        case 1: text[length++] = odd[below(random, sizeof(odd) / sizeof(odd[0]) - 1)]; break;
        case 2: text[length++] = (WCHAR)(0x20 + below(random, 0xD7E0)); break;
        default:
            text[length++] = (WCHAR)(0xD800 + below(random, 0x400));
            text[length++] = (WCHAR)(0xDC00 + below(random, 0x400));
            break;
        }
        if (length > 28)
            break;
    }
    text[length] = 0;
}

#endif
