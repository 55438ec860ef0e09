/* SPDX-License-Identifier: MIT
 *
 * The asynchronous methods' common part: one operation of an object at a time, and what its end
 * changes.
 */
#include "requestor/bc.h"

#include "base/mem.h"

struct bc_operation
{
    const struct bc_work *work;
};

static HRESULT run(void *owner, void *context, struct async_op *op)
{
    const struct bc_operation *operation = context;
    HRESULT hr = operation->work->run(owner, op);
    return bc_result(operation->work->verb, hr);
}

static void finish(void *owner, void *context, HRESULT result)
{
    struct bc *bc = owner;
    const struct bc_operation *operation = context;
    bc_own(bc);
    if (operation->work->done)
        operation->work->done(bc, result);
    if (bc->abort_requested && bc_in_progress(bc))
        bc_become_aborted(bc);
    bc->abort_requested = false;
    struct async_op *pending = bc->pending;
    bc->pending = NULL;
    bc->busy = BC_NO_VERB;
    bc_disown(bc);
    async_op_release(pending);
}

static void owner_addref(void *owner)
{
    struct bc *bc = owner;
    IVssBackupComponentsEx4_AddRef(&bc->IVssBackupComponentsEx4_iface);
}

static void owner_release(void *owner)
{
    struct bc *bc = owner;
    IVssBackupComponentsEx4_Release(&bc->IVssBackupComponentsEx4_iface);
}

/* One row a verb only for its name in the log; everything else is the same. */
#define ASYNC(verb_)                                                                               \
    [BC_##verb_] = {.name = #verb_,                                                                \
        .run = run,                                                                                \
        .finish = finish,                                                                          \
        .free_context = mem_free,                                                                  \
        .owner_addref = owner_addref,                                                              \
        .owner_release = owner_release}

static const struct async_work works[BC_VERB_COUNT] = {
    ASYNC(GatherWriterMetadata),
    ASYNC(PrepareForBackup),
    ASYNC(GatherWriterStatus),
    ASYNC(DoSnapshotSet),
    ASYNC(BackupComplete),
    ASYNC(PreRestore),
    ASYNC(PostRestore),
    ASYNC(ImportSnapshots),
    [BC_QueryRevertStatus] = {.name = "QueryRevertStatus",
        .run = run,
        .finish = finish,
        .free_context = mem_free,
        .owner_addref = owner_addref,
        .owner_release = owner_release,
        .uncancellable = true},
};

HRESULT bc_start(struct bc *bc, const struct bc_work *work, IVssAsync **out)
{
    struct bc_operation *operation = mem_alloc(sizeof(*operation));
    if (!operation)
        return E_OUTOFMEMORY;
    operation->work = work;

    /* The caller owns the object: `finish` waits for it, so `pending` is known before it runs. */
    IVssAsync *async = NULL;
    bc->busy = work->verb;
    HRESULT hr = async_op_start(&works[work->verb], bc, operation, &async);
    if (FAILED(hr))
    {
        bc->busy = BC_NO_VERB;
        return hr;
    }
    bc->pending = async_op_from_interface(async);
    async_op_addref(bc->pending);
    *out = async;
    return S_OK;
}

HRESULT bc_start_verb(struct bc *bc, const struct bc_work *work, IVssAsync **out)
{
    if (!out)
        return bc_refuse(work->verb, "the pointer for the IVssAsync is NULL");
    *out = NULL;
    HRESULT hr = bc_enter(bc, work->verb);
    if (FAILED(hr))
        return hr;
    return bc_leave(bc, work->verb, bc_start(bc, work, out));
}
