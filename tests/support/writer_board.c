/* SPDX-License-Identifier: MIT
 *
 * The block of shared memory and its events. See writer_board.h.
 */
#include "support/writer_board.h"

#include <stdio.h>

struct board *board_open(const WCHAR *name, HANDLE *section)
{
    struct board *board;
    *section = CreateFileMappingW(
        INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(struct board), name);
    if (!*section)
        return NULL;
    board = MapViewOfFile(*section, FILE_MAP_ALL_ACCESS, 0, 0, sizeof(struct board));
    if (!board)
        CloseHandle(*section);
    return board;
}

void board_close(struct board *board, HANDLE section)
{
    UnmapViewOfFile(board);
    CloseHandle(section);
}

HANDLE board_signal(const WCHAR *name, enum board_signal signal)
{
    WCHAR full[BOARD_NAME + 16];
    _snwprintf(full, ARRAYSIZE(full), L"%ls.signal%d", name, (int)signal);
    return CreateEventW(NULL, signal == BOARD_GO, FALSE, full);
}

LONGLONG board_now(void)
{
    LARGE_INTEGER now;
    QueryPerformanceCounter(&now);
    return now.QuadPart;
}

void components_change(IVssWriterComponents *components, const WCHAR *name)
{
    UINT count = 0;
    if (components)
        components->lpVtbl->GetComponentCount(components, &count);
    for (UINT i = 0; i < count; i++)
    {
        IVssComponent *component = NULL;
        WCHAR text[BOARD_NAME + 32];
        if (FAILED(components->lpVtbl->GetComponent(components, i, &component)))
            continue;
        _snwprintf(text, ARRAYSIZE(text), L"metadata %u of %ls", i, name);
        IVssComponent_SetBackupMetadata(component, text);
        _snwprintf(text, ARRAYSIZE(text), L"stamp %u of %ls", i, name);
        IVssComponent_SetBackupStamp(component, text);
        _snwprintf(text, ARRAYSIZE(text), L"%ls-%u.dat", name, i);
        IVssComponent_AddPartialFile(component, L"C:\\data", text, L"0:4096", L"tail");
        _snwprintf(text, ARRAYSIZE(text), L"restore metadata %u of %ls", i, name);
        IVssComponent_SetRestoreMetadata(component, text);
        _snwprintf(text, ARRAYSIZE(text), L"failure %u of %ls", i, name);
        IVssComponent_SetPreRestoreFailureMsg(component, text);
        IVssComponent_SetPostRestoreFailureMsg(component, text);
        IVssComponent_Release(component);
    }
}
