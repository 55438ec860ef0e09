/* SPDX-License-Identifier: MIT
 *
 * The DLL's start: the loader holds its lock here, so nothing is done but to remember the instance.
 * Everything else is set up where it is first used.
 */
#include "os/module.h"

/* The loader is the only caller: there is no header to declare it. */
BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved);

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH)
    {
        module_instance = instance;
        DisableThreadLibraryCalls(instance);
    }
    return TRUE;
}
