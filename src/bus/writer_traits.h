/* SPDX-License-Identifier: MIT
 *
 * Who a writer is: what it said of itself when it was initialised. The same on both ends of the bus
 * and in any process. Owned by whoever holds the struct; never changed once filled. Follows
 * writer-provider 3.1.
 */
#ifndef THAWLINE_BUS_WRITER_TRAITS_H
#define THAWLINE_BUS_WRITER_TRAITS_H

#include "model/writer_metadata.h"

struct writer_traits
{
    GUID class_id;
    GUID instance_id;
    WCHAR *name;
    WCHAR *instance_name;    /* NULL when none */
    DWORD usage;             /* VSS_USAGE_TYPE */
    DWORD source;            /* VSS_SOURCE_TYPE */
    int level;               /* VSS_APPLICATION_LEVEL */
    DWORD freeze_timeout_ms; /* what the writer allows between Freeze and Thaw */
    DWORD major_version;
    DWORD minor_version;
    bool express; /* a stored document: no code runs, and nothing freezes */
};

/* `target` is zeroed or filled before. On E_OUTOFMEMORY it is unchanged. */
HRESULT writer_traits_copy(struct writer_traits *target, const struct writer_traits *source);
void writer_traits_clear(struct writer_traits *traits);

/* A document that says who the writer is and nothing else; NULL when memory is exhausted. */
struct writer_metadata *writer_traits_begin_metadata(const struct writer_traits *traits);

#endif
