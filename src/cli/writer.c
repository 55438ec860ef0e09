/* SPDX-License-Identifier: MIT
 *
 * `thawline writer`: hosts writers that files describe, until Ctrl-C.
 */
#include <stdlib.h>
#include <wchar.h>

#include "cli/cancel.h"
#include "cli/console.h"
#include "cli/exit_codes.h"
#include "cli/script_config.h"
#include "cli/script_writer.h"
#include "cli/verb.h"

/* Of all of them, as with Microsoft's tool, unless --class says another. */
static const GUID own_class = {
    0x7ba1e5d5, 0x5c0b, 0x4a3e, {0x9d, 0x21, 0x6f, 0x1c, 0x7e, 0x2b, 0x90, 0x4d}};

#define IDLE_MS 1000

struct hosted
{
    struct script_config *config;
    struct script_writer *writer;
};

/* The file's name without folder and extension: what its lines begin with. */
static WCHAR *name_of(const WCHAR *file)
{
    const WCHAR *base = file;

    for (const WCHAR *unit = file; *unit; unit++)
        if (*unit == '\\' || *unit == '/' || *unit == ':')
            base = unit + 1;
    WCHAR *name = text_copy(base);
    WCHAR *dot = wcsrchr(name, '.');
    if (dot && dot != name)
        *dot = 0;
    return name;
}

static bool start(struct hosted *hosted, const WCHAR *file, const GUID *class_id)
{
    hosted->config = script_config_read(file);
    if (!hosted->config)
        return false;
    WCHAR *name = name_of(file);
    hosted->writer = script_writer_start(hosted->config, class_id, name);
    free(name);
    return hosted->writer != NULL;
}

static int host(const struct text_list *files, const GUID *class_id)
{
    struct hosted *hosted = text_memory(files->count * sizeof(*hosted));
    bool all = true;
    unsigned wrong = 0;

    for (size_t i = 0; i < files->count && all; i++)
        all = start(&hosted[i], files->items[i], class_id);
    if (all)
        console_note(L"%zu writer%ls subscribed; Ctrl-C ends", files->count,
            files->count == 1 ? L"" : L"s");
    while (all && !cancel_wait(IDLE_MS))
        ;
    for (size_t i = 0; i < files->count; i++)
    {
        if (hosted[i].writer)
            wrong += script_writer_stop(hosted[i].writer);
        script_config_free(hosted[i].config);
    }
    free(hosted);
    if (wrong)
        console_error(L"%u thing%ls not as %ls should be", wrong, wrong == 1 ? L" was" : L"s were",
            wrong == 1 ? L"it" : L"they");
    return all && !wrong ? EXIT_CODE_DONE : EXIT_CODE_FAILED;
}

static int writer_verb(const struct verb *verb, int count, WCHAR **words)
{
    struct text_list files = {0};
    const WCHAR *class_text = NULL;
    GUID class_id = own_class;
    const struct verb_option options[] = {
        {L"--class", L"ID", L"the class of the writers, in place of our own", NULL, &class_text,
            NULL},
        {NULL, NULL, NULL, NULL, NULL, NULL}};
    enum verb_outcome outcome = verb_parse(verb, options, count, words, &files);
    int code = EXIT_CODE_DONE;

    if (outcome == VERB_WRONG)
        code = EXIT_CODE_WRONG_USE;
    else if (outcome == VERB_GO && !files.count)
        code = verb_wrong_use(verb, L"name the file of a writer, or several");
    else if (outcome == VERB_GO && class_text && !text_to_guid(class_text, &class_id))
        code = verb_wrong_use(verb, L"%ls is no GUID", class_text);
    else if (outcome == VERB_GO)
        code = host(&files, &class_id);
    text_list_free(&files);
    return code;
}

static const WCHAR *const writer_help[] = {
    L"Each FILE describes a writer in the XML of Microsoft's VSS Test Writer: TestWriter with",
    L"RestoreMethod, ExcludeFile, Component (ComponentFile, PartialFile, DifferencedFile,",
    L"Dependency) and FailEvent. The writers take part in every backup until Ctrl-C. They make",
    L"spit files, delete what they are told to, fail the events that they are told to, and check",
    L"after a restore whether all of it came back. Exit code 1: some check failed.", NULL};

const struct verb verb_writer = {L"writer", L"FILE... [--class ID]",
    L"host test writers that files describe", writer_help, writer_verb};
