/* SPDX-License-Identifier: MIT
 *
 * The exported members of class CVssJetWriter, called as a compiler of 2003 calls them: its objects
 * come and go, and never become writers (writer-provider 1.5).
 */
#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#define EXPORTED_CLASS "CVssJetWriter"
#include "abi/exported_object.h"
#include "support/measure_call.h"

#define INITIALIZE                                                                                 \
    NAME("?Initialize@CVssJetWriter@@QAGJU_GUID@@PBG_N211K@Z",                                     \
        "?Initialize@CVssJetWriter@@QEAAJU_GUID@@PEBG_N211K@Z")
#define UNINITIALIZE                                                                               \
    NAME("?Uninitialize@CVssJetWriter@@QAGXXZ", "?Uninitialize@CVssJetWriter@@QEAAXXZ")
#define HANDLER(name, x86, x64)                                                                    \
    NAME("?" name "@CVssJetWriter@@UAG" x86, "?" name "@CVssJetWriter@@UEAA" x64)
#define PLAIN(name) HANDLER(name, "_NXZ", "_NXZ")
#define PLAIN_END(name) HANDLER(name, "_N_N@Z", "_N_N@Z")
#define OF_METADATA(name)                                                                          \
    HANDLER(name, "_NPAVIVssCreateWriterMetadata@@@Z", "_NPEAVIVssCreateWriterMetadata@@@Z")
#define OF_COMPONENTS(name)                                                                        \
    HANDLER(name, "_NPAVIVssWriterComponents@@@Z", "_NPEAVIVssWriterComponents@@@Z")
#define OF_COMPONENTS_END(name)                                                                    \
    HANDLER(name, "_NPAVIVssWriterComponents@@_N@Z", "_NPEAVIVssWriterComponents@@_N@Z")
#define GETTER(name, x86, x64)                                                                     \
    NAME("?" name "@CVssJetWriter@@IBG" x86, "?" name "@CVssJetWriter@@IEBA" x64)
#define NUMBER(name, type) GETTER(name, type "XZ", type "XZ")
#define VOLUME_ARRAY GETTER("GetCurrentVolumeArray", "PAPBGXZ", "PEAPEBGXZ")
#define DEVICE_NAME GETTER("GetSnapshotDeviceName", "JPBGPAPBG@Z", "JPEBGPEAPEBG@Z")
#define PATH_AFFECTED GETTER("IsPathAffected", "_NPBG@Z", "_NPEBG@Z")
#define SET_ID NUMBER("GetCurrentSnapshotSetId", "?AU_GUID@@")
#define LEVEL NUMBER("GetCurrentLevel", "?AW4_VSS_APPLICATION_LEVEL@@")
#define SET_FAILURE                                                                                \
    NAME("?SetWriterFailure@CVssJetWriter@@IAGJJ@Z", "?SetWriterFailure@CVssJetWriter@@IEAAJJ@Z")

/* Each default handler that answers, with the bytes of its arguments and `this` on x86. */
static const struct handler
{
    const char *name;
    int bytes;
} handlers[] = {
    {OF_METADATA("OnIdentify"), 8},
    {OF_COMPONENTS("OnPrepareBackupBegin"), 8},
    {OF_COMPONENTS_END("OnPrepareBackupEnd"), 12},
    {PLAIN("OnPrepareSnapshotBegin"), 4},
    {PLAIN_END("OnPrepareSnapshotEnd"), 8},
    {PLAIN("OnFreezeBegin"), 4},
    {PLAIN_END("OnFreezeEnd"), 8},
    {PLAIN("OnThawBegin"), 4},
    {PLAIN_END("OnThawEnd"), 8},
    {OF_COMPONENTS("OnPostSnapshot"), 8},
    {OF_COMPONENTS("OnBackupCompleteBegin"), 8},
    {OF_COMPONENTS_END("OnBackupCompleteEnd"), 12},
    {OF_COMPONENTS("OnPreRestoreBegin"), 8},
    {OF_COMPONENTS_END("OnPreRestoreEnd"), 12},
    {OF_COMPONENTS("OnPostRestoreBegin"), 8},
    {OF_COMPONENTS_END("OnPostRestoreEnd"), 12},
};

/* What ends quietly. */
static const char *const quiet[] = {HANDLER("OnAbortBegin", "XXZ", "XXZ"),
    HANDLER("OnAbortEnd", "XXZ", "XXZ"), UNINITIALIZE};

static const VSS_ID class_id = {0xababacac, 0x1111, 0x4111, {0x72, 1, 1, 1, 1, 1, 1, 1}};

/* ---- What an object does ---- */

static void an_object_comes_and_goes_within_two_pointers(void **state)
{
    (void)state;
    struct object object;
    construct(&object);
    assert_null(object.impl);
    for (size_t slot = 0; slot <= ARRAYSIZE(handlers) + 2; slot++)
        assert_non_null(object.vtbl[slot]);
    destruct(&object);
    destruct(&object);
}

static void it_never_becomes_a_writer(void **state)
{
    (void)state;
    struct object object;
    HRESULT(STDMETHODCALLTYPE * initialize)
    (void *, VSS_ID, LPCWSTR, boolean, boolean, LPCWSTR, LPCWSTR, DWORD) = find(INITIALIZE);
    construct(&object);
    for (int i = 0; i < 2; i++)
    {
        assert_hr(
            initialize(self(&object), class_id, L"Jet", FALSE, FALSE, L"", L"", 0), E_NOTIMPL);
        assert_null(object.impl);
    }
    for (size_t i = 0; i < ARRAYSIZE(quiet); i++)
    {
        void(STDMETHODCALLTYPE * end)(void *) = find(quiet[i]);
        end(self(&object));
    }
    destruct(&object);
}

static void default_handlers_say_true_in_one_byte(void **state)
{
    (void)state;
    struct object object;
    construct(&object);
    for (size_t i = 0; i < ARRAYSIZE(handlers); i++)
    {
        void *function = find(handlers[i].name);
        BYTE answer;
        switch (handlers[i].bytes)
        {
        case 4: answer = ((BYTE(STDMETHODCALLTYPE *)(void *))function)(self(&object)); break;
        case 8:
            answer = ((BYTE(STDMETHODCALLTYPE *)(void *, void *))function)(self(&object), NULL);
            break;
        default:
            answer = ((BYTE(STDMETHODCALLTYPE *)(void *, void *, boolean))function)(
                self(&object), NULL, FALSE);
            break;
        }
        if (answer != 1)
            fail_msg("%s says %u", handlers[i].name, answer);
    }
    destruct(&object);
}

static void getters_know_of_no_backup(void **state)
{
    (void)state;
    static const char *const zeros[] = {NUMBER("GetContext", "J"),
        NUMBER("GetBackupType", "?AW4_VSS_BACKUP_TYPE@@"),
        NUMBER("GetRestoreType", "?AW4_VSS_RESTORE_TYPE@@"), NUMBER("GetCurrentVolumeCount", "I")};
    static const char *const flags[] = {NUMBER("AreComponentsSelected", "_N"),
        NUMBER("IsBootableSystemStateBackedUp", "_N"), NUMBER("IsPartialFileSupportEnabled", "_N")};
    struct object object;
    const WCHAR *device = L"untouched";
    VSS_ID ids[3];
    LPCWSTR *(STDMETHODCALLTYPE * volumes)(void *) = find(VOLUME_ARRAY);
    LONG(STDMETHODCALLTYPE * level)(void *) = find(LEVEL);
    BYTE(STDMETHODCALLTYPE * affected)(void *, LPCWSTR) = find(PATH_AFFECTED);
    VSS_ID *(STDMETHODCALLTYPE * set_id)(void *, VSS_ID *) = find(SET_ID);
    HRESULT(STDMETHODCALLTYPE * device_name)(void *, LPCWSTR, LPCWSTR *) = find(DEVICE_NAME);
    HRESULT(STDMETHODCALLTYPE * set_failure)(void *, HRESULT) = find(SET_FAILURE);
    construct(&object);
    for (size_t i = 0; i < ARRAYSIZE(zeros); i++)
        assert_int_equal(((LONG(STDMETHODCALLTYPE *)(void *))find(zeros[i]))(self(&object)), 0);
    for (size_t i = 0; i < ARRAYSIZE(flags); i++)
        assert_int_equal(((BYTE(STDMETHODCALLTYPE *)(void *))find(flags[i]))(self(&object)), 0);
    assert_null(volumes(self(&object)));
    assert_int_equal(level(self(&object)), VSS_APP_AUTO);
    assert_int_equal(affected(self(&object), L"C:\\windows"), 0);
    memset(ids, 0xCC, sizeof(ids));
    assert_ptr_equal(set_id(self(&object), &ids[1]), &ids[1]);
    assert_true(IsEqualGUID(&ids[1], &GUID_NULL));
    assert_int_equal(ids[0].Data4[7], 0xCC);
    assert_int_equal(ids[2].Data1, 0xCCCCCCCC);
    assert_hr(device_name(self(&object), L"C:\\", &device), E_FAIL);
    assert_null(device);
    assert_hr(set_failure(self(&object), VSS_E_WRITERERROR_RETRYABLE), E_FAIL);
    destruct(&object);
}

#ifdef __i386__

static void assert_removes(struct object *object, const char *name, int bytes)
{
    VSS_ID id;
    DWORD args[16] = {(DWORD)self(object)};
    int removed = -1;
    if (bytes == 8)
        args[1] = (DWORD)&id;
    measure_call(find(name), NULL, args, bytes / 4, &removed);
    if (removed != bytes)
        fail_msg("%s removes %d bytes, not %d", name, removed, bytes);
}

static void each_member_takes_its_own_arguments_off_the_stack(void **state)
{
    (void)state;
    static const struct handler others[] = {{INITIALIZE, 44}, {VOLUME_ARRAY, 4}, {DEVICE_NAME, 12},
        {PATH_AFFECTED, 8}, {SET_ID, 8}, {LEVEL, 4}, {SET_FAILURE, 8},
        {NUMBER("GetCurrentVolumeCount", "I"), 4}, {NUMBER("GetContext", "J"), 4},
        {NUMBER("GetBackupType", "?AW4_VSS_BACKUP_TYPE@@"), 4},
        {NUMBER("GetRestoreType", "?AW4_VSS_RESTORE_TYPE@@"), 4},
        {NUMBER("AreComponentsSelected", "_N"), 4},
        {NUMBER("IsBootableSystemStateBackedUp", "_N"), 4},
        {NUMBER("IsPartialFileSupportEnabled", "_N"), 4}};
    struct object object;
    DWORD flags = 0;
    int removed = -1;
    construct(&object);
    for (size_t i = 0; i < ARRAYSIZE(handlers); i++)
        assert_removes(&object, handlers[i].name, handlers[i].bytes);
    for (size_t i = 0; i < ARRAYSIZE(others); i++)
        assert_removes(&object, others[i].name, others[i].bytes);
    for (size_t i = 0; i < ARRAYSIZE(quiet); i++)
        assert_removes(&object, quiet[i], 4);
    assert_int_equal(
        measure_call(object.vtbl[0], self(&object), &flags, 1, &removed), (DWORD)self(&object));
    assert_int_equal(removed, 4);
    measure_call(find(DESTRUCT), self(&object), NULL, 0, &removed);
    assert_int_equal(removed, 0);
    destruct(&object);
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_comes_and_goes_within_two_pointers),
        cmocka_unit_test(it_never_becomes_a_writer),
        cmocka_unit_test(default_handlers_say_true_in_one_byte),
        cmocka_unit_test(getters_know_of_no_backup),
#ifdef __i386__
        cmocka_unit_test(each_member_takes_its_own_arguments_off_the_stack),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
