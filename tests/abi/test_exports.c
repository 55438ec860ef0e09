/* SPDX-License-Identifier: MIT
 *
 * What programs find in vssapi.dll by name and by ordinal. The names are typed from writer-provider
 * 1.2 to 1.5.
 */
#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include "abi/abi_objects.h"

#ifdef _WIN64
#define NAME(x86, x64) x64
/* Members: access and convention, pointers to const and to 16-bit characters. */
#define PUBLIC "QEAA"
#define VIRTUAL "UEAA"
#define CONST_GETTER "IEBA"
#define PROTECTED "IEAA"
#define STRUCTOR_PUBLIC "QEAA"
#define STRUCTOR_VIRTUAL "UEAA"
#define PTR "PEA"
#define PCWSTR_ "PEBG"
#else
#define NAME(x86, x64) x86
#define PUBLIC "QAG"
#define VIRTUAL "UAG"
#define CONST_GETTER "IBG"
#define PROTECTED "IAG"
#define STRUCTOR_PUBLIC "QAE"
#define STRUCTOR_VIRTUAL "UAE"
#define PTR "PA"
#define PCWSTR_ "PBG"
#endif

#define COMPONENTS PTR "VIVssWriterComponents@@"

static HMODULE ours(void)
{
    HMODULE module = GetModuleHandleW(L"vssapi.dll");
    assert_non_null(module);
    return module;
}

static void check_names(const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!GetProcAddress(ours(), names[i]))
            fail_msg("%s is not exported", names[i]);
}

static void flat_functions(void **state)
{
    (void)state;
    static const char *const names[] = {"CreateVssBackupComponentsInternal",
        "CreateVssExamineWriterMetadataInternal", "CreateVssExpressWriterInternal",
        "VssFreeSnapshotPropertiesInternal", "IsVolumeSnapshottedInternal",
        "ShouldBlockRevertInternal", "GetProviderMgmtInterfaceInternal", "CreateWriter",
        "CreateWriterEx", "IsVolumeSnapshotted", "VssFreeSnapshotProperties", "ShouldBlockRevert",
        "GetProviderMgmtInterface", "DllGetClassObject", "DllCanUnloadNow",
        "SimulateSnapshotFreeze", "SimulateSnapshotThaw"};
    check_names(names, ARRAYSIZE(names));
}

static void free_cpp_functions(void **state)
{
    (void)state;
    static const char *const names[] = {
        NAME("?CreateVssBackupComponents@@YGJPAPAVIVssBackupComponents@@@Z",
            "?CreateVssBackupComponents@@YAJPEAPEAVIVssBackupComponents@@@Z"),
        NAME("?CreateVssExamineWriterMetadata@@YGJPAGPAPAVIVssExamineWriterMetadata@@@Z",
            "?CreateVssExamineWriterMetadata@@YAJPEAGPEAPEAVIVssExamineWriterMetadata@@@Z"),
        NAME("?CreateVssSnapshotSetDescription@@YGJU_GUID@@JPAPAVIVssSnapshotSetDescription@@@Z",
            "?CreateVssSnapshotSetDescription@@YAJU_GUID@@JPEAPEAVIVssSnapshotSetDescription@@@Z"),
        NAME("?LoadVssSnapshotSetDescription@@YGJPBGPAPAVIVssSnapshotSetDescription@@U_GUID@@@Z",
            "?LoadVssSnapshotSetDescription@@YAJPEBGPEAPEAVIVssSnapshotSetDescription@@U_GUID@@@Z"),
    };
    check_names(names, ARRAYSIZE(names));
}

/* Both classes have these. */
#define SHARED_MEMBERS(class_)                                                                     \
    "??0" class_ "@@" STRUCTOR_PUBLIC "@XZ", "??1" class_ "@@" STRUCTOR_VIRTUAL "@XZ",             \
        "?OnIdentify@" class_ "@@" VIRTUAL "_N" PTR "VIVssCreateWriterMetadata@@@Z",               \
        "?OnPostSnapshot@" class_ "@@" VIRTUAL "_N" COMPONENTS "@Z",                               \
        "?GetCurrentVolumeArray@" class_ "@@" CONST_GETTER PTR PCWSTR_ "XZ",                       \
        "?GetCurrentVolumeCount@" class_ "@@" CONST_GETTER "IXZ",                                  \
        "?GetSnapshotDeviceName@" class_ "@@" CONST_GETTER "J" PCWSTR_ PTR PCWSTR_ "@Z",           \
        "?GetCurrentSnapshotSetId@" class_ "@@" CONST_GETTER "?AU_GUID@@XZ",                       \
        "?GetContext@" class_ "@@" CONST_GETTER "JXZ",                                             \
        "?GetCurrentLevel@" class_ "@@" CONST_GETTER "?AW4_VSS_APPLICATION_LEVEL@@XZ",             \
        "?GetBackupType@" class_ "@@" CONST_GETTER "?AW4_VSS_BACKUP_TYPE@@XZ",                     \
        "?GetRestoreType@" class_ "@@" CONST_GETTER "?AW4_VSS_RESTORE_TYPE@@XZ",                   \
        "?IsPathAffected@" class_ "@@" CONST_GETTER "_N" PCWSTR_ "@Z",                             \
        "?AreComponentsSelected@" class_ "@@" CONST_GETTER "_NXZ",                                 \
        "?IsBootableSystemStateBackedUp@" class_ "@@" CONST_GETTER "_NXZ",                         \
        "?IsPartialFileSupportEnabled@" class_ "@@" CONST_GETTER "_NXZ",                           \
        "?SetWriterFailure@" class_ "@@" PROTECTED "JJ@Z"

static void class_CVssWriter(void **state)
{
    (void)state;
    static const char *const names[] = {SHARED_MEMBERS("CVssWriter"),
        "?Initialize@CVssWriter@@" PUBLIC "JU_GUID@@" PCWSTR_
        "W4VSS_USAGE_TYPE@@W4VSS_SOURCE_TYPE@@W4_VSS_APPLICATION_LEVEL@@K"
        "W4VSS_ALTERNATE_WRITER_STATE@@_N1@Z",
        "?InstallAlternateWriter@CVssWriter@@" PUBLIC "JU_GUID@@0@Z",
        "?Subscribe@CVssWriter@@" PUBLIC "JK@Z", "?Unsubscribe@CVssWriter@@" PUBLIC "JXZ",
        "?OnPrepareBackup@CVssWriter@@" VIRTUAL "_N" COMPONENTS "@Z",
        "?OnBackupComplete@CVssWriter@@" VIRTUAL "_N" COMPONENTS "@Z",
        "?OnPreRestore@CVssWriter@@" VIRTUAL "_N" COMPONENTS "@Z",
        "?OnPostRestore@CVssWriter@@" VIRTUAL "_N" COMPONENTS "@Z",
        "?OnBackupShutdown@CVssWriter@@" VIRTUAL "_NU_GUID@@@Z",
        "?OnBackOffIOOnVolume@CVssWriter@@" VIRTUAL "_N" PTR "GU_GUID@@1@Z",
        "?OnContinueIOOnVolume@CVssWriter@@" VIRTUAL "_N" PTR "GU_GUID@@1@Z",
        "?OnVSSShutdown@CVssWriter@@" VIRTUAL "_NXZ",
        "?OnVSSApplicationStartup@CVssWriter@@" VIRTUAL "_NXZ"};
    check_names(names, ARRAYSIZE(names));
}

static void class_CVssJetWriter(void **state)
{
    (void)state;
    static const char *const names[] = {SHARED_MEMBERS("CVssJetWriter"),
        "?Initialize@CVssJetWriter@@" PUBLIC "JU_GUID@@" PCWSTR_ "_N211K@Z",
        "?Uninitialize@CVssJetWriter@@" PUBLIC "XXZ",
        "?OnPrepareBackupBegin@CVssJetWriter@@" VIRTUAL "_N" COMPONENTS "@Z",
        "?OnPrepareBackupEnd@CVssJetWriter@@" VIRTUAL "_N" COMPONENTS "_N@Z",
        "?OnPrepareSnapshotBegin@CVssJetWriter@@" VIRTUAL "_NXZ",
        "?OnPrepareSnapshotEnd@CVssJetWriter@@" VIRTUAL "_N_N@Z",
        "?OnFreezeBegin@CVssJetWriter@@" VIRTUAL "_NXZ",
        "?OnFreezeEnd@CVssJetWriter@@" VIRTUAL "_N_N@Z",
        "?OnThawBegin@CVssJetWriter@@" VIRTUAL "_NXZ",
        "?OnThawEnd@CVssJetWriter@@" VIRTUAL "_N_N@Z",
        "?OnBackupCompleteBegin@CVssJetWriter@@" VIRTUAL "_N" COMPONENTS "@Z",
        "?OnBackupCompleteEnd@CVssJetWriter@@" VIRTUAL "_N" COMPONENTS "_N@Z",
        "?OnPreRestoreBegin@CVssJetWriter@@" VIRTUAL "_N" COMPONENTS "@Z",
        "?OnPreRestoreEnd@CVssJetWriter@@" VIRTUAL "_N" COMPONENTS "_N@Z",
        "?OnPostRestoreBegin@CVssJetWriter@@" VIRTUAL "_N" COMPONENTS "@Z",
        "?OnPostRestoreEnd@CVssJetWriter@@" VIRTUAL "_N" COMPONENTS "_N@Z",
        "?OnAbortBegin@CVssJetWriter@@" VIRTUAL "XXZ", "?OnAbortEnd@CVssJetWriter@@" VIRTUAL "XXZ"};
    check_names(names, ARRAYSIZE(names));
}

/* Programs linked with the VSS SDK 7.2 import these by number. */
static void ordinals(void **state)
{
    (void)state;
    static const struct
    {
        WORD ordinal;
        const char *name;
    } rows[] = {
        {3, "SimulateSnapshotFreeze"},
        {4, "SimulateSnapshotThaw"},
        {5, "IsVolumeSnapshotted"},
        {6, "VssFreeSnapshotProperties"},
        {7, "ShouldBlockRevert"},
    };
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        FARPROC by_name = GetProcAddress(ours(), rows[i].name);
        FARPROC by_ordinal = GetProcAddress(ours(), (const char *)(uintptr_t)rows[i].ordinal);
        assert_non_null(by_name);
        assert_ptr_equal(by_ordinal, by_name);
    }
}

/* ---- Both names of a function do the same ---- */

typedef HRESULT(WINAPI *create_backup)(IVssBackupComponents **out);
typedef HRESULT(WINAPI *create_metadata)(BSTR xml, IVssExamineWriterMetadata **out);

static void backup_components_come_by_both_names(void **state)
{
    (void)state;
    static const char *const names[] = {"CreateVssBackupComponentsInternal",
        NAME("?CreateVssBackupComponents@@YGJPAPAVIVssBackupComponents@@@Z",
            "?CreateVssBackupComponents@@YAJPEAPEAVIVssBackupComponents@@@Z")};
    for (size_t i = 0; i < ARRAYSIZE(names); i++)
    {
        create_backup create = (create_backup)(void *)GetProcAddress(ours(), names[i]);
        IVssBackupComponents *backup = NULL;
        assert_hr(create(NULL), E_INVALIDARG);
        assert_hr(create(&backup), S_OK);
        assert_int_equal(IVssBackupComponents_AddRef(backup), 2);
        assert_int_equal(IVssBackupComponents_Release(backup), 1);
        assert_int_equal(IVssBackupComponents_Release(backup), 0);
    }
}

static void metadata_comes_by_both_names(void **state)
{
    (void)state;
    static const char *const names[] = {"CreateVssExamineWriterMetadataInternal",
        NAME("?CreateVssExamineWriterMetadata@@YGJPAGPAPAVIVssExamineWriterMetadata@@@Z",
            "?CreateVssExamineWriterMetadata@@YAJPEAGPEAPEAVIVssExamineWriterMetadata@@@Z")};
    BSTR good = SysAllocString(ABI_METADATA_XML);
    BSTR bad = SysAllocString(L"<WRITER_METADATA/>");
    for (size_t i = 0; i < ARRAYSIZE(names); i++)
    {
        create_metadata create = (create_metadata)(void *)GetProcAddress(ours(), names[i]);
        IVssExamineWriterMetadata *metadata = (void *)1;
        assert_hr(create(good, NULL), E_INVALIDARG);
        assert_hr(create(NULL, &metadata), E_INVALIDARG);
        assert_null(metadata);
        metadata = (void *)1;
        assert_hr(create(bad, &metadata), VSS_E_INVALID_XML_DOCUMENT);
        assert_null(metadata);
        assert_hr(create(good, &metadata), S_OK);
        assert_int_equal(IVssExamineWriterMetadata_Release(metadata), 0);
    }
    SysFreeString(good);
    SysFreeString(bad);
}

/* ---- Arguments are checked before they are used ---- */

typedef HRESULT(WINAPI *create_one)(void *writer, void **impl);
typedef HRESULT(WINAPI *is_snapshotted)(const WCHAR *volume, BOOL *present, LONG *capability);
typedef HRESULT(WINAPI *should_block)(const WCHAR *volume, BYTE *block);
typedef HRESULT(WINAPI *get_management)(VSS_ID provider, IID iid, IUnknown **out);
typedef HRESULT(WINAPI *get_class)(const CLSID *clsid, const IID *iid, void **out);
typedef HRESULT(WINAPI *create_express)(void **out);
typedef HRESULT(WINAPI *create_description)(GUID id, LONG context, void **out);
typedef HRESULT(WINAPI *load_description)(const WCHAR *xml, void **out, GUID id);

#define FUNCTION(type, name) ((type)(void *)GetProcAddress(ours(), name))

static void writers_need_both_pointers(void **state)
{
    (void)state;
    static const char *const names[] = {"CreateWriter", "CreateWriterEx"};
    void *object[2] = {0};
    for (size_t i = 0; i < ARRAYSIZE(names); i++)
    {
        create_one create = FUNCTION(create_one, names[i]);
        void *impl = object;
        assert_hr(create(NULL, &impl), E_INVALIDARG);
        assert_null(impl);
        assert_hr(create(object, NULL), E_INVALIDARG);
    }
}

static void volume_functions_check_their_arguments(void **state)
{
    (void)state;
    static const char *const names[] = {"IsVolumeSnapshotted", "IsVolumeSnapshottedInternal"};
    for (size_t i = 0; i < ARRAYSIZE(names); i++)
    {
        is_snapshotted ask = FUNCTION(is_snapshotted, names[i]);
        BOOL present = 9;
        LONG capability = 9;
        assert_hr(ask(NULL, &present, &capability), E_INVALIDARG);
        assert_int_equal(present, 0);
        assert_int_equal(capability, 0);
        assert_hr(ask(L"C:\\", NULL, &capability), E_INVALIDARG);
        assert_hr(ask(L"C:\\", &present, NULL), E_INVALIDARG);
        assert_hr(ask(L"C:", &present, &capability), E_INVALIDARG);
        assert_hr(
            ask(L"\\\\?\\Volume{99999999-9999-9999-9999-999999999999}\\", &present, &capability),
            VSS_E_OBJECT_NOT_FOUND);
        present = 9;
        capability = 9;
        assert_hr(ask(L"C:\\", &present, &capability), S_OK);
        assert_int_equal(present, FALSE);
        assert_int_equal(capability, 0);
    }
}

static void revert_is_not_blocked_by_nobody(void **state)
{
    (void)state;
    static const char *const names[] = {"ShouldBlockRevert", "ShouldBlockRevertInternal"};
    for (size_t i = 0; i < ARRAYSIZE(names); i++)
    {
        should_block ask = FUNCTION(should_block, names[i]);
        BYTE block = 9;
        assert_hr(ask(NULL, &block), E_INVALIDARG);
        assert_int_equal(block, 0);
        assert_hr(ask(L"C:\\", NULL), E_INVALIDARG);
        assert_hr(ask(L"nonsense", &block), E_INVALIDARG);
        block = 9;
        assert_hr(ask(L"C:\\", &block), S_OK);
        assert_int_equal(block, 0);
    }
}

static void management_knows_the_system_provider_only(void **state)
{
    (void)state;
    static const char *const names[] = {
        "GetProviderMgmtInterface", "GetProviderMgmtInterfaceInternal"};
    const VSS_ID system = abi_iid(L"{b5946137-7b9f-4925-af80-51abd60b20d5}");
    const VSS_ID unknown = abi_iid(L"{12345678-0000-0000-0000-000000000000}");
    const IID iid = abi_iid(ABI_IID_UNKNOWN);
    const GUID null_id = {0};
    for (size_t i = 0; i < ARRAYSIZE(names); i++)
    {
        get_management get = FUNCTION(get_management, names[i]);
        IUnknown *out = (void *)1;
        assert_hr(get(system, iid, NULL), E_INVALIDARG);
        assert_hr(get(null_id, iid, &out), E_INVALIDARG);
        assert_null(out);
        out = (void *)1;
        assert_hr(get(unknown, iid, &out), VSS_E_PROVIDER_NOT_REGISTERED);
        assert_null(out);
        out = (void *)1;
        assert_hr(get(system, unknown, &out), E_NOINTERFACE);
        assert_null(out);
    }
}

static void class_objects_are_not_there(void **state)
{
    (void)state;
    get_class get = FUNCTION(get_class, "DllGetClassObject");
    const GUID id = abi_iid(L"{12345678-0000-0000-0000-000000000000}");
    void *out = (void *)1;
    assert_hr(get(&id, &IID_IClassFactory, NULL), E_INVALIDARG);
    assert_hr(get(NULL, &IID_IClassFactory, &out), E_INVALIDARG);
    assert_null(out);
    out = (void *)1;
    assert_hr(get(&id, NULL, &out), E_INVALIDARG);
    assert_null(out);
    out = (void *)1;
    assert_hr(get(&id, &IID_IClassFactory, &out), CLASS_E_CLASSNOTAVAILABLE);
    assert_null(out);
}

static void the_dll_can_unload_without_objects(void **state)
{
    (void)state;
    typedef HRESULT(WINAPI * can_unload)(void);
    can_unload ask = FUNCTION(can_unload, "DllCanUnloadNow");
    assert_int_equal(ThawlineGetLiveObjects(), 0);
    assert_hr(ask(), S_OK);
    IVssBackupComponentsEx4 *backup = abi_backup();
    assert_hr(ask(), S_FALSE);
    IVssBackupComponentsEx4_Release(backup);
    assert_hr(ask(), S_OK);
}

static void an_express_writer_needs_a_pointer(void **state)
{
    (void)state;
    void *out = NULL;
    create_express express = FUNCTION(create_express, "CreateVssExpressWriterInternal");
    assert_hr(express(NULL), E_INVALIDARG);
    assert_hr(express(&out), S_OK);
    assert_int_equal(IUnknown_Release((IUnknown *)out), 0);
}

static void what_is_not_implemented_says_so(void **state)
{
    (void)state;
    const GUID id = {0};
    void *out = (void *)1;
    create_description create = FUNCTION(create_description,
        NAME("?CreateVssSnapshotSetDescription@@YGJU_GUID@@JPAPAVIVssSnapshotSetDescription@@@Z",
            "?CreateVssSnapshotSetDescription@@YAJU_GUID@@JPEAPEAVIVssSnapshotSetDescription@@@Z"));
    assert_hr(create(id, 0, NULL), E_INVALIDARG);
    assert_hr(create(id, 0, &out), E_NOTIMPL);
    assert_null(out);
    out = (void *)1;
    load_description load = FUNCTION(load_description,
        NAME("?LoadVssSnapshotSetDescription@@YGJPBGPAPAVIVssSnapshotSetDescription@@U_GUID@@@Z",
            "?LoadVssSnapshotSetDescription@@YAJPEBGPEAPEAVIVssSnapshotSetDescription@@U_GUID@@@Z"));
    assert_hr(load(L"", NULL, id), E_INVALIDARG);
    assert_hr(load(L"", &out, id), E_NOTIMPL);
    assert_null(out);
    typedef HRESULT(WINAPI * simulate)(void);
    assert_hr(FUNCTION(simulate, "SimulateSnapshotFreeze")(), E_NOTIMPL);
    assert_hr(FUNCTION(simulate, "SimulateSnapshotThaw")(), E_NOTIMPL);
}

/* ---- x86: functions take their arguments off the stack ---- */

#ifdef __i386__

/* Calls `function` with that many words of 0 and says how many bytes it took off the stack. */
static unsigned bytes_taken(FARPROC function, unsigned words)
{
    /* The function's address first, then the result: ebx, esi and edi come through the call. */
    unsigned taken = (unsigned)(uintptr_t)function;
    __asm__ volatile("movl %%esp, %%esi\n\t"
                     "movl %[words], %%ecx\n\t"
                     "1: jecxz 2f\n\t"
                     "pushl $0\n\t"
                     "decl %%ecx\n\t"
                     "jmp 1b\n\t"
                     "2: movl %%esp, %%edi\n\t"
                     "call *%[taken]\n\t"
                     "movl %%esp, %[taken]\n\t"
                     "subl %%edi, %[taken]\n\t"
                     "movl %%esi, %%esp"
                     : [taken] "+b"(taken), [words] "+d"(words)
                     :
                     : "eax", "ecx", "esi", "edi", "memory", "cc");
    return taken;
}

static void flat_functions_take_their_arguments(void **state)
{
    (void)state;
    static const struct
    {
        const char *name;
        unsigned bytes;
    } rows[] = {
        {"CreateVssBackupComponentsInternal", 4},
        {"CreateVssExamineWriterMetadataInternal", 8},
        {"CreateVssExpressWriterInternal", 4},
        {"VssFreeSnapshotPropertiesInternal", 4},
        {"IsVolumeSnapshottedInternal", 12},
        {"ShouldBlockRevertInternal", 8},
        {"GetProviderMgmtInterfaceInternal", 36},
        {"CreateWriter", 8},
        {"CreateWriterEx", 8},
        {"IsVolumeSnapshotted", 12},
        {"VssFreeSnapshotProperties", 4},
        {"ShouldBlockRevert", 8},
        {"GetProviderMgmtInterface", 36},
        {"DllGetClassObject", 12},
        {"DllCanUnloadNow", 0},
        {"?CreateVssBackupComponents@@YGJPAPAVIVssBackupComponents@@@Z", 4},
        {"?CreateVssExamineWriterMetadata@@YGJPAGPAPAVIVssExamineWriterMetadata@@@Z", 8},
        {"?CreateVssSnapshotSetDescription@@YGJU_GUID@@JPAPAVIVssSnapshotSetDescription@@@Z", 24},
        {"?LoadVssSnapshotSetDescription@@YGJPBGPAPAVIVssSnapshotSetDescription@@U_GUID@@@Z", 24},
    };
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        FARPROC function = GetProcAddress(ours(), rows[i].name);
        assert_non_null(function);
        unsigned taken = bytes_taken(function, rows[i].bytes / 4);
        if (taken != rows[i].bytes)
            fail_msg("%s takes %u bytes, expected %u", rows[i].name, taken, rows[i].bytes);
    }
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        ABI_TEST(flat_functions),
        ABI_TEST(free_cpp_functions),
        ABI_TEST(class_CVssWriter),
        ABI_TEST(class_CVssJetWriter),
        ABI_TEST(ordinals),
        ABI_TEST(backup_components_come_by_both_names),
        ABI_TEST(metadata_comes_by_both_names),
        ABI_TEST(writers_need_both_pointers),
        ABI_TEST(volume_functions_check_their_arguments),
        ABI_TEST(revert_is_not_blocked_by_nobody),
        ABI_TEST(management_knows_the_system_provider_only),
        ABI_TEST(class_objects_are_not_there),
        ABI_TEST(the_dll_can_unload_without_objects),
        ABI_TEST(an_express_writer_needs_a_pointer),
        ABI_TEST(what_is_not_implemented_says_so),
#ifdef __i386__
        ABI_TEST(flat_functions_take_their_arguments),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
