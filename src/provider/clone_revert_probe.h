/* SPDX-License-Identifier: MIT
 *
 * Whether a folder lets a revert do what it will, and whether a file may be replaced: tried before
 * anything of the volume goes. Inside this room only; one thread at a time.
 *
 * What a folder allows shows only by doing it: Wine opens folders for reading whatever access is
 * asked for, and a bind mount, a subvolume or a quota's border lets nothing be moved across.
 */
#ifndef THAWLINE_PROVIDER_CLONE_REVERT_PROBE_H
#define THAWLINE_PROVIDER_CLONE_REVERT_PROBE_H

#include "provider/clone_revert_plan.h"

struct clone_prober
{
    struct clone_revert_plan *plan;
    WCHAR *name;        /* of the passing files: no other file has it */
    WCHAR *put;         /* one in the folder of what comes */
    WCHAR *away;        /* one in the folder of what went */
    HANDLE scratch;     /* `put`, open */
    struct vec folders; /* struct clone_entry: those that were tried, and their times before */
    struct map known;   /* the same, by their paths */
};

/* `come` and `went`: folders on the volume, which are there. Close also after a failure: that gives
   the folders their times back. */
HRESULT clone_prober_open(struct clone_prober *prober, struct clone_revert_plan *plan,
    const WCHAR *come, const WCHAR *went);
void clone_prober_close(struct clone_prober *prober); /* accepts one that is zeroed */

/* Makes a file in the folder ("" is the root) and moves it to where what went goes, and moves
   another in from where what comes is made ready. Nothing of it is left. Each folder is tried once.
   Fails, with the reason in the log: VSS_E_VOLUME_NOT_SUPPORTED,
   E_ACCESSDENIED or a full disk. */
HRESULT clone_prober_try(struct clone_prober *prober, const WCHAR *folder);

/* Another file takes its place, which has its content, times and rights and nothing else:
   VSS_E_VOLUME_NOT_SUPPORTED, with the reason in the log, when that would lose something. `file` is
   open with FILE_READ_EA. */
HRESULT clone_check_replaceable(
    const struct clone_revert_plan *plan, const WCHAR *path, HANDLE file);

#endif
