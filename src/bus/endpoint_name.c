/* SPDX-License-Identifier: MIT
 *
 * Names of endpoints, and the look for them. See endpoint_name.h.
 */
#include "bus/endpoint_name.h"

#include <winternl.h>

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"

#define PREFIX L"Thawline."
/* Where names that begin with Global\ stand. */
#define DIRECTORY L"\\BaseNamedObjects"
#define DIRECTORY_QUERY_RIGHT 1u
/* Room for one entry: two names of at most 64 KiB cannot be had, ours are short. */
#define ENTRY_SIZE 2048
/* Objects of all programs stand there; beyond this many something is wrong. */
#define LOOK_LIMIT 65536
/* A pass takes a fraction of a millisecond. In a storm one in two misses any given entry: that many
   miss none. */
#define PASS_LIMIT 24
/* Of the 64-bit FNV-1a hash. */
#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u
#define BUFFER_TOO_SMALL ((NTSTATUS)0xC0000023)

/* winternl.h has neither. */
struct directory_entry
{
    UNICODE_STRING name;
    UNICODE_STRING type;
};
NTSTATUS NTAPI NtOpenDirectoryObject(
    HANDLE *directory, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes);
NTSTATUS NTAPI NtQueryDirectoryObject(HANDLE directory, void *buffer, ULONG size,
    BOOLEAN single_entry, BOOLEAN restart, ULONG *context, ULONG *needed);

static void put(WCHAR *name, size_t *length, const WCHAR *text)
{
    while (*text && *length < ENDPOINT_NAME_UNITS - 1)
        name[(*length)++] = *text++;
    name[*length] = 0;
}

static void make_name(const WCHAR *root, const WCHAR *scope, const GUID *id, WCHAR *name)
{
    WCHAR text[GUID_TEXT_LENGTH + 1];
    size_t length = 0;
    guid_to_text(id, text);
    put(name, &length, root);
    put(name, &length, PREFIX);
    put(name, &length, scope);
    put(name, &length, L".");
    put(name, &length, text);
}

void endpoint_pipe_name(const WCHAR *scope, const GUID *id, WCHAR name[ENDPOINT_NAME_UNITS])
{
    make_name(L"\\\\.\\pipe\\", scope, id, name);
}

void endpoint_event_name(const WCHAR *scope, const GUID *id, WCHAR name[ENDPOINT_NAME_UNITS])
{
    make_name(L"Global\\", scope, id, name);
}

/* The id in a name that begins with `prefix` of `length` units. */
static bool id_in_name(const UNICODE_STRING *name, const WCHAR *prefix, size_t length, GUID *id)
{
    WCHAR text[GUID_TEXT_LENGTH + 1];
    if (name->Length != (length + GUID_TEXT_LENGTH) * sizeof(WCHAR))
        return false;
    for (size_t i = 0; i < length; i++)
        if (name->Buffer[i] != prefix[i])
            return false;
    for (size_t i = 0; i < GUID_TEXT_LENGTH; i++)
        text[i] = name->Buffer[length + i];
    text[GUID_TEXT_LENGTH] = 0;
    return guid_from_text(text, id);
}

static bool is_listed(const struct vec *ids, const GUID *id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (guid_equal(ids->items[i], id))
            return true;
    return false;
}

/* S_FALSE: there are too many. */
static HRESULT add(struct vec *ids, const GUID *id)
{
    if (is_listed(ids, id))
        return S_OK;
    if (ids->count == ENDPOINT_LIMIT)
    {
        log_warning(S_OK, "More than %d writers have made themselves known; the others are not "
                          "looked at.",
            ENDPOINT_LIMIT);
        return S_FALSE;
    }
    GUID *copy = mem_dup(id, sizeof(*id));
    if (copy && vec_push(ids, copy))
        return S_OK;
    mem_free(copy);
    return E_OUTOFMEMORY;
}

static uint64_t add_to_picture(uint64_t picture, const UNICODE_STRING *name)
{
    for (size_t i = 0; i < name->Length / sizeof(WCHAR); i++)
        picture = (picture ^ name->Buffer[i]) * FNV_PRIME;
    return (picture ^ name->Length) * FNV_PRIME;
}

/* One pass through the directory. `picture` becomes a hash of all names in it. S_FALSE: there are
   too many endpoints. */
static HRESULT look(HANDLE directory, const WCHAR *prefix, struct vec *ids, uint64_t *picture)
{
    union
    {
        struct directory_entry entry;
        BYTE bytes[ENTRY_SIZE];
    } buffer;
    size_t length = str16_len(prefix);
    ULONG context = 0;
    HRESULT hr = S_OK;
    *picture = FNV_BASIS;
    for (int i = 0; i < LOOK_LIMIT && hr == S_OK; i++)
    {
        GUID id;
        ULONG needed = 0;
        NTSTATUS status = NtQueryDirectoryObject(
            directory, &buffer, sizeof(buffer), TRUE, i == 0, &context, &needed);
        if (status < 0 && status != BUFFER_TOO_SMALL)
            return S_OK; /* that was the last */
        if (status != 0)
        {
            context++; /* a name that is longer than any of ours */
            continue;
        }
        *picture = add_to_picture(*picture, &buffer.entry.name);
        if (id_in_name(&buffer.entry.name, prefix, length, &id))
            hr = add(ids, &id);
    }
    return hr;
}

/* Entries are asked for by their number, which changes when any program makes or closes an object
   meanwhile: one is then seen twice or not at all. So it looks until two passes saw the same; in a
   directory that never comes to rest, what any of the passes saw counts. */
static HRESULT list(HANDLE directory, const WCHAR *prefix, struct vec *ids)
{
    uint64_t before;
    uint64_t picture = 0;
    HRESULT hr = look(directory, prefix, ids, &picture);
    for (int pass = 1; hr == S_OK && pass < PASS_LIMIT; pass++)
    {
        before = picture;
        hr = look(directory, prefix, ids, &picture);
        if (picture == before)
            break;
    }
    return SUCCEEDED(hr) ? S_OK : hr;
}

HRESULT endpoint_list(const WCHAR *scope, struct vec *ids)
{
    WCHAR prefix[ENDPOINT_NAME_UNITS] = {0};
    size_t length = 0;
    put(prefix, &length, PREFIX);
    put(prefix, &length, scope);
    put(prefix, &length, L".");

    WCHAR path[] = DIRECTORY;
    UNICODE_STRING name = {
        sizeof(path) - sizeof(WCHAR), sizeof(path) - sizeof(WCHAR), path};
    OBJECT_ATTRIBUTES attributes = {.Length = sizeof(attributes), .ObjectName = &name};
    HANDLE directory = NULL;
    NTSTATUS status = NtOpenDirectoryObject(&directory, DIRECTORY_QUERY_RIGHT, &attributes);
    if (status < 0)
        return HRESULT_FROM_WIN32(RtlNtStatusToDosError(status));
    HRESULT hr = list(directory, prefix, ids);
    CloseHandle(directory);
    return hr;
}
