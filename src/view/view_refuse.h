/* SPDX-License-Identifier: MIT
 *
 * A method that refuses what its caller asks says why in the log. `function` is the method's
 * __func__: what stands behind its last underscore is the name by which the caller knows it. To be
 * called with no lock held.
 */
#ifndef THAWLINE_VIEW_VIEW_REFUSE_H
#define THAWLINE_VIEW_VIEW_REFUSE_H

#include "base/types.h"

/* E_INVALIDARG: a pointer that must not be NULL is. */
HRESULT view_refuse_null(const char *function);
/* VSS_E_BAD_STATE. `why` continues the method's name: "answers in a restore only". */
HRESULT view_refuse_state(const char *function, const char *why);

#endif
