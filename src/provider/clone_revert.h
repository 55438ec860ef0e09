/* SPDX-License-Identifier: MIT
 *
 * Making a volume what a copy of it holds: operations of the clone provider. See provider.h. Inside
 * this room only.
 */
#ifndef THAWLINE_PROVIDER_CLONE_REVERT_H
#define THAWLINE_PROVIDER_CLONE_REVERT_H

#include "provider/provider.h"

HRESULT clone_begin_revert(struct provider *provider, const struct snapshot *snapshot,
    const struct volume *volume, bool force);
HRESULT clone_revert(struct provider *provider, const struct snapshot *snapshot,
    const struct volume *volume, bool force, bool *changed);
HRESULT clone_resume_revert(struct provider *provider, const struct volume *volume, bool *changed);

/* Deletes what reverts that are over could not: files that somebody had open. */
void clone_revert_sweep(const struct volume *volume);

#endif
