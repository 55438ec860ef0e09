/* SPDX-License-Identifier: MIT
 *
 * `thawline delete`.
 */
#include <stdlib.h>

#include "cli/console.h"
#include "cli/exit_codes.h"
#include "cli/failure.h"
#include "cli/json.h"
#include "cli/shadows.h"
#include "cli/verb.h"

struct deletion
{
    bool all, force, json;
    const WCHAR *set; /* NULL: none was named */
    LONG deleted;
    LONG failed;
};

static void delete_one(
    struct deletion *deletion, struct shadows *shadows, const VSS_ID *id, VSS_OBJECT_TYPE type)
{
    WCHAR text[TEXT_GUID_SIZE];
    VSS_ID left;
    LONG deleted = 0;
    HRESULT hr = IVssBackupComponents_DeleteSnapshots(
        shadows->session, *id, type, deletion->force, &deleted, &left);

    deletion->deleted += deleted;
    if (SUCCEEDED(hr))
        return;
    deletion->failed++;
    text_from_guid(id, text);
    console_error(
        L"delete: %ls %ls", type == VSS_OBJECT_SNAPSHOT_SET ? L"set" : L"shadow copy", text);
    failure_report(L"DeleteSnapshots", hr);
}

static int delete_report(const struct deletion *deletion)
{
    if (deletion->json)
    {
        struct json json = {0};

        json_begin_object(&json, NULL);
        json_number(&json, "deleted", deletion->deleted);
        json_number(&json, "failed", deletion->failed);
        json_end_object(&json);
        json_print(&json);
    }
    else
    {
        console_result(L"Deleted %ld shadow copies.", deletion->deleted);
    }
    if (!deletion->failed)
        return EXIT_CODE_DONE;
    return deletion->deleted ? EXIT_CODE_PARTLY : EXIT_CODE_FAILED;
}

static int delete_run(struct deletion *deletion, const VSS_ID *id)
{
    struct shadows shadows = {0};
    HRESULT hr = shadows_read(&shadows);

    if (SUCCEEDED(hr) && deletion->all)
    {
        for (size_t i = 0; i < shadows.count; i++)
            delete_one(deletion, &shadows, &shadows.items[i].m_SnapshotId, VSS_OBJECT_SNAPSHOT);
    }
    else if (SUCCEEDED(hr))
    {
        delete_one(
            deletion, &shadows, id, deletion->set ? VSS_OBJECT_SNAPSHOT_SET : VSS_OBJECT_SNAPSHOT);
    }
    shadows_free(&shadows);
    return SUCCEEDED(hr) ? delete_report(deletion) : EXIT_CODE_FAILED;
}

static int delete_verb(const struct verb *verb, int count, WCHAR **words)
{
    struct deletion deletion = {0};
    struct text_list plain = {0};
    VSS_ID id = {0};
    const struct verb_option options[] = {
        {L"--set", L"SET-ID", L"delete all shadow copies of a set", NULL, &deletion.set, NULL},
        {L"--all", NULL, L"delete every shadow copy that exists", &deletion.all, NULL, NULL},
        {L"--force", NULL, L"also what is exposed or in use", &deletion.force, NULL, NULL},
        {L"--json", NULL, L"one JSON object on standard output", &deletion.json, NULL, NULL},
        {NULL, NULL, NULL, NULL, NULL, NULL}};
    enum verb_outcome outcome = verb_parse(verb, options, count, words, &plain);
    const WCHAR *word = deletion.set ? deletion.set : plain.count ? plain.items[0] : NULL;
    int code = EXIT_CODE_DONE;

    if (outcome == VERB_WRONG)
        code = EXIT_CODE_WRONG_USE;
    else if (outcome == VERB_GO && plain.count + (deletion.set != NULL) + deletion.all != 1)
        code = verb_wrong_use(verb, L"name one shadow copy, --set SET-ID or --all");
    else if (outcome == VERB_GO && word && !text_to_guid(word, &id))
        code = verb_wrong_use(verb, L"%ls is no id; `thawline list shadows` shows them", word);
    else if (outcome == VERB_GO)
        code = delete_run(&deletion, &id);
    text_list_free(&plain);
    return code;
}

static const WCHAR *const delete_help[] = {
    L"Deletes a shadow copy, all those of a set, or all that exist. A shadow copy that a running",
    L"backup is using is deleted under its hands.", NULL};

const struct verb verb_delete = {L"delete", L"SHADOW-ID | --set SET-ID | --all [--force] [--json]",
    L"delete shadow copies", delete_help, delete_verb};
