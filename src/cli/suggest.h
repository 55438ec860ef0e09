/* SPDX-License-Identifier: MIT
 *
 * "Did you mean ...?"
 */
#ifndef THAWLINE_CLI_SUGGEST_H
#define THAWLINE_CLI_SUGGEST_H

#include <stdbool.h>
#include <windows.h>

/* Is shown candidates one after another and remembers the one nearest to `wanted`. */
struct suggest
{
    const WCHAR *wanted;
    const WCHAR *nearest; /* NULL: none is near enough to be what was meant */
    size_t distance;
};

void suggest_begin(struct suggest *suggest, const WCHAR *wanted);
void suggest_offer(struct suggest *suggest, const WCHAR *candidate);

#endif
