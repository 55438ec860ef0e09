/* SPDX-License-Identifier: MIT
 *
 * The fault points of a provider's steps.
 */
#ifndef THAWLINE_COORDINATOR_SET_FAULT_H
#define THAWLINE_COORDINATOR_SET_FAULT_H

#include "base/types.h"
#include "base/vec.h"
#include "diag/fault.h"

/* What the rules of `point` ask for at a step of these members (struct set_member). One pass, which
   rules match by STEP or, for each member's volume, STEP:C:\ or STEP:\\?\Volume{guid}\. */
HRESULT set_fault_at(enum fault_point point, const WCHAR *step, const struct vec *members);

#endif
