/* SPDX-License-Identifier: MIT
 *
 * The btrfs provider: a volume that is a btrfs subvolume of the host is copied by a snapshot of it,
 * in one moment and however large it is. See provider.h for the contract. The operations of one
 * snapshot come one after another, from any thread. Follows design 7 and wine facts 5.
 *
 * The snapshot is a subvolume `Files` in the folder that the clone provider would use as well
 * (clone_store.h), so it lies inside what it is a snapshot of. What does not belong to a copy, that
 * folder above all, is deleted from it once the writers go on.
 */
#include "provider/builtin.h"

#include <string.h>
#include <vss.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/file.h"
#include "provider/btrfs_tool.h"
#include "provider/btrfs_trim.h"
#include "provider/clone_store.h"
#include "provider/host_volume.h"
#include "volume/device_object.h"

/* The name of the snapshot in its store. */
#define COPY_NAME L"Files"
/* What must stay free: a snapshot takes next to nothing, and needs room to be written down. */
#define RESERVE_BYTES (32u << 20)

struct provider_work
{
    /* set once by begin_prepare */
    struct volume *volume;
    GUID snapshot_id;
    LONG context;
    /* made by end_prepare */
    const struct provider_briefing *briefing; /* the coordinator's */
    struct host_place place;
    WCHAR *copy; /* the folder that is to be the snapshot, in the extended form */
    /* made by describe */
    struct btrfs_trim trim;
    WCHAR *device;
};

static HRESULT btrfs_is_volume_supported(
    struct provider *provider, const struct volume *volume, LONG context, bool *supported)
{
    (void)provider;
    *supported = false;
    /* A whole second copy is what the clone provider makes. */
    if (!builtin_supports(volume, context) || context & VSS_VOLSNAP_ATTR_PLEX)
        return S_OK;
    HRESULT hr = host_volume_can(volume, HOST_SNAPSHOTS);
    *supported = hr == S_OK;
    return FAILED(hr) ? hr : S_OK;
}

static void free_work(struct provider_work *work)
{
    if (!work)
        return;
    mem_free(work->device);
    btrfs_trim_free(&work->trim);
    mem_free(work->copy);
    host_place_free(&work->place);
    volume_free(work->volume);
    mem_free(work);
}

static HRESULT btrfs_begin_prepare(struct provider *provider, const GUID *set_id,
    const GUID *snapshot_id, const struct volume *volume, LONG context, struct provider_work **work)
{
    (void)provider;
    (void)set_id;
    struct provider_work *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    made->snapshot_id = *snapshot_id;
    made->context = context;
    made->volume = volume_clone(volume);
    if (!made->volume)
    {
        free_work(made);
        return E_OUTOFMEMORY;
    }
    *work = made;
    return S_OK;
}

/* ---- Making ---- */

/* Whether it is still what it was when this provider was chosen. */
static HRESULT check_volume(struct provider_work *work)
{
    HRESULT hr = host_volume_check_snapshots(work->volume, &work->place);
    if (hr != S_FALSE)
        return hr;
    host_volume_forget(work->volume);
    return log_error(VSS_E_PROVIDER_VETO,
        "A btrfs snapshot of %ls would not be the whole volume; another attempt takes another "
        "provider.",
        work->volume->path);
}

static HRESULT make_store(struct provider_work *work)
{
    WCHAR *folder = NULL;
    uint64_t free_bytes = 0;
    HRESULT hr = clone_store_make(work->volume, &work->snapshot_id, &folder);
    if (SUCCEEDED(hr))
        hr = clone_store_free_space(folder, &free_bytes);
    if (SUCCEEDED(hr) && free_bytes < RESERVE_BYTES)
        hr = log_error(VSS_E_INSUFFICIENT_STORAGE,
            "%llu MiB are free on %ls: too few for a "
            "snapshot.",
            (unsigned long long)(free_bytes >> 20), work->volume->path);
    if (SUCCEEDED(hr))
        work->copy = file_join(folder, COPY_NAME);
    if (SUCCEEDED(hr) && !work->copy)
        hr = E_OUTOFMEMORY;
    mem_free(folder);
    return hr;
}

static bool is_cancelled(const struct provider_briefing *briefing)
{
    return briefing->cancelled && WaitForSingleObject(briefing->cancelled, 0) == WAIT_OBJECT_0;
}

/* What is dirty is written now: inside the freeze it would all count. */
static HRESULT btrfs_end_prepare(
    struct provider_work *work, const struct provider_briefing *briefing)
{
    work->briefing = briefing;
    if (is_cancelled(briefing))
        return VSS_S_ASYNC_CANCELLED;
    HRESULT hr = builtin_check_not_reverting(work->volume);
    if (SUCCEEDED(hr))
        hr = check_volume(work);
    if (SUCCEEDED(hr))
        hr = make_store(work);
    if (SUCCEEDED(hr))
        hr = btrfs_tool_sync(&work->place);
    if (SUCCEEDED(hr) && briefing->progress)
        briefing->progress(briefing->progress_context, 0, 0);
    return SUCCEEDED(hr) && is_cancelled(briefing) ? VSS_S_ASYNC_CANCELLED : builtin_result(hr);
}

static HRESULT btrfs_commit(struct provider_work *work)
{
    return builtin_result(btrfs_tool_snapshot(&work->place, work->copy));
}

/* What begins in the volume and is none of it: like a volume that Windows mounts in a folder. */
static void add_left_out(const struct provider_work *work, struct str16_builder *text)
{
    if (work->trim.subvolumes)
    {
        str16_builder_add_ascii(text, " ");
        str16_builder_add_unsigned(text, work->trim.subvolumes);
        str16_builder_add_ascii(text,
            work->trim.subvolumes == 1 ? " subvolume that begins in it is left out."
                                       : " subvolumes that begin in it are left out.");
    }
    if (work->place.has_mounts)
        str16_builder_add_ascii(text, " What is mounted in it is left out.");
}

static HRESULT describe_consistency(const struct provider_work *work, struct snapshot *snapshot)
{
    bool named = false;
    struct str16_builder text = {0};
    HRESULT hr = btrfs_trim_is_named(work->volume, work->briefing, &named);
    if (FAILED(hr))
        return hr;
    str16_builder_add_ascii(&text,
        named ? "Consistent for the files named by frozen writers; "
              : "No frozen writer named files of this volume; ");
    str16_builder_add_ascii(
        &text, "all files are as they were at one moment, in a btrfs snapshot.");
    add_left_out(work, &text);
    mem_free(snapshot->consistency);
    snapshot->consistency = str16_builder_take(&text);
    return snapshot->consistency ? S_OK : E_OUTOFMEMORY;
}

/* The writers go on already: now is the time to look at what was made. */
static HRESULT btrfs_describe(struct provider_work *work, struct snapshot *snapshot)
{
    HRESULT hr = work->device
        ? S_OK
        : btrfs_trim_begin(work->volume, work->briefing, work->copy, &work->trim);
    if (SUCCEEDED(hr))
        hr = describe_consistency(work, snapshot);
    if (SUCCEEDED(hr) && !work->device)
        hr = device_object_make(work->copy, &work->device);
    if (SUCCEEDED(hr))
        hr = str16_assign(&snapshot->device_object, work->device);
    if (SUCCEEDED(hr))
        snapshot->attributes |= VSS_VOLSNAP_ATTR_DIFFERENTIAL;
    return builtin_result(hr);
}

static HRESULT btrfs_pre_final_commit(struct provider_work *work)
{
    bool sealed = work->context & VSS_VOLSNAP_ATTR_NO_AUTORECOVERY;
    return sealed ? builtin_result(btrfs_tool_seal(work->copy)) : S_OK;
}

static HRESULT btrfs_post_final_commit(struct provider_work *work)
{
    if (work->context & VSS_VOLSNAP_ATTR_NO_AUTORECOVERY)
        return S_OK;
    HRESULT hr = btrfs_trim_excluded(work->volume, work->briefing, &work->trim);
    return builtin_result(SUCCEEDED(hr) ? btrfs_tool_seal(work->copy) : hr);
}

/* ---- Removing ---- */

/* Where the snapshot is or would be. S_FALSE: its store is gone. */
static HRESULT find_copy(const struct volume *volume, const GUID *id, WCHAR **copy)
{
    WCHAR *folder = NULL;
    HRESULT hr = clone_store_look(volume, id, &folder);
    if (hr != S_OK)
        return hr;
    *copy = file_join(folder, COPY_NAME);
    mem_free(folder);
    return *copy ? S_OK : E_OUTOFMEMORY;
}

static HRESULT remove_copy(const struct volume *volume, const GUID *id, const WCHAR *device)
{
    WCHAR *copy = NULL;
    HRESULT hr = find_copy(volume, id, &copy);
    if (hr != S_OK)
        return hr;
    hr = device_object_remove(copy, device);
    if (SUCCEEDED(hr))
        hr = btrfs_tool_delete(copy);
    mem_free(copy);
    return hr;
}

static void btrfs_abort(struct provider_work *work)
{
    HRESULT hr = remove_copy(work->volume, &work->snapshot_id, work->device);
    if (SUCCEEDED(hr))
        hr = clone_store_remove(work->volume, work->volume->name, &work->snapshot_id, NULL);
    if (FAILED(hr))
        log_warning(
            hr, "What was made of a snapshot of %ls could not all be removed.", work->volume->path);
    free_work(work);
}

static HRESULT remove_of(const struct volume *volume, const struct snapshot *snapshot)
{
    return remove_copy(volume, &snapshot->id, snapshot->device_object);
}

static HRESULT btrfs_delete_snapshot(
    struct provider *provider, const struct snapshot *snapshot, bool force)
{
    (void)provider;
    return builtin_delete(snapshot, force, remove_of);
}

static HRESULT btrfs_find_folder(
    struct provider *provider, const struct snapshot *snapshot, WCHAR **folder)
{
    (void)provider;
    struct volume *volume = NULL;
    WCHAR *found = NULL;
    HRESULT hr = volume_open(snapshot->volume_name, &volume);
    if (SUCCEEDED(hr))
        hr = find_copy(volume, &snapshot->id, &found);
    volume_free(volume);
    if (hr == S_OK && GetFileAttributesW(found) == INVALID_FILE_ATTRIBUTES)
        hr = S_FALSE;
    if (hr == S_OK)
        *folder = found;
    else
        mem_free(found);
    return hr == S_FALSE
        ? log_error(VSS_E_OBJECT_NOT_FOUND, "The snapshot of %ls is not where it was made.",
              snapshot->volume_path)
        : hr;
}

static const struct provider_ops btrfs_ops = {
    .is_volume_supported = btrfs_is_volume_supported,
    .begin_prepare = btrfs_begin_prepare,
    .end_prepare = btrfs_end_prepare,
    .commit = btrfs_commit,
    .describe = btrfs_describe,
    .pre_final_commit = btrfs_pre_final_commit,
    .post_final_commit = btrfs_post_final_commit,
    .finish = free_work,
    .abort = btrfs_abort,
    .delete_snapshot = btrfs_delete_snapshot,
    .find_folder = btrfs_find_folder,
};

struct provider provider_btrfs = {
    .ops = &btrfs_ops,
    .id = {0x8dd67330, 0x9056, 0x4695, {0xb2, 0xe3, 0x3c, 0x77, 0x6c, 0x05, 0xce, 0x60}},
    .version_id = {0x88447a60, 0xd7e5, 0x4161, {0xae, 0x1d, 0x81, 0xe0, 0xce, 0x72, 0x0a, 0x24}},
    .name = L"Thawline btrfs provider",
    .version = L"0.1.0",
    .type = VSS_PROV_SYSTEM,
};
