/* SPDX-License-Identifier: MIT
 *
 * HRESULTs: names and sentences from hresult_names.def. See hresult.h.
 */
#include "diag/hresult.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag/log.h"
#include "diag/nearest.h"
#include "os/settings.h"

struct hresult_row
{
    HRESULT hr;
    const char *name;
    const char *meaning;
};

/* The value is written out and the header must agree. */
#define HRESULT_NAME(name_, value_, meaning_)                                                      \
    _Static_assert(                                                                                \
        (uint32_t)(name_) == (value_), #name_ " has another value in the system's header");
#include "diag/hresult_names.def"
#undef HRESULT_NAME

static const struct hresult_row rows[] = {
#define HRESULT_NAME(name_, value_, meaning_) {(HRESULT)(value_), #name_, (meaning_)},
#include "diag/hresult_names.def"
#undef HRESULT_NAME
};

static const struct hresult_row *find_row(HRESULT hr)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].hr == hr)
            return &rows[i];
    return NULL;
}

const char *hresult_name(HRESULT hr)
{
    const struct hresult_row *row = find_row(hr);
    return row ? row->name : NULL;
}

const char *hresult_meaning(HRESULT hr)
{
    const struct hresult_row *row = find_row(hr);
    return row ? row->meaning : NULL;
}

const char *hresult_text(HRESULT hr, char *buffer)
{
    const char *name = hresult_name(hr);
    unsigned code = (unsigned)hr;
    if (name)
        snprintf(buffer, HRESULT_TEXT_SIZE, "%s (0x%08X)", name, code);
    else if (FAILED(hr) && HRESULT_FACILITY(hr) == FACILITY_WIN32)
        snprintf(buffer, HRESULT_TEXT_SIZE, "Win32 error %u (0x%08X)", code & 0xFFFF, code);
    else
        snprintf(buffer, HRESULT_TEXT_SIZE, "0x%08X", code);
    return buffer;
}

bool hresult_from_text(const char *text, HRESULT *hr)
{
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
    {
        size_t digits = strspn(text + 2, "0123456789abcdefABCDEF");
        if (digits < 1 || digits > 8 || text[2 + digits])
            return false;
        *hr = (HRESULT)strtoul(text + 2, NULL, 16);
        return true;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        if (_stricmp(text, rows[i].name) != 0)
            continue;
        *hr = rows[i].hr;
        return true;
    }
    return false;
}

void hresult_offer_names(struct nearest *nearest)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        nearest_offer(nearest, rows[i].name);
}

HRESULT hresult_unexpected(void)
{
    return settings_before_windows_7() ? E_UNEXPECTED : VSS_E_UNEXPECTED;
}

HRESULT hresult_documented(HRESULT hr, const HRESULT *allowed, const char *what)
{
    if (SUCCEEDED(hr) || hr == E_OUTOFMEMORY)
        return hr;
    for (; *allowed != S_OK; allowed++)
        if (*allowed == hr)
            return hr;
    HRESULT unexpected = hresult_unexpected();
    if (hr != unexpected)
        log_error(hr, "%s failed with a code that it does not document", what);
    return unexpected;
}
