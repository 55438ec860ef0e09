/* SPDX-License-Identifier: MIT
 *
 * What fault.c (the rules) and fault_scenario.c (their text) share.
 */
#ifndef THAWLINE_DIAG_FAULT_RULES_H
#define THAWLINE_DIAG_FAULT_RULES_H

#include "diag/fault.h"

struct fault_rule
{
    /* set once */
    enum fault_point point;
    bool any_detail;
    WCHAR match[FAULT_MATCH_LENGTH + 1];
    HRESULT hr;
    unsigned first;
    unsigned count;
    DWORD delay_ms;
    /* guarded by the rules' lock */
    uint64_t passes;
};

/* Checks the parts of a rule, with the reason in the log, and fills it. */
HRESULT fault_rule_make(struct fault_rule *rule, const char *point, const WCHAR *match, HRESULT hr);
/* E_OUTOFMEMORY when there is no room for `count` more. */
HRESULT fault_rules_room(size_t count);
HRESULT fault_rules_add(const struct fault_rule *rule);

/* Loads THAWLINE_FAULTS unless that has been done: its rules come before those of the API. */
void fault_rules_load_setting(void);
/* The loading itself: the setting holds a rule or more, or else the path of a file with them. */
void fault_scenario_load_setting(void);

/* The point of this name; -1, and a line in the log that names the nearest, when there is none. */
int fault_point_find(const char *name);

#endif
