/* SPDX-License-Identifier: MIT
 *
 * The built-in providers, and what they agree on. Inside this room only.
 */
#ifndef THAWLINE_PROVIDER_BUILTIN_H
#define THAWLINE_PROVIDER_BUILTIN_H

#include "provider/provider.h"

extern struct provider provider_clone;
extern struct provider provider_live;
extern struct provider provider_btrfs;
extern struct provider provider_reflink;

/* What no built-in provider can do: volumes that are no local disks, transportable copies, and
   persistent ones where the file system is not NTFS (requestor 4). */
bool builtin_supports(const struct volume *volume, LONG context);

/* VSS_E_PROVIDER_VETO while the volume is being reverted, or half way: a copy would be one of two
   points in time. */
HRESULT builtin_check_not_reverting(const struct volume *volume);

/* How an operation on files ended, in the words of provider.h: cancelling is no failure to a
   coordinator; a full disk has a code of its own there. */
HRESULT builtin_result(HRESULT hr);

/* Removes what clone_store_remove removes of the snapshot, whether its volume is there or not.
   `prepare` (may be NULL) comes first, with the volume if that is there. VSS_E_PROVIDER_VETO. */
HRESULT builtin_delete(const struct snapshot *snapshot, bool force,
    HRESULT (*prepare)(const struct volume *volume, const struct snapshot *snapshot));

#endif
