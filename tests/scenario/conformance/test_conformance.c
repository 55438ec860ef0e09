/* SPDX-License-Identifier: MIT
 *
 * Conformance of a vssapi.dll to the requestor's contract: the program runs every theme, each test
 * with a writer and an object of its own, and says which of the hundred statements of the
 * contract's checklist were asserted. `--system` asserts only what binds everyone: for Microsoft's
 * DLL. Needs an account that may back up.
 */
#include "conformance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool judge_ours = true;

/* Statements that no row asserts, and why. README quotes it. */
static const struct
{
    int statement;
    const char *why;
} not_asserted[] = {
    {52,
        "it takes 65 volumes, and Wine has letters for 26: unit_coordinator_set_limits asserts it"},
};

static const struct
{
    const struct conformance_test *tests;
    const size_t *count;
} themes[] = {
#define ROWS(theme)                                                                                \
    {                                                                                              \
        theme##_tests, &theme##_tests_count                                                        \
    }
    ROWS(matrix),
    ROWS(binary),
    ROWS(beginning),
    ROWS(writers),
    ROWS(events),
    ROWS(components),
    ROWS(snapshot_set),
    ROWS(snapshots),
    ROWS(exposure),
    ROWS(async),
    ROWS(restore),
    ROWS(metadata),
    ROWS(bad_input),
    ROWS(bad_arguments),
};

static bool asserted[STATEMENTS + 1];

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof(*fixture));
    fixture->test = *state;
    fixture->entered = CreateEventW(NULL, FALSE, FALSE, NULL);
    fixture->go = CreateEventW(NULL, TRUE, FALSE, NULL);
    fixture->aborted = CreateEventW(NULL, FALSE, FALSE, NULL);
    test_writer_start(&fixture->writer, CreateWriter, false, writer_id, L"conformance");
    fixture->writer.at[SLOT_ON_IDENTIFY].action = identify;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    SetEvent(fixture->go);
    if (fixture->pending)
        await(fixture->pending);
    release(fixture);
    test_writer_unsubscribe(&fixture->writer);
    test_writer_destruct(&fixture->writer);
    test_writer_unsubscribe(&fixture->other);
    test_writer_destruct(&fixture->other);
    test_writer_unsubscribe(&fixture->third);
    test_writer_destruct(&fixture->third);
    CloseHandle(fixture->entered);
    CloseHandle(fixture->go);
    CloseHandle(fixture->aborted);
    test_free(fixture);
    return 0;
}

static void run(void **state)
{
    struct fixture *fixture = *state;
    fixture->test->run(fixture);
    asserted[fixture->test->statement] = true;
}

static struct CMUnitTest *collect(const char *only, size_t *count)
{
    struct CMUnitTest *tests = NULL;
    *count = 0;
    for (size_t i = 0; i < sizeof(themes) / sizeof(*themes); i++)
    {
        for (size_t k = 0; k < *themes[i].count; k++)
        {
            const struct conformance_test *test = &themes[i].tests[k];
            if ((test->binding == OURS && !judge_ours) || (only && !strstr(test->name, only)))
                continue;
            tests = realloc(tests, (*count + 1) * sizeof(*tests));
            if (!tests)
                abort();
            tests[(*count)++] = (struct CMUnitTest){
                test->name, run, set_up, tear_down, (void *)(ULONG_PTR)test};
        }
    }
    return tests;
}

static void say_what_was_asserted(void)
{
    int count = 0;
    for (int i = 1; i <= STATEMENTS; i++)
        count += asserted[i];
    printf("asserted %d of %d statements; rows of the method table: %u of 64\n", count, STATEMENTS,
        matrix_rows_seen);
    for (size_t i = 0; i < sizeof(not_asserted) / sizeof(*not_asserted); i++)
        printf("not asserted: %d: %s\n", not_asserted[i].statement, not_asserted[i].why);
}

/* A statement is asserted by a row or has a reason, never neither and never both. */
static int count_forgotten(void)
{
    bool known[STATEMENTS + 1] = {false};
    int forgotten = 0;
    for (size_t i = 0; i < sizeof(themes) / sizeof(*themes); i++)
        for (size_t k = 0; k < *themes[i].count; k++)
            known[themes[i].tests[k].statement] = true;
    for (size_t i = 0; i < sizeof(not_asserted) / sizeof(*not_asserted); i++)
    {
        if (known[not_asserted[i].statement])
            printf(
                "statement %d is asserted and has a reason not to be\n", not_asserted[i].statement);
        forgotten += known[not_asserted[i].statement];
        known[not_asserted[i].statement] = true;
    }
    for (int i = 1; i <= STATEMENTS; i++)
    {
        if (!known[i])
            printf("statement %d has neither a test nor a reason\n", i);
        forgotten += !known[i];
    }
    return forgotten;
}

int main(int argc, char **argv)
{
    const char *only = NULL;
    size_t count;
    for (int i = 1; i < argc; i++)
    {
        if (strcmp(argv[i], "--system") == 0)
            judge_ours = false;
        else
            only = argv[i];
    }
    setvbuf(stdout, NULL, _IONBF, 0);
    /* The provider that copies nothing: the suite is about the protocol. Nothing else reads it. */
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (only && strncmp(only, "--die", 5) == 0)
        be_dying_requestor(only);
    struct CMUnitTest *tests = collect(only, &count);
    int failed = _cmocka_run_group_tests("conformance", tests, count, NULL, NULL);
    free(tests);
    CoUninitialize();
    say_what_was_asserted();
    return failed + (only ? 0 : count_forgotten());
}
