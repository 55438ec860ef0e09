/* SPDX-License-Identifier: MIT
 *
 * The records of the catalog and their names. See catalog_record.h; the folder and its mutex are in
 * catalog_folder.c.
 */
#include "catalog/catalog_record.h"

#include <string.h>
#include <vss.h>

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "document/document.h"
#include "volume/private_folder.h"

/* 64 members with long names stay far below; what is larger is no record of ours. */
#define RECORD_LIMIT (16u << 20)
#define BYTE_ORDER_MARK 0xFEFF

static WCHAR *path_of(
    const struct catalog_folder *folder, const GUID *set_id, const WCHAR *extension)
{
    WCHAR id[GUID_TEXT_LENGTH + 1];
    struct str16_builder builder = {0};
    guid_to_text(set_id, id);
    str16_builder_add(&builder, folder->path);
    str16_builder_add_char(&builder, L'\\');
    str16_builder_add(&builder, id);
    str16_builder_add(&builder, extension);
    return str16_builder_take(&builder);
}

WCHAR *catalog_record_path(const struct catalog_folder *folder, const GUID *set_id)
{
    return path_of(folder, set_id, L".xml");
}

WCHAR *catalog_lock_path(const struct catalog_folder *folder, const GUID *set_id)
{
    return path_of(folder, set_id, L".lock");
}

bool catalog_is_auto_release(const struct snapshot_set *set)
{
    return !(set->context & VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE);
}

static HRESULT parse(const WCHAR *text, size_t length, const GUID *set_id,
    struct snapshot_set **set, struct xml_flaw *flaw)
{
    struct snapshot_set *loaded = NULL;
    if (length && *text == BYTE_ORDER_MARK)
    {
        text++;
        length--;
    }
    HRESULT hr = document_load_snapshot_set(text, length, &loaded, flaw);
    /* Paths of stores are derived from ids: a record must not speak for another. */
    if (SUCCEEDED(hr) && !guid_equal(&loaded->id, set_id))
    {
        xml_flaw_set(flaw, "it is the record of another set", "", text, length, 0);
        hr = VSS_E_INVALID_XML_DOCUMENT;
    }
    if (FAILED(hr))
        snapshot_set_release(loaded);
    else
        *set = loaded;
    return hr;
}

HRESULT catalog_record_read(
    const struct catalog_folder *folder, const GUID *set_id, struct snapshot_set **set)
{
    void *bytes = NULL;
    size_t size = 0;
    struct xml_flaw flaw = {0};
    WCHAR *path = catalog_record_path(folder, set_id);
    HRESULT hr = path ? file_read_all(path, RECORD_LIMIT, &bytes, &size) : E_OUTOFMEMORY;
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
        hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND))
    {
        hr = VSS_E_OBJECT_NOT_FOUND;
        goto done;
    }
    if (SUCCEEDED(hr))
        hr = parse(bytes, size / sizeof(WCHAR), set_id, set, &flaw);
    if (hr == VSS_E_INVALID_XML_DOCUMENT)
        log_warning(hr,
            "The record %ls is damaged (" XML_FLAW_FORMAT
            "); it is kept, and its shadow copies are not listed.",
            path, XML_FLAW_VALUES(&flaw));
    else if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_warning(hr,
            "The record %ls can't be read; it is kept, and its shadow copies are not listed.",
            path);
done:
    mem_free(bytes);
    mem_free(path);
    return hr;
}

HRESULT catalog_record_write(const struct catalog_folder *folder, const struct snapshot_set *set)
{
    WCHAR *text = NULL;
    WCHAR *marked = NULL;
    size_t length = 0;
    WCHAR *path = catalog_record_path(folder, &set->id);
    HRESULT hr = path ? document_save_snapshot_set(set, &text, &length) : E_OUTOFMEMORY;
    if (FAILED(hr))
        goto done;
    hr = E_OUTOFMEMORY;
    marked = mem_alloc_array(length + 1, sizeof(WCHAR));
    if (!marked)
        goto done;
    marked[0] = BYTE_ORDER_MARK;
    memcpy(marked + 1, text, length * sizeof(WCHAR));
    hr = file_write_atomic(path, marked, (length + 1) * sizeof(WCHAR));
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "The record %ls can't be written.", path);
done:
    mem_free(marked);
    mem_free(text);
    mem_free(path);
    return hr;
}

HRESULT catalog_record_delete(const struct catalog_folder *folder, const GUID *set_id)
{
    WCHAR *path = catalog_record_path(folder, set_id);
    HRESULT hr = path ? file_delete(path) : E_OUTOFMEMORY;
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "The record %ls can't be deleted.", path);
    mem_free(path);
    return hr;
}

HRESULT catalog_record_check_owner(const struct catalog_folder *folder, const GUID *set_id)
{
    WCHAR *path = catalog_record_path(folder, set_id);
    HRESULT hr = path ? private_folder_check(path) : E_OUTOFMEMORY;
    if (hr == E_ACCESSDENIED)
        log_error(hr, "The record %ls belongs to another user.", path);
    mem_free(path);
    return hr;
}

HRESULT catalog_life_lock(
    const struct catalog_folder *folder, const GUID *set_id, struct file_lock **lock)
{
    WCHAR *path = catalog_lock_path(folder, set_id);
    HRESULT hr = path ? file_lock_take(path, lock) : E_OUTOFMEMORY;
    mem_free(path);
    return hr;
}
