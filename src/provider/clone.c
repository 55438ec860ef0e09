/* SPDX-License-Identifier: MIT
 *
 * The clone provider: makes shadow copies anywhere, by copying. The reference for providers; see
 * provider.h for the contract. The operations of one snapshot come one after another, from any
 * thread.
 *
 * Before the freeze everything is copied (end_prepare). Inside it only what changed since is copied
 * again, and what frozen writers named is compared byte for byte (commit). Then a last look tells
 * which files moved meanwhile (post_commit), and the copy says so. Follows design 7 and wine facts
 * 5 and 6.
 */
#include "provider/builtin.h"

#include <vss.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/settings.h"
#include "provider/clone_consistency.h"
#include "provider/clone_prepare.h"
#include "provider/clone_revert.h"
#include "provider/clone_store.h"
#include "provider/clone_update.h"
#include "provider/host_volume.h"
#include "volume/device_object.h"

struct provider_work
{
    /* set once by begin_prepare */
    struct volume *volume;
    GUID snapshot_id;
    LONG context;
    bool by_reflinks;
    /* made by end_prepare */
    const struct provider_briefing *briefing; /* the coordinator's */
    struct clone_scope scope;
    struct clone_manifest manifest;
    struct clone_copier copier;
    struct clone_reflink reflink;
    WCHAR *folder; /* of the copy; NULL until it exists */
    WCHAR *store;  /* its working path */
    /* found by post_commit */
    struct clone_moved moved;
    WCHAR *device; /* made by describe */
};

static bool is_limited(void)
{
    WCHAR *roots = settings_get(L"CLONE_ROOTS");
    bool limited = roots && *roots;
    mem_free(roots);
    return limited;
}

static HRESULT clone_is_volume_supported(
    struct provider *provider, const struct volume *volume, LONG context, bool *supported)
{
    (void)provider;
    bool yes = builtin_supports(volume, context);
    if (yes && volume->host_root && !is_limited())
    {
        log_warning(S_OK,
            "%ls is the root of the whole host and is not copied; THAWLINE_CLONE_ROOTS can limit it.",
            volume->path);
        yes = false;
    }
    *supported = yes;
    return S_OK;
}

static HRESULT reflink_is_volume_supported(
    struct provider *provider, const struct volume *volume, LONG context, bool *supported)
{
    (void)provider;
    *supported = false;
    /* A whole second copy is what the clone provider makes. */
    if (!builtin_supports(volume, context) || context & VSS_VOLSNAP_ATTR_PLEX)
        return S_OK;
    HRESULT hr = host_volume_can(volume, HOST_REFLINKS);
    *supported = hr == S_OK;
    return FAILED(hr) ? hr : S_OK;
}

static void free_work(struct provider_work *work)
{
    if (!work)
        return;
    mem_free(work->device);
    mem_free(work->store);
    mem_free(work->folder);
    clone_reflink_free(&work->reflink);
    clone_copier_free(&work->copier);
    clone_manifest_free(&work->manifest);
    clone_scope_free(&work->scope);
    volume_free(work->volume);
    mem_free(work);
}

static HRESULT clone_begin_prepare(struct provider *provider, const GUID *set_id,
    const GUID *snapshot_id, const struct volume *volume, LONG context, struct provider_work **work)
{
    (void)set_id;
    struct provider_work *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    made->snapshot_id = *snapshot_id;
    made->context = context;
    made->by_reflinks = provider == &provider_reflink;
    made->volume = volume_clone(volume);
    if (!made->volume)
    {
        free_work(made);
        return E_OUTOFMEMORY;
    }
    *work = made;
    return S_OK;
}

static struct clone_update update_of(struct provider_work *work, enum clone_pass pass)
{
    return (struct clone_update){
        .scope = &work->scope,
        .store = work->store,
        .copier = &work->copier,
        .reflink = work->by_reflinks ? &work->reflink : NULL,
        .manifest = &work->manifest,
        .pass = pass,
    };
}

static HRESULT clone_end_prepare(
    struct provider_work *work, const struct provider_briefing *briefing)
{
    work->briefing = briefing;
    HRESULT hr = builtin_check_not_reverting(work->volume);
    if (SUCCEEDED(hr))
        hr = clone_copier_init(&work->copier);
    if (FAILED(hr))
        return hr;
    work->copier.cancelled = briefing->cancelled;
    work->copier.progress = briefing->progress;
    work->copier.progress_context = briefing->progress_context;
    hr = clone_scope_build(work->volume, briefing, &work->scope);
    if (SUCCEEDED(hr))
        hr = clone_store_make(work->volume, &work->snapshot_id, &work->folder);
    if (SUCCEEDED(hr))
        hr = clone_working_path(work->folder, &work->store);
    if (SUCCEEDED(hr) && work->by_reflinks)
        hr = clone_reflink_make(work->volume->path, work->folder, &work->reflink);
    if (SUCCEEDED(hr))
    {
        struct clone_update update = update_of(work, CLONE_PASS_FIRST);
        hr = clone_prepare(&update);
    }
    return builtin_result(hr);
}

static HRESULT clone_commit(struct provider_work *work)
{
    struct clone_update update = update_of(work, CLONE_PASS_COMMIT);
    return builtin_result(clone_update_run(&update));
}

static HRESULT clone_post_commit(struct provider_work *work, LONG count)
{
    (void)count;
    struct clone_update update = update_of(work, CLONE_PASS_COMMIT);
    HRESULT hr = clone_update_count_moved(&update, &work->moved);
    return builtin_result(SUCCEEDED(hr) ? builtin_check_not_reverting(work->volume) : hr);
}

/* Best effort: writers excluded these to save space, not for the copy to be right. */
static HRESULT clone_post_final_commit(struct provider_work *work)
{
    if (work->context & VSS_VOLSNAP_ATTR_NO_AUTORECOVERY)
        return S_OK;
    struct vec excluded = {0};
    struct clone_update update = update_of(work, CLONE_PASS_COMMIT);
    HRESULT hr = clone_specs_add_files(work->volume, &work->briefing->excluded_files, &excluded);
    if (SUCCEEDED(hr) && excluded.count)
        hr = clone_remove_excluded(&update, &excluded);
    vec_free(&excluded, clone_spec_free);
    return builtin_result(hr);
}

/* Also a file that vanished: it may have gone to a place that had been looked at already. */
static bool lacks_something(const struct clone_manifest *manifest)
{
    bool lacks = false;
    for (size_t i = 0; i < manifest->entries.count && !lacks; i++)
    {
        const struct clone_entry *entry = manifest->entries.items[i];
        lacks = clone_entry_is_folder(entry)
            ? entry->unlisted
            : entry->state != CLONE_COPIED && entry->state != CLONE_LINK;
    }
    return lacks;
}

/* Only of a copy by which a volume loses nothing that it had. */
static HRESULT find_digest(struct provider_work *work, WCHAR **digest)
{
    struct vec excluded = {0};
    HRESULT hr = clone_specs_add_files(work->volume, &work->briefing->excluded_files, &excluded);
    /* Of what was copied by reflinks nobody has read the content. */
    bool whole = SUCCEEDED(hr) && !work->by_reflinks && !work->scope.limited &&
        !work->moved.named && !work->moved.others && !lacks_something(&work->manifest) &&
        !clone_has_excluded(&work->manifest, &excluded);
    vec_free(&excluded, clone_spec_free);
    WCHAR *found = whole ? clone_manifest_digest(&work->manifest) : NULL;
    if (whole && !found)
        return E_OUTOFMEMORY;
    mem_free(*digest);
    *digest = found;
    return hr;
}

static HRESULT clone_describe(struct provider_work *work, struct snapshot *snapshot)
{
    WCHAR *text = clone_consistency_text(&work->manifest, &work->moved, work->scope.limited);
    HRESULT hr = text ? str16_assign(&snapshot->consistency, text) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr) && !work->device)
        hr = device_object_make(work->folder, &work->device);
    if (SUCCEEDED(hr))
        hr = str16_assign(&snapshot->device_object, work->device);
    /* To a requestor a system provider's copies are differential, unless it asked for whole ones.
       These are whole. */
    if (SUCCEEDED(hr) && !(work->context & VSS_VOLSNAP_ATTR_PLEX))
        snapshot->attributes |= VSS_VOLSNAP_ATTR_DIFFERENTIAL;
    if (SUCCEEDED(hr))
        hr = find_digest(work, &snapshot->digest);
    mem_free(text);
    return hr;
}

static void clone_abort(struct provider_work *work)
{
    /* Also when no store is known: making it may have failed half way. */
    HRESULT hr = clone_store_remove(
        work->volume, work->volume->name, &work->snapshot_id, work->device);
    if (FAILED(hr))
        log_warning(hr, "What was copied of %ls could not all be removed.", work->volume->path);
    free_work(work);
}

static HRESULT sweep(const struct volume *volume, const struct snapshot *snapshot)
{
    (void)snapshot;
    clone_revert_sweep(volume);
    return S_OK;
}

static HRESULT clone_delete_snapshot(
    struct provider *provider, const struct snapshot *snapshot, bool force)
{
    (void)provider;
    return builtin_delete(snapshot, force, sweep);
}

static HRESULT clone_find_folder(
    struct provider *provider, const struct snapshot *snapshot, WCHAR **folder)
{
    (void)provider;
    struct volume *volume = NULL;
    HRESULT hr = volume_open(snapshot->volume_name, &volume);
    if (SUCCEEDED(hr))
        hr = clone_store_find(volume, &snapshot->id, folder);
    volume_free(volume);
    return hr;
}

static const struct provider_ops clone_ops = {
    .is_volume_supported = clone_is_volume_supported,
    .begin_prepare = clone_begin_prepare,
    .end_prepare = clone_end_prepare,
    .commit = clone_commit,
    .post_commit = clone_post_commit,
    .post_final_commit = clone_post_final_commit,
    .describe = clone_describe,
    .finish = free_work,
    .abort = clone_abort,
    .delete_snapshot = clone_delete_snapshot,
    .find_folder = clone_find_folder,
    .begin_revert = clone_begin_revert,
    .revert = clone_revert,
    .resume_revert = clone_resume_revert,
};

static const struct provider_ops reflink_ops = {
    .is_volume_supported = reflink_is_volume_supported,
    .begin_prepare = clone_begin_prepare,
    .end_prepare = clone_end_prepare,
    .commit = clone_commit,
    .post_commit = clone_post_commit,
    .post_final_commit = clone_post_final_commit,
    .describe = clone_describe,
    .finish = free_work,
    .abort = clone_abort,
    .delete_snapshot = clone_delete_snapshot,
    .find_folder = clone_find_folder,
};

struct provider provider_clone = {
    .ops = &clone_ops,
    .id = {0xb5946137, 0x7b9f, 0x4925, {0xaf, 0x80, 0x51, 0xab, 0xd6, 0x0b, 0x20, 0xd5}},
    .version_id = {0x0a41de4b, 0x617a, 0x452a, {0xb8, 0x5a, 0xde, 0x57, 0x10, 0xc6, 0x42, 0xa8}},
    .name = L"Thawline clone provider",
    .version = L"0.1.0",
    .type = VSS_PROV_SYSTEM,
};

/* The same work, with the host's reflinks for the copying. */
struct provider provider_reflink = {
    .ops = &reflink_ops,
    .id = {0x5e173dab, 0x132a, 0x47c9, {0xb5, 0x4d, 0x99, 0xfb, 0x59, 0x19, 0xb1, 0x86}},
    .version_id = {0x235cc3c1, 0x83c8, 0x435e, {0xb1, 0x88, 0xbc, 0x26, 0x71, 0x40, 0x05, 0xdc}},
    .name = L"Thawline reflink provider",
    .version = L"0.1.0",
    .type = VSS_PROV_SYSTEM,
};
