/* SPDX-License-Identifier: MIT
 *
 * A C++ writer without C++: an object with the table that a compiler would make for a class derived
 * from CVssWriter or CVssWriterEx, and the inline members of the SDK's header as functions. It
 * notes what is called and answers as the test says. Knows nothing but CreateWriter, whose address
 * the test gives, so it works with any vssapi.dll.
 *
 * Handlers run on the DLL's threads and only record; the test thread reads when the operation is
 * over. Shapes and conventions were written down from writer-provider 2, independently of the code
 * under test. Include it after cmocka.h.
 */
#ifndef THAWLINE_TESTS_SUPPORT_TEST_WRITER_H
#define THAWLINE_TESTS_SUPPORT_TEST_WRITER_H

#include <stdbool.h>

#include <windows.h>
#include <vss.h>
#include <vswriter.h>

#ifdef __i386__
#define TEST_THISCALL __attribute__((thiscall))
#else
#define TEST_THISCALL
#endif

/* Slots of the table of CVssWriter. */
enum test_writer_slot
{
    SLOT_DESTRUCTOR,
    SLOT_ON_IDENTIFY,
    SLOT_ON_PREPARE_BACKUP,
    SLOT_ON_PREPARE_SNAPSHOT,
    SLOT_ON_FREEZE,
    SLOT_ON_THAW,
    SLOT_ON_ABORT,
    SLOT_ON_BACKUP_COMPLETE,
    SLOT_ON_BACKUP_SHUTDOWN,
    SLOT_ON_PRE_RESTORE,
    SLOT_ON_POST_RESTORE,
    SLOT_ON_POST_SNAPSHOT,
    SLOT_ON_BACK_OFF_IO,
    SLOT_ON_CONTINUE_IO,
    SLOT_ON_VSS_SHUTDOWN,
    SLOT_ON_VSS_APPLICATION_STARTUP,
    SLOT_ON_IDENTIFY_EX, /* CVssWriterEx; poison in a plain CVssWriter */
    TEST_WRITER_SLOTS
};

/* What CreateWriter gives: IUnknown in stdcall, the rest in thiscall. */
struct test_impl;

struct test_impl_vtbl
{
    HRESULT(STDMETHODCALLTYPE *QueryInterface)(struct test_impl *self, REFIID iid, void **out);
    ULONG(STDMETHODCALLTYPE *AddRef)(struct test_impl *self);
    ULONG(STDMETHODCALLTYPE *Release)(struct test_impl *self);
    HRESULT(TEST_THISCALL *Initialize)
    (struct test_impl *self, VSS_ID id, LPCWSTR name, LPCWSTR instance_name, DWORD major,
        DWORD minor, VSS_USAGE_TYPE usage, VSS_SOURCE_TYPE source, VSS_APPLICATION_LEVEL level,
        DWORD timeout, VSS_ALTERNATE_WRITER_STATE alternate, unsigned char throttling);
    HRESULT(TEST_THISCALL *Subscribe)
    (struct test_impl *self, DWORD unsubscribe_timeout, DWORD flags);
    HRESULT(TEST_THISCALL *Unsubscribe)(struct test_impl *self);
    void(TEST_THISCALL *Uninitialize)(struct test_impl *self);
    LPCWSTR *(TEST_THISCALL *GetCurrentVolumeArray)(struct test_impl *self);
    UINT(TEST_THISCALL *GetCurrentVolumeCount)(struct test_impl *self);
    HRESULT(TEST_THISCALL *GetSnapshotDeviceName)
    (struct test_impl *self, LPCWSTR volume, LPCWSTR *device);
    VSS_ID *(TEST_THISCALL *GetCurrentSnapshotSetId)(struct test_impl *self, VSS_ID *result);
    LONG(TEST_THISCALL *GetContext)(struct test_impl *self);
    VSS_APPLICATION_LEVEL(TEST_THISCALL *GetCurrentLevel)(struct test_impl *self);
    unsigned char(TEST_THISCALL *IsPathAffected)(struct test_impl *self, LPCWSTR path);
    unsigned char(TEST_THISCALL *IsBootableSystemStateBackedUp)(struct test_impl *self);
    unsigned char(TEST_THISCALL *AreComponentsSelected)(struct test_impl *self);
    VSS_BACKUP_TYPE(TEST_THISCALL *GetBackupType)(struct test_impl *self);
    VSS_RESTORE_TYPE(TEST_THISCALL *GetRestoreType)(struct test_impl *self);
    HRESULT(TEST_THISCALL *SetWriterFailure)(struct test_impl *self, HRESULT failure);
    unsigned char(TEST_THISCALL *IsPartialFileSupportEnabled)(struct test_impl *self);
    HRESULT(TEST_THISCALL *InstallAlternateWriter)(struct test_impl *self, VSS_ID id, CLSID clsid);
    IVssExamineWriterMetadata *(TEST_THISCALL *GetIdentityInformation)(struct test_impl *self);
    HRESULT(TEST_THISCALL *SetWriterFailureEx)
    (struct test_impl *self, HRESULT failure, HRESULT application, LPCWSTR message);
    HRESULT(TEST_THISCALL *GetSessionId)(struct test_impl *self, VSS_ID *id);
    unsigned char(TEST_THISCALL *IsWriterShuttingDown)(struct test_impl *self);
};

struct test_impl
{
    const struct test_impl_vtbl *vtbl;
};

struct test_writer;

struct test_writer_step
{
    /* what the handler leaves in EAX; AL counts. TEST_WRITER_YES until the test says otherwise */
    UINT answer;
    HRESULT failure; /* not S_OK: SetWriterFailure before returning */
    HANDLE entered;  /* set when the handler runs */
    HANDLE wait_for; /* the handler waits for it */
    /* Runs in the handler. `components` or `metadata` as the handler got it, else NULL. */
    void (*action)(struct test_writer *writer, void *argument);
};

#define TEST_WRITER_YES 0xC0FFEE01u /* true, with garbage above AL */
#define TEST_WRITER_NO 0xC0FFEE00u  /* false, with the same garbage */

struct test_writer_object
{
    const void *const *vtbl;
    struct test_impl *impl; /* the one pointer that belongs to the class */
};

struct test_writer
{
    struct test_writer_object object; /* what CreateWriter gets */
    bool ex;                          /* derived from CVssWriterEx */
    /* slot -1, where a compiler keeps type information, and the slots */
    const void *table[1 + TEST_WRITER_SLOTS];
    struct test_writer_step at[TEST_WRITER_SLOTS];
    volatile LONG count[TEST_WRITER_SLOTS];
    volatile LONG order[TEST_WRITER_SLOTS]; /* a growing number: when it was last called */
    void *argument[TEST_WRITER_SLOTS];      /* what it was last called with */
    VSS_ID shutdown_set_id;
    HRESULT said; /* what an action noted */
    void *note;
};

typedef HRESULT(WINAPI *test_create_function)(void *writer, void **impl);

/* The constructor: a writer whose handlers all say true (OnIdentifyEx false, as the base class
   does). */
void test_writer_construct(struct test_writer *writer, bool ex);
/* The inline members of the header. `create`: CreateWriter or CreateWriterEx. */
HRESULT test_writer_initialize(struct test_writer *writer, test_create_function create, VSS_ID id,
    LPCWSTR name, DWORD freeze_timeout);
HRESULT test_writer_subscribe(struct test_writer *writer);
HRESULT test_writer_unsubscribe(struct test_writer *writer);
void test_writer_destruct(struct test_writer *writer);

/* All of it, each step S_OK. */
void test_writer_start(
    struct test_writer *writer, test_create_function create, bool ex, VSS_ID id, LPCWSTR name);

#endif
