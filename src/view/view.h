/* SPDX-License-Identifier: MIT
 *
 * COM faces over model objects. Every function gives its caller one reference (or returns
 * E_OUTOFMEMORY and leaves *out NULL). Faces hold references to the model objects below them, so
 * that they stay safe to use after whatever they came from is gone. Any thread.
 */
#ifndef THAWLINE_VIEW_VIEW_H
#define THAWLINE_VIEW_VIEW_H

#include "model/backup_components.h"
#include "model/event.h"
#include "model/snapshot_set.h"
#include "model/writer_metadata.h"
#include "provider/provider.h"

#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

/* What the faces of one document share: a lock around it, and who may write what. Reference
   counted. A requestor's scope lives as long as its backup components object, which takes the lock
   whenever it changes the document. A writer's scope lives for one event; closing it makes every
   setter fail with VSS_E_BAD_STATE. */
struct view_scope;

/* `event` EVENT_NONE: a requestor's scope, whose setters always fail with VSS_E_BAD_STATE.
   `restore`: the session is a restore. */
HRESULT view_scope_create(enum vss_event event, bool restore, struct view_scope **scope);
struct view_scope *view_scope_addref(struct view_scope *scope);
void view_scope_release(struct view_scope *scope); /* accepts NULL */
void view_scope_enter(struct view_scope *scope);
void view_scope_leave(struct view_scope *scope);
void view_scope_close(struct view_scope *scope);

/* The two faces of a writer's part of the document. The first is what handlers get: no IUnknown;
   release it with view_writer_components_release when the handler has returned. The second has
   IUnknown at its second vtable pointer. */
HRESULT view_writer_components_create(
    struct writer_components *writer, struct view_scope *scope, IVssWriterComponents **out);
void view_writer_components_release(IVssWriterComponents *face); /* accepts NULL */
HRESULT view_writer_components_ext_create(
    struct writer_components *writer, struct view_scope *scope, IVssWriterComponentsExt **out);

/* One component; QueryInterface reaches IVssComponent, Ex and Ex2. */
HRESULT view_component_create(struct writer_components *writer, struct component *component,
    struct view_scope *scope, IVssComponent **out);

/* Metadata. The face may be loaded with another document (LoadFromXML), so it holds its own
   reference. */
HRESULT view_examine_create(struct writer_metadata *metadata, IVssExamineWriterMetadataEx2 **out);
/* CreateVssExamineWriterMetadata: parses the text. */
HRESULT view_examine_from_xml(const WCHAR *text, size_t length, IVssExamineWriterMetadataEx2 **out);
HRESULT view_wm_component_create(
    struct writer_metadata *metadata, struct metadata_component *component, IVssWMComponent **out);
HRESULT view_wm_dependency_create(
    struct writer_metadata *metadata, struct writer_dependency *dependency, IVssWMDependency **out);
/* A copy of `spec` is taken. */
HRESULT view_wm_filedesc_create(const struct file_spec *spec, IVssWMFiledesc **out);

/* Properties as the API gives them: strings in task memory. On failure *prop is all zero. */
HRESULT view_snapshot_prop(
    const struct snapshot_set *set, const struct snapshot *snapshot, VSS_SNAPSHOT_PROP *prop);
HRESULT view_provider_prop(const struct provider *provider, VSS_PROVIDER_PROP *prop);
/* VssFreeSnapshotProperties: frees the six strings and nulls them; accepts NULL. */
void view_free_snapshot_prop(VSS_SNAPSHOT_PROP *prop);

/* An enumerator over a picture of objects. `props` (count of them, an array from mem_alloc_array
   with task-memory strings) becomes its property, also on failure. */
HRESULT view_enum_create(VSS_OBJECT_PROP *props, size_t count, IVssEnumObject **out);

#endif
