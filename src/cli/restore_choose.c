/* SPDX-License-Identifier: MIT
 *
 * Which components are restored. Follows requestor 6.3: what was backed up explicitly may be
 * chosen, and of what went with it only what its writer lets be restored without the rest.
 */
#include "cli/restore_choose.h"

#include <stdlib.h>
#include <wchar.h>

#include "cli/path.h"

/* One wish: a component, a logical path above components, or a member of a component. Returns how
   many were found, and in *barred one that was found and cannot be restored alone. */
static size_t restore_choose_in(
    struct restore_component *component, const WCHAR *wish, const struct restore_member **barred)
{
    size_t found = 0;

    if (path_is_inside(component->full_path, wish))
    {
        component->chosen = true;
        component->parts = false;
        return 1;
    }
    if (!path_is_inside(wish, component->full_path))
        return 0;
    for (size_t i = 1; i < component->member_count; i++)
    {
        struct restore_member *member = &component->members[i];

        if (!path_is_inside(member->full_path, wish))
            continue;
        if (!member->selectable)
        {
            if (text_same(member->full_path, wish))
                *barred = member;
            continue;
        }
        component->parts = component->parts || !component->chosen;
        component->chosen = true;
        member->chosen = true;
        found++;
    }
    return found;
}

static WCHAR *restore_choose_wish(struct restore *restore, const WCHAR *wish)
{
    const struct restore_member *barred = NULL;
    size_t found = 0;

    for (size_t i = 0; i < restore->component_count; i++)
        found += restore_choose_in(&restore->components[i], wish, &barred);
    if (found)
        return NULL;
    if (barred)
        return text_format(
            L"component %ls cannot be restored without the one above it, says its writer", wish);
    return text_format(L"the backup has no component %ls", wish);
}

/* A member that is chosen brings what lies beneath it. */
static void restore_choose_beneath(struct restore_component *component)
{
    for (size_t i = 1; component->parts && i < component->member_count; i++)
    {
        for (size_t j = 1; j < component->member_count && !component->members[i].chosen; j++)
        {
            if (component->members[j].chosen && component->members[j].selectable &&
                path_is_inside(component->members[i].full_path, component->members[j].full_path))
                component->members[i].chosen = true;
        }
    }
    for (size_t i = 0; !component->parts && i < component->member_count; i++)
        component->members[i].chosen = component->chosen;
}

WCHAR *restore_choose(struct restore *restore)
{
    WCHAR *wrong = NULL;
    size_t chosen = 0;

    for (size_t i = 0; i < restore->wanted.count && !wrong; i++)
        wrong = restore_choose_wish(restore, restore->wanted.items[i]);
    for (size_t i = 0; i < restore->component_count; i++)
    {
        if (!restore->wanted.count)
            restore->components[i].chosen = true;
        restore_choose_beneath(&restore->components[i]);
        chosen += restore->components[i].chosen;
    }
    if (!wrong && restore->restore_name && chosen != 1)
        wrong = text_format(
            L"--restore-name is for one component, and %u are to be restored", (unsigned)chosen);
    return wrong;
}
