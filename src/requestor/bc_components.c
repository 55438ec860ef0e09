/* SPDX-License-Identifier: MIT
 *
 * The components of a session and what the requestor says about them; the document as text. Follows
 * requestor 2.3, 2.4.
 */
#include "requestor/bc.h"

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "com/com_object.h"
#include "diag/log.h"
#include "document/document.h"

static const struct bus_participant *find_participant(
    const struct bc *bc, const GUID *instance_id, const GUID *writer_id)
{
    for (size_t i = 0; i < bus_session_count(bc->session); i++)
    {
        const struct bus_participant *participant = bus_session_participant(bc->session, i);
        if (guid_equal(&participant->instance_id, instance_id) &&
            guid_equal(&participant->writer_id, writer_id))
            return participant;
    }
    return NULL;
}

static HRESULT add_component(struct bc *bc, const struct bus_participant *participant,
    VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name)
{
    const struct writer_metadata *metadata = participant->metadata;
    const struct metadata_component *component = writer_metadata_find(metadata, path, name);
    const struct writer_components *writer =
        backup_components_find_instance(bc->document, &participant->instance_id);
    /* The type is not part of the key: what was added is there, whatever it is now said to be. */
    bool added = writer && writer_components_find(writer, path, name);
    if (!added && (!component || component->type != (DWORD)type))
        return log_error(VSS_E_OBJECT_NOT_FOUND,
            "AddComponent: writer %ls has no such component as %ls.", participant->name, name);
    view_scope_enter(bc->scope);
    HRESULT hr = backup_components_add(bc->document, &participant->instance_id,
        &participant->writer_id, participant->instance_name, metadata->backup_schema, type, path,
        name);
    view_scope_leave(bc->scope);
    if (hr == VSS_E_OBJECT_ALREADY_EXISTS)
        log_error(hr, "AddComponent: %ls of writer %ls was added before.", name, participant->name);
    return hr;
}

BC_METHOD(AddComponent, VSS_ID instance_id, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name)
{
    struct bc *bc = bc_from_interface(iface);
    HRESULT hr = bc_check_identity(BC_AddComponent, type, name);
    if (SUCCEEDED(hr))
        hr = bc_enter(bc, BC_AddComponent);
    if (FAILED(hr))
        return hr;
    const struct bus_participant *participant = find_participant(bc, &instance_id, &writer_id);
    if (participant)
        hr = add_component(bc, participant, type, path, name);
    else
        hr = log_error(
            VSS_E_OBJECT_NOT_FOUND, "AddComponent: no such writer answered GatherWriterMetadata.");
    return bc_leave(bc, BC_AddComponent, hr);
}

BC_METHOD(SetBackupSucceeded, VSS_ID instance_id, VSS_ID writer_id, VSS_COMPONENT_TYPE type,
    LPCWSTR path, LPCWSTR name, boolean succeeded)
{
    struct bc *bc = bc_from_interface(iface);
    HRESULT hr = bc_check_identity(BC_SetBackupSucceeded, type, name);
    if (SUCCEEDED(hr))
        hr = bc_enter(bc, BC_SetBackupSucceeded);
    if (FAILED(hr))
        return hr;
    view_scope_enter(bc->scope);
    struct component *component = bc_find_component(bc, &instance_id, &writer_id, path, name);
    if (component && component->type == (DWORD)type)
        component->backup_succeeded = succeeded ? ANSWER_YES : ANSWER_NO;
    else
        hr = VSS_E_OBJECT_NOT_FOUND;
    view_scope_leave(bc->scope);
    if (FAILED(hr))
        log_error(
            hr, "SetBackupSucceeded: component %ls was not added for this writer instance.", name);
    return bc_leave(bc, BC_SetBackupSucceeded, hr);
}

struct text_wish
{
    size_t member; /* of struct component */
    LPCWSTR text;
};

static HRESULT assign_text(struct component *component, const void *wish, const char **why)
{
    const struct text_wish *text = wish;
    (void)why;
    return str16_assign((WCHAR **)((char *)component + text->member), text->text);
}

HRESULT bc_set_text(struct bc *bc, enum bc_verb verb, const struct bc_identity *identity,
    size_t member, LPCWSTR text)
{
    struct text_wish wish = {member, text};
    HRESULT hr = bc_check_text(verb, text);
    return SUCCEEDED(hr) ? bc_change_verb(bc, verb, identity, assign_text, &wish) : hr;
}

BC_METHOD(SetBackupOptions, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name,
    LPCWSTR options)
{
    struct bc_identity identity = {&writer_id, type, path, name};
    return bc_set_text(bc_from_interface(iface), BC_SetBackupOptions, &identity,
        offsetof(struct component, backup_options), options);
}

BC_METHOD(SetPreviousBackupStamp, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, LPCWSTR stamp)
{
    struct bc_identity identity = {&writer_id, type, path, name};
    return bc_set_text(bc_from_interface(iface), BC_SetPreviousBackupStamp, &identity,
        offsetof(struct component, previous_backup_stamp), stamp);
}

static bool has_components(const struct writer_components *writer)
{
    return writer->components.count > 0;
}

BC_METHOD(GetWriterComponentsCount, UINT *count)
{
    struct bc *bc = bc_from_interface(iface);
    if (!count)
        return bc_refuse(BC_GetWriterComponentsCount, "the pointer is NULL");
    *count = 0;
    HRESULT hr = bc_enter(bc, BC_GetWriterComponentsCount);
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < bc->document->writers.count; i++)
        *count += has_components(bc->document->writers.items[i]);
    return bc_leave(bc, BC_GetWriterComponentsCount, S_OK);
}

BC_METHOD(GetWriterComponents, UINT index, IVssWriterComponentsExt **out)
{
    struct bc *bc = bc_from_interface(iface);
    struct writer_components *found = NULL;
    if (!out)
        return bc_refuse(BC_GetWriterComponents, "the pointer is NULL");
    *out = NULL;
    HRESULT hr = bc_enter(bc, BC_GetWriterComponents);
    if (FAILED(hr))
        return hr;
    UINT seen = 0;
    for (size_t i = 0; !found && i < bc->document->writers.count; i++)
    {
        struct writer_components *writer = bc->document->writers.items[i];
        if (has_components(writer) && seen++ == index)
            found = writer;
    }
    hr = found ? view_writer_components_ext_create(found, bc->scope, out) : VSS_E_OBJECT_NOT_FOUND;
    return bc_leave(bc, BC_GetWriterComponents, hr);
}

BC_METHOD(SaveAsXML, BSTR *xml)
{
    struct bc *bc = bc_from_interface(iface);
    WCHAR *text = NULL;
    size_t length = 0;
    if (!xml)
        return bc_refuse(BC_SaveAsXML, "the pointer is NULL");
    *xml = NULL;
    HRESULT hr = bc_enter(bc, BC_SaveAsXML);
    if (FAILED(hr))
        return hr;
    view_scope_enter(bc->scope);
    hr = document_save_backup_components(bc->document, &text, &length);
    view_scope_leave(bc->scope);
    if (SUCCEEDED(hr))
        hr = com_bstr_n(text, length, xml);
    mem_free(text);
    return bc_leave(bc, BC_SaveAsXML, hr);
}
