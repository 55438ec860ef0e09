/* SPDX-License-Identifier: MIT
 *
 * An object of a class whose members vssapi.dll exports, as a compiler of 2003 lays it out and finds
 * its members: by mangled names, on storage of two pointers (writer-provider 1.4, 2.2). Whoever
 * includes this defines EXPORTED_CLASS first, the name of the class as a string.
 */
#ifndef THAWLINE_TESTS_EXPORTED_OBJECT_H
#define THAWLINE_TESTS_EXPORTED_OBJECT_H

#include <windows.h>

#include "abi/abi_objects.h"

#ifdef _WIN64
#define NAME(x86, x64) x64
#define THISCALL
#else
#define NAME(x86, x64) x86
#define THISCALL __attribute__((thiscall))
#endif

#define CONSTRUCT NAME("??0" EXPORTED_CLASS "@@QAE@XZ", "??0" EXPORTED_CLASS "@@QEAA@XZ")
#define DESTRUCT NAME("??1" EXPORTED_CLASS "@@UAE@XZ", "??1" EXPORTED_CLASS "@@UEAA@XZ")

/* The object between guards. */
struct object
{
    BYTE before[16];
    const void *const *vtbl;
    void *impl;
    BYTE after[16];
};

static inline void *find(const char *name)
{
    void *function = (void *)GetProcAddress(GetModuleHandleW(L"vssapi.dll"), name);
    if (!function)
        fail_msg("%s is not exported", name);
    return function;
}

/* What its members get as `this`. */
static inline void *self(struct object *object)
{
    return &object->vtbl;
}

static inline void construct(struct object *object)
{
    void *(THISCALL * constructor)(void *) = find(CONSTRUCT);
    memset(object, 0xCC, sizeof(*object));
    assert_ptr_equal(constructor(self(object)), self(object));
}

static inline void destruct(struct object *object)
{
    void(THISCALL * destructor)(void *) = find(DESTRUCT);
    destructor(self(object));
    for (int i = 0; i < 16; i++)
    {
        assert_int_equal(object->before[i], 0xCC);
        assert_int_equal(object->after[i], 0xCC);
    }
}

#endif
