/* SPDX-License-Identifier: MIT
 *
 * File sets of components. See component_files.h.
 */
#include "cli/component_files.h"

static HRESULT component_files_tell(
    IVssWMFiledesc *file, component_files_visit visit, void *context)
{
    BSTR path = NULL, filespec = NULL, alternate = NULL;
    struct component_file told = {0};
    HRESULT hr = IVssWMFiledesc_GetPath(file, &path);

    if (SUCCEEDED(hr))
        hr = IVssWMFiledesc_GetFilespec(file, &filespec);
    if (SUCCEEDED(hr))
        hr = IVssWMFiledesc_GetRecursive(file, &told.recursive);
    if (SUCCEEDED(hr))
        hr = IVssWMFiledesc_GetAlternateLocation(file, &alternate);
    if (SUCCEEDED(hr))
        hr = IVssWMFiledesc_GetBackupTypeMask(file, &told.mask);
    if (SUCCEEDED(hr))
    {
        told.path = path;
        told.filespec = filespec;
        told.alternate = alternate;
        hr = visit(context, &told);
    }
    SysFreeString(path);
    SysFreeString(filespec);
    SysFreeString(alternate);
    return hr;
}

/* Files, database files and log files are read alike. */
typedef HRESULT(STDMETHODCALLTYPE *component_files_getter)(
    IVssWMComponent *component, UINT index, IVssWMFiledesc **file);

static HRESULT component_files_read_list(IVssWMComponent *component, component_files_getter getter,
    UINT count, component_files_visit visit, void *context)
{
    HRESULT hr = S_OK;

    for (UINT i = 0; i < count && SUCCEEDED(hr); i++)
    {
        IVssWMFiledesc *file = NULL;

        hr = getter(component, i, &file);
        if (SUCCEEDED(hr))
            hr = component_files_tell(file, visit, context);
        if (file)
            IVssWMFiledesc_Release(file);
    }
    return hr;
}

HRESULT component_files_read(IVssWMComponent *component, const VSS_COMPONENTINFO *info,
    component_files_visit visit, void *context)
{
    const struct
    {
        component_files_getter getter;
        UINT count;
    } lists[] = {
        {component->lpVtbl->GetFile, info->cFileCount},
        {component->lpVtbl->GetDatabaseFile, info->cDatabases},
        {component->lpVtbl->GetDatabaseLogFile, info->cLogFiles},
    };
    HRESULT hr = S_OK;

    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists) && SUCCEEDED(hr); i++)
        hr = component_files_read_list(component, lists[i].getter, lists[i].count, visit, context);
    return hr;
}
