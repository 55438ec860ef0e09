/* SPDX-License-Identifier: MIT
 *
 * The Backup Components Document by tables, and the part of one writer as a document of its own.
 * See document.h; writer-provider 5.4.
 */
#include "base/guid.h"
#include "document/document.h"
#include "document/document_names.h"
#include "document/element_pack.h"
#include "document/file_spec_elements.h"

#define XMLNS "x-schema:#VssComponentMetadata"

/* VSS_BACKUP_TYPE */
static const struct spelling backup_types[] = {
    {"full", 1},
    {OUR_BACKUP_INCREMENTAL, 2},
    {OUR_BACKUP_DIFFERENTIAL, 3},
    {OUR_BACKUP_LOG, 4},
    {OUR_BACKUP_COPY, 5},
    {OUR_BACKUP_OTHER, 6},
    {OUR_BACKUP_UNDEFINED, 0},
    {NULL, 0},
};

/* VSS_RESTORE_TYPE */
static const struct spelling restore_types[] = {
    {OUR_RESTORE_BY_COPY, 1},
    {OUR_RESTORE_IMPORT, 2},
    {OUR_RESTORE_OTHER, 3},
    {NULL, 0},
};

static const struct spelling component_types[] = {
    {"filegroup", COMPONENT_TYPE_FILEGROUP},
    {"database", COMPONENT_TYPE_DATABASE},
    {NULL, 0},
};

/* VSS_RESTORE_TARGET */
static const struct spelling restore_targets[] = {
    {OUR_TARGET_ORIGINAL, 1},
    {OUR_TARGET_ALTERNATE, 2},
    {OUR_TARGET_DIRECTED, 3},
    {OUR_TARGET_ORIGINAL_LOCATION, 4},
    {NULL, 0},
};

/* VSS_FILE_RESTORE_STATUS */
static const struct spelling restore_statuses[] = {
    {OUR_STATUS_NONE, 1},
    {OUR_STATUS_ALL, 2},
    {OUR_STATUS_FAILED, 3},
    {NULL, 0},
};

/* VSS_ROLLFORWARD_TYPE */
static const struct spelling roll_forwards[] = {
    {OUR_ROLL_FORWARD_NONE, 1},
    {OUR_ROLL_FORWARD_ALL, 2},
    {OUR_ROLL_FORWARD_PARTIAL, 3},
    {NULL, 0},
};

static const struct field partial_file_fields[] = {
    {FIELD("path", FIELD_STRING, struct partial_file, path, FIELD_REQUIRED)},
    {FIELD("filespec", FIELD_STRING, struct partial_file, file_name, FIELD_REQUIRED)},
    {FIELD(OUR_PARTIAL_FILE_RANGES, FIELD_STRING, struct partial_file, ranges, FIELD_REQUIRED)},
    {FIELD(OUR_PARTIAL_FILE_METADATA, FIELD_STRING, struct partial_file, metadata, 0)},
};
static const struct element partial_file_element = {
    .name = OUR_PARTIAL_FILE,
    .ours = true,
    TABLE_OF_FIELDS(partial_file_fields),
    .extra = offsetof(struct partial_file, extra),
    .next_order = NO_OFFSET,
};

static const struct field differenced_file_fields[] = {
    {FIELD("path", FIELD_STRING, struct differenced_file, path, FIELD_REQUIRED)},
    {FIELD("filespec", FIELD_STRING, struct differenced_file, filespec, FIELD_REQUIRED)},
    {FIELD("recursive", FIELD_BOOL, struct differenced_file, recursive, FIELD_OURS)},
    {FIELD(
        OUR_LAST_MODIFY_TIME, FIELD_FILETIME, struct differenced_file, last_modified, FIELD_OURS)},
};
static const struct element differenced_file_element = {
    .name = OUR_DIFFERENCED_FILE,
    .ours = true,
    TABLE_OF_FIELDS(differenced_file_fields),
    .extra = offsetof(struct differenced_file, extra),
    .next_order = NO_OFFSET,
};

static const struct field directed_target_fields[] = {
    {FIELD(OUR_SOURCE_PATH, FIELD_STRING, struct directed_target, source_path, 0)},
    {FIELD(OUR_SOURCE_FILE, FIELD_STRING, struct directed_target, source_file, 0)},
    {FIELD(OUR_SOURCE_RANGES, FIELD_STRING, struct directed_target, source_ranges, 0)},
    {FIELD(OUR_DESTINATION_PATH, FIELD_STRING, struct directed_target, destination_path, 0)},
    {FIELD(OUR_DESTINATION_FILE, FIELD_STRING, struct directed_target, destination_file, 0)},
    {FIELD(OUR_DESTINATION_RANGES, FIELD_STRING, struct directed_target, destination_ranges, 0)},
};
static const struct element directed_target_element = {
    .name = OUR_DIRECTED_TARGET,
    TABLE_OF_FIELDS(directed_target_fields),
    .extra = offsetof(struct directed_target, extra),
    .next_order = NO_OFFSET,
};

static const struct field subcomponent_fields[] = {
    {FIELD("logicalPath", FIELD_STRING, struct restore_subcomponent, logical_path, 0)},
    {FIELD("componentName", FIELD_STRING, struct restore_subcomponent, name, 0)},
    {FIELD(OUR_REPAIR, FIELD_BOOL, struct restore_subcomponent, repair, FIELD_OURS)},
};
static const struct element subcomponent_element = {
    .name = OUR_RESTORE_SUBCOMPONENT,
    TABLE_OF_FIELDS(subcomponent_fields),
    .extra = offsetof(struct restore_subcomponent, extra),
    .next_order = NO_OFFSET,
};

#define COMPONENT struct component

/* Three parts of a component have elements of their own. BACKUP_METADATA stands in no namespace:
   Windows. */
static const struct field backup_metadata_fields[] = {
    {FIELD("metadata", FIELD_STRING, COMPONENT, backup_metadata, 0)},
};
static const struct element backup_metadata_element = {
    .name = "BACKUP_METADATA",
    .xmlns = "",
    TABLE_OF_FIELDS(backup_metadata_fields),
    .extra = offsetof(COMPONENT, backup_metadata_extra),
    .next_order = NO_OFFSET,
};

static const struct field restore_metadata_fields[] = {
    {FIELD("metadata", FIELD_STRING, COMPONENT, restore_metadata, 0)},
};
static const struct element restore_metadata_element = {
    .name = OUR_RESTORE_METADATA,
    TABLE_OF_FIELDS(restore_metadata_fields),
    .extra = offsetof(COMPONENT, restore_metadata_extra),
    .next_order = NO_OFFSET,
};

static const struct field failure_fields[] = {
    {FIELD(OUR_FAILURE_WRITER, FIELD_HEX, COMPONENT, failure.writer, FIELD_GIVEN | FIELD_OURS),
        .companion = offsetof(COMPONENT, failure.set)},
    {FIELD(OUR_FAILURE_APPLICATION, FIELD_HEX, COMPONENT, failure.application, FIELD_OURS)},
    {FIELD(OUR_FAILURE_MESSAGE, FIELD_STRING, COMPONENT, failure.message, 0)},
};
static const struct element failure_element = {
    .name = OUR_FAILURE,
    TABLE_OF_FIELDS(failure_fields),
    .extra = offsetof(COMPONENT, failure.extra),
    .next_order = NO_OFFSET,
};

static bool has_backup_metadata(const void *component)
{
    const COMPONENT *self = component;
    return self->backup_metadata || !extra_is_empty(&self->backup_metadata_extra);
}

static bool has_restore_metadata(const void *component)
{
    const COMPONENT *self = component;
    return self->restore_metadata || !extra_is_empty(&self->restore_metadata_extra);
}

static bool has_failure(const void *component)
{
    const COMPONENT *self = component;
    return self->failure.set || !extra_is_empty(&self->failure.extra);
}

static const struct field component_fields[] = {
    {FIELD("logicalPath", FIELD_STRING, COMPONENT, logical_path, 0)},
    {FIELD("componentName", FIELD_STRING, COMPONENT, name, FIELD_REQUIRED)},
    {FIELD("componentType", FIELD_ENUM, COMPONENT, type, 0), .spellings = component_types},
    {FIELD("componentCaption", FIELD_STRING, COMPONENT, caption, 0)},
    {FIELD("backupStamp", FIELD_STRING, COMPONENT, backup_stamp, 0)},
    {FIELD(OUR_PREVIOUS_BACKUP_STAMP, FIELD_STRING, COMPONENT, previous_backup_stamp, 0)},
    {FIELD(OUR_BACKUP_OPTIONS, FIELD_STRING, COMPONENT, backup_options, 0)},
    {FIELD(OUR_BACKUP_SUCCEEDED, FIELD_ANSWER, COMPONENT, backup_succeeded, FIELD_OURS)},
    {FIELD(OUR_PREPARE_FOR_BACKUP_FAILURE, FIELD_STRING, COMPONENT, prepare_for_backup_failure, 0)},
    {FIELD(OUR_POST_SNAPSHOT_FAILURE, FIELD_STRING, COMPONENT, post_snapshot_failure, 0)},
    {FIELD(OUR_SELECTED_FOR_RESTORE, FIELD_BOOL, COMPONENT, selected_for_restore,
        FIELD_OPTIONAL | FIELD_OURS)},
    {FIELD(OUR_ADDITIONAL_RESTORES, FIELD_ANSWER, COMPONENT, additional_restores, FIELD_OURS)},
    {FIELD(OUR_RESTORE_OPTIONS, FIELD_STRING, COMPONENT, restore_options, 0)},
    {FIELD(OUR_RESTORE_TARGET, FIELD_ENUM, COMPONENT, restore_target, FIELD_OPTIONAL),
        .spellings = restore_targets},
    {FIELD(OUR_FILE_RESTORE_STATUS, FIELD_ENUM, COMPONENT, file_restore_status, FIELD_OPTIONAL),
        .spellings = restore_statuses},
    {FIELD(OUR_AUTHORITATIVE_RESTORE, FIELD_BOOL, COMPONENT, authoritative_restore,
        FIELD_OPTIONAL | FIELD_OURS)},
    {FIELD(OUR_ROLL_FORWARD, FIELD_ENUM, COMPONENT, roll_forward, FIELD_OPTIONAL),
        .spellings = roll_forwards},
    {FIELD(OUR_ROLL_FORWARD_POINT, FIELD_STRING, COMPONENT, roll_forward_point, 0)},
    {FIELD(OUR_RESTORE_NAME, FIELD_STRING, COMPONENT, restore_name, 0)},
    {FIELD(OUR_RESTORE_INSTANCE_ID, FIELD_GUID, COMPONENT, restore_instance_id,
        FIELD_OPTIONAL | FIELD_OURS)},
    {FIELD(OUR_PRE_RESTORE_FAILURE, FIELD_STRING, COMPONENT, pre_restore_failure, 0)},
    {FIELD(OUR_POST_RESTORE_FAILURE, FIELD_STRING, COMPONENT, post_restore_failure, 0)},
};

#define LIST(element_, list_, type_, destroy_)                                                     \
    .element = &(element_), .shape = CHILD_LIST, .offset = offsetof(COMPONENT, list_),             \
    .size = sizeof(type_), .destroy = (destroy_), .order = offsetof(type_, order)

static const struct child component_children[] = {
    {.element = &backup_metadata_element, .shape = CHILD_PART, .present = has_backup_metadata},
    {.element = &restore_metadata_element, .shape = CHILD_PART, .present = has_restore_metadata},
    {.element = &failure_element, .shape = CHILD_PART, .present = has_failure},
    {LIST(partial_file_element, partial_files, struct partial_file, partial_file_destroy)},
    {LIST(differenced_file_element, differenced_files, struct differenced_file,
        differenced_file_destroy)},
    {LIST(directed_target_element, directed_targets, struct directed_target,
        directed_target_destroy)},
    {LIST(new_target_element, new_targets, struct file_spec, file_spec_destroy)},
    {LIST(used_mapping_element, alternate_mappings, struct file_spec, file_spec_destroy)},
    {LIST(subcomponent_element, restore_subcomponents, struct restore_subcomponent,
        restore_subcomponent_destroy)},
};
static const struct element component_element = {
    .name = "COMPONENT",
    TABLE_OF_FIELDS(component_fields),
    TABLE_OF_CHILDREN(component_children),
    .extra = offsetof(COMPONENT, extra),
    .next_order = offsetof(COMPONENT, next_order),
};

#define WRITER struct writer_components

static HRESULT attach_component(void *writer, void *component)
{
    return writer_components_attach(writer, component);
}

static const struct field writer_fields[] = {
    {FIELD("instanceId", FIELD_GUID, WRITER, instance_id, FIELD_REQUIRED)},
    {FIELD("writerId", FIELD_GUID, WRITER, writer_id, FIELD_REQUIRED)},
    {FIELD("instanceName", FIELD_STRING, WRITER, instance_name, 0)},
    {FIELD("backupSchema", FIELD_DECIMAL, WRITER, backup_schema, 0)},
};
static const struct child writer_children[] = {
    {.element = &component_element,
        .shape = CHILD_LIST,
        .offset = offsetof(WRITER, components),
        .size = sizeof(COMPONENT),
        .destroy = component_destroy,
        .attach = attach_component,
        .order = NO_OFFSET},
};
static const struct element writer_element = {
    .name = "WRITER_COMPONENTS",
    TABLE_OF_FIELDS(writer_fields),
    TABLE_OF_CHILDREN(writer_children),
    .extra = offsetof(WRITER, extra),
    .next_order = NO_OFFSET,
};

#define ROOT struct backup_components

static void *create_writer(void)
{
    return writer_components_create(&guid_null, &guid_null);
}

static void release_writer(void *writer)
{
    writer_components_release(writer);
}

static const struct field root_fields[] = {
    {.name = "version", .kind = FIELD_CONSTANT, .constant = "1.2"},
    {FIELD("bootableSystemStateBackup", FIELD_BOOL, ROOT, bootable_system_state, 0)},
    {FIELD("selectComponents", FIELD_BOOL, ROOT, select_components, 0)},
    {FIELD("backupType", FIELD_ENUM, ROOT, backup_type, 0), .spellings = backup_types},
    {FIELD("partialFileSupport", FIELD_BOOL, ROOT, partial_file_support, 0)},
    {FIELD("snapshotSetId", FIELD_GUID, ROOT, snapshot_set_id, FIELD_OPTIONAL)},
    {FIELD(OUR_RESTORE_TYPE, FIELD_ENUM, ROOT, restore_type, FIELD_OPTIONAL),
        .spellings = restore_types},
};
static const struct child root_children[] = {
    {.element = &writer_element,
        .shape = CHILD_LIST,
        .offset = offsetof(ROOT, writers),
        .create = create_writer,
        .destroy = release_writer,
        .order = NO_OFFSET},
};
static const struct element root_element = {
    .name = "BACKUP_COMPONENTS",
    TABLE_OF_FIELDS(root_fields),
    TABLE_OF_CHILDREN(root_children),
    .extra = offsetof(ROOT, extra),
    .next_order = NO_OFFSET,
};

HRESULT document_load_backup_components(
    const WCHAR *text, size_t length, struct backup_components **out, struct xml_flaw *flaw)
{
    struct backup_components *document = backup_components_create();
    if (!document)
        return E_OUTOFMEMORY;
    HRESULT hr = element_load_document(&root_element, XMLNS, text, length, document, flaw);
    if (FAILED(hr))
    {
        backup_components_destroy(document);
        return hr;
    }
    *out = document;
    return S_OK;
}

HRESULT document_save_backup_components(
    const struct backup_components *document, WCHAR **text, size_t *length)
{
    return element_save_document(&root_element, XMLNS, document, text, length);
}

HRESULT document_load_writer_components(
    const WCHAR *text, size_t length, struct writer_components **out, struct xml_flaw *flaw)
{
    struct writer_components *writer = create_writer();
    if (!writer)
        return E_OUTOFMEMORY;
    HRESULT hr = element_load_document(&writer_element, XMLNS, text, length, writer, flaw);
    if (FAILED(hr))
    {
        writer_components_release(writer);
        return hr;
    }
    *out = writer;
    return S_OK;
}

HRESULT document_save_writer_components(
    const struct writer_components *writer, WCHAR **text, size_t *length)
{
    return element_save_document(&writer_element, XMLNS, writer, text, length);
}

HRESULT document_pack_writer_components(
    const struct writer_components *writer, struct pack_writer *packed)
{
    return element_pack(&writer_element, writer, packed);
}

HRESULT document_unpack_writer_components(
    struct pack_reader *packed, struct writer_components **out)
{
    struct writer_components *writer = create_writer();
    HRESULT hr = writer ? element_unpack(&writer_element, XMLNS, packed, writer) : E_OUTOFMEMORY;
    if (FAILED(hr))
    {
        pack_reader_fail(packed, hr);
        writer_components_release(writer);
        return hr;
    }
    *out = writer;
    return S_OK;
}
