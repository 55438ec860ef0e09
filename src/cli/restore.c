/* SPDX-License-Identifier: MIT
 *
 * `thawline restore`: the steps of a restore. Whatever happens after PreRestore, the services that
 * were stopped are started and the writers get PostRestore.
 */
#include "cli/restore.h"

#include <stdarg.h>
#include <stdlib.h>

#include "cli/cancel.h"
#include "cli/console.h"
#include "cli/destination.h"
#include "cli/path.h"
#include "cli/progress.h"
#include "cli/restore_choose.h"
#include "cli/restore_files.h"
#include "cli/restore_partial.h"
#include "cli/restore_plan.h"
#include "cli/restore_ranges.h"
#include "cli/restore_read.h"
#include "cli/restore_service.h"
#include "cli/restore_session.h"
#include "cli/restore_summary.h"
#include "cli/verb.h"
#include "cli/writers.h"

void restore_refuse(struct restore_component *component, const WCHAR *format, ...)
{
    va_list list;

    if (component->refusal)
        return;
    va_start(list, format);
    component->refusal = text_format_list(format, list);
    va_end(list);
    for (size_t i = 0; i < component->set_count; i++)
    {
        free(component->sets[i].to);
        component->sets[i].to = NULL;
    }
}

bool restore_goes(const struct restore_component *component)
{
    return component->chosen && !component->refusal;
}

bool restore_leaves_target(const struct restore *restore, const struct restore_component *component)
{
    return restore->destination && component->told &&
        (component->target == VSS_RT_ALTERNATE || component->target == VSS_RT_DIRECTED);
}

static void restore_free_component(struct restore_component *component)
{
    for (size_t i = 0; i < component->member_count; i++)
    {
        free(component->members[i].logical_path);
        free(component->members[i].name);
        free(component->members[i].full_path);
    }
    free(component->members);
    for (size_t i = 0; i < component->set_count; i++)
    {
        struct restore_set *set = &component->sets[i];

        free(set->path);
        free(set->filespec);
        free(set->from);
        free(set->original);
        free(set->mapping);
        free(set->to);
    }
    free(component->sets);
    restore_ranges_free(component);
    free(component->writer_name);
    free(component->logical_path);
    free(component->name);
    free(component->full_path);
    free(component->service);
    free(component->refusal);
}

void restore_free(struct restore *restore)
{
    for (size_t i = 0; i < restore->component_count; i++)
        restore_free_component(&restore->components[i]);
    free(restore->components);
    text_list_free(&restore->wanted);
    text_list_free(&restore->sources);
    history_free(&restore->history);
    text_list_free(&restore->stopped);
    restore_partial_end(restore);
    writers_free(&restore->writers);
    backup_free_troubles(&restore->troubles);
    free(restore->document);
    free(restore->source);
    free(restore->destination);
}

/* ---- What was asked for ---- */

static bool restore_is_incomplete(const struct restore *restore)
{
    WCHAR *mark = path_join(restore->source, DESTINATION_MARK);
    bool marked = path_attributes(mark) != INVALID_FILE_ATTRIBUTES;

    free(mark);
    return marked;
}

/* NULL: good; else what is wrong, in words. Changes nothing on any disk. */
static WCHAR *restore_check(
    struct restore *restore, const struct text_list *paths, const WCHAR *destination)
{
    DWORD attributes, error;

    if (paths->count != 2)
        return text_copy(L"name the document and the folder of the copy");
    restore->document = path_absolute(paths->items[0]);
    restore->source = path_absolute(paths->items[1]);
    attributes = restore->document ? path_attributes(restore->document) : INVALID_FILE_ATTRIBUTES;
    if (attributes == INVALID_FILE_ATTRIBUTES || (attributes & FILE_ATTRIBUTE_DIRECTORY))
        return text_format(L"there is no document %ls", paths->items[0]);
    attributes = restore->source ? path_attributes(restore->source) : INVALID_FILE_ATTRIBUTES;
    if (attributes == INVALID_FILE_ATTRIBUTES || !(attributes & FILE_ATTRIBUTE_DIRECTORY))
        return text_format(L"there is no folder %ls", paths->items[1]);
    if (destination)
    {
        restore->destination = path_absolute(destination);
        if (!restore->destination)
            return text_format(L"%ls is no folder on a drive", destination);
        if (path_reaches(restore->destination, restore->source))
            return text_format(L"%ls lies inside the copy", destination);
    }
    if (!restore->incomplete && restore_is_incomplete(restore))
        return text_format(
            L"%ls holds an incomplete copy; --incomplete restores what is there", restore->source);
    error = history_read(&restore->history, restore->source);
    if (error && error != ERROR_FILE_NOT_FOUND)
        return text_format(L"the history of the copy in %ls cannot be read", restore->source);
    /* What is whole and what is parts is known at the end of a backup. */
    if (restore->incomplete && restore_is_incomplete(restore) &&
        (restore->history.type == VSS_BT_INCREMENTAL ||
            restore->history.type == VSS_BT_DIFFERENTIAL))
        return text_format(L"%ls holds an incomplete copy of type %ls, which cannot be restored",
            restore->source, history_type_word(restore->history.type));
    return restore_read_sources(restore);
}

/* ---- The steps ---- */

/* Between PreRestore and PostRestore. */
static HRESULT restore_write(struct restore *restore)
{
    HRESULT hr;

    restore_plan(restore);
    restore_service_stop(restore);
    hr = restore_files(restore);
    restore_service_start(restore);
    return hr;
}

static HRESULT restore_with_writers(struct restore *restore, IVssBackupComponents *session)
{
    HRESULT hr = restore_session_select(restore, session);
    HRESULT ended;

    if (SUCCEEDED(hr))
        hr = cancel_requested() ? CANCELLED : restore_session_begin(restore, session);
    if (SUCCEEDED(hr) && cancel_requested())
        hr = CANCELLED;
    if (FAILED(hr))
    {
        restore_session_leave(session);
        return hr;
    }
    hr = restore_write(restore);
    ended = restore_session_end(restore, session);
    if (FAILED(hr) || FAILED(ended))
        return FAILED(hr) ? hr : ended;
    restore_service_renew(restore);
    return S_OK;
}

static enum exit_code restore_run_steps(const struct verb *verb, struct restore *restore)
{
    IVssBackupComponents *session = NULL;
    WCHAR *wrong = NULL;
    HRESULT hr = restore_session_open(restore, &session);

    if (SUCCEEDED(hr))
        hr = restore_read_components(restore, session);
    if (SUCCEEDED(hr))
        wrong = restore_choose(restore);
    if (SUCCEEDED(hr) && !wrong)
        hr = restore_with_writers(restore, session);
    if (session)
        IVssBackupComponents_Release(session);
    if (wrong)
    {
        int code = verb_wrong_use(verb, L"%ls", wrong);

        free(wrong);
        return code;
    }
    if (hr == CANCELLED)
        return EXIT_CODE_CANCELLED;
    return FAILED(hr) ? EXIT_CODE_FAILED : restore_summary_exit_code(restore);
}

static int restore_run(const struct verb *verb, struct restore *restore)
{
    ULONGLONG begun = GetTickCount64();
    enum exit_code code;

    progress_open(restore->quiet);
    code = restore_run_steps(verb, restore);
    progress_close();
    restore->seconds = (double)(GetTickCount64() - begun) / 1000;
    if (code != EXIT_CODE_WRONG_USE)
        restore_summary_print(restore, code);
    if (code == EXIT_CODE_CANCELLED)
        console_error(L"restore: cancelled; run it again to restore the rest");
    return code;
}

static int restore_verb(const struct verb *verb, int count, WCHAR **words)
{
    struct restore restore = {0};
    struct text_list paths = {0};
    const WCHAR *destination = NULL;
    const struct verb_option options[] = {
        {L"--component", L"PATH\\NAME",
            L"only this component, or those below this path; may come again", NULL, NULL,
            &restore.wanted},
        {L"--to", L"FOLDER", L"into FOLDER\\<drive letter>\\<path>, not where the files were", NULL,
            &destination, NULL},
        {L"--more", NULL, L"another restore of the same components follows: writers are told",
            &restore.more, NULL, NULL},
        {L"--roll-forward", L"POINT",
            L"how far writers apply their logs: none, all or a point of theirs", NULL,
            &restore.roll_forward, NULL},
        {L"--authoritative", NULL, L"what is restored wins over replicas, where writers support it",
            &restore.authoritative, NULL, NULL},
        {L"--restore-name", L"NAME", L"give the one component this name, if its writer supports it",
            NULL, &restore.restore_name, NULL},
        {L"--restore-options", L"TEXT", L"for the writers, in their own words", NULL,
            &restore.options, NULL},
        {L"--incomplete", NULL, L"restore a copy that is marked as incomplete", &restore.incomplete,
            NULL, NULL},
        {L"--json", NULL, L"one JSON object on standard output", &restore.json, NULL, NULL},
        {L"--quiet", NULL, L"no progress, and no summary when all went well", &restore.quiet, NULL,
            NULL},
        {NULL, NULL, NULL, NULL, NULL, NULL}};
    enum verb_outcome outcome = verb_parse(verb, options, count, words, &paths);
    WCHAR *wrong = NULL;
    int code = EXIT_CODE_DONE;

    if (outcome == VERB_GO)
        wrong = restore_check(&restore, &paths, destination);
    if (outcome == VERB_WRONG)
        code = EXIT_CODE_WRONG_USE;
    else if (wrong)
        code = verb_wrong_use(verb, L"%ls", wrong);
    else if (outcome == VERB_GO)
        code = restore_run(verb, &restore);
    free(wrong);
    text_list_free(&paths);
    restore_free(&restore);
    return code;
}

static const WCHAR *const restore_help[] = {
    L"Puts back what `thawline backup` copied: DOCUMENT is the backup-components.xml that it",
    L"wrote, SOURCE the folder of the copy; the writers' documents lie beside DOCUMENT.", L"",
    L"Writers whose components are restored are asked before and told afterwards, if they run.",
    L"What a writer does not allow is not restored; neither is a component whose restore method",
    L"this program cannot follow. The summary says which and why, and the exit code is 3.", L"",
    L"Each file takes its place in one step, with its write and access times and attributes. A",
    L"restore that was interrupted can be run again. Links are not followed.", L"",
    L"After a full backup its incremental ones are restored in their order, or the last",
    L"differential one, all but the last with --more. Of a file that was backed up in parts only",
    L"those are written.", L"",
    L"A component whose writer does not support --authoritative or --restore-name is not restored.",
    L"",
    L"With --to writers take part only if they said that they support new targets; restore",
    L"methods, the targets that writers set, and what is for other writers are left aside.", NULL};

const struct verb verb_restore = {L"restore", L"DOCUMENT SOURCE [options]",
    L"put back what `thawline backup` copied", restore_help, restore_verb};
