/* SPDX-License-Identifier: MIT
 *
 * How long the freeze lasts: the part inside it must be far shorter than the whole copy, or there
 * was no point in preparing. The files are idle but for a few. Prints what it measured.
 */
#include <cmocka.h>
#include <stdio.h>

#include "clone_fixture.h"
#include "os/clock.h"

/* Few enough for every test run. The ratio only gets better with more. */
#define FOLDERS 100
#define FILES_PER_FOLDER 100
#define CHANGING 100
#define FILE_BYTES 3000
#define OLD_SECONDS 3600

static struct clone_fixture fixture;

static const WCHAR *file_name(unsigned folder, unsigned file)
{
    WCHAR name[64];
    swprintf(name, 64, L"folder %u\\file %u.dat", folder, file);
    return in_place(&fixture, name);
}

static void make_files(void)
{
    BYTE content[FILE_BYTES];
    for (unsigned folder = 0; folder < FOLDERS; folder++)
    {
        WCHAR name[64];
        swprintf(name, 64, L"folder %u", folder);
        test_make_folder(in_place(&fixture, name));
        for (unsigned file = 0; file < FILES_PER_FOLDER; file++)
        {
            memset(content, (int)(folder + file), sizeof(content));
            test_write_file(file_name(folder, file), content, sizeof(content));
            test_set_age(file_name(folder, file), OLD_SECONDS);
        }
    }
}

static void the_freeze_is_far_shorter_than_the_copy(void **state)
{
    (void)state;
    make_files();
    uint64_t began = clock_now_us();
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    uint64_t prepared = clock_now_us();
    for (unsigned i = 0; i < CHANGING; i++)
        test_write_text(file_name(i % FOLDERS, i / FOLDERS), "changed");
    uint64_t frozen = clock_now_us();
    assert_int_equal(fixture_commit(&fixture), S_OK);
    uint64_t thawed = clock_now_us();
    print_message("copy %u ms, freeze %u ms\n", (unsigned)((prepared - began) / 1000),
        (unsigned)((thawed - frozen) / 1000));
    assert_int_equal(fixture_finish(&fixture), S_OK);
    uint64_t finished = clock_now_us();
    assert_int_equal(fixture_differences(&fixture), 0);
    uint64_t compared = clock_now_us();
    assert_int_equal(fixture_delete(&fixture), S_OK);
    print_message("removal %u ms\n", (unsigned)((clock_now_us() - compared) / 1000));
    (void)finished;
    assert_true((thawed - frozen) * 2 < prepared - began);
}

static int open_fixture(void **state)
{
    (void)state;
    fixture_open(&fixture, &provider_system_id);
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            the_freeze_is_far_shorter_than_the_copy, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
