/* SPDX-License-Identifier: MIT
 *
 * How writers of other processes are found: each subscribed writer has a random id, a pipe named
 * after it, and a named event that says that the pipe is there. The system removes both with the
 * process. Any thread. Follows wine facts 3.
 */
#ifndef THAWLINE_BUS_ENDPOINT_NAME_H
#define THAWLINE_BUS_ENDPOINT_NAME_H

#include "base/types.h"
#include "base/vec.h"

/* `\\.\pipe\Thawline.`, a scope, `.`, an id, and a NUL; the event's name is shorter. */
#define ENDPOINT_NAME_UNITS 96
/* What one look considers at most: names can be made by anyone. */
#define ENDPOINT_LIMIT 1024

void endpoint_pipe_name(const WCHAR *scope, const GUID *id, WCHAR name[ENDPOINT_NAME_UNITS]);
void endpoint_event_name(const WCHAR *scope, const GUID *id, WCHAR name[ENDPOINT_NAME_UNITS]);

/* Appends the ids (GUID, mem_free each) of all endpoints of `scope`. E_OUTOFMEMORY, or the system's
   error; what was appended is the caller's all the same. */
HRESULT endpoint_list(const WCHAR *scope, struct vec *ids);

#endif
