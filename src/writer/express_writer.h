/* SPDX-License-Identifier: MIT
 *
 * IVssExpressWriter: with which installers register writers that have no process. Any thread.
 * Follows writer-provider 4.5; where registrations are kept is said in bus/express_store.h.
 */
#ifndef THAWLINE_WRITER_EXPRESS_WRITER_H
#define THAWLINE_WRITER_EXPRESS_WRITER_H

#include "base/types.h"

#include <vss.h>
#include <vswriter.h>

/* E_ACCESSDENIED: this account may not be a writer; E_OUTOFMEMORY. */
HRESULT express_writer_create(IVssExpressWriter **out);

#endif
