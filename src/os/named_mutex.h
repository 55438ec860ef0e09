/* SPDX-License-Identifier: MIT
 *
 * Mutexes by name, between processes. The system gives one back when its holder dies: whoever comes
 * next finds what it guards as that left it.
 */
#ifndef THAWLINE_OS_NAMED_MUTEX_H
#define THAWLINE_OS_NAMED_MUTEX_H

#include "base/types.h"

/* Nobody holds one for longer than a few file operations. Who waits for this long waits for a
   process that is stopped in a debugger, and had better say so than hang. */
#define NAMED_MUTEX_TIMEOUT_MS 60000

/* Takes the mutex, which is made when there is none. By a thread that does not hold it. S_OK also
   when its last holder died; HRESULT_FROM_WIN32(ERROR_TIMEOUT) after NAMED_MUTEX_TIMEOUT_MS; any
   other failure: it can't be opened. */
HRESULT named_mutex_take(const WCHAR *name, HANDLE *mutex);
/* By the same thread. Accepts NULL. */
void named_mutex_drop(HANDLE mutex);

#endif
