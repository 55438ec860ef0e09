/* SPDX-License-Identifier: MIT
 *
 * The rules of the fault points. See fault.h; the text form is in fault_scenario.c.
 *
 * The table has a fixed size and a bare SRW lock: memory hooks lead here from inside any
 * allocation, with any lock held, so there is nothing to allocate with and no rank that would be
 * low enough. Nothing is called under it.
 */
#include "diag/fault.h"

#include <string.h>

#include "base/hooks.h"
#include "base/str16.h"
#include "diag/fault_rules.h"
#include "diag/log.h"

/* Set in `active` until THAWLINE_FAULTS has been read, together with the bits of all points. */
#define NOT_LOADED 0x40000000
#define POINT_BIT(point_) (1L << (point_))
_Static_assert(FAULT_POINT_COUNT < 30, "a bit of a LONG for each point");

/* "rename:C:\..." of a file operation; what is longer is cut. */
#define FILE_DETAIL_LENGTH 600

static SRWLOCK rules_lock = SRWLOCK_INIT;
static struct fault_rule rules[FAULT_RULE_LIMIT]; /* guarded by rules_lock */
static size_t rule_count;                         /* guarded by rules_lock */
static unsigned fired[FAULT_POINT_COUNT];         /* guarded by rules_lock */
static uint64_t clock_skew;                       /* guarded by rules_lock */
static volatile LONG active = NOT_LOADED | (POINT_BIT(FAULT_POINT_COUNT) - 1);

static const struct
{
    const char *name;
    const char *description;
} points[] = {
#define FAULT_POINT(id_, name_, description_) {name_, description_},
#include "diag/fault_points.def"
#undef FAULT_POINT
};

const char *fault_point_name(enum fault_point point)
{
    return point < FAULT_POINT_COUNT ? points[point].name : NULL;
}

const char *fault_point_description(enum fault_point point)
{
    return point < FAULT_POINT_COUNT ? points[point].description : NULL;
}

/* ---- names ---- */

#define NAME_LIMIT 32

/* Levenshtein's distance; both at most NAME_LIMIT long. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[NAME_LIMIT + 1];
    size_t b_length = strlen(b);
    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++)
    {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++)
        {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b_length];
}

int fault_point_find(const char *name)
{
    for (int i = 0; i < FAULT_POINT_COUNT; i++)
        if (strcmp(points[i].name, name) == 0)
            return i;
    char start[NAME_LIMIT + 1] = "";
    strncpy(start, name, NAME_LIMIT);
    int nearest = 0;
    for (int i = 1; i < FAULT_POINT_COUNT; i++)
        if (edit_distance(start, points[i].name) < edit_distance(start, points[nearest].name))
            nearest = i;
    log_error(E_INVALIDARG, "There is no fault point \"%s\"; the nearest name is \"%s\"", name,
        points[nearest].name);
    return -1;
}

/* ---- matching ---- */

static WCHAR lower(WCHAR unit)
{
    return unit >= L'A' && unit <= L'Z' ? (WCHAR)(unit + (L'a' - L'A')) : unit;
}

/* * and ? as in file names. At a mismatch the last * takes one unit more. */
static bool matches(const WCHAR *pattern, const WCHAR *text)
{
    const WCHAR *star = NULL;
    const WCHAR *after_star = NULL;
    while (*text)
    {
        if (*pattern == L'*')
        {
            star = ++pattern;
            after_star = text;
        }
        else if (*pattern == L'?' || (*pattern && lower(*pattern) == lower(*text)))
        {
            pattern++;
            text++;
        }
        else if (star)
        {
            pattern = star;
            text = ++after_star;
        }
        else
        {
            return false;
        }
    }
    while (*pattern == L'*')
        pattern++;
    return !*pattern;
}

static bool rule_matches(const struct fault_rule *rule, const WCHAR *detail, const WCHAR *other)
{
    return rule->any_detail || (detail && matches(rule->match, detail)) ||
        (other && matches(rule->match, other));
}

/* Whoever wants to know that it has come so far hears it from the log. In the middle of an
   allocation nothing is said. */
static void hold_up(enum fault_point point, const WCHAR *detail, DWORD ms)
{
    if (point != FAULT_ALLOC)
        log_debug("A fault at \"%s\" (%ls) holds up for %lu ms.", points[point].name,
            detail ? detail : L"", ms);
    Sleep(ms);
}

/* One pass through `point`: every rule that matches counts it. */
static HRESULT pass(enum fault_point point, const WCHAR *detail, const WCHAR *other)
{
    HRESULT hr = S_OK;
    DWORD delay = 0;
    bool decided = false;
    AcquireSRWLockExclusive(&rules_lock);
    for (size_t i = 0; i < rule_count; i++)
    {
        struct fault_rule *rule = &rules[i];
        if (rule->point != point || !rule_matches(rule, detail, other))
            continue;
        uint64_t now = ++rule->passes;
        bool fires = now >= rule->first && (!rule->count || now - rule->first < rule->count);
        if (!fires || decided)
            continue;
        decided = true;
        hr = rule->hr;
        delay = rule->delay_ms;
        fired[point]++;
    }
    if (point == FAULT_CLOCK)
        clock_skew += delay;
    ReleaseSRWLockExclusive(&rules_lock);
    if (delay && point != FAULT_CLOCK)
        hold_up(point, detail, delay);
    return hr;
}

/* ---- base's hooks ---- */

static bool allow_alloc(size_t size)
{
    (void)size;
    DWORD error = GetLastError();
    HRESULT hr = pass(FAULT_ALLOC, NULL, NULL);
    SetLastError(error);
    return SUCCEEDED(hr);
}

static HRESULT before_file_op(const char *operation, const WCHAR *path)
{
    WCHAR detail[FILE_DETAIL_LENGTH];
    WCHAR longer[FILE_DETAIL_LENGTH];
    size_t length = 0;
    for (; operation[length] && length + 2 < FILE_DETAIL_LENGTH; length++)
        detail[length] = longer[length] = (WCHAR)operation[length];
    detail[length] = 0;
    longer[length++] = L':';
    for (size_t i = 0; path && path[i] && length + 1 < FILE_DETAIL_LENGTH; i++)
        longer[length++] = path[i];
    longer[length] = 0;
    return pass(FAULT_FILE, detail, longer);
}

static uint64_t clock_skew_ms(void)
{
    pass(FAULT_CLOCK, NULL, NULL);
    AcquireSRWLockExclusive(&rules_lock);
    uint64_t skew = clock_skew;
    ReleaseSRWLockExclusive(&rules_lock);
    return skew;
}

/* Makes `active` and the hooks agree with the rules; what someone else hooked stays. The caller
   holds rules_lock. */
static void publish_rules(void)
{
    LONG mask = 0;
    for (size_t i = 0; i < rule_count; i++)
        mask |= POINT_BIT(rules[i].point);
    if (mask & POINT_BIT(FAULT_ALLOC))
        base_hooks.allow_alloc = allow_alloc;
    else if (base_hooks.allow_alloc == allow_alloc)
        base_hooks.allow_alloc = NULL;
    if (mask & POINT_BIT(FAULT_FILE))
        base_hooks.before_file_op = before_file_op;
    else if (base_hooks.before_file_op == before_file_op)
        base_hooks.before_file_op = NULL;
    if (mask & POINT_BIT(FAULT_CLOCK))
        base_hooks.clock_skew_ms = clock_skew_ms;
    else if (base_hooks.clock_skew_ms == clock_skew_ms)
        base_hooks.clock_skew_ms = NULL;
    InterlockedExchange(&active, mask);
}

/* ---- the rules ---- */

static BOOL CALLBACK load(INIT_ONCE *once, void *argument, void **context)
{
    (void)once;
    (void)argument;
    (void)context;
    AcquireSRWLockExclusive(&rules_lock);
    publish_rules();
    ReleaseSRWLockExclusive(&rules_lock);
    fault_scenario_load_setting();
    return TRUE;
}

void fault_rules_load_setting(void)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    InitOnceExecuteOnce(&once, load, NULL, NULL);
}

HRESULT fault_at(enum fault_point point, const WCHAR *detail)
{
    return fault_at_either(point, detail, NULL);
}

bool fault_watches(enum fault_point point)
{
    LONG now = active;
    if (!(now & POINT_BIT(point)))
        return false;
    if (now & NOT_LOADED)
        fault_rules_load_setting();
    return (active & POINT_BIT(point)) != 0;
}

HRESULT fault_at_either(enum fault_point point, const WCHAR *detail, const WCHAR *other)
{
    return fault_watches(point) ? pass(point, detail, other) : S_OK;
}

HRESULT fault_rule_make(struct fault_rule *rule, const char *point, const WCHAR *match, HRESULT hr)
{
    int found = fault_point_find(point);
    if (found < 0)
        return E_INVALIDARG;
    if (SUCCEEDED(hr) && hr != S_OK)
        return log_error(E_INVALIDARG, "A fault at \"%s\" can't be the success code 0x%08X", point,
            (unsigned)hr);
    if (str16_len(match) > FAULT_MATCH_LENGTH)
        return log_error(E_INVALIDARG, "What a fault at \"%s\" shall match is too long", point);
    *rule = (struct fault_rule){.point = (enum fault_point)found, .hr = hr, .first = 1};
    rule->any_detail = !match || str16_equal(match, L"*");
    if (match)
        lstrcpyW(rule->match, match);
    return S_OK;
}

HRESULT fault_rules_room(size_t count)
{
    AcquireSRWLockExclusive(&rules_lock);
    bool room = count <= FAULT_RULE_LIMIT - rule_count;
    ReleaseSRWLockExclusive(&rules_lock);
    return room ? S_OK : E_OUTOFMEMORY;
}

HRESULT fault_rules_add(const struct fault_rule *rule)
{
    HRESULT hr = E_OUTOFMEMORY;
    AcquireSRWLockExclusive(&rules_lock);
    if (rule_count < FAULT_RULE_LIMIT)
    {
        rules[rule_count++] = *rule;
        publish_rules();
        hr = S_OK;
    }
    ReleaseSRWLockExclusive(&rules_lock);
    return hr;
}

HRESULT fault_set(const char *point, const WCHAR *match, HRESULT hr, unsigned first, unsigned count,
    DWORD delay_ms)
{
    struct fault_rule rule;
    fault_rules_load_setting();
    HRESULT made = fault_rule_make(&rule, point, match, hr);
    if (FAILED(made))
        return made;
    rule.first = first ? first : 1;
    rule.count = count;
    rule.delay_ms = delay_ms;
    return fault_rules_add(&rule);
}

void fault_clear_all(void)
{
    fault_rules_load_setting();
    AcquireSRWLockExclusive(&rules_lock);
    rule_count = 0;
    clock_skew = 0;
    memset(fired, 0, sizeof(fired));
    publish_rules();
    ReleaseSRWLockExclusive(&rules_lock);
}

unsigned fault_fired(enum fault_point point)
{
    AcquireSRWLockExclusive(&rules_lock);
    unsigned times = fired[point];
    ReleaseSRWLockExclusive(&rules_lock);
    return times;
}
