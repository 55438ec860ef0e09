/* SPDX-License-Identifier: MIT
 *
 * One component of a Backup Components Document as a COM object, and which of its files has which
 * methods: component.c the object and what it says of itself, component_lists.c its lists,
 * component_write.c the setters.
 */
#ifndef THAWLINE_VIEW_COMPONENT_H
#define THAWLINE_VIEW_COMPONENT_H

#include "view/view.h"

struct component_face
{
    /* One vtable serves the whole chain. */
    IVssComponentEx2 IVssComponentEx2_iface;
    LONG refs;
    /* set once */
    struct writer_components *writer; /* a reference: `component` lives as long */
    struct view_scope *scope;         /* a reference */
    /* guarded by scope */
    struct component *component;
};

struct component_face *impl_from_IVssComponentEx2(IVssComponentEx2 *iface);

/* component_lists.c */
HRESULT WINAPI component_GetAlternateLocationMappingCount(IVssComponentEx2 *iface, UINT *count);
HRESULT WINAPI component_GetAlternateLocationMapping(
    IVssComponentEx2 *iface, UINT index, IVssWMFiledesc **filedesc);
HRESULT WINAPI component_GetPartialFileCount(IVssComponentEx2 *iface, UINT *count);
HRESULT WINAPI component_GetPartialFile(
    IVssComponentEx2 *iface, UINT index, BSTR *path, BSTR *file_name, BSTR *ranges, BSTR *metadata);
HRESULT WINAPI component_GetNewTargetCount(IVssComponentEx2 *iface, UINT *count);
HRESULT WINAPI component_GetNewTarget(
    IVssComponentEx2 *iface, UINT index, IVssWMFiledesc **filedesc);
HRESULT WINAPI component_GetDirectedTargetCount(IVssComponentEx2 *iface, UINT *count);
HRESULT WINAPI component_GetDirectedTarget(IVssComponentEx2 *iface, UINT index, BSTR *source_path,
    BSTR *source_file, BSTR *source_ranges, BSTR *destination_path, BSTR *destination_file,
    BSTR *destination_ranges);
HRESULT WINAPI component_GetRestoreSubcomponentCount(IVssComponentEx2 *iface, UINT *count);
HRESULT WINAPI component_GetRestoreSubcomponent(
    IVssComponentEx2 *iface, UINT index, BSTR *logical_path, BSTR *name, boolean *repair);
HRESULT WINAPI component_GetDifferencedFilesCount(IVssComponentEx2 *iface, UINT *count);
HRESULT WINAPI component_GetDifferencedFile(IVssComponentEx2 *iface, UINT index, BSTR *path,
    BSTR *filespec, WINBOOL *recursive, BSTR *lsn, FILETIME *last_modified);

/* component_write.c */
HRESULT WINAPI component_SetBackupMetadata(IVssComponentEx2 *iface, LPCWSTR text);
HRESULT WINAPI component_AddPartialFile(
    IVssComponentEx2 *iface, LPCWSTR path, LPCWSTR file_name, LPCWSTR ranges, LPCWSTR metadata);
HRESULT WINAPI component_AddDirectedTarget(IVssComponentEx2 *iface, LPCWSTR source_path,
    LPCWSTR source_file, LPCWSTR source_ranges, LPCWSTR destination_path, LPCWSTR destination_file,
    LPCWSTR destination_ranges);
HRESULT WINAPI component_SetRestoreMetadata(IVssComponentEx2 *iface, LPCWSTR text);
HRESULT WINAPI component_SetRestoreTarget(IVssComponentEx2 *iface, VSS_RESTORE_TARGET target);
HRESULT WINAPI component_SetPreRestoreFailureMsg(IVssComponentEx2 *iface, LPCWSTR text);
HRESULT WINAPI component_SetPostRestoreFailureMsg(IVssComponentEx2 *iface, LPCWSTR text);
HRESULT WINAPI component_SetBackupStamp(IVssComponentEx2 *iface, LPCWSTR text);
HRESULT WINAPI component_AddDifferencedFilesByLastModifyTime(IVssComponentEx2 *iface, LPCWSTR path,
    LPCWSTR filespec, WINBOOL recursive, FILETIME last_modified);
HRESULT WINAPI component_AddDifferencedFilesByLastModifyLSN(
    IVssComponentEx2 *iface, LPCWSTR path, LPCWSTR filespec, WINBOOL recursive, BSTR lsn);
HRESULT WINAPI component_SetPrepareForBackupFailureMsg(IVssComponentEx2 *iface, LPCWSTR text);
HRESULT WINAPI component_SetPostSnapshotFailureMsg(IVssComponentEx2 *iface, LPCWSTR text);
HRESULT WINAPI component_SetFailure(
    IVssComponentEx2 *iface, HRESULT hr, HRESULT hr_application, LPCWSTR message, DWORD reserved);

#endif
