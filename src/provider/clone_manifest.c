/* SPDX-License-Identifier: MIT
 *
 * The index of a scan, and what counts as a change. See clone_manifest.h.
 */
#include "provider/clone_manifest.h"

#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/str16.h"

#define FILETIME_UNITS_PER_MS 10000
/* FAT keeps write times in steps of two seconds. */
#define WRITE_TIME_STEP_MS 2000
/* Change times exist only where they are finer than the clock tick that feeds them, at most 16 ms.
   Three ticks. */
#define CHANGE_TIME_STEP_MS 50

/* `folder\name`, or `name` in the root, written to `path`. */
static void write_path(
    WCHAR *path, const WCHAR *folder, size_t folder_length, const WCHAR *name, size_t name_length)
{
    memcpy(path, folder, folder_length * sizeof(WCHAR));
    if (folder_length)
        path[folder_length++] = L'\\';
    memcpy(path + folder_length, name, name_length * sizeof(WCHAR));
    path[folder_length + name_length] = 0;
}

struct clone_entry *clone_manifest_new_entry(
    const WCHAR *folder, const WCHAR *name, size_t name_length)
{
    size_t folder_length = str16_len(folder);
    size_t units = folder_length + name_length + 2; /* a backslash and the end */
    struct clone_entry *entry = mem_alloc(sizeof(*entry) + units * sizeof(WCHAR));
    if (entry)
        write_path(entry->path, folder, folder_length, name, name_length);
    return entry;
}

HRESULT clone_manifest_add(struct clone_manifest *manifest, struct clone_entry *entry)
{
    if (!vec_push(&manifest->entries, entry))
        return E_OUTOFMEMORY;
    if (!map_put(&manifest->index, (struct map_key){entry->path, NULL}, entry))
    {
        manifest->entries.count--;
        return E_OUTOFMEMORY;
    }
    if (!clone_entry_is_folder(entry))
    {
        manifest->files++;
        manifest->named_files += entry->named;
        manifest->bytes += entry->size;
    }
    return S_OK;
}

struct clone_entry *clone_manifest_find(const struct clone_manifest *manifest, const WCHAR *path)
{
    return map_get(&manifest->index, (struct map_key){path, NULL});
}

void clone_manifest_free(struct clone_manifest *manifest)
{
    map_free(&manifest->index);
    vec_free(&manifest->entries, mem_free);
    memset(manifest, 0, sizeof(*manifest));
}

/* Times of folders are left out: whatever is made in them moves them, and nobody loses a file by
   them. */
static uint64_t entry_digest(const struct clone_entry *entry)
{
    struct digest digest;
    bool folder = clone_entry_is_folder(entry);
    uint64_t about[] = {folder, entry->size, (uint64_t)entry->written, entry->content};
    digest_start(&digest);
    digest_add(&digest, about, folder ? sizeof(*about) : sizeof(about));
    digest_add(&digest, entry->path, str16_len(entry->path) * sizeof(WCHAR));
    return digest_end(&digest);
}

WCHAR *clone_manifest_digest(const struct clone_manifest *manifest)
{
    struct str16_builder builder = {0};
    uint64_t sum = 0;
    for (size_t i = 0; i < manifest->entries.count; i++)
    {
        const struct clone_entry *entry = manifest->entries.items[i];
        if (entry->state != CLONE_LINK)
            sum += entry_digest(entry);
    }
    sum = digest_mix(sum);
    for (int shift = 60; shift >= 0; shift -= 4)
        str16_builder_add_char(&builder, L"0123456789abcdef"[sum >> shift & 15]);
    return str16_builder_take(&builder);
}

static bool lies_below(const WCHAR *path, const WCHAR *folder, size_t folder_length)
{
    return str16_starts_with(path, folder) &&
        (!path[folder_length] || path[folder_length] == L'\\');
}

/* The same entry under another name. */
static struct clone_entry *renamed(
    const struct clone_entry *entry, size_t from_length, const WCHAR *to)
{
    size_t to_length = str16_len(to);
    size_t rest = str16_len(entry->path) - from_length;
    struct clone_entry *made = mem_alloc(sizeof(*made) + (to_length + rest + 1) * sizeof(WCHAR));
    if (!made)
        return NULL;
    memcpy(made, entry, sizeof(*made));
    memcpy(made->path, to, to_length * sizeof(WCHAR));
    memcpy(made->path + to_length, entry->path + from_length, (rest + 1) * sizeof(WCHAR));
    return made;
}

HRESULT clone_manifest_move(struct clone_manifest *manifest, const WCHAR *from, const WCHAR *to)
{
    struct map index = {0};
    size_t from_length = str16_len(from);
    WCHAR *old = str16_dup(from); /* `from` may be the path of an entry */
    HRESULT hr = old ? S_OK : E_OUTOFMEMORY;
    for (size_t i = 0; i < manifest->entries.count && SUCCEEDED(hr); i++)
    {
        struct clone_entry *entry = manifest->entries.items[i];
        if (!lies_below(entry->path, old, from_length))
            continue;
        struct clone_entry *made = renamed(entry, from_length, to);
        if (!made)
            hr = E_OUTOFMEMORY;
        else
            manifest->entries.items[i] = made;
        if (made)
            mem_free(entry);
    }
    /* The old index points to freed paths from here on: it goes even if the new one can't be
       built. */
    map_free(&manifest->index);
    for (size_t i = 0; i < manifest->entries.count && SUCCEEDED(hr); i++)
    {
        struct clone_entry *entry = manifest->entries.items[i];
        if (!map_put(&index, (struct map_key){entry->path, NULL}, entry))
            hr = E_OUTOFMEMORY;
    }
    manifest->index = index;
    mem_free(old);
    return hr;
}

bool clone_entry_same_content(const struct clone_entry *a, const struct clone_entry *b)
{
    return a->size == b->size && a->written == b->written && a->changed == b->changed &&
        a->id == b->id;
}

bool clone_entry_is_settled(const struct clone_entry *copied)
{
    return copied->written + (LONGLONG)WRITE_TIME_STEP_MS * FILETIME_UNITS_PER_MS <
        copied->copied_at &&
        copied->changed + (LONGLONG)CHANGE_TIME_STEP_MS * FILETIME_UNITS_PER_MS < copied->copied_at;
}
