/* SPDX-License-Identifier: MIT
 *
 * Namespace declarations in force. See xml_namespaces.h.
 */
#include "xml/xml_namespaces.h"

#include <string.h>

#include "base/mem.h"
#include "xml/xml_limits.h"

size_t xml_prefix_length(const char *name)
{
    const char *colon = strchr(name, ':');
    return colon ? (size_t)(colon - name) : 0;
}

const struct xml_binding *xml_namespaces_find(
    const struct xml_namespaces *namespaces, const char *prefix, size_t prefix_length)
{
    for (size_t i = namespaces->bindings.count; i-- > 0;)
    {
        const struct xml_binding *binding = namespaces->bindings.items[i];
        if (strncmp(binding->prefix, prefix, prefix_length) == 0 && !binding->prefix[prefix_length])
            return binding;
    }
    return NULL;
}

HRESULT xml_namespaces_push(struct xml_namespaces *namespaces, const char *prefix,
    size_t prefix_length, const char *uri, unsigned depth)
{
    if (namespaces->bindings.count >= XML_MAX_BINDINGS || (prefix_length && !*uri))
        return VSS_E_INVALID_XML_DOCUMENT;
    /* One block: the binding, then the two texts. */
    size_t uri_size = strlen(uri) + 1;
    struct xml_binding *binding = mem_alloc(sizeof(*binding) + prefix_length + 1 + uri_size);
    if (!binding)
        return E_OUTOFMEMORY;
    char *texts = (char *)(binding + 1);
    memcpy(texts, prefix, prefix_length);
    memcpy(texts + prefix_length + 1, uri, uri_size);
    binding->prefix = texts;
    binding->uri = texts + prefix_length + 1;
    binding->depth = depth;
    if (!vec_push(&namespaces->bindings, binding))
    {
        mem_free(binding);
        return E_OUTOFMEMORY;
    }
    return S_OK;
}

void xml_namespaces_pop(struct xml_namespaces *namespaces, unsigned depth)
{
    struct vec *bindings = &namespaces->bindings;
    while (bindings->count &&
        ((const struct xml_binding *)bindings->items[bindings->count - 1])->depth >= depth)
        mem_free(vec_remove(bindings, bindings->count - 1));
}

void xml_namespaces_free(struct xml_namespaces *namespaces)
{
    vec_free(&namespaces->bindings, mem_free);
}
