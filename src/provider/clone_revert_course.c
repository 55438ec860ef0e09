/* SPDX-License-Identifier: MIT
 *
 * Going through the steps of a revert. See clone_revert_course.h.
 */
#include "provider/clone_revert_course.h"

#include <aclapi.h>
#include <vss.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/file.h"
#include "provider/clone_copy.h"
#include "provider/clone_revert_stage.h"

/* A step is left undone: somebody wants what is there as it is, or the system does. */
static HRESULT leave(const struct clone_revert_step *step, const char *why)
{
    return log_warning(S_OK, "%ls %s. It stays as it is.", step->path, why);
}

/* What was written while the revert was interrupted is wanted. Otherwise the volume was in use. */
static HRESULT leave_written(struct clone_course *course, const struct clone_revert_step *step)
{
    course->steps.hindered += !course->resumed;
    return leave(step, "was written since the revert began");
}

/* Whether a step can't be done without harm, and never will. */
static bool is_in_the_way(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS) ||
        hr == HRESULT_FROM_WIN32(ERROR_FILE_EXISTS) || hr == HRESULT_FROM_WIN32(ERROR_DIRECTORY) ||
        hr == HRESULT_FROM_WIN32(ERROR_NOT_SAME_DEVICE) || hr == HRESULT_FROM_WIN32(ERROR_BUSY) ||
        hr == HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK) || hr == E_ACCESSDENIED ||
        clone_is_missing(hr);
}

static bool is_there(struct clone_course *course, const WCHAR *path, enum clone_kind kind)
{
    HANDLE file = NULL;
    HRESULT hr = clone_tree_get(
        &course->volume, path, kind, CLONE_EXISTING, FILE_READ_ATTRIBUTES, CLONE_SHARE_ALL, &file);
    if (file)
        CloseHandle(file);
    return SUCCEEDED(hr);
}

/* Time and size are as the step found them, which only the same file has; its id is another. */
static bool has_lost_id(const struct clone_mark *mark, const struct clone_revert_step *step)
{
    return mark->id != step->mark.id && mark->size == step->mark.size &&
        mark->written == step->mark.written && mark->changed == step->mark.changed;
}

/* Opens what the step found. S_FALSE: that is not there any more, *other: but something else. */
static HRESULT open_marked(struct clone_course *course, const struct clone_revert_step *step,
    DWORD access, HANDLE *file, bool *other)
{
    HANDLE opened = NULL;
    struct clone_mark mark;
    bool shared;
    HRESULT hr = clone_tree_get(&course->volume, step->path, CLONE_FILE, CLONE_EXISTING, access,
        course->steps.force ? CLONE_SHARE_ALL : 0, &opened);
    *other = hr == HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK) ||
        (hr == E_ACCESSDENIED && is_there(course, step->path, CLONE_FOLDER));
    if (*other || clone_is_missing(hr) || hr == HRESULT_FROM_WIN32(ERROR_DIRECTORY))
        return S_FALSE;
    if (SUCCEEDED(hr))
        hr = clone_mark_read(opened, &mark, &shared);
    if (SUCCEEDED(hr) && !clone_mark_is_of(&mark, step))
    {
        *other = true;
        hr = course->resumed && has_lost_id(&mark, step) ? CLONE_COURSE_LOST : S_FALSE;
        /* Nothing but the change time: it may be one that was put back at the last moment. It is
           left, but not as if that were certainly wanted. */
        course->steps.hindered += course->resumed && step->action != CLONE_REVERT_SET_FILE &&
            mark.id == step->mark.id && mark.size == step->mark.size &&
            mark.written == step->mark.written;
    }
    if (hr == S_OK)
        *file = opened;
    else if (opened)
        CloseHandle(opened);
    return hr;
}

/* S_FALSE: it stays, which is logged. */
static HRESULT rename_file(
    struct clone_course *course, const struct clone_revert_step *step, HANDLE file, const WCHAR *to)
{
    HRESULT hr = clone_tree_rename(&course->volume, file, to);
    course->changed |= SUCCEEDED(hr);
    if (!is_in_the_way(hr))
        return hr;
    if (is_there(course, to, CLONE_FILE) || is_there(course, to, CLONE_FOLDER))
    {
        leave_written(course, step);
        return S_FALSE;
    }
    course->steps.hindered++;
    log_warning(hr, "%ls can't be moved, and stays as it is.", step->path);
    return S_FALSE;
}

/* S_OK also when it went before; S_FALSE: something else is there, *other, or it stays. */
static HRESULT move_away(
    struct clone_course *course, const struct clone_revert_step *step, size_t number, bool *other)
{
    HANDLE file = NULL;
    WCHAR *old = clone_revert_old_path(number);
    HRESULT hr = old ? open_marked(course, step, DELETE, &file, other) : E_OUTOFMEMORY;
    if (hr == S_OK)
        hr = rename_file(course, step, file, old);
    else if (hr == S_FALSE && !*other)
        hr = S_OK;
    if (file)
        CloseHandle(file);
    mem_free(old);
    return hr;
}

static HRESULT do_move_away(
    struct clone_course *course, struct clone_revert_step *step, size_t number)
{
    bool other = false;
    HRESULT hr = clone_before("revert-delete", step->path);
    if (SUCCEEDED(hr))
        hr = move_away(course, step, number, &other);
    return other ? leave_written(course, step) : hr;
}

/* Windows: a file that is new has the rights that its folder gives, as if it had been made there;
   it was made where nobody else has any. */
static HRESULT inherit_access(
    const struct clone_course *course, const struct clone_revert_step *step, HANDLE file)
{
    ACL none;
    HRESULT hr = clone_before("revert-access", step->path);
    if (FAILED(hr) || !course->volume.by_handle)
        return hr;
    InitializeAcl(&none, sizeof(none), ACL_REVISION);
    DWORD error = SetSecurityInfo(file, SE_FILE_OBJECT,
        DACL_SECURITY_INFORMATION | UNPROTECTED_DACL_SECURITY_INFORMATION, NULL, NULL, &none, NULL);
    if (error)
        log_warning(HRESULT_FROM_WIN32(error), "%ls could not be given the rights of its folder.",
            step->path);
    return S_OK;
}

#define NEW_ACCESS (DELETE | READ_CONTROL | WRITE_DAC)

/* S_FALSE: it is not there, or not what was made ready. */
static HRESULT open_ready(struct clone_course *course, const struct clone_revert_step *step,
    const WCHAR *path, HANDLE *file)
{
    HANDLE opened = NULL;
    struct clone_mark mark;
    bool shared;
    HRESULT hr = clone_tree_get(
        &course->volume, path, CLONE_FILE, CLONE_EXISTING, NEW_ACCESS, CLONE_SHARE_ALL, &opened);
    if (SUCCEEDED(hr))
        hr = clone_mark_read(opened, &mark, &shared);
    /* With another id only where a file gets one with each name. */
    bool same = SUCCEEDED(hr) &&
        (mark.id == step->ready.id ||
            (mark.size == step->ready.size && mark.written == step->ready.written));
    if (SUCCEEDED(hr) && same)
        *file = opened;
    else if (opened)
        CloseHandle(opened);
    return FAILED(hr) ? hr : same ? S_OK : S_FALSE;
}

/* What went is where it was; what is there meanwhile stays. That moves its mark. */
static HRESULT put_back(struct clone_course *course, struct clone_revert_step *step, size_t number)
{
    HANDLE file = NULL;
    bool shared;
    WCHAR *old = clone_revert_old_path(number);
    HRESULT hr = old ? clone_before("revert-put-back", step->path) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = clone_tree_get(
            &course->volume, old, CLONE_FILE, CLONE_EXISTING, DELETE, CLONE_SHARE_ALL, &file);
    bool went = !clone_is_missing(hr);
    if (SUCCEEDED(hr))
        hr = clone_tree_rename(&course->volume, file, step->path);
    if (SUCCEEDED(hr) && SUCCEEDED(clone_mark_read(file, &step->mark, &shared)))
        course->restored = true;
    if (went && FAILED(hr) && hr != HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS))
        log_warning(hr, "What was %ls could not be put back from %ls%ls.", step->path,
            course->place->path, old ? old : REVERT_FOLDER);
    else
        hr = S_OK;
    if (file)
        CloseHandle(file);
    mem_free(old);
    return hr;
}

/* In a revert that goes on: what was made ready is gone. It has come before, or is lost. */
static HRESULT find_come(struct clone_course *course, struct clone_revert_step *step, size_t number)
{
    HANDLE file = NULL;
    HRESULT hr = open_ready(course, step, step->path, &file);
    if (hr == S_OK)
    {
        if (step->action == CLONE_REVERT_PUT)
            hr = inherit_access(course, step, file);
        CloseHandle(file);
        return hr;
    }
    if (FAILED(hr) && !is_in_the_way(hr))
        return hr;
    if (hr == E_ACCESSDENIED && !is_there(course, step->path, CLONE_FOLDER))
        return hr;
    hr = clone_is_missing(hr) && step->action == CLONE_REVERT_REPLACE
        ? put_back(course, step, number)
        : S_OK;
    /* With no place to go back to it is kept where it is, for a person. */
    if (FAILED(hr))
        return clone_is_missing(hr) ? CLONE_COURSE_LOST : hr;
    course->steps.hindered++;
    log_error(HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND),
        "%ls is not what the copy holds: what was made ready for it is gone, or was changed since "
        "it came.",
        step->path);
    return S_OK;
}

/* S_FALSE: it stays, which is logged; what was there before is there again. */
static HRESULT put(
    struct clone_course *course, struct clone_revert_step *step, size_t number, HANDLE file)
{
    bool other = false;
    HRESULT hr = S_OK;
    if (step->action == CLONE_REVERT_REPLACE)
        hr = move_away(course, step, number, &other);
    if (other)
        leave_written(course, step);
    if (hr != S_OK)
        return hr;
    hr = clone_before("revert-put", step->path);
    if (hr == S_OK)
        hr = rename_file(course, step, file, step->path);
    if (hr == S_OK || step->action != CLONE_REVERT_REPLACE)
        return hr;
    HRESULT restored = put_back(course, step, number);
    return FAILED(hr) ? hr : FAILED(restored) ? restored : S_FALSE;
}

static HRESULT do_put(struct clone_course *course, struct clone_revert_step *step, size_t number)
{
    HANDLE file = NULL;
    WCHAR *path = clone_revert_new_path(number);
    HRESULT hr = path ? clone_before("revert-write", step->path) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = open_ready(course, step, path, &file);
    mem_free(path);
    if (hr == S_FALSE && !course->resumed)
        hr = HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    if (course->resumed && (hr == S_FALSE || clone_is_missing(hr)))
        return find_come(course, step, number);
    if (FAILED(hr))
        return hr;
    hr = put(course, step, number, file);
    if (hr == S_OK && step->action == CLONE_REVERT_PUT)
        hr = inherit_access(course, step, file);
    CloseHandle(file);
    return FAILED(hr) ? hr : S_OK;
}

static HRESULT do_make_folder(
    struct clone_course *course, struct clone_revert_step *step, size_t number)
{
    HANDLE folder = NULL;
    (void)number;
    HRESULT hr = clone_before("revert-make-folder", step->path);
    if (FAILED(hr))
        return hr;
    hr = clone_tree_get(&course->volume, step->path, CLONE_FOLDER, CLONE_NEW, FILE_READ_ATTRIBUTES,
        CLONE_SHARE_ALL, &folder);
    course->changed |= SUCCEEDED(hr);
    if (folder)
        CloseHandle(folder);
    if (!is_in_the_way(hr))
        return hr;
    if (is_there(course, step->path, CLONE_FOLDER))
        return S_OK;
    course->steps.hindered++;
    return leave(step, "can't be made a folder");
}

/* Windows: a folder that somebody has open is there until he closes it. */
static HRESULT check_gone(struct clone_course *course, const struct clone_revert_step *step)
{
    HANDLE folder = NULL;
    HRESULT hr = clone_tree_get(&course->volume, step->path, CLONE_FOLDER, CLONE_EXISTING,
        FILE_READ_ATTRIBUTES, CLONE_SHARE_ALL, &folder);
    if (folder)
        CloseHandle(folder);
    return clone_is_missing(hr) ? S_OK : VSS_E_VOLUME_IN_USE;
}

static HRESULT do_remove_folder(
    struct clone_course *course, struct clone_revert_step *step, size_t number)
{
    HANDLE folder = NULL;
    struct clone_mark mark;
    bool shared;
    (void)number;
    HRESULT hr = clone_before("revert-delete", step->path);
    if (SUCCEEDED(hr))
        hr = clone_tree_get(&course->volume, step->path, CLONE_FOLDER, CLONE_EXISTING,
            FILE_READ_ATTRIBUTES, CLONE_SHARE_ALL, &folder);
    if (SUCCEEDED(hr))
        hr = clone_mark_read(folder, &mark, &shared);
    if (folder)
        CloseHandle(folder);
    if (clone_is_missing(hr))
        return S_OK;
    if (hr == HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK) ||
        hr == HRESULT_FROM_WIN32(ERROR_DIRECTORY) ||
        (SUCCEEDED(hr) && !clone_mark_is_of(&mark, step)))
        return leave(step, "is another folder by now");
    if (SUCCEEDED(hr))
        hr = clone_tree_delete(&course->volume, step->path, CLONE_FOLDER);
    /* It holds what stays, or what somebody put there meanwhile; or the host needs it. */
    if (hr == HRESULT_FROM_WIN32(ERROR_DIR_NOT_EMPTY) || hr == HRESULT_FROM_WIN32(ERROR_BUSY))
        return leave(step, "is not in the copy, and not empty");
    course->changed |= SUCCEEDED(hr);
    return SUCCEEDED(hr) ? check_gone(course, step) : hr;
}

static struct clone_entry *given_by(const struct clone_revert_step *step)
{
    struct clone_entry *entry = clone_manifest_new_entry(L"", step->path, step->units);
    if (!entry)
        return NULL;
    entry->attributes = step->attributes;
    entry->created = step->created;
    entry->accessed = step->accessed;
    entry->written = step->written;
    return entry;
}

static HRESULT set_properties(
    struct clone_course *course, const struct clone_revert_step *step, HANDLE file)
{
    struct clone_entry *entry = given_by(step);
    HRESULT hr = entry ? clone_set_properties(file, step->path, entry) : E_OUTOFMEMORY;
    course->changed |= SUCCEEDED(hr);
    mem_free(entry);
    return hr;
}

static HRESULT do_set_file(
    struct clone_course *course, struct clone_revert_step *step, size_t number)
{
    HANDLE file = NULL;
    bool other = false;
    (void)number;
    HRESULT hr = clone_before("revert-write", step->path);
    if (SUCCEEDED(hr))
        hr = open_marked(course, step, FILE_WRITE_ATTRIBUTES, &file, &other);
    /* Also one whose properties are set: that moved its change time. */
    if (hr == S_FALSE)
        return S_OK;
    if (SUCCEEDED(hr))
        hr = set_properties(course, step, file);
    if (file)
        CloseHandle(file);
    return hr;
}

/* Nobody loses anything by the times of a folder. */
static HRESULT do_set_folder(
    struct clone_course *course, struct clone_revert_step *step, size_t number)
{
    HANDLE folder = NULL;
    (void)number;
    HRESULT hr = clone_before("revert-finish-folder", step->path);
    if (SUCCEEDED(hr))
        hr = clone_tree_get(&course->volume, step->path, CLONE_FOLDER, CLONE_EXISTING,
            FILE_WRITE_ATTRIBUTES, CLONE_SHARE_ALL, &folder);
    if (SUCCEEDED(hr))
        hr = set_properties(course, step, folder);
    if (folder)
        CloseHandle(folder);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        hr = log_warning(S_OK, "The times of the folder %ls can't be set.", step->path);
    return hr;
}

HRESULT clone_course_run(struct clone_course *course)
{
    static HRESULT (*const actions[CLONE_REVERT_ACTIONS])(
        struct clone_course * course, struct clone_revert_step * step, size_t number) = {
        [CLONE_REVERT_MOVE_AWAY] = do_move_away,
        [CLONE_REVERT_REMOVE_FOLDER] = do_remove_folder,
        [CLONE_REVERT_MAKE_FOLDER] = do_make_folder,
        [CLONE_REVERT_PUT] = do_put,
        [CLONE_REVERT_REPLACE] = do_put,
        [CLONE_REVERT_SET_FILE] = do_set_file,
        [CLONE_REVERT_SET_FOLDER] = do_set_folder,
    };
    HRESULT hr = S_OK;
    for (size_t i = 0; i < course->steps.list.count && SUCCEEDED(hr); i++)
    {
        struct clone_revert_step *step = course->steps.list.items[i];
        hr = actions[step->action](course, step, i);
        if (FAILED(hr) && hr != E_OUTOFMEMORY)
            log_error(hr, "%ls can't be made what it is in the copy.", step->path);
    }
    if (SUCCEEDED(hr))
        return S_OK;
    /* Without it the file is left as it is, and the revert counts as failed. */
    if (course->restored)
        clone_course_save(course);
    return hr;
}

HRESULT clone_course_save(const struct clone_course *course)
{
    WCHAR *path = file_join(course->place->path, CLONE_STEPS_FILE);
    HRESULT hr = path ? clone_revert_steps_save(&course->steps, path) : E_OUTOFMEMORY;
    mem_free(path);
    return hr;
}

void clone_course_flush(struct clone_course *course)
{
    WCHAR *last = NULL;
    for (size_t i = 0; i < course->steps.list.count; i++)
    {
        const struct clone_revert_step *step = course->steps.list.items[i];
        const WCHAR *end = str16_find_last_char(step->path, L'\\');
        WCHAR *folder = str16_ndup(step->path, end ? (size_t)(end - step->path) : 0);
        bool moves = step->action != CLONE_REVERT_SET_FILE &&
            step->action != CLONE_REVERT_SET_FOLDER;
        if (folder && moves && (!last || !str16_equal(folder, last)))
        {
            clone_tree_flush(&course->volume, folder);
            mem_free(last);
            last = folder;
            folder = NULL;
        }
        mem_free(folder);
    }
    mem_free(last);
    clone_tree_flush(&course->volume, REVERT_FOLDER L"\\new");
    clone_tree_flush(&course->volume, REVERT_FOLDER L"\\old");
}
