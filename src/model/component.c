/* SPDX-License-Identifier: MIT
 *
 * One component of a Backup Components Document and the lists it holds. See backup_components.h.
 */
#include "model/backup_components.h"
#include "model/record.h"

static const size_t partial_strings[] = {
    offsetof(struct partial_file, path),
    offsetof(struct partial_file, file_name),
    offsetof(struct partial_file, ranges),
    offsetof(struct partial_file, metadata),
};
static const size_t partial_extras[] = {offsetof(struct partial_file, extra)};
static const struct record partial_record = {sizeof(struct partial_file),
    RECORD_ARRAY(partial_strings), NULL, 0, RECORD_ARRAY(partial_extras)};

static const size_t differenced_strings[] = {
    offsetof(struct differenced_file, path),
    offsetof(struct differenced_file, filespec),
};
static const size_t differenced_extras[] = {offsetof(struct differenced_file, extra)};
static const struct record differenced_record = {sizeof(struct differenced_file),
    RECORD_ARRAY(differenced_strings), NULL, 0, RECORD_ARRAY(differenced_extras)};

static const size_t directed_strings[] = {
    offsetof(struct directed_target, source_path),
    offsetof(struct directed_target, source_file),
    offsetof(struct directed_target, source_ranges),
    offsetof(struct directed_target, destination_path),
    offsetof(struct directed_target, destination_file),
    offsetof(struct directed_target, destination_ranges),
};
static const size_t directed_extras[] = {offsetof(struct directed_target, extra)};
static const struct record directed_record = {sizeof(struct directed_target),
    RECORD_ARRAY(directed_strings), NULL, 0, RECORD_ARRAY(directed_extras)};

static const size_t subcomponent_strings[] = {
    offsetof(struct restore_subcomponent, logical_path),
    offsetof(struct restore_subcomponent, name),
};
static const size_t subcomponent_extras[] = {offsetof(struct restore_subcomponent, extra)};
static const struct record subcomponent_record = {sizeof(struct restore_subcomponent),
    RECORD_ARRAY(subcomponent_strings), NULL, 0, RECORD_ARRAY(subcomponent_extras)};

static const size_t component_strings[] = {
    offsetof(struct component, logical_path),
    offsetof(struct component, name),
    offsetof(struct component, caption),
    offsetof(struct component, backup_stamp),
    offsetof(struct component, previous_backup_stamp),
    offsetof(struct component, backup_options),
    offsetof(struct component, backup_metadata),
    offsetof(struct component, prepare_for_backup_failure),
    offsetof(struct component, post_snapshot_failure),
    offsetof(struct component, failure.message),
    offsetof(struct component, restore_options),
    offsetof(struct component, restore_metadata),
    offsetof(struct component, roll_forward_point),
    offsetof(struct component, restore_name),
    offsetof(struct component, pre_restore_failure),
    offsetof(struct component, post_restore_failure),
};
static const struct record_list component_lists[] = {
    {offsetof(struct component, partial_files), &partial_record},
    {offsetof(struct component, differenced_files), &differenced_record},
    {offsetof(struct component, directed_targets), &directed_record},
    {offsetof(struct component, new_targets), &file_spec_record},
    {offsetof(struct component, alternate_mappings), &file_spec_record},
    {offsetof(struct component, restore_subcomponents), &subcomponent_record},
};
static const size_t component_extras[] = {
    offsetof(struct component, extra),
    offsetof(struct component, backup_metadata_extra),
    offsetof(struct component, restore_metadata_extra),
    offsetof(struct component, failure.extra),
};
const struct record component_record = {sizeof(struct component), RECORD_ARRAY(component_strings),
    RECORD_ARRAY(component_lists), RECORD_ARRAY(component_extras)};

/* `order` is the child's member: its position among the component's children of every kind. */
static HRESULT attach(struct component *component, struct vec *list, void *child, unsigned *order)
{
    if (!vec_push(list, child))
        return E_OUTOFMEMORY;
    *order = component->next_order++;
    return S_OK;
}

HRESULT component_add_partial_file(struct component *component, const WCHAR *path,
    const WCHAR *file_name, const WCHAR *ranges, const WCHAR *metadata)
{
    struct partial_file *file = record_create(
        &partial_record, (const WCHAR *[]){path, file_name, ranges, metadata});
    if (!file)
        return E_OUTOFMEMORY;
    HRESULT hr = attach(component, &component->partial_files, file, &file->order);
    if (FAILED(hr))
        partial_file_destroy(file);
    return hr;
}

HRESULT component_add_differenced_file(struct component *component, const WCHAR *path,
    const WCHAR *filespec, bool recursive, FILETIME last_modified)
{
    struct differenced_file *file = record_create(
        &differenced_record, (const WCHAR *[]){path, filespec});
    if (!file)
        return E_OUTOFMEMORY;
    file->recursive = recursive;
    file->last_modified = last_modified;
    HRESULT hr = attach(component, &component->differenced_files, file, &file->order);
    if (FAILED(hr))
        differenced_file_destroy(file);
    return hr;
}

HRESULT component_add_directed_target(struct component *component, const WCHAR *source_path,
    const WCHAR *source_file, const WCHAR *source_ranges, const WCHAR *destination_path,
    const WCHAR *destination_file, const WCHAR *destination_ranges)
{
    struct directed_target *target = record_create(&directed_record,
        (const WCHAR *[]){source_path, source_file, source_ranges, destination_path,
            destination_file, destination_ranges});
    if (!target)
        return E_OUTOFMEMORY;
    HRESULT hr = attach(component, &component->directed_targets, target, &target->order);
    if (FAILED(hr))
        directed_target_destroy(target);
    return hr;
}

HRESULT component_add_restore_subcomponent(
    struct component *component, const WCHAR *logical_path, const WCHAR *name, bool repair)
{
    struct restore_subcomponent *subcomponent = record_create(
        &subcomponent_record, (const WCHAR *[]){logical_path, name});
    if (!subcomponent)
        return E_OUTOFMEMORY;
    subcomponent->repair = repair;
    HRESULT hr = attach(
        component, &component->restore_subcomponents, subcomponent, &subcomponent->order);
    if (FAILED(hr))
        restore_subcomponent_destroy(subcomponent);
    return hr;
}

HRESULT component_add_file_spec(
    struct component *component, struct vec *list, struct file_spec *spec)
{
    return attach(component, list, spec, &spec->order);
}

void component_destroy(void *component)
{
    record_destroy(&component_record, component);
}

void partial_file_destroy(void *file)
{
    record_destroy(&partial_record, file);
}

void differenced_file_destroy(void *file)
{
    record_destroy(&differenced_record, file);
}

void directed_target_destroy(void *target)
{
    record_destroy(&directed_record, target);
}

void restore_subcomponent_destroy(void *subcomponent)
{
    record_destroy(&subcomponent_record, subcomponent);
}
