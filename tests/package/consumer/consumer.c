/* SPDX-License-Identifier: MIT
 *
 * A program that uses an installed Thawline: which version it is, and that a requestor can be made.
 */
#define COBJMACROS
#include <stdio.h>

#include <windows.h>
#include <vss.h>
#include <vsbackup.h>

#include <thawline.h>
#include <vsswriter.h>

int main(void)
{
    IVssBackupComponents *backup = NULL;
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    HRESULT hr = CreateVssBackupComponentsInternal(&backup);
    printf("%s, %s\n", ThawlineGetVersion(), ThawlineGetResultName(hr));
    if (SUCCEEDED(hr))
        IVssBackupComponents_Release(backup);
    CoUninitialize();
    return FAILED(hr);
}
