/* SPDX-License-Identifier: MIT
 *
 * A C++ writer without C++. See test_writer.h.
 */
#include <cmocka.h>

#include "support/test_writer.h"

static volatile LONG ticket;

static UINT run(struct test_writer *writer, enum test_writer_slot slot, void *argument)
{
    const struct test_writer_step *step = &writer->at[slot];
    writer->order[slot] = InterlockedIncrement(&ticket);
    writer->argument[slot] = argument;
    InterlockedIncrement(&writer->count[slot]);
    if (step->entered)
        SetEvent(step->entered);
    if (step->wait_for)
        WaitForSingleObject(step->wait_for, INFINITE);
    if (step->action)
        step->action(writer, argument);
    if (step->failure != S_OK)
        writer->object.impl->vtbl->SetWriterFailure(writer->object.impl, step->failure);
    return step->answer;
}

#define HANDLER(function_, slot_)                                                                  \
    static UINT STDMETHODCALLTYPE function_(struct test_writer *writer)                            \
    {                                                                                              \
        return run(writer, slot_, NULL);                                                           \
    }

#define HANDLER_WITH_ARGUMENT(function_, slot_)                                                    \
    static UINT STDMETHODCALLTYPE function_(struct test_writer *writer, void *argument)            \
    {                                                                                              \
        return run(writer, slot_, argument);                                                       \
    }

HANDLER_WITH_ARGUMENT(on_identify, SLOT_ON_IDENTIFY)
HANDLER_WITH_ARGUMENT(on_prepare_backup, SLOT_ON_PREPARE_BACKUP)
HANDLER(on_prepare_snapshot, SLOT_ON_PREPARE_SNAPSHOT)
HANDLER(on_freeze, SLOT_ON_FREEZE)
HANDLER(on_thaw, SLOT_ON_THAW)
HANDLER(on_abort, SLOT_ON_ABORT)
HANDLER_WITH_ARGUMENT(on_backup_complete, SLOT_ON_BACKUP_COMPLETE)
HANDLER_WITH_ARGUMENT(on_pre_restore, SLOT_ON_PRE_RESTORE)
HANDLER_WITH_ARGUMENT(on_post_restore, SLOT_ON_POST_RESTORE)
HANDLER_WITH_ARGUMENT(on_post_snapshot, SLOT_ON_POST_SNAPSHOT)
HANDLER_WITH_ARGUMENT(on_identify_ex, SLOT_ON_IDENTIFY_EX)
HANDLER(on_vss_shutdown, SLOT_ON_VSS_SHUTDOWN)
HANDLER(on_vss_application_startup, SLOT_ON_VSS_APPLICATION_STARTUP)

static UINT STDMETHODCALLTYPE on_backup_shutdown(struct test_writer *writer, VSS_ID snapshot_set_id)
{
    writer->shutdown_set_id = snapshot_set_id;
    return run(writer, SLOT_ON_BACKUP_SHUTDOWN, NULL);
}

static UINT STDMETHODCALLTYPE on_back_off_io(
    struct test_writer *writer, WCHAR *volume, VSS_ID snapshot, VSS_ID provider)
{
    (void)snapshot;
    (void)provider;
    return run(writer, SLOT_ON_BACK_OFF_IO, volume);
}

static UINT STDMETHODCALLTYPE on_continue_io(
    struct test_writer *writer, WCHAR *volume, VSS_ID snapshot, VSS_ID provider)
{
    (void)snapshot;
    (void)provider;
    return run(writer, SLOT_ON_CONTINUE_IO, volume);
}

static void *TEST_THISCALL destructor(struct test_writer *writer, unsigned flags)
{
    (void)flags;
    InterlockedIncrement(&writer->count[SLOT_DESTRUCTOR]);
    return writer;
}

void test_writer_construct(struct test_writer *writer, bool ex)
{
    static const void *const slots[TEST_WRITER_SLOTS] = {destructor, on_identify, on_prepare_backup,
        on_prepare_snapshot, on_freeze, on_thaw, on_abort, on_backup_complete, on_backup_shutdown,
        on_pre_restore, on_post_restore, on_post_snapshot, on_back_off_io, on_continue_io,
        on_vss_shutdown, on_vss_application_startup, on_identify_ex};
    *writer = (struct test_writer){.ex = ex};
    for (int i = 0; i < TEST_WRITER_SLOTS; i++)
    {
        writer->table[1 + i] = slots[i];
        writer->at[i].answer = TEST_WRITER_YES;
    }
    writer->at[SLOT_ON_IDENTIFY_EX].answer = TEST_WRITER_NO;
    /* Behind the table of a plain CVssWriter lies whatever the compiler put there: nothing that can
       be called. */
    if (!ex)
        writer->table[1 + SLOT_ON_IDENTIFY_EX] = (const void *)(ULONG_PTR)0xDEAD;
    writer->object.vtbl = writer->table + 1;
}

HRESULT test_writer_initialize(struct test_writer *writer, test_create_function create, VSS_ID id,
    LPCWSTR name, DWORD freeze_timeout)
{
    void *impl = NULL;
    if (writer->object.impl)
        return E_FAIL;
    HRESULT hr = create(writer, &impl);
    if (FAILED(hr))
        return hr;
    writer->object.impl = impl;
    hr = writer->object.impl->vtbl->Initialize(writer->object.impl, id, name, NULL, 0, 0,
        VSS_UT_USERDATA, VSS_ST_OTHER, VSS_APP_FRONT_END, freeze_timeout,
        VSS_AWS_NO_ALTERNATE_WRITER, false);
    if (FAILED(hr))
    {
        writer->object.impl->vtbl->Release(writer->object.impl);
        writer->object.impl = NULL;
    }
    return hr;
}

HRESULT test_writer_subscribe(struct test_writer *writer)
{
    if (!writer->object.impl)
        return E_FAIL;
    return writer->object.impl->vtbl->Subscribe(
        writer->object.impl, 0, VSS_SM_BACKUP_EVENTS_FLAG | VSS_SM_RESTORE_EVENTS_FLAG);
}

HRESULT test_writer_unsubscribe(struct test_writer *writer)
{
    if (!writer->object.impl)
        return E_FAIL;
    writer->object.impl->vtbl->Unsubscribe(writer->object.impl);
    return S_OK;
}

void test_writer_destruct(struct test_writer *writer)
{
    struct test_impl *impl = writer->object.impl;
    if (!impl)
        return;
    impl->vtbl->Uninitialize(impl);
    impl->vtbl->Release(impl);
    writer->object.impl = NULL;
}

void test_writer_start(
    struct test_writer *writer, test_create_function create, bool ex, VSS_ID id, LPCWSTR name)
{
    test_writer_construct(writer, ex);
    assert_int_equal(test_writer_initialize(writer, create, id, name, 60000), S_OK);
    assert_int_equal(test_writer_subscribe(writer), S_OK);
}
