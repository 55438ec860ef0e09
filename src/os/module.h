/* SPDX-License-Identifier: MIT
 *
 * This DLL as a module: its handle, and what keeps it loaded.
 */
#ifndef THAWLINE_OS_MODULE_H
#define THAWLINE_OS_MODULE_H

#include "base/types.h"

/* Set by DllMain; in a program that links the rooms statically it stays the program's own
   handle. */
extern HINSTANCE module_instance;

/* Live COM objects and subscriptions: DllCanUnloadNow says S_OK at zero. A writer that is
   subscribed and work that is pending also hold a reference to the DLL itself (GetModuleHandleEx),
   so that FreeLibrary cannot pull the code away under a running thread. */
void module_object_created(void);
void module_object_destroyed(void);
long module_object_count(void);
bool module_pin(void); /* one more reference to the DLL */
void module_unpin(
    void); /* gives it back; the caller's own code must not be running on that reference alone */

/* Loads a DLL of the system from System32 only. */
HMODULE module_load_system(const WCHAR *name);
/* A function of ntdll or kernel32, NULL when this system lacks it. */
FARPROC module_system_function(const WCHAR *dll, const char *name);

#endif
