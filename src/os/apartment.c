/* SPDX-License-Identifier: MIT
 *
 * The multithreaded apartment, held. See apartment.h.
 */
#include "os/apartment.h"

#include "os/module.h"

typedef HRESULT(WINAPI *increment_function)(void **cookie);
typedef HRESULT(WINAPI *decrement_function)(void *cookie);

/* Set once. Windows 8 has the calls in combase, Wine in combase and ole32. combase stays loaded for
   good, as in every process that uses COM. */
static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
static increment_function increment;
static decrement_function decrement;

static BOOL CALLBACK find_calls(INIT_ONCE *init, void *argument, void **context)
{
    (void)init;
    (void)argument;
    (void)context;
    HMODULE combase = module_load_system(L"combase.dll");
    if (combase)
    {
        /* Through void (*)(void), which gcc takes for "any function". */
        increment = (increment_function)(void (*)(void))GetProcAddress(
            combase, "CoIncrementMTAUsage");
        decrement = (decrement_function)(void (*)(void))GetProcAddress(
            combase, "CoDecrementMTAUsage");
    }
    return TRUE;
}

void *apartment_hold(void)
{
    void *cookie = NULL;
    InitOnceExecuteOnce(&once, find_calls, NULL, NULL);
    if (!increment || !decrement || FAILED(increment(&cookie)))
        return NULL;
    return cookie;
}

void apartment_drop(void *held)
{
    if (held)
        decrement(held);
}
