/* SPDX-License-Identifier: MIT
 *
 * The binary contract between C++ writers and IVssWriterImpl: slots, conventions, struct return,
 * one-byte bool. The expected shapes are those of tests/support/test_writer.h, written down from
 * writer-provider 2.
 */
#include <cmocka.h>

#include <string.h>

#include "base/guid.h"
#include "base/str16.h"
#include "requestor.h"
#include "support/check_leaks.h"
#include "support/measure_call.h"
#include "support/test_writer.h"
#include "writer/writer_impl.h"

static const VSS_ID writer_id = {0xA0A0A0A0, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};
static const GUID zero_iid;

static HRESULT WINAPI create(void *writer, void **impl)
{
    return writer_impl_create(writer, false, impl);
}

static HRESULT WINAPI create_ex(void *writer, void **impl)
{
    return writer_impl_create(writer, true, impl);
}

static struct test_impl *make_impl(void)
{
    void *impl = NULL;
    /* An address that cannot be read: CreateWriter must not look at its writer. */
    assert_int_equal(create((void *)(ULONG_PTR)0x10, &impl), S_OK);
    return impl;
}

/* ---- IVssWriterImpl ---- */

static void query_interface_answers_iunknown_and_nothing_else(void **state)
{
    (void)state;
    struct test_impl *impl = make_impl();
    void *out = &impl;
    assert_int_equal(impl->vtbl->QueryInterface(impl, &zero_iid, &out), E_NOINTERFACE);
    assert_null(out);
    assert_int_equal(
        impl->vtbl->QueryInterface(impl, &IID_IVssCreateWriterMetadataEx, &out), E_NOINTERFACE);
    assert_null(out);
    assert_int_equal(impl->vtbl->QueryInterface(impl, &IID_IUnknown, NULL), E_POINTER);
    assert_int_equal(impl->vtbl->QueryInterface(impl, &IID_IUnknown, &out), S_OK);
    assert_ptr_equal(out, impl);
    assert_int_equal(impl->vtbl->Release(impl), 1);
    assert_int_equal(impl->vtbl->AddRef(impl), 2);
    assert_int_equal(impl->vtbl->Release(impl), 1);
    assert_int_equal(impl->vtbl->Release(impl), 0);
}

static void every_slot_of_the_table_is_filled(void **state)
{
    (void)state;
    struct test_impl *impl = make_impl();
    const void *const *slots = (const void *const *)impl->vtbl;
    for (int i = 0; i < 25; i++)
        assert_non_null(slots[i]);
    impl->vtbl->Release(impl);
}

static void a_guid_comes_back_through_the_second_argument_and_nothing_else_changes(void **state)
{
    (void)state;
    struct
    {
        BYTE before[16];
        VSS_ID id;
        BYTE after[16];
    } guarded;
    struct test_impl *impl = make_impl();
    memset(&guarded, 0xCC, sizeof(guarded));
    VSS_ID *result = impl->vtbl->GetCurrentSnapshotSetId(impl, &guarded.id);
    assert_ptr_equal(result, &guarded.id);
    assert_true(guid_is_null(&guarded.id));
    for (int i = 0; i < 16; i++)
    {
        assert_int_equal(guarded.before[i], 0xCC);
        assert_int_equal(guarded.after[i], 0xCC);
    }
    impl->vtbl->Release(impl);
}

#ifdef __i386__

static void each_slot_takes_its_own_arguments_off_the_stack(void **state)
{
    (void)state;
    /* From the table in writer-provider 2.4. Slots 1 and 2 are called in the order that keeps the
       object alive. */
    static const struct
    {
        int slot;
        bool on_stack; /* stdcall: `this` is the first argument */
        int bytes;
    } rows[] = {{0, true, 12}, {1, true, 4}, {2, true, 4}, {3, false, 56}, {4, false, 8},
        {5, false, 0}, {6, false, 0}, {7, false, 0}, {8, false, 0}, {9, false, 8}, {10, false, 4},
        {11, false, 0}, {12, false, 0}, {13, false, 4}, {14, false, 0}, {15, false, 0},
        {16, false, 0}, {17, false, 0}, {18, false, 4}, {19, false, 0}, {20, false, 32},
        {21, false, 0}, {22, false, 12}, {23, false, 4}, {24, false, 0}};
    struct test_impl *impl = make_impl();
    const void *const *slots = (const void *const *)impl->vtbl;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        VSS_ID id;
        DWORD args[16] = {0};
        int removed = -1;
        if (rows[i].on_stack)
            args[0] = (DWORD)impl;
        if (rows[i].slot == 0)
            args[1] = (DWORD)&zero_iid;
        if (rows[i].slot == 10)
            args[0] = (DWORD)&id;
        HRESULT result = (HRESULT)measure_call(
            slots[rows[i].slot], rows[i].on_stack ? NULL : impl, args, rows[i].bytes / 4, &removed);
        if (removed != rows[i].bytes)
            print_error("slot %d\n", rows[i].slot);
        assert_int_equal(removed, rows[i].bytes);
        if (rows[i].slot == 0)
            assert_int_equal(result, E_POINTER);
        if (rows[i].slot == 20)
            assert_int_equal(result, E_NOTIMPL);
    }
    assert_int_equal(impl->vtbl->Release(impl), 0);
}

#endif

/* ---- Dispatch ---- */

static void each_event_reaches_its_slot_and_no_other(void **state)
{
    (void)state;
    static const struct
    {
        enum vss_event event;
        enum test_writer_slot slot;
    } rows[] = {{EVENT_PREPARE_BACKUP, SLOT_ON_PREPARE_BACKUP},
        {EVENT_PREPARE_SNAPSHOT, SLOT_ON_PREPARE_SNAPSHOT}, {EVENT_FREEZE, SLOT_ON_FREEZE},
        {EVENT_ABORT, SLOT_ON_ABORT}, {EVENT_PREPARE_BACKUP, SLOT_ON_PREPARE_BACKUP},
        {EVENT_PREPARE_SNAPSHOT, SLOT_ON_PREPARE_SNAPSHOT}, {EVENT_FREEZE, SLOT_ON_FREEZE},
        {EVENT_THAW, SLOT_ON_THAW}, {EVENT_POST_SNAPSHOT, SLOT_ON_POST_SNAPSHOT},
        {EVENT_BACKUP_COMPLETE, SLOT_ON_BACKUP_COMPLETE}, {EVENT_PRE_RESTORE, SLOT_ON_PRE_RESTORE},
        {EVENT_POST_RESTORE, SLOT_ON_POST_RESTORE},
        {EVENT_BACKUP_SHUTDOWN, SLOT_ON_BACKUP_SHUTDOWN}};
    struct test_writer writer;
    struct requestor requestor;
    LONG expected[TEST_WRITER_SLOTS] = {[SLOT_ON_IDENTIFY] = 1};
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    requestor_start(&requestor, 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        assert_int_equal(requestor_raise(&requestor, rows[i].event).vetoed, 0);
        expected[rows[i].slot]++;
        for (int slot = 0; slot < TEST_WRITER_SLOTS; slot++)
        {
            if (writer.count[slot] != expected[slot])
                print_error("%s, slot %d\n", event_name(rows[i].event), slot);
            assert_int_equal(writer.count[slot], expected[slot]);
        }
    }
    requestor_end(&requestor);
    test_writer_destruct(&writer);
    assert_int_equal(writer.count[SLOT_DESTRUCTOR], 0);
}

static void shutdown_gets_the_snapshot_sets_id_unchanged(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    requestor_start(&requestor, 1);
    requestor_raise(&requestor, EVENT_BACKUP_SHUTDOWN);
    assert_true(guid_equal(&writer.shutdown_set_id, &test_set_id));
    requestor_end(&requestor);
    test_writer_destruct(&writer);
}

static void only_al_of_a_handlers_answer_counts(void **state)
{
    (void)state;
    static const struct
    {
        UINT answer;
        bool handled;
    } rows[] = {
        {0xFFFFFF00u, false}, {0x00000100u, false}, {0x00000001u, true}, {0xFFFFFF01u, true}};
    struct test_writer writer;
    struct requestor requestor;
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    requestor_start(&requestor, 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        writer.at[SLOT_ON_PREPARE_BACKUP].answer = rows[i].answer;
        assert_int_equal(
            requestor_raise(&requestor, EVENT_PREPARE_BACKUP).vetoed, !rows[i].handled);
    }
    requestor_end(&requestor);
    test_writer_destruct(&writer);
}

/* OnIdentifyEx comes first, OnIdentify when that says false: a class overrides one of them. */
static void an_ex_writer_is_identified_by_either_handler(void **state)
{
    (void)state;
    static const struct
    {
        UINT ex;
        UINT plain;
        size_t found;
        LONG plain_calls;
    } rows[] = {{TEST_WRITER_YES, TEST_WRITER_NO, 1, 0}, {TEST_WRITER_NO, TEST_WRITER_YES, 1, 1},
        {TEST_WRITER_YES, TEST_WRITER_YES, 1, 0}, {TEST_WRITER_NO, TEST_WRITER_NO, 0, 1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct test_writer writer;
        struct requestor requestor;
        test_writer_start(&writer, create_ex, true, writer_id, L"Probe");
        writer.at[SLOT_ON_IDENTIFY_EX].answer = rows[i].ex;
        writer.at[SLOT_ON_IDENTIFY].answer = rows[i].plain;
        requestor_start(&requestor, rows[i].found);
        assert_int_equal(writer.count[SLOT_ON_IDENTIFY_EX], 1);
        assert_int_equal(writer.count[SLOT_ON_IDENTIFY], rows[i].plain_calls);
        assert_non_null(writer.argument[SLOT_ON_IDENTIFY_EX]);
        requestor_end(&requestor);
        test_writer_destruct(&writer);
    }
}

/* ---- A class with both handlers of Identify ---- */

static void add_data(struct test_writer *writer, void *metadata)
{
    IVssCreateWriterMetadataEx *face = metadata;
    writer->said = face->lpVtbl->AddComponent(face, VSS_CT_FILEGROUP, NULL, L"data", NULL, NULL, 0,
        FALSE, FALSE, TRUE, FALSE, 0);
}

static void add_data_and_more(struct test_writer *writer, void *metadata)
{
    IVssCreateWriterMetadataEx *face = metadata;
    add_data(writer, metadata);
    face->lpVtbl->AddExcludeFilesFromSnapshot(face, L"C:\\more", L"*", FALSE);
    face->lpVtbl->SetBackupSchema(face, VSS_BS_COPY);
}

static void what_a_failing_identify_ex_added_is_gone_in_identify(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    test_writer_start(&writer, create_ex, true, writer_id, L"Probe");
    writer.at[SLOT_ON_IDENTIFY_EX].action = add_data_and_more;
    writer.at[SLOT_ON_IDENTIFY_EX].answer = TEST_WRITER_NO;
    writer.at[SLOT_ON_IDENTIFY].action = add_data;
    requestor_start(&requestor, 1);
    assert_int_equal(writer.count[SLOT_ON_IDENTIFY], 1);
    assert_int_equal(writer.said, S_OK);
    const struct writer_metadata *metadata = bus_session_participant(requestor.session, 0)
                                                 ->metadata;
    assert_int_equal(metadata->components.count, 1);
    assert_int_equal(metadata->exclude_from_snapshot.count, 0);
    assert_false(metadata->has_schema);
    assert_true(guid_equal(&metadata->writer_id, &writer_id));
    assert_true(str16_equal(metadata->writer_name, L"Probe"));
    assert_false(guid_is_null(&metadata->instance_id));
    requestor_end(&requestor);
    test_writer_destruct(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(query_interface_answers_iunknown_and_nothing_else),
        leak_test(every_slot_of_the_table_is_filled),
        leak_test(a_guid_comes_back_through_the_second_argument_and_nothing_else_changes),
#ifdef __i386__
        leak_test(each_slot_takes_its_own_arguments_off_the_stack),
#endif
        leak_test(each_event_reaches_its_slot_and_no_other),
        leak_test(shutdown_gets_the_snapshot_sets_id_unchanged),
        leak_test(only_al_of_a_handlers_answer_counts),
        leak_test(an_ex_writer_is_identified_by_either_handler),
        leak_test(what_a_failing_identify_ex_added_is_gone_in_identify),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
