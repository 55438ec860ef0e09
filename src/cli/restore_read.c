/* SPDX-License-Identifier: MIT
 *
 * What the saved documents say.
 */
#include "cli/restore_read.h"

#include <stdlib.h>
#include <wchar.h>

#include "cli/component_files.h"
#include "cli/console.h"
#include "cli/destination.h"
#include "cli/failure.h"
#include "cli/path.h"
#include "cli/variables.h"
#include "cli/wait.h"

#define BAD_DOCUMENT HRESULT_FROM_WIN32(ERROR_BAD_PATHNAME)

/* ---- The sources ---- */

WCHAR *restore_read_sources(struct restore *restore)
{
    WCHAR *path = path_join(restore->source, DESTINATION_SOURCES);
    WCHAR *wrong = NULL;
    DWORD error;
    WCHAR *text = path_read_text(path, &error);

    if (!text)
        wrong = text_format(L"%ls cannot be read: %ls is no copy that `thawline backup` made", path,
            restore->source);
    for (WCHAR *line = text; line && *line && !wrong;)
    {
        size_t length = wcscspn(line, L"\r\n");
        WCHAR *next = line + length + wcsspn(line + length, L"\r\n");

        line[length] = 0;
        if (path_is_plain(line))
            text_list_add(&restore->sources, line);
        else
            wrong = text_format(L"%ls names %ls, which is no path on a drive", path, line);
        line = next;
    }
    free(text);
    free(path);
    return wrong;
}

/* ---- Files ---- */

/* The folder that a document names; NULL and a sentence: no restore may write there. */
static WCHAR *restore_read_folder(const WCHAR *named)
{
    WCHAR *folder = variables_expand(named);
    size_t length = wcslen(folder);

    while (length > 3 && folder[length - 1] == '\\')
        folder[--length] = 0;
    if (path_is_plain(folder))
        return folder;
    console_error(L"restore: the documents name the folder %ls, which is no plain path on a drive; "
                  L"nothing was restored",
        named);
    free(folder);
    return NULL;
}

static bool restore_read_is_filespec(const WCHAR *filespec)
{
    return *filespec && !wcspbrk(filespec, L"\\/:");
}

struct restore_reading
{
    struct restore_component *component;
    size_t member;
};

static HRESULT restore_read_set(void *context, const struct component_file *file)
{
    const struct restore_reading *reading = context;
    struct restore_component *component = reading->component;
    /* From an alternate path files are read at a backup; they go back to `path`. */
    struct restore_set set = {.member = reading->member,
        .path = text_copy(file->path),
        .filespec = text_copy(file->filespec),
        .recursive = file->recursive,
        .original = restore_read_folder(file->path),
        .from = restore_read_folder(file->alternate ? file->alternate : file->path)};

    component->sets = text_grow(
        component->sets, (component->set_count + 1) * sizeof(*component->sets));
    component->sets[component->set_count++] = set;
    return set.original && set.from && restore_read_is_filespec(file->filespec) ? S_OK
                                                                                : BAD_DOCUMENT;
}

/* ---- A writer's metadata ---- */

static WCHAR *restore_full_path(const WCHAR *logical_path, const WCHAR *name)
{
    return logical_path && *logical_path ? text_format(L"%ls\\%ls", logical_path, name)
                                         : text_copy(name);
}

/* Names of components are compared as they are (requestor 2). */
static bool restore_is_in_set(const WCHAR *full_path, const WCHAR *above)
{
    size_t length = wcslen(above);

    return !wcsncmp(full_path, above, length) && (!full_path[length] || full_path[length] == '\\');
}

static HRESULT restore_read_member(struct restore_component *component, IVssWMComponent *from)
{
    PVSSCOMPONENTINFO info = NULL;
    HRESULT hr = IVssWMComponent_GetComponentInfo(from, &info);
    struct restore_member member = {0};
    size_t index = component->member_count;

    if (FAILED(hr))
        return hr;
    member.full_path = restore_full_path(info->bstrLogicalPath, info->bstrComponentName);
    if (!restore_is_in_set(member.full_path, component->full_path))
    {
        free(member.full_path);
        IVssWMComponent_FreeComponentInfo(from, info);
        return S_OK;
    }
    member.logical_path = text_copy(info->bstrLogicalPath);
    member.name = text_copy(info->bstrComponentName);
    member.selectable = info->bSelectableForRestore != 0;
    component->members = text_grow(component->members, (index + 1) * sizeof(*component->members));
    component->members[component->member_count++] = member;
    struct restore_reading reading = {component, index};
    hr = component_files_read(from, info, restore_read_set, &reading);
    IVssWMComponent_FreeComponentInfo(from, info);
    return hr;
}

/* A mapping belongs to the sets that it names exactly. */
static HRESULT restore_read_mapping(
    struct restore_component *component, IVssExamineWriterMetadata *metadata, UINT index)
{
    BSTR path = NULL, spec = NULL, destination = NULL;
    boolean recursive = FALSE;
    IVssWMFiledesc *file = NULL;
    HRESULT hr = IVssExamineWriterMetadata_GetAlternateLocationMapping(metadata, index, &file);

    if (FAILED(hr))
        return hr;
    hr = IVssWMFiledesc_GetPath(file, &path);
    if (SUCCEEDED(hr))
        hr = IVssWMFiledesc_GetFilespec(file, &spec);
    if (SUCCEEDED(hr))
        hr = IVssWMFiledesc_GetRecursive(file, &recursive);
    if (SUCCEEDED(hr))
        hr = IVssWMFiledesc_GetAlternateLocation(file, &destination);
    for (size_t i = 0; i < component->set_count && destination && SUCCEEDED(hr); i++)
    {
        struct restore_set *set = &component->sets[i];

        if (!set->mapping && text_same(set->path, path) && text_same(set->filespec, spec) &&
            set->recursive == recursive)
            set->mapping = text_copy(destination);
    }
    SysFreeString(path);
    SysFreeString(spec);
    SysFreeString(destination);
    IVssWMFiledesc_Release(file);
    return hr;
}

static HRESULT restore_read_method(
    struct restore_component *component, IVssExamineWriterMetadata *metadata)
{
    BSTR service = NULL, procedure = NULL;
    boolean reboot = FALSE;
    UINT mappings = 0;
    HRESULT hr = IVssExamineWriterMetadata_GetRestoreMethod(metadata, &component->method, &service,
        &procedure, &component->involvement, &reboot, &mappings);

    component->has_method = hr == S_OK;
    component->service = text_copy(service);
    SysFreeString(service);
    SysFreeString(procedure);
    for (UINT i = 0; i < mappings && SUCCEEDED(hr); i++)
        hr = restore_read_mapping(component, metadata, i);
    if (SUCCEEDED(hr))
        hr = IVssExamineWriterMetadata_GetBackupSchema(metadata, &component->schema);
    return hr;
}

static HRESULT restore_use_metadata(
    struct restore_component *component, IVssExamineWriterMetadata *metadata)
{
    VSS_ID instance, writer;
    VSS_USAGE_TYPE usage;
    VSS_SOURCE_TYPE source;
    BSTR name = NULL;
    UINT includes, excludes, count = 0;
    HRESULT hr = IVssExamineWriterMetadata_GetIdentity(
        metadata, &instance, &writer, &name, &usage, &source);

    component->writer_name = text_copy(name ? name : L"");
    SysFreeString(name);
    if (SUCCEEDED(hr))
        hr = IVssExamineWriterMetadata_GetFileCounts(metadata, &includes, &excludes, &count);
    for (UINT i = 0; i < count && SUCCEEDED(hr); i++)
    {
        IVssWMComponent *from = NULL;

        hr = IVssExamineWriterMetadata_GetComponent(metadata, i, &from);
        if (SUCCEEDED(hr))
            hr = restore_read_member(component, from);
        if (from)
            IVssWMComponent_Release(from);
    }
    if (SUCCEEDED(hr))
        hr = restore_read_method(component, metadata);
    return hr;
}

/* The metadata lie beside the document. */
static HRESULT restore_load_metadata(
    const struct restore *restore, const VSS_ID *instance, IVssExamineWriterMetadata **metadata)
{
    WCHAR id[TEXT_GUID_SIZE];
    WCHAR *folder = path_parent(restore->document);
    WCHAR *path, *text;
    HRESULT hr;
    DWORD error;

    text_from_guid(instance, id);
    path = text_format(L"%ls\\" DESTINATION_WRITERS L"\\%ls.xml", folder, id);
    text = path_read_text(path, &error);
    hr = HRESULT_FROM_WIN32(error);
    if (text)
    {
        BSTR xml = SysAllocString(text);

        hr = xml ? CreateVssExamineWriterMetadata(xml, metadata) : E_OUTOFMEMORY;
        SysFreeString(xml);
    }
    if (FAILED(hr))
    {
        WCHAR *what = text_format(L"Reading %ls", path);

        failure_report(what, hr);
        free(what);
    }
    free(text);
    free(path);
    free(folder);
    return hr;
}

/* ---- The components ---- */

static HRESULT restore_read_component(struct restore *restore, IVssWriterComponentsExt *part,
    UINT index, IVssExamineWriterMetadata *metadata)
{
    struct restore_component component = {.target = VSS_RT_ORIGINAL};
    IVssComponent *from = NULL;
    BSTR path = NULL, name = NULL;
    HRESULT hr = part->lpVtbl->GetComponent(part, index, &from);

    if (FAILED(hr))
        return hr;
    hr = part->lpVtbl->GetWriterInfo(part, &component.instance, &component.writer);
    if (SUCCEEDED(hr))
        hr = IVssComponent_GetLogicalPath(from, &path);
    if (SUCCEEDED(hr))
        hr = IVssComponent_GetComponentName(from, &name);
    if (SUCCEEDED(hr))
        hr = IVssComponent_GetComponentType(from, &component.type);
    IVssComponent_Release(from);
    if (SUCCEEDED(hr))
    {
        component.logical_path = text_copy(path);
        component.name = text_copy(name ? name : L"");
        component.full_path = restore_full_path(path, component.name);
        hr = restore_use_metadata(&component, metadata);
        restore->components = text_grow(
            restore->components, (restore->component_count + 1) * sizeof(*restore->components));
        restore->components[restore->component_count++] = component;
    }
    SysFreeString(path);
    SysFreeString(name);
    return hr;
}

static HRESULT restore_read_part(struct restore *restore, IVssWriterComponentsExt *part)
{
    IVssExamineWriterMetadata *metadata = NULL;
    VSS_ID instance, writer;
    UINT count = 0;
    HRESULT hr = part->lpVtbl->GetWriterInfo(part, &instance, &writer);

    if (SUCCEEDED(hr))
        hr = part->lpVtbl->GetComponentCount(part, &count);
    wait_said(L"Reading the components", hr);
    if (SUCCEEDED(hr) && count)
        hr = restore_load_metadata(restore, &instance, &metadata);
    for (UINT i = 0; i < count && SUCCEEDED(hr); i++)
    {
        hr = restore_read_component(restore, part, i, metadata);
        if (hr != BAD_DOCUMENT) /* it was said which path is bad */
            wait_said(L"Reading the components", hr);
    }
    if (metadata)
        IVssExamineWriterMetadata_Release(metadata);
    return hr;
}

HRESULT restore_read_components(struct restore *restore, IVssBackupComponents *session)
{
    UINT count = 0;
    HRESULT hr = wait_said(L"GetWriterComponentsCount",
        IVssBackupComponents_GetWriterComponentsCount(session, &count));

    for (UINT i = 0; i < count && SUCCEEDED(hr); i++)
    {
        IVssWriterComponentsExt *part = NULL;

        hr = wait_said(
            L"GetWriterComponents", IVssBackupComponents_GetWriterComponents(session, i, &part));
        if (FAILED(hr))
            break;
        hr = restore_read_part(restore, part);
        /* The table of IUnknown is the object's second. */
        IUnknown_Release((IUnknown *)((void **)part + 1));
    }
    return hr;
}
