/* SPDX-License-Identifier: MIT
 *
 * The requestor's costs, as ratios measured side by side in one run:
 *   (a) AddComponent: a call with 100,000 components against one with 1,000; at most 1.5
 *   (b) BackupComplete to 64 writers in this process whose handlers take 200 ms each, against one
 *       handler; at most 1.25
 * Prints both and exits with 1 when one is exceeded.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <thawline.h>

#include "requestor/bc_create.h"

#define FEW 1000u
#define MANY 100000u
#define ADD_LIMIT 1.5
#define RUNS 5
#define WRITERS 64u
#define HANDLER_MS 200u
#define FAN_OUT_LIMIT 1.25

static const VSS_ID writer_id = {0xbe9c4000, 0x1234, 0x4321, {0x80, 1, 2, 3, 4, 5, 6, 7}};

static void check(HRESULT hr, const char *what)
{
    if (hr == S_OK)
        return;
    printf("%s: 0x%08lx\n", what, (unsigned long)hr);
    exit(2);
}

static void finish(IVssAsync *async, const char *what)
{
    HRESULT result = E_UNEXPECTED;
    check(IVssAsync_Wait(async, INFINITE), what);
    check(IVssAsync_QueryStatus(async, &result, NULL), what);
    IVssAsync_Release(async);
    check(result == VSS_S_ASYNC_FINISHED ? S_OK : result, what);
}

static double now(void)
{
    LARGE_INTEGER frequency;
    LARGE_INTEGER count;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&count);
    return (double)count.QuadPart / (double)frequency.QuadPart;
}

struct application
{
    unsigned components;
    DWORD complete_ms;
};

static BOOL CALLBACK identify(
    void *context, const THAWLINE_EVENT *event, IVssCreateWriterMetadataEx *metadata)
{
    const struct application *application = context;
    WCHAR name[32];
    (void)event;
    for (unsigned i = 0; i < application->components; i++)
    {
        _snwprintf(name, 32, L"component%u", i);
        if (FAILED(metadata->lpVtbl->AddComponent(metadata, VSS_CT_FILEGROUP, L"bench", name, NULL,
                NULL, 0, FALSE, FALSE, TRUE, FALSE, 0)))
            return FALSE;
    }
    return TRUE;
}

static BOOL CALLBACK complete(void *context, const THAWLINE_EVENT *event)
{
    const struct application *application = context;
    (void)event;
    Sleep(application->complete_ms);
    return TRUE;
}

static THAWLINE_WRITER register_writer(struct application *application)
{
    static const THAWLINE_WRITER_CALLBACKS callbacks = {
        .cbSize = sizeof(callbacks), .pfnIdentify = identify, .pfnBackupComplete = complete};
    const THAWLINE_WRITER_INFO info = {.cbSize = sizeof(info),
        .WriterId = writer_id,
        .pwszName = L"bench",
        .Usage = VSS_UT_USERDATA,
        .Source = VSS_ST_OTHER,
        .Level = VSS_APP_FRONT_END};
    THAWLINE_WRITER writer = NULL;
    check(
        ThawlineRegisterWriter(&info, &callbacks, application, &writer), "ThawlineRegisterWriter");
    return writer;
}

static IVssBackupComponents *begin(bool component_mode)
{
    IVssBackupComponents *components = NULL;
    IVssAsync *async = NULL;
    check(bc_create(&components), "CreateVssBackupComponents");
    check(IVssBackupComponents_InitializeForBackup(components, NULL), "InitializeForBackup");
    check(
        IVssBackupComponents_SetBackupState(components, component_mode, FALSE, VSS_BT_FULL, FALSE),
        "SetBackupState");
    check(IVssBackupComponents_GatherWriterMetadata(components, &async), "GatherWriterMetadata");
    finish(async, "GatherWriterMetadata");
    return components;
}

/* Seconds a call, over `rounds` objects that each add every component of a writer that has `count`.
   They live until all are timed, so that a few big ones and many small ones touch equally much
   fresh memory: what the system takes for a page's first use says nothing about us. */
static double time_adding(unsigned count, unsigned rounds)
{
    struct application application = {.components = count};
    THAWLINE_WRITER writer = register_writer(&application);
    VSS_ID instance_id;
    WCHAR name[32];
    double spent = 0;
    IVssBackupComponents **made = calloc(rounds, sizeof(*made));
    check(made ? S_OK : E_OUTOFMEMORY, "memory");
    check(ThawlineGetWriterInstanceId(writer, &instance_id), "ThawlineGetWriterInstanceId");
    for (unsigned round = 0; round < rounds; round++)
    {
        IVssBackupComponents *components = made[round] = begin(true);
        double began = now();
        for (unsigned i = 0; i < count; i++)
        {
            _snwprintf(name, 32, L"component%u", i);
            check(IVssBackupComponents_AddComponent(
                      components, instance_id, writer_id, VSS_CT_FILEGROUP, L"bench", name),
                "AddComponent");
        }
        spent += now() - began;
    }
    for (unsigned round = 0; round < rounds; round++)
        IVssBackupComponents_Release(made[round]);
    free(made);
    ThawlineUnregisterWriter(writer);
    return spent / rounds / count;
}

static double time_completing(unsigned writers)
{
    struct application application = {.complete_ms = HANDLER_MS};
    THAWLINE_WRITER handles[WRITERS];
    IVssAsync *async = NULL;
    VSS_ID set_id;
    for (unsigned i = 0; i < writers; i++)
        handles[i] = register_writer(&application);
    IVssBackupComponents *components = begin(false);
    check(IVssBackupComponents_StartSnapshotSet(components, &set_id), "StartSnapshotSet");
    check(IVssBackupComponents_PrepareForBackup(components, &async), "PrepareForBackup");
    finish(async, "PrepareForBackup");
    double began = now();
    check(IVssBackupComponents_BackupComplete(components, &async), "BackupComplete");
    finish(async, "BackupComplete");
    double spent = now() - began;
    IVssBackupComponents_Release(components);
    for (unsigned i = 0; i < writers; i++)
        ThawlineUnregisterWriter(handles[i]);
    return spent;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, RUNS, sizeof(*values), compare);
    return values[RUNS / 2];
}

int main(void)
{
    double adding[RUNS];
    double completing[RUNS];
    for (int run = 0; run < RUNS; run++)
    {
        double few = time_adding(FEW, MANY / FEW);
        double many = time_adding(MANY, 1);
        adding[run] = many / few;
        printf("(a) AddComponent: %.2f us a call at %u components, %.2f us at %u: %.2f x\n",
            few * 1e6, FEW, many * 1e6, MANY, adding[run]);
        double one = time_completing(1);
        double all = time_completing(WRITERS);
        completing[run] = all / (HANDLER_MS / 1e3);
        printf(
            "(b) BackupComplete: %.0f ms with 1 writer, %.0f ms with %u, of %u ms each: %.2f x\n",
            one * 1e3, all * 1e3, WRITERS, HANDLER_MS, completing[run]);
    }
    double add_ratio = median(adding);
    double fan_out_ratio = median(completing);
    bool good = add_ratio <= ADD_LIMIT && fan_out_ratio <= FAN_OUT_LIMIT;
    printf("median (a) %.2f x, at most %.2f; (b) %.2f x, at most %.2f: %s\n", add_ratio, ADD_LIMIT,
        fan_out_ratio, FAN_OUT_LIMIT, good ? "good" : "EXCEEDED");
    return good ? 0 : 1;
}
