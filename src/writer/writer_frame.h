/* SPDX-License-Identifier: MIT
 *
 * What one handler is handed: made before it is called, taken back when it has returned. Handler's
 * thread only. Follows writer-provider 3.3.
 */
#ifndef THAWLINE_WRITER_WRITER_FRAME_H
#define THAWLINE_WRITER_WRITER_FRAME_H

#include "bus/writer_call.h"
#include "view/view.h"

struct writer_frame
{
    struct writer_call *call;             /* set once */
    IVssCreateWriterMetadataEx *metadata; /* Identify, else NULL */
    /* NULL: the event has none, or components are not selected */
    IVssWriterComponents *components;
    struct view_scope *scope;               /* of `components` */
    IVssExamineWriterMetadataEx2 *identity; /* made when the handler asks for it */
};

/* E_OUTOFMEMORY: nothing is to be closed; the call carries the failure. */
HRESULT writer_frame_open(struct writer_frame *frame, struct writer_call *call);
void writer_frame_close(struct writer_frame *frame);

/* Identify: a document that says who the writer is and nothing else takes the place of what was
   built so far. On failure the frame is as it was. */
HRESULT writer_frame_begin_anew(struct writer_frame *frame);

/* GetIdentityInformation: borrowed until the handler returns; NULL when the event has none or
   nothing is known yet. */
IVssExamineWriterMetadata *writer_frame_identity(struct writer_frame *frame);

#endif
