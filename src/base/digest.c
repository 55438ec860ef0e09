/* SPDX-License-Identifier: MIT
 *
 * Digests, a word at a time: files are read once and much faster than byte by byte. See digest.h.
 * For a given word a step maps states one to one, and for a given state words: a change of one word
 * always shows.
 */
#include "base/digest.h"

#include <string.h>

#define WORD sizeof(uint64_t)
/* 2^64 divided by the golden ratio, odd. */
#define FACTOR 0x9E3779B97F4A7C15u
/* Some state that is not 0, which a word of 0 would leave as it is. */
#define FIRST_STATE 0xC2B2AE3D27D4EB4Fu
/* Brings the well mixed upper bits down. */
#define TURN 29

static uint64_t step(uint64_t state, const unsigned char *word)
{
    uint64_t value;
    memcpy(&value, word, WORD);
    state = (state ^ value) * FACTOR;
    return state << TURN | state >> (64 - TURN);
}

void digest_start(struct digest *digest)
{
    memset(digest, 0, sizeof(*digest));
    digest->state = FIRST_STATE;
}

void digest_add(struct digest *digest, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    size_t held = (size_t)(digest->length % WORD);
    digest->length += size;
    if (held)
    {
        size_t taken = size < WORD - held ? size : WORD - held;
        memcpy(digest->rest + held, at, taken);
        at += taken;
        size -= taken;
        if (held + taken < WORD)
            return;
        digest->state = step(digest->state, digest->rest);
    }
    for (; size >= WORD; at += WORD, size -= WORD)
        digest->state = step(digest->state, at);
    if (size)
        memcpy(digest->rest, at, size);
}

uint64_t digest_end(const struct digest *digest)
{
    unsigned char last[WORD] = {0};
    size_t held = (size_t)(digest->length % WORD);
    memcpy(last, digest->rest, held);
    uint64_t state = held ? step(digest->state, last) : digest->state;
    return digest_mix(state ^ digest->length * FACTOR);
}

uint64_t digest_mix(uint64_t number)
{
    number = (number ^ number >> 32) * FACTOR;
    number = (number ^ number >> 29) * FIRST_STATE;
    return number ^ number >> 32;
}
