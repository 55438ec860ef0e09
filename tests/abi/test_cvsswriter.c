/* SPDX-License-Identifier: MIT
 *
 * The exported members of class CVssWriter, called as a compiler of 2003 calls them: found by their
 * mangled names, on storage of two pointers between guards (writer-provider 1.4, 2.2, 2.3 A, 2.6).
 * Whole writers of that class are in scenario/test_cpp_writers.c.
 */
#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#define EXPORTED_CLASS "CVssWriter"
#include "abi/exported_object.h"
#include "support/measure_call.h"

#define INITIALIZE                                                                                 \
    NAME("?Initialize@CVssWriter@@QAGJU_GUID@@PBGW4VSS_USAGE_TYPE@@W4VSS_SOURCE_TYPE@@"            \
         "W4_VSS_APPLICATION_LEVEL@@KW4VSS_ALTERNATE_WRITER_STATE@@_N1@Z",                         \
        "?Initialize@CVssWriter@@QEAAJU_GUID@@PEBGW4VSS_USAGE_TYPE@@W4VSS_SOURCE_TYPE@@"           \
        "W4_VSS_APPLICATION_LEVEL@@KW4VSS_ALTERNATE_WRITER_STATE@@_N1@Z")
#define INSTALL                                                                                    \
    NAME("?InstallAlternateWriter@CVssWriter@@QAGJU_GUID@@0@Z",                                    \
        "?InstallAlternateWriter@CVssWriter@@QEAAJU_GUID@@0@Z")
#define SUBSCRIBE NAME("?Subscribe@CVssWriter@@QAGJK@Z", "?Subscribe@CVssWriter@@QEAAJK@Z")
#define UNSUBSCRIBE NAME("?Unsubscribe@CVssWriter@@QAGJXZ", "?Unsubscribe@CVssWriter@@QEAAJXZ")
#define GETTER(name, type)                                                                         \
    NAME("?" name "@CVssWriter@@IBG" type "XZ", "?" name "@CVssWriter@@IEBA" type "XZ")
#define VOLUME_ARRAY                                                                               \
    NAME("?GetCurrentVolumeArray@CVssWriter@@IBGPAPBGXZ",                                          \
        "?GetCurrentVolumeArray@CVssWriter@@IEBAPEAPEBGXZ")
#define DEVICE_NAME                                                                                \
    NAME("?GetSnapshotDeviceName@CVssWriter@@IBGJPBGPAPBG@Z",                                      \
        "?GetSnapshotDeviceName@CVssWriter@@IEBAJPEBGPEAPEBG@Z")
#define PATH_AFFECTED                                                                              \
    NAME("?IsPathAffected@CVssWriter@@IBG_NPBG@Z", "?IsPathAffected@CVssWriter@@IEBA_NPEBG@Z")
#define SET_FAILURE                                                                                \
    NAME("?SetWriterFailure@CVssWriter@@IAGJJ@Z", "?SetWriterFailure@CVssWriter@@IEAAJJ@Z")
#define HANDLER(name, x86, x64)                                                                    \
    NAME("?" name "@CVssWriter@@UAG_N" x86 "Z", "?" name "@CVssWriter@@UEAA_N" x64 "Z")
#define OF_METADATA(name)                                                                          \
    HANDLER(name, "PAVIVssCreateWriterMetadata@@@", "PEAVIVssCreateWriterMetadata@@@")
#define OF_COMPONENTS(name)                                                                        \
    HANDLER(name, "PAVIVssWriterComponents@@@", "PEAVIVssWriterComponents@@@")

static const VSS_ID class_id = {0xabababab, 0x1111, 0x4111, {0x71, 1, 1, 1, 1, 1, 1, 1}};

static HRESULT initialize(struct object *object, const WCHAR *name)
{
    HRESULT(STDMETHODCALLTYPE * member)
    (void *, VSS_ID, LPCWSTR, VSS_USAGE_TYPE, VSS_SOURCE_TYPE, VSS_APPLICATION_LEVEL, DWORD,
        VSS_ALTERNATE_WRITER_STATE, boolean, LPCWSTR) = find(INITIALIZE);
    return member(self(object), class_id, name, VSS_UT_USERDATA, VSS_ST_OTHER, VSS_APP_FRONT_END,
        60000, VSS_AWS_NO_ALTERNATE_WRITER, FALSE, NULL);
}

static HRESULT subscribe(struct object *object, DWORD events)
{
    HRESULT(STDMETHODCALLTYPE * member)(void *, DWORD) = find(SUBSCRIBE);
    return member(self(object), events);
}

static HRESULT unsubscribe(struct object *object)
{
    HRESULT(STDMETHODCALLTYPE * member)(void *) = find(UNSUBSCRIBE);
    return member(self(object));
}

/* ---- Construction ---- */

static void the_constructor_writes_two_pointers_and_returns_this(void **state)
{
    (void)state;
    struct object object;
    construct(&object);
    assert_null(object.impl);
    for (int slot = 0; slot < 16; slot++)
        assert_non_null(object.vtbl[slot]);
    destruct(&object);
    destruct(&object);
}

static void the_table_holds_the_exported_handlers_in_their_slots(void **state)
{
    (void)state;
    /* Spec 2.1; the slots of the deleting destructor and of the pure handlers have no export. */
    static const struct
    {
        int slot;
        const char *name;
    } rows[] = {
        {1, OF_METADATA("OnIdentify")},
        {2, OF_COMPONENTS("OnPrepareBackup")},
        {7, OF_COMPONENTS("OnBackupComplete")},
        {8, HANDLER("OnBackupShutdown", "U_GUID@@@", "U_GUID@@@")},
        {9, OF_COMPONENTS("OnPreRestore")},
        {10, OF_COMPONENTS("OnPostRestore")},
        {11, OF_COMPONENTS("OnPostSnapshot")},
        {12, HANDLER("OnBackOffIOOnVolume", "PAGU_GUID@@1@", "PEAGU_GUID@@1@")},
        {13, HANDLER("OnContinueIOOnVolume", "PAGU_GUID@@1@", "PEAGU_GUID@@1@")},
        {14, HANDLER("OnVSSShutdown", "X", "X")},
        {15, HANDLER("OnVSSApplicationStartup", "X", "X")},
    };
    struct object object;
    construct(&object);
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
        if (object.vtbl[rows[i].slot] != find(rows[i].name))
            fail_msg("slot %d does not hold %s", rows[i].slot, rows[i].name);
    destruct(&object);
}

static void default_handlers_say_true_in_one_byte(void **state)
{
    (void)state;
    static const char *const names[] = {OF_METADATA("OnIdentify"), OF_COMPONENTS("OnPrepareBackup"),
        OF_COMPONENTS("OnBackupComplete"), OF_COMPONENTS("OnPreRestore"),
        OF_COMPONENTS("OnPostRestore"), OF_COMPONENTS("OnPostSnapshot")};
    struct object object;
    construct(&object);
    for (size_t i = 0; i < ARRAYSIZE(names); i++)
    {
        BYTE(STDMETHODCALLTYPE * handler)(void *, void *) = find(names[i]);
        assert_int_equal(handler(self(&object), NULL), 1);
    }
    BYTE(STDMETHODCALLTYPE * shutdown)
    (void *, VSS_ID) = find(HANDLER("OnBackupShutdown", "U_GUID@@@", "U_GUID@@@"));
    assert_int_equal(shutdown(self(&object), class_id), 1);
    destruct(&object);
}

/* ---- Life cycle ---- */

static void members_fail_before_initialize(void **state)
{
    (void)state;
    struct object object;
    const WCHAR *device = L"untouched";
    construct(&object);
    HRESULT(STDMETHODCALLTYPE * set_failure)(void *, HRESULT) = find(SET_FAILURE);
    HRESULT(STDMETHODCALLTYPE * device_name)(void *, LPCWSTR, LPCWSTR *) = find(DEVICE_NAME);
    assert_hr(subscribe(&object, 6), E_FAIL);
    assert_hr(unsubscribe(&object), E_FAIL);
    assert_hr(set_failure(self(&object), VSS_E_WRITERERROR_RETRYABLE), E_FAIL);
    assert_hr(device_name(self(&object), L"C:\\", &device), E_FAIL);
    assert_null(device);
    destruct(&object);
}

static void initialize_subscribe_and_unsubscribe_answer_as_documented(void **state)
{
    (void)state;
    struct object object;
    construct(&object);
    assert_hr(initialize(&object, NULL), E_INVALIDARG);
    assert_null(object.impl);
    assert_hr(initialize(&object, L"Writer of 2003"), S_OK);
    assert_non_null(object.impl);
    assert_hr(initialize(&object, L"Writer of 2003"), E_FAIL);
    assert_hr(subscribe(&object, VSS_SM_BACKUP_EVENTS_FLAG), E_INVALIDARG);
    assert_hr(subscribe(&object, 6), S_OK);
    assert_hr(subscribe(&object, 6), VSS_E_WRITER_ALREADY_SUBSCRIBED);
    assert_hr(unsubscribe(&object), S_OK);
    assert_hr(unsubscribe(&object), S_OK);
    assert_hr(subscribe(&object, 6), S_OK);
    destruct(&object);
    assert_null(object.impl);
    assert_hr(unsubscribe(&object), E_FAIL);
}

static void initialize_checks_each_argument(void **state)
{
    (void)state;
    HRESULT(STDMETHODCALLTYPE * member)
    (void *, VSS_ID, LPCWSTR, int, int, int, DWORD, int, boolean, LPCWSTR) = find(INITIALIZE);
    static const struct
    {
        int usage;
        int source;
        int level;
    } rows[] = {{0, 3, 3}, {5, 3, 3}, {-1, 3, 3}, {3, 0, 3}, {3, 4, 3}, {3, -1, 3}, {3, 3, 0},
        {3, 3, 4}, {3, 3, -1}};
    struct object object;
    construct(&object);
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        assert_hr(member(self(&object), class_id, L"x", rows[i].usage, rows[i].source,
                      rows[i].level, 60000, VSS_AWS_NO_ALTERNATE_WRITER, FALSE, NULL),
            E_INVALIDARG);
        assert_null(object.impl);
    }
    assert_hr(member(self(&object), GUID_NULL, L"x", 3, 3, 3, 60000, VSS_AWS_NO_ALTERNATE_WRITER,
                  FALSE, NULL),
        E_INVALIDARG);
    destruct(&object);
}

/* ---- Getters outside of a backup ---- */

static void assert_getters_know_of_no_backup(struct object *object, LONG level)
{
    UINT(STDMETHODCALLTYPE * count)(void *) = find(GETTER("GetCurrentVolumeCount", "I"));
    LPCWSTR *(STDMETHODCALLTYPE * volumes)(void *) = find(VOLUME_ARRAY);
    BYTE(STDMETHODCALLTYPE * affected)(void *, LPCWSTR) = find(PATH_AFFECTED);
    static const struct
    {
        const char *name;
        BOOL is_level;
    } numbers[] = {{GETTER("GetContext", "J"), FALSE},
        {GETTER("GetCurrentLevel", "?AW4_VSS_APPLICATION_LEVEL@@"), TRUE},
        {GETTER("GetBackupType", "?AW4_VSS_BACKUP_TYPE@@"), FALSE},
        {GETTER("GetRestoreType", "?AW4_VSS_RESTORE_TYPE@@"), FALSE}};
    static const char *const flags[] = {GETTER("AreComponentsSelected", "_N"),
        GETTER("IsBootableSystemStateBackedUp", "_N"), GETTER("IsPartialFileSupportEnabled", "_N")};
    assert_int_equal(count(self(object)), 0);
    assert_null(volumes(self(object)));
    assert_int_equal(affected(self(object), L"C:\\windows"), 0);
    for (size_t i = 0; i < ARRAYSIZE(numbers); i++)
    {
        LONG(STDMETHODCALLTYPE * getter)(void *) = find(numbers[i].name);
        assert_int_equal(getter(self(object)), numbers[i].is_level ? level : 0);
    }
    for (size_t i = 0; i < ARRAYSIZE(flags); i++)
    {
        BYTE(STDMETHODCALLTYPE * getter)(void *) = find(flags[i]);
        assert_int_equal(getter(self(object)), 0);
    }
}

static void getters_know_of_no_backup_before_and_after_initialize(void **state)
{
    (void)state;
    struct object object;
    construct(&object);
    assert_getters_know_of_no_backup(&object, VSS_APP_AUTO);
    assert_hr(initialize(&object, L"Writer of 2003"), S_OK);
    assert_getters_know_of_no_backup(&object, VSS_APP_FRONT_END);
    destruct(&object);
}

static void a_guid_comes_back_through_the_second_argument(void **state)
{
    (void)state;
    VSS_ID *(STDMETHODCALLTYPE * getter)(void *, VSS_ID *) = find(
        GETTER("GetCurrentSnapshotSetId", "?AU_GUID@@"));
    struct object object;
    construct(&object);
    for (int initialized = 0; initialized < 2; initialized++)
    {
        VSS_ID ids[3];
        memset(ids, 0xCC, sizeof(ids));
        assert_ptr_equal(getter(self(&object), &ids[1]), &ids[1]);
        assert_true(IsEqualGUID(&ids[1], &GUID_NULL));
        assert_int_equal(ids[0].Data4[7], 0xCC);
        assert_int_equal(ids[2].Data1, 0xCCCCCCCC);
        assert_hr(initialize(&object, L"Writer of 2003"), initialized ? E_FAIL : S_OK);
    }
    destruct(&object);
}

static void alternate_writers_are_not_implemented(void **state)
{
    (void)state;
    HRESULT(STDMETHODCALLTYPE * member)(void *, VSS_ID, CLSID) = find(INSTALL);
    struct object object;
    construct(&object);
    assert_hr(member(self(&object), class_id, class_id), E_NOTIMPL);
    destruct(&object);
}

/* ---- Conventions of x86 ---- */

#ifdef __i386__

static void each_member_takes_its_own_arguments_off_the_stack(void **state)
{
    (void)state;
    /* The last column of the table in writer-provider 1.4; `this` included. */
    static const struct
    {
        const char *name;
        int bytes;
    } rows[] = {{INITIALIZE, 52}, {INSTALL, 36}, {SUBSCRIBE, 8}, {UNSUBSCRIBE, 4},
        {OF_METADATA("OnIdentify"), 8}, {OF_COMPONENTS("OnPrepareBackup"), 8},
        {OF_COMPONENTS("OnBackupComplete"), 8}, {OF_COMPONENTS("OnPreRestore"), 8},
        {OF_COMPONENTS("OnPostRestore"), 8}, {OF_COMPONENTS("OnPostSnapshot"), 8},
        {HANDLER("OnBackupShutdown", "U_GUID@@@", ""), 20},
        {HANDLER("OnBackOffIOOnVolume", "PAGU_GUID@@1@", ""), 40},
        {HANDLER("OnContinueIOOnVolume", "PAGU_GUID@@1@", ""), 40},
        {HANDLER("OnVSSShutdown", "X", ""), 4}, {HANDLER("OnVSSApplicationStartup", "X", ""), 4},
        {VOLUME_ARRAY, 4}, {GETTER("GetCurrentVolumeCount", "I"), 4}, {DEVICE_NAME, 12},
        {GETTER("GetCurrentSnapshotSetId", "?AU_GUID@@"), 8}, {GETTER("GetContext", "J"), 4},
        {GETTER("GetCurrentLevel", "?AW4_VSS_APPLICATION_LEVEL@@"), 4},
        {GETTER("GetBackupType", "?AW4_VSS_BACKUP_TYPE@@"), 4},
        {GETTER("GetRestoreType", "?AW4_VSS_RESTORE_TYPE@@"), 4}, {PATH_AFFECTED, 8},
        {GETTER("AreComponentsSelected", "_N"), 4},
        {GETTER("IsBootableSystemStateBackedUp", "_N"), 4},
        {GETTER("IsPartialFileSupportEnabled", "_N"), 4}, {SET_FAILURE, 8}};
    struct object object;
    construct(&object);
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        VSS_ID id;
        DWORD args[16] = {(DWORD)self(&object)};
        int removed = -1;
        if (rows[i].bytes == 8)
            args[1] = (DWORD)&id;
        measure_call(find(rows[i].name), NULL, args, rows[i].bytes / 4, &removed);
        if (removed != rows[i].bytes)
            fail_msg("%s removes %d bytes, not %d", rows[i].name, removed, rows[i].bytes);
    }
    destruct(&object);
}

static void structors_and_the_deleting_slot_take_this_in_ecx(void **state)
{
    (void)state;
    struct object object;
    int removed = -1;
    DWORD flags = 0;
    memset(&object, 0xCC, sizeof(object));
    assert_int_equal(
        measure_call(find(CONSTRUCT), self(&object), NULL, 0, &removed), (DWORD)self(&object));
    assert_int_equal(removed, 0);
    assert_int_equal(
        measure_call(object.vtbl[0], self(&object), &flags, 1, &removed), (DWORD)self(&object));
    assert_int_equal(removed, 4);
    measure_call(find(DESTRUCT), self(&object), NULL, 0, &removed);
    assert_int_equal(removed, 0);
}

#endif

static LONG blocks;

static int remember_blocks(void **state)
{
    (void)state;
    blocks = ThawlineGetLiveBlocks();
    return 0;
}

static int check_blocks(void **state)
{
    (void)state;
    return ThawlineGetLiveBlocks() == blocks ? 0 : -1;
}

int main(void)
{
#define ABI(test) cmocka_unit_test_setup_teardown(test, remember_blocks, check_blocks)
    const struct CMUnitTest tests[] = {
        ABI(the_constructor_writes_two_pointers_and_returns_this),
        ABI(the_table_holds_the_exported_handlers_in_their_slots),
        ABI(default_handlers_say_true_in_one_byte),
        ABI(members_fail_before_initialize),
        ABI(initialize_subscribe_and_unsubscribe_answer_as_documented),
        ABI(initialize_checks_each_argument),
        ABI(getters_know_of_no_backup_before_and_after_initialize),
        ABI(a_guid_comes_back_through_the_second_argument),
        ABI(alternate_writers_are_not_implemented),
#ifdef __i386__
        ABI(each_member_takes_its_own_arguments_off_the_stack),
        ABI(structors_and_the_deleting_slot_take_this_in_ecx),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
