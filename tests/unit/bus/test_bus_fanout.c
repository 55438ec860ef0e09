/* SPDX-License-Identifier: MIT
 *
 * bus_fanout.h with transports of the test's own: how the gathering thread drives them and lets
 * them rest.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <windows.h>
#include <cmocka.h>

#include <vss.h>

#include "bus/bus_fanout.h"
#include "os/clock.h"
#include "support/check_leaks.h"

#define PATIENCE_MS 20000

struct fake
{
    struct bus_endpoint endpoint;
    struct bus_call *call; /* started and not answered; a reference */
    int drives;
    int begins;  /* so many drives say that they began something */
    int answers; /* the drive that answers; 0: the start does */
    int rests;
    int drives_after_rest; /* noted here and asserted by the test: drives come on other threads */
    uint64_t rest_deadline_ms;
    bool answered_at_rest;
};

static struct fake *fake_of(struct bus_endpoint *endpoint)
{
    return CONTAINING_RECORD(endpoint, struct fake, endpoint);
}

static void answer(struct fake *fake)
{
    struct bus_reply reply = {0};
    struct bus_call *call = fake->call;
    fake->call = NULL;
    bus_call_complete(call, &reply);
    bus_call_release(call);
}

static HRESULT fake_start(struct bus_endpoint *endpoint, struct bus_call *call)
{
    struct fake *fake = fake_of(endpoint);
    fake->call = call;
    bus_call_addref(call);
    if (!fake->answers)
        answer(fake);
    return S_OK;
}

static bool fake_drive(struct bus_endpoint *endpoint)
{
    struct fake *fake = fake_of(endpoint);
    fake->drives++;
    fake->drives_after_rest += fake->rests > 0;
    if (fake->drives == fake->answers)
        answer(fake);
    return fake->drives <= fake->begins;
}

static void fake_rest(struct bus_endpoint *endpoint, uint64_t deadline_ms)
{
    struct fake *fake = fake_of(endpoint);
    fake->rests++;
    fake->rest_deadline_ms = deadline_ms;
    fake->answered_at_rest = fake->call == NULL;
}

static void fake_detach(struct bus_endpoint *endpoint, struct bus_call *call, HRESULT failure)
{
    (void)call;
    (void)failure;
    answer(fake_of(endpoint));
}

static void fake_forget(struct bus_endpoint *endpoint, struct bus_call *call)
{
    (void)endpoint;
    (void)call;
}

static void fake_destroy(struct bus_endpoint *endpoint)
{
    (void)endpoint;
}

static const struct bus_endpoint_ops fake_ops = {
    .start = fake_start,
    .drive = fake_drive,
    .rest = fake_rest,
    .detach = fake_detach,
    .forget = fake_forget,
    .destroy = fake_destroy,
};

struct fan_out
{
    struct bus_fanout fanout;
    struct bus_gathering *spare;
    size_t answered;
    HRESULT delivery; /* of the last answer */
};

static void count_answer(void *context, struct bus_call *call)
{
    struct fan_out *fan_out = context;
    fan_out->answered++;
    fan_out->delivery = call->reply.delivery;
}

static void run(struct fan_out *fan_out, struct fake *fakes, size_t count, DWORD patience_ms)
{
    static const struct bus_request request = {.kind = BUS_REQUEST_STATUS};
    fan_out->fanout = (struct bus_fanout){
        .spare = &fan_out->spare, .context = fan_out, .answered = count_answer};
    assert_int_equal(bus_fanout_init(&fan_out->fanout), S_OK);
    for (size_t i = 0; i < count; i++)
    {
        bus_endpoint_init(&fakes[i].endpoint, &fake_ops, NULL);
        assert_int_equal(bus_fanout_add(&fan_out->fanout, &fakes[i].endpoint, &request, patience_ms,
                             VSS_E_WRITER_NOT_RESPONDING, NULL),
            S_OK);
    }
    assert_int_equal(bus_fanout_run(&fan_out->fanout), S_OK);
    bus_fanout_free(&fan_out->fanout);
    bus_gathering_release(fan_out->spare);
    assert_int_equal(fan_out->answered, count);
}

/* Beginning one transfer may hide the end of another, so none is waited for until a whole round has
   begun nothing: the deadline is far, and nobody sets the event here. */
static void all_are_driven_until_a_round_begins_nothing(void **state)
{
    struct fan_out fan_out = {0};
    struct fake fakes[] = {{.begins = 2, .answers = 3}, {.begins = 0, .answers = 3}};
    (void)state;
    uint64_t began = clock_now_ms();
    run(&fan_out, fakes, 2, PATIENCE_MS);
    assert_int_equal(fan_out.delivery, S_OK);
    assert_true(clock_now_ms() - began < PATIENCE_MS);
}

static void all_rest_once_and_have_the_same_time_for_it(void **state)
{
    struct fan_out fan_out = {0};
    struct fake fakes[] = {{.answers = 1}, {.answers = 0}, {.answers = 1}};
    (void)state;
    run(&fan_out, fakes, 3, PATIENCE_MS);
    for (size_t i = 0; i < 3; i++)
    {
        assert_int_equal(fakes[i].rests, 1);
        assert_int_equal(fakes[i].drives_after_rest, 0);
        assert_true(fakes[i].answered_at_rest);
        assert_true(fakes[i].rest_deadline_ms == fakes[0].rest_deadline_ms);
    }
    assert_true(fakes[0].rest_deadline_ms <= clock_now_ms() + BUS_REST_TIMEOUT_MS);
}

static void who_is_overdue_is_detached_before_it_rests(void **state)
{
    struct fan_out fan_out = {0};
    struct fake silent = {.answers = -1};
    (void)state;
    run(&fan_out, &silent, 1, 1);
    assert_int_equal(fan_out.delivery, VSS_E_WRITER_NOT_RESPONDING);
    assert_int_equal(silent.rests, 1);
    assert_int_equal(silent.drives_after_rest, 0);
    assert_true(silent.answered_at_rest);
}

/* An operation that is cancelled when its first request is under way and answered. */
struct cancelled
{
    struct fan_out fan_out;
    struct fake fakes[2];
    IVssAsync *async;
    HRESULT hr;
};

static HRESULT start_and_cancel(struct bus_endpoint *endpoint, struct bus_call *call)
{
    struct cancelled *cancelled = CONTAINING_RECORD(fake_of(endpoint), struct cancelled, fakes[0]);
    IVssAsync_Cancel(cancelled->async);
    return fake_start(endpoint, call);
}

/* On a pool thread. */
static HRESULT run_cancelled(void *owner, void *context, struct async_op *op)
{
    static const struct bus_request request = {.kind = BUS_REQUEST_STATUS};
    static struct bus_endpoint_ops first;
    struct cancelled *cancelled = owner;
    struct bus_fanout *fanout = &cancelled->fan_out.fanout;
    (void)context;
    first = fake_ops;
    first.start = start_and_cancel;
    *fanout = (struct bus_fanout){.op = op,
        .spare = &cancelled->fan_out.spare,
        .context = &cancelled->fan_out,
        .answered = count_answer};
    cancelled->hr = bus_fanout_init(fanout);
    for (size_t i = 0; i < 2 && SUCCEEDED(cancelled->hr); i++)
    {
        bus_endpoint_init(&cancelled->fakes[i].endpoint, i ? &fake_ops : &first, NULL);
        cancelled->hr = bus_fanout_add(fanout, &cancelled->fakes[i].endpoint, &request, PATIENCE_MS,
            VSS_E_WRITER_NOT_RESPONDING, NULL);
    }
    if (SUCCEEDED(cancelled->hr))
        cancelled->hr = bus_fanout_run(fanout);
    bus_fanout_free(fanout);
    bus_gathering_release(cancelled->fan_out.spare);
    return cancelled->hr;
}

static void an_answer_that_came_before_the_cancel_counts(void **state)
{
    static const struct async_work work = {.name = "fan-out", .run = run_cancelled};
    static struct cancelled cancelled;
    (void)state;
    cancelled = (struct cancelled){0};
    assert_int_equal(async_op_start(&work, &cancelled, NULL, &cancelled.async), S_OK);
    assert_int_equal(IVssAsync_Wait(cancelled.async, PATIENCE_MS), S_OK);
    IVssAsync_Release(cancelled.async);
    assert_int_equal(cancelled.hr, VSS_S_ASYNC_CANCELLED);
    /* The second was not even asked. */
    assert_int_equal(cancelled.fan_out.answered, 1);
    assert_int_equal(cancelled.fakes[0].rests, 1);
    assert_int_equal(cancelled.fakes[1].rests, 0);
    assert_int_equal(cancelled.fakes[0].drives_after_rest, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(all_are_driven_until_a_round_begins_nothing),
        leak_test(all_rest_once_and_have_the_same_time_for_it),
        leak_test(who_is_overdue_is_detached_before_it_rests),
        leak_test(an_answer_that_came_before_the_cancel_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
