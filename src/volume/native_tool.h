/* SPDX-License-Identifier: MIT
 *
 * Programs of the host on which Wine runs: btrfs, cp, find. Any thread; a call waits for its
 * program. Follows wine facts 5.
 *
 * A program is named by its absolute path, gets its arguments as they are, an environment of its
 * own and nothing to read. It ends when its time is over, and with this process.
 */
#ifndef THAWLINE_VOLUME_NATIVE_TOOL_H
#define THAWLINE_VOLUME_NATIVE_TOOL_H

#include "base/types.h"

/* Where the host has this program, among the folders in which systems keep theirs; mem_free *path.
   S_FALSE: nowhere, or there is no host, as on Windows. E_OUTOFMEMORY. Asks base_hooks before
   `find-NAME`. */
HRESULT native_tool_find(const char *name, char **path);

struct native_answer
{
    int exit_code; /* -1: it did not end by itself, or was never started */
    char *said;    /* on both outputs, cut at NATIVE_ANSWER_LIMIT; "" if nothing */
    size_t size;   /* of that, without the NUL at its end */
};

#define NATIVE_ANSWER_LIMIT (1u << 20)

/* Runs `arguments`, in the host's encoding; the first is the program, NULL follows the last. S_OK:
   it ended with 0. E_FAIL: with something else. HRESULT_FROM_WIN32(ERROR_TIMEOUT): it was ended
   after `limit_s` seconds. HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND): there is no such program. Asks
   base_hooks before `run-NAME` first. The answer is there in any case; native_answer_free it. */
HRESULT native_tool_run(
    const char *const *arguments, unsigned limit_s, struct native_answer *answer);
void native_answer_free(struct native_answer *answer);

/* Says in the log how the program failed, and returns `hr`. */
HRESULT native_tool_log(
    HRESULT hr, const char *const *arguments, const struct native_answer *answer);

/* The same in one: what fails is logged, what is said is dropped. */
HRESULT native_tool_do(const char *const *arguments, unsigned limit_s);

#endif
