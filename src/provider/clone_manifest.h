/* SPDX-License-Identifier: MIT
 *
 * What a scan found: every file and folder of the copy with what tells that it changed. Inside this
 * room only; belongs to the work of one snapshot.
 */
#ifndef THAWLINE_PROVIDER_CLONE_MANIFEST_H
#define THAWLINE_PROVIDER_CLONE_MANIFEST_H

#include "base/map.h"
#include "base/vec.h"

/* How the copy of one entry stands. */
enum clone_state
{
    CLONE_NOT_COPIED,
    CLONE_COPIED,
    CLONE_UNREADABLE, /* the source could not be read: the copy lacks it */
    CLONE_VANISHED,   /* it was gone when it was to be copied */
    CLONE_LINK        /* it turned out to be a link of the host: left out */
};

struct clone_entry
{
    /* as the scan saw it */
    DWORD attributes;
    uint64_t size;
    uint64_t id; /* what the file system calls the file, whatever its name */
    LONGLONG created;
    LONGLONG accessed;
    LONGLONG written;
    LONGLONG changed; /* moves with content and properties, and no program can set it back */
    bool named;       /* by a frozen writer: always compared byte for byte */
    bool unlisted;    /* a folder whose content could not be read */
    /* as the copy stands */
    enum clone_state state;
    bool hot;     /* changed while the copy was prepared, or could not be flushed: compared byte for
                     byte */
    bool touched; /* a folder in whose copy something was made, moved or deleted: its times are due
                     again */
    LONGLONG copied_at; /* when reading of its content began */
    uint64_t content;   /* the digest of what was read */
    /* while two manifests are compared */
    bool seen;
    struct clone_entry *before; /* the same file in the older manifest; borrowed */
    WCHAR path[];               /* below the root of the volume, without leading backslash */
};

struct clone_manifest
{
    struct vec entries; /* struct clone_entry; folders before what is in them */
    struct map index;   /* (path, NULL) -> struct clone_entry */
    uint64_t bytes;     /* of all files */
    size_t files;
    size_t named_files;
    size_t links;          /* left out */
    size_t unread_folders; /* entries with `unlisted` */
};

static inline bool clone_entry_is_folder(const struct clone_entry *entry)
{
    return (entry->attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

/* An entry below `folder` ("" for the root), zeroed but for its path; mem_free it. NULL when memory
   is exhausted. */
struct clone_entry *clone_manifest_new_entry(
    const WCHAR *folder, const WCHAR *name, size_t name_length);
/* Adds it and counts it; owns it on success only. */
HRESULT clone_manifest_add(struct clone_manifest *manifest, struct clone_entry *entry);
struct clone_entry *clone_manifest_find(const struct clone_manifest *manifest, const WCHAR *path);
void clone_manifest_free(struct clone_manifest *manifest);

/* Of the names, sizes and times of all that a copy holds and of each file's content, in whatever
   order: 16 hexadecimal digits. NULL when memory is exhausted; mem_free it. */
WCHAR *clone_manifest_digest(const struct clone_manifest *manifest);

/* After a folder was moved: what lay below `from` lies below `to`. */
HRESULT clone_manifest_move(struct clone_manifest *manifest, const WCHAR *from, const WCHAR *to);

/* Whether nothing tells of a change of content between the two. */
bool clone_entry_same_content(const struct clone_entry *a, const struct clone_entry *b);
/* Whether a change right after the copy began would show: the times of the file lie further back
   than the file system and the clock are coarse. */
bool clone_entry_is_settled(const struct clone_entry *copied);

#endif
