/* SPDX-License-Identifier: MIT
 *
 * A set under construction: its members, its locks, its end. The steps that make it are in
 * set_steps.c.
 */
#include "coordinator/set_builder.h"

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "catalog/catalog.h"
#include "coordinator/set_builder_internal.h"
#include "coordinator/set_fault.h"
#include "coordinator/set_report.h"
#include "diag/hresult.h"
#include "diag/log.h"
#include "os/computer.h"
#include "provider/provider_trace.h"

#include <objbase.h>
#include <vss.h>

/* What a provider may return (writer-provider 6.3), beside success and E_OUTOFMEMORY. */
static const HRESULT provider_codes[] = {E_INVALIDARG, E_ACCESSDENIED, VSS_E_BAD_STATE,
    VSS_E_OBJECT_NOT_FOUND, VSS_E_INSUFFICIENT_STORAGE, VSS_E_VOLUME_NOT_SUPPORTED,
    VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER, VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED,
    VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED, VSS_E_PROVIDER_VETO, VSS_E_UNSUPPORTED_CONTEXT,
    VSS_E_NESTED_VOLUME_LIMIT, VSS_E_CANNOT_REVERT_DISKID, VSS_E_REVERT_IN_PROGRESS,
    VSS_S_ASYNC_CANCELLED};

HRESULT set_provider_result(HRESULT hr, const struct provider *provider, const char *step)
{
    if (hr == S_OK || hr == E_OUTOFMEMORY)
        return hr;
    for (size_t i = 0; i < sizeof(provider_codes) / sizeof(*provider_codes); i++)
        if (hr == provider_codes[i])
            return hr;
    log_error(
        hr, "Provider %ls returned a code that it must not return from %s.", provider->name, step);
    return VSS_E_UNEXPECTED_PROVIDER_ERROR;
}

/* This computer is where the volumes are and where the copies are made. */
static HRESULT name_machines(struct snapshot_set *set)
{
    WCHAR *name = NULL;
    HRESULT hr = computer_name(ComputerNameDnsFullyQualified, &name);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "This computer's name is not known.");
    if (SUCCEEDED(hr))
        hr = str16_assign(&set->originating_machine, name);
    if (SUCCEEDED(hr))
        hr = str16_assign(&set->service_machine, name);
    mem_free(name);
    return hr;
}

HRESULT set_builder_create(LONG context, struct set_builder **out)
{
    HRESULT hr = E_OUTOFMEMORY;
    GUID id;
    struct set_builder *builder = mem_alloc(sizeof(*builder));
    if (!builder)
        goto done;
    hr = CoCreateGuid(&id);
    if (FAILED(hr))
        goto done;
    hr = E_OUTOFMEMORY;
    builder->set = snapshot_set_create(&id, context);
    if (!builder->set)
        goto done;
    builder->set->creating = true;
    hr = name_machines(builder->set);
    if (FAILED(hr))
        goto done;
    hr = catalog_creation_take(&builder->creation);
    if (FAILED(hr))
        goto done;
    *out = builder;
    builder = NULL;
done:
    set_builder_destroy(builder);
    return hr;
}

const struct snapshot_set *set_builder_set(const struct set_builder *builder)
{
    return builder->set;
}

bool set_builder_made(const struct set_builder *builder)
{
    return builder->made;
}

static HRESULT find_provider(
    const struct volume *volume, LONG context, const GUID *provider_id, struct provider **provider)
{
    if (guid_is_null(provider_id))
        return provider_select(volume, context, provider);
    *provider = provider_find(provider_id);
    if (!*provider)
        return log_error(
            VSS_E_PROVIDER_NOT_REGISTERED, "The provider that was asked for is not registered.");
    bool supported = false;
    HRESULT hr = (*provider)->ops->is_volume_supported(*provider, volume, context, &supported);
    if (FAILED(hr))
        return set_provider_result(hr, *provider, "IsVolumeSupported");
    if (!supported)
        return log_error(VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER,
            "Provider %ls does not support %ls.", (*provider)->name, volume->path);
    return S_OK;
}

#define SERVICE_SETTINGS L"SYSTEM\\CurrentControlSet\\Services\\VSS\\Settings"

/* What the administrator allows, in the place that Windows has for it; the default when nothing is
   there, or nothing that counts. */
static size_t client_accessible_limit(void)
{
    DWORD value = 0;
    DWORD size = sizeof(value);
    LSTATUS status = RegGetValueW(HKEY_LOCAL_MACHINE, SERVICE_SETTINGS, L"MaxShadowCopies",
        RRF_RT_REG_DWORD, NULL, &value, &size);
    bool counts = status == ERROR_SUCCESS && value >= 1 && value <= SET_BUILDER_MAX_SNAPSHOTS;
    return counts ? value : SET_BUILDER_MAX_CLIENT_ACCESSIBLE;
}

/* The limits of requestor 5.3 for one volume. */
static HRESULT check_snapshot_count(const struct volume *volume, LONG context)
{
    struct vec sets = {0};
    size_t all = 0;
    size_t client = 0;
    HRESULT hr = catalog_list(&sets);
    if (FAILED(hr))
        return hr;
    for (size_t i = 0; i < sets.count; i++)
    {
        const struct snapshot_set *set = sets.items[i];
        for (size_t k = 0; k < set->snapshots.count; k++)
        {
            const struct snapshot *snapshot = set->snapshots.items[k];
            if (!str16_equal_nocase(snapshot->volume_name, volume->name))
                continue;
            all++;
            client += (snapshot->attributes & VSS_VOLSNAP_ATTR_CLIENT_ACCESSIBLE) != 0;
        }
        snapshot_set_release(sets.items[i]);
    }
    vec_free(&sets, NULL);
    bool wants_client = (context & VSS_VOLSNAP_ATTR_CLIENT_ACCESSIBLE) != 0;
    if (all >= SET_BUILDER_MAX_SNAPSHOTS || (wants_client && client >= client_accessible_limit()))
        return log_error(VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED,
            "%ls has %zu shadow copies already.", volume->path, all);
    return S_OK;
}

static HRESULT check_new_member(struct set_builder *builder, const struct volume *volume)
{
    if (builder->members.count >= SET_BUILDER_MAX_VOLUMES)
        return log_error(VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED,
            "A set holds at most %d volumes; %ls is one too many.", SET_BUILDER_MAX_VOLUMES,
            volume->path);
    for (size_t i = 0; i < builder->members.count; i++)
    {
        const struct set_member *member = builder->members.items[i];
        if (str16_equal_nocase(member->volume->name, volume->name))
            return log_error(
                VSS_E_OBJECT_ALREADY_EXISTS, "%ls is in the set already.", volume->path);
    }
    return check_snapshot_count(volume, builder->set->context);
}

static void member_free(struct set_member *member)
{
    if (!member)
        return;
    volume_free(member->volume);
    mem_free(member);
}

/* Writes down that the snapshot may exist, before its provider makes anything: after a crash the
   record tells what to remove. */
static HRESULT record_member(struct set_builder *builder)
{
    if (builder->hold)
        return catalog_update(builder->set);
    return catalog_begin(builder->set, &builder->hold);
}

static HRESULT begin_prepare(const struct snapshot_set *set, struct set_member *member)
{
    HRESULT hr = set_fault_at(FAULT_PROVIDER_STEP, L"BeginPrepareSnapshot",
        &(const struct vec){.items = (void *[]){member}, .count = 1});
    if (SUCCEEDED(hr))
    {
        struct provider_trace trace = provider_trace_begin(
            member->provider, "BeginPrepareSnapshot", member->volume->path, &set->id);
        hr = provider_trace_end(&trace,
            member->provider->ops->begin_prepare(member->provider, &set->id, &member->id,
                member->volume, set->context, &member->work));
    }
    return FAILED(hr) ? set_provider_result(hr, member->provider, "BeginPrepareSnapshot") : hr;
}

HRESULT set_builder_add(struct set_builder *builder, const WCHAR *volume_name,
    const GUID *provider_id, GUID *snapshot_id)
{
    struct snapshot *snapshot = NULL;
    bool recorded = false;
    struct set_member *member = mem_alloc(sizeof(*member));
    HRESULT hr = member ? volume_open(volume_name, &member->volume) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = check_new_member(builder, member->volume);
    if (SUCCEEDED(hr))
        hr = find_provider(member->volume, builder->set->context, provider_id, &member->provider);
    if (SUCCEEDED(hr))
        hr = CoCreateGuid(&member->id);
    if (FAILED(hr))
        goto done;

    hr = E_OUTOFMEMORY;
    snapshot = snapshot_set_add(builder->set, &member->id, &member->provider->id,
        member->volume->name, member->volume->path);
    if (!snapshot)
        goto done;
    snapshot->attributes = builder->set->context | VSS_VOLSNAP_ATTR_NOT_SURFACED;
    if (!vec_push(&builder->members, member))
        goto done;
    hr = record_member(builder);
    recorded = SUCCEEDED(hr);
    if (SUCCEEDED(hr))
        hr = begin_prepare(builder->set, member);
    if (FAILED(hr))
    {
        vec_remove(&builder->members, builder->members.count - 1);
        goto done;
    }
    *snapshot_id = member->id;
    member = NULL;
done:
    if (FAILED(hr) && snapshot)
    {
        snapshot_destroy(vec_remove(&builder->set->snapshots, builder->set->snapshots.count - 1));
        if (recorded && FAILED(catalog_update(builder->set)))
            log_warning(S_OK, "The record of the set still names a volume that was not added.");
    }
    if (FAILED(hr))
        member_free(member);
    return hr;
}

void set_builder_give_up_members(struct set_builder *builder)
{
    for (size_t i = builder->members.count; i-- > 0;)
    {
        struct set_member *member = builder->members.items[i];
        if (!member->work)
            continue;
        struct provider_trace trace = provider_trace_begin(
            member->provider, "AbortSnapshots", member->volume->path, &builder->set->id);
        member->provider->ops->abort(member->work);
        provider_trace_end(&trace, S_OK);
        member->work = NULL;
    }
    if (builder->hold)
    {
        HRESULT hr = catalog_forget(&builder->set->id, builder->hold);
        if (FAILED(hr))
            log_warning(
                hr, "The record of a set that was given up stays; the next process removes it.");
        builder->hold = NULL;
    }
}

void set_builder_unlock(struct set_builder *builder)
{
    catalog_creation_drop(builder->creation);
    builder->creation = NULL;
}

static void delete_made_set(struct set_builder *builder)
{
    for (size_t i = 0; i < builder->set->snapshots.count; i++)
    {
        const struct snapshot *snapshot = builder->set->snapshots.items[i];
        HRESULT hr = catalog_delete_snapshot(&snapshot->id, true);
        if (FAILED(hr) && hr != VSS_E_OBJECT_NOT_FOUND)
            log_warning(hr,
                "A shadow copy of %ls outlives its requestor; the next process collects it.",
                snapshot->volume_path);
    }
    /* A set whose members went is forgotten already; what could not be deleted keeps its record for
       the next. */
    catalog_release_hold(builder->hold);
    builder->hold = NULL;
}

void set_builder_destroy(struct set_builder *builder)
{
    if (!builder)
        return;
    if (!builder->made && builder->set)
        set_builder_give_up_members(builder);
    else if (builder->hold)
        delete_made_set(builder);
    set_builder_unlock(builder);
    for (size_t i = 0; i < builder->members.count; i++)
        member_free(builder->members.items[i]);
    vec_free(&builder->members, NULL);
    snapshot_set_release(builder->set);
    mem_free(builder);
}
