/* SPDX-License-Identifier: MIT
 *
 * os/module and os/thread_slot.
 */
#include <windows.h>

#include <cmocka.h>

#include "os/module.h"
#include "os/thread_slot.h"

static void missing_dll_and_function_are_null(void **state)
{
    (void)state;
    assert_null(module_load_system(L"no-such-library.dll"));
    assert_null(module_system_function(L"no-such-library.dll", "f"));
    assert_null(module_system_function(L"ntdll.dll", "NoSuchFunction"));
}

static void system_dll_and_function_are_found(void **state)
{
    (void)state;
    HMODULE module = module_load_system(L"ole32.dll");
    assert_non_null(module);
    FreeLibrary(module);
    assert_non_null(module_system_function(L"kernel32.dll", "GetTickCount64"));
}

static void instance_of_a_program_is_its_own(void **state)
{
    (void)state;
    assert_ptr_equal(module_instance, GetModuleHandleW(NULL));
    assert_true(module_pin());
    module_unpin();
}

static void objects_are_counted(void **state)
{
    (void)state;
    long before = module_object_count();
    module_object_created();
    module_object_created();
    module_object_destroyed();
    assert_int_equal(module_object_count(), before + 1);
    module_object_destroyed();
    assert_int_equal(module_object_count(), before);
}

static struct thread_slot slot = THREAD_SLOT_INIT;

static DWORD WINAPI use_slot(void *argument)
{
    bool was_empty = !thread_slot_get(&slot);
    thread_slot_set(&slot, argument);
    return was_empty && thread_slot_get(&slot) == argument;
}

static void slot_holds_a_value_a_thread(void **state)
{
    int mine;
    int others;
    DWORD worked = 0;
    (void)state;
    thread_slot_set(&slot, &mine);
    HANDLE thread = CreateThread(NULL, 0, use_slot, &others, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &worked);
    CloseHandle(thread);
    assert_true(worked);
    assert_ptr_equal(thread_slot_get(&slot), &mine);
    thread_slot_set(&slot, NULL);
}

static void slot_keeps_the_last_error(void **state)
{
    (void)state;
    SetLastError(ERROR_FILE_NOT_FOUND);
    thread_slot_get(&slot);
    assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_dll_and_function_are_null),
        cmocka_unit_test(system_dll_and_function_are_found),
        cmocka_unit_test(instance_of_a_program_is_its_own),
        cmocka_unit_test(objects_are_counted),
        cmocka_unit_test(slot_holds_a_value_a_thread),
        cmocka_unit_test(slot_keeps_the_last_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
