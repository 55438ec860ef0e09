/* SPDX-License-Identifier: MIT
 *
 * What a session is: InitializeForBackup, InitializeForRestore, SetContext, SetBackupState,
 * SetRestoreState, GetSessionId. Follows requestor 2.2 and 4.1.
 */
#include "requestor/bc.h"

#include "base/str16.h"
#include "bus/peer.h"
#include "diag/log.h"
#include "document/document.h"
#include "os/settings.h"

static HRESULT load(BSTR xml, struct backup_components **document)
{
    if (xml && SysStringLen(xml))
    {
        struct xml_flaw flaw = {0};
        HRESULT hr = document_load_backup_components(xml, SysStringLen(xml), document, &flaw);
        if (hr == VSS_E_INVALID_XML_DOCUMENT)
            log_error(hr,
                "The text of %u characters is no Backup Components Document: " XML_FLAW_FORMAT,
                (unsigned)SysStringLen(xml), XML_FLAW_VALUES(&flaw));
        return hr;
    }
    *document = backup_components_create();
    return *document ? S_OK : E_OUTOFMEMORY;
}

static HRESULT initialize(struct bc *bc, BSTR xml, bool restore)
{
    struct backup_components *document = NULL;
    struct view_scope *scope = NULL;
    HRESULT hr = peer_check_self(PEER_REQUESTOR);
    if (FAILED(hr))
        return log_error(hr, "This account may not be a requestor.");
    hr = view_scope_create(EVENT_NONE, restore, &scope);
    if (SUCCEEDED(hr))
        hr = load(xml, &document);
    if (FAILED(hr))
    {
        view_scope_release(scope);
        return hr;
    }
    bc->document = document;
    bc->scope = scope;
    bc->loaded = xml && SysStringLen(xml);
    bc_set_phase(bc, restore ? PHASE_RS : PHASE_BK);
    return S_OK;
}

BC_METHOD(InitializeForBackup, BSTR xml)
{
    struct bc *bc = bc_from_interface(iface);
    HRESULT hr = bc_enter(bc, BC_InitializeForBackup);
    if (FAILED(hr))
        return hr;
    return bc_leave(bc, BC_InitializeForBackup, initialize(bc, xml, false));
}

BC_METHOD(InitializeForRestore, BSTR xml)
{
    struct bc *bc = bc_from_interface(iface);
    if (!xml)
        return bc_refuse(BC_InitializeForRestore, "the document is NULL");
    HRESULT hr = bc_enter(bc, BC_InitializeForRestore);
    if (FAILED(hr))
        return hr;
    if (SysStringLen(xml))
        hr = initialize(bc, xml, true);
    else
        hr = log_error(VSS_E_INVALID_XML_DOCUMENT, "InitializeForRestore: the document is empty.");
    return bc_leave(bc, BC_InitializeForRestore, hr);
}

/* What may be added to a context (requestor 4.1). */
#define CONTEXT_MODIFIERS                                                                          \
    (VSS_VOLSNAP_ATTR_NO_AUTORECOVERY | VSS_VOLSNAP_ATTR_TRANSPORTABLE |                           \
        VSS_VOLSNAP_ATTR_NOT_TRANSACTED | VSS_VOLSNAP_ATTR_DIFFERENTIAL | VSS_VOLSNAP_ATTR_PLEX |  \
        VSS_VOLSNAP_ATTR_ROLLBACK_RECOVERY | VSS_VOLSNAP_ATTR_TXF_RECOVERY)
#define NOT_FOR_CLIENT_ACCESSIBLE                                                                  \
    (VSS_VOLSNAP_ATTR_TRANSPORTABLE | VSS_VOLSNAP_ATTR_DIFFERENTIAL | VSS_VOLSNAP_ATTR_PLEX)

/* What Windows Server 2003 did not know yet. */
#define MODIFIERS_SINCE_VISTA                                                                      \
    (VSS_VOLSNAP_ATTR_NO_AUTORECOVERY | VSS_VOLSNAP_ATTR_NOT_TRANSACTED |                          \
        VSS_VOLSNAP_ATTR_TXF_RECOVERY)

static bool is_since_vista(LONG context)
{
    return (context & MODIFIERS_SINCE_VISTA) ||
        (context & ~CONTEXT_MODIFIERS) == VSS_CTX_CLIENT_ACCESSIBLE_WRITERS;
}

static bool is_valid_context(LONG context)
{
    static const LONG bases[] = {VSS_CTX_BACKUP, VSS_CTX_FILE_SHARE_BACKUP, VSS_CTX_NAS_ROLLBACK,
        VSS_CTX_APP_ROLLBACK, VSS_CTX_CLIENT_ACCESSIBLE, VSS_CTX_CLIENT_ACCESSIBLE_WRITERS};
    if (context == (LONG)VSS_CTX_ALL)
        return true;
    if ((context & VSS_VOLSNAP_ATTR_DIFFERENTIAL) && (context & VSS_VOLSNAP_ATTR_PLEX))
        return false;
    if ((context & VSS_VOLSNAP_ATTR_CLIENT_ACCESSIBLE) && (context & NOT_FOR_CLIENT_ACCESSIBLE))
        return false;
    if (settings_windows() == WINDOWS_2003 && is_since_vista(context))
        return false;
    for (size_t i = 0; i < sizeof(bases) / sizeof(*bases); i++)
        if ((context & ~CONTEXT_MODIFIERS) == bases[i])
            return true;
    return false;
}

/* What client editions cannot do. Their pages name no code for what would last, but Windows is seen
   to answer this one; of Windows XP they say that it knows the default context only. */
static HRESULT check_edition(LONG context)
{
    if (!settings_is_client())
        return S_OK;
    if (settings_windows() == WINDOWS_2003)
        return log_error(E_NOTIMPL, "SetContext: Windows XP knows no context but the default one.");
    if (context != (LONG)VSS_CTX_ALL && (context & VSS_VOLSNAP_ATTR_PERSISTENT))
        return log_error(VSS_E_UNSUPPORTED_CONTEXT,
            "SetContext: client editions of Windows make no persistent shadow copies.");
    return S_OK;
}

BC_METHOD(SetContext, LONG context)
{
    struct bc *bc = bc_from_interface(iface);
    if (!is_valid_context(context))
        return log_error(E_INVALIDARG,
            "SetContext: 0x%08lx is no context with its permitted modifiers.",
            (unsigned long)context);
    HRESULT hr = bc_enter(bc, BC_SetContext);
    if (FAILED(hr))
        return hr;
    hr = check_edition(context);
    if (SUCCEEDED(hr))
    {
        bc->context = context;
        bc->context_set = true;
    }
    return bc_leave(bc, BC_SetContext, hr);
}

BC_METHOD(SetBackupState, boolean select_components, boolean bootable, VSS_BACKUP_TYPE type,
    boolean partial)
{
    struct bc *bc = bc_from_interface(iface);
    if (type <= VSS_BT_UNDEFINED || type > VSS_BT_OTHER)
        return bc_refuse(
            BC_SetBackupState, "the backup type is none of VSS_BT_FULL to VSS_BT_OTHER");
    HRESULT hr = bc_enter(bc, BC_SetBackupState);
    if (FAILED(hr))
        return hr;
    view_scope_enter(bc->scope);
    bc->document->select_components = select_components != 0;
    bc->document->bootable_system_state = bootable != 0;
    bc->document->backup_type = type;
    bc->document->partial_file_support = partial != 0;
    view_scope_leave(bc->scope);
    bc->backup_state_set = true;
    return bc_leave(bc, BC_SetBackupState, S_OK);
}

BC_METHOD(SetRestoreState, VSS_RESTORE_TYPE type)
{
    struct bc *bc = bc_from_interface(iface);
    if (type < VSS_RTYPE_UNDEFINED || type > VSS_RTYPE_OTHER)
        return bc_refuse(BC_SetRestoreState, "the restore type is unknown");
    HRESULT hr = bc_enter(bc, BC_SetRestoreState);
    if (FAILED(hr))
        return hr;
    bc->document->restore_type = type;
    return bc_leave(bc, BC_SetRestoreState, S_OK);
}

BC_METHOD(GetSessionId, VSS_ID *session_id)
{
    struct bc *bc = bc_from_interface(iface);
    if (!session_id)
        return bc_refuse(BC_GetSessionId, "the pointer is NULL");
    *session_id = GUID_NULL;
    HRESULT hr = bc_enter(bc, BC_GetSessionId);
    if (FAILED(hr))
        return hr;
    *session_id = *bus_session_id(bc->session);
    return bc_leave(bc, BC_GetSessionId, S_OK);
}
