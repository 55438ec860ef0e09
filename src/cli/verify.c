/* SPDX-License-Identifier: MIT
 *
 * Compares the copy with the shadow copy. Every file and folder of the shadow copy must be in the
 * copy, with the same bytes; what else lies in the destination does not matter.
 */
#include "cli/verify.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cancel.h"
#include "cli/copy_tree.h"
#include "cli/path.h"
#include "cli/progress.h"
#include "cli/tree.h"

#define VERIFY_BUFFER_SIZE (1024 * 1024)

struct verify
{
    struct backup *backup;
    const struct backup_source *source;
    BYTE *buffers[2];
};

static HANDLE verify_open(const WCHAR *name)
{
    return CreateFileW(name, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_SEQUENTIAL_SCAN, NULL);
}

static bool verify_contents(struct verify *verify, HANDLE a, HANDLE b, DWORD *error)
{
    for (;;)
    {
        DWORD size_a, size_b;

        if (!ReadFile(a, verify->buffers[0], VERIFY_BUFFER_SIZE, &size_a, NULL) ||
            !ReadFile(b, verify->buffers[1], VERIFY_BUFFER_SIZE, &size_b, NULL))
        {
            *error = GetLastError();
            return false;
        }
        if (size_a != size_b || memcmp(verify->buffers[0], verify->buffers[1], size_a))
            return false;
        if (!size_a)
            return true;
        progress_add(size_a);
        progress_draw();
        if (cancel_requested())
            return true;
    }
}

static bool verify_file(
    struct verify *verify, const WCHAR *original, const WCHAR *copy, DWORD *error)
{
    HANDLE a = verify_open(original);
    HANDLE b = INVALID_HANDLE_VALUE;
    bool same = false;

    if (a == INVALID_HANDLE_VALUE)
        *error = GetLastError();
    else
        b = verify_open(copy);
    if (b != INVALID_HANDLE_VALUE)
        same = verify_contents(verify, a, b, error);
    else if (a != INVALID_HANDLE_VALUE)
        *error = GetLastError();
    if (a != INVALID_HANDLE_VALUE)
        CloseHandle(a);
    if (b != INVALID_HANDLE_VALUE)
        CloseHandle(b);
    return same;
}

/* Whether copying already reported it. */
static bool verify_is_unread(const struct backup *backup, const WCHAR *path)
{
    for (size_t i = 0; i < backup->unread.count; i++)
    {
        if (text_same(backup->unread.items[i].path, path))
            return true;
    }
    return false;
}

static bool verify_visit(void *context, const struct tree_item *item)
{
    struct verify *verify = context;
    WCHAR *path = path_join(verify->source->path, item->relative);
    WCHAR *target = path_join(verify->source->target, item->relative);
    WCHAR *name = path_open_name(target);
    DWORD error = ERROR_SUCCESS;
    bool same = true;

    if (item->event == TREE_FILE && !verify_is_unread(verify->backup, path))
    {
        same = verify_file(verify, item->path, name, &error);
    }
    else if (item->event == TREE_FOLDER && !verify_is_unread(verify->backup, path))
    {
        DWORD attributes = path_attributes(target);

        same = attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY);
    }
    if (!same)
        backup_add_trouble(&verify->backup->different, path, error);
    free(name);
    free(target);
    free(path);
    return !cancel_requested();
}

HRESULT verify(struct backup *backup)
{
    struct verify verify = {.backup = backup};

    verify.buffers[0] = text_memory(VERIFY_BUFFER_SIZE);
    verify.buffers[1] = text_memory(VERIFY_BUFFER_SIZE);
    progress_phase(L"Verifying", backup->bytes);
    for (size_t i = 0; i < backup->source_count && !cancel_requested(); i++)
    {
        WCHAR *from = copy_tree_source(backup, &backup->sources[i]);

        verify.source = &backup->sources[i];
        tree_walk(from, verify_visit, &verify);
        free(from);
    }
    free(verify.buffers[0]);
    free(verify.buffers[1]);
    backup->verified = !cancel_requested();
    return backup->verified ? S_OK : CANCELLED;
}
