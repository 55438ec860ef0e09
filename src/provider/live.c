/* SPDX-License-Identifier: MIT
 *
 * The live provider: no copy at all. The device object is the volume itself, and it says so
 * wherever it shows. For tests of the protocol that need no data. See provider.h. Any thread.
 */
#include "provider/builtin.h"

#include <vss.h>

#include "base/mem.h"
#include "base/str16.h"

#define CONSISTENCY                                                                                \
    L"Not point-in-time: this is the live volume under another name, and it goes on changing."

struct provider_work
{
    WCHAR *device_object;
};

static HRESULT live_is_volume_supported(
    struct provider *provider, const struct volume *volume, LONG context, bool *supported)
{
    (void)provider;
    *supported = builtin_supports(volume, context);
    return S_OK;
}

/* The path of the volume in the extended form, without the trailing backslash. */
static WCHAR *device_of(const struct volume *volume)
{
    struct str16_builder builder = {0};
    if (!str16_starts_with(volume->path, L"\\\\?\\"))
        str16_builder_add(&builder, L"\\\\?\\");
    str16_builder_add_n(&builder, volume->path, str16_len(volume->path) - 1);
    return str16_builder_take(&builder);
}

static HRESULT live_begin_prepare(struct provider *provider, const GUID *set_id,
    const GUID *snapshot_id, const struct volume *volume, LONG context, struct provider_work **work)
{
    (void)provider;
    (void)set_id;
    (void)snapshot_id;
    (void)context;
    struct provider_work *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    made->device_object = device_of(volume);
    if (!made->device_object)
    {
        mem_free(made);
        return E_OUTOFMEMORY;
    }
    *work = made;
    return S_OK;
}

static HRESULT live_end_prepare(
    struct provider_work *work, const struct provider_briefing *briefing)
{
    (void)work;
    if (briefing->cancelled && WaitForSingleObject(briefing->cancelled, 0) == WAIT_OBJECT_0)
        return VSS_S_ASYNC_CANCELLED;
    if (briefing->progress)
        briefing->progress(briefing->progress_context, 0, 0);
    return S_OK;
}

static HRESULT live_commit(struct provider_work *work)
{
    (void)work;
    return S_OK;
}

static HRESULT live_describe(struct provider_work *work, struct snapshot *snapshot)
{
    HRESULT hr = str16_assign(&snapshot->device_object, work->device_object);
    return FAILED(hr) ? hr : str16_assign(&snapshot->consistency, CONSISTENCY);
}

static void live_free(struct provider_work *work)
{
    mem_free(work->device_object);
    mem_free(work);
}

static HRESULT live_delete_snapshot(
    struct provider *provider, const struct snapshot *snapshot, bool force)
{
    (void)provider;
    (void)snapshot;
    (void)force;
    return S_OK;
}

static const struct provider_ops live_ops = {
    .is_volume_supported = live_is_volume_supported,
    .begin_prepare = live_begin_prepare,
    .end_prepare = live_end_prepare,
    .commit = live_commit,
    .describe = live_describe,
    .finish = live_free,
    .abort = live_free,
    .delete_snapshot = live_delete_snapshot,
};

struct provider provider_live = {
    .ops = &live_ops,
    .id = {0x42de7912, 0x76f4, 0x4d5d, {0x99, 0x58, 0x76, 0x04, 0x76, 0x09, 0x3e, 0xf9}},
    .version_id = {0x2183a5e6, 0xa54e, 0x4dee, {0xa8, 0x4e, 0xa0, 0xa2, 0xbd, 0xa0, 0x1b, 0x5e}},
    .name = L"Thawline live provider (no copy, for tests)",
    .version = L"0.1.0",
    .type = VSS_PROV_SOFTWARE,
};
