/* SPDX-License-Identifier: MIT
 *
 * Copying one file. See clone_copy.h.
 *
 * A loop of its own in place of CopyFileEx: Wine's copies 64 KiB at a time, cannot be cancelled and
 * loses the hidden and system attributes (wine facts 5).
 */
#include "provider/clone_copy.h"

#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "diag/log.h"
#include "os/clock.h"

#define CHUNK_BYTES (1u << 20)

/* The attributes that a program can set; the others tell how a file is stored. */
#define PLAIN_ATTRIBUTES                                                                           \
    (FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM |                     \
        FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_NOT_CONTENT_INDEXED)

HRESULT clone_copier_init(struct clone_copier *copier)
{
    memset(copier, 0, sizeof(*copier));
    copier->source_chunk = mem_alloc(CHUNK_BYTES);
    copier->copy_chunk = mem_alloc(CHUNK_BYTES);
    if (copier->source_chunk && copier->copy_chunk)
        return S_OK;
    clone_copier_free(copier);
    return E_OUTOFMEMORY;
}

void clone_copier_free(struct clone_copier *copier)
{
    mem_free(copier->source_chunk);
    mem_free(copier->copy_chunk);
    copier->source_chunk = NULL;
    copier->copy_chunk = NULL;
    clone_link_check_free(&copier->links);
}

HRESULT clone_copier_check(const struct clone_copier *copier)
{
    bool stop = copier->cancelled && WaitForSingleObject(copier->cancelled, 0) == WAIT_OBJECT_0;
    return stop ? HRESULT_FROM_WIN32(ERROR_CANCELLED) : S_OK;
}

static LONGLONG now(void)
{
    FILETIME time = clock_utc();
    return (LONGLONG)((uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime);
}

static OVERLAPPED at_offset(uint64_t offset)
{
    OVERLAPPED where = {0};
    where.Offset = (DWORD)offset;
    where.OffsetHigh = (DWORD)(offset >> 32);
    return where;
}

/* Reads up to a chunk; *got is 0 at the end of the file. */
static HRESULT read_chunk(HANDLE file, const WCHAR *path, const char *operation, uint64_t offset,
    DWORD size, BYTE *chunk, DWORD *got)
{
    OVERLAPPED where = at_offset(offset);
    *got = 0;
    HRESULT hr = clone_before(operation, path);
    if (FAILED(hr) || ReadFile(file, chunk, size, got, &where))
        return hr;
    hr = clone_last_error();
    return hr == HRESULT_FROM_WIN32(ERROR_HANDLE_EOF) ? S_OK : hr;
}

static HRESULT write_chunk(
    HANDLE file, const WCHAR *path, uint64_t offset, const BYTE *chunk, DWORD size)
{
    OVERLAPPED where = at_offset(offset);
    DWORD wrote = 0;
    HRESULT hr = clone_before("copy-write", path);
    if (SUCCEEDED(hr) && !WriteFile(file, chunk, size, &wrote, &where))
        hr = clone_last_error();
    if (SUCCEEDED(hr) && wrote != size)
        hr = HRESULT_FROM_WIN32(ERROR_DISK_FULL);
    return hr;
}

/* One file under way. */
struct transfer
{
    struct clone_copier *copier;
    const WCHAR *source_path;
    const WCHAR *copy_path;
    HANDLE source;
    HANDLE copy;
    enum clone_copy_how how;
    HRESULT source_error;  /* why the source could not be read */
    struct digest content; /* of what was read */
};

static bool copy_has(struct transfer *transfer, uint64_t offset, DWORD size, HRESULT *hr)
{
    DWORD got = 0;
    struct clone_copier *copier = transfer->copier;
    *hr = read_chunk(transfer->copy, transfer->copy_path, "compare-read", offset, size,
        copier->copy_chunk, &got);
    return SUCCEEDED(*hr) && got == size &&
        memcmp(copier->source_chunk, copier->copy_chunk, size) == 0;
}

static HRESULT transfer_chunk(struct transfer *transfer, uint64_t offset, DWORD size)
{
    HRESULT hr = S_OK;
    struct clone_copier *copier = transfer->copier;
    bool same = transfer->how == CLONE_COPY_CHANGES && copy_has(transfer, offset, size, &hr);
    if (FAILED(hr) || same)
        return hr;
    hr = write_chunk(transfer->copy, transfer->copy_path, offset, copier->source_chunk, size);
    if (SUCCEEDED(hr))
        copier->written_bytes += size;
    return hr;
}

void clone_copier_tell(struct clone_copier *copier, uint64_t bytes)
{
    copier->done_bytes += bytes;
    if (copier->done_bytes > copier->total_bytes)
        copier->done_bytes = copier->total_bytes; /* files grow while they are copied */
    if (copier->progress)
        copier->progress(copier->progress_context, copier->done_bytes, copier->total_bytes);
}

/* Up to the size that the source has when it is opened: a file that is written all the time has an
   end all the same. */
static HRESULT transfer_content(struct transfer *transfer, uint64_t size)
{
    uint64_t offset = 0;
    digest_start(&transfer->content);
    while (offset < size)
    {
        DWORD got = 0;
        DWORD wanted = size - offset < CHUNK_BYTES ? (DWORD)(size - offset) : CHUNK_BYTES;
        HRESULT hr = clone_copier_check(transfer->copier);
        if (FAILED(hr))
            return hr;
        transfer->source_error = read_chunk(transfer->source, transfer->source_path, "copy-read",
            offset, wanted, transfer->copier->source_chunk, &got);
        if (FAILED(transfer->source_error))
            return S_OK;
        if (!got)
            break; /* it has become shorter */
        digest_add(&transfer->content, transfer->copier->source_chunk, got);
        hr = transfer_chunk(transfer, offset, got);
        if (FAILED(hr))
            return hr;
        offset += got;
        clone_copier_tell(transfer->copier, got);
    }
    LARGE_INTEGER had;
    if (transfer->how == CLONE_COPY_AFRESH ||
        (GetFileSizeEx(transfer->copy, &had) && (uint64_t)had.QuadPart <= offset))
        return S_OK;
    FILE_END_OF_FILE_INFO end = {.EndOfFile.QuadPart = (LONGLONG)offset};
    return SetFileInformationByHandle(transfer->copy, FileEndOfFileInfo, &end, sizeof(end))
        ? S_OK
        : clone_last_error();
}

/* Last of all: a read-only copy can't be written any more. */
HRESULT clone_set_properties(HANDLE copy, const WCHAR *path, const struct clone_entry *entry)
{
    FILE_BASIC_INFO info = {
        .CreationTime.QuadPart = entry->created,
        .LastAccessTime.QuadPart = entry->accessed,
        .LastWriteTime.QuadPart = entry->written,
        .FileAttributes = entry->attributes & PLAIN_ATTRIBUTES,
    };
    if (!info.FileAttributes)
        info.FileAttributes = FILE_ATTRIBUTE_NORMAL;
    HRESULT hr = clone_before("copy-attributes", path);
    if (SUCCEEDED(hr) && !SetFileInformationByHandle(copy, FileBasicInfo, &info, sizeof(info)))
        hr = clone_last_error();
    return hr;
}

bool clone_same_attributes(DWORD a, DWORD b)
{
    return (a & PLAIN_ATTRIBUTES) == (b & PLAIN_ATTRIBUTES);
}

static struct transfer transfer_of(struct clone_copier *copier, const struct clone_pair *pair)
{
    return (struct transfer){.copier = copier,
        .source_path = pair->source_path,
        .copy_path = pair->target_path,
        .source = pair->source,
        .copy = pair->target,
        .how = CLONE_COPY_CHANGES};
}

HRESULT clone_same_bytes(
    struct clone_copier *copier, const struct clone_pair *pair, bool *same, uint64_t *content)
{
    LARGE_INTEGER source_size;
    LARGE_INTEGER target_size;
    struct transfer transfer = transfer_of(copier, pair);
    if (!GetFileSizeEx(pair->source, &source_size) || !GetFileSizeEx(pair->target, &target_size))
        return clone_last_error();
    bool equal = source_size.QuadPart == target_size.QuadPart;
    uint64_t size = (uint64_t)source_size.QuadPart;
    digest_start(&transfer.content);
    for (uint64_t offset = 0; equal && offset < size;)
    {
        DWORD got = 0;
        DWORD wanted = size - offset < CHUNK_BYTES ? (DWORD)(size - offset) : CHUNK_BYTES;
        HRESULT hr = read_chunk(pair->source, pair->source_path, "compare-read", offset, wanted,
            copier->source_chunk, &got);
        if (SUCCEEDED(hr) && !got)
            hr = HRESULT_FROM_WIN32(ERROR_HANDLE_EOF);
        if (SUCCEEDED(hr))
            equal = copy_has(&transfer, offset, got, &hr);
        if (FAILED(hr))
            return hr;
        digest_add(&transfer.content, copier->source_chunk, got);
        offset += got;
    }
    *same = equal;
    *content = digest_end(&transfer.content);
    return S_OK;
}

HRESULT clone_copy_bytes(
    struct clone_copier *copier, const struct clone_pair *pair, uint64_t *content)
{
    LARGE_INTEGER size;
    LARGE_INTEGER now;
    struct transfer transfer = transfer_of(copier, pair);
    if (!GetFileSizeEx(pair->source, &size))
        return clone_last_error();
    HRESULT hr = transfer_content(&transfer, (uint64_t)size.QuadPart);
    if (SUCCEEDED(hr))
        hr = transfer.source_error;
    /* A source that ends early cuts the target: better that somebody knows. */
    if (SUCCEEDED(hr) && GetFileSizeEx(pair->target, &now) && now.QuadPart != size.QuadPart)
        hr = HRESULT_FROM_WIN32(ERROR_HANDLE_EOF);
    if (SUCCEEDED(hr))
        *content = digest_end(&transfer.content);
    return hr;
}

/* *size as it is now. A device or pipe of the host has none, and counts as a link. */
static HRESULT open_source(struct transfer *transfer, struct clone_entry *entry, uint64_t *size)
{
    LARGE_INTEGER length = {0};
    HRESULT hr = clone_before("copy-open", transfer->source_path);
    if (SUCCEEDED(hr))
        hr = clone_open(
            transfer->source_path, CLONE_FILE, CLONE_EXISTING, GENERIC_READ, 0, &transfer->source);
    if (SUCCEEDED(hr))
        hr = clone_link_check(&transfer->copier->links, transfer->source, transfer->source_path);
    if (SUCCEEDED(hr) && (hr == S_FALSE || !GetFileSizeEx(transfer->source, &length)))
    {
        entry->state = CLONE_LINK;
        return S_OK;
    }
    *size = (uint64_t)length.QuadPart;
    return hr;
}

static HRESULT make_writable(const WCHAR *path)
{
    HANDLE file = NULL;
    FILE_BASIC_INFO info = {.FileAttributes = FILE_ATTRIBUTE_NORMAL};
    HRESULT hr = clone_open(path, CLONE_FILE, CLONE_EXISTING, FILE_WRITE_ATTRIBUTES, 0, &file);
    if (FAILED(hr))
        return hr;
    hr = SetFileInformationByHandle(file, FileBasicInfo, &info, sizeof(info)) ? S_OK
                                                                              : clone_last_error();
    CloseHandle(file);
    return hr;
}

static HRESULT open_copy(struct transfer *transfer)
{
    bool afresh = transfer->how == CLONE_COPY_AFRESH;
    DWORD access = GENERIC_WRITE | DELETE | (afresh ? 0 : GENERIC_READ);
    enum clone_how how = afresh ? CLONE_NEW : CLONE_EITHER;
    HRESULT hr = clone_before("copy-create", transfer->copy_path);
    if (FAILED(hr))
        return hr;
    hr = clone_open(
        transfer->copy_path, CLONE_FILE, how, access, FILE_ATTRIBUTE_NORMAL, &transfer->copy);
    if (hr == E_ACCESSDENIED && !afresh && SUCCEEDED(make_writable(transfer->copy_path)))
        hr = clone_open(
            transfer->copy_path, CLONE_FILE, how, access, FILE_ATTRIBUTE_NORMAL, &transfer->copy);
    return hr;
}

static void remove_copy(struct transfer *transfer)
{
    FILE_DISPOSITION_INFO gone = {TRUE};
    if (transfer->copy)
        SetFileInformationByHandle(transfer->copy, FileDispositionInfo, &gone, sizeof(gone));
    else if (transfer->how == CLONE_COPY_CHANGES)
        clone_delete(&transfer->copier->links, transfer->copy_path, CLONE_FILE);
}

static void note_source_error(struct transfer *transfer, struct clone_entry *entry)
{
    if (clone_is_missing(transfer->source_error))
    {
        entry->state = CLONE_VANISHED;
        return;
    }
    entry->state = CLONE_UNREADABLE;
    log_warning(transfer->source_error, "%ls can't be read.", transfer->source_path);
}

HRESULT clone_copy_file(struct clone_copier *copier, const WCHAR *source, const WCHAR *copy,
    enum clone_copy_how how, struct clone_entry *entry)
{
    struct transfer transfer = {
        .copier = copier, .source_path = source, .copy_path = copy, .how = how};
    uint64_t size = 0;
    HRESULT hr = clone_copier_check(copier);
    if (FAILED(hr))
        return hr;
    entry->state = CLONE_COPIED;
    entry->copied_at = now();
    transfer.source_error = open_source(&transfer, entry, &size);
    bool wanted = SUCCEEDED(transfer.source_error) && entry->state == CLONE_COPIED;
    if (wanted)
        hr = open_copy(&transfer);
    if (wanted && SUCCEEDED(hr))
        hr = transfer_content(&transfer, size);
    if (transfer.source_error == E_OUTOFMEMORY)
        hr = E_OUTOFMEMORY;
    else if (FAILED(transfer.source_error))
        note_source_error(&transfer, entry);
    if (SUCCEEDED(hr) && entry->state == CLONE_COPIED)
        hr = clone_set_properties(transfer.copy, copy, entry);
    entry->content = digest_end(&transfer.content);
    if (FAILED(hr) || entry->state != CLONE_COPIED)
        remove_copy(&transfer);
    if (transfer.copy)
        CloseHandle(transfer.copy);
    if (transfer.source)
        CloseHandle(transfer.source);
    if (FAILED(hr) && hr != E_OUTOFMEMORY && hr != HRESULT_FROM_WIN32(ERROR_CANCELLED))
        log_error(hr, "%ls can't be written.", copy);
    return hr;
}

HRESULT clone_copy_folder_properties(const WCHAR *copy, const struct clone_entry *entry)
{
    HANDLE folder = NULL;
    HRESULT hr = clone_open(copy, CLONE_FOLDER, CLONE_EXISTING, FILE_WRITE_ATTRIBUTES, 0, &folder);
    if (SUCCEEDED(hr))
        hr = clone_set_properties(folder, copy, entry);
    if (folder)
        CloseHandle(folder);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "The times of %ls can't be set.", copy);
    return hr;
}

bool clone_flush_source(const WCHAR *source)
{
    HANDLE file = NULL;
    HRESULT hr = clone_before("flush", source);
    if (SUCCEEDED(hr))
        hr = clone_open(source, CLONE_FILE, CLONE_EXISTING, FILE_WRITE_DATA, 0, &file);
    if (SUCCEEDED(hr) && !FlushFileBuffers(file))
        hr = clone_last_error();
    if (file)
        CloseHandle(file);
    return SUCCEEDED(hr);
}
