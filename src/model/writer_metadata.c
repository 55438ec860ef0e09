/* SPDX-License-Identifier: MIT
 *
 * A Writer Metadata Document as plain structs. See writer_metadata.h.
 */
#include "model/writer_metadata.h"

#include "base/mem.h"
#include "base/str16.h"
#include "model/record.h"

static const size_t dependency_strings[] = {
    offsetof(struct writer_dependency, logical_path),
    offsetof(struct writer_dependency, component_name),
};
static const size_t dependency_extras[] = {offsetof(struct writer_dependency, extra)};
static const struct record dependency_record = {sizeof(struct writer_dependency),
    RECORD_ARRAY(dependency_strings), NULL, 0, RECORD_ARRAY(dependency_extras)};

static const size_t component_strings[] = {
    offsetof(struct metadata_component, logical_path),
    offsetof(struct metadata_component, name),
    offsetof(struct metadata_component, caption),
};
static const struct record_list component_lists[] = {
    {offsetof(struct metadata_component, files), &file_spec_record},
    {offsetof(struct metadata_component, database_files), &file_spec_record},
    {offsetof(struct metadata_component, log_files), &file_spec_record},
    {offsetof(struct metadata_component, dependencies), &dependency_record},
};
static const size_t component_extras[] = {offsetof(struct metadata_component, extra)};
static const struct record metadata_component_record = {sizeof(struct metadata_component),
    RECORD_ARRAY(component_strings), RECORD_ARRAY(component_lists), RECORD_ARRAY(component_extras)};

static const size_t method_strings[] = {
    offsetof(struct restore_method, service),
    offsetof(struct restore_method, user_procedure),
};
static const struct record_list method_lists[] = {
    {offsetof(struct restore_method, mappings), &file_spec_record}};
static const size_t method_extras[] = {offsetof(struct restore_method, extra)};
static const struct record method_record = {sizeof(struct restore_method),
    RECORD_ARRAY(method_strings), RECORD_ARRAY(method_lists), RECORD_ARRAY(method_extras)};

/* The components are not among the lists: a component owns an icon besides what a record can
   say. */
static const size_t metadata_strings[] = {
    offsetof(struct writer_metadata, writer_name),
    offsetof(struct writer_metadata, instance_name),
    offsetof(struct writer_metadata, verbatim),
};
static const struct record_list metadata_lists[] = {
    {offsetof(struct writer_metadata, exclude_files), &file_spec_record},
    {offsetof(struct writer_metadata, exclude_from_snapshot), &file_spec_record},
};
static const size_t metadata_extras[] = {
    offsetof(struct writer_metadata, extra),
    offsetof(struct writer_metadata, identification_extra),
    offsetof(struct writer_metadata, locations_extra),
};
static const struct record metadata_record = {sizeof(struct writer_metadata),
    RECORD_ARRAY(metadata_strings), RECORD_ARRAY(metadata_lists), RECORD_ARRAY(metadata_extras)};

struct writer_metadata *writer_metadata_create(void)
{
    struct writer_metadata *metadata = record_create(&metadata_record, NULL);
    if (metadata)
        metadata->refs = 1;
    return metadata;
}

struct writer_metadata *writer_metadata_addref(struct writer_metadata *metadata)
{
    __atomic_add_fetch(&metadata->refs, 1, __ATOMIC_RELAXED);
    return metadata;
}

void writer_metadata_release(struct writer_metadata *metadata)
{
    /* Acquire and release: what other threads did through their references happens before the
       end. */
    if (!metadata || __atomic_sub_fetch(&metadata->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    restore_method_destroy(metadata->restore_method);
    map_free(&metadata->index);
    vec_free(&metadata->components, metadata_component_destroy);
    record_destroy(&metadata_record, metadata);
}

struct metadata_component *writer_metadata_find(
    const struct writer_metadata *metadata, const WCHAR *logical_path, const WCHAR *name)
{
    return map_get(&metadata->index, (struct map_key){logical_path, name});
}

HRESULT writer_metadata_attach_component(
    struct writer_metadata *metadata, struct metadata_component *component)
{
    struct map_key key = {component->logical_path, component->name};
    if (!vec_push(&metadata->components, component))
        return E_OUTOFMEMORY;
    if (!map_add(&metadata->index, key, component))
    {
        vec_remove(&metadata->components, metadata->components.count - 1);
        return E_OUTOFMEMORY;
    }
    component->order = metadata->next_order++;
    return S_OK;
}

HRESULT writer_metadata_add_component(struct writer_metadata *metadata, DWORD type,
    const WCHAR *logical_path, const WCHAR *name, const WCHAR *caption,
    struct metadata_component **component)
{
    if ((type != COMPONENT_TYPE_DATABASE && type != COMPONENT_TYPE_FILEGROUP) || !name)
        return E_INVALIDARG;
    if (writer_metadata_find(metadata, logical_path, name))
        return VSS_E_OBJECT_ALREADY_EXISTS;
    struct metadata_component *added = record_create(
        &metadata_component_record, (const WCHAR *[]){logical_path, name, caption});
    if (!added)
        return E_OUTOFMEMORY;
    added->type = type;
    HRESULT hr = writer_metadata_attach_component(metadata, added);
    if (FAILED(hr))
    {
        metadata_component_destroy(added);
        return hr;
    }
    *component = added;
    return S_OK;
}

/* Appends to one of several lists that number their items together. */
static HRESULT push_spec(struct vec *list, struct file_spec *spec, unsigned *next_order)
{
    if (!vec_push(list, spec))
        return E_OUTOFMEMORY;
    spec->order = (*next_order)++;
    return S_OK;
}

HRESULT writer_metadata_add_exclude(struct writer_metadata *metadata, struct file_spec *spec)
{
    return push_spec(&metadata->exclude_files, spec, &metadata->next_order);
}

HRESULT writer_metadata_add_exclude_from_snapshot(
    struct writer_metadata *metadata, struct file_spec *spec)
{
    return push_spec(&metadata->exclude_from_snapshot, spec, &metadata->next_order);
}

HRESULT writer_metadata_add_mapping(struct writer_metadata *metadata, struct file_spec *spec)
{
    if (!metadata->restore_method)
        return VSS_E_OBJECT_NOT_FOUND;
    return vec_push(&metadata->restore_method->mappings, spec) ? S_OK : E_OUTOFMEMORY;
}

HRESULT metadata_component_add_file(
    struct metadata_component *component, struct vec *list, struct file_spec *spec)
{
    return push_spec(list, spec, &component->next_order);
}

HRESULT metadata_component_add_dependency(struct metadata_component *component,
    const GUID *writer_id, const WCHAR *logical_path, const WCHAR *component_name)
{
    struct writer_dependency *dependency = record_create(
        &dependency_record, (const WCHAR *[]){logical_path, component_name});
    if (!dependency)
        return E_OUTOFMEMORY;
    dependency->writer_id = *writer_id;
    if (!vec_push(&component->dependencies, dependency))
    {
        writer_dependency_destroy(dependency);
        return E_OUTOFMEMORY;
    }
    dependency->order = component->next_order++;
    return S_OK;
}

HRESULT writer_metadata_set_restore_method(struct writer_metadata *metadata, DWORD method,
    const WCHAR *service, const WCHAR *user_procedure, DWORD writer_restore, bool reboot_required)
{
    struct restore_method *fresh = record_create(
        &method_record, (const WCHAR *[]){service, user_procedure});
    if (!fresh)
        return E_OUTOFMEMORY;
    fresh->method = method;
    fresh->writer_restore = writer_restore;
    fresh->reboot_required = reboot_required;
    if (metadata->restore_method)
    {
        /* The old object goes with the new one's empty list. */
        fresh->mappings = metadata->restore_method->mappings;
        metadata->restore_method->mappings = (struct vec){0};
        restore_method_destroy(metadata->restore_method);
    }
    else
    {
        metadata->method_is_behind = metadata->next_order > 0;
    }
    metadata->restore_method = fresh;
    return S_OK;
}

void metadata_component_destroy(void *component)
{
    if (component)
        mem_free(((struct metadata_component *)component)->icon);
    record_destroy(&metadata_component_record, component);
}

void writer_dependency_destroy(void *dependency)
{
    record_destroy(&dependency_record, dependency);
}

void restore_method_destroy(void *method)
{
    record_destroy(&method_record, method);
}
