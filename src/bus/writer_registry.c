/* SPDX-License-Identifier: MIT
 *
 * The subscribed writers of this process. See writer_registry.h.
 */
#include "bus/writer_registry.h"

#include "bus/writer_record.h"
#include "os/lock.h"

static struct lock registry_lock = LOCK_INIT(LOCK_RANK_REGISTRY);
static struct vec registered; /* guarded by registry_lock: struct writer_record */

HRESULT writer_registry_add(struct writer_record *record)
{
    lock_enter(&registry_lock);
    bool added = vec_push(&registered, record);
    if (added)
        writer_record_addref(record);
    lock_leave(&registry_lock);
    return added ? S_OK : E_OUTOFMEMORY;
}

void writer_registry_remove(struct writer_record *record)
{
    struct writer_record *removed = NULL;
    lock_enter(&registry_lock);
    for (size_t i = 0; i < registered.count && !removed; i++)
        if (registered.items[i] == record)
            removed = vec_remove(&registered, i);
    if (!registered.count)
        vec_free(&registered, NULL);
    lock_leave(&registry_lock);
    writer_record_release(removed);
}

HRESULT writer_registry_list(const WCHAR *scope, struct vec *records)
{
    HRESULT hr = S_OK;
    lock_enter(&registry_lock);
    for (size_t i = 0; i < registered.count && SUCCEEDED(hr); i++)
    {
        struct writer_record *record = registered.items[i];
        if (!writer_record_is_in_scope(record, scope))
            continue;
        if (vec_push(records, record))
            writer_record_addref(record);
        else
            hr = E_OUTOFMEMORY;
    }
    lock_leave(&registry_lock);
    return hr;
}
