/* SPDX-License-Identifier: MIT
 *
 * Mutexes by name. See named_mutex.h.
 */
#include "os/named_mutex.h"

HRESULT named_mutex_take(const WCHAR *name, HANDLE *mutex)
{
    HANDLE made = CreateMutexW(NULL, FALSE, name);
    DWORD error = GetLastError();
    if (!made)
        return HRESULT_FROM_WIN32(error);
    DWORD waited = WaitForSingleObject(made, NAMED_MUTEX_TIMEOUT_MS);
    if (waited != WAIT_OBJECT_0 && waited != WAIT_ABANDONED)
    {
        CloseHandle(made);
        return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
    }
    *mutex = made;
    return S_OK;
}

void named_mutex_drop(HANDLE mutex)
{
    if (!mutex)
        return;
    ReleaseMutex(mutex);
    CloseHandle(mutex);
}
