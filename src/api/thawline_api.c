/* SPDX-License-Identifier: MIT
 *
 * include/thawline.h, without the writers in C (src/writer/c_writer.c): settings, reports, faults,
 * the log. Any thread.
 */
#include "thawline.h"

#include <string.h>

#include "base/mem.h"
#include "base/str16.h"
#include "catalog/catalog.h"
#include "com/com_object.h"
#include "coordinator/set_report.h"
#include "diag/fault.h"
#include "diag/hresult.h"
#include "diag/log.h"
#include "diag/trace.h"
#include "os/lock.h"
#include "os/module.h"
#include "os/pool.h"
#include "os/settings.h"

/* The same in CMakeLists.txt and vssapi.rc. */
#define VERSION_TEXT "0.1.0"

/* ---- Settings ---- */

static bool is_one_of(const WCHAR *value, const WCHAR *const *choices, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str16_equal(value, choices[i]))
            return true;
    return false;
}

static bool is_text(const WCHAR *value)
{
    return *value != 0;
}

static bool is_level(const WCHAR *value)
{
    static const WCHAR *const levels[] = {L"error", L"warning", L"info", L"debug"};
    return is_one_of(value, levels, ARRAYSIZE(levels));
}

static bool is_provider(const WCHAR *value)
{
    static const WCHAR *const providers[] = {L"clone", L"live"};
    return is_one_of(value, providers, ARRAYSIZE(providers));
}

static bool is_windows(const WCHAR *value)
{
    static const WCHAR *const versions[] = {L"2003", L"2008", L"7", L"8", L"10"};
    return is_one_of(value, versions, ARRAYSIZE(versions));
}

static bool is_edition(const WCHAR *value)
{
    static const WCHAR *const editions[] = {L"server", L"client"};
    return is_one_of(value, editions, ARRAYSIZE(editions));
}

/* Nine digits fit a DWORD whatever they are. */
#define NUMBER_DIGITS 9

static bool is_number(const WCHAR *value)
{
    size_t digits = 0;
    while (value[digits] >= L'0' && value[digits] <= L'9')
        digits++;
    return !value[digits] && digits > 0 && digits <= NUMBER_DIGITS;
}

static bool is_switch(const WCHAR *value)
{
    return (value[0] == L'0' || value[0] == L'1') && !value[1];
}

/* Also "", which ends the trace. */
static bool is_anything(const WCHAR *value)
{
    return value != NULL;
}

static const struct option
{
    const WCHAR *name;
    bool (*is_valid)(const WCHAR *value);
} options[] = {
    {L"SCOPE", settings_scope_is_valid},
    {L"LOG", is_text},
    {L"LOG_LEVEL", is_level},
    {L"PROVIDER", is_provider},
    {L"CLONE_ROOTS", is_text},
    {L"WINDOWS", is_windows},
    {L"EDITION", is_edition},
    {L"EVENT_TIMEOUT", is_number},
    {L"STRICT", is_switch},
    {L"ALLOW_REVERT", is_switch},
    {L"TRACE", is_anything},
};

static HRESULT set_option(const WCHAR *name, const WCHAR *value)
{
    if (str16_equal(name, L"TRACE"))
        return trace_set(value);
    HRESULT hr = settings_set(name, value);
    /* The lines name the scope. */
    if (SUCCEEDED(hr) && str16_equal(name, L"SCOPE"))
        trace_refresh();
    return hr;
}

HRESULT THAWLINE_API ThawlineSetOption(const WCHAR *name, const WCHAR *value)
{
    if (!name)
        return log_error(E_INVALIDARG, "ThawlineSetOption: the name is NULL.");
    for (size_t i = 0; i < ARRAYSIZE(options); i++)
    {
        if (!str16_equal(options[i].name, name))
            continue;
        if (value && !options[i].is_valid(value))
            return log_error(E_INVALIDARG, "%ls cannot be set to \"%ls\"", name, value);
        return set_option(name, value);
    }
    return log_error(E_INVALIDARG, "there is no setting %ls", name);
}

/* ---- Snapshots ---- */

HRESULT THAWLINE_API ThawlineGetSetReport(VSS_ID set_id, THAWLINE_SET_REPORT *out)
{
    if (!out || out->cbSize != sizeof(*out))
        return log_error(
            E_INVALIDARG, "ThawlineGetSetReport: the report is NULL or its cbSize is wrong.");
    *out = (THAWLINE_SET_REPORT){.cbSize = sizeof(*out)};
    struct set_report report;
    HRESULT hr = set_report_find(&set_id, &report);
    if (FAILED(hr))
        return hr;
    out->ullPrepareTime = report.prepare_us;
    out->ullFreezeWindow = report.freeze_us;
    out->ullCommitTime = report.commit_us;
    out->cWritersFrozen = report.frozen;
    out->cWritersFailed = report.failed;
    return S_OK;
}

HRESULT THAWLINE_API ThawlineGetSnapshotConsistency(VSS_ID snapshot_id, BSTR *text)
{
    if (!text)
        return log_error(E_INVALIDARG, "ThawlineGetSnapshotConsistency: the pointer is NULL.");
    *text = NULL;
    struct snapshot_set *set = NULL;
    HRESULT hr = catalog_find_snapshot(&snapshot_id, &set);
    if (FAILED(hr))
        return hr;
    const struct snapshot *snapshot = snapshot_set_find(set, &snapshot_id);
    hr = snapshot ? com_bstr(snapshot->consistency, text) : VSS_E_OBJECT_NOT_FOUND;
    snapshot_set_release(set);
    return hr;
}

/* ---- Callbacks ----
 *
 * Inside, callbacks have C's calling convention; outside, on x86, they have another. One function
 * of ours therefore stands for whatever the caller has set. Those who call it see to it that no
 * call of the former one runs when a new one is set. */

static struct
{
    struct lock lock;
    /* guarded by lock */
    THAWLINE_PROGRESS function;
    void *context;
} progress = {.lock = LOCK_INIT(LOCK_RANK_LEAF)};

static void tell_progress(void *unused, uint64_t done, uint64_t total)
{
    (void)unused;
    lock_enter(&progress.lock);
    THAWLINE_PROGRESS function = progress.function;
    void *context = progress.context;
    lock_leave(&progress.lock);
    if (function)
        function(context, done, total);
}

HRESULT THAWLINE_API ThawlineSetProgress(THAWLINE_PROGRESS function, void *context)
{
    lock_enter(&progress.lock);
    progress.function = function;
    progress.context = context;
    lock_leave(&progress.lock);
    return set_progress(function ? tell_progress : NULL, NULL);
}

static struct
{
    struct lock lock;
    /* guarded by lock */
    THAWLINE_LOG_SINK function;
    void *context;
} sink = {.lock = LOCK_INIT(LOCK_RANK_LEAF)};

static void tell_sink(void *unused, enum log_level level, const WCHAR *line)
{
    (void)unused;
    lock_enter(&sink.lock);
    THAWLINE_LOG_SINK function = sink.function;
    void *context = sink.context;
    lock_leave(&sink.lock);
    if (function)
        function(context, (int)level, line);
}

HRESULT THAWLINE_API ThawlineSetLogSink(THAWLINE_LOG_SINK function, void *context, int level)
{
    if (function && (level < LOG_ERROR || level > LOG_DEBUG))
        return log_error(E_INVALIDARG, "ThawlineSetLogSink: there is no level %d.", level);
    lock_enter(&sink.lock);
    sink.function = function;
    sink.context = context;
    lock_leave(&sink.lock);
    return log_set_sink(
        function ? tell_sink : NULL, NULL, function ? (enum log_level)level : LOG_ERROR);
}

/* ---- Faults ---- */

static HRESULT check_allowed(const char *function)
{
    if (settings_environment_counts())
        return S_OK;
    return log_error(E_ACCESSDENIED,
        "%s: elevated and service processes take no faults unless the DWORD "
        "HKLM\\Software\\Thawline\\AllowEnvironment is 1.",
        function);
}

static void describe_point(enum fault_point point, THAWLINE_FAULT_POINT *described)
{
    described->cFired = fault_fired(point);
    described->pszName = fault_point_name(point);
    described->pszMatches = fault_point_detail(point);
    described->pszDescription = fault_point_description(point);
}

HRESULT THAWLINE_API ThawlineGetFaultPoint(UINT index, THAWLINE_FAULT_POINT *point)
{
    if (!point || point->cbSize != sizeof(*point))
        return log_error(
            E_INVALIDARG, "ThawlineGetFaultPoint: the structure is NULL or its cbSize is wrong.");
    if (index >= FAULT_POINT_COUNT)
        return S_FALSE;
    describe_point((enum fault_point)index, point);
    return S_OK;
}

HRESULT THAWLINE_API ThawlineFindFaultPoint(const char *name, THAWLINE_FAULT_POINT *point)
{
    if (!name || !point || point->cbSize != sizeof(*point))
        return log_error(E_INVALIDARG,
            "ThawlineFindFaultPoint: the name or the structure is NULL, or its cbSize is wrong.");
    for (int i = 0; i < FAULT_POINT_COUNT; i++)
    {
        if (strcmp(fault_point_name((enum fault_point)i), name) != 0)
            continue;
        describe_point((enum fault_point)i, point);
        return S_OK;
    }
    return S_FALSE;
}

const char *THAWLINE_API ThawlineGetFaultEffect(UINT index, const char **description)
{
    if (description)
        *description = fault_effect_description(index);
    return fault_effect_word(index);
}

BOOL THAWLINE_API ThawlineFaultEffectFits(UINT index, UINT point)
{
    return point < FAULT_POINT_COUNT && fault_effect_fits(index, (enum fault_point)point);
}

HRESULT THAWLINE_API ThawlineLoadFaults(const WCHAR *scenario, UINT *rules)
{
    size_t count = 0;
    if (rules)
        *rules = 0;
    HRESULT hr = check_allowed("ThawlineLoadFaults");
    if (FAILED(hr))
        return hr;
    if (!scenario)
        return log_error(E_INVALIDARG, "ThawlineLoadFaults: the scenario is NULL.");
    hr = fault_load_either(scenario, &count);
    if (rules && SUCCEEDED(hr))
        *rules = (UINT)count;
    return hr;
}

HRESULT THAWLINE_API ThawlineSetFault(
    const char *point, const WCHAR *match, HRESULT hr, DWORD first, DWORD count, DWORD delay)
{
    HRESULT allowed = check_allowed("ThawlineSetFault");
    if (FAILED(allowed))
        return allowed;
    if (!point)
        return log_error(E_INVALIDARG, "ThawlineSetFault: the name of the point is NULL.");
    return fault_set(point, match, hr, first, count, delay);
}

HRESULT THAWLINE_API ThawlineClearFaults(void)
{
    fault_clear_all();
    return S_OK;
}

/* ---- Counters, names, version ---- */

/* How long the counters wait for work that is just ending. */
#define SETTLE_MS 1000u

LONG THAWLINE_API ThawlineGetLiveBlocks(void)
{
    pool_settle(SETTLE_MS);
    return mem_live_blocks();
}

LONG THAWLINE_API ThawlineGetLiveObjects(void)
{
    pool_settle(SETTLE_MS);
    return module_object_count();
}

const char *THAWLINE_API ThawlineGetResultName(HRESULT hr)
{
    return hresult_name(hr);
}

const char *THAWLINE_API ThawlineGetResultMeaning(HRESULT hr)
{
    return hresult_meaning(hr);
}

const char *THAWLINE_API ThawlineGetVersion(void)
{
    return VERSION_TEXT;
}
