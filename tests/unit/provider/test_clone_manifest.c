/* SPDX-License-Identifier: MIT
 *
 * What counts as a change, and the index of a scan.
 */
#include <cmocka.h>

#include "base/str16.h"
#include "provider/clone_manifest.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"

#define MS 10000LL

static struct clone_entry *add(
    struct clone_manifest *manifest, const WCHAR *folder, const WCHAR *name, DWORD attributes)
{
    struct clone_entry *entry = clone_manifest_new_entry(folder, name, str16_len(name));
    if (!entry)
        return NULL;
    entry->attributes = attributes;
    entry->size = 10;
    if (SUCCEEDED(clone_manifest_add(manifest, entry)))
        return entry;
    mem_free(entry);
    return NULL;
}

static bool fill(struct clone_manifest *manifest)
{
    return add(manifest, L"", L"a", FILE_ATTRIBUTE_DIRECTORY) &&
        add(manifest, L"a", L"b", FILE_ATTRIBUTE_DIRECTORY) && add(manifest, L"a\\b", L"c", 0) &&
        add(manifest, L"", L"ab", 0);
}

static void times_near_the_copy_are_not_trusted(void **state)
{
    (void)state;
    static const struct
    {
        LONGLONG written_ms; /* before the copy began */
        LONGLONG changed_ms;
        bool settled;
    } rows[] = {
        {3000, 3000, true},
        {2001, 60, true},
        {2000, 60, false},
        {0, 60, false},
        {-5, 60, false},
        {100000, 50, false},
        {100000, -1, false},
    };
    LONGLONG copied_at = 1000000 * MS;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
    {
        struct clone_entry entry = {.copied_at = copied_at,
            .written = copied_at - rows[i].written_ms * MS,
            .changed = copied_at - rows[i].changed_ms * MS};
        if (clone_entry_is_settled(&entry) != rows[i].settled)
            fail_msg("row %u", (unsigned)i);
    }
}

static void each_property_of_content_counts(void **state)
{
    (void)state;
    struct clone_entry a = {.size = 1, .written = 2, .changed = 3, .id = 4};
    struct clone_entry b = {
        .size = 1, .written = 2, .changed = 3, .id = 4, .accessed = 5, .created = 6, .named = true};
    assert_true(clone_entry_same_content(&a, &b));
    LONGLONG *times[] = {&b.written, &b.changed};
    uint64_t *numbers[] = {&b.size, &b.id};
    for (int i = 0; i < 2; i++)
    {
        ++*times[i];
        assert_false(clone_entry_same_content(&a, &b));
        --*times[i];
        ++*numbers[i];
        assert_false(clone_entry_same_content(&a, &b));
        --*numbers[i];
    }
}

static void entries_are_found_by_their_exact_paths(void **state)
{
    (void)state;
    struct clone_manifest manifest = {0};
    assert_true(fill(&manifest));
    assert_non_null(clone_manifest_find(&manifest, L"a\\b\\c"));
    assert_null(clone_manifest_find(&manifest, L"a\\b\\C"));
    assert_null(clone_manifest_find(&manifest, L"a\\c"));
    assert_int_equal(manifest.files, 2);
    assert_int_equal(manifest.bytes, 20);
    clone_manifest_free(&manifest);
}

static void a_moved_folder_takes_its_entries_along(void **state)
{
    (void)state;
    struct clone_manifest manifest = {0};
    assert_true(fill(&manifest));
    assert_int_equal(clone_manifest_move(&manifest, L"a", L"x\\longer"), S_OK);
    assert_non_null(clone_manifest_find(&manifest, L"x\\longer"));
    assert_non_null(clone_manifest_find(&manifest, L"x\\longer\\b\\c"));
    assert_null(clone_manifest_find(&manifest, L"a"));
    assert_null(clone_manifest_find(&manifest, L"a\\b\\c"));
    assert_non_null(clone_manifest_find(&manifest, L"ab"));
    clone_manifest_free(&manifest);
}

static void without_memory_nothing_leaks(void **state)
{
    (void)state;
    bool hit;
    size_t which = 1;
    do
    {
        struct clone_manifest manifest = {0};
        fail_alloc(which++);
        if (fill(&manifest))
            clone_manifest_move(&manifest, L"a", L"moved");
        hit = allow_allocs();
        clone_manifest_free(&manifest);
    } while (hit);
    assert_true(which > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(times_near_the_copy_are_not_trusted),
        leak_test(each_property_of_content_counts),
        leak_test(entries_are_found_by_their_exact_paths),
        leak_test(a_moved_folder_takes_its_entries_along),
        leak_test(without_memory_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
