/* SPDX-License-Identifier: MIT
 *
 * Which components lie in the sources. Selectability follows requestor 6.2: a component goes
 * together with everything below it, and is added unless a selectable one above it is.
 */
#include "cli/components.h"

#include <stdlib.h>
#include <wchar.h>

#include "cli/changes.h"
#include "cli/component_files.h"
#include "cli/path.h"

/* How a writer's component lies to the sources. */
enum component_place
{
    PLACE_OUTSIDE, /* none of its files lies in them; also of one without files */
    PLACE_TOUCHED, /* some do, or a source lies among its files */
    PLACE_INSIDE   /* all do */
};

struct writer_component
{
    struct backup_component component; /* as it would be added */
    WCHAR *full_path;                  /* logical path and name */
    bool selectable;
    UINT file_sets;
    enum component_place own; /* of its own files */
};

struct writer_components
{
    struct writer_component *items;
    size_t count;
};

static void writer_component_free(struct writer_component *item)
{
    free(item->component.writer_name);
    free(item->component.logical_path);
    free(item->component.name);
    changes_free(&item->component);
    free(item->full_path);
}

static void writer_components_free(struct writer_components *list)
{
    for (size_t i = 0; i < list->count; i++)
        writer_component_free(&list->items[i]);
    free(list->items);
}

/* How the files `spec` in `folder` lie to the sources. */
static enum component_place components_place(
    const struct backup *backup, const WCHAR *folder, const WCHAR *spec)
{
    enum component_place place = PLACE_OUTSIDE;
    WCHAR *file = text_format(L"%ls\\%ls", folder, spec);

    for (size_t i = 0; i < backup->source_count && place != PLACE_INSIDE; i++)
    {
        const WCHAR *source = backup->sources[i].path;

        if (path_is_inside(folder, source) || text_same(file, source))
            place = PLACE_INSIDE;
        else if (path_is_inside(source, folder))
            place = PLACE_TOUCHED;
    }
    free(file);
    return place;
}

/* Takes `files` over. */
static void components_add_set(
    struct backup_component *component, struct file_set files, DWORD mask)
{
    component->sets = text_grow(
        component->sets, (component->set_count + 1) * sizeof(*component->sets));
    component->sets[component->set_count++] = (struct backup_set){files, mask};
}

struct component_reading
{
    const struct backup *backup;
    struct writer_component *item;
};

/* One file set more: the component lies inside only if all its sets do. The files lie at the
   alternate location, if there is one, at the time of a backup. */
static HRESULT components_add_file_set(void *context, const struct component_file *file)
{
    const struct component_reading *reading = context;
    struct writer_component *item = reading->item;
    struct file_set files = file_set_expand(
        file->alternate ? file->alternate : file->path, file->filespec, file->recursive != 0);
    enum component_place place = components_place(reading->backup, files.folder, files.filespec);

    if (!item->file_sets++)
        item->own = place;
    else if (item->own != place)
        item->own = PLACE_TOUCHED;
    components_add_set(&item->component, files, file->mask);
    return S_OK;
}

static HRESULT components_read(
    const struct backup *backup, struct writer_component *item, IVssWMComponent *source)
{
    PVSSCOMPONENTINFO info = NULL;
    HRESULT hr = IVssWMComponent_GetComponentInfo(source, &info);

    if (FAILED(hr))
        return hr;
    item->component.type = info->type;
    item->component.logical_path = text_copy(info->bstrLogicalPath);
    item->component.name = text_copy(info->bstrComponentName);
    item->selectable = info->bSelectable != 0;
    item->full_path = info->bstrLogicalPath && *info->bstrLogicalPath
        ? text_format(L"%ls\\%ls", info->bstrLogicalPath, info->bstrComponentName)
        : text_copy(info->bstrComponentName);
    struct component_reading reading = {backup, item};
    hr = component_files_read(source, info, components_add_file_set, &reading);
    IVssWMComponent_FreeComponentInfo(source, info);
    return hr;
}

static HRESULT components_of_writer(const struct backup *backup,
    IVssExamineWriterMetadata *metadata, struct writer_components *list)
{
    VSS_ID instance, writer;
    VSS_USAGE_TYPE usage;
    VSS_SOURCE_TYPE source;
    BSTR name = NULL;
    DWORD schema = 0;
    UINT includes, excludes, count = 0;
    HRESULT hr = IVssExamineWriterMetadata_GetIdentity(
        metadata, &instance, &writer, &name, &usage, &source);

    if (SUCCEEDED(hr))
        hr = IVssExamineWriterMetadata_GetFileCounts(metadata, &includes, &excludes, &count);
    if (SUCCEEDED(hr))
        hr = IVssExamineWriterMetadata_GetBackupSchema(metadata, &schema);
    list->items = text_memory(count * sizeof(*list->items));
    for (UINT i = 0; i < count && SUCCEEDED(hr); i++)
    {
        struct writer_component *item = &list->items[list->count++];
        IVssWMComponent *component = NULL;

        item->component.instance = instance;
        item->component.writer = writer;
        item->component.schema = schema;
        item->component.writer_name = text_copy(name);
        hr = IVssExamineWriterMetadata_GetComponent(metadata, i, &component);
        if (SUCCEEDED(hr))
            hr = components_read(backup, item, component);
        if (component)
            IVssWMComponent_Release(component);
    }
    SysFreeString(name);
    return hr;
}

/* Whether `item` is `above` or lies below it in the writer's own hierarchy. */
static bool components_belongs_to(
    const struct writer_component *item, const struct writer_component *above)
{
    return path_is_inside(item->full_path, above->full_path);
}

/* Where a component lies with all that goes with it. */
static enum component_place components_place_of_tree(
    const struct writer_components *list, size_t index)
{
    enum component_place place = PLACE_OUTSIDE;
    bool first = true;

    for (size_t i = 0; i < list->count; i++)
    {
        if (!list->items[i].file_sets ||
            !components_belongs_to(&list->items[i], &list->items[index]))
            continue;
        if (first)
            place = list->items[i].own;
        else if (place != list->items[i].own)
            place = PLACE_TOUCHED;
        first = false;
    }
    return place;
}

static bool components_is_above_chosen(const struct writer_components *list, size_t index)
{
    for (size_t i = 0; i < list->count; i++)
    {
        if (i != index && list->items[i].selectable &&
            components_belongs_to(&list->items[index], &list->items[i]) &&
            components_place_of_tree(list, i) == PLACE_INSIDE)
            return true;
    }
    return false;
}

/* Whether a selectable component stands above it: then it can only go with that one. */
static bool components_is_implicit(const struct writer_components *list, size_t index)
{
    if (list->items[index].selectable)
        return false;
    for (size_t i = 0; i < list->count; i++)
    {
        if (i != index && list->items[i].selectable &&
            components_belongs_to(&list->items[index], &list->items[i]))
            return true;
    }
    return false;
}

static void components_take(
    struct backup *backup, const struct writer_components *list, size_t index)
{
    struct backup_component *taken;
    const struct backup_component *source = &list->items[index].component;

    backup->components = text_grow(
        backup->components, (backup->component_count + 1) * sizeof(*backup->components));
    taken = &backup->components[backup->component_count++];
    *taken = *source;
    taken->writer_name = text_copy(source->writer_name);
    taken->logical_path = text_copy(source->logical_path);
    taken->name = text_copy(source->name);
    taken->sets = NULL;
    taken->set_count = 0;
    for (size_t i = 0; i < list->count; i++)
    {
        const struct backup_component *part = &list->items[i].component;

        if (!components_belongs_to(&list->items[i], &list->items[index]))
            continue;
        for (size_t j = 0; j < part->set_count; j++)
        {
            const struct file_set *files = &part->sets[j].files;

            components_add_set(taken,
                (struct file_set){
                    text_copy(files->folder), text_copy(files->filespec), files->recursive},
                part->sets[j].mask);
        }
    }
}

/* Takes what a writer has in the sources; *touched names a component that is only touched. */
static void components_take_writer(
    struct backup *backup, const struct writer_components *list, WCHAR **touched)
{
    for (size_t i = 0; i < list->count; i++)
    {
        enum component_place place = components_place_of_tree(list, i);

        if (place == PLACE_INSIDE && !components_is_implicit(list, i) &&
            !components_is_above_chosen(list, i))
            components_take(backup, list, i);
        else if (list->items[i].own == PLACE_TOUCHED && !*touched)
            *touched = text_format(
                L"%ls of %ls", list->items[i].full_path, list->items[i].component.writer_name);
    }
}

static HRESULT components_choose_among(
    struct backup *backup, IVssBackupComponents *session, WCHAR **touched)
{
    UINT count = 0;
    HRESULT hr = IVssBackupComponents_GetWriterMetadataCount(session, &count);

    for (UINT i = 0; i < count && SUCCEEDED(hr); i++)
    {
        struct writer_components list = {0};
        IVssExamineWriterMetadata *metadata = NULL;
        VSS_ID instance;

        hr = IVssBackupComponents_GetWriterMetadata(session, i, &instance, &metadata);
        if (SUCCEEDED(hr))
            hr = components_of_writer(backup, metadata, &list);
        if (SUCCEEDED(hr))
            components_take_writer(backup, &list, touched);
        if (metadata)
            IVssExamineWriterMetadata_Release(metadata);
        writer_components_free(&list);
    }
    return hr;
}

HRESULT components_choose(struct backup *backup, IVssBackupComponents *session, const WCHAR **call)
{
    WCHAR *touched = NULL;
    HRESULT hr = S_OK;

    *call = L"Reading the writers' metadata";
    if (backup->components_off)
        backup->mode_reason = text_copy(L"every writer, because --components off was given");
    else
        hr = components_choose_among(backup, session, &touched);
    backup->component_mode = SUCCEEDED(hr) && backup->component_count && !touched;
    if (SUCCEEDED(hr) && !backup->mode_reason)
    {
        if (backup->component_mode)
            backup->mode_reason = text_copy(L"the writers whose components lie in the sources");
        else if (touched)
            backup->mode_reason = text_format(
                L"every writer, because the sources hold only a part of %ls", touched);
        else
            backup->mode_reason = text_copy(
                L"every writer, because no component lies in the sources");
    }
    free(touched);
    return hr;
}

HRESULT components_add(const struct backup *backup, IVssBackupComponents *session)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; backup->component_mode && i < backup->component_count && SUCCEEDED(hr); i++)
    {
        const struct backup_component *component = &backup->components[i];

        hr = IVssBackupComponents_AddComponent(session, component->instance, component->writer,
            component->type, component->logical_path, component->name);
    }
    return hr;
}

static bool components_were_read(
    const struct backup *backup, const struct backup_component *component)
{
    for (size_t i = 0; i < backup->unread.count; i++)
    {
        for (size_t j = 0; j < component->set_count; j++)
        {
            if (path_is_inside(backup->unread.items[i].path, component->sets[j].files.folder))
                return false;
        }
    }
    return true;
}

HRESULT components_tell_success(struct backup *backup, IVssBackupComponents *session)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; backup->component_mode && i < backup->component_count && SUCCEEDED(hr); i++)
    {
        struct backup_component *component = &backup->components[i];

        component->succeeded = components_were_read(backup, component);
        hr = IVssBackupComponents_SetBackupSucceeded(session, component->instance,
            component->writer, component->type, component->logical_path, component->name,
            component->succeeded);
    }
    return hr;
}
