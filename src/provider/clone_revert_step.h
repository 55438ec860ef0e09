/* SPDX-License-Identifier: MIT
 *
 * What a revert does, step by step, and the file in which that stands while it is done. Inside this
 * room only; one thread at a time.
 *
 * A revert writes into no file of the volume and deletes none: files are moved aside, into `old` of
 * the work folder, and others moved in from `new`, where they were made ready. So each step is done
 * or not, and a file shows whether it is still the one that was to go: one that somebody has
 * written to since is another, and stays. Steps can be gone through any number of times.
 */
#ifndef THAWLINE_PROVIDER_CLONE_REVERT_STEP_H
#define THAWLINE_PROVIDER_CLONE_REVERT_STEP_H

#include "base/vec.h"
#include "provider/clone_manifest.h"
#include "provider/clone_tree.h"

enum clone_revert_action
{
    CLONE_REVERT_MOVE_AWAY, /* a file, which the copy lacks */
    CLONE_REVERT_REMOVE_FOLDER,
    CLONE_REVERT_MAKE_FOLDER,
    CLONE_REVERT_PUT,      /* a file, where there is none */
    CLONE_REVERT_REPLACE,  /* a file: that is there goes, the copy's comes */
    CLONE_REVERT_SET_FILE, /* times and attributes */
    CLONE_REVERT_SET_FOLDER,
    CLONE_REVERT_ACTIONS
};

/* By what a file or folder of the volume is known. */
struct clone_mark
{
    uint64_t id;
    uint64_t size;
    int64_t written;
    int64_t changed;
};

/* In memory as in the file, which 32-bit and 64-bit processes share. */
struct clone_revert_step
{
    struct clone_mark mark;  /* what is there before the step; zeroed for what is not there */
    struct clone_mark ready; /* what was made ready to come, of which `changed` says nothing */
    /* what it is given */
    int64_t created;
    int64_t accessed;
    int64_t written;
    uint32_t attributes;
    uint32_t action;
    uint32_t shared; /* it had other names: its change time moves with theirs */
    uint32_t units;  /* of `path` */
    WCHAR path[];    /* ends with NUL */
};

struct clone_revert_steps
{
    bool force;        /* files that others have open are moved too */
    bool over;         /* they were gone through: only what went is still to be deleted */
    uint32_t hindered; /* files that are not what they were to be, once it is over */
    uint64_t root;     /* the ids of two folders, by which a file system that names things anew */
    uint64_t work;     /* shows: the volume's root and the work folder */
    struct vec list;   /* struct clone_revert_step, in the order in which they are done */
};

/* A step at the end, with what is to be set, of which `given` may be NULL; borrowed. NULL when
   memory is exhausted. */
struct clone_revert_step *clone_revert_steps_add(struct clone_revert_steps *steps,
    enum clone_revert_action action, const WCHAR *path, const struct clone_entry *given);
void clone_revert_steps_free(struct clone_revert_steps *steps);

/* `path`: of the file. Either all of it is on the disk or none. */
HRESULT clone_revert_steps_save(const struct clone_revert_steps *steps, const WCHAR *path);
/* HRESULT_FROM_WIN32(ERROR_INVALID_DATA): it is not what was saved. */
HRESULT clone_revert_steps_load(const WCHAR *path, struct clone_revert_steps *steps);

/* Writes a text for a person: which number of the work folder's files was or is to be which file of
   the volume. */
HRESULT clone_revert_steps_list(const struct clone_revert_steps *steps, const WCHAR *path);

/* What an open file or folder is known by; *shared: a file that has other names. */
HRESULT clone_mark_read(HANDLE file, struct clone_mark *mark, bool *shared);
/* Whether it is still what the step found. */
bool clone_mark_is_of(const struct clone_mark *mark, const struct clone_revert_step *step);

#endif
