/* SPDX-License-Identifier: MIT
 *
 * What the arguments of IVssCreateWriterMetadata's methods must be. See metadata_checks.h.
 */
#include "writer/metadata_checks.h"

#include <vss.h>
#include <vswriter.h>

#include "base/guid.h"
#include "base/str16.h"
#include "diag/log.h"
#include "xml/xml_writer.h"

#define KNOWN_FILE_BITS                                                                            \
    ((DWORD)(VSS_FSBT_ALL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED |                       \
        VSS_FSBT_CREATED_DURING_BACKUP))
#define KNOWN_COMPONENT_FLAGS                                                                      \
    ((DWORD)(VSS_CF_BACKUP_RECOVERY | VSS_CF_APP_ROLLBACK_RECOVERY | VSS_CF_NOT_SYSTEM_STATE))
#define KNOWN_SCHEMA_BITS                                                                          \
    ((DWORD)(VSS_BS_DIFFERENTIAL | VSS_BS_INCREMENTAL |                                            \
        VSS_BS_EXCLUSIVE_INCREMENTAL_DIFFERENTIAL | VSS_BS_LOG | VSS_BS_COPY |                     \
        VSS_BS_TIMESTAMPED | VSS_BS_LAST_MODIFY | VSS_BS_LSN | VSS_BS_WRITER_SUPPORTS_NEW_TARGET | \
        VSS_BS_WRITER_SUPPORTS_RESTORE_WITH_MOVE | VSS_BS_INDEPENDENT_SYSTEM_STATE |               \
        VSS_BS_ROLLFORWARD_RESTORE | VSS_BS_RESTORE_RENAME | VSS_BS_AUTHORITATIVE_RESTORE |        \
        VSS_BS_WRITER_SUPPORTS_PARALLEL_RESTORES))

static HRESULT refuse(const char *method, const char *why)
{
    return log_warning(E_INVALIDARG, "%s: %s", method, why);
}

static HRESULT check_text(const char *method, const WCHAR *text)
{
    return xml_is_valid_text(text)
        ? S_OK
        : refuse(method, "a text holds characters that no XML document can hold.");
}

static HRESULT check_texts(const char *method, const WCHAR *const *texts, size_t count)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        hr = check_text(method, texts[i]);
    return hr;
}

#define CHECK_TEXTS(method_, ...)                                                                  \
    check_texts(method_, (const WCHAR *const[]){__VA_ARGS__},                                      \
        sizeof((const WCHAR *const[]){__VA_ARGS__}) / sizeof(const WCHAR *))

HRESULT check_file_set(const char *method, const WCHAR *path, const WCHAR *filespec)
{
    if (!path || !filespec)
        return refuse(method, "path and file specification must not be NULL.");
    if (file_spec_is_wild_path(path))
        return refuse(method, "wildcards belong into the file specification, not into the path.");
    if (file_spec_has_folder(filespec))
        return refuse(method, "folders belong into the path, not into the file specification.");
    return CHECK_TEXTS(method, path, filespec);
}

HRESULT check_component(const char *method, const struct metadata_component *component)
{
    if (component->type != COMPONENT_TYPE_DATABASE && component->type != COMPONENT_TYPE_FILEGROUP)
        return refuse(method, "a component is a database or a file group.");
    if (!component->name)
        return refuse(method, "the component's name must not be NULL.");
    if (str16_find_char(component->name, L'\\'))
        return refuse(
            method, "a component's name has no backslash: that belongs into the logical path.");
    if (!component->icon && component->icon_size)
        return refuse(method, "an icon has a size but no data.");
    if (component->flags & ~KNOWN_COMPONENT_FLAGS)
        return refuse(method, "there are unknown component flags.");
    return CHECK_TEXTS(method, component->logical_path, component->name, component->caption);
}

HRESULT check_component_files(
    const char *method, const WCHAR *logical_path, const WCHAR *name, const struct file_spec *spec)
{
    if (!name)
        return refuse(method, "the component's name must not be NULL.");
    if (spec->backup_type_mask & ~KNOWN_FILE_BITS)
        return refuse(method, "there are unknown bits in the backup type mask.");
    if (spec->alternate_path && file_spec_is_wild_path(spec->alternate_path))
        return refuse(method, "the alternate path has wildcards.");
    HRESULT hr = check_file_set(method, spec->path, spec->filespec);
    return SUCCEEDED(hr) ? CHECK_TEXTS(method, logical_path, name, spec->alternate_path) : hr;
}

HRESULT check_restore_method(const char *method, int restore_method, const WCHAR *service,
    const WCHAR *user_procedure, int writer_restore)
{
    if (restore_method <= VSS_RME_UNDEFINED || restore_method > VSS_RME_RESTORE_STOP_START)
        return refuse(method, "there is no such restore method.");
    if (writer_restore <= VSS_WRE_UNDEFINED || writer_restore > VSS_WRE_ALWAYS)
        return refuse(method, "there is no such value of VSS_WRITERRESTORE_ENUM.");
    bool stops = restore_method == VSS_RME_STOP_RESTORE_START ||
        restore_method == VSS_RME_RESTORE_STOP_START;
    if (stops && (!service || !*service))
        log_warning(S_OK, "%s: no requestor can stop a service that is not named.", method);
    return CHECK_TEXTS(method, service, user_procedure);
}

HRESULT check_mapping(
    const char *method, const WCHAR *path, const WCHAR *filespec, const WCHAR *destination)
{
    if (!destination)
        return refuse(method, "the destination must not be NULL.");
    if (file_spec_is_wild_path(destination))
        return refuse(method, "the destination has wildcards.");
    HRESULT hr = check_file_set(method, path, filespec);
    return SUCCEEDED(hr) ? check_text(method, destination) : hr;
}

HRESULT check_dependency(const char *method, const WCHAR *for_logical_path, const WCHAR *for_name,
    const WCHAR *on_logical_path, const WCHAR *on_name)
{
    if (!for_name || !on_name)
        return refuse(method, "the components' names must not be NULL.");
    return CHECK_TEXTS(method, for_logical_path, for_name, on_logical_path, on_name);
}

HRESULT check_dependency_target(
    const GUID *own_writer_id, const GUID *on_writer_id, const WCHAR *on_logical_path)
{
    bool remote = str16_starts_with(on_logical_path, L"\\\\");
    return remote || !guid_equal(own_writer_id, on_writer_id) ? S_OK : E_INVALIDARG;
}

HRESULT check_schema(const char *method, DWORD schema)
{
    return schema & ~KNOWN_SCHEMA_BITS ? refuse(method, "there are unknown bits in the schema.")
                                       : S_OK;
}
