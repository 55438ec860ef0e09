/* SPDX-License-Identifier: MIT
 *
 * `thawline timeline`: draws a trace.
 */
#include "cli/timeline.h"

#include <stdlib.h>

#include "cli/console.h"
#include "cli/exit_codes.h"
#include "cli/failure.h"
#include "cli/verb.h"

struct wishes
{
    bool as_text;
    bool as_svg;
    bool last;
    const WCHAR *output; /* NULL: standard output */
};

static int draw(const struct trace *trace, const struct wishes *wishes)
{
    struct timeline timeline;
    struct markup markup = {0};
    int code = EXIT_CODE_DONE;

    timeline_build(&timeline, trace, wishes->last);
    if (wishes->as_text)
        timeline_print(&timeline);
    else if (wishes->as_svg)
        timeline_svg(&markup, &timeline);
    else
        timeline_page(&markup, &timeline);
    if (!wishes->as_text && !markup_write(&markup, wishes->output))
    {
        failure_report(wishes->output, HRESULT_FROM_WIN32(GetLastError()));
        code = EXIT_CODE_FAILED;
    }
    free(markup.text);
    timeline_free(&timeline);
    return code;
}

static int run(const struct verb *verb, const WCHAR *path, const struct wishes *wishes)
{
    struct trace trace = {0};
    WCHAR *failed = NULL;
    int code = EXIT_CODE_FAILED;
    DWORD error = trace_add_files(&trace, path, &failed);

    if (trace.malformed)
        console_note(L"thawline timeline: %zu line%ls no line of a trace, and left out",
            trace.malformed, trace.malformed == 1 ? L" is" : L"s are");
    if (error != ERROR_SUCCESS)
        failure_report(failed, HRESULT_FROM_WIN32(error));
    else if (!trace.files)
        code = verb_wrong_use(
            verb, L"no trace %ls: neither this file nor one with a process id behind it", path);
    else if (!trace.count)
        console_error(L"timeline: %ls holds no line of a trace", path);
    else
    {
        trace_sort(&trace);
        code = draw(&trace, wishes);
    }
    free(failed);
    trace_free(&trace);
    return code;
}

static int timeline_verb(const struct verb *verb, int count, WCHAR **words)
{
    struct text_list plain = {0};
    struct wishes wishes = {0};
    const struct verb_option options[] = {
        {L"-o", L"FILE", L"where to, in place of standard output", NULL, &wishes.output, NULL},
        {L"--text", NULL, L"lines for a terminal", &wishes.as_text, NULL, NULL},
        {L"--svg", NULL, L"the picture alone", &wishes.as_svg, NULL, NULL},
        {L"--last", NULL, L"only the last backup that made shadow copies", &wishes.last, NULL,
            NULL},
        {NULL, NULL, NULL, NULL, NULL, NULL}};
    enum verb_outcome outcome = verb_parse(verb, options, count, words, &plain);
    int code = outcome == VERB_WRONG ? EXIT_CODE_WRONG_USE : EXIT_CODE_DONE;

    if (outcome == VERB_GO && plain.count != 1)
        code = verb_wrong_use(verb, L"name one trace, as the setting TRACE did");
    else if (outcome == VERB_GO && wishes.as_text && (wishes.as_svg || wishes.output))
        code = verb_wrong_use(verb, L"--text goes to standard output, and is no picture");
    else if (outcome == VERB_GO)
        code = run(verb, plain.items[0], &wishes);
    text_list_free(&plain);
    return code;
}

static const WCHAR *const timeline_help[] = {
    L"TRACE is what the setting TRACE (THAWLINE_TRACE) named: the files of all its processes,",
    L"TRACE.<process id>, are read and drawn together, as an HTML page that needs nothing else.",
    L"Lines that are cut or damaged are left out and counted. Nothing is asked of writers.", NULL};

const struct verb verb_timeline = {L"timeline", L"TRACE [-o FILE] [--svg | --text] [--last]",
    L"draw what happened in a backup, from its trace", timeline_help, timeline_verb};
