/* SPDX-License-Identifier: MIT
 *
 * The Writer Metadata Document by tables. See document.h; writer-provider 5.3.
 */
#include "base/mem.h"
#include "base/str16.h"
#include "document/document.h"
#include "document/document_names.h"
#include "document/element_pack.h"
#include "document/file_spec_elements.h"

#define XMLNS "x-schema:#VssWriterMetadataInfo"

/* VSS_USAGE_TYPE */
static const struct spelling usages[] = {
    {"BOOTABLE_SYSTEM_STATE", 1},
    {"SYSTEM_SERVICE", 2},
    {"USER_DATA", 3},
    {OUR_USAGE_OTHER, 4},
    {OUR_USAGE_UNDEFINED, 0},
    {NULL, 0},
};

/* VSS_SOURCE_TYPE */
static const struct spelling sources[] = {
    {"TRANSACTION_DB", 1},
    {OUR_SOURCE_NONTRANSACTED, 2},
    {"OTHER", 3},
    {OUR_SOURCE_UNDEFINED, 0},
    {NULL, 0},
};

/* VSS_RESTOREMETHOD_ENUM. What follows the second row of a value is read only. */
static const struct spelling methods[] = {
    {"RESTORE_IF_NONE_THERE", 1},
    {"RESTORE_IF_NOT_THERE", 1},
    {"RESTORE_IF_CAN_BE_REPLACED", 2},
    {"RESTORE_IF_CAN_REPLACE", 2},
    {OUR_METHOD_STOP_RESTORE_START, 3},
    {OUR_METHOD_ALTERNATE_LOCATION, 4},
    {"REPLACE_AT_REBOOT", 5},
    {"REPLACE_AT_REBOOT_IF_CANNOT_REPLACE", 6},
    {OUR_METHOD_CUSTOM, 7},
    {OUR_METHOD_RESTORE_STOP_START, 8},
    {OUR_METHOD_UNDEFINED, 0},
    {NULL, 0},
};

/* VSS_WRITERRESTORE_ENUM */
static const struct spelling writer_restores[] = {
    {"never", 1},
    {OUR_WRITER_RESTORE_IF_REPLACE_FAILS, 2},
    {"always", 3},
    {OUR_WRITER_RESTORE_UNDEFINED, 0},
    {NULL, 0},
};

static const struct field dependency_fields[] = {
    {FIELD(
        "writerId", FIELD_GUID, struct writer_dependency, writer_id, FIELD_REQUIRED | FIELD_OURS)},
    {FIELD("logicalPath", FIELD_STRING, struct writer_dependency, logical_path, 0)},
    {FIELD("componentName", FIELD_STRING, struct writer_dependency, component_name, 0)},
};
static const struct element dependency_element = {
    .name = OUR_DEPENDENCY,
    .ours = true,
    TABLE_OF_FIELDS(dependency_fields),
    .extra = offsetof(struct writer_dependency, extra),
    .next_order = NO_OFFSET,
};

#define COMPONENT struct metadata_component

static const struct field component_fields[] = {
    {FIELD("logicalPath", FIELD_STRING, COMPONENT, logical_path, 0)},
    {FIELD("componentName", FIELD_STRING, COMPONENT, name, FIELD_REQUIRED)},
    {FIELD("caption", FIELD_STRING, COMPONENT, caption, 0)},
    {FIELD(OUR_ICON, FIELD_BYTES, COMPONENT, icon, FIELD_OURS),
        .companion = offsetof(COMPONENT, icon_size)},
    {FIELD("restoreMetadata", FIELD_BOOL, COMPONENT, restore_metadata, 0)},
    {FIELD("notifyOnBackupComplete", FIELD_BOOL, COMPONENT, notify_on_backup_complete, 0)},
    {FIELD("selectable", FIELD_BOOL, COMPONENT, selectable, 0)},
    {FIELD("selectableForRestore", FIELD_BOOL, COMPONENT, selectable_for_restore, 0)},
    {FIELD("componentFlags", FIELD_DECIMAL, COMPONENT, flags, 0)},
};

#define FILES(element_, list_)                                                                     \
    .element = &(element_), .shape = CHILD_LIST, .offset = offsetof(COMPONENT, list_),             \
    .size = sizeof(struct file_spec), .destroy = file_spec_destroy,                                \
    .order = offsetof(struct file_spec, order)
#define DEPENDENCIES                                                                               \
    .element = &dependency_element, .shape = CHILD_LIST,                                           \
    .offset = offsetof(COMPONENT, dependencies), .size = sizeof(struct writer_dependency),         \
    .destroy = writer_dependency_destroy, .order = offsetof(struct writer_dependency, order)

static const struct child file_group_children[] = {
    {FILES(file_list_element, files)},
    {DEPENDENCIES},
};
static const struct element file_group_element = {
    .name = "FILE_GROUP",
    TABLE_OF_FIELDS(component_fields),
    TABLE_OF_CHILDREN(file_group_children),
    .extra = offsetof(COMPONENT, extra),
    .next_order = offsetof(COMPONENT, next_order),
};

static const struct child database_children[] = {
    {FILES(database_files_element, database_files)},
    {FILES(database_logfiles_element, log_files)},
    {DEPENDENCIES},
};
static const struct element database_element = {
    .name = "DATABASE",
    TABLE_OF_FIELDS(component_fields),
    TABLE_OF_CHILDREN(database_children),
    .extra = offsetof(COMPONENT, extra),
    .next_order = offsetof(COMPONENT, next_order),
};

static HRESULT attach_component(void *metadata, void *component)
{
    return writer_metadata_attach_component(metadata, component);
}

#define COMPONENTS(element_, type_)                                                                \
    .element = &(element_), .shape = CHILD_LIST,                                                   \
    .offset = offsetof(struct writer_metadata, components), .size = sizeof(COMPONENT),             \
    .destroy = metadata_component_destroy, .attach = attach_component,                             \
    .order = offsetof(COMPONENT, order), .tag_offset = offsetof(COMPONENT, type), .tag = (type_)
#define EXCLUSIONS(element_, list_)                                                                \
    .element = &(element_), .shape = CHILD_LIST,                                                   \
    .offset = offsetof(struct writer_metadata, list_), .size = sizeof(struct file_spec),           \
    .destroy = file_spec_destroy, .order = offsetof(struct file_spec, order)

static const struct child location_children[] = {
    {COMPONENTS(file_group_element, COMPONENT_TYPE_FILEGROUP)},
    {COMPONENTS(database_element, COMPONENT_TYPE_DATABASE)},
    {EXCLUSIONS(exclude_files_element, exclude_files)},
    {EXCLUSIONS(exclude_from_snapshot_element, exclude_from_snapshot)},
};
static const struct element locations_element = {
    .name = "BACKUP_LOCATIONS",
    TABLE_OF_CHILDREN(location_children),
    .extra = offsetof(struct writer_metadata, locations_extra),
    .next_order = offsetof(struct writer_metadata, next_order),
};

static bool has_locations(const void *object)
{
    const struct writer_metadata *metadata = object;
    return metadata->components.count || metadata->exclude_files.count ||
        metadata->exclude_from_snapshot.count || !extra_is_empty(&metadata->locations_extra);
}

static const struct field restore_method_fields[] = {
    {FIELD("method", FIELD_ENUM, struct restore_method, method, 0), .spellings = methods},
    {FIELD(OUR_SERVICE, FIELD_STRING, struct restore_method, service, 0)},
    {FIELD(OUR_USER_PROCEDURE, FIELD_STRING, struct restore_method, user_procedure, 0)},
    {FIELD("writerRestore", FIELD_ENUM, struct restore_method, writer_restore, 0),
        .spellings = writer_restores},
    {FIELD("rebootRequired", FIELD_BOOL, struct restore_method, reboot_required, 0)},
};
static const struct child restore_method_children[] = {
    {.element = &mapping_element,
        .shape = CHILD_LIST,
        .offset = offsetof(struct restore_method, mappings),
        .size = sizeof(struct file_spec),
        .destroy = file_spec_destroy,
        .order = NO_OFFSET},
};
static const struct element restore_method_element = {
    .name = "RESTORE_METHOD",
    TABLE_OF_FIELDS(restore_method_fields),
    TABLE_OF_CHILDREN(restore_method_children),
    .extra = offsetof(struct restore_method, extra),
    .next_order = NO_OFFSET,
};

#define METADATA struct writer_metadata

static const struct field identification_fields[] = {
    {FIELD("writerId", FIELD_GUID, METADATA, writer_id, FIELD_REQUIRED)},
    {FIELD("instanceId", FIELD_GUID, METADATA, instance_id, FIELD_REQUIRED)},
    {FIELD("instanceName", FIELD_STRING, METADATA, instance_name, 0)},
    {FIELD("friendlyName", FIELD_STRING, METADATA, writer_name, FIELD_REQUIRED)},
    {FIELD("usage", FIELD_ENUM, METADATA, usage, 0), .spellings = usages},
    {FIELD("dataSource", FIELD_ENUM, METADATA, source, 0), .spellings = sources},
    {FIELD("majorVersion", FIELD_DECIMAL, METADATA, major_version, 0)},
    {FIELD("minorVersion", FIELD_DECIMAL, METADATA, minor_version, 0)},
};
static const struct element identification_element = {
    .name = "IDENTIFICATION",
    TABLE_OF_FIELDS(identification_fields),
    .extra = offsetof(METADATA, identification_extra),
    .next_order = NO_OFFSET,
};

static const struct field root_fields[] = {
    {.name = "version", .kind = FIELD_CONSTANT, .constant = "1.2"},
    {FIELD("backupSchema", FIELD_DECIMAL, METADATA, backup_schema, FIELD_GIVEN),
        .companion = offsetof(METADATA, has_schema)},
};
static const struct child root_children[] = {
    {.element = &identification_element, .shape = CHILD_PART, .required = true},
    {.element = &restore_method_element,
        .shape = CHILD_POINTER,
        .offset = offsetof(METADATA, restore_method),
        .size = sizeof(struct restore_method),
        .destroy = restore_method_destroy,
        .behind = offsetof(METADATA, method_is_behind)},
    {.element = &locations_element, .shape = CHILD_PART, .present = has_locations},
};
static const struct element root_element = {
    .name = "WRITER_METADATA",
    TABLE_OF_FIELDS(root_fields),
    TABLE_OF_CHILDREN(root_children),
    .extra = offsetof(METADATA, extra),
    .next_order = NO_OFFSET,
};

HRESULT document_load_writer_metadata(
    const WCHAR *text, size_t length, struct writer_metadata **out, struct xml_flaw *flaw)
{
    struct writer_metadata *metadata = writer_metadata_create();
    if (!metadata)
        return E_OUTOFMEMORY;
    HRESULT hr = element_load_document(&root_element, XMLNS, text, length, metadata, flaw);
    if (FAILED(hr))
    {
        writer_metadata_release(metadata);
        return hr;
    }
    *out = metadata;
    return S_OK;
}

HRESULT document_save_writer_metadata(
    const struct writer_metadata *metadata, WCHAR **text, size_t *length)
{
    if (!metadata->verbatim)
        return element_save_document(&root_element, XMLNS, metadata, text, length);
    WCHAR *copy = str16_dup(metadata->verbatim);
    if (!copy)
        return E_OUTOFMEMORY;
    *text = copy;
    if (length)
        *length = str16_len(copy);
    return S_OK;
}

/* The text stands for the members, as it does when it is saved. */
HRESULT document_pack_writer_metadata(
    const struct writer_metadata *metadata, struct pack_writer *packed)
{
    pack_write_string(packed, metadata->verbatim);
    if (!metadata->verbatim)
        return element_pack(&root_element, metadata, packed);
    return packed->failed ? E_OUTOFMEMORY : S_OK;
}

static HRESULT unpack_metadata(struct pack_reader *packed, struct writer_metadata **out)
{
    WCHAR *verbatim = pack_read_string(packed);
    HRESULT hr = packed->failure;
    if (SUCCEEDED(hr) && verbatim)
        hr = document_load_writer_metadata(verbatim, str16_len(verbatim), out, NULL);
    else if (SUCCEEDED(hr))
    {
        *out = writer_metadata_create();
        hr = *out ? element_unpack(&root_element, XMLNS, packed, *out) : E_OUTOFMEMORY;
    }
    if (SUCCEEDED(hr))
        (*out)->verbatim = verbatim;
    else
        mem_free(verbatim);
    return hr;
}

HRESULT document_unpack_writer_metadata(struct pack_reader *packed, struct writer_metadata **out)
{
    struct writer_metadata *metadata = NULL;
    HRESULT hr = unpack_metadata(packed, &metadata);
    if (FAILED(hr))
    {
        pack_reader_fail(packed, hr);
        writer_metadata_release(metadata);
        return hr;
    }
    *out = metadata;
    return S_OK;
}
