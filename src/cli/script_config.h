/* SPDX-License-Identifier: MIT
 *
 * What a scripted writer is to do, read from a file in the format of Microsoft's VSS Test Writer:
 * the elements and attributes of its documentation. An element or attribute that is not known, a
 * missing one and a value that is none of the possible are mistakes. Any thread.
 */
#ifndef THAWLINE_CLI_SCRIPT_CONFIG_H
#define THAWLINE_CLI_SCRIPT_CONFIG_H

#include <stdbool.h>
#include <windows.h>
#include <vss.h>
#include <vswriter.h>

/* The events that can be made to fail. */
enum script_event
{
    SCRIPT_IDENTIFY,
    SCRIPT_PREPARE_BACKUP,
    SCRIPT_PREPARE_SNAPSHOT,
    SCRIPT_FREEZE,
    SCRIPT_THAW,
    SCRIPT_POST_SNAPSHOT,
    SCRIPT_ABORT,
    SCRIPT_BACKUP_COMPLETE,
    SCRIPT_BACKUP_SHUTDOWN,
    SCRIPT_PRE_RESTORE,
    SCRIPT_POST_RESTORE,
    SCRIPT_EVENTS
};

enum script_verbosity
{
    SCRIPT_LOW,
    SCRIPT_MEDIUM,
    SCRIPT_HIGH
};

/* ComponentFile, ExcludeFile, AlternateLocationMapping. */
struct script_files
{
    WCHAR *path;
    WCHAR *filespec;
    WCHAR *alternate; /* NULL: none */
    int recursive;
    int needs[8]; /* full, differential, incremental, log: backup required; the same: snapshot */
};

struct script_partial
{
    WCHAR *path;
    WCHAR *filespec;
    WCHAR *ranges;
};

struct script_differenced
{
    WCHAR *path;
    WCHAR *filespec;
    int recursive;
    int year, month, day, hour, minute, second; /* local time */
};

struct script_dependency
{
    GUID writer;
    WCHAR *logical_path;
    WCHAR *name;
};

/* An array of structs of one kind. */
struct script_list
{
    void *items;
    size_t count;
};

struct script_component
{
    int type; /* VSS_COMPONENT_TYPE */
    WCHAR *logical_path;
    WCHAR *name;
    WCHAR *caption;
    int selectable;
    int selectable_for_restore;
    struct script_list files;       /* struct script_files */
    struct script_list partial;     /* struct script_partial */
    struct script_list differenced; /* struct script_differenced */
    struct script_list dependencies; /* struct script_dependency */
};

struct script_failure
{
    int event; /* enum script_event */
    int retryable;
    int times; /* 0: always */
};

struct script_config
{
    int usage;     /* VSS_USAGE_TYPE */
    int verbosity; /* enum script_verbosity */
    int deletes_files;
    int deletes_partial;
    int deletes_differenced;
    int checks_includes;
    int checks_excludes;
    int supports_copy;
    int supports_differential;
    int supports_incremental;
    int supports_log;
    int supports_new_target;
    int restore_method; /* VSS_RESTOREMETHOD_ENUM; VSS_RME_UNDEFINED: none is set */
    int writer_restore; /* VSS_WRITERRESTORE_ENUM */
    int reboot_required;
    WCHAR *service;
    WCHAR *user_procedure;
    struct script_list mappings;   /* struct script_files */
    struct script_list excluded;   /* struct script_files */
    struct script_list components; /* struct script_component */
    struct script_list failures;   /* struct script_failure */
};

/* NULL: the file can't be read or holds a mistake, and a line has said which, and where. */
struct script_config *script_config_read(const WCHAR *file);
void script_config_free(struct script_config *config); /* accepts NULL */

#endif
