/* SPDX-License-Identifier: MIT
 *
 * Time. See clock.h.
 */
#include "os/clock.h"

#include "base/hooks.h"

/* The performance counter in parts of a second, without overflow in the product. */
static uint64_t counter_in(uint64_t parts)
{
    LARGE_INTEGER frequency;
    LARGE_INTEGER ticks;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&ticks);
    uint64_t whole = (uint64_t)(ticks.QuadPart / frequency.QuadPart);
    uint64_t rest = (uint64_t)(ticks.QuadPart % frequency.QuadPart);
    return whole * parts + rest * parts / (uint64_t)frequency.QuadPart;
}

uint64_t clock_now_ms(void)
{
    uint64_t (*skew)(void) = base_hooks.clock_skew_ms;
    return counter_in(1000) + (skew ? skew() : 0);
}

uint64_t clock_now_us(void)
{
    return counter_in(1000000);
}

FILETIME clock_utc(void)
{
    FILETIME now;
    GetSystemTimeAsFileTime(&now);
    return now;
}

DWORD clock_remaining(uint64_t deadline_ms)
{
    uint64_t now = clock_now_ms();
    if (now >= deadline_ms)
        return 0;
    uint64_t left = deadline_ms - now;
    return left < INFINITE ? (DWORD)left : INFINITE - 1;
}
