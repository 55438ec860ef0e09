/* SPDX-License-Identifier: MIT
 *
 * Files, with their faults: every operation first asks base_hooks.before_file_op. Paths may be
 * long; they are made extended (`\\?\`) where needed. Errors come back as HRESULT_FROM_WIN32 of the
 * error, E_OUTOFMEMORY included.
 */
#ifndef THAWLINE_OS_FILE_H
#define THAWLINE_OS_FILE_H

#include "base/types.h"

/* Reads a whole file; HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE) above `limit` bytes. mem_free
 *bytes; a NUL unit (two zero bytes) follows the content and is not counted. */
HRESULT file_read_all(const WCHAR *path, size_t limit, void **bytes, size_t *size);

/* Writes a temporary file beside `path` (`path`.<process>-<number>.tmp), flushes it, renames it
   over `path`, flushes the folder. After any failure or a crash at any point the old content, or
   its absence, is unchanged; a crash may leave the temporary file. Retries for FILE_RETRY_MS while
   someone has the target open. A folder that can't be flushed fails nothing: the new content stands
   by then. */
#define FILE_RETRY_MS 2000
HRESULT file_write_atomic(const WCHAR *path, const void *bytes, size_t size);

/* mingw-w64's winerror.h lacks it. */
#ifndef ERROR_STOPPED_ON_SYMLINK
#define ERROR_STOPPED_ON_SYMLINK 681L
#endif

/* Whether that is why something could not be written: there is no space left. */
static inline bool file_is_full(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_DISK_FULL) ||
        hr == HRESULT_FROM_WIN32(ERROR_HANDLE_DISK_FULL);
}

/* S_OK also when it does not exist. Never follows a link: where the system would delete the target
   instead (Wine), HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK). Retries as file_write_atomic
   does. */
HRESULT file_delete(const WCHAR *path);

/* Makes the folder and those above it. S_OK when it exists. */
HRESULT file_make_folders(const WCHAR *path);

/* `a` + `\` + `b`; mem_free it. NULL when memory is exhausted. */
WCHAR *file_join(const WCHAR *a, const WCHAR *b);

/* `path` absolute, and in the extended form when it is too long for the plain one; an extended path
   as it is. For rooms that call the system themselves; mem_free it. NULL when memory is
   exhausted. */
WCHAR *file_long_path(const WCHAR *path);

/* A file that only grows, for one process to append to; made when it is missing. Others may read,
   rename and delete it meanwhile. Allocates nothing; the path is taken as it is. Faults know both
   as FILE_APPEND_OPERATION. */
#define FILE_APPEND_OPERATION "append"
HRESULT file_append_open(const WCHAR *path, HANDLE *file); /* CloseHandle it */
/* ERROR_DISK_FULL also when only a part could be written. */
HRESULT file_append(HANDLE file, const WCHAR *path, const void *bytes, DWORD size);

/* A file whose exclusive lock shows that its owner lives: taken for the life of the handle, dropped
   by the system when the process dies. HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION) while another
   process, or another file_lock of this one, holds it. The file is made when it is missing; its
   content stays readable for everyone. HRESULT_FROM_WIN32(ERROR_TOO_MANY_LINKS): the file has other
   names, and may be anybody's. */
struct file_lock;
HRESULT file_lock_take(const WCHAR *path, struct file_lock **lock);
/* Makes this the file's content, and that durable. A crash may leave any of it. */
HRESULT file_lock_write(struct file_lock *lock, const void *bytes, size_t size);
void file_lock_drop(struct file_lock *lock, bool delete_file); /* accepts NULL */
/* Whether somebody holds it, this process too. Any number may ask at once; whoever takes the lock
   at that moment may find it held. HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND), or
   ERROR_PATH_NOT_FOUND: there is no such file. */
HRESULT file_lock_is_held(const WCHAR *path, bool *held);

#endif
