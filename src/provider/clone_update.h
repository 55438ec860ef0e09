/* SPDX-License-Identifier: MIT
 *
 * Bringing a copy up to date: a second look at the volume, and in the store only what differs from
 * the first. Inside this room only; one thread at a time.
 */
#ifndef THAWLINE_PROVIDER_CLONE_UPDATE_H
#define THAWLINE_PROVIDER_CLONE_UPDATE_H

#include "provider/clone_copy.h"
#include "provider/clone_reflink.h"
#include "provider/clone_scope.h"

enum clone_pass
{
    CLONE_PASS_FIRST,    /* everything, into an empty store */
    CLONE_PASS_CATCH_UP, /* before the freeze: what moved while the last pass ran */
    CLONE_PASS_COMMIT    /* inside the freeze: that, and named and hot files byte for byte */
};

struct clone_update
{
    const struct clone_scope *scope;
    const WCHAR *store; /* the working path of the copy's folder */
    struct clone_copier *copier;
    const struct clone_reflink *reflink; /* NULL: files are copied byte for byte */
    /* what the store holds; replaced by what it holds afterwards */
    struct clone_manifest *manifest;
    enum clone_pass pass;
};

/* Scans and makes the store equal. On failure the store is good for nothing but to be removed. A
   named file that can't be read fails CLONE_PASS_COMMIT with VSS_E_PROVIDER_VETO. */
HRESULT clone_update_run(const struct clone_update *update);

/* The first pass over a manifest that was just made. */
HRESULT clone_update_fill(const struct clone_update *update);

/* How many files differ by now from what the manifest says, with those that are new or gone. */
struct clone_moved
{
    size_t named;
    size_t others;
};

HRESULT clone_update_count_moved(const struct clone_update *update, struct clone_moved *moved);

#endif
