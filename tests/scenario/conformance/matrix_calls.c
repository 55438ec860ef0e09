/* SPDX-License-Identifier: MIT
 *
 * One call for each row of the method table. See matrix.h.
 */
#include "matrix.h"

/* What a call may give. */
struct gift
{
    IVssAsync *async;
    IVssWriterComponentsExt *components;
    IVssExamineWriterMetadata *metadata;
    IVssEnumObject *list;
    BSTR text;
    VSS_PWSZ first;
    VSS_PWSZ second;
    VSS_ID id;
    VSS_ID other;
    UINT count;
    LONG number;
    BOOL answer;
    HRESULT failure;
    VSS_WRITER_STATE state;
    VSS_SNAPSHOT_PROP prop;
};

static const WCHAR group[] = L"group";
static const WCHAR data0[] = L"data0";

#define ROW(name)                                                                                  \
    static HRESULT row_##name(                                                                     \
        struct fixture *fixture, IVssBackupComponentsEx4 *bc, struct gift *out)
#define UNUSED                                                                                     \
    (void)fixture;                                                                                 \
    (void)out

#define SIMPLE(name, ...)                                                                          \
    ROW(name)                                                                                      \
    {                                                                                              \
        UNUSED;                                                                                    \
        return call(bc, name, ##__VA_ARGS__);                                                      \
    }

SIMPLE(GetWriterComponentsCount, &out->count)
SIMPLE(GetWriterComponents, 0, &out->components)
SIMPLE(InitializeForBackup, NULL)
SIMPLE(SetBackupState, true, false, VSS_BT_FULL, false)
SIMPLE(SetRestoreState, VSS_RTYPE_BY_COPY)
SIMPLE(GatherWriterMetadata, &out->async)
SIMPLE(GetWriterMetadataCount, &out->count)
SIMPLE(GetWriterMetadata, 0, &out->id, &out->metadata)
SIMPLE(FreeWriterMetadata)
SIMPLE(AddComponent, fixture->instance, writer_id, VSS_CT_FILEGROUP, group, L"data1")
SIMPLE(PrepareForBackup, &out->async)
SIMPLE(AbortBackup)
SIMPLE(GatherWriterStatus, &out->async)
SIMPLE(GetWriterStatusCount, &out->count)
SIMPLE(FreeWriterStatus)
SIMPLE(GetWriterStatus, 0, &out->id, &out->other, &out->text, &out->state, &out->failure)
SIMPLE(SetBackupSucceeded, fixture->instance, writer_id, VSS_CT_FILEGROUP, group, data0, true)
SIMPLE(SetBackupOptions, writer_id, VSS_CT_FILEGROUP, group, data0, L"options")
SIMPLE(SetSelectedForRestore, writer_id, VSS_CT_FILEGROUP, group, data0, true)
SIMPLE(SetRestoreOptions, writer_id, VSS_CT_FILEGROUP, group, data0, L"\"a\"=\"b\"")
SIMPLE(SetAdditionalRestores, writer_id, VSS_CT_FILEGROUP, group, data0, true)
SIMPLE(SetPreviousBackupStamp, writer_id, VSS_CT_FILEGROUP, group, data0, L"stamp")
SIMPLE(SaveAsXML, &out->text)
SIMPLE(BackupComplete, &out->async)
SIMPLE(AddAlternativeLocationMapping, writer_id, VSS_CT_FILEGROUP, group, data0, L"C:\\app",
    L"*.dat", true, L"C:\\elsewhere")
SIMPLE(AddRestoreSubcomponent, writer_id, VSS_CT_FILEGROUP, NULL, L"root", L"root", L"child", false)
SIMPLE(SetFileRestoreStatus, writer_id, VSS_CT_FILEGROUP, group, data0, VSS_RS_ALL)
SIMPLE(AddNewTarget, writer_id, VSS_CT_FILEGROUP, group, data0, L"C:\\app", L"*.dat", true,
    L"C:\\elsewhere")
SIMPLE(SetRangesFilePath, writer_id, VSS_CT_FILEGROUP, group, data0, 0, L"C:\\ranges")
SIMPLE(PreRestore, &out->async)
SIMPLE(PostRestore, &out->async)
SIMPLE(SetContext, VSS_CTX_BACKUP)
SIMPLE(StartSnapshotSet, &out->id)
SIMPLE(AddToSnapshotSet, no_volume, GUID_NULL, &out->id)
SIMPLE(DoSnapshotSet, &out->async)
SIMPLE(DeleteSnapshots, foreign_id, VSS_OBJECT_SNAPSHOT_SET, FALSE, &out->number, &out->id)
SIMPLE(ImportSnapshots, &out->async)
SIMPLE(BreakSnapshotSet, foreign_id)
SIMPLE(GetSnapshotProperties, foreign_id, &out->prop)
SIMPLE(Query, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_PROVIDER, &out->list)
SIMPLE(IsVolumeSupported, GUID_NULL, c_drive, &out->answer)
SIMPLE(DisableWriterClasses, &foreign_id, 1)
SIMPLE(EnableWriterClasses, &foreign_id, 1)
SIMPLE(DisableWriterInstances, &foreign_id, 1)
SIMPLE(ExposeSnapshot, foreign_id, NULL, VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY, NULL, &out->first)
SIMPLE(RevertToSnapshot, foreign_id, FALSE)
SIMPLE(QueryRevertStatus, no_volume, &out->async)
SIMPLE(GetWriterMetadataEx, 0, &out->id, (IVssExamineWriterMetadataEx **)&out->metadata)
SIMPLE(SetSelectedForRestoreEx, writer_id, VSS_CT_FILEGROUP, group, data0, true, GUID_NULL)
SIMPLE(UnexposeSnapshot, foreign_id)
SIMPLE(SetAuthoritativeRestore, writer_id, VSS_CT_FILEGROUP, group, data0, true)
SIMPLE(SetRollForward, writer_id, VSS_CT_FILEGROUP, group, data0, VSS_RF_PARTIAL, L"point")
SIMPLE(SetRestoreName, writer_id, VSS_CT_FILEGROUP, group, data0, L"name")
SIMPLE(BreakSnapshotSetEx, foreign_id, 0, &out->async)
SIMPLE(PreFastRecovery, foreign_id, 0, &out->async)
SIMPLE(FastRecovery, foreign_id, 0, &out->async)
SIMPLE(
    GetWriterStatusEx, 0, &out->id, &out->other, &out->text, &out->state, &out->failure, NULL, NULL)
SIMPLE(AddSnapshotToRecoverySet, foreign_id, 0, NULL)
SIMPLE(RecoverSet, 0, &out->async)
SIMPLE(GetSessionId, &out->id)
SIMPLE(GetRootAndLogicalPrefixPaths, c_drive, &out->first, &out->second, FALSE)

/* The document that the restore's row 5 is given: good, and of no component. */
ROW(InitializeForRestore)
{
    UNUSED;
    IVssBackupComponentsEx4 *donor = new_object();
    BSTR xml = NULL;
    assert_hr(call(donor, InitializeForBackup, NULL), S_OK);
    assert_hr(call(donor, SaveAsXML, &xml), S_OK);
    call(donor, Release);
    HRESULT hr = call(bc, InitializeForRestore, xml);
    SysFreeString(xml);
    return hr;
}

ROW(QueryInterface)
{
    UNUSED;
    IUnknown *unknown = NULL;
    HRESULT hr = call(bc, QueryInterface, &IID_IUnknown, (void **)&unknown);
    if (unknown)
        IUnknown_Release(unknown);
    return hr;
}

/* The object is gone, unless an operation still has it. */
ROW(Release)
{
    UNUSED;
    fixture->bc = NULL;
    return call(bc, Release) == 0 ? S_OK : S_FALSE;
}

static const struct
{
    const char *method;
    HRESULT (*make)(struct fixture *fixture, IVssBackupComponentsEx4 *bc, struct gift *out);
} rows[MATRIX_ROWS + 1] = {
#define MAKE(number, name) [number] = {#name, row_##name},
    MAKE(1, GetWriterComponentsCount) MAKE(2, GetWriterComponents) MAKE(
        3, InitializeForBackup) MAKE(4, SetBackupState) MAKE(5, InitializeForRestore) MAKE(6,
        SetRestoreState) MAKE(7, GatherWriterMetadata) MAKE(8, GetWriterMetadataCount) MAKE(9,
        GetWriterMetadata) MAKE(10, FreeWriterMetadata) MAKE(11, AddComponent) MAKE(12,
        PrepareForBackup) MAKE(13, AbortBackup) MAKE(14, GatherWriterStatus) MAKE(15,
        GetWriterStatusCount) MAKE(16, FreeWriterStatus) MAKE(17, GetWriterStatus) MAKE(18,
        SetBackupSucceeded) MAKE(19, SetBackupOptions) MAKE(20, SetSelectedForRestore) MAKE(21,
        SetRestoreOptions) MAKE(22, SetAdditionalRestores) MAKE(23, SetPreviousBackupStamp) MAKE(24,
        SaveAsXML) MAKE(25, BackupComplete) MAKE(26, AddAlternativeLocationMapping)
        MAKE(27, AddRestoreSubcomponent) MAKE(28, SetFileRestoreStatus) MAKE(29, AddNewTarget) MAKE(
            30, SetRangesFilePath) MAKE(31, PreRestore) MAKE(32, PostRestore) MAKE(33, SetContext)
            MAKE(34, StartSnapshotSet) MAKE(35, AddToSnapshotSet) MAKE(36, DoSnapshotSet)
                MAKE(37, DeleteSnapshots) MAKE(38, ImportSnapshots)
                    MAKE(39, BreakSnapshotSet) MAKE(40, GetSnapshotProperties) MAKE(41, Query) MAKE(
                        42, IsVolumeSupported) MAKE(43, DisableWriterClasses)
                        MAKE(44, EnableWriterClasses) MAKE(45, DisableWriterInstances) MAKE(46,
                            ExposeSnapshot) MAKE(47, RevertToSnapshot) MAKE(48, QueryRevertStatus)
                            MAKE(49, GetWriterMetadataEx) MAKE(50, SetSelectedForRestoreEx)
                                MAKE(51, UnexposeSnapshot) MAKE(52, SetAuthoritativeRestore)
                                    MAKE(53, SetRollForward) MAKE(54, SetRestoreName)
                                        MAKE(55, BreakSnapshotSetEx) MAKE(56, PreFastRecovery)
                                            MAKE(57, FastRecovery) MAKE(58, GetWriterStatusEx)
                                                MAKE(59, AddSnapshotToRecoverySet)
                                                    MAKE(60, RecoverSet) MAKE(61, GetSessionId)
                                                        MAKE(62, GetRootAndLogicalPrefixPaths) MAKE(
                                                            63, QueryInterface) MAKE(64, Release)
#undef MAKE
};

const char *matrix_method(int row)
{
    return rows[row].method;
}

HRESULT matrix_call(struct fixture *fixture, int row)
{
    struct gift gift = {0};
    HRESULT hr = rows[row].make(fixture, fixture->bc, &gift);
    if (gift.components)
        release_components((IVssWriterComponents *)gift.components);
    if (gift.metadata)
        IVssExamineWriterMetadata_Release(gift.metadata);
    if (gift.list)
        IVssEnumObject_Release(gift.list);
    SysFreeString(gift.text);
    CoTaskMemFree(gift.first);
    CoTaskMemFree(gift.second);
    if (gift.async)
        await(gift.async);
    return hr;
}
