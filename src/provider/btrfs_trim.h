/* SPDX-License-Identifier: MIT
 *
 * Making a btrfs snapshot hold what a copy holds: what is Thawline's own goes, and what writers
 * excluded. Inside this room only; belongs to the work of one snapshot.
 */
#ifndef THAWLINE_PROVIDER_BTRFS_TRIM_H
#define THAWLINE_PROVIDER_BTRFS_TRIM_H

#include "provider/clone_manifest.h"
#include "provider/clone_scope.h"

struct btrfs_trim
{
    struct clone_scope scope; /* of the snapshot itself */
    struct clone_manifest manifest;
    size_t subvolumes; /* that begin in the volume: only an empty folder of each is there */
};

/* Looks at the snapshot and removes what belongs to no copy. */
HRESULT btrfs_trim_begin(const struct volume *volume, const struct provider_briefing *briefing,
    const WCHAR *copy, struct btrfs_trim *trim);
/* Removes the files that writers excluded. What can't be removed is logged and stays. */
HRESULT btrfs_trim_excluded(
    const struct volume *volume, const struct provider_briefing *briefing, struct btrfs_trim *trim);
void btrfs_trim_free(struct btrfs_trim *trim); /* accepts a zeroed one */

/* Whether frozen writers named files of the volume. */
HRESULT btrfs_trim_is_named(
    const struct volume *volume, const struct provider_briefing *briefing, bool *named);

#endif
