/* SPDX-License-Identifier: MIT
 *
 * Part of ledger.c: the application as a VSS writer. mingw-w64 has no CVssWriter, so the class is
 * laid out by hand as a Microsoft compiler would: a table of virtual functions, one pointer that
 * belongs to the base class, then our own members.
 *
 * On 32-bit x86 the destructor and the methods of IVssWriterImpl take `this` in ECX (thiscall),
 * every other member takes it on the stack (stdcall). On x64 there is but one convention.
 */
#ifndef LEDGER_WRITER_H
#define LEDGER_WRITER_H

#include <vss.h>
#include <vswriter.h>

#include "ledger_accounts.h"
#include "ledger_frozen.h"

#ifdef __i386__
#define THISCALL __attribute__((thiscall))
#else
#define THISCALL
#endif

/* {6f3a1f0e-5a4e-4b8e-9a0c-1d0f5c2b7e61} */
static const VSS_ID writer_class = {
    0x6f3a1f0e, 0x5a4e, 0x4b8e, {0x9a, 0x0c, 0x1d, 0x0f, 0x5c, 0x2b, 0x7e, 0x61}};
#define WRITER_NAME L"Ledger"
#define COMPONENT_NAME L"accounts"

/* --------------------------------------------------------------------------------------------
 * What vswriter.h of the Windows SDK declares and mingw-w64's does not
 */

/* IVssWriterImpl: what CreateWriter returns. Only what is used here has its type. */
struct writer_impl;
struct writer_impl_table
{
    HRESULT(STDMETHODCALLTYPE *QueryInterface)(struct writer_impl *impl, REFIID iid, void **object);
    ULONG(STDMETHODCALLTYPE *AddRef)(struct writer_impl *impl);
    ULONG(STDMETHODCALLTYPE *Release)(struct writer_impl *impl);
    HRESULT(THISCALL *Initialize)
    (struct writer_impl *impl, VSS_ID writer_id, const WCHAR *name, const WCHAR *instance_name,
        DWORD major, DWORD minor, VSS_USAGE_TYPE usage, VSS_SOURCE_TYPE source,
        VSS_APPLICATION_LEVEL level, DWORD freeze_timeout, VSS_ALTERNATE_WRITER_STATE alternate,
        bool throttling);
    HRESULT(THISCALL *Subscribe)(struct writer_impl *impl, DWORD unsubscribe_timeout, DWORD flags);
    HRESULT(THISCALL *Unsubscribe)(struct writer_impl *impl);
    void(THISCALL *Uninitialize)(struct writer_impl *impl);
    void *getters[11];
    HRESULT(THISCALL *SetWriterFailure)(struct writer_impl *impl, HRESULT hr);
    void *others[6];
};
struct writer_impl
{
    const struct writer_impl_table *table;
};

struct writer;
HRESULT WINAPI CreateWriter(struct writer *writer, struct writer_impl **impl);

/* CVssWriter's table. */
struct writer_table
{
    void *(THISCALL *destroy)(struct writer *writer, unsigned flags);
    bool(STDMETHODCALLTYPE *OnIdentify)(struct writer *writer, IVssCreateWriterMetadata *metadata);
    bool(STDMETHODCALLTYPE *OnPrepareBackup)(
        struct writer *writer, IVssWriterComponents *components);
    bool(STDMETHODCALLTYPE *OnPrepareSnapshot)(struct writer *writer);
    bool(STDMETHODCALLTYPE *OnFreeze)(struct writer *writer);
    bool(STDMETHODCALLTYPE *OnThaw)(struct writer *writer);
    bool(STDMETHODCALLTYPE *OnAbort)(struct writer *writer);
    bool(STDMETHODCALLTYPE *OnBackupComplete)(
        struct writer *writer, IVssWriterComponents *components);
    bool(STDMETHODCALLTYPE *OnBackupShutdown)(struct writer *writer, VSS_ID set_id);
    bool(STDMETHODCALLTYPE *OnPreRestore)(struct writer *writer, IVssWriterComponents *components);
    bool(STDMETHODCALLTYPE *OnPostRestore)(struct writer *writer, IVssWriterComponents *components);
    bool(STDMETHODCALLTYPE *OnPostSnapshot)(
        struct writer *writer, IVssWriterComponents *components);
    bool(STDMETHODCALLTYPE *OnBackOffIOOnVolume)(
        struct writer *writer, WCHAR *volume, VSS_ID a, VSS_ID b);
    bool(STDMETHODCALLTYPE *OnContinueIOOnVolume)(
        struct writer *writer, WCHAR *volume, VSS_ID a, VSS_ID b);
    bool(STDMETHODCALLTYPE *OnVSSShutdown)(struct writer *writer);
    bool(STDMETHODCALLTYPE *OnVSSApplicationStartup)(struct writer *writer);
};

/* --------------------------------------------------------------------------------------------
 * The writer
 */

#define MOST_EVENTS 32

struct writer_event
{
    const char *name;
    double at; /* seconds since the computer started */
};

struct writer
{
    const struct writer_table *table;
    struct writer_impl *impl; /* the base class's */

    struct ledger *ledger;
    const WCHAR *serves; /* NULL, or the folder to leave hashes in; says each event then */
    bool frozen;         /* the gate is closed */
    unsigned freezes;    /* that have left their hashes */
    uint64_t *hashes;    /* of the account files, taken in the last freeze */
    double window_begin; /* the last OnFreeze returned */
    double window_end;   /* the last OnThaw began */
    unsigned event_count;
    struct writer_event events[MOST_EVENTS]; /* of the backup that runs */
};

static inline double clock_now(void)
{
    LARGE_INTEGER now, frequency;

    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&frequency);
    return (double)now.QuadPart / (double)frequency.QuadPart;
}

/* The events of one backup come one after another, so no lock is needed. All processes have the
   same clock. */
static inline void writer_note(struct writer *writer, const char *name)
{
    double now = clock_now();

    if (writer->event_count < MOST_EVENTS)
        writer->events[writer->event_count++] = (struct writer_event){name, now};
    if (!writer->serves)
        return;
    printf("%.1f %s\n", now * 1000, name);
    fflush(stdout);
}

/* A writer that cannot do its part says so: the backup will then not be called good. */
static inline bool writer_fail(struct writer *writer)
{
    writer->impl->table->SetWriterFailure(writer->impl, VSS_E_WRITERERROR_RETRYABLE);
    return false;
}

static void *THISCALL writer_destroy(struct writer *writer, unsigned flags)
{
    (void)flags;
    return writer; /* nothing was allocated for the object itself */
}

/* What there is to back up: one component, the account files. */
static bool STDMETHODCALLTYPE writer_on_identify(
    struct writer *writer, IVssCreateWriterMetadata *metadata)
{
    const DWORD mask = VSS_FSBT_ALL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED;
    HRESULT hr = IVssCreateWriterMetadata_AddComponent(metadata, VSS_CT_FILEGROUP, NULL,
        COMPONENT_NAME, L"All accounts", NULL, 0, FALSE, TRUE, TRUE, TRUE, 0);

    if (SUCCEEDED(hr))
        hr = IVssCreateWriterMetadata_AddFilesToFileGroup(
            metadata, NULL, COMPONENT_NAME, writer->ledger->folder, L"*.acc", FALSE, NULL, mask);
    if (SUCCEEDED(hr))
        hr = IVssCreateWriterMetadata_SetRestoreMethod(
            metadata, VSS_RME_RESTORE_IF_CAN_REPLACE, NULL, NULL, VSS_WRE_NEVER, FALSE);
    return SUCCEEDED(hr);
}

static bool STDMETHODCALLTYPE writer_on_prepare_backup(
    struct writer *writer, IVssWriterComponents *components)
{
    (void)components;
    writer->event_count = 0;
    writer_note(writer, "PrepareForBackup");
    return true;
}

/* Flushes while everybody still works: little is left to flush in the freeze. */
static bool STDMETHODCALLTYPE writer_on_prepare_snapshot(struct writer *writer)
{
    writer_note(writer, "PrepareForSnapshot");
    return ledger_flush(writer->ledger) || writer_fail(writer);
}

/* Stops the threads between two transfers. From here to Thaw not a byte of the accounts changes. */
static bool STDMETHODCALLTYPE writer_on_freeze(struct writer *writer)
{
    bool good;

    writer_note(writer, "Freeze");
    gate_close(&writer->ledger->gate);
    writer->frozen = true;
    good = ledger_flush(writer->ledger) && ledger_hash_files(writer->ledger, writer->hashes);
    writer_note(writer, "  frozen");
    writer->window_begin = writer->window_end = clock_now();
    return good || writer_fail(writer);
}

static void writer_resume(struct writer *writer)
{
    if (writer->frozen)
        gate_open(&writer->ledger->gate);
    writer->frozen = false;
}

static bool STDMETHODCALLTYPE writer_on_thaw(struct writer *writer)
{
    writer->window_end = clock_now();
    writer_note(writer, "Thaw");
    writer_resume(writer);
    if (!writer->serves)
        return true;
    if (!frozen_write(writer->serves, writer->freezes + 1, writer->hashes,
            writer->ledger->account_count))
        return writer_fail(writer);
    writer->freezes++;
    return true;
}

/* Comes instead of Thaw when something failed, and may come more than once. */
static bool STDMETHODCALLTYPE writer_on_abort(struct writer *writer)
{
    writer_note(writer, "Abort");
    writer_resume(writer);
    return true;
}

static bool STDMETHODCALLTYPE writer_on_post_snapshot(
    struct writer *writer, IVssWriterComponents *components)
{
    (void)components;
    writer_note(writer, "PostSnapshot");
    return true;
}

static bool STDMETHODCALLTYPE writer_on_backup_complete(
    struct writer *writer, IVssWriterComponents *components)
{
    (void)components;
    writer_note(writer, "BackupComplete");
    return true;
}

static bool STDMETHODCALLTYPE writer_on_backup_shutdown(struct writer *writer, VSS_ID set_id)
{
    (void)set_id;
    writer_note(writer, "BackupShutdown");
    return true;
}

static bool STDMETHODCALLTYPE writer_on_restore(
    struct writer *writer, IVssWriterComponents *components)
{
    (void)writer;
    (void)components;
    return true;
}

static bool STDMETHODCALLTYPE writer_on_volume(
    struct writer *writer, WCHAR *volume, VSS_ID a, VSS_ID b)
{
    (void)writer;
    (void)volume;
    (void)a;
    (void)b;
    return true;
}

static bool STDMETHODCALLTYPE writer_on_nothing(struct writer *writer)
{
    (void)writer;
    return true;
}

/* The word before the table is where Microsoft's compilers keep type information. */
static const struct
{
    void *type_information;
    struct writer_table table;
} writer_class_table = {NULL,
    {
        .destroy = writer_destroy,
        .OnIdentify = writer_on_identify,
        .OnPrepareBackup = writer_on_prepare_backup,
        .OnPrepareSnapshot = writer_on_prepare_snapshot,
        .OnFreeze = writer_on_freeze,
        .OnThaw = writer_on_thaw,
        .OnAbort = writer_on_abort,
        .OnBackupComplete = writer_on_backup_complete,
        .OnBackupShutdown = writer_on_backup_shutdown,
        .OnPreRestore = writer_on_restore,
        .OnPostRestore = writer_on_restore,
        .OnPostSnapshot = writer_on_post_snapshot,
        .OnBackOffIOOnVolume = writer_on_volume,
        .OnContinueIOOnVolume = writer_on_volume,
        .OnVSSShutdown = writer_on_nothing,
        .OnVSSApplicationStartup = writer_on_nothing,
    }};

/* How long the application can do without its files, in milliseconds. */
#define FREEZE_TIMEOUT 60000

/* COM must be initialised. writer_close is due whatever this returns. `serves` is NULL or as in the
   struct. */
static HRESULT writer_open(struct writer *writer, struct ledger *ledger, const WCHAR *serves)
{
    HRESULT hr;

    writer->table = &writer_class_table.table;
    writer->ledger = ledger;
    writer->serves = serves;
    writer->hashes = calloc(ledger->account_count, sizeof(*writer->hashes));
    if (!writer->hashes)
        return E_OUTOFMEMORY;
    /* Of one that was killed. */
    if (serves)
        frozen_delete_all(serves);
    hr = CreateWriter(writer, &writer->impl);
    if (SUCCEEDED(hr))
        hr = writer->impl->table->Initialize(writer->impl, writer_class, WRITER_NAME, NULL, 1, 0,
            VSS_UT_USERDATA, VSS_ST_TRANSACTEDDB, VSS_APP_FRONT_END, FREEZE_TIMEOUT,
            VSS_AWS_NO_ALTERNATE_WRITER, false);
    if (SUCCEEDED(hr))
        hr = writer->impl->table->Subscribe(
            writer->impl, 0, VSS_SM_BACKUP_EVENTS_FLAG | VSS_SM_RESTORE_EVENTS_FLAG);
    return hr;
}

static void writer_close(struct writer *writer)
{
    if (writer->impl)
    {
        writer->impl->table->Unsubscribe(writer->impl);
        writer->impl->table->Uninitialize(writer->impl);
        writer->impl->table->Release(writer->impl);
    }
    writer->impl = NULL;
    writer_resume(writer);
    if (writer->serves)
        frozen_delete_all(writer->serves);
    free(writer->hashes);
    writer->hashes = NULL;
}

#endif
