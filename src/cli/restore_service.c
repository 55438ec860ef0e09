/* SPDX-License-Identifier: MIT
 *
 * Stopping and starting services.
 */
#include "cli/restore_service.h"

#include <stdlib.h>

#include "cli/cancel.h"
#include "cli/failure.h"
#include "cli/progress.h"

/* As long as Windows waits for a service before it gives up on it, several times over. */
#define SERVICE_PATIENCE (2 * 60 * 1000)
/* The services API tells of changes only to threads in alertable waits; asking is as good. */
#define SERVICE_INTERVAL 200

static DWORD service_await(SC_HANDLE service, DWORD wanted)
{
    ULONGLONG begun = GetTickCount64();
    SERVICE_STATUS status;

    for (;;)
    {
        if (!QueryServiceStatus(service, &status))
            return GetLastError();
        if (status.dwCurrentState == wanted)
            return ERROR_SUCCESS;
        if (GetTickCount64() - begun > SERVICE_PATIENCE)
            return ERROR_SERVICE_REQUEST_TIMEOUT;
        progress_draw();
        /* One that still seems to run cannot be told from one that was not asked to stop. */
        if (!cancel_wait(SERVICE_INTERVAL))
            continue;
        if (wanted != SERVICE_STOPPED || status.dwCurrentState != SERVICE_RUNNING)
            return ERROR_CANCELLED;
        Sleep(SERVICE_INTERVAL);
    }
}

/* ERROR_SERVICE_NOT_ACTIVE: it did not run. */
static DWORD service_ask_to_stop(SC_HANDLE service)
{
    SERVICE_STATUS status;

    return ControlService(service, SERVICE_CONTROL_STOP, &status) ? ERROR_SUCCESS : GetLastError();
}

static DWORD service_await_stop(SC_HANDLE service)
{
    return service_await(service, SERVICE_STOPPED);
}

/* Of one that another component had stopped: the patience for it is used up. */
static DWORD service_check_stopped(SC_HANDLE service)
{
    SERVICE_STATUS status;

    if (!QueryServiceStatus(service, &status))
        return GetLastError();
    return status.dwCurrentState == SERVICE_STOPPED ? ERROR_SUCCESS : ERROR_SERVICE_REQUEST_TIMEOUT;
}

/* A service that is on its way to stop takes no start, and nobody else would start it. Ctrl-C ends
   the restore before it ends the service. */
static DWORD service_await_end_of_stop(SC_HANDLE service)
{
    ULONGLONG begun = GetTickCount64();
    SERVICE_STATUS status;

    for (;;)
    {
        if (!QueryServiceStatus(service, &status))
            return GetLastError();
        if (status.dwCurrentState != SERVICE_STOP_PENDING)
            return ERROR_SUCCESS;
        if (GetTickCount64() - begun > SERVICE_PATIENCE)
            return ERROR_SERVICE_REQUEST_TIMEOUT;
        progress_draw();
        Sleep(SERVICE_INTERVAL);
    }
}

static DWORD service_start(SC_HANDLE service)
{
    DWORD error = service_await_end_of_stop(service);

    if (error)
        return error;
    if (!StartServiceW(service, 0, NULL))
        return GetLastError() == ERROR_SERVICE_ALREADY_RUNNING ? ERROR_SUCCESS : GetLastError();
    error = service_await(service, SERVICE_RUNNING);
    return error == ERROR_CANCELLED ? ERROR_SUCCESS : error; /* it starts, watched or not */
}

static DWORD service_do(const WCHAR *name, DWORD (*act)(SC_HANDLE service))
{
    DWORD error = ERROR_SUCCESS;
    SC_HANDLE service = NULL;
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);

    if (!manager)
        return GetLastError();
    service = OpenServiceW(manager, name, SERVICE_STOP | SERVICE_START | SERVICE_QUERY_STATUS);
    error = service ? act(service) : GetLastError();
    if (service)
        CloseServiceHandle(service);
    CloseServiceHandle(manager);
    return error;
}

static bool service_has(const struct text_list *list, const WCHAR *name)
{
    for (size_t i = 0; i < list->count; i++)
    {
        if (text_same(list->items[i], name))
            return true;
    }
    return false;
}

static DWORD service_stop(struct restore *restore, const WCHAR *name)
{
    DWORD error;

    if (service_has(&restore->stopped, name))
        return service_do(name, service_check_stopped);
    error = service_do(name, service_ask_to_stop);
    if (error)
        return error;
    /* Whatever becomes of the wait, it stops sooner or later. */
    text_list_add(&restore->stopped, name);
    return service_do(name, service_await_stop);
}

static void service_stop_for(struct restore *restore, struct restore_component *component)
{
    DWORD error = service_stop(restore, component->service);
    WCHAR *reason;

    if (!error || error == ERROR_SERVICE_NOT_ACTIVE)
        return;
    reason = failure_text(HRESULT_FROM_WIN32(error));
    restore_refuse(component, L"service %ls cannot be stopped: %ls", component->service, reason);
    free(reason);
}

static bool service_concerns(const struct restore *restore,
    const struct restore_component *component, VSS_RESTOREMETHOD_ENUM method)
{
    return !restore->destination && restore_goes(component) && component->has_method &&
        component->method == method && component->service && *component->service;
}

void restore_service_stop(struct restore *restore)
{
    for (size_t i = 0; i < restore->component_count && !cancel_requested(); i++)
    {
        if (service_concerns(restore, &restore->components[i], VSS_RME_STOP_RESTORE_START))
            service_stop_for(restore, &restore->components[i]);
    }
}

void restore_service_start(struct restore *restore)
{
    for (size_t i = 0; i < restore->stopped.count; i++)
    {
        DWORD error = service_do(restore->stopped.items[i], service_start);
        WCHAR *call;

        if (!error)
            continue;
        call = text_format(L"Starting service %ls", restore->stopped.items[i]);
        failure_report(call, HRESULT_FROM_WIN32(error));
        free(call);
    }
    text_list_free(&restore->stopped);
}

void restore_service_renew(struct restore *restore)
{
    for (size_t i = 0; i < restore->component_count && !cancel_requested(); i++)
    {
        if (service_concerns(restore, &restore->components[i], VSS_RME_RESTORE_STOP_START))
            service_stop_for(restore, &restore->components[i]);
    }
    restore_service_start(restore);
}
