/* SPDX-License-Identifier: MIT
 *
 * The namespace declarations in force while a document is read: a stack of bindings from a prefix
 * to a URI, each with the depth of the element that declared it (the root's is 1). The prefix of
 * the default namespace is "". One thread at a time.
 */
#ifndef THAWLINE_XML_XML_NAMESPACES_H
#define THAWLINE_XML_XML_NAMESPACES_H

#include "base/vec.h"

struct xml_binding
{
    const char *prefix;
    const char *uri;
    unsigned depth;
};

struct xml_namespaces
{
    struct vec bindings; /* struct xml_binding; the youngest is the last */
};

/* Bytes of the prefix of a qualified name: 0 when it has none. */
size_t xml_prefix_length(const char *name);

/* The youngest binding of the prefix; NULL when there is none. "xml" never has one, and needs
   none. */
const struct xml_binding *xml_namespaces_find(
    const struct xml_namespaces *namespaces, const char *prefix, size_t prefix_length);

/* VSS_E_INVALID_XML_DOCUMENT: more than XML_MAX_BINDINGS, or a prefix bound to nothing.
   E_OUTOFMEMORY. */
HRESULT xml_namespaces_push(struct xml_namespaces *namespaces, const char *prefix,
    size_t prefix_length, const char *uri, unsigned depth);

/* Forgets what was declared at `depth` and deeper. */
void xml_namespaces_pop(struct xml_namespaces *namespaces, unsigned depth);

void xml_namespaces_free(struct xml_namespaces *namespaces);

#endif
