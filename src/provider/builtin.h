/* SPDX-License-Identifier: MIT
 *
 * The built-in providers, and what they agree on. Inside this room only.
 */
#ifndef THAWLINE_PROVIDER_BUILTIN_H
#define THAWLINE_PROVIDER_BUILTIN_H

#include "provider/provider.h"

extern struct provider provider_clone;
extern struct provider provider_live;

/* What no built-in provider can do: volumes that are no local disks, transportable copies, and
   persistent ones where the file system is not NTFS (requestor 4). */
bool builtin_supports(const struct volume *volume, LONG context);

#endif
