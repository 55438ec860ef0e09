/* SPDX-License-Identifier: MIT
 *
 * IVssComponent: what a writer may write, and in which of its events.
 *
 * The table below is the whole of the second. A requestor has no event and so may write nothing;
 * nor may a writer that kept a component after its handler returned. Arguments are checked first,
 * then the event, then what is there already. Any thread. Follows writer-provider 4.3.
 */
#include "view/component.h"

#include "base/str16.h"
#include "diag/log.h"
#include "view/file_ranges.h"
#include "view/view_scope.h"
#include "xml/xml_writer.h"

enum setter
{
    SETTER_BACKUP_METADATA,
    SETTER_PARTIAL_FILE,
    SETTER_DIRECTED_TARGET,
    SETTER_RESTORE_METADATA,
    SETTER_RESTORE_TARGET,
    SETTER_PRE_RESTORE_FAILURE,
    SETTER_POST_RESTORE_FAILURE,
    SETTER_BACKUP_STAMP,
    SETTER_DIFFERENCED_FILE,
    SETTER_PREPARE_FOR_BACKUP_FAILURE,
    SETTER_POST_SNAPSHOT_FAILURE,
    SETTER_FAILURE
};

#define DURING(event) (1u << (event))
/* The document is read-only from BackupComplete on. */
#define IN_BACKUP                                                                                  \
    (DURING(EVENT_PREPARE_BACKUP) | DURING(EVENT_PREPARE_SNAPSHOT) | DURING(EVENT_FREEZE) |        \
        DURING(EVENT_THAW) | DURING(EVENT_POST_SNAPSHOT))
#define IN_RESTORE (DURING(EVENT_PRE_RESTORE) | DURING(EVENT_POST_RESTORE))
#define IN_ALL_BUT_IDENTIFY                                                                        \
    (IN_BACKUP | DURING(EVENT_BACKUP_COMPLETE) | DURING(EVENT_BACKUP_SHUTDOWN) |                   \
        DURING(EVENT_ABORT) | IN_RESTORE)

static const struct setter_rule
{
    const char *name;
    unsigned events; /* where it is legal */
} rules[] = {
    [SETTER_BACKUP_METADATA] = {"SetBackupMetadata", IN_BACKUP},
    [SETTER_PARTIAL_FILE] = {"AddPartialFile",
        DURING(EVENT_PREPARE_BACKUP) | DURING(EVENT_POST_SNAPSHOT)},
    [SETTER_DIRECTED_TARGET] = {"AddDirectedTarget", DURING(EVENT_PRE_RESTORE)},
    [SETTER_RESTORE_METADATA] = {"SetRestoreMetadata", DURING(EVENT_PRE_RESTORE)},
    [SETTER_RESTORE_TARGET] = {"SetRestoreTarget", IN_RESTORE},
    [SETTER_PRE_RESTORE_FAILURE] = {"SetPreRestoreFailureMsg", DURING(EVENT_PRE_RESTORE)},
    [SETTER_POST_RESTORE_FAILURE] = {"SetPostRestoreFailureMsg", DURING(EVENT_POST_RESTORE)},
    [SETTER_BACKUP_STAMP] = {"SetBackupStamp", IN_BACKUP},
    [SETTER_DIFFERENCED_FILE] = {"AddDifferencedFilesByLastModifyTime", IN_BACKUP},
    [SETTER_PREPARE_FOR_BACKUP_FAILURE] = {"SetPrepareForBackupFailureMsg",
        DURING(EVENT_PREPARE_BACKUP)},
    [SETTER_POST_SNAPSHOT_FAILURE] = {"SetPostSnapshotFailureMsg", DURING(EVENT_POST_SNAPSHOT)},
    [SETTER_FAILURE] = {"SetFailure", IN_ALL_BUT_IDENTIFY},
};

static HRESULT refuse_argument(enum setter setter, const char *why)
{
    return log_error(E_INVALIDARG, "IVssComponent::%s: %s", rules[setter].name, why);
}

/* Whether all `texts` are there and can be stored in a document. */
static HRESULT check_texts(enum setter setter, const WCHAR *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        if (!texts[i])
            return refuse_argument(setter, "a text is NULL");
        if (!xml_is_valid_text(texts[i]))
            return refuse_argument(setter, "a text has characters that XML cannot hold");
    }
    return S_OK;
}

/* Enters the scope when the setter is legal now; the caller leaves it. */
static HRESULT enter_to_write(struct component_face *face, enum setter setter)
{
    view_scope_enter(face->scope);
    enum vss_event event = view_scope_event(face->scope);
    if (rules[setter].events & DURING(event))
        return S_OK;
    view_scope_leave(face->scope);
    if (event == EVENT_NONE)
        return log_error(VSS_E_BAD_STATE, "IVssComponent::%s is for writers, from inside a handler",
            rules[setter].name);
    return log_error(VSS_E_BAD_STATE, "IVssComponent::%s must not be called in %s",
        rules[setter].name, event_name(event));
}

/* ---- One text ---- */

/* `once`: VSS_E_OBJECT_ALREADY_EXISTS when the text has been written before. */
static HRESULT set_text(
    IVssComponentEx2 *iface, enum setter setter, size_t field, bool once, const WCHAR *text)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    HRESULT hr = check_texts(setter, &text, 1);
    if (SUCCEEDED(hr))
        hr = enter_to_write(face, setter);
    if (FAILED(hr))
        return hr;
    WCHAR **target = (WCHAR **)((BYTE *)face->component + field);
    bool exists = once && *target;
    hr = exists ? VSS_E_OBJECT_ALREADY_EXISTS : str16_assign(target, text);
    view_scope_leave(face->scope);
    if (exists)
        log_error(hr, "IVssComponent::%s was called before", rules[setter].name);
    return hr;
}

#define TEXT_SETTER(method, setter, field, once)                                                   \
    HRESULT WINAPI component_##method(IVssComponentEx2 *iface, LPCWSTR text)                       \
    {                                                                                              \
        return set_text(iface, setter, offsetof(struct component, field), once, text);             \
    }

TEXT_SETTER(SetBackupMetadata, SETTER_BACKUP_METADATA, backup_metadata, true)
TEXT_SETTER(SetRestoreMetadata, SETTER_RESTORE_METADATA, restore_metadata, true)
TEXT_SETTER(SetBackupStamp, SETTER_BACKUP_STAMP, backup_stamp, false)
TEXT_SETTER(SetPreRestoreFailureMsg, SETTER_PRE_RESTORE_FAILURE, pre_restore_failure, false)
TEXT_SETTER(SetPostRestoreFailureMsg, SETTER_POST_RESTORE_FAILURE, post_restore_failure, false)
TEXT_SETTER(SetPrepareForBackupFailureMsg, SETTER_PREPARE_FOR_BACKUP_FAILURE,
    prepare_for_backup_failure, false)
TEXT_SETTER(SetPostSnapshotFailureMsg, SETTER_POST_SNAPSHOT_FAILURE, post_snapshot_failure, false)

/* ---- Lists ---- */

static HRESULT refuse_wildcards(enum setter setter, const WCHAR *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (file_spec_is_wild_path(texts[i]))
            return refuse_argument(setter, "a path or file name has wildcards");
    return S_OK;
}

/* No page forbids it, and whoever joins it to the path finds the file. */
static void mention_folder(enum setter setter, const WCHAR *file_name)
{
    if (file_spec_has_folder(file_name))
        log_warning(S_OK, "IVssComponent::%s: %ls is more than the name of a file.",
            rules[setter].name, file_name);
}

HRESULT WINAPI component_AddPartialFile(
    IVssComponentEx2 *iface, LPCWSTR path, LPCWSTR file_name, LPCWSTR ranges, LPCWSTR metadata)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    const WCHAR *texts[] = {path, file_name, ranges, metadata};
    HRESULT hr = check_texts(SETTER_PARTIAL_FILE, texts, metadata ? 4 : 3);
    if (SUCCEEDED(hr))
        hr = refuse_wildcards(SETTER_PARTIAL_FILE, texts, 2);
    if (SUCCEEDED(hr) && !file_ranges_valid(ranges))
        hr = refuse_argument(SETTER_PARTIAL_FILE, "the ranges are malformed");
    if (SUCCEEDED(hr))
        hr = enter_to_write(face, SETTER_PARTIAL_FILE);
    if (FAILED(hr))
        return hr;
    hr = component_add_partial_file(face->component, path, file_name, ranges, metadata);
    view_scope_leave(face->scope);
    mention_folder(SETTER_PARTIAL_FILE, file_name);
    return hr;
}

HRESULT WINAPI component_AddDirectedTarget(IVssComponentEx2 *iface, LPCWSTR source_path,
    LPCWSTR source_file, LPCWSTR source_ranges, LPCWSTR destination_path, LPCWSTR destination_file,
    LPCWSTR destination_ranges)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    const WCHAR *texts[] = {source_path, source_file, source_ranges, destination_path,
        destination_file, destination_ranges};
    const WCHAR *files[] = {source_file, destination_file};
    HRESULT hr = check_texts(SETTER_DIRECTED_TARGET, texts, ARRAYSIZE(texts));
    if (SUCCEEDED(hr))
        hr = refuse_wildcards(SETTER_DIRECTED_TARGET, files, ARRAYSIZE(files));
    if (SUCCEEDED(hr) && !file_ranges_agree(source_ranges, destination_ranges))
        hr = refuse_argument(
            SETTER_DIRECTED_TARGET, "the ranges are malformed or differ in length");
    if (SUCCEEDED(hr))
        hr = enter_to_write(face, SETTER_DIRECTED_TARGET);
    if (FAILED(hr))
        return hr;
    hr = component_add_directed_target(face->component, source_path, source_file, source_ranges,
        destination_path, destination_file, destination_ranges);
    view_scope_leave(face->scope);
    mention_folder(SETTER_DIRECTED_TARGET, source_file);
    mention_folder(SETTER_DIRECTED_TARGET, destination_file);
    return hr;
}

HRESULT WINAPI component_AddDifferencedFilesByLastModifyTime(IVssComponentEx2 *iface, LPCWSTR path,
    LPCWSTR filespec, WINBOOL recursive, FILETIME last_modified)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    const WCHAR *texts[] = {path, filespec};
    HRESULT hr = check_texts(SETTER_DIFFERENCED_FILE, texts, ARRAYSIZE(texts));
    if (SUCCEEDED(hr))
        hr = refuse_wildcards(SETTER_DIFFERENCED_FILE, &path, 1);
    if (SUCCEEDED(hr) && file_spec_has_folder(filespec))
        hr = refuse_argument(SETTER_DIFFERENCED_FILE, "the file specification has a folder");
    if (SUCCEEDED(hr))
        hr = enter_to_write(face, SETTER_DIFFERENCED_FILE);
    if (FAILED(hr))
        return hr;
    hr = component_add_differenced_file(
        face->component, path, filespec, recursive != FALSE, last_modified);
    view_scope_leave(face->scope);
    return hr;
}

HRESULT WINAPI component_AddDifferencedFilesByLastModifyLSN(
    IVssComponentEx2 *iface, LPCWSTR path, LPCWSTR filespec, WINBOOL recursive, BSTR lsn)
{
    (void)iface;
    (void)path;
    (void)filespec;
    (void)recursive;
    (void)lsn;
    return log_not_implemented("IVssComponent::AddDifferencedFilesByLastModifyLSN");
}

/* ---- Restore target and failure ---- */

HRESULT WINAPI component_SetRestoreTarget(IVssComponentEx2 *iface, VSS_RESTORE_TARGET target)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    /* As a signed number: the compiler chooses whether the enumeration is one. */
    if ((LONG)target < VSS_RT_ORIGINAL || (LONG)target > VSS_RT_ORIGINAL_LOCATION)
        return refuse_argument(SETTER_RESTORE_TARGET, "no such target");
    HRESULT hr = enter_to_write(face, SETTER_RESTORE_TARGET);
    if (FAILED(hr))
        return hr;
    face->component->restore_target = (DWORD)target;
    view_scope_leave(face->scope);
    return S_OK;
}

/* What a writer may say of one component: as SetWriterFailureEx, without
   VSS_E_WRITERERROR_PARTIAL_FAILURE, which only the writer as a whole can have. */
static bool is_component_failure(HRESULT hr)
{
    static const HRESULT allowed[] = {
        S_OK,
        VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT,
        VSS_E_WRITERERROR_OUTOFRESOURCES,
        VSS_E_WRITERERROR_TIMEOUT,
        VSS_E_WRITERERROR_RETRYABLE,
        VSS_E_WRITERERROR_NONRETRYABLE,
    };
    for (size_t i = 0; i < ARRAYSIZE(allowed); i++)
        if (hr == allowed[i])
            return true;
    return false;
}

HRESULT WINAPI component_SetFailure(IVssComponentEx2 *iface, HRESULT hr_writer,
    HRESULT hr_application, LPCWSTR message, DWORD reserved)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    if (!is_component_failure(hr_writer))
        return refuse_argument(SETTER_FAILURE, "not a code that a writer may set");
    if (reserved)
        return refuse_argument(SETTER_FAILURE, "the reserved argument is not 0");
    HRESULT hr = message ? check_texts(SETTER_FAILURE, &message, 1) : S_OK;
    if (SUCCEEDED(hr))
        hr = enter_to_write(face, SETTER_FAILURE);
    if (FAILED(hr))
        return hr;
    struct component_failure *failure = &face->component->failure;
    hr = str16_assign(&failure->message, message);
    if (SUCCEEDED(hr))
    {
        failure->set = true;
        failure->writer = hr_writer;
        failure->application = hr_application;
    }
    view_scope_leave(face->scope);
    return hr;
}
