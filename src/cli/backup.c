/* SPDX-License-Identifier: MIT
 *
 * `thawline backup`: the steps of a backup as a table, run in order; whatever happens, the
 * session is closed and the shadow copies go; a destination that nothing was copied to goes as
 * well.
 */
#include "cli/backup.h"

#include <stdlib.h>

#include "cli/cancel.h"
#include "cli/changes.h"
#include "cli/console.h"
#include "cli/copy_tree.h"
#include "cli/destination.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/summary.h"
#include "cli/verb.h"
#include "cli/verify.h"
#include "cli/writers.h"

void backup_add_trouble(struct backup_troubles *troubles, const WCHAR *path, DWORD error)
{
    troubles->items = text_grow(troubles->items, (troubles->count + 1) * sizeof(*troubles->items));
    troubles->items[troubles->count].path = text_copy(path);
    troubles->items[troubles->count++].error = error;
}

void backup_free_troubles(struct backup_troubles *troubles)
{
    for (size_t i = 0; i < troubles->count; i++)
        free(troubles->items[i].path);
    free(troubles->items);
}

static void backup_free_found(struct backup *backup)
{
    for (size_t i = 0; i < backup->volume_count; i++)
    {
        free(backup->volumes[i].root);
        free(backup->volumes[i].name);
        free(backup->volumes[i].device);
        free(backup->volumes[i].consistency);
    }
    free(backup->volumes);
    for (size_t i = 0; i < backup->component_count; i++)
    {
        free(backup->components[i].writer_name);
        free(backup->components[i].logical_path);
        free(backup->components[i].name);
        changes_free(&backup->components[i]);
    }
    free(backup->components);
    writers_free(&backup->writers);
    free(backup->mode_reason);
}

void backup_free(struct backup *backup)
{
    for (size_t i = 0; i < backup->source_count; i++)
    {
        free(backup->sources[i].path);
        free(backup->sources[i].beneath);
        free(backup->sources[i].target);
    }
    free(backup->sources);
    free(backup->destination);
    free(backup->since);
    history_free(&backup->history);
    backup_free_found(backup);
    backup_free_troubles(&backup->unread);
    backup_free_troubles(&backup->different);
}

static HRESULT backup_step_open(struct session *session, struct backup *backup)
{
    return session_open(session, backup);
}

static HRESULT backup_step_mark(struct session *session, struct backup *backup)
{
    (void)session;
    return destination_begin(backup);
}

static HRESULT backup_step_copy(struct session *session, struct backup *backup)
{
    HRESULT hr = destination_note_type(backup);

    (void)session;
    return SUCCEEDED(hr) ? copy_tree(backup) : hr;
}

static HRESULT backup_step_verify(struct session *session, struct backup *backup)
{
    (void)session;
    return backup->verify ? verify(backup) : S_OK;
}

static HRESULT backup_step_note(struct session *session, struct backup *backup)
{
    (void)session;
    return destination_note(backup);
}

/* A copy that turned out to differ keeps its mark. */
static HRESULT backup_step_unmark(struct session *session, struct backup *backup)
{
    (void)session;
    return backup->different.count ? S_OK : destination_finish(backup);
}

/* The order of calls is that of Microsoft's vshadow sample; SetBackupState comes after the
   metadata, because they decide about component mode. */
static HRESULT (*const backup_steps[])(struct session *session, struct backup *backup) = {
    backup_step_open,
    backup_step_mark,
    session_ask_writers,
    session_begin_set,
    session_prepare,
    session_make_set,
    backup_step_copy,
    backup_step_verify,
    session_complete,
    session_save,
    backup_step_note,
    backup_step_unmark,
};

static enum exit_code backup_run_steps(struct backup *backup)
{
    struct session session = {0};
    HRESULT hr = S_OK;

    for (size_t i = 0; i < ARRAYSIZE(backup_steps) && SUCCEEDED(hr); i++)
        hr = cancel_requested() ? CANCELLED : backup_steps[i](&session, backup);
    session_close(&session);
    if (FAILED(hr))
        destination_undo(backup);
    if (hr == CANCELLED)
        return EXIT_CODE_CANCELLED;
    return FAILED(hr) ? EXIT_CODE_FAILED : summary_exit_code(backup);
}

static double backup_now(void)
{
    LARGE_INTEGER now, frequency;

    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&frequency);
    return (double)now.QuadPart / (double)frequency.QuadPart;
}

static int backup_run(struct backup *backup)
{
    double begun = backup_now();
    enum exit_code code;

    progress_open(backup->quiet);
    code = backup_run_steps(backup);
    progress_close();
    backup->seconds = backup_now() - begun;
    summary_print(backup, code);
    if (code == EXIT_CODE_CANCELLED)
        console_error(L"backup: cancelled; no shadow copy is left%ls",
            backup->files ? L", and what was copied stays marked as incomplete"
                          : L", and nothing was copied");
    return code;
}

static int backup_verb(const struct verb *verb, int count, WCHAR **words)
{
    struct backup backup = {0};
    struct text_list paths = {0};
    const WCHAR *components = L"auto", *type = L"copy", *since = NULL;
    const struct verb_option options[] = {
        {L"--type", L"copy|full|incremental|differential",
            L"what writers are told; the last two copy only what changed (copy)", NULL, &type,
            NULL},
        {L"--since", L"FOLDER", L"the backup before, for those two", NULL, &since, NULL},
        {L"--verify", NULL, L"read the copy and the shadow copy again and compare them",
            &backup.verify, NULL, NULL},
        {L"--overwrite", NULL, L"copy into a folder that is not empty", &backup.overwrite, NULL,
            NULL},
        {L"--components", L"auto|off", L"off: freeze every writer, whatever it keeps", NULL,
            &components, NULL},
        {L"--no-writers", NULL, L"freeze nobody: the copy is as after a power cut",
            &backup.no_writers, NULL, NULL},
        {L"--whole-volume", NULL, L"the shadow copy holds more than the sources: the whole volume",
            &backup.whole_volume, NULL, NULL},
        {L"--provider", L"auto|btrfs|reflink|clone|live",
            L"how the shadow copy is made; live is no copy, for tests", NULL, &backup.provider,
            NULL},
        {L"--json", NULL, L"one JSON object on standard output", &backup.json, NULL, NULL},
        {L"--quiet", NULL, L"no progress, and no summary when all went well", &backup.quiet, NULL,
            NULL},
        {NULL, NULL, NULL, NULL, NULL, NULL}};
    enum verb_outcome outcome = verb_parse(verb, options, count, words, &paths);
    WCHAR *wrong = NULL;
    int code = EXIT_CODE_DONE;

    backup.components_off = text_same(components, L"off");
    if (outcome == VERB_GO)
        wrong = destination_check(&backup, &paths);
    if (outcome == VERB_GO && !wrong)
        wrong = changes_check(&backup, type, since);
    if (outcome == VERB_WRONG)
        code = EXIT_CODE_WRONG_USE;
    else if (wrong)
        code = verb_wrong_use(verb, L"%ls", wrong);
    else if (outcome == VERB_GO)
        code = backup_run(&backup);
    free(wrong);
    text_list_free(&paths);
    backup_free(&backup);
    return code;
}

static const WCHAR *const backup_help[] = {
    L"Copies files and folders out of a shadow copy of their volumes, so that they are all of one",
    L"moment, into DEST\\<drive letter>\\<path>. The shadow copy goes away with the program.", L"",
    L"Writers (programs that take part in backups) whose components lie in the sources are frozen",
    L"for that moment and learn how it went. If they keep only a part of their files there, or no",
    L"component lies there, every writer is frozen instead; the summary says which it was.",
    L"DEST\\backup-components.xml, DEST\\writers\\*.xml, DEST\\sources.txt and DEST\\history.txt",
    L"hold what `thawline restore` and later backups need to know.", L"",
    L"A backup of type incremental or differential copies what changed since the one in FOLDER: of",
    L"writers that support it what they name, of parts of files only those, and all of the others;",
    L"of files that are no writer's those written since. What was deleted since is not noted.",
    L"Restore the full one first, then it.", L"",
    L"Write and access times and attributes are kept; security descriptors and alternate data",
    L"streams are not. Links are counted, not followed. While the copy is not whole, the file",
    L".thawline-incomplete lies in DEST.", NULL};

const struct verb verb_backup = {L"backup", L"SOURCE... DEST [options]",
    L"copy files and folders out of a shadow copy", backup_help, backup_verb};
