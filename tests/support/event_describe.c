/* SPDX-License-Identifier: MIT
 *
 * What a handler is told, as text. See writer_board.h.
 */
#include <stdarg.h>
#include <stdio.h>

#include <windows.h>

#include "support/writer_board.h"

struct text
{
    WCHAR *units;
    size_t used;
};

static void say(struct text *text, const WCHAR *format, ...)
{
    va_list list;
    va_start(list, format);
    int more = _vsnwprintf(text->units + text->used, BOARD_TEXT - 1 - text->used, format, list);
    va_end(list);
    text->used = more < 0 ? BOARD_TEXT - 1 : text->used + (size_t)more;
    text->units[text->used] = 0;
}

static void say_guid(struct text *text, const WCHAR *what, const GUID *id)
{
    WCHAR guid[40] = L"?";
    StringFromGUID2(id, guid, ARRAYSIZE(guid));
    say(text, L"%ls=%ls\n", what, guid);
}

/* Takes the string. */
static void say_string(struct text *text, const WCHAR *what, HRESULT hr, BSTR string)
{
    say(text, L" %ls=%08lx:%ls", what, (unsigned long)hr, string ? string : L"(none)");
    SysFreeString(string);
}

#define SAY_STRING(text, component, getter)                                                        \
    do                                                                                             \
    {                                                                                              \
        BSTR string = NULL;                                                                        \
        HRESULT got = (component)->lpVtbl->getter((component), &string);                           \
        say_string((text), L"" #getter, got, string);                                              \
    } while (0)

#define SAY_NUMBER(text, component, getter, type)                                                  \
    do                                                                                             \
    {                                                                                              \
        type number = 0;                                                                           \
        HRESULT got = (component)->lpVtbl->getter((component), &number);                           \
        say((text), L" " #getter L"=%08lx:%ld", (unsigned long)got, (long)number);                 \
    } while (0)

static void say_partial_files(struct text *text, IVssComponent *component)
{
    UINT count = 0;
    IVssComponent_GetPartialFileCount(component, &count);
    for (UINT i = 0; i < count; i++)
    {
        BSTR parts[4] = {NULL};
        HRESULT hr = IVssComponent_GetPartialFile(
            component, i, &parts[0], &parts[1], &parts[2], &parts[3]);
        for (int j = 0; j < 4; j++)
            say_string(text, L"part", hr, parts[j]);
    }
}

/* The lists whose items are sets of files. */
typedef HRESULT(STDMETHODCALLTYPE *list_counter)(IVssComponent *component, UINT *count);
typedef HRESULT(STDMETHODCALLTYPE *list_getter)(
    IVssComponent *component, UINT index, IVssWMFiledesc **file);

static void say_file_sets(struct text *text, IVssComponent *component, const WCHAR *what,
    list_counter counter, list_getter getter)
{
    UINT count = 0;
    HRESULT hr = counter(component, &count);
    say(text, L" %ls=%08lx:%u", what, (unsigned long)hr, count);
    for (UINT i = 0; i < count; i++)
    {
        IVssWMFiledesc *file = NULL;
        boolean recursive = FALSE;
        if (FAILED(getter(component, i, &file)))
            continue;
        SAY_STRING(text, file, GetPath);
        SAY_STRING(text, file, GetFilespec);
        SAY_STRING(text, file, GetAlternateLocation);
        IVssWMFiledesc_GetRecursive(file, &recursive);
        say(text, L" recursive=%d", recursive);
        IVssWMFiledesc_Release(file);
    }
}

static void say_subcomponents(struct text *text, IVssComponent *component)
{
    UINT count = 0;
    HRESULT hr = IVssComponent_GetRestoreSubcomponentCount(component, &count);
    say(text, L" subcomponents=%08lx:%u", (unsigned long)hr, count);
    for (UINT i = 0; i < count; i++)
    {
        BSTR parts[2] = {NULL};
        boolean repair = TRUE;
        hr = IVssComponent_GetRestoreSubcomponent(component, i, &parts[0], &parts[1], &repair);
        say_string(text, L"path", hr, parts[0]);
        say_string(text, L"name", hr, parts[1]);
        say(text, L" repair=%d", repair);
    }
}

static void say_roll_forward(struct text *text, IVssComponentEx2 *component)
{
    VSS_ROLLFORWARD_TYPE type = VSS_RF_UNDEFINED;
    BSTR point = NULL;
    HRESULT hr = IVssComponentEx2_GetRollForward(component, &type, &point);
    say(text, L" roll forward=%d", (int)type);
    say_string(text, L"point", hr, point);
}

static void say_extended(struct text *text, IVssComponent *component)
{
    IVssComponentEx2 *extended = NULL;
    HRESULT failure = S_OK;
    HRESULT application = S_OK;
    BSTR message = NULL;
    DWORD reserved = 0;
    HRESULT hr = IVssComponent_QueryInterface(component, &IID_IVssComponentEx2, (void **)&extended);
    say(text, L" Ex2=%08lx", (unsigned long)hr);
    if (FAILED(hr))
        return;
    SAY_STRING(text, extended, GetPrepareForBackupFailureMsg);
    SAY_STRING(text, extended, GetPostSnapshotFailureMsg);
    SAY_STRING(text, extended, GetRestoreName);
    SAY_NUMBER(text, extended, GetAuthoritativeRestore, boolean);
    say_roll_forward(text, extended);
    hr = IVssComponentEx2_GetFailure(extended, &failure, &application, &message, &reserved);
    say(text, L" failure=%08lx:%08lx:%08lx", (unsigned long)hr, (unsigned long)failure,
        (unsigned long)application);
    say_string(text, L"message", hr, message);
    IVssComponentEx2_Release(extended);
}

static void say_component(struct text *text, IVssComponent *component)
{
    SAY_STRING(text, component, GetLogicalPath);
    SAY_STRING(text, component, GetComponentName);
    SAY_NUMBER(text, component, GetComponentType, VSS_COMPONENT_TYPE);
    SAY_NUMBER(text, component, GetBackupSucceeded, boolean);
    SAY_STRING(text, component, GetBackupOptions);
    SAY_STRING(text, component, GetPreviousBackupStamp);
    SAY_STRING(text, component, GetBackupStamp);
    SAY_STRING(text, component, GetBackupMetadata);
    SAY_NUMBER(text, component, GetPartialFileCount, UINT);
    say_partial_files(text, component);
    SAY_NUMBER(text, component, GetDifferencedFilesCount, UINT);
    say_file_sets(text, component, L"mappings", component->lpVtbl->GetAlternateLocationMappingCount,
        component->lpVtbl->GetAlternateLocationMapping);
    SAY_NUMBER(text, component, GetDirectedTargetCount, UINT);
    say_file_sets(text, component, L"new targets", component->lpVtbl->GetNewTargetCount,
        component->lpVtbl->GetNewTarget);
    say_subcomponents(text, component);
    SAY_NUMBER(text, component, IsSelectedForRestore, boolean);
    SAY_NUMBER(text, component, GetAdditionalRestores, boolean);
    SAY_NUMBER(text, component, GetFileRestoreStatus, VSS_FILE_RESTORE_STATUS);
    SAY_STRING(text, component, GetRestoreOptions);
    SAY_STRING(text, component, GetRestoreMetadata);
    SAY_STRING(text, component, GetPreRestoreFailureMsg);
    SAY_STRING(text, component, GetPostRestoreFailureMsg);
    say_extended(text, component);
    say(text, L"\n");
}

static void say_components(struct text *text, const THAWLINE_EVENT *event, const VSS_ID *own)
{
    IVssWriterComponents *all = event->pComponents;
    UINT count = 0;
    VSS_ID instance = GUID_NULL;
    VSS_ID writer = GUID_NULL;
    if (!all)
    {
        say(text, L"no components\n");
        return;
    }
    HRESULT hr = all->lpVtbl->GetComponentCount(all, &count);
    say(text, L"components=%08lx:%u\n", (unsigned long)hr, count);
    hr = all->lpVtbl->GetWriterInfo(all, &instance, &writer);
    say(text, L"info=%08lx %ls ", (unsigned long)hr,
        IsEqualGUID(&instance, own) ? L"own" : L"another's");
    say_guid(text, L"writer", &writer);
    for (UINT i = 0; i < count; i++)
    {
        IVssComponent *component = NULL;
        hr = all->lpVtbl->GetComponent(all, i, &component);
        say(text, L"component %u=%08lx", i, (unsigned long)hr);
        if (FAILED(hr))
            continue;
        say_component(text, component);
        IVssComponent_Release(component);
    }
}

void event_describe(const THAWLINE_EVENT *event, const VSS_ID *own, WCHAR *units)
{
    struct text text = {units, 0};
    units[0] = 0;
    say_guid(&text, L"session", &event->SessionId);
    say_guid(&text, L"set", &event->SnapshotSetId);
    say(&text, L"context=%lx type=%d restore=%d selected=%d bootable=%d partial=%d\n",
        (unsigned long)event->lContext, (int)event->BackupType, (int)event->RestoreType,
        event->bComponentsSelected, event->bBootableSystemState, event->bPartialFileSupport);
    say(&text, L"volumes=%u\n", event->cVolumes);
    for (UINT i = 0; i < event->cVolumes; i++)
        say(&text, L"%ls on %ls\n", event->ppwszVolumes[i],
            event->ppwszDevices ? event->ppwszDevices[i] : L"(none)");
    say(&text, L"devices %ls\n", event->ppwszDevices ? L"are there" : L"are NULL");
    say_components(&text, event, own);
}
