/* SPDX-License-Identifier: MIT
 *
 * IVssWriterImpl: what stands behind a C++ object of class CVssWriter, CVssWriterEx or
 * CVssWriterEx2. Any thread. Follows writer-provider 2.4 and 3.
 */
#ifndef THAWLINE_WRITER_WRITER_IMPL_H
#define THAWLINE_WRITER_WRITER_IMPL_H

#include <windows.h>

#include "base/types.h"

/* CreateWriter (`ex` false) and CreateWriterEx: *out is an IVssWriterImpl with one reference, whose
   table is VssWriterImplVtbl of vsswriter.h. `cvsswriter` is remembered, not looked at: its
   constructor may still be running; it owns what comes back and outlives it. E_OUTOFMEMORY. */
HRESULT writer_impl_create(void *cvsswriter, bool ex, void **out);

#endif
