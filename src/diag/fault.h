/* SPDX-License-Identifier: MIT
 *
 * Named fault points. Each row of fault_points.def is a place where a scenario can make something
 * go wrong; with no scenario active a point costs one load and one compare. Any thread.
 */
#ifndef THAWLINE_DIAG_FAULT_H
#define THAWLINE_DIAG_FAULT_H

#include "base/types.h"

enum fault_point
{
#define FAULT_POINT(id, name, takes, detail, description) id,
#include "diag/fault_points.def"
#undef FAULT_POINT
    FAULT_POINT_COUNT
};

/* S_OK, or the failure that a rule asks for at this point (after its delay, if it has one), or
   FAULT_DROPPED where a point takes that. `detail` (may be NULL) is what a rule can match on: a
   writer's name, a step, a method. Allocates nothing. The first call of the process loads
   THAWLINE_FAULTS and is to be made with no lock held. */
#define FAULT_DROPPED ((HRESULT)0x000001D0)
HRESULT fault_at(enum fault_point point, const WCHAR *detail);
/* The same for a place that several details name (each may be NULL): one pass, which a rule matches
   by any of them. */
HRESULT fault_at_any(enum fault_point point, const WCHAR *const *details, size_t count);

/* Whether any rule looks at this point: if not, passing it takes no time. */
bool fault_watches(enum fault_point point);

/* Rules. `point` by name; `hr` a failure code, or S_OK for a delay alone; the rule fires from its
   `first`-th matching pass on (1 = the first; 0 counts as 1), `count` times (0 = for ever), each
   time after `delay_ms`, which the log tells (debug) before they begin, and which clearing ends.
   `match` is compared without regard to the case of ASCII letters, * stands for any text and ? for
   any one unit; NULL matches every detail and none. Of several rules that fire in one pass the
   oldest counts. E_INVALIDARG for an unknown point, with the nearest name in the log, for a match
   longer than FAULT_MATCH_LENGTH, and for another success code; E_OUTOFMEMORY when there are
   FAULT_RULE_LIMIT rules. */
#define FAULT_MATCH_LENGTH 120
#define FAULT_RULE_LIMIT 64
HRESULT fault_set(const char *point, const WCHAR *match, HRESULT hr, unsigned first, unsigned count,
    DWORD delay_ms);
void fault_clear_all(void);

/* How often rules have fired at this point since the last fault_clear_all. */
unsigned fault_fired(enum fault_point point);

/* Adds the rules of a scenario, all of them or, with the faulty line in the log and E_INVALIDARG,
   none:
       point match effect [first [count [delay_ms]]] [chance=PERCENT] [seed=NUMBER]   # a comment
   one a line, or with `;` between them; `match` is * or text, in double quotes when it holds
   blanks; the effect is a word of fault_effects.def, the name of an HRESULT, or 0x and digits.
   Numbers default to 1, 0 and 0. A rule with a chance fires in so many of a hundred of its passes,
   chosen by the seed (default 1), and `count` counts those. `*count` (may be NULL) is how many
   rules there are. */
HRESULT fault_load(const WCHAR *text, size_t *count);
/* The same from a UTF-8 file. */
HRESULT fault_load_file(const WCHAR *path, size_t *count);
/* The same from what THAWLINE_FAULTS may hold: such a text, or the full path of such a file. */
HRESULT fault_load_either(const WCHAR *text_or_path, size_t *count);

const char *fault_point_name(enum fault_point point);
const char *fault_point_detail(enum fault_point point);
const char *fault_point_description(enum fault_point point);
/* The words for effects that `index` runs through; NULL beyond the last. */
const char *fault_effect_word(size_t index);
const char *fault_effect_description(size_t index);
/* Whether this word means something at this point. */
bool fault_effect_fits(size_t index, enum fault_point point);

#endif
