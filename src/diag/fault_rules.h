/* SPDX-License-Identifier: MIT
 *
 * What fault.c (the rules), fault_effect.c (what they do) and fault_scenario.c (their text) share.
 */
#ifndef THAWLINE_DIAG_FAULT_RULES_H
#define THAWLINE_DIAG_FAULT_RULES_H

#include "diag/fault.h"

enum fault_kind
{
    FAULT_ANSWERS, /* with the rule's HRESULT; S_OK: only late */
    FAULT_HANGS,
    FAULT_CRASHES,
    FAULT_DROPS
};

/* What a point takes besides a delay and a crash. */
enum fault_takes
{
    TAKES_RESULT = 1, /* a failure code */
    TAKES_HANG = 2,
    TAKES_DROP = 4,
    TAKES_VETO = 8 /* among the failure codes those of a writer mean the most */
};

struct fault_effect
{
    enum fault_kind kind;
    HRESULT hr;
    DWORD delay_ms;
};

struct fault_rule
{
    /* set once */
    enum fault_point point;
    bool any_detail;
    WCHAR match[FAULT_MATCH_LENGTH + 1];
    struct fault_effect effect;
    unsigned first;
    unsigned count;
    unsigned chance; /* of a hundred passes */
    /* guarded by the rules' lock */
    uint64_t random;
    uint64_t passes;
    uint64_t fired;
};

#define FAULT_RULE_SEED 1

/* Checks the parts of a rule, with the reason in the log, and fills it: from the first pass on, for
   ever, always. */
HRESULT fault_rule_make(struct fault_rule *rule, const char *point, const WCHAR *match,
    const struct fault_effect *effect);
/* Different seeds give different passes, the same the same; any number will do. */
void fault_rule_seed(struct fault_rule *rule, unsigned seed);
/* E_OUTOFMEMORY when there is no room for `count` more. */
HRESULT fault_rules_room(size_t count);
HRESULT fault_rules_add(const struct fault_rule *rule);

/* An effect by its word, or by an HRESULT's name or digits. False when there is none; *nearest is
   the nearest word or name. */
bool fault_effect_find(const char *text, struct fault_effect *effect, const char **nearest);

/* Loads THAWLINE_FAULTS unless that has been done: its rules come before those of the API. */
void fault_rules_load_setting(void);
/* The loading itself: the setting holds a rule or more, or else the path of a file with them. */
void fault_scenario_load_setting(void);

/* The point of this name; -1, and a line in the log that names the nearest, when there is none. */
int fault_point_find(const char *name);
/* What a point takes, and what an effect needs: enum fault_takes. */
unsigned fault_point_takes(enum fault_point point);
unsigned fault_effect_needs(const struct fault_effect *effect);

#endif
