/* SPDX-License-Identifier: MIT
 *
 * A cancellable operation on a pool thread, with the IVssAsync that its caller waits on.
 *
 * The operation holds a reference to itself and one to its owner (through `addref`/`release`) while
 * it runs, so that the caller may release the IVssAsync or the owner early. A handler that calls
 * Cancel or Release of the operation it runs under never waits for itself. Any thread. Follows
 * requestor 3.
 */
#ifndef THAWLINE_ASYNC_ASYNC_OP_H
#define THAWLINE_ASYNC_ASYNC_OP_H

#include "base/types.h"

#include <vss.h>

struct async_op;

struct async_work
{
    const char *name; /* for log and trace: "BackupComplete" */
    /* Does the work. Returns S_OK, VSS_S_ASYNC_CANCELLED when it stopped because async_op_cancelled
       said so, or the operation's error. Runs on a pool thread in the MTA. */
    HRESULT (*run)(void *owner, void *context, struct async_op *op);
    /* Runs on the same thread after `run`, before the outcome becomes visible to QueryStatus: the
       place where the owner changes phase. May be NULL. `result` is what QueryStatus will say
       (VSS_S_ASYNC_FINISHED, ..CANCELLED or the error). */
    void (*finish)(void *owner, void *context, HRESULT result);
    /* Frees `context`; called once, after `finish`, or when the operation could not be started. May
       be NULL. */
    void (*free_context)(void *context);
    /* The reference that is held while the operation runs. It goes on the worker's thread, after
       `finish` and before the outcome becomes visible: whoever has seen the outcome knows that the
       operation holds the owner no more. If it was the last, the owner ends there, as a thread that
       runs on behalf of the operation. */
    void (*owner_addref)(void *owner);
    void (*owner_release)(void *owner);
    bool uncancellable; /* QueryRevertStatus: Cancel answers E_FAIL while it runs */
};

/* Starts `work` and gives the caller the IVssAsync. On failure (E_OUTOFMEMORY, a fault) *out is
   NULL, nothing runs and `context` has been freed. `work` must be static. `run` and `finish` may be
   over before this returns: an owner that notes its pending operation here and forgets it in
   `finish` holds its lock around this call. */
HRESULT async_op_start(const struct async_work *work, void *owner, void *context, IVssAsync **out);

/* For the work itself. */
bool async_op_cancelled(struct async_op *op);
/* A manual-reset event that is set at cancel: to wait on beside other things. Belongs to the
   operation. */
HANDLE async_op_cancel_event(struct async_op *op);

/* For the owner: asks a running operation to stop, as IVssAsync::Cancel does, and waits for its end
   unless the calling thread is running on behalf of it. The owner finds its pending operation by
   the reference it keeps: */
void async_op_addref(struct async_op *op);
void async_op_release(struct async_op *op);
struct async_op *async_op_from_interface(IVssAsync *async);
void async_op_cancel_and_wait(struct async_op *op);
void async_op_wait(struct async_op *op);

/* Threads that run foreign code (a writer's handler) on behalf of an operation announce it, so that
   Cancel or Release from inside never waits for the operation. `enter` returns what `leave` takes
   back. */
struct async_op *async_op_enter_handler(struct async_op *op);
void async_op_leave_handler(struct async_op *previous);

/* A completed operation: for calls whose work was done at once. `result` as QueryStatus shall
   say. */
HRESULT async_op_completed(HRESULT result, IVssAsync **out);

#endif
