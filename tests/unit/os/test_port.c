/* SPDX-License-Identifier: MIT
 *
 * os/port.h: callbacks on the port's thread, and work that they leave to it, quick and slow.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <windows.h>
#include <objbase.h>
#include <cmocka.h>

#include "os/pool.h"
#include "os/port.h"
#include "support/check_leaks.h"

#define PATIENCE_MS 20000
#define SLOW_WORKS 8

/* A callback that leaves `works` pieces of work, each of which notes its thread, says so and waits
   for `go_on`. */
struct task
{
    struct port_io io;
    struct port *port;
    unsigned works;
    bool drops;    /* the work drops the port */
    bool computes; /* and does not wait */
    bool enters;   /* an apartment of its own, and does not leave it */
    DWORD nap_ms;
    HANDLE begun; /* a semaphore */
    HANDLE go_on; /* manual-reset */
    LONG done;
    /* what they saw */
    DWORD callback_thread;
    DWORD work_thread; /* the first one's */
    LONG entered;
    APTTYPE apartment;
    bool overlapped; /* a callback came while another ran */
};

static LONG in_callback;

static void work(void *context)
{
    struct task *task = context;
    APTTYPEQUALIFIER qualifier;
    if (InterlockedIncrement(&task->entered) == 1)
    {
        task->work_thread = GetCurrentThreadId();
        CoGetApartmentType(&task->apartment, &qualifier);
    }
    if (task->drops)
        port_drop(task->port);
    ReleaseSemaphore(task->begun, 1, NULL);
    if (task->nap_ms)
        Sleep(task->nap_ms);
    if (task->enters)
        CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    while (task->computes && WaitForSingleObject(task->go_on, 0) == WAIT_TIMEOUT)
        ;
    WaitForSingleObject(task->go_on, PATIENCE_MS);
    InterlockedIncrement(&task->done);
}

static void called(struct port_io *io, DWORD error, DWORD bytes)
{
    struct task *task = CONTAINING_RECORD(io, struct task, io);
    (void)error;
    (void)bytes;
    if (InterlockedIncrement(&in_callback) != 1)
        task->overlapped = true;
    task->callback_thread = GetCurrentThreadId();
    for (unsigned i = 0; i < task->works; i++)
        if (FAILED(port_run(task->port, work, task)))
            task->overlapped = true;
    InterlockedDecrement(&in_callback);
}

static void make(struct task *task, struct port *port, unsigned works, bool slow)
{
    *task = (struct task){.io.done = called, .port = port, .works = works, .apartment = -1};
    task->begun = CreateSemaphoreW(NULL, 0, SLOW_WORKS, NULL);
    task->go_on = CreateEventW(NULL, TRUE, !slow, NULL);
    assert_non_null(task->begun);
    assert_non_null(task->go_on);
}

static void wait_begun(struct task *task)
{
    assert_int_equal(WaitForSingleObject(task->begun, PATIENCE_MS), WAIT_OBJECT_0);
}

static void end(struct task *task)
{
    SetEvent(task->go_on);
    assert_true(pool_settle(PATIENCE_MS));
    assert_int_equal(task->done, task->works);
    assert_false(task->overlapped);
    CloseHandle(task->begun);
    CloseHandle(task->go_on);
}

static struct port *hold(void)
{
    struct port *port = NULL;
    assert_int_equal(port_hold(&port), S_OK);
    return port;
}

static void quick_work_runs_on_the_ports_thread_in_the_multithreaded_apartment(void **state)
{
    struct port *port = hold();
    struct task task;
    (void)state;
    for (unsigned i = 0; i < 100; i++)
    {
        make(&task, port, 1, false);
        assert_true(port_post(port, &task.io));
        wait_begun(&task);
        end(&task);
        assert_int_equal(task.work_thread, task.callback_thread);
        assert_int_equal(task.apartment, APTTYPE_MTA);
    }
    port_drop(port);
}

static void an_apartment_that_work_has_not_left_is_not_the_next_ones(void **state)
{
    struct port *port = hold();
    struct task task;
    (void)state;
    make(&task, port, 1, false);
    task.enters = true;
    assert_true(port_post(port, &task.io));
    wait_begun(&task);
    end(&task);
    make(&task, port, 1, false);
    assert_true(port_post(port, &task.io));
    wait_begun(&task);
    end(&task);
    assert_int_equal(task.work_thread, task.callback_thread);
    assert_int_equal(task.apartment, APTTYPE_MTA);
    port_drop(port);
}

/* Each of them is short, but there is always one. */
static void much_work_leaves_the_port_to_another_thread_too(void **state)
{
    static struct task tasks[200];
    struct port *port = hold();
    bool shared = false;
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(tasks); i++)
    {
        make(&tasks[i], port, 1, false);
        tasks[i].nap_ms = 2;
        assert_true(port_post(port, &tasks[i].io));
    }
    for (size_t i = 0; i < ARRAYSIZE(tasks); i++)
    {
        wait_begun(&tasks[i]);
        shared |= tasks[i].work_thread != tasks[0].work_thread;
    }
    for (size_t i = 0; i < ARRAYSIZE(tasks); i++)
        end(&tasks[i]);
    assert_true(shared);
    port_drop(port);
}

static void slow_work_leaves_the_port_to_another_thread(void **state)
{
    struct port *port = hold();
    struct task slow[SLOW_WORKS];
    struct task quick;
    (void)state;
    for (unsigned i = 0; i < SLOW_WORKS; i++)
    {
        make(&slow[i], port, 1, true);
        slow[i].computes = i == 0;
        assert_true(port_post(port, &slow[i].io));
        wait_begun(&slow[i]);
    }
    make(&quick, port, 1, false);
    assert_true(port_post(port, &quick.io));
    wait_begun(&quick);
    assert_int_not_equal(quick.callback_thread, slow[0].work_thread);
    SetEvent(quick.go_on);
    for (unsigned i = 0; i < SLOW_WORKS; i++)
        SetEvent(slow[i].go_on);
    for (unsigned i = 0; i < SLOW_WORKS; i++)
        end(&slow[i]);
    end(&quick);
    /* Nothing is slow any more. */
    make(&quick, port, 1, false);
    assert_true(port_post(port, &quick.io));
    wait_begun(&quick);
    end(&quick);
    assert_int_equal(quick.work_thread, quick.callback_thread);
    port_drop(port);
}

static void what_one_callback_leaves_runs_side_by_side(void **state)
{
    struct port *port = hold();
    struct task task;
    (void)state;
    make(&task, port, SLOW_WORKS, true);
    assert_true(port_post(port, &task.io));
    for (unsigned i = 0; i < SLOW_WORKS; i++)
        wait_begun(&task);
    end(&task);
    port_drop(port);
}

static void work_may_outlast_the_port(void **state)
{
    struct task task;
    (void)state;
    for (unsigned i = 0; i < 20; i++)
    {
        make(&task, hold(), 1, i % 2);
        task.drops = true;
        assert_true(port_post(task.port, &task.io));
        wait_begun(&task);
        if (i % 4 == 3)
            Sleep(20); /* the other thread has ended before this one, as likely as not */
        end(&task);
    }
}

static void outside_a_callback_the_pool_runs_it(void **state)
{
    struct port *port = hold();
    struct task task;
    (void)state;
    make(&task, port, 1, false);
    assert_int_equal(port_run(port, work, &task), S_OK);
    wait_begun(&task);
    end(&task);
    assert_int_not_equal(task.work_thread, GetCurrentThreadId());
    port_drop(port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(quick_work_runs_on_the_ports_thread_in_the_multithreaded_apartment),
        leak_test(an_apartment_that_work_has_not_left_is_not_the_next_ones),
        leak_test(much_work_leaves_the_port_to_another_thread_too),
        leak_test(slow_work_leaves_the_port_to_another_thread),
        leak_test(what_one_callback_leaves_runs_side_by_side),
        leak_test(work_may_outlast_the_port),
        leak_test(outside_a_callback_the_pool_runs_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
