/* SPDX-License-Identifier: MIT
 *
 * This DLL as a module. See module.h.
 */
#include "os/module.h"

/* The linker's name for the start of the image that this code is in: right for a DLL and for a
   program. */
extern IMAGE_DOS_HEADER __ImageBase;

HINSTANCE module_instance = (HINSTANCE)&__ImageBase;

static volatile LONG live_objects;

void module_object_created(void)
{
    InterlockedIncrement(&live_objects);
}

void module_object_destroyed(void)
{
    InterlockedDecrement(&live_objects);
}

long module_object_count(void)
{
    return InterlockedCompareExchange(&live_objects, 0, 0);
}

bool module_pin(void)
{
    HMODULE module;
    return GetModuleHandleExW(
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const WCHAR *)module_instance, &module);
}

void module_unpin(void)
{
    FreeLibrary(module_instance);
}

HMODULE module_load_system(const WCHAR *name)
{
    HMODULE module = LoadLibraryExW(name, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    if (module || GetLastError() != ERROR_INVALID_PARAMETER)
        return module;
    /* Windows: 7 without KB2533623 does not know the flag. */
    WCHAR path[MAX_PATH];
    UINT length = GetSystemDirectoryW(path, MAX_PATH);
    if (!length || length + 1 + (UINT)lstrlenW(name) >= MAX_PATH)
        return NULL;
    path[length] = L'\\';
    lstrcpyW(path + length + 1, name);
    return LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
}

FARPROC module_system_function(const WCHAR *dll, const char *name)
{
    HMODULE module = GetModuleHandleW(dll);
    return module ? GetProcAddress(module, name) : NULL;
}
