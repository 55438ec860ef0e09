/* SPDX-License-Identifier: MIT
 *
 * Finding a component of the document by what methods name it with, and changing what the document
 * says of it. Whoever owns the object calls. Follows requestor 2 (conventions) and 6.4.
 */
#include "requestor/bc.h"

#include "base/guid.h"
#include "diag/log.h"
#include "xml/xml_writer.h"

HRESULT bc_check_identity(enum bc_verb verb, VSS_COMPONENT_TYPE type, LPCWSTR name)
{
    if (!name)
        return bc_refuse(verb, "the component name is NULL");
    if (type != VSS_CT_DATABASE && type != VSS_CT_FILEGROUP)
        return bc_refuse(
            verb, "the component type is neither VSS_CT_DATABASE nor VSS_CT_FILEGROUP");
    return S_OK;
}

HRESULT bc_check_text(enum bc_verb verb, LPCWSTR text)
{
    if (!text)
        return bc_refuse(verb, "a string is NULL");
    if (!xml_is_valid_text(text))
        return bc_refuse(verb, "a string has characters that XML cannot hold");
    return S_OK;
}

struct component *bc_find_component(
    const struct bc *bc, const GUID *instance_id, const GUID *writer_id, LPCWSTR path, LPCWSTR name)
{
    struct writer_components *writer = backup_components_find_instance(bc->document, instance_id);
    if (!writer || !guid_equal(&writer->writer_id, writer_id))
        return NULL;
    return writer_components_find(writer, path, name);
}

HRESULT bc_change_component(struct bc *bc, enum bc_verb verb, const struct bc_identity *identity,
    bc_change change, const void *wish)
{
    HRESULT hr = S_OK;
    bool found = false;
    const char *why = NULL;
    view_scope_enter(bc->scope);
    for (size_t i = 0; SUCCEEDED(hr) && i < bc->document->writers.count; i++)
    {
        struct writer_components *part = bc->document->writers.items[i];
        struct component *component = guid_equal(&part->writer_id, identity->writer_id)
            ? writer_components_find(part, identity->path, identity->name)
            : NULL;
        if (!component || component->type != (DWORD)identity->type)
            continue;
        found = true;
        hr = change(component, wish, &why);
    }
    view_scope_leave(bc->scope);
    if (!found)
        return log_error(VSS_E_OBJECT_NOT_FOUND, "%s: component %ls is not in the document.",
            bc_verb_name(verb), identity->name);
    if (why)
        log_error(hr, "%s: component %ls %s.", bc_verb_name(verb), identity->name, why);
    return hr;
}

HRESULT bc_change_verb(struct bc *bc, enum bc_verb verb, const struct bc_identity *identity,
    bc_change change, const void *wish)
{
    HRESULT hr = bc_check_identity(verb, identity->type, identity->name);
    if (SUCCEEDED(hr))
        hr = bc_enter(bc, verb);
    if (FAILED(hr))
        return hr;
    return bc_leave(bc, verb, bc_change_component(bc, verb, identity, change, wish));
}
