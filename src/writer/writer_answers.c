/* SPDX-License-Identifier: MIT
 *
 * What a handler may ask. See writer_answers.h.
 */
#include "writer/writer_answers.h"

#include <vss.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"

#define AT(event_) (1u << (event_))
#define IN_BACKUP                                                                                  \
    (AT(EVENT_PREPARE_BACKUP) | AT(EVENT_PREPARE_SNAPSHOT) | AT(EVENT_FREEZE) | AT(EVENT_THAW) |   \
        AT(EVENT_POST_SNAPSHOT) | AT(EVENT_BACKUP_COMPLETE) | AT(EVENT_ABORT))
#define IN_RESTORE (AT(EVENT_PRE_RESTORE) | AT(EVENT_POST_RESTORE))
#define IN_SET                                                                                     \
    (AT(EVENT_PREPARE_SNAPSHOT) | AT(EVENT_FREEZE) | AT(EVENT_THAW) | AT(EVENT_POST_SNAPSHOT))

/* The events in which each question has an answer. */
static const unsigned legal[] = {
    [ASK_COMPONENTS_SELECTED] = IN_BACKUP | IN_RESTORE,
    [ASK_BOOTABLE_STATE] = IN_BACKUP,
    [ASK_PARTIAL_FILES] = IN_BACKUP | IN_RESTORE,
    [ASK_BACKUP_TYPE] = IN_BACKUP | IN_RESTORE,
    [ASK_RESTORE_TYPE] = IN_RESTORE,
    [ASK_CONTEXT] = IN_BACKUP,
    [ASK_SNAPSHOT_SET] = IN_SET | AT(EVENT_ABORT),
    [ASK_VOLUMES] = IN_SET,
    [ASK_DEVICES] = AT(EVENT_POST_SNAPSHOT),
    [ASK_IDENTITY] = AT(EVENT_PREPARE_BACKUP) | AT(EVENT_PREPARE_SNAPSHOT) |
        AT(EVENT_POST_SNAPSHOT),
    [ASK_SESSION] = IN_BACKUP | IN_RESTORE | AT(EVENT_BACKUP_SHUTDOWN) | AT(EVENT_IDENTIFY),
};

bool writer_may_ask(enum writer_question question, const struct writer_call *call)
{
    return call && (legal[question] & AT(call->payload->event));
}

bool writer_components_selected(const struct writer_call *call)
{
    return writer_may_ask(ASK_COMPONENTS_SELECTED, call) && call->payload->select_components;
}

bool writer_bootable_state_backed_up(const struct writer_call *call)
{
    return writer_may_ask(ASK_BOOTABLE_STATE, call) && call->payload->bootable_system_state;
}

bool writer_partial_files_enabled(const struct writer_call *call)
{
    return writer_may_ask(ASK_PARTIAL_FILES, call) && call->payload->partial_file_support;
}

DWORD writer_backup_type(const struct writer_call *call)
{
    return writer_may_ask(ASK_BACKUP_TYPE, call) ? call->payload->backup_type : VSS_BT_UNDEFINED;
}

DWORD writer_restore_type(const struct writer_call *call)
{
    return writer_may_ask(ASK_RESTORE_TYPE, call) ? call->payload->restore_type
                                                  : VSS_RTYPE_UNDEFINED;
}

LONG writer_context(const struct writer_call *call)
{
    return writer_may_ask(ASK_CONTEXT, call) ? call->payload->context : VSS_CTX_BACKUP;
}

GUID writer_snapshot_set(const struct writer_call *call)
{
    return writer_may_ask(ASK_SNAPSHOT_SET, call) ? call->payload->snapshot_set_id : (GUID){0};
}

const WCHAR **writer_volumes(const struct writer_call *call, UINT *count)
{
    bool any = writer_may_ask(ASK_VOLUMES, call) && call->payload->volume_count;
    *count = any ? (UINT)call->payload->volume_count : 0;
    return any ? (const WCHAR **)call->payload->volume_names : NULL;
}

HRESULT writer_device_name(
    const struct writer_call *call, const WCHAR *volume, const WCHAR **device)
{
    if (!volume || !str16_ends_with_char(volume, L'\\'))
        return log_warning(
            E_INVALIDARG, "GetSnapshotDeviceName: a volume's name ends with a backslash.");
    if (!writer_may_ask(ASK_DEVICES, call))
        return log_warning(
            VSS_E_BAD_STATE, "GetSnapshotDeviceName can be called in OnPostSnapshot only.");
    const struct bus_payload *payload = call->payload;
    for (size_t i = 0; i < payload->volume_count; i++)
    {
        bool same = str16_equal_nocase(payload->volume_names[i], volume) ||
            str16_equal_nocase(payload->volume_paths[i], volume);
        if (!same || !payload->device_names[i])
            continue;
        *device = payload->device_names[i];
        return S_OK;
    }
    return VSS_E_OBJECT_NOT_FOUND;
}

/* ---- IsPathAffected ---- */

/* `path` with its environment variables replaced; mem_free it. NULL when memory is exhausted. */
static WCHAR *expand(const WCHAR *path)
{
    DWORD room = ExpandEnvironmentStringsW(path, NULL, 0);
    WCHAR *expanded = room ? mem_alloc_array(room, sizeof(WCHAR)) : NULL;
    if (expanded && ExpandEnvironmentStringsW(path, expanded, room) > room)
    {
        mem_free(expanded);
        return NULL;
    }
    return expanded;
}

static bool is_listed(const WCHAR *const *names, size_t count, const WCHAR *wanted)
{
    for (size_t i = 0; i < count; i++)
        if (str16_equal_nocase(names[i], wanted))
            return true;
    return false;
}

/* `\\?\Volume{guid}\...`: 49 units up to and with the backslash. */
#define VOLUME_NAME_LENGTH 49

static bool lies_on_named_volume(const struct bus_payload *payload, const WCHAR *path)
{
    for (size_t i = 0; i < payload->volume_count; i++)
        if (str16_starts_with_nocase(path, payload->volume_names[i]))
            return true;
    return false;
}

static bool lies_on_volume(const struct bus_payload *payload, const WCHAR *path)
{
    if (str16_starts_with_nocase(path, L"\\\\?\\Volume{"))
        return lies_on_named_volume(payload, path);
    size_t room = str16_len(path) + 2;
    WCHAR *root = mem_alloc_array(room, sizeof(WCHAR));
    WCHAR name[VOLUME_NAME_LENGTH + 1];
    bool affected = false;
    /* The mount point below which the path lies, which may be a folder of another volume. */
    if (root && GetVolumePathNameW(path, root, (DWORD)room))
    {
        const WCHAR *const *paths = (const WCHAR *const *)payload->volume_paths;
        const WCHAR *const *names = (const WCHAR *const *)payload->volume_names;
        affected = is_listed(paths, payload->volume_count, root) ||
            (GetVolumeNameForVolumeMountPointW(root, name, ARRAYSIZE(name)) &&
                is_listed(names, payload->volume_count, name));
    }
    mem_free(root);
    return affected;
}

/* GetVolumePathName takes what does not exist, and what is relative, for a path of the current
   drive. */
static bool is_absolute(const WCHAR *path)
{
    return (path[0] && path[1] == L':') || str16_starts_with(path, L"\\\\");
}

bool writer_path_affected(const struct writer_call *call, const WCHAR *path)
{
    if (!path || !writer_may_ask(ASK_VOLUMES, call))
        return false;
    WCHAR *expanded = expand(path);
    bool affected = false;
    if (expanded && is_absolute(expanded))
    {
        /* A bare `C:` means the drive, not its current folder. */
        WCHAR drive[] = {expanded[0], L':', L'\\', 0};
        affected = lies_on_volume(
            call->payload, expanded[1] == L':' && !expanded[2] ? drive : expanded);
    }
    mem_free(expanded);
    return affected;
}
