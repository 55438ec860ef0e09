/* SPDX-License-Identifier: MIT
 *
 * Copying one file or the properties of one folder. Inside this room only; a copier is used by one
 * thread at a time.
 */
#ifndef THAWLINE_PROVIDER_CLONE_COPY_H
#define THAWLINE_PROVIDER_CLONE_COPY_H

#include "provider/clone_file.h"
#include "provider/clone_manifest.h"

struct clone_copier
{
    /* set once */
    BYTE *source_chunk;
    BYTE *copy_chunk;
    HANDLE cancelled;                                                           /* may be NULL */
    void (*progress)(void *context, uint64_t done_bytes, uint64_t total_bytes); /* may be NULL */
    void *progress_context;
    /* as the work goes on */
    uint64_t done_bytes;
    uint64_t total_bytes;
    uint64_t written_bytes; /* to the store, by whatever operation */
    struct clone_link_check links;
};

HRESULT clone_copier_init(struct clone_copier *copier);
void clone_copier_free(struct clone_copier *copier);

/* HRESULT_FROM_WIN32(ERROR_CANCELLED) when the operation is to stop. */
HRESULT clone_copier_check(const struct clone_copier *copier);

/* So many bytes more are done. */
void clone_copier_tell(struct clone_copier *copier, uint64_t bytes);

enum clone_copy_how
{
    CLONE_COPY_AFRESH, /* there is no copy yet */
    CLONE_COPY_CHANGES /* the copy is compared with the source byte for byte, and only what differs
                          is written */
};

/* Makes `copy` have the content, times and attributes of `source`, and notes in `entry` how that
   went (state, copied_at, content). S_OK also when the source could not be read, which is logged:
   there is no copy then. Failures are those of the store, memory or cancellation; a copy begun
   afresh is gone then. */
HRESULT clone_copy_file(struct clone_copier *copier, const WCHAR *source, const WCHAR *copy,
    enum clone_copy_how how, struct clone_entry *entry);

/* Two open files of equal standing, and their paths for hooks. */
struct clone_pair
{
    HANDLE source;
    const WCHAR *source_path;
    HANDLE target;
    const WCHAR *target_path;
};

/* Whether both hold the same bytes; *content is their digest then. */
HRESULT clone_same_bytes(
    struct clone_copier *copier, const struct clone_pair *pair, bool *same, uint64_t *content);
/* Makes the target hold what the source holds, whose digest is *content. Fails when the source
   can't be read. */
HRESULT clone_copy_bytes(
    struct clone_copier *copier, const struct clone_pair *pair, uint64_t *content);
/* Gives an open file or folder the times and attributes of the entry. */
HRESULT clone_set_properties(HANDLE file, const WCHAR *path, const struct clone_entry *entry);
/* Whether the attributes that clone_set_properties sets are the same. */
bool clone_same_attributes(DWORD a, DWORD b);

/* Gives the copied folder the times and attributes of the original. */
HRESULT clone_copy_folder_properties(const WCHAR *copy, const struct clone_entry *entry);

/* Writes what the system still holds back of the file, so that later stores through mapped views
   show in its times. False when that can't be told. */
bool clone_flush_source(const WCHAR *source);

#endif
