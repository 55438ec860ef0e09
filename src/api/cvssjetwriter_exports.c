/* SPDX-License-Identifier: MIT
 *
 * class CVssJetWriter, undocumented: the 2003 library exports it, so a program may import it. Its
 * objects can be made and destroyed and never become writers. vssapi.def maps the mangled names to
 * these functions, and its questions to CVssWriter's, which answer for an object that was never
 * initialised. Any thread. Follows writer-provider 1.5.
 */
#include <windows.h>
#include <vss.h>
#include <vswriter.h>

#include "diag/log.h"
#include "vsswriter.h"

/* vssapi.def is the only caller: a header would say everything a second time. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
/* Stubs look at none of their arguments. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

typedef void (*method)(void);

/* A subclass's own members start behind these two, as in CVssWriter. */
struct cvssjetwriter
{
    const method *vtbl;
    void *impl; /* always NULL */
};

_Static_assert(sizeof(struct cvssjetwriter) == 2 * sizeof(void *),
    "the size that subclasses were compiled with");

/* ---- Default handlers ---- */

bool STDMETHODCALLTYPE cvssjetwriter_on_identify(
    struct cvssjetwriter *writer, IVssCreateWriterMetadata *metadata)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_prepare_backup_begin(
    struct cvssjetwriter *writer, IVssWriterComponents *components)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_prepare_backup_end(
    struct cvssjetwriter *writer, IVssWriterComponents *components, bool succeeded)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_prepare_snapshot_begin(struct cvssjetwriter *writer)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_prepare_snapshot_end(
    struct cvssjetwriter *writer, bool succeeded)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_freeze_begin(struct cvssjetwriter *writer)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_freeze_end(struct cvssjetwriter *writer, bool succeeded)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_thaw_begin(struct cvssjetwriter *writer)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_thaw_end(struct cvssjetwriter *writer, bool succeeded)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_post_snapshot(
    struct cvssjetwriter *writer, IVssWriterComponents *components)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_backup_complete_begin(
    struct cvssjetwriter *writer, IVssWriterComponents *components)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_backup_complete_end(
    struct cvssjetwriter *writer, IVssWriterComponents *components, bool succeeded)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_pre_restore_begin(
    struct cvssjetwriter *writer, IVssWriterComponents *components)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_pre_restore_end(
    struct cvssjetwriter *writer, IVssWriterComponents *components, bool succeeded)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_post_restore_begin(
    struct cvssjetwriter *writer, IVssWriterComponents *components)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_post_restore_end(
    struct cvssjetwriter *writer, IVssWriterComponents *components, bool succeeded)
{
    return true;
}

void STDMETHODCALLTYPE cvssjetwriter_on_abort_begin(struct cvssjetwriter *writer)
{
}

void STDMETHODCALLTYPE cvssjetwriter_on_abort_end(struct cvssjetwriter *writer)
{
}

/* The deleting destructor's slot. A subclass always has its own; only it can free the object. */
static void *VSS_THISCALL cvssjetwriter_delete(struct cvssjetwriter *writer, unsigned flags)
{
    return writer;
}

/* The order is not published; every slot answers all the same. */
static const method cvssjetwriter_vtbl[] = {
    NULL, /* slot -1: where MSVC keeps its type information */
    (method)cvssjetwriter_delete,
    (method)cvssjetwriter_on_identify,
    (method)cvssjetwriter_on_prepare_backup_begin,
    (method)cvssjetwriter_on_prepare_backup_end,
    (method)cvssjetwriter_on_prepare_snapshot_begin,
    (method)cvssjetwriter_on_prepare_snapshot_end,
    (method)cvssjetwriter_on_freeze_begin,
    (method)cvssjetwriter_on_freeze_end,
    (method)cvssjetwriter_on_thaw_begin,
    (method)cvssjetwriter_on_thaw_end,
    (method)cvssjetwriter_on_post_snapshot,
    (method)cvssjetwriter_on_backup_complete_begin,
    (method)cvssjetwriter_on_backup_complete_end,
    (method)cvssjetwriter_on_pre_restore_begin,
    (method)cvssjetwriter_on_pre_restore_end,
    (method)cvssjetwriter_on_post_restore_begin,
    (method)cvssjetwriter_on_post_restore_end,
    (method)cvssjetwriter_on_abort_begin,
    (method)cvssjetwriter_on_abort_end,
};

/* ---- Life ---- */

struct cvssjetwriter *VSS_THISCALL cvssjetwriter_construct(struct cvssjetwriter *writer)
{
    writer->vtbl = cvssjetwriter_vtbl + 1;
    writer->impl = NULL;
    return writer;
}

/* Runs after the subclass's destructor, which frees the object: nothing is freed here. */
void VSS_THISCALL cvssjetwriter_destruct(struct cvssjetwriter *writer)
{
    writer->vtbl = cvssjetwriter_vtbl + 1;
    writer->impl = NULL;
}

HRESULT STDMETHODCALLTYPE cvssjetwriter_initialize(struct cvssjetwriter *writer, VSS_ID id,
    LPCWSTR name, bool flag1, bool flag2, LPCWSTR text1, LPCWSTR text2, DWORD flags)
{
    return log_not_implemented("CVssJetWriter::Initialize");
}

/* Nothing to end: Initialize never succeeds. */
void STDMETHODCALLTYPE cvssjetwriter_uninitialize(struct cvssjetwriter *writer)
{
}
