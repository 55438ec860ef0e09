/* SPDX-License-Identifier: MIT
 *
 * base/mem.h from several threads: blocks, buffers and shared parts that come and go beside each
 * other keep what is written to them, and none is lost. Here because base has no threads.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <windows.h>
#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "support/check_leaks.h"

#define THREADS 4
#define ROUNDS 3000
#define HELD 32
/* From where on buffers are kept. */
#define BUFFER 65536u
#define PIECES 8

struct held
{
    BYTE *block;
    size_t size;
};

struct worker
{
    uint32_t seed;
    BYTE mark;
    struct held held[HELD];
    size_t damaged;
};

static uint32_t next(struct worker *worker, uint32_t below)
{
    worker->seed = worker->seed * 1664525u + 1013904223u;
    return (worker->seed >> 8) % below;
}

static void let_go(struct worker *worker, struct held *held)
{
    if (held->block &&
        (held->block[0] != worker->mark || held->block[held->size / 2] != worker->mark ||
            held->block[held->size - 1] != worker->mark))
        worker->damaged++;
    mem_free(held->block);
    held->block = NULL;
}

static void hold(struct worker *worker, void *block, size_t size)
{
    struct held *held = &worker->held[next(worker, HELD)];
    let_go(worker, held);
    if (!block)
        return;
    memset(block, worker->mark, size);
    *held = (struct held){block, size};
}

static void share(struct worker *worker)
{
    size_t size = BUFFER + next(worker, 4 * BUFFER);
    size_t capacity = size;
    BYTE *buffer = mem_grow_buffer(NULL, 0, &capacity);
    bool may = buffer && mem_may_share(buffer, size);
    for (size_t i = 0; i < PIECES && may; i++)
        hold(worker, mem_share(buffer + i * (size / PIECES), size / PIECES), size / PIECES);
    mem_free(buffer);
}

static DWORD WINAPI work(void *context)
{
    struct worker *worker = context;
    for (int i = 0; i < ROUNDS; i++)
    {
        size_t size = 1 + next(worker, 4 * BUFFER);
        switch (next(worker, 4))
        {
        case 0: share(worker); break;
        case 1: hold(worker, mem_alloc_raw(size), size); break;
        case 2: hold(worker, mem_grow_buffer(NULL, 0, &size), size); break;
        default: mem_drop_buffers(); break;
        }
    }
    for (int i = 0; i < HELD; i++)
        let_go(worker, &worker->held[i]);
    return 0;
}

static void threads_do_not_damage_each_others_blocks(void **state)
{
    static struct worker workers[THREADS];
    HANDLE threads[THREADS];
    (void)state;
    for (int i = 0; i < THREADS; i++)
    {
        workers[i] = (struct worker){.seed = (uint32_t)i, .mark = (BYTE)(i + 1)};
        threads[i] = CreateThread(NULL, 0, work, &workers[i], 0, NULL);
        assert_non_null(threads[i]);
    }
    assert_int_equal(WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE), WAIT_OBJECT_0);
    for (int i = 0; i < THREADS; i++)
    {
        assert_int_equal(workers[i].damaged, 0);
        CloseHandle(threads[i]);
    }
    mem_drop_buffers();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(threads_do_not_damage_each_others_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
