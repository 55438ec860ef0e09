/* SPDX-License-Identifier: MIT
 *
 * Folders that appear as drives, in empty folders of other drives, or as shares: how a shadow copy
 * is exposed. What is made here outlives its process. Any thread. Follows requestor 2.6
 * (ExposeSnapshot).
 *
 * Under Wine a drive and a mount folder are symbolic links that its mount manager makes (wine facts
 * 4); on Windows a DOS device of the session and a junction.
 */
#ifndef THAWLINE_VOLUME_EXPOSURE_H
#define THAWLINE_VOLUME_EXPOSURE_H

#include "base/types.h"

/* A name in the form in which it is recorded: `X:`, or a mount folder without a backslash at the
   end. NULL chooses a free letter. mem_free *normal. E_INVALIDARG: it is neither a letter nor an
   empty folder; VSS_E_OBJECT_ALREADY_EXISTS: the letter is taken, or all are. */
HRESULT exposure_choose(const WCHAR *name, WCHAR **normal);

/* Makes `folder` (absolute, any form) appear under a name that exposure_choose gave.
   VSS_E_PROVIDER_VETO: the system refuses, with the reason in the log. */
HRESULT exposure_make(const WCHAR *folder, const WCHAR *name);
/* Undoes that. A name that shows something else by now stays as it is, which is no error. */
HRESULT exposure_remove(const WCHAR *folder, const WCHAR *name);

/* The same for a share. VSS_E_PROVIDER_VETO: this system has no shares, or the name is taken. */
HRESULT exposure_share(const WCHAR *folder, const WCHAR *share);
/* A share of another folder stays, which is no error. */
HRESULT exposure_unshare(const WCHAR *folder, const WCHAR *share);

#endif
