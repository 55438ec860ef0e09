/* SPDX-License-Identifier: MIT
 *
 * What a provider is told about a set: the files that the components of its frozen writers name, so
 * that the copy holds exactly what was frozen, and those that writers want left out.
 */
#include "requestor/bc.h"

#include "base/mem.h"
#include "base/str16.h"
#include "volume/volume.h"

static HRESULT add_spec(struct vec *list, const struct file_spec *spec)
{
    WCHAR *path = NULL;
    /* An alternate path is where the files lie now; `path` is where they are restored to. */
    HRESULT hr = volume_expand(spec->alternate_path ? spec->alternate_path : spec->path, &path);
    if (FAILED(hr))
        return hr;
    struct file_spec *expanded = file_spec_create(
        path, spec->filespec, spec->recursive, NULL, spec->backup_type_mask);
    mem_free(path);
    if (!expanded || !vec_push(list, expanded))
    {
        file_spec_destroy(expanded);
        return E_OUTOFMEMORY;
    }
    return S_OK;
}

static HRESULT add_specs(struct vec *list, const struct vec *specs)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; SUCCEEDED(hr) && i < specs->count; i++)
        hr = add_spec(list, specs->items[i]);
    return hr;
}

static HRESULT add_files(struct vec *list, const struct metadata_component *component)
{
    HRESULT hr = add_specs(list, &component->files);
    if (SUCCEEDED(hr))
        hr = add_specs(list, &component->database_files);
    if (SUCCEEDED(hr))
        hr = add_specs(list, &component->log_files);
    return hr;
}

/* Whether the component whose full name is the first `length` units of `path` was added and is
   selectable. 1 or 0, or -1 when memory is exhausted. */
static int is_added_set(const struct writer_components *added,
    const struct writer_metadata *metadata, const WCHAR *path, size_t length)
{
    WCHAR *full = str16_ndup(path, length);
    if (!full)
        return -1;
    WCHAR *separator = (WCHAR *)str16_find_last_char(full, '\\');
    const WCHAR *name = separator ? separator + 1 : full;
    if (separator)
        *separator = 0;
    const WCHAR *parent = separator ? full : NULL;
    const struct metadata_component *ancestor = writer_metadata_find(metadata, parent, name);
    int is_set = ancestor && ancestor->selectable && writer_components_find(added, parent, name);
    mem_free(full);
    return is_set;
}

/* Explicitly added, or somewhere below a component that was and that is selectable: then it belongs
   to that one's set. */
static bool is_selected(const struct writer_components *added,
    const struct writer_metadata *metadata, const struct metadata_component *component)
{
    if (writer_components_find(added, component->logical_path, component->name))
        return true;
    size_t length = str16_len(component->logical_path);
    for (size_t end = length; end > 0; end--)
    {
        if (end < length && component->logical_path[end] != '\\')
            continue;
        /* Without memory for the comparison the component counts as selected: the copy reads more,
           never less. */
        if (is_added_set(added, metadata, component->logical_path, end) != 0)
            return true;
    }
    return false;
}

static HRESULT add_writer(
    struct bc *bc, const struct bus_participant *participant, struct provider_briefing *briefing)
{
    /* What nobody froze is copied like anything else, and promised nothing. */
    struct vec *files = participant->express ? &briefing->unfrozen_files : &briefing->named_files;
    const struct writer_metadata *metadata = participant->metadata;
    struct writer_components *selected = NULL;
    HRESULT hr = S_OK;
    if (bc->document->select_components)
    {
        selected = backup_components_find_instance(bc->document, &participant->instance_id);
        if (!selected)
            return S_OK;
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < metadata->components.count; i++)
    {
        const struct metadata_component *component = metadata->components.items[i];
        if (!selected || is_selected(selected, metadata, component))
            hr = add_files(files, component);
    }
    if (SUCCEEDED(hr))
        hr = add_specs(&briefing->excluded_files, &metadata->exclude_from_snapshot);
    return hr;
}

HRESULT bc_brief(void *context, struct provider_briefing *briefing)
{
    struct bc *bc = context;
    HRESULT hr = S_OK;
    for (size_t i = 0; SUCCEEDED(hr) && i < bus_session_count(bc->session); i++)
    {
        const struct bus_participant *participant = bus_session_participant(bc->session, i);
        if ((participant->took_part || participant->express) && !participant->failed &&
            !participant->lost)
            hr = add_writer(bc, participant, briefing);
    }
    return hr;
}
