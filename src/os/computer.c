/* SPDX-License-Identifier: MIT
 *
 * This computer's names. See computer.h.
 */
#include "os/computer.h"

#include "base/mem.h"

HRESULT computer_name(COMPUTER_NAME_FORMAT format, WCHAR **name)
{
    DWORD units = 0;
    GetComputerNameExW(format, NULL, &units);
    DWORD room = units + 1; /* also where no room at all was asked for */
    WCHAR *made = mem_alloc_array(room, sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    if (!GetComputerNameExW(format, made, &room))
    {
        HRESULT hr = HRESULT_FROM_WIN32(GetLastError());
        mem_free(made);
        return hr;
    }
    *name = made;
    return S_OK;
}
