/* SPDX-License-Identifier: MIT
 *
 * One snapshot by a built-in provider, step by step, on a volume of the test's own.
 */
#ifndef THAWLINE_TESTS_CLONE_FIXTURE_H
#define THAWLINE_TESTS_CLONE_FIXTURE_H

#include <objbase.h>
#include <vss.h>

#include "base/guid.h"
#include "base/hooks.h"
#include "base/mem.h"
#include "base/str16.h"
#include "model/file_spec.h"
#include "os/settings.h"
#include "provider/provider.h"
#include "support/check_leaks.h"
#include "support/test_volume.h"

struct clone_fixture
{
    struct test_volume place;
    struct volume *volume;
    struct provider *provider;
    struct provider_briefing briefing;
    struct provider_work *work;
    struct snapshot *snapshot; /* described; NULL before */
    struct snapshot_set *set;
    GUID set_id;
    GUID snapshot_id;
    long blocks;
};

/* The store of a snapshot on the fixture's volume, and how many entries it has: 0 when there is
   none. */
static inline unsigned count_in_stores(const struct clone_fixture *fixture)
{
    return test_count_entries(test_path(fixture->place.folder, L"System Volume Information"));
}

static inline void fixture_open_on(
    struct clone_fixture *fixture, const GUID *provider_id, enum test_volume_kind kind)
{
    memset(fixture, 0, sizeof(*fixture));
    fixture->blocks = mem_live_blocks();
    test_volume_make_on(&fixture->place, kind);
    assert_int_equal(volume_open(fixture->place.name, &fixture->volume), S_OK);
    fixture->provider = provider_find(provider_id);
    assert_non_null(fixture->provider);
}

static inline void fixture_open(struct clone_fixture *fixture, const GUID *provider_id)
{
    fixture_open_on(fixture, provider_id, TEST_ON_TEMP);
}

static inline HRESULT fixture_begin(struct clone_fixture *fixture, LONG context)
{
    assert_int_equal(CoCreateGuid(&fixture->set_id), S_OK);
    assert_int_equal(CoCreateGuid(&fixture->snapshot_id), S_OK);
    snapshot_set_release(fixture->set);
    fixture->set = snapshot_set_create(&fixture->set_id, context);
    assert_non_null(fixture->set);
    fixture->snapshot = snapshot_set_add(fixture->set, &fixture->snapshot_id,
        &fixture->provider->id, fixture->volume->name, fixture->volume->path);
    assert_non_null(fixture->snapshot);
    return fixture->provider->ops->begin_prepare(fixture->provider, &fixture->set_id,
        &fixture->snapshot_id, fixture->volume, context, &fixture->work);
}

static inline HRESULT fixture_prepare(struct clone_fixture *fixture)
{
    HRESULT hr = fixture->work ? S_OK : fixture_begin(fixture, VSS_CTX_BACKUP);
    return hr != S_OK ? hr : fixture->provider->ops->end_prepare(fixture->work, &fixture->briefing);
}

/* From pre-commit to the end of the freeze. */
static inline HRESULT fixture_commit(struct clone_fixture *fixture)
{
    const struct provider_ops *ops = fixture->provider->ops;
    HRESULT hr = ops->pre_commit ? ops->pre_commit(fixture->work) : S_OK;
    if (hr == S_OK)
        hr = ops->commit(fixture->work);
    if (hr == S_OK && ops->post_commit)
        hr = ops->post_commit(fixture->work, 1);
    return hr;
}

/* From Thaw to the end; the work is finished then. */
static inline HRESULT fixture_finish(struct clone_fixture *fixture)
{
    const struct provider_ops *ops = fixture->provider->ops;
    HRESULT hr = ops->describe(fixture->work, fixture->snapshot);
    if (hr == S_OK && ops->pre_final_commit)
        hr = ops->pre_final_commit(fixture->work);
    if (hr == S_OK && ops->post_final_commit)
        hr = ops->post_final_commit(fixture->work);
    if (hr != S_OK)
        return hr;
    ops->finish(fixture->work);
    fixture->work = NULL;
    return S_OK;
}

static inline void fixture_make(struct clone_fixture *fixture)
{
    assert_int_equal(fixture_prepare(fixture), S_OK);
    assert_int_equal(fixture_commit(fixture), S_OK);
    assert_int_equal(fixture_finish(fixture), S_OK);
}

static inline void fixture_abort(struct clone_fixture *fixture)
{
    fixture->provider->ops->abort(fixture->work);
    fixture->work = NULL;
}

static inline HRESULT fixture_delete(struct clone_fixture *fixture)
{
    return fixture->provider->ops->delete_snapshot(fixture->provider, fixture->snapshot, false);
}

/* The folder in which the files of the snapshot lie; mem_free it. */
static inline WCHAR *fixture_folder(struct clone_fixture *fixture)
{
    WCHAR *folder = NULL;
    assert_int_equal(
        fixture->provider->ops->find_folder(fixture->provider, fixture->snapshot, &folder), S_OK);
    return folder;
}

/* The path of the copy of what the test calls `name`. */
static inline const WCHAR *in_copy(const struct clone_fixture *fixture, const WCHAR *name)
{
    WCHAR folder[TEST_PATH_UNITS];
    swprintf(folder, TEST_PATH_UNITS, L"%ls%ls", fixture->snapshot->device_object,
        fixture->place.inside);
    return *name ? test_path(folder, name) : wcscpy((WCHAR *)test_path(folder, name), folder);
}

static inline const WCHAR *in_place(const struct clone_fixture *fixture, const WCHAR *name)
{
    return test_path(fixture->place.folder, name);
}

/* Says that a frozen writer named files of the volume. */
static inline void fixture_name(struct clone_fixture *fixture, struct vec *list,
    const WCHAR *folder, const WCHAR *pattern, bool recursive)
{
    WCHAR path[TEST_PATH_UNITS];
    swprintf(path, TEST_PATH_UNITS, L"%ls\\%ls", fixture->place.folder, folder);
    struct file_spec *spec = file_spec_create(
        path, pattern, recursive, NULL, FILE_SPEC_DEFAULT_MASK);
    assert_non_null(spec);
    assert_true(vec_push(list, spec));
}

static inline unsigned fixture_differences(const struct clone_fixture *fixture)
{
    WCHAR original[TEST_PATH_UNITS];
    swprintf(original, TEST_PATH_UNITS, L"\\\\?\\%ls", fixture->place.folder);
    return test_compare_trees(original, in_copy(fixture, L""), L"System Volume Information");
}

static inline void fixture_close(struct clone_fixture *fixture)
{
    memset(&base_hooks, 0, sizeof(base_hooks));
    if (fixture->work)
        fixture_abort(fixture);
    else if (fixture->snapshot && fixture->snapshot->device_object)
        fixture_delete(fixture); /* or its device object would outlive the volume */
    vec_free(&fixture->briefing.named_files, file_spec_destroy);
    vec_free(&fixture->briefing.excluded_files, file_spec_destroy);
    vec_free(&fixture->briefing.roots, mem_free);
    snapshot_set_release(fixture->set);
    volume_free(fixture->volume);
    settings_set(L"CLONE_ROOTS", NULL);
    test_volume_remove(&fixture->place);
    assert_int_equal(mem_live_blocks(), fixture->blocks);
}

#endif
