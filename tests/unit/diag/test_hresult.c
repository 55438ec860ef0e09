/* SPDX-License-Identifier: MIT
 *
 * diag/hresult: names and values as the specification lists them (requestor 0.3, writer-provider
 * 8).
 */
#include <windows.h>

#include <cmocka.h>
#include <string.h>

#include "diag/hresult.h"
#include "diag/log.h"
#include "os/settings.h"

static void unknown_code_has_no_name_and_shows_its_number(void **state)
{
    char text[HRESULT_TEXT_SIZE];
    (void)state;
    assert_null(hresult_name((HRESULT)0x80042305));
    assert_null(hresult_meaning((HRESULT)0x80042305));
    assert_string_equal(hresult_text((HRESULT)0x80042305, text), "0x80042305");
    assert_string_equal(hresult_text((HRESULT)0x00070020, text), "0x00070020");
}

static void win32_error_shows_its_number(void **state)
{
    char text[HRESULT_TEXT_SIZE];
    (void)state;
    assert_string_equal(hresult_text(HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION), text),
        "Win32 error 32 (0x80070020)");
    assert_string_equal(hresult_text(E_ACCESSDENIED, text), "E_ACCESSDENIED (0x80070005)");
}

static void longest_name_fits_the_buffer(void **state)
{
    char text[HRESULT_TEXT_SIZE];
    (void)state;
    assert_string_equal(hresult_text((HRESULT)0x80042414, text),
        "VSS_E_ASRERROR_FIXED_PHYSICAL_DISK_AVAILABLE_AFTER_DISK_EXCLUSION (0x80042414)");
}

static void listed_codes_have_their_names(void **state)
{
    static const struct
    {
        uint32_t code;
        const char *name;
    } rows[] = {
        {0x00000001, "S_FALSE"},
        {0x80004001, "E_NOTIMPL"},
        {0x80004003, "E_POINTER"},
        {0x80004005, "E_FAIL"},
        {0x8000FFFF, "E_UNEXPECTED"},
        {0x8007000E, "E_OUTOFMEMORY"},
        {0x80070057, "E_INVALIDARG"},
        {0x80042301, "VSS_E_BAD_STATE"},
        {0x80042302, "VSS_E_UNEXPECTED"},
        {0x80042303, "VSS_E_PROVIDER_ALREADY_REGISTERED"},
        {0x80042304, "VSS_E_PROVIDER_NOT_REGISTERED"},
        {0x80042306, "VSS_E_PROVIDER_VETO"},
        {0x80042307, "VSS_E_PROVIDER_IN_USE"},
        {0x80042308, "VSS_E_OBJECT_NOT_FOUND"},
        {0x00042309, "VSS_S_ASYNC_PENDING"},
        {0x0004230A, "VSS_S_ASYNC_FINISHED"},
        {0x0004230B, "VSS_S_ASYNC_CANCELLED"},
        {0x8004230C, "VSS_E_VOLUME_NOT_SUPPORTED"},
        {0x8004230D, "VSS_E_OBJECT_ALREADY_EXISTS"},
        {0x8004230E, "VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER"},
        {0x8004230F, "VSS_E_UNEXPECTED_PROVIDER_ERROR"},
        {0x80042310, "VSS_E_CORRUPT_XML_DOCUMENT"},
        {0x80042311, "VSS_E_INVALID_XML_DOCUMENT"},
        {0x80042312, "VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED"},
        {0x80042313, "VSS_E_FLUSH_WRITES_TIMEOUT"},
        {0x80042314, "VSS_E_HOLD_WRITES_TIMEOUT"},
        {0x80042315, "VSS_E_UNEXPECTED_WRITER_ERROR"},
        {0x80042316, "VSS_E_SNAPSHOT_SET_IN_PROGRESS"},
        {0x80042317, "VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED"},
        {0x80042318, "VSS_E_WRITER_INFRASTRUCTURE"},
        {0x80042319, "VSS_E_WRITER_NOT_RESPONDING"},
        {0x8004231A, "VSS_E_WRITER_ALREADY_SUBSCRIBED"},
        {0x8004231B, "VSS_E_UNSUPPORTED_CONTEXT"},
        {0x8004231D, "VSS_E_VOLUME_IN_USE"},
        {0x8004231E, "VSS_E_MAXIMUM_DIFFAREA_ASSOCIATIONS_REACHED"},
        {0x8004231F, "VSS_E_INSUFFICIENT_STORAGE"},
        {0x80042320, "VSS_E_NO_SNAPSHOTS_IMPORTED"},
        {0x00042321, "VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED"},
        {0x80042321, "VSS_E_SOME_SNAPSHOTS_NOT_IMPORTED"},
        {0x80042322, "VSS_E_MAXIMUM_NUMBER_OF_REMOTE_MACHINES_REACHED"},
        {0x80042323, "VSS_E_REMOTE_SERVER_UNAVAILABLE"},
        {0x80042324, "VSS_E_REMOTE_SERVER_UNSUPPORTED"},
        {0x80042325, "VSS_E_REVERT_IN_PROGRESS"},
        {0x80042326, "VSS_E_REVERT_VOLUME_LOST"},
        {0x80042327, "VSS_E_REBOOT_REQUIRED"},
        {0x80042328, "VSS_E_TRANSACTION_FREEZE_TIMEOUT"},
        {0x80042329, "VSS_E_TRANSACTION_THAW_TIMEOUT"},
        {0x8004232A, "VSS_E_UNSELECTED_VOLUME"},
        {0x8004232B, "VSS_E_SNAPSHOT_NOT_IN_SET"},
        {0x8004232C, "VSS_E_NESTED_VOLUME_LIMIT"},
        {0x8004232D, "VSS_E_VOLUME_NOT_LOCAL"},
        {0x8004232E, "VSS_E_CLUSTER_TIMEOUT"},
        {0x8004232F, "VSS_E_NOT_SUPPORTED"},
        {0x80042336, "VSS_E_WRITERERROR_PARTIAL_FAILURE"},
        {0x800423F0, "VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT"},
        {0x800423F1, "VSS_E_WRITERERROR_OUTOFRESOURCES"},
        {0x800423F2, "VSS_E_WRITERERROR_TIMEOUT"},
        {0x800423F3, "VSS_E_WRITERERROR_RETRYABLE"},
        {0x800423F4, "VSS_E_WRITERERROR_NONRETRYABLE"},
        {0x800423F5, "VSS_E_WRITERERROR_RECOVERY_FAILED"},
        {0x800423F6, "VSS_E_BREAK_REVERT_ID_FAILED"},
        {0x800423F7, "VSS_E_LEGACY_PROVIDER"},
        {0x800423F8, "VSS_E_MISSING_DISK"},
        {0x800423F9, "VSS_E_MISSING_HIDDEN_VOLUME"},
        {0x800423FA, "VSS_E_MISSING_VOLUME"},
        {0x800423FB, "VSS_E_AUTORECOVERY_FAILED"},
        {0x800423FC, "VSS_E_DYNAMIC_DISK_ERROR"},
        {0x800423FD, "VSS_E_NONTRANSPORTABLE_BCD"},
        {0x800423FE, "VSS_E_CANNOT_REVERT_DISKID"},
        {0x800423FF, "VSS_E_RESYNC_IN_PROGRESS"},
        {0x80042400, "VSS_E_CLUSTER_ERROR"},
        {0x80042401, "VSS_E_ASRERROR_DISK_ASSIGNMENT_FAILED"},
        {0x80042402, "VSS_E_ASRERROR_DISK_RECREATION_FAILED"},
        {0x80042403, "VSS_E_ASRERROR_NO_ARCPATH"},
        {0x80042404, "VSS_E_ASRERROR_MISSING_DYNDISK"},
        {0x80042405, "VSS_E_ASRERROR_SHARED_CRIDISK"},
        {0x80042406, "VSS_E_ASRERROR_DATADISK_RDISK0"},
        {0x80042407, "VSS_E_ASRERROR_RDISK0_TOOSMALL"},
        {0x80042408, "VSS_E_ASRERROR_CRITICAL_DISKS_TOO_SMALL"},
        {0x80042409, "VSS_E_WRITER_STATUS_NOT_AVAILABLE"},
        {0x8004240A, "VSS_E_ASRERROR_DYNAMIC_VHD_NOT_SUPPORTED"},
        {0x80042411, "VSS_E_CRITICAL_VOLUME_ON_INVALID_DISK"},
        {0x80042412, "VSS_E_ASRERROR_RDISK_FOR_SYSTEM_DISK_NOT_FOUND"},
        {0x80042413, "VSS_E_ASRERROR_NO_PHYSICAL_DISK_AVAILABLE"},
        {0x80042415, "VSS_E_ASRERROR_CRITICAL_DISK_CANNOT_BE_EXCLUDED"},
        {0x80042416, "VSS_E_ASRERROR_SYSTEM_PARTITION_HIDDEN"},
        {0x80042417, "VSS_E_FSS_TIMEOUT"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        const char *name = hresult_name((HRESULT)rows[i].code);
        const char *meaning = hresult_meaning((HRESULT)rows[i].code);
        HRESULT hr = S_OK;
        if (!name || strcmp(name, rows[i].name) != 0)
            fail_msg("0x%08X is %s, not %s", rows[i].code, name ? name : "nameless", rows[i].name);
        if (!meaning || meaning[strlen(meaning) - 1] != '.')
            fail_msg("%s has no sentence", rows[i].name);
        assert_true(hresult_from_text(rows[i].name, &hr));
        assert_int_equal(hr, (HRESULT)rows[i].code);
    }
}

static void text_that_is_no_code_is_refused(void **state)
{
    static const char *const wrong[] = {
        "", "0x", "0x123456789", "0x12G", "80042301", "VSS_E_BAD_STAT", "VSS_E_BAD_STATE "};
    HRESULT hr = E_FAIL;
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(hresult_from_text(wrong[i], &hr));
    assert_int_equal(hr, E_FAIL);
    assert_true(hresult_from_text("0X80042301", &hr));
    assert_int_equal(hr, VSS_E_BAD_STATE);
    assert_true(hresult_from_text("vss_e_Bad_State", &hr));
    assert_int_equal(hr, VSS_E_BAD_STATE);
}

static void unexpected_depends_on_the_profile(void **state)
{
    (void)state;
    assert_int_equal(hresult_unexpected(), VSS_E_UNEXPECTED);
    settings_set(L"WINDOWS", L"2003");
    assert_int_equal(hresult_unexpected(), E_UNEXPECTED);
    settings_set(L"WINDOWS", NULL);
}

static unsigned lines;

static void count_lines(void *context, enum log_level level, const WCHAR *line)
{
    (void)context;
    (void)level;
    lines++;
    assert_non_null(wcsstr(line, L"0x80070020"));
}

static void undocumented_code_becomes_unexpected_and_is_logged(void **state)
{
    static const HRESULT allowed[] = {VSS_E_BAD_STATE, E_INVALIDARG, S_OK};
    (void)state;
    log_set_sink(count_lines, NULL, LOG_ERROR);
    HRESULT shared = HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
    assert_int_equal(hresult_documented(shared, allowed, "DoSnapshotSet"), VSS_E_UNEXPECTED);
    assert_int_equal(lines, 1);
    assert_int_equal(hresult_documented(E_INVALIDARG, allowed, "x"), E_INVALIDARG);
    assert_int_equal(hresult_documented(E_OUTOFMEMORY, allowed, "x"), E_OUTOFMEMORY);
    assert_int_equal(hresult_documented(VSS_E_UNEXPECTED, allowed, "x"), VSS_E_UNEXPECTED);
    assert_int_equal(hresult_documented(S_FALSE, allowed, "x"), S_FALSE);
    assert_int_equal(lines, 1);
    log_set_sink(NULL, NULL, LOG_ERROR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_code_has_no_name_and_shows_its_number),
        cmocka_unit_test(win32_error_shows_its_number),
        cmocka_unit_test(longest_name_fits_the_buffer),
        cmocka_unit_test(listed_codes_have_their_names),
        cmocka_unit_test(text_that_is_no_code_is_refused),
        cmocka_unit_test(unexpected_depends_on_the_profile),
        cmocka_unit_test(undocumented_code_becomes_unexpected_and_is_logged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
