/* SPDX-License-Identifier: MIT
 *
 * Reverting. See clone_revert.h; the steps and what makes them safe are clone_revert_step.h's.
 *
 * The plan looks (clone_revert_plan.c), the stage makes ready and writes the steps down
 * (clone_revert_stage.c); nothing but the work folder has changed until then. Then the steps are
 * gone through (clone_revert_course.c). Links, stores and Thawline's own folder are in no step.
 */
#include "provider/clone_revert.h"

#include <vss.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/file.h"
#include "provider/clone_remove.h"
#include "provider/clone_revert_course.h"
#include "provider/clone_revert_stage.h"
#include "provider/revert_note.h"
#include "volume/private_folder.h"

static HRESULT result_of(HRESULT hr)
{
    if (file_is_full(hr))
        return VSS_E_INSUFFICIENT_STORAGE;
    return hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION) ? VSS_E_VOLUME_IN_USE : hr;
}

static void course_free(struct clone_course *course)
{
    clone_tree_close(&course->volume);
    clone_revert_steps_free(&course->steps);
}

/* ---- The work folder ---- */

/* What went is moved as it is: other names of a read-only file keep their attributes. */
static HRESULT delete_old(struct clone_course *course)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < course->steps.list.count && SUCCEEDED(hr); i++)
    {
        const struct clone_revert_step *step = course->steps.list.items[i];
        if (step->action != CLONE_REVERT_MOVE_AWAY && step->action != CLONE_REVERT_REPLACE)
            continue;
        WCHAR *old = clone_revert_old_path(i);
        hr = old ? clone_before("revert-delete-old", step->path) : E_OUTOFMEMORY;
        if (SUCCEEDED(hr))
            hr = clone_tree_delete(&course->volume, old, CLONE_FILE);
        mem_free(old);
        if (FAILED(hr) && hr != E_OUTOFMEMORY)
            hr = log_warning(S_OK,
                "What was %ls could not be deleted yet, and lies in %ls%ls: the next revert or the "
                "deletion of a copy sees to it.",
                step->path, course->place->path, REVERT_FOLDER);
    }
    return hr;
}

static HRESULT remove_steps_file(const struct volume *volume)
{
    WCHAR *path = file_join(volume->path, CLONE_STEPS_FILE);
    HRESULT hr = path ? file_delete(path) : E_OUTOFMEMORY;
    mem_free(path);
    return hr;
}

static bool is_there(const WCHAR *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static HRESULT remove_work_folder(const struct volume *volume)
{
    WCHAR *path = file_join(volume->path, REVERT_FOLDER);
    WCHAR *working = NULL;
    if (!path)
        return E_OUTOFMEMORY;
    bool there = is_there(path);
    HRESULT hr = there ? private_folder_check_own(path) : S_OK;
    if (hr == E_ACCESSDENIED)
        log_error(hr, "%ls belongs to somebody else, and is left as it is.", path);
    if (there && SUCCEEDED(hr))
        hr = clone_working_path(path, &working);
    if (there && SUCCEEDED(hr))
        hr = clone_remove_tree(working);
    mem_free(working);
    mem_free(path);
    return hr;
}

/* S_FALSE: there are none. */
static HRESULT load_steps(struct clone_course *course)
{
    WCHAR *path = file_join(course->place->path, CLONE_STEPS_FILE);
    HRESULT hr = path ? revert_note_check(course->place, path) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = clone_revert_steps_load(path, &course->steps);
    if (clone_is_missing(hr))
        hr = S_FALSE;
    else if (FAILED(hr) && hr != E_OUTOFMEMORY && hr != HRESULT_FROM_WIN32(ERROR_INVALID_DATA))
        log_error(hr,
            "The revert of %ls can't be gone on with: %ls can't be read. What was moved lies "
            "beside it.",
            course->place->path, path);
    mem_free(path);
    return hr;
}

/* It is over, and what was moved is kept with a list of what it was. */
static HRESULT set_aside(struct clone_course *course, const char *why)
{
    WCHAR *list = file_join(course->place->path, REVERT_FOLDER L"\\names.txt");
    HRESULT hr = list ? S_OK : E_OUTOFMEMORY;
    clone_tree_close(&course->volume); /* it holds folders open */
    if (SUCCEEDED(hr) && course->steps.list.count)
        hr = clone_revert_steps_list(&course->steps, list);
    if (SUCCEEDED(hr))
        hr = revert_note_set_aside(course->place, why);
    mem_free(list);
    course->changed = FAILED(hr);
    return FAILED(hr) ? hr : E_FAIL;
}

/* What a revert has left whose note is gone: rubbish, once its steps are over or before there were
   any. Otherwise the note was lost, not taken away, and what was moved may be all that there is. */
static HRESULT clear_leftovers(const struct volume *volume)
{
    struct clone_course course = {.place = volume};
    HRESULT hr = load_steps(&course);
    if (hr == HRESULT_FROM_WIN32(ERROR_INVALID_DATA) || (hr == S_OK && !course.steps.over))
    {
        hr = set_aside(&course, "its note is gone");
        hr = course.changed ? hr : S_OK;
    }
    course_free(&course);
    return SUCCEEDED(hr) ? remove_work_folder(volume) : hr;
}

/* With the lock, or the folder may be that of a revert that begins. */
void clone_revert_sweep(const struct volume *volume)
{
    struct revert_note note = {0};
    struct file_lock *lock = NULL;
    WCHAR *path = file_join(volume->path, REVERT_FOLDER);
    if (path && is_there(path) && revert_note_try_lock(volume, &lock))
    {
        if (SUCCEEDED(revert_note_read(volume, &note)) && !note.noted)
            clear_leftovers(volume); /* what can't be deleted is logged, and tried again */
        file_lock_drop(lock, false);
    }
    mem_free(path);
}

/* From here on what went may be deleted, and the steps are not gone through again: what is on the
   volume is wanted. */
static HRESULT end_steps(struct clone_course *course)
{
    if (course->steps.over)
        return S_OK;
    clone_course_flush(course);
    course->steps.over = true;
    return clone_course_save(course);
}

/* The volume is what it is to be. The note goes before the steps: with both, what is left is
   deleted when somebody asks. */
static HRESULT finish(struct clone_course *course)
{
    HRESULT hr = end_steps(course);
    if (SUCCEEDED(hr))
        hr = delete_old(course);
    if (SUCCEEDED(hr))
        hr = revert_note_remove(course->place);
    if (FAILED(hr))
        return hr;
    clone_tree_close(&course->volume); /* it holds folders open */
    remove_work_folder(course->place);
    return course->steps.hindered
        ? log_error(E_FAIL,
              "%ls was reverted but for %u files or folders, which others wrote meanwhile or which "
              "something was in the way of.",
              course->place->path, course->steps.hindered)
        : S_OK;
}

/* Nothing was changed, and nothing is to be: without the steps the note begins nothing. */
static void give_up(const struct volume *volume)
{
    HRESULT hr = remove_steps_file(volume);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "%ls%ls can't be deleted: QueryRevertStatus will begin the revert again.",
            volume->path, CLONE_STEPS_FILE);
    if (SUCCEEDED(hr) && SUCCEEDED(revert_note_remove(volume)))
        remove_work_folder(volume);
}

/* ---- Operations ---- */

static HRESULT check_kind(const struct snapshot *snapshot, const struct volume *volume)
{
    if (!snapshot->digest)
        return log_error(VSS_E_VOLUME_NOT_SUPPORTED,
            "%ls can't be reverted: the shadow copy does not hold, or does not hold any more, "
            "every file of it as at one point in time.",
            volume->path);
    return S_OK;
}

static HRESULT note(const struct snapshot *snapshot, const struct volume *volume)
{
    HRESULT hr = clear_leftovers(volume);
    if (FAILED(hr) && hr != E_OUTOFMEMORY && hr != E_ACCESSDENIED)
        hr = log_error(VSS_E_VOLUME_IN_USE,
            "%ls can't be reverted: what an earlier revert moved aside is still in use.",
            volume->path);
    return SUCCEEDED(hr) ? revert_note_write(volume, &snapshot->id) : hr;
}

HRESULT clone_begin_revert(struct provider *provider, const struct snapshot *snapshot,
    const struct volume *volume, bool force)
{
    (void)provider;
    struct clone_revert_plan plan = {.force = force};
    HRESULT hr = check_kind(snapshot, volume);
    if (SUCCEEDED(hr))
        hr = clone_revert_plan_make(&plan, volume, &snapshot->id);
    if (SUCCEEDED(hr))
        hr = clone_revert_plan_check(&plan);
    clone_revert_plan_free(&plan);
    if (SUCCEEDED(hr))
        hr = note(snapshot, volume);
    return result_of(hr);
}

/* By the time of the note, which the volume's own clock gave it as it did those of the files. */
static HRESULT find_accepted(struct clone_revert_plan *plan)
{
    HANDLE file = NULL;
    FILE_BASIC_INFO info;
    HRESULT hr = clone_tree_get(&plan->volume, REVERT_NOTE_FILE, CLONE_FILE, CLONE_EXISTING,
        FILE_READ_ATTRIBUTES, CLONE_SHARE_ALL, &file);
    if (SUCCEEDED(hr) && !GetFileInformationByHandleEx(file, FileBasicInfo, &info, sizeof(info)))
        hr = clone_last_error();
    if (SUCCEEDED(hr))
        plan->accepted = info.ChangeTime.QuadPart;
    else if (hr != E_OUTOFMEMORY)
        log_error(hr, "When the revert of %ls was accepted can't be read.", plan->place->path);
    if (file)
        CloseHandle(file);
    return hr;
}

/* What a file system that names things anew after a restart calls otherwise then. */
static HRESULT read_places(struct clone_tree *volume, uint64_t *root, uint64_t *work)
{
    struct clone_mark marks[2];
    static const WCHAR *const paths[] = {L"", REVERT_FOLDER};
    HRESULT hr = S_OK;
    for (size_t i = 0; i < ARRAYSIZE(paths) && SUCCEEDED(hr); i++)
    {
        HANDLE folder = NULL;
        bool shared;
        hr = clone_tree_get_folder(volume, paths[i], FILE_READ_ATTRIBUTES, &folder);
        if (SUCCEEDED(hr))
            hr = clone_mark_read(folder, &marks[i], &shared);
        if (folder)
            CloseHandle(folder);
    }
    if (FAILED(hr))
        return hr;
    *root = marks[0].id;
    *work = marks[1].id;
    return S_OK;
}

/* The steps are on the disk when it succeeds. */
static HRESULT prepare(struct clone_course *course, const struct snapshot *snapshot, bool force)
{
    struct clone_revert_plan plan = {.force = force};
    HRESULT hr = check_kind(snapshot, course->place);
    if (SUCCEEDED(hr))
        hr = clone_revert_plan_make(&plan, course->place, &snapshot->id);
    if (SUCCEEDED(hr))
        hr = find_accepted(&plan);
    if (SUCCEEDED(hr))
        hr = clone_revert_stage(&plan, snapshot->digest, &course->steps);
    if (SUCCEEDED(hr))
        hr = read_places(&plan.volume, &course->steps.root, &course->steps.work);
    if (SUCCEEDED(hr))
        hr = clone_course_save(course);
    if (SUCCEEDED(hr))
        hr = clone_tree_open(plan.volume_scope.source, &course->volume);
    clone_revert_plan_free(&plan);
    return hr;
}

HRESULT clone_revert(struct provider *provider, const struct snapshot *snapshot,
    const struct volume *volume, bool force, bool *changed)
{
    (void)provider;
    struct clone_course course = {.place = volume};
    HRESULT hr = prepare(&course, snapshot, force);
    if (SUCCEEDED(hr))
        hr = clone_course_run(&course);
    if (SUCCEEDED(hr))
        hr = finish(&course);
    *changed = course.changed;
    course_free(&course);
    if (FAILED(hr) && !*changed)
        give_up(volume);
    return result_of(hr);
}

/* Whether files are known by their ids still. */
static HRESULT check_places(struct clone_course *course)
{
    uint64_t root = 0;
    uint64_t work = 0;
    HRESULT hr = read_places(&course->volume, &root, &work);
    if (FAILED(hr))
        return hr;
    return root == course->steps.root && work == course->steps.work ? S_OK : CLONE_COURSE_LOST;
}

static HRESULT go_on(struct clone_course *course)
{
    WCHAR *root = NULL;
    HRESULT hr = clone_working_path(course->place->path, &root);
    if (SUCCEEDED(hr))
        hr = clone_tree_open(root, &course->volume);
    if (SUCCEEDED(hr) && !course->steps.over)
    {
        hr = check_places(course);
        if (SUCCEEDED(hr))
            hr = clone_course_run(course);
    }
    if (SUCCEEDED(hr))
        hr = finish(course);
    mem_free(root);
    return hr;
}

static HRESULT give_up_untouched(struct clone_course *course)
{
    course->changed = false;
    give_up(course->place);
    return log_error(E_FAIL,
        "The revert of %ls was interrupted before anything was changed. It is over; begin it again "
        "if it is still wanted.",
        course->place->path);
}

HRESULT clone_resume_revert(struct provider *provider, const struct volume *volume, bool *changed)
{
    (void)provider;
    struct clone_course course = {.place = volume, .resumed = true, .changed = true};
    struct revert_note note = {0};
    HRESULT hr = revert_note_read(volume, &note);
    if (SUCCEEDED(hr))
        hr = load_steps(&course);
    if (SUCCEEDED(hr) && note.damaged)
        hr = HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    if (hr == S_FALSE)
        hr = give_up_untouched(&course);
    else if (SUCCEEDED(hr))
        hr = go_on(&course);
    if (hr == HRESULT_FROM_WIN32(ERROR_INVALID_DATA))
        hr = set_aside(&course, "what was noted of it is damaged");
    else if (hr == CLONE_COURSE_LOST)
        hr = set_aside(&course, "what is on the volume can't be told from what was there before");
    *changed = course.changed;
    course_free(&course);
    return result_of(hr);
}
