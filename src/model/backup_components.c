/* SPDX-License-Identifier: MIT
 *
 * A Backup Components Document and the parts of its writers. See backup_components.h.
 */
#include "model/backup_components.h"

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "model/record.h"

static const size_t writer_strings[] = {offsetof(struct writer_components, instance_name)};
static const struct record_list writer_lists[] = {
    {offsetof(struct writer_components, components), &component_record}};
static const size_t writer_extras[] = {offsetof(struct writer_components, extra)};
static const struct record writer_record = {sizeof(struct writer_components),
    RECORD_ARRAY(writer_strings), RECORD_ARRAY(writer_lists), RECORD_ARRAY(writer_extras)};

struct backup_components *backup_components_create(void)
{
    return mem_alloc(sizeof(struct backup_components));
}

static void release_item(void *writer)
{
    writer_components_release(writer);
}

void backup_components_destroy(struct backup_components *document)
{
    if (!document)
        return;
    vec_free(&document->writers, release_item);
    extra_free(&document->extra);
    mem_free(document);
}

/* The index in `writers`, or their count when there is none. */
static size_t index_of(const struct backup_components *document, const GUID *instance_id)
{
    size_t i = 0;
    for (; i < document->writers.count; i++)
    {
        const struct writer_components *writer = document->writers.items[i];
        if (guid_equal(&writer->instance_id, instance_id))
            break;
    }
    return i;
}

struct writer_components *backup_components_find_instance(
    const struct backup_components *document, const GUID *instance_id)
{
    return vec_at(&document->writers, index_of(document, instance_id));
}

HRESULT backup_components_add(struct backup_components *document, const GUID *instance_id,
    const GUID *writer_id, const WCHAR *instance_name, DWORD backup_schema, DWORD type,
    const WCHAR *logical_path, const WCHAR *name)
{
    struct component *component = NULL;
    struct writer_components *writer = backup_components_find_instance(document, instance_id);
    if (writer)
        return writer_components_add(writer, type, logical_path, name, &component);

    /* A new entry is finished before it joins the document. */
    writer = writer_components_create(instance_id, writer_id);
    if (!writer)
        return E_OUTOFMEMORY;
    writer->backup_schema = backup_schema;
    HRESULT hr = str16_assign(&writer->instance_name, instance_name);
    if (SUCCEEDED(hr))
        hr = writer_components_add(writer, type, logical_path, name, &component);
    if (SUCCEEDED(hr))
        hr = vec_push(&document->writers, writer) ? S_OK : E_OUTOFMEMORY;
    if (FAILED(hr))
        writer_components_release(writer);
    return hr;
}

bool backup_components_replace(
    struct backup_components *document, struct writer_components *changed)
{
    size_t index = index_of(document, &changed->instance_id);
    if (index == document->writers.count)
        return false;
    struct writer_components *old = document->writers.items[index];
    document->writers.items[index] = writer_components_addref(changed);
    writer_components_release(old);
    return true;
}

struct writer_components *writer_components_create(const GUID *instance_id, const GUID *writer_id)
{
    struct writer_components *writer = record_create(&writer_record, NULL);
    if (writer)
    {
        writer->instance_id = *instance_id;
        writer->writer_id = *writer_id;
        writer->refs = 1;
    }
    return writer;
}

/* The first of several components with one key is the one that is found. */
static bool add_to_index(struct writer_components *writer, struct component *component)
{
    return map_add(
        &writer->index, (struct map_key){component->logical_path, component->name}, component);
}

struct writer_components *writer_components_clone(const struct writer_components *source)
{
    struct writer_components *writer = record_clone(&writer_record, source);
    if (!writer)
        return NULL;
    writer->refs = 1;
    writer->index = (struct map){0};
    for (size_t i = 0; i < writer->components.count; i++)
    {
        if (!add_to_index(writer, writer->components.items[i]))
        {
            writer_components_release(writer);
            return NULL;
        }
    }
    return writer;
}

struct writer_components *writer_components_addref(struct writer_components *writer)
{
    __atomic_add_fetch(&writer->refs, 1, __ATOMIC_RELAXED);
    return writer;
}

void writer_components_release(struct writer_components *writer)
{
    /* Acquire and release: what other threads did through their references happens before the
       end. */
    if (!writer || __atomic_sub_fetch(&writer->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    map_free(&writer->index);
    record_destroy(&writer_record, writer);
}

struct component *writer_components_find(
    const struct writer_components *writer, const WCHAR *logical_path, const WCHAR *name)
{
    return map_get(&writer->index, (struct map_key){logical_path, name});
}

HRESULT writer_components_attach(struct writer_components *writer, struct component *component)
{
    if (!vec_push(&writer->components, component))
        return E_OUTOFMEMORY;
    if (!add_to_index(writer, component))
    {
        vec_remove(&writer->components, writer->components.count - 1);
        return E_OUTOFMEMORY;
    }
    return S_OK;
}

HRESULT writer_components_add(struct writer_components *writer, DWORD type,
    const WCHAR *logical_path, const WCHAR *name, struct component **component)
{
    if (writer_components_find(writer, logical_path, name))
        return VSS_E_OBJECT_ALREADY_EXISTS;
    struct component *added = record_create(&component_record, NULL);
    if (!added)
        return E_OUTOFMEMORY;
    added->type = type;
    HRESULT hr = str16_assign(&added->logical_path, logical_path);
    if (SUCCEEDED(hr))
        hr = str16_assign(&added->name, name);
    if (SUCCEEDED(hr))
        hr = writer_components_attach(writer, added);
    if (FAILED(hr))
    {
        component_destroy(added);
        return hr;
    }
    *component = added;
    return S_OK;
}
