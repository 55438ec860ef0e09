/* SPDX-License-Identifier: MIT
 *
 * A number by which content is known again: whatever a crash or a failing disk leaves of it has
 * another one. No protection against somebody who wants two contents to have the same.
 */
#ifndef THAWLINE_BASE_DIGEST_H
#define THAWLINE_BASE_DIGEST_H

#include "base/types.h"

struct digest
{
    uint64_t state;
    uint64_t length;
    unsigned char rest[sizeof(uint64_t)]; /* of the last word, until it is whole */
};

void digest_start(struct digest *digest);
/* The same bytes in other pieces give the same digest. */
void digest_add(struct digest *digest, const void *bytes, size_t size);
uint64_t digest_end(const struct digest *digest);

/* Each bit of the number moves half of the others. */
uint64_t digest_mix(uint64_t number);

#endif
