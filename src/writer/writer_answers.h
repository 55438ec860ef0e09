/* SPDX-License-Identifier: MIT
 *
 * What a handler may ask, and when: the table of writer-provider 3.4, and the answers out of the
 * event that is being handled. Outside its events a question gets the answer that it has when there
 * is no backup. All functions run on the handler's thread; `call` NULL: no handler of the writer
 * runs on it.
 */
#ifndef THAWLINE_WRITER_WRITER_ANSWERS_H
#define THAWLINE_WRITER_WRITER_ANSWERS_H

#include "bus/writer_call.h"

enum writer_question
{
    ASK_COMPONENTS_SELECTED,
    ASK_BOOTABLE_STATE,
    ASK_PARTIAL_FILES,
    ASK_BACKUP_TYPE,
    ASK_RESTORE_TYPE,
    ASK_CONTEXT,
    ASK_SNAPSHOT_SET,
    ASK_VOLUMES,
    ASK_DEVICES,
    ASK_IDENTITY,
    ASK_SESSION
};

bool writer_may_ask(enum writer_question question, const struct writer_call *call);

bool writer_components_selected(const struct writer_call *call);
bool writer_bootable_state_backed_up(const struct writer_call *call);
bool writer_partial_files_enabled(const struct writer_call *call);
DWORD writer_backup_type(const struct writer_call *call);
DWORD writer_restore_type(const struct writer_call *call);
LONG writer_context(const struct writer_call *call);
GUID writer_snapshot_set(const struct writer_call *call);
/* Borrowed until the handler returns; NULL and 0 when there are none. */
const WCHAR **writer_volumes(const struct writer_call *call, UINT *count);
/* E_INVALIDARG: NULL or no trailing backslash; VSS_E_BAD_STATE: not in PostSnapshot;
   VSS_E_OBJECT_NOT_FOUND. */
HRESULT writer_device_name(
    const struct writer_call *call, const WCHAR *volume, const WCHAR **device);
/* Whether `path`, which may hold environment variables, lies on a volume of the set. */
bool writer_path_affected(const struct writer_call *call, const WCHAR *path);

#endif
