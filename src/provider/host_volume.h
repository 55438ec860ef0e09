/* SPDX-License-Identifier: MIT
 *
 * Whether the host's file system below a volume makes copies by itself, and which way. Inside this
 * room only; any thread. Follows wine facts 5.
 *
 * The answers cost some runs of the host's tools. They are kept for this process, as long as the
 * volume's root is the same folder.
 */
#ifndef THAWLINE_PROVIDER_HOST_VOLUME_H
#define THAWLINE_PROVIDER_HOST_VOLUME_H

#include "volume/host_place.h"
#include "volume/volume.h"

enum host_ability
{
    HOST_SNAPSHOTS, /* it is a btrfs subvolume of this user's */
    HOST_REFLINKS,  /* files on it can share their content, and a copy can lie on it */
    HOST_ABILITIES
};

/* S_OK: it can; S_FALSE: it can't, and the log says why. E_OUTOFMEMORY. */
HRESULT host_volume_can(const struct volume *volume, enum host_ability ability);
/* It turned out otherwise: who asks next finds out anew. */
void host_volume_forget(const struct volume *volume);

/* Asks again, now: S_OK, or S_FALSE with the reason in the log. host_place_free *place after
   S_OK. */
HRESULT host_volume_check_snapshots(const struct volume *volume, struct host_place *place);

#endif
