/* SPDX-License-Identifier: MIT
 *
 * Who a writer is. See writer_traits.h.
 */
#include "bus/writer_traits.h"

#include "base/mem.h"
#include "base/str16.h"

HRESULT writer_traits_copy(struct writer_traits *target, const struct writer_traits *source)
{
    struct writer_traits copy = *source;
    copy.name = str16_dup(source->name);
    copy.instance_name = str16_dup(source->instance_name);
    if ((source->name && !copy.name) || (source->instance_name && !copy.instance_name))
    {
        writer_traits_clear(&copy);
        return E_OUTOFMEMORY;
    }
    writer_traits_clear(target);
    *target = copy;
    return S_OK;
}

void writer_traits_clear(struct writer_traits *traits)
{
    mem_free(traits->name);
    mem_free(traits->instance_name);
    *traits = (struct writer_traits){0};
}

struct writer_metadata *writer_traits_begin_metadata(const struct writer_traits *traits)
{
    struct writer_metadata *metadata = writer_metadata_create();
    if (!metadata)
        return NULL;
    metadata->writer_id = traits->class_id;
    metadata->instance_id = traits->instance_id;
    metadata->usage = traits->usage;
    metadata->source = traits->source;
    metadata->major_version = traits->major_version;
    metadata->minor_version = traits->minor_version;
    if (FAILED(str16_assign(&metadata->writer_name, traits->name)) ||
        FAILED(str16_assign(&metadata->instance_name, traits->instance_name)))
    {
        writer_metadata_release(metadata);
        return NULL;
    }
    return metadata;
}
