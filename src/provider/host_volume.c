/* SPDX-License-Identifier: MIT
 *
 * What file systems of the host can do. See host_volume.h.
 */
#include "provider/host_volume.h"

#include <objbase.h>
#include <string.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/lock.h"
#include "provider/clone_reflink.h"
#include "provider/clone_store.h"
#include "volume/native_tool.h"
#include "volume/volume_name.h"

/* The root of each btrfs subvolume has this number. */
#define SUBVOLUME_INODE 256

/* ---- What is known ---- */

/* One volume each, as many as there are letters. */
#define KNOWN_VOLUMES 26

struct known
{
    WCHAR name[VOLUME_NAME_LENGTH + 1]; /* "": nothing is known here */
    uint64_t id;                        /* of the root folder */
    FILETIME created;
    bool asked[HOST_ABILITIES];
    bool can[HOST_ABILITIES];
};

static struct lock known_lock = LOCK_INIT(LOCK_RANK_LEAF);
static struct known known[KNOWN_VOLUMES]; /* guarded by known_lock */
static unsigned next_known;               /* guarded by known_lock */

/* What tells the root of the volume from another folder that has its letter later. */
static bool identify(const struct volume *volume, struct known *root)
{
    BY_HANDLE_FILE_INFORMATION info;
    memset(root, 0, sizeof(*root));
    HANDLE folder = CreateFileW(volume->path, 0, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
        OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (folder == INVALID_HANDLE_VALUE)
        return false;
    bool done = GetFileInformationByHandle(folder, &info) &&
        str16_len(volume->name) <= VOLUME_NAME_LENGTH;
    CloseHandle(folder);
    if (!done)
        return false;
    memcpy(root->name, volume->name, (str16_len(volume->name) + 1) * sizeof(WCHAR));
    root->id = (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow;
    root->created = info.ftCreationTime;
    return true;
}

/* With the lock held. */
static struct known *find_known(const WCHAR *name)
{
    for (size_t i = 0; i < KNOWN_VOLUMES; i++)
        if (*known[i].name && str16_equal_nocase(known[i].name, name))
            return &known[i];
    return NULL;
}

static bool recall(const struct known *root, enum host_ability ability, bool *can)
{
    lock_enter(&known_lock);
    const struct known *found = find_known(root->name);
    bool answered = found && found->asked[ability] && found->id == root->id &&
        CompareFileTime(&found->created, &root->created) == 0;
    if (answered)
        *can = found->can[ability];
    lock_leave(&known_lock);
    return answered;
}

static void keep(const struct known *root, enum host_ability ability, bool can)
{
    lock_enter(&known_lock);
    struct known *place = find_known(root->name);
    bool same = place && place->id == root->id &&
        CompareFileTime(&place->created, &root->created) == 0;
    if (!place)
        place = &known[next_known++ % KNOWN_VOLUMES];
    if (!same)
        *place = *root;
    place->asked[ability] = true;
    place->can[ability] = can;
    lock_leave(&known_lock);
}

void host_volume_forget(const struct volume *volume)
{
    lock_enter(&known_lock);
    struct known *place = find_known(volume->name);
    if (place)
        memset(place, 0, sizeof(*place));
    lock_leave(&known_lock);
}

/* ---- Asking ---- */

static HRESULT need_btrfs(const struct volume *volume)
{
    char *tool = NULL;
    HRESULT hr = native_tool_find("btrfs", &tool);
    mem_free(tool);
    if (hr == S_FALSE)
        log_info("%ls is a btrfs subvolume, and the host lacks the program btrfs.", volume->path);
    return hr;
}

static HRESULT check_place(const struct volume *volume, const struct host_place *place)
{
    if (strcmp(place->file_system, "btrfs") != 0 || place->inode != SUBVOLUME_INODE)
        log_debug("%ls is no btrfs subvolume.", volume->path);
    else if (place->read_only || !place->writable)
        log_info("%ls can't be written: no snapshot of it can be kept on it.", volume->path);
    else if (!place->own)
        log_info("%ls belongs to another user: no snapshots of it.", volume->path);
    else
        return need_btrfs(volume);
    return S_FALSE;
}

HRESULT host_volume_check_snapshots(const struct volume *volume, struct host_place *place)
{
    struct host_place found = {0};
    HRESULT hr = host_place_find(volume->path, &found);
    if (FAILED(hr))
        return hr == E_OUTOFMEMORY ? hr : S_FALSE;
    hr = check_place(volume, &found);
    if (hr == S_OK)
        *place = found;
    else
        host_place_free(&found);
    return hr;
}

static HRESULT ask_snapshots(const struct volume *volume)
{
    struct host_place place = {0};
    HRESULT hr = host_volume_check_snapshots(volume, &place);
    host_place_free(&place);
    return hr;
}

/* File systems that may know reflinks, btrfs among them; whether this one does is tried. */
static const char *const kinds[] = {"btrfs", "xfs", "bcachefs", "ocfs2", "zfs", NULL};

static bool may_know_reflinks(const struct host_place *place)
{
    for (const char *const *kind = kinds; *kind; kind++)
        if (strcmp(place->file_system, *kind) == 0)
            return true;
    return false;
}

/* In a store as for a snapshot, which goes again. */
static HRESULT try_reflink(const struct volume *volume)
{
    GUID id;
    WCHAR *store = NULL;
    HRESULT hr = CoCreateGuid(&id);
    if (SUCCEEDED(hr))
        hr = clone_store_make(volume, &id, &store);
    /* Elsewhere it tells nothing of this volume. */
    bool on_volume = SUCCEEDED(hr) && str16_starts_with(store, L"\\\\?\\") &&
        str16_starts_with_nocase(store + 4, volume->path);
    if (SUCCEEDED(hr))
        hr = on_volume ? clone_reflink_try(store) : S_FALSE;
    mem_free(store);
    HRESULT removed = clone_store_remove(volume, volume->name, &id, NULL);
    if (hr == S_FALSE)
        log_info("The host makes no reflinks on %ls.", volume->path);
    return hr == E_OUTOFMEMORY || removed == E_OUTOFMEMORY ? E_OUTOFMEMORY
        : FAILED(hr) || FAILED(removed)                    ? S_FALSE
                                                           : hr;
}

static HRESULT ask_reflinks(const struct volume *volume)
{
    struct host_place place = {0};
    HRESULT hr = host_place_find(volume->path, &place);
    if (FAILED(hr))
        return hr == E_OUTOFMEMORY ? hr : S_FALSE;
    bool may = may_know_reflinks(&place) && !place.read_only && place.writable;
    host_place_free(&place);
    return may ? try_reflink(volume) : S_FALSE;
}

HRESULT host_volume_can(const struct volume *volume, enum host_ability ability)
{
    static HRESULT (*const ask[HOST_ABILITIES])(const struct volume *) = {
        [HOST_SNAPSHOTS] = ask_snapshots,
        [HOST_REFLINKS] = ask_reflinks,
    };
    struct known root;
    bool can = false;
    bool any = false;
    /* The host's own root is the system's to make snapshots of. */
    if (!volume->fixed || volume->read_only || volume->host_root || !identify(volume, &root))
        return S_FALSE;
    if (recall(&root, ability, &can))
        return can ? S_OK : S_FALSE;
    /* Most hosts have none of these, and then no tool need run. */
    HRESULT hr = host_place_any(kinds, &any);
    if (SUCCEEDED(hr))
        hr = any ? ask[ability](volume) : S_FALSE;
    if (SUCCEEDED(hr))
        keep(&root, ability, hr == S_OK);
    return hr;
}
