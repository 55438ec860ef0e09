/* SPDX-License-Identifier: MIT
 *
 * IVssCreateExpressWriterMetadata: what an installer builds the document of an express writer with.
 * Any thread. Follows writer-provider 4.5.
 */
#ifndef THAWLINE_WRITER_EXPRESS_METADATA_H
#define THAWLINE_WRITER_EXPRESS_METADATA_H

#include "model/writer_metadata.h"

#include <vss.h>
#include <vswriter.h>

/* A face that fills `metadata`, of which it takes a reference. */
HRESULT express_metadata_create(
    struct writer_metadata *metadata, IVssCreateExpressWriterMetadata **out);

#endif
