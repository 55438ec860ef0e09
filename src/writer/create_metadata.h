/* SPDX-License-Identifier: MIT
 *
 * IVssCreateWriterMetadata and IVssCreateWriterMetadataEx: what a writer builds its metadata
 * document with while it handles Identify. After that every method says VSS_E_BAD_STATE. Any
 * thread. Follows writer-provider 2.5 and 4.1.
 */
#ifndef THAWLINE_WRITER_CREATE_METADATA_H
#define THAWLINE_WRITER_CREATE_METADATA_H

#include "model/writer_metadata.h"

#include <vss.h>
#include <vswriter.h>

/* A face that fills `metadata`, of which it takes a reference. */
HRESULT create_metadata_create(struct writer_metadata *metadata, IVssCreateWriterMetadataEx **out);
/* The handler has returned: the document changes no more. Drops the creator's reference; accepts
   NULL. */
void create_metadata_close(IVssCreateWriterMetadataEx *face);

#endif
