/* SPDX-License-Identifier: MIT
 *
 * Where the files of each component go.
 */
#include "cli/restore_plan.h"

#include <stdlib.h>
#include <wchar.h>

#include "cli/cancel.h"
#include "cli/file_copy.h"
#include "cli/file_set.h"
#include "cli/path.h"
#include "cli/tree.h"
#include "cli/variables.h"

/* ---- Which file belongs to which set ---- */

static bool restore_set_holds(const struct restore_set *set, const WCHAR *path, bool is_file)
{
    const struct file_set files = {set->from, set->filespec, set->recursive != 0};

    return file_set_holds(&files, path, is_file);
}

struct restore_set *restore_find_set(
    struct restore *restore, const WCHAR *path, bool is_file, struct restore_component **owner)
{
    struct restore_set *found = NULL;

    for (size_t i = 0; i < restore->component_count; i++)
    {
        struct restore_component *component = &restore->components[i];

        for (size_t j = 0; j < component->set_count; j++)
        {
            struct restore_set *set = &component->sets[j];

            if ((found && !set->to) || !restore_set_holds(set, path, is_file))
                continue;
            found = set;
            *owner = component;
            if (set->to)
                return found;
        }
    }
    return found;
}

WCHAR *restore_target(const struct restore_set *set, const WCHAR *path)
{
    const WCHAR *rest = path + wcslen(set->from);

    return path_join(set->to, *rest == '\\' ? rest + 1 : rest);
}

/* ---- What stands in the way ---- */

struct survey
{
    struct restore *restore;
    const WCHAR *source; /* the one that is walked */
};

/* A file that an interrupted restore has put there already is not in its own way. */
static bool survey_is_ours(const WIN32_FIND_DATAW *data, const WIN32_FILE_ATTRIBUTE_DATA *there)
{
    return data->nFileSizeHigh == there->nFileSizeHigh &&
        data->nFileSizeLow == there->nFileSizeLow &&
        !CompareFileTime(&data->ftLastWriteTime, &there->ftLastWriteTime);
}

static void survey_target(
    struct restore_component *component, const WCHAR *target, const WIN32_FIND_DATAW *data)
{
    WCHAR *name = path_open_name(target);
    WIN32_FILE_ATTRIBUTE_DATA there;
    HANDLE file;

    if (GetFileAttributesExW(name, GetFileExInfoStandard, &there))
    {
        component->there = component->there || !survey_is_ours(data, &there);
        file = CreateFileW(
            name, DELETE, FILE_SHARE_ALL, NULL, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
        if (file == INVALID_HANDLE_VALUE)
            component->in_use = true;
        else
            CloseHandle(file);
    }
    free(name);
}

static bool survey_visit(void *context, const struct tree_item *item)
{
    struct survey *survey = context;
    WCHAR *path = path_join(survey->source, item->relative);
    struct restore_component *owner = NULL;
    struct restore_set *set = NULL;

    if (item->event == TREE_FILE)
        set = restore_find_set(survey->restore, path, true, &owner);
    if (set && set->to && owner->surveyed)
    {
        WCHAR *target = restore_target(set, path);

        survey_target(owner, target, item->data);
        free(target);
    }
    free(path);
    return !cancel_requested();
}

/* One walk for all components that want it. */
static void survey_sources(struct restore *restore)
{
    struct survey survey = {.restore = restore};

    for (size_t i = 0; i < restore->sources.count; i++)
    {
        WCHAR *copy = path_below(restore->source, restore->sources.items[i]);
        WCHAR *name = path_open_name(copy);

        survey.source = restore->sources.items[i];
        tree_walk(name, survey_visit, &survey);
        free(name);
        free(copy);
    }
}

/* ---- The plan of a component ---- */

static bool plan_is_wanted(const struct restore_component *component, const struct restore_set *set)
{
    return component->members[set->member].chosen;
}

static void plan_original(struct restore_component *component)
{
    for (size_t i = 0; i < component->set_count; i++)
    {
        struct restore_set *set = &component->sets[i];

        if (!plan_is_wanted(component, set))
            continue;
        free(set->to);
        set->to = text_copy(set->original);
    }
}

static void plan_nothing(struct restore_component *component)
{
    for (size_t i = 0; i < component->set_count; i++)
    {
        free(component->sets[i].to);
        component->sets[i].to = NULL;
        component->sets[i].mapped = false;
    }
}

/* False, and nothing planned: some set has no alternate location that files may be put to. */
static bool plan_alternate(struct restore_component *component)
{
    for (size_t i = 0; i < component->set_count; i++)
    {
        struct restore_set *set = &component->sets[i];
        WCHAR *folder;
        size_t length;

        if (!plan_is_wanted(component, set))
            continue;
        folder = set->mapping ? variables_expand(set->mapping) : text_copy(L"");
        length = wcslen(folder);
        while (length > 3 && folder[length - 1] == '\\')
            folder[--length] = 0;
        if (!path_is_plain(folder))
        {
            free(folder);
            plan_nothing(component);
            return false;
        }
        free(set->to);
        set->to = folder;
        set->mapped = true;
    }
    return true;
}

/* `blocked`: files stand in the way, as the method defines that. */
static void plan_unless(struct restore_component *component, bool blocked, const WCHAR *why)
{
    if (blocked && !plan_alternate(component))
        restore_refuse(
            component, L"%ls, and its writer names no usable alternate location for them", why);
}

static void plan_by_survey(const struct restore *restore, struct restore_component *component)
{
    /* What changed since the full backup goes over what that one put back. */
    bool changes = restore->history.type == VSS_BT_INCREMENTAL ||
        restore->history.type == VSS_BT_DIFFERENTIAL;

    if (component->method == VSS_RME_RESTORE_IF_NOT_THERE)
        plan_unless(component, component->there && !changes, L"its files are there already");
    else
        plan_unless(component, component->in_use, L"some of its files are in use");
}

static void plan_by_method(struct restore_component *component)
{
    switch (component->method)
    {
    case VSS_RME_RESTORE_IF_NOT_THERE:
    case VSS_RME_RESTORE_IF_CAN_REPLACE:
        component->surveyed = true;
        plan_original(component);
        break;
    case VSS_RME_RESTORE_TO_ALTERNATE_LOCATION:
        if (!plan_alternate(component))
            restore_refuse(component,
                L"it is to be restored to an alternate location, and its writer names no usable "
                L"one");
        break;
    case VSS_RME_RESTORE_AT_REBOOT:
        component->at_reboot = true;
        plan_original(component);
        break;
    case VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE:
        component->blocked_at_reboot = true;
        plan_original(component);
        break;
    case VSS_RME_STOP_RESTORE_START:
    case VSS_RME_RESTORE_STOP_START: plan_original(component); break;
    case VSS_RME_CUSTOM:
        restore_refuse(component, L"its writer has a way of its own to restore it");
        break;
    default: restore_refuse(component, L"its writer does not say how to restore it"); break;
    }
}

static void plan_component(struct restore_component *component)
{
    switch (component->target)
    {
    case VSS_RT_ORIGINAL:
        /* Writers of Windows, too, have none and expect their files where they were. */
        if (component->has_method)
            plan_by_method(component);
        else
            plan_original(component);
        break;
    case VSS_RT_ORIGINAL_LOCATION: plan_original(component); break;
    case VSS_RT_ALTERNATE:
        if (!plan_alternate(component))
            restore_refuse(
                component, L"its writer asks for the alternate location and names no usable one");
        break;
    case VSS_RT_DIRECTED:
        /* What the writer directs nowhere goes where it was. */
        plan_original(component);
        break;
    default: restore_refuse(component, L"its writer asks for a target that is not known"); break;
    }
}

static void plan_elsewhere(const struct restore *restore, struct restore_component *component)
{
    for (size_t i = 0; i < component->set_count; i++)
    {
        struct restore_set *set = &component->sets[i];

        if (plan_is_wanted(component, set))
            set->to = path_below(restore->destination, set->original);
    }
}

void restore_plan(struct restore *restore)
{
    bool surveyed = false;

    for (size_t i = 0; i < restore->component_count; i++)
    {
        struct restore_component *component = &restore->components[i];

        if (!restore_goes(component))
            continue;
        if (restore->destination)
            plan_elsewhere(restore, component);
        else
            plan_component(component);
        surveyed = surveyed || component->surveyed;
    }
    if (surveyed)
        survey_sources(restore);
    for (size_t i = 0; i < restore->component_count; i++)
    {
        if (restore->components[i].surveyed)
            plan_by_survey(restore, &restore->components[i]);
    }
}
