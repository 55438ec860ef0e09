/* SPDX-License-Identifier: MIT
 *
 * IVssComponent: the lists of a component. An index past the end is VSS_E_OBJECT_NOT_FOUND, in a
 * backup as in a restore. Any thread. Follows requestor 7.5 and writer-provider 4.3.
 */
#include "view/component.h"

#include "com/com_object.h"
#include "view/view_refuse.h"
#include "view/view_text.h"

/* To be used inside the scope. */
static const struct vec *list_at(const struct component_face *face, size_t list)
{
    return (const struct vec *)((const BYTE *)face->component + list);
}

static HRESULT get_count(const char *function, IVssComponentEx2 *iface, size_t list, UINT *count)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    if (!count)
        return view_refuse_null(function);
    view_scope_enter(face->scope);
    *count = (UINT)list_at(face, list)->count;
    view_scope_leave(face->scope);
    return S_OK;
}

#define COUNT_GETTER(method, list)                                                                 \
    HRESULT WINAPI component_##method(IVssComponentEx2 *iface, UINT *count)                        \
    {                                                                                              \
        return get_count(__func__, iface, offsetof(struct component, list), count);                \
    }

COUNT_GETTER(GetAlternateLocationMappingCount, alternate_mappings)
COUNT_GETTER(GetPartialFileCount, partial_files)
COUNT_GETTER(GetNewTargetCount, new_targets)
COUNT_GETTER(GetDirectedTargetCount, directed_targets)
COUNT_GETTER(GetRestoreSubcomponentCount, restore_subcomponents)
COUNT_GETTER(GetDifferencedFilesCount, differenced_files)

/* ---- Lists of file sets ---- */

static HRESULT get_file(const char *function, IVssComponentEx2 *iface, size_t list, UINT index,
    IVssWMFiledesc **filedesc)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    if (!filedesc)
        return view_refuse_null(function);
    *filedesc = NULL;
    view_scope_enter(face->scope);
    const struct file_spec *spec = vec_at(list_at(face, list), index);
    HRESULT hr = spec ? view_wm_filedesc_create(spec, filedesc) : VSS_E_OBJECT_NOT_FOUND;
    view_scope_leave(face->scope);
    return hr;
}

/* The mappings that the requestor used, not those that the writer offered. */
HRESULT WINAPI component_GetAlternateLocationMapping(
    IVssComponentEx2 *iface, UINT index, IVssWMFiledesc **filedesc)
{
    return get_file(
        __func__, iface, offsetof(struct component, alternate_mappings), index, filedesc);
}

HRESULT WINAPI component_GetNewTarget(
    IVssComponentEx2 *iface, UINT index, IVssWMFiledesc **filedesc)
{
    return get_file(__func__, iface, offsetof(struct component, new_targets), index, filedesc);
}

/* ---- Lists of texts ---- */

/* Partial files without metadata have an empty text there, not NULL: callers measure it without
   asking. */
static const WCHAR *or_empty(const WCHAR *text)
{
    return text ? text : L"";
}

HRESULT WINAPI component_GetPartialFile(
    IVssComponentEx2 *iface, UINT index, BSTR *path, BSTR *file_name, BSTR *ranges, BSTR *metadata)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    BSTR *outs[] = {path, file_name, ranges, metadata};
    if (!view_texts_clear(outs, ARRAYSIZE(outs)))
        return view_refuse_null(__func__);
    HRESULT hr = VSS_E_OBJECT_NOT_FOUND;
    view_scope_enter(face->scope);
    const struct partial_file *file = vec_at(&face->component->partial_files, index);
    if (file)
    {
        struct view_text texts[] = {
            {or_empty(file->path), path},
            {or_empty(file->file_name), file_name},
            {or_empty(file->ranges), ranges},
            {or_empty(file->metadata), metadata},
        };
        hr = view_texts_give(texts, ARRAYSIZE(texts));
    }
    view_scope_leave(face->scope);
    return hr;
}

HRESULT WINAPI component_GetDirectedTarget(IVssComponentEx2 *iface, UINT index, BSTR *source_path,
    BSTR *source_file, BSTR *source_ranges, BSTR *destination_path, BSTR *destination_file,
    BSTR *destination_ranges)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    BSTR *outs[] = {source_path, source_file, source_ranges, destination_path, destination_file,
        destination_ranges};
    if (!view_texts_clear(outs, ARRAYSIZE(outs)))
        return view_refuse_null(__func__);
    HRESULT hr = VSS_E_OBJECT_NOT_FOUND;
    view_scope_enter(face->scope);
    const struct directed_target *target = vec_at(&face->component->directed_targets, index);
    if (target)
    {
        struct view_text texts[] = {
            {target->source_path, source_path},
            {target->source_file, source_file},
            {target->source_ranges, source_ranges},
            {target->destination_path, destination_path},
            {target->destination_file, destination_file},
            {target->destination_ranges, destination_ranges},
        };
        hr = view_texts_give(texts, ARRAYSIZE(texts));
    }
    view_scope_leave(face->scope);
    return hr;
}

HRESULT WINAPI component_GetRestoreSubcomponent(
    IVssComponentEx2 *iface, UINT index, BSTR *logical_path, BSTR *name, boolean *repair)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    BSTR *outs[] = {logical_path, name};
    bool complete = view_texts_clear(outs, ARRAYSIZE(outs));
    if (repair)
        *repair = FALSE;
    if (!complete || !repair)
        return view_refuse_null(__func__);
    HRESULT hr = VSS_E_OBJECT_NOT_FOUND;
    view_scope_enter(face->scope);
    const struct restore_subcomponent *found = vec_at(
        &face->component->restore_subcomponents, index);
    if (found)
    {
        struct view_text texts[] = {{found->logical_path, logical_path}, {found->name, name}};
        hr = view_texts_give(texts, ARRAYSIZE(texts));
        if (SUCCEEDED(hr))
            *repair = found->repair;
    }
    view_scope_leave(face->scope);
    return hr;
}

/* Sequence numbers are not supported: `lsn` is always NULL. */
HRESULT WINAPI component_GetDifferencedFile(IVssComponentEx2 *iface, UINT index, BSTR *path,
    BSTR *filespec, WINBOOL *recursive, BSTR *lsn, FILETIME *last_modified)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    BSTR *outs[] = {path, filespec, lsn};
    bool complete = view_texts_clear(outs, ARRAYSIZE(outs));
    if (recursive)
        *recursive = FALSE;
    if (last_modified)
        *last_modified = (FILETIME){0};
    if (!complete || !recursive || !last_modified)
        return view_refuse_null(__func__);
    HRESULT hr = VSS_E_OBJECT_NOT_FOUND;
    view_scope_enter(face->scope);
    const struct differenced_file *file = vec_at(&face->component->differenced_files, index);
    if (file)
    {
        struct view_text texts[] = {{file->path, path}, {file->filespec, filespec}};
        hr = view_texts_give(texts, ARRAYSIZE(texts));
        if (SUCCEEDED(hr))
        {
            *recursive = file->recursive;
            *last_modified = file->last_modified;
        }
    }
    view_scope_leave(face->scope);
    return hr;
}
