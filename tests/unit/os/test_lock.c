/* SPDX-License-Identifier: MIT
 *
 * os/lock: the order of ranks (debug builds stop at a violation) and waiting.
 */
#include "unit/os/child.h"

#include "os/lock.h"

#ifdef TL_DEBUG

/* Each role breaks one rule; a build that checks ends here with the reason on stderr. */
static int break_rule(const char *role)
{
    struct lock low;
    struct lock high;
    lock_init(&low, LOCK_RANK_ASYNC);
    lock_init(&high, LOCK_RANK_SESSION);
    if (strcmp(role, "rising") == 0)
    {
        lock_enter(&low);
        lock_enter(&high);
    }
    else if (strcmp(role, "same") == 0)
    {
        struct lock other;
        lock_init(&other, LOCK_RANK_ASYNC);
        lock_enter(&low);
        lock_enter(&other);
    }
    else if (strcmp(role, "again") == 0)
    {
        lock_enter(&low);
        lock_enter(&low);
    }
    else if (strcmp(role, "leave") == 0)
    {
        lock_leave(&low);
    }
    else if (strcmp(role, "foreign") == 0)
    {
        lock_enter(&low);
        lock_assert_none_held();
    }
    else if (strcmp(role, "wait") == 0)
    {
        CONDITION_VARIABLE never = CONDITION_VARIABLE_INIT;
        lock_wait(&low, &never, 0);
    }
    return 0;
}

static void broken_rule_stops_the_process(void **state)
{
    static const char *const roles[] = {"rising", "same", "again", "leave", "foreign", "wait"};
    (void)state;
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
    {
        char output[512];
        struct child child = child_start(NULL, roles[i], NULL);
        DWORD code = child_finish(&child, output, sizeof(output));
        if (code == 0 || !strstr(output, "lock order"))
            fail_msg("\"%s\" went through: exit code %lu, output \"%s\"", roles[i], code, output);
    }
}

#endif

static void falling_ranks_left_in_any_order_are_accepted(void **state)
{
    struct lock locks[3];
    (void)state;
    lock_init(&locks[0], LOCK_RANK_REQUESTOR);
    lock_init(&locks[1], LOCK_RANK_WRITER);
    lock_init(&locks[2], LOCK_RANK_LEAF);
    for (int i = 0; i < 3; i++)
        lock_enter(&locks[i]);
    lock_leave(&locks[1]);
    lock_leave(&locks[0]);
    lock_leave(&locks[2]);
    lock_assert_none_held();
    lock_enter(&locks[0]);
    lock_leave(&locks[0]);
}

static void wait_without_a_wake_up_times_out_and_holds_the_lock(void **state)
{
    struct lock lock = LOCK_INIT(LOCK_RANK_ASYNC);
    CONDITION_VARIABLE never = CONDITION_VARIABLE_INIT;
    (void)state;
    lock_enter(&lock);
    assert_false(lock_wait(&lock, &never, 1));
    assert_false(TryAcquireSRWLockExclusive(&lock.srw));
    lock_leave(&lock);
    assert_true(TryAcquireSRWLockExclusive(&lock.srw));
    ReleaseSRWLockExclusive(&lock.srw);
}

struct baton
{
    struct lock lock;
    CONDITION_VARIABLE changed;
    int turn;
};

static DWORD WINAPI take_turns(void *argument)
{
    struct baton *baton = argument;
    lock_enter(&baton->lock);
    for (int i = 0; i < 100; i++)
    {
        while (baton->turn % 2 == 0)
            lock_wait(&baton->lock, &baton->changed, INFINITE);
        baton->turn++;
        WakeAllConditionVariable(&baton->changed);
    }
    lock_leave(&baton->lock);
    return 0;
}

static void two_threads_take_turns_through_a_condition(void **state)
{
    struct baton baton = {.lock = LOCK_INIT(LOCK_RANK_ASYNC), .changed = CONDITION_VARIABLE_INIT};
    (void)state;
    HANDLE thread = CreateThread(NULL, 0, take_turns, &baton, 0, NULL);
    assert_non_null(thread);
    lock_enter(&baton.lock);
    for (int i = 0; i < 100; i++)
    {
        while (baton.turn % 2 == 1)
            lock_wait(&baton.lock, &baton.changed, INFINITE);
        baton.turn++;
        WakeAllConditionVariable(&baton.changed);
    }
    lock_leave(&baton.lock);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    assert_int_equal(baton.turn, 200);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#ifdef TL_DEBUG
        cmocka_unit_test(broken_rule_stops_the_process),
#endif
        cmocka_unit_test(falling_ranks_left_in_any_order_are_accepted),
        cmocka_unit_test(wait_without_a_wake_up_times_out_and_holds_the_lock),
        cmocka_unit_test(two_threads_take_turns_through_a_condition),
    };
#ifdef TL_DEBUG
    if (argc > 1)
        return break_rule(argv[1]);
#endif
    (void)argc;
    (void)argv;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
