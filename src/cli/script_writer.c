/* SPDX-License-Identifier: MIT
 *
 * What a scripted writer does in each event. See script_writer.h. Handlers of one backup run one
 * after another; a lock keeps those of two apart.
 */
#include "cli/script_writer.h"

#include <stdlib.h>
#include <wchar.h>

#include "cli/console.h"
#include "cli/failure.h"
#include "cli/file_set.h"
#include "cli/path.h"
#include "cli/script_check.h"
#include "cli/script_files.h"
#include "cli/text.h"
#include "thawline.h"

#define WRITER_NAME L"Thawline Test Writer"

struct script_writer
{
    const struct script_config *config;
    WCHAR *name;
    THAWLINE_WRITER handle;
    SRWLOCK lock;
    /* guarded by lock */
    unsigned failed[SCRIPT_EVENTS]; /* how often an event was made to fail */
    struct script_kept_list kept;
    unsigned wrong; /* checks that failed */
};

static const WCHAR *const event_names[SCRIPT_EVENTS] = {L"Identify", L"PrepareForBackup",
    L"PrepareForSnapshot", L"Freeze", L"Thaw", L"PostSnapshot", L"Abort", L"BackupComplete",
    L"BackupShutdown", L"PreRestore", L"PostRestore"};

/* ---- What is said ---- */

static void say(const struct script_writer *writer, int verbosity, const WCHAR *format, ...)
{
    va_list list;

    if (writer->config->verbosity < verbosity)
        return;
    va_start(list, format);
    WCHAR *text = text_format_list(format, list);
    va_end(list);
    console_result(L"%ls: %ls", writer->name, text);
    free(text);
}

static void say_wrong(void *context, const WCHAR *text)
{
    struct script_writer *writer = context;

    writer->wrong++;
    console_error(L"%ls: %ls", writer->name, text);
}

static void say_wrong_file(
    struct script_writer *writer, const WCHAR *what, const WCHAR *path, DWORD error)
{
    WCHAR *reason = failure_text(HRESULT_FROM_WIN32(error));
    WCHAR *text = text_format(L"%ls %ls: %ls", path, what, reason);

    say_wrong(writer, text);
    free(text);
    free(reason);
}

/* ---- Events that fail ---- */

/* What the documentation calls retryable, in turn. */
static const HRESULT retryable[] = {VSS_E_WRITERERROR_RETRYABLE, VSS_E_WRITERERROR_TIMEOUT,
    VSS_E_WRITERERROR_OUTOFRESOURCES, VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT};

/* True when the event is to fail now; it is prepared then. */
static bool fails(struct script_writer *writer, enum script_event event)
{
    const struct script_failure *failures = writer->config->failures.items;

    for (size_t i = 0; i < writer->config->failures.count; i++)
    {
        const struct script_failure *failure = &failures[i];
        unsigned before = writer->failed[event];
        if (failure->event != (int)event || (failure->times && before >= (unsigned)failure->times))
            continue;
        HRESULT hr = failure->retryable ? retryable[before % ARRAYSIZE(retryable)]
                                        : VSS_E_WRITERERROR_NONRETRYABLE;
        writer->failed[event]++;
        if (event != SCRIPT_IDENTIFY)
            ThawlineSetWriterFailure(writer->handle, hr, S_OK, NULL);
        say(writer, SCRIPT_MEDIUM, L"%ls fails, as it is told to: %hs", event_names[event],
            event == SCRIPT_IDENTIFY ? "the writer is not reported" : ThawlineGetResultName(hr));
        return true;
    }
    return false;
}

/* Enters the event: locked from now on. False: it fails. */
static bool enter(struct script_writer *writer, enum script_event event)
{
    AcquireSRWLockExclusive(&writer->lock);
    say(writer, event == SCRIPT_IDENTIFY ? SCRIPT_HIGH : SCRIPT_MEDIUM, L"%ls", event_names[event]);
    return !fails(writer, event);
}

static BOOL leave(struct script_writer *writer, bool good)
{
    ReleaseSRWLockExclusive(&writer->lock);
    return good;
}

/* ---- Identify ---- */

static DWORD backup_mask(const struct script_files *files)
{
    static const DWORD bits[] = {VSS_FSBT_FULL_BACKUP_REQUIRED,
        VSS_FSBT_DIFFERENTIAL_BACKUP_REQUIRED, VSS_FSBT_INCREMENTAL_BACKUP_REQUIRED,
        VSS_FSBT_LOG_BACKUP_REQUIRED, VSS_FSBT_FULL_SNAPSHOT_REQUIRED,
        VSS_FSBT_DIFFERENTIAL_SNAPSHOT_REQUIRED, VSS_FSBT_INCREMENTAL_SNAPSHOT_REQUIRED,
        VSS_FSBT_LOG_SNAPSHOT_REQUIRED};
    DWORD mask = 0;

    for (size_t i = 0; i < ARRAYSIZE(bits); i++)
        mask |= files->needs[i] ? bits[i] : 0;
    return mask;
}

static DWORD schema_of(const struct script_config *config)
{
    DWORD schema = VSS_BS_UNDEFINED;
    bool timestamped = false;
    const struct script_component *components = config->components.items;

    for (size_t i = 0; i < config->components.count; i++)
        timestamped |= components[i].differenced.count > 0;
    schema |= config->supports_copy ? VSS_BS_COPY : 0;
    schema |= config->supports_differential ? VSS_BS_DIFFERENTIAL : 0;
    schema |= config->supports_incremental ? VSS_BS_INCREMENTAL : 0;
    schema |= config->supports_log ? VSS_BS_LOG : 0;
    schema |= config->supports_new_target ? VSS_BS_WRITER_SUPPORTS_NEW_TARGET : 0;
    schema |= timestamped ? VSS_BS_LAST_MODIFY : 0;
    return schema;
}

static HRESULT describe_component(
    IVssCreateWriterMetadataEx *metadata, const struct script_component *component)
{
    const struct script_files *files = component->files.items;
    const struct script_dependency *dependencies = component->dependencies.items;
    HRESULT hr = IVssCreateWriterMetadataEx_AddComponent(metadata,
        (VSS_COMPONENT_TYPE)component->type, component->logical_path, component->name,
        component->caption, NULL, 0, FALSE, TRUE, (boolean)component->selectable,
        (boolean)component->selectable_for_restore, 0);

    for (size_t i = 0; i < component->files.count && SUCCEEDED(hr); i++)
        hr = component->type == VSS_CT_DATABASE
            ? IVssCreateWriterMetadataEx_AddDatabaseFiles(metadata, component->logical_path,
                  component->name, files[i].path, files[i].filespec, backup_mask(&files[i]))
            : IVssCreateWriterMetadataEx_AddFilesToFileGroup(metadata, component->logical_path,
                  component->name, files[i].path, files[i].filespec, (boolean)files[i].recursive,
                  files[i].alternate, backup_mask(&files[i]));
    for (size_t i = 0; i < component->dependencies.count && SUCCEEDED(hr); i++)
        hr = IVssCreateWriterMetadataEx_AddComponentDependency(metadata, component->logical_path,
            component->name, dependencies[i].writer, dependencies[i].logical_path,
            dependencies[i].name);
    return hr;
}

static HRESULT describe(
    const struct script_config *config, IVssCreateWriterMetadataEx *metadata)
{
    const struct script_component *components = config->components.items;
    const struct script_files *excluded = config->excluded.items;
    const struct script_files *mappings = config->mappings.items;
    HRESULT hr = IVssCreateWriterMetadataEx_SetBackupSchema(metadata, schema_of(config));

    if (SUCCEEDED(hr) && config->restore_method != VSS_RME_UNDEFINED)
        hr = IVssCreateWriterMetadataEx_SetRestoreMethod(metadata,
            (VSS_RESTOREMETHOD_ENUM)config->restore_method, config->service, config->user_procedure,
            (VSS_WRITERRESTORE_ENUM)config->writer_restore, (boolean)config->reboot_required);
    for (size_t i = 0; i < config->mappings.count && SUCCEEDED(hr); i++)
        hr = IVssCreateWriterMetadataEx_AddAlternateLocationMapping(metadata, mappings[i].path,
            mappings[i].filespec, (boolean)mappings[i].recursive, mappings[i].alternate);
    for (size_t i = 0; i < config->excluded.count && SUCCEEDED(hr); i++)
        hr = IVssCreateWriterMetadataEx_AddExcludeFiles(
            metadata, excluded[i].path, excluded[i].filespec, (boolean)excluded[i].recursive);
    for (size_t i = 0; i < config->components.count && SUCCEEDED(hr); i++)
        hr = describe_component(metadata, &components[i]);
    return hr;
}

static BOOL CALLBACK on_identify(
    void *context, const THAWLINE_EVENT *event, IVssCreateWriterMetadataEx *metadata)
{
    struct script_writer *writer = context;
    bool good = enter(writer, SCRIPT_IDENTIFY);

    (void)event;
    HRESULT hr = good ? describe(writer->config, metadata) : S_OK;
    if (FAILED(hr))
    {
        WCHAR *text = text_format(
            L"what the file says can't be told to requestors: %hs", ThawlineGetResultName(hr));
        say_wrong(writer, text);
        free(text);
    }
    return leave(writer, good && SUCCEEDED(hr));
}

/* ---- Components of a backup or a restore ---- */

typedef void (*component_visitor)(struct script_writer *writer, size_t index,
    const struct script_component *component, IVssComponent *chosen);

static size_t find_component(const struct script_config *config, IVssComponent *chosen)
{
    const struct script_component *components = config->components.items;
    BSTR path = NULL;
    BSTR name = NULL;
    size_t i = config->components.count;

    if (IVssComponent_GetLogicalPath(chosen, &path) >= 0 &&
        IVssComponent_GetComponentName(chosen, &name) == S_OK)
        for (i = 0; i < config->components.count; i++)
            if (!wcscmp(components[i].name, name) &&
                !wcscmp(components[i].logical_path ? components[i].logical_path : L"",
                    path ? path : L""))
                break;
    SysFreeString(path);
    SysFreeString(name);
    return i;
}

/* Those that the requestor has chosen; all of them, with no IVssComponent, when it chooses none. */
static void for_each_component(
    struct script_writer *writer, IVssWriterComponents *chosen, component_visitor visit)
{
    const struct script_component *components = writer->config->components.items;
    UINT count = 0;

    for (size_t i = 0; !chosen && i < writer->config->components.count; i++)
        visit(writer, i, &components[i], NULL);
    if (!chosen || FAILED(chosen->lpVtbl->GetComponentCount(chosen, &count)))
        return;
    for (UINT i = 0; i < count; i++)
    {
        IVssComponent *component = NULL;
        if (FAILED(chosen->lpVtbl->GetComponent(chosen, i, &component)))
            continue;
        size_t index = find_component(writer->config, component);
        if (index < writer->config->components.count)
            visit(writer, index, &components[index], component);
        IVssComponent_Release(component);
    }
}

/* ---- Before the shadow copy ---- */

/* One set of files of one component. */
struct gathering
{
    struct script_writer *writer;
    size_t component;
    const struct script_files *files;
};

static bool in_set(const WCHAR *folder, const WCHAR *filespec, bool recursive, const WCHAR *path)
{
    struct file_set set = file_set_expand(folder, filespec, recursive);
    bool in = file_set_holds(&set, path, true);

    file_set_free(&set);
    return in;
}

static FILETIME since(const struct script_differenced *differenced)
{
    const SYSTEMTIME local = {.wYear = (WORD)differenced->year,
        .wMonth = (WORD)differenced->month,
        .wDay = (WORD)differenced->day,
        .wHour = (WORD)differenced->hour,
        .wMinute = (WORD)differenced->minute,
        .wSecond = (WORD)differenced->second};
    SYSTEMTIME utc = {0};
    FILETIME time = {0};

    if (TzSpecificLocalTimeToSystemTime(NULL, &local, &utc))
        SystemTimeToFileTime(&utc, &time);
    return time;
}

static bool is_older(const WCHAR *path, FILETIME time)
{
    WIN32_FILE_ATTRIBUTE_DATA data;
    WCHAR *name = path_open_name(path);
    bool older = GetFileAttributesExW(name, GetFileExInfoStandard, &data) &&
        CompareFileTime(&data.ftLastWriteTime, &time) < 0;

    free(name);
    return older;
}

/* Whether a requestor that keeps to what the writer says backs up the whole file. */
static bool is_backed_up(
    const struct script_writer *writer, const struct script_component *component, const WCHAR *path)
{
    const struct script_files *excluded = writer->config->excluded.items;
    const struct script_partial *partial = component->partial.items;
    const struct script_differenced *differenced = component->differenced.items;
    bool backed_up = true;

    for (size_t i = 0; i < writer->config->excluded.count && backed_up; i++)
        backed_up = !in_set(
            excluded[i].path, excluded[i].filespec, excluded[i].recursive, path);
    for (size_t i = 0; i < component->partial.count && backed_up; i++)
        backed_up = !in_set(partial[i].path, partial[i].filespec, false, path);
    for (size_t i = 0; i < component->differenced.count && backed_up; i++)
        backed_up = !in_set(differenced[i].path, differenced[i].filespec,
                        differenced[i].recursive, path) ||
            !is_older(path, since(&differenced[i]));
    return backed_up;
}

static void keep(
    struct script_writer *writer, size_t component, const WCHAR *path, const WCHAR *ranges)
{
    DWORD error = script_files_keep(&writer->kept, component, path, ranges);

    if (error)
        say_wrong_file(writer, L"can't be read before the backup", path, error);
}

static bool keep_file(void *context, const WCHAR *path)
{
    struct gathering *gathering = context;
    const struct script_component *components = gathering->writer->config->components.items;

    if (is_backed_up(gathering->writer, &components[gathering->component], path))
        keep(gathering->writer, gathering->component, path, NULL);
    return true;
}

static bool spit_file(void *context, const WCHAR *path)
{
    struct gathering *gathering = context;
    struct script_writer *writer = gathering->writer;
    WCHAR *target = script_files_move(path, gathering->files->path, gathering->files->alternate);
    WCHAR *folder = target ? path_parent(target) : NULL;
    DWORD error = folder ? path_make_folder(folder) : ERROR_INVALID_NAME;

    if (!error && !CopyFileW(path, target, FALSE))
        error = GetLastError();
    if (error)
        say_wrong_file(writer, L"can't be copied to its alternate path", path, error);
    else
        say(writer, SCRIPT_HIGH, L"%ls is copied to %ls", path, target);
    if (!error && writer->config->deletes_files && !DeleteFileW(path))
        say_wrong_file(writer, L"can't be deleted", path, GetLastError());
    free(folder);
    free(target);
    return true;
}

static void prepare_component(struct script_writer *writer, size_t index,
    const struct script_component *component, IVssComponent *chosen)
{
    const struct script_files *files = component->files.items;
    const struct script_partial *partial = component->partial.items;

    (void)chosen;
    for (size_t i = 0; i < component->partial.count && writer->config->checks_includes; i++)
    {
        WCHAR *path = path_join(partial[i].path, partial[i].filespec);
        keep(writer, index, path, partial[i].ranges);
        free(path);
    }
    for (size_t i = 0; i < component->files.count; i++)
    {
        struct gathering gathering = {writer, index, &files[i]};
        if (writer->config->checks_includes)
            script_files_visit(
                files[i].path, files[i].filespec, files[i].recursive, keep_file, &gathering);
        if (files[i].alternate)
            script_files_visit(
                files[i].path, files[i].filespec, files[i].recursive, spit_file, &gathering);
    }
}

static bool supports(const struct script_config *config, VSS_BACKUP_TYPE type)
{
    switch (type)
    {
    case VSS_BT_INCREMENTAL: return config->supports_incremental;
    case VSS_BT_DIFFERENTIAL: return config->supports_differential;
    case VSS_BT_LOG: return config->supports_log;
    case VSS_BT_COPY: return config->supports_copy;
    default: return true;
    }
}

static BOOL CALLBACK on_prepare_backup(void *context, const THAWLINE_EVENT *event)
{
    struct script_writer *writer = context;
    bool good = enter(writer, SCRIPT_PREPARE_BACKUP);

    if (good && !supports(writer->config, event->BackupType))
        say(writer, SCRIPT_LOW, L"the requestor asks for a type of backup that is not supported");
    return leave(writer, good);
}

static BOOL CALLBACK on_prepare_snapshot(void *context, const THAWLINE_EVENT *event)
{
    struct script_writer *writer = context;
    bool good = enter(writer, SCRIPT_PREPARE_SNAPSHOT);

    if (good)
    {
        script_files_forget(&writer->kept);
        for_each_component(writer, event->pComponents, prepare_component);
        say(writer, SCRIPT_HIGH, L"%zu files are remembered", writer->kept.count);
    }
    return leave(writer, good);
}

/* ---- After it ---- */

static bool delete_file(void *context, const WCHAR *path)
{
    struct script_writer *writer = context;

    if (!DeleteFileW(path))
        say_wrong_file(writer, L"can't be deleted", path, GetLastError());
    else
        say(writer, SCRIPT_HIGH, L"%ls is deleted", path);
    return true;
}

static void delete_after(struct script_writer *writer, const struct script_component *component)
{
    const struct script_config *config = writer->config;
    const struct script_files *files = component->files.items;
    const struct script_partial *partial = component->partial.items;
    const struct script_differenced *differenced = component->differenced.items;

    for (size_t i = 0; i < component->files.count && config->deletes_files; i++)
        script_files_visit(files[i].alternate ? files[i].alternate : files[i].path,
            files[i].filespec, files[i].recursive, delete_file, writer);
    for (size_t i = 0; i < component->partial.count && config->deletes_partial; i++)
        script_files_visit(partial[i].path, partial[i].filespec, false, delete_file, writer);
    for (size_t i = 0; i < component->differenced.count && config->deletes_differenced; i++)
        script_files_visit(differenced[i].path, differenced[i].filespec, differenced[i].recursive,
            delete_file, writer);
}

static void finish_component(struct script_writer *writer, size_t index,
    const struct script_component *component, IVssComponent *chosen)
{
    const struct script_partial *partial = component->partial.items;
    const struct script_differenced *differenced = component->differenced.items;
    HRESULT hr = S_OK;

    (void)index;
    for (size_t i = 0; chosen && i < component->partial.count && SUCCEEDED(hr); i++)
        hr = IVssComponent_AddPartialFile(
            chosen, partial[i].path, partial[i].filespec, partial[i].ranges, NULL);
    for (size_t i = 0; chosen && i < component->differenced.count && SUCCEEDED(hr); i++)
        hr = IVssComponent_AddDifferencedFilesByLastModifyTime(chosen, differenced[i].path,
            differenced[i].filespec, differenced[i].recursive, since(&differenced[i]));
    if (FAILED(hr))
    {
        WCHAR *text = text_format(L"partial or differenced files of %ls can't be named: %hs",
            component->name, ThawlineGetResultName(hr));
        say_wrong(writer, text);
        free(text);
    }
    delete_after(writer, component);
}

static BOOL CALLBACK on_post_snapshot(void *context, const THAWLINE_EVENT *event)
{
    struct script_writer *writer = context;
    bool good = enter(writer, SCRIPT_POST_SNAPSHOT);

    if (good)
        for_each_component(writer, event->pComponents, finish_component);
    return leave(writer, good);
}

static void check_component(struct script_writer *writer, size_t index,
    const struct script_component *component, IVssComponent *chosen)
{
    const struct script_check check = {writer->config, &writer->kept, say_wrong, writer};

    (void)component;
    script_check_component(&check, index, chosen);
}

static BOOL CALLBACK on_post_restore(void *context, const THAWLINE_EVENT *event)
{
    struct script_writer *writer = context;
    const struct script_check check = {writer->config, &writer->kept, say_wrong, writer};
    bool good = enter(writer, SCRIPT_POST_RESTORE);
    unsigned before = writer->wrong;

    if (good && writer->config->checks_includes)
        for_each_component(writer, event->pComponents, check_component);
    if (good && writer->config->checks_excludes)
        script_check_excluded(&check);
    if (good && writer->config->checks_includes && writer->wrong == before)
        say(writer, SCRIPT_MEDIUM, L"the restore is as it should be");
    return leave(writer, good);
}

/* ---- Events in which nothing else happens ---- */

#define PLAIN_EVENT(function, which)                                                               \
    static BOOL CALLBACK function(void *context, const THAWLINE_EVENT *event)                      \
    {                                                                                              \
        struct script_writer *writer = context;                                                    \
        (void)event;                                                                               \
        return leave(writer, enter(writer, which));                                                \
    }

PLAIN_EVENT(on_freeze, SCRIPT_FREEZE)
PLAIN_EVENT(on_thaw, SCRIPT_THAW)
PLAIN_EVENT(on_abort, SCRIPT_ABORT)
PLAIN_EVENT(on_backup_complete, SCRIPT_BACKUP_COMPLETE)
PLAIN_EVENT(on_backup_shutdown, SCRIPT_BACKUP_SHUTDOWN)
PLAIN_EVENT(on_pre_restore, SCRIPT_PRE_RESTORE)

/* ---- Life ---- */

struct script_writer *script_writer_start(
    const struct script_config *config, const GUID *class_id, const WCHAR *name)
{
    const THAWLINE_WRITER_INFO info = {.cbSize = sizeof(info),
        .WriterId = *class_id,
        .pwszName = WRITER_NAME,
        .pwszInstanceName = name,
        .Usage = (VSS_USAGE_TYPE)config->usage,
        .Source = VSS_ST_OTHER,
        .Level = VSS_APP_FRONT_END};
    const THAWLINE_WRITER_CALLBACKS callbacks = {.cbSize = sizeof(callbacks),
        .pfnIdentify = on_identify,
        .pfnPrepareBackup = on_prepare_backup,
        .pfnPrepareSnapshot = on_prepare_snapshot,
        .pfnFreeze = on_freeze,
        .pfnThaw = on_thaw,
        .pfnPostSnapshot = on_post_snapshot,
        .pfnBackupComplete = on_backup_complete,
        .pfnBackupShutdown = on_backup_shutdown,
        .pfnAbort = on_abort,
        .pfnPreRestore = on_pre_restore,
        .pfnPostRestore = on_post_restore};
    struct script_writer *writer = text_memory(sizeof(*writer));

    writer->config = config;
    writer->name = text_copy(name);
    InitializeSRWLock(&writer->lock);
    HRESULT hr = ThawlineRegisterWriter(&info, &callbacks, writer, &writer->handle);
    if (SUCCEEDED(hr))
        return writer;
    failure_report(L"ThawlineRegisterWriter", hr);
    free(writer->name);
    free(writer);
    return NULL;
}

unsigned script_writer_stop(struct script_writer *writer)
{
    ThawlineUnregisterWriter(writer->handle);
    unsigned wrong = writer->wrong;
    script_files_forget(&writer->kept);
    free(writer->name);
    free(writer);
    return wrong;
}
