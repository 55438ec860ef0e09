/* SPDX-License-Identifier: MIT
 *
 * Sets of files in documents. See file_spec_elements.h; writer-provider 5.3.
 */
#include "document/file_spec_elements.h"

#include "document/document_names.h"
#include "model/file_spec.h"

#define PATH FIELD("path", FIELD_STRING, struct file_spec, path, FIELD_REQUIRED)
#define FILESPEC FIELD("filespec", FIELD_STRING, struct file_spec, filespec, FIELD_REQUIRED)
#define RECURSIVE FIELD("recursive", FIELD_BOOL, struct file_spec, recursive, 0)
#define RECURSIVE_IF_TRUE                                                                          \
    FIELD("recursive", FIELD_BOOL, struct file_spec, recursive, FIELD_OPTIONAL)
#define ALTERNATE_PATH FIELD("alternatePath", FIELD_STRING, struct file_spec, alternate_path, 0)

/* Systems before Windows Vista did not write it. */
#define MASK                                                                                       \
    FIELD("filespecBackupType", FIELD_DECIMAL, struct file_spec, backup_type_mask, 0),             \
        .initial = FILE_SPEC_DEFAULT_MASK

/* Where documents know no mask, it is the default one. */
#define MASK_IF_SPECIAL                                                                            \
    FIELD(                                                                                         \
        "filespecBackupType", FIELD_DECIMAL, struct file_spec, backup_type_mask, FIELD_OPTIONAL),  \
        .initial = FILE_SPEC_DEFAULT_MASK

static const struct field file_list_fields[] = {
    {PATH}, {FILESPEC}, {RECURSIVE_IF_TRUE}, {ALTERNATE_PATH}, {MASK}};
static const struct field database_fields[] = {{PATH}, {FILESPEC}, {MASK}};
static const struct field exclude_fields[] = {{PATH}, {FILESPEC}, {RECURSIVE}, {MASK_IF_SPECIAL}};
static const struct field target_fields[] = {{PATH}, {FILESPEC},
    {FIELD("recursive", FIELD_BOOL, struct file_spec, recursive, FIELD_OURS)}, {ALTERNATE_PATH},
    {MASK_IF_SPECIAL}};

#define FILE_SPEC_ELEMENT(name_, fields_)                                                          \
    .name = (name_), TABLE_OF_FIELDS(fields_), .extra = offsetof(struct file_spec, extra),         \
    .next_order = NO_OFFSET

const struct element file_list_element = {FILE_SPEC_ELEMENT("FILE_LIST", file_list_fields)};
const struct element database_files_element = {
    FILE_SPEC_ELEMENT("DATABASE_FILES", database_fields)};
const struct element database_logfiles_element = {
    FILE_SPEC_ELEMENT("DATABASE_LOGFILES", database_fields)};
const struct element exclude_files_element = {FILE_SPEC_ELEMENT("EXCLUDE_FILES", exclude_fields)};
const struct element exclude_from_snapshot_element = {
    FILE_SPEC_ELEMENT("EXCLUDE_FILES_FROM_SNAPSHOT", exclude_fields)};
const struct element mapping_element = {
    FILE_SPEC_ELEMENT(OUR_MAPPING, target_fields), .ours = true};
const struct element used_mapping_element = {
    FILE_SPEC_ELEMENT(OUR_USED_MAPPING, target_fields), .ours = true};
const struct element new_target_element = {
    FILE_SPEC_ELEMENT(OUR_NEW_TARGET, target_fields), .ours = true};
