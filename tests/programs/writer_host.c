/* SPDX-License-Identifier: MIT
 *
 * A process with writers, made with thawline.h, in C++ or with vsswriter.h, that do what a test
 * wrote on a board (support/writer_board.h):
 * writer_host BOARD STARTER-ID. It subscribes those that are wanted, sets BOARD_READY, and looks
 * again at each BOARD_COMMAND until it shall stop. Exit code 0, BOARD_DIED, or 1: something it
 * needs fails.
 *
 * It also ends when whoever started it has gone.
 */
#include <stdio.h>
#include <stdlib.h>

#include "support/msvc_event.h"
#include "support/writer_board.h"

struct hosted
{
    struct board_writer *script;
    THAWLINE_WRITER handle; /* one of the two, while subscribed */
    struct msvc_writer *object;
};

static struct board *board;
static HANDLE signals[BOARD_SIGNALS];
static struct hosted hosted[BOARD_WRITERS];

static struct board_note *begin_note(
    const struct hosted *writer, enum writer_event which, const THAWLINE_EVENT *event)
{
    LONG index = InterlockedIncrement(&board->noted) - 1;
    if (index >= BOARD_NOTES)
        return NULL;
    struct board_note *note = &board->note[index];
    note->writer = (LONG)(writer->script - board->writer);
    note->event = which;
    note->session_id = event->SessionId;
    note->ended = 0;
    note->begun = board_now();
    event_describe(event, &writer->script->instance_id, note->text);
    InterlockedExchange(&note->filled, TRUE);
    return note;
}

static void change_components(const struct hosted *writer, const THAWLINE_EVENT *event)
{
    if (writer->object && writer->script->msvc_kind < GNU_C)
        msvc_change_components(event->pComponents, writer->script->name);
    else
        components_change(event->pComponents, writer->script->name);
}

static void set_failure(const struct hosted *writer, const struct board_step *step)
{
    if (writer->object)
        msvc_writer_fail(writer->object, step->failure, step->application, step->message);
    else
        ThawlineSetWriterFailure(writer->handle, step->failure, step->application, step->message);
}

/* `throw` of Microsoft's compiler is RaiseException with its code. */
static void crash(DWORD code)
{
    static volatile LONG *volatile nowhere;
    if (code == EXCEPTION_ACCESS_VIOLATION)
        *nowhere = 1;
    RaiseException(code, EXCEPTION_NONCONTINUABLE, 0, NULL);
}

static BOOL handle(struct hosted *writer, enum writer_event which, const THAWLINE_EVENT *event)
{
    const struct board_step *step = &writer->script->at[which];
    struct board_note *note = begin_note(writer, which, event);
    if (step->announces)
        SetEvent(signals[step->announces]);
    if (step->dies)
        TerminateProcess(GetCurrentProcess(), BOARD_DIED);
    if (step->crashes)
        crash((DWORD)step->crashes);
    if (step->hangs)
        WaitForSingleObject(signals[BOARD_GO], INFINITE);
    if (step->changes)
        change_components(writer, event);
    if (step->failure != S_OK)
        set_failure(writer, step);
    if (note)
        InterlockedExchange64(&note->ended, board_now());
    return !step->veto;
}

static BOOL CALLBACK on_identify(
    void *context, const THAWLINE_EVENT *event, IVssCreateWriterMetadataEx *metadata)
{
    struct hosted *writer = context;
    WCHAR name[32];
    for (LONG i = 0; i < writer->script->components; i++)
    {
        _snwprintf(name, ARRAYSIZE(name), L"data%ld", (long)i);
        if (FAILED(metadata->lpVtbl->AddComponent(metadata, VSS_CT_FILEGROUP, L"group", name, NULL,
                NULL, 0, FALSE, FALSE, TRUE, FALSE, 0)))
            return FALSE;
        if (writer->script->has_files &&
            FAILED(metadata->lpVtbl->AddFilesToFileGroup(metadata, L"group", name, BOARD_FOLDER,
                BOARD_FILES, TRUE, NULL, VSS_FSBT_ALL_BACKUP_REQUIRED)))
            return FALSE;
    }
    return handle(writer, ON_IDENTIFY, event);
}

#define HANDLER(function, which)                                                                   \
    static BOOL CALLBACK function(void *context, const THAWLINE_EVENT *event)                      \
    {                                                                                              \
        return handle(context, which, event);                                                      \
    }

HANDLER(on_prepare_backup, ON_PREPARE_BACKUP)
HANDLER(on_prepare_snapshot, ON_PREPARE_SNAPSHOT)
HANDLER(on_freeze, ON_FREEZE)
HANDLER(on_thaw, ON_THAW)
HANDLER(on_post_snapshot, ON_POST_SNAPSHOT)
HANDLER(on_backup_complete, ON_BACKUP_COMPLETE)
HANDLER(on_backup_shutdown, ON_BACKUP_SHUTDOWN)
HANDLER(on_abort, ON_ABORT)
HANDLER(on_pre_restore, ON_PRE_RESTORE)
HANDLER(on_post_restore, ON_POST_RESTORE)

/* ---- C++ writers ---- */

static int __cdecl on_msvc_event(void *context, const struct msvc_event *asked)
{
    struct hosted *writer = context;
    if (asked->kind == MSVC_IDENTIFY)
        writer->script->instance_id = asked->instance_id;
    const THAWLINE_EVENT event = event_from_msvc(asked);
    return handle(writer, (enum writer_event)asked->kind, &event);
}

static HRESULT subscribe_msvc(struct hosted *writer)
{
    const struct board_writer *script = writer->script;
    const struct msvc_orders orders = {
        .kind = (enum msvc_kind)script->msvc_kind,
        .name = script->name,
        .instance_name = script->instance_name[0] ? script->instance_name : NULL,
        .id = script->id,
        .level = script->level,
        .freeze_timeout = script->freeze_timeout,
        .components = (UINT)script->components,
        .context = writer,
        .handle = on_msvc_event,
    };
    writer->object = msvc_writer_create(&orders);
    HRESULT hr = writer->object ? msvc_writer_initialize(writer->object) : E_INVALIDARG;
    if (SUCCEEDED(hr))
        hr = msvc_writer_subscribe(writer->object);
    return hr;
}

/* ---- Subscriptions ---- */

static HRESULT subscribe_c(struct hosted *writer)
{
    static const THAWLINE_WRITER_CALLBACKS callbacks = {sizeof(callbacks), on_identify,
        on_prepare_backup, on_prepare_snapshot, on_freeze, on_thaw, on_post_snapshot,
        on_backup_complete, on_backup_shutdown, on_abort, on_pre_restore, on_post_restore};
    const struct board_writer *script = writer->script;
    const THAWLINE_WRITER_INFO info = {
        .cbSize = sizeof(info),
        .WriterId = script->id,
        .pwszName = script->name,
        .pwszInstanceName = script->instance_name[0] ? script->instance_name : NULL,
        .Usage = VSS_UT_USERDATA,
        .Source = VSS_ST_OTHER,
        .Level = (VSS_APPLICATION_LEVEL)script->level,
        .dwFreezeTimeout = script->freeze_timeout,
    };
    HRESULT hr = ThawlineRegisterWriter(&info, &callbacks, writer, &writer->handle);
    if (SUCCEEDED(hr))
        hr = ThawlineGetWriterInstanceId(writer->handle, &writer->script->instance_id);
    return hr;
}

static HRESULT subscribe(struct hosted *writer)
{
    HRESULT hr = writer->script->msvc_kind ? subscribe_msvc(writer) : subscribe_c(writer);
    writer->script->subscribed = SUCCEEDED(hr);
    return hr;
}

static void unsubscribe(struct hosted *writer)
{
    if (writer->handle)
        ThawlineUnregisterWriter(writer->handle);
    writer->handle = NULL;
    msvc_writer_delete(writer->object);
    writer->object = NULL;
    writer->script->subscribed = FALSE;
}

static BOOL follow(void)
{
    for (LONG i = 0; i < board->writers; i++)
    {
        struct hosted *writer = &hosted[i];
        writer->script = &board->writer[i];
        BOOL wanted = writer->script->wanted && !board->stop;
        if (!wanted)
            unsubscribe(writer);
        /* What the board says may be a dead process's word. */
        else if (!writer->handle && !writer->object && FAILED(subscribe(writer)))
            return FALSE;
    }
    return TRUE;
}

static void host(HANDLE starter)
{
    HANDLE handles[] = {signals[BOARD_COMMAND], starter};
    LONG before = ThawlineGetLiveBlocks();
    while (follow() && !board->stop)
    {
        SetEvent(signals[BOARD_READY]);
        if (WaitForMultipleObjects(2, handles, FALSE, INFINITE) != WAIT_OBJECT_0)
            return;
    }
    board->live_blocks = ThawlineGetLiveBlocks() - before + msvc_live_objects();
}

int wmain(int argc, WCHAR **argv)
{
    HANDLE section = NULL;
    if (argc != 3)
        return 1;
    HANDLE starter = OpenProcess(SYNCHRONIZE, FALSE, wcstoul(argv[2], NULL, 10));
    board = board_open(argv[1], &section);
    if (!board || !starter)
        return 1;
    for (int i = BOARD_ENTERED; i < BOARD_SIGNALS; i++)
        signals[i] = board_signal(argv[1], (enum board_signal)i);
    host(starter);
    return board->stop ? 0 : 1;
}
