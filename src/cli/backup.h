/* SPDX-License-Identifier: MIT
 *
 * One run of `thawline backup`: what was asked for, what was found out, how it went. backup.c
 * fills it step by step, through the files named beside the parts; summary.c tells it.
 */
#ifndef THAWLINE_CLI_BACKUP_H
#define THAWLINE_CLI_BACKUP_H

#include <stdbool.h>

#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include "cli/file_set.h"
#include "cli/history.h"
#include "cli/text.h"

/* One SOURCE (destination.c). */
struct backup_source
{
    WCHAR *path;    /* absolute */
    size_t volume;  /* index of its volume */
    WCHAR *beneath; /* its path below the root of its volume, "" for the root itself */
    WCHAR *target;  /* where it is copied to */
};

/* A volume that a source lies on (session.c). */
struct backup_volume
{
    WCHAR *root; /* `X:\` or a mount folder with trailing backslash */
    WCHAR *name; /* `\\?\Volume{guid}\` */
    VSS_ID snapshot;
    WCHAR *device;      /* the shadow copy; NULL before it exists */
    WCHAR *consistency; /* a sentence of the DLL's; may be NULL */
    VSS_TIMESTAMP time;
};

/* A set of files of a component, and at which backups its writer wants it (VSS_FSBT_...). */
struct backup_set
{
    struct file_set files;
    DWORD mask;
};

/* Files of which the writer says when they changed; a time of 0: it does not know (changes.c). */
struct backup_differenced
{
    struct file_set files;
    FILETIME time;
};

/* A component that is backed up (components.c). */
struct backup_component
{
    VSS_ID instance;
    VSS_ID writer;
    WCHAR *writer_name;
    VSS_COMPONENT_TYPE type;
    WCHAR *logical_path; /* may be NULL */
    WCHAR *name;
    struct backup_set *sets; /* its files, those of its subcomponents included */
    size_t set_count;
    DWORD schema;       /* its writer's: VSS_BS_... */
    WCHAR *stamp;       /* that it got at the backup before; NULL: none */
    bool stamps_differ; /* two instances of its writer got one each */
    struct backup_differenced *differenced;
    size_t differenced_count;
    struct history partial; /* files of which ranges are copied; nothing but its parts */
    bool succeeded;
};

/* A writer, as its status says (writers.c). */
struct backup_writer
{
    VSS_ID instance;
    VSS_ID writer;
    WCHAR *name;
    VSS_WRITER_STATE state;
    HRESULT failure;
    HRESULT application;
    WCHAR *message; /* may be NULL */
};

struct writer_list
{
    struct backup_writer *items;
    size_t count;
};

/* ERROR_STOPPED_ON_SYMLINK, which mingw-w64 has not: a link stands where something shall go. */
#define TROUBLE_LINK 681

/* A file that could not be copied or differs, with the reason. */
struct backup_trouble
{
    WCHAR *path; /* as the source names it */
    DWORD error; /* 0: it differs */
};

struct backup_troubles
{
    struct backup_trouble *items;
    size_t count;
};

struct backup
{
    /* asked for */
    bool verify, json, quiet, no_writers, overwrite, whole_volume;
    bool components_off;
    const WCHAR *provider; /* NULL: the DLL's choice */
    WCHAR *since;          /* folder of the backup before; NULL: none */
    WCHAR *destination;
    struct backup_source *sources;
    size_t source_count;

    /* found out */
    struct backup_volume *volumes;
    size_t volume_count;
    struct backup_component *components;
    size_t component_count;
    bool component_mode;
    WCHAR *mode_reason; /* why this mode */
    VSS_ID set_id;
    bool marked;            /* destination_begin made DEST's mark */
    bool noted;             /* DEST's history is this backup's */
    ULONGLONG since_time;   /* when the backup before began */
    struct history history; /* of this one; its parts come with the copying */

    /* how it went */
    struct writer_list writers;
    ULONGLONG files, folders, bytes, links;
    ULONGLONG unchanged;              /* files that the backup before has */
    struct backup_troubles unread;    /* not copied */
    struct backup_troubles different; /* found by --verify */
    bool verified;
    ULONGLONG freeze_window; /* microseconds; 0: nothing was frozen */
    UINT writers_frozen, writers_failed;
    double seconds;
};

void backup_add_trouble(struct backup_troubles *troubles, const WCHAR *path, DWORD error);
void backup_free_troubles(struct backup_troubles *troubles);
void backup_free(struct backup *backup);

#endif
