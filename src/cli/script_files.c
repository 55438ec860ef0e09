/* SPDX-License-Identifier: MIT
 *
 * Files of scripted writers. See script_files.h.
 */
#include "cli/script_files.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <bcrypt.h>

#include "cli/file_set.h"
#include "cli/path.h"
#include "cli/ranges.h"
#include "cli/text.h"
#include "cli/tree.h"

#define BUFFER_SIZE (256 * 1024)

/* ---- Which they are ---- */

struct visit
{
    struct file_set set;
    script_visitor visit;
    void *context;
};

static bool visit_item(void *context, const struct tree_item *item)
{
    struct visit *visit = context;

    if (item->event != TREE_FILE)
        return true;
    WCHAR *path = path_join(visit->set.folder, item->relative);
    bool go_on = !file_set_holds(&visit->set, path, true) || visit->visit(visit->context, path);
    free(path);
    return go_on;
}

bool script_files_visit(const WCHAR *folder, const WCHAR *filespec, bool recursive,
    script_visitor visit, void *context)
{
    struct visit walk = {file_set_expand(folder, filespec, recursive), visit, context};
    WCHAR *root = path_open_name(walk.set.folder);
    bool whole = tree_walk(root, visit_item, &walk);

    free(root);
    file_set_free(&walk.set);
    return whole;
}

/* ---- What is in them ---- */

struct digest
{
    BCRYPT_ALG_HANDLE algorithm;
    BCRYPT_HASH_HANDLE hash;
};

static DWORD digest_begin(struct digest *digest)
{
    *digest = (struct digest){0};
    if (BCryptOpenAlgorithmProvider(&digest->algorithm, BCRYPT_SHA256_ALGORITHM, NULL, 0) < 0)
        return ERROR_NOT_SUPPORTED;
    if (BCryptCreateHash(digest->algorithm, &digest->hash, NULL, 0, NULL, 0, 0) < 0)
        return ERROR_NOT_ENOUGH_MEMORY;
    return ERROR_SUCCESS;
}

static void digest_end(struct digest *digest)
{
    if (digest->hash)
        BCryptDestroyHash(digest->hash);
    if (digest->algorithm)
        BCryptCloseAlgorithmProvider(digest->algorithm, 0);
}

/* Up to `length` bytes from here on; a file that ends before counts as it is. */
static DWORD digest_bytes(struct digest *digest, HANDLE file, ULONGLONG length, ULONGLONG *size)
{
    BYTE *buffer = text_memory(BUFFER_SIZE);
    DWORD error = ERROR_SUCCESS;

    while (length && !error)
    {
        DWORD got = 0;
        DWORD wanted = length < BUFFER_SIZE ? (DWORD)length : BUFFER_SIZE;
        if (!ReadFile(file, buffer, wanted, &got, NULL))
            error = GetLastError();
        if (!got)
            break;
        BCryptHashData(digest->hash, buffer, got, 0);
        *size += got;
        length -= got;
    }
    free(buffer);
    return error;
}

static DWORD digest_ranges(
    struct digest *digest, HANDLE file, const WCHAR *text, ULONGLONG *size)
{
    struct ranges ranges = {0};
    DWORD error = ranges_parse(text, &ranges) ? ERROR_SUCCESS : ERROR_INVALID_DATA;

    for (size_t i = 0; i < ranges.count && !error; i++)
    {
        LARGE_INTEGER at = {.QuadPart = (LONGLONG)ranges.items[i].offset};
        if (!SetFilePointerEx(file, at, NULL, FILE_BEGIN))
            error = GetLastError();
        else
            error = digest_bytes(digest, file, ranges.items[i].length, size);
    }
    if (error != ERROR_INVALID_DATA)
        ranges_free(&ranges);
    return error;
}

/* Its ranges, or all of it. */
static DWORD digest_file(const WCHAR *path, const WCHAR *ranges, ULONGLONG *size, BYTE *result)
{
    WCHAR *name = path_open_name(path);
    HANDLE file = CreateFileW(name, GENERIC_READ,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    DWORD error = file == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
    struct digest digest = {0};

    free(name);
    *size = 0;
    if (!error)
        error = digest_begin(&digest);
    if (!error)
        error = ranges ? digest_ranges(&digest, file, ranges, size)
                       : digest_bytes(&digest, file, MAXULONGLONG, size);
    if (!error && BCryptFinishHash(digest.hash, result, SCRIPT_DIGEST_SIZE, 0) < 0)
        error = ERROR_INVALID_DATA;
    digest_end(&digest);
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    return error;
}

/* ---- What they held ---- */

DWORD script_files_keep(
    struct script_kept_list *list, size_t component, const WCHAR *path, const WCHAR *ranges)
{
    struct script_kept kept = {.component = component};
    DWORD error = digest_file(path, ranges, &kept.size, kept.digest);

    if (error)
        return error;
    kept.path = text_copy(path);
    kept.ranges = text_copy(ranges);
    list->items = text_grow(list->items, (list->count + 1) * sizeof(*list->items));
    list->items[list->count++] = kept;
    return ERROR_SUCCESS;
}

DWORD script_files_compare(const struct script_kept *kept, const WCHAR *path, bool *same)
{
    BYTE digest[SCRIPT_DIGEST_SIZE];
    ULONGLONG size = 0;
    DWORD error = digest_file(path, kept->ranges, &size, digest);

    *same = !error && size == kept->size && memcmp(digest, kept->digest, sizeof(digest)) == 0;
    return error;
}

void script_files_forget(struct script_kept_list *list)
{
    for (size_t i = 0; i < list->count; i++)
    {
        free(list->items[i].path);
        free(list->items[i].ranges);
    }
    free(list->items);
    *list = (struct script_kept_list){0};
}

WCHAR *script_files_move(const WCHAR *path, const WCHAR *folder, const WCHAR *other)
{
    size_t length = wcslen(folder);

    if (!path_is_inside(path, folder))
        return NULL;
    while (path[length] == '\\')
        length++;
    return path_join(other, path + length);
}
