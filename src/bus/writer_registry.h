/* SPDX-License-Identifier: MIT
 *
 * The subscribed writers of this process, in the order in which they subscribed. Any thread; takes
 * LOCK_RANK_REGISTRY, so not to be called with a record's lock held.
 */
#ifndef THAWLINE_BUS_WRITER_REGISTRY_H
#define THAWLINE_BUS_WRITER_REGISTRY_H

#include "base/vec.h"

struct writer_record;

/* Holds a reference while it is in. */
HRESULT writer_registry_add(struct writer_record *record);
void writer_registry_remove(struct writer_record *record);

/* Appends those of `scope`, a reference each. On E_OUTOFMEMORY what was appended is for the caller
   to release. */
HRESULT writer_registry_list(const WCHAR *scope, struct vec *records);

#endif
