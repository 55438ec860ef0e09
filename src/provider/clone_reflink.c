/* SPDX-License-Identifier: MIT
 *
 * Copying by reflinks. See clone_reflink.h.
 *
 * Wine has no call for it, but the host's `cp` does it; a run of `cp` costs as much as a hundred
 * files, so it gets as many as its arguments hold. It does not tell which file failed: then each
 * half is copied again, until few are left, and those are for the caller.
 */
#include "provider/clone_reflink.h"

#include <string.h>

#include "base/mem.h"
#include "base/str16.h"
#include "os/clock.h"
#include "os/file.h"
#include "volume/host_place.h"
#include "volume/native_tool.h"
#include "volume/wine_link.h"

/* Linux gives arguments and environment an eighth of the stack's limit at least, 1 MiB by default,
   and pointers count as well. The programs before `cp` need next to nothing. */
#define BATCH_BYTES (384u << 10)
#define BATCH_FILES 8000
/* So few are not worth another run. */
#define FEW_FILES 8
#define COPY_LIMIT_S 600
#define PROBE_LIMIT_S 20

void clone_reflink_free(struct clone_reflink *reflink)
{
    wine_host_name_free(reflink->source);
    wine_host_name_free(reflink->store);
    memset(reflink, 0, sizeof(*reflink));
}

HRESULT clone_reflink_make(const WCHAR *source, const WCHAR *store, struct clone_reflink *reflink)
{
    struct clone_reflink made = {wine_host_name(source), wine_host_name(store)};
    if (made.source && made.store)
    {
        *reflink = made;
        return S_OK;
    }
    clone_reflink_free(&made);
    return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
}

/* ---- One run ---- */

static HRESULT add_word(struct vec *words, char *word)
{
    if (word && vec_push(words, word))
        return S_OK;
    mem_free(word);
    return E_OUTOFMEMORY;
}

static HRESULT add_words(struct vec *words, const char *const *more)
{
    HRESULT hr = S_OK;
    for (; *more && SUCCEEDED(hr); more++)
    {
        size_t size = strlen(*more) + 1;
        char *word = mem_alloc(size);
        if (word)
            memcpy(word, *more, size);
        hr = add_word(words, word);
    }
    return hr;
}

/* `entries`, from `first` on. */
struct batch
{
    const struct vec *entries;
    size_t first;
    size_t count;
};

/* Below ".", so that none looks like an option. */
static HRESULT add_paths(struct vec *words, const struct batch *batch)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < batch->count && SUCCEEDED(hr); i++)
    {
        const struct clone_entry *entry = batch->entries->items[batch->first + i];
        hr = add_word(words, host_place_join(".", entry->path));
    }
    return hr;
}

/* `before`, the paths, `after`. */
static HRESULT run(const char *const *before, const struct batch *batch, const char *const *after,
    struct native_answer *answer)
{
    struct vec words = {0};
    HRESULT hr = add_words(&words, before);
    if (SUCCEEDED(hr))
        hr = add_paths(&words, batch);
    if (SUCCEEDED(hr))
        hr = add_words(&words, after);
    if (SUCCEEDED(hr) && !vec_push(&words, NULL))
        hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = native_tool_run((const char *const *)words.items, COPY_LIMIT_S, answer);
    vec_free(&words, mem_free);
    return hr;
}

/* Hidden, read-only and so on are extended attributes and modes; owner and times come along. Files
   that are one on the volume are two in the copy, or a change of one would be a change of both. */
static HRESULT run_cp(const struct clone_reflink *reflink, const struct batch *batch)
{
    const char *const before[] = {"/usr/bin/env", "-C", reflink->source, "/bin/cp", "-a",
        "--no-preserve=links", "--reflink=always", "--remove-destination", "--parents", "-t",
        reflink->store, "--", NULL};
    static const char *const after[] = {NULL};
    struct native_answer answer = {.exit_code = -1};
    HRESULT hr = run(before, batch, after, &answer);
    native_answer_free(&answer);
    return hr;
}

/* Whether the path is among the names, each of which ends with a NUL. */
static HRESULT is_named(const struct native_answer *names, const WCHAR *path, bool *named)
{
    char *wanted = host_place_join(".", path);
    if (!wanted)
        return E_OUTOFMEMORY;
    for (size_t at = 0; at < names->size && !*named; at += strlen(names->said + at) + 1)
        *named = strcmp(names->said + at, wanted) == 0;
    mem_free(wanted);
    return S_OK;
}

/* `cp` copies links and devices as such; a copy has none. */
static HRESULT drop_others(const struct clone_reflink *reflink, const struct batch *batch)
{
    const char *const before[] = {"/usr/bin/env", "-C", reflink->store, "/usr/bin/find", NULL};
    static const char *const after[] = {
        "-maxdepth", "0", "!", "-type", "f", "-print0", "-delete", NULL};
    struct native_answer answer = {.exit_code = -1};
    HRESULT hr = run(before, batch, after, &answer);
    for (size_t i = 0; i < batch->count && answer.size && SUCCEEDED(hr); i++)
    {
        struct clone_entry *entry = batch->entries->items[batch->first + i];
        bool named = false;
        hr = is_named(&answer, entry->path, &named);
        if (named)
            entry->state = CLONE_LINK;
    }
    native_answer_free(&answer);
    return hr;
}

/* ---- All of them ---- */

static LONGLONG now(void)
{
    FILETIME time = clock_utc();
    return (LONGLONG)((uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime);
}

static void mark(const struct batch *batch, enum clone_state state, LONGLONG copied_at)
{
    for (size_t i = 0; i < batch->count; i++)
    {
        struct clone_entry *entry = batch->entries->items[batch->first + i];
        entry->state = state;
        entry->copied_at = copied_at;
    }
}

static HRESULT copy_batch(
    const struct clone_reflink *reflink, struct clone_copier *copier, const struct batch *batch)
{
    HRESULT hr = clone_copier_check(copier);
    if (FAILED(hr))
        return hr;
    mark(batch, CLONE_COPIED, now());
    hr = run_cp(reflink, batch);
    HRESULT dropped = hr == E_OUTOFMEMORY ? hr : drop_others(reflink, batch);
    if (SUCCEEDED(hr) || dropped == E_OUTOFMEMORY)
        hr = dropped;
    if (SUCCEEDED(hr) || hr == E_OUTOFMEMORY)
        return hr;
    mark(batch, CLONE_NOT_COPIED, 0);
    if (batch->count <= FEW_FILES)
        return S_OK;
    struct batch half = {batch->entries, batch->first, batch->count / 2};
    hr = copy_batch(reflink, copier, &half);
    half.first += half.count;
    half.count = batch->count - half.count;
    return SUCCEEDED(hr) ? copy_batch(reflink, copier, &half) : hr;
}

HRESULT clone_reflink_files(
    const struct clone_reflink *reflink, struct clone_copier *copier, const struct vec *entries)
{
    HRESULT hr = S_OK;
    struct batch batch = {entries, 0, 0};
    while (batch.first < entries->count && SUCCEEDED(hr))
    {
        size_t bytes = 0;
        uint64_t content = 0;
        batch.count = 0;
        while (batch.first + batch.count < entries->count && batch.count < BATCH_FILES &&
            bytes < BATCH_BYTES)
        {
            const struct clone_entry *entry = entries->items[batch.first + batch.count++];
            /* A unit is three bytes of the host's at most. */
            bytes += str16_len(entry->path) * 3 + sizeof(char *) + 3;
            content += entry->size;
        }
        hr = copy_batch(reflink, copier, &batch);
        clone_copier_tell(copier, content);
        batch.first += batch.count;
    }
    return hr;
}

/* ---- Trying ---- */

static HRESULT make_file(const WCHAR *path)
{
    DWORD wrote = 0;
    HANDLE file = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_NEW, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return clone_last_error();
    HRESULT hr = WriteFile(file, "a", 1, &wrote, NULL) ? S_OK : clone_last_error();
    CloseHandle(file);
    return hr;
}

HRESULT clone_reflink_try(const WCHAR *store)
{
    struct native_answer answer = {.exit_code = -1};
    WCHAR *one = file_join(store, L"1");
    char *from = one ? wine_host_name(one) : NULL;
    WCHAR *two = file_join(store, L"2");
    char *to = two ? wine_host_name(two) : NULL;
    HRESULT hr = one && two ? make_file(one) : E_OUTOFMEMORY;
    const char *const arguments[] = {"/bin/cp", "--reflink=always", "--", from, to, NULL};
    if (SUCCEEDED(hr) && from && to)
        hr = native_tool_run(arguments, PROBE_LIMIT_S, &answer);
    else if (SUCCEEDED(hr))
        hr = S_FALSE;
    native_answer_free(&answer);
    wine_host_name_free(to);
    wine_host_name_free(from);
    mem_free(two);
    mem_free(one);
    return SUCCEEDED(hr) || hr == E_OUTOFMEMORY ? hr : S_FALSE;
}
