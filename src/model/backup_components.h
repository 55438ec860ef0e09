/* SPDX-License-Identifier: MIT
 *
 * A Backup Components Document as plain structs: what takes part in a backup or restore, and what
 * requestor and writers said about it.
 *
 * The part of one writer (struct writer_components) is reference counted and has its own life: an
 * event hands a clone to the writer, and the changed clone then replaces the original in one step.
 * Whoever still holds the old one sees old data, never freed memory. Enumeration fields hold the
 * values of vss.h and vswriter.h. Follows writer-provider 4.3 and 5.4.
 */
#ifndef THAWLINE_MODEL_BACKUP_COMPONENTS_H
#define THAWLINE_MODEL_BACKUP_COMPONENTS_H

#include "base/map.h"
#include "base/vec.h"
#include "model/component_type.h"
#include "model/file_spec.h"

/* A yes/no that may never have been given: getters answer S_FALSE then. */
enum answer
{
    ANSWER_UNSET = 0,
    ANSWER_NO,
    ANSWER_YES
};

struct partial_file
{
    WCHAR *path;
    WCHAR *file_name;
    WCHAR *ranges;
    WCHAR *metadata; /* NULL when none */
    unsigned order;
    struct extra extra;
};

struct differenced_file
{
    WCHAR *path;
    WCHAR *filespec;
    bool recursive;
    FILETIME last_modified; /* zero: the requestor decides */
    unsigned order;
    struct extra extra;
};

struct directed_target
{
    WCHAR *source_path;
    WCHAR *source_file;
    WCHAR *source_ranges;
    WCHAR *destination_path;
    WCHAR *destination_file;
    WCHAR *destination_ranges;
    unsigned order;
    struct extra extra;
};

struct restore_subcomponent
{
    WCHAR *logical_path;
    WCHAR *name;
    bool repair;
    unsigned order;
    struct extra extra;
};

/* IVssComponentEx2::SetFailure */
struct component_failure
{
    bool set;
    HRESULT writer;
    HRESULT application;
    WCHAR *message; /* NULL when none */
    struct extra extra;
};

struct component
{
    DWORD type;          /* COMPONENT_TYPE_* */
    WCHAR *logical_path; /* NULL when none; NULL and "" are the same key */
    WCHAR *name;
    WCHAR *caption; /* found in some documents; NULL when none */
    /* backup */
    enum answer backup_succeeded;
    WCHAR *backup_stamp;
    WCHAR *previous_backup_stamp;
    WCHAR *backup_options;
    WCHAR *backup_metadata;
    WCHAR *prepare_for_backup_failure;
    WCHAR *post_snapshot_failure;
    struct vec partial_files;     /* struct partial_file */
    struct vec differenced_files; /* struct differenced_file */
    struct component_failure failure;
    /* restore */
    bool selected_for_restore;
    enum answer additional_restores;
    WCHAR *restore_options;
    WCHAR *restore_metadata;
    DWORD restore_target;      /* VSS_RESTORE_TARGET; 0 reads as VSS_RT_ORIGINAL */
    DWORD file_restore_status; /* VSS_FILE_RESTORE_STATUS; 0 reads as VSS_RS_NONE */
    bool authoritative_restore;
    DWORD roll_forward; /* VSS_ROLLFORWARD_TYPE */
    WCHAR *roll_forward_point;
    WCHAR *restore_name;
    WCHAR *pre_restore_failure;
    WCHAR *post_restore_failure;
    GUID restore_instance_id;         /* SetSelectedForRestoreEx; GUID_NULL: any */
    struct vec directed_targets;      /* struct directed_target */
    struct vec new_targets;           /* struct file_spec */
    struct vec alternate_mappings;    /* struct file_spec */
    struct vec restore_subcomponents; /* struct restore_subcomponent */
    unsigned next_order;              /* for this component's children */
    struct extra extra;
    struct extra backup_metadata_extra;
    struct extra restore_metadata_extra;
};

struct writer_components
{
    GUID instance_id;
    GUID writer_id;
    WCHAR *instance_name; /* NULL when none */
    DWORD backup_schema;
    struct vec components; /* struct component */
    struct map index;      /* (logical path, name) -> struct component */
    struct extra extra;
    long refs; /* use writer_components_addref/release */
};

struct backup_components
{
    bool select_components;
    bool bootable_system_state;
    DWORD backup_type; /* VSS_BACKUP_TYPE; 0 until SetBackupState */
    bool partial_file_support;
    GUID snapshot_set_id; /* GUID_NULL until a set exists */
    DWORD restore_type;   /* VSS_RESTORE_TYPE */
    struct vec writers;   /* struct writer_components, a reference each */
    struct extra extra;
};

struct backup_components *backup_components_create(void); /* NULL when memory is exhausted */
void backup_components_destroy(struct backup_components *document); /* accepts NULL */

/* By instance id. NULL when the writer has no entry. */
struct writer_components *backup_components_find_instance(
    const struct backup_components *document, const GUID *instance_id);

/* Adds the component, and the writer's entry if this is its first. VSS_E_OBJECT_ALREADY_EXISTS:
   path and name are there already in this instance (the type is not part of the key). */
HRESULT backup_components_add(struct backup_components *document, const GUID *instance_id,
    const GUID *writer_id, const WCHAR *instance_name, DWORD backup_schema, DWORD type,
    const WCHAR *logical_path, const WCHAR *name);

/* Puts `changed` in the place of the entry with the same instance id and takes a reference to it.
   False when there is no such entry. */
bool backup_components_replace(
    struct backup_components *document, struct writer_components *changed);

struct writer_components *writer_components_create(const GUID *instance_id, const GUID *writer_id);
struct writer_components *writer_components_clone(const struct writer_components *source);
struct writer_components *writer_components_addref(struct writer_components *writer);
void writer_components_release(struct writer_components *writer); /* accepts NULL */
struct component *writer_components_find(
    const struct writer_components *writer, const WCHAR *logical_path, const WCHAR *name);
HRESULT writer_components_add(struct writer_components *writer, DWORD type,
    const WCHAR *logical_path, const WCHAR *name, struct component **component);

/* Append to a component's list, copying the strings. `metadata` may be NULL. */
HRESULT component_add_partial_file(struct component *component, const WCHAR *path,
    const WCHAR *file_name, const WCHAR *ranges, const WCHAR *metadata);
HRESULT component_add_differenced_file(struct component *component, const WCHAR *path,
    const WCHAR *filespec, bool recursive, FILETIME last_modified);
HRESULT component_add_directed_target(struct component *component, const WCHAR *source_path,
    const WCHAR *source_file, const WCHAR *source_ranges, const WCHAR *destination_path,
    const WCHAR *destination_file, const WCHAR *destination_ranges);
HRESULT component_add_restore_subcomponent(
    struct component *component, const WCHAR *logical_path, const WCHAR *name, bool repair);
/* new_targets or alternate_mappings; owns `spec` on success only */
HRESULT component_add_file_spec(
    struct component *component, struct vec *list, struct file_spec *spec);

/* For whoever fills the parts first and joins them then (loading a document). Destructors accept
   NULL and objects that are half filled. */
void component_destroy(void *component);
void partial_file_destroy(void *file);
void differenced_file_destroy(void *file);
void directed_target_destroy(void *target);
void restore_subcomponent_destroy(void *subcomponent);

/* Takes ownership on success only. A second component of the same path and name is not refused:
   find gives the first. */
HRESULT writer_components_attach(struct writer_components *writer, struct component *component);

#endif
