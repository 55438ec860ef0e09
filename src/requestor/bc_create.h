/* SPDX-License-Identifier: MIT
 *
 * The birth of a backup components object.
 */
#ifndef THAWLINE_REQUESTOR_BC_CREATE_H
#define THAWLINE_REQUESTOR_BC_CREATE_H

#include "base/types.h"

#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

/* CreateVssBackupComponents: one reference for the caller. E_INVALIDARG, E_OUTOFMEMORY. */
HRESULT bc_create(IVssBackupComponents **out);

#endif
