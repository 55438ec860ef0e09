/* SPDX-License-Identifier: MIT
 *
 * Which method stands in which slot, and that no slot of a real object is empty. The numbers are
 * typed from requestor 0.4, 1.7 and 7, writer-provider 2.4 and 2.5.
 */
#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include "abi/abi_objects.h"

struct row
{
    const char *method;
    size_t actual;
    size_t expected;
};

/* To be used where TABLE is the type of the interface's table. */
#define SLOT(number, method)                                                                       \
    {                                                                                              \
#method, offsetof(TABLE, method) / sizeof(void *), number                                  \
    }

static void check_order(const struct row *rows, size_t count, size_t table_size, size_t expected)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].actual != rows[i].expected)
            fail_msg("%s is in slot %u, expected %u", rows[i].method, (unsigned)rows[i].actual,
                (unsigned)rows[i].expected);
    assert_int_equal(count, expected);
    assert_int_equal(table_size / sizeof(void *), expected);
}

/* Every slot leads into the DLL. */
static void check_table(const abi_slot *table, size_t count)
{
    HMODULE ours = GetModuleHandleW(L"vssapi.dll");
    assert_non_null(ours);
    for (size_t i = 0; i < count; i++)
    {
        HMODULE module = NULL;
        if (!table[i])
            fail_msg("slot %u is empty", (unsigned)i);
        assert_true(GetModuleHandleExW(
            GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
            (const WCHAR *)table[i], &module));
        assert_ptr_equal(module, ours);
    }
}

#define TABLE IVssBackupComponentsEx4Vtbl
static void backup_components_have_65(void **state)
{
    (void)state;
    static const struct row rows[] = {SLOT(0, QueryInterface), SLOT(1, AddRef), SLOT(2, Release),
        SLOT(3, GetWriterComponentsCount), SLOT(4, GetWriterComponents),
        SLOT(5, InitializeForBackup), SLOT(6, SetBackupState), SLOT(7, InitializeForRestore),
        SLOT(8, SetRestoreState), SLOT(9, GatherWriterMetadata), SLOT(10, GetWriterMetadataCount),
        SLOT(11, GetWriterMetadata), SLOT(12, FreeWriterMetadata), SLOT(13, AddComponent),
        SLOT(14, PrepareForBackup), SLOT(15, AbortBackup), SLOT(16, GatherWriterStatus),
        SLOT(17, GetWriterStatusCount), SLOT(18, FreeWriterStatus), SLOT(19, GetWriterStatus),
        SLOT(20, SetBackupSucceeded), SLOT(21, SetBackupOptions), SLOT(22, SetSelectedForRestore),
        SLOT(23, SetRestoreOptions), SLOT(24, SetAdditionalRestores),
        SLOT(25, SetPreviousBackupStamp), SLOT(26, SaveAsXML), SLOT(27, BackupComplete),
        SLOT(28, AddAlternativeLocationMapping), SLOT(29, AddRestoreSubcomponent),
        SLOT(30, SetFileRestoreStatus), SLOT(31, AddNewTarget), SLOT(32, SetRangesFilePath),
        SLOT(33, PreRestore), SLOT(34, PostRestore), SLOT(35, SetContext),
        SLOT(36, StartSnapshotSet), SLOT(37, AddToSnapshotSet), SLOT(38, DoSnapshotSet),
        SLOT(39, DeleteSnapshots), SLOT(40, ImportSnapshots), SLOT(41, BreakSnapshotSet),
        SLOT(42, GetSnapshotProperties), SLOT(43, Query), SLOT(44, IsVolumeSupported),
        SLOT(45, DisableWriterClasses), SLOT(46, EnableWriterClasses),
        SLOT(47, DisableWriterInstances), SLOT(48, ExposeSnapshot), SLOT(49, RevertToSnapshot),
        SLOT(50, QueryRevertStatus),
        /* Ex */
        SLOT(51, GetWriterMetadataEx), SLOT(52, SetSelectedForRestoreEx),
        /* Ex2 */
        SLOT(53, UnexposeSnapshot), SLOT(54, SetAuthoritativeRestore), SLOT(55, SetRollForward),
        SLOT(56, SetRestoreName), SLOT(57, BreakSnapshotSetEx), SLOT(58, PreFastRecovery),
        SLOT(59, FastRecovery),
        /* Ex3 */
        SLOT(60, GetWriterStatusEx), SLOT(61, AddSnapshotToRecoverySet), SLOT(62, RecoverSet),
        SLOT(63, GetSessionId),
        /* Ex4 */
        SLOT(64, GetRootAndLogicalPrefixPaths)};
    check_order(rows, ARRAYSIZE(rows), sizeof(TABLE), 65);
    IVssBackupComponentsEx4 *backup = abi_backup();
    check_table(abi_table(backup, 0), 65);
    IVssBackupComponentsEx4_Release(backup);
}
#undef TABLE

#define TABLE IVssComponentEx2Vtbl
static void components_have_50(void **state)
{
    (void)state;
    static const struct row rows[] = {SLOT(0, QueryInterface), SLOT(1, AddRef), SLOT(2, Release),
        SLOT(3, GetLogicalPath), SLOT(4, GetComponentType), SLOT(5, GetComponentName),
        SLOT(6, GetBackupSucceeded), SLOT(7, GetAlternateLocationMappingCount),
        SLOT(8, GetAlternateLocationMapping), SLOT(9, SetBackupMetadata),
        SLOT(10, GetBackupMetadata), SLOT(11, AddPartialFile), SLOT(12, GetPartialFileCount),
        SLOT(13, GetPartialFile), SLOT(14, IsSelectedForRestore), SLOT(15, GetAdditionalRestores),
        SLOT(16, GetNewTargetCount), SLOT(17, GetNewTarget), SLOT(18, AddDirectedTarget),
        SLOT(19, GetDirectedTargetCount), SLOT(20, GetDirectedTarget), SLOT(21, SetRestoreMetadata),
        SLOT(22, GetRestoreMetadata), SLOT(23, SetRestoreTarget), SLOT(24, GetRestoreTarget),
        SLOT(25, SetPreRestoreFailureMsg), SLOT(26, GetPreRestoreFailureMsg),
        SLOT(27, SetPostRestoreFailureMsg), SLOT(28, GetPostRestoreFailureMsg),
        SLOT(29, SetBackupStamp), SLOT(30, GetBackupStamp), SLOT(31, GetPreviousBackupStamp),
        SLOT(32, GetBackupOptions), SLOT(33, GetRestoreOptions),
        SLOT(34, GetRestoreSubcomponentCount), SLOT(35, GetRestoreSubcomponent),
        SLOT(36, GetFileRestoreStatus), SLOT(37, AddDifferencedFilesByLastModifyTime),
        SLOT(38, AddDifferencedFilesByLastModifyLSN), SLOT(39, GetDifferencedFilesCount),
        SLOT(40, GetDifferencedFile),
        /* Ex */
        SLOT(41, SetPrepareForBackupFailureMsg), SLOT(42, SetPostSnapshotFailureMsg),
        SLOT(43, GetPrepareForBackupFailureMsg), SLOT(44, GetPostSnapshotFailureMsg),
        SLOT(45, GetAuthoritativeRestore), SLOT(46, GetRollForward), SLOT(47, GetRestoreName),
        /* Ex2 */
        SLOT(48, SetFailure), SLOT(49, GetFailure)};
    check_order(rows, ARRAYSIZE(rows), sizeof(TABLE), 50);
    IVssComponentEx2 *component = abi_component();
    check_table(abi_table(component, 0), 50);
    IVssComponentEx2_Release(component);
}
#undef TABLE

#define TABLE IVssExamineWriterMetadataEx2Vtbl
static void metadata_has_18(void **state)
{
    (void)state;
    static const struct row rows[] = {SLOT(0, QueryInterface), SLOT(1, AddRef), SLOT(2, Release),
        SLOT(3, GetIdentity), SLOT(4, GetFileCounts), SLOT(5, GetIncludeFile),
        SLOT(6, GetExcludeFile), SLOT(7, GetComponent), SLOT(8, GetRestoreMethod),
        SLOT(9, GetAlternateLocationMapping), SLOT(10, GetBackupSchema), SLOT(11, GetDocument),
        SLOT(12, SaveAsXML), SLOT(13, LoadFromXML),
        /* Ex */
        SLOT(14, GetIdentityEx),
        /* Ex2 */
        SLOT(15, GetVersion), SLOT(16, GetExcludeFromSnapshotCount),
        SLOT(17, GetExcludeFromSnapshotFile)};
    check_order(rows, ARRAYSIZE(rows), sizeof(TABLE), 18);
    IVssExamineWriterMetadataEx2 *metadata = abi_metadata();
    check_table(abi_table(metadata, 0), 18);
    IVssExamineWriterMetadataEx2_Release(metadata);
}
#undef TABLE

#define TABLE IVssWMComponentVtbl
static void wm_component_has_9(void **state)
{
    (void)state;
    static const struct row rows[] = {SLOT(0, QueryInterface), SLOT(1, AddRef), SLOT(2, Release),
        SLOT(3, GetComponentInfo), SLOT(4, FreeComponentInfo), SLOT(5, GetFile),
        SLOT(6, GetDatabaseFile), SLOT(7, GetDatabaseLogFile), SLOT(8, GetDependency)};
    check_order(rows, ARRAYSIZE(rows), sizeof(TABLE), 9);
    IVssWMComponent *component = abi_wm_component();
    check_table(abi_table(component, 0), 9);
    IVssWMComponent_Release(component);
}
#undef TABLE

#define TABLE IVssWMFiledescVtbl
static void wm_filedesc_has_8(void **state)
{
    (void)state;
    static const struct row rows[] = {SLOT(0, QueryInterface), SLOT(1, AddRef), SLOT(2, Release),
        SLOT(3, GetPath), SLOT(4, GetFilespec), SLOT(5, GetRecursive),
        SLOT(6, GetAlternateLocation), SLOT(7, GetBackupTypeMask)};
    check_order(rows, ARRAYSIZE(rows), sizeof(TABLE), 8);
    IVssWMFiledesc *filedesc = abi_wm_filedesc();
    check_table(abi_table(filedesc, 0), 8);
    IVssWMFiledesc_Release(filedesc);
}
#undef TABLE

#define TABLE IVssAsyncVtbl
static void async_has_6(void **state)
{
    (void)state;
    static const struct row rows[] = {SLOT(0, QueryInterface), SLOT(1, AddRef), SLOT(2, Release),
        SLOT(3, Cancel), SLOT(4, Wait), SLOT(5, QueryStatus)};
    check_order(rows, ARRAYSIZE(rows), sizeof(TABLE), 6);
    IVssAsync *async = abi_async();
    check_table(abi_table(async, 0), 6);
    IVssAsync_Release(async);
}
#undef TABLE

#define TABLE IVssEnumObjectVtbl
static void enum_object_has_7(void **state)
{
    (void)state;
    static const struct row rows[] = {SLOT(0, QueryInterface), SLOT(1, AddRef), SLOT(2, Release),
        SLOT(3, Next), SLOT(4, Skip), SLOT(5, Reset), SLOT(6, Clone)};
    check_order(rows, ARRAYSIZE(rows), sizeof(TABLE), 7);
    IVssEnumObject *walk = abi_enum();
    check_table(abi_table(walk, 0), 7);
    IVssEnumObject_Release(walk);
}
#undef TABLE

#define TABLE IVssWriterComponentsVtbl
static void writer_components_have_3_and_3(void **state)
{
    (void)state;
    static const struct row rows[] = {
        SLOT(0, GetComponentCount), SLOT(1, GetWriterInfo), SLOT(2, GetComponent)};
    check_order(rows, ARRAYSIZE(rows), sizeof(TABLE), 3);
    IVssWriterComponentsExt *writer = abi_writer_components();
    check_table(abi_table(writer, 0), 3);
    check_table(abi_table(writer, 1), 3);
    IUnknown_Release(abi_second_base(writer));
}
#undef TABLE

/* The interfaces behind the C++ classes. mingw's table of IVssWriterImpl has the right order, if
   not the right calling convention. */
HRESULT WINAPI CreateWriter(void *writer, void **impl);
HRESULT WINAPI CreateWriterEx(void *writer, void **impl);

#define TABLE IVssWriterImplVtbl
static void writer_impl_has_25(void **state)
{
    (void)state;
    static const struct row rows[] = {SLOT(0, QueryInterface), SLOT(1, AddRef), SLOT(2, Release),
        SLOT(3, Initialize), SLOT(4, Subscribe), SLOT(5, Unsubscribe), SLOT(6, Uninitialize),
        SLOT(7, GetCurrentVolumeArray), SLOT(8, GetCurrentVolumeCount),
        SLOT(9, GetSnapshotDeviceName), SLOT(10, GetCurrentSnapshotSetId), SLOT(11, GetContext),
        SLOT(12, GetCurrentLevel), SLOT(13, IsPathAffected),
        SLOT(14, IsBootableSystemStateBackedUp), SLOT(15, AreComponentsSelected),
        SLOT(16, GetBackupType), SLOT(17, GetRestoreType), SLOT(18, SetWriterFailure),
        SLOT(19, IsPartialFileSupportEnabled), SLOT(20, InstallAlternateWriter),
        SLOT(21, GetIdentityInformation), SLOT(22, SetWriterFailureEx), SLOT(23, GetSessionId),
        SLOT(24, IsWriterShuttingDown)};
    check_order(rows, ARRAYSIZE(rows), sizeof(TABLE), 25);
    /* What a CVssWriter is in memory: two words, of which nothing is read here. */
    void *writer[2] = {NULL, NULL};
    void *impl = NULL;
    assert_hr(CreateWriter(writer, &impl), S_OK);
    check_table(abi_table(impl, 0), 25);
    IUnknown_Release((IUnknown *)impl);
    assert_hr(CreateWriterEx(writer, &impl), S_OK);
    check_table(abi_table(impl, 0), 25);
    IUnknown_Release((IUnknown *)impl);
}
#undef TABLE

int main(void)
{
    const struct CMUnitTest tests[] = {
        ABI_TEST(backup_components_have_65),
        ABI_TEST(components_have_50),
        ABI_TEST(metadata_has_18),
        ABI_TEST(wm_component_has_9),
        ABI_TEST(wm_filedesc_has_8),
        ABI_TEST(async_has_6),
        ABI_TEST(enum_object_has_7),
        ABI_TEST(writer_components_have_3_and_3),
        ABI_TEST(writer_impl_has_25),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
