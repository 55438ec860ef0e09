/* SPDX-License-Identifier: MIT
 *
 * Steps of reverts and their file. See clone_revert_step.h.
 */
#include "provider/clone_revert_step.h"

#include <stddef.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/file.h"
#include "os/settings.h"

/* Steps for some five million files. */
#define FILE_LIMIT (1u << 30)
#define FORMAT 0x32766572u /* "rev2" */
#define ALIGNMENT sizeof(uint64_t)

struct head
{
    uint32_t format;
    uint32_t force;
    uint32_t over;
    uint32_t hindered;
    uint64_t root;
    uint64_t work;
    uint64_t count;
    uint64_t digest; /* of the rest */
};

_Static_assert(offsetof(struct clone_revert_step, path) == 104, "the same in every process");
_Static_assert(sizeof(struct head) == 48, "the same in every process");

static size_t size_of(size_t units)
{
    size_t size = offsetof(struct clone_revert_step, path) + (units + 1) * sizeof(WCHAR);
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

struct clone_revert_step *clone_revert_steps_add(struct clone_revert_steps *steps,
    enum clone_revert_action action, const WCHAR *path, const struct clone_entry *given)
{
    size_t units = str16_len(path);
    struct clone_revert_step *step = mem_alloc(size_of(units));
    if (!step || !vec_push(&steps->list, step))
    {
        mem_free(step);
        return NULL;
    }
    step->action = (uint32_t)action;
    step->units = (uint32_t)units;
    memcpy(step->path, path, units * sizeof(WCHAR));
    if (given)
    {
        step->created = given->created;
        step->accessed = given->accessed;
        step->written = given->written;
        step->attributes = given->attributes;
    }
    return step;
}

void clone_revert_steps_free(struct clone_revert_steps *steps)
{
    vec_free(&steps->list, mem_free);
}

/* ---- The file ---- */

/* Of all of the file but the digest itself. */
static uint64_t digest_of(const struct head *head, const BYTE *bytes, size_t size)
{
    struct digest digest;
    digest_start(&digest);
    digest_add(&digest, head, offsetof(struct head, digest));
    digest_add(&digest, bytes + sizeof(*head), size - sizeof(*head));
    return digest_end(&digest);
}

HRESULT clone_revert_steps_save(const struct clone_revert_steps *steps, const WCHAR *path)
{
    struct head head = {.format = FORMAT,
        .force = steps->force,
        .over = steps->over,
        .hindered = steps->hindered,
        .root = steps->root,
        .work = steps->work,
        .count = steps->list.count};
    size_t size = sizeof(head);
    for (size_t i = 0; i < steps->list.count; i++)
        size += size_of(((const struct clone_revert_step *)steps->list.items[i])->units);
    if (size > FILE_LIMIT)
        return HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE);
    BYTE *bytes = mem_alloc(size);
    if (!bytes)
        return E_OUTOFMEMORY;
    size_t at = sizeof(head);
    for (size_t i = 0; i < steps->list.count; i++)
    {
        const struct clone_revert_step *step = steps->list.items[i];
        memcpy(bytes + at, step, size_of(step->units));
        at += size_of(step->units);
    }
    head.digest = digest_of(&head, bytes, size);
    memcpy(bytes, &head, sizeof(head));
    HRESULT hr = file_write_atomic(path, bytes, size);
    mem_free(bytes);
    return hr;
}

/* A line: a number, a tabulator, the name. Numbers are those of clone_revert_new_path. */
HRESULT clone_revert_steps_list(const struct clone_revert_steps *steps, const WCHAR *path)
{
    struct str16_builder text = {0};
    str16_builder_add_char(&text, 0xFEFF); /* says that it is UTF-16 */
    for (size_t i = 0; i < steps->list.count; i++)
    {
        const struct clone_revert_step *step = steps->list.items[i];
        if (step->action != CLONE_REVERT_MOVE_AWAY && step->action != CLONE_REVERT_PUT &&
            step->action != CLONE_REVERT_REPLACE)
            continue;
        str16_builder_add_unsigned(&text, i);
        str16_builder_add_char(&text, L'\t');
        str16_builder_add(&text, step->path);
        str16_builder_add(&text, L"\r\n");
    }
    size_t units = text.length;
    WCHAR *all = str16_builder_take(&text);
    HRESULT hr = all ? file_write_atomic(path, all, units * sizeof(WCHAR)) : E_OUTOFMEMORY;
    mem_free(all);
    return hr;
}

/* Below the root, and nowhere else; nor a stream, which only Wine has no sign for. */
static bool is_path(const WCHAR *path, size_t units)
{
    if (str16_len(path) != units || str16_find_char(path, L'/') ||
        (str16_find_char(path, L':') && !settings_is_wine()))
        return false;
    while (path)
    {
        const WCHAR *end = str16_find_char(path, L'\\');
        size_t length = end ? (size_t)(end - path) : str16_len(path);
        bool dots = (length == 1 || length == 2) && path[0] == L'.' && path[length - 1] == L'.';
        if (!length || dots)
            return false;
        path = end ? end + 1 : NULL;
    }
    return true;
}

/* *at moves past the step. */
static HRESULT load_step(
    struct clone_revert_steps *steps, const BYTE *bytes, size_t size, size_t *at)
{
    struct clone_revert_step fixed;
    const size_t least = offsetof(struct clone_revert_step, path);
    if (size - *at < least)
        return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    memcpy(&fixed, bytes + *at, least);
    if (fixed.action >= CLONE_REVERT_ACTIONS || fixed.units > size ||
        size_of(fixed.units) > size - *at)
        return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    struct clone_revert_step *step = mem_dup(bytes + *at, size_of(fixed.units));
    if (!step || !vec_push(&steps->list, step))
    {
        mem_free(step);
        return E_OUTOFMEMORY;
    }
    *at += size_of(fixed.units);
    step->path[step->units] = 0;
    return is_path(step->path, step->units) ? S_OK : HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
}

static HRESULT parse(const BYTE *bytes, size_t size, struct clone_revert_steps *steps)
{
    struct head head;
    size_t at = sizeof(head);
    HRESULT hr = S_OK;
    if (size < sizeof(head))
        return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    memcpy(&head, bytes, sizeof(head));
    if (head.format != FORMAT || head.digest != digest_of(&head, bytes, size))
        return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    steps->force = head.force != 0;
    steps->over = head.over != 0;
    steps->hindered = head.hindered;
    steps->root = head.root;
    steps->work = head.work;
    for (uint64_t i = 0; i < head.count && SUCCEEDED(hr); i++)
        hr = load_step(steps, bytes, size, &at);
    return hr;
}

HRESULT clone_revert_steps_load(const WCHAR *path, struct clone_revert_steps *steps)
{
    void *bytes = NULL;
    size_t size = 0;
    struct clone_revert_steps loaded = {0};
    HRESULT hr = file_read_all(path, FILE_LIMIT, &bytes, &size);
    if (SUCCEEDED(hr))
        hr = parse(bytes, size, &loaded);
    mem_free(bytes);
    if (SUCCEEDED(hr))
        *steps = loaded;
    else
        clone_revert_steps_free(&loaded);
    return hr;
}

/* ---- Marks ---- */

HRESULT clone_mark_read(HANDLE file, struct clone_mark *mark, bool *shared)
{
    FILE_BASIC_INFO basic;
    BY_HANDLE_FILE_INFORMATION info;
    if (!GetFileInformationByHandleEx(file, FileBasicInfo, &basic, sizeof(basic)) ||
        !GetFileInformationByHandle(file, &info))
        return clone_last_error();
    bool folder = (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    mark->id = (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow;
    mark->size = (uint64_t)info.nFileSizeHigh << 32 | info.nFileSizeLow;
    mark->written = basic.LastWriteTime.QuadPart;
    mark->changed = basic.ChangeTime.QuadPart;
    *shared = !folder && info.nNumberOfLinks > 1;
    return S_OK;
}

bool clone_mark_is_of(const struct clone_mark *mark, const struct clone_revert_step *step)
{
    /* Of a folder the rest moves with whatever is done in it. */
    if (step->action == CLONE_REVERT_REMOVE_FOLDER)
        return mark->id == step->mark.id;
    return mark->id == step->mark.id && mark->size == step->mark.size &&
        mark->written == step->mark.written &&
        (step->shared || mark->changed == step->mark.changed);
}
