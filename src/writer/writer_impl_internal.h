/* SPDX-License-Identifier: MIT
 *
 * The inside of IVssWriterImpl's object, shared by writer_impl.c (life) and writer_impl_answers.c
 * (what handlers ask).
 */
#ifndef THAWLINE_WRITER_WRITER_IMPL_INTERNAL_H
#define THAWLINE_WRITER_WRITER_IMPL_INTERNAL_H

#include "bus/writer_record.h"
#include "os/lock.h"
#include "writer/writer_abi.h"

struct writer_impl
{
    struct writer_impl_face face; /* first: what the client sees */
    LONG refs;                    /* the client's */
    LONG holds; /* who needs the memory: all of `refs` together, a subscription, each call */
    /* set once */
    struct cvss_writer *writer;
    bool ex; /* its table has OnIdentifyEx */
    struct lock lock;
    /* guarded by lock */
    /* a reference; NULL before Initialize and after Uninitialize */
    struct writer_record *record;
    bool ended; /* it was initialised, and Uninitialize has been called since */
};

static inline struct writer_impl *impl_from_face(struct writer_impl_face *face)
{
    return CONTAINING_RECORD(face, struct writer_impl, face);
}

/* The record with a reference for the caller, or NULL. */
struct writer_record *writer_impl_take_record(struct writer_impl *impl);

/* Slots 7 to 24, but InstallAlternateWriter. */
LPCWSTR *WRITER_THISCALL writer_impl_GetCurrentVolumeArray(struct writer_impl_face *face);
UINT WRITER_THISCALL writer_impl_GetCurrentVolumeCount(struct writer_impl_face *face);
HRESULT WRITER_THISCALL writer_impl_GetSnapshotDeviceName(
    struct writer_impl_face *face, LPCWSTR volume, LPCWSTR *device);
VSS_ID *WRITER_THISCALL writer_impl_GetCurrentSnapshotSetId(
    struct writer_impl_face *face, VSS_ID *result);
LONG WRITER_THISCALL writer_impl_GetContext(struct writer_impl_face *face);
VSS_APPLICATION_LEVEL WRITER_THISCALL writer_impl_GetCurrentLevel(struct writer_impl_face *face);
cpp_bool WRITER_THISCALL writer_impl_IsPathAffected(struct writer_impl_face *face, LPCWSTR path);
cpp_bool WRITER_THISCALL writer_impl_IsBootableSystemStateBackedUp(struct writer_impl_face *face);
cpp_bool WRITER_THISCALL writer_impl_AreComponentsSelected(struct writer_impl_face *face);
VSS_BACKUP_TYPE WRITER_THISCALL writer_impl_GetBackupType(struct writer_impl_face *face);
VSS_RESTORE_TYPE WRITER_THISCALL writer_impl_GetRestoreType(struct writer_impl_face *face);
HRESULT WRITER_THISCALL writer_impl_SetWriterFailure(
    struct writer_impl_face *face, HRESULT failure);
cpp_bool WRITER_THISCALL writer_impl_IsPartialFileSupportEnabled(struct writer_impl_face *face);
IVssExamineWriterMetadata *WRITER_THISCALL writer_impl_GetIdentityInformation(
    struct writer_impl_face *face);
HRESULT WRITER_THISCALL writer_impl_SetWriterFailureEx(
    struct writer_impl_face *face, HRESULT failure, HRESULT application, LPCWSTR message);
HRESULT WRITER_THISCALL writer_impl_GetSessionId(struct writer_impl_face *face, VSS_ID *session_id);
cpp_bool WRITER_THISCALL writer_impl_IsWriterShuttingDown(struct writer_impl_face *face);

#endif
