/* SPDX-License-Identifier: MIT
 *
 * The lock around one document's faces, and who may write what through them.
 *
 * Everybody who reads or changes the document enters the scope: the faces, and the requestor's own
 * object. Any thread. Follows writer-provider 3.3: a handler's pointers die when it returns.
 */
#include "view/view_scope.h"

#include "base/mem.h"
#include "os/lock.h"

struct view_scope
{
    LONG refs;
    bool restore; /* set once */
    struct lock lock;
    enum vss_event event; /* guarded by lock */
};

HRESULT view_scope_create(enum vss_event event, bool restore, struct view_scope **scope)
{
    *scope = NULL;
    struct view_scope *created = mem_alloc(sizeof(*created));
    if (!created)
        return E_OUTOFMEMORY;
    created->refs = 1;
    created->restore = restore;
    lock_init(&created->lock, LOCK_RANK_VIEW);
    created->event = event;
    *scope = created;
    return S_OK;
}

struct view_scope *view_scope_addref(struct view_scope *scope)
{
    InterlockedIncrement(&scope->refs);
    return scope;
}

void view_scope_release(struct view_scope *scope)
{
    if (scope && InterlockedDecrement(&scope->refs) == 0)
        mem_free(scope);
}

void view_scope_enter(struct view_scope *scope)
{
    lock_enter(&scope->lock);
}

void view_scope_leave(struct view_scope *scope)
{
    lock_leave(&scope->lock);
}

void view_scope_close(struct view_scope *scope)
{
    lock_enter(&scope->lock);
    scope->event = EVENT_NONE;
    lock_leave(&scope->lock);
}

bool view_scope_is_restore(const struct view_scope *scope)
{
    return scope->restore;
}

enum vss_event view_scope_event(const struct view_scope *scope)
{
    return scope->event;
}
