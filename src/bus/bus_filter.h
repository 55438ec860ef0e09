/* SPDX-License-Identifier: MIT
 *
 * Which writers a requestor wants to hear of: the rules of EnableWriterClasses,
 * DisableWriterClasses and DisableWriterInstances. Zero-initialise: all writers. Belongs to one
 * session, no locks. Follows requestor 2.3.
 */
#ifndef THAWLINE_BUS_BUS_FILTER_H
#define THAWLINE_BUS_BUS_FILTER_H

#include "base/types.h"

struct guid_set
{
    GUID *ids;
    size_t count;
};

struct bus_filter
{
    bool only_listed;          /* EnableWriterClasses was called: classes not in the list are off */
    struct guid_set classes;   /* only_listed: those that are on; else those that are off */
    struct guid_set instances; /* off, whatever their class says */
};

/* E_OUTOFMEMORY leaves the rules as they were. */
HRESULT bus_filter_enable_classes(struct bus_filter *filter, const GUID *classes, size_t count);
HRESULT bus_filter_disable_classes(struct bus_filter *filter, const GUID *classes, size_t count);
HRESULT bus_filter_disable_instances(
    struct bus_filter *filter, const GUID *instances, size_t count);
bool bus_filter_lets_through(
    const struct bus_filter *filter, const GUID *class_id, const GUID *instance_id);
void bus_filter_free(struct bus_filter *filter);

#endif
