/* SPDX-License-Identifier: MIT
 *
 * Sizes and offsets of the structures that cross the API. Expectations for 64 bits: requestor 0.4;
 * for 32 bits its two numbers (96 and 80), and natural alignment.
 */
#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include <cmocka.h>

#ifdef _WIN64
#define EXPECTED(x64, x86) (x64)
#else
#define EXPECTED(x64, x86) (x86)
#endif

struct row
{
    const char *what;
    size_t actual;
    size_t expected;
};

#define SIZE(type, x64, x86)                                                                       \
    {                                                                                              \
        "sizeof(" #type ")", sizeof(type), EXPECTED(x64, x86)                                      \
    }
#define FIELD(type, field, x64, x86)                                                               \
    {                                                                                              \
#type "." #field, offsetof(type, field), EXPECTED(x64, x86)                                \
    }

static void check(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].actual != rows[i].expected)
            fail_msg("%s is %u, expected %u", rows[i].what, (unsigned)rows[i].actual,
                (unsigned)rows[i].expected);
}

static void snapshot_prop(void **state)
{
    (void)state;
    static const struct row rows[] = {
        SIZE(VSS_SNAPSHOT_PROP, 128, 96),
        FIELD(VSS_SNAPSHOT_PROP, m_SnapshotId, 0, 0),
        FIELD(VSS_SNAPSHOT_PROP, m_SnapshotSetId, 16, 16),
        FIELD(VSS_SNAPSHOT_PROP, m_lSnapshotsCount, 32, 32),
        FIELD(VSS_SNAPSHOT_PROP, m_pwszSnapshotDeviceObject, 40, 36),
        FIELD(VSS_SNAPSHOT_PROP, m_pwszOriginalVolumeName, 48, 40),
        FIELD(VSS_SNAPSHOT_PROP, m_pwszOriginatingMachine, 56, 44),
        FIELD(VSS_SNAPSHOT_PROP, m_pwszServiceMachine, 64, 48),
        FIELD(VSS_SNAPSHOT_PROP, m_pwszExposedName, 72, 52),
        FIELD(VSS_SNAPSHOT_PROP, m_pwszExposedPath, 80, 56),
        FIELD(VSS_SNAPSHOT_PROP, m_ProviderId, 88, 60),
        FIELD(VSS_SNAPSHOT_PROP, m_lSnapshotAttributes, 104, 76),
        FIELD(VSS_SNAPSHOT_PROP, m_tsCreationTimestamp, 112, 80),
        FIELD(VSS_SNAPSHOT_PROP, m_eStatus, 120, 88),
    };
    check(rows, ARRAYSIZE(rows));
}

static void provider_prop(void **state)
{
    (void)state;
    static const struct row rows[] = {
        SIZE(VSS_PROVIDER_PROP, 72, 60),
        FIELD(VSS_PROVIDER_PROP, m_ProviderId, 0, 0),
        FIELD(VSS_PROVIDER_PROP, m_pwszProviderName, 16, 16),
        FIELD(VSS_PROVIDER_PROP, m_eProviderType, 24, 20),
        FIELD(VSS_PROVIDER_PROP, m_pwszProviderVersion, 32, 24),
        FIELD(VSS_PROVIDER_PROP, m_ProviderVersionId, 40, 28),
        FIELD(VSS_PROVIDER_PROP, m_ClassId, 56, 44),
    };
    check(rows, ARRAYSIZE(rows));
}

static void object_prop(void **state)
{
    (void)state;
    static const struct row rows[] = {
        SIZE(VSS_OBJECT_PROP, 136, 104),
        FIELD(VSS_OBJECT_PROP, Type, 0, 0),
        FIELD(VSS_OBJECT_PROP, Obj, 8, 8),
        SIZE(VSS_ID, 16, 16),
    };
    check(rows, ARRAYSIZE(rows));
}

static void component_info(void **state)
{
    (void)state;
    static const struct row rows[] = {
        SIZE(VSS_COMPONENTINFO, 72, 48),
        FIELD(VSS_COMPONENTINFO, type, 0, 0),
        FIELD(VSS_COMPONENTINFO, bstrLogicalPath, 8, 4),
        FIELD(VSS_COMPONENTINFO, bstrComponentName, 16, 8),
        FIELD(VSS_COMPONENTINFO, bstrCaption, 24, 12),
        FIELD(VSS_COMPONENTINFO, pbIcon, 32, 16),
        FIELD(VSS_COMPONENTINFO, cbIcon, 40, 20),
        FIELD(VSS_COMPONENTINFO, bRestoreMetadata, 44, 24),
        FIELD(VSS_COMPONENTINFO, bNotifyOnBackupComplete, 45, 25),
        FIELD(VSS_COMPONENTINFO, bSelectable, 46, 26),
        FIELD(VSS_COMPONENTINFO, bSelectableForRestore, 47, 27),
        FIELD(VSS_COMPONENTINFO, dwComponentFlags, 48, 28),
        FIELD(VSS_COMPONENTINFO, cFileCount, 52, 32),
        FIELD(VSS_COMPONENTINFO, cDatabases, 56, 36),
        FIELD(VSS_COMPONENTINFO, cLogFiles, 60, 40),
        FIELD(VSS_COMPONENTINFO, cDependencies, 64, 44),
    };
    check(rows, ARRAYSIZE(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshot_prop),
        cmocka_unit_test(provider_prop),
        cmocka_unit_test(object_prop),
        cmocka_unit_test(component_info),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
