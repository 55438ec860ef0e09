/* SPDX-License-Identifier: MIT
 *
 * A shadow copy set to look at, and what its properties must say. Expectations: requestor 5.1.
 */
#ifndef THAWLINE_TESTS_SNAPSHOT_FIXTURE_H
#define THAWLINE_TESTS_SNAPSHOT_FIXTURE_H

#include "unit/view/view_fixture.h"

static const GUID test_set_id = {0x40000000, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
static const GUID test_snapshot_id = {0x50000000, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
static const GUID test_provider_id = {0x60000000, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};

#define TEST_DEVICE L"\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy7"
#define TEST_VOLUME L"\\\\?\\Volume{00000000-0000-0000-0000-000000000043}\\"

/* A set of two of which one was deleted since; the other is *snapshot. */
static inline struct snapshot_set *make_set(struct snapshot **snapshot)
{
    struct snapshot_set *set = snapshot_set_create(&test_set_id, VSS_CTX_BACKUP);
    assert_non_null(set);
    set->count_at_creation = 2;
    set->created = (FILETIME){0x89ABCDEF, 0x01234567};
    assert_hr(str16_assign(&set->originating_machine, L"here"), S_OK);
    assert_hr(str16_assign(&set->service_machine, L"there"), S_OK);
    *snapshot = snapshot_set_add(set, &test_snapshot_id, &test_provider_id, TEST_VOLUME, L"C:\\");
    assert_non_null(*snapshot);
    assert_hr(str16_assign(&(*snapshot)->device_object, TEST_DEVICE), S_OK);
    (*snapshot)->attributes = VSS_VOLSNAP_ATTR_AUTORECOVER | VSS_VOLSNAP_ATTR_DIFFERENTIAL;
    return set;
}

static inline bool is_all_zero(const void *memory, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (((const BYTE *)memory)[i])
            return false;
    return true;
}

static inline struct provider make_provider(void)
{
    return (struct provider){
        .id = test_provider_id,
        .version_id = test_set_id,
        .class_id = test_snapshot_id,
        .name = L"Provider",
        .version = L"1.2.3",
        .type = VSS_PROV_SYSTEM,
    };
}

#endif
