/* SPDX-License-Identifier: MIT
 *
 * The limits of requestor 5.3: 64 volumes a set, 512 shadow copies a volume, 64 of them
 * client-accessible. No machine has that many volumes to spare: each volume that was added is given
 * another name, so that the same one can be added again.
 */
#include <cmocka.h>
#include <objbase.h>
#include <stdio.h>
#include <vss.h>

#include "base/mem.h"
#include "base/str16.h"
#include "catalog/catalog.h"
#include "catalog/catalog_record.h"
#include "coordinator/set_builder.h"
#include "coordinator/set_builder_internal.h"
#include "support/check_leaks.h"
#include "support/test_volume.h"

static int set_up(void **state)
{
    WCHAR *folder = NULL;
    assert_int_equal(catalog_folder_path(&folder), S_OK);
    test_delete(folder);
    mem_free(folder);
    return note_live_blocks(state);
}

static HRESULT add(struct set_builder *builder)
{
    GUID id;
    return set_builder_add(builder, L"C:\\", &provider_live_id, &id);
}

static void rename_last(struct set_builder *builder, unsigned number)
{
    WCHAR name[64];
    struct set_member *member = builder->members.items[builder->members.count - 1];
    struct snapshot *snapshot = builder->set->snapshots.items[builder->set->snapshots.count - 1];
    swprintf(name, 64, L"\\\\?\\Volume{0badc0de-0000-0000-0000-%012u}\\", number);
    assert_int_equal(str16_assign(&member->volume->name, name), S_OK);
    assert_int_equal(str16_assign(&snapshot->volume_name, name), S_OK);
}

struct making
{
    struct set_builder *builder;
    HRESULT result;
};

static HRESULT make(void *owner, void *context, struct async_op *op)
{
    struct making *making = owner;
    (void)context;
    const struct set_run run = {.op = op};
    return set_builder_run(making->builder, &run);
}

static HRESULT make_set(struct set_builder *builder)
{
    static const struct async_work work = {.name = "making", .run = make};
    struct making making = {.builder = builder};
    IVssAsync *async = NULL;
    HRESULT result = E_UNEXPECTED;
    assert_int_equal(async_op_start(&work, &making, NULL, &async), S_OK);
    assert_int_equal(IVssAsync_Wait(async, INFINITE), S_OK);
    assert_int_equal(IVssAsync_QueryStatus(async, &result, NULL), S_OK);
    IVssAsync_Release(async);
    return result;
}

static void a_set_holds_64_volumes_and_is_made_with_them(void **state)
{
    (void)state;
    struct set_builder *builder = NULL;
    assert_int_equal(set_builder_create(VSS_CTX_FILE_SHARE_BACKUP, &builder), S_OK);
    for (unsigned i = 0; i < 64; i++)
    {
        assert_int_equal(add(builder), S_OK);
        rename_last(builder, i);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(add(builder), VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED);
    assert_int_equal(set_builder_set(builder)->snapshots.count, 64);
    assert_int_equal(make_set(builder), VSS_S_ASYNC_FINISHED);
    assert_true(set_builder_made(builder));
    assert_int_equal(set_builder_set(builder)->count_at_creation, 64);
    set_builder_destroy(builder);
}

/* A set of `count` shadow copies of C: in the catalog. */
static struct snapshot_set *keep_copies(size_t count, LONG context)
{
    GUID id;
    struct volume *volume = NULL;
    struct catalog_hold *hold = NULL;
    assert_int_equal(volume_open(L"C:\\", &volume), S_OK);
    assert_int_equal(CoCreateGuid(&id), S_OK);
    struct snapshot_set *set = snapshot_set_create(&id, context);
    assert_non_null(set);
    for (size_t i = 0; i < count; i++)
    {
        assert_int_equal(CoCreateGuid(&id), S_OK);
        struct snapshot *snapshot = snapshot_set_add(
            set, &id, &provider_live_id, volume->name, volume->path);
        assert_non_null(snapshot);
        snapshot->attributes = context;
    }
    set->creating = true;
    assert_int_equal(catalog_begin(set, &hold), S_OK);
    set->creating = false;
    assert_int_equal(catalog_commit(set, &hold), S_OK);
    volume_free(volume);
    return set;
}

static void check_limit(size_t limit, LONG kept_context, LONG context)
{
    struct snapshot_set *kept = keep_copies(limit, kept_context);
    const struct snapshot *first = kept->snapshots.items[0];
    struct set_builder *builder = NULL;
    assert_int_equal(set_builder_create(context, &builder), S_OK);
    assert_int_equal(add(builder), VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED);
    assert_int_equal(set_builder_set(builder)->snapshots.count, 0);
    assert_int_equal(catalog_delete_snapshot(&first->id, true), S_OK);
    assert_int_equal(add(builder), S_OK);
    set_builder_destroy(builder);
    assert_int_equal(catalog_forget(&kept->id, NULL), S_OK);
    snapshot_set_release(kept);
}

static void a_volume_has_512_shadow_copies(void **state)
{
    (void)state;
    check_limit(512, VSS_CTX_NAS_ROLLBACK, VSS_CTX_FILE_SHARE_BACKUP);
}

static void a_volume_has_64_client_accessible_shadow_copies(void **state)
{
    (void)state;
    check_limit(64, VSS_CTX_CLIENT_ACCESSIBLE, VSS_CTX_CLIENT_ACCESSIBLE);
}

static HKEY open_settings(void)
{
    HKEY key = NULL;
    assert_int_equal(
        RegCreateKeyExW(HKEY_LOCAL_MACHINE, L"SYSTEM\\CurrentControlSet\\Services\\VSS\\Settings",
            0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL),
        ERROR_SUCCESS);
    return key;
}

/* Also after a test that failed: the value would be there for all that come after. */
static int forget_setting(void **state)
{
    HKEY key = open_settings();
    RegDeleteValueW(key, L"MaxShadowCopies");
    RegCloseKey(key);
    return check_live_blocks(state);
}

/* The value of Windows' registry page, from 1 to 512; anything else leaves the 64. */
static void the_administrator_may_change_the_limit_of_client_accessible_copies(void **state)
{
    static const struct
    {
        DWORD type;
        DWORD value;
        size_t limit;
    } rows[] = {{REG_DWORD, 3, 3}, {REG_DWORD, 1, 1}, {REG_DWORD, 100, 100}, {REG_DWORD, 512, 512},
        {REG_DWORD, 0, 64}, {REG_DWORD, 513, 64}, {REG_BINARY, 3, 64}};
    (void)state;
    HKEY key = open_settings();
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        print_message("MaxShadowCopies %lu\n", (unsigned long)rows[i].value);
        assert_int_equal(RegSetValueExW(key, L"MaxShadowCopies", 0, rows[i].type,
                             (const BYTE *)&rows[i].value, sizeof(DWORD)),
            ERROR_SUCCESS);
        check_limit(rows[i].limit, VSS_CTX_CLIENT_ACCESSIBLE, VSS_CTX_CLIENT_ACCESSIBLE);
    }
    RegCloseKey(key);
}

static void copies_of_other_kinds_count_only_for_the_greater_limit(void **state)
{
    (void)state;
    struct set_builder *builder = NULL;
    struct snapshot_set *kept = keep_copies(64, VSS_CTX_NAS_ROLLBACK);
    assert_int_equal(set_builder_create(VSS_CTX_CLIENT_ACCESSIBLE, &builder), S_OK);
    assert_int_equal(add(builder), S_OK);
    set_builder_destroy(builder);
    assert_int_equal(catalog_forget(&kept->id, NULL), S_OK);
    snapshot_set_release(kept);
}

int main(void)
{
#define limit_test(function) cmocka_unit_test_setup_teardown(function, set_up, check_live_blocks)
    const struct CMUnitTest tests[] = {
        limit_test(a_set_holds_64_volumes_and_is_made_with_them),
        limit_test(a_volume_has_512_shadow_copies),
        limit_test(a_volume_has_64_client_accessible_shadow_copies),
        cmocka_unit_test_setup_teardown(
            the_administrator_may_change_the_limit_of_client_accessible_copies, set_up,
            forget_setting),
        limit_test(copies_of_other_kinds_count_only_for_the_greater_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
