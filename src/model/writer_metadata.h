/* SPDX-License-Identifier: MIT
 *
 * A Writer Metadata Document as plain structs: who a writer is, what it has, how to restore it.
 *
 * Reference counted; the count is atomic, everything else belongs to whoever builds the object.
 * Once built it is never changed, so readers on any thread need no lock. Enumeration fields hold
 * the values of vswriter.h. Follows writer-provider 4.1 and 5.3.
 */
#ifndef THAWLINE_MODEL_WRITER_METADATA_H
#define THAWLINE_MODEL_WRITER_METADATA_H

#include "base/map.h"
#include "base/vec.h"
#include "model/component_type.h"
#include "model/file_spec.h"

struct writer_dependency
{
    GUID writer_id;
    WCHAR *logical_path; /* NULL when none */
    WCHAR *component_name;
    unsigned order;
    struct extra extra;
};

struct metadata_component
{
    DWORD type;          /* COMPONENT_TYPE_* */
    WCHAR *logical_path; /* NULL when none */
    WCHAR *name;
    WCHAR *caption; /* NULL when none */
    BYTE *icon;     /* NULL exactly when icon_size is 0 */
    UINT icon_size;
    bool restore_metadata;
    bool notify_on_backup_complete;
    bool selectable;
    bool selectable_for_restore;
    DWORD flags;               /* VSS_CF_* */
    struct vec files;          /* struct file_spec; file groups only */
    struct vec database_files; /* struct file_spec; databases only */
    struct vec log_files;      /* struct file_spec; databases only */
    struct vec dependencies;   /* struct writer_dependency */
    unsigned order;            /* position among all children of BACKUP_LOCATIONS */
    unsigned next_order;       /* for this component's own children */
    struct extra extra;
};

struct restore_method
{
    DWORD method; /* VSS_RESTOREMETHOD_ENUM */
    WCHAR *service;
    WCHAR *user_procedure;
    DWORD writer_restore; /* VSS_WRITERRESTORE_ENUM */
    bool reboot_required;
    struct vec mappings; /* struct file_spec, alternate_path = destination */
    struct extra extra;
};

struct writer_metadata
{
    GUID writer_id;
    GUID instance_id;
    WCHAR *writer_name;
    WCHAR *instance_name; /* NULL when the writer gave none */
    DWORD usage;          /* VSS_USAGE_TYPE */
    DWORD source;         /* VSS_SOURCE_TYPE */
    DWORD major_version;
    DWORD minor_version;
    bool has_schema; /* SetBackupSchema was called */
    DWORD backup_schema;
    struct restore_method *restore_method; /* NULL when never set */
    bool method_is_behind;                 /* it stands behind BACKUP_LOCATIONS */
    struct vec components;                 /* struct metadata_component */
    struct vec exclude_files;              /* struct file_spec */
    struct vec exclude_from_snapshot;      /* struct file_spec */
    struct map index;                      /* (logical path, name) -> struct metadata_component */
    unsigned next_order;                   /* for children of BACKUP_LOCATIONS */
    struct extra extra;                    /* of the root */
    struct extra identification_extra;
    struct extra locations_extra;
    WCHAR *verbatim; /* not NULL: the text SaveAsXML returns as it is (express writers) */
    long refs;       /* use writer_metadata_addref/release */
};

/* One reference for the caller; NULL when memory is exhausted. */
struct writer_metadata *writer_metadata_create(void);
struct writer_metadata *writer_metadata_addref(struct writer_metadata *metadata);
void writer_metadata_release(struct writer_metadata *metadata); /* accepts NULL */

/* NULL logical path and "" are the same. NULL when there is no such component. */
struct metadata_component *writer_metadata_find(
    const struct writer_metadata *metadata, const WCHAR *logical_path, const WCHAR *name);

/* All of these copy their strings and touch nothing on failure.
   VSS_E_OBJECT_ALREADY_EXISTS: a component of this path and name exists. E_INVALIDARG: no such
   type, or no name. */
HRESULT writer_metadata_add_component(struct writer_metadata *metadata, DWORD type,
    const WCHAR *logical_path, const WCHAR *name, const WCHAR *caption,
    struct metadata_component **component);

/* Take ownership of the spec on success only. */
HRESULT writer_metadata_add_exclude(struct writer_metadata *metadata, struct file_spec *spec);
HRESULT writer_metadata_add_exclude_from_snapshot(
    struct writer_metadata *metadata, struct file_spec *spec);
HRESULT metadata_component_add_file(
    struct metadata_component *component, struct vec *list, struct file_spec *spec);
HRESULT metadata_component_add_dependency(struct metadata_component *component,
    const GUID *writer_id, const WCHAR *logical_path, const WCHAR *component_name);

/* Takes ownership of the spec on success only. VSS_E_OBJECT_NOT_FOUND: no restore method has been
   set. */
HRESULT writer_metadata_add_mapping(struct writer_metadata *metadata, struct file_spec *spec);

/* Replaces an earlier method, whose mappings and place stay; a first one stands behind the
   locations when there are any. */
HRESULT writer_metadata_set_restore_method(struct writer_metadata *metadata, DWORD method,
    const WCHAR *service, const WCHAR *user_procedure, DWORD writer_restore, bool reboot_required);

/* For whoever fills the parts first and joins them then (loading a document). Destructors accept
   NULL and objects that are half filled. */
void metadata_component_destroy(void *component);
void writer_dependency_destroy(void *dependency);
void restore_method_destroy(void *method);

/* Takes ownership on success only. A second component of the same path and name is not refused:
   find gives the first. */
HRESULT writer_metadata_attach_component(
    struct writer_metadata *metadata, struct metadata_component *component);

#endif
