/* SPDX-License-Identifier: MIT
 *
 * What a requestor asks of writers before a restore: they read it in their PreRestore and
 * PostRestore handlers. Nothing here is interpreted. Follows requestor 2.7.
 */
#include "requestor/bc.h"

#include "base/str16.h"

/* ---- Options ---- */

BC_METHOD(SetRestoreOptions, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name,
    LPCWSTR options)
{
    struct bc_identity identity = {&writer_id, type, path, name};
    return bc_set_text(bc_from_interface(iface), BC_SetRestoreOptions, &identity,
        offsetof(struct component, restore_options), options);
}

BC_METHOD(SetRestoreName, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name,
    LPCWSTR restore_name)
{
    struct bc_identity identity = {&writer_id, type, path, name};
    return bc_set_text(bc_from_interface(iface), BC_SetRestoreName, &identity,
        offsetof(struct component, restore_name), restore_name);
}

static HRESULT set_additional(struct component *component, const void *wish, const char **why)
{
    (void)why;
    component->additional_restores = *(const bool *)wish ? ANSWER_YES : ANSWER_NO;
    return S_OK;
}

BC_METHOD(SetAdditionalRestores, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, boolean more)
{
    struct bc_identity identity = {&writer_id, type, path, name};
    bool wish = more != 0;
    return bc_change_verb(
        bc_from_interface(iface), BC_SetAdditionalRestores, &identity, set_additional, &wish);
}

static HRESULT set_authoritative(struct component *component, const void *wish, const char **why)
{
    (void)why;
    component->authoritative_restore = *(const bool *)wish;
    return S_OK;
}

BC_METHOD(SetAuthoritativeRestore, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, boolean authoritative)
{
    struct bc_identity identity = {&writer_id, type, path, name};
    bool wish = authoritative != 0;
    return bc_change_verb(
        bc_from_interface(iface), BC_SetAuthoritativeRestore, &identity, set_authoritative, &wish);
}

/* ---- Roll forward ---- */

struct roll_forward
{
    VSS_ROLLFORWARD_TYPE type;
    LPCWSTR point; /* NULL for all but VSS_RF_PARTIAL */
};

static HRESULT set_roll_forward(struct component *component, const void *wish, const char **why)
{
    const struct roll_forward *roll = wish;
    (void)why;
    HRESULT hr = str16_assign(&component->roll_forward_point, roll->point);
    if (SUCCEEDED(hr))
        component->roll_forward = (DWORD)roll->type;
    return hr;
}

BC_METHOD(SetRollForward, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path, LPCWSTR name,
    VSS_ROLLFORWARD_TYPE roll_forward, LPCWSTR point)
{
    struct bc_identity identity = {&writer_id, type, path, name};
    bool partial = roll_forward == VSS_RF_PARTIAL;
    struct roll_forward wish = {roll_forward, partial ? point : NULL};
    /* As a signed number: the compiler chooses whether the enumeration is one. */
    if ((LONG)roll_forward < VSS_RF_NONE || (LONG)roll_forward > VSS_RF_PARTIAL)
        return bc_refuse(BC_SetRollForward, "no such type of roll-forward");
    HRESULT hr = partial ? bc_check_text(BC_SetRollForward, point) : S_OK;
    if (FAILED(hr))
        return hr;
    return bc_change_verb(
        bc_from_interface(iface), BC_SetRollForward, &identity, set_roll_forward, &wish);
}

/* ---- Subcomponents ---- */

struct subcomponent
{
    LPCWSTR path;
    LPCWSTR name;
};

static HRESULT add_subcomponent(struct component *component, const void *wish, const char **why)
{
    const struct subcomponent *subcomponent = wish;
    if (!component->selected_for_restore)
    {
        *why = "is not selected for restore: call SetSelectedForRestore first";
        return VSS_E_BAD_STATE;
    }
    return component_add_restore_subcomponent(
        component, subcomponent->path, subcomponent->name, false);
}

/* `repair` is reserved and means nothing. */
BC_METHOD(AddRestoreSubcomponent, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, LPCWSTR sub_path, LPCWSTR sub_name, boolean repair)
{
    struct bc_identity identity = {&writer_id, type, path, name};
    struct subcomponent wish = {sub_path, sub_name};
    (void)repair;
    HRESULT hr = bc_check_text(BC_AddRestoreSubcomponent, sub_path);
    if (SUCCEEDED(hr))
        hr = bc_check_text(BC_AddRestoreSubcomponent, sub_name);
    if (FAILED(hr))
        return hr;
    return bc_change_verb(
        bc_from_interface(iface), BC_AddRestoreSubcomponent, &identity, add_subcomponent, &wish);
}
