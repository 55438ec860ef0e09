/* SPDX-License-Identifier: MIT
 *
 * vssapi.dll as a program loads it at run time. Everything is called through GetProcAddress: a
 * program that imports it holds it by itself. Include it after cmocka.h and thawline.h.
 */
#ifndef THAWLINE_TESTS_SUPPORT_LOADED_DLL_H
#define THAWLINE_TESTS_SUPPORT_LOADED_DLL_H

#include <stdbool.h>
#include <string.h>

/* For what happens on threads that tell nobody when they are done. */
#define PATIENCE_MS 20000

struct dll
{
    HMODULE module;
    HRESULT(WINAPI *create)(IVssBackupComponents **out);
    HRESULT(THAWLINE_API *register_writer)
    (const THAWLINE_WRITER_INFO *info, const THAWLINE_WRITER_CALLBACKS *callbacks, void *context,
        THAWLINE_WRITER *writer);
    HRESULT(THAWLINE_API *unregister_writer)(THAWLINE_WRITER writer);
    LONG(THAWLINE_API *live_blocks)(void);
    LONG(THAWLINE_API *live_objects)(void);
    const char *(THAWLINE_API *version)(void);
};

static inline struct dll load(void)
{
    struct dll dll = {.module = LoadLibraryW(L"vssapi.dll")};
    assert_non_null(dll.module);
#define FIND(field, name)                                                                          \
    do                                                                                             \
    {                                                                                              \
        FARPROC found = GetProcAddress(dll.module, name);                                          \
        assert_non_null(found);                                                                    \
        memcpy(&dll.field, &found, sizeof(found));                                                 \
    } while (0)
    FIND(create, "CreateVssBackupComponentsInternal");
    FIND(register_writer, "ThawlineRegisterWriter");
    FIND(unregister_writer, "ThawlineUnregisterWriter");
    FIND(live_blocks, "ThawlineGetLiveBlocks");
    FIND(live_objects, "ThawlineGetLiveObjects");
    FIND(version, "ThawlineGetVersion");
#undef FIND
    return dll;
}

static inline bool is_loaded(void)
{
    return GetModuleHandleW(L"vssapi.dll") != NULL;
}

/* Threads of the DLL that are just ending keep it a moment longer. */
static inline void check_gone(void)
{
    DWORD start = GetTickCount();
    while (is_loaded() && GetTickCount() - start < PATIENCE_MS)
        Sleep(1);
    assert_false(is_loaded());
}

#endif
