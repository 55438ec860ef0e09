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
#include "diag/nearest.h"
#include "diag/trace.h"
#include "os/file.h"

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
static unsigned clears;                           /* guarded by rules_lock */
static CONDITION_VARIABLE cleared = CONDITION_VARIABLE_INIT;
static volatile LONG active = NOT_LOADED | (POINT_BIT(FAULT_POINT_COUNT) - 1);

static const struct
{
    const char *name;
    unsigned takes;
    const char *detail;
    const char *description;
} points[] = {
#define FAULT_POINT(id_, name_, takes_, detail_, description_)                                     \
    {name_, takes_, detail_, description_},
#include "diag/fault_points.def"
#undef FAULT_POINT
};

const char *fault_point_name(enum fault_point point)
{
    return point < FAULT_POINT_COUNT ? points[point].name : NULL;
}

const char *fault_point_detail(enum fault_point point)
{
    return point < FAULT_POINT_COUNT ? points[point].detail : NULL;
}

unsigned fault_point_takes(enum fault_point point)
{
    return points[point].takes;
}

const char *fault_point_description(enum fault_point point)
{
    return point < FAULT_POINT_COUNT ? points[point].description : NULL;
}

/* ---- names ---- */

int fault_point_find(const char *name)
{
    for (int i = 0; i < FAULT_POINT_COUNT; i++)
        if (strcmp(points[i].name, name) == 0)
            return i;
    struct nearest nearest;
    nearest_begin(&nearest, name);
    for (int i = 0; i < FAULT_POINT_COUNT; i++)
        nearest_offer(&nearest, points[i].name);
    log_error(E_INVALIDARG, "There is no fault point \"%s\"; the nearest name is \"%s\"", name,
        nearest.name);
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

static bool rule_matches(const struct fault_rule *rule, const WCHAR *const *details, size_t count)
{
    bool any = rule->any_detail;
    for (size_t i = 0; i < count && !any; i++)
        any = details[i] && matches(rule->match, details[i]);
    return any;
}

/* ---- passing ---- */

/* xorshift64: each rule has its own sequence, so that one's passes do not move another's. */
static unsigned next_percent(struct fault_rule *rule)
{
    rule->random ^= rule->random << 13;
    rule->random ^= rule->random >> 7;
    rule->random ^= rule->random << 17;
    return (unsigned)(rule->random >> 32) % 100;
}

static bool rule_fires(struct fault_rule *rule)
{
    if (++rule->passes < rule->first || (rule->count && rule->fired >= rule->count))
        return false;
    bool fires = rule->chance >= 100 || next_percent(rule) < rule->chance;
    rule->fired += fires;
    return fires;
}

/* Until the faults are cleared, `ms` at most. By the system's clock, which no rule moves. */
static void wait_until_cleared(unsigned generation, DWORD ms)
{
    uint64_t began = GetTickCount64();
    AcquireSRWLockExclusive(&rules_lock);
    while (generation == clears)
    {
        uint64_t gone = GetTickCount64() - began;
        if (ms != INFINITE && gone >= ms)
            break;
        DWORD left = ms == INFINITE ? INFINITE : (DWORD)(ms - gone);
        SleepConditionVariableSRW(&cleared, &rules_lock, left, 0);
    }
    ReleaseSRWLockExclusive(&rules_lock);
}

/* In the trace's own writing, which can't be in the trace. */
static bool is_in_trace(enum fault_point point, const WCHAR *detail)
{
    static const WCHAR writing[] = L"" FILE_APPEND_OPERATION;
    return point == FAULT_FILE && str16_equal(detail, writing);
}

/* Whoever wants to know that it has come so far hears it from the log. In the middle of an
   allocation, or of a line of the trace, nothing is said. */
static void hold_up(
    enum fault_point point, const struct fault_effect *effect, const WCHAR *detail, unsigned since)
{
    bool for_ever = effect->kind == FAULT_HANGS && !effect->delay_ms;
    bool silent = point == FAULT_ALLOC || is_in_trace(point, detail);
    if (!silent && for_ever)
        log_debug(
            "A fault at \"%s\" (%ls) holds up until it is cleared.", points[point].name, detail);
    else if (!silent)
        log_debug("A fault at \"%s\" (%ls) holds up for %lu ms.", points[point].name, detail,
            effect->delay_ms);
    wait_until_cleared(since, for_ever ? INFINITE : effect->delay_ms);
}

/* No destructors, no handlers: as when somebody pulls the plug. The log may wait for a lock that
   the caller of an allocation, or the trace, holds. */
static void crash(enum fault_point point, const WCHAR *detail)
{
    if (point != FAULT_ALLOC && !is_in_trace(point, detail))
        log_error(S_OK, "A fault at \"%s\" ends the process.", points[point].name);
    TerminateProcess(GetCurrentProcess(), (UINT)STATUS_FATAL_APP_EXIT);
}

/* Before the delay, so that a trace shows what a process waits for. */
static void trace_fired(
    enum fault_point point, const WCHAR *detail, const struct fault_effect *effect)
{
    static const char *const kinds[] = {[FAULT_ANSWERS] = "answer",
        [FAULT_HANGS] = "hang",
        [FAULT_CRASHES] = "crash",
        [FAULT_DROPS] = "drop"};
    struct trace_line line;
    trace_begin(&line, TRACE_FAULT);
    trace_ascii(&line, "point", points[point].name);
    trace_text(&line, "detail", detail);
    trace_ascii(&line, "effect", kinds[effect->kind]);
    trace_result(&line, "hr", effect->hr);
    trace_number(&line, "delay_ms", effect->delay_ms);
    trace_end(&line);
}

/* One pass through `point`: every rule that matches counts it. */
static HRESULT pass(enum fault_point point, const WCHAR *const *details, size_t count)
{
    struct fault_effect effect = {.kind = FAULT_ANSWERS};
    bool decided = false;
    AcquireSRWLockExclusive(&rules_lock);
    unsigned generation = clears;
    for (size_t i = 0; i < rule_count; i++)
    {
        struct fault_rule *rule = &rules[i];
        if (rule->point != point || !rule_matches(rule, details, count))
            continue;
        if (!rule_fires(rule) || decided)
            continue;
        decided = true;
        effect = rule->effect;
        fired[point]++;
    }
    if (point == FAULT_CLOCK)
        clock_skew += effect.delay_ms;
    ReleaseSRWLockExclusive(&rules_lock);
    const WCHAR *detail = count && details[0] ? details[0] : L"";
    if (decided && trace_is_on() && !is_in_trace(point, detail))
        trace_fired(point, count > 1 && details[1] ? details[1] : detail, &effect);
    if (effect.kind == FAULT_HANGS || (effect.delay_ms && point != FAULT_CLOCK))
        hold_up(point, &effect, detail, generation);
    if (effect.kind == FAULT_CRASHES)
        crash(point, detail);
    return effect.kind == FAULT_DROPS ? FAULT_DROPPED : effect.hr;
}

/* ---- base's hooks ---- */

static bool allow_alloc(size_t size)
{
    (void)size;
    DWORD error = GetLastError();
    HRESULT hr = pass(FAULT_ALLOC, NULL, 0);
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
    const WCHAR *const details[] = {detail, longer};
    return pass(FAULT_FILE, details, 2);
}

static uint64_t clock_skew_ms(void)
{
    pass(FAULT_CLOCK, NULL, 0);
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
    return fault_at_any(point, &detail, 1);
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

HRESULT fault_at_any(enum fault_point point, const WCHAR *const *details, size_t count)
{
    return fault_watches(point) ? pass(point, details, count) : S_OK;
}

static HRESULT check_effect(const char *point, unsigned takes, const struct fault_effect *effect)
{
    static const char *const refusals[] = {[TAKES_RESULT] = "fails with no HRESULT",
        [TAKES_HANG] = "can't hang",
        [TAKES_DROP] = "is nothing that can be dropped"};
    unsigned needs = fault_effect_needs(effect);
    if (effect->kind == FAULT_ANSWERS && SUCCEEDED(effect->hr) && effect->hr != S_OK)
        return log_error(E_INVALIDARG, "A fault at \"%s\" can't be the success code 0x%08X", point,
            (unsigned)effect->hr);
    if (needs & ~takes)
        return log_error(E_INVALIDARG, "What a fault at \"%s\" meets %s", point, refusals[needs]);
    return S_OK;
}

void fault_rule_seed(struct fault_rule *rule, unsigned seed)
{
    /* Never 0, which xorshift does not leave. */
    rule->random = (seed + 1ull) * 0x9E3779B97F4A7C15ull;
}

HRESULT fault_rule_make(struct fault_rule *rule, const char *point, const WCHAR *match,
    const struct fault_effect *effect)
{
    int found = fault_point_find(point);
    HRESULT hr = found < 0 ? E_INVALIDARG : check_effect(point, points[found].takes, effect);
    if (FAILED(hr))
        return hr;
    if (str16_len(match) > FAULT_MATCH_LENGTH)
        return log_error(E_INVALIDARG, "What a fault at \"%s\" shall match is too long", point);
    *rule = (struct fault_rule){
        .point = (enum fault_point)found, .effect = *effect, .first = 1, .chance = 100};
    fault_rule_seed(rule, FAULT_RULE_SEED);
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
    const struct fault_effect effect = {FAULT_ANSWERS, hr, delay_ms};
    fault_rules_load_setting();
    HRESULT made = fault_rule_make(&rule, point, match, &effect);
    if (FAILED(made))
        return made;
    rule.first = first ? first : 1;
    rule.count = count;
    return fault_rules_add(&rule);
}

void fault_clear_all(void)
{
    fault_rules_load_setting();
    AcquireSRWLockExclusive(&rules_lock);
    rule_count = 0;
    clock_skew = 0;
    memset(fired, 0, sizeof(fired));
    clears++;
    publish_rules();
    ReleaseSRWLockExclusive(&rules_lock);
    WakeAllConditionVariable(&cleared);
}

unsigned fault_fired(enum fault_point point)
{
    AcquireSRWLockExclusive(&rules_lock);
    unsigned times = fired[point];
    ReleaseSRWLockExclusive(&rules_lock);
    return times;
}
