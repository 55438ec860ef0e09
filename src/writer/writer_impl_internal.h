/* SPDX-License-Identifier: MIT
 *
 * The inside of IVssWriterImpl's object, shared by writer_impl.c (life) and writer_impl_answers.c
 * (what handlers ask).
 */
#ifndef THAWLINE_WRITER_WRITER_IMPL_INTERNAL_H
#define THAWLINE_WRITER_WRITER_IMPL_INTERNAL_H

#include "bus/writer_record.h"
#include "os/lock.h"
#include "vsswriter.h"

struct writer_impl
{
    VssWriterImpl face; /* first: what the client sees */
    LONG refs;          /* the client's */
    LONG holds; /* who needs the memory: all of `refs` together, a subscription, each call */
    /* set once */
    CVssWriter *writer;
    bool ex; /* its table has OnIdentifyEx */
    struct lock lock;
    /* guarded by lock */
    /* a reference; NULL before Initialize and after Uninitialize */
    struct writer_record *record;
    bool ended; /* it was initialised, and Uninitialize has been called since */
};

static inline struct writer_impl *impl_from_face(VssWriterImpl *face)
{
    return CONTAINING_RECORD(face, struct writer_impl, face);
}

/* The record with a reference for the caller, or NULL. */
struct writer_record *writer_impl_take_record(struct writer_impl *impl);

/* Slots 7 to 24, but InstallAlternateWriter. */
LPCWSTR *VSS_THISCALL writer_impl_GetCurrentVolumeArray(VssWriterImpl *face);
UINT VSS_THISCALL writer_impl_GetCurrentVolumeCount(VssWriterImpl *face);
HRESULT VSS_THISCALL writer_impl_GetSnapshotDeviceName(
    VssWriterImpl *face, LPCWSTR volume, LPCWSTR *device);
VSS_ID *VSS_THISCALL writer_impl_GetCurrentSnapshotSetId(VssWriterImpl *face, VSS_ID *result);
LONG VSS_THISCALL writer_impl_GetContext(VssWriterImpl *face);
VSS_APPLICATION_LEVEL VSS_THISCALL writer_impl_GetCurrentLevel(VssWriterImpl *face);
boolean VSS_THISCALL writer_impl_IsPathAffected(VssWriterImpl *face, LPCWSTR path);
boolean VSS_THISCALL writer_impl_IsBootableSystemStateBackedUp(VssWriterImpl *face);
boolean VSS_THISCALL writer_impl_AreComponentsSelected(VssWriterImpl *face);
VSS_BACKUP_TYPE VSS_THISCALL writer_impl_GetBackupType(VssWriterImpl *face);
VSS_RESTORE_TYPE VSS_THISCALL writer_impl_GetRestoreType(VssWriterImpl *face);
HRESULT VSS_THISCALL writer_impl_SetWriterFailure(VssWriterImpl *face, HRESULT failure);
boolean VSS_THISCALL writer_impl_IsPartialFileSupportEnabled(VssWriterImpl *face);
IVssExamineWriterMetadata *VSS_THISCALL writer_impl_GetIdentityInformation(VssWriterImpl *face);
HRESULT VSS_THISCALL writer_impl_SetWriterFailureEx(
    VssWriterImpl *face, HRESULT failure, HRESULT application, LPCWSTR message);
HRESULT VSS_THISCALL writer_impl_GetSessionId(VssWriterImpl *face, VSS_ID *session_id);
boolean VSS_THISCALL writer_impl_IsWriterShuttingDown(VssWriterImpl *face);

#endif
