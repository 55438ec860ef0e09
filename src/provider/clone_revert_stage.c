/* SPDX-License-Identifier: MIT
 *
 * Making a revert ready. See clone_revert_stage.h.
 *
 * Files that go are first, since a folder of the copy may bear the name of one; then folders go and
 * come, then files come. Times of folders are last, because all of this moves them.
 */
#include "provider/clone_revert_stage.h"

#include <string.h>
#include <vss.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "provider/clone_rename.h"
#include "provider/clone_revert_probe.h"
#include "provider/revert_note.h"

#define NEW_FOLDER REVERT_FOLDER L"\\new"
#define OLD_FOLDER REVERT_FOLDER L"\\old"

static WCHAR *numbered(const WCHAR *folder, size_t number)
{
    struct str16_builder builder = {0};
    str16_builder_add(&builder, folder);
    str16_builder_add_char(&builder, L'\\');
    str16_builder_add_unsigned(&builder, number);
    return str16_builder_take(&builder);
}

WCHAR *clone_revert_new_path(size_t number)
{
    return numbered(NEW_FOLDER, number);
}

WCHAR *clone_revert_old_path(size_t number)
{
    return numbered(OLD_FOLDER, number);
}

struct stage
{
    struct clone_revert_plan *plan;
    struct clone_revert_steps *steps;
    struct clone_prober prober;
    WCHAR *parent; /* the folder that was looked at last */
};

/* ---- Where something comes or goes ---- */

/* In the folder something is to be made, moved or deleted. One that is still to be made can't be
   tried; the one above it was. */
static HRESULT probe_parent(struct stage *stage, const WCHAR *path)
{
    const WCHAR *last = str16_find_last_char(path, L'\\');
    WCHAR *parent = str16_ndup(path, last ? (size_t)(last - path) : 0);
    if (!parent)
        return E_OUTOFMEMORY;
    HRESULT hr = S_OK;
    const struct clone_entry *folder = clone_manifest_find(&stage->plan->present, parent);
    clone_touch_parent(&stage->plan->wanted, path);
    if (!*parent || (folder && clone_entry_is_folder(folder)))
        hr = clone_prober_try(&stage->prober, parent);
    mem_free(stage->parent);
    stage->parent = parent;
    return hr;
}

/* Wine shows a link that leads nowhere to nobody, and would rename over it. Nothing is in a folder
   that is still to come, and what the volume shows under the name goes before the file comes. */
static HRESULT check_free(struct stage *stage, const struct clone_entry *wanted)
{
    struct clone_revert_plan *plan = stage->plan;
    const struct clone_entry *folder = clone_manifest_find(&plan->present, stage->parent);
    bool to_come = *stage->parent && (!folder || !clone_entry_is_folder(folder));
    if (to_come || (!wanted->before && clone_manifest_find(&plan->present, wanted->path)))
        return S_OK;
    HRESULT hr = clone_tree_check_free(&plan->volume, wanted->path);
    if (hr == HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS))
        return clone_revert_refuse(plan, VSS_E_VOLUME_NOT_SUPPORTED, wanted->path,
            "is the name of something that can't be seen");
    return FAILED(hr) ? clone_revert_refuse(plan, hr, wanted->path, "can't be made") : S_OK;
}

/* ---- What goes ---- */

/* What is gone by now needs no step. */
static HRESULT add_going(struct stage *stage, const struct clone_entry *entry)
{
    struct clone_mark mark = {0};
    bool shared = false;
    HRESULT hr = probe_parent(stage, entry->path);
    if (SUCCEEDED(hr))
        hr = clone_revert_probe(stage->plan, entry, &mark, &shared);
    /* Also an empty one: what the host has bound to it can't be deleted. */
    if (hr == S_OK && clone_entry_is_folder(entry))
        hr = clone_prober_try(&stage->prober, entry->path);
    if (hr != S_OK)
        return FAILED(hr) ? hr : S_OK;
    struct clone_revert_step *step = clone_revert_steps_add(stage->steps,
        clone_entry_is_folder(entry) ? CLONE_REVERT_REMOVE_FOLDER : CLONE_REVERT_MOVE_AWAY,
        entry->path, NULL);
    if (!step)
        return E_OUTOFMEMORY;
    step->mark = mark;
    step->shared = shared;
    return S_OK;
}

static HRESULT add_all_going(struct stage *stage, enum clone_kind kind)
{
    const struct clone_manifest *present = &stage->plan->present;
    HRESULT hr = S_OK;
    /* Backwards: what is in a folder comes before the folder. */
    for (size_t i = present->entries.count; i-- > 0 && SUCCEEDED(hr);)
    {
        const struct clone_entry *entry = present->entries.items[i];
        if (clone_revert_goes(entry) && clone_entry_is_folder(entry) == (kind == CLONE_FOLDER))
            hr = add_going(stage, entry);
    }
    return hr;
}

/* ---- What comes ---- */

static HRESULT add_new_folders(struct stage *stage)
{
    const struct clone_manifest *wanted = &stage->plan->wanted;
    HRESULT hr = S_OK;
    for (size_t i = 0; i < wanted->entries.count && SUCCEEDED(hr); i++)
    {
        const struct clone_entry *entry = wanted->entries.items[i];
        if (!clone_entry_is_folder(entry) || entry->before)
            continue;
        hr = probe_parent(stage, entry->path);
        if (SUCCEEDED(hr) &&
            !clone_revert_steps_add(stage->steps, CLONE_REVERT_MAKE_FOLDER, entry->path, NULL))
            hr = E_OUTOFMEMORY;
    }
    return hr;
}

/* Backwards again: setting one moves none of another. */
static HRESULT add_folder_times(struct stage *stage)
{
    const struct clone_manifest *wanted = &stage->plan->wanted;
    HRESULT hr = S_OK;
    for (size_t i = wanted->entries.count; i-- > 0 && SUCCEEDED(hr);)
    {
        const struct clone_entry *entry = wanted->entries.items[i];
        if (clone_entry_is_folder(entry) && entry->touched &&
            !clone_revert_steps_add(stage->steps, CLONE_REVERT_SET_FOLDER, entry->path, entry))
            hr = E_OUTOFMEMORY;
    }
    return hr;
}

/* The copy's file, for reading. */
static HRESULT open_source(struct stage *stage, const struct clone_entry *wanted, HANDLE *file)
{
    LARGE_INTEGER size;
    HANDLE opened = NULL;
    HRESULT hr = clone_tree_get(&stage->plan->copy, wanted->path, CLONE_FILE, CLONE_EXISTING,
        GENERIC_READ, CLONE_SHARE_ALL, &opened);
    if (SUCCEEDED(hr) && (!GetFileSizeEx(opened, &size) || (uint64_t)size.QuadPart != wanted->size))
        hr = HRESULT_FROM_WIN32(ERROR_FILE_INVALID);
    if (SUCCEEDED(hr))
        *file = opened;
    else
        clone_revert_refuse(stage->plan, hr, wanted->path, "can't be read in the copy");
    if (FAILED(hr) && opened)
        CloseHandle(opened);
    return hr;
}

/* Calls with both files open; `target` is the volume's file or the new one. */
static HRESULT with_pair(struct stage *stage, struct clone_entry *wanted, const WCHAR *target_path,
    HANDLE target, bool *same)
{
    HANDLE source = NULL;
    struct clone_copier *copier = &stage->plan->copier;
    WCHAR *source_name = clone_tree_path(&stage->plan->copy, wanted->path);
    WCHAR *target_name = clone_tree_path(&stage->plan->volume, target_path);
    HRESULT hr = source_name && target_name ? open_source(stage, wanted, &source) : E_OUTOFMEMORY;
    const struct clone_pair pair = {source, source_name, target, target_name};
    if (SUCCEEDED(hr))
        hr = same ? clone_same_bytes(copier, &pair, same, &wanted->content)
                  : clone_copy_bytes(copier, &pair, &wanted->content);
    if (SUCCEEDED(hr) && !same)
        hr = clone_set_properties(target, target_name, wanted);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "%ls can't be %s its copy.", target_name, same ? "compared with" : "made of");
    if (source)
        CloseHandle(source);
    mem_free(target_name);
    mem_free(source_name);
    return hr;
}

static HRESULT compare(struct stage *stage, struct clone_entry *wanted, bool *same)
{
    HANDLE file = NULL;
    HRESULT hr = clone_tree_get(&stage->plan->volume, wanted->path, CLONE_FILE, CLONE_EXISTING,
        GENERIC_READ, CLONE_SHARE_ALL, &file);
    if (hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION))
        return clone_revert_refuse(stage->plan, VSS_E_VOLUME_IN_USE, wanted->path, "is open");
    if (FAILED(hr))
        return clone_revert_refuse(stage->plan, hr, wanted->path, "can't be read");
    hr = with_pair(stage, wanted, wanted->path, file, same);
    CloseHandle(file);
    return hr;
}

/* mem_free it. */
static HRESULT read_security(
    HANDLE file, SECURITY_INFORMATION which, PSECURITY_DESCRIPTOR *security, DWORD *size)
{
    GetKernelObjectSecurity(file, which, NULL, 0, size);
    PSECURITY_DESCRIPTOR found = mem_alloc(*size ? *size : 1);
    if (!found)
        return E_OUTOFMEMORY;
    if (!GetKernelObjectSecurity(file, which, found, *size, size))
    {
        HRESULT hr = clone_last_error();
        mem_free(found);
        return hr;
    }
    *security = found;
    return S_OK;
}

/* Only where it differs: Wine makes other rights of the host of it, though never for more users
   than the group's. S_FALSE: it still differs. */
static HRESULT copy_security(HANDLE from, HANDLE to, SECURITY_INFORMATION which)
{
    PSECURITY_DESCRIPTOR wanted = NULL;
    PSECURITY_DESCRIPTOR present = NULL;
    DWORD wanted_size = 0;
    DWORD present_size = 0;
    bool same = false;
    HRESULT hr = read_security(from, which, &wanted, &wanted_size);
    for (int i = 0; i < 2 && SUCCEEDED(hr) && !same; i++)
    {
        if (i == 1 && !SetKernelObjectSecurity(to, which, wanted))
            hr = clone_last_error();
        mem_free(present);
        present = NULL;
        if (SUCCEEDED(hr))
            hr = read_security(to, which, &present, &present_size);
        same = SUCCEEDED(hr) && wanted_size == present_size &&
            memcmp(wanted, present, wanted_size) == 0;
    }
    mem_free(present);
    mem_free(wanted);
    return SUCCEEDED(hr) && !same ? S_FALSE : hr;
}

/* Whose a file is and who may do what with it stays as it is; the work folder's files are for
   nobody else. */
static HRESULT keep_security(struct stage *stage, const WCHAR *path, HANDLE file)
{
    HANDLE present = NULL;
    HRESULT hr = clone_tree_get(&stage->plan->volume, path, CLONE_FILE, CLONE_EXISTING,
        READ_CONTROL | FILE_READ_EA, CLONE_SHARE_ALL, &present);
    if (FAILED(hr))
        return clone_revert_refuse(stage->plan, hr, path, "does not tell who may open it");
    hr = clone_check_replaceable(stage->plan, path, present);
    if (SUCCEEDED(hr))
    {
        hr = copy_security(present, file, OWNER_SECURITY_INFORMATION);
        if (hr != S_OK && hr != E_OUTOFMEMORY)
            hr = clone_revert_refuse(stage->plan, VSS_E_VOLUME_NOT_SUPPORTED, path,
                "belongs to somebody else, who would not own what takes its place");
    }
    if (SUCCEEDED(hr))
    {
        hr = copy_security(present, file, DACL_SECURITY_INFORMATION);
        if (FAILED(hr) && hr != E_OUTOFMEMORY)
            clone_revert_refuse(
                stage->plan, hr, path, "can't be replaced by one with the same rights");
    }
    CloseHandle(present);
    return hr;
}

/* On the disk before it may take the place of another. */
static HRESULT make_new(
    struct stage *stage, struct clone_entry *wanted, struct clone_revert_step *step, size_t number)
{
    HANDLE file = NULL;
    bool shared = false;
    WCHAR *path = clone_revert_new_path(number);
    HRESULT hr = path ? clone_before("revert-stage", wanted->path) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = clone_tree_get(&stage->plan->volume, path, CLONE_FILE, CLONE_NEW,
            GENERIC_READ | GENERIC_WRITE | READ_CONTROL | WRITE_DAC | WRITE_OWNER, 0, &file);
    if (SUCCEEDED(hr) && step->action == CLONE_REVERT_REPLACE)
        hr = keep_security(stage, wanted->path, file);
    /* Its attributes last. */
    if (SUCCEEDED(hr))
        hr = with_pair(stage, wanted, path, file, NULL);
    if (SUCCEEDED(hr) && !FlushFileBuffers(file))
        hr = clone_last_error();
    if (SUCCEEDED(hr))
        hr = clone_mark_read(file, &step->ready, &shared);
    if (file)
        CloseHandle(file);
    mem_free(path);
    return hr;
}

/* *action: CLONE_REVERT_ACTIONS when the file is what it is to be. */
static HRESULT choose(struct stage *stage, struct clone_entry *wanted, struct clone_mark *mark,
    bool *shared, enum clone_revert_action *action)
{
    bool same = false;
    HRESULT hr = S_OK;
    *action = CLONE_REVERT_PUT;
    if (!wanted->before)
        return S_OK;
    if (wanted->size == wanted->before->size)
        hr = compare(stage, wanted, &same);
    if (FAILED(hr) || (same && !wanted->touched))
    {
        *action = CLONE_REVERT_ACTIONS;
        return hr;
    }
    wanted->touched = true;
    hr = clone_revert_probe(stage->plan, wanted->before, mark, shared);
    if (hr == S_OK)
        /* The other names of a file keep their times and attributes. */
        *action = same && !*shared ? CLONE_REVERT_SET_FILE : CLONE_REVERT_REPLACE;
    return FAILED(hr) ? hr : S_OK;
}

static HRESULT add_file(struct stage *stage, struct clone_entry *wanted)
{
    struct clone_mark mark = {0};
    bool shared = false;
    enum clone_revert_action action;
    HRESULT hr = choose(stage, wanted, &mark, &shared, &action);
    if (FAILED(hr) || action == CLONE_REVERT_ACTIONS)
        return hr;
    size_t number = stage->steps->list.count;
    struct clone_revert_step *step = clone_revert_steps_add(
        stage->steps, action, wanted->path, wanted);
    if (!step)
        return E_OUTOFMEMORY;
    step->mark = mark;
    step->shared = shared;
    if (action == CLONE_REVERT_SET_FILE)
        return S_OK;
    hr = probe_parent(stage, wanted->path);
    if (SUCCEEDED(hr) && action == CLONE_REVERT_PUT)
        hr = check_free(stage, wanted);
    return SUCCEEDED(hr) ? make_new(stage, wanted, step, number) : hr;
}

static HRESULT add_files(struct stage *stage)
{
    const struct clone_manifest *wanted = &stage->plan->wanted;
    HRESULT hr = S_OK;
    for (size_t i = 0; i < wanted->entries.count && SUCCEEDED(hr); i++)
    {
        struct clone_entry *entry = wanted->entries.items[i];
        if (!clone_entry_is_folder(entry))
            hr = add_file(stage, entry);
    }
    return hr;
}

/* ---- Whether it can be done ---- */

/* What a power cut or a failing disk has left of the copy, or somebody has made of it, is not what
   was copied. */
static HRESULT check_copy(const struct clone_revert_plan *plan, const WCHAR *digest)
{
    WCHAR *found = clone_manifest_digest(&plan->wanted);
    if (!found)
        return E_OUTOFMEMORY;
    bool same = str16_equal(found, digest);
    mem_free(found);
    return same ? S_OK
                : clone_revert_refuse(plan, VSS_E_VOLUME_NOT_SUPPORTED, plan->copy.root,
                      "does not hold any more what was copied");
}

static WCHAR *without_case(const WCHAR *path)
{
    size_t units = str16_len(path);
    WCHAR *folded = str16_ndup(path, units);
    if (folded && units)
        LCMapStringW(LOCALE_INVARIANT, LCMAP_UPPERCASE, path, (int)units, folded, (int)units);
    return folded;
}

/* Names that differ only in case are the same to some calls of the system and others to others. */
static HRESULT check_case(struct stage *stage, struct map *index, struct vec *folded_paths,
    struct clone_entry *entry, bool goes)
{
    WCHAR *folded = without_case(entry->path);
    if (!folded || !vec_push(folded_paths, folded))
    {
        mem_free(folded);
        return E_OUTOFMEMORY;
    }
    struct clone_entry *other = map_get(index, (struct map_key){folded, NULL});
    if (other && !str16_equal(other->path, entry->path) &&
        (goes || entry->touched || other->touched))
        return clone_revert_refuse(stage->plan, VSS_E_VOLUME_NOT_SUPPORTED, entry->path,
            "differs only in case from a name in the copy");
    return goes || map_add(index, (struct map_key){folded, NULL}, entry) ? S_OK : E_OUTOFMEMORY;
}

static HRESULT check_cases(struct stage *stage)
{
    struct map index = {0};
    struct vec folded = {0};
    HRESULT hr = S_OK;
    const struct vec *wanted = &stage->plan->wanted.entries;
    const struct vec *present = &stage->plan->present.entries;
    for (size_t i = 0; i < wanted->count && SUCCEEDED(hr); i++)
        hr = check_case(stage, &index, &folded, wanted->items[i], false);
    for (size_t i = 0; i < present->count && SUCCEEDED(hr); i++)
    {
        struct clone_entry *entry = present->items[i];
        /* A file is moved away before one with another case comes; a folder may have to stay. */
        if (clone_revert_goes(entry) && clone_entry_is_folder(entry))
            hr = check_case(stage, &index, &folded, entry, true);
    }
    map_free(&index);
    vec_free(&folded, mem_free);
    return hr;
}

static HRESULT make_work_folder(struct stage *stage, const WCHAR *path)
{
    HANDLE folder = NULL;
    HRESULT hr = clone_tree_get(&stage->plan->volume, path, CLONE_FOLDER, CLONE_NEW,
        FILE_READ_ATTRIBUTES, CLONE_SHARE_ALL, &folder);
    if (folder)
        CloseHandle(folder);
    return hr;
}

/* That the files are there must be on the disk before it is written down, and that there is a
   folder for what goes before anything goes. */
static void flush_work_folders(struct stage *stage)
{
    static const WCHAR *const folders[] = {NEW_FOLDER, OLD_FOLDER, REVERT_FOLDER, REVERT_PARENT};
    for (size_t i = 0; i < ARRAYSIZE(folders); i++)
        clone_tree_flush(&stage->plan->volume, folders[i]);
}

static HRESULT add_all(struct stage *stage)
{
    HRESULT hr = add_all_going(stage, CLONE_FILE);
    if (SUCCEEDED(hr))
        hr = add_all_going(stage, CLONE_FOLDER);
    if (SUCCEEDED(hr))
        hr = add_new_folders(stage);
    return SUCCEEDED(hr) ? add_files(stage) : hr;
}

HRESULT clone_revert_stage(
    struct clone_revert_plan *plan, const WCHAR *digest, struct clone_revert_steps *steps)
{
    struct stage stage = {.plan = plan, .steps = steps};
    steps->force = plan->force;
    HRESULT hr = make_work_folder(&stage, NEW_FOLDER);
    if (SUCCEEDED(hr))
        hr = make_work_folder(&stage, OLD_FOLDER);
    if (SUCCEEDED(hr))
        hr = clone_prober_open(&stage.prober, plan, NEW_FOLDER, OLD_FOLDER);
    if (SUCCEEDED(hr))
        hr = add_all(&stage);
    clone_prober_close(&stage.prober);
    if (SUCCEEDED(hr))
        hr = check_copy(plan, digest);
    if (SUCCEEDED(hr))
        hr = check_cases(&stage);
    if (SUCCEEDED(hr))
        hr = add_folder_times(&stage);
    if (SUCCEEDED(hr))
        flush_work_folders(&stage);
    mem_free(stage.parent);
    return hr;
}
