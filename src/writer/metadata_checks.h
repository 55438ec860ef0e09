/* SPDX-License-Identifier: MIT
 *
 * What the arguments of IVssCreateWriterMetadata's methods must be. Pure functions: S_OK, or
 * E_INVALIDARG with a sentence in the log that names `method`. Follows writer-provider 4.1.
 */
#ifndef THAWLINE_WRITER_METADATA_CHECKS_H
#define THAWLINE_WRITER_METADATA_CHECKS_H

#include "model/writer_metadata.h"

HRESULT check_file_set(const char *method, const WCHAR *path, const WCHAR *filespec);
/* `component` says what was passed; its lists are not looked at. */
HRESULT check_component(const char *method, const struct metadata_component *component);
HRESULT check_component_files(
    const char *method, const WCHAR *logical_path, const WCHAR *name, const struct file_spec *spec);
HRESULT check_restore_method(const char *method, int restore_method, const WCHAR *service,
    const WCHAR *user_procedure, int writer_restore);
HRESULT check_mapping(
    const char *method, const WCHAR *path, const WCHAR *filespec, const WCHAR *destination);
HRESULT check_dependency(const char *method, const WCHAR *for_logical_path, const WCHAR *for_name,
    const WCHAR *on_logical_path, const WCHAR *on_name);
/* A component may depend on its own writer's only on another machine (`\\machine\...`). Logs
   nothing. */
HRESULT check_dependency_target(
    const GUID *own_writer_id, const GUID *on_writer_id, const WCHAR *on_logical_path);
HRESULT check_schema(const char *method, DWORD schema);

#endif
