/* SPDX-License-Identifier: MIT
 *
 * Named fault points. Each row of fault_points.def is a place where a scenario can make something go wrong; with no
 * scenario active a point costs one load and one compare.
 */
#ifndef THAWLINE_DIAG_FAULT_H
#define THAWLINE_DIAG_FAULT_H

#include "base/types.h"

enum fault_point
{
#define FAULT_POINT(id, name, description) id,
#include "diag/fault_points.def"
#undef FAULT_POINT
    FAULT_POINT_COUNT
};

/* S_OK, or the failure that a rule asks for at this point (after its delay, if it has one). `detail` (may be NULL)
   is what a rule can match on: a writer's name, a step, a method. */
HRESULT fault_at(enum fault_point point, const WCHAR *detail);

/* Rules. `point` by name; `hr` a failure code; the rule fires from its `first`-th matching pass on (1 = the first),
   `count` times (0 = for ever), each time after `delay_ms`. `match` NULL matches every detail.
   E_INVALIDARG for an unknown point, with the nearest name in the log. */
HRESULT fault_set(const char *point, const WCHAR *match, HRESULT hr, unsigned first, unsigned count, DWORD delay_ms);
void fault_clear_all(void);
const char *fault_point_name(enum fault_point point);
const char *fault_point_description(enum fault_point point);

#endif
