/* SPDX-License-Identifier: MIT
 *
 * One run of `thawline restore`: what was asked for, what the documents say, how it went. restore.c
 * fills it step by step, through the files named beside the parts; restore_summary.c tells it.
 */
#ifndef THAWLINE_CLI_RESTORE_H
#define THAWLINE_CLI_RESTORE_H

#include "cli/backup.h"

/* A set of files of a component (restore_read.c). */
struct restore_set
{
    size_t member; /* index of the member whose set it is */
    WCHAR *path;   /* as the writer wrote it */
    WCHAR *filespec;
    boolean recursive;
    WCHAR *from;     /* the folder in which the files lay at the backup */
    WCHAR *original; /* the folder to which they belong */
    WCHAR *mapping;  /* the writer's alternate location, as it wrote it; NULL: none */
    WCHAR *to;       /* where they go (restore_plan.c); NULL: nowhere */
    bool mapped;     /* that is the alternate location */
};

/* A component of the metadata that belongs to a component that was backed up: itself or one
   beneath it. */
struct restore_member
{
    WCHAR *logical_path; /* may be NULL */
    WCHAR *name;
    WCHAR *full_path;
    bool selectable; /* for restore, without the others */
    bool chosen;
};

/* Ranges of a file that the writer wants elsewhere (restore_ranges.c). */
struct restore_directed
{
    WCHAR *from; /* where the file lay at the backup */
    struct ranges source;
    WCHAR *to; /* the file that gets them */
    struct ranges target;
};

/* A component that was backed up explicitly. */
struct restore_component
{
    VSS_ID instance; /* that was backed up */
    VSS_ID writer;
    WCHAR *writer_name;
    VSS_COMPONENT_TYPE type;
    WCHAR *logical_path; /* may be NULL */
    WCHAR *name;
    WCHAR *full_path;
    struct restore_member *members; /* the first is the component itself */
    size_t member_count;
    struct restore_set *sets;
    size_t set_count;
    /* how the writer wants it */
    bool has_method;
    VSS_RESTOREMETHOD_ENUM method;
    VSS_WRITERRESTORE_ENUM involvement;
    WCHAR *service; /* NULL: none */
    DWORD schema;
    /* how it goes */
    bool chosen;
    bool parts; /* of it only the chosen members */
    bool told;  /* its writer runs and takes part */
    VSS_RESTORE_TARGET target;
    struct restore_directed *directed; /* with target VSS_RT_DIRECTED */
    size_t directed_count;
    bool surveyed;          /* its method asks what stands in the way (restore_plan.c): */
    bool there, in_use;     /* some file of it exists; some cannot be replaced */
    bool at_reboot;         /* every file is replaced at the next start of the system */
    bool blocked_at_reboot; /* those that cannot be replaced now are */
    WCHAR *refusal;         /* why it is not restored; NULL: it is */
    ULONGLONG expected;     /* files that the copy has of it, as far as they were counted */
    ULONGLONG files, failed;
    bool cut_short; /* the restore ended before its last file */
};

struct restore
{
    /* asked for */
    bool json, quiet, incomplete;
    bool more; /* another restore of the same components follows */
    const WCHAR
        *roll_forward;  /* "none", "all" or a point of the writer's; NULL: nothing was said */
    bool authoritative; /* restore over what replicas have */
    const WCHAR *restore_name; /* the component gets this name; NULL: its own */
    const WCHAR *options;      /* in the writers' own words; NULL: none */
    struct text_list wanted;   /* components; none: everything */
    WCHAR *document;
    WCHAR *source;      /* the folder of the copy */
    WCHAR *destination; /* NULL: where the files were */

    /* found out */
    struct text_list sources; /* what the copy holds, as absolute paths */
    struct history history;
    struct restore_component *components;
    size_t component_count;
    struct text_list stopped;      /* services to be started again */
    struct text_list ranges_files; /* that were made for writers (restore_partial.c) */

    /* how it went */
    struct writer_list writers;
    ULONGLONG files, folders, bytes, at_reboot;
    struct backup_troubles troubles; /* files that were not restored */
    double seconds;
};

/* The identity of a component, as methods take it. */
#define RESTORE_NAMED(component)                                                                   \
    (component)->writer, (component)->type, (component)->logical_path, (component)->name

/* Whether its writer asked for another place than where the files were, and --to is stronger. */
bool restore_leaves_target(
    const struct restore *restore, const struct restore_component *component);
/* Says why the component is not restored, unless that was said before. */
void restore_refuse(struct restore_component *component, const WCHAR *format, ...);
/* Whether its files are to be restored. */
bool restore_goes(const struct restore_component *component);
void restore_free(struct restore *restore);

#endif
