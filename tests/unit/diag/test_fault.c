/* SPDX-License-Identifier: MIT
 *
 * diag/fault: which pass of which point fails, and how scenarios are written.
 */
#include "unit/os/child.h"

#include "base/hooks.h"
#include "base/mem.h"
#include "diag/fault.h"
#include "diag/log.h"
#include "os/clock.h"
#include "os/file.h"

/* What the log said last. */
static WCHAR last_line[LOG_LINE_LENGTH + 200];
static unsigned lines;

static void keep_line(void *context, enum log_level level, const WCHAR *line)
{
    (void)context;
    (void)level;
    lines++;
    lstrcpynW(last_line, line, sizeof(last_line) / sizeof(last_line[0]));
}

static int clear(void **state)
{
    (void)state;
    fault_clear_all();
    lines = 0;
    last_line[0] = 0;
    return log_set_sink(keep_line, NULL, LOG_DEBUG);
}

static void assert_logged(const WCHAR *part)
{
    if (!wcsstr(last_line, part))
        fail_msg("\"%ls\" is not in \"%ls\"", part, last_line);
}

/* ---- rules ---- */

static void no_rule_fails_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < FAULT_POINT_COUNT; i++)
        assert_int_equal(fault_at((enum fault_point)i, L"x"), S_OK);
    assert_null(base_hooks.allow_alloc);
    assert_null(base_hooks.before_file_op);
    assert_null(base_hooks.clock_skew_ms);
}

static void unknown_point_is_refused_and_the_nearest_named(void **state)
{
    (void)state;
    assert_int_equal(fault_set("writter.event", NULL, E_FAIL, 1, 0, 0), E_INVALIDARG);
    assert_logged(L"\"writter.event\"; the nearest name is \"writer.event\"");
    assert_int_equal(fault_set("", NULL, E_FAIL, 1, 0, 0), E_INVALIDARG);
    assert_int_equal(fault_set("a name much longer than any fault point ever had in its life", NULL,
                         E_FAIL, 1, 0, 0),
        E_INVALIDARG);
}

static void wrong_parts_of_a_rule_are_refused(void **state)
{
    WCHAR match[FAULT_MATCH_LENGTH + 2];
    (void)state;
    assert_int_equal(fault_set("catalog", NULL, S_FALSE, 1, 0, 0), E_INVALIDARG);
    for (int i = 0; i <= FAULT_MATCH_LENGTH; i++)
        match[i] = L'a';
    match[FAULT_MATCH_LENGTH + 1] = 0;
    assert_int_equal(fault_set("catalog", match, E_FAIL, 1, 0, 0), E_INVALIDARG);
    match[FAULT_MATCH_LENGTH] = 0;
    assert_int_equal(fault_set("catalog", match, E_FAIL, 1, 0, 0), S_OK);
    assert_int_equal(fault_at(FAULT_CATALOG, match), E_FAIL);
}

static void more_rules_than_there_is_room_are_refused(void **state)
{
    (void)state;
    for (int i = 0; i < FAULT_RULE_LIMIT; i++)
        assert_int_equal(fault_set("catalog", NULL, E_FAIL, 1, 0, 0), S_OK);
    assert_int_equal(fault_set("catalog", NULL, E_FAIL, 1, 0, 0), E_OUTOFMEMORY);
    assert_int_equal(fault_load(L"catalog * E_FAIL", NULL), E_OUTOFMEMORY);
    fault_clear_all();
    assert_int_equal(fault_at(FAULT_CATALOG, NULL), S_OK);
    assert_int_equal(fault_set("catalog", NULL, E_FAIL, 1, 0, 0), S_OK);
}

static void rule_fires_from_first_for_count_passes(void **state)
{
    static const HRESULT expected[] = {S_OK, S_OK, E_FAIL, E_FAIL, S_OK, S_OK};
    (void)state;
    assert_int_equal(fault_set("provider.step", NULL, E_FAIL, 3, 2, 0), S_OK);
    for (int i = 0; i < 6; i++)
        assert_int_equal(fault_at(FAULT_PROVIDER_STEP, L"commit"), expected[i]);
    assert_int_equal(fault_fired(FAULT_PROVIDER_STEP), 2);
    assert_int_equal(fault_at(FAULT_CATALOG, L"commit"), S_OK);
}

static void rule_without_count_fires_for_ever(void **state)
{
    (void)state;
    assert_int_equal(fault_set("provider.step", NULL, VSS_E_PROVIDER_VETO, 0, 0, 0), S_OK);
    for (int i = 0; i < 100; i++)
        assert_int_equal(fault_at(FAULT_PROVIDER_STEP, NULL), VSS_E_PROVIDER_VETO);
}

static void only_matching_passes_count(void **state)
{
    (void)state;
    assert_int_equal(fault_set("writer.event", L"Freeze", E_FAIL, 2, 1, 0), S_OK);
    assert_int_equal(fault_at(FAULT_WRITER_EVENT, L"Freeze"), S_OK);
    assert_int_equal(fault_at(FAULT_WRITER_EVENT, L"Thaw"), S_OK);
    assert_int_equal(fault_at(FAULT_WRITER_EVENT, NULL), S_OK);
    assert_int_equal(fault_at(FAULT_WRITER_EVENT, L"freeze"), E_FAIL);
}

static HRESULT passes_either(enum fault_point point, const WCHAR *detail, const WCHAR *other)
{
    const WCHAR *const details[] = {detail, other};
    return fault_at_any(point, details, 2);
}

static void pass_with_two_details_counts_once(void **state)
{
    static const WCHAR detail[] = L"Freeze";
    static const WCHAR other[] = L"Freeze:SQL Writer";
    /* Each fires in its second pass. */
    static const WCHAR *const matching[] = {NULL, L"*", L"Freeze*", L"Freeze", L"*:sql*"};
    (void)state;
    for (size_t i = 0; i < sizeof(matching) / sizeof(matching[0]); i++)
    {
        fault_clear_all();
        assert_int_equal(fault_set("writer.event", matching[i], E_FAIL, 2, 1, 0), S_OK);
        assert_int_equal(passes_either(FAULT_WRITER_EVENT, detail, other), S_OK);
        assert_int_equal(passes_either(FAULT_WRITER_EVENT, detail, other), E_FAIL);
        assert_int_equal(passes_either(FAULT_WRITER_EVENT, detail, other), S_OK);
        assert_int_equal(fault_fired(FAULT_WRITER_EVENT), 1);
    }
}

static void either_detail_may_be_missing_and_neither_need_match(void **state)
{
    (void)state;
    assert_int_equal(fault_set("writer.event", L"Freeze", E_FAIL, 1, 0, 0), S_OK);
    assert_int_equal(passes_either(FAULT_WRITER_EVENT, L"Freeze", NULL), E_FAIL);
    assert_int_equal(passes_either(FAULT_WRITER_EVENT, NULL, L"Freeze"), E_FAIL);
    assert_int_equal(passes_either(FAULT_WRITER_EVENT, L"Thaw", L"Thaw:Freeze"), S_OK);
    assert_int_equal(passes_either(FAULT_WRITER_EVENT, NULL, NULL), S_OK);
    assert_int_equal(passes_either(FAULT_WRITER_LOST, L"Freeze", L"Freeze:x"), S_OK);
    assert_int_equal(fault_fired(FAULT_WRITER_EVENT), 2);
}

static void match_knows_case_stars_and_question_marks(void **state)
{
    static const struct
    {
        const WCHAR *match;
        const WCHAR *detail;
        bool expected;
    } rows[] = {
        {L"Freeze:*", L"Freeze:SQL Writer", true},
        {L"Freeze:*", L"Freeze", false},
        {L"*:sql*", L"Thaw:SQL Writer", true},
        {L"*", L"", true},
        {L"", L"", true},
        {L"", L"x", false},
        {L"?haw", L"Thaw", true},
        {L"?", L"", false},
        {L"a*b*c", L"aXbXbXc", true},
        {L"a*b*c", L"aXbXbX", false},
        {L"**", L"anything", true},
        {L"a", L"ab", false},
        {L"ab", L"a", false},
        {L"gr\x00FCn", L"GR\x00DCN", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        fault_clear_all();
        assert_int_equal(fault_set("writer.event", rows[i].match, E_FAIL, 1, 0, 0), S_OK);
        if ((fault_at(FAULT_WRITER_EVENT, rows[i].detail) == E_FAIL) != rows[i].expected)
            fail_msg("\"%ls\" against \"%ls\"", rows[i].match, rows[i].detail);
    }
}

static void oldest_rule_that_fires_decides(void **state)
{
    (void)state;
    assert_int_equal(fault_set("catalog", NULL, E_FAIL, 2, 1, 0), S_OK);
    assert_int_equal(fault_set("catalog", NULL, E_ACCESSDENIED, 1, 0, 0), S_OK);
    assert_int_equal(fault_at(FAULT_CATALOG, NULL), E_ACCESSDENIED);
    assert_int_equal(fault_at(FAULT_CATALOG, NULL), E_FAIL);
    assert_int_equal(fault_at(FAULT_CATALOG, NULL), E_ACCESSDENIED);
}

static void delay_alone_fails_nothing(void **state)
{
    (void)state;
    assert_int_equal(fault_set("catalog", NULL, S_OK, 1, 1, 30), S_OK);
    uint64_t start = clock_now_us();
    assert_int_equal(fault_at(FAULT_CATALOG, NULL), S_OK);
    assert_true(clock_now_us() - start >= 25000); /* Sleep may end a tick early */
    assert_int_equal(fault_fired(FAULT_CATALOG), 1);
}

static void a_delay_is_told_before_it_begins(void **state)
{
    (void)state;
    assert_int_equal(fault_set("file", L"rename", S_OK, 1, 1, 1), S_OK);
    assert_int_equal(base_hooks.before_file_op("rename", L"C:\\some"), S_OK);
    assert_logged(L"\"file\" (rename)");
    assert_int_equal(lines, 1);
    assert_int_equal(fault_set("catalog", NULL, S_OK, 1, 1, 1), S_OK);
    assert_int_equal(fault_at(FAULT_CATALOG, NULL), S_OK);
    assert_logged(L"\"catalog\" ()");
    /* Whoever allocates may be just logging. */
    assert_int_equal(fault_set("alloc", NULL, S_OK, 1, 1, 1), S_OK);
    mem_free(mem_alloc(1));
    assert_int_equal(fault_fired(FAULT_ALLOC), 1);
    assert_int_equal(lines, 2);
}

/* Which of 1000 passes fire. */
static unsigned fire(const WCHAR *rule, bool *fires)
{
    unsigned count = 0;
    fault_clear_all();
    assert_int_equal(fault_load(rule, NULL), S_OK);
    for (int i = 0; i < 1000; i++)
    {
        fires[i] = FAILED(fault_at(FAULT_CATALOG, NULL));
        count += fires[i];
    }
    return count;
}

static void chance_is_kept_and_a_seed_repeats_it(void **state)
{
    bool first[1000];
    bool second[1000];
    (void)state;
    /* Six standard deviations either side. */
    assert_in_range(fire(L"catalog * E_FAIL chance=25% seed=7", first), 168, 332);
    fire(L"catalog * E_FAIL seed=7 chance=25", second);
    assert_memory_equal(first, second, sizeof(first));
    fire(L"catalog * E_FAIL chance=25% seed=8", second);
    assert_memory_not_equal(first, second, sizeof(first));
    fire(L"catalog * E_FAIL chance=25%", second);
    fire(L"catalog * E_FAIL chance=25% seed=1", first);
    assert_memory_equal(first, second, sizeof(first));
    assert_int_equal(fire(L"catalog * E_FAIL 11 20 chance=50%", first), 20);
    for (int i = 0; i < 10; i++)
        assert_false(first[i]);
    assert_int_equal(fire(L"catalog * E_FAIL 1 0 chance=100%", first), 1000);
    assert_in_range(fire(L"catalog * E_FAIL chance=1% seed=0", first), 1, 40);
}

static HANDLE passing;

static DWORD WINAPI pass_catalog(void *unused)
{
    (void)unused;
    SetEvent(passing);
    return (DWORD)fault_at(FAULT_CATALOG, NULL);
}

/* The rule holds a thread up until the faults are cleared; then it goes on with `expected`. */
static void held_up_until_cleared(const WCHAR *rule, HRESULT expected)
{
    DWORD hr = 1;
    assert_int_equal(fault_load(rule, NULL), S_OK);
    passing = CreateEventW(NULL, FALSE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, pass_catalog, NULL, 0, NULL);
    assert_int_equal(WaitForSingleObject(passing, INFINITE), WAIT_OBJECT_0);
    while (!fault_fired(FAULT_CATALOG))
        Sleep(1);
    assert_int_equal(WaitForSingleObject(thread, 50), WAIT_TIMEOUT);
    fault_clear_all();
    assert_int_equal(WaitForSingleObject(thread, 60000), WAIT_OBJECT_0);
    assert_true(GetExitCodeThread(thread, &hr));
    assert_int_equal((HRESULT)hr, expected);
    CloseHandle(thread);
    CloseHandle(passing);
}

static void clearing_ends_hangs_and_delays(void **state)
{
    (void)state;
    held_up_until_cleared(L"catalog * hang", S_OK);
    held_up_until_cleared(L"catalog * delay 1 0 3600000", S_OK);
    held_up_until_cleared(L"catalog * E_ACCESSDENIED 1 0 3600000", E_ACCESSDENIED);
}

static void hang_with_a_delay_ends_by_itself(void **state)
{
    (void)state;
    assert_int_equal(fault_load(L"catalog * hang 1 1 30", NULL), S_OK);
    assert_int_equal(fault_at(FAULT_CATALOG, NULL), S_OK);
    assert_int_equal(fault_fired(FAULT_CATALOG), 1);
}

static void dropped_is_told_where_a_point_takes_it(void **state)
{
    (void)state;
    assert_int_equal(fault_load(L"ipc.frame event drop 2 1", NULL), S_OK);
    assert_int_equal(fault_at(FAULT_IPC_FRAME, L"event"), S_OK);
    assert_int_equal(fault_at(FAULT_IPC_FRAME, L"event"), FAULT_DROPPED);
    assert_int_equal(fault_at(FAULT_IPC_FRAME, L"event"), S_OK);
}

/* ---- memory, files, clock ---- */

static void nth_allocation_fails_while_the_rule_stands(void **state)
{
    (void)state;
    assert_int_equal(fault_set("alloc", NULL, E_OUTOFMEMORY, 2, 1, 0), S_OK);
    void *first = mem_alloc(1);
    void *second = mem_alloc(1);
    void *third = mem_alloc(1);
    fault_clear_all();
    assert_non_null(first);
    assert_null(second);
    assert_non_null(third);
    assert_null(base_hooks.allow_alloc);
    mem_free(first);
    mem_free(third);
}

static void file_operation_fails_by_name_and_by_path(void **state)
{
    void *bytes = NULL;
    size_t size;
    (void)state;
    assert_int_equal(fault_set("file", L"open", E_ACCESSDENIED, 1, 1, 0), S_OK);
    assert_int_equal(
        fault_set("file", L"open:*\\chosen", HRESULT_FROM_WIN32(ERROR_CRC), 1, 0, 0), S_OK);
    assert_int_equal(file_read_all(L"C:\\no\\other", 1, &bytes, &size), E_ACCESSDENIED);
    assert_int_equal(file_read_all(L"C:\\no\\other", 1, &bytes, &size),
        HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND));
    assert_int_equal(
        file_read_all(L"C:\\no\\chosen", 1, &bytes, &size), HRESULT_FROM_WIN32(ERROR_CRC));
    fault_clear_all();
    assert_null(base_hooks.before_file_op);
}

static void clock_jumps_by_the_delay_and_never_goes_back(void **state)
{
    (void)state;
    uint64_t before = clock_now_ms();
    assert_int_equal(fault_set("clock", NULL, S_OK, 2, 1, 3600000), S_OK);
    uint64_t first = clock_now_ms();
    uint64_t second = clock_now_ms();
    uint64_t third = clock_now_ms();
    fault_clear_all();
    assert_true(first - before < 3600000);
    assert_true(second - before >= 3600000);
    assert_true(third >= second && third - before < 7200000);
    assert_null(base_hooks.clock_skew_ms);
}

static bool own_hook(size_t size)
{
    (void)size;
    return true;
}

static void hooks_of_others_survive_a_clear(void **state)
{
    (void)state;
    base_hooks.allow_alloc = own_hook;
    fault_clear_all();
    bool survived = base_hooks.allow_alloc == own_hook;
    base_hooks.allow_alloc = NULL;
    assert_true(survived);
}

/* ---- scenarios ---- */

static void scenario_adds_its_rules(void **state)
{
    size_t count = 0;
    (void)state;
    assert_int_equal(
        fault_load(L"# a comment\r\n"
                   L"\r\n"
                   L"writer.event \"Freeze:SQL Writer\" VSS_E_WRITERERROR_RETRYABLE 2 1 # twice\r\n"
                   L"  catalog\t*  0x80070005 ; provider.step commit e_fail 1 0 0",
            &count),
        S_OK);
    assert_int_equal(fault_at(FAULT_WRITER_EVENT, L"Freeze:SQL Writer"), S_OK);
    assert_int_equal(
        fault_at(FAULT_WRITER_EVENT, L"Freeze:SQL Writer"), VSS_E_WRITERERROR_RETRYABLE);
    assert_int_equal(fault_at(FAULT_WRITER_EVENT, L"Freeze:SQL Writer"), S_OK);
    assert_int_equal(fault_at(FAULT_CATALOG, NULL), E_ACCESSDENIED);
    assert_int_equal(fault_at(FAULT_PROVIDER_STEP, L"commit"), E_FAIL);
    assert_int_equal(lines, 0);
    assert_int_equal(count, 3);
    assert_int_equal(fault_load(L"", &count), S_OK);
    assert_int_equal(count, 0);
}

static void scenario_with_a_mistake_adds_nothing_and_says_where(void **state)
{
    static const struct
    {
        const WCHAR *text;
        const WCHAR *said;
    } rows[] = {
        {L"catalog * E_FAIL\ncatalogue * E_FAIL", L"the nearest name is \"catalog\""},
        {L"catalog * E_FAIL\n\ncatalog *", L"rule 3"},
        {L"catalog * E_FIAL",
            L"\"E_FIAL\" is neither an effect nor an HRESULT; the nearest is E_FAIL"},
        {L"catalog * vss_e_bad_sate", L"the nearest is VSS_E_BAD_STATE"},
        {L"catalog * hangs", L"the nearest is hang"},
        {L"catalog * drop", L"nothing that can be dropped"},
        {L"clock * E_FAIL", L"fails with no HRESULT"},
        {L"alloc * hang", L"can't hang"},
        {L"catalog * S_FALSE", L"success code 0x00000001"},
        {L"catalog * E_FAIL x", L"\"x\" is no number"},
        {L"catalog * E_FAIL 4294967296", L"no number"},
        {L"catalog * E_FAIL 1 2 3 4", L"more than three numbers"},
        {L"catalog * E_FAIL 1 2 3 4 5 6", L"more than 8 words"},
        {L"catalog * E_FAIL chance=", L"no chance"},
        {L"catalog * E_FAIL chance=0", L"no chance"},
        {L"catalog * E_FAIL chance=101%", L"no chance"},
        {L"catalog * E_FAIL chance=5%%", L"no chance"},
        {L"catalog * E_FAIL seed=x", L"no number for a seed"},
        {L"catalog \"open E_FAIL", L"open quote"},
        {L"c\x00E4t * E_FAIL", L"no fault point"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        assert_int_equal(fault_load(rows[i].text, NULL), E_INVALIDARG);
        assert_logged(rows[i].said);
        assert_int_equal(fault_at(FAULT_CATALOG, NULL), S_OK);
    }
}

static void scenario_comes_from_a_utf8_file(void **state)
{
    static const char text[] = "\xEF\xBB\xBFwriter.event gr\xC3\xBCn* E_FAIL\n";
    WCHAR temp[MAX_PATH];
    WCHAR path[MAX_PATH];
    (void)state;
    assert_true(GetTempPathW(MAX_PATH, temp));
    assert_true(GetTempFileNameW(temp, L"tl", 0, path));
    long blocks = mem_live_blocks();
    assert_int_equal(file_write_atomic(path, text, sizeof(text) - 1), S_OK);
    assert_int_equal(fault_load_file(path, NULL), S_OK);
    assert_int_equal(fault_at(FAULT_WRITER_EVENT, L"gr\x00FCn und blau"), E_FAIL);
    assert_int_equal(file_delete(path), S_OK);
    assert_int_equal(fault_load_file(path, NULL), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    assert_logged(L"can't be read");
    assert_int_equal(mem_live_blocks(), blocks);
}

/* Child: says what the rules of its environment do. */
static int pass_points(void)
{
    HRESULT catalog = fault_at(FAULT_CATALOG, NULL);
    HRESULT step = fault_at(FAULT_PROVIDER_STEP, L"commit");
    printf("%08lX %08lX\n", catalog, step);
    return 0;
}

static void assert_child_prints(const char *expected)
{
    char line[200];
    struct child child = child_start(NULL, "pass", NULL);
    child_read_line(&child, line, sizeof(line));
    child_finish(&child, NULL, 0);
    assert_string_equal(line, expected);
}

static void environment_holds_a_scenario_or_the_path_of_one(void **state)
{
    WCHAR temp[MAX_PATH];
    WCHAR path[MAX_PATH];
    (void)state;
    assert_child_prints("00000000 00000000");
    SetEnvironmentVariableW(
        L"THAWLINE_FAULTS", L"catalog * E_FAIL; provider.step commit VSS_E_PROVIDER_VETO");
    assert_child_prints("80004005 80042306");
    assert_true(GetTempPathW(MAX_PATH, temp));
    assert_true(GetTempFileNameW(temp, L"tl", 0, path));
    assert_int_equal(file_write_atomic(path, "catalog * E_ACCESSDENIED\n", 25), S_OK);
    SetEnvironmentVariableW(L"THAWLINE_FAULTS", path);
    assert_child_prints("80070005 00000000");
    SetEnvironmentVariableW(L"THAWLINE_FAULTS", L"nonsense");
    assert_child_prints("00000000 00000000");
    SetEnvironmentVariableW(L"THAWLINE_FAULTS", NULL);
    assert_int_equal(file_delete(path), S_OK);
}

static void crash_ends_the_process_at_once(void **state)
{
    (void)state;
    SetEnvironmentVariableW(L"THAWLINE_FAULTS", L"provider.step * crash");
    struct child child = child_start(NULL, "pass", NULL);
    assert_int_equal(child_finish(&child, NULL, 0), 0x40000015);
    SetEnvironmentVariableW(L"THAWLINE_FAULTS", NULL);
}

static void every_point_has_a_name_and_a_sentence(void **state)
{
    (void)state;
    for (int i = 0; i < FAULT_POINT_COUNT; i++)
    {
        assert_non_null(fault_point_name((enum fault_point)i));
        assert_non_null(fault_point_detail((enum fault_point)i));
        assert_non_null(fault_point_description((enum fault_point)i));
    }
    assert_null(fault_point_name(FAULT_POINT_COUNT));
    assert_null(fault_point_description(FAULT_POINT_COUNT));
}

int main(int argc, char **argv)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, clear, clear)
    const struct CMUnitTest tests[] = {
        TEST(no_rule_fails_nothing),
        TEST(unknown_point_is_refused_and_the_nearest_named),
        TEST(wrong_parts_of_a_rule_are_refused),
        TEST(more_rules_than_there_is_room_are_refused),
        TEST(rule_fires_from_first_for_count_passes),
        TEST(rule_without_count_fires_for_ever),
        TEST(only_matching_passes_count),
        TEST(pass_with_two_details_counts_once),
        TEST(either_detail_may_be_missing_and_neither_need_match),
        TEST(match_knows_case_stars_and_question_marks),
        TEST(oldest_rule_that_fires_decides),
        TEST(delay_alone_fails_nothing),
        TEST(a_delay_is_told_before_it_begins),
        TEST(chance_is_kept_and_a_seed_repeats_it),
        TEST(clearing_ends_hangs_and_delays),
        TEST(hang_with_a_delay_ends_by_itself),
        TEST(dropped_is_told_where_a_point_takes_it),
        TEST(nth_allocation_fails_while_the_rule_stands),
        TEST(file_operation_fails_by_name_and_by_path),
        TEST(clock_jumps_by_the_delay_and_never_goes_back),
        TEST(hooks_of_others_survive_a_clear),
        TEST(scenario_adds_its_rules),
        TEST(scenario_with_a_mistake_adds_nothing_and_says_where),
        TEST(scenario_comes_from_a_utf8_file),
        TEST(environment_holds_a_scenario_or_the_path_of_one),
        TEST(crash_ends_the_process_at_once),
        TEST(every_point_has_a_name_and_a_sentence),
    };
    if (argc > 1 && strcmp(argv[1], "pass") == 0)
        return pass_points();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
