/* SPDX-License-Identifier: MIT
 *
 * Sets for the catalog to keep, and a look into its folder. The scope is the test run's own.
 */
#ifndef THAWLINE_TESTS_CATALOG_FIXTURE_H
#define THAWLINE_TESTS_CATALOG_FIXTURE_H

#include <cmocka.h>
#include <objbase.h>
#include <stdio.h>
#include <vss.h>

#include "base/guid.h"
#include "base/hooks.h"
#include "base/mem.h"
#include "base/str16.h"
#include "catalog/catalog.h"
#include "catalog/catalog_record.h"
#include "diag/fault.h"
#include "provider/provider.h"
#include "support/check_leaks.h"
#include "support/test_volume.h"

/* A name of a volume that no prefix and no machine has. */
#define NO_VOLUME L"\\\\?\\Volume{0badc0de-0000-0000-0000-000000000000}\\"

/* A set with one snapshot of the live provider, being made. */
static inline struct snapshot_set *new_set(LONG context)
{
    GUID id;
    struct volume *volume = NULL;
    assert_int_equal(CoCreateGuid(&id), S_OK);
    struct snapshot_set *set = snapshot_set_create(&id, context);
    assert_non_null(set);
    assert_int_equal(CoCreateGuid(&id), S_OK);
    assert_int_equal(volume_open(L"C:\\", &volume), S_OK);
    struct snapshot *snapshot = snapshot_set_add(
        set, &id, &provider_live_id, volume->name, volume->path);
    volume_free(volume);
    assert_non_null(snapshot);
    snapshot->attributes = context;
    set->creating = true;
    return set;
}

static inline const GUID *member_id(const struct snapshot_set *set, size_t index)
{
    const struct snapshot *snapshot = set->snapshots.items[index];
    return &snapshot->id;
}

/* A complete set in the catalog; *hold as catalog_commit leaves it. */
static inline struct snapshot_set *committed_set(LONG context, struct catalog_hold **hold)
{
    struct snapshot_set *set = new_set(context);
    *hold = NULL;
    assert_int_equal(catalog_begin(set, hold), S_OK);
    set->creating = false;
    assert_int_equal(catalog_commit(set, hold), S_OK);
    return set;
}

static inline void free_sets(struct vec *sets)
{
    for (size_t i = 0; i < sets->count; i++)
        snapshot_set_release(sets->items[i]);
    vec_free(sets, NULL);
}

static inline size_t count_sets(void)
{
    struct vec sets = {0};
    assert_int_equal(catalog_list(&sets), S_OK);
    size_t count = sets.count;
    free_sets(&sets);
    return count;
}

/* mem_free it. */
static inline WCHAR *in_folder(const WCHAR *name)
{
    WCHAR *folder = NULL;
    assert_int_equal(catalog_folder_path(&folder), S_OK);
    WCHAR *path = file_join(folder, name);
    mem_free(folder);
    assert_non_null(path);
    return path;
}

static inline WCHAR *file_of(const GUID *id, const WCHAR *extension)
{
    WCHAR name[GUID_TEXT_LENGTH + 16];
    guid_to_text(id, name);
    wcscat(name, extension);
    return in_folder(name);
}

static inline bool file_of_exists(const GUID *id, const WCHAR *extension)
{
    WCHAR *path = file_of(id, extension);
    bool exists = test_exists(path);
    mem_free(path);
    return exists;
}

/* Files in the catalog's folder but for the creation lock. */
static inline unsigned count_files(void)
{
    WCHAR *folder = NULL;
    assert_int_equal(catalog_folder_path(&folder), S_OK);
    unsigned count = test_count_entries(folder);
    count -= test_exists(test_path(folder, L"creation.lock"));
    mem_free(folder);
    return count;
}

/* Each test begins and ends with an empty catalog. */
static inline int empty_catalog(void **state)
{
    WCHAR *folder = NULL;
    fault_clear_all();
    memset(&base_hooks, 0, sizeof(base_hooks));
    assert_int_equal(catalog_folder_path(&folder), S_OK);
    test_delete(folder);
    mem_free(folder);
    return note_live_blocks(state);
}

static inline int check_catalog(void **state)
{
    fault_clear_all();
    memset(&base_hooks, 0, sizeof(base_hooks));
    return check_live_blocks(state);
}

#define catalog_test(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, empty_catalog, check_catalog)

#endif
