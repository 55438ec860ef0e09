/* SPDX-License-Identifier: MIT
 *
 * The folder of express writers. See express_store.h.
 */
#include "bus/express_store.h"

#include <vss.h>

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "document/document.h"
#include "os/file.h"
#include "os/named_mutex.h"
#include "os/settings.h"
#include "xml/xml_limits.h"

/* Windows has two levels; a link into a folder above must not lead round and round. */
#define DEEPEST 8
#define LONGEST_FILE ((size_t)XML_MAX_DOCUMENT_UNITS * sizeof(WCHAR))

/* ---- Where it is ---- */

/* mem_free it; NULL when memory is exhausted. */
static WCHAR *folder_of(const WCHAR *scope)
{
    WCHAR system[MAX_PATH];
    struct str16_builder path = {0};
    UINT length = GetSystemWindowsDirectoryW(system, MAX_PATH);
    if (!length || length >= MAX_PATH)
        return NULL;
    str16_builder_add(&path, system);
    str16_builder_add(&path, L"\\Vss\\Writers");
    if (!str16_equal_nocase(scope, L"default"))
    {
        str16_builder_add_char(&path, L'.');
        str16_builder_add(&path, scope);
    }
    return str16_builder_take(&path);
}

/* Where new documents go: what installers add stands apart from what belongs to the system. */
static WCHAR *application_folder_of(const WCHAR *scope)
{
    WCHAR *folder = folder_of(scope);
    WCHAR *application = folder ? file_join(folder, L"Application") : NULL;
    mem_free(folder);
    return application;
}

/* ---- One at a time ---- */

static HRESULT enter(const WCHAR *scope, HANDLE *mutex)
{
    struct str16_builder name = {0};
    str16_builder_add(&name, L"Global\\Thawline-Express-");
    str16_builder_add(&name, scope);
    WCHAR *text = str16_builder_take(&name);
    if (!text)
        return E_OUTOFMEMORY;
    /* Every file is whole at any time, also when a holder died. */
    HRESULT hr = named_mutex_take(text, mutex);
    mem_free(text);
    return FAILED(hr) ? log_error(hr, "The express writers can't be locked.") : S_OK;
}

/* ---- Reading ---- */

HRESULT express_document_parse(const WCHAR *text, struct writer_metadata **out)
{
    struct writer_metadata *metadata = NULL;
    HRESULT hr = document_load_writer_metadata(text, str16_len(text), &metadata, NULL);
    if (SUCCEEDED(hr) &&
        (guid_is_null(&metadata->writer_id) || guid_is_null(&metadata->instance_id)))
        hr = VSS_E_INVALID_XML_DOCUMENT;
    if (SUCCEEDED(hr))
        hr = str16_assign(&metadata->verbatim, text);
    if (SUCCEEDED(hr))
    {
        *out = metadata;
        return S_OK;
    }
    writer_metadata_release(metadata);
    return log_warning(hr, "This is no document of an express writer.");
}

void express_document_free(void *freed)
{
    struct express_document *document = freed;
    if (!document)
        return;
    mem_free(document->path);
    writer_metadata_release(document->metadata);
    mem_free(document);
}

/* In-box files are in single bytes; people's editors may put a mark in front, or write UTF-16. */
static WCHAR *decode(const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    if (size >= 2 && at[0] == 0xFF && at[1] == 0xFE)
        return str16_ndup((const WCHAR *)bytes + 1, size / sizeof(WCHAR) - 1);
    bool marked = size >= 3 && at[0] == 0xEF && at[1] == 0xBB && at[2] == 0xBF;
    return str16_from_utf8((const char *)bytes + (marked ? 3 : 0), size - (marked ? 3 : 0), NULL);
}

static HRESULT read_document(const WCHAR *path, struct writer_metadata **metadata)
{
    void *bytes = NULL;
    size_t size = 0;
    HRESULT hr = file_read_all(path, LONGEST_FILE, &bytes, &size);
    WCHAR *text = SUCCEEDED(hr) ? decode(bytes, size) : NULL;
    if (SUCCEEDED(hr))
        hr = text ? express_document_parse(text, metadata) : E_OUTOFMEMORY;
    mem_free(text);
    mem_free(bytes);
    return hr;
}

static bool is_listed(const struct vec *documents, const GUID *instance_id)
{
    for (size_t i = 0; i < documents->count; i++)
    {
        const struct express_document *document = documents->items[i];
        if (guid_equal(&document->metadata->instance_id, instance_id))
            return true;
    }
    return false;
}

/* Takes `path` and `metadata`, whatever becomes of it. */
static HRESULT push_document(struct vec *documents, WCHAR *path, struct writer_metadata *metadata)
{
    struct express_document *document = mem_alloc(sizeof(*document));
    if (document)
        *document = (struct express_document){.path = path, .metadata = metadata};
    if (document && vec_push(documents, document))
        return S_OK;
    mem_free(path);
    writer_metadata_release(metadata);
    mem_free(document);
    return E_OUTOFMEMORY;
}

/* Takes `path`. */
static HRESULT list_file(WCHAR *path, struct vec *documents)
{
    struct writer_metadata *metadata = NULL;
    HRESULT hr = read_document(path, &metadata);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_warning(hr, "%ls is left out.", path);
    else if (SUCCEEDED(hr) && is_listed(documents, &metadata->instance_id))
        log_warning(S_OK, "%ls is left out: another file has the same instance id.", path);
    else if (SUCCEEDED(hr))
        return push_document(documents, path, metadata);
    writer_metadata_release(metadata);
    mem_free(path);
    return hr == E_OUTOFMEMORY ? hr : S_OK;
}

static bool is_xml(const WCHAR *name)
{
    const WCHAR *extension = str16_find_last_char(name, L'.');
    return extension && str16_equal_nocase(extension, L".xml");
}

static bool is_dots(const WCHAR *name)
{
    return str16_equal(name, L".") || str16_equal(name, L"..");
}

static HRESULT list_folder(const WCHAR *folder, unsigned depth, struct vec *documents);

static HRESULT list_entry(
    const WCHAR *folder, const WIN32_FIND_DATAW *found, unsigned depth, struct vec *documents)
{
    bool is_folder = found->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY;
    bool is_link = found->dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT;
    if (is_link || is_dots(found->cFileName) ||
        (is_folder ? depth == 0 : !is_xml(found->cFileName)))
        return S_OK;
    WCHAR *path = file_join(folder, found->cFileName);
    if (!path)
        return E_OUTOFMEMORY;
    if (!is_folder)
        return list_file(path, documents);
    HRESULT hr = list_folder(path, depth - 1, documents);
    mem_free(path);
    return hr;
}

/* A folder that is not there holds nothing, and one that cannot be read is not ours to judge. */
static HRESULT list_folder(const WCHAR *folder, unsigned depth, struct vec *documents)
{
    WIN32_FIND_DATAW found;
    WCHAR *joined = file_join(folder, L"*");
    WCHAR *pattern = joined ? file_long_path(joined) : NULL;
    mem_free(joined);
    if (!pattern)
        return E_OUTOFMEMORY;
    HANDLE search = FindFirstFileExW(
        pattern, FindExInfoBasic, &found, FindExSearchNameMatch, NULL, 0);
    DWORD error = GetLastError();
    mem_free(pattern);
    if (search == INVALID_HANDLE_VALUE)
    {
        if (error != ERROR_FILE_NOT_FOUND && error != ERROR_PATH_NOT_FOUND)
            log_warning(HRESULT_FROM_WIN32(error), "%ls can't be listed.", folder);
        return S_OK;
    }
    HRESULT hr = S_OK;
    do
    {
        hr = list_entry(folder, &found, depth, documents);
        error = SUCCEEDED(hr) && !FindNextFileW(search, &found) ? GetLastError() : ERROR_SUCCESS;
    } while (SUCCEEDED(hr) && error == ERROR_SUCCESS);
    if (SUCCEEDED(hr) && error != ERROR_NO_MORE_FILES)
        log_warning(HRESULT_FROM_WIN32(error), "%ls can't be listed to its end.", folder);
    FindClose(search);
    return hr;
}

HRESULT express_store_list(const WCHAR *scope, struct vec *documents)
{
    struct vec made = {0};
    WCHAR *folder = folder_of(scope);
    HRESULT hr = folder ? list_folder(folder, DEEPEST, &made) : E_OUTOFMEMORY;
    mem_free(folder);
    for (size_t i = 0; SUCCEEDED(hr) && i < made.count; i++)
    {
        hr = vec_push(documents, made.items[i]) ? S_OK : E_OUTOFMEMORY;
        if (SUCCEEDED(hr))
            made.items[i] = NULL;
    }
    vec_free(&made, express_document_free);
    return hr;
}

/* ---- Changing ---- */

/* *found: the path of the writer's file, or NULL; mem_free it. */
static HRESULT find_file(const WCHAR *scope, const GUID *writer_id, WCHAR **found)
{
    struct vec documents = {0};
    *found = NULL;
    HRESULT hr = express_store_list(scope, &documents);
    for (size_t i = 0; i < documents.count && !*found; i++)
    {
        struct express_document *document = documents.items[i];
        if (!guid_equal(&document->metadata->writer_id, writer_id))
            continue;
        *found = document->path;
        document->path = NULL;
    }
    vec_free(&documents, express_document_free);
    return hr;
}

static HRESULT write_document(const WCHAR *scope, const struct writer_metadata *metadata)
{
    WCHAR name[GUID_TEXT_LENGTH + sizeof(".xml")];
    WCHAR *folder = application_folder_of(scope);
    WCHAR *path = NULL;
    size_t size = 0;
    char *bytes = utf8_from_str16(metadata->verbatim, str16_len(metadata->verbatim), &size);
    guid_to_text(&metadata->writer_id, name);
    for (size_t i = 0; i < sizeof(".xml"); i++)
        name[GUID_TEXT_LENGTH + i] = (WCHAR) ".xml"[i];
    if (folder)
        path = file_join(folder, name);
    HRESULT hr = path && bytes ? file_make_folders(folder) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = file_write_atomic(path, bytes, size);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "%ls can't be written.", path);
    mem_free(bytes);
    mem_free(path);
    mem_free(folder);
    return hr;
}

HRESULT express_store_add(const WCHAR *scope, const struct writer_metadata *metadata)
{
    HANDLE mutex = NULL;
    WCHAR *existing = NULL;
    HRESULT hr = enter(scope, &mutex);
    if (SUCCEEDED(hr))
        hr = find_file(scope, &metadata->writer_id, &existing);
    if (existing)
        hr = log_warning(VSS_E_OBJECT_ALREADY_EXISTS, "This writer is registered: %ls.", existing);
    if (SUCCEEDED(hr))
        hr = write_document(scope, metadata);
    named_mutex_drop(mutex);
    mem_free(existing);
    return hr;
}

/* What only tests and other isolated worlds use leaves no empty folders behind. Windows's own
   folder is not ours. */
static void remove_empty_folders(const WCHAR *scope)
{
    WCHAR *folder = folder_of(scope);
    WCHAR *application = application_folder_of(scope);
    if (folder && application && !str16_equal_nocase(scope, L"default"))
    {
        RemoveDirectoryW(application);
        RemoveDirectoryW(folder);
    }
    mem_free(application);
    mem_free(folder);
}

HRESULT express_store_remove(const WCHAR *scope, const GUID *writer_id)
{
    HANDLE mutex = NULL;
    WCHAR *path = NULL;
    HRESULT hr = enter(scope, &mutex);
    if (SUCCEEDED(hr))
        hr = find_file(scope, writer_id, &path);
    if (SUCCEEDED(hr) && !path)
        hr = log_warning(VSS_E_OBJECT_NOT_FOUND, "No express writer of this id is registered.");
    if (SUCCEEDED(hr))
    {
        hr = file_delete(path);
        if (FAILED(hr))
            log_error(hr, "%ls can't be deleted.", path);
        else
            remove_empty_folders(scope);
    }
    named_mutex_drop(mutex);
    mem_free(path);
    return hr;
}
