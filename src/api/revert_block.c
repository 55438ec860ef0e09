/* SPDX-License-Identifier: MIT
 *
 * Writers that block the revert of a volume. The key's pages do not say what its values look like:
 * a writer's class id counts wherever it stands, as a value's name or as its text. Any thread.
 * Follows requestor 2.1.
 */
#include "api/revert_block.h"

#include "base/guid.h"
#include "base/mem.h"
#include "bus/bus_session.h"
#include "diag/log.h"
#include "model/writer_metadata.h"
#include "volume/volume.h"

#define BLOCKING_WRITERS_KEY                                                                       \
    L"SYSTEM\\CurrentControlSet\\Services\\VSS\\Settings\\WritersBlockingRevert"

/* Longer names and texts are no class ids. */
#define VALUE_UNITS 64

struct id_list
{
    GUID *ids;
    size_t count;
};

/* ---- The registry ---- */

/* The class id that the value at `index` names, GUID_NULL for none. False past the last value. */
static bool read_value(HKEY key, DWORD index, GUID *id)
{
    WCHAR name[VALUE_UNITS];
    WCHAR text[VALUE_UNITS];
    DWORD name_units = VALUE_UNITS;
    DWORD text_bytes = sizeof(text) - sizeof(WCHAR);
    DWORD type = REG_NONE;
    LSTATUS status = RegEnumValueW(
        key, index, name, &name_units, NULL, &type, (BYTE *)text, &text_bytes);
    *id = guid_null;
    if (status == ERROR_MORE_DATA)
        return true;
    if (status != ERROR_SUCCESS)
        return false;
    /* The registry does not promise the NUL. */
    text[text_bytes / sizeof(WCHAR)] = 0;
    if (!guid_from_text(name, id) && type == REG_SZ)
        guid_from_text(text, id);
    return true;
}

static HRESULT read_ids(HKEY key, struct id_list *list)
{
    DWORD values = 0;
    LSTATUS status = RegQueryInfoKeyW(
        key, NULL, NULL, NULL, NULL, NULL, NULL, &values, NULL, NULL, NULL, NULL);
    if (status != ERROR_SUCCESS)
        return log_error(HRESULT_FROM_WIN32(status), "cannot read the writers that block a revert");
    if (!values)
        return S_OK;
    list->ids = mem_alloc_array(values, sizeof(*list->ids));
    if (!list->ids)
        return E_OUTOFMEMORY;
    GUID id;
    for (DWORD i = 0; i < values && read_value(key, i, &id); i++)
        if (!guid_is_null(&id))
            list->ids[list->count++] = id;
    return S_OK;
}

/* An absent key is an empty list. mem_free list->ids, also after a failure. */
static HRESULT list_blocking_writers(struct id_list *list)
{
    HKEY key;
    LSTATUS status = RegOpenKeyExW(
        HKEY_LOCAL_MACHINE, BLOCKING_WRITERS_KEY, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &key);
    if (status == ERROR_FILE_NOT_FOUND)
        return S_OK;
    if (status != ERROR_SUCCESS)
        return log_error(HRESULT_FROM_WIN32(status), "cannot read the writers that block a revert");
    HRESULT hr = read_ids(key, list);
    RegCloseKey(key);
    return hr;
}

/* ---- The writers ---- */

static bool list_is_on(const struct vec *files, const struct volume *volume)
{
    for (size_t i = 0; i < files->count; i++)
    {
        const struct file_spec *spec = vec_at(files, i);
        if (volume_holds(volume->name, volume->path, spec->path))
            return true;
    }
    return false;
}

static bool metadata_is_on(const struct writer_metadata *metadata, const struct volume *volume)
{
    for (size_t i = 0; metadata && i < metadata->components.count; i++)
    {
        const struct metadata_component *component = vec_at(&metadata->components, i);
        if (list_is_on(&component->files, volume) ||
            list_is_on(&component->database_files, volume) ||
            list_is_on(&component->log_files, volume))
            return true;
    }
    return false;
}

static HRESULT ask_writers(const struct id_list *list, const struct volume *volume, bool *blocked)
{
    struct bus_session *session = NULL;
    HRESULT hr = bus_session_create(&session);
    if (SUCCEEDED(hr))
        hr = bus_session_enable_classes(session, list->ids, list->count);
    if (SUCCEEDED(hr))
        hr = bus_session_identify(session, NULL);
    for (size_t i = 0; SUCCEEDED(hr) && !*blocked && i < bus_session_count(session); i++)
        *blocked = metadata_is_on(bus_session_participant(session, i)->metadata, volume);
    bus_session_destroy(session);
    return hr;
}

HRESULT revert_block_check(const WCHAR *volume_name, bool *blocked)
{
    *blocked = false;
    struct volume *volume = NULL;
    struct id_list list = {0};
    HRESULT hr = volume_open(volume_name, &volume);
    if (hr == VSS_E_OBJECT_NOT_FOUND)
        hr = log_error(E_INVALIDARG, "ShouldBlockRevert: there is no such volume.");
    if (SUCCEEDED(hr))
        hr = list_blocking_writers(&list);
    if (SUCCEEDED(hr) && list.count)
        hr = ask_writers(&list, volume, blocked);
    mem_free(list.ids);
    volume_free(volume);
    return hr;
}
