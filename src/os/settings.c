/* SPDX-License-Identifier: MIT
 *
 * Settings: overrides, environment, and what they mean. See settings.h; the file is in
 * settings_file.c.
 */
#include "os/settings.h"

#include "base/mem.h"
#include "base/str16.h"
#include "base/vec.h"
#include "os/lock.h"
#include "os/module.h"
#include "os/settings_file.h"

#define PREFIX L"THAWLINE_"
/* With room for the prefix. */
#define VARIABLE_LENGTH 64
/* The most that an environment variable can hold. */
#define VALUE_LIMIT 32768

struct override
{
    WCHAR *name;
    WCHAR *value;
};

static struct lock overrides_lock = LOCK_INIT(LOCK_RANK_LEAF);
static struct vec overrides; /* of struct override; guarded by overrides_lock */
static volatile LONG generation = 1;

/* ---- who may be asked ---- */

bool settings_is_wine(void)
{
    return module_system_function(L"ntdll.dll", "wine_get_version") != NULL;
}

static bool is_elevated(void)
{
    HANDLE token = NULL;
    TOKEN_ELEVATION elevation = {0};
    DWORD size = 0;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return true; /* unsure is the careful answer */
    if (!GetTokenInformation(token, TokenElevation, &elevation, sizeof(elevation), &size))
        elevation.TokenIsElevated = 1;
    CloseHandle(token);
    return elevation.TokenIsElevated != 0;
}

static DWORD allow_environment_value(void)
{
    DWORD value = 0;
    DWORD size = sizeof(value);
    LSTATUS status = RegGetValueW(HKEY_LOCAL_MACHINE, L"Software\\Thawline", L"AllowEnvironment",
        RRF_RT_REG_DWORD, NULL, &value, &size);
    return status == ERROR_SUCCESS ? value : 0;
}

/* Wine has neither rights to protect nor a session of services. */
static bool may_be_steered(const struct settings_process *process)
{
    return process->wine || (!process->elevated && process->session != 0) ||
        process->allow_environment == 1;
}

static BOOL CALLBACK look_at_process(INIT_ONCE *once, void *argument, void **context)
{
    (void)once;
    (void)context;
    struct settings_process *process = argument;
    process->wine = settings_is_wine();
    if (process->wine)
        return TRUE;
    if (!ProcessIdToSessionId(GetCurrentProcessId(), &process->session))
        process->session = 0; /* unsure is the careful answer */
    process->elevated = is_elevated();
    process->allow_environment = allow_environment_value();
    return TRUE;
}

static void *volatile pretended; /* a const struct settings_process, or NULL */

void settings_pretend_process(const struct settings_process *process)
{
    InterlockedExchangePointer(&pretended, (void *)process);
}

bool settings_environment_counts(void)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    static struct settings_process own; /* set once */
    const struct settings_process *process = pretended;
    if (process)
        return may_be_steered(process);
    InitOnceExecuteOnce(&once, look_at_process, &own, NULL);
    return may_be_steered(&own);
}

/* ---- where values come from ---- */

HRESULT settings_copy_value(const WCHAR *value, size_t length, WCHAR *buffer, size_t units)
{
    buffer[0] = 0;
    if (!length)
        return S_FALSE;
    if (length >= units)
        return HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
    for (size_t i = 0; i < length; i++)
        buffer[i] = value[i];
    buffer[length] = 0;
    return S_OK;
}

static struct override *find_override(const WCHAR *name, size_t *index)
{
    for (size_t i = 0; i < overrides.count; i++)
    {
        struct override *found = overrides.items[i];
        if (str16_equal(found->name, name))
        {
            *index = i;
            return found;
        }
    }
    return NULL;
}

/* False when there is none. */
static bool read_override(const WCHAR *name, WCHAR *buffer, size_t units, HRESULT *hr)
{
    size_t index;
    lock_enter(&overrides_lock);
    struct override *found = find_override(name, &index);
    if (found)
        *hr = settings_copy_value(found->value, str16_len(found->value), buffer, units);
    lock_leave(&overrides_lock);
    return found != NULL;
}

static HRESULT read_environment(const WCHAR *name, WCHAR *buffer, size_t units)
{
    WCHAR variable[VARIABLE_LENGTH] = PREFIX;
    if (str16_len(name) + str16_len(variable) >= VARIABLE_LENGTH)
        return S_FALSE;
    lstrcatW(variable, name);
    buffer[0] = 0;
    DWORD length = GetEnvironmentVariableW(
        variable, buffer, units > MAXDWORD ? MAXDWORD : (DWORD)units);
    if (!length)
        return S_FALSE;
    if (length < units)
        return S_OK;
    buffer[0] = 0;
    return HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
}

HRESULT settings_read(const WCHAR *name, WCHAR *buffer, size_t units)
{
    HRESULT hr;
    if (read_override(name, buffer, units, &hr))
        return hr;
    buffer[0] = 0;
    if (!settings_environment_counts())
        return S_FALSE;
    hr = read_environment(name, buffer, units);
    return hr == S_FALSE ? settings_file_read(name, buffer, units) : hr;
}

WCHAR *settings_get(const WCHAR *name)
{
    WCHAR small[MAX_PATH];
    HRESULT hr = settings_read(name, small, MAX_PATH);
    if (hr == S_OK)
        return str16_dup(small);
    if (hr != HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER))
        return NULL;
    WCHAR *large = mem_alloc_array(VALUE_LIMIT, sizeof(WCHAR));
    WCHAR *value = large && settings_read(name, large, VALUE_LIMIT) == S_OK ? str16_dup(large)
                                                                            : NULL;
    mem_free(large);
    return value;
}

DWORD settings_get_number(const WCHAR *name, DWORD fallback)
{
    WCHAR text[16]; /* a DWORD has ten digits */
    if (settings_read(name, text, sizeof(text) / sizeof(text[0])) != S_OK)
        return fallback;
    uint64_t value = 0;
    for (const WCHAR *digit = text; *digit; digit++)
    {
        if (*digit < L'0' || *digit > L'9')
            return fallback;
        value = value * 10 + (uint64_t)(*digit - L'0');
    }
    return value <= MAXDWORD ? (DWORD)value : fallback;
}

/* ---- overrides ---- */

static void free_override(struct override *override)
{
    if (!override)
        return;
    mem_free(override->name);
    mem_free(override->value);
    mem_free(override);
}

static struct override *make_override(const WCHAR *name, const WCHAR *value)
{
    struct override *made = mem_alloc(sizeof(*made));
    if (!made)
        return NULL;
    made->name = str16_dup(name);
    made->value = str16_dup(value);
    if (made->name && made->value)
        return made;
    free_override(made);
    return NULL;
}

HRESULT settings_set(const WCHAR *name, const WCHAR *value)
{
    HRESULT hr = S_OK;
    size_t index;
    struct override *old = NULL;
    struct override *made = value ? make_override(name, value) : NULL;
    if (value && !made)
        return E_OUTOFMEMORY;
    lock_enter(&overrides_lock);
    old = find_override(name, &index);
    if (old && made)
        overrides.items[index] = made;
    else if (old)
        vec_remove(&overrides, index);
    else if (made && !vec_push(&overrides, made))
        hr = E_OUTOFMEMORY;
    if (!overrides.count)
        vec_free(&overrides, NULL);
    lock_leave(&overrides_lock);
    free_override(FAILED(hr) ? made : old);
    InterlockedIncrement(&generation);
    return hr;
}

unsigned settings_generation(void)
{
    LONG now = InterlockedCompareExchange(&generation, 0, 0);
    return now ? (unsigned)now : 1;
}

/* ---- what they mean ---- */

bool settings_scope_is_valid(const WCHAR *scope)
{
    size_t length = str16_len(scope);
    if (length < 1 || length > SCOPE_LENGTH)
        return false;
    for (; *scope; scope++)
    {
        bool letter = (*scope >= L'a' && *scope <= L'z') || (*scope >= L'A' && *scope <= L'Z');
        bool digit = *scope >= L'0' && *scope <= L'9';
        if (!letter && !digit && *scope != L'_' && *scope != L'-')
            return false;
    }
    return true;
}

HRESULT settings_scope(WCHAR *scope)
{
    static const WCHAR fallback[] = L"default";
    WCHAR value[SCOPE_LENGTH +
        2]; /* one more than is valid, so that too long does not look like right */
    HRESULT hr = settings_read(L"SCOPE", value, sizeof(value) / sizeof(value[0]));
    if (hr == S_FALSE)
        lstrcpyW(value, fallback);
    if (FAILED(hr) || !settings_scope_is_valid(value))
        return E_INVALIDARG;
    lstrcpyW(scope, value);
    return S_OK;
}

enum windows_profile settings_windows(void)
{
    static const struct
    {
        const WCHAR *name;
        enum windows_profile profile;
    } older[] = {
        {L"xp", WINDOWS_2003},
        {L"5.1", WINDOWS_2003},
        {L"2003", WINDOWS_2003},
        {L"5.2", WINDOWS_2003},
        {L"vista", WINDOWS_2008},
        {L"2008", WINDOWS_2008},
        {L"6.0", WINDOWS_2008},
    };
    WCHAR value[16];
    if (settings_read(L"WINDOWS", value, sizeof(value) / sizeof(value[0])) != S_OK)
        return WINDOWS_7;
    for (size_t i = 0; i < sizeof(older) / sizeof(older[0]); i++)
        if (str16_equal_nocase(value, older[i].name))
            return older[i].profile;
    return WINDOWS_7;
}

bool settings_before_windows_7(void)
{
    return settings_windows() < WINDOWS_7;
}

bool settings_is_client(void)
{
    WCHAR value[16];
    return settings_read(L"EDITION", value, sizeof(value) / sizeof(value[0])) == S_OK &&
        str16_equal_nocase(value, L"client");
}
