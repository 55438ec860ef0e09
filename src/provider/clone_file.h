/* SPDX-License-Identifier: MIT
 *
 * Files as the clone provider opens them: by their exact names, with their faults, and never
 * through a link. Any thread.
 */
#ifndef THAWLINE_PROVIDER_CLONE_FILE_H
#define THAWLINE_PROVIDER_CLONE_FILE_H

#include "base/types.h"

#define CLONE_SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/* Asks base_hooks whether this operation shall fail. */
HRESULT clone_before(const char *operation, const WCHAR *path);
HRESULT clone_last_error(void);

/* The form of a folder's path under which its files are opened: in the extended form, without
   trailing backslash. Under Wine it is the host's name for it, `\\?\unix\...`. So every name that
   the host has can be opened (case twins, `?`, dots at the end), and a new file is not looked for
   in any case through the whole folder first, which takes five times as long among five hundred.
   mem_free it. */
HRESULT clone_working_path(const WCHAR *path, WCHAR **working);

/* A path below a working path; "" is the folder itself. mem_free it; NULL when memory is
   exhausted. */
WCHAR *clone_join(const WCHAR *root, const WCHAR *relative);

enum clone_kind
{
    CLONE_FILE,
    CLONE_FOLDER
};

enum clone_how
{
    CLONE_EXISTING, /* it must be there */
    CLONE_NEW,      /* it must not be there: ERROR_ALREADY_EXISTS */
    CLONE_EITHER
};

/* `path` in the extended form. `attributes` count for what is made. */
HRESULT clone_open(const WCHAR *path, enum clone_kind kind, enum clone_how how, DWORD access,
    DWORD attributes, HANDLE *file);

/* The same with all that can be said. */
struct clone_opening
{
    HANDLE
        parent; /* NULL: `name` is a path in the extended form; else the name of an entry in it */
    const WCHAR *name;
    enum clone_kind kind;
    enum clone_how how;
    DWORD access;
    DWORD attributes; /* of what is made */
    DWORD share;
    bool no_follow; /* a link itself is opened. Wine follows links of the host all the same */
    bool passing;   /* it goes when it is closed, also by the end of the process */
};

HRESULT clone_open_as(const struct clone_opening *opening, HANDLE *file);

/* Wine: whether what was opened as `path`, and found at `found`, is the entry `name` of the folder
   found at `folder`, and not what a link leads to. S_FALSE: it is not. */
HRESULT clone_is_entry(
    const WCHAR *folder, const WCHAR *name, const WCHAR *found, const WCHAR *path);

/* Whether entries of a folder were reached through a link of the host: Wine opens the target, and
   shows links to files as files. Keeps what it knows about the last folder asked for:
   zero-initialise, clone_link_check_free in the end. */
struct clone_link_check
{
    WCHAR *folder;   /* as asked for */
    WCHAR *resolved; /* as the system knows it */
};

/* S_OK: it is what its name says. S_FALSE: it is a link. `path` is the one with which `file` was
   opened. */
HRESULT clone_link_check(struct clone_link_check *check, HANDLE file, const WCHAR *path);
void clone_link_check_free(struct clone_link_check *check);

/* Deletes a file or an empty folder; S_OK when it is not there;
   HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK), and nothing deleted, when it is a link. Read-only
   files too. */
HRESULT clone_delete(struct clone_link_check *check, const WCHAR *path, enum clone_kind kind);

/* True for "there is no such file or folder". */
bool clone_is_missing(HRESULT hr);

#endif
