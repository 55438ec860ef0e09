/* SPDX-License-Identifier: MIT
 *
 * The catalog's record of a shadow copy set. The format is ours: document_names.h.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/guid.h"
#include "support/check_leaks.h"
#include "support/resave.h"

#define SET(content)                                                                                \
    "<SNAPSHOT_SET xmlns=\"urn:thawline:snapshot-set\" version=\"1.0\""                             \
    " snapshotSetId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" context=\"0xffffffff\""                \
    " snapshotsCount=\"2\" creating=\"no\" created=\"132537600000000001\" originatingMachine=\"A\"" \
    " serviceMachine=\"B\">" content "</SNAPSHOT_SET>"
#define IDS                                                                                        \
    " snapshotId=\"11111111-2222-3333-4444-555555555555\""                                         \
    " providerId=\"b5946137-7b9f-4925-af80-51abd60b20d5\""

static void record_of_another_version_or_format_is_invalid(void **state)
{
    (void)state;
    check_refused(SNAPSHOT_SET, "<SNAPSHOT_SET/>");
    check_refused(SNAPSHOT_SET,
        "<SNAPSHOT_SET xmlns=\"urn:thawline:snapshot-set\" version=\"2.0\""
        " snapshotSetId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" context=\"0x00000009\""
        " snapshotsCount=\"2\" created=\"0\"/>");
    check_refused(SNAPSHOT_SET,
        "<SNAPSHOT_SET xmlns=\"urn:thawline:snapshot-set\""
        " snapshotSetId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" context=\"0x00000009\""
        " snapshotsCount=\"2\" created=\"0\"/>");
}

static void missing_or_impossible_values_are_invalid(void **state)
{
    (void)state;
    check_refused(SNAPSHOT_SET, SET("<SNAPSHOT/>"));
    check_refused(SNAPSHOT_SET, SET("<SNAPSHOT" IDS "/>"));
    check_refused(SNAPSHOT_SET, SET("<SNAPSHOT" IDS " volumeName=\"v\" attributes=\"12\"/>"));
    check_refused(SNAPSHOT_SET, SET("<SNAPSHOT" IDS " volumeName=\"v\" attributes=\"0xg\"/>"));
    check_refused(SNAPSHOT_SET,
        "<SNAPSHOT_SET xmlns=\"urn:thawline:snapshot-set\" version=\"1.0\""
        " snapshotSetId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" context=\"0x00000009\""
        " snapshotsCount=\"2147483648\" created=\"0\"/>");
    check_refused(SNAPSHOT_SET,
        "<SNAPSHOT_SET xmlns=\"urn:thawline:snapshot-set\" version=\"1.0\""
        " snapshotSetId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" context=\"0x00000009\""
        " snapshotsCount=\"2\" created=\"-1\"/>");
}

static void record_survives_saving_and_loading(void **state)
{
    (void)state;
    static const char record[] = SET(
        "<SNAPSHOT" IDS " volumeName=\"\\\\?\\Volume{1}\\\" volumePath=\"C:\\\""
        " deviceObject=\"\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\""
        " exposedName=\"X:\" exposedPath=\"a\\b\" attributes=\"0x00420009\""
        " digest=\"0123456789abcdef\" consistency=\"Frozen writers, &quot;clone&quot;.\"/>"
        "<SNAPSHOT" IDS " volumeName=\"v\" attributes=\"0x80000000\"/>");
    check_resaved(SNAPSHOT_SET, record, record);

    struct snapshot_set *set = NULL;
    WCHAR *text = wide(record);
    assert_int_equal(document_load_snapshot_set(text, str16_len(text), &set, NULL), S_OK);
    assert_int_equal(set->context, -1);
    assert_int_equal(set->count_at_creation, 2);
    assert_false(set->creating);
    assert_int_equal(set->created.dwHighDateTime, 30858814);
    assert_int_equal(set->created.dwLowDateTime, 3076653057u);
    check_text(set->originating_machine, "A");
    check_text(set->service_machine, "B");
    assert_int_equal(set->snapshots.count, 2);
    const struct snapshot *snapshot = vec_at(&set->snapshots, 0);
    assert_int_equal(snapshot->id.Data1, 0x11111111);
    assert_int_equal(snapshot->provider_id.Data1, 0xb5946137);
    check_text(snapshot->volume_path, "C:\\");
    check_text(snapshot->digest, "0123456789abcdef");
    assert_int_equal(snapshot->attributes, 0x420009);
    check_text(snapshot->consistency, "Frozen writers, \"clone\".");
    snapshot = vec_at(&set->snapshots, 1);
    assert_null(snapshot->digest);
    assert_null(snapshot->device_object);
    assert_null(snapshot->exposed_name);
    assert_null(snapshot->consistency);
    assert_int_equal(snapshot->attributes, INT32_MIN);
    snapshot_set_release(set);
    mem_free(text);
}

static void new_set_is_written_with_what_it_has_and_whether_it_is_in_the_making(void **state)
{
    (void)state;
    GUID id;
    WCHAR *text = NULL;
    assert_true(guid_from_text(L"66666666-7777-8888-9999-aaaaaaaaaaaa", &id));
    struct snapshot_set *set = snapshot_set_create(&id, 9);
    assert_int_equal(document_save_snapshot_set(set, &text, NULL), S_OK);
    check_text(text,
        "<SNAPSHOT_SET xmlns=\"urn:thawline:snapshot-set\" version=\"1.0\""
        " snapshotSetId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" context=\"0x00000009\""
        " snapshotsCount=\"0\" creating=\"no\" created=\"0\"/>");
    mem_free(text);
    set->creating = true;
    assert_int_equal(document_save_snapshot_set(set, &text, NULL), S_OK);
    check_text(text,
        "<SNAPSHOT_SET xmlns=\"urn:thawline:snapshot-set\" version=\"1.0\""
        " snapshotSetId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" context=\"0x00000009\""
        " snapshotsCount=\"0\" creating=\"yes\" created=\"0\"/>");
    snapshot_set_release(set);
    mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(record_of_another_version_or_format_is_invalid),
        leak_test(missing_or_impossible_values_are_invalid),
        leak_test(record_survives_saving_and_loading),
        leak_test(new_set_is_written_with_what_it_has_and_whether_it_is_in_the_making),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
