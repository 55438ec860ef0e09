/* SPDX-License-Identifier: MIT
 *
 * What a requestor reports about the files of a restore: where it put them and whether it did.
 * Writers read it in their PostRestore handlers. Follows requestor 2.7 and 6.4.
 */
#include "requestor/bc.h"

#include "base/guid.h"
#include "base/str16.h"

/* ---- File sets ---- */

/* A file set of a component or of one beneath it, and where its files went. */
struct placement
{
    const struct bc *bc;
    const struct bc_identity *identity;
    LPCWSTR path;
    LPCWSTR filespec;
    bool recursive;
    LPCWSTR destination;
};

/* Whether `component` is the one that the identity names or belongs to its set: its logical path
   then begins with the other's path and name. */
static bool belongs_to(
    const struct metadata_component *component, const struct bc_identity *identity)
{
    if (str16_equal_or_empty(component->logical_path, identity->path) &&
        str16_equal(component->name, identity->name))
        return true;
    const WCHAR *rest = component->logical_path;
    if (!rest)
        return false;
    if (str16_len(identity->path) > 0)
    {
        if (!str16_starts_with(rest, identity->path))
            return false;
        rest += str16_len(identity->path);
        if (*rest++ != L'\\')
            return false;
    }
    if (!str16_starts_with(rest, identity->name))
        return false;
    WCHAR end = rest[str16_len(identity->name)];
    return end == 0 || end == L'\\';
}

static bool has_set(const struct vec *sets, const struct placement *placement)
{
    for (size_t i = 0; i < sets->count; i++)
    {
        const struct file_spec *set = sets->items[i];
        if (str16_equal(set->path, placement->path) &&
            str16_equal(set->filespec, placement->filespec) &&
            set->recursive == placement->recursive)
            return true;
    }
    return false;
}

static bool writer_has_set(
    const struct writer_metadata *metadata, const struct placement *placement)
{
    for (size_t i = 0; i < metadata->components.count; i++)
    {
        const struct metadata_component *component = metadata->components.items[i];
        if (belongs_to(component, placement->identity) &&
            (has_set(&component->files, placement) ||
                has_set(&component->database_files, placement) ||
                has_set(&component->log_files, placement)))
            return true;
    }
    return false;
}

/* The running writers of the class say which file sets there are. Where none has been asked there
   is nothing to hold the arguments against, and they are taken as they are. */
static bool is_known_set(const struct placement *placement)
{
    bool asked = false;
    for (size_t i = 0; i < bus_session_count(placement->bc->session); i++)
    {
        const struct bus_participant *participant = bus_session_participant(
            placement->bc->session, i);
        if (!guid_equal(&participant->writer_id, placement->identity->writer_id))
            continue;
        if (writer_has_set(participant->metadata, placement))
            return true;
        asked = true;
    }
    return !asked;
}

static HRESULT add_placement(struct component *component, struct vec *list,
    const struct placement *placement, const char **why)
{
    if (!is_known_set(placement))
    {
        *why = "has no such set of files";
        return VSS_E_OBJECT_NOT_FOUND;
    }
    struct file_spec *spec = file_spec_create(placement->path, placement->filespec,
        placement->recursive, placement->destination, FILE_SPEC_DEFAULT_MASK);
    HRESULT hr = spec ? component_add_file_spec(component, list, spec) : E_OUTOFMEMORY;
    if (FAILED(hr))
        file_spec_destroy(spec);
    return hr;
}

static HRESULT check_placement(enum bc_verb verb, const struct placement *placement)
{
    const LPCWSTR texts[] = {placement->path, placement->filespec, placement->destination};
    for (size_t i = 0; i < ARRAYSIZE(texts); i++)
    {
        HRESULT hr = bc_check_text(verb, texts[i]);
        if (FAILED(hr))
            return hr;
        if (!*texts[i])
            return bc_refuse(verb, "a string is empty");
    }
    if (file_spec_is_wild_path(placement->path))
        return bc_refuse(verb, "the path has wildcards");
    if (file_spec_has_folder(placement->filespec))
        return bc_refuse(verb, "the file specification has a folder");
    return S_OK;
}

static HRESULT add_mapping(struct component *component, const void *wish, const char **why)
{
    return add_placement(component, &component->alternate_mappings, wish, why);
}

BC_METHOD(AddAlternativeLocationMapping, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, LPCWSTR file_path, LPCWSTR filespec, boolean recursive, LPCWSTR destination)
{
    struct bc *bc = bc_from_interface(iface);
    struct bc_identity identity = {&writer_id, type, path, name};
    struct placement wish = {bc, &identity, file_path, filespec, recursive != 0, destination};
    HRESULT hr = check_placement(BC_AddAlternativeLocationMapping, &wish);
    if (FAILED(hr))
        return hr;
    return bc_change_verb(bc, BC_AddAlternativeLocationMapping, &identity, add_mapping, &wish);
}

/* `X:\...` or `\\...` */
static bool is_full_path(LPCWSTR path)
{
    bool letter = (path[0] >= L'A' && path[0] <= L'Z') || (path[0] >= L'a' && path[0] <= L'z');
    return (letter && path[1] == L':' && path[2] == L'\\') || str16_starts_with(path, L"\\\\");
}

static HRESULT add_target(struct component *component, const void *wish, const char **why)
{
    return add_placement(component, &component->new_targets, wish, why);
}

BC_METHOD(AddNewTarget, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name,
    LPCWSTR file_path, LPCWSTR file_name, boolean recursive, LPCWSTR alternate_path)
{
    struct bc *bc = bc_from_interface(iface);
    struct bc_identity identity = {&writer_id, type, path, name};
    struct placement wish = {bc, &identity, file_path, file_name, recursive != 0, alternate_path};
    HRESULT hr = check_placement(BC_AddNewTarget, &wish);
    if (SUCCEEDED(hr) && !is_full_path(alternate_path))
        hr = bc_refuse(BC_AddNewTarget, "the new target is not a full path");
    if (FAILED(hr))
        return hr;
    return bc_change_verb(bc, BC_AddNewTarget, &identity, add_target, &wish);
}

/* ---- Partial files ---- */

struct ranges_file
{
    UINT index;
    LPCWSTR path;
};

static HRESULT set_ranges_file(struct component *component, const void *wish, const char **why)
{
    const struct ranges_file *ranges = wish;
    struct partial_file *file = vec_at(&component->partial_files, ranges->index);
    if (!file)
    {
        *why = "has no partial file of this index";
        return VSS_E_OBJECT_NOT_FOUND;
    }
    return str16_assign(&file->ranges, ranges->path);
}

BC_METHOD(SetRangesFilePath, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name,
    UINT index, LPCWSTR ranges_file)
{
    struct bc_identity identity = {&writer_id, type, path, name};
    struct ranges_file wish = {index, ranges_file};
    HRESULT hr = bc_check_text(BC_SetRangesFilePath, ranges_file);
    if (SUCCEEDED(hr) && !*ranges_file)
        hr = bc_refuse(BC_SetRangesFilePath, "the path of the ranges file is empty");
    if (FAILED(hr))
        return hr;
    return bc_change_verb(
        bc_from_interface(iface), BC_SetRangesFilePath, &identity, set_ranges_file, &wish);
}

/* ---- Outcome ---- */

static HRESULT set_status(struct component *component, const void *wish, const char **why)
{
    (void)why;
    component->file_restore_status = *(const DWORD *)wish;
    return S_OK;
}

BC_METHOD(SetFileRestoreStatus, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, VSS_FILE_RESTORE_STATUS status)
{
    struct bc_identity identity = {&writer_id, type, path, name};
    DWORD wish = (DWORD)status;
    if (status != VSS_RS_NONE && status != VSS_RS_ALL && status != VSS_RS_FAILED)
        return bc_refuse(BC_SetFileRestoreStatus, "no such status");
    return bc_change_verb(
        bc_from_interface(iface), BC_SetFileRestoreStatus, &identity, set_status, &wish);
}
