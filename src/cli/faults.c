/* SPDX-License-Identifier: MIT
 *
 * `thawline faults`: where faults can be injected, and whether a scenario is one.
 */
#include <stdlib.h>

#include "cli/console.h"
#include "cli/exit_codes.h"
#include "cli/failure.h"
#include "cli/json.h"
#include "cli/path.h"
#include "cli/verb.h"
#include "thawline.h"

static void print_points(void)
{
    THAWLINE_FAULT_POINT point = {.cbSize = sizeof(point)};

    console_result(L"Points, what a rule can match there, and what happens:");
    for (UINT i = 0; ThawlineGetFaultPoint(i, &point) == S_OK; i++)
    {
        console_result(L"");
        console_result(L"  %-18hs%hs", point.pszName, point.pszMatches);
        console_result(L"  %-18ls%hs", L"", point.pszDescription);
    }
}

static void print_effects(void)
{
    const char *description = NULL;
    const char *word;

    console_result(L"");
    console_result(L"Effects: the name of an HRESULT, 0x and digits, or");
    console_result(L"");
    for (UINT i = 0; (word = ThawlineGetFaultEffect(i, &description)) != NULL; i++)
        console_result(L"  %-18hs%hs", word, description);
}

static void add_effects(struct json *json, UINT point)
{
    const char *word;

    json_begin_array(json, "effects");
    for (UINT i = 0; (word = ThawlineGetFaultEffect(i, NULL)) != NULL; i++)
        if (ThawlineFaultEffectFits(i, point))
            json_ascii(json, NULL, word);
    json_end_array(json);
}

static void print_json(void)
{
    THAWLINE_FAULT_POINT point = {.cbSize = sizeof(point)};
    const char *description = NULL;
    const char *word;
    struct json json = {0};

    json_begin_object(&json, NULL);
    json_begin_array(&json, "points");
    for (UINT i = 0; ThawlineGetFaultPoint(i, &point) == S_OK; i++)
    {
        json_begin_object(&json, NULL);
        json_ascii(&json, "name", point.pszName);
        json_ascii(&json, "matches", point.pszMatches);
        json_ascii(&json, "description", point.pszDescription);
        add_effects(&json, i);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_begin_array(&json, "effects");
    for (UINT i = 0; (word = ThawlineGetFaultEffect(i, &description)) != NULL; i++)
    {
        json_begin_object(&json, NULL);
        json_ascii(&json, "word", word);
        json_ascii(&json, "description", description);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_end_object(&json);
    json_print(&json);
}

/* The process ends before it could meet the rules. */
static int check_scenario(const struct verb *verb, const WCHAR *file)
{
    UINT rules = 0;
    WCHAR *path = path_absolute(file);

    if (!path)
        return verb_wrong_use(verb, L"%ls is not a file on a drive letter", file);
    HRESULT hr = ThawlineLoadFaults(path, &rules);
    ThawlineClearFaults();
    if (FAILED(hr))
        failure_report(path, hr);
    else
        console_result(L"%ls: %u rule%ls, all well-formed", file, rules, rules == 1 ? L"" : L"s");
    free(path);
    return SUCCEEDED(hr) ? EXIT_CODE_DONE : EXIT_CODE_FAILED;
}

static int faults_verb(const struct verb *verb, int count, WCHAR **words)
{
    struct text_list plain = {0};
    bool as_json = false;
    const struct verb_option options[] = {
        {L"--json", NULL, L"the list as one JSON object on standard output", &as_json, NULL, NULL},
        {NULL, NULL, NULL, NULL, NULL, NULL}};
    enum verb_outcome outcome = verb_parse(verb, options, count, words, &plain);
    int code = EXIT_CODE_DONE;

    if (outcome == VERB_WRONG)
        code = EXIT_CODE_WRONG_USE;
    else if (outcome == VERB_GO && (plain.count > 1 || (plain.count && as_json)))
        code = verb_wrong_use(verb, L"name one file of rules, or none for the list");
    else if (outcome == VERB_GO && plain.count)
        code = check_scenario(verb, plain.items[0]);
    else if (outcome == VERB_GO && as_json)
        print_json();
    else if (outcome == VERB_GO)
    {
        print_points();
        print_effects();
    }
    text_list_free(&plain);
    return code;
}

static const WCHAR *const faults_help[] = {
    L"Without FILE: the points where the DLL can be made to fail, and the effects a rule can",
    L"have. With FILE: whether its rules are well-formed; a mistake is named with its rule.",
    L"",
    L"A rule is a line of THAWLINE_FAULTS, which holds rules or the full path of a file:",
    L"",
    L"  point match effect [first [count [delay]]] [chance=PERCENT] [seed=NUMBER]",
    L"",
    L"  writer.event \"Freeze:SQL Writer\" timeout        at each Freeze of this writer",
    L"  provider.step CommitSnapshots disk-full 2 1      at the second commit only",
    L"  file write:* 0x80070017 1 0 0 chance=1% seed=7   at one of a hundred writes", NULL};

const struct verb verb_faults = {L"faults", L"[FILE] [--json]",
    L"list where faults can be injected, or check a file of rules", faults_help, faults_verb};
