/* SPDX-License-Identifier: MIT
 *
 * `thawline list`.
 */
#include "cli/list.h"

#include <wchar.h>

#include "cli/exit_codes.h"
#include "cli/verb.h"

static const struct
{
    const WCHAR *name;
    int (*list)(enum list_form form);
    bool as_vssadmin;
} list_things[] = {
    {L"shadows", list_shadows, false},
    {L"writers", list_writers, true},
};

static int list_thing(
    const struct verb *verb, const struct text_list *plain, bool as_json, bool as_vssadmin)
{
    enum list_form form = as_json ? LIST_JSON : as_vssadmin ? LIST_VSSADMIN : LIST_TEXT;

    if (as_json && as_vssadmin)
        return verb_wrong_use(verb, L"--json and --vssadmin exclude each other");
    for (size_t i = 0; i < ARRAYSIZE(list_things) && plain->count == 1; i++)
    {
        if (wcscmp(plain->items[0], list_things[i].name))
            continue;
        if (form == LIST_VSSADMIN && !list_things[i].as_vssadmin)
            return verb_wrong_use(verb, L"--vssadmin is for writers");
        return list_things[i].list(form);
    }
    return verb_wrong_use(verb, L"say what to list: shadows or writers");
}

static int list_verb(const struct verb *verb, int count, WCHAR **words)
{
    struct text_list plain = {0};
    bool as_json = false, as_vssadmin = false;
    const struct verb_option options[] = {
        {L"--json", NULL, L"one JSON object on standard output", &as_json, NULL, NULL},
        {L"--vssadmin", NULL, L"writers in the layout of `vssadmin list writers`", &as_vssadmin,
            NULL, NULL},
        {NULL, NULL, NULL, NULL, NULL, NULL}};
    enum verb_outcome outcome = verb_parse(verb, options, count, words, &plain);
    int code = EXIT_CODE_DONE;

    if (outcome == VERB_WRONG)
        code = EXIT_CODE_WRONG_USE;
    else if (outcome == VERB_GO)
        code = list_thing(verb, &plain, as_json, as_vssadmin);
    text_list_free(&plain);
    return code;
}

static const WCHAR *const list_help[] = {
    L"shadows: the shadow copies that exist, those of other programs included.",
    L"writers: the programs that would take part in a backup now, with the state and the failure",
    L"after the latest event of any backup. Nobody is called. --json and --vssadmin tell the ids",
    L"as well. A writer that failed does not change the exit code.", NULL};

const struct verb verb_list = {L"list", L"shadows|writers [--json|--vssadmin]",
    L"list the shadow copies that exist, or the writers", list_help, list_verb};
