/* SPDX-License-Identifier: MIT
 *
 * C++ writers of every class that programs derive from, compiled with Microsoft's ABI, and those of
 * include/vsswriter.h, compiled by mingw-w64 (gnu_writer.h), as a test in C uses them. In each
 * handler the writer asks its base class everything there is to ask, tells a function of the test,
 * and answers what that says.
 *
 * Read by both compilers: structures hold only what the two lay out alike.
 */
#ifndef THAWLINE_TESTS_MSVC_MSVC_WRITER_H
#define THAWLINE_TESTS_MSVC_MSVC_WRITER_H

#ifdef _MSC_VER
#include "msvc/sdk.h"
#else
#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#endif

#ifdef __cplusplus
extern "C"
{
#endif

    /* What a writer is derived from, and what it overrides. */
    enum msvc_kind
    {
        MSVC_NONE,
        MSVC_2003,         /* the exported CVssWriter: every handler */
        MSVC_2003_MINIMAL, /* the same: the four pure handlers alone */
        MSVC_INLINE,       /* the newer SDKs' CVssWriter */
        MSVC_EX,           /* CVssWriterEx: OnIdentifyEx and the rest, not OnIdentify */
        MSVC_EX_PLAIN,     /* CVssWriterEx: OnIdentify and the rest, not OnIdentifyEx */
        MSVC_EX2,          /* CVssWriterEx2: as MSVC_EX, and what only this class can ask */
        GNU_C,             /* vsswriter.h in C: initialised without OnIdentifyEx */
        GNU_C_EX,          /* the same with OnIdentifyEx, and all there is to ask */
        GNU_CXX,           /* vsswriter.h in C++, CVssWriter: every handler */
        GNU_CXX_EX2,       /* the same, CVssWriterEx2: as MSVC_EX2 */
        MSVC_KINDS
    };

    /* In the order of enum writer_event of support/scripted_writer.h. */
    enum msvc_event_kind
    {
        MSVC_IDENTIFY,
        MSVC_PREPARE_BACKUP,
        MSVC_PREPARE_SNAPSHOT,
        MSVC_FREEZE,
        MSVC_THAW,
        MSVC_POST_SNAPSHOT,
        MSVC_BACKUP_COMPLETE,
        MSVC_BACKUP_SHUTDOWN,
        MSVC_ABORT,
        MSVC_PRE_RESTORE,
        MSVC_POST_RESTORE
    };

#define MSVC_VOLUMES 4

    /* What a handler was handed and what its base class told it. */
    struct msvc_event
    {
        enum msvc_event_kind kind;
        int identified_ex;  /* Identify: OnIdentifyEx was called */
        VSS_ID instance_id; /* Identify: read out of the document so far */
        VSS_ID set_id;      /* GetCurrentSnapshotSetId; BackupShutdown: the argument */
        VSS_ID session_id;  /* MSVC_EX2; else zeros */
        VSS_ID known_as; /* MSVC_EX, MSVC_EX2: the instance id of GetIdentifyInformation, if any */
        LONG context;
        LONG level;
        LONG backup_type;
        LONG restore_type;
        int components_selected;
        int bootable_system_state;
        int partial_file_support;
        int affected;      /* IsPathAffected of C:\windows\win.ini */
        int shutting_down; /* MSVC_EX2 */
        UINT volume_count;
        LPCWSTR volumes[MSVC_VOLUMES];
        LPCWSTR devices[MSVC_VOLUMES];
        HRESULT device_result; /* of the first volume; of C:\ when there is none */
        void *components;      /* IVssWriterComponents; NULL: none */
    };

    struct msvc_writer;

    struct msvc_orders
    {
        enum msvc_kind kind;
        LPCWSTR name;
        LPCWSTR instance_name; /* may be NULL */
        VSS_ID id;
        LONG level;
        DWORD freeze_timeout;
        UINT components; /* file groups "data0".. under logical path "group" */
        void *context;
        /* Runs in each handler; its answer is the handler's: 0 or 1. */
        int(__cdecl *handle)(void *context, const struct msvc_event *event);
    };

    /* `new` of the class, and so the constructors, without Initialize. */
    struct msvc_writer *__cdecl msvc_writer_create(const struct msvc_orders *orders);
    HRESULT __cdecl msvc_writer_initialize(struct msvc_writer *writer); /* MSVC_EX*: version 3.7 */
    HRESULT __cdecl msvc_writer_subscribe(struct msvc_writer *writer);
    HRESULT __cdecl msvc_writer_unsubscribe(struct msvc_writer *writer);
    HRESULT __cdecl msvc_writer_install_alternate(struct msvc_writer *writer);
    /* In a handler: SetWriterFailure; with `message`, MSVC_EX2: SetWriterFailureEx. */
    HRESULT __cdecl msvc_writer_fail(
        struct msvc_writer *writer, HRESULT failure, HRESULT application, LPCWSTR message);
    /* What the getters say now, whatever thread this is. */
    void __cdecl msvc_writer_ask(struct msvc_writer *writer, struct msvc_event *event);
    /* `delete`: the destructors through the table, then the memory. Accepts NULL. */
    void __cdecl msvc_writer_delete(struct msvc_writer *writer);

    /* Objects made with `new` and not deleted. */
    int __cdecl msvc_live_objects(void);
    /* sizeof the base class of a kind. */
    UINT __cdecl msvc_base_size(enum msvc_kind kind);
    /* What components_change() of support/writer_board.h does, in C++. Accepts NULL. */
    void __cdecl msvc_change_components(void *components, LPCWSTR name);

#ifdef __cplusplus
}
#endif

#endif
