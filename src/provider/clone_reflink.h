/* SPDX-License-Identifier: MIT
 *
 * Copying files by reflinks: the host's file system makes both files share their content until one
 * of them is written. Inside this room only; belongs to the work of one snapshot, one thread at a
 * time. Follows wine facts 5.
 */
#ifndef THAWLINE_PROVIDER_CLONE_REFLINK_H
#define THAWLINE_PROVIDER_CLONE_REFLINK_H

#include "base/vec.h"
#include "provider/clone_copy.h"

/* Where files are copied from and to, on the host. */
struct clone_reflink
{
    char *source;
    char *store;
};

/* Both in the extended form. HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED): they have no name there. */
HRESULT clone_reflink_make(const WCHAR *source, const WCHAR *store, struct clone_reflink *reflink);
void clone_reflink_free(struct clone_reflink *reflink); /* accepts a zeroed one */

/* Gives each entry's file (struct clone_entry) a copy in place of the one that may be there, and
   notes how that went (state, copied_at). What could not be copied so is CLONE_NOT_COPIED; the copy
   that it has may be old, new or gone. Its folder is there. Failures are those of memory and
   cancellation. */
HRESULT clone_reflink_files(
    const struct clone_reflink *reflink, struct clone_copier *copier, const struct vec *entries);

/* Whether the host makes such copies from the volume's root to `store`, the folder of a snapshot on
   it: tried with a file that goes again. S_FALSE: it doesn't. */
HRESULT clone_reflink_try(const WCHAR *store);

#endif
