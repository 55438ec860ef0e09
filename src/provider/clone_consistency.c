/* SPDX-License-Identifier: MIT
 *
 * Putting into words what a copy is worth. See clone_consistency.h; the promise is that of design
 * 7: consistent for the files of frozen writers, and honest about the rest.
 */
#include "provider/clone_consistency.h"

#include "base/mem.h"
#include "base/str16.h"

struct counts
{
    size_t named;      /* copied */
    size_t others;     /* copied */
    size_t unreadable; /* files and folders */
    size_t links;
};

static struct counts count_all(const struct clone_manifest *manifest)
{
    struct counts counts = {.unreadable = manifest->unread_folders, .links = manifest->links};
    for (size_t i = 0; i < manifest->entries.count; i++)
    {
        const struct clone_entry *entry = manifest->entries.items[i];
        if (clone_entry_is_folder(entry))
            continue;
        counts.named += entry->state == CLONE_COPIED && entry->named;
        counts.others += entry->state == CLONE_COPIED && !entry->named;
        counts.unreadable += entry->state == CLONE_UNREADABLE;
        counts.links += entry->state == CLONE_LINK;
    }
    return counts;
}

/* 10,004 */
static void add_number(struct str16_builder *text, size_t value)
{
    if (value >= 1000)
    {
        add_number(text, value / 1000);
        str16_builder_add_char(text, L',');
        str16_builder_add_char(text, (WCHAR)(L'0' + value / 100 % 10));
        str16_builder_add_char(text, (WCHAR)(L'0' + value / 10 % 10));
        str16_builder_add_char(text, (WCHAR)(L'0' + value % 10));
        return;
    }
    str16_builder_add_unsigned(text, value);
}

static void add_counted(struct str16_builder *text, size_t value, const char *one, const char *many)
{
    add_number(text, value);
    str16_builder_add_ascii(text, value == 1 ? one : many);
}

static void add_promise(
    struct str16_builder *text, const struct counts *counts, const struct clone_moved *moved)
{
    if (!counts->named)
    {
        str16_builder_add_ascii(text, "No frozen writer named files of this volume; ");
        return;
    }
    str16_builder_add_ascii(text, moved->named ? "Not consistent: of the " : "Consistent for the ");
    add_counted(text, counts->named, " file", " files");
    str16_builder_add_ascii(text, " named by frozen writers");
    if (moved->named)
    {
        str16_builder_add_ascii(text, " ");
        add_number(text, moved->named);
        str16_builder_add_ascii(text, " changed all the same");
    }
    str16_builder_add_ascii(text, "; ");
}

static void add_others(
    struct str16_builder *text, const struct counts *counts, const struct clone_moved *moved)
{
    if (!counts->others && !moved->others)
    {
        str16_builder_add_ascii(
            text, counts->named ? "there are no other files." : "the copy holds no files.");
        return;
    }
    if (moved->others)
        add_number(text, moved->others);
    else
        str16_builder_add_ascii(text, "none");
    str16_builder_add_ascii(text, " of ");
    add_number(text, counts->others);
    str16_builder_add_ascii(text, counts->named ? " other" : "");
    str16_builder_add_ascii(text, counts->others == 1 ? " file" : " files");
    str16_builder_add_ascii(text, " changed while the copy was made.");
}

WCHAR *clone_consistency_text(
    const struct clone_manifest *manifest, const struct clone_moved *moved, bool limited)
{
    struct str16_builder text = {0};
    struct counts counts = count_all(manifest);
    add_promise(&text, &counts, moved);
    add_others(&text, &counts, moved);
    if (counts.unreadable)
    {
        str16_builder_add_char(&text, L' ');
        add_counted(&text, counts.unreadable, " file or folder", " files or folders");
        str16_builder_add_ascii(&text, " could not be read: the copy lacks them.");
    }
    if (counts.links)
    {
        str16_builder_add_char(&text, L' ');
        add_counted(&text, counts.links, " link was", " links were");
        str16_builder_add_ascii(&text, " left out.");
    }
    if (limited)
        str16_builder_add_ascii(&text, " Only part of the volume was copied.");
    return str16_builder_take(&text);
}
