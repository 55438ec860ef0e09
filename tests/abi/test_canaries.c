/* SPDX-License-Identifier: MIT
 *
 * Nothing is written beside an out parameter: the structure of 128 bytes, the booleans of one byte,
 * the BOOLs of four. Expectations: requestor 0.4.
 */
#include <windows.h>
#include <string.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include "abi/abi_objects.h"

#define CANARY 0xC7
#define MARGIN 16

/* An out parameter of `size` bytes in the middle of canaries. */
struct guarded
{
    BYTE bytes[MARGIN + 256 + MARGIN];
    size_t size;
};

static void *guard(struct guarded *guarded, size_t size)
{
    assert_true(size <= 256);
    memset(guarded->bytes, CANARY, sizeof(guarded->bytes));
    guarded->size = size;
    return guarded->bytes + MARGIN;
}

static void check_guard(const struct guarded *guarded)
{
    for (size_t i = 0; i < sizeof(guarded->bytes); i++)
        if ((i < MARGIN || i >= MARGIN + guarded->size) && guarded->bytes[i] != CANARY)
            fail_msg("byte %d beside an out parameter of %u was written", (int)i - MARGIN,
                (unsigned)guarded->size);
}

/* The size that the SDK's users were compiled with. */
#ifdef _WIN64
#define SNAPSHOT_PROP_SIZE 128
#else
#define SNAPSHOT_PROP_SIZE 96
#endif

static void snapshot_properties_stay_in_their_structure(void **state)
{
    (void)state;
    struct guarded guarded;
    struct backup backup;
    assert_hr(ThawlineSetOption(L"PROVIDER", L"live"), S_OK);
    backup_until_done(&backup);
    VSS_SNAPSHOT_PROP *prop = guard(&guarded, SNAPSHOT_PROP_SIZE);
    assert_hr(
        IVssBackupComponents_GetSnapshotProperties(backup.components, backup.snapshot_id, prop),
        S_OK);
    check_guard(&guarded);
    assert_int_equal(prop->m_eStatus, 12);
    VssFreeSnapshotPropertiesInternal(prop);
    check_guard(&guarded);
    prop = guard(&guarded, SNAPSHOT_PROP_SIZE);
    assert_hr(IVssBackupComponents_GetSnapshotProperties(backup.components, backup.set_id, prop),
        VSS_E_OBJECT_NOT_FOUND);
    check_guard(&guarded);
    assert_hr(backup_complete(&backup), VSS_S_ASYNC_FINISHED);
    backup_release(&backup);
    assert_hr(ThawlineSetOption(L"PROVIDER", NULL), S_OK);
}

static void freeing_an_empty_structure_is_fine(void **state)
{
    (void)state;
    struct guarded guarded;
    VSS_SNAPSHOT_PROP *prop = guard(&guarded, SNAPSHOT_PROP_SIZE);
    memset(prop, 0, SNAPSHOT_PROP_SIZE);
    VssFreeSnapshotPropertiesInternal(prop);
    check_guard(&guarded);
    VssFreeSnapshotPropertiesInternal(NULL);
}

static void enumerated_objects_stay_in_their_structure(void **state)
{
    (void)state;
    struct guarded guarded;
    struct guarded fetched;
    IVssEnumObject *walk = abi_enum();
    VSS_OBJECT_PROP *prop = guard(&guarded, sizeof(VSS_OBJECT_PROP));
    assert_hr(IVssEnumObject_Next(walk, 1, prop, guard(&fetched, sizeof(ULONG))), S_OK);
    check_guard(&guarded);
    check_guard(&fetched);
    assert_int_equal(prop->Type, VSS_OBJECT_PROVIDER);
    CoTaskMemFree(prop->Obj.Prov.m_pwszProviderName);
    CoTaskMemFree(prop->Obj.Prov.m_pwszProviderVersion);
    IVssEnumObject_Release(walk);
}

static void cpp_booleans_are_one_byte(void **state)
{
    (void)state;
    struct guarded guarded;
    WCHAR volume[] = L"C:\\";

    boolean *yes = guard(&guarded, 1);
    assert_hr(ShouldBlockRevertInternal(volume, yes), S_OK);
    check_guard(&guarded);
    assert_int_equal(*yes, 0);

    IVssWMFiledesc *filedesc = abi_wm_filedesc();
    yes = guard(&guarded, 1);
    assert_hr(IVssWMFiledesc_GetRecursive(filedesc, yes), S_OK);
    check_guard(&guarded);
    assert_int_equal(*yes, 1);
    IVssWMFiledesc_Release(filedesc);

    IVssExamineWriterMetadataEx2 *metadata = abi_metadata();
    VSS_RESTOREMETHOD_ENUM method;
    BSTR service = NULL;
    BSTR procedure = NULL;
    VSS_WRITERRESTORE_ENUM restore;
    UINT mappings;
    yes = guard(&guarded, 1);
    assert_hr(IVssExamineWriterMetadataEx2_GetRestoreMethod(
                  metadata, &method, &service, &procedure, &restore, yes, &mappings),
        S_OK);
    check_guard(&guarded);
    assert_int_equal(*yes, 1);
    IVssExamineWriterMetadataEx2_Release(metadata);

    IVssComponentEx2 *component = abi_component();
    yes = guard(&guarded, 1);
    assert_hr(IVssComponentEx2_GetBackupSucceeded(component, yes), S_FALSE);
    check_guard(&guarded);
    assert_hr(IVssComponentEx2_GetAdditionalRestores(component, yes), S_FALSE);
    check_guard(&guarded);
    assert_hr(IVssComponentEx2_IsSelectedForRestore(component, yes), S_OK);
    check_guard(&guarded);
    assert_hr(IVssComponentEx2_GetAuthoritativeRestore(component, yes), S_OK);
    check_guard(&guarded);
    BSTR texts[2] = {NULL};
    yes = guard(&guarded, 1);
    assert_hr(
        IVssComponentEx2_GetRestoreSubcomponent(component, 0, &texts[0], &texts[1], yes), S_OK);
    check_guard(&guarded);
    assert_int_equal(*yes, 1);
    SysFreeString(texts[0]);
    SysFreeString(texts[1]);
    assert_hr(IVssComponentEx2_GetRestoreSubcomponent(component, 1, &texts[0], &texts[1], yes),
        VSS_E_OBJECT_NOT_FOUND);
    check_guard(&guarded);
    IVssComponentEx2_Release(component);
}

static void BOOLs_are_four_bytes(void **state)
{
    (void)state;
    struct guarded present;
    struct guarded capability;
    WCHAR volume[] = L"C:\\";
    BOOL *answer = guard(&present, sizeof(BOOL));
    LONG *mask = guard(&capability, sizeof(LONG));
    assert_hr(IsVolumeSnapshottedInternal(volume, answer, mask), S_OK);
    check_guard(&present);
    check_guard(&capability);
    assert_int_equal(*answer, FALSE);
    assert_int_equal(*mask, 0);

    IVssBackupComponentsEx4 *backup = abi_backup();
    assert_hr(IVssBackupComponentsEx4_InitializeForBackup(backup, NULL), S_OK);
    answer = guard(&present, sizeof(BOOL));
    assert_hr(IVssBackupComponentsEx4_IsVolumeSupported(backup, GUID_NULL, volume, answer), S_OK);
    check_guard(&present);
    assert_int_equal(*answer, TRUE);
    IVssBackupComponentsEx4_Release(backup);

    BSTR texts[3] = {NULL};
    FILETIME *time = guard(&capability, sizeof(FILETIME));
    IVssComponentEx2 *component = abi_component();
    answer = guard(&present, sizeof(BOOL));
    assert_hr(IVssComponentEx2_GetDifferencedFile(
                  component, 0, &texts[0], &texts[1], answer, &texts[2], time),
        S_OK);
    check_guard(&present);
    check_guard(&capability);
    assert_int_equal(*answer, TRUE);
    for (int i = 0; i < 3; i++)
        SysFreeString(texts[i]);
    IVssComponentEx2_Release(component);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ABI_TEST(snapshot_properties_stay_in_their_structure),
        ABI_TEST(freeing_an_empty_structure_is_fine),
        ABI_TEST(enumerated_objects_stay_in_their_structure),
        ABI_TEST(cpp_booleans_are_one_byte),
        ABI_TEST(BOOLs_are_four_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
